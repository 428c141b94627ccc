"""A Russian question in English words, and the spellings of Russian names."""

import pytest

from rag.gloss import english_of, gloss
from rag.spellings import spellings
from rag.stems import stem

LIBRARY = {"peskov", "vedernikov", "ishiba", "motegi", "shimoda", "zakharova", "sakhalin"}


def in_english(question):
    return english_of(question, holds=LIBRARY.__contains__)


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("Кто сейчас премьер-министр Японии?", "who is now prime minister of Japan?"),
        ("кто посол японии в москве", "who is ambassador of Japan in Moscow"),
        ("Какая доля в «Сахалине-2» у Mitsui?", "what is share in «Sakhalin-2» at Mitsui?"),
        ("Где находится штаб-квартира ООН?", "where located headquarters UN?"),
        ("Сколько стоит баррель нефти?", "how many cost barrel of oil?"),
        ("Когда родился Исиба?", "when did be born Ishiba?"),
        ("Что такое Шимода в 1990-х годах?", "what is Shimoda in 1990 year?"),
        ("Когда Исиба приехал в Симоду?", "when did Ishiba arrive in Shimoda?"),
    ],
)
def test_a_question_word_by_word(question, english):
    assert in_english(question) == english


def test_phrases_are_taken_together():
    assert "foreign minister" in in_english("Почему министр иностранных дел Мотэги посетил Хоккайдо?")
    assert "peace treaty" in in_english("Когда был подписан мирный договор?")


def test_a_name_of_the_library_is_no_common_word():
    assert "Peskov" in in_english("Что заявил Песков?")
    assert "sand" in in_english("Сколько стоит тонна песка?")


def test_a_name_of_the_library_counts_before_a_word_that_is_spelt_like_it():
    holds = {"moroz"}.__contains__
    assert "Moroz" in english_of("Что заявил Мороз?", holds=holds)
    assert "frost" in english_of("Какой был мороз?", holds=holds)


def test_a_name_is_found_in_whatever_case_it_stands():
    assert "Vedernikov" in in_english("Что пообещал Ведерникову президент?")
    assert "Zakharova" in in_english("Кто спросил об этом у Захаровой?")


def test_where_too_few_words_are_known_there_is_no_gloss():
    found = gloss("Зачем абырвалг куздру?", holds=LIBRARY.__contains__)
    assert found.known < 0.5
    assert in_english("Зачем абырвалг куздру?") is None


def test_other_languages_have_no_gloss():
    assert gloss("Who signed it?", holds=LIBRARY.__contains__) is None
    assert gloss("Wer hat das unterschrieben?", holds=LIBRARY.__contains__) is None
    assert gloss("Хто є президентом України?", holds=LIBRARY.__contains__) is None
    assert gloss("Who is Volodymyr Zelenskу?", holds=LIBRARY.__contains__) is None  # one letter is Cyrillic


def test_what_is_no_word_has_no_gloss():
    assert gloss("бы?", holds=LIBRARY.__contains__) is None


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        ("исиба", "ishiba"),
        ("синдзо", "shinzo"),
        ("мотэги", "motegi"),
        ("жириновского", "zhirinovsky"),
        ("александрой", "aleksandra"),
        ("хаяси", "hayashi"),
        ("максим", "maxim"),
        ("щербаков", "shcherbakov"),
        ("фёдоров", "fyodorov"),
        ("евкуров", "yevkurov"),
    ],
)
def test_spellings_of_a_name(russian, english):
    assert english in spellings(russian)


def test_the_plainest_spelling_comes_first():
    assert spellings("песков")[0] == "peskov"


def test_the_glossary_is_in_form():
    from rag.gloss import _GLOSSARY, Word

    rows = [line.split("\t") for line in _GLOSSARY.read_text("utf-8").splitlines()]
    assert all(len(row) == 3 and row[1] in set(Word) for row in rows)
    assert all(row[2].isascii() for row in rows)
    assert len({row[0] for row in rows}) == len(rows)
    # What only repeats the stem and the meaning of another line is left out.
    told = [(stem(word), kind, english) for word, kind, english in rows if kind != "function" and " " not in word]
    assert len(set(told)) == len(told)
