"""The one writer of a library: a lock on its file `lock`. Knows files and processes only."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rag.errors import LibraryBusyError, LibraryError

# What flock says where another process holds the lock; all else means that the file system cannot lock.
_HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EINTR})


def _try_lock(file: IO[str]) -> bool:
    """Take the lock if it is free; the system frees it when the process ends, however it ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


@contextmanager
def writer_lock(folder: Path, *, wait_seconds: float = 0.8) -> Iterator[None]:
    """Hold the lock of a library for the block.

    Raises:
        LibraryBusyError: another process still holds it after `wait_seconds`.
        LibraryError: the file system of the folder cannot lock, or the folder cannot be written.
    """
    with _lock_file(folder) as file:
        deadline = time.monotonic() + wait_seconds
        while not _locked(file, folder):
            if time.monotonic() > deadline:
                file.seek(0)
                owner = file.read().strip() or "unknown"
                raise LibraryBusyError(
                    f"The library {folder} is being written by another process (pid {owner}).",
                    hint="Wait until it has finished, then type the command again.",
                )
            time.sleep(0.05)
        _sign(file)
        yield


def no_locks(folder: Path, error: object) -> LibraryError:
    """Return the error for a folder whose file system has no working locks."""
    return LibraryError(
        f"The library {folder} is in a folder whose file system cannot lock files ({error}): a network drive?",
        hint="Keep the library on a disk of this computer: --library NEWDIR. The documents can stay.",
    )


def _lock_file(folder: Path) -> IO[str]:
    try:
        return (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise LibraryError(
            f"The lock of the library {folder} cannot be written: {error.strerror or error}.",
            hint="Check the permissions of the folder, or choose another one with --library.",
        ) from error


def _locked(file: IO[str], folder: Path) -> bool:
    try:
        return _try_lock(file)
    except OSError as error:
        raise no_locks(folder, error.strerror or error) from error


def _sign(file: IO[str]) -> None:
    """Write who holds the lock, for the message to others; on a full disk the lock holds all the same."""
    with suppress(OSError):
        os.truncate(file.fileno(), 0)
        os.write(file.fileno(), str(os.getpid()).encode())
