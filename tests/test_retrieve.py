"""Search: exact vectors, words and meaning joined, dates, spread, and questions of every kind."""

from contextlib import closing
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.ingest import Ingest, plan
from index.prepare import IngestLimits
from index.retrieve import HybridRetriever, SearchOptions, question_vector
from index.speech import attributions
from index.store import Content, FileRecord, Store
from rag.errors import EmbedderChangedError
from rag.testing import HashEmbedder
from rag.text import sentences
from rag.types import Document, FileStatus

EMBEDDER = HashEmbedder()


# A library


class Library:
    """A store that takes texts under a name, and hybrid search over it."""

    def __init__(self, folder, **options):
        self.store = Store.create(folder)
        self.retriever = HybridRetriever(self.store, EMBEDDER, options=SearchOptions(**options))

    def add(self, name, text, *, published=None, story=None):
        """Store a document with one passage a sentence, without its title in the vectors; return its id."""
        spans = sentences(text)
        vectors = EMBEDDER.encode([text[start:end] for start, end in spans])
        document = Document(f"{name} {text}", text, "Untitled", "text/plain", published=published)
        record = FileRecord(f"/docs/{name}", "/docs", 1, 1, 1, 1, FileStatus.READY)
        self.store.put(record, Content(document, spans, vectors, attributions=attributions(text), story=story))
        return self.store.find_document(document.sha256)

    def texts(self, question, limit=5, **options):
        return [hit.passage.text for hit in self.retriever.search(question, limit=limit, **options)]


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "library")
    with closing(made.store):
        yield made


HARBOUR = (
    "Fishing boats left the old harbour at dawn. Nobody waved from the pier. Gulls followed them. "
    "The lighthouse keeper noted their number. A bell rang twice."
)


def test_an_empty_library_finds_nothing(library):
    assert library.texts("What left the harbour?") == []


def test_a_near_text_is_found_first(library):
    library.add("a", HARBOUR)
    hit = library.retriever.search("When did fishing boats leave the old harbour?", limit=3)[0]
    assert hit.passage.text == "Fishing boats left the old harbour at dawn."
    assert hit.dense == pytest.approx(
        float(
            question_vector("When did fishing boats leave the old harbour?", EMBEDDER)
            @ EMBEDDER.encode([hit.passage.text])[0]
        ),
        abs=1e-5,
    )
    assert hit.lexical > 0
    assert hit.source.names == ("a",)


def test_a_rare_word_is_found_though_no_vector_is_near(tmp_path):
    library = Library(tmp_path / "library", candidates=1)
    with closing(library.store):
        for number in range(30):
            library.add(str(number), f"Fishing boats left the harbour on day {number}.")
        library.add("rare", "Xylotomous beetles ate page after page.")
        hit = library.retriever.search("Which beetle?", limit=1)[0]  # only the word index knows stems
        assert (hit.source.names, hit.dense) == (("rare",), pytest.approx(0, abs=1e-6))


@pytest.mark.parametrize(
    "question", ["Сколько самолётов прилетело?", "Где самолёт?", "Что сказала Королёва?", "Чей это самолёт?"]
)
def test_a_russian_word_is_found_in_its_own_and_in_other_forms(library, question):
    library.add("a", "Самолёт сел ночью. Королёва молчала.")
    assert any(hit.lexical > 0 for hit in library.retriever.search(question, limit=3))


def test_the_library_knows_which_words_it_has(library):
    library.add("a", HARBOUR)
    assert library.store.has_word("lighthouse") and library.store.has_word("gull")
    assert not library.store.has_word("peskov")
    assert not library.store.has_word('"')


def test_hits_are_ordered_by_their_score(library):
    library.add("a", HARBOUR)
    scores = [hit.score for hit in library.retriever.search("Gulls and boats of the harbour", limit=5)]
    assert scores == sorted(scores, reverse=True)


def test_no_document_fills_the_list(tmp_path):
    library = Library(tmp_path / "library", passages_per_document=2)
    with closing(library.store):
        library.add("a", "Boats left at one. Boats left at two. Boats left at three. Boats left at four.")
        library.add("b", "A boat was mended.")
        hits = library.retriever.search("When did boats leave?", limit=5)
        assert sorted(hit.source.names[0] for hit in hits) == ["a", "a", "b"]


def test_the_same_words_in_two_documents_are_shown_once(library):
    library.add("a", "Boats left the harbour.")
    library.add("b", "Boats left the harbour.")
    assert library.texts("boats harbour") == ["Boats left the harbour."]


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_the_limit_holds(library, limit):
    for number in range(10):
        library.add(str(number), f"Boat number {number} left.")
    assert len(library.texts("boat", limit=limit)) == limit


def test_nothing_published_later_is_found_and_undated_texts_stay(library):
    library.add("old", "Boats left early.", published=date(2024, 1, 1))
    library.add("same", "Boats left that day.", published=date(2025, 1, 1))
    library.add("new", "Boats left late.", published=date(2025, 1, 2))
    library.add("undated", "Boats left at some time.")
    assert set(library.texts("boats", as_of=date(2025, 1, 1))) == {
        "Boats left early.",
        "Boats left that day.",
        "Boats left at some time.",
    }
    assert len(library.texts("boats")) == 4


def test_an_old_document_is_found_behind_many_newer_ones(tmp_path):
    library = Library(tmp_path / "library", candidates=5)
    with closing(library.store):
        library.add("old", "Somebody saw boats.", published=date(2020, 1, 1))
        for number in range(60):
            library.add(str(number), f"Boats, boats {number}.", published=date(2025, 1, 1))
        assert library.texts("boats", limit=1, as_of=date(2021, 1, 1)) == ["Somebody saw boats."]


@pytest.mark.parametrize("day", [date(2020, 6, 1), date(2021, 6, 1), None])
def test_a_date_leaves_the_order_of_the_rest_as_a_full_search_has_it(tmp_path, day):
    library = Library(tmp_path / "library", candidates=5, dense_weight=1.0)
    with closing(library.store):
        for number in range(120):
            published = None if number % 7 == 0 else date(2019 + number % 4, 1, 1)
            words = " ".join(f"word{number * factor % 11}" for factor in (1, 2, 3))
            library.add(str(number), f"Boats carried {words} on day {number}.", published=published)
        hits = library.retriever.search("boats word3 word5", limit=4, as_of=day)
        every = library.store.sources().values()
        allowed = [s for s in every if not (day and s.published and s.published > day)]
        ids, vectors = library.store.vectors()
        kept = {source.document_id for source in allowed}
        passages = library.store.passages(ids)
        cosines = vectors @ question_vector("boats word3 word5", EMBEDDER)
        exact = [c for i, c in zip(ids, cosines, strict=True) if passages[i].document_id in kept]
        exact.sort(reverse=True)
        assert {hit.source.document_id for hit in hits} <= kept
        assert [hit.dense for hit in hits] == pytest.approx(exact[:4], abs=1e-5)


# One story, told twice


STORY = "The old ferry to the northern islands sank on Monday with 12 people on board, the harbour office said."


@pytest.mark.parametrize(
    ("other", "merged"),
    [
        (STORY.replace("the harbour office said", "the harbour office told reporters"), True),
        (STORY.replace("12", "13"), False),
        (STORY.replace("sank", "never sank"), False),
        (STORY.replace("Monday", "Tuesday"), False),
        (
            "The ferry was forty years old and had been repaired in the spring before the harbour was closed.",
            False,
        ),
    ],
    ids=["edited", "another number", "denied", "another day", "another part"],
)
def test_a_story_told_twice_is_one_hit_unless_it_says_something_else(library, other, merged):
    first = library.add("first", STORY)
    library.add("second", other, story=first)
    library.add("third", "A list of cats and dogs.")
    hits = library.retriever.search("Which ferry to the islands sank, says the harbour office?", limit=2)
    assert {hit.source.story for hit in hits[: 1 if merged else 2]} == {first}
    assert (hits[-1].source.names == ("third",)) == merged


def test_documents_of_different_stories_are_not_merged(library):
    library.add("first", STORY)
    library.add("second", STORY.replace("the harbour office said", "the harbour office told reporters"))
    hits = library.retriever.search("Which ferry to the islands sank?", limit=2)
    assert [hit.source.story for hit in hits] == [None, None]


class Shortsighted(HashEmbedder):
    """Reads no further than `max_tokens`, as a real model does."""

    def encode(self, texts):
        return super().encode([" ".join(text.split()[: self.max_tokens - 2]) for text in texts])


@pytest.mark.parametrize("stop", [".", ""])
def test_a_question_longer_than_the_embedder_reads_is_searched_whole(library, stop):
    library.add("a", HARBOUR)
    embedder = Shortsighted()
    question = f"{f'Please tell me kindly{stop} ' * 40}When did the fishing boats leave the old harbour at dawn?"
    assert embedder.count_tokens([question])[0] > 2 * embedder.max_tokens
    vector = question_vector(question, embedder)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    passage, start_only = embedder.encode([HARBOUR[:43], question])
    assert vector @ passage > start_only @ passage + 0.01
    hits = HybridRetriever(library.store, embedder, options=SearchOptions()).search(question, limit=3)
    assert hits[0].passage.text == HARBOUR[:43]


@pytest.mark.parametrize("question", ["word " * 5000, "x" * 50_000, "?" * 5000, " ", "", "\n\n", "\ud800", "a\0b"])
def test_no_odd_question_is_an_error(library, question):
    library.add("a", HARBOUR)
    library.texts(question)


WORDS = st.sampled_from(
    "AND OR NOT NEAR NEAR/2 boats \" ' * ( ) ^ : - + { } body title body: a.b c-d ; -- \\ % ! ы ²".split()
)
QUESTIONS = st.one_of(
    st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=12).map("".join), st.text()
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(question=QUESTIONS)
def test_no_question_is_read_as_a_search_operator(library, question):
    if not library.store.sources():
        library.add("a", HARBOUR)
    hits = library.retriever.search(f"{question} boats", limit=3)
    assert any(hit.lexical > 0 for hit in hits)
    library.retriever.search(question, limit=3)


# The newest state


def test_changes_reach_the_next_search_of_the_same_retriever(library, tmp_path):
    library.add("a", "Boats left the harbour.")
    library.add("b", "Cats stayed at home.")
    with closing(Store.open(tmp_path / "library")) as reader:
        retriever = HybridRetriever(reader, EMBEDDER, options=SearchOptions())

        def found():
            return {hit.passage.text for hit in retriever.search("boats cats harbour", limit=5)}

        assert found() == {"Boats left the harbour.", "Cats stayed at home."}
        library.store.forget(["/docs/a"])
        assert found() == {"Cats stayed at home."}
        library.add("b", "Dogs ran to the harbour.")
        assert found() == {"Dogs ran to the harbour."}
        library.store.forget(["/docs/b"])
        assert found() == set()


def test_a_search_reads_one_state_from_its_start_to_its_end(library, tmp_path):
    library.add("a", "Boats left the harbour.")
    library.add("b", "Boats came back.")

    class Slow(Store):
        """Another process deletes a document between the two readings of one search."""

        def sources(self, document_ids=None):
            library.store.forget(["/docs/a"])
            return super().sources(document_ids)

    with closing(Slow.open(tmp_path / "library")) as reader:
        retriever = HybridRetriever(reader, EMBEDDER, options=SearchOptions())
        texts = [{hit.passage.text for hit in retriever.search("boats", limit=5)} for _ in range(2)]
    assert texts == [{"Boats left the harbour.", "Boats came back."}, {"Boats came back."}]


def test_a_library_of_another_embedder_is_refused(library):
    library.store.set_embedder("other", "other")
    with pytest.raises(EmbedderChangedError):
        HybridRetriever(library.store, EMBEDDER, options=SearchOptions())


def test_files_on_disk_are_found_by_words_of_their_title(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("Annual harbour report of Nemuro\n\nBoats left. Nobody waved.")
    (tmp_path / "docs" / "b.txt").write_text("A list of cats and dogs\n\nAll stayed at home.")
    with closing(Store.create(tmp_path / "library")) as store:
        Ingest(store, EMBEDDER, limits=IngestLimits()).run(plan(store, [tmp_path / "docs"]))
        hits = HybridRetriever(store, EMBEDDER, options=SearchOptions()).search(
            "What does Nemuro report?", limit=1
        )
        assert hits[0].source.title == "Annual harbour report of Nemuro"


# Some documents only


def test_a_search_can_be_kept_to_some_documents(library):
    library.add("a", "Boats left the harbour.")
    library.add("b", "Boats came back to the harbour.")
    library.add("c", "Cats stayed at home.")
    ids = {source.names[0]: source.document_id for source in library.store.sources().values()}

    def names(*documents, question="boats harbour", **options):
        hits = library.retriever.search(question, limit=5, documents=[ids[d] for d in documents], **options)
        return {hit.source.names[0] for hit in hits}

    assert names("b") == {"b"}
    assert names("b", "c") == {"b", "c"}
    assert names("c", question="boats") == {"c"}
    assert names() == set()


def test_scores_within_some_documents_are_those_of_a_search_of_all(library):
    library.add("a", "Boats left the harbour.")
    library.add("b", "Boats came back to the harbour.")
    everything = [source.document_id for source in library.store.sources().values()]
    some = library.retriever.search("boats harbour", limit=5, documents=everything)
    assert some == library.retriever.search("boats harbour", limit=5)


def test_a_hit_carries_the_speech_that_touches_its_passage(library):
    said = "Ann Ito said that boats left the harbour."
    library.add("a", said)
    library.add("b", "Boats came back to the harbour.")
    hits = {hit.source.names[0]: hit for hit in library.retriever.search("boats harbour", limit=5)}
    assert [one.speaker for one in hits["a"].attributions] == ["Ann Ito"]
    assert hits["b"].attributions == ()


def test_the_speech_of_all_hits_is_read_in_one_query_and_in_the_document_s_offsets(library):
    text = "Ann Ito said that boats left the harbour. The harbour is empty. Bo Li said that boats may return."
    starts = [start for start, _ in sentences(text)]
    document = library.add("a", text)
    asked = []
    library.store.connection.set_trace_callback(asked.append)
    hits = library.retriever.search("boats harbour", limit=5)
    library.store.connection.set_trace_callback(None)
    found = {hit.passage.start: hit.attributions for hit in hits if hit.passage.document_id == document}
    assert {start: [one.speaker for one in said] for start, said in found.items()} == {
        starts[0]: ["Ann Ito"],
        starts[1]: [],
        starts[2]: ["Bo Li"],
    }
    assert [text[one.start : one.end] for one in found[starts[2]]] == ["boats may return"]
    assert len([sql for sql in asked if "attributions" in sql]) == 1


def test_the_passages_beside_a_hit_are_those_of_its_document(library):
    library.add("other", "The mayor of Otaru spoke of rubbish.")
    library.add("harbour", f"{HARBOUR} The mayor said that it was late.")
    hit = library.retriever.search("Nobody waved from the pier", limit=1)[0]
    before, after = library.retriever.beside(hit)
    assert before.passage.text == "Fishing boats left the old harbour at dawn."
    assert after.passage.text == "Gulls followed them."
    assert (before.source, before.score) == (hit.source, hit.score)
    last = library.retriever.beside(library.retriever.beside(library.retriever.beside(after)[1])[1])
    assert [one.passage.text for one in last] == [
        "The lighthouse keeper noted their number.",
        "The mayor said that it was late.",
    ]
    (only,) = library.retriever.beside(last[1])
    assert only.passage.text == "A bell rang twice."
    assert last[1].attributions[0].speaker == "The mayor"
