from dataclasses import replace
from datetime import date

import pytest

from index.timex import date_mentions
from rag.asked import analyse
from rag.claims import claims_of
from rag.holders import of_each
from rag.offices import holder_spans
from rag.parts import Clock, Draft, Parts
from rag.positions import positions
from rag.types import Quote, Relation, Source, Speaker

NUMBER = "How many gulls nest on the island?"
WHO = "Who is the mayor of Otaru?"


def source(document, *, published=None, story=None, outlet=None):
    return Source(
        document, (f"{document}.txt",), (), f"Title {document}", outlet, None, published, None, (), story
    )


def quote(text, document, *, score=0.9, published=None, story=None, outlet=None, said_by=None):
    speaker = Speaker(said_by, None, "said", False) if said_by else None
    where = source(document, published=published, story=story, outlet=outlet)
    mentions = tuple(date_mentions(text, published))
    return Quote(0, where, document, 0, len(text), None, text, score, speaker, mentions=mentions)


def found(question, *quotes):
    return positions(analyse(question), quotes)


def values(result):
    return [position.value for position in result.positions]


def leads(question, *quotes):
    result = found(question, *quotes)
    draft = Draft(question=question, asked=question)
    parts = Parts(retriever=None, reader=None, writer=None)
    made = claims_of(draft, result, quotes=quotes, parts=parts, clock=Clock())
    return [claim.shown for claim in made]


def test_two_documents_with_other_numbers_differ():
    result = found(
        NUMBER, quote("4,900 gulls nest on the island.", 1), quote("5,200 gulls nest on the island.", 2)
    )
    assert result.relation is Relation.DIFFER
    assert values(result) == ["4,900", "5,200"]


def test_a_number_that_a_quote_denies_is_not_its_own():
    result = found(
        NUMBER,
        quote("On the island nest not the 52 gulls of the claim but 43 gulls.", 1),
        quote("52 gulls nest on the island.", 2),
    )
    assert result.relation is Relation.DIFFER
    assert values(result) == ["43", "52"]


def test_the_same_number_in_other_words_is_one_position_with_both_voices():
    result = found(
        NUMBER,
        quote("4,900 gulls nest on the island.", 1),
        quote("Some 4.9 thousand gulls nest on the island.", 2),
    )
    assert result.relation is Relation.ONE
    (position,) = result.positions
    assert [one.source.document_id for one in position.quotes] == [1, 2]


def test_copies_of_one_story_are_one_voice():
    result = found(
        NUMBER,
        quote("4,900 gulls nest on the island.", 1, story=7),
        quote("4,900 gulls nest on the island today.", 2, story=7),
        quote("5,200 gulls nest on the island.", 3),
    )
    assert [len(position.quotes) for position in result.positions] == [1, 1]


def test_one_document_that_gives_two_numbers_does_not_differ_from_itself():
    result = found(
        NUMBER, quote("4,900 gulls nest on the island.", 1), quote("800 gulls nest on the island roof.", 1)
    )
    assert result.relation is Relation.ONE
    assert values(result) == ["4,900"]


def test_two_speakers_in_one_document_may_differ():
    result = found(
        NUMBER,
        quote("4,900 gulls nest on the island.", 1, said_by="Ito"),
        quote("9,000 gulls nest on the island.", 1, said_by="Sato"),
    )
    assert result.relation is Relation.DIFFER


def test_a_sentence_about_something_else_gives_no_position():
    result = found(NUMBER, quote("4,900 gulls nest on the island.", 1), quote("The ferry costs 5,200 yen.", 2))
    assert values(result) == ["4,900"]


def test_a_far_worse_sentence_gives_no_position():
    result = found(
        NUMBER, quote("4,900 gulls nest on the island.", 1), quote("5,200 gulls nest on the island.", 2, score=0.1)
    )
    assert values(result) == ["4,900"]


def test_who_held_an_office_then_is_told_by_what_was_written_then():
    then, later = date(2024, 11, 5), date(2025, 11, 5)
    question = "Who was the mayor of Otaru in November 2024?"
    of_then = quote("The mayor of Otaru, Mari Sato, opened the fair.", 1, published=then, score=0.3)
    newer = quote("The mayor of Otaru, Ken Ito, closed the fair.", 2, published=later)
    assert values(found(question, newer, of_then)) == ["Mari Sato"]
    hardly = replace(of_then, score=0.1)
    assert values(found(question, newer, hardly))[0] == "Ken Ito"
    prize = quote("The prize was won by Ken Ito in 2024.", 1, published=date(2025, 1, 5))
    hope = quote("Mari Sato hopes to win the prize.", 2, published=date(2024, 3, 5), score=0.25)
    assert values(found("Who won the prize in 2024?", prize, hope))[0] == "Ken Ito"  # no office


def test_the_name_of_a_state_and_its_people_are_one_word():
    question = "Who is the prime minister of Japan now?"
    older = quote("The prime minister of Japan, Mari Sato, spoke.", 1, published=date(2024, 1, 5))
    newer = quote("Japanese prime minister Ken Ito spoke.", 2, published=date(2024, 11, 5), score=0.8)
    assert values(found(question, older, newer)) == ["Ken Ito", "Mari Sato"]


def test_of_two_documents_that_were_chosen_each_is_heard():
    quotes = [
        quote("4,900 gulls nest on the island.", 1),
        quote("The wardens call the gulls a plague.", 2, score=0.15),
    ]
    asked = analyse(NUMBER)
    assert [position.quotes[0].text for position in positions(asked, quotes, of_two=True).positions] == [
        "4,900 gulls nest on the island.",
        "The wardens call the gulls a plague.",
    ]
    assert len(positions(asked, quotes).positions) == 1
    copy = [quotes[0], replace(quotes[0], source=source(2))]
    assert len(positions(asked, copy, of_two=True).positions) == 1
    least = [quotes[0], quote("The wardens call the gulls a plague.", 2, score=0.05)]
    assert len(positions(asked, least, of_two=True).positions) == 1


def test_a_less_likely_sentence_of_another_voice_differs_with_another_number():
    first = quote("4,900 gulls nest on the island.", 1)
    result = found(NUMBER, first, quote("The wardens count 5,200 gulls on the island.", 2, score=0.4))
    assert result.relation is Relation.DIFFER
    assert values(result) == ["4,900", "5,200"]
    assert values(found(NUMBER, first, quote("The wardens count 4,900 gulls.", 2, score=0.4))) == ["4,900"]


def test_the_same_words_with_another_number_differ_where_no_form_of_answer_is_known():
    result = found(
        "What is the range of the lamp?",
        quote("The range of the lamp is 5 metres.", 1),
        quote("The range of the lamp is 2 metres.", 2, score=0.5),
    )
    assert result.relation is Relation.DIFFER


def test_who_is_leads_with_the_newest_and_tells_what_was_said_before():
    old = quote("The mayor of Otaru, Ken Ito, opened the fair.", 1, published=date(2023, 5, 1))
    new = quote("The mayor of Otaru, Mari Sato, opened the fair.", 2, published=date(2025, 5, 1), score=0.88)
    assert found(WHO, old, new).relation is Relation.NEWEST
    assert leads(WHO, old, new) == [
        "As of 2025-05-01: The mayor of Otaru, Mari Sato, opened the fair.",
        "Earlier documents (2023-05-01): Ken Ito",
    ]


def test_an_earlier_value_has_the_day_of_the_words_that_are_cited():
    words = "The mayor of Otaru, {}, opened the fair."
    new = quote(words.format("Mari Sato"), 1, published=date(2025, 5, 1))
    old = quote(words.format("Ken Ito"), 2, published=date(2023, 5, 1), score=0.88)
    again = quote("The mayor of Otaru, Ken Ito, opened the shop.", 3, published=date(2024, 5, 1), score=0.86)
    assert leads(WHO, new, old, again)[1] == "Earlier documents (2023-05-01): Ken Ito"


def test_the_newest_that_names_the_holder_leads_however_much_likelier_an_older_one_is():
    told = "The mayor of Otaru, {}, opened the fair."
    old, new = (quote(told.format(name), n, published=day, score=score) for name, n, day, score in HOLDERS)
    old, new = (replace(one, answer=(20, one.text.index(", opened"))) for one in (old, new))
    assert values(found(WHO, old, new)) == ["Mari Sato", "Ken Ito"]
    hardly = replace(new, score=0.05)
    assert values(found(WHO, old, hardly)) == ["Ken Ito"]


HOLDERS = (("Ken Ito", 1, date(2023, 5, 1), 0.6), ("Mari Sato", 2, date(2025, 5, 1), 0.2))


def test_documents_of_one_day_differ_even_about_now():
    day = date(2025, 5, 1)
    first = quote("The mayor of Otaru, Ken Ito, opened the fair.", 1, published=day, outlet="Harbour Post")
    second = quote("The mayor of Otaru, Mari Sato, opened the fair.", 2, published=day)
    assert leads(WHO, first, second) == [
        "Harbour Post (2025-05-01): The mayor of Otaru, Ken Ito, opened the fair.",
        "Title 2 (2025-05-01): The mayor of Otaru, Mari Sato, opened the fair.",
    ]


def test_counts_of_one_week_differ_and_those_of_other_times_do_not():
    question = "How many gulls are on the island?"
    said = "By our count 4,900 gulls are on the island."
    for day, relation in ((date(2025, 5, 4), Relation.DIFFER), (date(2025, 2, 1), Relation.NEWEST)):
        newest = quote("5,200 gulls are on the island.", 2, published=date(2025, 5, 6))
        assert found(question, newest, quote(said, 1, published=day, score=0.88)).relation is relation


def test_of_three_counts_two_that_deny_each_other_are_not_only_older():
    said = [
        quote("There are 8,000 gulls on the island.", 3, published=date(2025, 9, 1)),
        quote("There are 4,900 gulls on the island, and not 5,200.", 1, published=date(2025, 5, 1), score=0.89),
        quote("There are 5,200 gulls on the island.", 2, published=date(2025, 3, 1), score=0.88),
    ]
    result = found("How many gulls are on the island?", *(replace(one, answer=(10, 15)) for one in said))
    assert values(result) == ["8,000", "4,900", "5,200"]
    assert result.relation is Relation.DIFFER


def test_undated_is_called_undated():
    told = leads(NUMBER, quote("4,900 gulls nest on the island.", 1), quote("5,200 gulls nest on the island.", 2))
    assert told[0] == "Title 1 (undated): 4,900 gulls nest on the island."


def test_the_day_that_a_question_names_chooses_the_document():
    result = found(
        "How many gulls nested on the island in 2023?",
        quote("5,200 gulls nest on the island.", 2, published=date(2025, 5, 1)),
        quote("4,900 gulls nest on the island.", 1, published=date(2023, 5, 1), score=0.8),
    )
    assert values(result) == ["4,900"]


def test_a_list_takes_one_item_of_each_document():
    result = found(
        "Which birds nest on the island?",
        quote("Gulls nest on the island.", 1),
        quote("Gulls also nest on its roofs.", 1),
        quote("Puffins nest on the island.", 2),
    )
    assert result.relation is Relation.LIST
    assert [position.quotes[0].text for position in result.positions] == [
        "Gulls nest on the island.",
        "Puffins nest on the island.",
    ]


def texts(result):
    return [one.quotes[0].text for one in result.positions]


def test_a_list_in_a_single_document_takes_its_sentences():
    said = [quote("Gulls nest on the island.", 1), quote("Puffins breed in its cliffs.", 1)]
    assert texts(found("Which birds nest on the island?", *said)) == [one.text for one in said]


def test_an_open_question_gets_the_best_sentence_and_that_of_another_voice():
    said = [quote("They left for lack of fish.", 1), quote("Dogs drove the gulls away.", 2, score=0.7)]
    result = found("Why did the gulls leave?", *said)
    assert result.relation is Relation.ONE
    assert texts(result) == [one.text for one in said]


def test_beside_an_unsure_sentence_stands_the_next_one_of_the_same_document_too():
    unsure = [
        quote("The keeper stores it in the shed.", 1, score=0.3),
        quote("He paints the lamp in May.", 1, score=0.2),
    ]
    assert texts(found("What does the keeper do in May?", *unsure)) == [one.text for one in unsure]
    sure = [quote("He paints the lamp in May.", 1, score=0.8), unsure[0]]
    assert texts(found("What does the keeper do in May?", *sure)) == [sure[0].text]


def test_beside_an_answer_stands_no_question_and_no_heading():
    best = quote("He paints the lamp in May.", 1, score=0.3)
    for other in ("What does the keeper do in May?", "The keeper in May"):
        for document in (1, 2):
            result = found("What does the keeper do in May?", best, quote(other, document, score=0.29))
            assert texts(result) == [best.text]


def test_an_unlikely_or_repeated_sentence_of_another_voice_is_no_second_answer():
    best = quote("They left for lack of fish.", 1)
    for other in (
        quote("Dogs drove the gulls away.", 2, score=0.3),
        quote("Dogs drove the gulls away.", 1),
        quote("The gulls left for lack of fish.", 2),
    ):
        assert texts(found("Why did the gulls leave?", best, other)) == [best.text]


def test_one_who_denies_what_the_other_states_differs():
    result = found(
        "Has the mayor asked for help with the gulls?",
        quote("The mayor asked three times for help with the gulls.", 1),
        quote("No request for help with the gulls arrived, said the council.", 2, score=0.8),
    )
    assert result.relation is Relation.DIFFER


def test_a_denial_is_found_behind_a_likelier_sentence():
    result = found(
        "Has the mayor asked for help with the gulls?",
        quote("The mayor asked three times for help with the gulls.", 1),
        quote("The mayor fed the gulls.", 3, score=0.8),
        quote("The council denied that the mayor asked for help.", 2, score=0.7),
    )
    assert result.relation is Relation.DIFFER
    assert [one.quotes[0].source.document_id for one in result.positions] == [1, 2]


def test_half_as_likely_a_sentence_does_not_stand_beside():
    unsure = [quote("The keeper stores it.", 1, score=0.3), quote("He paints the lamp in May.", 1, score=0.16)]
    assert texts(found("What does the keeper do in May?", *unsure)) == [unsure[0].text]


def test_a_newer_voice_that_denies_the_older_figure_differs_from_it():
    question = "How many gulls are on the island?"
    old = quote("There are 52 gulls on the island, by the count of the town.", 1, published=date(2025, 10, 29))
    new = quote("There are 43 gulls on the island, and not 52 as claimed.", 2, published=date(2025, 11, 6))
    later = quote("There are 43 gulls on the island.", 2, published=date(2025, 11, 6))
    assert found(question, new, old).relation is Relation.DIFFER
    assert found(question, later, old).relation is Relation.NEWEST


def test_a_day_that_hangs_on_the_day_of_publication_is_told_as_a_date():
    told = quote("The mill was shut on Friday.", 1, published=date(2025, 10, 25))
    assert leads("When was the mill shut?", told) == ["“Friday” is 2025-10-24: The mill was shut on Friday."]
    ahead = quote("The mill will be shut on Friday.", 1, published=date(2025, 10, 25))
    assert leads("When will the mill be shut?", ahead) == [
        "“Friday” is 2025-10-31: The mill will be shut on Friday."
    ]
    month = quote(
        "The mill was shut last month, two years after the fire of 2023.", 1, published=date(2025, 10, 25)
    )
    assert leads("When was the mill shut?", month)[0].startswith("“last month” is 2025-09: The mill")


def test_words_that_name_two_days_are_left_as_they_are():
    told = quote("They met on Friday and will meet again on Friday.", 1, published=date(2025, 10, 25))
    assert leads("When did they meet?", told) == [told.text]


def test_such_a_day_stays_as_it_is_where_it_cannot_be_told_or_is_not_asked_for():
    undated = quote("The mill was shut on Friday.", 1)
    assert leads("When was the mill shut?", undated) == [undated.text]
    dated = quote("The mill of Otaru was shut on Friday.", 1, published=date(2025, 10, 25))
    assert leads("Where is the mill that was shut?", dated) == [dated.text]
    absolute = quote("The mill was shut on 3 May 2024.", 1, published=date(2025, 10, 25))
    assert leads("When was the mill shut?", absolute) == [absolute.text]
    month = quote("The mill was shut on 3 May.", 1, published=date(2025, 10, 25))
    assert leads("When was the mill shut?", month) == [month.text]
    last = quote("The mill was shut last weekend.", 1, published=date(2023, 7, 8))
    assert leads("When was the mill shut?", last)[0].startswith("“last weekend” is 2023-07-01 to 2023-07-02: ")


def test_what_was_before_is_no_other_answer_to_when_something_will_be():
    told = quote("The board will meet on Tuesday.", 1, published=date(2025, 3, 14), score=0.45)
    past = quote("Sato has led the board since 2017.", 2, published=date(2025, 4, 11), score=0.3)
    assert found("When will the board meet?", told, past).relation is Relation.ONE


def test_who_differs_says_so_with_the_days_that_are_meant():
    shown = leads(
        "When was the mill shut?",
        quote("The mill was shut on Friday.", 1, published=date(2025, 10, 25), outlet="Otaru Post"),
        quote("The mill was shut on Monday.", 2, published=date(2025, 10, 25), outlet="Harbour News"),
    )
    assert shown[0].startswith("Otaru Post (2025-10-25); “Friday” is 2025-10-24: ")
    assert shown[1].startswith("Harbour News (2025-10-25); “Monday” is 2025-10-20: ")


def test_a_count_of_another_noun_of_the_question_is_no_answer():
    result = found(
        "How many Japanese graves are on the island?",
        quote("There are 52 known Japanese burial places on the island.", 1),
        quote("In 1945 about 17,000 Japanese lived on the island.", 2),
    )
    assert values(result) == ["52"]
    predicated = found("How many people were soldiers?", quote("About 300 soldiers were on the island.", 1))
    assert values(predicated) == ["About 300"]


def test_two_sentences_about_somebody_do_not_differ_because_one_has_a_not():
    first = quote("Una Farrell will not give up the post office.", 1, score=0.4)
    second = quote("The names were collected by the postmistress Una Farrell.", 2, score=0.4)
    assert found("Who is Una Farrell?", first, second).relation is Relation.ONE
    rejected = quote("Una Farrell rejected the plan.", 3, score=0.4)
    assert found("Who is Una Farrell?", rejected, second).relation is Relation.ONE


def test_what_is_only_supposed_is_no_other_side():
    told = quote("The board refused the licence of the night ferry.", 1, score=0.45)
    supposed = quote(
        "Should the licence of the night ferry be refused again, they would sue the board.", 2, score=0.4
    )
    assert found("Was the licence of the night ferry refused?", told, supposed).relation is Relation.ONE


def test_the_number_of_something_else_is_no_other_answer():
    signed = quote("Quiet Bank collected 8,700 signatures.", 1, score=0.6, outlet="Voice")
    seats = "Quiet Bank demands that the number of seats be cut to 18,000."
    result = found(
        "How many signatures did Quiet Bank collect?", signed, quote(seats, 2, score=0.4, outlet="Post")
    )
    assert values(result) == ["8,700"]


def test_an_earlier_value_counts_the_same_thing():
    question = "How many seats does Quiet Bank demand?"
    now = quote("Quiet Bank demands 18,000 seats.", 1, published=date(2025, 11, 14), outlet="Post")
    before = date(2025, 3, 6)
    signed = quote("Quiet Bank collected 8,700 signatures.", 2, score=0.8, published=before, outlet="Voice")
    assert values(found(question, now, signed)) == ["18,000"]
    seats = quote("Quiet Bank demanded 12,000 seats.", 2, score=0.8, published=before, outlet="Voice")
    assert values(found(question, now, seats)) == ["18,000", "12,000"]


def test_who_says_that_a_number_is_wrong_differs_from_who_says_it():
    said = quote("The mayor expects 1,200 jobs there.", 1, outlet="Post")
    denied = quote("The stadium will not create 1,200 jobs.", 2, score=0.85, outlet="Voice")
    result = found("How many jobs will the stadium create?", said, denied)
    assert result.relation is Relation.DIFFER
    assert texts(result) == [said.text, denied.text]


def test_beside_the_newest_holder_of_an_office_stands_nobody():
    told = replace(
        quote("Anna Ito is the mayor of Otaru.", 1, score=0.2, published=date(2025, 3, 4)), answer=(0, 8)
    )
    other = quote("The council of Otaru met on Monday.", 1, score=0.19, published=date(2025, 3, 4))
    assert texts(found("Who is the mayor of Otaru?", told, other)) == [told.text]


def test_another_day_is_one_of_the_same_thing():
    question = "When was the Treaty of Shimoda signed?"
    best = quote("The Treaty of Shimoda was signed in 1855.", 1, score=0.8, outlet="Post")
    for other in ("A treaty signed in 1875 gave up the claim.", "The Treaty of Shimoda ended in 1945."):
        assert values(found(question, best, quote(other, 2, score=0.4, outlet="Voice"))) == ["1855"]
    same = quote("The Treaty of Shimoda was signed in 1856.", 2, score=0.4, outlet="Voice")
    assert values(found(question, best, same)) == ["1855", "1856"]
    ended = quote("The exchange ended in 2022.", 1, score=0.8, outlet="Post")
    began = quote("The exchange began in 1992.", 2, score=0.4, outlet="Voice")
    assert values(found("When did the exchange end?", ended, began)) == ["2022"]


def test_another_day_may_be_told_of_the_same_by_a_shorter_name():
    left = quote("Ann Ito left the club in 2019.", 1, outlet="Post")
    other = quote("Ito left the club in 2020.", 2, score=0.5, outlet="Voice")
    assert values(found("When did Ann Ito leave the club?", left, other)) == ["2019", "2020"]


def test_not_until_and_not_just_deny_nothing():
    closed = quote("The school closed in 2019.", 1, outlet="Post")
    until = quote("It was not until 2019 that the school closed.", 2, outlet="Voice")
    assert found("When did the school close?", closed, until).relation is Relation.ONE
    has = quote("The plant has 450 workers.", 1, outlet="Post")
    just = quote("The plant has not just 450 workers but also a school.", 2, outlet="Voice")
    assert found("How many workers does the plant have?", has, just).relation is Relation.ONE


def test_people_may_be_counted_by_another_noun():
    now = quote("In Molde live 27,000 people.", 1, published=date(2025, 11, 14), outlet="Post")
    before = quote("26,000 inhabitants live in Molde.", 2, published=date(2015, 3, 6), outlet="Voice")
    assert values(found("How many people live in Molde?", now, before)) == ["27,000", "26,000"]


def held(*quotes):
    """Quotes with the words that the reader found to name a holder."""
    spans = holder_spans(
        analyse("Who was the mayor of Otaru?"), [(one.text, one.source.published) for one in quotes]
    )
    return [replace(one, answer=span) for one, span in zip(quotes, spans, strict=True)]


HELD = held(
    quote("Raimo Kallio, who has been mayor of Otaru since 2015, left.", 1, score=0.4, published=date(2024, 9, 3)),
    quote("Mayor Saana Lehto abstained.", 2, score=0.3, published=date(2025, 10, 28)),
    quote("Before him Pentti Aro was mayor for sixteen years.", 3, score=0.1, published=date(2003, 5, 1)),
    quote("The mayor of Nemuro, Jun Abe, spoke.", 4, score=0.1, published=date(2025, 1, 2)),
    quote("Mayor Lehto will close no school.", 5, score=0.2, published=date(2025, 11, 2)),
)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which mayors has Otaru had?", ["Pentti Aro", "Raimo Kallio", "Saana Lehto"]),
        ("who have been the mayors of Otaru", ["Pentti Aro", "Raimo Kallio", "Saana Lehto"]),
        ("Which mayors did Otaru have in 2025?", ["Saana Lehto"]),
        ("Which mayors did Otaru have since 2007?", ["Raimo Kallio", "Saana Lehto"]),
        ("Who were the mayors of Otaru before Kallio?", []),
    ],
)
def test_who_held_an_office_is_told_by_name_one_after_the_other(question, names):
    result = found(question, *HELD)
    assert (values(result) if result.relation is Relation.LIST else []) == names


def test_of_many_holders_the_last_are_told():
    names = "Abe Berg Craig Dahl Egg Falk Gray Holm Ilves Juhl Kant Lund".split()
    said = [(f"Mayor Ann {name} spoke.", date(2000 + at, 1, 1)) for at, name in enumerate(names)]
    many = held(*(quote(text, day.year, published=day) for text, day in said))
    assert values(found("Which mayors has Otaru had?", *many)) == [f"Ann {name}" for name in names[-10:]]


@pytest.mark.parametrize(
    "question",
    [
        "Which boats has Otaru had?",
        "Who were the owners of the mill?",
        "Which presidents did Putin have dinner with?",
        "Which kings have never had children?",
        "Who are the ministers of Finland?",
        "Which ministers does the government have?",
        WHO,
    ],
)
def test_other_lists_are_none_of_holders(question):
    assert of_each(analyse(question)) is None


def test_who_is_asked_for_alone_is_given_alone():
    first = quote('"They photograph the slippers," said the innkeeper.', 1, said_by="Ann Ito")
    second = quote("The graves are looked after.", 2, said_by="Bo Lind")
    assert len(found("which innkeeper says the guests take pictures?", first, second).positions) == 1
    assert len(found("which innkeepers say that guests take pictures?", first, second).positions) == 2


def test_what_counts_things_is_no_amount_of_a_mass():
    question = "How much water can the dam hold?"
    first = quote("The dam can hold 4.2 billion cubic metres of water.", 1)
    second = quote("The dam gives 900 thousand households light and water.", 2)
    assert found(question, first, second).relation is Relation.ONE


def test_of_one_document_a_number_of_something_less_near_is_no_other_side():
    question = "How much money does the choir have in the bank?"
    first = quote("Jonas Ek reported that the choir has 18,450 kronor in the bank.", 1, said_by="Jonas Ek")
    second = quote("The cost is 2,900 kronor a person, of which the choir pays 800.", 1)
    assert found(question, first, replace(second, start=200, end=260)).relation is Relation.ONE
