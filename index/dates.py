"""Full calendar dates written in a text's head. Pure. A date without its year stays unknown."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января январь",
            "february feb февраля февраль",
            "march mar марта март",
            "april apr апреля апрель",
            "may мая май",
            "june jun июня июнь",
            "july jul июля июль",
            "august aug августа август",
            "september sept sep сентября сентябрь",
            "october oct октября октябрь",
            "november nov ноября ноябрь",
            "december dec декабря декабрь",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TH = r"(?:st|nd|rd|th)?"
_PATTERNS = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"(?i)(?<!\d)(?P<day>\d{{1,2}}){_TH}\s+(?P<name>{_NAMES})\.?,?\s+(?P<year>(?:19|20)\d\d)"),
    re.compile(rf"(?i)\b(?P<name>{_NAMES})\.?\s+(?P<day>\d{{1,2}}){_TH},?\s+(?P<year>(?:19|20)\d\d)"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)(?!\d)"),
    re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
)

# A dateline stands in the head of a text; a date further down is part of the story.
_HEAD_LINES = 8
_HEAD_CHARS = 160
_DATELINE_CHARS = 60
# "On 9 May 1945, the village ..." tells a story.
_STORY = re.compile(r"(?:in|on|at|by|after|before|since|until|from|в|во|на|с|до|после|к)\b", re.IGNORECASE)


def find_date(text: str) -> date | None:
    """Return the first full date in `text`; day.month.year where digits are separated by dots."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["month"]) if parts.get("month") else _MONTHS[parts["name"].casefold()]
            try:
                found.append((match.start(), date(int(parts["year"]), month, int(parts["day"]))))
            except ValueError:  # the 31st of June
                continue
    return min(found)[1] if found else None


def dateline(text: str) -> date | None:
    """Return the date of a text's head: a short line of its own, or the start of its first paragraph."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:_HEAD_LINES]:
        found = find_date(line if len(line) <= _HEAD_CHARS else line[:_DATELINE_CHARS])
        if found is not None and (len(line) <= 60 or _is_dateline(line)):
            return found
    return None


def _is_dateline(line: str) -> bool:
    """Return True for "TOKYO, Oct. 21, 2025 -- The cabinet ..." and "Published on 21 October 2025 by ..."."""
    starts = re.match(r"(?:published|posted|updated|date|дата|опубликовано)\b", line, re.IGNORECASE)
    if starts or _STORY.match(line):
        return bool(starts)
    line = re.sub(rf"(?i)\b({_NAMES})\.", r"\1", line)  # the dot of "Oct." ends no sentence
    return bool(re.match(r"[^.!?]{0,50}\d{4}\)?\s*(?:\([^)]*\)\s*)?(?:[-–—:|,]|$)", line))
