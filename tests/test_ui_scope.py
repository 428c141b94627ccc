"""What a conversation is about, and what a person is told where that cannot work; without a browser."""

from datetime import date

import gradio as gr
import pytest

from rag.desk import Desk
from rag.errors import UsageError
from rag.talks import Scope, TalkStore
from rag.types import FileStatus
from ui.app import wishes_in
from ui.chat import Chat, Seat, Widgets
from ui.library import Filter, Library, LibraryWidgets
from ui.ports import About, DocumentRow, Limits
from ui.scope import scope_of, scope_values, still_there

LAMP = DocumentRow(1, "lamp.txt", "The lamp", "Gazette", date(2025, 4, 4), "en", FileStatus.READY)
PEAR = DocumentRow(2, "pear.txt", "The pear", "Wire", date(2025, 5, 5), "en", FileStatus.READY)


class FewDocuments:
    """A shelf of rows."""

    limits = Limits(1, 1, 1, (".txt",))

    def __init__(self, *rows):
        self.rows = list(rows)

    def documents(self):
        return self.rows

    def inside(self, scope):
        return frozenset(row.number for row in self.rows if row.number in scope.documents)

    def examples(self):
        return ()


@pytest.fixture
def talks(tmp_path):
    return TalkStore(tmp_path)


def chat_over(shelf, talks):
    names = [name for name in Widgets.__slots__ if name != "scope_fields"]
    widgets = Widgets(**{name: name for name in names}, scope_fields=("documents", "since", "until", "as_of"))
    return Chat(Desk(None), shelf, talks, widgets)


def library_over(*rows):
    widgets = LibraryWidgets(**{name: name for name in LibraryWidgets.__slots__})
    return Library(FewDocuments(*rows), widgets)


@pytest.mark.parametrize("text", ["17.07.2025", "2025-13-45", "20250717", "July 17, 2025", "2025-02-30"])
def test_what_is_no_day_is_told_as_such(text):
    with pytest.raises(UsageError, match="is not a day") as caught:
        scope_of(([], text, None, None))
    assert text in caught.value.message
    assert "YYYY-MM-DD" in caught.value.hint


def test_days_in_no_order_are_refused_and_what_was_asked_stays(talks):
    before = Scope(since=date(2025, 1, 1))
    talk = talks.begin("x", before)
    chat = chat_over(FewDocuments(LAMP), talks)
    with pytest.raises(gr.Error, match="From 2025-06-01 until 2025-01-01 there is no day"):
        chat.choose(Seat(talk, before), [], "2025-06-01", "2025-01-01", None)
    assert talks.scope(talk) == before
    seat = Seat(talk, before)
    chat.choose(seat, [1], " 2025-06-01 ", "2025-06-01", "")
    assert seat.scope == talks.scope(talk) == Scope((1,), date(2025, 6, 1), date(2025, 6, 1))


def test_the_fields_say_what_the_scope_is():
    scope = Scope((1, 2), date(2025, 1, 1), None, date(2025, 7, 1))
    assert scope_of(scope_values(scope)) == scope
    assert still_there(scope, {2}) == Scope((2,), date(2025, 1, 1), None, date(2025, 7, 1))


def test_a_document_that_is_gone_is_no_longer_asked_and_that_is_told(talks):
    talk = talks.begin("x", Scope((1, 2)))
    shelf = FewDocuments(LAMP)
    chat = chat_over(shelf, talks)
    with pytest.warns(UserWarning, match="no longer in the library. Asking 1 chosen document now"):
        seat = Seat(talk, Scope((1, 2)))
        told = chat._without_gone(seat)
    assert seat.scope == talks.scope(talk) == Scope((1,))
    assert told["documents"]["value"] == [1]
    assert told["scope"]["label"] == "Asking 1 chosen document"
    assert chat._without_gone(seat) == {}
    shelf.rows = [PEAR]
    with pytest.warns(UserWarning, match="Asking all documents now"):
        told = chat._without_gone(seat)
    assert told["documents"]["value"] == []
    assert talks.scope(talk) == Scope()


def test_the_list_keeps_its_filter_and_takes_what_is_gone_out_of_the_choice():
    library = library_over(LAMP, PEAR)
    listed = library.show([1, 3], "lamp", "Gazette", "any", "any", "2025-01-01", None)
    assert "1 of 2 documents" in listed["table"]
    assert listed["scope_documents"]["value"] == [1]
    library.shelf.rows = [PEAR]
    listed = library.show([1], "lamp", "Gazette", "any", "any", None, None)
    assert "None of the 1 documents is like that" in listed["table"]
    assert listed["scope_documents"]["value"] == []
    assert listed["outlet"]["choices"] == ["any", "Gazette", "Wire"]  # what the field says stays
    assert "value" not in library.show([2], "", "any", "any", "any", None, None)["scope_documents"]


def test_a_filter_that_is_no_day_is_told_and_takes_all():
    with pytest.warns(UserWarning, match="“2025-13-45” is not a day. Use YYYY-MM-DD"):
        listed = library_over(LAMP, PEAR).show([], "", "any", "any", "any", "2025-13-45", None)
    assert "2 of 2 documents" in listed["table"]
    assert Filter(until=date(2025, 4, 30)).takes(LAMP)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "short",
        ["short", "balanced", True],
        ["loud", "balanced", True, 8],
        ["short", "never", True, 8],
        ["short", "balanced", "yes", 8],
        ["short", "balanced", True, 0],
        ["short", [], True, 8],
        ["short", "balanced", True, True],
        ["short", "balanced", True, 1000],
    ],
)
def test_settings_that_are_no_longer_to_be_had_are_not_restored(kept):
    about = About("library", "0.1", (), (), ("quotes", "short"), "short", "balanced", 8)
    assert wishes_in(kept, about) == []
    assert wishes_in(["quotes", "strict", False, 3], about) == ["quotes", "strict", False, 3]
