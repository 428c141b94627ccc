"""Adapters of public questions over given passages: small files in the upstream formats, and the real data."""

import gzip
import json
from pathlib import Path

import pytest

from eval.metrics_answer import holds
from eval.suite_clapnq import load_clapnq
from eval.suite_conflict import load_ramdocs, load_rgb_conflict, load_rgb_refusal, load_wikicontradict
from eval.suite_mtrag import load_mtrag, load_mtrag_given
from eval.suite_nq import load_nq_given, load_nq_library
from eval.suite_texts import Texts, drawn, group, sentence_at, sentence_with
from eval.suite_timeqa import load_timeqa
from eval.suite_xquad import load_xquad
from eval.types import Case, Evidence
from rag.errors import DocumentsError
from rag.types import Turn

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


def write_lines(path, *rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def id_of(suite, text):
    """Return the id of the one text that reads so."""
    (found,) = [one.id for one in suite.texts if one.text == text]
    return found


# What all of them share


def test_texts_are_kept_once_and_cleaned():
    texts = Texts("zoo")
    first = texts.add("\ufeffA lion\u200b roars.\r\nA bear\u00a0hums.", title=" The \n zoo ")
    again = texts.add("A lion roars.\nA bear hums.", title="The zoo")
    other = texts.add("A lion roars.\nA bear hums.")
    assert first == again != other
    assert [(one.title, one.text) for one in texts.all] == [
        ("The zoo", "A lion roars.\nA bear hums."),
        ("", "A lion roars.\nA bear hums."),
    ]
    name, _, number = first.partition("/")
    assert (name, len(number)) == ("zoo", 12)
    assert texts.add_all(["One.", " ", "One.", "Two."]) == (texts.add("One."), texts.add("Two."))


def test_only_the_texts_that_cases_may_search_are_needed():
    texts = Texts("zoo")
    ids = [texts.add(text) for text in ("a", "b", "c")]
    cases = [Case("1", "t", "?", documents=(ids[2],)), Case("2", "t", "?", documents=(ids[0], ids[2]))]
    assert [text.text for text in texts.needed(cases)] == ["a", "c"]
    assert texts.needed([Case("3", "t", "?")]) == ()


def test_of_cases_with_one_id_the_first_is_drawn():
    cases = [Case("1", "t", "first"), Case("2", "t", "other"), Case("1", "t", "again")]
    assert [case.question for case in drawn(cases, None, seed=0)] == ["first", "other"]
    many = [Case(str(number), "t", "?") for number in range(30)]
    few = drawn(many, 5, seed=1)
    assert len(few) == 5
    assert few == drawn(many, 5, seed=1) != drawn(many, 5, seed=2)


def test_strings_of_a_group_are_cleaned_and_there_once():
    assert group([" 4  May", "4\u00a0May", "", "\u200b", "May 4"]) == ("4 May", "May 4")


def test_sentences_are_found_by_place_and_by_words():
    text = "Ann left in 1952. Bob stayed until 1965.\nNobody came."
    assert sentence_at(text, text.index("1965")) == "Bob stayed until 1965."
    assert sentence_at(text, len(text) + 5) == ""
    assert sentence_with(text, ("1956", "1965")) == "Bob stayed until 1965."
    assert sentence_with(text, ("19", "body")) == ""


# Natural Questions


NQ_ROWS = (
    {
        "question": "who got the prize",
        "answers": ["Röntgen", "W. Röntgen", "Röntgen"],
        "ctxs": [
            {"title": "Prize", "text": "The prize went to Röntgen.", "isgold": True},
            {"title": "Other", "text": "Another prize.", "isgold": False},
        ],
    },
    {
        "question": "the year of the fire",
        "answers": ["1871"],
        "ctxs": [{"title": "Fire", "text": "It burnt in 1871.", "isgold": True}],
    },
    {"question": "no passage", "answers": ["x"], "ctxs": []},
    {"question": "no answer", "answers": [], "ctxs": [{"title": "", "text": "Empty.", "isgold": True}]},
)


def test_nq_with_the_gold_passage_given(tmp_path):
    write_lines(tmp_path / "nq-open-oracle.jsonl.gz", *NQ_ROWS)
    suite = load_nq_given(tmp_path)
    gold, fire = (id_of(suite, text) for text in ("The prize went to Röntgen.", "It burnt in 1871."))
    assert [text.title for text in suite.texts] == ["Prize", "Fire"]
    assert suite.dropped == 2
    assert [(case.type, case.question, case.expected, case.answerable) for case in suite.cases] == [
        ("who", "who got the prize", (("Röntgen", "W. Röntgen"),), True),
        ("other", "the year of the fire", (("1871",),), True),
    ]
    assert [case.documents for case in suite.cases] == [(gold,), (fire,)]
    assert [case.evidence for case in suite.cases] == [(Evidence(gold),), (Evidence(fire),)]


def test_nq_as_a_library_keeps_every_passage(tmp_path):
    write_lines(tmp_path / "other-oracle.jsonl", *NQ_ROWS)
    suite = load_nq_library(tmp_path, limit=1)
    assert {text.text for text in suite.texts} >= {"Another prize.", "It burnt in 1871."}
    assert [case.documents for case in suite.cases] == [None]
    (evidence,) = suite.cases[0].evidence
    assert evidence.document in {text.id for text in suite.texts}


def test_missing_files_are_named(tmp_path):
    with pytest.raises(DocumentsError, match="oracle"):
        load_nq_given(tmp_path)


# ClapNQ


def clapnq_row(number, question, passage, *outputs):
    return {
        "id": number,
        "input": question,
        "passages": [{"title": "Ducks", "text": passage, "sentences": []}],
        "output": [{"answer": answer, "selected_sentences": selected} for answer, selected in outputs],
    }


def test_clapnq_tells_answerable_by_content(tmp_path):
    passage = "They march at 11 . They swim . They sleep ."
    both = (("At 11.", ["They march at 11 ."]), ("At 11, to swim.", ["They march at 11 .", "They swim ."]))
    write_lines(
        tmp_path / "clapnq_dev_answerable.jsonl.gz",
        clapnq_row("1", "when do the ducks march", passage, *both),
        clapnq_row("2", "why do they", passage, ("Nobody chose a sentence.", [])),
        clapnq_row("3", "no annotation", passage),
    )
    write_lines(tmp_path / "clapnq_dev_unanswerable.jsonl", clapnq_row("4", "who fed them", passage, ("", [])))
    suite = load_clapnq(tmp_path)
    text_id = id_of(suite, passage)
    assert (len(suite.texts), suite.dropped) == (1, 1)
    assert suite.cases == (
        Case(
            id="clapnq/1",
            type="answerable",
            question="when do the ducks march",
            expected=(("At 11.", "At 11, to swim."),),
            evidence=(Evidence(text_id, "They march at 11 ."), Evidence(text_id, "They swim .")),
            documents=(text_id,),
        ),
        Case(
            id="clapnq/2",
            type="answerable",
            question="why do they",
            expected=(("Nobody chose a sentence.",),),
            evidence=(Evidence(text_id),),
            documents=(text_id,),
        ),
        Case(
            id="clapnq/4",
            type="unanswerable",
            question="who fed them",
            answerable=False,
            documents=(text_id,),
        ),
    )


def test_clapnq_looks_for_a_sentence_in_every_passage(tmp_path):
    row = clapnq_row("1", "when", "They swim .", ("At 11.", ["They march at 11 ."]))
    row["passages"].append({"title": "More ducks", "text": "They march at 11 . They eat ."})
    write_lines(tmp_path / "clapnq_train_answerable.jsonl", row)
    suite = load_clapnq(tmp_path)
    swim, march = (id_of(suite, text) for text in ("They swim .", "They march at 11 . They eat ."))
    assert suite.cases[0].documents == (swim, march)
    assert suite.cases[0].evidence == (Evidence(march, "They march at 11 ."),)


# TimeQA


def timeqa_answer(paragraph, start, answer):
    return {"para": paragraph, "from": start, "end": start + len(answer), "answer": answer}


def test_timeqa_reads_an_article_as_one_text(tmp_path):
    paras = ["Tower House", "It was built early . Ann owned it in 1811 .", "Bob and Cy had it in 1900 ."]
    questions = [
        ["Who owned it in 1811?", [timeqa_answer(1, 21, "Ann")]],
        ["Who had it in 1900?", [timeqa_answer(2, 0, "Bob"), timeqa_answer(2, 8, "Cy")]],
        ["Who owned it in 1700?", [timeqa_answer(0, 0, "")]],
        ["What is it?", [timeqa_answer(0, 0, "Tower House")]],
        ["  ", [timeqa_answer(1, 21, "Ann")]],
    ]
    article = {"index": "/wiki/Tower#P1", "link": "/wiki/Tower", "questions": questions, "paras": paras}
    (tmp_path / "human_annotated_test.json").write_text(json.dumps([article]))
    suite = load_timeqa(tmp_path)
    (text,) = suite.texts
    assert (text.title, text.text) == ("Tower House", f"{paras[1]}\n\n{paras[2]}")
    assert suite.dropped == 1
    assert {case.documents for case in suite.cases} == {(text.id,)}
    assert [(case.type, case.expected, case.answerable) for case in suite.cases] == [
        ("one_answer", (("Ann",),), True),
        ("several_answers", (("Bob", "Cy"),), True),
        ("unanswerable", (), False),
        ("one_answer", (("Tower House",),), True),
    ]
    assert [case.evidence for case in suite.cases] == [
        (Evidence(text.id, "Ann owned it in 1811 ."),),
        (Evidence(text.id, "Bob and Cy had it in 1900 ."),),
        (),
        (Evidence(text.id),),
    ]


# RAMDocs


def test_ramdocs_wants_all_answers_and_no_planted_one(tmp_path):
    documents = [
        {"text": "Pat boxed.", "type": "correct", "answer": "Boxing"},
        {"text": "Pat wrestled for money.", "type": "correct", "answer": "Professional wrestling"},
        {"text": "Pat wrestled.", "type": "misinfo", "answer": "Wrestling"},
        {"text": "Pat swam.", "type": "misinfo", "answer": "Swimming"},
        {"text": "Log in.", "type": "noise", "answer": "unknown"},
        {"text": "Log in.", "type": "noise", "answer": "unknown"},
    ]
    row = {
        "question": "Which sport is Pat's?",
        "documents": documents,
        "gold_answers": ["Boxing", "Professional wrestling"],
        "wrong_answers": ["Wrestling", "Swimming", "Swimming"],
    }
    one = {"question": "Who?", "documents": documents[:1], "gold_answers": ["Pat"], "wrong_answers": []}
    write_lines(tmp_path / "RAMDocs_test.jsonl", row, one, {**row, "gold_answers": []})
    suite = load_ramdocs(tmp_path)
    boxed, money = (id_of(suite, text) for text in ("Pat boxed.", "Pat wrestled for money."))
    first, second = suite.cases
    assert suite.dropped == 1
    assert first.expected == (("Boxing",), ("Professional wrestling",))
    assert first.forbidden == ("Swimming",)
    assert first.documents == tuple(text.id for text in suite.texts)
    assert [text.text for text in suite.texts] == [one["text"] for one in documents[:5]]
    assert first.evidence == (Evidence(boxed), Evidence(money))
    assert [case.type for case in suite.cases] == ["several_answers_misinformed", "one_answer"]
    assert (second.expected, second.forbidden, second.documents) == ((("Pat",),), (), (boxed,))


# WikiContradict


def contradiction(question, first, second, **more):
    return {
        "question": question,
        "context1": "Liu died in Taiwan in 1972.",
        "context2": "Liu Zhi died on 15 January 1971. He was 78.",
        "answer1": first,
        "answer2": second,
        "contradiction_type": "Implicit (reasoning required)",
        **more,
    }


def test_wikicontradict_wants_both_sides(tmp_path):
    alone = {"context1_self_contained": "Liu Zhi died in Taiwan in 1972.", "contradiction_type": "Explicit"}
    write_lines(
        tmp_path / "wiki_contradict_refined.jsonl",
        contradiction(
            "When did Liu Zhi die?", "Liu Zhi died in 1972.", "Liu Zhi died on the 15 January 1971.", **alone
        ),
        contradiction("Did he die in 1972?", "Yes", "no."),
        contradiction("When?", " 1972", "Sunday", context2="Liu died in Taiwan in 1972."),
        contradiction("No answer?", "", "1971"),
        contradiction("No passage?", "1", "2", context2=""),
    )
    suite = load_wikicontradict(tmp_path)
    alone, first, second = (
        id_of(suite, text)
        for text in (
            "Liu Zhi died in Taiwan in 1972.",
            "Liu died in Taiwan in 1972.",
            "Liu Zhi died on 15 January 1971. He was 78.",
        )
    )
    assert (len(suite.texts), suite.dropped) == (3, 2)
    assert [case.type for case in suite.cases] == ["explicit", "implicit_yes_no", "implicit"]
    assert [case.documents for case in suite.cases] == [(alone, second), (first, second), (first,)]
    assert [case.expected for case in suite.cases] == [
        (("Liu Zhi died in 1972", "1972"), ("Liu Zhi died on the 15 January 1971", "15 January 1971")),
        (),
        (("1972",), ("Sunday",)),
    ]
    assert [case.evidence for case in suite.cases] == [
        (
            Evidence(alone, "Liu Zhi died in Taiwan in 1972."),
            Evidence(second, "Liu Zhi died on 15 January 1971."),
        ),
        (Evidence(first), Evidence(second)),
        (Evidence(first, "Liu died in Taiwan in 1972."), Evidence(first)),
    ]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("6 ft 8 in", "6 ft 9 in", (("6 ft 8 in", "8 in"), ("6 ft 9 in", "9 in"))),
        ("6 ft 8", "6 ft 9", (("6 ft 8",), ("6 ft 9",))),
        ("Same", "Same", (("Same",), ("Same",))),
        (
            "It is held by glue.",
            "It is held by the pegs",
            (("It is held by glue", "glue"), ("It is held by the pegs", "pegs")),
        ),
    ],
)
def test_an_answer_may_be_stated_from_where_it_parts_from_the_other(tmp_path, first, second, expected):
    write_lines(tmp_path / "wiki_contradict.jsonl", contradiction("?", first, second))
    assert load_wikicontradict(tmp_path).cases[0].expected == expected


# RGB


RGB_ROWS = (
    {
        "id": 0,
        "query": "When was it released?",
        "answer": [["May 3, 2017", "3 May 2017"]],
        "fakeanswer": "May 3, 2019 ",
        "positive": ["Out on May 3, 2017."],
        "positive_wrong": ["Out on May 3, 2019."],
        "negative": ["It sold well.", "It was long awaited."],
    },
    {"id": 1, "query": "Who bought it?", "answer": "Acme", "positive": ["Acme bought it."], "negative": []},
)


def test_rgb_refusal_asks_twice(tmp_path):
    write_lines(tmp_path / "en_fact.jsonl.gz", *RGB_ROWS)
    suite = load_rgb_refusal(tmp_path)
    out, sold, awaited, acme = (
        id_of(suite, text)
        for text in ("Out on May 3, 2017.", "It sold well.", "It was long awaited.", "Acme bought it.")
    )
    assert (len(suite.texts), suite.dropped) == (4, 1)
    assert [
        (case.type, case.answerable, case.expected, case.documents, case.evidence) for case in suite.cases
    ] == [
        ("positive", True, (("May 3, 2017", "3 May 2017"),), (out,), (Evidence(out),)),
        ("negative", False, (), (sold, awaited), ()),
        ("positive", True, (("Acme",),), (acme,), (Evidence(acme),)),
    ]
    assert [case.id.rpartition("/")[2] for case in suite.cases] == ["positive", "negative", "positive"]


def test_rgb_conflict_wants_both_answers(tmp_path):
    write_lines(tmp_path / "en_fact.json", *RGB_ROWS)
    suite = load_rgb_conflict(tmp_path)
    (case,) = suite.cases
    assert suite.dropped == 1
    assert case.expected == (("May 3, 2017", "3 May 2017"), ("May 3, 2019",))
    assert case.documents == tuple(id_of(suite, f"Out on May 3, {year}.") for year in (2017, 2019))
    assert (case.type, case.answerable, case.forbidden) == ("conflict", True, ())


# XQuAD


def xquad_file(context, start, text, *, question):
    qas = [
        {"id": "a1", "question": question, "answers": [{"answer_start": start, "text": text}]},
        {"id": "a2", "question": question, "answers": []},
    ]
    return json.dumps({"data": [{"title": "Carolina_Panthers", "paragraphs": [{"context": context, "qas": qas}]}]})


def test_xquad_in_one_language_and_across(tmp_path):
    english, russian = "They won. Shaw led them.", "\ufeffОни победили. Их вёл Шоу."
    (tmp_path / "xquad.en.json").write_text(xquad_file(english, 10, "Shaw", question="Who led?"))
    (tmp_path / "xquad.ru.json").write_text(xquad_file(russian, 23, "Шоу", question="Кто вёл?"))

    def the_case(suite):
        (case,), (text,) = suite.cases, suite.texts
        assert (case.id, case.documents, suite.dropped) == ("xquad/a1", (text.id,), 1)
        assert text.title == "Carolina Panthers"
        (evidence,) = case.evidence
        assert (evidence.document, evidence.quote in text.text) == (text.id, True)
        return case.question, case.expected, evidence.quote

    asked = [
        load_xquad(tmp_path),
        load_xquad(tmp_path, language="ru"),
        load_xquad(tmp_path, language="ru", passages="en"),
    ]
    assert [suite.name for suite in asked] == ["xquad_en", "xquad_ru", "xquad_ru_en"]
    assert [the_case(suite) for suite in asked] == [
        ("Who led?", (("Shaw",),), "Shaw led them."),
        ("Кто вёл?", (("Шоу",),), "Их вёл Шоу."),
        ("Кто вёл?", (("Shaw", "Шоу"),), "Shaw led them."),
    ]


# MTRAG


def mtrag_row(number, label, *turns, contexts=(), collection="govt", target="An answer."):
    speakers = ("user", "agent")
    return {
        "task_id": f"c<::>{number}",
        "contexts": [{"document_id": str(place), "text": text} for place, text in enumerate(contexts)],
        "input": [{"speaker": speakers[place % 2], "text": text} for place, text in enumerate(turns)],
        "targets": [{"speaker": "agent", "text": target}],
        "answerability": [label],
        "Collection": collection,
    }


MTRAG_ROWS = (
    mtrag_row(1, "ANSWERABLE", "What is it?", "A lake.", "How deep? ", contexts=["\nIt is 9 m deep.", "A lake."]),
    mtrag_row(2, "PARTIAL", "Is it cold?", contexts=["A lake."], target="In part."),
    mtrag_row(3, "UNANSWERABLE", "Who dug it?"),
    mtrag_row(4, "UNDERSPECIFIED", "Which one?", contexts=["Many lakes."]),
    mtrag_row(5, "ANSWERABLE", "No passage?"),
    mtrag_row(6, "ANSWERABLE", "A", "ends with the agent", contexts=["A lake."]),
    mtrag_row(7, "ANSWERABLE", "Elsewhere?", contexts=["A cloud."], collection="cloud"),
)


def test_mtrag_asks_the_last_turn_of_its_collection(tmp_path):
    write_lines(tmp_path / "mtragun_reference.jsonl.gz", *MTRAG_ROWS)
    suite = load_mtrag(tmp_path)
    deep, lake, many, cloud = (
        id_of(suite, text) for text in ("It is 9 m deep.", "A lake.", "Many lakes.", "A cloud.")
    )
    library = (deep, lake, many)
    assert (len(suite.texts), suite.dropped) == (4, 3)
    assert suite.cases == (
        Case(
            id="mtrag/c<::>1",
            type="answerable",
            question="How deep?",
            expected=(("An answer.",),),
            evidence=(Evidence(deep), Evidence(lake)),
            history=(Turn("What is it?", "A lake."),),
            documents=library,
        ),
        Case(
            id="mtrag/c<::>2",
            type="partial",
            question="Is it cold?",
            expected=(("In part.",),),
            evidence=(Evidence(lake),),
            documents=library,
        ),
        Case(
            id="mtrag/c<::>3",
            type="unanswerable",
            question="Who dug it?",
            answerable=False,
            documents=library,
        ),
        Case(
            id="mtrag/c<::>7",
            type="answerable",
            question="Elsewhere?",
            expected=(("An answer.",),),
            evidence=(Evidence(cloud),),
            documents=(cloud,),
        ),
    )


def test_mtrag_given_searches_what_people_found(tmp_path):
    write_lines(tmp_path / "reference.jsonl", *MTRAG_ROWS)
    suite = load_mtrag_given(tmp_path)
    deep, lake, cloud = (id_of(suite, text) for text in ("It is 9 m deep.", "A lake.", "A cloud."))
    assert [case.documents for case in suite.cases] == [(deep, lake), (lake,), (cloud,)]
    assert (len(suite.texts), suite.dropped) == (3, 4)


def test_what_several_speakers_say_in_a_row_is_kept(tmp_path):
    row = mtrag_row(1, "ANSWERABLE", contexts=["A lake."])
    said = [("agent", "Hello."), ("user", "A?"), ("agent", "B."), ("agent", "C."), ("user", "D?"), ("user", "E?")]
    row["input"] = [{"speaker": speaker, "text": text} for speaker, text in said]
    write_lines(tmp_path / "reference.jsonl", row)
    (case,) = load_mtrag(tmp_path).cases
    assert (case.history, case.question) == ((Turn("A?", "B.\nC."), Turn("D?")), "E?")


# The real data

REAL = {
    "nq_given": ("nq_oracle", load_nq_given),
    "nq_library": ("nq_oracle", load_nq_library),
    "clapnq": ("clapnq", load_clapnq),
    "timeqa": ("timeqa", load_timeqa),
    "ramdocs": ("ramdocs", load_ramdocs),
    "wikicontradict": ("wikicontradict", load_wikicontradict),
    "rgb_refusal": ("rgb", load_rgb_refusal),
    "rgb_conflict": ("rgb", load_rgb_conflict),
    "xquad_en": ("xquad", load_xquad),
    "xquad_ru": ("xquad", lambda folder, **how: load_xquad(folder, language="ru", **how)),
    "xquad_ru_en": ("xquad", lambda folder, **how: load_xquad(folder, language="ru", passages="en", **how)),
    "mtrag": ("mtrag", load_mtrag),
    "mtrag_given": ("mtrag", load_mtrag_given),
}


@pytest.mark.parametrize("name", REAL)
def test_real_data_is_whole(name):
    folder, load = REAL[name]
    if not (DATA / folder).is_dir():
        pytest.skip(f"there is no {folder} in {DATA}: its adapter goes unchecked on real files")
    suite = load(DATA / folder)
    texts = {text.id: text.text for text in suite.texts}
    assert suite.name == name
    assert suite.cases
    assert suite.measures
    assert {reference.measure for reference in suite.references} <= {measure.name for measure in suite.measures}
    assert len({case.id for case in suite.cases}) == len(suite.cases)
    assert len(texts) == len(suite.texts)
    assert all(text.strip() for text in texts.values())
    for case in suite.cases:
        assert case.question
        assert case.documents != ()
        assert set(case.documents or ()) <= set(texts)
        assert all(evidence.quote in texts[evidence.document] for evidence in case.evidence)
        assert all(group for group in case.expected)
        assert case.answerable or not (case.expected or case.evidence)
        assert not any(
            holds(right, wrong) for wrong in case.forbidden for group in case.expected for right in group
        )
    few = load(DATA / folder, limit=7, seed=3)
    assert len(few.cases) == 7
    assert set(few.cases) <= set(suite.cases)


@pytest.mark.parametrize(
    ("name", "load", "row", "field"),
    [
        ("RAMDocs_x.jsonl", load_ramdocs, {"question": 5}, "question: 5 is not a text"),
        ("RAMDocs_x.jsonl", load_ramdocs, {"question": "?", "gold_answers": 3}, "gold_answers: 3 is not a list"),
        ("wiki-contradict.jsonl", load_wikicontradict, {"answer1": ["a"]}, r'answer1: \["a"\] is not a text'),
        ("en_fact.json", load_rgb_refusal, {"query": "?", "answer": [5]}, r"answer: \[5\] is not a text"),
        ("nq-oracle.jsonl", load_nq_given, {"ctxs": [{"text": 1}]}, r"ctxs\[0\].text: 1 is not a text"),
        ("clapnq_x_answerable.jsonl", load_clapnq, {"output": [1]}, r"output\[0\]: 1 is not an object"),
        ("reference.jsonl", load_mtrag, {"targets": {}}, r"targets: \{\} is not a list"),
    ],
)
def test_a_wrong_value_is_told_with_line_and_field(tmp_path, name, load, row, field):
    write_lines(tmp_path / name, {}, row)
    with pytest.raises(DocumentsError, match=f"line 2, field {field}"):
        load(tmp_path)
