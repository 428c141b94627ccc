"""What was found in documents besides passages: noise, speech, dates, lines, stories. Knows rows only."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from rag.types import Attribution, DateMention, Document, Noise, Page, Passage, RemovedBlock

Found = TypeVar("Found")


class Findings:
    """The part of a store that reads findings back, each in the order of its place in the text."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def document(self, document_id: int) -> Document:
        """Return a document as it was loaded.

        Raises:
            KeyError: it is not there.
        """
        sql = (
            "SELECT sha256, text, title, media_type, outlet, author, published, language, pages, removed"
            " FROM documents WHERE id = ?"
        )
        row = self.connection.execute(sql, (document_id,)).fetchone()
        if row is None:
            raise KeyError(document_id)
        sha256, text, title, media_type, outlet, author, published, language, pages, removed = row
        return Document(
            sha256=sha256,
            text=text,
            title=title,
            media_type=media_type,
            outlet=outlet,
            author=author,
            published=date.fromisoformat(published) if published else None,
            language=language,
            pages=tuple(Page(*page) for page in json.loads(pages)),
            removed=_removed_blocks(removed),
        )

    def noise(self, document_id: int) -> list[Noise]:
        """Return what of a document is no text of its own."""
        sql = 'SELECT start, "end", reason FROM noise WHERE document_id = ? ORDER BY start, rowid'
        return [Noise(*row) for row in self.connection.execute(sql, (document_id,))]

    def removed(self, document_id: int) -> tuple[RemovedBlock, ...]:
        """Return what of a document's file did not become text."""
        row = self.connection.execute("SELECT removed FROM documents WHERE id = ?", (document_id,)).fetchone()
        return _removed_blocks(row[0]) if row else ()

    def attributions(self, document_id: int) -> list[Attribution]:
        """Return who says what in a document."""
        sql = (
            'SELECT start, "end", speaker, role, cue, verbatim, speaker_start, speaker_end, cue_start, cue_end'
            " FROM attributions WHERE document_id = ? ORDER BY start, rowid"
        )
        rows = self.connection.execute(sql, (document_id,))
        return [_attribution(row) for row in rows]

    def attributions_in(self, passages: Iterable[Passage]) -> dict[int, tuple[Attribution, ...]]:
        """Return who says what in passages, by passage id, in document offsets; read in one query.

        An attribution belongs to a passage where the words that are said touch it; passages without any are left
        out.
        """
        sql = (
            'SELECT p.value ->> 0, a.start, a."end", speaker, role, cue, verbatim, speaker_start, speaker_end,'
            " cue_start, cue_end FROM json_each(?) p JOIN attributions a ON a.document_id = p.value ->> 1"
            ' AND a.start < p.value ->> 3 AND a."end" > p.value ->> 2 ORDER BY a.start, a.rowid'
        )
        return self._by_passage(sql, passages, made=_attribution)

    def passage_counts(self) -> dict[int, int]:
        """Return how many passages each document has."""
        rows = self.connection.execute("SELECT document_id, count(*) FROM passages GROUP BY document_id")
        return dict(rows.fetchall())

    def mentions(self, document_id: int) -> list[DateMention]:
        """Return the times that a document names."""
        sql = 'SELECT start, "end", text, first, last FROM mentions WHERE document_id = ? ORDER BY start, rowid'
        rows = self.connection.execute(sql, (document_id,))
        return [_mention(row) for row in rows]

    def mentions_in(self, passages: Iterable[Passage]) -> dict[int, tuple[DateMention, ...]]:
        """Return the times that passages name, by passage id, in document offsets; read in one query."""
        sql = (
            'SELECT p.value ->> 0, m.start, m."end", m.text, first, last FROM json_each(?) p JOIN mentions m'
            ' ON m.document_id = p.value ->> 1 AND m.start >= p.value ->> 2 AND m."end" <= p.value ->> 3'
            " ORDER BY m.start, m.rowid"
        )
        return self._by_passage(sql, passages, made=_mention)

    def _by_passage(
        self, sql: str, passages: Iterable[Passage], *, made: Callable[[Any], Found]
    ) -> dict[int, tuple[Found, ...]]:
        """Return what a query finds in places `[id, document, start, end]`, by the id that its rows begin with."""
        places = [(one.id, one.document_id, one.start, one.end) for one in passages]
        found: dict[int, tuple[Found, ...]] = {}
        for passage_id, *row in self.connection.execute(sql, (json.dumps(places),)):
            found[passage_id] = (*found.get(passage_id, ()), made(tuple(row)))
        return found

    def lines_seen(self, keys: Iterable[str], *, excluding: int | None = None) -> dict[str, int]:
        """Return in how many stories each line stands, that of `excluding` not counted; 0 is left out."""
        sql = (
            "SELECT l.key, count(DISTINCT coalesce(d.story, d.id)) FROM lines l JOIN documents d"
            " ON d.id = l.document_id WHERE l.key IN (SELECT value FROM json_each(?1)) AND coalesce(d.story, d.id)"
            " IS NOT (SELECT coalesce(story, id) FROM documents WHERE id = ?2) GROUP BY l.key"
        )
        return dict(self.connection.execute(sql, (json.dumps(list(keys)), excluding)).fetchall())

    def documents_with_lines(self, keys: Iterable[str]) -> set[int]:
        """Return the documents in which any of these lines stands."""
        sql = "SELECT DISTINCT document_id FROM lines WHERE key IN (SELECT value FROM json_each(?))"
        return {int(row[0]) for row in self.connection.execute(sql, (json.dumps(list(keys)),))}

    def signatures(self) -> Iterator[tuple[int, int | None, bytes]]:
        """Yield (document id, story, near-duplicate signature) of each document that has one, by id.

        Read it to its end before the library is changed.
        """
        sql = (
            "SELECT id, story, signature FROM documents INDEXED BY documents_signature"
            " WHERE signature > x'' ORDER BY id"
        )
        yield from self.connection.execute(sql)

    def published_days(self) -> dict[int, date]:
        """Return the day of each document that has one, by document id; read from an index, not past the texts."""
        sql = "SELECT id, published FROM documents INDEXED BY documents_published WHERE published IS NOT NULL"
        return {row[0]: date.fromisoformat(row[1]) for row in self.connection.execute(sql)}

    def recipes(self) -> dict[int, str]:
        """Return the recipe that made each document, by document id."""
        return dict(
            self.connection.execute(
                "SELECT id, recipe FROM documents INDEXED BY documents_recipe ORDER BY id"
            ).fetchall()
        )


def _removed_blocks(stored: str) -> tuple[RemovedBlock, ...]:
    return tuple(RemovedBlock(text, reason) for text, reason in json.loads(stored))


def _attribution(row: tuple[int, int, str, str | None, str, int, int, int, int, int]) -> Attribution:
    start, end, speaker, role, cue, verbatim, *places = row
    return Attribution(start, end, speaker, role, cue, bool(verbatim), *places)


def _mention(row: tuple[int, int, str, str, str]) -> DateMention:
    start, end, text, first, last = row
    return DateMention(start, end, text, date.fromisoformat(first), date.fromisoformat(last))
