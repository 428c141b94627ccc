"""Questions that are drafted by rule: what a sentence answers, and what the texts do not."""

import re

import pytest

from eval.gold import QuestionType
from eval.gold_near import Told, near_misses
from eval.gold_questions import Made, counts, dates, questions
from eval.gold_verbs import PASTS, PRESENTS


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        ("The pier was opened in 1961.", {"When was the pier opened?": "1961"}),
        ("The pier was opened in Otaru in 1961, late.", {"When was the pier opened in Otaru?": "1961"}),
        ("On 3 May 1961 the mayor opened the pier.", {"When did the mayor open the pier?": "3 May 1961"}),
        (
            "Mikhail Gorbachev came to Tokyo in April 1991, the first to do so.",
            {
                "When did Mikhail Gorbachev come to Tokyo?": "April 1991",
                "Who came to Tokyo in April 1991?": "Mikhail Gorbachev",
            },
        ),
        (
            "The lease began on 1 July 2021 and ends on 30 June 2026.",
            {"When did the lease begin?": "1 July 2021", "When does the lease end?": "30 June 2026"},
        ),
        (
            "The boathouse was built in 1907 and restored in 1994.",
            {"When was the boathouse built?": "1907", "When was the boathouse restored?": "1994"},
        ),
        ("The fee will rise to £40 on 1 May 2024.", {"When will the fee rise to £40?": "1 May 2024"}),
        ("Delivery is planned for 22 June 2023.", {"When is delivery planned?": "22 June 2023"}),
        ("The gate has been broken since May 2023.", {"Since when has the gate been broken?": "May 2023"}),
        ("The flue must be checked before March 2026.", {"By when must the flue be checked?": "March 2026"}),
        (
            "The train from Oslo leaves at 8:25 and arrives in Bergen at 14:57.",
            {
                "At what time does the train from Oslo leave?": "8:25",
                "At what time does the train from Oslo arrive in Bergen?": "14:57",
            },
        ),
        ("There are 52 graves on the hill, by one count.", {"How many graves on the hill are there?": "52"}),
        ("The firm has about 12 vans in Otaru.", {"How many vans does the firm have in Otaru?": "12"}),
        ("Ann said that the club has nine boats and a dog.", {"How many boats does the club have?": "nine"}),
        ("The firm sold 63 tours to Japan.", {"How many tours did the firm sell to Japan?": "63"}),
        (
            "Mitsui holds 12.5 percent of the project and Mitsubishi 10 percent.",
            {
                "What percentage of the project does Mitsui hold?": "12.5 percent",
                "Who holds 12.5 percent of the project?": "Mitsui",
            },
        ),
        ("A new pump costs £1,250, they say.", {"How much does a new pump cost?": "£1,250"}),
        ("Tickets cost 180 kroner for adults.", {"How much do tickets cost?": "180 kroner"}),
        ("The warranty lasts five years.", {"How long does the warranty last?": "five years"}),
        ("The monthly rent is 940 euros, payable by the fifth.", {"How much is the monthly rent?": "940 euros"}),
        ("The landlord is Ann Berg.", {"Who is the landlord?": "Ann Berg"}),
        ("Ann Berg was elected secretary.", {"Who was elected secretary?": "Ann Berg"}),
        ("The list of names was kept by Ann Berg.", {"Who was the list of names kept by?": "Ann Berg"}),
        ("The money is held at Northbank.", {"Where is the money held?": "Northbank"}),
        ("Present: Ann Berg (chair), Leo Ito (left).", {"Who is the chair?": "Ann Berg"}),
        (
            '"No," said Ann Berg, 86, who was born on Shikotan.',
            {"Who was born on Shikotan?": "Ann Berg", "How old is Ann Berg?": "86"},
        ),
        (
            "Ann Berg, a gas buyer for small towns, said no.",
            {"Who is a gas buyer for small towns?": "Ann Berg"},
        ),
        ("Leo Ito, the guide of the museum, will come.", {"Who is the guide of the museum?": "Leo Ito"}),
    ],
)  # fmt: skip
def test_a_sentence_gives_questions_that_it_answers(sentence, asked):
    made = list(questions(sentence))
    assert {one.question: one.answers[0] for one in made} == asked


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened in 1961.",  # what?
        "He came to Tokyo in April 1991.",
        "The notice was given last week.",
        "The man who left was seen in 1961.",
        "The mayor announced the decision.",  # which?
        "Ann Berg announced the decision.",
        "Russia expelled eight diplomats in the same month.",
        "1961 storms hit the coast.",
        "Fees rose 7 percent.",
        "Far Quay Radio, a network for small towns, said no.",
        "Ann Berg and Leo Ito, who say the pier is old, left.",
        "Kaigara Island, the nearest of the Habomai rocks, is small.",
        "Hartley Boilers said no.",
        "Then came the long winter of 1961.",
        "The heating was quabbled in 1961.",  # no verb that is known
    ],
)
def test_a_sentence_that_leans_on_something_gives_none(sentence):
    assert list(questions(sentence)) == []


def test_a_question_never_holds_its_answer():
    assert not list(questions("The Nine Club has nine boats."))


def test_dates_and_small_numbers_are_right_in_other_forms_too():
    assert dates("3 May 1961") == ("3 May 1961", "May 3, 1961", "1961-05-03")
    assert dates("May 3, 1961") == ("May 3, 1961", "3 May 1961", "1961-05-03")
    assert dates("May 1961") == ("May 1961",)
    assert (counts("nine"), counts("9"), counts("4,900")) == (("nine", "9"), ("9", "nine"), ("4,900",))


def test_forms_of_verbs():
    for past, base in {
        "opened": "open",
        "stopped": "stop",
        "carried": "carry",
        "began": "begin",
        "paid": "pay",
    }.items():
        assert PASTS[past] == base
    for present, base in {
        "ends": "end",
        "carries": "carry",
        "publishes": "publish",
        "goes": "go",
        "pays": "pay",
    }.items():
        assert PRESENTS[present] == base
    assert not {"openned", "payed", "beginned", "stoped"} & set(PASTS)


# What the texts do not say

TEXTS = [
    "Ann Berg came to Otaru in 2020.",
    "Leo Ito sails every morning.",
    "He is 71.",
    "The pier was opened in 1961.",
    "The hall was opened by the mayor in 1962.",
]


def told(*texts, people=("Ann Berg", "Leo Ito")):
    return Told(texts, people, [made for text in texts for made in questions(text)])


def test_near_misses_swap_years_and_people_and_ask_what_is_left_out():
    asked = near_misses(told(*TEXTS), limit=10)
    assert "Who came to Otaru in 2017?" in asked  # no text has 2017
    assert "When did Leo Ito come to Otaru?" in asked
    assert "Who was the pier opened by?" in asked
    assert "Who was the hall opened by?" not in asked  # the mayor
    costs = near_misses(told("The pier was built in 1961.", "The hall was built for £9 in 1962."), limit=10)
    assert "How much did it cost to build the pier?" in costs
    assert "How much did it cost to build the hall?" not in costs
    # Ann Berg "came" from somewhere, and a year stands beside her: the school is what is left.
    assert "Where did Ann Berg go to school?" in asked
    assert not any(re.search("How old is (?:Leo Ito|Ann Berg)", question) for question in asked)  # "He is 71."
    assert len(asked) == len(set(asked))


def test_what_a_sentence_may_say_is_not_asked():
    both = told(*TEXTS, "Otaru was left by Ito.")
    assert "When did Leo Ito come to Otaru?" not in near_misses(both, limit=10)
    years = told(*TEXTS, "Snow fell in 2017.")
    assert "Who came to Otaru in 2017?" not in near_misses(years, limit=10)
    assert "Who came to Otaru in 2022?" in near_misses(years, limit=10)
    assert near_misses(told(people=()), limit=10) == []


def test_a_swap_that_is_a_question_of_the_texts_is_none():
    made = Made(QuestionType.FACT, "Who came to Otaru in 2020?", ("Ann Berg",), "Ann Berg")
    other = Made(QuestionType.FACT, "Who came to Otaru in 2017?", ("Leo Ito",), "Leo Ito")
    asked = near_misses(Told(["It was 2020."], (), [made, other]), limit=10)
    assert "Who came to Otaru in 2017?" not in asked
