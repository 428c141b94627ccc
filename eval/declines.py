"""Does a model say that it cannot answer? A system that checks nothing can be silent in words only.

Knows English and Russian sentences. What is said to be silent has to be the texts or the one who writes: that a
minister did not say when, or that a city does not give visas, is an answer.
"""

import re

from rag.text import sentences

_TEXTS = r"(?:passages?|documents?|texts?|contexts?|information)"
# "the documents given here do not": nothing but such words between the texts and what they do not.
_GIVEN = r"(?:\s+(?:provided|given|above|available|here|that|which|i|have|has|was|were|been|in|the|these))*"
_NOT = r"(?:\s+(?:do|does|did|is|are|has|have|can|could)(?:\s+not|n't)|\s+cannot|\s+can't)"
_TELL = (
    r"(?:say|state|mention|provide|contain|specify|include|give|tell|answer|address|cover|name|have|indicate|"
    r"explain|describe|reveal|disclose|discuss)"
)
_TOLD = (
    r"(?:said|stated|mentioned|provided|contained|specified|included|given|told|answered|addressed|covered|named|"
    r"indicated|explained|described|found|available|enough|sufficient|clear)"
)
_FIND = r"(?:know|have|find|see|answer|say|tell|determine|provide|help)"
_TEXTS_RU = r"(?:документ\w*|текст\w*|отрыв\w*|фрагмент\w*|контекст\w*|информаци\w*|сведени\w*)"
_TOLD_RU = (
    r"(?:говор\w+|сказан\w*|указ\w+|упом\w+|содерж\w+|сообща\w+|привод\w+|приведен\w*|да[её]т|дают|отвеча\w+|"
    r"назван\w*|называ\w+|уточня\w+|раскры\w+)"
)
_DECLINES = re.compile(
    "|".join(
        (
            rf"\b{_TEXTS}{_GIVEN}{_NOT}(?:\s+\w+)?\s+(?:{_TELL}|{_TOLD})\b",
            rf"\b{_TEXTS}{_GIVEN}\s+(?:say|state|mention|contain|provide|give|tell)s?\s+(?:nothing|no|neither)\b",
            rf"\b{_TEXTS}{_GIVEN}\s+(?:is|are|remain|stay)s?\s+silent\b",
            rf"\bnot\s+{_TOLD}\b[^.]*\b(?:in|by|from)\s+(?:\w+\s+){{0,2}}{_TEXTS}\b",
            rf"\bnothing\b[^.]*\b(?:in|by|from)\s+(?:\w+\s+){{0,2}}{_TEXTS}\b",
            r"\bno\s+(?:\w+\s+)?information\b|\b(?:not\s+enough|insufficient)\s+information\b",
            r"\bthere\s+(?:is|are|was|were)\s+no\s+(?:\w+\s+)?(?:details?|mention|answer)\b",
            rf"\bno\s+(?:\w+\s+)?(?:details?|mention|answer)\b[^.]*\bin\s+(?:\w+\s+){{0,2}}{_TEXTS}\b",
            r"\bthere\s+is\s+nothing\s+(?:about|on|regarding)\s+(?:it|this|that)\W*$",
            rf"\bi\s+(?:do\s+not|don't|cannot|can't|could\s+not|couldn't)\s+(?:\w+\s+)?{_FIND}\b",
            rf"\bi(?:'m|\s+am|\s+was)\s+(?:unable|not\s+able)\s+to\s+(?:\w+\s+)?{_FIND}\b",
            r"\b(?:is|it's)\s+(?:not\s+possible|impossible)\s+to\s+(?:answer|say|tell|determine)\b",
            rf"\b{_TEXTS_RU}\b[^.,]{{0,30}}\b(?:не\s+{_TOLD_RU}|нет|отсутству\w+|молч\w+)\b",
            rf"\bне\s+{_TOLD_RU}\b[^.]{{0,30}}\bв\s+(?:\w+\s+)?{_TEXTS_RU}\b",
            rf"\bничего\b[^.]*\bв\s+(?:\w+\s+)?{_TEXTS_RU}\b",
            r"\bнет\s+(?:\w+\s+)?(?:информации|сведений|упоминани\w+|подробностей)\b",
            r"\bоб\s+этом\s+(?:ничего\s+)?не\s+(?:сказано|говорится|сообщается|упоминается)\b",
            r"\bя\s+не\s+(?:знаю|наш[её]л|нашла|могу\s+(?:\w+\s+)?(?:ответить|сказать|найти|определить))\b",
        )
    ),
    re.IGNORECASE,
)


def declines(text: str) -> bool:
    """Return True where the first sentence says that there is no answer; a doubt behind an answer is none."""
    said = next((text[start:end] for start, end in sentences(text)), "")
    return _DECLINES.search(said.replace("’", "'")) is not None
