"""Whether two values agree: numbers within stated tolerances, times that hold each other, names cut short.

Knows the values and nothing of where they stand or whether they answer the same question.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from rag.values_dates import Period, Recurring, Time
from rag.values_names import Name, is_same_name, may_be_same_name, same_script
from rag.values_numbers import Amount, Hedge
from rag.values_units import UNITS, Dimension


class Agreement(StrEnum):
    """How two values stand to each other; COMPATIBLE ones differ in precision only."""

    SAME = "same"
    COMPATIBLE = "compatible"
    DIFFERENT = "different"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class Polarity:
    """Whether a clause states or denies."""

    affirms: bool


Key: TypeAlias = Amount | Period | Recurring | Name | Polarity


def agree_keys(a: Key, b: Key) -> Agreement:
    """Return how two values stand to each other; the order does not matter."""
    if isinstance(a, Amount) and isinstance(b, Amount):
        return _agree_amounts(a, b)
    if isinstance(a, (Period, Recurring)) and isinstance(b, (Period, Recurring)):
        return _agree_times(a, b)
    if isinstance(a, Name) and isinstance(b, Name):
        return _agree_names(a, b)
    if isinstance(a, Polarity) and isinstance(b, Polarity):
        return Agreement.SAME if a == b else Agreement.DIFFERENT
    return Agreement.INCOMPARABLE


def _agree_names(a: Name, b: Name) -> Agreement:
    if is_same_name(a, b):
        return Agreement.SAME
    if not same_script(a, b):
        return Agreement.INCOMPARABLE
    return Agreement.COMPATIBLE if may_be_same_name(a, b) else Agreement.DIFFERENT


def _agree_times(a: Time, b: Time) -> Agreement:
    """Compare days: a time that holds the other is the same, said less precisely."""
    if a == b:
        return Agreement.SAME
    if isinstance(a, Period) and isinstance(b, Period):
        return Agreement.COMPATIBLE if a.holds(b) or b.holds(a) else Agreement.DIFFERENT
    if isinstance(a, Recurring) and isinstance(b, Recurring):
        return _agree_recurring(a, b)
    recurring, period = (a, b) if isinstance(a, Recurring) else (b, a)
    assert isinstance(recurring, Recurring) and isinstance(period, Period)
    return Agreement.COMPATIBLE if recurring.fits(period) else Agreement.DIFFERENT


def _agree_recurring(a: Recurring, b: Recurring) -> Agreement:
    if (a.weekday is None) != (b.weekday is None):
        return Agreement.INCOMPARABLE
    return (
        Agreement.COMPATIBLE if a.month == b.month and None in (a.day, b.day) and a.month else Agreement.DIFFERENT
    )


# "About 5,000" may be off by half of its last digit, 500, but no figure is taken to be looser than a tenth, nor
# tighter than a fiftieth: that much writers round even where the digits look exact.
_ABOUT_AT_LEAST, _ABOUT_AT_MOST = 0.02, 0.1
# "More than 4,000" goes up to where another round number would have been named; never by more than a half.
_BEYOND_AT_LEAST, _BEYOND_AT_MOST = 0.25, 0.5
# "5,000" may be a rounded 4,987, but small whole numbers are counted: 20 is not 19.
_ROUNDED_AT_MOST, _COUNTED_BELOW = 0.05, 100
# After a conversion ("3.7 km", "2.3 miles") both figures were rounded.
_CONVERTED = 0.02


def _agree_amounts(a: Amount, b: Amount) -> Agreement:
    if a.dimension is not b.dimension:
        return _agree_across(a, b)
    if a.unit != b.unit:
        return Agreement.INCOMPARABLE
    if a == b:
        return Agreement.SAME if a.hedge is b.hedge else Agreement.COMPATIBLE
    if _overlap(_meant(a), _meant(b)):
        return Agreement.COMPATIBLE
    is_close = _overlap(_rounded(a, b), _meant(b)) or _overlap(_meant(a), _rounded(b, a))
    return Agreement.COMPATIBLE if is_close else Agreement.DIFFERENT


def _agree_across(a: Amount, b: Amount) -> Agreement:
    """Compare "twice" with "rose by 100 percent", and "89" with "89 years"; nothing else."""
    by = {a.dimension: a, b.dimension: b}
    ratio, share = by.get(Dimension.RATIO), by.get(Dimension.SHARE)
    if ratio is not None and share is not None:
        low, high = ((bound - 1) * 100 for bound in _meant(ratio))
        return Agreement.COMPATIBLE if _overlap((low - 5, high + 5), _meant(share)) else Agreement.INCOMPARABLE
    bare = by.get(Dimension.COUNT)
    measured = b if bare is a else a
    if bare is None or measured.dimension is not Dimension.TIME or measured.written not in UNITS:
        return Agreement.INCOMPARABLE
    is_same = abs(bare.low * UNITS[measured.written][1] - measured.low) <= 1e-6 * abs(measured.low)
    return Agreement.COMPATIBLE if is_same else Agreement.INCOMPARABLE


def _meant(one: Amount) -> tuple[float, float]:
    """Return the numbers that a hedged amount stands for."""
    size = max(abs(one.low), abs(one.high))
    if one.hedge is Hedge.ABOUT:
        slack = min(max(one.step / 2, _ABOUT_AT_LEAST * size), _ABOUT_AT_MOST * size)
        return one.low - slack, one.high + slack
    beyond = min(max(one.step, _BEYOND_AT_LEAST * size), _BEYOND_AT_MOST * size)
    low = one.low - beyond if one.hedge is Hedge.BELOW else one.low
    high = one.high + beyond if one.hedge is Hedge.ABOVE else one.high
    return low, high


def _rounded(one: Amount, other: Amount) -> tuple[float, float]:
    """Return the numbers that may be rounded to this one, given how exact the other is."""
    if one.hedge is not Hedge.EXACT:
        return _meant(one)
    worth = UNITS[one.written][1] if one.written in UNITS else 1.0
    size = abs(one.low) or worth
    if one.written != other.written and one.dimension not in (Dimension.COUNT, Dimension.SHARE, Dimension.MONEY):
        return one.low - _CONVERTED * size, one.high + _CONVERTED * size
    is_fraction = one.dimension is Dimension.SHARE and not one.written  # "two thirds"
    is_counted = size < _COUNTED_BELOW * worth and other.step >= worth and not is_fraction
    slack = 0.0 if is_counted or other.step >= one.step else min(0.4999 * one.step, _ROUNDED_AT_MOST * size)
    return one.low - slack, one.high + slack


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]
