"""Support and overlap of quotes, worked out by hand with judges that look for one word."""

import ast
from pathlib import Path

import pytest

import eval.metrics_citation
from eval.metrics_citation import (
    alce_precision,
    alce_recall,
    evidence_found,
    evidence_text,
    is_supported,
    lexical_support,
    parts_found,
    quote_hits,
    same_place,
    shared_run,
    span_f1,
)
from eval.types import Case, ClaimRecord, Evidence, QuoteRecord, Record


def make_quote(text, document="d", page=None, **more):
    return QuoteRecord(document, 0, len(text), text, page, **more)


def make_record(*claims):
    return Record("1", "fact", "?", answer="x", claims=claims)


def make_claim(text, *quotes):
    return ClaimRecord(text, tuple(make_quote(quote) for quote in quotes))


def make_case(*evidence, expected=()):
    return Case("1", "fact", "?", expected=expected, evidence=evidence)


def all_letters(claim, evidence):
    """Judge a claim like "ab" supported where the evidence has each of its letters."""
    return float(set(claim) <= set(evidence))


# ALCE


def test_all_quotes_of_a_claim_are_read_together():
    assert is_supported(make_claim("ab", "a", "b"), all_letters)
    assert not is_supported(make_claim("abc", "a", "b"), all_letters)
    assert not is_supported(make_claim(""), all_letters)


@pytest.mark.parametrize(("score", "expected"), [(0.5, True), (0.49, False)])
def test_a_judge_says_yes_from_a_half_on(score, expected):
    assert is_supported(make_claim("a", "a"), lambda claim, evidence: score) is expected


@pytest.mark.parametrize(
    ("claims", "recall", "precision"),
    [
        ([make_claim("a", "a")], 1.0, 1.0),
        ([make_claim("a", "b")], 0.0, 0.0),
        ([make_claim("a")], 0.0, 0.0),
        ([], 0.0, 0.0),
        ([make_claim("a", "a", "b")], 1.0, 0.5),  # b neither supports alone nor is missed
        ([make_claim("ab", "a", "b")], 1.0, 1.0),  # neither alone, but both are missed
        ([make_claim("a", "a", "a")], 1.0, 1.0),  # each alone
        ([make_claim("ab", "a", "b", "b")], 1.0, 1 / 3),  # only a is missed
        ([make_claim("abc", "a", "b")], 0.0, 0.0),  # not supported by all: none helps
        ([make_claim("a", "a"), make_claim("c", "a", "b"), make_claim("b", "b")], 2 / 3, 2 / 4),
    ],
)
def test_citation_recall_and_precision(claims, recall, precision):
    assert alce_recall(claims, all_letters) == pytest.approx(recall)
    assert alce_precision(claims, all_letters) == pytest.approx(precision)


def test_a_judge_reads_who_and_when():
    quote = make_quote("It sails.", title="Ferry", outlet="The Post", published="2025-10-24", speaker="Ann")
    assert evidence_text([quote, make_quote("No.")]) == "Ferry, The Post, 2025-10-24, Ann\nIt sails.\nNo."


# Shared words


def test_words_of_the_evidence_cover_the_claim():
    evidence = "The ferry to Otaru sails on Mondays at 9:30 with 4,900 visitors."
    assert lexical_support("The ferry sails on Mondays.", evidence) == 1.0
    assert lexical_support("The ferry to Otaru sails to Sapporo.", evidence) == pytest.approx((3 / 4) ** 2)
    assert lexical_support("The ferry has sunk near Sapporo.", evidence) == pytest.approx((1 / 4) ** 2)
    assert lexical_support("A ferry visited Otaru.", evidence) == 1.0  # "visited" meets "visitors"
    assert lexical_support("", evidence) == 0.0


def test_three_of_four_words_are_a_yes_and_two_of_three_a_no():
    assert lexical_support("red green blue pink", "red green blue") >= 0.5
    assert lexical_support("red green blue", "red green") < 0.5


def test_a_number_that_is_missing_is_a_no():
    evidence = "The ferry to Otaru carried 4,900 visitors in May."
    assert lexical_support("The ferry carried 4900 visitors in May.", evidence) == 1.0
    assert lexical_support("The ferry to Otaru carried 5900 visitors in May.", evidence) == 0.0
    assert lexical_support("Otaru had a ferry and visitors in the 1990s.", f"{evidence} It was 1991.") == 0.0


def test_a_claim_of_small_words_has_to_stand_there():
    assert lexical_support("He is.", "Is he? He is!") == 1.0
    assert lexical_support("He is.", "Is he?") == 0.0


def test_the_judge_is_not_the_products_own():
    tree = ast.parse(Path(eval.metrics_citation.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "rag.text" in imported
    assert "rag.verify" not in imported


# Gold


def test_a_run_of_words_is_shared():
    assert shared_run("one two three", "zero one two three four") == 1.0
    assert shared_run("The cat sat down", "the CAT, sat up") == pytest.approx(9 / 11)
    assert shared_run("one two", "two one") == 0.5  # a run keeps the order
    assert shared_run("one", "") == 0.0


@pytest.mark.parametrize(
    ("quote", "evidence", "expected"),
    [
        (make_quote("It sails on Mondays at nine."), Evidence("d", "sails on Mondays"), True),
        (make_quote("sails on Mondays"), Evidence("d", "It sails on Mondays at nine, as ever."), True),
        (make_quote("It sails on Mondays."), Evidence("e", "It sails on Mondays."), False),
        (make_quote("It sails on Mondays."), Evidence("d", "It rests on Sundays."), False),
        (make_quote("in London"), Evidence("d", "in Berlin"), False),  # half the words, not half the letters
        (make_quote("x", page=3), Evidence("d", page=3), True),
        (make_quote("x", page=4), Evidence("d", page=3), False),
        (make_quote("x"), Evidence("d", page=3), False),
        (make_quote("x"), Evidence("d"), True),
        (make_quote("It sails.", page=4), Evidence("d", "It sails.", 3), True),  # words before pages
    ],
)
def test_a_quote_shows_gold_evidence(quote, evidence, expected):
    assert same_place(quote, evidence) is expected


FERRY, PRICE, OTHER = "The ferry sails on Mondays.", "A ticket costs nine euros.", "Rain fell on the hills."


def test_hits_and_finds():
    case = make_case(Evidence("d", FERRY), Evidence("d", PRICE))
    record = make_record(make_claim("1", FERRY, OTHER), make_claim("2", FERRY))
    assert quote_hits(record, case) == 0.5  # a quote that stands twice counts once
    assert evidence_found(record, case) == 0.5
    assert (quote_hits(make_record(), case), evidence_found(make_record(), case)) == (0.0, 0.0)
    with pytest.raises(ValueError, match="no gold evidence"):
        evidence_found(record, make_case())
    with pytest.raises(ValueError, match="no gold evidence"):
        parts_found(record, make_case())


def test_places_of_one_part_stand_for_each_other():
    again = "On Mondays the ferry goes."
    places = (Evidence("d", FERRY), Evidence("d", again), Evidence("d", PRICE))
    record = make_record(make_claim("1", FERRY))
    case = make_case(*places, expected=(("Mondays", "Monday"), ("nine", "9")))
    assert (evidence_found(record, case), parts_found(record, case)) == (pytest.approx(1 / 3), 0.5)
    assert parts_found(make_record(make_claim("1", again, PRICE)), case) == 1.0
    # A piece that holds no expected string is a step of its own, and so is a page.
    steps = make_case(*places, Evidence("e", page=2), expected=(("Mondays",),))
    assert parts_found(record, steps) == pytest.approx(1 / 3)


def test_one_place_may_serve_two_parts():
    both = Evidence("d", f"{FERRY} {PRICE}")
    case = make_case(both, Evidence("d", "Mondays only"), expected=(("Mondays",), ("nine",)))
    assert parts_found(make_record(make_claim("1", f"{FERRY} {PRICE}")), case) == 1.0


def test_words_shown_against_words_of_gold():
    record = make_record(make_claim("1", "one two three"))
    assert span_f1(record, make_case(Evidence("d", "two three four five"))) == pytest.approx(2 * 2 / 7)
    assert span_f1(record, make_case(Evidence("e", "two three four five"))) == 0.0
    assert span_f1(record, make_case(Evidence("d", "one two three"), Evidence("d", "one two three"))) == 1.0
    assert span_f1(make_record(), make_case(Evidence("d", "one"))) == 0.0
    assert span_f1(make_record(), make_case()) == 0.0


def test_a_copy_of_a_document_is_the_document_under_its_other_name():
    case = make_case(Evidence("copy", "the tower is tall"), Evidence("d", "the tower is tall"))
    claim = ClaimRecord("It is.", (make_quote("the tower is tall"),))
    alone = make_record(claim)
    record = Record("1", "fact", "?", answer="x", claims=(claim,), copies={"copy": "d"})
    assert evidence_found(alone, case) == 0.5
    assert [score(record, case) for score in (quote_hits, evidence_found, parts_found, span_f1)] == [1.0] * 4
