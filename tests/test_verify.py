import pytest

from rag.verify import supports

QUOTE = (
    "Chancellor Olaf Merz signed the trade treaty with Japan in Berlin on 12 March 2024, worth 5 million euros, "
    "after seven weeks of talks."
)


@pytest.mark.parametrize(
    "sentence",
    [
        QUOTE,
        "Merz signed the treaty with Japan.",
        "The trade treaty with Japan was signed in Berlin on 12 March 2024.",
        "The treaty is worth 5 million euros.",
        "Talks went on for seven weeks.",
        "On 12 March, Merz signs the trade treaty.",
        "The trade treaty with Japan, signed in Berlin, is worth 5 million euros.",
    ],
)
def test_a_paraphrase_is_supported(sentence):
    assert supports(sentence, QUOTE)


@pytest.mark.parametrize(
    "sentence",
    [
        "Merz signed the trade treaty with Japan on 13 March 2024.",
        "Merz signed the trade treaty with Japan in 2023.",
        "The trade treaty with Japan is worth 50 million euros.",
        "The trade treaty with Japan is worth 5 billion euros.",
        "Merz signed the trade treaty with Japan after nine weeks of talks.",
        "The chancellor Olaf Scholz signed the trade treaty with Japan in Berlin.",
        "Scholz signed the trade treaty with Japan in Berlin on 12 March 2024.",
        "Merz signed the trade treaty with China in Berlin.",
        "Merz signed the trade treaty with Japan on 12 May 2024.",
        "Merz did not sign the trade treaty with Japan in Berlin.",
        "Merz never signed the trade treaty with Japan.",
        "Merz refused to sign the trade treaty with Japan in Berlin.",
        "Merz couldn’t sign the trade treaty with Japan in Berlin.",
        "Olaf Merz, Berlin's trade chancellor, signed the treaty with Japan.",
        "Merz sold the railway and the harbour to Japan.",
        "",
        "It is so.",
    ],
)
def test_a_distortion_is_not_supported(sentence):
    assert not supports(sentence, QUOTE)


def test_a_denial_supports_only_a_denial():
    quote = "The minister denied that the bridge was closed."
    assert supports("The minister did not say the bridge was closed.", quote)
    assert not supports("The minister closed the bridge.", quote)


def test_the_header_lends_its_names_and_date():
    quote = "He signed the treaty on the island."
    sentence = "In 2025 Ito signed the treaty on the island."
    assert not supports(sentence, quote)
    assert supports(sentence, quote, header="Ito visits the north 2025-10-21")


def test_a_negation_in_the_header_is_not_one_of_the_quote():
    assert supports("He signed the treaty.", "He signed the treaty.", header="No way back")


def test_number_words_and_digits_meet():
    assert supports("The fire killed seven sailors.", "The fire killed 7 sailors.")
    assert not supports("The fire killed seven sailors.", "The fire killed 8 sailors.")


def test_thousands_separators_do_not_matter():
    assert supports("The town paid 1250 euros.", "The town paid 1,250 euros.")


def test_most_words_must_be_in_the_quote():
    quote = "The harbour opened a ferry line."
    assert supports("The harbour opened a new ferry line.", quote)
    assert not supports("The harbour opened a cheap and popular tourist attraction.", quote)
