"""Fakes for unit tests, shipped so that others can test against the same protocols.

Knows no model: HashEmbedder gives near vectors to texts that share words; ScriptedGenerator says what it is told.
"""

import hashlib
from collections import deque
from collections.abc import Generator, Iterable, Sequence

import numpy as np

from rag.errors import GeneratorCrashedError
from rag.text import content_words, words
from rag.types import ModelInfo, Prompt, Segment, Vectors


class HashEmbedder:
    """Each word adds one to a bucket chosen by its hash, so shared words mean near vectors."""

    def __init__(self, dimensions: int = 256, max_tokens: int = 64) -> None:
        self.dimensions = dimensions
        self.max_tokens = max_tokens
        self.info = ModelInfo("embedder", "hash", "0" * 64)
        self.fingerprint = f"hash-{dimensions}"
        self.encoded_texts = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return words plus two specials, as a word-piece model would count short words."""
        return [len(words(text)) + 2 for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), dimensions)."""
        self.encoded_texts += len(texts)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in content_words(text) or [text]:
                bucket = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:4], "big")
                vectors[row, bucket % self.dimensions] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)


class ScriptedGenerator:
    """Answers from a queue of texts and keeps the prompts it was given; CRASH in the queue is a crash."""

    CRASH = object()

    def __init__(self, replies: Iterable[object] = (), context_tokens: int = 2048) -> None:
        self.replies = deque(replies)
        self.prompts: list[Prompt] = []
        self.grammars: list[str | None] = []
        self.context_tokens = context_tokens
        self.info = ModelInfo("generator", "scripted", "1" * 64)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return one token a word and one for each other mark that is not white space."""
        return [sum(1 for char in text if not char.isspace()) // 4 + len(text.split()) for text in texts]

    def count_segments(self, segments: Sequence[Segment]) -> list[int]:
        """Return the tokens of each segment."""
        return self.count_tokens([segment.text for segment in segments])

    def generate(
        self, prompt: Prompt, *, max_tokens: int, grammar: str | None = None
    ) -> Generator[str, None, None]:
        """Yield the next reply word by word, at most `max_tokens` of them; it holds to no grammar."""
        self.prompts.append(prompt)
        self.grammars.append(grammar)
        reply = self.replies.popleft() if self.replies else ""
        if reply is self.CRASH:
            raise GeneratorCrashedError("The scripted generator crashed.", hint="Ask again.")
        for place, word in enumerate(str(reply).split(" ")):
            if place < max_tokens:
                yield word if place == 0 else f" {word}"
