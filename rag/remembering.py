"""An embedder that encodes a text once: the same sentences are read for many questions.

Knows texts and vectors only; keeps so many of the last ones used, in memory.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from rag.checkpoint import checkpoint
from rag.protocols import Embedder
from rag.types import Vectors

# 384 floats each: some 30 MB.
_MOST = 20_000
_BATCH = 32


class Remembering:
    """Encodes with an embedder, from memory where a text was encoded before."""

    def __init__(self, embedder: Embedder, *, most: int = _MOST) -> None:
        self._embedder = embedder
        self._most = most
        self._known: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions), as the embedder itself does."""
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            for text, vector in self._encoded(new):
                self._known[text] = vector
            rows = [self._known[text] for text in texts]
            for text in texts:
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return np.stack(rows)

    def _encoded(self, texts: Sequence[str]) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
        """Yield each text and its vector; those of like length together, so few that a batch takes little time."""
        ordered = sorted(texts, key=len)
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            checkpoint()
            yield from zip(batch, self._embedder.encode(batch), strict=True)
