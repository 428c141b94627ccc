"""Lines of printed pages made into paragraphs. Pure: knows lines, hyphens and page numbers; no PDF library."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rag.types import Noise, Page, Span

# One glyph for two letters: a search for "office" must find "oﬃce". NFKC would also flatten x² to x2.
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"},
)
_BLANKS = re.compile(r"[^\S\n]+")
_BULLET = re.compile(r"^(?:[-*•·>‣▪◦○●■]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])\s")
_CELL = r"(?:[$€£¥]\s?)?\(?[-+−]?\d(?:[\d,.]*\d)?\)?\s?%?|[$€£¥%)]|[—–-]"
_ROW = re.compile(rf"(?:(?:^|\s)(?:{_CELL}))" + r"{2,}$")
_LINE_BREAK_HYPHEN = re.compile(r"(?P<left>[^\W\d_]+)-\n(?P<right>[^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS = (".", "!", "?", ":", ";", "…", '."', ".”", "?”", "!”")
# Printed lines have two words at least; a column narrower than this is a table cell or a label.
_NARROWEST_CHARS = 30
_NEIGHBOURS = 4
# Letters differ in width, so a full line has between 0.85 and 1 of the letters of the longest one near it.
_FULL = 0.85
_HALF = 0.6
# The lines of one of two columns, against a line that runs across both.
_COLUMN = 0.45
_EDGE_LINES = 3
_MAX_RUNNING_CHARS = 120

SameWord = Callable[[str, str], bool]
"""Called with the letters on both sides of a hyphen at a line's end; True where the hyphen goes."""


def tidy(text: str) -> str:
    """Return `text` without ligatures, and with single blanks: pages hold blanks for every gap in print."""
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.translate(_LIGATURES).split("\n"))


def join_pages(pages: Sequence[str]) -> list[str]:
    """Return the pages with wrapped lines joined and hyphenated words whole; rows and lists keep their lines."""
    running = running_lines(pages)
    same_word = _hyphenation("\n".join(pages))
    return [_join(page.split("\n"), running[at], same_word) for at, page in enumerate(pages)]


def _join(lines: list[str], running: set[int], same_word: SameWord) -> str:
    alone = {at for at, line in enumerate(lines) if at in running or not line or _ROW.search(line)}
    widest = _longest(lines, range(len(lines)), alone)
    parts = lines[:1]  # joined once at the end: a page that is one long paragraph would be copied for each line
    for at in range(1, len(lines)):
        before, line = lines[at - 1], lines[at]
        near = range(max(0, at - 1 - _NEIGHBOURS), min(len(lines), at + _NEIGHBOURS))
        width = max(_longest(lines, near, alone), int(widest * _COLUMN))
        if at in alone or at - 1 in alone or not _goes_on(before, line, width):
            parts.append("\n" + line)
            continue
        between = _between(before, line, same_word)
        if between is None:
            parts[-1] = parts[-1][:-1]
        parts.append((between or "") + line)
    return "".join(parts)


def _longest(lines: Sequence[str], numbers: Sequence[int], alone: set[int]) -> int:
    return max((len(lines[at]) for at in numbers if at not in alone), default=0)


def _goes_on(before: str, line: str, width: int) -> bool:
    """Return True where `line` goes on with the sentence of `before`: its first word did not fit there."""
    if width < _NARROWEST_CHARS or _BULLET.match(line):
        return False
    filled = (len(before) + 1 + len(line.split(" ", 1)[0])) / width
    if before.endswith(_ENDS):  # the next line may be a heading: a sentence loses nothing by the break
        return filled > _FULL and len(line) / width > _HALF
    return filled > (_HALF if line[0].islower() else _FULL)


def _between(before: str, line: str, same_word: SameWord) -> str | None:
    """Return what stands between two lines that are joined; None where the hyphen before goes as well."""
    if not before.endswith("-") or before.endswith(" -"):
        return " "
    match = _LINE_BREAK_HYPHEN.search(f"{before[-40:]}\n{line[:40]}")
    return None if match and same_word(match["left"], match["right"]) else ""


def _hyphenation(text: str) -> SameWord:
    """Learn from the document itself which words it hyphenates at line ends and which have a hyphen of their own.

    A pair seen whole elsewhere ("receivable") loses its hyphen, one seen hyphenated inside a line ("long-term")
    keeps it, and so does one whose halves are both words of the document ("product-pipeline"). Others follow what
    most of the known pairs of this document do.
    """
    counts = Counter(match.group().casefold() for match in _WORD.finditer(_LINE_BREAK_HYPHEN.sub(" ", text)))

    def known(left: str, right: str) -> bool | None:
        whole, hyphened = counts[(left + right).casefold()], counts[f"{left}-{right}".casefold()]
        return None if whole == hyphened else whole > hyphened

    pairs = [(match["left"], match["right"]) for match in _LINE_BREAK_HYPHEN.finditer(text)]
    votes = [known(left, right) for left, right in pairs]
    usual = votes.count(True) >= votes.count(False)

    def same_word(left: str, right: str) -> bool:
        if not right[0].islower():
            return False
        decided = known(left, right)
        if decided is not None:
            return decided
        return usual and not (counts[left.casefold()] and counts[right.casefold()])

    return same_word


def running_lines(pages: Sequence[str]) -> list[set[int]]:
    """Return, for each page, the numbers of its lines that are running headers, footers or page numbers.

    A line counts when it stands at the same edge of a quarter of the pages and of three at least, digits apart,
    or when it holds a number that counts up with the pages and nothing else that differs from its neighbours.
    """
    edges = [dict(_edge_lines(page)) for page in pages]
    keys = [{at: _key(line) for at, line in edge.items()} for edge in edges]
    often = Counter(key for page in keys for key in set(page.values()))
    needed = max(3, len(pages) / 4)
    step = _page_number_offset(edges)
    found = []
    for number, edge in enumerate(edges, start=1):
        running = set()
        for at, line in edge.items():
            counted = step is not None and number + step in _outer_numbers(line)
            count = often[keys[number - 1][at]]
            outermost = at in (min(edge), max(edge))
            if count >= needed or (counted and (line.isdecimal() or (outermost and count > 1))):
                running.add(at)
        found.append(running)
    return found


def running_noise(text: str, pages: Sequence[Page]) -> tuple[Noise, ...]:
    """Return the running headers, footers and page numbers of a document, which stay in its text."""
    texts = [text[page.start : page.end] for page in pages]
    return tuple(
        Noise(page.start + start, page.start + end, "running header or footer")
        for page, own, running in zip(pages, texts, running_lines(texts), strict=True)
        for number, (start, end) in enumerate(_line_spans(own))
        if number in running
    )


def _line_spans(page: str) -> Iterator[Span]:
    start = 0
    for line in page.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _edge_lines(page: str) -> Iterator[tuple[int, str]]:
    lines = [(at, line) for at, line in enumerate(page.split("\n")) if line]
    for at, line in dict([*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]]).items():
        if len(line) <= _MAX_RUNNING_CHARS and not (_ROW.search(line) and re.search(r"[^\W\d_]", line)):
            yield at, line


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", line.casefold())


def _outer_numbers(line: str) -> set[int]:
    """Return the numbers that begin or end a line, where page numbers stand."""
    return {int(found) for found in re.findall(r"^\d{1,4}(?=\D|$)|(?<!\d)\d{1,4}$", line)}


def _page_number_offset(edges: Sequence[dict[int, str]]) -> int | None:
    """Return printed number minus count of the page, where half of the pages agree on it."""
    offsets: Counter[int] = Counter()
    for number, edge in enumerate(edges, start=1):
        offsets.update({printed - number for line in edge.values() for printed in _outer_numbers(line)})
    if not offsets:
        return None
    offset, pages = offsets.most_common(1)[0]
    return offset if pages >= max(3, len(edges) / 2) else None
