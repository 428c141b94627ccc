"""Who has left an office and who follows: "Ito resigned as mayor in August. Her successor, Bo Lind, ..."

Knows text only: one names no office, the other tells who does not hold it any more.
"""

import re
from collections.abc import Sequence
from datetime import date

from rag.offices import Office
from rag.text import words
from rag.types import Span
from rag.values_names import may_be_same_name, name_of

_NAME = r"(?P<name>[^\W\d_a-zа-яё][\w’'-]+(?:\s[^\W\d_a-zа-яё][\w’'-]+){0,3})"
_SUCCESSOR = re.compile(
    rf"\b(?i:his|her|its|their|the) (?:(?:new|elected|designated) )?successor,? (?:is |was |will be )?{_NAME}"
)
_PREDECESSOR = re.compile(
    rf"\b(?i:his|her|their) predecessor,? (?:in (?:the |that )?office,? )?(?:is |was |had been )?{_NAME}"
)
_LEFT = r"(?:resigned|stepped down|retired|was dismissed|was sacked|was removed|was ousted)"

Said = tuple[str, date | None, str]
"""A sentence, the day of its document, and the sentence before it in the same passage."""


def successor(office: Office, said: Said) -> Span | None:
    """Return where a sentence names who follows in an office that the sentence before it names."""
    text, _, before = said
    found = _SUCCESSOR.search(text)
    return found.span("name") if found and _names(office, f"{before} {text[: found.start()]}") else None


def predecessor(told: Said, *, of: str) -> Span | None:
    """Return where a sentence names who held an office before somebody."""
    text, _, before = told
    found = _PREDECESSOR.search(text)
    if found is None or words(of)[-1] in words(found["name"]):
        return None
    is_theirs = found.start() == 0 or words(of)[-1] in words(f"{before} {text}")
    return found.span("name") if is_theirs else None


def left(office: Office, said: Sequence[Said]) -> list[tuple[str, date]]:
    """Return who has left the office, with the day of the document that tells so."""
    role = " ".join(map(re.escape, office.role))
    leaves = re.compile(rf"{_NAME}(?:,? who)?,? {_LEFT} as (?:the )?(?:[\w’'-]+ ){{0,2}}?{role}\b")
    return [(found["name"], day) for text, day, _ in said if day and (found := leaves.search(text))]


def has_left(name: str, day: date | None, *, gone: Sequence[tuple[str, date]]) -> bool:
    """Return whether somebody has left by a later day than that of a document that calls them the holder."""
    return day is not None and any(
        day <= later and may_be_same_name(name_of(name), name_of(other)) for other, later in gone
    )


def _names(office: Office, text: str) -> bool:
    return re.search(rf"\b{' '.join(map(re.escape, office.role))}\b", text, re.IGNORECASE) is not None
