from rag.evidence import is_heading, is_question
from rag.reading import TrainedReader, Weights
from rag.testing import HashEmbedder
from rag.types import Hit, ModelInfo, Passage, Reading, Source


class Judge:
    """Finds those sentences likely that begin like the question."""

    info = ModelInfo("reader", "fake", "0" * 64)

    def open(self):
        """Nothing is loaded."""

    def read(self, question, texts):
        likely = [tuple(0.9 if one.startswith(question[:4]) else 0.3 for one in text.sentences) for text in texts]
        return [Reading(max(one), one, self.spans(len(one))) for one in likely]

    def spans(self, count):
        return (None,) * count

    def support(self, pairs):
        return [1.0 for _ in pairs]


def read(question, text):
    source = Source(1, ("a.txt",), ("/a.txt",), "Opening hours", None, None, None, "en", ())
    hit = Hit(Passage(1, 1, 0, len(text), text), source, score=1.0, dense=0.9, lexical=1.0)
    reader = TrainedReader(HashEmbedder(), Judge(), Weights(reader=1.0, untrained=0.0, bias=0.0))
    return reader.read(question, [hit], limit=8)


def test_a_sentence_that_asks_stands_behind_those_that_tell():
    text = "When does the mill open in winter? The mill opens at nine in winter. The miller sleeps until then."
    quotes = read("When does the mill open in winter?", text)
    assert [one.text.split()[0] for one in quotes] == ["The", "The", "When"]
    assert [one.score for one in quotes] == sorted((one.score for one in quotes), reverse=True)


def test_who_tells_what_somebody_asked_does_not_ask():
    assert is_question("When does it open?")
    assert is_question('"When does it open?"')
    assert not is_question('Ito asked: "When does it open?"')
    assert not is_question("It opens at nine (or later?).")


def test_a_heading_stands_behind_the_sentence_that_says_the_same():
    quotes = read("What may be had in the mill?", "What the mill has now\n\nWhat the mill has is bread.")
    assert [one.text for one in quotes] == ["What the mill has is bread.", "What the mill has now"]


def test_when_something_ended_is_not_told_by_when_it_began():
    quotes = read(
        "When did the exchange end?", "When I was small it began, in 1992. It ended before the year 2022."
    )
    assert quotes[0].text == "It ended before the year 2022."


def test_when_something_will_be_is_not_told_by_what_has_been():
    text = "When all met the board has decided to close it in 2026. The board will decide before Christmas."
    quotes = read("When will the board decide?", text)
    assert quotes[0].text == "The board will decide before Christmas."


def test_a_sentence_of_three_words_is_read_where_it_has_a_verb():
    quotes = read(
        "Was anybody hurt?",
        "Nobody was hurt. Photo: Ann Ito. It failed badly. Map of Molde. All rights reserved. By Ahmed.",
    )
    assert {one.text for one in quotes} == {"Nobody was hurt.", "It failed badly."}


def test_an_item_of_a_list_and_a_line_with_a_colon_are_no_headings():
    for line in ("• Hamsters and one cat per flat", "Next meeting: 13 January", "The mill closed in 1992.[3]"):
        assert not is_heading(line)
    assert is_heading("Council backs stadium at Gull Point")


def test_of_a_list_of_holders_only_words_that_name_one_answer(monkeypatch):
    monkeypatch.setattr(Judge, "spans", lambda _, count: ((0, 3),) * count)
    text = "Who they were is told here at length. Mayor Ann Ito spoke in May."
    quotes = read("Who have been the mayors of Otaru?", text)
    assert [one.text[slice(*one.answer)] for one in quotes if one.answer] == ["Ann Ito"]
