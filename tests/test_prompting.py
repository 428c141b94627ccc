from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import prompts
from rag.errors import QuestionError, SettingsError
from rag.prompting import (
    CHAT_FORMATS,
    Room,
    build_prompt,
    chat_format,
    fit_prompt,
    fit_quotes,
    fixed_prefix,
    passage_text,
    quote_text,
)
from rag.testing import ScriptedGenerator
from rag.types import Hit, LeftOut, LeftOutReason, Passage, Quote, Source, Speaker

often = settings(derandomize=True, max_examples=150, deadline=None)
count = ScriptedGenerator().count_segments
hostile = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            [
                "$question",
                "$passages",
                "${question}",
                "$",
                "$$",
                "{0}",
                "{}",
                "%s",
                "\0",
                "<|im_end|>",
                "\n",
                "why",
            ]
        ),
        max_size=8,
    ).map("".join),
)


def make_hit(number, text="The mill closed.", *, title="Mills", published=None):
    source = Source(number, (f"{number}.txt",), (), title, None, None, published, None, ())
    return Hit(Passage(number, number, 0, len(text), text), source, 1.0, 0.9, 1.0)


def texts_of(prompt):
    return [segment.text for segment in prompt]


@pytest.fixture
def template():
    return prompts.load("answer")


@often
@given(
    question=hostile,
    bodies=st.lists(st.tuples(hostile, hostile), max_size=6),
    spare=st.integers(-3, 60),
    name=st.sampled_from(sorted(CHAT_FORMATS)),
)
def test_the_prompt_fits_and_keeps_the_best_hits(question, bodies, spare, name):
    template, chat = prompts.load("answer"), chat_format(name)
    hits = [make_hit(number, text, title=title) for number, (title, text) in enumerate(bodies)]
    needed = sum(count(build_prompt(template, chat, passages=(), question=question))) + 1
    tokens = needed + spare
    room = Room(tokens, count)
    if spare < 0:
        with pytest.raises(QuestionError):
            fit_prompt(template, chat, question=question, hits=hits, room=room)
        return
    fitted = fit_prompt(template, chat, question=question, hits=hits, room=room)
    kept = len(fitted.hits)
    assert fitted.tokens == sum(count(fitted.prompt)) + 1 <= tokens
    assert fitted.hits == tuple(hits[:kept])
    assert fitted.left_out == tuple(
        LeftOut(hit.passage.id, f"{hit.passage.id}.txt", LeftOutReason.NO_ROOM) for hit in hits[kept:]
    )
    expected = [passage_text(number, hit) for number, hit in enumerate(fitted.hits, start=1)]
    assert texts_of(fitted.prompt)[4:-2] == expected
    if kept < len(hits):
        next_text = passage_text(kept + 1, hits[kept])
        assert (
            sum(count(build_prompt(template, chat, passages=[*expected, next_text], question=question))) + 1
            > tokens
        )


@often
@given(first=hostile, second=hostile, name=st.sampled_from(sorted(CHAT_FORMATS)))
def test_the_fixed_words_come_first_and_do_not_depend_on_the_question(first, second, name):
    template, chat = prompts.load("answer"), chat_format(name)
    prefix = fixed_prefix(template, chat)
    for question in (first, second):
        prompt = build_prompt(template, chat, passages=("one", "two"), question=question)
        assert prompt[: len(prefix)] == prefix


@often
@given(question=hostile, passage=hostile)
def test_only_the_marks_of_the_template_are_control(question, passage):
    assume(passage)
    chat = chat_format("chatml")
    prompt = build_prompt(prompts.load("answer"), chat, passages=(passage,), question=question)
    control = [segment.text for segment in prompt if segment.control]
    assert control == [chat.before_system, chat.before_user, chat.before_reply]
    assert question in prompt[-2].text
    assert prompt[4].text == passage


def test_placeholders_in_documents_and_questions_stay_as_they_are(template):
    hit = make_hit(1, "It costs $5, ${question} and $question.", title="$passages")
    fitted = fit_prompt(
        template, chat_format("chatml"), question="Why $passages {0}?", hits=[hit], room=Room(500, count)
    )
    whole = "".join(texts_of(fitted.prompt))
    assert "[1] $passages\nIt costs $5, ${question} and $question.\n" in whole
    assert "Question: Why $passages {0}?\n" in whole
    assert whole.count("Why") == 1


def test_the_question_comes_after_the_passages(template):
    prompt = build_prompt(template, chat_format("llama3"), passages=("PASSAGE",), question="QUESTION")
    whole = "".join(texts_of(prompt))
    assert whole.index("PASSAGE") < whole.index("QUESTION")


def test_a_passage_shows_number_title_date_and_one_line():
    hit = make_hit(7, "One\n\ntwo", title="A\ntitle", published=date(2025, 10, 21))
    assert passage_text(2, hit) == "[2] A title (2025-10-21)\nOne two\n\n"
    assert passage_text(1, make_hit(7)) == "[1] Mills\nThe mill closed.\n\n"


def test_a_large_passage_ends_the_list_even_if_a_later_one_would_fit(template):
    chat = chat_format("chatml")
    hits = [make_hit(1), make_hit(2, "word " * 500), make_hit(3)]
    needed = sum(count(build_prompt(template, chat, passages=(), question="Why?")))
    fitted = fit_prompt(template, chat, question="Why?", hits=hits, room=Room(needed + 100, count))
    assert fitted.hits == (hits[0],)
    assert [left.passage_id for left in fitted.left_out] == [2, 3]


def test_a_question_without_room_tells_its_size(template):
    with pytest.raises(QuestionError, match="20 fit") as caught:
        fit_prompt(template, chat_format("phi"), question="why " * 100, hits=[], room=Room(20, count))
    assert "shorter" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("chatml", "<|im_start|>system\nYou", "<|im_end|>\n<|im_start|>assistant\n"),
        ("llama3", "<|start_header_id|>system<|end_header_id|>\n\nYou", "assistant<|end_header_id|>\n\n"),
        ("gemma", "<start_of_turn>user\nYou", "<end_of_turn>\n<start_of_turn>model\n"),
        ("mistral", "[INST] You", ":[/INST]"),
        ("phi", "<|system|>\nYou", "<|end|>\n<|assistant|>\n"),
    ],
)
def test_each_chat_format_wraps_system_user_and_reply(template, name, start, end):
    whole = "".join(texts_of(build_prompt(template, chat_format(name), passages=("P",), question="Q")))
    assert whole.startswith(start)
    assert whole.endswith(end)
    assert set(CHAT_FORMATS) == {"chatml", "llama3", "gemma", "mistral", "phi", "file"}


def test_an_unknown_chat_format_names_the_known_ones():
    with pytest.raises(SettingsError, match="'alpaca'") as caught:
        chat_format("alpaca")
    assert "chatml" in caught.value.hint


def test_a_numbered_quote_shows_who_says_it_where_and_when():
    quote = Quote(
        1, make_hit(7, title="A\ntitle", published=date(2025, 10, 21)).source, 1, 0, 9, None, "It\nends.", 1.0
    )
    assert quote_text(2, quote) == "[2] A title (2025-10-21): It ends.\n"
    spoken = replace(quote, speaker=Speaker("Anna Ito", "mayor of Otaru", "said", verbatim=False))
    assert quote_text(1, spoken) == "[1] Anna Ito, mayor of Otaru; A title (2025-10-21): It ends.\n"
    assert quote_text(1, replace(quote, source=make_hit(7).source)) == "[1] Mills (undated): It ends.\n"


def test_quotes_that_do_not_fit_are_left_out_from_the_end(template):
    chat = chat_format("chatml")
    quotes = [Quote(n, make_hit(n).source, 10 * n, 0, 9, None, "It ends here.", 1.0) for n in (1, 2, 3)]
    needed = sum(count(build_prompt(template, chat, passages=[quote_text(1, quotes[0])], question="Why?"))) + 1
    fitted, given = fit_quotes(template, chat, question="Why?", quotes=quotes, room=Room(needed, count))
    assert given == (quotes[0],)
    assert [(left.passage_id, left.document) for left in fitted.left_out] == [(20, "2.txt"), (30, "3.txt")]
    assert fitted.tokens == needed
