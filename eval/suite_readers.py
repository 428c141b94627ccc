"""The suites that measure one reader of the product alone: of web pages, dates, PDFs and reported speech.

Knows where their data lies and what is published about it; the readers themselves are passed in. Each thing to be
read is a case of its own.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from eval import article_extraction as articles
from eval import htmldate, pdf_text, polnear
from eval.data import NoDataError, digest, draw, found, of_few_files
from eval.measures import Statistic, mean_of
from eval.readings import NothingReadError, Reading, columns_of, share_of
from eval.stats import Figure, Table, bootstrap_table
from eval.types import AnswerSuite, Case, Measure, Reference, Row, Text, Uses
from rag.errors import DocumentsError

ARTICLE_REFERENCES = (
    Reference(
        "f1",
        "trafilatura",
        0.958,
        "the results table of the article extraction benchmark (scrapinghub)",
        "all 181 pages, an older release",
    ),
)

DATE_REFERENCES = tuple(
    Reference(
        measure,
        f"htmldate 1.6.0 ({mode})",
        value,
        "the table of its README (2023-11-13)",
        "another release; the product uses a later one, and rules of its own before it",
    )
    for mode, values in (("extensive", (0.928, 0.870, 0.993)), ("fast", (0.903, 0.883, 0.924)))
    for measure, value in zip(("f1", "precision", "recall"), values, strict=True)
)


NO_SPEECH_REFERENCE = (
    "none fits: those for PolNeAR score tokens or exact spans; here an attribution counts as a whole, by its heads"
)
NO_PDF_REFERENCE = (
    "none fits: upstream's benchmark has 13 more PDFs and another file of the book, all not in this data"
)


def article_reading(
    folder: Path, extract: articles.Extractor, *, limit: int | None = None, seed: int = 0
) -> Reading:
    """Return the pages of the benchmark: F1, precision and recall of their main text.

    A page that fails is one on which nothing was found: it has no precision, as upstream counts it, and recall 0.

    Raises:
        DocumentsError: the pages or their true texts are not there.
    """
    truth = articles.read_truth(folder)
    here = articles.pages(folder, truth)
    drawn = dict(articles.drawn(here, limit, seed=seed))
    columns = columns_of(("both", "surplus", "missing"), failed=lambda _: (0.0, 0.0, 1.0))

    def read(case: Case) -> Mapping[str, float]:
        text = extract(articles.unpacked(drawn[case.id]))
        if not text.strip():
            raise NothingReadError("no text was found on the page")
        page = articles.score(truth[case.id], text, page=case.id)
        return {"both": page.both, "surplus": page.surplus, "missing": page.missing}

    def figure(name: str, value: Callable[[Sequence[articles.PageScore]], float]) -> Measure:
        return Measure(name, Statistic(columns, lambda table: value(_pages(table))))

    suite = AnswerSuite(
        name="article_extraction",
        texts=tuple(Text(page, path=path) for page, path in drawn.items()),
        cases=tuple(_case(page, "page", gold=truth[page]) for page in drawn),
        measures=(
            figure("f1", articles.corpus_f1),
            figure("precision", articles.corpus_precision),
            figure("recall", articles.corpus_recall),
        ),
        references=ARTICLE_REFERENCES,
        uses=Uses.NOTHING,
    )
    return Reading(suite, lambda: nullcontext(read))


def _pages(table: Table) -> list[articles.PageScore]:
    return [articles.PageScore("", *row) for row in table.tolist()]


def date_reading(folder: Path, read: htmldate.DateReader, *, limit: int | None = None, seed: int = 0) -> Reading:
    """Return the pages of htmldate's evaluation: F1, precision and recall of the published date.

    A page that fails is one from which no date was read.

    Raises:
        DocumentsError: the pages or their labels are not there.
    """
    here = htmldate.labels(folder)
    drawn = {path.name: (path, true) for path, true in draw(here, limit, seed=seed, key=lambda item: item[0].name)}
    columns = columns_of(("right", "wrong", "silent"), failed=lambda _: (0.0, 0.0, 1.0))

    def scores(case: Case) -> Mapping[str, float]:
        path, true = drawn[case.id]
        page = htmldate.DateScore(path.name, true, read(htmldate.unpacked(path)))
        return {"right": page.right, "wrong": page.wrong, "silent": not page.right and not page.wrong}

    suite = AnswerSuite(
        name="htmldate",
        texts=tuple(Text(name, path=path) for name, (path, _) in drawn.items()),
        cases=tuple(
            _case(name, "dated" if true else "undated", gold=str(true)) for name, (_, true) in drawn.items()
        ),
        measures=(
            # 2 right / (2 right + wrong + silent)
            share_of("f1", columns, part=(0, 0), whole=(0, 0, 1, 2)),
            share_of("precision", columns, part=(0,), whole=(0, 1)),
            share_of("recall", columns, part=(0,), whole=(0, 2)),
        ),
        references=DATE_REFERENCES,
        uses=Uses.NOTHING,
    )
    return Reading(suite, lambda: nullcontext(scores))


def speech_reading(
    folder: Path, read: polnear.SpeechReader, *, limit: int | None = None, seed: int = 0
) -> Reading:
    """Return the articles that nothing was tuned on: how well source and cue of reported speech are found.

    All sums are over attributions, not means over articles. In an article that fails nothing was found.

    Raises:
        DocumentsError: there are no articles.
    """
    paths = found(folder, "*.jsonl*", what="annotated articles")
    # The articles to tune on only count where there are no others.
    chosen = [path for path in paths if not path.name.startswith("train")] or paths
    named = {article.name: article for path in chosen for article in polnear.load(path)}
    drawn = {
        article.name: article for article in draw(list(named.values()), limit, seed=seed, key=lambda a: a.name)
    }

    def numbers(score: polnear.SpeechScore) -> dict[str, float]:
        counts = {"right": score.right, "predicted": score.predicted, "annotated": score.annotated}
        content = {"content": sum(score.content_f1), "with_content": len(score.content_f1)}
        return {**counts, "sourced": score.sourced, **content}

    def nothing(case: Case) -> tuple[float, ...]:
        return tuple(numbers(polnear.score(drawn[case.id], ())).values())

    names = ("right", "predicted", "annotated", "sourced", "content", "with_content")
    columns = columns_of(names, failed=nothing)
    suite = AnswerSuite(
        name="polnear",
        texts=tuple(Text(article.name, article.text) for article in drawn.values()),
        cases=tuple(_case(article.name, "article", gold=repr(article.gold)) for article in drawn.values()),
        measures=(
            share_of("precision", columns, part=(0,), whole=(1,)),
            share_of("recall", columns, part=(0,), whole=(2,)),
            share_of("f1", columns, part=(0, 0), whole=(1, 2)),
            share_of("sourced_recall", columns, part=(0,), whole=(3,)),
            share_of("content_f1", columns, part=(4,), whole=(5,)),
        ),
        uses=Uses.NOTHING,
        no_reference=NO_SPEECH_REFERENCE,
    )

    def scores(case: Case) -> Mapping[str, float]:
        article = drawn[case.id]
        return numbers(polnear.score(article, read(article.text)))

    return Reading(suite, lambda: nullcontext(scores))


# PDF files: whole books, and single pages

BOOK, PAGE = "book", "page"
# There are too few books to draw among them: their different words are drawn, in so many bundles.
_BUNDLES = 50


def pdf_reading(
    books: Path, read: pdf_text.PdfReader, *, pages: Path | None = None, limit: int | None = None, seed: int = 0
) -> Reading:
    """Return whole books, and single pages where there is gold text of some: the share of their words found.

    Books come first within the limit, then pages of few files, since files are read whole. What fails counts zero.

    Raises:
        DocumentsError: there is no book with its true text.
    """
    whole = {file.name: (file, gold) for file, gold in pdf_text.books(books)}
    if not whole:
        raise DocumentsError(f"There is no book with its true text in {books}.", hint="Copy the data anew.")
    left = None if limit is None else max(0, limit - len(whole))
    gold_pages: dict[str, pdf_text.GoldPage] = {}
    notes: tuple[str, ...] = ()
    if pages is not None and left != 0:
        try:
            gold_pages = _gold_pages(pages, left, seed)
        except NoDataError as error:
            notes = (f"single pages are left out: {error.message}",)
    kept = dict(list(whole.items())[:limit])
    text_of = cache(lambda file: read(file.read_bytes()))

    def scores(case: Case) -> Mapping[str, float]:
        if case.type == BOOK:
            file, gold = kept[case.id]
            return _bundles(gold, _not_empty("\n".join(text_of(file))))
        page = gold_pages[case.id]
        found_pages = text_of(page.file)
        if page.page >= len(found_pages):
            raise NothingReadError(f"the reader gave {len(found_pages)} pages, and this is page {page.page + 1}")
        return {"recall": pdf_text.token_recall(page.text, found_pages[page.page])}

    files = {
        file.name: file for file in (*(file for file, _ in kept.values()), *(p.file for p in gold_pages.values()))
    }
    suite = AnswerSuite(
        name="pdf_text",
        texts=tuple(Text(name, path=file) for name, file in files.items()),
        cases=(
            *(_case(name, BOOK, gold=gold) for name, (_, gold) in kept.items()),
            *(_case(name, PAGE, gold=page.text) for name, page in gold_pages.items()),
        ),
        measures=(_book_recall(kept), mean_of("page_token_recall", _page_recall)),
        uses=Uses.NOTHING,
        notes=notes,
        no_reference=NO_PDF_REFERENCE,
    )
    return Reading(suite, lambda: nullcontext(scores))


def _gold_pages(folder: Path, limit: int | None, seed: int) -> dict[str, pdf_text.GoldPage]:
    gold = of_few_files(pdf_text.gold_pages(folder), limit, seed=seed, file=lambda page: page.file.name)
    named = {f"{page.file.name} {page.page + 1} {digest(page.text)[:6]}": page for page in gold}
    return {name: named[name] for name in draw(sorted(named), limit, seed=seed, key=str)}


def _page_recall(row: Row) -> float | None:
    return row.record.scores.get("recall", 0.0) if row.case.type == PAGE else None


def _not_empty(text: str) -> str:
    if not text.strip():
        raise NothingReadError("no text was found in the file")
    return text


def _bundles(gold: str, text: str) -> dict[str, float]:
    """Return how many words of each bundle are in the gold text, and how many of them were found."""
    expected, there = pdf_text.tokens(gold), pdf_text.tokens(text)
    counts: Counter[str] = Counter()
    for token, count in expected.items():
        bundle = int(digest(token)[:8], 16) % _BUNDLES
        counts[f"expected {bundle:02}"] += count
        counts[f"found {bundle:02}"] += min(count, there[token])
    return {name: float(counts[name]) for name in sorted(counts)}


def _book_recall(books: Mapping[str, tuple[Path, str]]) -> Measure:
    def table(row: Row) -> list[tuple[float, float]]:
        scores = _bundles(books[row.case.id][1], "") if row.record.failed else row.record.scores
        names = [name for name in scores if name.startswith("expected")]
        return [(scores[name.replace("expected", "found")], scores[name]) for name in names]

    def found_share(bundles: Table) -> float:
        return float(bundles[:, 0].sum() / bundles[:, 1].sum())

    def compute(rows: Sequence[Row], seed: int) -> Figure | None:
        tables = [table(row) for row in rows if row.case.type == BOOK]
        if not tables:
            return None
        figure = bootstrap_table(np.asarray([pair for one in tables for pair in one]), found_share, seed=seed)
        return figure and replace(figure, n=len(tables))

    return Measure("book_token_recall", compute)


def _case(name: str, kind: str, *, gold: str) -> Case:
    """Return a thing to read, with the digest of what is right of it: another gold is another case."""
    return Case(name, kind, name, expected=((digest(gold)[:16],),))
