from datetime import date

import pytest

from rag.asked import analyse
from rag.offices import holder_spans, office_of

WHO = "Who is the mayor of Otaru?"


def holders(question, *said):
    rows = [one if isinstance(one, tuple) else (one, None) for one in said]
    spans = holder_spans(analyse(question), rows)
    return [text[slice(*span)] if span else None for (text, _), span in zip(rows, spans, strict=True)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The mayor of Otaru, Mari Sato, opened the fair.",
        "Mari Sato, mayor of Otaru, opened the fair.",
        "Otaru Mayor Mari Sato opened the fair.",
        "Otaru's new mayor, Mari Sato, opened the fair.",
        "Mari Sato, who became mayor of Otaru in May, opened the fair.",
        "Mari Sato is the mayor of Otaru.",
        "The fair was opened by Mayor Mari Sato.",
        "First, Mayor Mari Sato opened the fair.",
        "On Tuesday Mayor Mari Sato opened the fair.",
    ],
)
def test_the_holder_is_read_from_the_words_around_the_name(sentence):
    assert holders(WHO, sentence) == ["Mari Sato"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Mari Sato, deputy mayor of Otaru, opened the fair.",
        "Former mayor Mari Sato opened the fair.",
        "The mayor's spokesman Ken Ito opened the fair.",
        "Nemuro Mayor Mari Sato opened the fair.",
        "Mari Sato, mayor of Nemuro, opened the fair.",
        "Mari Sato met the press while the mayor of Otaru was away.",
        "Ken Ito was mayor of Otaru until May.",
        "The mayor of Otaru opened the fair.",
        "In Nemuro, Mayor Mari Sato opened the fair.",
        "Mari Sato, later mayor of Otaru, opened the fair.",
    ],
)
def test_somebody_else_is_no_holder(sentence):
    assert holders(WHO, sentence) == [None]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("The harbour board refused the ferry to Lismoyle, its chair Mari Sato said.", "Mari Sato"),
        ("The harbour board refused it, its new chair, Mari Sato, told us.", "Mari Sato"),
        ("Mari Sato has led the harbour board since 2017.", "Mari Sato"),
        ("Norrick Lines left for Lismoyle, its director Mari Sato said.", None),
        ("Mari Sato has led the brass band since 2017.", None),
        ("Mari Sato leads the opposition to the harbour board.", None),
        ("Mari Sato led the harbour board until last week.", None),
        ("Mari Sato heads to the harbour board on Friday.", None),
        ("Mari Sato leads the harbour board's new committee.", None),
    ],
)
def test_whose_chair_it_is_may_be_told_before_or_by_what_the_chair_leads(sentence, found):
    assert holders("Who is the chair of the harbour board?", (sentence, date(2025, 3, 14))) == [found]


def test_the_ground_of_what_is_told_may_be_old():
    said = "The harbour board refused it, its chair Mari Sato said, because of the rules of 2001."
    assert holders("Who is the chair of the harbour board?", (said, date(2025, 3, 14))) == ["Mari Sato"]
    left = "The chair of the harbour board, Mari Sato, resigned because of a scandal in 1998."
    assert holders("Who is the chair of the harbour board?", (left, date(2025, 3, 14))) == [None]
    then = "In 2001 the harbour board refused it, its chair Mari Sato said."
    assert holders("Who is the chair of the harbour board?", (then, date(2025, 3, 14))) == [None]


def test_one_who_holds_another_places_office_does_not_hold_this_one_where_no_place_is_named():
    said = ("Ambassador Muto spoke of talks.", "Akira Muto, the Japanese ambassador in Moscow, spoke of talks.")
    assert holders("Who is the Russian ambassador in Tokyo?", *said) == [None, None]
    assert holders("Who is the Japanese ambassador in Moscow?", *said) == ["Muto", "Akira Muto"]


def test_a_state_and_its_adjective_are_one_place():
    said = "Japanese Prime Minister Mari Sato told parliament."
    assert holders("Who is the prime minister of Japan?", said) == ["Mari Sato"]
    assert holders("who is japan's pm right now", said) == ["Mari Sato"]
    assert holders("Who is the prime minister of Russia?", said) == [None]


def test_was_tells_of_an_earlier_time_in_a_document_of_the_time_that_is_asked_about():
    said = ("Ken Ito was foreign minister for years.", date(2024, 1, 31))
    assert holders("Who was foreign minister in January 2024?", said) == [None]
    assert holders("Who was foreign minister?", said) == ["Ken Ito"]


def test_an_office_is_the_same_in_either_spelling():
    said = "Defense Minister Leo Holm met the press."
    assert holders("Who is Norland's defence minister?", said) == ["Leo Holm"]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Who is the spokesperson of the port?", "Port spokeswoman Mari Sato opened the fair."),
        ("who speaks for the port", "Mari Sato, a spokesman for the port, opened the fair."),
        ("Who chairs the harbour board?", "Harbor board chairman Mari Sato opened the fair."),
        ("Who is the chair of the board?", "Mari Sato, chairwoman of the board, opened the fair."),
        (
            "Who speaks for the Norland foreign ministry?",
            "Foreign Ministry spokeswoman Mari Sato opened the fair.",
        ),
    ],
)
def test_an_office_is_the_same_whoever_holds_it(question, sentence):
    assert holders(question, sentence) == ["Mari Sato"]


def test_a_predecessor_holds_nothing_in_the_sentence_that_says_so():
    said = "Mari Sato, who replaced Prime Minister Ken Ito in May, told parliament."
    assert holders("Who is the prime minister?", said) == [None]


def test_a_former_holder_may_be_asked_for():
    assert holders("Who was the former mayor of Otaru?", "Former Otaru mayor Ken Ito spoke.") == ["Ken Ito"]


@pytest.mark.parametrize(
    "question",
    [
        "Who said that?",
        "Who opened the fair?",
        "When is the fair?",
        "Who is Ito?",
        'Who is the director of "The Lighthouse"?',
    ],
)
def test_other_questions_ask_for_no_office(question):
    assert office_of(analyse(question)) is None


def test_who_held_an_office_in_a_year_long_past_does_not_hold_it_now():
    day = date(2025, 11, 20)
    old = "Prime Minister Ichiro Hatoyama signed the declaration in 1956."
    assert holder_spans(analyse("Who is the prime minister of Japan?"), [(old, day)]) == [None]
    assert holder_spans(analyse("Who was the prime minister of Japan in 1956?"), [(old, day)]) != [None]
    still = "Mayor Ann Ito, who has led the town since 1999, opened the pier."
    assert holder_spans(analyse("Who is the mayor?"), [(still, day)]) == [(6, 13)]


def test_who_held_an_office_long_before_the_day_asked_about_did_not_hold_it_then():
    day = date(2025, 11, 20)
    old = "Prime Minister Ichiro Hatoyama signed the declaration in 1956."
    assert holder_spans(analyse("Who was the prime minister of Japan in January 2025?"), [(old, day)]) == [None]


@pytest.mark.parametrize("dateline", ["TOKYO/SAPPORO - ", "Otaru – ", "Nemuro — "])
def test_the_place_a_report_comes_from_is_not_that_of_the_office(dateline):
    said = f"{dateline}Foreign Minister Mari Sato wants the graves to be visited."
    assert holders("Who is the foreign minister of Japan?", said) == ["Mari Sato"]


@pytest.mark.parametrize(
    ("question", "day", "sentence"),
    [
        (2011, date(2011, 3, 5), "Mari Sato became mayor of Otaru in May 2008."),
        (2024, date(2024, 3, 5), "The mayor of Otaru, Mari Sato, opened the pier, built in 1956."),
        (2018, date(2025, 3, 5), "Mari Sato, elected mayor of Otaru in 2012, resigned in 2020."),
    ],
)
def test_an_old_year_in_a_sentence_does_not_end_an_office(question, day, sentence):
    (span,) = holder_spans(analyse(f"Who was the mayor of Otaru in {question}?"), [(sentence, day)])
    assert span is not None


@pytest.mark.parametrize(
    "sentence",
    [
        "Mari Sato leads a war against Norland.",
        "Mari Sato heads to Norland on Friday.",
        "Mari Sato leads Norland's delegation to the talks.",
    ],
)
def test_who_leads_something_else_is_not_its_president(sentence):
    assert holders("Who is the president of Norland?", sentence) == [None]
    assert holders("Who is the president of Norland?", "Mari Sato leads Norland.") == ["Mari Sato"]
    assert holders("Who is the vice president of Norland?", "Mari Sato leads Norland.") == [None]


@pytest.mark.parametrize(
    ("question", "sentence", "name"),
    [
        (
            "Who is the minister of sport?",
            "Minister of Sport Camille Ito said the state gives nothing.",
            "Camille Ito",
        ),
        ("Who is the sport minister?", "Minister for Sport Camille Ito said so.", "Camille Ito"),
        (
            "Who is the foreign minister of Utopia?",
            "Utopia's Minister of Foreign Affairs Ann Lee left.",
            "Ann Lee",
        ),
        (
            "Who is the foreign minister of Utopia?",
            "The Minister of Foreign Affairs of Utopia, Ann Lee, left.",
            "Ann Lee",
        ),
        ("Who is the secretary of state?", "Secretary of State Ann Lee landed in Otaru.", "Ann Lee"),
        ("Who is the secretary of the club?", "The secretary of the club, Ann Lee, said so.", "Ann Lee"),
        ("Who is the minister of the interior?", "Interior Minister Ann Lee said so.", "Ann Lee"),
        ("Who is the minister of the interior?", "Ann Lee, minister of the interior, said so.", "Ann Lee"),
        ("Who is the minister for public health?", "The public health minister, Ann Lee, left.", "Ann Lee"),
        ("Who is the minister of finance?", "Minister of Finance Juan Carlos Lopez left.", "Juan Carlos Lopez"),
        ("Who is the president of Utopia?", "President of Utopia Ann Lee received them.", "Ann Lee"),
        (
            "Who is the chief executive?",
            "Dana Ito, until now its finance director, takes over as chief executive.",
            "Dana Ito",
        ),
        ("Who is the mayor?", "Dana Ito, a baker, became mayor in May.", "Dana Ito"),
        ("Who is the treasurer?", "Treasurer is now Ole Ito; Carla Ito no longer stands.", "Ole Ito"),
        ("Who is the chair?", "Chair: Dana Ito.", "Dana Ito"),
    ],
)
def test_what_an_office_is_of_may_stand_between_it_and_the_name(question, sentence, name):
    assert holders(question, sentence) == [name]


@pytest.mark.parametrize(
    "sentence",
    [
        "The President of South Utopia received them.",
        "Dana Ito, who was passed over as chief executive, has left.",
        "Minister of Health Camille Ito said so.",
    ],
)
def test_what_an_office_is_of_is_not_its_holder(sentence):
    asked = ("Who is the president of Utopia?", "Who is the chief executive?", "Who is the minister of sport?")
    assert [holders(question, sentence) for question in asked] == [[None]] * 3


def test_who_meets_a_holder_owns_no_office():
    said = "Trade minister Cecilie Ito met mayor Ann Lee on Monday."
    assert holders("Who is the mayor of Otaru?", said) == ["Ann Lee"]
    for other in (
        "They met the Leeds mayor Ann Lee.",
        "Leeds city mayor Ann Lee spoke.",
        "She worked as mayor for Ann Lee.",
        "It was told by the mayor of Ann Lee's village.",
        "The Otaru mayor: Ann Lee has lied to us.",
    ):
        assert holders("Who is the mayor of Otaru?", other) == [None]
    assert holders("Who is the president of Utopia?", "French interim president Ann Lee spoke.") == [None]
