"""The text of printed pages: lines, hyphens, tables and running heads, and how the recall of it is measured."""

import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from eval.data import NoDataError
from eval.pdf_text import evaluate_books, evaluate_pages, token_recall
from index.load import load
from index.load_pdf import load_pdf
from index.pdf_lines import join_pages, running_lines, running_noise, tidy

SHARED = Path(__file__).parent.parent.parent / "shared"


def join(*lines):
    return join_pages(["\n".join(lines)])[0]


# Lines


def test_wrapped_lines_become_paragraphs():
    assert join(
        "The harbour of the town was opened again on Tuesday after three",
        "years in which no boat had left it, and people came from all the",
        "villages of the bay.",
        "Boats",
        "The first of them left at nine in the morning with forty people on",
        "board.",
    ) == (
        "The harbour of the town was opened again on Tuesday after three years in which no boat had left it, and "
        "people came from all the villages of the bay.\nBoats\n"
        "The first of them left at nine in the morning with forty people on board."
    )


def test_a_heading_after_a_full_line_stays_a_heading():
    text = join(
        "The harbour of the town was opened again on Tuesday after three",
        "years, and many people came from all the villages of the bay.",
        "Corporate and other",
        "The first of them left at nine in the morning with forty people.",
    )
    assert "\nCorporate and other\n" in text


def test_wide_lines_are_joined_too():
    line = "The harbour of the town was opened again on Tuesday after three years in which " * 2
    assert "\n" not in join(line + "no boat", line + "no man", "had left it.")


def test_table_rows_and_list_items_keep_their_lines():
    lines = [
        "Revenue from the sale of fish and nets in the harbour of the town $ 1,204 $ (987) 12 %",
        "Revenue from the ferry, and from the sale of tickets on the boats 55 — (3)",
        "• the boats that left the harbour on the morning of the first day",
        "• the boats that came back in the evening of the same day, or not",
        "(b) what the mayor of the town said to the people of the villages",
    ]
    assert join(*lines).split("\n") == lines


def test_hyphens_go_where_the_document_writes_the_word_whole():
    page = (
        "The receivable of the harbour and its long-term debt were seen on the receiv-\n"
        "able side of the accounts, and more of it on the side of the long-\n"
        "term debt of the town, where in the year before that the new-\n"
        "comers of the harbour were seen, and on the side of the pro-\n"
        "visions."
    )
    text = join_pages([page])[0]
    assert "the receivable side" in text
    assert "the long-term debt of" in text
    assert "newcomers" in text
    assert "provisions." in text


def test_a_document_that_never_hyphenates_keeps_unknown_hyphens():
    page = (
        "The long-term debt and the short-term debt of the harbour were seen on the long-\n"
        "term side of the accounts, and then again on the side of the long and short-\n"
        "term debt of the town, where in the year before that there were some cross-\n"
        "subsidised boats of the town."
    )
    assert "cross-subsidised" in join_pages([page])[0]


def test_ligatures_become_letters_and_small_figures_stay():
    assert tidy("The oﬃce  deﬁnes\u00a0x² in   the ﬂat") == "The office defines x² in the flat"


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(alphabet="aA b-.•1(\n", max_size=60), max_size=6))
def test_joining_loses_no_character_but_hyphens_and_line_ends(pages):
    pages = [tidy(page) for page in pages]
    joined = join_pages(pages)
    assert len(joined) == len(pages)
    for before, after in zip(pages, joined, strict=True):
        strip = str.maketrans("", "", "- \n")
        assert before.translate(strip) == after.translate(strip)


# Running heads


def book(pages, *, first=1):
    return [f"TIDE NOTES\n{text}\n{number}" for number, text in enumerate(pages, start=first)]


def test_heads_and_page_numbers_are_recognised():
    pages = book([f"Story {c}\nof a {c}-boat\nand its {c}-crew\nin {c}-land" for c in "abcdefgh"], first=5)
    assert running_lines(pages) == [{0, 5}] * 8


def test_section_heads_with_the_page_number_are_recognised():
    pages = [
        f"{n + 4} {1 + n // 3}. WAYS\nStory {c}\nof a {c}-boat\nin {c}-land" for n, c in enumerate("abcdefghi")
    ]
    assert running_lines(pages) == [{0}] * 9


def test_words_that_only_look_like_a_head_stay_text():
    assert running_lines(["Chapter\nwords", "Other\nwords here", "More\ntext"]) == [set(), set(), set()]
    rows = [f"Revenue {n} {n * 3}\nwords of page {n} here" for n in range(5)]
    assert not any(0 in page for page in running_lines(rows))


def test_running_heads_stay_in_the_text_and_are_named():
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    for number in range(1, 6):
        canvas.drawString(72, 800, "Tide Notes Yearbook")
        canvas.drawString(72, 400, f"The boat number {'abcdef'[number]} left the harbour.")
        canvas.drawString(72, 30, str(number))
        canvas.showPage()
    canvas.save()
    document = load(Path("a.pdf"), file.getvalue())
    found = [document.text[noise.start : noise.end] for noise in running_noise(document.text, document.pages)]
    assert found == [word for number in range(1, 6) for word in ("Tide Notes Yearbook", str(number))]


# What browsers print


def printed_by_a_browser(rows):
    """Return a page whose texts stand where a matrix puts them, with no move of their own."""
    shown = b"".join(
        b"q 1 0 0 1 %d %d cm BT /F1 10 Tf [%s] TJ ET Q\n" % (x, y, b"".join(b"(%s)-1" % part for part in parts))
        for x, y, parts in rows
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    content = b"<</Length %d>>\nstream\n%s\nendstream" % (len(shown), shown)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content, font]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % item for item in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + body + b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def test_each_row_of_a_page_printed_by_a_browser_is_a_line():
    data = printed_by_a_browser(
        [
            (72, 700, [b"Trade receiv", b"able, net"]),
            (400, 700, [b"2,133"]),
            (500, 700, [b"1,836"]),
            (72, 680, [b"Invent", b"ories"]),
            (400, 680, [b"2,438"]),
            (500, 680, [b"2,320"]),
        ]
    )
    assert load_pdf(data).text == "Trade receivable, net 2,133 1,836\nInventories 2,438 2,320"


# The measure


def test_recall_counts_each_token_as_often_as_it_occurs():
    assert token_recall("The boat, the BOAT and the sea", "sea boat the the") == pytest.approx(4 / 7)
    assert token_recall("boat", "boats") == 0.0
    assert token_recall("", "words") == 1.0


@pytest.fixture
def gold(tmp_path):
    (tmp_path / "pdfs").mkdir()
    for name in ("A", "B"):
        (tmp_path / "pdfs" / f"{name}.pdf").write_bytes(name.encode())
    rows = [
        {"evidence": [{"doc_name": name, "evidence_page_num": page, "evidence_text": text}]}
        for name, page, text in [("A", 0, "one two"), ("A", 1, "three"), ("B", 7, "four"), ("gone", 0, "five")]
    ]
    with gzip.open(tmp_path / "gold.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path


def test_pages_are_scored_where_their_file_is_there_and_unread_ones_count_zero(gold):
    measured = evaluate_pages(gold, {b"A": ["two ones", "three"], b"B": []}.__getitem__)
    assert [(case.file, case.page, case.recall) for case in measured.cases] == [
        ("A.pdf", 0, 0.5),
        ("A.pdf", 1, 1.0),
        ("B.pdf", 7, 0.0),
    ]
    assert (measured.recall.value, measured.recall.n, measured.unread) == (0.5, 3, 1)


def test_a_limit_draws_the_same_pages_for_the_same_seed(gold):
    drawn = [evaluate_pages(gold, lambda _: [], limit=2, seed=3).cases for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2


def test_a_book_is_scored_as_a_whole(tmp_path):
    (tmp_path / "Tide-small.pdf").write_bytes(b"x")
    (tmp_path / "Tide-book.ground-truth.txt.gz").write_bytes(gzip.compress(b"one two two three"))
    measured = evaluate_books(tmp_path, lambda _: ["one two", "three"])
    assert (measured.cases[0].recall, measured.recall.value, measured.unread) == (0.75, 0.75, 0)
    assert measured.recall.low <= 0.75 <= measured.recall.high


@pytest.mark.parametrize("evaluate", [evaluate_pages, evaluate_books])
def test_a_folder_without_gold_is_an_error(evaluate, tmp_path):
    with pytest.raises(NoDataError, match=r"There is no \*"):
        evaluate(tmp_path, lambda _: [])


def page_texts(data):
    document = load(Path("a.pdf"), data)
    return [document.text[page.start : page.end] for page in document.pages]


def test_the_book_is_read_as_well_as_promised():
    if not (SHARED / "data" / "pdf_text").is_dir():
        pytest.skip("the book is missing")
    assert evaluate_books(SHARED / "data" / "pdf_text", page_texts).recall.value >= 0.97


@pytest.mark.slow
def test_filings_are_read_as_well_as_promised():
    if not (SHARED / "data" / "financebench").is_dir():
        pytest.skip("the filings are missing")
    measured = evaluate_pages(SHARED / "data" / "financebench", page_texts)
    assert measured.recall.value >= 0.978
    assert measured.unread == 0
