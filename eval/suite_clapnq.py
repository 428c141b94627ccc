"""ClapNQ: questions over one passage each that want an answer of a few sentences, half of them without an answer.

Knows the annotated files of Rosenthal et al. (2024); knows no system. The passages are tokenised Wikipedia: full
stops stand apart, quotation marks are `` and ''. They are left as they are.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eval.data import Shape, json_lines
from eval.measures import (
    ANSWERABLE_REFUSED,
    BALANCED_ACCURACY,
    CITATION_PRECISION_GOLD,
    CITATION_RECALL_GOLD,
    DECISION_AUROC,
    F1,
    SPAN_F1,
    UNANSWERABLE_RECOGNISED,
)
from eval.suite_texts import Texts, drawn, group, usable
from eval.types import AnswerSuite, Case, Evidence
from rag.text import clean

_NO_REFERENCE = (
    "none fits: there long answers are written, or all 178,000 passages searched; here checked sentences answer"
    " over the one passage of the question"
)
_ROW: dict[str, Shape] = {
    "input": (str, None),
    "output": ([{"answer": (str, None), "selected_sentences": ([str], None)}], None),
    "passages": ([{"text": (str, None), "title": (str, None)}], None),
}
_MEASURES = (
    BALANCED_ACCURACY,
    UNANSWERABLE_RECOGNISED,
    ANSWERABLE_REFUSED,
    DECISION_AUROC,
    F1,
    CITATION_PRECISION_GOLD,
    CITATION_RECALL_GOLD,
    SPAN_F1,
)


def load_clapnq(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions with the passage that was searched for them. Rosenthal et al., CLAPnq (2024).

    The expected strings are whole long answers, one for each annotator: fit for token F1, not to be found in an
    answer. Evidence is every sentence that an annotator selected: where several annotated, recall asks for all
    they chose together. Unanswerable is a row in which no annotator wrote an answer, whatever its file is called;
    a row without annotations is dropped.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("clapnq")
    rows = json_lines(folder, "clapnq_*answerable.jsonl*", what="the annotated questions of ClapNQ", shape=_ROW)
    cases, dropped = usable(_case(row, texts) for row in rows)
    chosen = drawn(cases, limit, seed=seed)
    needed = texts.needed(chosen)
    return AnswerSuite("clapnq", needed, chosen, _MEASURES, dropped=dropped, no_reference=_NO_REFERENCE)


def _case(row: dict[str, Any], texts: Texts) -> Case | None:
    question, outputs = (row.get("input") or "").strip(), row.get("output") or ()
    passages = [one for one in row.get("passages") or () if (one.get("text") or "").strip()]
    if not (question and outputs and passages):
        return None
    documents = {texts.add(one["text"], title=one.get("title") or ""): clean(one["text"]) for one in passages}
    answers = group(output.get("answer") or "" for output in outputs)
    selected = [sentence for output in outputs for sentence in output.get("selected_sentences") or ()]
    return Case(
        id=f"clapnq/{row['id']}",
        type="answerable" if answers else "unanswerable",
        question=question,
        expected=(answers,) if answers else (),
        answerable=bool(answers),
        evidence=_evidence(documents, selected) if answers else (),
        documents=tuple(documents),
    )


def _evidence(documents: Mapping[str, str], selected: Iterable[str]) -> tuple[Evidence, ...]:
    """Return each selected sentence in the passage that holds it; the bare passages where none was selected."""
    quotes = dict.fromkeys(filter(None, (clean(sentence).strip() for sentence in selected)))
    held = [Evidence(name, quote) for quote in quotes for name, text in documents.items() if quote in text]
    return tuple(held) or tuple(Evidence(name) for name in documents)
