"""Words without their endings: "visited" and "visits" meet, "министра" and "министр" too.

Snowball's English stemmer for Latin words and its Russian one for Cyrillic. Knows words only.
"""

import threading
from functools import cache, lru_cache
from typing import Protocol

from rag.text import content_words


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802


# Snowball's stemmers keep the word they work on: one thread at a time.
_one_at_a_time = threading.Lock()


def stems(text: str) -> list[str]:
    """Return the stems of the content words, in order."""
    return [stem(word) for word in content_words(text)]


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the stem of one case-folded word."""
    with _one_at_a_time:
        return _stemmer("russian" if "а" <= word[:1] <= "я" else "english").stemWord(word)


@cache
def _stemmer(language: str) -> _Stemmer:
    import snowballstemmer

    found: _Stemmer = snowballstemmer.stemmer(language)
    return found
