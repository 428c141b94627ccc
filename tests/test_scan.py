"""Which files are new, changed, unchanged or gone; odd files never stop a scan."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from index.scan import make_plan
from index.store import FileRecord
from rag.errors import DocumentsError
from rag.types import FileStatus

LONG_AGO_NS = 1_600_000_000_123_456_789


def write(path, text="Some words."):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return path


def recorded(plan, status=FileStatus.READY):
    """Return the records a library would keep after reading the plan's files."""
    return [
        FileRecord(s.path, s.root, s.size_bytes, s.mtime_ns, s.ctime_ns, s.scanned_ns, status)
        for s in plan.changed
    ]


def names(plan):
    return [Path(seen.path).name for seen in plan.changed]


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


def test_files_are_new_then_unchanged_then_changed_then_gone(docs):
    stays, changes, goes = (write(docs / name) for name in ("stays.txt", "changes.txt", "goes.txt"))
    first = make_plan([docs], ())
    assert names(first) == ["changes.txt", "goes.txt", "stays.txt"]
    records = recorded(first)
    assert not make_plan([docs], records).has_work

    write(changes, "Other words, and more of them.")
    goes.unlink()
    second = make_plan([docs], records)
    assert names(second) == ["changes.txt"]
    assert [record.path for record in second.unchanged] == [str(stays)]
    assert second.gone == (str(goes),)
    assert second.has_work


def test_a_change_of_equal_size_and_time_is_seen(docs):
    path = write(docs / "a.txt", "one")
    records = recorded(make_plan([docs], ()))
    ctime_ns = path.stat().st_ctime_ns
    while path.stat().st_ctime_ns == ctime_ns:  # the clock of the file system ticks every few milliseconds
        write(path, "two")
    assert names(make_plan([docs], records)) == ["a.txt"]


def test_a_file_written_just_before_the_scan_is_read_once_more(docs):
    path = docs / "a.txt"
    path.write_text("one", encoding="utf-8")
    records = recorded(make_plan([docs], ()))
    assert names(make_plan([docs], records)) == ["a.txt"], (
        "it could have been written again at the same time stamp"
    )


def test_whole_seconds_are_doubted_for_longer(docs):
    path = write(docs / "a.txt")
    seen = make_plan([docs], ()).changed[0]
    whole = 1_600_000_000_000_000_000
    os.utime(path, ns=(whole, whole))

    def is_read_again(scanned_ns):
        record = FileRecord(
            seen.path, seen.root, seen.size_bytes, whole, path.stat().st_ctime_ns, scanned_ns, FileStatus.READY
        )
        return make_plan([docs], [record]).has_work

    assert is_read_again(whole + 1_900_000_000)
    assert not is_read_again(whole + 2_100_000_000)


def test_folders_are_walked_to_the_bottom_and_hidden_things_skipped(docs):
    for name in ("a.txt", "in/b.md", "in/deeper/c.html", ".hidden.txt", ".git/d.txt", "in/.e.txt"):
        write(docs / name)
    assert names(make_plan([docs], ())) == ["a.txt", "b.md", "c.html"]


def test_a_file_can_be_named_itself_even_a_hidden_one(docs):
    write(docs / "other.txt")
    path = write(docs / ".named.TXT")
    plan = make_plan([path], ())
    assert [(seen.path, seen.root, seen.problem) for seen in plan.changed] == [(str(path), str(path), "")]


def test_a_scan_of_one_place_leaves_the_records_of_others_alone(docs):
    write(docs / "a" / "x.txt")
    write(docs / "ab" / "y.txt")
    records = recorded(make_plan([docs / "a", docs / "ab"], ()))
    (docs / "a" / "x.txt").unlink()
    (docs / "ab" / "y.txt").unlink()
    assert make_plan([docs / "a"], records).gone == (str(docs / "a" / "x.txt"),)


def test_a_place_that_is_gone_is_let_go_and_one_that_never_was_is_a_mistake(docs):
    write(docs / "a" / "x.txt")
    alone = write(docs / "alone.txt")
    records = recorded(make_plan([docs / "a", alone], ()))
    shutil.rmtree(docs / "a")
    alone.unlink()
    assert make_plan([docs / "a"], records).gone == (str(docs / "a" / "x.txt"),)
    assert make_plan([alone], records).gone == (str(alone),)
    with pytest.raises(DocumentsError, match="nothing at"):
        make_plan([docs / "b"], records)


def test_a_file_that_failed_is_read_again_where_it_is_named(docs):
    path = write(docs / "a.txt")
    (record,) = recorded(make_plan([docs], ()))
    failed = [replace(record, status=FileStatus.FAILED, document_id=None)]
    assert not make_plan([docs], failed).has_work
    assert names(make_plan([path], failed)) == ["a.txt"]


def test_unsupported_endings_are_counted_and_not_read(docs):
    for name in ("a.txt", "b.odt", "c.ODT", "README"):
        write(docs / name)
    plan = make_plan([docs], ())
    assert names(plan) == ["a.txt"]
    assert plan.skipped == {".odt": ["b.odt", "c.ODT"], "no ending": ["README"]}


def test_an_unsupported_file_that_was_named_is_a_problem(docs):
    plan = make_plan([write(docs / "b.odt")], ())
    assert ".odt" in plan.changed[0].problem


def test_a_path_that_does_not_exist_is_an_error(docs):
    with pytest.raises(DocumentsError, match="missing"):
        make_plan([docs, docs / "missing"], ())


def test_a_file_under_two_roots_is_read_once(docs):
    path = write(docs / "in" / "a.txt")
    for roots in ([docs, docs / "in"], [docs / "in", docs], [path, docs, docs / "in"]):
        assert names(make_plan(roots, ())) == ["a.txt"]


def test_a_loop_of_links_ends(docs):
    write(docs / "in" / "a.txt")
    (docs / "in" / "loop").symlink_to(docs, target_is_directory=True)
    assert names(make_plan([docs], ())) == ["a.txt"]


@pytest.mark.parametrize("target", ["nowhere.txt", "link.txt"])
def test_a_link_to_nothing_or_to_itself_is_reported_once(docs, target):
    write(docs / "a.txt")
    (docs / "link.txt").symlink_to(docs / target)
    plan = make_plan([docs], ())
    assert {Path(seen.path).name: bool(seen.problem) for seen in plan.changed} == {
        "a.txt": False,
        "link.txt": True,
    }
    assert not make_plan([docs], recorded(plan)).has_work, "the same problem again is no work"
    (docs / "link.txt").unlink()
    write(docs / "link.txt")
    assert names(make_plan([docs], recorded(plan))) == ["link.txt"]


@pytest.mark.parametrize("place", ["secret.txt", "elsewhere"])
def test_a_link_that_leads_out_of_the_folder_is_reported_and_not_followed(docs, tmp_path, place):
    write(docs / "a.txt")
    write(tmp_path / "secret.txt")
    write(tmp_path / "elsewhere" / "b.txt")
    link = docs / f"link-{place}"
    before = [
        FileRecord(str(path), str(docs), 11, LONG_AGO_NS, 1, 1, FileStatus.READY, "", 7)
        for path in (docs / "a.txt", link, link / "b.txt")
    ]
    link.symlink_to(tmp_path / place)
    plan = make_plan([docs], before)
    assert {Path(seen.path).name: "leads out" in seen.problem for seen in plan.changed} == {
        "a.txt": False,
        link.name: True,
    }
    assert plan.gone == (str(link / "b.txt"),), "what was read through such a link before is let go"
    assert not make_plan([docs], recorded(plan)).has_work, "the same problem again is no work"


def test_a_link_out_of_the_folder_that_would_not_be_read_is_no_problem(docs, tmp_path):
    write(docs / "a.txt")
    (docs / "python3").symlink_to(write(tmp_path / "python3"))
    plan = make_plan([docs], ())
    assert (names(plan), plan.skipped) == (["a.txt"], {"no ending": ["python3"]})


def test_a_link_inside_the_folder_and_a_folder_that_is_a_link_are_followed(docs, tmp_path):
    write(docs / "in" / "a.txt")
    (docs / "b.txt").symlink_to(docs / "in" / "a.txt")
    (tmp_path / "by-link").symlink_to(docs)
    for root in (docs, tmp_path / "by-link", tmp_path / "by-link" / "b.txt"):
        plan = make_plan([root], ())
        assert [seen.problem for seen in plan.changed] == [""] * (1 if root.name == "b.txt" else 2)


def test_a_pipe_is_reported_and_not_opened(docs):
    os.mkfifo(docs / "pipe.txt")
    plan = make_plan([docs], ())
    assert "pipe" in plan.changed[0].problem


def test_a_removed_file_comes_back_only_when_it_is_named(docs):
    path = write(docs / "a.txt")
    records = recorded(make_plan([docs], ()), FileStatus.REMOVED)
    assert not make_plan([docs], records).has_work
    assert names(make_plan([path], records)) == ["a.txt"]


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_name_that_is_not_utf8_is_reported_in_text_that_can_be_stored(docs, make):
    path = docs / os.fsdecode(b"caf\xe9.txt")
    try:
        make(path)
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    if path.is_dir():
        write(path / "a.txt")
    for root in (docs, path):
        plan = make_plan([root], ())
        assert [bool(seen.problem) for seen in plan.changed] == [True]
        f"{plan.changed[0].path}{plan.changed[0].root}".encode()
        assert not make_plan([root], recorded(plan)).has_work


def test_files_of_a_folder_that_cannot_be_listed_now_are_kept(docs, monkeypatch):
    from index import scan

    write(docs / "drive" / "a.txt")
    write(docs / "b.txt")
    known = recorded(make_plan([docs], ()))
    (docs / "b.txt").unlink()
    listed = scan._children

    def refused(folder):
        if folder.name == "drive":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(scan, "_children", refused)
    plan = make_plan([docs], known)
    assert plan.gone == (str(docs / "b.txt"),)
    assert [Path(record.path).name for record in plan.unchanged] == ["a.txt"]
    assert [seen.problem for seen in plan.changed] == ["Permission denied"]
