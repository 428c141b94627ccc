"""The trained way of finding evidence: every sentence of the hits gets the probability that it answers.

Knows a judge (the trained reader) and an embedder. Their scores, shared words and the kind of answer go through
one logistic regression whose weights come with the judge; what that cannot know (the day, who holds an office) is
weighed on top.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import exp, log

from rag.asked import AnswerKind, Asked, analyse
from rag.evidence import (
    Candidate,
    candidates_in,
    ends_like_sentence,
    newest_first,
    quote_of,
    text_to_read,
    unfolded,
    with_holders,
)
from rag.protocols import Embedder, Judge
from rag.remembering import Remembering
from rag.speakers import asks_for_speaker
from rag.stems import stems
from rag.text import one_line
from rag.types import Hit, Quote, Reading, ReadText, Span
from rag.values import values

FEATURES = ("sentence", "passage", "cosine", "shared", "shared_in_title", "in_kind", "named")
# Kinds of question whose answers are known by their form in nine of ten sentences that answer (nq_oracle).
_TYPED = frozenset({AnswerKind.PERSON, AnswerKind.NUMBER, AnswerKind.DATE})
# Told to hold the office asked for; no sentence; newer than others where the present is asked about.
_HOLDS_OFFICE, _HEADING, _NEWER, _RANK = 2.0, -2.0, 0.6, 0.3
_LEAST = 1e-6
# The likeliest words are taken for the answer when the sentence answers rather than not.
_ANSWERS = 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression over `FEATURES`."""

    weights: tuple[float, ...]
    bias: float

    @classmethod
    def of(cls, card: Mapping[str, object]) -> "Weights":
        """Return what a card of `training.fit` holds."""
        given = card["weights"]
        assert isinstance(given, Mapping)
        return cls(tuple(float(given[name]) for name in FEATURES), float(str(card["bias"])))

    def logit(self, told: Sequence[float]) -> float:
        """Return the log odds that the sentence answers."""
        return self.bias + sum(weight * one for weight, one in zip(self.weights, told, strict=True))


@dataclass(frozen=True, slots=True)
class Signals:
    """What the models say of a sentence: its cosine, and whether it and its passage answer (probabilities)."""

    cosine: float
    answers: float
    passage_answers: float


def features(asked: Asked, sentence: str, *, title: str, passage: str, signals: Signals) -> tuple[float, ...]:
    """Return the `FEATURES` of a sentence: log odds, a cosine, its kind, shares of the asked words and names."""
    focus = {one for word in asked.focus for one in stems(word)} or set(stems(asked.question))
    said = set(stems(sentence))
    around = said | set(stems(title))
    return (
        logit(signals.answers),
        logit(signals.passage_answers),
        signals.cosine,
        len(focus & said) / len(focus) if focus else 0.0,
        len(focus & around) / len(focus) if focus else 0.0,
        _in_kind(asked, sentence),
        _named(asked, f"{title} {passage}"),
    )


def _in_kind(asked: Asked, sentence: str) -> float:
    """Return 1 where the sentence holds a value as the question asks for one, -1 where not, 0 for open ones."""
    return 0.0 if asked.kind not in _TYPED else 1.0 if values(sentence, asked) else -1.0


def _named(asked: Asked, around: str) -> float:
    """Return the share of the question's names and years that the passage or its title names, 1 without any."""
    wanted = {stem for text in (*asked.names, *asked.years) for stem in stems(text)}
    return len(wanted & _stems_of(around)) / len(wanted) if wanted else 1.0


@lru_cache(maxsize=512)
def _stems_of(passage: str) -> frozenset[str]:
    return frozenset(stems(passage))


def logit(p: float) -> float:
    """Return the log odds of a probability, kept within 14."""
    p = min(max(p, _LEAST), 1 - _LEAST)
    return log(p / (1 - p))


class TrainedReader:
    """Scores every sentence of the hits by what the judge makes of it in its passage."""

    def __init__(self, embedder: Embedder, judge: Judge, weights: Weights) -> None:
        self._vectors = Remembering(embedder)
        self._judge = judge
        self._weights = weights

    def read(self, question: str, hits: Sequence[Hit], *, limit: int) -> list[Quote]:
        """Return at most `limit` quotes, best first; each score is the probability that the quote answers."""
        found = with_holders(question, candidates_in(hits))
        if not found:
            return []
        asked = analyse(question)
        wants_speaker = asks_for_speaker(question)
        texts = [text_to_read(one, with_speaker=wants_speaker) for one in found]
        vectors = self._vectors.encode([question[:2000], *texts])
        cosines = (vectors[1:] @ vectors[0]).tolist()
        judged = self._judged(question, found, with_speaker=wants_speaker)
        newest = newest_first(hits) if asked.now else {}
        scored = []
        for one, cosine, (reading, at) in zip(found, cosines, judged, strict=True):
            signals = Signals(cosine, reading.sentences[at], reading.answered)
            around = f"{one.hit.passage.text} {one.hit.source.published or ''}"
            told = features(asked, one.text, title=one.hit.source.title, passage=around, signals=signals)
            odds = self._weights.logit(told)
            score = 1 / (1 + exp(-odds - _on_top(one, newest, wants_speaker=wants_speaker)))
            scored.append((score, _answering(one, asked, reading.spans[at], score=score)))
        scored.sort(key=lambda pair: (-pair[0], pair[1].rank, pair[1].span))
        return [quote_of(score, one) for score, one in scored[:limit]]

    def _judged(
        self, question: str, found: Sequence[Candidate], *, with_speaker: bool
    ) -> list[tuple[Reading, int]]:
        """Return for each candidate the reading of its passage and its place in it."""
        passages: dict[int, list[Candidate]] = {}
        places = []
        for one in found:
            group = passages.setdefault(one.rank, [])
            places.append((one.rank, len(group)))
            group.append(one)
        texts = [_passage(group, with_speaker=with_speaker) for group in passages.values()]
        read = dict(zip(passages, self._judge.read(question, texts), strict=True))
        return [(read[rank], at) for rank, at in places]


def _passage(group: Sequence[Candidate], *, with_speaker: bool) -> ReadText:
    source = group[0].hit.source
    said = [f"{one.speaker.name}: {one.text}" if with_speaker and one.speaker else one.text for one in group]
    return ReadText(one_line(source.title), tuple(said), source.published)


def _on_top(one: Candidate, newest: Mapping[date, float], *, wants_speaker: bool) -> float:
    published = one.hit.source.published
    return (
        _HOLDS_OFFICE * (one.answer is not None)
        + _HEADING * (not ends_like_sentence(one.text))
        + _NEWER * (newest.get(published, 0.0) if published else 0.0)
        + _RANK / (1 + one.rank)
        + (_HOLDS_OFFICE / 2 if wants_speaker and one.speaker is not None else 0.0)
    )


def _answering(one: Candidate, asked: Asked, span: Span | None, *, score: float) -> Candidate:
    """Return the candidate with the words that answer, where they are known and a value is asked for."""
    if one.answer is not None or span is None or score < _ANSWERS or not _has_words(asked):
        return one
    return replace(one, answer=unfolded(one, span))


def _has_words(asked: Asked) -> bool:
    """Return whether some words of a sentence are the answer; who said it stands beside what was said."""
    return asked.has_slot and asked.kind is not AnswerKind.SPEAKER
