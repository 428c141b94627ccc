"""Does this quote support this sentence? Knows text only: numbers, names, negation, shared words.

These checks catch the distortions that matter in news. They cannot tell a wrong relation between the right
words; a trained reader tells some (and see rag.shortening).
"""

import re

from rag.stems import stem, stems
from rag.text import content_words, names, numbers, words

# A sentence may say less than its quote but not much more: this share of its words must be in the quote.
MIN_COVERED = 0.7

_DIGITS = {
    word: str(value)
    for value, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
}
_NUMBER_WORDS = frozenset(_DIGITS) | frozenset(
    """
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty
    ninety hundred hundreds thousand thousands million millions billion billions trillion trillions dozen dozens
    half quarter twice double triple first second third fourth fifth sixth seventh eighth ninth tenth
    """.split()
)
# Names that `names` takes for stop words: a month, a surname, a first name.
_LIKE_STOP_WORDS = re.compile(r"(?<=\s)(?:May|Will)\b")
# Capitalised only because they open a sentence; any other first word may be a name.
_OPENERS = frozenset(
    """
    according additionally although currently despite experts however meanwhile moreover officials overall people
    researchers scientists since similarly still therefore though thus unlike until while yes yet
    """.split()
)

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot|den(?:y|ies|ied)|refus(?:e|es|ed)|"
    r"reject(?:s|ed)?|fail(?:s|ed)?|unable|не|нет|ни|никогда|без)\b|n['’]t\b",
    re.IGNORECASE,
)

# What is told of a name between commas: "Peskov, the spokesman of the Kremlin, said".
_APPOSITION = re.compile(
    r"[A-ZА-ЯЁ][\w’'-]+, ((?:(?:the|an?|its|his|her|their)\b|[A-Z][\w-]*(?:['’]s?|s['’])\s)[^,;:.!?]+),"
)


def supports(sentence: str, quote: str, *, header: str = "") -> bool:
    """Return True where every number and name of `sentence` is in the quote or its header (title, date), what it
    tells of a name stands together there, both agree in negation, and most of its words are there too.
    """
    evidence = f"{header}\n{quote}"
    if not facts_hold(sentence, evidence) or bool(_NEGATION.search(sentence)) != bool(_NEGATION.search(quote)):
        return False
    said, wanted = stems(evidence), stems(sentence)
    if not all(_stands_together(stems(told), said) for told in _APPOSITION.findall(sentence)):
        return False
    known = set(said)
    return bool(wanted) and sum(stem in known for stem in wanted) / len(wanted) >= MIN_COVERED


def _stands_together(wanted: list[str], said: list[str]) -> bool:
    """Return whether all stems are among twice as many that follow each other."""
    size = 2 * len(wanted)
    return any(set(wanted) <= set(said[at : at + size]) for at in range(max(1, len(said) - size + 1)))


def facts_hold(sentence: str, evidence: str) -> bool:
    """Return True where every number and name of `sentence` is in the evidence; more words never mend a False."""
    if not numbers(sentence) <= numbers(evidence) or not _number_words_hold(sentence, evidence):
        return False
    known = set(stems(evidence))
    if not all(stem(name) in known for name in names(sentence) | _first_name(sentence)):
        return False
    return set(_LIKE_STOP_WORDS.findall(sentence)) <= set(_LIKE_STOP_WORDS.findall(f" {evidence}"))


def _number_words_hold(sentence: str, evidence: str) -> bool:
    """Return True where each number word ("million", "seven") is in the evidence, there also as digits."""
    there = numbers(evidence) | _single_words(evidence)
    said = _single_words(sentence) & _NUMBER_WORDS
    return all(word in there or _DIGITS.get(word) in there for word in said)


def _single_words(text: str) -> set[str]:
    return {part for word in words(text) for part in word.split("-")}


def _first_name(sentence: str) -> set[str]:
    """Return the first word, which `names` passes over, where it may be a name."""
    first = words(sentence)[:1]
    return {word for word in content_words(" ".join(first)) if word not in _OPENERS}
