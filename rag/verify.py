"""Does this quote support this sentence? Knows text only: numbers, names, negation, shared words.

These checks catch the distortions that matter in news. They cannot tell a wrong relation between the right
words; a trained reader does that.
"""

import re

from rag.text import content_words, names, numbers

# A sentence may say less than its quote but not much more: this share of its words must be in the quote.
MIN_COVERED = 0.7

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot|den(?:y|ies|ied)|refus(?:e|es|ed)|"
    r"reject(?:s|ed)?|fail(?:s|ed)?|unable|не|нет|ни|никогда|без)\b|n['’]t\b",
    re.IGNORECASE,
)


def supports(sentence: str, quote: str, *, header: str = "") -> bool:
    """Return True where every number and name of `sentence` is in the quote or its header (title, date),
    both agree in negation, and most of its words are there too.
    """
    evidence = f"{header}\n{quote}"
    if not numbers(sentence) <= numbers(evidence):
        return False
    known = set(_stems(evidence))
    if not all(_stem(name) in known for name in names(sentence)):
        return False
    if bool(_NEGATION.search(sentence)) != bool(_NEGATION.search(quote)):
        return False
    wanted = _stems(sentence)
    return bool(wanted) and sum(stem in known for stem in wanted) / len(wanted) >= MIN_COVERED


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in content_words(text)]


def _stem(word: str) -> str:
    """Cut common English endings so that "visitors" meets "visited"; five letters are kept."""
    return re.sub(r"(?<=\w{5})(?:ings?|ions?|ors?|ers?|ed|es|s|ly)$", "", word)
