"""Gold files: read with errors that name the place, held against texts, drafted and written."""

import json
from dataclasses import replace
from datetime import date

import pytest

from eval.gold import GoldError, GoldRow, QuestionType, filled, load_gold, write_gold
from eval.gold_check import Severity, check_gold
from eval.gold_draft import DraftSource, draft
from eval.types import Case, Evidence
from index.speech import attributions
from rag.errors import UsageError
from rag.types import Attribution, Turn

TEXTS = {
    "ferry.txt": "Three ferries sail.\nThe  fare is 4,900 yen.",
    "mail.txt": "The mail boat carries 52 bags, Ann Berg said.",
}
ROW = {
    "id": "a",
    "type": "fact",
    "question": "How much is the ferry?",
    "answerable": True,
    "expected": [["4,900", "4900"]],
    "evidence": [{"document": "ferry.txt", "quote": "fare is 4,900 yen"}],
}


def written(tmp_path, *rows):
    path = tmp_path / "gold.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# Reading


def test_every_field_is_read(tmp_path):
    row = {
        **ROW,
        "history": ["Which ships?", {"question": "And the fare?", "answer": "4,900 yen"}],
        "forbidden": ["5,000"],
        "correction": [["no fare", "free"], ["still"]],
        "evidence": [
            {"document": "ferry.txt", "quote": "fare", "start": 25, "end": 29},
            {"document": "map.pdf", "page": 2},
        ],
        "as_of": "2025-10-24",
        "documents": ["ferry.txt", "map.pdf"],
        "reviewed": False,
        "note": "as of last year",
        "corpus": "harbour",
    }
    case = Case(
        id="a",
        type="fact",
        question="How much is the ferry?",
        expected=(("4,900", "4900"),),
        forbidden=("5,000",),
        answerable=True,
        evidence=(Evidence("ferry.txt", "fare"), Evidence("map.pdf", "", 2)),
        history=(Turn("Which ships?"), Turn("And the fare?", "4,900 yen")),
        as_of=date(2025, 10, 24),
        documents=("ferry.txt", "map.pdf"),
        correction=(("no fare", "free"), ("still",)),
    )
    assert load_gold(written(tmp_path, "", row)) == [
        GoldRow(case, 2, reviewed=False, corpus="harbour", spans=((25, 29), None), note="as of last year")
    ]


def test_most_fields_may_be_left_out_or_null(tmp_path):
    (row,) = load_gold(written(tmp_path, {"id": "a", "type": "mine", "question": "Why?", "as_of": None}))
    assert row == GoldRow(Case("a", "mine", "Why?"), line=1)
    assert (row.reviewed, row.case.answerable) == (True, True)


def test_a_byte_order_mark_and_other_line_ends_do_not_matter(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n\r\n")
    assert [row.case.id for row in load_gold(path)] == ["a"]


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"expectd": []}, "expectd", "Did you mean expected?"),
        ({"zzz": 1}, "zzz", "Known are: id, type"),
        ({"id": ""}, "id", '"id"'),
        ({"question": None}, "question", '"question"'),
        ({"type": 3}, "type", '"type"'),
        ({"answerable": "yes"}, "answerable", "true or false"),
        ({"expected": ["4,900"]}, "expected", '[["4,900"'),
        ({"expected": [[]]}, "expected", '[["4,900"'),
        ({"expected": "4,900"}, "expected", '[["4,900"'),
        ({"forbidden": "5,000"}, "forbidden", '["..."]'),
        ({"correction": ["free"]}, "correction", '[["was not sold"'),
        ({"corection": [["free"]]}, "corection", "Did you mean correction?"),
        ({"history": [{"answer": "x"}]}, "history[0].question", '"question"'),
        ({"history": [{"question": "x", "anwser": "y"}]}, "history[0].anwser", "Did you mean answer?"),
        ({"evidence": [{"document": "x"}]}, "evidence[0].quote", "Copy words"),
        ({"evidence": [{"quote": "x"}]}, "evidence[0].document", '"document"'),
        ({"evidence": [{"document": "x", "qoute": "y"}]}, "evidence[0].qoute", "Did you mean quote?"),
        ({"evidence": [{"document": "x", "quote": "y", "start": 1}]}, "evidence[0].end", "start"),
        ({"evidence": [{"document": "x", "quote": "y", "start": -1, "end": 2}]}, "evidence[0].start", "from 0"),
        ({"evidence": [{"document": "x", "start": 5, "end": 5}]}, "evidence[0].end", "from 1"),
        ({"evidence": [{"document": "x", "page": 0}]}, "evidence[0].page", "from 1"),
        ({"evidence": [{"document": "x", "page": True}]}, "evidence[0].page", "from 1"),
        ({"as_of": "24.10.2025"}, "as_of", "2025-10-24"),
        ({"documents": []}, "documents", '["letter.txt"]'),
        ({"as_of": "20251024"}, "as_of", "2025-10-24"),
    ],
)
def test_a_wrong_field_is_named_with_its_line_and_a_cure(tmp_path, change, field, hint):
    path = written(tmp_path, ROW, {**ROW, **change})
    with pytest.raises(GoldError) as caught:
        load_gold(path)
    assert f"{path}, line 2, field {field}: " in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a"', "line 2: this is not JSON"),
        ('["a"]', "line 2: the row is no object"),
        ('{"id": "a", "id": "b"}', "line 2, field id: it stands there twice"),
        ('{"id": "a", "type": "t", "question": "q", "evidence": ["x"]}', "line 2: evidence[0] is no object"),
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path, line, message):
    with pytest.raises(GoldError, match="gold") as caught:
        load_gold(written(tmp_path, ROW, line))
    assert message in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_missing_empty_or_not_utf8_is_named(tmp_path):
    with pytest.raises(GoldError, match="cannot be read"):
        load_gold(tmp_path / "none.jsonl")
    with pytest.raises(GoldError, match="holds no question"):
        load_gold(written(tmp_path, ""))
    path = tmp_path / "old.jsonl"
    path.write_bytes(b"\n\n\xe9")
    with pytest.raises(GoldError, match="line 3: this is not UTF-8"):
        load_gold(path)
    assert issubclass(GoldError, UsageError)


# Writing


def test_rows_are_read_as_they_were_written(tmp_path):
    full = Case(
        id="a",
        type=QuestionType.FOLLOW_UP,
        question="Сколько?",
        expected=(("4,900", "4900"), ("yen",)),
        forbidden=("5",),
        answerable=False,
        evidence=(Evidence("ferry.txt", "fare"), Evidence("map.pdf", "", 2)),
        history=(Turn("Which?"), Turn("Who?", "Ann")),
        as_of=date(2025, 10, 24),
        documents=("ferry.txt",),
        correction=(("free", "no fare"), ("still",)),
    )
    rows = [
        GoldRow(full, line=1, reviewed=False, corpus="harbour", spans=((0, 4), None), note="so they say"),
        GoldRow(Case("b", "fact", "Why?"), line=2),
    ]
    path = tmp_path / "gold.jsonl"
    write_gold(rows, path)
    assert load_gold(path) == rows
    assert "Сколько?" in path.read_text(encoding="utf-8")


def test_no_file_is_written_over(tmp_path):
    path = written(tmp_path, ROW)
    before = path.read_bytes()
    with pytest.raises(GoldError, match="is there already"):
        write_gold([], path)
    assert path.read_bytes() == before
    with pytest.raises(GoldError, match="cannot be written"):
        write_gold([], tmp_path / "none" / "gold.jsonl")


# Evidence by its place alone


def test_evidence_may_be_a_place_alone_and_gets_its_words(tmp_path):
    at = TEXTS["ferry.txt"].index("fare")
    piece = {"document": "ferry.txt", "start": at, "end": at + 17}
    rows = load_gold(written(tmp_path, ROW, {**ROW, "id": "b", "evidence": [piece]}))
    assert rows[1].case.evidence == (Evidence("ferry.txt"),)
    full = filled(rows, TEXTS.get, path=tmp_path / "gold.jsonl")
    assert full[1].case.evidence == (Evidence("ferry.txt", TEXTS["ferry.txt"][at : at + 17]),)
    assert full[0] == rows[0]
    assert filled(rows, lambda _: None, path=tmp_path)[1] == rows[1]


def test_a_place_outside_of_its_document_is_told_with_line_and_field(tmp_path):
    path = written(tmp_path, ROW, {**ROW, "id": "b", "evidence": [{"document": "d", "start": 2, "end": 99}]})
    with pytest.raises(GoldError, match=r"line 2, field evidence\[0\].end: 99 is behind the end: d has 5 char"):
        filled(load_gold(path), lambda _: "words", path=path)
    path = written(tmp_path, {**ROW, "evidence": [{"document": "d", "start": 1, "end": 3}]})
    with pytest.raises(GoldError, match=r"line 1, field evidence\[0\].start: no words"):
        filled(load_gold(path), lambda _: "a   b", path=path)


# Checking


def row_of(**change):
    case = Case(
        "a", "fact", "How much?", (("4,900", "4900"),), evidence=(Evidence("ferry.txt", "fare is 4,900 yen"),)
    )
    return GoldRow(replace(case, **change), line=7)


def test_a_right_row_has_no_findings():
    assert check_gold([row_of()], TEXTS) == []
    assert check_gold([row_of(answerable=False, expected=(), evidence=())], TEXTS) == []


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"expected": ()}, "expected", "needs it"),
        ({"evidence": ()}, "evidence", "needs it"),
        ({"expected": (("5,000", "yes"),)}, "expected", "5,000 | yes: not in the evidence"),
        ({"forbidden": ("yen",)}, "forbidden", '"yen" stands in what is right'),
        ({"forbidden": ("4900",)}, "forbidden", '"4900" stands in what is right'),
        ({"answerable": False, "expected": (("52",),), "evidence": ()}, "expected", "stands in mail.txt"),
    ],
)
def test_an_answer_that_cannot_be_right_is_an_error(change, field, message):
    rows = [row_of(), replace(row_of(**{**change, "id": "b"}), line=8)]
    findings = check_gold(rows, TEXTS)
    assert [(one.id, one.line, one.severity) for one in findings] == [("b", 8, Severity.ERROR)] * len(findings)
    assert any(one.field == field and message in one.message for one in findings)


FREE = {
    "answerable": False,
    "expected": (),
    "correction": (("costs 4,900", "4,900 yen"),),
    "evidence": (Evidence("ferry.txt", "fare is 4,900 yen"),),
}


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"answerable": True, "expected": (("4,900",),)}, "correction", "belongs into expected"),
        ({"correction": (("4,900 yen",), ("is free", "no fare"))}, "correction", "is free | no fare: not in the"),
        ({"evidence": ()}, "correction", "costs 4,900 | 4,900 yen: not in the evidence"),
        ({"forbidden": ("yen",)}, "forbidden", '"yen" stands in what is right'),
    ],
)
def test_a_correction_stands_in_the_evidence_of_an_unanswerable_row(change, field, message):
    assert check_gold([row_of(**FREE)], TEXTS) == []
    (finding,) = check_gold([row_of(**{**FREE, **change})], TEXTS)
    assert (finding.field, finding.severity) == (field, Severity.ERROR)
    assert message in finding.message


def test_a_document_that_is_asked_has_to_be_there():
    assert check_gold([row_of(documents=("ferry.txt",))], TEXTS) == []
    (finding,) = check_gold([row_of(documents=("ferry.txt", "fery.txt"))], TEXTS)
    assert (finding.field, finding.severity) == ("documents", Severity.ERROR)
    assert "did you mean ferry.txt?" in finding.message


@pytest.mark.parametrize(
    ("document", "quote", "field", "message"),
    [
        ("ferry.txt", "The fare is 4,900 yen", "quote", 'the document has "The  fare is 4,900 yen"'),
        ("ferry.txt", "carries 52 bags", "quote", "but in mail.txt"),
        ("ferry.txt", "a fare of 4,900", "quote", "are not in ferry.txt"),
        ("fery.txt", "4,900", "document", "did you mean ferry.txt?"),
        ("zoo.pdf", "4,900", "document", "no document zoo.pdf that can be read; there are 2: ferry.txt, mail.txt"),
    ],
)
def test_evidence_that_does_not_stand_there_is_an_error(document, quote, field, message):
    good = Evidence("ferry.txt", "fare is 4,900 yen")
    (finding,) = check_gold([row_of(evidence=(good, Evidence(document, quote)))], TEXTS)
    assert (finding.id, finding.line, finding.field) == ("a", 7, f"evidence[1].{field}")
    assert message in finding.message
    assert finding.severity == Severity.ERROR


def test_a_place_has_to_hold_its_quote():
    at = TEXTS["ferry.txt"].index("fare")
    right = replace(row_of(), spans=((at, at + 17),))
    assert check_gold([right], TEXTS) == []
    (finding,) = check_gold([replace(right, spans=((0, 17),))], TEXTS)
    assert (finding.field, finding.message) == (
        "evidence[0].start",
        f"these words stand at {at}, not at 0",
    )


def test_an_answer_beside_its_quote_or_a_yes_needs_a_look():
    (beside,) = check_gold([row_of(expected=(("three",),))], TEXTS)
    (loose,) = check_gold([row_of(expected=(("Yes", "да"),))], TEXTS)
    assert (beside.severity, loose.severity) == (Severity.WARNING, Severity.WARNING)
    page = row_of(expected=(("three",),), evidence=(Evidence("ferry.txt", "", 1),))
    assert check_gold([page], TEXTS) == []


def test_an_unanswerable_question_whose_words_one_sentence_has_needs_a_look():
    texts = {"ferry.txt": "The ferry began sailing to Otaru in 2019. It carries cars. No fare is due."}
    free = {"answerable": False, "expected": (), "evidence": ()}
    told = row_of(**free, question="Which ferries sailed to Otaru?")
    (finding,) = check_gold([told], texts)
    assert (finding.line, finding.field, finding.severity) == (7, "answerable", Severity.WARNING)
    assert 'ferry.txt has: "The ferry began sailing to Otaru in 2019."' in finding.message
    for question in ("Which ferries sailed to Otaru in 2020?", "How much is the fare of the cars?", "Why a fare?"):
        assert check_gold([row_of(**free, question=question)], texts) == []
    for guard in ({"expected": (("Anna",),)}, {"forbidden": ("2019",)}):
        assert check_gold([row_of(**{**free, **guard}, question=told.case.question)], texts) == []


def test_the_same_id_twice_is_an_error():
    (finding,) = check_gold([row_of(), replace(row_of(), line=9)], TEXTS)
    assert (finding.line, finding.field, finding.message) == (9, "id", "lines 7 and 9 have the same id")


def test_a_file_with_one_id_twice_is_refused_with_both_lines(tmp_path):
    path = written(tmp_path, ROW, {**ROW, "id": "b"}, "", {**ROW, "question": "And the fare?"})
    with pytest.raises(GoldError) as caught:
        load_gold(path)
    assert caught.value.message == f'{path}, lines 1 and 4, field id: both are "a".'


def test_rows_that_nobody_reviewed_are_told_once_and_are_no_error():
    rows = [replace(row_of(id=f"d{n}"), line=n, reviewed=n in (1, 7)) for n in range(1, 8)]
    (finding,) = check_gold(rows, TEXTS)
    assert (finding.line, finding.field, finding.severity) == (2, "reviewed", Severity.WARNING)
    assert finding.message == "5 of 7 questions are not reviewed yet: d2, d3, d4 and 2 more"
    (finding,) = check_gold(rows[:2], TEXTS)
    assert finding.message.endswith("1 of 2 questions are not reviewed yet: d2")


def test_gold_for_another_corpus_is_noticed_and_only_that():
    rows = [row_of(id=name, evidence=(Evidence(f"{name}.pdf", "x"),)) for name in "ab"]
    (finding,) = check_gold(rows, TEXTS)
    assert "gold for another corpus?" in finding.message
    named = replace(row_of(), corpus="harbour")
    assert check_gold([named], TEXTS, corpus="harbour") == []
    more = replace(named, case=replace(named.case, id="b"), line=8)
    (finding,) = check_gold([named, more], TEXTS, corpus="airport")
    assert (finding.line, finding.field, finding.message) == (7, "corpus", "it is for harbour, not for airport")
    assert finding.severity == Severity.WARNING


# Drafting

THINGS = ("graves", "trees", "goats", "poles")
PORT = """The port
Nine boats left the port in 2020. There are 52 graves on the hill, by one count. It has 12 cranes.
The pier was opened by a mayor on 3 May 1961. The Sea Company has about 12 vans in Otaru.
The clerk says the firm has 14 vans. 1961 storms hit the coast. Fees rose 7 percent.
The list of 31 names hangs in the house of Cornelius Vandermolen.
"We never counted the boats," said Ann Berg. "Not once in all of these long years," she added.
"""


def said(text, content, speaker):
    start, at = text.index(content), text.index(speaker)
    return Attribution(
        start, start + len(content), speaker, None, "said", True, at, at + len(speaker), at - 5, at - 1
    )


def port(document="port.txt", text=PORT):
    return DraftSource(
        document, text, "The port", attributions=(said(text, '"We never counted the boats,"', "Ann Berg"),)
    )


def test_sentences_become_questions():
    asked = {row.case.question: row.case.expected for row in draft([port()]) if row.case.answerable}
    assert asked == {
        "How many boats left the port in 2020?": (("Nine", "9"),),
        "How many graves on the hill are there?": (("52",),),
        "How many vans does the Sea Company have in Otaru?": (("12", "twelve"),),
        "When was the pier opened by a mayor?": (("3 May 1961", "May 3, 1961", "1961-05-03"),),
        'What does "The port" say about Cornelius Vandermolen?': (("31",),),
        'Who said: "We never counted the boats"?': (("Ann Berg", "Berg"),),
    }


def test_drafts_are_sound_unreviewed_and_the_same_again():
    sources = [port(), DraftSource("other.txt", "Four cats sleep in the shed.\nMenu of 3", "Cats")]
    rows = draft(sources, corpus="harbour")
    assert rows == draft(reversed(sources), corpus="harbour")
    reviewed = [replace(row, reviewed=True) for row in rows]
    assert check_gold(reviewed, {source.document: source.text for source in sources}, corpus="harbour") == []
    assert not any(row.reviewed for row in rows)
    assert {row.corpus for row in rows} == {"harbour"}
    assert [row.case.evidence[0].document for row in rows[:2]] == ["other.txt", "port.txt"]
    assert [row.case.answerable for row in rows] == [True] * 4 + [False] + [True] * 3
    assert len(draft(sources, limit=3)) == 3
    assert draft([]) == []


def test_one_question_in_five_has_no_answer_and_is_about_what_the_texts_name():
    rows = draft([port()])
    (row,) = [row for row in rows if not row.case.answerable]
    assert row.case.question == "How many boats left the port in 2017?"
    assert (row.case.type, row.case.expected, row.case.evidence) == (QuestionType.NEAR_MISS, (), ())
    assert rows.index(row) == 4


def test_where_nothing_can_be_swapped_a_stranger_is_asked_about():
    lines = "".join(f"There are {n} {things} on the hill.\n" for n, things in enumerate(THINGS, start=20))
    (row,) = [row for row in draft([DraftSource("a.txt", lines, "The hill")]) if not row.case.answerable]
    assert row.case.question == 'What does Ottoline Brackwater say in "The hill"?'
    known = DraftSource("a.txt", lines + "Mr Brackwater waits.\n", "The hill")
    assert all(row.case.answerable for row in draft([known]))


def test_a_line_with_a_label_asks_for_its_value_where_that_is_one():
    text = (
        "The service report\nCustomer: Nadia Farrow\nInvoice number: HB-20417\n- Total: £212.40\n"
        "Remarks: it went well\nSubject: 12\nHour: 9\nHour: 10\nThe pump: 12 of them failed in the end, he says\n"
    )
    rows = draft([DraftSource("a.txt", text, "The service report")])
    assert {row.case.question: row.case.expected[0][0] for row in rows if row.case.answerable} == {
        'Who is the customer in "The service report"?': "Nadia Farrow",
        'What is the invoice number in "The service report"?': "HB-20417",
        'What is the total in "The service report"?': "£212.40",
    }
    assert draft([DraftSource("a.txt", text)]) == []  # of which report?


def test_a_few_short_letters_give_many_kinds_of_question_and_some_without_an_answer():
    letters = {
        "fee.txt": "The society has 48 plots. The fee will rise to £40 on 1 May 2024. The pump costs £1,250.",
        "flat.txt": "The landlord is Ann Berg. The lease began on 1 July 2021 and ends on 30 June 2026.",
        "post.txt": "The heating was replaced in October 2020. Leo Ito was elected secretary.",
    }
    rows = draft([DraftSource(name, text) for name, text in letters.items()])
    kinds = {row.case.question.split()[0] for row in rows if row.case.answerable}
    assert kinds == {"How", "When", "Who"}
    assert sum(row.case.answerable for row in rows) == 8
    assert sum(not row.case.answerable for row in rows) == 2
    assert {row.case.evidence[0].document for row in rows if row.case.answerable} == set(letters)
    few = draft([DraftSource("a.txt", "The landlord is Ann Berg. The pier was opened in 1961.")])
    assert [row.case.answerable for row in few] == [True, True, False]


def test_a_second_question_about_a_sentence_comes_after_the_first_of_all():
    text = "Ann Berg came to Tokyo in April 1991. The landlord is Leo Ito."
    asked = [row.case.question for row in draft([DraftSource("a.txt", text)]) if row.case.answerable]
    assert asked == [
        "Who is the landlord?",
        "When did Ann Berg come to Tokyo?",
        "Who came to Tokyo in April 1991?",
    ]


def test_the_same_question_twice_needs_the_same_answer():
    same, other = (DraftSource(f"{n}.txt", f"{n} boats left the port at dawn.") for n in (9, 12))
    assert draft([same, other]) == []
    (row,) = draft([same, replace(same, document="copy.txt")])
    assert [piece.document for piece in row.case.evidence] == ["9.txt", "copy.txt"]


def test_only_passages_are_drafted_from():
    text = "Nine boats left the port at dawn.\nFour cats sleep in the shed."
    (row,) = draft([DraftSource("a.txt", text, passages=((0, text.index("\n")),))])
    assert row.case.question == "How many boats left the port at dawn?"


def test_russian_quotes_are_asked_for_in_russian():
    text = "Новости\nНичего не было.\n«Из тридцати заявок нет ни одной японской», – сказала Оксана Пряхина."
    source = DraftSource(
        "a.txt",
        text,
        "",
        attributions=(said(text, "«Из тридцати заявок нет ни одной японской»", "Оксана Пряхина"),),
    )
    (row,) = draft([source])
    assert row.case.question == "Кто сказал: «Из тридцати заявок нет ни одной японской»?"
    assert row.case.expected == (("Оксана Пряхина", "Пряхина"),)


def test_what_could_be_answered_with_another_sentence_is_not_asked():
    alone = "The list of 31 names hangs in the house of Cornelius Vandermolen."
    source = DraftSource("a.txt", alone, "The port")
    assert [row.case.expected for row in draft([source])] == [(("31",),)]
    assert draft([replace(source, text=f"{alone}\nVandermolen sleeps.")]) == []
    twice = "Nine boats left the port at dawn."
    assert len(draft([DraftSource("a.txt", twice)])) == 1
    assert draft([DraftSource("a.txt", f"{twice}\n{twice}")]) == []


def test_a_clause_after_that_asks_who_said_it_and_a_ministry_keeps_its_whole_name():
    text = (
        "The ministry met on Monday. Mayor Ann Ito said that the harbour needs a new pier before winter comes. "
        "The Harbour Ministry stated that the old pier can carry the summer traffic."
    )
    rows = draft([DraftSource("pier.txt", text, "A pier", attributions=tuple(attributions(text)))])
    said = {row.case.question: row.case.expected for row in rows if row.case.type == QuestionType.WHO_SAID}
    asked = "Who said that the harbour needs a new pier before winter comes?"
    assert said[asked] == (("Ann Ito", "Ito"),)
    assert ("Harbour Ministry",) in {groups[0] for groups in said.values()}
