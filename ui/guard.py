"""What stands before every page and every call: who may ask, from which page, and what a browser may then do.

Pure ASGI; knows headers, and nothing of what is served. A local server is within reach of every page that the
same browser has open, so a request must name this server (Host), come from its own page (Origin), and where a
token is set, carry it. What is answered tells the browser to load nothing from elsewhere.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from rag.errors import UsageError

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

# A token that is shorter can be tried out.
MIN_TOKEN_CHARS = 16
# A question with a long history; uploads have a limit of their own.
MAX_BODY_BYTES = 4 << 20
_UPLOAD = "/gradio_api/upload"
# All that the page needs of Gradio, which serves more: a list of its calls, files of other servers, monitoring.
_NEEDED = re.compile(
    r"/gradio_api/(?:queue/(?:join|data)|run/predict|heartbeat/[^/]+|upload|upload_progress|cancel|reset/?|"
    r"startup-events|app_id/?|file=(?!https?:).+)"
)
_GRADIO = ("/gradio_api", "/monitoring", "/profiling", "/vibe", "/dev/", "/proxy=")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_REPLACED = frozenset({*_FIXED, "content-security-policy"})
_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
_SOURCE = re.compile(rb"\ssrc\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """Whom the guard lets in. `hosts` None: whatever the server is called, since the token decides."""

    hosts: frozenset[str] | None = _LOOPBACK_NAMES
    token: str = ""
    max_upload_bytes: int = 100_000_000

    @classmethod
    def for_address(cls, host: str, *, token: str = "", max_upload_bytes: int = 100_000_000) -> "Rules":
        """Return the rules for a server at `host`.

        Raises:
            UsageError: others could reach it and there is no token, or one that can be guessed.
        """
        if token and len(token) < MIN_TOKEN_CHARS:
            raise UsageError(
                f"The token has {len(token)} characters: it can be guessed.",
                hint=f"Set RAG_TOKEN to {MIN_TOKEN_CHARS} characters or more, such as: {_example()}",
            )
        if is_loopback(host):
            return cls(token=token, max_upload_bytes=max_upload_bytes)
        if not token:
            raise UsageError(
                f"At {host} everybody in the network could read these documents.",
                hint=f"Set a token first: RAG_TOKEN={_example()} rag chat --host {host}",
            )
        return cls(hosts=None, token=token, max_upload_bytes=max_upload_bytes)


def _example() -> str:
    import secrets

    return secrets.token_urlsafe(24)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server at `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Checks each request, and puts its headers on each response."""

    def __init__(self, app: App, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no part of this server speaks over web sockets
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = _refusal(scope, self._rules)
        if refused is not None:
            await _send_refusal(send, refused)
            return
        await self._app(scope, receive, _Headed(send))


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    message: str
    hint: str
    headers: tuple[tuple[str, str], ...] = ()


def _refusal(scope: Scope, rules: Rules) -> _Refusal | None:
    given = _headers(scope)
    return (
        _wrong_host(given, rules)
        or _wrong_page(scope, given)
        or _no_token(given, rules)
        or _not_needed(scope)
        or _too_large(scope, given, rules)
    )


def _headers(scope: Scope) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        given.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return given


def _one(given: dict[str, list[str]], name: str) -> str:
    """Return a header, "" where it is missing or stands there twice."""
    values = given.get(name, [])
    return values[0] if len(values) == 1 else ""


def _wrong_host(given: dict[str, list[str]], rules: Rules) -> _Refusal | None:
    """A page elsewhere may let its own name point to this machine; the Host header still says that name."""
    host = _one(given, "host")
    if host and (rules.hosts is None or _name_of(host) in rules.hosts):
        return None
    return _Refusal(421, "This server goes by another name.", "Open it as http://127.0.0.1 with its port.")


def _name_of(host: str) -> str:
    """Return a Host header without its port, "" where it is none."""
    found = re.fullmatch(r"(?P<name>\[[0-9a-fA-F:]+\]|[^:\[\]/@\s]+)(?::\d{1,5})?", host)
    return found["name"].lower() if found else ""


def _wrong_page(scope: Scope, given: dict[str, list[str]]) -> _Refusal | None:
    """Refuse what another page sends; following a link to the front page is no harm."""
    refused = _Refusal(403, "This request comes from another page.", "Open the assistant's own address.")
    if "origin" in given:
        origin = urlsplit(_one(given, "origin"))
        same = origin.scheme in ("http", "https") and origin.netloc.lower() == _one(given, "host").lower()
        return None if same else refused
    if "sec-fetch-site" not in given or _one(given, "sec-fetch-site") in ("same-origin", "none"):
        return None
    followed = _one(given, "sec-fetch-mode") == "navigate" and scope["method"] == "GET" and scope["path"] == "/"
    return None if followed else refused


def _no_token(given: dict[str, list[str]], rules: Rules) -> _Refusal | None:
    if not rules.token or hmac.compare_digest(_token_in(_one(given, "authorization")), rules.token.encode()):
        return None
    return _Refusal(
        401,
        "This server asks for its token.",
        "Send it as Authorization: Bearer TOKEN; in a browser, type it as the password.",
        (("www-authenticate", 'Basic realm="rag", charset="UTF-8"'),),
    )


def _token_in(authorization: str) -> bytes:
    """Return the token of a Bearer header, or the password of a Basic one."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip().encode("latin-1")
    if kind.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _not_needed(scope: Scope) -> _Refusal | None:
    path = str(scope["path"])
    if not path.startswith(_GRADIO) or _NEEDED.fullmatch(path):
        return None
    return _Refusal(404, "There is nothing here.", "Open the front page, or call /api, /v1 or /mcp.")


def _too_large(scope: Scope, given: dict[str, list[str]], rules: Rules) -> _Refusal | None:
    if scope["method"] not in _BODY_METHODS:
        return None
    if "transfer-encoding" in given:
        return _Refusal(411, "The length of the request is missing.", "Send a Content-Length header.")
    length = _one(given, "content-length") or "0"
    allowed = rules.max_upload_bytes if scope["path"] == _UPLOAD else MAX_BODY_BYTES
    if length.isdecimal() and int(length) <= allowed:
        return None
    return _Refusal(413, f"A request may have {allowed:,} bytes.", "Send less at once.")


async def _send_refusal(send: Send, refused: _Refusal) -> None:
    body = json.dumps({"error": {"message": refused.message, "hint": refused.hint}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # its body is not read
        *((name.encode(), value.encode()) for name, value in refused.headers),
    ]
    headed = _Headed(send)
    await headed({"type": "http.response.start", "status": refused.status, "headers": headers})
    await headed({"type": "http.response.body", "body": body})


class _Headed:
    """Puts the headers on a response. A page is held back until it is whole: its own scripts are named by hash."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._page = b""

    async def __call__(self, message: Message) -> None:
        """Send a message of the response on."""
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if kind.startswith(b"text/html"):
                self._start = message
                return
            await self._send(_with_headers(message, policy()))
        elif self._start is not None and message["type"] == "http.response.body":
            await self._gather(self._start, message)
        else:
            await self._send(message)

    async def _gather(self, start: Message, message: Message) -> None:
        self._page += message.get("body", b"")
        if message.get("more_body"):
            return
        await self._send(_with_headers(start, policy(self._page)))
        await self._send({"type": "http.response.body", "body": self._page})


def policy(page: bytes = b"") -> str:
    """Return the content security policy of a response; of a page, its own inline scripts may run.

    Nothing else may: no script that stands in a text, none that is made of a text, none from elsewhere.
    """
    inline = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(found['body']).digest()).decode()}'"
        for found in _SCRIPT.finditer(page)
        if not _SOURCE.search(found["attributes"])
    )
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {inline}".rstrip(),
            "style-src 'self' 'unsafe-inline'",  # Gradio writes the theme and many sizes into style attributes
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def _with_headers(start: Message, content_policy: str) -> Message:
    """Return the start of a response with our headers, and without leave for other pages to read it."""
    kept = [
        (name, value)
        for name, value in start["headers"]
        if name.decode("latin-1").lower() not in _REPLACED and not name.lower().startswith(b"access-control-")
    ]
    ours = {**_FIXED, "content-security-policy": content_policy}
    return {**start, "headers": [*kept, *((name.encode(), value.encode()) for name, value in ours.items())]}
