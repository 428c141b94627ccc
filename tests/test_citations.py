import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.citations import Cited, parse_sentence, stream_sentences

often = settings(derandomize=True, max_examples=200, deadline=None)

written = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                "The mill closed",
                "It burned",
                "an owner",
                ".",
                ". ",
                "? ",
                " ",
                "\n",
                "[1]",
                " [2]",
                "[1, 2]",
                "[passage 2]",
                "[source 1 and 2]",
                "(1)",
                "(2024)",
                "(see",
                "[",
                "[99]",
                "Mr. ",
                '"',
                "。",
                "5",
                ")",
                "]",
                "Answer: ",
                "1. ",
            ]
        ),
        max_size=14,
    ).map("".join),
)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The mill closed [1].", Cited("The mill closed.", (1,), 0)),
        ("The mill closed. [1][2]", Cited("The mill closed.", (1, 2), 0)),
        ("The mill closed. [1, 2]", Cited("The mill closed.", (1, 2), 0)),
        ("The mill closed. [2; 1]", Cited("The mill closed.", (2, 1), 0)),
        ("The mill closed. [1 and 3]", Cited("The mill closed.", (1, 3), 0)),
        ("The mill closed [2], [2].", Cited("The mill closed,.", (2,), 0)),
        ("The mill closed [passage 2].", Cited("The mill closed.", (2,), 0)),
        ("The mill closed [Source 1].", Cited("The mill closed.", (1,), 0)),
        ("The mill closed (1).", Cited("The mill closed.", (1,), 0)),
        ("The mill closed (2024).", Cited("The mill closed (2024).", (), 0)),
        ("The mill closed (12).", Cited("The mill closed (12).", (), 0)),
        ("The mill closed [2024].", Cited("The mill closed [2024].", (), 0)),
        ("The mill closed [9][0][1].", Cited("The mill closed.", (1,), 2)),
        ("Answer: The mill closed.", Cited("The mill closed.", (), 0)),
        ("A: The mill closed.", Cited("The mill closed.", (), 0)),
        ("The mill closed. [1", Cited("The mill closed.", (), 0)),
        ("[1]", Cited("", (1,), 0)),
    ],
)
def test_parse_sentence(sentence, expected):
    assert parse_sentence(sentence, given=3) == expected


@often
@given(written, st.integers(0, 5))
def test_numbers_name_only_given_passages(text, given):
    for sentence in stream_sentences([text]):
        cited = parse_sentence(sentence, given)
        assert all(1 <= number <= given for number in cited.numbers)
        assert len(set(cited.numbers)) == len(cited.numbers)
        assert cited.unknown >= 0


def test_marks_stay_with_their_sentence():
    text = "The mill closed. [1] [2]. Mr. Ito owned it.[passage 2] It burned [3]. Nobody came. (1)"
    parsed = [parse_sentence(sentence, 3) for sentence in stream_sentences([text])]
    assert [(cited.text.rstrip(" ."), cited.numbers) for cited in parsed] == [
        ("The mill closed", (1, 2)),
        ("Mr. Ito owned it", (2,)),
        ("It burned", (3,)),
        ("Nobody came", (1,)),
    ]


def test_a_sentence_comes_before_the_next_one_ends():
    arrived = []

    def pieces():
        for piece in ("The mill closed. ", "[1] ", "It"):
            arrived.append(piece)
            yield piece
        raise AssertionError("the first sentence should have come by now")

    assert next(stream_sentences(pieces())).strip() == "The mill closed. [1]"
    assert len(arrived) == 3


@often
@given(written, st.data())
def test_any_split_gives_the_same_sentences(text, data):
    whole = [sentence.strip() for sentence in stream_sentences([text])]
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    split = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert [sentence.strip() for sentence in stream_sentences(split)] == whole
    assert [sentence.strip() for sentence in stream_sentences(text)] == whole


@often
@given(written)
def test_no_word_or_number_is_lost(text):
    def kept(string):
        without_labels = re.sub(r"passages?|sources?|documents?|and", "", string, flags=re.IGNORECASE)
        return re.findall(r"\w", without_labels)

    assert kept("".join(stream_sentences([text]))) == kept(text)


def test_nothing_written_is_no_sentence():
    assert list(stream_sentences([])) == []
    assert list(stream_sentences(["", " \n"])) == []
