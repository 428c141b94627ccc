"""The generator as seen by the program: a child process with one queue, restarted when it dies.

Knows how to talk to rag.llama_worker; imports no llama_cpp and knows nothing of documents.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import GeneratorCrashedError, ModelError
from rag.models import ModelFile, verify
from rag.pointers import check_grammar
from rag.types import ModelInfo, Prompt, Segment

_LOAD_SECONDS = 600.0  # a large model on a slow disk; the process is watched, so a crash is seen at once
_LOOK_SECONDS = 0.1  # how often somebody who waits for the model looks whether anybody still wants its words


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter, and how the prompts begin that it was trained for: others are answered without it."""

    file: ModelFile
    prefix: Prompt

    def fits(self, prompt: Prompt) -> bool:
        """Return whether a prompt is one of its own."""
        return bool(prompt) and prompt[: len(self.prefix)] == self.prefix


@dataclass(frozen=True, slots=True)
class LlamaOptions:
    """How the model is run. `prefix` is read ahead while the rest of the program loads.

    `own_template`: prompts come in the chat format "file", whose marks the file's own template gives.
    """

    cache: Path
    context_tokens: int = 4096
    threads: int = 2
    requantise: bool = False
    prefix: Prompt = ()
    own_template: bool = False
    adapter: Adapter | None = None


@dataclass(frozen=True, slots=True)
class RunStats:
    """What the last prompt cost: its tokens, and how many of them were still known from before."""

    prompt_tokens: int
    reused_tokens: int


class LlamaGenerator:
    """llama.cpp in a child process. Requests from several threads wait in line."""

    def __init__(self, model: ModelFile, options: LlamaOptions) -> None:
        self._model = model
        self._options = options
        self._info: ModelInfo | None = None
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._next_id = 0
        self._ready: dict[str, Any] | None = None
        self.restarts = 0
        self.last_run = RunStats(0, 0)

    def start(self) -> None:
        """Check the file and begin to load it; returns before loading is done.

        Raises:
            ModelError: the file is missing, not GGUF, or not the pinned one.
        """
        if self._process is not None and self._process.poll() is None:
            return
        if self._info is None:
            self._info = verify(self._model, self._options.cache)
        if self._options.adapter is not None:
            verify(self._options.adapter.file, self._options.cache)
        self._ready = None
        self._answers = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.llama_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=os.environ.copy(),
        )
        threading.Thread(target=_pump, args=(self._process, self._answers), daemon=True).start()
        self._send("load", **self._load_request())

    def _load_request(self) -> dict[str, Any]:
        assert self._info is not None
        target = ""
        if self._options.requantise:
            target = str(self._options.cache / "models" / f"{self._info.sha256[:32]}.q8_0.gguf")
        return {
            "path": str(self._model.path),
            "requantised": target,
            "context_tokens": self._options.context_tokens,
            "threads": self._options.threads,
            "prefix": _as_json(self._options.prefix),
            "own_template": self._options.own_template,
            "adapter": str(self._options.adapter.file.path) if self._options.adapter is not None else "",
            "adapted": self._is_adapted(self._options.prefix),
        }

    def _is_adapted(self, prompt: Prompt) -> bool:
        return self._options.adapter is not None and self._options.adapter.fits(prompt)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know before the first question: nothing, for nothing leaves this machine."""
        return ()

    @property
    def process_id(self) -> int | None:
        """The process that the model is in, None where it is not running."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the child process."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

    @property
    def info(self) -> ModelInfo:
        """Name and hash of the file that was chosen (its Q8_0 copy is named after this hash)."""
        if self._info is None:
            self._info = verify(self._model, self._options.cache)
        return self._info

    @property
    def context_tokens(self) -> int:
        """Prompt and answer together must fit in this many tokens."""
        with self._turn:
            return int(self._wait_until_ready()["context_tokens"])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, read as plain text."""
        return self.count_segments([Segment(text) for text in texts])

    def count_segments(self, segments: Sequence[Segment]) -> list[int]:
        """Return the tokens of each segment. The prompt costs their sum (plus one where a model needs it)."""
        if not segments:
            return []
        with self._turn:
            self._wait_until_ready()
            request = self._send("count", segments=_as_json(segments))
            counts = self._receive(request)
            return [int(count) for count in counts["counts"]]

    def generate(
        self, prompt: Prompt, *, max_tokens: int, grammar: str | None = None
    ) -> Generator[str, None, None]:
        """Yield pieces of text; closing the iterator stops the work within one slice of the prompt.

        It may be closed from another thread, also while `next` waits there: `next` then ends the iteration.

        Raises:
            GeneratorCrashedError: the child died; the next call starts a new one.
            ModelError: the prompt does not fit, or the model refused it.
            ValueError: the grammar is none that llama.cpp could be trusted with.
        """
        if grammar is not None:
            check_grammar(grammar)
        stopped = threading.Event()
        return _Generation(self._pieces(prompt, max_tokens, grammar, stopped=stopped), stopped)

    def _pieces(
        self, prompt: Prompt, max_tokens: int, grammar: str | None, *, stopped: threading.Event
    ) -> Generator[str, None, None]:
        with self._turn:
            self._wait_until_ready()
            fields = {"max_tokens": max_tokens, "grammar": grammar, "adapted": self._is_adapted(prompt)}
            request = self._send("generate", segments=_as_json(prompt), **fields)
            try:
                while (answer := self._receive(request, stopped))["event"] != "done":
                    yield answer["text"]
            except ModelError:  # the child has ended this request, or itself
                raise
            except BaseException:  # closed, interrupted or out of time: nobody wants the rest
                self._drain(request)
                raise
            self.last_run = RunStats(answer["prompt_tokens"], answer["reused_tokens"])

    def _drain(self, request: int) -> None:
        """Tell the child to stop and wait for its last word, so that the next request starts clean."""
        with contextlib.suppress(ModelError):
            self._send("cancel", id=request)
            while self._receive(request)["event"] != "done":
                pass

    def _wait_until_ready(self) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            if self._process is not None:
                self.restarts += 1
                self.close()
            self.start()
        if self._ready is None:
            self._ready = self._receive(self._next_id)
        return self._ready

    def _send(self, op: str, **fields: Any) -> int:  # noqa: ANN401 - JSON
        assert self._process is not None
        assert self._process.stdin is not None
        if "id" not in fields:
            self._next_id += 1
            fields["id"] = self._next_id
        try:
            self._process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._crashed() from error
        return int(fields["id"])

    def _next_answer(self, request: int, stopped: threading.Event | None) -> dict[str, Any] | None:
        """Return what the child says next, None where it has ended; tell it where nobody wants the rest."""
        end = time.monotonic() + _LOAD_SECONDS
        told = stopped is None
        while time.monotonic() < end:
            if stopped is not None and stopped.is_set() and not told:
                self._send("cancel", id=request)
                told = True
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=_LOAD_SECONDS if told else _LOOK_SECONDS)
        return None

    def _receive(self, request: int, stopped: threading.Event | None = None) -> dict[str, Any]:
        while True:
            answer = self._next_answer(request, stopped)
            if answer is None:
                raise self._crashed()
            if answer["id"] != request:
                continue
            if answer["event"] == "error":
                raise self._refused(answer["message"])
            return answer

    def _refused(self, message: str) -> ModelError:
        if self._ready is None:  # it did not load: a process without a model is of no use
            self.close()
            name = self._model.path.name
            return ModelError(
                f"The generator {name} cannot be loaded: {message}",
                hint="Choose another file with --generator, or leave it out for the bundled model.",
            )
        return ModelError(f"The generator refused: {message}", hint="Ask a shorter question, or lower -k.")

    def _crashed(self) -> GeneratorCrashedError:
        code = _exit_status(self._process)
        loading = self._ready is None
        self.close()
        self.restarts += 1
        when = "while it was loaded" if loading else "in the middle of its work"
        return GeneratorCrashedError(
            f"The generator's process ended {when} (exit status {code}). It starts again with the next question.",
            hint="Ask again. If it happens again, choose another file with --generator.",
        )


class _Generation(Generator[str, None, None]):
    """Pieces of text; unlike those of a plain generator they can be given up by another thread."""

    def __init__(self, pieces: Generator[str, None, None], stopped: threading.Event) -> None:
        self._generator = pieces
        self._stopped = stopped
        self._thread = threading.get_ident()

    def send(self, value: None) -> str:
        """Return the next piece."""
        return self._generator.send(value)

    def throw(self, *error: Any) -> str:  # noqa: ANN401 - the three forms of generator.throw
        """Raise inside the generator."""
        return self._generator.throw(*error)

    def close(self) -> None:
        """Stop the work; from another thread, the one that reads sees it at its next look."""
        self._stopped.set()
        if threading.get_ident() == self._thread:
            self._generator.close()


def _exit_status(process: subprocess.Popen[str] | None) -> int | None:
    if process is None:
        return None
    try:
        return process.wait(timeout=5)
    except subprocess.TimeoutExpired:  # alive but silent for _LOAD_SECONDS
        return None


def _as_json(segments: Sequence[Segment]) -> list[dict[str, Any]]:
    return [{"text": segment.text, "control": segment.control} for segment in segments]


def _pump(process: subprocess.Popen[str], answers: queue.Queue[dict[str, Any] | None]) -> None:
    """Move answers from the pipe to the queue; None marks the end of the process."""
    assert process.stdout is not None
    with contextlib.suppress(ValueError):  # the pipe was closed on purpose
        for line in process.stdout:
            answers.put(json.loads(line))
    answers.put(None)
