"""Finds what is no text of its own in a page or a scraped text: menus, buttons, teasers, notices. Pure.

Knows lines, their shape and their place; knows nothing of files, formats or other documents: whether a line
stands elsewhere too is told by the caller. The text stays whole, spans only say what passages leave out.

How: the body runs from the first line of prose to the last. Words alone decide only for lines that fill
themselves with a label; all else needs its place before or after the body as well.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from index import clean_words as say
from index.dates import find_date
from rag.text import one_line, paragraphs
from rag.text import words as words_of
from rag.types import Noise

SeenElsewhere = Callable[[str], bool]
"""Whether this line occurs in other documents of the library; compare lines by `block_key`."""

_TERMINAL = re.compile(r"[.!?…。！？][\"'”’»)\]*_]*$")
_FULL_STOP = re.compile(r"[.…。][\"'”’»)\]*_]*$")
_INNER_END = re.compile(r"(?<=[^\W\d_]{2})[\"'”’»)]*[.!?…。！？][\"'”’»)]*\s+[\"'“‘«(—–-]*\s*[^\W\d_a-zа-яё]")
_BULLET = re.compile(r"^\s*(?:[-*•·‣▪–—]|\d{1,2}[.)])\s+")
_SEPARATOR = re.compile(r"\s*[|•·»›]+\s*|\s*>+\s+|\s+[/–—-]\s+|[ \t]{2,}|\t")
_CRUMB = re.compile(r"\s+[>/»›|→]\s+")
# A numbered item belongs to the article; a line of a poem or a list ends with a mark.
_NO_HEADLINE = re.compile(r"^\s*\d{1,3}[.)]|^\||[.,;:…]$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# A line this long is prose even where its full stop is missing.
_PROSE_WORDS = 20
# A shorter line with a full stop is a sentence, but may be one of the page: the body does not start with it.
_ANCHOR_WORDS = 8
# "Harbour reopens | The Tide Notes": the parts of a title as a browser shows it.
_TITLE_PARTS = re.compile(r"\s+[|•·»:–—-]+\s+")
_TITLE_LINES = 6
# So many lines are looked at for datelines: a diary shows its second date by then.
_HEAD_LINES = 200
# Headlines of 30 words are rare; sentences are not.
_HEADLINE_WORDS = 25
_MENU_WORDS = 4
_NOTICE_WORDS = 70
# A longer list under "Latest news" is what the document is about.
_MAX_LED = 12
# How many sentences at one end of the body may be the page's and not the article's.
_PEELED = 5
# No line of a page's own is this long; and patterns on long lines without blanks are slow.
_LONG_CHARS = 2000


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    bare: str
    size: int
    after_blank: bool

    @property
    def key(self) -> str:
        return block_key(self.text)

    @property
    def bullet(self) -> bool:
        return self.bare != self.text

    @property
    def sentence(self) -> bool:
        """Ends like a sentence, or holds the end of one."""
        return bool(_TERMINAL.search(self.text) or _INNER_END.search(self.text))

    @property
    def prose(self) -> bool:
        """Long enough to be part of an article's body. A lone question or exclamation may be a headline."""
        ends = _FULL_STOP.search(self.text) or _INNER_END.search(self.text)
        return self.size >= _PROSE_WORDS or (self.size >= _ANCHOR_WORDS and bool(ends))

    @property
    def headline(self) -> bool:
        """May be the headline of another article: not a paragraph."""
        return self.size <= _HEADLINE_WORDS and not _INNER_END.search(self.text)


def block_key(line: str) -> str:
    """Return `line` so that copies of it are equal: no bullet, case, digits or surplus space."""
    return re.sub(r"\d+", "#", one_line(_BULLET.sub("", line)).casefold())


def block_keys(text: str) -> list[str]:
    """Return the keys of the lines that may be blocks repeated across documents: no prose of the body."""
    lines = _lines(text)
    first, last = _body(lines, {})
    keys = (line.key for at, line in enumerate(lines) if not line.prose or not first < at < last)
    return list(dict.fromkeys(key for key in keys if len(key) > 2))


def find_noise(
    text: str, *, titles: Collection[str] = (), seen_elsewhere: SeenElsewhere | None = None
) -> list[Noise]:
    """Return the spans of `text` that are no text of its own, in order and disjoint.

    `titles` are known apart from the text: a line at its head that only repeats one of them is noise.
    """
    lines = _lines(text)
    found: dict[int, str] = {}
    _titles(lines, found, titles=titles)
    _labels(lines, found)
    first, last = _peel(lines, found)
    _rows(lines, found, body=(first, last))
    _pagers(lines, found, last=last)
    _heads(lines, found, first=first)
    _menus(lines, found, body=(first, last))
    _repeats(lines, found, body=(first, last))
    _closing_headlines(lines, found, last=last)
    if seen_elsewhere is not None:
        _elsewhere(lines, found, body=(first, last), seen=seen_elsewhere)
    if all(at in found for at in range(len(lines))):  # a list of links is what this document is
        return []
    return [Noise(lines[at].start, lines[at].end, reason) for at, reason in sorted(found.items())]


def without_noise(text: str, noise: Sequence[Noise]) -> str:
    """Return `text` without the spans of `noise` and the empty lines that they leave."""
    kept, start = [], 0
    for span in noise:
        kept.append(text[start : span.start])
        start = span.end
    kept.append(text[start:])
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", "".join(kept)).strip() if noise else text


def _lines(text: str) -> list[_Line]:
    lines, before = [], 0
    for start, end in paragraphs(text):
        line = text[start:end]
        # A script without spaces has one "word" a clause: two of its signs are about a word.
        size = max(len(words_of(line)), len(_CJK.findall(line)) // 2)
        if len(line) > _LONG_CHARS:
            size = max(size, len(line) // 20)
        blank = text.count("\n", before, start) > 1
        lines.append(_Line(start, end, line, _BULLET.sub("", line), size, blank))
        before = end
    return lines


def _body(lines: Sequence[_Line], found: dict[int, str]) -> tuple[int, int]:
    """Return the places of the first and the last line of prose; (len, -1) where there is none."""
    prose = [at for at, line in enumerate(lines) if at not in found and line.prose]
    return (prose[0], prose[-1]) if prose else (len(lines), -1)


def _labels(lines: Sequence[_Line], found: dict[int, str]) -> None:
    """Mark what says itself that it is a notice or a teaser, with the headlines that a teaser's label leads."""
    for at, line in enumerate(lines):
        if at in found:
            continue
        if line.size > _NOTICE_WORDS:
            continue
        if say.NOTICE.match(line.text):
            found[at] = "notice"
        elif match := say.RELATED.match(line.bare):
            _related(lines, found, at=at, match=match)


def _related(lines: Sequence[_Line], found: dict[int, str], *, at: int, match: re.Match[str]) -> None:
    line, rest = lines[at], match["rest"].strip()
    if rest:
        # "Read more: the findings are set out in annex B." may be the author's own word.
        if match["colon"] and line.headline and not (_FULL_STOP.search(rest) and line.size > _ANCHOR_WORDS):
            found[at] = "teaser"
        return
    if _FULL_STOP.search(line.text):
        return
    led = list(_led_by(lines, at))
    if len(led) > _MAX_LED:
        return
    found[at] = "teaser"
    # Before a paragraph the last of several short lines is its heading.
    after = at + len(led) + 1
    if len(led) > 1 and after < len(lines) and lines[after].prose and not lines[after].after_blank:
        led.pop()
    found.update(dict.fromkeys(led, "teaser"))


def _led_by(lines: Sequence[_Line], label: int) -> Iterator[int]:
    """Yield the headlines under a label, up to a blank line (the one under the label does not count)."""
    for at in range(label + 1, len(lines)):
        line = lines[at]
        ends = at > label + 1 and line.after_blank and not lines[label + 1].after_blank
        if ends or (line.prose and not line.bullet) or not line.headline or _FULL_STOP.search(line.text):
            return
        yield at


def _peel(lines: Sequence[_Line], found: dict[int, str]) -> tuple[int, int]:
    """Take sentences of the page off both ends of the body, and return where the body then lies."""
    prose = [at for at, line in enumerate(lines) if at not in found and line.prose]
    low, high = 0, len(prose) - 1
    while low < min(high, _PEELED) and _appeals(lines[prose[low]]):
        low += 1
    while high > max(low, len(prose) - 1 - _PEELED) and _appeals(lines[prose[high]]):
        high -= 1
    found.update(dict.fromkeys((*prose[:low], *prose[high + 1 :]), "notice"))
    if not prose:
        return len(lines), -1
    first, last = prose[low], prose[high]
    outside = (at for at in range(len(lines)) if not first <= at <= last and at not in found)
    found.update({at: "notice" for at in outside if _appeals(lines[at])})
    return first, last


def _appeals(line: _Line) -> bool:
    # Paragraphs about newsletters or cookies are longer than an appeal, and quote somebody.
    return (
        line.size <= _NOTICE_WORDS and bool(say.APPEAL.search(line.text)) and not re.search(r"[“”«\"]", line.text)
    )


def _rows(lines: Sequence[_Line], found: dict[int, str], *, body: tuple[int, int]) -> None:
    """Mark rows of buttons anywhere; single buttons, offers and counts only outside the body."""
    for at, line in enumerate(lines):
        if at in found or line.size > _HEADLINE_WORDS:
            continue
        outside = not body[0] <= at <= body[1] and body[1] >= 0
        chunks = _chunks(line.bare)
        pressed = sum(bool(say.BUTTON.match(chunk)) for chunk in chunks)
        most = pressed * 2 > len(chunks) - outside and not _FULL_STOP.search(line.text)
        if say.SHARE_LABEL.match(line.text) or (pressed and most and (outside or len(chunks) > 1)):
            found[at] = "share"
        elif outside and (say.WIDGET.match(line.bare) or say.OUTSIDE.match(line.bare)):
            found[at] = "widget"


def _chunks(line: str) -> list[str]:
    parts = (part.strip(" []()<>*_:;,.") for part in _SEPARATOR.split(line))
    return [part for part in parts if part]


def _pagers(lines: Sequence[_Line], found: dict[int, str], *, last: int) -> None:
    """Mark "Previous article" and "Next article" after the body, each with the one headline that it leads."""
    for at in range(last + 1, len(lines)) if last >= 0 else ():
        match = say.PAGER.match(lines[at].bare)
        if at in found or match is None or not lines[at].headline or _FULL_STOP.search(lines[at].text):
            continue
        if match["rest"] and not match["colon"]:  # "Next week the ministers meet" is no label
            continue
        found[at] = "teaser"
        if not match["rest"] and at + 1 < len(lines) and _may_be_led(lines[at + 1], by=match):
            found[at + 1] = "teaser"


def _may_be_led(line: _Line, *, by: re.Match[str]) -> bool:
    """Return True for a headline; under a mere "Up next" it must not end like a sentence."""
    named = by["item"] or by["вещь"]
    return line.headline and bool(named or not _FULL_STOP.search(line.text))


def _menus(lines: Sequence[_Line], found: dict[int, str], *, body: tuple[int, int]) -> None:
    """Mark breadcrumbs and menus outside the body, whether in one line or as bullets."""
    outside = [at for at in range(len(lines)) if body[1] >= 0 and not body[0] <= at <= body[1]]
    for at in outside:
        beside = [lines[other] for other in (at - 1, at + 1) if 0 <= other < len(lines)]
        in_table = any(len(_chunks(line.text)) > 2 for line in beside)
        if at not in found and not in_table and _is_crumbs(lines[at]):
            found[at] = "navigation"
    for run in _runs([at for at in outside if lines[at].bullet and not lines[at].sentence]):
        at_top = run[0] <= 1 and lines[run[0]].size <= _MENU_WORDS
        if at_top and len(run) > 1:
            found.update({at: "navigation" for at in run if at not in found})


def _is_crumbs(line: _Line) -> bool:
    if line.text.startswith("|"):  # a row of a table
        return False
    parts = _CRUMB.split(line.text)
    rows = [part for part in _chunks(line.text) if not re.search(r"\d", part)]
    short = all(len(words_of(part)) <= _MENU_WORDS for part in (*parts, *rows))
    many = len(parts) > 1 or len(rows) > 2
    return many and short and not line.sentence and find_date(line.text) is None


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Group neighbouring places."""
    runs: list[list[int]] = []
    for at in places:
        if runs and at == runs[-1][-1] + 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _heads(lines: Sequence[_Line], found: dict[int, str], *, first: int) -> None:
    """Mark bylines, datelines and labels without a text before the body. `first` is where that begins."""
    if first >= len(lines):
        return
    dated = sum(_is_day(line) for line in lines[:_HEAD_LINES])
    for at in range(first):
        line = lines[at]
        if at in found or line.bullet:
            continue
        if say.BYLINE.match(line.text) and line.size <= 12:
            found[at] = "byline"
        elif (at or line.size < _MENU_WORDS) and _is_day(line) and dated == 1:  # several: a diary
            found[at] = "dateline"
        elif 0 < at < first - 1 and _is_empty_label(line, lines[at + 1]):
            found[at] = "navigation"


def _is_day(line: _Line) -> bool:
    return line.size <= 12 and not line.sentence and find_date(line.text) is not None


def _is_empty_label(line: _Line, after: _Line) -> bool:
    """Return True for one word with another short label straight under it: "Synopsis" over "Key points"."""
    label = not after.bullet and not after.prose and not after.after_blank and not after.sentence
    return line.size == 1 and after.size <= _MENU_WORDS and label and not line.sentence


def _titles(lines: Sequence[_Line], found: dict[int, str], *, titles: Collection[str]) -> None:
    """Mark lines of the head that are one of `titles`, with or without the name of its site."""
    known = {tuple(words_of(part)) for title in titles for part in (title, *_TITLE_PARTS.split(title))}
    for at, line in enumerate(lines[:_TITLE_LINES]):
        said = tuple(words_of(line.text))
        if said in known and len(said) > 1:
            found[at] = "title"


def _repeats(lines: Sequence[_Line], found: dict[int, str], *, body: tuple[int, int]) -> None:
    """Mark the title where it stands above itself, and what stands below the body as well as above it."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        if line.size > 2 and not line.prose:
            places.setdefault(one_line(line.bare).casefold(), []).append(at)
    opening = next((at for at in range(len(lines)) if at not in found), 0)
    for copies in places.values():
        head = [at for at in copies if at < body[0]]
        tail = [at for at in copies if at > body[1]]
        # Above the body the last copy is the title itself, but for an offer that is made below again.
        offer = bool(tail) and head[-1:] != [opening]
        surplus = (head if offer else head[:-1]) + (tail if head else [])
        if body[1] >= 0:
            found.update({at: "repeated" for at in surplus if at not in found})


def _closing_headlines(lines: Sequence[_Line], found: dict[int, str], *, last: int) -> None:
    """Mark a list of headlines that no label leads, where it touches the page's own lines under the body."""
    tail = range(last + 1, len(lines)) if last >= 0 else range(0)
    free = [at for at in tail if at not in found and lines[at].headline and lines[at].size >= 5]
    for run in _runs([at for at in free if not _NO_HEADLINE.search(lines[at].text)]):
        beside = any(found.get(at) in ("share", "teaser", "widget") for at in (run[0] - 1, run[-1] + 1))
        titled = len(run) > 1 and all(_in_title_case(lines[at].bare) for at in run)
        plain = len(run) > 2 and not any(lines[at].bullet or re.search(r"\d", lines[at].text) for at in run)
        if beside and (titled or plain):
            found.update(dict.fromkeys(run, "teaser"))


def _in_title_case(text: str) -> bool:
    long: list[str] = re.findall(r"[^\W\d_]{4,}", text)
    return len(long) > 2 and sum(word[0].isupper() for word in long) * 10 >= len(long) * 8


def _elsewhere(
    lines: Sequence[_Line], found: dict[int, str], *, body: tuple[int, int], seen: SeenElsewhere
) -> None:
    """Mark what other documents have too: outside the body any line that is no prose, inside lone short ones."""
    for at, line in enumerate(lines):
        if at in found or line.prose or line.size < 2 or not seen(line.text):
            continue
        inside = body[0] <= at <= body[1]
        alone = 0 < at < len(lines) - 1 and lines[at - 1].prose and lines[at + 1].prose
        label = alone and not line.bullet and not line.sentence and not re.search(r"\d", line.text)
        if body[1] >= 0 and (label if inside else not (line.sentence and line.size > _MENU_WORDS)):
            found[at] = "repeated"
