"""A passage in its surroundings, a document by name, and what was left out."""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.show import Removed, named_source, removed_rows, surroundings, view, view_text
from index.store import Content, FileRecord, Store
from rag.errors import UsageError
from rag.testing import HashEmbedder
from rag.text import sentences
from rag.types import Document, FileStatus, Noise, Page

EMBEDDER = HashEmbedder(dimensions=16)
TEXT = "The harbour froze. The ferry sails on Monday. Nobody waited.\n\nNext Article"
PAGES = (Page(1, "iv", 0, 30), Page(2, "1", 30, 100))


def put(store, name, text, pages=(), noise=()):
    spans = sentences(text)
    vectors = EMBEDDER.encode([text[start:end] for start, end in spans])
    document = Document(f"sha of {text}", text, "Title", "text/plain", pages=pages)
    store.put(
        FileRecord(f"/docs/{name}", "/docs", 1, 2, 3, 4, FileStatus.READY),
        Content(document, spans, vectors, noise),
    )


@pytest.fixture
def store(tmp_path):
    with closing(Store.create(tmp_path / "library")) as opened:
        put(opened, "in/ferry.txt", TEXT, PAGES, [Noise(62, 74, "teaser")])
        put(opened, "2024.txt", "A plain note.")
        yield opened


def test_a_passage_is_shown_in_its_surroundings(store):
    shown = view(store, "2")
    assert (shown.passage_id, shown.quoted, TEXT[shown.start : shown.end]) == (
        2,
        *["The ferry sails on Monday."] * 2,
    )
    assert (shown.before, shown.after) == ("The harbour froze. ", " Nobody waited.\n\nNext Article")
    assert (shown.source.paths, shown.page) == (("/docs/in/ferry.txt",), "iv–1")
    assert view_text(shown) == ("The harbour froze. » The ferry sails on Monday. « Nobody waited.\n\nNext Article")


def test_a_long_document_is_cut_at_words_and_says_so(store):
    shown = view(store, "2", around_chars=10)
    assert view_text(shown) == "… froze. » The ferry sails on Monday. « Nobody …"


def test_pages_are_named_where_there_are_any(store):
    assert [view(store, passage).page for passage in ("1", "3", "5")] == ["iv", "1", None]


@pytest.mark.parametrize("name", ["in/ferry.txt", "ferry.txt", "/docs/in/ferry.txt"])
def test_a_document_is_shown_whole(store, name):
    shown = view(store, name)
    assert (shown.passage_id, shown.page, view_text(shown)) == (None, None, TEXT)


@pytest.mark.parametrize("name", ["99", "0", "d99", "d", "9" * 30, "nothing.txt", "", "²"])
def test_what_is_not_there_is_named(store, name):
    with pytest.raises(UsageError, match="No passage or document"):
        view(store, name)


def test_a_name_that_many_files_have_is_refused_with_their_numbers(store):
    put(store, "out/ferry.txt", "Another ferry.")
    with pytest.raises(UsageError, match=r"can be any of d1 \(/docs/in/ferry.txt\), d3 \(/docs/out/ferry.txt\)"):
        view(store, "ferry.txt")


def test_a_document_has_a_number_that_no_passage_has(store):
    assert (view(store, "d2").source.names, view(store, "d2").passage_id) == (("2024.txt",), None)
    assert (view(store, "2").source.names, view(store, "2").passage_id) == (("in/ferry.txt",), 2)
    assert named_source(store, "d2").names == named_source(store, "2").names == ("2024.txt",)
    with pytest.raises(UsageError, match="No document goes by '7'"):
        named_source(store, "7")


def test_what_was_left_out_is_listed_with_its_reason(store):
    (row,) = removed_rows(store)
    assert row == Removed(row.source, 62, 74, "Next Article", "teaser")
    assert row.source.names == ("in/ferry.txt",)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(alphabet="ab \n", max_size=60), st.data())
def test_surroundings_are_whole_words(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    around = data.draw(st.integers(0, 70))
    first, last = surroundings(text, (start, end), around_chars=around)
    assert max(0, start - around) <= first <= start <= end <= last <= min(len(text), end + around)
    assert first in (0, start) or text[first - 1].isspace()
    assert last in (end, len(text)) or text[last].isspace()
