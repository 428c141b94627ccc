"""Who held an office, one after the other: "Which mayors did Otaru have since 2007?" Knows questions and quotes.

Each is told by a sentence that names them as the holder (rag.offices); of a name that comes again one counts.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from rag.asked import AnswerKind, Asked, analyse
from rag.asked_words import singular
from rag.offices import office_of
from rag.text import STOPWORDS, one_line, words
from rag.types import Quote
from rag.values_dates import Period, times
from rag.values_names import may_be_same_name, name_of

_OFFICES = r"(?P<office>(?:[\w-]+ ){0,4}[\w-]+s)"
_OF = r"(?:the )?(?P<of>[\w’'-]+(?: [\w’'-]+){0,3}?)"
_WHEN = r"(?P<when> (?:so far|since|in|between|from|during|until|till|over|under|at|by)\b.*)?[\s?.!]*"
_HAD = re.compile(
    rf"(?:and |so |but )?(?:which|what) {_OFFICES} (?:did|does|do|has|have|had) {_OF} (?:have|had){_WHEN}",
    re.IGNORECASE,
)
_WERE = re.compile(
    rf"(?:and |so |but )?(?:who (?:were|are|have been|had been)|(?:name|list)(?: all)?) (?:all )?(?:the )?"
    rf"{_OFFICES} (?:of|in) {_OF}{_WHEN}",
    re.IGNORECASE,
)
_SINCE = re.compile(r" since (?P<year>(?:1\d|20)\d\d)\b", re.IGNORECASE)
# One after the other, and not many at once: a strike has its leaders, a house its owners.
_ONE_AT_A_TIME = frozenset(
    """
    president premier governor mayor chancellor king queen emperor chairman chairwoman chair treasurer rector pope
    """.split()
)
# Of these only one is in office where their office has a name: "foreign ministers".
_WITH_NAME = frozenset("minister secretary commissioner principal".split())
_NOT_OF = STOPWORDS | frozenset("never ever people government council party country town city".split())


@lru_cache(maxsize=64)
def of_each(asked: Asked) -> Asked | None:
    """Return the question for one holder of the office whose holders are asked for, None for other questions."""
    found = _HAD.fullmatch(asked.question) or _WERE.fullmatch(asked.question)
    if found is None or not _NOT_OF.isdisjoint(words(found["of"])):
        return None
    *before, last = found["office"].split()
    held = singular(last.casefold())
    if held not in _ONE_AT_A_TIME and not (before and held in _WITH_NAME):
        return None
    when = found["when"] or ""
    since = _SINCE.match(when)
    one = analyse(f"Who was the {' '.join([*before, singular(last)])} of {found['of']}{'' if since else when}?")
    if since is not None:
        one = replace(one, when=Period(date(int(since["year"]), 1, 1), date.max))
    return one if one.kind is AnswerKind.PERSON and office_of(one) is not None else None


def holders(quotes: Sequence[Quote]) -> list[tuple[str, Quote]]:
    """Return the names of holders that were found in quotes (rag.evidence).

    They are in the order of the times that the quotes name, else of the days of their documents.
    """
    told: list[tuple[str, Quote]] = []
    for quote in quotes:
        name = one_line(quote.text[slice(*quote.answer)]) if quote.answer else ""
        if name and not any(may_be_same_name(name_of(name), name_of(other)) for other, _ in told):
            told.append((name, quote))
    return sorted(told, key=lambda pair: _began(pair[1]))


def _began(quote: Quote) -> date:
    """Return the first day of the past that a quote names, else the day of its document."""
    published = quote.source.published or date.max
    named = [one.time for one in times(quote.text, published=quote.source.published)]
    past = [time.first for time in named if isinstance(time, Period) and time.last < published]
    return min(past, default=quote.source.published or date.min)
