"""Suites that ask no questions: each case is read or judged by one part of the product, which gives numbers.

Knows cases, records and measures of their numbers; knows no reader. So these suites have records, resume and are
compared like any other, and a case on which the part breaks down is a failed one.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from eval.measures import Columns, Statistic
from eval.stats import Table
from eval.types import AnswerSuite, Case, Measure, Record, Row

Read: TypeAlias = Callable[[Case], Mapping[str, float]]
"""From a case to its numbers by name; it raises where the case cannot be read."""


class NothingReadError(Exception):
    """There is a text, and nothing of it was found."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A suite and what reads its cases. `open` loads what the reader needs, once, and only if a case is left."""

    suite: AnswerSuite
    open: Callable[[], AbstractContextManager[Read]]


class ReadingSystem:
    """A reader of the product, or its judges, in the place of a system that answers."""

    name = "product"

    def __init__(self, read: Read) -> None:
        self._read = read

    def answer(self, case: Case) -> Record:
        """Return the numbers that the case comes to."""
        return Record(case.id, case.type, case.question, scores=dict(self._read(case)))


def columns_of(
    names: tuple[str, ...], *, failed: Callable[[Case], tuple[float, ...]], kind: str | None = None
) -> Columns:
    """Return the named numbers of the rows of a type (None: of all) that have them; for a failed row, `failed`."""

    def columns(row: Row) -> tuple[float, ...] | None:
        if kind is not None and row.case.type != kind:
            return None
        if row.record.failed:
            return failed(row.case)
        scores = row.record.scores
        return tuple(scores[name] for name in names) if all(name in scores for name in names) else None

    return columns


def share_of(name: str, columns: Columns, *, part: tuple[int, ...], whole: tuple[int, ...]) -> Measure:
    """Return the sum of some columns over the sum of others, all rows together; 0 where there is nothing.

    What is counted in one row stands or falls together, so the trials of a share of 0 or 1 are the rows.
    """

    def value(table: Table) -> float:
        total = float(table[:, whole].sum())
        return float(table[:, part].sum()) / total if total else 0.0

    return Measure(name, Statistic(columns, value, len))
