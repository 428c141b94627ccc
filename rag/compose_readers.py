"""Puts the suites together that measure one reader of the product alone: of pages, dates, PDFs, speech, search.

Like rag.compose it names concrete functions of all folders, inside functions; it prints nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag import compose
from rag.compose_eval import HYBRID, RETRIEVALS, Session, with_retrieval

if TYPE_CHECKING:
    from datetime import date

    from eval.types import Outcome
    from index.ingest import OnFile
    from index.load import Loaded
    from index.store import Store


def reader_outcome(name: str, data: Path, *, limit: int | None, seed: int) -> "Outcome":
    """Return what a suite of pages, dates, PDFs or speech gives; no model is loaded.

    Raises:
        DocumentsError: its data is not there.
    """
    from eval import suite_readers as suites
    from eval.suites import folder_of

    folder = folder_of(data, name)
    if name == "article_extraction":
        from index.load_html import main_text

        return suites.article_outcome(folder, main_text, limit=limit, seed=seed)
    if name == "htmldate":
        from index.load_html import load_html

        return suites.date_outcome(folder, _date_of(load_html), limit=limit, seed=seed)
    if name == "polnear":
        from index.speech import attributions

        return suites.speech_outcome(folder, attributions, limit=limit, seed=seed)
    pages = data / "financebench"
    return suites.pdf_outcome(folder, _pdf_pages, pages=pages if pages.is_dir() else None, limit=limit, seed=seed)


def _date_of(load_html: "Callable[[bytes], Loaded]") -> "Callable[[bytes], date | None]":
    from index.load import UnreadableFileError

    def published(page: bytes) -> "date | None":
        try:
            return load_html(page).published
        except UnreadableFileError:
            return None

    return published


def _pdf_pages(data: bytes) -> list[str]:
    from index.load import UnreadableFileError
    from index.load_pdf import load_pdf

    try:
        loaded = load_pdf(data)
    except UnreadableFileError:
        return []
    return [loaded.text[page.start : page.end] for page in loaded.pages]


def cast_outcome(session: Session, data: Path, *, seed: int) -> "Outcome":
    """Return how often a resolved follow-up finds what the human rewrite finds."""
    import numpy as np

    from eval.suite_cast import load_cast, score_cast
    from eval.suites import folder_of
    from rag.followup import resolve

    def nearest(texts: Sequence[str], candidates: Sequence[str]) -> list[int]:
        near = session.embedder.encode(texts) @ session.embedder.encode(candidates).T
        return [int(place) for place in np.argmax(near, axis=1)]

    return score_cast(load_cast(folder_of(data, "cast")), resolve, nearest=nearest, seed=seed)


def retrieval_outcome(
    session: Session, data: Path, *, limit: int | None, seed: int, on_file: "OnFile | None" = None
) -> "Outcome":
    """Return recall, MRR and nDCG of search by words, by vectors and by both, on sets whose gold is known."""
    from eval import suite_readers as suites
    from eval.retrieval import DEPTHS, Retrieval, Suite, evaluate

    def search(store: "Store", retrieval: str) -> Callable[[str], list[str]]:
        settings = replace(with_retrieval(session.settings, retrieval), passages_per_document=1)
        retriever = compose.make_retriever(store, session.embedder, settings=settings)
        return lambda question: [hit.source.names[0] for hit in retriever.search(question, limit=max(DEPTHS))]

    def measured(suite: Suite) -> dict[str, Retrieval]:
        with session.library(suites.as_texts(suite), on_file) as store:
            return {name: evaluate(suite, search(store, name), seed=seed) for name in (*RETRIEVALS, HYBRID)}

    found = suites.retrieval_suites(data, limit=limit, seed=seed)
    return suites.retrieval_outcome({suite.name: measured(suite) for suite in found}, found)
