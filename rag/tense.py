"""Whether a day that a sentence names lay behind it or ahead of it when it was written, by the verbs around it.

Knows spelling only, of English and Russian; no calendar. Where the verbs do not tell, it says so: "open on Friday"
may be any Friday.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from rag.stems import stem
from rag.types import Span


class Tense(StrEnum):
    """On which side of the day of writing a named day lies."""

    BEHIND = "behind"
    AHEAD = "ahead"
    UNCLEAR = "unclear"


_AHEAD = frozenset(
    """
    will shall won't would expect expects expected schedule schedules scheduled plan plans planned promises
    foreseen upcoming starts opens begins closes ends expires
    будет будут будем состоится состоятся пройдет пройдёт пройдут планирует планируют намерен намерена намерены
    ожидается ожидаются должен должна должны хочет хотят начинается начнется начнётся открывается откроется откроют
    откроет закроется закроют закроет приедет приедут прибудет прибудут встретится встретятся
    """.split()
)
_MAY = frozenset("may might must".split())
_IS = frozenset("is are am was were be been".split())
# The first word of these is no sign of its own: "is to", "plans to", "set for", "runs until".
_AHEAD_WITH = {
    **dict.fromkeys("is are am want wants hope hopes intend intends prepare prepares".split(), frozenset({"to"})),
    **dict.fromkeys("has have".split(), frozenset({"to"})),
    "going": frozenset({"to"}),
    "set": frozenset({"for", "to"}),
    **dict.fromkeys(("run", "runs"), frozenset("from until till to through".split())),
    **dict.fromkeys(("take", "takes"), frozenset({"effect"})),
    **dict.fromkeys(("come", "comes"), frozenset({"into"})),
    **dict.fromkeys(("вступает", "вступит"), frozenset({"в"})),
}
# What was promised or put off lay behind, and the day that is named after "until" is still to come.
_PUT_OFF = frozenset(
    """
    promised postponed delayed adjourned rescheduled moved extended called put
    перенесли перенесён перенесен перенесена отложили отложен отложена
    """.split()
)
_UNTIL = frozenset("to for until till на до".split())
_PUT_OFF_WITHIN = 6
_BEHIND = frozenset(
    """
    said told was were had did has have made gave took went came began met held won lost got saw found left sent
    wrote spoke fell rose broke shot cut hit led paid ran sat sold stood brought bought built caught chose drew
    drove flew grew heard kept knew laid lay lit rang sank sought struck swore taught thought threw understood woke
    """.split()
)
_NO_PAST = frozenset("need feed seed speed indeed proceed exceed succeed hundred red bed".split())
_BEFORE_NOUN = frozenset("the a an his her its their this that these those".split())
_RUSSIAN_PAST = re.compile(
    r"(?:бы|сказа|заяви|сообщи|рассказа|написа|прибы|приеха|уеха|нача|закончи|откры|закры|подписа|встрети|избра|приня|"
    r"отказа|получи|потеря|купи|прода|выступи|состоя|объяви|прове)л(?:[аои]|ся|ась|ось|ись)?|"
    r"(?:при|у|про|во|вы)ш(?:ёл|ел|ла|ло|ли)|(?:умер|погиб|отверг|произош)(?:л[аои]|ёл|ел)?"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PERFECT = re.compile(
    r"\b(?:has|have|had|['’]ve)\s+(?:(?:now|already|just|finally)\s+)?([^\W\d_]+)", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[;:—–]|[.!?]\s")
_RELATIVE = re.compile(r"\b(?:which|who|whose|that|котор\w+)\b")
# A verb further away belongs to something else; and a text without sentences is not read again for each day.
_WITHIN = 160


def tense_at(text: str, day: Span) -> Tense:
    """Return the tense of the verb that a day belongs to: the nearest before it, else the first behind it in its
    clause. `day` is where its words stand in the text.
    """
    start, end = day
    before = _WORD.findall(_CLAUSE_END.split(text[max(0, start - _WITHIN) : start])[-1])
    behind = _WORD.findall(_RELATIVE.split(_CLAUSE_END.split(text[end : end + _WITHIN], maxsplit=1)[0])[0])
    if text[end : end + 2] in ("'s", "’s"):  # "Friday's debate"
        return Tense.UNCLEAR
    if _is_put_off([word.casefold() for word in before]):
        return Tense.AHEAD
    is_until = bool(before) and before[-1].casefold() in ("until", "till")
    for said, places in ((before, range(len(before) - 1, -1, -1)), (behind, range(len(behind)))):
        found = next((tense for at in places if (tense := _sign(said, at)) is not None), None)
        if found is not None:  # "it was shut until Friday", "they voted to shut it until Friday"
            return Tense.UNCLEAR if is_until and found is Tense.BEHIND else found
    return Tense.UNCLEAR


def is_done(text: str, verbs: Iterable[str]) -> bool:
    """Return whether a sentence tells that one of these was done: "the board has decided", of "decide"."""
    wanted = {stem(verb) for verb in verbs}
    done = (stem(match[1].casefold()) for match in _PERFECT.finditer(text))
    return not wanted.isdisjoint(done)


def _is_put_off(before: list[str]) -> bool:
    return bool(before) and before[-1] in _UNTIL and not _PUT_OFF.isdisjoint(before[-_PUT_OFF_WITHIN:])


def _sign(said: list[str], at: int) -> Tense | None:
    """Return what a word tells of the day beside it, None where it is no sign."""
    word = said[at].replace("’", "'").casefold()
    before = said[at - 1].casefold() if at else ""
    after = said[at + 1].casefold() if at + 1 < len(said) else ""
    if after in _AHEAD_WITH.get(word, ()):
        return Tense.AHEAD
    if word == "due":  # "is due to open", and not "shut due to rain"
        return Tense.AHEAD if before in _IS or before in ("now", "still") else None
    if word in _MAY:
        return None if said[at] == "May" or after in ("be", "have") else Tense.AHEAD
    if word in _AHEAD or word.endswith("'ll"):
        is_noun = before in _BEFORE_NOUN or (before == "as" and word == "planned")
        return None if is_noun else Tense.AHEAD
    if word in ("is", "are", "am") or (word == "promised" and after == "to"):
        return Tense.UNCLEAR
    return _past(said, at, before=before)


def _past(said: list[str], at: int, *, before: str) -> Tense | None:
    """Return what a word tells that may be a verb of the past."""
    word = said[at].casefold()
    ends_so = word.endswith("ed") and word not in _NO_PAST and (at == 0 or not said[at][:1].isupper())
    if not ends_so and word not in _BEHIND and not _RUSSIAN_PAST.fullmatch(word):
        return None
    if before in _BEFORE_NOUN:  # "the proposed law"
        return None
    # "Will be counted by Friday": the participle is of the verb before it; "is closed on Friday" is no past.
    earlier = said[at - 2].casefold() if before.endswith("ly") and at > 1 else before
    return None if earlier in ("be", "been", "being", "is", "are") else Tense.BEHIND
