"""`rag eval` as a person types it, with the real models: figures, resuming, gates, drafts, bad input."""

import json
import shlex
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from eval.journal import read_journal
from rag.cli import main

pytestmark = pytest.mark.models
RAG = Path(sys.executable).with_name("rag")
SHARED = Path(__file__).parent.parent.parent / "shared" / "data"

TEXTS = {
    "harbour.txt": "The harbour of Otaru\n\nThe ferry to Otaru sails on Mondays. Captain Ann Ito steers it.\n",
    "mill.txt": "The mill of Leeds\n\nThe old mill in Leeds closed in 1987. A fire had destroyed its roof.\n",
}
GOLD = [
    {
        "id": "ferry",
        "type": "fact",
        "question": "When does the ferry to Otaru sail?",
        "expected": [["Mondays", "Monday"]],
        "evidence": [{"document": "harbour.txt", "quote": "The ferry to Otaru sails on Mondays."}],
    },
    {
        "id": "mill",
        "type": "time",
        "question": "When did the old mill in Leeds close?",
        "expected": [["1987"]],
        "evidence": [{"document": "mill.txt", "quote": "The old mill in Leeds closed in 1987."}],
    },
    {
        "id": "comet",
        "type": "near_miss",
        "question": "Which comet did astronomers photograph in Chile?",
        "answerable": False,
    },
]


def rag(*args, code=0):
    """Run the command in this process; a failure must be a message with a hint."""
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def write_gold(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def docs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs") / "harbour"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    return write_gold(tmp_path_factory.mktemp("gold") / "harbour.gold.jsonl", GOLD)


def records(folder):
    return [record for path in sorted(folder.glob("*/records.jsonl")) for record in read_journal(path)[1]]


# A run


def test_figures_come_as_json_with_records_and_a_report(docs, gold, tmp_path):
    done = rag("eval", "--gold", gold, "--docs", docs, "--out", tmp_path / "run", "--json")
    figures = json.loads(done.stdout)
    assert (figures["suite"], figures["system"], figures["n"], figures["failed"]) == ("harbour", "product", 3, 0)
    assert figures["metrics"]["accuracy"] == {
        "value": 1.0,
        "low": pytest.approx(0.4385, abs=1e-4),
        "high": 1.0,
        "n": 3,
    }
    assert figures["metrics"]["unanswerable_recognised"]["value"] == 1.0
    assert len(figures["settings"]) == 16
    peak = figures["metrics"]["peak_memory_mb"]
    assert 50 < peak["value"] < 20_000
    assert peak["n"] == 3
    found = {record.id: record for record in records(tmp_path / "run")}
    assert set(found) == {"ferry", "mill", "comet"}
    assert all(set(claim.support) == {"product", "lexical"} for claim in found["ferry"].claims)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Which comet did astronomers photograph" in page


def test_the_same_run_gives_the_same_records(docs, gold, tmp_path):
    found = []
    for name in ("one", "two"):
        # In style full the generator writes whatever the quotes are; a short quote needs none in style short.
        rag("eval", "--gold", gold, "--docs", docs, "--out", tmp_path / name, "--style", "full")
        lines = (tmp_path / name / "harbour-product" / "records.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines[1:]]
        found.append([{key: row[key] for key in row.keys() - {"seconds", "memory_bytes"}} for row in rows])
    assert found[0] == found[1]
    assert any(row["generated"] for row in found[0])


def test_the_naive_system_runs_beside_it_and_is_compared(docs, gold, tmp_path):
    done = rag(
        "eval",
        "--gold",
        gold,
        "--docs",
        docs,
        "--out",
        tmp_path,
        "--json",
        "--system",
        "product",
        "--system",
        "naive",
    )
    figures = json.loads(done.stdout)
    assert figures["baseline"]["system"] == "naive"
    assert figures["baseline"]["n"] == 3
    assert {path.name for path in tmp_path.iterdir()} == {"harbour-product", "harbour-naive", "report.html"}


def test_a_finished_run_is_scored_again_without_asking(docs, gold, tmp_path):
    run = ("eval", "--gold", gold, "--docs", docs, "--out", tmp_path, "--json")
    first = json.loads(rag(*run).stdout)
    assert "--resume" in rag(*run, code=2).output
    started = time.monotonic()
    again = json.loads(rag(*run, "--resume").stdout)
    assert again["metrics"] == first["metrics"]
    assert time.monotonic() - started < 20


def test_ctrl_c_keeps_what_was_answered_and_resuming_goes_on(docs, tmp_path):
    rows = [{**GOLD[0], "id": f"ferry{number}"} for number in range(40)]
    gold = write_gold(tmp_path / "many.gold.jsonl", rows)
    command = [RAG, "eval", "--gold", gold, "--docs", docs, "--out", tmp_path / "run"]
    journal = tmp_path / "run" / "many-product" / "records.jsonl"
    # What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
    listens = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listens
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (journal.exists() and journal.read_text().count("\n") > 2):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    kept = len(read_journal(journal)[1])
    assert 1 <= kept < 40
    done = rag(*map(str, command[1:]), "--resume", "--json")
    assert json.loads(done.stdout)["n"] == 40
    assert len(read_journal(journal)[1]) == 40


def test_every_part_can_be_switched_off(docs, gold, tmp_path):
    digests = set()
    flags = [(), ("--retrieval", "bm25"), ("--retrieval", "dense"), ("--reader", "off"), ("-k", "2")]
    for number, flag in enumerate(flags):
        out = ("--out", tmp_path / str(number), "--generator", "none", "--json")
        done = rag("eval", "--gold", gold, "--docs", docs, *out, *flag)
        figures = json.loads(done.stdout)
        assert figures["failed"] == 0
        digests.add(figures["settings"])
    assert len(digests) == len(flags)
    out = ("--out", tmp_path / "verifier", "--verifier", "off", "--json")
    assert json.loads(rag("eval", "--gold", gold, "--docs", docs, *out).stdout)["failed"] == 0


def test_a_limit_draws_of_every_type(docs, gold, tmp_path):
    done = rag(
        "eval", "--gold", gold, "--docs", docs, "--out", tmp_path, "--limit", 2, "--generator", "none", "--json"
    )
    assert json.loads(done.stdout)["n"] == 2


# Public data


def test_a_suite_of_public_data_in_its_own_format(tmp_path):
    (tmp_path / "data" / "nq_oracle").mkdir(parents=True)
    row = {
        "question": "when did the old mill in leeds close",
        "answers": ["1987"],
        "ctxs": [{"title": "Leeds mill", "text": "The old mill in Leeds closed in 1987.", "isgold": True}],
    }
    write_gold(tmp_path / "data" / "nq_oracle" / "other-half-oracle.jsonl", [row])
    flags = ("--data", tmp_path / "data", "--out", tmp_path / "run", "--generator", "none", "--json")
    figures = json.loads(rag("eval", "--suite", "nq_oracle", *flags).stdout)
    assert figures["n"] == 2
    assert figures["metrics"]["nq_given.answerable_accuracy"]["value"] == 1.0
    assert figures["metrics"]["nq_library.answerable_accuracy"]["value"] == 1.0
    assert any(item["system"].startswith("GPT-3.5") for item in figures["references"])
    parts = ("eval", "--suite", "nq_oracle", *flags[:2], "--generator", "none")
    told = rag(*parts, "--out", tmp_path / "base", "--write-baseline", tmp_path / "b.json", code=2).output
    assert "asked in parts (nq_given, nq_library)" in told


@pytest.fixture
def claims(tmp_path):
    (tmp_path / "data" / "fool_me_twice").mkdir(parents=True)
    rows = [
        {
            "id": f"c{number}",
            "text": f"The mill of Leeds closed in {year}.",
            "label": label,
            "wikipedia_page": "Leeds",
            "gold_evidence": [{"text": "The mill of Leeds closed in 1987."}],
        }
        for number, (year, label) in enumerate([(1987, "SUPPORTS"), (1990, "REFUTES")] * 5)
    ]
    write_gold(tmp_path / "data" / "fool_me_twice" / "dev.jsonl", rows)
    return tmp_path


def test_a_suite_of_claims_has_records_resumes_and_is_compared(claims, monkeypatch):
    run = ("eval", "--suite", "fool_me_twice", "--data", claims / "data")
    first = json.loads(rag(*run, "--out", claims / "a", "--json").stdout)
    assert (first["n"], first["failed"]) == (10, 0)
    assert first["metrics"]["product.accuracy"]["value"] == 1.0
    assert "peak_memory_mb" in first["metrics"]
    assert all(set(record.scores) == {"product", "reader", "lexical"} for record in records(claims / "a"))
    rag(*run, "--reader", "off", "--out", claims / "off")
    assert all(set(record.scores) == {"product", "lexical"} for record in records(claims / "off"))
    assert "--resume" in rag(*run, "--out", claims / "a", code=2).output
    again = json.loads(rag(*run, "--out", claims / "a", "--resume", "--json").stdout)
    assert again["metrics"] == first["metrics"]

    def broken(claim, evidence):
        if "1990" in claim:
            raise RecursionError("too deep")
        return 0.0

    monkeypatch.setattr("eval.product_judge.product_support", broken)
    compared = json.loads(rag(*run, "--out", claims / "b", "--baseline", claims / "a", "--json").stdout)
    assert (compared["n"], compared["failed"]) == (10, 5)
    assert compared["differences"]["product.accuracy"]["difference"] == -1.0
    assert compared["differences"]["product.accuracy"]["real"]
    assert "FELL" not in rag(*run, "--out", claims / "a", "--resume", "--write-baseline", claims / "g").output
    assert "FELL  product.accuracy" in rag(*run, "--out", claims / "c", "--gate", claims / "g", code=6).output


def test_ctrl_c_tells_the_folder_and_the_command_to_go_on_with(docs, gold, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.measuring.measurements", stopped)
    out = tmp_path / "my run"
    flags = ("--gold", gold, "--docs", docs, "--system", "product", "--generator", "none", "-k", 2, "--json")
    told = rag("eval", *flags, "--out", out, code=130).stderr
    again = next(line for line in told.splitlines() if line.startswith("rag eval"))
    typed = ["--passages" if flag == "-k" else str(flag) for flag in flags]
    words = shlex.split(again)
    assert sorted(words) == sorted(["rag", "eval", *typed, "--resume", "--out", str(out)])
    assert words[words.index("--passages") + 1] == "2"
    assert f"is in {out}" in told
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    assert "--resume --out" in rag("eval", *flags, code=130).stderr


def test_of_many_suites_those_that_an_earlier_run_lacks_are_told(claims):
    both = ("eval", "--suite", "fool_me_twice", "--suite", "wice", "--data", claims / "data", "--limit", 4)
    done = rag(*both, "--out", claims / "a", "--baseline", claims / "nothing", code=3)
    assert "fool_me_twice is not compared" in done.stderr
    assert "wice: There is no data" in done.stderr
    assert "4 cases, none failed" in done.stdout
    assert "one suite" in rag(*both, "--gate", claims / "g", code=2).output


@pytest.mark.parametrize("row", [{"question": 5}, {"query": "who"}, {"question": "who", "gold_answers": 3}])
def test_rows_of_another_shape_are_told(row, tmp_path):
    (tmp_path / "ramdocs").mkdir()
    write_gold(tmp_path / "ramdocs" / "RAMDocs_other.jsonl", [row])
    done = CliRunner().invoke(main, ["eval", "--suite", "ramdocs", "--data", str(tmp_path)])
    assert done.exit_code == 3, done.exception
    assert "ramdocs" in done.output


def test_the_folder_of_a_suite_can_be_named_itself(tmp_path):
    row = {
        "question": "who steers the ferry",
        "gold_answers": ["Ann Ito"],
        "wrong_answers": [],
        "documents": [{"text": "The ferry is steered by Ann Ito.", "type": "correct", "answer": "Ann Ito"}],
    }
    (tmp_path / "half").mkdir()
    write_gold(tmp_path / "half" / "RAMDocs_dev.jsonl", [row])
    flags = ("--data", tmp_path / "half", "--out", tmp_path / "run", "--generator", "none", "--json")
    assert json.loads(rag("eval", "--suite", "ramdocs", *flags).stdout)["n"] == 1


def test_of_all_suites_those_without_data_are_told_and_the_rest_is_measured(tmp_path):
    if not SHARED.is_dir():
        pytest.skip(f"the development data are missing: {SHARED}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "polnear").symlink_to(SHARED / "polnear")
    flags = ("--data", tmp_path / "data", "--limit", 3, "--out", tmp_path / "run", "--json")
    done = rag("eval", "--suite", "all", *flags, code=3)
    assert [json.loads(line)["suite"] for line in done.stdout.splitlines()] == ["polnear"]
    assert "There is no data for wice" in done.stderr
    assert "Put the files of wice into" in done.stderr


# The gate


def test_the_gate_passes_an_equal_run_stops_a_worse_one_and_refuses_another(docs, tmp_path):
    asked = [f"{'Tell me: ' * number}when does the ferry sail to Otaru?" for number in range(8)]
    rows = [
        {**GOLD[0], "id": f"ferry{number}", "question": text, "expected": [["Fridays"]]}
        for number, text in enumerate(asked)
    ]
    gold = write_gold(tmp_path / "many.gold.jsonl", rows)
    base = tmp_path / "base.json"
    run = ("eval", "--gold", gold, "--docs", docs, "--generator", "none")
    rag(*run, "--out", tmp_path / "a", "--write-baseline", base)
    assert "FELL" not in rag(*run, "--out", tmp_path / "b", "--gate", base).output
    refused = rag(*run, "--out", tmp_path / "c", "--gate", base, "-k", "1", code=2)
    assert "passages: '1' here, '8' there" in refused.output
    # A baseline that knew the answer makes the same run a worse one.
    stored = json.loads(base.read_text())
    for record in stored["records"]:
        record["answer"] = "On Fridays."
    base.write_text(json.dumps(stored))
    fell = rag(*run, "--out", tmp_path / "d", "--gate", base, code=6)
    assert "FELL  accuracy: -1.000" in fell.output
    # The gate is judged first: a run that fell is not kept as a new baseline.
    new = tmp_path / "new.json"
    again = rag(*run, "--out", tmp_path / "d", "--resume", "--gate", base, "--write-baseline", new, code=6)
    assert "Not written" in again.output
    assert not new.exists()
    assert "FELL" not in rag(*run, "--out", tmp_path / "b", "--resume", "--write-baseline", new).output
    assert new.is_file()


def test_what_a_gate_cannot_be_held_against_is_refused_before_anything_is_asked(docs, gold, tmp_path):
    base = tmp_path / "base.json"
    run = ("eval", "--gold", gold, "--docs", docs, "--generator", "none")
    rag(*run, "--out", tmp_path / "a", "--write-baseline", base)
    out = ("--out", tmp_path / "b")
    for flags, told in (
        (("--gate", base, "-k", "1"), "passages: '1' here, '8' there"),
        (("--gate", base, "--limit", 2), "n: 2 here, 3 there"),
        (("--gate", base, "--write-baseline", base), "the baseline that it replaces"),
        (("--gate", base, "--write-baseline", tmp_path / "x" / ".." / "base.json"), "that it replaces"),
        (("--gate", tmp_path / "nothing.json"), "nothing.json cannot be read"),
        (("--baseline", tmp_path / "nothing"), "cannot be read"),
        (("--baseline", tmp_path / "a", "--limit", 2), "asked 3 other cases"),
        (("--write-baseline", tmp_path), "is a folder"),
        (("--write-baseline", gold), "is no baseline that could be replaced"),
        (("--baseline", tmp_path / "a", "--system", "product", "--system", "naive"), "Leave --baseline out"),
    ):
        assert told in rag(*run, *out, *flags, code=2).output
        assert not (tmp_path / "b").exists()


def test_going_on_by_another_commit_is_warned_of(docs, gold, tmp_path, monkeypatch):
    run = ("eval", "--gold", gold, "--docs", docs, "--generator", "none", "--out", tmp_path)
    monkeypatch.setattr("rag.compose_eval._commit", lambda: "aaa")
    rag(*run)
    monkeypatch.setattr("rag.compose_eval._commit", lambda: "bbb")
    assert "warning: The records in" in rag(*run, "--resume").stderr
    path = tmp_path / "harbour-product" / "records.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    done = rag(*run, "--resume", "--json")
    assert "made by commit aaa; this is commit bbb" in done.stderr
    assert "records of several commits: aaa, then bbb" in json.loads(done.stdout)["notes"]
    assert "passages: '2' here, '8' there" in rag(*run, "--resume", "-k", 2, code=2).output


def test_an_earlier_run_is_compared_and_the_settings_that_differ_are_named(docs, gold, tmp_path):
    run = ("eval", "--gold", gold, "--docs", docs, "--generator", "none")
    rag(*run, "--out", tmp_path / "a", "-k", 2)
    refused = rag(*run, "--out", tmp_path / "b", "--baseline", tmp_path / "a", code=2).output
    assert "made with other settings: passages: '8' here, '2' there" in refused
    assert not (tmp_path / "b").exists()
    refused = rag(
        *run, "-k", 8, "--caution", "strict", "--out", tmp_path / "b", "--baseline", tmp_path / "a", code=2
    )
    assert "other settings: caution: 'strict' here, 'balanced' there" in refused.output
    compared = (*run, "--out", tmp_path / "b", "--baseline", tmp_path / "a", "-k", 8)
    assert "settings that differ: passages: 8 here, 2 there" in rag(*compared).stdout
    figures = json.loads(rag(*compared, "--resume", "--json").stdout)
    assert figures["differs"] == ["passages: 8 here, 2 there"]
    assert figures["differences"]["accuracy"]["n"] == 3


# Gold files of one's own


def test_a_draft_passes_its_check_and_can_be_asked(docs, tmp_path):
    (tmp_path / "harbour").mkdir()
    said = 'On Monday, Mayor Ann Ito said: "The harbour will be closed in winter."'
    (tmp_path / "harbour" / "talk.txt").write_text(f"A talk\n\n{said}\n\nThere are 12 boats in the port.\n")
    path = tmp_path / "draft.jsonl"
    told = rag("eval", "init", tmp_path / "harbour", "--out", path).output
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert f"Wrote {len(rows)} questions" in told
    assert rows
    assert not any(row["reviewed"] for row in rows)
    checked = rag("eval", "check", path, "--docs", tmp_path / "harbour").output
    assert f"{len(rows)} of {len(rows)} questions are not reviewed yet: draft-001" in checked
    assert "0 errors, 1 warnings" in checked
    assert "draft.jsonl" in rag("eval", "init", tmp_path / "harbour", "--out", path, code=2).output


def test_the_check_names_line_and_field(docs, tmp_path):
    rows = [GOLD[0], {**GOLD[1], "evidence": [{"document": "mill.txt", "quote": "The mill closed in 1988."}]}]
    gold = write_gold(tmp_path / "harbour.gold.jsonl", rows)
    told = rag("eval", "check", gold, "--docs", docs, code=3).output
    assert "line 2 (mill), evidence" in told
    assert "2 questions, 1 errors" in told


def test_the_check_refuses_one_id_twice_and_names_both_lines(docs, tmp_path):
    gold = write_gold(tmp_path / "harbour.gold.jsonl", [GOLD[0], GOLD[1], GOLD[0]])
    told = rag("eval", "check", gold, "--docs", docs, code=2).output
    assert "lines 1 and 3" in told
    assert f'"{GOLD[0]["id"]}"' in told


def test_the_check_names_a_document_that_is_not_there(docs, tmp_path):
    rows = [GOLD[0], {**GOLD[1], "evidence": [{"document": "windmill.pdf", "quote": "The mill closed in 1987."}]}]
    gold = write_gold(tmp_path / "harbour.gold.jsonl", rows)
    told = rag("eval", "check", gold, "--docs", docs, code=3).output
    assert "line 2 (mill), evidence[0].document: the folder has no document windmill.pdf" in told


# Bad input


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--suite", "nothing", "--data", "."), "There is no suite 'nothing'"),
        (("--suite", "wice"), "Where is the data?"),
        (("--suite", "wice", "--data", "/nowhere"), "Put the files of wice into"),
        (("--suite", "wice", "--data", ".", "--gold", "x.jsonl"), "brings its own documents"),
        (("--gold", "x.jsonl"), "belong together"),
        (("--gold", "nowhere.jsonl", "--docs", "."), "nowhere.jsonl"),
        (("--resume",), "Which run goes on?"),
        (("--retry-failed",), "Which cases are asked again?"),
        (("--case-seconds", "0"), "--case-seconds"),
        (("--limit", "0"), "--limit"),
        (("--retrieval", "magic"), "--retrieval"),
    ],
)
def test_bad_input_is_a_clear_error(flags, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["eval", *flags])
    assert done.exit_code in (2, 3), done.output
    assert told in done.output
    assert "Traceback" not in done.output


def test_a_malformed_line_is_named(docs, tmp_path):
    gold = tmp_path / "bad.gold.jsonl"
    gold.write_text(json.dumps(GOLD[0]) + '\n{"id": "x", "qestion": "?"}\n')
    told = rag("eval", "--gold", gold, "--docs", docs, code=2).output
    assert "line 2" in told
    assert "qestion" in told


def test_a_gold_file_for_other_documents_is_refused(gold, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("A letter about something else.")
    told = rag("eval", "--gold", gold, "--docs", tmp_path / "other", code=2).output
    assert "None of the documents" in told
    assert "harbour.txt" in told


def test_a_gold_file_without_questions_is_a_clear_error(docs, tmp_path):
    gold = tmp_path / "empty.gold.jsonl"
    gold.write_text("\n")
    done = CliRunner().invoke(main, ["eval", "--gold", str(gold), "--docs", str(docs)])
    assert done.exit_code != 0
    assert "no question" in done.output.lower() or "No case" in done.output


def test_the_naive_system_without_a_generator_is_refused(docs, gold, tmp_path):
    flags = ("--system", "naive", "--generator", "none", "--out", tmp_path / "run")
    assert "needs a generator" in rag("eval", "--gold", gold, "--docs", docs, *flags, code=2).output


def test_help_names_every_flag():
    told = rag("eval", "--help").output
    for flag in ("--suite", "--data", "--gold", "--docs", "--limit", "--seed", "--json", "--resume", "--gate"):
        assert flag in told
