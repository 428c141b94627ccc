"""Adapters of judged sentences and of follow-up questions: by hand on tiny files, and once on real ones."""

import gzip
import json
from pathlib import Path

import pytest

from eval.measures import outcome
from eval.readings import ReadingSystem
from eval.runner import run
from eval.suite_cast import CastTurn, cast_reading, load_cast
from eval.suite_claims import load_fool_me_twice, load_newsum_factuality, load_wice
from eval.types import ClaimCase, Row
from rag.errors import DocumentsError
from rag.types import Turn

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


def needs(name):
    return pytest.mark.skipif(
        not (DATA / name).is_dir(), reason=f"NOT CHECKED ON REAL DATA: {name} is not below {DATA}"
    )


def write_lines(path, rows):
    data = "\n".join(json.dumps(row) for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


# WiCE


def wice_row(claim_id, label, *, claim="It  sails.", evidence=("One.", " Two. ", "")):
    return {"label": label, "claim": claim, "evidence": list(evidence), "meta": {"id": claim_id}}


def write_wice(folder):
    rows = [
        wice_row("a", "supported"),
        wice_row("b", "partially_supported"),
        wice_row("c", "not_supported"),
        wice_row("d", "supported", claim=" "),
    ]
    write_lines(folder / "claim_dev.jsonl.gz", rows)
    write_lines(folder / "non_supported_tokens_dev.jsonl", [wice_row("t", "supported")])


def test_wice_takes_the_first_oracle_chunk_and_the_label_of_the_claim(tmp_path):
    write_wice(tmp_path)
    chunks = [
        wice_row("a", "partially_supported", evidence=["Two.", "Three."]),
        wice_row("a", "supported", evidence=["Four."]),
        wice_row("c", "not_supported", evidence=["Five."]),
    ]
    write_lines(tmp_path / "oracle_chunks_claim_dev.jsonl", chunks)
    suite = load_wice(tmp_path)
    assert suite.cases == (
        ClaimCase("a", "supported", "It sails.", "Two. Three.", True),
        ClaimCase("b", "partially_supported", "It sails.", "One. Two.", False),
        ClaimCase("c", "not_supported", "It sails.", "Five.", False),
    )
    assert suite.dropped == 1
    assert {reference.value for reference in suite.references} == {0.91, 0.76, 0.56}


def test_wice_without_chunks_takes_the_whole_page_of_every_claim(tmp_path):
    write_wice(tmp_path)
    assert {case.evidence for case in load_wice(tmp_path).cases} == {"One. Two."}
    assert len(load_wice(tmp_path, limit=1).cases) == 1


def test_missing_claims_are_named(tmp_path):
    for load in (load_wice, load_newsum_factuality, load_fool_me_twice):
        with pytest.raises(DocumentsError, match="jsonl"):
            load(tmp_path)


# Summaries


def summary(number, error_type, *, origin="xsum", text="It sails."):
    return {
        "dataset": "CLIFF",
        "origin": origin,
        "id": number,
        "doc": " The ferry sails. ",
        "summ": text,
        "model_name": "BART",
        "error_type": error_type,
    }


def test_a_summary_is_supported_where_no_error_is_marked(tmp_path):
    rows = [
        summary("1", "correct"),
        summary("2", "['extrinsic-NP', 'intrinsic-NP']", origin="cnndm"),
        summary("3", "['extrinsic-entire_sent']"),
        summary("4", None),
        summary("5", ""),
        summary("6", "['extrinsic-NP', 'correct']"),
    ]
    write_lines(tmp_path / "cliff.jsonl.gz", rows)
    suite = load_newsum_factuality(tmp_path)
    assert [(case.type, case.supported) for case in suite.cases] == [
        ("xsum correct", True),
        ("cnndm intrinsic extrinsic", False),
        ("xsum extrinsic", False),
        ("xsum correct extrinsic", False),
    ]
    assert (suite.cases[0].claim, suite.cases[0].evidence) == ("It sails.", "The ferry sails.")
    assert suite.dropped == 2


def test_two_summaries_of_one_article_are_two_cases(tmp_path):
    rows = [summary("1", "correct"), summary("1", "correct", text="It sails twice.")]
    write_lines(tmp_path / "goyal21.jsonl", rows)
    assert len({case.id for case in load_newsum_factuality(tmp_path).cases}) == 2


def test_a_malformed_error_type_is_named(tmp_path):
    write_lines(tmp_path / "cliff.jsonl", [summary("1", "['extrinsic")])
    with pytest.raises(DocumentsError, match="extrinsic"):
        load_newsum_factuality(tmp_path)


# FoolMeTwice


def test_fool_me_twice_puts_the_title_before_the_gold_sentences(tmp_path):
    gold = [{"section_header": "S", "text": "He sailed."}, {"section_header": "S", "text": "Twice. "}]
    row = {"id": "a", "text": "Ann sailed.", "label": "SUPPORTS", "wikipedia_page": "Ann", "gold_evidence": gold}
    rows = [row, {**row, "id": "b", "label": "REFUTES"}, {**row, "id": "c", "gold_evidence": []}]
    write_lines(tmp_path / "dev.jsonl.gz", rows)
    suite = load_fool_me_twice(tmp_path)
    assert suite.cases == (
        ClaimCase("a", "supports", "Ann sailed.", "Ann\nHe sailed. Twice.", True),
        ClaimCase("b", "refutes", "Ann sailed.", "Ann\nHe sailed. Twice.", False),
    )
    assert suite.dropped == 1


# CAsT


def write_cast(folder):
    asked = ["What is a  ferry?", "Is it?", "Tell me about Oslo.", "Who?"]
    turns = [{"number": number, "raw_utterance": text} for number, text in enumerate(asked, start=1)]
    (folder / "2019_evaluation_topics.json").write_text(json.dumps([{"number": 31, "turn": turns}]))
    lines = ["31_1\tWhat is a ferry?", "31_2\tIs a ferry old?", "31_3\ttell me about Oslo", ""]
    (folder / "2019_evaluation_resolved.tsv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))


def test_follow_ups_are_read_with_the_questions_before_them(tmp_path):
    write_cast(tmp_path)
    suite = load_cast(tmp_path)
    first, second = Turn("What is a ferry?"), Turn("Is it?")
    assert suite.turns == (
        CastTurn("31_1", "What is a ferry?", "What is a ferry?"),
        CastTurn("31_2", "Is it?", "Is a ferry old?", (first,)),
        CastTurn("31_3", "Tell me about Oslo.", "tell me about Oslo", (first, second)),
    )
    assert suite.follow_ups == suite.turns[1:]
    assert [turn.changed for turn in suite.turns] == [False, True, False]
    assert suite.dropped == 1


def test_rewrites_may_stand_in_the_topics(tmp_path):
    turns = [
        {"number": 1, "raw_utterance": "Why?", "manual_rewritten_utterance": "Why do ferries sail?"},
        {"number": 2, "raw_utterance": "When?", "manual_rewritten_utterance": "When do ferries sail?"},
    ]
    (tmp_path / "2020_manual_evaluation_topics_v1.0.json").write_text(json.dumps([{"number": 81, "turn": turns}]))
    assert [turn.rewrite for turn in load_cast(tmp_path).turns] == [
        "Why do ferries sail?",
        "When do ferries sail?",
    ]


def test_topics_without_rewrites_are_an_error(tmp_path):
    write_cast(tmp_path)
    (tmp_path / "2019_evaluation_resolved.tsv.gz").unlink()
    with pytest.raises(DocumentsError, match="rewrites"):
        load_cast(tmp_path)


def same_words(candidates):
    """Return a search for the candidate that shares most words; the first of equals."""

    def shared(text, candidate):
        return len(set(text.lower().split()) & set(candidate.lower().split()))

    def nearest(texts):
        return [max(range(len(candidates)), key=lambda place: shared(text, candidates[place])) for text in texts]

    return nearest


def figures_of(reading):
    with reading.open() as read:
        records = run(reading.suite.cases, ReadingSystem(read))
    rows = [Row(case, record) for case, record in zip(reading.suite.cases, records, strict=True)]
    found = outcome(reading.suite, rows, seed=0)
    assert found.failed == 0
    return {name: (figure.value, figure.n) for name, figure in found.metrics.items()}


def test_match_at_one_of_the_resolved_and_of_the_typed_question(tmp_path):
    write_cast(tmp_path)
    suite = load_cast(tmp_path)
    asked = []

    def resolve(question, history):
        asked.append((question, tuple(turn.question for turn in history)))
        return "What is what" if "Oslo" in question else "Is a ferry old?"

    # resolved: the second is sent astray; as typed "Is it?" shares one word with the first rewrite as well
    assert figures_of(cast_reading(suite, resolve, nearest_of=same_words)) == {
        "match@1": (0.5, 2),
        "match@1 changed": (1.0, 1),
        "match@1 raw": (0.5, 2),
        "match@1 raw changed": (0.0, 1),
    }
    assert asked == [
        ("Is it?", ("What is a ferry?",)),
        ("Tell me about Oslo.", ("What is a ferry?", "Is it?")),
    ]


def test_a_limit_draws_turns_and_keeps_all_rewrites_to_be_mistaken_for(tmp_path):
    write_cast(tmp_path)
    known = []

    def nearest_of(candidates):
        known.extend(candidates)
        return same_words(candidates)

    reading = cast_reading(load_cast(tmp_path), lambda text, _: text, nearest_of=nearest_of, limit=1)
    assert len(reading.suite.cases) == 1
    assert figures_of(reading)["match@1"][1] == 1
    assert len(known) == 3


def test_the_same_rewrite_in_another_conversation_is_as_right(tmp_path):
    turns = [
        {"number": 1, "raw_utterance": "a", "manual_rewritten_utterance": "a"},
        {"number": 2, "raw_utterance": "it", "manual_rewritten_utterance": "b"},
    ]
    topics = [{"number": 1, "turn": turns}, {"number": 2, "turn": turns}]
    (tmp_path / "topics.json").write_text(json.dumps(topics))
    found = figures_of(cast_reading(load_cast(tmp_path), lambda *_: "b", nearest_of=same_words))
    assert (found["match@1"][0], found["match@1 raw"][0]) == (1.0, 0.0)


# Real data


@pytest.mark.parametrize(
    ("load", "name"),
    [
        pytest.param(load_wice, "wice", marks=needs("wice")),
        pytest.param(load_newsum_factuality, "newsum_factuality", marks=needs("newsum_factuality")),
        pytest.param(load_fool_me_twice, "fool_me_twice", marks=needs("fool_me_twice")),
    ],
)
def test_real_claims_fit_together(load, name):
    suite = load(DATA / name)
    assert len({case.id for case in suite.cases}) == len(suite.cases) > 100
    assert all(case.claim and case.evidence for case in suite.cases)
    assert {case.supported for case in suite.cases} == {True, False}
    drawn = load(DATA / name, limit=10, seed=3).cases
    assert len(drawn) == 10
    assert set(drawn) <= set(suite.cases)


@needs("cast")
def test_real_follow_ups_fit_together():
    suite = load_cast(DATA / "cast")
    assert len({turn.id for turn in suite.turns}) == len(suite.turns) > 100
    assert len(suite.follow_ups) > 100
    reading = cast_reading(
        suite, lambda question, _: question, nearest_of=lambda _: lambda texts: [0] * len(texts)
    )
    found = figures_of(reading)
    assert found["match@1"] == found["match@1 raw"]
    assert len(reading.suite.cases) == len(suite.follow_ups)
