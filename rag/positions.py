"""Which answers the quotes give, side by side: quotes whose values agree are one position, others differ.

Knows quotes, what is asked and the form of values; no model. Copies of one story are one voice. That two quotes
answer the same question is judged by their scores and by the words they share with it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import permutations, takewhile

from rag.alike import AS_NEAR, counted, counts_only_others, is_as_near, shared_words
from rag.asked import AnswerKind, Asked
from rag.asked_words import is_plural
from rag.disputes import disputes, disputes_in_words, rejects
from rag.evidence import ends_like_sentence, is_question
from rag.holders import holders, of_each
from rag.offices import office_of
from rag.speakers import is_own, is_saying
from rag.stems import stems
from rag.text import one_line, words
from rag.types import Quote, Relation
from rag.values import Value, agree, values
from rag.values_agree import Agreement
from rag.values_dates import Period, times

# A quote may give a position of its own when its score is at least this share of the best one's.
CLOSE = 0.85
# Where the reader can tell which words answer, quotes that score less count too.
_ANSWERING = 0.5
_MOST = 3
# An item of a list counts when it is this likely, as a share of the best one; of an open question another voice.
_ITEM, _ALSO = 0.4, 0.45
# Another voice with another value counts when its quote is this likely, as a share of the best one, and speaks of
# the same (rag.alike). These shares and those above were chosen with the sample questions and some of
# WikiContradict (40) and RAMDocs (80) in view: lower ones show more sides, and more beside the point. Down to 0.2
# no more answers of nq_oracle (n = 120) are said to differ, and below it more are.
_OTHER = 0.2
# Who asks two documents wants to hear both: so likely, as a share of the best quote, is what the second one says.
_SECOND = 0.1
# A quote of the days that are asked about counts when it is this likely, as a share of the best one.
_OF_THEN = 0.2
# What hardly answers disagrees with nothing.
_TRUSTED = 0.3
_MOST_ITEMS, _MOST_HOLDERS = 5, 10
# Below this probability the next sentence is shown too, when it is this likely, as a share of the best one. With
# 0.4 no more of the sample questions (n = 99) and of nq_oracle (n = 60) are right, and more is beside the point.
_SURE, _BESIDE = 0.5, 0.6
# Two counts of one week differ; the one is not outdated by the other.
_ONE_TIME = timedelta(days=7)
_NUMBER = re.compile(r"\d[\d.,]*")
_SUPPOSES = re.compile(r"(?:should|were|had) (?:\w+ ){1,6}?\w+,|(?:if|unless|если) ", re.IGNORECASE)
# A sentence whose words another one holds to this part says nothing new.
_REPEATS = 0.7


@dataclass(frozen=True, slots=True)
class Position:
    """One answer: its quotes, best first, and its value as written; None where the answer is no value."""

    quotes: tuple[Quote, ...]
    value: str | None = None

    @property
    def latest(self) -> date | None:
        """Return the day of the newest of its quotes, None where none has a date."""
        return max((quote.source.published for quote in self.quotes if quote.source.published), default=None)


@dataclass(frozen=True, slots=True)
class Positions:
    """What the quotes answer: the positions in the order in which they are given, never none."""

    relation: Relation
    positions: tuple[Position, ...]


@dataclass(slots=True)
class _Group:
    quotes: list[Quote]
    values: list[Value]

    @property
    def denied(self) -> bool:
        """Return whether the first quote only denies its values: "it will not create 1,200 jobs"."""
        return all(rejects(self.quotes[0].text, one.text) for one in self.values)

    def agrees(self, other: "_Group") -> bool:
        return self.denied == other.denied and _share_a_value(self.values, other.values)


def positions(asked: Asked, quotes: Sequence[Quote], *, of_two: bool = False) -> Positions:
    """Return the answers that the quotes (best first, at least one) give to a question.

    Where a single sentence is left that is likelier not to answer than to answer, the next likely one stands
    beside it. `of_two`: two documents were asked, and each is heard.
    """
    found = _positions(asked, quotes)
    if of_two:
        found = _with_second(found, quotes)
    best = found.positions[0].quotes[0]
    # Beside who held an office then, a sentence of other days names another holder.
    is_of_then = asked.when is not None and office_of(asked) is not None and _is_of(asked.when, best)
    is_of_office = is_of_then or found.relation is Relation.NEWEST or of_each(asked) is not None
    if len(found.positions) > 1 or best.score >= _SURE or is_of_office:
        return found
    others = (
        one
        for one in quotes
        if one.score >= best.score * _BESIDE and _tells(one) and not _says_the_same(one, best)
    )
    beside = next(others, None)
    return found if beside is None else replace(found, positions=(*found.positions, Position((beside,))))


def _positions(asked: Asked, quotes: Sequence[Quote]) -> Positions:
    quotes = _timely(asked, quotes)
    told = quotes[0].answer is not None
    least = quotes[0].score * _share_of_best(asked, told=told)
    likely = [quote for quote in quotes if quote.score >= least and (quote.answer or not told)]
    near = _of_the_time(asked, likely)
    asks_who = asked.kind is AnswerKind.SPEAKER and _asks_for_several(asked)
    if asked.kind is AnswerKind.LIST or asks_who or of_each(asked):
        return _items(asked, quotes)
    groups = _groups(asked, near) if asked.has_slot and asked.kind is not AnswerKind.SPEAKER else []
    if not groups:
        return _open(asked, near[0], quotes)
    if quotes[0].score < _TRUSTED and not _tells_of_office(asked, quotes):
        groups = groups[:1]
    elif not asked.now or asked.kind is AnswerKind.NUMBER:
        groups += _others(asked, groups, quotes=_of_the_time(asked, quotes))
    found = [_position(asked, group) for group in groups]
    if len(found) == 1:
        is_state = asked.now and told and found[0].latest is not None
        return Positions(Relation.NEWEST if is_state else Relation.ONE, tuple(found))
    apart = _from_others(found)
    newest = sorted(apart, key=_last_day, reverse=True)
    at_once = _ONE_TIME if asked.kind is AnswerKind.NUMBER else timedelta(0)
    is_later = len(newest) > 1 and _last_day(newest[0]) - _last_day(newest[1]) > at_once
    if asked.now and is_later and not _reject(newest):
        earlier = [one for one in newest[1:] if not _counts_only_others(asked, one.quotes[0])]
        return Positions(Relation.NEWEST, (newest[0], *earlier)[:_MOST])
    return Positions(Relation.DIFFER if len(apart) > 1 else Relation.ONE, tuple(apart[:_MOST]))


def _share_of_best(asked: Asked, *, told: bool) -> float:
    """Return how likely a quote must be to give a position of its own, as a share of the best one."""
    if not told:
        return CLOSE
    # Who holds an office now is told by the newest that names a holder, however much likelier an older one is.
    return _OF_THEN if asked.now and office_of(asked) is not None else _ANSWERING


def _with_second(found: Positions, quotes: Sequence[Quote]) -> Positions:
    """Return the positions, and where they rest on one document the best of what the other says."""
    heard = {quote.source.document_id for position in found.positions for quote in position.quotes}
    least = quotes[0].score * _SECOND
    best = found.positions[0].quotes[0]
    others = (one for one in quotes if one.source.document_id not in heard and one.score >= least)
    second = next((one for one in others if _voice(one) != _voice(best) and not _says_the_same(one, best)), None)
    return found if second is None else replace(found, positions=(*found.positions, Position((second,))))


def _last_day(position: Position) -> date:
    return position.latest or date.min


def _reject(found: Sequence[Position]) -> bool:
    """Return whether one of the positions denies the value of another: then neither is only older."""
    return any(
        rejects(quote.text, there.value)
        for here, there in permutations(found, 2)
        for quote in here.quotes
        if there.value is not None
    )


def _asks_for_several(asked: Asked) -> bool:
    """Return whether "which prime ministers said" asks for more than one; "which innkeeper says" asks for one."""
    first, *following = words(asked.question)[:_FEW]
    named = [*following[:1], *takewhile(lambda word: not is_saying(word), following[1:])]
    return first == "which" and any(is_plural(word) for word in named)


_FEW = 4


def _items(asked: Asked, quotes: Sequence[Quote]) -> Positions:
    """Return the items of a list: one of each document that carries some, of a single one all; none twice. Those
    who held an office are told by name, one after the other.
    """
    one = of_each(asked)
    told = holders(_of_the_time(one, quotes)) if one else []
    if told:
        return Positions(Relation.LIST, tuple(Position((quote,), name) for name, quote in told[-_MOST_HOLDERS:]))
    likely = [quote for quote in quotes if quote.score >= quotes[0].score * _ITEM]
    voices = _voices(likely)
    kept: list[Quote] = []
    for quote in voices if len(voices) > 1 else likely:
        if not any(_repeats(quote, other) for other in kept):
            kept.append(quote)
    return Positions(Relation.LIST, tuple(Position((quote,)) for quote in kept[:_MOST_ITEMS]))


def _others(asked: Asked, groups: Sequence[_Group], *, quotes: Sequence[Quote]) -> list[_Group]:
    """Return what other voices say, less surely than those of the groups, where it is another value."""
    best = groups[0].quotes[0]
    heard = {_said_by(quote) for group in groups for quote in group.quotes}
    more: list[_Group] = []
    for quote in quotes:
        is_likely = quote.score >= best.score * _OTHER and is_as_near(asked, quote, best=best)
        # Of the present the newest leads, and this one hardly answers.
        would_lead = asked.now and _last_day(Position((quote,))) > _last_day(Position((best,)))
        if not is_likely or would_lead or _said_by(quote) in heard:
            continue
        found = counted(asked, quote, found=_values(asked, quote, told=False))
        group = _Group([quote], list(found))
        if found and not any(group.agrees(other) for other in (*groups, *more)):
            more.append(group)
            heard.add(_said_by(quote))
    return more


def _open(asked: Asked, best: Quote, quotes: Sequence[Quote]) -> Positions:
    """Return the best quote of a question whose answer is no value, and another voice that answers it too; of one
    for a speaker the best alone.

    The two differ where one denies or disputes what the question and the other have in common.
    """
    if asked.kind is AnswerKind.SPEAKER:
        return Positions(Relation.ONE, (Position((best,)),))
    heard = _said_by(best)
    others = [
        one
        for one in quotes
        if one.score >= best.score * _ALSO
        and _tells(one)
        and _said_by(one) != heard
        and not _says_the_same(one, best)
    ]
    if not others:
        return Positions(Relation.ONE, (Position((best,)),))
    disputing = (one for one in others if disputes_in_words(asked, best.text, other=one.text))
    other = next(disputing, others[0])
    is_against = _repeats(other, best) or disputes(asked, best.text, other=other.text)
    relation = Relation.DIFFER if is_against else Relation.ONE
    return Positions(relation, (Position((best,)), Position((other,))))


def _tells(quote: Quote) -> bool:
    """Return False for a heading, a question or what is only supposed: beside an answer it says nothing."""
    text = one_line(quote.text)
    return ends_like_sentence(text) and not is_question(text) and not _SUPPOSES.match(text)


def _says_the_same(quote: Quote, other: Quote) -> bool:
    """Return whether a quote repeats another one; the same words with other numbers say something else."""
    told, before = (set(_NUMBER.findall(one.text)) for one in (quote, other))
    return _repeats(quote, other) and not (told - before and before - told)


def _said_by(quote: Quote) -> tuple[str, int, str]:
    speaker = quote.speaker
    # What the author says is what the document says.
    return (*_voice(quote), speaker.name if speaker and not is_own(speaker) else "")


def _repeats(quote: Quote, other: Quote) -> bool:
    said, before = set(stems(quote.text)), set(stems(other.text))
    return len(said & before) >= _REPEATS * min(len(said), len(before))


def _of_the_time(asked: Asked, quotes: Sequence[Quote]) -> Sequence[Quote]:
    """Return the quotes about or from the days that the question names; without any, for the holder of an office,
    the last ones before; else all.
    """
    if asked.when is None:
        return quotes
    of_then = [quote for quote in quotes if _is_of(asked.when, quote)]
    if of_then or asked.kind is not AnswerKind.PERSON:
        return of_then or quotes
    days = [quote.source.published for quote in quotes if quote.source.published]
    last = max((day for day in days if day <= asked.when.last), default=None)
    return [quote for quote in quotes if quote.source.published == last] or quotes


def _is_of(when: Period, quote: Quote) -> bool:
    published = quote.source.published
    named = (one.time for one in times(quote.text, published=published))
    if any(isinstance(time, Period) and (when.holds(time) or time.holds(when)) for time in named):
        return True
    return published is not None and when.first <= published <= when.last


def _timely(asked: Asked, quotes: Sequence[Quote]) -> Sequence[Quote]:
    """Return the quotes of the days that a question for the holder of an office names, where one of them is likely
    enough: who held it then is best told by what was written then.
    """
    if asked.when is None or office_of(asked) is None:
        return quotes
    told = quotes[0].answer is not None
    of_then = [quote for quote in quotes if (quote.answer or not told) and _is_of(asked.when, quote)]
    return of_then if of_then and of_then[0].score >= quotes[0].score * _OF_THEN else quotes


def _voices(quotes: Sequence[Quote]) -> list[Quote]:
    """Return the first quote of each document and story."""
    first: dict[tuple[str, int], Quote] = {}
    for quote in quotes:
        first.setdefault(_voice(quote), quote)
    return list(first.values())


def _voice(quote: Quote) -> tuple[str, int]:
    source = quote.source
    return ("story", source.story) if source.story is not None else ("document", source.document_id)


def _groups(asked: Asked, quotes: Sequence[Quote]) -> list[_Group]:
    """Return quotes with values of the kind that is asked for, those that share a value together."""
    groups: list[_Group] = []
    least = 0.0
    told = quotes[0].answer is not None
    of_office = _tells_of_office(asked, quotes)
    for quote in quotes:
        found = _values(asked, quote, told=told)
        if not groups:
            if not found:
                return []  # the best quote answers without a value: nothing to hold others against
            least = shared_words(asked, quote) * AS_NEAR
        is_told = told and (of_office or quote.score >= _ANSWERING)
        if not found or (shared_words(asked, quote) < least and not is_told):
            continue
        mine = _Group([quote], list(found))
        joined = next((group for group in groups if group.agrees(mine)), None)
        if joined is None:
            groups.append(mine)
        else:
            joined.quotes.append(quote)
    return groups


def _tells_of_office(asked: Asked, quotes: Sequence[Quote]) -> bool:
    """Return whether an office is asked for and its holder is told: that is known by the words around a name,
    however little else a sentence shares with the question.
    """
    return quotes[0].answer is not None and office_of(asked) is not None


def _counts_only_others(asked: Asked, quote: Quote) -> bool:
    return counts_only_others(asked, quote, found=_values(asked, quote, told=False))


def _values(asked: Asked, quote: Quote, *, told: bool) -> list[Value]:
    """Return the values of a quote, without those that it denies where it states another; where the reader has
    `told` the answering words, only those in them.
    """
    found = values(quote.text, asked, published=quote.source.published)
    stated = [one for one in found if not rejects(quote.text, one.text)] or found
    if not told:
        return stated
    start, end = quote.answer or (0, 0)
    return [one for one in stated if one.start < end and start < one.end]


def _share_a_value(some: Sequence[Value], others: Sequence[Value]) -> bool:
    alike = (Agreement.SAME, Agreement.COMPATIBLE)
    return any(agree(one, other) in alike for one in some for other in others)


def _position(asked: Asked, group: _Group) -> Position:
    return Position(tuple(_voices(group.quotes)), _nearest_value(asked, group.quotes[0], group.values))


def _nearest_value(asked: Asked, quote: Quote, found: Sequence[Value]) -> str:
    """Return the value that stands nearest to a word of the question."""
    folded = quote.text.casefold()
    places = [at for word in asked.focus if (at := folded.find(word)) >= 0]
    best = min(found, key=lambda one: min((abs(one.start - at) for at in places), default=0))
    return one_line(best.text)


def _from_others(found: Sequence[Position]) -> list[Position]:
    """Return the positions that another voice or speaker gives than those before them."""
    kept: list[Position] = []
    heard: set[tuple[str, int, str]] = set()
    for position in found:
        who = {_said_by(quote) for quote in position.quotes}
        if not who <= heard:
            kept.append(position)
        heard |= who
    return kept
