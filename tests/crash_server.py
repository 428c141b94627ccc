"""Runs index commands in children that can be ended at a failpoint or killed; started by tests/test_crash.py.

One process loads the code once and forks for each job, so that a crash costs milliseconds. A job is a line of
JSON, the answer the child's exit code. The child writes each path that the library acknowledged to `told`.
"""

import json
import os
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

import faiss  # noqa: F401 - so that no child spends time on it

from index import snapshot
from index.failpoints import VARIABLE
from index.ingest import Ingest, plan
from index.lock import writer_lock
from index.prepare import IngestLimits
from index.store import Store
from rag.testing import HashEmbedder

DIMENSIONS = 32


def ingest(library, docs, told):
    """Bring the library up to date as `rag index` does, and tell of each file once it is stored."""
    snapshot.FILE_FROM = 4
    snapshot._STALE_FLOOR = 1

    class Telling(Store):
        def put(self, record, content=None):
            super().put(record, content)
            os.write(told, f"{record.path}\n".encode())

    with closing(Telling.create(Path(library))) as store, writer_lock(Path(library), wait_seconds=5):
        Ingest(store, HashEmbedder(DIMENSIONS), limits=IngestLimits()).run(plan(store, [Path(docs)]))
        warning = snapshot.publish_if_due(store, dimensions=DIMENSIONS)
        assert warning is None, warning


def child(job):
    os.environ.update(job.get("environment", {}))
    if "max_file_bytes" in job:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (job["max_file_bytes"], job["max_file_bytes"]))
    told = os.open(job["told"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        ingest(job["library"], job["docs"], told)
    except BaseException as error:  # noqa: BLE001 - a forked child must never return into the server
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main():
    os.environ.pop(VARIABLE, None)
    for line in sys.stdin:
        job = json.loads(line)
        process = os.fork()
        if process == 0:
            child(job)
        if "kill_after_seconds" in job:
            time.sleep(job["kill_after_seconds"])
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
