"""A library as one file and back, and its content as plain lines. Knows SQLite and files; embeds nothing.

A backup is a whole `store.db`: it is written under another name, checked, brought to the disk and then named. The
snapshots are left out since they are made from it.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from index import schema
from index.database import DATABASE, connect_reader, sync, unwritable
from index.lock import writer_lock
from index.store import Store
from rag.errors import LibraryError, UsageError

# In the first line of an export, so that a later reader knows what it has before it.
EXPORT_FORMAT = 1
_NOT_EXPORTED = ("signature",)
_FINDINGS = ("passages", "noise", "attributions", "mentions")
_FINDING_KEYS = ("document_id", "vector", "crc32")


def backup(folder: Path, target: Path) -> None:
    """Write the library in `folder` to the file `target`; others may read and write it meanwhile.

    Raises:
        NoLibraryError: there is no library.
        UsageError: the target exists, or cannot be written.
        LibraryError: the library cannot be read, or the copy is damaged.
    """
    with closing(connect_reader(folder)) as connection, _new_file(target) as part:
        try:
            connection.execute("VACUUM INTO ?", (str(part),))
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"The library {folder} cannot be written to {target}: {error}.",
                hint="Check the free space there, and type rag doctor to see whether the library is whole.",
            ) from error
        _check(part, shown=target)


def restore(source: Path, folder: Path) -> None:
    """Make the backup `source` the library in `folder`, which must hold none or an empty one.

    Raises:
        UsageError: there is no such file.
        LibraryError: it is no backup, damaged or of a newer version; the folder holds a library or is read-only.
        LibraryBusyError: another process is writing to that library.
    """
    if not source.is_file():
        hint = "Give the file that rag backup wrote."
        raise UsageError(f"There is no backup at {source}.", hint=hint)
    if _has_bytes(Path(f"{source}-wal")):
        raise LibraryError(
            f"{source} is a library that is in use, no backup: its newest changes are in another file.",
            hint="Type rag backup FILE with --library and its folder, and restore that file.",
        )
    _check(source, shown=source)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with writer_lock(folder):
            _refuse_content(folder)
            _replace(source, folder)
    except OSError as error:
        raise unwritable(folder, error) from error


def _refuse_content(folder: Path) -> None:
    """Refuse a folder whose library has anything in it, or cannot be read: restoring would destroy it."""
    if not _has_bytes(folder / DATABASE):
        return
    with closing(Store.open(folder)) as store:
        held = store.counts()
    if any(held.values()):
        raise LibraryError(
            f"The library {folder} is not empty: it holds {held['documents']} documents.",
            hint="Restore into another folder: rag restore FILE --library NEWDIR",
        )


def _replace(source: Path, folder: Path) -> None:
    """Copy, check the copy, and give it its name; an empty library and what was derived from it go first."""
    part = folder / f"{DATABASE}.restore"
    try:
        with source.open("rb") as old, part.open("wb") as new:
            part.chmod(0o600)
            shutil.copyfileobj(old, new)
        _check(part, shown=source)
        sync(part)
        # A snapshot or a write-ahead log of another library must never be read with this one.
        (folder / "snapshots" / "CURRENT").unlink(missing_ok=True)
        for ending in ("-wal", "-shm"):
            (folder / f"{DATABASE}{ending}").unlink(missing_ok=True)
        part.replace(folder / DATABASE)
        sync(folder)
    finally:
        part.unlink(missing_ok=True)


def _check(path: Path, *, shown: Path) -> None:
    """Refuse a file that is no whole library that this version can read."""
    hint = "Choose an older backup, or make the library again: rag index PATH"
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            version = schema.check(connection, str(shown))
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            broken = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    except sqlite3.DatabaseError as error:
        raise LibraryError(f"{shown} is no backup of a library: {error}.", hint=hint) from error
    if version == 0:
        raise LibraryError(f"{shown} is no backup of a library: it is empty.", hint=hint)
    if found != ["ok"] or broken:
        reason = f"{broken} broken references" if found == ["ok"] else "; ".join(found)
        raise LibraryError(f"The backup {shown} is damaged: {reason}.", hint=hint)


def export_lines(store: Store) -> Iterator[str]:
    """Yield the library as JSON, one object a line: what it is, each document with its parts, then other files.

    All lines show one state, whatever is written meanwhile. Spans are half-open characters of the document's
    `text`; vectors are left out, since they can be made again.
    """
    with store.reading():
        embedder = store.embedder()
        first = {
            "kind": "library",
            "format": EXPORT_FORMAT,
            "embedder": embedder[1] if embedder else None,
            **store.counts(),
        }
        yield _line(first)
        ids = [row[0] for row in store.connection.execute("SELECT id FROM documents ORDER BY id")]
        for document_id in ids:
            yield _line(_document(store.connection, document_id))
        for row in _rows(store.connection, "SELECT * FROM files WHERE document_id IS NULL ORDER BY path"):
            yield _line({"kind": "file", **row})


def export(store: Store, target: Path) -> int:
    """Write the lines of `export_lines` to a new file; return how many documents it holds.

    Raises:
        UsageError: the target exists, or cannot be written.
    """
    with _new_file(target) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        documents = 0
        for line in export_lines(store):
            file.write(f"{line}\n")
            documents += line.startswith('{"kind": "document"')
        file.flush()
        os.fsync(file.fileno())
    return documents


def _document(connection: sqlite3.Connection, document_id: int) -> dict[str, Any]:
    """Return all that is stored of a document, under the names of its columns."""
    (row,) = _rows(connection, "SELECT * FROM documents WHERE id = ?", document_id)
    pages = [
        dict(zip(("number", "label", "start", "end"), page, strict=True)) for page in json.loads(row["pages"])
    ]
    removed = [dict(zip(("text", "reason"), block, strict=True)) for block in json.loads(row["removed"])]
    findings = {
        table: [
            {key: value for key, value in found.items() if key not in _FINDING_KEYS}
            for found in _rows(
                connection, f"SELECT * FROM {table} WHERE document_id = ? ORDER BY start", document_id
            )
        ]
        for table in _FINDINGS
    }
    files = _rows(connection, "SELECT * FROM files WHERE document_id = ? ORDER BY path", document_id)
    kept = {key: value for key, value in row.items() if key not in _NOT_EXPORTED}
    return {"kind": "document", **kept, "pages": pages, "removed": removed, "files": list(files), **findings}


def _rows(connection: sqlite3.Connection, sql: str, *values: int) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Give an empty file to write; after the block it is synced and gets its name, if that is free."""
    exists = UsageError(f"{target} exists already.", hint="Give the name of a new file: nothing is overwritten.")
    if target.exists() or target.is_symlink():
        raise exists
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        yield part
        sync(part)
        _name(part, target)
        sync(target.parent)
    except FileExistsError as error:
        raise exists from error
    except OSError as error:
        hint = "Check that its folder exists, may be written to and has room."
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.", hint=hint) from error
    finally:
        part.unlink(missing_ok=True)


def _name(part: Path, target: Path) -> None:
    """Give a file its name unless another process has just taken it.

    Some file systems (a USB stick) have no hard links; there, the check before has to do.
    """
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        part.rename(target)


def _has_bytes(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
