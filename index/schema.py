"""The tables of a library and the steps from older ones. Knows SQL; knows no documents."""

import sqlite3
import time

from index.failpoints import Failpoint, failpoint
from rag.errors import LibraryError

APPLICATION_ID = 0x52414751  # "RAGQ"

_FIRST = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL UNIQUE,          -- of the file's bytes: a copy is stored once
    media_type TEXT NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT,
    author TEXT,
    published TEXT,                       -- ISO date; NULL where unknown
    language TEXT,
    text TEXT NOT NULL,
    pages TEXT NOT NULL DEFAULT '[]'      -- JSON [[number, label, start, end], ...]
) STRICT;

CREATE TABLE files (
    path TEXT PRIMARY KEY,
    root TEXT NOT NULL,                   -- the path a person named: scanning it again reconciles its files
    document_id INTEGER REFERENCES documents(id) ON DELETE SET NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    scanned_ns INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX files_document ON files(document_id);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    vector BLOB NOT NULL,                 -- float32, little-endian, length 1
    crc32 INTEGER NOT NULL
) STRICT;
CREATE INDEX passages_document ON passages(document_id);

CREATE VIRTUAL TABLE passage_words USING fts5(
    title, body, tokenize = "porter unicode61 remove_diacritics 2"
);

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('added', 'removed'))
) STRICT;
"""

_SECOND = """
ALTER TABLE documents ADD COLUMN recipe TEXT NOT NULL DEFAULT '';     -- the rules that made its passages
ALTER TABLE documents ADD COLUMN signature BLOB NOT NULL DEFAULT x''; -- near-duplicate signature
ALTER TABLE documents ADD COLUMN story INTEGER;                       -- the first document with the same story
CREATE INDEX documents_story ON documents(story);
CREATE INDEX documents_published ON documents(published);
CREATE INDEX documents_recipe ON documents(recipe);                   -- these two spare reading past the texts
CREATE INDEX documents_signature ON documents(signature, story);

CREATE TABLE noise (
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX noise_document ON noise(document_id);

CREATE TABLE attributions (
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    role TEXT,
    cue TEXT NOT NULL,
    verbatim INTEGER NOT NULL,
    speaker_start INTEGER NOT NULL,       -- the words that name the speaker here, and the cue
    speaker_end INTEGER NOT NULL,
    cue_start INTEGER NOT NULL,
    cue_end INTEGER NOT NULL
) STRICT;
CREATE INDEX attributions_document ON attributions(document_id);

CREATE TABLE mentions (
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    first TEXT NOT NULL,                  -- ISO dates, both included
    last TEXT NOT NULL
) STRICT;
CREATE INDEX mentions_document ON mentions(document_id);

CREATE TABLE lines (
    key TEXT NOT NULL,                    -- hash of a line that may be boilerplate
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    PRIMARY KEY (key, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lines_document ON lines(document_id);

ALTER TABLE changes ADD COLUMN first_passage INTEGER;  -- its passages, both included; NULL where not known
ALTER TABLE changes ADD COLUMN last_passage INTEGER;
ALTER TABLE changes ADD COLUMN mark TEXT NOT NULL DEFAULT ''; -- random: tells two histories apart
UPDATE changes SET mark = hex(randomblob(8));
"""

_THIRD = """
CREATE TABLE staged (                     -- vectors of another embedder, waiting to take the place of those in use
    document_id INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,
    made_by TEXT NOT NULL,                -- embedder and settings
    spans TEXT NOT NULL,                  -- JSON [[start, end], ...]
    vectors BLOB NOT NULL,                -- one after the other, as in passages
    crc32 INTEGER NOT NULL
) STRICT;
"""

_FOURTH = """
ALTER TABLE documents ADD COLUMN removed TEXT NOT NULL DEFAULT '[]'; -- JSON [[text, reason], ...], not in its text
"""

# One entry a version: entry 0 makes version 1 from an empty file. Never edit one that was released.
MIGRATIONS = (_FIRST, _SECOND, _THIRD, _FOURTH)
VERSION = len(MIGRATIONS)


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Bring an open library to the present version, one transaction for all steps.

    Raises:
        LibraryError: the file is no library, or was written by a newer version.
    """
    if _stamp(connection) == (APPLICATION_ID, VERSION):
        return
    connection.execute("BEGIN IMMEDIATE")  # another process may make the same library: look under the lock
    failpoint(Failpoint.MIGRATION_BEGUN)
    for step in MIGRATIONS[check(connection, path) :]:
        for statement in _statements(step):
            connection.execute(statement)
        failpoint(Failpoint.MIGRATION_STEP)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
    failpoint(Failpoint.MIGRATION_DONE)


def use_wal(connection: sqlite3.Connection) -> bool:
    """Switch to write-ahead logging, False where the file system cannot do it.

    SQLite does not wait here by itself while another process does the same.
    """
    deadline = time.monotonic() + 5
    while True:
        try:
            return bool(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def check(connection: sqlite3.Connection, path: str) -> int:
    """Return the version of an open library, 0 for an empty file.

    Raises:
        LibraryError: the file is no library, or was written by a newer version.
    """
    application, version = _stamp(connection)
    if application not in (0, APPLICATION_ID) or (application == 0 and _has_tables(connection)):
        hint = "Choose another folder with --library."
        raise LibraryError(f"{path} is a database of another program.", hint=hint)
    if version > VERSION:
        raise LibraryError(
            f"The library {path} was written by a newer version (format {version}, this one reads {VERSION}).",
            hint="Install the newer version, or choose another folder with --library.",
        )
    return version


def _stamp(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return application, version


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def _statements(script: str) -> list[str]:
    """Split a script at its semicolons (none stands inside a literal), since executescript would commit."""
    without_comments = "\n".join(line.split("--")[0] for line in script.splitlines())
    return [part for part in without_comments.split(";") if part.strip()]
