"""Exact vector search: the only import of faiss. Knows ids and vectors, nothing else."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.types import Vectors


class DenseIndex:
    """Inner product over unit vectors, so that a score is a cosine. Ids must ascend."""

    def __init__(self, ids: Sequence[int], vectors: Vectors, *, dimensions: int) -> None:
        import faiss

        if len(ids) != len(vectors):
            message = f"{len(ids)} ids for {len(vectors)} vectors"
            raise ValueError(message)
        self._ids = np.asarray(ids, dtype=np.int64)
        self._index = faiss.IndexFlatIP(dimensions)
        if len(ids):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return (id, cosine) of the nearest, best first; `vector` has shape (dimensions,)."""
        limit = min(limit, len(self))
        if limit == 0:
            return []
        scores, rows = self._index.search(vector.reshape(1, -1), limit)
        return [(int(self._ids[row]), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]

    def scores(self, vector: npt.NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of the vectors with these ids; unknown ids are left out."""
        rows = np.searchsorted(self._ids, ids)
        pairs = zip(ids, rows, strict=True)
        found = [(i, int(row)) for i, row in pairs if row < len(self._ids) and self._ids[row] == i]
        return {i: float(self._index.reconstruct(row) @ vector) for i, row in found}
