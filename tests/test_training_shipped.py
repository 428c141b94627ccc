"""A reader that ships can be trained on: its weights, made float again, say what the training said."""

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from rag.models import find_model
from rag.packing import Packer
from training import shipped
from training.fidelity import SCORES
from training.model import load
from training.train import Row, tensors

READER = Path(__file__).parents[1] / "rag" / "reader_model"
pytest.importorskip("onnx", reason="onnx comes with the extra [train]")


@pytest.fixture(scope="module")
def fresh():
    return load(find_model("embedder", "default", pinned="").path)


def shapes(model):
    return {name: values.shape for name, values in model.state_dict().items()}


@pytest.mark.models
def test_the_weights_of_the_shipped_reader_say_what_the_training_said(fresh):
    fresh.load_state_dict(shipped.weights(READER, shapes(fresh)))
    fresh.eval()
    packer = Packer(Tokenizer.from_file(str(READER / "tokenizer.json")))
    apart = []
    for one in json.loads(SCORES.read_text())["claims"]:
        with torch.inference_mode():
            _, whole = fresh(**tensors([Row(packer.claim(one["claim"], one["quote"]))]))
        apart.append(abs(float(whole[0, 1].sigmoid()) - 1 / (1 + 2.718281828 ** -one["supported"])))
    assert len(apart) > 40
    assert sum(apart) / len(apart) < 0.03


def test_a_weight_of_another_shape_is_told(fresh):
    with pytest.raises(ValueError, match=r"has no tokens\.bias of the shape \(5,\)"):
        shipped.weights(READER, shapes(fresh) | {"tokens.bias": torch.Size([5])})
    with pytest.raises(ValueError, match="has no other"):
        shipped.weights(READER, {"other": torch.Size([5])})
