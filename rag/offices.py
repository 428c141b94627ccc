"""Who holds an office, as far as the words around a name tell: "Foreign Minister Motegi", "Ito, mayor of Otaru".

Knows text only. "Who is the Russian ambassador in Tokyo?" is not answered by a sentence about the Japanese
ambassador in Moscow, nor "the foreign minister" by a deputy, a predecessor or a spokesman of one.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import IntEnum

from rag.asked import AnswerKind, Asked
from rag.stems import american
from rag.text import STOPWORDS, content_words, words
from rag.types import Span
from rag.values import Value, values
from rag.values_dates import MONTHS, WEEKDAYS, Period, times
from rag.values_names import name_of

_ASKS_OFFICE = re.compile(
    r"^(?:and |so |but )?who(?:['’]s| is| was| are| were| became| becomes| served as)\s+(?:now |currently |then )?"
    r"(?P<office>[^?]+)",
    re.IGNORECASE,
)
# The office ends where something about it begins: a place, a time, a clause.
_OFFICE_ENDS = re.compile(
    r"\s(?:in|of|for|to|at|under|on|as of|from|since|between|until|during|when|while|before|after|now|right now|"
    r"then|today|currently|at the (?:moment|time|start|end|beginning))\b|[,(]",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an|his|her|its|their|current|new|present|acting)\s+", re.IGNORECASE)
_OWNER = re.compile(r"^(?P<owner>.+?)['’]s?\s+(?P<rest>.+)$")
_SHORT = {"pm": ("prime", "minister"), "president": ("president",), "premier": ("premier",)}
# What a holder does, for the office itself.
_DOES = {
    "speaks for": "is the spokesperson of",
    "spoke for": "was the spokesperson of",
    "chairs": "is the chair of",
}
_DOING = re.compile(rf"(?<=who )(?:{'|'.join(_DOES)})(?= \S)", re.IGNORECASE)
# "Minister of foreign affairs" is the foreign minister; a place begins with a capital. Clubs have secretaries too.
_MINISTER_OF = re.compile(
    r"\b(?:(?P<who>[Mm]inister) (?:of|for) (?:the )?"
    r"(?P<what>[a-z]\w+(?: and [a-z]\w+| (?!of\b|in\b|for\b)[a-z]\w+)?)|"
    r"(?P<secretary>[Ss]ecretary) of (?P<state>state|defen[cs]e|commerce|labor|energy|health|education))\b"
)
_BEFORE_MINISTER = frozenset("the a an deputy new first current former acting is was as".split())
_MINISTERS = ("minister", "secretary")
# One office, whoever holds it: "spokesman", "spokeswoman".
_HELD_BY_EITHER = re.compile(r"^(?P<office>spokes(?=\w)|chair)(?:man|woman|person)?$")
_ABBREVIATED = re.compile(
    rf"\b(?:{'|'.join(word for word, full in _SHORT.items() if full != (word,))})\b", re.IGNORECASE
)
# What makes the holder of an office somebody else: "deputy foreign minister", "ex-mayor".
_LESSER = frozenset("deputy vice former ex late then acting assistant onetime shadow".split())
_ONCE = frozenset("former ex late onetime then".split())
_REPLACED = re.compile(
    r"\b(?:replac(?:ed|es|ing)|succeed(?:ed|s|ing)?|follow(?:ed|s|ing)|defeat(?:ed|s|ing)|beat(?:s|ing)?|oust(?:ed|ing)|"
    r"took over from|predecessor|instead of)\s*$",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"^\s*(?:, [^,.;:!?“”\"]{1,60},\s+(?=(?:is|was|becomes?|became|has been|takes? over|took over)\b))?"
    r"(?:[,(]\s*)?(?:(?:who|which)\s+)?(?:(?:is|was|has been|had been|becomes?|became|remains?|serves?|served|"
    r"takes? over|took over|will take over|will be|to be|named|elected|appointed|as|the|a|an|its|his|their|since|"
    r"new|current|currently|now)\s+|"
    r"(?P<who>[A-Z]\w+['’]s?)\s+)*",
)
# Who leads a board is its chair, its head or its president.
_LEADS = re.compile(
    r"\s+(?:(?P<now>leads|heads|chairs|runs|directs|presides over|has (?:led|headed|chaired|run|directed))|"
    r"led|headed|chaired|ran|directed|presided over)\s+(?:the\s+)?(?P<body>[\w’' -]{1,80}?)"
    r"(?=[,.;]|\s(?:of|since|for|until|till|in|at|from|and|with|to|when)\b|$)"
)
_LEADERS = frozenset("chair chairman chairwoman head leader director president boss chief".split())
# What may stand between an office and the name of its holder.
_JOINT = re.compile(
    r"(?:[,:]| (?:is|was|remains|became)(?: now| still| currently| again)?|,? named|,? called)?\s*$"
)
_ENDS_LINE = re.compile(r"\s*(?:[.;,(]|$)")
_TITLE = re.compile(r"(?:\b[A-Z][\w-]*\s+)+$")
# Who holds an office since 2019, or was born in 1961, holds it still.
_SINCE = re.compile(r"\b(?:since|born)\b", re.IGNORECASE)
# Who took an office long before the day that is asked about may hold it then.
_BEGAN = re.compile(
    r"\b(?:since|born|from|became|becom(?:es|ing)|elected|appointed|named|took (?:over|office)|in office|"
    r"sworn in)\b",
    re.IGNORECASE,
)
_GROUND = re.compile(r",?\s(?:because|although|though|even if)\s", re.IGNORECASE)
_LEFT = re.compile(r"\b(?:resign|quit|left|step|dismiss|fired|sacked|oust|remov|died|killed|lost)", re.IGNORECASE)
_LONG_AGO = timedelta(days=2 * 365)
_IS_OVER = re.compile(r"\b(?:was|had been|served)\b")
_BEFORE_WORDS = 6
_ADJECTIVES = 3
_ITS = ("its", "their")
_NO_PLACE = frozenset("the a an new then former current prime chief his her its their our".split())
# Who stands before one of these does something to whoever holds the office.
_MEETS = re.compile(
    r"\w{2,}ed|met|told|said|saw|sent|wrote|gave|took|left|beat|sued|with|and|by|to|from|for|as|against|that|meets|tells"
)
_CLAUSE = re.compile(r"[;:!?“”\"]|\.\s|\s(?:and|but|while|[-–—])\s")


class Fit(IntEnum):
    """What a mention tells of a name and the office that is asked for."""

    ELSE = -1
    SILENT = 0
    HOLDER_OF_SOME = 1
    HOLDER = 2


@dataclass(frozen=True, slots=True)
class Office:
    """An office by the words that name it, and the place or state it belongs to where the question names one.

    `within` are all words of what it belongs to ("the Russian foreign ministry"), `once` where a former holder is
    asked for.
    """

    role: tuple[str, ...]
    of: frozenset[str]
    within: frozenset[str]
    once: bool


@dataclass(slots=True)
class Holders:
    """What all mentions together tell: a name is told as the holder until one mention puts it elsewhere."""

    fits: dict[str, set[Fit]] = field(default_factory=dict)

    def add(self, name: str, fit: Fit) -> None:
        """Keep what one mention tells; a surname stands for the whole name."""
        self.fits.setdefault(_surname(name), set()).add(fit)

    def holds(self, name: str) -> bool:
        """Return whether the mentions call this name the holder, and none of them the holder of another place."""
        told = self.fits.get(_surname(name), set())
        return Fit.HOLDER in told or (Fit.HOLDER_OF_SOME in told and Fit.ELSE not in told)


def spelled_out(text: str) -> str:
    """Return the text with abbreviated offices in full: who asks for the PM finds "prime minister"."""
    return _ABBREVIATED.sub(lambda match: " ".join(_SHORT[match.group().casefold()]), text)


def office_of(asked: Asked) -> Office | None:
    """Return the office whose holder is asked for, None for other questions."""
    question = _DOING.sub(lambda match: _DOES[match.group().casefold()], asked.question)
    found = _ASKS_OFFICE.match(question) if asked.kind is AnswerKind.PERSON else None
    if found is None:
        return None
    text = _MINISTER_OF.sub(_turned, found["office"].strip())
    end = _OFFICE_ENDS.search(text)
    named = _ARTICLE.sub("", text[: end.start()] if end else text)
    owner = _OWNER.match(named)
    of = set(content_words(owner["owner"])) if owner else set()
    role = [
        part for word in content_words(owner["rest"] if owner else named) for part in _SHORT.get(word, (word,))
    ]
    places = {word for name in asked.names for word in content_words(name)}
    of |= places | {word for word in role if _is_state(word)}
    role = [word for word in role if word not in of and word not in _ONCE]
    body: list[str] = []
    if end is not None and end.group().strip().casefold() in _OF_PLACE:
        body = content_words(_OFFICE_ENDS.split(text[end.end() :])[0])
        of |= set(content_words(text[end.end() :])[:1]) - _TIMES
    known = {word for word in role if word.isalpha()}
    # The director of "The Godfather" holds no office.
    if asked.quoted or not known or not any(word in OFFICES for word in known):
        return None
    return Office(tuple(role), frozenset(of), frozenset([*of, *body]), once=bool(_ONCE & set(words(text))))


def holder_spans(asked: Asked, said: Sequence[tuple[str, date | None]]) -> list[Span | None] | None:
    """Return where each sentence names the holder of the office asked for, None for questions about no office.

    `said` are sentences with the days of their documents. One that calls a man the holder of another place's
    office ("the Japanese ambassador") speaks against all that only say "the ambassador".
    """
    office = office_of(asked)
    if office is None:
        return None
    told = Holders()
    fits = []
    for text, day in said:
        named = [] if _is_history(text, asked, day) else values(text, asked, published=day)
        found = [_without_office(office, one) for one in named]
        of_then = asked.now or (asked.when is not None and day is not None and day <= asked.when.last)
        fits.append([(one, fit(office, text, value=one, of_then=of_then)) for one in found])
        for one, what in fits[-1]:
            told.add(one.text, what)
    return [_holder(told, found) for found in fits]


def _turned(match: re.Match[str]) -> str:
    """Return "foreign minister" of "minister of foreign affairs"; "prime minister of japan" stays."""
    before = match.string[: match.start()].split()[-1:]
    if match["who"] and before and before[0].casefold() not in _BEFORE_MINISTER:
        return match.group()
    what = (match["what"] or match["state"]).removesuffix(" affairs").replace(" and ", " ")
    return f"{what} {match['who'] or match['secretary']}"


def _without_office(office: Office, value: Value) -> Value:
    """Return the name alone of "President of Utopia Ann Lee": of what the office is, the question says."""
    of = r"(?:\s+\w+)?\s+".join(map(re.escape, office.role))
    place = "|".join(map(re.escape, office.of)) or r"(?!)"
    found = re.match(
        rf"(?:\w+\s+)*?{of}\s+(?:of|for)\s+(?:the\s+)?(?:(?:{place})\s+)+(?=\S)", value.text, re.IGNORECASE
    )
    if found is None:
        return value
    return replace(value, start=value.start + found.end(), text=value.text[found.end() :])


def _is_history(text: str, asked: Asked, day: date | None) -> bool:
    """Return whether a sentence tells of a time long before the one that is asked about, for "now" that of its
    document: who signed in 1956 is not in office.
    """
    # Why something was done may be of any time; why somebody left tells when.
    told = _GROUND.split(text, maxsplit=1)[0]
    if _LEFT.search(told) or OFFICES.isdisjoint(words(told)):
        told = text
    named = [one.time for one in times(told, published=day) if isinstance(one.time, Period)]
    if asked.now and day is not None:
        return not _SINCE.search(text) and any(day - time.last > _LONG_AGO for time in named)
    if asked.when is None or not named or _BEGAN.search(text):
        return False
    is_of_then = day is not None and asked.when.first <= day <= asked.when.last
    return not is_of_then and all(asked.when.first - time.last > _LONG_AGO for time in named)


def _holder(told: Holders, found: Iterable[tuple[Value, Fit]]) -> Span | None:
    holding = (one for one, what in found if what > Fit.SILENT and told.holds(one.text))
    return next(((one.start, one.end) for one in holding), None)


def fit(office: Office, sentence: str, *, value: Value, of_then: bool = False) -> Fit:
    """Return what a sentence tells of one of its names.

    Written `of_then`, at the time that is asked about, "was minister" tells of an earlier time.
    """
    if _REPLACED.search(_TITLE.sub("", sentence[: value.start])):
        return Fit.SILENT
    # "Chair: Ann Ito." names her; "The mayor: Ann Ito has lied" is said by the mayor.
    if sentence[: value.start].rstrip().endswith(":") and not _ENDS_LINE.match(sentence, value.end):
        return Fit.SILENT
    before = _told_before(office, sentence[: value.start])
    if before is not Fit.SILENT:
        return before
    return _told_after(office, sentence[value.end :], of_then=of_then)


def _told_before(office: Office, text: str) -> Fit:
    """Read the words right before a name: "Japan's new prime minister, ", "The mayor of Otaru, "."""
    text = _with_turned(office, text)
    said = _CLAUSE.split(_JOINT.sub("", text))[-1].split()[-_BEFORE_WORDS:]
    at = _place(office, said)
    if at is None:
        return Fit.SILENT
    before, behind = said[:at], said[at + len(office.role) :]
    is_told = text.rstrip().endswith(",") or office.of.issuperset(content_words(" ".join(behind[1:])) or [""])
    if behind and (behind[0].casefold() not in _OF_PLACE or not is_told):
        return Fit.SILENT
    weighed = _weighed(office, before, behind)
    # "The harbour board refused it, its chair Ito said": whose chair is told before.
    is_its = weighed is Fit.HOLDER_OF_SOME and any(word.casefold() in _ITS for word in before[-2:])
    return Fit.HOLDER if is_its and _names_all(content_words(text), office.within) else weighed


def _with_turned(office: Office, text: str) -> str:
    """Return a text with "minister of foreign affairs" as the foreign minister that is asked for."""
    *what, who = office.role
    if not what or who not in _MINISTERS:
        return text
    named = r"\W+(?:and\s+)?".join(map(re.escape, what))
    of = rf"\b{re.escape(who)} (?:of|for) (?:the )?{named}(?: affairs\b)?"
    return re.sub(of, " ".join(office.role), text, flags=re.IGNORECASE)


def _told_after(office: Office, text: str, *, of_then: bool) -> Fit:
    """Read what follows a name where it says what the name is: ", mayor of Otaru", " became prime minister"."""
    text = _with_turned(office, text)
    leads = _LEADS.match(text)
    if leads is not None and office.within and _LEADERS.issuperset(office.role):
        led = content_words(leads["body"])
        is_body = _names_all(led, office.within) and _names_all(office.within, led)
        return Fit.HOLDER if is_body and (leads["now"] or not of_then) else Fit.SILENT
    opened = _HOLDS.match(text)
    if opened is None or not opened.group().strip() or (of_then and _IS_OVER.search(opened.group())):
        return Fit.SILENT
    said = [*(opened["who"] or "").split(), *_CLAUSE.split(text[opened.end() :])[0].split()]
    at = _place(office, said[: _ADJECTIVES + len(office.role)])
    if at is None or any(word.islower() and word not in _NO_PLACE for word in said[:at]):
        return Fit.SILENT
    behind = said[at + len(office.role) :]
    if behind and behind[0][:1].isupper() and not said[at + len(office.role) - 1].endswith(","):
        return Fit.SILENT  # "Kishida, Foreign Minister Kamikawa and ...": the office of the next name
    return _weighed(office, said[:at], behind)


def _place(office: Office, said: list[str]) -> int | None:
    """Return where the words of the office stand for the last time."""
    plain = [_neutral(word.casefold().strip(",.()")) for word in said]
    role = [_neutral(word) for word in office.role]
    places = range(len(plain) - len(role), -1, -1)
    return next((at for at in places if plain[at : at + len(role)] == role), None)


def _neutral(word: str) -> str:
    """Return a word of an office without what it tells of its holder and of who writes it."""
    return _HELD_BY_EITHER.sub(r"\g<office>person", american(word))


def _weighed(office: Office, before: list[str], behind: list[str]) -> Fit:
    """Return whose office it is by the words before it ("Japan's new") and behind it ("of Otaru")."""
    lesser = {piece for word in before[-2:] for piece in word.casefold().split("-")} & _LESSER
    if lesser and not (office.once and lesser <= _ONCE):
        return Fit.SILENT
    if not office.of:
        return Fit.HOLDER
    # In "left for Nemuro, its mayor" the mayor is of whoever left.
    if len(before) > 1 and before[-2].endswith(",") and before[-1].casefold() in _ITS:
        before = before[-1:]
    capitals = [word for word in _owners(before) if _may_be_place(word)]
    if behind and behind[0].casefold() in _OF_PLACE:
        capitals += [word for word in behind[1:4] if word[:1].isupper()]
    near = [word for part in capitals for word in content_words(part)]
    if _names_all(near, office.of):
        return Fit.HOLDER
    strange = any(not any(same_state(one, word) for one in office.within) for word in near)
    return Fit.ELSE if strange else Fit.HOLDER_OF_SOME


def _owners(before: list[str]) -> list[str]:
    """Return the words before an office that may say whose it is: in "Ito met mayor" Ito does not."""
    *_, owner, last = ["", "", *before]
    return [last] if _MEETS.fullmatch(last) else [owner, last]


def _names_all(said: Collection[str], wanted: Iterable[str]) -> bool:
    return all(any(same_state(one, word) for word in said) for one in wanted)


def _may_be_place(word: str) -> bool:
    """Return whether a word before an office may say where: no "First," or "Tuesday", capitalised as they are."""
    return word[:1].isupper() and word.casefold().rstrip(".,") not in _NEVER_PLACE


def _surname(name: str) -> str:
    head = name_of(name).head
    return head[-1] if head else name.casefold()


def _is_state(word: str) -> bool:
    return re.search(r"(?:ese|ish|[lrstdcvg]ian|ean|ican)$", word) is not None


def same_state(one: str, other: str) -> bool:
    """Return whether two words name one place: "Japan" and "Japanese", "Russia" and "Russian"."""
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return one == other or (shared >= _SAME_LETTERS and min(len(one), len(other)) - shared <= 1)


_SAME_LETTERS = 4
_OF_PLACE = ("in", "of", "for", "to", "at")
_TIMES = frozenset(
    [*MONTHS, *WEEKDAYS, *"start beginning end middle moment time year spring summer autumn winter".split()]
)
# Capitalised before an office only because a sentence begins with them, as days are always.
_OPENERS = frozenset(
    """
    first second third finally also earlier later meanwhile however today yesterday tomorrow now both still once
    """.split()
)
_NEVER_PLACE = _NO_PLACE | _OPENERS | _TIMES | STOPWORDS
OFFICES = frozenset(
    """
    minister president premier ambassador governor mayor secretary chancellor king queen emperor chairman
    chairwoman chair director head chief leader commissioner spokesman spokeswoman spokesperson speaker
    ceo boss owner captain coach editor judge senator envoy consul bishop archbishop pope general commander
    deputy rector principal dean treasurer manager founder
    """.split()
)
