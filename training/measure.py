"""What the reader can do on the held rows: `python -m training.measure --data ../shared/data`.

Prints one line of a Markdown table for each figure, with its n and a bootstrap 95 % interval; the embedder's
cosine stands beside it where it does the same. `--wrong 50` also prints so many wrong decisions, to be read.
"""

import argparse
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.metrics_abstention import auroc
from eval.metrics_answer import token_f1
from eval.stats import bootstrap_mean, bootstrap_table
from rag import compose
from rag.protocols import Embedder
from rag.settings import load_settings
from rag.trained import FOLDER, Calibration, PassageReader
from rag.types import Reading as Read
from rag.types import ReadText
from training import rows
from training.split import for_calibration
from training.train import examples

_BINS = 10


@dataclass(slots=True)
class Scored:
    """Raw logits of each head with what is true."""

    readings: list[tuple[rows.Reading, list[float], float, list[tuple[int, int] | None]]] = field(
        default_factory=list
    )
    claims: list[tuple[rows.Support, float]] = field(default_factory=list)

    def heads(self) -> Mapping[str, tuple[list[float], list[int]]]:
        """Return logits and labels by head."""
        says = [
            (logit, label)
            for one, logits, _, _ in self.readings
            for logit, label in zip(logits, one.labels, strict=True)
        ]
        whole = [(logit, int(one.answered)) for one, _, logit, _ in self.readings]
        claims = [(logit, one.label) for one, logit in self.claims]
        pairs = {"sentence": says, "answered": whole, "supported": claims}
        return {name: ([x for x, _ in found], [y for _, y in found]) for name, found in pairs.items()}


class RawReader(PassageReader):
    """The reader before calibration: its probabilities are sigmoids of the bare logits."""

    def _calibration(self, name: str) -> Calibration:
        del name
        return Calibration()


def scored(data: Path, folder: Path, *, held: bool) -> Scored:
    """Return what the exported reader makes of the examples."""
    told, claims = examples(data, held=held)
    reader = RawReader(folder)
    read = reader.read_pairs([(one.question, ReadText(one.title, one.sentences)) for one in told])
    found = Scored()
    for one, reading in zip(told, read, strict=True):
        logits = [_logit(p) for p in reading.sentences]
        found.readings.append((one, logits, _logit(reading.answered), list(reading.spans)))
    supported = reader.support([(one.claim, one.quote) for one in claims])
    found.claims = [(one, _logit(p)) for one, p in zip(claims, supported, strict=True)]
    return found


def _logit(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return float(np.log(p / (1 - p)))


def calibration_error(probabilities: npt.NDArray[np.float64], labels: npt.NDArray[np.float64]) -> float:
    """Return the expected calibration error over ten bins of equal size (Naeini et al. 2015, equal mass)."""
    order = np.argsort(probabilities)
    p, y = probabilities[order], labels[order]
    parts = np.array_split(np.arange(len(p)), _BINS)
    return float(sum(len(part) * abs(p[part].mean() - y[part].mean()) for part in parts if len(part)) / len(p))


def first_places(scores: Sequence[float], labels: Sequence[int]) -> tuple[float, float]:
    """Return whether the best sentence answers, and 1 over the place of the first that does."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    place = next(at for at, one in enumerate(order, start=1) if labels[int(one)])
    return float(place == 1), 1 / place


def tell(name: str, values: Sequence[float], *, aim: str = "", beside: Sequence[float] = ()) -> None:
    """Print a mean as a line of the table, and that of the embedder beside it."""
    if not values:
        return
    figure = bootstrap_mean(values, seed=0)
    other = f"{np.mean(beside):.3f}" if beside else ""
    print(
        f"| {name} | {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}] | {len(values)} | {other} | {aim} |"
    )


def tell_area(name: str, yes: Sequence[float], no: Sequence[float], *, aim: str = "") -> None:
    """Print the area under the ROC curve as a line of the table."""
    if not yes or not no:
        return
    area = auroc(yes, no)
    rng = np.random.default_rng(0)
    drawn = [auroc(rng.choice(yes, len(yes)), rng.choice(no, len(no))) for _ in range(500)]
    low, high = np.percentile(np.array(drawn, dtype=float), [2.5, 97.5])
    print(f"| {name} | {area:.3f} [{low:.3f}, {high:.3f}] | {len(yes)}+{len(no)} | | {aim} |")


def tell_balanced(name: str, found: Sequence[tuple[float, int]], *, aim: str = "") -> None:
    """Print balanced accuracy at one half as a line of the table."""
    yes = np.array([float(p >= 0.5) for p, label in found if label])
    no = np.array([float(p < 0.5) for p, label in found if not label])
    if not len(yes) or not len(no):
        return
    rng = np.random.default_rng(0)
    drawn = [(rng.choice(yes, len(yes)).mean() + rng.choice(no, len(no)).mean()) / 2 for _ in range(1000)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    value = (yes.mean() + no.mean()) / 2
    area = auroc([p for p, label in found if label], [p for p, label in found if not label])
    print(f"| {name} | {value:.3f} [{low:.3f}, {high:.3f}], AUROC {area:.3f} | {len(yes)}+{len(no)} | | {aim} |")


def _sentences(told: Sequence[tuple[rows.Reading, Read]], embedder: Embedder, *, source: str, aim: str) -> None:
    group = [(one, read) for one, read in told if one.source == source and one.answered and len(one.labels) > 1]
    if not group:
        return
    found = [first_places(read.sentences, one.labels) for one, read in group]
    near = [first_places(_cosines(one, embedder), one.labels) for one, _ in group]
    tell(f"answering sentence, P@1, {source}", [a for a, _ in found], aim=aim, beside=[a for a, _ in near])
    tell(f"answering sentence, MRR, {source}", [b for _, b in found], beside=[b for _, b in near])


def _cosines(one: rows.Reading, embedder: Embedder) -> list[float]:
    vectors = embedder.encode([one.question, *(f"{one.title}. {said}" for said in one.sentences)])
    scores: list[float] = (vectors[1:] @ vectors[0]).tolist()
    return scores


def _span_f1(one: rows.Reading, read: Read) -> float:
    best = int(np.argmax(read.sentences))
    span = read.spans[best]
    sentence, start, end = one.span or (0, 0, 0)
    return token_f1(one.sentences[best][slice(*span)] if span else "", [one.sentences[sentence][start:end]])


def _areas(told: Sequence[tuple[rows.Reading, Read]]) -> None:
    by_source: dict[str, tuple[list[float], list[float]]] = {}
    for one, read in told:
        by_source.setdefault(one.source, ([], []))[not one.answered].append(read.answered)
    aims = {"nq-retrieved": "0.92", "clapnq": "0.85"}
    for source, (_, no) in sorted(by_source.items()):
        yes = by_source.get(source.split("-")[0], ([], []))[0]
        tell_area(f"no answer, AUROC, {source}", yes, no, aim=aims.get(source, ""))


def rgb(data: Path, reader: PassageReader) -> None:
    """RGB: the three passages that answer against those of the same topic that do not (evaluation only)."""
    yes, no = [], []
    for line in rows.lines(data / "rgb" / "en_fact.jsonl.gz"):
        for kind, into in (("positive", yes), ("negative", no)):
            texts = [ReadText("", tuple(rows.cut(text))) for text in line[kind][:3]]
            read = reader.read(line["query"], [text for text in texts if text.sentences])
            into.append(max((max(one.sentences) for one in read), default=0.0))
    tell_area("same topic, no answer, AUROC, rgb", yes, no, aim="0.80")


def mtrag(data: Path, embedder: Embedder, reader: PassageReader) -> None:
    """MTRAG: last questions over the passages of their collection; the eight nearest are read."""
    from eval.suite_mtrag import load_mtrag
    from eval.suites import folder_of
    from rag.followup import resolve

    suite = load_mtrag(folder_of(data, "mtrag"))
    texts = {text.id: text for text in suite.texts}
    vectors = dict(zip(texts, embedder.encode([text.text for text in texts.values()]), strict=True))
    yes, no = [], []
    for case in suite.cases:
        asked = resolve(case.question, case.history)
        shelf = list(case.documents or texts)
        near = np.argsort(-(np.array([vectors[one] for one in shelf]) @ embedder.encode([asked])[0]))[:8]
        given = [ReadText("", tuple(rows.cut(texts[shelf[int(at)]].text))) for at in near]
        read = reader.read(asked, [one for one in given if one.sentences])
        (yes if case.answerable else no).append(max((one.answered for one in read), default=0.0))
    tell_area("no answer, AUROC, mtrag", yes, no, aim="0.85")


def speed(folder: Path, weights: Path, *, pairs: int = 100, length: int = 128) -> None:
    """Time pairs through the shipped model and through the torch float32 model, five times each, in one run."""
    import torch

    from rag.models import find_model
    from training.model import load

    rng = np.random.default_rng(0)
    ids = rng.integers(1000, 20000, (pairs, length))
    whole = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    reader = PassageReader(folder)
    reader.open()
    model = load(find_model("embedder", "default", pinned="").path)
    if weights.is_file():
        model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    torch.set_num_threads(2)
    shipped, bare = [], []
    for _ in range(5):
        shipped.append(_timed(lambda part: reader.run(part), whole))
        with torch.inference_mode():
            bare.append(_timed(lambda part: model(**{k: torch.from_numpy(v) for k, v in part.items()}), whole))
    ratio = min(shipped) / min(bare)
    print(f"| time beside torch float32, {pairs} pairs of {length} tokens | {ratio:.3f} | 5 | | 0.35 |")


def _timed(run: Any, whole: Mapping[str, npt.NDArray[np.int64]]) -> float:  # noqa: ANN401
    begun = time.perf_counter()
    for at in range(0, len(whole["input_ids"]), 16):
        run({name: values[at : at + 16] for name, values in whole.items()})
    return time.perf_counter() - begun


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--weights", type=Path, default=Path("build/reader/reader.pt"))
    parser.add_argument("--wrong", type=int, default=0)
    options = parser.parse_args()
    embedder, reader = compose.load_embedder(load_settings({})), PassageReader(options.folder)
    held, claims = examples(options.data, held=True)
    read = reader.read_pairs([(one.question, ReadText(one.title, one.sentences)) for one in held])
    told = list(zip(held, read, strict=True))
    print("| what | figure | n | embedder | aim |\n|---|---|---|---|---|")
    for source, aim in (
        ("nq", "0.78"),
        ("selqa", "0.89"),
        ("clapnq", ""),
        ("timeqa", ""),
        ("hotpot", ""),
        ("written", ""),
    ):
        _sentences(told, embedder, source=source, aim=aim)
    for source, aim in (("xquad", "0.65"), ("nq", ""), ("timeqa", ""), ("written", "")):
        spans = [_span_f1(o, r) for o, r in told if o.source == source and o.has_span and o.answered]
        tell(f"answer span, F1, {source}", spans, aim=aim)
    _areas(told)
    rgb(options.data, reader)
    mtrag(options.data, embedder, reader)
    supported = reader.support([(one.claim, one.quote) for one in claims])
    for source, aim in (
        ("wice", "0.72"),
        ("fm2", "0.68"),
        ("corrupted", "0.90"),
        ("written", ""),
        ("unrelated", ""),
    ):
        # A claim about something else is held against all that are supported.
        judged = zip(supported, claims, strict=True)
        group = [(p, one) for p, one in judged if one.source == source or (source == "unrelated" and one.label)]
        tell_balanced(f"support, {source}", [(p, one.label) for p, one in group], aim=aim)
        for kind in sorted({one.kind for _, one in group if one.kind}):
            tell_balanced(f"support, {source}, {kind}", [(p, one.label) for p, one in group if one.kind == kind])
    _calibration(told, list(zip(claims, supported, strict=True)))
    speed(options.folder, options.weights)
    if options.wrong:
        _print_wrong(told, options.wrong)


def _calibration(told: Sequence[tuple[rows.Reading, Read]], claims: Sequence[tuple[rows.Support, float]]) -> None:
    """Print the calibration error of each head on the half of the held rows that did not calibrate it."""
    told = [(one, read) for one, read in told if not for_calibration(one.question)]
    claims = [(one, p) for one, p in claims if not for_calibration(one.claim)]
    says = [(p, y) for one, read in told for p, y in zip(read.sentences, one.labels, strict=True)]
    whole = [(read.answered, int(one.answered)) for one, read in told]
    support = [(p, one.label) for one, p in claims]
    for name, found in (("sentence", says), ("answered", whole), ("supported", support)):
        table = np.array(found, dtype=float)
        figure = bootstrap_table(
            table, lambda drawn: calibration_error(drawn[:, 0], drawn[:, 1]), seed=0, rounds=200
        )
        assert figure is not None
        low_high = f"[{figure.low:.3f}, {figure.high:.3f}]"
        print(f"| calibration error, {name} | {figure.value:.3f} {low_high} | {len(found)} | | 0.05 |")


def _print_wrong(told: Sequence[tuple[rows.Reading, Read]], count: int) -> None:
    """Print wrong decisions: the wrong sentence first, or an answer where there is none, or the reverse."""
    rng = random.Random(11)
    wrong = [
        (one, read)
        for one, read in told
        if (one.answered and not one.labels[int(np.argmax(read.sentences))])
        or (read.answered > 0.5) != one.answered
    ]
    for one, read in rng.sample(wrong, min(count, len(wrong))):
        best = int(np.argmax(read.sentences))
        row = {
            "source": one.source,
            "question": one.question,
            "title": one.title,
            "answered": [one.answered, round(read.answered, 2)],
            "chosen": one.sentences[best],
            "true": [said for said, label in zip(one.sentences, one.labels, strict=True) if label],
        }
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
