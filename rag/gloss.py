"""A Russian question word by word in English, so that English documents can be asked it.

Knows a glossary and the letters of both languages; no grammar beyond "of", "is" and "did". A gloss is for the
search and the reader, not for people: names are spelt as the library spells them, where it has them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from rag.spellings import forms, spellings
from rag.stems import stem
from rag.text import is_cyrillic

_GLOSSARY = Path(__file__).with_name("glossary.tsv")
_TOKEN = re.compile(r"[\u0400-\u04ff]+(?:-[\u0400-\u04ff]+)*|[^\W_]+(?:[.,'’-][^\W_]+)*|[^\w\s]")
_CYRILLIC, _NOT_RUSSIAN = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[\u0400-\u04ff](?<![А-Яа-яЁё])")
# "1990-х", "5-го": an ordinal is written with its ending.
_ENDING = re.compile(r"(?<=\d)-[а-яё]+$")
_PAST = re.compile(r"(?:л|ла|ло|ли)(?:сь|ся)?$")
_VERB = re.compile(r"(?:л|ла|ло|ли|ть|ти|чь|ет|ит|ют|ят|ут)(?:сь|ся)?$")
_OPENS, _CLOSES = frozenset("(«“[-"), frozenset("?!.,;:)»”]-")
_COPULAS = frozenset("is are was were be will".split())
_ASKS_OF_A_DEED = frozenset("when where why how".split())
# A gloss with more than one gap in four words asks for something else.
_KNOWN = 0.75
_LONGEST = 4


class Word(StrEnum):
    """What an entry of the glossary is, as far as the order of an English question needs it.

    A function word is listed with all its forms: another word is not taken for a short one.
    """

    VERB = "verb"
    NOUN = "noun"
    NAME = "name"
    FUNCTION = "function"
    OTHER = "other"


# Shorter stems are those of anything; a verb is told by its ending too.
_LEAST_STEM = {Word.VERB: 2, Word.NOUN: 3, Word.NAME: 3, Word.OTHER: 3, Word.FUNCTION: 5}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry: the Russian words in lower case, what they are, and the English ones."""

    russian: str
    kind: Word
    english: str


@dataclass(frozen=True, slots=True)
class _Glossed:
    """A part of the question in English; `inflected` where it stands in another form than in the glossary."""

    written: str
    english: str
    kind: Word = Word.OTHER
    known: bool = True
    inflected: bool = False


@dataclass(frozen=True, slots=True)
class Gloss:
    """The question in English words; `known` is the share of its parts that were known, 0 to 1."""

    text: str
    known: float


def english_of(question: str, *, holds: Callable[[str], bool]) -> str | None:
    """Return a Russian question in English words, None where too few of them are known."""
    found = gloss(question, holds=holds)
    return found.text if found is not None and found.known >= _KNOWN else None


def gloss(question: str, *, holds: Callable[[str], bool]) -> Gloss | None:
    """Return the gloss of a Russian question, None for another; `holds` tells whether the library has a word."""
    if not is_cyrillic(question) or _NOT_RUSSIAN.search(question):
        return None
    parts = list(_parts(_TOKEN.findall(question), cache(holds)))
    meant = [one for one in parts if one.english and one.english[0].isalnum()]
    if not meant:
        return None
    return Gloss(_joined(_ordered(parts)), sum(one.known for one in meant) / len(meant))


def _parts(tokens: Sequence[str], holds: Callable[[str], bool]) -> Iterator[_Glossed]:
    """Yield the English of each token, of several where the glossary has a phrase of them."""
    at = 0
    while at < len(tokens):
        longest = min(_LONGEST, len(tokens) - at)
        found = ((size, _phrase(tokens[at : at + size])) for size in range(longest, 1, -1))
        size, phrase = next(((size, one) for size, one in found if one is not None), (1, None))
        yield phrase or _word(tokens[at], holds, is_first=at == 0)
        at += size


def _phrase(tokens: Sequence[str]) -> _Glossed | None:
    entry = next(iter(_by_stems().get(_stems(tokens), ())), None)
    if entry is None:
        return None
    first, _, _ = entry.russian.partition(" ")
    return _Glossed(tokens[0], entry.english, entry.kind, inflected=_folded(tokens[0]) != first)


def _word(token: str, holds: Callable[[str], bool], *, is_first: bool) -> _Glossed:
    if not _CYRILLIC.search(token) or token[0].isdecimal():
        return _Glossed(token, _ENDING.sub("", token))
    word = _folded(token)
    entry = _entry(word)
    is_capital = token[0].isupper() and not is_first
    tried = spellings(token.casefold()) if entry is None or is_capital else []
    spelt = next((one for one in tried if holds(one)), None)
    # "Песков" is no sand where the library has a Peskov.
    is_name = is_capital and spelt is not None
    if entry is not None and not (is_name and not entry.english[:1].isupper()):
        return _Glossed(token, entry.english, entry.kind, inflected=entry.russian != word)
    if spelt is None and "-" in token:
        halves = [_word(half, holds, is_first=is_first) for half in token.split("-")]
        joined = "-".join(one.english for one in halves)
        return _Glossed(token, joined, halves[-1].kind, known=all(one.known for one in halves))
    name = (spelt or tried[0]).capitalize()
    return _Glossed(token, name, Word.NAME, known=spelt is not None)


def _entry(word: str) -> _Entry | None:
    """Return what the glossary has for a word: itself, its stem (a verb where it ends like one), or what it is a
    case of.
    """
    exact = _by_word().get(word)
    if exact is not None:
        return exact
    is_verb = _VERB.search(word) is not None
    alike = sorted(_by_stems().get(_stems([word]), ()), key=lambda one: (one.kind is Word.VERB) != is_verb)
    if alike:
        return alike[0]
    return next((_by_word()[one] for one in forms(word) if one in _by_word()), None)


def _ordered(parts: Sequence[_Glossed]) -> Iterator[str]:
    """Yield English words: "of" before what a noun is of, "is" or "did" behind the first question word."""
    has_verb = any(one.kind is Word.VERB or one.english in _COPULAS for one in parts)
    is_past = any(one.kind is Word.VERB and _PAST.search(one.written) for one in parts)
    before, is_asked = Word.OTHER, False
    for one in parts:
        if not one.english:
            continue
        if before is Word.NOUN and one.inflected and one.kind in (Word.NOUN, Word.NAME):
            yield "of"
        yield one.english
        before = one.kind
        if is_asked or one.english not in {"who", "what", *_ASKS_OF_A_DEED}:
            continue
        is_asked = True
        if not has_verb:
            yield "is"
        elif is_past and one.english in _ASKS_OF_A_DEED:
            yield "did"


def _joined(words: Iterable[str]) -> str:
    text = ""
    for word in words:
        text += word if not text or word[0] in _CLOSES or text[-1] in _OPENS else f" {word}"
    return text


def _folded(word: str) -> str:
    return word.casefold().replace("ё", "е")


def _stems(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(stem(_folded(token)) for token in tokens)


@cache
def _by_word() -> dict[str, _Entry]:
    rows = (line.split("\t") for line in _GLOSSARY.read_text("utf-8").splitlines())
    return {russian: _Entry(russian, Word(kind), english) for russian, kind, english in rows}


@cache
def _by_stems() -> dict[tuple[str, ...], list[_Entry]]:
    """Return the entries by their stems, in the order of the file, short function words left out."""
    found: dict[tuple[str, ...], list[_Entry]] = {}
    for entry in sorted(_by_word().values(), key=lambda one: one.kind is Word.FUNCTION):
        stems = _stems(entry.russian.split())
        if len(stems) > 1 or len(stems[0]) >= _LEAST_STEM[entry.kind]:
            found.setdefault(stems, []).append(entry)
    return found
