"""Questions on which the given texts disagree: RAMDocs, WikiContradict, and the counterfactual part of RGB.

Knows the files of these three; knows no system. What is right differs: all answers and no planted one (RAMDocs),
both answers side by side (WikiContradict, RGB), silence where only the topic is right (RGB).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

from eval.data import Shape, json_lines
from eval.measures import (
    ANSWERABLE_ACCURACY,
    ANSWERABLE_REFUSED,
    BALANCED_ACCURACY,
    BOTH_SIDES,
    CITATION_PRECISION_GOLD,
    CITATION_RECALL_GOLD,
    DECISION_AUROC,
    GROUPS_MET,
    UNANSWERABLE_RECOGNISED,
)
from eval.metrics_answer import holds
from eval.suite_texts import Texts, drawn, group, new_id, sentence_with, usable
from eval.types import AnswerSuite, Case, Evidence, Reference
from rag.text import STOPWORDS, one_line, words

# RAMDocs

_TEXT: Shape = (str, None)
_STRINGS: Shape = ([str], None)
_RAMDOCS_ROW: dict[str, Shape] = {
    "question": _TEXT,
    "gold_answers": _STRINGS,
    "wrong_answers": _STRINGS,
    "documents": ([{"text": _TEXT, "type": _TEXT}], None),
}
_RAMDOCS_MEASURES = (ANSWERABLE_ACCURACY, GROUPS_MET, ANSWERABLE_REFUSED, CITATION_PRECISION_GOLD)
_RAMDOCS_REFERENCES = (
    Reference(
        measure=ANSWERABLE_ACCURACY.name,
        system="Llama-3.3-70B, all documents in one prompt",
        value=0.326,
        source="Wang et al., Retrieval-Augmented Generation with Conflicting Evidence (2025)",
        differs="all 500 questions; there every wrong answer is forbidden, here none that a right one holds",
    ),
)


def load_ramdocs(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Ambiguous names, planted falsehoods and noise among a few documents. Wang et al. (2025).

    Strict, as upstream: a right answer holds every gold answer and no wrong one. A wrong answer that a gold one
    holds ("Wrestling", "Professional wrestling") is not forbidden: no answer could be right otherwise. The
    documents have no titles. Citations are right in documents that upstream marks as correct.

    `type` says how many gold answers there are, and whether a wrong one is planted.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("ramdocs")
    rows = json_lines(folder, "RAMDocs_*.jsonl*", what="the questions of RAMDocs", shape=_RAMDOCS_ROW)
    cases, dropped = usable(_ramdocs_case(row, texts) for row in rows)
    chosen = drawn(cases, limit, seed=seed)
    return AnswerSuite("ramdocs", texts.needed(chosen), chosen, _RAMDOCS_MEASURES, _RAMDOCS_REFERENCES, dropped)


def _ramdocs_case(row: dict[str, Any], texts: Texts) -> Case | None:
    question, gold = (row.get("question") or "").strip(), group(row.get("gold_answers") or ())
    given = [one for one in row.get("documents") or () if (one.get("text") or "").strip()]
    if not (question and gold and given):
        return None
    documents = texts.add_all(one["text"] for one in given)
    correct = texts.add_all(one["text"] for one in given if one.get("type") == "correct")
    wrong = group(row.get("wrong_answers") or ())
    kind = "several_answers" if len(gold) > 1 else "one_answer"
    return Case(
        id=new_id("ramdocs", question, *documents),
        type=f"{kind}_misinformed" if wrong else kind,
        question=question,
        expected=tuple((answer,) for answer in gold),
        forbidden=tuple(answer for answer in wrong if not any(holds(one, answer) for one in gold)),
        evidence=tuple(Evidence(text_id) for text_id in correct),
        documents=documents,
    )


# WikiContradict

_CONTRADICT_ROW: dict[str, Shape] = {
    **dict.fromkeys(("question", "answer1", "answer2", "contradiction_type"), _TEXT),
    **{f"context{side}{kind}": _TEXT for side in "12" for kind in ("", "_self_contained")},
}
_CONTRADICT_MEASURES = (BOTH_SIDES, GROUPS_MET, CITATION_RECALL_GOLD, CITATION_PRECISION_GOLD, ANSWERABLE_REFUSED)
_CONTRADICT_REFERENCES = tuple(
    Reference(
        measure=BOTH_SIDES.name,
        system=system,
        value=value,
        source="Hou et al., WikiContradict (2024)",
        differs="people judged free answers to all questions; ours is a match of strings, without the questions"
        " that ask for yes or no, over a later wording of the passages",
    )
    for system, value in (
        ("GPT-4", 0.06),
        ("GPT-4, told of the conflict", 0.10),
        ("Llama-3-70B", 0.10),
        ("Llama-3-70B, told of the conflict", 0.44),
    )
)
_YES_NO = frozenset({"yes", "no"})
# What is left of an answer may be a single digit, which stands in any text.
_LEAST_CHARS = 3


def load_wikicontradict(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions on which two passages of Wikipedia contradict each other. Hou et al., WikiContradict (2024).

    Each answer is a group: as it is written, or from where it parts from the other ("Liu Zhi died in 1972." and
    "Liu Zhi died on the 15 January 1971." may be "1972" and "15 January 1971"). That the words stand in an answer
    does not make them a claim; where one answer holds the other ("36", "less than 36") the longer states both; and
    an answer in other words than the annotator's is missed: in 30 of the 63 such questions that were looked at,
    the passages have other words, so a system that only quotes gets half at most.

    Half of the questions ask for yes or no. No passage says so, and whether quotes add up to both takes a person:
    such cases expect no string and are measured by their citations only, where both passages are due.

    The passages have no titles; they are those reworded to stand alone, where the data has such. Where one passage
    contradicts itself it is one text.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("wikicontradict")
    rows = json_lines(
        folder, "wiki*contradict*.jsonl*", what="the questions of WikiContradict", shape=_CONTRADICT_ROW
    )
    cases, dropped = usable(_contradict_case(row, texts) for row in rows)
    chosen = drawn(cases, limit, seed=seed)
    needed = texts.needed(chosen)
    return AnswerSuite("wikicontradict", needed, chosen, _CONTRADICT_MEASURES, _CONTRADICT_REFERENCES, dropped)


def _contradict_case(row: dict[str, Any], texts: Texts) -> Case | None:
    question = (row.get("question") or "").strip()
    answers = [one_line(row.get(f"answer{side}") or "") for side in "12"]
    passages = [row.get(f"context{side}_self_contained") or row.get(f"context{side}") or "" for side in "12"]
    if not (question and all(answers) and all(passage.strip() for passage in passages)):
        return None
    ids = [texts.add(passage) for passage in passages]
    yes_no = all(answer.casefold().rstrip(".") in _YES_NO for answer in answers)
    expected = () if yes_no else tuple(_sides(*answers))
    quotes = ("", "") if yes_no else tuple(map(sentence_with, passages, expected))
    kind = (words(row.get("contradiction_type") or "") or ["unknown"])[0]
    return Case(
        id=new_id("wikicontradict", question, *ids),
        type=f"{kind}_yes_no" if yes_no else kind,
        question=question,
        expected=expected,
        evidence=tuple(dict.fromkeys(map(Evidence, ids, quotes))),
        documents=tuple(dict.fromkeys(ids)),
    )


def _sides(first: str, second: str) -> Iterator[tuple[str, ...]]:
    """Yield for each answer the strings that state it: itself, and what is left where both begin alike."""
    for answer, other in ((first, second), (second, first)):
        left = _told_apart(answer.split(), other.split())
        yield group([answer.rstrip("."), left if len(left) >= _LEAST_CHARS else ""])


def _told_apart(answer: Sequence[str], other: Sequence[str]) -> str:
    """Return the answer from the first word on that the other does not share, stop words there left out."""
    pairs = zip(answer, other, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0].casefold() == pair[1].casefold(), pairs))
    left = dropwhile(lambda word: word.casefold() in STOPWORDS, answer[shared:])
    return " ".join(left).rstrip(".")


# RGB

_RGB_ROW: dict[str, Shape] = {
    "query": _TEXT,
    "answer": (str, [(str, [str])], None),
    "fakeanswer": _TEXT,
    **dict.fromkeys(("positive", "positive_wrong", "negative"), _STRINGS),
}
_REFUSAL_MEASURES = (
    BALANCED_ACCURACY,
    UNANSWERABLE_RECOGNISED,
    ANSWERABLE_REFUSED,
    ANSWERABLE_ACCURACY,
    DECISION_AUROC,
)
_REFUSAL_REFERENCES = (
    Reference(
        measure=DECISION_AUROC.name,
        system="scores of the search alone",
        value=0.51,
        source="measured by us earlier, not published",
        differs="the features of the search as they were then; same questions",
        published=False,
    ),
)
_NO_CONFLICT = (
    "none fits: upstream asks for the true answer; here both are due, for no passage says which was put in"
)
_CONFLICT_MEASURES = (BOTH_SIDES, GROUPS_MET, ANSWERABLE_REFUSED)


class _Given(StrEnum):
    """Which passages a question of RGB is asked of."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    CONFLICT = "conflict"


def load_rgb_refusal(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Each question of passages with the answer, and again of passages on the same topic only. Chen et al. (2024).

    The second should be met with silence. The passages are what a search engine showed of a page, cut off in the
    middle; that a negative one lacks the answer was decided by its string, so a few hold it in other words.
    `limit` draws from both kinds alike.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("rgb")
    cases, dropped = usable(_rgb_cases(folder, texts, _Given.POSITIVE, _Given.NEGATIVE))
    chosen = drawn(cases, limit, seed=seed)
    needed = texts.needed(chosen)
    return AnswerSuite("rgb_refusal", needed, chosen, _REFUSAL_MEASURES, _REFUSAL_REFERENCES, dropped)


def load_rgb_conflict(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Each question of right passages and of the same ones with another answer put in. Chen et al. (2024).

    Right is to show both: nothing in the passages tells which was changed. Upstream asks for the true answer.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("rgb")
    cases, dropped = usable(_rgb_cases(folder, texts, _Given.CONFLICT))
    chosen = drawn(cases, limit, seed=seed)
    needed = texts.needed(chosen)
    return AnswerSuite(
        "rgb_conflict", needed, chosen, _CONFLICT_MEASURES, dropped=dropped, no_reference=_NO_CONFLICT
    )


def _rgb_cases(folder: Path, texts: Texts, *kinds: _Given) -> Iterator[Case | None]:
    for row in json_lines(folder, "en_fact*.json*", what="the counterfactual questions of RGB", shape=_RGB_ROW):
        for kind in kinds:
            yield _rgb_case(row, texts, kind)


def _rgb_case(row: dict[str, Any], texts: Texts, kind: _Given) -> Case | None:
    question, answers = (row.get("query") or "").strip(), _rgb_answers(row.get("answer") or "")
    fake = group([row.get("fakeanswer") or ""])
    positive, wrong, negative = (row.get(name) or () for name in ("positive", "positive_wrong", "negative"))
    searched = {_Given.POSITIVE: positive, _Given.NEGATIVE: negative, _Given.CONFLICT: [*positive, *wrong]}[kind]
    documents = texts.add_all(searched)
    lacks_a_side = kind is _Given.CONFLICT and not (positive and wrong and fake)
    if not (question and answers and documents) or lacks_a_side:
        return None
    answerable = kind is not _Given.NEGATIVE
    both = (*answers, fake) if kind is _Given.CONFLICT else answers
    return Case(
        id=f"{new_id('rgb', question, *documents)}/{kind}",
        type=kind.value,
        question=question,
        expected=both if answerable else (),
        answerable=answerable,
        evidence=tuple(Evidence(text_id) for text_id in documents) if answerable else (),
        documents=documents,
    )


def _rgb_answers(answer: str | list[str | list[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the groups: upstream, every item of a list is due, and an inner list holds ways to write one."""
    items = [answer] if isinstance(answer, str) else answer
    groups = (group([item] if isinstance(item, str) else item) for item in items)
    return tuple(strings for strings in groups if strings)
