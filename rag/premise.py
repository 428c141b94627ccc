"""Does a sentence deny what a question takes for granted? "Why did they sign?" - "They never signed."

Knows text only. It looks for a negation right before a word of the question; a denial in other words ("the talks
fell through") is not seen.
"""

import re

from rag.asked import AnswerKind, Asked
from rag.asked_words import AHEAD
from rag.negation import NOT
from rag.stems import stem, stems
from rag.text import content_words, words

# These may stand between a negation and the word that it denies.
_PASSED_OVER = frozenset(
    """
    yet ever even any a an the be been being have has had also still to formally officially actually really planned
    new further such this that
    """.split()
)
# Yes-no questions ask for the denial; the others take nothing for granted that a sentence could deny.
_TAKE_NOTHING = frozenset({AnswerKind.YES_NO, AnswerKind.SPEAKER, AnswerKind.DEFINITION, AnswerKind.PERSON})
# "It will not open before 2028" tells when.
_TELLS_WHEN = re.compile(
    r"(?:\b(?:not|never|no)\b|n['’]t\b)[^,.;:]{0,60}?\b(?:until|till|earlier than|sooner than)\b"
    r"(?!\s(?:today|now|this|date|then)\b)|"
    r"\b(?:(?:will|would|shall|can|may|must|does|do|is|are) (?:not|never)|won['’]t)\b[^,.;:]{0,60}?\bbefore\b|"
    r"\bне\b[^,.;:]{0,60}?\b(?:до|раньше|ранее)\b(?!\s(?:сих|этого))",
    re.IGNORECASE,
)
_DENIES_PAST = re.compile(r"\b(?:did|could|was|were|had)(?: not|n['’]t| never)\b", re.IGNORECASE)
_DENIES_AHEAD = re.compile(r"\bwill (?:not|never)\b|\bwon['’]t\b|\bnever will\b", re.IGNORECASE)
_REACH = 80
# A denial is about the question when it shares this part of its words, and its passage this part.
_SHARED, _SHARED_AROUND = 0.4, 0.6


def denies(asked: Asked, sentence: str, *, around: str = "") -> bool:
    """Return whether the sentence denies a thing or deed that the question takes for granted.

    `around` is the text it stands in, its title too: what the question names may be named there.
    """
    if asked.negated or asked.kind in _TAKE_NOTHING:
        return False
    if asked.kind is AnswerKind.DATE and (_TELLS_WHEN.search(sentence) or _is_of_before(asked, sentence)):
        return False
    focus = {stem(word) for word in asked.focus}
    named = {stem(word) for name in asked.names for word in content_words(name)}
    if not _denied(sentence) & (focus - named):
        return False
    here = set(stems(sentence))
    return len(focus & here) >= _SHARED * len(focus) and len(
        focus & (here | set(stems(around)))
    ) >= _SHARED_AROUND * len(focus)


def _is_of_before(asked: Asked, sentence: str) -> bool:
    """Return whether something is denied of the past where the future is asked about."""
    is_of_past = _DENIES_PAST.search(sentence) is not None and _DENIES_AHEAD.search(sentence) is None
    return is_of_past and AHEAD.search(asked.question) is not None


def _denied(sentence: str) -> set[str]:
    """Return the stems of the words that stand right behind a negation."""
    found = set()
    for match in NOT.finditer(sentence):
        behind = (word for word in words(sentence[match.end() : match.end() + _REACH]) if word not in _PASSED_OVER)
        found |= {stem(word) for word in [next(behind, "")] if word}
    return found
