"""A document as HTML: its whole text with the words of a quote marked, and its page as a picture. Pure.

Knows what ui.ports tells of a document; opens no file.
"""

import base64
from collections.abc import Iterable, Sequence

from rag.types import Noise, Page, Source, Span
from ui.html import Html, el, joined
from ui.ports import Opened, Picture, Place

_PLACES = {
    Place.MOVED: "The document has changed since this answer; the words now stand here.",
    Place.CHANGED: "The document has changed since this answer, and these words are no longer in it. They were:",
    Place.GONE: "This document is no longer in the library. The words were:",
}


def document(opened: Opened, *, quoted: str = "", picture: Picture | None = None) -> Html:
    """Return a document opened at some words; `quoted` are the words as the answer has them."""
    note = _PLACES.get(opened.place)
    lost = opened.place in (Place.CHANGED, Place.GONE)
    return el(
        "section",
        _head(opened.source),
        el("p", note, class_="notice", role="status") if note else None,
        el("blockquote", quoted) if lost and quoted else None,
        _page(picture, opened.page) if picture else None,
        _text(opened) if opened.text else None,
        class_="document",
        aria_label=f"Document: {opened.source.title}",
    )


def _head(source: Source) -> Html:
    published = source.published.isoformat() if source.published else "undated"
    facts = [source.outlet, source.author, published, ", ".join(source.names)]
    close = el("button", "Close", type="button", data_do="close", class_="quiet", aria_label="Close the document")
    return el(
        "header",
        el("div", el("h3", source.title, tabindex=-1), close, class_="title"),
        el("p", " · ".join(fact for fact in facts if fact), class_="where"),
    )


def _page(picture: Picture, page: Page | None) -> Html:
    label = f"Page {page.label}" if page else "Page"
    png = base64.b64encode(picture.png).decode()
    boxes = [
        el("rect", x=f"{x:.5f}", y=f"{y:.5f}", width=f"{w:.5f}", height=f"{h:.5f}") for x, y, w, h in picture.boxes
    ]
    over = el("svg", boxes, viewBox="0 0 1 1", preserveAspectRatio="none", aria_hidden="true", class_="boxes")
    image = el(
        "img",
        src=f"data:image/png;base64,{png}",
        alt=f"{label} of the document; the quoted words are marked" if boxes else f"{label} of the document",
        width=picture.width,
        height=picture.height,
    )
    caption = label if boxes else f"{label} (the words could not be found in the picture; they are marked below)"
    return el("figure", el("div", image, over, class_="sheet"), el("figcaption", caption))


def _text(opened: Opened) -> Html:
    """Return the whole text: the words marked, and paler what was cut as navigation or repeated blocks."""
    pieces = _pieces(len(opened.text), opened.span, opened.noise)
    parts: list[Html | str] = []
    for (start, end), kind, reason in pieces:
        words = opened.text[start:end]
        if kind == "hit":
            parts.append(el("mark", words, class_="hit", tabindex=-1))
        elif kind == "noise":
            parts.append(el("span", words, class_="noise", title=f"Left out of the search: {reason}"))
        else:
            parts.append(words)
    return el("div", joined(parts), class_="text", tabindex=0, role="region", aria_label="Text of the document")


def _pieces(length: int, hit: Span, noise: Sequence[Noise]) -> Iterable[tuple[Span, str, str]]:
    """Yield the text cut at the edges of what is marked; the quoted words stay in one piece."""
    marks = [((hit[0], hit[1]), "hit", "")] if hit[1] > hit[0] else []
    for part in noise:
        for start, end in _outside((part.start, part.end), hit):
            marks.append(((start, end), "noise", part.reason))
    at = 0
    for (start, end), kind, reason in sorted(marks):
        if start < at:
            continue
        if at < start:
            yield (at, start), "", ""
        yield (start, end), kind, reason
        at = end
    if at < length:
        yield (at, length), "", ""


def _outside(span: Span, hit: Span) -> list[Span]:
    """Return the parts of a span that the hit does not cover."""
    start, end = span
    if hit[1] <= start or end <= hit[0] or hit[0] == hit[1]:
        return [span]
    return [part for part in ((start, hit[0]), (hit[1], end)) if part[0] < part[1]]
