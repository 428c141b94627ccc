"""Suites that read or judge: each case has its record, one bad case ends nothing, and parts share a limit."""

import gzip
import json
from datetime import date

import pytest

from eval.assemble import score
from eval.data import NoDataError, shares
from eval.journal import Finished, Header
from eval.readings import ReadingSystem
from eval.retrieval import load_suites
from eval.runner import run
from eval.suite_gold import gold_suite
from eval.suite_readers import article_reading, date_reading, pdf_reading, speech_reading
from eval.suite_retrieval import retrieval_reading, retrieval_sets
from eval.suites import answer_suites, load_parts
from eval.types import AnswerSuite
from rag.errors import DocumentsError
from rag.types import Attribution


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def scored(reading):
    with reading.open() as read:
        records = run(reading.suite.cases, ReadingSystem(read))
    header = Header(reading.suite.name, "product", {}, "d", {}, "c", len(records), 0)
    return score(reading.suite, Finished(header, tuple(records)))


def figures(reading):
    outcome = scored(reading).outcome
    found = {name: figure.value for name, figure in outcome.metrics.items() if not name.startswith("latency")}
    return {"n": outcome.n, "failed": outcome.failed, **found}


# Pages


@pytest.fixture
def pages(tmp_path):
    texts = {"a": "one two three four", "b": "five six seven eight", "c": "nine ten eleven twelve"}
    write_json(tmp_path / "ground-truth.json", {name: {"articleBody": text} for name, text in texts.items()})
    (tmp_path / "html").mkdir()
    for name, text in texts.items():
        (tmp_path / "html" / f"{name}.html").write_text(text)
    return tmp_path


def test_a_page_that_breaks_the_reader_is_a_failed_case_with_no_recall(pages):
    def extract(page):
        if b"five" in page:
            raise RecursionError("too deep")
        return page.decode()

    found = figures(article_reading(pages, extract))
    assert (found["n"], found["failed"]) == (3, 1)
    # As upstream counts a page on which nothing was found: recall 0, and no precision.
    assert (found["precision"], found["recall"]) == (1.0, pytest.approx(2 / 3))
    assert found["f1"] == pytest.approx(2 * (2 / 3) / (1 + 2 / 3))


def test_a_page_on_which_nothing_is_found_failed(pages):
    assert figures(article_reading(pages, lambda page: ""))["failed"] == 3


def test_pages_are_drawn(pages):
    assert figures(article_reading(pages, bytes.decode, limit=2))["n"] == 2


def test_another_true_text_is_another_case(pages):
    before = article_reading(pages, bytes.decode).suite.cases
    write_json(
        pages / "ground-truth.json", {"a": {"articleBody": "one"}, "b": {"articleBody": "five six seven eight"}}
    )
    after = article_reading(pages, bytes.decode).suite.cases
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_dates_that_are_right_wrong_or_missing(tmp_path):
    days = {"a": "2025-01-02", "b": "2025-01-02", "c": "2025-01-02", "d": None}
    write_lines(tmp_path / "labels.jsonl", [{"html": f"{name}.html", "date": day} for name, day in days.items()])
    for name in days:
        (tmp_path / f"{name}.html").write_text(name)

    def read(page):
        if page == b"c":
            raise ValueError("no page")
        return {b"a": date(2025, 1, 2), b"b": date(2024, 1, 1), b"d": date(2025, 1, 2)}[page]

    found = figures(date_reading(tmp_path, read))
    # right: a; wrong: b and d; c failed, which counts as silence
    assert (found["n"], found["failed"]) == (4, 1)
    assert found["precision"] == pytest.approx(1 / 3)
    assert found["recall"] == pytest.approx(1 / 2)
    assert found["f1"] == pytest.approx(2 / (2 + 2 + 1))
    perfect = scored(date_reading(tmp_path, lambda page: date(2025, 1, 2), limit=1)).outcome.metrics["recall"]
    assert perfect.low < perfect.high


def test_a_folder_without_its_data_is_told(tmp_path):
    for load in (article_reading, date_reading, speech_reading, pdf_reading):
        with pytest.raises(DocumentsError):
            load(tmp_path, lambda _: None)


def test_what_is_published_stands_beside_a_measure_that_there_is(pages, tmp_path):
    write_lines(tmp_path / "labels.jsonl", [{"html": "a.html", "date": "2025-01-02"}])
    (tmp_path / "a.html").write_text("a")
    gold = gold_suite("own", [], texts=())
    for suite in (article_reading(pages, bytes.decode).suite, date_reading(tmp_path, lambda _: None).suite, gold):
        names = {measure.name for measure in suite.measures}
        assert suite.references
        assert {reference.measure for reference in suite.references} <= names
        assert all(reference.source and reference.differs for reference in suite.references)


# Speech


def said(text, speaker, cue, content):
    spans = [(text.index(words), text.index(words) + len(words)) for words in (content, speaker, cue)]
    (start, end), (speaker_start, speaker_end), (cue_start, cue_end) = spans
    return Attribution(start, end, speaker, None, cue, False, speaker_start, speaker_end, cue_start, cue_end)


def annotated(text, speaker, cue, content):
    def part(words):
        return [{"spans": [[text.index(words), text.index(words) + len(words)]]}]

    return {"source": part(speaker), "cue": part(cue), "content": part(content)}


def test_an_article_that_breaks_the_reader_counts_as_one_where_nothing_was_found(tmp_path):
    text = "Berg denied the rumour."
    rows = [
        {
            "filename": name,
            "text": text,
            "annotations": [{"attributions": [annotated(text, "Berg", "denied", "the rumour")]}],
        }
        for name in ("a", "b")
    ]
    write_lines(tmp_path / "dev.jsonl.gz", rows)
    asked = []

    def read(article):
        asked.append(article)
        if len(asked) == 2:
            raise MemoryError
        return [said(text, "Berg", "denied", "the rumour")]

    found = figures(speech_reading(tmp_path, read))
    assert (found["n"], found["failed"]) == (2, 1)
    assert (found["precision"], found["recall"]) == (1.0, 0.5)
    assert found["f1"] == pytest.approx(2 / 3)


# PDF files


@pytest.fixture
def books(tmp_path):
    for name in ("one", "two"):
        (tmp_path / "books" / f"{name}-book.pdf").parent.mkdir(exist_ok=True)
        (tmp_path / "books" / f"{name}-book.pdf").write_bytes(name.encode())
        gold = tmp_path / "books" / f"{name}-book.ground-truth.txt.gz"
        gold.write_bytes(gzip.compress(b"alpha beta gamma delta"))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "report.pdf").write_bytes(b"report")
    evidence = [
        {"doc_name": "report", "evidence_page_num": page, "evidence_text": f"page {page} text {page * 7}"}
        for page in range(6)
    ]
    write_lines(tmp_path / "pages" / "questions.jsonl.gz", [{"evidence": evidence}])
    return tmp_path


def read_pdf(data):
    if data == b"two":
        raise ValueError("damaged")
    if data == b"report":
        return [f"page {page} text {page * 7}" for page in range(4)]
    return ["alpha beta", "gamma"]


def test_books_and_pages_with_what_fails_as_zero(books):
    found = figures(pdf_reading(books / "books", read_pdf, pages=books / "pages"))
    assert (found["n"], found["failed"]) == (8, 3)  # a book, and two pages that the reader did not give
    assert found["book_token_recall"] == pytest.approx(3 / 8)
    assert found["page_token_recall"] == pytest.approx(4 / 6)


def test_gold_text_may_be_unpacked_and_missing_pages_are_told(books):
    for packed in (books / "books").glob("*.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    (books / "pages" / "report.pdf").unlink()
    reading = pdf_reading(books / "books", read_pdf, pages=books / "pages")
    assert figures(reading)["book_token_recall"] == pytest.approx(3 / 8)
    assert "single pages are left out" in reading.suite.notes[0]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_books_and_pages_share_the_limit(books, limit):
    reading = pdf_reading(books / "books", read_pdf, pages=books / "pages", limit=limit)
    assert len(reading.suite.cases) == limit
    assert scored(reading).outcome.metrics["book_token_recall"].n == min(2, limit)


# Search


def nq(question, number):
    gold = {"title": f"T{number}", "text": f"The answer is {number}.", "isgold": True}
    return {
        "question": question,
        "answers": [f"{number}"],
        "ctxs": [gold, {"title": "x", "text": f"Noise {number}."}],
    }


@pytest.fixture
def data(tmp_path):
    write_lines(tmp_path / "nq_oracle" / "oracle.jsonl", [nq(f"question {n}", n) for n in range(6)])
    pairs = {"title": "P", "paragraph_text": "Both.", "is_supporting": True}
    rows = [{"question": f"hop {n}", "paragraphs": [pairs]} for n in range(6)]
    for name in ("hotpotqa", "musique"):
        write_json(tmp_path / "multihop_small" / f"{name}_x_corpus.json", [{"title": "P", "text": "Both."}])
        write_json(tmp_path / "multihop_small" / f"{name}_x.json", rows)
    return tmp_path


def test_a_limited_set_searches_a_part_of_its_texts_and_says_so(tmp_path):
    row = {
        "question": "Who?",
        "ctxs": [{"title": f"T{n}", "text": f"Text {n}.", "isgold": n == 7} for n in range(80)],
    }
    folder = tmp_path / "nq_oracle"
    folder.mkdir()
    write_lines(folder / "nq_oracle.jsonl.gz", [row])
    (whole,), _ = retrieval_sets(tmp_path, limit=None, seed=0)
    assert (len(whole.corpus), whole.left_out) == (80, 0)
    (part,), notes = retrieval_sets(tmp_path, limit=1, seed=0)
    assert (len(part.corpus), part.left_out) == (51, 29)
    assert part.queries[0].gold <= {text.id for text in part.corpus}
    assert "51 texts are searched, 29 left out" in notes[-1]


@pytest.mark.parametrize("limit", [1, 2, 4, 7])
def test_the_sets_share_the_limit(data, limit):
    assert sum(len(one.queries) for one in load_suites(data, limit=limit)[0]) == limit


def test_a_set_with_a_missing_half_is_told_and_the_others_are_searched(data):
    (data / "multihop_small" / "hotpotqa_x.json").unlink()
    (data / "multihop_small" / "musique_x_corpus.json").write_text('[{"title": "Q", "text": "Another."}]')
    sets, missing = retrieval_sets(data, limit=4, seed=0)
    assert [(one.name, len(one.queries)) for one in sets] == [("nq_oracle", 4)]
    told = "\n".join(missing)
    assert "hotpotqa is left out" in told
    assert "No question of musique" in told
    (data / "nq_oracle" / "oracle.jsonl").unlink()
    with pytest.raises(DocumentsError, match="nothing to search") as raised:
        retrieval_sets(data, limit=4, seed=0)
    assert "multihop_small" in raised.value.hint


def test_every_question_is_asked_of_every_search_and_what_fails_finds_nothing(data):
    sets, missing = retrieval_sets(data, limit=None, seed=0)
    assert [words.split()[1] for words in missing] == ["timeqa", "realtimeqa"]
    opened = []

    class Searches:
        def __init__(self, suite):
            opened.append(suite.name)
            self.ids = {text.title: text.id for text in suite.texts}

        def __enter__(self):
            def good(question):
                if question == "question 3":
                    raise TimeoutError
                return [self.ids.get("P") or self.ids[f"T{question[-1]}"]]

            return {"good": good, "none": lambda question: []}

        def __exit__(self, *_):
            return None

    reading = retrieval_reading(sets, Searches, names=("good", "none"))
    assert opened == []  # nothing is loaded where every case has its record
    found = figures(reading)
    assert opened == ["retrieval_nq_oracle", "retrieval_hotpotqa", "retrieval_musique"]
    assert (found["n"], found["failed"]) == (18, 1)
    assert found["nq_oracle.good.success@1"] == pytest.approx(5 / 6)
    assert found["hotpotqa.good.recall@5"] == 1.0
    assert found["musique.none.mrr"] == 0.0


# Parts


def test_shares_add_up_to_the_limit():
    assert shares(None, 2) == [None, None]
    assert (shares(5, 2), shares(1, 3), shares(6, 3)) == ([3, 2], [1, 0, 0], [2, 2, 2])


def part(name, *, there=True):
    def load(data, *, limit, seed):
        if not there:
            raise NoDataError(f"There is no {name}.", hint="Copy it.")
        return AnswerSuite(name, (), tuple(range(limit or 10)), ())

    return load


def test_parts_share_the_limit_and_one_without_cases_is_not_asked():
    parts = {"a": part("a"), "b": part("b")}
    assert [len(one.cases) for one in load_parts(parts, "data", limit=5, seed=0)[0]] == [3, 2]
    assert [one.name for one in load_parts(parts, "data", limit=1, seed=0)[0]] == ["a"]
    assert [len(one.cases) for one in load_parts(parts, "data", limit=None, seed=0)[0]] == [10, 10]


def test_a_part_whose_files_are_missing_is_told_and_leaves_its_share_to_the_others():
    parts = {"a": part("a"), "b": part("b", there=False), "c": part("c")}
    loaded, missing = load_parts(parts, "data", limit=5, seed=0)
    assert [(one.name, len(one.cases)) for one in loaded] == [("a", 3), ("c", 2)]
    assert missing == ["part b is left out: There is no b."]
    with pytest.raises(NoDataError, match=r"There is no b\."):
        load_parts({"b": part("b", there=False)}, "data", limit=5, seed=0)


def test_english_questions_are_asked_where_the_russian_ones_are_missing(tmp_path):
    row = {"id": "1", "question": "Who sails?", "answers": [{"text": "Ann", "answer_start": 0}]}
    article = {"title": "Ferry", "paragraphs": [{"context": "Ann sails the ferry.", "qas": [row]}]}
    write_json(tmp_path / "xquad" / "xquad.en.json", {"data": [article]})
    loaded, missing = load_parts(answer_suites()["xquad"], tmp_path, limit=None, seed=0)
    assert [one.name for one in loaded] == ["xquad_en"]
    assert {item.measure for item in loaded[0].references} <= {measure.name for measure in loaded[0].measures}
    assert {item.value for item in loaded[0].references} == {0.835, 0.722, 0.865, 0.757}
    assert [words.split(":")[0] for words in missing] == ["part ru is left out", "part ru_en is left out"]
    assert "xquad.ru.json" in missing[0]


def test_every_language_that_is_there_is_asked(tmp_path):
    row = {"id": "1", "question": "Wer segelt?", "answers": [{"text": "Ann", "answer_start": 0}]}
    article = {"title": "Ferry", "paragraphs": [{"context": "Ann segelt die Fähre.", "qas": [row]}]}
    write_json(tmp_path / "xquad" / "xquad.de.json", {"data": [article]})
    (tmp_path / "xquad" / "xquad.es.txt").write_text("a note")
    for data in (tmp_path, tmp_path / "xquad"):
        loaded, missing = load_parts(answer_suites(data)["xquad"], data, limit=None, seed=0)
        assert [one.name for one in loaded] == ["xquad_de"]
        assert [words.split(":")[0] for words in missing] == [
            f"part {it} is left out" for it in ("en", "ru", "ru_en")
        ]
