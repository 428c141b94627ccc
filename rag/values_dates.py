"""The times that a sentence names, as values that can be compared: "21 October 2025" is "2025-10-21".

Knows the sentence and, where given, the day it was published; never today's date. It does not know which event
a time belongs to. Without a day of publication "on Tuesday" and "5 May" stay a weekday and a day of any year.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

from rag.periods import Period as Period
from rag.periods import Recurring as Recurring
from rag.periods import Time as Time
from rag.periods import TimeSpan, days, months, years
from rag.tense import Tense, tense_at


def times(text: str, *, published: date | None = None) -> list[TimeSpan]:
    """Return the times that `text` names, in order, without overlap; relative ones only with `published`."""
    found: list[TimeSpan] = []
    for pattern, time_of in _patterns_for(text):
        for match in pattern.finditer(text):
            time = time_of(match, published)
            if time is not None:
                sure = pattern is not _BARE_YEAR or _is_year(match, text)
                found.append(TimeSpan(*match.span(), time, sure))
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[TimeSpan] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            continue
        if kept and _is_weekday_of_date(text, kept[-1], one):
            kept.pop()
        kept.append(one)
    return kept


def _is_weekday_of_date(text: str, earlier: TimeSpan, later: TimeSpan) -> bool:
    """Return whether "Tuesday" stands right before its date: "Tuesday, 21 October"."""
    named = _key(text[earlier.start : earlier.end])
    return named in WEEKDAYS and text[earlier.end : later.start] in (" ", ", ")


def _patterns_for(text: str) -> "Iterator[_Pattern]":
    """Yield the patterns that can match at all: most sentences need few of them."""
    words = set(_LETTERS.findall(text.casefold()))
    has_year = _FOUR_DIGITS.search(text) is not None
    if has_year:
        yield from _OF_YEARS
    if not words.isdisjoint(MONTHS):
        yield from (*_OF_MONTHS_AND_YEARS, *_OF_MONTHS) if has_year else _OF_MONTHS
    if not words.isdisjoint(RELATIVE_WORDS):
        yield from _RELATIVE
    if not words.isdisjoint(_ERA_WORDS):
        yield from _OF_ERAS


def _month_table() -> dict[str, int]:
    table = {"sept": 9}
    english = "january february march april may june july august september october november december"
    russian = "январ феврал март апрел ма июн июл август сентябр октябр ноябр декабр"
    for number, (name, stem) in enumerate(zip(english.split(), russian.split(), strict=True), start=1):
        endings = {"март": "|а|е|у|ом", "август": "|а|е|у|ом", "ма": "й|я|е|ю|ем"}.get(stem, "ь|я|е|ю|ем")
        table.update(dict.fromkeys([name, name[:3], *(stem + ending for ending in endings.split("|"))], number))
    return table


MONTHS = _month_table()
WEEKDAYS = {
    form: number
    for number, forms in enumerate(
        (
            "monday понедельник понедельника понедельникам", "tuesday вторник вторника вторникам",
            "wednesday среду средам", "thursday четверг четверга четвергам", "friday пятницу пятницы пятницам",
            "saturday субботу субботы субботам", "sunday воскресенье воскресенья воскресеньям",
        )
    )
    for form in forms.split()
}  # fmt: skip
# Winter belongs to the year in which it ends.
_SEASONS = {
    **dict.fromkeys("spring весной весны".split(), (3, 5)),
    **dict.fromkeys("summer летом лета".split(), (6, 8)),
    **dict.fromkeys("autumn fall осенью осени".split(), (9, 11)),
    **dict.fromkeys("winter зимой зимы".split(), (1, 2)),
}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
        "twenty-first".split(),
        start=12,
    )
}
_ROMAN = {"i": 1, "v": 5, "x": 10}
# Which months of a year, which days of a month: "early 2024", "at the end of March 2022".
_PARTS = {
    **dict.fromkeys("start beginning early начале начала".split(), ((1, 3), (1, 10))),
    **dict.fromkeys("middle mid середине середины".split(), ((5, 8), (11, 20))),
    **dict.fromkeys("end late конце конца".split(), ((10, 12), (21, 31))),
}
_DAYS_AWAY = {
    **dict.fromkeys("today tonight сегодня".split(), 0),
    **dict.fromkeys("yesterday вчера".split(), -1),
    **dict.fromkeys("tomorrow завтра".split(), 1),
}
_STEPS = {
    **dict.fromkeys("last past previous прошлом прошлой прошлого".split(), -1),
    **dict.fromkeys("this current этом этой этого нынешнем нынешнего текущем".split(), 0),
    **dict.fromkeys("next coming следующем следующей следующего будущем будущего".split(), 1),
}


def _full(match: re.Match[str], published: date | None) -> Time | None:
    del published
    year, month, day = int(match["year"]), _month(match), int(match["day"])
    last = match.groupdict().get("last")
    return days(year, month, within=(day, int(last) if last else day))


def _month_and_year(match: re.Match[str], published: date | None) -> Time | None:
    del published
    year, month = int(match["year"]), _month(match)
    part = _key(match["part"] or "")
    if part:
        first, last = _PARTS[part][1]
        return days(year, month, within=(first, min(last, monthrange(max(1, year), month)[1])))
    first_month = match["from"]
    return months(year, within=(MONTHS[_key(first_month)] if first_month else month, month))


def _key(text: str) -> str:
    # `re.IGNORECASE` also finds the dotted and the dotless i of Turkish, which casefold leaves alone.
    return text.casefold().replace("\u0307", "").replace("ı", "i")


def _month(match: re.Match[str]) -> int:
    name = _key(match["month"])
    return int(name) if name.isdecimal() else MONTHS[name]


def _season(match: re.Match[str], published: date | None) -> Time | None:
    del published
    return months(int(match["year"]), within=_SEASONS[_key(match["season"])])


def _part_of_year(match: re.Match[str], published: date | None) -> Time | None:
    del published
    return months(int(match["year"]), within=_PARTS[_key(match["part"])][0])


def _decade(match: re.Match[str], published: date | None) -> Time | None:
    del published
    return years(int(match["year"]), int(match["year"]) + 9)


def _century(match: re.Match[str], published: date | None) -> Time | None:
    del published
    roman = match["roman"]
    number = _ORDINALS[_key(match["word"])] if match["word"] else 0
    number = number or (_from_roman(_key(roman)) if roman else int(match["number"]))
    return years(100 * number - 99, 100 * number) if 0 < number < 30 else None


def _from_roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-one if one < after else one for one, after in zip(values, following, strict=True))


def _year_range(match: re.Match[str], published: date | None) -> Time | None:
    del published
    first, last = match["year"], match["last"]
    return years(int(first), int(last if len(last) == 4 else first[:2] + last))


def _year(match: re.Match[str], published: date | None) -> Time | None:
    del published
    year = int(match["year"])
    return years(year, year)


def _of_no_year(match: re.Match[str], published: date | None) -> Time | None:
    groups = match.groupdict()
    month, day = _month(match), int(groups["day"]) if groups.get("day") else None
    if day is not None and not 1 <= day <= monthrange(2024, month)[1]:  # a leap year
        return None
    if published is None:
        return Recurring(month=month, day=day)
    # News names the day without its year when it is near: "5 January" is the next one in October, "5 October" the
    # last one in January.
    year = published.year - (month - published.month > 6) + (published.month - month >= 9)
    return days(year, month, within=(day, day)) if day else months(year, within=(month, month))


def _weekday(match: re.Match[str], published: date | None) -> Time | None:
    name = _key(match["weekday"])
    weekday = WEEKDAYS[name.removesuffix("s")]
    if published is None or name.endswith(("s", "ам", "ям")):
        return Recurring(weekday=weekday)
    ahead = (weekday - published.weekday()) % 7
    step = _STEPS.get(_key(match["step"] or ""), 0)
    if step:
        return _around(published, (ahead or 7) if step > 0 else ahead - 7)
    # "On Tuesday" in news is the last one gone by, or the next, the day of publication included.
    tense = tense_at(match.string, match.span("weekday"))
    if tense is Tense.UNCLEAR:
        return Recurring(weekday=weekday)
    return _around(published, ahead if tense is Tense.AHEAD or not ahead else ahead - 7)


def _around(published: date, away: int) -> Period | None:
    if not 1 <= published.toordinal() + away <= date.max.toordinal():
        return None
    day = published + timedelta(days=away)
    return Period(day, day)


def _near_day(match: re.Match[str], published: date | None) -> Time | None:
    return _around(published, _DAYS_AWAY[_key(match["near"])]) if published else None


def _near_unit(match: re.Match[str], published: date | None) -> Time | None:
    if published is None:
        return None
    step, unit = _STEPS[_key(match["step"])], _key(match["unit"])
    if unit in ("year", "году", "года"):
        return years(published.year + step, published.year + step)
    if unit in ("month", "месяце", "месяца"):
        number = published.year * 12 + published.month - 1 + step
        return months(number // 12, within=(number % 12 + 1, number % 12 + 1))
    monday = _around(published, 7 * step - published.weekday())
    sunday = _around(published, 7 * step - published.weekday() + 6)
    return Period(monday.first, sunday.last) if monday and sunday else None


def _is_year(match: re.Match[str], text: str) -> bool:
    """Return whether a bare number is a year by what stands around it."""
    before = text[max(0, match.start() - 24) : match.start()]
    after = text[match.end() : match.end() + 24]
    if _YEAR_AFTER.match(after) or _YEAR_BEFORE.search(before):
        return True
    return _COUNT_BEFORE.search(before) is None and _COUNTS.match(after) is None


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_YEAR_BEFORE = _pattern(
    r"(?:\b(?:in|since|by|from|until|till|before|after|early|late|mid|year|circa|ca?\.|through|during|"
    r"AD|a|an|в|с|к|до|после)\s|\(|\bmid-)$"
)
_COUNT_BEFORE = _pattern(
    r"(?:\b(?:about|around|some|nearly|almost|over|under|roughly|approximately|than|least|около|примерно|"
    r"почти|свыше|более|менее)|[$€£¥₽])\s?$"
)
_YEAR_AFTER = _pattern(r"\s?(?:год|г\.|гг\.|AD\b|CE\b|[).,;:?!]|$)")
# A plain noun after the number: "1985 people".
_COUNTS = re.compile(
    r"[ -](?!(?:and|or|when|as|by|to|with|for|on|at|in|is|was|were|the|a|an|but|he|she|it|they|и|по|на|был\w*)\b)"
    r"[a-zа-яё]"
)

_M = _any(MONTHS)
_G = r"\s{1,3}"
_NO_UNIT = r"(?![\w%]|[.,:]\d|-\w|\s?B\.?C)(?:\s(?:год(?:а|у|ом|е)?\b|г\.))?"
_Y = rf"(?P<year>[12]\d{{3}}){_NO_UNIT}"
_Y_ALONE = r"(?P<year>1\d{3}|20\d\d)"
_TH = r"(?:st|nd|rd|th|-?го|-?е)?"
_D = rf"(?<![\d.,:/-])(?P<day>\d{{1,2}}){_TH}"
_TO = rf"\s?[-–—]\s?(?P<last>\d{{1,2}}){_TH}"
_P = _any(_PARTS)
_STEP = rf"(?P<step>{_any(_STEPS)})"
_BARE_YEAR = _pattern(rf"(?<![\w.,/$€£¥₽№#–—-]){_Y_ALONE}{_NO_UNIT}")
# Lower-case "may" and "march" after a number are verbs.
_NO_VERB = r"(?!(?-i:may|march|mar)\b)"
_LETTERS = re.compile(r"[^\W\d_]+")
_FOUR_DIGITS = re.compile(r"\d{4}")
_ERA_WORDS = frozenset("century ad ce век века веке веку веком столетие столетия столетии".split())
RELATIVE_WORDS = frozenset([*WEEKDAYS, *(day + "s" for day in WEEKDAYS), *_DAYS_AWAY, *_STEPS])

# A month alone is one where such a word stands before it: "since June", "last July".
_BEFORE_MONTH = "|".join(
    rf"(?<=\b{word} )"
    for word in "in since until till by before after during from for of last next this early late в с до к".split()
)

_Pattern: TypeAlias = tuple[re.Pattern[str], Callable[[re.Match[str], date | None], Time | None]]
_OF_YEARS: tuple[_Pattern, ...] = (
    (_pattern(r"(?<![\d/.-])(?P<year>[12]\d{3})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)"), _full),
    (_pattern(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>[12]\d{3})(?!\d)"), _full),
    (_pattern(rf"\b(?P<season>{_any(_SEASONS)}){_G}(?:of{_G})?{_Y}"), _season),
    (_pattern(rf"\b(?P<part>{_P})[\s-](?:of{_G})?{_Y}"), _part_of_year),
    (_pattern(r"\b(?P<year>[12]\d\d0)(?:['’]?s\b|-(?:е|х|ые|ых)\b(?:\sгод(?:ы|ов|ах))?)"), _decade),
    (_pattern(rf"(?<![\w./$€£-]){_Y_ALONE}\s?[-–—]\s?(?P<last>1\d{{3}}|20\d\d|\d\d)(?![\w.,]?\d)"), _year_range),
    (
        _pattern(rf"\b(?:(?:from|с)\s)?{_Y_ALONE}\s(?:to|until|through|по|до)\s(?P<last>1\d{{3}}|20\d\d)\b"),
        _year_range,
    ),
    (_pattern(rf"\b(?:between|между)\s{_Y_ALONE}\s(?:and|и)\s(?P<last>1\d{{3}}|20\d\d)\b"), _year_range),
    (_BARE_YEAR, _year),
)
_OF_MONTHS_AND_YEARS: tuple[_Pattern, ...] = (
    (_pattern(rf"{_D}(?:{_TO})?{_G}(?:of{_G})?(?P<month>{_M})\b\.?,?{_G}(?:of{_G})?{_Y}"), _full),
    (_pattern(rf"\b(?P<month>{_M})\.?{_G}(?P<day>\d{{1,2}}){_TH}(?:{_TO})?,?{_G}{_Y}"), _full),
    (
        _pattern(
            rf"(?:\b(?P<part>{_P})(?:{_G}of)?[\s-])?\b(?:(?P<from>{_M})(?:\s?[-–—]\s?|\s(?:to|and|и|по)\s))?"
            rf"(?P<month>{_M})\b\.?,?{_G}(?:of{_G})?{_Y}"
        ),
        _month_and_year,
    ),
)
_OF_MONTHS: tuple[_Pattern, ...] = (
    (_pattern(rf"{_D}{_G}(?:of{_G})?{_NO_VERB}(?P<month>{_M})\b"), _of_no_year),
    (_pattern(rf"\b{_NO_VERB}(?P<month>{_M})\.?{_G}(?P<day>\d{{1,2}}){_TH}\b(?![.,:]?\d|%)"), _of_no_year),
    (_pattern(rf"(?:{_BEFORE_MONTH}){_NO_VERB}(?P<month>{_M})\b"), _of_no_year),
)
_RELATIVE: tuple[_Pattern, ...] = (
    (_pattern(rf"\b(?:{_STEP}\s)?(?P<weekday>{_any(WEEKDAYS)}s?)\b"), _weekday),
    (_pattern(rf"\b(?P<near>{_any(_DAYS_AWAY)})\b"), _near_day),
    (_pattern(rf"\b{_STEP}\s(?P<unit>year|month|week|году|года|месяце|месяца|неделе)\b"), _near_unit),
)
_OF_ERAS: tuple[_Pattern, ...] = (
    (
        _pattern(
            rf"\b(?:(?P<number>\d{{1,2}})(?P<roman>)(?:st|nd|rd|th)|(?P<word>{_any(_ORDINALS)}))[\s-]century\b"
        ),
        _century,
    ),
    (_pattern(r"\b(?P<word>)(?P<roman>[XVI]{1,6})[\s-](?:век|столети)\w{0,3}\b"), _century),
    (_pattern(r"\bAD\s(?P<year>\d{1,4})\b"), _year),
    (_pattern(r"(?<![\w.,-])(?P<year>\d{1,3})\s(?:AD|CE)\b"), _year),
)
