"""A generator behind an OpenAI-compatible server: llama-server, llama_cpp.server, vLLM. The only import of httpx2.

Knows addresses, requests and what goes wrong with them; knows nothing of documents. Where the server runs on this
machine nothing leaves it; any other address has to be allowed.
"""

import ipaddress
import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from rag.errors import GeneratorCrashedError, ModelError, SettingsError
from rag.pointers import check_grammar
from rag.types import ModelInfo, Prompt, Segment

if TYPE_CHECKING:
    import httpx2

_CONNECT_SECONDS = 5.0
# Between two pieces of text. The first comes when the whole prompt is read: minutes for a large one on a CPU.
_SILENCE_SECONDS = 300.0
# What a server's own template may write around one part of a conversation.
_ROLE_TOKENS = 16
_ERROR_CHARS = 300
_NO_LATIN = re.compile(r"(?! [A-Za-z])[^A-Za-z]")
_LONG_BYTES = 3
# How control words begin in every family. A server obeys them in any text, so that none may stand in one.
_CONTROL = re.compile(r"<(?=[|/_｜A-Za-z])|\[(?=/?[A-Z_]{3,}\])")


class Tokenizer(StrEnum):
    """How a server counts tokens, which also tells its kind."""

    LLAMA_SERVER = "llama-server"
    LLAMA_CPP_PYTHON = "llama_cpp.server"
    VLLM = "vLLM"
    NONE = "none"


# The servers that take a grammar in GBNF in the body of a request.
_TAKE_GRAMMAR = frozenset({Tokenizer.LLAMA_SERVER, Tokenizer.LLAMA_CPP_PYTHON})


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """Where the server is and how it is asked.

    `model` is needed where it serves several. `end` is the mark that ends a reply in the chat format of the
    prompts. With `own_template` prompts come in the chat format "file" and the server puts its template around
    them. `allowed`: the address may be that of another machine.
    """

    url: str
    model: str = ""
    key: str = field(default="", repr=False)
    context_tokens: int = 4096
    end: str = ""
    own_template: bool = False
    allowed: bool = False
    silence_seconds: float = _SILENCE_SECONDS


def is_address(generator: str) -> bool:
    """Return whether a generator is named by the address of a server."""
    return generator.lower().startswith(("http://", "https://"))


def is_on_this_machine(url: str) -> bool:
    """Return whether the address is a loopback one, by its text alone: no name is looked up but localhost."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def estimated_tokens(text: str) -> int:
    """Return at least as many tokens as a text has, for servers that do not count.

    Half of the ASCII letters, each other character of one or two bytes (but a space before a letter counts with
    its word), and the bytes of each longer one: a tokenizer that knows none of its words makes no more.
    """
    latin = sum(char.isascii() and char.isalpha() for char in text)
    size = (len(char.encode("utf-8", "replace")) for char in _NO_LATIN.findall(text))
    return (latin + 1) // 2 + sum(1 if length < _LONG_BYTES else length for length in size)


def plain(text: str) -> str:
    """Return a text in which no control word of a chat format stands: "<|im_end|>" becomes "< |im_end|>"."""
    return _CONTROL.sub(lambda match: f"{match[0]} ", text)


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """Return a prompt in the chat format "file" as the messages of a conversation."""
    found: list[dict[str, str]] = []
    for segment in prompt:
        if segment.control:
            found.append({"role": segment.text, "content": ""})
        else:
            found[-1]["content"] += plain(segment.text)
    return found[:-1]  # the last mark is where the reply begins


class RemoteGenerator:
    """Asks a server. Closing what `generate` returns closes the connection, at which servers stop writing."""

    process_id: int | None = None  # what it takes is the server's own affair

    def __init__(self, options: RemoteOptions) -> None:
        if not is_on_this_machine(options.url) and not options.allowed:
            host = urlsplit(options.url).hostname
            raise SettingsError(
                f"The generator {host} is another machine: questions and words of your documents would go there.",
                hint="If that is what you want, set RAG_GENERATOR_REMOTE=allow.",
            )
        self._options = options
        self._client: httpx2.Client | None = None
        self._info: ModelInfo | None = None
        self._model = ""
        self._tokenizer = Tokenizer.NONE

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know before the first question."""
        if is_on_this_machine(self._options.url):
            return ()
        address = urlsplit(self._options.url)
        how = "" if address.scheme == "https" else ", unencrypted"
        return (f"Questions and quoted words of the documents are sent to {address.hostname}{how}.",)

    def start(self) -> None:
        """Look which models the server has and how it counts tokens.

        Raises:
            ModelError: it does not answer, or does not have the model.
        """
        import httpx2

        if self._client is None:
            # Neither proxies nor passwords of the environment: nothing but the address that was set is asked.
            self._client = httpx2.Client(
                timeout=httpx2.Timeout(self._options.silence_seconds, connect=_CONNECT_SECONDS),
                headers={"Authorization": f"Bearer {self._options.key}"} if self._options.key else {},
                trust_env=False,
                follow_redirects=False,
            )
        with self._told_apart(starting=True):
            served = self._client.get(f"{self._base}/models", timeout=_CONNECT_SECONDS)
            self._model = self._chosen(self._checked(served))
            self._tokenizer = self._found_tokenizer()
        # llama_cpp.server names a model by its path, which is nobody's business.
        self._info = ModelInfo("generator", re.split(r"[/\\]", self._model)[-1], "")

    def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def info(self) -> ModelInfo:
        """Name of the model as the server gives it. What its weights are nobody can tell from here."""
        if self._info is None:
            self.start()
        assert self._info is not None
        return self._info

    @property
    def tokenizer(self) -> Tokenizer:
        """How tokens are counted."""
        return self._tokenizer

    @property
    def context_tokens(self) -> int:
        """Prompt and answer together must fit in this many tokens: what was set, for not every server tells."""
        return self._options.context_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text; an upper estimate where the server counts none."""
        return self.count_segments([Segment(text) for text in texts])

    def count_segments(self, segments: Sequence[Segment]) -> list[int]:
        """Return the tokens of each segment."""
        return [self._count(segment) for segment in segments]

    def generate(
        self, prompt: Prompt, *, max_tokens: int, grammar: str | None = None
    ) -> Generator[str, None, None]:
        """Yield pieces of text as the server sends them. The grammar is sent to servers that take one.

        Raises:
            GeneratorCrashedError: the server went away or fell silent; the next call tries again.
            ModelError: it refused the request.
            ValueError: the grammar is none that llama.cpp could be trusted with.
        """
        if grammar is not None:
            check_grammar(grammar)
        path, body = self._request(prompt)
        body |= {"model": self._model, "max_tokens": max_tokens, "temperature": 0, "seed": 0, "stream": True}
        if self._tokenizer in _TAKE_GRAMMAR:
            body |= {"repeat_penalty": 1.1, **({"grammar": grammar} if grammar else {})}
        with self._told_apart(), self._open.stream("POST", f"{self._base}{path}", json=body) as response:
            if response.status_code != _OK:
                response.read()
                self._refused(response)
            yield from _texts(response.iter_lines())

    def _request(self, prompt: Prompt) -> tuple[str, dict[str, Any]]:
        if self._options.own_template:
            return "/chat/completions", {"messages": messages(prompt)}
        text = "".join(segment.text if segment.control else plain(segment.text) for segment in prompt)
        return "/completions", {"prompt": text, **({"stop": [self._options.end]} if self._options.end else {})}

    @property
    def _base(self) -> str:
        return self._options.url.rstrip("/")

    @property
    def _open(self) -> "httpx2.Client":
        if self._client is None:
            self.start()
        assert self._client is not None
        return self._client

    def _chosen(self, served: Mapping[str, Any]) -> str:
        names = [str(model["id"]) for model in served.get("data", ())]
        wanted = self._options.model
        if (wanted and wanted in names) or (not wanted and len(names) == 1):
            return wanted or names[0]
        told = f"no model {wanted!r}" if wanted else f"{len(names)} models"
        hint = (
            f"Set RAG_GENERATOR_MODEL to one of: {', '.join(names)}." if names else "Load a model into it first."
        )
        raise ModelError(f"The server at {self._base} has {told}.", hint=hint)

    def _found_tokenizer(self) -> Tokenizer:
        """Ask each known way of counting for one word; nothing else tells reliably which server this is."""
        for kind in (Tokenizer.LLAMA_SERVER, Tokenizer.VLLM, Tokenizer.LLAMA_CPP_PYTHON):
            path, body = _counting(kind, Segment("word"), self._model)
            response = self._open.post(f"{self._root}{path}", json=body, timeout=_CONNECT_SECONDS)
            if response.status_code == _OK and _counted(kind, _json(response)) is not None:
                return kind
        return Tokenizer.NONE

    @property
    def _root(self) -> str:
        return self._base.removesuffix("/v1")

    def _count(self, segment: Segment) -> int:
        client = self._open
        if segment.control and self._options.own_template:
            return _ROLE_TOKENS
        if not segment.text or self._tokenizer is Tokenizer.NONE:
            return estimated_tokens(segment.text) if segment.text else 0
        path, body = _counting(self._tokenizer, segment, self._model)
        with self._told_apart():
            response = client.post(f"{self._root}{path}", json=body)
            counted = _counted(self._tokenizer, self._checked(response))
        return estimated_tokens(segment.text) if counted is None else counted

    def _checked(self, response: "httpx2.Response") -> Any:  # noqa: ANN401 - JSON
        if response.status_code != _OK:
            self._refused(response)
        return response.json()

    def _refused(self, response: "httpx2.Response") -> NoReturn:
        status = response.status_code
        message = f"The server at {self._base} answered {status}: {_reason(response)}"
        if status >= _SERVER_ERROR and self._info is not None:
            raise GeneratorCrashedError(
                message, hint="Ask again; if it stays so, look at the server's own output."
            )
        raise ModelError(message, hint=_HINTS.get(status, _HINTS[0]))

    @contextmanager
    def _told_apart(self, *, starting: bool = False) -> Iterator[None]:
        """Turn what can go wrong on the way into an error that says what to do."""
        import httpx2

        problem: type[ModelError] = ModelError if starting else GeneratorCrashedError
        try:
            yield
        except httpx2.TimeoutException as error:
            message = f"The server at {self._base} was silent for too long ({type(error).__name__})."
            raise problem(
                message, hint="Look whether it is busy with others; a smaller model answers sooner."
            ) from error
        except httpx2.TransportError as error:
            message = f"The server at {self._base} cannot be reached: {error or type(error).__name__}."
            hint = "Start it, for example: llama-server -m FILE --port 8080. Or check --generator."
            raise problem(message, hint=hint) from error
        except (httpx2.InvalidURL, httpx2.DecodingError, ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"What {self._base} answers is not what an OpenAI-compatible server would say: {error}."
            raise ModelError(message, hint="Check --generator: such an address ends in /v1.") from error


_OK = 200
_SERVER_ERROR = 500
_HINTS = {
    0: "Ask a shorter question, or set RAG_CONTEXT_TOKENS to the context that the server was started with.",
    401: "Set RAG_GENERATOR_KEY to the key that the server was started with.",
    403: "Set RAG_GENERATOR_KEY to the key that the server was started with.",
    404: "Check --generator: such an address ends in /v1. A server of chats alone needs --chat-format file.",
    405: "Check --generator: such an address ends in /v1.",
    429: "The server is busy: ask again in a moment.",
    503: "The server may still be loading its model: ask again in a moment.",
}


def _counting(kind: Tokenizer, segment: Segment, model: str) -> tuple[str, dict[str, Any]]:
    text = segment.text if segment.control else plain(segment.text)
    if kind is Tokenizer.LLAMA_SERVER:
        return "/tokenize", {"content": text, "add_special": False, "parse_special": True}
    if kind is Tokenizer.VLLM:
        return "/tokenize", {"model": model, "prompt": text, "add_special_tokens": False}
    return "/extras/tokenize/count", {"model": model, "input": text}


def _json(response: "httpx2.Response") -> Any:  # noqa: ANN401
    """Return what a server says, None where it is no JSON."""
    try:
        return response.json()
    except ValueError:
        return None


def _counted(kind: Tokenizer, answer: Any) -> int | None:  # noqa: ANN401 - JSON
    """Return the tokens that a server counted, None where it answers in another way."""
    if not isinstance(answer, dict):
        return None
    if kind is Tokenizer.LLAMA_SERVER:
        tokens = answer.get("tokens")
        # vLLM has the same path; an answer that counts is its own.
        return len(tokens) if isinstance(tokens, list) and tokens and "count" not in answer else None
    count = answer.get("count")
    return count if isinstance(count, int) else None


def _texts(lines: Iterator[str]) -> Iterator[str]:
    """Yield the text in a stream of server-sent events, until its end."""
    ended = False
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        event = json.loads(data)
        if "error" in event:
            raise _stopped(_shortened(event["error"]))
        for choice in event.get("choices", ())[:1]:
            ended = ended or bool(choice.get("finish_reason"))
            text = choice.get("text") or (choice.get("delta") or {}).get("content")
            if text:
                yield text
    if not ended:
        raise _stopped("its stream ended early; the prompt may be longer than its context")


def _stopped(reason: str) -> GeneratorCrashedError:
    hint = "Ask again; if it stays so, look at the server's own output."
    return GeneratorCrashedError(f"The server stopped in the middle: {reason}.", hint=hint)


def _reason(response: "httpx2.Response") -> str:
    answer = _json(response)
    if answer is None:
        return _shortened(response.text or response.reason_phrase)
    return _shortened(
        answer.get("error") or answer.get("detail") or answer if isinstance(answer, dict) else answer
    )


def _shortened(error: Any) -> str:  # noqa: ANN401 - JSON
    text = error.get("message") if isinstance(error, dict) else error
    return " ".join(str(text or error).split())[:_ERROR_CHARS]
