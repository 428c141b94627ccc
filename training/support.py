"""Fits the head that judges claims again: `python -m training.support --data ../shared/data --out build/reader`.

The encoder stands still, so the other judgements stay as they are. Of all heads this one sees the fewest rows
while the encoder moves; one logistic regression over all claims of both stages takes minutes and tells more.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from tokenizers import Tokenizer
from tqdm import tqdm

from rag.models import find_model
from rag.packing import Packed, Packer
from training import rows, written
from training.model import ReaderModel, load
from training.train import Row, claims, log, own_of, tensors

_BATCH = 32
# Regularisation is strong: there are 768 features and some ten thousand claims.
_C = 0.003


def features(model: ReaderModel, packed: Sequence[Packed]) -> npt.NDArray[np.float32]:
    """Return what the head is given of each claim, (n, 2 * width): the first token and the mean of all."""
    model.eval()
    found = np.zeros((len(packed), model.whole.in_features), dtype=np.float32)
    order = sorted(range(len(packed)), key=lambda at: len(packed[at].ids))
    for begin in tqdm(range(0, len(order), _BATCH), mininterval=10):
        part = order[begin : begin + _BATCH]
        with torch.inference_mode():
            found[part] = model.pooled(**tensors([Row(packed[at]) for at in part]))[1].numpy()
    return found


def fitted(given: npt.NDArray[np.float32], labels: Sequence[int]) -> tuple[npt.NDArray[np.float64], float, float]:
    """Return weight and bias of the head, and its loss; features are scaled for the fit alone."""
    mean, scale = given.mean(0), given.std(0) + 1e-6
    scaled = (given - mean) / scale
    line = LogisticRegression(C=_C, max_iter=500, class_weight="balanced").fit(scaled, labels)
    weight = line.coef_[0] / scale
    loss = float(log_loss(labels, line.predict_proba(scaled)))
    return weight, float(line.intercept_[0] - weight @ mean), loss


def main() -> None:
    """Fit the head and write the weights back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(namespace=argparse.Namespace(stage="support", regularisation=_C))
    start = time.perf_counter()
    weights = options.out / "reader.pt"
    model = load(find_model("embedder", "default", pinned="").path)
    model.load_state_dict(torch.load(weights, weights_only=True))
    packer = Packer(Tokenizer.from_file(str(options.out / "tokenizer.json")))
    every = [*rows.readings(options.data), *own_of("written", list(written.readings()))]
    judged = [
        one
        for stage in ("public", "written")
        for one in claims(options.data, every, stage=stage, with_unrelated=True)
    ]
    given = features(model, [packer.claim(one.claim, one.quote) for one in judged])
    weight, bias, loss = fitted(given, [one.label for one in judged])
    with torch.no_grad():
        model.whole.weight[1] = torch.from_numpy(weight)
        model.whole.bias[1] = bias
    torch.save(model.state_dict(), weights)
    log(options, [], judged, seconds=time.perf_counter() - start, last=loss)


if __name__ == "__main__":
    main()
