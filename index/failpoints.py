"""Places where a test can end the process as a power cut would. Knows their names, not what happens there.

Does nothing unless the variable RAG_FAILPOINT is set: "snapshot-moved:2" ends the process the second time that
it comes to this place, at once: no `finally`, no flush, no goodbye.
"""

import os
from collections import Counter
from enum import StrEnum

VARIABLE = "RAG_FAILPOINT"
EXIT_CODE = 77


class Failpoint(StrEnum):
    """Every step after which the library must be whole: tests/test_crash.py ends a process at each."""

    MIGRATION_BACKED_UP = "migration-backed-up"
    MIGRATION_BEGUN = "migration-begun"
    MIGRATION_STEP = "migration-step"
    MIGRATION_DONE = "migration-done"
    TRANSACTION_BEGUN = "transaction-begun"
    TRANSACTION_READY = "transaction-ready"
    TRANSACTION_DONE = "transaction-done"
    DOCUMENT_DELETED = "document-deleted"
    DOCUMENT_ROW = "document-row"
    DOCUMENT_PASSAGE = "document-passage"
    DOCUMENT_WHOLE = "document-whole"
    FILE_ROW = "file-row"
    SNAPSHOT_BUILT = "snapshot-built"
    SNAPSHOT_BLOCK = "snapshot-block"
    SNAPSHOT_WRITTEN = "snapshot-written"
    SNAPSHOT_MOVED = "snapshot-moved"
    SNAPSHOT_MANIFEST = "snapshot-manifest"
    SNAPSHOT_CURRENT = "snapshot-current"
    SNAPSHOT_SWEPT = "snapshot-swept"
    REBUILD_STAGED = "rebuild-staged"
    REBUILD_SWITCHING = "rebuild-switching"
    REBUILD_SWITCHED = "rebuild-switched"
    INGEST_READ = "ingest-read"
    INGEST_ENCODED = "ingest-encoded"
    INGEST_FORGOTTEN = "ingest-forgotten"


_passed: Counter[str] = Counter()


def failpoint(place: Failpoint) -> None:
    """End the process here if this is the place and the time that were asked for."""
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    name, _, times = wanted.partition(":")
    if name == place.value:
        _passed[name] += 1
        if _passed[name] == int(times or 1):
            os._exit(EXIT_CODE)
