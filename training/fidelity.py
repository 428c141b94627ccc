"""What the float32 model says of texts of the sample corpus, kept so that a test can hold the shipped one to it.

The texts are this project's own, so they may stand in the repository; the scores are bare logits.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from rag.packing import Packed, Packer
from training.model import ReaderModel
from training.rows import cut
from training.train import Row, means, tensors

SCORES = Path(__file__).parent.parent / "tests" / "reader_scores.json"
_CORPUS = Path(__file__).parent.parent / "eval" / "corpora"
_MOST, _SENTENCES = 30, 10


def remember(model: ReaderModel, packer: Packer) -> None:
    """Write the texts with the logits of the model that was trained."""
    model.eval()
    readings, claims = [], []
    for question, title, said in _asked():
        (packed,) = packer.passage(question, title, sentences=said)
        tokens, whole = _run(model, packed)
        logits = tokens[[token for token, _ in packed.marks], 0] + means(tokens[:, 3], packed)
        readings.append(
            {
                "question": question,
                "title": title,
                "sentences": said,
                "logits": [round(value, 4) for value in logits.tolist()],
                "answered": round(float(whole[0]), 4),
            }
        )
        for claim in said[1:3]:
            _, whole = _run(model, packer.claim(claim, said[1]))
            claims.append({"claim": claim, "quote": said[1], "supported": round(float(whole[1]), 4)})
    kept = {"readings": readings, "claims": claims}
    SCORES.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _run(model: ReaderModel, packed: Packed) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        tokens, whole = model(**tensors([Row(packed)]))
    return tokens[0], whole[0]


def _asked() -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield questions, each with the sentences of a plain document around the first words that answer it."""
    count = 0
    for line in (_CORPUS / "kurils.gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        evidence = row.get("evidence") or [{"document": ""}]
        path = _CORPUS / "kurils" / evidence[0]["document"]
        if row.get("history") or path.suffix not in (".txt", ".md") or count == _MOST:
            continue
        said = cut(path.read_text(encoding="utf-8"))
        first = next((at for at, text in enumerate(said) if evidence[0]["quote"][:40] in text), 0)
        begin = max(0, min(first - 3, len(said) - _SENTENCES))
        part = [text for text in said[begin : begin + _SENTENCES] if len(text) < 200][:6]
        if len(part) > 2:
            count += 1
            yield row["question"], path.stem, part
