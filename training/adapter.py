"""Trains the adapter with which the bundled generator shortens a quote: `python -m training.adapter`; `--measure`
shows what it is worth.

700 quotes of the invented texts, each with a question and a sentence for it that was written by hand and leaves
out what was not asked (`shortened.tsv`), in the prompt that the product uses. The weights are those of the GGUF
file, read through transformers; what ships is a LoRA of rank 16 on every projection, in GGUF. Texts that are held
for the reader are held here too.
"""

import argparse
import csv
import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

import prompts
from rag.claims import SENTENCE_TOKENS, SHORT_WORDS
from rag.compose_generator import make_generator
from rag.models import ADAPTER, find_model
from rag.prompting import CHAT_FORMATS, CHATML, quote_prompt
from rag.settings import load_settings
from rag.types import Prompt
from training import written
from training.train import log

_SEED = 7
_RANK, _ALPHA = 16, 32.0
_RATE, _BATCH, _WARM, _LEAST_RATE = 4e-4, 8, 20, 0.05
_SENTENCES = Path(__file__).parent / "shortened.tsv"
# How transformers and GGUF call a projection.
_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def told() -> list[tuple[str, str, str]]:
    """Return (question, quote, sentence) for each that is trained on."""
    with _SENTENCES.open(encoding="utf-8", newline="") as file:
        return [(row["question"], row["quote"], row["sentence"]) for row in csv.DictReader(file, delimiter="\t")]


def held() -> list[tuple[str, str, str]]:
    """Return (question, quote, words that answer) for each that is measured: long sentences of held texts."""
    found = []
    for one in written.readings():
        if one.held and one.span is not None:
            at, start, end = one.span
            quote = one.sentences[at]
            if len(quote.split()) > SHORT_WORDS:
                found.append((one.question, quote, quote[start:end]))
    return sorted(set(found))


class Lora(nn.Module):
    """A projection with a low-rank change beside it (Hu and others 2021), zero at first."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(_RANK, base.in_features) / base.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, _RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the projection makes of (..., in) and the change: (..., out)."""
        return self.base(x) + _ALPHA / _RANK * ((x @ self.a.T) @ self.b.T)


def load() -> tuple[Any, Any, dict[str, Lora]]:
    """Return the tokenizer, the generator in float32, and by name its projections, which alone can learn."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = find_model("generator", "default").path
    tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    model = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
    model.requires_grad_(False)
    added = {}
    for name, part in list(model.named_modules()):
        if isinstance(part, nn.Linear) and "layers" in name:
            above, last = name.rsplit(".", 1)
            added[name] = Lora(part)
            setattr(model.get_submodule(above), last, added[name])
    return tokenizer, model, added


def _prompt(question: str, quote: str) -> Prompt:
    return quote_prompt(prompts.load("claim"), CHAT_FORMATS[CHATML], quote=quote, question=question)


def fit(model: Any, made: Sequence[tuple[list[int], list[int]]], added: dict[str, Lora]) -> float:  # noqa: ANN401
    """Train on (prompt, sentence) in tokens, one pass; return the mean loss of the last fifty steps."""
    rng = random.Random(_SEED)
    order = sorted(made, key=lambda one: len(one[0]) + len(one[1]) + rng.random() * 20)
    plan = [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]
    rng.shuffle(plan)
    parameters = [parameter for part in added.values() for parameter in (part.a, part.b)]
    optimiser = torch.optim.AdamW(parameters, lr=_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / _WARM, max(_LEAST_RATE, (len(plan) - step) / len(plan)))
    )
    model.train()
    losses = []
    for batch in tqdm(plan, mininterval=10):
        loss = model(**_tensors(batch)).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses[-50:]))


def _tensors(batch: Sequence[tuple[list[int], list[int]]]) -> dict[str, torch.Tensor]:
    longest = max(len(prompt) + len(sentence) for prompt, sentence in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for at, (prompt, sentence) in enumerate(batch):
        whole = [*prompt, *sentence]
        ids[at, : len(whole)] = torch.tensor(whole)
        mask[at, : len(whole)] = 1
        labels[at, len(prompt) : len(whole)] = torch.tensor(sentence)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def write(added: dict[str, Lora], heads: tuple[int, int]) -> None:
    """Write the adapter and its card of hashes; `heads` are those of queries and of keys."""
    import gguf

    path = ADAPTER / "adapter.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", _ALPHA)
    for name, part in added.items():
        _, _, layer, projection = name.split(".", 3)
        a, b = (one.detach().numpy() for one in (part.a, part.b))
        if _NAMES[projection] in ("attn_q", "attn_k"):
            b = _interleaved(b, heads[_NAMES[projection] == "attn_k"])
        for letter, weights in (("a", a), ("b", b)):
            tensor = np.ascontiguousarray(weights.astype(np.float16))
            writer.add_tensor(f"blk.{layer}.{_NAMES[projection]}.weight.lora_{letter}", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    card = {
        "name": "claim-adapter-smollm2-135m",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "base_sha256": find_model("generator", "default").pinned,
        "origin": f"trained here from the bundled generator on {len(told())} sentences written for it",
    }
    (ADAPTER / "adapter.json").write_text(json.dumps(card, indent=1) + "\n")


def _interleaved(rows: Any, heads: int) -> Any:  # noqa: ANN401 - a matrix
    """Return the rows as GGUF has them for rotary embeddings: the halves of each head by turns."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def sentences(adapter: str, asked: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the first sentence that the generator makes of each quote, as the product asks for it."""
    from rag.citations import parse_sentence, stream_sentences

    generator = make_generator(load_settings({"adapter": adapter}))
    assert generator is not None
    try:
        for question, quote, _ in tqdm(asked, mininterval=10):
            pieces = generator.generate(_prompt(question, quote), max_tokens=SENTENCE_TOKENS)
            yield parse_sentence(next(stream_sentences(pieces), ""), 1).text
            pieces.close()
    finally:
        generator.close()


def measure(out: Path | None, limit: int) -> None:
    """Print how many of the sentences may be shown, and how many of those hold the answer, without and with it."""
    from rag.evidence import ends_like_sentence
    from rag.shortening import shortens
    from rag.text import content_words

    asked = random.Random(_SEED).sample(held(), limit)
    for adapter in ("off", "on"):
        made = list(sentences(adapter, asked))
        passes = [
            ends_like_sentence(text) and shortens(text, quote)
            for text, (_, quote, _) in zip(made, asked, strict=True)
        ]
        holds = [
            bool(set(content_words(answer)) & set(content_words(text)))
            for text, (*_, answer) in zip(made, asked, strict=True)
        ]
        shorter = [len(text.split()) < len(quote.split()) for text, (_, quote, _) in zip(made, asked, strict=True)]
        both = [all(three) for three in zip(passes, holds, shorter, strict=True)]
        print(f"adapter {adapter}: n {len(made)}, shortened {sum(passes)}, with the answer {sum(both)}")
        if out is not None:
            lines = [json.dumps([*one, text, good]) for one, text, good in zip(asked, made, passes, strict=True)]
            (out / f"adapter_{adapter}.jsonl").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Train and write the adapter and a line of runs.csv, or measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="show what the adapter is worth")
    parser.add_argument("--out", type=Path, help="with --measure: write the sentences there, to be read")
    parser.add_argument("--limit", type=int, default=150, help="with --measure: of how many quotes")
    options = parser.parse_args()
    if options.measure:
        measure(options.out, options.limit)
        return
    torch.manual_seed(_SEED)
    tokenizer, model, added = load()

    def tokens(text: str) -> list[int]:
        found: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    rows = told()
    made = [
        (
            tokens("".join(part.text for part in _prompt(question, quote))),
            tokens(sentence + CHAT_FORMATS[CHATML].end),
        )
        for question, quote, sentence in rows
    ]
    start = time.monotonic()
    loss = fit(model, made, added)
    write(added, (model.config.num_attention_heads, model.config.num_key_value_heads))
    settings = argparse.Namespace(stage="adapter", rank=_RANK, rate=_RATE, batch=_BATCH)
    log(settings, rows, [], seconds=time.monotonic() - start, last=loss)


if __name__ == "__main__":
    main()
