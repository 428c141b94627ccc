"""Blocks of a web page that lead to other articles or offer a service: lists of links, cards, widgets, share rows.

Knows parsed pages; knows nothing of files or of what trafilatura keeps. A sentence of the article is worth more
than a block that stays.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index import clean_words as say
from index.page_lines import text_of
from rag.text import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# The headline of another article has four words at least; "Amazon" or "this report" belongs to a sentence.
_HEADLINE_WORDS = 4
# Where links to other articles are more than this share of the words, they are what the page is about. A block
# whose class says what it is may have more.
_MAX_LINK_SHARE = 0.3
_MAX_CARD_SHARE = 0.5
# Of a paragraph or list that is nothing but links; the rest are marks and words like "and".
_LINKED_SHARE = 0.9
_ENDS_SENTENCE = re.compile(r"[.!?…][\"'”’»)]*$")
# What designers call the blocks of other articles' headlines. Capitals for names like "relatedStories".
_CARDS_CLASS = re.compile(r"(?<![a-z])(?:[Pp]romos?(?![a-z])|[Tt]easers?(?![a-z])|[Rr]elated|[Rr]ecirc)")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
# A card is a headline and a summary; longer ones are articles.
_MAX_CARD_WORDS = 60
_MAX_WIDGET_WORDS = 25
# Beside a button: what it gives. A byline or a day stands beside buttons too.
_OFFER = re.compile(r"\b(?:summar\w+|short(?:er)? version|in (?:brief|short)|AI|кратк\w+|пересказ\w*)\b")
_SHARE_ROW = re.compile(
    r"(?:share|поделиться|поделитесь)(?:\s+(?:this|it|article|story|post|page|ссылкой|статьёй))*"
    r"\s+(?:on|via|with|to|в|на|через)\s+(?P<names>.+)",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"[\s,/|·•.]+(?:(?:and|or|и|или)\s+)?")


def drop_related(tree: "HtmlElement") -> list[tuple["HtmlElement", str]]:
    """Take what leads away from the article out of the page; return what was taken, each with the reason.

    A page that consists of links to other articles (an index, a list of sources) keeps them, and a list that a
    sentence announces belongs to the sentence.
    """
    _keep_announced_lists(tree)
    total = sum(len(words(text_of(element))) for element in tree.iter("p"))
    found: dict[HtmlElement, str] = {}
    for related, share in ((_links(tree), _MAX_LINK_SHARE), (_cards(tree), _MAX_CARD_SHARE)):
        blocks = _outermost(dict.fromkeys(related, "teaser"))
        if sum(len(words(text_of(block))) for block, _ in blocks) <= total * share:
            found.update(blocks)
    found.update(_services(tree))
    dropped = _outermost(found)
    for element, _ in dropped:
        element.drop_tree()
    return dropped


def _outermost(found: dict["HtmlElement", str]) -> list[tuple["HtmlElement", str]]:
    return [(element, why) for element, why in found.items() if found.keys().isdisjoint(element.iterancestors())]


def _links(tree: "HtmlElement") -> Iterator["HtmlElement"]:
    yield from (element for element in tree.iter("ul", "ol") if _is_link_list(element))
    yield from (element for element in tree.iter("p") if _is_link_line(element) and not _is_announced(element))


def _cards(tree: "HtmlElement") -> Iterator["HtmlElement"]:
    blocks = tree.iter("div", "section", "aside")
    named = (block for block in blocks if _CARDS_CLASS.search(block.get("class") or ""))
    yield from (block for block in named if _are_cards(block))


def _keep_announced_lists(tree: "HtmlElement") -> None:
    """Make plain text of the links in "The council voted for these roads:" and its list, which is then kept."""
    for element in list(tree.iter("ul", "ol")):
        if _is_announced(element):
            for link in list(element.iter("a")):
                link.drop_tag()


def _is_announced(element: "HtmlElement") -> bool:
    """Return True after words that end with a colon and are no label like "You may also like:"."""
    before, parent = element.getprevious(), element.getparent()
    while before is not None and not isinstance(before.tag, str) and not (before.tail or "").strip():
        before = before.getprevious()  # a comment
    if before is not None:
        said = (text_of(before) if before.tag in ("p", "li", "dt") else "") + (before.tail or "")
    else:
        said = parent.text or "" if parent is not None else ""
    said = " ".join(said.split())
    if not said.endswith(":") or len(words(said)) < _HEADLINE_WORDS:
        return False
    return not any(label.match(said) for label in (say.RELATED, say.SHARE_LABEL, say.OUTSIDE, say.APPEAL))


def _is_link_list(element: "HtmlElement") -> bool:
    said = len(words(text_of(element)))
    links = _headlines(element)
    return len(links) > 1 and min(links) >= _HEADLINE_WORDS and sum(links) >= said * _LINKED_SHARE


def _is_link_line(element: "HtmlElement") -> bool:
    """Return True for a paragraph of links alone, or of a label like "Read more:" and links."""
    said, links = text_of(element), _headlines(element)
    label = say.RELATED.match(said)
    if not links:
        return False
    if label and label["colon"] and label["rest"]:
        return min(links) >= _HEADLINE_WORDS and sum(links) >= len(words(label["rest"])) * _LINKED_SHARE
    if _ENDS_SENTENCE.search(said):
        return False
    if len(links) > 1:
        return min(links) >= _HEADLINE_WORDS and sum(links) >= len(words(said)) * _LINKED_SHARE
    # Another label than the known ones may stand before the link.
    return links[0] > _HEADLINE_WORDS and links[0] >= len(words(said)) - 2


def _headlines(element: "HtmlElement") -> list[int]:
    """Return the words of each link; none where a link stays on the page, as notes and contents do."""
    links = [link for link in element.iter("a") if text_of(link)]
    if not all(_leads_away(link) for link in links):
        return []
    return [len(words(text_of(link))) for link in links]


def _leads_away(link: "HtmlElement") -> bool:
    return not (link.get("href") or "").startswith("#")


def _are_cards(block: "HtmlElement") -> bool:
    """Return True where a block begins with a linked headline, or with a label over it, and holds no article."""
    linked = (heading for heading in block.iter(*_HEADINGS) if _is_linked(heading))
    headings = [heading for heading in linked if len(words(text_of(heading))) >= _HEADLINE_WORDS]
    if not headings or next(block.iter("h1"), None) is not None:
        return False
    said, first = text_of(block), text_of(headings[0])
    label = said[: said.find(first)]
    return len(words(label)) <= _HEADLINE_WORDS and len(words(said)) <= _MAX_CARD_WORDS * len(headings)


def _is_linked(heading: "HtmlElement") -> bool:
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    return any(link.get("href") and _leads_away(link) for link in links)


def _services(tree: "HtmlElement") -> Iterator[tuple["HtmlElement", str]]:
    """Yield buttons for a summary with what is said beside them, and rows of places to share the page."""
    for element in tree.iter("div", "section", "aside", "p", "span"):
        said = text_of(element)
        if not 0 < len(words(said)) <= _MAX_WIDGET_WORDS:
            continue
        row = _SHARE_ROW.fullmatch(said)
        names = [name for name in _BETWEEN_NAMES.split(row["names"]) if name] if row else []
        if names and all(say.BUTTON.match(name) for name in names):
            yield element, "share"
        elif element.tag != "p" and _offers_summary(element, said):
            yield element, "widget"


def _offers_summary(element: "HtmlElement", said: str) -> bool:
    buttons = [text_of(button) for button in element.iter("button")]
    for button in buttons:
        said = said.replace(button, "", 1)
    offers = not words(said) or bool(_OFFER.search(said))
    prose = next(element.iter("p", "h1", "h2"), None)
    return offers and prose is None and any(say.WIDGET.match(button) for button in buttons)
