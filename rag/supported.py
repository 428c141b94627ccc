"""When a sentence may stand for a quote, and how it is shown: the last gate before a person reads it.

Knows sentences, quotes and the trained judge; knows no generator.
"""

from rag.protocols import Judge
from rag.shortening import only_words_of, shortens
from rag.speakers import attributed, told
from rag.text import one_line
from rag.types import Claim, Quote
from rag.verify import supports

# The probability from which a quote is taken to support a sentence.
_SUPPORTED = 0.5


def quoted(quote: Quote) -> Claim:
    """Return the quote as a claim of its own, with its speaker where it is somebody's words."""
    return Claim(attributed(quote), (quote,), verbatim=True)


def said(sentence: str, quote: Quote) -> Claim:
    """Return a sentence as a claim that rests on a quote, with the quote's speaker where it does not name them."""
    if sentence == one_line(quote.text):
        return quoted(quote)
    return Claim(told(sentence, quote), (quote,), verbatim=False)


def is_supported(sentence: str, quote: Quote) -> bool:
    """Return whether numbers, names, negation and most words of the sentence are in its quote or its header."""
    return supports(sentence, quote.text, header=_header(quote))


def is_shortened(sentence: str, quote: Quote) -> bool:
    """Return whether a sentence is supported and only leaves parts of its quote out."""
    return is_supported(sentence, quote) and shortens(sentence, quote.text)


def can_be_shortened(begun: str, quote: Quote) -> bool:
    """Return whether a sentence that begins so may still turn out to be its quote shortened: all its whole words
    are there.
    """
    return only_words_of(quote.text, begun[: begun.rfind(" ") + 1])


def _header(quote: Quote) -> str:
    # Of the date only the year: its day and month would pass for any other number of the sentence.
    year = quote.source.published.year if quote.source.published else ""
    who = f"{quote.speaker.name} {quote.speaker.role or ''}" if quote.speaker else ""
    return f"{quote.source.title} {year} {who}"


def is_judged_supported(sentence: str, quote: Quote, *, judge: Judge) -> bool:
    """Return whether the trained reader takes the sentence to follow from its quote; a part of the quote does."""
    if one_line(sentence).rstrip(".") in one_line(quote.text):
        return True
    (support,) = judge.support([(sentence, f"{quote.source.title}. {one_line(quote.text)}")])
    return support >= _SUPPORTED
