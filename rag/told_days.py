"""Which day "on Friday" was, for who reads a sentence without the paper that it stood in.

Knows the times that a quote names as they were understood when its document was read; no calendar.
"""

from datetime import date

from rag.text import one_line, words
from rag.types import DateMention, Quote
from rag.values_dates import MONTHS, Period, times


def told_days(quote: Quote, *, shown: str) -> list[str]:
    """Return what days the words `shown` of a quote name by where they stand: "“Friday” is 2025-10-24".

    What names its own year says so itself, and so does a month of the year in which it was published.
    """
    published = quote.source.published
    told = {one_line(one.text): _iso(one) for one in quote.mentions if not _names_its_day(one, published)}
    return [f"“{words}” is {day}" for words, day in told.items() if words in shown]


def _names_its_day(mention: DateMention, published: date | None) -> bool:
    if any(isinstance(one.time, Period) for one in times(mention.text)):
        return True
    names_month = not MONTHS.keys().isdisjoint(words(mention.text))
    return names_month and published is not None and mention.first.year == published.year


def _iso(mention: DateMention) -> str:
    """Return days as ISO writes them; a whole year or month by its number."""
    first, last = mention.first, mention.last
    if first == last:
        return first.isoformat()
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
    if first.day == 1 and (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first.isoformat()} to {last.isoformat()}"
