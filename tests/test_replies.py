"""A statement stands beside the denial that follows it, wherever the passages are cut."""

from dataclasses import replace

import pytest

from rag.asked import analyse
from rag.evidence import candidates_in, quote_of
from rag.positions import Position, Positions
from rag.replies import with_reply
from rag.types import Hit, Passage, Relation, Source

SAID = '"The study was written by a firm that the club pays," Dale said.'
DENIED = "The club has denied that."
REASONS = "Its chief executive, Marcus Ito, said the city had chosen the firm."
SOURCE = Source(1, ("a.txt",), (), "Noise at Gull Point", "Post", None, None, None, ())


def passages(*texts):
    start, hits = 0, []
    for number, text in enumerate(texts, 1):
        passage = Passage(number, 1, start, start + len(text), text)
        hits.append(Hit(passage, SOURCE, 1.0, 1.0, 0.0))
        start += len(text) + 2
    return hits


def answered(hits, led, *, also=(), relation=Relation.ONE, question="Who pays the firm that wrote the study?"):
    quotes = {one.text: quote_of(0.5, one) for one in candidates_in(hits)}
    found = Positions(relation, tuple(Position((quotes[text],)) for text in (led, *also)))
    hit = next(hit for hit in hits if led in hit.passage.text)
    told = with_reply(
        found, analyse(question), hits=[hit], beside=lambda one: [other for other in hits if other is not one]
    )
    return told.relation, [position.quotes[0].text for position in told.positions]


def test_a_denial_in_the_next_sentence_is_the_other_side_with_its_reasons():
    both = (Relation.DIFFER, [SAID, f"{DENIED} {REASONS}"])
    assert answered(passages(f"{SAID} {DENIED} {REASONS}"), SAID) == both
    assert answered(passages(SAID, f"{DENIED} {REASONS}"), SAID) == both
    assert answered(passages(f"{SAID}\n\nShare this | 12 comments", f"{DENIED} {REASONS}"), SAID) == both


def test_who_is_led_by_the_denial_is_told_what_it_denies():
    hits = passages("The mill is old.", SAID, f"{DENIED} {REASONS} Nobody has appealed against it.")
    assert answered(hits, REASONS) == (Relation.DIFFER, [REASONS, SAID])
    assert answered(hits, DENIED) == (Relation.DIFFER, [DENIED, SAID])
    assert answered(hits, "Nobody has appealed against it.")[0] is Relation.ONE


def test_a_denial_that_gives_its_reason_itself_needs_no_second_sentence():
    denied = "Kosta rejected this: fewer than 22,000 seats would not pay, she told the paper."
    hits = passages(f"{SAID} {denied} {REASONS}")
    assert answered(hits, SAID) == (Relation.DIFFER, [SAID, denied])


def test_what_stood_beside_gives_way_and_what_differs_stays():
    hits = passages(f"{SAID} {DENIED} {REASONS}", "The firm is paid by the city.", "The firm pays itself.")
    other, third = "The firm is paid by the city.", "The firm pays itself."
    assert answered(hits, SAID, also=[other])[1] == [SAID, f"{DENIED} {REASONS}"]
    differing = answered(hits, SAID, also=[other, third], relation=Relation.DIFFER)[1]
    assert differing == [SAID, f"{DENIED} {REASONS}", other]
    assert answered(hits, SAID, also=[other], relation=Relation.LIST) == (Relation.LIST, [SAID, other])


@pytest.mark.parametrize(
    ("denial", "is_one"),
    [
        ("The ministry has repeatedly rejected the accusations.", True),
        ("This was denied by the firm.", True),
        ("But the firm disputes these figures, and has gone to court.", True),
        ("Министерство отвергло эти обвинения.", True),
        ("The court dismissed the case.", False),
        ("The city denied it the money.", False),
        ("The council rejected the plan of the club.", False),
        ("The firm said this.", False),
        ("The club has not denied that.", False),
        ("Nobody disputes this.", False),
        ("Neither side contested the figures.", False),
        ("The mayor could not deny that.", False),
        ("The ministry denied that prices had risen.", False),
        ("The council rejected it in May.", False),
        ("The court dismissed this application.", False),
        ("Министерство не опровергло эти обвинения.", False),
        ("Мэр отверг это обвинение.", True),
    ],
)
def test_only_what_denies_the_sentence_before_is_a_reply(denial, is_one):
    relation, said = answered(passages(f"{SAID} {denial}"), SAID)
    assert (relation is Relation.DIFFER) is is_one
    assert said == ([SAID, denial] if is_one else [SAID])


def test_a_denial_far_behind_is_of_something_else():
    hits = passages(SAID, "x" * 300, f"{DENIED} {REASONS}")
    assert answered(hits, SAID) == (Relation.ONE, [SAID])
    apart = [replace(hits[0]), hits[2]]
    assert answered(apart, SAID) == (Relation.ONE, [SAID])


def test_what_is_disputed_is_what_was_asked():
    hits = passages(f"{SAID} {DENIED} {REASONS}")
    for question in ("Who designed the stadium?", "Who is Dale?"):
        assert answered(hits, SAID, question=question) == (Relation.ONE, [SAID])


@pytest.mark.parametrize(
    ("after", "is_other"),
    [
        ("The police counted 450.", True),
        ("The organisers spoke of about 2,000.", True),
        ('The company spoke of "some hundreds".', True),
        ("The police counted 800.", False),
        ("The police counted 12 arrests.", False),
        ("The police counted 810.", False),
        ("Last year the police counted 450.", False),
        ("In 2023 the police counted 450.", False),
        ("Of these, the police counted 450.", False),
        ("Ito, 45, said she was glad.", False),
        ("The police came at 450 with their cars, which stood in the way for hours.", False),
        ("They sang.", False),
    ],
)
def test_another_count_of_the_same_is_the_other_side(after, is_other):
    said = "On Saturday some 800 people marched through Molde."
    told = answered(passages(f"{said} {after}"), said, question="How many people marched through Molde?")
    assert told == ((Relation.DIFFER, [said, after]) if is_other else (Relation.ONE, [said]))
    assert answered(passages(f"{said} {after}"), said, question="When did they march?")[1] == [said]


def test_what_tells_how_it_is_now_stands_behind_what_it_was():
    first = "In 2021 I paid 900 euros a month."
    hits = passages(f"{first} Now it is 2,100. Nobody helps.")
    assert answered(hits, first, question="How much does she pay a month?")[1] == [f"{first} Now it is 2,100."]
    for other in ("How much did she pay in 2021?", "Who pays?"):
        assert answered(hits, first, question=other)[1] == [first]
