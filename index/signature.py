"""Who signs a letter or a mail: the name below "Kind regards". Pure; knows lines, no formats."""

import re
from itertools import pairwise

from index.mails import other_mails
from rag.text import one_line, paragraphs

# A signature stands this near the end: below it a post or a postscript may follow.
_LAST_LINES, _FIRST_LINES = 14, 12
_CLOSING = re.compile(
    r"""(?:(?:with|my|our)\s)*(?:(?:many|very|kind(?:est)?|best|warm(?:est)?|sunny|friendly)\s)*
    (?:regards|wishes|greetings)(?:\sfrom\s[^\n,]{2,30})?
    |(?:(?:very\s)?(?:truly|sincerely|faithfully|respectfully|cordially)\s)?yours?(?:\s(?:ever|truly|sincerely|
    faithfully|respectfully|cordially|loving|affectionate|old|dear|friend|aunt|uncle|mother|father|sister|brother|son|
    daughter|cousin|grandmother|grandfather|neighbour|neighbor|colleague))*
    |sincerely|respectfully|cordially
    |mit\s(?:freundlichen|besten|herzlichen|lieben)\sgrüßen|(?:viele|liebe|herzliche|beste)\sgrüße
    |с\s(?:уважением|любовью|приветом|наилучшими\sпожеланиями)|искренне\sваш[аи]?|твоя|твой|ваша?""",
    re.IGNORECASE | re.VERBOSE,
)
# These stand elsewhere too: only who addresses somebody signs below them.
_LOOSE_CLOSING = re.compile(
    r"signed|(?:with\s|all\smy\s)?love|all\sthe\sbest|best|cheers|(?:many\s)?thank(?:s|\syou)(?:\sagain)?|take\scare|"
    r"обнимаю|целую",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"(?:my\s)?(?:dear|dearest|hello|hi|good\s(?:morning|day)|to\swhom|sehr\sgeehrte\w*|liebe[rs]?|hallo|"
    r"дорог(?:ой|ая|ие)|уважаем(?:ый|ая|ые)|здравствуйте|привет)\b",
    re.IGNORECASE,
)
_CAPITAL = r"[^\W\d_a-zа-яё]"
_KIN = r"(?:aunt|uncle|grandma|grandpa|mother|father|бабушка|дедушка|тётя|тетя|дядя|мама|папа)"
_WORD = rf"{_CAPITAL}[\w’'-]*\.?"
_NAME = re.compile(
    rf"(?:{_KIN}\s)?(?:(?:Dr|Prof|Mr|Mrs|Ms|Rev)\.?\s)*{_WORD}(?:\s(?:(?:van|von|de|der|da|di|and|und|и)\s)*{_WORD}){{0,4}}"
)
_NO_NAME = re.compile(
    r"(?:the|your|our|all|team|dear|enc\w*|customer|service|chair\w*|manager|director|secretary|treasurer|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_LONGEST_NAME = 60
_MARKS = " \t,.!—–-"


def signed_by(text: str) -> str | None:
    """Return the name in the line below the closing words of a letter, None where there is none, or several.

    One name alone, or loose closing words ("Thank you"), count where somebody is addressed above. Whoever signs
    another mail inside of this one does not sign this one.
    """
    said = [text[start:end] for start, end in paragraphs(text)]
    mails = other_mails(said)
    lines = [one_line(line).strip(_MARKS) for line, mail in zip(said, mails, strict=True) if mail is None]
    is_addressed = any(_SALUTATION.match(line) for line in lines[:_FIRST_LINES])
    names = {name for closing, name in pairwise(lines) if _is_signed(closing, name, is_addressed=is_addressed)}
    last = {name for closing, name in pairwise(lines[-_LAST_LINES:]) if name in names}
    return last.pop() if len(names) == 1 and last else None


def _is_signed(closing: str, name: str, *, is_addressed: bool) -> bool:
    if not (_CLOSING.fullmatch(closing) or (is_addressed and _LOOSE_CLOSING.fullmatch(closing))):
        return False
    is_name = len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) and not _NO_NAME.match(name)
    return bool(is_name) and (is_addressed or " " in name)
