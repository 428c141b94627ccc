"""Times as values that can be compared: a span of days, a weekday or a day of no known year.

Knows the calendar; no text.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def holds(self, other: "Period") -> bool:
        """Return whether the other period lies within this one."""
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class Recurring:
    """A day or month of no known year ("5 May"), or a weekday of no known date (Monday is 0)."""

    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    def fits(self, period: Period) -> bool:
        """Return whether one of these days lies within the period; it need not be the one that is meant."""
        if self.weekday is not None:
            offset = (self.weekday - period.first.weekday()) % 7
            return (period.last - period.first).days >= offset
        months = _months_between(period)
        if self.month not in months:
            return len(months) >= 12
        if self.day is None or len(months) > 1:
            return True
        return period.first.day <= self.day <= period.last.day


Time: TypeAlias = Period | Recurring


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time and where it stands; `sure` is False for a bare number that may be a year or a count."""

    start: int
    end: int
    time: Time
    sure: bool = True


def _months_between(period: Period) -> set[int]:
    first, last = period.first, period.last
    count = (last.year - first.year) * 12 + last.month - first.month
    return {(first.month - 1 + step) % 12 + 1 for step in range(min(count, 11) + 1)}


def years(first: int, last: int) -> Period | None:
    """Return the years from the first to the last, None where the calendar has none such."""
    return Period(date(first, 1, 1), date(last, 12, 31)) if 1 <= first <= last <= 9999 else None


def months(year: int, *, within: tuple[int, int]) -> Period | None:
    """Return the months of a year from the first to the last, None where the calendar has none such."""
    first, last = within
    if not (1 <= year <= 9999 and 1 <= first <= last <= 12):
        return None
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def days(year: int, month: int, *, within: tuple[int, int]) -> Period | None:
    """Return the days of a month from the first to the last, None where the calendar has none such."""
    first, last = within
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= first <= last <= monthrange(year, month)[1]):
        return None
    return Period(date(year, month, first), date(year, month, last))
