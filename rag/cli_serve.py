"""The commands that stay: chat (the page and the calls beside it), mcp (the tools over standard input and output).

Knows commands only; what is served is put together in rag.compose_serve.
"""

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.cli_library import generator_flags, settings_flags

if TYPE_CHECKING:
    from index.ingest import IngestReport
    from rag.settings import Settings

PORT = 7860
# Beside their bytes, files that are handed in have names: some hundred bytes for each of a thousand.
_NAMES_BYTES = 1_000_000
# So long a step of loading, or the last words of an answer, may take when the program is to end.
_CLOSE_SECONDS = 5
_PATH = click.Path(path_type=Path)
_docs = click.option(
    "--docs", multiple=True, type=_PATH, metavar="PATH", help="Index this path first, and serve its library."
)


@click.command()
@_docs
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, metavar="N", help="The port (7860).")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Whom to serve: others need RAG_TOKEN.")
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@generator_flags
@settings_flags
def chat(settings: "Settings", *, docs: tuple[Path, ...], port: int, host: str, no_browser: bool) -> None:
    """Open the chat in a browser; beside it /api, /v1 (as OpenAI's) and /mcp are served.

    Only this machine is served, unless --host names another address. Ctrl-C ends it.
    """
    from rag import compose_serve
    from ui.guard import Rules
    from ui.server import address_of, bound

    max_upload_bytes = settings.max_upload_bytes + _NAMES_BYTES
    rules = Rules.for_address(host, token=settings.token, max_upload_bytes=max_upload_bytes)
    with bound(host, port) as opened:
        address = address_of(opened, host)
        page_is_up = threading.Event()
        desk = compose_serve.open_desk(settings, docs, on_ingested=_echo_ingested, after=page_is_up)

        def on_start() -> None:
            page_is_up.set()
            click.echo(f"Open {address} (Ctrl-C ends).")
            if not no_browser:
                click.launch(address)

        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with suppress(KeyboardInterrupt):
                compose_serve.serve_chat(settings, docs, opened=opened, rules=rules, desk=desk, on_start=on_start)
        finally:
            is_over = desk.close(_CLOSE_SECONDS)
        click.echo("\nClosed.")
        _leave(is_over=is_over)


def _leave(*, is_over: bool) -> None:
    """End the program at once where something still loads: it cannot be stopped inside a step.

    What native code loads would go on in an interpreter that is being taken down, and could crash there. The
    generator ends by itself when its pipe is closed, and a library that is being written stays whole.
    """
    if not is_over:
        sys.stdout.flush()
        os._exit(0)


def _echo_ingested(report: "IngestReport") -> None:
    counts = f"{report.added} new, {report.changed} changed, {report.renamed} renamed, {report.removed} removed"
    click.echo(f"Documents: {counts}, {len(report.problems)} not read.", err=True)


@click.command()
@_docs
@generator_flags
@settings_flags
def mcp(settings: "Settings", *, docs: tuple[Path, ...]) -> None:
    """Serve the tools ask and search over standard input and output, for programs that speak MCP."""
    from rag import compose_serve
    from ui.mcp_server import serve_stdio

    desk = compose_serve.open_desk(settings, docs)
    try:
        with suppress(KeyboardInterrupt):
            serve_stdio(desk)
    finally:
        is_over = desk.close(_CLOSE_SECONDS)
    _leave(is_over=is_over)


SERVE_COMMANDS = (chat, mcp)
