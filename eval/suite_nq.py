"""Natural Questions with their gold passages: they alone are searched, or all passages together.

Knows the files of Liu et al. (2023); knows no system. The questions were typed into a search engine: lower case,
no question mark.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.data import Shape, json_lines
from eval.measures import (
    ANSWERABLE_ACCURACY,
    ANSWERABLE_REFUSED,
    CITATION_PRECISION_GOLD,
    EXACT_MATCH,
    F1,
    RISK_COVERAGE_AREA,
    SHORT_F1,
)
from eval.measures_passages import PASSAGE_MRR, passage_recall_at
from eval.suite_texts import Texts, drawn, group, new_id, usable
from eval.types import AnswerSuite, Case, Evidence, Reference
from rag.text import words

_MEASURES = (ANSWERABLE_ACCURACY, F1, SHORT_F1, EXACT_MATCH, ANSWERABLE_REFUSED)
_LIBRARY_MEASURES = (
    *_MEASURES,
    CITATION_PRECISION_GOLD,
    passage_recall_at(1),
    passage_recall_at(5),
    PASSAGE_MRR,
    RISK_COVERAGE_AREA,
)

_NO_LIBRARY = "none fits: the published figures are of the gold passage given; here all passages are searched"
_REFERENCES = tuple(
    Reference(
        measure=ANSWERABLE_ACCURACY.name,
        system=system,
        value=value,
        source="Liu et al., Lost in the Middle (2023), oracle setting",
        differs="the model writes freely after the gold passage; ours shows checked sentences and may abstain",
    )
    for system, value in (("GPT-3.5-Turbo", 0.883), ("LongChat-13B (16K)", 0.834), ("MPT-30B-Instruct", 0.819))
)

_ROW: dict[str, Shape] = {
    "question": (str, None),
    "answers": ([str], None),
    "ctxs": ([{"text": (str, None), "title": (str, None)}], None),
}
_KINDS = frozenset("who whom whose when where which what why how".split())


def load_nq_given(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions with their gold passage, which alone may be searched: this measures reading.

    The expected strings are the short answers of Natural Questions; a right answer in other words counts as wrong.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("nq")
    cases, dropped = usable(_cases(folder, texts, given=True))
    chosen = drawn(cases, limit, seed=seed)
    return AnswerSuite("nq_given", texts.needed(chosen), chosen, _MEASURES, _REFERENCES, dropped)


def load_nq_library(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Ask the same questions of all passages of the files, whatever `limit` is: this measures search and reading.

    Another passage may hold the answer too, and be quoted rightly; only the gold one counts as evidence.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("nq")
    cases, dropped = usable(_cases(folder, texts, given=False))
    chosen = drawn(cases, limit, seed=seed)
    return AnswerSuite(
        "nq_library", texts.all, chosen, _LIBRARY_MEASURES, dropped=dropped, no_reference=_NO_LIBRARY
    )


def _cases(folder: Path, texts: Texts, *, given: bool) -> Iterator[Case | None]:
    for row in json_lines(folder, "*oracle*.jsonl*", what="Natural Questions with gold passages", shape=_ROW):
        yield _case(row, texts, given=given)


def _case(row: dict[str, Any], texts: Texts, *, given: bool) -> Case | None:
    question, answers = (row.get("question") or "").strip(), group(row.get("answers") or ())
    passages = [one for one in row.get("ctxs") or () if (one.get("text") or "").strip()]
    ids = [texts.add(one["text"], title=one.get("title") or "") for one in passages]
    gold = tuple(text_id for text_id, one in zip(ids, passages, strict=True) if one.get("isgold"))
    if not (question and answers and gold):
        return None
    return Case(
        id=new_id("nq", question, *gold),
        type=_kind(question),
        question=question,
        expected=(answers,),
        evidence=tuple(Evidence(text_id) for text_id in gold),
        documents=gold if given else None,
    )


def _kind(question: str) -> str:
    return next((word for word in words(question) if word in _KINDS), "other")
