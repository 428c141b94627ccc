"""Do the documents say it? Decides between an answer and silence, and gives the reason for silence.

Knows the question, the hits and the quotes that were read out of them; no model. The generator is never asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import AnswerKind, Asked
from rag.disputes import asks_who_disputes, is_disputing, rejects
from rag.forms import introduces, may_answer, mentions_only, names_one_who_is
from rag.offices import office_of
from rag.parts import Limits
from rag.premise import denies
from rag.sayings import asked_of, is_said_by
from rag.speakers import speaks_of_self
from rag.stems import stem, stems
from rag.text import content_words, names, one_line, words
from rag.titles import called
from rag.types import AbstainReason, Hit, Quote
from rag.values import values

# A denial counts when its score is at least this share of the best quote's.
_DENIAL_NEAR = 0.8
# Quotes that score less than this share of the best one do not answer in its place.
_NEAR = 0.6
# So likely, as a share of the best quote, are somebody's own words where they are asked for: they are given before
# what others say. The reader was taught no such questions, and is less sure of them.
_THEIRS = 0.4
# So likely, as a share of the best quote, is one that tells who holds the office that is asked for.
_HOLDER = 0.3
# So likely is a sentence about somebody that goes before one that only mentions them: "the cabinet of Ann Ito".
_ABOUT = 0.5
# Of these kinds nearly all answering sentences hold something of the form of an answer (rag.forms).
TYPED = frozenset({AnswerKind.PERSON, AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.NAME})


@dataclass(frozen=True, slots=True)
class Silence:
    """Why nothing is answered, and the quote that says so where one does."""

    reason: AbstainReason
    quote: Quote | None = None


def off_topic(question: str, hits: Sequence[Hit], *, limits: Limits, are_chosen: bool = False) -> Silence | None:
    """Decide from retrieval whether the question is about something else than the documents.

    It is when no vector is near and no word of it was found, or no vector is quite near and none of its names.
    `are_chosen` tells whether only some documents were searched.
    """
    if not hits:
        return Silence(AbstainReason.NONE_CHOSEN if are_chosen else AbstainReason.NO_DOCUMENTS)
    nearest = max(hit.dense for hit in hits)
    found = {word for hit in hits for word in content_words(_words_of(hit))}
    named = names(question)
    if nearest < limits.near_cosine and not set(map(stem, found)) & set(stems(question)):
        return Silence(AbstainReason.NOTHING_NEAR)
    if nearest < limits.named_cosine and named and not found & named:
        return Silence(AbstainReason.NOTHING_NEAR)
    return None


def unanswered(asked: Asked, quotes: Sequence[Quote], *, hits: Sequence[Hit], limits: Limits) -> Silence | None:
    """Decide from the quotes, best first, whether they answer; one may deny what the question assumes."""
    if not quotes:
        return Silence(AbstainReason.NOTHING_NEAR)
    around = {hit.passage.id: _around(hit) for hit in hits}
    best = quotes[0].score
    led = in_form_first(asked, quotes)[0]
    is_doubtful = best < limits.answering and not _introduces(asked, led)
    for quote in quotes:
        near = is_doubtful or quote.score >= best * _DENIAL_NEAR
        is_denial = near and denies(asked, quote.text, around=around.get(quote.passage_id, ""))
        if is_denial and not _rejects_a_number(asked, quote):
            return Silence(AbstainReason.FALSE_PREMISE, quote)
    is_vacant = office_of(asked) is not None and led.answer is None
    is_led = _holds_value(asked, led) and _is_about(asked, f"{around.get(led.passage_id, '')} {led.text}")
    if is_vacant or is_doubtful or not is_led or not _is_theirs(asked, quotes):
        return Silence(AbstainReason.NOT_SAID)
    return None


def _rejects_a_number(asked: Asked, quote: Quote) -> bool:
    """Return whether a number that is asked for is denied: "it will not create 1,200 jobs" tells how many somebody
    says it will.
    """
    if asked.kind is not AnswerKind.NUMBER:
        return False
    return any(rejects(quote.text, one.text) for one in values(quote.text, asked))


def _introduces(asked: Asked, quote: Quote) -> bool:
    """Return whether a quote gives the one who is asked for by name with what they are: "shop steward Ann Ito told
    us", "our caretaker, Mr Ito"; or who alone is asked for by that, with the name.
    """
    if asked.kind is AnswerKind.PERSON and len(asked.words) == 1 and not (asked.names or asked.when):
        return names_one_who_is(one_line(quote.text), asked.words[0])
    if asked.kind is not AnswerKind.DEFINITION or asked.words or not asked.names:
        return False
    speaker, name = quote.speaker, asked.names[0]
    says = speaker is not None and speaker.role and set(words(name)) <= set(words(speaker.name))
    return bool(says) or introduces(one_line(quote.text), name)


def _is_about(asked: Asked, around: str) -> bool:
    """Return whether the passage of a quote that gives a name has a word of what is to be named, besides names.

    "What is the name of Takaichi's dog?" is not answered where no dog is. 69 of 72 passages that answer such
    questions have one (nq_oracle, xquad).
    """
    wanted = {stem(word) for word in asked.words} - {"name"}
    return asked.kind is not AnswerKind.NAME or not wanted or bool(wanted & set(stems(around)))


def _is_theirs(asked: Asked, quotes: Sequence[Quote]) -> bool:
    """Return whether a question for somebody's words meets some of theirs among the best quotes."""
    who = asked_of(asked)
    return not who or any(is_said_by(quote, who) for quote in quotes if quote.score >= quotes[0].score * _THEIRS)


def in_form_first(asked: Asked, quotes: Sequence[Quote]) -> Sequence[Quote]:
    """Return the quotes, those near the best one that hold the form of an answer before it where it holds none; of
    an office those that tell its holder, of somebody by name those that are about them.
    """
    if asked.kind is AnswerKind.DEFINITION and asked.names and not asked.words:
        least = quotes[0].score * _ABOUT if quotes else 0.0
        name = asked.names[0]
        about = [quote for quote in quotes if quote.score >= least and not mentions_only(quote.text, name)]
        told = [quote for quote in quotes if quote not in about and _introduces(asked, quote)]
        return [*about, *told, *(quote for quote in quotes if quote not in about and quote not in told)]
    if office_of(asked) is not None:
        return sorted(quotes, key=lambda quote: not (quote.answer and quote.score >= quotes[0].score * _HOLDER))
    is_told_by_form = asked.kind in TYPED or asks_who_disputes(asked.question)
    if not quotes or not is_told_by_form or _may_answer(asked, quotes[0]):
        return quotes
    least = quotes[0].score * _NEAR
    return sorted(quotes, key=lambda quote: not (quote.score >= least and _may_answer(asked, quote)))


def _holds_value(asked: Asked, led: Quote) -> bool:
    """Return whether a question for a number, a date, a person or a name meets one: without the form of an answer
    there is none. Who disputes something may be told in any words.
    """
    return asked.kind not in TYPED or asks_who_disputes(asked.question) or _may_answer(asked, led)


def _may_answer(asked: Asked, quote: Quote) -> bool:
    if asks_who_disputes(asked.question):
        return is_disputing(quote.text)
    if asked.kind is AnswerKind.PERSON and speaks_of_self(quote, of=set(map(stem, asked.words))):
        return True
    # Where the reader is sure of the words, "when will it open" may be answered with "it opened in May".
    published = None if quote.answer else quote.source.published
    return may_answer(quote.text, asked, published=published)


def _words_of(hit: Hit) -> str:
    """Return what a hit is found by: its text, its title and who wrote it."""
    return f"{called(hit)} {hit.source.author or ''} {hit.passage.text}"


def _around(hit: Hit) -> str:
    published = hit.source.published.strftime("%B %Y") if hit.source.published else ""
    return f"{called(hit)} {published} {hit.passage.text}"
