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
_MARKS = re.compile(rf"(?:{_MARK.pattern}\s*\.?)+", re.IGNORECASE)
# Everything that can still become a mark when more is written.
_UNFINISHED = re.compile(r"[\[(][a-z]{0,9}[\s\d,;and]*$", re.IGNORECASE)
_CUT_OFF = re.compile(r"\s*\[(?:passages?|sources?|documents?)?[\s\d,;]*$", re.IGNORECASE)
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

    text = one_line(_LABEL.sub("", _CUT_OFF.sub("", _MARK.sub(take, sentence)).strip()))
    known = tuple(dict.fromkeys(number for number in named if 1 <= number <= given))
    return Cited(text, known, sum(not 1 <= number <= given for number in named))


def stream_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Yield whole sentences as soon as they are complete: each with the marks that follow its full stop.

    Marks are written as [1, 2], whatever stood in the brackets; how the text was cut into pieces does not matter.
    """
    text = ""
    for piece in pieces:
        text = _MARK.sub(_plain_mark, text + piece)
        if not _UNFINISHED.search(text):
            complete, text = _cut(text)
            yield from complete
    complete, text = _cut(text)
    yield from complete
    for start, end in _join_marks(text):
        yield text[start:end]


def _cut(text: str) -> tuple[list[str], str]:
    """Return the complete sentences and the rest: the last may still grow, the one before it get its mark."""
    complete = []
    spans = sentences(text)
    while len(spans) > 1 and not _only_marks(text[spans[1][0] :]):
        end = _end_with_marks(text, spans[0][1])
        complete.append(text[:end])
        text = text[end:]
        spans = sentences(text)
    return complete, text


def _plain_mark(match: re.Match[str]) -> str:
    """Write a mark so that a sentence can end before it: " [passage 1]" and "[1]" become " [1]"."""
    mark = match.group()
    named = ", ".join(re.findall(r"\d+", mark))
    return f" {mark.strip()[0]}{named}{mark[-1]}"


def _only_marks(rest: str) -> bool:
    return not re.sub(r"[\s.]+", "", _MARK.sub("", rest))


def _end_with_marks(text: str, end: int) -> int:
    match = _MARKS.match(text, end)
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
