"""PDF files: the only import of pypdf. Knows pages, labels and the file's own metadata."""

import logging
import re
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from index.load import Loaded, UnreadableFileError
from index.load_text import head_title, unwrap
from rag.text import clean
from rag.types import FileStatus, Page

if TYPE_CHECKING:
    from pypdf import PdfReader

_BETWEEN_PAGES = "\n\n"
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


def load_pdf(data: bytes) -> Loaded:
    """Return the text of all pages, with the span, number and printed label of each.

    Raises:
        UnreadableFileError: the file is encrypted, damaged, or holds pictures only.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is told by the status
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError(FileStatus.ENCRYPTED, "it needs a password")
        texts = [_page_text(page.extract_text()) for page in reader.pages]
        labels = list(reader.page_labels)
        title, author, published = _metadata(reader)
    except UnreadableFileError:
        raise
    except (PyPdfError, *_DAMAGED) as error:
        reason = f"damaged PDF ({type(error).__name__}: {error})"
        raise UnreadableFileError(FileStatus.FAILED, reason[:200]) from error
    except ImportError as error:  # some ciphers need the cryptography package
        raise UnreadableFileError(FileStatus.ENCRYPTED, "it is encrypted in a way that is not read") from error
    if not any(re.search(r"\w", text) for text in texts):
        raise UnreadableFileError(FileStatus.NO_TEXT, "scanned pages without text: run OCR on it first")
    return Loaded(
        _BETWEEN_PAGES.join(texts),
        title=title or head_title(next(text for text in texts if text.strip())),
        author=author,
        published=published,
        pages=_pages(texts, labels),
    )


def _page_text(raw: str) -> str:
    return unwrap(clean(raw)).strip()


def _pages(texts: list[str], labels: list[str]) -> tuple[Page, ...]:
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
