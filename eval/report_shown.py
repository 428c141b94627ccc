"""What charts show: figures and differences, in words as well; where axes end, and what is written at their ticks.

Knows numbers and names; knows no drawing.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from eval.report_words import (
    difference_interval,
    difference_verdict,
    duration,
    interval,
    number,
    quantile,
    risk_at,
    risk_text,
    signed,
)
from eval.stats import Comparison, Figure

Ends: TypeAlias = tuple[float, float]
Ticks: TypeAlias = list[tuple[float, str]]

# More labels than this would touch each other.
_MOST_DECADES = 7
# What rounding leaves of a difference that is none.
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure to draw, with what stands beside it: the baseline's figure and values that others published."""

    label: str
    figure: Figure
    baseline: Figure | None = None
    published: tuple[float, ...] = ()
    lower_is_better: bool = False

    @property
    def ends(self) -> Ends:
        """The ends of an axis that holds all of it."""
        published = (Figure(value, value, value, 1) for value in self.published)
        return axis([self.figure, *([self.baseline] if self.baseline else []), *published])

    @property
    def told(self) -> str:
        """What it shows, in words."""
        words = f"{self.label}: {number(self.figure.value)}, interval {interval(self.figure)}, n {self.figure.n}"
        if self.baseline:
            words += f", baseline {number(self.baseline.value)}"
        return words + "".join(f", published {number(value)}" for value in self.published)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference to draw."""

    label: str
    comparison: Comparison
    lower_is_better: bool = False

    @property
    def ends(self) -> Ends:
        """The ends of an axis that holds it."""
        return difference_axis([self.comparison])

    @property
    def verdict(self) -> str:
        """Whether it is real, and which way it goes, in words."""
        return difference_verdict(self.comparison, lower_is_better=self.lower_is_better)

    @property
    def told(self) -> str:
        """What it shows, in words."""
        span = difference_interval(self.comparison)
        words = f"{self.label}: {signed(self.comparison.difference)}, interval {span}, n {self.comparison.counted}"
        return f"{words}, {self.verdict}"


def curve_told(label: str, curve: Sequence[tuple[float, float]]) -> str:
    """Return what a risk-coverage curve shows, in words."""
    at = (0.25, 0.5, 0.75, 1)
    return f"{label}: " + ", ".join(f"at coverage {c:g} risk {risk_text(risk_at(curve, c))}" for c in at)


def times_told(seconds: Sequence[float]) -> str:
    """Return what a histogram of times shows, in words; there is at least one."""
    return (
        f"{len(seconds)} cases, median {duration(quantile(seconds, 0.5))}, "
        f"from {duration(min(seconds))} to {duration(max(seconds))}"
    )


def axis(figures: Iterable[Figure]) -> Ends:
    """Return the ends of an axis that holds the figures: 0 to 1 where that is enough."""
    ends = [end for figure in figures for end in (figure.low, figure.high, figure.value) if math.isfinite(end)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    return (-round_up(-low) if low < 0 else 0.0), (round_up(high) if high > 1 else 1.0)


def difference_axis(comparisons: Iterable[Comparison]) -> Ends:
    """Return the ends of an axis that holds differences on both sides of zero."""
    found = [abs(end) for item in comparisons for end in (item.low, item.high, item.difference)]
    largest = max(filter(math.isfinite, found), default=0.0)
    end = round_up(largest) if largest > _NOISE else 1.0
    return -end, end


def time_axis(seconds: Iterable[float]) -> tuple[int, int]:
    """Return the powers of ten between which times lie: whole decades, at least one."""
    powers = [math.log10(value) for value in seconds] or [0.0]
    return math.floor(min(powers)), math.floor(max(powers)) + 1


def round_up(value: float) -> float:
    """Return the next of 1, 2, 2.5, 4, 5 times a power of ten; `value` is above 0."""
    value = max(value, _NOISE)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 4, 5, 10) if step * power >= value * (1 - 1e-9))


def ticks(ends: Ends) -> Ticks:
    """Return the ticks of an axis of figures: its ends and zero; where it begins at zero, some between."""
    low, high = ends
    # Quarters of 0.25 and fifths of 1 are harder to read.
    parts = 5 if f"{high:e}".startswith(("2.5", "5.0")) else 4
    places = _parts(0.0, high, count=parts) if low == 0 else [low, 0.0, high]
    return [(place, f"{place:g}".replace("-", "−")) for place in places]


def difference_ticks(ends: Ends) -> Ticks:
    """Return the ticks of an axis of differences, with signs."""
    return [(place, f"{place:+g}".replace("-", "−") if place else "0") for place in _parts(*ends)]


def decades(ends: tuple[int, int]) -> Ticks:
    """Return the ticks of an axis of times, one a decade; fewer where there are many."""
    first, last = ends
    step = math.ceil((last - first + 1) / _MOST_DECADES)
    return [(power, _decade(power)) for power in range(first, last + 1, step)]


def _decade(power: int) -> str:
    return f"{10 ** (power + 3):g} ms" if power < 0 else f"{10**power:,} s"


def _parts(low: float, high: float, *, count: int = 4) -> Sequence[float]:
    return [low + (high - low) * part / count for part in range(count + 1)]
