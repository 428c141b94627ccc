"""A server as the generator: a scripted one for what can go wrong, and llama_cpp.server with the default model."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

import prompts
from rag import compose
from rag.cli import main
from rag.errors import GeneratorCrashedError, ModelError, SettingsError
from rag.models import find_model
from rag.pipeline import answer
from rag.pointers import answer_grammar
from rag.prompting import CHAT_FORMATS, build_prompt, quote_prompt
from rag.remote import (
    RemoteGenerator,
    RemoteOptions,
    Tokenizer,
    estimated_tokens,
    is_on_this_machine,
    messages,
    plain,
)
from rag.settings import Settings
from rag.types import Question, Segment
from tests.conftest import KURILS

pytestmark = pytest.mark.models

CHAT = CHAT_FORMATS["chatml"]
ANSWER = prompts.load("answer")
QUOTES = ["[1] Talks (2025-10-21): Muto works in Moscow.\n", "[2] Mills (undated): The mill closed in 1987.\n"]


def short_prompt(question="Where does Muto work?", chat=CHAT):
    return quote_prompt(prompts.load("claim"), chat, quote="Muto works in Moscow.", question=question)


def prompt(question="Where does Muto work?", chat=CHAT):
    return build_prompt(ANSWER, chat, passages=QUOTES, question=question)


class Scripted:
    """A server that answers each path as it was told, and keeps what it was sent."""

    def __init__(self):
        self.replies = {"/v1/models": (200, {"data": [{"id": "models/tiny.gguf"}]})}
        self.seen = []
        self.pieces = ["The mill", " closed."]
        self.last = b"data: [DONE]\n\n"
        self.hang = threading.Event()
        self.gone = threading.Event()

    def bodies(self, path):
        return [body for seen, body, _ in self.seen if seen == path]

    def answer(self, handler):
        size = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(size)) if size else None
        self.seen.append((handler.path, body, dict(handler.headers)))
        if handler.path in self.replies:
            status, reply = self.replies[handler.path]
            self.send(handler, status, json.dumps(reply).encode())
        elif handler.path in ("/v1/completions", "/v1/chat/completions"):
            self.stream(handler, chat="chat" in handler.path)
        else:
            self.send(handler, 404, b'{"detail": "Not Found"}')

    def send(self, handler, status, data):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        if status in (301, 307):
            handler.send_header("Location", "http://127.0.0.1:1/v1/models")
        handler.end_headers()
        handler.wfile.write(data)

    def stream(self, handler, *, chat):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for piece in self.pieces:
                choice = {"delta": {"content": piece}} if chat else {"text": piece}
                event = piece if isinstance(piece, dict) else {"choices": [choice]}
                handler.wfile.write(f": ping\ndata: {json.dumps(event)}\n\n".encode())
            while self.hang.is_set():
                handler.wfile.write(b": ping\n\n")
                time.sleep(0.01)
            handler.wfile.write(self.last)
        except OSError:
            self.gone.set()


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            scripted.answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.url = f"http://127.0.0.1:{listening.server_address[1]}/v1"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield scripted
    scripted.hang.clear()
    listening.shutdown()
    listening.server_close()


@contextmanager
def connected(url, **changes):
    generator = RemoteGenerator(RemoteOptions(url, **changes))
    try:
        generator.start()
        yield generator
    finally:
        generator.close()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://127.8.8.8/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://0.0.0.0:8080/v1", False),
        ("http://192.168.1.5:8080/v1", False),
        ("https://api.example.com/v1", False),
        ("http://127.0.0.1@example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://localhost.example.com/v1", False),
        ("http:///v1", False),
    ],
)
def test_which_addresses_are_this_machine(url, here):
    assert is_on_this_machine(url) is here


def test_another_machine_is_refused_before_anything_is_sent_unless_it_is_allowed():
    with pytest.raises(SettingsError, match=r"api\.example\.com is another machine") as caught:
        RemoteGenerator(RemoteOptions("https://api.example.com/v1"))
    assert "RAG_GENERATOR_REMOTE=allow" in caught.value.hint
    (note,) = RemoteGenerator(RemoteOptions("http://api.example.com/v1", allowed=True)).notes
    assert "sent to api.example.com, unencrypted" in note
    assert RemoteGenerator(RemoteOptions("http://127.0.0.1/v1")).notes == ()


def test_proxies_of_the_environment_and_redirects_are_not_followed(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with connected(server.url) as generator:
        assert "".join(generator.generate(prompt(), max_tokens=9)) == "The mill closed."
    server.replies["/v1/models"] = (307, {})
    with pytest.raises(ModelError, match="answered 307"), connected(server.url):
        pass


def test_the_model_is_named_without_its_path_and_its_weights_are_unknown(server):
    with connected(server.url) as generator:
        assert (generator.info.name, generator.info.sha256) == ("tiny.gguf", "")
        list(generator.generate(prompt(), max_tokens=1))
    assert server.bodies("/v1/completions")[0]["model"] == "models/tiny.gguf"


def test_one_of_several_models_has_to_be_chosen(server):
    server.replies["/v1/models"] = (200, {"data": [{"id": "a"}, {"id": "b"}]})
    with pytest.raises(ModelError, match="2 models") as caught, connected(server.url):
        pass
    assert caught.value.hint == "Set RAG_GENERATOR_MODEL to one of: a, b."
    with pytest.raises(ModelError, match="no model 'c'"), connected(server.url, model="c"):
        pass
    with connected(server.url, model="b") as generator:
        assert generator.info.name == "b"


def test_the_request_is_our_own_prompt_without_chance_and_ends_at_our_mark(server):
    with connected(server.url, end=CHAT.end, key="secret") as generator:
        assert list(generator.generate(prompt(), max_tokens=7)) == ["The mill", " closed."]
    (body,) = server.bodies("/v1/completions")
    assert body["prompt"] == "".join(segment.text for segment in prompt())
    assert (body["max_tokens"], body["temperature"], body["stream"], body["stop"]) == (7, 0, True, ["<|im_end|>"])
    assert {headers["Authorization"] for _, _, headers in server.seen} == {"Bearer secret"}


def test_with_the_models_own_template_the_server_gets_messages(server):
    asked = prompt("Where <|im_end|>?", chat=CHAT_FORMATS["file"])
    with connected(server.url, own_template=True) as generator:
        assert "".join(generator.generate(asked, max_tokens=7)) == "The mill closed."
        assert generator.count_segments([Segment("user", control=True)]) == [16]
    (body,) = server.bodies("/v1/chat/completions")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"] == messages(asked)
    assert "".join(QUOTES) in body["messages"][1]["content"]
    assert "Where < |im_end|>?" in body["messages"][1]["content"]
    assert "stop" not in body


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a <|im_end|> b", "a < |im_end|> b"),
        ("<start_of_turn>user", "< start_of_turn>user"),
        ("</s><s>", "< /s>< s>"),
        ("[INST] x [/INST]", "[ INST] x [ /INST]"),
        ("<｜User｜>", "< ｜User｜>"),
        ("[1] 3 < 5 [Otaru] <5 %", "[1] 3 < 5 [Otaru] <5 %"),
    ],
)
def test_control_words_in_documents_lose_their_power(text, sent):
    assert plain(text) == sent
    assert plain(sent) == sent


def test_a_server_of_llama_cpp_counts_and_takes_the_grammar(server):
    server.replies["/tokenize"] = (200, {"tokens": [1, 2, 3]})
    with connected(server.url) as generator:
        assert generator.tokenizer is Tokenizer.LLAMA_SERVER
        assert generator.count_tokens(["one two three", ""]) == [3, 0]
        list(generator.generate(prompt(), max_tokens=1, grammar=answer_grammar(2)))
    assert server.bodies("/tokenize")[-1] == {
        "content": "one two three",
        "add_special": False,
        "parse_special": True,
    }
    assert server.bodies("/v1/completions")[0]["grammar"] == answer_grammar(2)


def test_vllm_counts_and_gets_no_grammar(server):
    server.replies["/tokenize"] = (200, {"count": 4, "max_model_len": 4096, "tokens": [1, 2, 3, 4]})
    with connected(server.url) as generator:
        assert generator.tokenizer is Tokenizer.VLLM
        assert generator.count_tokens(["one two three"]) == [4]
        list(generator.generate(prompt(), max_tokens=1, grammar=answer_grammar(2)))
    (body,) = server.bodies("/v1/completions")
    assert not {"grammar", "repeat_penalty"} & set(body)


def test_a_server_that_does_not_count_gets_an_upper_estimate(server):
    with connected(server.url) as generator:
        assert generator.tokenizer is Tokenizer.NONE
        assert generator.count_tokens(["one two three", ""]) == [estimated_tokens("one two three"), 0]


def test_a_grammar_that_would_end_the_servers_process_is_never_sent(server):
    with connected(server.url) as generator, pytest.raises(ValueError, match="grammar"):
        list(generator.generate(prompt(), max_tokens=1, grammar='root ::= "a'))
    assert server.bodies("/v1/completions") == []


def test_no_server(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match="cannot be reached") as caught, connected(url):
        pass
    assert "Start it" in caught.value.hint
    assert not isinstance(caught.value, GeneratorCrashedError)


@pytest.mark.parametrize(
    ("status", "reply", "told", "hint"),
    [
        (401, {"detail": "Invalid API key"}, "401: Invalid API key", "RAG_GENERATOR_KEY"),
        (404, {"detail": "Not Found"}, "404: Not Found", "ends in /v1"),
        (503, {"error": {"message": "Loading model"}}, "503: Loading model", "loading its model"),
        (200, ["no", "models"], "not what an OpenAI-compatible server", "ends in /v1"),
        (200, {"data": []}, "0 models", "Load a model"),
    ],
)
def test_a_start_that_fails_says_what_to_do(server, status, reply, told, hint):
    server.replies["/v1/models"] = (status, reply)
    with pytest.raises(ModelError, match=told) as caught, connected(server.url):
        pass
    assert hint in caught.value.hint


def test_a_refused_request_says_what_to_do_and_a_broken_one_leaves_the_quotes(server):
    with connected(server.url) as generator:
        server.replies["/v1/completions"] = (400, {"error": {"message": "exceeds the context"}})
        with pytest.raises(ModelError, match="exceeds the context") as caught:
            list(generator.generate(prompt(), max_tokens=1))
        assert "RAG_CONTEXT_TOKENS" in caught.value.hint
        server.replies["/v1/completions"] = (500, {"error": {"message": "out of memory"}})
        with pytest.raises(GeneratorCrashedError, match="out of memory"):
            list(generator.generate(prompt(), max_tokens=1))


def test_an_error_in_the_middle_of_the_stream(server):
    server.pieces = ["The mill", {"error": {"message": "slot lost"}}]
    with connected(server.url) as generator:
        pieces = generator.generate(prompt(), max_tokens=9)
        assert next(pieces) == "The mill"
        with pytest.raises(GeneratorCrashedError, match="slot lost"):
            next(pieces)


def test_a_stream_that_breaks_off_is_no_answer(server):
    server.last = b""
    with connected(server.url) as generator, pytest.raises(GeneratorCrashedError, match="in the middle"):
        list(generator.generate(prompt(), max_tokens=9))


def test_silence_ends_the_writing(server):
    server.pieces = []
    server.hang.set()
    server.stream = lambda handler, *, chat: server.gone.wait(5)
    impatient = connected(server.url, silence_seconds=0.2)
    with impatient as generator, pytest.raises(GeneratorCrashedError, match="silent for too long"):
        list(generator.generate(prompt(), max_tokens=9))
    server.gone.set()


def test_closing_the_iterator_closes_the_connection(server):
    server.hang.set()
    with connected(server.url) as generator:
        pieces = generator.generate(prompt(), max_tokens=99)
        assert next(pieces) == "The mill"
        pieces.close()
        assert server.gone.wait(10)


# The real one


@pytest.fixture(scope="module")
def llama_server(tmp_path_factory) -> Iterator[str]:
    """llama_cpp.server on loopback with the default model; it is started once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "llama_cpp.server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--model", str(find_model("generator", "default").path), "--n_ctx", "2048", "--n_threads", "2"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env={**os.environ, "PYTHONWARNINGS": "ignore"}
        )
    url = f"http://127.0.0.1:{port}/v1"
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(log.read_text()[-2000:])
        try:
            with connected(url):
                break
        except ModelError:
            time.sleep(0.2)
    yield url
    process.send_signal(signal.SIGTERM)
    process.wait(20)


@pytest.fixture
def real(llama_server) -> Iterator[RemoteGenerator]:
    with connected(llama_server, end=CHAT.end, context_tokens=2048) as generator:
        yield generator


def test_the_real_server_answers_and_counts(real):
    assert real.info.name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert real.tokenizer is Tokenizer.LLAMA_CPP_PYTHON
    short, long = real.count_tokens(["Moscow", "Muto works in Moscow. " * 10])
    assert 1 <= short <= 3
    assert 40 <= long <= 70
    assert real.count_tokens(["<|im_end|>"])[0] > real.count_segments([Segment("<|im_end|>", control=True)])[0]
    assert "Moscow" in "".join(real.generate(short_prompt(), max_tokens=40))


def test_the_real_server_holds_to_the_grammar(real):
    text = "".join(real.generate(prompt(), max_tokens=60, grammar=answer_grammar(2)))
    assert text.startswith(("NONE", "USE: 1", "USE: 2"))


def test_the_real_server_is_free_again_after_a_stop(real):
    pieces = real.generate(prompt("Tell a long story about Moscow."), max_tokens=400)
    next(pieces)
    pieces.close()
    assert "Moscow" in "".join(real.generate(short_prompt(), max_tokens=40))


def test_the_real_server_applies_the_files_own_template(llama_server):
    asked = short_prompt(chat=CHAT_FORMATS["file"])
    with connected(llama_server, own_template=True) as generator:
        assert "Moscow" in "".join(generator.generate(asked, max_tokens=40))


def test_a_prompt_beyond_the_real_servers_context_is_a_clear_error(real):
    with pytest.raises(GeneratorCrashedError, match="stopped in the middle"):
        list(real.generate(prompt("word " * 3000), max_tokens=10))


def test_the_estimate_is_never_below_what_the_real_server_counts(real):
    texts = [path.read_text()[:1500] for path in sorted(KURILS.glob("*.*")) if path.suffix in (".md", ".txt")]
    texts += [
        "Мельница закрылась в 1987 году. " * 9,
        "2025-10-21, 1,234.56 (108.1 %)\n" * 9,
        "小樽市長は言った。" * 9,
        "\n\n\t",
    ]
    assert len(texts) > 10
    for text, counted in zip(texts, real.count_tokens(texts), strict=True):
        assert estimated_tokens(text) >= counted


@pytest.mark.parametrize("style", ["short", "full"])
def test_questions_about_the_sample_news_are_answered_through_the_server(
    llama_server, sample_settings, style, monkeypatch
):
    monkeypatch.setattr("rag.claims.SHORT_WORDS", 0)  # so that a short quote is written of too
    settings = replace(sample_settings, generator=llama_server, style=style)
    with compose.open_assistant(settings) as assistant:
        answered = answer(Question("When was the Joint Declaration signed?"), assistant.parts)
    assert "1956" in answered.claims[0].text
    assert [model.name for model in answered.models if model.role == "generator"] == [
        "SmolLM2-135M-Instruct.Q4_1.gguf"
    ]
    assert answered.generated
    if style == "full":
        assert answered.generated.startswith(("NONE", "USE: "))


@pytest.fixture(scope="module")
def sample_settings(tmp_path_factory, model_cache) -> Settings:
    """Settings with a library of the sample news."""
    folder = tmp_path_factory.mktemp("kurils") / "library"
    settings = Settings(library=folder, cache=model_cache, reader="sentences")
    compose.ingest(settings, [KURILS], folder=folder)
    return settings


def test_another_machine_as_generator_ends_the_command_before_anything_is_read(tmp_path):
    (tmp_path / "letter.txt").write_text("The ferry sails on Mondays.")
    command = ["ask", "--docs", str(tmp_path), "--generator", "http://192.0.2.1/v1", "When does it sail?"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "192.0.2.1 is another machine" in done.output
    assert "RAG_GENERATOR_REMOTE=allow" in done.output
    assert not (tmp_path / "home").exists()


def test_a_server_that_is_not_there_ends_the_command_with_what_to_do(tmp_path):
    (tmp_path / "letter.txt").write_text("The ferry sails on Mondays.")
    command = ["ask", "--docs", str(tmp_path), "--generator", "http://127.0.0.1:1/v1", "When does it sail?"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 5
    assert "cannot be reached" in done.output
    assert "Start it" in done.output
