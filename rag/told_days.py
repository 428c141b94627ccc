"""Which day "on Friday" was, for who reads a sentence without the paper that it stood in.

Knows the times that a quote names as they were understood when its document was read; no calendar.
"""

import re

from rag.periods import Period, months, years
from rag.text import one_line, words
from rag.types import DateMention, Quote
from rag.values_dates import MONTHS, RELATIVE_WORDS

# What is said of "today" is as often said of these years.
_TODAY = frozenset("today tonight сегодня".split())


def told_days(quote: Quote, *, shown: str) -> list[str]:
    """Return what days the words `shown` of a quote name by where they stand: "“Friday” is 2025-10-24".

    A month or a day without its year is left as it is, since its year was guessed, and so are words that name two
    days ("they met on Friday and will meet again on Friday").
    """
    told: dict[str, set[str]] = {}
    for one in quote.mentions:
        if _hangs_on_publication(one):
            told.setdefault(one_line(one.text), set()).add(_iso(one))
    return [
        f"“{named}” is {day}"
        for named, days in told.items()
        for day in days
        if len(days) == 1 and re.search(rf"(?<!\w){re.escape(named)}(?!\w)", shown)
    ]


def _hangs_on_publication(mention: DateMention) -> bool:
    """Return whether a time is counted from the day of publication: "last year", "on Friday"."""
    named = set(words(mention.text))
    is_relative = bool(named & RELATIVE_WORDS) and not any(word.isdecimal() for word in named)
    return is_relative and named.isdisjoint(MONTHS) and named.isdisjoint(_TODAY)


def _iso(mention: DateMention) -> str:
    """Return days as ISO writes them; a whole year or month by its number."""
    first, last = mention.first, mention.last
    period = Period(first, last)
    if first == last:
        return first.isoformat()
    if period == years(first.year, first.year):
        return f"{first.year}"
    if period == months(first.year, within=(first.month, first.month)):
        return f"{first:%Y-%m}"
    return f"{first.isoformat()} to {last.isoformat()}"
