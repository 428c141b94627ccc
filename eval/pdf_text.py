"""How much of what is printed on a PDF page comes out as text: recall of word tokens, each as often as it occurs.

Knows folders of PDF files with their true texts; knows no reader of PDF: the caller passes one.

A token is a run of letters, digits and underscores, lower-cased. The recall of a case is the number of gold
tokens found in the text that was read, each paired with one found token at most, over the number of gold tokens.
Order and layout do not count, nor do surplus tokens; a page or file that was not read counts zero.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.data import NoDataError, found, json_lines, read_text
from eval.stats import Figure, bootstrap, bootstrap_mean

PdfReader = Callable[[bytes], Sequence[str]]
"""From the bytes of a file to the text of each of its pages; no pages where it cannot be read."""

_TOKEN = re.compile(r"\w+")
_GOLD_PAGES = "*.jsonl*"
_GOLD_BOOKS = "*.ground-truth.txt*"


@dataclass(frozen=True, slots=True)
class GoldPage:
    """Text that stands on one page of a file; `page` counts from 0."""

    file: Path
    page: int
    text: str


@dataclass(frozen=True, slots=True)
class CaseRecall:
    """One piece of gold text and how much of it was found. `page` is None where the gold is a whole book."""

    file: str
    page: int | None
    recall: float


@dataclass(frozen=True, slots=True)
class PdfText:
    """All cases and their mean recall. `unread` counts the cases whose page was not given at all."""

    cases: tuple[CaseRecall, ...]
    recall: Figure
    unread: int


def token_recall(gold: str, found: str) -> float:
    """Return the share of the tokens of `gold` that are in `found`; 1 where `gold` has none."""
    expected = tokens(gold)
    return (expected & tokens(found)).total() / expected.total() if expected else 1.0


def evaluate_pages(folder: Path, read: PdfReader, *, limit: int | None = None, seed: int = 0) -> PdfText:
    """Score `read` on the pages that hold gold evidence; `limit` draws that many of them by `seed`.

    The interval comes from resampling the cases.

    Raises:
        NoDataError: the folder has no gold text, or none of the files it speaks of.
    """
    gold = gold_pages(folder)
    if limit is not None and limit < len(gold):
        gold = random.Random(seed).sample(gold, limit)  # noqa: S311 - a sample, no secret
    cases = []
    unread = 0
    for file in sorted({item.file for item in gold}):
        pages = read(file.read_bytes())
        for item in (item for item in gold if item.file == file):
            is_read = item.page < len(pages)
            unread += not is_read
            recall = token_recall(item.text, pages[item.page]) if is_read else 0.0
            cases.append(CaseRecall(file.name, item.page, recall))
    return PdfText(tuple(cases), bootstrap_mean([case.recall for case in cases], seed=seed), unread)


def evaluate_books(folder: Path, read: PdfReader, *, seed: int = 0) -> PdfText:
    """Score `read` on whole books. With so few of them, the interval comes from resampling their different words.

    Raises:
        NoDataError: the folder has no book with its true text.
    """
    cases = []
    unread = 0
    words: list[tuple[int, int]] = []
    for file, gold in books(folder):
        pages = read(file.read_bytes())
        unread += not pages
        expected, there = tokens(gold), tokens("\n".join(pages))
        cases.append(CaseRecall(file.name, None, (expected & there).total() / expected.total()))
        words += [(count, min(count, there[token])) for token, count in expected.items()]
    if not cases:
        raise NoDataError(f"There is no book with its true text in {folder}.", hint="Copy the data anew.")
    return PdfText(tuple(cases), bootstrap(words, _share, seed=seed, rounds=200), unread)


def gold_pages(folder: Path) -> list[GoldPage]:
    """Return every piece of evidence whose file is in the folder or below it.

    Raises:
        NoDataError: there is none.
    """
    files = {path.stem: path for path in sorted(folder.rglob("*.pdf"))}
    here = [
        GoldPage(files[row["doc_name"]], int(row["evidence_page_num"]), row["evidence_text"])
        for row in _evidence(folder)
        if row["doc_name"] in files
    ]
    if not here:
        raise NoDataError(f"No evidence in {folder} speaks of its PDF files.", hint="Copy the data anew.")
    return here


def _evidence(folder: Path) -> Iterator[dict[str, Any]]:
    for row in json_lines(folder, _GOLD_PAGES, what="evidence"):
        for piece in row["evidence"]:
            yield {"doc_name": row.get("doc_name", ""), **piece}


def books(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each PDF with its true text; their names agree up to the first hyphen."""
    for gold in found(folder, _GOLD_BOOKS, what="true texts"):
        for file in sorted(folder.glob(f"{gold.name.split('-')[0]}*.pdf")):
            yield file, read_text(gold)


def tokens(text: str) -> Counter[str]:
    """Return the tokens of a text, each with how often it occurs."""
    return Counter(_TOKEN.findall(text.lower()))


def _share(words: Sequence[tuple[int, int]]) -> float:
    return sum(found for _, found in words) / sum(expected for expected, _ in words)
