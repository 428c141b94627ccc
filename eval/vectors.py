"""An embedder that remembers, on disk, what it has encoded: the same texts stand in several suites and many runs.

Knows the protocol of an embedder and one file of vectors; knows no model.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.protocols import Embedder
from rag.types import ModelInfo, Vectors

# SQLite takes so many values in one question.
_KEYS_AT_ONCE = 500


class RememberingEmbedder:
    """Gives the vectors that `embedder` gives; a file that cannot be used costs time and nothing else."""

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = OFF")  # what is lost is encoded again
        self._file.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""
        return self._embedder.info

    @property
    def fingerprint(self) -> str:
        """That of the embedder behind it: the vectors are the same."""
        return self._embedder.fingerprint

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._embedder.dimensions

    @property
    def max_tokens(self) -> int:
        """How many tokens are read of a text."""
        return self._embedder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, specials included."""
        return self._embedder.count_tokens(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions), encoding only what is new."""
        keys = [
            hashlib.sha256(f"{self.fingerprint}\n{text}".encode("utf-8", "replace")).digest() for text in texts
        ]
        known = self._known(list(dict.fromkeys(keys)))
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            made = dict(zip(new, self._embedder.encode(list(new.values())), strict=True))
            rows = [(key, vector.astype("<f4").tobytes()) for key, vector in made.items()]
            with self._file:
                self._file.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
            known |= made
        if not keys:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, "np.typing.NDArray[np.float32]"]:
        found: dict[bytes, np.typing.NDArray[np.float32]] = {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            part = keys[start : start + _KEYS_AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = self._file.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)
            found |= {key: np.frombuffer(vector, dtype="<f4") for key, vector in rows}
        return {key: vector for key, vector in found.items() if len(vector) == self.dimensions}

    def close(self) -> None:
        """Close the file."""
        self._file.close()
