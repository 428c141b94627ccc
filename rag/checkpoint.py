"""Leaving long work between two of its steps, once nobody waits for it any more.

Whoever serves somebody says how to tell (`checked`); loops that take long call `checkpoint` before each step.
Knows neither. The check belongs to the thread (more exactly: the context) in which it was set.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Check = Callable[[], None]


def _go_on() -> None:
    """Somebody always waits, unless it is said otherwise."""


_current: ContextVar[Check] = ContextVar("is anybody waiting?", default=_go_on)


def checkpoint() -> None:
    """Go on where somebody waits.

    Raises:
        Exception: what the check raises where nobody does.
    """
    _current.get()()


@contextmanager
def checked(check: Check) -> Iterator[None]:
    """Let every checkpoint that is met within the block call `check`, which raises where nobody waits any more."""
    token = _current.set(check)
    try:
        yield
    finally:
        _current.reset(token)
