"""Do two quotes speak of the same thing, as far as the words of a question and the nouns of numbers tell?

Knows quotes, what is asked and spelling; that a quote answers at all is judged by others.
"""

import re
from collections.abc import Iterable

from rag.asked import AnswerKind, Asked
from rag.asked_words import is_plural
from rag.offices import same_state
from rag.opposites import tells_opposite
from rag.stems import stem, stems
from rag.text import content_words
from rag.types import Quote
from rag.values import Value, counts_others, is_number_of_others
from rag.values_numbers import Amount
from rag.values_units import Dimension

_BEHIND = re.compile(r"\s(?P<noun>[a-z]+)(?:\sof\s(?P<of>\w+))?")
# Another value counts where its quote shares at least this part of what the best quote shares with the question.
AS_NEAR = 0.75
# From another document this part is enough, but for a day: any sentence has one.
_OTHER_NEAR = 0.5


def shared_words(asked: Asked, quote: Quote) -> float:
    """Return how many words of the question stand in a quote or its title, "Japanese" for "Japan" too."""
    said, named = _words(quote), _named(asked)
    return float(
        sum(word in said or (word in named and any(same_state(word, one) for one in said)) for word in asked.focus)
    )


def is_as_near(asked: Asked, quote: Quote, *, best: Quote) -> bool:
    """Return whether another voice speaks of what the best quote speaks of; where a day is asked for, also of the
    same things by name, and not of the opposite.
    """
    if asked.kind is not AnswerKind.DATE:
        is_same = quote.source.document_id == best.source.document_id
        if asked.kind is AnswerKind.NUMBER and not _measures_the_same(asked, quote, best=best):
            return False
        return shared_words(asked, quote) >= shared_words(asked, best) * (AS_NEAR if is_same else _OTHER_NEAR)
    if tells_opposite(asked.question, quote.text):
        return False
    said, told = _stems(quote), _stems(best)
    # Of a name the last word is enough: "Ito" is Ann Ito.
    last = [stems(name)[-1] for name in asked.names if stems(name)]
    held = [name for name in last if _has(name, told)]
    wanted = set(stems(" ".join((*asked.words, *asked.quoted))))
    return all(_has(name, said) for name in held) and len(wanted & said) >= len(wanted & told) * AS_NEAR


def _measures_the_same(asked: Asked, quote: Quote, *, best: Quote) -> bool:
    """Return whether a quote has what is measured, where the best one has it: of "how high may a hedge be" both
    "high" and the hedge, of "what does a night cost" the night.
    """
    said, told = _stems(quote), _stems(best)
    wanted = {stem(word) for word in asked.focus}
    measures = wanted & _MEASURES & told
    things = (wanted - _MEASURES - _PRICES) & told
    return measures <= said and (not things or bool(things & said))


_MEASURES = frozenset(map(stem, "high tall deep wide long heavy fast far old cold hot big large loud".split()))
_PRICES = frozenset(map(stem, "cost costs price pay pays paid charge charged fee amount number total".split()))


def _has(name: str, said: set[str]) -> bool:
    return any(same_state(name, one) for one in said)


def _stems(quote: Quote) -> set[str]:
    return set(stems(f"{quote.source.title} {quote.text}"))


def counted(asked: Asked, quote: Quote, *, found: Iterable[Value]) -> list[Value]:
    """Return the values without numbers of something else than is asked for."""
    unit = asked.unit
    if unit is None:
        return list(found)
    text = quote.text
    return [
        one
        for one in found
        if not (is_number_of_others(text, one, unit=unit) or _counts_things(text, one, unit=unit))
    ]


def _counts_things(text: str, value: Value, *, unit: str) -> bool:
    """Return whether a value counts things where a mass is asked for: "900 thousand households" are no water."""
    is_count = isinstance(value.key, Amount) and value.key.dimension is Dimension.COUNT
    behind = _BEHIND.match(text, value.end) if is_count and not is_plural(unit) else None
    return behind is not None and is_plural(behind["noun"]) and behind["of"] != unit


def counts_only_others(asked: Asked, quote: Quote, *, found: Iterable[Value]) -> bool:
    """Return whether all values count another thing by its name: an earlier value is told as a bare number."""
    unit = asked.unit
    return unit is not None and all(counts_others(quote.text, one, unit=unit) for one in found)


def _words(quote: Quote) -> set[str]:
    return set(content_words(f"{quote.source.title} {quote.text}"))


def _named(asked: Asked) -> set[str]:
    return {word for name in asked.names for word in content_words(name)}
