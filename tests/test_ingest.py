"""Bringing a library up to date with a folder: what is counted, kept, replaced, and told."""

import os
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

import index.parser
from index.doctor import examine
from index.ingest import Ingest, plan
from index.load import UnreadableFileError
from index.prepare import IngestLimits
from index.rebuild import rebuild
from index.scan import notes_on
from index.store import Store
from rag.errors import EmbedderChangedError
from rag.testing import HashEmbedder
from rag.types import FileStatus

LONG_AGO_NS = 1_600_000_000_123_456_789


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS + path.stat().st_size))
    return path


class Library:
    """A folder of documents and the library that follows it."""

    def __init__(self, place):
        self.docs = place / "docs"
        self.docs.mkdir()
        self.embedder = HashEmbedder()
        self.store = Store.create(place / "library")

    def write(self, name, text):
        return write(self.docs / name, text)

    def ingest(self, *paths, on_file=None, **limits):
        ingest = Ingest(self.store, self.embedder, limits=IngestLimits(**limits))
        return ingest.run(plan(self.store, paths or [self.docs]), on_file)

    def finds(self, word):
        ids = [passage_id for passage_id, _ in self.store.lexical(f'"{word}"', 100)]
        return len(self.store.passages(ids))

    def names(self):
        return sorted(name for source in self.store.sources().values() for name in source.names)

    def is_whole(self):
        return not any(check.problem for check in examine(self.store))


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path)
    with closing(made.store):
        yield made


def counts(report):
    return {
        name: value
        for name in ("added", "changed", "unchanged", "removed", "renamed", "copies")
        if (value := getattr(report, name))
    }


def test_a_first_run_stores_every_file(library):
    library.write("a.txt", "Boats left the harbour. Nobody waved.")
    library.write("in/b.md", "# Harbour\n\nBoats came back.")
    library.write("c.odt", "unread")
    report = library.ingest()
    assert counts(report) == {"added": 2}
    assert (report.readable, report.skipped, report.problems) == (2, {".odt": ["c.odt"]}, [])
    assert report.passages == library.store.counts()["passages"] == library.embedder.encoded_texts
    assert library.names() == ["a.txt", "in/b.md"]
    assert library.finds("boats") == 2
    assert library.is_whole()


def test_a_second_run_reads_no_file_and_embeds_nothing(library, monkeypatch):
    library.write("a.txt", "Boats left the harbour.")
    library.write("empty.txt", "")
    (library.docs / "link.txt").symlink_to("nowhere")
    library.ingest()
    embedded, generation = library.embedder.encoded_texts, library.store.generation()
    monkeypatch.setattr("index.parser.read_bytes", lambda path, **_: pytest.fail(f"{path} was read"))
    report = library.ingest()
    assert counts(report) == {"unchanged": 1}
    assert len(report.problems) == 2, "old problems are told again"
    assert (library.embedder.encoded_texts, library.store.generation()) == (embedded, generation)


def test_a_changed_file_is_replaced(library):
    library.write("a.txt", "Boats left the harbour.")
    library.write("b.txt", "Cats stayed at home.")
    library.ingest()
    library.write("a.txt", "Trains left the station early.")
    assert counts(library.ingest()) == {"changed": 1, "unchanged": 1}
    assert (library.finds("boats"), library.finds("trains"), library.finds("cats")) == (0, 1, 1)
    assert library.is_whole()


def test_a_touched_file_keeps_its_document(library):
    path = library.write("a.txt", "Boats left the harbour.")
    library.ingest()
    embedded = library.embedder.encoded_texts
    os.utime(path, ns=(LONG_AGO_NS + 5, LONG_AGO_NS + 5))
    assert counts(library.ingest()) == {"unchanged": 1}
    assert library.embedder.encoded_texts == embedded


def test_a_renamed_file_keeps_its_document(library):
    path = library.write("a.txt", "Boats left the harbour.")
    library.ingest()
    before, embedded = set(library.store.sources()), library.embedder.encoded_texts
    path.rename(library.docs / "b.txt")
    report = library.ingest()
    assert (set(library.store.sources()), library.embedder.encoded_texts) == (before, embedded)
    assert library.names() == ["b.txt"]
    assert (counts(report), report.readable) == ({"renamed": 1}, 1)


def test_a_renamed_file_has_the_day_of_its_new_name(library):
    path = library.write("2020-01-05-minutes.txt", "Boats left the harbour.")
    library.ingest()
    path.rename(library.docs / "2021-09-30-minutes.txt")
    report = library.ingest()
    (source,) = library.store.sources().values()
    assert (source.published, source.names) == (date(2021, 9, 30), ("2021-09-30-minutes.txt",))
    assert counts(report) == {"renamed": 1}
    assert (library.finds("boats"), library.is_whole()) == (1, True)


def test_of_two_copies_that_are_renamed_none_is_lost_and_one_that_stays_keeps_the_day(library):
    for name in ("2020-01-05-a.txt", "2020-01-05-b.txt"):
        library.write(name, "Boats left the harbour.")
    library.ingest()
    for name in ("a", "b"):
        (library.docs / f"2020-01-05-{name}.txt").rename(library.docs / f"2021-09-30-{name}.txt")
    assert counts(library.ingest()) == {"renamed": 2}
    (source,) = library.store.sources().values()
    assert (source.published, len(source.names)) == (date(2021, 9, 30), 2)
    (library.docs / "2021-09-30-b.txt").rename(library.docs / "2022-02-02-b.txt")
    assert counts(library.ingest()) == {"renamed": 1, "unchanged": 1}
    (source,) = library.store.sources().values()
    assert (source.published, len(source.names)) == (date(2021, 9, 30), 2)
    assert library.is_whole()


def test_renamed_and_removed_files_and_copies_are_counted_apart(library):
    for name, word in (("a.txt", "Boats"), ("again.txt", "Boats"), ("b.txt", "Cats"), ("c.txt", "Dogs")):
        library.write(name, f"{word} left the harbour.")
    library.ingest()
    (library.docs / "a.txt").rename(library.docs / "moved.txt")
    (library.docs / "c.txt").unlink()
    library.write("copy.txt", "Boats left the harbour.")
    library.write("d.txt", "Trains left the station.")
    report = library.ingest()
    assert counts(report) == {"added": 1, "unchanged": 2, "removed": 1, "renamed": 1, "copies": 1}
    assert library.names() == ["again.txt", "b.txt", "copy.txt", "d.txt", "moved.txt"]


# What an answer cites, and what has become of its file


def test_a_cited_file_that_is_gone_or_changed_is_told_and_no_other(library):
    gone, changed, *_ = (library.write(f"{word}.txt", f"{word} left.") for word in ("in/boats", "cats", "dogs"))
    library.ingest()
    sources = library.store.sources()
    assert notes_on(library.store, sources.values()) == []
    gone.rename(library.docs / "renamed.txt")
    os.utime(changed, ns=(LONG_AGO_NS, LONG_AGO_NS))
    assert [note.split(" is no longer where")[0] for note in notes_on(library.store, sources.values())] == [
        "cats.txt",
        "in/boats.txt",
    ]
    assert notes_on(library.store, [s for s in sources.values() if s.names == ("dogs.txt",)]) == []
    library.ingest()
    assert notes_on(library.store, library.store.sources().values()) == []


# One form, two facts

_LEASE = (
    "Lease. The landlord lets flat {flat} in the house by the mill pond to the tenant named below. The lease"
    " begins on {day} and runs for a year. The rent is {rent} euros a month, payable in advance on the first"
    " working day of each month to the account of the landlord. The tenant keeps the flat in good order, tells"
    " the landlord of any damage at once, and hands back all keys at the end. Small animals may be kept. The"
    " stairs are swept by turns."
)


@pytest.mark.parametrize("at_once", [True, False])
def test_two_undated_texts_made_from_one_form_are_two_stories(library, at_once):
    first = _LEASE.format(flat=12, day="the first day of 2024", rent=900)
    library.write("one.txt", first)
    if not at_once:
        library.ingest()
    library.write("two.txt", _LEASE.format(flat=31, day="the first day of 2025", rent=1150))
    library.ingest()
    library.write("copy.txt", first.replace("tells the landlord of any damage at once, ", ""))
    library.ingest()
    stories = {source.names[0]: source.story for source in library.store.sources().values()}
    assert (stories["one.txt"] == stories["copy.txt"], stories["two.txt"]) == (True, None)
    assert stories["one.txt"] is not None


@pytest.mark.parametrize(("day", "is_one"), [("9 July 2025", True), ("9 August 2025", False)])
def test_the_day_of_a_stored_document_tells_stories_apart_in_the_next_run(library, day, is_one):
    library.write("one.md", f"# A dog won\n\n8 July 2025\n\n{_LEASE}")
    library.ingest()
    library.write("two.md", f"# A dog won\n\n{day}\n\n{_LEASE.replace('Small animals', 'Dogs, cats and birds')}")
    library.ingest()
    one, two = library.store.sources().values()
    assert None not in (one.published, two.published)
    assert (one.story is not None and one.story == two.story) == is_one


def test_a_removed_file_is_gone_from_the_search(library):
    library.write("a.txt", "Boats left the harbour.")
    library.write("b.txt", "Cats stayed at home.")
    library.ingest()
    (library.docs / "a.txt").unlink()
    assert counts(library.ingest()) == {"unchanged": 1, "removed": 1}
    assert (library.finds("boats"), library.names()) == (0, ["b.txt"])


def test_a_letter_is_found_by_the_name_of_its_author(library):
    mail = "From: Henrik Sandvik <h@example.org>\nDate: Mon, 3 Feb 2025 09:12:00 +0100\nSubject: Pump\n\n"
    library.write("a.eml", f"{mail}I will pay for it.\n\nThe pump is old.\n")
    library.write("b.eml", f"{mail}The pump is old. It is from 2009.\n")
    library.ingest()
    assert library.finds("Sandvik") == 1
    rebuild(library.store, library.embedder, limits=IngestLimits())
    assert library.finds("Sandvik") == 1
    said = [one for document_id in library.store.sources() for one in library.store.attributions(document_id)]
    assert [one.speaker for one in said] == ["Henrik Sandvik"] * 2


@pytest.mark.parametrize("at_once", [True, False])
def test_copies_are_stored_and_embedded_once(library, at_once):
    library.write("a.txt", "Boats left the harbour.")
    if not at_once:
        library.ingest()
    library.write("b.txt", "Boats left the harbour.")
    library.write("c.txt", "Boats left the harbour.")
    report = library.ingest()
    assert counts(report) == ({"added": 1, "copies": 2} if at_once else {"unchanged": 1, "copies": 2})
    assert report.readable == 3
    assert library.embedder.encoded_texts == library.store.counts()["passages"] == 1
    assert library.names() == ["a.txt", "b.txt", "c.txt"]


def test_files_changed_into_copies_of_each_other_count_as_changed(library):
    for name, word in (("a.txt", "Boats"), ("b.txt", "Cats"), ("c.txt", "Dogs")):
        library.write(name, f"{word} left the harbour.")
    library.ingest()
    library.write("a.txt", "Trains left the station early.")
    library.write("b.txt", "Trains left the station early.")
    library.write("c.txt", "Boats left the harbour.")
    assert counts(library.ingest()) == {"changed": 3}
    assert (library.finds("trains"), library.finds("cats"), library.finds("dogs")) == (1, 0, 0)
    assert library.is_whole()


def test_two_files_can_swap_their_contents(library):
    for name, word in (("a.txt", "Boats"), ("b.txt", "Trains")):
        library.write(name, f"{word} left in time.")
    library.ingest()
    library.write("a.txt", "Trains left in time.")
    library.write("b.txt", "Boats left in time.")
    library.ingest()
    paths = {Path(file.path).name: file.document_id for file in library.store.files()}
    assert "Trains" in library.store.document_text(paths["a.txt"])
    assert "Boats" in library.store.document_text(paths["b.txt"])
    assert library.is_whole()


def test_problems_are_told_with_their_status_and_stop_nothing(library, monkeypatch):
    library.write("a.txt", "Boats left the harbour.")
    library.write("binary.txt", b"\0\1\2\3" * 100)
    library.write("broken.pdf", b"%PDF-1.7 and no more")
    library.write("empty.txt", "")
    library.write("large.txt", "word " * 300)
    library.write("page.html", "<html><body></body></html>")
    library.write("locked.txt", "Secret.")
    os.mkfifo(library.docs / "pipe.txt")
    (library.docs / "link.txt").symlink_to("nowhere")
    read_bytes = index.parser.read_bytes

    def locked(path, **limits):  # tests may run as root, who may read everything
        assert path.name != "pipe.txt", "reading a pipe waits for ever"
        if path.name == "locked.txt":
            raise UnreadableFileError(FileStatus.FAILED, "Permission denied")
        return read_bytes(path, **limits)

    monkeypatch.setattr("index.parser.read_bytes", locked)
    report = library.ingest(max_file_bytes=1000)
    assert {Path(problem.path).name: problem.status.value for problem in report.problems} == {
        "binary.txt": "failed",
        "broken.pdf": "failed",
        "empty.txt": "empty",
        "large.txt": "too_large",
        "page.html": "no_text",
        "locked.txt": "failed",
        "pipe.txt": "unsupported",
        "link.txt": "unsupported",
    }
    assert all(problem.reason for problem in report.problems)
    assert counts(report) == {"added": 1}
    assert library.names() == ["a.txt"]


def test_what_failed_for_a_passing_cause_is_read_again_and_nothing_else(library, monkeypatch):
    library.write("broken.pdf", b"%PDF-1.7 and no more")
    library.write("locked.txt", "Boats left the harbour.")
    read_bytes, read = index.parser.read_bytes, []

    def locked(path, **limits):
        read.append(path.name)
        if path.name == "locked.txt" and len(read) < 3:
            raise UnreadableFileError(FileStatus.FAILED, "Input/output error", passing=True)
        return read_bytes(path, **limits)

    monkeypatch.setattr("index.parser.read_bytes", locked)
    assert len(library.ingest().problems) == 2
    report = library.ingest()
    assert (counts(report), library.finds("boats")) == ({"added": 1}, 1)
    assert read == ["broken.pdf", "locked.txt", "locked.txt"]
    library.ingest(library.docs / "broken.pdf")
    assert read[-1] == "broken.pdf"


def test_a_file_that_broke_loses_its_document_and_gets_it_back_when_mended(library):
    library.write("a.txt", "Boats left the harbour.")
    library.ingest()
    library.write("a.txt", "")
    (problem,) = library.ingest().problems
    assert (problem.status, library.finds("boats")) == (FileStatus.EMPTY, 0)
    library.write("a.txt", "Boats left the harbour.")
    report = library.ingest()
    assert (counts(report), report.problems, library.finds("boats")) == ({"added": 1}, [], 1)


def test_an_interrupted_run_keeps_what_was_stored_and_a_second_one_completes_it(library):
    for number in range(5):
        sentences = " ".join(f"Sentence {word} of file number{number} has nine words." for word in range(300))
        library.write(f"{number}.txt", sentences)

    def stop_after_four(step):
        assert step.total == 5
        if step.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.ingest(on_file=stop_after_four, passage_tokens=16)
    kept = library.store.counts()["documents"]
    assert 1 <= kept <= 4
    assert library.is_whole()
    assert counts(library.ingest(passage_tokens=16)) == {"added": 5 - kept, "unchanged": kept}
    assert library.embedder.encoded_texts >= library.store.counts()["passages"]
    assert all(library.finds(f"number{number}") for number in range(5))
    assert library.is_whole()


def test_every_file_is_told_once_and_in_order(library):
    for name in ("a.txt", "b.txt", "empty.txt"):
        library.write(name, "" if name == "empty.txt" else f"Words of {name}.")
    told = []
    library.ingest(on_file=lambda step: told.append((step.done, step.total, Path(step.path).name)))
    assert told == [(1, 3, "a.txt"), (2, 3, "b.txt"), (3, 3, "empty.txt")]


def test_no_passage_is_longer_than_the_embedder_reads(library):
    library.write("a.txt", f"# {'title ' * 100}\n\n{'word ' * 2000}")
    library.ingest(passage_tokens=500)
    ids, _ = library.store.vectors()
    texts = [passage.text for passage in library.store.passages(ids).values()]
    assert max(library.embedder.count_tokens(texts)) <= library.embedder.max_tokens


def test_another_embedder_is_refused_before_anything_is_read(library):
    library.write("a.txt", "Boats left the harbour.")
    library.ingest()
    library.write("b.txt", "Cats stayed at home.")
    library.embedder = HashEmbedder(dimensions=32)
    with pytest.raises(EmbedderChangedError):
        library.ingest()
    assert library.names() == ["a.txt"]


def test_a_name_that_is_not_utf8_is_told_and_stops_nothing(library):
    try:
        (library.docs / os.fsdecode(b"caf\xe9.txt")).write_text("Boats left.")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (library.docs / os.fsdecode(b"link\xe9.txt")).symlink_to("nowhere")
    library.write("a.txt", "Boats left the harbour.")
    report = library.ingest()
    assert (counts(report), len(report.problems)) == ({"added": 1}, 2)
    assert library.is_whole()


def _many_tiny_files(library, monkeypatch, count):
    for number in range(count):
        library.write(f"{number:05}.txt", f"Note {number}: boat{number} came back to the harbour.")
    report = library.ingest()
    assert counts(report) == {"added": count}
    assert not report.problems
    assert (library.finds("boat0"), library.finds(f"boat{count - 1}")) == (1, 1)
    assert library.is_whole()
    library.write("00007.txt", "Note 7: the whale came instead.")
    read, read_bytes = [], index.parser.read_bytes
    monkeypatch.setattr(
        "index.parser.read_bytes", lambda path, **rest: read.append(path.name) or read_bytes(path, **rest)
    )
    assert counts(library.ingest()) == {"changed": 1, "unchanged": count - 1}
    assert read == ["00007.txt"]
    assert (library.finds("boat7"), library.finds("whale")) == (0, 1)


def test_many_tiny_files_are_read_once_and_then_only_the_changed_one(library, monkeypatch):
    _many_tiny_files(library, monkeypatch, 60)


@pytest.mark.slow
def test_ten_thousand_tiny_files(library, monkeypatch):
    _many_tiny_files(library, monkeypatch, 10_000)
