"""Is the library whole? Each check is one function that returns what it found. Reads only."""

import sqlite3
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.dense import DenseIndex
from index.store import Store
from rag.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Callable

_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check; `problem` is empty where all is well."""

    name: str
    detail: str
    problem: str = ""


def examine(store: Store) -> list[Check]:
    """Run all checks, in the order from the file to the search."""
    checks: list[tuple[str, Callable[[Store], tuple[str, str]]]] = [
        ("database file", _integrity),
        ("references", _references),
        ("passages", _passages),
        ("vectors", _vectors),
        ("words", _words),
        ("search", _search),
    ]
    return [_run(name, check, store) for name, check in checks]


def _run(name: str, check: "Callable[[Store], tuple[str, str]]", store: Store) -> Check:
    """Run one check; where the damage keeps it from running, that is what it found."""
    try:
        return Check(name, *check(store))
    except (LibraryError, sqlite3.DatabaseError) as error:
        return Check(name, "could not be checked", str(error))


def _integrity(store: Store) -> tuple[str, str]:
    rows = [row[0] for row in store.connection.execute("PRAGMA integrity_check(5)")]
    return f"{store.folder}", "" if rows == ["ok"] else "; ".join(rows)


def _references(store: Store) -> tuple[str, str]:
    broken = store.connection.execute("PRAGMA foreign_key_check").fetchall()
    held = store.connection.execute(
        "SELECT count(*) FROM documents WHERE id NOT IN (SELECT document_id FROM files WHERE document_id NOT NULL)"
    ).fetchone()[0]
    problem = f"{len(broken)} broken references, {held} documents without a file" if broken or held else ""
    return "every document has its file", problem


def _passages(store: Store) -> tuple[str, str]:
    sql = (
        'SELECT count(*) FILTER (WHERE p.start < 0 OR p."end" <= p.start OR p."end" > length(d.text)), count(*)'
        " FROM passages p JOIN documents d ON d.id = p.document_id"
    )
    outside, total = store.connection.execute(sql).fetchone()
    empty = store.connection.execute(
        "SELECT count(*) FROM documents WHERE id NOT IN (SELECT document_id FROM passages)"
    ).fetchone()[0]
    problem = f"{outside} passages outside their text, {empty} documents without one" if outside or empty else ""
    return f"{total:,} passages inside their documents", problem


def _vectors(store: Store) -> tuple[str, str]:
    damaged = not_unit = total = 0
    lengths = set()
    for blob, crc in store.connection.execute("SELECT vector, crc32 FROM passages"):
        total += 1
        lengths.add(len(blob))
        vector = np.frombuffer(blob, dtype="<f4") if len(blob) % 4 == 0 else np.zeros(1)
        damaged += zlib.crc32(blob) != crc
        not_unit += not abs(float(np.linalg.norm(vector)) - 1.0) < 1e-3
    problem = ""
    if damaged or not_unit or len(lengths) > 1:
        problem = f"{damaged} damaged, {not_unit} not of length 1, {len(lengths)} different sizes"
    return f"{total:,} unit vectors with their checksums", problem


def _words(store: Store) -> tuple[str, str]:
    sql = (
        "SELECT (SELECT count(*) FROM passage_words), (SELECT count(*) FROM passages),"
        " (SELECT count(*) FROM passages WHERE id NOT IN (SELECT rowid FROM passage_words))"
    )
    words, passages, missing = store.connection.execute(sql).fetchone()
    problem = f"{words} word entries for {passages} passages" if words != passages or missing else ""
    return f"{words:,} passages in the word index", problem


def _search(store: Store) -> tuple[str, str]:
    """Compare the index with brute force on a sample of the stored vectors."""
    ids, vectors = store.vectors()
    if not ids:
        return "nothing to search", ""
    index = DenseIndex(ids, vectors, dimensions=vectors.shape[1])
    rows = np.linspace(0, len(ids) - 1, min(_SAMPLE, len(ids))).astype(int)
    wrong = 0
    for row in rows:
        with np.errstate(invalid="ignore"):  # what is not finite differs from everything
            exact = float(np.max(vectors @ vectors[row]))
        found = index.search(vectors[row], 1)
        wrong += not found or not abs(found[0][1] - exact) <= 1e-5
    return f"equals brute force on {len(rows)} samples", f"{wrong} of {len(rows)} differ" if wrong else ""
