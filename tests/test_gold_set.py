"""The gold set of the sample corpus: every row holds against the texts as the loaders give them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.gold import QuestionType, load_gold
from eval.gold_check import check_gold
from eval.measures import ACCURACY
from eval.metrics_answer import holds, right
from eval.types import Record, Row
from index.load import load
from rag.text import sentences

CORPORA = Path(__file__).parent.parent / "eval" / "corpora"
KURILS = CORPORA / "kurils"
COPY = "2024-11_ishiba_speech.txt"
# At least so many of each kind: a figure over fewer says little.
FLOORS = {
    QuestionType.FACT: 30,
    QuestionType.WHO_SAID: 18,
    QuestionType.TIME: 18,
    QuestionType.TWO_SIDED: 12,
    QuestionType.SEVERAL: 12,
    QuestionType.FOLLOW_UP: 14,
    QuestionType.LANGUAGE: 10,
    QuestionType.FALSE_PREMISE: 8,
    QuestionType.NEAR_MISS: 16,
    QuestionType.TEASER: 8,
}
WITHOUT_ANSWER = {QuestionType.FALSE_PREMISE, QuestionType.NEAR_MISS, QuestionType.TEASER}
# The answer is a name or a share, and a sentence that has it in passing is right too; so it is with who said what.
IN_PASSING = {"fact-03", "fact-16", "fact-30", "time-05", "time-09", "time-18", "language-07"}


@pytest.fixture(scope="module")
def rows():
    return load_gold(CORPORA / "kurils.gold.jsonl")


@pytest.fixture(scope="module")
def documents():
    files = sorted(path for path in KURILS.iterdir() if path.suffix != ".json")
    return {path.name: load(path, path.read_bytes()) for path in files}


@pytest.fixture(scope="module")
def texts(documents):
    return {name: document.text for name, document in documents.items()}


def test_the_check_finds_nothing(rows, texts):
    assert check_gold(rows, texts, corpus=KURILS.name) == []


def test_every_kind_has_its_share(rows):
    kinds = Counter(row.case.type for row in rows)
    assert set(kinds) == set(FLOORS)
    assert not {kind: kinds[kind] for kind, floor in FLOORS.items() if kinds[kind] < floor}
    assert len(rows) >= 120
    assert 0.65 <= sum(row.case.answerable for row in rows) / len(rows) <= 0.8


def test_the_kinds_are_what_they_are_called(rows):
    for row in rows:
        case = row.case
        assert case.answerable == (case.type not in WITHOUT_ANSWER), case.id
        assert bool(case.history) == (case.type == QuestionType.FOLLOW_UP), case.id
        if case.type in (QuestionType.TWO_SIDED, QuestionType.SEVERAL):
            assert len(case.expected) >= 2, case.id
        if case.type == QuestionType.SEVERAL:
            assert len({piece.document for piece in case.evidence}) >= 2, case.id


def test_every_quote_serves_a_part_of_the_answer(rows):
    """A quote that holds no expected string would count as a part of its own."""
    for case in (row.case for row in rows if row.case.answerable):
        for piece in case.evidence:
            assert any(holds(piece.quote, wanted) for group in case.expected for wanted in group), case.id


def test_the_right_quotes_alone_are_a_right_answer(rows):
    for case in (row.case for row in rows if row.case.answerable):
        answer = " ".join(piece.quote for piece in case.evidence)
        assert right(answer, case.expected, forbidden=case.forbidden), case.id
        if len(case.expected) == 1:
            assert all(right(piece.quote, case.expected, forbidden=case.forbidden) for piece in case.evidence)


def test_no_sentence_beside_the_evidence_is_a_right_answer(rows, documents):
    """A number or a word alone may stand in any sentence: such a row would take a wrong answer for right."""
    cases = [row.case for row in rows if row.case.answerable and len(row.case.expected) == 1]
    lenient = [
        (case.id, said)
        for case in cases
        if case.type != QuestionType.WHO_SAID and case.id not in IN_PASSING
        for said in _beside(case, documents)
        if right(said, case.expected, forbidden=case.forbidden)
    ]
    assert lenient == []


def _beside(case, documents):
    """Return the sentences that may be found for a question and share no word with its evidence."""
    for name, document in documents.items():
        is_later = case.as_of and document.published and document.published > case.as_of
        if name == COPY or is_later:
            continue
        starts = [(document.text.find(one.quote), len(one.quote)) for one in case.evidence if one.document == name]
        for start, end in sentences(document.text):
            if not any(at < end and start < at + length for at, length in starts):
                yield document.text[start:end]


def test_what_denies_the_premise_is_a_right_answer(rows):
    denied = [row.case for row in rows if row.case.correction]
    assert {case.id for case in denied} == {*(f"false-premise-{n:02}" for n in range(1, 12)), "near-miss-02"}
    for case in denied:
        for piece in case.evidence:
            record = Record(case.id, case.type, case.question, answer=piece.quote)
            assert ACCURACY.per_row(Row(case, record)) == 1.0, (case.id, piece.quote)
        made_up = Record(case.id, case.type, case.question, answer=f"{case.question} On 5 May 2021, for peace.")
        assert ACCURACY.per_row(Row(case, made_up)) == 0.0, case.id


def test_no_evidence_is_younger_than_its_question(rows, documents):
    for case in (row.case for row in rows if row.case.as_of):
        days = [documents[piece.document].published for piece in case.evidence]
        assert all(day is None or day <= case.as_of for day in days), case.id


def test_no_question_is_asked_twice(rows):
    asked = Counter((row.case.question.casefold(), row.case.history, row.case.as_of) for row in rows)
    assert asked.most_common(1)[0][1] == 1
    assert all(row.reviewed for row in rows)


def test_every_text_is_evidence_of_an_answer(rows, texts):
    cited = {piece.document for row in rows if row.case.answerable for piece in row.case.evidence}
    copies = {
        item["duplicate_of"]
        for item in json.loads((KURILS / "manifest.json").read_text(encoding="utf-8"))["items"]
        if "duplicate_of" in item
    }
    # Of copies the library shows the name that sorts first.
    assert set(texts) - cited == {COPY} == copies


def test_teasers_are_traps_that_stand_in_the_files(rows):
    items = json.loads((KURILS / "manifest.json").read_text(encoding="utf-8"))["items"]
    teasers = " ".join(teaser for item in items for teaser in item["teasers"]).casefold()
    for row in rows:
        if row.case.type == QuestionType.TEASER and row.case.forbidden:
            assert any(trap.casefold() in teasers for trap in row.case.forbidden), row.case.id
