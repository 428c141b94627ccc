"""Example questions that the documents of a library answer, for a person who has not asked anything yet.

Like rag.compose it names concrete functions of all folders, inside functions; it knows no widget.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from rag.text import one_line, sentences

if TYPE_CHECKING:
    from eval.gold_draft import DraftSource
    from index.store import Store

Asked: TypeAlias = tuple[str, str]
"""A document and a question that it answers."""

_EXAMPLES = 3
# Questions are made from so many documents; more take time and make none better.
_READ = 40
_DRAFTED = 40
_CHARS = range(20, 91)
_FULL_NAME = re.compile(r"[A-ZА-ЯЁ][\w'’-]+(?: [A-ZА-ЯЁ][\w'’-]+)+")
_RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)


def examples(store: "Store") -> tuple[str, ...]:
    """Return three questions that the documents answer, of different documents where possible."""
    from rag.compose_gold import draft_source

    sources = list(store.sources().items())
    spread = sources[:: max(1, len(sources) // _READ)][:_READ]
    return chosen([draft_source(store, number, source=source) for number, source in spread])


def chosen(read: "Sequence[DraftSource]") -> tuple[str, ...]:
    """Return three questions, fewer where the texts carry no three that differ; the surest come first."""
    asked = _different(chain(_drafted(read), *map(_from_sentences, read), *map(_from_speakers, read)))
    firsts = dict(reversed(asked))
    of_each = [question for document, question in asked if firsts[document] == question]
    others = [question for document, question in asked if firsts[document] != question]
    return tuple([*of_each, *others][:_EXAMPLES])


def _different(asked: Iterator[Asked]) -> list[Asked]:
    """Return the questions that are neither too short nor too long to be pressed, each once."""
    once: dict[str, Asked] = {}
    for document, question in asked:
        if len(question) in _CHARS:
            once.setdefault(question.casefold(), (document, question))
    return list(once.values())


def _drafted(read: "Sequence[DraftSource]") -> Iterator[Asked]:
    """Yield gold questions, plain facts first: each has one answer, whoever of the texts is asked."""
    from eval.gold_draft import draft

    cases = [row.case for row in draft(read, limit=_DRAFTED) if row.case.answerable]
    for case in sorted(cases, key=lambda case: case.type != "fact"):
        yield case.evidence[0].document, case.question


def _from_sentences(source: "DraftSource") -> Iterator[Asked]:
    """Yield what single sentences answer: no gold, since other texts may differ, and the better to be asked."""
    from eval.gold_questions import questions

    for start, end in sentences(source.text):
        for made in questions(one_line(source.text[start:end])):
            yield source.document, made.question


def _from_speakers(source: "DraftSource") -> Iterator[Asked]:
    for said in source.attributions:
        if _FULL_NAME.fullmatch(said.speaker):
            is_russian = _RUSSIAN.search(said.speaker) is not None
            yield (
                source.document,
                f"Что говорит {said.speaker}?" if is_russian else f"What did {said.speaker} say?",
            )
