"""Holds gold rows against the stored texts: quotes verbatim, answers in their evidence, traps not answered.

Knows rows and texts by name; knows no file, loader, library or system. Texts have to be as they are stored, since
quotes are compared with them character by character.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from eval.gold import GoldRow
from eval.metrics_answer import holds
from eval.types import Case, Evidence
from rag.stems import stems
from rag.text import one_line, sentences

# So many names are enough to see which rows, or which folder, is meant.
_SHOWN = 3
_SHOWN_CHARS = 160
_LEAST_WORDS = 2
_YES_NO = frozenset("yes no да нет".split())


class Severity(StrEnum):
    """Whether a row gives wrong figures as it is, or only deserves a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a field of a row. `line` is 0 for a row that was not read from a file."""

    id: str
    line: int
    field: str
    message: str
    severity: Severity = Severity.ERROR


Problem: TypeAlias = tuple[str, str, Severity]
"""A field, what is wrong with it, and how much that matters."""


def check_gold(rows: Sequence[GoldRow], texts: Mapping[str, str], *, corpus: str | None = None) -> list[Finding]:
    """Return what is wrong with the rows, given the stored text of every document by its name.

    `corpus` is the name of the folder, where known. Where no document of the evidence is known, the rows are for
    another corpus and only that is told.
    """
    pieces = [(row, piece.document) for row in rows for piece in row.case.evidence]
    if pieces and not any(document in texts for _, document in pieces):
        row, document = pieces[0]
        message = f"none of the documents is known, neither {document} nor any other: gold for another corpus?"
        return [Finding(row.case.id, row.line, "evidence", message)]
    found, ids = [*_strange_corpora(rows, corpus), *_unreviewed(rows)], dict[str, int]()
    found += _answered_after_all(rows, texts)
    for row in rows:
        if row.case.id in ids:
            message = f"lines {ids[row.case.id]} and {row.line} have the same id"
            found.append(Finding(row.case.id, row.line, "id", message))
        ids.setdefault(row.case.id, row.line)
        asked = row.case.documents or ()
        unknown = [("documents", _no_document(name, texts), Severity.ERROR) for name in asked if name not in texts]
        problems = (*_evidence_problems(row, texts), *_answer_problems(row.case, texts), *unknown)
        found += [Finding(row.case.id, row.line, *problem) for problem in problems]
    return found


def _strange_corpora(rows: Sequence[GoldRow], corpus: str | None) -> list[Finding]:
    """Tell of each other corpus once. The folder may only have another name: what counts is the evidence."""
    first = {row.corpus: row for row in reversed(rows) if corpus and row.corpus not in (None, corpus)}
    return [
        Finding(row.case.id, row.line, "corpus", f"it is for {name}, not for {corpus}", Severity.WARNING)
        for name, row in first.items()
    ]


def _unreviewed(rows: Sequence[GoldRow]) -> list[Finding]:
    """Tell once how many rows nobody has looked at: what is measured with them is the draft too."""
    new = [row for row in rows if not row.reviewed]
    if not new:
        return []
    ids = _few([row.case.id for row in new])
    message = f"{len(new)} of {len(rows)} questions are not reviewed yet: {ids}"
    return [Finding(new[0].case.id, new[0].line, "reviewed", message, Severity.WARNING)]


def _answered_after_all(rows: Sequence[GoldRow], texts: Mapping[str, str]) -> Iterator[Finding]:
    """Tell where one sentence has all that an unanswerable question speaks of, and nothing else guards the row.

    An expected answer would be looked for in the texts, a correction in the evidence; a sentence with a forbidden
    string is the trap that the row is about. Words are compared by their stems; a question with only one meets
    too many sentences to tell anything.
    """
    asked = [(row, frozenset(stems(row.case.question))) for row in rows if _unguarded(row.case)]
    asked = [(row, wanted) for row, wanted in asked if len(wanted) >= _LEAST_WORDS]
    cut = [(name, text[slice(*span)]) for name, text in texts.items() for span in sentences(text)] if asked else []
    told = [(name, sentence, frozenset(stems(sentence))) for name, sentence in cut]
    for row, wanted in asked:
        holding = ((name, sentence) for name, sentence, words in told if wanted <= words)
        near = next((one for one in holding if not any(holds(one[1], trap) for trap in row.case.forbidden)), None)
        if near is not None:
            message = f'answerable is false, but {near[0]} has: "{one_line(near[1])[:_SHOWN_CHARS]}"'
            yield Finding(row.case.id, row.line, "answerable", message, Severity.WARNING)


def _unguarded(case: Case) -> bool:
    return not (case.answerable or case.expected or case.correction)


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _evidence_problems(row: GoldRow, texts: Mapping[str, str]) -> Iterator[Problem]:
    spans = row.spans or (None,) * len(row.case.evidence)
    for number, (piece, span) in enumerate(zip(row.case.evidence, spans, strict=True)):
        text = texts.get(piece.document)
        if text is None:
            yield f"evidence[{number}].document", _no_document(piece.document, texts), Severity.ERROR
        elif piece.quote not in text:
            yield f"evidence[{number}].quote", _not_verbatim(piece, text, texts), Severity.ERROR
        elif span and piece.quote and text[slice(*span)] != piece.quote:
            message = f"these words stand at {text.find(piece.quote)}, not at {span[0]}"
            yield f"evidence[{number}].start", message, Severity.ERROR


def _no_document(name: str, texts: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(name, texts, n=1)
    there = f"did you mean {near[0]}?" if near else f"there are {len(texts)}: {_few(sorted(texts))}"
    return f"the folder has no document {name} that can be read; {there}"


def _not_verbatim(piece: Evidence, text: str, texts: Mapping[str, str]) -> str:
    blanks = r"\s+".join(re.escape(word) for word in piece.quote.split())
    near = re.search(blanks, text)
    if near:
        return f"only the white space differs; the document has {json.dumps(near.group(), ensure_ascii=False)}"
    others = [name for name, other in texts.items() if piece.quote in other]
    return f"these words are not in {piece.document}" + (f", but in {others[0]}" if others else "")


def _answer_problems(case: Case, texts: Mapping[str, str]) -> Iterator[Problem]:
    if not case.answerable:
        for wanted in (one for group in case.expected for one in group):
            where = next((name for name, text in texts.items() if holds(text, wanted)), None)
            if where:
                yield "expected", f'answerable is false, but "{wanted}" stands in {where}', Severity.ERROR
        yield from _correction_problems(case)
        return
    if case.correction:
        yield "correction", "answerable is true: what is right belongs into expected", Severity.ERROR
    for field, value in (("expected", case.expected), ("evidence", case.evidence)):
        if not value:
            yield field, "an answerable question needs it", Severity.ERROR
    for group in case.expected:
        yield from _group_problems(case, group, texts)
    yield from _forbidden_problems(case, case.expected)


def _correction_problems(case: Case) -> Iterator[Problem]:
    """Tell where no quote denies the premise: a correction that the documents do not give is no right answer."""
    for group in case.correction:
        if not any(holds(piece.quote, wanted) for piece in case.evidence for wanted in group):
            yield "correction", f"{' | '.join(group)}: not in the evidence", Severity.ERROR
    if case.correction:
        yield from _forbidden_problems(case, case.correction)


def _forbidden_problems(case: Case, groups: Sequence[Sequence[str]]) -> Iterator[Problem]:
    right = [*(piece.quote for piece in case.evidence), *(one for group in groups for one in group)]
    for wanted in case.forbidden:
        if any(holds(one, wanted) for one in right):
            yield "forbidden", f'"{wanted}" stands in what is right', Severity.ERROR


def _group_problems(case: Case, group: Sequence[str], texts: Mapping[str, str]) -> Iterator[Problem]:
    """Tell where no string of a group stands in the evidence. A yes or no, which stands nowhere, needs a look."""
    shown = " | ".join(group)
    if any(holds(piece.quote, wanted) for piece in case.evidence for wanted in group):
        return
    if any(holds(texts.get(piece.document, ""), wanted) for piece in case.evidence for wanted in group):
        # Where only a page is given, its words are not known here.
        if all(piece.quote for piece in case.evidence):
            yield "expected", f"{shown}: in the document, but in no quote", Severity.WARNING
        return
    loose = all(wanted.casefold().strip(" .") in _YES_NO for wanted in group)
    message = f"{shown}: not in the evidence" + (", as a yes or no may be" if loose else "")
    yield "expected", message, Severity.WARNING if loose else Severity.ERROR
