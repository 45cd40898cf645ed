"""A training step of fully connected networks in float32: 784-512-256-10 at batch 128, 784-1024-1000 at batch 1024.

    python -m benchmarks.feed_forward

Forward pass, loss, backward pass and a step of stochastic gradient descent; next to PyTorch's eager
mode where it is installed.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.measure import TORCH, machine, median_times, report
from Foundation.Labels import one_hot
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Sgd

CASES = (((784, 512, 256, 10), 128), ((784, 1024, 1000), 1024))
LEARNING_RATE = 1e-5


class OneBatch:
    """The same batch again and again."""

    def __init__(self, inputs: np.ndarray, labels: np.ndarray) -> None:
        self.batch = inputs, labels

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The batch."""
        return self.batch


def our_step(sizes: tuple[int, ...], inputs: np.ndarray, labels: np.ndarray) -> Callable[[], object]:
    """One training iteration of this library."""
    net = NeuralNetwork(Sgd(LEARNING_RATE), He(rng=0), Constant(0), dtype="float32")
    net.data_layer, net.loss_layer = OneBatch(inputs, labels), CrossEntropyLoss()
    for features, outputs in pairwise(sizes):
        net.append_layer(FullyConnected(features, outputs))
        net.append_layer(ReLU() if outputs != sizes[-1] else SoftMax())
    return lambda: net.train(1)


def torch_step(sizes: tuple[int, ...], inputs: np.ndarray, labels: np.ndarray) -> Callable[[], object]:
    """The same iteration in PyTorch."""
    import torch

    modules: list[torch.nn.Module] = []
    for features, outputs in pairwise(sizes):
        modules += [torch.nn.Linear(features, outputs), torch.nn.ReLU()]
    return torch_iteration(torch.nn.Sequential(*modules[:-1]), inputs, labels, LEARNING_RATE)


def torch_iteration(net: Any, inputs: np.ndarray, labels: np.ndarray, learning_rate: float) -> Callable[[], object]:
    """One training iteration of a PyTorch network that ends in scores."""
    import torch

    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    loss_function = torch.nn.CrossEntropyLoss(reduction="sum")
    batch, classes = torch.from_numpy(inputs), torch.from_numpy(labels.argmax(axis=1))

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_function(net(batch), classes)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def main() -> None:
    """Measure and print."""
    print(machine())
    rng = np.random.default_rng(0)
    for sizes, batch_size in CASES:
        inputs = rng.random((batch_size, sizes[0]), dtype=np.float32)
        labels = one_hot(rng.integers(0, sizes[-1], batch_size), sizes[-1], np.float32)
        contestants = {"ours": our_step(sizes, inputs, labels)}
        if TORCH:
            contestants["PyTorch"] = torch_step(sizes, inputs, labels)
        report(f"{'-'.join(map(str, sizes))}, batch {batch_size}, float32", median_times(contestants))


if __name__ == "__main__":
    main()
