"""The first reader: finds the sentences of the hits that answer a question, without training.

Knows text and an embedder. Signals: cosine of "title. sentence", shared words, and whether the sentence holds
what the question asks for ("how much" a number, "when" a date, "who" a name).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.asked import Asked, analyse
from rag.holders import of_each
from rag.offices import OFFICES, holder_spans, office_of
from rag.protocols import Embedder
from rag.remembering import Remembering
from rag.speakers import asks_for_speaker, speaker_of
from rag.stems import stems
from rag.successors import Said, has_left, left, predecessor, successor
from rag.text import STOPWORDS, content_words, is_cyrillic, one_line, sentences, words
from rag.titles import called
from rag.types import Hit, Quote, Span, Speaker, page_at
from rag.values_names import may_be_same_name, name_of

_NUMBER = re.compile(
    r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|dozens?|half|hundreds?|thousands?|millions?)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:january|february|march|april|(?-i:May)|june|july|august|september|october|november|"
    r"december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|today|week|month|year)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-ZА-ЯЁ][\w’'-]+(?:\s+(?:of\s+|de\s+|van\s+)?[A-ZА-ЯЁ][\w’'-]+)*")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:much|many|far|long|old|large|big|often)\b|\bwhat (?:percent|share|number|proportion)|сколько",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month)\b|\bhow long\b|когда", re.IGNORECASE)
_ASKS_NAME = re.compile(r"\bwho(?:se|m)?\b|\bwhere\b|\bкто\b|\bгде\b", re.IGNORECASE)
_ASKS = ((_ASKS_NUMBER, _NUMBER), (_ASKS_DATE, _DATE), (_ASKS_NAME, _NAME))
_NOW = re.compile(r"\b(?:is|are|current|currently|now|today|latest|new(?:est)?)\b|сейчас|нынешн", re.IGNORECASE)

_COSINE, _SHARED, _ASKED_FOR, _RANK, _NEWER = 0.5, 0.25, 0.15, 0.05, 0.05
# Told to hold the office that is asked for; a line that ends like no sentence is a heading or a byline.
_HOLDS_OFFICE, _HEADING = 0.3, -0.15
_ENDS_LIKE_SENTENCE = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
_NOTE_MARKS = re.compile(r"(?:\[\d{1,3}\]|[¹²³⁴⁵⁶⁷⁸⁹⁰])+$")
_ITEM = re.compile(r"\s*(?:[-–•*·▪]|\d{1,3}[.)]|\(?\w\))\s")
_MIN_WORDS = 4
# "Nobody was hurt." says more than a caption of as many words.
_SHORT = re.compile(
    r"[A-ZА-ЯЁ“\"][\w’'-]{0,30}\s(?:(?:[\w’'-]{1,30}\s)?(?:was|were|is|are|has|had|did|will)(?:\s[\w’'-]{1,30})?|"
    r"(?!re)\w{2,20}ed\s(?!by\b)[\w’'-]{1,30})[.!]$"
)
# A mail marks the lines of the one that it answers.
_QUOTED_MARKS = re.compile(r"(?:>\s?)*")
# "They" is no name though it is capitalised; "May" may be a month.
_SAYS_NOTHING = STOPWORDS - {"may"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit: `span` are its offsets in the passage, `text` is it on one line.

    `answer` are the words that answer where they are known, `likely` those that may, as offsets in the sentence as
    it is written.
    """

    hit: Hit
    rank: int
    span: Span
    text: str
    speaker: Speaker | None
    answer: Span | None = None
    likely: Span | None = None


class SentenceReader:
    """Scores every sentence of the hits against the question."""

    def __init__(self, embedder: Embedder) -> None:
        self._vectors = Remembering(embedder)

    def read(self, question: str, hits: Sequence[Hit], *, limit: int) -> list[Quote]:
        """Return at most `limit` quotes, best first; scores between 0 and 1 compare within one question."""
        candidates = with_holders(question, candidates_in(hits))
        scores = untrained_scores(question, candidates, hits=hits, vectors=self._vectors)
        scored = list(zip(scores, candidates, strict=True))
        scored.sort(key=lambda pair: (-pair[0], pair[1].rank, pair[1].span))
        return [quote_of(score, candidate) for score, candidate in scored[:limit]]


class LeadReader:
    """Takes the first sentence of each hit, in their order: what answers look like without a reader."""

    def read(self, question: str, hits: Sequence[Hit], *, limit: int) -> list[Quote]:
        """Return the first sentences of the first `limit` hits; scores fall with the rank."""
        del question
        leads: dict[int, Candidate] = {}
        for candidate in candidates_in(hits):
            leads.setdefault(candidate.hit.passage.id, candidate)
        return [quote_of(1 / (1 + lead.rank), lead) for lead in list(leads.values())[:limit]]


def untrained_scores(
    question: str, candidates: Sequence[Candidate], *, hits: Sequence[Hit], vectors: Remembering
) -> list[float]:
    """Return a score for each candidate, mostly between 0 and 1; they compare within one question."""
    if not candidates:
        return []
    wants_speaker = asks_for_speaker(question)
    texts = [text_to_read(candidate, with_speaker=wants_speaker) for candidate in candidates]
    encoded = vectors.encode([question[:2000], *texts])
    cosines = encoded[1:] @ encoded[0]
    newest = newest_first(hits) if _NOW.search(question) else {}
    return [
        _score(question, candidate, float(cosine), newest)
        for candidate, cosine in zip(candidates, cosines, strict=True)
    ]


def candidates_in(hits: Sequence[Hit]) -> list[Candidate]:
    """Return the sentences of the hits, in their order, each text once."""
    found = []
    seen: set[str] = set()
    for rank, hit in enumerate(hits):
        for begin, end in sentences(hit.passage.text):
            start = _QUOTED_MARKS.match(hit.passage.text, begin, end).end()  # type: ignore[union-attr] # matches anything
            text = one_line(hit.passage.text[start:end])
            if _says_something(text) and text not in seen:
                seen.add(text)
                place = (hit.passage.start + start, hit.passage.start + end)
                found.append(Candidate(hit, rank, (start, end), text, speaker_of(place, hit.attributions)))
    return found


def _says_something(text: str) -> bool:
    """Return whether a line says more than a caption: "Florian Aigner, manager" tells who holds an office."""
    said = words(text)
    if len(said) >= _MIN_WORDS or _SHORT.match(text):
        return True
    return len(said) == _MIN_WORDS - 1 and ("," in text or ": " in text) and not OFFICES.isdisjoint(said)


def with_holders(question: str, candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates, those that name the holder of an office asked for with the words that do."""
    asked = analyse(question)
    one = of_each(asked) or asked
    office = office_of(one)
    spans = holder_spans(one, [(each.text, each.hit.source.published) for each in candidates])
    if spans is None or office is None:
        return candidates
    before = ["", *(each.text for each in candidates)]
    said = [
        (each.text, each.hit.source.published, before[at] if at and candidates[at - 1].rank == each.rank else "")
        for at, each in enumerate(candidates)
    ]
    gone = left(office, said) if asked.now else []
    whom = _before_whom(asked)

    def holding(told: Said, span: Span | None) -> Span | None:
        if span is None:
            found = predecessor(told, of=whom) if whom else successor(office, told)
            return None if found is None or told[0][slice(*found)] in asked.names else found
        name = told[0][slice(*span)]
        # Nobody held an office before themselves.
        is_asked = whom is not None and may_be_same_name(name_of(name), name_of(whom))
        return None if is_asked or has_left(name, told[1], gone=gone) else span

    found = map(holding, said, spans)
    return [replace(each, answer=unfolded(each, span)) for each, span in zip(candidates, found, strict=True)]


def _before_whom(asked: Asked) -> str | None:
    """Return the name in "who was mayor before Ann Ito", None for other questions."""
    question = asked.question
    return next((name for name in asked.names if re.search(rf"\bbefore {re.escape(name)}\b", question)), None)


def unfolded(candidate: Candidate, span: Span | None) -> Span | None:
    """Return a span of the one-line text as one of the sentence as it stands in the document."""
    if span is None:
        return None
    start, end = candidate.span
    written = candidate.hit.passage.text[start:end]
    found = re.search(r"\s+".join(map(re.escape, candidate.text[slice(*span)].split())), written)
    return found.span() if found else None


def text_to_read(candidate: Candidate, *, with_speaker: bool) -> str:
    """Return what is compared with the question: the sentence under its title, and its speaker where asked for."""
    title = one_line(called(candidate.hit))
    who = (
        f"{candidate.speaker.name}, {candidate.speaker.role or ''}: " if with_speaker and candidate.speaker else ""
    )
    return f"{title}. {who}{candidate.text}"


def ends_like_sentence(text: str) -> bool:
    """Return False for a heading or a byline."""
    return _ENDS_LIKE_SENTENCE.search(text) is not None


def is_heading(text: str) -> bool:
    """Return True for a line that only names what follows; no item of a list, no line such as "Chair: Ann Ito"."""
    bare = _NOTE_MARKS.sub("", text)
    return not ends_like_sentence(bare) and ": " not in bare and not _ITEM.match(bare)


def is_question(text: str) -> bool:
    """Return True for a sentence that asks: it answers nothing. One that tells what somebody asked does not."""
    bare = text.rstrip("\"'”’» ")
    is_quoted = bare != text.rstrip()
    return bare.endswith(("?", "？")) and (not is_quoted or text.lstrip().startswith(('"', "'", "“", "‘", "«")))


def newest_first(hits: Sequence[Hit]) -> dict[date, float]:
    """Map each publication date to a share between 0 (oldest) and 1 (newest)."""
    dates = sorted({hit.source.published for hit in hits if hit.source.published})
    steps = max(1, len(dates) - 1)
    return {day: 1 - place / steps for place, day in enumerate(reversed(dates))}


def _score(question: str, candidate: Candidate, cosine: float, newest: dict[date, float]) -> float:
    asked = _forms(question)
    shared = asked & _forms(candidate.text)
    covered = len(shared) / len(asked) if asked else 0.0
    published = candidate.hit.source.published
    return (
        _COSINE * max(0.0, min(1.0, cosine))
        + _SHARED * covered
        + _ASKED_FOR * _answers_in_kind(question, candidate)
        + _HOLDS_OFFICE * (candidate.answer is not None)
        + _HEADING * (not ends_like_sentence(candidate.text))
        + _RANK / (1 + candidate.rank)
        + _NEWER * (newest.get(published, 0.0) if published else 0.0)
    )


def _forms(text: str) -> set[str]:
    """Return the words to be shared; those of a Russian text without their endings, of which they have many."""
    return set(stems(text) if is_cyrillic(text) else content_words(text))


def _answers_in_kind(question: str, candidate: Candidate) -> float:
    if asks_for_speaker(question):
        # Best are words known to be somebody's; a sentence that names somebody may say who says it unrecognised.
        return 1.0 if candidate.speaker is not None else 0.5 * _holds(_NAME, question, candidate.text)
    held = holds_what_is_asked(question, candidate.text)
    return 0.5 if held is None else float(held)


def holds_what_is_asked(question: str, sentence: str) -> bool | None:
    """Return whether the sentence has a number, date or name that is not in the question, as it asks for one.

    None where it asks for none of these.
    """
    for asks, pattern in _ASKS:
        if asks.search(question):
            return _holds(pattern, question, sentence)
    return None


def _holds(pattern: re.Pattern[str], question: str, sentence: str) -> bool:
    known = set(words(question)) | _SAYS_NOTHING
    return any(not set(words(match.group())) <= known for match in pattern.finditer(sentence))


def quote_of(score: float, candidate: Candidate) -> Quote:
    """Return the candidate as a quote of its document."""
    hit = candidate.hit
    start = hit.passage.start + candidate.span[0]
    end = hit.passage.start + candidate.span[1]
    page = page_at(hit.source.pages, start)
    text = hit.passage.text[candidate.span[0] : candidate.span[1]]
    return Quote(
        number=0,
        source=hit.source,
        passage_id=hit.passage.id,
        start=start,
        end=end,
        page=page,
        text=text,
        score=round(score, 4),
        speaker=candidate.speaker,
        answer=candidate.answer,
        likely=candidate.likely,
        mentions=tuple(one for one in hit.mentions if start <= one.start and one.end <= end),
    )
