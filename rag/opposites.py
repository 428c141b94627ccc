"""Does a sentence tell of the opposite of what a question asks? "When did it end?" - "It began in 1992." Or of
another thing: "When does line 5 open?" - "Line 6 opens in May."

Knows verbs in all their forms, numbers behind a noun, and words before one that exclude each other. A sentence
that tells of both answers either.
"""

import re
from functools import lru_cache
from itertools import pairwise

from rag.asked_words import is_plural
from rag.stems import stem
from rag.text import STOPWORDS, words
from rag.values_units import UNITS

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


# Of these before a noun each is another thing.
_APART = tuple(
    frozenset(group.split())
    for group in (
        "single double triple quadruple",
        "men's women's boys' girls'",
        "north south east west",
        "upper lower middle",
        "junior senior",
        "indoor outdoor",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
        "spring summer autumn winter",
        "primary secondary",
        "inner outer",
        "maximum minimum",
        "highest lowest",
        "largest smallest",
        "oldest youngest",
        "longest shortest",
    )
)
_GROUP = {word: group for group in _APART for word in group}
_SAME = dict(
    pair.split("=")
    for pair in """
    northern=north southern=south eastern=east western=west biggest=largest newest=youngest mens=men's
    womens=women's boys=boys' girls=girls'
    """.split()
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_NUMERALS = "one two three four five six seven eight nine ten".split()
_SAME |= {f"{at}{'th' if at > 3 else ('st', 'nd', 'rd')[at - 1]}": word for at, word in enumerate(_ORDINALS, 1)}
_SAME |= {word: str(at) for at, word in enumerate(_NUMERALS, 1)}
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
_YEAR = re.compile(r"(?:1\d|20)\d\d")
# "Over 300 boats", "in May 12": what stands before these numbers is not what they name.
_COUNTS = STOPWORDS | frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec about around nearly almost least most some only exactly approximately roughly year
    years age aged day than per cost costs pay pays paid charge charges rise rises rose fall falls fell by
    """.split()
)


def tells_of_another(question: str, sentence: str) -> bool:
    """Return whether the sentence names another thing of the kind that the question names, and not that one: "line
    6" for "line 5", "the single sculls" for "the double sculls".
    """
    asked = _named_apart(question)
    if not asked:
        return False
    told = _plain(sentence)
    there = {(stem(noun), mark) for noun, mark in _marked(told)}
    return any(
        mark not in told and any(noun == other and mark != one and _are_apart(mark, one) for other, one in there)
        for noun, mark in asked
    )


@lru_cache(maxsize=64)
def _named_apart(question: str) -> tuple[tuple[str, str], ...]:
    """Return what the question names once: of two lines of which it asks each is an answer."""
    said = _plain(question)
    # In "score 12 goals" and "20 euros" the number counts.
    counts = {one for one, behind in pairwise(said) if is_plural(behind) or behind in UNITS}
    found = [(stem(noun), mark) for noun, mark in _marked(said) if mark in _GROUP or mark not in counts]
    nouns = [noun for noun, _ in found]
    return tuple(one for one in found if nouns.count(one[0]) == 1)


def _plain(text: str) -> list[str]:
    return [_SAME.get(word, word) for word in words(text)]


def _marked(said: list[str]) -> list[tuple[str, str]]:
    """Return the nouns with what tells them apart from others: ("line", "5"), ("sculls", "double")."""
    both = list(pairwise(said))
    numbered = [
        (one, other)
        for one, other in both
        if _NUMBER.fullmatch(other) and not _YEAR.fullmatch(other) and one.isalpha() and one not in _COUNTS
    ]
    return numbered + [(other, one) for one, other in both if one in _GROUP and other not in STOPWORDS]


def _are_apart(one: str, other: str) -> bool:
    return other in _GROUP.get(one, ()) or (one[0].isdigit() and other[0].isdigit())
