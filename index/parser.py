"""The reader of files as seen by the program: a child process with limits, replaced when it dies or is late.

Knows how to talk to index.parser_worker; knows no format. All formats go through the child, plain text too: a long
run of combining marks takes quadratic time to normalise, and front matter can name itself until the memory ends.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from index.load import UnreadableFileError, load, read_bytes
from index.parser_worker import WorkerSettings, from_json
from rag.types import Document, FileStatus

# What the child may have in hand before it is asked for the answers: it reads while the parent embeds. Many small
# files save waiting for each other; the bytes bound the memory that waiting documents take.
_AHEAD_FILES = 64
_AHEAD_BYTES = 8_000_000
_START_SECONDS = 30.0  # a cold disk: the first file waits for the imports
# A document of n characters has at most 6 n bytes in JSON; pages and metadata are small beside it.
_MAX_BYTES_PER_CHAR = 6
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one file may cost. The time grows with the file: a PDF has about 20 to 200 pages in a megabyte."""

    seconds: float = 60.0
    seconds_per_megabyte: float = 10.0
    memory_bytes: int = 3_000_000_000
    file_bytes: int = 100_000_000
    text_chars: int = 100_000_000

    def seconds_for(self, size_bytes: int) -> float:
        """Return the time that reading a file of this size may take."""
        return self.seconds + self.seconds_per_megabyte * size_bytes / _MEGABYTE


class DocumentReader(Protocol):
    """Makes documents of files. `ahead` says which files are wanted next, and may be ignored."""

    def ahead(self, paths: Iterable[Path]) -> None:
        """Name the files that `parse` will be asked for, in this order."""
        ...

    def parse(self, path: Path) -> Document:
        """Return the document in a file, or raise UnreadableFileError."""
        ...


class LocalReader:
    """Reads in this process, without limits of time and memory: for tests and for files of one's own."""

    def __init__(self, limits: ParseLimits | None = None) -> None:
        self._limits = limits or ParseLimits()

    def ahead(self, paths: Iterable[Path]) -> None:
        """Do nothing: a file is read when it is asked for."""

    def parse(self, path: Path) -> Document:
        """Return the document in a file, or raise UnreadableFileError."""
        return load(path, read_bytes(path, max_bytes=self._limits.file_bytes))


@dataclass(frozen=True, slots=True)
class _Request:
    id: int
    path: Path
    size_bytes: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "path": str(self.path), "cpu_seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class _Answer:
    """A line from the child and when it came; no line at its end."""

    line: bytes
    at: float


class Parser:
    """Reads files in a child process. Not for use by several threads at once."""

    def __init__(self, limits: ParseLimits | None = None) -> None:
        self._limits = limits or ParseLimits()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._sent: deque[_Request] = deque()
        self._wanted: Iterator[Path] = iter(())
        self._next_id = 0
        self._since = 0.0  # when the child turned to the first request of _sent
        self._is_fresh = True
        self.restarts = 0

    def __enter__(self) -> Self:
        """Start nothing yet: the first file starts the child."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    def ahead(self, paths: Iterable[Path]) -> None:
        """Name the files that `parse` will be asked for, in this order: the child begins with them early."""
        self._wanted = iter(paths)

    def parse(self, path: Path) -> Document:
        """Return the document in a file.

        Raises:
            UnreadableFileError: it yields none; the status says what a person can do about it.
        """
        while self._sent and self._sent[0].path != path:  # announced, and then not asked for
            with contextlib.suppress(UnreadableFileError):
                self._finish()
        if not self._sent:
            self._send([path])
        if len(self._sent) <= _AHEAD_FILES // 2:
            self._send(self._next_wanted(path))
        return self._finish()

    def close(self) -> None:
        """End the child; a later `parse` starts a new one."""
        self._sent.clear()
        self._wanted = iter(())
        self._stop()

    def _next_wanted(self, path: Path) -> Iterator[Path]:
        """Yield announced files while there is room for them; `path` itself is on its way already."""
        while len(self._sent) < _AHEAD_FILES and sum(sent.size_bytes for sent in self._sent) < _AHEAD_BYTES:
            following = next(self._wanted, None)
            if following is None:
                return
            if following != path:
                yield following

    def _send(self, paths: Iterable[Path]) -> None:
        if not self._sent:
            self._since = time.monotonic()
        requests = []
        for path in paths:
            self._next_id += 1
            size_bytes = _size(path)
            requests.append(_Request(self._next_id, path, size_bytes, self._limits.seconds_for(size_bytes)))
            self._sent.append(requests[-1])
        if self._process is None:
            self._start()
        else:
            self._write(request.as_json() for request in requests)

    def _finish(self) -> Document:
        """Return what became of the first request, after one more try where the child may have been at fault."""
        was_fresh = self._is_fresh
        try:
            return self._receive()
        except _ChildEndedError as ended:
            if was_fresh or not ended.may_retry:
                self._sent.popleft()
                self._restart()
                raise UnreadableFileError(FileStatus.FAILED, ended.reason, passing=ended.may_retry) from None
        self._restart()  # what earlier files left in its memory could have been the cause
        return self._finish()

    def _receive(self) -> Document:
        request = self._sent[0]
        fields = self._wait(request)
        if fields.get("last"):
            raise _ChildEndedError(str(fields["reason"]), may_retry=True)
        self._sent.popleft()
        self._is_fresh = False
        if "document" in fields:
            return from_json(fields["document"])
        passing = bool(fields.get("passing"))
        raise UnreadableFileError(FileStatus(fields["status"]), fields["reason"], passing=passing)

    def _wait(self, request: _Request) -> dict[str, Any]:
        start = _START_SECONDS if self._is_fresh else 0.0
        try:
            left = self._since + start + request.seconds - time.monotonic()
            answer = self._answers.get(timeout=max(0.0, left))
        except queue.Empty:
            raise _ChildEndedError(f"reading it took longer than {request.seconds:.0f} s") from None
        self._since = answer.at
        if not answer.line.endswith(b"\n"):
            raise self._ended(request, answer.line)
        fields: dict[str, Any] = json.loads(answer.line)
        return fields

    def _ended(self, request: _Request, line: bytes) -> "_ChildEndedError":
        if len(line) > self._limits.text_chars * _MAX_BYTES_PER_CHAR:
            return _ChildEndedError("it became more text than is kept")
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if sys.platform != "win32" and code == -signal.SIGXCPU:
            return _ChildEndedError(f"reading it took longer than {request.seconds:.0f} s")
        return _ChildEndedError(f"its reader crashed (exit status {code})", may_retry=True)

    def _restart(self) -> None:
        """Start a new child where requests are left; it gets all of them."""
        self._stop()
        self.restarts += 1
        if self._sent:
            self._start()

    def _start(self) -> None:
        self._answers = queue.SimpleQueue()
        self._is_fresh = True
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.parser_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ.copy(),
        )
        longest = self._limits.text_chars * _MAX_BYTES_PER_CHAR + _MEGABYTE
        threading.Thread(target=_pump, args=(self._process, self._answers, longest), daemon=True).start()
        self._since = time.monotonic()
        settings = WorkerSettings(self._limits.memory_bytes, self._limits.file_bytes, self._limits.text_chars)
        self._write([asdict(settings)])
        self._write(request.as_json() for request in self._sent)

    def _write(self, lines: Iterable[dict[str, Any]]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended: whoever waits for the answer sees that
            for line in lines:
                self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()


class _ChildEndedError(Exception):
    """The child cannot go on, and why; `may_retry` where a new child could fare better with the same file."""

    def __init__(self, reason: str, *, may_retry: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_retry = may_retry


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the child finds out and says why
        return 0


def _pump(process: subprocess.Popen[bytes], answers: "queue.SimpleQueue[_Answer]", longest: int) -> None:
    """Move answers from the pipe to the queue, and close it at its end."""
    assert process.stdout is not None
    with process.stdout as lines:
        while True:
            line = lines.readline(longest)
            answers.put(_Answer(line, time.monotonic()))
            if not line.endswith(b"\n"):
                return
