"""The server: the page, the calls and the tools behind one guard, on a port of this machine.

Knows what is served where; knows nothing of how answers or pages are made.
"""

import errno
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rag.errors import RagError, UsageError
from ui.api import Api, Desk, Documents, tell_damage, tell_error
from ui.guard import Guard, is_loopback
from ui.openai_api import OpenAiApi

if TYPE_CHECKING:
    from fastapi import FastAPI

# Streams that are still open when the server ends are cut after this.
_GRACE_SECONDS = 1
_PORTS_TRIED = 50


def make_app(desk: Desk, documents: Documents) -> "FastAPI":
    """Return the calls and the tools; a page may be mounted behind them."""
    from fastapi import FastAPI

    from ui.mcp_server import routes as mcp_routes

    tools, tools_open = mcp_routes(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools_open():
            yield

    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        exception_handlers={RagError: tell_error, sqlite3.DatabaseError: tell_damage},
    )
    app.router.routes.extend([*Api(desk, documents).routes(), *OpenAiApi(desk).routes(), *tools])
    return app


def bound(host: str, port: int) -> socket.socket:
    """Return a socket at the address; port 0 takes a free one.

    Raises:
        UsageError: somebody else has the port, or this machine has no such address.
    """
    try:
        return _socket_at(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            free = _free_port(host, port)
            hint = f"Type: rag chat --port {free}" if free else "Choose another one: rag chat --port N"
            raise UsageError(f"Port {port} is taken: is the chat open already?", hint=hint) from error
        hint = "Type: rag chat --port 7860, or leave --host out."
        raise UsageError(f"Nothing can be served at {host}, port {port}: {error.strerror}.", hint=hint) from error


def _socket_at(host: str, port: int) -> socket.socket:
    ((family, kind, protocol, _, address), *_) = socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    opened = socket.socket(family, kind, protocol)
    try:
        # A port that was used a moment ago may be used again; one that is listened at may not.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(128)
    except OSError:
        opened.close()
        raise
    return opened


def _free_port(host: str, port: int) -> int | None:
    for other in range(port + 1, min(port + _PORTS_TRIED, 65536)):
        try:
            _socket_at(host, other).close()
        except OSError:
            continue
        return other
    return None


def address_of(opened: socket.socket, host: str) -> str:
    """Return what a person types into a browser."""
    port = opened.getsockname()[1]
    name = host if is_loopback(host) else socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def serve(guarded: Guard, opened: socket.socket, *, on_start: Callable[[], None]) -> None:
    """Serve until Ctrl-C; `on_start` is called once requests are taken."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
            await super().startup(list(sockets or ()))
            if not self.should_exit:
                on_start()

    config = uvicorn.Config(
        guarded,
        log_level="warning",
        access_log=False,  # a log holds neither questions nor names of documents
        ws="none",
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=False,
    )
    Server(config).run([opened])
