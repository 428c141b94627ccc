import pytest

from rag.opposites import tells_of_another, tells_opposite


@pytest.mark.parametrize(
    ("question", "sentence", "is_opposite"),
    [
        ("When did the exchange end?", "It was agreed in 1991 and began in 1992.", True),
        ("When did the exchange begin?", "Russia ended the exchange in 2022.", True),
        ("When did the mill open?", "It opened in 1987 and closed in 2019.", False),
        ("When did the mill close?", "It was shut in 2019.", False),
        ("When was Ann Ito born?", "Ann Ito died in 1987.", True),
        ("When did she leave the club?", "She joined the club in 2019.", True),
        ("When did she leave the club?", "She has been away since 2019.", False),
        ("How long was it from the start to the end?", "It began in 1992.", False),
        ("When was the treaty signed?", "It began in 1992.", False),
        ("When will the new bridge open?", "It will be ready by the end of 2026.", False),
        ("When did the war end?", "Peace was made at the start of 1992.", False),
        ("When did Ito buy the house?", "The house was sold to Ito in 2019.", False),
        ("When did rents rise?", "They rose after the council cut its subsidies.", False),
        ("Когда закончили ремонт?", "Начальник станции сообщил, что ремонт сделан в мае.", False),
        ("Когда закрыли школу?", "На основании решения её больше нет с мая.", False),
        ("Когда закрыли школу?", "Школу открыли в 1992 году.", True),
    ],
)
def test_a_sentence_tells_of_the_opposite_of_what_is_asked(question, sentence, is_opposite):
    assert tells_opposite(question, sentence) is is_opposite


@pytest.mark.parametrize(
    ("question", "sentence", "is_another"),
    [
        ("When was line 5 opened?", "We will open line 6 in December.", True),
        ("When does line 5 open?", "Line 6 opens in May.", True),
        ("When was line 5 opened?", "Lines 5 and 6 were opened in May.", False),
        ("What does article 9 say?", "Article 8 allows it.", True),
        ("Who won the double sculls?", "Ann Ito won the single sculls.", True),
        ("Who won the men's final?", "The women's final was won by Ann Ito.", True),
        ("Who won the men's final?", "Ann Ito won the women's final, Bo Lind the men's.", False),
        ("When did the first boat sail?", "The second boat sailed in May.", True),
        ("When did North Korea invade South Korea?", "North Korea invaded in June.", False),
        ("What is the difference between line 5 and line 6?", "Line 5 runs to the harbour.", False),
        ("What is the largest lake?", "Its biggest lake is Lake Bo.", False),
        (
            "Who was the fifth president?",
            "Ito, the 5th president, followed Lind; the first president was Abe.",
            False,
        ),
        ("Where is the northern border?", "The north border is a river.", False),
        ("Does a ticket cost 20 euro?", "No, a ticket costs 15 euro.", False),
        ("Did Ito score 12 goals?", "Ito scored 14 goals.", False),
        ("What happened on May 12?", "On May 14 it rained.", False),
        ("How many people marched in 2024?", "In 2023 they marched.", False),
        ("What does bus 66 cost?", "Bus 66 runs every ten minutes.", False),
    ],
)
def test_a_sentence_tells_of_another_thing_of_the_kind_that_is_named(question, sentence, is_another):
    assert tells_of_another(question, sentence) is is_another
