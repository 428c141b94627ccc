"""Ratios against the bare libraries doing the same work, measured side by side in one run: `make bench`.

Runs alternate, so that a busy machine slows both sides; the ratio of the medians is what counts.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_library import bench_change, bench_million, bench_news, bench_search, real_vectors
from rich.console import Console
from rich.progress import track
from rich.table import Table

REPO = Path(__file__).parent.parent
KURILS = REPO / "eval" / "corpora" / "kurils"
RAG = Path(sys.executable).with_name("rag")
# One whose quote is so long that the generator has something to shorten.
QUESTION = "What is Motegi's top priority?"

BARE_ASK = """
import json, os, sys
os.environ.update(HF_HUB_OFFLINE="1", OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false")
work = json.loads(sys.argv[1])
import faiss
from sentence_transformers import SentenceTransformer
from llama_cpp import Llama
embedder = SentenceTransformer(work["embedder"], device="cpu", local_files_only=True)
embedder.encode([work["question"]], normalize_embeddings=True)
llama = Llama(work["generator"], n_ctx=4096, n_batch=512, n_threads=work["threads"],
              n_threads_batch=work["threads"], verbose=False)
prompt = llama.tokenize(b"The ferry sails on Monday. " * 2000, add_bos=False)[: work["prompt_tokens"]]
written = 0
for token in llama.generate(prompt, temp=0.0):
    written += 1
    if written >= work["tokens"]:
        break
"""

BARE_INDEX = """
import json, os, sys, time
os.environ.update(HF_HUB_OFFLINE="1", OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false")
work = json.loads(sys.argv[1])
from sentence_transformers import SentenceTransformer
embedder = SentenceTransformer(work["embedder"], device="cpu", local_files_only=True)
texts = sorted(json.load(open(work["texts"])), key=len, reverse=True)
start = time.perf_counter()
embedder.encode(texts, batch_size=32, normalize_embeddings=True)
print(time.perf_counter() - start)
"""


def seconds(command, env=None):
    """Return the wall time of a command and its output."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return time.perf_counter() - start, done.stdout


def alternate(ours, bare, rounds, what):
    """Run both in turn and return their times."""
    pairs = [(ours(), bare()) for _ in track(range(rounds), description=what, transient=True)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def bench_help(rounds):
    """Compare `rag --help` with importing click alone."""
    return alternate(
        lambda: seconds([RAG, "--help"])[0],
        lambda: seconds([sys.executable, "-c", "import click"])[0],
        rounds,
        "help",
    )


def bench_ask(rounds, env):
    """Compare a cold question on an indexed library with the unavoidable; once with our prompt, once without."""
    from rag.models import find_model

    ask = [RAG, "ask", "--docs", KURILS, QUESTION, "--json"]
    answer = json.loads(seconds(ask, env)[1])
    if not answer["generated_tokens"]:
        sys.exit(f"The generator wrote nothing for {QUESTION!r}: take another question to measure with.")
    copies = sorted(Path(env["RAG_CACHE"]).glob("models/*.gguf"))
    work = {
        "embedder": str(find_model("embedder", "default").path),
        "generator": str(copies[0] if copies else find_model("generator", "default").path),
        "question": QUESTION,
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "prompt_tokens": answer["prompt_tokens"],
        "tokens": answer["generated_tokens"],
    }
    short = {**work, "prompt_tokens": 32}

    def bare(settings):
        return seconds([sys.executable, "-c", BARE_ASK, json.dumps(settings)])[0]

    triples = [
        (seconds(ask, env)[0], bare(work), bare(short)) for _ in track(range(rounds), "cold ask", transient=True)
    ]
    ours, same, least = (list(column) for column in zip(*triples, strict=True))
    about = f"{work['prompt_tokens']} prompt tokens, {work['tokens']} written"
    return ours, same, least, about


def long_corpus(folder, documents):
    """Write documents of realistic length from the sample corpus, each with words of its own."""
    from index.load import load

    texts = [load(path, path.read_bytes()).text for path in sorted(KURILS.glob("*.txt"))]
    for number in range(documents):
        body = (
            texts[number % len(texts)]
            .replace("Moscow", f"Moscow {number}")
            .replace(" the ", f" the {number % 97} ")
        )
        (folder / f"{number:05}.txt").write_text(f"Report {number}\n\n{body}")


def bench_index(rounds, env, documents):
    """Compare the time to index a folder, models loaded, with encoding the same passages sorted by length."""
    from rag import compose
    from rag.models import find_model
    from rag.settings import load_settings

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "docs").mkdir()
        long_corpus(folder / "docs", documents)
        settings = load_settings({}, env=env_settings(env))
        embedder = compose.load_embedder(settings)
        texts = Recorder(embedder)
        compose.ingest(settings, [folder / "docs"], folder=folder / "first", embedder=texts)
        (folder / "texts.json").write_text(json.dumps(texts.texts))
        work = {"embedder": str(find_model("embedder", "default").path), "texts": str(folder / "texts.json")}
        ours, bare = [], []
        for round_number in track(range(rounds), "index", transient=True):
            start = time.perf_counter()
            compose.ingest(settings, [folder / "docs"], folder=folder / f"l{round_number}", embedder=embedder)
            ours.append(time.perf_counter() - start)
            bare.append(float(seconds([sys.executable, "-c", BARE_INDEX, json.dumps(work)])[1].split()[-1]))
    return ours, bare, f"{len(texts.texts)} passages of {documents} files"


class Recorder:
    """An embedder that remembers what it was asked to encode."""

    def __init__(self, embedder):
        self._embedder = embedder
        self.texts = []

    def __getattr__(self, name):
        return getattr(self._embedder, name)

    def encode(self, texts):
        self.texts += texts
        return self._embedder.encode(texts)


def env_settings(env):
    """Return the RAG_* variables of an environment."""
    return {name: value for name, value in env.items() if name.startswith("RAG_")}


def command_rows(row, env, options):
    """Add the rows of the commands: help, a cold question, indexing."""
    row("rag --help / import click", *bench_help(options.rounds * 3), "3")
    ours, same, least, about = bench_ask(options.rounds, env)
    row(f"cold ask / bare script ({about})", ours, same, "1.5")
    row("cold ask / the same script with a 32-token prompt", ours, least, "-")
    ours, bare, about = bench_index(max(2, options.rounds // 2), env, options.documents)
    row(f"index / bare encode ({about})", ours, bare, "1.2")


def library_rows(row, env, options):
    """Add the rows of the library: search and one changed file, and with --large what takes minutes."""
    from rag import compose
    from rag.models import find_model
    from rag.settings import load_settings

    settings = load_settings({}, env=env_settings(env))
    embedder = compose.load_embedder(settings)
    vectors, questions = real_vectors(embedder, 5000 if options.large else 500, 100)
    with tempfile.TemporaryDirectory() as name:
        row("search 200,000 x 384 / bare faiss", *bench_search(Path(name), vectors, questions), "1.2")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "docs").mkdir()
        long_corpus(Path(name) / "docs", options.documents)
        again = bench_change(settings, embedder, Path(name), options.documents)
        row(f"index again, 1 of {options.documents} files changed / all", *again, "0.03")
    if not options.large:
        return []
    with tempfile.TemporaryDirectory() as name:
        notes = [f"1,000,000 x 384: {json.dumps(bench_million(Path(name), vectors, questions))}"]
    with tempfile.TemporaryDirectory() as name:
        path = str(find_model("embedder", "default").path)
        news = bench_news(
            Path(name), env_settings(env), options.passages, bare_index=BARE_INDEX, embedder_path=path
        )
    if news is None:
        return [*notes, "SKIPPED: the news are not in ../shared/data/realtimeqa, indexing them was NOT measured"]
    row(f"index / bare encode ({news[2]})", [news[0]], [news[1]], "1.2")
    return notes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--large", action="store_true", help="also 1,000,000 vectors and a year of news (minutes)")
    parser.add_argument("--passages", type=int, default=10_000, help="of the news, with --large")
    parser.add_argument("--library-only", action="store_true", help="search, a changed file, and --large")
    options = parser.parse_args()
    table = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for column in ("what", "ours s", "bare s", "ratio", "aim", "n"):
        table.add_column(column)

    def row(what, ours, bare, aim):
        mine, theirs = statistics.median(ours), statistics.median(bare)
        table.add_row(what, f"{mine:.3g}", f"{theirs:.3g}", f"{mine / theirs:.3g}", aim, str(len(ours)))

    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "RAG_HOME": f"{home}/home", "RAG_CACHE": f"{home}/cache"}
        if not options.library_only:
            command_rows(row, env, options)
        notes = library_rows(row, env, options)
    console = Console(width=110)
    console.print(table)
    for note in notes:
        console.print(note)


if __name__ == "__main__":
    main()
