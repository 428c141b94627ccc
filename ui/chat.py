"""What happens in the chat when a person does something: ask, stop, ask again, correct, open, judge, reopen.

Thin handlers around a desk, a shelf and the conversations; knows no retrieval and no prompt, and of widgets only
the values that go into them. This is the one place of the chat where every error ends: it becomes words.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from rag.desk import Event, Waiting, Wish
from rag.errors import told_of
from rag.pipeline import Claimed, Found
from rag.talks import Feedback, KeptTurn, Scope, Verdict
from rag.types import Answer, Question
from ui import render, render_document, render_library
from ui.asked import Asked
from ui.events import Updates, pressed, told_as_message, whole
from ui.html import Html
from ui.library import document_choices
from ui.ports import Desk, Place, Shelf, Talks, Wanted
from ui.render import TurnView
from ui.running import Pages, Running
from ui.scope import scope_line, scope_of, scope_values, still_there

STOPPED = "Stopped. Nothing of this answer is kept."
ONE_AT_A_TIME = "One question at a time: stop the one that is being answered, or wait for it."
DELETED = "This conversation was deleted meanwhile, so this answer is not kept."
# Numbers of conversations are far shorter; what is longer does not fit into the database.
_NUMBER_DIGITS = 15
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Seat:
    """What one open page knows: its conversation (0: none yet), what that is about, and how answers are wished.

    Changed in place, since a page does other things while its question is answered. `editing` is the turn that
    the question in the box takes the place of, 0 for a new one. A seat that has not `arrived` is of a page that
    was open before the program was started anew.
    """

    talk: int = 0
    scope: Scope = field(default_factory=Scope)
    wish: Wish = field(default_factory=Wish)
    editing: int = 0
    arrived: bool = False


@dataclass(slots=True)
class Widgets:
    """The parts of the page that the handlers write to."""

    thread: Any
    live: Any
    editing: Any
    box: Any
    seat: Any
    ask: Any
    stop: Any
    talks: Any
    viewer: Any
    document: Any
    scope: Any
    scope_fields: tuple[Any, ...]
    timer: Any


@dataclass(slots=True)
class Chat:
    """The handlers of the chat."""

    desk: Desk
    shelf: Shelf
    talks: Talks
    widgets: Widgets
    _pages: Pages = field(default_factory=Pages)

    # Asking

    def ask(self, text: str, seat: Seat, request: gr.Request) -> Iterator[Updates]:
        """Ask what is in the box; where Edit put it there, it takes the place of its turn."""
        if text and text.strip():
            yield from self._ask_alone(Asked(text.strip(), seat.editing, from_box=True), seat, request=request)
        else:
            yield {self.widgets.box: gr.skip()}

    def ask_again(self, seat: Seat, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask an example, a corrected question, or one once more: it takes the place of its turn."""
        data = pressed(event)
        question = str(data.get("question", "")).strip()
        asked = Asked(question, whole(data, "turn"), as_it_stands=data.get("corrected") is True)
        yield from self._ask_alone(asked, seat, request=request)

    def _ask_alone(self, asked: Asked, seat: Seat, *, request: gr.Request) -> Iterator[Updates]:
        """Ask, where this page does not wait for an answer already; nothing is shown once it has turned away."""
        page = str(request.session_hash)
        with self._pages.asking(page, asked.text) as running:
            if running is None:
                if not self._pages.is_asking(page, asked.text):  # pressed twice is meant once
                    gr.Warning(ONE_AT_A_TIME)
                yield {self.widgets.box: gr.skip()}
                return
            with told_as_message():
                self._find(seat, request)
            for updates in self._ask(asked, seat, running):
                yield {self.widgets.box: gr.skip()} if running.left else updates
        # What is yielded last is sent once more at the end, when the page may show what comes after: say nothing.
        yield {self.widgets.box: gr.skip()}

    def _ask(self, asked: Asked, seat: Seat, running: Running) -> Iterator[Updates]:
        w = self.widgets
        view = TurnView(asked.text)
        turns: list[KeptTurn] = []
        ended: Updates = {}
        try:
            turns = self._turns(seat)
            yield {**self._without_gone(seat), **self._begun(asked, seat, turns)}
            question = Question(asked.text, asked.history(turns), seat.scope.as_of, self.shelf.inside(seat.scope))
            for view in self._views(question, seat.wish, running):
                if view.answer is None and not view.problem:
                    yield {w.live: render.turn(view)}
            if view.answer is not None and not running.left:
                view = self._kept(view, view.answer, asked, seat=seat)
                ended[w.talks] = self._list(seat.talk)
        except Exception as error:  # noqa: BLE001 - the page must not stay in the state of asking
            view = replace(view, problem=_problem(error))
        # Without an answer, the turns that it would have replaced stand as before.
        ended[w.thread] = render.thread(
            _views(asked.before(turns), goes_on=True) if view.answer else _views(turns)
        )
        running.ending = True
        yield {w.live: render.turn(view), **ended}

    def _turns(self, seat: Seat) -> list[KeptTurn]:
        """Return the turns of the page's conversation; where it was deleted on another page, begin anew."""
        turns = list(self.talks.turns(seat.talk)) if seat.talk else []
        if not turns:
            seat.talk = 0
        return turns

    def _begun(self, asked: Asked, seat: Seat, turns: list[KeptTurn]) -> Updates:
        """Return how the page looks when a question was handed in: the turns before it, and what is asked."""
        w = self.widgets
        updates = {
            w.thread: render.thread(_views(asked.before(turns), goes_on=True)),
            w.live: render.turn(TurnView(asked.text)),
        }
        if asked.from_box:
            seat.editing = 0
            updates |= {w.box: "", w.editing: ""}
        return updates

    def _views(self, question: Question, wish: Wish, running: Running) -> Iterator[TurnView]:
        """Yield how the turn looks with each thing that comes; the question is given up when nobody looks."""
        view = TurnView(question.text)
        with closing(self.desk.ask(question, wish)) as asking:
            running.hold(asking)
            for event in asking:
                view = _with(view, event)
                yield view
        if view.answer is None:
            yield replace(view, problem=STOPPED)

    def _kept(self, view: TurnView, answer: Answer, asked: Asked, *, seat: Seat) -> TurnView:
        """Keep an answer, in a conversation that begins with it where there is none, in place of what it replaces.

        Only now, since a question that is stopped leaves everything as it was.
        """
        if not seat.talk:
            seat.talk = self.talks.begin(asked.text, seat.scope)
        elif asked.replaces:
            self.talks.cut(seat.talk, asked.replaces)
        number = self.talks.add(seat.talk, answer, question=asked.text, scope=seat.scope)
        return replace(view, number=number, problem="" if number else DELETED)

    def stop(self, request: gr.Request) -> None:
        """Give up the question of this page, also when the page is closed."""
        self._pages.stop(str(request.session_hash))

    def edit(self, seat: Seat, event: gr.EventData, request: gr.Request) -> Updates:
        """Put a question back into the box; asked again, it takes the place of its turn and of those after it."""
        data = pressed(event)
        w = self.widgets
        with told_as_message():
            self._find(seat, request)
            seat.editing = whole(data, "turn")
            after = sum(turn.id > seat.editing for turn in self.talks.turns(seat.talk)) if seat.editing else 0
        line = render.editing(after=after) if seat.editing else ""
        return {w.box: str(data.get("question", "")), w.editing: line}

    def leave_editing(self, seat: Seat) -> Updates:
        """Ask what is in the box as a new question after all."""
        seat.editing = 0
        return {self.widgets.editing: ""}

    # Looking

    def open(self, event: gr.EventData) -> Iterator[Updates]:
        """Open a document at the words of a quote: its text at once, its page as soon as that is drawn."""
        data = pressed(event)
        w = self.widgets
        words = str(data.get("words", ""))
        wanted = Wanted(
            whole(data, "document"),
            whole(data, "start"),
            whole(data, "end"),
            words,
            str(data.get("name", "")),
            str(data.get("title", "")),
        )
        with told_as_message():
            opened = self.shelf.open(wanted)
            yield {w.viewer: gr.update(visible=True), w.document: render_document.document(opened, quoted=words)}
            if opened.has_picture and opened.place in (Place.EXACT, Place.MOVED):
                picture = self.shelf.picture(opened)
                yield {w.document: render_document.document(opened, quoted=words, picture=picture)}

    def close_document(self) -> Updates:
        """Close the document."""
        w = self.widgets
        return {w.viewer: gr.update(visible=False), w.document: ""}

    # Judging

    def judge(self, event: gr.EventData) -> None:
        """Keep what a person thinks of an answer."""
        data = pressed(event)
        verdict = str(data.get("verdict", ""))
        feedback = Feedback(Verdict(verdict), str(data.get("note", ""))[:500]) if verdict else None
        with told_as_message():
            self.talks.judge(whole(data, "turn"), feedback)

    # Conversations

    def begin(self, seat: Seat, request: gr.Request) -> Updates:
        """Begin another conversation, about all documents."""
        return self._turn_to(0, seat, request)

    def reopen(self, seat: Seat, event: gr.EventData, request: gr.Request) -> Updates:
        """Open a conversation again."""
        with told_as_message():
            return self._turn_to(whole(pressed(event), "talk"), seat, request)

    def forget(self, seat: Seat, event: gr.EventData, request: gr.Request) -> Updates:
        """Delete a conversation; where it is the open one, begin another."""
        talk = whole(pressed(event), "talk")
        with told_as_message():
            self.talks.delete(talk)
            return self.begin(seat, request) if talk == seat.talk else {self.widgets.talks: self._list(seat.talk)}

    def arrive(self, seat: Seat, request: gr.Request) -> Updates:
        """Show a page that was just opened, or loaded again with its conversation in the address.

        Where there are no documents yet, they are looked for every two seconds.
        """
        shown = self._turn_to(_talk_in(request), seat, request)
        return {**shown, self.widgets.timer: gr.Timer(active=not self._has_documents())}

    def _find(self, seat: Seat, request: gr.Request) -> None:
        """Sit down where the page is: it may be older than this program, which then does not know it."""
        if not seat.arrived:
            self._sit(_talk_in(request), seat)

    def _sit(self, talk: int, seat: Seat) -> list[KeptTurn]:
        """Sit down in a conversation, in a new one where that is gone; return its turns."""
        turns = list(self.talks.turns(talk)) if talk else []
        seat.talk = talk if turns else 0
        seat.scope = self.talks.scope(talk) if turns else Scope()
        seat.editing = 0
        seat.arrived = True
        return turns

    def _turn_to(self, talk: int, seat: Seat, request: gr.Request) -> Updates:
        """Turn the page to a conversation; what is being answered here is given up."""
        self._pages.leave(str(request.session_hash))
        turns = self._sit(talk, seat)
        w = self.widgets
        self._without_gone(seat)
        return {
            w.thread: render.thread(_views(turns)) if turns else self.welcome(),
            w.live: "",
            w.editing: "",
            w.talks: self._list(seat.talk),
            w.scope: gr.update(label=scope_line(seat.scope)),
            w.viewer: gr.update(visible=False),
            **dict(zip(w.scope_fields, scope_values(seat.scope), strict=True)),
        }

    def forget_all(self, seat: Seat, request: gr.Request) -> Updates:
        """Delete all conversations."""
        with told_as_message():
            self.talks.delete_all()
            return self.begin(seat, request)

    def keep(self, on: bool, seat: Seat) -> Updates:
        """Keep conversations from now on, or keep no new ones."""
        with told_as_message():
            self.talks.set_keeping(on=bool(on))
            return {self.widgets.talks: self._list(seat.talk)}

    def choose(self, seat: Seat, *values: Any) -> Updates:  # noqa: ANN401 - the fields of the scope, in order
        """Ask only some documents, some days, or as of a day from now on."""
        with told_as_message():
            seat.scope = scope_of(values)
            if seat.talk:
                self.talks.set_scope(seat.talk, seat.scope)
        return {self.widgets.scope: gr.update(label=scope_line(seat.scope))}

    def _without_gone(self, seat: Seat) -> Updates:
        """Take documents that are gone out of what is asked, and tell: without a word they would be missed."""
        scope = seat.scope
        if scope.documents:
            scope = still_there(scope, self.shelf.inside(Scope(scope.documents)) or ())
        if scope == seat.scope:
            return {}
        seat.scope = scope
        if seat.talk:
            self.talks.set_scope(seat.talk, scope)
        gr.Warning(f"What was chosen is no longer in the library. {scope_line(scope)} now.")
        w = self.widgets
        choices = document_choices(self.shelf.documents())
        left = gr.update(choices=choices, value=list(scope.documents))
        return {w.scope: gr.update(label=scope_line(scope)), w.scope_fields[0]: left}

    def wake(self, seat: Seat, request: gr.Request) -> Updates:
        """Greet anew while the library is empty: at the start its documents may still be read."""
        w = self.widgets
        in_use = seat.talk or self._pages.is_asking(str(request.session_hash))
        if in_use or self._has_documents():
            return {w.timer: gr.Timer(active=False), **({} if in_use else {w.thread: self.welcome()})}
        return {w.timer: gr.skip()}

    def _has_documents(self) -> bool:
        return any(row.number is not None for row in self.shelf.documents())

    def welcome(self) -> Html:
        """Return what stands where nothing was asked yet."""
        documents = sum(row.number is not None for row in self.shelf.documents())
        return render_library.welcome(self.shelf.examples() if documents else (), documents=documents)

    def _list(self, current: int) -> Html:
        return render_library.talks(self.talks.talks(), current=current, keeping=self.talks.keeping)


def _with(view: TurnView, event: Event) -> TurnView:
    """Return the turn after one more thing has come."""
    if isinstance(event, Waiting):
        return replace(view, place=event.place)
    if isinstance(event, Found):
        return replace(view, place=None, hits=event.hits)
    if isinstance(event, Claimed):
        return replace(view, claims=(*view.claims, event.claim), relation=event.relation, silence=event.silence)
    return replace(view, answer=event, place=None)


def _problem(error: Exception) -> str:
    """Return what the page says of an error; the log has where a defect of ours comes from."""
    told = told_of(error)
    if told is not None:
        return f"{told.message} {told.hint}"
    _log.error("An answer ended with a defect of ours.", exc_info=error)
    return "Something went wrong in this program. Ask again, or start it anew."


def _talk_in(request: gr.Request) -> int:
    """Return the conversation that the page's address names; ui/static/chat.js writes it there."""
    talk = str(request.query_params.get("talk", ""))
    return int(talk) if talk.isdecimal() and len(talk) <= _NUMBER_DIGITS else 0


def _views(turns: list[KeptTurn], *, goes_on: bool = False) -> list[TurnView]:
    last = len(turns) - 1
    return [
        TurnView(
            turn.question,
            number=turn.id,
            answer=turn.answer,
            feedback=turn.feedback,
            is_last=place == last and not goes_on,
        )
        for place, turn in enumerate(turns)
    ]
