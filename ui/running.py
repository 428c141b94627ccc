"""Which question each open page waits for: one at a time, given up when it is stopped or the page is turned away.

Knows pages by the name of their session, and something to close; knows neither questions nor widgets.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ui.ports import Asking

# What comes after a question that ends (another one, another conversation) waits so long for its last words.
_ENDING_SECONDS = 3.0


class Running:
    """A question that a page waits for.

    `left` where the page has turned to another conversation since; `ending` where it has its last words or was
    given up, so that the next question need only wait for them; `ended` when all is shown.
    """

    def __init__(self, question: str) -> None:
        self.question = question
        self.left = False
        self.ending = False
        self.ended = threading.Event()
        self._asking: Asking | None = None

    def hold(self, asking: Asking) -> None:
        """Take what stops the question; it may have been stopped before it was handed in."""
        self._asking = asking
        if self.ending:
            asking.close()

    def stop(self) -> None:
        """Give the question up, from any thread."""
        self.ending = True
        if self._asking is not None:
            self._asking.close()


class Pages:
    """All open pages that wait for an answer."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}
        # Those that wait for the one before to end: they too may be stopped, or their page turned away.
        self._waiting: list[tuple[str, Running]] = []

    @contextmanager
    def asking(self, session: str, question: str) -> Iterator[Running | None]:
        """Hold the place of the page's one question; None where another one is still running.

        One that is ending is waited for: who has pressed Stop, or sees the answer, may ask the next one at once.
        """
        mine = Running(question)
        before = self._running.setdefault(session, mine)
        if before is not mine and before.ending:
            self._waiting.append((session, mine))
            before.ended.wait(_ENDING_SECONDS)
            before = self._running.setdefault(session, mine)
            self._waiting.remove((session, mine))
        if before is not mine:
            yield None
            return
        try:
            yield mine
        finally:
            del self._running[session]
            mine.ended.set()

    def is_asking(self, session: str, question: str = "") -> bool:
        """Does this page wait for an answer, of this question where one is given?"""
        running = self._running.get(session)
        return running is not None and question in ("", running.question)

    def stop(self, session: str) -> None:
        """Give up the question of a page."""
        for running in self._all(session):
            running.stop()

    def leave(self, session: str) -> None:
        """Give up the question of a page that turns elsewhere; returns when nothing more of it will be shown."""
        first = self._running.get(session)
        for running in self._all(session):
            running.left = True
            running.stop()
        if first is not None:
            first.ended.wait(_ENDING_SECONDS)

    def _all(self, session: str) -> list[Running]:
        of_pages = (*self._running.copy().items(), *self._waiting)
        return [running for page, running in of_pages if page == session]
