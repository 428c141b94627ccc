"""What the author of a letter, a diary or a column says in their own person: "I will pay for the repair."

Pure; knows a text, the name of its author and what in it is said by others. A sentence that speaks of "me" is its
author's wherever it stands; of a text without an outlet that does so (a letter, a mail, a report) every one is.
Where "I" may be somebody else, in a dialogue or in what a mail quotes, nobody is named.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from index.speech_units import QUOTE, Unit, units
from rag.text import words
from rag.types import Attribution, Document

_ME = frozenset(
    """
    i i'm i’m i've i’ve i'd i’d i'll i’ll me my mine myself я меня мне мной мною мой моя моё мои моего моей
    """.split()
)
_US = frozenset(
    """
    we we're we’re we've we’ve we'd we’d we'll we’ll us our ours ourselves мы нас нам нами наш наша наше наши
    """.split()
)
_ENDS = re.compile(r"[.!…]['\"’”»)]*$")
# What a mail answers to, and one that was forwarded; each line of it may be marked too.
_OTHERS_BELOW = re.compile(
    r"^(?:-+\s?(?:original|forwarded) message\b|(?:on|am|le)\s.{6,120}\b(?:wrote|schrieb|a écrit)\s?:|"
    r".{0,80}\b(?:пишет|писал|написала?):|-+\s?(?:исходное|пересылаемое) сообщение)",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\s*>")
# Quoted in single marks, which may as well be apostrophes: what is said there is not told from what is narrated.
_SINGLE = re.compile(r"(?<!\w)['‘]\w[^'‘’]*(?:['’]\w[^'‘’]*)*[,.!?]['’](?!\w)")
# "Q: ...", "Ann Ito: ...": the turns of a dialogue.
_TURN = re.compile(r"(?:[QAВО]|[^\W\d_a-zа-яё][\w.’'-]*(?:\s[^\W\d_a-zа-яё][\w.’'-]*){0,3})\s?:\s")
_FEWEST_TURNS = 3
_FEWEST_WORDS = 2


def own_words(document: Document, said: Sequence[Attribution]) -> list[Attribution]:
    """Return the sentences that the author of a document says, none of which is somebody else's in `said`."""
    if document.author is None:
        return []
    text, author = document.text, document.author
    told = [one for one in _narrated(text) if not any(_is_of_other(one, other) for other in said)]
    if document.outlet is not None:
        told = [one for one in told if _ME & _narration(one)]
    elif not any((_ME | _US) & _narration(one) for one in told):
        told = []
    return [_attribution((one.start, one.end), text, author) for one in told]


def _narrated(text: str) -> Iterator[Unit]:
    """Yield the sentences that nobody is quoted with; none of a dialogue or of what stands below a mail."""
    found = units(text)
    first_of = {one.paragraph: text[one.start : one.end] for one in reversed(found)}
    is_dialogue = _has_turns(first_of.values())
    asked_in: int | None = None
    for one in found:
        sentence = text[one.start : one.end].strip()
        if _OTHERS_BELOW.match(sentence):
            return
        if sentence.endswith("?"):
            asked_in = one.paragraph
        is_reply = asked_in is not None and one.paragraph == asked_in + 1
        is_whole = _ENDS.search(sentence) is not None and len(words(sentence)) >= _FEWEST_WORDS
        is_quoted = one.is_quote or _MARKED.match(first_of[one.paragraph]) or _SINGLE.search(sentence)
        if is_whole and not (is_dialogue or is_reply or is_quoted):
            yield one


def _has_turns(openings: Iterable[str]) -> bool:
    """Return whether paragraphs open with the same few names again and again."""
    turns = [match[0] for opening in openings if (match := _TURN.match(opening))]
    return len(turns) >= _FEWEST_TURNS and len(set(turns)) < len(turns)


def _narration(unit: Unit) -> set[str]:
    """Return the words of a sentence, case-folded, without those that somebody is quoted with."""
    return {token.lower for token in unit.tokens if token.kind != QUOTE}


def _is_of_other(unit: Unit, said: Attribution) -> bool:
    """Return whether others than "I" and "we" say a part of a sentence."""
    overlaps = said.start < unit.end and unit.start < said.end
    return overlaps and not set(words(said.speaker)) <= _ME | _US


def _attribution(span: tuple[int, int], text: str, author: str) -> Attribution:
    """Return a sentence as its author's own: no words stand there for who says it, or that it is said."""
    start = span[0] + len(text[slice(*span)]) - len(text[slice(*span)].lstrip())
    end = span[0] + len(text[slice(*span)].rstrip())
    return Attribution(
        start=start, end=end, speaker=author, role=None, cue="", verbatim=True,
        speaker_start=end, speaker_end=end, cue_start=end, cue_end=end,
    )  # fmt: skip
