"""Retrieval measures against values worked out by hand, and the suites of public questions."""

import gzip
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.retrieval import (
    CorpusText,
    Needs,
    Query,
    Suite,
    evaluate,
    load_multihop,
    load_nq_oracle,
    load_realtimeqa,
    load_suites,
    load_timeqa,
    mrr,
    ndcg_at_10,
    recall_at_k,
    success_at_k,
)
from rag.errors import DocumentsError

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


# One question, by hand


@pytest.mark.parametrize(
    ("found", "gold", "k", "recall", "success"),
    [
        ("abc", "a", 1, 1.0, 1.0),
        ("abc", "c", 1, 0.0, 0.0),
        ("abc", "c", 3, 1.0, 1.0),
        ("abc", "ac", 1, 0.5, 1.0),
        ("abc", "ax", 3, 0.5, 1.0),
        ("", "a", 5, 0.0, 0.0),
    ],
)
def test_recall_and_success(found, gold, k, recall, success):
    assert recall_at_k(found, gold, k=k) == recall
    assert success_at_k(found, gold, k=k) == success


@pytest.mark.parametrize(
    ("found", "gold", "expected"), [("abc", "a", 1.0), ("abc", "cb", 0.5), ("abc", "c", 1 / 3), ("abc", "x", 0.0)]
)
def test_reciprocal_rank(found, gold, expected):
    assert mrr(found, gold) == expected


@pytest.mark.parametrize(
    ("found", "gold", "expected"),
    [
        ("abc", "a", 1.0),
        ("abc", "b", 1 / math.log2(3)),
        ("abc", "ac", (1 + 1 / 2) / (1 + 1 / math.log2(3))),
        ("abc", "ab", 1.0),
        ("abcdefghijk", "k", 0.0),
        ("", "a", 0.0),
    ],
)
def test_discounted_gain(found, gold, expected):
    assert ndcg_at_10(found, gold) == pytest.approx(expected)


@settings(derandomize=True, deadline=None)
@given(st.permutations("abcdefghijklmnop"), st.sets(st.sampled_from("abcdefghijklmnopqr"), min_size=1))
def test_measures_stay_between_nothing_and_all(found, gold):
    values = [
        recall_at_k(found, gold, k=5),
        success_at_k(found, gold, k=5),
        mrr(found, gold),
        ndcg_at_10(found, gold),
    ]
    assert all(0 <= value <= 1 + 1e-12 for value in values)
    assert values[0] <= values[1]
    best = [*sorted(gold), *(item for item in found if item not in gold)]
    assert (mrr(best, gold), ndcg_at_10(best, gold)) == (1.0, pytest.approx(1.0))


# A suite


def make_suite(needs, count=2):
    queries = tuple(Query(f"question {number}", frozenset("ab")) for number in range(count))
    corpus = tuple(CorpusText(name, name, name) for name in "abc")
    return Suite("small", corpus, queries, needs)


@pytest.mark.parametrize(("needs", "at_one", "at_five"), [(Needs.ANY, 0.5, 1.0), (Needs.ALL, 0.25, 0.75)])
def test_a_search_is_measured(needs, at_one, at_five):
    answers = {"question 0": ["a", "b"], "question 1": ["c", "a"]}
    found = evaluate(make_suite(needs), answers.__getitem__)
    assert [found.recall[k].value for k in (1, 5, 10)] == [at_one, at_five, at_five]
    assert (found.mrr.value, found.mrr.n, found.ranks) == (0.75, 2, ((1, 2), (2,)))


def write_lines(path, rows):
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))


def test_nq_oracle_is_read(tmp_path):
    row = {"question": "Who?", "answers": ["Ann"], "ctxs": [{"title": "T", "text": "Ann did.", "isgold": True}]}
    write_lines(tmp_path / "x-oracle.jsonl.gz", [row, {**row, "question": "What?"}])
    suite = load_nq_oracle(tmp_path)
    (text,) = suite.corpus
    assert (text.title, text.text) == ("T", "Ann did.")
    assert suite.queries == (Query("Who?", frozenset([text.id])), Query("What?", frozenset([text.id])))


def test_timeqa_is_read(tmp_path):
    none, first = {"para": 0, "answer": ""}, {"para": 2, "answer": "Ann"}
    article = {
        "paras": ["T", "History .", "Ann led it then ."],
        "questions": [["Who?", [first]], ["Why?", [none]]],
    }
    (tmp_path / "human_annotated_x.json").write_text(json.dumps([article]))
    suite = load_timeqa(tmp_path)
    assert [(text.title, text.text) for text in suite.corpus] == [("T", "Ann led it then .")]
    assert (suite.queries, suite.dropped) == ((Query("Who?", frozenset([suite.corpus[0].id])),), 1)


def test_multihop_is_read(tmp_path):
    (tmp_path / "hotpotqa_x_corpus.json").write_text(json.dumps({"A": ["One.", " Two."], "B": ["Three."]}))
    row = {
        "question": "Who?",
        "context": [["A", ["One.", " Two."]], ["B", ["Three."]]],
        "supporting_facts": [["A", 1]],
    }
    (tmp_path / "hotpotqa_x.json").write_text(json.dumps([row]))
    suite = load_multihop(tmp_path, "hotpotqa")
    assert [text.text for text in suite.corpus] == ["One. Two.", "Three."]
    assert (suite.queries, suite.needs) == ((Query("Who?", frozenset([suite.corpus[0].id])),), Needs.ALL)


def test_realtimeqa_is_read(tmp_path):
    docs = [{"doc_id": "1", "title": "T", "text": "It was 62."}, {"doc_id": "2", "title": "U", "text": "All 620."}]
    ask = {"question_id": "q", "question_sentence": "How <b>many</b>?", "choices": ["5", "62"], "answer": ["1"]}
    write_lines(tmp_path / "docs_2025.jsonl.gz", [*docs, {"doc_id": "3", "title": "V", "text": "62, unasked."}])
    write_lines(tmp_path / "retrieved_2025.jsonl.gz", [{"question_id": "q", "doc_ids": ["1", "2"]}])
    write_lines(tmp_path / "qa_2025.jsonl.gz", [ask])
    suite = load_realtimeqa(tmp_path)
    gold = next(text.id for text in suite.corpus if text.title == "T")
    assert len(suite.corpus) == 2
    assert suite.queries == (Query("How many?", frozenset([gold])),)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(DocumentsError, match=r"no \*oracle"):
        load_nq_oracle(tmp_path)
    with pytest.raises(DocumentsError, match="no folder nq_oracle"):
        load_suites(tmp_path)


def test_the_public_data_fits_together():
    if not (DATA / "nq_oracle").is_dir():
        pytest.skip(f"the public data is missing: {DATA}")
    suites = {suite.name: suite for suite in load_suites(DATA, limit=100, news=20)[0]}
    assert set(suites) >= {"nq_oracle"}
    for suite in suites.values():
        known = {text.id for text in suite.corpus}
        assert len(known) == len(suite.corpus)
        assert suite.queries
        assert all(query.gold <= known for query in suite.queries)
