"""The gate: a real loss stops a build, noise does not, and only what is comparable is compared."""

import json
from dataclasses import asdict, replace

import pytest

from eval.assemble import comparisons, report_run, rows_of, score
from eval.gate import Baseline, check_comparable, fallen, hold_against, read_baseline, write_baseline
from eval.journal import Finished, Header
from eval.stats import Comparison
from eval.suite_gold import gold_suite
from eval.types import Case, ClaimRecord, Evidence, PassageRecord, QuoteRecord, Record
from rag.errors import UsageError

CASES = tuple(
    Case(
        f"c{number}",
        "fact" if number % 2 else "time",
        f"How many boats has harbour {number}?",
        expected=((f"{number} boats",),),
        evidence=(Evidence("a.txt", f"Harbour {number} has {number} boats."),),
    )
    for number in range(10, 26)
) + tuple(Case(f"n{number}", "near_miss", f"Who is {number}?", answerable=False) for number in range(8))
HEADER = Header("harbours", "product", {"passages": "5"}, "d1", {"embedder": "aa"}, "cases", len(CASES), 0)


def record(case, *, right=True, **changes):
    """Return what a system gives that knows everything, or (right=False) nothing."""
    if not case.answerable:
        made = Record(case.id, case.type, case.question, abstained=right, answer="" if right else "Ann.")
    else:
        said = case.evidence[0].quote if right else "Harbour 1 has 7 boats."
        quote = QuoteRecord("a.txt", 0, len(said), said)
        passages = (PassageRecord("a.txt", 0, 40),)
        claims = (ClaimRecord(said, (quote,), verbatim=True),)
        made = Record(case.id, case.type, case.question, answer=said, claims=claims, passages=passages)
    confidence = 0.9 if case.answerable else 0.1
    return replace(made, confidence=confidence, seconds={"total": 1.0}, generated="Words.", **changes)


def run(wrong=(), *, header=HEADER, failed=()):
    records = [record(case, right=case.id not in wrong) for case in CASES]
    records = [replace(one, error="it broke") if one.id in failed else one for one in records]
    return Finished(header, tuple(records))


def held(ours, theirs):
    return hold_against(ours, Baseline(theirs))


def scored(finished):
    return score(gold_suite("harbours", CASES, texts=()), finished)


HALF = tuple(case.id for case in CASES[:8])


def test_a_run_against_itself_has_lost_nothing():
    verdicts = held(scored(run()), run())
    assert verdicts
    assert fallen(verdicts) == []
    assert all(verdict.comparison.difference == 0 for verdict in verdicts)


def test_many_answers_that_turn_wrong_are_a_loss_under_its_name():
    names = {verdict.measure for verdict in fallen(held(scored(run(HALF)), run()))}
    assert {"accuracy", "answerable_accuracy", "citation_precision_gold"} <= names
    assert "abstention_f1" not in names


def test_many_answers_that_turn_right_are_no_loss():
    verdicts = held(scored(run()), run(HALF))
    assert fallen(verdicts) == []
    assert any(verdict.comparison.is_real for verdict in verdicts)


def test_one_answer_that_turns_wrong_is_noise():
    assert fallen(held(scored(run(HALF[:1])), run())) == []


def test_more_silence_where_the_documents_say_is_a_loss_though_lower_is_better():
    silent = run()
    records = tuple(
        replace(one, abstained=True, answer="", claims=()) if one.id in HALF else one for one in silent.records
    )
    names = {verdict.measure for verdict in fallen(held(scored(Finished(HEADER, records)), run()))}
    assert "answerable_refused" in names


def test_cases_that_fail_count_as_wrong():
    names = {verdict.measure for verdict in fallen(held(scored(run(failed=HALF)), run()))}
    assert {"accuracy", "abstention_f1"} & names


def test_times_are_no_part_of_it():
    slow = Finished(HEADER, tuple(replace(one, seconds={"total": 99.0}) for one in run().records))
    assert fallen(held(scored(slow), run())) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"settings": {"passages": "4"}}, "passages: '4' here, '5' there"),
        ({"models": {"embedder": "bb"}}, "embedder: 'bb' here, 'aa' there"),
        ({"cases": "others"}, "cases"),
        ({"seed": 7}, "seed"),
    ],
)
def test_a_baseline_of_something_else_is_refused_and_the_difference_is_named(change, named):
    with pytest.raises(UsageError, match=named):
        held(scored(run(header=replace(HEADER, **change))), run())


def test_a_baseline_survives_its_file_without_what_changes_with_every_run(tmp_path):
    write_baseline(tmp_path / "base" / "line.json", scored(run(HALF)))
    stored = read_baseline(tmp_path / "base" / "line.json")
    assert stored.finished.header == HEADER
    assert all(not one.seconds and not one.generated for one in stored.finished.records)
    assert stored.values["accuracy"] == pytest.approx(16 / 24)
    assert not any(name.startswith("latency") for name in stored.values)
    assert fallen(hold_against(scored(run(HALF)), stored)) == []
    assert fallen(hold_against(scored(run(("n0", "n1", "n2", "n3", "n4", "n5"))), stored))


def test_the_file_of_a_baseline_is_the_same_for_the_same_run(tmp_path):
    for name in ("one", "two"):
        write_baseline(tmp_path / name, scored(run()))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_measure_that_is_gone_has_fallen_under_its_name():
    verdicts = hold_against(scored(run()), Baseline(run(), {"accuracy": 1.0, "older_measure": 0.75}))
    (gone,) = fallen(verdicts)
    assert str(gone) == "FELL  older_measure: 0.750 in the baseline, and this run has no such figure"


def test_a_measure_that_no_row_of_the_run_has_any_more_has_fallen():
    silent = tuple(replace(one, abstained=True, answer="", claims=()) for one in run().records)
    names = {verdict.measure for verdict in fallen(held(scored(Finished(HEADER, silent)), run()))}
    assert {"citation_precision_gold", "supported_claims_lexical"} <= names


def test_a_measure_that_is_new_has_not_fallen():
    stored = run()
    without = tuple(replace(one, claims=()) for one in stored.records)
    found = {verdict.measure: verdict for verdict in held(scored(stored), Finished(HEADER, without))}
    new = found["supported_claims_lexical"]
    assert (new.fell, new.comparison) == (False, None)
    assert str(new) == "?     supported_claims_lexical: the baseline has no such figure"


def test_another_number_of_cases_is_refused_and_both_numbers_are_told():
    with pytest.raises(UsageError, match="n: 24 here, 60 there"):
        check_comparable(HEADER, Baseline(Finished(replace(HEADER, n=60), ())))


GOOD = {"header": {"format": 1, **asdict(HEADER)}, "records": []}


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        "{}",
        '"a letter"',
        '{"header": {"format": 99}, "records": []}',
        '{"header": {"format": 1}, "records": []}',
        '{"header": [], "records": []}',
        json.dumps({**GOOD, "records": 5}),
        json.dumps({**GOOD, "records": ["x"]}),
        json.dumps({**GOOD, "records": [{"id": "c10"}]}),
        json.dumps({**GOOD, "records": [{"id": "c", "type": "t", "question": "?", "claims": [{}]}]}),
        json.dumps({**GOOD, "measures": {"accuracy": "high"}}),
        json.dumps(GOOD),
    ],
)
def test_what_is_no_baseline_is_a_clear_error(tmp_path, content):
    path = tmp_path / "base.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"base\.json") as caught:
        read_baseline(path)
    assert "--write-baseline" in caught.value.hint


def test_a_baseline_that_lacks_records_is_told(tmp_path):
    write_baseline(tmp_path / "base.json", scored(run()))
    content = json.loads((tmp_path / "base.json").read_text())
    (tmp_path / "base.json").write_text(json.dumps({**content, "records": content["records"][:20]}))
    with pytest.raises(UsageError, match="20 records of 24 cases"):
        read_baseline(tmp_path / "base.json")


def test_a_baseline_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written") as caught:
        write_baseline(tmp_path / "file" / "base.json", scored(run()))
    assert "--resume" in caught.value.hint


# What is reported of a run


def test_a_run_without_all_its_records_is_not_scored():
    with pytest.raises(UsageError, match=r"no record of 2 of 24 cases \(first: c10\)"):
        rows_of(CASES, Finished(HEADER, run().records[2:]))


def test_the_report_has_figures_by_type_scores_by_case_and_the_comparison():
    shown = report_run(scored(run(HALF)), scored(run()))
    assert shown.headline == "accuracy"
    assert shown.by_type["near_miss"]["accuracy"].value == 1.0
    assert shown.scores["c10"] == 0.0
    assert shown.scores["n0"] == 1.0
    assert shown.comparisons["accuracy"].difference == pytest.approx(-8 / 24)
    assert shown.baseline.scores["c10"] == 1.0
    assert "answerable_refused" in shown.lower_is_better
    assert len(shown.curve) == len(CASES)


def test_what_is_measured_of_every_answer_is_there_once():
    names = list(scored(run()).outcome.metrics)
    assert names.count("supported_claims_lexical") == 1
    assert {"latency_p50_total", "latency_p95_total"} <= set(names)


def test_comparisons_are_ours_minus_theirs():
    assert comparisons(scored(run()), scored(run(HALF)))["accuracy"].difference > 0


def test_a_baseline_is_json_with_a_record_a_line(tmp_path):
    write_baseline(tmp_path / "base.json", scored(run()))
    text = (tmp_path / "base.json").read_text()
    assert len(json.loads(text)["records"]) == len(CASES)
    assert sum(line.startswith('{"abstained"') for line in text.splitlines()) == len(CASES)


def test_only_a_baseline_is_written_over(tmp_path):
    letter, base = tmp_path / "letter.json", tmp_path / "base.json"
    letter.write_text('{"header": "Dear Ann"}')
    with pytest.raises(UsageError, match=r"letter\.json is there already and is no baseline") as refused:
        write_baseline(letter, scored(run()))
    assert "Name another file" in refused.value.hint
    assert letter.read_text() == '{"header": "Dear Ann"}'
    with pytest.raises(UsageError) as unread:
        read_baseline(letter)
    assert "letter.json" not in unread.value.hint
    with pytest.raises(UsageError) as missing:
        read_baseline(base)
    assert str(base) in missing.value.hint
    write_baseline(base, scored(run(HALF)))
    write_baseline(base, scored(run()))
    assert read_baseline(base).finished.records[0].answer == run().records[0].answer


def test_what_is_worse_as_one_of_many_may_be_by_chance_did_not_fall(monkeypatch):
    def found(*_):
        alone = Comparison(-0.05, -0.098, -0.002, 24, 12)
        return {measure.name: replace(alone, difference=-0.01, high=0.07) for measure in some} | {
            "accuracy": alone
        }

    some = scored(run()).suite.measures
    monkeypatch.setattr("eval.gate.comparisons", found)
    verdicts = {verdict.measure: verdict for verdict in held(scored(run()), run())}
    assert not verdicts["accuracy"].fell
    assert "by chance" in str(verdicts["accuracy"])
    monkeypatch.setattr("eval.gate.comparisons", lambda *_: {"accuracy": found()["accuracy"]})
    assert {"accuracy"} == {verdict.measure for verdict in fallen(held(scored(run()), run()))}
