"""The data sets as examples: a question over the sentences of a passage, or a claim over a quote.

Only data whose licence lets weights that are trained on it be given away (each folder's SOURCE.md): nq_oracle,
xquad, timeqa, clapnq, selqa, quotesum, ramdocs, multihop_small, wice, fool_me_twice.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.text import one_line, sentences
from training.split import HELD_SHARE, HELD_SHARE_XQUAD, held


@dataclass(frozen=True, slots=True)
class Reading:
    """A question and the sentences of one passage; `labels` are 1 where a sentence answers it.

    `span` is (sentence, start, end) of the answer in characters; None where it is not known (`has_span` False) or
    where nothing answers.
    """

    source: str
    key: str
    question: str
    title: str
    sentences: tuple[str, ...]
    labels: tuple[int, ...]
    span: tuple[int, int, int] | None = None
    has_span: bool = False
    date: str = ""

    @property
    def answered(self) -> bool:
        """Return whether a sentence answers."""
        return any(self.labels)

    @property
    def held(self) -> bool:
        """Return whether this one is for measuring only."""
        # What is told again and again has no name of its own to go by: it is trained on as a whole.
        return self.source != "retold" and held(
            self.key, share=HELD_SHARE_XQUAD if self.source == "xquad" else HELD_SHARE
        )


@dataclass(frozen=True, slots=True)
class Support:
    """A claim and the words it is held against; `kind` is what was done to it."""

    source: str
    key: str
    claim: str
    quote: str
    label: int
    kind: str = ""

    @property
    def held(self) -> bool:
        """Return whether this one is for measuring only."""
        return self.source != "retold" and held(self.key)


def _open(path: Path) -> Any:  # noqa: ANN401
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def cut(text: str) -> list[str]:
    """Return the sentences of a text, each on one line."""
    return [one_line(text[start:end]) for start, end in sentences(text)]


def _holding(said: Sequence[str], answers: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, int, int] | None]:
    """Return which sentences hold an answer as whole words, and where the first one stands."""
    wanted = [one_line(answer) for answer in answers if answer.strip()]
    pattern = "|".join(re.escape(answer) for answer in sorted(wanted, key=len, reverse=True))
    if not pattern:
        return (0,) * len(said), None
    found = [re.search(rf"(?<!\w)(?:{pattern})(?!\w)", sentence, re.IGNORECASE) for sentence in said]
    first = next(((at, match.start(), match.end()) for at, match in enumerate(found) if match), None)
    return tuple(int(match is not None) for match in found), first


def _reading(source: str, question: str, title: str, text: str, answers: Sequence[str], key: str = "") -> Reading:
    said = cut(text)
    labels, span = _holding(said, answers)
    return Reading(source, key or title or text, question, title, tuple(said), labels, span, has_span=True)


def nq(data: Path) -> Iterator[Reading]:
    """Natural Questions with the gold passage."""
    for row in lines(data / "nq_oracle" / "nq-open-oracle.jsonl.gz"):
        for one in row["ctxs"]:
            if one.get("isgold"):
                yield _reading("nq", row["question"], one["title"], one["text"], row["answers"])


def xquad(data: Path) -> Iterator[Reading]:
    """The English part of XQuAD; the other half of its articles is held."""
    for article in _open(data / "xquad" / "xquad.en.json.gz")["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                answers = [answer["text"] for answer in asked["answers"]]
                key = paragraph["context"]
                yield _reading("xquad", asked["question"], "", paragraph["context"], answers, key)


def clapnq(data: Path) -> Iterator[Reading]:
    """ClapNQ: the sentences that annotators selected; passages without an answer."""
    for name in ("clapnq_dev_answerable.jsonl.gz", "clapnq_dev_unanswerable.jsonl.gz"):
        for row in lines(data / "clapnq" / name):
            passage = row["passages"][0]
            chosen = {one_line(text) for out in row["output"] for text in out.get("selected_sentences") or ()}
            said = tuple(one_line(text) for text in passage["sentences"] if text.strip())
            labels = tuple(int(any(text in one or one in text for one in chosen if one)) for text in said)
            is_answerable = any(out.get("answer") for out in row["output"])
            if any(labels) == is_answerable:
                yield Reading("clapnq", passage["title"], row["input"], passage["title"], said, labels)


def selqa(data: Path) -> Iterator[Reading]:
    """SelQA: the sentences of a section, those that answer marked."""
    for name in ("selqa-ass-dev.json.gz", "selqa-ass-test.json.gz"):
        for row in _open(data / "selqa" / name):
            said = tuple(one_line(text) for text in row["candidates"])
            labels = tuple(int(at in row["answers"]) for at in range(len(said)))
            title = f"{row['article']}, {row['section']}"
            yield Reading("selqa", row["article"], row["question"], title, said, labels)


def timeqa(data: Path) -> Iterator[Reading]:
    """TimeQA, paraphrased by people: the paragraph with the answer, and one of the same article without it."""
    for row in _open(data / "timeqa" / "human_annotated_train.json.gz"):
        title = row["link"].removeprefix("/wiki/").replace("_", " ")
        paragraphs = [" ".join(text.split()) for text in row["paras"]]
        for question, answers in row["questions"]:
            wanted = [one["answer"] for one in answers if one["answer"]]
            at = next((one["para"] for one in answers if one["answer"]), None)
            if at is not None and at < len(paragraphs):
                yield _reading("timeqa", question, title, paragraphs[at], wanted)
            others = [text for place, text in enumerate(paragraphs) if place != at and len(text) > _PARAGRAPH]
            if others:
                other = others[len(question) % len(others)]
                if not any(answer in other for answer in wanted):
                    yield _reading("timeqa", question, title, other, ())


_PARAGRAPH = 120


def quotesum(data: Path) -> Iterator[Reading]:
    """QuoteSum: several passages to one question, each with its own short answer or none."""
    seen = set()
    for row in lines(data / "quotesum" / "dev.jsonl.gz"):
        for place in range(1, 9):
            text, title = row.get(f"source{place}"), row.get(f"title{place}")
            if not text or (row["question"], text) in seen:
                continue
            seen.add((row["question"], text))
            answer = row.get(f"short_ans_{place}") or ""
            made = _reading("quotesum", row["question"], title or "", text, [answer])
            if made.answered or not answer:
                yield made


def ramdocs(data: Path) -> Iterator[Reading]:
    """RAMDocs: right and wrong answers both answer; noise does not."""
    for row in lines(data / "ramdocs" / "RAMDocs_test.jsonl.gz"):
        for document in row["documents"]:
            answer = document["answer"] if document["type"] != "noise" else ""
            made = _reading("ramdocs", row["question"], "", document["text"][:1200], [answer], row["question"])
            if made.answered or document["type"] == "noise":
                yield made


def hotpot(data: Path) -> Iterator[Reading]:
    """HotpotQA: the supporting sentence that holds the answer, and the paragraphs that mislead."""
    for row in _open(data / "multihop_small" / "hotpotqa_train.json.gz"):
        facts = {(title, at) for title, at in row["supporting_facts"]}
        for place, (title, said) in enumerate(row["context"]):
            labels = [
                int((title, at) in facts and row["answer"].casefold() in text.casefold())
                for at, text in enumerate(said)
            ]
            supports = any(fact[0] == title for fact in facts)
            if any(labels) or (not supports and place < _MISLEADING):
                lines = tuple(one_line(text) for text in said)
                yield Reading("hotpot", row["question"], row["question"], title, lines, tuple(labels))


_MISLEADING = 3


def readings(data: Path) -> list[Reading]:
    """Return all reading examples whose passage has a sentence and whose question is one."""
    found = [one for load in (nq, xquad, clapnq, selqa, timeqa, quotesum, ramdocs, hotpot) for one in load(data)]
    return [one for one in found if one.sentences and one.question.strip()]


def wice(data: Path) -> Iterator[Support]:
    """WiCE with the evidence that annotators chose: only full support counts."""
    for row in lines(data / "wice" / "oracle_chunks_claim_dev.jsonl.gz"):
        quote = one_line(" ".join(row["evidence"]))
        yield Support("wice", row["claim"], row["claim"], quote, int(row["label"] == "supported"))


def fool_me_twice(data: Path) -> Iterator[Support]:
    """FoolMeTwice with its gold evidence."""
    for row in lines(data / "fool_me_twice" / "dev.jsonl.gz"):
        quote = one_line(" ".join(one["text"] for one in row["gold_evidence"]))
        claim = one_line(row.get("text") or row.get("claim") or "")
        yield Support("fm2", row.get("wikipedia_page") or claim, claim, quote, int(row["label"] == "SUPPORTS"))
