"""The library: what is stored comes back, what is replaced is gone, what is damaged is named."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import zlib
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import schema
from index.lock import writer_lock
from index.store import DATABASE, Content, FileRecord, Store
from rag.errors import EmbedderChangedError, LibraryBusyError, LibraryError, NoLibraryError
from rag.testing import HashEmbedder
from rag.text import sentences
from rag.types import Document, FileStatus, Page

EMBEDDER = HashEmbedder(dimensions=16)
ROOT = "/docs"


def content(text, **known):
    """Return a document with one passage a sentence."""
    spans = sentences(text)
    vectors = EMBEDDER.encode([text[start:end] for start, end in spans])
    sha256 = known.pop("sha256", f"sha of {text}")
    return Content(Document(sha256, text, known.pop("title", "Title"), "text/plain", **known), spans, vectors)


def record(name, document_id=None, status=FileStatus.READY):
    return FileRecord(f"{ROOT}/{name}", ROOT, 10, 20, 30, 40, status, "", document_id)


def found(store, word):
    """Return the texts of the passages that hold a word."""
    passages = store.passages([passage_id for passage_id, _ in store.lexical(f'"{word}"', 100)])
    return sorted(passage.text for passage in passages.values())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def store(folder):
    with closing(Store.create(folder)) as opened:
        yield opened


# What is stored comes back


def test_a_document_comes_back_as_it_was(store, folder):
    known = {
        "title": "Harbour",
        "outlet": "Tide Notes",
        "author": "Ann",
        "published": date(2025, 10, 21),
        "language": "en",
        "pages": (Page(1, "i", 0, 9), Page(2, "1", 11, 20)),
    }
    text = "Page one.\n\nPage two."
    store.put(record("in/a.txt"), content(text, **known))
    with closing(Store.open(folder)) as reader:
        (source,) = reader.sources().values()
        assert {name: getattr(source, name) for name in known} == known
        assert (source.names, source.paths) == (("in/a.txt",), ("/docs/in/a.txt",))
        assert reader.document_text(source.document_id) == text
        assert reader.files() == [record("in/a.txt", source.document_id)]
        assert reader.counts() == {"documents": 1, "passages": 2, "files": 1}
        ids, vectors = reader.vectors()
        assert np.array_equal(vectors, EMBEDDER.encode(["Page one.", "Page two."]))
        assert [reader.passages(ids)[i].text for i in ids] == ["Page one.", "Page two."]


def test_a_file_that_was_named_itself_shows_its_name(store):
    path = "/docs/in/a.txt"
    store.put(FileRecord(path, path, 1, 2, 3, 4, FileStatus.READY), content("One."))
    assert store.sources()[1].names == ("a.txt",)


def test_an_empty_library_has_nothing(store):
    ids, vectors = store.vectors()
    assert (ids, len(vectors), store.generation(), store.sources(), store.embedder()) == ([], 0, 0, {}, None)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    st.lists(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text), min_size=1, max_size=5)
)
def test_any_text_comes_back(tmp_path_factory, texts):
    with closing(Store.create(tmp_path_factory.mktemp("any"))) as store:
        stored = {}
        for number, text in enumerate(texts):
            clean = text.encode("utf-8", "ignore").decode() or "x"
            store.put(record(str(number)), content(clean, sha256=str(number)))
            stored[store.find_document(str(number))] = clean
        assert {i: store.document_text(i) for i in store.sources()} == stored
        for passage in store.passages(store.vectors()[0]).values():
            assert passage.text == stored[passage.document_id][passage.start : passage.end]


def test_an_unknown_document_is_an_error(store):
    with pytest.raises(LibraryError, match="7"):
        store.document_text(7)


# What is replaced is gone


def test_new_content_replaces_the_old_and_its_words(store):
    store.put(record("a.txt"), content("Old words here. Old again."))
    old_ids, _ = store.vectors()
    store.put(record("a.txt"), content("New words here."))
    new_ids, _ = store.vectors()
    assert (found(store, "old"), found(store, "new")) == ([], ["New words here."])
    assert store.passages(old_ids) == {}
    assert min(new_ids) > max(old_ids)
    assert store.counts() == {"documents": 1, "passages": 1, "files": 1}


def test_passage_and_document_numbers_are_never_used_again(store, folder):
    store.put(record("a.txt"), content("One. Two."))
    ids, _ = store.vectors()
    store.forget([f"{ROOT}/a.txt"])
    store.close()
    with closing(Store.create(folder)) as again:
        again.put(record("b.txt"), content("Three."))
        assert min(again.vectors()[0]) > max(ids)
        assert set(again.sources()) == {2}


def test_a_copy_is_stored_once_and_goes_with_its_last_file(store):
    store.put(record("a.txt"), content("One."))
    store.put(record("b.txt", document_id=1))
    assert store.counts() == {"documents": 1, "passages": 1, "files": 2}
    assert store.sources()[1].names == ("a.txt", "b.txt")
    store.forget([f"{ROOT}/a.txt"])
    assert found(store, "one") == ["One."]
    store.forget([f"{ROOT}/b.txt"])
    assert store.counts() == {"documents": 0, "passages": 0, "files": 0}
    assert found(store, "one") == []


def test_a_file_that_cannot_be_read_any_more_loses_its_document(store):
    store.put(record("a.txt"), content("One."))
    store.put(record("a.txt", status=FileStatus.ENCRYPTED))
    assert store.sources() == {}
    assert store.files() == [record("a.txt", status=FileStatus.ENCRYPTED)]


def test_every_passage_has_its_words_through_all_changes(store):
    for name, text in [("a", "One. Two."), ("b", "Three."), ("a", "Four. Five. Six."), ("b", "One. Two.")]:
        store.put(record(name), content(text))
        rows = {row[0] for row in store.connection.execute("SELECT rowid FROM passage_words")}
        assert rows == set(store.vectors()[0])
    store.forget([f"{ROOT}/a", f"{ROOT}/b"])
    assert store.connection.execute("SELECT count(*) FROM passage_words").fetchone() == (0,)


def test_a_word_of_the_title_finds_every_passage(store):
    store.put(record("a"), content("One. Two.", title="Harbour report"))
    assert found(store, "harbour") == ["One.", "Two."]


def test_the_generation_grows_with_every_change_of_content(store):
    seen = [store.generation()]
    for change in (
        lambda: store.put(record("a"), content("One.")),
        lambda: store.put(record("a"), content("Two.")),
        lambda: store.put(record("a", status=FileStatus.REMOVED)),
        lambda: store.put(record("b"), content("Three.")),
        lambda: store.forget([f"{ROOT}/b"]),
    ):
        change()
        seen.append(store.generation())
    assert seen == sorted(set(seen))
    store.put(record("c", status=FileStatus.EMPTY))
    assert store.generation() == seen[-1], "a file without content changes no search"


# All or nothing


def test_an_error_inside_a_change_leaves_the_old_version(store):
    store.put(record("a.txt"), content("Old words. More words."))
    broken = content("New words. Other words.")
    broken = Content(broken.document, broken.spans, broken.vectors[:1])
    with pytest.raises(ValueError):
        store.put(record("a.txt"), broken)
    assert (found(store, "old"), found(store, "new")) == (["Old words."], [])
    assert store.generation() == 1
    store.put(record("a.txt"), content("New words."))
    assert found(store, "new") == ["New words."]


def test_an_interrupt_inside_a_change_leaves_the_old_version(store):
    store.put(record("a.txt"), content("Old words."))
    with pytest.raises(KeyboardInterrupt), store.transaction():
        store.connection.execute("DELETE FROM files")
        raise KeyboardInterrupt
    assert len(store.files()) == 1


def test_a_reader_sees_the_old_version_until_the_new_one_is_whole(store, folder):
    store.put(record("a.txt"), content("Old words."))
    with closing(Store.open(folder)) as reader:
        with store.transaction():
            store.connection.execute("DELETE FROM documents")
            assert found(reader, "old") == ["Old words."]
        assert reader.sources() == {}


def test_a_full_disk_is_told_and_changes_nothing(store):
    store.put(record("a.txt"), content("Old words."))
    pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
    store.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LibraryError, match="full"):
        store.put(record("b.txt"), content("New words. " * 20_000))
    assert [file.path for file in store.files()] == [f"{ROOT}/a.txt"]


# What is damaged or foreign is named


@pytest.mark.parametrize("keep_crc", [False, True])
def test_a_changed_vector_is_noticed(store, keep_crc):
    store.put(record("a.txt"), content("One. Two."))
    blob = bytearray(store.connection.execute("SELECT vector FROM passages WHERE id = 2").fetchone()[0])
    if keep_crc:
        blob = blob[:-4]
        store.connection.execute("UPDATE passages SET crc32 = ? WHERE id = 2", (zlib.crc32(blob),))
    else:
        blob[5] ^= 1
    store.connection.execute("UPDATE passages SET vector = ? WHERE id = 2", (bytes(blob),))
    with pytest.raises(LibraryError, match="passage 2"):
        store.vectors()


def test_another_embedder_is_refused(store):
    store.set_embedder("one", "first")
    store.check_embedder("one", "first")
    with pytest.raises(EmbedderChangedError, match=r"first.*second"):
        store.check_embedder("two", "second")
    assert store.embedder() == ("one", "first")


def test_a_missing_library_is_named_with_the_command_to_make_it(folder):
    with pytest.raises(NoLibraryError) as caught:
        Store.open(folder)
    assert "rag index" in caught.value.hint
    assert not folder.exists()


@pytest.mark.parametrize("open_it", [Store.open, Store.create])
def test_a_file_that_is_no_database_is_refused(folder, open_it):
    folder.mkdir()
    (folder / DATABASE).write_bytes(b"not a database, but some text that is long enough" * 50)
    with pytest.raises(LibraryError, match="cannot be read"):
        open_it(folder)


@pytest.mark.parametrize("open_it", [Store.open, Store.create])
@pytest.mark.parametrize(
    "mark", ["CREATE TABLE theirs (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"]
)
def test_a_database_of_another_program_is_refused_and_not_touched(folder, open_it, mark):
    folder.mkdir()
    path = folder / DATABASE
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE notes (x)")
        theirs.execute(mark)
        theirs.commit()
    with pytest.raises(LibraryError, match="another program"):
        open_it(folder)
    with closing(sqlite3.connect(path)) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_schema WHERE name = 'documents'").fetchall() == []


@pytest.mark.parametrize("open_it", [Store.open, Store.create])
def test_a_newer_format_is_refused(store, folder, open_it):
    store.connection.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(LibraryError, match="newer"):
        open_it(folder)


def test_an_empty_file_is_no_library_yet(folder):
    folder.mkdir()
    (folder / DATABASE).touch()
    with pytest.raises(LibraryError, match="older"):
        Store.open(folder)
    Store.create(folder).close()
    Store.open(folder).close()


def test_a_library_of_the_first_format_is_brought_up_to_date_with_what_it_holds(folder):
    folder.mkdir()
    with closing(sqlite3.connect(folder / DATABASE)) as old:
        old.executescript(schema.MIGRATIONS[0])
        old.execute(
            "INSERT INTO documents (sha256, media_type, title, text) VALUES ('s', 'text/plain', 'T', 'One.')"
        )
        old.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        old.commit()
    with pytest.raises(LibraryError, match="older"):
        Store.open(folder)
    Store.create(folder).close()
    with closing(Store.open(folder)) as reader:
        assert reader.document_text(1) == "One."
        assert reader.connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_a_file_in_the_place_of_the_folder_is_told(folder):
    folder.write_text("a file")
    with pytest.raises(LibraryError, match="cannot be written"):
        Store.create(folder)


def test_the_folder_is_for_its_owner_only(store, folder):
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_library_in_a_read_only_folder_is_read(store, folder):
    store.put(record("a.txt"), content("One."))
    store.close()
    if os.geteuid() == 0:
        (folder / f"{DATABASE}-wal").mkdir()  # root may write everywhere, but not a file where a folder is
    else:
        folder.chmod(0o500)
    try:
        with closing(Store.open(folder)) as reader:
            assert found(reader, "one") == ["One."]
    finally:
        folder.chmod(0o700)


# One writer


HOLD = """
import sys, time
from pathlib import Path
from index import schema
from index.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_writer(store, folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_writer_is_told_who_the_first_one_is(other_writer, folder):
    with (
        pytest.raises(LibraryBusyError, match=rf"pid {other_writer.pid}\b"),
        writer_lock(folder, wait_seconds=0.1),
    ):
        pass


def test_the_lock_is_free_when_its_owner_was_killed(other_writer, folder):
    other_writer.send_signal(signal.SIGKILL)
    other_writer.wait()
    with writer_lock(folder, wait_seconds=0):
        assert (folder / "lock").read_text() == str(os.getpid())


def test_the_lock_is_free_after_an_error_in_its_block(store, folder):
    with pytest.raises(ZeroDivisionError), writer_lock(folder):
        raise ZeroDivisionError
    with writer_lock(folder, wait_seconds=0):
        pass


def test_making_a_library_waits_for_another_process_that_makes_it(folder):
    folder.mkdir()
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.2, other.execute, ["COMMIT"])
        end.start()
        Store.create(folder).close()
        end.join()


CREATE = """
import sys, time
from pathlib import Path
from index.store import Store
print("ready", flush=True)
sys.stdin.readline()
Store.create(Path(sys.argv[1])).close()
"""


def test_several_processes_can_make_the_same_library_at_once(folder):
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
        )
        for _ in range(3)
    ]
    for maker in makers:
        maker.stdout.readline()
    for maker in makers:
        maker.stdin.write("\n")
        maker.stdin.flush()
    for maker in makers:
        maker.communicate()
    assert [maker.returncode for maker in makers] == [0, 0, 0]
    Store.open(folder).close()
