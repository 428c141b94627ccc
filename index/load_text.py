"""Plain text and Markdown. Knows encodings, hard-wrapped lines, front matter and head lines."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from index.dates import dateline, find_date
from index.load import Loaded, UnreadableFileError
from rag.text import clean, sentences, words
from rag.types import FileStatus

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BULLET = re.compile(r"^\s*(?:[-*•·>|#]|\d+[.)])\s")
_BREADCRUMB = re.compile(r"\w\s+[/>»›|]\s+\w")
_BYLINE = re.compile(r"^(?:by|автор:?)\s+(?P<name>[^\d\n|]{3,60}?)\s*(?:\||,|$)", re.IGNORECASE)
_HEAD_LINES = 6
_MAX_TITLE_CHARS = 160
# Wider lines were not wrapped by hand or by an editor.
_MAX_WRAP_CHARS = 130


def decode(data: bytes) -> str:
    """Return the text of `data`, in whatever encoding it was written.

    Raises:
        UnreadableFileError: these bytes are no text.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(data)
    if "\0" in text:
        text = _guess_utf16(data)
    return text


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"it is marked as {encoding} and is not: {error.reason}"
        raise UnreadableFileError(FileStatus.FAILED, reason) from error


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    if b"\0" in data:
        return _guess_utf16(data)
    best = from_bytes(data).best()
    if best is None or _looks_binary(str(best)):
        raise UnreadableFileError(FileStatus.FAILED, "it is not text")
    return str(best)


def _guess_utf16(data: bytes) -> str:
    """Read UTF-16 without a mark: text in any alphabet has its zero bytes on one side only."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    if min(even, odd) * 20 > max(even, odd) or max(even, odd) * 10 < len(data):
        raise UnreadableFileError(FileStatus.FAILED, "it is not text (zero bytes)")
    text = _decode_as(data, encoding)
    if _looks_binary(text):
        raise UnreadableFileError(FileStatus.FAILED, "it is not text")
    return text


def _looks_binary(text: str) -> bool:
    sample = text[:20_000]
    strange = sum(not (char.isprintable() or char.isspace()) for char in sample)
    return strange * 20 > len(sample)


def unwrap(text: str) -> str:
    """Join the lines of hard-wrapped paragraphs; bullets, short lines and wide lines stay as they are."""
    blocks = re.split(r"(\n\s*\n)", text)
    return "".join(block if block.isspace() else _unwrap_block(block) for block in blocks)


def _unwrap_block(block: str) -> str:
    lines = block.split("\n")
    width = max(len(line.rstrip()) for line in lines)
    if len(lines) < 2 or width > _MAX_WRAP_CHARS or width < 40:
        return block
    joined = lines[0].rstrip()
    previous = lines[0].rstrip()
    for line in lines[1:]:
        goes_on = len(previous) > width * 0.6 and not _BULLET.match(line) and line.strip()
        ended = previous.endswith((".", "!", "?", ":", "…", '."', ".”")) and len(previous) < width * 0.75
        if goes_on and not ended:
            hyphenated = re.search(r"[^\W\d_]-$", joined) and line.lstrip()[:1].islower()
            joined = joined[:-1] + line.strip() if hyphenated else f"{joined} {line.strip()}"
        else:
            joined += "\n" + line
        previous = line.rstrip()
    return joined


def load_text(data: bytes) -> Loaded:
    """Return a plain text with what its head says: title, byline, dateline."""
    text = unwrap(clean(decode(data)))
    if _looks_binary(text):
        raise UnreadableFileError(FileStatus.FAILED, "it is not text")
    return Loaded(text, title=head_title(text), author=_byline(text), published=dateline(text))


def head_title(text: str) -> str | None:
    """Return the first line that reads like a headline; the start of the first sentence where none does."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:_HEAD_LINES]:
        if _BULLET.match(line) or _BREADCRUMB.search(line) or len(words(line)) < 3:
            continue
        if len(line) <= _MAX_TITLE_CHARS and not line.endswith((".", ";", ",")):
            return line
        break
    first = next((text[start:end] for start, end in sentences(text) if len(words(text[start:end])) > 3), None)
    if first is None or len(first) <= 100:
        return first
    return first[:100].rsplit(" ", 1)[0] + " …"


def _byline(text: str) -> str | None:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    found = (_BYLINE.match(line) for line in lines[:_HEAD_LINES] if len(line) < 100)
    return next((match["name"].strip() for match in found if match), None)


def load_markdown(data: bytes) -> Loaded:
    """Return the words of a Markdown file without its marks, and what its front matter says."""
    raw = clean(decode(data))
    front, body = _front_matter(raw)
    text = _plain(body)
    heading = re.search(r"^#{1,2}\s+(.+?)\s*#*$", body, re.MULTILINE)
    return Loaded(
        text,
        title=_word(front, "title") or (heading[1] if heading else None) or head_title(text),
        outlet=_word(front, "outlet", "source", "publication", "site", "publisher"),
        author=_word(front, "author", "authors", "by") or _byline(text),
        published=_day(front, "date", "published", "created") or dateline(text),
        language=_word(front, "language", "lang"),
    )


def _front_matter(raw: str) -> tuple[Mapping[str, Any], str]:
    match = re.match(r"\s*---\n(?P<yaml>.*?)\n---\s*(?:\n|$)", raw, re.DOTALL)
    if match is None:
        return {}, raw
    import yaml

    try:
        front = yaml.safe_load(match["yaml"])
    except yaml.YAMLError:
        return {}, raw
    if not isinstance(front, dict):
        return {}, raw
    return {str(key).casefold(): value for key, value in front.items()}, raw[match.end() :]


def _word(front: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = front.get(key)
        if isinstance(value, list):
            value = ", ".join(str(item) for item in value)
        if isinstance(value, (str, int, float)) and str(value).strip():
            return str(value).strip()
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


def _plain(markdown: str) -> str:
    """Return one line a block: links become their words, images and raw HTML go, code stays."""
    from markdown_it import MarkdownIt

    lines = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip("\n"))
        elif token.type == "inline":
            kept = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": " "}
            parts = (kept[c.type] or c.content for c in token.children or [] if c.type in kept)
            lines.append("".join(parts))
    return "\n\n".join(line for line in lines if line.strip())
