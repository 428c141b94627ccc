from dataclasses import replace
from datetime import date

import pytest

from rag.evidence import LeadReader, SentenceReader, candidates_in
from rag.testing import HashEmbedder
from rag.types import Hit, Page, Passage, Source


def make_hit(number, text, *, title="Mills", published=None, start=0, pages=()):
    source = Source(number, (f"{number}.txt",), (), title, None, None, published, None, pages)
    return Hit(Passage(number, number, start, start + len(text), text), source, 1.0, 0.9, 1.0)


def read(question, *hits, limit=10):
    return SentenceReader(HashEmbedder()).read(question, hits, limit=limit)


@pytest.mark.parametrize(
    ("question", "without", "answering"),
    [
        (
            "How many workers did the mill employ?",
            "The mill did employ workers there.",
            "The mill did employ 40 workers.",
        ),
        (
            "How many workers did the mill employ?",
            "The mill did employ workers there.",
            "The mill did employ forty-two thousand workers.",
        ),
        ("When was the mill closed?", "The mill was closed with anger.", "The mill was closed in 1987."),
        ("When was the mill closed?", "The mill may be closed now.", "The mill was closed in May."),
        ("Who closed the mill?", "They closed the mill in anger.", "In anger Anna Ito closed the mill."),
        ("Where was the mill built?", "They built the mill with stones.", "The mill was built in Leeds."),
        ("Сколько рабочих было на заводе?", "Много рабочих было на заводе.", "Там было 40 рабочих на заводе."),
        ("Кто закрыл завод в городе?", "Его закрыл в городе завод сам.", "Завод в городе закрыл Иванов."),
    ],
)
def test_a_sentence_that_holds_what_is_asked_comes_first(question, without, answering):
    for text in (f"{without} {answering}", f"{answering} {without}"):
        assert read(question, make_hit(1, text))[0].text == answering


def test_a_number_of_the_question_is_not_its_answer():
    repeats = "In 2024 the mill did employ workers."
    answers = "In 2024 the mill did employ 40 workers."
    quotes = read("How many workers did the mill employ in 2024?", make_hit(1, f"{repeats} {answers}"))
    assert [quote.text for quote in quotes] == [answers, repeats]


def test_the_newest_document_comes_first_for_who_is():
    old = make_hit(1, "The mayor of Leeds is Anna Ito.", published=date(2020, 1, 1))
    new = make_hit(2, "The mayor of Leeds is Jane Roe.", published=date(2024, 1, 1))
    undated = make_hit(3, "The mayor of Leeds is Mary Doe.")
    for hits in ((old, undated, new), (undated, new, old), (new, undated, old)):
        assert read("Who is the mayor of Leeds?", *hits)[0].passage_id == 2


def test_without_is_the_rank_decides():
    old = make_hit(1, "The mayor of Leeds was Anna Ito.", published=date(2020, 1, 1))
    new = make_hit(2, "The mayor of Leeds was Jane Roe.", published=date(2024, 1, 1))
    assert read("Who built the house of the mayor of Leeds?", old, new)[0].passage_id == 1


def test_a_sentence_about_the_question_comes_first():
    text = "Rain fell on the green hills. The mill closed in the spring. Birds sang in the trees."
    assert read("Did the mill close in spring?", make_hit(1, text))[0].text == "The mill closed in the spring."


def test_offsets_count_from_the_start_of_the_document():
    document = "Heading\n\nRain fell on the hills. The mill closed in spring. Birds sang in trees."
    start = document.index("Rain")
    for quote in read("Did the mill close?", make_hit(1, document[start:], start=start)):
        assert document[quote.start : quote.end] == quote.text


def test_the_page_of_a_quote_is_where_it_begins():
    first, second = "The mill closed in spring.", "The owner sold the mill."
    pages = (Page(1, "i", 0, len(first) + 1), Page(2, "ii", len(first) + 1, 100))
    found = {quote.text: quote.page for quote in read("mill", make_hit(1, f"{first}\n{second}", pages=pages))}
    assert found == {first: pages[0], second: pages[1]}
    assert read("mill", make_hit(1, first))[0].page is None


def test_the_same_sentence_is_quoted_once_from_the_best_hit():
    text = "The mill closed in spring."
    again = f"{text} The mill\nclosed in spring. {text}"
    quotes = read("When did the mill close?", make_hit(1, text), make_hit(2, text), make_hit(3, again))
    assert [quote.passage_id for quote in quotes if quote.text == text] == [1]


def test_scraps_are_not_quoted():
    assert read("mill", make_hit(1, "The mill.\nRead more\nMill news today")) == []
    assert read("mill") == []


@pytest.mark.parametrize(
    ("line", "is_read"), [("Ann Ito, manager", True), ("Chair: Ann Ito", True), ("Ann Ito, Otaru", False)]
)
def test_a_line_of_a_name_is_read_where_it_tells_an_office(line, is_read):
    assert [one.text for one in candidates_in([make_hit(1, line)])] == ([line] if is_read else [])


def test_scores_fall_lie_between_0_and_1_and_the_limit_holds():
    text = " ".join(f"The mill number {number} closed in spring." for number in range(10))
    quotes = read("How many mills closed in spring?", make_hit(1, text), limit=4)
    scores = [quote.score for quote in quotes]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_the_title_counts():
    text = "It closed in the wet spring."
    quotes = read(
        "Did the Leeds mill close?", make_hit(1, text, title="Rain"), make_hit(2, text + " !", title="Leeds mill")
    )
    assert quotes[0].passage_id == 2


def test_without_a_reader_the_first_sentence_of_each_hit_is_taken_in_their_order():
    hits = [
        make_hit(1, "One mill stood there. Two mills burned."),
        make_hit(2, "A ferry sails at noon. It is red."),
    ]
    quotes = LeadReader().read("Which mills burned?", hits, limit=5)
    assert [quote.text for quote in quotes] == ["One mill stood there.", "A ferry sails at noon."]
    assert quotes[0].score > quotes[1].score
    assert len(LeadReader().read("Which mills burned?", hits, limit=1)) == 1


# Who says it


def make_spoken(number, text):
    from index.speech import attributions

    return replace(make_hit(number, text), attributions=tuple(attributions(text)))


def test_a_quote_of_somebody_s_words_knows_the_speaker():
    hit = make_spoken(1, 'The old mill burned down. "We saw the smoke," said Anna Ito, a baker.')
    speakers = {quote.text: quote.speaker for quote in read("What was seen at the old mill?", hit)}
    assert speakers["The old mill burned down."] is None
    assert speakers['"We saw the smoke," said Anna Ito, a baker.'].name == "Anna Ito"


def test_who_said_it_is_answered_by_words_that_somebody_says():
    text = "Smoke rose from the mill for days. Anna Ito said that smoke rose from the mill for days."
    quotes = read("Who said that smoke rose from the mill for days?", make_spoken(1, text))
    assert quotes[0].speaker.name == "Anna Ito"


def test_a_sentence_that_names_somebody_may_say_who_says_it_unrecognised():
    named, bare = "Anna Ito sees smoke over the mill.", "Many people see smoke over the mill."
    quotes = read("Who thinks that there is smoke over the mill?", make_hit(1, f"{bare} {named}"))
    assert [quote.text for quote in quotes] == [named, bare]


def test_words_known_to_be_somebody_s_come_before_a_sentence_that_only_names_somebody():
    text = (
        "Anna Ito is a baker. She said there is smoke over the mill. Bo Li sees that there is smoke over the mill."
    )
    quotes = read("Who thinks that there is smoke over the mill?", make_spoken(1, text))
    assert quotes[0].speaker.name == "Anna Ito"
