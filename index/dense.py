"""Vector search in memory: the only import of faiss. Knows ids and vectors; knows no files and no database.

An index never changes once it is made. Up to EXACT_UP_TO vectors every one is compared (flat, inner product);
beyond, an inverted file with one byte a number, whose candidates the caller compares again with the real vectors.
"""

import math
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.types import Vectors

Vector: TypeAlias = npt.NDArray[np.float32]
Ids: TypeAlias = npt.NDArray[np.int64]
Block: TypeAlias = tuple[Ids, Vectors]

# Comparing 200,000 x 384 takes some tens of milliseconds and 0.3 GB; an approximate index is not worth its misses.
EXACT_UP_TO = 200_000

# Lists of the inverted file: near the square root of the vectors, so that lists and their members weigh the same.
# Measured here at 1,000,000 x 384 on two busy cores: built in 50 to 90 s, 0.39 GB. HNSW (M 32, construction 80)
# took five minutes and 0.66 GB, and found 0.88 of the nearest with 256 candidates where 128 lists find 0.98.
_POINTS_PER_LIST = 64
_TRAINING_ROUNDS = 10

# The recall that decides how many lists are probed is measured on this many made-up questions, each the mean of
# twelve passages. Measured here, those are as hard as 400 real questions about news: with 16, 64 and 128 of 1024
# lists probed they reach 0.81, 0.95, 0.98, the real ones 0.82, 0.95, 0.98. Means of three reach 1.00 at once.
_PROBE_QUESTIONS = 400
_RECALL_AT = 10
_MIXED = 12
_RECALL_WANTED = 0.98

# A rescored list must be longer than what is asked for: one byte a number confuses near neighbours.
OVERFETCH = 4


class Kind(StrEnum):
    """How an index compares."""

    EXACT = "flat"
    APPROXIMATE = "ivf_sq8"


def _faiss() -> Any:  # noqa: ANN401 - its type stubs know half of what it can do
    import faiss

    return faiss


class DenseIndex:
    """Inner product over unit vectors, so that a score is a cosine; `recall` was measured against exact search."""

    def __init__(self, index: Any, *, recall: float = 1.0) -> None:  # noqa: ANN401 - see _faiss
        self._index = index
        self.recall = recall

    @classmethod
    def exact(cls, blocks: Iterable[Block], *, total: int, dimensions: int) -> "DenseIndex":
        """Fill a flat index of exactly `total` vectors: room is taken once, so none is held twice.

        Raises:
            ValueError: there are more or fewer vectors.
        """
        faiss = _faiss()

        flat = faiss.IndexFlatIP(dimensions)
        index = faiss.IndexIDMap(flat)
        ids = np.zeros(total, dtype=np.int64)
        place = 0
        if total:
            flat.codes.resize(total * dimensions * 4)
            room = faiss.rev_swig_ptr(flat.codes.data(), total * dimensions * 4)
            rows = room.view(np.float32).reshape(total, dimensions)
            for block_ids, vectors in blocks:
                ids[place : place + len(block_ids)] = block_ids
                rows[place : place + len(block_ids)] = vectors
                place += len(block_ids)
        if place != total:
            message = f"{place} vectors where {total} were promised"
            raise ValueError(message)
        flat.ntotal = index.ntotal = total
        faiss.copy_array_to_vector(ids, index.id_map)
        return cls(index)

    @classmethod
    def approximate(cls, blocks: Iterable[Block], *, total: int, sample: Vectors) -> "DenseIndex":
        """Train on a sample (see `sample_size`), add blocks, probe as many lists as the recall needs."""
        faiss = _faiss()

        index = faiss.index_factory(sample.shape[1], f"IVF{_lists(total)},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.cp.niter = _TRAINING_ROUNDS
        index.cp.min_points_per_centroid = 1  # small samples are for tests; faiss would warn on stderr
        index.train(np.ascontiguousarray(sample))
        questions = _questions(sample)
        best = _Best(len(questions))
        for ids, vectors in blocks:
            index.add_with_ids(np.ascontiguousarray(vectors), ids)
            best.add(ids, questions @ vectors.T)
        index.parallel_mode = 1
        recall = 0.0
        index.nprobe = 1
        while index.nprobe < index.nlist and recall < _RECALL_WANTED:
            index.nprobe = min(2 * index.nprobe, index.nlist)
            _, found = index.search(questions, OVERFETCH * _RECALL_AT)
            recall = best.recall(found)
        return cls(index, recall=round(recall, 4))

    @classmethod
    def read(cls, source: Callable[[int], bytes], *, recall: float = 1.0) -> "DenseIndex":
        """Read what `write` wrote. The bytes must have been checked: faiss loads damaged ones without a word."""
        faiss = _faiss()

        index = faiss.read_index(faiss.PyCallbackIOReader(source))
        if not isinstance(index, faiss.IndexIDMap):
            index.parallel_mode = 1  # not stored: one question's lists are shared between the cores
        return cls(index, recall=recall)

    def write(self, sink: Callable[[bytes], object]) -> None:
        """Hand the whole index to `sink`, piece by piece; what `sink` raises comes through."""
        faiss = _faiss()

        faiss.write_index(self._index, faiss.PyCallbackIOWriter(sink))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def kind(self) -> Kind:
        """Whether every vector is compared."""
        return Kind.APPROXIMATE if hasattr(self._index, "nprobe") else Kind.EXACT

    def search(self, vector: Vector, limit: int, *, excluded: Ids | None = None) -> list[tuple[int, float]]:
        """Return (id, cosine) of the nearest, best first, without the `excluded`; `vector`: (dimensions,)."""
        limit = min(limit, len(self))
        if limit <= 0:
            return []
        question = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        bits = _bits(excluded)  # faiss points into it: it must live until the search is over
        scores, ids = self._index.search(question, limit, params=self._parameters(bits))
        pairs = zip(ids[0].tolist(), scores[0].tolist(), strict=True)
        return [(passage_id, score) for passage_id, score in pairs if passage_id >= 0]

    def _parameters(self, bits: npt.NDArray[np.uint8]) -> Any:  # noqa: ANN401 - see _faiss
        """Return search parameters that skip the marked ids, None where there are none."""
        faiss = _faiss()

        if not len(bits):
            return None
        selector = faiss.IDSelectorNot(faiss.IDSelectorBitmap(bits))
        if self.kind is Kind.EXACT:
            return faiss.SearchParameters(sel=selector)
        probes = self._index.nprobe
        return faiss.SearchParametersIVF(sel=selector, nprobe=probes)

    def ids(self) -> Ids:
        """Return all ids, ascending."""
        faiss = _faiss()

        if self.kind is Kind.EXACT:
            return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)
        lists = self._index.invlists
        sizes = [(number, lists.list_size(number)) for number in range(self._index.nlist)]
        parts = [faiss.rev_swig_ptr(lists.get_ids(number), size).copy() for number, size in sizes if size]
        return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def _bits(excluded: Ids | None) -> npt.NDArray[np.uint8]:
    """Return one bit an id up to the highest, so that a look-up costs next to nothing."""
    if excluded is None or not len(excluded):
        return np.zeros(0, dtype=np.uint8)
    marked = np.zeros(int(excluded.max()) + 1, dtype=bool)
    marked[excluded] = True
    return np.packbits(marked, bitorder="little")


def sample_size(total: int) -> int:
    """Return how many vectors an approximate index of `total` is trained on."""
    return min(total, _POINTS_PER_LIST * _lists(total))


def _lists(total: int) -> int:
    return 1 << round(math.log2(max(total, 1)) / 2)


def _questions(sample: Vectors) -> Vectors:
    rows = np.random.default_rng(0).integers(len(sample), size=(_PROBE_QUESTIONS, _MIXED))
    mixed = sample[rows].sum(axis=1)
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


class _Best:
    """The exact nearest of each question, gathered while the vectors stream by."""

    def __init__(self, questions: int) -> None:
        self._scores = np.zeros((questions, 0), dtype=np.float32)
        self._ids = np.zeros((questions, 0), dtype=np.int64)

    def add(self, ids: Ids, scores: npt.NDArray[np.float32]) -> None:
        """Take a block into account: `scores` has shape (questions, len(ids))."""
        all_scores = np.concatenate([self._scores, scores], axis=1)
        all_ids = np.concatenate([self._ids, np.broadcast_to(ids, scores.shape)], axis=1)
        width = min(_RECALL_AT, all_scores.shape[1])
        keep = np.argpartition(-all_scores, width - 1, axis=1)[:, :width]
        self._scores = np.take_along_axis(all_scores, keep, axis=1)
        self._ids = np.take_along_axis(all_ids, keep, axis=1)

    def recall(self, found: Ids) -> float:
        """Return the share of the nearest that stand in `found`, shape (questions, any)."""
        hits = sum(
            len(set(exact) & set(near)) for exact, near in zip(self._ids.tolist(), found.tolist(), strict=True)
        )
        return float(hits / max(1, self._ids.size))
