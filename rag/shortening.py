"""Does a sentence do nothing but leave parts of its quote out? Knows text only.

A small generator that writes in words of its own says what no quote says, and no check of words sees enough of it.
What is left of a quote when whole parts between commas are taken out, the quote says too.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from rag.text import WORD

_BREAK = re.compile(r"[,;:()\[\]–—…]|\s-+\s|\.\.\.")
_ARTICLES = frozenset({"a", "an", "the"})
# A part with one of these bounds, denies, doubts or ascribes what stands beside it: without it more would be said.
_BOUNDS = frozenset(
    """
    not no never none nobody nothing without neither nor cannot hardly scarcely rarely seldom may might could would
    should can if unless until although though except but allegedly reportedly alleged reported
    supposedly possibly probably perhaps likely unlikely expected believed according said says say claimed claims
    claim denied denies told tells added wrote argued about almost nearly only under least most more less fewer up
    some half partly former formerly planned proposed intended hopes wants deputy vice acting
    не ни нет никогда без если возможно вероятно якобы может могут мог могла могли бы хотя но только
    сообщил сообщила сообщили заявил заявила заявили сказал сказала словам мнению почти около более менее бывший
    бывшая исполняющий
    """.split()
)

Part = tuple[str, ...]


def shortens(sentence: str, quote: str) -> bool:
    """Return True where a sentence has whole parts of its quote (what stands between commas, brackets and dashes),
    word by word and in the same order, but for the first parts, which may have moved to the end; none that is left
    out says on what terms, how surely or by whom the others are said.
    """
    kept = tuple(_bare(sentence))
    parts = _parts(quote)
    for first in range(len(parts)):
        moved = tuple(chain.from_iterable(parts[:first]))
        is_at_end = not moved or (len(moved) < len(kept) and kept[-len(moved) :] == moved)
        if is_at_end and _is_left_of(parts[first:], kept[: len(kept) - len(moved)]):
            return True
    return False


def only_words_of(quote: str, begun: str) -> bool:
    """Return True where a sentence that begins so has no word that its quote lacks, but for articles."""
    return set(_bare(begun)) <= set(_bare(quote))


def _is_left_of(parts: Sequence[Part], kept: Part) -> bool:
    """Return whether `kept` is what is left of `parts` when some, all without bounds, are taken out."""
    if not kept:
        return False
    at = 0
    for part in parts:
        if kept[at : at + len(part)] == part:
            at += len(part)
        elif not _BOUNDS.isdisjoint(part) or any(word.endswith(("n't", "n’t")) for word in part):
            return False
    return at == len(kept)


def _bare(text: str) -> Iterator[str]:
    """Yield the words but for articles."""
    return (word for match in WORD.finditer(text) if (word := match.group().casefold()) not in _ARTICLES)


def _parts(text: str) -> list[Part]:
    """Return the words of each part of a sentence, never none."""
    found = list(WORD.finditer(text))
    made: list[list[str]] = [[]]
    for match, following in pairwise([*found, None]):
        assert match is not None
        if (word := match.group().casefold()) not in _ARTICLES:
            made[-1].append(word)
        if following is not None and _BREAK.search(text, match.end(), following.start()):
            made.append([])
    return [tuple(part) for part in made if part]
