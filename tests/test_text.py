import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text import clean, content_words, names, numbers, one_line, sentences, words

often = settings(derandomize=True, max_examples=200, deadline=None)

noisy = st.lists(
    st.sampled_from(
        [
            "He left.",
            " ",
            "\n",
            "\t",
            "Mr.",
            "U.S.",
            "3.5",
            "?!",
            '"',
            "”",
            "«",
            "—",
            "- ",
            "• ",
            "1. ",
            "。",
            "你好",
            "Он ушёл.",
            "г.",
            "J.",
            "(",
            ")",
            "[1]",
            "a",
            "B",
            "…",
            "\u2028",
            "\x1c",
            "\u00a0",
        ]
    ),
    max_size=30,
).map("".join)
any_text = st.one_of(st.text(), noisy)


def cut(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("\ufeffHello", "Hello"),
        ("pass\u200bword\u2060s", "passwords"),
        ("a\u202eb\u2066c\u2069d\u061ce", "abcde"),
        ("go\U000e0069\U000e0067 on", "go on"),
        ("co\u00adoperate", "cooperate"),
        ("a\x00b\x07c\x7fd\x9be", "a b c d e"),
        ("one\r\ntwo\rthree\x0cfour\u0085five\u2028six\u2029seven", "one\ntwo\nthree\nfour\nfive\nsix\nseven"),
        ("tab\tstays", "tab\tstays"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("12\u00a0000", "12 000"),
        ("broken\ud800half\udfff", "brokenhalf"),
        ("\U0001f600 stays", "\U0001f600 stays"),
    ],
)
def test_clean(raw, cleaned):
    assert clean(raw) == cleaned


@often
@given(st.text(st.characters(codec=None)))
def test_clean_text_is_stable_encodable_and_normal(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()
    assert not any(unicodedata.category(char) == "Cc" and char not in "\t\n" for char in cleaned)


def test_one_line():
    assert one_line(" a\n\n b\tc ") == "a b c"


@pytest.mark.parametrize(
    "expected",
    [
        ["He left.", "She stayed."],
        ["Mr. Smith met Dr. Jones.", "They spoke."],
        ["J. K. Rowling wrote it.", "It sold well."],
        ["The U.S. Senate voted.", "It passed."],
        ["Costs rose 3.5 percent to 1.2 million.", "Wages fell."],
        ["Really?!", "Yes."],
        ["Wait...", "What?"],
        ["“He left.”", "“She stayed,” he said."],
        ['"Stop!" she said.', "He ran."],
        ["It was so (they say.)", "Then it ended."],
        ["He asked why.", "— Because of rain.", "— I see."],
        ["Did I.", "Yes."],
        ["Он родился в 1950 г. в Москве.", "Потом он уехал."],
        ["Проект стоит 5 млн. руб. в год.", "Деньги есть."],
        ["你好。", "再见。"],
        ["It costs approx. 5 euros.", "Fine."],
        ["1. The mill closed.", "It burned."],
    ],
)
def test_sentences_of_a_line(expected):
    joiner = "" if "你好" in expected[0] else " "
    assert cut(joiner.join(expected)) == expected


def test_lines_are_sentences_of_their_own():
    text = "Budget passes\n\n- more schools\n• fewer roads\n  1. The mill closed.\nThe vote was close. It passed."
    assert cut(text) == [
        "Budget passes",
        "- more schools",
        "• fewer roads",
        "1. The mill closed.",
        "The vote was close.",
        "It passed.",
    ]


def test_lower_case_after_a_full_stop_goes_on():
    assert cut("The firm yahoo. com is old. Yes.") == ["The firm yahoo. com is old.", "Yes."]


@often
@given(any_text)
def test_sentence_spans_are_ordered_disjoint_and_lose_nothing(text):
    position = 0
    for start, end in sentences(text):
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


def test_words_keep_inner_marks():
    assert words("The U.S. co-op didn’t pay O'Neil_2 Ёлка.") == [
        "the",
        "u.s",
        "co-op",
        "didn’t",
        "pay",
        "o'neil",
        "2",
        "ёлка",
    ]


def test_content_words_drop_stop_words_and_possessives():
    assert content_words("Who signed the mayor's letter and Anna’s?") == ["signed", "mayor", "letter", "anna"]
    assert content_words("Кто подписал это письмо?") == ["подписал", "письмо"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,250.50 euros", {"1250.50"}),
        ("1,234,567 votes in 2024.", {"1234567", "2024"}),
        ("3.5, 4 and 5%", {"3.5", "4", "5"}),
        ("1,5 litres", {"1,5"}),
        ("none", set()),
    ],
)
def test_numbers(text, found):
    assert numbers(text) == found


def test_names_are_capitalised_words_inside_a_sentence():
    assert names("Yesterday Angela Merkel met Macron’s team. Nobody in Élysée knew of the école.") == {
        "angela",
        "merkel",
        "macron",
        "élysée",
    }
    assert names("Вчера Путин прилетел в Москву.") == {"путин", "москву"}
