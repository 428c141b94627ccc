"""What an answer is made with, and the answer in the making: the parts, their limits, the time each stage took.

Knows the protocols only.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rag.errors import RagError
from rag.prompting import ChatFormat, FittedPrompt, SegmentCounter
from rag.protocols import Generator, Judge, Reader, Retriever
from rag.types import AnswerStyle, Checks, Claim, Hit, ModelInfo, PromptTemplate, Relation, Source


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that decide how an answer is made."""

    passages: int = 8
    quotes: int = 3
    answer_tokens: int = 160
    max_question_chars: int = 4000
    near_cosine: float = 0.25
    named_cosine: float = 0.45
    verify: bool = True
    # The least probability that the best quote answers, below which the documents do not say; 0 without a judge.
    answering: float = 0.0


@dataclass(frozen=True, slots=True)
class Writer:
    """A generator and what it is told: the template of its style. `count` counts the tokens of segments."""

    generator: Generator
    template: PromptTemplate
    chat: ChatFormat
    count: SegmentCounter
    style: AnswerStyle = AnswerStyle.FULL


def _every_language(question: str) -> bool:
    del question
    return True


def _no_gloss(question: str) -> str | None:
    del question
    return None


def no_notes(sources: Sequence[Source]) -> Sequence[str]:
    """Know nothing of any source but what it says: there are no files behind it."""
    del sources
    return ()


@dataclass(frozen=True, slots=True)
class Parts:
    """All that an answer needs; `writer` is None where quotes alone are wanted, `judge` without training.

    `knows` tells whether the embedder knows the words of a question, `in_english` puts one that it does not know
    into English words where that can be done; `notes_on` tells what a person should know of the
    sources that an answer cites.
    """

    retriever: Retriever
    reader: Reader
    writer: Writer | None
    limits: Limits = Limits()
    models: tuple[ModelInfo, ...] = ()
    judge: Judge | None = None
    knows: Callable[[str], bool] = _every_language
    in_english: Callable[[str], str | None] = _no_gloss
    notes_on: Callable[[Sequence[Source]], Sequence[str]] = no_notes


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to the stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(slots=True)
class Draft:
    """An answer in the making: `understood` is the whole question, `asked` the part that is being answered.

    `of_two`: two documents were chosen to be asked.
    """

    question: str
    asked: str
    understood: str = ""
    of_two: bool = False
    hits: tuple[Hit, ...] = ()
    claims: list[Claim] = field(default_factory=list)
    relation: Relation = Relation.ONE
    fitted: FittedPrompt | None = None
    prompt_tokens: int = 0
    generated: list[str] = field(default_factory=list)
    checks: Checks = field(default_factory=Checks)
    warnings: list[str] = field(default_factory=list)
    # How likely the best quote answers; without a judge nobody knows.
    likeliest: float | None = None

    def warn(self, error: RagError) -> None:
        """Tell the person what went wrong, and what to do, beside the answer."""
        self.warnings.append(f"{error.message} {error.hint}")

    def kept(self, pieces: Iterator[str]) -> Iterator[str]:
        """Pass on what the generator writes, and keep it."""
        for piece in pieces:
            self.generated.append(piece)
            yield piece

    def count(self, check: str, times: int = 1) -> None:
        """Add to one of the counters of `checks`."""
        self.checks = replace(self.checks, **{check: getattr(self.checks, check) + times})
