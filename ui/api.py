"""The JSON API: ask, search, sources, health, ready. Renders what the desk tells; knows nothing of how it is made.

::

    POST /api/ask      {"question": "..."}; if wanted stream, style, caution, verify, passages, as_of, documents,
                       history
    POST /api/search   {"query": "..."}; if wanted limit, as_of, documents
    GET  /api/sources  the documents of the library
    GET  /api/health   is the server there
    GET  /api/ready    are the models loaded (503 until they are), is a question worked on, how many wait

An answer is the object that `rag ask --json` prints. With "stream": true it comes as server-sent events:
`waiting`, `found`, `claim` for each checked sentence, `answer` at the end; `error` where something goes wrong.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag import pipeline, render
from rag.desk import Asking, Waiting, Wish
from rag.errors import RagError, told_of
from rag.settings import CHOICES
from rag.types import Answer, Hit, Question, Source
from ui.calls import (
    EventStream,
    Fields,
    answered,
    error_json,
    event_text,
    headers_of,
    in_thread,
    leaving,
    next_event,
    read_object,
    status_of,
)

_MAX_HITS = 50
_ASK = '{"question": "Who signed the treaty?"}'
_SEARCH = '{"query": "the signing of the treaty", "limit": 8}'
_ASK_FIELDS = ("question", "stream", "style", "caution", "verify", "passages", "as_of", "documents", "history")

Documents = Callable[[], Sequence[Source]]


class Desk(Protocol):
    """Where questions are handed in."""

    @property
    def ready(self) -> bool:
        """Are the models loaded?"""

    @property
    def failure(self) -> BaseException | None:
        """Why nothing can be asked."""

    @property
    def waiting(self) -> int:
        """How many questions are in line."""

    @property
    def busy(self) -> bool:
        """Is a question worked on?"""

    def ask(self, question: Question, wish: Wish = ..., /) -> Asking:
        """Return what comes of a question, as it comes."""

    def search(self, question: Question, *, limit: int) -> Sequence[Hit]:
        """Return the passages nearest to a question."""


class Api:
    """The calls under /api."""

    def __init__(self, desk: Desk, documents: Documents) -> None:
        self._desk = desk
        self._documents = documents

    def routes(self) -> list[Route]:
        """Return where each call is found."""
        return [
            Route("/api/ask", self.ask, methods=["POST"]),
            Route("/api/search", self.search, methods=["POST"]),
            Route("/api/sources", self.sources, methods=["GET"]),
            Route("/api/health", self.health, methods=["GET"]),
            Route("/api/ready", self.ready, methods=["GET"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Answer a question, at once or as it comes."""
        fields = await read_object(request, _ASK)
        fields.only(*_ASK_FIELDS)
        asking = self._desk.ask(_question(fields, "question"), _wish(fields))
        if fields.flag("stream"):
            return EventStream(asking, await next_event(asking), encode=_event)
        async with leaving(asking, request.receive):
            while (event := await next_event(asking)) is not None:
                if isinstance(event, Answer):
                    return answered(render.as_json(event))
        return answered(None, 499)  # the caller is gone

    async def search(self, request: Request) -> Response:
        """Return the nearest passages."""
        fields = await read_object(request, _SEARCH)
        fields.only("query", "limit", "as_of", "documents")
        question = _question(fields, "query")
        limit = fields.whole("limit", range(1, _MAX_HITS + 1)) or 8
        hits = await in_thread(lambda: self._desk.search(question, limit=limit))
        return answered({"query": question.text, "passages": render.hits_json(hits)})

    async def sources(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        """Return the documents."""
        sources = await in_thread(self._documents)
        return answered({"documents": [render.document_json(source) for source in sources]})

    async def health(self, request: Request) -> Response:  # noqa: ARG002
        """Say that the server is there."""
        return answered({"status": "ok"})

    async def ready(self, request: Request) -> Response:  # noqa: ARG002
        """Say whether a question would be answered now, or why not."""
        failure = self._desk.failure
        if isinstance(failure, RagError):
            return answered({"ready": False, **error_json(failure)}, 503)
        ready = self._desk.ready
        told = {"ready": ready, "busy": self._desk.busy, "waiting": self._desk.waiting}
        return answered(told, 200 if ready else 503)


async def tell_error(_: Request, error: RagError) -> Response:
    """Return an error as the JSON API tells it."""
    return answered(error_json(error), status_of(error), headers=headers_of(error))


async def tell_damage(request: Request, error: sqlite3.DatabaseError) -> Response:
    """Return what the database says of its file as any other error; a defect of ours stays one."""
    damage = told_of(error)
    if damage is None:
        raise error
    return await tell_error(request, damage)


def _question(fields: Fields, name: str) -> Question:
    return Question(
        fields.text(name), fields.turns("history"), fields.day("as_of"), documents=fields.numbers("documents")
    )


def _wish(fields: Fields) -> Wish:
    return Wish(
        style=fields.choice("style", CHOICES["style"]),
        caution=fields.choice("caution", CHOICES["caution"]),
        verify=fields.flag("verify"),
        passages=fields.whole("passages", range(1, _MAX_HITS + 1)),
    )


def _event(event: Any) -> str:  # noqa: ANN401 - what the desk tells, or what went wrong
    if isinstance(event, Waiting):
        return event_text({"place": event.place}, "waiting")
    if isinstance(event, pipeline.Found):
        return event_text({"passages": render.hits_json(event.hits)}, "found")
    if isinstance(event, pipeline.Claimed):
        silence = event.silence.value if event.silence else None
        told = {**render.claim_json(event.claim), "relation": event.relation.value, "abstain_reason": silence}
        return event_text(told, "claim")
    if isinstance(event, Answer):
        return event_text(render.as_json(event), "answer")
    return event_text(error_json(event), "error")
