"""Whose words a quote is, and how an answer says so."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.speech import attributions
from rag.speakers import asks_for_speaker, attributed, balanced, names_speaker, speaker_of
from rag.text import sentences
from rag.types import Attribution, Speaker

ITO = Speaker("Ann Ito", "mayor of Otaru", "said", True)
TEXT = (
    "Mayor Ann Ito spoke on Monday. She said the port would stay open in winter. "
    '"We have clean water. And we have warm rooms," she told reporters. The port has 12 piers.'
)


def speakers(text):
    found = attributions(text)
    return [speaker_of(span, found) for span in sentences(text)]


def test_a_sentence_in_a_speech_has_its_speaker_and_the_text_s_own_has_none():
    names = [one.name if one else None for one in speakers(TEXT)]
    assert names[0] is None
    assert names[-1] is None
    assert set(names[1:-1]) == {"Ann Ito"}


def test_a_word_or_two_of_speech_do_not_make_a_sentence_somebody_s():
    found = [Attribution(0, 9, "Ann Ito", None, "called", True, 30, 37, 20, 26)]
    assert speaker_of((0, 100), found) is None
    assert speaker_of((0, 15), found).name == "Ann Ito"


def test_of_two_speakers_the_one_of_most_words_is_taken():
    one = Attribution(0, 30, "Ann Ito", None, "said", True, 100, 107, 110, 114)
    other = Attribution(30, 50, "Bo Li", None, "said", True, 120, 125, 130, 134)
    assert speaker_of((0, 50), [other, one]).name == "Ann Ito"


@pytest.mark.parametrize("name", ["he", "They", "who", "она", ""])
def test_a_pronoun_is_nobody(name):
    assert speaker_of((0, 20), [Attribution(0, 20, name, None, "said", True, 30, 37, 40, 44)]) is None


# How a sentence is given


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("Boats are late, Ito said.", "Boats are late, Ito said."),
        ('And we have warm rooms," she told reporters.', "Ann Ito, mayor of Otaru: “And we have warm rooms.”"),
        ('"We have clean water.', "Ann Ito, mayor of Otaru: “We have clean water.”"),
        ("“Is it warm?” she asked.", "Ann Ito, mayor of Otaru: “Is it warm?”"),
        ('"Boats," said the mayor, "are late."', 'Ann Ito, mayor of Otaru: "Boats," said the mayor, "are late."'),
    ],
)
def test_a_quoted_sentence_names_its_speaker(sentence, given):
    assert attributed(sentence, ITO) == given


def test_reported_words_stand_without_quotation_marks():
    reported = Speaker("Ann Ito", None, "said", False)
    assert attributed("The port would stay open in winter.", reported) == (
        "Ann Ito: The port would stay open in winter."
    )


def test_a_role_that_is_the_name_is_not_repeated():
    assert attributed("It is warm.", Speaker("the ministry", "the ministry", "said", False)).startswith(
        "the ministry: "
    )


def test_a_sentence_of_nobody_stays_but_for_lone_quotation_marks():
    assert attributed("The port has 12 piers.", None) == "The port has 12 piers."
    assert attributed('"The port has 12 piers.', None) == '"The port has 12 piers."'


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ('"We wait.', '"We wait."'),
        ('We wait," he said.', '"We wait," he said.'),
        ("“We wait.", "“We wait.”"),
        ("We wait,” he said.", "“We wait,” he said."),
        ("«Мы ждём.", "«Мы ждём.»"),
        ('"All" is "well".', '"All" is "well".'),
    ],
)
def test_a_lone_quotation_mark_gets_its_other_half(text, mended):
    assert balanced(text) == mended


@given(st.text(max_size=80))
def test_no_text_breaks_it_and_its_words_stay(text):
    for speaker in (None, ITO, Speaker("x", "", "said", False)):
        assert isinstance(attributed(text, speaker), str)
    assert names_speaker(f"{text} Ito", ITO)


def test_a_long_hostile_text_takes_no_time():
    started = time.perf_counter()
    for text in ('" ' * 20_000, "who " * 20_000, '," he ' * 20_000):
        attributed(text, ITO)
        asks_for_speaker(text)
    assert time.perf_counter() - started < 5


# Who said it


@pytest.mark.parametrize(
    "question",
    [
        "Who said that the port stays open?",
        "which politician mocked the plan",
        "Who was it that called the plan unacceptable?",
        "According to whom is the water clean?",
        "Кто заявил, что порт открыт?",
        "По чьим словам вода чистая?",
    ],
)
def test_a_question_for_a_speaker_is_known(question):
    assert asks_for_speaker(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who owns the port?",
        "How many piers are there?",
        "Who is the mayor of Otaru?",
        "What did Ito say?",
        "Кто мэр?",
    ],
)
def test_another_question_is_not(question):
    assert not asks_for_speaker(question)
