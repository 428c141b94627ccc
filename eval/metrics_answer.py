"""Does an answer hold what a right answer holds? Exact match, token F1, and groups of strings.

Knows strings only; knows no case, no record, and no meaning: "three" is not "3" here.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_ARTICLES = frozenset(("a", "an", "the"))


# As SQuAD counts


def normalised(text: str) -> str:
    """Return `text` in lower case without punctuation and articles, with single spaces.

    The rules of the SQuAD script (Rajpurkar et al. 2016). It knows ASCII punctuation only; here typographic
    marks go too, as MLQA does it (Lewis et al. 2020), since quoted news is full of them.
    """
    kept = (char for char in text.lower() if not _is_punctuation(char))
    return " ".join(word for word in "".join(kept).split() if word not in _ARTICLES)


def _is_punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char).startswith("P")


def exact_match(answer: str, golds: Sequence[str]) -> float:
    """Return 1.0 where the answer is one of the gold strings after `normalised`, else 0.0.

    Rajpurkar et al., SQuAD (2016).
    """
    return float(any(normalised(answer) == normalised(gold) for gold in golds))


def token_f1(answer: str, golds: Sequence[str]) -> float:
    """Return the best F1 = 2PR / (P + R) over the gold strings, with words counted as often as they occur.

    P is the share of the answer's words that are in the gold string, R the share of the gold string's words that
    are in the answer. Rajpurkar et al., SQuAD (2016). Two empty strings are equal (1.0). Without golds 0.0.
    """
    return max((_f1(normalised(answer).split(), normalised(gold).split()) for gold in golds), default=0.0)


def best_claim_f1(claims: Sequence[str], golds: Sequence[str]) -> float:
    """Return the best `token_f1` of any one sentence of the answer; 0.0 where there is none."""
    return max((token_f1(claim, golds) for claim in claims), default=0.0)


def _f1(said: Sequence[str], gold: Sequence[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    shared = sum((Counter(said) & Counter(gold)).values())
    return 2 * shared / (len(said) + len(gold))


# As a reader would find it

_NOT_DECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ё": "е"})
_COMPATIBILITY = re.compile("[ﬀ-ﬆ！-～]+")
_LATIN_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_RAISED = re.compile("[\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+")
_SPACES = r"[ \u00a0\u2007\u2009\u202f]"
# "4,900", "4 900", "4'900" and "1.000.000": groups of three digits; one dot alone may be a decimal point.
_GROUPED = re.compile(
    rf"(?<![\d.,])\d{{1,3}}(?:(?:,\d{{3}})+|(?:{_SPACES}\d{{3}})+|(?:['’]\d{{3}})+|(?:\.\d{{3}}){{2,}})(?!\d)"
)
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d]|[.,]\d)")
_DOTTED_DATE = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d|\.\d)")
_PERCENT = re.compile(r"(?<![^\W\d_])(?:per\s?cent|pct|процент(?:а|ов|ы|ам|ами|ах)?)(?!\w)")
# "U.S.", "U.S" and "J. K.", but not the end of "plan B. A year later".
_INITIALS = re.compile(r"(?<!\w)(?:(?:[^\W\d_]\. ?)+[^\W\d_]\.|(?:[^\W\d_]\.)+[^\W\d_](?!\w))")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\w)")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")
_TOKEN = re.compile(r"\d+(?:[.:]\d+|/\d{1,2}(?![\d/]))*[^\W_]*|[^\W_]+|%")


@lru_cache(maxsize=4096)
def folded(text: str) -> tuple[str, ...]:
    """Return the words, numbers and percent signs of `text` in the one form in which `holds` compares them.

    Case, Latin accents (and ё), punctuation and possessive endings go; hyphens separate words. A number is one
    word: "4,900", "4 900" and "4900" are the same, so are "3,5" and "3.5", and "percent" and "%".
    """
    text = text.casefold()
    if not text.isascii():
        text = _COMPATIBILITY.sub(lambda match: unicodedata.normalize("NFKC", match.group()).casefold(), text)
        text = _LATIN_ACCENTS.sub("", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text).translate(_NOT_DECOMPOSED)
        text = _RAISED.sub(" ", text)
    text = _GROUPED.sub(lambda match: re.sub(r"\D", "", match.group()), text)
    text = _DECIMAL_COMMA.sub(r"\1.\2", text)
    text = _DOTTED_DATE.sub(r"\1 \2 \3", text)
    text = _PERCENT.sub(" % ", text)
    text = _INITIALS.sub(lambda match: re.sub(r"[. ]", "", match.group()) + " ", text)
    text = _APOSTROPHE.sub("", _POSSESSIVE.sub("", text))
    return tuple(_TOKEN.findall(text.replace(" & ", " and ")))


def holds(answer: str, wanted: str) -> bool:
    """Return True where the words of `wanted` stand in the answer one after another, as `folded` writes them.

    Whole words only: "3" is neither in "13" nor in "3.5" nor in "4 300". An article before `wanted` is not
    needed. A percent sign is needed only where `wanted` has one.
    """
    words = folded(wanted)
    if len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    said = folded(answer)
    return bool(words) and any(
        said[start : start + len(words)] == words for start in range(len(said) - len(words) + 1)
    )


def groups_met(answer: str, expected: Sequence[Sequence[str]]) -> float:
    """Return the share of groups of which the answer holds at least one string; 1.0 where there is no group."""
    if not expected:
        return 1.0
    return sum(_holds_any(answer, group) for group in expected) / len(expected)


def right(answer: str, expected: Sequence[Sequence[str]], *, forbidden: Sequence[str] = ()) -> float:
    """Return 1.0 where the answer holds a string of every group and no forbidden one, else 0.0."""
    return float(groups_met(answer, expected) == 1.0 and not _holds_any(answer, forbidden))


def _holds_any(answer: str, strings: Sequence[str]) -> bool:
    return any(holds(answer, wanted) for wanted in strings)
