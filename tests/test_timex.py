"""Times in a text become days: absolute ones always, relative ones against the day of publication."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.timex import date_mentions

often = settings(derandomize=True, max_examples=200, deadline=None)
FRIDAY = date(2025, 10, 24)

ABSOLUTE = [
    ("It ended on 21 October 2025.", "21 October 2025", "2025-10-21", "2025-10-21"),
    ("It ended on the 21st of October, 2025.", "21st of October, 2025", "2025-10-21", "2025-10-21"),
    ("On October 3rd, 2025 it ended.", "October 3rd, 2025", "2025-10-03", "2025-10-03"),
    ("TOKYO, Oct. 21, 2025 - It ended.", "Oct. 21, 2025", "2025-10-21", "2025-10-21"),
    ("Thursday, February 6, 2025", "Thursday, February 6, 2025", "2025-02-06", "2025-02-06"),
    ("date: 2025-10-21", "2025-10-21", "2025-10-21", "2025-10-21"),
    ("от 05.03.2024", "05.03.2024", "2024-03-05", "2024-03-05"),
    ("29 February 2024", "29 February 2024", "2024-02-29", "2024-02-29"),
    ("It ran October 21-23, 2025.", "October 21-23, 2025", "2025-10-21", "2025-10-23"),
    ("It ran 21 to 23 October 2025.", "21 to 23 October 2025", "2025-10-21", "2025-10-23"),
    ("In March 2022 it stopped.", "March 2022", "2022-03-01", "2022-03-31"),
    ("February 2024 was long.", "February 2024", "2024-02-01", "2024-02-29"),
    ("February 2023 was short.", "February 2023", "2023-02-01", "2023-02-28"),
    (
        "between late August and early September 1945",
        "August and early September 1945",
        "1945-08-01",
        "1945-09-30",
    ),
    ("It lasted from 2016 to 2019.", "from 2016 to 2019", "2016-01-01", "2019-12-31"),
    ("It lasted between 2016 and 2019.", "between 2016 and 2019", "2016-01-01", "2019-12-31"),
    ("The war (1939–1945) ended.", "1939–1945", "1939-01-01", "1945-12-31"),
    ("the 2016-19 talks", "2016-19", "2016-01-01", "2019-12-31"),
    ("In the 1990s it was quiet.", "1990s", "1990-01-01", "1999-12-31"),
    ("In spring 2023 ships came.", "spring 2023", "2023-03-01", "2023-05-31"),
    ("since the autumn of 2022", "autumn of 2022", "2022-09-01", "2022-11-30"),
    ("Sales in the third quarter of 2024 fell.", "third quarter of 2024", "2024-07-01", "2024-09-30"),
    ("Q1 2025 was weak.", "Q1 2025", "2025-01-01", "2025-03-31"),
    ("the first half of 2024", "first half of 2024", "2024-01-01", "2024-06-30"),
    ("In 1855 they signed.", "1855", "1855-01-01", "1855-12-31"),
    ("The 1991 agreement ended.", "1991", "1991-01-01", "1991-12-31"),
    ("It stopped (2022) at once.", "2022", "2022-01-01", "2022-12-31"),
    ("It will last until 2030.", "2030", "2030-01-01", "2030-12-31"),
    ("Закон подписан 21 марта 2024 года.", "21 марта 2024 года", "2024-03-21", "2024-03-21"),
    ("Закон подписан в марте 2022 года.", "марте 2022 года", "2022-03-01", "2022-03-31"),
    ("Это было в 2016 году.", "2016 году", "2016-01-01", "2016-12-31"),
    ("С 2016 по 2019 год шли переговоры.", "С 2016 по 2019 год", "2016-01-01", "2019-12-31"),
    ("Весной 2023 года пришли суда.", "Весной 2023 года", "2023-03-01", "2023-05-31"),
    ("В 1990-х годах было тихо.", "1990-х годах", "1990-01-01", "1999-12-31"),
]

# Published on Friday, 24 October 2025.
RELATIVE = [
    ("It opens today.", "today", "2025-10-24", "2025-10-24"),
    ("It opened yesterday.", "yesterday", "2025-10-23", "2025-10-23"),
    ("It opens tomorrow.", "tomorrow", "2025-10-25", "2025-10-25"),
    ("It burned last night.", "last night", "2025-10-23", "2025-10-23"),
    ("He spoke on Tuesday.", "Tuesday", "2025-10-21", "2025-10-21"),
    ("He spoke on Friday.", "Friday", "2025-10-24", "2025-10-24"),
    ("He spoke last Friday.", "last Friday", "2025-10-17", "2025-10-17"),
    ("He speaks next Friday.", "next Friday", "2025-10-31", "2025-10-31"),
    ("They will meet in Tokyo on Tuesday.", "Tuesday", "2025-10-28", "2025-10-28"),
    ("They will meet, he said on Tuesday.", "Tuesday", "2025-10-21", "2025-10-21"),
    ("The rest is promised for Tuesday.", "Tuesday", "2025-10-28", "2025-10-28"),
    ("The shop will open this Tuesday.", "this Tuesday", "2025-10-28", "2025-10-28"),
    ("They will meet on Friday.", "Friday", "2025-10-24", "2025-10-24"),
    ("She resigned this week.", "this week", "2025-10-20", "2025-10-26"),
    ("She resigned last week.", "last week", "2025-10-13", "2025-10-19"),
    ("She resigned last month.", "last month", "2025-09-01", "2025-09-30"),
    ("She resigned last year.", "last year", "2024-01-01", "2024-12-31"),
    ("She resigns next year.", "next year", "2026-01-01", "2026-12-31"),
    ("It snowed over the weekend.", "the weekend", "2025-10-18", "2025-10-19"),
    ("It grew last September.", "last September", "2025-09-01", "2025-09-30"),
    ("It grew last October.", "last October", "2024-10-01", "2024-10-31"),
    ("It stopped in March.", "March", "2025-03-01", "2025-03-31"),
    ("It stopped in December.", "December", "2024-12-01", "2024-12-31"),
    ("It stopped in October.", "October", "2025-10-01", "2025-10-31"),
    ("The vote will be held in March.", "March", "2026-03-01", "2026-03-31"),
    ("The law takes effect on 1 May.", "1 May", "2026-05-01", "2026-05-01"),
    ("The law comes into force on May 1.", "May 1", "2026-05-01", "2026-05-01"),
    ("The fair opens on 3 November.", "3 November", "2025-11-03", "2025-11-03"),
    ("The course starts in March.", "March", "2026-03-01", "2026-03-31"),
    ("The show runs until 9 January.", "9 January", "2026-01-09", "2026-01-09"),
    ("The bridge closes on Monday for repairs.", "Monday", "2025-10-27", "2025-10-27"),
    ("The fair opened on 3 May.", "3 May", "2025-05-03", "2025-05-03"),
    ("Seven ships left this summer.", "this summer", "2025-06-01", "2025-08-31"),
    ("Seven ships left last summer.", "last summer", "2025-06-01", "2025-08-31"),
    ("He came on Oct. 23 by train.", "Oct. 23", "2025-10-23", "2025-10-23"),
    ("He came on 30 December by train.", "30 December", "2024-12-30", "2024-12-30"),
    ("Hand it in by 12 November.", "12 November", "2025-11-12", "2025-11-12"),
    ("He came on 29 February by train.", "29 February", "2024-02-29", "2024-02-29"),
    ("It broke two years ago.", "two years ago", "2023-01-01", "2023-12-31"),
    ("It broke a week ago.", "a week ago", "2025-10-13", "2025-10-19"),
    ("It broke ten days ago.", "ten days ago", "2025-10-14", "2025-10-14"),
    ("It fell over the past two years.", "the past two years", "2023-10-24", "2025-10-24"),
    ("Это было вчера.", "вчера", "2025-10-23", "2025-10-23"),
    ("Он приехал во вторник.", "вторник", "2025-10-21", "2025-10-21"),
    ("Он приехал в прошлую пятницу.", "прошлую пятницу", "2025-10-17", "2025-10-17"),
    ("Это было на прошлой неделе.", "прошлой неделе", "2025-10-13", "2025-10-19"),
    ("Это было в прошлом году.", "прошлом году", "2024-01-01", "2024-12-31"),
    ("Это было в июле.", "июле", "2025-07-01", "2025-07-31"),
    ("Встреча состоится в марте.", "марте", "2026-03-01", "2026-03-31"),
    ("Это было два года назад.", "два года назад", "2023-01-01", "2023-12-31"),
    ("Это было год назад.", "год назад", "2024-01-01", "2024-12-31"),
    ("Это было 5 мая утром.", "5 мая", "2025-05-05", "2025-05-05"),
]


def found(text: str, published: date | None = FRIDAY) -> list[tuple[str, str, str]]:
    return [(one.text, one.first.isoformat(), one.last.isoformat()) for one in date_mentions(text, published)]


@pytest.mark.parametrize(("text", "words", "first", "last"), ABSOLUTE)
def test_a_full_time_needs_no_day_of_publication(text, words, first, last):
    assert found(text, None) == [(words, first, last)]
    assert found(text) == [(words, first, last)]


@pytest.mark.parametrize(("text", "words", "first", "last"), RELATIVE)
def test_a_relative_time_hangs_on_the_day_of_publication(text, words, first, last):
    assert found(text) == [(words, first, last)]
    assert found(text, None) == []


@pytest.mark.parametrize(
    "text",
    [
        "There were 2000 people and 1999 soldiers.",
        "It costs $2019, or 2,016 yen.",
        "Call 2019-2020-11 or 20251021.",
        "He left three days later, and the following Friday he came back.",
        "He may march in the parade.",
        "31 June 2024 and 30 February 2023 are no days.",
        "Black Friday sales were good.",
        "The museum is free on Friday from two to six.",
        "It was free on the last Friday of every month.",
        "He came on every Friday and an ordinary Monday.",
        "The Sunday Times said that it was shut.",
        "Thursday Island was hit by a storm.",
        "It was open Monday to Friday.",
        "The Friday of the vote was cold.",
        "It is debated on the weekend of 8-9 March.",
        "It happened in the last week of the talks.",
        "The next year he left.",
        "a third of 1950 voters",
    ],
)
def test_what_names_no_day_gives_none(text):
    assert found(text) == []


@pytest.mark.parametrize("date_of_it", ["Friday, 5 September", "Friday, September 5", "Friday (5 September)"])
def test_a_weekday_beside_its_own_date_is_that_date(date_of_it):
    assert [one[1:] for one in found(f"The mill was shut on {date_of_it}.")] == [("2025-09-05", "2025-09-05")]


def test_a_weekday_beside_another_year_is_unclear():
    assert [one[0] for one in found("On 19 October 1956 they signed, and on Friday they left.")] == [
        "19 October 1956"
    ]


def test_a_month_beside_another_year_is_unclear():
    assert found("In March the deal of 1999 ended.") == [("1999", "1999-01-01", "1999-12-31")]
    assert [one[0] for one in found("In March the deal of 2025 ended.")] == ["March", "2025"]


@pytest.mark.parametrize(
    ("published", "text", "first", "last"),
    [
        (date(2024, 3, 31), "one month ago", "2024-02-01", "2024-02-29"),
        (date(2025, 3, 31), "last month", "2025-02-01", "2025-02-28"),
        (date(2024, 2, 29), "a year ago", "2023-01-01", "2023-12-31"),
        (date(2024, 2, 29), "over the past year: the last one year", "2023-02-28", "2024-02-29"),
        (date(2025, 1, 1), "yesterday", "2024-12-31", "2024-12-31"),
        (date(2025, 1, 1), "last week", "2024-12-23", "2024-12-29"),
        (date(2025, 1, 1), "in January", "2025-01-01", "2025-01-31"),
        (date(2025, 1, 31), "last December", "2024-12-01", "2024-12-31"),
        (date(2024, 12, 30), "this week", "2024-12-30", "2025-01-05"),
        (date(2025, 10, 26), "this week", "2025-10-20", "2025-10-26"),
        (date(2025, 3, 1), "on 29 February", "2024-02-29", "2024-02-29"),
        (date(2024, 3, 1), "on 29 February", "2024-02-29", "2024-02-29"),
        (date(1903, 6, 1), "on 29 February", "1896-02-29", "1896-02-29"),
        (date(1, 1, 1), "today", "0001-01-01", "0001-01-01"),
    ],
)
def test_month_ends_leap_days_and_new_years(published, text, first, last):
    assert found(text, published)[-1][1:] == (first, last)


def test_the_ends_of_the_calendar_are_no_error():
    assert found("yesterday, two years ago, last month, the past three years", date.min) == []
    assert found("tomorrow, next year, next month", date.max) == []


def test_the_longest_time_wins_and_none_overlap():
    assert [one[0] for one in found("from 2016 to 2019, on October 21, 2025, on October 21")] == [
        "from 2016 to 2019",
        "October 21, 2025",
    ]


pieces = st.lists(
    st.sampled_from(
        "in on from to 2016 1990s March Oct. 21 , - – ( ) last next this week year Tuesday will meet two ago 31 "
        "в марте году прошлом назад 2025-10-21 29 February \n of and the today".split(" ")
    ),
    max_size=30,
).map(" ".join)


@often
@given(pieces, st.dates() | st.none())
def test_mentions_are_spans_in_order_with_their_days_in_order(text, published):
    end = 0
    for one in date_mentions(text, published):
        assert end <= one.start < one.end <= len(text)
        assert one.text == text[one.start : one.end]
        assert one.first <= one.last
        end = one.end


@often
@given(pieces, st.dates())
def test_an_unknown_day_of_publication_only_leaves_mentions_out(text, published):
    known = {(one.start, one.end, one.first, one.last) for one in date_mentions(text, published)}
    unknown = {(one.start, one.end, one.first, one.last) for one in date_mentions(text, None)}
    spans = [(start, end) for start, end, *_ in known]
    assert all(one in known or any(a < one[1] and one[0] < b for a, b in spans) for one in unknown)


@pytest.mark.parametrize(
    "piece", ["1,", "2016 ", "in ", "May 5 ", "2016-", "will ", "will meet Monday ", " ", "\n"]
)
def test_time_grows_with_the_text_and_not_faster(piece):
    text = (piece * 200_000)[:200_000]
    started = time.perf_counter()
    date_mentions(text, FRIDAY)
    # Measured at 0.1 to 3.3 s; quadratic work would take minutes.
    assert time.perf_counter() - started < 40
