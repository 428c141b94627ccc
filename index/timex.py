"""The times that a text names, as days: "in March 2022", "last September", "on Tuesday", «вчера», «в 2016 году».

Pure; knows the text and the day it was published, never today's date. Where that day is unknown, or it is unclear
which day is meant, a mention is left out: unknown stays unknown.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from index.timex_calendar import MONTHS, SEASONS, WEEKDAYS, Days, any_of, in_months, in_years, on_day
from index.timex_relative import relative_times
from rag.types import DateMention, Span

_GAP = r"[ \t\n]{1,3}"
_MONTH = any_of(MONTHS)
_TH = r"(?:st|nd|rd|th|-?го|-?е)?"
_YEAR = r"(?:1[5-9]|20)\d\d"
# «2016 года»: the word belongs to the year.
_YEAR_WORD = rf"(?:{_GAP}(?:год(?:а|у|ы|ов|ах)?|гг?\.)(?![^\W_]))?"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}

# A year stands alone only after one of these, or before "год": 2,000 soldiers are no year.
_BEFORE_YEAR = any_of(
    """
    in since by from until till during before after early late mid year around through в во с до к после на за от
    """.split()
)
# After "of", "and", "to" a number counts things unless the clause ends or goes on with one of these.
_GOES_ON = any_of("and on about which that to with in by was is has had were when".split())
_AFTER_YEAR = rf"(?=[.,;:!?)\]\"»”]|$|\n|{_GAP}{_GOES_ON}\b)"


def date_mentions(text: str, published: date | None) -> list[DateMention]:
    """Return the times that `text` names, in order, without overlap; relative ones need `published`."""
    found = list(_absolute(text))
    if published is not None:
        elsewhere = [span for span, days in found if days[0].year != published.year]
        found += relative_times(text, published, taken=elsewhere)
    found.sort(key=lambda one: (one[0][0], -one[0][1]))
    mentions: list[DateMention] = []
    for (start, end), (first, last) in found:
        if not mentions or start >= mentions[-1].end:
            mentions.append(DateMention(start, end, text[start:end], first, last))
    return mentions


def _absolute(text: str) -> Iterator[tuple[Span, Days]]:
    for pattern, days_of in _PATTERNS:
        for match in pattern.finditer(text):
            days = days_of(match)
            if days is not None:
                yield match.span("at" if "at" in pattern.groupindex else 0), days


def _full_date(match: re.Match[str]) -> Days | None:
    return on_day(int(match["year"]), month=_month(match), day=int(match["day"]))


def _day_range(match: re.Match[str]) -> Days | None:
    year, month = int(match["year"]), _month(match)
    first, last = (on_day(year, month=month, day=int(match[name])) for name in ("day", "last"))
    return (first[0], last[0]) if first and last and first < last else None


def _month_of_year(match: re.Match[str]) -> Days | None:
    return in_months(int(match["year"]), first=_month(match), last=_month(match))


def _month_range(match: re.Match[str]) -> Days | None:
    return in_months(int(match["year"]), first=MONTHS[match["first"].lower()], last=_month(match))


def _season(match: re.Match[str]) -> Days | None:
    first, last = SEASONS[match["season"].lower()]
    return in_months(int(match["year"]), first=first, last=last)


def _quarter(match: re.Match[str]) -> Days | None:
    number = _ORDINALS.get((match["name"] or "").lower()) or int(match["number"])
    return in_months(int(match["year"]), first=3 * number - 2, last=3 * number)


def _half(match: re.Match[str]) -> Days | None:
    first = match["name"].lower() in ("first", "первой", "первом")
    return in_months(int(match["year"]), first=1 if first else 7, last=6 if first else 12)


def _year_range(match: re.Match[str]) -> Days | None:
    first, last = int(match["year"]), match["last"]
    if last is None:
        return None
    if len(last) == 2:  # "2016-19", but 2016-11 is a month
        return in_years(first, first // 100 * 100 + int(last)) if int(last) > 12 else None
    return in_years(first, int(last))


def _decade(match: re.Match[str]) -> Days | None:
    return in_years(int(match["year"]), int(match["year"]) + 9)


def _year(match: re.Match[str]) -> Days | None:
    return in_years(int(match["year"]), int(match["year"]))


def _month(match: re.Match[str]) -> int:
    parts = match.groupdict()
    return int(parts["number"]) if parts.get("number") else MONTHS[match["month"].lower()]


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_DAY = rf"(?<![\d.,/-])(?P<day>\d{{1,2}}){_TH}"
_NAMED = rf"(?P<month>{_MONTH})\.?"
_IN_YEAR = rf",?{_GAP}(?P<year>{_YEAR})(?![\d-]){_YEAR_WORD}"
_OF_YEAR = rf"(?:{_GAP}of)?{_GAP}(?P<year>{_YEAR})(?!\d){_YEAR_WORD}"
_WEEKDAY = rf"(?:\b{any_of(WEEKDAYS)},?{_GAP}(?:the{_GAP})?)?"
_TO = rf"(?:\s?[-–—]\s?|{_GAP}(?:to|and|through|until|по|до|и){_GAP})"

_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Days | None]], ...] = (
    (_pattern(r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)([-/.])(?P<number>\d{1,2})\2(?P<day>\d{1,2})(?!\d)"),
     _full_date),
    (_pattern(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>(?:19|20)\d\d)(?!\d)"), _full_date),
    (_pattern(rf"{_WEEKDAY}{_DAY}{_GAP}(?:of{_GAP})?{_NAMED}{_IN_YEAR}"), _full_date),
    (_pattern(rf"{_WEEKDAY}\b{_NAMED}{_GAP}(?P<day>\d{{1,2}}){_TH}{_IN_YEAR}"), _full_date),
    (_pattern(rf"{_DAY}{_TO}(?P<last>\d{{1,2}}){_TH}{_GAP}{_NAMED}{_IN_YEAR}"), _day_range),
    (_pattern(rf"\b{_NAMED}{_GAP}(?P<day>\d{{1,2}}){_TH}{_TO}(?P<last>\d{{1,2}}){_TH}{_IN_YEAR}"), _day_range),
    (_pattern(rf"\b(?P<first>{_MONTH})\.?{_TO}(?:(?:early|mid|late)[ -])?{_NAMED}{_OF_YEAR}"), _month_range),
    (_pattern(rf"(?<!\d )\b{_NAMED},?{_OF_YEAR}"), _month_of_year),
    (_pattern(rf"\b(?P<season>{any_of(SEASONS)}){_OF_YEAR}"), _season),
    (_pattern(rf"\b(?P<name>first|second|third|fourth|i|ii|iii|iv)(?P<number>){_GAP}(?:quarter|квартале?){_OF_YEAR}"),
     _quarter),
    (_pattern(rf"\bQ(?P<number>[1-4])(?P<name>){_OF_YEAR}"), _quarter),
    (_pattern(rf"\b(?P<name>first|second|первой|второй|первом|втором){_GAP}(?:half|половине|полугодии){_OF_YEAR}"),
     _half),
    (_pattern(rf"\b(?:from|с){_GAP}(?P<year>{_YEAR})(?:{_YEAR_WORD}){_GAP}(?:to|until|till|through|по|до){_GAP}"
              rf"(?P<last>{_YEAR})(?!,?\d){_YEAR_WORD}"), _year_range),
    (_pattern(rf"\b(?:between|между){_GAP}(?P<year>{_YEAR}){_GAP}(?:and|и){_GAP}(?P<last>{_YEAR})(?!,?\d){_YEAR_WORD}"),
     _year_range),
    (_pattern(rf"(?<![\d/.,$€£#№–—-])(?P<year>{_YEAR})\s?[-–—]\s?(?P<last>{_YEAR}|\d\d)(?![/.,–—-]?\d){_YEAR_WORD}"),
     _year_range),
    (_pattern(rf"\b(?P<year>(?:1[5-9]|20)\d0)(?:['’]?s\b|-(?:е|х|ые|ых)(?:{_GAP}год(?:ы|ов|ах))?)"), _decade),
    (_pattern(rf"\b{_BEFORE_YEAR}[ \t\n-]{{1,2}}(?:(?:early|late|mid)[ -])?"
              rf"(?P<at>(?P<year>{_YEAR})(?![\d%])(?![.,]\d)(?!-\w){_YEAR_WORD})"), _year),
    (_pattern(rf"\b(?:to|of|and|between|и){_GAP}(?P<at>(?P<year>{_YEAR})(?!\d){_AFTER_YEAR})"), _year),
    (_pattern(rf"(?<=\bof )(?P<year>{_YEAR})(?= (?:and|or) {_YEAR})"), _year),
    (_pattern(rf"\bthe{_GAP}[a-z]{{3,15}}{_GAP}of{_GAP}(?P<at>(?P<year>(?:1[5-9]|20)\d[1-9]))(?={_GAP}[a-z])"),
     _year),
    (_pattern(rf"(?<=\d{{4}} and )(?P<year>{_YEAR})(?![\d,.]\d|\d)"), _year),
    (_pattern(rf"(?<![\d.,-])(?P<year>{_YEAR}){_GAP}(?:год[а-я]{{0,2}}|г\.)(?![^\W_])"), _year),
    (_pattern(rf"(?<=\()(?P<year>{_YEAR})(?=\))"), _year),
    (_pattern(rf"\b(?:the|its|their|his|her){_GAP}(?P<at>(?P<year>(?:1[5-9]|20)\d[1-9]))(?={_GAP}[a-z])"), _year),
)  # fmt: skip
