"""Whether a day that a sentence names lay behind it or ahead of it when it was written, by the verbs around it.

Knows spelling only, of English and Russian; no calendar.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from rag.types import Span


class Tense(StrEnum):
    """On which side of the day of writing a named day lies."""

    BEHIND = "behind"
    AHEAD = "ahead"


_AHEAD = frozenset(
    """
    will shall won't would may might must due expect expects expected schedule schedules scheduled plan plans
    planned promises foreseen upcoming starts opens begins closes ends expires
    будет будут будем состоится состоятся пройдет пройдёт пройдут планирует планируют намерен намерена намерены
    ожидается ожидаются должен должна должны хочет хотят начинается открывается
    """.split()
)
# The first word of these is no sign of its own: "is to", "plans to", "set for", "runs until".
_AHEAD_WITH = {
    **dict.fromkeys("is are am want wants hope hopes intend intends prepare prepares".split(), frozenset({"to"})),
    "going": frozenset({"to"}),
    "set": frozenset({"for", "to"}),
    **dict.fromkeys(("run", "runs"), frozenset("from until till to through".split())),
    **dict.fromkeys(("take", "takes"), frozenset({"effect"})),
    **dict.fromkeys(("come", "comes"), frozenset({"into"})),
    **dict.fromkeys(("вступает", "вступит"), frozenset({"в"})),
}
# What was promised or put off lay behind, and the day that is named after it is still to come.
_PUT_OFF = frozenset(
    """
    promised postponed delayed adjourned rescheduled moved extended called invited
    перенесли перенесён перенесен перенесена отложили отложен отложена приглашает приглашают
    """.split()
)
_UNTIL = frozenset("to for until till на до".split())
_BEHIND = frozenset(
    """
    said told was were had did has have made gave took went came began met held won lost got saw found left sent
    wrote spoke fell rose broke shot put cut hit led paid read ran sat shut sold stood brought bought built caught
    chose drew drove flew grew heard kept knew laid lay lit rang sank sought struck swore taught thought threw
    understood woke
    """.split()
)
_NO_PAST = frozenset("need feed seed speed indeed proceed exceed succeed hundred red bed".split())
_RUSSIAN_PAST = re.compile(r"\w{2,}л(?:[аои]|ся|ась|ось|ись)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CLAUSE_END = re.compile(r"[;:—–]|[.!?]\s")
# A verb further away belongs to something else; and a text without sentences is not read again for each day.
_WITHIN = 160


def tense_at(text: str, day: Span) -> Tense | None:
    """Return the tense of the verb that a day belongs to: the nearest before it, else the first behind it in its
    clause; None where neither tells. `day` is where its words stand in the text.
    """
    start, end = day
    opening = max(0, start - _WITHIN)
    before = _CLAUSE_END.split(text[opening:start])[-1]
    behind = _CLAUSE_END.split(text[end : end + _WITHIN], maxsplit=1)[0]
    return _last(_tenses(before)) or next(filter(None, _tenses(behind)), None)


def _last(found: Iterable[Tense | None]) -> Tense | None:
    return next(filter(None, reversed(list(found))), None)


def _tenses(clause: str) -> list[Tense | None]:
    """Return what each word of a clause tells."""
    said = _WORD.findall(clause)
    folded = [word.replace("’", "'").casefold() for word in said]
    return [_tense_of(said[at], folded[max(0, at - 2) : at + 4], min(at, 2)) for at in range(len(said))]


def _tense_of(written: str, near: list[str], at: int) -> Tense | None:
    """Return what a word tells, `near[at]` among those around it."""
    word, before, after = near[at], near[at - 1] if at else "", near[at + 1 :]
    if word in _PUT_OFF and _UNTIL & set(after):
        return Tense.AHEAD
    if after and after[0] in _AHEAD_WITH.get(word, ()):
        return Tense.AHEAD
    if word in _AHEAD or word.endswith("'ll"):
        return None if _is_no_sign(written, before, after) else Tense.AHEAD
    if word in _BEHIND or (word.endswith("ed") and word not in _NO_PAST) or _RUSSIAN_PAST.fullmatch(word):
        # "Will be counted by Friday": the participle is of the verb before it.
        is_of_verb_before = before in ("be", "been", "being") or (
            before.endswith("ly") and near[0] in ("be", "been")
        )
        return None if is_of_verb_before else Tense.BEHIND
    return None


def _is_no_sign(written: str, before: str, after: list[str]) -> bool:
    """Return whether a word that speaks of what is to come does not: "the will", "as planned", "in May"."""
    is_past = written.casefold() in ("may", "might", "must") and after[:1] == ["have"]
    return before == "the" or (before == "as" and written == "planned") or written == "May" or is_past
