"""The doctor: nothing to say of a whole library, and each kind of damage under its own name."""

import sqlite3
import zlib
from contextlib import closing

import numpy as np
import pytest

from index.doctor import examine
from index.ingest import Ingest, plan
from index.prepare import IngestLimits
from index.store import DATABASE, Store
from rag.testing import HashEmbedder


@pytest.fixture
def store(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    for number, words in enumerate(
        ("Boats left the harbour.", "Cats stayed at home.", "Dogs ran to the station.")
    ):
        (docs / f"{number}.txt").write_text(words)
    with closing(Store.create(tmp_path / "library")) as opened:
        Ingest(opened, HashEmbedder(), limits=IngestLimits()).run(plan(opened, [docs]))
        yield opened


def problems(store):
    return {check.name: check.problem for check in examine(store) if check.problem}


def change(store, sql, *values):
    store.connection.execute("PRAGMA foreign_keys = OFF")
    assert store.connection.execute(sql, values).rowcount == 1


def test_a_whole_library_has_no_problem(store):
    checks = examine(store)
    assert [check.name for check in checks] == [
        "database file",
        "references",
        "passages",
        "vectors",
        "words",
        "snapshot",
        "search",
    ]
    assert all(check.detail and not check.problem for check in checks)


def test_an_empty_library_has_no_problem(tmp_path):
    with closing(Store.create(tmp_path / "empty")) as store:
        assert problems(store) == {}


def test_a_changed_byte_of_a_vector_is_found(store):
    blob = bytearray(store.connection.execute("SELECT vector FROM passages WHERE id = 2").fetchone()[0])
    blob[0] ^= 1
    change(store, "UPDATE passages SET vector = ? WHERE id = 2", bytes(blob))
    found = problems(store)
    assert "1 damaged" in found["vectors"]
    assert set(found) == {"vectors", "search"}


@pytest.mark.parametrize(("blob", "word"), [(b"\0" * 1024, "not of length 1"), (b"\0\0\x80?", "different sizes")])
def test_a_vector_that_cannot_be_one_is_found(store, blob, word):
    change(store, "UPDATE passages SET vector = ?, crc32 = ? WHERE id = 2", blob, zlib.crc32(blob))
    assert word in problems(store)["vectors"]


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_vector_that_is_not_finite_is_found(store, value):
    blob = np.full(256, float(value), dtype="<f4").tobytes()
    change(store, "UPDATE passages SET vector = ?, crc32 = ? WHERE id = 2", blob, zlib.crc32(blob))
    found = problems(store)
    assert "1 not of length 1" in found["vectors"]
    assert "differ" in found["search"]


def test_a_missing_word_entry_is_found(store):
    change(store, "DELETE FROM passage_words WHERE rowid = 2")
    assert set(problems(store)) == {"words"}


def test_a_word_entry_without_a_passage_is_found(store):
    change(store, "INSERT INTO passage_words (rowid, title, body) VALUES (77, 'x', 'y')")
    assert set(problems(store)) == {"words"}


@pytest.mark.parametrize(
    "span",
    ['"end" = 1000', "start = -1", 'start = 5, "end" = 5'],
    ids=["past the end", "before the start", "empty"],
)
def test_a_span_outside_its_text_is_found(store, span):
    change(store, f"UPDATE passages SET {span} WHERE id = 2")
    assert "1 passages outside" in problems(store)["passages"]


def test_a_document_without_a_file_is_found(store):
    change(store, "DELETE FROM files WHERE document_id = 2")
    assert "1 documents without a file" in problems(store)["references"]


def test_a_file_that_points_nowhere_is_found(store):
    change(
        store, "INSERT INTO files SELECT 'x', root, 99, 0, 0, 0, 0, status, '' FROM files WHERE document_id = 2"
    )
    found = problems(store)["references"]
    assert found.startswith("1 broken references, 0 documents without a file")


def test_a_document_without_passages_is_found(store):
    change(store, "DELETE FROM passages WHERE document_id = 2")
    assert set(problems(store)) == {"passages", "words"}


def test_a_row_against_the_rules_of_its_table_is_found(store):
    store.connection.execute("PRAGMA ignore_check_constraints = ON")
    change(store, "INSERT INTO changes (seq, document_id, kind) VALUES (99, 1, 'odd')")
    store.connection.execute("PRAGMA ignore_check_constraints = OFF")
    assert "changes" in problems(store)["database file"]


def test_a_damaged_database_file_is_found(store, tmp_path):
    folder = tmp_path / "library"
    root = store.connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'passages'").fetchone()[0]
    size = store.connection.execute("PRAGMA page_size").fetchone()[0]
    store.close()
    with (folder / DATABASE).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xa5" * size)
    with closing(Store.open(folder)) as reader:
        found = problems(reader)
        with pytest.raises(sqlite3.DatabaseError):
            reader.connection.execute("SELECT * FROM passages").fetchall()
    assert {"database file", "vectors"} <= set(found)


def test_a_file_that_lost_its_document_is_found(store):
    change(store, "UPDATE files SET document_id = NULL WHERE document_id = 2")
    assert "1 files without theirs" in problems(store)["references"]
