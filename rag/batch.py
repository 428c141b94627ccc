"""Many questions from a JSONL file: one object in, one object out, in order. Knows lines and answers."""

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rag.errors import RagError, UsageError
from rag.parts import Parts
from rag.pipeline import answer
from rag.render import as_json
from rag.text import clean, one_line
from rag.types import Question, Turn

_FIELDS = {"id", "question", "history", "as_of"}
_HINT = 'A line looks like: {"id": "q1", "question": "Who signed it?", "history": []}'


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a batch file."""

    id: str | int
    question: Question


def read_batch(path: Path, *, default_as_of: date | None = None) -> list[Row]:
    """Return the questions of a JSONL file ("-" is standard input).

    Raises:
        UsageError: the file cannot be read, or a line is malformed (its number and field are named).
    """
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        lines = raw.decode("utf-8-sig").split("\n")  # not splitlines: U+2028 may stand in a JSON string
    except OSError as error:
        raise UsageError(f"The batch file {path} cannot be read: {error.strerror}.", hint=_HINT) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The batch file {path} is not UTF-8: {error.reason}.", hint=_HINT) from error
    rows = [
        _row(line, f"{path}, line {number}", default_as_of)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not rows:
        raise UsageError(f"The batch file {path} holds no question.", hint=_HINT)
    return rows


def _row(line: str, where: str, default_as_of: date | None) -> Row:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON ({error}).", hint=_HINT) from error
    if not isinstance(fields, dict):
        raise UsageError(f"{where}: not a JSON object.", hint=_HINT)
    unknown = sorted(set(fields) - _FIELDS)
    if unknown:
        raise UsageError(f"{where}: unknown field {unknown[0]!r}.", hint=_HINT)
    if not _is_id(fields.get("id")):
        raise UsageError(f"{where}: the field 'id' must be text or a number.", hint=_HINT)
    if not isinstance(fields.get("question"), str):
        raise UsageError(f"{where}: the field 'question' must be text.", hint=_HINT)
    history = tuple(_turn(turn, where) for turn in _list(fields, where))
    as_of = _day(fields.get("as_of"), where) or default_as_of
    return Row(fields["id"], Question(fields["question"], history, as_of))


def _is_id(value: Any) -> bool:  # noqa: ANN401 - JSON
    """Accept what can be written back as it is: no lone surrogate."""
    if isinstance(value, str):
        return not any("\ud800" <= char <= "\udfff" for char in value)
    return isinstance(value, int) and not isinstance(value, bool)


def _list(fields: dict[str, Any], where: str) -> list[Any]:
    history = [] if fields.get("history") is None else fields["history"]
    if not isinstance(history, list):
        raise UsageError(f"{where}: the field 'history' must be a list.", hint=_HINT)
    return history


def _turn(turn: Any, where: str) -> Turn:  # noqa: ANN401 - JSON
    """Accept a question alone, or an object with its question and answer."""
    if isinstance(turn, str):
        return Turn(turn)
    if isinstance(turn, dict) and isinstance(turn.get("question"), str):
        return Turn(turn["question"], str(turn.get("answer") or ""))
    hint = 'Each turn is {"question": "...", "answer": "..."}.'
    raise UsageError(f"{where}: the field 'history' holds a turn without a question.", hint=hint)


def _day(value: Any, where: str) -> date | None:  # noqa: ANN401 - JSON
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{where}: the field 'as_of' must be a date.", hint="Like 2025-10-21.") from error


def answer_row(row: Row, parts: Parts) -> dict[str, Any]:
    """Return the answer to one line as JSON; what went wrong with it stands in `error`."""
    try:
        return {"id": row.id, **as_json(answer(row.question, parts))}
    except RagError as error:
        told = {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
        return {"id": row.id, "question": one_line(clean(row.question.text)), "error": told}
