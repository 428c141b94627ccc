"""The invented texts that the reader is trained on: their form, and that they stay apart from what is measured."""

import json
from pathlib import Path

import pytest

from rag.text import sentences
from training import written

KURILS = Path(__file__).parents[1] / "eval" / "corpora" / "kurils"
TEXT = """# Harbour dues rise
@ The Ludham Herald | 2024-03-05
1 Dues rise by 4 % in April, the harbour board said.
2 Mr Olsen, who chairs it, called the step "overdue".
? how much will dues go up
= 1 4 %
? Who chairs the ferry company?
= none
+ 1 The harbour board is raising its dues.
- 1 number: Dues rise by 14 % in April.
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(written, "FOLDER", tmp_path)
    (tmp_path / "port.txt").write_text(TEXT)
    return tmp_path


def test_a_text_becomes_questions_with_their_answering_sentences_and_words(folder):
    rise, ferry = written.readings()
    assert (rise.question, rise.labels, rise.span) == ("how much will dues go up", (1, 0), (0, 13, 16))
    assert rise.sentences[0][13:16] == "4 %"
    assert (rise.title, rise.date) == ("Harbour dues rise", "2024-03-05")
    assert (ferry.labels, ferry.span, ferry.has_span) == ((0, 0), None, True)
    yes, no = written.supports()
    assert (yes.label, yes.kind, no.label, no.kind) == (1, "", 0, "number")
    assert no.quote == "Dues rise by 4 % in April, the harbour board said."


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("= 2 4 %", "does not hold these words"),
        ("4 A third sentence.", "sentence 3 is next"),
        ("- 1 mood: Dues fall.", "a kind is one of"),
        ("+ Dues rise.", "numbers of its sentences come first"),
        ("+ 9 Dues rise.", "no such sentence"),
        ("@ The Ludham Herald | March", "a date is written"),
    ],
)
def test_a_line_that_is_no_good_is_named(folder, line, told):
    path = folder / "bad.txt"
    path.write_text(f"{TEXT}{line}\n")
    with pytest.raises(written.FormError, match=rf"bad\.txt:{len(TEXT.splitlines()) + 1}: .*{told}"):
        written.texts(path)


def test_every_text_has_a_name_of_its_own_and_something_to_ask():
    found = [(path.stem, text) for path in sorted(written.FOLDER.glob("*.txt")) for text in written.texts(path)]
    assert len(found) > 500
    assert len({(stem, text.title) for stem, text in found}) == len(found)
    assert all(text.sentences and text.asked and text.claims for _, text in found)
    asked = [answers for _, text in found for _, answers in text.asked]
    assert 0.3 < asked.count([]) / len(asked) < 0.5


def test_nothing_of_the_sample_news_or_its_questions_is_in_them():
    trained = {sentence.casefold() for one in written.readings() for sentence in (*one.sentences, one.question)}
    news = [path.read_text(errors="replace") for path in KURILS.iterdir() if path.is_file()]
    measured = {text[start:end].casefold() for text in news for start, end in sentences(text)}
    gold = KURILS.with_suffix(".gold.jsonl").read_text().splitlines()
    measured |= {json.loads(line)["question"].casefold() for line in gold}
    assert not trained & measured
    assert not any("kuril" in text for text in trained)
