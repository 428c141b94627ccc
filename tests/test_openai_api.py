"""The OpenAI-compatible API, spoken to by the real client."""

import openai
import pytest

from rag.types import Question, Turn
from ui.calls import CallError, Fields
from ui.openai_api import _question

pytestmark = pytest.mark.models

QUESTION = "Who is the prime minister of Japan?"
MESSAGES = [{"role": "system", "content": "Answer in verse."}, {"role": "user", "content": QUESTION}]


@pytest.fixture
def client(served):
    with openai.OpenAI(base_url=f"{served.address}/v1", api_key="none", max_retries=0) as made:
        yield made


def test_an_answer_brings_its_citations(client):
    done = client.chat.completions.create(model="rag", messages=MESSAGES, temperature=0.2)
    message = done.choices[0].message
    assert "Takaichi" in message.content
    assert "[1]" in message.content
    assert [one["number"] for one in message.citations] == list(range(1, len(message.citations) + 1))
    assert all(f"[{one['number']}]" in message.content for one in message.citations)
    first = message.citations[0]
    assert first["document"]
    assert "Takaichi" in first["text"]
    assert first["end"] - first["start"] == len(first["text"])
    assert done.choices[0].finish_reason == "stop"
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens
    assert done.abstained is False


def test_a_streamed_answer_is_the_same_and_each_piece_brings_its_own(client):
    whole = client.chat.completions.create(model="rag", messages=MESSAGES).choices[0].message
    chunks = list(
        client.chat.completions.create(
            model="rag", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
    )
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    said = [delta for delta in deltas if delta.content]
    assert said
    for delta in said:
        assert delta.citations
        assert all(f"[{citation['number']}]" in delta.content for citation in delta.citations)
    brought = {one["number"]: one for delta in said for one in delta.citations}
    assert list(brought.values()) == whole.citations
    assert said[0].role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.total_tokens >= 0
    assert len({chunk.id for chunk in chunks}) == 1


def test_silence_is_said_in_both_ways(client):
    messages = [{"role": "user", "content": "How do I bake sourdough bread?"}]
    done = client.chat.completions.create(model="rag", messages=messages)
    chunks = list(client.chat.completions.create(model="rag", messages=messages, stream=True))
    assert done.choices[0].message.content.startswith("The documents do not say.")
    assert done.choices[0].message.citations == []
    assert done.abstained is True
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == done.choices[0].message.content
    assert chunks[-1].abstained is True


def test_earlier_messages_are_the_conversation(client):
    parts = [{"type": "text", "text": "When did she take office?"}]
    messages = [*MESSAGES, {"role": "assistant", "content": "Sanae Takaichi."}, {"role": "user", "content": parts}]
    asked = _question(Fields({"messages": messages}, ""))
    assert asked == Question("When did she take office?", (Turn(QUESTION, "Sanae Takaichi."),))
    assert client.chat.completions.create(model="rag", messages=messages).choices[0].message.content


def test_what_clients_send_without_meaning_anything_is_taken():
    silent = {"role": "assistant", "content": None, "tool_calls": []}
    messages = [*MESSAGES, silent, {"role": "user", "content": "And its foreign minister?"}]
    values = {"messages": messages, "response_format": {"type": "text"}, "tools": [], "audio": None}
    asked = _question(Fields(values, ""))
    assert asked == Question("And its foreign minister?", (Turn(QUESTION, ""),))


@pytest.mark.parametrize(
    "more",
    [
        {"response_format": {"type": "json_object"}},
        {"tools": [{"type": "function"}]},
        {"messages": [{"role": "user", "content": None}]},
    ],
)
def test_what_would_change_the_answer_is_refused(more):
    with pytest.raises(CallError):
        _question(Fields({"messages": MESSAGES, **more}, ""))


def test_the_model_is_listed(client):
    assert [model.id for model in client.models.list()] == ["rag"]
    assert client.models.retrieve("rag").id == "rag"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt")


def test_what_cannot_be_done_is_told_as_the_client_expects_it(client):
    with pytest.raises(openai.BadRequestError, match="must be the user's question"):
        client.chat.completions.create(model="rag", messages=[{"role": "system", "content": "x"}])
    with pytest.raises(openai.NotFoundError, match="no model 'gpt'"):
        client.chat.completions.create(model="gpt", messages=MESSAGES)
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.chat.completions.create(model="rag", messages=[{"role": "user", "content": "?"}], stream=True)
