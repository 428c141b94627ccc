"""What happens among the documents when a person does something: add, filter, look, remove.

Thin handlers around a shelf; of widgets it knows only the values that go into them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import UsageError
from rag.text import one_line
from ui import render_document, render_library
from ui.events import Updates, day, pressed, told_as_message, whole
from ui.html import Html, el, joined
from ui.ports import DocumentRow, Opened, Shelf

ANY = "any"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents are listed."""

    words: str = ""
    outlet: str = ANY
    language: str = ANY
    status: str = ANY
    since: date | None = None
    until: date | None = None

    def takes(self, row: DocumentRow) -> bool:
        """Is this one listed?"""
        since, until = self.since, self.until
        known = f"{row.title} {row.name}".casefold()
        return (
            all(word in known for word in self.words.casefold().split())
            and self.outlet in (ANY, row.outlet or "none")
            and self.language in (ANY, row.language or "none")
            and self.status in (ANY, row.status.value)
            and (since is None or (row.published is not None and since <= row.published))
            and (until is None or (row.published is not None and row.published <= until))
        )


@dataclass(slots=True)
class LibraryWidgets:
    """The parts of the page that the handlers write to."""

    progress: Any
    table: Any
    outlet: Any
    language: Any
    status: Any
    panel: Any
    document: Any
    scope_documents: Any
    files: Any
    folder: Any


@dataclass(slots=True)
class Library:
    """The handlers of the documents."""

    shelf: Shelf
    widgets: LibraryWidgets

    def show(self, asked: Sequence[int] | None, *values: Any) -> Updates:  # noqa: ANN401 - the filter's fields
        """List the documents that the filter takes; `asked` are those that a conversation is kept to."""
        only = _filter(values)
        with told_as_message():
            rows = self.shelf.documents()
        w = self.widgets
        chosen = [row for row in rows if only.takes(row)]
        return {
            w.table: render_library.documents(chosen, total=len(rows)),
            w.outlet: gr.update(choices=_choices([only.outlet, *(row.outlet or "none" for row in rows)])),
            w.language: gr.update(choices=_choices([only.language, *(row.language or "none" for row in rows)])),
            w.status: gr.update(choices=_choices([only.status, *(row.status.value for row in rows)])),
            w.scope_documents: gr.update(choices=document_choices(rows), **_left(asked or (), rows)),
        }

    def add(self, paths: Sequence[str] | str | None) -> Iterator[Updates]:
        """Add files, telling how far it is."""
        w = self.widgets
        wanted = [Path(path) for path in ([paths] if isinstance(paths, str) else paths or [])]
        if not wanted:
            yield {w.progress: gr.skip()}
            return
        with told_as_message():
            for step in self.shelf.add(wanted):
                yield {w.progress: render_library.adding(step, self.shelf.limits)}
        yield {w.files: None, w.folder: None}

    def look(self, event: gr.EventData) -> Iterator[Updates]:
        """Open a document of the list, with what was cut out of it."""
        w = self.widgets
        with told_as_message():
            opened = self.shelf.open(whole(pressed(event), "document"))
            yield {w.panel: gr.update(visible=True), w.document: _looked(opened, render_document.document(opened))}
            if opened.has_picture:
                picture = self.shelf.picture(opened)
                yield {w.document: _looked(opened, render_document.document(opened, picture=picture))}

    def close(self) -> Updates:
        """Close the document."""
        w = self.widgets
        return {w.panel: gr.update(visible=False), w.document: ""}

    def remove(self, event: gr.EventData) -> Updates:
        """Take a document out of the library, or forget a file that could not be read."""
        data = pressed(event)
        with told_as_message():
            number = whole(data, "document")
            if number:
                gr.Info(f"{self.shelf.remove(number)} is removed.")
            else:
                self.shelf.dismiss(str(data.get("name", "")))
        return self.close()


def _filter(values: Sequence[Any]) -> Filter:
    words, outlet, language, status, since, until = values
    return Filter(words or "", outlet or ANY, language or ANY, status or ANY, _day(since), _day(until))


def _day(text: str | None) -> date | None:
    """Return a day of the filter; what is none is told, and filters nothing: the list must stay true."""
    try:
        return day(text)
    except UsageError as error:
        gr.Warning(f"{error.message} {error.hint}")
        return None


def _left(asked: Sequence[int], rows: Sequence[DocumentRow]) -> dict[str, list[int]]:
    """Return what is left of the documents that are asked, nothing where all are there."""
    numbers = {row.number for row in rows}
    left = [number for number in asked if number in numbers]
    return {"value": left} if len(left) < len(asked) else {}


def document_choices(rows: Sequence[DocumentRow]) -> list[tuple[str, int]]:
    """Return the documents as choices: what a person reads, and the number behind it."""
    return [
        (f"{row.title} ({row.published.isoformat() if row.published else 'undated'})", row.number)
        for row in rows
        if row.number is not None
    ]


def _choices(values: Sequence[str]) -> list[str]:
    """Return what a field of the filter offers; what it says now stays, also where no document is like that."""
    return [ANY, *sorted({*values} - {ANY})]


def _looked(opened: Opened, document: Html) -> Html:
    parts = [(part.reason, one_line(opened.text[part.start : part.end])) for part in opened.noise]
    parts += [(block.reason, block.text) for block in opened.removed]
    cut = el(
        "details", el("summary", f"Cut out as no text of its own: {len(parts)}"), render_library.boilerplate(parts)
    )
    return joined(document, cut)
