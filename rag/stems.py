"""Words without their endings: "visited" and "visits" meet, "министра" and "министр" too, "defence" and "defense".

Snowball's English stemmer for Latin words and its Russian one for Cyrillic. Knows words only.
"""

import re
import threading
from functools import cache, lru_cache
from typing import Protocol

from rag.text import content_words


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802


_ISE = (
    "organ|reorgan|recogn|real|critic|apolog|emphas|author|modern|normal|central|decentral|liberal|special|legal|"
    "stabil|destabil|mobil|summar|privat|national|minim|maxim|util|capital|colon|general|neutral|symbol|visual|final"
)
# How British spelling becomes American. What is no such word ("contour") is changed too, wherever it stands; of
# "-ise" only verbs that both spell, since "revise" and "revision" have to meet.
_AMERICAN = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"(?<=[a-z]{3})our(?=(?:s|ed|ing|ite|ites|itism|able|hood|ful|ly|er|ers|al)?$)", "or"),
        (r"(?<=[a-z]{3})isation(?=s?$|al)", "ization"),
        (rf"^({_ISE})is(?=(?:es?|ed|ing|ers?)$)", r"\1iz"),
        (r"(?<=^def|^off|^lic)enc(?=(?:es?|ed|ing)$)", "ens"),
        (r"^pretenc(?=es?$)", "pretens"),
        (r"(?<=[a-z]{2})tre(?=s?$)", "ter"),
        (r"(?<=gr)amme(?=s?$)", "am"),
        (r"^grey(?=s?$)", "gray"),
        (r"^cheque(?=s?$)", "check"),
        (r"^tyre(?=s?$)", "tire"),
        (r"^plough", "plow"),
        (r"^aeroplane", "airplane"),
    )
)
# Snowball's stemmers keep the word they work on: one thread at a time.
_one_at_a_time = threading.Lock()


def stems(text: str) -> list[str]:
    """Return the stems of the content words, in order."""
    return [stem(word) for word in content_words(text)]


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the stem of one case-folded word, of a British one that of its American spelling."""
    language = "russian" if "а" <= word[:1] <= "я" else "english"
    if language == "english":
        word = american(word)
    with _one_at_a_time:
        return _stemmer(language).stemWord(word)


@lru_cache(maxsize=1 << 16)
def american(word: str) -> str:
    """Return one case-folded word as it is spelt in America."""
    for british, spelt in _AMERICAN:
        word = british.sub(spelt, word)
    return word


@cache
def _stemmer(language: str) -> _Stemmer:
    import snowballstemmer

    found: _Stemmer = snowballstemmer.stemmer(language)
    return found
