"""Backup, restore and export: what was stored comes back, nothing is overwritten, damage is named."""

import json
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import date

import pytest

from index import schema
from index.backup import backup, export, export_lines, restore
from index.lock import writer_lock
from index.store import DATABASE, Content, FileRecord, Store
from rag.errors import LibraryBusyError, LibraryError, NoLibraryError, UsageError
from rag.testing import HashEmbedder
from rag.text import sentences
from rag.types import Attribution, DateMention, Document, FileStatus, Noise, Page

EMBEDDER = HashEmbedder(dimensions=16)
TEXT = "Home\nThe ferry sails on Monday, Ann Lee said.\nNext Article"
TOLD = Attribution(5, 30, "Ann Lee", None, "said", False, 32, 39, 40, 44)


def content(text, **parts):
    spans = sentences(text)
    vectors = EMBEDDER.encode([text[start:end] for start, end in spans])
    pages = (Page(1, "i", 0, len(text)),)
    document = Document(f"sha of {text}", text, "Ferry", "text/plain", published=date(2025, 7, 16), pages=pages)
    return Content(document, spans, vectors, **parts)


def record(name, document_id=None, status=FileStatus.READY):
    return FileRecord(f"/docs/{name}", "/docs", 10, 20, 30, 40, status, "", document_id)


def dump(path):
    """Return every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {table: sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"'))) for table in tables}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def store(folder):
    with closing(Store.create(folder)) as opened:
        opened.set_embedder(EMBEDDER.fingerprint, "hash")
        found = {
            "noise": [Noise(0, 4, "navigation"), Noise(46, 58, "teaser")],
            "attributions": [TOLD],
            "mentions": [DateMention(24, 30, "Monday", date(2025, 7, 14), date(2025, 7, 14))],
        }
        opened.put(record("a.txt"), content(TEXT, **found))
        opened.put(record("copy.txt", document_id=1))
        opened.put(record("broken.pdf", status=FileStatus.FAILED))
        yield opened


# There and back


def test_a_library_comes_back_whole(store, folder, tmp_path):
    before = store.counts()
    backup(folder, tmp_path / "mine.ragbackup")
    other = tmp_path / "deep" / "other"
    restore(tmp_path / "mine.ragbackup", other)
    assert dump(other / DATABASE) == dump(tmp_path / "mine.ragbackup") == dump(folder / DATABASE)
    with closing(Store.open(other)) as restored:
        assert restored.counts() == before
        assert restored.document_text(1) == TEXT
        assert restored.lexical('"ferry"', 5)
        assert [ids.tolist() for ids, _ in restored.vector_blocks()] == [[1, 2, 3]]
        assert restored.generation() == store.generation()


def test_only_the_owner_may_read_what_was_written(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "other")
    for path in (tmp_path / "b", tmp_path / "other" / DATABASE):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o700


def test_no_working_files_stay(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "library", "other"]
    assert {path.name for path in (tmp_path / "other").iterdir()} == {DATABASE, "lock"}


def test_a_backup_while_others_write_is_one_state(store, folder, tmp_path):
    stop = threading.Event()

    def write():
        with closing(Store.create(folder)) as writer:
            for number in range(10_000):
                if stop.is_set():
                    break
                writer.put(record(f"{number}.txt"), content(f"Document {number} is new. It has two sentences."))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            backup(folder, tmp_path / f"b{number}")
    finally:
        stop.set()
        thread.join()
    for number in range(5):
        restore(tmp_path / f"b{number}", tmp_path / f"library{number}")
        with closing(Store.open(tmp_path / f"library{number}")) as restored:
            counts = restored.counts()
            assert counts["passages"] == 3 + 2 * (counts["documents"] - 1)
            assert counts["files"] == counts["documents"] + 2


# Backup


def test_a_backup_never_overwrites(store, folder, tmp_path):
    target = tmp_path / "b"
    target.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        backup(folder, target)
    assert target.read_text() == "mine"
    with pytest.raises(UsageError, match="exists already"):
        backup(folder, tmp_path)


def test_a_name_that_is_taken_meanwhile_stays_as_it_is(store, folder, tmp_path, monkeypatch):
    target = tmp_path / "b"
    monkeypatch.setattr("index.backup.sync", lambda _: target.write_text("theirs"))
    with pytest.raises(UsageError, match="exists already"):
        backup(folder, target)
    assert target.read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "library"]


def test_a_disk_without_hard_links_will_do(store, folder, tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    backup(folder, tmp_path / "b")
    restore(tmp_path / "b", tmp_path / "other")


def test_a_target_that_cannot_be_written_is_named(store, folder, tmp_path):
    with pytest.raises(UsageError, match="cannot be written: No such file") as caught:
        backup(folder, tmp_path / "missing" / "b")
    assert "folder exists" in caught.value.hint


def test_there_must_be_a_library(tmp_path):
    with pytest.raises(NoLibraryError):
        backup(tmp_path / "none", tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(store, folder, tmp_path, monkeypatch):
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(LibraryError, match="cannot be written to") as caught:
            backup(folder, tmp_path / "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert "free space" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


# Restore


def test_a_library_with_content_is_not_overwritten(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    with pytest.raises(LibraryError, match="not empty: it holds 1 documents") as caught:
        restore(tmp_path / "b", folder)
    assert "--library" in caught.value.hint


def test_a_damaged_library_is_not_overwritten(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    other = tmp_path / "other"
    other.mkdir()
    (other / DATABASE).write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    with pytest.raises(LibraryError):
        restore(tmp_path / "b", other)
    assert (other / DATABASE).stat().st_size == 5016


def test_an_empty_library_makes_room_and_takes_its_snapshot_along(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    other = tmp_path / "other"
    Store.create(other).close()
    (other / "snapshots").mkdir()
    (other / "snapshots" / "CURRENT").write_text("{}")
    restore(tmp_path / "b", other)
    assert not (other / "snapshots" / "CURRENT").exists()
    assert dump(other / DATABASE) == dump(folder / DATABASE)


def test_a_library_that_is_being_written_is_left_alone(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    other = tmp_path / "other"
    Store.create(other).close()
    with writer_lock(other), pytest.raises(LibraryBusyError):
        restore(tmp_path / "b", other)


@pytest.mark.parametrize("data", [b"", b"a letter\n" * 500, b"SQLite format 3\0" + b"\0" * 5000])
def test_what_is_no_backup_is_refused(data, tmp_path):
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(LibraryError, match="is no backup"):
        restore(tmp_path / "b", tmp_path / "library")
    assert not (tmp_path / "library").exists()


def test_a_database_of_another_program_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "b")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    with pytest.raises(LibraryError, match="another program"):
        restore(tmp_path / "b", tmp_path / "library")


def test_a_newer_version_is_refused(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    with closing(sqlite3.connect(tmp_path / "b")) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(LibraryError, match="newer version"):
        restore(tmp_path / "b", tmp_path / "other")


def test_a_damaged_backup_is_refused(store, folder, tmp_path):
    backup(folder, tmp_path / "b")
    data = bytearray((tmp_path / "b").read_bytes())
    data[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(LibraryError, match=r"damaged|no backup"):
        restore(tmp_path / "b", tmp_path / "other")


def test_a_missing_backup_and_an_open_library_are_refused(store, folder, tmp_path):
    with pytest.raises(UsageError, match="no backup at"):
        restore(tmp_path / "b", tmp_path / "other")
    assert (folder / f"{DATABASE}-wal").stat().st_size
    with pytest.raises(LibraryError, match="in use"):
        restore(folder / DATABASE, tmp_path / "other")


# Export


def test_an_export_holds_everything_but_vectors(store):
    first, document, file = map(json.loads, export_lines(store))
    assert (first["kind"], first["documents"], first["files"], first["embedder"]) == ("library", 1, 3, "hash")
    assert (document["kind"], document["text"], document["title"]) == ("document", TEXT, "Ferry")
    assert document["published"] == "2025-07-16"
    assert document["pages"] == [{"number": 1, "label": "i", "start": 0, "end": len(TEXT)}]
    assert [file["path"] for file in document["files"]] == ["/docs/a.txt", "/docs/copy.txt"]
    assert [TEXT[p["start"] : p["end"]] for p in document["passages"]] == TEXT.split("\n")
    assert document["noise"][0] == {"start": 0, "end": 4, "reason": "navigation"}
    assert document["attributions"][0]["speaker"] == "Ann Lee"
    assert document["mentions"][0]["first"] == "2025-07-14"
    assert (file["kind"], file["status"]) == ("file", "failed")
    assert not store.connection.in_transaction


def test_an_export_shows_one_state(store, folder):
    with closing(Store.open(folder)) as reader:
        lines = export_lines(reader)
        counts = json.loads(next(lines))
        store.put(record("late.txt"), content("This came later."))
        assert sum(json.loads(line)["kind"] == "document" for line in lines) == counts["documents"] == 1


def test_an_export_goes_to_a_new_file(store, tmp_path):
    assert export(store, tmp_path / "out.jsonl") == 1
    assert (tmp_path / "out.jsonl").read_text().splitlines() == list(export_lines(store))
    with pytest.raises(UsageError, match="exists already"):
        export(store, tmp_path / "out.jsonl")
