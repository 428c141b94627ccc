"""The lines that a reader of a web page sees, and those of them that are not in its main text. Reads no files."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rag.text import clean, one_line, sentences, words
from rag.types import RemovedBlock

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# What is kept on record of one page; where there is more, the longest lines, since a menu tells least.
_MAX_LINES = 200
_MAX_LINE_CHARS = 300
# Shorter lines stand in many sentences by chance: "World" is removed though the article speaks of the world.
_MIN_INNER_CHARS = 25
_UNSEEN = frozenset("script style head title template noscript object svg math option textarea iframe".split())
_BLOCKS = frozenset(
    """
    address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure footer form h1
    h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()
)
# These stand apart although nothing may lie between them: "<a>Home</a><a>World</a>".
_APART = frozenset(("a", "button", "label"))


def text_of(element: "HtmlElement") -> str:
    """Return the words of an element on one line."""
    return one_line(element.text_content())


def page_lines(element: "HtmlElement") -> list[str]:
    """Return the words of a page or of a part of it, one block a line."""
    from lxml.etree import iterwalk

    parts: list[str] = []
    walker = iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        parts.append("\n" if node.tag in _BLOCKS else " " if node.tag in _APART else "")
        if event == "start" and node.tag in _UNSEEN:
            walker.skip_subtree()
        elif event == "start":
            parts.append(re.sub(r"\s+", " ", node.text or ""))
        elif node is not element:
            parts.append(re.sub(r"\s+", " ", node.tail or ""))
    lines = (one_line(line) for line in clean("".join(parts)).split("\n"))
    return [line for line in lines if line]


def removed_blocks(
    lines: Sequence[str], kept: str, *, reasons: Mapping[str, str], otherwise: str
) -> tuple[RemovedBlock, ...]:
    """Return what of the `lines` of a page is not in the text that is `kept`, each once, in its order.

    `reasons` gives the reason of a line; one that it does not name has the reason `otherwise`.
    """
    said = [kept[start:end] for start, end in sentences(kept)]
    cells = [cell for line in kept.split("\n") for cell in (line, *line.split("|"))]
    pieces = {_key(piece) for piece in (*said, *cells)}
    whole = _key(kept)
    why = {_key(line): reason for line, reason in reasons.items()}
    found: dict[str, RemovedBlock] = {}
    for line in lines:
        for part in _absent(line, pieces, whole):
            key = _key(part)
            found.setdefault(key, RemovedBlock(_shortened(part), why.get(key, otherwise)))
    return _longest(list(found.values()), otherwise)


def _absent(line: str, pieces: set[str], whole: str) -> Iterator[str]:
    """Yield the line where nothing of it was kept, else its sentences that were not."""
    if _is_in(line, pieces, whole):
        return
    said = [line[start:end] for start, end in sentences(line)]
    absent = [sentence for sentence in said if not _is_in(sentence, pieces, whole)]
    yield from [line] if len(absent) == len(said) else absent


def _is_in(line: str, pieces: set[str], whole: str) -> bool:
    key = _key(line)
    return not key or key in pieces or (len(key) >= _MIN_INNER_CHARS and key in whole)


def _key(text: str) -> str:
    """Return the letters and digits alone: spaces and marks change on the way to the main text."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _shortened(line: str) -> str:
    return line if len(line) <= _MAX_LINE_CHARS else line[: _MAX_LINE_CHARS - 2].rstrip() + " …"


def _longest(blocks: Sequence[RemovedBlock], otherwise: str) -> tuple[RemovedBlock, ...]:
    if len(blocks) <= _MAX_LINES:
        return tuple(blocks)
    ranked = sorted(range(len(blocks)), key=lambda at: -len(words(blocks[at].text)))
    kept = sorted(ranked[: _MAX_LINES - 1])
    more = RemovedBlock(f"… and {len(blocks) - len(kept):,} shorter lines", otherwise)
    return (*(blocks[at] for at in kept), more)
