"""Puts the page's script into the page itself, before Gradio's own. Pure ASGI; knows no handler and no guard.

Gradio adds scripts of an application from JavaScript, inline, which a content security policy without
'unsafe-inline' refuses; and it evaluates its templates as code, which one without 'unsafe-eval' refuses
(ui/static/chat.js answers for the few templates that there are). So the script has to be there first, as a file.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from importlib import resources
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

SCRIPT = "/chat.js"
_FILES = ("chat.js", "fields.js")
_HEAD = b"<head>"
_TAG = f'<script src=".{SCRIPT}"></script>'.encode()


class Assets:
    """Serves the script, and names it first in the head of every page."""

    def __init__(self, app: App) -> None:
        self._app = app
        static = resources.files("ui").joinpath("static")
        self._script = b"\n".join(static.joinpath(name).read_bytes() for name in _FILES)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer for the script; let everything else through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == SCRIPT:
            await _send(send, self._script)
        else:
            await self._app(scope, receive, _Page(send))


class _Page:
    """Holds a page back until it is whole, and puts the script into its head."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._page = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._page += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)

    async def _send_page(self, start: Message) -> None:
        body = self._page.replace(_HEAD, _HEAD + _TAG, 1)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self._send({**start, "headers": [*headers, length]})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(message: Message) -> bool:
    return any(name.lower() == b"content-type" and b"text/html" in value for name, value in message["headers"])


async def _send(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/javascript; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-cache"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
