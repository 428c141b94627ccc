"""Do two sentences contradict each other about a question? "They asked three times." - "Nobody asked us."

Knows text only: a negation or a verb of disputing in one of them and not in the other, near the words of the
question. A contradiction that lies in the facts alone is found by comparing values (rag.values).
"""

import re

from rag.asked import Asked
from rag.negation import NOT_OR_NOBODY
from rag.stems import stem, stems

_DISPUTING = (
    r"den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|disput(?:es?|ed|ing)|refut(?:es?|ed)|contradict(?:s|ed)?|"
    r"disagree(?:s|d)?|contest(?:s|ed)?|doubt(?:s|ed)?|отриц\w+|отверг\w+|опроверг\w+|оспарива\w+"
)
_DISPUTES = re.compile(
    rf"\b(?:{_DISPUTING}|dismiss(?:es|ed)|object(?:s|ed)? to|blam(?:e|es|ed)|accus(?:e|es|ed)|unfair|untrue|false|"
    r"wrong(?:ly)?|in fact|on the contrary|contrary to|unlike|whereas|обвин\w+|напротив|вопреки)\b",
    re.IGNORECASE,
)
_SAYS_NO = re.compile(rf"\b(?:{_DISPUTING})\b", re.IGNORECASE)
_WHO_DISPUTES = re.compile(
    rf"(?:and |but |so )?(?:who|which \w+|кто)\s+(?:else\s+|also\s+|has\s+|have\s+){{0,3}}(?:{_DISPUTING})\b",
    re.IGNORECASE,
)
# So many stems of the question must stand in both sentences: else they speak of different things. A "not" says
# less than a verb of disputing: it may deny something else.
_COMMON, _COMMON_NOT, _PART_NOT = 1, 2, 0.5
# What a negation denies is one of so many words behind it.
_BEHIND = 6
# "Not until 2019" and "not just 450" state what they seem to deny.
_BOUNDS = re.compile(
    r"\s+(?:until|till|before|only|just|merely|simply|less|fewer|more|earlier|later)\b", re.IGNORECASE
)
# So many characters may stand between a negation and the value that it denies: "not the 52".
_BEFORE = 8


def asks_who_disputes(question: str) -> bool:
    """Return whether a question is for somebody who denies something: what answers it says that it is denied."""
    return _WHO_DISPUTES.match(question) is not None


def is_disputing(text: str) -> bool:
    """Return whether a sentence says that something is denied or doubted."""
    return _SAYS_NO.search(text) is not None


def rejects(text: str, value: str) -> bool:
    """Return whether the text denies a value in so many words: "43 graves, and not 52 as they claim"."""
    at = text.find(value)
    denials = (one for one in NOT_OR_NOBODY.finditer(text, 0, max(at, 0)) if not _BOUNDS.match(text, one.end()))
    return at >= 0 and any(one.end() >= at - _BEFORE for one in denials)


def disputes_in_words(asked: Asked, one: str, *, other: str) -> bool:
    """Return whether one of the sentences has a verb of disputing, and both speak of what the question asks."""
    common = _focus(asked) & set(stems(one)) & set(stems(other))
    return len(common) >= _COMMON and bool(_DISPUTES.search(one) or _DISPUTES.search(other))


def disputes(asked: Asked, one: str, *, other: str) -> bool:
    """Return whether one of the sentences denies or disputes and the other states, of what the question asks.

    Of a question that only names somebody ("Who is Una Farrell?") nothing can be denied.
    """
    if not asked.words:
        return False
    if disputes_in_words(asked, one, other=other):
        return True
    focus = _focus(asked)
    if len(focus & set(stems(one)) & set(stems(other))) < max(_COMMON_NOT, _PART_NOT * len(focus)):
        return False
    return _is_denied(asked, one) != _is_denied(asked, other)


def _is_denied(asked: Asked, text: str) -> bool:
    """Return whether a sentence denies, behind its negation, something of what the question asks besides names."""
    spoken_of = {stem(word) for word in asked.words}
    found = list(NOT_OR_NOBODY.finditer(text))
    # "It was asked for by nobody": where nothing stands behind, it denies what stands before.
    behind = (stems(text[one.end() :])[:_BEHIND] or stems(text[: one.start()])[-_BEHIND:] for one in found)
    return len(found) % 2 == 1 and any(spoken_of.intersection(part) for part in behind)


def _focus(asked: Asked) -> set[str]:
    return {stem(word) for word in asked.focus}
