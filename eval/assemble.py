"""From the records of a run to what is reported of it: rows, figures, figures by type, comparisons.

Knows suites, measures and runs; reads and writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eval.journal import Finished
from eval.measures import (
    PEAK_MEMORY,
    RISK_COVERAGE_AREA,
    SUPPORTED_CLAIMS_LEXICAL,
    Statistic,
    by_type,
    latency_p50,
    latency_p95,
    outcome,
)
from eval.measures_compare import compare
from eval.metrics_abstention import risk_coverage
from eval.report_run import Run
from eval.stats import Comparison, Figure
from eval.types import AnswerSuite, Case, Measure, Outcome, Record, Row, Uses
from rag.errors import UsageError
from rag.types import ModelInfo


@dataclass(frozen=True, slots=True)
class Scored:
    """A suite with the records of a run and the figures they give."""

    suite: AnswerSuite
    finished: Finished
    rows: tuple[Row, ...]
    outcome: Outcome


# What is measured whatever is asked or read; of answers also how far their quotes carry them.
EVERYWHERE = (latency_p50(), latency_p95(), PEAK_MEMORY)
# Measures with these beginnings say something of the machine: no run is better or worse by them.
OF_THE_MACHINE = ("latency", "peak_memory")


def score(suite: AnswerSuite, finished: Finished) -> Scored:
    """Return the figures of a run: of stored records as well as of fresh ones."""
    named = {measure.name for measure in suite.measures}
    everywhere = (SUPPORTED_CLAIMS_LEXICAL, *EVERYWHERE) if suite.uses is Uses.ANSWERS else EVERYWHERE
    added = tuple(measure for measure in everywhere if measure.name not in named)
    suite = replace(suite, measures=(*suite.measures, *added))
    rows = rows_of(suite.cases, finished)
    header = finished.header
    figures = outcome(suite, rows, seed=header.seed, settings=header.settings_digest, notes=finished.notes)
    return Scored(suite, finished, rows, figures)


def rows_of(cases: Sequence[Case], finished: Finished) -> tuple[Row, ...]:
    """Return the cases with their records.

    Raises:
        UsageError: a case has no record.
    """
    records = finished.by_id()
    missing = [case.id for case in cases if case.id not in records]
    if missing:
        message = f"The run has no record of {len(missing)} of {len(cases)} cases (first: {missing[0]})."
        raise UsageError(message, hint="Finish it first: the same command with --resume.")
    return tuple(Row(case, records[case.id]) for case in cases)


def comparisons(ours: Scored, theirs: Scored) -> dict[str, Comparison]:
    """Return by measure how far two runs over the same cases are apart, ours minus theirs."""
    seed = ours.finished.header.seed
    found = {
        measure.name: compare(ours.rows, theirs.rows, measure=measure, seed=seed)
        for measure in ours.suite.measures
        if measure is not PEAK_MEMORY
    }
    return {name: comparison for name, comparison in found.items() if comparison is not None}


def report_run(ours: Scored, baseline: Scored | None = None) -> Run:
    """Return a run as the report shows it, beside a baseline where there is one."""
    header = ours.finished.header
    headline = headline_of(ours)
    # What was only read or judged has figures by type of its own, and no answers to look at.
    answers = ours.suite.uses is Uses.ANSWERS
    run = Run(
        name=" ".join(part for part in (header.started[:16].replace("T", " "), header.commit) if part),
        system=header.system,
        suite=header.suite,
        started=header.started,
        outcome=ours.outcome,
        settings=dict(header.settings),
        settings_digest=header.settings_digest,
        models=tuple(ModelInfo("", name, sha256) for name, sha256 in header.models.items()),
        commit=header.commit,
        seed=header.seed,
        by_type=_by_type(ours) if answers else {},
        rows=ours.rows if answers else (),
        curve=_curve(ours.rows) if answers else [],
        scores=case_scores(headline, ours.rows) if headline else {},
        lower_is_better=frozenset(m.name for m in ours.suite.measures if not m.higher_is_better),
    )
    if baseline is None:
        return run
    return replace(run, baseline=report_run(baseline), comparisons=comparisons(ours, baseline))


def headline_of(scored: Scored) -> Measure | None:
    """Return the first measure that applies to the rows."""
    named = {measure.name: measure for measure in scored.suite.measures}
    return next((named[name] for name in scored.outcome.metrics), None)


def case_scores(measure: Measure, rows: Sequence[Row]) -> Mapping[str, float]:
    """Return by case id what a measure gives each row on its own; a failed one that it applies to, the worst."""
    statistic = measure.compute
    if measure.per_row is None or not isinstance(statistic, Statistic):
        return {}
    found = ((row.case.id, statistic.columns(row)) for row in rows)
    return {case_id: columns[0] for case_id, columns in found if columns is not None}


class Tally:
    """The running score of a run: the mean of its headline measure."""

    def __init__(self, suite: AnswerSuite) -> None:
        self._cases = {case.id: case for case in suite.cases}
        self._measure = next((one for one in suite.measures if one.per_row is not None), None)
        self._scores: list[float] = []

    def after(self, record: Record) -> str:
        """Return the score in words once this record is counted, "" where there is none."""
        if self._measure is None:
            return ""
        self._scores += case_scores(self._measure, [Row(self._cases[record.id], record)]).values()
        return f"{self._measure.name} {sum(self._scores) / len(self._scores):.2f}" if self._scores else ""


def _curve(rows: Sequence[Row]) -> list[tuple[float, float]]:
    statistic = RISK_COVERAGE_AREA.compute
    assert isinstance(statistic, Statistic)
    counted = [numbers for row in rows if (numbers := statistic.columns(row)) is not None]
    return risk_coverage([confidence for confidence, _ in counted], [error for _, error in counted])


def _by_type(scored: Scored) -> dict[str, dict[str, Figure]]:
    seed = scored.finished.header.seed
    types: dict[str, dict[str, Figure]] = {}
    for measure in scored.suite.measures:
        if measure.name not in scored.outcome.metrics or measure.name.startswith(OF_THE_MACHINE):
            continue
        for kind, figure in by_type(measure, scored.rows, seed=seed).items():
            types.setdefault(kind, {})[measure.name] = figure
    return types
