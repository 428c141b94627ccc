"""Asks a system every case of a suite and keeps what it gave. Knows cases, records and time; knows no formula.

One bad case never ends a run: what it raised, or that it took too long, is its record. Ctrl-C ends a run; what was
answered until then is in the journal.
"""

import hashlib
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from types import FrameType
from typing import Protocol

from eval.journal import Journal
from eval.types import Case, Record, Text


class System(Protocol):
    """What is measured: anything that makes a record of a case."""

    @property
    def name(self) -> str:
        """How reports call it."""

    def answer(self, case: Case) -> Record:
        """Return what it gives for the case."""


class CaseTimeoutError(Exception):
    """A case took longer than it may."""


OnRecord = Callable[[int, int, Record], None]
"""Called after each case with how many are done, of how many, and the record."""


def run(
    cases: Sequence[Case],
    system: System | None,
    *,
    journal: Journal | None = None,
    case_seconds: float = 120.0,
    on_record: OnRecord | None = None,
    memory_bytes: Callable[[], Mapping[str, int]] = dict,
) -> list[Record]:
    """Return a record for every case, in their order; what the journal has already is not asked again.

    `system` may be None where the journal has all of them. `memory_bytes` tells what the processes have taken at
    most so far.
    """
    records: list[Record] = []
    for number, case in enumerate(cases, start=1):
        known = journal.done.get(case.id) if journal is not None else None
        record = known
        if record is None:
            assert system is not None
            record = replace(ask(case, system, case_seconds=case_seconds), memory_bytes=memory_bytes())
            if journal is not None:
                journal.add(record)
        records.append(record)
        if on_record is not None:
            on_record(number, len(cases), record)
    return records


def ask(case: Case, system: System, *, case_seconds: float) -> Record:
    """Return what the system gives for a case; what goes wrong becomes the record's error."""
    started = time.perf_counter()
    try:
        with _limited(case_seconds):
            record = system.answer(case)
    except CaseTimeoutError:
        record = _failed(case, f"it took longer than {case_seconds:g} seconds")
    except Exception as error:  # noqa: BLE001 - whatever a case raises is a result of the measurement
        record = _failed(case, f"{type(error).__name__}: {error}")
    total = round(time.perf_counter() - started, 4)
    return replace(record, seconds={**record.seconds, "total": total})


def _failed(case: Case, error: str) -> Record:
    return Record(case.id, case.type, case.question, error=error)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise CaseTimeoutError in the block after so many seconds; only the main thread can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(_number: int, _frame: FrameType | None) -> None:
        raise CaseTimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def cases_digest(cases: Sequence[Case], texts: Sequence[Text]) -> str:
    """Return a short hash of all that is asked and of the texts it is asked of: equal ones can be compared."""
    digest = hashlib.sha256()
    rows = [*map(asdict, cases), *({**asdict(text), "path": None} for text in texts)]
    for row in rows:
        digest.update(json.dumps(row, sort_keys=True, default=str).encode("utf-8", "replace"))
    for text in texts:
        if text.path is not None:
            digest.update(text.path.read_bytes())
    return digest.hexdigest()[:16]
