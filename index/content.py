"""Writes and deletes what a document consists of. Knows tables; the caller holds the transaction."""

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.failpoints import Failpoint, failpoint
from rag.text import one_line
from rag.titles import titled
from rag.types import Attribution, DateMention, Document, Noise, Span, Vectors


@dataclass(frozen=True, slots=True)
class Content:
    """A document cut into passages with a vector for each, and what was found in its text.

    `recipe` names the rules that made it; `signature` is its near-duplicate signature and `lines` are the keys
    of lines that may turn out to stand in many documents.
    """

    document: Document
    spans: Sequence[Span]
    vectors: Vectors
    noise: Sequence[Noise] = ()
    attributions: Sequence[Attribution] = ()
    mentions: Sequence[DateMention] = ()
    lines: Sequence[str] = ()
    signature: bytes = b""
    story: int | None = None
    recipe: str = ""


def insert(connection: sqlite3.Connection, content: Content) -> int:
    """Insert a document with all its parts; return its id."""
    document_id = _insert_document(connection, content)
    title = titled(content.document, content.attributions)
    _insert_passages(connection, document_id, content.spans, content.vectors, title=title)
    connection.executemany(
        'INSERT INTO noise (document_id, start, "end", reason) VALUES (?, ?, ?, ?)',
        [(document_id, noise.start, noise.end, noise.reason) for noise in content.noise],
    )
    connection.executemany(
        'INSERT INTO attributions (document_id, start, "end", speaker, role, cue, verbatim,'
        " speaker_start, speaker_end, cue_start, cue_end) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(document_id, *_attribution_row(attribution)) for attribution in content.attributions],
    )
    connection.executemany(
        'INSERT INTO mentions (document_id, start, "end", text, first, last) VALUES (?, ?, ?, ?, ?, ?)',
        [(document_id, m.start, m.end, m.text, m.first.isoformat(), m.last.isoformat()) for m in content.mentions],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO lines (key, document_id) VALUES (?, ?)",
        [(key, document_id) for key in content.lines],
    )
    _log(connection, document_id, "added")
    failpoint(Failpoint.DOCUMENT_WHOLE)
    return document_id


def _attribution_row(found: Attribution) -> tuple[int | str | None, ...]:
    said = (found.start, found.end, found.speaker, found.role, found.cue, int(found.verbatim))
    return (*said, found.speaker_start, found.speaker_end, found.cue_start, found.cue_end)


def _log(connection: sqlite3.Connection, document_id: int, kind: str) -> None:
    """Note a change with the passages it concerns: one document's passages have consecutive ids."""
    connection.execute(
        "INSERT INTO changes (document_id, kind, mark, first_passage, last_passage)"
        " SELECT ?1, ?2, hex(randomblob(8)), min(id), max(id) FROM passages WHERE document_id = ?1",
        (document_id, kind),
    )


def _insert_document(connection: sqlite3.Connection, content: Content) -> int:
    document = content.document
    pages = [[page.number, page.label, page.start, page.end] for page in document.pages]
    cursor = connection.execute(
        "INSERT INTO documents (sha256, media_type, title, outlet, author, published, language, text, pages,"
        " removed, signature, story, recipe) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.sha256,
            document.media_type,
            document.title,
            document.outlet,
            document.author,
            document.published.isoformat() if document.published else None,
            document.language,
            document.text,
            json.dumps(pages),
            json.dumps([[block.text, block.reason] for block in document.removed], ensure_ascii=False),
            content.signature,
            content.story,
            content.recipe,
        ),
    )
    failpoint(Failpoint.DOCUMENT_ROW)
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _insert_passages(
    connection: sqlite3.Connection, document_id: int, spans: Sequence[Span], vectors: Vectors, *, title: str
) -> None:
    (text,) = connection.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()
    for (start, end), vector in zip(spans, vectors, strict=True):
        blob = vector.astype("<f4").tobytes()
        row = connection.execute(
            'INSERT INTO passages (document_id, start, "end", vector, crc32) VALUES (?, ?, ?, ?, ?)',
            (document_id, start, end, blob, zlib.crc32(blob)),
        )
        connection.execute(
            "INSERT INTO passage_words (rowid, title, body) VALUES (?, ?, ?)",
            (row.lastrowid, title, one_line(text[start:end])),
        )
        failpoint(Failpoint.DOCUMENT_PASSAGE)


def delete(connection: sqlite3.Connection, document_id: int) -> None:
    """Delete a document with its passages, vectors, words and findings."""
    _delete_words(connection, document_id)
    _log(connection, document_id, "removed")
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    failpoint(Failpoint.DOCUMENT_DELETED)


def _delete_words(connection: sqlite3.Connection, document_id: int) -> None:
    connection.execute(
        "DELETE FROM passage_words WHERE rowid IN (SELECT id FROM passages WHERE document_id = ?)", (document_id,)
    )


# Vectors of another embedder, beside those in use


@dataclass(frozen=True, slots=True)
class Staged:
    """The passages that a document will have; `vectors` has shape (len(spans), dimensions)."""

    document_id: int
    spans: Sequence[Span]
    vectors: Vectors


def stage(connection: sqlite3.Connection, staged: Staged, *, made_by: str) -> None:
    """Keep what a document's passages will be."""
    blob = staged.vectors.astype("<f4").tobytes()
    connection.execute(
        "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?)",
        (staged.document_id, made_by, json.dumps(list(staged.spans)), blob, zlib.crc32(blob)),
    )


def staged_documents(connection: sqlite3.Connection, made_by: str) -> set[int]:
    """Return the documents that are staged; what others than `made_by` staged, or is damaged, is thrown away."""
    connection.execute("DELETE FROM staged WHERE made_by != ?", (made_by,))
    rows = connection.execute("SELECT document_id, vectors, crc32 FROM staged")
    whole = {document_id: zlib.crc32(blob) == crc32 for document_id, blob, crc32 in rows}
    broken = [(document_id,) for document_id, is_whole in whole.items() if not is_whole]
    connection.executemany("DELETE FROM staged WHERE document_id = ?", broken)
    return {document_id for document_id, is_whole in whole.items() if is_whole}


def switch(connection: sqlite3.Connection, fingerprint: str, *, name: str) -> int:
    """Replace all passages by the staged ones and note whose vectors they are; return how many there are."""
    total = 0
    for document_id in [
        row[0] for row in connection.execute("SELECT document_id FROM staged ORDER BY document_id")
    ]:
        sql = "SELECT spans, vectors FROM staged WHERE document_id = ?"
        spans, blob = connection.execute(sql, (document_id,)).fetchone()
        places = json.loads(spans)
        vectors = np.frombuffer(blob, dtype="<f4").reshape(len(places), -1) if places else np.zeros((0, 0), "<f4")
        title = _title(connection, document_id)
        _delete_words(connection, document_id)
        _log(connection, document_id, "removed")
        connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        _insert_passages(connection, document_id, places, vectors, title=title)
        _log(connection, document_id, "added")
        failpoint(Failpoint.REBUILD_SWITCHING)
        total += len(places)
    connection.execute("DELETE FROM staged")
    set_embedder(connection, fingerprint, name=name)
    return total


def _title(connection: sqlite3.Connection, document_id: int) -> str:
    """Return the title under which a document's passages are searched; its own where it has none yet."""
    row = connection.execute(
        "SELECT coalesce((SELECT w.title FROM passage_words w JOIN passages p ON p.id = w.rowid"
        " WHERE p.document_id = d.id LIMIT 1), d.title) FROM documents d WHERE d.id = ?",
        (document_id,),
    ).fetchone()
    return str(row[0])


def set_embedder(connection: sqlite3.Connection, fingerprint: str, *, name: str) -> None:
    """Note whose vectors the library holds."""
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("embedder", fingerprint), ("embedder_name", name)]
    )
