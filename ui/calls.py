"""What all calls over HTTP share: reading a JSON object, telling what is wrong with it, and events as they come.

Knows requests, and the desk's events as something to wait for; knows neither questions nor answers.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Any, Protocol, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from rag.errors import BusyError, LibraryError, ModelError, NoLibraryError, RagError, UsageError
from rag.types import Turn

MAX_TURNS = 100
MAX_TURN_CHARS = 100_000
# More wait than the desk has places: the others are told that it is full.
_THREADS = 64
_RETRY_SECONDS = "30"

T = TypeVar("T")


class CallError(UsageError):
    """A call that cannot be carried out as it was sent; `status` is what HTTP calls that."""

    def __init__(self, message: str, *, hint: str, status: int = 400) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Asking(Protocol):
    """An iterator that can be closed from any thread."""

    def __next__(self) -> Any:  # noqa: ANN401 - whatever the desk tells
        """Return the next event."""

    def close(self) -> None:
        """Give it up."""


# Reading a call


async def read_object(request: Request, example: str) -> "Fields":
    """Return the JSON object of a call.

    Raises:
        CallError: it is none, or says that it is something else.
    """
    hint = f"Send: {example}"
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # a form of another page cannot say this
        raise CallError("The content type is not application/json.", hint=hint, status=415)
    try:
        values = json.loads((await request.body()).decode("utf-8"), parse_constant=_no_number)
        json.dumps(values, ensure_ascii=False).encode()  # half a character, as "\\ud800", cannot be answered
    except (ValueError, RecursionError) as error:
        raise CallError("The request is not JSON.", hint=hint) from error
    if not isinstance(values, dict):
        raise CallError("The request is not a JSON object.", hint=hint)
    return Fields(values, hint)


def _no_number(name: str) -> float:
    raise ValueError(name)


class Fields:
    """The fields of a call, each read as what it must be; None and missing are the same."""

    def __init__(self, values: dict[str, Any], hint: str) -> None:
        self.values = values
        self.hint = hint

    def only(self, *names: str) -> None:
        """Refuse fields that nobody reads: one that is misspelt would be ignored in silence."""
        unknown = sorted(set(self.values) - set(names))
        if unknown:
            raise self.wrong(f"There is no field {unknown[0][:60]!r}")

    def wrong(self, message: str) -> CallError:
        """Return what is told of a field."""
        return CallError(f"{message}.", hint=self.hint)

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.wrong(f"The field {name!r} must be text")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """Return one of a few words."""
        value = self.values.get(name)
        if value is not None and value not in choices:
            raise self.wrong(f"The field {name!r} must be {' or '.join(choices)}")
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(f"The field {name!r} must be true or false")
        return value

    def whole(self, name: str, allowed: range) -> int | None:
        """Return a whole number of a range."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            raise self.wrong(f"The field {name!r} must be a whole number from {allowed[0]} to {allowed[-1]}")
        return value

    def day(self, name: str) -> date | None:
        """Return a day."""
        value = self.values.get(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self.wrong(f"The field {name!r} must be a date like 2025-10-21") from error

    def numbers(self, name: str) -> frozenset[int] | None:
        """Return a set of whole numbers."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            raise self.wrong(f"The field {name!r} must be a list of whole numbers")
        return frozenset(value)

    def turns(self, name: str) -> tuple[Turn, ...]:
        """Return earlier questions and answers."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > MAX_TURNS:
            raise self.wrong(f"The field {name!r} must be a list of at most {MAX_TURNS} turns")
        return tuple(self._turn(name, one) for one in value)

    def _turn(self, name: str, value: Any) -> Turn:  # noqa: ANN401 - JSON
        texts = (value.get("question"), value.get("answer", "")) if isinstance(value, dict) else (None, "")
        question, answer = texts
        if not isinstance(question, str) or not isinstance(answer, str) or len(answer) > MAX_TURN_CHARS:
            raise self.wrong(f'Each turn of {name!r} must be {{"question": "...", "answer": "..."}}')
        return Turn(question, answer)


# Telling what went wrong


def status_of(error: RagError) -> int:
    """Return what HTTP calls an error."""
    if isinstance(error, CallError):
        return error.status
    if isinstance(error, UsageError):
        return 400
    if isinstance(error, NoLibraryError):
        return 404
    return 503 if isinstance(error, (BusyError, LibraryError, ModelError)) else 500


def headers_of(error: RagError) -> dict[str, str]:
    """Return what a caller may want to know besides: when to come back."""
    return {"retry-after": _RETRY_SECONDS} if isinstance(error, BusyError) else {}


def error_json(error: RagError) -> dict[str, Any]:
    """Return an error as the JSON API tells it."""
    return {"error": {"kind": type(error).__name__, "message": error.message, "hint": error.hint}}


def answered(content: Any, status: int = 200, *, headers: dict[str, str] | None = None) -> JSONResponse:  # noqa: ANN401
    """Return a JSON response that nobody keeps."""
    return JSONResponse(content, status, headers={"cache-control": "no-store", **(headers or {})})


# Waiting for what comes


_threads: RunVar[anyio.CapacityLimiter] = RunVar("threads of the calls")


async def in_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns; it waits in a thread of our own, so that the page's threads stay free."""
    try:
        limiter = _threads.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(_THREADS)
        _threads.set(limiter)
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)


async def next_event(asking: Asking) -> Any:  # noqa: ANN401 - whatever the desk tells
    """Return the next event, None at the end."""
    return await in_thread(partial(_next, asking))


def _next(asking: Asking) -> Any:  # noqa: ANN401
    try:
        return next(asking)
    except StopIteration:
        return None


@asynccontextmanager
async def leaving(asking: Asking, receive: Receive) -> AsyncIterator[None]:
    """Give the question up when the caller goes away, however long the block waits for its next event."""
    watching = asyncio.create_task(_close_when_gone(asking, receive))
    try:
        yield
    finally:
        watching.cancel()
        asking.close()


async def _close_when_gone(asking: Asking, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    asking.close()


class EventStream(Response):
    """Server-sent events, made of what the desk tells; ends the question when the caller goes away."""

    def __init__(self, asking: Asking, first: Any, *, encode: Callable[[Any], str], last: str = "") -> None:  # noqa: ANN401
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self.media_type = "text/event-stream"
        self._asking = asking
        self._first = first
        self._encode = encode
        self._last = last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send each event as soon as it is there."""
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        headers.append((b"content-type", b"text/event-stream; charset=utf-8"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with leaving(self._asking, receive):
            event = self._first
            while event is not None:
                await self._send(send, self._encode(event))
                event = await self._next()
            await self._send(send, self._last)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self) -> Any:  # noqa: ANN401
        try:
            return await next_event(self._asking)
        except RagError as error:
            self._asking.close()
            return error

    async def _send(self, send: Send, text: str) -> None:
        if text:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def event_text(data: Any, name: str = "") -> str:  # noqa: ANN401 - JSON
    """Return one server-sent event; in ASCII, since some clients take U+2028 for the end of a line."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n"
