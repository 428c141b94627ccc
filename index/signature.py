"""Who signs a letter or a mail: the name below "Kind regards". Pure; knows lines, no formats."""

import re
from itertools import pairwise

from rag.text import one_line, paragraphs

# A signature stands this near the end: below it a post or a postscript may follow.
_LAST_LINES = 14
_CLOSING = re.compile(
    r"""(?:(?:with|my|our)\s)*(?:(?:many|very|kind(?:est)?|best|warm(?:est)?|sunny|friendly)\s)*
    (?:regards|wishes|greetings|thanks)(?:\sfrom\s[^\n,]{2,30})?
    |(?:(?:very\s)?(?:truly|sincerely|faithfully|respectfully|cordially)\s)?yours?(?:\s(?:ever|truly|sincerely|
    faithfully|respectfully|cordially|loving|affectionate|old|dear|friend|aunt|uncle|mother|father|sister|brother|son|
    daughter|cousin|grandmother|grandfather|neighbour|neighbor|colleague))*
    |(?:sincerely|respectfully|cordially|signed|love|with\slove|all\sthe\sbest|cheers|thank\syou|take\scare)
    |с\s(?:уважением|любовью|приветом|наилучшими\sпожеланиями)|искренне\sваш[аи]?|твоя|твой|ваша?""",
    re.IGNORECASE | re.VERBOSE,
)
_CAPITAL = r"[^\W\d_a-zа-яё]"
_KIN = r"(?:aunt|uncle|grandma|grandpa|mother|father|бабушка|дедушка|тётя|тетя|дядя|мама|папа)"
_NAME = re.compile(
    rf"(?:{_KIN}\s)?(?:(?:Dr|Prof|Mr|Mrs|Ms|Rev)\.?\s)*{_CAPITAL}[\w’'-]*\.?(?:\s(?:(?:van|von|de|der|da|di)\s)*{_CAPITAL}[\w’'-]*\.?){{0,3}}"
)
_MARKS = " \t,.!—–-"


def signed_by(text: str) -> str | None:
    """Return the name in the line below the closing words of a letter, None where there is none."""
    lines = [one_line(text[start:end]).strip(_MARKS) for start, end in paragraphs(text[-3000:])][-_LAST_LINES:]
    for closing, name in pairwise(lines):
        if _CLOSING.fullmatch(closing) and _NAME.fullmatch(name):
            return name
    return None
