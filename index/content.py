"""Writes and deletes what a document consists of. Knows tables; the caller holds the transaction."""

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from index.failpoints import Failpoint, failpoint
from rag.text import one_line
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
    _insert_passages(connection, document_id, content)
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
        " signature, story, recipe) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            content.signature,
            content.story,
            content.recipe,
        ),
    )
    failpoint(Failpoint.DOCUMENT_ROW)
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _insert_passages(connection: sqlite3.Connection, document_id: int, content: Content) -> None:
    document = content.document
    for (start, end), vector in zip(content.spans, content.vectors, strict=True):
        blob = vector.astype("<f4").tobytes()
        row = connection.execute(
            'INSERT INTO passages (document_id, start, "end", vector, crc32) VALUES (?, ?, ?, ?, ?)',
            (document_id, start, end, blob, zlib.crc32(blob)),
        )
        connection.execute(
            "INSERT INTO passage_words (rowid, title, body) VALUES (?, ?, ?)",
            (row.lastrowid, document.title, one_line(document.text[start:end])),
        )
        failpoint(Failpoint.DOCUMENT_PASSAGE)


def delete(connection: sqlite3.Connection, document_id: int) -> None:
    """Delete a document with its passages, vectors, words and findings."""
    connection.execute(
        "DELETE FROM passage_words WHERE rowid IN (SELECT id FROM passages WHERE document_id = ?)", (document_id,)
    )
    _log(connection, document_id, "removed")
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
    failpoint(Failpoint.DOCUMENT_DELETED)
