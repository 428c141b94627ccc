"""From a question to an answer: the whole story, in the order in which things happen.

Knows the protocols only. Every claim that leaves here rests on a quote; what the generator writes is shown only
where a quote supports it, and replaced by the quote where none does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rag.asked import analyse
from rag.claims import claims_of
from rag.errors import QuestionError
from rag.followup import resolve
from rag.parts import Clock, Draft, Limits, Parts
from rag.positions import positions
from rag.text import clean, content_words, names, one_line
from rag.types import AbstainReason, Answer, Claim, Hit, Question, Relation

# So many sentences are read to see whether sources differ; fewer are shown.
_READ = 8


@dataclass(frozen=True, slots=True)
class Found:
    """Retrieval has ended: these are the passages."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim has passed its checks; `relation` is how those of this answer stand to each other."""

    claim: Claim
    relation: Relation = Relation.ONE


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
    draft = Draft(question=one_line(clean(question.text)), asked=asked)
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
            quotes = parts.reader.read(asked, readable, limit=_READ)
        if not quotes:
            reason = AbstainReason.NOTHING_NEAR
        else:
            found_positions = positions(analyse(asked), quotes)
            draft.relation = found_positions.relation
            for claim in claims_of(draft, found_positions, quotes=quotes, parts=parts, clock=clock):
                numbered = _numbered(claim, draft.claims)
                draft.claims.append(numbered)
                yield Claimed(numbered, draft.relation)
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


def _numbered(claim: Claim, earlier: Sequence[Claim]) -> Claim:
    """Number the quotes of a claim in the order of the answer, from 1."""
    numbers = {(quote.passage_id, quote.start): quote.number for before in earlier for quote in before.quotes}
    quotes = []
    for quote in claim.quotes:
        number = numbers.setdefault((quote.passage_id, quote.start), len(numbers) + 1)
        quotes.append(replace(quote, number=number))
    return replace(claim, quotes=tuple(quotes))


def _finished(draft: Draft, reason: AbstainReason | None, parts: Parts, seconds: Mapping[str, float]) -> Answer:
    fitted = draft.fitted
    digests = {parts.writer.template.name: parts.writer.template.digest} if parts.writer else {}
    return Answer(
        question=draft.question,
        understood=draft.asked,
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
        confidence=max((hit.dense for hit in draft.hits), default=0.0),
        warnings=tuple(draft.warnings),
        timings_seconds={name: round(value, 4) for name, value in seconds.items()},
    )
