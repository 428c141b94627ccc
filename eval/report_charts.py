"""Charts as inline SVG, drawn by matplotlib: figures and differences with intervals, risk by coverage, times.

Knows numbers, names and the names of the style sheet's colours; knows no run and no page. The style sheet gives
every colour and font, so that one picture is right in light and dark; `report_svg` makes it fit for a page.
The same input gives the same bytes. matplotlib is loaded when a chart is drawn, and not before.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from eval import report_shown as shown
from eval.report_svg import KIND, Ink, Words, inline
from eval.report_words import duration, number, quantile, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_Row = TypeVar("_Row")

# Pixels of a picture that is about as wide as a telephone: its words are as large there as they are meant to be.
_WIDTH = 400
_ROW = 42
_BAND_AT, _BAND_BELOW = 27, 13
_THICK = 9
_LEGEND_LINE = 20
_TICKS = 24
_CURVE_HEIGHT, _CURVE_LEFT = 190, 38
_STAGE, _STAGE_BAND = 62, 34
_LARGE, _SMALL = 13, 12
# What a letter takes in a wide font, the bold ones of values a little more.
_LETTER, _BOLD_LETTER = 8, 9
LEGEND_NAME_CHARS = 30
_LEGEND_CHARS = 52
_LESS = ", less is better"
_BINS_PER_DECADE = 8
# matplotlib draws bars at 1, lines at 2.
_BEHIND = 0
# Clocks and rounding make shorter times meaningless.
_LEAST_SECONDS = 1e-4


@dataclass(frozen=True, slots=True)
class _Key:
    """How something is drawn, and what the legend calls it."""

    words: str
    ink: Ink
    fill: Ink = Ink.CARD
    marker: str = ""
    line: Literal["-", "--", "none"] = "none"

    def handle(self, words: str = "", points: Sequence[tuple[float, float]] = ()) -> "Line2D":
        """Return it as a line with markers."""
        from matplotlib.lines import Line2D

        return Line2D(
            [x for x, _ in points], [y for _, y in points], label=words, color=self.ink, linestyle=self.line,
            linewidth=1.6, marker=self.marker, markersize=6, markerfacecolor=self.fill, markeredgecolor=self.ink,
            markeredgewidth=1.6,
        )  # fmt: skip


_INTERVAL = _Key("95 % interval", Ink.INK, line="-")
_PUBLISHED = _Key("published", Ink.GEM, marker="D")


class _Chart:
    """A matplotlib figure measured in pixels from its top, where the legend is."""

    def __init__(self, keys: Sequence[_Key], *, height: float) -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure as Canvas

        self.words = Words()
        columns = _columns([min(len(key.words), LEGEND_NAME_CHARS) for key in keys])
        self._top = math.ceil(len(keys) / max(1, columns)) * _LEGEND_LINE
        self._height = height + self._top
        # An SVG of matplotlib has 72 units to the inch.
        self._canvas = Canvas(figsize=(_WIDTH / 72, self._height / 72), dpi=72)
        FigureCanvasSVG(self._canvas)
        self._canvas.patch.set_visible(False)
        if keys:
            self._legend(keys, columns)

    def _legend(self, keys: Sequence[_Key], columns: int) -> None:
        handles = [key.handle(self.words.hold(key.words, chars=LEGEND_NAME_CHARS)) for key in keys]
        self._canvas.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, borderpad=0,
            borderaxespad=0, handlelength=1.4, handletextpad=0.5, columnspacing=1.4, fontsize=_SMALL,
            labelcolor=Ink.SOFT,
        )  # fmt: skip

    def axes(self, *, top: float, height: float, ends: shown.Ends, left: float = 0) -> "Axes":
        """Return axes from `left` to the right edge: x from end to end, y in pixels down from their top."""
        bottom = self._height - self._top - top - height
        place = (left / _WIDTH, bottom / self._height, 1 - left / _WIDTH, height / self._height)
        axes = self._canvas.add_axes(place)
        axes.set(xlim=ends, ylim=(height, 0), xticks=[], yticks=[], facecolor="none")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, pad=5, labelsize=_SMALL, labelcolor=Ink.SOFT)
        return axes

    def row(self, axes: "Axes", y: float, *, words: tuple[str, str, str], lower_is_better: bool = False) -> None:
        """Write what a row shows: its name at the left, paler what it rests on, its value at the right.

        A name that would run into the value is cut; the table beside the chart has it whole.
        """
        label, soft, value = words
        room = (_WIDTH - _BOLD_LETTER * (len(value) + 1)) // _LETTER
        if lower_is_better and len(f"{label} {soft}{_LESS}") < room:
            soft += _LESS
        across = axes.get_yaxis_transform()
        held = self.words.hold(label, soft=soft, chars=room - len(soft) - 1)
        axes.text(0, y, held, transform=across, fontsize=_LARGE, color=Ink.INK)
        axes.text(1, y, value, transform=across, fontsize=_LARGE, color=Ink.INK, ha="right", weight="bold")

    def svg(self, *, name: str, title: str, told: str) -> str:
        """Return the chart as markup."""
        drawn = BytesIO()
        self._canvas.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
        return inline(drawn.getvalue(), name=name, title=title, told=told, words=self.words)


def _columns(lengths: Sequence[int]) -> int:
    """Return in how many columns names of such lengths fit beside each other, each with its key."""
    if sum(lengths) + 5 * len(lengths) <= _LEGEND_CHARS:
        return len(lengths)
    return 2 if max(lengths) <= _LEGEND_CHARS // 2 - 5 else 1


@contextmanager
def _drawing(name: str) -> Iterator[None]:
    """Draw by matplotlib's own rules and ours, whatever the user's settings are; put those back afterwards."""
    from matplotlib import rc_context, rcdefaults, rcParams

    with rc_context():
        rcdefaults()
        rcParams.update({"svg.fonttype": "none", "svg.hashsalt": name})
        yield


def _ticks(axes: "Axes", found: shown.Ticks) -> None:
    """Write what places on the x axis stand for; the first and the last stay inside the picture."""
    axes.set_xticks([place for place, _ in found], [words for _, words in found])
    labels = axes.get_xticklabels()
    labels[0].set_horizontalalignment("left")
    labels[-1].set_horizontalalignment("right")


def _panels(
    chart: _Chart, panels: Mapping[shown.Ends, list[_Row]], words: Callable[[shown.Ends], shown.Ticks]
) -> Iterator[tuple["Axes", list[_Row]]]:
    """Yield axes below each other, with the rows that each is for."""
    top = 0
    for ends, rows in panels.items():
        axes = chart.axes(top=top, height=len(rows) * _ROW, ends=ends)
        _ticks(axes, words(ends))
        yield axes, rows
        top += len(rows) * _ROW + _TICKS


def _whiskers(axes: "Axes", spans: Iterable[tuple[float, float, float]]) -> None:
    """Draw intervals: (y, low, high). One that is not known is left out."""
    known = [span for span in spans if all(map(math.isfinite, span))]
    levels, lows, highs = ([span[part] for span in known] for part in range(3))
    axes.hlines(levels, lows, highs, color=Ink.INK, linewidth=1.5, gid=f"{KIND}whisker")
    axes.plot(lows + highs, levels * 2, color=Ink.INK, linestyle="none", marker="|", markersize=7)


def _marks(axes: "Axes", points: Iterable[tuple[float, float]], *, key: _Key, kind: str) -> None:
    """Draw a mark at every (x, y) that is known."""
    known = [point for point in points if math.isfinite(point[0])]
    if known:
        marks = key.handle(points=known)
        marks.set_gid(KIND + kind)
        axes.add_line(marks)


# Figures


def figures(bars: Sequence[shown.Bar], *, name: str, title: str, baseline: str = "") -> str:
    """Return a bar to each value and a whisker over its interval.

    Diamonds stand for what is published, a ring for the baseline, which is called `baseline`. Figures that do not
    lie between 0 and 1 have axes of their own, below the others.
    """
    keys = [_INTERVAL]
    if any(bar.baseline for bar in bars):
        keys.append(_baseline_key(baseline))
    if any(bar.published for bar in bars):
        keys.append(_PUBLISHED)
    panels: dict[shown.Ends, list[shown.Bar]] = {}
    for bar in sorted(bars, key=lambda bar: bar.ends != (0, 1)):
        panels.setdefault(bar.ends, []).append(bar)
    with _drawing(name):
        chart = _Chart(keys, height=len(bars) * _ROW + len(panels) * _TICKS)
        for axes, rows in _panels(chart, panels, shown.ticks):
            _draw_bars(chart, axes, rows)
        return chart.svg(name=name, title=title, told="; ".join(bar.told for bar in bars))


def _baseline_key(name: str) -> _Key:
    return _Key(name or "baseline", Ink.THEIRS, marker="o")


def _draw_bars(chart: _Chart, axes: "Axes", bars: Sequence[shown.Bar]) -> None:
    low, high = axes.get_xlim()
    levels = [place * _ROW + _BAND_AT for place in range(len(bars))]
    both = list(zip(levels, bars, strict=True))
    for y, bar in both:
        row = (bar.label, f"n {bar.figure.n}", number(bar.figure.value))
        chart.row(axes, y - _BAND_BELOW, words=row, lower_is_better=bar.lower_is_better)
    axes.hlines(levels, low, high, color=Ink.FAINT, linewidth=_THICK, zorder=_BEHIND)
    known = [(y, bar.figure.value) for y, bar in both if math.isfinite(bar.figure.value)]
    ys, values = [y for y, _ in known], [value for _, value in known]
    axes.barh(ys, values, height=_THICK, color=Ink.OURS_FILL, gid=f"{KIND}bar")
    _whiskers(axes, ((y, bar.figure.low, bar.figure.high) for y, bar in both))
    theirs = [(bar.baseline.value, y) for y, bar in both if bar.baseline]
    _marks(axes, theirs, key=_baseline_key(""), kind="baseline")
    _marks(axes, [(value, y) for y, bar in both for value in bar.published], key=_PUBLISHED, kind="published")


# Differences


def differences(found: Sequence[shown.Difference], *, name: str, title: str) -> str:
    """Return a dot at each difference and a whisker over its interval; hollow where it could be chance.

    Differences that do not lie between -1 and 1 have axes of their own, below the others.
    """
    alone = {item: item.ends for item in found}
    near = [item for item in found if alone[item][1] <= 1]
    panels = {shown.difference_axis(item.comparison for item in near): near} if near else {}
    for item in found:
        if alone[item][1] > 1:
            panels.setdefault(alone[item], []).append(item)
    keys = [_INTERVAL, *dict.fromkeys(map(_difference_key, found))]
    with _drawing(name):
        chart = _Chart(keys, height=len(found) * _ROW + len(panels) * _TICKS)
        for axes, rows in _panels(chart, panels, shown.difference_ticks):
            _draw_differences(chart, axes, rows)
        return chart.svg(name=name, title=title, told="; ".join(item.told for item in found))


def _difference_key(item: shown.Difference) -> _Key:
    if not item.comparison.is_real:
        return _Key("not real", Ink.SOFT, marker="o")
    is_better = item.verdict == "real: better"
    ink = Ink.GOOD if is_better else Ink.ILL
    return _Key("better" if is_better else "worse", ink, fill=ink, marker="o")


def _draw_differences(chart: _Chart, axes: "Axes", rows: Sequence[shown.Difference]) -> None:
    low, high = axes.get_xlim()
    levels = [place * _ROW + _BAND_AT for place in range(len(rows))]
    axes.hlines(levels, low, high, color=Ink.FAINT, linewidth=1.5, zorder=_BEHIND)
    axes.vlines([0] * len(rows), [y - 8 for y in levels], [y + 8 for y in levels], color=Ink.SOFT, linewidth=1.2)
    both = list(zip(levels, rows, strict=True))
    for y, item in both:
        row = (item.label, f"n {item.comparison.counted}", signed(item.comparison.difference))
        chart.row(axes, y - _BAND_BELOW, words=row, lower_is_better=item.lower_is_better)
    _whiskers(axes, ((y, item.comparison.low, item.comparison.high) for y, item in both))
    for y, item in both:
        kind = "real" if item.comparison.is_real else "chance"
        _marks(axes, [(item.comparison.difference, y)], key=_difference_key(item), kind=kind)


# Risk by coverage


def risk_coverage(curves: Sequence[tuple[str, Sequence[tuple[float, float]]]], *, name: str) -> str:
    """Return the share of wrong answers against the share answered, of one run or two; the second is dashed."""
    known = [
        (label, sorted(point for point in curve if all(map(math.isfinite, point)))) for label, curve in curves
    ]
    styles: tuple[tuple[Ink, Literal["-", "--"]], ...] = ((Ink.OURS, "-"), (Ink.THEIRS, "--"))
    drawn = [
        (curve, _Key(label, ink, line=line, marker="o" if len(curve) == 1 else ""))
        for (label, curve), (ink, line) in zip(known, styles, strict=False)
        if curve
    ]
    most = max((risk for curve, _ in drawn for _, risk in curve), default=1.0)
    top = min(1.0, shown.round_up(most)) if most > 0 else 1.0
    with _drawing(name):
        chart = _Chart([key for _, key in drawn], height=_CURVE_HEIGHT + 64)
        axes = chart.axes(top=24, height=_CURVE_HEIGHT, ends=(0, 1), left=_CURVE_LEFT)
        axes.set(ylim=(0, top))
        levels = shown.ticks((0, top))
        axes.set_yticks([level for level, _ in levels], [words for _, words in levels])
        axes.grid(axis="y", color=Ink.FAINT, linewidth=1)
        axes.axhline(0, color=Ink.SOFT, linewidth=1)
        _ticks(axes, shown.ticks((0, 1)))
        axes.set_xlabel("coverage: share of cases answered", fontsize=_SMALL, color=Ink.SOFT, labelpad=6)
        axes.text(
            -_CURVE_LEFT / (_WIDTH - _CURVE_LEFT), 1.07, "risk: share of answers that are wrong",
            transform=axes.transAxes, fontsize=_SMALL, color=Ink.SOFT,
        )  # fmt: skip
        for curve, key in drawn:
            line = key.handle(points=curve)
            line.set_gid(f"{KIND}curve")
            axes.add_line(line)
        told = "; ".join(shown.curve_told(key.words, curve) for curve, key in drawn)
        return chart.svg(name=name, title="Risk by coverage", told=told)


# Times by stage


def latency(stages: Mapping[str, Sequence[float]], *, name: str) -> str:
    """Return one histogram a stage over a common logarithmic axis of seconds, with a line at the median."""
    timed = {stage: [max(x, _LEAST_SECONDS) for x in given if math.isfinite(x)] for stage, given in stages.items()}
    timed = {stage: seconds for stage, seconds in timed.items() if seconds}
    ends = shown.time_axis(value for seconds in timed.values() for value in seconds)
    with _drawing(name):
        chart = _Chart([], height=max(1, len(timed)) * _STAGE + 44)
        axes = chart.axes(top=0, height=max(1, len(timed)) * _STAGE, ends=ends)
        for place, (stage, seconds) in enumerate(timed.items()):
            y = place * _STAGE
            median = f"median {duration(quantile(seconds, 0.5))}"
            chart.row(axes, y + _BAND_AT - _BAND_BELOW, words=(stage, f"n {len(seconds)}", median))
            _draw_times(axes, seconds, base=y + _STAGE - 8)
        _ticks(axes, shown.decades(ends))
        axes.set_xlabel("time a case, logarithmic", fontsize=_SMALL, color=Ink.SOFT, labelpad=6)
        told = "; ".join(f"{stage}: {shown.times_told(seconds)}" for stage, seconds in timed.items())
        return chart.svg(name=name, title="Times by stage", told=told)


def _draw_times(axes: "Axes", seconds: Sequence[float], *, base: float) -> None:
    first, last = axes.get_xlim()
    edges = np.linspace(first, last, round(last - first) * _BINS_PER_DECADE + 1)
    counts, _ = np.histogram(np.log10(seconds), bins=edges)
    top = base - _STAGE_BAND
    axes.vlines(np.arange(first, last + 1), top, base, color=Ink.FAINT, linewidth=1, zorder=_BEHIND)
    for left, right, count in zip(edges, edges[1:], counts, strict=False):
        if count:
            # A single case among thousands stays visible.
            tall = max(1.5, _STAGE_BAND * count / counts.max())
            axes.bar(left, -tall, width=right - left, bottom=base, align="edge", gid=f"{KIND}bin",
                     color=Ink.OURS_FILL, edgecolor=Ink.CARD, linewidth=1)  # fmt: skip
    axes.hlines(base, first, last, color=Ink.SOFT, linewidth=1)
    median = math.log10(quantile(seconds, 0.5))
    axes.vlines(median, top, base + 4, color=Ink.OURS, linewidth=2, gid=f"{KIND}median")
