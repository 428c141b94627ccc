"""Turns one sentence into questions that it answers, by rule. Knows the sentence; knows no document and no model.

Only patterns with a closed list of verbs are used, so that a question stays grammatical: most sentences give none.
English. A question that leans on something else ("this year", "they") is not asked.

=====================================================  =====================================================
"The pier was opened in 1961."                         When was the pier opened?
"The train leaves at 8:25."                            At what time does the train leave?
"On 3 May 1961 the mayor opened the pier, ..."         When did the mayor open the pier?
"There are 52 graves on the hill."                     How many graves on the hill are there?
"The firm has 12 vans."                                How many vans does the firm have?
"Mitsui holds 12.5 percent of the project."            What percentage of the project does Mitsui hold?
"A new pump costs £1,250."                             How much does a new pump cost?
"The landlord is Ann Berg."                            Who is the landlord?
"Ann Berg, a gas buyer for small towns, ..."           Who is a gas buyer for small towns?
"Ann Berg, 86, ..."                                    How old is Ann Berg?
"The list was kept by Ann Berg."                       Who was the list kept by?
"The money is held at Northbank."                      Where is the money held?
"Ann Berg was elected secretary."                      Who was elected secretary?
=====================================================  =====================================================
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from eval.gold import QuestionType
from eval.gold_verbs import DONE_WORDS, PASTS, PRESENTS
from eval.metrics_answer import holds
from rag.text import words

_QUESTION_WORDS = range(3, 27)
# A question with one of these leans on another sentence, or on the day it was written.
LOOSE = frozenset(
    """
    he she it they we you i him her them us me his its their our your my this these those that's such here then
    also too so other another former latter same both yesterday tomorrow ago last recently later today now
    monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
# Between a capital and a verb these show that the words before the verb are no plain subject.
_NO_SUBJECT = frozenset(
    """
    says said told that which who when where if because while as and or but there not nobody is are was were has
    have had will would can could may might must be been
    """.split()
)
# A name that ends in one of these is no person, and "Union" alone does not stand for it.
_NO_PERSON = frozenset(
    """
    Island Islands Sea River Lake Mountain Street Road Square Union Company Group Bank Ministry Office University
    Agency Council Court Party States Kingdom Republic City County Region Declaration Treaty Agreement Day House
    """.split()
)
# "Delivery" at the start of a sentence is no name.
_NO_NAME = re.compile(r"[A-Z][a-z]*(?:tion|sion|ment|ery|ing|ance|ence|ness|ity|age|ship|ure|ties|sales|work)s?")
_LOOSE_PHRASE = re.compile(r"\bthat (?:office|day|year|month|date|time|place)\b")
_NO_THINGS = frozenset("percent per million billion thousand hundred was is has does degrees".split())
_YEARS = range(1000, 2101)

_DIGITS = "one two three four five six seven eight nine ten eleven twelve".split()
MONTHS = "January February March April May June July August September October November December".split()
_MONTH = "|".join(MONTHS)
_DATE = rf"(?P<date>(?:\d{{1,2}} )?(?:(?:{_MONTH}) )?(?:\d{{1,2}}, )?[12]\d{{3}}\b)"
_ABOUT = r"(?:(?i:about|some|around|over|almost|nearly|only|at least|more than|up to) )?"
_COUNT = rf"{_ABOUT}(?P<count>\d[\d,]*|(?i:{'|'.join(_DIGITS[1:])})) "
_NAME = r"[A-Z][\w'’-]+(?: (?:[A-Z][\w'’-]+|de|van|von))*(?: [A-Z][\w'’-]+)?"
_PERSON = r"[A-Z][a-z'’-]+(?: [A-Z][\w'’-]+){1,2}"
_SUBJECT = rf"(?P<subject>(?:[Tt]he|[Aa]n?)(?: [\w'’-]+){{1,5}}?|{_NAME})"
# Words without a break; the comma of "31,000" is none.
_PLAIN = r"(?:[^,;:()\"“”«»?!]|(?<=\d),(?=\d))+?"
_MONEY = (
    r"(?:[£$€]\d[\d,.]*\d|[£$€]\d|\d[\d,.]* (?:euros?|dollars?|pounds?|yen|yuan|rou?bles?|rupees|francs?|crowns|"
    r"kron(?:or|er|a|e)|zloty|pesos|cents|pence))"
)
_UNITS = (
    "kilograms?|kilometres?|kilometers?|metres?|meters?|centimetres?|litres?|tons?|hours?|days|weeks|months|years"
)
_MEASURE = rf"(?:\d[\d,.]*|{'|'.join(_DIGITS)}) (?:{_UNITS})"
_BE = "is|are|was|were"
_PASTS_OR = "|".join(sorted(PASTS))
_PRESENTS_OR = "|".join(sorted(PRESENTS))
_VERB = rf"(?:(?P<past>{_PASTS_OR})|(?P<present>{_PRESENTS_OR}))"
_DONE = rf"(?P<done>(?:not )?(?:{'|'.join(DONE_WORDS)}|planned|scheduled|due|born|expected))"
_TAIL = r"(?:(?:,| and| but| while) .+)?\."


@dataclass(frozen=True, slots=True)
class Made:
    """A question and the strings of which a right answer holds one. `subject` is what it is about, or ""."""

    kind: QuestionType
    question: str
    answers: tuple[str, ...]
    subject: str = ""


def questions(sentence: str) -> Iterator[Made]:
    """Return the questions that a sentence answers, the surest first; none where it fits no pattern."""
    asked = (made for clause in _clauses(sentence) for ask in _ASKERS for made in ask(clause))
    by_question = dict[str, Made]()
    for made in filter(_stands_alone, asked):
        by_question.setdefault(made.question, made)
    yield from by_question.values()


def _stands_alone(made: Made) -> bool:
    # In "How long does it last?" the word is a verb.
    said = words(made.question.removesuffix(" last?"))
    gives_away = any(holds(made.question, answer) for answer in made.answers)
    is_loose = not LOOSE.isdisjoint(said) or _LOOSE_PHRASE.search(made.question)
    return len(said) in _QUESTION_WORDS and not is_loose and not gives_away


_THAT = re.compile(
    r"^[^,\"“”]{3,60}? (?:said|says|reported|stated|announced|confirmed|added) that (?P<clause>.+)$"
)
_SECOND = re.compile(
    rf"^{_SUBJECT} (?P<first>(?:{_PRESENTS_OR}|{_PASTS_OR}|{_BE}|has|have|had|will|can) .*?)"
    rf" and (?P<second>(?:{_PRESENTS_OR}|{_PASTS_OR}|{_BE}) .+)$"
)


def _clauses(sentence: str) -> Iterator[str]:
    """Return the sentence, or both halves of "The lease began ... and ends ...", and what somebody said in it."""
    match = _SECOND.match(sentence)
    if match and _subject(match):
        first, second = match["first"], match["second"]
        # "was built in 1907 and restored in 1994"
        be = (
            f"{first.split()[0]} "
            if first.split()[0] in _BE.split("|") and second.split()[0] in DONE_WORDS
            else ""
        )
        yield f"{match['subject']} {first}."
        yield f"{match['subject']} {be}{second}"
    else:
        yield sentence
    if match := _THAT.match(sentence):
        clause = match["clause"]
        yield clause[0].upper() + clause[1:]


def _subject(match: re.Match[str]) -> str:
    """Return the subject as it stands inside a question, "" where it is none."""
    subject = match["subject"]
    first, _, rest = subject.partition(" ")
    if not _NO_SUBJECT.isdisjoint(words(subject)) or _is_no_start(first):
        return ""
    is_common = not rest and _NO_NAME.fullmatch(subject)
    return f"{first.lower()} {rest}".strip() if first in ("The", "A", "An") or is_common else subject


def _is_no_start(word: str) -> bool:
    """Return True for a capital that only begins a sentence."""
    return word in _NO_FIRST or word.lower() in LOOSE


def _may_be_who(name: str) -> bool:
    parts = name.split()
    # "Fees rose."
    is_things = len(parts) == 1 and name.endswith("s") and not name.endswith("ss")
    is_other = is_things or parts[0] in MONTHS or parts[-1] in _NO_PERSON or _NO_NAME.fullmatch(name)
    return not is_other and not _is_no_start(parts[0])


_NO_FIRST = frozenset(
    """
    In On At By From For After Before Since That There Nobody Nothing Many Most Some All Each Every What Who
    When Where If Because Although While But And Yet Still Only Even Not No One Two Three Four Five Six
    Seven Eight Nine Ten As Under During
    """.split()
)


def _do(match: re.Match[str]) -> tuple[str, str]:
    """Return the helper and the base of the verb: "did", "open"."""
    return ("did", PASTS[match["past"]]) if match["past"] else ("does", PRESENTS[match["present"]])


# When


_DONE_ON = re.compile(
    rf"{_SUBJECT} (?P<verb>{_BE}|will be) (?:{_DONE}(?P<rest>(?: {_PLAIN})?) )?(?:on|in|for) {_DATE}"
    rf"(?P<place>(?: (?:at|in) {_PLAIN})?){_TAIL}"
)
_DID_ON = re.compile(
    rf"{_SUBJECT} {_VERB}(?P<rest>(?: {_PLAIN})?) (?:on|in) {_DATE}(?P<place>(?: (?:at|in|on) {_PLAIN})?){_TAIL}"
)
_WILL_ON = re.compile(rf"{_SUBJECT} will (?P<base>[a-z]+)(?P<rest>(?: {_PLAIN})?) (?:on|in) {_DATE}{_TAIL}")
_ON_DID = re.compile(rf"(?:On|In) {_DATE},? {_SUBJECT} {_VERB}(?P<rest>(?: {_PLAIN})?)(?P<place>){_TAIL}")
_MUST_BY = re.compile(
    rf"{_SUBJECT} (?P<must>must|should|can|may) (?P<rest>be {_PLAIN}) (?:before|by) {_DATE}{_TAIL}"
)
_AT_TIME = re.compile(
    rf"{_SUBJECT} {_VERB}(?P<rest>(?: {_PLAIN})?) at (?P<time>\d{{1,2}}[:.]\d\d(?: ?[ap]\.?m\b)?){_TAIL}"
)
_SINCE = re.compile(rf"{_SUBJECT} (?P<verb>has|have) been (?P<rest>{_PLAIN}) since {_DATE}{_TAIL}")


def _when(clause: str) -> Iterator[Made]:
    if (match := _DONE_ON.fullmatch(clause)) and (subject := _subject(match)):
        done = f" {match['done']}" if match["done"] else ""
        # "in Rome in 1961" keeps the place; "will be" is cut in two by the subject.
        first, _, be = match["verb"].partition(" ")
        question = f"When {first} {subject}{' be' if be else ''}{done}{match['rest'] or ''}{match['place']}?"
        yield Made(QuestionType.TIME, question, dates(match["date"]), subject)
    for pattern in (_DID_ON, _ON_DID):
        if (match := pattern.fullmatch(clause)) and (subject := _subject(match)):
            do, base = _do(match)
            question = f"When {do} {subject} {base}{match['rest']}{match['place']}?"
            yield Made(QuestionType.TIME, question, dates(match["date"]), subject)
    if (match := _WILL_ON.fullmatch(clause)) and (subject := _subject(match)):
        question = f"When will {subject} {match['base']}{match['rest']}?"
        yield Made(QuestionType.TIME, question, dates(match["date"]), subject)
    if (match := _MUST_BY.fullmatch(clause)) and (subject := _subject(match)):
        question = f"By when {match['must']} {subject} {match['rest']}?"
        yield Made(QuestionType.TIME, question, dates(match["date"]), subject)
    if (match := _AT_TIME.fullmatch(clause)) and (subject := _subject(match)):
        do, base = _do(match)
        question = f"At what time {do} {subject} {base}{match['rest']}?"
        yield Made(QuestionType.TIME, question, (match["time"],), subject)
    if (match := _SINCE.fullmatch(clause)) and (subject := _subject(match)):
        question = f"Since when {match['verb']} {subject} been {match['rest']}?"
        yield Made(QuestionType.TIME, question, dates(match["date"]), subject)


def dates(text: str) -> tuple[str, ...]:
    """Return a date as it stands, and in the other orders in which it may be written."""
    match = re.fullmatch(rf"(?:(\d{{1,2}}) )?({_MONTH}) (?:(\d{{1,2}}), )?(\d{{4}})", text)
    if not match or not (day := match[1] or match[3]):
        return (text,)
    month, year = match[2], match[4]
    written = f"{day} {month} {year}", f"{month} {day}, {year}"
    iso = f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}"
    return tuple(dict.fromkeys((text, *written, iso)))


# How many, how much


_THERE_ARE = re.compile(
    rf"There (?P<verb>are|were) {_COUNT}(?P<things>[a-z-]+)(?P<rest>(?: {_PLAIN})?)(?:, .+)?\."
)
_HAVE = re.compile(
    rf"{_SUBJECT} (?P<verb>has|have|had) {_COUNT}(?P<things>[a-z-]+(?: [a-z-]+){{0,2}}?)"
    rf"(?P<rest>(?: (?:in|at|on|with|from) {_PLAIN})?){_TAIL}"
)
_MANY_DO = re.compile(rf"{_COUNT}(?P<things>[a-z-]+s|people|men|women|children)(?P<rest> {_PLAIN} {_PLAIN})\.")
_DID_MANY = re.compile(
    rf"{_SUBJECT} {_VERB} {_COUNT}(?P<things>(?:[A-Z]?[a-z-]+ )?(?:[a-z-]+s|people|men|women|children))"
    rf"(?P<rest>(?: (?:in|at|on|to|for|from) {_PLAIN})?){_TAIL}"
)


def _how_many(clause: str) -> Iterator[Made]:
    if (match := _THERE_ARE.fullmatch(clause)) and _is_count(match):
        question = f"How many {match['things']}{match['rest']} {match['verb']} there?"
        yield Made(QuestionType.FACT, question, counts(match["count"]))
    if (match := _MANY_DO.fullmatch(clause)) and _is_count(match):
        yield Made(QuestionType.FACT, f"How many {match['things']}{match['rest']}?", counts(match["count"]))
    if (match := _HAVE.fullmatch(clause)) and _is_count(match) and (subject := _subject(match)):
        does = {"has": "does", "have": "do", "had": "did"}[match["verb"]]
        question = f"How many {match['things']} {does} {subject} have{match['rest']}?"
        yield Made(QuestionType.FACT, question, counts(match["count"]), subject)
    if (match := _DID_MANY.fullmatch(clause)) and _is_count(match) and (subject := _subject(match)):
        do, base = _do(match)
        is_measured = re.fullmatch(_UNITS, match["things"]) is not None
        if not is_measured:
            question = f"How many {match['things']} {do} {subject} {base}{match['rest']}?"
            yield Made(QuestionType.FACT, question, counts(match["count"]), subject)


def _is_count(match: re.Match[str]) -> bool:
    count = match["count"]
    is_year = count.isdigit() and int(count) in _YEARS
    return not is_year and match["things"].split()[0] not in _NO_THINGS


def counts(text: str) -> tuple[str, ...]:
    """Return a number as it stands, and in words or digits where it is small."""
    if text.lower() in _DIGITS:
        return text, str(_DIGITS.index(text.lower()) + 1)
    is_small = text.isdigit() and 0 < int(text) <= len(_DIGITS)
    return (text, _DIGITS[int(text) - 1]) if is_small else (text,)


_PERCENT = re.compile(
    rf"{_SUBJECT} {_VERB} {_ABOUT}(?P<share>\d[\d.,]*) ?(?:percent|per cent|%) of (?P<whole>{_PLAIN}){_TAIL}"
)
_COSTS = re.compile(
    rf"{_SUBJECT} (?P<verb>costs?|weighs|weighed|lasts|lasted) {_ABOUT}(?P<much>{_MONEY}|{_MEASURE})(?:[, ].+)?\."
)
_AMOUNTS = re.compile(
    rf"{_SUBJECT} (?P<verb>is|was|amounts to|amounted to|comes to|came to) {_ABOUT}(?P<much>{_MONEY})"
    rf"(?P<rest>(?: {_PLAIN})?){_TAIL}"
)
_HOW = {"cost": "How much", "weigh": "How much", "last": "How long"}


def _how_much(clause: str) -> Iterator[Made]:
    if (match := _PERCENT.fullmatch(clause)) and (subject := _subject(match)):
        do, base = _do(match)
        question = f"What percentage of {match['whole']} {do} {subject} {base}?"
        yield Made(QuestionType.FACT, question, (f"{match['share']} percent",), subject)
    if (match := _COSTS.fullmatch(clause)) and (subject := _subject(match)):
        verb = match["verb"]
        base = next(base for base in _HOW if verb.startswith(base))
        do = "did" if verb.endswith("ed") else "does" if verb.endswith("s") else "do"
        # "Tickets cost" is no name: one thing "costs".
        subject = subject if do != "do" or " " in subject else subject.lower()
        yield Made(QuestionType.FACT, f"{_HOW[base]} {do} {subject} {base}?", measures(match["much"]), subject)
    if (match := _AMOUNTS.fullmatch(clause)) and (subject := _subject(match)):
        be = "was" if match["verb"] in ("was", "amounted to", "came to") else "is"
        yield Made(QuestionType.FACT, f"How much {be} {subject}?", measures(match["much"]), subject)


def measures(text: str) -> tuple[str, ...]:
    """Return a quantity as it stands, its number in digits too."""
    number, _, unit = text.partition(" ")
    return tuple(f"{one} {unit}".strip() for one in counts(number))


# Who, where


_ROLE_IS = re.compile(rf"(?P<subject>The(?: [\w'’-]+){{1,5}}?) (?P<verb>is|was) (?P<name>{_PERSON}){_TAIL}")
_KEPT_BY = re.compile(rf"{_SUBJECT} (?P<verb>{_BE}) {_DONE}(?P<rest>(?: {_PLAIN})?) by (?P<name>{_PERSON}){_TAIL}")
_HELD_AT = re.compile(rf"{_SUBJECT} (?P<verb>{_BE}) {_DONE} (?:at|in) (?P<name>(?:the )?{_NAME}){_TAIL}")
_TO_PEOPLE = "elected|appointed|chosen|named|promoted|hired|employed|born|invited|expelled|shot"
_WHO_DID = re.compile(
    rf"(?:[Tt]he )?(?P<name>{_NAME}) (?P<does>(?:was|is|will be) (?:{_TO_PEOPLE})|{_VERB})"
    rf"(?P<rest> {_PLAIN} {_PLAIN}|(?<=elected) {_PLAIN}|(?<=appointed) {_PLAIN}){_TAIL}"
)
# "Ann Berg, 86, who was born in Rome, ..." and "Ann Berg, a gas buyer for small towns, ..."
_BESIDE = re.compile(
    rf"(?:^|[ (])(?P<name>{_PERSON}),(?: (?P<age>[1-9]\d),)? (?:who (?P<does>[a-z]+ {_PLAIN})|"
    rf"(?P<role>(?:an?|the|deputy|head|director|owner) {_PLAIN}))(?=[,.])"
)
# "Ann Berg and Leo Ito, who say ..." and "Far Quay Radio, a network for ..."
_PLURAL = re.compile(r"(?:have|are|were|say|do|want|think|believe)\b")
_NO_ROLE = re.compile(
    r"(?:(?!of |for |in |at |to )[\w-]+ ){1,4}(?:network|company|firm|group|agency|tank|party|bank|newspaper|"
    r"magazine|site|film|book|city|town|village|island|ship|river|commission|association|committee|charity|museum|school|"
    r"university)\b"
)
_AGED = re.compile(rf"(?:^|[ (])(?P<name>{_PERSON}), (?P<age>[1-9]\d)(?=[,.])")
_IN_BRACKETS = re.compile(
    rf"(?P<name>{_PERSON}) \((?P<role>(?:[a-z]+ )?(?:[a-z]+(?:er|or|ist|ant)|chair|head|lead|secretary|clerk))\)"
)
# "Who announced the decision?" could be of any decision: a number or a name has to say which.
_ANCHOR = re.compile(r"\d|[A-Z]|^ (?!the |an? )[a-z]+(?: [a-z]+)?$")
_LEAST_ROLE_WORDS = 4


def _who_beside(clause: str) -> Iterator[Made]:
    for match in _BESIDE.finditer(clause):
        does = match["does"] or f"is {match['role']}"
        is_person = not _PLURAL.match(does) and not _NO_ROLE.match(match["role"] or "")
        if is_person and len(does.split()) >= _LEAST_ROLE_WORDS and _may_be_who(match["name"]):
            yield Made(QuestionType.FACT, f"Who {does}?", names(match["name"]), match["name"])
    for match in _AGED.finditer(clause):
        if _may_be_who(match["name"]):
            yield Made(QuestionType.FACT, f"How old is {match['name']}?", (match["age"],), match["name"])
    for match in _IN_BRACKETS.finditer(clause):
        yield Made(QuestionType.FACT, f"Who is the {match['role']}?", names(match["name"]), match["name"])


def _who(clause: str) -> Iterator[Made]:
    if (match := _ROLE_IS.fullmatch(clause)) and (subject := _subject(match)):
        yield Made(QuestionType.FACT, f"Who {match['verb']} {subject}?", names(match["name"]), subject)
    if (match := _KEPT_BY.fullmatch(clause)) and (subject := _subject(match)):
        question = f"Who {match['verb']} {subject} {match['done']}{match['rest']} by?"
        yield Made(QuestionType.FACT, question, names(match["name"]), subject)
    if (match := _WHO_DID.fullmatch(clause)) and _may_be_who(match["name"]) and _ANCHOR.search(match["rest"]):
        question = f"Who {match['does']}{match['rest']}?"
        yield Made(QuestionType.FACT, question, names(match["name"]), match["name"])


def _where(clause: str) -> Iterator[Made]:
    match = _HELD_AT.fullmatch(clause)
    if match and (subject := _subject(match)) and match["name"].split()[0] not in MONTHS:
        yield Made(
            QuestionType.FACT, f"Where {match['verb']} {subject} {match['done']}?", (match["name"],), subject
        )


def names(name: str) -> tuple[str, ...]:
    """Return a person's name, and the last name alone."""
    last = name.split()[-1]
    return tuple(dict.fromkeys((name, name if last in _NO_PERSON else last)))


_ASKERS = (_when, _how_much, _how_many, _who_beside, _who, _where)
