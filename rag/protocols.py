"""The four parts that can be replaced. Knows no implementation; `rag.compose` chooses them."""

from collections import abc
from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from rag.types import Hit, ModelInfo, Prompt, Quote, Reading, ReadText, Vectors


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    @property
    def fingerprint(self) -> str:
        """Differs whenever the same text could get another vector."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """How many tokens are read of a text, specials included; the rest would be ignored."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, specials included, without truncation."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions)."""


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(
        self, question: str, *, limit: int, as_of: date | None = None, documents: Collection[int] | None = None
    ) -> list[Hit]:
        """Return at most `limit` hits, best first; nothing published after `as_of`, only out of `documents`."""

    def beside(self, hit: Hit) -> list[Hit]:
        """Return the passages right before and after a hit in its document, as hits of the same score."""


class Reader(Protocol):
    """Finds the words that answer a question in passages."""

    def read(self, question: str, hits: Sequence[Hit], *, limit: int) -> list[Quote]:
        """Return at most `limit` quotes out of `hits`, best first, scores between 0 and 1."""


class Judge(Protocol):
    """A trained reader: judges sentences in their passage, and claims by their quotes."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    def open(self) -> None:
        """Load the model now rather than with the first question."""

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        """Return one reading for each text."""

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each (claim, quote) the probability that the quote supports the claim."""


class Generator(Protocol):
    """Writes text. One request at a time."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    @property
    def context_tokens(self) -> int:
        """Prompt and answer together must fit in this many tokens."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, read as plain text (control words are not special)."""

    def generate(
        self, prompt: Prompt, *, max_tokens: int, grammar: str | None = None
    ) -> abc.Generator[str, None, None]:
        """Yield pieces of text; closing the iterator stops the work.

        `grammar` (GBNF) is the form that the text must have. A generator that cannot hold to it writes freely:
        what is read is checked again.

        Raises:
            GeneratorCrashedError: the process behind it ended; the next call starts a new one.
        """
