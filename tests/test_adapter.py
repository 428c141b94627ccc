"""The adapter that teaches the bundled generator to shorten a quote: pinned, used for its own prompts alone."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import prompts
from rag.compose_generator import adapter_info, make_generator
from rag.errors import ModelError, ModelHashError
from rag.llama import Adapter, LlamaGenerator, LlamaOptions
from rag.models import ADAPTER, ModelFile, adapter_of, bundled, find_model
from rag.prompting import CHAT_FORMATS, CHATML, build_prompt, fixed_prefix, quote_prompt
from rag.settings import load_settings
from rag.shortening import shortens
from rag.types import Prompt

pytestmark = pytest.mark.models

CHAT = CHAT_FORMATS[CHATML]
CLAIM = prompts.load("claim")
# Of no text that is trained on.
QUOTES = {
    "When does the pool open?": "The swimming pool in Hallbrook, which was closed for repairs in the spring of "
    "last year, opens again on 3 June, with a new diving tower.",
    "What does the ferry cost?": "The ferry to Skerrin costs 14 crowns, children go free, and in the summer it "
    "runs four times a day from the old quay.",
    "Who built the mill?": "The mill at Orrest, a ruin since the flood of 1931, was built by Jonas Tveit, the "
    "grandfather of the present owner.",
}
ANSWERS = ("3 June", "14 crowns", "Jonas Tveit")
ASKED = {quote: quote_prompt(CLAIM, CHAT, quote=quote, question=question) for question, quote in QUOTES.items()}


def written(generator: LlamaGenerator, prompt: Prompt) -> str:
    return "".join(generator.generate(prompt, max_tokens=64)).strip()


def made(cache: Path, adapter: ModelFile | None) -> LlamaGenerator:
    used = None if adapter is None else Adapter(adapter, fixed_prefix(CLAIM, CHAT))
    options = LlamaOptions(cache=cache, context_tokens=1024, threads=2, requantise=True, adapter=used)
    return LlamaGenerator(find_model("generator", "default"), options)


@pytest.fixture(scope="module")
def both(model_cache: Path) -> Iterator[tuple[LlamaGenerator, LlamaGenerator]]:
    generators = made(model_cache, None), made(model_cache, adapter_of(find_model("generator", "default")))
    yield generators
    for one in generators:
        one.close()


def test_it_is_the_pinned_one_and_small():
    card = json.loads((ADAPTER / "adapter.json").read_text())
    content = (ADAPTER / "adapter.gguf").read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (card["sha256"], card["bytes"])
    assert len(content) < 10_000_000
    assert [one.pinned for one in map(adapter_of, bundled()) if one] == [card["sha256"]]


def shortened(generator: LlamaGenerator) -> list[str]:
    """Return the sentences that leave something of their quote out and say nothing else."""
    made = [(written(generator, prompt), quote) for quote, prompt in ASKED.items()]
    return [text for text, quote in made if len(text) < 0.6 * len(quote) and shortens(text, quote)]


def test_it_shortens_quotes_that_the_generator_alone_does_not(both):
    plain, adapted = map(shortened, both)
    assert not plain
    assert len(adapted) == len(QUOTES)
    assert all(answer in text for answer, text in zip(ANSWERS, adapted, strict=True))


def test_prompts_of_other_tasks_are_answered_without_it(both):
    other = build_prompt(
        prompts.load("naive"),
        CHAT,
        passages=["[1] The crane will cost 4.6 million.\n\n"],
        question="What is the cost?",
    )
    plain, adapted = both
    assert written(adapted, other) == written(plain, other)
    assert len(shortened(adapted)) == len(QUOTES)  # and it is there again for its own


def test_it_belongs_to_the_bundled_generator_alone_and_is_used_where_it_is_asked_for(tmp_path):
    assert load_settings({}).adapter == "off"
    another = replace(find_model("generator", "default"), pinned="0" * 64)
    assert adapter_of(another) is None
    assert adapter_info(load_settings({})) is None
    assert adapter_info(load_settings({"adapter": "on", "generator": "none"})) is None
    assert adapter_info(load_settings({"adapter": "on", "generator": "http://127.0.0.1:9/v1"})) is None
    found = adapter_info(load_settings({"adapter": "on", "cache": tmp_path}))
    assert found is not None
    assert found.role == "adapter"


def test_a_changed_adapter_is_not_loaded(model_cache, tmp_path):
    known = adapter_of(find_model("generator", "default"))
    changed = tmp_path / "adapter.gguf"
    content = bytearray(known.path.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    with pytest.raises(ModelHashError, match="is pinned") as caught:
        made(model_cache, replace(known, path=changed)).start()
    assert "RAG_ADAPTER=off" in caught.value.hint


def test_one_that_llama_cpp_cannot_read_is_told_and_not_passed_over(model_cache, tmp_path):
    broken = tmp_path / "adapter.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    generator = made(model_cache, ModelFile("broken", "adapter", broken, ""))
    with pytest.raises(ModelError, match=r"adapter .* cannot be read"):
        written(generator, next(iter(ASKED.values())))
    generator.close()


def test_the_generator_of_the_settings_has_it():
    generator = make_generator(load_settings({"adapter": "on"}))
    try:
        assert len(shortened(generator)) == len(QUOTES)
    finally:
        generator.close()


def test_no_held_text_is_trained_on():
    pytest.importorskip("transformers")
    from training import adapter
    from training import written as texts

    trained = {" ".join(quote.split()) for _, quote, _ in adapter.told()}
    held = {sentence for one in texts.readings() if one.held for sentence in one.sentences}
    assert len(trained) > 600
    assert len(adapter.held()) > 300
    assert not trained & held
