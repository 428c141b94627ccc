"""The rules of the house: budgets, imports, what the wheel holds, what a command loads, no network."""

import ast
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
PACKAGES = ("rag", "index", "prompts", "ui", "eval")
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "llama_cpp",
    "gradio",
    "pypdf",
    "trafilatura",
    "mammoth",
    "matplotlib",
    "jinja2",
    "httpx2",
)
RAG = Path(sys.executable).with_name("rag")

# library -> the only file that may import it
ONE_IMPORTER = {
    "sentence_transformers": "index/embed.py",
    "torch": "index/embed.py",
    "faiss": "index/dense.py",
    "llama_cpp": "rag/llama_worker.py",
    "pypdf": "index/load_pdf.py",
    "trafilatura": "index/load_html.py",
    "mammoth": "index/load_docx.py",
    "matplotlib": "eval/report_charts.py",
    "jinja2": "eval/report_page.py",
    "httpx2": "rag/remote.py",
    "pypdfium2": "index/page_image.py",
}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
P95_FUNCTION_LINES = 40
MAX_NESTING = 3
MAX_PARAMETERS = 6
MAX_POSITIONAL = 2


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (REPO / package).rglob("*.py"))


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(REPO)}::{node.name}", node


def lines_of(node: ast.FunctionDef) -> int:
    return node.end_lineno - node.lineno + 1


def nesting(node: ast.AST) -> int:
    """Count blocks inside blocks; an elif is no deeper than its if."""
    here = isinstance(node, (ast.For, ast.While, ast.If, ast.With, ast.Try))
    below = 0
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        if not isinstance(child, (ast.FunctionDef, ast.Lambda)):
            below = max(below, nesting(child) - is_elif)
    return here + below


def test_files_stay_short():
    long = {
        str(p.relative_to(REPO)): n for p in sources() if (n := len(p.read_text().splitlines())) > MAX_FILE_LINES
    }
    assert not long


def test_functions_stay_short():
    sizes = sorted(lines_of(node) for _, node in functions())
    long = [name for name, node in functions() if lines_of(node) > MAX_FUNCTION_LINES]
    assert not long
    assert sizes[int(len(sizes) * 0.95)] <= P95_FUNCTION_LINES


def test_nesting_stays_shallow():
    assert not [name for name, node in functions() if nesting(node) > MAX_NESTING]


def test_parameters_stay_few_and_named():
    many = []
    for name, node in functions():
        positional = [arg.arg for arg in node.args.posonlyargs + node.args.args if arg.arg not in ("self", "cls")]
        total = len(positional) + len(node.args.kwonlyargs)
        # sys.excepthook and Gradio call these by position.
        called = ("ended", "ask", "ask_again", "edit", "reopen", "forget")
        private = node.name.startswith("_") or node.name in called
        # Private helpers may pass a few things by position; public ones may not.
        if total > MAX_PARAMETERS or (len(positional) > MAX_POSITIONAL and not private):
            many.append(f"{name}({', '.join(positional)})")
    assert not many


def test_every_module_says_what_it_does():
    silent = [str(p.relative_to(REPO)) for p in sources() if not ast.get_docstring(ast.parse(p.read_text()))]
    assert not silent


def test_each_heavy_library_has_one_importer():
    wrong = []
    for path in sources():
        where = str(path.relative_to(REPO))
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in (name.split(".")[0] for name in names):
                if ONE_IMPORTER.get(name, where) != where:
                    wrong.append(f"{where} imports {name}")
    assert not wrong


def test_only_the_edges_catch_everything():
    wide = [
        name
        for name, node in functions()
        for inner in ast.walk(node)
        if isinstance(inner, ast.ExceptHandler)
        and (inner.type is None or (isinstance(inner.type, ast.Name) and inner.type.id == "Exception"))
    ]
    # One bad case, or one bad suite of many, must not end a run of hours: whatever it raises is told beside the
    # figures of the others. One bad question must not end the desk: it is raised again where it was asked.
    # What goes wrong while a page is shown is shown on it.
    known = ["eval/runner.py::ask", "rag/desk.py::_serve", "rag/measuring.py::suite_if_there", "ui/chat.py::_ask"]
    assert sorted(wide) == known


def test_only_the_command_line_prints():
    printing = [
        name
        for name, node in functions()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "print"
    ]
    assert not printing


def test_the_command_line_loads_nothing_heavy():
    heavy = (*HEAVY, "numpy", "rich")
    script = f"import sys, rag.cli; sys.exit(','.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("args", [["--help"], ["ask", "--help"], ["ask"], ["aks"], ["ask", "?"], ["ask", "Who?"]])
def test_help_and_argument_errors_load_nothing_heavy(args):
    script = (
        f"import sys, atexit; heavy = {HEAVY!r}\n"
        "atexit.register(lambda: print('HEAVY', [m for m in heavy if m in sys.modules]))\n"
        f"sys.argv = ['rag', *{args!r}]\nfrom rag.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY []" in done.stdout


def test_the_wheel_holds_the_five_packages_and_their_data(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(REPO)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert {"rag/models.toml", "rag/py.typed", "prompts/answer.md"} <= set(names)
    assert {f"rag/reader_model/{name}" for name in ("model.onnx", "reader.json", "MODEL_CARD.md")} <= set(names)
    adapter = ("adapter.gguf", "adapter.json", "MODEL_CARD.md")
    assert {f"rag/claim_adapter/{name}" for name in adapter} <= set(names)
    assert not [name for name in names if name.startswith("eval/corpora")]


def test_a_hostile_folder_is_not_imported(tmp_path):
    for name in ("ui", "eval", "index", "rag", "prompts", "json", "torch", "llama_cpp"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hostile code ran')")
    (tmp_path / "letter.txt").write_text("A letter\n\nThe ferry to Otaru sails on Mondays.")
    done = subprocess.run(
        [RAG, "ask", "--docs", "letter.txt", "When does the ferry sail?"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "hostile" not in done.stdout + done.stderr
    assert "Mondays" in done.stdout


@pytest.mark.models
def test_nothing_reaches_the_network(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(_GUARD)
    (tmp_path / "letter.txt").write_text("A letter\n\nThe ferry to Otaru sails on Mondays.")
    done = subprocess.run(
        [RAG, "ask", "--docs", str(tmp_path / "letter.txt"), "When does the ferry sail?", "--json"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Mondays" in done.stdout, done.stderr
    assert (tmp_path / "guarded").read_text().count("x") >= 2  # the command and its generator
    assert "network" not in done.stderr


_GUARD = """
import pathlib, socket, sys
here = pathlib.Path(__file__).parent
with open(here / "guarded", "a") as file:
    file.write("x")
def refuse(self, address, *_):
    sys.stderr.write(f"network: {address}\\n")
    raise OSError("network")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
def no_lookup(*args, **_):
    sys.stderr.write(f"network: lookup {args}\\n")
    raise OSError("network")
socket.getaddrinfo = no_lookup
"""


def test_the_import_rules_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=REPO, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_no_file_names_this_machine_or_a_registry():
    tracked = subprocess.run(["git", "ls-files"], cwd=REPO, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout: the list of tracked files is not known")
    forbidden = ("pypi" + ".org", "files.python" + "hosted", "/work/" + "main", "/root" + "/")
    wrong = []
    for name in tracked.stdout.splitlines():
        text = (REPO / name).read_bytes().decode("utf-8", "replace")
        wrong += [f"{name}: {word}" for word in forbidden if word in text]
    assert not wrong
