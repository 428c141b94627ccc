"""What the handlers of the page share: what was pressed, days, errors as messages. Knows no handler."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeAlias

import gradio as gr

from rag.errors import RagError, UsageError, damage_told
from rag.render import shortened

Updates: TypeAlias = dict[Any, Any]
"""New values by widget."""
# The reader of dates also takes "20250717" and weeks.
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TOLD_CHARS = 40


def pressed(event: gr.EventData) -> dict[str, Any]:
    """Return what the page says of the button that was pressed; it may say anything."""
    data = event._data  # noqa: SLF001 - its attributes raise where one is missing
    return data if isinstance(data, dict) else {}


def whole(data: dict[str, Any], name: str) -> int:
    """Return a whole number of what was pressed, 0 where it is none."""
    try:
        return int(data.get(name) or 0)
    except (TypeError, ValueError):
        return 0


def day(text: str | None) -> date | None:
    """Return the day of a date field, None where it is empty.

    Raises:
        UsageError: it is no day.
    """
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip() if _DAY.fullmatch(text.strip()) else "")
    except ValueError as error:
        told = f"“{shortened(text, _TOLD_CHARS)}” is not a day."
        raise UsageError(told, hint="Use YYYY-MM-DD, such as 2025-07-17.") from error


@contextmanager
def told_as_message() -> Iterator[None]:
    """Show an error that a person can act on as a message of the page."""
    try:
        with damage_told():
            yield
    except RagError as error:
        raise gr.Error(f"{error.message} {error.hint}", print_exception=False) from error
