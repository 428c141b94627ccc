"""The same answers as an OpenAI-compatible server gives them: /v1/chat/completions and /v1/models.

Renders what the desk tells. The last message is the question, those before it are the conversation (system
messages are not read: what the model is told is ours). Beside the text of an answer stands one more field,
`citations`: the quotes that its marks [1], [2] stand for, each as in `rag ask --json`. In a stream each piece of
text brings its own. Settings of sampling (temperature, max_tokens and so on) are accepted and have no effect.
"""

import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag import pipeline, render
from rag.errors import RagError
from rag.types import AbstainReason, Answer, Question, Quote, Relation, Turn
from ui.api import Desk
from ui.calls import (
    MAX_TURN_CHARS,
    MAX_TURNS,
    CallError,
    EventStream,
    Fields,
    answered,
    event_text,
    headers_of,
    leaving,
    next_event,
    read_object,
    status_of,
)

MODEL = "rag"
_EXAMPLE = '{"model": "rag", "messages": [{"role": "user", "content": "Who signed the treaty?"}]}'
_UNREAD_ROLES = frozenset({"system", "developer"})
# What would change the answer's form and is not there: refused, since ignoring it would be noticed late.
_NOT_THERE = ("tools", "functions", "response_format", "audio")
# OpenAI's default, which some clients send though nobody set it, asks for nothing else.
_AS_IT_IS = {"response_format": {"type": "text"}}


class OpenAiApi:
    """The calls under /v1."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return where each call is found."""
        return [
            Route("/v1/chat/completions", self.complete, methods=["POST"]),
            Route("/v1/models", self.models, methods=["GET"]),
            Route("/v1/models/{name}", self.model, methods=["GET"]),
        ]

    async def complete(self, request: Request) -> Response:
        """Answer the last message, at once or as it comes."""
        try:
            return await self._complete(request)
        except RagError as error:
            return answered(error_object(error), status_of(error), headers=headers_of(error))

    async def _complete(self, request: Request) -> Response:
        fields = await read_object(request, _EXAMPLE)
        name = fields.text("model")
        if name != MODEL:
            raise CallError(f"There is no model {name[:60]!r}.", hint=f'Send: "model": "{MODEL}"', status=404)
        question = _question(fields)
        asking = self._desk.ask(question)
        if fields.flag("stream"):
            told = _Told(with_usage=_wants_usage(fields))
            return EventStream(asking, await next_event(asking), encode=told.event, last="data: [DONE]\n\n")
        async with leaving(asking, request.receive):
            while (event := await next_event(asking)) is not None:
                if isinstance(event, Answer):
                    return answered(_completion(event))
        return answered(None, 499)  # the caller is gone

    async def models(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        """List the one model there is."""
        return answered({"object": "list", "data": [_model()]})

    async def model(self, request: Request) -> Response:
        """Return the one model there is."""
        if request.path_params["name"] == MODEL:
            return answered(_model())
        error = CallError("There is no such model.", hint=f'The model is "{MODEL}".', status=404)
        return answered(error_object(error), error.status)


def error_object(error: RagError) -> dict[str, Any]:
    """Return an error as OpenAI's clients read it."""
    kind = "invalid_request_error" if status_of(error) < 500 else "server_error"
    told = {"message": f"{error.message} {error.hint}", "type": kind, "param": None, "code": type(error).__name__}
    return {"error": told}


def content_of(answer: Answer) -> str:
    """Return an answer with its marks; where the documents do not say, why."""
    lines = [render.claim_text(claim) for claim in answer.claims]
    return " ".join([*_opening(answer.abstain_reason, answer.relation), *lines])


def _opening(silence: AbstainReason | None, relation: Relation) -> list[str]:
    opening = render.opening(silence, relation)
    return [opening] if opening else []


# Reading


def _question(fields: Fields) -> Question:
    for name in _NOT_THERE:
        value = fields.values.get(name)
        if value and value != _AS_IT_IS.get(name):
            raise fields.wrong(f"The field {name!r} is not supported")
    if fields.values.get("n") not in (None, 1):
        raise fields.wrong("There is one answer: the field 'n' must be 1")
    messages = fields.values.get("messages")
    if not isinstance(messages, list) or len(messages) > 2 * MAX_TURNS:
        raise fields.wrong(f"The field 'messages' must be a list of at most {2 * MAX_TURNS} messages")
    said = [one for one in (_message(fields, message) for message in messages) if one[0] not in _UNREAD_ROLES]
    if not said or said[-1][0] != "user":
        raise fields.wrong("The last message must be the user's question")
    return Question(said[-1][1], tuple(_turns(said[:-1])))


def _message(fields: Fields, message: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    if not isinstance(message, dict) or message.get("role") not in ("user", "assistant", *_UNREAD_ROLES):
        raise fields.wrong("Each message has a 'role': system, user or assistant")
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(_part(fields, part) for part in content)
    if (
        content is None and message["role"] == "assistant"
    ):  # it called a tool, or was stopped before its first word
        content = ""
    if not isinstance(content, str) or len(content) > MAX_TURN_CHARS:
        raise fields.wrong("Each message has a 'content' that is text")
    return message["role"], content


def _part(fields: Fields, part: Any) -> str:  # noqa: ANN401
    if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
        raise fields.wrong("Only parts of text are read")
    return str(part["text"])


def _turns(said: list[tuple[str, str]]) -> list[Turn]:
    """Return earlier questions, each with the answer that follows it."""
    turns: list[Turn] = []
    for role, content in said:
        if role == "user":
            turns.append(Turn(content))
        elif turns:
            turns[-1] = Turn(turns[-1].question, content)
    return turns


def _wants_usage(fields: Fields) -> bool:
    options = fields.values.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


# Telling


def _completion(answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": content_of(answer), "citations": _citations(answer.quotes)}
    return {
        "id": _new_id(),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": _usage(answer),
        "abstained": answer.abstained,
    }


class _Told:
    """One answer as the chunks of a stream."""

    def __init__(self, *, with_usage: bool) -> None:
        self._with_usage = with_usage
        self._head = {
            "id": _new_id(),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": MODEL,
        }
        self._begun = False

    def event(self, event: Any) -> str:  # noqa: ANN401 - what the desk tells, or what went wrong
        """Return an event as the chunks that tell it."""
        if isinstance(event, RagError):
            return event_text(error_object(event))
        if isinstance(event, pipeline.Claimed):
            text = render.claim_text(event.claim)
            return self._said([*self._opened(event.silence, event.relation), text], event.claim.quotes)
        if isinstance(event, Answer):
            return self._ended(event)
        return ""

    def _opened(self, silence: AbstainReason | None, relation: Relation) -> list[str]:
        return [] if self._begun else _opening(silence, relation)

    def _said(self, texts: list[str], quotes: tuple[Quote, ...]) -> str:
        content = " ".join(texts)
        first = not self._begun
        self._begun = True
        delta = {"content": content if first else f" {content}", "citations": _citations(quotes)}
        return self._chunk({"role": "assistant", **delta} if first else delta)

    def _ended(self, answer: Answer) -> str:
        opening = "" if self._begun else self._said(self._opened(answer.abstain_reason, answer.relation), ())
        end = self._chunk({}, finish_reason="stop", abstained=answer.abstained)
        usage = event_text({**self._head, "choices": [], "usage": _usage(answer)}) if self._with_usage else ""
        return opening + end + usage

    def _chunk(self, delta: dict[str, Any], *, finish_reason: str | None = None, **more: Any) -> str:  # noqa: ANN401
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return event_text({**self._head, "choices": [choice], **more})


def _citations(quotes: tuple[Quote, ...]) -> list[dict[str, Any]]:
    return [render.quote_json(quote) for quote in quotes]


def _usage(answer: Answer) -> dict[str, int]:
    prompt, written = answer.prompt_tokens, answer.generated_tokens
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "you"}


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"
