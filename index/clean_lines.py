"""The lines of a text and their shape: prose, sentence, headline, bullet. Pure; knows no meaning of theirs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text import one_line, paragraphs
from rag.text import words as words_of

_TERMINAL = re.compile(r"[.!?…。！？][\"'”’»)\]*_]*$")
FULL_STOP = re.compile(r"[.…。][\"'”’»)\]*_]*$")
_INNER_END = re.compile(r"(?<=[^\W\d_]{2})[\"'”’»)]*[.!?…。！？][\"'”’»)]*\s+[\"'“‘«(—–-]*\s*[^\W\d_a-zа-яё]")
_BULLET = re.compile(r"^\s*(?:[-*•·‣▪–—]|\d{1,2}[.)])\s+")
_SEPARATOR = re.compile(r"\s*[|•·»›]+\s*|\s*>+\s+|\s+[/–—-]\s+|[ \t]{2,}|\t")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# A line this long is prose even where its full stop is missing.
_PROSE_WORDS = 20
# A shorter line with a full stop is a sentence, but may be one of the page: the body does not start with it.
ANCHOR_WORDS = 8
# Headlines of 30 words are rare; sentences are not.
HEADLINE_WORDS = 25
# No line of a page's own is this long; and patterns on long lines without blanks are slow.
_LONG_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One line that holds words: where it stands, what is in it, how many words."""

    start: int
    end: int
    text: str
    bare: str
    size: int
    after_blank: bool

    @property
    def key(self) -> str:
        """Equal for copies of the line."""
        return block_key(self.text)

    @property
    def bullet(self) -> bool:
        """Starts with a bullet or a number, which `bare` is without."""
        return self.bare != self.text

    @property
    def sentence(self) -> bool:
        """Ends like a sentence, or holds the end of one."""
        return bool(_TERMINAL.search(self.text) or _INNER_END.search(self.text))

    @property
    def prose(self) -> bool:
        """Long enough to be part of an article's body. A lone question or exclamation may be a headline."""
        ends = FULL_STOP.search(self.text) or _INNER_END.search(self.text)
        return self.size >= _PROSE_WORDS or (self.size >= ANCHOR_WORDS and bool(ends))

    @property
    def headline(self) -> bool:
        """May be the headline of another article: not a paragraph."""
        return self.size <= HEADLINE_WORDS and not _INNER_END.search(self.text)


def block_key(line: str) -> str:
    """Return `line` so that copies of it are equal: no bullet, case, digits or surplus space."""
    return re.sub(r"\d+", "#", one_line(_BULLET.sub("", line)).casefold())


def lines_of(text: str) -> list[Line]:
    """Return the lines of `text` that hold words, in order."""
    lines, before = [], 0
    for start, end in paragraphs(text):
        line = text[start:end]
        # A script without spaces has one "word" a clause: two of its signs are about a word.
        size = max(len(words_of(line)), len(_CJK.findall(line)) // 2)
        if len(line) > _LONG_CHARS:
            size = max(size, len(line) // 20)
        blank = text.count("\n", before, start) > 1
        lines.append(Line(start, end, line, _BULLET.sub("", line), size, blank))
        before = end
    return lines


def chunks_of(line: str) -> list[str]:
    """Return what a row of buttons or a menu has between its separators."""
    parts = (part.strip(" []()<>*_:;,.") for part in _SEPARATOR.split(line))
    return [part for part in parts if part]


def runs(places: Sequence[int]) -> list[list[int]]:
    """Group neighbouring places."""
    found: list[list[int]] = []
    for at in places:
        if found and at == found[-1][-1] + 1:
            found[-1].append(at)
        else:
            found.append([at])
    return found
