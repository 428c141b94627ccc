"""Dates in a text's head: formats, languages, and what must stay unknown."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dates import dateline, find_date, without_date

DAY = date(2025, 10, 21)


@pytest.mark.parametrize(
    "text",
    [
        "2025-10-21",
        "2025-10-21T09:30:00+03:00",
        "2025/10/21",
        "2025.10.21",
        "21.10.2025",
        "21. 10. 2025",
        "21.\u200910.\u20092025",
        "21 October 2025",
        "21st October, 2025",
        "21 Oct. 2025",
        "October 21, 2025",
        "Oct. 21st 2025",
        "OCTOBER 21, 2025",
        "21 октября 2025 года",
        "2025年10月21日",
        "21. Oktober 2025",
        "21 octobre 2025",
        "21 de octubre de 2025",
        "21/10/2025",
        "10/21/2025",
        "Tuesday, the 21st: published 21 October 2025 at 09:30",
    ],
)
def test_a_full_date_is_found_in_each_format(text):
    assert find_date(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "21 October",
        "October 2025",
        "21 октября",
        "2025",
        "on Tuesday",
        "31 June 2025",
        "2025-02-30",
        "31.04.2025",
        "2025-13-01",
        "0 May 2025",
        "1234-10-21",
        "05/06/2025",
        "33/10/2025",
        "12025-10-21",
        "2025-10-211",
    ],
)
def test_what_is_no_full_date_stays_unknown(text):
    assert find_date(text) is None


def test_the_first_date_that_exists_counts():
    assert find_date("31 June 2025, then 21.10.2025, then 1 May 2026") == DAY


@settings(derandomize=True, deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%b %d, %Y"]),
)
def test_every_written_date_is_read_back(day, form):
    assert find_date(f"Posted {day.strftime(form)} by the desk") == day


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="0123456789-./ ,年月日октябряMay\n", max_size=60))
def test_no_text_breaks_the_reader(text):
    dateline(text)


@pytest.mark.parametrize(
    "head",
    [
        "TOKYO, Oct. 21, 2025 -- The cabinet said that talks on a treaty would go on as soon as they could.",
        "TOKYO (21 October 2025) - The cabinet said that talks on a treaty would go on as soon as they could.",
        "Published on 21 October 2025 by the foreign desk of a paper that has a rather long name, as papers have.",
        "Опубликовано 21 октября 2025 года",
        "A headline about something\n\n21.10.2025",
        "Karlsruhe, (21.10.2025). The cabinet said that talks on a treaty would go on as soon as they could.",
        "Opinion. By Ann Writer, Nemuro. The Tide Notes, English page of the coast edition, 21 October 2025",
        "By Ann Writer on 21 October 2025",
        "Tribunal of Otaru, communication of 21 October 2025",
        "By Ann Writer, October 21, 2025 at 9:14 AM EDT",
        "2025-10-21T09:14:00Z",
        "Date: Tuesday, 21 October 2025",
        "NEMURO — 21 October 2025",
        "21 October 2025 · 4 min read",
        "Stand: 21.10.2025, 09:14 Uhr",
        "Publié le 21 octobre 2025 à 09h14",
        "Minutes of the board, 21 October 2025",
        "21 October 2025 (updated 23 October 2025)",
        "Updated: 22 October 2025, 10:00\nPublished: 21 October 2025, 09:14",
        "Updated: 22 October 2025 | Published: 21 October 2025",
        "Last modified on Wed 22 Oct 2025 10.00 BST\nFirst published on Tue 21 Oct 2025 09.14 BST",
        "Updated: 21 October 2025",
    ],
)
def test_a_dateline_dates_the_text(head):
    assert dateline(f"{head}\n\nThe story begins here.") == DAY


@pytest.mark.parametrize(
    "story",
    [
        "On 19 October 1956, Hatoyama signed the declaration that ended the state of war between both countries.",
        "In Moscow on 19 October 1956, Hatoyama signed the declaration that ended the war between both countries.",
        "19 октября в Москве, как и 19 октября прошлого года, стороны подписали декларацию об окончании войны.",
        "A ceremony held on 9 May 1945",
        "The communication of 9 May 1945 ended the war",
        "In answer to your statement of 9 May 1945",
        "Amendments to the minutes of 9 May 1945",
        "The battle of 9 May 1945",
        "Term begins: 1 July 2023",
        "Rut Lind (born 4 May 1950)",
        "Date of birth: 4 May 1950",
        "Payment due 4 May 2024",
        "Due Date: 4 May 2024",
        "Deadline: 4 May 2024",
        "1 July 2023 – 30 June 2024",
        "The bridge burned 9 May 1945",
        "4 May 1950: Rut Lind is born in the mill at Tollen as the third child of its miller.",
        "By Friday, 4 May 2024, all cards must be returned",
        "The ministers, who had met before, signed the declaration on 19 October 1956 and went home the next day.",
    ],
)
def test_a_date_of_the_story_does_not_date_the_text(story):
    assert dateline(f"A headline about something\n\n{story}") is None


def test_a_date_far_down_does_not_date_the_text():
    lines = [f"Line number {number} of the story." for number in range(20)]
    assert dateline("\n".join([*lines, "21 October 2025"])) is None


def test_a_line_without_its_date_weekday_and_time():
    assert without_date("Tuesday, 21 October 2025, 09:30 | Ann Writer") == "Ann Writer"
    assert without_date("no date here") == "no date here"
