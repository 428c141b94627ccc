"""Which files there are and which of them changed. Knows folders and file times; reads no content."""

import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.load import is_supported
from index.store import FileRecord, Store
from rag.errors import DocumentsError
from rag.types import FileStatus, Source

# A file written this shortly before it was scanned could have been written again at the same time stamp.
_RACY_NS = 50_000_000
_RACY_COARSE_NS = 2_000_000_000

# Whoever names a folder means what lies in it: a link in it, put there by anybody, opens no other file.
_LEADS_OUT = "it is a link that leads out of the folder: index what it leads to by its own path"


@dataclass(frozen=True, slots=True)
class Seen:
    """A file on disk, as its stat says; `problem` where it cannot be read at all."""

    path: str
    root: str
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    problem: str = ""
    scanned_ns: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan found: files to read, files as they were, files gone, and by ending those of kinds that are not
    read.
    """

    changed: tuple[Seen, ...]
    unchanged: tuple[FileRecord, ...]
    gone: tuple[str, ...]
    skipped: Mapping[str, Sequence[str]]

    @property
    def has_work(self) -> bool:
        """True where the library must be written."""
        return bool(self.changed or self.gone)


def make_plan(paths: Sequence[Path], known: Iterable[FileRecord]) -> Plan:
    """Compare the files below `paths` with the library's records of them.

    Raises:
        DocumentsError: a path does not exist.
    """
    records = {record.path: record for record in known}
    skipped: dict[str, list[str]] = {}
    seen: dict[str, Seen] = {}
    roots = [existing(path, known=records) for path in paths]
    for root in filter(os.path.lexists, roots):
        for found in _walk(root, skipped):
            seen.setdefault(found.path, found)
    named = {str(root) for root in roots}
    changed = [s for s in seen.values() if _has_changed(s, records.get(s.path), named)]
    below = tuple(map(_below, named))
    absent = [p for p in records if p not in seen and (p in named or p.startswith(below))]
    # What lies in a folder that cannot be listed now is not gone: a drive may be away, a right withdrawn.
    closed = tuple(f"{s.path}{os.sep}" for s in seen.values() if s.problem and s.problem != _LEADS_OUT)
    gone = [path for path in absent if not path.startswith(closed)]
    again = {s.path for s in changed}
    unchanged = [records[path] for path in seen if path not in again]
    unchanged += [records[path] for path in absent if path.startswith(closed)]
    return Plan(tuple(changed), tuple(unchanged), tuple(sorted(gone)), skipped)


def existing(path: Path, *, known: Collection[str] = ()) -> Path:
    """Return the absolute path, looking at nothing below it. What is `known` to have been there may be gone.

    Raises:
        DocumentsError: there is nothing at it, and nothing known was.
    """
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links keep their names
    below = _below(str(absolute))
    if not os.path.lexists(absolute) and not any(f"{one}{os.sep}".startswith(below) for one in known):
        hint = "Check the spelling. Paths are relative to the folder you are in."
        raise DocumentsError(f"There is nothing at {path}.", hint=hint)
    return absolute


def _below(path: str) -> str:
    """Return how the paths below a path begin."""
    return f"{path}{os.sep}".replace(os.sep * 2, os.sep)


def _walk(root: Path, skipped: dict[str, list[str]]) -> Iterator[Seen]:
    """Yield the files below `root` in a stable order; each folder once, however many links lead to it.

    A link that leads out of `root` is not followed; `root` itself may be one.
    """
    visited: set[tuple[int, int]] = set()
    home = _true_place(root)
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            info = path.stat()
        except OSError as error:  # a link to nothing or to itself
            yield _unreadable(path, root, error.strerror or "it cannot be looked at")
            continue
        is_folder = stat.S_ISDIR(info.st_mode)
        if (is_folder or is_supported(path)) and _leads_out(path, root, home):
            yield _unreadable(path, root, _LEADS_OUT)
        elif not is_folder:
            yield from _file(path, root, info, skipped)
        elif (info.st_dev, info.st_ino) not in visited:
            visited.add((info.st_dev, info.st_ino))
            try:
                waiting.extend(sorted(_children(path), reverse=True))
            except OSError as error:
                yield _unreadable(path, root, error.strerror or "it cannot be listed")


def _leads_out(path: Path, root: Path, home: Path) -> bool:
    """Return whether a path below `root`, whose true place is `home`, is a link to something elsewhere."""
    return path != root and path.is_symlink() and not _true_place(path).is_relative_to(home)


def _true_place(path: Path) -> Path:
    return Path(os.path.realpath(path))  # not resolve(): on Python 3.12 it raises at a link to itself


def _unreadable(path: Path, root: Path, reason: str) -> Seen:
    """Return what can be noted of a file without its times; a name that is not UTF-8 is shown with marks."""
    shown, below = (
        str(place).encode("utf-8", "surrogateescape").decode("utf-8", "replace") for place in (path, root)
    )
    return Seen(shown, below, 0, 0, 0, reason)


def _children(folder: Path) -> Iterator[Path]:
    """Yield what is in a folder, without hidden files and folders."""
    return (child for child in folder.iterdir() if not child.name.startswith("."))


def _file(path: Path, root: Path, info: os.stat_result, skipped: dict[str, list[str]]) -> Iterator[Seen]:
    problem = ""
    if not stat.S_ISREG(info.st_mode):
        problem = "it is not a regular file (a pipe, socket or device)"
    elif not is_supported(path):
        skipped.setdefault(path.suffix.lower() or "no ending", []).append(path.name)
        if path != root:
            return
        problem = f"files of this kind ({path.suffix or 'no ending'}) are not read"
    try:
        str(path).encode()
    except UnicodeEncodeError:
        yield _unreadable(path, root, "its name is not valid UTF-8: rename it")
        return
    now = time.time_ns()
    yield Seen(str(path), str(root), info.st_size, info.st_mtime_ns, info.st_ctime_ns, problem, now)


def notes_on(store: Store, sources: Iterable[Source]) -> list[str]:
    """Say which files of these documents are gone or changed: one look at each file, nothing is read.

    What an answer quotes was there when it was read; whether it still is only a new scan can tell.
    """
    return [
        f"{record.name} is no longer where it was read, or has changed since:"
        " rag index FOLDER brings the library up to date."
        for record in store.files(source.document_id for source in sources)
        if not _is_as_read(record)
    ]


def _is_as_read(record: FileRecord) -> bool:
    try:
        info = Path(record.path).stat()
    except OSError:
        return False
    return (info.st_size, info.st_mtime_ns) == (record.size_bytes, record.mtime_ns)


def _has_changed(seen: Seen, record: FileRecord | None, named: set[str]) -> bool:
    if record is None:
        return True
    if record.status is FileStatus.REMOVED:
        return seen.path in named  # a person removed it: only naming the file itself brings it back
    if record.status is FileStatus.FAILED and seen.path in named:
        return True
    same = (seen.size_bytes, seen.mtime_ns, seen.ctime_ns) == (
        record.size_bytes,
        record.mtime_ns,
        record.ctime_ns,
    )
    coarse = seen.mtime_ns % 1_000_000_000 == 0
    age = record.scanned_ns - seen.mtime_ns
    return not same or (record.scanned_ns > 0 and 0 <= age < (_RACY_COARSE_NS if coarse else _RACY_NS))
