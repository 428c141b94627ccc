"""Noun phrases that can speak: where the subject of a verb of saying stands, and what describes it.

Works on the word kinds of one unit (`speech_units`); knows no verb of saying and resolves no name.
"""

import re
from typing import TypeAlias

from index.speech_units import NAME, Unit
from index.speech_words import ROLES

TokenSpan: TypeAlias = tuple[int, int]
"""Half-open range of token indices of one unit."""

Subject: TypeAlias = tuple[TokenSpan, TokenSpan | None, int]
"""The phrase, what describes it, and where the two begin."""

# No subject is further from its verb than this many tokens; it keeps the search linear.
WINDOW = 60

# A noun phrase up to its head: "Russia's deputy foreign minister", "the 14 members", "Trump".
BASE = r"D?[nN0p]*[nN]"
TAIL = rf"(?:I{BASE}|ID)*"
_ROLE = re.compile(rf"{BASE}(?:[IK]{BASE})*(?=[.,]|$)|{BASE}(?:I{BASE})*")
_PHRASE = re.compile(rf"(?:[PS]|D?[nN0p]*[nN]{TAIL}|D(?:I{BASE})?)$")
PHRASE_RIGHT = re.compile(rf"(?:[PH]|{BASE}(?:I{BASE})*)")
_NAMES_JOINED = re.compile(r"(?:N+,)*N+K$")
# "And on Tuesday" before a subject.
_LED = re.compile(r"[KJR]*(?:I?D?R?T[T0]*(?=[DN]))?")
_TIME = re.compile(r"(?:I?D?[TR]*T[T0]*(?:,?0)?)$")
# What follows these is not said by anyone here: "if he believes".
_NO_CLAUSE = frozenset("if whether because than unless".split())
_JOINED = re.compile(rf"(?:^|[,;:QJ-])[KR]?(?P<first>{BASE}{TAIL})(?:\([^()]*\))?K$")
_UNNAMED = re.compile(rf"(?P<who>{BASE}{TAIL})W[AR]*(?P<asks>V)!?I[BXVn]{{1,3}}$")
_OPENING = re.compile(rf"(?:[KR],?)?((?:{BASE}(?:I{BASE})?)|P)(?=[XVsABM]|,[^,]{{1,40}},[XVsABM])")


def subject_before(unit: Unit, end: int) -> Subject | None:
    """Return the noun phrase that ends before token `end`, its apposition, and where the two begin."""
    kinds = unit.kinds
    low = max(0, end - WINDOW)
    time = _TIME.search(kinds, low, end)
    if time and low < time.start() < end and kinds[time.start() - 1] in "nNP,)":
        end = time.start()
    if end > low and kinds[end - 1] == ")":
        opened = kinds.rfind("(", low, end)
        end = opened if opened > 0 else end
    if end > low and kinds[end - 1] in ",-":
        return _apposed(unit, low, end)
    phrase = _phrase(unit, low, end)
    if phrase is None:
        return None
    return phrase, None, phrase[0]


def relative_before(unit: Unit, end: int) -> Subject | None:
    """Return the "experts" of "experts who say"."""
    if end < 2 or unit.kinds[end - 1] != "W" or unit.tokens[end - 1].lower != "who" or unit.kinds[end - 2] != "n":
        return None
    match = re.search(rf"{BASE}$", unit.kinds[: end - 1])
    return (match.span(), None, match.start()) if match else None


def unnamed_before(unit: Unit, end: int) -> Subject | None:
    """Return the "a witness" of "a witness who asked not to be named said"."""
    match = _UNNAMED.search(unit.kinds[:end], max(0, end - WINDOW))
    if match is None or unit.tokens[match.start("asks")].lower != "asked":
        return None
    return match.span("who"), None, match.start()


def _phrase(unit: Unit, low: int, end: int) -> TokenSpan | None:
    """Return the noun phrase that ends at `end` and starts where a clause may start."""
    kinds = unit.kinds
    match = _PHRASE.search(kinds[low:end])
    if match is None:
        return None
    start = low + match.start()
    joined = _NAMES_JOINED.search(kinds, low, start)
    if joined and kinds[start] == NAME:
        begin = joined.start()
        if begin == 0 or kinds[begin - 1] in ",Q;:-J":
            start = begin
    start = _joined(kinds, start)
    before = kinds[start - 1] if start else ""
    if before and (before not in ",;:-QKJR().T!" or unit.tokens[start - 1].lower in _NO_CLAUSE):
        return None
    if before == "K" and re.search(r"[tW][RDNnp0I]*K$", kinds[max(0, start - 12) : start]):
        return None
    if before == "T" and not _opens_with_time(kinds, start):
        return None
    return start, end


def _joined(kinds: str, start: int) -> int:
    """Return where "Sen. Sanders (Vt.) and former governor O'Malley" begins, given its second name."""
    if kinds[start - 1 : start] != "K" or kinds[start] in "PS":
        return start
    low = max(0, start - 16)
    match = _JOINED.search(kinds[low:start])
    return low + match.start("first") if match and (match.start() or not low) else start


def _opens_with_time(kinds: str, start: int) -> bool:
    """Return True for "On Monday Smith said"."""
    return re.fullmatch(r"(?:.*[,;KJQ-])?(?:I?D?[TR0]+)", kinds[max(0, start - 8) : start]) is not None


def _apposed(unit: Unit, low: int, end: int) -> Subject | None:
    """Return the subject of "Smith, a lawyer in Ohio, said": the first bare phrase that is then described."""
    kinds = unit.kinds
    cuts = [at for at in range(low, end) if kinds[at] in ",-;Q"]
    starts = [low if low == 0 else -1, *(at + 1 for at in cuts[:-1])]
    for number, start in enumerate(starts):
        stop = cuts[number]
        if start < 0 or start >= stop or kinds[stop] not in ",-":
            continue
        led = _LED.match(kinds, start, stop - 1)
        start = led.end() if led else start
        role = (stop + 1, end - 1)
        if not re.fullmatch(rf"(?:{BASE}{TAIL}(?:\([^()]*\))?|P)", kinds[start:stop]) or not _describes(
            unit, role
        ):
            continue
        is_office = kinds[start] == "D" or "n" in kinds[start:stop]
        # "An official, Hideki Tomisawa, said"; "its owner, architect Ann Lee, said"
        if is_office and re.fullmatch("n*N{2,}", kinds[role[0] : role[1]]):
            return (start, role[1]), (start, stop), start
        return (start, stop), role, start
    return None


def _describes(unit: Unit, role: TokenSpan) -> bool:
    start, end = role
    if end - start < 1 or end - start > 40:
        return False
    inside = unit.kinds[start:end]
    if "Q" in inside:
        return False
    if inside[0] in "D0WpJR" or inside[0] == "I" or unit.tokens[start].lower in ROLES:
        return True
    if (
        inside[0] == "X"
        or unit.tokens[start].lower in ("asked", "told", "called", "described", "known")
        or unit.tokens[start].lower.endswith("ing")
    ):
        return True
    return inside[0] in "nN" and not set(inside) & set("VsAB")


def role_after(unit: Unit, end: int) -> TokenSpan | None:
    """Return the apposition after a name: ', director of the Center for ..., '."""
    kinds = unit.kinds
    if kinds[end : end + 1] != ",":
        return None
    if kinds[end + 1 : end + 3] == "0,":  # the age
        end += 2
    match = _ROLE.match(kinds, end + 1)
    return match.span() if match else None


def opening(kinds: str) -> TokenSpan | None:
    """Return the noun phrase that opens a sentence as its subject."""
    match = _OPENING.match(kinds)
    return match.span(1) if match else None


def head(unit: Unit, phrase: TokenSpan) -> int:
    """Return the head of a noun phrase: its last word before a preposition or comma."""
    start, end = phrase
    at = start
    while at + 1 < end and unit.kinds[at + 1] not in "I,KW(":
        at += 1
    return at
