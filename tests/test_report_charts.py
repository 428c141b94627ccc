"""Charts: shapes lie where the numbers say, names stay words, odd numbers harm nothing, twice the same bytes."""

import logging
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from eval.report_charts import differences, figures, latency, risk_coverage
from eval.report_shown import Bar, Difference, axis, decades, difference_axis, difference_ticks, ticks, time_axis
from eval.report_words import risk_at
from eval.stats import Comparison, Figure

BETTER = Comparison(0.25, 0.05, 0.45, 40)
CHANCE = Comparison(0.1, -0.02, 0.22, 40)


def spans(svg, kind):
    """Return from where to where the shapes of a kind reach, left to right, in the order they were drawn."""
    found = []
    for group in ElementTree.fromstring(svg).iter("g"):
        if group.get("class") == kind:
            for path in group.findall("path"):
                xs = [float(x) for x in re.findall(r"[ML] (-?[\d.]+) ", path.get("d"))]
                found.append((min(xs), max(xs)))
            found += [(float(mark.get("x")),) * 2 for mark in group.iter("use")]
    return [(pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02)) for low, high in found]


def words_in(svg):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("text")]


def test_a_bar_ends_at_its_value():
    shown = Bar("right", Figure(0.5, 0.25, 0.75, 9), Figure(0.1, 0, 1, 9), (0.6, 0.7))
    svg = figures([shown], name="x", title="Figures", baseline="naive")
    assert spans(svg, "bar") == [(0, 200)]  # 400 pixels are the whole axis
    assert spans(svg, "whisker") == [(100, 300)]
    assert spans(svg, "baseline") == [(40, 40)]
    assert spans(svg, "published") == [(240, 240), (280, 280)]
    assert words_in(svg) == [
        "0",
        "0.25",
        "0.5",
        "0.75",
        "1",
        "rightn 9",
        "0.500",
        "95 % interval",
        "naive",
        "published",
    ]
    # The whole axis is behind the bar, the bar behind the whisker.
    assert svg.index("var(--faint)") < svg.index("var(--ours-fill)") < svg.index('class="whisker"')
    below = figures([Bar("right", Figure(-0.5, -0.75, -0.25, 9))], name="x", title="Figures")
    assert spans(below, "bar") == [(100, 200)]
    assert words_in(below)[:3] == ["−1", "0", "1"]


def test_figures_on_another_scale_have_an_axis_of_their_own():
    bars = [Bar("seconds", Figure(2.5, 2.0, 3.0, 9)), Bar("right", Figure(0.5, 0.5, 0.5, 9), lower_is_better=True)]
    svg = figures(bars, name="x", title="Figures")
    assert spans(svg, "bar") == [(0, 200), (0, 250)]
    assert words_in(svg) == [
        "0", "0.25", "0.5", "0.75", "1", "rightn 9, less is better", "0.500",
        "0", "1", "2", "3", "4", "secondsn 9", "2.500", "95 % interval",
    ]  # fmt: skip


def test_a_difference_stands_on_its_side_of_zero():
    far = Difference("words", Comparison(-2.0, -4.0, -1.0, 9), lower_is_better=True)
    svg = differences([Difference("a", BETTER), far, Difference("b", CHANCE)], name="x", title="Differences")
    assert spans(svg, "real") == [(300, 300), (100, 100)]  # of -0.5 to 0.5, and of -4 to 4
    assert spans(svg, "chance") == [(240, 240)]
    assert spans(svg, "whisker") == [(220, 380), (192, 288), (0, 150)]
    assert words_in(svg)[-3:] == ["95 % interval", "better", "not real"]
    worse = differences([Difference("a", BETTER, lower_is_better=True)], name="x", title="Differences")
    assert "var(--ill)" in worse and "var(--good)" not in worse
    assert "var(--good)" in svg and "var(--ill)" not in svg


def test_axes_hold_their_figures():
    assert axis([Figure(0.5, 0.1, 1.0, 3)]) == (0.0, 1.0)
    assert axis([Figure(24.2, 23.1, 25.2, 3)]) == (0.0, 40.0)
    assert axis([Figure(-0.2, -0.3, 0.1, 3)]) == (-0.4, 1.0)
    assert axis([]) == (0.0, 1.0)
    assert axis([Figure(float("nan"), float("-inf"), float("inf"), 3)]) == (0.0, 1.0)
    assert difference_axis([BETTER, Comparison(-0.1, -0.9, 0.2, 9)]) == (-1.0, 1.0)
    assert difference_axis([Comparison(1e-17, 0.0, 5e-324, 9)]) == (-1.0, 1.0)
    assert ticks((-0.4, 1.0)) == [(-0.4, "−0.4"), (0.0, "0"), (1.0, "1")]
    assert [words for _, words in difference_ticks((-0.5, 0.5))] == ["−0.5", "−0.25", "0", "+0.25", "+0.5"]
    assert [words for _, words in ticks((0.0, 0.25))] == ["0", "0.05", "0.1", "0.15", "0.2", "0.25"]
    assert time_axis([0.02, 2.5]) == (-2, 1)
    assert decades((-2, 1)) == [(-2, "10 ms"), (-1, "100 ms"), (0, "1 s"), (1, "10 s")]
    assert [words for _, words in decades((-4, 4))] == ["0.1 ms", "10 ms", "1 s", "100 s", "10,000 s"]


def test_risk_is_read_off_where_the_curve_has_come_so_far():
    curve = [(1 / 3, 0.0), (2 / 3, 0.5), (1.0, 0.25)]
    assert [risk_at(curve, share) for share in (0.25, 0.5, 2 / 3, 1.0)] == [0.0, 0.5, 0.5, 0.25]
    assert risk_at(curve[:1], 0.5) is None
    svg = risk_coverage([("ours", curve), ("theirs", ())], name="x")
    assert "at coverage 1 risk 0.250" in svg
    assert spans(svg, "curve") == [(38 + 362 / 3, 400)]  # 38 pixels at the left are the words of the other axis
    assert words_in(svg)[6:12] == ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]
    both = risk_coverage([("ours", curve), ("theirs", curve)], name="x")
    assert words_in(both)[-2:] == ["ours", "theirs"]
    dashed = [part for part in re.findall("<path[^>]*>", both) if "stroke-dasharray" in part]
    assert ["var(--theirs)" in part for part in dashed] == [True, True]  # the curve and its key


def test_times_are_sorted_into_decades():
    svg = latency({"total": [0.002, 0.002, 5.0, 0.0]}, name="x")
    assert words_in(svg)[:6] == ["0.1 ms", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]
    assert spans(svg, "bin") == [(0, 10), (100, 110), (370, 380)]  # five decades of eight bins
    heights = []
    for d in re.findall(r'class="bin"><path d="([^"]*)"', svg):
        ys = [float(y) for y in re.findall(r"[ML] \S+ (\S+)", d)]
        heights.append(max(ys) - min(ys))
    assert heights == pytest.approx([17, 34, 17], abs=0.02)
    assert spans(svg, "median") == [(pytest.approx(80 * 1.301, abs=0.02),) * 2]


def test_names_in_charts_are_words_and_nothing_else():
    name = "cost $x^2$ \\frac & <b>x</b> 日本語 \u202e@1@"
    told = "cost $x^2$ \\frac & <b>x</b> 日本語 ⟨U+202E⟩@1@"
    figure = Figure(0.5, 0.25, 0.75, 9)
    for svg in (
        figures([Bar(name, figure, figure)], name="x", title=name, baseline=name),
        differences([Difference(name, BETTER)], name="x", title=name),
        risk_coverage([(name, [(0.5, 0.5), (1.0, 0.5)])], name="x"),
        latency({name: [1.0]}, name="x"),
    ):
        assert told in ElementTree.fromstring(svg).find("desc").text
        assert any(words.startswith("cost $x^2$ \\frac & <b>") for words in words_in(svg))
        assert not [element.tag for element in ElementTree.fromstring(svg).iter() if element.tag == "b"]


def test_a_name_too_long_for_its_line_is_cut():
    svg = figures([Bar("long " * 20, Figure(0.5, 0.25, 0.75, 9))], name="x", title="Figures")
    (cut,) = (words for words in words_in(svg) if words.startswith("long"))
    assert cut.endswith("…n 9") and len(cut) < 45
    assert "long " * 20 in ElementTree.fromstring(svg).find("desc").text


NAN, INF = float("nan"), float("inf")
ODD = [
    Figure(NAN, NAN, NAN, 0),
    Figure(INF, -INF, INF, 3),
    Figure(0.5, NAN, 0.75, 3),
    Figure(0.0, 0.0, 0.0, 1),
    Figure(1.0, 1.0, 1.0, 1),
    Figure(-3.0, -1e12, 1e12, 3),
    Figure(0.5, 0.6, 0.4, 3),
]


@pytest.mark.parametrize("odd", [[], ODD, [ODD[0]] * 14, *([figure] for figure in ODD)])
def test_odd_numbers_are_drawn_without_a_warning(odd, caplog):
    caplog.set_level(logging.WARNING)
    bars = [Bar(f"type {place}", figure, figure, (figure.value,)) for place, figure in enumerate(odd)]
    found = [
        Difference(bar.label, Comparison(x.value, x.low, x.high, x.n)) for bar, x in zip(bars, odd, strict=True)
    ]
    values = [x for figure in odd for x in (figure.value, figure.low, figure.high)]
    for svg in (
        figures(bars, name="x", title="Figures"),
        differences(found, name="x", title="Differences"),
        risk_coverage([("ours", [(x, 0.5) for x in values]), ("theirs", [(0.5, x) for x in values])], name="x"),
        latency({"total": values, "read": []}, name="x"),
    ):
        assert not re.search('[0-9"] ?(nan|inf)', re.sub("<desc.*?</desc>|>[^<]*<", "><", svg))
    assert not caplog.records


def test_drawing_neither_heeds_nor_changes_the_settings_of_matplotlib():
    import matplotlib

    def draw():
        return figures([Bar("right", ODD[3])], name="x", title="Figures") + latency({"total": [1.0]}, name="x")

    plain = draw()
    with matplotlib.rc_context({"font.size": 40, "savefig.dpi": 30, "axes.grid": True, "text.parse_math": True}):
        assert draw() == plain
        assert (matplotlib.rcParams["font.size"], matplotlib.rcParams["svg.fonttype"]) == (40, "path")


def test_drawing_libraries_are_loaded_by_the_first_chart():
    script = (
        "import sys, eval.report; assert not {'matplotlib', 'jinja2'} & set(sys.modules); "
        "from eval.report_charts import latency; latency({'total': [1.0]}, name='x'); "
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
