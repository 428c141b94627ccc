"""A whole answer at once: a capable generator chooses from numbered quotes and writes sentences on them.

Every sentence is checked against the quote that it names, written again once from that quote alone where it fails,
and replaced by the quote where it fails again. Knows the protocols only.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from rag.citations import Cited
from rag.errors import GeneratorCrashedError
from rag.evidence import holds_what_is_asked
from rag.parts import Clock, Draft, Parts
from rag.pointers import MOST_QUOTES, AnswerReader, answer_grammar
from rag.positions import CLOSE
from rag.prompting import FittedPrompt, Room, fit_quotes
from rag.speakers import asks_for_speaker
from rag.supported import is_judged_supported, is_supported, quoted, said
from rag.types import Claim, Quote

# Of a reader that can tell which words answer, a quote with this share of the best score is worth reading too.
_ANSWERING = 0.5
# One sentence from one quote, and the line of numbers before it.
_AGAIN_TOKENS = 80


@dataclass(frozen=True, slots=True)
class _Failed:
    """A sentence that its quote does not support."""

    quote: Quote


def full_claims(draft: Draft, quotes: Sequence[Quote], *, parts: Parts, clock: Clock) -> Iterator[Claim]:
    """Yield the generator's sentences that their quotes support, and the best quote where the answer lacks it.

    Who said something is told by the quote alone: a rewritten one may lose or swap the speaker.
    """
    if asks_for_speaker(draft.asked):
        yield quoted(quotes[0])
        return
    told: list[Claim] = []
    for claim in _written_claims(draft, _worth_reading(quotes), parts, clock):
        told.append(claim)
        yield claim
    if not any(claim.quotes[0] == quotes[0] for claim in told):
        yield quoted(quotes[0])
    elif _loses_answer(draft.asked, told, quotes[0]):
        draft.count("answerless_sentences")
        yield quoted(quotes[0])


def _worth_reading(quotes: Sequence[Quote]) -> list[Quote]:
    least = quotes[0].score * (CLOSE if quotes[0].answer is None else _ANSWERING)
    return [quote for quote in quotes if quote.score >= least][:MOST_QUOTES]


def _loses_answer(question: str, told: Sequence[Claim], best: Quote) -> bool:
    """Return whether the best quote has a number, date or name as the question asks for, and no claim has one."""
    if not holds_what_is_asked(question, best.text):
        return False
    return not any(holds_what_is_asked(question, claim.text) for claim in told)


def _written_claims(draft: Draft, quotes: Sequence[Quote], parts: Parts, clock: Clock) -> Iterator[Claim]:
    """Yield what passes while it is written; what fails is tried again when the generator is free."""
    given = _fitted(draft, quotes, parts, clock)
    failed: list[_Failed] = []
    used: set[Quote] = set()
    for cited in _written(draft, given, parts, clock):
        outcome = _checked(draft, cited, given, parts)
        if isinstance(outcome, _Failed):
            failed.append(outcome)
        elif outcome is not None and not _repeats(draft, outcome.quotes[0], used):
            yield outcome
    for quote in dict.fromkeys(one.quote for one in failed):
        if quote not in used:
            used.add(quote)
            yield _again(draft, quote, parts, clock)


def _repeats(draft: Draft, quote: Quote, used: set[Quote]) -> bool:
    """Return whether the quote has its sentence already; note it as used."""
    if quote in used:
        draft.count("repeated_sentences")
        return True
    used.add(quote)
    return False


def _checked(draft: Draft, cited: Cited, given: Sequence[Quote], parts: Parts) -> Claim | _Failed | None:
    """Return the sentence as a claim, or the quote that it names and fails with; None where it names none."""
    named = [given[number - 1] for number in cited.numbers]
    if not parts.limits.verify:
        return said(cited.text, (named or given)[0])
    quote = next((quote for quote in named or given if is_supported(cited.text, quote)), None)
    if quote is None:
        draft.count("unsupported_sentences")
    elif parts.judge is None or is_judged_supported(cited.text, quote, judge=parts.judge):
        return said(cited.text, quote)
    else:
        draft.count("doubted_sentences")
    return _Failed(quote or named[0]) if named else None


def _again(draft: Draft, quote: Quote, parts: Parts, clock: Clock) -> Claim:
    """Return what the generator writes when it sees this quote alone, if that passes; else the quote."""
    given = _fitted(draft, [quote], parts, clock)
    with closing(_written(draft, given, parts, clock, max_tokens=_AGAIN_TOKENS)) as sentences:
        cited = next(sentences, None)
    if cited is None or not is_supported(cited.text, quote) or _is_doubted(cited, quote, parts):
        return quoted(quote)
    claim = said(cited.text, quote)
    if _loses_answer(draft.asked, [claim], quote):
        return quoted(quote)
    draft.count("rewritten_sentences")
    return claim


def _is_doubted(cited: Cited, quote: Quote, parts: Parts) -> bool:
    return parts.judge is not None and not is_judged_supported(cited.text, quote, judge=parts.judge)


def _fitted(draft: Draft, quotes: Sequence[Quote], parts: Parts, clock: Clock) -> Sequence[Quote]:
    """Build the prompt from as many quotes as fit, and return them; none where the generator has crashed."""
    writer = parts.writer
    assert writer is not None
    left_out = draft.fitted.left_out if draft.fitted else ()
    try:
        with clock.stage("fit"):
            room = Room(writer.generator.context_tokens - parts.limits.answer_tokens, writer.count)
            fitted, given = fit_quotes(
                writer.template, writer.chat, question=draft.asked, quotes=quotes, room=room
            )
    except GeneratorCrashedError as error:
        draft.warn(error)
        return ()
    draft.fitted = FittedPrompt(fitted.prompt, fitted.tokens, fitted.hits, (*left_out, *fitted.left_out))
    draft.prompt_tokens = fitted.tokens
    if not given:
        draft.warnings.append("No quote fits the generator's context: the answer is quotes only.")
    return given


def _written(
    draft: Draft, given: Sequence[Quote], parts: Parts, clock: Clock, *, max_tokens: int | None = None
) -> Generator[Cited, None, None]:
    """Yield what the generator writes, sentence by sentence; a crash ends the writing, not the answer."""
    if not given:
        return
    assert parts.writer is not None
    assert draft.fitted is not None
    tokens = max_tokens or parts.limits.answer_tokens
    reader = AnswerReader(len(given))
    writing = parts.writer.generator.generate(
        draft.fitted.prompt, max_tokens=tokens, grammar=answer_grammar(len(given))
    )
    with closing(writing) as pieces:
        sentences = reader.sentences(draft.kept(pieces))
        while (cited := _next(sentences, draft, clock)) is not None:
            yield cited
    draft.count("unknown_citations", reader.unknown)
    draft.count("declined_answers", int(reader.declined))


def _next(sentences: Iterator[Cited], draft: Draft, clock: Clock) -> Cited | None:
    """Return what the generator writes next, None at its end or where it crashes."""
    try:
        with clock.stage("generate"):
            return next(sentences, None)
    except GeneratorCrashedError as error:
        draft.warn(error)
        return None
