"""A process that dies at any step: nothing that was acknowledged is lost, nothing is half there, all goes on."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from index import schema, snapshot
from index.doctor import examine
from index.failpoints import EXIT_CODE, Failpoint
from index.lock import writer_lock
from index.retrieve import HybridRetriever, SearchOptions, question_vector
from index.store import Store
from rag.errors import LibraryBusyError
from rag.testing import HashEmbedder

REPO = Path(__file__).parent.parent
EMBEDDER = HashEmbedder(32)
SUBJECTS = "boats harbour lighthouse ferry captain island winter market bell storm".split()
QUESTIONS = ("Which boats left the harbour?", "What did the captain say of the storm?", "winter market bell")

# The steps of ingest are named before they stand in its code.
SOURCE = "".join(path.read_text() for path in sorted((REPO / "index").glob("*.py")))
REACHED = [place for place in Failpoint if f"failpoint(Failpoint.{place.name})" in SOURCE]
MIGRATION = [place for place in REACHED if place.name.startswith("MIGRATION")]
# A run of `rag index` does not come to these: tests/test_rebuild.py ends a process there.
ELSEWHERE = [*MIGRATION, *(place for place in REACHED if place.name.startswith("REBUILD"))]


@pytest.fixture(autouse=True)
def small_thresholds(monkeypatch):
    monkeypatch.setattr(snapshot, "FILE_FROM", 4)
    monkeypatch.setattr(snapshot, "_STALE_FLOOR", 1)


class Server:
    """Runs jobs in children that may die; see crash_server.py."""

    def __init__(self, folder):
        self._folder = folder
        self._jobs = 0
        self.errors = folder / "stderr"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("crash_server.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=REPO,
                env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
            )

    def run(self, library, docs, **job):
        """Return the exit code of an index run and the paths that it acknowledged."""
        self._jobs += 1
        told = self._folder / f"told{self._jobs}"
        told.touch()
        line = json.dumps({"library": str(library), "docs": str(docs), "told": str(told), **job})
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, told.read_text().splitlines()

    def run_to(self, place, times, library, docs):
        """Run until a failpoint is passed so many times."""
        return self.run(library, docs, environment={"RAG_FAILPOINT": f"{place.value}:{times}"})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("server"))
    with made.process:
        yield made
        made.process.stdin.close()


def text_of(number, version=0):
    chance = random.Random(f"{number} {version}")
    lines = [f"Report {number} of version {version}"]
    for _ in range(3):
        words = " ".join(chance.choice(SUBJECTS) for _ in range(6))
        lines.append(f"The {words} were seen on day {chance.randrange(90)}.")
    return "\n\n".join(lines)


def write_before(docs):
    docs.mkdir()
    for number in range(6):
        (docs / f"{number}.txt").write_text(text_of(number))
    (docs / "copy.txt").write_text(text_of(1))


def write_after(docs):
    """Change two files, add two, take two away and give one another name."""
    for number in (0, 1):
        (docs / f"{number}.txt").write_text(text_of(number, version=1))
    for number in (7, 8):
        (docs / f"{number}.txt").write_text(text_of(number))
    for number in (2, 3):
        (docs / f"{number}.txt").unlink()
    (docs / "4.txt").rename(docs / "renamed.txt")


def state(library):
    """Return what a person can see of a library: its files, texts and answers."""
    with closing(Store.open(library)) as store:
        sources = store.sources()
        texts = {name: store.document_text(i) for i, source in sources.items() for name in source.names}
        retriever = HybridRetriever(store, EMBEDDER, options=SearchOptions())
        answers = []
        for question in QUESTIONS:
            hits = retriever.search(question, limit=5)
            answers += [
                sorted((h.source.names, h.passage.text, round(h.dense, 5), round(h.lexical, 4)) for h in hits)
            ]
        return texts, answers


def problems(library):
    with closing(Store.open(library)) as store:
        return {check.name: check.problem for check in examine(store) if check.problem}


def assert_kept(library, docs, told):
    """Check that each acknowledged file is in the library as it is on disk."""
    texts = state(library)[0]
    for path in told:
        assert texts[Path(path).relative_to(docs).as_posix()] == Path(path).read_text()


@pytest.fixture(scope="module")
def made(server, tmp_path_factory):
    """Return documents, the library of their first state, and what an uninterrupted second run leads to."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "FILE_FROM", 4)
        write_before(folder / "docs")
        code, told = server.run(folder / "library", folder / "docs")
        assert (code, set(told)) == (0, {str(path) for path in (folder / "docs").iterdir()})
        shutil.copytree(folder / "library", folder / "calm")
        write_after(folder / "docs")
        assert server.run(folder / "calm", folder / "docs")[0] == 0, server.errors.read_text()
        assert problems(folder / "calm") == {}
        return folder / "docs", folder / "library", state(folder / "calm")


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("place", [place for place in REACHED if place not in ELSEWHERE], ids=str)
def test_a_death_at_any_step_loses_nothing(server, made, tmp_path, place, times):
    docs, template, expected = made
    library = tmp_path / "library"
    shutil.copytree(template, library)
    code, told = server.run_to(place, times, library, docs)
    assert code == EXIT_CODE or (code == 0 and times > 1), server.errors.read_text()
    assert problems(library) == {}
    assert_kept(library, docs, told)
    assert server.run(library, docs)[0] == 0
    assert problems(library) == {}
    assert state(library) == expected


def test_every_step_of_the_library_can_be_ended_at():
    missing = [place.value for place in Failpoint if place not in REACHED and not place.value.startswith("ingest")]
    assert missing == []


@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.slow)])
def test_random_kills_lose_nothing(server, made, tmp_path, rounds):
    docs, template, expected = made
    started = time.monotonic()
    shutil.copytree(template, tmp_path / "timing")
    server.run(tmp_path / "timing", docs)
    whole = time.monotonic() - started
    chance = random.Random(rounds)
    for turn in range(rounds):
        library = tmp_path / f"library{turn}"
        shutil.copytree(template, library)
        code, told = server.run(library, docs, kill_after_seconds=chance.uniform(0, whole))
        assert code in (-9, 0)
        assert problems(library) == {}
        assert_kept(library, docs, told)
        assert server.run(library, docs)[0] == 0
        assert state(library) == expected
        shutil.rmtree(library)


def test_a_file_size_limit_in_the_middle_of_a_run_loses_nothing(server, made, tmp_path):
    docs, template, expected = made
    refused = 0
    size = (template / "store.db").stat().st_size
    for extra in range(4096, 200_000, 24_000):
        library = tmp_path / f"library{extra}"
        shutil.copytree(template, library)
        code, told = server.run(library, docs, max_file_bytes=size + extra)
        refused += code != 0
        assert problems(library) == {}
        assert_kept(library, docs, told)
        assert server.run(library, docs)[0] == 0
        assert state(library) == expected
    assert refused > 0
    assert "disk is full or a size limit was reached" in server.errors.read_text()


# Several at once


def test_the_second_of_two_writers_is_told_and_the_library_is_whole(server, made, tmp_path):
    docs, template, expected = made
    library = tmp_path / "library"
    shutil.copytree(template, library)
    with writer_lock(library):
        with pytest.raises(LibraryBusyError), writer_lock(library, wait_seconds=0.1):
            pass
        results = []
        other = threading.Thread(target=lambda: results.append(server.run(library, docs)))
        other.start()
        time.sleep(0.2)
        assert results == [], "it waits for its turn"
    other.join()
    assert results[0][0] == 0
    assert state(library) == expected


def test_readers_during_a_run_see_each_document_whole_and_exact_answers(server, made, tmp_path):
    docs, template, expected = made
    library = tmp_path / "library"
    shutil.copytree(template, library)
    old_texts = state(library)[0]
    allowed = set(old_texts.values()) | set(expected[0].values())
    done = threading.Event()
    failures = []

    def read():
        with closing(Store.open(library)) as store:
            retriever = HybridRetriever(store, EMBEDDER, options=SearchOptions())
            while not done.is_set():
                failures.extend(_half_seen(store, retriever, allowed))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    codes = [server.run(library, docs)[0]]
    for _ in range(3):
        shutil.rmtree(tmp_path / "docs", ignore_errors=True)
        shutil.copytree(docs, tmp_path / "docs")
        codes.append(server.run(library, tmp_path / "docs")[0])
    done.set()
    for reader in readers:
        reader.join()
    assert (codes, failures) == ([0] * 4, [])


def _half_seen(store, retriever, allowed):
    """Yield what a reader must never see."""
    with store.reading():
        ids, vectors = store.vectors()
        words = {row[0] for row in store.connection.execute("SELECT rowid FROM passage_words")}
        held = {passage.document_id for passage in store.passages(ids).values()}
        if words != set(ids) or held != set(store.sources()):
            yield "passages, words and documents do not belong together"
        if not {store.document_text(number) for number in held} <= allowed:
            yield "a text is not one that was ever on disk"
        hits = retriever._found(QUESTIONS[0], question_vector(QUESTIONS[0], EMBEDDER), limit=5, as_of=None)
        exact = max(vectors @ question_vector(QUESTIONS[0], EMBEDDER))
        if abs(max(hit.dense for hit in hits) - exact) > 1e-5:
            yield "a search missed the nearest passage"


# Migration


def old_library(folder):
    """Make a library of format 1 with one document, as the first version wrote it."""
    folder.mkdir()
    vector = EMBEDDER.encode(["Boats left."])[0].astype("<f4").tobytes()
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as old:
        old.executescript(schema._FIRST)
        old.execute(
            "INSERT INTO documents (id, sha256, media_type, title, text) VALUES (1, 's', 't', 'T', 'Boats left.')"
        )
        old.execute("INSERT INTO files VALUES ('/d/a', '/d', 1, 11, 1, 1, 1, 'ready', '')")
        old.execute("INSERT INTO passages VALUES (1, 1, 0, 11, ?, ?)", (vector, zlib.crc32(vector)))
        old.execute("INSERT INTO passage_words (rowid, title, body) VALUES (1, 'T', 'Boats left.')")
        old.execute("INSERT INTO changes VALUES (1, 1, 'added')")
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")


@pytest.mark.parametrize("place", MIGRATION, ids=str)
def test_a_death_while_an_old_library_is_brought_up_to_date_loses_nothing(server, tmp_path, place):
    library = tmp_path / "library"
    old_library(library)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "0.txt").write_text(text_of(0))
    assert server.run_to(place, 1, library, tmp_path / "docs")[0] == EXIT_CODE
    assert server.run(library, tmp_path / "docs")[0] == 0, server.errors.read_text()
    assert problems(library) == {}
    assert set(state(library)[0]) == {"a", "0.txt"}
    assert (library / "store-v1.db").exists()


# Any order of everything


class Machine(RuleBasedStateMachine):
    """Files come, change and go, runs die, snapshots appear, readers come back: the doctor finds nothing."""

    server: Server
    folder: Path

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(snapshot, "FILE_FROM", 4)
        self.patch.setattr(snapshot, "_STALE_FLOOR", 1)
        self.home = self.folder / str(random.getrandbits(64))
        self.docs, self.library = self.home / "docs", self.home / "library"
        self.docs.mkdir(parents=True)
        (self.docs / "0.txt").write_text(text_of(0))
        self.version = 0
        self.reader = None

    @initialize()
    def first_run(self):
        assert self.server.run(self.library, self.docs)[0] == 0
        self.open()

    def open(self):
        if self.reader is not None:
            self.reader.close()
        self.reader = Store.open(self.library)
        self.retriever = HybridRetriever(self.reader, EMBEDDER, options=SearchOptions())

    def teardown(self):
        if self.reader is not None:
            self.reader.close()
        self.patch.undo()
        shutil.rmtree(self.home)

    @rule(number=st.integers(0, 7))
    def write(self, number):
        self.version += 1
        (self.docs / f"{number}.txt").write_text(text_of(number, self.version % 5))

    @rule(chance=st.randoms(use_true_random=False))
    @precondition(lambda self: len(list(self.docs.iterdir())) > 1)
    def delete(self, chance):
        chance.choice(sorted(self.docs.iterdir())).unlink()

    @rule(chance=st.randoms(use_true_random=False), number=st.integers(0, 7))
    def rename(self, chance, number):
        chance.choice(sorted(self.docs.iterdir())).rename(self.docs / f"{number}.txt")

    @rule()
    def index(self):
        code = self.server.run(self.library, self.docs)[0]
        assert code == 0, self.server.errors.read_text()
        texts = {path.name: path.read_text() for path in self.docs.iterdir()}
        assert {
            name: self.reader.document_text(i) for i, s in self.reader.sources().items() for name in s.names
        } == texts

    @rule(place=st.sampled_from([p for p in REACHED if p not in MIGRATION]), times=st.integers(1, 4))
    def die(self, place, times):
        code, told = self.server.run_to(place, times, self.library, self.docs)
        assert code in (0, EXIT_CODE), self.server.errors.read_text()
        assert_kept(self.library, self.docs, told)

    @rule()
    def publish(self):
        with writer_lock(self.library):
            snapshot.write(self.reader, snapshot.build(self.reader, dimensions=32))

    @rule()
    def harm(self):
        for path in (self.library / "snapshots").glob("*.faiss"):
            path.write_bytes(path.read_bytes()[:-1])
        self.open()
        self.query()

    @rule()
    def reopen(self):
        self.open()

    @rule()
    def query(self):
        ids, vectors = self.reader.vectors()
        vector = question_vector(QUESTIONS[0], EMBEDDER)
        with self.reader.reading():
            found = self.retriever._live.search(vector, 10)
        assert [score for _, score in found] == pytest.approx(
            np.sort(vectors @ vector)[::-1][:10].tolist(), abs=1e-5
        )
        assert {passage_id for passage_id, _ in found} <= set(ids)

    @invariant()
    def the_doctor_finds_nothing(self):
        if self.reader is not None:
            assert problems(self.library) == {}


@pytest.mark.parametrize("examples", [6, pytest.param(150, marks=pytest.mark.slow)])
def test_any_order_of_changes_deaths_and_questions(server, tmp_path, examples):
    machine = type("Machine", (Machine,), {"server": server, "folder": tmp_path})
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples, stateful_step_count=12, deadline=None, derandomize=True, database=None
    )
    case().runTest()
