"""What of a web page is its article and what is not: nothing of the article goes, and what goes is on record."""

import json
from contextlib import closing
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring, fromstring

from index.backup import export_lines
from index.ingest import Ingest, plan
from index.load_html import load_html
from index.page_lines import page_lines, removed_blocks
from index.page_related import drop_related
from index.prepare import IngestLimits
from index.show import removed_rows
from index.store import Store
from rag.testing import HashEmbedder
from rag.types import RemovedBlock

STORY = (
    "<p>The harbour council approved a tram line of 14 kilometres on Monday after two years of dispute.</p>",
    '<p>"We will break ground this week," said Tomas Verrill, the transport chief, at a meeting in Grenfell.</p>',
    "<p>Work is to end in 2029, and the first trams will run from the fish market to the hospital on a hill.</p>",
)
WHALE = "Whale beached in Norrby is saved by school children"
VOLCANO = "Volcano on Isle of Pemm kills three goats"
RESIGNS = "Prime minister Dorr resigns after lottery scandal"


def page(body, around=""):
    return (
        "<!doctype html><html lang=en><head><title>Tram line approved - Courier</title></head><body>"
        "<nav><a href=/>Home</a><a href=/w>World</a></nav><main><article><h1>Tram line approved</h1>"
        f"{STORY[0]}{body}{STORY[1]}{STORY[2]}</article></main>{around}</body></html>"
    ).encode()


def text(html):
    return document_fromstring(html).text_content()


def removed(data):
    return {block.text: block.reason for block in load_html(data).removed}


CARDS = (
    f'<section class="promo"><div><a href=/a><h3>{VOLCANO}</h3></a><p>The herder lost them all.</p></div>'
    f"<div><a href=/b><h3>{RESIGNS}</h3></a><p>It cost him the trust of his party.</p></div></section>"
)
PROMOS = [
    CARDS,
    f"<p><strong>READ MORE: </strong><a href=/z>{WHALE}.</a></p>",
    f"<p><a href=/z>{WHALE}</a> | <a href=/q>{RESIGNS}</a></p>",
    f'<div class="relatedStories"><h2>More stories</h2><h3><a href=/a>{VOLCANO}</a></h3></div>',
    f'<aside class="article-teaser"><a href=/a><h4>{VOLCANO}</h4></a><p>The herder lost them all.</p></aside>',
    "<div><button>Get a summary</button><span>No time? Read the short version made by AI</span></div>",
    "<div>Share this on Telegram, VK, WhatsApp</div>",
]


@pytest.mark.parametrize("promo", PROMOS)
def test_promos_inside_the_article_are_removed_and_on_record(promo):
    loaded = load_html(page(promo))
    assert all(text(part) in loaded.text for part in STORY)
    record = " ".join(block.text for block in loaded.removed)
    for line in page_lines(document_fromstring(promo)):
        assert line not in loaded.text
        assert line in record


def announced(first, second, between=""):
    items = f"<li><a href=/1>{first}</a></li><li><a href=/2>{second}</a></li>"
    return f"<p>The council voted for these roads:</p>{between}<ul>{items}</ul>"


KEPT = [
    announced("Quay Street from the market to the bridge", "Hill Road as far as the hospital gate"),
    announced("Quay Street", "Hill Road", between="<!-- roads -->"),
    "<p>The plan names three. Read more on <a href=/1>how the council came to its decision</a> below.</p>",
    "<p><a href=/1>The opposition leader Ada Quist denied that the money had been found.</a></p>",
    f'<div class="related-costs"><h2><a href=/1>Costs</a></h2><p>{"The costs are high, he said. " * 4}</p></div>',
    f'<div class="teaser"><h2>{VOLCANO}</h2><p>It is the title of a play that the council watched.</p></div>',
    "<p>Share this with your colleagues on the council, said the mayor of the town.</p>",
    '<div><button>Listen</button><span class="who">The tram driver Mira Oldham speaks of her work.</span></div>',
]


@pytest.mark.parametrize("part", KEPT)
def test_what_belongs_to_the_article_stays(part):
    tree = document_fromstring(page(part))
    drop_related(tree)
    assert " ".join(text(part).split()) in " ".join(tree.text_content().split())


def test_a_list_that_a_sentence_announces_is_in_the_text():
    for part in KEPT[:2]:
        loaded = load_html(page(part)).text
        assert all(item in loaded for item in page_lines(document_fromstring(part)))


def test_a_list_under_a_label_is_no_list_of_the_article():
    for label in ("You may also like:", "More stories from the north:"):
        part = f"<p>{label}</p><ul><li><a href=/1>{WHALE}</a></li><li><a href=/2>{RESIGNS}</a></li></ul>"
        assert WHALE not in load_html(page(part)).text
        assert removed(page(part))[WHALE] == "teaser"


def test_whatever_is_left_out_is_on_record_with_its_reason():
    around = "<aside><a href=/t>Previous: Baker wins cheese race</a></aside><footer>© 2025 The Courier</footer>"
    figure = (
        "<figure><img src=a.png><figcaption>Trams at the depot in Sund, in May. Photo: K. Oy</figcaption></figure>"
    )
    found = removed(page(f"{figure}<p>Read more: <a href=/z>{WHALE}</a></p>", around))
    assert found["Home World"] == "outside the article"
    assert found[f"Read more: {WHALE}"] == "teaser"
    assert {"Previous: Baker wins cheese race", "© 2025 The Courier"} <= found.keys()
    assert any("depot in Sund" in line for line in found)
    assert not any("harbour council" in line or "Tram line approved" in line for line in found)


def test_the_record_is_stored_shown_and_exported(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.html").write_bytes(page(f"<p>Read more: <a href=/z>{WHALE}</a></p>"))
    with closing(Store.create(tmp_path / "library")) as store:
        Ingest(store, HashEmbedder(dimensions=16), limits=IngestLimits()).run(plan(store, [tmp_path / "docs"]))
        assert RemovedBlock(f"Read more: {WHALE}", "teaser") in store.document(1).removed
        shown = {(row.text, row.reason, row.start) for row in removed_rows(store)}
        assert (f"Read more: {WHALE}", "teaser", None) in shown
        (_, document) = map(json.loads, export_lines(store))
        assert {"text": f"Read more: {WHALE}", "reason": "teaser"} in document["removed"]


def test_the_record_of_a_page_is_bounded_and_says_how_much_more_there_was():
    lines = [f"menu {number}" for number in range(500)] + ["A sentence of six words here. " * 30]
    blocks = removed_blocks(lines, "The text.", reasons={}, otherwise="outside")
    assert len(blocks) == 200
    assert (blocks[-1].text, blocks[0].text) == ("… and 302 shorter lines", "menu 0")
    assert len(blocks[-2].text) <= 300
    assert blocks[-2].text.startswith("A sentence of six")


def test_of_a_line_that_is_partly_kept_the_rest_is_on_record():
    kept = "| Year | Trams |\nThe council met on Monday in the old town hall. It was late."
    lines = ["Year", "The council met on Monday in the old town hall. Share it now! It was late.", "late"]
    blocks = removed_blocks(lines, kept, reasons={"Share it now!": "share"}, otherwise="outside")
    assert blocks == (RemovedBlock("Share it now!", "share"), RemovedBlock("late", "outside"))


def test_lines_are_what_a_reader_sees():
    html = (
        "<div>One<b>two</b> three<br>four <!-- no --> five<script>no</script><style>no</style> six<p>seven</p>"
        "eight<select><option>no</select><pre>a\n b</pre><a>x</a><a>y</a></div>"
    )
    lines = ["Onetwo three", "four five six", "seven", "eight", "a b", "x y"]
    assert page_lines(fromstring(html)) == lines


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([*PROMOS, *KEPT, "<p>One. Two?</p>", "<hr>", "<ul><li>a</ul>", "</div>"]), max_size=6)
)
def test_every_line_of_a_page_is_in_the_text_or_on_record(parts):
    loaded = load_html(page("".join(parts)))
    told = f"{loaded.title} {loaded.text} {' '.join(block.text for block in loaded.removed)}"
    squeezed = "".join(filter(str.isalnum, told))
    for line in page_lines(document_fromstring(page("".join(parts)))):
        for sentence in line.split(". "):
            assert "".join(filter(str.isalnum, sentence)) in squeezed


# The day


@pytest.mark.parametrize(
    "around",
    [
        "<footer>© 2023 Courier. Printed 5 May 2023</footer>",
        "<footer><p><small>5 May 2023</small></p></footer>",
        "<aside><h4>Events</h4><p>12 June 2024</p><p>Concert in the park</p></aside>",
        "<aside><time datetime=2024-06-12>12 June 2024</time></aside>",
        "<nav><ul><li>Archive</li><li>3 May 2021</li></ul></nav>",
    ],
)
def test_a_day_in_the_margins_of_a_page_is_not_its_own(around):
    assert load_html(page("", around)).published is None


@pytest.mark.parametrize(
    "body", ["<footer><time datetime=2025-03-04>4 March 2025</time></footer>", "<p>4 March 2025</p>"]
)
def test_a_day_in_the_article_counts_beside_one_in_the_margins(body):
    around = "<aside><time datetime=2024-06-12>12 June 2024</time></aside><footer>5 May 2023</footer>"
    assert load_html(page(body, around)).published == date(2025, 3, 4)
