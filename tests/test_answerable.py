"""Silence where the form of the answer, or the person whose words are asked for, is not in the quotes."""

from dataclasses import replace

import pytest

from rag.answerable import in_form_first, off_topic, unanswered
from rag.asked import analyse
from rag.disputes import disputes
from rag.parts import Limits
from rag.sayings import asked_of, is_said_by, theirs_first
from rag.types import AbstainReason, Hit, Passage, Quote, Source, Speaker


def quote(text, *, score=0.9, said_by=None):
    source = Source(1, ("a.txt",), (), "Gulls of Otaru", None, None, None, None, ())
    speaker = Speaker(said_by, None, "said", False) if said_by else None
    return Quote(0, source, 1, 0, len(text), None, text, score, speaker)


def reason(question, *quotes, least=0.0):
    silence = unanswered(analyse(question), quotes, hits=(), limits=Limits(answering=least))
    return silence.reason if silence else None


@pytest.mark.parametrize(
    ("question", "without", "with_value"),
    [
        ("How many gulls nest in Otaru?", "Gulls nest in Otaru.", "Some 4,900 gulls nest in Otaru."),
        ("How much did the roof cost?", "The roof was dear.", "The roof cost 9 million yen."),
        ("When did the mill close?", "The mill closed for good.", "The mill closed in 1987."),
        ("Who sold the mill?", "The mill was sold.", "The mill was sold by Anna Ito."),
    ],
)
def test_without_the_form_of_an_answer_there_is_none(question, without, with_value):
    assert reason(question, quote(without)) is AbstainReason.NOT_SAID
    assert reason(question, quote(with_value)) is None
    assert reason(question, quote(without), quote(with_value, score=0.8)) is None
    assert reason(question, quote(without), quote(with_value, score=0.2)) is AbstainReason.NOT_SAID


def test_a_name_is_no_answer_where_nothing_is_said_of_what_is_to_be_named():
    question = "What is the name of the dog of Anna Ito?"
    assert reason(question, quote("Anna Ito was chosen in Leeds.")) is AbstainReason.NOT_SAID
    assert reason(question, quote("Anna Ito walks her dog Biscuit in Leeds.")) is None


def test_an_unlikely_quote_is_no_answer():
    said = quote("They left for lack of fish.", score=0.3)
    assert reason("Why did the gulls leave?", said) is None
    assert reason("Why did the gulls leave?", said, least=0.4) is AbstainReason.NOT_SAID


def test_who_disputes_something_is_told_by_a_sentence_that_does():
    asked = analyse("Who disputes the number of signatures?")
    stated = quote("Mrs Farrell brought the 702 signatures herself.", score=0.5)
    denied = quote("She rejects the figure of 702 signatures.", score=0.4, said_by="Ida Quinn")
    assert in_form_first(asked, (stated, denied))[0] is denied
    assert in_form_first(asked, (stated, replace(denied, score=0.1)))[0] is stated
    assert unanswered(asked, (denied,), hits=(), limits=Limits(answering=0.0)) is None


def test_what_somebody_said_is_told_by_their_words_only():
    question = "What did Anna Ito say about the mill?"
    about_her = quote("Anna Ito sold the old mill in Leeds.")
    assert reason(question, about_her) is AbstainReason.NOT_SAID
    assert reason(question, about_her, quote("The mill was a burden.", score=0.8, said_by="Anna Ito")) is None
    assert reason(question, about_her, quote("The mill was a burden.", score=0.4, said_by="Anna Ito")) is None
    assert reason(question, quote("Ito said the mill was a burden.")) is None
    assert reason(question, quote("The mill was a burden.", said_by="Leo Holm")) is AbstainReason.NOT_SAID
    stance = quote("Norland endorses the plan for the mill.")
    assert reason("What does Norland think of the plan for the mill?", stance) is None
    law = quote("The Building Act prohibits a second storey on the mill.")
    assert reason("What does the Building Act say about the mill?", law) is None


def test_whose_words_are_asked_for():
    assert asked_of(analyse("what did the deputy answer to that?")) == {"deputi"}
    assert asked_of(analyse("What did the mill cost?")) == frozenset()
    assert asked_of(analyse("why did the mill demand a subsidy")) == frozenset()
    assert asked_of(analyse("why did the deputy think so?")) == {"deputi"}
    assert asked_of(analyse("What does F4 mean?")) == frozenset()
    assert asked_of(analyse("What does the deputy mean by that?")) == {"deputi"}
    assert not is_said_by(quote("The mill was sold."), frozenset({"ito"}))


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("The mayor asked for help with the gulls.", "Nobody asked for help with the gulls.", True),
        ("The mayor asked for help.", "The council rejects the claim that the mayor asked.", True),
        ("The mayor asked for help.", "The mayor asked in spring.", False),
        ("The mayor asked for help.", "No ferry runs on Sundays.", False),
        ("The mayor asked for help.", "The mayor does not dance.", False),
    ],
)
def test_a_denial_of_the_same_matter_disputes(one, other, differ):
    asked = analyse("Has the mayor asked for help with the gulls?")
    assert disputes(asked, one, other=other) is differ
    assert disputes(asked, other, other=one) is differ


def test_words_that_others_are_quoted_with_are_not_theirs():
    said = '"The study was written by a firm that the club pays," Dale said.'
    assert not is_said_by(quote(said), frozenset({"club"}))
    assert is_said_by(quote(said), frozenset({"dale"}))
    assert is_said_by(quote('The club called the study "fair".'), frozenset({"club"}))


def test_a_not_that_denies_something_else_disputes_nothing():
    asked = analyse("Why did Anna Ito leave the club?")
    here = "Anna Ito of the club said she would not appeal."
    assert not disputes(asked, here, other="Anna Ito has left the club by agreement.")
    assert disputes(asked, "Anna Ito did not leave the club.", other="Anna Ito has left the club by agreement.")
    asked = analyse("Who asked for help with the gulls?")
    assert disputes(
        asked, "Help with the gulls was asked for by nobody.", other="Ito asked for help with the gulls."
    )


def test_of_an_office_the_one_who_is_told_to_hold_it_leads_and_is_no_vacancy():
    question = "Who is the mayor of Otaru?"
    near = quote("The mayor of Otaru opened the mill.", score=0.3)
    told = replace(quote("Anna Ito is the mayor of Otaru.", score=0.15), answer=(0, 8))
    assert reason(question, near, told) is None
    assert in_form_first(analyse(question), (near, told))[0] is told
    assert reason(question, near, replace(told, score=0.05)) is AbstainReason.NOT_SAID


def test_a_number_that_is_denied_is_told_and_no_false_premise():
    denied = quote("The stadium will not create 1,200 jobs.")
    assert reason("How many jobs will the stadium create?", denied) is None
    assert reason("Why will the stadium create jobs?", denied) is AbstainReason.FALSE_PREMISE
    other = quote("The stadium will create no jobs, say 3 councillors.")
    assert reason("How many jobs will the stadium create?", other) is AbstainReason.FALSE_PREMISE


def test_a_word_in_another_form_is_near_enough_to_read():
    text = "Small animals such as hamsters are allowed."
    far = Hit(Passage(1, 1, 0, len(text), text), quote(text).source, 0.1, 0.1, 0.0)
    assert off_topic("May I keep a hamster?", (far,), limits=Limits()) is None
    assert off_topic("May I keep a horse?", (far,), limits=Limits()).reason is AbstainReason.NOTHING_NEAR


def test_a_sentence_about_somebody_leads_before_one_that_only_mentions_them():
    mentioned = quote("He shares this view with the cabinet of Prime Minister Ann Ito.", score=0.3)
    about = quote("The new prime minister, Ann Ito, took office.", score=0.2)
    asked = analyse("Who is Ann Ito?")
    assert list(in_form_first(asked, (mentioned, about))) == [about, mentioned]
    unlikely = replace(about, score=0.1)
    assert list(in_form_first(asked, (mentioned, unlikely))) == [mentioned, unlikely]
    assert in_form_first(asked, ()) == []
    called = quote("The mayor of Otaru is Ann Ito.", score=0.3)
    assert in_form_first(asked, (called, about))[0] is called


def test_who_has_not_answered_has_said_nothing():
    who = frozenset({"ito"})
    for silent in (
        "Ito has not answered yet.",
        "Ito hasn't said why.",
        "Ito declined to comment on the price.",
        "Ito never replied.",
    ):
        assert not is_said_by(quote(silent), who)
    assert is_said_by(quote("Ito said she would not appeal."), who)


def test_who_somebody_is_may_be_told_by_who_is_quoted():
    said = quote("It would have earned money, shop steward Ann Ito told us.", score=0.02)
    told = replace(said, speaker=Speaker("Ann Ito", "shop steward", "told", False))
    assert reason("Who is Ann Ito?", told, least=0.1) is None
    caretaker = quote("I rang the caretaker, Mr Ito, on Sunday.", score=0.02)
    assert reason("Who is the caretaker?", caretaker, least=0.1) is None
    assert reason("Who is the caretaker of the school?", caretaker, least=0.1)
    assert reason("Who is the caretaker?", quote("I rang the caretaker on Sunday.", score=0.02), least=0.1)
    unnamed = quote("It would have earned money, Ann Ito told us.", score=0.02, said_by="Ann Ito")
    assert reason("Who is Ann Ito?", unnamed, least=0.1)
    assert reason("Who is Ben Ito?", told, least=0.1)
    assert reason("Who is Ann Ito?", quote("Ann Ito is late, it is said.", score=0.03), told, least=0.1)
    assert reason("Who is Ann Ito married to?", told, least=0.1)


def test_where_somebody_s_words_are_asked_for_another_s_are_left_out():
    mine = quote('"We regret the delay," says director Ann Ito.', said_by="Ann Ito")
    other = quote("Lind demands that the director, Ann Ito, should go.", said_by="Bo Lind")
    plain = quote("The delay is a year.")
    asked = analyse("What does Ann Ito say about the delay?")
    assert theirs_first(asked, [other, mine, plain]) == [mine, plain]
    assert theirs_first(asked, [other, plain]) == [other, plain]


def test_a_contract_speaks_from_its_first_to_its_last_word():
    pets = quote("Pets are not allowed in the flat.")
    notice = quote("The contract requires a notice of three months.")
    contract = [replace(one, source=replace(one.source, title="Rental contract")) for one in (pets, notice)]
    assert theirs_first(analyse("What does the contract say about pets?"), contract) == contract
