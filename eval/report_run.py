"""A run to be reported, and what can be read off it: verdicts by case, what changed, times by stage.

Knows no markup and no drawing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from eval.report_words import difference_verdict, interval, number
from eval.stats import Comparison, Figure
from eval.types import Outcome, Record, Reference, Row
from eval.withheld import withheld
from rag.types import ModelInfo

Setting: TypeAlias = str | int | float | bool | None
Point: TypeAlias = tuple[float, float]
"""A point of a risk-coverage curve: the share of cases that are answered, the share of those that are wrong."""


@dataclass(frozen=True, slots=True)
class Run:
    """One system on one suite, and the run it is compared with, if any.

    The first of the outcome's metrics is the headline. `scores` are by case id, of the headline measure, from 0 to
    1; a case without one is not judged by it. `comparisons` are by measure, this run minus `baseline`.
    `lower_is_better` names the measures of which less is better. `started` is ISO 8601.
    """

    name: str
    system: str
    suite: str
    started: str
    outcome: Outcome
    settings: Mapping[str, Setting] = field(default_factory=dict)
    settings_digest: str = ""
    models: tuple[ModelInfo, ...] = ()
    commit: str = ""
    seed: int = 0
    by_type: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    curve: Sequence[Point] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    lower_is_better: frozenset[str] = frozenset()
    baseline: "Run | None" = None
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)

    @property
    def headline(self) -> str | None:
        """The name of the first measure, None where no measure applied."""
        return next(iter(self.outcome.metrics), None)

    @property
    def labels(self) -> tuple[str, str]:
        """Two names that tell this run and its baseline apart; the second is "" where there is no baseline."""
        if self.baseline is None:
            return self.system, ""
        if self.system != self.baseline.system:
            return self.system, self.baseline.system
        return self.system, f"{self.baseline.system} before"

    @property
    def differs(self) -> list[str]:
        """In words which settings and models set the run apart from its baseline; none where nothing does."""
        if self.baseline is None:
            return []
        here, there = _decided_by(self), _decided_by(self.baseline)
        return [
            f"{name}: {here.get(name, 'none')} here, {there.get(name, 'none')} there"
            for name in dict.fromkeys([*here, *there])
            if here.get(name) != there.get(name)
        ]


def _decided_by(run: Run) -> dict[str, str]:
    models = {model.name: model.sha256[:12] for model in run.models}
    return {name: str(value) for name, value in run.settings.items()} | models


class Verdict(StrEnum):
    """What became of a case, worst first. The words are shown."""

    FAILED = "failed"
    WRONG = "wrong"
    TALKATIVE = "answered, though the documents do not say"
    SILENT = "silent, though the documents say"
    PARTLY = "partly right"
    UNJUDGED = "not judged"
    RIGHT = "right"


WRONG = (Verdict.FAILED, Verdict.WRONG, Verdict.TALKATIVE, Verdict.SILENT, Verdict.PARTLY)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what became of it and its headline score, None where there is none."""

    row: Row
    verdict: Verdict
    score: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A case that two runs scored differently. Rows are None where a run did not keep them."""

    case_id: str
    ours: float
    theirs: float
    row: Row | None
    before: Record | None

    @property
    def size(self) -> float:
        """How far the scores are apart."""
        return abs(self.ours - self.theirs)


@dataclass(frozen=True, slots=True)
class Changes:
    """The cases that got better and those that got worse, largest change first, and how many stayed."""

    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    same: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of figures, worded: ours, beside it what is published and what the baseline gave."""

    measure: str
    figure: Figure
    value: str
    interval: str
    failed: int
    references: tuple[Reference, ...]
    baseline: Figure | None
    comparison: Comparison | None
    verdict: str


def lines(run: Run) -> list[Line]:
    """Return the figures of a run in the order of its measures."""
    return [_line(run, measure, figure) for measure, figure in run.outcome.metrics.items()]


def _line(run: Run, measure: str, figure: Figure) -> Line:
    comparison = run.comparisons.get(measure)
    return Line(
        measure=measure,
        figure=figure,
        value=number(figure.value),
        interval=interval(figure),
        failed=run.outcome.failed,
        references=tuple(item for item in run.outcome.references if item.measure == measure),
        baseline=run.baseline.outcome.metrics.get(measure) if run.baseline else None,
        comparison=comparison,
        verdict=difference_verdict(comparison, lower_is_better=measure in run.lower_is_better),
    )


def judge(run: Run) -> list[Judged]:
    """Return what became of every row, in the order of the rows.

    The headline score decides. Where there is none, only silence at the wrong time can be told, and failure.
    """
    return [Judged(row, _verdict(run, row), run.scores.get(row.case.id)) for row in run.rows]


def _verdict(run: Run, row: Row) -> Verdict:
    if row.record.failed:
        return Verdict.FAILED
    score = run.scores.get(row.case.id)
    goodness = None if score is None else 1 - score if run.headline in run.lower_is_better else score
    if goodness is not None and goodness >= 1:
        return Verdict.RIGHT
    if row.record.abstained and row.case.answerable:
        return Verdict.SILENT
    if not withheld(row) and not row.case.answerable:
        return Verdict.TALKATIVE
    if goodness is None:
        return Verdict.UNJUDGED
    return Verdict.PARTLY if goodness > 0 else Verdict.WRONG


def changes(run: Run) -> Changes:
    """Return which cases the run scored better and worse than its baseline; none where there is no baseline."""
    if run.baseline is None:
        return Changes((), (), 0)
    rows = {row.case.id: row for row in run.rows}
    before = {row.case.id: row.record for row in run.baseline.rows}
    common = [case_id for case_id in run.scores if case_id in run.baseline.scores]
    found = [
        Change(case_id, run.scores[case_id], run.baseline.scores[case_id], rows.get(case_id), before.get(case_id))
        for case_id in common
    ]
    moved = sorted((change for change in found if change.size), key=lambda change: (-change.size, change.case_id))
    less_is_good = run.headline in run.lower_is_better
    better = tuple(change for change in moved if (change.ours > change.theirs) is not less_is_good)
    worse = tuple(change for change in moved if (change.ours > change.theirs) is less_is_good)
    return Changes(better, worse, len(common) - len(moved))


def types(run: Run) -> list[str]:
    """Return the types of question: those with figures first, then those that only rows have."""
    return list(dict.fromkeys([*run.by_type, *(row.case.type for row in run.rows)]))


def type_counts(run: Run) -> dict[str, tuple[int, int]]:
    """Return how many cases of each type there are among the rows, and how many of those failed."""
    counts: dict[str, tuple[int, int]] = {}
    for row in run.rows:
        cases, failed = counts.get(row.case.type, (0, 0))
        counts[row.case.type] = (cases + 1, failed + row.record.failed)
    return counts


def type_measures(run: Run) -> list[str]:
    """Return the measures that there are by type, in the order of the run's measures."""
    named = {measure for figures in run.by_type.values() for measure in figures}
    ordered = [measure for measure in run.outcome.metrics if measure in named]
    return [*ordered, *sorted(named.difference(ordered))]


def seconds_by_stage(rows: Sequence[Row]) -> dict[str, list[float]]:
    """Return the seconds of every stage that was timed: retrieve, read, generate, others, total."""
    found: dict[str, list[float]] = {}
    for row in rows:
        for stage, seconds in row.record.seconds.items():
            found.setdefault(stage, []).append(seconds)
    first = [stage for stage in ("retrieve", "read", "generate") if stage in found]
    last = ["total"] if "total" in found else []
    others = sorted(set(found).difference(first, last))
    return {stage: found[stage] for stage in (*first, *others, *last)}
