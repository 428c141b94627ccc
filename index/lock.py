"""The one writer of a library: a lock on its file `lock`. Knows files and processes only."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rag.errors import LibraryBusyError


def _try_lock(file: IO[str]) -> bool:
    """Take the lock if it is free; the system frees it when the process ends, however it ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def writer_lock(folder: Path, *, wait_seconds: float = 0.8) -> Iterator[None]:
    """Hold the lock of a library for the block.

    Raises:
        LibraryBusyError: another process still holds it after `wait_seconds`.
    """
    path = folder / "lock"
    with path.open("a+", encoding="utf-8") as file:
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(file):
            if time.monotonic() > deadline:
                file.seek(0)
                owner = file.read().strip() or "unknown"
                raise LibraryBusyError(
                    f"The library {folder} is being written by another process (pid {owner}).",
                    hint="Wait until it has finished, then type the command again.",
                )
            time.sleep(0.05)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
