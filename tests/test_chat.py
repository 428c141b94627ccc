"""What the chat's handlers keep and show, without a browser and without models: a desk that a test holds open."""

import sqlite3
import threading
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

import gradio as gr
import pytest

from rag.errors import BusyError
from rag.talks import TalkStore
from tests.page_server import Desk, Shelf
from ui.chat import DELETED, ONE_AT_A_TIME, STOPPED, Chat, Seat, Widgets

NAMES = {name: name for name in Widgets.__slots__}
WIDGETS = Widgets(**NAMES | {"scope_fields": ("documents", "since", "until", "as_of")})


class Page:
    """An open page: its seat, its address, and what stands in its widgets, as Gradio would put it there."""

    def __init__(self, chat, name="page", address=""):
        self.chat = chat
        self.seat = Seat()
        self.request = SimpleNamespace(session_hash=name, query_params={"talk": address} if address else {})
        self.shown = {}
        self.show(chat.arrive(self.seat, self.request))

    def show(self, updates):
        self.shown |= {name: value for name, value in updates.items() if not isinstance(value, dict)}

    def ask(self, text):
        for updates in self.chat.ask(text, self.seat, self.request):
            self.show(updates)

    def press(self, handler, **data):
        done = handler(self.seat, SimpleNamespace(_data=data), self.request)
        for updates in [done] if isinstance(done, dict) else done:
            self.show(updates)

    @contextmanager
    def answering(self, work):
        """Do something while the page waits for its answer; then let the answer come."""
        desk = self.chat.desk
        desk.gate.clear()
        desk.began.clear()
        waiting = threading.Thread(target=work)
        waiting.start()
        assert desk.began.wait(10)
        yield
        desk.gate.set()
        waiting.join(10)
        assert not waiting.is_alive()


@pytest.fixture
def talks(tmp_path):
    return TalkStore(tmp_path)


@pytest.fixture
def chat(talks):
    return Chat(Desk(), Shelf(), talks, WIDGETS)


def questions(talks, page):
    return [turn.question for turn in talks.turns(page.seat.talk)]


def test_a_stopped_retry_leaves_everything_as_it_was(chat, talks):
    page = Page(chat)
    for text in ("one", "two"):
        page.ask(text)
    first = talks.turns(page.seat.talk)[0].id
    with page.answering(lambda: page.press(chat.ask_again, turn=first, question="one")):
        chat.stop(page.request)
    assert questions(talks, page) == ["one", "two"]
    assert STOPPED in page.shown["live"]
    assert "one" in page.shown["thread"]
    assert "two" in page.shown["thread"]
    page.ask("three")
    assert questions(talks, page) == ["one", "two", "three"]


def test_a_retry_that_finds_no_place_in_line_leaves_everything_as_it_was(chat, talks):
    page = Page(chat)
    page.ask("one")
    page.press(chat.edit, turn=talks.turns(page.seat.talk)[0].id, question="one")
    chat.desk.error = BusyError("Too many questions at once.", hint="Later.")
    page.ask("one, in other words")
    assert "Too many questions" in page.shown["live"]
    page.ask("two")
    assert questions(talks, page) == ["one", "two"]


def test_a_damaged_database_is_told_with_what_to_type(chat, talks):
    page = Page(chat)
    with patch.object(talks, "turns", side_effect=sqlite3.DatabaseError("database disk image is malformed")):
        page.seat.talk = 1
        page.ask("one")
    assert "cannot be read: database disk image is malformed" in page.shown["live"]
    assert "rag doctor" in page.shown["live"]


def test_an_edited_question_takes_the_place_of_its_turn_and_of_those_after_it(chat, talks):
    page = Page(chat)
    for text in ("one", "two", "three"):
        page.ask(text)
    second = talks.turns(page.seat.talk)[1].id
    page.press(chat.edit, turn=second, question="two")
    assert "replaces this question and the one after it" in page.shown["editing"]
    page.ask("another")
    assert questions(talks, page) == ["one", "another"]
    assert page.shown["editing"] == ""
    page.ask("and one more")
    assert questions(talks, page) == ["one", "another", "and one more"]


def test_a_question_that_is_edited_no_more_is_a_new_one(chat, talks):
    page = Page(chat)
    page.ask("one")
    page.press(chat.edit, turn=talks.turns(page.seat.talk)[0].id, question="one")
    page.show(chat.leave_editing(page.seat))
    assert page.shown["editing"] == ""
    page.ask("two")
    assert questions(talks, page) == ["one", "two"]


def test_a_corrected_question_is_taken_as_it_stands_also_when_it_is_asked_again(chat, talks):
    page = Page(chat)
    page.ask("one")
    page.ask("and who is he?")
    turn = talks.turns(page.seat.talk)[1]
    assert turn.answer.understood == "and who is he? (leaning)"
    page.press(chat.ask_again, turn=turn.id, question="and who is the minister?", corrected=True)
    turn = talks.turns(page.seat.talk)[1]
    assert turn.answer.understood == "and who is the minister?"
    page.press(chat.ask_again, turn=turn.id, question=turn.question)
    assert talks.turns(page.seat.talk)[1].answer.understood == "and who is the minister?"
    page.ask("and who is she?")
    assert len(chat.desk.asked[-1].history) == 2


@pytest.mark.parametrize("how", ["begin", "reopen", "forget", "forget_all"])
def test_a_page_that_turns_away_shows_nothing_more_of_the_question_before(chat, talks, how):
    other = Page(chat, "other")
    other.ask("an old one")
    page = Page(chat)
    page.ask("one")
    here, there = page.seat.talk, other.seat.talk
    with page.answering(lambda: page.ask("two")):
        assert "working" in page.shown["live"]  # as long as this is so, the page has Stop instead of Ask
        if how == "reopen":
            page.press(chat.reopen, talk=there)
        elif how == "forget":
            page.press(chat.forget, talk=here)
        else:
            page.show(getattr(chat, how)(page.seat, page.request))
    assert page.shown["live"] == ""
    assert "two" not in page.shown["thread"]
    assert page.seat.talk == (there if how == "reopen" else 0)
    assert "two" not in [turn.question for turn in talks.turns(here)]
    page.ask("three")  # at once: the place of the question before is free
    assert questions(talks, page)[-1] == "three"


def test_a_page_asks_one_question_at_a_time(chat, talks):
    page = Page(chat)
    with page.answering(lambda: page.press(chat.ask_again, question="an example")):
        page.shown["box"] = "one"
        with pytest.warns(UserWarning, match=ONE_AT_A_TIME):
            page.ask("one")
        assert page.shown["box"] == "one"
    assert questions(talks, page) == ["an example"]


@pytest.mark.parametrize("stopped", [True, False])
def test_the_next_question_may_be_asked_as_soon_as_the_last_words_of_one_are_shown(chat, talks, stopped):
    page = Page(chat)
    if stopped:
        chat.desk.gate.clear()
    first = chat.ask("one", page.seat, page.request)
    for updates in first:
        page.show(updates)
        if stopped:
            chat.stop(page.request)
        if "working" not in page.shown["live"]:
            break  # shown, while its stream is not at its end
    assert (STOPPED in page.shown["live"]) == stopped
    chat.desk.gate.set()
    chat.desk.began.clear()
    asking = threading.Thread(target=page.ask, args=("two",))
    asking.start()
    assert not chat.desk.began.wait(0.2)
    for updates in first:
        assert updates == {"box": gr.skip()}  # it is sent once more at the end, when the next may be shown
    asking.join(10)
    assert questions(talks, page) == (["two"] if stopped else ["one", "two"])
    assert "two" in page.shown["live"]


@pytest.mark.parametrize("how", ["stop", "leave"])
def test_a_question_that_waits_for_one_that_ends_can_be_given_up_too(chat, talks, how):
    page = Page(chat)
    first = chat.ask("one", page.seat, page.request)
    page.show(next(first))
    page.show(next(first))  # its last words; its stream is not at its end
    asking = threading.Thread(target=page.ask, args=("two",))
    asking.start()
    while not chat._pages._waiting:
        asking.join(0.01)
    if how == "stop":
        chat.stop(page.request)
    else:
        leaving = threading.Thread(target=lambda: page.show(chat.begin(page.seat, page.request)))
        leaving.start()
    list(first)
    asking.join(10)
    assert [turn.question for talk in talks.talks() for turn in talks.turns(talk.id)] == ["one"]
    if how == "stop":
        assert STOPPED in page.shown["live"]
    else:
        leaving.join(10)
        assert page.shown["live"] == ""


def test_a_question_that_is_pressed_twice_is_asked_once(chat, talks):
    page = Page(chat)
    with page.answering(lambda: page.ask("one")):
        page.ask("one")  # no warning: pytest would raise it
    assert questions(talks, page) == ["one"]


def test_a_stopped_first_question_begins_no_conversation(chat, talks):
    page = Page(chat)
    with page.answering(lambda: page.ask("one")):
        chat.stop(page.request)
    assert talks.talks() == []


def test_a_page_begins_anew_where_its_conversation_was_deleted_on_another(chat, talks):
    page, other = Page(chat), Page(chat, "other")
    page.ask("one")
    other.show(chat.forget_all(other.seat, other.request))
    page.ask("two")
    assert questions(talks, page) == ["two"]
    assert "one" not in page.shown["thread"]
    with page.answering(lambda: page.ask("three")):
        other.show(chat.forget_all(other.seat, other.request))
    assert DELETED in page.shown["live"]
    assert talks.talks() == []


def test_a_page_that_is_loaded_again_is_in_its_conversation(chat, talks):
    page = Page(chat)
    page.ask("one")
    again = Page(chat, "again", address=str(page.seat.talk))
    assert again.seat.talk == page.seat.talk
    assert "one" in again.shown["thread"]
    for nothing in ("999", "-1", "²", "9" * 40, "x"):
        assert Page(chat, "lost", address=nothing).seat.talk == 0


def test_a_page_older_than_the_program_goes_on_in_its_conversation(chat, talks):
    page = Page(chat)
    page.ask("one")
    page.request.query_params["talk"] = str(page.seat.talk)
    page.seat, page.chat = Seat(), Chat(Desk(), Shelf(), talks, WIDGETS)
    page.ask("two")
    assert questions(talks, page) == ["one", "two"]


def test_a_conversation_that_is_not_kept_is_in_the_list_and_says_so(chat, talks):
    talks.set_keeping(on=False)
    page = Page(chat)
    page.ask("one")
    page.show(chat.begin(page.seat, page.request))
    assert "not kept" in page.shown["talks"].replace("are not kept", "")
    page.press(chat.reopen, talk=talks.talks()[0].id)
    assert "one" in page.shown["thread"]
