"""The generator's process: the only import of llama_cpp. Reads requests line by line, answers line by line.

Knows tokens and nothing of documents. Run as `python -P -m rag.llama_worker`; the first line is the load
request. It lives in a process of its own because llama.cpp ends the process on some errors, and must never
be called from two threads.

Requests:  {"op": "load"|"count"|"generate"|"cancel", "id": n, ...}
Answers:   {"id": n, "event": "ready"|"counts"|"text"|"done"|"error", ...}
"""

import contextlib
import json
import os
import queue
import re
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

# The prompt is read in slices so that a cancel is seen in between: a slice takes under a second at 135M.
SLICE_TOKENS = 128

# Requantised once to Q8_0, the bundled Q4_1 reads prompts about twice as fast at equal decode speed.
REQUANTISED_SUFFIX = ".q8_0.gguf"

# The marks of a prompt in the chat format "file", in their order.
ROLES = ("system", "user", "reply")


class Model:
    """One loaded model with one context, whose longest common prefix is kept between requests."""

    def __init__(
        self, path: Path, *, context_tokens: int, threads: int, own_template: bool = False, adapter: str = ""
    ) -> None:
        import llama_cpp

        self._llama = llama_cpp.Llama(
            str(path),
            n_ctx=context_tokens,
            n_batch=SLICE_TOKENS,
            n_ubatch=SLICE_TOKENS,
            n_threads=threads,
            n_threads_batch=threads,
            seed=0,
            verbose=False,
        )
        # Without logits_all nothing writes to this matrix of n_batch x n_vocab floats (25 MB at 135M).
        self._llama.scores = self._llama.scores[:1].copy()
        self.context_tokens = min(context_tokens, int(self._llama._model.n_ctx_train()))  # noqa: SLF001
        # By role, the text that stands where a prompt in the chat format "file" has the role's name as a mark.
        self._marks = self._marks_of_file() if own_template else {}
        self._adapter = llama_cpp.llama_adapter_lora_init(self._llama.model, adapter.encode()) if adapter else None
        if adapter and not self._adapter:
            message = f"its adapter {adapter} cannot be read"
            raise ValueError(message)
        self._is_adapted = False

    def adapt(self, wanted: bool) -> None:
        """Put the adapter on or take it off; what was read the other way is forgotten."""
        if wanted == self._is_adapted:
            return
        import llama_cpp

        adapters = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(self._adapter)
        scales = (llama_cpp.ctypes.c_float * 1)(1.0)
        if llama_cpp.llama_set_adapters_lora(self._llama.ctx, adapters, int(wanted), scales):
            message = "its adapter does not fit it"
            raise ValueError(message)
        self._llama.reset()
        self._is_adapted = wanted

    def tokenise(self, text: str, *, control: bool) -> list[int]:
        """Return the tokens of one segment. Only control segments may hold control tokens."""
        if control:
            text = self._marks.get(text, text)
        if not text:
            return []
        data = text.encode("utf-8", errors="replace")
        tokens: list[int] = self._llama.tokenize(data, add_bos=False, special=control)
        return tokens

    def start_tokens(self) -> list[int]:
        """Return the beginning-of-sequence token where the model was trained with one."""
        wanted = self._llama.metadata.get("tokenizer.ggml.add_bos_token") == "true"
        return [self._llama.token_bos()] if wanted else []

    def prompt_tokens(self, segments: list[dict[str, Any]]) -> list[int]:
        """Return the tokens of the segments, one after the other."""
        tokens = self.start_tokens()
        for segment in segments:
            tokens.extend(self.tokenise(segment["text"], control=segment["control"]))
        return tokens

    def _marks_of_file(self) -> dict[str, str]:
        """Return what the file's own chat template writes before the words of each role.

        The template (Jinja, in a sandbox) sees stand-ins, so no document is ever in its hands, and a control word
        in one stays plain text. A family without system words gets them as the user's first.
        """
        from llama_cpp import llama_chat_format

        template = self._llama.metadata.get("tokenizer.chat_template")
        if not template:
            message = "it holds no chat template; set chat_format to its family"
            raise ValueError(message)
        end = self._llama.detokenize([self._llama.token_eos()], special=True).decode("utf-8", errors="replace")
        system, user = (f"words{secrets.token_hex(8)}" for _ in range(2))
        separate = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        joined = [{"role": "user", "content": f"{system}\n\n{user}"}]
        for messages in (separate, joined):
            try:  # the beginning of the sequence is ours: start_tokens
                formatter = llama_chat_format.Jinja2ChatFormatter(template, eos_token=end, bos_token="")
                text = formatter(messages=messages).prompt
            except (ValueError, TypeError, llama_chat_format.jinja2.TemplateError):
                continue
            parts = re.split(f"{system}|{user}", text)
            if len(parts) == len(ROLES) and text.index(system) < text.index(user):
                return dict(zip(ROLES, parts, strict=True))
        message = "its chat template cannot be used; set chat_format to its family"
        raise ValueError(message)

    def read(self, tokens: list[int], cancelled: threading.Event) -> tuple[int, bool]:
        """Evaluate all but the last token in slices; return (tokens reused, read to the end)."""
        llama = self._llama
        reused = 0
        for old, new in zip(llama.input_ids[: llama.n_tokens].tolist(), tokens[:-1], strict=False):
            if old != new:
                break
            reused += 1
        if reused < llama.n_tokens and self._keeps_no_prefix():
            llama.reset()
            reused = 0
        elif reused < llama.n_tokens:
            llama.n_tokens = reused  # eval() drops what lies behind n_tokens from the cache
        for start in range(reused, len(tokens) - 1, SLICE_TOKENS):
            if cancelled.is_set():
                return reused, False
            llama.eval(tokens[start : min(start + SLICE_TOKENS, len(tokens) - 1)])
        return reused, True

    def _keeps_no_prefix(self) -> bool:
        """Recurrent models cannot forget the end of what they have read."""
        return bool(self._llama._is_recurrent or self._llama._is_hybrid)  # noqa: SLF001

    def grammar(self, text: str) -> Any:  # noqa: ANN401 - llama_cpp has no types
        """Return a grammar that llama.cpp has read: one that it cannot read would end the process when used.

        Raises:
            ValueError: it cannot be read.
        """
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        sampler = llama_cpp.llama_sampler_init_grammar(vocabulary, text.encode(), b"root") if text else None
        if not sampler:
            message = "the grammar cannot be read"
            raise ValueError(message)
        llama_cpp.llama_sampler_free(sampler)
        return llama_cpp.LlamaGrammar.from_string(text)

    def write(
        self, tokens: list[int], *, max_tokens: int, cancelled: threading.Event, grammar: str | None = None
    ) -> Iterator[str]:
        """Yield decoded text, greedily, until the model ends, `max_tokens`, or a cancel.

        The grammar is the only constraint on it: llama.cpp ends the process where a mask of logits meets one.
        """
        import codecs

        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        form = self.grammar(grammar) if grammar is not None else None
        wording = self._llama.generate(tokens, temp=0.0, repeat_penalty=1.1, grammar=form)
        for written, token in enumerate(wording):
            ended = llama_cpp.llama_vocab_is_eog(vocabulary, token)
            if ended or written >= max_tokens or cancelled.is_set():
                break
            piece = decoder.decode(self._llama.detokenize([token], prev_tokens=tokens[-1:]))
            if piece:
                yield piece
        tail = decoder.decode(b"", final=True)
        if tail:
            yield tail


def requantised(source: Path, target: Path) -> Path:
    """Return a Q8_0 copy of `source` at `target`, made on the first call; `source` itself where that fails.

    The copy appears under its name only when it is whole, beside a note of its SHA-256 that later loads check.
    """
    import hashlib

    import llama_cpp

    note = target.with_suffix(".sha256")
    if target.is_file() and note.is_file():
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == note.read_text().strip():
                return target
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
        parameters.allow_requantize = True
        parameters.nthread = os.cpu_count() or 1
        failed = llama_cpp.llama_model_quantize(
            os.fsencode(source), os.fsencode(temporary), llama_cpp.ctypes.byref(parameters)
        )
        if failed:
            return source
        with temporary.open("rb+") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        temporary.replace(target)
        note.write_text(digest)
    except OSError:
        return source
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return target


class Worker:
    """Takes requests one at a time; a cancel overtakes the queue."""

    def __init__(self, answers: IO[str]) -> None:
        self._answers = answers
        self._requests: queue.Queue[dict[str, Any]] = queue.Queue()
        self._cancelled: dict[int, threading.Event] = {}
        self._model: Model | None = None

    def listen(self, lines: IO[str]) -> None:
        """Read requests until the parent closes the pipe, then end the process at once."""
        for line in lines:
            request = json.loads(line)
            if request["op"] == "cancel":
                self._cancelled.setdefault(request["id"], threading.Event()).set()
            else:
                self._cancelled.setdefault(request["id"], threading.Event())
                self._requests.put(request)
        os._exit(0)

    def work(self) -> None:
        """Serve requests in order, for ever."""
        while True:
            request = self._requests.get()
            try:
                getattr(self, f"_{request['op']}")(request)
            except (ValueError, RuntimeError, OSError, AssertionError) as error:
                self._answer(request, "error", message=f"{type(error).__name__}: {error}")
            self._cancelled.pop(request["id"], None)

    def _answer(self, request: dict[str, Any], event: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        self._answers.write(json.dumps({"id": request["id"], "event": event, **fields}) + "\n")
        self._answers.flush()

    def _load(self, request: dict[str, Any]) -> None:
        path = Path(request["path"])
        if request["requantised"]:
            path = requantised(path, Path(request["requantised"]))
        self._model = Model(
            path,
            context_tokens=request["context_tokens"],
            threads=request["threads"],
            own_template=request["own_template"],
            adapter=request["adapter"],
        )
        self._model.adapt(request["adapted"])
        if request["prefix"]:
            tokens = self._model.prompt_tokens(request["prefix"])
            self._model.read([*tokens, 0], threading.Event())
        self._answer(request, "ready", context_tokens=self._model.context_tokens, file=path.name)

    def _count(self, request: dict[str, Any]) -> None:
        assert self._model is not None
        counts = [len(self._model.tokenise(s["text"], control=s["control"])) for s in request["segments"]]
        self._answer(request, "counts", counts=counts, start=len(self._model.start_tokens()))

    def _generate(self, request: dict[str, Any]) -> None:
        assert self._model is not None
        cancelled = self._cancelled[request["id"]]
        tokens = self._model.prompt_tokens(request["segments"])
        if len(tokens) + request["max_tokens"] > self._model.context_tokens:
            needed = len(tokens) + request["max_tokens"]
            self._answer(request, "error", message=f"{needed} tokens do not fit the context")
            return
        self._model.adapt(request["adapted"])
        reused, complete = self._model.read(tokens, cancelled)
        if complete:
            options = {"max_tokens": request["max_tokens"], "grammar": request["grammar"]}
            for piece in self._model.write(tokens, cancelled=cancelled, **options):
                self._answer(request, "text", text=piece)
        self._answer(request, "done", prompt_tokens=len(tokens), reused_tokens=reused)


def main() -> None:
    """Serve on stdin and stdout; whatever llama.cpp itself prints goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes the pipe
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(answers)
    threading.Thread(target=worker.listen, args=(sys.stdin,), daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main()
