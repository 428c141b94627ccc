"""How often the published date that is read from a web page is the true one.

Knows a folder of saved pages with their dates; knows no reader of dates: the caller passes one.

The measure is that of htmldate's own evaluation: a right date is a hit, a wrong date a false alarm, silence a
miss; a page that bears no date can only be a false alarm or a miss, so that the highest F is a little under 1.
"""

import gzip
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eval.data import Fields, NoDataError, Shape, json_lines
from eval.stats import Figure, bootstrap

DateReader = Callable[[bytes], date | None]
"""From the bytes of a page to the day it was published; None where that is unknown."""

# A page without a date has null or NaN.
_LABEL: dict[str, Shape] = {"html": str, "date": (str, float, None)}


@dataclass(frozen=True, slots=True)
class DateScore:
    """One page: its true date (None where it bears none) and the date that was read from it."""

    page: str
    true: date | None
    found: date | None

    @property
    def right(self) -> bool:
        """True where the date that was read is the true one."""
        return self.found is not None and self.found == self.true

    @property
    def wrong(self) -> bool:
        """True where another date was read, or one from a page without a date."""
        return self.found is not None and self.found != self.true


@dataclass(frozen=True, slots=True)
class Dates:
    """All pages that were read, and what they come to."""

    pages: tuple[DateScore, ...]
    f1: Figure
    precision: Figure
    recall: Figure


def evaluate(folder: Path, read: DateReader, *, limit: int | None = None, seed: int = 0) -> Dates:
    """Score `read` on the pages of `folder`; `limit` draws that many of them by `seed`.

    Raises:
        DocumentsError: the folder has no labels, or none of their pages, or a label is malformed.
    """
    found = labels(folder)
    if limit is not None and limit < len(found):
        found = random.Random(seed).sample(found, limit)  # noqa: S311 -- a sample, no secret
    return summary([DateScore(path.name, true, read(unpacked(path))) for path, true in found], seed=seed)


def summary(scores: Sequence[DateScore], *, seed: int = 0) -> Dates:
    """Return what the scores of pages come to."""
    return Dates(
        tuple(scores),
        f1=bootstrap(scores, date_f1, seed=seed),
        precision=bootstrap(scores, date_precision, seed=seed),
        recall=bootstrap(scores, date_recall, seed=seed),
    )


def date_precision(scores: Sequence[DateScore]) -> float:
    """Return right / (right + wrong)."""
    right, wrong, _ = _counts(scores)
    return right / (right + wrong) if right + wrong else 0.0


def date_recall(scores: Sequence[DateScore]) -> float:
    """Return right / (right + silent)."""
    right, _, silent = _counts(scores)
    return right / (right + silent) if right + silent else 0.0


def date_f1(scores: Sequence[DateScore]) -> float:
    """Return 2 right / (2 right + wrong + silent)."""
    right, wrong, silent = _counts(scores)
    return 2 * right / (2 * right + wrong + silent) if scores else 0.0


def _counts(scores: Sequence[DateScore]) -> tuple[int, int, int]:
    right, wrong = sum(page.right for page in scores), sum(page.wrong for page in scores)
    return right, wrong, len(scores) - right - wrong


def labels(folder: Path) -> list[tuple[Path, date | None]]:
    """Return the pages that are in the folder, with their dates; labels may name more pages than are there.

    Raises:
        DocumentsError: there are no labels, or none of their pages, or one is malformed; it names line and field.
    """
    labels = json_lines(folder, "labels*.jsonl*", what="the dates of the pages", shape=_LABEL)
    pages = [(_page(folder, label["html"]), _day(label)) for label in labels]
    here = [(path, day) for path, day in pages if path is not None]
    if not here:
        hint = "Put the pages where the field html of the labels says they are."
        raise NoDataError(f"No page of the labels is in {folder}.", hint=hint)
    return here


def _page(folder: Path, name: str) -> Path | None:
    plain = folder / name.removesuffix(".gz")
    packed = plain.with_name(f"{plain.name}.gz")
    return next((path for path in (packed, plain) if path.is_file()), None)


def _day(label: Fields) -> date | None:
    value = label["date"]
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError as error:
        raise label.error("date", f"{value!r} is no day like 2025-10-24") from error


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where its name ends in .gz."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data
