from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from index.speech import attributions
from rag.errors import GeneratorCrashedError, QuestionError
from rag.evidence import SentenceReader
from rag.parts import Limits, Parts, Writer
from rag.pipeline import Claimed, Found, answer, stream
from rag.pointers import answer_grammar
from rag.prompting import chat_format
from rag.testing import HashEmbedder, ScriptedGenerator
from rag.text import sentences
from rag.types import (
    AbstainReason,
    Answer,
    AnswerStyle,
    Checks,
    Hit,
    LeftOut,
    LeftOutReason,
    Page,
    Passage,
    Question,
    Source,
)

MILL = (
    "Leeds mill closes\n\nThe old mill in Leeds closed in 1987. Its owner Anna Ito sold it for 5 million pounds. "
    "A fire had destroyed the roof. "
)
FERRY = "A ferry links Dover and Calais. It carries 900 cars a day."
DOCUMENTS = {"mill.txt": (MILL, date(2024, 1, 2)), "ferry.txt": (FERRY, None)}
ASKED = "When did the old mill in Leeds close?"
MILL_SENTENCE = "The old mill in Leeds closed in 1987."


class TinyRetriever:
    """Whole documents, nearest first."""

    def __init__(self, documents):
        self.embedder = HashEmbedder()
        self.documents = documents
        self.searches = []

    def beside(self, hit):
        return []

    def search(self, question, *, limit, as_of=None, documents=None):
        self.searches.append((question, limit, as_of))
        hits = [self.hit(question, number, name) for number, name in enumerate(self.documents, start=1)]
        return sorted(hits, key=lambda hit: -hit.score)[:limit]

    def hit(self, question, number, name):
        text, published = self.documents[name]
        start = text.index("\n\n") + 2 if "\n\n" in text else 0
        asked, found = self.embedder.encode([question, text[start:]])
        cosine = float(asked @ found)
        source = Source(number, (name,), (), text[:17], None, None, published, None, (Page(1, "1", 0, len(text)),))
        return Hit(Passage(10 * number, number, start, len(text), text[start:]), source, cosine, cosine, 0.0)


class CrashesWhileCounting(ScriptedGenerator):
    def count_segments(self, segments):
        raise GeneratorCrashedError("It died.", hint="Ask again.")


def make_parts(*replies, documents=DOCUMENTS, generator=None, limits=None):
    generator = generator or ScriptedGenerator(replies)
    writer = Writer(generator, prompts.load("answer"), chat_format("chatml"), generator.count_segments)
    return Parts(
        TinyRetriever(documents),
        SentenceReader(HashEmbedder()),
        writer,
        limits or Limits(),
        (HashEmbedder().info, generator.info),
    )


def ask(parts, question=ASKED):
    return answer(Question(question), parts)


def shown(answered):
    return [(claim.text, [quote.text for quote in claim.quotes], claim.verbatim) for claim in answered.claims]


def test_a_supported_sentence_is_shown_with_its_quote():
    answered = ask(make_parts("The mill in Leeds closed in 1987 [1]."))
    assert shown(answered) == [("The mill in Leeds closed in 1987.", [MILL_SENTENCE], False)]
    assert answered.checks == Checks()
    assert not answered.abstained
    assert answered.generated == "The mill in Leeds closed in 1987 [1]."


def test_the_sources_that_are_cited_are_looked_at_and_what_is_known_of_them_is_told():
    looked = []

    def notes_on(sources):
        looked.extend(source.names[0] for source in sources)
        return ["mill.txt has changed."]

    answered = ask(replace(make_parts("The mill in Leeds closed in 1987 [1]."), notes_on=notes_on))
    assert (answered.warnings, looked) == (("mill.txt has changed.",), ["mill.txt"])


def test_a_sentence_may_rest_on_a_quote_without_naming_its_passage():
    assert shown(ask(make_parts("The mill in Leeds closed in 1987.")))[0][1] == [MILL_SENTENCE]


def test_a_repeated_quote_is_verbatim():
    assert shown(ask(make_parts(f"{MILL_SENTENCE} [1]"))) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]


@pytest.mark.parametrize(
    "invented",
    [
        "The mill in Leeds closed in 1988 [1].",
        "The mill in York closed in 1987 [1].",
        "The mill in Leeds did not close in 1987 [1].",
        "The mayor loves tea and cake [1].",
    ],
)
def test_an_invented_sentence_is_dropped_and_the_quote_stands(invented):
    answered = ask(make_parts(invented))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.checks.unsupported_sentences == 1


def test_without_the_verifier_an_invented_sentence_is_shown_for_comparison():
    answered = ask(make_parts("The mill in Leeds closed in 1988 [1].", limits=Limits(verify=False)))
    assert shown(answered) == [("The mill in Leeds closed in 1988.", [MILL_SENTENCE], False)]


def test_the_confidence_is_the_best_cosine_also_of_an_abstention():
    for question in (ASKED, "Which comet did the astronomers photograph?"):
        answered = ask(make_parts("Yes [1]."), question)
        assert answered.confidence == max(hit.dense for hit in answered.hits)
    assert answered.abstained


def test_a_question_of_some_documents_searches_only_those():
    parts = make_parts("Yes [1].")
    asked = []
    search = parts.retriever.search

    def noting(question, *, limit, as_of=None, documents=None):
        asked.append(documents)
        return search(question, limit=limit, as_of=as_of)

    parts.retriever.search = noting
    answer(Question(ASKED, documents=frozenset({7})), parts)
    assert asked == [frozenset({7})]


TWO_QUOTES = {"mill.txt": (MILL, date(2024, 1, 2)), "owner.txt": ("The mill in Leeds closed late in May.", None)}


def test_a_sentence_that_names_the_wrong_quote_gives_way_to_that_quote():
    parts = make_parts("USE: 2\nThe old mill in Leeds closed in 1987. [2]\n", documents=TWO_QUOTES)
    answered = ask(parts)
    wrong = "The mill in Leeds closed late in May."
    assert shown(answered) == [(wrong, [wrong], True), (MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.checks == Checks(unsupported_sentences=1)


def test_a_failing_sentence_is_written_again_from_its_own_quote():
    parts = make_parts(
        "USE: 1\nThe mill in Leeds closed in 1988. [1]\n", "USE: 1\nThe mill in Leeds closed in 1987. [1]\n"
    )
    answered = ask(parts)
    assert shown(answered) == [("The mill in Leeds closed in 1987.", [MILL_SENTENCE], False)]
    assert answered.checks == Checks(unsupported_sentences=1, rewritten_sentences=1)
    generator = parts.writer.generator
    assert len(generator.prompts) == 2
    assert generator.grammars[1] == answer_grammar(1)
    again = "".join(segment.text for segment in generator.prompts[1])
    assert f"[1] Leeds mill closes (2024-01-02): {MILL_SENTENCE}" in again
    assert "[2]" not in again


def test_a_second_attempt_that_fails_too_leaves_the_quote():
    answered = ask(make_parts(*["USE: 1\nThe mill in Leeds closed in 1988. [1]\n"] * 2))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.checks == Checks(unsupported_sentences=1)


def test_a_second_attempt_without_the_answer_leaves_the_quote():
    answered = ask(
        make_parts("USE: 1\nThe mill in Leeds closed in 1988. [1]\n", "USE: 1\nThe old mill closed. [1]\n")
    )
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.checks.rewritten_sentences == 0


def test_a_whole_answer_without_what_is_asked_for_gets_its_quote():
    answered = ask(make_parts("USE: 1\nThe old mill in Leeds closed. [1]\n"))
    assert [claim.verbatim for claim in answered.claims] == [False, True]
    assert answered.claims[1].text == MILL_SENTENCE
    assert answered.checks == Checks(answerless_sentences=1)


def test_a_generator_that_declines_leaves_the_quote_and_is_counted():
    answered = ask(make_parts("NONE"))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.checks == Checks(declined_answers=1)


def test_a_crash_in_the_second_attempt_leaves_the_quote():
    answered = ask(make_parts("USE: 1\nThe mill in Leeds closed in 1988. [1]\n", ScriptedGenerator.CRASH))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.warnings == ("The scripted generator crashed. Ask again.",)


def test_good_and_invented_sentences_are_told_apart():
    answered = ask(make_parts("The mill in Leeds closed in 1987 [1]. It employed 300 dogs [1]. Nobody cared [2]."))
    assert [claim.text for claim in answered.claims] == ["The mill in Leeds closed in 1987."]
    assert answered.checks.unsupported_sentences == 2


def test_unknown_citations_are_removed_and_counted():
    answered = ask(make_parts("The mill in Leeds closed in 1987 [1][7]. [0]"))
    assert [claim.text for claim in answered.claims] == ["The mill in Leeds closed in 1987."]
    assert answered.checks == Checks(unknown_citations=2)


@pytest.mark.parametrize("reply", ["", "   ", "[1]", "...", "\x00", "<|im_end|>", "¿?"])
def test_a_generator_without_words_leaves_the_quote(reply):
    assert (MILL_SENTENCE, [MILL_SENTENCE], True) in shown(ask(make_parts(reply)))


def test_a_crash_ends_in_a_warning_and_the_quote_and_the_next_question_works():
    parts = make_parts(ScriptedGenerator.CRASH, "The mill in Leeds closed in 1987 [1].")
    crashed, fine = ask(parts), ask(parts)
    assert shown(crashed) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert crashed.warnings == ("The scripted generator crashed. Ask again.",)
    assert shown(fine) == [("The mill in Leeds closed in 1987.", [MILL_SENTENCE], False)]
    assert fine.warnings == ()


def test_a_crash_before_the_writing_leaves_the_quote_too():
    answered = ask(make_parts(generator=CrashesWhileCounting()))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.warnings == ("It died. Ask again.",)


@pytest.mark.parametrize("question", ["", " \n", "?!", "\x00", "\ud800", "\u200b\u202e", "\U000e0041"])
def test_an_empty_question(question):
    parts = make_parts()
    with pytest.raises(QuestionError, match="empty"):
        ask(parts, question)
    assert parts.retriever.searches == []


def test_a_long_question():
    parts = make_parts(limits=Limits(max_question_chars=20))
    with pytest.raises(QuestionError, match="21 characters; 20"):
        ask(parts, "x" * 21)
    assert ask(parts, "x" * 20).question == "x" * 20


def test_a_question_that_fills_the_context():
    with pytest.raises(QuestionError, match="tokens"):
        ask(make_parts(generator=ScriptedGenerator(context_tokens=300)), f"{ASKED} {'mill ' * 200}")


def test_invisible_and_broken_characters_are_taken_out_of_the_question():
    parts = make_parts()
    answered = ask(parts, "\ufeffWhen did\x00the o\u200bld mill\ud800\n in Leeds close?")
    assert answered.question == ASKED
    assert parts.retriever.searches == [(ASKED, Limits().passages, None)]


def test_as_of_and_limit_reach_the_retriever():
    parts = make_parts(limits=Limits(passages=1))
    answered = answer(Question(ASKED, as_of=date(2024, 5, 1)), parts)
    assert parts.retriever.searches == [(ASKED, 1, date(2024, 5, 1))]
    assert len(answered.hits) == 1


def test_an_empty_library():
    parts = make_parts("The mill closed.", documents={})
    answered = ask(parts)
    assert answered.abstain_reason is AbstainReason.NO_DOCUMENTS
    assert answered.claims == ()
    assert list(parts.writer.generator.prompts) == []


def test_documents_that_were_chosen_and_are_none_are_told_as_such():
    parts = make_parts(documents={})
    answered = answer(Question(ASKED, documents=frozenset()), parts)
    assert answered.abstain_reason is AbstainReason.NONE_CHOSEN
    assert answered.hits == ()


@pytest.mark.parametrize("question", ["Why do penguins swim?", "Who is Zorro Quux?"])
def test_an_off_topic_question(question):
    parts = make_parts("Penguins swim for fish [1].")
    answered = ask(parts, question)
    assert answered.abstain_reason is AbstainReason.NOTHING_NEAR
    assert answered.claims == ()
    assert len(answered.hits) == 2
    assert parts.writer.generator.prompts == []


def test_a_name_that_no_passage_holds_is_off_topic():
    parts = make_parts(limits=Limits(named_cosine=0.99))
    assert ask(parts, "When did the old mill in Bradford close?").abstain_reason is AbstainReason.NOTHING_NEAR
    assert not ask(parts, ASKED).abstained


def test_in_a_language_that_the_embedder_does_not_know_only_shared_words_answer():
    parts = replace(make_parts("The mill in Leeds closed in 1987 [1]."), knows=lambda question: False)
    assert not ask(parts).abstained
    answered = ask(parts, "Wann schloss die alte Fabrik der Stadt?")
    assert answered.abstain_reason is AbstainReason.UNKNOWN_LANGUAGE
    assert answered.claims == ()


RUSSIAN_MILL = "Старая фабрика\n\nСтарая фабрика в Твери закрылась в 1991 году. Её купил завод."


def in_russian(*, english=None, documents=DOCUMENTS):
    parts = make_parts("The mill in Leeds closed in 1987 [1].", documents=documents)
    return replace(parts, writer=None, knows=str.isascii, in_english=lambda question: english)


def test_a_question_in_another_language_is_asked_in_english_words_too():
    answered = ask(in_russian(english=ASKED), "Когда закрылась старая мельница в Лидсе?")
    assert answered.quotes[0].text == MILL_SENTENCE
    assert answered.warnings == (f"Asked in English words: {ASKED}",)
    assert answered.understood == answered.question
    assert answered.question == "Когда закрылась старая мельница в Лидсе?"


def test_its_own_words_count_where_more_of_them_are_met():
    documents = {**DOCUMENTS, "фабрика.txt": (RUSSIAN_MILL, None)}
    answered = ask(in_russian(english=ASKED, documents=documents), "Когда закрылась старая фабрика в Твери?")
    assert answered.quotes[0].text == "Старая фабрика в Твери закрылась в 1991 году."
    assert answered.warnings == ()


def test_its_english_words_count_where_more_of_them_are_met():
    documents = {**DOCUMENTS, "фабрика.txt": (RUSSIAN_MILL, None)}
    answered = ask(
        in_russian(english=ASKED, documents=documents), "Когда закрылась старая мельница графа в Лидсе?"
    )
    assert answered.quotes[0].text == MILL_SENTENCE


def test_where_neither_wording_is_answered_the_language_is_the_reason():
    answered = ask(in_russian(english="Why do penguins swim?"), "Почему плавают пингвины?")
    assert answered.abstain_reason is AbstainReason.UNKNOWN_LANGUAGE
    assert answered.claims == ()


def test_passages_without_a_sentence_are_nothing_near():
    answered = ask(make_parts("The mill closed.", documents={"menu.txt": ("The old mill", None)}))
    assert answered.abstain_reason is AbstainReason.NOTHING_NEAR


def test_quotes_are_numbered_from_one_and_are_the_words_of_the_document():
    reply = "USE: 1, 2\nThe old mill in Leeds closed in 1987. [1]\nAnna Ito sold it for 5 million pounds. [2]\n"
    asked = "Did owner Anna Ito of the old mill in Leeds that closed sell it for pounds?"
    answered = ask(make_parts(reply, limits=Limits(quotes=5)), asked)
    quotes = answered.quotes
    assert len(quotes) == 2
    assert [quote.number for quote in quotes] == [1, 2]
    for quote in quotes:
        text, published = DOCUMENTS[quote.source.names[0]]
        assert text[quote.start : quote.end] == quote.text
        assert quote.source.published == published
        assert quote.page == Page(1, "1", 0, len(text))


def test_events_come_in_order():
    parts = make_parts("The mill in Leeds closed in 1987 [1].")
    events = list(stream(Question(ASKED), parts))
    assert [type(event) for event in events] == [Found, Claimed, Answer]
    assert events[0].hits == events[-1].hits
    assert tuple(event.claim for event in events[1:-1]) == events[-1].claims
    off_topic = list(stream(Question("Why do penguins swim?"), parts))
    assert [type(event) for event in off_topic] == [Found, Answer]


def test_what_was_found_is_told_before_anything_is_written():
    parts = make_parts("The mill closed.")
    events = stream(Question(ASKED), parts)
    assert isinstance(next(events), Found)
    assert parts.writer.generator.prompts == []


def test_without_a_generator_the_quote_is_the_answer():
    answered = ask(replace(make_parts(), writer=None))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert (answered.prompt_digests, answered.generated, answered.prompt_tokens) == ({}, "", 0)
    assert set(answered.timings_seconds) == {"retrieve", "read"}


def test_the_prompt_holds_numbered_quotes_and_then_the_question():
    parts = make_parts("", documents=TWO_QUOTES)
    answered = ask(parts)
    (prompt,) = parts.writer.generator.prompts
    whole = "".join(segment.text for segment in prompt)
    first = f"[1] Leeds mill closes (2024-01-02): {MILL_SENTENCE}\n"
    second = "[2] The mill in Leeds (undated): The mill in Leeds closed late in May.\n"
    assert f"{first}{second}" in whole
    assert whole.index(second) < whole.index(f"Question: {ASKED}")
    assert "A fire had destroyed" not in whole
    assert parts.writer.generator.grammars == [answer_grammar(2)]
    assert answered.prompt_tokens == sum(parts.writer.generator.count_segments(prompt)) + 1


def test_quotes_without_room_are_left_out_and_told():
    generator = ScriptedGenerator(context_tokens=2048)
    ask(make_parts(generator=generator))
    needed = sum(generator.count_segments(generator.prompts[0])) + 1
    small = ScriptedGenerator(context_tokens=needed + 160)
    answered = ask(make_parts(generator=small, documents=TWO_QUOTES))
    assert answered.left_out == (LeftOut(20, "owner.txt", LeftOutReason.NO_ROOM),)
    assert small.grammars == [answer_grammar(1)]
    assert answered.prompt_tokens == needed


def test_where_no_quote_fits_nothing_is_generated():
    roomy = ScriptedGenerator()
    ask(make_parts(generator=roomy))
    needed = sum(roomy.count_segments(roomy.prompts[0])) + 1
    generator = ScriptedGenerator(["It closed."], context_tokens=needed + 159)
    answered = ask(make_parts(generator=generator))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert generator.prompts == []
    assert "No quote fits" in answered.warnings[0]


def test_the_answer_names_models_prompt_and_timings():
    parts = make_parts("The mill closed in 1987.")
    answered = ask(parts)
    assert [model.name for model in answered.models] == ["hash", "scripted"]
    assert answered.prompt_digests == {"answer": prompts.load("answer").digest}
    assert set(answered.timings_seconds) == {"retrieve", "read", "fit", "generate"}
    assert all(seconds >= 0 for seconds in answered.timings_seconds.values())


words_of_the_mill = st.sampled_from(
    [
        "The",
        "mill",
        "in",
        "Leeds",
        "closed",
        "1987.",
        "not",
        "[1]",
        "[9]",
        "(1)",
        "5 million",
        "Anna Ito",
        ".",
        "\n",
        "York",
    ]
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(words_of_the_mill, max_size=12).map(" ".join)))
def test_whatever_is_written_every_claim_rests_on_words_of_a_document(reply):
    answered = ask(make_parts(reply))
    assert answered.claims
    for claim in answered.claims:
        assert "York" not in claim.text
        assert "[9]" not in claim.text
        (quote,) = claim.quotes
        text, _ = DOCUMENTS[quote.source.names[0]]
        assert text[quote.start : quote.end] == quote.text
        assert (quote.start, quote.end) in sentences(text)
    assert [quote.number for quote in answered.quotes] == list(range(1, len(answered.quotes) + 1))


def test_as_of_a_day_dated_documents_answer_before_undated_ones():
    documents = {
        "undated.txt": (MILL, None),
        "dated.txt": ("The mill in Leeds closed early in 1986.", date(2024, 1, 2)),
    }
    question = Question(ASKED, as_of=date(2024, 5, 1))
    assert answer(question, make_parts(documents=documents)).quotes[0].source.names == ("dated.txt",)
    only_undated = make_parts(documents={"undated.txt": (MILL, None)})
    assert answer(question, only_undated).quotes[0].text == MILL_SENTENCE


# One sentence from one quote


LONG_SENTENCE = (
    "The old mill in Leeds closed in 1987, when the last of its looms had been sold and the few families who "
    "still lived in its yard had left for the coast."
)
LONG = {"mill.txt": (f"Leeds mill closes\n\n{LONG_SENTENCE} A fire had destroyed the roof. ", date(2024, 1, 2))}


def short_parts(*replies, documents=LONG, generator=None, limits=None):
    generator = generator or ScriptedGenerator(replies)
    template = prompts.load("claim")
    writer = Writer(generator, template, chat_format("chatml"), generator.count_segments, AnswerStyle.SHORT)
    return replace(make_parts(documents=documents, generator=generator, limits=limits), writer=writer)


def test_short_the_generator_reads_one_quote_and_its_sentence_rests_on_it():
    generator = ScriptedGenerator(["The old mill in Leeds closed in 1987. And so on."])
    answered = ask(short_parts(generator=generator))
    assert shown(answered) == [("The old mill in Leeds closed in 1987.", [LONG_SENTENCE], False)]
    told = "".join(segment.text for segment in generator.prompts[0])
    assert LONG_SENTENCE in told
    assert ASKED in told
    assert "ferry" not in told
    assert answered.prompt_tokens == sum(generator.count_segments(generator.prompts[0]))


@pytest.mark.parametrize("written", ["The mill in Leeds closed in 1988.", "The mill did not close in 1987.", ""])
def test_short_what_the_quote_does_not_support_is_replaced_by_it(written):
    answered = ask(short_parts(written))
    assert shown(answered) == [(LONG_SENTENCE, [LONG_SENTENCE], True)]
    assert answered.checks.unsupported_sentences == (1 if written else 0)


def test_short_a_sentence_that_loses_the_answer_is_replaced_by_the_quote():
    answered = ask(short_parts(f"When {LONG_SENTENCE.partition(', when ')[2]}"))
    assert shown(answered) == [(LONG_SENTENCE, [LONG_SENTENCE], True)]
    assert answered.checks.answerless_sentences == 1


def test_short_who_holds_an_office_is_not_told_without_the_name():
    said = (
        "On the last day of that long and cold winter, Mari Sato, the Japanese ambassador in Lima, opened the new "
        "hall of the school in the harbour."
    )
    written = "The Japanese ambassador in Lima, opened the new hall of the school in the harbour."
    parts = short_parts(written, documents={"talks.txt": (said, date(2024, 1, 2))})
    answered = ask(parts, "Who is the ambassador of Japan in Lima?")
    assert [claim.text for claim in answered.claims] == [said]
    assert answered.checks.answerless_sentences == 1


def test_short_without_the_verifier_the_sentence_is_shown_as_it_is():
    answered = ask(short_parts("It closed in 1066.", limits=Limits(verify=False)))
    assert shown(answered) == [("It closed in 1066.", [LONG_SENTENCE], False)]


def test_short_a_crash_leaves_the_quote_and_a_warning():
    answered = ask(short_parts(generator=CrashesWhileCounting(["x"])))
    assert shown(answered) == [(LONG_SENTENCE, [LONG_SENTENCE], True)]
    assert answered.warnings == ("It died. Ask again.",)


def test_short_a_quote_that_does_not_fit_is_shown_and_told():
    generator = ScriptedGenerator(["The mill in Leeds closed in 1987."], context_tokens=90)
    answered = ask(short_parts(generator=generator))
    assert shown(answered) == [(LONG_SENTENCE, [LONG_SENTENCE], True)]
    assert "does not fit" in answered.warnings[0]


def test_short_a_quote_that_is_short_itself_is_not_rewritten():
    answered = ask(short_parts("The mill in Leeds closed in 1987.", documents=DOCUMENTS))
    assert shown(answered) == [(MILL_SENTENCE, [MILL_SENTENCE], True)]
    assert answered.generated == ""


def test_short_writing_ends_at_the_first_word_that_the_quote_does_not_support():
    generator = ScriptedGenerator(["The old mill in York closed in 1987 when its looms had been sold for good."])
    answered = ask(short_parts(generator=generator))
    assert shown(answered) == [(LONG_SENTENCE, [LONG_SENTENCE], True)]
    assert answered.checks.unsupported_sentences == 1
    assert "looms" not in answered.generated


# Somebody's words


SPEECH = (
    "The harbour of Otaru\n\nAnn Ito, mayor of Otaru, spoke on Monday. "
    '"We closed the old harbour gate because of the storm in 1987 and have looked for money to open it since," '
    "she told reporters. "
)
GATE = (
    '"We closed the old harbour gate because of the storm in 1987 and have looked for money to open it since," '
    "she told reporters."
)
ASKED_GATE = "When was the old harbour gate closed?"


class SpokenRetriever(TinyRetriever):
    """Hits with the speech in their texts."""

    def hit(self, question, number, name):
        found = super().hit(question, number, name)
        return replace(found, attributions=tuple(attributions(self.documents[name][0])))


def spoken_parts(*replies):
    parts = short_parts(*replies) if replies else replace(short_parts("x"), writer=None)
    return replace(parts, retriever=SpokenRetriever({"gate.txt": (SPEECH, None)}))


def test_somebody_s_words_are_given_with_their_speaker_and_rest_on_the_exact_quote():
    answered = ask(spoken_parts(), ASKED_GATE)
    said = (
        "We closed the old harbour gate because of the storm in 1987 and have looked for money to open it since."
    )
    text = f"Ann Ito, mayor of Otaru: “{said}”"
    assert shown(answered) == [(text, [GATE], True)]
    (quote,) = answered.quotes
    assert SPEECH[quote.start : quote.end] == quote.text == GATE


def test_what_is_written_from_somebody_s_words_is_theirs_but_no_quotation():
    parts = spoken_parts("The old harbour gate closed because of the storm in 1987.")
    answered = ask(replace(parts, limits=replace(parts.limits, verify=False)), ASKED_GATE)
    text = "Ann Ito, mayor of Otaru: The old harbour gate closed because of the storm in 1987."
    assert shown(answered) == [(text, [GATE], False)]


def test_what_is_written_in_other_words_than_the_quote_s_is_replaced():
    for sentence in (
        "The old harbour gate closed because of the storm in 1987.",
        "Mayor Ann Ito told reporters that the old harbour gate closed in 1987.",
        "We closed the old harbour gate because of the storm in 1987 and have",  # cut off
    ):
        answered = ask(spoken_parts(sentence), ASKED_GATE)
        assert shown(answered)[0][2] is True
        assert answered.checks.unsupported_sentences == 1


def test_a_written_sentence_that_names_another_speaker_is_replaced():
    answered = ask(spoken_parts("Bo Li told reporters that the old harbour gate closed in 1987."), ASKED_GATE)
    assert shown(answered)[0][2] is True
    assert answered.checks.unsupported_sentences == 1


def test_who_said_it_is_answered_with_the_name():
    answered = ask(spoken_parts(), "Who said that the harbour gate closed because of a storm?")
    assert answered.claims[0].text.startswith("Ann Ito, mayor of Otaru: “")


def test_who_said_it_is_never_rewritten():
    answered = ask(
        spoken_parts("The gate closed because of a storm."), "Who said that the gate closed in a storm?"
    )
    assert shown(answered) == [(answered.claims[0].text, [GATE], True)]
    assert "Ann Ito" in answered.claims[0].text
    assert answered.generated == ""


def test_two_questions_in_one_are_both_answered():
    answered = ask(
        replace(make_parts(), writer=None),
        "When did the old mill in Leeds close, and how many cars does the ferry carry?",
    )
    assert [claim.text for claim in answered.claims] == [MILL_SENTENCE, "It carries 900 cars a day."]
    assert not answered.warnings


def test_a_sentence_that_answers_both_questions_is_shown_once():
    answered = ask(
        replace(make_parts(), writer=None),
        "When did the old mill in Leeds close, and in which year did the old mill close?",
    )
    assert [claim.text for claim in answered.claims] == [MILL_SENTENCE]
    assert not answered.warnings


def test_the_part_of_a_question_that_is_not_answered_is_told():
    answered = ask(
        replace(make_parts(), writer=None),
        "When did the old mill in Leeds close, and when did the ferry to Calais start?",
    )
    assert not answered.abstained
    assert [claim.text for claim in answered.claims] == [MILL_SENTENCE]
    assert answered.warnings == ("The documents do not say: When did the ferry to Calais start?",)
