"""The embedder: the only import of sentence_transformers. Knows models and vectors, no documents.

`prepare_environment` must have run before (see rag.models): offline variables and thread policy are read
when torch is imported.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError
from rag.types import ModelInfo, Vectors

# Files of other kinds can run code when they are loaded.
_REFUSED_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".py")


def check_folder(folder: Path) -> None:
    """Refuse a model folder that could run code or has no safetensors weights.

    Raises:
        ModelError: the folder is missing, holds pickled weights or Python files, or no weights at all.
    """
    if not folder.is_dir():
        raise ModelError(
            f"There is no embedder folder at {folder}.",
            hint="Give the folder of a sentence-transformers model, or leave out --embedder for the default.",
        )
    names = [path.name for path in folder.rglob("*") if path.is_file()]
    unsafe = sorted(name for name in names if name.lower().endswith(_REFUSED_SUFFIXES))
    if unsafe:
        raise ModelError(
            f"The embedder folder {folder} holds files that could run code: {', '.join(unsafe[:3])}.",
            hint="Use a copy of the model with model.safetensors and without these files.",
        )
    if "modules.json" not in names or not any(name.endswith(".safetensors") for name in names):
        raise ModelError(
            f"{folder} is not a sentence-transformers model: modules.json or model.safetensors is missing.",
            hint="Download the whole model folder, or leave out --embedder for the default.",
        )


class SentenceTransformerEmbedder:
    """A sentence-transformers model on the CPU, read from a folder; never from a hub."""

    def __init__(self, folder: Path, info: ModelInfo, *, threads: int, batch_size: int = 32) -> None:
        check_folder(folder)
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
        torch.set_num_threads(threads)
        try:
            self._model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The embedder in {folder} cannot be loaded: {error}",
                hint="Download the model folder again, or leave out --embedder for the default.",
            ) from error
        self._batch_size = batch_size
        self.info = info
        self.max_tokens = int(self._model.max_seq_length)
        self.dimensions = int(self._model.get_embedding_dimension())
        self.fingerprint = _fingerprint(folder, info)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the word pieces of each text, specials included, without truncation."""
        if not texts:
            return []
        encoded = self._model.tokenizer(list(texts), truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), dimensions). The library batches by length itself."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self._model.encode(
            list(texts),
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def _fingerprint(folder: Path, info: ModelInfo) -> str:
    """Hash the weights, tokenizer and configuration files: any change can change a vector."""
    digest = hashlib.sha256(info.sha256.encode())
    for path in sorted(folder.rglob("*.json")) + sorted(folder.rglob("vocab.txt")):
        if path.name != "data_config.json":  # describes the training data only
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
