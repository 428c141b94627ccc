"""The file of a library in folders of every kind: old, newer, locked out, full, read-only."""

import errno
import os
import sqlite3
import zlib
from contextlib import closing
from datetime import date

import pytest

from index import database, schema
from index.content import Content
from index.database import DATABASE
from index.doctor import examine
from index.lock import writer_lock
from index.store import FileRecord, Store
from rag.errors import LibraryBusyError, LibraryError
from rag.testing import HashEmbedder
from rag.types import Attribution, DateMention, Document, FileStatus, Noise

EMBEDDER = HashEmbedder(16)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def store(folder):
    with closing(Store.create(folder)) as opened:
        yield opened


def put(store, name, text="One sentence.", **found):
    """Store a text as one passage with what was found in it; return the document's id."""
    content = Content(
        Document(text, text, "Title", "text/plain"), [(0, len(text))], EMBEDDER.encode([text]), **found
    )
    store.put(FileRecord(f"/docs/{name}", "/docs", 1, 1, 1, 1, FileStatus.READY), content)
    return store.find_document(text)


@pytest.fixture
def old(folder):
    """Make a library of format 1 with one document, as the first version wrote it."""
    folder.mkdir()
    blob = EMBEDDER.encode(["Boats left."])[0].astype("<f4").tobytes()
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as made:
        made.executescript(schema._FIRST)
        made.execute(
            "INSERT INTO documents (sha256, media_type, title, text) VALUES ('s', 't', 'T', 'Boats left.')"
        )
        made.execute("INSERT INTO files VALUES ('/d/a', '/d', 1, 11, 1, 1, 1, 'ready', '')")
        made.execute("INSERT INTO passages VALUES (1, 1, 0, 11, ?, ?)", (blob, zlib.crc32(blob)))
        made.execute("INSERT INTO passage_words (rowid, title, body) VALUES (1, 'T', 'Boats left.')")
        made.execute("INSERT INTO changes VALUES (1, 1, 'added')")
        made.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        made.execute("PRAGMA user_version = 1")
    return folder


def version_of(path):
    with closing(sqlite3.connect(path)) as opened:
        return opened.execute("PRAGMA user_version").fetchone()[0]


# Older and newer


def test_an_old_library_is_kept_beside_and_brought_up_to_date(old):
    with pytest.raises(LibraryError, match="older"):
        Store.open(old)
    with closing(Store.create(old)) as store:
        assert store.passages([1])[1].text == "Boats left."
        assert store.recipes() == {1: ""}
        put(store, "b")
        assert {check.problem for check in examine(store)} == {""}
    kept = old / "store-v1.db"
    assert (version_of(kept), version_of(old / DATABASE)) == (1, schema.VERSION)
    with closing(sqlite3.connect(kept)) as before:
        assert before.execute("SELECT text FROM documents").fetchall() == [("Boats left.",)]
    assert not list(old.glob("*.part"))


def test_an_old_library_without_files_needs_no_copy(old):
    with closing(sqlite3.connect(old / DATABASE)) as made:
        made.execute("DELETE FROM files")
        made.commit()
    Store.create(old).close()
    assert not (old / "store-v1.db").exists()


def test_an_old_library_in_use_is_left_alone(old):
    with writer_lock(old), pytest.raises(LibraryBusyError):
        Store.create(old)
    assert version_of(old / DATABASE) == 1


def test_a_step_that_fails_changes_nothing(old, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", (schema._FIRST, "CREATE TABLE new (x); SELECT no_such_function()"))
    with pytest.raises(LibraryError):
        Store.create(old)
    assert version_of(old / DATABASE) == 1
    with closing(sqlite3.connect(old / DATABASE)) as made:
        assert made.execute("SELECT name FROM sqlite_schema WHERE name = 'new'").fetchall() == []


def test_no_room_for_the_copy_changes_nothing(old, monkeypatch):
    (old / "store-v1.db.part").mkdir()  # VACUUM cannot write there
    with pytest.raises(LibraryError, match="cannot be written"):
        Store.create(old)
    assert version_of(old / DATABASE) == 1


def test_a_newer_library_is_not_touched(folder):
    folder.mkdir()
    with closing(sqlite3.connect(folder / DATABASE)) as made:
        made.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        made.execute("PRAGMA user_version = 99")
        made.execute("CREATE TABLE things (x)")
        made.commit()
    before = (folder / DATABASE).read_bytes()
    for opens in (Store.create, Store.open):
        with pytest.raises(LibraryError, match="newer version") as caught:
            opens(folder)
        assert "newer" in caught.value.hint
    assert (folder / DATABASE).read_bytes() == before


# Folders that cannot lock or be written


def test_a_folder_that_refuses_locks_is_told_from_a_busy_one(store, folder, monkeypatch):
    import fcntl

    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(LibraryError, match="cannot lock") as caught, writer_lock(folder):
        pass
    assert not isinstance(caught.value, LibraryBusyError)
    assert "--library" in caught.value.hint


@pytest.mark.parametrize("name", ["SQLITE_IOERR_LOCK", "SQLITE_PROTOCOL", "SQLITE_IOERR_SHMMAP"])
def test_a_database_that_was_refused_its_locks_says_so(folder, monkeypatch, name):
    def refuse(connection):
        error = sqlite3.OperationalError("locking protocol")
        error.sqlite_errorname = name
        error.sqlite_errorcode = 0
        raise error

    monkeypatch.setattr(schema, "use_wal", refuse)
    with pytest.raises(LibraryError, match="cannot lock"):
        Store.create(folder)


def test_a_file_system_without_shared_memory_is_told(folder, monkeypatch):
    monkeypatch.setattr(schema, "use_wal", lambda connection: False)
    with pytest.raises(LibraryError, match="cannot lock"):
        Store.create(folder)


def test_a_lock_that_cannot_be_written_is_told(store, folder):
    (folder / "lock").mkdir()
    with pytest.raises(LibraryError, match="lock"), writer_lock(folder):
        pass


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_WRITE"])
def test_a_full_disk_is_called_so(store, name):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    with pytest.raises(LibraryError, match="full") as caught, store.transaction():
        raise error
    assert "kept" in caught.value.hint


def test_a_read_only_folder_with_unfinished_changes_is_not_read_without_them(store, folder, monkeypatch):
    put(store, "a")
    kept = {path.name: path.read_bytes() for path in folder.glob(f"{DATABASE}*")}
    assert kept[f"{DATABASE}-wal"]
    store.close()
    for name, data in kept.items():
        (folder / name).write_bytes(data)

    def refuse(*_):
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorname = "SQLITE_CANTOPEN"
        raise error

    monkeypatch.setattr(database, "_connect", refuse)  # tests may run as root, who may write everywhere
    with pytest.raises(LibraryError, match="cannot be written"):
        Store.open(folder)


# One state


def test_a_block_reads_one_state(store, folder):
    put(store, "a")
    with closing(Store.open(folder)) as reader:
        with reader.reading(), reader.reading():
            assert reader.generation() == 1
            put(store, "b", "Two.")
            assert (reader.generation(), reader.counts()["documents"]) == (1, 1)
        assert (reader.generation(), reader.counts()["documents"]) == (2, 2)


# What was found comes back and goes with its document


FOUND = {
    "noise": (Noise(0, 3, "repeated"), Noise(4, 6, "share")),
    "attributions": (
        Attribution(0, 5, "Ann", "captain", "said", True, 6, 9, 10, 14),
        Attribution(7, 9, "Bob", None, "told", False, 0, 3, 4, 8),
    ),
    "mentions": (DateMention(0, 6, "last week", date(2025, 1, 6), date(2025, 1, 12)),),
}


def test_findings_come_back_in_the_order_of_the_text(store):
    first = put(store, "a", **{name: tuple(reversed(found)) for name, found in FOUND.items()})
    second = put(store, "b", "Another sentence.")
    for name, found in FOUND.items():
        assert getattr(store, name)(first) == list(found)
        assert getattr(store, name)(second) == []
    store.forget(["/docs/a"])
    assert [store.connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in FOUND] == [0, 0, 0]


def test_lines_are_counted_by_document(store):
    first = put(store, "a", lines=("x", "y", "y"))
    second = put(store, "b", "Two.", lines=("y", "z"))
    assert store.lines_seen(["x", "y", "unknown"]) == {"x": 1, "y": 2}
    assert store.lines_seen(["x", "y"], excluding=first) == {"y": 1}
    assert store.documents_with_lines(["y"]) == {first, second}
    assert store.documents_with_lines([]) == set()
    store.forget(["/docs/a"])
    assert store.lines_seen(["x", "y"]) == {"y": 1}


def test_signatures_stories_and_recipes_come_back(store):
    first = put(store, "a", signature=b"one", recipe="r1")
    put(store, "b", "Two.", recipe="r2")
    third = put(store, "c", "Three.", signature=b"another", story=first)
    assert list(store.signatures()) == [(first, None, b"one"), (third, first, b"another")]
    assert store.recipes() == {first: "r1", 2: "r2", third: ""}
    sources = store.sources()
    assert [sources[number].story for number in (first, 2, third)] == [first, None, first]
