"""Intervals and differences of runs. (Means by hand are in test_article_extraction.py.)"""

import time

import numpy as np
import pytest

from eval.stats import (
    Comparison,
    bootstrap,
    bootstrap_mean,
    bootstrap_table,
    holm,
    paired_bootstrap,
    quantile_figure,
    wilson,
    with_width,
)


def test_a_difference_of_all_pairs_is_real():
    found = paired_bootstrap([0.2, 0.4, 0.3, 0.2, 0.4, 0.3], seed=0)
    assert (found.difference, found.n) == (pytest.approx(0.3), 6)
    assert 0.2 <= found.low < 0.3 < found.high <= 0.4
    assert found.is_real


def test_a_loss_is_real_too():
    assert paired_bootstrap([-0.2, -0.4, -0.3, -0.2, -0.4, -0.3], seed=0).is_real


def test_a_difference_that_could_be_chance_is_not_real():
    assert not paired_bootstrap([1.0, -1.0] * 20 + [1.0], seed=0).is_real
    assert not paired_bootstrap([0.0] * 50, seed=0).is_real
    assert not paired_bootstrap([1.0] + [0.0] * 99, seed=0).is_real


def test_only_pairs_that_differ_count_as_proof():
    few = paired_bootstrap([1.0] * 5 + [0.0] * 45, seed=0)
    assert (few.low > 0, few.differing, few.is_real) == (True, 5, False)
    assert paired_bootstrap([1.0] * 6 + [0.0] * 44, seed=0).is_real


def test_wilson_by_hand():
    # p = 0.5, n = 100: (0.5 + 0.0192 ± 1.96 * sqrt(0.0025 + 0.000096)) / 1.0384
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    # the textbook case of 0 of 10
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    with pytest.raises(ValueError, match="trial"):
        wilson(0.5, 0)


def test_all_or_nothing_has_an_interval_and_anything_else_the_bootstrap():
    assert bootstrap_mean([1.0] * 10, seed=0).low == pytest.approx(0.7225, abs=1e-4)
    assert bootstrap_mean([0.0] * 10, seed=0).high == pytest.approx(0.2775, abs=1e-4)
    assert bootstrap_mean([0.5] * 10, seed=0).low == 0.5
    mixed = bootstrap_mean([0.0, 1.0] * 5, seed=0)
    assert mixed == with_width(mixed, trials=10)
    # A difference is no proportion: that of two equal runs stays without width.
    assert (paired_bootstrap([0.0] * 10, seed=0).low, paired_bootstrap([1.0] * 10, seed=0).low) == (0.0, 1.0)


def test_five_pairs_prove_nothing():
    assert paired_bootstrap([1.0] * 5, seed=0).low == 1.0
    assert not paired_bootstrap([1.0] * 5, seed=0).is_real
    assert paired_bootstrap([1.0] * 6, seed=0).is_real


def test_touching_zero_is_not_leaving_it_out():
    assert not Comparison(0.1, 0.0, 0.2, 50).is_real
    assert not Comparison(-0.1, -0.2, 0.0, 50).is_real
    assert str(Comparison(-0.1, -0.2, 0.0, 50)) == "-0.100 [-0.200, +0.000] n=50"
    assert str(Comparison(-0.1, -0.2, 0.0, 50, asked=60)) == "-0.100 [-0.200, +0.000] n=50 of 60"


def test_pairs_are_sharper_than_two_means():
    first = [float(number % 10) for number in range(100)]
    second = [value + 0.1 * (number % 3) for number, value in enumerate(first)]
    assert paired_bootstrap([b - a for a, b in zip(first, second, strict=True)], seed=0).is_real
    assert bootstrap_mean(first, seed=0).high > bootstrap_mean(second, seed=0).low


def test_quantiles_by_hand():
    values = [4.0, 1.0, 3.0, 2.0]
    assert quantile_figure(values, 0.5, seed=0).value == 2.5
    assert quantile_figure(values, 1.0, seed=0).value == 4.0
    assert quantile_figure([float(n) for n in range(101)], 0.95, seed=0).value == pytest.approx(95.0)
    figure = quantile_figure(values, 0.5, seed=0)
    assert 1.0 <= figure.low < figure.value < figure.high <= 4.0
    assert figure.n == 4


def test_the_interval_of_a_median_is_about_that_of_the_order_statistics():
    figure = quantile_figure([float(n) for n in range(401)], 0.5, seed=0)
    # ranks n/2 +- 1.96 * sqrt(n)/2
    assert figure.low == pytest.approx(200 - 19.6, abs=4)
    assert figure.high == pytest.approx(200 + 19.6, abs=4)


def test_rows_of_a_table_stay_together():
    table = np.asarray([[number, number] for number in range(30)], dtype=float)
    figure = bootstrap_table(table, lambda drawn: float((drawn[:, 0] - drawn[:, 1]).sum()), seed=0)
    assert (figure.value, figure.low, figure.high, figure.n) == (0.0, 0.0, 0.0, 30)


def test_a_table_gives_the_interval_of_a_mean():
    values = [float(number % 7) for number in range(50)]
    table = np.asarray(values).reshape(-1, 1)
    assert bootstrap_table(table, lambda drawn: float(drawn.mean()), seed=3) == bootstrap_mean(values, seed=3)


def test_rounds_without_a_value_are_left_out():
    table = np.asarray([[1.0, 5.0], [0.0, 9.0]])

    def mean_of_first_kind(drawn):
        kept = drawn[drawn[:, 0] == 1, 1]
        return float(kept.mean()) if kept.size else None

    figure = bootstrap_table(table, mean_of_first_kind, seed=0)
    assert (figure.value, figure.low, figure.high, figure.n) == (5.0, 5.0, 5.0, 2)
    assert bootstrap_table(table[1:], mean_of_first_kind, seed=0) is None


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_decides_all(seed):
    values = [number**2 / 7 for number in range(40)]
    assert paired_bootstrap(values, seed=seed) == paired_bootstrap(values, seed=seed)
    assert paired_bootstrap(values, seed=seed) != paired_bootstrap(values, seed=seed + 1)
    assert quantile_figure(values, 0.95, seed=seed) == quantile_figure(values, 0.95, seed=seed)


def test_nothing_is_no_figure():
    empty = np.empty((0, 2))
    for call in (
        lambda: paired_bootstrap([], seed=0),
        lambda: quantile_figure([], 0.5, seed=0),
        lambda: bootstrap_table(empty, lambda drawn: 0.0, seed=0),
        lambda: bootstrap([], lambda cases: 0.0, seed=0),
    ):
        with pytest.raises(ValueError, match="at least one"):
            call()


def test_thousands_of_cases_take_no_time():
    chance = np.random.default_rng(0)
    start = time.process_time()
    bootstrap_mean(list(chance.random(2600)), seed=0)
    # Generous: 0.05 s is usual, a second would be a mean taken in Python.
    assert time.process_time() - start < 1.0


def test_of_many_differences_only_those_stand_that_are_clear_of_chance():
    assert holm({"a": 0.01, "b": 0.02, "c": 0.04}) == {
        "a",
        "b",
        "c",
    }  # 0.01 <= 0.05/3, 0.02 <= 0.05/2, 0.04 <= 0.05
    assert holm({"a": 0.01, "b": 0.03, "c": 0.04}) == {"a"}  # 0.03 > 0.05/2, and what follows falls with it
    assert holm({"a": 0.02, "b": 0.02, "c": 0.02}) == set()
    assert holm({}) == set()


def test_the_chance_of_a_difference_is_read_off_its_interval():
    assert Comparison(0.2, 0.0, 0.4, 50).p == pytest.approx(0.05, abs=1e-4)
    assert Comparison(-0.2, -0.3, -0.1, 50).p == pytest.approx(8.9e-5, rel=0.02)
    assert Comparison(0.0, -0.1, 0.1, 50).p == 1.0
    assert (Comparison(-1.0, -1.0, -1.0, 8).p, Comparison(0.0, 0.0, 0.0, 8).p) == (0.0, 1.0)
