"""Retrieval side by side, BM25 alone, vectors alone and joined, through the library's real code.

Each suite becomes a library in a temporary folder. Vectors are kept in RAG_CACHE (or the temporary folder), so that
only the first run encodes.
"""

import argparse
import hashlib
import os
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.retrieval import DEPTHS, Suite, evaluate, halves, load_suites
from index.content import Content
from index.passages import cut, embedding_text, header
from index.retrieve import HybridRetriever, SearchOptions
from index.store import FileRecord, Store
from rag import compose
from rag.settings import Settings, load_settings
from rag.types import Document, FileStatus

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
# A chunk is what an interrupted run can lose.
CHUNK = 512
# Long articles: so many questions of the news quiz are drawn, with the articles that were found for them.
NEWS_QUESTIONS = 150


class CachedEmbedder:
    """The real embedder; what it has encoded once is read from files."""

    def __init__(self, embedder, folder):
        self._embedder = embedder
        self._folder = folder
        self._known = {}
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("info", "fingerprint", "dimensions", "max_tokens", "count_tokens"):
            setattr(self, name, getattr(embedder, name))

    def warm(self, texts, what):
        """Encode many texts, chunk by chunk, and remember their vectors."""
        starts = range(0, len(texts), CHUNK)
        for start in track(starts, description=f"Encoding {what}", console=Console(stderr=True), transient=True):
            chunk = texts[start : start + CHUNK]
            self._known.update(zip(chunk, self._chunk(chunk), strict=True))

    def _chunk(self, texts):
        key = hashlib.sha256("\0".join([self.fingerprint, *texts]).encode("utf-8", "replace")).hexdigest()[:32]
        path = self._folder / f"{key}.npy"
        if not path.is_file():
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                np.save(file, self._embedder.encode(texts))
            Path(file.name).replace(path)
        return np.load(path)

    def encode(self, texts):
        """Return unit vectors, shape (len(texts), dimensions)."""
        if any(text not in self._known for text in texts):
            return self._embedder.encode(texts)
        return np.array([self._known[text] for text in texts], dtype=np.float32)


def build(suite: Suite, folder: Path, embedder: CachedEmbedder, *, settings: Settings) -> Store:
    """Make a library of a suite's corpus, one document a text; document names are the suite's ids."""
    store = Store.create(folder)
    store.connection.execute("PRAGMA synchronous = OFF")  # a library that is thrown away
    max_tokens = min(settings.passage_tokens, embedder.max_tokens)
    parts = []
    for text in track(
        suite.corpus, description=f"Cutting {suite.name}", console=Console(stderr=True), transient=True
    ):
        head = header(text.title, embedder.count_tokens, max_tokens=settings.title_tokens)
        spans = cut(text.text, head, count=embedder.count_tokens, max_tokens=max_tokens)
        parts.append((text, spans, [embedding_text(head, text.text[start:end]) for start, end in spans]))
    embedder.warm([one for _, _, texts in parts for one in texts], suite.name)
    store.set_embedder(embedder.fingerprint, embedder.info.name)
    for text, spans, texts in parts:
        document = Document(text.id, text.text, text.title, "text/plain")
        content = Content(document, spans, embedder.encode(texts))
        store.put(FileRecord(f"/{text.id}", "/", 0, 0, 0, 0, FileStatus.READY), content)
    return store


def searches(store: Store, embedder: CachedEmbedder, options: SearchOptions):
    """Return the searches to compare, each from a question to the names of documents."""
    weights = {"BM25": 0.0, "dense": 1.0, "hybrid": options.dense_weight}

    def search_with(weight):
        own = replace(options, dense_weight=weight, passages_per_document=1)
        retriever = HybridRetriever(store, embedder, options=own)
        return lambda question: [hit.source.names[0] for hit in retriever.search(question, limit=max(DEPTHS))]

    return {name: search_with(weight) for name, weight in weights.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--suite", action="append", help="only this suite (can be repeated)")
    parser.add_argument("--limit", type=int, help="draw so many questions a suite")
    parser.add_argument("--news", type=int, default=NEWS_QUESTIONS, help="questions of the news quiz")
    parser.add_argument("--halves", action="store_true", help="show the tuning half and the held half apart")
    args = parser.parse_args()
    settings = load_settings({})
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(os.environ.get("RAG_CACHE", folder)) / "retrieval"
        embedder = CachedEmbedder(compose.load_embedder(settings), cache)
        for suite in load_suites(args.data, limit=args.limit, news=args.news):
            if args.suite is None or suite.name in args.suite:
                show(suite, Path(folder) / suite.name, embedder, settings=settings, apart=args.halves)


def show(suite: Suite, folder: Path, embedder: CachedEmbedder, *, settings: Settings, apart: bool) -> None:
    """Measure one suite and print its table."""
    options = SearchOptions(candidates=settings.candidates, dense_weight=settings.dense_weight)
    embedder.warm([query.text for query in suite.queries], "questions")
    parts = dict(zip(("tuning", "held"), halves(suite), strict=True)) if apart else {"all": suite}
    title = f"{suite.name}: {len(suite.corpus):,} texts, {date.today().isoformat()}"  # noqa: DTZ011 - a label
    table = Table("search", "questions", *(f"R@{k}" for k in DEPTHS), "MRR", "nDCG@10", title=title)
    with closing(build(suite, folder, embedder, settings=settings)) as store:
        for name, search in searches(store, embedder, options).items():
            for half, part in parts.items():
                found = evaluate(part, search)
                figures = [*found.recall.values(), found.mrr, found.ndcg_at_10]
                cells = [f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in figures]
                table.add_row(name, f"{half} {figures[0].n}", *cells)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
