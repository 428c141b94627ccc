"""The library: one SQLite file that is the only truth. Knows documents, passages, vectors and words.

Parsing and embedding happen elsewhere. One document is one transaction; readers see the old version or the new.
Passage text is a span of the document's text, never a copy.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from index import schema
from index.content import Content, delete, insert
from rag.errors import EmbedderChangedError, LibraryError, NoLibraryError
from rag.types import FileStatus, Page, Passage, Source, Vectors

DATABASE = "store.db"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the library knows of a file: when it was seen, and what became of it."""

    path: str
    root: str
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    scanned_ns: int
    status: FileStatus
    reason: str = ""
    document_id: int | None = None


class Store:
    """An open library; use it from the thread that opened it."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.folder = folder
        self.connection = connection

    @classmethod
    def create(cls, folder: Path) -> "Store":
        """Open a library for writing, making it where it does not exist.

        Raises:
            LibraryError: the folder cannot be written, or holds something else.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = _connect(folder / DATABASE, "rwc")
            try:
                schema.prepare(connection, str(folder))
            except BaseException:
                connection.close()
                raise
        except (OSError, sqlite3.OperationalError) as error:
            raise _unwritable(folder, error) from error
        except sqlite3.DatabaseError as error:
            raise _damaged(folder, error) from error
        return cls(connection, folder)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open a library for reading.

        Raises:
            NoLibraryError: there is none.
            LibraryError: it cannot be read.
        """
        if not (folder / DATABASE).is_file():
            raise NoLibraryError(
                f"There is no library in {folder} yet.",
                hint='Type: rag index PATH   or ask a folder at once: rag ask --docs PATH "question"',
            )
        try:
            connection = _connect(folder / DATABASE, "ro")
            connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError:
            connection = _connect_immutable(folder)
        except sqlite3.DatabaseError as error:
            raise _damaged(folder, error) from error
        if schema.check(connection, str(folder)) < schema.VERSION:
            connection.close()
            raise LibraryError(
                f"The library {folder} has an older format than this version reads.",
                hint="Bring it up to date: rag index PATH",
            )
        return cls(connection, folder)

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    # What the library holds

    def generation(self) -> int:
        """Return the number of the last change: equal numbers mean equal content."""
        return int(self.connection.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])

    def counts(self) -> dict[str, int]:
        """Return how many documents, passages and files there are."""
        sql = (
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages),"
            " (SELECT count(*) FROM files)"
        )
        row = self.connection.execute(sql).fetchone()
        return dict(zip(("documents", "passages", "files"), row, strict=True))

    def files(self) -> list[FileRecord]:
        """Return all files that were seen, by path."""
        sql = (
            "SELECT path, root, size_bytes, mtime_ns, ctime_ns, scanned_ns, status, reason, document_id"
            " FROM files ORDER BY path"
        )
        rows = self.connection.execute(sql)
        return [_file_record(row) for row in rows]

    def sources(self, document_ids: Iterable[int] | None = None) -> dict[int, Source]:
        """Return the sources of the named documents (None: all), by id."""
        wanted = json.dumps(list(document_ids)) if document_ids is not None else None
        sql = (
            "SELECT d.id, d.title, d.outlet, d.author, d.published, d.language, d.pages,"
            " (SELECT json_group_array(json_array(path, root))"
            "  FROM (SELECT path, root FROM files WHERE document_id = d.id ORDER BY path))"
            " FROM documents d WHERE ?1 IS NULL OR d.id IN (SELECT value FROM json_each(?1)) ORDER BY d.id"
        )
        return {row[0]: _source(row) for row in self.connection.execute(sql, (wanted,))}

    def document_text(self, document_id: int) -> str:
        """Return the stored text of a document."""
        row = self.connection.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            message = f"There is no document {document_id} in the library."
            raise LibraryError(message, hint="Type rag sources to see what there is.")
        return str(row[0])

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Return the passages that still exist, by id: a hit of a deleted passage finds nothing here."""
        sql = (
            'SELECT p.id, p.document_id, p.start, p."end", substr(d.text, p.start + 1, p."end" - p.start)'
            " FROM passages p JOIN documents d ON d.id = p.document_id"
            " WHERE p.id IN (SELECT value FROM json_each(?))"
        )
        return {row[0]: Passage(*row) for row in self.connection.execute(sql, (json.dumps(list(ids)),))}

    def vectors(self) -> tuple[list[int], Vectors]:
        """Return the ids of all passages and their vectors, shape (n, dimensions).

        Raises:
            LibraryError: a stored vector is damaged.
        """
        total = self.counts()["passages"]
        ids: list[int] = []
        matrix = np.zeros((0, 0), dtype=np.float32)
        for place, (passage_id, blob, crc) in enumerate(
            self.connection.execute("SELECT id, vector, crc32 FROM passages ORDER BY id LIMIT ?", (total,))
        ):
            if zlib.crc32(blob) != crc:
                raise _damaged(self.folder, f"the vector of passage {passage_id} has changed")
            if place == 0:
                matrix = np.zeros((total, len(blob) // 4), dtype=np.float32)
            if len(blob) != 4 * matrix.shape[1]:
                raise _damaged(self.folder, f"the vector of passage {passage_id} has another size")
            matrix[place] = np.frombuffer(blob, dtype="<f4")
            ids.append(int(passage_id))
        return ids, matrix[: len(ids)]

    def lexical(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return (passage id, BM25) for an FTS5 query, best first. A word of the title counts double."""
        sql = (
            "SELECT rowid, -bm25(passage_words, 2.0, 1.0) FROM passage_words"
            " WHERE passage_words MATCH ? ORDER BY rank, rowid LIMIT ?"
        )
        return [(int(row[0]), float(row[1])) for row in self.connection.execute(sql, (query, limit))]

    # The embedder whose vectors these are

    def embedder(self) -> tuple[str, str] | None:
        """Return (fingerprint, name) of the embedder that made the vectors, None for an empty library."""
        rows = dict(self.connection.execute("SELECT key, value FROM meta WHERE key LIKE 'embedder%'"))
        return (rows["embedder"], rows["embedder_name"]) if "embedder" in rows else None

    def check_embedder(self, fingerprint: str, name: str) -> None:
        """Refuse to mix vectors of two embedders.

        Raises:
            EmbedderChangedError: the library's vectors come from another one.
        """
        known = self.embedder()
        if known is not None and known[0] != fingerprint:
            raise EmbedderChangedError(
                f"The library {self.folder} was made with another embedder ({known[1]}, not this {name}).",
                hint="Use that embedder again, or start a new library: --library NEWDIR",
            )

    # Changes: each is one transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that happens in the block visible at once, or nothing of it.

        Raises:
            LibraryError: the disk is full or the file cannot be written.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._roll_back()
            raise _unwritable(self.folder, error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def set_embedder(self, fingerprint: str, name: str) -> None:
        """Note whose vectors the library holds."""
        with self.transaction():
            self.connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [("embedder", fingerprint), ("embedder_name", name)],
            )

    def find_document(self, sha256: str, recipe: str = "") -> int | None:
        """Return the id of the document with this content, made by this recipe ("": by any)."""
        sql = "SELECT id FROM documents WHERE sha256 = ?1 AND (?2 = '' OR recipe = ?2)"
        row = self.connection.execute(sql, (sha256, recipe)).fetchone()
        return int(row[0]) if row else None

    def put(self, record: FileRecord, content: Content | None = None) -> None:
        """Store a file and, where given, its new content; what only the old content held goes away.

        `record.document_id` names content that is already there.
        """
        with self.transaction():
            before = self._document_of(record.path)
            document_id = record.document_id
            if content is not None:
                document_id = self._replace(content)
            self.connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.path,
                    record.root,
                    document_id,
                    record.size_bytes,
                    record.mtime_ns,
                    record.ctime_ns,
                    record.scanned_ns,
                    record.status.value,
                    record.reason,
                ),
            )
            if before != document_id:
                self._drop_orphan(before)

    def _replace(self, content: Content) -> int:
        """Insert content; where another recipe made it before, its files follow to the new document."""
        old = self.find_document(content.document.sha256)
        if old is None:
            return insert(self.connection, content)
        files = self.connection.execute("SELECT path FROM files WHERE document_id = ?", (old,)).fetchall()
        delete(self.connection, old)
        new = insert(self.connection, content)
        sql = "UPDATE files SET document_id = ? WHERE path = ?"
        self.connection.executemany(sql, [(new, path) for (path,) in files])
        return new

    def forget(self, paths: Sequence[str]) -> None:
        """Remove files; their documents go with the last file that held them."""
        with self.transaction():
            for path in paths:
                before = self._document_of(path)
                self.connection.execute("DELETE FROM files WHERE path = ?", (path,))
                self._drop_orphan(before)

    def _document_of(self, path: str) -> int | None:
        row = self.connection.execute("SELECT document_id FROM files WHERE path = ?", (path,)).fetchone()
        return row[0] if row else None

    def _drop_orphan(self, document_id: int | None) -> None:
        """Delete a document that no file holds any more."""
        used = "SELECT EXISTS (SELECT 1 FROM files WHERE document_id = ?)"
        if document_id is not None and not self.connection.execute(used, (document_id,)).fetchone()[0]:
            delete(self.connection, document_id)


def _file_record(row: tuple[str, str, int, int, int, int, str, str, int | None]) -> FileRecord:
    path, root, size_bytes, mtime_ns, ctime_ns, scanned_ns, status, reason, document_id = row
    return FileRecord(
        path, root, size_bytes, mtime_ns, ctime_ns, scanned_ns, FileStatus(status), reason, document_id
    )


def _source(row: tuple[int, str, str, str, str, str, str, str]) -> Source:
    document_id, title, outlet, author, published, language, pages, files = row
    places = json.loads(files)
    return Source(
        document_id=document_id,
        names=tuple(_shown_name(path, root) for path, root in places),
        paths=tuple(path for path, _ in places),
        title=title,
        outlet=outlet,
        author=author,
        published=date.fromisoformat(published) if published else None,
        language=language,
        pages=tuple(Page(*page) for page in json.loads(pages)),
    )


def _shown_name(path: str, root: str) -> str:
    return Path(path).name if path == root else Path(path).relative_to(root).as_posix()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    if mode != "ro":
        schema.use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def _connect_immutable(folder: Path) -> sqlite3.Connection:
    """Read a library in a folder that cannot be written (WAL needs to write, unless nobody else does)."""
    try:
        uri = f"{(folder / DATABASE).resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        connection.execute("PRAGMA user_version").fetchone()
        return connection
    except sqlite3.DatabaseError as error:
        raise _damaged(folder, error) from error


def _unwritable(folder: Path, error: Exception) -> LibraryError:
    return LibraryError(
        f"The library {folder} cannot be written: {error}.",
        hint="Check its permissions and the free space on its disk, or choose another folder with --library.",
    )


def _damaged(folder: Path, error: object) -> LibraryError:
    return LibraryError(
        f"The library {folder} cannot be read: {error}.",
        hint="Type rag doctor to see what is wrong, or make it again: rag index PATH --library NEWDIR",
    )
