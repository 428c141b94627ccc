"""Opens the SQLite file of a library, whatever its folder is like. Knows files and errors; knows no documents."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from index import schema
from index.failpoints import Failpoint, failpoint
from index.lock import no_locks, writer_lock
from rag.errors import LibraryError, NoLibraryError

DATABASE = "store.db"

# Where SQLite asked the file system for a lock or for shared memory and was refused, as on a network drive.
_LOCK_REFUSED = frozenset(
    {
        "SQLITE_IOERR_LOCK",
        "SQLITE_IOERR_RDLOCK",
        "SQLITE_IOERR_UNLOCK",
        "SQLITE_IOERR_CHECKRESERVEDLOCK",
        "SQLITE_IOERR_SHMLOCK",
        "SQLITE_IOERR_SHMMAP",
        "SQLITE_PROTOCOL",
    }
)
# A write that the disk did not take: full, a quota, or a limit on the size of a file.
_NO_SPACE = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"})


def connect_writer(folder: Path) -> sqlite3.Connection:
    """Open a library for writing, make it where it does not exist, bring an older one up to date.

    Raises:
        LibraryError: the folder cannot be written, or holds something else.
        LibraryBusyError: it is older, and another process is writing to it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = _connect(folder / DATABASE, "rwc")
        try:
            _prepare(connection, folder)
        except BaseException:
            connection.close()
            raise
    except (OSError, sqlite3.OperationalError) as error:
        raise unwritable(folder, error) from error
    except sqlite3.DatabaseError as error:
        raise damaged(folder, error) from error
    return connection


def connect_reader(folder: Path) -> sqlite3.Connection:
    """Open a library for reading.

    Raises:
        NoLibraryError: there is none.
        LibraryError: it cannot be read, or has another format.
    """
    if not (folder / DATABASE).is_file():
        raise NoLibraryError(
            f"There is no library in {folder} yet.",
            hint='Type: rag index PATH   or ask a folder at once: rag ask --docs PATH "question"',
        )
    connection = _connect_any_reader(folder)
    try:
        version = schema.check(connection, str(folder))
    except BaseException:
        connection.close()
        raise
    if version < schema.VERSION:
        connection.close()
        raise LibraryError(
            f"The library {folder} has an older format than this version reads.",
            hint="Bring it up to date: rag index PATH",
        )
    return connection


def is_outdated(folder: Path) -> bool:
    """Return whether there is a library of an older format, which `connect_writer` brings up to date.

    Raises:
        LibraryError: it cannot be read, or has a newer format.
    """
    if not (folder / DATABASE).is_file():
        return False
    with closing(_connect_any_reader(folder)) as connection:
        return schema.check(connection, str(folder)) < schema.VERSION


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def _prepare(connection: sqlite3.Connection, folder: Path) -> None:
    version = schema.check(connection, str(folder))  # first of all: what is not ours is not touched
    if not schema.use_wal(connection):
        raise no_locks(folder, "no shared memory")
    connection.execute("PRAGMA synchronous = FULL")
    if 0 < version < schema.VERSION:
        with writer_lock(folder):
            _back_up(connection, folder, version)
            schema.prepare(connection, str(folder))
    else:
        schema.prepare(connection, str(folder))


def _back_up(connection: sqlite3.Connection, folder: Path, version: int) -> None:
    """Keep the library as it is beside the new one, named by its version; an empty one needs no copy."""
    if connection.execute("SELECT NOT EXISTS (SELECT 1 FROM files)").fetchone()[0]:
        return
    part = folder / f"store-v{version}.db.part"
    part.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(part),))
        sync(part)
        part.replace(folder / f"store-v{version}.db")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(folder)
    failpoint(Failpoint.MIGRATION_BACKED_UP)


def _connect_any_reader(folder: Path) -> sqlite3.Connection:
    try:
        connection = _connect(folder / DATABASE, "ro")
        connection.execute("PRAGMA user_version").fetchone()
        return connection
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_BUSY":
            raise LibraryError(
                f"The library {folder} is being opened by another process.", hint="Try again in a moment."
            ) from error
        return _connect_immutable(folder, error)
    except sqlite3.DatabaseError as error:
        raise damaged(folder, error) from error


def _connect_immutable(folder: Path, reason: sqlite3.OperationalError) -> sqlite3.Connection:
    """Read a library in a folder that cannot be written (WAL needs to write, unless nobody else does)."""
    wal = folder / f"{DATABASE}-wal"
    if wal.is_file() and wal.stat().st_size:  # the newest changes are there and would be silently left out
        raise unwritable(folder, reason) from reason
    try:
        uri = f"{(folder / DATABASE).resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        connection.execute("PRAGMA user_version").fetchone()
        return connection
    except sqlite3.DatabaseError as error:
        raise damaged(folder, error) from error


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(folder: Path, error: Exception) -> LibraryError:
    """Return the error for a library that cannot be written, by its cause."""
    name = (
        error.sqlite_errorname if isinstance(error, sqlite3.Error) and hasattr(error, "sqlite_errorname") else ""
    )
    if name in _LOCK_REFUSED:
        return no_locks(folder, error)
    if name in _NO_SPACE:
        return LibraryError(
            f"The library {folder} cannot be written: its disk is full or a size limit was reached ({error}).",
            hint="Make room and type the command again: what was stored before is kept, the rest follows.",
        )
    return LibraryError(
        f"The library {folder} cannot be written: {error}.",
        hint="Check its permissions and the free space on its disk, or choose another folder with --library.",
    )


def damaged(folder: Path, error: object) -> LibraryError:
    """Return the error for a library whose file does not hold what was written."""
    return LibraryError(
        f"The library {folder} cannot be read: {error}.",
        hint="Type rag doctor to see what is wrong, or make it again: rag index PATH --library NEWDIR",
    )
