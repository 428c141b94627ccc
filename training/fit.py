"""Fits what stands on top of the reader: `python -m training.fit --data ../shared/data`.

On held rows only (the reader has not seen them): questions are asked of all passages of their source as of a small
library, once as they are, once with every passage that holds the answer taken away, once with a name or year
swapped; of the invented texts also those that have no answer there. From these come the weights of the reader and
of the untrained score (the ratio that finds most answers, then Platt scaling over all sentences), and the
thresholds below which the assistant is silent (risk and coverage). All is written into reader.json with what it
was fitted on.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from eval.metrics_abstention import auroc
from rag import compose
from rag.reading import Signals, TrainedReader, Weights
from rag.remembering import Remembering
from rag.settings import load_settings
from rag.trained import FOLDER, PassageReader
from rag.types import Hit, Passage, Source
from training import rows, written
from training.negatives import near_misses

_PASSAGES = 8
_QUESTIONS = {"nq": 110, "timeqa": 60, "xquad": 70, "written": 160}
# The weight of the untrained score beside that of what the reader judged, which is 1.
_RATIOS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 20.0, 30.0)
# Less than a third of the standard error of 400 questions.
_AS_GOOD = 0.01
# An area under the curve of fewer questions says little.
_FEWEST = 20
_STRICT, _BALANCED, _RELAXED = 0.1, 0.05, 0.005
_CURVE = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it was asked, and each sentence that was read: what is known of it, whether it answers."""

    source: str
    kind: str
    sentences: list[tuple[Signals, bool]]

    @property
    def is_answered(self) -> bool:
        """Return whether a sentence that was read answers: silence is right where search has missed it."""
        return any(answers for _, answers in self.sentences)

    def best(self, ratio: float) -> tuple[float, bool]:
        """Return the highest score and whether its sentence answers."""
        scored = [(told.judged + ratio * told.untrained, answers) for told, answers in self.sentences]
        return max(scored, default=(-20.0, False))


@dataclass(frozen=True, slots=True)
class Library:
    """The passages of one source with their vectors."""

    passages: list[rows.Reading]
    vectors: npt.NDArray[np.float32]

    def nearest(self, question: str, embedder: Remembering, *, without: str) -> list[Hit]:
        """Return the nearest passages, none with the words `without`."""
        cosines = self.vectors @ embedder.encode([question])[0]
        kept = (
            int(at) for at in np.argsort(-cosines) if not without or not _holds(self.passages[int(at)], without)
        )
        return [
            _hit(self.passages[at], float(cosines[at]), at) for at, _ in zip(kept, range(_PASSAGES), strict=False)
        ]


def _holds(one: rows.Reading, answer: str) -> bool:
    return answer.casefold() in " ".join(one.sentences).casefold()


def _hit(one: rows.Reading, cosine: float, number: int) -> Hit:
    text = "\n".join(one.sentences)
    published = date.fromisoformat(one.date) if one.date else None
    source = Source(number, (one.title,), (), one.title, None, None, published, None, ())
    return Hit(Passage(number, number, 0, len(text), text), source, cosine, cosine, 0.0)


def askings(every: Sequence[rows.Reading], embedder: Remembering, reader: TrainedReader) -> list[Asking]:
    """Ask held questions of the libraries of their sources in each of the three ways."""
    rng = random.Random(5)
    made = []
    for source, count in _QUESTIONS.items():
        passages = list({one.sentences: one for one in every if one.source == source}.values())
        texts = [f"{one.title}. {' '.join(one.sentences)}" for one in passages]
        shelf = Library(passages, embedder.encode(texts))
        asked = [one for one in every if one.source == source and one.held]
        for kind, one, without in _tries(asked, count, rng):
            found = reader.signals(one.question, shelf.nearest(one.question, embedder, without=without))
            told = [(known, kind == "as it is" and _answers(candidate.text, one)) for candidate, known, _ in found]
            made.append(Asking(source, kind, told))
    return made


def _tries(
    asked: Sequence[rows.Reading], count: int, rng: random.Random
) -> Iterator[tuple[str, rows.Reading, str]]:
    """Yield the ways to ask `count` questions with an answer, and as many of those without: (kind, row, words that
    no passage may hold).
    """
    answerable = rng.sample([one for one in asked if one.span], count)
    swapped = {(one.sentences, one.title): one for one in near_misses(answerable, rng=rng, share=1.0)}
    for one in tqdm(answerable, desc=answerable[0].source, mininterval=10):
        yield "as it is", one, ""
        if one.source != "written":
            yield "taken away", one, _words(one)
            if (one.sentences, one.title) in swapped:
                yield "swapped", swapped[one.sentences, one.title], ""
    misses = [one for one in asked if one.source == "written" and not one.answered]
    for one in tqdm(rng.sample(misses, min(count, len(misses))), desc="near misses", mininterval=10):
        yield "near miss", one, ""


def _words(one: rows.Reading) -> str:
    sentence, start, end = one.span or (0, 0, 0)
    return one.sentences[sentence][start:end]


def _answers(sentence: str, one: rows.Reading) -> bool:
    """Return whether a sentence answers: one with the words; of the invented texts, one that is marked."""
    if one.source == "written":
        return any(label and said == sentence for said, label in zip(one.sentences, one.labels, strict=True))
    return _words(one).casefold() in sentence.casefold()


def precision(told: Sequence[Asking], ratio: float) -> dict[str, float]:
    """Return by source how often the best sentence answers."""
    return {
        source: float(np.mean([one.best(ratio)[1] for one in told if one.source == source]))
        for source in sorted({one.source for one in told})
    }


def fitted(told: Sequence[Asking]) -> tuple[Weights, float]:
    """Return the weights and their ratio: the least that is as good as any, each source weighing the same.

    Good is the share of questions whose best sentence answers, and how well the best score tells those that have
    an answer from those that have none. The untrained score finds answers and cannot tell near misses from them,
    so no more weight is given to it than helps. The scores become probabilities by one line through all sentences
    that were read (Platt 1999).
    """
    answerable = [one for one in told if one.kind == "as it is"]
    found = {
        ratio: np.mean(list(precision(answerable, ratio).values())) + np.mean(list(areas(told, ratio).values()))
        for ratio in _RATIOS
    }
    ratio = min(ratio for ratio, sum_ in found.items() if sum_ >= max(found.values()) - _AS_GOOD)
    read = [pair for one in told for pair in one.sentences]
    scores = np.array([signals.judged + ratio * signals.untrained for signals, _ in read]).reshape(-1, 1)
    line = LogisticRegression(C=1e6).fit(scores, [answers for _, answers in read])
    slope = float(line.coef_[0, 0])
    return Weights(round(slope, 4), round(slope * ratio, 4), round(float(line.intercept_[0]), 4)), ratio


def thresholds(scores: Sequence[float], labels: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return three points of the curve: few false answers, few refusals of what is there, hardly any.

    The best sum of both errors refuses a third of what is there; nobody would ask such an assistant twice.
    """
    grid = np.unique(np.round(scores, 3))
    yes = np.array([score for score, label in zip(scores, labels, strict=True) if label])
    no = np.array([score for score, label in zip(scores, labels, strict=True) if not label])
    points = [(float(at), float((yes < at).mean()), float((no >= at).mean())) for at in grid]
    chosen = {
        "strict": next((point for point in points if point[2] <= _STRICT), points[-1]),
        "balanced": max((point for point in points if point[1] <= _BALANCED), default=points[0]),
        "relaxed": max((point for point in points if point[1] <= _RELAXED), default=points[0]),
    }
    return {
        name: {"at": at, "refused": round(refused, 3), "false_answers": round(false, 3)}
        for name, (at, refused, false) in chosen.items()
    }


def areas(told: Sequence[Asking], ratio: float) -> dict[tuple[str, str], float]:
    """Return by source and kind how well the best score tells questions whose answer was read (AUROC)."""
    found = {}
    for source in _QUESTIONS:
        yes = [one.best(ratio)[0] for one in told if one.source == source and one.is_answered]
        for kind in ("taken away", "swapped", "near miss"):
            no = [one.best(ratio)[0] for one in told if (one.source, one.kind) == (source, kind)]
            if len(no) >= _FEWEST:
                found[source, kind] = auroc(yes, no) or 0.0
    return found


def main() -> None:
    """Fit, print, and write reader.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    embedder = Remembering(compose.load_embedder(load_settings({})), most=200_000)
    reader = TrainedReader(embedder, PassageReader(options.folder), Weights(1.0, 0.0, 0.0))
    told = askings([*rows.readings(options.data), *written.readings()], embedder, reader)
    weights, ratio = fitted(told)
    answerable = [one for one in told if one.kind == "as it is"]
    for tried in (*_RATIOS, 1e6):
        print(f"P@1 with the untrained score at {tried:g}:", precision(answerable, tried))
    print("chosen:", ratio, weights)
    for (source, kind), area in areas(told, ratio).items():
        print(f"AUROC {source}, {kind}: {area:.3f}")
    scores = [1 / (1 + np.exp(-(weights.bias + weights.reader * one.best(ratio)[0]))) for one in told]
    labels = [int(one.is_answered) for one in told]
    for share in _CURVE:
        at = float(np.quantile([score for score, label in zip(scores, labels, strict=True) if label], share))
        false = np.mean([score >= at for score, label in zip(scores, labels, strict=True) if not label])
        print(f"refused {share:.2f} of what is there: threshold {at:.3f}, false answers {false:.3f}")
    points = thresholds(scores, labels)
    print(json.dumps(points, indent=1))
    path = options.folder / "reader.json"
    card = json.loads(path.read_text())
    card["evidence"] = {
        "weights": {"reader": weights.reader, "untrained": weights.untrained},
        "bias": weights.bias,
    }
    card["thresholds"] = points
    card["fitted_on"] = {"questions": _QUESTIONS, "asked": len(told), "answered": sum(labels)}
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
