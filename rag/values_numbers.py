"""The quantities that a sentence names, as values that can be compared: "6 million yen" is "6,000,000 yen".

Knows the words around a number (hedges, units, currencies), in English and Russian. It does not know what is
counted: that is left to the caller, who sees the words that follow.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rag.values_units import CURRENCY_SIGNS, LARGE, PARTS_OF_ONE, SMALL, UNITS, Dimension


class Hedge(StrEnum):
    """How firmly a number is meant."""

    EXACT = "exact"
    ABOUT = "about"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity from `low` to `high` (equal for a single number) in base units: shares in percent, days, metres.

    `unit` is the currency of money, the scale of a temperature, "" elsewhere: other units are converted. What only
    tells the precision takes no part in equality: the hedge, `step` (the worth of the last digit that is not a
    trailing zero) and the unit as written.
    """

    low: float
    high: float
    dimension: Dimension
    unit: str = ""
    hedge: Hedge = field(default=Hedge.EXACT, compare=False)
    step: float = field(default=1.0, compare=False)
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AmountSpan:
    """A quantity with its place, hedge and unit included; `core` is where the digits begin."""

    start: int
    end: int
    core: int
    amount: Amount


_VULGAR = {"½": 0.5, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 0.25, "¾": 0.75, "⅛": 0.125}
_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9}
_PLURALS = {"dozens": 12.0, "hundreds": 100.0, "thousands": 1e3, "millions": 1e6, "billions": 1e9}
# The hedge may have an article or "of" behind it.
_HEDGES = {
    Hedge.BELOW: "no more than|not more than|less than|fewer than|a little under|a little less than|just under|"
    "just short of|up to|at most|nearly|almost|under|below|не более|менее|меньше|почти|до",
    Hedge.ABOVE: "no less than|no fewer than|not less than|at least|more than|a little over|just over|over|"
    "above|exceeding|exceeds|exceeded|upwards of|topped|не менее|не меньше|более|больше|свыше|как минимум",
    Hedge.ABOUT: "about|around|roughly|approximately|approx.|approx|some|circa|c.|ca.|close to|an estimated|"
    "estimated|as many as|as much as|примерно|около|приблизительно|порядка",
}


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


_WORD = _any([*SMALL, *LARGE, *_PLURALS])
_DIGITS = (
    r"(?:(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)"
    r"[½⅓⅔¼¾⅛]?|[½⅓⅔¼¾⅛])"
)
_WORD_JOIN = "(?:[ -]|(?:(?<=hundred)|(?<=thousand)|(?<=million)) and |(?<=s) of )"
_IN_DIGITS = re.compile(
    # A number behind a letter and a dash belongs to a name: "Sakhalin-2".
    rf"(?<![\w.,/:])(?<![^\W\d][-–])(?:(?P<sign>{_any(CURRENCY_SIGNS)})\s?)?(?P<minus>[-−])?(?P<digits>{_DIGITS})"
    rf"(?:(?P<suffix>[kmb])(?![\w²³])|(?P<large>(?:[ \u00a0-]?{_any(LARGE)}(?!\w)){{0,2}}))",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"(?<![\w-])(?:(?P<half>half) )?(?:an? )?(?P<words>{_WORD}(?:{_WORD_JOIN}{_WORD}){{0,8}})(?!\w)",
    re.IGNORECASE,
)
_FEW = rf"(?:{_any(SMALL)}|\d{{1,3}})"
_FRACTION = re.compile(
    rf"(?<![\w-])(?:(?P<tops>one|two|three|four|five|seven|nine|две|три|\d)[ -](?P<parts>{_any(PARTS_OF_ONE)})\b"
    r"|(?:(?:a )?(?P<half>half) (?=of |the |its |their |his |her |all )|(?<=by )(?P<by_half>half)\b)"
    r"|an? (?P<part>third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)(?=\s?(?:of |[.,;:!?)]|$))"
    r"|(?<=by )an? (?P<by_part>third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)\b"
    r"|(?P<whole_word>половин[аыу]|треть|четверть)\b)"
    r"|(?<![\w/.,])(?P<top>\d{1,2})/(?P<bottom>\d{1,2})(?![\d/])"
    rf"|(?<![\w-])(?P<some>{_FEW}) (?:in|out of|из) (?:every )?(?P<all>{_FEW})(?!\w|[,.]\d| percent|%)",
    re.IGNORECASE,
)
_PARTS_ALONE = ("half", "by_half", "part", "by_part", "whole_word")
_RATIO = re.compile(
    r"\b(?:(?P<two>twice|doubl(?:ed|es?|ing)|вдвое|дважды|удвои\w*)|(?P<three>tripl(?:ed|es?|ing)|thrice|втрое|трижды|утрои\w*)"
    rf"|(?P<folds>{_FEW}(?:[.,]\d)?)"
    r"(?:-?fold\b| times (?=as|more|higher|larger|bigger|greater|less|the|than)| раза?\b))",
    re.IGNORECASE,
)
_HEDGE_OF = {phrase: hedge for hedge, phrases in _HEDGES.items() for phrase in phrases.split("|")}
_HEDGE_BEFORE = re.compile(
    rf"(?:(?<!\w)(?P<hedge>{_any(_HEDGE_OF)})\s(?:(?:a|an|the|of)\s)?|(?P<sign>[~≈]))$", re.IGNORECASE
)
_HEDGE_AFTER = re.compile(r"(?:\+|[ -]plus\b| or more\b)|(?P<so> or so\b|-odd\b)| or (?P<less>less|fewer)\b")
_WINDOW = 24
# "Two thirds" may stand for 66 to 67 percent.
_FRACTION_STEP = 2.0
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"[\d½⅓⅔¼¾⅛]")
_NUMBER_WORDS = frozenset([*SMALL, *LARGE, *_PLURALS, *PARTS_OF_ONE])
_RATIO_PARTS = (
    "twice",
    "doubl",
    "tripl",
    "thrice",
    "fold",
    "times",
    "раз",
    "вдвое",
    "втрое",
    "дважды",
    "трижды",
    "удвои",
    "утрои",
)
_UNIT_AFTER = re.compile(
    rf"\s?-?(?:(?:US|U\.S\.|American|Canadian|Australian|Japanese|Russian|full|consecutive)\s)?"
    rf"(?P<unit>{_any(UNITS)})(?![\w²³])(?:[ -]old\b)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?[-–—]\s?|\s(?:to|or|and|до|или|и)\s")
_FROM, _BETWEEN = (
    re.compile(r"\b(?:from|с|от)\s$", re.IGNORECASE),
    re.compile(r"\b(?:between|между)\s$", re.IGNORECASE),
)
_LABELS = re.compile(
    r"(?:\b(?:no\.?|nos\.?|number|article|chapter|section|page|route|highway|flight|room|figure|table|part|volume|"
    r"season|episode|статья|глава|стр\.|номер)\s|[#№]\s?|\[)$",
    re.IGNORECASE,
)
_NO_COUNT_AFTER = re.compile(r":\d|\]|(?:st|nd|rd|th)\b|\s?[ap]\.?m\b|-(?:й|е|м|го|х|я|ю|ми)\b|/\d", re.IGNORECASE)
# "One of them", "this one", "one day": no count of anything.
_ONE = frozenset("one один одного одна одну одной".split())
_PRONOUN_BEFORE = re.compile(
    r"\b(?:no|this|that|the|each|every|any|which|some|only|another|first|last)\s$", re.IGNORECASE
)
_PRONOUN_AFTER = re.compile(
    r"\s(?:of|another|day|who|that|whose|thing|can|may|might|must|would|из)\b|-|[’']s", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Read:
    """A number as it was read: `factor` is what "million" stands for; `end` is before the unit."""

    start: int
    end: int
    value: float
    step: float
    factor: float
    currency: str


def amounts(text: str) -> list[AmountSpan]:
    """Return the quantities of a sentence in order, without overlap. Years and house numbers look like counts."""
    folded = _fold(text)
    has_words = not _NUMBER_WORDS.isdisjoint(_LETTERS.findall(folded))
    has_ratio = any(part in folded for part in _RATIO_PARTS)
    if not has_words and not has_ratio and _DIGIT.search(text) is None:
        return []
    found = [*(_ratios(text) if has_ratio else ()), *_fractions(text)]
    taken = [(other.core, other.end) for other in found]
    read = sorted(_read(text, has_words=has_words), key=lambda one: one.start)
    free = [one for one in read if not any(one.start < end and start < one.end for start, end in taken)]
    return sorted([*found, *_measured(text, free)], key=lambda one: one.start)


def _read(text: str, *, has_words: bool) -> Iterator[_Read]:
    for match in _IN_DIGITS.finditer(text):
        start, end = match.span()
        if not (_LABELS.search(text[max(0, start - 12) : start]) or _NO_COUNT_AFTER.match(text, end)):
            yield _read_digits(match)
    for match in _IN_WORDS.finditer(text) if has_words else ():
        start, end = match.span()
        is_large = _fold(match["words"].split()[0]) in LARGE
        if is_large and text[max(0, start - 2) : start - 1].isdecimal():  # the "million" of "6 million"
            continue
        if not _is_pronoun(match["words"], text[max(0, start - 10) : start], text[end : end + 10]):
            value = _of_words(match["words"]) * (0.5 if match["half"] else 1.0)
            factor = LARGE.get(_fold(match["words"].split()[-1]), 1.0)
            yield _Read(start, end, value, _step(f"{value:.0f}"), factor, "")


def _read_digits(match: re.Match[str]) -> _Read:
    digits, vulgar = match["digits"], _VULGAR.get(match["digits"][-1], 0.0)
    plain = _plain(digits[:-1] if vulgar else digits) or "0"
    factor = _SUFFIXES[_fold(match["suffix"])] if match["suffix"] else 1.0
    for word in re.findall(r"[^\W\d_]+", match["large"] or ""):
        factor *= LARGE[_fold(word)]
    value = float(f"{(float(plain) + vulgar) * factor:.12g}") * (-1 if match["minus"] else 1)
    step = (0.5 if vulgar else _step(plain)) * factor
    currency = CURRENCY_SIGNS[_fold(match["sign"])] if match["sign"] else ""
    return _Read(*match.span(), value, step, factor, currency)


def _plain(digits: str) -> str:
    """Return the digits as Python reads them: "4,900" is 4900, "3,7" is 3.7, "1.250.000" is 1250000."""
    joined = re.sub(r"[ \u00a0\u202f]", "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", joined):
        return joined.replace(",", "")
    if joined.count(".") + joined.count(",") > 1:
        return re.sub(r"[.,]", "", joined)
    return joined.replace(",", ".")


def _step(plain: str) -> float:
    """Return the worth of the last digit that is not a trailing zero: 100 for "4900", 0.1 for "3.7"."""
    if "." in plain:
        return float(10 ** -len(plain.split(".")[1]))
    return float(10 ** min(len(plain) - len(plain.rstrip("0")), max(0, len(plain) - 1), 300))


def _fold(word: str) -> str:
    # `re.IGNORECASE` also finds the dotted and the dotless i of Turkish, which casefold leaves alone.
    return word.casefold().replace("\u0307", "").replace("ı", "i")


def _of_words(words: str) -> float:
    total = current = 0.0
    for word in re.findall(r"[^\W\d_]+", _fold(words)):
        worth = LARGE.get(word) or _PLURALS.get(word) or 0.0
        if word in SMALL:
            current += SMALL[word]
        elif worth in (12.0, 100.0):  # two dozen, two hundred thousand
            current = (current or 1) * worth
        elif worth:
            total, current = total + (current or 1) * worth, 0.0
    return total + current


def _is_pronoun(words: str, before: str, after: str) -> bool:
    if _fold(words) not in _ONE:
        return False
    return bool(_PRONOUN_BEFORE.search(before) or _PRONOUN_AFTER.match(after))


def _measured(text: str, read: list[_Read]) -> Iterator[AmountSpan]:
    """Give each number its unit and hedge; two ends of a range are one quantity."""
    at = 0
    while at < len(read):
        one = read[at]
        after = read[at + 1] if at + 1 < len(read) else None
        joint = _RANGE.fullmatch(text, one.end, after.start) if after else None
        at += 1
        if after is None or joint is None or _unit_after(text, one)[0]:
            yield _amount(text, one)
            continue
        one = _first_of_two(one, after)
        if one.value < after.value and _is_range(text, one, joint.group()):
            yield _amount(text, one, last=after)
            at += 1
        else:
            yield _amount(text, one, unit=_unit_after(text, after)[0])


def _first_of_two(one: _Read, after: _Read) -> _Read:
    """Return the first number with what stands only behind the second: "5 to 6 million"."""
    if one.factor == 1.0 < after.factor and one.value * after.factor <= after.value:
        one = replace(one, value=one.value * after.factor, step=one.step * after.factor)
    return replace(one, currency=one.currency or after.currency)


def _is_range(text: str, one: _Read, joint: str) -> bool:
    """Return whether "10 to 20" is one quantity; "from 10 to 20" is a change, "10 and 20" are two things."""
    before = text[max(0, one.start - 9) : one.start]
    if joint.strip() in ("and", "и"):
        return _BETWEEN.search(before) is not None
    return _FROM.search(before) is None


def _unit_after(text: str, one: _Read) -> tuple[str | None, int]:
    match = _UNIT_AFTER.match(text, one.end)
    return (_fold(match["unit"]), match.end()) if match else (None, one.end)


def _amount(text: str, one: _Read, *, last: _Read | None = None, unit: str | None = None) -> AmountSpan:
    """Return the quantity with its unit; `unit` is one that stands behind the next number."""
    found, end = _unit_after(text, last or one)
    dimension, worth, scale = UNITS.get(unit or found or "", (Dimension.COUNT, 1.0, ""))
    if one.currency:
        dimension, worth, scale = Dimension.MONEY, 1.0, one.currency
    low, high = (float(f"{part.value * worth:.12g}") for part in (one, last or one))
    start, end, hedge = _hedged(text, one.start, end)
    step = min(one.step, last.step if last else one.step) * worth
    return AmountSpan(start, end, one.start, Amount(low, high, dimension, scale, hedge, step, unit or found or ""))


def _hedged(text: str, start: int, end: int) -> tuple[int, int, Hedge]:
    """Widen a span by its hedge: "nearly 500", "500 or more"."""
    before = _HEDGE_BEFORE.search(text[max(0, start - _WINDOW) : start])
    if before is not None:
        hedge = _HEDGE_OF[_fold(before["hedge"])] if before["hedge"] else Hedge.ABOUT
        return start - len(before.group()), end, hedge
    after = _HEDGE_AFTER.match(text, end)
    if after is not None:
        return start, after.end(), Hedge.ABOUT if after["so"] else Hedge.BELOW if after["less"] else Hedge.ABOVE
    vague = _fold(text[start:end].split(" ")[0]) in _PLURALS
    return start, end, Hedge.ABOUT if vague else Hedge.EXACT


def _fractions(text: str) -> Iterator[AmountSpan]:
    for match in _FRACTION.finditer(text):
        top, bottom = _top_and_bottom(match)
        if 0 < top < bottom:
            start, end, hedge = _hedged(text, match.start(), len(match.group().rstrip()) + match.start())
            share = float(f"{100 * top / bottom:.6g}")
            yield AmountSpan(
                start, end, match.start(), Amount(share, share, Dimension.SHARE, "", hedge, _FRACTION_STEP)
            )


def _top_and_bottom(match: re.Match[str]) -> tuple[float, float]:
    if match["tops"]:
        return _few(match["tops"]), PARTS_OF_ONE[_fold(match["parts"])]
    if match["some"]:
        return _few(match["some"]), _few(match["all"])
    if match["top"]:
        return float(match["top"]), float(match["bottom"])
    return 1.0, PARTS_OF_ONE[_fold(next(filter(None, map(match.group, _PARTS_ALONE))))]


def _few(word: str) -> float:
    folded = _fold(word)
    return SMALL[folded] if folded in SMALL else float(folded.replace(",", "."))


def _ratios(text: str) -> Iterator[AmountSpan]:
    for match in _RATIO.finditer(text):
        times = 2.0 if match["two"] else 3.0 if match["three"] else _few(match["folds"])
        start, end, hedge = _hedged(text, match.start(), match.end())
        yield AmountSpan(start, end, match.start(), Amount(times, times, Dimension.RATIO, "", hedge))
