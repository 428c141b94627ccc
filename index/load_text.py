"""Plain text and Markdown. Knows encodings, hard-wrapped lines, front matter and head lines."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from index.dates import dateline, find_date
from index.head import read_head
from index.html_text import BETWEEN_CELLS, html_text
from index.load import Loaded, UnreadableFileError, not_to_come
from rag.text import clean, one_line
from rag.types import FileStatus

if TYPE_CHECKING:
    from markdown_it.token import Token

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Left to choose from all, the guesser reads koi8-r as Japanese and French as Polish; of 20 samples these get 18.
_USUAL_ENCODINGS = "cp1252 cp1251 cp1250 koi8_r cp866 iso8859_2 cp1253 shift_jis euc_jp gb18030 big5 cp949".split()
_BULLET = re.compile(r"^\s*(?:[-*•·>|#]|\d+[.)])\s")
# Wider lines were not wrapped by hand or by an editor.
_MAX_WRAP_CHARS = 130
# "Gutters        940.00 EUR": of a row the cells stand apart.
_COLUMNS = re.compile(r"\S(?: {3,}|\t+)[-+(]?[\d€$£]")
# A shorter line, as a part of the longest one, was not full when it was broken.
_FULL = 0.6
_SENTENCE_ENDS = (".", "!", "?", ":", "…", '."', ".”", ".»")


def decode(data: bytes) -> str:
    """Return the text of `data`, in whatever encoding it was written.

    Raises:
        UnreadableFileError: these bytes are no text.
    """
    marked = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)
    text = _decode_as(data, marked) if marked else _decode_unmarked(data)
    if _looks_binary(text):
        raise UnreadableFileError(FileStatus.FAILED, "it is not text")
    return text


def _decode_unmarked(data: bytes) -> str:
    if b"\0" in data:
        return _guess_utf16(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data)


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"it is marked as {encoding} and is not: {error.reason}"
        raise UnreadableFileError(FileStatus.FAILED, reason) from error


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(data, cp_isolation=list(_USUAL_ENCODINGS))) or list(from_bytes(data))
    if not matches:
        raise UnreadableFileError(FileStatus.FAILED, "it is not text")
    return str(min(matches, key=lambda match: (match.chaos, match.encoding != "cp1252")))


def _guess_utf16(data: bytes) -> str:
    """Read UTF-16 without a mark: its spaces and marks, at least, have their zero bytes on one side only."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    if min(even, odd) * 20 > max(even, odd) or max(even, odd) * 50 < len(data):
        raise UnreadableFileError(FileStatus.FAILED, "it is not text (zero bytes)")
    return _decode_as(data, encoding)


def _looks_binary(text: str) -> bool:
    sample = text[:20_000]
    odd = [char for char in sample if not (char.isprintable() or char.isspace())]
    strange = sum(
        unicodedata.category(char) != "Cf" for char in odd
    )  # soft hyphens and marks of direction are fine
    return strange * 20 > len(sample)


def unwrap(text: str) -> str:
    """Join the lines of hard-wrapped paragraphs; bullets, short lines and wide lines stay as they are."""
    wide = sum(len(line) for line in text.split("\n") if len(line) > _MAX_WRAP_CHARS)
    if wide * 2 > len(text):  # paragraphs are lines here, so the short lines are labels and headlines
        return text
    blocks = re.split(r"(\n\s*\n)", text)
    return "".join(block if block.isspace() else _unwrap_block(block) for block in blocks)


def _unwrap_block(block: str) -> str:
    lines = block.split("\n")
    width = max(len(line.rstrip()) for line in lines)
    is_table = sum(_COLUMNS.search(line) is not None for line in lines) * 2 > len(lines)
    if len(lines) < 2 or is_table or width > _MAX_WRAP_CHARS or width < 40 or _are_paragraphs(lines, width):
        return block
    parts = [lines[0].rstrip()]  # joined once at the end: one long paragraph would be copied for each line
    previous = parts[0]
    for line in lines[1:]:
        goes_on = len(previous) > width * _FULL and not _BULLET.match(line) and line.strip()
        ended = previous.endswith(_SENTENCE_ENDS) and len(previous) < width * 0.75
        if goes_on and not ended:
            hyphenated = re.search(r"[^\W\d_]-$", parts[-1]) and line.lstrip()[:1].islower()
            if hyphenated:
                parts[-1] = parts[-1][:-1]
            parts.append(line.strip() if hyphenated else f" {line.strip()}")
        else:
            parts.append("\n" + line)
        previous = line.rstrip()
    return "".join(parts)


def _are_paragraphs(lines: Sequence[str], width: int) -> bool:
    """Return whether each line is a paragraph: most that another follows end a sentence."""
    long = [line.rstrip() for line in lines[:-1] if len(line.rstrip()) > width * _FULL]
    return sum(line.endswith(_SENTENCE_ENDS) for line in long) * 2 > len(long)


def load_text(data: bytes) -> Loaded:
    """Return a plain text with what its head says: title, outlet, byline, dateline."""
    text = unwrap(clean(decode(data)))
    head = read_head(text)
    return Loaded(text, title=head.title, outlet=head.outlet, author=head.author, published=stated_date(text))


def head_title(text: str) -> str | None:
    """Return the line of the head that reads like a headline; the start of the first sentence where none does."""
    return read_head(text).title


def stated_date(text: str) -> date | None:
    """Return the date of the text's head; one that is still to come is that of an event."""
    return not_to_come(dateline(text))


def load_markdown(data: bytes) -> Loaded:
    """Return the words of a Markdown file without its marks, and what its front matter says."""
    from markdown_it import MarkdownIt

    front, body = _front_matter(clean(decode(data)))
    blocks = MarkdownIt("commonmark").enable("table").parse(body)
    text = _plain(blocks)
    head = read_head(text)
    return Loaded(
        text,
        title=_word(front, "title") or _heading(blocks) or head.title,
        outlet=_word(front, "outlet", "source", "publication", "site", "publisher") or head.outlet,
        author=_word(front, "author", "authors", "by") or head.author,
        published=_day(front, "date", "published", "created") or stated_date(text),
        language=_word(front, "language", "lang"),
    )


def _front_matter(raw: str) -> tuple[Mapping[str, Any], str]:
    match = re.match(r"\s*---\n(?P<yaml>.*?)\n---\s*(?:\n|$)", raw, re.DOTALL)
    if match is None:
        return {}, raw
    import yaml

    try:
        front = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: the 31st of February
        return {}, raw
    if not isinstance(front, dict):
        return {}, raw
    return {str(key).casefold(): value for key, value in front.items()}, raw[match.end() :]


def _word(front: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = front.get(key)
        if isinstance(value, list):
            value = ", ".join(str(item) for item in value)
        if isinstance(value, (str, int, float)) and (word := one_line(clean(str(value)))):
            return word
    return None


def _day(front: Mapping[str, Any], *keys: str) -> date | None:
    for key in keys:
        value = front.get(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str) and (found := find_date(value)):
            return found
    return None


def _plain(blocks: Sequence["Token"]) -> str:
    """Return one line a block and a row of a table: links become their words, of raw HTML its words stay, images
    go, code stays.
    """
    lines: list[str] = []
    row: list[str] | None = None
    for token in blocks:
        if token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip("\n"))
        elif token.type == "html_block":
            lines.append(clean(html_text(token.content)[0]).strip())
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            lines.append(BETWEEN_CELLS.join(row or ()))
            row = None
        elif token.type == "inline":
            (lines if row is None else row).append(_inline(token))
    return "\n\n".join(line for line in lines if line.strip())


def _inline(token: "Token") -> str:
    kept = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": " "}
    return "".join(kept[c.type] or c.content for c in token.children or [] if c.type in kept)


def _heading(blocks: Sequence["Token"]) -> str | None:
    """Return the words of the first heading of the first order, else of the second."""
    headings = [(at.tag, _inline(after)) for at, after in pairwise(blocks) if at.type == "heading_open"]
    ranked = [one_line(found) for order in ("h1", "h2") for tag, found in headings if tag == order]
    return next((found for found in ranked if found), None)
