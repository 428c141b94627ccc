"""TimeQA: what was so at a given time, asked of one long article; for some times the article does not say.

Knows the human-paraphrased files of Chen et al. (2021); knows no system. The articles are tokenised Wikipedia.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.data import Shape, found, read_json
from eval.measures import (
    ANSWERABLE_ACCURACY,
    ANSWERABLE_REFUSED,
    BALANCED_ACCURACY,
    CITATION_PRECISION_GOLD,
    DECISION_AUROC,
    EXACT_MATCH,
    F1,
    SHORT_F1,
    UNANSWERABLE_RECOGNISED,
)
from eval.suite_texts import Texts, drawn, group, new_id, sentence_at, usable
from eval.types import AnswerSuite, Case, Evidence, Reference

_MEASURES = (
    ANSWERABLE_ACCURACY,
    F1,
    SHORT_F1,
    EXACT_MATCH,
    UNANSWERABLE_RECOGNISED,
    ANSWERABLE_REFUSED,
    BALANCED_ACCURACY,
    DECISION_AUROC,
    CITATION_PRECISION_GOLD,
)

# A question is a pair: itself, and its answers.
_ARTICLES: Shape = [
    {"paras": [str], "questions": [[(str, [{"answer": str, "para": int, "from": int}])]]},
]
_REFERENCES = tuple(
    Reference(
        measure=EXACT_MATCH.name,
        system=system,
        value=value,
        source="Chen et al., A Dataset for Answering Time-Sensitive Questions (2021), abstract",
        differs="hard questions made from templates; there an answer is a few words, ours is a sentence, which"
        " exact match counts as wrong; ours was not trained for it",
    )
    for system, value in (("best system, trained", 0.46), ("people", 0.87))
)


def load_timeqa(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions with their article, its paragraphs one text under the article's title.

    Where several answers are given any one is right, as upstream counts. Where the only answer is empty the
    question is unanswerable: the article says nothing about that time.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("timeqa")
    cases, dropped = usable(_cases(folder, texts))
    chosen = drawn(cases, limit, seed=seed)
    return AnswerSuite("timeqa", texts.needed(chosen), chosen, _MEASURES, _REFERENCES, dropped)


def _cases(folder: Path, texts: Texts) -> Iterator[Case | None]:
    for path in found(folder, "human_annotated_*.json*", what="the paraphrased questions of TimeQA"):
        for article in read_json(path, _ARTICLES):
            title, *paragraphs = article["paras"]
            text_id = texts.add("\n\n".join(paragraphs), title=title)
            for question, answers in article["questions"]:
                yield _case(question.strip(), answers, article["paras"], text_id=text_id)


def _case(question: str, answers: list[dict[str, Any]], paragraphs: list[str], *, text_id: str) -> Case | None:
    if not (question and answers):
        return None
    given = [answer for answer in answers if answer["answer"].strip()]
    quotes = dict.fromkeys(_quote(answer, paragraphs) for answer in given)
    return Case(
        id=new_id("timeqa", text_id, question),
        type=("unanswerable", "one_answer", "several_answers")[min(len(given), 2)],
        question=question,
        expected=(group(answer["answer"] for answer in given),) if given else (),
        answerable=bool(given),
        evidence=tuple(Evidence(text_id, quote) for quote in quotes),
        documents=(text_id,),
    )


def _quote(answer: dict[str, Any], paragraphs: list[str]) -> str:
    """Return the sentence that holds the answer; "" for one in the title, which is no part of the text."""
    return sentence_at(paragraphs[answer["para"]], answer["from"]) if answer["para"] else ""
