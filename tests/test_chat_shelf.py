"""The documents of a library as the chat adds, opens, scopes and removes them; judgements as gold questions."""

from datetime import date

import pytest

from eval.gold_draft import DraftSource
from index.speech import attributions
from rag import compose_chat
from rag.cli import main
from rag.compose_examples import chosen
from rag.errors import UsageError
from rag.settings import load_settings
from rag.talks import Feedback, Scope, Verdict
from rag.types import Answer, Claim, FileStatus, Quote
from ui.ports import Place, Wanted

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, model_cache):
    folder = tmp_path_factory.mktemp("shelf")
    settings = load_settings({"library": folder / "library", "cache": model_cache}, env={})
    shelf = compose_chat.open_shelf(settings)
    put(
        shelf,
        folder / "a" / "ferry.txt",
        "The ferry\n\n2025-03-01\n\nThe captain of the ferry is Ada Vale. It is red.",
    )
    put(
        shelf,
        folder / "b" / "mayor.txt",
        "The mayor\n\n2025-06-01\n\nThe mayor of Quillon is Bert Ode. He has a dog.",
    )
    return shelf


def put(shelf, path, text):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text)
    *_, last = shelf.add([path])
    return last.files[0]


def number_of(shelf, name):
    return next(row.number for row in shelf.documents() if name in row.name)


def wanted(shelf, name, words):
    opened = shelf.open(number_of(shelf, name))
    start = opened.text.index(words)
    return Wanted(opened.source.document_id, start, start + len(words), words, name, opened.source.title)


def test_another_file_of_the_same_name_is_kept_beside_the_first(shelf, tmp_path):
    done = put(shelf, tmp_path / "ferry.txt", "Another ferry\n\nThe captain of this one is Cleo Marsh.")
    assert (done.name, done.status) == ("ferry (2).txt", FileStatus.READY)
    same = put(shelf, tmp_path / "copy.txt", "Another ferry\n\nThe captain of this one is Cleo Marsh.")
    assert same.told == "read: the same text as ferry (2).txt"
    number = number_of(shelf, "ferry (2).txt")
    shelf.remove(number)
    assert not any("ferry (2)" in row.name for row in shelf.documents())
    assert not (shelf._folder / "files" / "ferry (2).txt").exists()
    with pytest.raises(UsageError):
        shelf.remove(number)


def test_a_file_that_cannot_be_read_says_why_and_can_be_dismissed(shelf, tmp_path):
    done = put(shelf, tmp_path / "table.xyz", "x")
    assert done.status is FileStatus.UNSUPPORTED
    assert "xyz" in done.told
    (row,) = [row for row in shelf.documents() if row.number is None]
    shelf.dismiss(row.name)
    assert not [row for row in shelf.documents() if row.number is None]


def test_words_are_found_where_they_stand_now(shelf, tmp_path):
    path = tmp_path / "notice.txt"
    put(shelf, path, "A notice\n\nThe gate is closed on Mondays. Come again.")
    words = wanted(shelf, "notice.txt", "The gate is closed on Mondays.")
    opened = shelf.open(words)
    assert (opened.place, opened.text[slice(*opened.span)]) == (Place.EXACT, words.text)
    copy = shelf._folder / "files" / "notice.txt"
    copy.write_text("A notice\n\nDear people! The gate is closed on Mondays. Come again.")
    list(shelf._ingest([copy]))
    opened = shelf.open(words)
    assert (opened.place, opened.text[slice(*opened.span)]) == (Place.MOVED, words.text)
    copy.write_text("A notice\n\nThe gate is open on all days. Come when you like.")
    list(shelf._ingest([copy]))
    assert shelf.open(words).place is Place.CHANGED
    shelf.remove(number_of(shelf, "notice.txt"))
    assert shelf.open(words).place is Place.GONE
    assert shelf.open(words).source.title == words.title


def test_a_scope_is_the_chosen_documents_of_those_days(shelf):
    ferry, mayor = number_of(shelf, "ferry.txt"), number_of(shelf, "mayor.txt")
    assert shelf.inside(Scope()) is None
    assert shelf.inside(Scope(as_of=date(2025, 1, 1))) is None  # that is the retriever's to know
    assert shelf.inside(Scope((ferry,))) == {ferry}
    assert shelf.inside(Scope(since=date(2025, 5, 1))) == {mayor}
    assert shelf.inside(Scope((ferry, mayor), until=date(2025, 5, 1))) == {ferry}
    assert shelf.inside(Scope((ferry,), since=date(2025, 5, 1))) == frozenset()


def test_example_questions_are_about_the_documents(shelf):
    examples = shelf.examples()
    assert examples == ("Who is the captain of the ferry?", "Who is the mayor of Quillon?")  # no text carries more
    assert shelf.examples() is examples  # made once for each state of the library


_LIGHTHOUSE = (
    "Harbour council picks new master\n\nThe keeper of the Quillon lighthouse is Mara Brackwater."
    " The old keeper, Jon Teal, retired in February 2025."
)
_FARES = (
    'Ferry fares rise\n\n"Nobody likes it," said Minister Olga Reed. The ferry carried 4,200 passengers in June.'
)
_PASSENGERS = "Ferry passengers\n\nThe ferry carried 3,900 passengers in June, the harbour office said."


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (
            (_LIGHTHOUSE, _FARES, _PASSENGERS),
            (
                "Who is the keeper of the Quillon lighthouse?",
                "How many passengers did the ferry carry in June?",  # two texts answer it, and differ
                "What did Olga Reed say?",
            ),
        ),
        ((_FARES,), ("How many passengers did the ferry carry in June?", "What did Olga Reed say?")),
        (("Nothing to see here.",), ()),
    ],
)
def test_there_are_three_examples_wherever_the_documents_carry_three(texts, asked):
    sources = [
        DraftSource(f"{number}.txt", text, text.split("\n")[0], attributions=tuple(attributions(text)))
        for number, text in enumerate(texts)
    ]
    assert chosen(sources) == asked


def test_judged_answers_become_gold_questions_that_the_check_reads(shelf, tmp_path, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("RAG_LIBRARY", str(shelf._folder))
    runner = CliRunner()
    out = tmp_path / "feedback.jsonl"
    assert runner.invoke(main, ["eval", "from-feedback", "--out", str(out)]).exit_code == 3
    found = wanted(shelf, "mayor.txt", "The mayor of Quillon is Bert Ode.")
    source = shelf.open(found).source
    quote = Quote(1, source, 1, found.start, found.end, None, found.text, 0.9, answer=(24, 32))
    answer = Answer("Who is mayor?", (Claim(found.text, (quote,), True),), None, (), (), (), {})
    talks = compose_chat.open_talks(shelf._settings)
    talk = talks.begin("x")
    chosen_one = Scope((source.document_id,), as_of=date(2025, 7, 1))
    good = talks.add(talk, answer, question="Who is the mayor of Quillon?", scope=chosen_one)
    bad = talks.add(talk, answer, question="Who was it before?", scope=Scope(since=date(2025, 5, 1)))
    talks.judge(good, Feedback(Verdict.GOOD, "short and right"))
    talks.judge(bad, Feedback(Verdict.BAD, "Cleo Marsh"))
    done = runner.invoke(main, ["eval", "from-feedback", "--out", str(out)])
    assert done.exit_code == 0, done.output
    from eval.gold import load_gold

    first, second = load_gold(out)
    assert first.case.expected == (("Bert Ode",),)
    assert first.case.evidence[0].quote == found.text
    assert (first.case.documents, first.case.as_of) == (("mayor.txt",), date(2025, 7, 1))
    assert (first.reviewed, first.note) == (False, "short and right")
    assert (second.case.documents, second.case.as_of) == (("mayor.txt",), None)
    assert second.case.expected == (("Cleo Marsh",),)
    assert second.case.forbidden == ("Bert Ode",)
    assert second.case.history[0].question == "Who is the mayor of Quillon?"
    checked = runner.invoke(main, ["eval", "check", str(out), "--docs", str(shelf._folder / "files")])
    assert f"line 1 ({first.case.id}), evidence" not in checked.output
    assert (
        runner.invoke(main, ["eval", "from-feedback", "--out", str(out)]).exit_code == 2
    )  # it is not overwritten
