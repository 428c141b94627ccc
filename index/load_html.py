"""Web pages saved to disk: main text and metadata by trafilatura. Knows pages and what day it is, no network."""

import re
import warnings
from datetime import UTC, date, datetime

from index.clean import find_noise, without_noise
from index.head import read_head
from index.load import Loaded, UnreadableFileError
from index.page_date import published
from index.page_lines import page_lines, removed_blocks, text_of
from index.page_related import drop_related
from rag.text import clean
from rag.types import FileStatus

# The reason of what neither this module nor trafilatura took for a part of the article.
_OUTSIDE = "outside the article"


def load_html(data: bytes) -> Loaded:
    """Return the main text of a page, and the title, outlet, author and date that the page states.

    Raises:
        UnreadableFileError: the page has no main text.
    """
    loaded, _ = _read(data)
    return loaded


def main_text(data: bytes) -> str:
    """Return what becomes passages of a page: its text without the title and what is no text of its own.

    "" where the page has no main text.
    """
    try:
        loaded, titles = _read(data)
    except UnreadableFileError:
        return ""
    return without_noise(loaded.text, find_noise(loaded.text, titles=titles))


def _read(data: bytes) -> tuple[Loaded, list[str]]:
    """Return the page and every title that it gives itself."""
    from trafilatura import bare_extraction
    from trafilatura.utils import load_html as parse

    tree = parse(data)
    if tree is None:
        raise UnreadableFileError(FileStatus.NO_TEXT, "the page has no main text")
    headings = [text_of(element) for element in tree.iter("title", "h1")]
    seen = page_lines(tree)
    reasons = {line: reason for element, reason in drop_related(tree) for line in page_lines(element)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = bare_extraction(
            tree,
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    text = clean(page.text or "") if page is not None else ""
    if page is None or not text.strip():
        raise UnreadableFileError(FileStatus.NO_TEXT, "the page has no main text")
    head = read_head(text)
    title = _given(page.title)
    loaded = Loaded(
        text,
        title=title,
        outlet=_outlet(_given(page.sitename), head.outlet),
        author=_given(page.author) or head.author,
        published=published(tree, text, today=_today()),
        language=_given(page.language) or _language(data),
        removed=removed_blocks(seen, f"{title}\n{text}", reasons=reasons, otherwise=_OUTSIDE),
    )
    return loaded, [title for title in (loaded.title, *headings) if title]


def _today() -> date:
    return datetime.now(UTC).date()


def _outlet(stated: str | None, named: str | None) -> str | None:
    """Return the name of the outlet; the address of its site where nothing names it."""
    address = re.fullmatch(r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)/?", stated or "")
    if address is None:
        return stated or named
    return named or address[1]


def _given(value: str | None) -> str | None:
    return clean(value).strip() or None if value else None


def _language(data: bytes) -> str | None:
    match = re.search(rb"<html[^>]*\blang\s*=\s*[\"']?([A-Za-z]{2})", data[:4000])
    return match[1].decode().lower() if match else None
