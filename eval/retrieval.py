"""How well a search finds the texts that hold an answer: recall, reciprocal rank, discounted gain.

Knows public question sets as a corpus, questions and gold texts; knows no search: the caller passes one.

A search gets a question and returns ids of the corpus, best first. Ids are made here and mean nothing elsewhere.
"""

import html
import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from eval.data import NoDataError, digest, draw, found, json_lines, read_json
from eval.stats import Figure, bootstrap_mean
from eval.suites import Loader, load_parts
from rag.text import words

Search = Callable[[str], Sequence[str]]
"""From a question to the ids of texts, best first, each once; ten are enough."""

DEPTHS = (1, 5, 10)
_TAG = re.compile(r"<[^>]*>")
# Shorter paragraphs of these articles are headings; a list line with its year and name has this many words.
_LEAST_WORDS = 4
# Of a limited suite so many texts beside the gold ones are searched for each question.
_OTHERS = 50


class Needs(StrEnum):
    """Whether one gold text answers the question, or only all of them together."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class CorpusText:
    """A text that can be found."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the ids of the texts that answer it: never none."""

    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suite:
    """A corpus and the questions asked of it. `dropped` counts questions without a gold text, `left_out` the texts
    that a limited suite does not search.
    """

    name: str
    corpus: tuple[CorpusText, ...]
    queries: tuple[Query, ...]
    needs: Needs
    dropped: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The measures of one search on one suite. `recall` is by depth; `ranks` is one row of gold ranks a query."""

    recall: dict[int, Figure]
    mrr: Figure
    ndcg_at_10: Figure
    ranks: tuple[tuple[int, ...], ...]


# Measures of one question


def recall_at_k(found: Sequence[str], gold: Collection[str], *, k: int) -> float:
    """Return the share of the gold texts among the first `k` found."""
    return len(set(found[:k]) & set(gold)) / len(gold)


def success_at_k(found: Sequence[str], gold: Collection[str], *, k: int) -> float:
    """Return 1 where any gold text is among the first `k` found, else 0."""
    return float(not set(gold).isdisjoint(found[:k]))


def mrr(found: Sequence[str], gold: Collection[str]) -> float:
    """Return 1 / rank of the first gold text, 0 where there is none; its mean over questions is the MRR.

    Voorhees, The TREC-8 Question Answering Track Report (1999).
    """
    return next((1.0 / rank for rank, item in enumerate(found, start=1) if item in gold), 0.0)


def ndcg_at_10(found: Sequence[str], gold: Collection[str]) -> float:
    """Return sum(rel_i / log2(i + 1)) over the first ten ranks i, divided by the same sum of the best order.

    Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002), with the discount of
    Burges et al. (2005); relevance is 1 for a gold text and 0 for others.
    """
    gain = sum(1.0 / math.log2(rank + 1) for rank, item in enumerate(found[:10], start=1) if item in gold)
    best = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(len(gold), 10) + 1))
    return gain / best


def evaluate(suite: Suite, search: Search, *, seed: int = 0) -> Retrieval:
    """Ask every question of a suite. Intervals come from resampling the questions.

    Raises:
        ValueError: the suite has no questions.
    """
    answers = [(list(search(query.text)), query.gold) for query in suite.queries]
    measure = success_at_k if suite.needs is Needs.ANY else recall_at_k
    return Retrieval(
        recall={
            k: bootstrap_mean([measure(found, gold, k=k) for found, gold in answers], seed=seed) for k in DEPTHS
        },
        mrr=bootstrap_mean([mrr(found, gold) for found, gold in answers], seed=seed),
        ndcg_at_10=bootstrap_mean([ndcg_at_10(found, gold) for found, gold in answers], seed=seed),
        ranks=tuple(
            tuple(rank for rank, item in enumerate(found, start=1) if item in gold) for found, gold in answers
        ),
    )


# Suites from public data


def load_suites(
    data: Path, *, limit: int | None = None, news: int | None = None, seed: int = 0
) -> tuple[list[Suite], list[str]]:
    """Return every suite whose files are below `data`, in a fixed order, and in words which are not there.

    `limit` questions are drawn by `seed`, and the suites share them; then only a part of each corpus is searched.
    Of the suite of long articles at most `news` questions are drawn, and only their articles kept.

    Raises:
        NoDataError: none of them is there.
        DocumentsError: a file is damaged.
    """

    def articles(folder: Path, most: int | None) -> Suite:
        return load_realtimeqa(folder, limit=min(filter(None, (news, most)), default=None), seed=seed)

    parts = {
        "nq_oracle": _below("nq_oracle", lambda folder, _: load_nq_oracle(folder)),
        "timeqa": _below("timeqa", lambda folder, _: load_timeqa(folder)),
        "hotpotqa": _below("multihop_small", lambda folder, _: load_multihop(folder, "hotpotqa")),
        "musique": _below("multihop_small", lambda folder, _: load_multihop(folder, "musique")),
        "realtimeqa": _below("realtimeqa", articles),
    }
    return load_parts(parts, data, limit=limit, seed=seed)


def _below(name: str, load: Callable[[Path, int | None], Suite]) -> Loader[Suite]:
    def loader(data: Path, *, limit: int | None, seed: int) -> Suite:
        folder = data / name
        if not folder.is_dir():
            raise NoDataError(f"There is no folder {name} in {data}.", hint=f"Put its files into {folder}.")
        suite = load(folder, limit)
        if not suite.queries:
            hint = "Look whether its files belong together."
            raise NoDataError(f"No question of {suite.name} in {folder} has a text that answers it.", hint=hint)
        queries = tuple(draw(suite.queries, limit, seed=seed, key=lambda query: query.text))
        return _with_fewer_texts(replace(suite, queries=queries), limit, seed)

    return loader


def _with_fewer_texts(suite: Suite, limit: int | None, seed: int) -> Suite:
    """Return a limited suite with the gold texts and some others: embedding all takes longer than the rest."""
    if limit is None:
        return suite
    gold = {text_id for query in suite.queries for text_id in query.gold}
    others = [text.id for text in suite.corpus if text.id not in gold]
    kept = gold.union(draw(others, limit * _OTHERS, seed=seed, key=str))
    corpus = tuple(text for text in suite.corpus if text.id in kept)
    return replace(suite, corpus=corpus, left_out=len(suite.corpus) - len(corpus))


def load_nq_oracle(folder: Path) -> Suite:
    """Natural Questions, one gold passage each; all passages are one corpus.

    Raises:
        DocumentsError: the data is not there, or damaged.
    """
    texts: dict[str, CorpusText] = {}
    asked = []
    for row in json_lines(folder, "*oracle*.jsonl*"):
        items = [(item.get("isgold", False), _add(texts, item["title"], item["text"])) for item in row["ctxs"]]
        asked.append((row["question"], [text_id for is_gold, text_id in items if is_gold]))
    return _suite("nq_oracle", texts, asked, needs=Needs.ANY)


def load_timeqa(folder: Path) -> Suite:
    """Questions on what was so at a time; each paragraph of the articles is a text, headings are left out.

    Raises:
        DocumentsError: the data is not there, or damaged.
    """
    texts: dict[str, CorpusText] = {}
    asked = []
    for article in (article for path in found(folder, "human_annotated_*.json*") for article in read_json(path)):
        title = article["paras"][0]
        ids = [
            _add(texts, title, text) if len(text.split()) >= _LEAST_WORDS else None for text in article["paras"]
        ]
        for question, answers in article["questions"]:
            gold = [ids[answer["para"]] for answer in answers if answer["answer"]]
            asked.append((question, [text_id for text_id in gold if text_id is not None]))
    return _suite("timeqa", texts, asked, needs=Needs.ANY)


def load_multihop(folder: Path, name: str) -> Suite:
    """Questions (`name` is hotpotqa or musique) that need two or more texts together.

    Raises:
        DocumentsError: the data is not there, or damaged.
    """
    texts: dict[str, CorpusText] = {}
    for path in found(folder, f"{name}_*_corpus.json*"):
        for title, text in _multihop_corpus(read_json(path)):
            _add(texts, title, text)
    asked = []
    for path in found(folder, f"{name}_*.json*"):
        if "_corpus" not in path.name:
            asked += [(row["question"], _multihop_gold(row)) for row in read_json(path)]
    known = [(question, [text_id for text_id in gold if text_id in texts]) for question, gold in asked]
    return _suite(name, texts, known, needs=Needs.ALL)


def _multihop_corpus(rows: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - two shapes of JSON
    if isinstance(rows, dict):
        yield from ((title, "".join(parts)) for title, parts in rows.items())
    else:
        yield from ((row["title"], row["text"]) for row in rows)


def _multihop_gold(row: dict[str, Any]) -> list[str]:
    if "paragraphs" in row:
        return [_id(p["title"], p["paragraph_text"]) for p in row["paragraphs"] if p["is_supporting"]]
    needed = {title for title, _ in row["supporting_facts"]}
    return [_id(title, "".join(parts)) for title, parts in row["context"] if title in needed]


def load_realtimeqa(folder: Path, *, limit: int | None = None, seed: int = 0) -> Suite:
    """News quiz questions; the articles are the texts, whole. `limit` draws questions and keeps their articles.

    Gold are those articles that a web search gave for this very question and that hold the words of the right
    choice. A search over all articles for those words would call "62" or "India" an answer wherever it stands.

    Raises:
        DocumentsError: the data is not there, or damaged.
    """
    searched = {row["question_id"]: row["doc_ids"] for row in json_lines(folder, "retrieved_*.jsonl*")}
    rows = [row for row in json_lines(folder, "qa_*.jsonl*", but="qa_nota*") if searched.get(row["question_id"])]
    rows = draw(rows, limit, seed=seed, key=lambda row: str(row["question_id"]))
    wanted = {doc_id for row in rows for doc_id in searched[row["question_id"]]}
    texts: dict[str, CorpusText] = {}
    ids = {
        row["doc_id"]: _add(texts, row.get("title") or "", row["text"])
        for row in json_lines(folder, "docs_*.jsonl*")
        if row.get("text") and row["doc_id"] in wanted
    }
    folded = {text_id: _folded(f"{text.title} {text.text}") for text_id, text in texts.items()}
    asked = []
    for row in rows:
        near = {ids[doc_id] for doc_id in searched[row["question_id"]] if doc_id in ids}
        answers = [_folded(row["choices"][int(place)]) for place in row["answer"]]
        gold = [text_id for text_id in near if any(answer in folded[text_id] for answer in answers)]
        asked.append((html.unescape(_TAG.sub("", row["question_sentence"])), gold))
    return _suite("realtimeqa", texts, asked, needs=Needs.ANY)


def _folded(text: str) -> str:
    """Return the words between single spaces, so that only whole words are found in each other."""
    return f" {' '.join(words(text))} "


def _suite(name: str, texts: dict[str, CorpusText], asked: list[tuple[str, list[str]]], *, needs: Needs) -> Suite:
    """Join golds of questions with the same words, and drop those without any."""
    golds: dict[str, set[str]] = {}
    for question, gold in asked:
        golds.setdefault(question, set()).update(gold)
    queries = tuple(Query(question, frozenset(gold)) for question, gold in golds.items() if gold)
    return Suite(name, tuple(texts.values()), queries, needs, dropped=len(golds) - len(queries))


def _add(texts: dict[str, CorpusText], title: str, text: str) -> str:
    """Put a text into the corpus once, whatever how often it occurs; return its id."""
    text_id = _id(title, text)
    texts.setdefault(text_id, CorpusText(text_id, title, text))
    return text_id


def _id(title: str, text: str) -> str:
    return digest(f"{title}\n{text}")[:16]
