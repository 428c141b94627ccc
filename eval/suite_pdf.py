"""Questions over filings of companies as PDFs: FinanceBench, one filing a question, and SEC 10-Q, often several.

Knows the files of both; knows no PDF reader. All PDFs of the drawn questions are searched together. Only a part of
the PDFs need be there: a question about a missing one is dropped and counted.

Gold answers are free text. Where one is a bare number ("$1,577.00", "7.9%"), or holds figures, those can be looked
for in an answer. Of prose only F1 is measured, and that is low for a right answer in other words.
"""

import csv
import io
import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from eval.data import NoDataError, Shape, digest, draw, found, json_lines, of_few_files, read_text
from eval.measures import latency_p50, mean_of
from eval.measures_passages import page_recall_at, passage_recall_at
from eval.metrics_answer import groups_met, right, token_f1
from eval.types import AnswerSuite, Case, Evidence, Measure, Reference, Row, Text
from rag.text import one_line, sentences

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d))"
_UNIT = r"%|(?:percent|thousand|million|billion|trillion)\b"
_BARE = re.compile(rf"[-–~(]?\s?[$€£]?\s?[-–(]?(?P<number>{_NUMBER})\)?\s?(?P<unit>{_UNIT})?\)?\.?", re.IGNORECASE)
# A figure of a report has a currency, a unit or separators: years, days and the numbers of notes have none.
_FIGURE = re.compile(
    rf"(?P<currency>[$€£]\s?\(?)?(?<![\d.,])(?P<number>{_NUMBER})(?![\d,.]*\d)\)?\s?(?P<unit>{_UNIT})?",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r",\d{3}")
# Before the point: "831" is rarely there by chance without its "million", which tables leave out; "6.8" is.
_TELLING_DIGITS = 3
_PDF_NAME = re.compile(r"\d{4} Q\d \w+\.pdf")
_SOURCES = re.compile(r"\(\s*(?:SOURCE[^)]*|\"[^\")]*\.pdf\")\s*\)|SOURCE(?:\(S\))?:[^\n]*")
_DEPTHS = (1, 5, 10)
_SHOWN = 5

_ROW: dict[str, Shape] = {
    **dict.fromkeys(("doc_name", "answer", "question", "question_type"), str),
    "evidence": [{"doc_name": (str, None), "evidence_page_num": (int, str)}],
}
_NO_SEC10Q = (
    "none fits: the gold answers are prose, drafted by GPT-4-Turbo and mended by people; here their figures are"
    " looked for, and their words"
)
FINANCEBENCH_REFERENCE = Reference(
    measure="number_accuracy",
    system="GPT-4-Turbo with a retrieval system",
    value=0.19,
    source="Islam et al., FinanceBench (2023), abstract: 81 % answered wrongly or refused",
    differs="all 150 questions, prose answers too, judged by people; there over all filings",
)


def load_financebench(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions about one filing each, with the pages of their evidence. Islam et al., FinanceBench (2023).

    With a limit, filings are drawn first, one for each ten questions, and so there may be fewer questions.
    The pages of the data count from 0, as a look into the PDFs shows; `Evidence.page` counts from 1. Many answers
    have to be worked out from figures of several pages and stand nowhere in the text.

    Raises:
        DocumentsError: questions or PDFs are missing, or a file is no JSON.
    """
    pdfs = _pdfs(folder)
    rows = list(
        json_lines(folder, "financebench_open_source*.jsonl*", what="the questions of FinanceBench", shape=_ROW)
    )
    usable = [row for row in rows if f"{row['doc_name']}.pdf" in pdfs and row["answer"].strip()]
    few = of_few_files(usable, limit, seed=seed, file=lambda row: str(row["doc_name"]))
    chosen = draw(few, limit, seed=seed, key=lambda row: str(row["financebench_id"]))
    cases = tuple(_financebench_case(row) for row in chosen)
    golds = {case.id: one_line(row["answer"]) for case, row in zip(cases, chosen, strict=True)}
    measures = (
        *(page_recall_at(k) for k in _DEPTHS),
        _number_accuracy({case_id for case_id, gold in golds.items() if bare_number(gold)}),
        _gold_f1(golds),
        latency_p50("total"),
    )
    texts = _texts(pdfs, {f"{row['doc_name']}.pdf" for row in chosen})
    left = len({row["doc_name"] for row in usable}) - len(texts)
    return AnswerSuite(
        "financebench",
        texts,
        cases,
        measures,
        (FINANCEBENCH_REFERENCE,),
        dropped=len(rows) - len(usable),
        notes=(f"{len(texts)} filings are searched, {left} are left out of a limited run",) if left else (),
    )


def _financebench_case(row: Mapping[str, Any]) -> Case:
    answer = one_line(row["answer"])
    pages = dict.fromkeys(
        (f"{piece.get('doc_name') or row['doc_name']}.pdf", int(piece["evidence_page_num"]) + 1)
        for piece in row["evidence"]
    )
    return Case(
        id=str(row["financebench_id"]),
        type=row["question_type"],
        question=one_line(row["question"]),
        expected=(bare_number(answer) or (answer,),),
        evidence=tuple(Evidence(document, page=page) for document, page in pages),
    )


def load_sec10q(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions over quarterly reports of one company, with prose answers. Docugami, KG-RAG datasets (2023).

    `expected` is one group for each figure of the gold answer, or the gold text where it has none. Evidence names
    documents only: the data has no pages.

    Raises:
        DocumentsError: questions or PDFs are missing.
    """
    pdfs = _pdfs(folder)
    rows = [
        row for path in found(folder, "qna_data*.csv*", what="the questions of SEC 10-Q") for row in _csv(path)
    ]
    distinct = {f"{row['Source Docs']}\n{row['Question']}": row for row in rows}
    usable = [key for key, row in distinct.items() if _sources(row, pdfs)]
    if not usable:
        raise _nothing_usable(distinct.values(), pdfs, folder)
    chosen = draw(usable, limit, seed=seed, key=str)
    golds = {digest(key)[:12]: gold_text(distinct[key]["Answer"]) for key in chosen}
    cases = tuple(_sec10q_case(distinct[key], digest(key)[:12], pdfs) for key in chosen)
    measures = (
        passage_recall_at(max(_DEPTHS)),
        _figures_shown({case_id for case_id, gold in golds.items() if figures(gold)}),
        _gold_f1(golds),
        latency_p50("total"),
    )
    texts = _texts(pdfs, {name for key in chosen for name in _about(distinct[key], pdfs)})
    dropped = len(distinct) - len(usable)
    return AnswerSuite("sec10q", texts, cases, measures, dropped=dropped, no_reference=_NO_SEC10Q)


def _sec10q_case(row: Mapping[str, str], case_id: str, pdfs: Collection[str]) -> Case:
    gold = gold_text(row["Answer"])
    return Case(
        id=case_id,
        type=row["Question Type"],
        question=one_line(row["Question"]),
        expected=figures(gold) or ((gold,),),
        evidence=tuple(Evidence(name) for name in _sources(row, pdfs)),
    )


def _nothing_usable(rows: Collection[Mapping[str, str]], pdfs: Collection[str], folder: Path) -> NoDataError:
    """Return an error that says how many rows were dropped, and which PDFs they name that are not there."""
    named = {name for row in rows for name in _PDF_NAME.findall(row["Answer"])}
    about = {row["Source Docs"].strip() for row in rows if not _about(row, pdfs)}
    missing = sorted(named.difference(pdfs)) or sorted(about)
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    message = f"All {len(rows)} questions of SEC 10-Q were dropped: their PDFs are missing."
    return NoDataError(message, hint=f"Put these into {folder}: {', '.join(missing[:_SHOWN])}{more}.")


def _csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read_text(path).removeprefix("\ufeff"), newline="")))


def _sources(row: Mapping[str, str], pdfs: Collection[str]) -> list[str]:
    """Return the PDFs that the answer names, or that the row is about; none where a named one is missing."""
    named = list(dict.fromkeys(_PDF_NAME.findall(row["Answer"])))
    return [] if set(named) - set(pdfs) else named or _about(row, pdfs)


def _about(row: Mapping[str, str], pdfs: Collection[str]) -> list[str]:
    """Return the PDFs that match the patterns of a row, like "*AAPL*"."""
    patterns = [pattern.strip() for pattern in re.split(r"[,;\n]", row["Source Docs"]) if pattern.strip()]
    return [name for name in pdfs if any(fnmatchcase(name.removesuffix(".pdf"), one) for one in patterns)]


def _pdfs(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in found(folder, "**/*.pdf", what="the PDF files")}


def _texts(pdfs: Mapping[str, Path], names: Collection[str]) -> tuple[Text, ...]:
    return tuple(Text(name, path=path) for name, path in pdfs.items() if name in names)


# What a gold answer asks for


def gold_text(answer: str) -> str:
    """Return an answer of SEC 10-Q without the names of its sources, on one line."""
    return one_line(_SOURCES.sub("", answer))


def bare_number(answer: str) -> tuple[str, ...]:
    """Return the ways to write the number that is all of an answer's first sentence, or nothing.

    A sign is left out: a fall "of 3.7 %" is -3.7 %. Later sentences are notes of the annotators.
    """
    first = next((answer[start:end] for start, end in sentences(answer)), "")
    match = _BARE.fullmatch(first.strip())
    return _written(match["number"], match["unit"]) if match else ()


def figures(text: str) -> tuple[tuple[str, ...], ...]:
    """Return a group of accepted strings for every different figure of a text: money, shares, large numbers."""
    groups = {}
    for match in _FIGURE.finditer(text):
        if match["currency"] or match["unit"] or _SEPARATOR.search(match["number"]):
            groups[match["number"], match["unit"]] = _written(match["number"], match["unit"])
    return tuple(dict.fromkeys(groups.values()))


def _written(number: str, unit: str | None) -> tuple[str, ...]:
    """Return a number as it is printed and without end zeros, with its unit unless it is telling without."""
    short = re.sub(r"\.?0+$", "", number) if "." in number else number
    numbers = tuple(dict.fromkeys((number, short)))
    if unit and unit.casefold() in ("%", "percent"):
        return tuple(f"{one}%" for one in numbers)
    telling = len(number.split(".")[0].replace(",", "")) >= _TELLING_DIGITS
    return numbers if telling or not unit else tuple(f"{one} {unit.lower()}" for one in numbers)


# Measures


def _number_accuracy(ids: Collection[str]) -> Measure:
    def per_row(row: Row) -> float | None:
        return right(row.record.answer, row.case.expected) if row.case.id in ids else None

    return mean_of("number_accuracy", per_row)


def _figures_shown(ids: Collection[str]) -> Measure:
    def per_row(row: Row) -> float | None:
        return groups_met(row.record.answer, row.case.expected) if row.case.id in ids else None

    return mean_of("figures_shown", per_row)


def _gold_f1(golds: Mapping[str, str]) -> Measure:
    def per_row(row: Row) -> float | None:
        return token_f1(row.record.answer, [golds[row.case.id]]) if row.case.id in golds else None

    return mean_of("f1_gold_answer", per_row)
