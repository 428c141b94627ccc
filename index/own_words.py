"""What the author of a letter, a diary or a column says in their own person: "I will pay for the repair."

Pure; knows a text, the name of its author and what in it is said by others. A sentence that speaks of "me" is its
author's wherever it stands; of a text without an outlet that does so (a letter, a mail, a report) every one is.
Where "I" may be somebody else, in a dialogue or in what a mail quotes, nobody is named.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.speech_units import QUOTE, Unit, units
from rag.text import words
from rag.types import Attribution, Document, Span

_ME = frozenset(
    """
    i i'm i’m i've i’ve i'd i’d i'll i’ll me my mine myself я меня мне мной мною мой моя моё мои моего моей
    """.split()
)
_US = frozenset(
    """
    we we're we’re we've we’ve we'd we’d we'll we’ll us our ours ourselves мы нас нам нами наш наша наше наши
    """.split()
)
_ENDS = re.compile(r"[.!…]['\"’”»)]*$")
# What a mail answers to, and one that was forwarded; each line of it may be marked too.
_NAME = r"(?P<name>(?-i:[^\W\d_a-zа-яё][\w.’'-]*(?:\s[^\W\d_a-zа-яё][\w.’'-]*){0,3}))"
_OTHERS_BELOW = re.compile(
    rf"(?:on|am|le|в|\d)[\s\d].{{4,120}}?(?:[AP]M\s)?{_NAME},?\s?(?:<[^>]*>|\([^)]*\)|\[[^\]]*\])?\s?"
    r"(?P<cue>wrote|schrieb|a écrit|пишет|писал|написала?)\s?:\s*$|"
    r"-+\s?(?:original|forwarded|исходное|пересылаемое)\s(?:message|сообщение)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\s*(?P<marks>(?:>\s?)+)")
# Quoted in single marks, which may as well be apostrophes: what is said there is not told from what is narrated.
_SINGLE = re.compile(r"(?<!\w)['‘]\w[^'‘’]*(?:['’]\w[^'‘’]*)*[,.!?]['’](?!\w)")
# "Q: ...", "Ann Ito: ...": the turns of a dialogue.
_TURN = re.compile(r"(?:[QAВО]|[^\W\d_a-zа-яё][\w.’'-]*(?:\s[^\W\d_a-zа-яё][\w.’'-]*){0,3})\s?:\s")
_FEWEST_TURNS = 3
_FEWEST_WORDS = 2


def own_words(document: Document, said: Sequence[Attribution]) -> list[Attribution]:
    """Return the sentences that the author of a document says, and of a mail those of the one that it answers.

    None is somebody else's in `said`.
    """
    if document.author is None:
        return []
    text, author = document.text, document.author
    told = [one for one in _narrated(text) if not any(_is_of_other(one.unit, other) for other in said)]
    mine = [one.unit for one in told if one.mail is None]
    if document.outlet is not None:
        mine = [one for one in mine if _ME & _narration(one)]
    elif not any((_ME | _US) & _narration(one) for one in mine):
        mine = []
    quoted = [_written(one.unit, text, one.mail) for one in told if one.mail is not None and one.mail["name"]]
    return [*(_own(one, text, author) for one in mine), *quoted]


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence that nobody is quoted with; `mail` is the line above another mail, where it stands in one."""

    unit: Unit
    mail: re.Match[str] | None = None


def _narrated(text: str) -> Iterator[_Told]:
    """Yield the sentences that nobody is quoted with; none of a dialogue, none twice quoted in a mail."""
    found = units(text)
    first_of = {one.paragraph: text[one.start : one.end] for one in reversed(found)}
    is_dialogue = _has_turns(first_of.values())
    asked_in: int | None = None
    mail: re.Match[str] | None = None
    are_marked: bool | None = None
    for one in found:
        sentence = text[one.start : one.end].strip()
        line = _OTHERS_BELOW.match(text, text.index(sentence, one.start), one.end)
        if line is not None:
            mail, are_marked = line, None
            continue
        marks = _MARKS.match(first_of[one.paragraph])
        depth = marks["marks"].count(">") if marks else 0
        are_marked = depth > 0 if are_marked is None else are_marked
        if mail is not None and are_marked and not depth:  # behind what it quotes the mail goes on
            mail = None
        if sentence.endswith("?"):
            asked_in = one.paragraph
        is_reply = asked_in is not None and one.paragraph == asked_in + 1
        is_whole = _ENDS.search(sentence) is not None and len(words(sentence)) >= _FEWEST_WORDS
        is_quoted = one.is_quote or _SINGLE.search(sentence) or depth > (0 if mail is None else 1)
        if is_whole and not (is_dialogue or is_reply or is_quoted):
            yield _Told(one, mail)


def _has_turns(openings: Iterable[str]) -> bool:
    """Return whether paragraphs open with the same few names again and again."""
    turns = [match[0] for opening in openings if (match := _TURN.match(opening))]
    return len(turns) >= _FEWEST_TURNS and len(set(turns)) < len(turns)


def _narration(unit: Unit) -> set[str]:
    """Return the words of a sentence, case-folded, without those that somebody is quoted with."""
    return {token.lower for token in unit.tokens if token.kind != QUOTE}


def _is_of_other(unit: Unit, said: Attribution) -> bool:
    """Return whether others than "I" and "we" say a part of a sentence."""
    overlaps = said.start < unit.end and unit.start < said.end
    return overlaps and not set(words(said.speaker)) <= _ME | _US


def _own(unit: Unit, text: str, author: str) -> Attribution:
    """Return a sentence as its author's own: no words stand there for who says it, or that it is said."""
    start, end = _place(unit, text)
    return Attribution(
        start=start, end=end, speaker=author, role=None, cue="", verbatim=True,
        speaker_start=end, speaker_end=end, cue_start=end, cue_end=end,
    )  # fmt: skip


def _written(unit: Unit, text: str, mail: re.Match[str]) -> Attribution:
    """Return a sentence of another mail as that of who wrote it."""
    start, end = _place(unit, text)
    (speaker_start, speaker_end), (cue_start, cue_end) = mail.span("name"), mail.span("cue")
    return Attribution(
        start=start, end=end, speaker=mail["name"], role=None, cue=mail["cue"], verbatim=True,
        speaker_start=speaker_start, speaker_end=speaker_end, cue_start=cue_start, cue_end=cue_end,
    )  # fmt: skip


def _place(unit: Unit, text: str) -> Span:
    """Return where the words of a sentence stand, without the marks of a quoted mail."""
    marks = _MARKS.match(text, unit.start, unit.end)
    sentence = text[marks.end() if marks else unit.start : unit.end]
    end = unit.start + len(text[unit.start : unit.end].rstrip())
    return end - len(sentence.strip()), end
