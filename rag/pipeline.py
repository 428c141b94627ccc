"""From a question to an answer: the whole story, in the order in which things happen.

Knows the protocols only. Every claim that leaves here rests on a quote; what the generator writes is shown only
where a quote supports it, and replaced by the quote where none does.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from rag.citations import Cited, parse_sentence, stream_sentences
from rag.errors import GeneratorCrashedError, QuestionError
from rag.evidence import holds_what_is_asked
from rag.followup import resolve
from rag.prompting import ChatFormat, FittedPrompt, Room, SegmentCounter, fit_prompt, quote_prompt
from rag.protocols import Generator, Reader, Retriever
from rag.speakers import asks_for_speaker, attributed, told
from rag.text import clean, content_words, names, one_line
from rag.types import (
    AbstainReason,
    Answer,
    AnswerStyle,
    Checks,
    Claim,
    Hit,
    ModelInfo,
    PromptTemplate,
    Question,
    Quote,
)
from rag.verify import supports

# A quote may carry a claim of its own when its score is at least this share of the best one's.
_CLOSE = 0.85
# A sentence that says what a quote says takes no more tokens than this; a longer one is no short answer.
_SENTENCE_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that decide how an answer is made."""

    passages: int = 5
    quotes: int = 3
    answer_tokens: int = 160
    max_question_chars: int = 4000
    near_cosine: float = 0.25
    named_cosine: float = 0.45
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Writer:
    """A generator and what it is told: the template of its style. `count` counts the tokens of segments."""

    generator: Generator
    template: PromptTemplate
    chat: ChatFormat
    count: SegmentCounter
    style: AnswerStyle = AnswerStyle.FULL


@dataclass(frozen=True, slots=True)
class Parts:
    """All that an answer needs; `writer` is None where quotes alone are wanted."""

    retriever: Retriever
    reader: Reader
    writer: Writer | None
    limits: Limits = Limits()
    models: tuple[ModelInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Retrieval has ended: these are the passages."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim has passed its checks."""

    claim: Claim


Event: TypeAlias = Found | Claimed | Answer


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
class _Draft:
    """An answer in the making."""

    question: str
    asked: str
    hits: tuple[Hit, ...] = ()
    claims: list[Claim] = field(default_factory=list)
    fitted: FittedPrompt | None = None
    prompt_tokens: int = 0
    generated: list[str] = field(default_factory=list)
    checks: Checks = field(default_factory=Checks)
    warnings: list[str] = field(default_factory=list)

    def count(self, check: str, times: int = 1) -> None:
        """Add to one of the counters of `checks`."""
        self.checks = replace(self.checks, **{check: getattr(self.checks, check) + times})


def answer(question: Question, parts: Parts) -> Answer:
    """Return the answer.

    Raises:
        QuestionError: the question is empty or too long.
    """
    for event in stream(question, parts):
        if isinstance(event, Answer):
            return event
    raise AssertionError


def stream(question: Question, parts: Parts) -> Iterator[Event]:
    """Yield what was found, each claim once it is checked, and the answer at the end.

    Raises:
        QuestionError: the question is empty or too long.
    """
    clock = Clock()
    asked = normalise_question(question.text, parts.limits.max_question_chars)
    asked = resolve(asked, question.history)
    draft = _Draft(question=one_line(clean(question.text)), asked=asked)
    with clock.stage("retrieve"):
        found = parts.retriever.search(
            asked, limit=parts.limits.passages, as_of=question.as_of, documents=question.documents
        )
        draft.hits = tuple(found)
    reason = _reason_to_abstain(asked, draft.hits, parts.limits)
    yield Found(draft.hits)
    if reason is None:
        with clock.stage("read"):
            readable = _dated_first(draft.hits) if question.as_of else draft.hits
            quotes = parts.reader.read(asked, readable, limit=parts.limits.quotes)
        for claim in _claims(draft, quotes, parts, clock):
            numbered = _numbered(claim, draft.claims)
            draft.claims.append(numbered)
            yield Claimed(numbered)
        if not draft.claims:
            reason = AbstainReason.NOTHING_NEAR
    yield _finished(draft, reason, parts, clock.seconds)


def normalise_question(text: str, max_chars: int) -> str:
    """Return the question on one line without invisible characters.

    Raises:
        QuestionError: nothing is left, or it is longer than `max_chars`.
    """
    asked = one_line(clean(text))
    if not any(char.isalnum() for char in asked):
        raise QuestionError("The question is empty.", hint='Type it in quotes: rag ask "Who signed it?"')
    if len(asked) > max_chars:
        raise QuestionError(
            f"The question has {len(asked):,} characters; {max_chars:,} are read.",
            hint="Ask a shorter question, and put long texts into a document.",
        )
    return asked


def _reason_to_abstain(question: str, hits: Sequence[Hit], limits: Limits) -> AbstainReason | None:
    """Decide from retrieval whether the question is off-topic.

    It is when no vector is near and no word of it was found, or no vector is quite near and none of its names.
    """
    if not hits:
        return AbstainReason.NO_DOCUMENTS
    nearest = max(hit.dense for hit in hits)
    found = {word for hit in hits for word in content_words(f"{hit.source.title} {hit.passage.text}")}
    named = names(question)
    if nearest < limits.near_cosine and not found & set(content_words(question)):
        return AbstainReason.NOTHING_NEAR
    if nearest < limits.named_cosine and named and not found & named:
        return AbstainReason.NOTHING_NEAR
    return None


def _dated_first(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return the dated hits, all where none has a date: nobody knows whether undated words stood on that day."""
    return tuple(hit for hit in hits if hit.source.published) or hits


def _claims(draft: _Draft, quotes: list[Quote], parts: Parts, clock: Clock) -> Iterator[Claim]:
    """Yield the generator's sentences that a good quote supports, and the best quote if none rests on it."""
    if not quotes:
        return
    if parts.writer is not None and parts.writer.style is AnswerStyle.SHORT:
        yield _short_claim(draft, quotes[0], parts, clock)
        return
    best = [quote for quote in quotes if quote.score >= quotes[0].score * _CLOSE]
    used: set[Quote] = set()
    if parts.writer is not None:
        for cited in _written(draft, parts, clock):
            assert draft.fitted is not None
            verified = _support(cited, best, draft.fitted)
            quote = verified if parts.limits.verify else verified or _cited(cited, best, draft.fitted)
            if quote is None:
                draft.count("unsupported_sentences")
            elif quote in used:
                draft.count("repeated_sentences")
            else:
                used.add(quote)
                yield _said(cited.text, quote)
    if best[0] not in used:
        yield _quoted(best[0])


def _quoted(quote: Quote) -> Claim:
    """Return the quote as a claim of its own, with its speaker where it is somebody's words."""
    return Claim(attributed(quote), (quote,), verbatim=True)


def _said(sentence: str, quote: Quote) -> Claim:
    """Return a sentence as a claim that rests on a quote, with the quote's speaker where it does not name them."""
    if sentence == one_line(quote.text):
        return _quoted(quote)
    return Claim(told(sentence, quote), (quote,), verbatim=False)


def _short_claim(draft: _Draft, quote: Quote, parts: Parts, clock: Clock) -> Claim:
    """Return the generator's sentence where the quote supports it, else the quote itself.

    Who said something is told by the quote alone: a rewritten one may lose or swap the speaker.
    """
    if asks_for_speaker(draft.asked):
        return _quoted(quote)
    with clock.stage("generate"):
        cited = _sentence_from(draft, quote, parts)
    verbatim = _quoted(quote)
    if cited is None:
        return verbatim
    if parts.limits.verify and not _is_supported(cited, quote):
        draft.count("unsupported_sentences")
        return verbatim
    if parts.limits.verify and _loses_answer(draft.asked, cited, quote):
        draft.count("answerless_sentences")
        return verbatim
    return _said(cited.text, quote)


def _loses_answer(question: str, cited: Cited, quote: Quote) -> bool:
    """Return whether the quote has a number, date or name as the question asks for, and the sentence has none."""
    return bool(holds_what_is_asked(question, quote.text)) and not holds_what_is_asked(question, cited.text)


def _sentence_from(draft: _Draft, quote: Quote, parts: Parts) -> Cited | None:
    """Return the first sentence that the generator makes of a quote, None where it makes none."""
    writer = parts.writer
    assert writer is not None
    prompt = quote_prompt(writer.template, writer.chat, quote=quote.text, question=draft.asked)
    try:
        draft.prompt_tokens = sum(writer.count(prompt))
        if draft.prompt_tokens + _SENTENCE_TOKENS > writer.generator.context_tokens:
            draft.warnings.append("The quote does not fit the generator's context: it is shown as it is.")
            return None
        with closing(writer.generator.generate(prompt, max_tokens=_SENTENCE_TOKENS)) as pieces:
            sentence = next(stream_sentences(_kept(pieces, draft.generated)), "")
    except GeneratorCrashedError as error:
        draft.warnings.append(f"{error.message} {error.hint}")
        return None
    cited = parse_sentence(sentence, 1)
    return cited if cited.text else None


def _fit(draft: _Draft, writer: Writer, limits: Limits) -> FittedPrompt:
    room = Room(writer.generator.context_tokens - limits.answer_tokens, writer.count)
    return fit_prompt(writer.template, writer.chat, question=draft.asked, hits=draft.hits, room=room)


def _written(draft: _Draft, parts: Parts, clock: Clock) -> Iterator[Cited]:
    """Yield what the generator writes, sentence by sentence; a crash ends the writing, not the answer."""
    assert parts.writer is not None
    try:
        with clock.stage("fit"):
            draft.fitted = _fit(draft, parts.writer, parts.limits)
    except GeneratorCrashedError as error:
        draft.warnings.append(f"{error.message} {error.hint}")
        return
    draft.prompt_tokens = draft.fitted.tokens
    if not draft.fitted.hits:
        draft.warnings.append("No passage fits the generator's context: the answer is quotes only.")
        return
    pieces = parts.writer.generator.generate(draft.fitted.prompt, max_tokens=parts.limits.answer_tokens)
    sentences = stream_sentences(_kept(pieces, draft.generated))
    given = len(draft.fitted.hits)
    while True:
        try:
            with clock.stage("generate"):
                sentence = next(sentences, None)
        except GeneratorCrashedError as error:
            draft.warnings.append(f"{error.message} {error.hint}")
            return
        if sentence is None:
            return
        cited = parse_sentence(sentence, given)
        draft.count("unknown_citations", cited.unknown)
        if cited.text:
            yield cited


def _kept(pieces: Iterator[str], store: list[str]) -> Iterator[str]:
    for piece in pieces:
        store.append(piece)
        yield piece


def _support(cited: Cited, quotes: Sequence[Quote], fitted: FittedPrompt) -> Quote | None:
    """Return the best quote that supports the sentence; if it names passages, only quotes from those."""
    named = {fitted.hits[number - 1].passage.id for number in cited.numbers}
    for quote in quotes:
        if (not named or quote.passage_id in named) and _is_supported(cited, quote):
            return quote
    return None


def _is_supported(cited: Cited, quote: Quote) -> bool:
    # Of the date only the year: its day and month would pass for any other number of the sentence.
    year = quote.source.published.year if quote.source.published else ""
    who = f"{quote.speaker.name} {quote.speaker.role or ''}" if quote.speaker else ""
    return supports(cited.text, quote.text, header=f"{quote.source.title} {year} {who}")


def _cited(cited: Cited, quotes: Sequence[Quote], fitted: FittedPrompt) -> Quote:
    """Return the best quote of a passage that the sentence names, the best of all where it names none of them."""
    named = {fitted.hits[number - 1].passage.id for number in cited.numbers}
    return next((quote for quote in quotes if quote.passage_id in named), quotes[0])


def _numbered(claim: Claim, earlier: Sequence[Claim]) -> Claim:
    """Number the quotes of a claim in the order of the answer, from 1."""
    numbers = {(quote.passage_id, quote.start): quote.number for before in earlier for quote in before.quotes}
    quotes = []
    for quote in claim.quotes:
        number = numbers.setdefault((quote.passage_id, quote.start), len(numbers) + 1)
        quotes.append(replace(quote, number=number))
    return replace(claim, quotes=tuple(quotes))


def _finished(draft: _Draft, reason: AbstainReason | None, parts: Parts, seconds: Mapping[str, float]) -> Answer:
    fitted = draft.fitted
    digests = {parts.writer.template.name: parts.writer.template.digest} if parts.writer else {}
    return Answer(
        question=draft.question,
        understood=draft.asked,
        claims=tuple(draft.claims),
        abstain_reason=reason,
        hits=draft.hits,
        left_out=fitted.left_out if fitted else (),
        models=parts.models,
        prompt_digests=digests,
        checks=draft.checks,
        generated="".join(draft.generated),
        prompt_tokens=draft.prompt_tokens,
        generated_tokens=len(draft.generated),
        confidence=max((hit.dense for hit in draft.hits), default=0.0),
        warnings=tuple(draft.warnings),
        timings_seconds={name: round(value, 4) for name, value in seconds.items()},
    )
