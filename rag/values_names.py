"""The names that a sentence holds, as values that can be compared: "Motegi" may be "Toshimitsu Motegi".

Knows spelling only: capitals, particles, titles. It cannot tell a person from a place, and takes a capitalised
word that opens a sentence for a name unless it is a common one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rag.text import STOPWORDS
from rag.types import Span
from rag.values_dates import MONTHS, WEEKDAYS


@dataclass(frozen=True, slots=True)
class Name:
    """A name by its folded words; `tail` are those after "of": "University of Tokyo" is no short for "Tokyo"."""

    head: tuple[str, ...]
    tail: tuple[str, ...] = ()


# The first letter is looked at by `str.isupper`: the class also lets through accented small letters.
_TOKEN = re.compile(r"(?:[^\W\d_a-zа-яё]\.){1,4}|[^\W\d_a-zа-яё]\w*(?:[-&]\w+|[’'](?!s\b)\w+)*")
_SPACE = re.compile(r"\s{1,2}")
_PARTICLES = (
    "of|of the|of a|for|for the|in the|and the|de|de la|de los|del|della|der|den|von|van|van der|van den|da|di|do|"
    "dos|du|la|le|el|al|bin|ibn|zu|&|на|имени|им."
)
_JOINS = re.compile(rf"\s{{1,2}}(?:(?:{_PARTICLES})\s{{1,2}})?|-")
_OF = re.compile(r"\s(?:of|for|in)\b")
_TITLES = frozenset(
    """
    president prime minister deputy vice chief secretary senator sen rep representative congressman
    congresswoman governor gov mayor mr mrs ms miss dr doctor prof professor sir dame lord lady general gen
    captain capt colonel col lieutenant lt major sergeant sgt admiral ambassador director chairman chairwoman
    chair spokesman spokeswoman spokesperson ceo judge justice rev reverend bishop archbishop cardinal pope
    king queen prince princess emperor empress tsar sheriff detective inspector officer premier chancellor
    commissioner coach foreign affairs defence defense finance interior executive speaker leader former attorney
    президент премьер министр губернатор мэр генерал профессор доктор г-н г-жа господин госпожа
    """.split()
)
# Capitalised at the head of a sentence though no names. Stop words are known anyway.
_OPENERS = frozenset(
    """
    according additionally again although another around back because besides both currently despite during
    each earlier either even every everyone experts finally first following further given here hence however if
    indeed instead last later like local many meanwhile moreover most nearly neither never nevertheless new no
    none nothing now officials often old once one only others otherwise overall people perhaps recently
    residents researchers scientists second secondly several similarly since some sometimes soon still such
    there therefore third though thus today together tomorrow two three four five six seven eight nine ten
    unlike until upon upcoming usually visitors various whether while whose within without workers yesterday
    yes yet under among across along against behind beyond near out outside throughout toward towards via per
    up down off above below asked также кроме после перед однако впрочем поэтому затем потом сегодня вчера
    завтра сейчас теперь согласно ранее позже хотя пока здесь там тогда еще ещё вместе среди между около более
    менее первый второй новый жители власти эксперты ученые учёные например следует есть несмотря благодаря наконец
    """.split()
)
_MINISTRIES = frozenset(
    """
    sport sports finance finances health defence defense education justice culture trade energy agriculture economy
    economics labour labor transport tourism environment affairs state commerce development industry innovation
    science technology women youth family equality migration housing fisheries infrastructure home war
    """.split()
)
_DEMONYM = re.compile(r"\w{2,}(?:ese|ish|[nlrstdcvg]ian|ean|ican)$")
_GENERIC = STOPWORDS | _OPENERS
_NO_NAME = frozenset([*(word for word in MONTHS if len(word) > 3), *WEEKDAYS])
_RUSSIAN_ENDING = re.compile(
    r"(?<=\w{3})(?:ами|ями|ого|его|ому|ему|ой|ей|ом|ем|ым|им|ых|их|ую|юю|ая|яя|ов|а|я|у|ю|е|ы|и|о|ь|й)$"
)


def name_spans(text: str, *, of_person: bool = False) -> list[Span]:
    """Return the spans of the names in a sentence, in order; with `of_person` without titles before them."""
    spans = []
    for tokens in _chains(text):
        kept = _without_edges(text, tokens, of_person=of_person)
        if kept and _is_name(text, kept):
            spans.append((kept[0][0], kept[-1][1]))
    return spans


def _chains(text: str) -> Iterator[list[Span]]:
    """Yield the runs of capitalised words that white space or particles join."""
    chain: list[Span] = []
    for match in _TOKEN.finditer(text):
        if not _may_be_named(match, text):
            continue
        if chain and not _JOINS.fullmatch(text, chain[-1][1], match.start()):
            yield chain
            chain = []
        chain.append(match.span())
    if chain:
        yield chain


def _may_be_named(match: re.Match[str], text: str) -> bool:
    start, word = match.start(), match.group()
    if not word[0].isupper() or (start and (text[start - 1].isalnum() or text[start - 1] == "_")):
        return False
    folded = word.casefold()
    return folded not in _NO_NAME and folded not in ("i", "i'm", "i’m", "i've", "i’ve")


def _without_edges(text: str, tokens: list[Span], *, of_person: bool) -> list[Span]:
    """Drop the words before and after a name that are none of it: "However, President ...", "In Tokyo"."""
    while tokens and (_folded(text, tokens[0]) in _GENERIC):
        tokens = tokens[1:]
    while tokens and len(tokens) > 1 and _folded(text, tokens[-1]) in STOPWORDS:
        tokens = tokens[:-1]
    if not of_person:
        return tokens
    titles = [place for place, token in enumerate(tokens) if _folded(text, token) in _TITLES]
    after = titles[-1] + 1 if titles else 0
    # "Minister of Sport Ann Lee": what a ministry is for has a capital too, and stands between.
    while after and after < len(tokens) - 1 and _folded(text, tokens[after]) in _MINISTRIES:
        after += 1
    # "President of Russia" is no name behind a title, "King" alone is a surname.
    if 0 < after < len(tokens) and _SPACE.fullmatch(text, tokens[after - 1][1], tokens[after][0]):
        return tokens[after:]
    return tokens


def _is_name(text: str, tokens: list[Span]) -> bool:
    if len(tokens) > 1:
        return True
    (start, end) = tokens[0]
    word = text[start:end].casefold()
    if end - start < 2 or word in STOPWORDS or (word.endswith(".") and end - start < 3):
        return False
    # "Russian officials": an adjective.
    return not (
        _DEMONYM.fullmatch(word) and (text[end : end + 2].strip().islower() or text[:start].endswith("the "))
    )


def _folded(text: str, token: Span) -> str:
    return text[token[0] : token[1]].casefold().strip(".")


def name_of(text: str) -> Name:
    """Return the name that `text` spells: without case, accents, particles and Russian case endings."""
    cut = _OF.search(text)
    head, tail = (text[: cut.start()], text[cut.end() :]) if cut else (text, "")
    words = _name_words(head)
    return Name(words, _name_words(tail)) if words else Name(_name_words(text))


def _name_words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("й", "и").replace("ё", "е"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    words = re.findall(r"\w+", re.sub(r"['’]s\b", "", letters).replace("'", "").replace("’", ""))
    return tuple(_RUSSIAN_ENDING.sub("", word) for word in words if word not in _DROPPED)


_DROPPED = frozenset("the a an de la le el al bin ibn von van der den da di do dos du del и and".split())


def is_same_name(one: Name, other: Name) -> bool:
    """Return whether the words are the same in whatever order ("Ishiba Shigeru")."""
    return sorted(one.head) == sorted(other.head) and sorted(one.tail) == sorted(other.tail)


def may_be_same_name(one: Name, other: Name) -> bool:
    """Return whether one is a shorter form of the other: fewer words, initials, an acronym."""
    if one.tail and other.tail and not (_within(one.tail, other.tail) or _within(other.tail, one.tail)):
        return False
    return _within(one.head, other.head) or _within(other.head, one.head) or _is_acronym(one, other)


def _within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Return whether each word, or an initial for it, is in the other name; initials alone do not carry a name."""
    rest = list(long)
    whole = 0
    for word in sorted(short, key=len, reverse=True):
        match = word if word in rest else next((other for other in rest if _initial(word, other)), None)
        if match is None:
            return False
        whole += match == word and len(word) > 1
        rest.remove(match)
    return whole > 0


def _initial(one: str, other: str) -> bool:
    return (len(one) == 1 or len(other) == 1) and one[:1] == other[:1]


def _is_acronym(one: Name, other: Name) -> bool:
    for short, long in ((one, other), (other, one)):
        letters = "".join(word[:1] for word in (*long.head, *long.tail))
        if len(letters) > 1 and "".join((*short.head, *short.tail)) == letters:
            return True
    return False


def same_script(one: Name, other: Name) -> bool:
    """Return whether both are in Cyrillic or both are not: else nothing can be said of spellings."""
    return _is_cyrillic(one) == _is_cyrillic(other)


def _is_cyrillic(name: Name) -> bool:
    return any("а" <= char <= "я" for word in name.head for char in word)
