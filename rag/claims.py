"""From positions to claims: what the generator writes of their quotes, and the quote itself where that fails.

Every claim rests on a quote. What is written is shown only where a quote supports it. Knows the protocols only.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from rag.asked import AnswerKind, analyse
from rag.citations import Cited, parse_sentence, stream_sentences
from rag.claims_full import full_claims
from rag.errors import GeneratorCrashedError
from rag.evidence import ends_like_sentence, holds_what_is_asked
from rag.parts import Clock, Draft, Parts
from rag.positions import Position, Positions
from rag.prompting import quote_prompt
from rag.speakers import asks_for_speaker
from rag.supported import can_be_shortened, is_judged_supported, is_shortened, said
from rag.supported import quoted as quoted
from rag.text import content_words, one_line
from rag.told_days import told_days
from rag.types import AnswerStyle, Claim, Quote, Relation

# A sentence that says what a quote says takes no more tokens than this; a longer one is no short answer.
SENTENCE_TOKENS = 64
# A quote of so many words is as short as what would be written of it.
SHORT_WORDS = 20


def claims_of(
    draft: Draft, found: Positions, *, quotes: Sequence[Quote], parts: Parts, clock: Clock
) -> Iterator[Claim]:
    """Yield a claim for each position; of a single one, in style "full", all that the generator writes."""
    made = _made(draft, found, quotes=quotes, parts=parts, clock=clock)
    yield from map(_with_days, made) if analyse(draft.asked).kind is AnswerKind.DATE else made


def _made(
    draft: Draft, found: Positions, *, quotes: Sequence[Quote], parts: Parts, clock: Clock
) -> Iterator[Claim]:
    writer = parts.writer
    if found.relation is Relation.ONE and writer is not None and writer.style is AnswerStyle.FULL:
        yield from full_claims(draft, quotes, parts=parts, clock=clock)
        return
    for place, position in enumerate(found.positions):
        if found.relation is Relation.NEWEST and place > 0 and position.value is not None:
            yield _earlier(position, position.value)
            continue
        yield _dated(_claim(draft, position.quotes[0], parts, clock), found.relation)


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


def _with_days(claim: Claim) -> Claim:
    """Return the claim with the days that its words name by where they stood: "on Friday" is a date there."""
    told = [day for quote in claim.quotes for day in told_days(quote, shown=one_line(claim.text))]
    return replace(claim, lead="; ".join(filter(None, (claim.lead, *told))))


def _earlier(position: Position, value: str) -> Claim:
    """Return what documents said before the newest one, by its value alone."""
    # The day is that of the words that are cited, not of whatever newer text tells the same.
    day = position.quotes[0].source.published
    told = day.isoformat() if day else "undated"
    return Claim(value, position.quotes[:1], verbatim=False, lead=f"Earlier documents ({told})")


def _short_claim(draft: Draft, quote: Quote, parts: Parts, clock: Clock) -> Claim:
    """Return the generator's sentence where it is the quote shortened, else the quote itself.

    In words of its own a small generator says what no quote says, and no check sees enough of it: of 121 such
    sentences of the public sets 34 were read to be wrong. Who said something is told by the quote alone: a
    rewritten one may lose or swap the speaker. So is what is short.
    """
    if asks_for_speaker(draft.asked) or len(quote.text.split()) <= SHORT_WORDS:
        return quoted(quote)
    with clock.stage("generate"):
        cited = _sentence_from(draft, quote, parts)
    verbatim = quoted(quote)
    if cited is None:
        return verbatim
    # What ends in the middle was cut off by the limit of tokens, or where it left the words of the quote.
    if parts.limits.verify and not (ends_like_sentence(cited.text) and is_shortened(cited.text, quote)):
        draft.count("unsupported_sentences")
        return verbatim
    if (
        parts.limits.verify
        and parts.judge is not None
        and not is_judged_supported(cited.text, quote, judge=parts.judge)
    ):
        draft.count("doubted_sentences")
        return verbatim
    if parts.limits.verify and _loses_answer(draft.asked, cited, quote):
        draft.count("answerless_sentences")
        return verbatim
    return said(cited.text, quote)


def _loses_answer(question: str, cited: Cited, quote: Quote) -> bool:
    """Return whether the quote has words that answer, or may, or a number, date or name as the question asks for,
    and the sentence has none: "the ambassador in Moscow" does not say who that is.
    """
    told = quote.answer or quote.likely
    if told is not None:
        return not set(content_words(quote.text[slice(*told)])) & set(content_words(cited.text))
    return bool(holds_what_is_asked(question, quote.text)) and not holds_what_is_asked(question, cited.text)


def _sentence_from(draft: Draft, quote: Quote, parts: Parts) -> Cited | None:
    """Return the first sentence that the generator makes of a quote, None where it makes none."""
    writer = parts.writer
    assert writer is not None
    prompt = quote_prompt(writer.template, writer.chat, quote=quote.text, question=draft.asked)
    try:
        draft.prompt_tokens = sum(writer.count(prompt))
        if draft.prompt_tokens + SENTENCE_TOKENS > writer.generator.context_tokens:
            draft.warnings.append("The quote does not fit the generator's context: it is shown as it is.")
            return None
        with closing(writer.generator.generate(prompt, max_tokens=SENTENCE_TOKENS)) as pieces:
            kept = draft.kept(pieces)
            sentence = next(stream_sentences(_while_shortened(kept, quote) if parts.limits.verify else kept), "")
    except GeneratorCrashedError as error:
        draft.warn(error)
        return None
    cited = parse_sentence(sentence, 1)
    return cited if cited.text else None


def _while_shortened(pieces: Iterator[str], quote: Quote) -> Iterator[str]:
    """Yield the pieces up to the first word that the quote does not have: what follows is not worth waiting for,
    the sentence will be dropped.
    """
    text = ""
    for piece in pieces:
        text += piece
        yield piece
        if not can_be_shortened(parse_sentence(text, 1).text, quote):
            return
