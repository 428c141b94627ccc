"""Taking a document out at a person's word: by number, name or path, and for good."""

import os
from contextlib import closing

import pytest

from index.doctor import examine
from index.ingest import Ingest, plan
from index.prepare import IngestLimits
from index.remove import remove_document
from index.store import Store
from rag.errors import UsageError
from rag.testing import HashEmbedder

LONG_AGO_NS = 1_600_000_000_123_456_789
TEXTS = {"a.txt": "Boats left.", "copy.txt": "Boats left.", "in/b.txt": "Cats stayed.", "other/b.txt": "Dogs ran."}


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    for name, text in TEXTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return folder


@pytest.fixture
def store(tmp_path, docs):
    with closing(Store.create(tmp_path / "library")) as opened:
        ingest(opened, docs)
        yield opened


def ingest(store, *paths):
    return Ingest(store, HashEmbedder(), limits=IngestLimits()).run(plan(store, paths))


def names(store):
    return sorted(name for source in store.sources().values() for name in source.names)


def number_of(store, name):
    return next(number for number, source in store.sources().items() if name in source.names)


def test_a_document_goes_with_all_its_files_by_name(store):
    assert remove_document(store, "copy.txt") == ["a.txt", "copy.txt"]
    assert names(store) == ["in/b.txt", "other/b.txt"]
    assert store.lexical('"boats"', 10) == []
    assert not any(check.problem for check in examine(store))


@pytest.mark.parametrize("letter", ["d", ""])
def test_a_document_goes_by_its_number(store, letter):
    assert remove_document(store, f"{letter}{number_of(store, 'in/b.txt')}") == ["in/b.txt"]


def test_a_document_goes_by_its_path(store, docs, monkeypatch):
    assert remove_document(store, str(docs / "in" / "b.txt")) == ["in/b.txt"]
    monkeypatch.chdir(docs / "other")
    assert remove_document(store, "b.txt") == ["other/b.txt"]


def test_a_document_goes_by_the_name_below_its_root(store):
    assert remove_document(store, "other/b.txt") == ["other/b.txt"]


def test_a_name_of_two_documents_is_refused_with_their_numbers(store):
    with pytest.raises(UsageError) as caught:
        remove_document(store, "b.txt")
    assert all(f"d{number_of(store, name)} (" in caught.value.message for name in ("in/b.txt", "other/b.txt"))
    assert len(names(store)) == 4


@pytest.mark.parametrize("name", ["missing.txt", "", "99", "%", "a.tx"])
def test_an_unknown_name_is_refused(store, name):
    with pytest.raises(UsageError):
        remove_document(store, name)
    assert len(names(store)) == 4


def test_a_removed_document_stays_out_until_it_is_named(store, docs):
    remove_document(store, "in/b.txt")
    assert not plan(store, [docs]).has_work
    report = ingest(store, docs)
    assert ("in/b.txt" in names(store), report.problems) == (False, [])
    assert ingest(store, docs / "in" / "b.txt").added == 1
    assert store.lexical('"cats"', 10)


def test_a_removed_document_stays_out_when_its_file_changes(store, docs):
    remove_document(store, "in/b.txt")
    (docs / "in" / "b.txt").write_text("Cats came back.")
    ingest(store, docs)
    assert store.lexical('"cats"', 10) == []


def test_a_document_cannot_be_removed_twice(store):
    remove_document(store, "in/b.txt")
    with pytest.raises(UsageError):
        remove_document(store, "in/b.txt")
