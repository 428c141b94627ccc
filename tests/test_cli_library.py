"""The commands that look after a library, without a model: what they list, open and remove, by which numbers."""

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from index.ingest import Ingest, plan
from index.prepare import IngestLimits
from index.remove import remove_document
from index.store import Store
from rag.cli import main
from rag.testing import HashEmbedder

MENU = "The menu of the inn\n\n" + "\n".join(
    f"Dish number {number} costs {9 * number} yen." for number in range(1, 60)
)


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a-menu.txt").write_text(MENU)
    (folder / "letter.txt").write_text("A letter from the harbour\n\nThe ferry to Otaru sails on Mondays.")
    (folder / "empty.txt").write_bytes(b"")
    return folder


@pytest.fixture
def library(tmp_path, docs):
    with closing(Store.create(tmp_path / "library")) as store:
        Ingest(store, HashEmbedder(), limits=IngestLimits()).run(plan(store, [docs]))
    return tmp_path / "library"


def rag(command, *args, library):
    done = CliRunner().invoke(main, [command, *args, "--library", str(library)])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_number_of_the_list_of_documents_opens_and_removes_that_document(library):
    listed = rag("sources", library=library).splitlines()
    assert [line.split()[:2] for line in listed[:2]] == [["d1", "a-menu.txt"], ["d2", "letter.txt"]]
    assert rag("open", "d2", library=library).startswith("letter.txt (d2)\n")
    assert rag("open", "2", library=library).startswith("passage 2 of a-menu.txt (d1)\n")
    assert "Removed letter.txt" in rag("remove", "d2", library=library)
    assert "Removed a-menu.txt" in rag("remove", "1", library=library)


def test_files_that_could_not_be_read_are_listed_as_json_too(library, docs):
    assert f"-  {docs / 'empty.txt'}: empty, " in rag("sources", library=library)
    rows = [json.loads(line) for line in rag("sources", "--json", library=library).splitlines()]
    assert [(row["id"], row.get("document")) for row in rows[:-1]] == [(1, "a-menu.txt"), (2, "letter.txt")]
    reason = rows[-1]["reason"]
    assert rows[-1] == {"id": None, "path": str(docs / "empty.txt"), "status": "empty", "reason": reason}
    assert reason


def test_a_damaged_database_is_told_with_what_to_type(library):
    with closing(sqlite3.connect(library / "store.db")) as connection:
        connection.execute("PRAGMA writable_schema = on")
        connection.execute("UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'documents'")
        connection.commit()
    for command in (["sources"], ["open", "d1"], ["export"], ["remove", "d1"]):
        done = CliRunner().invoke(main, [*command, "--library", str(library)])
        assert done.exit_code == 4, done.output
        assert "rag doctor" in done.output


def test_a_document_that_a_person_removed_is_no_file_that_could_not_be_read(library):
    with closing(Store.create(library)) as store:
        remove_document(store, "d1")
    assert "a-menu.txt" not in rag("sources", "--json", library=library)
