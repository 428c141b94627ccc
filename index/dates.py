"""Full calendar dates written in a text's head. Pure. A date without its year stays unknown."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января январь янв januar jänner janvier enero gennaio janeiro januari stycznia",
            "february feb февраля февраль фев februar février fevrier febrero febbraio fevereiro februari lutego",
            "march mar марта март märz mrz mars marzo março maart marca",
            "april apr апреля апрель апр avril abril aprile kwietnia",
            "may мая май mai mayo maggio maio mei maja",
            "june jun июня июнь juni juin junio giugno junho czerwca",
            "july jul июля июль juli juillet julio luglio julho lipca",
            "august aug августа август авг août aout agosto augustus sierpnia",
            "september sept sep сентября сентябрь сент septembre septiembre settembre setembro września",
            "october oct октября октябрь окт oktober okt octobre octubre ottobre outubro października",
            "november nov ноября ноябрь нояб novembre noviembre novembro listopada",
            "december dec декабря декабрь дек dezember dez décembre diciembre dicembre dezembro grudnia",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TH = r"(?:st|nd|rd|th|er|\.|º)?"
_PATTERNS = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(
        rf"(?i)(?<!\d)(?P<day>\d{{1,2}}){_TH}\s+(?:de\s+)?(?P<name>{_NAMES})\.?,?\s+(?:de\s+)?(?P<year>(?:19|20)\d\d)"
    ),
    re.compile(rf"(?i)\b(?P<name>{_NAMES})\.?\s+(?P<day>\d{{1,2}}){_TH},?\s+(?P<year>(?:19|20)\d\d)"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)(?!\d)"),
    # Of 05/06/2020 nobody knows which is the month; one of these two numbers must be too great for one.
    re.compile(r"(?<![\d/])(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{1,2})/(?P<year>(?:19|20)\d\d)(?![\d/])"),
    re.compile(r"(?<![\d/])(?P<month>\d{1,2})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>(?:19|20)\d\d)(?![\d/])"),
    re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
)

# A dateline stands in the head of a text; a date further down is part of the story.
_HEAD_LINES = 8
_HEAD_CHARS = 160
_DATELINE_CHARS = 60
_STATED = re.compile(r"(?:published|posted|updated|date|дата|опубликовано|veröffentlicht|publié)\b", re.IGNORECASE)
# "A ceremony held on 9 May 1945" is a headline.
_STORY_END = re.compile(
    r"\b(?:in|on|of|at|after|before|since|until|from|в|на|с|до|после|к)\s+(?:the\s+)?$", re.IGNORECASE
)
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|понедельник|вторник|среда|четверг|пятница"
    r"|суббота|воскресенье)\b\.?,?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?(?:\s*[A-Z]{2,4}\b)?")
# "On 9 May 1945, the village ..." tells a story.
_STORY = re.compile(r"(?:in|on|at|by|after|before|since|until|from|в|во|на|с|до|после|к)\b", re.IGNORECASE)


def find_date(text: str) -> date | None:
    """Return the first full date in `text`; day.month.year where digits are separated by dots."""
    found = _first(text)
    return found[2] if found else None


def _first(text: str) -> tuple[int, int, date] | None:
    """Return the start, the end and the day of the first full date that exists."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["month"]) if parts.get("month") else _MONTHS[parts["name"].casefold()]
            try:
                found.append((match.start(), match.end(), date(int(parts["year"]), month, int(parts["day"]))))
            except ValueError:  # the 31st of June
                continue
    return min(found) if found else None


def without_date(line: str) -> str:
    """Return `line` without its first full date, its weekday and its time."""
    found = _first(line)
    rest = line[: found[0]] + line[found[1] :] if found else line
    return _CLOCK.sub("", _WEEKDAY.sub("", rest)).strip(" ,|·•–—-:()")


def dateline(text: str) -> date | None:
    """Return the date of a text's head: a short line of its own, or the start of its first paragraph."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:_HEAD_LINES]:
        found = _first(line if len(line) <= _HEAD_CHARS else line[:_DATELINE_CHARS])
        if found is not None and _is_dateline(line, found[0], found[1]):
            return found[2]
    return None


def _is_dateline(line: str, start: int, end: int) -> bool:
    """Return True for "TOKYO, Oct. 21, 2025 -- The cabinet ..." and "Published on 21 October 2025 by ..."."""
    if _STATED.match(line):
        return True
    last = not line[end:].strip(" )")
    if re.match(r"(?:by|автор)\s+\D", line, re.IGNORECASE) and last:
        return True
    if _STORY.match(line) or _STORY_END.search(line[:start]):
        return False
    if len(line) <= 60 or (last and re.search(r"(?:^|[,|·•:(–—-]\s*)$", line[:start])):
        return True
    if start > 50 or re.search(r"[.!?]\s", line[:start]):
        return False
    # After the date: the agency in brackets, then a dash or a mark; a full stop only after a bracket.
    return bool(re.match(r"\)?\s*(?:\([^)]*\)\s*)?(?:[-–—:|,]|$)|\)\.", line[end:]))
