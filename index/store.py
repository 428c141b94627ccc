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
from itertools import islice
from pathlib import Path

import numpy as np

from index.content import Content, delete, insert, set_embedder
from index.database import DATABASE as DATABASE
from index.database import connect_reader, connect_writer, damaged, unwritable
from index.dense import Block, Ids
from index.failpoints import Failpoint, failpoint
from index.findings import Findings
from rag.errors import EmbedderChangedError, LibraryError
from rag.types import FileStatus, Page, Passage, Source, Vectors

# Rows that are read at once: 4096 vectors of 384 dimensions are 6 MB.
_BLOCK_ROWS = 4096


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

    @property
    def name(self) -> str:
        """Return its path below the folder that was named, as a person sees it."""
        return _shown_name(self.path, self.root)


class Store(Findings):
    """An open library; use it from the thread that opened it."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        super().__init__(connection)
        self.folder = folder

    @classmethod
    def create(cls, folder: Path) -> "Store":
        """Open a library for writing, making it where it does not exist.

        Raises:
            LibraryError: the folder cannot be written, or holds something else.
            LibraryBusyError: it has an older format, and another process is writing to it.
        """
        return cls(connect_writer(folder), folder)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open a library for reading.

        Raises:
            NoLibraryError: there is none.
            LibraryError: it cannot be read.
        """
        return cls(connect_reader(folder), folder)

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

    def files(self, document_ids: Iterable[int] | None = None) -> list[FileRecord]:
        """Return the files of the named documents (None: all that were seen, whatever became of them), by path."""
        sql = (
            "SELECT path, root, size_bytes, mtime_ns, ctime_ns, scanned_ns, status, reason, document_id FROM files"
        )
        if document_ids is None:
            rows = self.connection.execute(f"{sql} ORDER BY path")
        else:
            chosen = "document_id IN (SELECT value FROM json_each(?))"
            rows = self.connection.execute(
                f"{sql} WHERE {chosen} ORDER BY path", (json.dumps(list(document_ids)),)
            )
        return [_file_record(row) for row in rows]

    def sources(self, document_ids: Iterable[int] | None = None) -> dict[int, Source]:
        """Return the sources of the named documents (None: all), by id."""
        wanted = json.dumps(list(document_ids)) if document_ids is not None else None
        sql = (
            "SELECT d.id, d.title, d.outlet, d.author, d.published, d.language, d.pages,"
            " coalesce(d.story, (SELECT d.id WHERE EXISTS (SELECT 1 FROM documents o WHERE o.story = d.id))),"
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

    def beside(self, passage: Passage) -> list[Passage]:
        """Return the passages right before and right after one in its document, those that there are."""
        sql = (
            "SELECT (SELECT id FROM passages WHERE document_id = ?1 AND start < ?2 ORDER BY start DESC LIMIT 1),"
            " (SELECT id FROM passages WHERE document_id = ?1 AND start > ?2 ORDER BY start LIMIT 1)"
        )
        found = self.connection.execute(sql, (passage.document_id, passage.start)).fetchone()
        return list(self.passages([one for one in found if one is not None]).values())

    def vectors(self) -> tuple[list[int], Vectors]:
        """Return the ids of all passages and their vectors, shape (n, dimensions): all at once, in memory.

        Raises:
            LibraryError: a stored vector is damaged.
        """
        blocks = list(self.vector_blocks())
        if not blocks:
            return [], np.zeros((0, 0), dtype=np.float32)
        ids = np.concatenate([block[0] for block in blocks])
        return ids.tolist(), np.concatenate([block[1] for block in blocks])

    def vector_blocks(self, ids: Iterable[int] | None = None, *, above: int = 0) -> Iterator[Block]:
        """Yield the vectors of these passages (None: of all with an id `above`) in blocks, ids ascending.

        An unknown id is left out.

        Raises:
            LibraryError: a stored vector is damaged.
        """
        sql = "SELECT id, vector, crc32 FROM passages"
        if ids is None:
            cursor = self.connection.execute(f"{sql} WHERE id > ? ORDER BY id", (above,))
        else:
            chosen = json.dumps([int(passage_id) for passage_id in ids])
            cursor = self.connection.execute(
                f"{sql} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (chosen,)
            )
        size = 0
        while rows := cursor.fetchmany(_BLOCK_ROWS):
            size = size or len(rows[0][1])
            for passage_id, blob, crc in rows:
                if zlib.crc32(blob) != crc:
                    raise damaged(self.folder, f"the vector of passage {passage_id} has changed")
                if len(blob) != size or size % 4:
                    raise damaged(self.folder, f"the vector of passage {passage_id} has another size")
            joined = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
            yield np.array([row[0] for row in rows], dtype=np.int64), joined.reshape(len(rows), size // 4)

    def lexical(
        self, query: str, limit: int, *, excluded: Ids | None = None, among: Ids | None = None
    ) -> list[tuple[int, float]]:
        """Return (passage id, BM25) for an FTS5 query, best first, without the `excluded` ids.

        Where `among` is given, no other ids are returned. Both are ascending.
        A word of the title counts sixteen times: the title is short and says what the text is about.
        """
        sql = (
            "SELECT rowid, -bm25(passage_words, 16.0, 1.0) AS score FROM passage_words"
            " WHERE passage_words MATCH ?1 AND (?2 IS NULL OR rowid IN (SELECT value FROM json_each(?2)))"
            " ORDER BY score DESC, rowid"
        )
        chosen = json.dumps(among.tolist()) if among is not None else None
        if excluded is None or not len(excluded):
            rows = self.connection.execute(f"{sql} LIMIT ?3", (query, chosen, limit))
            return [(int(row[0]), float(row[1])) for row in rows]
        left_out = set(excluded.tolist())
        found = (row for row in self.connection.execute(sql, (query, chosen)) if row[0] not in left_out)
        return [(int(row[0]), float(row[1])) for row in islice(found, limit)]

    def has_word(self, word: str) -> bool:
        """Return whether a passage or its title has the word, whatever its ending."""
        quoted = word.replace('"', "")
        sql = "SELECT 1 FROM passage_words WHERE passage_words MATCH ?1 LIMIT 1"
        return self.connection.execute(sql, (f'"{quoted}"',)).fetchone() is not None

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
                hint=f"Use that embedder again, or embed all anew: rag index --rebuild --library {self.folder}",
            )

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the library for the whole block, whatever another process writes meanwhile."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    # Changes: each is one transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that happens in the block visible at once, or nothing of it.

        Raises:
            LibraryError: the disk is full or the file cannot be written.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            failpoint(Failpoint.TRANSACTION_BEGUN)
            yield
            failpoint(Failpoint.TRANSACTION_READY)
            self.connection.execute("COMMIT")
            failpoint(Failpoint.TRANSACTION_DONE)
        except sqlite3.OperationalError as error:
            self._roll_back()
            raise unwritable(self.folder, error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def set_embedder(self, fingerprint: str, name: str) -> None:
        """Note whose vectors the library holds."""
        with self.transaction():
            set_embedder(self.connection, fingerprint, name=name)

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
            failpoint(Failpoint.FILE_ROW)
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


def _source(row: tuple[int, str, str, str, str, str, str, int | None, str]) -> Source:
    document_id, title, outlet, author, published, language, pages, story, files = row
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
        story=story,
    )


def _shown_name(path: str, root: str) -> str:
    return Path(path).name if path == root else Path(path).relative_to(root).as_posix()
