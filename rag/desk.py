"""The desk where questions queue: one worker, a bounded line, first come first served, and leaving at any time.

Knows the pipeline, and parts that someone else opens; knows nothing of browsers, requests or files.

One question is worked on at a time: on a few cores two at once are both late, and a library and a generator each
belong to one thread. Whoever asks is told their place in line, and then gets what the pipeline yields.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from rag import pipeline
from rag.checkpoint import checked
from rag.errors import BusyError, RagError, damage_told
from rag.parts import Parts
from rag.protocols import Generator as TextGenerator
from rag.types import Hit, ModelInfo, Prompt, Question

# Who is further back waits for minutes on two cores, and is better told to come back.
PLACES = 16


@dataclass(frozen=True, slots=True)
class Waiting:
    """Others are before this question: `place` 1 is the next one."""

    place: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person chooses for one question; None: as it is set."""

    style: str | None = None
    caution: str | None = None
    verify: bool | None = None
    passages: int | None = None


Event: TypeAlias = Waiting | pipeline.Event
PartsFor: TypeAlias = Callable[[Wish], Parts]
OpenParts: TypeAlias = Callable[[], AbstractContextManager[PartsFor]]
_Work: TypeAlias = "Callable[[PartsFor, _Task], Generator[pipeline.Event, None, None]]"


class _LeftError(Exception):
    """Nobody waits for this answer any more."""


class _Task:
    """One question at the desk: what is to be done, what came of it so far, and whether anybody still waits."""

    def __init__(self, work: _Work) -> None:
        self.work = work
        self.told: deque[pipeline.Event] = deque()
        self.error: BaseException | None = None
        self.ended = False
        self.left = threading.Event()
        self.writing: Generator[str, None, None] | None = None

    def leave(self) -> None:
        """Nobody waits any more; the model is told too, since it may be reading a long prompt."""
        self.left.set()
        writing = self.writing
        if writing is not None:
            with suppress(ValueError):  # a plain generator that runs: the worker sees `left` at its next piece
                writing.close()

    def check(self) -> None:
        """Raise where nobody waits any more."""
        if self.left.is_set():
            raise _LeftError


class Desk:
    """Where questions are handed in. `open_parts` is entered, used and left in the worker's own thread."""

    def __init__(self, open_parts: OpenParts, *, places: int = PLACES) -> None:
        self._open_parts = open_parts
        self._places = places
        self._changed = threading.Condition()
        self._line: deque[_Task] = deque()
        self._current: _Task | None = None
        self._opened = False
        self._closed = False
        self._failure: BaseException | None = None
        self._worker = threading.Thread(target=self._work, name="desk", daemon=True)

    def start(self) -> Self:
        """Begin to load the models; returns at once, and questions may come before they are loaded."""
        self._worker.start()
        return self

    def close(self, timeout_seconds: float | None = None) -> bool:
        """Send everybody away, end the work and leave the parts; return whether that is done by then."""
        with self._changed:
            self._closed = True
            current = self._current
            self._changed.notify_all()
        if current is not None:
            current.leave()
        if self._worker.is_alive():
            self._worker.join(timeout_seconds)
        return not self._worker.is_alive()

    def check_open(self) -> None:
        """Let whoever opens the parts stop between two steps.

        Raises:
            BusyError: the desk is closing, and nobody will need what is loaded.
        """
        if self._closed:
            raise _ended()

    @property
    def ready(self) -> bool:
        """Are the models loaded?"""
        return self._opened and self._failure is None

    @property
    def failure(self) -> BaseException | None:
        """Why nothing can be asked, None where all is well."""
        return self._failure

    @property
    def waiting(self) -> int:
        """How many questions are in line, not counting the one that is worked on."""
        return len(self._line)

    @property
    def busy(self) -> bool:
        """Is a question worked on?"""
        return self._current is not None

    def wait_until_ready(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the models; return whether they are loaded.

        Raises:
            RagError: they cannot be.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._opened or self._failure is not None, timeout_seconds)
        if self._failure is not None:
            raise self._failure
        return self._opened

    def ask(self, question: Question, wish: Wish = Wish()) -> "Asking":
        """Return an iterator over the places in line, what was found, the claims and the answer.

        The question joins the line with the first `next`; closing the iterator, from any thread, gives it up.

        Raises (with `next`):
            BusyError: the line is full.
            RagError: as `rag.pipeline.stream`.
        """
        return Asking(self, _Task(lambda parts_for, task: _answering(parts_for, task, question, wish)))

    def search(self, question: Question, *, limit: int) -> Sequence[Hit]:
        """Return the passages nearest to a question, best first; waits in the same line.

        Raises:
            BusyError: the line is full.
            QuestionError: the question is empty or too long.
        """
        with closing(Asking(self, _Task(lambda parts_for, _: _searching(parts_for, question, limit)))) as told:
            return next(event.hits for event in told if isinstance(event, pipeline.Found))

    # What an Asking does

    def join(self, task: _Task) -> None:
        """Put a question at the end of the line.

        Raises:
            BusyError: the line is full, or the desk is closing.
            RagError: the parts could not be opened.
        """
        with self._changed:
            if self._failure is not None:
                raise self._failure
            if self._closed:
                raise _ended()
            if len(self._line) >= self._places:
                raise BusyError(
                    f"Too many questions at once: {len(self._line)} are waiting already.",
                    hint="Ask again in a minute.",
                )
            self._line.append(task)
            self._changed.notify_all()

    def leave(self, task: _Task) -> None:
        """Give a question up, wherever it stands."""
        task.leave()
        with self._changed:
            if task in self._line:
                self._line.remove(task)
            self._changed.notify_all()

    def next_event(self, task: _Task, *, told_place: int | None) -> Event | None:
        """Wait for another place in line than the one that was told, or for what came of it; None at the end."""

        def moved() -> bool:
            place = self._place(task)
            return bool(task.told or task.ended or task.left.is_set() or (place and place != told_place))

        with self._changed:
            self._changed.wait_for(moved)
            if task.left.is_set():
                return None
            if task.told:
                return task.told.popleft()
            if task.error is not None:
                raise task.error
            place = self._place(task)
            return None if task.ended or place is None else Waiting(place)

    def _place(self, task: _Task) -> int | None:
        """Return how far back it stands; None where it is worked on, or about to be."""
        if task not in self._line:
            return None
        place = self._line.index(task) + 1
        idle = self._opened and self._current is None
        return None if idle and place == 1 else place

    # The worker's thread

    def _work(self) -> None:
        """Serve one question after the other; what cannot be opened is told to everybody who asks."""
        try:
            with self._open_parts() as parts_for:
                with self._changed:
                    self._opened = True
                    self._changed.notify_all()
                while (task := self._next_task()) is not None:
                    self._serve(task, parts_for)
        except RagError as error:
            self._failure = error
        finally:
            self._send_away()

    def _next_task(self) -> _Task | None:
        with self._changed:
            self._current = None
            self._changed.wait_for(lambda: self._line or self._closed)
            if self._closed:
                return None
            self._current = self._line.popleft()
            self._changed.notify_all()
            return self._current

    def _serve(self, task: _Task, parts_for: PartsFor) -> None:
        """Work on one question; whatever goes wrong is raised where it was asked, and the next one is served."""
        try:
            with damage_told():
                self._tell_all(task, parts_for)
        except _LeftError:
            task.error = _ended()  # seen only where it was the desk that closed
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            task.error = error
        finally:
            with self._changed:
                task.ended = True
                self._changed.notify_all()

    def _tell_all(self, task: _Task, parts_for: PartsFor) -> None:
        # Until its next event it may read many passages: what takes long there looks whether anybody still waits.
        with checked(task.check), closing(task.work(parts_for, task)) as events:
            for event in events:
                task.check()
                with self._changed:
                    task.told.append(event)
                    self._changed.notify_all()

    def _send_away(self) -> None:
        with self._changed:
            self._failure = self._failure or (_ended() if self._opened else _not_opened())
            for task in tuple(self._line):
                task.error, task.ended = self._failure, True
            self._line.clear()
            self._changed.notify_all()


class Asking(Iterator[Event]):
    """What comes of one question. Unlike a generator it can be closed while another thread waits for its next."""

    def __init__(self, desk: Desk, task: _Task) -> None:
        self._desk = desk
        self._task = task
        self._joined = False
        self._told_place: int | None = None

    def __next__(self) -> Event:
        if not self._joined:
            self._joined = True
            self._desk.join(self._task)
        event = self._desk.next_event(self._task, told_place=self._told_place)
        if event is None:
            raise StopIteration
        if isinstance(event, Waiting):
            self._told_place = event.place
        return event

    def close(self) -> None:
        """Give the question up; whoever waits for its next event is told that there is none."""
        self._joined = True
        self._desk.leave(self._task)

    def __del__(self) -> None:
        self.close()


class _Leavable:
    """A generator that writes only as long as somebody waits for it."""

    def __init__(self, inner: TextGenerator, task: _Task) -> None:
        self._inner = inner
        self._task = task

    @property
    def info(self) -> ModelInfo:
        return self._inner.info

    @property
    def context_tokens(self) -> int:
        return self._inner.context_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._inner.count_tokens(texts)

    def generate(
        self, prompt: Prompt, *, max_tokens: int, grammar: str | None = None
    ) -> Generator[str, None, None]:
        """Yield pieces of text until nobody waits any more; then the rest of the answer is left too."""
        with closing(self._inner.generate(prompt, max_tokens=max_tokens, grammar=grammar)) as pieces:
            self._task.writing = pieces
            try:
                self._task.check()
                for piece in pieces:
                    self._task.check()
                    yield piece
            finally:
                self._task.writing = None
        self._task.check()


def _answering(
    parts_for: PartsFor, task: _Task, question: Question, wish: Wish
) -> Generator[pipeline.Event, None, None]:
    task.check()
    parts = parts_for(wish)
    if parts.writer is not None:
        writer = replace(parts.writer, generator=_Leavable(parts.writer.generator, task))
        parts = replace(parts, writer=writer)
    yield from pipeline.stream(question, parts)


def _searching(parts_for: PartsFor, question: Question, limit: int) -> Generator[pipeline.Event, None, None]:
    parts = parts_for(Wish())
    asked = pipeline.normalise_question(question.text, parts.limits.max_question_chars)
    found = parts.retriever.search(asked, limit=limit, as_of=question.as_of, documents=question.documents)
    yield pipeline.Found(tuple(found))


def _ended() -> BusyError:
    return BusyError("The assistant has ended.", hint="Start it again: rag chat")


def _not_opened() -> RagError:
    return RagError("The assistant could not start: a defect of ours.", hint="See what rag chat has printed.")
