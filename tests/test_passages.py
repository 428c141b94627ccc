"""Passages: they fit the embedder, keep the order, and lose no character but white space."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.load import load
from index.passages import between, cut, cut_around, embedding_text, header
from rag.compose import load_embedder
from rag.settings import Settings
from rag.testing import HashEmbedder
from rag.text import one_line, sentences
from rag.types import Noise

KURILS = Path(__file__).parent.parent / "eval" / "corpora" / "kurils"


def by_words(texts):
    return HashEmbedder().count_tokens(texts)


def nasty(texts):
    """Count four tokens a character and more for longer texts: parts cost less than their sum."""
    return [4 * len(text) + len(text) ** 2 // 50 for text in texts]


COUNTERS = st.sampled_from([(by_words, 12), (by_words, 40), (nasty, 150), (nasty, 600)])
WORDS = st.text(alphabet="abcžяб.!?,", min_size=1, max_size=30)
GAPS = st.sampled_from([" ", " ", " ", "  ", "\t", "\n", "\n\n", ". ", "? "])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=60).map(lambda pairs: "".join(w + gap for w, gap in pairs))


def squeezed(text):
    return re.sub(r"\s", "", text)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(TEXTS, COUNTERS, st.sampled_from(["", "Head", "Two words"]))
def test_passages_fit_keep_their_order_and_rebuild_the_text(text, counter, head):
    count, room = counter
    spans = cut(text, head, count=count, max_tokens=room)
    costs = count([embedding_text(head, text[start:end]) for start, end in spans])
    assert all(cost <= room for cost in costs)
    assert all(text[start:end].strip() for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert squeezed("".join(text[start:end] for start, end in spans)) == squeezed(text)


@settings(derandomize=True, deadline=None)
@given(TEXTS)
def test_a_sentence_that_fits_is_never_divided(text):
    spans = cut(text, "", count=by_words, max_tokens=40)
    for start, end in sentences(text):
        if by_words([text[start:end]])[0] <= 40:
            assert any(first <= start and end <= last for first, last in spans)


def test_an_overlong_sentence_is_cut_between_words():
    text = "\t".join(f"word{number}" for number in range(500))
    spans = cut(text, "Head", count=by_words, max_tokens=30)
    assert [word for start, end in spans for word in text[start:end].split()] == text.split()
    assert len(spans) > 10


def test_a_word_of_20_000_characters_is_cut_and_not_lost():
    text = f"Before. {'x' * 20_000} After."
    spans = cut(text, "Head", count=nasty, max_tokens=400)
    assert squeezed("".join(text[start:end] for start, end in spans)) == squeezed(text)
    assert all(cost <= 400 for cost in nasty([f"Head\n{text[start:end]}" for start, end in spans]))


def test_white_space_alone_is_no_passage():
    text = f"{'a' * 30}{' ' * 400}{'b' * 30}"
    spans = cut(text, "", count=lambda texts: [len(text) + 2 for text in texts], max_tokens=19)
    assert [text[start:end].strip() for start, end in spans] == ["a" * 15, "a" * 15, "b" * 15, "b" * 15]


def test_a_text_without_words_has_no_passages():
    assert cut(" \n\t ", "Head", count=by_words, max_tokens=30) == []


def test_short_sentences_share_a_passage():
    assert cut("One. Two. Three.", "", count=by_words, max_tokens=40) == [(0, 16)]


def test_a_header_is_shortened_at_a_word():
    title = " ".join(f"word{number}" for number in range(100))
    head = header(f" {title}\n", by_words, max_tokens=10)
    assert by_words([head])[0] <= 10
    assert len(head) > 20
    assert title.startswith(f"{head} ")


def test_a_header_that_fits_is_kept_and_a_word_too_long_is_dropped():
    assert header("Two  words", by_words, max_tokens=10) == "Two words"
    assert header("x" * 5000, nasty, max_tokens=40) == ""


def test_the_embedder_reads_header_and_passage_without_line_breaks():
    assert embedding_text("Head", "a\n b") == "Head\na b"
    assert embedding_text("", "a\n b") == "a b"


@pytest.fixture(scope="module")
def embedder(model_cache):
    return load_embedder(Settings(cache=model_cache))


def assert_all_fit(paths, embedder):
    for path in paths:
        document = load(path, path.read_bytes())
        head = header(document.title, embedder.count_tokens, max_tokens=40)
        spans = cut(document.text, head, count=embedder.count_tokens, max_tokens=250)
        texts = [document.text[start:end] for start, end in spans]
        assert max(embedder.count_tokens([embedding_text(head, text) for text in texts])) <= 256, path.name
        assert squeezed("".join(texts)) == squeezed(document.text)
        assert one_line(texts[0])


@pytest.mark.models
def test_no_sample_document_overflows_the_embedder(embedder):
    assert_all_fit([path for path in KURILS.iterdir() if path.suffix != ".json"], embedder)


@pytest.mark.models
def test_no_seed_article_overflows_the_embedder(embedder, seeds):
    assert_all_fit(sorted(seeds.glob("*.txt")), embedder)


@pytest.mark.models
@pytest.mark.parametrize("text", ["漢字仮名" * 3000, "x" * 20_000, "🙂 " * 2000, "https://a.b/c?d=e&f=" * 300])
def test_no_odd_text_overflows_the_embedder(embedder, text):
    head = header("A title", embedder.count_tokens, max_tokens=40)
    spans = cut(text, head, count=embedder.count_tokens, max_tokens=250)
    pieces = [text[start:end] for start, end in spans]
    assert max(embedder.count_tokens([embedding_text(head, piece) for piece in pieces])) <= 256
    assert squeezed("".join(pieces)) == squeezed(text)


def test_noise_is_in_no_passage_and_ends_the_one_before_it():
    text = "The boat left. It came back.\nShare this story\nThe crew was well. They ate."
    start = text.index("Share")
    noise = [Noise(start, start + len("Share this story"), "share")]
    spans = cut_around(text, "Head", noise=noise, count=by_words, max_tokens=40)
    assert [text[a:b] for a, b in spans] == ["The boat left. It came back.", "The crew was well. They ate."]


def test_noise_at_both_ends_and_side_by_side_leaves_no_empty_passage():
    noise = [Noise(0, 4, "a"), Noise(4, 6, "b"), Noise(8, 10, "c")]
    assert between(noise, 10) == [(6, 8)]
    assert between([], 10) == [(0, 10)]
    assert between([Noise(0, 10, "all")], 10) == []
