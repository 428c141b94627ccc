"""Rates of abstention, ROC area, risk and coverage, calibration: worked out by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics_abstention import (
    area_under_risk_coverage,
    auroc,
    balanced_accuracy,
    expected_calibration_error,
    f1,
    precision,
    recall,
    risk_coverage,
)

SAID = [True, True, True, False, False, False]
TRUE = [True, True, False, True, True, False]


def test_precision_recall_and_f1():
    assert precision(SAID, TRUE) == pytest.approx(2 / 3)
    assert recall(SAID, TRUE) == 0.5
    assert f1(SAID, TRUE) == pytest.approx(4 / 7)  # 2 * (2/3 * 1/2) / (2/3 + 1/2)


def test_rates_with_nothing_to_count_are_none():
    assert precision([False], [True]) is None
    assert (recall([False], [True]), f1([False], [True])) == (0.0, 0.0)
    assert [rate([True], [False]) for rate in (precision, recall, f1)] == [None] * 3
    assert [rate([], []) for rate in (precision, recall, f1)] == [None] * 3


def test_every_case_needs_a_decision():
    with pytest.raises(ValueError, match="one decision"):
        precision([True], [True, False])
    with pytest.raises(ValueError, match="one error"):
        risk_coverage([0.1], [0, 1])


def test_balanced_accuracy_weighs_both_classes_alike():
    assert balanced_accuracy([True] * 10, [True] * 9 + [False]) == 0.5
    assert balanced_accuracy(SAID, TRUE) == 0.5  # (2/4 + 1/2) / 2
    assert balanced_accuracy([True, False, False, False], [True, True, False, False]) == 0.75
    assert balanced_accuracy([True], [True]) is None
    assert balanced_accuracy([True], [False]) is None


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        ([3, 4], [1, 2], 1.0),
        ([1, 2], [3, 4], 0.0),
        ([1, 3], [2, 0], 0.75),
        ([1], [1], 0.5),
        ([2, 1], [1, 0], 0.875),  # wins: 2>1, 2>0, 1>0; one tie of four pairs
        ([-math.inf, 1], [0], 0.5),
        ([math.inf], [math.inf], 0.5),
        ([], [1], None),
        ([1], [], None),
    ],
)
def test_auroc_counts_pairs(positives, negatives, expected):
    assert auroc(positives, negatives) == expected


SCORES = st.lists(st.integers(0, 5), min_size=1, max_size=12)


@settings(derandomize=True, deadline=None)
@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_won(positives, negatives):
    pairs = [(high > low) + 0.5 * (high == low) for high in positives for low in negatives]
    assert auroc(positives, negatives) == pytest.approx(sum(pairs) / len(pairs))


def test_risk_falls_where_confidence_knows():
    curve = risk_coverage([0.1, 0.9, 0.5, 0.7], [1, 0, 1, 0])
    assert curve == [(0.25, 0.0), (0.5, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert area_under_risk_coverage([0.1, 0.9, 0.5, 0.7], [1, 0, 1, 0]) == pytest.approx((1 / 3 + 1 / 2) / 4)
    assert area_under_risk_coverage([0.9, 0.1, 0.5, 0.3], [1, 0, 1, 0]) == pytest.approx(
        (1 + 1 + 2 / 3 + 1 / 2) / 4
    )


def test_equal_confidences_share_their_errors_in_any_order():
    assert risk_coverage([1, 1, 0], [1, 0, 1]) == [
        (pytest.approx(1 / 3), 0.5),
        (pytest.approx(2 / 3), 0.5),
        (1, pytest.approx(2 / 3)),
    ]
    assert risk_coverage([1, 1, 0], [0, 1, 1]) == risk_coverage([1, 1, 0], [1, 0, 1])
    assert area_under_risk_coverage([math.inf, math.inf, 0], [1, 1, 0]) == pytest.approx((1 + 1 + 2 / 3) / 3)


def test_no_cases_have_no_risk():
    assert risk_coverage([], []) == []
    assert area_under_risk_coverage([], []) is None


def test_calibration_error_by_bins():
    # (0, 0.5]: 0.1 and 0.3, one right: gap 1 - 0.4; (0.5, 1]: 0.9, wrong: gap 0 - 0.9. Their signs do not cancel.
    assert expected_calibration_error([0.1, 0.3, 0.9], [0, 1, 0], bins=2) == pytest.approx((0.6 + 0.9) / 3)
    assert expected_calibration_error([0.1, 0.3, 0.9], [0, 1, 0], bins=1) == pytest.approx(0.3 / 3)
    # 0.5 belongs to the lower bin, with 0.0: gaps cancel inside a bin.
    assert expected_calibration_error([0.5, 0.0], [0, 0.5], bins=2) == pytest.approx(0.0)
    assert expected_calibration_error([1.0, 0.0], [1, 0]) == 0.0
    assert expected_calibration_error([], []) is None


@pytest.mark.parametrize(("confidences", "bins"), [([1.1], 10), ([-0.1], 10), ([math.nan], 10), ([0.5], 0)])
def test_calibration_needs_probabilities(confidences, bins):
    with pytest.raises(ValueError, match="calibration"):
        expected_calibration_error(confidences, [1], bins=bins)
