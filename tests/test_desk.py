import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from rag import pipeline
from rag.checkpoint import checkpoint
from rag.desk import Desk, Waiting, Wish
from rag.errors import BusyError, GeneratorCrashedError, LibraryError, ModelError, QuestionError, RagError
from rag.evidence import LeadReader
from rag.parts import Limits, Parts, Writer
from rag.prompting import chat_format
from rag.testing import ScriptedGenerator
from rag.types import Answer, AnswerStyle, Hit, Passage, PromptTemplate, Question, Source

TEMPLATE = PromptTemplate("claim", "Say it.", "$quote $question", "0" * 64)


def hit_of(question):
    source = Source(1, ("a.txt",), ("/a.txt",), "A", None, None, None, "en", ())
    town = question.split()[-1]
    # Longer than a quote that stands as it is: of this one a sentence is written.
    text = (
        f"The ferry of {town} sails on Monday at seven in the morning, and on Thursday at nine in the evening it"
    )
    text += " comes back, all through the year."
    return Hit(Passage(1, 1, 0, len(text), text), source, score=1.0, dense=0.9, lexical=1.0)


class Echo:
    """Finds what was asked. A gate holds it, so that a line builds up; `served` is the order of the questions."""

    def __init__(self):
        self.gate = threading.Event()
        self.began = threading.Event()
        self.served = []
        self.error = None

    def beside(self, hit):
        return []

    def search(self, question, *, limit, as_of=None, documents=None):
        self.served.append(question)
        self.began.set()
        assert self.gate.wait(20)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return [hit_of(question)]


class Endless(ScriptedGenerator):
    """Reads its prompt until somebody closes it from another thread, like a model with a long prompt."""

    def __init__(self):
        super().__init__()
        self.reading = threading.Event()
        self.closed = threading.Event()

    def generate(self, prompt, *, max_tokens, grammar=None):
        return _Reading(self)


class _Reading:
    def __init__(self, owner):
        self.owner = owner

    def __iter__(self):
        return self

    def __next__(self):
        self.owner.reading.set()
        assert self.owner.closed.wait(20)
        raise StopIteration

    def close(self):
        self.owner.closed.set()


def parts_of(retriever, generator=None, reader=None):
    writer = None
    if generator is not None:
        count = ScriptedGenerator().count_segments
        writer = Writer(generator, TEMPLATE, chat_format("chatml"), count, AnswerStyle.SHORT)
    return Parts(retriever, reader or LeadReader(), writer, Limits(near_cosine=0.0, named_cosine=0.0))


@contextmanager
def desk_with(retriever, generator=None, *, reader=None, places=16, wishes=None):
    threads = []

    def parts_for(wish):
        threads.append(threading.get_ident())
        if wishes is not None:
            wishes.append(wish)
        return parts_of(retriever, generator, reader)

    @contextmanager
    def opened():
        threads.append(threading.get_ident())
        yield parts_for
        threads.append(threading.get_ident())

    desk = Desk(opened, places=places).start()
    try:
        yield desk
    finally:
        retriever.gate.set()
        desk.close()
    assert len(set(threads)) == 1  # SQLite and the generator belong to the thread that opened them


def answer_of(events):
    return [event for event in events if isinstance(event, Answer)][-1]


def test_an_answer_comes_as_the_pipeline_yields_it():
    echo = Echo()
    echo.gate.set()
    with desk_with(echo) as desk:
        assert desk.wait_until_ready(20)
        events = list(desk.ask(Question("When sails the ferry of Otaru?")))
    kinds = [type(event) for event in events]
    assert kinds == [pipeline.Found, pipeline.Claimed, Answer]
    assert "Otaru?" in events[-1].claims[0].text


def test_the_line_is_first_come_first_served_and_tells_the_place():
    echo = Echo()
    with desk_with(echo) as desk:
        first = desk.ask(Question("What is q0?"))
        running = threading.Thread(target=list, args=(first,))
        running.start()
        assert echo.began.wait(20)
        others = [desk.ask(Question(f"What is q{n}?")) for n in (1, 2, 3)]
        assert [next(other) for other in others] == [Waiting(1), Waiting(2), Waiting(3)]
        others[0].close()  # the one behind moves up, and is told
        assert next(others[1]) == Waiting(1)
        assert next(others[2]) == Waiting(2)
        echo.gate.set()
        rest = [list(others[1]), list(others[2])]
        running.join()
    assert echo.served == ["What is q0?", "What is q2?", "What is q3?"]
    assert [answer_of(events).question for events in rest] == ["What is q2?", "What is q3?"]
    assert list(others[0]) == []


def test_a_full_line_is_told_at_once():
    echo = Echo()
    with desk_with(echo, places=2) as desk:
        held = [desk.ask(Question(f"What is q{n}?")) for n in range(3)]
        running = threading.Thread(target=list, args=(held[0],))
        running.start()
        assert echo.began.wait(20)
        for asking in held[1:]:
            next(asking)
        with pytest.raises(BusyError, match="2 are waiting"):
            next(desk.ask(Question("What is q9?")))
        assert desk.waiting == 2
        held[1].close()
        assert next(desk.ask(Question("What is q9?"))) == Waiting(2)
        echo.gate.set()
        running.join()


def test_fifty_at_once_are_served_their_own_answer_or_told():
    echo = Echo()
    outcomes = Counter()
    lock = threading.Lock()

    def ask(desk, n):
        try:
            answer = answer_of(desk.ask(Question(f"What is town{n}?")))
        except BusyError:
            outcome = "busy"
        else:
            own = answer.question == f"What is town{n}?" and f"town{n}?" in answer.claims[0].text
            outcome = "own" if own else "of another"
        with lock:
            outcomes[outcome] += 1

    with desk_with(echo, places=16) as desk:
        threads = [threading.Thread(target=ask, args=(desk, n), daemon=True) for n in range(50)]
        for thread in threads:
            thread.start()
        while outcomes["busy"] < 50 - 17:  # one is worked on, sixteen wait, the rest is told while nothing moves
            time.sleep(0.01)
        echo.gate.set()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)
    assert outcomes == {"own": 17, "busy": 33}


def test_leaving_while_the_model_reads_its_prompt_frees_the_desk():
    echo, generator = Echo(), Endless()
    echo.gate.set()
    with desk_with(echo, generator) as desk:
        asking = desk.ask(Question("When sails the ferry of Otaru?"))
        assert isinstance(next(asking), pipeline.Found)
        events = []
        reader = threading.Thread(target=lambda: events.extend(asking))
        reader.start()
        assert generator.reading.wait(20)
        asking.close()  # from another thread than the one that waits for the next event
        reader.join(20)
        assert not reader.is_alive()
        assert generator.closed.is_set()
        assert events == []  # nothing half-written was shown
        assert answer_of(desk.ask(Question("When sails the ferry of Muroran?"))).claims


class Slow:
    """Reads passage after passage for as long as somebody waits."""

    def __init__(self):
        self.reading = threading.Event()
        self.has_read_all = False

    def read(self, question, hits, *, limit):
        if question.startswith("Why"):
            self.reading.set()
            for _ in range(2000):
                time.sleep(0.01)
                checkpoint()
            self.has_read_all = True
        return LeadReader().read(question, hits, limit=limit)


def test_leaving_while_passages_are_read_frees_the_desk():
    echo, slow = Echo(), Slow()
    echo.gate.set()
    with desk_with(echo, reader=slow) as desk:
        asking = desk.ask(Question("Why sails the ferry of Otaru?"))
        assert isinstance(next(asking), pipeline.Found)
        assert slow.reading.wait(20)
        asking.close()
        assert answer_of(desk.ask(Question("When sails the ferry of Muroran?"))).claims
        assert not slow.has_read_all
        checkpoint()  # the check is the desk's alone


def test_dropping_the_iterator_is_leaving():
    echo = Echo()
    with desk_with(echo) as desk:
        running = threading.Thread(target=list, args=(desk.ask(Question("What is q0?")),))
        running.start()
        assert echo.began.wait(20)
        next(desk.ask(Question("What is q1?")))
        assert desk.waiting == 0
        echo.gate.set()
        running.join()
    assert echo.served == ["What is q0?"]


def test_what_goes_wrong_is_told_to_who_asked_and_the_next_is_served():
    echo = Echo()
    echo.gate.set()
    with desk_with(echo) as desk:
        for error in (ZeroDivisionError("a defect"), GeneratorCrashedError("gone", hint="Ask again.")):
            echo.error = error
            with pytest.raises(type(error)):
                list(desk.ask(Question("What is q0?")))
        with pytest.raises(QuestionError):
            list(desk.ask(Question("   ")))
        assert answer_of(desk.ask(Question("What is q1?"))).question == "What is q1?"


def test_a_damaged_database_is_told_with_what_to_type():
    echo = Echo()
    echo.gate.set()
    echo.error = sqlite3.DatabaseError("database disk image is malformed")
    with desk_with(echo) as desk, pytest.raises(LibraryError, match="malformed") as told:
        list(desk.ask(Question("What is q0?")))
    assert "rag doctor" in told.value.hint


def test_questions_before_the_models_are_loaded_wait_for_them():
    loading = threading.Event()
    echo = Echo()
    echo.gate.set()

    @contextmanager
    def slow():
        assert loading.wait(20)
        yield lambda wish: parts_of(echo)

    desk = Desk(slow).start()
    assert not desk.wait_until_ready(0.01)
    asking = desk.ask(Question("When sails the ferry of Otaru?"))
    assert next(asking) == Waiting(1)
    loading.set()
    assert answer_of(asking).claims
    assert desk.ready
    desk.close()


def test_models_that_cannot_be_loaded_are_told_to_all_who_ask():
    @contextmanager
    def broken():
        raise ModelError("The model is gone.", hint="Type: rag models")
        yield

    desk = Desk(broken).start()
    with pytest.raises(ModelError):
        desk.wait_until_ready(20)
    with pytest.raises(ModelError):
        next(desk.ask(Question("Who?")))
    assert not desk.ready
    desk.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_while_loading_is_told_too():
    @contextmanager
    def broken():
        raise ZeroDivisionError
        yield

    desk = Desk(broken).start()
    with pytest.raises(RagError, match="could not start"):
        desk.wait_until_ready(20)
    desk.close()


def test_closing_sends_everybody_away():
    echo = Echo()
    refused = []

    def ask(desk, n):
        try:
            list(desk.ask(Question(f"What is q{n}?")))
        except BusyError as error:
            refused.append(error.message)

    with desk_with(echo) as desk:
        threads = [threading.Thread(target=ask, args=(desk, n)) for n in range(4)]
        for thread in threads:
            thread.start()
        while desk.waiting < 3:
            time.sleep(0.01)
        closer = threading.Thread(target=desk.close)
        closer.start()
        echo.gate.set()
        for thread in (*threads, closer):
            thread.join(20)
            assert not thread.is_alive()
    assert len(refused) >= 3
    with pytest.raises(BusyError):
        next(desk.ask(Question("Who?")))


def test_closing_while_the_parts_are_opened_waits_for_one_step_alone():
    began, may_go_on = threading.Event(), threading.Event()
    steps = []

    @contextmanager
    def slow():
        for step in range(3):
            steps.append(step)
            began.set()
            assert may_go_on.wait(20)
            desk.check_open()
        yield

    desk = Desk(slow).start()
    assert began.wait(20)
    assert not desk.close(0.01)  # told, and not waited for
    may_go_on.set()
    assert desk.close(20)
    assert steps == [0]
    with pytest.raises(BusyError, match="has ended"):
        next(desk.ask(Question("Who?")))


def test_whether_a_question_is_worked_on_is_told():
    echo = Echo()
    with desk_with(echo) as desk:
        assert not desk.busy
        asking = threading.Thread(target=list, args=(desk.ask(Question("What is q0?")),))
        asking.start()
        assert echo.began.wait(20)
        assert desk.busy
        echo.gate.set()
        asking.join()
        list(desk.ask(Question("What is q1?")))
    assert not desk.busy


def test_searching_waits_in_the_same_line():
    echo = Echo()
    echo.gate.set()
    with desk_with(echo) as desk:
        (found,) = desk.search(Question("Which ferry of Otaru"), limit=3)
        assert "Otaru" in found.passage.text
        with pytest.raises(QuestionError):
            desk.search(Question(" "), limit=3)


def test_the_wish_reaches_the_parts():
    echo = Echo()
    echo.gate.set()
    wishes = []
    wish = Wish(style="quotes", caution="strict", verify=False, passages=3)
    with (
        desk_with(echo, wishes=wishes) as desk,
        closing(desk.ask(Question("When sails the ferry of Otaru?"), wish)) as asking,
    ):
        list(asking)
    assert wishes == [replace(wish)]
