"""The gold questions: a JSONL file of questions with right answers and their evidence, read and written.

Knows the fields of a row; knows no document (`eval.gold_check` compares), library, loader, system or measure.

A row is one JSON object on one line. `id`, `type` and `question` have to be there, all else may be left out::

    {"id": "ferry-1", "type": "fact", "question": "How many ferries are there?", "answerable": true,
     "expected": [["3", "three"]], "forbidden": ["4"], "history": [{"question": "...", "answer": "..."}],
     "evidence": [{"document": "ferry.txt", "quote": "Three ferries sail.", "start": 0, "end": 19, "page": 1}],
     "as_of": "2025-10-24", "documents": ["ferry.txt"], "reviewed": true, "note": "...", "corpus": "harbour"}

Evidence has a quote, a page, or the place `[start, end)` of the words in the stored text: `filled` puts them in.

A question that the documents do not answer has `answerable` false, and silence is right. Where it rests on
something that the documents deny, `correction` holds groups like those of `expected`: to say so is right too::

    {"id": "ferry-2", "type": "false_premise", "question": "Why was the ferry sold?", "answerable": false,
     "correction": [["was not sold", "still sails"]],
     "evidence": [{"document": "ferry.txt", "quote": "The ferry still sails."}]}

`evidence` names every place where an answer stands. Where the answer has several parts, a quote serves those
groups of `expected` of which it holds a string. A type may be any word; those of `QuestionType` are ours.
`documents` are the only ones that may be searched. `note` is for the person who reviews the row.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from eval.types import Case, Evidence
from rag.errors import UsageError
from rag.types import Span, Turn

Value = TypeVar("Value")

_ROW_FIELDS = (
    "id type question history answerable expected forbidden correction evidence as_of documents reviewed note"
    " corpus".split()
)
_EVIDENCE_FIELDS = ("document", "quote", "start", "end", "page")
_TURN_FIELDS = ("question", "answer")
_HOW_TO_WRITE = {
    "history": '[{"question": "...", "answer": "..."}] or ["..."]',
    "answerable": "true or false",
    "reviewed": "true or false",
    "expected": '[["4,900", "4900"]]: a list of groups, each a list of strings that are equally right',
    "forbidden": '["..."]',
    "correction": '[["was not sold", "still sails"]]: groups as in expected, where answerable is false',
    "evidence": '[{"document": "letter.txt", "quote": "words of the document"}]',
    "as_of": '"2025-10-24"',
    "documents": '["letter.txt"]: names of the only documents that may be searched',
    "start": "a whole number from 0 on, together with end",
    "end": "a whole number from 1 on, together with start",
    "page": "a whole number from 1 on",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class GoldError(UsageError):
    """A gold file cannot be read, or is in the way of one that is to be written."""


class QuestionType(StrEnum):
    """The kinds of question in our own gold sets."""

    FACT = "fact"
    WHO_SAID = "who_said"
    TIME = "time"
    TWO_SIDED = "two_sided"
    SEVERAL = "several"
    FOLLOW_UP = "follow_up"
    LANGUAGE = "language"
    FALSE_PREMISE = "false_premise"
    NEAR_MISS = "near_miss"
    TEASER = "teaser"


@dataclass(frozen=True, slots=True)
class GoldRow:
    """A case, its line in the file, and whether a person has looked at it.

    `spans` are the places of the evidence, one for each, None where the row gives none. `corpus` is the name of
    the folder that the question is about, `note` what somebody said of the answer.
    """

    case: Case
    line: int = 0
    reviewed: bool = True
    corpus: str | None = None
    spans: tuple[Span | None, ...] = ()
    note: str = ""


# Reading


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a file we are, so that an error can name it."""

    path: Path
    line: int
    part: str = ""

    def error(self, field: str, what: str, *, hint: str | None = None) -> GoldError:
        """Return an error that names file, line and field."""
        name = f"{self.part}.{field}" if self.part else field
        advice = hint or f'Write "{field}" like this: {_HOW_TO_WRITE.get(field, chr(34) + "..." + chr(34))}.'
        return GoldError(f"{self.path}, line {self.line}, field {name}: {what}.", hint=advice)


def load_gold(path: Path) -> list[GoldRow]:
    """Return the rows of a gold file, in order.

    Raises:
        GoldError: the file is missing or empty, a row is malformed, or two have one id; it names lines and field.
    """
    rows: dict[str, GoldRow] = {}
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        row = _row(_Place(path, number), line)
        first = rows.setdefault(row.case.id, row)
        if first is not row:
            # Records are kept by id: the answer to one would be counted as the answer to the other.
            message = f'{path}, lines {first.line} and {number}, field id: both are "{row.case.id}".'
            raise GoldError(message, hint="Give one of the two another id, or take it out.")
    if not rows:
        raise GoldError(f"{path} holds no question.", hint="Write one with: rag eval init FOLDER")
    return list(rows.values())


def _read(path: Path) -> str:
    try:
        # An editor may have put a byte order mark in front.
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        hint = "Name another file, or let one be drafted: rag eval init FOLDER"
        raise GoldError(f"{path} cannot be read: {error.strerror}.", hint=hint) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise GoldError(f"{path}, line {line}: this is not UTF-8.", hint="Save the file as UTF-8.") from error


def _row(place: _Place, line: str) -> GoldRow:
    raw = _fields(place, _parsed(place, line), _ROW_FIELDS)
    pieces = [_piece(place, number, one) for number, one in enumerate(_items(place, raw, "evidence"))]
    case = Case(
        id=_text(place, raw, "id"),
        type=_text(place, raw, "type"),
        question=_text(place, raw, "question"),
        expected=_groups(place, raw, "expected"),
        forbidden=_strings(place, "forbidden", raw.get("forbidden", []), may_be_empty=True),
        answerable=_take(place, raw, "answerable", True),
        evidence=tuple(evidence for evidence, _ in pieces),
        history=tuple(_turn(place, number, one) for number, one in enumerate(_items(place, raw, "history"))),
        as_of=_day(place, raw),
        documents=_strings(place, "documents", raw["documents"]) if "documents" in raw else None,
        correction=_groups(place, raw, "correction"),
    )
    return GoldRow(
        case=case,
        line=place.line,
        reviewed=_take(place, raw, "reviewed", True),
        corpus=_text(place, raw, "corpus") if "corpus" in raw else None,
        spans=tuple(span for _, span in pieces),
        note=_take(place, raw, "note", ""),
    )


def _parsed(place: _Place, line: str) -> object:
    try:
        return json.loads(line, object_pairs_hook=lambda pairs: _unique(place, pairs))
    except ValueError as error:
        hint = "Every line is one JSON object, without line breaks inside."
        raise GoldError(f"{place.path}, line {place.line}: this is not JSON: {error}.", hint=hint) from error


def _unique(place: _Place, pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    for number, (name, _) in enumerate(pairs):
        if name in [other for other, _ in pairs[:number]]:
            raise place.error(name, "it stands there twice", hint="Take one of the two out.")
    return dict(pairs)


def _fields(place: _Place, raw: object, known: Sequence[str]) -> dict[str, object]:
    """Return the fields that are not null, or refuse one that is not known: a typo must not pass in silence."""
    if not isinstance(raw, dict):
        hint = f"It is one of these, in braces: {', '.join(known)}."
        raise GoldError(f"{place.path}, line {place.line}: {place.part or 'the row'} is no object.", hint=hint)
    for name in raw:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
            raise place.error(name, "there is no such field", hint=hint)
    return {name: value for name, value in raw.items() if value is not None}


def _items(place: _Place, raw: Mapping[str, object], field: str) -> list[object]:
    return _take(place, raw, field, list[object]())


def _take(place: _Place, raw: Mapping[str, object], field: str, default: Value) -> Value:
    """Return a field that has the type of the default."""
    value = raw.get(field, default)
    if not isinstance(value, type(default)):
        raise place.error(field, f"{json.dumps(value, ensure_ascii=False)} is not what belongs there")
    return value


def _text(place: _Place, raw: Mapping[str, object], field: str) -> str:
    value = _take(place, raw, field, "")
    if not value.strip():
        raise place.error(field, "it is missing or empty")
    return value


def _groups(place: _Place, raw: Mapping[str, object], field: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_strings(place, field, group) for group in _items(place, raw, field))


def _strings(place: _Place, field: str, value: object, *, may_be_empty: bool = False) -> tuple[str, ...]:
    right = isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
    if not isinstance(value, list) or not right or not (value or may_be_empty):
        raise place.error(field, f"{json.dumps(value, ensure_ascii=False)} is no list of strings with words")
    return tuple(value)


def _turn(place: _Place, number: int, raw: object) -> Turn:
    if isinstance(raw, str) and raw.strip():
        return Turn(raw)
    inner = _Place(place.path, place.line, f"history[{number}]")
    turn = _fields(inner, raw, _TURN_FIELDS)
    return Turn(_text(inner, turn, "question"), _take(inner, turn, "answer", ""))


def _day(place: _Place, raw: Mapping[str, object]) -> date | None:
    if "as_of" not in raw:
        return None
    value = _text(place, raw, "as_of")
    try:
        # The reader of dates also takes "20251024" and weeks.
        return date.fromisoformat(value if _DAY.fullmatch(value) else "")
    except ValueError as error:
        raise place.error("as_of", f'"{value}" is no day') from error


def _piece(place: _Place, number: int, raw: object) -> tuple[Evidence, Span | None]:
    inner = _Place(place.path, place.line, f"evidence[{number}]")
    piece = _fields(inner, raw, _EVIDENCE_FIELDS)
    start, end, page = (_whole(inner, piece, name) for name in ("start", "end", "page"))
    if (start is None) != (end is None):
        raise inner.error("end" if end is None else "start", "it is missing")
    if start is not None and end is not None and end <= start:
        raise inner.error("end", f"{end} is not behind {start}")
    if "quote" not in piece and page is None and start is None:
        hint = "Copy words of the document, or give start and end."
        raise inner.error("quote", "there is neither a quote nor a place nor a page", hint=hint)
    quote = _text(inner, piece, "quote") if "quote" in piece else ""
    span = (start, end) if start is not None and end is not None else None
    return Evidence(_text(inner, piece, "document"), quote, page), span


def _whole(place: _Place, raw: Mapping[str, object], field: str) -> int | None:
    value = raw.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < (field != "start"):
        raise place.error(field, f"{json.dumps(value, ensure_ascii=False)} is no such number")
    return value


def filled(rows: Sequence[GoldRow], text_of: Callable[[str], str | None], *, path: Path) -> list[GoldRow]:
    """Return the rows of the file at `path`, with the words of evidence that gives only their place.

    `text_of` returns the stored text of a document by its name, None where there is none: nothing is filled there.

    Raises:
        GoldError: a place is outside of its document; it names line and field.
    """
    return [
        _filled(row, text_of, path) if any(map(_is_bare, row.case.evidence, row.spans)) else row for row in rows
    ]


def _is_bare(evidence: Evidence, span: Span | None) -> bool:
    return span is not None and not evidence.quote


def _filled(row: GoldRow, text_of: Callable[[str], str | None], path: Path) -> GoldRow:
    pieces = []
    for number, (piece, span) in enumerate(zip(row.case.evidence, row.spans, strict=True)):
        text = text_of(piece.document) if span is not None and not piece.quote else None
        if span is None or text is None:
            pieces.append(piece)
            continue
        place = _Place(path, row.line, f"evidence[{number}]")
        if span[1] > len(text):
            raise place.error("end", f"{span[1]} is behind the end: {piece.document} has {len(text)} characters")
        if not text[slice(*span)].strip():
            raise place.error("start", f"no words stand at {span[0]} to {span[1]} of {piece.document}")
        pieces.append(replace(piece, quote=text[slice(*span)]))
    return replace(row, case=replace(row.case, evidence=tuple(pieces)))


# Writing


def write_gold(rows: Iterable[GoldRow], path: Path) -> None:
    """Write the rows as JSONL to a file that is not there yet.

    Raises:
        GoldError: there is such a file already, or it cannot be written.
    """
    lines = "".join(json.dumps(_written(row), ensure_ascii=False) + "\n" for row in rows)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(lines)
    except FileExistsError as error:
        hint = "Name another file, or move this one away: it may hold what somebody reviewed."
        raise GoldError(f"{path} is there already and stays as it is.", hint=hint) from error
    except OSError as error:
        hint = "Name a file in a folder that is there and can be written to."
        raise GoldError(f"{path} cannot be written: {error.strerror}.", hint=hint) from error


def _written(row: GoldRow) -> dict[str, object]:
    case = row.case
    spans = row.spans or (None,) * len(case.evidence)
    fields: dict[str, object] = {
        "id": case.id,
        "type": str(case.type),
        "question": case.question,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in case.history],
        "answerable": case.answerable,
        "expected": case.expected,
        "forbidden": case.forbidden,
        "correction": case.correction,
        "evidence": [_written_piece(*both) for both in zip(case.evidence, spans, strict=True)],
        "as_of": case.as_of.isoformat() if case.as_of else None,
        "documents": case.documents,
        "reviewed": row.reviewed,
        "note": row.note or None,
        "corpus": row.corpus,
    }
    return {name: value for name, value in fields.items() if value not in (None, [], ())}


def _written_piece(evidence: Evidence, span: Span | None) -> dict[str, object]:
    start, end = span or (None, None)
    fields = {
        "document": evidence.document,
        "quote": evidence.quote or None,
        "start": start,
        "end": end,
        "page": evidence.page,
    }
    return {name: value for name, value in fields.items() if value is not None}
