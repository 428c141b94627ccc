"""What the head of a plain text says of itself: title, outlet, author. Pure; knows lines, no formats.

A wrong name is worse than none: a name counts only beside other lines of a head, and what may as well be a
place, a section or a headline stays unknown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index import clean_words as say
from index.clean import find_noise
from index.dates import dateline, find_date, without_date
from index.signature import signed_by
from rag.text import one_line, paragraphs, sentences, words

_HEAD_LINES = 10
_HEADLINE_WORDS = 20
_MAX_TITLE_CHARS = 160
# A headline has three words at least; two may be one where they stand alone above all.
_TITLE_WORDS, _SHORT_TITLE = 3, 2
_ALONE = 1
# A memo says who writes to whom.
_FIELD = re.compile(r"(?:from|to|cc|date|от|кому|дата)\s*:\s", re.IGNORECASE)
_MAX_FACT_CHARS = 160
_BULLET = re.compile(r"^\s*(?:[-*•·>|#]|\d+[.)])\s")
_CRUMB = re.compile(r"\s+[>/»›|→]\s+")
_PIECES = re.compile(r"\s*[|·•,/]\s*|\s+[–—-]\s+|(?<=\w)\.\s+")
_CAPITAL = r"[^\W\d_a-zа-яё]"
_OF = r"(?:(?:van|von|de|der|da|di|al|bin|el|la)\s+)*"
_NAME = rf"{_CAPITAL}[\w’'-]+(?:\s+{_CAPITAL}\.)?(?:\s+{_OF}{_CAPITAL}[\w’'-]+){{1,2}}"
_PERSON = re.compile(rf"^{_NAME}$")
_BY = re.compile(rf"\b(?P<published>[Pp]ublished\s+)?(?:By|by|BY)\s+(?P<name>{_NAME})\s*(?=$|[,.|·•–—(-])")
# The agency of "TOKYO, Oct. 21, 2025 (Kyodo) -- The cabinet ..." and "MOSCOW (Reuters) - ...".
_AGENCY = re.compile(
    rf"^{_CAPITAL}(?:[^\n.!?()]|\.(?=\s*[\d,])){{1,40}}?(?P<day>\d{{1,2}}(?:,?\s+\d{{4}})?)?\s*"
    rf"\((?P<name>{_CAPITAL}[\w .&’'-]{{1,40}})\)\s*(?P<dash>[-–—:]*)"
)
# By these words a name is that of an outlet and not of a person, a place or a section.
_OUTLET = re.compile(
    r"""\b(?:journal|times|post|news|wire|herald|tribune|daily|weekly|monthly|gazette|bulletin|press|agency|magazine
    |review|courier|digest|ledger|notes|today|observer|guardian|chronicle|telegraph|mirror|reporter|record|register
    |examiner|inquirer|independent|standard|sentinel|star|sun|globe|mail|broadcasting|radio|tv|media|newspapers?
    |dispatch|monitor|argus|echo|sheet
    |новости|газета|вестник|правда|известия|ведомости|журнал|агентство|телеканал|радио|медиа|пресса|обозрение
    |полоса|курьер|листок|инфо|хроника|дневник|голос|маяк|заря)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_HOUSE = re.compile(
    r"\b(?:books?|publish(?:ers?|ing)|house|verlag|ltd|inc|éditions?|издательство)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Head:
    """What the first lines of a text say. Unknown stays None."""

    title: str | None
    outlet: str | None
    author: str | None


def read_head(text: str) -> Head:
    """Return what the lines above the body say of the text."""
    title = _headline(text)
    lines = _first_lines(text)
    facts = [line for line in lines if _is_fact(line, title)]
    outlet = _outlet(facts) or _agency(lines)
    author = _author(facts, outlet) or (signed_by(text) if outlet is None else None)
    return Head(title or _opening(text), outlet, _in_script_of(text, author) if author else None)


def _first_lines(text: str) -> list[str]:
    """Return the lines down to the first paragraph, that included."""
    lines = []
    for start, end in list(paragraphs(text[:4000]))[:_HEAD_LINES]:
        lines.append(text[start:end])
        if len(words(lines[-1])) > _HEADLINE_WORDS:
            break
    return lines


def _headline(text: str) -> str | None:
    """Return the line that reads like a headline: one that is said twice, stands alone or above a byline or the
    day, or comes first.
    """
    page = text[:20_000]
    noise = {span.start: span.reason for span in find_noise(page)}
    found: list[tuple[int, int, str]] = []
    said: list[str] = []
    for start, end in list(paragraphs(page))[:_HEAD_LINES]:
        line = page[start:end]
        if found and _is_told_of(line, page[found[-1][1] : start], found[-1][2]):
            found[-1] = (min(found[-1][0], _ALONE), *found[-1][1:])
        bare = _BULLET.sub("", line)
        is_text = len(words(line)) > _HEADLINE_WORDS or (line.endswith(".") and not _is_label(line))
        if is_text and start not in noise:
            break
        alone = _stands_alone(page, start, end)
        if start not in noise and _may_be_title(line, least=_SHORT_TITLE if alone and not said else _TITLE_WORDS):
            found.append((_rank(line, alone=alone, again=bare in said), start, line))
        said.append(bare)
    return min(found)[2] if found else None


def _rank(line: str, *, alone: bool, again: bool) -> int:
    """Return how likely a line is the title, 0 the likeliest. The name of a paper is one where nothing else is."""
    if _is_outlet(line):
        return 4
    if len(words(line)) < _TITLE_WORDS:
        return 2
    return 0 if again else _ALONE if alone else 3


def _is_told_of(line: str, between: str, title: str) -> bool:
    """Return whether a line is the byline or the day that belongs to the title right above it."""
    is_next = one_line(between) == title
    return is_next and not _is_outlet(title) and bool(dateline(line) or say.BYLINE.match(line))


def _stands_alone(text: str, start: int, end: int) -> bool:
    is_after_blank = not text[:start].strip() or text[:start].endswith(("\n\n", "\n \n"))
    return is_after_blank and bool(re.match(r"[ \t]*\n[ \t]*\n", text[end:]))


def _may_be_title(line: str, *, least: int) -> bool:
    # "THE TIDE NOTES" is the name of a paper; a longer line in capitals may be a headline.
    shouted = line.isupper() and len(words(line)) < 5
    fact = _is_aside(line) or _is_label(line) or _BULLET.match(line) or _CRUMB.search(line) or shouted
    long = len(line) > _MAX_TITLE_CHARS or line.endswith((".", ";", ","))
    return not fact and not long and len(words(line)) >= least


def _is_aside(line: str) -> bool:
    """Return whether a line is about the text, whatever that is about: "(translated by machine)"."""
    return re.fullmatch(r"\([^()]*\)", line) is not None


def _is_label(line: str) -> bool:
    labels = (_FIELD, say.BYLINE, say.WIDGET, say.SHARE_LABEL)
    return bool(dateline(line) or any(label.match(line) for label in labels))


def _opening(text: str) -> str | None:
    """Return the start of the first sentence, for a text without a headline."""
    spans = sentences(text[:4000])
    said = (text[start:end] for start, end in spans)
    first = next((one for one in said if len(words(one)) > 3 and not (_FIELD.match(one) or _is_aside(one))), None)
    if first is None or len(first) <= 100:
        return first
    return first[:100].rsplit(" ", 1)[0] + " …"


def _is_fact(line: str, title: str | None) -> bool:
    dated = find_date(line) is not None
    sentence = line.endswith((".", "!", "?", "…")) and len(words(line)) > 6
    return line != title and not sentence and len(line) <= _MAX_FACT_CHARS and (dated or len(words(line)) <= 10)


def _outlet(facts: Sequence[str]) -> str | None:
    """Return the root of the breadcrumbs, or a line or a part of one that bears the word of an outlet."""
    beside = [line for line in facts if find_date(line) or say.BYLINE.match(line) or _CRUMB.search(line)]
    for line in facts:
        crumbs = _CRUMB.split(line)
        pieces = crumbs[:1] if len(crumbs) > 1 else [piece.strip() for piece in _PIECES.split(without_date(line))]
        others = [other for other in beside if other != line]
        alone = len(pieces) == 1 and len(crumbs) == 1 and not others
        names = [piece for piece in pieces if _is_outlet(piece)]
        if names and not alone and not say.BYLINE.match(line):
            return _in_lower_case(names[0])
    return None


def _is_outlet(piece: str) -> bool:
    said = words(piece)
    capital = all(word[0].isupper() or len(word) < 4 for word in piece.split()) or not piece.isascii()
    return 2 <= len(said) <= 5 and capital and piece[0].isupper() and bool(_OUTLET.search(piece.replace("-", " ")))


def _in_lower_case(name: str) -> str:
    """Return "NEMURO TIDE NOTES" as "Nemuro Tide Notes"; three letters may be an abbreviation."""
    if not name.isupper():
        return name
    return " ".join(word.capitalize() if len(word) > 3 else word for word in name.split())


def _agency(lines: Sequence[str]) -> str | None:
    found = (_AGENCY.match(line) for line in lines)
    return next((match["name"] for match in found if match and (match["day"] or match["dash"])), None)


def _author(facts: Sequence[str], outlet: str | None) -> str | None:
    """Return the name after "By", or one beside the outlet and a date, where nothing else can be meant."""
    for line in facts:
        match = say.BYLINE.match(line)
        if match and (name := _name_in(match["names"])):
            return name
    by = (_BY.search(line) for line in facts if find_date(line) or len(words(line)) <= 8)
    # "Published by Norrby Press" names the house that printed a book.
    named = next(
        (match["name"] for match in by if match and not (match["published"] and _is_house(match["name"]))), None
    )
    if named or outlet is None or not any(find_date(line) or outlet in line for line in facts):
        return named
    pieces = [piece.strip() for line in facts for piece in _PIECES.split(without_date(line))]
    rows = [line for line in facts if not _CRUMB.search(line)]
    people = [piece for piece in pieces if _is_person(piece, outlet) and any(piece in row for row in rows)]
    return people[0] if len(people) == 1 else None


def _is_house(name: str) -> bool:
    return bool(_OUTLET.search(name) or _HOUSE.search(name))


def _is_person(piece: str, outlet: str) -> bool:
    same = piece.casefold() == outlet.casefold()
    return bool(_PERSON.match(piece)) and not piece.isupper() and not same and not _OUTLET.search(piece)


def _in_script_of(text: str, author: str) -> str:
    """Return the author's name as the text's own alphabet writes it, where a byline gives it in two."""
    ours = sum(char.isascii() for char in text[:4000] if char.isalpha()) * 2 > len(text[:4000])
    fitting = [name for name in author.split(" / ") if name.isascii() == ours]
    return fitting[0] if fitting else author


def _name_in(names: str) -> str | None:
    """Return the names of a byline without reading times and places."""
    name = one_line(re.split(r"\s*(?:\||·|•|,|\(|\s[–—-]\s|\son\s|\d)", names)[0])
    return name if len(name) > 2 and len(words(name)) <= 6 else None
