"""Puts the suites together that measure one reader of the product alone: of pages, dates, PDFs, speech, search.

Like rag.compose it names concrete functions of all folders, inside functions; it prints nothing.
"""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag import compose
from rag.compose_eval import HYBRID, RETRIEVALS, Session, with_retrieval
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from eval.readings import Reading
    from eval.retrieval import Search
    from eval.types import AnswerSuite, ClaimSuite
    from index.ingest import OnFile
    from index.load import Loaded
    from index.store import Store


# Of these the reader that comes with the package has learnt.
_TRAINED_ON = ("wice", "fool_me_twice")
_SEEN = (
    "the trained reader has seen most claims of the development half of this set: there its figures say nothing,"
    " and those on held claims stand in its model card"
)


def claim_reading(suite: "ClaimSuite", settings: Settings) -> "Reading":
    """Return sentences that people judged, for three to judge: the product's checks of words and facts, its
    trained reader where the settings have one, and a lexical judge that is no part of it.
    """
    from eval.judged import judged
    from eval.metrics_citation import lexical_support
    from eval.product_judge import product_support, reader_support

    judge = compose.load_judge(settings)
    trained = {} if judge is None else {"reader": reader_support(judge)}
    notes = (_SEEN,) if trained and suite.name in _TRAINED_ON else ()
    return judged(suite, {"product": product_support, **trained, "lexical": lexical_support}, notes=notes)


def reading(
    name: str, session: Session, *, data: Path, limit: int | None, seed: int, on_file: "OnFile"
) -> "Reading":
    """Return a suite of pages, dates, PDFs, speech, follow-ups or search with the reader that it measures.

    Raises:
        DocumentsError: its data is not there.
    """
    from eval import suite_readers as suites
    from eval.suites import folder_of

    if name == "retrieval":
        return _retrieval(session, data, limit=limit, seed=seed, on_file=on_file)
    folder = folder_of(data, name)
    if name == "cast":
        return _cast(session, folder, limit=limit, seed=seed)
    if name == "article_extraction":
        from index.load_html import main_text

        return suites.article_reading(folder, main_text, limit=limit, seed=seed)
    if name == "htmldate":
        from index.load_html import load_html

        return suites.date_reading(folder, _date_of(load_html), limit=limit, seed=seed)
    if name == "polnear":
        from index.speech import attributions

        return suites.speech_reading(folder, attributions, limit=limit, seed=seed)
    pages = data / "financebench"
    return suites.pdf_reading(folder, _pdf_pages, pages=pages if pages.is_dir() else None, limit=limit, seed=seed)


def _date_of(load_html: "Callable[[bytes], Loaded]") -> "Callable[[bytes], date | None]":
    return lambda page: load_html(page).published


def _pdf_pages(data: bytes) -> list[str]:
    from index.load_pdf import load_pdf

    loaded = load_pdf(data)
    return [loaded.text[page.start : page.end] for page in loaded.pages]


def _cast(session: Session, folder: Path, *, limit: int | None, seed: int) -> "Reading":
    """Return the follow-up questions, and how often a resolved one finds what the human rewrite finds."""
    import numpy as np

    from eval.suite_cast import Nearest, cast_reading, load_cast
    from rag.followup import resolve

    def nearest_of(candidates: list[str]) -> Nearest:
        vectors = session.embedder.encode(candidates)
        return lambda texts: [int(np.argmax(near)) for near in session.embedder.encode(texts) @ vectors.T]

    return cast_reading(load_cast(folder), resolve, nearest_of=nearest_of, limit=limit, seed=seed)


def _retrieval(session: Session, data: Path, *, limit: int | None, seed: int, on_file: "OnFile") -> "Reading":
    """Return questions whose gold is known, for search by words, by vectors and by both."""
    from eval.retrieval import DEPTHS
    from eval.suite_retrieval import retrieval_reading, retrieval_sets

    def search(store: "Store", retrieval: str) -> "Search":
        settings = replace(with_retrieval(session.settings, retrieval), passages_per_document=1)
        retriever = compose.make_retriever(store, session.embedder, settings=settings)
        return lambda question: [hit.source.names[0] for hit in retriever.search(question, limit=max(DEPTHS))]

    names = (*RETRIEVALS, HYBRID)

    @contextmanager
    def searches(texts: "AnswerSuite") -> "Iterator[Mapping[str, Search]]":
        with session.library(texts, on_file) as store:
            yield {name: search(store, name) for name in names}

    sets, missing = retrieval_sets(data, limit=limit, seed=seed)
    return retrieval_reading(sets, searches, names=names, notes=missing)
