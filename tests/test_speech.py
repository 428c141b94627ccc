"""Who says what: each way of reporting speech, on sentences made for it."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.speech import attributions, speakers_in
from index.speech_units import units
from rag.types import Attribution

often = settings(derandomize=True, max_examples=150, deadline=None)


def said(text: str) -> list[tuple[str, str, str]]:
    return [(one.speaker, one.cue, text[one.start : one.end]) for one in attributions(text)]


def only(text: str) -> Attribution:
    found = attributions(text)
    assert len(found) == 1, said(text)
    return found[0]


@pytest.mark.parametrize(
    ("text", "speaker", "cue", "content"),
    [
        ("Ann Berg said that the bridge is safe.", "Ann Berg", "said", "the bridge is safe"),
        ("Ann Berg said the bridge is safe.", "Ann Berg", "said", "the bridge is safe"),
        ("The bridge is safe, Ann Berg said.", "Ann Berg", "said", "The bridge is safe"),
        ("The bridge is safe, said Ann Berg.", "Ann Berg", "said", "The bridge is safe"),
        ('"The bridge is safe," said Ann Berg.', "Ann Berg", "said", "The bridge is safe,"),
        ('"The bridge is safe," Ann Berg said on Friday.', "Ann Berg", "said", "The bridge is safe,"),
        ('"Is the bridge safe?" Ann Berg asked.', "Ann Berg", "asked", "Is the bridge safe?"),
        ('Ann Berg said: "The bridge is safe."', "Ann Berg", "said", "The bridge is safe."),
        ('Ann Berg said, "The bridge is safe."', "Ann Berg", "said", "The bridge is safe."),
        ("Ann Berg told the Harbor Gazette that the bridge is safe.", "Ann Berg", "told", "the bridge is safe"),
        ("Ann Berg told reporters on Friday the bridge is safe.", "Ann Berg", "told", "the bridge is safe"),
        ("The bridge is safe, Ann Berg told the Gazette.", "Ann Berg", "told", "The bridge is safe"),
        ("Ann Berg said in a statement on Friday that it is safe.", "Ann Berg", "said", "it is safe"),
        ("Ann Berg on Friday said that it is safe.", "Ann Berg", "said", "it is safe"),
        ("In Oslo, Ann Berg said the bridge is safe.", "Ann Berg", "said", "the bridge is safe"),
        ("On Friday Ann Berg said the bridge is safe.", "Ann Berg", "said", "the bridge is safe"),
        ("According to Ann Berg, the bridge is safe.", "Ann Berg", "According to", "the bridge is safe"),
        ("The bridge is safe, according to Ann Berg.", "Ann Berg", "according to", "The bridge is safe"),
        ("As Ann Berg said, the bridge is safe.", "Ann Berg", "said", "the bridge is safe"),
        ("The bridge is safe, as Ann Berg noted.", "Ann Berg", "noted", "The bridge is safe"),
        ("Ann Berg denied that the bridge is closed.", "Ann Berg", "denied", "the bridge is closed"),
        ("Ann Berg rejected the report on the bridge.", "Ann Berg", "rejected", "the report on the bridge"),
        ("Ann Berg called the bridge a gift.", "Ann Berg", "called", "the bridge a gift"),
        ("Ann Berg believes that the bridge is safe.", "Ann Berg", "believes", "the bridge is safe"),
        ("The Kremlin said the bridge is safe.", "Kremlin", "said", "the bridge is safe"),
        ("Tokyo argues that the bridge is safe.", "Tokyo", "argues", "the bridge is safe"),
        ("The Transport Ministry said the bridge is safe.", "Transport Ministry", "said", "the bridge is safe"),
        ("Organizers say the bridge is safe.", "Organizers", "say", "the bridge is safe"),
        ("Harbor officials warned that the bridge is weak.", "Harbor officials", "warned", "the bridge is weak"),
        ("A survey found that most walk.", "A survey", "found", "most walk"),
        ("While Bo Lind, 71, who fishes, said that it is safe.", "Bo Lind", "said", "it is safe"),
        ("A witness who asked not to be named said it is safe.", "A witness", "said", "it is safe"),
        ("A woman who had asked to remain anonymous said it is safe.", "A woman", "said", "it is safe"),
        ("Bo Lind went on to say that it is safe.", "Bo Lind", "say", "it is safe"),
    ],
)
def test_each_word_order_of_english(text, speaker, cue, content):
    one = only(text)
    assert (one.speaker, one.cue, text[one.start : one.end]) == (speaker, cue, content)
    assert text[one.cue_start : one.cue_end] == cue


@pytest.mark.parametrize(
    ("text", "speaker", "cue", "content"),
    [
        ("Анна Берг заявила, что мост цел.", "Анна Берг", "заявила", "мост цел"),
        ("Мост цел, сообщила Анна Берг.", "Анна Берг", "сообщила", "Мост цел"),
        ("«Мост цел», — сказала Анна Берг.", "Анна Берг", "сказала", "Мост цел"),
        ("— Мост цел, — сказала Анна Берг.", "Анна Берг", "сказала", "Мост цел,"),
        ("Анна Берг сказала: «Мост цел».", "Анна Берг", "сказала", "Мост цел"),
        ("По словам Анны Берг, мост цел.", "Анны Берг", "По словам", "мост цел"),
        ("Мост цел, как отметил Иван Петров.", "Иван Петров", "отметил", "Мост цел"),
        ("МИД России объявил, что мост цел.", "МИД России", "объявил", "мост цел"),
    ],
)
def test_each_word_order_of_russian(text, speaker, cue, content):
    one = only(text)
    assert (one.speaker, one.cue, text[one.start : one.end]) == (speaker, cue, content)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge is safe.",
        "It was said that the bridge is safe.",
        "The bridge is said to be safe.",
        "Ann Berg did not say whether the bridge is safe.",
        "Ann Berg has never said that the bridge is safe.",
        "Ann Berg never said that the bridge is safe.",
        "Ann Berg will say that the bridge is safe.",
        "Ann Berg wants peace.",
        "The claims of the harbor were small.",
        "A man called Bo Lind crossed the bridge.",
        "The council called off the vote.",
        "Bo Lind continued to Oslo.",
        "Nobody in Oslo said that the bridge is safe.",
        "The Long Road To The Harbor Says Nothing New.",
        "Source: a friend of the harbor.",
        "- Share this page - Reported by our staff",
        "",
        '"',
        "— ",
    ],
)
def test_nobody_speaks_where_it_is_not_said(text):
    assert said(text) in ([], [("Ann Berg", "wants", "peace")])


def test_a_quotation_stands_verbatim_and_without_its_marks():
    one = only('"The bridge is safe," said Ann Berg, the harbor master.')
    assert one.verbatim
    assert not only("Ann Berg said the bridge is safe.").verbatim
    assert not only('Ann Berg said it was "a door, and a hand on each side of it".').verbatim


def test_a_split_quotation_has_two_parts_and_one_speaker():
    text = '"The bridge," Ann Berg said, "is safe for all."'
    first, second = attributions(text)
    assert (text[first.start : first.end], text[second.start : second.end]) == ("The bridge,", "is safe for all.")
    assert (first.cue_start, first.speaker) == (second.cue_start, second.speaker)


def test_a_quotation_goes_on_in_the_next_sentence_and_paragraph():
    text = '"We walk," said Ann Berg. "We count the steps."\n\n"We do not swim."'
    assert [(name, words) for name, _, words in said(text)] == [
        ("Ann Berg", "We walk,"),
        ("Ann Berg", "We count the steps."),
        ("Ann Berg", "We do not swim."),
    ]


def test_a_quotation_over_two_paragraphs_needs_no_mark_between():
    text = 'Ann Berg said: "We walk on.\n\n"We do not swim."'
    assert [name for name, *_ in said(text)] == ["Ann Berg", "Ann Berg"]


def test_a_quotation_is_not_given_to_whoever_stands_near():
    text = 'Ann Berg met Bo Lind.\n\n"We walk."\n\nIt rained.'
    assert said(text) == []


def test_in_a_dialogue_the_speakers_take_turns():
    text = "— We walk, — said Ann Berg. — It is late.\n— It is not late at all.\n"
    assert [(name, words) for name, _, words in said(text)] == [
        ("Ann Berg", "We walk,"),
        ("Ann Berg", "It is late."),
    ]


def test_another_dash_is_another_speaker():
    text = '— We walk," said Ann Berg.\n— It is not late at all."'
    assert [(name, words) for name, _, words in said(text)] == [("Ann Berg", "We walk,")]


def test_a_dash_that_is_closed_by_a_mark_is_a_quotation():
    text = '— Such words can be welcomed. We want peace," said Ann Berg, the press secretary of the harbor.'
    one = only(text)
    assert (one.speaker, one.role, one.verbatim) == ("Ann Berg", "press secretary of the harbor", True)
    assert text[one.start : one.end] == "Such words can be welcomed. We want peace,"


@pytest.mark.parametrize(
    ("text", "speaker", "role"),
    [
        (
            "Bo Lind, Norway's deputy foreign minister, said it is safe.",
            "Bo Lind",
            "Norway's deputy foreign minister",
        ),
        (
            "Norway's Deputy Foreign Minister Bo Lind said it is safe.",
            "Bo Lind",
            "Norway's Deputy Foreign Minister",
        ),
        ("Harbor spokesman Bo Lind said it is safe.", "Bo Lind", "Harbor spokesman"),
        ("A harbor official in Oslo, Bo Lind, said it is safe.", "Bo Lind", "harbor official in Oslo"),
        ('"It is safe," said Bo Lind, a researcher at the institute.', "Bo Lind", "researcher at the institute"),
        ('"It is safe," said the owner, Bo Lind.', "Bo Lind", "owner"),
        ("Its owner, architect Bo Lind, said it is safe.", "Bo Lind", "owner"),
        ("Shop steward Bo Lind said it is safe.", "Bo Lind", "Shop steward"),
        ("Bo Lind said it is safe.", "Bo Lind", None),
        ("Mr. Lind said it is safe.", "Lind", None),
    ],
)
def test_the_role_is_what_stands_beside_the_name(text, speaker, role):
    one = only(text)
    assert (one.speaker, one.role) == (speaker, role)


def test_a_surname_a_pronoun_and_a_role_stand_for_the_full_name():
    text = (
        "Harbor diplomat Bo Lind met the press. Lind said that the bridge is safe.\n\n"
        'He added that it is new. "We walk," the diplomat said.'
    )
    found = attributions(text)
    assert [one.speaker for one in found] == ["Bo Lind"] * 3
    assert [text[one.speaker_start : one.speaker_end] for one in found] == ["Lind", "He", "the diplomat"]
    assert {one.role for one in found} == {"Harbor diplomat"}


def test_a_pronoun_agrees_with_the_name():
    text = "Ivan Smirnov went home. Maria Orlova met Ivan Smirnov. He said that it is late."
    assert only(text).speaker == "Ivan Smirnov"


@pytest.mark.parametrize(
    ("opening", "speaker"),
    [
        ("Mrs Amsel disagrees: she thinks that a traffic light is safer.", "Amsel"),
        ("Jelena Brandt disagrees: she thinks that a traffic light is safer.", "Jelena Brandt"),
        ("The light will do, she says.", "Ann Farkas"),
        ("Tokyo waits, and she says that the light will do.", "Ann Farkas"),
        ("Parents fear this, but she says that the light will do.", "Ann Farkas"),
        ("Kim Lind met Ann Farkas: she thinks that the light will do.", "Ann Farkas"),
        ("Mr Teague waits, and she says that the light will do.", "Ann Farkas"),
    ],
)
def test_a_pronoun_is_whom_its_own_sentence_opens_with(opening, speaker):
    text = f"Ann Farkas explained that the guard is dear. {opening}"
    assert [one.speaker for one in attributions(text)][1] == speaker


def test_they_are_the_officials_of_the_sentence_before():
    assert (
        only("Norwegian officials closed the bridge. They argued that it is weak.").speaker
        == "Norwegian officials"
    )


def test_a_short_name_of_a_body_stands_for_the_long_one():
    text = "The Norwegian Transport Ministry closed it. The ministry said that it is weak."
    assert only(text).speaker == "Norwegian Transport Ministry"


def test_two_people_of_one_name_stay_apart():
    text = "Ann Berg and Bo Berg came. Berg said that it is late."
    assert only(text).speaker == "Berg"


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("He said that it is late.", "He"),
        ("The diplomat said that it is late.", "The diplomat"),
        ("Bo Lind left.\n\nRain.\n\nSnow.\n\nHail.\n\nShe said that it is late.", "She"),
    ],
)
def test_where_nobody_fits_the_words_stay(text, speaker):
    assert only(text).speaker == speaker


def test_it_that_says_is_nobody():
    assert said("It suggests that the bridge is weak.") == []


def test_one_sentence_may_hold_several_acts_of_speech():
    text = "Ann Berg said that the bridge is safe, and added that it is new, but Bo Lind denied that it opens."
    assert said(text) == [
        ("Ann Berg", "said", "the bridge is safe"),
        ("Ann Berg", "added", "it is new"),
        ("Bo Lind", "denied", "it opens"),
    ]
    text = "Ann Berg said the bridge is safe, adding that it is new."
    assert said(text)[1] == ("Ann Berg", "adding", "it is new")


def test_what_a_source_reports_of_others_stays_with_the_source():
    assert said("Ann Berg said that Bo Lind thinks that it is late.") == [
        ("Ann Berg", "said", "Bo Lind thinks that it is late")
    ]
    assert said("Bo Lind wants the harbor closed, a spokesman said.") == [
        ("a spokesman", "said", "Bo Lind wants the harbor closed")
    ]


def test_a_dateline_is_not_said():
    text = "OSLO, July 15 (Wire) The bridge is safe, Ann Berg said."
    assert said(text) == [("Ann Berg", "said", "The bridge is safe")]


def test_a_headline_with_a_colon_speaks_for_a_person_of_the_text():
    text = "Berg: the bridge stays\n\nAnn Berg met the press."
    assert said(text) == [("Ann Berg", ":", "the bridge stays")]
    assert said("Harbor: the bridge stays\n\nAnn Berg met the press.") == []


def test_speakers_of_a_passage():
    text = 'Ann Berg said it is safe. Ann Berg said it is new. "We walk," said Bo Lind.'
    found = attributions(text)
    cut = text.index('"')
    assert [one.speaker for one in speakers_in((0, cut), found)] == ["Ann Berg"]
    assert [one.speaker for one in speakers_in((0, len(text)), found)] == ["Ann Berg", "Bo Lind"]
    assert speakers_in((cut, len(text)), found)[0].cue == "said"
    assert speakers_in((0, 3), found) == []


WORDS = """
Ann Berg said told that she he the minister of a and but not will — – - : ; , . ? " “ ” « » ( ) '' according to who
adding Oslo сказал заявила что по словам его Анна Иванова safe walked 2016 U.S. Mr. it's Berg’s é
""".split()
pieces = st.lists(st.sampled_from([*WORDS, "\n", "\n\n", "\u2028"]), max_size=40).map(" ".join)


@often
@given(pieces)
def test_any_text_gives_spans_inside_it(text):
    for one in attributions(text):
        assert 0 <= one.start < one.end <= len(text)
        assert 0 <= one.speaker_start < one.speaker_end <= len(text)
        assert text[one.cue_start : one.cue_end] == one.cue
        assert one.speaker.strip()


@often
@given(pieces)
def test_units_are_in_order_and_lose_no_word(text):
    found = units(text)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    outside = text
    for one in reversed(found):
        outside = outside[: one.start] + outside[one.end :]
        assert len(one.kinds) == len(one.tokens)
    assert not any(letter.isalnum() for letter in outside)


@pytest.mark.parametrize(
    "piece",
    ["Smith ", "Smith, ", "said ", "Smith said, ", '"', "“", '" ', "— a, ", "of the man ", "(", '"a\n', "''", "1,",
     "по словам ", "Smith and ", "saying, ", "Ann Smith said that she is late. ", "The Bo Ministry said it is. "],
)  # fmt: skip
def test_time_grows_with_the_text_and_not_faster(piece):
    text = (piece * 200_000)[:200_000]
    started = time.perf_counter()
    attributions(text)
    # Measured at 0.1 to 1.4 s; quadratic work would take minutes.
    assert time.perf_counter() - started < 30
