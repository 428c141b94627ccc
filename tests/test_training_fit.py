"""What is fitted on top of the reader: where an answer is likelier wrong than right."""

import random

import pytest

from training.fit import doubtful


@pytest.mark.parametrize("even", [0.2, 0.4])
def test_below_the_doubtful_probability_more_answers_are_wrong_than_right(even):
    rng = random.Random(3)
    scores = [rng.uniform(0.01, 0.9) for _ in range(4000)]
    right = [rng.random() < score / (score + even) for score in scores]
    told = [(True, one) for one in right] + [(False, False)] * 4000
    found = doubtful(told, scores + [0.02] * 4000, at=0.03)  # those without an answer are not given any
    assert found == pytest.approx(even, abs=0.08)
    given = [one for one, score in zip(right, scores, strict=True) if 0.03 <= score < found]
    assert sum(given) < len(given) / 2


def test_questions_with_and_without_an_answer_weigh_the_same():
    scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] * 20
    told = [(score > 0.25, score > 0.25) for score in scores]
    few = doubtful(told, scores, at=0.0)
    many = doubtful(told + [(False, False)] * 2000, scores + [0.2] * 2000, at=0.0)
    assert few == pytest.approx(0.25, abs=0.05)
    assert many == pytest.approx(few, abs=0.05)


def test_where_all_answers_are_right_none_is_doubtful():
    assert doubtful([(True, True)] * 3, [0.1, 0.2, 0.3], at=0.0) == 0.0
    assert doubtful([(False, False)] * 3, [0.1, 0.2, 0.3], at=0.0) == 1.0
