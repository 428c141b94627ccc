"""The measure of reported speech, by hand on small articles, and once on real ones where they are at hand."""

import gzip
import json
from pathlib import Path

import pytest

from eval.polnear import Article, Gold, evaluate, head, load, merge, overlap_f1, score, summary
from rag.errors import DocumentsError
from rag.types import Attribution

POLNEAR = Path(__file__).parent.parent.parent / "shared" / "data" / "polnear"

TEXT = "The envoy from Oslo said the door is open, and Ann Berg denied it."


def span(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def gold(source: str, cue: str, content: str) -> Gold:
    return Gold((span(source),) if source else (), (span(cue),), (span(content),) if content else ())


def said(speaker: str, cue: str, content: str, name: str = "somebody") -> Attribution:
    start, end = span(content)
    a, b = span(speaker)
    c, d = span(cue)
    return Attribution(start, end, name, None, cue, False, a, b, c, d)


GOLD = (
    gold("The envoy from Oslo", "said", "the door is open"),
    gold("Ann Berg", "denied", "it."),
)


def result(*predicted: Attribution, marked: tuple[Gold, ...] = GOLD) -> tuple[int, int]:
    one = score(Article("a", TEXT, marked), predicted)
    return one.right, one.predicted


@pytest.mark.parametrize(
    ("phrase", "word"),
    [
        ("The envoy from Oslo", "envoy"),
        ("Ann Berg", "Berg"),
        ("Ann Berg, a lawyer in Bergen,", "Berg"),
        ("the ministry's spokesman", "spokesman"),
        ("those who said", "those"),
        ("he", "he"),
        ("a 2016 poll by the Times", "poll"),
        ("“", "“"),
    ],
)
def test_the_head_is_the_last_word_before_what_describes_it(phrase, word):
    start, end = head(phrase, (0, len(phrase)))
    assert phrase[start:end] == word


def test_source_cue_and_content_make_it_right():
    assert result(said("The envoy from Oslo", "said", "the door is open")) == (1, 1)
    assert result(said("envoy", "said", "door")) == (1, 1)


def test_a_resolved_name_is_neither_punished_nor_rewarded():
    assert result(said("The envoy", "said", "the door", name="Ann Berg")) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        said("Oslo", "said", "the door is open"),  # not the head
        said("Ann Berg", "said", "the door is open"),  # another source
        said("The envoy from Oslo", "denied", "it."),  # another cue
        said("The envoy from Oslo", "said", "Ann Berg denied"),  # other words
        said("The envoy from Oslo said the door", "said", "is open"),  # a head outside of the source
    ],
)
def test_one_wrong_part_makes_it_wrong(wrong):
    assert result(wrong) == (0, 1)


def test_a_gold_attribution_is_taken_once_and_split_quotes_are_one():
    first, again = said("The envoy from Oslo", "said", "the door"), said("envoy", "said", "is open")
    assert result(first, again) == (1, 2)
    halves = [said("envoy", "said", "the door"), said("envoy", "said", "is open")]
    assert result(*halves) == (1, 1)
    assert merge(halves)[0].content == (span("the door"), span("is open"))


def test_a_gold_attribution_without_source_cannot_be_found_but_counts():
    marked = (gold("", "said", "the door is open"), GOLD[1])
    one = score(Article("a", TEXT, marked), [said("envoy", "said", "the door"), said("Berg", "denied", "it.")])
    assert (one.right, one.predicted, one.annotated, one.sourced) == (1, 2, 2, 1)


def test_without_annotated_content_the_words_do_not_matter():
    assert result(said("Berg", "denied", "it."), marked=(gold("Ann Berg", "denied", ""),)) == (1, 1)


def test_content_is_compared_by_characters():
    assert overlap_f1([(0, 10)], [(0, 10)]) == 1.0
    assert overlap_f1([(0, 10)], [(5, 15)]) == 0.5
    assert overlap_f1([(0, 4), (6, 10)], [(0, 10)]) == pytest.approx(16 / 18)
    assert overlap_f1([(0, 1)], [(5, 6)]) == 0.0


def test_sums_are_over_attributions_and_articles_are_drawn():
    full = score(
        Article("a", TEXT, GOLD), [said("envoy", "said", "the door is open"), said("Berg", "denied", "it.")]
    )
    half = score(Article("b", TEXT, GOLD), [said("Oslo", "said", "the door is open")])
    speech = summary([full, half])
    assert speech.precision.value == pytest.approx(2 / 3)
    assert speech.recall.value == pytest.approx(2 / 4)
    assert speech.f1.value == pytest.approx(4 / 7)
    assert speech.content.value == 1.0
    assert speech.precision.n == 2
    assert speech.precision.low <= speech.precision.value <= speech.precision.high


def test_silence_scores_zero():
    speech = summary([score(Article("a", TEXT, GOLD), [])])
    assert (speech.precision.value, speech.recall.value, speech.f1.value, speech.content.value) == (0, 0, 0, 0)


def test_a_file_is_read_with_its_first_annotator(tmp_path):
    def part(words: str) -> list[dict[str, object]]:
        return [{"spans": [list(span(words))], "text": words}]

    marked = {"source": part("Ann Berg"), "cue": part("denied"), "content": part("it.")}
    uncued = {"source": part("Ann Berg"), "cue": [], "content": part("it.")}
    row = {
        "filename": "a.txt",
        "text": TEXT,
        "annotations": [
            {"annotator": "1", "attributions": [marked, uncued]},
            {"annotator": "2", "attributions": []},
        ],
    }
    path = tmp_path / "tiny.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row).encode()))
    assert list(load(path)) == [Article("a.txt", TEXT, (GOLD[1],))]
    speech = evaluate(path, lambda _: [said("Berg", "denied", "it.")])
    assert speech.f1.value == 1.0


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DocumentsError, match=r"none\.jsonl\.gz cannot be read"):
        evaluate(tmp_path / "none.jsonl.gz", lambda _: [])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "line 2: "),
        ('{"filename": "a", "annotations": []}', "line 2, field annotations: nobody"),
        ('{"filename": "a", "text": "b", "annotations": 5}', "line 2, field annotations: 5 is not a list"),
        ('{"filename": "a", "annotations": [{"attributions": []}]}', "line 2 has no field 'text'"),
        (
            '{"annotations": [{"attributions": [{"source": [{"spans": [["1", 2]]}]}]}]}',
            r"field annotations\[0\].attributions\[0\].source\[0\].spans\[0\]\[0\]: \"1\" is not a whole number",
        ),
        (
            '{"annotations": [{"attributions": [{"source": [{"spans": [[1]]}]}]}]}',
            "line 2, field annotations.* a span is no pair",
        ),
    ],
)
def test_a_plain_file_is_read_and_a_malformed_row_is_told_with_line_and_field(tmp_path, row, told):
    path = tmp_path / "tiny.jsonl"
    path.write_text('{"filename": "a", "text": "b", "annotations": [{"attributions": []}]}\n')
    assert list(load(path)) == [Article("a", "b", ())]
    path.write_text(path.read_text() + row)
    with pytest.raises(DocumentsError, match=told):
        list(load(path))


def test_speech_is_found_in_the_news():
    path = POLNEAR / "train.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"NOT MEASURED: {path.parent} is not there")
    from index.speech import attributions

    speech = evaluate(path, attributions, limit=40, seed=1)
    assert speech.precision.value > 0.85
    assert speech.recall.value > 0.35
