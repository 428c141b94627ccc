"""Whether a named day is the last one or the next: by the verbs around it."""

import pytest

from rag.tense import Tense, tense_at

AHEAD, BEHIND = Tense.AHEAD, Tense.BEHIND


def tense(sentence, day="Friday"):
    start = sentence.index(day)
    return tense_at(sentence, (start, start + len(day)))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The bridge was opened on Friday.", BEHIND),
        ("On Friday the mayor opened the bridge.", BEHIND),
        ("The bridge will be opened on Friday.", AHEAD),
        ("The votes from abroad will be counted by Friday.", AHEAD),
        ("On Friday he will be received in the capital.", AHEAD),
        ("He will resign, his office said on Friday.", BEHIND),
        ("She turned back on Tuesday and will try again on Friday.", AHEAD),
        ("The bridge is to be opened on Friday.", AHEAD),
        ("The result was expected by Friday noon.", AHEAD),
        ("The match was postponed until Friday.", AHEAD),
        ("The truce was extended on Friday for a week.", BEHIND),
        ("Nine trains in ten ran as planned on Friday.", BEHIND),
        ("Residents may return on Friday.", AHEAD),
        ("The law takes effect on Friday.", AHEAD),
        ("I opened the will on Friday.", BEHIND),
        ("The bridge is closed; on Friday it will open.", AHEAD),
        ("Concert on Friday.", None),
    ],
)
def test_the_nearest_verb_tells(sentence, expected):
    assert tense(sentence) is expected


def test_russian():
    assert tense("Мост открыли в пятницу.", "пятницу") is BEHIND
    assert tense("Встреча состоится в пятницу.", "пятницу") is AHEAD


def test_a_verb_of_another_sentence_does_not_count():
    assert tense("It will rain. Concert on Friday.") is None
    assert tense("It will rain " + "and so on " * 40 + "on Friday.") is None
