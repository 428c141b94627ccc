"""Makes questions that the texts do not answer, about people and things that they name: near misses.

Knows sentences and made questions; knows no document. What is asked is left out where a sentence looks as if it
said it, but only sentences with the name in them are looked at: a person has to review each question.

=====================================================  ==============================================
in the texts                                           asked
=====================================================  ==============================================
"Who left office in 2020?"                             Who left office in 2017? (a year of no text)
"When did Ann Berg come to Otaru?"                     When did Leo Ito come to Otaru? (of the texts)
Ann Berg                                               How old is Ann Berg?
"When was the pier opened?"                            Who was the pier opened by?
=====================================================  ==============================================
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest

from eval.gold_questions import Made
from eval.gold_verbs import PASTS
from eval.metrics_answer import folded
from rag.text import content_words

# What is asked of a person, and how a sentence about that person that may answer it looks.
_OF_PEOPLE = (
    ("How old is {}?", re.compile(r"\d|\b(?:born|aged?|old|year)", re.IGNORECASE)),
    ("Where was {} born?", re.compile(r"\b(?:born|native|grew|comes?|came|from|home)\b", re.IGNORECASE)),
    ("Where did {} go to school?", re.compile(r"school|colleg|universit|studi|educat|graduat", re.IGNORECASE)),
)
_PASSIVE = re.compile(r"When (?P<be>was|were) (?P<thing>the [a-z][\w'’ -]*?) (?P<done>[a-z]+)\?")
_COSTLY = frozenset("built repaired replaced restored renovated installed".split())
_MONEY = re.compile(r"[£$€]|\b(?:cost|costs|price|paid|euros?|dollars?|pounds?|yen|rubles?)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d,.-])(?:19|20)\d\d(?![\d,.-]*\d)")
_OTHER_YEARS = (-3, 2, -5, 4, -7, 6, -9, 8)


@dataclass(frozen=True)
class Told:
    """What the texts say, sentence by sentence, the people they name, and what was asked about them so far."""

    sentences: Sequence[str]
    people: Sequence[str]
    asked: Sequence[Made]

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that stand anywhere."""
        return frozenset(year for sentence in self.sentences for year in _YEAR.findall(sentence))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places = defaultdict[str, list[int]](list)
        for place, sentence in enumerate(self.sentences):
            for word in set(folded(sentence)):
                places[word].append(place)
        return places

    def naming(self, name: str) -> list[str]:
        """Return the sentences that hold the last word of a name."""
        return [self.sentences[place] for place in self._places.get(folded(name)[-1], [])]

    def about(self, name: str) -> list[str]:
        """Return the sentences of `naming`, and the one behind each: "He is 71."."""
        places = self._places.get(folded(name)[-1], [])
        return [sentence for place in places for sentence in self.sentences[place : place + 2]]


def near_misses(told: Told, *, limit: int) -> list[str]:
    """Return questions without an answer, each once, of every kind in turn, at most `limit` of a kind."""
    kinds = [list(islice(kind(told), limit)) for kind in _KINDS]
    in_turn = [question for turn in zip_longest(*kinds) for question in turn if question is not None]
    answered = {made.question.casefold() for made in told.asked}
    return [question for question in dict.fromkeys(in_turn) if question.casefold() not in answered]


def _of_other_years(told: Told) -> Iterator[str]:
    for made in told.asked:
        found = _YEAR.findall(made.question)
        near = (str(int(found[0]) + away) for away in _OTHER_YEARS) if len(found) == 1 else iter(())
        other = next((year for year in near if year not in told.years), None)
        if other is not None:
            yield made.question.replace(found[0], other)


def _of_other_people(told: Told) -> Iterator[str]:
    """Swap a person for another one whom no sentence brings together with what is asked."""
    for number, made in enumerate(told.asked):
        if made.subject not in told.people or made.subject not in made.question or " first " in made.question:
            continue
        wanted = set(content_words(made.question.replace(made.subject, "")))
        turn = number % len(told.people)
        for other in (*told.people[turn:], *told.people[:turn]):
            is_told = any(wanted & set(content_words(one)) for one in told.about(other))
            if other != made.subject and wanted and not is_told:
                yield made.question.replace(made.subject, other)
                break


def _of_people(told: Told) -> Iterator[str]:
    for number, name in enumerate(told.people):
        turn = number % len(_OF_PEOPLE)
        about = told.about(name)
        for ask, answers in (*_OF_PEOPLE[turn:], *_OF_PEOPLE[:turn]):
            if not any(answers.search(sentence) for sentence in about):
                yield ask.format(name)
                break


def _of_things(told: Told) -> Iterator[str]:
    for match in filter(None, (_PASSIVE.fullmatch(made.question) for made in told.asked)):
        be, thing, done = match["be"], match["thing"], match["done"]
        naming = told.naming(thing)
        if done in _COSTLY and not any(map(_MONEY.search, naming)):
            yield f"How much did it cost to {PASTS[done]} {thing}?"
        elif not any(re.search(r"\bby\b", sentence) for sentence in naming):
            yield f"Who {be} {thing} {done} by?"


_KINDS: Iterable[Callable[[Told], Iterator[str]]] = (_of_other_years, _of_other_people, _of_things, _of_people)
