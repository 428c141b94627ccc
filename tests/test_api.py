"""The JSON API of a running `rag chat`, with the real models over the sample news."""

import asyncio
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from rag.errors import UsageError
from tests.conftest import KURILS
from ui.calls import CallError, Fields, read_object

pytestmark = pytest.mark.models

RAG = Path(sys.executable).with_name("rag")
QUESTION = "Who is the prime minister of Japan?"
CANARY = "Zanzibarquokka"


def call(served, path, body=None, *, kind="application/json"):
    """Return (status, JSON)."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{served.address}{path}", data, {"Content-Type": kind} if data else {})
    try:
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def streamed(served, body):
    """Return [(event, data)]."""
    data = json.dumps({**body, "stream": True}).encode()
    request = urllib.request.Request(f"{served.address}/api/ask", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        text = answer.read().decode()
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]
    return [(event["event"], json.loads(event["data"])) for event in events]


def test_health_and_readiness(served):
    assert call(served, "/api/health") == (200, {"status": "ok"})
    assert call(served, "/api/ready") == (200, {"ready": True, "busy": False, "waiting": 0})


def test_an_answer_is_the_one_that_the_command_line_gives(served):
    status, answer = call(served, "/api/ask", {"question": QUESTION})
    typed = subprocess.run(
        [RAG, "ask", "--docs", KURILS, "--json", QUESTION], env=served.environment, capture_output=True, text=True
    )
    expected = json.loads(typed.stdout)
    assert status == 200
    assert "Takaichi" in answer["answer"]
    for changing in ("timings_seconds",):
        answer.pop(changing), expected.pop(changing)
    assert answer == expected


def test_a_streamed_answer_comes_in_order_and_is_the_same(served):
    whole = call(served, "/api/ask", {"question": QUESTION})[1]
    events = streamed(served, {"question": QUESTION})
    names = [name for name, _ in events if name != "waiting"]
    assert names == ["found", *["claim"] * len(whole["claims"]), "answer"]
    found = next(data for name, data in events if name == "found")
    assert found["passages"] == whole["sources"]
    claims = [{key: data[key] for key in whole["claims"][0]} for name, data in events if name == "claim"]
    assert claims == whole["claims"] == events[-1][1]["claims"]


def test_wishes_are_kept(served):
    quoted = call(served, "/api/ask", {"question": QUESTION, "style": "quotes"})[1]
    assert quoted["claims"][0]["verbatim"]
    assert "generator" not in [model["role"] for model in quoted["models"]]
    few = call(
        served, "/api/ask", {"question": "Why were the talks broken off?", "style": "quotes", "passages": 2}
    )[1]
    assert len(few["sources"]) == 2
    early = call(served, "/api/ask", {"question": QUESTION, "as_of": "2024-06-01", "style": "quotes"})[1]
    assert "Takaichi" not in early["answer"]
    (number,) = [one["id"] for one in sources(served) if one["document"] == "sakhalin-deputy-no-request.md"]
    scoped = call(served, "/api/ask", {"question": QUESTION, "documents": [number], "style": "quotes"})[1]
    assert {one["document"] for one in scoped["sources"]} == {"sakhalin-deputy-no-request.md"}


def test_earlier_turns_are_read(served):
    history = [{"question": QUESTION, "answer": "Sanae Takaichi."}]
    body = {"question": "When did she take office?", "history": history, "style": "quotes"}
    assert "japan" in call(served, "/api/ask", body)[1]["understood"].lower()


def sources(served):
    return call(served, "/api/sources")[1]["documents"]


def test_searching(served):
    status, found = call(served, "/api/search", {"query": "cemeteries on the islands", "limit": 3})
    assert status == 200
    assert [one["rank"] for one in found["passages"]] == [1, 2, 3]
    assert all(one["text"] and one["document"] for one in found["passages"])


@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/v1/chat/completions"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"question": 1, "query": 1}',
        b'{"question": null, "query": null}',
        b'{"question": "", "query": " "}',
        b'{"question": "\\ud800 who?", "query": "\\ud800 who?"}',
        b'{"question": "Who?", "query": "Who?", "unknown": 1}',
        b'{"question": "Who?", "query": "Who?", "as_of": "soon"}',
        b'{"question": "Who?", "query": "Who?", "as_of": 7}',
        b'{"question": "Who?", "query": "Who?", "documents": "all"}',
        b'{"question": "Who?", "query": "Who?", "documents": [true]}',
        b'{"question": "Who?", "stream": "yes"}',
        b'{"question": "Who?", "style": "long"}',
        b'{"question": "Who?", "style": ["short"]}',
        b'{"question": "Who?", "history": "none"}',
        b'{"question": "Who?", "history": [{"question": 1}]}',
        b'{"query": "Who?", "limit": 0}',
        b'{"query": "Who?", "limit": 1e999}',
        b'{"query": "Who?", "limit": NaN}',
        b'{"query": "Who?", "limit": true}',
        b"[" * 100_000,
        b'{"model": "rag", "messages": []}',
        b'{"model": "rag", "messages": [1]}',
        b'{"model": "rag", "messages": [{"role": "user", "content": 1}]}',
        b'{"model": "rag", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
        b'{"model": "rag", "messages": [{"role": "assistant", "content": "Hello"}]}',
        b'{"model": "rag", "messages": [{"role": "user", "content": "Who?"}], "tools": [{}]}',
        b'{"model": "rag", "messages": [{"role": "user", "content": "Who?"}], "n": 2}',
        b'{"model": "gpt", "messages": [{"role": "user", "content": "Who?"}]}',
        b'{"model": 1, "messages": [{"role": "user", "content": "Who?"}]}',
    ],
)
def test_what_cannot_be_read_is_told(served, path, body):
    status, told = call(served, path, body)
    assert 400 <= status < 500, told
    assert told["error"]["message"]


def test_what_to_send_is_told(served):
    status, told = call(served, "/api/ask", b'{"question": 7}')
    assert (status, told["error"]["message"]) == (400, "The field 'question' must be text.")
    example = json.loads(told["error"]["hint"].removeprefix("Send: "))
    assert call(served, "/api/ask", {**example, "style": "quotes"})[0] == 200


def test_a_form_is_no_call(served):
    body = json.dumps({"question": QUESTION}).encode()
    assert call(served, "/api/ask", body, kind="text/plain")[0] == 415


def test_a_question_that_is_too_long_is_told(served):
    status, told = call(served, "/api/ask", {"question": "why " * 3000})
    assert (status, told["error"]["kind"]) == (400, "QuestionError")


def test_numbers_beyond_all_documents_find_nothing(served):
    status, answer = call(served, "/api/ask", {"question": QUESTION, "documents": [10**40, -1]})
    assert status == 200
    assert answer["abstained"]


def test_who_hangs_up_frees_the_desk(served):
    parts = urllib.parse.urlsplit(served.address)
    body = json.dumps({"question": QUESTION, "stream": True}).encode()
    for _ in range(20):
        with socket.create_connection((parts.hostname, parts.port)) as raw:
            head = f"POST /api/ask HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            raw.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(0.05)
    for _ in range(200):
        if call(served, "/api/ready")[1]["waiting"] == 0:
            break
        time.sleep(0.1)
    assert call(served, "/api/ready")[1]["waiting"] == 0
    assert call(served, "/api/ask", {"question": QUESTION, "style": "quotes"})[0] == 200


def test_fifty_at_once_are_served_or_told_that_it_is_full(served):
    questions = [f"What is said about {one}?" for one in ("Japan", "Russia", "fishing", "treaties", "cemeteries")]
    told = []

    def ask(question):
        told.append((question, *call(served, "/api/ask", {"question": question, "style": "quotes"})))

    threads = [threading.Thread(target=ask, args=(questions[n % 5],), daemon=True) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert len(told) == 50
    assert {status for _, status, _ in told} <= {200, 503}
    assert sum(status == 200 for _, status, _ in told) >= 10
    assert all(answer["question"] == question for question, status, answer in told if status == 200)
    assert all(answer["error"]["kind"] == "BusyError" for _, status, answer in told if status == 503)


def test_a_change_of_the_library_is_seen_by_the_next_question(served, tmp_path):
    note = tmp_path / "ferry.txt"
    note.write_text(f"The ferry\n\nThe ferry {CANARY} sails from Otaru on the first Monday of May 2031.")
    (library,) = Path(served.environment["RAG_HOME"]).glob("libraries/kurils-*")
    question = {"question": f"When does the ferry {CANARY} sail?", "style": "quotes"}
    assert "Monday" not in call(served, "/api/ask", question)[1]["answer"]

    def rag(*arguments):
        done = subprocess.run([RAG, *arguments, "--library", library], env=served.environment, capture_output=True)
        assert done.returncode == 0, done.stderr

    rag("index", note)
    assert "Monday" in call(served, "/api/ask", question)[1]["answer"]
    assert "ferry.txt" in [one["document"] for one in sources(served)]
    rag("remove", "ferry.txt")
    assert "Monday" not in call(served, "/api/ask", question)[1]["answer"]


def test_the_page_is_there_with_everything_off(served):
    with urllib.request.urlopen(f"{served.address}/config") as answer:
        config = json.load(answer)
    assert config["max_file_size"] == 200_000_000
    for off in ("analytics_enabled", "run_history", "pwa", "mcp_server", "dev_mode", "vibe_mode", "show_error"):
        assert config[off] is False, off
    assert config["footer_links"] == []
    shut = ("/docs", "/redoc", "/openapi.json", "/monitoring", "/monitoring/summary", "/gradio_api/mcp/")
    described = ("/gradio_api/openapi.json", "/gradio_api/info", "/gradio_api/file=https://evil.example/a.png")
    for path in (*shut, *described, "/gradio_api/proxy=https://evil.example/a", "/gradio_api/component_server"):
        assert status_of(served, path) == 404, path


def status_of(served, path):
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=60)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_page_names_no_other_host_that_is_loaded(served):
    with urllib.request.urlopen(served.address) as answer:
        text = answer.read().decode()
        policy = answer.headers["Content-Security-Policy"]
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']https?://(?!127)", text)
    assert "http" not in policy


def test_neither_questions_nor_documents_are_logged_and_nothing_left_the_machine(served):
    call(served, "/api/ask", {"question": f"What is {CANARY}?"})
    call(served, "/api/ask", {"question": CANARY, "style": CANARY})
    log = served.log.read_text()
    assert CANARY not in log
    assert "Takaichi" not in log
    assert "Traceback" not in log
    folder = served.log.parent
    assert (folder / "guarded").read_text().count("x") >= 2  # the server and its generator
    assert not (folder / "reached").exists()


def test_a_port_that_is_taken_is_told_with_what_to_type(served):
    port = served.address.rpartition(":")[2]
    done = subprocess.run(
        [RAG, "chat", "--port", port, "--no-browser"], env=served.environment, capture_output=True, text=True
    )
    assert done.returncode == UsageError.exit_code
    assert f"Port {port} is taken" in done.stderr
    free = int(re.search(r"rag chat --port (\d+)", done.stderr)[1])
    with socket.create_server(("127.0.0.1", free)):
        pass


def test_others_are_not_served_without_a_token(served):
    done = subprocess.run(
        [RAG, "chat", "--host", "0.0.0.0", "--no-browser"], env=served.environment, capture_output=True, text=True
    )
    assert done.returncode == UsageError.exit_code
    assert "RAG_TOKEN=" in done.stderr


def test_ctrl_c_ends_the_server_and_its_generator(served, tmp_path):
    import signal

    from tests.conftest import _said, _wait_until_ready

    (tmp_path / "a.txt").write_text("A letter\n\nThe ferry to Otaru sails on Mondays.")
    log = tmp_path / "log.txt"
    command = [RAG, "chat", "--docs", tmp_path / "a.txt", "--port", "0", "--no-browser"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=served.environment, stdout=out, stderr=subprocess.STDOUT)
    _wait_until_ready(_said(log, process, r"Open (http://127\.0\.0\.1:\d+)"))
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert log.read_text().rstrip().endswith("Closed.")
    assert "Traceback" not in log.read_text()
    assert not [child for child in children if Path(f"/proc/{child}/cmdline").exists()]


def test_fields_are_what_they_must_be():
    fields = Fields({"n": 3, "day": "2025-10-21", "flag": False, "list": [1, 1]}, "Send: {}")
    assert fields.whole("n", range(1, 4)) == 3
    assert fields.day("day").year == 2025
    assert fields.flag("flag") is False
    assert fields.numbers("list") == {1}
    assert fields.turns("missing") == ()
    with pytest.raises(CallError):
        fields.whole("n", range(1, 3))


def test_a_body_is_read_as_json_only():
    class Request:
        def __init__(self):
            self.headers = {"content-type": "application/json; charset=utf-8"}

        async def body(self):
            return b'{"question": "Who?"}'

    assert asyncio.run(read_object(Request(), "{}")).text("question") == "Who?"
