"""From a file to a document: which loader, which encoding, what went wrong. Knows bytes and formats.

Each format has a module of its own, index.load_*, imported when its first file is met.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from index.dates import find_date
from index.language import language_of
from rag.types import Document, FileStatus, Page, RemovedBlock


class UnreadableFileError(Exception):
    """A file that yields no document: the status says what a person can do about it.

    `passing` where the cause may be gone the next time, though the file is as it was.
    """

    def __init__(self, status: FileStatus, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader makes of a file's bytes. Unknown stays None."""

    text: str
    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: date | None = None
    language: str | None = None
    pages: tuple[Page, ...] = ()
    removed: tuple[RemovedBlock, ...] = ()


Loader = Callable[[bytes], Loaded]


def _text(data: bytes) -> Loaded:
    from index.load_text import load_text

    return load_text(data)


def _markdown(data: bytes) -> Loaded:
    from index.load_text import load_markdown

    return load_markdown(data)


def _html(data: bytes) -> Loaded:
    from index.load_html import load_html

    return load_html(data)


def _pdf(data: bytes) -> Loaded:
    from index.load_pdf import load_pdf

    return load_pdf(data)


def _docx(data: bytes) -> Loaded:
    from index.load_docx import load_docx

    return load_docx(data)


def _eml(data: bytes) -> Loaded:
    from index.load_eml import load_eml

    return load_eml(data)


# By ending, lower-cased. A loader is imported when the first file of its kind is met.
LOADERS: dict[str, tuple[str, Loader]] = {
    ".txt": ("text/plain", _text),
    ".text": ("text/plain", _text),
    ".md": ("text/markdown", _markdown),
    ".markdown": ("text/markdown", _markdown),
    ".html": ("text/html", _html),
    ".htm": ("text/html", _html),
    ".pdf": ("application/pdf", _pdf),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx),
    ".eml": ("message/rfc822", _eml),
}
_MAX_TITLE_CHARS = 200


def is_supported(path: Path) -> bool:
    """Return True where a loader exists for the file's ending."""
    return path.suffix.lower() in LOADERS


def read_bytes(path: Path, *, max_bytes: int) -> bytes:
    """Return what is in a file, as it was at one moment.

    Raises:
        UnreadableFileError: it cannot be opened, is too large, or changes whenever it is read.
    """
    try:
        for _ in range(2):
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                data = file.read(max_bytes + 1)
            if max(len(data), before.st_size) > max_bytes:
                raise UnreadableFileError(
                    FileStatus.TOO_LARGE,
                    f"{max(len(data), before.st_size):,} bytes; at most {max_bytes:,} are read",
                )
            if _state(before) == _state(path.stat()) and len(data) == before.st_size:
                return data
    except OSError as error:
        raise UnreadableFileError(FileStatus.FAILED, error.strerror or str(error), passing=True) from error
    raise UnreadableFileError(FileStatus.FAILED, "it changes while it is read", passing=True)


def _state(info: os.stat_result) -> tuple[int, int, int]:
    """Return what differs where a file was written or replaced."""
    return info.st_ino, info.st_size, info.st_mtime_ns


def load(path: Path, data: bytes) -> Document:
    """Return the document in the bytes of a file.

    Raises:
        UnreadableFileError: the file has no words, is encrypted, of another kind, or damaged.
    """
    if path.suffix.lower() not in LOADERS:
        raise UnreadableFileError(
            FileStatus.UNSUPPORTED, f"no reader for {path.suffix or 'files without an ending'}"
        )
    if not data.strip():
        raise UnreadableFileError(FileStatus.EMPTY, "the file is empty")
    media_type, loader = LOADERS[path.suffix.lower()]
    loaded = loader(data)
    if not re.search(r"\w", loaded.text):
        raise UnreadableFileError(FileStatus.NO_TEXT, "no words were found in it")
    return Document(
        sha256=hashlib.sha256(data).hexdigest(),
        text=loaded.text,
        title=(loaded.title or _title_from_name(path))[:_MAX_TITLE_CHARS],
        media_type=media_type,
        outlet=loaded.outlet,
        author=loaded.author,
        published=not_to_come(loaded.published) or not_to_come(find_date(path.stem.replace("_", "-"))),
        language=loaded.language or language_of(loaded.text),
        pages=loaded.pages,
        removed=loaded.removed,
    )


def not_to_come(day: date | None) -> date | None:
    """Return the day, None where nothing can have been published on it yet: it is that of an event."""
    # Where it is already tomorrow, the clock here may say today.
    return day if day is not None and day <= datetime.now(UTC).date() + timedelta(days=1) else None


def _title_from_name(path: Path) -> str:
    return re.sub(r"[\s_-]+", " ", path.stem).strip() or path.name
