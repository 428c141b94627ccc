"""The tools `ask` and `search` for programs that speak MCP. The only import of mcp; renders what the desk tells.

Served over standard input and output (`rag mcp`), and beside the page under /mcp.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import TYPE_CHECKING, Any

from rag import __version__, render
from rag.errors import RagError, UsageError
from rag.types import Answer, Question
from ui.api import Desk
from ui.calls import in_thread, next_event

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from starlette.routing import BaseRoute

_ABOUT = (
    "Answers from the documents of one library, and from nothing else. Every sentence of an answer rests on "
    "quoted words, given with their document and place; where the documents do not say, the answer says so."
)
_ASK = "Answer a question from the documents, with the quoted words that each sentence rests on."
_SEARCH = "Find the passages of the documents that are nearest to a question; no answer is made of them."


def make_server(desk: Desk) -> "MCPServer[Any]":
    """Return the server of the tools."""
    from mcp.server import MCPServer
    from mcp.types import CallToolResult, TextContent, ToolAnnotations

    def told(text: str, structured: dict[str, Any]) -> CallToolResult:
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=structured)

    def refused(error: RagError) -> CallToolResult:
        return CallToolResult(
            content=[TextContent(type="text", text=f"{error.message} {error.hint}")], is_error=True
        )

    async def ask(question: str, as_of: str | None = None) -> CallToolResult:
        try:
            answer = await _answer(desk, Question(question, as_of=_day(as_of)))
        except RagError as error:
            return refused(error)
        return told(_text(answer), render.as_json(answer))

    async def search(query: str, limit: int = 8) -> CallToolResult:
        try:
            wanted = min(max(limit, 1), 50)
            hits = render.hits_json(await in_thread(lambda: desk.search(Question(query), limit=wanted)))
        except RagError as error:
            return refused(error)
        lines = [f"[{hit['rank']}] {hit['document']} · {hit['title']}\n{hit['text']}" for hit in hits]
        return told("\n\n".join(lines) or "Nothing was found.", {"query": query, "passages": hits})

    server: MCPServer[Any] = MCPServer("rag", instructions=_ABOUT, version=__version__, log_level="ERROR")
    reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    for tool, description in ((ask, _ASK), (search, _SEARCH)):
        server.add_tool(tool, description=description, annotations=reads, structured_output=False)
    return server


async def _answer(desk: Desk, question: Question) -> Answer:
    """Return the answer; where the call is given up, so is the question."""
    asking = desk.ask(question)
    try:
        while (event := await next_event(asking)) is not None:
            if isinstance(event, Answer):
                return event
    finally:
        asking.close()
    raise AssertionError


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError("as_of is no date.", hint="Send a day like 2025-10-21.") from error


def _text(answer: Answer) -> str:
    told = render.opening(answer.abstain_reason) if answer.abstain_reason else ""
    lines = [told, *(render.claim_text(claim) for claim in answer.claims)]
    return "\n".join(line for line in (*lines, "", render.sources_text(answer))).strip()


def routes(desk: Desk) -> tuple[list["BaseRoute"], Callable[[], AbstractAsyncContextManager[None]]]:
    """Return where the tools are served over HTTP, and what must be entered while they are."""
    from mcp.server.transport_security import TransportSecuritySettings

    server = make_server(desk)
    # ui.guard has checked host and origin before.
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server.streamable_http_app(transport_security=checked, stateless_http=True)
    return list(app.routes), server.session_manager.run


def serve_stdio(desk: Desk) -> None:
    """Serve the tools over standard input and output until the other side closes them."""
    make_server(desk).run("stdio")
