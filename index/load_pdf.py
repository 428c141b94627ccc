"""PDF files: the only import of pypdf. Knows pages, labels and the file's own metadata.

How lines become paragraphs is index.pdf_lines.
"""

import logging
import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from index.dates import find_date
from index.head import read_head
from index.load import Loaded, UnreadableFileError
from index.load_text import stated_date
from index.pdf_lines import join_pages, tidy
from rag.text import clean
from rag.types import FileStatus, Page

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_BETWEEN_PAGES = "\n\n"
# More pages than any book has; page trees that point to themselves a thousand times over end here.
_MAX_PAGES = 20_000
# What pypdf raises on damaged files beside its own errors; NotImplementedError names an unknown filter.
_DAMAGED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    NotImplementedError,
)
# Operators that say where text stands.
_MOVES = (b"Td", b"TD", b"Tm", b"T*", b"'", b'"')


def load_pdf(data: bytes) -> Loaded:
    """Return the text of all pages, with the span, number and printed label of each.

    Raises:
        UnreadableFileError: the file is encrypted, damaged, or holds pictures only.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is told by the status
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError(FileStatus.ENCRYPTED, "it needs a password")
        if len(reader.pages) > _MAX_PAGES:
            raise UnreadableFileError(FileStatus.TOO_LARGE, f"more than {_MAX_PAGES:,} pages")
        texts = page_texts(reader)
        labels = list(reader.page_labels)
        title, author, created = _metadata(reader)
    except UnreadableFileError:
        raise
    except DependencyError as error:  # raised for ciphers that this pypdf cannot undo
        raise UnreadableFileError(FileStatus.ENCRYPTED, "it is encrypted in a way that is not read") from error
    except (PyPdfError, *_DAMAGED) as error:
        reason = f"damaged PDF ({type(error).__name__}: {error})"
        raise UnreadableFileError(FileStatus.FAILED, reason[:200]) from error
    if not any(re.search(r"\w", text) for text in texts):
        raise UnreadableFileError(FileStatus.NO_TEXT, "scanned pages without text: run OCR on it first")
    first = next(text for text in texts if text.strip())
    head = read_head(first)
    return Loaded(
        _BETWEEN_PAGES.join(texts),
        title=title or head.title,
        outlet=head.outlet,
        author=author or head.author,
        published=_dated(first, created),
        pages=_pages(texts, labels),
    )


def _dated(first_page: str, created: date | None) -> date | None:
    """Return the day that the first page states, else that on which the file was made.

    A browser prints the day of printing above each page: that is the file's own and states nothing of the text.
    """
    lines = [line for line in first_page.split("\n") if created is None or find_date(line) != created]
    return stated_date("\n".join(lines)) or created


def page_texts(reader: "PdfReader") -> list[str]:
    """Return the text of each page: paragraphs and table rows, one a line."""
    return [page.strip() for page in join_pages([tidy(clean(_raw_text(page))) for page in reader.pages])]


def _raw_text(page: "PageObject") -> str:
    """Return what pypdf reads on a page after each text was told where it stands.

    pypdf looks at the position when text is moved, not when it is shown. Browsers print every text with a matrix
    of its own and no move, so that its first letters would stay in the line before ("receiv\\nable") and table
    rows would run into each other. A move by nothing changes no page and makes pypdf look.
    """
    from pypdf.generic import ContentStream, NameObject, NumberObject

    contents = page.get("/Contents")
    if contents is None:
        return page.extract_text()
    stream = ContentStream(contents.get_object(), page.pdf, "bytes")
    stay = ([NumberObject(0), NumberObject(0)], b"Td")
    placed = []
    unplaced = False
    for operands, operator in stream.operations:
        if operator == b"BT":
            unplaced = True
        elif operator in _MOVES:
            unplaced = False
        elif unplaced and operator in (b"Tj", b"TJ"):
            unplaced = False
            placed.append(stay)
        placed.append((operands, operator))
    if len(placed) > len(stream.operations):
        stream.operations = placed
    key = NameObject("/Contents")
    page[key] = stream  # parsed once: pypdf takes it as it is
    try:
        return page.extract_text()
    finally:
        page[key] = contents  # the parsed operations of all pages together would fill the memory


def _pages(texts: Sequence[str], labels: Sequence[str]) -> tuple[Page, ...]:
    pages = []
    start = 0
    for number, text in enumerate(texts, start=1):
        end = start + len(text)
        label = labels[number - 1] if number <= len(labels) else str(number)
        pages.append(Page(number, label, start, end))
        start = end + len(_BETWEEN_PAGES)
    return tuple(pages)


def _metadata(reader: "PdfReader") -> tuple[str | None, str | None, date | None]:
    info = reader.metadata
    if info is None:
        return None, None, None
    title = clean(info.title).strip() if info.title else ""
    author = clean(info.author).strip() if info.author else ""
    unnamed = ("", "untitled", "anonymous", "unspecified")
    # Word processors write the file's name as the title.
    named = title if title.casefold() not in unnamed and not re.search(r"\.\w{2,4}$", title) else None
    created = info.creation_date
    return named, author if author.casefold() not in unnamed else None, created.date() if created else None
