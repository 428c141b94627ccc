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
# Designers say so of their own blocks too; so does whoever comments.
_MARGIN_CLASS = re.compile(
    r"(?<![a-z])(?:cookie|consent|privacy|gdpr|comment|reply|related|footer|calendar|event|pop-?up"
    r"|newsletter|teaser|promo)",
    re.IGNORECASE,
)
# Beside an article; inside one it holds what belongs to it.
_SIDE_CLASS = re.compile(r"(?<![a-z])side-?bar", re.IGNORECASE)
# Beside these a day is that of the copy, of a rule, or of something to come.
_OTHER_DAY = re.compile(
    r"\b(?:generated|printed|retrieved|accessed|downloaded|saved|today is|privacy|cookies?|policy|terms|copyright"
    r"|valid|abgerufen|gedruckt|heute ist|datenschutz\w*|распечатано|сегодня)\b",
    re.IGNORECASE,
)
_MONTHS = 12
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
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
    if placed is not None and (day := _in_its_order(placed, tree)) is not None:
        return _as_shown(day, shown)
    for line in (_noted(tree), dateline(text)):
        if line is not None and line <= today:
            return line
    _drop_marked_margins(tree)
    searched = _htmldate(tree, today=today, everywhere=True)
    # What stands alone and is today may be the page's clock.
    return searched if searched in set(_shown(tree)) and searched != today else None


def _htmldate(tree: "HtmlElement", *, today: date, everywhere: bool = False) -> date | None:
    from htmldate import find_date as read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateutil warns of every time zone that it does not know
        found = read(tree, original_date=True, extensive_search=everywhere, max_date=today.isoformat())
    return date.fromisoformat(found) if found else None


def _in_its_order(day: date, tree: "HtmlElement") -> date | None:
    """Return the day, of "03/04/2020" in the order of the page's language; None where that may be either.

    htmldate takes the first number for the day, as everybody but Americans does.
    """
    written = re.search(rf"(?<![\d/])0?{day.day}/0?{day.month}/{day.year}(?![\d/])", tree.text_content())
    if written is None or day.day > _MONTHS or day.day == day.month:
        return day
    root = tree.getroottree().getroot()
    language = (root.get("lang") or root.get("xml:lang") or root.get(_XML_LANG) or "").casefold().replace("_", "-")
    if language == "en-us":
        return date(day.year, day.day, day.month)
    return day if language not in ("", "en") else None


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
        if element.tag != "footer" or not _is_in_article(element):
            element.drop_tree()


def _is_in_article(element: "HtmlElement") -> bool:
    return next(element.iterancestors("article"), None) is not None


def _drop_marked_margins(tree: "HtmlElement") -> None:
    """Take out what by its name or its words is none of the article: its days are others'."""
    for element in list(tree.iter("div", "section", "ol", "ul", "p", "span", "li", "small")):
        marks = f"{element.get('class') or ''} {element.get('id') or ''}"
        text = element.text_content()
        is_other = len(text) <= _LABEL_CHARS and _OTHER_DAY.search(text)
        is_margin = _MARGIN_CLASS.search(marks) or (_SIDE_CLASS.search(marks) and not _is_in_article(element))
        if element.getparent() is not None and (is_other or is_margin):
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
