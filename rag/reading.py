"""The trained way of finding evidence: every sentence of the hits gets the probability that it answers.

Knows a judge (the trained reader) and the untrained score of rag.evidence. The judge says of a sentence and of its
passage whether they answer; it knows what it was trained on and is too sure of itself elsewhere. The untrained
score is never very good and never very wrong. One logistic regression of the two, whose weights come with the
judge, is better than each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from rag.asked import AnswerKind, Asked, analyse
from rag.asked_words import AHEAD
from rag.evidence import (
    Candidate,
    candidates_in,
    is_heading,
    is_question,
    quote_of,
    unfolded,
    untrained_scores,
    with_holders,
)
from rag.holders import of_each
from rag.offices import office_of
from rag.opposites import tells_of_another, tells_opposite
from rag.protocols import Embedder, Judge
from rag.remembering import Remembering
from rag.speakers import asks_for_speaker
from rag.tense import is_done
from rag.text import is_cyrillic, one_line
from rag.titles import called
from rag.types import Hit, Quote, Reading, ReadText, Span

FEATURES = ("reader", "untrained")
_LEAST = 1e-6
# The likeliest words are taken for the answer when the sentence answers rather than not.
_ANSWERS = 0.5
# A sentence that asks shares its words with the question and hardly ever answers it.
_ASKS = 0.1
# A heading tells in short what the sentence below it says: of 11 that led, none answered (1,270 questions about
# invented texts).
_HEADS = 0.5
# "It began in 1992" has all words of "when did it end" but one; "has decided" those of "when will they decide".
_OPPOSITE = 0.3
# "Line 6 opens in May" has all words of "when does line 5 open" but the number.
_OF_ANOTHER = 0.1
# Who said something is told by attributions; the judge was trained on no such question, and on no Russian: it has
# no say in either.
_UNKNOWN = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression over `FEATURES`: what the reader judged and the untrained score of a sentence."""

    reader: float
    untrained: float
    bias: float

    @classmethod
    def of(cls, card: Mapping[str, object]) -> "Weights":
        """Return what a card of `training.fit` holds."""
        given = card["weights"]
        assert isinstance(given, Mapping)
        reader, untrained = (float(given[name]) for name in FEATURES)
        return cls(reader, untrained, float(str(card["bias"])))

    def logit(self, told: "Signals") -> float:
        """Return the log odds that the sentence answers."""
        return self.bias + self.reader * told.judged + self.untrained * told.untrained


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a sentence: the judge's log odds that it answers plus those that its passage does, and its
    untrained score.
    """

    judged: float
    untrained: float


def logit(p: float) -> float:
    """Return the log odds of a probability, kept within 14."""
    p = min(max(p, _LEAST), 1 - _LEAST)
    return log(p / (1 - p))


class TrainedReader:
    """Scores every sentence of the hits by what the judge makes of it in its passage."""

    def __init__(self, embedder: Embedder | Remembering, judge: Judge, weights: Weights) -> None:
        self._vectors = embedder if isinstance(embedder, Remembering) else Remembering(embedder)
        self._judge = judge
        self._weights = weights

    def read(self, question: str, hits: Sequence[Hit], *, limit: int) -> list[Quote]:
        """Return at most `limit` quotes, best first; each score is the probability that the quote answers."""
        asked = analyse(question)
        scored = []
        for one, signals, span in self.signals(question, hits):
            score = 1 / (1 + exp(-self._weights.logit(signals)))
            score *= _share(asked, one.text)
            scored.append((score, _answering(one, asked, span, score=score)))
        scored.sort(key=lambda pair: (-pair[0], pair[1].rank, pair[1].span))
        return [quote_of(score, one) for score, one in scored[:limit]]

    def signals(self, question: str, hits: Sequence[Hit]) -> list[tuple[Candidate, Signals, Span | None]]:
        """Return each sentence with what is known of it and its likeliest answering words."""
        found = with_holders(question, candidates_in(hits))
        untrained = untrained_scores(question, found, hits=hits, vectors=self._vectors)
        if asks_for_speaker(question) or is_cyrillic(question):
            return [(one, Signals(_UNKNOWN, score), None) for one, score in zip(found, untrained, strict=True)]
        judged = self._judged(question, found)
        return [
            (one, Signals(_judged_odds(reading, at), score), reading.spans[at])
            for one, score, (reading, at) in zip(found, untrained, judged, strict=True)
        ]

    def _judged(self, question: str, found: Sequence[Candidate]) -> list[tuple[Reading, int]]:
        """Return for each candidate the reading of its passage and its place in it."""
        passages: dict[int, list[Candidate]] = {}
        places = []
        for one in found:
            group = passages.setdefault(one.rank, [])
            places.append((one.rank, len(group)))
            group.append(one)
        texts = [_passage(group) for group in passages.values()]
        read = dict(zip(passages, self._judge.read(question, texts), strict=True))
        return [(read[rank], at) for rank, at in places]


def _share(asked: Asked, text: str) -> float:
    """Return what part of its probability a sentence keeps that by its form hardly answers."""
    if is_question(text):
        return _ASKS
    is_opposite = asked.kind is AnswerKind.DATE and (
        tells_opposite(asked.question, text) or (AHEAD.search(asked.question) and is_done(text, asked.words))
    )
    share = (_HEADS if is_heading(text) else 1.0) * (_OPPOSITE if is_opposite else 1.0)
    return share * (_OF_ANOTHER if tells_of_another(asked.question, text) else 1.0)


def _judged_odds(reading: Reading, at: int) -> float:
    return logit(reading.sentences[at]) + logit(reading.answered)


def _passage(group: Sequence[Candidate]) -> ReadText:
    hit = group[0].hit
    return ReadText(one_line(called(hit)), tuple(one.text for one in group), hit.source.published)


def _answering(one: Candidate, asked: Asked, span: Span | None, *, score: float) -> Candidate:
    """Return the candidate with the words that answer, where they are known and a value is asked for."""
    # Who holds an office is told by the words around a name, not by the likeliest name.
    is_of_office = office_of(asked) is not None or of_each(asked) is not None
    if one.answer is not None or span is None or is_of_office or not _has_words(asked):
        return one
    likely = unfolded(one, span)
    return replace(one, likely=likely, answer=likely if score >= _ANSWERS and asked.has_slot else None)


def _has_words(asked: Asked) -> bool:
    """Return whether some words of a sentence are the answer; who said it stands beside what was said."""
    return (asked.has_slot or asked.kind is AnswerKind.OTHER) and asked.kind is not AnswerKind.SPEAKER
