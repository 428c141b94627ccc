"""HTML that cannot carry anything foreign: every text is escaped, markup is made by `el` alone.

Knows no answer and no document.
"""

import html
from collections.abc import Iterable
from typing import TypeAlias


class Html(str):
    """Markup made by `el`; plain text becomes it only by being escaped."""

    __slots__ = ()


Child: TypeAlias = str | None
"""Text (escaped), Html (as it is) or nothing."""

_VOID = frozenset({"img", "input", "br", "rect", "hr"})


def el(name: str, *children: Child | Iterable[Child], **attributes: str | float | bool | None) -> Html:
    """Return an element; `class_` stands for class, `data_do` for data-do, True for one without a value."""
    told = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: Child | Iterable[Child]) -> Html:
    """Return children one after the other."""
    return Html("".join(_child(child) for child in children))


def _child(child: Child | Iterable[Child]) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return str(child)
    if isinstance(child, str):
        return escaped(child)
    return "".join(_child(one) for one in child)


def escaped(text: str) -> str:
    """Return text as it is read, whatever it contains; control characters that HTML forbids become spaces."""
    return html.escape("".join(char if char >= " " or char in "\n\t" else " " for char in text))


def _attribute(key: str, value: str | float | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'


def scrolling(table: Html, *, label: str) -> Html:
    """Return a table that scrolls by itself where it is wider than the page, also with the keyboard."""
    return el("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)
