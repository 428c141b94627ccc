"""What happens in the chat when a person does something: ask, stop, ask again, correct, open, judge, reopen.

Thin handlers around a desk, a shelf and the conversations; knows no retrieval and no prompt, and of widgets only
the values that go into them. This is the one place of the chat where every error ends: it becomes words.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from rag.desk import Event, Waiting, Wish
from rag.errors import RagError
from rag.pipeline import Claimed, Found
from rag.render import answer_text
from rag.talks import Feedback, KeptTurn, Scope, Verdict
from rag.types import Answer, Question, Turn
from ui import render, render_document, render_library
from ui.events import Updates, pressed, told_as_message, whole
from ui.html import Html
from ui.library import document_choices
from ui.ports import Asking, Desk, Place, Shelf, Talks, Wanted
from ui.render import TurnView
from ui.scope import scope_line, scope_of, scope_values, still_there

STOPPED = "Stopped. Nothing of this answer is kept."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seat:
    """What one open page knows: its conversation (0: none yet), what that is about, and how answers are wished.

    `editing` is the turn that the question in the box takes the place of, 0 for a new one.
    """

    talk: int = 0
    scope: Scope = field(default_factory=Scope)
    wish: Wish = field(default_factory=Wish)
    editing: int = 0


@dataclass(slots=True)
class Widgets:
    """The parts of the page that the handlers write to."""

    thread: Any
    live: Any
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
    _running: dict[str, Asking] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # Asking

    def ask(self, text: str, seat: Seat, request: gr.Request) -> Iterator[Updates]:
        """Ask what is in the box."""
        if text and text.strip():
            yield from self._ask(text.strip(), seat, session=str(request.session_hash))
        else:
            yield {self.widgets.box: gr.skip()}

    def ask_again(self, seat: Seat, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
        """Ask an example, a corrected question, or one once more: it takes the place of its turn."""
        data = pressed(event)
        seat = replace(seat, editing=whole(data, "turn"))
        yield from self._ask(str(data.get("question", "")).strip(), seat, session=str(request.session_hash))

    def _ask(self, text: str, seat: Seat, *, session: str) -> Iterator[Updates]:
        w = self.widgets
        view = TurnView(text)
        try:
            seat, narrower = self._without_gone(seat)
            seat, earlier = self._seated(text, seat)
            yield {
                **narrower,
                w.thread: render.thread(_views(earlier, goes_on=True)),
                w.live: render.turn(view),
                w.box: "",
                w.seat: seat,
                w.ask: gr.update(visible=False),
                w.stop: gr.update(visible=True),
            }
            history = tuple(_as_turn(turn) for turn in earlier)
            question = Question(text, history, seat.scope.as_of, self.shelf.inside(seat.scope))
            for view in self._views(question, seat.wish, session=session):
                if view.answer is None:
                    yield {w.live: render.turn(view)}
            if view.answer is not None:
                if seat.editing:
                    self.talks.cut(seat.talk, seat.editing)
                    seat = replace(seat, editing=0)
                    yield {w.seat: seat}
                number = self.talks.add(seat.talk, view.answer, question=text, scope=seat.scope)
                view = replace(view, number=number)
        except RagError as error:
            view = replace(view, problem=f"{error.message} {error.hint}")
        except Exception:  # noqa: BLE001 - told in the page, with its trace in the log
            # The page must not stay in the state of asking, whatever happened; the log has where it comes from.
            _log.exception("An answer ended with a defect of ours.")
            view = replace(view, problem="Something went wrong in this program. Ask again, or start it anew.")
        yield {
            w.live: render.turn(view),
            w.ask: gr.update(visible=True),
            w.stop: gr.update(visible=False),
            w.talks: self._list(seat.talk),
        }

    def _seated(self, text: str, seat: Seat) -> tuple[Seat, list[KeptTurn]]:
        """Return the seat in its conversation, begun where there is none, and the turns before the question.

        Those that the question takes the place of are cut only when it is answered: it may be stopped.
        """
        seat = replace(seat, talk=seat.talk or self.talks.begin(text, seat.scope))
        turns = self.talks.turns(seat.talk)
        return seat, [turn for turn in turns if not seat.editing or turn.id < seat.editing]

    def _views(self, question: Question, wish: Wish, *, session: str) -> Iterator[TurnView]:
        """Yield how the turn looks with each thing that comes; the question is given up when nobody looks."""
        view = TurnView(question.text)
        with closing(self.desk.ask(question, wish)) as asking:
            with self._lock:
                self._running[session] = asking
            try:
                for event in asking:
                    view = _with(view, event)
                    yield view
            finally:
                self._ended(session, asking)
        if view.answer is None:
            yield replace(view, problem=STOPPED)

    def _ended(self, session: str, asking: Asking) -> None:
        with self._lock:
            if self._running.get(session) is asking:
                del self._running[session]

    def stop(self, request: gr.Request) -> None:
        """Give up the question of this page, also when the page is closed."""
        with self._lock:
            asking = self._running.get(str(request.session_hash))
        if asking is not None:
            asking.close()

    def edit(self, seat: Seat, event: gr.EventData) -> Updates:
        """Put a question back into the box; asked again, it takes the place of its turn and of those after it."""
        data = pressed(event)
        w = self.widgets
        return {w.box: str(data.get("question", "")), w.seat: replace(seat, editing=whole(data, "turn"))}

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

    def begin(self, seat: Seat) -> Updates:
        """Begin another conversation, about all documents."""
        return self._at(replace(seat, talk=0, scope=Scope(), editing=0))

    def reopen(self, seat: Seat, event: gr.EventData) -> Updates:
        """Open a kept conversation."""
        talk = whole(pressed(event), "talk")
        with told_as_message():
            return self._at(replace(seat, talk=talk, scope=self.talks.scope(talk), editing=0))

    def forget(self, seat: Seat, event: gr.EventData) -> Updates:
        """Delete a conversation; where it is the open one, begin another."""
        talk = whole(pressed(event), "talk")
        with told_as_message():
            self.talks.delete(talk)
            return self.begin(seat) if talk == seat.talk else {self.widgets.talks: self._list(seat.talk)}

    def arrive(self, seat: Seat) -> Updates:
        """Show a page that was just opened; where there are no documents yet, look for them every two seconds."""
        return {**self._at(seat), self.widgets.timer: gr.Timer(active=not self._has_documents())}

    def _at(self, seat: Seat) -> Updates:
        w = self.widgets
        seat, _ = self._without_gone(seat)
        turns = self.talks.turns(seat.talk) if seat.talk else []
        return {
            w.thread: render.thread(_views(turns)) if turns else self.welcome(),
            w.live: "",
            w.seat: seat,
            w.talks: self._list(seat.talk),
            w.scope: gr.update(label=scope_line(seat.scope)),
            w.viewer: gr.update(visible=False),
            **dict(zip(w.scope_fields, scope_values(seat.scope), strict=True)),
        }

    def forget_all(self, seat: Seat) -> Updates:
        """Delete all conversations."""
        with told_as_message():
            self.talks.delete_all()
            return self.begin(seat)

    def keep(self, on: bool, seat: Seat) -> Updates:
        """Keep conversations from now on, or keep no new ones."""
        with told_as_message():
            self.talks.set_keeping(on=bool(on))
            return {self.widgets.talks: self._list(seat.talk)}

    def choose(self, seat: Seat, *values: Any) -> Updates:  # noqa: ANN401 - the fields of the scope, in order
        """Ask only some documents, some days, or as of a day from now on."""
        with told_as_message():
            scope = scope_of(values)
            if seat.talk:
                self.talks.set_scope(seat.talk, scope)
        w = self.widgets
        return {w.seat: replace(seat, scope=scope), w.scope: gr.update(label=scope_line(scope))}

    def _without_gone(self, seat: Seat) -> tuple[Seat, Updates]:
        """Take documents that are gone out of what is asked, and tell: without a word they would be missed."""
        scope = seat.scope
        if scope.documents:
            scope = still_there(scope, self.shelf.inside(Scope(scope.documents)) or ())
        if scope == seat.scope:
            return seat, {}
        if seat.talk:
            self.talks.set_scope(seat.talk, scope)
        gr.Warning(f"What was chosen is no longer in the library. {scope_line(scope)} now.")
        w = self.widgets
        choices = document_choices(self.shelf.documents())
        left = gr.update(choices=choices, value=list(scope.documents))
        return replace(seat, scope=scope), {w.scope: gr.update(label=scope_line(scope)), w.scope_fields[0]: left}

    def wake(self, seat: Seat) -> Updates:
        """Greet anew while the library is empty: at the start its documents may still be read."""
        w = self.widgets
        if seat.talk or self._has_documents():
            return {w.timer: gr.Timer(active=False), **({} if seat.talk else {w.thread: self.welcome()})}
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


def _views(turns: list[KeptTurn] | Any, *, goes_on: bool = False) -> list[TurnView]:  # noqa: ANN401
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


def _as_turn(turn: KeptTurn) -> Turn:
    answer: Answer = turn.answer
    return Turn(answer.understood or turn.question, "" if answer.abstained else answer_text(answer))
