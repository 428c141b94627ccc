import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.pointers import MOST_QUOTES, AnswerReader, answer_grammar, check_grammar

often = settings(derandomize=True, max_examples=200, deadline=None)


def read(text, given=3, size=7):
    reader = AnswerReader(given)
    pieces = [text[place : place + size] for place in range(0, len(text), size)]
    return [(cited.text, cited.numbers) for cited in reader.sentences(pieces)], reader


@pytest.mark.parametrize("quotes", range(1, MOST_QUOTES + 1))
def test_each_grammar_passes_its_own_check_and_leaves_a_way_to_decline(quotes):
    grammar = answer_grammar(quotes)
    check_grammar(grammar)
    assert grammar.startswith('root ::= "NONE" | "USE: " (')
    assert {int(number) for number in re.findall(r'"(\d+)"', grammar)} == set(range(1, quotes + 1))


def test_a_sentence_can_name_only_a_chosen_number():
    rules = dict(line.split(" ::= ") for line in answer_grammar(4).split("\n"))
    assert rules["said-2-4"] == 'words " [" ("2" | "4") "]\\n"'
    assert "said-2-4" in rules["used-2-4"]
    assert not re.search(r"said-(?!2-4)", rules["used-2-4"])


@pytest.mark.parametrize("quotes", [-1, 0, MOST_QUOTES + 1])
def test_a_grammar_of_no_or_too_many_quotes_is_refused(quotes):
    with pytest.raises(ValueError, match="from 1 to 8"):
        answer_grammar(quotes)


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "nonsense",
        'root ::= "a',
        "root ::= missing",
        'root ::= root "a"',
        'root ::= ("a"',
        'root ::= "a")',
        'root ::= "a" |',
        'root ::= | "a"',
        'root ::= * "a"',
        'root ::= "a"**',
        "root ::= [a",
        'root ::= "a"{x}',
        'root ::= "\\q"',
        'root ::= "a"\nroot ::= "b"',
        'other ::= "a"',
        "root ::= other\nother ::= root",
        'root ::= "a"\n\nother ::= "b"',
    ],
)
def test_a_grammar_that_llama_cpp_might_not_read_is_refused(grammar):
    with pytest.raises(ValueError, match="grammar"):
        check_grammar(grammar)


def test_an_answer_in_its_form():
    cited, reader = read("USE: 1, 3\nThe mill closed in 1987. [1]\nA ferry sails daily. [3]\n")
    assert cited == [("The mill closed in 1987.", (1,)), ("A ferry sails daily.", (3,))]
    assert (reader.declined, reader.unknown) == (False, 0)


@pytest.mark.parametrize("text", ["NONE", "NONE\n", " NONE.", "NONE\nThe mill closed. [1]\n"])
def test_none_is_no_answer(text):
    cited, reader = read(text)
    assert (cited, reader.declined) == ([], True)


def test_none_as_a_word_of_a_sentence_does_not_decline():
    cited, reader = read("None of the mills closed. [1]\n")
    assert (cited, reader.declined) == ([("None of the mills closed.", (1,))], False)


@pytest.mark.parametrize(
    ("text", "expected", "unknown"),
    [
        ("USE: 1\nThe mill closed. [2]\n", [("The mill closed.", ())], 1),  # not among the chosen
        ("USE: 1\nThe mill closed. [9]\n", [("The mill closed.", ())], 1),  # not among the given
        ("USE: 1, 9\nThe mill closed. [1]\n", [("The mill closed.", (1,))], 1),
        ("USE: 9\nThe mill closed. [2]\n", [("The mill closed.", (2,))], 1),  # a list without a number is none
    ],
)
def test_numbers_outside_the_list_are_removed_and_counted(text, expected, unknown):
    cited, reader = read(text)
    assert (cited, reader.unknown) == (expected, unknown)


def test_without_a_list_or_lines_the_numbers_still_count():
    cited, _ = read("The mill closed in 1987 [1]. A ferry sails daily. [2]")
    assert cited == [("The mill closed in 1987.", (1,)), ("A ferry sails daily.", (2,))]


def test_sentences_before_a_number_belong_to_it_up_to_the_line():
    cited, _ = read("USE: 1, 2\nThe mill closed. It was old. [1]\nNobody knows.\nA ferry sails. [2]\n")
    assert cited == [("The mill closed. It was old.", (1,)), ("Nobody knows.", ()), ("A ferry sails.", (2,))]


def test_a_sentence_that_was_cut_off_is_left_out():
    cited, _ = read("USE: 1\nThe mill closed. [1]\nThe owner had sold it to the")
    assert cited == [("The mill closed.", (1,))]


def test_a_sentence_is_passed_on_when_its_line_is_complete():
    written = []

    def pieces():
        for piece in ("USE: 1\n", "The mill", " closed. [1]\n", "It was old. [1]\n"):
            written.append(piece)
            yield piece

    assert next(AnswerReader(1).sentences(pieces())).text == "The mill closed."
    assert len(written) == 3


@often
@given(
    text=st.lists(
        st.sampled_from(
            ["USE: ", "NONE", "1", "2", "9", ", ", "[1]", "[2, 9]", "[", "]", "\n", " The mill closed.", " x"]
        )
    ).map("".join),
    given=st.integers(1, 3),
    size=st.integers(1, 9),
)
def test_no_number_is_ever_invented_and_pieces_do_not_matter(text, given, size):
    cited, reader = read(text, given, size)
    assert all(1 <= number <= given for _, numbers in cited for number in numbers)
    assert all(sentence for sentence, _ in cited)
    whole, other = read(text, given, max(len(text), 1))
    assert (whole, other.unknown, other.declined) == (cited, reader.unknown, reader.declined)
