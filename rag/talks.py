"""The conversations of a library: what was asked, the whole answers, and what a person thought of them.

Knows questions and answers; knows no document, model or widget. They are kept in `conversations.db` in the
library's folder (readable by its owner alone) and not in the documents' store: that has one truth, one writer and
its own format, and an answer must not wait until files have been read. A backup of the library leaves them out.

Each answer is kept whole (`rag.codec`), so that a conversation which is opened again shows the same marks and
quotes, also where the documents have changed since. Where nothing is to be kept, all is in memory and gone with
the program.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from rag.codec import decoded, encoded
from rag.errors import LibraryError
from rag.text import one_line
from rag.types import Answer, Source

DATABASE = "conversations.db"
_APPLICATION = 0x72616763
_VERSION = 2
_TITLE_CHARS = 70
# Numbers from here on are of conversations that are only in memory.
_MEMORY_IDS = 1 << 40

_SCHEMA = """
CREATE TABLE talks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, scope TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL
) STRICT;
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT, talk INTEGER NOT NULL REFERENCES talks ON DELETE CASCADE,
    question TEXT NOT NULL, answer TEXT NOT NULL, asked TEXT NOT NULL, scope TEXT NOT NULL
) STRICT;
CREATE INDEX turns_by_talk ON turns (talk, id);
CREATE TABLE feedback (
    turn INTEGER PRIMARY KEY REFERENCES turns ON DELETE CASCADE, verdict TEXT NOT NULL, note TEXT NOT NULL,
    given TEXT NOT NULL
) STRICT;
CREATE TABLE choices (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
# From version 1: what a turn was about is not known then, and most likely what its conversation is about.
_TURNS_GET_SCOPES = """
ALTER TABLE turns ADD COLUMN scope TEXT NOT NULL DEFAULT '{}';
UPDATE turns SET scope = (SELECT scope FROM talks WHERE talks.id = talk)
"""


class Verdict(StrEnum):
    """What a person thinks of an answer."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a conversation is about: these documents (none named: all), from these days, as of a day."""

    documents: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    as_of: date | None = None

    @property
    def takes_all(self) -> bool:
        """Are all documents asked?"""
        return not (self.documents or self.since or self.until)

    def takes(self, source: Source) -> bool:
        """Is this document asked? What came after the day that it is asked as of is left out by the search."""
        day = source.published
        is_named = not self.documents or source.document_id in self.documents
        is_after = self.since is None or (day is not None and self.since <= day)
        is_before = self.until is None or (day is not None and day <= self.until)
        return is_named and is_after and is_before


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as it stands in a list; one that is not kept is gone with the program."""

    id: int
    title: str
    turns: int
    updated: datetime
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thinks of an answer, and why."""

    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question with its whole answer; `scope` is what was asked, whatever the conversation is about by now."""

    id: int
    question: str
    answer: Answer
    feedback: Feedback | None = None
    scope: Scope = Scope()


def is_kept(number: int) -> bool:
    """Return whether the conversation or turn with this number outlives the program; 0 is none."""
    return 0 < number < _MEMORY_IDS


class TalkStore:
    """All conversations of a library; may be used from any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / DATABASE
        self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._memory_lock = threading.RLock()
        self._prepare(self._memory)
        self._memory.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('talks', ?)", (_MEMORY_IDS,))
        self._memory.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('turns', ?)", (_MEMORY_IDS,))

    def close(self) -> None:
        """Forget what is only in memory."""
        self._memory.close()

    # Conversations

    def talks(self) -> list[Talk]:
        """Return the conversations, the newest first."""
        sql = (
            "SELECT t.id, t.title, count(u.id), t.updated FROM talks t LEFT JOIN turns u ON u.talk = t.id"
            " GROUP BY t.id"
        )
        talks = []
        for which in (0, _MEMORY_IDS):
            with self._open(which) as database:
                rows = database.execute(sql).fetchall()
            talks += [
                Talk(number, title, turns, datetime.fromisoformat(at), is_kept=which == 0)
                for number, title, turns, at in rows
            ]
        return sorted(talks, key=lambda talk: (talk.updated, talk.id), reverse=True)

    def begin(self, question: str, scope: Scope = Scope()) -> int:
        """Begin a conversation with the title of its first question; return its number."""
        title = one_line(question)
        title = title if len(title) <= _TITLE_CHARS else title[:_TITLE_CHARS].rsplit(" ", 1)[0] + " …"
        now = _now()
        values = (title, json.dumps(encoded(scope)), now, now)
        with self._open(0 if self.keeping else _MEMORY_IDS) as database:
            done = database.execute(
                "INSERT INTO talks (title, scope, created, updated) VALUES (?, ?, ?, ?)", values
            )
        return int(done.lastrowid or 0)

    def delete(self, talk: int) -> None:
        """Delete a conversation with all that was asked in it."""
        with self._open(talk) as database:
            database.execute("DELETE FROM talks WHERE id = ?", (talk,))

    def delete_all(self) -> None:
        """Delete all conversations."""
        for which in (0, _MEMORY_IDS):
            with self._open(which) as database:
                database.execute("DELETE FROM talks")

    def scope(self, talk: int) -> Scope:
        """Return what a conversation is about."""
        with self._open(talk) as database:
            row = database.execute("SELECT scope FROM talks WHERE id = ?", (talk,)).fetchone()
        return decoded(Scope, json.loads(row[0])) if row else Scope()

    def set_scope(self, talk: int, scope: Scope) -> None:
        """Keep what a conversation is about from now on."""
        with self._open(talk) as database:
            database.execute("UPDATE talks SET scope = ? WHERE id = ?", (json.dumps(encoded(scope)), talk))

    # Turns

    def turns(self, talk: int) -> list[KeptTurn]:
        """Return the turns of a conversation in order; none where it was deleted."""
        with self._open(talk) as database:
            rows = database.execute(_TURNS + " WHERE u.talk = ? ORDER BY u.id", (talk,)).fetchall()
        return [_turn(row) for row in rows]

    def add(self, talk: int, answer: Answer, *, question: str, scope: Scope = Scope()) -> int:
        """Add a turn with what was asked; return its number, 0 where the conversation was deleted meanwhile."""
        with self._open(talk) as database:
            if not database.execute("SELECT 1 FROM talks WHERE id = ?", (talk,)).fetchone():
                return 0
            now = _now()
            kept, scoped = json.dumps(encoded(answer), ensure_ascii=False), json.dumps(encoded(scope))
            sql = "INSERT INTO turns (talk, question, answer, asked, scope) VALUES (?, ?, ?, ?, ?)"
            done = database.execute(sql, (talk, question, kept, now, scoped))
            database.execute("UPDATE talks SET updated = ? WHERE id = ?", (now, talk))
        return int(done.lastrowid or 0)

    def cut(self, talk: int, turn: int) -> None:
        """Take a turn, and those after it, out of a conversation: it is asked again."""
        with self._open(talk) as database:
            database.execute("DELETE FROM turns WHERE talk = ? AND id >= ?", (talk, turn))

    def judge(self, turn: int, feedback: Feedback | None) -> None:
        """Keep what a person thinks of an answer; None takes it back."""
        with self._open(turn) as database:
            database.execute("DELETE FROM feedback WHERE turn = ?", (turn,))
            if feedback is not None and database.execute("SELECT 1 FROM turns WHERE id = ?", (turn,)).fetchone():
                values = (turn, feedback.verdict.value, feedback.note, _now())
                database.execute("INSERT INTO feedback VALUES (?, ?, ?, ?)", values)

    def judged(self) -> Iterator[tuple[KeptTurn, list[KeptTurn]]]:
        """Yield each turn that a person judged, with the turns before it in its conversation."""
        with self._open(0) as database:
            rows = database.execute("SELECT DISTINCT talk FROM turns JOIN feedback ON turn = id ORDER BY talk")
            talks = [row[0] for row in rows.fetchall()]
        for talk in talks:
            turns = self.turns(talk)
            yield from ((turn, turns[:place]) for place, turn in enumerate(turns) if turn.feedback)

    # Whether to keep

    @property
    def keeping(self) -> bool:
        """Are conversations kept?"""
        with self._open(0) as database:
            row = database.execute("SELECT value FROM choices WHERE name = 'keep'").fetchone()
        return row is None or row[0] == "on"

    def set_keeping(self, *, on: bool) -> None:
        """Keep conversations from now on, or keep no new ones (those that are there stay until deleted)."""
        with self._open(0) as database:
            database.execute("INSERT OR REPLACE INTO choices VALUES ('keep', ?)", ("on" if on else "off",))

    # The database

    @contextmanager
    def _open(self, number: int) -> Iterator[sqlite3.Connection]:
        """Open the database that holds what has this number, inside one transaction."""
        try:
            if number >= _MEMORY_IDS:
                with self._memory_lock, _transaction(self._memory):
                    yield self._memory
            else:
                with closing(self._connect()) as database, _transaction(database):
                    yield database
        except (sqlite3.Error, OSError) as error:
            raise LibraryError(
                f"The conversations in {self._path} cannot be read or written: {error}.",
                hint=f"Move {self._path.name} away to begin anew; the documents are not touched.",
            ) from error

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        database = sqlite3.connect(self._path, isolation_level=None)
        try:
            database.execute("PRAGMA busy_timeout = 5000")
            self._prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    @staticmethod
    def _prepare(database: sqlite3.Connection) -> None:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("PRAGMA secure_delete = ON")  # what a person deletes is not to stay in the file
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise sqlite3.DatabaseError(f"format {version} is newer than this program's {_VERSION}")
        if version < _VERSION:
            with _transaction(database):
                _bring_up_to_date(database)


_TURNS = (
    "SELECT u.id, u.question, u.answer, u.scope, f.verdict, f.note"
    " FROM turns u LEFT JOIN feedback f ON f.turn = u.id"
)


def _bring_up_to_date(database: sqlite3.Connection) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == _VERSION:
        return  # another thread was faster
    for statement in (_SCHEMA if version == 0 else _TURNS_GET_SCOPES).split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA application_id = {_APPLICATION}")
    database.execute(f"PRAGMA user_version = {_VERSION}")


def _turn(row: tuple[int, str, str, str, str | None, str | None]) -> KeptTurn:
    number, question, answer, scope, verdict, note = row
    feedback = Feedback(Verdict(verdict), note or "") if verdict else None
    scoped = decoded(Scope, json.loads(scope))
    return KeptTurn(number, question, decoded(Answer, json.loads(answer)), feedback, scoped)


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
