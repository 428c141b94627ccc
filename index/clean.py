"""Finds what is no text of its own in a page or a scraped text: menus, buttons, teasers, notices. Pure.

Knows lines, their shape and their place; knows nothing of files, formats or other documents: whether a line
stands elsewhere too is told by the caller. The text stays whole, spans only say what passages leave out.

How: the body runs from the first line of prose to the last. Words alone decide only for lines that fill
themselves with a label; all else needs its place before or after the body as well.
"""

import re
from collections.abc import Callable, Collection, Sequence

from index import clean_words as say
from index.clean_lines import FULL_STOP, HEADLINE_WORDS, Line, chunks_of, lines_of, runs
from index.clean_teasers import cards, closing_headlines, pagers, related
from index.dates import HeadDay, Told, find_date, head_day
from rag.text import one_line
from rag.text import words as words_of
from rag.types import Noise

SeenElsewhere = Callable[[str], bool]
"""Whether this line occurs in other documents of the library; compare lines by `block_key`."""

_CRUMB = re.compile(r"\s+[>/»›|→]\s+")
# The marks of a breadcrumb that stand in no letterhead.
_TRAIL = re.compile(r"\s+[>»›→]\s+")

# "Harbour reopens | The Tide Notes": the parts of a title as a browser shows it.
_TITLE_PARTS = re.compile(r"\s+[|•·»:–—-]+\s+")
_TITLE_LINES = 6
# So many lines are looked at for datelines: a diary shows its second date by then.
_HEAD_LINES = 200
_DATELINE_WORDS = 12
_MENU_WORDS = 4
_NOTICE_WORDS = 70
# How many sentences at one end of the body may be the page's and not the article's.
_PEELED = 5


def block_keys(text: str) -> list[str]:
    """Return the keys of the lines that may be blocks repeated across documents: no prose of the body."""
    lines = lines_of(text)
    first, last = _body(lines, {})
    keys = (line.key for at, line in enumerate(lines) if not line.prose or not first < at < last)
    return list(dict.fromkeys(key for key in keys if len(key) > 2))


def find_noise(
    text: str,
    *,
    titles: Collection[str] = (),
    appeals: bool = True,
    seen_elsewhere: SeenElsewhere | None = None,
) -> list[Noise]:
    """Return the spans of `text` that are no text of its own, in order and disjoint.

    `titles` are known apart from the text: a line at its head that only repeats one of them is noise. Without
    `appeals` no sentence is noise for what it asks of the reader: in a letter its author asks.
    """
    lines = lines_of(text)
    found: dict[int, str] = {}
    _titles(lines, found, titles=titles)
    _labels(lines, found)
    first, last = _peel(lines, found) if appeals else _body(lines, found)
    _rows(lines, found, body=(first, last))
    pagers(lines, found, last=last)
    _heads(lines, found, first=first)
    _menus(lines, found, body=(first, last))
    _repeats(lines, found, body=(first, last))
    closing_headlines(lines, found, last=last)
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


def _body(lines: Sequence[Line], found: dict[int, str]) -> tuple[int, int]:
    """Return the places of the first and the last line of prose; (len, -1) where there is none."""
    prose = [at for at, line in enumerate(lines) if at not in found and line.prose]
    return (prose[0], prose[-1]) if prose else (len(lines), -1)


def _labels(lines: Sequence[Line], found: dict[int, str]) -> None:
    """Mark what says itself that it is a notice or a teaser, with the headlines that a teaser's label leads."""
    for at, line in enumerate(lines):
        if at in found or line.size > _NOTICE_WORDS:
            continue
        if say.NOTICE.match(line.text):
            found[at] = "notice"
        elif say.OFFER.match(line.text) and not line.bullet:
            found[at] = "widget"
        elif not cards(lines, found, at=at) and (match := say.RELATED.match(line.bare)):
            related(lines, found, at=at, match=match)


def _peel(lines: Sequence[Line], found: dict[int, str]) -> tuple[int, int]:
    """Take sentences of the page off both ends of the body, and return where the body then lies."""
    scraped = _is_scraped(lines, found)
    prose = [at for at, line in enumerate(lines) if at not in found and line.prose]
    low, high = 0, len(prose) - 1
    while low < min(high, _PEELED) and _appeals(lines[prose[low]], scraped=scraped):
        low += 1
    while high > max(low, len(prose) - 1 - _PEELED) and _appeals(lines[prose[high]], scraped=scraped):
        high -= 1
    found.update(dict.fromkeys((*prose[:low], *prose[high + 1 :]), "notice"))
    if not prose:
        return len(lines), -1
    first, last = prose[low], prose[high]
    outside = (at for at in range(len(lines)) if not first <= at <= last and at not in found)
    found.update({at: "notice" for at in outside if _appeals(lines[at], scraped=scraped)})
    return first, last


def _is_scraped(lines: Sequence[Line], found: dict[int, str]) -> bool:
    """Return True where lines that no author writes came along: teasers, share buttons, breadcrumbs."""
    if not {"teaser", "widget"}.isdisjoint(found.values()):
        return True
    pressed = 0
    for line in lines:
        if line.size > HEADLINE_WORDS:
            continue
        chunks = chunks_of(line.bare)
        pressed += len(chunks) if all(say.BUTTON.match(chunk) for chunk in chunks) else 0
        if pressed > 1 or say.SHARE_LABEL.match(line.text) or (_TRAIL.search(line.text) and _is_crumbs(line)):
            return True
    return False


def _appeals(line: Line, *, scraped: bool) -> bool:
    # Paragraphs about newsletters or cookies are longer than an appeal, and quote somebody.
    if line.size > _NOTICE_WORDS or say.REPORTED.search(line.text):
        return False
    asks = say.APPEAL.search(line.text) or (scraped and say.INVITATION.search(line.text))
    # "Send us the signed order by 20 June" is the author's: what has its day or its price is about something.
    return bool(asks) and not (say.PRECISE.search(line.text) and not say.ABOUT_PAGE.search(line.text))


def _rows(lines: Sequence[Line], found: dict[int, str], *, body: tuple[int, int]) -> None:
    """Mark rows of buttons anywhere; single buttons, offers and counts only outside the body."""
    for at, line in enumerate(lines):
        if at in found or line.size > HEADLINE_WORDS:
            continue
        outside = not body[0] <= at <= body[1] and body[1] >= 0
        chunks = chunks_of(line.bare)
        pressed = sum(bool(say.BUTTON.match(chunk)) for chunk in chunks)
        most = pressed * 2 > len(chunks) - outside and not FULL_STOP.search(line.text)
        shared = say.SHARE_LABEL.match(line.text) or say.NETWORKS.match(line.text)
        if shared or (pressed and most and (outside or len(chunks) > 1)):
            found[at] = "share"
        elif outside and (say.WIDGET.match(line.bare) or say.OUTSIDE.match(line.bare)):
            found[at] = "widget"


def _menus(lines: Sequence[Line], found: dict[int, str], *, body: tuple[int, int]) -> None:
    """Mark breadcrumbs and menus outside the body, whether in one line or as bullets."""
    outside = [at for at in range(len(lines)) if body[1] >= 0 and not body[0] <= at <= body[1]]
    for at in outside:
        beside = [lines[other] for other in (at - 1, at + 1) if 0 <= other < len(lines)]
        in_table = any(len(chunks_of(line.text)) > 2 for line in beside)
        if at not in found and not in_table and _is_crumbs(lines[at]):
            found[at] = "navigation"
    for run in runs([at for at in outside if lines[at].bullet and not lines[at].sentence]):
        at_top = run[0] <= 1 and lines[run[0]].size <= _MENU_WORDS
        if at_top and len(run) > 1:
            found.update({at: "navigation" for at in run if at not in found})


def _is_crumbs(line: Line) -> bool:
    if line.text.startswith("|"):  # a row of a table
        return False
    parts = _CRUMB.split(line.text)
    rows = [part for part in chunks_of(line.text) if not re.search(r"\d", part)]
    short = all(len(words_of(part)) <= _MENU_WORDS for part in (*parts, *rows))
    many = len(parts) > 1 or len(rows) > 2
    return many and short and not line.sentence and find_date(line.text) is None


def _heads(lines: Sequence[Line], found: dict[int, str], *, first: int) -> None:
    """Mark bylines, datelines and labels without a text before the body. `first` is where that begins."""
    if first >= len(lines):
        return
    days = [_day(line) for line in lines[:_HEAD_LINES]]
    alone = sum(day is not None and day.told is Told.ALONE for day in days)  # several: a diary
    for at in range(first):
        line = lines[at]
        if at in found or line.bullet:
            continue
        if say.BYLINE.match(line.text) and line.size <= 12:
            found[at] = "byline"
        elif (day := _day(line)) and (day.told is not Told.ALONE or (alone == 1 and _may_be_day(line, at))):
            found[at] = "dateline"
        elif 0 < at < first - 1 and _is_empty_label(line, lines[at + 1]):
            found[at] = "navigation"


def _day(line: Line) -> HeadDay | None:
    return head_day(line.text) if line.size <= _DATELINE_WORDS and not line.sentence else None


def _may_be_day(line: Line, at: int) -> bool:
    """Return False for a title with its day, as "Minutes of the board, 3 May 2024" in the first line."""
    return at > 0 or line.size < _MENU_WORDS


def _is_empty_label(line: Line, after: Line) -> bool:
    """Return True for one word with another short label straight under it: "Synopsis" over "Key points"."""
    label = not after.bullet and not after.prose and not after.after_blank and not after.sentence
    return line.size == 1 and after.size <= _MENU_WORDS and label and not line.sentence


def _titles(lines: Sequence[Line], found: dict[int, str], *, titles: Collection[str]) -> None:
    """Mark lines of the head that are one of `titles`, with or without the name of its site."""
    known = {tuple(words_of(part)) for title in titles for part in (title, *_TITLE_PARTS.split(title))}
    for at, line in enumerate(lines[:_TITLE_LINES]):
        said = tuple(words_of(line.text))
        if said in known and len(said) > 1:
            found[at] = "title"


def _repeats(lines: Sequence[Line], found: dict[int, str], *, body: tuple[int, int]) -> None:
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


def _elsewhere(
    lines: Sequence[Line], found: dict[int, str], *, body: tuple[int, int], seen: SeenElsewhere
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
