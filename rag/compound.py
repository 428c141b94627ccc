"""The questions that one sentence asks: "Who speaks for the ministry and who for the party?" asks two.

Knows the words of a question only. What is asked of two things at once ("between A and B") stays one.
"""

import re

from rag.followup import resolve
from rag.text import content_words
from rag.types import Turn

_OF = "about|against|at|by|for|from|in|of|on|to|under|with|в|во|на|о|об|от|из|для|с|со|у|по|при|за"
_HOW = r"how\s+(?:many|much)|in\s+which|who|whose|what|when|where|which|why|how"
_SECOND = re.compile(
    rf"[,;]?\s+and\s+(?=(?:also\s+)?(?:{_HOW})\b)|"
    r"[,;]?\s+и\s+(?=(?:кто|что|когда|где|куда|какой|какая|какие|почему|зачем|сколько)\b)",
    re.IGNORECASE,
)
# "who for the party", "how many in Oslo": a question without its verb.
_WITHOUT_VERB = re.compile(
    rf"(?P<asks>{_HOW}|кто|что|когда|где|сколько)\s+(?P<of>{_OF})\s+(?P<rest>.+)", re.IGNORECASE
)
# "of A and of B", "in 2024 and 2025", "both A and B". The second is a name, or all that is left of the question.
_ONE = r"(?:(?!and\b|и\b)[\w’'.-]+\s+){0,4}?[\w’'.-]+"
_NAME = r"[A-ZА-ЯЁ0-9][\w’'.-]*(?:\s+[A-ZА-ЯЁ][\w’'.-]*)*"
# What two people do each by themselves; they meet, agree and sign together.
_SAYS = "(?:say|think|want|claim|demand|promise|expect|believe|hope)"
_PARTY = rf"(?:{_NAME}|the\s+[\w’'-]+(?:\s+[\w’'-]+)?)"
_EACH_DOES = r"\b(?P<of>(?i:what|why|how)\s+(?i:do|did|does))"
_BY_ITSELF = rf"(?:\s+each)?(?=\s+{_SAYS}\b)(?!.*\b(?:same|each other|together)\b)"
_OTHER = rf"(?:{_NAME}|(?:[\w’'.-]+\s*){{1,5}}$)"
_EACH = tuple(
    re.compile(form)
    for form in (
        rf"\b(?P<of>(?i:{_OF}))\s+(?P<one>{_ONE}),?\s+(?:and|и)\s+(?P=of)\s+(?P<other>{_OTHER})",
        r"\b(?P<of>(?i:in|в))\s+(?P<one>(?:19|20)\d\d),?\s+(?:and|и)\s+(?P<other>(?:19|20)\d\d)\b",
        rf"{_EACH_DOES}\s+(?P<one>{_PARTY})\s+and\s+(?!(?P=one)\b)(?P<other>{_PARTY}){_BY_ITSELF}",
        rf"\b(?P<of>(?i:both))\s+(?P<one>{_NAME})\s+and\s+(?P<other>{_NAME})",
    )
)
_TWO, _OWN_WORDS = 2, 2


def questions_in(question: str) -> list[str]:
    """Return the questions that one sentence asks: "Where was she born, and when did he die?" asks two.

    The second takes the subject of the first where it leans on it, and its verb where it has none. A question that
    begins like any other but has less than two words of its own ("and why?") stays with the first. What is asked
    "of A and of B" is asked of each.
    """
    parts = [part.strip(" ,;?") for part in _SECOND.split(question, maxsplit=1)]
    if len(parts) < _TWO:
        return _of_each(question)
    first, second = parts
    whole = _with_verb(first, second)
    if whole is not None:
        return [f"{first}?", whole]
    if min(len(content_words(part)) for part in parts) < _OWN_WORDS:
        return [question]
    return [f"{first}?", resolve(f"{second[:1].upper()}{second[1:]}?", [Turn(first)])]


def _with_verb(first: str, second: str) -> str | None:
    """Return a second question that has no verb with that of the first, None where it has one or there is none."""
    bare = _WITHOUT_VERB.fullmatch(second)
    if bare is None:
        return None
    asks, of = re.escape(bare["asks"]), re.escape(bare["of"])
    lent = re.match(rf"{asks}\s+\S.*?\s{of}\b", first, re.IGNORECASE)
    return f"{lent.group()} {bare['rest']}?" if lent else None


def _of_each(question: str) -> list[str]:
    """Return the question about one thing and about the other, where it asks "of A and of B"; else as it is."""
    asked = question.rstrip(" ?")
    for form in _EACH:
        pair = form.search(asked)
        if pair is not None:
            of = "" if pair["of"].casefold() == "both" else re.sub(r"\bdo$", "does", pair["of"]) + " "
            before, after = asked[: pair.start()], asked[pair.end() :]
            return [f"{before}{of}{pair[name].strip()}{after}?" for name in ("one", "other")]
    return [question]
