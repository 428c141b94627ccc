"""The values that a sentence gives for a question, whether two of them agree, and groups of those that do.

Knows the form of a value only: that a sentence holds a number of the right kind, not that it is the one asked
for. What the question itself names is never its answer.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from rag.asked import AnswerKind, Asked
from rag.asked_words import AHEAD, is_plural
from rag.stems import stem, stems
from rag.text import STOPWORDS, content_words, words
from rag.values_agree import Agreement as Agreement
from rag.values_agree import Key as Key
from rag.values_agree import Polarity as Polarity
from rag.values_agree import agree_keys
from rag.values_dates import Period, Time, times
from rag.values_names import Name, name_of, name_spans
from rag.values_numbers import Amount, AmountSpan, Hedge, amounts
from rag.values_units import UNITS, Dimension, dimension_of


class ValueKind(StrEnum):
    """What a value is by its form."""

    AMOUNT = "amount"
    TIME = "time"
    NAME = "name"
    POLARITY = "polarity"


@dataclass(frozen=True, slots=True)
class Value:
    """A candidate answer: `text == sentence[start:end]`. Equal values have equal keys, however worded."""

    kind: ValueKind
    start: int
    end: int
    text: str
    key: Key


@dataclass(frozen=True, slots=True)
class Cluster:
    """Values that agree, in the order in which they were given."""

    values: tuple[Value, ...]

    @property
    def best(self) -> Value:
        """Return the most precise value, the first of several."""
        return min(self.values, key=_vagueness)


# The longest quoted words that may be a title.
_TITLE_WORDS = 10
_QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]{2,80})[\"”»“]")
_CLAUSE_ENDS = re.compile(
    r"[;:—]|,(?=\s)|\b(?:but|although|though|while|whereas|however|но|хотя|однако|зато)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"\b(?:not(?! only\b)|no(?! doubt\b)|never|none|neither|nobody|nothing|without|cannot|denie[sd]|deny|"
    r"refuse[sd]?|reject(?:s|ed)?|rule[sd]? out|fail(?:s|ed)? to|failure to|unable|ha(?:s|ve) yet to|lacked|"
    r"не(?! только\b)|нет|ни|никогда|никто|без|отриц\w+|отказ\w+|отверг\w+)\b|\b\w+n['’]t\b",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|on|off|outside|around|through|into|inside|across|between|toward|towards|of|via|"
    r"в|во|на|из|под|около|близ|у|к|до|через)\s(?:the\s|[a-zа-яё-]+\s){0,2}$"
)
_BARE = re.compile(r"\s*(?:[^\w\s]|$)|\s(?:and|or|when|who|years?|и|лет)\b")
_COUNTED = re.compile(r"\s([^\W\d_]+)(?:\s([^\W\d_]+))?")
_ALIKE = (
    frozenset(
        """
        people persons inhabitants residents citizens islanders workers employees staff members men women children
        students pupils passengers visitors guests victims deaths soldiers troops refugees migrants protesters
        demonstrators participants delegates fans voters patients heads
        """.split()
    ),
    frozenset("jobs posts positions places".split()),
)
_NUMBER_OF = re.compile(r"\b(?:number|total|count) of ((?:[\w-]+ ){1,3})[^.;:!?]{0,40}$", re.IGNORECASE)
_TIMES = ("times", "раз", "раза")
_NEXT_WORD = re.compile(r"\s([^\W\d_]+)")
_NO_NOUNS = STOPWORDS | frozenset("last this next per each according instead earlier more less since".split())
# How many words behind a number its noun may stand: "4,900 former Soviet islanders".
_NOUN_WITHIN = 4


def values(sentence: str, asked: Asked, *, published: date | None = None) -> list[Value]:
    """Return the values of a sentence that may answer the question, in order, without those that it names itself.

    `published` is the day of the document: "on Tuesday" is resolved with it and stays a weekday without.
    """
    find = _FINDERS.get(asked.kind)
    if find is None:
        return []
    known = _known(asked)
    return [value for value in find(sentence, asked, published) if not _is_known(value.key, asked, known)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the question names itself."""

    words: frozenset[str]
    amounts: frozenset[Amount]
    times: frozenset[Time]


@lru_cache(maxsize=256)
def _known(asked: Asked) -> _Known:
    name = name_of(asked.question)
    return _Known(
        words=frozenset((*name.head, *name.tail)),
        amounts=frozenset(one.amount for one in amounts(asked.question)),
        times=frozenset(one.time for one in times(asked.question)),
    )


def _is_known(key: Key, asked: Asked, known: _Known) -> bool:
    if isinstance(key, Name):
        return known.words.issuperset((*key.head, *key.tail))
    if isinstance(key, Amount):
        return key in known.amounts
    if isinstance(key, Period):
        return key in known.times or (asked.when is not None and key.holds(asked.when))
    return key in known.times


def _names(sentence: str, asked: Asked, published: date | None) -> Iterator[Value]:
    del published
    of_person = asked.kind in (AnswerKind.PERSON, AnswerKind.SPEAKER)
    for start, end in name_spans(sentence, of_person=of_person):
        yield _name(sentence, start, end)


def _name(sentence: str, start: int, end: int) -> Value:
    text = sentence[start:end]
    return Value(ValueKind.NAME, start, end, text, name_of(text))


def _places(sentence: str, asked: Asked, published: date | None) -> list[Value]:
    """Return the names behind a word like "in" or "near"; all names where there are none.

    That halves the candidates and loses one place in nine (nq_oracle, xquad).
    """
    found = list(_names(sentence, asked, published))
    placed: list[Value] = []
    for one in found:
        follows_place = bool(placed) and sentence[placed[-1].end : one.start] == ", "  # "in Nemuro, Hokkaido"
        if follows_place or _IN_PLACE.search(sentence[max(0, one.start - 40) : one.start]):
            placed.append(one)
    return placed or found


def _titles(sentence: str, asked: Asked, published: date | None) -> list[Value]:
    """Return names and quoted titles."""
    quoted = [
        match.span(1)
        for match in _QUOTED.finditer(sentence)
        if match[1][0].isupper() and match[1].count(" ") < _TITLE_WORDS
    ]
    spans = [_name(sentence, *span) for span in quoted]
    free = [
        one
        for one in _names(sentence, asked, published)
        if not any(s <= one.start and one.end <= e for s, e in quoted)
    ]
    return sorted([*spans, *free], key=lambda one: one.start)


def _times(sentence: str, asked: Asked, published: date | None) -> Iterator[Value]:
    for one in times(sentence, published=published):
        if not is_too_early(one.time, asked, published=published):
            yield Value(ValueKind.TIME, one.start, one.end, sentence[one.start : one.end], one.time)


def is_too_early(time: Time, asked: Asked, *, published: date | None) -> bool:
    """Return whether a time was before a sentence was published that is to say when something will be."""
    is_past = published is not None and isinstance(time, Period) and time.last < published
    return is_past and asked.kind is AnswerKind.DATE and AHEAD.search(asked.question) is not None


def _amounts(sentence: str, asked: Asked, published: date | None) -> Iterator[Value]:
    """Yield the quantities of the dimension that is asked for."""
    del published
    found = [one for one in undated_amounts(sentence) if not _counts_another(sentence, one, asked)]
    for one in _of_unit(sentence, found, asked.unit):
        yield Value(ValueKind.AMOUNT, one.start, one.end, sentence[one.start : one.end], one.amount)


def undated_amounts(sentence: str) -> list[AmountSpan]:
    """Return the quantities of a sentence, without years and days of the month."""
    found = amounts(sentence)
    dated = [(one.start, one.end) for one in times(sentence) if one.sure] if found else []
    return [one for one in found if not any(start < one.end and one.core < end for start, end in dated)]


def _of_unit(sentence: str, found: list[AmountSpan], unit: str | None) -> list[AmountSpan]:
    """Keep what is measured as `unit` is; of counts those of the noun itself, where there are any."""
    if unit is None or unit in _ANY_DIMENSION:
        return found
    dimension = dimension_of(unit) or Dimension.COUNT
    counts = [one for one in found if one.amount.dimension is Dimension.COUNT]
    if dimension is Dimension.COUNT and unit not in _FITS:
        named = [one for one in counts if _counts(sentence, one, unit)]
        bare = [one for one in counts if _BARE.match(sentence, one.end)]
        if named or counts:
            return [one for one in counts if one in named or one in bare] if named else counts
        # "How much catch" may be answered in yen or in tons, "how many boats" may not.
        return [] if is_plural(unit) else found
    fitting = _FITS.get(unit) or _FITS_DIMENSION.get(dimension) or {dimension}
    kept = [one for one in found if one.amount.dimension in fitting or _may_be_age(sentence, one, unit)]
    if unit == "age":
        kept = [one for one in kept if not _LASTS.search(sentence, 0, one.start)]
    if dimension is Dimension.LENGTH:
        kept = [one for one in kept if not _CHANGES_BY.search(sentence, 0, one.start)]
    if dimension is Dimension.MONEY and not kept:
        # A price-list names no currency: "a jar of honey is sold at 9".
        kept = [one for one in counts if counts_nothing(sentence, one)]
    scale = UNITS[unit][2] if unit in UNITS else ""
    # "How many years" may be answered with "16 seasons".
    return [one for one in kept if scale and one.amount.unit == scale] or kept or (counts if unit in UNITS else [])


_ANY_DIMENSION = frozenset("size rate amount sum total score quantity размер сумма сумму".split())
# "How long is" may be metres or minutes.
_FITS = {
    "length": {Dimension.LENGTH, Dimension.TIME},
    "times": {Dimension.COUNT, Dimension.RATIO},
    "раз": {Dimension.COUNT, Dimension.RATIO},
}
_FITS_DIMENSION = {Dimension.SHARE: {Dimension.SHARE, Dimension.RATIO}}


# "Had risen by 40 centimetres" tells of no height.
_CHANGES_BY = re.compile(
    r"\b(?:ris(?:e[ns]?|ing)|rose|f[ae]ll(?:en|s)?|grew|grown?|increased?|decreased?|sank|sunk|dropped|lowered|raised|moved)"
    r"\s(?:\w+\s)?by (?:about |some |only |nearly )?$",
    re.IGNORECASE,
)
# "Has run it for 31 years" tells of no age.
_LASTS = re.compile(
    r"\b(?:run|led|headed|worked|served|lived|taught|played|held|owned|managed|chaired|ruled)\b[^.;]{0,60}\bfor $"
)


def counts_nothing(sentence: str, one: AmountSpan) -> bool:
    """Return whether no noun follows a number: "paid 14,500 for the book", "lost 12 million last year"."""
    following = _NEXT_WORD.match(sentence, one.end)
    return following is None or following[1].casefold() in _NO_NOUNS


def _may_be_age(sentence: str, one: AmountSpan, unit: str) -> bool:
    """Return whether a number without a noun may be an age: "Ito, 89, said"."""
    if unit not in ("age", "возраст") or one.amount.dimension is not Dimension.COUNT:
        return False
    return _BARE.match(sentence, one.end) is not None and 0 < one.amount.low < 130


def _counts_another(sentence: str, one: AmountSpan, asked: Asked) -> bool:
    """Return whether a number counts what only tells which things are asked for: of "how many Japanese graves" it
    is not "17,000 Japanese lived". How often something was done counts no things.
    """
    noun = _NEXT_WORD.match(sentence, one.end)
    if noun is None or one.amount.dimension is not Dimension.COUNT or asked.unit is None:
        return False
    if noun[1].casefold() in _TIMES and asked.unit not in _TIMES:
        return True
    if not re.search(rf"\b{re.escape(noun[1])}['’]?\s+{re.escape(asked.unit)}\b", asked.question, re.IGNORECASE):
        return False
    # In "17,000 Japanese graves" and "300 Toyota staff" it is no noun by itself.
    after = _NEXT_WORD.match(sentence, noun.end())
    return after is None or after[1].casefold() in STOPWORDS or after[1].endswith("ed")


def is_number_of_others(sentence: str, value: Value, *, unit: str) -> bool:
    """Return whether a sentence says what its bare number counts, and it is not the unit: "the number of seats was
    cut to 18,000" tells of no signatures.
    """
    told = _NUMBER_OF.search(sentence, 0, value.start)
    counted = next((word for word in words(told[1]) if is_plural(word)), None) if told else None
    is_bare = _BARE.match(sentence, value.end) is not None
    return counted is not None and is_bare and not _is_alike(counted, unit)


def counts_others(sentence: str, value: Value, *, unit: str) -> bool:
    """Return whether the noun of a number is another one than the unit, which the sentence does not have."""
    if stem(unit) in stems(sentence) or (dimension_of(unit) or Dimension.COUNT) is not Dimension.COUNT:
        return False
    noun = _COUNTED.match(sentence, value.end)
    following = [word.casefold() for word in noun.groups() if word] if noun else []
    counted = next((word for word in following if word not in STOPWORDS and is_plural(word)), None)
    return is_number_of_others(sentence, value, unit=unit) or (
        counted is not None and not _is_alike(counted, unit)
    )


def _is_alike(noun: str, unit: str) -> bool:
    """Return whether two nouns may count the same: people are told as many things, and so is work."""
    return stem(noun) == stem(unit) or any({noun, unit} <= kind for kind in _ALIKE)


def _counts(sentence: str, one: AmountSpan, unit: str) -> bool:
    following = content_words(sentence[one.end : one.end + 60])[:_NOUN_WITHIN]
    return any(stem(word) == stem(unit) for word in following)


def _anything(sentence: str, asked: Asked, published: date | None) -> list[Value]:
    """Return names, titles, quantities and times: what "what" asks for may be any of them."""
    found = [
        *_titles(sentence, asked, published),
        *_amounts(sentence, asked, published),
        *_times(sentence, asked, published),
    ]
    return sorted(found, key=lambda one: one.start)


def _polarity(sentence: str, asked: Asked, published: date | None) -> list[Value]:
    """Return whether the clause that shares most words with the question states or denies."""
    del published
    focus = {stem(word) for word in asked.focus}
    best, most = (0, len(sentence)), -1
    start = 0
    for end in [*(match.start() for match in _CLAUSE_ENDS.finditer(sentence)), len(sentence)]:
        shared = len(focus & {stem(word) for word in content_words(sentence[start:end])})
        if shared > most:
            best, most = (start, end), shared
        start = end
    text = sentence[slice(*best)]
    affirms = len(_DENIES.findall(text)) % 2 == 0
    return [Value(ValueKind.POLARITY, *best, text, Polarity(affirms))] if text.strip() else []


_Finder: TypeAlias = Callable[[str, Asked, date | None], Iterable[Value]]
_FINDERS: dict[AnswerKind, _Finder] = {
    AnswerKind.PERSON: _names,
    AnswerKind.SPEAKER: _names,
    AnswerKind.PLACE: _places,
    AnswerKind.NAME: _titles,
    AnswerKind.LIST: _titles,
    AnswerKind.DATE: _times,
    AnswerKind.NUMBER: _amounts,
    AnswerKind.YES_NO: _polarity,
    AnswerKind.OTHER: _anything,
}


def agree(one: Value, other: Value) -> Agreement:
    """Return how two values stand to each other; the order does not matter."""
    return agree_keys(one.key, other.key)


def _vagueness(value: Value) -> tuple[float, float]:
    key = value.key
    if isinstance(key, Amount):
        return (key.hedge is not Hedge.EXACT, (key.high - key.low) + key.step)
    if isinstance(key, Period):
        return (0, (key.last - key.first).days)
    if isinstance(key, Name):
        return (0, -len(key.head) - len(key.tail))
    return (1, 0)


def cluster(found: Sequence[Value]) -> list[Cluster]:
    """Return groups of values that agree, in the order of their first values.

    A value joins a group when it is the same as or compatible with one of its values and different from none;
    groups that hold the same value come before groups that hold a compatible one. Quadratic in the values.
    """
    groups: list[list[Value]] = []
    for value in found:
        best: list[Value] | None = None
        strongest = 0
        for group in groups:
            strength = _strength(value, group)
            if strength > strongest:
                best, strongest = group, strength
        if best is None:
            groups.append([value])
        else:
            best.append(value)
    return [Cluster(tuple(group)) for group in groups]


def _strength(value: Value, group: list[Value]) -> int:
    """Return 2 where the group holds the same value, 1 where a compatible one, 0 where it has no place in it."""
    found = {agree(value, other) for other in group}
    if Agreement.DIFFERENT in found:
        return 0
    return 2 if Agreement.SAME in found else int(Agreement.COMPATIBLE in found)
