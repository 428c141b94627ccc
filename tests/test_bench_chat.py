"""What `make bench` says of the chat: which questions are timed, and when it fails."""

import sys

import pytest

from tools import bench_chat


def test_all_answerable_questions_without_an_earlier_turn_are_timed():
    asked = bench_chat.questions()
    assert len(asked) > 80
    assert len(set(asked)) == len(asked)
    few = bench_chat.questions(10)
    assert len(few) == 10
    assert set(few) <= set(asked)


@pytest.mark.parametrize(
    ("page", "left", "told"),
    [
        ([1.0] * 20, 0.5, None),
        ([1.19] * 20, 1.0, None),
        ([1.3] * 20, 0.5, "from Enter to the sources: 1.30 at p50"),
        ([1.0] * 18 + [1.5] * 2, 0.5, "from Enter to the sources: 1.50 at p95"),
        ([1.0] * 20, 1.1, "a closed tab: 1.10 s"),
    ],
)
def test_what_is_slower_than_the_aim_fails(page, left, told, monkeypatch, capsys):
    pairs = [((seconds, 2.0), (1.0, 2.0)) for seconds in page]
    asked = []
    monkeypatch.setattr(bench_chat, "measured", lambda questions: asked.extend(questions) or (pairs, [0.1, left]))
    monkeypatch.setattr(sys, "argv", ["bench_chat", "--limit", "5"])
    if told is None:
        bench_chat.main()
    else:
        with pytest.raises(SystemExit, match="Above the aim") as ended:
            bench_chat.main()
        assert told in ended.value.code
        assert "first sentence" not in ended.value.code
    assert len(asked) == 5
    assert "20" in capsys.readouterr().out
