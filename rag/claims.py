"""From positions to claims: what the generator writes of their quotes, and the quote itself where that fails.

Every claim rests on a quote. What is written is shown only where a quote supports it. Knows the protocols only.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from rag.citations import Cited, parse_sentence, stream_sentences
from rag.errors import GeneratorCrashedError
from rag.evidence import holds_what_is_asked
from rag.parts import Clock, Draft, Limits, Parts, Writer
from rag.positions import CLOSE, Position, Positions
from rag.prompting import FittedPrompt, Room, fit_prompt, quote_prompt
from rag.protocols import Judge
from rag.speakers import asks_for_speaker, attributed, told
from rag.text import one_line
from rag.types import AnswerStyle, Claim, Quote, Relation
from rag.verify import supports

# A sentence that says what a quote says takes no more tokens than this; a longer one is no short answer.
_SENTENCE_TOKENS = 64
# The probability from which a quote is taken to support a sentence.
_SUPPORTED = 0.5


def claims_of(
    draft: Draft, found: Positions, *, quotes: Sequence[Quote], parts: Parts, clock: Clock
) -> Iterator[Claim]:
    """Yield a claim for each position; of a single one, in style "full", all that the generator writes."""
    writer = parts.writer
    if found.relation is Relation.ONE and writer is not None and writer.style is AnswerStyle.FULL:
        yield from _full(draft, quotes, parts, clock)
        return
    for place, position in enumerate(found.positions):
        if found.relation is Relation.NEWEST and place > 0 and position.value is not None:
            yield _earlier(position, position.value)
            continue
        claim = _claim(draft, position.quotes[0], parts, clock)
        yield _dated(claim, found.relation)


def _claim(draft: Draft, quote: Quote, parts: Parts, clock: Clock) -> Claim:
    short = parts.writer is not None and parts.writer.style is AnswerStyle.SHORT
    return _short_claim(draft, quote, parts, clock) if short else quoted(quote)


def _dated(claim: Claim, relation: Relation) -> Claim:
    """Return the claim with what tells it from others: the day where the newest counts, who where they differ."""
    source = claim.quotes[0].source
    day = source.published.isoformat() if source.published else "undated"
    if relation is Relation.NEWEST:
        return replace(claim, lead=f"As of {day}")
    if relation is Relation.DIFFER:
        return replace(claim, lead=f"{one_line(source.outlet or source.title)} ({day})")
    return claim


def _earlier(position: Position, value: str) -> Claim:
    """Return what documents said before the newest one, by its value alone."""
    day = position.latest.isoformat() if position.latest else "undated"
    return Claim(value, position.quotes[:1], verbatim=False, lead=f"Earlier documents ({day})")


def _full(draft: Draft, quotes: Sequence[Quote], parts: Parts, clock: Clock) -> Iterator[Claim]:
    """Yield the generator's sentences that a good quote supports, and the best quote if none rests on it."""
    best = [quote for quote in quotes if quote.score >= quotes[0].score * CLOSE]
    used: set[Quote] = set()
    for cited in _written(draft, parts, clock):
        assert draft.fitted is not None
        verified = _support(cited, best, draft.fitted)
        quote = verified if parts.limits.verify else verified or _cited(cited, best, draft.fitted)
        if quote is None:
            draft.count("unsupported_sentences")
        elif (
            parts.limits.verify and parts.judge is not None and not _is_judged_supported(cited, quote, parts.judge)
        ):
            draft.count("doubted_sentences")
        elif quote in used:
            draft.count("repeated_sentences")
        else:
            used.add(quote)
            yield _said(cited.text, quote)
    if best[0] not in used:
        yield quoted(best[0])


def quoted(quote: Quote) -> Claim:
    """Return the quote as a claim of its own, with its speaker where it is somebody's words."""
    return Claim(attributed(quote), (quote,), verbatim=True)


def _said(sentence: str, quote: Quote) -> Claim:
    """Return a sentence as a claim that rests on a quote, with the quote's speaker where it does not name them."""
    if sentence == one_line(quote.text):
        return quoted(quote)
    return Claim(told(sentence, quote), (quote,), verbatim=False)


def _short_claim(draft: Draft, quote: Quote, parts: Parts, clock: Clock) -> Claim:
    """Return the generator's sentence where the quote supports it, else the quote itself.

    Who said something is told by the quote alone: a rewritten one may lose or swap the speaker.
    """
    if asks_for_speaker(draft.asked):
        return quoted(quote)
    with clock.stage("generate"):
        cited = _sentence_from(draft, quote, parts)
    verbatim = quoted(quote)
    if cited is None:
        return verbatim
    if parts.limits.verify and not _is_supported(cited, quote):
        draft.count("unsupported_sentences")
        return verbatim
    if parts.limits.verify and parts.judge is not None and not _is_judged_supported(cited, quote, parts.judge):
        draft.count("doubted_sentences")
        return verbatim
    if parts.limits.verify and _loses_answer(draft.asked, cited, quote):
        draft.count("answerless_sentences")
        return verbatim
    return _said(cited.text, quote)


def _loses_answer(question: str, cited: Cited, quote: Quote) -> bool:
    """Return whether the quote has a number, date or name as the question asks for, and the sentence has none."""
    return bool(holds_what_is_asked(question, quote.text)) and not holds_what_is_asked(question, cited.text)


def _sentence_from(draft: Draft, quote: Quote, parts: Parts) -> Cited | None:
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


def _fit(draft: Draft, writer: Writer, limits: Limits) -> FittedPrompt:
    room = Room(writer.generator.context_tokens - limits.answer_tokens, writer.count)
    return fit_prompt(writer.template, writer.chat, question=draft.asked, hits=draft.hits, room=room)


def _written(draft: Draft, parts: Parts, clock: Clock) -> Iterator[Cited]:
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


def _is_judged_supported(cited: Cited, quote: Quote, judge: Judge) -> bool:
    """Return whether the trained reader takes the sentence to follow from its quote; a part of the quote does."""
    if one_line(cited.text).rstrip(".") in one_line(quote.text):
        return True
    (support,) = judge.support([(cited.text, f"{quote.source.title}. {one_line(quote.text)}")])
    return support >= _SUPPORTED


def _cited(cited: Cited, quotes: Sequence[Quote], fitted: FittedPrompt) -> Quote:
    """Return the best quote of a passage that the sentence names, the best of all where it names none of them."""
    named = {fitted.hits[number - 1].passage.id for number in cited.numbers}
    return next((quote for quote in quotes if quote.passage_id in named), quotes[0])
