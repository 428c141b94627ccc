import io
import json
import sys
from datetime import date
from pathlib import Path

import pytest

import prompts
from rag.batch import Row, answer_row, read_batch
from rag.errors import UsageError
from rag.evidence import SentenceReader
from rag.parts import Limits, Parts, Writer
from rag.prompting import chat_format
from rag.testing import HashEmbedder, ScriptedGenerator
from rag.types import Hit, Passage, Question, Source, Turn


@pytest.fixture
def batch(tmp_path):
    def write(raw):
        path = tmp_path / "questions.jsonl"
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        return path

    return write


class OnePassage:
    def beside(self, hit):
        return []

    def search(self, question, *, limit, as_of=None, documents=None):
        text = "The old mill closed in 1987."
        source = Source(1, ("mill.txt",), (), "Mills", None, None, None, None, ())
        return [Hit(Passage(1, 1, 0, len(text), text), source, 1.0, 0.9, 1.0)]


@pytest.fixture
def parts():
    generator = ScriptedGenerator(["The mill closed in 1987 [1]."] * 5)
    writer = Writer(generator, prompts.load("answer"), chat_format("chatml"), generator.count_segments)
    return Parts(OnePassage(), SentenceReader(HashEmbedder()), writer, Limits(max_question_chars=100))


def test_ids_and_questions_in_order(batch):
    rows = read_batch(
        batch('{"id": "b", "question": "Q1"}\n{"question": "Q2", "id": 1}\n{"id": "a", "question": ""}')
    )
    assert rows == [Row("b", Question("Q1")), Row(1, Question("Q2")), Row("a", Question(""))]


def test_bom_blank_lines_and_windows_line_ends(batch):
    rows = read_batch(
        batch(b'\xef\xbb\xbf\r\n{"id": 1, "question": "Q"}\r\n   \r\n{"id": 2, "question": "R"}\r\n')
    )
    assert [row.id for row in rows] == [1, 2]


def test_line_separators_inside_a_string_do_not_end_the_line(batch):
    question = "one\u2028two\u0085three"
    rows = read_batch(batch(json.dumps({"id": 1, "question": question}, ensure_ascii=False)))
    assert rows[0].question.text == question


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": 1, "question": "Q"}')))
    assert [row.id for row in read_batch(Path("-"))] == [1]


def test_history_holds_questions_or_turns(batch):
    history = ["Q1", {"question": "Q2", "answer": "A2"}, {"question": "Q3", "answer": None}, {"question": "Q4"}]
    (row,) = read_batch(batch(json.dumps({"id": 1, "question": "Q", "history": history})))
    assert row.question.history == (Turn("Q1"), Turn("Q2", "A2"), Turn("Q3"), Turn("Q4"))


def test_as_of_of_the_line_wins_over_the_flag(batch):
    path = batch('{"id": 1, "question": "Q", "as_of": "2024-02-29"}\n{"id": 2, "question": "Q", "as_of": null}')
    rows = read_batch(path, default_as_of=date(2020, 1, 1))
    assert [row.question.as_of for row in rows] == [date(2024, 2, 29), date(2020, 1, 1)]
    assert [row.question.as_of for row in read_batch(path)] == [date(2024, 2, 29), None]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{id: 1}", "not JSON"),
        ("not json", "not JSON"),
        ('{"id": ' + "9" * 5000 + ', "question": "Q"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["Q"]', "not a JSON object"),
        ("null", "not a JSON object"),
        ('{"id": 1, "question": "Q", "asof": "2024-01-01"}', "unknown field 'asof'"),
        ('{"question": "Q"}', "'id' must be"),
        ('{"id": null, "question": "Q"}', "'id' must be"),
        ('{"id": true, "question": "Q"}', "'id' must be"),
        ('{"id": ["a"], "question": "Q"}', "'id' must be"),
        ('{"id": "a\\ud800", "question": "Q"}', "'id' must be"),
        ('{"id": 1}', "'question' must be text"),
        ('{"id": 1, "question": 5}', "'question' must be text"),
        ('{"id": 1, "question": "Q", "history": "Q0"}', "'history' must be a list"),
        ('{"id": 1, "question": "Q", "history": {}}', "'history' must be a list"),
        ('{"id": 1, "question": "Q", "history": [5]}', "'history' holds a turn"),
        ('{"id": 1, "question": "Q", "history": [{"answer": "A"}]}', "'history' holds a turn"),
        ('{"id": 1, "question": "Q", "as_of": "yesterday"}', "'as_of' must be a date"),
        ('{"id": 1, "question": "Q", "as_of": 20240101}', "'as_of' must be a date"),
    ],
)
def test_a_malformed_line_is_named_with_its_field(line, told, batch):
    path = batch('{"id": 0, "question": "Q"}\n\n' + line)
    with pytest.raises(UsageError) as caught:
        read_batch(path)
    assert caught.value.message.startswith(f"{path}, line 3: ")
    assert told in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("raw", [b"", b"\n \n", b"\xff\xfe{", "q\u00e9".encode("latin-1")])
def test_a_file_without_questions_or_of_another_encoding(raw, batch):
    with pytest.raises(UsageError, match="The batch file"):
        read_batch(batch(raw))


def test_a_missing_file(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_batch(tmp_path / "missing.jsonl")


def test_an_answered_row(parts):
    answered = answer_row(Row("q1", Question("When did the mill close?")), parts)
    assert answered["id"] == "q1"
    assert answered["answer"] == "The mill closed in 1987."
    assert "error" not in answered


def test_an_error_stays_in_its_row(parts):
    questions = ["When did the mill close?", " \x00 ", "mill " * 100, "Did the mill close?"]
    answered = [answer_row(Row(number, Question(text)), parts) for number, text in enumerate(questions)]
    assert [row["id"] for row in answered] == [0, 1, 2, 3]
    assert ["error" in row for row in answered] == [False, True, True, False]
    assert set(answered[1]) == {"id", "question", "error"}
    assert answered[1]["error"]["kind"] == "QuestionError"
    assert answered[1]["error"]["message"] == "The question is empty."
    assert answered[1]["error"]["hint"]


def test_a_crash_does_not_reach_the_next_row(parts):
    parts.writer.generator.replies.appendleft(ScriptedGenerator.CRASH)
    crashed, fine = (answer_row(Row(number, Question("When did the mill close?")), parts) for number in (1, 2))
    assert crashed["answer"] == "The old mill closed in 1987."
    assert len(crashed["warnings"]) == 1
    assert fine["answer"] == "The mill closed in 1987."
    assert fine["warnings"] == []


@pytest.mark.parametrize(
    "question",
    ["\\ud800", "mill\\ud800 closed", "mill\\u0000 closed", "\\u0000", "\\ud83d\\ude00 mill", "x\\udfff" * 80],
)
def test_broken_characters_in_json_strings_do_no_harm(question, parts, batch):
    line = f'{{"id": 1, "question": "{question}", "history": ["{question}"]}}'
    (row,) = read_batch(batch(line))
    json.dumps(answer_row(row, parts), ensure_ascii=False).encode()
