"""Files of public data: found by pattern, and a damaged one is told by name."""

import gzip
import json

import pytest

from eval.data import found, json_lines, read_json, read_text
from rag.errors import DocumentsError


def write(path, *rows):
    text = "\n".join(json.dumps(row) for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def test_a_file_that_lies_there_twice_is_read_once(tmp_path):
    write(tmp_path / "claim_a.jsonl.gz", {"a": 1})
    write(tmp_path / "claim_a.jsonl", {"a": 1})
    write(tmp_path / "claim_b.jsonl.gz", {"a": 2})
    assert [row["a"] for row in json_lines(tmp_path, "claim_*.jsonl*")] == [1, 2]


@pytest.mark.parametrize(
    "name", ["claim_a.jsonl.bak", "._claim_a.jsonl", "claim_a.jsonl~", "claim_a.jsonl.gz.part"]
)
def test_copies_and_hidden_files_are_no_data(tmp_path, name):
    (tmp_path / name).write_bytes(b"\0 not json")
    with pytest.raises(DocumentsError, match="There is no"):
        found(tmp_path, "*claim_*.jsonl*")


def test_a_pattern_may_be_left_out(tmp_path):
    write(tmp_path / "qa_2025.jsonl", {"a": 1})
    write(tmp_path / "qa_nota_2025.jsonl", {"a": 2})
    write(tmp_path / "qa_late.jsonl.gz", {"a": 3})
    assert [row["a"] for row in json_lines(tmp_path, "qa_*.jsonl*", but="qa_nota*")] == [1, 3]


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"PK" + data, lambda data: data[:12]])
def test_a_damaged_archive_is_told_by_name(tmp_path, damage):
    path = tmp_path / "claim_a.jsonl.gz"
    path.write_bytes(damage(gzip.compress(b'{"a": 1}' * 50)))
    with pytest.raises(DocumentsError, match=r"claim_a\.jsonl\.gz cannot be read") as caught:
        read_text(path)
    assert "Copy the file anew" in caught.value.hint


def test_bytes_that_are_no_utf_8_and_a_folder_are_told(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "a.json", tmp_path):
        with pytest.raises(DocumentsError, match="cannot be read"):
            read_text(path)


def test_a_missing_field_is_told_with_file_and_line(tmp_path):
    write(tmp_path / "qa.jsonl", {"question": "Who?"}, {"inner": {"b": 1}})
    first, second = json_lines(tmp_path, "qa*.jsonl*")
    assert first["question"] == "Who?"
    assert first.get("answer") is None
    with pytest.raises(DocumentsError, match=r"qa\.jsonl, line 1 has no field 'answer'"):
        first["answer"]
    with pytest.raises(DocumentsError, match=r"qa\.jsonl, line 2 has no field 'c'"):
        second["inner"]["c"]
    (tmp_path / "one.json").write_text('{"rows": [{}]}')
    with pytest.raises(DocumentsError, match=r"one\.json has no field 'id'"):
        read_json(tmp_path / "one.json")["rows"][0]["id"]


SHAPE = {"question": str, "answers": ([str], None), "score": (float, None), "documents": [{"text": (str, None)}]}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"question": 5}, "question: 5 is not a text"),
        ({"question": None}, "question: null is not a text"),
        ({"question": "Who?", "answers": 3}, "answers: 3 is not a list"),
        ({"question": "Who?", "answers": ["a", 3]}, r"answers\[1\]: 3 is not a text"),
        ({"score": "high"}, 'score: "high" is not a number'),
        ({"documents": [{"text": "x"}, "y"]}, r'documents\[1\]: "y" is not an object'),
        ({"documents": [{"text": 1}]}, r"documents\[0\].text: 1 is not a text"),
    ],
)
def test_a_wrong_value_is_told_with_file_line_and_field(tmp_path, row, told):
    right = [{"question": "Who?", "answers": None, "score": 1, "documents": [{"text": None, "more": 5}]}, {}]
    write(tmp_path / "qa.jsonl", *right, row)
    rows = json_lines(tmp_path, "qa*.jsonl*", shape=SHAPE)
    assert [next(rows), next(rows)] == right
    with pytest.raises(DocumentsError, match=rf"qa\.jsonl, line 3, field {told}"):
        next(rows)


@pytest.mark.parametrize(("text", "told"), [('{"a": 1', "line 1"), ("[1]", "line 1 is no object")])
def test_a_line_that_is_no_object_is_told(tmp_path, text, told):
    (tmp_path / "qa.jsonl").write_text(text)
    with pytest.raises(DocumentsError, match=told):
        list(json_lines(tmp_path, "qa*.jsonl*"))
