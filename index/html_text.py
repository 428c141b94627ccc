"""All the words of a piece of HTML, one block a line. Knows tags; drops nothing as unimportant and reads no files.

For parts of mails and converted documents, where everything counts. Saved web pages go through index.load_html.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from rag.text import one_line

_SKIPPED = frozenset("script style head title template noscript object svg math".split())
_BLOCKS = frozenset(
    """
    address article aside blockquote body br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3
    h4 h5 h6 header hr html legend li main nav ol p pre section table tbody tfoot thead ul
    """.split()
)
_HEADINGS = ("h1", "h2")
BETWEEN_CELLS = " | "


@dataclass(slots=True)
class _Row:
    """An open table row: how many tables it stands in, its cells' lines, and the lines around its open cell."""

    depth: int
    cells: list[list[str]] = field(default_factory=list)
    around: list[str] | None = None


class _Words(HTMLParser):
    """Collects lines. A table row of one-line cells becomes one line; quoted lines get a mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.headings: list[tuple[str, str]] = []
        self._lines: list[str] = []
        self._line: list[str] = []
        self._mark = ""
        self._skipped: list[str] = []
        self._quotes = 0
        self._lists: list[int | None] = []
        self._depth = 0
        self._rows: list[_Row] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Begin a block, cell, list or quotation."""
        if tag in _SKIPPED:
            self._skipped.append(tag)
        if tag in _BLOCKS:
            self._end_line()
        if tag == "blockquote":
            self._quotes += 1
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag == "table":
            self._depth += 1
        elif tag == "tr":
            self._end_rows(self._depth)
            self._rows.append(_Row(self._depth))
        elif tag in ("td", "th"):
            self._begin_cell()

    def handle_endtag(self, tag: str) -> None:
        """End what was begun; ends without a beginning are ignored."""
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]
        if tag in _BLOCKS:
            self._end_line(tag)
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_rows(self._depth)
        elif tag == "table" and self._depth:
            self._end_rows(self._depth)
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._skipped:
            self._line.append(data)

    def text(self) -> str:
        """Return the lines, after the last tag."""
        self._end_line()
        self._end_rows(0)
        return "\n".join(self._lines)

    def _next_mark(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def _end_line(self, tag: str = "") -> None:
        line = one_line("".join(self._line))
        self._line = []
        if not line:
            return
        if tag in _HEADINGS:
            self.headings.append((tag, line))
        self._lines.append("> " * min(self._quotes, 9) + self._mark + line)
        self._mark = ""

    def _begin_cell(self) -> None:
        self._end_cell()
        if self._rows and self._rows[-1].depth == self._depth:
            self._rows[-1].around = self._lines
            self._lines = []

    def _end_cell(self) -> None:
        """End the open cell of this table; many pages leave out the end of a cell or row."""
        self._end_line()
        if self._rows and self._rows[-1].depth == self._depth:
            self._close_cell(self._rows[-1])

    def _close_cell(self, row: _Row) -> None:
        if row.around is not None:
            row.cells.append(self._lines)
            self._lines, row.around = row.around, None

    def _end_rows(self, depth: int) -> None:
        """End the rows of this table and of those inside it."""
        self._end_line()
        while self._rows and self._rows[-1].depth >= depth:
            self._close_cell(self._rows[-1])
            cells = self._rows.pop().cells
            if all(len(cell) <= 1 for cell in cells):
                row = BETWEEN_CELLS.join(cell[0] for cell in cells if cell)
                self._lines += [row] if row else []
            else:  # a table that only arranges the page
                self._lines += [line for cell in cells for line in cell]


def html_text(html: str) -> tuple[str, str | None]:
    """Return the words of `html`, one block or table row a line, and its first heading of the highest order."""
    words = _Words()
    words.feed(re.sub(r"<!\[[^>]*>", "", html))  # Word's conditional marks, which the parser takes as a comment
    words.close()
    text = words.text()
    ranked = [line for order in _HEADINGS for tag, line in words.headings if tag == order]
    return text, next(iter(ranked), None)
