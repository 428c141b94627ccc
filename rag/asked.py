"""What a question asks for: a person, a number of what, a date, a place; of when; and what it takes for granted.

Knows spelling and word order of English and Russian questions, sloppy ones too; no documents and no model. It
reads one question as it stands: what a pronoun refers to must have been resolved before.
"""

import re
from dataclasses import dataclass
from itertools import islice

from rag.asked_words import (
    AGO,
    ASKING_WORDS,
    BLAME,
    CAUSED,
    CONTRACTED,
    COPULA,
    COSTS,
    COUNTED_OF,
    COUNTING_NOUNS,
    DATE_NOUNS,
    FINDS,
    HOW_QUANTITY,
    HOW_TO,
    IMPERATIVE,
    IN_UNIT,
    INVERTED,
    INVERTED_LATER,
    LASTS,
    MAKES_UP,
    MEASURES,
    NAMED_THINGS,
    NEGATION,
    NO_NOUN,
    NOW,
    NUMBER_NOUNS,
    OF,
    PAST,
    PAYS,
    PERSON_NOUNS,
    PLACE_NOUNS,
    POLITE,
    POSSESSIVE,
    PRESENT,
    QUESTION_WORDS,
    QUOTED,
    RELATIVE_MUCH,
    RUSSIAN_VERB,
    SHARE_OF,
    SHARE_WORDS,
    SQUARE,
    STOPS_NOUN,
    SUPERLATIVE,
    VERBAL,
    WHO_IS_NAMED,
    YEAR,
    YES_NO,
    is_adjective,
    is_plural,
    singular,
)
from rag.asked_words import AnswerKind as AnswerKind
from rag.speakers import asks_for_speaker
from rag.text import content_words, one_line, sentences, words
from rag.values_dates import Period, times
from rag.values_names import name_spans
from rag.values_units import UNITS, dimension_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart; words are case-folded, names as written.

    `unit` is what a number counts or is measured in ("islanders", "percent", "rubles", "age"), `head` the noun of
    "which newspaper", `when` the days that the question names, `now` that it asks about the present state, `past`
    about an earlier one. `words` are the content words besides names, quoted words and years. `presupposes` are
    the content words of what "why", "when" and "how did" take for granted, None for other questions.
    """

    question: str
    kind: AnswerKind
    unit: str | None = None
    head: str | None = None
    when: Period | None = None
    now: bool = False
    past: bool = False
    negated: bool = False
    names: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    presupposes: tuple[str, ...] | None = None

    @property
    def focus(self) -> tuple[str, ...]:
        """Return the folded words that a sentence about this question shares with it, each once."""
        named = (word for text in (*self.names, *self.quoted) for word in content_words(text))
        return tuple(dict.fromkeys([*named, *self.years, *self.words]))

    @property
    def has_slot(self) -> bool:
        """Return whether an answer is a value that can be recognised by its form."""
        return self.kind in _SLOTS


_SLOTS = frozenset(
    {AnswerKind.PERSON, AnswerKind.SPEAKER, AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.PLACE, AnswerKind.NAME}
)
# Kinds whose answer is a state that may have changed since a document was written.
_STATES = frozenset({AnswerKind.PERSON, AnswerKind.NUMBER, AnswerKind.NAME, AnswerKind.YES_NO, AnswerKind.LIST})
_SIMPLE = {
    **dict.fromkeys("who whom whose кто кого кому кем ком чей чья чьё чье чьи чьих".split(), AnswerKind.PERSON),
    **dict.fromkeys("when когда".split(), AnswerKind.DATE),
    **dict.fromkeys("where где куда откуда".split(), AnswerKind.PLACE),
    **dict.fromkeys(["why", "how come", "почему", "зачем", "отчего"], AnswerKind.REASON),
}
_HOW = frozenset("how сколько скольких насколько как".split())
_THINGS = frozenset("что чем чего чему".split())
_WHICH_MANY = frozenset("какие каких каким какими".split())
_CLAUSE_OPENERS = frozenset("when where as когда где как".split())
_REASONS = frozenset("reason reasons cause causes purpose причина причины цель".split())
_PHRASE_WORDS, _FEW_WORDS = 10, 5


@dataclass(frozen=True, slots=True)
class _Form:
    """The grammatical form of a question: its kind and the noun that is asked for."""

    kind: AnswerKind
    noun: str | None = None


def analyse(question: str) -> Asked:
    """Return what the question asks for. Any text will do; what cannot be told is OTHER, None or empty."""
    text = one_line(question)
    form = _form(text)
    found = [one for one in times(text) if one.sure]
    period = next((one.time for one in found if isinstance(one.time, Period)), None)
    quoted = tuple(match.group(1) for match in QUOTED.finditer(text))
    named = _names(text)
    dated = [text[one.start : one.end] for one in found]
    spared = {word for part in (*named, *quoted, *dated) for word in content_words(part)}
    years = tuple(dict.fromkeys(YEAR.findall(" ".join(dated))))
    noun_is_asked = form.kind in (AnswerKind.DATE, AnswerKind.PERSON) or (form.noun or "") in SHARE_WORDS
    drop = QUESTION_WORDS | ({form.noun} if noun_is_asked and form.noun else set()) | spared
    past = PAST.search(text) is not None
    return Asked(
        question=text,
        kind=form.kind,
        unit=form.noun if form.kind is AnswerKind.NUMBER else None,
        head=form.noun if form.kind is not AnswerKind.NUMBER else None,
        when=period,
        now=_is_now(text, form, period=period, past=past),
        past=past,
        negated=NEGATION.search(text) is not None,
        names=named,
        years=years,
        quoted=quoted,
        words=tuple(dict.fromkeys(word for word in content_words(text) if word not in drop)),
        presupposes=_presupposed(text, form),
    )


def _names(text: str) -> tuple[str, ...]:
    """Return the names as written; all-capital typing has none."""
    if text.isupper():
        return ()
    found = (text[start:end] for start, end in name_spans(text))
    return tuple(dict.fromkeys(name for name in found if not ASKING_WORDS.match(name)))


def _is_now(text: str, form: _Form, *, period: Period | None, past: bool) -> bool:
    if NOW.search(text):
        return True
    if period is not None or past or form.kind not in _STATES:
        return False
    return PRESENT.search(text) is not None


def _presupposed(text: str, form: _Form) -> tuple[str, ...] | None:
    if form.kind not in (AnswerKind.REASON, AnswerKind.MANNER, AnswerKind.DATE):
        return None
    asks_how_to = form.kind is AnswerKind.MANNER and HOW_TO.search(text) is not None
    drop = QUESTION_WORDS | ({form.noun} if form.noun else set())
    found = tuple(dict.fromkeys(word for word in content_words(text) if word not in drop))
    return None if asks_how_to else found or None


def _form(text: str) -> _Form:
    """Return the form of the first reading that fits; the order decides between readings."""
    text = CONTRACTED.sub(r"\1 is", POLITE.sub("", _asking_sentence(text)))
    if asks_for_speaker(text) and not FINDS.search(text):
        return _Form(AnswerKind.SPEAKER)
    imperative = IMPERATIVE.match(text)
    if imperative is not None:
        return _named(text[imperative.end() :])
    match = _question_word(text)
    if match is None or SHARE_OF.match(text):
        return _without_question_word(text)
    word, rest = match.group().casefold(), text[match.end() :].strip()
    if WHO_IS_NAMED.match(text):
        return _Form(AnswerKind.DEFINITION)
    if word in _SIMPLE:
        asks_for_blame = _SIMPLE[word] is AnswerKind.PERSON and BLAME.search(text) is not None
        return _Form(AnswerKind.OTHER if asks_for_blame else _SIMPLE[word])
    if word in _HOW:
        return _how(word, rest)
    return _what(word, rest)


def _asking_sentence(text: str) -> str:
    """Return the last sentence that ends in a question mark; before it may stand what it is about."""
    parts = [text[start:end] for start, end in sentences(text)]
    asking = [part for part in parts if part.endswith("?") and (ASKING_WORDS.search(part) or YES_NO.match(part))]
    return asking[-1] if asking else text


def _question_word(text: str) -> re.Match[str] | None:
    """Return the word that asks: the first, unless it opens a clause ("when the war ended, who ...")."""
    found = [match for match in islice(ASKING_WORDS.finditer(text), 8) if not _is_in_name(match, text)]
    if not found:
        return None
    first, last = found[0], found[-1]
    if YES_NO.match(text) and first.start() > 0:  # "did he know when ..."
        return None
    if not text[last.end() :].strip(" ?.!"):  # "the man who shot him was from where"
        return last
    opens_clause = first.group().casefold() in _CLAUSE_OPENERS and not INVERTED.match(text, first.end())
    asks_later = len(found) > 1 and found[1].group().casefold() not in _THINGS
    if opens_clause and asks_later and "," in text[first.end() : found[1].start()]:
        return found[1]
    return first


def _is_in_name(match: re.Match[str], text: str) -> bool:
    """Return whether the word is part of a name: "Doctor Who"."""
    return match.group()[0].isupper() and text[: match.start()].endswith(" ") and text[match.start() - 2].isalpha()


def _how(word: str, rest: str) -> _Form:
    """Read "how" by what follows it: a quantity, a time, else the manner."""
    if word in ("сколько", "скольких", "насколько"):
        return _Form(AnswerKind.NUMBER, _counted(rest))
    quantity = HOW_QUANTITY.match(rest) if word == "how" else None
    if quantity is None:
        return _Form(AnswerKind.MANNER)
    measure, after = quantity.group(1).casefold(), rest[quantity.end() :]
    if measure in ("recently", "soon", "late", "early") or (measure == "long" and AGO.match(after)):
        return _Form(AnswerKind.DATE)
    if measure == "long":
        return _Form(AnswerKind.NUMBER, "duration" if LASTS.match(after) else "length")
    return _Form(AnswerKind.NUMBER, _measured(measure, after) if measure in MEASURES else _counted(after))


def _measured(measure: str, after: str) -> str:
    """Return what "high" measures of "the fine": money; without a noun that tells, what it measures by itself."""
    told = (word for word in words(after)[:_FEW_WORDS] if dimension_of(word) is not None and word not in UNITS)
    return next(told, MEASURES[measure])


def _counted(rest: str) -> str | None:
    """Return what is counted in "former islanders are still alive", or the unit of "does it cost in rubles"."""
    if RELATIVE_MUCH.match(rest):
        return None
    unit = _unit_named(rest)
    if unit is not None:
        return unit
    found = None
    area = SQUARE.match(rest.strip())
    if area is not None:
        return area.group().casefold()
    for word in words(rest)[:6]:
        if word in STOPS_NOUN or word in NO_NOUN or PAYS.match(word) or RUSSIAN_VERB.fullmatch(word):
            break
        found = word
        # A Russian noun follows its adjectives, and what follows the noun is anything.
        if is_plural(word) or not (word.isascii() or is_adjective(word)):
            break
    return found or ("money" if PAYS.search(rest) else None)


def _unit_named(rest: str) -> str | None:
    """Return the unit of "cost in rubles", None where none is named."""
    unit = IN_UNIT.search(rest)
    return unit.group(1).casefold() if unit is not None and dimension_of(unit.group(1)) is not None else None


def _what(word: str, rest: str) -> _Form:
    """Read "what", "which", "какой" by the noun that follows."""
    if COSTS.match(rest):
        return _Form(AnswerKind.NUMBER, _unit_named(rest) or "money")
    copula = COPULA.match(rest)
    if copula is not None and word in ("что", "кто"):
        return _Form(AnswerKind.DEFINITION, _last_noun(rest[copula.end() :]))
    if copula is not None:
        return _what_is(rest[copula.end() :], plural=copula.group(1).casefold() in ("are", "were"))
    if CAUSED.match(rest):
        return _Form(AnswerKind.REASON)
    noun = None if word in _THINGS or VERBAL.match(rest) else _first_noun(rest)
    if noun == "part" and MAKES_UP.search(rest):
        return _Form(AnswerKind.NUMBER, "share")
    if noun is None:
        return _Form(AnswerKind.OTHER)
    if noun in _REASONS:
        return _Form(AnswerKind.REASON, noun)
    form = _of_what(_by_noun(noun, plural=is_plural(noun) or word in _WHICH_MANY), rest)
    # "What colour", "which hormone" may be answered by any word, only some things have names of their own.
    is_open = form.kind is AnswerKind.NAME and singular(noun) not in NAMED_THINGS
    return _Form(AnswerKind.OTHER, noun) if is_open else form


def _named(rest: str) -> _Form:
    """Read "name the islands"."""
    noun = _last_noun(_before_of(rest))
    return _by_noun(noun, plural=is_plural(noun)) if noun else _Form(AnswerKind.LIST)


def _by_noun(noun: str, *, plural: bool) -> _Form:
    kind = _kind_of(noun)
    listed = plural and kind in (AnswerKind.NAME, AnswerKind.PLACE, AnswerKind.PERSON)
    return _Form(AnswerKind.LIST if listed else kind, noun)


def _what_is(rest: str, *, plural: bool) -> _Form:
    """Read what follows "what is": a thing of something is asked for by its noun, a mere thing is defined."""
    before = _before_of(rest)
    noun = _last_noun(before)
    if noun is None:
        return _Form(AnswerKind.OTHER)
    if noun in _REASONS:
        return _Form(AnswerKind.REASON, noun)
    if noun in ("name", "names", "название", "имя") and before != rest:
        inner = _last_noun(_before_of(rest[len(before) :].split(maxsplit=1)[-1])) or noun
        return _by_noun(inner, plural=is_plural(inner) or noun == "names")
    kind = _kind_of(noun)
    if noun not in NAMED_THINGS and kind is AnswerKind.NAME:
        is_whole = before == rest and not SUPERLATIVE.search(rest) and not POSSESSIVE.search(rest)
        kind = AnswerKind.DEFINITION if is_whole and not plural else AnswerKind.OTHER
    listed = plural and kind not in (AnswerKind.NUMBER, AnswerKind.DATE)
    return _of_what(_Form(AnswerKind.LIST if listed else kind, noun), rest)


def _of_what(form: _Form, rest: str) -> _Form:
    """Return the form of a "number of boats" with the boats as what is counted."""
    if form.kind is not AnswerKind.NUMBER or form.noun not in COUNTING_NOUNS:
        return form
    found = COUNTED_OF.search(rest)
    counted = _counted(rest[found.end() :]) if found else None
    # An atomic number of iron counts nothing.
    return _Form(AnswerKind.NUMBER, counted) if counted and (is_plural(counted) or not counted.isascii()) else form


def _without_question_word(text: str) -> _Form:
    """Read "is it true", and bare noun phrases: "mitsui stake in sakhalin-2"."""
    if YES_NO.match(text) or (text.endswith("?") and INVERTED_LATER.search(text)):
        return _Form(AnswerKind.YES_NO)
    unit = _unit_named(text)
    if unit is not None:
        return _Form(AnswerKind.NUMBER, unit)
    noun = _last_noun(_before_of(text)) if len(words(text)) <= _PHRASE_WORDS else None
    kind = _kind_of(noun) if noun and not is_plural(noun) else AnswerKind.NAME
    return _of_what(_Form(AnswerKind.OTHER if kind is AnswerKind.NAME else kind, noun), text)


def _kind_of(noun: str) -> AnswerKind:
    """Return what kind of answer a noun asks for; a thing with a name unless it is known to be another."""
    forms = {noun, singular(noun)}
    tables = (
        (DATE_NOUNS, AnswerKind.DATE),
        (PERSON_NOUNS, AnswerKind.PERSON),
        (PLACE_NOUNS, AnswerKind.PLACE),
        (NUMBER_NOUNS, AnswerKind.NUMBER),
    )
    known = next((kind for table, kind in tables if not forms.isdisjoint(table)), None)
    if known is not None:
        return known
    return AnswerKind.NUMBER if dimension_of(noun) is not None else AnswerKind.NAME


def _before_of(text: str) -> str:
    """Return the text before the first preposition or relative clause that does not open it."""
    found = OF.search(text, 1)
    return text[: found.start()] if found else text


def _first_noun(rest: str) -> str | None:
    """Return the first word that is no adjective: "which former islander said"."""
    for word in words(rest)[:4]:
        if word in STOPS_NOUN:
            return None
        if not is_adjective(word):
            return word
    return None


def _last_noun(phrase: str) -> str | None:
    found = [word for word in words(phrase)[-6:] if word not in STOPS_NOUN and not word[0].isdecimal()]
    if found and not found[0].isascii():  # a Russian noun has what it is of behind it
        return next((word for word in found if not is_adjective(word)), found[-1])
    return re.sub(r"['’]s$", "", found[-1]) if found else None
