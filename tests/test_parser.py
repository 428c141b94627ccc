"""Reading files in a child process: the same documents, and no file that ends or holds up a run."""

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from contextlib import closing
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from index import parser as parser_module
from index.ingest import Ingest, IngestLimits, plan
from index.load import UnreadableFileError, load, read_bytes
from index.parser import LocalReader, ParseLimits, Parser
from index.parser_worker import from_json, to_json
from index.store import Store
from rag.testing import HashEmbedder
from rag.types import Document, FileStatus, RemovedBlock

SENTENCE = "The harbour of the town was opened again on Tuesday after three years.\n"
# Sorting a long run of combining marks takes quadratic time: this one minutes, in C code that no signal stops.
ENDLESS = "a" + "\u0301\u0316" * 500_000


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def pdf(*pages):
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    for text in pages:
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def raw_pdf(*objects):
    """Return a PDF made of these objects; the first is its catalogue."""
    out = b"%PDF-1.7\n"
    starts = []
    for number, content in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + head + table + tail


def packed(content):
    return b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(content), content)


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
TREE = [b"<</Type/Pages/Count 1000000000/Kids[%d 0 R %d 0 R]>>" % (n, n) for n in range(3, 40)]


def zipped(name, content):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return file.getvalue()


ALIASES = "a: &a [x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)
BOMBS = {
    "unpacks.pdf": lambda: raw_pdf(CATALOGUE, ONE_PAGE, PAGE, packed(zlib.compress(b" " * 300_000_000, 9))),
    "nested.pdf": lambda: raw_pdf(b"<</Type/Catalog/Pages " + b"[" * 100_000 + b"]" * 100_000 + b">>"),
    "tree.pdf": lambda: raw_pdf(CATALOGUE, *TREE, b"<</Type/Page/MediaBox[0 0 9 9]>>"),
    "own-parent.pdf": lambda: raw_pdf(CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "kids.pdf": lambda: raw_pdf(
        CATALOGUE, b"<</Type/Pages/Count 2000000/Kids[" + b"3 0 R " * 2_000_000 + b"]>>", b"<</Type/Page>>"
    ),
    "unpacks.docx": lambda: zipped("word/document.xml", b" " * 300_000_000),
    "divs.html": lambda: b"<html><body>" + b"<div>" * 2_000_000 + b"words" + b"</div>" * 2_000_000,
    "marks.txt": lambda: ENDLESS,
    "aliases.md": lambda: f"---\n{ALIASES}author: *m\n---\nwords here",
    "parts.eml": lambda: (
        b"From: a@b.org\n"
        + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))
    ),
}
SHORT = ParseLimits(seconds=1, seconds_per_megabyte=0.2)


@pytest.fixture
def parser():
    with Parser() as made:
        yield made


def refusal(reader, path):
    with pytest.raises(UnreadableFileError) as caught:
        reader.parse(path)
    assert caught.value.reason
    return caught.value


# The same documents


def test_each_format_gives_the_document_that_this_process_reads(parser, tmp_path):
    article = "<html><body><article><h1>A harbour</h1>" + f"<p>{SENTENCE * 5}</p>" * 3 + "</article></body></html>"
    files = [
        write(tmp_path / "2025-10-21 a.txt", f"A title of some words\n\n{SENTENCE}"),
        write(tmp_path / "b.md", f"---\ntitle: Café ☃ 漁\nauthor: Ann\ndate: 2025-10-21\n---\n{SENTENCE}"),
        write(tmp_path / "c.html", article),
        write(tmp_path / "d.pdf", pdf("Page one here.", "Page two here.")),
        write(tmp_path / "e.eml", f"From: Ann <a@b.org>\nDate: Tue, 21 Oct 2025 09:30:00 +0900\n\n{SENTENCE}"),
    ]
    local = LocalReader()
    assert [parser.parse(path) for path in files] == [local.parse(path) for path in files]
    assert parser.restarts == 0


def test_nothing_of_a_document_is_lost_on_the_way():
    document = load(Path("a.pdf"), pdf("Page one here.", "Page two here."))
    full = dataclasses.replace(
        document,
        outlet="Tide Notes",
        author="Ann",
        published=date(2025, 10, 21),
        language="en",
        title='"\\\n☃',
        removed=(RemovedBlock("Home | World", "outside the article"),),
    )
    unset = {field.name for field in dataclasses.fields(Document) if not getattr(full, field.name)}
    assert unset == set(), "give the new field a value here and see that from_json restores it"
    assert from_json(json.loads(json.dumps(to_json(full)))) == full


def test_refusals_come_with_their_status(parser, tmp_path):
    assert refusal(parser, write(tmp_path / "a.txt", "")).status is FileStatus.EMPTY
    assert refusal(parser, write(tmp_path / "b.pdf", b"%PDF-1.7")).status is FileStatus.FAILED
    assert refusal(parser, write(tmp_path / "c.xyz", "words")).status is FileStatus.UNSUPPORTED
    assert "No such file" in refusal(parser, tmp_path / "gone.txt").reason
    assert parser.restarts == 0


def test_files_are_read_in_any_order_whatever_was_announced(parser, tmp_path):
    files = [write(tmp_path / f"{n}.txt", f"File number {n} of many.") for n in range(200)]
    parser.ahead(files)
    wanted = [files[0], *files[1:90], files[150], files[3], files[3], *files[100:120]]
    assert [parser.parse(path).text for path in wanted] == [path.read_text() for path in wanted]


def test_names_of_any_kind_reach_the_child(parser, tmp_path):
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9\n\"x'.txt"))
    assert parser.parse(write(odd, "The harbour is open.")).text == "The harbour is open."


# Limits


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_time_with_a_status(name, tmp_path):
    bomb, good = write(tmp_path / name, BOMBS[name]()), write(tmp_path / "good.txt", "The harbour is open.")
    with Parser(SHORT) as parser:
        parser.parse(good)
        began = time.monotonic()
        refused = refusal(parser, bomb)
        assert time.monotonic() - began < 20
        assert refused.status in (FileStatus.FAILED, FileStatus.TOO_LARGE, FileStatus.NO_TEXT)
        assert parser.parse(good).text == "The harbour is open."


def test_a_file_that_takes_too_long_says_so(tmp_path):
    with Parser(ParseLimits(seconds=1, seconds_per_megabyte=0)) as parser:
        parser.parse(write(tmp_path / "good.txt", "The harbour is open."))
        assert refusal(parser, write(tmp_path / "a.txt", ENDLESS)).reason == "reading it took longer than 1 s"
        assert parser.restarts == 1


def test_a_file_that_only_waits_takes_too_long_as_well(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.txt")
    monkeypatch.setattr(parser_module, "_START_SECONDS", 1.0)
    with Parser(ParseLimits(seconds=0.5)) as parser:
        assert "longer than" in refusal(parser, tmp_path / "pipe.txt").reason


@pytest.mark.skipif(sys.platform == "win32", reason="memory is not limited there")
def test_a_file_that_needs_too_much_memory_says_so(tmp_path):
    large = write(tmp_path / "a.txt", "harbour " * 7_000_000)
    with Parser(ParseLimits(memory_bytes=400_000_000)) as parser:
        parser.parse(write(tmp_path / "good.txt", "The harbour is open."))
        assert refusal(parser, large).reason == "reading it takes more than 400 MB of memory"
        assert parser.parse(tmp_path / "good.txt").text == "The harbour is open."


def test_a_text_of_60_megabytes_is_read(tmp_path):
    size_lines = 60_000_000 // len(SENTENCE)
    path = write(tmp_path / "a.txt", SENTENCE * size_lines)  # one paragraph: each step must take linear time
    with Parser(ParseLimits(seconds=60, seconds_per_megabyte=0)) as parser:
        document = parser.parse(path)
    assert document.text.count("harbour") == size_lines


def test_large_files_and_texts_are_too_large(tmp_path):
    path = write(tmp_path / "a.txt", SENTENCE * 100)
    with Parser(ParseLimits(file_bytes=1000)) as parser:
        assert refusal(parser, path).status is FileStatus.TOO_LARGE
    with Parser(ParseLimits(text_chars=1000)) as parser:
        refused = refusal(parser, path)
        assert refused.status is FileStatus.TOO_LARGE
        assert "at most 1,000" in refused.reason


def test_the_time_grows_with_the_file():
    assert ParseLimits(seconds=10, seconds_per_megabyte=2).seconds_for(5_000_000) == 20


@pytest.mark.skipif(sys.platform == "win32", reason="computing time is not limited there")
def test_computing_without_end_is_ended_without_a_parent():
    script = "from index.parser_worker import limit_cpu\nlimit_cpu(0.5)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", script], timeout=60)
    assert done.returncode == -signal.SIGXCPU


# The child


def child_of(parser):
    return parser._process


def test_a_crash_is_one_failed_file(tmp_path):
    with Parser() as parser:
        files = [write(tmp_path / f"{n}.txt", f"File number {n} of many.") for n in range(30)]
        parser.parse(files[0])
        child_of(parser).kill()
        child_of(parser).wait()
        assert [parser.parse(path).text for path in files] == [path.read_text() for path in files]
        assert parser.restarts == 1


def test_a_file_that_crashes_every_child_fails_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))
    write(
        tmp_path / "hook" / "sitecustomize.py",
        "import os, sys\ndef crash(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('bad.txt'): os.abort()\nsys.addaudithook(crash)\n",
    )
    files = [write(tmp_path / f"{name}.txt", "The harbour is open.") for name in ("a", "bad", "c")]
    with Parser() as parser:
        parser.ahead(files)
        parser.parse(files[0])
        refused = refusal(parser, files[1])
        assert (refused.status, "crashed" in refused.reason) == (FileStatus.FAILED, True)
        assert parser.parse(files[2]).text == "The harbour is open."
        assert parser.restarts == 2  # the second child shows that the first one was not to blame


def test_an_error_nobody_thought_of_is_told_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))
    write(
        tmp_path / "hook" / "sitecustomize.py",
        "import sys\ndef fail(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('bad.txt'): raise EOFError('no more')\n"
        "sys.addaudithook(fail)\n",
    )
    with Parser() as parser:
        reason = refusal(parser, write(tmp_path / "bad.txt", "words")).reason
        assert reason == "its reader failed (EOFError: no more)"


def test_what_was_asked_ahead_survives_a_kill(tmp_path):
    files = [write(tmp_path / f"{n:02}.txt", f"File number {n} of many.") for n in range(40)]
    write(files[20], ENDLESS)
    texts = []
    with Parser(ParseLimits(seconds=1, seconds_per_megabyte=0)) as parser:
        parser.ahead(files)
        for path in files:
            try:
                texts.append(parser.parse(path).text)
            except UnreadableFileError as error:
                texts.append(error.reason)
    assert texts[20] == "reading it took longer than 1 s"
    del texts[20], files[20]
    assert texts == [path.read_text() for path in files]


def test_the_child_ends_with_its_input(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "index.parser_worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        settings = {"memory_bytes": 2_000_000_000, "file_bytes": 1000, "text_chars": 1000}
        path = write(tmp_path / "a.txt", "The harbour is open.")
        lines = [settings, {"id": 7, "path": str(path), "cpu_seconds": 10}]
        out, _ = child.communicate("".join(json.dumps(line) + "\n" for line in lines).encode(), timeout=30)
        assert json.loads(out)["id"] == 7
        assert child.returncode == 0


def test_closing_ends_the_child_and_the_next_file_starts_another(tmp_path):
    path = write(tmp_path / "a.txt", "The harbour is open.")
    parser = Parser()
    parser.close()
    parser.parse(path)
    child = child_of(parser)
    parser.close()
    assert child.poll() is not None
    assert parser.parse(path).text == "The harbour is open."
    parser.close()


@pytest.mark.parametrize(
    "deed",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.remove('nothing')",
    ],
)
def test_the_child_opens_no_connection_and_starts_no_process(deed):
    script = (
        f"import os, socket, subprocess, sys\nfrom index.parser_worker import _forbid\n"
        f"sys.addaudithook(_forbid)\ntry:\n    {deed}\nexcept PermissionError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "a reader of files tried" in done.stdout


# Files that change


def test_a_file_that_changes_once_is_read_again(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", "old words")
    change_while_reading(monkeypatch, path, times=1)
    assert read_bytes(path, max_bytes=1000) == b"old words!"


def test_a_file_that_changes_all_the_time_fails(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", "old words")
    change_while_reading(monkeypatch, path, times=99)
    with pytest.raises(UnreadableFileError) as caught:
        read_bytes(path, max_bytes=1000)
    assert (caught.value.status, caught.value.reason) == (FileStatus.FAILED, "it changes while it is read")


def test_a_file_replaced_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    path, other = write(tmp_path / "a.txt", "old words"), write(tmp_path / "b.txt", "new words")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    stat, left = Path.stat, [other]

    def replaced(self, **more):
        if self == path and left:
            left.pop().rename(path)
        return stat(self, **more)

    monkeypatch.setattr(Path, "stat", replaced)
    assert read_bytes(path, max_bytes=1000) == b"new words"


def change_while_reading(monkeypatch, path, *, times):
    """Let another program append to the file after it was read and before it is looked at again."""
    stat = Path.stat
    left = [times]

    def changed(self, **more):
        if self == path and left[0]:
            left[0] -= 1
            with self.open("ab") as file:
                file.write(b"!")
        return stat(self, **more)

    monkeypatch.setattr(Path, "stat", changed)


# A whole folder


def broken_files(folder):
    """Write 30 files of which none yields a document; return the status of each."""
    chance = random.Random(4)
    kinds = {
        "empty.txt": ("", "empty"),
        "blank.md": (" \n\n ", "empty"),
        "binary.txt": (chance.randbytes(3000), "failed"),
        "zeros.txt": (b"\0" * 500, "failed"),
        "utf16.txt": (b"\xff\xfeabc", "failed"),
        "marks.txt": ("*** --- ***", "no_text"),
        "rule.md": ("---\n\n***", "no_text"),
        "page.html": ("<html><body></body></html>", "no_text"),
        "script.html": ("<script>alert(1)</script>", "no_text"),
        "torn.html": (b"<", "no_text"),
        "cut.pdf": (pdf("Some words.", "More words.")[:300], "failed"),
        "words.pdf": ("not a pdf at all", "failed"),
        "header.pdf": (b"%PDF-1.7\n", "failed"),
        "scan.pdf": (pdf(""), "no_text"),
        "nested.pdf": (BOMBS["nested.pdf"](), "failed"),
        "tree.pdf": (BOMBS["tree.pdf"](), "failed"),
        "own-parent.pdf": (BOMBS["own-parent.pdf"](), "failed"),
        "unpacks.pdf": (BOMBS["unpacks.pdf"](), "failed"),
        "words.docx": ("not a document", "failed"),
        "cut.docx": (zipped("word/document.xml", "<w/>")[:40], "failed"),
        "empty.docx": (zipped("a.txt", "words"), "failed"),
        "old.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "unsupported"),
        "unpacks.docx": (zipped("word/document.xml", b" " * 200_000_000), "too_large"),
        "words.eml": ("no headers at all", "failed"),
        "silent.eml": ("From: a@b.org\n\n", "no_text"),
        "parts.eml": (BOMBS["parts.eml"](), "failed"),
        "large.txt": (SENTENCE * 60_000, "too_large"),
        "slow.txt": (ENDLESS, "failed"),
    }
    for name, (content, _) in kinds.items():
        write(folder / name, content)
    (folder / "link.txt").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.txt")
    return {name: status for name, (_, status) in kinds.items()} | {
        "link.txt": "unsupported",
        "pipe.txt": "unsupported",
    }


def good_file(number):
    text = f"Report number {number}\n\n{SENTENCE}The boat {number} came back.\n"
    if number % 50 == 1:
        return f"{number}.pdf", pdf(f"Report number {number} is here. The boat came back.")
    if number % 50 == 2:
        return f"{number}.eml", f"From: a@b.org\nSubject: Report {number}\n\n{text}"
    return f"{number}.{('txt', 'md')[number % 2]}", text


def test_a_folder_of_a_thousand_files_with_thirty_broken_ones(tmp_path):
    expected = broken_files(tmp_path / "docs" / "broken")
    assert len(expected) == 30
    for number in range(970):
        name, content = good_file(number)
        write(tmp_path / "docs" / name, content)
    with (
        closing(Store.create(tmp_path / "library")) as store,
        Parser(ParseLimits(seconds=5, seconds_per_megabyte=0)) as parser,
    ):
        limits = IngestLimits(max_file_bytes=4_000_000)
        report = Ingest(store, HashEmbedder(), limits=limits, reader=parser).run(plan(store, [tmp_path / "docs"]))
    assert {Path(problem.path).name: problem.status.value for problem in report.problems} == expected
    assert all(problem.reason for problem in report.problems)
    assert (report.added, report.readable) == (970, 970)
    assert parser.restarts <= 3
