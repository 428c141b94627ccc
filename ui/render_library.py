"""The lists around the chat as HTML: documents, files handed in, conversations, models and settings. Pure."""

from collections.abc import Iterable, Sequence

from rag.talks import Talk
from rag.types import FileStatus
from ui.html import Html, el, joined, scrolling
from ui.ports import About, AddStep, DocumentRow, FileDone, Limits

_STATUS = {
    FileStatus.READY: "ready",
    FileStatus.EMPTY: "empty",
    FileStatus.NO_TEXT: "no text: scanned? it needs OCR",
    FileStatus.ENCRYPTED: "encrypted",
    FileStatus.TOO_LARGE: "too large",
    FileStatus.UNSUPPORTED: "not a kind that is read",
    FileStatus.FAILED: "could not be read",
    FileStatus.REMOVED: "removed",
}
_MEGABYTE = 1_000_000


def documents(rows: Sequence[DocumentRow], *, total: int) -> Html:
    """Return the list of documents with what can be done with each."""
    if not total:
        return el("p", "There are no documents yet. Drop some files above.", class_="empty")
    if not rows:
        return el("p", f"None of the {total} documents is like that.", class_="empty")
    heads = ("Document", "Outlet", "Date", "Language", "Status", "")
    head = el("tr", [el("th", name or el("span", "Actions", class_="unseen"), scope="col") for name in heads])
    count = el("p", f"{len(rows)} of {total} documents", class_="count", role="status")
    table = el("table", el("thead", head), el("tbody", [_document(row) for row in rows]))
    return joined(
        count, el("div", table, class_="scroll documents", tabindex=0, role="region", aria_label="Documents")
    )


def _document(row: DocumentRow) -> Html:
    title = el("span", row.title or row.name, class_="title")
    if row.number is not None:
        title = el(
            "button",
            row.title or row.name,
            type="button",
            class_="link title",
            data_do="look",
            data_document=row.number,
        )
    size = f"{_count(row.pages, 'page')}, " if row.pages else ""
    below = f"{row.name} · {size}{_count(row.passages, 'passage')}" if row.number is not None else row.name
    status = joined(
        el("span", _STATUS[row.status], class_=f"status {row.status.value}"),
        el("span", row.reason, class_="reason") if row.reason else None,
    )
    return el(
        "tr",
        el("td", title, el("span", below, class_="where")),
        el("td", row.outlet),
        el("td", row.published.isoformat() if row.published else None),
        el("td", row.language),
        el("td", status),
        el("td", _remove(row)),
        data_name=row.name,
    )


def _remove(row: DocumentRow) -> Html:
    word = "Remove" if row.number is not None else "Dismiss"
    return el(
        "button",
        word,
        type="button",
        class_="quiet sure",
        data_do="remove",
        data_document=row.number,
        data_name=row.name,
        data_sure="Really?",
        aria_label=f"{word} {row.title or row.name}",
    )


def adding(step: AddStep | None, limits: Limits) -> Html:
    """Return how far adding files is, and what can be added."""
    return joined(_step(step) if step else None, _hint(limits))


def _hint(limits: Limits) -> Html:
    most = (
        f"Up to {limits.files:,} files and {_size(limits.total_bytes)} at once, {_size(limits.file_bytes)} each."
    )
    told = f"{most} Read are {' '.join(limits.endings)}. They stay on this machine."
    return el("p", told, class_="hint", data_most=limits.total_bytes)


def _size(count: int) -> str:
    return f"{count // _MEGABYTE:,} MB" if count >= _MEGABYTE else f"{count:,} bytes"


def _step(step: AddStep) -> Html:
    is_done = step.done >= step.total and bool(step.files)
    bar = el("progress", value=step.done, max=step.total, aria_label="Reading files")
    told = f"{step.done} of {step.total}: {step.doing}" if not is_done else _summary(step.files)
    return el(
        "div",
        bar if not is_done else None,
        el("p", told, role="status"),
        el("ul", [_file(file) for file in step.files], class_="files") if step.files else None,
        class_="adding",
    )


def _summary(files: Sequence[FileDone]) -> str:
    read = sum(file.status is FileStatus.READY for file in files)
    failed = len(files) - read
    return f"{read} read" + (f", {failed} not: see why" if failed else "")


def _file(file: FileDone) -> Html:
    return el("li", el("span", file.told, class_=f"status {file.status.value}"), " ", el("b", file.name))


def boilerplate(parts: Iterable[tuple[str, str]]) -> Html:
    """Return what was cut out of a document: (reason, text) in order."""
    rows = [el("li", el("b", reason), el("q", text)) for reason, text in parts]
    if not rows:
        return el("p", "Nothing was cut out of this document.", class_="hint")
    return el("ul", rows, class_="cut")


def talks(rows: Sequence[Talk], *, current: int, keeping: bool) -> Html:
    """Return the conversations, the newest first."""
    note = None if keeping else el("p", "New conversations are not kept (see Settings).", class_="hint")
    items = [_talk(row, is_current=row.id == current) for row in rows]
    empty = el("p", "None yet.", class_="hint") if keeping and not rows else None
    return el("nav", note, empty, el("ul", items), aria_label="Conversations", class_="talks")


def _talk(row: Talk, *, is_current: bool) -> Html:
    count = f"{_count(row.turns, 'question')} · {row.updated.astimezone():%d %b, %H:%M}"
    count += "" if row.is_kept else " · not kept"
    opening = el(
        "button",
        el("span", row.title, class_="title"),
        el("span", count, class_="where"),
        type="button",
        data_do="talk",
        data_talk=row.id,
        aria_current="true" if is_current else None,
    )
    deleting = el(
        "button",
        el("span", "✕", aria_hidden="true"),
        type="button",
        class_="quiet sure",
        data_do="forget",
        data_talk=row.id,
        data_sure="Delete?",
        aria_label=f"Delete the conversation {row.title}",
    )
    return el("li", opening, deleting)


def welcome(examples: Sequence[str], *, documents: int) -> Html:
    """Return what stands where nothing was asked yet: what this is, and questions made from the documents."""
    if not documents:
        return el(
            "div",
            el("h2", "Ask your own documents"),
            el("p", "There are none yet: add some in Documents. They stay on this machine."),
            class_="welcome",
        )
    shown = [
        el("li", el("button", question, type="button", data_do="example", data_question=question))
        for question in examples
    ]
    lead = (
        f"{documents:,} documents, on this machine alone. Every sentence of an answer shows the words it rests on."
    )
    return el(
        "div",
        el("h2", "What would you like to know?"),
        el("p", lead),
        el("ul", shown, class_="examples", aria_label="Example questions") if shown else None,
        class_="welcome",
    )


def about(this: About) -> Html:
    """Return the models in use and what is set, each with its reason in one line."""
    models = [
        el(
            "tr",
            el("th", model.role, scope="row"),
            el("td", el("b", model.name), el("span", model.reason, class_="where")),
            el("td", f"{model.size_bytes / _MEGABYTE:,.0f} MB" if model.size_bytes else "–"),
            el(
                "td",
                "hash verified" if model.checked else "your own file",
                el("code", model.sha256[:16], title=model.sha256),
            ),
        )
        for model in this.models
    ]
    choices = [
        el(
            "tr",
            el("th", one.name, scope="row"),
            el("td", el("b", one.value), el("span", one.reason, class_="where")),
        )
        for one in this.choices
    ]
    return el(
        "div",
        el("h3", "Models"),
        scrolling(el("table", el("tbody", models)), label="Models"),
        el("h3", "Set at the start"),
        scrolling(el("table", el("tbody", choices)), label="Settings"),
        el("p", f"Library: {this.library} · version {this.version}", class_="where"),
        class_="about",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
