"""How much of an article's text comes out of its web page, and how little else: F1 over shingles of four words.

Knows a folder of saved pages with their true texts; knows no reader of pages: the caller passes one.

The measure is that of the article extraction benchmark of Zyte (Scrapinghub): shingles are counted, each page
weighs the same, and F1 is taken of the mean precision and the mean recall. The words keep their case.
"""

import gzip
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from eval.data import NoDataError, Shape, check_shape, found, read_json
from eval.stats import Figure, bootstrap

Extractor = Callable[[bytes], str]
"""From the bytes of a page to its main text; "" where there is none."""

_SHINGLE_WORDS = 4
_PAGE: Shape = {"articleBody": (str, None)}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PageScore:
    """One page: shingles in both texts, only in the found one, only in the true one. They add up to 1, or to 0."""

    page: str
    both: float
    surplus: float
    missing: float

    @property
    def precision(self) -> float | None:
        """The share of what was found that is true; None where nothing was found."""
        found = self.both + self.surplus
        return self.both / found if found else None

    @property
    def recall(self) -> float | None:
        """The share of the true text that was found; None where there is no true text."""
        true = self.both + self.missing
        return self.both / true if true else None


@dataclass(frozen=True, slots=True)
class ArticleExtraction:
    """All pages that were read, and what they come to. `empty` counts the pages where nothing was found."""

    pages: tuple[PageScore, ...]
    f1: Figure
    precision: Figure
    recall: Figure
    empty: int


def evaluate(folder: Path, extract: Extractor, *, limit: int | None = None, seed: int = 0) -> ArticleExtraction:
    """Score `extract` on the pages of `folder`; `limit` draws that many of them by `seed`.

    Raises:
        DocumentsError: the folder has no true texts, or none of their pages, or a file is malformed.
    """
    truth = read_truth(folder)
    scores = [
        score(truth[page], extract(unpacked(path)), page=page)
        for page, path in drawn(pages(folder, truth), limit, seed=seed)
    ]
    return summary(scores, seed=seed)


def summary(scores: Sequence[PageScore], *, seed: int = 0) -> ArticleExtraction:
    """Return what the scores of pages come to."""
    return ArticleExtraction(
        tuple(scores),
        f1=bootstrap(scores, corpus_f1, seed=seed),
        precision=bootstrap(scores, corpus_precision, seed=seed),
        recall=bootstrap(scores, corpus_recall, seed=seed),
        empty=sum(page.precision is None for page in scores),
    )


def score(true: str, found: str, *, page: str = "") -> PageScore:
    """Compare two texts by their shingles, each as often as it occurs."""
    expected, given = _shingles(true), _shingles(found)
    both = (expected & given).total()
    surplus, missing = given.total() - both, expected.total() - both
    total = max(1, both + surplus + missing)
    return PageScore(page, both / total, surplus / total, missing / total)


def corpus_precision(scores: Sequence[PageScore]) -> float:
    """Return the mean precision of the pages on which something was found."""
    return fmean([page.precision for page in scores if page.precision is not None] or [0.0])


def corpus_recall(scores: Sequence[PageScore]) -> float:
    """Return the mean recall of the pages that have a true text."""
    return fmean([page.recall for page in scores if page.recall is not None] or [0.0])


def corpus_f1(scores: Sequence[PageScore]) -> float:
    """Return the harmonic mean of mean precision and mean recall: not the mean of the pages' own F1."""
    precision, recall = corpus_precision(scores), corpus_recall(scores)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def read_truth(folder: Path) -> dict[str, str]:
    """Return the true text of each page, of all files `ground-truth*.json`, packed or not.

    Raises:
        DocumentsError: the folder has none, or one is malformed.
    """
    files = found(folder, "ground-truth*.json*", what="the true texts of the pages")
    return {page: text for path in files for page, text in read_texts(path).items()}


def read_texts(path: Path) -> dict[str, str]:
    """Return page -> text from a file of true texts, or of texts that somebody's reader found.

    Raises:
        DocumentsError: it is something else; it names the page and the field.
    """
    content = read_json(path, {"output": {}})
    pages = content.get("output", content)
    check_shape(pages, dict.fromkeys(pages, _PAGE), where=str(path))
    return {page: item.get("articleBody") or "" for page, item in pages.items()}


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    # A text of fewer words is one shingle of all of them.
    last = max(1, len(words) - _SHINGLE_WORDS + 1)
    return Counter(tuple(words[start : start + _SHINGLE_WORDS]) for start in range(last))


def pages(folder: Path, truth: Mapping[str, str]) -> list[tuple[str, Path]]:
    """Return the pages that are in the folder and have a true text, by name.

    Raises:
        NoDataError: there is none.
    """
    paths = {path.name.split(".html")[0]: path for path in (folder / "html").glob("*.html*")}
    here = sorted(page for page in truth if page in paths)
    if not here:
        hint = f"Put the pages named like PAGE.html.gz into {folder / 'html'}."
        raise NoDataError(f"No page of the true texts is in {folder / 'html'}.", hint=hint)
    return [(page, paths[page]) for page in here]


def drawn(here: list[tuple[str, Path]], limit: int | None, *, seed: int) -> list[tuple[str, Path]]:
    """Return `limit` of the pages (None: all) in their order."""
    if limit is None or limit >= len(here):
        return here
    return sorted(random.Random(seed).sample(here, limit))  # noqa: S311 -- a sample, no secret


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where its name ends in .gz."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data
