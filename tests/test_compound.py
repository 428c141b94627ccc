"""Two questions in one sentence, and one of two things."""

import pytest

from rag.compound import questions_in


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Where was Ann Berg born, and when did Leo Ito die?",
            ["Where was Ann Berg born?", "When did Leo Ito die?"],
        ),
        ("Who founded Otaru and why?", ["Who founded Otaru and why?"]),
        ("What do gulls and puffins eat?", ["What do gulls and puffins eat?"]),
        (
            "When did the mill in Leeds open, and when did it burn down?",
            ["When did the mill in Leeds open?", "When did it burn down? (leeds mill open)"],
        ),
    ],
)
def test_two_questions_in_one_are_asked_one_after_the_other(question, asked):
    assert questions_in(question) == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "who speaks for the port and who for the fishermen's union",
            ["who speaks for the port?", "who speaks for the fishermen's union?"],
        ),
        (
            "What do Quinn and Hallam say about the lamps?",
            ["What does Quinn say about the lamps?", "What does Hallam say about the lamps?"],
        ),
        ("What do Quinn and Hallam each say?", ["What does Quinn say?", "What does Hallam say?"]),
        ("What do Quinn and the club want?", ["What does Quinn want?", "What does the club want?"]),
        (
            "How many people live in Oslo and how many in Bergen?",
            ["How many people live in Oslo?", "How many people live in Bergen?"],
        ),
        (
            "Кто говорит от имени порта и кто от профсоюза?",
            ["Кто говорит от имени порта?", "Кто говорит от профсоюза?"],
        ),
    ],
)
def test_a_second_question_without_a_verb_takes_that_of_the_first(question, asked):
    assert questions_in(question) == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "What must come first, in the words of Adele Moen and of Rudnik?",
            [
                "What must come first, in the words of Adele Moen?",
                "What must come first, in the words of Rudnik?",
            ],
        ),
        (
            "Which officials from Otaru and from Nemuro spoke about the ferry?",
            [
                "Which officials from Otaru spoke about the ferry?",
                "Which officials from Nemuro spoke about the ferry?",
            ],
        ),
        (
            "How many visitors came in 2024 and 2025?",
            ["How many visitors came in 2024?", "How many visitors came in 2025?"],
        ),
        ("Have both Adele Moen and Rudnik resigned?", ["Have Adele Moen resigned?", "Have Rudnik resigned?"]),
        (
            "Сколько людей живёт в Осло и в Бергене?",
            ["Сколько людей живёт в Осло?", "Сколько людей живёт в Бергене?"],
        ),
    ],
)
def test_what_is_asked_of_one_thing_and_of_another_is_asked_of_each(question, asked):
    assert questions_in(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "What does the treaty between Russia and Japan say?",
        "What did Quinn and Hallam agree on?",
        "When did Gilbert and Sullivan write The Mikado?",
        "Did Quinn and Hallam say the same?",
        "What do Quinn and Hallam think of each other?",
        "What do Johnson and Johnson say?",
        "Did Ivanov and Petrov meet in Moscow?",
        "What did the head of research and development say?",
        "Who was in and out of office?",
        "Who was mayor between 2019 and 2021?",
        "What did the two sides agree on in Oslo in 2019?",
    ],
)
def test_what_is_asked_of_two_things_together_stays_one_question(question):
    assert questions_in(question) == [question]
