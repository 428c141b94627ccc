"""Whether a sentence may hold the answer by its form, however that is put: "by a baker", "until the 24th".

rag.values reads values that can be compared; many answers are none, and a question is not unanswered because of
that. Knows spelling only: that a sentence holds a time says nothing of what happened then.
"""

import re
from datetime import date

from rag.asked import AnswerKind, Asked
from rag.asked_words import AHEAD, PERSON_NOUNS, singular
from rag.text import words
from rag.values import counts_nothing, is_too_early, undated_amounts, values
from rag.values_dates import MONTHS, WEEKDAYS, times
from rag.values_units import Dimension, dimension_of

_CLOCK = r"\b\d{1,2}[.:h]\d\d\b"
_SPELL = r"(?:second|minute|hour|day|night|week|month|season|summer|winter|term|year|decade)"
_SOME_TIME = re.compile(
    rf"{_CLOCK}|\bthe \d{{1,2}}(?:st|nd|rd|th)\b|\b(?:{'|'.join(sorted(MONTHS))})\b|"
    r"\b(?:spring|summer|autumn|winter|easter|christmas|ramadan|new year|noon|midnight|midday|dawn|dusk|morning|"
    r"afternoon|evening|tonight|weekend|weekdays?|end of|beginning of|start of|recently|immediately|soon|"
    rf"{_SPELL}s? (?:later|earlier|after|before|ago)|within|when|once|until|till|as soon as|before|after|since|"
    r"весной|летом|осенью|зимой|утром|вечером|ночью|днём|после|до|когда|пока|недавно|скоро)\b",
    re.IGNORECASE,
)
# What tells only of the time before: no answer to when something will be.
_SINCE_THEN = re.compile(
    rf"\b(?:(?:every \w+ )?since|recently|immediately|{_SPELL}s? (?:earlier|ago)|недавно)\b", re.IGNORECASE
)
_SOME_SPELL = re.compile(
    rf"{_CLOCK}|\b(?:an?|some|several|many|few) (?:\w+ )?{_SPELL}s?\b|\b(?:until|till|since)\b",
    re.IGNORECASE,
)
# "The pump is from 2009" tells how old it is; "chairman from 2009" does not.
_FROM_YEAR = re.compile(
    r"\b(?:(?:is|are|was|were|dates?|dating) (?:back )?(?:from|to)|(?:built|made|founded|opened|laid) in) "
    r"(?:1\d|20)\d\d(?=[.,;)]|$| (?:and|by|as|for|when|after)\b)|\bborn (?:in|on) [^.;]{0,20}?(?:1\d|20)\d\d\b",
    re.IGNORECASE,
)
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th))"
_SOME_NUMBER = re.compile(
    r"\b(?:no one|nobody|none|never|once|nothing|nil|free of charge|unchanged|никто|никогда|бесплатно)\b",
    re.IGNORECASE,
)
_PREPOSITION = r"(?:of|by|for|with|to|from|under|about|against|between)"
_BETWEEN = r"(?:(?!is\b|was\b|are\b|were\b|has\b|had\b|will\b|who\b|that\b|and\b)[\w.’'-]+\s){0,6}"
_SOMEBODY = re.compile(
    r"\b(?:by (?:a|an|the|two|three|four|his|her|their|its|our|my)\b|(?:it|that|this) was (?:a|an|the|his|her)\b|"
    r"nobody|no one|everybody|everyone|those who|anyone who)\b",
    re.IGNORECASE,
)
_PERSONS = PERSON_NOUNS | frozenset(
    """
    volunteers volunteer students nuns monks grandmother grandfather neighbour neighbor neighbours
    neighbors aunt uncle cousin niece nephew widow widower landlord landlady tenant tenants foreman baker
    farmer farmers fisherman fishermen nurse vet clerk guard guards worker workers pilots pilot sailor
    sailors engineer engineers architect treasurer chair members member parents loser inventor heirs heir
    caretaker janitor cleaner cook chef shopkeeper trainer referee umpire warden ranger fitter plumber
    electrician carpenter mechanic roofer builder surgeon dentist midwife pharmacist librarian translator
    interpreter auditor accountant solicitor notary consultant headteacher headmaster conductor pianist
    violinist organist editor photographer reporter columnist novelist sculptor painter designer developer
    programmer analyst researcher biologist chemist physicist historian economist geologist archaeologist
    forester gardener skipper firefighter detective inspector steward spokesperson surveyor passengers
    witnesses residents inhabitants villagers islanders men women children people family couple brothers
    sisters sons daughters friends colleagues enthusiasts activists scientists researchers волонтёры
    студенты сосед соседи рабочие жители власти
    """.split()
)
_PEOPLE = _PERSONS | frozenset(
    """
    company firm ministry agency hospital bank fund guild union association council committee commission
    board court police army navy church parish museum school university government parliament authority
    authorities foundation club society party team owners crew компания министерство больница банк фонд
    союз совет комиссия суд полиция церковь музей школа правительство парламент
    """.split()
)


def may_answer(sentence: str, asked: Asked, *, published: date | None = None) -> bool:
    """Return whether the sentence holds a value of the kind that is asked for, or what may stand for one; of kinds
    known by their values alone, whether it holds one.
    """
    test = _TESTS.get(asked.kind)
    if values(sentence, asked, published=published) or (asked.unit == "age" and _FROM_YEAR.search(sentence)):
        return True
    return test is not None and test(_without_past(sentence, asked, published), asked)


def mentions_only(sentence: str, name: str) -> bool:
    """Return whether somebody stands only behind a preposition ("the cabinet of Ann Ito"), or not at all."""
    last = re.escape(name.split()[-1])
    everywhere = len(re.findall(rf"\b{last}\b", sentence))
    return everywhere == len(re.findall(rf"\b{_PREPOSITION}\s{_BETWEEN}{last}\b", sentence))


_WHAT = r"(?P<what>[\w-]{1,40})(?=[.;:]|,(?! and\b)| (?:of|at|for|in|from|who)\b|$)"
_ITS = r"(?:the|an?|our|my|your|his|her|its|their)"
_CAPITAL_BEFORE = re.compile(r"(?:^|\s)[^\W\d_a-zа-яё][\w’'-]*\s$")


def introduces(sentence: str, name: str) -> bool:
    """Return whether a sentence tells what somebody is beside the name: "our caretaker, Mr Ito"."""
    *first, last = map(re.escape, name.split())
    called = rf"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? |{' '.join(first)} )?{last}\b" if first else rf"{last}\b"
    before = re.search(rf"\b(?P<what>[\w-]{{1,40}}),? {called}", sentence)
    if before is not None and before["what"].casefold() in _PERSONS:
        return True
    behind = re.search(rf"\b{called}(?:,| is| was) {_ITS} (?:[\w-]{{1,40}} ){{0,3}}?{_WHAT}", sentence)
    # In "Anna Pohl, a nurse" it is somebody else of that name.
    is_namesake = behind is not None and _CAPITAL_BEFORE.search(sentence, 0, behind.start()) is not None
    return behind is not None and not is_namesake and behind["what"].casefold() in _PERSONS


def names_one_who_is(sentence: str, what: str) -> bool:
    """Return whether a sentence names one who is asked for by what they are: "the caretaker, Mr Ito"."""
    name = r"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[^\W\d_a-zа-яё][\w’'-]+"
    found = re.search(rf"(?P<not>(?i:not the|former|ex) )?(?i:\b{re.escape(what)}\b),? (?P<name>{name})", sentence)
    if found is None or found["not"] or what not in _PERSONS:
        return False
    return found["name"].casefold() not in WEEKDAYS and found["name"].casefold() not in MONTHS


def _without_past(sentence: str, asked: Asked, published: date | None) -> str:
    """Return the sentence without the times that are too early to answer."""
    for one in reversed(times(sentence, published=published)):
        if is_too_early(one.time, asked, published=published):
            sentence = sentence[: one.start] + sentence[one.end :]
    return sentence


def _some_number(sentence: str, asked: Asked) -> bool:
    unit = asked.unit or ""
    # "How long is it" may be asked of a meeting.
    if (unit == "length" or dimension_of(unit) is Dimension.TIME) and _SOME_SPELL.search(sentence):
        return True
    if unit and re.search(rf"\b{_ORDINAL} {re.escape(singular(unit))}\b", sentence, re.IGNORECASE):
        return True  # "her third victory" is what she has
    counts = (one for one in undated_amounts(sentence) if one.amount.dimension is Dimension.COUNT)
    return any(counts_nothing(sentence, one) for one in counts) or bool(_SOME_NUMBER.search(sentence))


def _some_time(sentence: str, asked: Asked) -> bool:
    said = _SINCE_THEN.sub("", sentence) if AHEAD.search(asked.question) else sentence
    return bool(_SOME_TIME.search(said))


def _somebody(sentence: str, asked: Asked) -> bool:
    return bool(_SOMEBODY.search(sentence)) or bool((_PEOPLE & set(words(sentence))) - set(asked.words))


_TESTS = {AnswerKind.NUMBER: _some_number, AnswerKind.DATE: _some_time, AnswerKind.PERSON: _somebody}
