"""Mail messages, one a file (.eml). Knows headers, parts and character sets; opens no attachment.

Quoted replies keep their ">" and signatures their "--", each on lines of their own, so that whoever weighs the
text can tell them from the sender's words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any, TypeAlias

from index.html_text import html_text
from index.load import Loaded, UnreadableFileError
from index.load_text import decode, head_title, unwrap
from rag.text import clean, one_line, words
from rag.types import FileStatus

if TYPE_CHECKING:
    from email.headerregistry import Address

Part: TypeAlias = "MIMEPart[Any, Any]"

# A message has one of these at least; the parser itself takes any bytes for a message without headers.
_HEADERS = ("from", "subject", "date", "to", "received", "message-id")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
# What the standard library raises on headers and parts that are not as the standards say.
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
# Mail programs that say Latin-1 mean Windows' larger set, as browsers do; ASCII is said of anything.
_MEANT = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8"}

_STUB = 1 / 2
_UNSET_CLOCK = 1970
_TRAILING = re.compile(r"(?<=\S)[^\S\n]+(?=\n|$)")


def load_eml(data: bytes) -> Loaded:
    """Return who was written to, the text of a message, and the names of what is attached.

    Raises:
        UnreadableFileError: it is no message, encrypted, or damaged.
    """
    try:
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
        return _read(message)
    except _DAMAGED as error:
        reason = f"damaged message ({type(error).__name__}: {error})"
        raise UnreadableFileError(FileStatus.FAILED, reason[:200]) from error


def _read(message: EmailMessage) -> Loaded:
    if not any(name in message for name in _HEADERS):
        raise UnreadableFileError(FileStatus.FAILED, "it is not a mail message: it has no headers")
    if message.get_content_type() in _ENCRYPTED and message.get_param("smime-type") != "signed-data":
        raise UnreadableFileError(FileStatus.ENCRYPTED, "it is encrypted: save it decrypted")
    parts = list(_leaves(message))
    body = "\n\n".join(text for part in parts if _is_readable(part) and (text := _text(part)))
    attached = [name for part in parts if not _is_readable(part) and (name := _name(part))]
    head = [f"{name}: {people}" for name in ("To", "Cc") if (people := _people(message, name))]
    tail = [f"Attachments: {', '.join(attached)}"] if attached else []
    language = re.match(r"[A-Za-z]{2}", _header(message, "Content-Language"))
    return Loaded(
        "\n\n".join(["\n".join(head), body, *tail]).strip(),
        title=_header(message, "Subject") or head_title(body),
        author=_people(message, "From") or None,
        published=_day(message),
        language=language[0].lower() if language else None,
    )


def _leaves(part: Part) -> Iterator[Part]:
    """Yield the parts that hold something. Of alternatives, plain text where it says all, else the last one."""
    if part.get_content_type() == "multipart/alternative":
        leaves = [list(_leaves(choice)) for choice in part.iter_parts()] or [[]]
        plain = next((one for one in leaves if any(leaf.get_content_type() == "text/plain" for leaf in one)), None)
        yield from leaves[-1] if plain is None or _is_stub(plain, leaves[-1]) else plain
    elif part.get_content_maintype() == "multipart":
        for child in part.iter_parts():
            yield from _leaves(child)
    else:
        yield part


def _is_stub(plain: Sequence[Part], other: Sequence[Part]) -> bool:
    """Return whether a plain text only says that there is another: it has a small part of that one's words."""
    said, there = (sum(len(words(_text(leaf))) for leaf in part if _is_readable(leaf)) for part in (plain, other))
    return said < there * _STUB


def _is_readable(part: Part) -> bool:
    return part.get_content_type() in ("text/plain", "text/html") and not part.is_attachment()


def _name(part: Part) -> str:
    name = part.get_filename() or ""
    if not name and part.get_content_type() == "message/rfc822":
        inner = part.get_content()
        name = _header(inner, "Subject") if isinstance(inner, EmailMessage) else ""
    return one_line(clean(name))


def _text(part: Part) -> str:
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    text = _decode(data, part.get_content_charset() or "utf-8")
    if part.get_content_type() == "text/html":
        return clean(html_text(text)[0]).strip()
    if str(part.get_param("format", "")).lower() == "flowed":
        return clean(_unflow(clean(text).split("\n"), str(part.get_param("delsp", "")).lower() == "yes")).strip()
    return _TRAILING.sub("", unwrap(clean(text)).strip())


def _decode(data: bytes, charset: str) -> str:
    """Return the text in the character set that is stated; in the one it looks like where that is wrong."""
    try:
        return data.decode(_MEANT.get(charset, charset))
    except (LookupError, UnicodeDecodeError):
        return decode(data) if data.strip() else ""


def _unflow(lines: Iterable[str], delete_space: bool) -> str:
    """Join lines that end with a space to the next one of the same quotation: RFC 3676, section 4."""
    parts: list[str] = []
    open_depth = None
    for line in lines:
        marks, content = re.match(r"(>*)(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr] # matches anything
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if open_depth != len(marks) or content == "-- ":
            parts.append(f"\n{marks} " if marks else "\n")
        parts.append(content[:-1] if flows and delete_space else content)
        open_depth = len(marks) if flows else None
    return _TRAILING.sub("", "".join(parts).removeprefix("\n"))


def _header(message: EmailMessage, name: str) -> str:
    return one_line(clean(str(message.get(name, ""))))


def _people(message: EmailMessage, name: str) -> str:
    """Return the names in a header of addresses; the address itself of who has none."""
    header = message.get(name)
    addresses: tuple[Address, ...] = getattr(header, "addresses", ())
    found = [one_line(clean(person.display_name or person.addr_spec)) for person in addresses]
    return ", ".join(person for person in found if person) or _header(message, name)


def _day(message: EmailMessage) -> date | None:
    """Return the day in the sender's own time zone; a clock that was never set says 1970."""
    stated = getattr(message.get("Date"), "datetime", None)
    return stated.date() if isinstance(stated, datetime) and stated.year > _UNSET_CLOCK else None
