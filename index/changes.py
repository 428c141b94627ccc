"""What changed in a library since a generation, and which passages there are. Knows the change log, no vectors.

Passage ids only grow and are never used again, so all that is new stands above the highest id of before.
"""

import json
from collections.abc import Collection
from datetime import date

import numpy as np

from index.dense import Ids
from index.store import Store


def passage_ids(store: Store) -> Ids:
    """Return the ids of all passages, ascending; read from the index of the table, far smaller than its rows."""
    rows = store.connection.execute("SELECT id FROM passages INDEXED BY passages_document")
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))


def removed_since(store: Store, generation: int) -> list[tuple[int, int]]:
    """Return the passages that went after a generation, as ranges of ids, both ends included."""
    sql = (
        "SELECT first_passage, last_passage FROM changes"
        " WHERE seq > ? AND kind = 'removed' AND first_passage IS NOT NULL ORDER BY seq"
    )
    return [(int(first), int(last)) for first, last in store.connection.execute(sql, (generation,))]


def in_ranges(ids: Ids, ranges: list[tuple[int, int]]) -> Ids:
    """Return those of the ascending `ids` that lie in one of the ranges, ascending."""
    parts = [ids[np.searchsorted(ids, first) : np.searchsorted(ids, last, side="right")] for first, last in ranges]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def mark(store: Store, generation: int) -> str | None:
    """Return the random mark of a change, None where the library has not come that far.

    Equal marks mean the same history: a restored backup or another library has other marks.
    """
    row = store.connection.execute("SELECT mark FROM changes WHERE seq = ?", (generation,)).fetchone()
    return str(row[0]) if row else None


def published_after(store: Store, day: date) -> Ids:
    """Return the passages of documents published after a day, ascending; undated ones are not among them."""
    sql = (
        "SELECT p.id FROM documents d JOIN passages p INDEXED BY passages_document ON p.document_id = d.id"
        " WHERE d.published > ?"
    )
    rows = store.connection.execute(sql, (day.isoformat(),))
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))


def passages_of(store: Store, documents: Collection[int], *, as_of: date | None = None) -> Ids:
    """Return the passages of these documents, ascending, without those published after `as_of`."""
    sql = (
        "SELECT p.id FROM documents d JOIN passages p INDEXED BY passages_document ON p.document_id = d.id"
        " WHERE d.id IN (SELECT value FROM json_each(?1))"
        " AND (?2 IS NULL OR d.published IS NULL OR d.published <= ?2)"
    )
    chosen = json.dumps(sorted(documents))
    rows = store.connection.execute(sql, (chosen, as_of.isoformat() if as_of else None))
    return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))
