"""The suites that measure one reader of the product alone: of web pages, dates, PDFs, reported speech; and search.

Knows where their data lies and what is published about it; the readers themselves are passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from eval import article_extraction, htmldate, pdf_text, polnear
from eval.data import found
from eval.retrieval import DEPTHS, Needs, Retrieval, Suite, load_suites
from eval.types import AnswerSuite, Outcome, Reference, Text
from rag.errors import DocumentsError

if TYPE_CHECKING:
    from eval.stats import Figure

Measured = TypeVar("Measured")

ARTICLE_REFERENCES = (
    Reference(
        "f1",
        "trafilatura",
        0.958,
        "the results table of the article extraction benchmark (scrapinghub)",
        "all 181 pages, an older release",
    ),
)


def article_outcome(
    folder: Path, extract: article_extraction.Extractor, *, limit: int | None, seed: int
) -> Outcome:
    """Return F1, precision and recall of the main text of web pages.

    Raises:
        DocumentsError: the pages or their true texts are not there.
    """
    measured = _or_missing(folder, lambda: article_extraction.evaluate(folder, extract, limit=limit, seed=seed))
    metrics = {"f1": measured.f1, "precision": measured.precision, "recall": measured.recall}
    return Outcome("article_extraction", len(measured.pages), measured.empty, metrics, ARTICLE_REFERENCES)


def date_outcome(folder: Path, read: htmldate.DateReader, *, limit: int | None, seed: int) -> Outcome:
    """Return F1, precision and recall of published dates.

    Raises:
        DocumentsError: the pages or their labels are not there.
    """
    measured = _or_missing(folder, lambda: htmldate.evaluate(folder, read, limit=limit, seed=seed))
    metrics = {"f1": measured.f1, "precision": measured.precision, "recall": measured.recall}
    return Outcome("htmldate", len(measured.pages), 0, metrics)


def pdf_outcome(
    books: Path, read: pdf_text.PdfReader, *, pages: Path | None, limit: int | None, seed: int
) -> Outcome:
    """Return the token recall of whole books, and of single pages where there is gold text of some.

    Raises:
        DocumentsError: there is no book with its true text.
    """
    whole = _or_missing(books, lambda: pdf_text.evaluate_books(books, read, seed=seed))
    metrics = {"book_token_recall": whole.recall}
    n, failed = len(whole.cases), whole.unread
    if pages is not None:
        single = _or_missing(pages, lambda: pdf_text.evaluate_pages(pages, read, limit=limit, seed=seed))
        metrics["page_token_recall"] = single.recall
        n, failed = n + len(single.cases), failed + single.unread
    return Outcome("pdf_text", n, failed, metrics)


def speech_outcome(folder: Path, read: polnear.SpeechReader, *, limit: int | None, seed: int) -> Outcome:
    """Return how well source and cue of reported speech are found, on all articles that nothing was tuned on.

    Raises:
        DocumentsError: there are no articles.
    """
    paths = found(folder, "*.jsonl*", what="annotated articles")
    # The articles to tune on only count where there are no others.
    chosen = [path for path in paths if not path.name.startswith("train")] or paths
    articles = [article for path in chosen for article in polnear.load(path)]
    measured = polnear.evaluate_articles(articles, read, limit=limit, seed=seed)
    metrics = {
        "precision": measured.precision,
        "recall": measured.recall,
        "f1": measured.f1,
        "sourced_recall": measured.sourced_recall,
        "content_f1": measured.content,
    }
    return Outcome("polnear", len(measured.articles), 0, metrics)


# Search alone

NEWS_QUESTIONS = (
    150  # long articles: so many questions of the news quiz are drawn, with the articles found for them
)


def retrieval_suites(data: Path, *, limit: int | None, seed: int) -> list[Suite]:
    """Return the question sets whose gold texts are known.

    Raises:
        DocumentsError: none of them is there.
    """
    suites = list(load_suites(data, limit=limit, news=limit or NEWS_QUESTIONS, seed=seed))
    if not suites:
        hint = "It needs one of nq_oracle, timeqa, multihop_small, realtimeqa in the folder given with --data."
        raise DocumentsError(f"There is nothing to search in {data}.", hint=hint)
    return suites


def as_texts(suite: Suite) -> AnswerSuite:
    """Return the corpus of a set as the texts of a suite without questions, so that a library is made of it."""
    texts = tuple(Text(text.id, text.text, text.title) for text in suite.corpus)
    return AnswerSuite(f"retrieval_{suite.name}", texts, (), ())


def retrieval_outcome(measured: Mapping[str, Mapping[str, Retrieval]], suites: Sequence[Suite]) -> Outcome:
    """Return one outcome of all searches on all sets: set -> search -> what was measured."""
    needs = {suite.name: "recall" if suite.needs is Needs.ALL else "success" for suite in suites}
    metrics: dict[str, Figure] = {}
    for name, searches in measured.items():
        for search, figures in searches.items():
            metrics[f"{name}.{search}.ndcg@10"] = figures.ndcg_at_10
            metrics |= {f"{name}.{search}.{needs[name]}@{k}": figures.recall[k] for k in DEPTHS}
            metrics[f"{name}.{search}.mrr"] = figures.mrr
    n = sum(len(suite.queries) for suite in suites)
    return Outcome("retrieval", n, 0, metrics)


def _or_missing(folder: Path, evaluate: Callable[[], Measured]) -> Measured:
    try:
        return evaluate()
    except FileNotFoundError as error:
        raise DocumentsError(
            f"The data in {folder} is not complete: {error}.", hint="Copy the data anew."
        ) from error
