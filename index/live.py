"""The vectors of a library as one question sees them: a base that never changes, and what changed since.

Knows a store and snapshots; knows nothing of words, dates or sources. Another process may be writing: each look at
the library takes in what is new, and the whole state is replaced at once.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from index import changes, snapshot
from index.dense import EXACT_UP_TO, OVERFETCH, Block, Ids, Kind, Vector
from index.lock import writer_lock
from index.snapshot import Base, Manifest, SnapshotError
from index.store import Store
from rag.errors import LibraryError


@dataclass(frozen=True, slots=True)
class View:
    """One state: a base, the passages that came after it, and those of the base that are gone."""

    generation: int
    base: Base
    delta: Block
    gone: Ids

    @property
    def changed(self) -> int:
        """How much of the state stands outside the base."""
        return len(self.delta[0]) + len(self.gone)

    def __len__(self) -> int:
        return len(self.base.index) - len(self.gone) + len(self.delta[0])


class LiveIndex:
    """Searches the newest state of a library; call it inside `store.reading()`."""

    def __init__(self, store: Store, *, dimensions: int, publishes: bool = True) -> None:
        self._store = store
        self._publishes = publishes
        self._dimensions = dimensions
        self._view: View | None = None
        self._warnings: list[str] = []

    def take_warnings(self) -> list[str]:
        """Return the lines for the person that gathered since the last call."""
        taken, self._warnings = self._warnings, []
        return taken

    def view(self) -> View:
        """Return the state as of now.

        Raises:
            LibraryError: a stored vector is damaged.
        """
        generation = self._store.generation()
        if self._view is None:
            self._view = advanced(fresh(self._open()), self._store, generation=generation)
        elif self._view.generation != generation:
            self._view = advanced(self._view, self._store, generation=generation)
        if snapshot.is_stale(self._view.changed, len(self._view.base.index)):
            self._renew(generation)
        return self._view

    def search(self, vector: Vector, limit: int, *, excluded: Ids | None = None) -> list[tuple[int, float]]:
        """Return (id, cosine) of the nearest that are not `excluded` (ascending ids), best first."""
        view = self.view()
        out = view.gone if excluded is None else np.union1d(view.gone, excluded)
        if view.base.index.kind is Kind.EXACT:
            near = view.base.index.search(vector, limit, excluded=out)
        else:
            rough = view.base.index.search(vector, OVERFETCH * limit, excluded=out)
            near = list(self.scores(vector, [found for found, _ in rough]).items())
        near += _nearest(vector, view.delta, limit, out=out)
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def scores(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of the vectors with these ids, as stored; unknown ids are left out."""
        found: dict[int, float] = {}
        for block_ids, vectors in self._store.vector_blocks(ids):
            found.update(zip(block_ids.tolist(), (vectors @ vector).tolist(), strict=True))
        return found

    def _open(self) -> Base:
        """Return the published snapshot, or an index made from the database; say why."""
        try:
            return snapshot.load(self._store, dimensions=self._dimensions)
        except SnapshotError as error:
            problem = str(error)
        base = self._build(repairs=problem != snapshot.MISSING)
        if len(base.index) >= snapshot.FILE_FROM or problem != snapshot.MISSING:
            self._warnings.append(f"The search snapshot {problem}: the index was made again from the database.")
        return base

    def _build(self, *, repairs: bool = False) -> Base:
        """Make an index; publish it for the next reader where no writer is at work and it is worth a file."""
        seen = _manifest(self._store)
        base = snapshot.build(self._store, dimensions=self._dimensions)
        if self._publishes and (repairs or len(base.index) >= snapshot.FILE_FROM):
            with suppress(LibraryError, OSError), writer_lock(self._store.folder, wait_seconds=0):
                if _manifest(self._store) == seen:  # else another process was faster
                    snapshot.write(self._store, base)
        return base

    def _renew(self, generation: int) -> None:
        """Take over a newer snapshot, or make the base again; an approximate one is left to the writer."""
        assert self._view is not None
        published = _manifest(self._store)
        is_newer = published is not None and published.generation > self._view.base.generation
        if not is_newer and len(self._view) > EXACT_UP_TO:
            return
        self._view = None  # let go of the old one first: there may be no room for two
        base = self._open() if is_newer else self._build()
        self._view = advanced(fresh(base), self._store, generation=generation)


def _manifest(store: Store) -> Manifest | None:
    try:
        return snapshot.read_manifest(store.folder)
    except SnapshotError:
        return None


def fresh(base: Base) -> View:
    """Return the state that a base alone is."""
    nothing = np.zeros(0, dtype=np.int64)
    empty = np.zeros((0, base.index.dimensions), dtype=np.float32)
    return View(base.generation, base, (nothing, empty), nothing)


def advanced(view: View, store: Store, *, generation: int) -> View:
    """Return the state at `generation`: new passages join the delta, removed ones leave it or are marked gone."""
    if generation == view.generation:
        return view
    removed = changes.removed_since(store, view.generation)
    ids, vectors = view.delta
    kept = ~np.isin(ids, changes.in_ranges(ids, removed))
    above = max(view.base.last_id, int(ids[-1]) if len(ids) else 0)
    blocks = [(ids[kept], vectors[kept]), *store.vector_blocks(above=above)]
    delta = (np.concatenate([block[0] for block in blocks]), np.concatenate([block[1] for block in blocks]))
    base_ids = view.base.index.ids() if removed else view.gone
    gone = np.union1d(view.gone, changes.in_ranges(base_ids, removed)) if removed else view.gone
    return View(generation, view.base, delta, gone)


def _nearest(vector: Vector, delta: Block, limit: int, *, out: Ids) -> list[tuple[int, float]]:
    ids, vectors = delta
    if not len(ids) or limit <= 0:
        return []
    allowed = ~np.isin(ids, out)
    ids, scores = ids[allowed], vectors[allowed] @ vector
    best = np.argsort(-scores, kind="stable")[:limit]
    return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))
