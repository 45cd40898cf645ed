"""Whole trainings: networks, first weights and batches, the same for this library and for another one.

All numbers come from `Generator.random`, whose stream is the same in every version of NumPy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from Foundation.Batches import Batch
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.LSTM import LSTM
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import (
    BinaryCrossEntropy,
    CrossEntropyLoss,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
)
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, RMSprop, Sgd, SgdWithMomentum
from Optimization.Schedules import CosineDecay, ExponentialDecay, LinearDecay, StepDecay, WarmUp

FILE = Path(__file__).with_name("trainings.npz")
STEPS = 200


@dataclass(frozen=True)
class Training:
    """A network with its loss and optimizer, and what its batches look like."""

    layers: Callable[[], list[Any]]
    loss: Callable[[], Any]
    optimizer: Callable[[], Any]
    shape: tuple[int, ...]
    outputs: tuple[int, ...]
    #: of `NeuralNetwork`: clip_norm, clip_value, accumulate
    options: dict[str, Any] = field(default_factory=dict)
    weighted: bool = False

    @property
    def batches_per_step(self) -> int:
        return self.options.get("accumulate", 1)

    def batches(self) -> Iterator[tuple]:
        """Inputs, labels and perhaps weights of all batches, with something to learn in them."""
        rng = np.random.default_rng(16)
        look = rng.random((int(np.prod(self.shape[1:])), int(np.prod(self.outputs[1:])))) - 0.5
        for _ in range(STEPS * self.batches_per_step):
            inputs = 2 * rng.random(self.shape) - 1
            scores = (inputs.reshape(len(inputs), -1) @ look).reshape(self.outputs) + 0.2 * rng.random(self.outputs)
            batch = inputs, self._labels(scores)
            yield Batch(*batch, sample_weights=2 * rng.random(len(inputs))) if self.weighted else batch

    def _labels(self, scores: np.ndarray) -> np.ndarray:
        match self.loss():
            case CrossEntropyLoss():
                return np.eye(scores.shape[1])[scores.argmax(axis=1)]
            case BinaryCrossEntropy():
                return (scores > 0).astype(float)
        return scores

    def network(self) -> NeuralNetwork:
        """The network before its first step."""
        net = NeuralNetwork(self.optimizer(), **self.options)
        net.loss_layer, net.data_layer = self.loss(), Feed(self.batches())
        rng = np.random.default_rng(4)
        for layer in self.layers():
            for name, array in getattr(layer, "parameters", dict)().items():
                setattr(layer, name, rng.random(array.shape) - 0.5)
            net.append_layer(layer)
        return net


class Feed:
    """A data layer that gives what an iterator has."""

    def __init__(self, batches: Iterator[tuple]) -> None:
        self.batches = batches

    def next(self) -> tuple:
        return next(self.batches)


def found(net: NeuralNetwork) -> dict[str, np.ndarray]:
    """All that a training ends with, by name."""
    arrays = {"loss": np.array(net.loss)}
    for number, layer in enumerate(net.layers):
        names = [*getattr(layer, "parameter_names", ()), "moving_mean", "moving_variance"]
        arrays |= {f"{number}.{name}": getattr(layer, name) for name in names if hasattr(layer, name)}
    return arrays


def perceptron(activation: Callable[[], Any] = ReLU, outputs: int = 3) -> Callable[[], list[Any]]:
    return lambda: [FullyConnected(4, 6), activation(), FullyConnected(6, outputs)]


def classifier(activation: Callable[[], Any] = ReLU) -> Callable[[], list[Any]]:
    return lambda: [*perceptron(activation)(), SoftMax()]


def classified(optimizer: Callable[[], Any], activation: Callable[[], Any] = ReLU, **options: Any) -> Training:
    return Training(classifier(activation), CrossEntropyLoss, optimizer, (5, 4), (5, 3), options)


def numbers(loss: Callable[[], Any], optimizer: Callable[[], Any]) -> Training:
    return Training(perceptron(TanH, 2), loss, optimizer, (5, 4), (5, 2))


def lenet() -> list[Any]:
    convolutions = [
        Conv(1, (1, 3, 3), 3),
        ReLU(),
        Pooling(2, 2),
        Conv((1, 2), (3, 2, 3), 4),
        ReLU(),
        Pooling(1, (2, 1)),
    ]
    return [*convolutions, Flatten(), FullyConnected(16, 3), SoftMax()]


def signals() -> list[Any]:
    return [Conv([2], (2, 4), 3), Sigmoid(), Flatten(), FullyConnected(12, 3), SoftMax()]


def normalized() -> list[Any]:
    """With something between a bias and the normalization: else its gradient is rounding, of which Adam makes steps."""
    return [FullyConnected(4, 6), TanH(), BatchNormalization(6), FullyConnected(6, 3), SoftMax()]


def dropping() -> list[Any]:
    return [FullyConnected(4, 8), ReLU(), Dropout(0.7, rng=5), FullyConnected(8, 3), SoftMax()]


def everything() -> list[Any]:
    convolutions = [Conv(1, (2, 3, 3), 4), TanH(), BatchNormalization(4), Pooling(2, 2), Flatten()]
    return [*convolutions, Dropout(0.8, rng=7), FullyConnected(16, 6), TanH(), FullyConnected(6, 3), SoftMax()]


TRAININGS = {
    "gradient descent": classified(lambda: Sgd(0.02)),
    "momentum, sigmoid": classified(lambda: SgdWithMomentum(0.01, 0.9), Sigmoid),
    "Adam, tanh": classified(lambda: Adam(0.01), TanH),
    "Adam of other moments": classified(lambda: Adam(0.02, 0.5, 0.9)),
    "gradient descent, L1": classified(lambda: Sgd(0.02, regularizer=L1_Regularizer(0.05))),
    "gradient descent, L2": classified(lambda: Sgd(0.02, regularizer=L2_Regularizer(0.1))),
    "momentum, L1": classified(lambda: SgdWithMomentum(0.01, 0.8, regularizer=L1_Regularizer(0.02, biases=False))),
    "momentum, L2": classified(lambda: SgdWithMomentum(0.01, 0.8, regularizer=L2_Regularizer(0.1, biases=False))),
    "Adam, L1": classified(lambda: Adam(0.01, regularizer=L1_Regularizer(0.03))),
    "Adam, L2": classified(lambda: Adam(0.01, regularizer=L2_Regularizer(0.2))),
    "gradient descent, clipped norm": classified(lambda: Sgd(0.05), clip_norm=0.9),
    "momentum, clipped values": classified(lambda: SgdWithMomentum(0.02), clip_value=0.3),
    "Adam, clipped values": classified(lambda: Adam(0.01), clip_value=0.4),
    "gradient descent, linear decay": classified(lambda: Sgd(LinearDecay(0.05, 150, 0.01))),
    "gradient descent, step decay": classified(lambda: Sgd(StepDecay(0.05, 60, 0.3))),
    "Adam, exponential decay": classified(lambda: Adam(ExponentialDecay(0.03, 100, 0.2))),
    "Adam, cosine decay": classified(lambda: Adam(CosineDecay(0.03, STEPS))),
    "Adam, warm-up": classified(lambda: Adam(WarmUp(CosineDecay(0.03, STEPS - 20), 20))),
    "gradient descent, accumulated": classified(lambda: Sgd(0.01), accumulate=3),
    "momentum, accumulated, clipped": classified(lambda: SgdWithMomentum(0.01), accumulate=2, clip_norm=2.0),
    "Adam, sample weights": Training(classifier(), CrossEntropyLoss, lambda: Adam(0.01), (5, 4), (5, 3), weighted=True),
    "LeNet, momentum": Training(lenet, CrossEntropyLoss, lambda: SgdWithMomentum(0.01), (4, 1, 6, 8), (4, 3)),
    "LeNet, Adam": Training(lenet, CrossEntropyLoss, lambda: Adam(0.005), (4, 1, 6, 8), (4, 3)),
    "signals, gradient descent": Training(signals, CrossEntropyLoss, lambda: Sgd(0.02), (4, 2, 8), (4, 3)),
    "batch normalization, gradient descent": Training(normalized, CrossEntropyLoss, lambda: Sgd(0.02), (6, 4), (6, 3)),
    "batch normalization, Adam, L2": Training(
        normalized, CrossEntropyLoss, lambda: Adam(0.01, regularizer=L2_Regularizer(0.05)), (6, 4), (6, 3)
    ),
    "dropout, Adam": Training(dropping, CrossEntropyLoss, lambda: Adam(0.01), (6, 4), (6, 3)),
    "RNN, momentum": Training(
        lambda: [RNN(2, 4, 3)], MeanSquaredError, lambda: SgdWithMomentum(0.02), (4, 6, 2), (4, 6, 3)
    ),
    "RNN, Adam, clipped norm": Training(
        lambda: [RNN(2, 4, 3)], BinaryCrossEntropy, lambda: Adam(0.01), (4, 6, 2), (4, 6, 3), {"clip_norm": 1.0}
    ),
    "LSTM, gradient descent": Training(
        lambda: [LSTM(2, 4, 3)], MeanSquaredError, lambda: Sgd(0.2), (4, 6, 2), (4, 6, 3)
    ),
    "LSTM, Adam, L2": Training(
        lambda: [LSTM(2, 4, 3)],
        BinaryCrossEntropy,
        lambda: Adam(0.02, regularizer=L2_Regularizer(0.05)),
        (4, 6, 2),
        (4, 6, 3),
    ),
    "class weights and smoothing": Training(
        classifier(),
        lambda: CrossEntropyLoss(class_weights=[1, 0.5, 3], label_smoothing=0.1),
        lambda: Sgd(0.02),
        (5, 4),
        (5, 3),
    ),
    "multi-label": Training(
        lambda: [*perceptron(TanH)(), Sigmoid()], BinaryCrossEntropy, lambda: SgdWithMomentum(0.02), (5, 4), (5, 3)
    ),
    "squared error": numbers(MeanSquaredError, lambda: Sgd(0.05)),
    "absolute error": numbers(MeanAbsoluteError, lambda: SgdWithMomentum(0.005)),
    "Huber": numbers(lambda: Huber(0.3), lambda: Adam(0.01)),
    "quantiles": numbers(lambda: QuantileLoss([0.2, 0.9]), lambda: Adam(0.01)),
    "AdamW, tanh": classified(lambda: AdamW(0.01, decay=0.3), TanH),
    "Nesterov": classified(lambda: Nesterov(0.01)),
    "AdaGrad": classified(lambda: AdaGrad(0.05)),
    "RMSprop, L2": classified(lambda: RMSprop(0.005, 0.9, regularizer=L2_Regularizer(0.1))),
    "layer normalization, leaky": Training(
        lambda: [FullyConnected(4, 6), LeakyReLU(0.1), LayerNormalization(6), FullyConnected(6, 3), SoftMax()],
        *(CrossEntropyLoss, lambda: Sgd(0.02), (6, 4), (6, 3)),
    ),
    "GELU": classified(lambda: Adam(0.01), GELU),
    "SiLU": classified(lambda: Adam(0.01), SiLU),
    "ELU": classified(lambda: SgdWithMomentum(0.01), ELU),
    "Softplus": classified(lambda: Sgd(0.02), Softplus),
    "everything": Training(
        everything,
        lambda: CrossEntropyLoss(label_smoothing=0.05),
        lambda: Adam(LinearDecay(0.01, STEPS), regularizer=L2_Regularizer(0.02, biases=False)),
        (4, 2, 4, 5),
        (4, 3),
        {"clip_norm": 3.0, "accumulate": 2},
    ),
}
