"""Figures with an interval: a value, how far it could be off, from how many cases; and differences of two runs.

Knows numbers only; knows nothing of questions, pages or answers. Intervals are percentile bootstraps: Efron and
Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; where a proportion is 0 or 1 they have no width,
and Wilson's interval (1927) stands in. The same seed gives the same interval.
"""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Case = TypeVar("Case")
Table: TypeAlias = NDArray[np.float64]
"""Shape (n, columns): one row a case."""

_ROUNDS = 1000
# The middle 95 % of the resampled values is the interval.
_TAIL = 0.025
# Pairs without a difference say nothing about which run is better: the sign test (Dixon and Mood, The statistical
# sign test, 1946; for yes and no the exact test of McNemar, 1947) counts only those that differ. With five pairs,
# all on one side, its two-sided p is 2 / 2**5 = 0.0625, with six 0.031. The bootstrap does not know this limit: of
# a hundred pairs it calls four that differ real, since few draws miss all four.
LEAST_DIFFERING = 6
# The 97.5 % quantile of the normal distribution.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval `[low, high]`, from `n` cases."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A difference of two runs over `n` cases that count in both, with its 95 % bootstrap interval.

    `differing` of them are not the same in both runs (of two classes that are ranked, those of the smaller one);
    `asked` cases were asked in both, counted or not; `ours` and
    `theirs` are the two values over the `n` cases. All of these are None where they are not known.
    """

    difference: float
    low: float
    high: float
    n: int
    differing: int | None = None
    asked: int | None = None
    ours: float | None = None
    theirs: float | None = None

    @property
    def is_real(self) -> bool:
        """True where the interval leaves out 0 and at least six pairs differ."""
        return self.enough_differ and (self.low > 0 or self.high < 0)

    @property
    def enough_differ(self) -> bool:
        """True where at least six pairs differ: fewer prove nothing."""
        pairs = self.n if self.differing is None else self.differing
        return pairs >= LEAST_DIFFERING

    @property
    def p(self) -> float:
        """How likely so large a difference is where there is none, on either side, from the width of the interval.

        2 (1 - Φ(|d| / se)) with se = (high - low) / (2 * 1.96): Altman and Bland, How to obtain the P value from a
        confidence interval (BMJ 343, 2011).
        """
        error = (self.high - self.low) / (2 * _Z)
        if error == 0:
            return float(self.difference == 0)
        return math.erfc(abs(self.difference) / error / math.sqrt(2))

    @property
    def counted(self) -> str:
        """How many cases count in both runs, and of how many where some do not."""
        return f"{self.n}" if self.asked in (None, self.n) else f"{self.n} of {self.asked}"

    def __str__(self) -> str:
        return f"{self.difference:+.3f} [{self.low:+.3f}, {self.high:+.3f}] n={self.counted}"


def holm(chances: Mapping[str, float], *, level: float = 2 * _TAIL) -> set[str]:
    """Return the names of the differences that stand though many were looked at, given the p of each.

    From the smallest on, the i-th of m stands while p <= level / (m - i + 1): Holm, A Simple Sequentially
    Rejective Multiple Test Procedure (Scandinavian Journal of Statistics 6, 1979). Where nothing differs, the
    chance that any stands is at most `level`, however they hang together.
    """
    standing: set[str] = set()
    for place, name in enumerate(sorted(chances, key=lambda name: chances[name])):
        if chances[name] > level / (len(chances) - place):
            break
        standing.add(name)
    return standing


def bootstrap_mean(values: Sequence[float], *, seed: int, rounds: int = _ROUNDS) -> Figure:
    """Return the mean of values in [0, 1] with its interval: Wilson's where all are 0 or all are 1.

    Raises:
        ValueError: there are no values, or no rounds.
    """
    figure = _mean(values, seed, rounds)
    return with_width(figure, trials=len(values))


def _mean(values: Sequence[float], seed: int, rounds: int) -> Figure:
    _check(len(values), rounds)
    low, high = _interval(_resampled(_column(values), lambda drawn: float(drawn.mean()), seed, rounds))
    return Figure(fmean(values), low, high, len(values))


def wilson(share: float, trials: float) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion.

    (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n): Wilson, Probable Inference, the Law of Succession, and
    Statistical Inference (Journal of the American Statistical Association 22, 1927). Of n right ones of n it says
    [n / (n + 3.84), 1], where the bootstrap, which can only draw what it has seen, says [1, 1].

    Raises:
        ValueError: there are no trials.
    """
    if trials <= 0:
        raise ValueError("a proportion needs at least one trial")
    square = _Z**2 / trials
    centre = share + square / 2
    half = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    low, high = (centre - half) / (1 + square), (centre + half) / (1 + square)
    return (low if share > 0 else 0.0), (high if share < 1 else 1.0)  # at the ends nothing but rounding is left


def with_width(figure: Figure, *, trials: float) -> Figure:
    """Return a proportion of 0 or 1 over so many trials with Wilson's interval; any other figure as it is.

    For means of scores between 0 and 1 too: none spreads wider than one that is either 0 or 1.
    """
    if figure.low == figure.high == figure.value and figure.value in (0.0, 1.0) and trials > 0:
        return Figure(figure.value, *wilson(figure.value, trials), figure.n)
    return figure


def quantile_figure(values: Sequence[float], q: float, *, seed: int, rounds: int = _ROUNDS) -> Figure:
    """Return the `q` quantile of `values` (0.5 the median) with its interval; between values it is linear.

    Raises:
        ValueError: there are no values, or no rounds, or `q` is not in [0, 1].
    """
    _check(len(values), rounds)
    column = _column(values)
    low, high = _interval(_resampled(column, lambda drawn: float(np.quantile(drawn, q)), seed, rounds))
    return Figure(float(np.quantile(column, q)), low, high, len(values))


def paired_bootstrap(differences: Sequence[float], *, seed: int, rounds: int = _ROUNDS) -> Comparison:
    """Return the mean of the differences of pairs with its interval; pairs stay together when drawn.

    Raises:
        ValueError: there are no differences, or no rounds.
    """
    mean = _mean(differences, seed, rounds)
    return Comparison(mean.value, mean.low, mean.high, mean.n, sum(value != 0 for value in differences))


def bootstrap_table(
    table: Table, statistic: Callable[[Table], float | None], *, seed: int, rounds: int = _ROUNDS
) -> Figure | None:
    """Return `statistic` of a table with its interval, drawing whole rows; None where it is undefined.

    Rounds in which it is undefined (no positive was drawn, say) tell nothing and are left out of the interval.

    Raises:
        ValueError: the table has no rows, or there are no rounds.
    """
    _check(len(table), rounds)
    value = statistic(table)
    if value is None:
        return None
    low, high = _interval([*_resampled(table, statistic, seed, rounds)] or [value])
    return Figure(value, low, high, len(table))


def bootstrap(
    cases: Sequence[Case], statistic: Callable[[Sequence[Case]], float], *, seed: int, rounds: int = _ROUNDS
) -> Figure:
    """Return `statistic` of all cases; the interval comes from drawing as many cases again, with replacement.

    For cases of any kind; where they are numbers, the other functions here are many times faster.

    Raises:
        ValueError: there are no cases, or no rounds.
    """
    _check(len(cases), rounds)
    chance = random.Random(seed)  # noqa: S311 -- resampling, no secret
    low, high = _interval(statistic(chance.choices(cases, k=len(cases))) for _ in range(rounds))
    return Figure(statistic(cases), low, high, len(cases))


def _check(n: int, rounds: int) -> None:
    if not n or rounds < 1:
        raise ValueError("a figure needs at least one case and one round")


def _column(values: Sequence[float]) -> Table:
    return np.asarray(values, dtype=np.float64).reshape(-1, 1)


def _resampled(
    table: Table, statistic: Callable[[Table], float | None], seed: int, rounds: int
) -> Iterable[float]:
    chance = np.random.default_rng(seed)
    drawn = (statistic(table[chance.integers(0, len(table), len(table))]) for _ in range(rounds))
    return (value for value in drawn if value is not None)


def _interval(values: Iterable[float]) -> tuple[float, float]:
    drawn = sorted(values)
    return drawn[int(len(drawn) * _TAIL)], drawn[min(len(drawn) - 1, int(len(drawn) * (1 - _TAIL)))]
