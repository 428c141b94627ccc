"""From a question to an answer: the whole story, in the order in which things happen.

Knows the protocols only. Every claim that leaves here rests on a quote; what the generator writes is shown only
where a quote supports it, and replaced by the quote where none does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import zip_longest
from typing import TypeAlias

from rag.answerable import Silence, in_form_first, off_topic, unanswered
from rag.asked import Asked, analyse
from rag.claims import claims_of, quoted
from rag.compound import questions_in
from rag.errors import QuestionError
from rag.followup import resolve
from rag.foreign import in_its_script, in_its_words, shared
from rag.holders import of_each
from rag.offices import same_state, spelled_out
from rag.parts import Clock, Draft, Parts
from rag.positions import positions
from rag.replies import with_reply
from rag.sayings import theirs_first
from rag.stems import stem, stems
from rag.text import clean, content_words, one_line
from rag.titles import called
from rag.types import AbstainReason, Answer, Claim, Hit, Question, Quote, Relation

# So many sentences are read to see whether sources differ; fewer are shown.
_READ = 8
# Of some days, or of now, so many: what was written then may be less likely than what names its days.
_READ_OF_DAYS = 16
# Who held an office before may only be named in passing.
_READ_OF_EACH, _EACH = 32, 2
# Of the present, so many times the passages are looked through for newer ones, and so many of those are read too.
_WIDE, _NEWEST = 4, 3
_TWO = 2
# A text in the asker's language is read as it stands, and goes before one that shares a little more; not of the
# present, since whichever is newer should lead.
_OWN = 0.1


@dataclass(frozen=True, slots=True)
class Found:
    """Retrieval has ended: these are the passages."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim has passed its checks; `relation` is how those of this answer stand to each other.

    `silence` is the reason where the claim is no answer but says why there is none.
    """

    claim: Claim
    relation: Relation = Relation.ONE
    silence: AbstainReason | None = None


Event: TypeAlias = Found | Claimed | Answer


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
    of_two = len(question.documents or ()) == _TWO
    draft = Draft(question=one_line(clean(question.text)), asked=asked, understood=asked, of_two=of_two)
    each = [_wordings(one, parts) for one in questions_in(asked)]
    with clock.stage("retrieve"):
        found = [[_search(one, question, parts) for one in wordings] for wordings in each]
    draft.hits = _first_of(hits for searches in found for hits in searches)
    yield Found(draft.hits)
    reasons: list[AbstainReason | None] = []
    for wordings, searches in zip(each, found, strict=True):
        heard = _read(wordings, searches, question, parts=parts, clock=clock)
        if heard.wording is not wordings[0]:
            draft.warnings.append(f"Asked in English words: {heard.wording.question}")
        reasons.append(heard.silence.reason if heard.silence else None)
        if parts.judge is not None:
            best = max((quote.score for quote in heard.quotes), default=0.0)
            draft.likeliest = max(best, draft.likeliest or 0.0)
        for claim in _claims(draft, heard, parts=parts, clock=clock):
            numbered = _numbered(claim, draft.claims)
            if any(_is_same(numbered, before) for before in draft.claims):
                continue  # one sentence may answer both questions
            draft.claims.append(numbered)
            yield Claimed(numbered, draft.relation, reasons[-1])
    yield _finished(draft, _reason(draft, [wordings[0] for wordings in each], reasons), parts, clock.seconds)


def _wordings(question: str, parts: Parts) -> list[Asked]:
    """Return the question, and in English too where the embedder does not know its words."""
    english = None if parts.knows(question) else parts.in_english(question)
    return [analyse(one) for one in (question, english) if one is not None]


@dataclass(frozen=True, slots=True)
class _Heard:
    """One wording of a question: why what was found for it does not answer, None where it does, and the quotes."""

    wording: Asked
    silence: Silence | None
    quotes: Sequence[Quote]

    @property
    def shared(self) -> float:
        """Return the share of its words that stand in the best quote."""
        return shared(self.wording, self.quotes[0]) if self.quotes else 0.0


def _read(
    wordings: Sequence[Asked], found: Sequence[tuple[Hit, ...]], question: Question, *, parts: Parts, clock: Clock
) -> _Heard:
    """Return what comes of the wording that is answered, in the quotes `found` for it.

    Of two wordings that are answered the one counts whose quote has more of its words.
    """
    own, hits = wordings[0], found[0]
    if parts.knows(own.question):
        return _Heard(own, *_quotes(own, hits, question, parts=parts, clock=clock, is_gloss=None))
    heard = []
    for one, those in zip(wordings, found, strict=True):
        there = in_its_script(one, those)
        is_gloss = one is not own
        heard.append(_Heard(one, *_quotes(one, there, question, parts=parts, clock=clock, is_gloss=is_gloss)))
    answered = [one for one in heard if one.silence is None]
    if answered:
        own_first = 0.0 if own.now else _OWN
        return max(answered, key=lambda one: one.shared + (own_first if one.wording is own else 0.0))
    denied = next((one for one in heard if one.silence is not None and one.silence.quote is not None), None)
    if denied is not None:
        return denied
    return _Heard(own, Silence(AbstainReason.UNKNOWN_LANGUAGE) if hits else heard[0].silence, ())


def _quotes(
    taken: Asked, hits: tuple[Hit, ...], question: Question, *, parts: Parts, clock: Clock, is_gloss: bool | None
) -> tuple[Silence | None, Sequence[Quote]]:
    """Return why the hits do not answer, None where they do, and the quotes.

    `is_gloss` tells of a question whose words the embedder does not know whether this is its gloss.
    """
    are_chosen = question.documents is not None
    silence = off_topic(taken.question, hits, limits=parts.limits, are_chosen=are_chosen)
    if silence is not None:
        return silence, ()
    with clock.stage("read"):
        readable = _dated_first(hits) if question.as_of else hits
        most = _READ_OF_EACH if of_each(taken) else _READ_OF_DAYS if taken.when or taken.now else _READ
        quotes = parts.reader.read(taken.question, readable, limit=most)
        if is_gloss is not None:
            quotes = in_its_words(taken, quotes, is_gloss=is_gloss)
        silence = unanswered(taken, quotes, hits=readable, limits=parts.limits)
        return silence, theirs_first(taken, in_form_first(taken, quotes))


def _reason(draft: Draft, each: Sequence[Asked], reasons: Sequence[AbstainReason | None]) -> AbstainReason | None:
    """Return why nothing was answered; where a part of the question was, tell which other part was not."""
    if None not in reasons:
        return reasons[0]
    if len(each) > 1:
        draft.relation = Relation.LIST
    for one, reason in zip(each, reasons, strict=True):
        if reason is not None:
            draft.warnings.append(f"The documents do not say: {one.question}")
    return None


def _in_turn(found: Sequence[Sequence[Hit]]) -> Iterator[Hit]:
    """Yield the first hit of each search, then the second of each, and so on."""
    return (hit for row in zip_longest(*found) for hit in row if hit is not None)


def _first_of(found: Iterable[Sequence[Hit]]) -> tuple[Hit, ...]:
    """Return the hits of several searches, best first, each passage once, as it was first found."""
    kept: dict[int, Hit] = {}
    for hit in _in_turn(tuple(found)):
        kept.setdefault(hit.passage.id, hit)
    return tuple(kept.values())


def _search(asked: Asked, question: Question, parts: Parts) -> tuple[Hit, ...]:
    """Return the hits; for a question about a day that has passed also those that were there by then.

    "Who was minister in 2024?" is best answered by what was written in 2024, however much is newer.
    """
    find = partial(parts.retriever.search, spelled_out(asked.question), documents=question.documents)
    limit = parts.limits.passages * (_EACH if of_each(asked) else 1)
    found = find(limit=limit * (_WIDE if asked.now else 1), as_of=question.as_of)
    if asked.now:
        found = [*found[:limit], *_newest(asked, found[limit:])]
    if asked.when is None or not asked.past or (question.as_of and question.as_of <= asked.when.last):
        return tuple(found)
    by_then = find(limit=limit * _WIDE, as_of=asked.when.last)
    return _first_of([found, _first_of([_newest(asked, by_then), by_then])])[: 2 * limit]


def _newest(asked: Asked, hits: Sequence[Hit]) -> list[Hit]:
    """Return the newest of the hits that name all that the question is about, but for its days: "now" means the
    newest evidence.
    """
    about = [word for word in asked.focus if word not in asked.years]
    focus = {stem(word) for word in content_words(spelled_out(" ".join(about)))}
    told = [hit for hit in hits if hit.source.published and _names_all(focus, hit)]
    return sorted(told, key=lambda hit: hit.source.published or date.min, reverse=True)[:_NEWEST]


def _names_all(focus: AbstractSet[str], hit: Hit) -> bool:
    """Return whether a hit has each of the words, "Japanese" for "Japan" too."""
    said = set(stems(f"{called(hit)} {hit.passage.text}"))
    return all(any(same_state(word, other) for other in said) for word in focus - said)


def _claims(draft: Draft, heard: _Heard, *, parts: Parts, clock: Clock) -> Iterator[Claim]:
    """Yield the claims of an answer; of a silence the words that say why, where there are some."""
    if heard.silence is not None:
        yield from (quoted(quote) for quote in (heard.silence.quote,) if quote)
        return
    draft.asked = heard.wording.question
    found = positions(heard.wording, heard.quotes, of_two=draft.of_two)
    found = with_reply(found, heard.wording, hits=draft.hits, beside=parts.retriever.beside)
    draft.relation = found.relation
    yield from claims_of(draft, found, quotes=heard.quotes, parts=parts, clock=clock)


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


def _dated_first(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return the dated hits, all where none has a date: nobody knows whether undated words stood on that day."""
    return tuple(hit for hit in hits if hit.source.published) or hits


def _numbered(claim: Claim, earlier: Sequence[Claim]) -> Claim:
    """Number the quotes of a claim in the order of the answer, from 1."""
    numbers = {(quote.passage_id, quote.start): quote.number for before in earlier for quote in before.quotes}
    quotes = []
    for quote in claim.quotes:
        number = numbers.setdefault((quote.passage_id, quote.start), len(numbers) + 1)
        quotes.append(replace(quote, number=number))
    return replace(claim, quotes=tuple(quotes))


def _is_same(claim: Claim, other: Claim) -> bool:
    return claim.text == other.text and [one.number for one in claim.quotes] == [
        one.number for one in other.quotes
    ]


def _finished(draft: Draft, reason: AbstainReason | None, parts: Parts, seconds: Mapping[str, float]) -> Answer:
    fitted = draft.fitted
    nearest = max((hit.dense for hit in draft.hits), default=0.0)
    cited = {quote.source.document_id: quote.source for claim in draft.claims for quote in claim.quotes}
    digests = {parts.writer.template.name: parts.writer.template.digest} if parts.writer else {}
    return Answer(
        question=draft.question,
        understood=draft.understood,
        claims=tuple(draft.claims),
        relation=draft.relation,
        abstain_reason=reason,
        hits=draft.hits,
        left_out=fitted.left_out if fitted else (),
        models=parts.models,
        prompt_digests=digests,
        checks=draft.checks,
        generated="".join(draft.generated),
        prompt_tokens=draft.prompt_tokens,
        generated_tokens=len(draft.generated),
        confidence=draft.likeliest if draft.likeliest is not None else nearest,
        warnings=(*draft.warnings, *parts.notes_on(tuple(cited.values()))),
        timings_seconds={name: round(value, 4) for name, value in seconds.items()},
    )
