import pytest

from rag.stems import stem, stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("visits", "visited"),
        ("signed", "sign"),
        ("talks", "talk"),
        ("министра", "министр"),
        ("defence", "defense"),
        ("neighbouring", "neighbor"),
        ("organised", "organize"),
        ("centres", "center"),
    ],
)
def test_forms_of_one_word_meet(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("sign", "signal"), ("1998", "1999"), ("договор", "дорога")])
def test_other_words_do_not(one, other):
    assert stem(one) != stem(other)


def test_stop_words_have_no_stem():
    assert stems("The talks of the ministers") == [stem("talks"), stem("ministers")]
