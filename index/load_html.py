"""Web pages saved to disk: main text and metadata by trafilatura. Knows pages, no network."""

import re
from datetime import date

from index.load import Loaded, UnreadableFileError
from rag.text import clean
from rag.types import FileStatus


def load_html(data: bytes) -> Loaded:
    """Return the main text of a page, and the title, outlet, author and date that the page states.

    Raises:
        UnreadableFileError: the page has no main text.
    """
    import trafilatura

    page = trafilatura.bare_extraction(
        data,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    text = clean(page.text or "") if page is not None else ""
    if page is None or not text.strip():
        raise UnreadableFileError(FileStatus.NO_TEXT, "the page has no main text")
    return Loaded(
        text,
        title=_given(page.title),
        outlet=_given(page.sitename),
        author=_given(page.author),
        published=_day(page.date),
        language=_given(page.language) or _language(data),
    )


def _given(value: str | None) -> str | None:
    return clean(value).strip() or None if value else None


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _language(data: bytes) -> str | None:
    match = re.search(rb"<html[^>]*\blang\s*=\s*[\"']?([A-Za-z]{2})", data[:4000])
    return match[1].decode().lower() if match else None
