"""What a conversation is about: from the fields of the page, back into them, and as one line. Pure."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from rag.errors import UsageError
from rag.talks import Scope
from ui.events import day


def scope_of(values: tuple[Any, ...]) -> Scope:
    """Return what the fields say: documents, from, until, as of.

    Raises:
        UsageError: a day is none, or the days are in no order.
    """
    documents, since, until, as_of = values
    scope = Scope(tuple(documents or ()), day(since), day(until), day(as_of))
    if scope.since and scope.until and scope.since > scope.until:
        message = f"From {scope.since} until {scope.until} there is no day."
        raise UsageError(message, hint="Until these two are in order it is asked as before.")
    return scope


def scope_values(scope: Scope) -> tuple[Any, ...]:
    """Return what the fields show."""
    days = (scope.since, scope.until, scope.as_of)
    return (list(scope.documents), *(one.isoformat() if one else None for one in days))


def still_there(scope: Scope, documents: Collection[int]) -> Scope:
    """Return the scope without the documents that are gone; with none left of those that were chosen, all are."""
    return replace(scope, documents=tuple(one for one in scope.documents if one in documents))


def scope_line(scope: Scope) -> str:
    """Return in one line what a conversation is about."""
    if scope.documents:
        what = f"Asking {len(scope.documents)} chosen document{'s' if len(scope.documents) > 1 else ''}"
    else:
        what = "Asking all documents"
    since, until = (day.isoformat() if day else "" for day in (scope.since, scope.until))
    days = f"from {since} to {until}" if since and until else f"from {since}" if since else f"until {until}"
    parts = [what, days if since or until else "", f"as of {scope.as_of.isoformat()}" if scope.as_of else ""]
    return " · ".join(part for part in parts if part)
