"""Figures with an interval: a value, how far it could be off, from how many cases; and differences of two runs.

Knows numbers only; knows nothing of questions, pages or answers. Intervals are percentile bootstraps: Efron and
Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. The same seed gives the same interval.
"""

import random
from collections.abc import Callable, Iterable, Sequence
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
# With fewer pairs even a sign test with all of them on one side stays above 5 % (2 / 2**5 = 0.0625), while the
# bootstrap of five equal differences has no width at all.
_LEAST_PAIRS = 6


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
    """A difference of two runs over `n` cases that both were asked, with its 95 % bootstrap interval."""

    difference: float
    low: float
    high: float
    n: int

    @property
    def is_real(self) -> bool:
        """True where the interval leaves out 0 and there are enough pairs for that to mean anything (six)."""
        return self.n >= _LEAST_PAIRS and (self.low > 0 or self.high < 0)

    def __str__(self) -> str:
        return f"{self.difference:+.3f} [{self.low:+.3f}, {self.high:+.3f}] n={self.n}"


def bootstrap_mean(values: Sequence[float], *, seed: int, rounds: int = _ROUNDS) -> Figure:
    """Return the mean of `values` with its interval.

    Raises:
        ValueError: there are no values, or no rounds.
    """
    _check(len(values), rounds)
    low, high = _interval(_resampled(_column(values), lambda drawn: float(drawn.mean()), seed, rounds))
    return Figure(fmean(values), low, high, len(values))


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
    mean = bootstrap_mean(differences, seed=seed, rounds=rounds)
    return Comparison(mean.value, mean.low, mean.high, mean.n)


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
