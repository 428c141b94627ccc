"""The reader's process: opens files and makes documents of them, one after the other, within limits.

Knows limits and nothing of libraries. Run as `python -P -m index.parser_worker`; the first line holds settings;
it ends with its standard input. It lives in a process of its own because files come from anywhere and parsers
meet endless loops, deep nesting and memory without bounds; it starts no process and opens no connection.

Requests:  {"id": n, "path": "...", "cpu_seconds": s}
Answers:   {"id": n, "document": {...}} or {"id": n, "status": "...", "reason": "..."}, "last": true before it ends
"""

import json
import os
import signal
import sys
import zlib
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from index.load import UnreadableFileError, load, read_bytes
from rag.types import Document, FileStatus, Page, RemovedBlock

# What parsers raise on damaged files beside their own errors.
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError)
_FORBIDDEN = frozenset(
    """
    socket.connect socket.bind socket.sendto socket.getaddrinfo subprocess.Popen os.system os.exec os.posix_spawn
    os.fork os.forkpty os.spawn os.startfile os.remove os.rename os.rmdir shutil.rmtree
    """.split()
)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the process may use: address space, bytes of one file, characters of one document."""

    memory_bytes: int
    file_bytes: int
    text_chars: int


def to_json(document: Document) -> dict[str, Any]:
    """Return a document as JSON values; `from_json` makes an equal document of them."""
    fields = asdict(document)
    fields["published"] = document.published.isoformat() if document.published else None
    return fields


def from_json(fields: dict[str, Any]) -> Document:
    """Return the document that `to_json` was given."""
    published = date.fromisoformat(fields["published"]) if fields["published"] else None
    pages = tuple(Page(**page) for page in fields["pages"])
    removed = tuple(RemovedBlock(**block) for block in fields["removed"])
    return Document(**{**fields, "published": published, "pages": pages, "removed": removed})


class Worker:
    """Serves requests in order."""

    def __init__(self, settings: WorkerSettings, answers: IO[bytes]) -> None:
        self._settings = settings
        self._answers = answers
        self._current: int | None = None

    def serve(self, requests: IO[bytes]) -> None:
        """Answer each line until the parent closes the pipe."""
        for line in requests:
            request = json.loads(line)
            self._current = request["id"]
            limit_cpu(request["cpu_seconds"])
            if not self._serve_one(Path(request["path"])):
                return

    def _serve_one(self, path: Path) -> bool:
        """Answer for one file; False where the process should not go on."""
        try:
            document = self._read(path)
        except UnreadableFileError as error:
            self._refuse(error.status, error.reason, passing=error.passing)
        except MemoryError:  # what is left is in pieces: the next file gets a fresh process
            self.exhausted()
            return False
        except (*_DAMAGED, zlib.error) as error:
            self._refuse(FileStatus.FAILED, f"damaged ({type(error).__name__}: {error})")
        else:
            self._answer(document=to_json(document))
        return True

    def _read(self, path: Path) -> Document:
        document = load(path, read_bytes(path, max_bytes=self._settings.file_bytes))
        if len(document.text) > self._settings.text_chars:
            reason = (
                f"its text has {len(document.text):,} characters; at most {self._settings.text_chars:,} are kept"
            )
            raise UnreadableFileError(FileStatus.TOO_LARGE, reason)
        return document

    def exhausted(self) -> None:
        """Say that the memory did not suffice."""
        megabytes = self._settings.memory_bytes // 1_000_000
        self._refuse(FileStatus.FAILED, f"reading it takes more than {megabytes:,} MB of memory", last=True)

    def ended(self, kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        """Tell the parent what ends this process: set as sys.excepthook."""
        if issubclass(kind, MemoryError):
            self.exhausted()
        else:
            self._refuse(FileStatus.FAILED, f"its reader failed ({kind.__name__}: {error})", last=True)

    def _refuse(self, status: FileStatus, reason: str, **more: bool) -> None:
        self._answer(status=status, reason=reason[:200], **more)

    def _answer(self, **fields: Any) -> None:  # noqa: ANN401 - JSON
        line = json.dumps({"id": self._current, **fields}, ensure_ascii=False)
        self._answers.write(line.encode("utf-8", "replace") + b"\n")
        self._answers.flush()


def limit_memory(max_bytes: int) -> None:
    """Let this process use so much address space; a system that cannot limit it has the time limits."""
    if sys.platform == "win32":
        return
    import contextlib
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS refuses it; a lower limit of the system stays
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (max_bytes, hard))


def limit_cpu(seconds: float) -> None:
    """End this process when it has computed for so much longer than it has until now."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))


def _forbid(event: str, _: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"a reader of files tried {event}")


def main() -> None:
    """Serve on stdin and stdout; whatever libraries print goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes the pipe
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings = WorkerSettings(**json.loads(sys.stdin.buffer.readline()))
    worker = Worker(settings, answers)
    sys.excepthook = worker.ended
    limit_memory(settings.memory_bytes)
    sys.addaudithook(_forbid)
    worker.serve(sys.stdin.buffer)


if __name__ == "__main__":
    main()
