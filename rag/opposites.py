"""Does a sentence tell of the opposite of what a question asks? "When did it end?" - "It began in 1992."

Knows verbs only, in all their forms. A sentence that tells of both answers either.
"""

import re
from functools import lru_cache

# "The end of" and "a start" are no verbs.
_VERB = r"(?<!\bthe )(?<!\bthis )(?<!\bits )(?<!\ba )(?<!\ban )"
_BEGINS = (
    r"beg[aiu]ns?|start(?:s|ed)?|open(?:s|ed)?|launch(?:es|ed)?|found(?:s|ed)|establish(?:es|ed)?|"
    r"introduced?|came into (?:being|force)"
)
_ENDS = (
    r"end(?:s|ed)?|clos(?:e[sd]?|ing)|stop(?:s|ped)?|finish(?:es|ed)?|cease[sd]?|expire[sd]?|terminate[sd]?|"
    r"abolish(?:es|ed)?|dissolve[sd]?|shut"
)
_PAIRS = tuple(
    (re.compile(rf"\b{_VERB}(?:{one})\b", re.IGNORECASE), re.compile(rf"\b{_VERB}(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (_BEGINS, _ENDS),
        (r"born|birth", r"die[sd]?|death|killed"),
        (
            r"arrive[sd]?|join(?:s|ed)?|enter(?:s|ed)?|moved in",
            r"le(?:ave|aves|ft)|depart(?:s|ed)?|quit|moved out",
        ),
        (
            r"r[io]se[sn]?|increased?|rais(?:e|ed)|gr[eo]wn?",
            r"fall(?:s|en)?|fell|dropped|decreased?|lowered|shr[aiu]nk",
        ),
        (
            r"нача(?:л[аои]?|л(?:ся|ась|ось|ись)|т[аоы]?)|начн\w+|откры\w+|откро\w+|основа(?:н[аоы]?|л\w*)",
            r"закончи\w+|закры\w+|закро\w+|прекрати\w+|заверши\w+",
        ),
    )
)


def tells_opposite(question: str, sentence: str) -> bool:
    """Return whether the sentence tells of the opposite of what the question asks, and not of that too."""
    return any(other.search(sentence) and not one.search(sentence) for one, other in _asked(question))


@lru_cache(maxsize=64)
def _asked(question: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return what a question asks and its opposite; every sentence of the hits is held against it."""
    both = (*_PAIRS, *((right, left) for left, right in _PAIRS))
    return tuple(pair for pair in both if pair[0].search(question) and not pair[1].search(question))
