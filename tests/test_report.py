"""The report of a run: one set of figures on page and terminal, failures counted, hostile text harmless."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from xml.etree import ElementTree

import pytest

from eval.report import Run, render, render_all, summary
from eval.report_json import figures
from eval.report_run import Verdict, changes, judge, seconds_by_stage
from eval.report_words import difference_verdict, duration, number, quantile, signed, unit, visible
from eval.stats import Comparison, Figure
from eval.types import (
    Case,
    ClaimRecord,
    Evidence,
    Outcome,
    PassageRecord,
    QuoteRecord,
    Record,
    Reference,
    Row,
)
from rag.types import ModelInfo, Turn

HOSTILE = (
    "</pre></style><script>alert(1)</script><img src=http://x.example/ onerror=go()> "
    "{{ 7*7 }} \"'&lt; \u202e\ud800\x1b[2J"
)
BETTER = Comparison(0.25, 0.05, 0.45, 40)
CHANCE = Comparison(0.1, -0.02, 0.22, 40)


def case(name, **more):
    facts = {"type": "who", "question": f"Who wrote {name}?", "expected": (("Ann Berg", "A. Berg"),)}
    return Case(name, **{**facts, **more})


def record(name, **more):
    return Record(name, more.pop("type", "who"), f"Who wrote {name}?", **{"answer": "Ann Berg did.", **more})


def row(name, ask=None, **given):
    return Row(case(name, **(ask or {})), record(name, **given))


def make_run(**more):
    """Four cases: right, wrong, failed, silent."""
    rows = (
        row("a", seconds={"retrieve": 0.02, "total": 1.5}),
        row("b", answer="Nobody.", seconds={"retrieve": 0.04, "total": 2.5}),
        row("c", answer="", error="GeneratorCrashedError: it ended"),
        row("d", {"type": "when"}, type="when", answer="", abstained=True, reason="nothing_near"),
    )
    figures = {"accuracy": Figure(0.25, 0.125, 0.5, 4), "false answers": Figure(0.3125, 0.1875, 0.4375, 3)}
    facts = {
        "name": "r1",
        "system": "product",
        "suite": "letters",
        "started": "2026-05-01T09:12:44+00:00",
        "outcome": Outcome(
            "letters", 4, 1, figures, (Reference("accuracy", "Others", 0.531, "Doe 2020", "texts"),)
        ),
        "settings": {"depth": 20},
        "settings_digest": "9f2c" * 16,
        "models": (ModelInfo("embedder", "MiniLM", "53aa" * 16),),
        "commit": "8d8a706fffff",
        "by_type": {
            "who": {"accuracy": Figure(1 / 3, 0.0, 1.0, 3)},
            "when": {"accuracy": Figure(0.0, 0.0, 0.0, 1)},
        },
        "rows": rows,
        "curve": ((0.5, 0.0), (1.0, 0.75)),
        "scores": {"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0},
        "lower_is_better": frozenset(["false answers"]),
    }
    return Run(**{**facts, **more})


def make_pair(**more):
    before = make_run(
        name="r0",
        system="naive",
        scores={"a": 0.0, "b": 1.0, "c": 0.0, "d": 0.0, "e": 1.0},
        settings={"depth": 5},
        outcome=Outcome("letters", 4, 2, {"accuracy": Figure(0.125, 0.0, 0.25, 4)}),
    )
    return make_run(**{"baseline": before, "comparisons": {"accuracy": BETTER}, **more})


class Markup(HTMLParser):
    """What a browser would see: tags with attributes, and text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def cells(page, first):
    """Return the cells of the first table row whose header cell says `first`."""
    found = next(part for part in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if re.search(rf">{first}\b", part))
    return [
        re.sub(r"<svg.*?</svg>|<[^>]*>", " ", cell, flags=re.DOTALL).split()
        for cell in re.findall(r"<t[dh].*?</t[dh]>", found, re.DOTALL)
    ]


# Figures


def test_page_and_terminal_give_the_same_figures():
    run = make_pair()
    page, text = Markup(render(run)).text, summary(run)
    for told in ("0.250", "[0.125, 0.500]", "0.312", "[0.188, 0.438]", "0.531", "+0.250", "[+0.050, +0.450]"):
        assert told in page
        assert told in text
    assert "texts" in page and "Differs: texts" in text


def test_failures_have_their_own_column_and_are_counted():
    run = make_run()
    assert cells(render(run), "accuracy") == [["accuracy"], ["0.250"], ["[0.125,", "0.500]"], ["4"], ["1"]]
    assert cells(render(run), "who") == [["who"], ["0.333"], ["[0.000,", "1.000]"], ["3"], ["1"]]
    assert cells(render(run), "when")[4] == ["0"]
    header, line = (re.split(r"\s{2,}", text) for text in summary(run).splitlines()[4:6])
    assert header == ["measure", "value", "95 % interval", "n", "failed", "beside it"]
    assert line == ["accuracy", "0.250", "[0.125, 0.500]", "4", "1", "0.531 Others (published)"]
    assert "4 cases, 1 failed (counted as zero)" in summary(run)


def test_columns_of_the_terminal_are_aligned():
    lines = summary(make_pair()).splitlines()[4:7]
    assert len({line.index("]") for line in lines[1:]}) == 1
    assert lines[0].index("failed") + len("failed") == lines[1].index("0.531") - 2


def test_where_nothing_is_published_that_is_said():
    run = make_run()
    run = replace(run, outcome=replace(run.outcome, references=()))
    assert "published: none for this form" in summary(run)
    assert "none for this form" in render(run)
    assert "none for this form" not in summary(make_run())
    run = replace(run, outcome=replace(run.outcome, no_reference="none fits: other texts"))
    assert "published: none fits: other texts" in summary(run)
    assert "Published: none fits: other texts" in render(run)


def test_what_we_measured_earlier_is_not_called_published():
    run = make_run()
    ours = Reference("accuracy", "Older rules", 0.4, "measured by us earlier", "texts", published=False)
    both = replace(run, outcome=replace(run.outcome, references=(*run.outcome.references, ours)))
    assert "0.531 Others (published); 0.400 Older rules (earlier, ours)" in summary(both)
    assert "earlier, ours: accuracy 0.400, Older rules" in summary(both)
    page = render(both)
    assert "<td>earlier, ours</td>" in page
    assert "Figures to read ours against" in page
    assert "published 0.531" in page
    assert "published 0.400" not in page
    kept = figures("letters", [both])["references"]
    assert [(item["value"], item["published"]) for item in kept] == [(0.531, True), (0.4, False)]


def test_what_is_compared_on_a_part_of_the_cases_is_told_with_both_values_there():
    part = Comparison(0.25, 0.05, 0.45, 12, differing=9, asked=40, ours=0.75, theirs=0.5)
    run = make_pair(comparisons={"accuracy": part})
    ours, theirs = run.labels
    words = f"accuracy: compared on the 12 of 40 cases that count in both; {theirs} 0.500, {ours} 0.750"
    assert words in summary(run)
    assert "count in both" not in summary(make_pair())


def test_settings_that_set_two_runs_apart_are_named():
    run = make_pair(settings={"passages": "5", "reader": "lead"})
    run = replace(run, baseline=replace(run.baseline, settings={"passages": "4", "reader": "lead"}))
    assert "settings that differ: passages: 5 here, 4 there\n" in summary(run)
    assert summary(run).index("settings that differ") < summary(run).index("against naive, which failed")
    page = render(run)
    section = page[page.index(">Against naive</h2>") :]
    assert section.index("Settings that differ: passages: 5 here, 4 there.") < section.index("<table>")
    assert re.search(r"leaves out 0 and at least 6\s+cases differ", section)
    same = replace(run, baseline=replace(run.baseline, settings=run.settings))
    assert "settings that differ" not in summary(same)


def test_a_difference_of_too_few_cases_says_so():
    few = Comparison(0.1, 0.02, 0.2, 50, differing=5)
    assert "not real: only 5 differ" in summary(make_pair(comparisons={"accuracy": few}))


def test_times_have_their_unit_on_the_page():
    assert (unit("latency_p50_total"), unit("accuracy")) == ("seconds", "")
    outcome = Outcome("letters", 4, 0, {"latency_p50_total": Figure(5.0, 4.0, 6.0, 3)})
    page = render(make_run(outcome=outcome, lower_is_better=frozenset({"latency_p50_total"})))
    assert '<span class="soft">(seconds, less is better)' in page


@pytest.mark.parametrize(
    ("comparison", "lower", "words"),
    [
        (BETTER, False, "real: better"),
        (BETTER, True, "real: worse"),
        (Comparison(-0.25, -0.45, -0.05, 40), True, "real: better"),
        (CHANCE, False, "not real: could be chance"),
        (Comparison(0.0, 0.0, 0.0, 40, 0), False, "no case differs"),
        (None, False, "not compared case by case"),
    ],
)
def test_a_difference_is_called_real_or_not(comparison, lower, words):
    assert difference_verdict(comparison, lower_is_better=lower) == words
    given = {} if comparison is None else {"accuracy": comparison}
    run = make_pair(comparisons=given, lower_is_better=frozenset(["accuracy"] if lower else []))
    assert words in Markup(render(run)).text
    assert words in summary(run)


# Cases


def test_verdicts():
    run = make_run()
    assert [item.verdict for item in judge(run)] == [Verdict.RIGHT, Verdict.WRONG, Verdict.FAILED, Verdict.SILENT]
    unanswerable = (row("x", {"answerable": False}), row("y", {"answerable": False}, answer="", abstained=True))
    told = judge(replace(run, rows=unanswerable, scores={"y": 1.0}))
    assert [item.verdict for item in told] == [Verdict.TALKATIVE, Verdict.RIGHT]
    unscored = judge(replace(run, scores={}))
    assert [item.verdict for item in unscored][:2] == [Verdict.UNJUDGED, Verdict.UNJUDGED]
    partly = judge(replace(run, scores={"a": 0.5, "b": 0.0}, lower_is_better=frozenset(["accuracy"])))
    assert [item.verdict for item in partly][:2] == [Verdict.PARTLY, Verdict.RIGHT]


def test_what_got_better_and_worse():
    run = make_pair()
    found = changes(run)
    assert ([item.case_id for item in found.better], [item.case_id for item in found.worse]) == (["a"], ["b"])
    assert found.same == 2  # c and d; e was not asked this time
    less = changes(replace(run, lower_is_better=frozenset(["accuracy"])))
    assert [item.case_id for item in less.better] == ["b"]
    page = render(run)
    assert "Got worse (1)" in page and "Got better (1)" in page
    assert "by case, accuracy: 1 better, 1 worse, 2 the same" in summary(run)


def test_a_wrong_answer_shows_what_it_rests_on():
    quote = QuoteRecord("b.txt", 5, 9, "shown words", 3, "Title", "Gazette", "2020-01-02", "Ann", 1.5)
    wrong = row(
        "b",
        {
            "evidence": (Evidence("gold.txt", "gold words", 7),),
            "history": (Turn("asked before"),),
            "forbidden": ("No",),
        },
        answer="Nobody.",
        understood="as understood",
        claims=(ClaimRecord("the claim", (quote,)), ClaimRecord("bare claim")),
        passages=(PassageRecord("b.txt", 0, 10), PassageRecord("other.txt", 3, 20, 2)),
        generated="raw words",
        checks={"unknown_citations": 2},
        warnings=("careful",),
        seconds={"total": 2.5},
        prompt_digests={"answer": "abcdef" * 10},
    )
    text = Markup(render(make_run(rows=(wrong,)))).text
    for told in (
        "Who wrote b?", "Ann Berg", "Nobody.", "asked before", "as understood", "gold.txt , page 7", "gold words",
        "shown words", "b.txt , page 3 · Title · Gazette · 2020-01-02 · Ann", "bare claim rests on no quote",
        "other.txt, page 2", "No gold document is among them.", "raw words", "unknown citations 2",
        "careful", "2.5 s",
    ):  # fmt: skip
        assert told in text, told


def test_a_correction_is_no_talk_and_is_shown_as_expected():
    denied = {"answerable": False, "correction": (("nobody wrote", "never written"),)}
    rows = (row("x", denied, answer="It was never written."), row("y", denied))
    told = judge(replace(make_run(), rows=rows, scores={}))
    assert [item.verdict for item in told] == [Verdict.UNJUDGED, Verdict.TALKATIVE]
    text = Markup(render(make_run(rows=rows, scores={"x": 1.0, "y": 0.0}))).text
    assert "silence: the documents do not say or the correction nobody wrote or never written" in text


def test_cases_are_filtered_by_type_without_a_script():
    page = render(make_run())
    markup = Markup(page)
    radios = [attrs["id"] for tag, attrs in markup.tags if tag == "input"]
    marks = {attrs["class"] for tag, attrs in markup.tags if tag == "details" and "case " in attrs["class"]}
    assert {"s0-t-all", "s0-t0", "s0-t1"} <= set(radios)
    assert marks == {"case t0 v0", "case t0 v1", "case t1 v3"}
    assert "#s0-cases:has(#s0-t1:checked) > .case:not(.t1) { display: none }" in page


# Hostile text


def hostile_run():
    quote = QuoteRecord(HOSTILE, 0, 1, HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    ask = {
        "type": HOSTILE,
        "question": HOSTILE,
        "expected": ((HOSTILE,),),
        "forbidden": (HOSTILE,),
        "evidence": (Evidence(HOSTILE, HOSTILE),),
        "history": (Turn(HOSTILE, HOSTILE),),
    }
    given = {
        "type": HOSTILE,
        "understood": HOSTILE + "?",
        "answer": HOSTILE,
        "reason": HOSTILE,
        "claims": (ClaimRecord(HOSTILE, (quote,)),),
        "passages": (PassageRecord(HOSTILE, 0, 1),),
        "generated": HOSTILE,
        "prompt_digests": {HOSTILE: HOSTILE},
        "checks": {HOSTILE: 1},
        "warnings": (HOSTILE,),
        "seconds": {HOSTILE: 1.0},
    }
    rows = (row("a", ask, **given), row("b", ask, **given, error=HOSTILE), row("c", ask, **given))
    figures = {HOSTILE: Figure(0.5, 0.4, 0.6, 3)}
    outcome = Outcome(
        HOSTILE, 3, 1, figures, (Reference(HOSTILE, HOSTILE, 0.5, HOSTILE, HOSTILE),), notes=(HOSTILE,)
    )
    run = make_run(
        name=HOSTILE,
        system=HOSTILE,
        suite=HOSTILE,
        started=HOSTILE,
        commit=HOSTILE,
        outcome=outcome,
        settings={HOSTILE: HOSTILE},
        settings_digest=HOSTILE,
        models=(ModelInfo(HOSTILE, HOSTILE, HOSTILE),),
        by_type={HOSTILE: figures},
        rows=rows,
        scores={"a": 0.0, "b": 0.0, "c": 1.0},
    )
    return replace(run, baseline=replace(run, scores={"a": 1.0, "b": 0.0, "c": 0.0}))


@pytest.mark.parametrize("rendered", [render, lambda run: render_all([run, run])])
def test_hostile_text_never_becomes_markup(rendered):
    page = rendered(hostile_run())
    page.encode("utf-8")  # a lone surrogate would not
    markup = Markup(page)
    assert markup.open == []
    assert not {"script", "img", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in markup.tags}
    assert not [name for _, attrs in markup.tags for name in attrs if name.startswith("on") or name == "style"]
    assert "{{ 7*7 }}" in markup.text and "49 " not in markup.text
    assert not re.search("[\u202e\x1b\ud800]", page)
    assert "⟨U+202E⟩" in markup.text


def test_hostile_names_cannot_move_the_cursor_of_a_terminal():
    text = summary(hostile_run())
    text.encode("utf-8")
    assert "\x1b" not in text


def test_the_page_loads_nothing():
    page = render(make_pair()) + render_all([make_pair(), make_run()])
    assert not re.search(r"""(src|href|action|data)\s*=\s*["']?(?!["']?#)|url\(|@import""", page)
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "https://" not in page and "http://" not in page


def test_links_lead_somewhere_and_names_are_unique():
    tags = Markup(render_all([make_pair(), make_run()])).tags
    names = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(names) == len(set(names))
    targets = {attrs["href"][1:] for tag, attrs in tags if tag == "a"}
    targets |= {name for _, attrs in tags for name in attrs.get("aria-labelledby", "").split()}
    targets |= {attrs["for"] for tag, attrs in tags if tag == "label"}
    assert targets <= set(names)


def test_headers_and_pictures_are_told_to_all():
    page = render(make_pair())
    assert all("scope" in attrs for tag, attrs in Markup(page).tags if tag == "th")
    pictures = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
    assert len(pictures) == 5  # figures, differences, one measure by type, risk, times
    for picture in pictures:
        assert picture.get("role") == "img"
        title, told = picture.find("title"), picture.find("desc")
        assert title.text and told.text
        assert picture.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert "accuracy: 0.250, interval [0.125, 0.500], n 4, baseline 0.125, published 0.531" in page
    assert "accuracy: +0.250, interval [+0.050, +0.450], n 40, real: better" in page
    assert "total: 2 cases, median 1.5 s, from 1.5 s to 2.5 s" in page


# Wholes and parts


def test_the_same_run_gives_the_same_page():
    assert render(make_pair()) == render(make_pair())
    assert render_all([make_run()]) == render_all([make_run()])


def test_parts_may_be_missing():
    bare = Run("r", "product", "letters", "", Outcome("letters", 0, 0, {}))
    for run in (
        bare,
        make_run(rows=()),
        make_run(curve=()),
        make_run(scores={}),
        make_run(by_type={}),
        make_pair(rows=()),
    ):
        assert Markup(render(run)).open == []
        assert summary(run)
    assert "No measure applied" in render(bare) and "No measure applied" in summary(bare)
    assert "were not kept" in render(make_run(rows=()))
    assert "Risk by coverage" in render(make_run()) and "Risk by coverage" not in render(make_run(curve=()))
    assert "Against" not in render(make_run())
    assert render_all([])


def test_several_suites_stand_in_one_table():
    other = make_run(suite="timeqa", outcome=Outcome("timeqa", 9, 0, {"recall": Figure(0.75, 0.5, 0.875, 9)}))
    page = render_all([make_pair(), other])
    assert cells(page, "letters")[2:7] == [["4"], ["1"], ["accuracy"], ["0.250"], ["[0.125,", "0.500]"]]
    assert cells(page, "letters")[-2:] == [["0.531", "Others", "published"], ["+0.250", "real:", "better"]]
    assert cells(page, "timeqa")[2:6] == [["9"], ["0"], ["recall"], ["0.750"]]
    assert page.count('<details class="suite">') == 2


def test_one_system_against_its_older_self_keeps_two_names():
    run = make_pair()
    run = replace(run, baseline=replace(run.baseline, system="product"))
    assert run.labels == ("product", "product before")
    assert "<tspan" in render(run) and "product before</text>" in render(run)
    long = replace(run, system="long " * 9)
    assert "baseline</text>" in render(long) and "this run</text>" in render(long)  # what a legend has room for
    assert "product before" in summary(run)


def test_settings_that_differ_are_marked():
    page = render(make_pair())
    assert cells(page, "depth") == [["depth"], ["20"], ["5", "differs"]]
    assert "differs</span>" not in render(make_pair(settings={"depth": 5}))


# Charts and words


def test_charts_have_the_colours_of_the_page_and_no_style_of_their_own():
    svg = re.findall(r"<svg.*?</svg>", render(make_pair()), re.DOTALL)
    style = resources.files("eval").joinpath("report.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root {(.*?)}", style, re.DOTALL)
    for picture in svg:
        assert not re.search(r"style=|<style|url\(|<metadata|clip|font-family|#0000", picture)
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', picture)) - {"none"}
        named = {re.fullmatch(r"var\((--[a-z-]+)\)", colour).group(1) for colour in colours}
        assert named and all(f"{name}:" in light and f"{name}:" in dark for name in named)


def test_times_are_collected_by_stage():
    stages = seconds_by_stage(make_run().rows)
    assert stages == {"retrieve": [0.02, 0.04], "total": [1.5, 2.5]}


def test_words_for_numbers():
    assert [number(x) for x in (0.5, 24.1811, 241.26, float("nan"))] == ["0.500", "24.181", "241.3", "nan"]
    assert [signed(x) for x in (0.25, -0.25)] == ["+0.250", "−0.250"]
    assert [duration(x) for x in (0.0004, 0.0312, 2.31, 250.4)] == ["0.4 ms", "31 ms", "2.3 s", "250 s"]
    assert [quantile([3, 1, 2, 4], share) for share in (0.0, 0.5, 0.95)] == [1, 2, 4]
    assert visible("a\u202eb\nc") == "a⟨U+202E⟩b\nc"
    with pytest.raises(ValueError, match="at least one"):
        quantile([], 0.5)
