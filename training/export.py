"""Turns trained weights into what ships: int8 ONNX, its tokenizer, its hash and its calibration.

`python -m training.export --data ../shared/data --weights build/reader --out rag/reader_model`. Calibration (Platt
scaling, one line for each head) is fitted on held rows, half of them; the other half measures it. What the model
said before it became int8 is kept for the tests (training/fidelity.py).
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from rag.models import find_model
from rag.packing import Packer
from training.fidelity import remember
from training.measure import Scored, scored
from training.model import ReaderModel, load
from training.split import for_calibration

_OPSET = 18
# As the exporter names them; the quantiser makes the third of the second.
_HEADS = ["/tokens/MatMul", "/whole/Gemm", "/whole/Gemm_MatMul"]
NAME = "passage-reader-minilm-l6"


def exported(model: ReaderModel, path: Path) -> None:
    """Write the model as float32 ONNX with free batch and length."""
    model.eval()
    ids = torch.ones(2, 16, dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "n", 1: "t"} for name in (*names, "tokens")} | {"whole": {0: "n"}}
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids), torch.zeros_like(ids)),
        str(path),
        input_names=names,
        output_names=["tokens", "whole"],
        dynamic_axes=axes,
        opset_version=_OPSET,
        dynamo=False,
    )


def quantised(source: Path, target: Path) -> None:
    """Write int8 weights, one scale for each output channel; activations are quantised as they come.

    The heads stay as they are: a few large features set the scale of what they are given, and the others drown.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_exclude=_HEADS,
    )


def fitted(found: Scored) -> dict[str, tuple[float, float]]:
    """Return slope and offset for each head (Platt 1999), by logistic regression on its logits."""
    from sklearn.linear_model import LogisticRegression

    made = {}
    for head, (logits, labels) in found.heads().items():
        line = LogisticRegression(C=1e6).fit(np.asarray(logits).reshape(-1, 1), labels)
        made[head] = (round(float(line.coef_[0, 0]), 5), round(float(line.intercept_[0]), 5))
    return made


def main() -> None:
    """Export, quantise, calibrate and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = load(find_model("embedder", "default", pinned="").path)
    model.load_state_dict(torch.load(options.weights / "reader.pt", weights_only=True))
    options.out.mkdir(parents=True, exist_ok=True)
    full = options.weights / "model.onnx"
    exported(model, full)
    quantised(full, options.out / "model.onnx")
    shutil.copy(options.weights / "tokenizer.json", options.out / "tokenizer.json")
    remember(model, Packer(Tokenizer.from_file(str(options.weights / "tokenizer.json"))))
    sha256 = hashlib.sha256((options.out / "model.onnx").read_bytes()).hexdigest()
    card = {"name": NAME, "sha256": sha256, "calibration": {}}
    _write(options.out, card)
    found = scored(options.data, options.out, held=True)
    found.readings = [row for row in found.readings if for_calibration(row[0].question)]
    found.claims = [row for row in found.claims if for_calibration(row[0].claim)]
    card["calibration"] = fitted(found)
    _write(options.out, card)


def _write(folder: Path, card: dict[str, object]) -> None:
    (folder / "reader.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
