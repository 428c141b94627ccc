"""Reads what the generator wrote: sentences and the passage numbers they name.

Knows text only. A number that names no given passage is removed and counted, never shown.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.text import one_line, sentences

_MARK = re.compile(
    r"\s*[\[(](?:passages?|sources?|documents?)?\s*\d{1,3}(?:\s*(?:,|;|and)\s*\d{1,3})*[\])]", re.IGNORECASE
)
_MARK_AT_END = re.compile(r"[\[(](?:passages?|sources?)?[\s\d,;]*$", re.IGNORECASE)
_LABEL = re.compile(r"^(?:answer|a)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cited:
    """A generated sentence without its marks, the given numbers it named, and how many it made up."""

    text: str
    numbers: tuple[int, ...]
    unknown: int


def parse_sentence(sentence: str, given: int) -> Cited:
    """Split a sentence from its marks; numbers outside 1..`given` count as unknown.

    Brackets around a year or a quantity are words of the sentence: only [n] counts as a mark, and (n) only
    where n names a given passage.
    """
    named: list[int] = []

    def take(match: re.Match[str]) -> str:
        found = [int(digits) for digits in re.findall(r"\d+", match.group())]
        if "(" in match.group() and not all(1 <= number <= given for number in found):
            return match.group()
        named.extend(found)
        return ""

    text = one_line(_LABEL.sub("", _MARK.sub(take, sentence).strip()))
    known = tuple(dict.fromkeys(number for number in named if 1 <= number <= given))
    return Cited(text, known, sum(not 1 <= number <= given for number in named))


def stream_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Yield whole sentences as soon as they are complete: each with the marks that follow its full stop."""
    text = ""
    for piece in pieces:
        text += piece
        spans = sentences(text)
        # The last sentence may still grow, and the one before may still get its mark.
        while len(spans) > 1 and not _only_marks(text[spans[1][0] :]):
            cut = _end_with_marks(text, spans[0][1])
            yield text[:cut]
            text = text[cut:]
            spans = sentences(text)
    if text.strip():
        for start, end in _join_marks(text):
            yield text[start:end]


def _only_marks(rest: str) -> bool:
    return not _MARK_AT_END.sub("", _MARK.sub("", rest)).strip(" .\n")


def _end_with_marks(text: str, end: int) -> int:
    match = re.compile(rf"(?:{_MARK.pattern})+\s*\.?", re.IGNORECASE).match(text, end)
    return match.end() if match else end


def _join_marks(text: str) -> Iterator[tuple[int, int]]:
    spans = sentences(text)
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and _only_marks(text[start:end]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return iter(joined)
