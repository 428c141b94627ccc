"""Whose words a question asks for ("What did Zakharova say about the treaty?"), and whether a quote is theirs.

Knows the question and the attributions of quotes. Words that nobody is known to have said are nobody's: what a
person answered is not told by a sentence about the person.
"""

import re
from collections.abc import Sequence

from rag.asked import Asked
from rag.speakers import is_own
from rag.stems import stem, stems
from rag.text import QUOTED, one_line, words
from rag.types import Quote, Source
from rag.values_names import name_spans

_SAY = (
    r"(?:say|says|said|answer|answered|reply|replied|respond|responded|tell|told|think|believe|argue|claim|warn|"
    r"promise|explain|suggest|propose|demand|call|write|announce|describe|want|"
    r"mean(?=\s(?:by|with|when)\b))"
)
# Why somebody demanded a thing others tell too; why somebody thinks so is told by nobody else.
_THINK = r"(?:say|says|said|think|believe|argue|claim)"
_ASKS = re.compile(
    rf"^(?:and |but |so )?(?:(?:what|how)\s+(?:else\s+)?(?:did|does|do|has|have|had)\s+(?P<who>.+?)\s+{_SAY}|"
    rf"why\s+(?:did|does|do|has|have|had)\s+(?P<whose>.+?)\s+{_THINK})\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:says?|said|answer(?:s|ed)|repl(?:y|ies|ied)|respond(?:s|ed)|tells?|told|thinks?|believes?|argue[sd]|"
    r"claim(?:s|ed)|warn(?:s|ed)|promise[sd]|explain(?:s|ed)|suggest(?:s|ed)|propos(?:es|ed|al)|demand(?:s|ed)|"
    r"call(?:s|ed)|w(?:rites?|rote)|announce[sd]|describe[sd]|add(?:s|ed)|stated?|recall(?:s|ed)|according to|"
    r"admit(?:s|ted)|insist(?:s|ed)|hop(?:es|ed)|den(?:ies|ied)|reject(?:s|ed)|welcom(?:es|ed)|wants?|wanted|"
    r"supports?|supported|back(?:s|ed)|endorse[sd]?|oppose[sd]?|favou?r(?:s|ed)|praise[sd]?|agree[sd]?|accuse[sd]?|"
    r"affirm(?:s|ed)|confirm(?:s|ed)|reaffirm(?:s|ed)|stress(?:es|ed)|noted|emphasi[sz]e[sd]?|blame[sd]?|"
    r"underscore[sd]?|underline[sd]?|indicate[sd]?|urge[sd]?|expects?|recommend(?:s|ed)?|considers?|considered|"
    r"critici[sz]e[sd]?|condemn(?:s|ed)?|approve[sd]?|refuse[sd]?|pledge[sd]?|"
    # A law, a contract and rules speak too.
    r"provides?|requires?|required|allows?|allowed|permits?|permitted|forbids?|forbade|forbidden|prohibits?|"
    r"prohibited|contemplates?|guarantees?|guaranteed|stipulates?|stipulated|obliges?|obliged|binds?|rules?|sets?)\b",
    re.IGNORECASE,
)
# Who has not answered has said nothing.
_NOT_TOLD = re.compile(r"(?:\b(?:not|never)|n['’]t)\s(?:yet\s|been\s)?\w+|\bdeclined to \w+", re.IGNORECASE)
_MOST_WORDS = 6


def asked_of(asked: Asked) -> frozenset[str]:
    """Return the stems of whose words are asked for, none where nobody's are."""
    found = _ASKS.match(asked.question)
    who = (found["who"] or found["whose"]) if found else ""
    return frozenset(stems(who)) if len(who.split()) <= _MOST_WORDS else frozenset()


def is_said_by(quote: Quote, who: frozenset[str]) -> bool:
    """Return whether the quote is known to be the words of one who is called so, or tells what they say."""
    speaker = quote.speaker
    if speaker is not None and who & set(stems(f"{speaker.name} {speaker.role or ''}")):
        return True
    # What others are quoted with tells of them, and is not theirs: "They pay for it," Dale said.
    told = _NOT_TOLD.sub(" ", QUOTED.sub(" ", one_line(quote.text)))
    if speaker is None or is_own(speaker):
        # A contract and a letter speak from their first to their last word.
        if quote.source.outlet is None and who & _speaks_throughout(quote.source):
            return True
        return bool(who & set(stems(told)) and _TOLD.search(told))
    # In another's words they must be the ones who say something: "Lorenz demands that Voss should go" is not hers.
    before = (told[: match.start()].split()[-_MOST_WORDS:] for match in _TOLD.finditer(told))
    return any(who & set(stems(" ".join(near))) for near in before)


def _speaks_throughout(source: Source) -> set[str]:
    """Return the stems of who speaks in all of a document: its author, and what it is called but for names."""
    named = {stem(word) for start, end in name_spans(source.title) for word in words(source.title[start:end])}
    return {*stems(source.author or ""), *(set(stems(source.title)) - named)}


def theirs_first(asked: Asked, quotes: Sequence[Quote]) -> Sequence[Quote]:
    """Return the quotes with those of whom the question asks first, and none that is known to be another's; all
    where none is theirs or nobody's are asked for.
    """
    who = asked_of(asked)
    theirs = [quote for quote in quotes if is_said_by(quote, who)] if who else []
    if not theirs:
        return quotes
    return [*theirs, *(one for one in quotes if one not in theirs and not _is_of_another(one))]


def _is_of_another(quote: Quote) -> bool:
    return quote.speaker is not None and not is_own(quote.speaker)
