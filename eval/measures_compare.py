"""Two runs against each other, case by case.

Knows measures and rows; knows no suite and no system.
"""

from collections.abc import Sequence

import numpy as np

from eval.measures import Statistic, mean_of
from eval.stats import Comparison, Figure, Table, bootstrap_table
from eval.types import Measure, Row

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
    apart = statistic.differing or _unequal
    differing = apart(table[:, :half], table[:, half:])
    both = (value(table[:, :half]), value(table[:, half:]))
    return None if figure is None else _comparison(figure, differing, len(pairs), both)


def _unequal(ours: Table, theirs: Table) -> int:
    return int((ours != theirs).any(axis=1).sum())


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
