"""The mails inside a mail: what it answers to and what it forwards. Pure; knows lines, no formats."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NAME = r"(?P<name>(?-i:[^\W\d_a-zа-яё][\w.’'-]*(?:\s[^\W\d_a-zа-яё][\w.’'-]*){0,3}))"
_ADDRESS = r"(?:<[^>]*>|‹[^›]*›|\([^)]*\)|\[[^\]]*\])"
# "On Wed, 3 Feb 2025 at 9:12 AM Bo Lind <bo@lind.example> wrote:", and as other programs put it.
_ANSWERED = (
    re.compile(
        rf"(?:.{{4,120}}?\s(?:[AP]M\s)?)?{_NAME},?\s?{_ADDRESS}?\s?"
        r"(?P<cue>wrote|a écrit|пишет|писал|написала?)\s?:",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:am|on)\s.{{4,120}}?\s(?P<cue>schrieb)\s{_NAME}\s?{_ADDRESS}?\s?:", re.IGNORECASE),
    re.compile(rf"(?=.*\d).{{6,120}}?{_NAME},?\s?(?P<cue><[^>]*@[^>]*>)\s?:", re.IGNORECASE),
)
_FORWARDED = re.compile(
    r"[-_\s]*(?:begin\s)?(?:original|forwarded|ursprüngliche|weitergeleitete|исходное|пересылаемое)\s"
    r"(?:message|mail|nachricht|сообщение)\b.*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(?:from|von|от|de)\s?:\*?\s.*", re.IGNORECASE)
_FIELD = re.compile(
    r"\*?(?:sent|date|gesendet|datum|отправлено|дата|envoyé|to|an|кому|subject|betreff|тема)\s?:", re.IGNORECASE
)
_FIELDS_BELOW = 4
_MARKS = re.compile(r"\s*(?:>\s?)+")


@dataclass(frozen=True, slots=True)
class Mail:
    """Another mail, as the line above it names who wrote it, with which word; "" where that is not told.

    `is_body` is False for a line that stands above it, and for what it quotes itself.
    """

    line: str = ""
    name: str = ""
    cue: str = ""
    is_body: bool = True


_ABOVE = Mail(is_body=False)


def other_mails(lines: Sequence[str], *, are_mails: bool = True) -> list[Mail | None]:
    """Return for each line the other mail that it belongs to, None for those of the mail itself.

    Of what is printed (not `are_mails`) only the lines that are marked as quoted belong to another text.
    """
    found: list[Mail | None] = []
    mail: Mail | None = None
    are_marked: bool | None = None
    for number, line in enumerate(lines):
        bare = line.strip()
        marks = _MARKS.match(line)
        depth = marks.group().count(">") if marks else 0
        above = None if depth or not are_mails else _above(bare, lines[number + 1 : number + 1 + _FIELDS_BELOW])
        if above is not None:
            mail, are_marked = above, None
            found.append(_ABOVE)
            continue
        are_marked = depth > 0 if are_marked is None else are_marked
        if mail is not None and are_marked and not depth:  # behind what it quotes the mail goes on
            mail = None
        if mail is None:
            found.append(_ABOVE if depth else None)
        else:
            found.append(_ABOVE if depth > 1 or _FIELD.match(bare) else mail)
    return found


def _above(line: str, following: Sequence[str]) -> Mail | None:
    """Return the mail that begins below a line, None where none does."""
    if _FORWARDED.fullmatch(line):
        return Mail()
    if _FROM.fullmatch(line) and any(_FIELD.match(one.strip()) for one in following):
        return Mail()
    found = next((match for one in _ANSWERED if (match := one.fullmatch(line))), None)
    # A letter tells of what somebody wrote too: above a mail stands an address or the time of day.
    if found is None or not (re.search(r"@|\d:\d\d", line) or _MARKS.match((*following, "")[0])):
        return None
    return Mail(line, found["name"], found["cue"])
