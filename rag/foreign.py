"""Questions in a language that the embedder was not made for: there only shared words can be relied on.

Knows texts and into how many pieces an embedder cuts them; a language that it knows, it cuts into words and stems,
any other into letters. Such a question is asked in its own words of texts in its script, and, where there is a
gloss of it, in English of the others.
"""

from collections.abc import Sequence

from rag.asked import Asked
from rag.protocols import Embedder
from rag.stems import stem, stems
from rag.text import is_cyrillic, words
from rag.types import Hit, Quote

# Of a few questions the default embedder cut an English word into 1.5 pieces, a German or French one into 1.6, a
# Russian one into 4.3 to 7.5, a Japanese one into 10.
_PIECES = 3.5
_SPECIALS = 2
# A quote in the language of the question shares so many of its words at least; of its gloss fewer: a text may have
# another word than the glossary, and the reader has its say. Of 60 questions of XQuAD 42 and 22 were answered
# right with their passage given, and with all passages but theirs 3 and 1 were answered.
_SHARED, _SHARED_OF_GLOSS = 0.4, 0.25


def is_known(text: str, embedder: Embedder) -> bool:
    """Return whether the embedder knows the words of a text."""
    count = len(words(text))
    return count == 0 or embedder.count_tokens([text])[0] - _SPECIALS <= _PIECES * count


def in_its_script(asked: Asked, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits that are written in the letters of the question."""
    return tuple(hit for hit in hits if is_cyrillic(hit.passage.text) == is_cyrillic(asked.question))


def in_its_words(asked: Asked, quotes: Sequence[Quote], *, is_gloss: bool = False) -> list[Quote]:
    """Return the quotes that are near the question in its own words, or in those of its gloss; in their order."""
    least = _SHARED_OF_GLOSS if is_gloss else _SHARED
    return [quote for quote in quotes if shared(asked, quote) >= least]


def shared(asked: Asked, quote: Quote) -> float:
    """Return the share of the words of a question that stand in a quote, 0 to 1."""
    focus = {stem(word) for word in asked.focus}
    return len(focus & set(stems(quote.text))) / len(focus) if focus else 0.0
