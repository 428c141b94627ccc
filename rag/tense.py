"""Whether a day that a sentence names lay behind it or ahead of it when it was written, by the verbs around it.

Knows spelling only, of English and Russian; no calendar.
"""

import re
from enum import StrEnum

from rag.types import Span


class Tense(StrEnum):
    """On which side of the day of writing a named day lies."""

    BEHIND = "behind"
    AHEAD = "ahead"


# What was promised or put off lay behind, and the day that is named after it is still to come.
_PUT_OFF = r"(?:promised|postponed|delayed|adjourned|put off|rescheduled|moved|extended|called|invited)"
_AHEAD = (
    r"(?<!the )will|shall|won't|\w+['’]ll|would|(?-i:may|might|must)(?! have)|going to|(?:is|are|am) to|due|"
    r"(?:want|hope|intend|prepare)s? to|expect(?:s|ed)?|schedul(?:es?|ed)|(?<!as )planned|plans?|promises?|"
    rf"foreseen|set (?:for|to)|{_PUT_OFF} (?:\w+ ){{0,2}}?(?:to|for|until|till)|upcoming|takes? effect|"
    r"comes? into force|starts|opens|begins|closes|ends|expires|runs? (?:from|until|till|to|through)|"
    r"вступа\w+ в силу|начина[ею]тся|открыва[ею]тся|"
    r"буд(?:ет|ут|ем)|состо[ия]тся|пройд[её]т|пройдут|план\w+|намерен\w*|ожида\w+|долж\w+|хо(?:чет|тят)|"
    r"перен[её]с\w*|отлож\w+|приглаша\w+"
)
_IRREGULAR = """
    said told was were had did has have made gave took went came began met held won lost got saw found left sent
    wrote spoke fell rose broke shot put cut hit led paid read ran sat shut sold stood brought bought built caught
    chose drew drove flew grew heard kept knew laid lay lit rang sank sought struck swore taught thought threw
    understood woke
""".split()
_BEHIND = (
    rf"{'|'.join(_IRREGULAR)}|(?!(?:n|f|s|sp|ind|proc|exc|succ)eed\b)\w{{2,}}ed|\w{{2,}}л(?:[аои]|ся|ась|ось|ись)?"
)
# "Will be counted by Friday": the participle is of the verb before it.
_OF_VERB_BEFORE = r"(?:be|been|being) (?:\w+ly )?(?:\w+ed|held|made|sent|paid|shut)"
_MARK = re.compile(
    rf"\b(?:(?P<ahead>{_AHEAD})|{_OF_VERB_BEFORE}|(?P<behind>{_BEHIND}))\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;:—–]|[.!?]\s")
# A verb further away belongs to something else; and a text without sentences is not read again for each day.
_WITHIN = 160


def tense_at(text: str, day: Span) -> Tense | None:
    """Return the tense of the verb that a day belongs to: the nearest before it, else the first behind it in its
    clause; None where neither tells. `day` is where its words stand in the text.
    """
    start, end = day
    opening, closing = max(0, start - _WITHIN), min(len(text), end + _WITHIN)
    opening = max((match.end() for match in _CLAUSE_END.finditer(text, opening, start)), default=opening)
    last = _CLAUSE_END.search(text, end, closing)
    before = reversed(list(_MARK.finditer(text, opening, start)))
    behind = _MARK.finditer(text, end, last.start() if last else closing)
    return next((tense for marks in (before, behind) for mark in marks if (tense := _tense_of(mark))), None)


def _tense_of(mark: re.Match[str]) -> Tense | None:
    if mark["ahead"]:
        return Tense.AHEAD
    return Tense.BEHIND if mark["behind"] else None
