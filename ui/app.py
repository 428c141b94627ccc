"""The page: what stands where, and which handler hears what. Knows Gradio's widgets; knows no HTTP.

`build` returns the page, `looks` what it looks like; whoever serves them decides host, headers and limits.
"""

from importlib import resources
from typing import Any

import gradio as gr

from rag.desk import Wish
from rag.talks import Scope
from ui import render_library
from ui.chat import Chat, Seat, Widgets
from ui.html import Html, el
from ui.library import ANY, Library, LibraryWidgets, document_choices
from ui.ports import About, Desk, Shelf, Talks
from ui.scope import scope_line

# Waiting in line holds a thread; the desk refuses before these are used up.
_QUESTIONS_AT_ONCE = 24
_QUIET = {"show_progress": "hidden", "api_visibility": "private"}
_LISTEN = "window.rag.listen(element, trigger, watch)"
_STYLES = {
    "quotes": "Quotes only: nothing but words of the documents",
    "short": "Short: each quote shortened, with no word of its own",
    "full": "Full: one text, checked sentence by sentence (for larger models)",
}
_MOST_PASSAGES = 20
_CAUTIONS = {
    "strict": "Strict: rather silent than wrong",
    "balanced": "Balanced",
    "relaxed": "Relaxed: rather an answer than silence",
}


def looks() -> dict[str, Any]:
    """Return theme and styles as `mount_gradio_app` takes them; the script is put in by ui.assets."""
    static = resources.files("ui").joinpath("static")
    fonts = ("system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
    theme = gr.themes.Base(
        primary_hue="teal",
        neutral_hue="stone",
        font=fonts,
        font_mono=("ui-monospace", "Menlo", "Consolas", "monospace"),
        text_size="md",
        radius_size="md",
    )
    return {
        "theme": theme,
        "css": static.joinpath("chat.css").read_text(encoding="utf-8"),
    }


def build(desk: Desk, shelf: Shelf, *, talks: Talks, about: About) -> gr.Blocks:
    """Return the page."""
    with gr.Blocks(
        title="Ask your documents", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as page:
        seat = gr.State(Seat(wish=Wish(style=about.style, caution=about.caution)))
        # What is set, for the next visit. It stands in no tab, since those are not read before they are opened.
        # There is nothing to hide in it, and without a fixed word Gradio could not read it after the next start.
        kept = gr.BrowserState(None, storage_key="wishes", secret="wishes")  # noqa: S106
        _live_html(_header(about), elem_id="top")
        with gr.Sidebar(open=True, width=290, elem_id="side"):
            new = gr.Button("New conversation", variant="secondary", elem_id="new")
            listed = _live_html("", elem_id="talks")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Chat", id="chat"):
                widgets = _chat_tab(seat, listed, shelf)
            with gr.Tab("Documents", id="documents") as documents:
                library, filters = _documents_tab(shelf, widgets.scope_fields[0])
            with gr.Tab("Settings", id="settings"):
                keep, forget, chosen = _settings_tab(about, talks)
        chat = Chat(desk, shelf, talks, widgets)
        _wire_chat(chat, new, page)
        _wire_keeping(chat, keep, forget)
        _wire_wishes(seat, kept, page, chosen, about)
        _wire_scope(chat)
        _wire_library(Library(shelf, library), filters, opening=[page.load, documents.select])
    return page.queue(api_open=False, default_concurrency_limit=8, max_size=200)


def _header(about: About) -> Html:
    theme = el(
        "button",
        "Light or dark",
        type="button",
        data_do="theme",
        class_="quiet",
        aria_label="Switch light and dark",
    )
    name = about.library.rstrip("/").rsplit("/", 1)[-1]
    skip = el("a", "Skip to the question", href="#box", class_="skip")
    return el("div", skip, el("h1", "Ask your documents"), el("span", name, class_="where"), theme, class_="top")


def _live_html(value: str, *, elem_id: str) -> gr.HTML:
    """Return a piece of HTML whose buttons are heard: ui/static/chat.js tells what was pressed."""
    return gr.HTML(value, elem_id=elem_id, js_on_load=_LISTEN, apply_default_css=False)


# The chat


def _chat_tab(seat: gr.State, listed: gr.HTML, shelf: Shelf) -> Widgets:
    with gr.Row(elem_id="desk"):
        with gr.Column(scale=5, min_width=320, elem_id="talk"):
            thread = _live_html("", elem_id="thread")
            live = _live_html("", elem_id="live")
            editing, box, ask, stop, (scope_box, scope) = _composer(shelf)
        with gr.Column(scale=4, min_width=320, visible=False, elem_id="viewer") as viewer:
            document = _live_html("", elem_id="document")
    return Widgets(
        thread=thread,
        live=live,
        editing=editing,
        box=box,
        seat=seat,
        ask=ask,
        stop=stop,
        talks=listed,
        viewer=viewer,
        document=document,
        scope=scope_box,
        scope_fields=scope,
        timer=gr.Timer(2, active=False),
    )


def _composer(
    shelf: Shelf,
) -> tuple[gr.HTML, gr.Textbox, gr.Button, gr.Button, tuple[gr.Accordion, tuple[Any, ...]]]:
    with gr.Column(elem_id="composer"):
        editing = _live_html("", elem_id="editing")
        with gr.Row(elem_id="ask-row"):
            box = gr.Textbox(
                show_label=False,
                label="Your question",
                placeholder="Ask your documents",
                lines=1,
                max_lines=8,
                max_length=4000,
                elem_id="box",
                scale=5,
                autofocus=True,
                container=False,
            )
            ask = gr.Button("Ask", variant="primary", elem_id="ask", scale=0, min_width=90)
            stop = gr.Button("Stop", variant="stop", elem_id="stop", scale=0, min_width=90)
        scope = _scope(shelf)
    return editing, box, ask, stop, scope


def _scope(shelf: Shelf) -> tuple[gr.Accordion, tuple[Any, ...]]:
    with gr.Accordion(scope_line(Scope()), open=False, elem_id="scope") as line:
        documents = gr.Dropdown(
            choices=document_choices(shelf.documents()),
            multiselect=True,
            label="Only these documents",
            info="None chosen: all of them.",
        )
        with gr.Row():
            since = _date("Documents from", "since")
            until = _date("Documents until", "until")
            as_of = _date("As of (as it stood that day)", "as-of")
    return line, (documents, since, until, as_of)


def _date(label: str, name: str) -> gr.DateTime:
    return gr.DateTime(label=label, include_time=False, type="string", elem_id=f"day-{name}", min_width=140)


def _wire_chat(chat: Chat, new: gr.Button, page: gr.Blocks) -> None:
    w = chat.widgets
    written = [w.thread, w.live, w.editing, w.box, w.talks, w.scope, w.scope_fields[0]]
    # Every press reaches the chat, which tells of the one that comes too early: Gradio would drop it unheard, also
    # in the moment between an answer (or a Stop) that is shown and the end of its stream.
    asking: dict[str, Any] = {
        **_QUIET,
        "trigger_mode": "multiple",
        "concurrency_limit": _QUESTIONS_AT_ONCE,
        "concurrency_id": "ask",
    }
    at_once: dict[str, Any] = {**_QUIET, "queue": False}
    parts = (w.thread, w.live)
    gr.on([w.box.submit, w.ask.click], chat.ask, [w.box, w.seat], written, **asking)
    gr.on(
        [event for part in parts for event in (part.retry, part.submit)],
        chat.ask_again,
        [w.seat],
        written,
        **asking,
    )
    w.stop.click(chat.stop, **at_once)
    gr.on([part.edit for part in parts], chat.edit, [w.seat], [w.box, w.editing], **at_once)
    w.editing.clear(chat.leave_editing, [w.seat], [w.editing], **at_once)
    gr.on([part.click for part in parts], chat.open, None, [w.viewer, w.document], **_QUIET)
    w.document.clear(chat.close_document, None, [w.viewer, w.document], **at_once)
    gr.on([part.like for part in parts], chat.judge, **at_once)
    shown = _shown(w)
    # In the queue, as asking is: what was still to be shown of the conversation that is left comes before these.
    new.click(chat.begin, [w.seat], shown, **_QUIET)
    w.talks.select(chat.reopen, [w.seat], shown, **_QUIET)
    w.talks.delete(chat.forget, [w.seat], shown, **_QUIET)
    page.load(chat.arrive, [w.seat], [*shown, w.timer], **_QUIET)
    w.timer.tick(chat.wake, [w.seat], [w.thread, w.timer], **_QUIET)
    page.unload(chat.stop)


def _shown(w: Widgets) -> list[Any]:
    return [w.thread, w.live, w.editing, w.talks, w.scope, w.viewer, *w.scope_fields]


def _wire_keeping(chat: Chat, keep: gr.Checkbox, forget: gr.Button) -> None:
    w = chat.widgets
    keep.input(chat.keep, [keep, w.seat], [w.talks], **_QUIET)
    forget.click(chat.forget_all, [w.seat], _shown(w), **_QUIET)


def _wire_scope(chat: Chat) -> None:
    w = chat.widgets
    fields = list(w.scope_fields)
    gr.on([one.change for one in fields], chat.choose, [w.seat, *fields], [w.scope], **_QUIET)


# The documents


def _documents_tab(shelf: Shelf, scope_documents: Any) -> tuple[LibraryWidgets, list[Any]]:  # noqa: ANN401
    with gr.Row(elem_id="library"):
        with gr.Column(scale=3, min_width=320):
            with gr.Row():
                files = gr.File(
                    label="Drop files here, or press to choose", file_count="multiple", height=150, elem_id="drop"
                )
                folder = gr.File(label="A whole folder", file_count="directory", height=150, elem_id="drop-folder")
            progress = gr.HTML(
                render_library.adding(None, shelf.limits),
                elem_id="progress",
                apply_default_css=False,
                js_on_load=None,
            )
            with gr.Row(elem_id="filters"):
                words = gr.Textbox(label="Title or file name", elem_id="filter-words", min_width=150)
                outlet = gr.Dropdown([ANY], value=ANY, label="Outlet", elem_id="filter-outlet", min_width=120)
                language = gr.Dropdown(
                    [ANY], value=ANY, label="Language", elem_id="filter-language", min_width=110
                )
                status = gr.Dropdown([ANY], value=ANY, label="Status", elem_id="filter-status", min_width=110)
                since = _date("From", "list-since")
                until = _date("Until", "list-until")
            table = _live_html("", elem_id="documents")
        with gr.Column(scale=2, min_width=320, visible=False, elem_id="library-viewer") as panel:
            document = _live_html("", elem_id="library-document")
    widgets = LibraryWidgets(
        progress, table, outlet, language, status, panel, document, scope_documents, files, folder
    )
    return widgets, [words, outlet, language, status, since, until]


def _wire_library(library: Library, filters: list[Any], *, opening: list[Any]) -> None:
    w = library.widgets
    listed = [w.table, w.outlet, w.language, w.status, w.scope_documents]
    asked_for = [w.scope_documents, *filters]
    gr.on([one.change for one in filters], library.show, asked_for, listed, trigger_mode="always_last", **_QUIET)
    gr.on(opening, library.show, asked_for, listed, **_QUIET)
    adding: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "add", **_QUIET}
    added = [w.progress, w.files, w.folder]
    # What was changed is listed by what the filter's fields say then: reading files takes its time.
    for dropped in (w.files, w.folder):
        done = dropped.upload(library.add, [dropped], added, **adding)
        done.then(library.show, asked_for, listed, **_QUIET)
    removed = w.table.delete(library.remove, None, [w.panel, w.document], **_QUIET)
    removed.then(library.show, asked_for, listed, **_QUIET)
    w.table.select(library.look, None, [w.panel, w.document], **_QUIET)
    w.document.clear(library.close, None, [w.panel, w.document], **_QUIET)


# The settings


def _settings_tab(about: About, talks: Talks) -> tuple[gr.Checkbox, gr.Button, list[Any]]:
    with gr.Column(elem_id="settings"):
        style = gr.Radio(
            [(_STYLES[name], name) for name in about.styles],
            value=about.style if about.style in about.styles else about.styles[0],
            label="How answers are written",
            info="Whatever is written is shown only where a quote supports it.",
        )
        caution = gr.Radio(
            [(told, name) for name, told in _CAUTIONS.items()],
            value=about.caution,
            label="How sure an answer must be",
            info="Measured on questions with known answers; strict leaves more of them open.",
        )
        passages = gr.Slider(
            1,
            max(_MOST_PASSAGES, about.passages),
            value=about.passages,
            step=1,
            label="Passages read",
            info="More find more, and take longer.",
        )
        verify = gr.Checkbox(
            value=True,
            label="Show only checked sentences",
            info="Numbers, names, dates, negation and speaker of each sentence are held against its quote.",
        )
        keep = gr.Checkbox(
            value=lambda: talks.keeping,
            label="Keep conversations",
            info="In the library's folder, readable by you alone. Off: new ones are gone with the program.",
        )
        forget = gr.Button("Delete all conversations", variant="stop", size="sm", elem_id="forget-all")
        gr.HTML(render_library.about(about), elem_id="about", apply_default_css=False, js_on_load=None)

    return keep, forget, [style, caution, verify, passages]


def _wire_wishes(seat: gr.State, kept: gr.BrowserState, page: gr.Blocks, chosen: list[Any], about: About) -> None:
    """Heed what is chosen, and keep it in the browser, so that it holds when the page is opened again."""

    def wished(now: Seat, *values: Any) -> list[Any]:  # noqa: ANN401 - the values of the fields, in order
        now.wish = _wish(*values)
        return list(values)

    def restored(now: Seat, values: Any) -> list[Any]:  # noqa: ANN401 - whatever the browser holds
        before = wishes_in(values, about)
        if before:
            now.wish = _wish(*before)
        return before or [gr.skip()] * len(chosen)

    # What a person does, and not what is restored: that changes field by field, and what is told at the first
    # change has the others as they were before, and would be kept.
    by_hand = [one.input for one in chosen]
    gr.on(by_hand, wished, [seat, *chosen], [kept], trigger_mode="always_last", **_QUIET)
    page.load(restored, [seat, kept], chosen, **_QUIET)


def _wish(style: str, caution: str, verify: bool, passages: float) -> Wish:
    return Wish(style, caution, bool(verify), int(passages))


def wishes_in(values: object, about: About) -> list[Any]:
    """Return what a browser kept of the settings, nothing where it is no longer to be had."""
    kinds = (str, str, bool, int)
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        return []
    style, caution, _, read = values
    known = style in about.styles and caution in _CAUTIONS
    return values if known and 1 <= read <= max(_MOST_PASSAGES, about.passages) else []
