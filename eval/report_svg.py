"""A drawing of matplotlib made fit for a page: its colours, fonts and names become the page's.

Knows SVG as matplotlib writes it; knows neither matplotlib nor what was drawn. Words from data never reach
matplotlib, which would read mathematics into a "$" and complain of letters that its font lacks: it draws
stand-ins, and the words are put in their places here, escaped.
"""

import re
import unicodedata
from enum import StrEnum
from xml.etree import ElementTree as Xml

from eval.report_words import visible
from rag.text import one_line

# Begins the name of a group of shapes; what follows becomes its class.
KIND = "kind-"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_STAND_IN = re.compile(r"@(\d+)@0*")
_DECIMALS = re.compile(r"-?\d+\.\d+")


class Ink(StrEnum):
    """What shapes are drawn in. The numbers are marks only: each becomes the style sheet's colour of that name."""

    INK = "#000001"
    SOFT = "#000002"
    FAINT = "#000003"
    CARD = "#000004"
    OURS = "#000005"
    OURS_FILL = "#000006"
    THEIRS = "#000007"
    GEM = "#000008"
    GOOD = "#000009"
    ILL = "#00000a"


_COLOURS = {str(ink): f"var(--{ink.name.lower().replace('_', '-')})" for ink in Ink}


class Words:
    """The words of a drawing, and their stand-ins."""

    def __init__(self) -> None:
        self._held: list[tuple[str, str]] = []

    def hold(self, words: str, *, soft: str = "", chars: int = 80) -> str:
        """Return a stand-in, about as long as `words` cut to `chars`; `soft` is set behind them, paler."""
        cut = _cut(one_line(visible(words)), chars)
        self._held.append((cut, one_line(visible(soft))))
        return f"@{len(self._held) - 1}@".ljust(_columns(cut), "0")

    def set_in(self, text: Xml.Element) -> None:
        """Put the words where their stand-in is; other text stays."""
        found = _STAND_IN.fullmatch(text.text or "")
        if found:
            text.text, soft = self._held[int(found.group(1))]
            if soft:
                Xml.SubElement(text, "tspan", {"class": "soft", "dx": "0.5em"}).text = soft


def _columns(text: str) -> int:
    """Return how wide a text is, in letters: those of East Asia count twice."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _cut(text: str, chars: int) -> str:
    if _columns(text) <= chars:
        return text
    while _columns(text) >= chars:
        text = text[:-1]
    return text.rstrip() + "…"


def inline(svg: bytes, *, name: str, title: str, told: str, words: Words) -> str:
    """Return the drawing as an element of a page that says in words what it shows.

    `name` is unique on the page and begins every id. There is no style, no link and nothing to load in it.
    """
    drawing = Xml.fromstring(svg)  # noqa: S314 - matplotlib wrote it
    used = {element.get(_XLINK, "")[1:] for element in drawing.iter()}
    renamed = {old: f"{name}-{place}" for place, old in enumerate(sorted(used - {""}))}
    _without(drawing)
    for element in list(drawing.iter()):
        _tidy(element, renamed)
        words.set_in(element)
    picture = Xml.Element(
        "svg",
        {
            "class": "chart",
            "viewBox": drawing.get("viewBox", ""),
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
        },
    )
    Xml.SubElement(picture, "title", {"id": f"{name}-title"}).text = visible(title)
    Xml.SubElement(picture, "desc", {"id": f"{name}-desc"}).text = visible(told)
    picture.extend(drawing)
    return Xml.tostring(picture, encoding="unicode")


def _without(element: Xml.Element) -> None:
    """Drop what describes the file, its style sheet (it would style the whole page) and frames that cut off."""
    for child in list(element):
        child.tag = child.tag.rpartition("}")[2]
        if child.tag in ("metadata", "style", "clipPath"):
            element.remove(child)
            continue
        _without(child)
        if child.tag in ("defs", "g") and not len(child):
            element.remove(child)


def _tidy(element: Xml.Element, renamed: dict[str, str]) -> None:
    element.text, element.tail = (element.text if element.tag == "text" else None), None
    given = dict(element.attrib)
    element.attrib.clear()
    for key, value in given.items():
        if key == "id":
            element.attrib.update(_named(value, renamed))
        elif key == _XLINK:
            element.set("href", "#" + renamed[value[1:]])
        elif key == "style":
            element.attrib.update(_styled(value))
        elif key != "clip-path" and not value.startswith("rotate(-0 "):
            element.set(key, _DECIMALS.sub(lambda match: f"{float(match.group()):.2f}", " ".join(value.split())))


def _named(name: str, renamed: dict[str, str]) -> dict[str, str]:
    if name in renamed:
        return {"id": renamed[name]}
    return {"class": name.removeprefix(KIND)} if name.startswith(KIND) else {}


def _styled(style: str) -> dict[str, str]:
    """Return a style as attributes, which a policy against inline style lets pass; fonts are the page's."""
    pairs = (pair.partition(":") for pair in style.split(";") if pair.strip())
    styled = {key.strip(): value.strip() for key, _, value in pairs}
    styled.pop("font-family", None)
    return {key: _COLOURS.get(value, value) for key, value in styled.items()}
