"""Does a sentence tell of the opposite of what a question asks? "When did it end?" - "It began in 1992."

Knows verbs only, in all their forms. A sentence that tells of both answers either.
"""

import re

_BEGINS = (
    r"beg[aiu]ns?|beginning|start(?:s|ed)?|open(?:s|ed)?|launch(?:es|ed)?|found(?:s|ed)|establish(?:es|ed)?|"
    r"introduced?|came into (?:being|force)"
)
_ENDS = (
    r"end(?:s|ed)?|clos(?:e[sd]?|ing)|stop(?:s|ped)?|finish(?:es|ed)?|cease[sd]?|expire[sd]?|terminate[sd]?|"
    r"abolish(?:es|ed)?|dissolve[sd]?|shut"
)
_PAIRS = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (_BEGINS, _ENDS),
        (r"born|birth", r"die[sd]?|death|killed"),
        (
            r"arrive[sd]?|c[oa]mes?|join(?:s|ed)?|enter(?:s|ed)?|moved in",
            r"le(?:ave|aves|ft)|depart(?:s|ed)?|quit|moved out",
        ),
        (r"buys?|bought|purchased?|acquired?", r"sells?|sold"),
        (
            r"r[io]se[sn]?|increased?|rais(?:e|ed)|gr[eo]wn?",
            r"fall(?:s|en)?|fell|dropped|decreased?|lowered|cut|shr[aiu]nk",
        ),
        (r"w[io]ns?|winning", r"los(?:e|es|t)"),
        (r"нач\w+|откр\w+|основ\w+", r"законч\w+|закры\w+|прекрат\w+|заверш\w+"),
    )
)


def tells_opposite(question: str, sentence: str) -> bool:
    """Return whether the sentence tells of the opposite of what the question asks, and not of that too."""
    both = (*_PAIRS, *((right, left) for left, right in _PAIRS))
    asked = [pair for pair in both if pair[0].search(question) and not pair[1].search(question)]
    return any(other.search(sentence) and not one.search(sentence) for one, other in asked)
