"""News quiz questions of RealTime QA, each over the articles that a web search gave for it, answered freely.

Knows the files of the data (questions, articles, which articles were found); knows no system. The four choices are
not shown to it. Kasai et al., RealTime QA: What's the Answer Right Now? (NeurIPS 2023).

Nobody marked which article holds the answer. A question is "present" where the words of the right choice stand in
one of its articles, else "absent": there the answer is missing, or stands in other words. So what is measured on
absent questions is how often a system keeps silent, not whether that was right.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.data import Shape, draw, json_lines
from eval.measures import ANSWERABLE_ACCURACY, F1, SHORT_F1, latency_p50, mean_of
from eval.metrics_answer import holds
from eval.suite_texts import group
from eval.types import AnswerSuite, Case, Measure, Reference, Row, Text
from rag.text import clean, one_line

PRESENT = "present"
REFERENCES = (
    Reference(
        "accuracy_present",
        "Llama 4 Scout",
        0.49,
        "results of the quiz's own site, about, as we noted them earlier",
        "exact match of free answers on the questions of 2026, whether or not an article holds the answer",
    ),
)
ABSENT = "absent"

_SEARCH: dict[str, Shape] = {"question_id": str, "search_time": (str, None), "doc_ids": [str]}
_ARTICLE: dict[str, Shape] = {
    "doc_id": str,
    **dict.fromkeys(("text", "title", "url", "publish_date"), (str, None)),
}
_QUESTION: dict[str, Shape] = {
    **dict.fromkeys(("question_id", "question_sentence"), str),
    "question_date": (str, None),
    "choices": [str],
    "answer": [(str, int)],
}
_TAG = re.compile(r"<[^>]*>")
_DAY = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})")
_QUOTED = re.compile(r"[\"“'‘]([^\"“”]+)[\"”'’]")


def load_realtimeqa(folder: Path, *, limit: int | None = None, seed: int = 0) -> AnswerSuite:
    """Read questions, what was found for each, and the articles.

    A case may search the articles of its own question only, in the order in which they were found. It is asked as
    of the day of the search. Dropped are questions without a right choice or without an article that has a text.

    Raises:
        DocumentsError: files are missing or no JSON.
    """
    found = json_lines(folder, "retrieved_*.jsonl*", what="the searches", shape=_SEARCH)
    searches: dict[str, dict[str, Any]] = {row["question_id"]: row for row in found}
    articles = {
        row["doc_id"]: row
        for row in json_lines(folder, "docs_*.jsonl*", what="the articles", shape=_ARTICLE)
        if _has_text(row)
    }
    # Files named qa_nota hold the same questions with "none of the above" among the choices.
    asked = json_lines(folder, "qa_*.jsonl*", what="the questions", but="qa_nota*", shape=_QUESTION)
    rows = {row["question_id"]: row for row in asked}
    near = {key: [one for one in searches.get(key, {}).get("doc_ids", ()) if one in articles] for key in rows}
    usable = [key for key, row in rows.items() if near[key] and _right_choices(row)]
    chosen = draw(usable, limit, seed=seed, key=str)
    wanted = dict.fromkeys(doc_id for key in chosen for doc_id in near[key])
    texts = {doc_id: _text(articles[doc_id]) for doc_id in wanted}
    cases = tuple(_case(rows[key], searches[key], [texts[doc_id] for doc_id in near[key]]) for key in chosen)
    measures = news_measures(lambda row: row.case.type == PRESENT)
    return AnswerSuite(
        "realtimeqa", tuple(texts.values()), cases, measures, REFERENCES, dropped=len(rows) - len(usable)
    )


def _case(row: Mapping[str, Any], search: Mapping[str, Any], near: Sequence[Text]) -> Case:
    right = _right_choices(row)
    return Case(
        id=row["question_id"],
        type=PRESENT if any(holds_any(text, right) for text in near) else ABSENT,
        question=plain(row["question_sentence"]),
        expected=(right,),
        as_of=_day(search.get("search_time")) or _day(row.get("question_date")),
        documents=tuple(dict.fromkeys(text.id for text in near)),
    )


def _right_choices(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words of the right choices, without quotation marks around the whole of one."""
    choices = (plain(row["choices"][int(place)]) for place in row["answer"])
    return group(match[1] if (match := _QUOTED.fullmatch(choice)) else choice for choice in choices)


def holds_any(text: Text, wanted: Iterable[str]) -> bool:
    """Return True where title or text hold one of the strings, by the rule that answers are judged with."""
    whole = f"{text.title}\n{text.text}"
    return any(holds(whole, string) for string in wanted)


def plain(text: str) -> str:
    """Return a text of the quiz pages without its tags and entities, on one line."""
    return one_line(clean(html.unescape(_TAG.sub("", text))))


def _has_text(article: Mapping[str, Any]) -> bool:
    return bool((article.get("text") or "").strip())


def _text(article: Mapping[str, Any]) -> Text:
    return Text(
        id=article["doc_id"],
        text=clean(article["text"]).strip(),
        title=plain(article.get("title") or ""),
        outlet=_outlet(article.get("url") or ""),
        published=_day(article.get("publish_date")),
    )


def _outlet(url: str) -> str | None:
    """Return the host of an address as the name of the outlet: "usatoday.com"."""
    host = urlsplit(url).hostname
    return host.removeprefix("www.") if host else None


def _day(value: str | None) -> date | None:
    """Return the day that a field begins with, 2025/01/04/00:09 or 2025-12-18; None where there is none."""
    match = _DAY.match(value or "")
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:  # the pages are scraped: a day may be no day
        return None


# Measures


def news_measures(present: Callable[[Row], bool]) -> tuple[Measure, ...]:
    """Return the figures over questions whose answer stands in an article, and how often a system keeps silent."""
    return (
        _only(present, F1, "f1_present"),
        _only(present, SHORT_F1, "short_f1_present"),
        _only(present, ANSWERABLE_ACCURACY, "accuracy_present"),
        mean_of("refused_present", lambda row: _silent(row) if present(row) else None, higher_is_better=False),
        mean_of("refused_absent", lambda row: None if present(row) else _silent(row)),
        latency_p50("total"),
    )


def _only(applies: Callable[[Row], bool], measure: Measure, name: str) -> Measure:
    score = measure.per_row

    def per_row(row: Row) -> float | None:
        return score(row) if score and applies(row) else None

    return mean_of(name, per_row, higher_is_better=measure.higher_is_better)


def _silent(row: Row) -> float:
    return float(row.record.abstained)
