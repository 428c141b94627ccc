"""Drafts gold questions for a folder of texts, without a model: a start for a person, who has to review each.

Knows texts, their sentences and attributions; knows no library, loader or system. What a sentence can be asked is
in `eval.gold_questions` (English). Beside that: who said the words in quotation marks, or a clause after "that",
in Russian too; what a line like "Total: 1,890 euros" gives; and of a sentence with a number that alone of its text
holds a name, what the text says about the name.

One question in five has no answer (`eval.gold_near`; where there are too few of those, what a stranger, a person
of no text, says in a text). Of each sentence the surest question comes first, and others only where there is room:
a folder of a few short letters gives as many questions as it can.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from eval.gold import GoldRow, QuestionType
from eval.gold_check import check_gold
from eval.gold_near import Told, near_misses
from eval.gold_questions import LOOSE, MONTHS, Made, names, questions
from eval.metrics_answer import holds
from eval.types import Case, Evidence
from rag.text import one_line, sentences, words
from rag.types import Attribution, Span

# One in five has no answer: enough to see whether the system stays silent, few enough to be read.
_ANSWERED_PER_STRANGER = 4
_QUOTED_CHARS = range(25, 261)
_QUOTED_WORDS = 5
# Longer ones are mostly a paragraph that was not cut, or a list.
_SENTENCE_WORDS = range(3, 61)
_ABOUT_WORDS = range(4, 26)
_EVIDENCE_CHARS = 600
_NAME_WORDS = 3
_YEARS = range(1000, 2101)

_NAMED = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)+(?= [a-z]|[,.])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"[A-ZА-ЯЁ][\w'’-]+(?: [A-ZА-ЯЁ][\w'’-]+){0,3}")
_FULL_NAME = re.compile(r"[A-Z][a-z'’-]+ [A-Z][\w'’-]+")
_RUSSIAN = re.compile(r"[а-яё]{2}", re.IGNORECASE)
_THAT = re.compile(r"\b(?:that|что)\s+$", re.IGNORECASE)
# "Total: 1,890 euros", but no line that is a sentence or a heading.
_LABELLED = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?(?P<label>[A-Z][A-Za-z]+(?: [a-z]+){0,3})[ \t]*:[ \t]+(?P<value>\S[^\n:]{0,58})$",
    re.MULTILINE,
)
_VALUE = re.compile(
    rf"[£$€]?\d[\w.,/-]*(?: [a-z%€]+)?|[A-Z]{{1,4}}[- ]?\d[\w/-]*|"
    rf"(?:\d{{1,2}} )?(?:{'|'.join(MONTHS)}) (?:\d{{1,2}}, )?\d{{4}}"
    r"|[A-Z][a-z'’-]+ [A-Z][\w'’-]+"
)
_NO_LABEL = frozenset("present subject re cc to from tags author posted updated note source page".split())

_STRANGERS = (("Ottoline", "Brackwater"), ("Caspian", "Thorneholt"), ("Philippa", "Underwick"))
_RUSSIAN_STRANGERS = (("Евстафий", "Долгозубов"), ("Капитолина", "Мышеловцева"), ("Аристарх", "Подлесовников"))


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A text to draft from, by its name in the library.

    Sentences are taken from the `passages` only, spans of the text: the rest is navigation and teasers. None at
    all means the whole text.
    """

    document: str
    text: str
    title: str = ""
    passages: tuple[Span, ...] = ()
    attributions: tuple[Attribution, ...] = ()


def draft(sources: Iterable[DraftSource], *, limit: int = 40, corpus: str | None = None) -> list[GoldRow]:
    """Return at most `limit` rows with `reviewed` false, spread over the texts; the same for the same texts.

    Every row passes `check_gold`, but for near misses whose words all stand in a sentence. There may be fewer
    rows, or none.
    """
    ordered = sorted(sources, key=lambda source: source.document)
    texts = {source.document: source.text for source in ordered}
    read = [_read(source) for source in ordered]
    answered = _same_once(
        _in_turn([_unambiguous(one.first, texts) for one in read])
        + _in_turn([_unambiguous(one.more, texts) for one in read])
    )
    missing = near_misses(_told(read), limit=limit)
    unanswered = [Case("", QuestionType.NEAR_MISS, ask, answerable=False) for ask in missing]
    known = {word for text in texts.values() for word in words(text)}
    unanswered += _in_turn([list(_stranger(source, number, known)) for number, source in enumerate(ordered)])
    cases = []
    for number, case in enumerate(answered, start=1):
        cases.append(case)
        if number % _ANSWERED_PER_STRANGER == 0:
            cases += unanswered[number // _ANSWERED_PER_STRANGER - 1 :][:1]
    if 1 < len(answered) < _ANSWERED_PER_STRANGER:
        cases += unanswered[:1]
    # A few fall to the check; the rest of a large folder need not be checked for them.
    return _sound(cases[: 2 * limit], texts, corpus)[:limit]


def _sound(cases: Iterable[Case], texts: Mapping[str, str], corpus: str | None) -> list[GoldRow]:
    """Return the cases as rows, less those in which the check finds anything."""
    named = [replace(case, id=f"draft-{number:03d}") for number, case in enumerate(cases, start=1)]
    rows = [GoldRow(case, corpus=corpus) for case in named]
    # A near miss is made of the words of a sentence: that they all stand in it is no finding here.
    wrong = {finding.id for finding in check_gold(rows, texts) if finding.field != "answerable"}
    return [replace(row, reviewed=False) for row in rows if row.case.id not in wrong]


def _in_turn(lists: Sequence[Sequence[Case]]) -> list[Case]:
    """Return the first of each list, then the second of each, and so on."""
    return [case for cases in zip_longest(*lists) for case in cases if case is not None]


def _unambiguous(cases: Iterable[Case], texts: Mapping[str, str]) -> list[Case]:
    """Keep the cases whose evidence stands once in their own text: the place that is meant is clear."""
    return [case for case in cases if texts[case.evidence[0].document].count(case.evidence[0].quote) == 1]


def _same_once(cases: Sequence[Case]) -> list[Case]:
    """Join cases with the same question and answer; drop those where the texts answer differently."""
    by_question = defaultdict[str, list[Case]](list)
    for case in cases:
        by_question[case.question.casefold()].append(case)
    return [
        replace(same[0], evidence=tuple(piece for case in same for piece in case.evidence))
        for same in by_question.values()
        if len({case.expected for case in same}) == 1
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a text gives: the surest case of each sentence and more, its sentences, its speakers, what is asked."""

    first: list[Case]
    more: list[Case]
    sentences: list[str]
    speakers: list[str]
    made: list[Made]


def _read(source: DraftSource) -> _Read:
    spans = [span for span in sentences(source.text) if _is_inside(source, *span)]
    said = [case for one in source.attributions for case in _who_said(source, spans, one)]
    first, more, made = list[Case](), list[Case](), list[Made]()
    for span in spans:
        asked = list(_asked(source, span))
        made += asked
        cases = [_case(source, one, source.text[slice(*span)]) for one in asked] or _about(source, span)
        first += cases[:1]
        more += cases[1:]
    first += _labelled(source)
    return _Read(
        first=_by_kind([*said, *first]),
        more=_by_kind(more),
        sentences=[source.text[slice(*span)] for span in spans],
        speakers=[one.speaker for one in source.attributions],
        made=made,
    )


def _by_kind(cases: Sequence[Case]) -> list[Case]:
    return _in_turn([[case for case in cases if case.type == kind] for kind in QuestionType])


def _told(read: Sequence[_Read]) -> Told:
    made = [one for each in read for one in each.made]
    speakers = [name for each in read for name in each.speakers]
    answers = [one.answers[0] for one in made if one.question.startswith("Who ")]
    people = [
        name
        for name in dict.fromkeys([*speakers, *answers])
        if _FULL_NAME.fullmatch(name) and len(names(name)) > 1
    ]
    return Told([sentence for each in read for sentence in each.sentences], people, made)


def _is_inside(source: DraftSource, start: int, end: int) -> bool:
    return not source.passages or any(first <= start and end <= last for first, last in source.passages)


# From a sentence


def _asked(source: DraftSource, span: Span) -> Iterator[Made]:
    quote = source.text[slice(*span)]
    if len(words(quote)) in _SENTENCE_WORDS and len(quote) <= _EVIDENCE_CHARS:
        yield from questions(one_line(quote))


def _case(source: DraftSource, made: Made, quote: str) -> Case:
    return Case("", made.kind, made.question, (made.answers,), evidence=(Evidence(source.document, quote),))


def _labelled(source: DraftSource) -> Iterator[Case]:
    """Ask for the value of a line with a label, where it is a number or a name."""
    title = _plain_title(source)
    for match in _LABELLED.finditer(source.text) if title else ():
        label, value = match["label"].lower(), match["value"].strip(" .")
        is_value = _VALUE.fullmatch(value)
        is_once = source.text.count(match["label"] + ":") == 1
        if is_value and is_once and label.split()[0] not in _NO_LABEL and _is_inside(source, *match.span()):
            question = f'{"Who" if _FULL_NAME.fullmatch(value) else "What"} is the {label} in "{title}"?'
            if not holds(question, value):
                yield _case(source, Made(QuestionType.FACT, question, (value,)), match.group().strip())


def _about(source: DraftSource, span: Span) -> list[Case]:
    quote = source.text[slice(*span)]
    numbers = tuple(dict.fromkeys(_NUMBER.findall(quote)))
    title = _plain_title(source)
    # A year beside a name is rarely what a text says about it.
    is_told = any(not (number.isdigit() and int(number) in _YEARS) for number in numbers)
    is_short = len(words(quote)) in _ABOUT_WORDS and quote.endswith((".", '"'))
    if not (title and is_told and is_short):
        return []
    for match in _NAMED.finditer(quote):
        name, before = match.group(), quote[: match.start()].split()[-1:]
        first, *_, last = parts = name.split()
        if not before or not before[0][0].islower() or before[0] == "the":
            continue
        # Where a part of the name stands elsewhere too, another sentence could be the answer.
        is_alone = all(source.text.count(part) == 1 for part in (first, last)) and not holds(title, last)
        if is_alone and len(parts) <= _NAME_WORDS and first not in MONTHS:
            question = f'What does "{title}" say about {name}?'
            return [_case(source, Made(QuestionType.FACT, question, numbers), quote)]
    return []


def _plain_title(source: DraftSource) -> str:
    return re.sub(r"[\"“”„«»]", "'", one_line(source.title))


# From who says what


def _who_said(source: DraftSource, spans: Sequence[Span], one: Attribution) -> Iterator[Case]:
    said = one_line(source.text[one.start : one.end]).strip(" ,.\"“”«»'‘’")
    asks = _asks_who(source, one, said)
    if len(said) not in _QUOTED_CHARS or len(words(said)) < _QUOTED_WORDS or not asks:
        return
    if not _NAME.fullmatch(one.speaker) or re.search(r"[\"“”«»]", said):
        return
    first = min(one.start, one.speaker_start, one.cue_start)
    last = max(one.end, one.speaker_end, one.cue_end)
    around = [span for span in spans if span[0] < last and first < span[1]]
    quote = source.text[around[0][0] : around[-1][1]] if around else ""
    last_name = one.speaker.split()[-1]
    # A word that the text also writes small is no surname: "the Foreign Ministry", "a ministry".
    is_body = one.speaker.split()[0].isupper() or re.search(rf"\b{re.escape(last_name.lower())}\b", source.text)
    names = tuple(dict.fromkeys((one.speaker, last_name))) if not is_body else (one.speaker,)
    if len(quote) > _EVIDENCE_CHARS or not any(holds(quote, name) for name in names):
        return
    yield Case("", QuestionType.WHO_SAID, asks, (names,), evidence=(Evidence(source.document, quote),))


def _asks_who(source: DraftSource, one: Attribution, said: str) -> str:
    """Return the question for words in quotation marks, or for a whole clause after "that"; "" for any other."""
    russian = _RUSSIAN.search(said) is not None
    if one.verbatim:
        return f"Кто сказал: «{said}»?" if russian else f'Who said: "{said}"?'
    # Only "that" shows that what follows is a clause; a lone word may be "officials" and no name.
    is_clause = _THAT.search(source.text[max(0, one.start - 6) : one.start]) is not None
    if not is_clause or " " not in one.speaker or not LOOSE.isdisjoint(words(said)):
        return ""
    return f"Кто заявил, что {said}?" if russian else f"Who said that {said}?"


def _stranger(source: DraftSource, number: int, known: Container[str]) -> Iterator[Case]:
    title = _plain_title(source)
    if not title:
        return
    russian = _RUSSIAN.search(title) is not None
    people = _RUSSIAN_STRANGERS if russian else _STRANGERS
    first, last = people[number % len(people)][0], people[number // len(people) % len(people)][1]
    if first.casefold() in known or last.casefold() in known:
        return
    ask = (
        f"Что говорит {first} {last} в статье «{title}»?"
        if russian
        else f'What does {first} {last} say in "{title}"?'
    )
    yield Case("", QuestionType.NEAR_MISS, ask, answerable=False)
