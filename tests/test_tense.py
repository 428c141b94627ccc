"""Whether a named day is the last one or the next: by the verbs around it."""

import pytest

from rag.tense import Tense, is_done, tense_at

AHEAD, BEHIND, UNCLEAR = Tense.AHEAD, Tense.BEHIND, Tense.UNCLEAR


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
        ("The votes have been counted on Friday.", BEHIND),
        ("On Friday he will be received in the capital.", AHEAD),
        ("He will resign, his office said on Friday.", BEHIND),
        ("She turned back on Tuesday and will try again on Friday.", AHEAD),
        ("The bridge is to be opened on Friday.", AHEAD),
        ("The result was expected by Friday noon.", AHEAD),
        ("The match was postponed until Friday.", AHEAD),
        ("The union called a vigil for Friday.", AHEAD),
        ("The union called for a strike on Friday.", BEHIND),
        ("She moved to London on Friday.", BEHIND),
        ("The bank extended loans to farmers on Friday.", BEHIND),
        ("The truce was extended on Friday for a week.", BEHIND),
        ("He promised to step down on Friday.", UNCLEAR),
        ("Nine trains in ten ran as planned on Friday.", BEHIND),
        ("Residents may return on Friday.", AHEAD),
        ("The man may be behind the attack on Friday.", UNCLEAR),
        ("The law takes effect on Friday.", AHEAD),
        ("I opened the will on Friday.", BEHIND),
        ("The bridge is closed; on Friday it will open.", AHEAD),
        ("The bridge is due to open on Friday.", AHEAD),
        ("The match was abandoned due to rain on Friday.", BEHIND),
        ("He has to appear in court on Friday.", AHEAD),
        ("They have to decide by Friday.", AHEAD),
        ("The minister faces questions over Friday's attack.", UNCLEAR),
        ("Manchester United play Leeds on Friday.", UNCLEAR),
        ("The proposed law reaches parliament on Friday.", UNCLEAR),
        ("The museum, opened in 1950, is open on Friday.", UNCLEAR),
        ("The shop is closed on Friday.", UNCLEAR),
        ("They voted to shut it until Friday.", UNCLEAR),
        ("Concert on Friday.", UNCLEAR),
    ],
)
def test_the_nearest_verb_tells(sentence, expected):
    assert tense(sentence) is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Мост открыли в пятницу.", BEHIND),
        ("Встреча состоится в пятницу.", AHEAD),
        ("Школа откроется в пятницу.", AHEAD),
        ("Если успеют, мост откроют в пятницу.", AHEAD),
        ("Глава отдела приедет в пятницу.", AHEAD),
        ("Около ста человек в пятницу.", UNCLEAR),
    ],
)
def test_russian(sentence, expected):
    assert tense(sentence, "пятницу") is expected


def test_a_verb_of_another_sentence_or_of_a_relative_clause_does_not_count():
    assert tense("It will rain. Concert on Friday.") is UNCLEAR
    assert tense("It will rain " + "and so on " * 40 + "on Friday.") is UNCLEAR
    assert tense("In May the treaty, which will bind both, is read.", "May") is UNCLEAR


def test_what_has_been_done_is_told_by_the_perfect_of_its_verb():
    assert is_done("The board has decided to close the yard by the end of 2026.", ["board", "decide"])
    assert is_done("They’ve already opened it.", ["open"])
    assert not is_done("The board has said that it will decide before Christmas.", ["board", "decide"])
    assert not is_done("The board decides on Friday.", ["decide"])
