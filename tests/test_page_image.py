"""A page of a PDF as a picture, with the words marked where they stand."""

import pytest

from index.load import load, read_bytes
from index.page_image import _place, page_image
from rag.errors import DocumentsError
from rag.text import sentences


@pytest.fixture(scope="module")
def pdf():
    from pathlib import Path

    return Path(__file__).parent.parent / "eval" / "corpora" / "kurils" / "kanda-background-peace-treaty.pdf"


def test_sentences_of_the_stored_text_are_found_on_their_page(pdf):
    document = load(pdf, read_bytes(pdf, max_bytes=10_000_000))
    found = []
    for start, end in sentences(document.text)[:6]:
        page = document.page_at(start)
        drawn = page_image(pdf, page.number, words=document.text[start : min(end, page.end)])
        found.append(bool(drawn.boxes))
        for left, top, width, height in drawn.boxes:
            assert 0 <= left <= left + width <= 1.01
            assert 0 <= top <= top + height <= 1.01
    assert drawn.png.startswith(b"\x89PNG")
    assert sum(found) >= 5


def test_words_are_found_across_lines_and_hyphens():
    page = "The treaty was sig-\r\nned in Mos\xadcow, \u201cat last\u201d."
    start, end = _place(page, 'signed in Moscow, "at last"')
    assert page[start:end].startswith("sig-")
    assert page[start:end].endswith("last")
    assert _place(page, "never said") is None
    assert _place(page, "...") is None


@pytest.mark.parametrize("content", [b"%PDF-1.4 nothing", b"no pdf at all", b""])
def test_what_cannot_be_drawn_is_said(tmp_path, content):
    (tmp_path / "bad.pdf").write_bytes(content)
    with pytest.raises(DocumentsError):
        page_image(tmp_path / "bad.pdf", 1, words="x")
