"""Is the system silent where it should be, and does its confidence know? Rates, ROC area, risk and coverage.

Knows numbers only; knows no question. For abstentions, silence is what is said and an unanswerable question is
what is true. Rates that have nothing to count are None, never 0.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector: TypeAlias = NDArray[np.float64]


def precision(said: ArrayLike, true: ArrayLike) -> float | None:
    """Return TP / (TP + FP): the share of what was said that is true (of abstentions: that were due).

    None where nothing was said, or nothing is true and so nothing could have been right.
    """
    hits, all_said, all_true = _counts(said, true)
    return _rate(hits, all_said) if all_true else None


def recall(said: ArrayLike, true: ArrayLike) -> float | None:
    """Return TP / (TP + FN): the share of what is true that was said. None where nothing is true."""
    hits, _, all_true = _counts(said, true)
    return _rate(hits, all_true)


def f1(said: ArrayLike, true: ArrayLike) -> float | None:
    """Return 2 TP / (2 TP + FP + FN), the harmonic mean of both. None where nothing is true."""
    hits, all_said, all_true = _counts(said, true)
    return _rate(2 * hits, all_said + all_true) if all_true else None


def balanced_accuracy(said: ArrayLike, true: ArrayLike) -> float | None:
    """Return the mean of the share of true cases said true and the share of false cases said false.

    (TPR + TNR) / 2, Brodersen et al. (2010): 0.5 for always saying the same. None where a class is missing.
    """
    yes, is_true = np.asarray(said, dtype=bool), np.asarray(true, dtype=bool)
    if is_true.all() or not is_true.any():
        return None
    return float(yes[is_true].mean() + (~yes[~is_true]).mean()) / 2


def auroc(positives: ArrayLike, negatives: ArrayLike) -> float | None:
    """Return the chance that a positive has a higher score than a negative, ties counting half.

    The Mann-Whitney U over the number of pairs: Hanley and McNeil (1982). None where a side is empty.
    """
    high, low = np.asarray(positives, dtype=float), np.sort(np.asarray(negatives, dtype=float))
    if not high.size or not low.size:
        return None
    below = np.searchsorted(low, high, side="left") + np.searchsorted(low, high, side="right")
    return float(below.sum()) / (2 * high.size * low.size)


def risk_coverage(confidences: ArrayLike, errors: ArrayLike) -> list[tuple[float, float]]:
    """Return (coverage, risk) for answering only the 1, 2, ... n surest cases; risk is their mean error.

    El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification (2010). Among equal
    confidences the order is chance: each such case counts with their mean error.
    """
    risks = _risks(confidences, errors)
    return [(float(count / len(risks)), float(risk)) for count, risk in enumerate(risks, start=1)]


def area_under_risk_coverage(confidences: ArrayLike, errors: ArrayLike) -> float | None:
    """Return the mean risk over all coverages 1/n, 2/n, ... 1 (AURC), lower is better; None without cases.

    Geifman and El-Yaniv, Selective Classification for Deep Neural Networks (2017); Geifman et al. (2019). Even
    the best order cannot reach 0 where there are errors: compare it between systems on the same cases only.
    """
    risks = _risks(confidences, errors)
    return float(risks.mean()) if risks.size else None


def expected_calibration_error(confidences: ArrayLike, correct: ArrayLike, *, bins: int = 10) -> float | None:
    """Return sum over bins of (cases in bin / n) * |share correct - mean confidence|; None without cases.

    Guo et al., On Calibration of Modern Neural Networks (2017), equation 3: equal bins ((m - 1) / M, m / M].

    Raises:
        ValueError: a confidence is not in [0, 1], or there is no bin.
    """
    sure, is_right = np.asarray(confidences, dtype=float), np.asarray(correct, dtype=float)
    if bins < 1 or not ((sure >= 0) & (sure <= 1)).all():
        raise ValueError("calibration needs confidences in [0, 1] and at least one bin")
    if not sure.size:
        return None
    places = np.maximum(np.ceil(sure * bins).astype(int) - 1, 0)
    gaps = np.bincount(places, weights=is_right, minlength=bins) - np.bincount(
        places, weights=sure, minlength=bins
    )
    return float(np.abs(gaps).sum() / sure.size)


def _risks(confidences: ArrayLike, errors: ArrayLike) -> Vector:
    """Return the mean error of the surest 1, 2, ... n cases."""
    sure, wrong = np.asarray(confidences, dtype=float), np.asarray(errors, dtype=float)
    if sure.shape != wrong.shape:
        raise ValueError("there must be one error for every confidence")
    _, places, sizes = np.unique(-sure, return_inverse=True, return_counts=True)
    means = np.bincount(places, weights=wrong, minlength=len(sizes)) / np.maximum(sizes, 1)
    shared: Vector = np.repeat(means, sizes)
    risks: Vector = np.cumsum(shared) / np.arange(1, len(shared) + 1)
    return risks


def _counts(said: ArrayLike, true: ArrayLike) -> tuple[int, int, int]:
    """Return how much was said and true, was said, and is true."""
    yes, is_true = np.asarray(said, dtype=bool), np.asarray(true, dtype=bool)
    if yes.shape != is_true.shape:
        raise ValueError("there must be one decision for every case")
    return int((yes & is_true).sum()), int(yes.sum()), int(is_true.sum())


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
