"""Which full name a surname, a pronoun or "the diplomat" stands for in one document. Pure; reads no verbs.

It answers only where the document leaves one fitting person; otherwise the words stay as they stand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.speech_subjects import BASE, TokenSpan, head
from index.speech_units import NAME, NOUN, POSSESSIVE, Unit
from index.speech_words import BODIES, FEMALE_NAMES, FEMALE_TITLES, MALE_NAMES, MALE_TITLES, PEOPLE, ROLES

# A pronoun further from the name than this many paragraphs stands for nobody.
_NEAR_PARAGRAPHS = 2
# "Clinton" is Hillary Clinton where the document names her so often for each time it names another Clinton.
_DOMINANCE = 3
_MAX_NAME_WORDS = 4
_MAX_ROLE_WORDS = 10
# With more people of one surname than this a document is a list, and a surname alone says nothing.
_MAX_NAMESAKES = 12

_RUN = re.compile(f"{NAME}+{POSSESSIVE}?")
_TITLE = re.compile(rf"[{NOUN}{NAME}{POSSESSIVE}]*$")
_DESCRIPTION = re.compile(rf",(?:0,)?({BASE}(?:[IK]{BASE})*(?=[.,]|$)|{BASE}(?:I{BASE})*)")
_DESCRIBED = re.compile(r"((?:D|p)[nN0p]*[nN]|[nN]+p[nN]+),$")
# A full name as a subject: "Ann Smith went", "its head, Ann Smith, went", "рассказала глава Анна Иванова".
_SUBJECT_NAMES = (
    re.compile(rf"(?<![I{NAME}])({NAME}{{2,}})(?=[XVsvABM])"),
    re.compile(rf",D?n*({NAME}{{2,}})(?=,[XVsvABMn])"),
    re.compile(rf"V[nNp]*?({NAME}{{2,}})(?=[.,]|$)"),
)
_OPENS = re.compile(rf"[KJR]*({NAME}+)(?!{NAME})")
_GIVEN_NAMES = FEMALE_NAMES | MALE_NAMES
_NO_NAMES = BODIES | ROLES
_FEMALE_ENDINGS = ("ova", "eva", "skaya", "ina", "ова", "ева", "ская", "ина")

# The sex that a pronoun shows; None where it may be a body or several people.
_PRONOUNS = {
    "he": False, "him": False, "his": False, "он": False, "его": False,
    "she": True, "her": True, "она": True, "ее": True, "её": True,
    "they": None, "it": None, "them": None, "они": None,
}  # fmt: skip

# What one role is also called: "the diplomat" may be any of these.
_ALSO = {
    "diplomat": ("foreign", "ambassador", "envoy", "diplomat", "иностранных"),
    "envoy": ("ambassador", "envoy"),
    "politician": ("minister", "president", "senator", "deputy", "member", "lawmaker"),
    "lawmaker": ("senator", "sen", "rep", "representative", "congressman", "congresswoman", "deputy", "member"),
    "expert": ("researcher", "professor", "analyst", "director", "expert", "japanologist", "fellow", "lecturer"),
    "analyst": ("researcher", "analyst", "expert", "fellow"),
    "spokesperson": ("spokesman", "spokeswoman", "spokesperson"),
    "дипломат": ("мид", "посол", "иностранных", "замминистра"),
    "политик": ("депутат", "сенатор", "президент", "премьер-министр"),
    "эксперт": ("директор", "сотрудник", "политолог", "аналитик", "профессор", "востоковед"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: a full name or the words as they stand, the role, and the sex where the words show it."""

    name: str
    role: str | None = None
    female: bool | None = None
    person: bool = True


@dataclass(slots=True)
class _Known:
    """A full name of the document: how often it stands there, and the first role given to it."""

    name: str
    count: int = 0
    role: str | None = None


class Cast:
    """The people and bodies of one document, and who was last in focus."""

    def __init__(self, text: str, units: Sequence[Unit]) -> None:
        self._text = text
        self._people: dict[str, dict[str, _Known]] = {}
        self._bodies: dict[str, dict[str, int]] = {}
        self._focus: list[tuple[int, Voice]] = []
        self._group = (-2, Voice("they", person=False))
        for unit in units:
            if not unit.is_headline:
                self._read(unit)

    def look(self, unit: Unit, voice: Voice) -> None:
        """Remember that `voice` is spoken of in `unit`, for the pronouns that follow."""
        if voice.person:
            self._focus.append((unit.paragraph, voice))
            del self._focus[:-8]

    def look_at_group(self, unit: Unit, phrase: TokenSpan) -> None:
        """Remember "Russian officials" for the "they" of the next sentence."""
        main = unit.tokens[head(unit, phrase)]
        if main.lower in PEOPLE and main.lower.endswith("s"):
            self._group = (unit.number, Voice(self._span(unit, phrase), person=False))

    def look_around(self, unit: Unit) -> None:
        """Remember the full name that a unit without speech is about, if it is the subject of a verb there."""
        for match in (match for pattern in _SUBJECT_NAMES for match in pattern.finditer(unit.kinds)):
            run = self._without_titles(unit, match.span(1))
            words = self._words(unit, run)
            if len(words) > 1 and " ".join(words) in self._people.get(words[-1].lower(), {}):
                self.look(unit, self._person(unit, run, self._title(unit, run)))

    def knows(self, name: str) -> bool:
        """Return True for a full name of the document, or a surname of one."""
        words = name.split()
        people = self._people.get(words[-1].lower(), {}) if words else {}
        return name in people or (len(words) == 1 and bool(people))

    def voice(
        self, unit: Unit, phrase: TokenSpan, *, role: TokenSpan | None = None, is_behind: bool = False
    ) -> Voice:
        """Return who the noun phrase of a unit stands for; `is_behind` where what is said stands behind it."""
        kind = unit.kinds[phrase[0]]
        if phrase[1] - phrase[0] == 1 and unit.tokens[phrase[0]].lower in _PRONOUNS:
            return (self._opening(unit, phrase) if is_behind else None) or self._pronoun(unit, phrase)
        named = self._named(unit, phrase)
        if named is None:
            return self._described(unit, phrase)
        run, title = named
        if kind == "D" and run[1] < phrase[1] and unit.kinds[run[1]] == ",":
            role = None
        given = self._role(unit, role) or title
        return self._person(unit, run, given)

    def _read(self, unit: Unit) -> None:
        """Take note of the full names and bodies that a unit names."""
        for match in _RUN.finditer(unit.kinds):
            run = self._without_titles(unit, match.span())
            words = self._words(unit, run)
            if words and words[-1].lower() in BODIES:
                self._bodies.setdefault(words[-1].lower(), {}).setdefault(
                    self._span(unit, match.span()), unit.number
                )
            if not self._is_full_name(run, words):
                continue
            name = " ".join(words)
            known = self._people.setdefault(words[-1].lower(), {}).setdefault(name, _Known(name))
            known.count += 1
            known.role = (
                known.role
                or self._title(unit, run)
                or self._role_behind(unit, run)
                or self._role_before(unit, run)
            )

    def _is_full_name(self, run: TokenSpan, words: list[str]) -> bool:
        # "Paul Nurse" is no nurse.
        told = words[:-1] if words and words[0].lower() in _GIVEN_NAMES else words
        if not 2 <= len(words) <= _MAX_NAME_WORDS or any(word.lower() in _NO_NAMES for word in told):
            return False
        if run[0] == 0 and run[1] - run[0] > 3:  # a sentence may open with a capital that is no name
            return False
        return all(len(word) > 1 for word in (words[0], words[-1])) and not words[-1].isupper()

    def _without_titles(self, unit: Unit, run: TokenSpan) -> TokenSpan:
        """Return the name in a run of capitals, after its last title: "Foreign Minister | Andrei Rudenko"."""
        start, end = run
        while end - start > 2 and self._is_capitals(unit, start):  # "RF Andrei Rudenko"
            start += 1
        run = (start, end)
        for at in range(end - 2, start - 1, -1):
            if _bare(unit.tokens[at].lower) in ROLES:
                return at + 1, end
        return run

    def _is_capitals(self, unit: Unit, at: int) -> bool:
        token = unit.tokens[at]
        return token.end - token.start > 1 and self._text[token.start : token.end].isupper()

    def _title(self, unit: Unit, run: TokenSpan) -> str | None:
        """Return the words before a name where they end in a role: "Kremlin spokesman"."""
        start = run[0]
        before = _TITLE.search(unit.kinds, max(0, start - _MAX_ROLE_WORDS), start)
        assert before is not None
        titles = [_bare(token.lower) in ROLES for token in unit.tokens[before.start() : start]]
        # In Russian the name may follow the rest of the title: "глава района Анна Иванова".
        if not any(titles) or not (titles[-1] or unit.tokens[start].lower[0] >= "а"):
            return None
        words = self._span(unit, (before.start(), start))
        return None if words.lower().rstrip(".") in FEMALE_TITLES | {"mr", "sir"} else words

    def _role_behind(self, unit: Unit, run: TokenSpan) -> str | None:
        match = _DESCRIPTION.match(unit.kinds, run[1])
        if match is None or unit.kinds[run[1] - 1] == POSSESSIVE:
            return None
        return self._role(unit, match.span(1))

    def _role_before(self, unit: Unit, run: TokenSpan) -> str | None:
        """Return the role in "Japan's prime minister, Shigeru Ishiba, ..."."""
        closed = unit.kinds[run[1] : run[1] + 1] in (",", ".", "")
        match = _DESCRIBED.search(unit.kinds, max(0, run[0] - _MAX_ROLE_WORDS), run[0]) if closed else None
        if match is None or _bare(unit.tokens[match.end() - 2].lower) not in ROLES:
            return None
        return _without_article(self._span(unit, match.span(1)))

    def _role(self, unit: Unit, span: TokenSpan | None) -> str | None:
        """Return a description as a role where a word of it is one: ", a researcher at the institute"."""
        if span is None or span[0] >= span[1] or unit.kinds[span[0]] not in "DNnp0":
            return None
        start, end = span
        if unit.kinds[start] == "0":  # the age
            start += 1 + (unit.kinds[start + 1 : start + 2] == ",")
        cut = re.search("[WVsX]", unit.kinds[start:end])
        end = start + cut.start() if cut else end
        while end > start and unit.kinds[end - 1] in ",IK":
            end -= 1
        if not any(_bare(token.lower) in ROLES for token in unit.tokens[start:end]):
            return None
        return _without_article(self._span(unit, (start, end)))

    def _named(self, unit: Unit, phrase: TokenSpan) -> tuple[TokenSpan, str | None] | None:
        """Return the personal name in a phrase and the title before it; None where the phrase names no person."""
        start, end = phrase
        comma = unit.kinds.find(",", start, end)
        pieces = [(start, end)] if comma < 0 else [(start, comma), (comma + 1, end)]
        for piece in pieces:
            named = re.search(f"{NOUN}({NAME}{{2,}})$", unit.kinds[slice(*piece)])
            last = piece[0] + named.end(1) if named else head(unit, piece) + 1
            run = next((m.span() for m in re.finditer("N+", unit.kinds[:last]) if m.end() == last), None)
            if run is None:
                continue
            run = self._without_titles(unit, (max(run[0], piece[0]), run[1]))
            words = self._words(unit, run)
            is_thing = not words or _bare(words[-1].lower()) in _NO_NAMES | PEOPLE
            if is_thing or (unit.kinds[piece[0]] == "D" and run[0] == piece[0] + 1):  # "the Kremlin"
                continue
            if re.search(r"(?:ы|ого|ой)$", words[-1]):  # a genitive: "кабинет министра Кисиды"
                continue
            return run, self._title(unit, run)
        return None

    def _person(self, unit: Unit, run: TokenSpan, role: str | None) -> Voice:
        words = self._words(unit, run)
        before = unit.tokens[run[0] - 1].lower.rstrip(".") if run[0] else ""
        sex = _sex_of_title(before) if before else None
        known = self._known(words, sex)
        name = known.name if known else " ".join(words)
        if known:
            known.role = known.role or role
            role = role or known.role
        if sex is None:
            sex = _sex(name, role)
        return Voice(name, role, sex, person=len(name.split()) > 1 or role is not None or sex is not None)

    def _known(self, words: list[str], female: bool | None) -> _Known | None:
        """Return the person with this surname if the document leaves one, or names one far more often."""
        same = self._people.get(words[-1].lower(), {})
        if len(words) > 1 or len(same) > _MAX_NAMESAKES:
            return same.get(" ".join(words))
        people = [one for one in same.values() if female is None or _sex(one.name, None) in (female, None)]
        people.sort(key=lambda one: -one.count)
        if not people:
            return None
        others = [one for one in people[1:] if one.name.split()[0] != people[0].name.split()[0]]
        return None if others and people[0].count < _DOMINANCE * others[0].count else people[0]

    def _opening(self, unit: Unit, phrase: TokenSpan) -> Voice | None:
        """Return who a sentence is about that opens with a name: in "Mrs Ito disagrees: she thinks" it is she.

        Not where somebody else is named in between, nor where the word may be no name at all.
        """
        female = _PRONOUNS[unit.tokens[phrase[0]].lower]
        opened = _OPENS.match(unit.kinds, 0, phrase[0])
        if female is None or opened is None or NAME in unit.kinds[opened.end() : phrase[0]]:
            return None
        run = self._without_titles(unit, opened.span(1))
        voice = self._person(unit, run, self._title(unit, run))
        if voice.female not in (female, None):
            return None
        return voice if voice.person else None

    def _pronoun(self, unit: Unit, phrase: TokenSpan) -> Voice:
        word = unit.tokens[phrase[0]].lower
        female = _PRONOUNS[word]
        if female is not None:
            for paragraph, voice in reversed(self._focus):
                if unit.paragraph - paragraph > _NEAR_PARAGRAPHS:
                    break
                if voice.female in (female, None):
                    return voice
        if word == "they" and unit.number - self._group[0] <= 1:
            return self._group[1]
        return Voice(self._span(unit, phrase), None, female, person=False)

    def _described(self, unit: Unit, phrase: TokenSpan) -> Voice:
        """Resolve "the diplomat", "the ministry" and a body named in short; otherwise the words stand."""
        words = self._span(unit, phrase)
        last = unit.tokens[head(unit, phrase)].lower
        short = phrase[1] - phrase[0] <= 2
        if last in BODIES:
            return Voice(self._body(unit, words, last=last, short=short), person=False)
        is_meant = short and words.lower().startswith("the ") and _bare(last) in ROLES
        if is_meant or (last in _ALSO and phrase[1] - phrase[0] == 1):
            found = self._by_role(unit, last)
            if found is not None:
                return found
        if re.match("D?N+$", unit.kinds[phrase[0] : phrase[1]]):  # "the Kremlin"
            words = _without_article(words)
        return Voice(words, None, _sex_of_title(last), person=_bare(last) in ROLES)

    def _body(self, unit: Unit, words: str, *, last: str, short: bool) -> str:
        """Return the one longer name that "the ministry" may be short for."""
        bare = _without_article(words)
        names = self._bodies.get(last, {})
        if not short or len(names) > _MAX_NAMESAKES:
            return bare
        longer = [name for name, at in names.items() if at <= unit.number and len(name) > len(bare)]
        fitting = [name for name in longer if name.lower().endswith(bare.lower())]
        return fitting[0] if len(fitting) == 1 else words if bare.islower() else bare

    def _by_role(self, unit: Unit, role: str) -> Voice | None:
        """Return the last person in focus whose role fits "the diplomat"."""
        fits = {role, *_ALSO.get(role, ())}
        for paragraph, voice in reversed(self._focus):
            words = set(re.findall(r"[\w-]+", (voice.role or voice.name).lower()))
            if unit.paragraph - paragraph <= 2 * _NEAR_PARAGRAPHS and words & fits:
                return voice
        return None

    def _words(self, unit: Unit, run: TokenSpan) -> list[str]:
        words = [self._text[token.start : token.end] for token in unit.tokens[run[0] : run[1]]]
        return [*words[:-1], re.sub(r"['’]s?$", "", words[-1])] if words else []

    def _span(self, unit: Unit, span: TokenSpan) -> str:
        start, end = unit.tokens[span[0]].start, unit.tokens[span[1] - 1].end
        return " ".join(re.sub(r"['’]s?$", "", self._text[start:end]).split())


def _bare(word: str) -> str:
    return word.rstrip(".")


def _without_article(words: str) -> str:
    return re.sub(r"^(?:the|a|an|its|his|her|their)\s+", "", words, flags=re.IGNORECASE)


def _sex_of_title(word: str) -> bool | None:
    """Return True for a word that only a woman is called by, False for a man, None for both."""
    return True if word in FEMALE_TITLES else False if word in MALE_TITLES else None


def _sex(name: str, role: str | None) -> bool | None:
    for word in (role or "").lower().split():
        if (sex := _sex_of_title(word)) is not None:
            return sex
    words = name.lower().split()
    if words[0] in FEMALE_NAMES or words[-1].endswith(_FEMALE_ENDINGS):
        return True
    return False if words[0] in MALE_NAMES else None
