"""Sentences that people judged, as cases of a run: how far judges of ours agree with them.

Knows claims and judges; knows no file. Each claim is judged once by every judge, with a yes from 0.5 on.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

from eval.measures import Columns, Statistic, mean_of, ranked_apart, smaller_class
from eval.metrics_abstention import auroc, balanced_accuracy, precision, recall
from eval.metrics_citation import YES
from eval.readings import Reading
from eval.stats import Table
from eval.types import AnswerSuite, Case, ClaimCase, ClaimSuite, Evidence, Judge, Measure, Row, Uses

_FIRST = "product"


def judged(suite: ClaimSuite, judges: Mapping[str, Judge], *, notes: tuple[str, ...] = ()) -> Reading:
    """Return the claims of a suite as cases: `answerable` says whether people found them supported.

    Published figures stand beside those of the judge called "product".
    """

    def read(case: Case) -> dict[str, float]:
        return {name: judge(case.question, case.evidence[0].quote) for name, judge in judges.items()}

    kinds = dict.fromkeys(sorted({case.type for case in suite.cases}), False)
    kinds |= {case.type: True for case in suite.cases if case.supported}
    made = AnswerSuite(
        name=suite.name,
        texts=(),
        cases=tuple(map(_case, suite.cases)),
        measures=tuple(measure for name in judges for measure in agreement(name, kinds)),
        references=tuple(replace(item, measure=f"{_FIRST}.{item.measure}") for item in suite.references),
        dropped=suite.dropped,
        uses=Uses.NOTHING,
        no_reference=suite.no_reference,
        notes=notes,
    )
    return Reading(made, lambda: nullcontext(read))


def _case(claim: ClaimCase) -> Case:
    evidence = (Evidence("", claim.evidence),)
    return Case(claim.id, claim.type, claim.claim, answerable=claim.supported, evidence=evidence)


def agreement(judge: str, kinds: Mapping[str, bool]) -> list[Measure]:
    """Return accuracy, balanced_accuracy, auroc, and precision and recall of "supported", each "judge.name".

    For every type the first three again, named like "judge.accuracy xsum extrinsic"; `kinds` says of each whether
    it has supported claims. The auroc of one that has none is that of all supported claims against it. A failed
    claim is judged as wrongly as can be.
    """

    def right(row: Row, kind: str | None = None) -> float | None:
        if kind is not None and row.case.type != kind:
            return None
        return float((row.record.scores.get(judge, 0.0) >= YES) == row.case.answerable)

    measures = [mean_of(f"{judge}.accuracy", right)]
    measures += [
        Measure(f"{judge}.{name}", Statistic(_judgements(judge), value, trials, _decided_apart))
        for name, (value, trials) in _AGREEMENT.items()
    ]
    measures += [Measure(f"{judge}.auroc", _ranking(_judgements(judge)))]
    for kind, has_supported in kinds.items():
        of_kind = _judgements(judge, kind)
        both = of_kind if has_supported else _judgements(judge, kind, against=True)
        measures += [
            mean_of(f"{judge}.accuracy {kind}", partial(right, kind=kind)),
            Measure(
                f"{judge}.balanced_accuracy {kind}", Statistic(of_kind, _balanced, smaller_class, _decided_apart)
            ),
            Measure(f"{judge}.auroc {kind}", _ranking(both)),
        ]
    return measures


def _judgements(judge: str, kind: str | None = None, *, against: bool = False) -> Columns:
    """Return score and whether people found support, of the rows of a type; `against`: and of supported others."""

    def columns(row: Row) -> tuple[float, float] | None:
        supported = row.case.answerable
        if kind not in (None, row.case.type) and not (against and supported):
            return None
        if row.record.failed:
            return -math.inf if supported else math.inf, float(supported)
        return row.record.scores[judge], float(supported)

    return columns


def _said(table: Table) -> Table:
    return (table[:, 0] >= YES).astype(float)


def _balanced(table: Table) -> float | None:
    return balanced_accuracy(_said(table), table[:, 1])


def _decided_apart(ours: Table, theirs: Table) -> int:
    """Return how many claims the other run decides otherwise; a score that moved on one side is no change."""
    return int((_said(ours) != _said(theirs)).sum())


def _auroc(table: Table) -> float | None:
    return auroc(table[table[:, 1] == 1, 0], table[table[:, 1] == 0, 0])


def _ranking(columns: Columns) -> Statistic:
    return Statistic(columns, _auroc, smaller_class, ranked_apart)


_AGREEMENT: dict[str, tuple[Callable[[Table], float | None], Callable[[Table], float]]] = {
    "balanced_accuracy": (_balanced, smaller_class),
    "precision": (lambda table: precision(_said(table), table[:, 1]), lambda table: float(_said(table).sum())),
    "recall": (lambda table: recall(_said(table), table[:, 1]), lambda table: float(table[:, 1].sum())),
}
