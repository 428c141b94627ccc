"""The measures that suites are built from: from the rows of a run to figures with intervals.

Knows cases and records; knows no suite and no system. Whether a row counts is decided by its case wherever that
is possible, so that nothing leaves a mean by failing: a failed record scores the worst there is.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from eval.metrics_abstention import (
    area_under_risk_coverage,
    auroc,
    balanced_accuracy,
    f1,
    precision,
    recall,
)
from eval.metrics_answer import best_claim_f1, exact_match, groups_met, holds, right, token_f1
from eval.metrics_citation import (
    alce_precision,
    alce_recall,
    evidence_found,
    is_supported,
    lexical_support,
    parts_found,
    quote_hits,
    span_f1,
)
from eval.stats import Figure, Table, bootstrap_table, with_width
from eval.types import AnswerSuite, Case, ClaimRecord, Judge, Measure, Outcome, PerRow, Record, Row
from eval.withheld import corrected, withheld

Columns: TypeAlias = Callable[[Row], tuple[float, ...] | None]
"""From a row, failed or not, to the numbers a statistic needs of it; None where the row does not count."""

TOTAL = "total"
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Statistic:
    """The `compute` of our measures. Columns and value stand apart so that two runs can be drawn together.

    `trials` is there for shares: over how many the share is taken; it gives 0 and 1 their interval. `differing`
    counts the cases that tell two runs apart, where that is not each whose numbers differ.
    """

    columns: Columns
    value: Callable[[Table], float | None]
    trials: Callable[[Table], float] | None = None
    differing: Callable[[Table, Table], int] | None = None

    def __call__(self, rows: Sequence[Row], seed: int) -> Figure | None:
        """Return the figure of these rows, None where none counts or the value is undefined."""
        counted = [numbers for row in rows if (numbers := self.columns(row)) is not None]
        if not counted:
            return None
        table = np.asarray(counted, dtype=float)
        figure = bootstrap_table(table, self.value, seed=seed)
        return figure and (with_width(figure, trials=self.trials(table)) if self.trials else figure)


def mean_of(name: str, per_row: PerRow, *, higher_is_better: bool = True) -> Measure:
    """Return the mean of `per_row` over the rows to which it applies.

    A failed row scores 0.0, or 1.0 where lower is better. Whether the measure applies to it is asked with a
    record that says nothing in its place: `per_row` must take one.
    """
    worst = 0.0 if higher_is_better else 1.0

    def column(row: Row) -> tuple[float] | None:
        score = per_row(Row(row.case, _nothing(row)) if row.record.failed else row)
        if score is None:
            return None
        return (worst,) if row.record.failed else (score,)

    return Measure(name, Statistic(column, _mean, len), per_row, higher_is_better)


def _nothing(row: Row) -> Record:
    return Record(row.record.id, row.record.type, row.record.question)


def _mean(table: Table) -> float:
    return float(table.mean())


# Right answers


def _accuracy(row: Row) -> float | None:
    if not row.case.answerable:
        return float(withheld(row) and not _forbidden(row))
    return _answerable_accuracy(row)


def _answerable_accuracy(row: Row) -> float | None:
    case = row.case
    if not case.answerable or not (case.expected or case.forbidden):
        return None
    if row.record.abstained or not row.record.answer:
        return 0.0
    return right(row.record.answer, case.expected, forbidden=case.forbidden)


def _forbidden(row: Row) -> bool:
    return any(holds(row.record.answer, wanted) for wanted in row.case.forbidden)


def _expecting(score: Callable[[Record, Case], float], *, least: int = 1) -> PerRow:
    """Return a score of answerable rows with at least `least` groups of expected strings."""

    def per_row(row: Row) -> float | None:
        if not row.case.answerable or len(row.case.expected) < least:
            return None
        return 0.0 if row.record.abstained else score(row.record, row.case)

    return per_row


def _claims(record: Record) -> list[str]:
    return [claim.shown for claim in record.claims] or [record.answer]


def _short_f1(record: Record, case: Case) -> float:
    """Return the F1 of the words that are told to be the answer; of the best sentence where none are told.

    The best one is picked knowing the gold, so there this bounds from above.
    """
    golds = case.expected[0]
    return token_f1(record.short, golds) if record.short else best_claim_f1(_claims(record), golds)


def _attributed(record: Record, case: Case) -> float:
    said = [record.answer, *(quote.speaker or "" for claim in record.claims for quote in claim.quotes)]
    return float(any(holds(text, name) for text in said for name in case.expected[0]))


def _attribution(row: Row) -> float | None:
    is_wanted = row.case.type.replace("-", "_").startswith("who_said")
    return _expecting(_attributed)(row) if is_wanted else None


ACCURACY = mean_of("accuracy", _accuracy)
ANSWERABLE_ACCURACY = mean_of("answerable_accuracy", _answerable_accuracy)
EXACT_MATCH = mean_of(
    "exact_match", _expecting(lambda record, case: exact_match(record.short or record.answer, case.expected[0]))
)
F1 = mean_of("f1", _expecting(lambda record, case: token_f1(record.answer, case.expected[0])))
SHORT_F1 = mean_of("short_f1", _expecting(lambda record, case: _short_f1(record, case)))
GROUPS_MET = mean_of("groups_met", _expecting(lambda record, case: groups_met(record.answer, case.expected)))
BOTH_SIDES = mean_of("both_sides", _expecting(lambda record, case: right(record.answer, case.expected), least=2))
ATTRIBUTION = mean_of("attribution", _attribution)


# Silence


def _silence(row: Row) -> tuple[float, float]:
    """Return whether the row was silent, and whether that is right; a failure did the wrong one of the two."""
    answerable = row.case.answerable
    silent = answerable if row.record.failed else withheld(row)
    return float(silent), float(not answerable)


def _decision(row: Row) -> tuple[float, float]:
    """Return whether the row was taken for answerable, and whether it is; a failure is taken for the other."""
    answerable = row.case.answerable
    taken = not answerable if row.record.failed else not withheld(row)
    return float(taken), float(answerable)


def _sureness(row: Row) -> tuple[float, float] | None:
    """Return confidence and whether there is an answer; the confidence of a failure is as wrong as can be.

    Where the documents correct the premise, being sure and being unsure are both in order: no such row counts.
    """
    answerable = row.case.answerable
    if row.case.correction:
        return None
    worst = -math.inf if answerable else math.inf
    return worst if row.record.failed else row.record.confidence, float(answerable)


def _risk(row: Row) -> tuple[float, float] | None:
    """Return confidence and error, as if every question had been answered.

    An unanswerable row is an error wherever it is answered, unless with the correction. What a system would have
    said in place of its silence is not known: such a row counts as an error too, at the confidence it has.
    """
    if row.record.failed:
        return (math.inf, 1.0) if _applies(_accuracy, row) else None
    if not row.case.answerable:
        return row.record.confidence, float(not corrected(row))
    score = _answerable_accuracy(row)
    return None if score is None else (row.record.confidence, 1.0 - score)


def _applies(per_row: PerRow, row: Row) -> bool:
    return per_row(Row(row.case, _nothing(row))) is not None


def _recognised(row: Row) -> float | None:
    return None if row.case.answerable else float(withheld(row))


def _refused(row: Row) -> float | None:
    return float(row.record.abstained) if row.case.answerable else None


def smaller_class(table: Table) -> float:
    """Return the number of rows of the smaller class, which says least; of the only one where there is one.

    The variance of an AUROC A is at most A(1 - A) over it (Birnbaum and Klose, Bounds for the Variance of the
    Mann-Whitney Statistic, 1957), and that of a balanced accuracy, the mean of two shares, as well.
    """
    sizes = [float(np.sum(table[:, 1] == kind)) for kind in (0, 1)]
    return min(filter(None, sizes))


def ranked_apart(ours: Table, theirs: Table) -> int:
    """Return how many cases of the smaller class have other numbers in the other run.

    A confidence changes with every run, and a rank tells only something against the other class: of 100 pairs of
    runs that differ by noise alone, with two unanswerable questions of thirty, 13 had an interval that leaves out
    0; with six or more, about 6 (simulated).
    """
    differs = (ours != theirs).any(axis=1)
    kinds = ((ours[:, 1] >= _HALF) | (theirs[:, 1] >= _HALF), (ours[:, 1] < _HALF) | (theirs[:, 1] < _HALF))
    return max(min(int((differs & kind).sum()) for kind in kinds), int(differs.any()))


ABSTENTION_PRECISION = Measure(
    "abstention_precision",
    Statistic(
        _silence, lambda table: precision(table[:, 0], table[:, 1]), trials=lambda table: float(table[:, 0].sum())
    ),
)
ABSTENTION_RECALL = Measure(
    "abstention_recall",
    Statistic(
        _silence, lambda table: recall(table[:, 0], table[:, 1]), trials=lambda table: float(table[:, 1].sum())
    ),
)
ABSTENTION_F1 = Measure(
    "abstention_f1", Statistic(_silence, lambda table: f1(table[:, 0], table[:, 1]), smaller_class)
)
BALANCED_ACCURACY = Measure(
    "balanced_accuracy",
    Statistic(_decision, lambda table: balanced_accuracy(table[:, 0], table[:, 1]), smaller_class),
)
UNANSWERABLE_RECOGNISED = mean_of("unanswerable_recognised", _recognised)
ANSWERABLE_REFUSED = mean_of("answerable_refused", _refused, higher_is_better=False)
DECISION_AUROC = Measure(
    "decision_auroc",
    Statistic(
        _sureness,
        lambda table: auroc(table[table[:, 1] == 1, 0], table[table[:, 1] == 0, 0]),
        smaller_class,
        ranked_apart,
    ),
)
RISK_COVERAGE_AREA = Measure(
    "risk_coverage_area",
    Statistic(_risk, lambda table: area_under_risk_coverage(table[:, 0], table[:, 1]), len, ranked_apart),
    higher_is_better=False,
)


# Citations


def _citing(score: Callable[[Record, Case], float], *, quoted: bool = False) -> PerRow:
    """Return a score of answerable rows with gold evidence (`quoted`: with its words known); silence scores 0."""

    def per_row(row: Row) -> float | None:
        has_gold = any(evidence.quote for evidence in row.case.evidence) if quoted else bool(row.case.evidence)
        return score(row.record, row.case) if row.case.answerable and has_gold else None

    return per_row


def _answered(per_row: PerRow) -> PerRow:
    return lambda row: None if row.record.abstained else per_row(row)


CITATION_PRECISION_GOLD = mean_of("citation_precision_gold", _answered(_citing(quote_hits)))
CITATION_RECALL_GOLD = mean_of("citation_recall_gold", _citing(evidence_found))
CITATION_PARTS_GOLD = mean_of("citation_parts_gold", _citing(parts_found))
SPAN_F1 = mean_of("span_f1", _citing(span_f1, quoted=True))


def citation_precision(name: str, judge: Judge) -> Measure:
    """Return ALCE's citation precision, the mean over rows that were answered; no quotes score 0."""
    return mean_of(name, _answered(lambda row: alce_precision(row.record.claims, judge)))


def citation_recall(name: str, judge: Judge) -> Measure:
    """Return ALCE's citation recall, the mean over rows that were answered; no claims score 0."""
    return mean_of(name, _answered(lambda row: alce_recall(row.record.claims, judge)))


def supported_claims(name: str, judge: Judge) -> Measure:
    """Return the share of claims that a judge says their quotes support; see `claims_passing`."""
    return claims_passing(name, lambda claim: is_supported(claim, judge))


def claims_passing(name: str, passes: Callable[[ClaimRecord], bool]) -> Measure:
    """Return the share of all claims of all rows that pass.

    Rows are resampled, not claims, and `n` counts rows with a claim. A failed row counts as one claim that does
    not pass. A claim that is its own quote counts like any other.
    """

    def columns(row: Row) -> tuple[float, float] | None:
        if row.record.failed:
            return 0.0, 1.0
        claims = row.record.claims
        return (float(sum(map(passes, claims))), float(len(claims))) if claims else None

    # Claims of one answer stand or fall together: the trials are the answers.
    return Measure(name, Statistic(columns, lambda table: float(table[:, 0].sum() / table[:, 1].sum()), len))


SUPPORTED_CLAIMS_LEXICAL = supported_claims("supported_claims_lexical", lexical_support)


# Time


def _latency(stage: str, q: float) -> Measure:
    def columns(row: Row) -> tuple[float] | None:
        seconds = row.record.seconds
        if stage == TOTAL and seconds:
            return (seconds.get(TOTAL, math.fsum(seconds.values())),)
        return (seconds[stage],) if stage in seconds else None

    return Measure(
        f"latency_p{round(q * 100)}_{stage}",
        Statistic(columns, lambda table: float(np.quantile(table, q))),
        higher_is_better=False,
    )


def latency_p50(stage: str = TOTAL) -> Measure:
    """Return the median seconds of a stage ("total": of all) over the rows that went through it."""
    return _latency(stage, 0.5)


def latency_p95(stage: str = TOTAL) -> Measure:
    """Return the seconds of a stage that 95 % of the rows that went through it stay within."""
    return _latency(stage, 0.95)


def _peak_memory(rows: Sequence[Row], _seed: int) -> Figure | None:
    peaks = [sum(row.record.memory_bytes.values()) / 1e6 for row in rows if row.record.memory_bytes]
    return Figure(max(peaks), max(peaks), max(peaks), len(peaks)) if peaks else None


# One number of a whole run: there is nothing to draw again, so its interval has no width. The peaks of our process
# and the generator's are added up; both may not have been at the same moment.
PEAK_MEMORY = Measure("peak_memory_mb", _peak_memory, higher_is_better=False)


# Runs


def by_type(measure: Measure, rows: Sequence[Row], *, seed: int) -> dict[str, Figure]:
    """Return the figure for every type of question that has one, in the order of the types' names."""
    types = sorted({row.case.type for row in rows})
    figures = {kind: measure.compute([row for row in rows if row.case.type == kind], seed) for kind in types}
    return {kind: figure for kind, figure in figures.items() if figure is not None}


def outcome(
    suite: AnswerSuite, rows: Sequence[Row], *, seed: int, settings: str = "", notes: Sequence[str] = ()
) -> Outcome:
    """Return the figures of all measures of a suite that apply to these rows.

    Raises:
        ValueError: two measures have one name.
    """
    names = [measure.name for measure in suite.measures]
    if len(set(names)) < len(names):
        raise ValueError(f"two measures of {suite.name} have one name: {sorted(names)}")
    figures = {measure.name: measure.compute(rows, seed) for measure in suite.measures}
    return Outcome(
        suite=suite.name,
        n=len(rows),
        failed=sum(row.record.failed for row in rows),
        metrics={name: figure for name, figure in figures.items() if figure is not None},
        references=suite.references,
        settings=settings,
        notes=tuple(notes),
        no_reference=suite.no_reference,
    )
