"""Answers and documents as HTML: every text stays text, every span stands where it stood."""

import html
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from rag.pipeline import Claimed, Found
from rag.talks import Feedback, TalkStore, Verdict
from rag.types import (
    AbstainReason,
    Answer,
    Claim,
    FileStatus,
    Hit,
    Noise,
    Page,
    Passage,
    Quote,
    Relation,
    Source,
    Speaker,
)
from ui import render, render_document, render_library
from ui.html import Html, el
from ui.library import Filter
from ui.ports import AddStep, DocumentRow, FileDone, Limits, Opened, Picture, Place
from ui.render import TurnView

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> [a](javascript:x) ${alert(3)} {{4}} \"' `5`"
SOURCE = Source(
    7, ("note.txt",), ("/home/me/note.txt",), f"Title {HOSTILE}", HOSTILE, None, date(2025, 3, 4), "en", ()
)


def quote(number: int = 1, *, text: str = HOSTILE, score: float = 0.9, source: Source = SOURCE, **more) -> Quote:
    return Quote(number, source, 3, 10, 10 + len(text), None, text, score, **more)


def answer(*claims: Claim, **more) -> Answer:
    fields = {"question": "Who?", "understood": "Who?", "abstain_reason": None, "hits": (), "left_out": ()}
    return Answer(**{**fields, "claims": claims, "models": (), "prompt_digests": {}, **more})


class Seen(HTMLParser):
    """Collects what a browser would make of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data


def assert_harmless(markup: str) -> Seen:
    seen = Seen(markup)
    assert not seen.tags & {"script", "iframe", "object", "embed", "link", "base", "meta", "style", "a", "math"}
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert not [
        value for name, value in seen.attributes if name in ("src", "href") and not value.startswith("data:")
    ]
    return seen


def test_hostile_text_anywhere_in_an_answer_is_text():
    speaker = Speaker(HOSTILE, HOSTILE, "said", verbatim=True)
    hit = Hit(Passage(3, 7, 10, 20, HOSTILE), SOURCE, 1.0, 0.5, 2.0)
    view = TurnView(
        HOSTILE,
        number=3,
        answer=answer(
            Claim(HOSTILE, (quote(speaker=speaker),), verbatim=True, lead=HOSTILE),
            question=HOSTILE,
            understood=HOSTILE + " more",
            hits=(hit,),
            generated=HOSTILE,
            warnings=(HOSTILE,),
        ),
        feedback=Feedback(Verdict.BAD, HOSTILE),
    )
    seen = assert_harmless(render.turn(view))
    assert seen.text.count("<script>alert(1)</script>") >= 5  # it is there, to be read


@pytest.mark.parametrize("relation", list(Relation))
@pytest.mark.parametrize("count", [1, 2])
def test_every_relation_shows_every_claim_with_its_marks(relation, count):
    claims = [Claim(f"Claim {n} {HOSTILE}", (quote(n),), verbatim=False) for n in range(1, count + 1)]
    seen = assert_harmless(render.turn(TurnView("Who?", answer=answer(*claims, relation=relation))))
    for n in range(1, count + 1):
        assert f"Claim {n}" in seen.text
    assert [value for name, value in seen.attributes if name == "data-words"] == [HOSTILE] * count


def test_sides_stand_under_who_says_it_and_when():
    other = Source(8, ("b.txt",), ("/b.txt",), "B", "The Gazette", None, None, "en", ())
    claims = (
        Claim(
            "Yes.",
            (quote(1, text="Yes.", speaker=Speaker("Ada Vale", None, "said", verbatim=True)),),
            verbatim=True,
        ),
        Claim("No.", (quote(2, text="No.", source=other),), verbatim=True),
    )
    text = Seen(render.turn(TurnView("Who?", answer=answer(*claims, relation=Relation.DIFFER)))).text
    assert "Ada Vale · 2025-03-04" in text
    assert "The Gazette · undated" in text


def test_support_is_told_in_words():
    assert render.strength(Claim("a", (quote(score=0.2), quote(2, score=0.8)), verbatim=True)) == "strong"
    assert render.strength(Claim("a", (quote(score=0.2),), verbatim=True)) == "partial"
    told = Seen(render.turn(TurnView("Who?", answer=answer(Claim("a", (quote(score=0.2),), verbatim=True))))).text
    assert "partial support" in told
    assert "%" not in told


def test_the_words_that_answer_are_strong_in_the_card():
    made = render.turn(
        TurnView(
            "Who?", answer=answer(Claim("x", (quote(text="It was <Ada> Vale.", answer=(7, 12)),), verbatim=True))
        )
    )
    assert "It was <strong>&lt;Ada&gt;</strong> Vale." in made


def test_the_words_that_answer_are_strong_in_the_sentence_too():
    said = quote(text="It was <Ada> Vale.", answer=(7, 12))
    made = render.turn(TurnView("Who?", answer=answer(Claim("Some say it was <Ada>.", (said,), verbatim=False))))
    assert 'it was <b class="answering">&lt;Ada&gt;</b>.' in made


def test_silence_has_its_reason_and_no_badge():
    hits = tuple(Hit(Passage(n, 7, 0, 9, f"Near {n}"), SOURCE, 1.0, 0.5, 2.0) for n in range(5))
    made = render.turn(TurnView("Who?", answer=answer(abstain_reason=AbstainReason.NOTHING_NEAR, hits=hits)))
    text = Seen(made).text
    assert "The documents do not say. Nothing in them is near" in text
    assert "not enough to answer" in text
    assert "Near 2" in text
    assert 'class="badge' not in made


def test_a_false_premise_shows_the_words_that_deny_it():
    claim = Claim("They never left.", (quote(text="They never left."),), verbatim=True)
    made = render.turn(TurnView("Why?", answer=answer(claim, abstain_reason=AbstainReason.FALSE_PREMISE)))
    assert "They never left." in Seen(made).text
    assert 'data-do="open"' in made


def test_what_is_seen_while_an_answer_is_made():
    hit = Hit(Passage(3, 7, 10, 20, "x"), SOURCE, 1.0, 0.5, 2.0)
    assert "2 before you" in render.turn(TurnView("Who?", place=3))
    assert "You are next" in render.turn(TurnView("Who?", place=1))
    found = render.turn(TurnView("Who?", hits=(hit, hit)))
    assert "Reading 2 passages" in found
    assert found.count("2025-03-04") == 1  # one document, once
    assert 'data-do="edit"' not in found
    assert "Stopped" in render.turn(TurnView("Who?", problem="Stopped."))
    assert Found((hit,)).hits
    assert Claimed(Claim("x", (quote(),), verbatim=True)).claim


def test_copied_text_has_question_marks_and_sources():
    text = render.copied(answer(Claim("Ada Vale did.", (quote(text="Ada Vale did."),), verbatim=True)))
    assert text.startswith("Who?\n\nAda Vale did. [1]\n\nSources\n[1] note.txt")
    assert "passage" not in text
    differing = answer(Claim("a", (quote(),), verbatim=True), relation=Relation.DIFFER)
    assert "The documents differ." in render.copied(differing)


def test_a_judgement_may_have_a_note_whichever_it_is():
    made = answer(Claim("x", (quote(),), verbatim=True))
    shown = {
        verdict: render.turn(TurnView("Who?", number=3, answer=made, feedback=verdict and Feedback(verdict, "so")))
        for verdict in (None, *Verdict)
    }
    forms = {verdict: re.search(r'<form class="note"[^>]*>', one)[0] for verdict, one in shown.items()}
    assert {verdict: "hidden" in form for verdict, form in forms.items()} == {
        None: True,
        Verdict.GOOD: False,
        Verdict.BAD: False,
    }
    assert 'placeholder="What helps' in shown[Verdict.GOOD]
    assert 'placeholder="What is wrong' in shown[Verdict.BAD]


def test_what_is_not_kept_cannot_be_judged(tmp_path):
    store = TalkStore(tmp_path)
    made = answer(Claim("x", (quote(),), verbatim=True))
    for keeping in (True, False):
        store.set_keeping(on=keeping)
        number = store.add(store.begin("x"), made, question="Who?")
        markup = render.turn(TurnView("Who?", number=number, answer=made))
        assert ('data-do="judge"' in markup, 'data-do="note"' in markup) == (keeping, keeping)
        assert 'data-do="copy"' in markup


TEXT = "Menu\nAda Vale <b>did</b> it.\nShare this\nEnd"


def test_a_document_is_its_whole_text_with_the_words_marked():
    start = TEXT.index("Ada")
    end = TEXT.index("\nShare")
    noise = (Noise(0, 4, "navigation"), Noise(end - 3, end + 11, "share"))
    made = render_document.document(Opened(SOURCE, TEXT, (start, end), Place.EXACT, noise))
    inner = re.search(r'<div class="text"[^>]*>(.*?)</div>', made, re.DOTALL)[1]
    assert Seen(inner).text == TEXT
    assert html.unescape(re.search(r"<mark[^>]*>(.*?)</mark>", inner)[1]) == TEXT[start:end]
    assert inner.count('class="noise"') == 2
    assert_harmless(made)


@pytest.mark.parametrize("place", [Place.CHANGED, Place.GONE])
def test_words_that_are_gone_are_told_with_what_they_were(place):
    made = render_document.document(Opened(SOURCE, "", (0, 0), place), quoted=HOSTILE)
    assert "<blockquote>" in made
    assert HOSTILE in assert_harmless(made).text


def test_a_page_has_a_box_for_each_line():
    page = Page(1, "iv", 0, 10)
    picture = Picture(b"png", 100, 200, ((0.1, 0.2, 0.3, 0.01), (0.1, 0.22, 0.2, 0.01)))
    made = render_document.document(Opened(SOURCE, TEXT, (0, 4), Place.EXACT, (), page, True), picture=picture)
    assert made.count("<rect") == 2
    assert "Page iv" in made
    assert 'src="data:image/png;base64,' in made


def test_the_list_of_documents_is_text_and_names_what_failed():
    rows = [
        DocumentRow(7, HOSTILE, HOSTILE, HOSTILE, date(2025, 1, 2), "en", FileStatus.READY, passages=3),
        DocumentRow(None, "bad.pdf", "", None, None, None, FileStatus.FAILED, HOSTILE),
    ]
    seen = assert_harmless(render_library.documents(rows, total=9))
    assert "2 of 9 documents" in seen.text
    assert "could not be read" in seen.text
    done = [FileDone(HOSTILE, FileStatus.FAILED, HOSTILE)]
    assert_harmless(render_library.adding(AddStep(1, 1, HOSTILE, tuple(done)), Limits(1, 1, 1, (".txt",))))
    assert_harmless(render_library.welcome([HOSTILE], documents=3))
    assert_harmless(render_library.boilerplate([(HOSTILE, HOSTILE)]))


def test_what_can_be_handed_in_is_told_before_and_after():
    limits = Limits(100_000, 200_000_000, 2000, (".md", ".txt"))
    before = render_library.adding(None, limits)
    after = render_library.adding(AddStep(1, 1, "done", (FileDone("a.txt", FileStatus.READY, "read"),)), limits)
    for shown in (before, after):
        assert "Up to 2,000 files and 200 MB at once, 100,000 bytes each. Read are .md .txt." in Seen(shown).text
        assert 'data-most="200000000"' in shown
    assert "1 read" in Seen(after).text


def test_the_filter_takes_what_it_names():
    row = DocumentRow(7, "a.txt", "The Ferry", "Gazette", date(2025, 5, 5), "en", FileStatus.READY)
    assert Filter().takes(row)
    assert Filter(words="ferry the", outlet="Gazette", since=date(2025, 5, 5), until=date(2025, 5, 5)).takes(row)
    assert not Filter(words="train").takes(row)
    assert not Filter(outlet="Other").takes(row)
    assert not Filter(language="ru").takes(row)
    assert not Filter(status="failed").takes(row)
    assert not Filter(since=date(2025, 5, 6)).takes(row)
    assert not Filter(until=date(2025, 5, 4)).takes(row)


def test_markup_is_made_by_el_alone():
    assert el("p", "<b>") == "<p>&lt;b&gt;</p>"
    assert el("p", Html("<b></b>")) == "<p><b></b></p>"
    assert el("p", "x", title='"><script>') == '<p title="&quot;&gt;&lt;script&gt;">x</p>'
    assert el("input", hidden=True, disabled=False, value=None) == "<input hidden>"
    assert el("p", "a\x00\x1b\nb") == "<p>a  \nb</p>"
