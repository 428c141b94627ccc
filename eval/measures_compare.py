"""Two runs against each other, case by case; and judges of claims against people.

Knows measures and rows; knows no suite and no system.
"""

from collections.abc import Callable, Sequence

import numpy as np

from eval.measures import Statistic, mean_of
from eval.metrics_abstention import auroc, balanced_accuracy, precision, recall
from eval.metrics_citation import YES
from eval.stats import Comparison, Figure, Table, bootstrap_table
from eval.types import ClaimCase, Judge, Measure, Row

# A measure of a kind we do not know is computed with its own interval in every round: that costs seconds.
_FEW_ROUNDS = 100


def compare(rows: Sequence[Row], baseline: Sequence[Row], *, measure: Measure, seed: int) -> Comparison | None:
    """Return the measure of `rows` minus that of `baseline` over the cases (by id) that count in both.

    A measure of answers alone (citation precision, supported claims) so compares the cases that both answered; a
    failed case counts as an answer, the worst there is. Cases are drawn with both their records. For
    lower-is-better measures a negative difference is the better one. None where no case counts in both runs, or
    the measure is undefined for those that do.
    """
    theirs = {row.case.id: row for row in baseline}
    pairs = [(row, theirs[row.case.id]) for row in rows if row.case.id in theirs]
    statistic = _statistic(measure)
    if statistic is None:
        return _compare_unknown(measure, pairs, seed)
    tables = [(statistic.columns(ours), statistic.columns(other)) for ours, other in pairs]
    counted = [(ours, other) for ours, other in tables if ours is not None and other is not None]
    if not counted:
        return None
    value, half = statistic.value, len(counted[0][0])

    def difference(table: Table) -> float | None:
        return _minus(value(table[:, :half]), value(table[:, half:]))

    table = np.asarray([(*ours, *other) for ours, other in counted], dtype=float)
    figure = bootstrap_table(table, difference, seed=seed)
    differing = sum(ours != other for ours, other in counted)
    both = (value(table[:, :half]), value(table[:, half:]))
    return None if figure is None else _comparison(figure, differing, len(pairs), both)


def _statistic(measure: Measure) -> Statistic | None:
    """Return what a measure is computed from: ours carry it, and a mean can be made again from its rows."""
    compute = measure.compute
    if not isinstance(compute, Statistic) and measure.per_row is not None:
        compute = mean_of(measure.name, measure.per_row, higher_is_better=measure.higher_is_better).compute
    return compute if isinstance(compute, Statistic) else None


def _compare_unknown(measure: Measure, pairs: Sequence[tuple[Row, Row]], seed: int) -> Comparison | None:
    if not pairs:
        return None

    def value(rows: Sequence[Row]) -> float | None:
        figure = measure.compute(rows, seed)
        return None if figure is None else figure.value

    def difference(places: Table) -> float | None:
        drawn = [pairs[int(place)] for place in places[:, 0]]
        return _minus(value([ours for ours, _ in drawn]), value([other for _, other in drawn]))

    places = np.arange(len(pairs), dtype=float).reshape(-1, 1)
    figure = bootstrap_table(places, difference, seed=seed, rounds=_FEW_ROUNDS)
    differing = sum(value([ours]) != value([other]) for ours, other in pairs)
    both = (value([ours for ours, _ in pairs]), value([other for _, other in pairs]))
    return None if figure is None else _comparison(figure, differing, len(pairs), both)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _comparison(figure: Figure, differing: int, asked: int, both: tuple[float | None, float | None]) -> Comparison:
    return Comparison(figure.value, figure.low, figure.high, figure.n, differing, asked, *both)


# Claims


def judge_claims(cases: Sequence[ClaimCase], judge: Judge, *, seed: int) -> dict[str, Figure]:
    """Return how a judge agrees with people: each claim is judged once, with a yes from 0.5 on.

    accuracy, balanced_accuracy, auroc, and precision and recall of "supported"; for every type the first three
    again, named like "accuracy xsum extrinsic". The auroc of a type that has no supported claim is that of all
    supported claims against it. What is undefined is left out.

    Raises:
        ValueError: there are no cases.
    """
    scores = np.asarray([(judge(case.claim, case.evidence), case.supported) for case in cases], dtype=float)
    types = np.asarray([case.type for case in cases])
    figures = {name: bootstrap_table(scores, value, seed=seed) for name, value in _AGREEMENT.items()}
    for kind in sorted(set(types)):
        of_kind = scores[types == kind]
        against = of_kind if of_kind[:, 1].any() else scores[(types == kind) | (scores[:, 1] == 1)]
        figures[f"accuracy {kind}"] = bootstrap_table(of_kind, _accuracy, seed=seed)
        figures[f"balanced_accuracy {kind}"] = bootstrap_table(of_kind, _balanced, seed=seed)
        figures[f"auroc {kind}"] = bootstrap_table(against, _auroc, seed=seed)
    return {name: figure for name, figure in figures.items() if figure is not None}


def _said(table: Table) -> Table:
    return (table[:, 0] >= YES).astype(float)


def _accuracy(table: Table) -> float | None:
    return float((_said(table) == table[:, 1]).mean())


def _balanced(table: Table) -> float | None:
    return balanced_accuracy(_said(table), table[:, 1])


def _auroc(table: Table) -> float | None:
    return auroc(table[table[:, 1] == 1, 0], table[table[:, 1] == 0, 0])


_AGREEMENT: dict[str, Callable[[Table], float | None]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "auroc": _auroc,
    "precision": lambda table: precision(_said(table), table[:, 1]),
    "recall": lambda table: recall(_said(table), table[:, 1]),
}
