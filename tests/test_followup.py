"""Follow-up questions are understood from the conversation, and only those are touched."""

import pytest

from rag.followup import leans_on_history, resolve
from rag.types import Turn


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("When was it signed?", True),
        ("And its foreign minister?", True),
        ("Why?", True),
        ("What about Hokkaido?", True),
        ("Where does he work?", True),
        ("А когда его подписали?", True),
        ("Who is the ambassador of Japan in Moscow?", False),
        ("When did Putin say that he would come?", False),
        ("How many former islanders are still alive?", False),
    ],
)
def test_only_questions_that_lean_on_the_conversation_are_touched(question, leans):
    assert leans_on_history(question) is leans
    history = [Turn("What is the Joint Declaration of Tokyo?", "It ended the state of war.")]
    assert (resolve(question, history) != question) is leans


def test_the_subject_of_the_last_question_is_added():
    history = [Turn("What is the Joint Declaration?", "A text of 1956.")]
    assert resolve("When was it signed?", history) == "When was it signed? (joint declaration)"


def test_without_a_conversation_nothing_is_added():
    assert resolve("When was it signed?", []) == "When was it signed?"


def test_names_of_an_answer_help_where_the_question_names_nobody():
    history = [Turn("Who leads the country now?", "The new leader is Sanae Takaichi, a conservative.")]
    assert "takaichi" in resolve("When did she take office?", history)


def test_words_that_are_already_there_are_not_repeated():
    understood = resolve("Was the declaration his idea?", [Turn("Who signed the Joint Declaration?")])
    assert understood.count("declaration") == 1


def test_its_becomes_the_only_name_of_the_last_question():
    history = [Turn("Who is the prime minister of Japan?", "Sanae Takaichi.\nEarlier documents: Fumio Kishida.")]
    assert resolve("and who is its foreign minister?", history) == "who is Japan's foreign minister?"
    two = [Turn("How far is Otaru from Sapporo?")]
    assert resolve("How large is its harbour?", two) == "How large is its harbour? (otaru sapporo far)"


def test_of_an_answer_only_its_first_line_names_the_subject():
    history = [Turn("Who leads the country now?", "Sanae Takaichi does.\nEarlier documents: Fumio Kishida")]
    understood = resolve("When did she take office?", history)
    assert "takaichi" in understood
    assert "kishida" not in understood
    assert "earlier" not in understood
