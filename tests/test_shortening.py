import pytest

from rag.shortening import only_words_of, shortens

QUOTE = (
    "On 12 March 2024, Chancellor Olaf Merz, a former judge, signed the trade treaty with Japan in Berlin, worth "
    "5 million euros (after seven weeks of talks)."
)


@pytest.mark.parametrize(
    "sentence",
    [
        QUOTE,
        "On 12 March 2024, Chancellor Olaf Merz, a former judge, signed the trade treaty with Japan in Berlin.",
        "Chancellor Olaf Merz, a former judge, signed trade treaty with Japan in Berlin.",
        "Chancellor Olaf Merz, a former judge, signed the trade treaty with Japan in Berlin on 12 March 2024.",
    ],
)
def test_a_sentence_of_whole_parts_shortens(sentence):
    assert shortens(sentence, QUOTE)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Chancellor Olaf Merz, a former judge, negotiated the trade treaty with Japan in Berlin.",
        "The trade treaty with Japan in Berlin, signed Chancellor Olaf Merz.",
        "Chancellor Olaf Merz, a former judge, signed the trade treaty with Japan.",  # a part is whole or gone
        "Chancellor Olaf Merz signed the trade treaty with Japan in Berlin.",  # "former" bounds
        "Worth 5 euros (after seven weeks of talks).",
    ],
)
def test_a_sentence_in_words_or_an_order_of_its_own_does_not(sentence):
    assert not shortens(sentence, QUOTE)


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("The port may be closed on Monday.", "The port is closed on Monday."),
        ("The ferry costs at least 40 euros.", "The ferry costs 40 euros."),
        ("Ito denied that the mill was sold.", "Ito: the mill was sold."),
        ("The mill was, the owner claimed, sold in May.", "The mill was sold in May."),
        ("The mill will be sold in May, if the council agrees.", "The mill will be sold in May."),
        ("The mill was sold, Ito said.", "The mill was sold."),
        ("Ito didn't resign, and the council has no plan.", "The council has no plan."),
        ("The talks on the treaty ended in May.", "The treaty ended in May."),
        ("The spokesman of the president resigned.", "The president resigned."),
        ("The president's spokesman resigned.", "The president resigned."),
        ("The driver of the truck who hit Ken Ito fled to Norland.", "Ken Ito fled to Norland."),
        ("Merz criticised Macron and praised Putin.", "Macron praised Putin."),
        ("Two men and three women drowned.", "Two women drowned."),
        ("Norland will buy gas.", "Norland buys gas."),
        ("Пресс-секретарь президента подал в отставку.", "Президент подал в отставку."),
        ("Мост, по словам мэра, закрыт.", "Мост закрыт."),
    ],
)
def test_what_a_quote_does_not_say_is_no_part_of_it(quote, sentence):
    assert not shortens(sentence, quote)


def test_a_sentence_that_has_begun_may_only_have_words_of_the_quote():
    assert only_words_of(QUOTE, "The chancellor signed ")
    assert not only_words_of(QUOTE, "The chancellor negotiated ")
