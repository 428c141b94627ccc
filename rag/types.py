"""The words of the domain: documents, passages, hits, quotes, claims, answers.

Imports nothing of ours. All spans are half-open [start, end) character offsets into `Document.text`.
All scores: higher is better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Shape (n, dimensions), float32, rows of length 1."""

Span: TypeAlias = tuple[int, int]
"""Half-open [start, end) in characters."""


class FileStatus(StrEnum):
    """What became of a file: everything but READY names something a person can act on."""

    READY = "ready"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    REMOVED = "removed"


class AbstainReason(StrEnum):
    """Why no answer was given."""

    NOTHING_NEAR = "nothing_near"
    NO_DOCUMENTS = "no_documents"
    NONE_CHOSEN = "none_chosen"
    NOT_SAID = "not_said"
    FALSE_PREMISE = "false_premise"
    UNKNOWN_LANGUAGE = "unknown_language"


class AnswerStyle(StrEnum):
    """How an answer is written: only quotes, one sentence from one quote at a time, or all of it at once."""

    QUOTES = "quotes"
    SHORT = "short"
    FULL = "full"


class LeftOutReason(StrEnum):
    """Why a retrieved passage was not read by the generator."""

    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document: `number` counts from 1, `label` is what is printed on it."""

    number: int
    label: str
    start: int
    end: int


def page_at(pages: Sequence[Page], offset: int) -> Page | None:
    """Return the page that holds the character at `offset`, None where no page does."""
    return next((page for page in pages if page.start <= offset < page.end), None)


@dataclass(frozen=True, slots=True)
class RemovedBlock:
    """Words of a file that are not in its document's text: the menu of a web page, links to other articles."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what is known about where it comes from. Unknown stays None."""

    sha256: str
    text: str
    title: str
    media_type: str
    outlet: str | None = None
    author: str | None = None
    published: date | None = None
    language: str | None = None
    pages: tuple[Page, ...] = ()
    removed: tuple[RemovedBlock, ...] = ()

    def page_at(self, offset: int) -> Page | None:
        """Return the page that holds the character at `offset`, None where the format has no pages."""
        return page_at(self.pages, offset)


@dataclass(frozen=True, slots=True)
class Noise:
    """A part of a document that is no text of its own: navigation, teasers, share buttons. Kept on record."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words that a source says: `[start, end)` is the content, `verbatim` where it stands in quotation marks.

    `speaker` is the name as far as the text gives it, `role` the office or party, `cue` the verb ("told").
    `[speaker_start, speaker_end)` are the words that name the speaker here ("he"), `[cue_start, cue_end)` the cue.
    """

    start: int
    end: int
    speaker: str
    role: str | None
    cue: str
    verbatim: bool
    speaker_start: int
    speaker_end: int
    cue_start: int
    cue_end: int


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says a quote, as far as the text tells: name, office or party, the verb, and whether word for word.

    `attribution` is where the text says so; its words reach from the first to the last piece around a tag.
    """

    name: str
    role: str | None
    cue: str
    verbatim: bool
    attribution: Attribution | None = None


@dataclass(frozen=True, slots=True)
class DateMention:
    """A time that the text names, as the days from `first` to `last`, both included."""

    start: int
    end: int
    text: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one document; `text == document.text[start:end]`."""

    id: int
    document_id: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader needs to know about a document: everything but its text.

    `names` are its files relative to the folders that were indexed; `paths` are absolute and not shown.
    `story` is the same number for documents that tell one story with small edits, None for one that stands alone.
    """

    document_id: int
    names: tuple[str, ...]
    paths: tuple[str, ...]
    title: str
    outlet: str | None
    author: str | None
    published: date | None
    language: str | None
    pages: tuple[Page, ...]
    story: int | None = None

    @property
    def handle(self) -> str:
        """Return its number as a person reads and types it, "d5": a bare 5 may be a passage."""
        return f"d{self.document_id}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. `dense` is a cosine, `lexical` a BM25 (0 where no term is shared).

    `attributions` are those that touch the passage, `mentions` are in it; their spans are in the document's text.
    """

    passage: Passage
    source: Source
    score: float
    dense: float
    lexical: float
    attributions: tuple[Attribution, ...] = ()
    mentions: tuple[DateMention, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Exact words of a document: `[start, end)` of its text, with page, date, speaker and times where known.

    `answer` are the words of `text` that answer, as offsets in it, where the reader can tell them; `likely` are
    those that it would choose if it had to.
    """

    number: int
    source: Source
    passage_id: int
    start: int
    end: int
    page: Page | None
    text: str
    score: float
    speaker: Speaker | None = None
    answer: Span | None = None
    likely: Span | None = None
    mentions: tuple[DateMention, ...] = ()

    @property
    def answering(self) -> str:
        """Return the words that answer, known or likely; "" where no words are told apart."""
        span = self.answer or self.likely
        return self.text[slice(*span)] if span else ""


@dataclass(frozen=True, slots=True)
class ReadText:
    """What the trained reader reads at once: the sentences of a passage under its document's title and day."""

    title: str
    sentences: tuple[str, ...]
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the trained reader makes of one passage, in probabilities: does any sentence answer, does each of them.

    `spans` are the words of each that would be the answer.
    """

    answered: float
    sentences: tuple[float, ...]
    spans: tuple[Span | None, ...]


class Relation(StrEnum):
    """How the claims of an answer stand to each other: one answer in one or more sentences; items of a list; the
    newest first and what was said before it; or positions that differ.
    """

    ONE = "one"
    LIST = "list"
    NEWEST = "newest"
    DIFFER = "differ"


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer and the quotes it rests on.

    `verbatim` where it is the quote itself, with its speaker where the quote does not name them. `lead` tells it
    from other claims by what is known of its source ("As of 2025-10-21") and which day "on Friday" was there.
    """

    text: str
    quotes: tuple[Quote, ...]
    verbatim: bool
    lead: str = ""

    @property
    def shown(self) -> str:
        """Return the sentence under its lead, as a person reads it."""
        return f"{self.lead}: {self.text}" if self.lead else self.text


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A passage that was found but not given to the generator."""

    passage_id: int
    document: str
    reason: LeftOutReason


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model took part: its name and the SHA-256 of its weights."""

    role: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of the conversation and the answer it got."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in which conversation, as of which day (None: now), of which documents (None: of all)."""

    text: str
    history: tuple[Turn, ...] = ()
    as_of: date | None = None
    documents: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """What was thrown away before a person saw the answer, counted.

    `rewritten_sentences` are unsupported and doubted ones whose second attempt passed; `declined_answers` counts
    that the generator wrote that no quote answers.
    """

    unknown_citations: int = 0
    unsupported_sentences: int = 0
    repeated_sentences: int = 0
    answerless_sentences: int = 0
    doubted_sentences: int = 0
    rewritten_sentences: int = 0
    declined_answers: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The one answer object: the terminal, `--json`, the chat and the evaluation all render this.

    `generated` is what the model wrote before any check; `generated_tokens` counts the pieces it came in (a
    character that takes several tokens comes as one piece). `understood` is the question with what earlier turns
    add to it. `confidence` is the probability that the best sentence answers; without the trained reader the best
    cosine of a passage, which is not yet whether it answers. An abstention has one too.
    """

    question: str
    claims: tuple[Claim, ...]
    abstain_reason: AbstainReason | None
    hits: tuple[Hit, ...]
    left_out: tuple[LeftOut, ...]
    models: tuple[ModelInfo, ...]
    prompt_digests: Mapping[str, str]
    checks: Checks = Checks()
    generated: str = ""
    prompt_tokens: int = 0
    generated_tokens: int = 0
    understood: str = ""
    relation: Relation = Relation.ONE
    confidence: float = 0.0
    warnings: tuple[str, ...] = ()
    timings_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        """True where the documents do not say."""
        return self.abstain_reason is not None

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Return each quote once, in the order of the answer."""
        return tuple(dict.fromkeys(quote for claim in self.claims for quote in claim.quotes))


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a prompt. Only our own template marks are `control`; all else is plain text to the model."""

    text: str
    control: bool = False


Prompt: TypeAlias = tuple[Segment, ...]
"""Segments are tokenised one by one and joined, so that their counts add up exactly."""


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A task for the generator: fixed `system` words, and a `user` text with $placeholders."""

    name: str
    system: str
    user: str
    digest: str
