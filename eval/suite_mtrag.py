"""MTRAG: the last question of a conversation, with the turns before it, over passages of several collections.

Knows the reference files of Katsis et al. (2025); knows no system. Earlier turns come with the answers they got
there; only the last question is asked.

A question that lacks its subject ("Which actor?") wants a question back, and small talk wants small talk. Neither
an answer nor silence is right there, so they are dropped; their passages stay in the library.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eval.data import Shape, json_lines
from eval.measures import (
    ANSWERABLE_REFUSED,
    BALANCED_ACCURACY,
    CITATION_PRECISION_GOLD,
    DECISION_AUROC,
    F1,
    UNANSWERABLE_RECOGNISED,
)
from eval.measures_passages import passage_recall_at
from eval.suite_texts import Texts, drawn, group, usable
from eval.types import AnswerSuite, Case, Evidence
from rag.types import Turn

_NO_LIBRARY = "none fits: the four whole collections are no part of this data; only passages that people found are"
_NO_GIVEN = (
    "none fits: upstream scores what a model writes against the reference answer; ours shows checked sentences"
)
_GIVEN_MEASURES = (F1, ANSWERABLE_REFUSED, UNANSWERABLE_RECOGNISED)
_MEASURES = (
    BALANCED_ACCURACY,
    UNANSWERABLE_RECOGNISED,
    ANSWERABLE_REFUSED,
    DECISION_AUROC,
    F1,
    CITATION_PRECISION_GOLD,
    passage_recall_at(5),
)

# Of a partial answer, the known part is due.
_ANSWERABLE = {"ANSWERABLE": True, "PARTIAL": True, "UNANSWERABLE": False}
_USER = "user"
_ROW: dict[str, Shape] = {
    "Collection": (str, None),
    "answerability": ([str], None),
    "input": ([{"speaker": (str, None), "text": (str, None)}], None),
    "contexts": ([{"text": (str, None), "title": (str, None)}], None),
    "targets": ([{"text": (str, None)}], None),
}


def load_mtrag(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Questions over all passages of their collection that the files hold, whatever `limit` is.

    The unanswerable ones come without passages: people searched the whole collection in vain, and these are a part
    of it. So both kinds search the same texts. The expected string is a whole reference answer: fit for token F1,
    not to be found in an answer.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("mtrag")
    rows = [(row, _add_passages(row, texts)) for row in _rows(folder)]
    libraries: dict[str, dict[str, None]] = {}
    for row, own in rows:
        libraries.setdefault(_collection(row), {}).update(dict.fromkeys(own))
    cases, dropped = usable(_case(row, own, tuple(libraries[_collection(row)])) for row, own in rows)
    chosen = drawn(cases, limit, seed=seed)
    return AnswerSuite("mtrag", texts.all, chosen, _MEASURES, dropped=dropped, no_reference=_NO_LIBRARY)


def load_mtrag_given(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Ask the same questions, each of the passages that people found for it: the reference task of MTRAG.

    Questions without passages are dropped: where there is nothing to read, silence is no decision.

    Raises:
        DocumentsError: the data is not there, or a file is malformed.
    """
    texts = Texts("mtrag")
    rows = [(row, _add_passages(row, texts)) for row in _rows(folder)]
    cases, dropped = usable(_case(row, own, own) for row, own in rows)
    chosen = drawn(cases, limit, seed=seed)
    needed = texts.needed(chosen)
    return AnswerSuite("mtrag_given", needed, chosen, _GIVEN_MEASURES, dropped=dropped, no_reference=_NO_GIVEN)


def _rows(folder: Path) -> Iterable[dict[str, Any]]:
    return json_lines(folder, "*reference*.jsonl*", what="the reference tasks of MTRAG", shape=_ROW)


def _collection(row: dict[str, Any]) -> str:
    return row.get("Collection") or ""


def _add_passages(row: dict[str, Any], texts: Texts) -> tuple[str, ...]:
    given = [one for one in row.get("contexts") or () if (one.get("text") or "").strip()]
    return tuple(dict.fromkeys(texts.add(one["text"].strip(), title=one.get("title") or "") for one in given))


def _case(row: dict[str, Any], own: tuple[str, ...], searched: tuple[str, ...]) -> Case | None:
    """Return the case of a row with passages of its `own`, None where neither an answer nor silence is right."""
    label = ((row.get("answerability") or [""])[0]).upper()
    turns = [turn for turn in row.get("input") or () if (turn.get("text") or "").strip()]
    references = group(target.get("text") or "" for target in row.get("targets") or ())
    answerable = _ANSWERABLE.get(label)
    asked_last = bool(turns) and turns[-1].get("speaker") == _USER
    if answerable is None or not searched or not asked_last or (answerable and not (own and references)):
        return None
    return Case(
        id=f"mtrag/{row['task_id']}",
        type=label.lower(),
        question=turns[-1]["text"].strip(),
        expected=(references,) if answerable else (),
        answerable=answerable,
        evidence=tuple(Evidence(text_id) for text_id in own) if answerable else (),
        history=_history(turns[:-1]),
        documents=searched,
    )


def _history(turns: Sequence[dict[str, Any]]) -> tuple[Turn, ...]:
    """Return questions with what was said to them until the next; words before the first question are left out."""
    history: list[Turn] = []
    for turn in turns:
        text = turn["text"].strip()
        if turn.get("speaker") == _USER:
            history.append(Turn(text))
        elif history:
            asked = history.pop()
            history.append(Turn(asked.question, f"{asked.answer}\n{text}".strip()))
    return tuple(history)
