"""The page of a run: one HTML file that needs nothing else, neither a script nor the network.

Every text is escaped by the template engine, and characters that hide text are spelled out: what documents and
models wrote is shown and never becomes markup. Knows how a page is put together; knows no formula.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from eval import report_charts as charts
from eval import report_shown as shown
from eval import report_words as words
from eval.report_run import (
    WRONG,
    Changes,
    Judged,
    Line,
    Run,
    Verdict,
    changes,
    judge,
    lines,
    seconds_by_stage,
    type_counts,
    type_measures,
    types,
)
from eval.stats import LEAST_DIFFERING, Figure
from eval.types import Row

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_COVERAGES = (0.25, 0.5, 0.75, 0.9, 1.0)
# More suites than this are drawn in two charts beside each other.
_LONG_OVERVIEW = 3


@dataclass(frozen=True, slots=True)
class _Kind:
    """A choice of the filter: its number names it in markup, for its words may hold anything."""

    number: int
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A case that went wrong; `marks` are the classes by which the filters find it."""

    row: Row
    verdict: Verdict
    score: float | None
    marks: str


@dataclass(frozen=True, slots=True)
class _TypeRow:
    """One type of question in the table of one measure."""

    type: str
    cases: int | None
    failed: int | None
    figure: Figure
    baseline: Figure | None


@dataclass(frozen=True, slots=True)
class _TypeTable:
    """One measure by type, drawn and in figures."""

    measure: str
    rows: tuple[_TypeRow, ...]
    chart: "Markup"


@dataclass(frozen=True, slots=True)
class _StageRow:
    """How long a stage took over the cases that were timed, and its median in the baseline."""

    stage: str
    n: int
    median: float
    p95: float
    longest: float
    baseline: float | None


@dataclass(frozen=True, slots=True)
class _Section:
    """A run as the template wants it. `name` is unique on the page and stands in ids."""

    name: str
    run: Run
    ours: str
    theirs: str
    lines: list[Line]
    type_tables: list[_TypeTable]
    stages: list[_StageRow]
    judged: list[Judged]
    wrong: list[_Wrong]
    wrong_types: list[_Kind]
    wrong_verdicts: list[_Kind]
    right: list[Judged]
    changes: Changes
    settings: list[tuple[str, str, str]]
    risks: list[tuple[float, str, str]]
    figures_chart: "Markup | None"
    difference_chart: "Markup | None"
    risk_chart: "Markup | None"
    latency_chart: "Markup | None"

    @property
    def headline(self) -> Line | None:
        """The first figure, None where no measure applied."""
        return self.lines[0] if self.lines else None


def render(run: Run) -> str:
    """Return the whole page of one run. The same run gives the same page."""
    return _page([run], title=f"{run.suite} · {run.system}")


def render_all(runs: Sequence[Run]) -> str:
    """Return one page of several runs: a table of their headline figures, then each run, folded."""
    return _page(runs, title=f"Evaluation of {', '.join(dict.fromkeys(run.system for run in runs)) or 'nothing'}")


def _page(runs: Sequence[Run], *, title: str) -> str:
    from markupsafe import Markup

    sections = [_section(run, f"s{place}") for place, run in enumerate(runs)]
    style = Markup(_resource("report.css"))  # noqa: S704 - a file of ours
    template = _environment().get_template("report.html")
    overview = _overview(sections) if len(sections) > 1 else []
    return template.render(sections=sections, overview=overview, title=title, style=style)


@cache
def _environment() -> "Environment":
    # Loaded here and not at import: only a page needs it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (
        words.number,
        words.signed,
        words.interval,
        words.difference_interval,
        words.duration,
        words.unit,
    ):
        environment.filters[function.__name__] = function
    environment.globals["least_differing"] = LEAST_DIFFERING
    return environment


def _resource(name: str) -> str:
    return resources.files("eval").joinpath(name).read_text(encoding="utf-8")


def _drawn(svg: str) -> "Markup":
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 - the drawing escapes every name


def _shown(value: object) -> object:
    """Spell out what hides, in everything that is put on the page; markup of ours passes."""
    if hasattr(value, "__html__"):
        return value
    return words.visible(value) if isinstance(value, str) else value


def _section(run: Run, name: str) -> _Section:
    judged = judge(run)
    wrong = _wrong(judged, types(run))
    ours, theirs = run.labels
    return _Section(
        name=name,
        run=run,
        ours=ours,
        theirs=theirs,
        lines=lines(run),
        type_tables=[
            _type_table(run, measure, name=f"{name}-type{place}")
            for place, measure in enumerate(type_measures(run))
        ],
        stages=_stages(run),
        judged=judged,
        wrong=wrong,
        wrong_types=_kinds([item.row.case.type for item in wrong], types(run)),
        wrong_verdicts=_kinds([item.verdict for item in wrong], WRONG),
        right=[item for item in judged if item.verdict is Verdict.RIGHT],
        changes=changes(run),
        settings=_settings(run),
        risks=_risks(run),
        figures_chart=_figures_chart(run, name),
        difference_chart=_difference_chart(run, name),
        risk_chart=_risk_chart(run, name),
        latency_chart=_latency_chart(run, name),
    )


def _overview(sections: Sequence[_Section]) -> list["Markup"]:
    """Return the headline figures of several runs, drawn: in one chart, or in two where there are many."""
    several = len({section.run.system for section in sections}) > 1
    bars = [
        _bar(section.run, section.headline, label=_suite_label(section, several=several))
        for section in sections
        if section.headline
    ]
    half = len(bars) if len(bars) <= _LONG_OVERVIEW else (len(bars) + 1) // 2
    parts = [part for part in (bars[:half], bars[half:]) if part]
    return [
        _drawn(charts.figures(part, name=f"overview{place}", title="Headline figures by suite"))
        for place, part in enumerate(parts)
    ]


def _suite_label(section: _Section, *, several: bool) -> str:
    measure = section.headline.measure if section.headline else ""
    return " · ".join([section.run.suite, *([section.run.system] if several else []), measure])


def _bar(run: Run, line: Line, *, label: str) -> shown.Bar:
    published = tuple(reference.value for reference in line.references if reference.published)
    return shown.Bar(label, line.figure, line.baseline, published, line.measure in run.lower_is_better)


def _short_labels(run: Run) -> tuple[str, str]:
    """Return names of a run and its baseline that a legend has room for."""
    short = all(len(label) <= charts.LEGEND_NAME_CHARS for label in run.labels)
    return run.labels if short else ("this run", "baseline")


def _figures_chart(run: Run, name: str) -> "Markup | None":
    bars = [_bar(run, line, label=line.measure) for line in lines(run)]
    if not bars:
        return None
    _, theirs = _short_labels(run)
    return _drawn(charts.figures(bars, name=f"{name}-bars", title="Figures", baseline=theirs))


def _difference_chart(run: Run, name: str) -> "Markup | None":
    found = [
        shown.Difference(line.measure, line.comparison, line.measure in run.lower_is_better)
        for line in lines(run)
        if line.comparison
    ]
    ours, theirs = run.labels
    title = f"Differences, {ours} minus {theirs}"
    return _drawn(charts.differences(found, name=f"{name}-differences", title=title)) if found else None


def _risk_chart(run: Run, name: str) -> "Markup | None":
    ours, theirs = _short_labels(run)
    curves = [(ours, run.curve), (theirs, run.baseline.curve if run.baseline else ())]
    return _drawn(charts.risk_coverage(curves, name=f"{name}-risk")) if run.curve else None


def _latency_chart(run: Run, name: str) -> "Markup | None":
    stages = seconds_by_stage(run.rows)
    return _drawn(charts.latency(stages, name=f"{name}-times")) if stages else None


def _wrong(judged: Sequence[Judged], kinds: Sequence[str]) -> list[_Wrong]:
    """Return the cases that went wrong, by what went wrong, worst first."""
    found = [item for item in judged if item.verdict in WRONG]
    return [
        _Wrong(item.row, item.verdict, item.score, _marks(item, kinds))
        for item in sorted(found, key=lambda item: WRONG.index(item.verdict))
    ]


def _marks(item: Judged, kinds: Sequence[str]) -> str:
    return f"t{kinds.index(item.row.case.type)} v{WRONG.index(item.verdict)}"


def _settings(run: Run) -> list[tuple[str, str, str]]:
    """Return the settings of a run and its baseline side by side, those that either has."""
    theirs = run.baseline.settings if run.baseline else {}
    names = dict.fromkeys([*run.settings, *theirs])
    return [(name, str(run.settings.get(name, "–")), str(theirs.get(name, "–"))) for name in names]


def _kinds(found: Sequence[str], order: Sequence[str]) -> list[_Kind]:
    return [_Kind(place, item, found.count(item)) for place, item in enumerate(order) if item in found]


def _type_table(run: Run, measure: str, *, name: str) -> _TypeTable:
    theirs = run.baseline.by_type if run.baseline else {}
    counts = type_counts(run)
    rows = []
    for kind, figures in run.by_type.items():
        if measure in figures:
            cases, failed = counts.get(kind, (None, None))
            rows.append(_TypeRow(kind, cases, failed, figures[measure], theirs.get(kind, {}).get(measure)))
    _, baseline = _short_labels(run)
    bars = [shown.Bar(row.type, row.figure, row.baseline) for row in rows]
    chart = charts.figures(bars, name=name, title=f"{measure} by type", baseline=baseline)
    return _TypeTable(measure, tuple(rows), _drawn(chart))


def _stages(run: Run) -> list[_StageRow]:
    theirs = seconds_by_stage(run.baseline.rows) if run.baseline else {}
    return [
        _StageRow(
            stage=stage,
            n=len(seconds),
            median=words.quantile(seconds, 0.5),
            p95=words.quantile(seconds, 0.95),
            longest=max(seconds),
            baseline=words.quantile(theirs[stage], 0.5) if stage in theirs else None,
        )
        for stage, seconds in seconds_by_stage(run.rows).items()
    ]


def _risks(run: Run) -> list[tuple[float, str, str]]:
    theirs = run.baseline.curve if run.baseline else ()
    return [
        (
            coverage,
            words.risk_text(words.risk_at(run.curve, coverage)),
            words.risk_text(words.risk_at(theirs, coverage)),
        )
        for coverage in _COVERAGES
    ]
