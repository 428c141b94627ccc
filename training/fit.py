"""Fits what stands on top of the reader: `python -m training.fit --data ../shared/data`.

Two things, on held rows only (the reader has not seen them): the logistic regression that turns the reader's
scores, the cosine and shared words into the probability that a sentence answers, and the thresholds below which
the assistant is silent, from the risk-coverage curve of questions asked of a small library with and without the
passage that answers. Both are written into reader.json with what they were fitted on.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from eval.metrics_abstention import auroc
from rag import compose
from rag.asked import analyse
from rag.protocols import Embedder
from rag.reading import FEATURES, Signals, Weights, features
from rag.remembering import Remembering
from rag.settings import load_settings
from rag.trained import FOLDER, PassageReader
from rag.types import ReadText
from training import rows
from training.negatives import near_misses
from training.train import examples

_PASSAGES = 8
_QUESTIONS = 150
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Features of sentences (n, k), whether each answers, and which question each belongs to."""

    features: Array
    labels: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]


def table(told: Sequence[rows.Reading], embedder: Embedder | Remembering, reader: PassageReader) -> Table:
    """Return the features of every sentence of the examples."""
    made, labels, groups = [], [], []
    for group, one in enumerate(tqdm(told, desc="features", mininterval=10)):
        made += passage_features(one.question, [one], embedder, reader)
        labels += one.labels
        groups += [group] * len(one.labels)
    return Table(np.array(made), np.array(labels), np.array(groups))


def passage_features(
    question: str, passages: Sequence[rows.Reading], embedder: Embedder | Remembering, reader: PassageReader
) -> list[tuple[float, ...]]:
    """Return the features of every sentence of some passages, in order."""
    asked = analyse(question)
    read = reader.read(question, [ReadText(one.title, one.sentences) for one in passages])
    texts = [f"{one.title}. {said}" for one in passages for said in one.sentences]
    cosines = iter((embedder.encode(texts) @ embedder.encode([question])[0]).tolist())
    return [
        features(
            asked,
            said,
            title=one.title,
            passage=f"{' '.join(one.sentences)} {one.date}",
            signals=Signals(next(cosines), p, reading.answered),
        )
        for one, reading in zip(passages, read, strict=True)
        for said, p in zip(one.sentences, reading.sentences, strict=True)
    ]


def fitted(found: Table) -> Weights:
    """Return the logistic regression over all rows; each question weighs the same."""
    weight = 1 / np.bincount(found.groups)[found.groups]
    line = LogisticRegression(C=1.0, max_iter=1000).fit(found.features, found.labels, sample_weight=weight)
    return Weights(tuple(round(float(one), 4) for one in line.coef_[0]), round(float(line.intercept_[0]), 4))


def cross_fitted(found: Table) -> Array:
    """Return each sentence's log odds from a regression that has not seen its question."""
    scores = np.zeros(len(found.labels))
    for train, test in GroupKFold(5).split(found.features, found.labels, found.groups):
        part = Table(found.features[train], found.labels[train], found.groups[train])
        line = fitted(Table(part.features, part.labels, np.unique(part.groups, return_inverse=True)[1]))
        scores[test] = [line.logit(row) for row in found.features[test]]
    return scores


@dataclass(frozen=True, slots=True)
class Library:
    """The passages of one source with their vectors."""

    passages: list[rows.Reading]
    vectors: npt.NDArray[np.float32]

    def nearest(self, question: str, embedder: Embedder | Remembering, *, without: str = "") -> list[rows.Reading]:
        """Return the nearest passages, none with the words `without`."""
        order = np.argsort(-(self.vectors @ embedder.encode([question])[0]))
        found = (self.passages[int(at)] for at in order)
        kept = [
            one for one in found if not without or without.casefold() not in " ".join(one.sentences).casefold()
        ]
        return kept[:_PASSAGES]


def library(told: Sequence[rows.Reading], embedder: Embedder | Remembering) -> Library:
    """Return all different passages."""
    passages = list({one.sentences: one for one in told}.values())
    return Library(passages, embedder.encode([f"{one.title}. {' '.join(one.sentences)}" for one in passages]))


def decisions(
    every: Sequence[rows.Reading], weights: Weights, embedder: Embedder | Remembering, reader: PassageReader
) -> tuple[list[float], list[int], list[str]]:
    """Return the best probability of each question asked of a library, whether the answer is in it, and how asked.

    Each question is asked as it is, with every passage that holds its answer taken away, and with a name or year
    swapped.
    """
    rng = random.Random(3)
    scores: list[float] = []
    labels: list[int] = []
    kinds: list[str] = []
    for source in ("nq", "xquad"):
        shelf = library([one for one in every if one.source == source], embedder)
        asked = [one for one in every if one.source == source and one.held and one.span]
        asked = rng.sample(asked, min(_QUESTIONS, len(asked)))
        swapped = {one.sentences: one.question for one in near_misses(asked, rng=rng, share=1.0)}
        for one in tqdm(asked, desc=source, mininterval=10):
            sentence, start, end = one.span or (0, 0, 0)
            tries = [
                ("as it is", one.question, "", 1),
                ("taken away", one.question, one.sentences[sentence][start:end], 0),
            ]
            if one.sentences in swapped:
                tries.append(("swapped", swapped[one.sentences], "", 0))
            for kind, question, without, label in tries:
                found = passage_features(
                    question, shelf.nearest(question, embedder, without=without), embedder, reader
                )
                best = max((weights.logit(row) for row in found), default=-20.0)
                scores.append(float(1 / (1 + np.exp(-best))))
                labels.append(label)
                kinds.append(f"{source} {kind}")
    return scores, labels, kinds


def thresholds(scores: Sequence[float], labels: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return three points of the curve: few false answers, the best balance, few refusals of what is there."""
    grid = np.unique(np.round(scores, 3))
    yes = np.array([score for score, label in zip(scores, labels, strict=True) if label])
    no = np.array([score for score, label in zip(scores, labels, strict=True) if not label])
    points = [(float(at), float((yes < at).mean()), float((no >= at).mean())) for at in grid]
    chosen = {
        "strict": next((point for point in points if point[2] <= _STRICT), points[-1]),
        "balanced": min(points, key=lambda point: point[1] + point[2]),
        "relaxed": max((point for point in points if point[1] <= _RELAXED), default=points[0]),
    }
    return {
        name: {"at": at, "refused": round(refused, 3), "false_answers": round(false, 3)}
        for name, (at, refused, false) in chosen.items()
    }


_STRICT, _RELAXED = 0.1, 0.05


def main() -> None:
    """Fit, print, and write reader.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    embedder = Remembering(compose.load_embedder(load_settings({})), most=200_000)
    reader = PassageReader(options.folder)
    told, _ = examples(options.data, held=True)
    drawn = random.Random(2).sample(told, min(_ROWS, len(told)))
    begun = time.monotonic()
    found = table(drawn, embedder, reader)
    sources = {
        name: frozenset(at for at, one in enumerate(drawn) if one.source == name)
        for name in ("nq", "selqa", "clapnq", "timeqa", "hotpot")
    }
    weights, crossed = fitted(found), cross_fitted(found)
    without_cosine = Table(np.delete(found.features, 2, axis=1), found.labels, found.groups)
    for name, scores in (
        ("all", crossed),
        ("reader alone", found.features[:, 0]),
        ("cosine", found.features[:, 2]),
        (
            "all but the cosine",
            cross_fitted(without_cosine),
        ),
    ):
        by_source = {source: _first(scores, found, of) for source, of in sources.items()}
        print(f"P@1 {name}: {_first(scores, found):.3f}", {name: round(p, 3) for name, p in by_source.items()})
    print(dict(zip(FEATURES, weights.weights, strict=True)), weights.bias)
    scores, labels, kinds = decisions(rows.readings(options.data), weights, embedder, reader)
    for kind in sorted(set(kinds)):
        no = [s for s, k in zip(scores, kinds, strict=True) if k == kind]
        yes = [s for s, k in zip(scores, kinds, strict=True) if k == f"{kind.split()[0]} as it is"]
        print(f"{kind}: n {len(no)}, mean {np.mean(no):.3f}, AUROC against as it is {auroc(yes, no) or 0:.3f}")
    points = thresholds(scores, labels)
    print(f"{time.monotonic() - begun:.0f} s")
    print(json.dumps(points, indent=1))
    path = options.folder / "reader.json"
    card = json.loads(path.read_text())
    card["evidence"] = {"weights": dict(zip(FEATURES, weights.weights, strict=True)), "bias": weights.bias}
    card["thresholds"] = points
    card["fitted_on"] = {"sentences": len(found.labels), "questions": len(scores), "answerable": int(sum(labels))}
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


_ROWS = 1500


def _first(scores: Array, found: Table, of: frozenset[int] | None = None) -> float:
    """Return how often the best sentence of a passage with an answer answers."""
    right = []
    for group in np.unique(found.groups) if of is None else sorted(of):
        inside = found.groups == group
        if found.labels[inside].any() and inside.sum() > 1:
            right.append(found.labels[inside][int(np.argmax(scores[inside]))])
    return float(np.mean(right))


if __name__ == "__main__":
    main()
