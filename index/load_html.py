"""Web pages saved to disk: main text and metadata by trafilatura. Knows pages and what day it is, no network."""

import re
import warnings
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from index.clean import find_noise, without_noise
from index.head import read_head
from index.load import Loaded, UnreadableFileError
from index.page_date import published
from rag.text import clean, words
from rag.types import FileStatus

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# The headline of another article has four words at least; "Amazon" or "this report" belongs to a sentence.
_HEADLINE_WORDS = 4
# Where links to other articles are more than this share of the words, they are what the page is about.
_MAX_LINK_SHARE = 0.3
_ENDS_SENTENCE = re.compile(r"[.!?…][\"'”’»)]*$")


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
    _drop_related(tree)
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
    loaded = Loaded(
        text,
        title=_given(page.title),
        outlet=_outlet(_given(page.sitename), head.outlet),
        author=_given(page.author) or head.author,
        published=published(tree, text, today=_today()),
        language=_given(page.language) or _language(data),
    )
    headings = [_text(element) for element in tree.iter("title", "h1")]
    return loaded, [title for title in (loaded.title, *headings) if title]


def _today() -> date:
    return datetime.now(UTC).date()


def _drop_related(tree: "HtmlElement") -> None:
    """Take links to other articles out of the page: lists of nothing else, and paragraphs that are one link.

    A page that consists of them (an index, a list of sources) keeps them.
    """
    total = sum(len(words(_text(element))) for element in tree.iter("p"))
    found = {element for element in tree.iter("ul", "ol") if _is_link_list(element)}
    found |= {element for element in tree.iter("p") if _is_link_line(element)}
    outer = [element for element in found if found.isdisjoint(element.iterancestors())]
    if sum(len(words(_text(element))) for element in outer) <= total * _MAX_LINK_SHARE:
        for element in outer:
            element.drop_tree()


def _is_link_list(element: "HtmlElement") -> bool:
    said = len(words(_text(element)))
    links = [len(words(_text(link))) for link in element.iter("a") if _leads_away(link)]
    return len(links) > 1 and min(links) >= _HEADLINE_WORDS and sum(links) >= said * 0.9


def _is_link_line(element: "HtmlElement") -> bool:
    links = list(element.iter("a"))
    said = _text(element)
    if len(links) != 1 or not _leads_away(links[0]) or _ENDS_SENTENCE.search(said):
        return False
    # "Read more:" may stand before the link.
    linked = len(words(_text(links[0])))
    return linked > _HEADLINE_WORDS and linked >= len(words(said)) - 2


def _leads_away(link: "HtmlElement") -> bool:
    return not (link.get("href") or "").startswith("#")


def _text(element: "HtmlElement") -> str:
    return " ".join(element.text_content().split())


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
