"""Makes a follow-up question stand alone, without a model. Knows the conversation's text only.

Only a question that leans on what came before is touched (a pronoun, "and ...?", a fragment), and only names and
subject words of the last turns are added: "When was it signed?" after "What is the Joint Declaration?" is asked
as "When was it signed? (Joint Declaration)". "Its" becomes the one name of the last question: "and who is its
mayor?" after "How large is Otaru?" is "who is Otaru's mayor?".
"""

import re
from collections.abc import Sequence

from rag.text import content_words, names, one_line, words
from rag.types import Turn

_LEANS = re.compile(
    r"\b(?:he|she|it|they|him|her|his|hers|its|them|their|theirs|this|that|these|those|there|then|one|ones|else|"
    r"он|она|оно|они|его|её|ее|их|ему|ей|им|там|тогда|этот|эта|это|эти)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"^(?:and|but|so|or|also|what about|how about|why|а|и|но)\b", re.IGNORECASE)
_ITS = re.compile(r"\bits\b", re.IGNORECASE)
_CONJUNCTION = re.compile(r"^(?:and|but|so|or)\s+", re.IGNORECASE)
# Words with a capital behind the first one, that stand together.
_NAME = re.compile(r"(?<=\s)[A-ZА-ЯЁ][\w-]+(?:\s+[A-ZА-ЯЁ][\w-]+)*(?!['’]s?\s+[A-Z])")
_FRAGMENT_WORDS = 3
_MAX_ADDED_WORDS = 8
_TURNS = 2


def resolve(question: str, history: Sequence[Turn]) -> str:
    """Return the question as it is understood: itself, or with the subject of the last turns in brackets."""
    if not history or not leans_on_history(question):
        return question
    owned = _owned(question, history[-1])
    if owned is not None:
        return owned
    known = set(words(question))
    subject = _subject(history[-_TURNS:], known)
    return f"{question} ({' '.join(subject)})" if subject else question


def _owned(question: str, last: Turn) -> str | None:
    """Return the question with its only "its" as the only name of the last question, None where there are more."""
    named = _NAME.findall(last.question)
    if len(_ITS.findall(question)) != 1 or len(named) != 1 or names(question):
        return None
    return _ITS.sub(f"{named[0]}'s", _CONJUNCTION.sub("", question))


def leans_on_history(question: str) -> bool:
    """Return True where the question has a pronoun or is a fragment, and names nobody itself."""
    short = len(words(question)) <= _FRAGMENT_WORDS
    if _CONTINUES.search(question):
        return True
    return not names(question) and bool(short or _LEANS.search(question))


def _subject(turns: Sequence[Turn], known: set[str]) -> list[str]:
    """Collect names of the last questions, then of the last answer, then subject words of the last question."""
    last = turns[-1]
    found = [word for turn in reversed(turns) for word in _in_order(turn.question, names(turn.question))]
    found += _in_order(first_sentence(last.answer), names(last.answer))[:3]
    found += content_words(last.question)
    chosen = [word for word in dict.fromkeys(found) if word not in known]
    return chosen[:_MAX_ADDED_WORDS]


def _in_order(text: str, wanted: set[str]) -> list[str]:
    return [word for word in content_words(text) if word in wanted]


def first_sentence(text: str) -> str:
    """Return what an earlier answer began with: enough to name its subject."""
    begun = next((line for line in text.splitlines() if line.strip()), "")
    return one_line(begun)[:200]
