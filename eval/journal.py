"""The records of a run on disk, one JSON line each, written as they come. Knows records; knows no system.

The first line says what is being measured, so that a run is resumed only as the run it was, and can be scored
again without asking again. A line that a crash cut off is dropped.
"""

import dataclasses
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from eval.types import ClaimRecord, PassageRecord, QuoteRecord, Record
from rag.errors import UsageError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Header:
    """What a run measures. Two runs with equal `settings`, `models` and `cases` measured the same thing.

    `settings` are name -> value as text, `models` name -> SHA-256, `cases` the digest of all that is asked,
    `case_seconds` is what one case might take. `commit` and `started` only say when; `went_on` are the other
    commits that added records later.
    """

    suite: str
    system: str
    settings: Mapping[str, str]
    settings_digest: str
    models: Mapping[str, str]
    cases: str
    n: int
    seed: int
    case_seconds: float = 120.0
    commit: str = ""
    started: str = ""
    went_on: tuple[str, ...] = ()

    @property
    def last_commit(self) -> str:
        """The commit that made the last records, "" where it is not known."""
        return self.went_on[-1] if self.went_on else self.commit

    def differences(self, other: "Header", *, but: Collection[str] = ()) -> list[str]:
        """Return in words what the two measure differently; empty where they can be compared case by case.

        `but` are the names of fields and settings that may differ.
        """
        found = [
            f"{name}: {getattr(self, name)!r} here, {getattr(other, name)!r} there"
            for name in ("suite", "system", "n", "cases", "seed", "case_seconds")
            if name not in but and getattr(self, name) != getattr(other, name)
        ]
        for name in [name for name in ("settings", "models") if name not in but]:
            here, there = getattr(self, name), getattr(other, name)
            found += [
                f"{key}: {here.get(key)!r} here, {there.get(key)!r} there"
                for key in sorted({*here, *there})
                if key not in but and here.get(key) != there.get(key)
            ]
        return found


def other_commit(path: Path, *, there: Header, here: Header) -> str:
    """Return a warning where the records at `path` were made by another commit than this one, else ""."""
    if not there.last_commit or not here.commit or there.last_commit == here.commit:
        return ""
    return f"The records in {path} were made by commit {there.last_commit}; this is commit {here.commit}."


class Journal:
    """An open file of records; each is on disk before the next case is asked."""

    def __init__(self, path: Path, header: Header, *, resume: bool = False, retry: bool = False) -> None:
        """Start a new file, or go on with the one that is there; `retry` lets go of the cases that failed.

        Raises:
            UsageError: there is a file already, or the one to resume is of another run.
        """
        self.path = path
        self.done: dict[str, Record] = {}
        if path.exists() and not resume:
            hint = "Go on with it: --resume, or choose another folder with --out."
            raise UsageError(f"There is a run in {path} already.", hint=hint)
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.exists():
            header = self._resumed(header, retry=retry)
        else:
            path.write_text(_line({"format": FORMAT, **dataclasses.asdict(header)}), encoding="utf-8")
        self.header = header
        self._file = path.open("a", encoding="utf-8")

    def _resumed(self, wanted: Header, *, retry: bool) -> Header:
        header, records = read_journal(self.path)
        check_resumable(self.path, there=header, here=wanted, retry=retry)
        if retry:
            header = dataclasses.replace(header, case_seconds=wanted.case_seconds)
            records = [record for record in records if not record.failed]
        if len(records) < header.n and other_commit(self.path, there=header, here=wanted):
            header = dataclasses.replace(header, went_on=(*header.went_on, wanted.commit))
        self.done = {record.id: record for record in records}
        lines = [_line({"format": FORMAT, **dataclasses.asdict(header)}), *map(record_line, records)]
        part = self.path.with_name(f"{self.path.name}.part")
        part.write_text("".join(lines), encoding="utf-8")  # without the line that was cut off
        part.replace(self.path)
        return header

    def add(self, record: Record) -> None:
        """Write a record so that it outlives this process."""
        self._file.write(record_line(record))
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def check_resumable(path: Path, *, there: Header, here: Header, retry: bool = False) -> None:
    """Refuse to go on with the run at `path` where it measures something else.

    Cases that failed may be asked again with more time.

    Raises:
        UsageError: it names what differs.
    """
    different = here.differences(there, but=("case_seconds",) if retry else ())
    if different:
        message = f"The run in {path} measures something else: {'; '.join(different)}."
        raise UsageError(message, hint="Give the same flags as then, or start anew with another --out.")


def read_journal(path: Path) -> tuple[Header, list[Record]]:
    """Return the header and the records of a run; a last line that is cut off is left out.

    Raises:
        UsageError: there is no such file, it is no journal, or a line in its middle is damaged.
    """
    hint = "A run is a folder with records.jsonl, written by rag eval."
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The run {path} cannot be read: {error}.", hint=hint) from error
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            if number == len(lines):
                break  # a crash while it was written
            raise UsageError(f"{path}, line {number} is damaged: {error}.", hint=hint) from error
    if not rows or not isinstance(rows[0], dict) or rows[0].get("format") != FORMAT:
        raise UsageError(f"{path} is no run that this version reads.", hint=hint)
    try:
        return header_from(rows[0]), [record_from(row) for row in rows[1:]]
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"A line of {path} is no record of this version: {error}.", hint=hint) from error


_HEADER_FIELDS = frozenset(item.name for item in dataclasses.fields(Header))


def header_from(row: Mapping[str, Any]) -> Header:
    """Return the header that a line of JSON holds; unknown fields of other versions are passed over.

    Raises:
        TypeError: it lacks a field, or is no header.
    """
    known = {key: value for key, value in row.items() if key in _HEADER_FIELDS}
    return Header(**{**known, "went_on": tuple(known.get("went_on", ()))})


def record_line(record: Record) -> str:
    """Return a record as one line of JSON."""
    return _line(dataclasses.asdict(record))


def record_from(row: Mapping[str, Any]) -> Record:
    """Return the record that a line of JSON holds; unknown fields of other versions are passed over."""
    claims = tuple(
        ClaimRecord(
            claim["text"],
            tuple(_made(QuoteRecord, quote) for quote in claim["quotes"]),
            claim["verbatim"],
            claim.get("support", {}),
            claim.get("lead", ""),
        )
        for claim in row.get("claims", ())
    )
    passages = tuple(
        _made(
            PassageRecord, {**passage, "meets": None if passage.get("meets") is None else tuple(passage["meets"])}
        )
        for passage in row.get("passages", ())
    )
    known = {key: value for key, value in row.items() if key in _RECORD_FIELDS}
    known |= {"claims": claims, "passages": passages, "warnings": tuple(row.get("warnings", ()))}
    return Record(**known)


_RECORD_FIELDS = frozenset(item.name for item in dataclasses.fields(Record))


def _made(kind: Any, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of our dataclasses
    names = {item.name for item in dataclasses.fields(kind)}
    return kind(**{key: value for key, value in row.items() if key in names})


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=True, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has all its records: what `rag eval` scores, shows and compares."""

    header: Header
    records: tuple[Record, ...]
    notes: tuple[str, ...] = field(default=())

    def by_id(self) -> dict[str, Record]:
        """Return the records by case id."""
        return {record.id: record for record in self.records}
