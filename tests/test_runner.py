"""A run asks every case once, survives what cases do to it, and goes on where it was stopped."""

import threading
import time
from dataclasses import replace

import pytest

from eval.journal import Header, Journal, other_commit, read_journal, record_line
from eval.runner import ask, cases_digest, run
from eval.types import Case, ClaimRecord, PassageRecord, QuoteRecord, Record, Text
from rag.errors import QuestionError, UsageError

CASES = tuple(Case(f"c{number}", "fact", f"What is {number}?") for number in range(4))
HEADER = Header("tiny", "fake", {"passages": "5"}, "d1", {"embedder": "aa"}, cases_digest(CASES, ()), 4, 0)
FULL = Record(
    "c0",
    "fact",
    "What is 0?",
    understood="What is 0 now?",
    answer="Zero.",
    confidence=0.5,
    claims=(ClaimRecord("Zero.", (QuoteRecord("a.txt", 1, 6, "Zero.", page=2, speaker="Ann"),), verbatim=True),),
    passages=(PassageRecord("a.txt", 0, 9, score=1.5),),
    generated="Zero. [1]",
    prompt_digests={"answer": "ff"},
    checks={"unknown_citations": 1},
    warnings=("A line separator: \u2028.",),
    seconds={"read": 0.1},
)


class Fake:
    """Answers what is asked, or does what it was told to do for a case."""

    name = "fake"

    def __init__(self, **deeds):
        self.deeds = deeds
        self.asked = []

    def answer(self, case):
        self.asked.append(case.id)
        if case.id in self.deeds:
            self.deeds[case.id]()
        return Record(case.id, case.type, case.question, answer=f"Answer to {case.id}.")


def raising(error):
    def deed():
        raise error

    return deed


def test_every_case_has_its_record_in_order_with_its_time():
    records = run(CASES, Fake())
    assert [record.id for record in records] == ["c0", "c1", "c2", "c3"]
    assert all(record.seconds["total"] >= 0 and not record.failed for record in records)


@pytest.mark.parametrize("error", [QuestionError("Too long.", hint="Cut it."), ZeroDivisionError("by zero")])
def test_a_case_that_raises_is_a_failed_record_and_the_run_goes_on(error):
    records = run(CASES, Fake(c1=raising(error)))
    assert [record.failed for record in records] == [False, True, False, False]
    assert records[1].error == f"{type(error).__name__}: {error}"


def test_a_case_that_takes_too_long_is_a_failed_record_and_the_run_goes_on():
    started = time.monotonic()
    records = run(CASES, Fake(c2=lambda: time.sleep(30)), case_seconds=0.1)
    assert [record.failed for record in records] == [False, False, True, False]
    assert "longer than 0.1 seconds" in records[2].error
    assert time.monotonic() - started < 10


def test_another_thread_runs_without_a_time_limit():
    records = []
    thread = threading.Thread(target=lambda: records.append(ask(CASES[0], Fake(), case_seconds=5)))
    thread.start()
    thread.join()
    assert records[0].answer == "Answer to c0."


def test_ctrl_c_ends_the_run_and_resuming_asks_only_what_is_left(tmp_path):
    path = tmp_path / "run" / "records.jsonl"
    with pytest.raises(KeyboardInterrupt), Journal(path, HEADER) as journal:
        run(CASES, Fake(c2=raising(KeyboardInterrupt())), journal=journal)
    second = Fake()
    with Journal(path, HEADER, resume=True) as journal:
        records = run(CASES, second, journal=journal)
    assert second.asked == ["c2", "c3"]
    assert [record.id for record in records] == ["c0", "c1", "c2", "c3"]
    assert [record.id for record in read_journal(path)[1]] == ["c0", "c1", "c2", "c3"]


def test_the_run_is_told_of_every_record_also_of_those_it_had(tmp_path):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER) as journal:
        run(CASES[:2], Fake(), journal=journal)
    told = []
    with Journal(path, HEADER, resume=True) as journal:
        run(
            CASES,
            Fake(),
            journal=journal,
            on_record=lambda done, total, record: told.append((done, total, record.id)),
        )
    assert told == [(1, 4, "c0"), (2, 4, "c1"), (3, 4, "c2"), (4, 4, "c3")]


# The file


def test_a_record_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER) as journal:
        journal.add(FULL)
    header, records = read_journal(path)
    assert (header, records) == (HEADER, [FULL])
    assert "\u2028" not in path.read_text()


def test_a_line_that_was_cut_off_is_dropped_and_its_case_asked_again(tmp_path):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER) as journal:
        run(CASES[:3], Fake(), journal=journal)
    path.write_text(path.read_text()[:-20])
    again = Fake()
    with Journal(path, HEADER, resume=True) as journal:
        run(CASES, again, journal=journal)
    assert again.asked == ["c2", "c3"]
    assert len(read_journal(path)[1]) == 4


def test_a_damaged_line_in_the_middle_is_an_error_with_its_number(tmp_path):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER) as journal:
        run(CASES[:2], Fake(), journal=journal)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1][:-5], lines[2], ""]))
    with pytest.raises(UsageError, match="line 2 is damaged"):
        read_journal(path)


def test_a_new_run_does_not_overwrite_an_old_one(tmp_path):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER) as journal:
        journal.add(FULL)
    with pytest.raises(UsageError, match="There is a run"):
        Journal(path, HEADER)
    assert read_journal(path)[1] == [FULL]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"settings": {"passages": "4"}}, "passages: '4' here, '5' there"),
        ({"models": {"embedder": "bb"}}, "embedder: 'bb' here, 'aa' there"),
        ({"cases": "other"}, "cases"),
        ({"seed": 1}, "seed"),
        ({"system": "naive"}, "system: 'naive' here, 'fake' there"),
    ],
)
def test_a_run_of_something_else_is_not_resumed_and_the_difference_is_named(tmp_path, change, named):
    path = tmp_path / "records.jsonl"
    Journal(path, HEADER).__exit__(None, None, None)
    with pytest.raises(UsageError, match=named):
        Journal(path, replace(HEADER, **change), resume=True)


def test_when_and_from_which_commit_a_run_was_made_does_not_set_it_apart():
    assert HEADER.differences(replace(HEADER, commit="abc", started="2025-01-01")) == []


def test_going_on_with_the_records_of_another_commit_is_kept_in_the_run(tmp_path):
    path, old, new = tmp_path / "records.jsonl", replace(HEADER, commit="aaa"), replace(HEADER, commit="bbb")
    with Journal(path, old) as journal:
        run(CASES[:2], Fake(), journal=journal)
    told = other_commit(path, there=read_journal(path)[0], here=new)
    assert "made by commit aaa; this is commit bbb" in told
    with Journal(path, new, resume=True) as journal:
        run(CASES, Fake(), journal=journal)
    header, _ = read_journal(path)
    assert (header.commit, header.went_on) == ("aaa", ("bbb",))
    assert other_commit(path, there=header, here=new) == ""
    # Nothing is left to ask: scoring again with a third commit makes no records.
    with Journal(path, replace(HEADER, commit="ccc"), resume=True) as journal:
        assert journal.header.went_on == ("bbb",)
    assert "commit bbb; this is commit ccc" in other_commit(path, there=header, here=replace(HEADER, commit="ccc"))


def test_an_unknown_commit_is_no_other_one(tmp_path):
    assert other_commit(tmp_path, there=HEADER, here=replace(HEADER, commit="bbb")) == ""
    assert other_commit(tmp_path, there=replace(HEADER, commit="aaa"), here=HEADER) == ""


@pytest.mark.parametrize(
    "line", ["[]", "5", '{"id": "x"}', '{"id": "x", "type": "t", "question": "?", "claims": 3}']
)
def test_a_line_that_is_no_record_is_a_clear_error(tmp_path, line):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER) as journal:
        journal.add(FULL)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(UsageError, match="no record"):
        read_journal(path)


@pytest.mark.parametrize("content", ["", "[]", "a letter", '{"format": 99}\n'])
def test_a_file_that_is_no_run_is_a_clear_error(tmp_path, content):
    (tmp_path / "records.jsonl").write_text(content)
    with pytest.raises(UsageError):
        read_journal(tmp_path / "records.jsonl")


def test_fields_of_a_later_version_are_passed_over(tmp_path):
    path = tmp_path / "records.jsonl"
    with Journal(path, HEADER):
        pass
    with path.open("a") as file:
        file.write(record_line(FULL).replace('{"abstained"', '{"later": 1, "abstained"'))
    assert read_journal(path)[1] == [FULL]


def test_the_digest_of_cases_changes_with_questions_and_texts(tmp_path):
    (tmp_path / "a.txt").write_text("One.")
    text = Text("a.txt", path=tmp_path / "a.txt")
    first = cases_digest(CASES, (text,))
    assert first == cases_digest(CASES, (text,))
    assert first != cases_digest(CASES[:3], (text,))
    (tmp_path / "a.txt").write_text("Two.")
    assert first != cases_digest(CASES, (text,))


def test_what_may_differ_is_no_difference():
    here = replace(HEADER, settings={"passages": "4", "style": "full"}, models={"embedder": "x"}, seed=9)
    there = replace(HEADER, settings={"passages": "8", "style": "short"}, models={"embedder": "y"})
    assert here.differences(there, but={"passages", "models", "seed"}) == ["style: 'full' here, 'short' there"]
    assert here.differences(there, but={"settings", "models", "seed"}) == []
    assert len(here.differences(there)) == 4


def test_failed_cases_are_asked_again_with_more_time(tmp_path):
    path = tmp_path / "run.jsonl"
    with Journal(path, HEADER) as journal:
        run(CASES, Fake(c2=raising(ValueError("no"))), journal=journal)
    slower = replace(HEADER, case_seconds=300.0)
    with pytest.raises(UsageError, match=r"case_seconds: 300.0 here, 120.0 there"):
        Journal(path, slower, resume=True)
    with Journal(path, slower, resume=True, retry=True) as journal:
        assert "c2" not in journal.done
        assert len(journal.done) == len(CASES) - 1
        asked = Fake()
        records = run(CASES, asked, journal=journal)
    assert not any(record.failed for record in records)
    header, kept = read_journal(path)
    assert (header.case_seconds, len(kept)) == (300.0, len(CASES))
    assert not any(record.failed for record in kept)
