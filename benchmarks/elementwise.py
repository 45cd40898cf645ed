"""Layers that treat every number alike: a forward and a backward pass in float32.

    python -m benchmarks.elementwise

The activations, Dropout and BatchNormalization on 64×32×32×32 numbers, LayerNormalization and SoftMax on
4096×1000; next to PyTorch's eager mode where it is installed. What decides is how often each array is read and
written, and that both cores are free: with anything else running on them, neither side's numbers mean much.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.measure import TORCH, machine, median_times, report
from Layers.Base import BaseLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.GELU import GELU
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.ReLU import ReLU
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH

IMAGES = (64, 32, 32, 32)
SCORES = (4096, 1000)
CASES: dict[str, tuple[BaseLayer, tuple[int, ...]]] = {
    "ReLU": (ReLU(), IMAGES),
    "Sigmoid": (Sigmoid(), IMAGES),
    "TanH": (TanH(), IMAGES),
    "LeakyReLU": (LeakyReLU(), IMAGES),
    "ELU": (ELU(), IMAGES),
    "GELU": (GELU(), IMAGES),
    "SiLU": (SiLU(), IMAGES),
    "Softplus": (Softplus(), IMAGES),
    "Dropout": (Dropout(0.5, rng=0), IMAGES),
    "BatchNormalization": (BatchNormalization(IMAGES[1]).astype("float32"), IMAGES),
    "LayerNormalization": (LayerNormalization(SCORES[1]).astype("float32"), SCORES),
    "SoftMax": (SoftMax(), SCORES),
}


def our_passes(layer: BaseLayer, inputs: np.ndarray, errors: np.ndarray) -> Callable[[], object]:
    """A forward and a backward pass of one of this library's layers."""

    def passes() -> object:
        layer.forward(inputs)
        return layer.backward(errors)

    return passes


def torch_passes(name: str, inputs: np.ndarray, errors: np.ndarray) -> Callable[[], object]:
    """The same in PyTorch."""
    import torch

    modules = {
        "ReLU": torch.nn.ReLU(),
        "Sigmoid": torch.nn.Sigmoid(),
        "TanH": torch.nn.Tanh(),
        "LeakyReLU": torch.nn.LeakyReLU(),
        "ELU": torch.nn.ELU(),
        "GELU": torch.nn.GELU(),
        "SiLU": torch.nn.SiLU(),
        "Softplus": torch.nn.Softplus(),
        "Dropout": torch.nn.Dropout(0.5),
        "BatchNormalization": torch.nn.BatchNorm2d(IMAGES[1]),
        "LayerNormalization": torch.nn.LayerNorm(SCORES[1]),
        "SoftMax": torch.nn.Softmax(dim=1),
    }
    module, batch, upstream = modules[name], torch.from_numpy(inputs).requires_grad_(), torch.from_numpy(errors)

    def passes() -> object:
        batch.grad = None
        module(batch).backward(upstream)
        return batch.grad

    return passes


def main() -> None:
    """Measure and print."""
    print(machine())
    rng = np.random.default_rng(0)
    for name, (layer, shape) in CASES.items():
        inputs, errors = rng.standard_normal((2, *shape), dtype=np.float32)
        contestants = {"ours": our_passes(layer, inputs, errors)}
        if TORCH:
            contestants["PyTorch"] = torch_passes(name, inputs, errors)
        report(f"{name} on {'×'.join(map(str, shape))}", median_times(contestants))


if __name__ == "__main__":
    main()
