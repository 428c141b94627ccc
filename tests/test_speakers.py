"""Whose words a quote is, and how an answer says so."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.speech import attributions
from rag.speakers import asks_for_speaker, attributed, balanced, introduced, speaker_of, told
from rag.text import sentences
from rag.types import Attribution, Quote, Source, Speaker
from rag.verify import supports

ITO = Speaker("Ann Ito", "mayor of Otaru", "said", True)
PORT = Source(1, ("port.txt",), (), "The port", None, None, None, None, ())
TEXT = (
    "Mayor Ann Ito spoke on Monday. She said the port would stay open in winter. "
    '"We have clean water. And we have warm rooms," she told reporters. The port has 12 piers.'
)


def speakers(text):
    found = attributions(text)
    return [speaker_of(span, found) for span in sentences(text)]


def quote_of(text, span, found):
    return Quote(0, PORT, 1, *span, None, text[slice(*span)], 0.5, speaker_of(span, found))


def bare_quote(text, speaker):
    return Quote(0, PORT, 1, 0, len(text), None, text, 0.5, speaker)


def given_sentences(text):
    """How an answer gives each sentence of a text whose speakers are read by the index."""
    found = attributions(text)
    return [attributed(quote_of(text, span, found)) for span in sentences(text)]


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


def test_pieces_around_a_tag_count_together():
    text = (
        '"The small boats are late again," said Ann Ito, who has been mayor for ten years, "and the crab is gone."'
    )
    speaker = speaker_of((0, len(text)), attributions(text))
    assert speaker.name == "Ann Ito"
    assert (speaker.attribution.start, speaker.attribution.end) == (1, len(text) - 1)


def test_a_name_does_not_follow_its_own_pronoun():
    text = "She smiled when the boats came, and she said that the port would stay open and the crab is back."
    cue, content = text.index("she said"), text.index("the port")
    found = Attribution(content, len(text) - 1, "Ann Ito", None, "said", False, cue, cue + 3, cue + 4, cue + 8)
    assert attributed(quote_of(text, (0, len(text)), [found])) == f"Ann Ito: {text}"


def test_somebody_without_a_name_is_kept():
    found = [Attribution(0, 20, "one official", None, "said", False, 30, 42, 43, 47)]
    assert speaker_of((0, 20), found).name == "one official"


@pytest.mark.parametrize("name", ["he", "They", "who", "она", ""])
def test_a_pronoun_is_nobody(name):
    assert speaker_of((0, 20), [Attribution(0, 20, name, None, "said", True, 30, 37, 40, 44)]) is None


# How a quote is given


INTRODUCTION = "Ann Ito, mayor of Otaru, spoke on Monday. "


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ('"Boats are late," Ito said.', '"Boats are late," Ito said.'),
        ('"We have clean water," she told reporters.', "Ann Ito, mayor of Otaru: “We have clean water.”"),
        ('"Is it warm?" she asked.', "Ann Ito, mayor of Otaru: “Is it warm?”"),
        ('She added: "We have warm rooms here."', "Ann Ito, mayor of Otaru: “We have warm rooms here.”"),
        (
            '"We have clean water and warm rooms," she said in a letter to Bo Li.',
            '"We have clean water and warm rooms," Ann Ito, mayor of Otaru, said in a letter to Bo Li.',
        ),
        (
            '"We have clean water and warm rooms," she said after another long day.',
            '"We have clean water and warm rooms," Ann Ito, mayor of Otaru, said after another long day.',
        ),
        (
            '"The Bo Ito boats are late," she said, "and the crab is gone."',
            '"The Bo Ito boats are late," Ann Ito, mayor of Otaru, said, "and the crab is gone."',
        ),
        (
            '"The boats are late," Ito said, "and the crab is gone."',
            '"The boats are late," Ito said, "and the crab is gone."',
        ),
        (
            "She agreed that boats are late, but she said the port would stay open.",
            "Ann Ito, mayor of Otaru, agreed that boats are late, but she said the port would stay open.",
        ),
        (
            '"It is ‘a choice, not an echo,’" she said.',
            "Ann Ito, mayor of Otaru: “It is ‘a choice, not an echo.’”",
        ),
        (
            'The plan is a danger to "our harbour and our boats," she warned.',
            'Ann Ito, mayor of Otaru: The plan is a danger to "our harbour and our boats."',
        ),
        (
            '"The boats," she said, "are late again this year."',
            '"The boats," Ann Ito, mayor of Otaru, said, "are late again this year."',
        ),
        (
            "She said the port would stay open in winter.",
            "Ann Ito, mayor of Otaru, said the port would stay open in winter.",
        ),
        ("The port would stay open, she said.", "Ann Ito, mayor of Otaru: The port would stay open."),
        ('"It is a ‘good’ «door»," she said.', "Ann Ito, mayor of Otaru: “It is a ‘good’ ‘door.’”"),
        ("''We have clean water,'' she said.", "Ann Ito, mayor of Otaru: “We have clean water.”"),
        ("The port has 12 piers.", "The port has 12 piers."),
    ],
)
def test_attributed_words_are_given_with_their_speaker(text, given):
    assert given_sentences(INTRODUCTION + text)[-1] == given


def test_a_speech_cut_into_sentences_leaves_no_mark_alone():
    assert given_sentences(INTRODUCTION + '"We wait. We have waited long. It is late," she said.')[1:] == [
        "Ann Ito, mayor of Otaru: “We wait.”",
        "Ann Ito, mayor of Otaru: “We have waited long.”",
        "Ann Ito, mayor of Otaru: “It is late.”",
    ]


def test_a_namesake_inside_the_speech_does_not_name_the_speaker():
    text = '"Bo Ito will win the vote," she said.'
    assert given_sentences(INTRODUCTION + text)[-1] == "Ann Ito, mayor of Otaru: “Bo Ito will win the vote.”"


def test_the_speaker_is_named_also_by_a_possessive_or_without_a_known_place():
    spoken = Speaker("Ann Ito", None, "said", False)
    assert attributed(bare_quote("In Ito’s view boats are late.", spoken)) == "In Ito’s view boats are late."
    assert attributed(bare_quote("The port stays open.", spoken)) == "Ann Ito: The port stays open."


def test_words_around_the_speech_are_never_put_into_the_mouth_of_the_speaker():
    text = 'After the storm of 2019, she said: "The boats are gone from the harbour."'
    given = given_sentences(INTRODUCTION + text)[-1]
    assert given == (
        'After the storm of 2019, Ann Ito, mayor of Otaru, said: "The boats are gone from the harbour."'
    )


@pytest.mark.parametrize(
    ("name", "role", "given"),
    [
        ("Ann Ito", None, "Ann Ito"),
        ("Ann Ito", "lawyer", "Ann Ito, lawyer"),
        ("Ann Ito", "US Treasury Secretary", "US Treasury Secretary Ann Ito"),
        ("Ann Ito", "former Ohio Gov.", "Former Ohio Gov. Ann Ito"),
        ("Ann Ito", "Democrat of Vermont", "Ann Ito, Democrat of Vermont"),
        ("Ann Ito", "head of a group that has followed every one of these cases for long", "Ann Ito"),
        ("two people in the trade", None, "Two people in the trade"),
        ("the ministry", "the ministry", "The ministry"),
        ("Ann Ito", "former mayor Bo Ito", "Ann Ito"),
    ],
)
def test_a_title_stands_before_the_name_and_an_office_behind_it(name, role, given):
    assert introduced(Speaker(name, role, "said", True)) == given


def test_a_title_inside_a_sentence_has_no_capital_of_its_own():
    text = 'Former senator Ann Ito spoke. Asked twice, she said: "The boats are gone from here for good."'
    assert ", former senator Ann Ito said:" in given_sentences(text)[-1]


@pytest.mark.parametrize(
    "text",
    [
        INTRODUCTION + '"We have clean water. And we have no warm rooms," she told reporters.',
        INTRODUCTION + "She said the port would not stay open in winter. It would close in May, she said.",
    ],
)
def test_what_is_given_passes_the_checks(text):
    found = attributions(text)
    quotes = [quote_of(text, span, found) for span in sentences(text)][1:]
    assert all(quote.speaker for quote in quotes)
    for quote in quotes:
        who = f"{quote.speaker.name} {quote.speaker.role or ''}"
        assert supports(attributed(quote), quote.text, header=who)
        assert not supports(attributed(quote), quote.text)


@given(st.text(alphabet="ab ,.?!\"“”«»'Ito\n", max_size=60))
def test_the_words_of_a_quote_stay_in_their_order(text):
    letters = "".join(filter(str.isalnum, text))
    for speaker in (None, ITO, Speaker("x", "", "said", False)):
        given = "".join(filter(str.isalnum, attributed(bare_quote(text, speaker))))
        assert given.endswith(letters)


def test_a_long_hostile_text_takes_no_time():
    started = time.perf_counter()
    for text in ('" ' * 20_000, "who " * 20_000, '," he ' * 20_000, "“«" * 20_000, "which a " * 10_000):
        found = [Attribution(0, len(text) // 2, "Ann Ito", None, "said", True, 5, 7, 8, 9)]
        attributed(quote_of(text, (0, len(text)), found))
        told(text, bare_quote(text, ITO))
        asks_for_speaker(text)
    assert time.perf_counter() - started < 5


# How a sentence that was written from a quote is given


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("The port has clean water.", "Ann Ito, mayor of Otaru: The port has clean water."),
        ("Ito said the port has clean water.", "Ito said the port has clean water."),
        ("According to Ann Ito, the water is clean.", "According to Ann Ito, the water is clean."),
        ("She says the water is clean.", "Ann Ito, mayor of Otaru, says the water is clean."),
        ("Ann Ito, 61, waits for the boats.", "Ann Ito, 61, waits for the boats."),
        ("Bo Ito wins the vote.", "Ann Ito, mayor of Otaru: Bo Ito wins the vote."),
    ],
)
def test_a_written_sentence_gets_its_speaker_and_no_quotation_marks(sentence, given):
    assert told(sentence, bare_quote("We have clean water.", ITO)) == given


def test_a_written_sentence_of_nobody_s_words_stays():
    assert told("The port has 12 piers.", bare_quote("The port has 12 piers.", None)) == "The port has 12 piers."


# Quotation marks


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ('"We wait.', '"We wait."'),
        ('We wait," he said.', '"We wait," he said.'),
        ('We wait," he said, "and hope."', '"We wait," he said, "and hope."'),
        ('We wait," he said, "and hope.', '"We wait," he said, "and hope."'),
        ("“We wait.", "“We wait.”"),
        ("We wait,” he said.", "“We wait,” he said."),
        ("«Мы ждём.", "«Мы ждём.»"),
        ("„Wir warten.“", "„Wir warten.“"),
        ("„Wir warten.", "„Wir warten.“"),
        ("He is 6'2\" tall.", "He is 6'2\" tall."),
        ("He calls it “late“ now.", "He calls it “late“ now."),
        ("''We wait.", '"We wait."'),
        ('"All" is "well".', '"All" is "well".'),
    ],
)
def test_a_lone_quotation_mark_gets_its_other_half(text, mended):
    assert balanced(text) == mended
    assert balanced(mended) == mended


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
        "Чьи это слова: «мы ждём»?",
        "which innkeeper says so",
        "Who in the ministry found it premature?",
        "Who has said that the port was called a ruin?",
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
        "Who did Ito call a liar?",
        "which newspaper did Ito talk to",
        "Which plan was praised in the town?",
        "Which team found the wreck?",
        "When did the man who warned of it die?",
        "How many who voted said no?",
        "Кто мэр?",
    ],
)
def test_another_question_is_not(question):
    assert not asks_for_speaker(question)
