"""The names of months, weekdays and spans of time in English and Russian, and the days that they stand for.

Pure calendar; knows no text. Ranges hold both their first and last day; weeks begin on Monday (ISO 8601).
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from re import escape
from typing import TypeAlias

from rag.periods import Period, days, months, years

Days: TypeAlias = tuple[date, date]
"""The first and the last day, both included."""

# What is that near is meant rather than what is so long ago.
_SOON, _LONG_AGO = timedelta(days=60), timedelta(days=270)

_ENGLISH_MONTHS = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
# Genitive, nominative and prepositional: «5 марта», «март», «в марте».
_RUSSIAN_MONTHS = (
    "января январь январе", "февраля февраль феврале", "марта март марте", "апреля апрель апреле", "мая май мае",
    "июня июнь июне", "июля июль июле", "августа август августе", "сентября сентябрь сентябре",
    "октября октябрь октябре", "ноября ноябрь ноябре", "декабря декабрь декабре",
)  # fmt: skip
MONTHS = {
    name: number
    for names in (_ENGLISH_MONTHS, _RUSSIAN_MONTHS)
    for number, forms in enumerate(names, start=1)
    for name in forms.split()
}
WEEKDAYS = {
    name: number
    for names in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "понедельник вторник среду четверг пятницу субботу воскресенье",
    )
    for number, name in enumerate(names.split())
}
COUNTS = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "один два три четыре пять шесть",
    )
    for number, word in enumerate(words.split(), start=1)
} | {"a": 1, "an": 1, "a couple of": 2, "две": 2, "одну": 1}
# First and last month. Winter is left out: it lies in two years.
SEASONS = {
    "spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11),
    "весной": (3, 5), "летом": (6, 8), "осенью": (9, 11), "весны": (3, 5), "лета": (6, 8), "осени": (9, 11),
}  # fmt: skip
UNITS = {
    "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "months": "month",
    "year": "year", "years": "year",
    "день": "day", "дня": "day", "дней": "day", "неделю": "week", "недели": "week", "недель": "week",
    "неделе": "week", "месяц": "month", "месяца": "month", "месяцев": "month", "месяце": "month",
    "год": "year", "года": "year", "году": "year", "лет": "year",
}  # fmt: skip

ONE_DAY = timedelta(days=1)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for one of `words`, the longest first."""
    return "(?:" + "|".join(sorted(map(escape, words), key=len, reverse=True)) + ")"


def on_day(year: int, *, month: int, day: int) -> Days | None:
    """Return the day; None where there is none, as on the 31st of June."""
    return _ends(days(year, month, within=(day, day)))


def in_months(year: int, *, first: int, last: int) -> Days | None:
    """Return the days of the months from `first` to `last`; None outside of the calendar."""
    return _ends(months(year, within=(first, last)))


def in_years(first: int, last: int) -> Days | None:
    """Return the days of the years from `first` to `last`; None where they are the wrong way round."""
    return _ends(years(first, last))


def _ends(period: Period | None) -> Days | None:
    return (period.first, period.last) if period else None


def around(unit: str, day: date) -> Days:
    """Return the day, week, month or year that holds `day`."""
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - day.weekday() * ONE_DAY
        return monday, monday + 6 * ONE_DAY
    if unit == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return date(day.year, 1, 1), date(day.year, 12, 31)


def shifted(day: date, unit: str, *, count: int) -> date | None:
    """Return `day` moved by `count` units; the 31st becomes the last day of a shorter month. None out of range."""
    try:
        if unit in ("day", "week"):
            return day + count * (7 if unit == "week" else 1) * ONE_DAY
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):  # before the year 1 or after the year 9999
        return None


def nearest_weekday(day: date, weekday: int, *, ahead: bool, same: bool) -> date:
    """Return the last such weekday up to `day`, or the next one from it; `same` allows `day` itself."""
    if ahead:
        steps = (weekday - day.weekday()) % 7
        return day + (steps or (0 if same else 7)) * ONE_DAY
    steps = (day.weekday() - weekday) % 7
    return day - (steps or (0 if same else 7)) * ONE_DAY


def nearest_day(day: date, *, month: int, number: int, ahead: bool) -> Days | None:
    """Return the last (or next) "March 21" from `day` on, `day` included; 29 February looks for a leap year."""
    for step in range(9):  # 1896 and 1904 are the leap years furthest apart
        year = day.year + (step if ahead else -step)
        found = on_day(year, month=month, day=number) if date.min.year <= year <= date.max.year else None
        if found and (found[0] >= day if ahead else found[0] <= day):
            return found
    return None


def clearly_ahead(day: date, *, ahead: Days | None, back: Days | None) -> bool:
    """Return whether of the next and the last "March 21" the next is meant: it is near, and the last long ago."""
    if ahead is None or back is None:
        return False
    return ahead[0] - day <= _SOON and day - back[1] >= _LONG_AGO


def nearest_months(day: date, *, first: int, last: int, ahead: bool, same: bool) -> Days | None:
    """Return the last (or next) such months from `day` on; `same` allows those that hold `day`."""
    for step in range(3):
        found = in_months(day.year + (step if ahead else -step), first=first, last=last)
        if found is None:
            return None
        if same and found[0] <= day <= found[1]:
            return found
        if found[0] > day if ahead else found[1] < day:
            return found
    return None
