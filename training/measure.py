"""What the reader can do on the held rows: `python -m training.measure --data ../shared/data`.

Each figure with its n and a bootstrap 95 % interval; the embedder's cosine beside it where it does the same.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eval.stats import bootstrap_mean
from rag.trained import FOLDER, PassageReader
from rag.types import ReadText
from training import rows
from training.train import examples


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


def scored(data: Path, folder: Path, *, held: bool, limit: int | None = None) -> Scored:
    """Return what the exported reader makes of examples; `limit` draws so many of each kind with a fixed seed."""
    told, claims = examples(data, held=held)
    rng = random.Random(1)
    if limit is not None:
        told, claims = rng.sample(told, min(limit, len(told))), rng.sample(claims, min(limit, len(claims)))
    reader = RawReader(folder)
    found = Scored()
    for one in told:
        found.readings.append((one, *reader.reading(one)))
    for claim, logit in zip(claims, reader.supported([(one.claim, one.quote) for one in claims]), strict=True):
        found.claims.append((claim, logit))
    return found


class RawReader(PassageReader):
    """The reader before calibration: logits."""

    def reading(self, one: rows.Reading) -> tuple[list[float], float, list[tuple[int, int] | None]]:
        """Return a logit for each sentence, the highest of the passage, and the best span of each sentence."""
        self._card["calibration"] = {}
        (read,) = self.read(one.question, [ReadText(one.title, one.sentences)])
        return [_logit(p) for p in read.sentences], _logit(read.answered), list(read.spans)

    def supported(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return a logit for each pair."""
        self._card["calibration"] = {}
        return [_logit(p) for p in self.support(pairs)]


def _logit(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return float(np.log(p / (1 - p)))


def precision_at_1(found: Iterable[tuple[rows.Reading, Sequence[float]]]) -> list[float]:
    """Return 1.0 for each answered passage of several sentences whose best sentence answers."""
    return [float(one.labels[int(np.argmax(s))]) for one, s in found if one.answered and len(one.labels) > 1]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    begun = time.monotonic()
    found = scored(options.data, options.folder, held=True)
    by_source: dict[str, list[tuple[rows.Reading, list[float], float, list[tuple[int, int] | None]]]] = (
        defaultdict(list)
    )
    for row in found.readings:
        by_source[row[0].source].append(row)
    for source, group in sorted(by_source.items()):
        _tell(f"P@1 {source}", precision_at_1((one, logits) for one, logits, _, _ in group))
        _tell(
            f"span F1 {source}",
            [_span_f1(one, logits, spans) for one, logits, _, spans in group if one.has_span and one.answered],
        )
    answered = [(logit, int(one.answered), one.source) for one, _, logit, _ in found.readings]
    for base in ("nq", "xquad", "selqa", "clapnq", "timeqa", "ramdocs", "quotesum"):
        for other in (f"{base}-retrieved", f"{base}-without", f"{base}-swapped", base):
            yes = [x for x, y, s in answered if s == base and y]
            no = [x for x, y, s in answered if s == other and not y]
            if yes and no:
                print(f"AUROC {base} against {other}: {auroc(yes, no):.3f} (n {len(yes)}+{len(no)})")
    for source in ("wice", "fm2", "corrupted"):
        rows_ = [(logit, one) for one, logit in found.claims if one.source == source]
        _balanced(source, rows_)
        for kind in sorted({one.kind for _, one in rows_ if one.kind}):
            _balanced(f"{source} {kind}", [(x, one) for x, one in rows_ if one.kind == kind])
    print(f"{len(found.readings)} readings and {len(found.claims)} claims in {time.monotonic() - begun:.0f} s")


def auroc(yes: Sequence[float], no: Sequence[float]) -> float:
    """Return the share of pairs in which `yes` is higher, ties half (Mann and Whitney 1947)."""
    ranks = np.searchsorted(np.sort(no), yes, "left") + np.searchsorted(np.sort(no), yes, "right")
    return float(np.mean(ranks) / (2 * len(no)))


def _balanced(name: str, found: Sequence[tuple[float, rows.Support]]) -> None:
    yes = [float(x > 0) for x, one in found if one.label]
    no = [float(x <= 0) for x, one in found if not one.label]
    if yes and no:
        print(
            f"support {name}: balanced accuracy {(np.mean(yes) + np.mean(no)) / 2:.3f} (n {len(yes)}+{len(no)}), "
            f"AUROC {auroc([x for x, one in found if one.label], [x for x, one in found if not one.label]):.3f}"
        )


def _span_f1(one: rows.Reading, logits: Sequence[float], spans: Sequence[tuple[int, int] | None]) -> float:
    from eval.metrics_answer import token_f1

    best = int(np.argmax(logits))
    span = spans[best]
    wanted = one.sentences[one.span[0]][one.span[1] : one.span[2]] if one.span else ""
    return token_f1(one.sentences[best][slice(*span)] if span else "", [wanted])


def _tell(name: str, values: Sequence[float]) -> None:
    if values:
        figure = bootstrap_mean(values, seed=0)
        print(f"{name}: {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}] (n {len(values)})")


if __name__ == "__main__":
    main()
