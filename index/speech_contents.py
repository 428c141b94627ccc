"""The words that are said: where they begin and end, left and right of a verb of saying.

Works on the word kinds of one unit (`speech_units`); the subject is found elsewhere (`speech_subjects`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from index.speech_subjects import BASE, TAIL, TokenSpan
from index.speech_units import QUOTE, Unit
from index.speech_words import LEMMAS, MARKED, OCCASIONS, POSTPOSED, Verb

# Fewer words than these without a verb are no statement: "added a reservation".
_FEW = 3
# "told the newspaper Izvestia last week that": no "that" further away belongs to the verb.
_THAT_WINDOW = 14


@dataclass(frozen=True, slots=True)
class Right:
    """What follows a verb: where the words begin, and whether there are any."""

    start: int
    end: int
    said: bool
    marked: bool


class Rule(StrEnum):
    """Where the words stand that somebody says."""

    BEFORE = "before"  # Smith said that ...
    AFTER = "after"  # ..., Smith said.
    INVERTED = "inverted"  # "...," said Smith.
    AS = "as"  # as Smith said, ...
    ALONE = "alone"  # "...?" Smith asked.
    GERUND = "gerund"  # ..., adding that ...
    SHARED = "shared"  # ... and said that ...
    ACCORDING = "according"  # according to Smith, ...
    COLON = "colon"  # Smith: ...


_SKIP_TIME = re.compile(r"(?:R(?=I?D?R?n?T)|R(?!P|D|N)|I?D?R?n?T[T0]*(?:,0,?)?(?!n))+")
_QUOTES = re.compile(rf"{QUOTE}(?:[.,-]?{QUOTE})*")
_OCCASION = re.compile(rf"I(?:{BASE}|D)(?:I{BASE})*")
_HEARER = re.compile(rf"(?:[PSH]|D?[nN0p]*[nN](?:[IK]{BASE})?|D)")
_ABOUT = re.compile(rf"I{BASE}{TAIL}(?:[,:](?=Q)|:)")


def right_of(unit: Unit, at: int) -> Right:
    """Skip hearers, occasions and times after a verb of saying and find the words."""
    kinds = unit.kinds
    verb = LEMMAS[unit.tokens[at].lower][1]
    end = len(kinds)
    while end > at + 1 and kinds[end - 1] in ".)":
        end -= 1
    start = at + 1
    if verb is Verb.TELL:
        hearer = _HEARER.match(kinds, start)
        start = hearer.end() if hearer else start
    start = skip(unit, start, end=end)
    far = kinds.find("t", start, min(end, start + _THAT_WINDOW))
    if far >= 0 and not set(kinds[start:far]) & set("VvsXMABPQSG:;-,") and (verb is not Verb.ACT or far == start):
        start = far
    marked = start < end and kinds[start] in "tQ:W"
    is_named = verb is Verb.ACT and kinds[start : start + 2] == "tn"  # "called that decision a mistake"
    while start < end and kinds[start] in "t:" and not is_named:
        start += 1
    about = _ABOUT.match(kinds, start, end)  # 'said of Smith: "..."'
    if about:
        start, marked = about.end(), True
    if start < end and kinds[start] == "," and kinds[start + 1 : start + 2] in ("Q", "t"):  # 'said, "..."'
        start, marked = start + (1 if kinds[start + 1] == "Q" else 2), True
    said = start < end and (marked or kinds[start] not in ",;-.KJ)")
    return Right(start, end, said, marked)


def skip(unit: Unit, start: int, *, end: int) -> int:
    """Return where the words begin after "in a statement on Friday"."""
    kinds, tokens = unit.kinds, unit.tokens
    for _ in range(6):
        before = start
        time = _SKIP_TIME.match(kinds, start, end)
        if time:
            start = time.end()
        occasion = _OCCASION.match(kinds, start, end)
        if occasion and any(token.lower in OCCASIONS for token in tokens[start : occasion.end()]):
            start = occasion.end()
        if start == before:
            break
    return start


def contents_of(unit: Unit, right: Right, *, edge: int, at: int) -> tuple[tuple[TokenSpan, ...] | None, Rule]:
    """Return what is said, left or right of "Smith said"; None where nothing is."""
    kinds = unit.kinds
    lemma, verb = LEMMAS[unit.tokens[at].lower]
    before = kinds[edge - 1] if edge else ""
    after = kinds[right.start] if right.start < right.end else ""
    open_ended = not right.marked or before == QUOTE or (before == "," and _is_clause(kinds[: edge - 1]))
    behind = before == QUOTE or (before in (",", "-") and _is_tail(kinds, edge, after))
    postposed = lemma in POSTPOSED or lemma[0] >= "а"  # word order is free in Russian
    if open_ended and behind and postposed:
        return around(unit, edge, right=right), Rule.AFTER
    if before == "J" and unit.tokens[edge - 1].lower in ("as", "как") and verb is not Verb.ACT:
        return around_as(unit, edge, after=right.start), Rule.AS
    if right.said and (right.marked or lemma not in MARKED) and not _is_empty(unit, right, verb):
        return rightwards(unit, right), Rule.BEFORE
    if not edge and not right.said and lemma in POSTPOSED and (not after or after in ",IGJ"):
        return (), Rule.ALONE
    return None, Rule.BEFORE


def _is_tail(kinds: str, edge: int, after: str) -> bool:
    """Return True for ", Smith said on Friday": what is said stands before it."""
    if kinds[0] in "IJRG":  # "In Ohio, Smith said": only where nothing follows
        return not after or after in ",;-"
    return not after or after in ",;-KJIG" or _is_clause(kinds[: edge - 1])


def _is_clause(kinds: str) -> bool:
    """Return True for words that are a sentence of their own: "Smith will stay"."""
    return re.match(rf"(?:[KR],?)?(?:{BASE}{TAIL}|P)R*[XABMs]", kinds) is not None


def _is_empty(unit: Unit, right: Right, verb: Verb) -> bool:
    """Return True for "said to a crowd of 500" and "added a reservation": no clause follows."""
    inside = unit.kinds[right.start : right.end]
    if verb is Verb.SAY and not right.marked and len(inside) <= _FEW and not set(inside) & set("VvsXAMBPQ"):
        return True
    return (
        verb in (Verb.SAY, Verb.TELL)
        and inside[0] == "I"
        and not right.marked
        and not set(inside) & set("VvsXAMBP")
    )


def rightwards(unit: Unit, right: Right) -> tuple[TokenSpan, ...]:
    """Return the words after the verb; quotations that follow one another are one piece each."""
    kinds = unit.kinds
    if kinds[right.start] == QUOTE:
        return quotes_from(kinds, right.start)
    return ((right.start, right.end),)


def quotes_from(kinds: str, start: int) -> tuple[TokenSpan, ...]:
    """Return the quotations that follow one another from `start` on."""
    run = _QUOTES.match(kinds, start)
    assert run is not None
    return tuple((at, at + 1) for at in range(start, run.end()) if kinds[at] == QUOTE)


def around(unit: Unit, edge: int, *, right: Right) -> tuple[TokenSpan, ...]:
    """Return the words before ", Smith said", and those after where the sentence goes on."""
    kinds = unit.kinds
    stop = edge
    while stop > 0 and kinds[stop - 1] in ",-":
        stop -= 1
    first = 0
    while first < stop - 1 and kinds[first] in ",-":
        first += 1
    if stop <= first:
        return ()
    after = right.start
    while after < right.end and kinds[after] in ",-.":
        after += 1
    if kinds[stop - 1] == QUOTE:
        left = _quote_left(kinds, first, stop)
        return left + (quotes_from(kinds, after) if kinds[after : after + 1] == QUOTE else ())
    if after > right.start and after < right.end and kinds[after] not in "GWQ" and kinds[right.start] == ",":
        return ((first, right.end),)
    return ((first, stop),)


def _quote_left(kinds: str, first: int, stop: int) -> tuple[TokenSpan, ...]:
    """Return the quotations that end at `stop`; the whole clause where they are only its last part."""
    start = stop
    while start > first and kinds[start - 1] in QUOTE + ",.":
        start -= 1
    if start > first and kinds[start - 1] not in ":;":
        return ((first, stop),)
    return tuple((at, at + 1) for at in range(start, stop) if kinds[at] == QUOTE)


def around_as(unit: Unit, edge: int, *, after: int) -> tuple[TokenSpan, ...] | None:
    """Return the main clause of "as Smith said, ..." and "..., as Smith said", which end before token `after`."""
    kinds = unit.kinds
    end = len(kinds.rstrip(".)"))
    if not kinds[: edge - 1].strip("KR,"):
        comma = kinds.find(",", after, min(end, after + 6))
        return ((comma + 1, end),) if 0 <= comma < end - 1 else None
    if kinds[edge - 2] == "," and after >= end:
        return ((0, edge - 2),)
    return None
