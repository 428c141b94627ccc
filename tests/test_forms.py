"""What may be an answer by its form, in sentences that no parser of values reads."""

from datetime import date

import pytest

from rag.asked import analyse
from rag.forms import may_answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When is the open day?", "We hope to see you all on the 16th."),
        ("When will the report come out?", "It is promised for January."),
        ("when did the coach leave", "It left nine minutes after the bell."),
        ("When did the ambulance come?", "It arrived at 15.36 and took him away."),
        ("When does the museum open again?", "It opens when there is something to see."),
        ("Who noticed the fire?", "The alarm was given by a baker."),
        ("Who runs the app today?", "The work is now carried on by volunteers."),
        ("Who asked for glass?", "It was the acoustician who did."),
        ("How much was the fine?", "The dairy was fined 85,000 on Tuesday."),
        ("How high was the fine?", "The fine is 50 euro."),
        ("how much did the strike cost", "It cost them 34 million last year."),
        ("What did the mask cost?", "It was bought in 1926 for 40 crowns."),
        ("By how much was the budget cut?", "The budget was cut by a tenth."),
        ("How fast was the wind?", "Gusts of 143 kilometres an hour were measured."),
        ("How long may they appeal?", "The ministry may appeal within a month."),
        ("How many people were hurt?", "No one was injured."),
        ("How old is the pump?", "The pump is from 2009."),
        ("How old is the church?", "It was built in 1712."),
    ],
)
def test_an_answer_may_be_put_in_many_ways(question, sentence):
    assert may_answer(sentence, analyse(question))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was the bridge built?", "The bridge is narrow and crosses the Lomma."),
        ("Who built the bridge?", "The bridge is narrow and crosses the river."),
        ("How old is the chairman?", "He was chairman from 2009 to 2015."),
        ("How high is the wall of the dam?", "The water behind it had risen by 40 centimetres."),
        ("How old is Ann Ito?", "Ann Ito has run the shop for 31 years."),
        ("How much did the bridge cost?", "Japan paid for it every year."),
        ("How much did the bridge cost?", "The bridge was opened on 12 May 1931."),
        ("How many boats are left?", "The boats are painted blue."),
        ("How many boats were sold?", "Sales of boats rose by 8 percent."),
        ("How much money did Otley get for its share?", "Otley, which had 27.5 percent, left in 2022."),
        ("What was the name of the horse?", "He said the name of a horse that he had left there."),
    ],
)
def test_a_sentence_without_the_form_of_an_answer_is_none(question, sentence):
    assert not may_answer(sentence, analyse(question))


def test_what_was_before_the_text_does_not_answer_when_something_will_be():
    asked = analyse("When will Ito meet Holm?")
    published = date(2025, 10, 25)
    assert not may_answer("Abe met Holm 27 times and left in 2020.", asked, published=published)
    assert may_answer("Ito will meet Holm on 5 May 2026.", asked, published=published)
    assert may_answer("Ito will meet Holm on Friday.", asked, published=published)
    assert may_answer("Ito meets Holm on Friday.", asked, published=published)
    assert not may_answer("Ito joined the talks in February 2022.", asked, published=published)
    assert may_answer(
        "Ito joined the talks in February 2022 and meets Holm in the spring.", asked, published=published
    )
    assert not may_answer("Ito has asked Holm for talks every spring since 2023.", asked, published=published)
    assert may_answer("Abe met Holm 27 times and left in 2020.", asked)
    assert may_answer("Abe left in 2020.", analyse("When did Abe leave?"), published=published)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When did Ito write his will?", "Ito wrote his will in 1998."),
        ("What year did Will Rogers die?", "Will Rogers died in 1935."),
        ("When is the temple thought to have been built?", "The temple was built in 1420."),
        ("When is the first reference to tea in England?", "It dates from 1658."),
        ("Когда откроется мост?", "Мост откроют во вторник."),
    ],
)
def test_a_question_that_only_looks_ahead_is_answered_by_the_past(question, sentence):
    assert may_answer(sentence, analyse(question), published=date(2025, 10, 25))
