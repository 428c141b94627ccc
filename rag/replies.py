"""What is said against a sentence right behind it: "The club pays them," Dale said. The club denies that. Or: Some
800 people marched. The police counted 450. And what tells how it is now: It was 900. Now it is 2,100.

Knows the spelling of a denial and the order of sentences. A denial elsewhere, of what it names itself, is found by
rag.disputes among the sentences that answer.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.asked import AnswerKind, Asked
from rag.evidence import Candidate, ends_like_sentence, quote_of
from rag.positions import Position, Positions
from rag.speakers import is_own, speaker_of
from rag.stems import stem, stems
from rag.text import one_line, sentences, words
from rag.types import Hit, Quote, Relation, Span, Speaker
from rag.values import counts_nothing, undated_amounts
from rag.values_agree import Agreement, agree_keys
from rag.values_dates import times
from rag.values_units import Dimension

_CLAIMS = (
    r"(?:the|this|these|those|such|all|any|both) (?:claims?|accusations?|allegations?|charges?|reports?|"
    r"suggestions?|criticism|figures?|account|version|assertions?|reproach(?:es)?|statements?)\b"
)
# "It denies this.", and not "it denied that prices rose", nor "it rejected this plan".
_END = r"(?=\s*[.,;:!?–—-]|\s+(?:by|in|on|as|and|but|at|when|yesterday|today)\b|\s*$)"
_DENIES = r"(?:den(?:y|ies|ied)|disput(?:es?|ed)|contradict(?:s|ed)?|contest(?:s|ed)?)"
_REJECTS = r"(?:reject(?:s|ed)?|dismiss(?:es|ed)?)"
_DENIAL = re.compile(
    rf"(?:(?:but|however|yet),? )?[^.;:!?]{{1,80}}? (?:(?:has|have|had|also|later|all|both|repeatedly|strongly|"
    rf"flatly|firmly|always) ){{0,3}}(?:{_DENIES} (?:{_CLAIMS}|(?:this|that|it|these|those|them){_END})|"
    rf"{_REJECTS} (?:{_CLAIMS}|(?:this|that){_END}))|"
    r"(?:this|that|the (?:claim|accusation|allegation|charge|report)s?) (?:is|was|were|has been|have been) "
    r"(?:denied|rejected|disputed|contradicted|contested)\b|"
    r".{1,80}? (?:отверг|опроверг|отрица)\w* (?:это\w*|эти|такие|обвинени\w+|утверждени\w+)",
    re.IGNORECASE,
)
# Who does not deny it confirms it.
_NO_DENIAL = re.compile(
    r"\b(?:not|never|nobody|none|no one|neither|nor|few|hardly|cannot|refused to|не|никто|никогда)\b|n['’]t\b",
    re.IGNORECASE,
)
# So many characters, of links and captions, may stand between a statement and its denial.
_GAP = 200
# A denial of so few words has its reasons in the next sentence, where that is somebody's or goes on about them.
_FEW = 9
_GOES_ON = re.compile(r"(?:its|his|her|their|he|she|it|they)\b", re.IGNORECASE)
# Right before the number, so that it is a count and no age.
_COUNTS = re.compile(
    r"\b(?:count(?:s|ed)?|estimate[sd]?|spoke of|speaks? of|reports?|reported|g[ai]ves?|says?|said|claim(?:s|ed)?|"
    r"c[ao]mes? to|puts? (?:it|the (?:number|figure)) at)\s+[\"“«‘']?"
    r"(?:(?:about|around|some|only|just|nearly|almost|at least|at most|over|more than|fewer than|up to)\s+)?$",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?:now|today|at present|currently|meanwhile|since then|this year|сейчас|теперь|сегодня)\b", re.IGNORECASE
)
_IT_IS = re.compile(r"\b(?:it|they|that) (?:is|are|costs?|stands? at) (?:about |only |nearly )?$", re.IGNORECASE)
# Of another time, or of a part.
_APART = re.compile(
    r"\b(?:of (?:these|them|those)|among (?:these|them)|last|earlier|before|previous(?:ly)?|ago)\b", re.IGNORECASE
)
_MOST = 3


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of a document: the hit it was found in, its place there and in the document."""

    hit: Hit
    span: Span

    @property
    def start(self) -> int:
        return self.hit.passage.start + self.span[0]

    @property
    def end(self) -> int:
        return self.hit.passage.start + self.span[1]

    @property
    def text(self) -> str:
        return one_line(self.hit.passage.text[slice(*self.span)])

    @property
    def speaker(self) -> Speaker | None:
        return speaker_of((self.start, self.end), self.hit.attributions)


def with_reply(
    found: Positions, asked: Asked, *, hits: Sequence[Hit], beside: Callable[[Hit], Sequence[Hit]]
) -> Positions:
    """Return the positions, and where the text denies the first one right behind it, that too; where the first one
    is itself such a denial, what it denies.

    One of the two must have a word of the question besides names: else it is another matter that is disputed.
    `beside` gives the passages around that of a hit: a denial may open the next one.
    """
    best = found.positions[0].quotes[0]
    hit = next((one for one in hits if one.passage.id == best.passage_id), None)
    if hit is None or found.relation is Relation.LIST:
        return found
    said = _in_order([hit, *beside(hit)])
    at = next((place for place, one in enumerate(said) if one.end == best.end), None)
    if at is None:
        return found
    if _is_updated(said, at, asked):
        first = found.positions[0]
        newer = replace(first, quotes=(_quote(said[at : at + 2], best.score), *first.quotes[1:]))
        return replace(found, positions=(newer, *found.positions[1:]))
    others = _reply_to(said, at, asked) or _replied_to(said, at)
    about = {stem(word) for word in asked.words}
    if not others or about.isdisjoint(stems(" ".join([best.text, *(one.text for one in others)]))):
        return found
    ends = {one.end for one in others}
    # What only stood beside the first one gives way to what speaks against it.
    sides = found.positions[1:] if found.relation is Relation.DIFFER else ()
    rest = [one for one in sides if not any(quote.end in ends for quote in one.quotes)]
    other = Position((_quote(others, best.score),))
    return replace(found, relation=Relation.DIFFER, positions=(found.positions[0], other, *rest)[:_MOST])


def _in_order(hits: Sequence[Hit]) -> list[_Said]:
    """Return the sentences of passages of one document as they stand in it, without headings and links."""
    found: dict[Span, _Said] = {}
    for hit in hits:
        for span in sentences(hit.passage.text):
            one = _Said(hit, span)
            if ends_like_sentence(one.text):
                found.setdefault((one.start, one.end), one)
    return [found[place] for place in sorted(found)]


def _reply_to(said: Sequence[_Said], at: int, asked: Asked) -> list[_Said]:
    """Return the next sentence where it denies this one, with its reasons, or where it counts otherwise."""
    return _denial(said, at + 1) or _count(said, at + 1, asked)


def _is_updated(said: Sequence[_Said], at: int, asked: Asked) -> bool:
    """Return whether the next sentence tells what a number is now: "It was 900 a month. Now it is 2,100." """
    if asked.kind is not AnswerKind.NUMBER or asked.past or asked.when is not None or at + 1 >= len(said):
        return False
    before, after = said[at], said[at + 1]
    is_next = after.hit is before.hit and _follows(said, at + 1) and _NOW.match(after.text) is not None
    told = {one.amount.dimension for one in undated_amounts(before.text)}
    # "Today it opens at 9": a bare number is the newer one only where "it is" says so.
    return is_next and any(
        one.amount.dimension in told - {Dimension.COUNT} or (told and _IT_IS.search(after.text, 0, one.start))
        for one in undated_amounts(after.text)
    )


def _count(said: Sequence[_Said], at: int, asked: Asked) -> list[_Said]:
    """Return the sentence in which somebody counts what the one before it counts, and comes to another number."""
    if asked.kind is not AnswerKind.NUMBER or at >= len(said) or not _follows(said, at):
        return []
    text, before = said[at].text, said[at - 1].text
    counted = undated_amounts(text)
    if len(counted) != 1 or not counts_nothing(text, counted[0]) or len(words(text)) >= _FEW:
        return []
    mine = counted[0]
    alike = [one.amount for one in undated_amounts(before) if one.amount.dimension is mine.amount.dimension]
    is_other = bool(alike) and all(agree_keys(one, mine.amount) is Agreement.DIFFERENT for one in alike)
    is_apart = bool(times(text)) or _APART.search(text) is not None
    return [said[at]] if is_other and not is_apart and _COUNTS.search(text, 0, mine.start) else []


def _replied_to(said: Sequence[_Said], at: int) -> list[_Said]:
    """Return the sentence that this one denies, or that the denial denies whose reasons this one gives."""
    for place in (at, at - 1):
        if place > 0 and any(one is said[at] for one in _denial(said, place)):
            return [said[place - 1]]
    return []


def _denial(said: Sequence[_Said], at: int) -> list[_Said]:
    """Return the sentence that denies the one before it, and the next where that has the reasons; else none."""
    found = _DENIAL.match(said[at].text) if 0 < at < len(said) and _follows(said, at) else None
    if found is None or _NO_DENIAL.search(found.group()):
        return []
    is_short = len(words(said[at].text)) < _FEW
    if is_short and at + 1 < len(said) and said[at + 1].hit is said[at].hit and _follows(said, at + 1):
        after = said[at + 1]
        if _GOES_ON.match(after.text) or (after.speaker is not None and not is_own(after.speaker)):
            return [said[at], after]
    return [said[at]]


def _follows(said: Sequence[_Said], at: int) -> bool:
    return 0 <= said[at].start - said[at - 1].end <= _GAP


def _quote(said: Sequence[_Said], score: float) -> Quote:
    """Return sentences of one passage, and what stands between them, as one quote; its speaker is the last's."""
    span = (said[0].span[0], said[-1].span[1])
    text = one_line(said[0].hit.passage.text[slice(*span)])
    return quote_of(score, Candidate(said[0].hit, 0, span, text, said[-1].speaker))
