"""Full calendar dates written in a text's head. Pure. A date without its year stays unknown."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    re.compile(r"(?<!\d)(?P<day>\d{1,2})\.[^\S\n]?(?P<month>\d{1,2})\.[^\S\n]?(?P<year>(?:19|20)\d\d)(?!\d)"),
    # Of 05/06/2020 nobody knows which is the month; one of these two numbers must be too great for one.
    re.compile(r"(?<![\d/])(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{1,2})/(?P<year>(?:19|20)\d\d)(?![\d/])"),
    re.compile(r"(?<![\d/])(?P<month>\d{1,2})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>(?:19|20)\d\d)(?![\d/])"),
    re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
)

# A dateline stands in the head of a text; a date further down is part of the story.
_HEAD_LINES = 8
_HEAD_CHARS = 160
_DATELINE_CHARS = 60
_CHANGED = (
    r"(?:updated?|modified|revised|edited|amended|stand|обновлен[оа]|изменен[оа]|aktualisiert|modifié"
    r"|actualizado)"
)
_PUBLISHED = (
    r"(?:published|posted|publication|dated?|datum|fecha|issued|released|filed|uploaded|дата|опубликован[оа]"
    r"|veröffentlicht|erstellt|publiée?|publicad[oa]|pubblicato|gepubliceerd|opublikowano)"
)
# The only labels that may stand before a dateline's day: "Term begins: 1 July 2023" is none of them.
_LABEL = re.compile(
    rf"\W*(?:(?:first|last|originally|article|post|release|print|date|{_PUBLISHED})\s+){{0,2}}"
    rf"(?:{_PUBLISHED}|{_CHANGED}|by|author|автор|source|источник|place|location)(?:\s+(?:on|at|date|online|am|le))?\s*",
    re.IGNORECASE,
)
# Days of something else than of the text.
_OTHER_DAY = re.compile(
    r"\b(?:born|died|birth|death|due|terms?|deadline|expir\w+|valid|effective|begins?|starts?|ends?|opens|closes|until"
    r"|till|since|signed|next (?:meeting|session)|родил\w+|умер\w*|срок\w*|geboren|gestorben|née?)\b",
    re.IGNORECASE,
)
# A part of a head with one of these words belongs to the paper, whatever else is in it.
_PRESS = re.compile(
    r"\b(?:edition|issue|page|desk|min(?:ute)?s? read|minutes of|memo|bulletin|полоса|выпуск)\b", re.IGNORECASE
)
_PRESS_WORDS = 6
# What may stand beside a day in lower case; places, papers and people are capitalised.
_BESIDE = frozenset(
    """
    of the and for in at on by with an our van de der den von vom di da del la le les du des et und y e el il op em
    à par um am uhr года год г в на по часов мск from staff writer reporter correspondent editor special news
    agency report reporting words views comments pm print online website site blog last first originally written
    """.split()
)
_PARTS = re.compile(r"[|•·,;()/]|\s[–—-]+\s|(?<=\w{3})\.\s")
# "A ceremony held on 9 May 1945" is a headline.
_STORY_END = re.compile(
    r"\b(?:in|on|of|at|after|before|since|until|from|в|на|с|до|после|к)\s+(?:the\s+)?$", re.IGNORECASE
)
# "Communication of 6 June 2025" is what the line names, and not of the story.
_DOCUMENT_OF = re.compile(
    r"^(?:[^,:]{0,60},\s)?(?:(?!(?:your|our|his|her|their|re|against|amendments?|answer|reply|appeal|to)\b)"
    r"[\w-]+\s){0,2}"
    r"(?:communication|communiqué|release|statement|minutes|protocol|memorandum|memo|newsletter|circular|announcement|"
    r"сообщение|протокол)\s+(?:of|from|от)\s+$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|понедельник|вторник|среда|четверг|пятница"
    r"|суббота|воскресенье)\b\.?,?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\bT?\d{1,2}[:.]\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?(?:\s*[A-Z]{2,4}\b|Z\b|[+-]\d\d:?\d\d\b)?")
# "On 9 May 1945, the village ..." tells a story.
_STORY = re.compile(r"(?:in|on|at|by|after|before|since|until|from|в|во|на|с|до|после|к)\b", re.IGNORECASE)


def find_date(text: str) -> date | None:
    """Return the first full date in `text`; day.month.year where digits are separated by dots."""
    found = _first(text)
    return found[2] if found else None


def _first(text: str) -> tuple[int, int, date] | None:
    """Return the start, the end and the day of the first full date that exists."""
    return next(iter(_all(text)), None)


def _all(text: str) -> list[tuple[int, int, date]]:
    """Return the start, the end and the day of the full dates that exist, in order and without overlap."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["month"]) if parts.get("month") else _MONTHS[parts["name"].casefold()]
            try:
                found.append((match.start(), match.end(), date(int(parts["year"]), month, int(parts["day"]))))
            except ValueError:  # the 31st of June
                continue
    kept: list[tuple[int, int, date]] = []
    for one in sorted(found):
        if not kept or one[0] >= kept[-1][1]:
            kept.append(one)
    return kept


def without_date(line: str) -> str:
    """Return `line` without its first full date, its weekday and its time."""
    found = _first(line)
    rest = line[: found[0]] + line[found[1] :] if found else line
    return _CLOCK.sub("", _WEEKDAY.sub("", rest)).strip(" ,|·•–—-:()")


class Told(StrEnum):
    """What the head of a text says of a day."""

    PUBLISHED = "published"
    CHANGED = "changed"
    ALONE = "alone"  # no word beside it says what it is


@dataclass(frozen=True, slots=True)
class HeadDay:
    """A day that a line of a text's head states."""

    day: date
    told: Told


def dateline(text: str) -> date | None:
    """Return the date of a text's head: a short line of its own, or the start of its first paragraph.

    The day of a change counts only where the head states no other.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    days = [day for line in lines[:_HEAD_LINES] if (day := head_day(line))]
    best = next((day for day in days if day.told is not Told.CHANGED), days[0] if days else None)
    return best.day if best else None


def head_day(line: str) -> HeadDay | None:
    """Return the day that a line of a text's head states; None for a day of the story or of anything else."""
    found = _all(line if len(line) <= _HEAD_CHARS else line[:_DATELINE_CHARS])
    if not found or not _is_dateline(line, found[0][0], found[0][1]):
        return None
    days, before = [], 0
    for start, end, day in found:
        days.append(HeadDay(day, _told(line[before:start])))
        before = end
    return next((day for day in days if day.told is not Told.CHANGED), days[0])


def _told(before: str) -> Told:
    if re.search(rf"\b{_CHANGED}\b", before, re.IGNORECASE):
        return Told.CHANGED
    return Told.PUBLISHED if re.search(rf"\b{_PUBLISHED}\b", before, re.IGNORECASE) else Told.ALONE


def _is_dateline(line: str, start: int, end: int) -> bool:
    """Return True for "TOKYO, Oct. 21, 2025 -- The cabinet ..." and "Published on 21 October 2025 by ..."."""
    before, after = line[:start], line[end:]
    if _DOCUMENT_OF.search(before) and not after.strip(" .)"):
        return True
    if not _is_beside(before):
        return False
    if _told(before) is not Told.ALONE:
        return True
    short = len(line) <= _HEAD_CHARS and _is_beside(after)
    if short and re.match(r"(?:by|автор)\s+\D", line, re.IGNORECASE):
        return True
    if _STORY.match(line) or _STORY_END.search(before):
        return False
    if short:
        return True
    # "OSLO, 3 May 2021 - The harbour is open." is a paragraph however short.
    is_story = len(line) > _DATELINE_CHARS or (before.strip() and re.search(r"[-–—]\s.*[.!?]$", after))
    if not is_story or start > 50 or re.search(r"[.!?]\s", before):
        return False
    # A paragraph. After the date: the agency in brackets, then a dash or a mark; a full stop only after a bracket.
    # "4 May 1950: Rut Lind is born" belongs to a chronicle, so a colon wants a place before the date.
    marks = r"\)?\s*(?:\([^)]*\)\s*)?(?:[-–—:|,]|$)|\)\." if before.strip() else r"\s*(?:\([^)]*\)\s*)?[-–—|,]"
    return bool(re.match(marks, after))


def _is_beside(part: str) -> bool:
    """Return True where nothing in `part` is more than a place, a paper, a person, publishing or a time."""
    others = _all(part)
    for start, end, _ in reversed(others):
        part = f"{part[:start]} {part[end:]}"
    if _OTHER_DAY.search(part) or (others and _told(part) is Told.ALONE):  # two days without a word are a span
        return False
    rest = _CLOCK.sub(" ", _WEEKDAY.sub(" ", part))
    return all(_is_beside_part(piece) for piece in _PARTS.split(rest))


def _is_beside_part(piece: str) -> bool:
    labels = re.split(r":(?!\d)", piece)
    if not all(_LABEL.fullmatch(label) for label in labels[:-1] if label.strip()):
        return False
    said = re.findall(r"[^\W_][\w’'.-]*", piece)
    if _PRESS.search(piece) and len(said) <= _PRESS_WORDS:
        return True
    return all(
        not word[0].islower() or word.casefold() in _BESIDE or _told(word) is not Told.ALONE for word in said
    )
