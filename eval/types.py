"""The words of an evaluation: texts, cases, records of what was answered, measures, outcomes.

Knows no suite, no formula and no system. Everything needed to score again without asking again is in a `Record`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from eval.stats import Figure
from rag.types import Turn


@dataclass(frozen=True, slots=True)
class Text:
    """A document that a suite brings along. `id` is its name in the library and unique within the suite.

    Where `path` is given the file is read as `rag index` reads it, and only `id` is taken from here.
    """

    id: str
    text: str = ""
    title: str = ""
    outlet: str | None = None
    published: date | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: words of a document (`quote`, verbatim; "" where unknown), or one of its pages."""

    document: str
    quote: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what a right answer holds.

    `expected` are groups of strings: a right answer holds at least one string of every group, and no `forbidden`
    one. `answerable` is False where silence is right. `correction` are groups like `expected`, for an unanswerable
    question with a false premise: an answer that holds them says that the premise is wrong, and is as right as
    silence. `documents` are the ids of the only texts that may be searched (None: all). `type` names the kind of
    question, for figures by kind.
    """

    id: str
    type: str
    question: str
    expected: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    answerable: bool = True
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Turn, ...] = ()
    as_of: date | None = None
    documents: tuple[str, ...] | None = None
    correction: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteRecord:
    """A quote as it was shown: `[start, end)` of the document's text, with who and when where known."""

    document: str
    start: int
    end: int
    text: str
    page: int | None = None
    title: str = ""
    outlet: str | None = None
    published: str | None = None
    speaker: str | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A sentence of the answer and the quotes it rests on; `verbatim` where it is the quote itself.

    `lead` is what the product put before it of what it knows of the source; no quoted words need to carry that.
    `support` are the scores that verifiers gave it when it was shown, by their names.
    """

    text: str
    quotes: tuple[QuoteRecord, ...] = ()
    verbatim: bool = False
    support: Mapping[str, float] = field(default_factory=dict)
    lead: str = ""

    @property
    def shown(self) -> str:
        """Return the sentence under its lead, as a person reads it."""
        return f"{self.lead}: {self.text}" if self.lead else self.text


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A passage that was found: `[start, end)` of the document's text, and its page where there are pages.

    `meets` are the places among the case's evidence of the quotes that it holds, or half of; None where nobody
    looked.
    """

    document: str
    start: int
    end: int
    page: int | None = None
    score: float = 0.0
    meets: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What a system gave for one case. `error` is set where it failed: such a case scores zero everywhere.

    `confidence` says how far the documents seem to answer: higher is surer, whatever the scale; it is there for
    abstentions too. `answer` is "" for an abstention; `short` are those of its first words that are told to be the
    answer, "" where none are. `copies` are other names of documents that lie there twice -> the name that quotes
    and passages have. `scores` are the numbers that a case comes to which is read or judged, not answered.
    `memory_bytes` is what each process had taken at most when the case was done.
    """

    id: str
    type: str
    question: str
    understood: str = ""
    answer: str = ""
    short: str = ""
    abstained: bool = False
    reason: str | None = None
    confidence: float = 0.0
    claims: tuple[ClaimRecord, ...] = ()
    passages: tuple[PassageRecord, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)
    generated: str = ""
    prompt_digests: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    memory_bytes: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None

    @property
    def failed(self) -> bool:
        """True where the system gave nothing that could be scored."""
        return self.error is not None

    def named(self, evidence: Evidence) -> Evidence:
        """Return the evidence under the name that the quotes and passages of this record have."""
        return replace(evidence, document=self.copies.get(evidence.document, evidence.document))


@dataclass(frozen=True, slots=True)
class Row:
    """A case and what a system gave for it."""

    case: Case
    record: Record


PerRow: TypeAlias = Callable[[Row], float | None]
"""From a row to a score, None where the measure does not apply. A failed record is never handed over."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A named figure over the rows of a run.

    `compute` gets all rows and a seed and returns None where no row applies. `per_row` is there where the figure
    is the mean of scores of rows: runs can then be compared case by case.
    """

    name: str
    compute: Callable[[Sequence[Row], int], Figure | None]
    per_row: PerRow | None = None
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """A figure to read ours against: who, how much, where it is printed, and what differs there.

    `published` is False for what we measured ourselves earlier and nobody printed.
    """

    measure: str
    system: str
    value: float
    source: str
    differs: str
    published: bool = True

    @property
    def kind(self) -> str:
        """What it is called wherever it is shown."""
        return "published" if self.published else "earlier, ours"


class Uses(StrEnum):
    """Which models a suite needs: those of answers, the vectors alone, or none."""

    ANSWERS = "answers"
    VECTORS = "vectors"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class AnswerSuite:
    """Questions over texts of their own; or, where `uses` is not answers, things to be read or judged.

    `dropped` counts rows of the data that hold no usable question. `notes` are told beside the figures, and where
    there are no references `no_reference`: why no published figure can stand beside ours.
    """

    name: str
    texts: tuple[Text, ...]
    cases: tuple[Case, ...]
    measures: tuple[Measure, ...]
    references: tuple[Reference, ...] = ()
    dropped: int = 0
    uses: Uses = Uses.ANSWERS
    notes: tuple[str, ...] = ()
    no_reference: str = ""


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A sentence and the words it is said to rest on; `supported` is what people judged. `type` as in `Case`."""

    id: str
    type: str
    claim: str
    evidence: str
    supported: bool


Judge: TypeAlias = Callable[[str, str], float]
"""From a sentence and the words it should rest on to a support score: higher is better, 0.5 and above is a yes."""


@dataclass(frozen=True, slots=True)
class ClaimSuite:
    """Sentences to be judged against given evidence."""

    name: str
    cases: tuple[ClaimCase, ...]
    references: tuple[Reference, ...] = ()
    dropped: int = 0
    no_reference: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of one suite. `failed` of its `n` cases gave nothing and count as zero."""

    suite: str
    n: int
    failed: int
    metrics: Mapping[str, Figure]
    references: tuple[Reference, ...] = ()
    settings: str = ""
    notes: tuple[str, ...] = ()
    no_reference: str = ""
