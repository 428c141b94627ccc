import pytest

from rag.asked import analyse
from rag.premise import denies


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            "In what year did Norway and Sweden sign the fishing treaty?",
            "Norway and Sweden never signed a fishing treaty.",
        ),
        ("When was the treaty signed?", "The treaty was not signed until today."),
        ("When was the treaty signed?", "The treaty was never signed before the war broke out."),
        ("When will the line open?", "The council did not agree, so the line will never open."),
        ("When will the treaty be signed?", "The treaty will not be signed."),
        ("How did Ito's trip to Oslo go?", "Ito has no trip to Oslo planned this year."),
        ("Why did the union call a strike in Oslo?", "The union in Oslo did not call a strike."),
        ("What new terms did Ito offer Oslo?", "Ito did not offer Oslo new terms."),
        ("Почему Осло подписал договор о рыбе?", "Осло не подписал договор о рыбе."),
    ],
)
def test_a_denial_of_what_is_taken_for_granted_is_seen(question, sentence):
    assert denies(analyse(question), sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Did Norway sign the fishing treaty?", "Norway never signed the fishing treaty."),
        ("When does the union expect line 6 to open?", "The union reckons that line 6 will not open before 2028."),
        ("When will Oskar pay?", "Oskar could not pay in July."),
        ("Why did Norway not sign the fishing treaty?", "Norway did not sign the fishing treaty because of cod."),
        ("Who signed the fishing treaty for Norway?", "Norway did not sign the fishing treaty."),
        ("When did Norway sign the fishing treaty?", "Norway signed the fishing treaty in May, not in June."),
        ("In which country was 5 Squadron formed?", "No. 5 Squadron was formed in Wales."),
        ("When did Norway sign the fishing treaty?", "Denmark has never signed a postcard."),
        ("When did Norway sign the fishing treaty?", "Norway not only signed the fishing treaty in May."),
    ],
)
def test_other_sentences_deny_nothing(question, sentence):
    assert not denies(analyse(question), sentence)


def test_what_the_question_names_may_be_named_around_the_sentence():
    asked = analyse("Why did the Danish parliament in Copenhagen sign the Oslo treaty?")
    assert not denies(asked, "The parliament did not sign it.")
    assert denies(asked, "The parliament did not sign the treaty.", around="Oslo and the Danish parliament")
