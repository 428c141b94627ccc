"""Near duplicates: edited copies are found, other stories on the same event are not."""

import random
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.load import load
from index.near import DAYS_APART, SAME_STORY, StoryIndex, jaccard, signature
from rag.text import sentences, words

KURILS = Path(__file__).parent.parent / "eval" / "corpora" / "kurils"
VOCABULARY = [f"word{number}" for number in range(3000)]
FRAME = (
    "Home / World\nGet a summary\n\nFar Quay Journal\n15 July 2025\n\n{}\n\nCopy link - Facebook - X\nNext Article"
)
DAY = date(2025, 7, 16)


def story(seed, count=400):
    """Return an article of made-up words with sentences and paragraphs."""
    chance = random.Random(seed)
    drawn = [chance.choice(VOCABULARY) for _ in range(count)]
    lines = [" ".join(drawn[start : start + 12]).capitalize() + "." for start in range(0, count, 12)]
    return "\n\n".join(" ".join(lines[start : start + 4]) for start in range(0, len(lines), 4))


def changed(text, share, seed=0):
    chance = random.Random(seed)
    return " ".join(chance.choice(VOCABULARY) if chance.random() < share else word for word in text.split(" "))


def swapped(text):
    found = [text[start:end] for start, end in sentences(text)]
    return " ".join([*found[1::2], *found[::2]])


def exact(first, second):
    """Return the Jaccard similarity of the word pairs themselves."""
    sets = [set(zip(words(text), words(text)[1:], strict=False)) for text in (first, second)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


EDITS = {
    "same words": lambda text: text.upper().replace("\n\n", "\n").replace(".", " !"),
    "sentences swapped": swapped,
    "5 % of the words": lambda text: changed(text, 0.05),
    "10 % of the words": lambda text: changed(text, 0.10),
    "a paragraph added": lambda text: f"{story(99, 60)}\n\n{text}",
    "another outlet's frame": FRAME.format,
    "the end cut off": lambda text: text[: len(text) * 3 // 4],
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edited_copy_is_found(edit):
    index = StoryIndex()
    for number in range(50):
        index.add(number, signature(story(number)))
    found = index.find(signature(edit(story(7))))
    assert found is not None
    assert found[0] == 7
    assert found[1] == pytest.approx(exact(story(7), edit(story(7))), abs=0.1)


def test_another_story_is_not_found():
    index = StoryIndex()
    index.add(1, signature(story(1)))
    assert index.find(signature(story(2))) is None
    assert index.find(signature(changed(story(1), 0.5))) is None
    assert jaccard(signature(story(1)), signature(story(2))) < 0.05


def test_the_estimate_is_near_the_truth():
    errors = []
    for seed in range(60):
        text = story(seed)
        edited = changed(text, seed / 120, seed)
        errors.append(jaccard(signature(text), signature(edited)) - exact(text, edited))
    assert abs(np.mean(errors)) < 0.02
    assert np.std(errors) < 0.05


def test_the_copies_in_the_sample_corpus_are_found_and_nothing_else():
    files = [path for path in sorted(KURILS.iterdir()) if path.suffix in (".txt", ".md")]
    index = StoryIndex()
    merged = set()
    for number, path in enumerate(files):
        found = index.find(signature(load(path, path.read_bytes()).text))
        if found is not None:
            merged.add((files[found[0]].name, path.name))
        index.add(number, signature(load(path, path.read_bytes()).text))
    assert merged == {
        ("2024-11_ishiba_speech (1).txt", "2024-11_ishiba_speech.txt"),
        ("muto-interview-summary.txt", "muto-tokyo-ready-to-resume-talks.md"),
    }


# Short texts, and texts without words


def test_short_texts_are_one_story_only_where_all_words_agree():
    text = "The ferry to Otaru sails on Mondays at nine in the morning, weather permitting, from pier two."
    index = StoryIndex()
    index.add(1, signature(text))
    assert index.find(signature(text.replace(",", " ;").upper())) == (1, 1.0)
    assert index.find(signature(text.replace("nine", "ten"))) is None
    assert index.find(signature(f"{text} It is never late.")) is None


@pytest.mark.parametrize("text", ["", " \n", "... — !"])
def test_a_text_without_words_is_like_nothing(text):
    index = StoryIndex()
    index.add(1, signature(text))
    assert (len(index), signature(text), index.find(signature(text))) == (0, b"", None)
    assert jaccard(signature(text), signature(story(1))) == 0.0


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.text(max_size=400))
def test_every_text_has_a_signature_that_does_not_change(text):
    first = signature(text)
    assert first == signature(text)
    assert len(first) in (0, 512)
    assert jaccard(first, first) == (1.0 if first else 0.0)


def test_a_long_text_needs_little_memory():
    import tracemalloc

    text = " ".join(str(number) for number in range(200_000))
    tracemalloc.start()
    assert len(signature(text)) == 512
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150_000_000


# The index


def test_dates_far_apart_are_two_stories_unless_the_text_is_the_same():
    index = StoryIndex()
    index.add(1, signature(story(1)), published=DAY)
    edited = signature(changed(story(1), 0.10))
    near, far = DAY + timedelta(days=DAYS_APART), DAY + timedelta(days=DAYS_APART + 1)
    assert index.find(edited, published=near) == (1, pytest.approx(0.68, abs=0.1))
    assert index.find(edited, published=far) is None
    assert index.find(edited) is not None
    assert index.find(signature(story(1)), published=far) == (1, 1.0)


def test_where_a_day_is_not_known_the_numbers_are_asked_of_one_after_the_other():
    index = StoryIndex()
    asked = []
    for number, share in ((1, 0.02), (2, 0.10), (3, 0.0)):
        index.add(number, signature(changed(story(1), share)), published=DAY if number == 3 else None)

    def agrees(document_id):
        asked.append(document_id)
        return document_id == 2

    assert index.find(signature(story(1)), agrees=agrees)[0] == 2
    assert asked == [3, 1, 2]
    assert index.find(signature(story(1)), agrees=lambda _: False) is None
    assert index.find(signature(story(1)), published=DAY, agrees=lambda _: False)[0] == 3


def test_the_most_similar_document_is_found_and_of_equals_the_first():
    index = StoryIndex()
    index.add(5, signature(changed(story(1), 0.15)))
    index.add(6, signature(changed(story(1), 0.02)))
    index.add(7, signature(changed(story(1), 0.02)))
    assert index.find(signature(story(1)))[0] == 6


def test_bands_find_what_comparing_all_finds():
    chance = random.Random(4)
    texts = [story(number, 120) for number in range(300)]
    texts += [changed(texts[number], chance.uniform(0, 0.2), number) for number in range(300)]
    signatures = [signature(text) for text in texts]
    index = StoryIndex()
    missed = same = 0
    for number, own in enumerate(signatures):
        best = max((jaccard(own, other) for other in signatures[:number]), default=0.0)
        found = index.find(own)
        assert found is None or found[1] == best
        same += best >= SAME_STORY
        missed += best >= SAME_STORY and found is None
        index.add(number, own)
    assert same > 200
    assert missed <= 3


def test_thousands_of_documents_are_found_again():
    noise = np.random.default_rng(3).integers(0, 1 << 16, size=(3000, 256), dtype=np.uint16)
    index = StoryIndex()
    for number, slots in enumerate(noise):
        index.add(number, slots.tobytes())
    assert [index.find(noise[number].tobytes()) for number in (0, 1023, 1024, 1025, 2999)] == [
        (0, 1.0),
        (1023, 1.0),
        (1024, 1.0),
        (1025, 1.0),
        (2999, 1.0),
    ]


def test_it_keeps_up_with_reading():
    texts = [story(number, 500) for number in range(100)]
    start = time.process_time()
    index = StoryIndex()
    for number, text in enumerate(texts):
        own = signature(text)
        assert index.find(own) is None
        index.add(number, own)
    assert len(texts) / (time.process_time() - start) > 200
