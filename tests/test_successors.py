from datetime import date

import pytest

from rag.asked import analyse
from rag.evidence import candidates_in, with_holders
from rag.offices import office_of
from rag.successors import has_left, left, successor
from rag.types import Hit, Passage, Source

SPRING, AUTUMN = date(2025, 4, 11), date(2025, 9, 15)
LEFT = "Petra Dorn, who resigned as water minister in August, is to represent the farmers."
FOLLOWS = "Her successor, Nils Haag, wants to go on talking."


def office(question="Who is the water minister of Valdia?"):
    return office_of(analyse(question))


def hit(number, text, day):
    source = Source(number, (f"{number}.txt",), (), "Water", None, None, day, None, ())
    return Hit(Passage(number, number, 0, len(text), text), source, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("sentence", "before", "name"),
    [
        (FOLLOWS, LEFT, "Nils Haag"),
        ("The successor is Nils Haag.", LEFT, "Nils Haag"),
        (FOLLOWS, "Petra Dorn left the fire brigade.", None),
        ("Nils Haag met her successor.", LEFT, None),
    ],
)
def test_who_follows_is_told_behind_the_office(sentence, before, name):
    span = successor(office(), (sentence, AUTUMN, before))
    assert (sentence[slice(*span)] if span else None) == name


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Her predecessor, Bo Lind, had held the office since 2003.", "Bo Lind"),
        ("Ann Ito praised her predecessor, Bo Lind.", "Bo Lind"),
        ("The museum's director thanked his predecessor, Bo Lind.", None),
        ("Bo Lind thanked his predecessor, Ann Ito.", None),
    ],
)
def test_who_held_an_office_before_somebody_is_their_predecessor(sentence, name):
    (one,) = with_holders("Who was the chair before Ann Ito?", candidates_in([hit(1, sentence, AUTUMN)]))
    assert (sentence[slice(*one.answer)] if one.answer else None) == name


@pytest.mark.parametrize("asked", ["Sanae Takaichi", "Takaichi"])
def test_nobody_held_an_office_before_themselves(asked):
    hits = [hit(1, "Japan's new prime minister, Sanae Takaichi, took office last month.", AUTUMN)]
    found = with_holders(f"Who was prime minister of Japan before {asked}?", candidates_in(hits))
    assert [one.answer for one in found] == [None]


def test_who_has_left_is_not_the_holder_of_older_documents():
    gone = left(office(), [(LEFT, AUTUMN, "")])
    assert gone == [("Petra Dorn", AUTUMN)]
    assert has_left("Petra Dorn", SPRING, gone=gone)
    assert has_left("Dorn", SPRING, gone=gone)
    assert not has_left("Petra Dorn", date(2025, 12, 1), gone=gone)
    assert not has_left("Nils Haag", SPRING, gone=gone)
    assert left(office("Who is the fire chief of Valdia?"), [(LEFT, AUTUMN, "")]) == []


def test_now_the_one_who_follows_holds_the_office_and_before_the_one_who_left_did():
    hits = [hit(1, "Valdia's water minister, Petra Dorn, said no.", SPRING), hit(2, f"{LEFT} {FOLLOWS}", AUTUMN)]

    def told(question):
        found = with_holders(question, candidates_in(hits))
        return [one.text[slice(*one.answer)] for one in found if one.answer]

    assert told("Who is the water minister of Valdia?") == ["Nils Haag"]
    assert told("Who was the water minister of Valdia before Nils Haag?") == ["Petra Dorn"]
    assert "Petra Dorn" in told("Who was the water minister of Valdia in April 2025?")
