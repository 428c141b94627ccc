"""Who held an office, one after the other: "Which mayors did Otaru have since 2007?" Knows questions and quotes.

Each is told by a sentence that names them as the holder (rag.offices); of a name that comes again one counts.
"""

import re
from collections.abc import Sequence
from datetime import date

from rag.asked import AnswerKind, Asked, analyse
from rag.asked_words import singular
from rag.offices import holder_spans, office_of
from rag.text import one_line
from rag.types import Quote
from rag.values_names import may_be_same_name, name_of

_OFFICES = r"(?P<office>(?:[\w-]+ ){0,4}[\w-]+s)"
_HAD = re.compile(
    rf"(?:and |so |but )?(?:which|what) {_OFFICES} (?:did|does|do|has|have|had) (?:the )?"
    r"(?P<of>.+?) (?:have|had)\b(?: so far)?(?P<rest>.*)",
    re.IGNORECASE,
)
_WERE = re.compile(
    rf"(?:and |so |but )?(?:who (?:were|are|have been|had been)|(?:name|list)(?: all)?) (?:all )?(?:the )?"
    rf"{_OFFICES} (?:of|in) (?:the )?(?P<of>[\w’'-]+(?: (?-i:[A-Z])[\w’'-]*)*)(?P<rest>.*)",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\s+(?:since|after)\b", re.IGNORECASE)
# One after the other, and not many at once: a strike has its leaders, a house its owners.
_ONE_AT_A_TIME = frozenset(
    """
    minister president premier governor mayor chancellor king queen emperor chairman chairwoman chair ambassador
    treasurer rector principal pope bishop archbishop commissioner secretary
    """.split()
)


def of_each(asked: Asked) -> Asked | None:
    """Return the question for one holder of the office whose holders are asked for, None for other questions."""
    found = _HAD.match(asked.question) or _WERE.match(asked.question)
    if found is None:
        return None
    *before, last = found["office"].split()
    if singular(last.casefold()) not in _ONE_AT_A_TIME:
        return None
    office = " ".join([*before, singular(last)])
    # "Since 2007" has no end: it is the first of them that is told about 2007.
    rest = "" if _SINCE.match(found["rest"]) else found["rest"]
    one = analyse(f"Who was the {office} of {found['of']}{rest}")
    return one if one.kind is AnswerKind.PERSON and office_of(one) is not None else None


def holders(one: Asked, quotes: Sequence[Quote]) -> list[tuple[str, Quote]]:
    """Return the names and quotes of those who held the office of a question, by the days of their documents."""
    spans = holder_spans(one, [(one_line(quote.text), quote.source.published) for quote in quotes]) or ()
    told: list[tuple[str, Quote]] = []
    for quote, span in zip(quotes, spans, strict=True):
        name = one_line(quote.text)[slice(*span)] if span else ""
        if name and not any(may_be_same_name(name_of(name), name_of(other)) for other, _ in told):
            told.append((name, quote))
    return sorted(told, key=lambda pair: pair[1].source.published or date.min)
