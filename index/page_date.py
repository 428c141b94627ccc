"""The day on which a web page was published: what its markup states, then what a reader sees. Has no clock.

Knows parsed pages and htmldate; knows nothing of files or passages. Unknown stays None: a year without a day,
a date of the story, and the time of the last change are no published date.
"""

import re
import warnings
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING

from index.dates import dateline, find_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHANGED = re.compile(r"modif|updat|revis|expir", re.IGNORECASE)
_UNSEEN = frozenset({"script", "style", "head", "noscript", "template"})
# A date in these is that of an event, of another article or of the site.
_MARGINS = ("nav", "footer", "aside")
# A date in a longer run of text belongs to the story.
_LABEL_CHARS = 80
# What blogs write below a text, before "and is filed under ...".
_NOTE = re.compile(
    r"\s*(?:this (?:entry|post|article) was (?:first )?(?:posted|published|written)\b.{0,60}"
    r"|dieser (?:beitrag|eintrag|artikel) wurde\b.{0,80}\b(?:veröffentlicht|geschrieben)"
    r"|cet (?:article|billet) a été (?:publié|posté)\b.{0,60}|эта запись (?:была )?опубликована\b.{0,60})",
    re.IGNORECASE | re.DOTALL,
)


def published(tree: "HtmlElement", text: str, *, today: date) -> date | None:
    """Return the published date of a page with the main `text`, at the latest `today`. Changes `tree`.

    Of what disagrees, the markup's own statement counts first (`datePublished` and its kin), then what htmldate
    finds in marked-up places, then a note like "This entry was posted on ...", then a dateline of the text, then
    any date that stands by itself on the page. Beside statements only what lies in no margin of the page counts.
    """
    statements = _statements(tree)
    _drop_margins(tree)
    shown = list(_shown(tree))
    stated = _htmldate(statements, today=today)
    if stated is not None:
        return _as_shown(stated, shown)
    _drop_changes(tree)
    placed = _htmldate(tree, today=today)
    if placed is not None:
        return _as_shown(placed, shown)
    for line in (_noted(tree), dateline(text)):
        if line is not None and line <= today:
            return line
    searched = _htmldate(tree, today=today, everywhere=True)
    return searched if searched in shown else None


def _htmldate(tree: "HtmlElement", *, today: date, everywhere: bool = False) -> date | None:
    from htmldate import find_date as read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateutil warns of every time zone that it does not know
        found = read(tree, original_date=True, extensive_search=everywhere, max_date=today.isoformat())
    return date.fromisoformat(found) if found else None


def _as_shown(stated: date, shown: list[date]) -> date:
    """Return the day that the reader sees: a time stated in UTC may fall on the day before or after."""
    near = [day for day in shown if abs((day - stated).days) == 1]
    return near[0] if near and stated not in shown else stated


def _statements(tree: "HtmlElement") -> "HtmlElement":
    """Return a page of nothing but what the markup states: meta tags, canonical address, linked data."""
    from lxml.html import document_fromstring

    page = document_fromstring("<html><head></head><body></body></html>")
    found = tree.xpath('.//meta | .//link[@rel="canonical"] | .//script[@type="application/ld+json"]')
    page.find("head").extend(deepcopy(element) for element in found if not _is_change(element))
    return page


def _drop_margins(tree: "HtmlElement") -> None:
    """Take menus, asides and footers out of the page; in the footer of an article blogs write its day."""
    for element in list(tree.iter(*_MARGINS)):
        if element.tag != "footer" or next(element.iterancestors("article"), None) is None:
            element.drop_tree()


def _drop_changes(tree: "HtmlElement") -> None:
    for element in [found for found in tree.iter("meta") if _is_change(found)]:
        element.getparent().remove(element)


def _is_change(element: "HtmlElement") -> bool:
    names = (element.get(name) or "" for name in ("property", "name", "itemprop", "http-equiv"))
    return element.tag == "meta" and any(_CHANGED.search(name) for name in names)


def _noted(tree: "HtmlElement") -> date | None:
    """Return the day of the notes that say when the page was published; None where there is not one such day."""
    notes = (_NOTE.match(element.text_content()) for element in tree.iter("p", "small", "div", "span"))
    days = {find_date(note.group()) for note in notes if note} - {None}
    return days.pop() if len(days) == 1 else None


def _shown(tree: "HtmlElement") -> Iterator[date]:
    """Yield the dates that stand by themselves in the visible page, in its order."""
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        texts = [element.tail, element.get("datetime") if element.tag == "time" else None]
        if element.tag not in _UNSEEN:
            texts.append(element.text)
        for text in texts:
            day = find_date(text) if text and len(text.strip()) <= _LABEL_CHARS else None
            if day is not None:
                yield day
