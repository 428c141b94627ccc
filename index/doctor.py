"""Is the library whole? Each check is one function that returns what it found. Reads only."""

import sqlite3
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index import changes, snapshot
from index.dense import Kind
from index.live import LiveIndex, advanced, fresh
from index.snapshot import SnapshotError
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
        ("snapshot", _snapshot),
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
    sql = "SELECT count(*) FROM files WHERE status = 'ready' AND document_id IS NULL"
    lost = store.connection.execute(sql).fetchone()[0]
    problem = ""
    if broken or held or lost:
        problem = f"{len(broken)} broken references, {held} documents without a file, {lost} files without theirs"
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


def _snapshot(store: Store) -> tuple[str, str]:
    """Compare the published snapshot, and what changed since, with the database."""
    with store.reading():
        try:
            known = snapshot.read_manifest(store.folder)
            base = snapshot.load(store, dimensions=known.dimensions)
        except SnapshotError as error:
            none = str(error) == snapshot.MISSING
            return (
                "none: the database alone is searched",
                "" if none else f"it {error}; the next question repairs it",
            )
        view = advanced(fresh(base), store, generation=store.generation())
        held = np.union1d(np.setdiff1d(base.index.ids(), view.gone), view.delta[0])
        differing = len(np.setxor1d(held, changes.passage_ids(store)))
    searched = "exact" if base.index.kind is Kind.EXACT else f"approximate, recall@10 {known.recall:.3f} at build"
    detail = f"{searched}; {known.n:,} passages, {len(view.delta[0]):,} newer and {len(view.gone):,} gone since"
    return detail, f"{differing} passages differ from the database" if differing else ""


def _search(store: Store) -> tuple[str, str]:
    """Compare what a question would search with brute force, on a sample of the stored vectors."""
    with store.reading():
        ids = changes.passage_ids(store)
        if not len(ids):
            return "nothing to search", ""
        chosen = ids[np.linspace(0, len(ids) - 1, min(_SAMPLE, len(ids))).astype(int)]
        sample = np.concatenate([vectors for _, vectors in store.vector_blocks(chosen)])
        best = np.full(len(sample), -np.inf, dtype=np.float32)
        with np.errstate(invalid="ignore"):  # what is not finite differs from everything
            for _, vectors in store.vector_blocks():
                best = np.maximum(best, (sample @ vectors.T).max(axis=1))
        live = LiveIndex(store, dimensions=sample.shape[1], publishes=False)
        found = [live.search(vector, 1) for vector in sample]
    wrong = sum(
        not near or not abs(near[0][1] - exact) <= 1e-5 for near, exact in zip(found, best.tolist(), strict=True)
    )
    return f"equals brute force on {len(sample)} samples", f"{wrong} of {len(sample)} differ" if wrong else ""
