"""Drafts gold questions for a folder of texts, without a model: a start for a person, who has to review each.

Knows sentences and attributions; knows no library, loader or system. Only patterns that keep a question
grammatical are used, so a text may give none. English; "who said" and strangers in Russian too.

"Nine boats left the port." asks "How many boats left the port?"; "There are 52 graves on the hill." asks "How many
graves on the hill are there?"; "The firm has 12 vans." asks "How many vans does the firm have?"; "The pier was
opened in 1961." asks "When was the pier opened?"; words in quotation marks, and a clause after "that", ask who
said them; a sentence with a number that alone of its text holds a name asks what the text says about the name.
What a stranger, a person of no text, says in a text is a question without an answer.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from eval.gold import GoldRow, QuestionType
from eval.gold_check import check_gold
from eval.metrics_answer import holds
from eval.types import Case, Evidence
from rag.text import one_line, sentences, words
from rag.types import Attribution, Span

# One in five has no answer: enough to see whether the system stays silent, few enough to be read.
_ANSWERED_PER_STRANGER = 4
_QUOTED_CHARS = range(25, 261)
_QUOTED_WORDS = 5
_SENTENCE_WORDS = range(4, 26)
_EVIDENCE_CHARS = 600
_NAME_WORDS = 3

# A sentence with one of these leans on another one, or on the day it was written.
_LOOSE = frozenset(
    """
    he she it they we you i him her them us me his its their our your my this these those that such here then
    also too so other another former latter both yesterday tomorrow ago last next recently later
    """.split()
)
# Between a capital and a verb these show that the words before the verb are no plain subject.
_NO_SUBJECT = frozenset("says said told that which who when where if because while as and or but there".split())
_NO_THINGS = frozenset("percent per million billion thousand hundred was is has does degrees".split())
_YEARS = range(1000, 2101)

_DIGITS = "one two three four five six seven eight nine ten eleven twelve".split()
_ABOUT = r"(?:(?i:about|some|around|over|almost|nearly|only|at least|more than) )?"
_COUNT = rf"{_ABOUT}(?P<count>\d[\d,]*|(?i:{'|'.join(_DIGITS)})) "
_SUBJECT = r"(?P<subject>(?:The|An?)(?: [\w'’-]+){1,5}?|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,3}) "
_PLAIN = r"[^,;:()\"“”«»?!]+?"
_MONTHS = "January February March April May June July August September October November December".split()
_DATE = rf"(?P<date>(?:\d{{1,2}} )?(?:(?:{'|'.join(_MONTHS)}) )?(?:\d{{1,2}}, )?[12]\d{{3}})"
_DONE = r"(?P<done>[a-z]+ed|built|sold|bought|sent|held|begun|made|shut|drawn|written)"

_THERE_ARE = re.compile(
    rf"There (?P<verb>are|were) {_COUNT}(?P<things>[a-z-]+)(?P<rest>(?: {_PLAIN})?)(?:, .+)?\."
)
_HAVE = re.compile(
    rf"{_SUBJECT}(?P<verb>has|have|had) {_COUNT}(?P<things>[a-z-]+(?: [a-z-]+){{0,3}}?)"
    rf"(?P<rest>(?: (?:in|at|on|with|from) {_PLAIN})?)\."
)
_MANY_DO = re.compile(rf"{_COUNT}(?P<things>[a-z-]+s|people|men|women|children)(?P<rest> {_PLAIN} {_PLAIN})\.")
_WAS_DONE = re.compile(rf"{_SUBJECT}(?P<verb>was|were) {_DONE}(?P<rest>(?: by {_PLAIN})?) (?:on|in) {_DATE}\.")
_NAMED = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)+(?= [a-z]|[,.])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"[A-ZА-ЯЁ][\w'’-]+(?: [A-ZА-ЯЁ][\w'’-]+){0,3}")
_RUSSIAN = re.compile(r"[а-яё]{2}", re.IGNORECASE)

_THAT = re.compile(r"\b(?:that|что)\s+$", re.IGNORECASE)

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

    Every row passes `check_gold` without a finding. There may be fewer rows, or none.
    """
    ordered = sorted(sources, key=lambda source: source.document)
    texts = {source.document: source.text for source in ordered}
    known = {word for text in texts.values() for word in words(text)}
    answered = _in_turn([_unambiguous(_answered(source), texts) for source in ordered])
    strangers = _in_turn([list(_stranger(source, number, known)) for number, source in enumerate(ordered)])
    cases = []
    for number, case in enumerate(_same_once(answered), start=1):
        cases.append(case)
        if number % _ANSWERED_PER_STRANGER == 0:
            cases += strangers[number // _ANSWERED_PER_STRANGER - 1 :][:1]
    # A few fall to the check; the rest of a large folder need not be checked for them.
    return _sound(cases[: 2 * limit], texts, corpus)[:limit]


def _sound(cases: Iterable[Case], texts: Mapping[str, str], corpus: str | None) -> list[GoldRow]:
    """Return the cases as rows, less those in which the check finds anything."""
    named = [replace(case, id=f"draft-{number:03d}") for number, case in enumerate(cases, start=1)]
    rows = [GoldRow(case, corpus=corpus) for case in named]
    wrong = {finding.id for finding in check_gold(rows, texts)}
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


def _answered(source: DraftSource) -> list[Case]:
    spans = [span for span in sentences(source.text) if _is_inside(source, *span)]
    asked = [case for span in spans for case in (list(_asked(source, span)) or _about(source, span))]
    said = [case for one in source.attributions for case in _who_said(source, spans, one)]
    kinds = [[case for case in (*said, *asked) if case.type == kind] for kind in QuestionType]
    return _in_turn(kinds)


def _is_inside(source: DraftSource, start: int, end: int) -> bool:
    return not source.passages or any(first <= start and end <= last for first, last in source.passages)


# From a sentence


def _asked(source: DraftSource, span: Span) -> Iterator[Case]:
    quote = source.text[slice(*span)]
    said = words(quote)
    if len(said) not in _SENTENCE_WORDS or not _LOOSE.isdisjoint(said):
        return
    made = _question(one_line(quote))
    if made:
        kind, question, answer = made
        yield Case("", kind, question, ((answer,),), evidence=(Evidence(source.document, quote),))


def _question(sentence: str) -> tuple[QuestionType, str, str] | None:
    """Return kind, question and answer for a sentence that fits a pattern."""
    if (match := _WAS_DONE.fullmatch(sentence)) and (subject := _subject(match)):
        question = f"When {match['verb']} {subject} {match['done']}{match['rest']}?"
        return QuestionType.TIME, question, match["date"]
    if (match := _THERE_ARE.fullmatch(sentence)) and _is_count(match):
        question = f"How many {match['things']}{match['rest']} {match['verb']} there?"
        return QuestionType.FACT, question, match["count"]
    if (match := _MANY_DO.fullmatch(sentence)) and _is_count(match):
        return QuestionType.FACT, f"How many {match['things']}{match['rest']}?", match["count"]
    if (match := _HAVE.fullmatch(sentence)) and _is_count(match) and (subject := _subject(match)):
        does = {"has": "does", "have": "do", "had": "did"}[match["verb"]]
        question = f"How many {match['things']} {does} {subject} have{match['rest']}?"
        return QuestionType.FACT, question, match["count"]
    return None


def _about(source: DraftSource, span: Span) -> Iterator[Case]:
    quote = source.text[slice(*span)]
    numbers = tuple(dict.fromkeys(_NUMBER.findall(quote)))
    title = _plain_title(source)
    if not title or not numbers or len(words(quote)) not in _SENTENCE_WORDS or not quote.endswith((".", '"')):
        return
    for match in _NAMED.finditer(quote):
        name, before = match.group(), quote[: match.start()].split()[-1:]
        first, *_, last = parts = name.split()
        if not before or not before[0][0].islower() or before[0] == "the":
            continue
        # Where a part of the name stands elsewhere too, another sentence could be the answer.
        is_alone = all(source.text.count(part) == 1 for part in (first, last)) and not holds(title, last)
        if is_alone and len(parts) <= _NAME_WORDS and first not in _MONTHS:
            question = f'What does "{title}" say about {name}?'
            yield Case("", QuestionType.FACT, question, (numbers,), evidence=(Evidence(source.document, quote),))
            return


def _plain_title(source: DraftSource) -> str:
    return re.sub(r"[\"“”„«»]", "'", one_line(source.title))


def _subject(match: re.Match[str]) -> str:
    """Return the subject as it stands inside a question, "" where it is none."""
    subject = match["subject"]
    if not _NO_SUBJECT.isdisjoint(words(subject)):
        return ""
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else subject


def _is_count(match: re.Match[str]) -> bool:
    count = match["count"]
    is_year = count.isdigit() and int(count) in _YEARS
    return not is_year and match["things"].split()[0] not in _NO_THINGS


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
    is_surname = re.search(rf"\b{re.escape(last_name.lower())}\b", source.text) is None
    names = tuple(dict.fromkeys((one.speaker, last_name))) if is_surname else (one.speaker,)
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
    if not is_clause or " " not in one.speaker or not _LOOSE.isdisjoint(words(said)):
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
