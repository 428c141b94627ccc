"""A passage in its surroundings, and what was left out of a document. Reads a store; knows no terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.store import Store
from rag.errors import UsageError
from rag.types import Source, Span

_AROUND_CHARS = 800


@dataclass(frozen=True, slots=True)
class View:
    """A part of a document's text: `quoted` with what stands before and after it.

    `quoted` is `text[start:end]` of the document, empty where the whole document is shown. `pages` are the labels
    of the pages it lies on; `more_before` and `more_after` say whether the text goes on.
    """

    source: Source
    passage_id: int | None
    start: int
    end: int
    before: str
    quoted: str
    after: str
    pages: tuple[str, ...]
    more_before: bool
    more_after: bool

    @property
    def page(self) -> str | None:
        """Return the label of its page, or of its first and last one; None where the format has no pages."""
        if not self.pages:
            return None
        return self.pages[0] if len(self.pages) == 1 else f"{self.pages[0]}–{self.pages[-1]}"


@dataclass(frozen=True, slots=True)
class Removed:
    """A part of a document that no passage holds, and why. It has no place where the text does not hold it."""

    source: Source
    start: int | None
    end: int | None
    text: str
    reason: str


def view(store: Store, name: str, *, around_chars: int = _AROUND_CHARS) -> View:
    """Return the passage with this number (5) in its surroundings, or the whole document that goes by this name.

    A document's number (d5) is a name too.

    Raises:
        UsageError: no passage has this number, no document, or more than one, goes by this name.
    """
    with store.reading():
        if name.isascii() and name.isdigit() and (found := _passage_view(store, int(name), around_chars)):
            return found
        source = named_source(store, name, numbers=False)
        text = store.document_text(source.document_id)
    return View(
        source, None, 0, 0, before="", quoted="", after=text, pages=(), more_before=False, more_after=False
    )


def _passage_view(store: Store, passage_id: int, around_chars: int) -> View | None:
    # SQLite counts in 64 bits and refuses larger numbers.
    passage = store.passages([passage_id]).get(passage_id) if passage_id < 1 << 63 else None
    if passage is None:
        return None
    source = store.sources([passage.document_id])[passage.document_id]
    text = store.document_text(passage.document_id)
    first, last = surroundings(text, (passage.start, passage.end), around_chars=around_chars)
    return View(
        source=source,
        passage_id=passage_id,
        start=passage.start,
        end=passage.end,
        before=text[first : passage.start],
        quoted=passage.text,
        after=text[passage.end : last],
        pages=tuple(page.label for page in source.pages if page.start < passage.end and passage.start < page.end),
        more_before=bool(text[:first].strip()),
        more_after=bool(text[last:].strip()),
    )


def surroundings(text: str, span: Span, *, around_chars: int) -> Span:
    """Return a span of whole words with at most `around_chars` before and after `span`."""
    start, end = span
    first, last = max(0, start - around_chars), min(len(text), end + around_chars)
    while 0 < first < start and not text[first - 1].isspace():
        first += 1
    while end < last < len(text) and not text[last].isspace():
        last -= 1
    return first, last


def view_text(shown: View) -> str:
    """Return a view as text: the passage between » and «, … where the document goes on."""
    if not shown.quoted:
        return shown.after.strip()
    before = ("… " if shown.more_before else "") + shown.before.lstrip()
    after = shown.after.rstrip() + (" …" if shown.more_after else "")
    return f"{before}» {shown.quoted} «{after}"


def named_source(store: Store, name: str, *, numbers: bool = True) -> Source:
    """Return the document with this name, path or number (d5); a bare 5 is one too where `numbers` count.

    Raises:
        UsageError: no document, or more than one, goes by this name.
    """
    found = [source for source in store.sources().values() if _is_meant(source, name, numbers)]
    if not found:
        what = "document" if numbers else "passage or document"
        hint = "Type rag sources to see what there is: d1, d2 and so on are the numbers of documents."
        raise UsageError(f"No {what} goes by {name!r}.", hint=hint)
    if len(found) > 1:
        told = ", ".join(f"{source.handle} ({source.paths[0]})" for source in found)
        raise UsageError(f"{name!r} can be any of {told}.", hint="Give its number, or the whole path.")
    return found[0]


def _is_meant(source: Source, name: str, numbers: bool) -> bool:
    absolute = str(Path(name).expanduser().absolute())
    names = {*source.names, *(Path(one).name for one in source.names)}
    is_number = name == source.handle or (numbers and name == str(source.document_id))
    return is_number or name in names or absolute in source.paths


def removed_rows(store: Store) -> Iterator[Removed]:
    """Yield what was left out of each document: in the order of the text, then what never became text."""
    with store.reading():
        for document_id, source in store.sources().items():
            noise = store.noise(document_id)
            text = store.document_text(document_id) if noise else ""
            for part in noise:
                yield Removed(source, part.start, part.end, text[part.start : part.end], part.reason)
            for block in store.removed(document_id):
                yield Removed(source, None, None, block.text, block.reason)
