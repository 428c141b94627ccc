"""The library against bare faiss and bare encoding: search, a changed file, a million vectors, a year of news.

Part of `make bench`; those that take minutes run with `--large`.
"""

import gzip
import json
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np

REPO = Path(__file__).parent.parent
KURILS = REPO / "eval" / "corpora" / "kurils"
NEWS = REPO.parent / "shared" / "data" / "realtimeqa"
DIMENSIONS = 384
# Noise of this length around a real vector: near copies are as far apart as neighbours of real news are.
NOISE = 0.6

INDEX = """
import json, os, resource, sys, time
from pathlib import Path
from rag import compose
from rag.settings import load_settings
work = json.loads(sys.argv[1])
settings = load_settings({}, env=work["env"])
embedder = compose.load_embedder(settings)
class Recorder:
    texts = []
    seconds = 0.0
    def __getattr__(self, name):
        return getattr(embedder, name)
    def encode(self, texts):
        self.texts += texts
        start = time.perf_counter()
        vectors = embedder.encode(texts)
        self.seconds += time.perf_counter() - start
        return vectors
recorder = Recorder()
start = time.perf_counter()
compose.ingest(settings, [Path(work["docs"])], folder=Path(work["library"]), embedder=recorder)
took = time.perf_counter() - start
Path(work["texts"]).write_text(json.dumps(recorder.texts))
used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({"seconds": took, "encode": recorder.seconds, "passages": len(recorder.texts), "mb": used / 1024}))
"""


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def real_vectors(embedder, passages, questions):
    """Return vectors of passages and of questions: of the news where they are, else of the sample corpus."""
    from rag.text import sentences

    if (NEWS / "docs_2025.jsonl.gz").exists():
        texts, asked = [], []
        with gzip.open(NEWS / "docs_2025.jsonl.gz", "rt") as lines:
            for line in lines:
                parts = json.loads(line).get("text", "").split("\n\n")
                texts += [part for part in parts if 200 < len(part) < 700]
                if len(texts) >= passages:
                    break
        with gzip.open(NEWS / "qa_2025.jsonl.gz", "rt") as lines:
            asked = [json.loads(line)["question_sentence"] for line in lines]
    else:
        whole = [path.read_text() for path in sorted(KURILS.glob("*.txt"))]
        texts = [text[start:end] for text in whole for start, end in sentences(text)]
        asked = [f"Who says this: {text[:80]}?" for text in texts]
    asked = random.Random(0).sample(asked, min(questions, len(asked)))
    return embedder.encode(texts[:passages]), embedder.encode(asked)


def fill(folder, vectors, count, *, per_document=100):
    """Make a library of `count` passages whose vectors are the given ones, repeated with noise."""
    from index.content import Content
    from index.store import FileRecord, Store
    from rag.types import Document, FileStatus

    chance = np.random.default_rng(0)
    store = Store.create(folder)
    store.connection.execute("PRAGMA synchronous = OFF")  # only here: what is measured comes after
    for first in range(0, count, per_document):
        rows = min(per_document, count - first)
        near = vectors[chance.integers(len(vectors), size=rows)]
        noise = chance.normal(size=near.shape).astype(np.float32) / np.sqrt(near.shape[1])
        text = "".join(f"Passage {first + row:08}. " for row in range(rows))
        spans = [(18 * row, 18 * row + 17) for row in range(rows)]
        content = Content(Document(str(first), text, "Title", "text/plain"), spans, unit(near + NOISE * noise))
        store.put(FileRecord(f"/docs/{first}", "/docs", 1, 1, 1, 1, FileStatus.READY), content)
    store.close()
    return Store.open(folder)


def bench_search(folder, vectors, questions, count=200_000):
    """Compare a search through the library's index with the same search in bare faiss, in turn."""
    import faiss

    from index.live import LiveIndex

    with closing(fill(folder, vectors, count)) as store:
        live = LiveIndex(store, dimensions=DIMENSIONS, publishes=False)
        bare = faiss.IndexFlatIP(DIMENSIONS)
        for _, block in store.vector_blocks():
            bare.add(np.ascontiguousarray(block))
        ours, theirs = [], []
        for question in questions:
            start = time.perf_counter()
            with store.reading():
                found = live.search(question, 60)
            middle = time.perf_counter()
            scores, _ = bare.search(question.reshape(1, -1), 60)
            end = time.perf_counter()
            assert np.allclose([score for _, score in found], scores[0], atol=1e-5)
            ours.append(middle - start)
            theirs.append(end - middle)
    return ours[1:], theirs[1:]  # the first one loads the index


def bench_change(settings, embedder, folder, documents):
    """Compare indexing a folder with indexing it again after one file has changed."""
    from rag import compose

    docs = folder / "docs"
    start = time.perf_counter()
    compose.ingest(settings, [docs], folder=folder / "library", embedder=embedder)
    whole = time.perf_counter() - start
    again = []
    for number, path in enumerate(random.Random(1).sample(sorted(docs.iterdir()), min(5, documents))):
        path.write_text(f"{path.read_text()}\n\nOn day {number} the mayor of Nemuro opened another ferry line.")
        start = time.perf_counter()
        report = compose.ingest(settings, [docs], folder=folder / "library", embedder=embedder)
        again.append(time.perf_counter() - start)
        assert report.changed == 1, report
    return again, [whole]


LARGE = """
import json, sys, time
from contextlib import closing
from pathlib import Path
import numpy as np
from index import snapshot
from index.live import LiveIndex
from index.lock import writer_lock
from index.store import Store
folder = Path(sys.argv[1])
questions = np.load(folder / "questions.npy")
with closing(Store.open(folder / "library")) as store:
    start = time.perf_counter()
    base = snapshot.build(store, dimensions=questions.shape[1])
    build = time.perf_counter() - start
    with writer_lock(folder / "library"):
        snapshot.write(store, base)
    peak = next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")) / 1024
    del base
    live = LiveIndex(store, dimensions=questions.shape[1])
    found, took = [], []
    for question in questions:
        start = time.perf_counter()
        with store.reading():
            found.append([i for i, _ in live.search(question, 60)][:10])
        took.append(time.perf_counter() - start)
    scores, ids = np.zeros((len(questions), 0)), np.zeros((len(questions), 0), dtype=np.int64)
    for block_ids, vectors in store.vector_blocks():
        scores = np.concatenate([scores, questions @ vectors.T], axis=1)
        ids = np.concatenate([ids, np.broadcast_to(block_ids, (len(questions), len(block_ids)))], axis=1)
        keep = np.argpartition(-scores, 9, axis=1)[:, :10]
        scores, ids = np.take_along_axis(scores, keep, 1), np.take_along_axis(ids, keep, 1)
    recall = np.mean([len(set(a) & set(b.tolist())) / 10 for a, b in zip(found, ids)])
    known = snapshot.read_manifest(store.folder)
    size = (folder / "library" / "snapshots" / known.file).stat().st_size / 1e6
print(json.dumps({"build_seconds": build, "peak_mb": peak, "file_mb": size, "kind": known.kind, "recall": recall,
    "recall_at_build": known.recall, "search_ms": 1e3 * float(np.median(took[1:])), "questions": len(questions)}))
"""


def bench_million(folder, vectors, questions, count=1_000_000):
    """Build the approximate index of a large library in a process of its own; return what it says."""
    fill(folder / "library", vectors, count).close()
    np.save(folder / "questions.npy", questions)
    command = [sys.executable, "-c", LARGE, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPO)
    return json.loads(done.stdout.splitlines()[-1])


def bench_news(folder, env, passages, *, bare_index, embedder_path):
    """Index about so many passages of news in one process, encode the same texts bare in another.

    Return our seconds, the bare seconds and a line about it; None where the data are missing.
    """
    source = NEWS / "docs_2025.jsonl.gz"
    if not source.exists():
        return None
    (folder / "docs").mkdir(parents=True)
    written = 0
    with gzip.open(source, "rt") as lines:
        for number, line in enumerate(lines):
            found = json.loads(line)
            if found.get("text"):
                text = f"{found.get('title', '')}\n\n{found['text']}"
                (folder / "docs" / f"{number:05}.txt").write_text(text)
                written += max(1, len(text) // 1000)  # about one passage a thousand characters
            if written >= passages:
                break
    work = {
        "env": env,
        "docs": str(folder / "docs"),
        "library": str(folder / "library"),
        "texts": str(folder / "texts.json"),
        "embedder": embedder_path,
    }
    ours = _last_line(INDEX, work)
    bare = _last_line(bare_index, work)
    about = f"{ours['passages']} passages of news, peak {ours['mb']:.0f} MB, {ours['encode']:.0f} s of it encoding"
    return ours["seconds"], float(bare), about


def _last_line(script, work):
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(work)], capture_output=True, text=True, check=True, cwd=REPO
    )
    return json.loads(done.stdout.splitlines()[-1])
