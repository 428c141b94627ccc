"""Measures over the rows of a run, and two runs against each other: worked out by hand."""

import math
import time
from dataclasses import replace

import pytest

from eval import measures as m
from eval import measures_passages as mp
from eval.judged import judged
from eval.measures_compare import compare
from eval.metrics_answer import right
from eval.product_judge import reader_support
from eval.readings import ReadingSystem
from eval.runner import run
from eval.stats import Figure, wilson
from eval.types import (
    AnswerSuite,
    Case,
    ClaimCase,
    ClaimRecord,
    ClaimSuite,
    Evidence,
    Measure,
    PassageRecord,
    QuoteRecord,
    Record,
    Row,
)

GOLD = Evidence("d", "The ferry sails on Mondays.")


def make_row(number=0, *, case=None, **record):
    case = {"type": "fact", "expected": (("Mondays",),), **(case or {})}
    kind = case.pop("type")
    return Row(Case(str(number), kind, "When?", **case), Record(str(number), kind, "When?", **record))


def answered(number=0, answer="On Mondays.", *, case=None, **record):
    return make_row(number, case=case, answer=answer, **record)


def silent(number=0, *, case=None, **record):
    return make_row(number, case=case, abstained=True, **record)


def failed(number=0, *, case=None, **record):
    return make_row(number, case=case, error="out of memory", **record)


NONE = {"answerable": False, "expected": ()}


def value(measure, *rows):
    figure = measure.compute(rows, 0)
    return None if figure is None else (pytest.approx(figure.value), figure.n)


def quoting(*texts, document="d", **quote):
    quotes = tuple(QuoteRecord(document, 0, len(text), text, **quote) for text in texts)
    return ClaimRecord(texts[0] if texts else "nothing", quotes)


# Means and failures


def test_a_mean_leaves_out_rows_it_does_not_apply_to():
    only_even = m.mean_of(
        "even", lambda row: 1.0 if int(row.case.id) % 4 == 0 else None if int(row.case.id) % 2 else 0.0
    )
    assert value(only_even, *(answered(number) for number in range(5))) == (2 / 3, 3)
    assert value(only_even, answered(1)) is None
    assert value(only_even) is None


def test_a_failed_row_scores_worst_and_is_never_handed_over():
    def per_row(row):
        assert not row.record.failed
        return None if row.case.type == "other" else 1.0

    rows = [answered(0), failed(1), failed(2, case={"type": "other"})]
    assert value(m.mean_of("high", per_row), *rows) == (0.5, 2)
    low = m.mean_of("low", lambda row: per_row(row) and 0.0, higher_is_better=False)
    assert value(low, *rows) == (0.5, 2)
    assert not low.higher_is_better


# Right answers


def test_accuracy_over_all_kinds():
    rows = [
        answered(0),
        answered(1, "On Sundays."),
        silent(2),
        failed(3),
        silent(4, case=NONE),
        answered(5, case=NONE),
        failed(6, case=NONE),
        answered(7, "On Mondays, not Sundays.", case={"forbidden": ("Sundays",)}),
    ]
    assert value(m.ACCURACY, *rows) == (2 / 8, 8)
    assert value(m.ANSWERABLE_ACCURACY, *rows) == (1 / 5, 5)


def test_silence_is_wrong_where_only_forbidden_strings_are_known():
    case = {"expected": (), "forbidden": ("Sundays",)}
    assert value(m.ACCURACY, answered(case=case)) == (1.0, 1)
    assert value(m.ACCURACY, answered(answer="Sundays", case=case)) == (0.0, 1)
    assert value(m.ACCURACY, silent(case=case)) == (0.0, 1)
    assert value(m.ACCURACY, make_row(case=case)) == (0.0, 1)
    assert value(m.ACCURACY, answered(case={"expected": ()})) is None


def test_silence_that_speaks_the_forbidden_is_wrong():
    case = {**NONE, "forbidden": ("Sundays",)}
    assert value(m.ACCURACY, make_row(case=case, abstained=True, answer="Not Sundays")) == (0.0, 1)


def test_strings_against_the_first_group():
    case = {"expected": (("Mondays", "every Monday"), ("nine",))}
    rows = [answered(0, "Mondays", case=case), answered(1, "It is every Monday", case=case), silent(2, case=case)]
    assert value(m.EXACT_MATCH, *rows, failed(3, case=case)) == (1 / 4, 4)
    assert value(m.F1, *rows) == ((1 + 2 / 3 + 0) / 3, 3)
    assert value(m.GROUPS_MET, *rows, answered(3, "Mondays at nine", case=case)) == ((0.5 + 0.5 + 0 + 1) / 4, 4)
    assert value(m.F1, answered(case=NONE), answered(case={"expected": ()})) is None


def test_the_best_sentence_against_the_first_group():
    claims = (ClaimRecord("It rains."), ClaimRecord("On Mondays."))
    row = answered(0, "It rains. On Mondays.", claims=claims)
    assert value(m.SHORT_F1, row) == (2 / 3, 1)  # P 1/2, R 1
    told = replace(row, record=replace(row.record, short=row.case.expected[0][0]))
    assert value(m.SHORT_F1, told) == (1.0, 1)
    assert value(m.EXACT_MATCH, told) == (1.0, 1)
    assert value(m.F1, row) == (2 / 5, 1)
    assert value(m.SHORT_F1, answered(0, "Mondays", case={"expected": (("Mondays",), ("x",))}), silent(1)) == (
        0.5,
        2,
    )


def test_both_sides_need_all_groups_and_two_of_them():
    case = {"expected": (("ten",), ("nine",))}
    rows = [answered(0, "nine or ten", case=case), answered(1, "nine", case=case), failed(2, case=case)]
    assert value(m.BOTH_SIDES, *rows, answered(3)) == (1 / 3, 3)


def test_a_speaker_may_stand_in_the_answer_or_beside_the_quote():
    case = {"type": "who_said", "expected": (("Ann",),)}
    rows = [
        answered(0, "Ann said so.", case=case),
        answered(1, "It was so.", case=case, claims=(quoting("so", speaker="Ann Lee"),)),
        answered(2, "It was so.", case=case, claims=(quoting("so", speaker="Bob"),)),
        silent(3, case=case),
    ]
    assert value(m.ATTRIBUTION, *rows, answered(4, "Ann")) == (0.5, 4)
    assert value(m.ATTRIBUTION, answered(5, "Ann", case={**case, "type": "who-said"})) == (1.0, 1)


# Silence

SILENCE = (
    silent(0, case=NONE, confidence=0.1),
    silent(1, case=NONE, confidence=0.2),
    answered(2, case=NONE, confidence=0.7),
    failed(3, case=NONE),
    answered(4, confidence=0.9),
    silent(5, confidence=0.3),
    failed(6),
    answered(7, "On Sundays.", confidence=0.5),
)


def test_rates_of_silence():
    # Four were silent, two of them rightly; the failed answerable one counts as silent, the other as talking.
    assert value(m.ABSTENTION_PRECISION, *SILENCE) == (2 / 4, 8)
    assert value(m.ABSTENTION_RECALL, *SILENCE) == (2 / 4, 8)
    assert value(m.ABSTENTION_F1, *SILENCE) == (4 / 8, 8)
    assert value(m.UNANSWERABLE_RECOGNISED, *SILENCE) == (2 / 4, 4)
    assert value(m.ANSWERABLE_REFUSED, *SILENCE) == (2 / 4, 4)  # the failed one too
    assert value(m.BALANCED_ACCURACY, *SILENCE) == ((2 / 4 + 2 / 4) / 2, 8)


EVERY_MEASURE = {measure.name: measure for measure in vars(m).values() if isinstance(measure, Measure)}
# What is spent on a case that failed is not known, or was spent.
COSTS = ("latency", "seconds", "memory")


@pytest.mark.parametrize("name", [name for name in EVERY_MEASURE if not name.startswith(COSTS)])
def test_no_failure_improves_a_measure(name):
    measure = EVERY_MEASURE[name]
    rows = [
        *(row for row in SILENCE if not row.record.failed),
        answered(8, "On Mondays.", case=CITED, claims=(quoting(GOLD.quote),), confidence=0.6),
        answered(9, "Never.", case=CITED, claims=(quoting("Never."),), confidence=0.2),
    ]
    before = measure.compute(rows, 0)
    for place, row in enumerate(rows):
        with_failure = [*rows[:place], Row(row.case, replace(row.record, error="out of time")), *rows[place + 1 :]]
        after = measure.compute(with_failure, 0)
        if before is None or after is None:
            assert before is after
            continue
        better = after.value - before.value if measure.higher_is_better else before.value - after.value
        assert better <= 1e-9, (place, before.value, after.value)


def test_rates_are_undefined_without_their_kind():
    assert value(m.ABSTENTION_PRECISION, answered(), silent(1)) is None
    assert value(m.BALANCED_ACCURACY, answered()) is None
    assert value(m.DECISION_AUROC, answered()) is None
    assert value(m.UNANSWERABLE_RECOGNISED, answered()) is None
    assert value(m.ANSWERABLE_REFUSED, silent(case=NONE)) is None


def test_confidence_is_compared_over_pairs():
    # answerable 0.9, 0.3, 0.5, failed; unanswerable 0.1, 0.2, 0.7, failed: 3 + 2 + 2 + 0 of 16 pairs
    assert value(m.DECISION_AUROC, *SILENCE) == (7 / 16, 8)


def test_risk_by_confidence():
    rows = [
        answered(0, confidence=0.9),
        answered(1, "On Sundays.", confidence=0.8),
        answered(2, confidence=0.7),
        silent(3, case=NONE, confidence=0.1),
    ]
    assert value(m.RISK_COVERAGE_AREA, *rows) == ((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4, 4)
    # A failure is an error of which the system was sure.
    assert value(m.RISK_COVERAGE_AREA, rows[0], failed(5)) == ((1 + 1 / 2) / 2, 2)
    assert value(m.RISK_COVERAGE_AREA, answered(case={"expected": ()}), failed(5, case={"expected": ()})) is None
    assert not m.RISK_COVERAGE_AREA.higher_is_better


DENIED = {**NONE, "correction": (("was never sold", "still sails"), ("Otaru",)), "forbidden": ("euros",)}
CORRECTED = (
    answered(0, "The ferry still sails, from Otaru.", case=DENIED, confidence=0.9),
    answered(1, "It was sold in Otaru.", case=DENIED, confidence=0.8),
    answered(2, "It still sails, from Otaru, for 9 euros.", case=DENIED, confidence=0.7),
    silent(3, case=DENIED, confidence=0.2),
    failed(4, case=DENIED),
    answered(5, confidence=0.6),
    silent(6, confidence=0.1),
    answered(7, "The ferry still sails, from Otaru.", case=NONE, confidence=0.5),
)


def test_the_correction_of_a_false_premise_is_as_right_as_silence():
    accuracy = m.ACCURACY.per_row
    assert accuracy is not None
    # Part of the correction, a forbidden string beside it, or a row that has none: a false answer as ever.
    scores = [accuracy(row) for row in CORRECTED if not row.record.failed]
    assert scores == [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    assert value(m.UNANSWERABLE_RECOGNISED, *CORRECTED) == (2 / 6, 6)
    # Withheld: 0, 3 and, wrongly, 6.
    assert value(m.ABSTENTION_PRECISION, *CORRECTED) == (2 / 3, 8)
    assert value(m.ABSTENTION_RECALL, *CORRECTED) == (2 / 6, 8)
    assert value(m.BALANCED_ACCURACY, *CORRECTED) == ((1 / 2 + 2 / 6) / 2, 8)
    # Confidence is judged where the documents either answer or say nothing: 5, 6 against 7.
    assert value(m.DECISION_AUROC, *CORRECTED) == (1 / 2, 3)
    # By confidence: 4 failed, 0 right, 1 and 2 wrong, 5 right, 7 wrong, 3 unknown, 6 silent.
    risks = (1 / 1, 1 / 2, 2 / 3, 3 / 4, 3 / 5, 4 / 6, 5 / 7, 6 / 8)
    assert value(m.RISK_COVERAGE_AREA, *CORRECTED) == (sum(risks) / 8, 8)


def test_a_correction_of_an_answerable_question_changes_nothing():
    row = answered(0, "The ferry still sails, from Otaru.", case={"correction": DENIED["correction"]})
    assert value(m.ACCURACY, row) == (0.0, 1)
    assert value(m.ANSWERABLE_REFUSED, row) == (0.0, 1)


# Citations

CITED = {"evidence": (GOLD, Evidence("d", "A ticket costs nine euros."))}


def test_quotes_against_gold():
    rows = [
        answered(0, case=CITED, claims=(quoting(GOLD.quote, "Rain fell on the hills."),)),
        silent(1, case=CITED),
        failed(2, case=CITED),
        answered(3),
        answered(4, case={**NONE, "evidence": (GOLD,)}),
    ]
    assert value(m.CITATION_PRECISION_GOLD, *rows) == (0.5 / 2, 2)  # silence shows no quotes, a failure counts
    assert value(m.CITATION_RECALL_GOLD, *rows) == (0.5 / 3, 3)
    assert value(m.CITATION_PARTS_GOLD, *rows) == (0.5 / 3, 3)
    assert value(m.SPAN_F1, answered(0, case={"evidence": (GOLD,)}, claims=(quoting(GOLD.quote),))) == (1.0, 1)
    assert value(m.SPAN_F1, answered(0, case={"evidence": (Evidence("d", page=1),)})) is None


def test_support_by_a_judge():
    def judge(claim, evidence):
        return float(claim in evidence)

    good, bad = quoting("one"), ClaimRecord("two", quoting("one", "three").quotes)
    rows = [answered(0, claims=(good, good, bad)), answered(1, claims=(good,)), silent(2), failed(3)]
    assert value(m.supported_claims("s", judge), *rows) == (3 / 5, 3)
    assert value(m.citation_recall("r", judge), *rows) == ((2 / 3 + 1 + 0) / 3, 3)
    assert value(m.citation_precision("p", judge), *rows) == ((2 / 4 + 1 + 0) / 3, 3)
    assert value(m.citation_recall("r", judge), answered(0)) == (0.0, 1)
    assert value(m.supported_claims("s", judge), silent()) is None
    assert value(m.SUPPORTED_CLAIMS_LEXICAL, *rows) == (3 / 5, 3)


# What was found


def found(*places, case, number=0):
    passages = tuple(PassageRecord(document, 0, 9, page) for document, page in places)
    return make_row(number, case=case, passages=passages)


def meeting(*meets, case, number=0):
    """Return a row whose passages meet these places of the evidence."""
    passages = tuple(PassageRecord("d", 0, 9, meets=each) for each in meets)
    return make_row(number, case=case, passages=passages)


def test_gold_quotes_found():
    case = {"evidence": (GOLD, Evidence("e", "words"), Evidence("e", "others"))}
    row = meeting((), (0,), (0,), (2,), case=case)
    assert value(mp.passage_recall_at(1), row) == (0.0, 1)
    assert value(mp.passage_recall_at(3), row, failed(1, case=case)) == (1 / 3 / 2, 2)
    assert value(mp.passage_recall_at(4), row) == (2 / 3, 1)
    assert value(mp.PASSAGE_MRR, row, failed(1, case=case)) == (0.25, 2)
    gain = 1 / math.log2(3) + 1 / math.log2(5)  # the second passage with the first quote adds nothing
    assert value(mp.PASSAGE_NDCG, row) == (gain / (1 + 1 / math.log2(3) + 1 / 2), 1)


def test_a_passage_may_hold_several_quotes():
    case = {"evidence": (GOLD, Evidence("d", "words"))}
    row = meeting((0, 1), (), case=case)
    assert value(mp.passage_recall_at(1), row) == (1.0, 1)
    assert value(mp.PASSAGE_NDCG, row) == (1.0, 1)
    assert value(mp.PASSAGE_MRR, row) == (1.0, 1)


def test_a_passage_of_the_right_document_that_lacks_the_words_is_not_found():
    case = {"evidence": (GOLD,)}
    assert value(mp.PASSAGE_MRR, meeting((), (), case=case)) == (0.0, 1)
    assert value(mp.PASSAGE_NDCG, meeting((), (), case=case)) == (0.0, 1)
    assert value(mp.PASSAGE_MRR, meeting(case=case)) == (0.0, 1)  # nothing was found at all


def test_records_in_which_nobody_looked_for_quotes_do_not_count():
    assert value(mp.PASSAGE_MRR, found(("d", None), case={"evidence": (GOLD,)})) is None


def test_documents_found():
    case = {"evidence": (Evidence("d"), Evidence("e"))}
    row = found(("x", None), ("d", None), ("d", None), ("e", None), case=case)
    assert value(mp.passage_recall_at(1), row) == (0.0, 1)
    assert value(mp.passage_recall_at(3), row, failed(1, case=case)) == (0.5 / 2, 2)
    assert value(mp.passage_recall_at(4), row) == (1.0, 1)
    assert value(mp.PASSAGE_MRR, row, failed(1, case=case)) == (0.25, 2)
    gain = 1 / math.log2(3) + 1 / math.log2(5)  # the second passage of "d" adds nothing
    assert value(mp.PASSAGE_NDCG, row) == (gain / (1 + 1 / math.log2(3)), 1)
    assert value(mp.PASSAGE_MRR, found(("d", None), case={})) is None


def test_a_document_that_is_given_is_not_found():
    given = {"evidence": (Evidence("d"),), "documents": ("d",)}
    assert value(mp.PASSAGE_MRR, found(("d", None), case=given)) is None
    assert value(mp.PASSAGE_MRR, found(("d", None), case={**given, "documents": ("d", "e")})) == (1.0, 1)
    paged = {"evidence": (Evidence("d", page=2),), "documents": ("d",)}
    assert value(mp.PASSAGE_MRR, found(("d", 1), ("d", 2), case=paged)) == (0.5, 1)


def test_pages_found():
    case = {"evidence": (Evidence("d", page=2), Evidence("d", page=5), Evidence("d", "words"))}
    row = found(("d", 1), ("e", 2), ("d", 5), ("d", 2), case=case)
    assert value(mp.page_recall_at(2), row) == (0.0, 1)
    assert value(mp.page_recall_at(3), row, failed(1, case=case)) == (0.5 / 2, 2)
    only = {"evidence": (GOLD,)}
    assert value(mp.page_recall_at(4), row, found(("d", 1), case=only)) == (1.0, 1)
    assert (mp.page_recall_at(3).name, mp.passage_recall_at(5).name) == ("page_recall@3", "passage_recall@5")


def test_the_peak_of_memory_is_the_highest_of_the_run():
    rows = [answered(n, memory_bytes={"here": n * 10**6, "generator": 5 * 10**6}) for n in range(4)]
    figure = m.PEAK_MEMORY.compute([*rows, answered(9)], 0)
    assert (figure.value, figure.low, figure.high, figure.n) == (8.0, 8.0, 8.0, 4)
    assert m.PEAK_MEMORY.compute([answered(0)], 0) is None


# Time


def test_seconds():
    rows = [answered(n, seconds={"retrieve": float(n), "generate": 1.0}) for n in range(1, 4)]
    rows.append(silent(4, seconds={"retrieve": 10.0}))
    assert value(m.latency_p50("retrieve"), *rows) == (2.5, 4)
    assert value(m.latency_p50("total"), *rows) == (3.5, 4)  # 2, 3, 4, 10
    assert value(m.latency_p95("generate"), *rows) == (1.0, 3)
    assert value(m.latency_p95("retrieve"), *rows) == (3 + 0.85 * 7, 4)
    assert value(m.latency_p50("total"), answered(seconds={"total": 5.0, "retrieve": 1.0})) == (5.0, 1)
    assert value(m.latency_p50("total"), answered()) is None
    assert m.latency_p95("total").name == "latency_p95_total"
    assert not m.latency_p95("total").higher_is_better


# Runs


def test_figures_by_type():
    rows = [
        answered(0),
        silent(1),
        answered(2, case={"type": "time"}),
        silent(3, case={**NONE, "type": "near_miss"}),
    ]
    figures = m.by_type(m.ANSWERABLE_ACCURACY, rows, seed=0)
    assert {kind: (figure.value, figure.n) for kind, figure in figures.items()} == {
        "fact": (0.5, 2),
        "time": (1.0, 1),
    }


def test_an_outcome_holds_the_measures_that_apply():
    suite = AnswerSuite("small", (), (), (m.ACCURACY, m.DECISION_AUROC, m.ANSWERABLE_REFUSED))
    result = m.outcome(suite, [answered(0), failed(1)], seed=0, settings="s", notes=["n"])
    assert (result.suite, result.n, result.failed, result.settings, result.notes) == ("small", 2, 1, "s", ("n",))
    assert {name: figure.value for name, figure in result.metrics.items()} == {
        "accuracy": 0.5,
        "answerable_refused": 0.5,
    }
    with pytest.raises(ValueError, match="one name"):
        m.outcome(AnswerSuite("small", (), (), (m.ACCURACY, m.ACCURACY)), [answered(0)], seed=0)


def test_runs_are_compared_case_by_case():
    ours = [answered(number) for number in range(10)]
    theirs = [answered(n, "On Sundays.") if n < 5 else failed(n) if n < 8 else answered(n) for n in range(12)]
    found = compare(ours, theirs, measure=m.ACCURACY, seed=0)
    assert (found.difference, found.n, found.is_real) == (pytest.approx(0.8), 10, True)
    back = compare(theirs, ours, measure=m.ACCURACY, seed=0)
    assert (back.difference, back.is_real) == (pytest.approx(-0.8), True)
    assert (compare(ours, ours, measure=m.ACCURACY, seed=0)).is_real is False


def test_only_cases_that_count_in_both_runs_are_compared():
    ours = [answered(0), silent(1, case=NONE), answered(2)]
    assert compare(ours, [silent(0), silent(1, case=NONE)], measure=m.ANSWERABLE_ACCURACY, seed=0).n == 1
    cited = answered(0, case=CITED, claims=(quoting(GOLD.quote),))
    both = [cited, answered(1, case=CITED)]
    found = compare(both, [silent(0, case=CITED), both[1]], measure=m.CITATION_PRECISION_GOLD, seed=0)
    assert (found.difference, found.n, found.asked, found.counted) == (0.0, 1, 2, "1 of 2")
    assert compare(ours, [answered(7)], measure=m.ACCURACY, seed=0) is None
    assert compare(ours[1:2], ours[1:2], measure=m.ANSWERABLE_ACCURACY, seed=0) is None


def test_citations_are_compared_where_both_runs_answered_with_both_values_there():
    right, beside = quoting(GOLD.quote), quoting("Rain fell on the hills.")
    ours = [answered(n, case=CITED, claims=(right,)) for n in range(8)]
    ours += [answered(n, case=CITED, claims=(beside,)) for n in range(8, 20)]
    theirs = [answered(n, case=CITED, claims=(beside,)) for n in range(8)]
    theirs += [silent(n, case=CITED) for n in range(8, 20)]
    found = compare(ours, theirs, measure=m.CITATION_PRECISION_GOLD, seed=0)
    # All of ours come to 8 / 20; on the eight cases that both answered ours is 1 and theirs is 0.
    assert value(m.CITATION_PRECISION_GOLD, *ours) == (8 / 20, 20)
    assert (found.ours, found.theirs, found.difference, found.counted) == (1.0, 0.0, 1.0, "8 of 20")
    assert (found.differing, found.is_real) == (8, True)


def test_a_failure_is_no_way_out_of_a_comparison():
    ours = [failed(n, case=CITED) for n in range(8)]
    theirs = [answered(n, case=CITED, claims=(quoting(GOLD.quote),)) for n in range(8)]
    found = compare(ours, theirs, measure=m.CITATION_PRECISION_GOLD, seed=0)
    assert (found.difference, found.n, found.is_real) == (-1.0, 8, True)


def test_a_few_cases_that_differ_among_many_prove_nothing():
    ours = [answered(number) for number in range(100)]
    theirs = [answered(n, "On Sundays.") if n < 5 else answered(n) for n in range(100)]
    found = compare(ours, theirs, measure=m.ACCURACY, seed=0)
    assert (found.low > 0, found.differing, found.is_real) == (True, 5, False)
    six = [answered(n, "On Sundays.") if n < 6 else answered(n) for n in range(100)]
    assert compare(ours, six, measure=m.ACCURACY, seed=0).is_real
    assert compare(ours, six, measure=Measure("own", mean_accuracy), seed=0).differing == 6


def test_a_share_that_is_all_or_nothing_has_an_interval_all_the_same():
    rows = [answered(number) for number in range(10)]
    figure = m.ACCURACY.compute(rows, 0)
    assert (figure.value, figure.low, figure.high) == (1.0, pytest.approx(10 / (10 + 1.959964**2)), 1.0)
    none = [silent(n, case=NONE) for n in range(4)] + rows
    recall = m.ABSTENTION_RECALL.compute(none, 0)
    # Four questions had to be refused, whatever the number of the others.
    assert (recall.value, recall.low) == (1.0, pytest.approx(4 / (4 + 1.959964**2)))
    claims = [answered(n, claims=(quoting("On Mondays."),) * 5) for n in range(3)]
    share = m.claims_passing("all", lambda claim: True).compute(claims, 0)
    assert (share.value, share.low, share.n) == (1.0, pytest.approx(3 / (3 + 1.959964**2)), 3)
    times = m.latency_p50().compute([answered(n, seconds={"total": 1.0}) for n in range(5)], 0)
    assert (times.low, times.high) == (1.0, 1.0)


def test_statistics_that_are_no_means_are_compared_too():
    ours = [silent(n, case=NONE) if n % 2 else answered(n) for n in range(40)]
    theirs = [answered(n, case=NONE) if n % 2 else answered(n) for n in range(40)]
    found = compare(ours, theirs, measure=m.BALANCED_ACCURACY, seed=0)
    assert (found.difference, found.n, found.is_real) == (0.5, 40, True)
    assert compare(ours, theirs, measure=m.ABSTENTION_PRECISION, seed=0) is None  # they never abstain


def mean_accuracy(rows, seed):
    scores = [right(row.record.answer, row.case.expected) for row in rows]
    return Figure(sum(scores) / len(scores), 0.0, 1.0, len(scores))


@pytest.mark.parametrize("per_row", [None, m.ACCURACY.per_row])
def test_measures_of_others_are_compared_too(per_row):
    ours = [answered(number) for number in range(10)]
    theirs = [answered(n, "On Sundays.") if n < 6 else answered(n) for n in range(10)]
    found = compare(ours, theirs, measure=Measure("own", mean_accuracy, per_row), seed=0)
    assert (found.difference, found.n, found.is_real) == (pytest.approx(0.6), 10, True)
    assert compare(ours, [], measure=Measure("own", mean_accuracy, per_row), seed=0) is None


# Judges of claims


def judged_rows(cases, judge, *, broken=()):
    reading = judged(ClaimSuite("claims", tuple(cases)), {"product": judge})
    with reading.open() as read:
        records = run(reading.suite.cases, ReadingSystem(read))
    records = [replace(one, error="it broke", scores={}) if one.id in broken else one for one in records]
    return reading.suite, [Row(case, record) for case, record in zip(reading.suite.cases, records, strict=True)]


CLAIMS = [
    ClaimCase(name, kind, name, "words", supported)
    for name, kind, supported in [
        ("a", "yes", True),
        ("b", "mixed", True),
        ("c", "yes", True),
        ("d", "mixed", False),
        ("e", "no", False),
    ]
]
SCORES = {"a": 0.9, "b": 0.6, "c": 0.4, "d": 0.7, "e": 0.1}


def test_a_judge_is_measured_against_people():
    asked = []

    def judge(claim, evidence):
        asked.append((claim, evidence))
        return SCORES[claim]

    suite, rows = judged_rows(CLAIMS, judge)
    figures = m.outcome(suite, rows, seed=0).metrics
    assert asked == [(name, "words") for name in "abcde"]
    assert {name.removeprefix("product."): pytest.approx(figure.value) for name, figure in figures.items()} == {
        "accuracy": 3 / 5,
        "balanced_accuracy": (2 / 3 + 1 / 2) / 2,
        "auroc": 4 / 6,
        "precision": 2 / 3,
        "recall": 2 / 3,
        "accuracy mixed": 1 / 2,
        "balanced_accuracy mixed": 1 / 2,
        "auroc mixed": 0.0,
        "accuracy no": 1.0,
        "auroc no": 1.0,
        "accuracy yes": 1 / 2,
    }
    assert (figures["product.auroc no"].n, figures["product.accuracy no"].n) == (4, 1)


def test_a_claim_on_which_the_judge_breaks_down_is_judged_as_wrongly_as_can_be():
    def judge(claim, evidence):
        if claim in ("a", "e"):
            raise ZeroDivisionError
        return SCORES[claim]

    suite, rows = judged_rows(CLAIMS, judge)
    result = m.outcome(suite, rows, seed=0)
    found = {name: figure.value for name, figure in result.metrics.items()}
    assert (result.n, result.failed) == (5, 2)
    # "a" is taken for unsupported, "e" for supported, each by the widest margin: only "b" against nobody is right.
    assert found["product.accuracy"] == pytest.approx(1 / 5)
    assert found["product.auroc"] == 0.0
    assert (found["product.recall"], found["product.precision"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_judges_are_compared_claim_by_claim():
    many = [ClaimCase(f"{n}", "all", f"{n}", "words", n % 2 == 0) for n in range(20)]
    suite, good = judged_rows(many, lambda claim, _: float(int(claim) % 2 == 0))
    _, bad = judged_rows(many, lambda claim, _: 1.0)
    accuracy = next(one for one in suite.measures if one.name == "product.accuracy")
    found = compare(good, bad, measure=accuracy, seed=0)
    assert (found.difference, found.differing, found.is_real) == (0.5, 10, True)


def test_a_run_of_thousands_is_scored_quickly():
    claims = (quoting(GOLD.quote), quoting("Rain fell on the hills."))
    rows = [answered(n, case=CITED, claims=claims, confidence=n % 17) for n in range(1300)]
    rows += [silent(n, case=NONE, confidence=n % 11) for n in range(1300, 2600)]
    for measure in (m.ACCURACY, m.DECISION_AUROC, m.RISK_COVERAGE_AREA, m.ABSTENTION_F1, m.CITATION_RECALL_GOLD):
        start = time.process_time()
        measure.compute(rows, 0)
        # Half a second is usual; resampling rows in Python would take minutes.
        assert time.process_time() - start < 5, measure.name


def test_perfect_figures_of_two_classes_have_the_width_of_the_smaller_one():
    rows = [answered(n, confidence=0.9) for n in range(9)]
    rows += [silent(n, case=NONE, confidence=0.1) for n in range(9, 12)]
    low, high = wilson(1.0, 3)
    for measure in (m.BALANCED_ACCURACY, m.ABSTENTION_F1, m.DECISION_AUROC):
        figure = measure.compute(rows, 0)
        assert (figure.value, figure.low, figure.high) == (1.0, low, high)
    area = m.RISK_COVERAGE_AREA.compute(rows[:9], 0)
    assert (area.value, area.low, area.high) == (0.0, *wilson(0.0, 9))


def test_ranks_differ_by_the_rows_of_the_smaller_class():
    def run(unsure):
        rows = [answered(n, confidence=0.9 - n / 100 + unsure) for n in range(20)]
        return rows + [silent(n, case=NONE, confidence=unsure) for n in range(20, 23)]

    found = compare(run(0.5), run(0.1), measure=m.DECISION_AUROC, seed=0)
    assert (found.n, found.differing, found.is_real) == (23, 3, False)
    found = compare(run(0.1), run(0.1), measure=m.DECISION_AUROC, seed=0)
    assert found.differing == 0
    assert compare(run(0.5), run(0.1), measure=m.RISK_COVERAGE_AREA, seed=0).differing == 3


def test_the_trained_reader_judges_claims_too():
    seen = []

    class Reader:
        def support(self, pairs):
            seen.extend(pairs)
            return [0.7]

    assert reader_support(Reader())("The gate closed.", "The gate was closed.") == 0.7
    assert seen == [("The gate closed.", "The gate was closed.")]
