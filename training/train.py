"""Trains the reader: `python -m training.train --data ../shared/data --out build/reader --stage public`, then the
same with `--stage written`.

The first stage is one pass over the public sets. The second goes on from its weights, with the invented texts of
`training/written` but for the last, and a part of the public sets drawn anew, so that they are not forgotten. The
third, `later`, teaches the last texts in the same way; it was tried and does not ship (MODEL_CARD.md). `--from
rag/reader_model` goes on from a reader that ships. Batches are of like length, seeds are fixed. Each run adds a
line to runs.csv: what it was trained on (a hash), with which settings, for how long, and the loss at its end.
"""

import argparse
import csv
import hashlib
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812
from tqdm import tqdm

from rag.models import find_model
from rag.packing import Packed, Packer
from rag.settings import load_settings
from training import negatives, rows, shipped, written
from training.model import ReaderModel, load

_SEED = 7
# Without the processor's own bfloat16 arithmetic a step takes ten times as long as in float32.
_HAS_BF16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()  # noqa: SLF001 - torch has no public name for it
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Row:
    """One packed window and what is true of it; `sentences` are labels by mark, `span` token indexes."""

    packed: Packed
    sentences: tuple[int, ...] = ()
    span: tuple[int, int] = (_IGNORED, _IGNORED)
    answered: float = -1.0
    supported: float = -1.0


def examples(data: Path, *, held: bool, stage: str = "public") -> tuple[list[rows.Reading], list[rows.Support]]:
    """Return what one stage is trained on; or, held for measuring, what no stage is trained on."""
    from rag import compose

    public, own = rows.readings(data), list(written.readings())
    embedder = compose.load_embedder(load_settings({}))
    found = list(negatives.retrieved(public, embedder, source="nq", each=2))

    def drawn(name: str) -> tuple[list[rows.Reading], random.Random]:
        make, seed = STAGES[name]
        rng = random.Random(seed)
        mine = own_of(name, own)
        near = [] if name == "public" else list(negatives.retrieved(mine, embedder, source="written", each=1))
        return make([*public, *mine], [*found, *near], rng), rng

    if not held:
        told, rng = drawn(stage)
        taught = [one for one in told if not one.held]
        if stage == "public":
            return taught, _first_claims(data, public, rng)
        return taught, claims(data, [*public, *own_of(stage, own)], stage=stage)
    made = {name: drawn(name)[0] for name in STAGES}
    # A passage may belong to two documents, a question to two passages: what was trained on measures nothing.
    seen = {part for told in made.values() for one in told if not one.held for part in _parts(one)}
    kept = [one for one in {*made["public"], *own} if one.held and not seen.intersection(_parts(one))]
    return sorted(kept, key=repr), claims(data, [*public, *own], stage="held", with_unrelated=True)


def own_of(stage: str, own: Sequence[rows.Reading]) -> list[rows.Reading]:
    """Return the invented texts that were there when a stage was first taught."""
    return [one for one in own if stage == "later" or not written.is_later(one.key)]


def _public(
    every: Sequence[rows.Reading], strange: Sequence[rows.Reading], rng: random.Random
) -> list[rows.Reading]:
    """Return the public sets with the wrong passages, the lacking sentences and the swapped names made of them."""
    base = [one for one in every if one.source not in _OWN]
    wrong = [one for one in strange if one.source != "written-retrieved"]
    gone = negatives.without_answer(base, rng=rng, share=0.6)
    return [*base, *wrong, *gone, *negatives.near_misses(base, rng=rng, share=0.4)]


def _written(
    every: Sequence[rows.Reading], strange: Sequence[rows.Reading], rng: random.Random
) -> list[rows.Reading]:
    """Return the first invented texts with what is made of them, and a part of the public sets drawn anew.

    What is drawn first is a part of the recipe: in another order other rows are drawn.
    """
    own, near = _own(every, strange, rng, later=False)
    public = _public(every, strange, rng)
    return [*own, *near, *negatives.without_answer(own, rng=rng, share=0.3), *_remembered(public, 6000, rng)]


def _later(
    every: Sequence[rows.Reading], strange: Sequence[rows.Reading], rng: random.Random
) -> list[rows.Reading]:
    """Return the last invented texts with what is made of them, and a part of both earlier stages drawn anew."""
    own, near = _own(every, strange, rng, later=True)
    gone = list(negatives.without_answer(own, rng=rng, share=0.3))
    public, first = _public(every, strange, rng), [*chain(*_own(every, strange, rng, later=False))]
    return [*own, *near, *gone, *_remembered(public, 2000, rng), *_remembered(first, 2000, rng)]


def _own(
    every: Sequence[rows.Reading], strange: Sequence[rows.Reading], rng: random.Random, *, later: bool
) -> tuple[list[rows.Reading], list[rows.Reading]]:
    """Return the invented texts with their questions, and for a part of these a passage near to it that lacks the
    answer.
    """
    own = [one for one in every if one.source in _OWN and written.is_later(one.key) == later]
    asked = {one.question for one in own}
    near = [one for one in strange if one.source == "written-retrieved" and one.question in asked]
    return own, [one for one in near if rng.random() < _STRANGE]


def _remembered(earlier: Sequence[rows.Reading], count: int, rng: random.Random) -> list[rows.Reading]:
    trained = [one for one in earlier if not one.held]
    return rng.sample(trained, min(count, len(trained)))


_OWN = ("written", "retold")
_STRANGE = 0.4
STAGES = {"public": (_public, _SEED), "written": (_written, _SEED + 1), "later": (_later, _SEED + 2)}
# How many claims each stage takes of the public sets, and how many it makes by changing something.
_CLAIMS = {"public": (2000, 6000), "written": (1000, 2500), "later": (500, 1200), "held": (2000, 1500)}


def _first_claims(data: Path, public: Sequence[rows.Reading], rng: random.Random) -> list[rows.Support]:
    """Return the claims of the first stage: all of the public sets, and sentences of them changed as it comes."""
    found = [one for load_ in (rows.wice, rows.fool_me_twice) for one in load_(data) if not one.held]
    base = [one for one in public if not one.held]
    return [*found, *negatives.corrupted(base, rng=rng, count=6000, evenly=False)]


def claims(
    data: Path, every: Sequence[rows.Reading], *, stage: str, with_unrelated: bool = False
) -> list[rows.Support]:
    """Return the claims of a later stage, some made of the sentences of `every`; or, of stage "held", those held.

    Claims beside the quote of another one are for the head alone (training.support, which takes such of stage
    "public" too) and for measuring.
    """
    rng = random.Random(_SEED + len(stage))
    is_held = stage == "held"
    taken, made = _CLAIMS[stage]
    public = [one for load_ in (rows.wice, rows.fool_me_twice) for one in load_(data) if one.held == is_held]
    base = [one for one in every if one.held == is_held]
    found = rng.sample(public, min(taken, len(public)))
    if stage != "public":
        own = (one for one in written.supports() if one.held == is_held)
        found += [one for one in own if is_held or written.is_later(one.key) == (stage == "later")]
    found += negatives.corrupted(base, rng=rng, count=made)
    return [*found, *negatives.unrelated(found, rng=rng, share=0.3)] if with_unrelated else found


def _parts(example: rows.Reading) -> tuple[str, str]:
    """Return the question and the passage, however they are spaced and spelled."""
    question, passage = example.question, " ".join(example.sentences)
    return " ".join(question.casefold().split()), " ".join(passage.casefold().split())


def packed_reading(example: rows.Reading, packer: Packer, rng: random.Random) -> list[Row]:
    """Return the windows of a passage with their labels; one without an answering sentence does not answer."""
    question = example.question.lower() if rng.random() < _LOWER else example.question
    title = f"{example.title} ({example.date})" if example.date else example.title
    made = []
    for packed in packer.passage(question, title, sentences=example.sentences):
        labels = tuple(example.labels[sentence] for _, sentence in packed.marks)
        span = _span_tokens(packed, example.span) if example.has_span else (_IGNORED, _IGNORED)
        made.append(Row(packed, labels, span, answered=float(any(labels))))
    return made


_LOWER = 0.2


def _span_tokens(packed: Packed, span: tuple[int, int, int] | None) -> tuple[int, int]:
    """Return the first and last token of the answer; the first token of all where this window has none."""
    if span is None:
        return (0, 0)
    sentence, first, last = span
    inside = [
        t for t, held_by, start, end in packed.places if held_by == sentence and start < last and first < end
    ]
    return (inside[0], inside[-1]) if inside else (0, 0)


def batches(made: Sequence[Row], *, size: int, rng: random.Random) -> Iterator[list[Row]]:
    """Yield batches of about `size` times 128 tokens, rows of like length together, in random order."""
    order = sorted(made, key=lambda row: len(row.packed.ids) + rng.random() * 24)
    groups: list[list[Row]] = []
    group: list[Row] = []
    for row in order:
        if group and (len(group) + 1) * len(row.packed.ids) > size * 128:
            groups.append(group)
            group = []
        group.append(row)
    if group:
        groups.append(group)
    rng.shuffle(groups)
    yield from groups


def tensors(batch: Sequence[Row]) -> dict[str, torch.Tensor]:
    """Return padded inputs, each (n, t)."""
    longest = max(len(row.packed.ids) for row in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
    for at, row in enumerate(batch):
        length = len(row.packed.ids)
        ids[at, :length] = torch.tensor(row.packed.ids)
        mask[at, :length] = 1
        kinds[at, row.packed.second : length] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}


def loss_of(model: ReaderModel, batch: Sequence[Row]) -> torch.Tensor:
    """Return the mean loss of a batch: sentences (each, and against each other), span, answered, supported."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_HAS_BF16):
        tokens, whole = model(**tensors(batch))
    tokens, whole = tokens.float(), whole.float()
    total = torch.zeros(())
    reading = [at for at, row in enumerate(batch) if row.answered >= 0]
    if reading:
        total = total + _sentence_loss(tokens, batch, reading)
        answered = torch.tensor([batch[at].answered for at in reading])
        total = total + 0.5 * F.binary_cross_entropy_with_logits(whole[reading, 0], answered)
        total = total + _span_loss(tokens, batch, reading)
    claims = [at for at, row in enumerate(batch) if row.supported >= 0]
    if claims:
        supported = torch.tensor([batch[at].supported for at in claims])
        total = total + F.binary_cross_entropy_with_logits(whole[claims, 1], supported)
    return total


def _sentence_loss(tokens: torch.Tensor, batch: Sequence[Row], reading: Sequence[int]) -> torch.Tensor:
    losses, choices = [], []
    for at in reading:
        row = batch[at]
        logits = tokens[at, [token for token, _ in row.packed.marks], 0] + means(tokens[at, :, 3], row.packed)
        labels = torch.tensor(row.sentences, dtype=torch.float)
        losses.append(F.binary_cross_entropy_with_logits(logits, labels))
        if 0 < sum(row.sentences) < len(row.sentences):
            choices.append(-torch.logsumexp(torch.log_softmax(logits, 0)[labels > 0], 0))
    total = torch.stack(losses).mean()
    return total + 0.5 * torch.stack(choices).sum() / len(reading) if choices else total


def means(parts: torch.Tensor, packed: Packed) -> torch.Tensor:
    """Return the mean of each marked sentence's tokens, in the order of its marks; 0 for one without a token."""
    places = {sentence: place for place, (_, sentence) in enumerate(packed.marks)}
    tokens = [token for token, *_ in packed.places]
    owners = torch.tensor([places[sentence] for _, sentence, *_ in packed.places], dtype=torch.long)
    sums = torch.zeros(len(places)).index_add(0, owners, parts[tokens])
    return sums / torch.bincount(owners, minlength=len(places)).clamp(min=1)


def _span_loss(tokens: torch.Tensor, batch: Sequence[Row], reading: Sequence[int]) -> torch.Tensor:
    known = [at for at in reading if batch[at].span[0] != _IGNORED]
    if not known:
        return torch.zeros(())
    masked = tokens[known][:, :, 1:3].clone()
    for place, at in enumerate(known):
        allowed = torch.zeros(masked.shape[1], dtype=torch.bool)
        allowed[[0, *(token for token, *_ in batch[at].packed.places)]] = True
        masked[place, ~allowed] = -1e4
    wanted = torch.tensor([batch[at].span for at in known])
    start = F.cross_entropy(masked[:, :, 0], wanted[:, 0])
    return 0.5 * (start + F.cross_entropy(masked[:, :, 1], wanted[:, 1]))


def main() -> None:
    """Train and write the weights, the tokenizer and a line of runs.csv."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--from", dest="begin", type=Path, help="the folder of a reader that ships, to go on from")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps (a trial)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(_SEED)
    np.random.seed(_SEED)
    rng = random.Random(_SEED)
    folder = find_model("embedder", "default", pinned="").path
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    packer = Packer(tokenizer)
    told, judged = examples(options.data, held=False, stage=options.stage)
    made = [row for example in told for row in packed_reading(example, packer, rng)]
    made += [Row(packer.claim(one.claim, one.quote), supported=float(one.label)) for one in judged]
    print(
        len(told), "readings", len(judged), "claims", len(made), "rows", dict(Counter(one.source for one in told))
    )
    model = load(folder)
    weights = options.out / "reader.pt"
    if options.begin:
        shapes = {name: values.shape for name, values in model.state_dict().items()}
        model.load_state_dict(shipped.weights(options.begin, shapes))
    elif options.stage != "public":
        model.load_state_dict(torch.load(weights, weights_only=True))
    seconds, last = fit(model, made, options, rng)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), weights)
    tokenizer.save(str(options.out / "tokenizer.json"))
    log(options, told, judged, seconds=seconds, last=last)


def fit(model: ReaderModel, made: Sequence[Row], options: Any, rng: random.Random) -> tuple[float, float]:  # noqa: ANN401
    """Train; return the seconds and the mean loss of the last hundred steps."""
    plan: list[list[Row]] = []
    for _ in range(math.ceil(options.epochs)):
        plan += list(batches(made, size=options.batch, rng=rng))
    plan = plan[: round(len(plan) * options.epochs / math.ceil(options.epochs))]
    plan = plan[: options.steps or None]
    encoder = [p for name, p in model.named_parameters() if name.startswith("encoder")]
    heads = [p for name, p in model.named_parameters() if not name.startswith("encoder")]
    optimiser = torch.optim.AdamW(
        [{"params": encoder, "lr": options.rate}, {"params": heads, "lr": 4 * options.rate}],
        weight_decay=0.01,
        fused=True,
    )
    warm = max(1, len(plan) // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.02, (len(plan) - step) / max(1, len(plan) - warm)))
    )
    model.train()
    losses: list[float] = []
    begun = time.monotonic()
    bar = tqdm(plan, mininterval=10)
    for batch in bar:
        loss = loss_of(model, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        bar.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}", refresh=False)
    return time.monotonic() - begun, float(np.mean(losses[-100:]))


def digest(told: Sequence[Any], claims: Sequence[Any]) -> str:
    """Return the first 16 digits of the SHA-256 of all rows, whatever their order."""
    text = "\n".join(sorted(map(repr, [*told, *claims])))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def log(options: Any, told: Sequence[Any], claims: Sequence[Any], *, seconds: float, last: float) -> None:  # noqa: ANN401
    """Add a line to runs.csv: the data by hash, the settings, minutes and the loss at the end."""
    line = {
        "when": time.strftime("%Y-%m-%d"),
        "readings": len(told),
        "claims": len(claims),
        "data_sha256": digest(told, claims),
        "settings": json.dumps(
            {key: str(value) for key, value in vars(options).items() if key not in ("data", "out")}
        ),
        "minutes": round(seconds / 60, 1),
        "loss": round(last, 4),
    }
    path = Path(__file__).parent / "runs.csv"
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, line)
        if is_new:
            writer.writeheader()
        writer.writerow(line)


if __name__ == "__main__":
    main()
