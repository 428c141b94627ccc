"""The error tree. Knows what a person can do next; knows nothing about how errors are shown.

::

    RagError
    ├── UsageError              exit 2   the command cannot be carried out as typed
    │   ├── QuestionError                empty, too long
    │   └── SettingsError                unknown key, wrong type, missing file
    ├── DocumentsError          exit 3   files could not be read
    ├── LibraryError            exit 4   the library is missing, busy, damaged or of another kind
    │   ├── NoLibraryError
    │   ├── LibraryBusyError
    │   ├── DamagedLibraryError
    │   └── EmbedderChangedError
    ├── ModelError              exit 5   a model is missing, changed or broken
    │   ├── ModelHashError
    │   └── GeneratorCrashedError
    └── BusyError               exit 6   too many questions at once: ask again later

Exit 1 is a defect of ours, 130 is Ctrl-C.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

# A statement that does not fit what we wrote ourselves: a defect of ours, which must send nobody to a backup.
_OUR_STATEMENTS = (sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.NotSupportedError)
_HELD_BY_ANOTHER = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class RagError(Exception):
    """Something went wrong that a person can act on: `hint` says what to type next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RagError):
    """The command cannot be carried out as it was typed."""

    exit_code = 2


class QuestionError(UsageError):
    """The question is empty or does not fit."""


class SettingsError(UsageError):
    """A setting is unknown, has the wrong type, or its file cannot be read."""


class DocumentsError(RagError):
    """Files that were named cannot be read."""

    exit_code = 3


class LibraryError(RagError):
    """The library cannot be used as it is."""

    exit_code = 4


class NoLibraryError(LibraryError):
    """There is no library at this place yet."""


class LibraryBusyError(LibraryError):
    """Another process is writing to this library."""


class DamagedLibraryError(LibraryError):
    """The library's database cannot be read."""


class EmbedderChangedError(LibraryError):
    """The library holds vectors of another embedder."""


class ModelError(RagError):
    """A model cannot be used."""

    exit_code = 5


class ModelHashError(ModelError):
    """A model file is not the one that was pinned."""


class GeneratorCrashedError(ModelError):
    """The generator's process ended in the middle of its work."""


class BusyError(RagError):
    """Too many questions are waiting already, or the assistant is closing."""

    exit_code = 6


def told_of(error: Exception) -> RagError | None:
    """Return the error as a person can act on it: what a database says of its file is damage; None: a defect."""
    if isinstance(error, RagError):
        return error
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(error, _OUR_STATEMENTS):
        return None
    # The low byte is the kind: https://www.sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _HELD_BY_ANOTHER:
        return LibraryBusyError(f"The library is in use: {error}.", hint="Try again in a moment.")
    if code == sqlite3.SQLITE_ERROR:
        return None
    hint = "Type rag doctor to see what is damaged; rag restore FILE makes a backup the library."
    return DamagedLibraryError(f"The library's database cannot be read: {error}.", hint=hint)


@contextmanager
def damage_told() -> Iterator[None]:
    """Raise what a database says of its file as a DamagedLibraryError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        damage = told_of(error)
        if damage is None:
            raise
        raise damage from error
