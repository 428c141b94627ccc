"""No row that is measured, and no passage of one, is trained on."""

import hashlib
from pathlib import Path

import pytest

from rag.testing import HashEmbedder
from training import rows, train
from training.split import held

DATA = Path(__file__).parents[2] / "shared" / "data"
needs_data = pytest.mark.skipif(not (DATA / "nq_oracle").is_dir(), reason=f"no development data at {DATA}")


def digest(text):
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


@pytest.fixture(scope="module")
def both():
    from unittest.mock import patch

    with patch("rag.compose.load_embedder", lambda settings: HashEmbedder()):
        stages = [train.examples(DATA, held=False, stage=stage) for stage in train.STAGES]
        told = [one for readings, _ in stages for one in readings]
        return (told, [one for _, claims in stages for one in claims]), train.examples(DATA, held=True)


def test_a_document_is_held_by_its_name_alone_however_it_is_spelled():
    assert held("Marie_Curie") == held("marie  curie") == held("Marie Curie")
    share = sum(held(f"document {number}") for number in range(5000)) / 5000
    assert 0.17 < share < 0.23


@needs_data
def test_no_held_passage_or_question_is_trained_on(both):
    (readings, _), (held_readings, _) = both
    assert len(readings) > 5 * len(held_readings) * 0.5
    trained = {digest(" ".join(one.sentences)) for one in readings}
    measured = {digest(" ".join(one.sentences)) for one in held_readings}
    assert measured and not trained & measured
    same = {digest(one.question) for one in readings} & {digest(one.question) for one in held_readings}
    assert not same, f"{len(same)} questions are on both sides"


@needs_data
def test_no_held_claim_is_trained_on(both):
    (_, claims), (_, held_claims) = both
    assert {one.source for one in held_claims} == {"wice", "fm2", "corrupted", "written", "unrelated"}
    assert not {digest(one.claim) for one in claims} & {digest(one.claim) for one in held_claims}


@needs_data
def test_every_source_has_rows_with_and_without_an_answer_where_it_should():
    found = rows.readings(DATA)
    by_source = {}
    for one in found:
        by_source.setdefault(one.source, set()).add(one.answered)
    assert {"nq", "xquad", "clapnq", "selqa", "timeqa", "quotesum", "ramdocs", "hotpot"} == set(by_source)
    assert by_source["clapnq"] == by_source["timeqa"] == by_source["ramdocs"] == {True, False}


@needs_data
def test_spans_are_the_answers():
    for one in rows.readings(DATA):
        if one.span:
            sentence, start, end = one.span
            assert one.labels[sentence] == 1
            assert one.sentences[sentence][start:end].strip()


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize(("stage", "sha256"), [("public", "e313f2b957a4d7c2"), ("written", "f5f08ef82a4983a7")])
def test_the_recipe_draws_the_rows_that_the_shipped_weights_were_trained_on(stage, sha256):
    assert train.digest(*train.examples(DATA, held=False, stage=stage)) == sha256
    assert sha256 in (Path(train.__file__).parent / "runs.csv").read_text()
