"""Times that only the day of publication makes clear: "yesterday", "last September", "in March", «два года назад».

Pure; leaves alone what hangs on another time of the text ("three days later") and a month beside another year.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date

from index.timex_calendar import (
    COUNTS,
    MONTHS,
    ONE_DAY,
    SEASONS,
    UNITS,
    WEEKDAYS,
    Days,
    any_of,
    around,
    clearly_ahead,
    nearest_day,
    nearest_months,
    nearest_weekday,
    shifted,
)
from rag.tense import Tense, tense_at
from rag.text import sentences
from rag.types import Span

_GAP = r"[ \t\n]{1,3}"
# In English a month without its capital is another word ("may", "march").
_ENGLISH_MONTH = any_of(name.capitalize() for name in MONTHS if name.isascii())
_RUSSIAN_MONTH = any_of(name for name in MONTHS if not name.isascii())
_ENGLISH_DAY = any_of(name.capitalize() for name in WEEKDAYS if name.isascii())
_RUSSIAN_DAY = any_of(name for name in WEEKDAYS if not name.isascii())
_EARLY = r"(?:(?:early|late|mid)[ -])?"
_BEFORE_MONTH = r"(?:[Ii]n|[Ss]ince|[Uu]ntil|[Bb]y|[Ee]arly|[Ll]ate|[Mm]id|[Oo]f)[ \t\n-]{1,2}"
# No year beside a month or day, and no letter: those that name a year are read elsewhere.
_NO_YEAR = r"(?!,?[ \t\n]{1,3}(?:1[5-9]|20)\d\d)(?![^\W_])"
# No day beside a month: "March 21" is read elsewhere.
_NO_DAY = rf"(?!{_GAP}\d{{1,2}}\b)"
# "The next year" and "his last month" hang on another time.
_NOBODYS = r"(?<!the )(?<!his )(?<!her )(?<!its )(?<!their )"
_COUNT = rf"(?P<count>\d{{1,3}}|{any_of(COUNTS)})"
_UNIT = rf"(?P<unit>{any_of(UNITS)})"

# Which one is meant: the last, this, or the next.
_SIDES = {
    "last": -1, "this": 0, "current": 0, "next": 1, "coming": 1,
    "прошлой": -1, "прошлом": -1, "прошлый": -1, "прошлую": -1, "прошлого": -1, "прошедшую": -1,
    "этой": 0, "этом": 0, "эту": 0, "этот": 0, "этого": 0, "текущем": 0, "нынешнем": 0,
    "следующей": 1, "следующем": 1, "следующий": 1, "следующую": 1, "следующего": 1, "будущем": 1,
}  # fmt: skip
_SIDE = rf"(?P<side>{any_of(_SIDES)})"
_DAYS = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "earlier today": 0,
    "yesterday": -1, "last night": -1, "the day before yesterday": -2, "tomorrow": 1, "the day after tomorrow": 2,
    "сегодня": 0, "вчера": -1, "накануне вечером": -1, "позавчера": -2, "завтра": 1, "послезавтра": 2,
}  # fmt: skip
# "Black Friday" is a name; "the following Friday" hangs on another time.
_OTHER_DAY = re.compile(
    r"\b(?:black|good|super|bloody|ash|cyber|palm|easter|holy|advent|whit|maundy|shrove|an?|any|every|each|most|usual|"
    r"ordinary|but|except|previous|following|same|that|the|first|second|third|fourth)\s$|"
    rf"{any_of(WEEKDAYS)}(?:\sto\s|\s?[-–]\s?)$",
    re.IGNORECASE,
)
# "The last Sunday of the month", "Friday week", "Friday, 5 September", "Monday to Friday": told by other words.
_HAS_DATE = re.compile(
    rf"\s(?:of|week|fortnight|next)\b|(?:\s(?:night|morning|afternoon|evening))?[\s,(]{{1,3}}(?:the\s)?(?:\d|{_ENGLISH_MONTH}\b)|"
    rf"(?:\s(?:to|through|until)\s|\s?[-–]\s?)(?i:{any_of(WEEKDAYS)})"
)
# "Thursday Island", "the Sunday Times"; not "on Tuesday Mayor Sato".
_IN_NAME = re.compile(r"\s[A-ZА-ЯЁ]")
_IS_DAY = re.compile(r"\b(?:on|by|since|until|till|from|after|before|late|early)\s$", re.IGNORECASE)


def relative_times(text: str, published: date, *, taken: Sequence[Span]) -> list[tuple[Span, Days]]:
    """Return the times that hang on the day of publication; `taken` are those that name their own year."""
    years = _sentences_with(text, taken)
    found: list[tuple[Span, Days]] = []
    for pattern, days_of, needs_clear in _PATTERNS:
        for match in pattern.finditer(text):
            if needs_clear and any(start <= match.start() < end for start, end in years(match.start())):
                continue
            days = days_of(match, published)
            if days is not None:
                found.append((match.span("at" if "at" in pattern.groupindex else 0), days))
    return found


def _sentences_with(text: str, taken: Sequence[Span]) -> Callable[[int], list[Span]]:
    """Return a look-up of the sentence around an offset, if that sentence names a year of its own."""
    marked: dict[int, Span] = {}
    spans = sentences(text)
    at = 0
    for start, _ in sorted(taken):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at < len(spans):
            marked[at] = spans[at]
    starts = [span[0] for span in spans]

    def look_up(offset: int) -> list[Span]:
        number = bisect_right(starts, offset) - 1
        return [marked[number]] if number in marked else []

    return look_up


def _is_ahead(match: re.Match[str]) -> bool:
    """Return True where the words around the time speak of what is to come."""
    return tense_at(match.string, match.span()) is Tense.AHEAD


def _single_day(match: re.Match[str], published: date) -> Days | None:
    return _around("day", published, _DAYS[" ".join(match[0].lower().split())])


def _around(unit: str, published: date, count: int) -> Days | None:
    day = shifted(published, unit, count=count)
    return None if day is None else around(unit, day)


def _side_of_unit(match: re.Match[str], published: date) -> Days | None:
    return _around(UNITS[match["unit"].lower()], published, _SIDES[match["side"].lower()])


def _weekend(match: re.Match[str], published: date) -> Days | None:
    side = (match["side"] or "the").lower()
    saturday = nearest_weekday(published, 5, ahead=False, same=True)
    if side in ("this", "next"):
        saturday = around("week", published)[0] + (5 if side == "this" else 12) * ONE_DAY
    elif side == "last" and published.weekday() >= 5:
        saturday = around("week", published)[0] - 2 * ONE_DAY
    return saturday, saturday + ONE_DAY


def _weekday(match: re.Match[str], published: date) -> Days | None:
    before, after = (
        match.string[max(0, match.start() - 12) : match.start()],
        match.string[match.end() : match.end() + 24],
    )
    if (
        _OTHER_DAY.search(before)
        or _HAS_DATE.match(after)
        or (_IN_NAME.match(after) and not _IS_DAY.search(before))
    ):
        return None
    number = WEEKDAYS[match["weekday"].lower()]
    side = _SIDES.get((match["side"] or "").lower())
    tense = tense_at(match.string, match.span())
    if side:
        day = nearest_weekday(published, number, ahead=side > 0, same=False)
    elif side == 0 and tense is not Tense.AHEAD:
        day = around("week", published)[0] + number * ONE_DAY
    elif tense is Tense.UNCLEAR:  # "open on Saturday from nine" may be any
        return None
    else:
        day = nearest_weekday(published, number, ahead=tense is Tense.AHEAD, same=True)
    return day, day


def _month(match: re.Match[str], published: date) -> Days | None:
    number = MONTHS[match["month"].lower()]
    side = _SIDES.get((match["side"] or "").lower())
    if side == 0:
        return around("month", published.replace(month=number, day=1))
    ahead = side == 1 or (side is None and _is_ahead(match))
    return nearest_months(published, first=number, last=number, ahead=ahead, same=side is None)


def _season(match: re.Match[str], published: date) -> Days | None:
    first, last = SEASONS[match["season"].lower()]
    side = _SIDES[match["side"].lower()]
    if side == 0:
        return published.replace(month=first, day=1), around("month", published.replace(month=last, day=1))[1]
    return nearest_months(published, first=first, last=last, ahead=side > 0, same=False)


def _month_day(match: re.Match[str], published: date) -> Days | None:
    month, number = MONTHS[match["month"].lower()], int(match["day"])
    following, last = (nearest_day(published, month=month, number=number, ahead=ahead) for ahead in (True, False))
    return following if _is_ahead(match) or clearly_ahead(published, ahead=following, back=last) else last


def _ago(match: re.Match[str], published: date) -> Days | None:
    return _around(UNITS[match["unit"].lower()], published, -_count(match))


def _past_span(match: re.Match[str], published: date) -> Days | None:
    start = shifted(published, UNITS[match["unit"].lower()], count=-_count(match))
    return None if start is None else (start, published)


def _count(match: re.Match[str]) -> int:
    word = (match["count"] or "one").lower()
    return int(word) if word.isdigit() else COUNTS[" ".join(word.split())]


_CASE = re.IGNORECASE
_DAY = r"(?<![\d.,/-])(?P<day>\d{1,2})(?:st|nd|rd|th|-?го)?"

# The last column: True where another year in the same sentence makes it unclear which year is meant.
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None], bool], ...] = (
    (re.compile(rf"\b{any_of(_DAYS).replace(chr(92) + ' ', _GAP)}\b(?!['’]s\b)", _CASE), _single_day, False),
    # "the last week of October" and "the next year" hang on another time.
    (re.compile(rf"\b{_NOBODYS}(?P<at>{_SIDE}{_GAP}(?P<unit>week|month|year|неделе|месяце|году))\b"
                rf"(?!{_GAP}of\b)", _CASE),
     _side_of_unit, False),
    # "the weekend of 8-9 March" is named by its days.
    (re.compile(rf"\b(?P<side>this|last|next|the){_GAP}weekend\b(?!{_GAP}of\b)", _CASE), _weekend, False),
    (re.compile(rf"\b(?:(?P<side>[Ll]ast|[Tt]his|[Nn]ext|[Cc]oming){_GAP})?(?P<weekday>{_ENGLISH_DAY})\b(?!s)"),
     _weekday, True),
    (re.compile(rf"\bво?{_GAP}(?P<at>(?:{_SIDE}{_GAP})?(?P<weekday>{_RUSSIAN_DAY}))\b", _CASE), _weekday, True),
    (re.compile(rf"\b{_BEFORE_MONTH}{_EARLY}(?P<at>(?P<side>)(?P<month>{_ENGLISH_MONTH}))\b(?!['’]s)\.?{_NO_YEAR}"
                rf"{_NO_DAY}"), _month, True),
    (re.compile(rf"\b(?P<side>[Ll]ast|[Tt]his|[Nn]ext){_GAP}(?P<month>{_ENGLISH_MONTH})\b{_NO_DAY}{_NO_YEAR}"),
     _month, False),
    (re.compile(rf"\b(?:в|с|до|к){_GAP}(?P<at>(?:{_SIDE}{_GAP})?(?P<month>{_RUSSIAN_MONTH}))\b{_NO_YEAR}", _CASE),
     _month, True),
    (re.compile(rf"\b{_SIDE}{_GAP}(?P<season>{any_of(SEASONS)})\b", _CASE), _season, False),
    (re.compile(rf"\b(?P<month>{_ENGLISH_MONTH})\.?{_GAP}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[.,:]\d){_NO_YEAR}"),
     _month_day, True),
    (re.compile(rf"{_DAY}{_GAP}(?:of{_GAP})?(?P<month>{_ENGLISH_MONTH}|{_RUSSIAN_MONTH})\b{_NO_YEAR}"),
     _month_day, True),
    (re.compile(rf"\b{_COUNT}{_GAP}{_UNIT}{_GAP}ago\b", _CASE), _ago, False),
    (re.compile(rf"\b(?:{_COUNT}{_GAP})?{_UNIT}{_GAP}назад\b", _CASE), _ago, False),
    (re.compile(rf"\b(?:the{_GAP})?(?:past|last){_GAP}{_COUNT}{_GAP}{_UNIT}\b", _CASE), _past_span, False),
    (re.compile(rf"\bпоследни[ехй]{{1,2}}{_GAP}{_COUNT}{_GAP}{_UNIT}\b", _CASE), _past_span, False),
)  # fmt: skip
