"""The tools ask and search, called by the official client over both transports."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from tests.conftest import KURILS

pytestmark = pytest.mark.models

QUESTION = "Who is the prime minister of Japan?"


@asynccontextmanager
async def over_stdio(served):
    rag = str(Path(sys.executable).with_name("rag"))
    command = StdioServerParameters(command=rag, args=["mcp", "--docs", str(KURILS)], env=served.environment)
    async with Client(command) as client:
        yield client


@asynccontextmanager
async def over_http(served):
    async with Client(f"{served.address}/mcp") as client:
        yield client


@pytest.mark.parametrize("transport", [over_stdio, over_http])
def test_the_tools_answer_with_their_quotes(served, transport):
    async def talk():
        async with transport(served) as client:
            tools = (await client.list_tools()).tools
            assert sorted(tool.name for tool in tools) == ["ask", "search"]
            assert all(tool.annotations.read_only_hint for tool in tools)

            answer = await client.call_tool("ask", {"question": QUESTION})
            assert not answer.is_error
            text = answer.content[0].text
            assert "Takaichi" in text
            assert "[1]" in text
            assert "Sources" in text
            assert answer.structured_content["claims"][0]["quotes"][0]["document"]

            early = await client.call_tool("ask", {"question": QUESTION, "as_of": "2024-06-01"})
            assert "Takaichi" not in early.structured_content["answer"]

            silent = await client.call_tool("ask", {"question": "How do I bake sourdough bread?"})
            assert silent.structured_content["abstained"]
            assert "do not say" in silent.content[0].text

            found = await client.call_tool("search", {"query": "cemeteries on the islands", "limit": 2})
            assert [one["rank"] for one in found.structured_content["passages"]] == [1, 2]
            assert found.structured_content["passages"][0]["text"] in found.content[0].text

            for name, arguments in (("ask", {"question": " "}), ("ask", {"question": "Who?", "as_of": "soon"})):
                refused = await client.call_tool(name, arguments)
                assert refused.is_error
                assert refused.content[0].text

    asyncio.run(talk())
