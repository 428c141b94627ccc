import json
from dataclasses import fields, replace
from datetime import date

import pytest

from rag.render import (
    SILENCE,
    answer_text,
    as_json,
    claim_text,
    document_json,
    opening,
    shortened,
    source_line,
    sources_text,
)
from rag.types import (
    AbstainReason,
    Answer,
    Checks,
    Claim,
    Hit,
    LeftOut,
    LeftOutReason,
    ModelInfo,
    Page,
    Passage,
    Quote,
    Relation,
    Source,
    Speaker,
)

PAGE = Page(3, "iii", 0, 100)
DATED = Source(
    1,
    ("a.pdf", "copy.pdf"),
    ("/secret/a.pdf",),
    "Mills\nof Leeds",
    "The Post",
    "A. Ito",
    date(2024, 1, 2),
    "en",
    (PAGE,),
)
UNDATED = Source(2, ("b.txt",), ("/secret/b.txt",), "Rain", None, None, None, None, ())
QUOTE = Quote(1, DATED, 11, 5, 29, PAGE, "The mill\nclosed in 1987.", 0.8)
OTHER = Quote(2, UNDATED, 12, 0, 18, None, "Rain fell in 1988.", 0.7)


def make_hit(source, text, number):
    return Hit(Passage(number, source.document_id, 5, 5 + len(text), text), source, 0.123456, 0.987654, 3.0)


def make_answer(**changes):
    fields = {
        "question": "When?",
        "claims": (
            Claim("It closed in 1987.", (QUOTE,), False),
            Claim("Rain fell in 1988.", (OTHER, QUOTE), True),
        ),
        "abstain_reason": None,
        "hits": (make_hit(DATED, "The mill closed.", 11), make_hit(UNDATED, "Rain fell.", 12)),
        "left_out": (),
        "models": (ModelInfo("embedder", "hash", "0" * 64),),
        "prompt_digests": {"answer": "abc"},
        "timings_seconds": {"retrieve": 0.1},
    }
    return Answer(**{**fields, **changes})


def abstaining(reason=AbstainReason.NOTHING_NEAR, **changes):
    return make_answer(claims=(), abstain_reason=reason, **changes)


def test_a_claim_carries_the_marks_of_its_quotes():
    assert [claim_text(claim) for claim in make_answer().claims] == [
        "It closed in 1987. [1]",
        "Rain fell in 1988. [2] [1]",
    ]


def test_the_answer_text_has_no_marks():
    assert answer_text(make_answer()) == "It closed in 1987. Rain fell in 1988."


def test_what_opens_an_answer_is_said_once():
    assert opening(None) == ""
    assert opening(None, Relation.DIFFER) == "The documents differ."
    assert opening(AbstainReason.NOT_SAID).startswith("The documents do not say.")
    said = answer_text(make_answer())
    assert answer_text(make_answer(relation=Relation.DIFFER)) == f"The documents differ. {said}"


def test_sources_show_each_quote_once_with_place_page_and_date():
    assert sources_text(make_answer()).splitlines() == [
        "Sources",
        "[1] a.pdf, copy.pdf · Mills of Leeds · The Post · A. Ito · 2024-01-02 · page iii · passage 11",
        "    “The mill closed in 1987.”",
        "[2] b.txt · Rain · undated · passage 12",
        "    “Rain fell in 1988.”",
    ]


def test_sources_and_json_tell_who_says_the_words():
    spoken = replace(QUOTE, speaker=Speaker("Ann Ito", "mayor of Otaru", "said", True))
    answered = make_answer(claims=(Claim("It closed.", (spoken, OTHER), False),))
    line = sources_text(answered).splitlines()[1]
    assert line.endswith("· 2024-01-02 · page iii · said by Ann Ito · passage 11")
    shown, plain = as_json(answered)["claims"][0]["quotes"]
    assert shown["speaker"] == {"name": "Ann Ito", "role": "mayor of Otaru"}
    assert plain["speaker"] is None


def test_what_was_left_out_or_removed_is_told():
    left_out = tuple(
        LeftOut(number, name, LeftOutReason.NO_ROOM) for number, name in ((1, "a"), (2, "a"), (3, "b"))
    )
    lines = sources_text(make_answer(left_out=left_out, checks=Checks(unknown_citations=2))).splitlines()
    assert lines[-2:] == [
        "Left out for lack of room: 3 passages of a, b",
        "Removed: 2 citation marks that named no given passage",
    ]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (AbstainReason.UNKNOWN_LANGUAGE, "as far as can be told"),
        (AbstainReason.NOTHING_NEAR, "near"),
        (AbstainReason.NO_DOCUMENTS, "nothing in the library"),
        (AbstainReason.NONE_CHOSEN, "None is left to search by what was chosen"),
    ],
)
def test_an_abstention_tells_its_reason(reason, told):
    text = answer_text(abstaining(reason))
    assert text.startswith(SILENCE.rstrip("."))
    assert told in text


def test_an_abstention_shows_the_three_nearest_passages():
    hits = tuple(make_hit(UNDATED, f"Rain fell {number} times.", number) for number in range(5))
    assert sources_text(abstaining(hits=hits)).splitlines() == [
        "Nearest passages, not enough to answer:",
        *(
            line
            for number in range(3)
            for line in ("  b.txt · Rain · undated", f"    “Rain fell {number} times.”")
        ),
    ]
    assert sources_text(abstaining(AbstainReason.NO_DOCUMENTS, hits=())) == ""


def test_a_heading_alone_is_not_shown_as_near():
    source = replace(DATED, title="The ferry stops", outlet="Nemuro Tide Notes")
    texts = ("NEMURO TIDE NOTES", "The ferry\nstops", "The ferry stops on Monday.")
    hits = tuple(make_hit(source, text, number) for number, text in enumerate(texts))
    shown = sources_text(abstaining(hits=hits))
    assert [line.strip() for line in shown.splitlines()[2::2]] == ["“The ferry stops on Monday.”"]
    assert sources_text(abstaining(hits=hits[:2])) == ""


def test_long_quotes_are_cut_at_a_word():
    assert shortened("one two\nthree", 13) == "one two three"
    assert shortened("one two three", 12) == "one two …"
    assert shortened("abcdefgh", 4) == "abcd …"


def test_absolute_paths_are_not_shown():
    answer = make_answer()
    shown = [
        json.dumps(as_json(answer)),
        json.dumps(document_json(DATED)),
        sources_text(answer),
        source_line(DATED),
    ]
    assert not any("/secret" in text for text in shown)


SOURCE_KEYS = {"document", "copies", "title", "outlet", "author", "published"}


def test_json_has_exactly_these_keys():
    answered = as_json(make_answer(left_out=(LeftOut(7, "c.txt", LeftOutReason.NO_ROOM),)))
    assert set(answered) == {
        "question",
        "understood",
        "answer",
        "abstained",
        "abstain_reason",
        "relation",
        "confidence",
        "claims",
        "sources",
        "left_out",
        "checks",
        "warnings",
        "generated",
        "prompt_tokens",
        "generated_tokens",
        "models",
        "prompt_digests",
        "timings_seconds",
    }
    (first, second) = answered["claims"]
    assert set(first) == {"text", "lead", "verbatim", "quotes"}
    assert (first["verbatim"], second["verbatim"]) == (False, True)
    assert set(first["quotes"][0]) == SOURCE_KEYS | {
        "number",
        "passage",
        "start",
        "end",
        "page",
        "page_label",
        "answering",
        "text",
        "speaker",
        "score",
    }
    assert set(answered["sources"][0]) == SOURCE_KEYS | {
        "rank",
        "passage",
        "start",
        "end",
        "text",
        "score",
        "dense",
        "lexical",
    }
    assert answered["left_out"] == [{"passage": 7, "document": "c.txt", "reason": "no_room"}]
    assert answered["checks"] == dict.fromkeys((field.name for field in fields(Checks)), 0)
    assert answered["models"] == [{"role": "embedder", "name": "hash", "sha256": "0" * 64}]


def test_json_values_survive_a_round_trip():
    answered = as_json(make_answer())
    assert json.loads(json.dumps(answered)) == answered
    quote = answered["claims"][0]["quotes"][0]
    assert (quote["document"], quote["copies"], quote["published"]) == ("a.pdf", ["copy.pdf"], "2024-01-02")
    assert (quote["passage"], quote["start"], quote["end"]) == (11, 5, 29)
    assert (quote["page"], quote["page_label"]) == (3, "iii")
    assert quote["text"] == "The mill\nclosed in 1987."
    other = answered["claims"][1]["quotes"][0]
    assert (other["page"], other["page_label"], other["published"]) == (None, None, None)
    assert [source["rank"] for source in answered["sources"]] == [1, 2]


def test_json_of_an_abstention():
    answered = as_json(abstaining())
    assert (answered["abstained"], answered["abstain_reason"], answered["claims"]) == (True, "nothing_near", [])
    assert answered["answer"].startswith(SILENCE)
    assert as_json(make_answer())["abstain_reason"] is None
    json.dumps(answered)


def test_json_of_a_document():
    described = document_json(DATED)
    assert set(described) == SOURCE_KEYS | {"id", "language", "pages"}
    assert (described["id"], described["language"], described["pages"]) == (1, "en", 1)
