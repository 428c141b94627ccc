"""What is measured: the product's answers as records, and the naive way with its faults."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import prompts
from eval.data import draw, draw_evenly
from eval.measures_passages import ranking
from eval.metrics_citation import quote_hits
from eval.systems import NaiveParts, NaiveSystem, ProductSystem, Shelf, documents_of, naive_claims, passages_of
from eval.types import Case, Evidence, Row
from eval.vectors import RememberingEmbedder
from rag.evidence import SentenceReader
from rag.parts import Limits, Parts, Writer
from rag.prompting import chat_format
from rag.testing import HashEmbedder, ScriptedGenerator
from rag.types import Hit, Page, Passage, Source

TEXTS = {
    "mill.txt": "The old mill in Leeds closed in 1987. Its owner Anna Ito sold it.",
    "ferry.txt": "A ferry links Dover and Calais. It carries 900 cars a day.",
}
SHELF = Shelf({"mill.txt": 1, "ferry.txt": 2}, lambda number: TEXTS[{1: "mill.txt", 2: "ferry.txt"}[number]])
ASKED = "When did the old mill in Leeds close?"


class TinyRetriever:
    """All documents that may be searched, nearest first."""

    def __init__(self):
        self.embedder = HashEmbedder()
        self.asked = []

    def beside(self, hit):
        return []

    def search(self, question, *, limit, as_of=None, documents=None):
        self.asked.append((question, limit, as_of, documents))
        hits = []
        for number, (name, text) in enumerate(TEXTS.items(), start=1):
            if documents is None or number in documents:
                one, other = self.embedder.encode([question, text])
                page = Page(3, "iii", 0, len(text))
                source = Source(number, (name,), (), name, "Post", None, date(2024, 1, 2), None, (page,))
                cosine = float(one @ other)
                hits.append(Hit(Passage(number, number, 0, len(text), text), source, cosine, cosine, 0.0))
        return sorted(hits, key=lambda hit: -hit.score)[:limit]


def writer(*replies, template="answer"):
    generator = ScriptedGenerator(replies)
    return Writer(generator, prompts.load(template), chat_format("chatml"), generator.count_segments)


def product(*replies):
    parts = Parts(TinyRetriever(), SentenceReader(HashEmbedder()), writer(*replies), Limits())
    return ProductSystem(parts, SHELF)


def naive(reply):
    parts = NaiveParts(TinyRetriever(), writer(reply, template="naive"), 160, str.strip)
    return NaiveSystem(parts, SHELF)


def test_the_record_of_an_answer_has_all_that_scoring_needs():
    record = product("The mill in Leeds closed in 1987 [1].").answer(Case("c", "fact", ASKED))
    assert (record.id, record.type, record.abstained) == ("c", "fact", False)
    assert record.answer == "The mill in Leeds closed in 1987."
    quote = record.claims[0].quotes[0]
    assert TEXTS["mill.txt"][quote.start : quote.end] == quote.text
    assert (quote.document, quote.page, quote.outlet, quote.published) == ("mill.txt", 3, "Post", "2024-01-02")
    assert record.passages[0].document == "mill.txt"
    assert record.generated == "The mill in Leeds closed in 1987 [1]."
    assert set(record.prompt_digests) == {"answer"}
    assert record.confidence > 0
    assert {"retrieve", "read", "generate"} <= set(record.seconds)


def test_an_abstention_has_no_answer_and_keeps_its_confidence():
    record = product("Yes [1].").answer(Case("c", "fact", "Which comet did astronomers photograph?"))
    assert (record.answer, record.abstained, record.claims) == ("", True, ())
    assert record.reason == "nothing_near"


def test_only_the_documents_of_a_case_are_searched():
    system = product("Cars [1].")
    record = system.answer(Case("c", "fact", ASKED, documents=("ferry.txt",)))
    assert {passage.document for passage in record.passages} == {"ferry.txt"}
    assert documents_of(Case("c", "fact", ASKED), {"a": 1}) is None
    assert documents_of(Case("c", "fact", ASKED, documents=("a", "unread")), {"a": 1}) == frozenset({1})


def test_the_naive_way_shows_whatever_is_written_and_cites_whole_passages():
    record = naive("The mill closed in 1066 [1]. Cars are red.").answer(Case("c", "fact", ASKED))
    assert [claim.text for claim in record.claims] == ["The mill closed in 1066.", "Cars are red."]
    assert record.claims[0].quotes[0].text == TEXTS["mill.txt"]
    assert record.claims[1].quotes == ()
    assert not record.abstained


@pytest.mark.parametrize(
    ("reply", "silent"),
    [
        ("The documents do not say.", True),
        ("I'm sorry, the passages do not mention it.", True),
        ("There is no information about it.", True),
        ("", True),
        ("The mill closed in 1987 [1].", False),
        ("The mill did not close.", False),
    ],
)
def test_the_naive_way_is_silent_only_in_words(reply, silent):
    assert naive(reply).answer(Case("c", "fact", ASKED)).abstained is silent


def test_a_citation_of_no_passage_is_no_quote():
    assert naive_claims("It closed [7].", ())[0].quotes == ()


# Vectors that are kept


class Counting(HashEmbedder):
    def __init__(self):
        super().__init__(32)
        self.encoded = []

    def encode(self, texts):
        self.encoded += texts
        return super().encode(texts)


def test_a_text_is_encoded_once_across_runs_and_gets_the_same_vector(tmp_path):
    texts = ["boats", "cats and dogs", "boats", "harbour"]
    expected = HashEmbedder(32).encode(texts)
    counting = Counting()
    for _ in range(2):
        remembering = RememberingEmbedder(counting, tmp_path / "cache" / "vectors.db")
        assert np.array_equal(remembering.encode(texts), expected)
        assert remembering.encode([]).shape == (0, 32)
        remembering.close()
    assert counting.encoded == ["boats", "cats and dogs", "harbour"]


def test_another_embedder_does_not_get_its_vectors(tmp_path):
    for dimensions in (32, 48):
        remembering = RememberingEmbedder(HashEmbedder(dimensions), tmp_path / "vectors.db")
        assert np.array_equal(remembering.encode(["boats"]), HashEmbedder(dimensions).encode(["boats"]))
        remembering.close()


# Drawing cases


def test_a_draw_is_the_same_for_the_same_seed_and_keeps_the_order():
    items = [f"item {number}" for number in range(50)]
    first = draw(items, 10, seed=1, key=str)
    assert first == draw(items, 10, seed=1, key=str) == sorted(first, key=items.index)
    assert first != draw(items, 10, seed=2, key=str)
    assert draw(items, None, seed=1, key=str) == draw(items, 99, seed=1, key=str) == items


def test_items_that_are_added_do_not_push_all_others_out_of_a_draw():
    items = [f"item {number}" for number in range(50)]
    before, after = draw(items, 20, seed=1, key=str), draw([*items, "new"], 20, seed=1, key=str)
    assert len(set(before) & set(after)) >= 19


def test_an_even_draw_gives_each_group_its_share():
    items = [f"{group}{number}" for group, size in (("a", 60), ("b", 30), ("c", 10)) for number in range(size)]
    drawn = draw_evenly(items, 20, seed=3, key=str, group=lambda item: item[0])
    assert [sum(item[0] == group for item in drawn) for group in "abc"] == [12, 6, 2]
    drawn = draw_evenly(items, 7, seed=3, key=str, group=lambda item: item[0])
    assert len(drawn) == 7
    assert {item[0] for item in drawn} == {"a", "b", "c"}
    assert draw_evenly(items, None, seed=3, key=str, group=str) == items


# What passages meet


def hit(document, start, end):
    source = Source(document, (f"{document}.txt",), (), "", None, None, None, None, ())
    return Hit(Passage(1, document, start, end, "x" * (end - start)), source, 0.0, 0.0, 0.0)


def test_passages_are_told_by_the_gold_quotes_they_hold():
    text = "One two three. Four five six. Seven eight nine. One two three."
    shelf = Shelf(
        {"a.txt": 1, "copy.txt": 1, "b.txt": 2}, lambda number: text if number == 1 else "Four five six."
    )
    quotes = ("Four five six.", "One two\nthree.", "Nowhere to be found.")
    case = Case("c", "fact", "?", evidence=tuple(Evidence("copy.txt", quote) for quote in quotes))
    hits = [
        hit(1, 0, 14),
        hit(1, 0, 29),
        hit(1, 15, 20),
        hit(1, 30, 47),
        hit(1, 48, 62),
        hit(1, 22, 47),
        hit(2, 0, 14),
    ]
    met = [passage.meets for passage in passages_of(case, hits, shelf=shelf)]
    # A copy under another name is the same document; words that stand there twice count at both places; a piece of
    # a quote counts where it is half of the shorter of the two; another document does not, whatever it says.
    assert met == [(1,), (0, 1), (0,), (), (1,), (0,), ()]


def test_nothing_of_a_quote_that_a_passage_only_touches():
    shelf = Shelf({"a.txt": 1}, lambda _: "Before it. The ferry sails on Mondays only. After it came much more.")
    case = Case("c", "fact", "?", evidence=(Evidence("a.txt", "The ferry sails on Mondays only."),))
    assert [p.meets for p in passages_of(case, [hit(1, 0, 14), hit(1, 43, 60), hit(1, 0, 43)], shelf=shelf)] == [
        (),
        (),
        (0,),
    ]


def test_evidence_without_words_or_of_an_unknown_document_is_not_looked_for():
    shelf = Shelf({"a.txt": 1}, lambda _: "words")
    case = Case("c", "fact", "?", evidence=(Evidence("a.txt"), Evidence("z.txt", "words")))
    assert [p.meets for p in passages_of(case, [hit(1, 0, 5)], shelf=shelf)] == [()]


def test_a_record_says_what_its_passages_meet():
    case = Case("c", "fact", ASKED, evidence=(Evidence("mill.txt", "The old mill in Leeds closed in 1987."),))
    for record in (product("No.").answer(case), naive("It closed in 1987. [1]").answer(case)):
        assert [(p.document, p.meets) for p in record.passages if p.meets] == [("mill.txt", (0,))]


def test_a_record_knows_the_other_names_of_a_document_that_lies_there_twice():
    shelf = Shelf({"mill.txt": 1, "copy/mill.txt": 1, "ferry.txt": 2}, SHELF.text_of)
    quote = "The old mill in Leeds closed in 1987."
    case = Case("c", "fact", ASKED, evidence=(Evidence("copy/mill.txt", quote), Evidence("ferry.txt", "A ferry")))
    parts = Parts(TinyRetriever(), SentenceReader(HashEmbedder()), writer("It closed in 1987 [1]."), Limits())
    record = ProductSystem(parts, shelf).answer(case)
    assert record.copies == {"copy/mill.txt": "mill.txt"}
    assert quote_hits(record, case) == 1.0
    bare = replace(case, evidence=(Evidence("copy/mill.txt"),))
    assert ranking(Row(bare, record)).mrr() == 1.0
    asked = NaiveParts(TinyRetriever(), writer("In 1987 [1].", template="naive"), 160, str.strip)
    assert quote_hits(NaiveSystem(asked, shelf).answer(bare), bare) == 1.0
