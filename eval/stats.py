"""Figures with an interval: a value, how far it could be off, and from how many cases.

Knows numbers only; knows nothing of questions, pages or answers.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

Case = TypeVar("Case")

_ROUNDS = 1000
# The middle 95 % of the resampled values is the interval.
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval `[low, high]`, from `n` cases."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] n={self.n}"


def bootstrap_mean(values: Sequence[float], *, seed: int, rounds: int = _ROUNDS) -> Figure:
    """Return the mean of `values` with its interval.

    Raises:
        ValueError: there are no values.
    """
    return bootstrap(values, fmean, seed=seed, rounds=rounds)


def bootstrap(
    cases: Sequence[Case], statistic: Callable[[Sequence[Case]], float], *, seed: int, rounds: int = _ROUNDS
) -> Figure:
    """Return `statistic` of all cases; the interval comes from drawing as many cases again, with replacement.

    Percentile bootstrap: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.

    Raises:
        ValueError: there are no cases, or no rounds.
    """
    if not cases or rounds < 1:
        raise ValueError("a figure needs at least one case and one round")
    chance = random.Random(seed)  # noqa: S311 -- resampling, no secret
    drawn = sorted(statistic(chance.choices(cases, k=len(cases))) for _ in range(rounds))
    low, high = drawn[int(rounds * _TAIL)], drawn[min(rounds - 1, int(rounds * (1 - _TAIL)))]
    return Figure(statistic(cases), low, high, len(cases))
