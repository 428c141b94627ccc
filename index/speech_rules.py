"""Who says what in one sentence of narration, by word order. Pure; knows no other sentence and resolves no name.

A sentence is a string of word kinds (`speech_words`), so the rules are regular expressions over words. They
prefer silence: a verb of saying without a clear subject beside it gives nothing.
"""

import re
from dataclasses import dataclass, replace

from index.speech_contents import (
    Right,
    Rule,
    around,
    around_as,
    contents_of,
    quotes_from,
    right_of,
    rightwards,
    skip,
)
from index.speech_subjects import (
    PHRASE_RIGHT,
    WINDOW,
    TokenSpan,
    head,
    opening,
    relative_before,
    role_after,
    subject_before,
    unnamed_before,
)
from index.speech_units import NAME, QUOTE, Unit
from index.speech_words import (
    BODIES,
    INVERTED,
    LEMMAS,
    MARKED,
    PAPERS,
    PEOPLE,
    ROLES,
    STRONG,
    Verb,
)

_ADVERBS = "RA!BM"


@dataclass(frozen=True, slots=True)
class Said:
    """One act of speech inside a unit, in tokens of it. Without `contents` it speaks the quotation before it."""

    speaker: TokenSpan
    cue: TokenSpan
    contents: tuple[TokenSpan, ...]
    role: TokenSpan | None = None
    verb: Verb = Verb.SAY
    rule: Rule = Rule.BEFORE


def said_in(unit: Unit) -> list[Said]:
    """Return the acts of speech of a unit in order."""
    found: list[Said] = []
    for at, kind in enumerate(unit.kinds):
        one: Said | None = None
        if kind in "VvsG":
            one = _by_verb(unit, at, found)
        elif kind == "k":
            one = _by_phrase(unit, at)
        elif kind == ":":
            one = _by_colon(unit, at)
        if one is not None:
            _add(unit, one, found)
    return found


def _add(unit: Unit, one: Said, found: list[Said]) -> None:
    """Append `one` unless it is inside the words of another; words end where the next act of speech begins."""
    start = min(one.speaker[0], one.cue[0]) if one.rule not in (Rule.SHARED, Rule.GERUND) else one.cue[0]
    for index, other in enumerate(found):
        for place, (first, last) in enumerate(other.contents):
            if not first <= one.cue[0] < last:
                continue
            if one.rule == Rule.AFTER and _is_outer(unit, one, other):
                del found[index:]
                found.append(one)
                return
            if not _breaks(unit, start, one):
                return
            cut = _before_break(unit, start)
            contents = other.contents[:place] + (((first, cut),) if cut > first else ())
            found[index] = replace(other, contents=contents)
    found[:] = [other for other in found if other.contents or other.rule == Rule.ALONE]
    found.append(one)


def _is_outer(unit: Unit, one: Said, other: Said) -> bool:
    """Return True where a closing ", a spokesman said." holds all that is before it; not for "he", said again."""
    last = max(end for _, end in (one.speaker, one.cue))
    if unit.kinds[one.speaker[0]] == "P" or other.rule is not Rule.BEFORE:
        return False
    return len(unit.kinds) - last < 8 or other.verb in (Verb.ACT, Verb.MIND)


def _breaks(unit: Unit, start: int, one: Said) -> bool:
    """Return True where a new act of speech may cut the words of the one before."""
    if one.rule in (Rule.GERUND, Rule.SHARED, Rule.ACCORDING):
        return True
    if unit.kinds[0] == "J" and unit.kinds[start - 1] == ",":  # "While Smith said that ..., Jones said"
        return True
    before = unit.kinds[max(0, start - 2) : start]
    return before[-1:] in (";", "Q") or (before[-1:] in ("K", "J") and before[:1] in (",", "Q", "-"))


def _before_break(unit: Unit, start: int) -> int:
    while start > 0 and unit.kinds[start - 1] in ",KJ-;RA":
        start -= 1
    return start


def _by_verb(unit: Unit, at: int, found: list[Said]) -> Said | None:
    kinds = unit.kinds
    verb = LEMMAS[unit.tokens[at].lower][1]
    group = at
    while group > 0 and kinds[group - 1] in _ADVERBS:
        group -= 1
    if kinds[group - 3 : group] == "XII":  # "went on to say"
        group -= 3
    helpers = kinds[group:at].replace("XII", "")
    if not _is_finite(unit, at, helpers):
        return None
    right = right_of(unit, at)
    inverted = None if helpers else _inverted(unit, at)
    if inverted is not None:
        return inverted
    if kinds[at] == "G" and "B" not in helpers:
        return _gerund(unit, at, right, found)
    subject = subject_before(unit, group) or relative_before(unit, group) or unnamed_before(unit, group)
    if subject is None:
        return _shared(unit, at, group, found, right)
    speaker, role, edge = subject
    if not _may_say(unit, at, speaker):
        return None
    contents, rule = contents_of(unit, right, edge=edge, at=at)
    return None if contents is None else Said(speaker, (at, at + 1), contents, role, verb, rule)


def _may_say(unit: Unit, at: int, speaker: TokenSpan) -> bool:
    """Return False where the verb means something else with this subject or these words."""
    lemma, verb = LEMMAS[unit.tokens[at].lower]
    if unit.tokens[speaker[0]].lower in ("nobody", "none", "nothing", "no"):
        return False
    main = unit.tokens[head(unit, speaker)]
    following = unit.tokens[at + 1].lower if at + 1 < len(unit.tokens) else ""
    # "a witness who asked not to be named said"
    if main.kind == "S" or (lemma == "ask" and following in ("for", "about", "to", "not")):
        return False
    if lemma == "call" and (following in ("off", "up", "out") or unit.tokens[speaker[0]].lower in ("a", "an")):
        return False
    if lemma == "accuse" and following == "of":  # "the man accused of theft"
        return False
    if verb is Verb.SHOW and main.lower not in PAPERS:
        return False
    known = main.lower in ROLES | PEOPLE | BODIES | PAPERS
    return lemma in STRONG or main.kind != "n" or known or lemma[0] >= "а"


def _is_finite(unit: Unit, at: int, helpers: str) -> bool:
    """Return True for a form that says that something was said: not "to say", "would say", "is said"."""
    kind = unit.kinds[at]
    if "!" in helpers or "M" in helpers:
        return False
    if kind == "G":
        return LEMMAS[unit.tokens[at].lower][0] != "answer"
    if "B" in helpers:
        return False
    if kind == "v" and [token.lower for token in unit.tokens[max(0, at - 3) : at]] == ["went", "on", "to"]:
        return True
    if kind == "v":
        before = unit.kinds[: at - len(helpers)]
        return unit.tokens[at - 1].lower != "to" and "A" not in helpers and before[-1:] in ("n", "P", "N", "D")
    return True


def _inverted(unit: Unit, at: int) -> Said | None:
    """Find '"...," said Smith, a lawyer.' and "как отметил Иванов, ..."."""
    kinds = unit.kinds
    before = at
    while before > 0 and kinds[before - 1] in ",-":
        before -= 1
    is_as = before == at and unit.tokens[at - 1].lower == "как"
    if unit.tokens[at].lower not in INVERTED or not at or (before == at and kinds[at - 1] != QUOTE and not is_as):
        return None
    phrase = PHRASE_RIGHT.match(kinds, at + 1)
    quoted = kinds[before - 1 : before] == QUOTE
    if phrase is None or not before or not _ends_inverted(kinds, phrase, quoted):
        return None
    if not quoted and kinds[at - 1] == "," and NAME not in phrase.group() and subject_before(unit, at) is not None:
        return None
    contents = around_as(unit, at, after=phrase.end()) if is_as else _inverted_contents(unit, at, phrase.end())
    if not contents:
        return None
    verb = LEMMAS[unit.tokens[at].lower][1]
    speaker, role = (at + 1, phrase.end()), role_after(unit, phrase.end())
    if role and kinds[at + 1] == "D" and re.fullmatch("N{2,}", kinds[slice(*role)]):  # "said the owner, Ann Smith"
        speaker, role = (at + 1, role[1]), speaker
    return Said(speaker, (at, at + 1), contents, role, verb, Rule.AS if is_as else Rule.INVERTED)


def _inverted_contents(unit: Unit, at: int, end: int) -> tuple[TokenSpan, ...]:
    """Return what stands before "said Smith", and the quotation that goes on after it."""
    kinds = unit.kinds
    if QUOTE not in kinds[max(0, at - 3) : at]:
        return around(unit, at, right=Right(len(kinds), len(kinds), said=False, marked=False))
    right = Right(skip(unit, end, end=len(kinds)), len(kinds), said=False, marked=False)
    contents = around(unit, at, right=right)
    later = kinds.find(QUOTE, end, end + WINDOW)
    if later > 0 and kinds[later - 1] in ",.:-":
        contents += tuple(span for span in quotes_from(kinds, later) if span not in contents)
    return contents


def _ends_inverted(kinds: str, phrase: re.Match[str], quoted: bool) -> bool:
    """Return True where nothing after the name makes it the start of another clause."""
    after = kinds[phrase.end() : phrase.end() + 1]
    if quoted:
        return not after or after in ".,;-:IWQKRTJ(AGn0"
    return (NAME in phrase.group() or phrase.group()[0] in "DP") and (not after or after in ".,;:RT(")


def _gerund(unit: Unit, at: int, right: Right, found: list[Said]) -> Said | None:
    """Find ", adding that ...": the speaker is who spoke before in this sentence, or its subject."""
    kinds = unit.kinds
    group = at
    while group > 0 and kinds[group - 1] in "RK":
        group -= 1
    lemma, verb = LEMMAS[unit.tokens[at].lower]
    if not right.said or not group or kinds[group - 1] not in ",Q-T" or (lemma in MARKED and not right.marked):
        return None
    speaker = found[-1].speaker if found else opening(kinds)
    if speaker is None or (not found and not _may_say(unit, at, speaker)):
        return None
    role = found[-1].role if found else None
    return Said(speaker, (at, at + 1), rightwards(unit, right), role, verb, Rule.GERUND)


def _shared(unit: Unit, at: int, group: int, found: list[Said], right: Right) -> Said | None:
    """Find "..., and said that ...": the speaker is the one who spoke before in this sentence."""
    if not right.said or unit.kinds[at] not in "Vs" or not group or unit.kinds[group - 1] != "K":
        return None
    lemma, verb = LEMMAS[unit.tokens[at].lower]
    speaker = found[-1].speaker if found else opening(unit.kinds) if lemma in STRONG else None
    if speaker is None or (not found and set(unit.kinds[speaker[1] : group - 1]) & set("JWtPQ;:")):
        return None
    role = found[-1].role if found else None
    return Said(speaker, (at, at + 1), rightwards(unit, right), role, verb, Rule.SHARED)


def _by_phrase(unit: Unit, at: int) -> Said | None:
    """Find "according to Smith, ..." and "..., according to Smith"; "по словам Петрова", "по его словам"."""
    kinds, tokens = unit.kinds, unit.tokens
    start = at + 1
    if tokens[at].lower == Rule.ACCORDING:
        start += start < len(tokens) and tokens[start].lower == "to"
        phrase = PHRASE_RIGHT.match(kinds, start)
        speaker = phrase.span() if phrase else None
    else:
        speaker, at = _russian_phrase(unit, at)
    if speaker is None:
        return None
    end = max(speaker[1], start)
    cue = (at, start)
    last = len(kinds)
    while last > end and kinds[last - 1] in ".)":
        last -= 1
    role = role_after(unit, end) if at else None
    if not kinds[:at].strip("KR"):
        begin = end + (kinds[end : end + 1] == ",")
        return Said(speaker, cue, ((begin, last),), role, Verb.SAY, Rule.ACCORDING) if begin < last else None
    stop = at
    while stop > 0 and kinds[stop - 1] in ",-":
        stop -= 1
    if kinds[end : end + 1] == "," and end + 3 < last and role is None:  # in the middle of what is said
        stop = last
    return Said(speaker, cue, ((0, stop),), role, Verb.SAY, Rule.ACCORDING) if stop else None


def _russian_phrase(unit: Unit, at: int) -> tuple[TokenSpan | None, int]:
    """Return who speaks and where the phrase begins."""
    tokens = unit.tokens
    if tokens[at].lower == "согласно" or (at and tokens[at - 1].lower == "по"):
        phrase = PHRASE_RIGHT.match(unit.kinds, at + 1)
        return (phrase.span() if phrase else None), at - (tokens[at].lower != "согласно")
    if at >= 2 and tokens[at - 2].lower == "по" and tokens[at - 1].lower in ("его", "ее", "её"):
        return (at - 1, at), at - 2
    return None, at


def _by_colon(unit: Unit, at: int) -> Said | None:
    """Find "Smith: ..." at the start of a line; whether Smith is a person is seen elsewhere."""
    if not re.fullmatch("N{1,4}", unit.kinds[:at]) or at + 1 >= len(unit.kinds):
        return None
    return Said((0, at), (at, at + 1), ((at + 1, len(unit.kinds)),), None, Verb.SAY, Rule.COLON)
