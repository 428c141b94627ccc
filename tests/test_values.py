import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asked import AnswerKind, Asked, analyse
from rag.values import Agreement, Cluster, Value, ValueKind, agree, cluster, values
from rag.values_dates import Period, Recurring
from rag.values_numbers import Amount, Hedge
from rag.values_units import Dimension

D = Dimension
SAME, COMPATIBLE = Agreement.SAME, Agreement.COMPATIBLE
DIFFERENT, INCOMPARABLE = Agreement.DIFFERENT, Agreement.INCOMPARABLE
ANY_NUMBER, ANY_DATE = Asked("", AnswerKind.NUMBER), Asked("", AnswerKind.DATE)
ANY_NAME, ANY_PERSON = Asked("", AnswerKind.NAME), Asked("", AnswerKind.PERSON)


def texts(sentence, question):
    return [value.text for value in values(sentence, analyse(question))]


def one(sentence, asked, *, published=None):
    (value,) = values(sentence, asked, published=published)
    return value


@pytest.mark.parametrize(
    ("sentence", "low", "high", "dimension", "unit", "hedge"),
    [
        ("They counted 4,900 gulls.", 4900, 4900, D.COUNT, "", Hedge.EXACT),
        ("They counted a little under 4,900 gulls.", 4900, 4900, D.COUNT, "", Hedge.BELOW),
        ("They counted no more than 500 gulls.", 500, 500, D.COUNT, "", Hedge.BELOW),
        ("They counted more than 500 gulls.", 500, 500, D.COUNT, "", Hedge.ABOVE),
        ("They counted some 500 gulls.", 500, 500, D.COUNT, "", Hedge.ABOUT),
        ("They counted 500 or more gulls.", 500, 500, D.COUNT, "", Hedge.ABOVE),
        ("They counted two hundred and fifty thousand gulls.", 250000, 250000, D.COUNT, "", Hedge.EXACT),
        ("They counted half a million gulls.", 500000, 500000, D.COUNT, "", Hedge.EXACT),
        ("They counted 15 to 20 gulls.", 15, 20, D.COUNT, "", Hedge.EXACT),
        ("They counted between 5 and 6 million gulls.", 5e6, 6e6, D.COUNT, "", Hedge.EXACT),
        ("It rose by 108.1 percent.", 108.1, 108.1, D.SHARE, "", Hedge.EXACT),
        ("It rose by 108.1 %.", 108.1, 108.1, D.SHARE, "", Hedge.EXACT),
        ("It cost 6 million yen.", 6e6, 6e6, D.MONEY, "yen", Hedge.EXACT),
        ("It cost US$1.5-2 billion.", 1.5e9, 2e9, D.MONEY, "dollar", Hedge.EXACT),
        ("It cost $5m.", 5e6, 5e6, D.MONEY, "dollar", Hedge.EXACT),
        ("It is 3.7 km away.", 3700, 3700, D.LENGTH, "", Hedge.EXACT),
        ("It covers 5 square miles.", 5 * 2589988, 5 * 2589988, D.AREA, "", Hedge.EXACT),
        ("It is half of the herd.", 50, 50, D.SHARE, "", Hedge.EXACT),
        ("One in five gulls came.", 20, 20, D.SHARE, "", Hedge.EXACT),
        ("More than twice as many came.", 2, 2, D.RATIO, "", Hedge.ABOVE),
        ("She is an 89-year-old keeper.", 89 * 365.25, 89 * 365.25, D.TIME, "", Hedge.EXACT),
        ("In 2019 two gulls came.", 2, 2, D.COUNT, "", Hedge.EXACT),
        ("Он стоит 640 000 рублей.", 640000, 640000, D.MONEY, "ruble", Hedge.EXACT),
        ("Там 3,7 км.", 3700, 3700, D.LENGTH, "", Hedge.EXACT),
        ("Он стоит двадцать пять тысяч рублей.", 25000, 25000, D.MONEY, "ruble", Hedge.EXACT),
        ("Их стало вдвое больше.", 2, 2, D.RATIO, "", Hedge.EXACT),
        ("Уехали две трети.", 66.6667, 66.6667, D.SHARE, "", Hedge.EXACT),
    ],
)
def test_quantities(sentence, low, high, dimension, unit, hedge):
    key = one(sentence, ANY_NUMBER).key
    assert isinstance(key, Amount)
    assert (key.low, key.high) == pytest.approx((low, high), rel=1e-5)
    assert (key.dimension, key.unit, key.hedge) == (dimension, unit, hedge)


@pytest.mark.parametrize(
    "sentence",
    [
        "Sakhalin-2 and the LAK-22 sailed.",
        "It is Article 9 of law No. 5.",
        "It left at 9:30 and at 10 a.m. on 3 May 1985.",
        "The third man came in the 20th century.",
        "None of them, not this one, came.",
        "In 1985 gulls came.",
    ],
)
def test_what_is_no_quantity(sentence):
    assert values(sentence, ANY_NUMBER) == []


def test_a_change_is_two_quantities_and_a_score_is_no_range():
    assert [value.text for value in values("It rose from 10 to 20 percent.", ANY_NUMBER)] == ["10", "20 percent"]
    assert [value.text for value in values("They won 3-2.", ANY_NUMBER)] == ["3", "2"]
    assert values("It rose from 10 to 20 percent.", ANY_NUMBER)[0].key.dimension is D.SHARE


@pytest.mark.parametrize(
    ("sentence", "first", "last"),
    [
        ("It closed on 21 October 2025.", date(2025, 10, 21), date(2025, 10, 21)),
        ("It closed on October 21st, 2025.", date(2025, 10, 21), date(2025, 10, 21)),
        ("It closed on 2025-10-21.", date(2025, 10, 21), date(2025, 10, 21)),
        ("Он закрыт 21 октября 2025 года.", date(2025, 10, 21), date(2025, 10, 21)),
        ("It closed on 5–7 May 2020.", date(2020, 5, 5), date(2020, 5, 7)),
        ("It closed in March 2022.", date(2022, 3, 1), date(2022, 3, 31)),
        ("It closed in late 2022.", date(2022, 10, 1), date(2022, 12, 31)),
        ("It closed in the late 1980s.", date(1980, 1, 1), date(1989, 12, 31)),
        ("It was open 1914–18.", date(1914, 1, 1), date(1918, 12, 31)),
        ("It closed in the nineteenth century.", date(1801, 1, 1), date(1900, 12, 31)),
        ("Он закрыт в XIX веке.", date(1801, 1, 1), date(1900, 12, 31)),
        ("It closed last Tuesday.", date(2025, 10, 21), date(2025, 10, 21)),
        ("It will close on Tuesday.", date(2025, 10, 28), date(2025, 10, 28)),
        ("It will close, he said on Tuesday.", date(2025, 10, 21), date(2025, 10, 21)),
        ("It closed on Tuesday, 21 October.", date(2025, 10, 21), date(2025, 10, 21)),
        ("It closed last month.", date(2025, 9, 1), date(2025, 9, 30)),
        ("It closes on 5 January.", date(2026, 1, 5), date(2026, 1, 5)),
        ("Он закрыт вчера.", date(2025, 10, 21), date(2025, 10, 21)),
    ],
)
def test_times(sentence, first, last):
    assert one(sentence, ANY_DATE, published=date(2025, 10, 22)).key == Period(first, last)


def test_times_without_a_day_of_publication():
    assert one("It closed on Tuesday.", ANY_DATE).key == Recurring(weekday=1)
    assert one("It closed on 5 May.", ANY_DATE).key == Recurring(month=5, day=5)
    assert values("It closed last month.", ANY_DATE) == []
    assert values("It may 5 times, in 1200 BC, 31 February 0000.", ANY_DATE) == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("However, Foreign Minister Toshimitsu Motegi left.", ["Toshimitsu Motegi"]),
        ("Then Ludwig van Beethoven came.", ["Ludwig van Beethoven"]),
        ("On Tuesday Russian officials met J. R. R. Tolkien's son.", ["J. R. R. Tolkien"]),
        ("The University of Leeds thanked George W. Bush in May.", ["University of Leeds", "George W. Bush"]),
        ("I'm told that É. Zola left.", ["É. Zola"]),
        ("Затем министр Игорь Руденко уехал.", ["Игорь Руденко"]),
    ],
)  # fmt: skip
def test_names(sentence, found):
    assert [value.text for value in values(sentence, ANY_PERSON)] == found


def test_a_day_without_its_year_is_the_nearest():
    assert one("It closed on 5 October.", ANY_DATE, published=date(2025, 1, 22)).key.first == date(2024, 10, 5)
    assert one("It closed on 5 May.", ANY_DATE, published=date(2025, 1, 22)).key.first == date(2025, 5, 5)


def test_quoted_titles_are_names():
    found = [value.text for value in values('The firm sang "Rain and Snow" with Ito.', ANY_NAME)]
    assert found == ["Rain and Snow", "Ito"]


def test_places_are_what_stands_behind_in():
    sentence = "Anna Ito from the Guild met Ben Roe in Nemuro, Hokkaido."
    assert texts(sentence, "where did they meet") == ["Guild", "Nemuro", "Hokkaido"]
    assert texts("Nemuro is home.", "where did they meet") == ["Nemuro"]


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("how many gulls came", "About 300 birds came from the north, 40 gulls left.", ["40"]),
        ("how many gulls came", "Of the gulls 300 came, and 5 percent left.", ["300"]),
        ("what share of gulls came", "Of 300 gulls 5 percent came.", ["5 percent"]),
        ("how much catch is missing", "The missing catch is worth 240 million yen.", ["240 million yen"]),
        ("how many boats are missing", "The missing boats are worth 240 million yen.", []),
        ("how much does it cost in rubles", "It costs 500 rubles ($6).", ["500 rubles"]),
        ("how much does it cost", "It costs 500 rubles ($6) for 3 days.", ["500 rubles", "$6"]),
        ("how old is Ito", "Ito, 89, has 3 sons and has been 5 years here.", ["89", "5 years"]),
        ("how far is the rock", "In 5 days you go 3 km.", ["3 km"]),
        ("how many times did it sink", "It sank twice.", ["twice"]),
        ("who met Ito in Leeds", "Ito met Ben Roe in Leeds.", ["Ben Roe"]),
        ("who of the Itos is a baker", "Anna Ito is a baker.", ["Anna Ito"]),
        ("When did the 1956 treaty end?", "The 1956 treaty ended in 1978.", ["1978"]),
        ("Which month of 1978 was it?", "It was in 1978, in May 1978.", ["May 1978"]),
        ("which 500 gulls", "The 500 gulls met 600.", ["600"]),
        ("Why did it close?", "In 1978 Ito closed it.", []),
    ],
)
def test_what_answers_a_question(question, sentence, found):
    assert texts(sentence, question) == found


@pytest.mark.parametrize(
    ("sentence", "affirms"),
    [
        ("Leeds has a ferry.", True),
        ("Leeds has no ferry.", False),
        ("There was never a ferry to Leeds.", False),
        ("The mayor did not deny that a ferry to Leeds runs.", True),
        ("A ferry to Leeds runs, but the mayor did not come.", True),
        ("В Лидсе нет парома.", False),
    ],
)
def test_whether_a_sentence_affirms(sentence, affirms):
    value = one(sentence, analyse("Does a ferry run to Leeds?"))
    assert value.kind is ValueKind.POLARITY
    assert value.key.affirms is affirms


def amount(text):
    return one(f"It was {text}.", ANY_NUMBER)


@pytest.mark.parametrize(
    ("a", "b", "agreement"),
    [
        ("4,900", "4900", SAME),
        ("6 million yen", "6,000,000 yen", SAME),
        ("108.1 percent", "108.1 %", SAME),
        ("a dozen", "12", SAME),
        ("three kilometres", "3000 m", SAME),
        ("a little under 4,900", "4,900", COMPATIBLE),
        ("about 5,000", "4,987", COMPATIBLE),
        ("about 5,000", "4,600", COMPATIBLE),
        ("about 5,000", "4,000", DIFFERENT),
        ("about 1,000", "700", DIFFERENT),
        ("about 4,900", "4,987", COMPATIBLE),
        ("about 4,900", "5,200", DIFFERENT),
        ("more than 4,000", "4,987", COMPATIBLE),
        ("more than 4,000", "3,987", DIFFERENT),
        ("more than 4,000", "9,000", DIFFERENT),
        ("nearly 500", "480", COMPATIBLE),
        ("nearly 500", "510", DIFFERENT),
        ("4.9 million", "4,912,345", COMPATIBLE),
        ("5,000", "4,987", COMPATIBLE),
        ("4,988", "4,987", DIFFERENT),
        ("20", "19", DIFFERENT),
        ("7 percent", "7.2 percent", COMPATIBLE),
        ("two thirds", "67 percent", COMPATIBLE),
        ("15 to 20 percent", "18 percent", COMPATIBLE),
        ("15 to 20 percent", "25 percent", DIFFERENT),
        ("3.7 km", "2.3 miles", COMPATIBLE),
        ("3.7 km", "2.5 miles", DIFFERENT),
        ("89", "89 years", COMPATIBLE),
        ("more than twice", "108.1 percent", COMPATIBLE),
        ("twice", "7 percent", INCOMPARABLE),
        ("5 percent", "5", INCOMPARABLE),
        ("5 percent", "5 rubles", INCOMPARABLE),
        ("5 dollars", "5 rubles", INCOMPARABLE),
        ("5 km", "5 days", INCOMPARABLE),
    ],
)
def test_whether_quantities_agree(a, b, agreement):
    assert agree(amount(a), amount(b)) is agreement
    assert agree(amount(b), amount(a)) is agreement


@pytest.mark.parametrize(
    ("a", "b", "agreement"),
    [
        ("on 21 October 2025", "on October 21, 2025", SAME),
        ("in 2022", "in March 2022", COMPATIBLE),
        ("in 2022", "in March 2023", DIFFERENT),
        ("in March 2022", "in May 2022", DIFFERENT),
        ("on 5 May", "on 5 May 2020", COMPATIBLE),
        ("on 5 May", "in 2020", COMPATIBLE),
        ("on 5 May", "on 6 May 2020", DIFFERENT),
        ("on 5 May", "in June 2020", DIFFERENT),
        ("on 5 May", "in May", COMPATIBLE),
        ("on Tuesday", "on 21 October 2025", COMPATIBLE),
        ("on Tuesday", "on 22 October 2025", DIFFERENT),
        ("on Tuesday", "on 5 May", INCOMPARABLE),
        ("on Tuesday", "on Friday", DIFFERENT),
    ],
)
def test_whether_times_agree(a, b, agreement):
    first, second = one(f"It was {a}.", ANY_DATE), one(f"It was {b}.", ANY_DATE)
    assert agree(first, second) is agreement
    assert agree(second, first) is agreement


@pytest.mark.parametrize(
    ("a", "b", "agreement"),
    [
        ("Foreign Minister Toshimitsu Motegi", "Motegi Toshimitsu", SAME),
        ("Gorō Ito", "Goro Ito", SAME),
        ("Motegi", "Toshimitsu Motegi", COMPATIBLE),
        ("T. Motegi", "Toshimitsu Motegi", COMPATIBLE),
        ("K. Motegi", "Toshimitsu Motegi", DIFFERENT),
        ("Kenji Motegi", "Toshimitsu Motegi", DIFFERENT),
        ("Tokyo", "University of Tokyo", DIFFERENT),
        ("United Nations", "UN", COMPATIBLE),
        ("Игоря Руденко", "Игорь Руденко", SAME),
        ("Игорь Руденко", "Igor Rudenko", INCOMPARABLE),
    ],
)
def test_whether_names_agree(a, b, agreement):
    first, second = one(f"it was {a} then", ANY_PERSON), one(f"it was {b} then", ANY_PERSON)
    assert agree(first, second) is agreement
    assert agree(second, first) is agreement


def test_values_of_different_kinds_are_not_compared():
    assert agree(amount("5"), one("It was in 2022.", ANY_DATE)) is INCOMPARABLE


def test_clusters_hold_what_agrees_and_nothing_different():
    names = [f"it was {name} then" for name in ("Kenji Motegi", "Motegi", "Ito", "Toshimitsu Motegi", "Anna Ito")]
    groups = cluster([one(name, ANY_PERSON) for name in names])
    assert [[value.text for value in group.values] for group in groups] == [
        ["Kenji Motegi", "Motegi"],
        ["Ito", "Anna Ito"],
        ["Toshimitsu Motegi"],
    ]
    assert [group.best.text for group in groups] == ["Kenji Motegi", "Anna Ito", "Toshimitsu Motegi"]


def test_a_value_joins_its_equal_before_a_vaguer_one():
    found = [amount(text) for text in ("about 4,900", "5,200", "about 5,000", "5,200")]
    assert [len(group.values) for group in cluster(found)] == [2, 2]
    assert cluster(found)[1].best.text == "5,200"
    assert cluster([]) == []


def test_the_best_of_a_cluster_is_the_most_precise():
    found = Cluster(tuple(amount(text) for text in ("about 5,000", "5,000", "4,987")))
    assert found.best.text == "4,987"
    days = Cluster(tuple(one(text, ANY_DATE) for text in ("in 2022", "in March 2022")))
    assert days.best.text == "March 2022"


KINDS = st.sampled_from(list(AnswerKind)).map(lambda kind: Asked("Who met Ito in 1931?", kind))
PIECES = st.sampled_from(
    "In on 5 1985 12 million May Tuesday 3.7 1/2 half a of Anna Ito The % $ km about more than twice – - , . : “ "
    "” два тысяч рублей мая вчера Игорь не 0 century 21st XX век in İl ısı ſept ½ 00 10,000 one".split()
)


@given(st.lists(PIECES, max_size=15).map(" ".join) | st.text(max_size=120), KINDS)
def test_spans_are_exact_and_nothing_breaks(sentence, asked):
    found = values(sentence, asked, published=date(2025, 1, 1))
    assert all(isinstance(value, Value) and value.text == sentence[value.start : value.end] for value in found)
    assert [value.start for value in found] == sorted(value.start for value in found)
    assert sum(len(group.values) for group in cluster(found)) == len(found)
    for first in found:
        assert agree(first, first) is SAME
        assert all(agree(first, second) is agree(second, first) for second in found)


HOSTILE = (
    "1",
    "1 ",
    "1,000 ",
    "one-",
    "1-",
    "½",
    "A ",
    "A-",
    "A.B.",
    "May ",
    "May 5 ",
    "early ",
    "1990-",
    "half ",
    '"A',
    "не ",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_hostile_sentences_take_linear_time(piece):
    for kind in AnswerKind:
        start = time.process_time()
        values(piece * (10000 // len(piece)), Asked("", kind, unit="people"))
        # Linear is some 0.2 s here; a pattern that backtracks takes minutes.
        assert time.process_time() - start < 5


def test_how_often_something_was_done_counts_no_things():
    said = "Japan has three times requested trips to Japanese graves on the islands."
    for question in ("How many Japanese graves are on the islands?", "How many islanders are there?"):
        assert values(said, analyse(question)) == []
    for question in ("How many times did Japan request trips?", "How often did Japan request trips?"):
        assert [one.text for one in values(said, analyse(question))] == ["three"]
