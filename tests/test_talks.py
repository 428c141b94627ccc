"""Conversations: kept whole, cut, judged, deleted, or only in memory."""

import json
import sqlite3
from datetime import date

import pytest

from rag.codec import decoded, encoded
from rag.errors import LibraryError
from rag.talks import DATABASE, Feedback, Scope, TalkStore, Verdict
from rag.types import (
    AbstainReason,
    Answer,
    Attribution,
    Checks,
    Claim,
    Hit,
    LeftOut,
    LeftOutReason,
    ModelInfo,
    Page,
    Passage,
    Quote,
    Relation,
    Source,
    Speaker,
)


def whole_answer(question: str = "Who?") -> Answer:
    page = Page(1, "i", 0, 30)
    source = Source(1, ("a.txt", "b.txt"), ("/x/a.txt",), "T", None, "N", date(2025, 1, 2), "en", (page,), 4)
    said = Attribution(0, 5, "Ada", None, "said", True, 6, 9, 10, 14)
    hit = Hit(Passage(3, 1, 0, 5, "Hello"), source, 0.1, 0.2, 0.3, (said,))
    quote = Quote(1, source, 3, 0, 5, page, "Hello", 0.5, Speaker("Ada", "mayor", "said", True, said), (0, 5))
    return Answer(
        question=question,
        claims=(Claim("Hello", (quote,), True, "Lead"),),
        abstain_reason=AbstainReason.FALSE_PREMISE,
        hits=(hit,),
        left_out=(LeftOut(3, "a.txt", LeftOutReason.NO_ROOM),),
        models=(ModelInfo("embedder", "m", "ab"),),
        prompt_digests={"claim": "cd"},
        checks=Checks(unknown_citations=2),
        relation=Relation.DIFFER,
        warnings=("w",),
        timings_seconds={"read": 1.5},
    )


def test_an_answer_comes_back_as_it_was():
    answer = whole_answer()
    assert decoded(Answer, json.loads(json.dumps(encoded(answer)))) == answer


def test_an_answer_of_another_version_is_read_as_far_as_it_is_known():
    kept = encoded(whole_answer())
    del kept["warnings"]
    kept["something_new"] = 1
    assert decoded(Answer, kept).warnings == ()


def test_a_conversation_is_there_after_a_restart(tmp_path):
    store = TalkStore(tmp_path)
    talk = store.begin("Who signed the treaty?", Scope((1, 2), until=date(2025, 1, 1)))
    turn = store.add(talk, whole_answer(), question="Who?")
    store.judge(turn, Feedback(Verdict.BAD, "no"))
    again = TalkStore(tmp_path)
    assert [(one.id, one.title, one.turns) for one in again.talks()] == [(talk, "Who signed the treaty?", 1)]
    (kept,) = again.turns(talk)
    assert (kept.id, kept.question, kept.answer) == (turn, "Who?", whole_answer())
    assert kept.feedback == Feedback(Verdict.BAD, "no")
    assert again.scope(talk) == Scope((1, 2), until=date(2025, 1, 1))
    assert (tmp_path / DATABASE).stat().st_mode & 0o777 == 0o600


def test_a_turn_asked_again_takes_those_after_it_along(tmp_path):
    store = TalkStore(tmp_path)
    talk = store.begin("a")
    numbers = [store.add(talk, whole_answer(q), question=q) for q in "abc"]
    store.cut(talk, numbers[1])
    assert [turn.question for turn in store.turns(talk)] == ["a"]


def test_what_is_deleted_is_not_in_the_file(tmp_path):
    store = TalkStore(tmp_path)
    talk = store.begin("Zebrafinch zebrafinch")
    store.add(talk, whole_answer("Zebrafinch"), question="Zebrafinch")
    store.delete(talk)
    assert store.talks() == []
    assert store.turns(talk) == []
    assert store.add(talk, whole_answer(), question="late") == 0  # an answer that was still being made
    assert b"ebrafinch" not in (tmp_path / DATABASE).read_bytes()
    store.begin("x")
    store.delete_all()
    assert store.talks() == []


def test_nothing_is_written_where_nothing_is_to_be_kept(tmp_path):
    store = TalkStore(tmp_path)
    kept = store.begin("kept")
    store.set_keeping(on=False)
    talk = store.begin("secret zebrafinch")
    turn = store.add(talk, whole_answer(), question="secret zebrafinch")
    store.judge(turn, Feedback(Verdict.GOOD))
    assert store.turns(talk)[0].feedback == Feedback(Verdict.GOOD)
    assert [(one.id, one.is_kept) for one in store.talks()] == [(talk, False), (kept, True)]
    assert b"zebrafinch" not in (tmp_path / DATABASE).read_bytes()
    assert not TalkStore(tmp_path).keeping


def test_judged_turns_come_with_those_before_them(tmp_path):
    store = TalkStore(tmp_path)
    talk = store.begin("a")
    numbers = [store.add(talk, whole_answer(q), question=q) for q in "abc"]
    store.judge(numbers[2], Feedback(Verdict.GOOD))
    store.judge(numbers[0], Feedback(Verdict.GOOD))
    store.judge(numbers[0], None)
    ((turn, earlier),) = store.judged()
    assert turn.question == "c"
    assert [one.question for one in earlier] == ["a", "b"]


def test_a_scope_takes_documents_of_its_days():
    def source(number, published):
        return Source(number, ("a.txt",), ("/a.txt",), "T", None, None, published, "en", ())

    march, undated = source(1, date(2025, 3, 1)), source(2, None)
    assert Scope(as_of=date(2024, 1, 1)).takes_all
    assert Scope().takes(undated)
    assert Scope((1,)).takes(march)
    assert not Scope((1,)).takes(undated)
    assert not Scope((2,), since=date(2025, 1, 1)).takes(undated)  # nobody knows whether it is of then
    assert Scope(since=date(2025, 3, 1), until=date(2025, 3, 1)).takes(march)
    assert not Scope(since=date(2025, 3, 2)).takes(march)
    assert not Scope((1,), until=date(2025, 2, 28)).takes(march)


def test_each_turn_keeps_what_was_asked(tmp_path):
    store = TalkStore(tmp_path)
    talk = store.begin("a", Scope((1,)))
    store.add(talk, whole_answer(), question="a", scope=Scope((1,)))
    store.set_scope(talk, Scope(as_of=date(2025, 1, 1)))
    store.add(talk, whole_answer(), question="b", scope=Scope(as_of=date(2025, 1, 1)))
    assert [turn.scope for turn in store.turns(talk)] == [Scope((1,)), Scope(as_of=date(2025, 1, 1))]


def test_conversations_of_the_first_version_are_brought_up_to_date(tmp_path):
    store = TalkStore(tmp_path)
    talk = store.begin("a", Scope((1, 2)))
    turn = store.add(talk, whole_answer(), question="a")
    store.judge(turn, Feedback(Verdict.GOOD))
    first = sqlite3.connect(tmp_path / DATABASE)
    first.executescript("ALTER TABLE turns DROP COLUMN scope; PRAGMA user_version = 1;")
    first.close()
    (kept,) = TalkStore(tmp_path).turns(talk)
    assert (kept.scope, kept.question, kept.feedback) == (Scope((1, 2)), "a", Feedback(Verdict.GOOD))
    assert store.add(talk, whole_answer(), question="b", scope=Scope((2,))) > turn
    assert store.turns(talk)[1].scope == Scope((2,))


def test_a_file_of_another_kind_is_refused_with_what_to_do(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"no database" * 100)
    with pytest.raises(LibraryError) as caught:
        TalkStore(tmp_path).talks()
    assert "conversations.db" in caught.value.hint
    (tmp_path / DATABASE).unlink()
    newer = sqlite3.connect(tmp_path / DATABASE)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(LibraryError):
        TalkStore(tmp_path).talks()
