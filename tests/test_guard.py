"""Who is let in, and what every response says, over raw HTTP."""

import asyncio
import base64
import http.client
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from rag.errors import UsageError
from ui.guard import MAX_BODY_BYTES, Guard, Rules, policy

TOKEN = "x" * 24
PAGE = "<html><head><script>one()</script><script src='a.js'></script></head><script type=module>two()</script>"


async def page(request):
    return HTMLResponse(
        PAGE, headers={"access-control-allow-origin": "*", "content-security-policy": "default-src *"}
    )


async def echo(request):
    return JSONResponse({"bytes": len(await request.body())})


APP = Starlette(
    routes=[
        Route("/", page),
        Route("/call", echo, methods=["GET", "POST"]),
        Route("/gradio_api/upload", echo, methods=["POST"]),
        Route("/gradio_api/app_id", echo),
    ]
)


@contextmanager
def serving(rules):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(Guard(APP, rules), log_level="error", ws="none", server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def open_port():
    with serving(Rules(max_upload_bytes=2 * MAX_BODY_BYTES)) as port:
        yield port


@pytest.fixture(scope="module")
def token_port():
    with serving(Rules.for_address("0.0.0.0", token=TOKEN)) as port:
        yield port


def send(port, path="/call", *, method="GET", host=None, headers=(), body=b""):
    """Return (status, headers, body); exactly these headers are sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    sent = [("Host", host or f"127.0.0.1:{port}"), *headers]
    for name, value in sent:
        connection.putheader(name, value)
    if method == "POST" and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in sent):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    if body:
        connection.send(body)
    answer = connection.getresponse()
    told = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return told


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:9", 200),  # a tunnel comes in by another port
        ("localhost:80", 200),
        ("LocalHost", 200),
        ("[::1]:7860", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:7860", 421),
        ("evil.example@127.0.0.1", 421),
        ("127.0.0.1:7860:80", 421),
        ("127.0.0.1 evil.example", 421),
        ("0.0.0.0", 421),
    ],
)
def test_only_this_machines_names_are_answered(open_port, host, status):
    assert send(open_port, host=host)[0] == status


def test_two_hosts_or_none_are_refused(open_port):
    assert send(open_port, headers=[("Host", "127.0.0.1")])[0] in (400, 421)
    with socket.create_connection(("127.0.0.1", open_port)) as raw:
        raw.sendall(b"GET /call HTTP/1.0\r\n\r\n")
        assert b" 421 " in raw.recv(4000).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 200),
        ("http://127.0.0.1:1", 403),  # another program of this machine
        ("http://localhost:{port}", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
        ("http://127.0.0.1:{port}@evil.example", 403),
        ("file://127.0.0.1:{port}", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_our_own_page_may_call(open_port, origin, status, method):
    headers = [("Origin", origin.format(port=open_port))]
    assert send(open_port, method=method, headers=headers)[0] == status


def test_an_upload_from_another_page_is_refused(open_port):
    headers = [("Origin", "https://evil.example"), ("Content-Type", "multipart/form-data; boundary=x")]
    assert send(open_port, "/gradio_api/upload", method="POST", headers=headers, body=b"--x--")[0] == 403


def test_a_link_may_be_followed_to_the_front_page_and_nothing_else(open_port):
    followed = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
    assert send(open_port, "/", headers=followed)[0] == 200
    assert send(open_port, "/call", headers=followed)[0] == 403
    assert (
        send(open_port, "/", headers=[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")])[0] == 403
    )
    assert send(open_port, "/call", headers=[("Sec-Fetch-Site", "same-site")])[0] == 403
    assert send(open_port, "/call", headers=[("Sec-Fetch-Site", "same-origin")])[0] == 200


@pytest.mark.parametrize("path", ["/", "/call", "/missing"])
def test_every_response_has_the_headers(open_port, path):
    _, headers, _ = send(open_port, path)
    assert_headed(headers)


def test_refusals_have_them_too(open_port):
    status, headers, body = send(open_port, host="evil.example")
    assert status == 421
    assert_headed(headers)
    assert b"hint" in body


def assert_headed(headers):
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert "unsafe" not in rules["script-src"]
    assert "http" not in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_the_pages_own_scripts_are_named_by_their_hash(open_port):
    _, headers, body = send(open_port, "/")
    assert body.decode() == PAGE
    assert headers["content-security-policy"] == policy(PAGE.encode())
    assert headers["content-security-policy"].count("'sha256-") == 2
    assert policy(b"<script>one() </script>") != policy(b"<script>one()</script>")


def test_bodies_are_bounded(open_port):
    assert send(open_port, method="POST", body=b"x" * 1000)[0] == 200
    too_long = [("Content-Length", str(MAX_BODY_BYTES + 1))]
    assert send(open_port, method="POST", headers=too_long)[0] == 413
    assert send(open_port, "/gradio_api/upload", method="POST", body=b"x" * (MAX_BODY_BYTES + 1))[0] == 200
    over = [("Content-Length", str(2 * MAX_BODY_BYTES + 1))]
    assert send(open_port, "/gradio_api/upload", method="POST", headers=over)[0] == 413
    assert send(open_port, method="POST", headers=[("Transfer-Encoding", "chunked")])[0] == 411


def test_a_server_for_others_answers_only_with_its_token(token_port):
    def status(authorization):
        return send(token_port, host="the.house:1", headers=authorization and [("Authorization", authorization)])[
            0
        ]

    def basic(text):
        return f"Basic {base64.b64encode(text.encode()).decode()}"

    assert status(f"Bearer {TOKEN}") == status(basic(f"me:{TOKEN}")) == 200
    wrong = (
        "",
        "Bearer",
        f"Bearer {TOKEN}y",
        f"Bearer {TOKEN[:-1]}",
        basic(TOKEN),
        basic("me:"),
        "Basic !",
        TOKEN,
    )
    assert [status(one) for one in wrong] == [401] * len(wrong)
    _, headers, _ = send(token_port)
    assert headers["www-authenticate"].startswith("Basic ")
    assert_headed(headers)


def test_a_server_for_others_checks_the_page_too(token_port):
    headers = [("Authorization", f"Bearer {TOKEN}"), ("Origin", "https://evil.example")]
    assert send(token_port, host="the.house", headers=headers)[0] == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "the.house", "127.0.0.1.evil.example"])
def test_others_are_not_served_without_a_token(host):
    with pytest.raises(UsageError) as caught:
        Rules.for_address(host)
    assert "RAG_TOKEN=" in caught.value.hint
    assert Rules.for_address(host, token=TOKEN).token == TOKEN


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"])
def test_this_machine_is_served_without_one(host):
    assert Rules.for_address(host).token == ""


def test_a_short_token_is_refused():
    with pytest.raises(UsageError, match="guessed"):
        Rules.for_address("127.0.0.1", token="secret")


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/info",
        "/gradio_api/proxy=http://evil.example",
        "/gradio_api/file=http://evil.example/a.png",
        "/gradio_api/upload/../info",
        "/gradio_api//info",
        "/gradio_api/%69nfo",
        "/monitoring/summary",
    ],
)
def test_what_the_page_does_not_need_is_not_there(open_port, path):
    assert send(open_port, path)[0] == 404


def test_a_page_that_lost_its_server_may_ask_whether_it_is_back(open_port):
    assert send(open_port, "/gradio_api/app_id")[0] == 200


def test_web_sockets_are_closed():
    sent = []

    async def keep(message):
        sent.append(message)

    asyncio.run(Guard(APP, Rules())({"type": "websocket", "headers": []}, None, keep))
    assert [message["type"] for message in sent] == ["websocket.close"]
