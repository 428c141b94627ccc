"""Makes the weights of a reader that ships float again, so that training can go on from them.

Int8 says of a weight only between which two values it lies; the middle is taken. (The value nearest to the encoder
that the training began from is no better guess: what training taught is many small moves.)
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

if TYPE_CHECKING:
    from onnx import NodeProto

_PRODUCTS = ("MatMulInteger", "MatMul", "Gemm")


def weights(folder: Path, shapes: Mapping[str, torch.Size]) -> dict[str, torch.Tensor]:
    """Return the state of the model, by name.

    Raises ValueError where the file lacks one of the named weights or has it in another shape.
    """
    from onnx import load, numpy_helper

    graph = load(folder / "model.onnx").graph
    held = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    matrices = dict(_matrices(graph.node))
    made = {}
    for name, shape in shapes.items():
        values = _float(held, matrices.get(name, name))
        values = values.T if name in matrices else values
        if values.shape != tuple(shape):
            raise ValueError(f"{folder} has no {name} of the shape {tuple(shape)}: it is no reader of ours.")
        made[name] = torch.tensor(values)
    return made


def _matrices(nodes: Iterable["NodeProto"]) -> Iterator[tuple[str, str]]:
    """Yield the name of each weight that the exporter calls by a number, and what it calls it.

    The second input of `/encoder/layer.0/query/MatMul_quant` is the weight of `encoder.layer.0.query`, turned.
    """
    for node in nodes:
        if node.op_type in _PRODUCTS:
            yield ".".join((*node.name.split("/")[1:-1], "weight")), node.input[1].removesuffix("_quantized")


def _float(held: Mapping[str, npt.NDArray[np.generic]], name: str) -> npt.NDArray[np.float32]:
    """Return a weight as it was kept, or what its int8 stands for; of no shape where there is neither."""
    if name in held:
        return held[name].astype(np.float32)
    if f"{name}_quantized" not in held:
        return np.zeros(0, np.float32)
    parts = (held[f"{name}_{part}"] for part in ("quantized", "zero_point", "scale"))
    whole, zero, step = (part.astype(np.float32) for part in parts)
    return (whole - zero) * step
