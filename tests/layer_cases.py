"""The one list of layers that the laws run over.

A layer class that is missing here fails `test_every_layer_is_on_the_list`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from Layers.AveragePooling import AveragePooling
from Layers.Base import BaseLayer, TrainableLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Composite import CompositeLayer, places
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.GRU import GRU
from Layers.Initializers import UniformRandom
from Layers.LastStep import LastStep
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH
from Layers.TransposedConv import TransposedConv
from Layers.Upsampling import Upsampling


@dataclass(frozen=True)
class LayerCase:
    """A layer, the shape of one batch for it, and what is documented about it."""

    make: Callable[[], BaseLayer]
    shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    #: whether each sample of a batch is treated as if it were alone
    samples_are_independent: bool = True
    #: a shape of which the layer must say that it doesn't fit, where there is one
    wrong_shape: tuple[int, ...] | None = None
    #: where the input is whole numbers below this, of which there is no error
    vocabulary: int | None = None

    def build(self, dtype: str = "float64") -> BaseLayer:
        """A layer with parameters in (-0.5, 0.5), the same at every call."""
        np.random.seed(7)  # noqa: NPY002 - layers draw their first parameters from the global state
        layer = self.make()
        if layer.trainable:
            layer.initialize(Centred(), Centred())
            layer.astype(dtype)
        return layer

    def inputs(self, dtype: str = "float64", seed: int = 0) -> np.ndarray:
        """A batch of distinct numbers in (-1, 1), evenly spaced and none of them 0: away from every kink."""
        if self.vocabulary is not None:
            return np.random.default_rng(seed).integers(0, self.vocabulary, self.shape).astype(dtype)
        size = int(np.prod(self.shape))
        values = (np.arange(size) + 0.5) / size * 2 - 1 + 0.25 / size
        return np.random.default_rng(seed).permutation(values).reshape(self.shape).astype(dtype)

    def errors(self, dtype: str = "float64", seed: int = 1) -> np.ndarray:
        """A random error tensor of the output's shape."""
        return np.random.default_rng(seed).standard_normal(self.output_shape).astype(dtype)

    def __str__(self) -> str:
        return f"{self.make()!r} on {self.shape}"


class Centred(UniformRandom):
    """Uniform in [-0.5, 0.5), from a seed."""

    def __init__(self) -> None:
        super().__init__(rng=3)

    def initialize(self, weights_shape, fan_in, fan_out):
        return super().initialize(weights_shape, fan_in, fan_out) - 0.5


def owners(layer: BaseLayer) -> dict[str, tuple[TrainableLayer, str]]:
    """The layer and the name of each parameter that a layer has, or one that it holds: "layer 1 of 2.weights"."""
    found = {}
    inside = places(layer.parts()) if isinstance(layer, CompositeLayer) else [("", layer)]
    for place, one in inside:
        if isinstance(one, TrainableLayer):
            found |= {f"{place}.{name}".strip("."): (one, name) for name in one.parameter_names}
    return found


def parameters(layer: BaseLayer) -> dict[str, np.ndarray]:
    """The parameters of a layer, and of those that it holds."""
    return {key: getattr(owner, name) for key, (owner, name) in owners(layer).items()}


def set_parameter(layer: BaseLayer, key: str, value: np.ndarray) -> None:
    """Give one of them another value."""
    owner, name = owners(layer)[key]
    setattr(owner, name, value)


def gradients(layer: BaseLayer) -> dict[str, np.ndarray]:
    """Their gradients."""
    return {key: np.asarray(getattr(owner, f"gradient_{name}")) for key, (owner, name) in owners(layer).items()}


CASES = [
    LayerCase(lambda: FullyConnected(4, 3), (5, 4), (5, 3), wrong_shape=(5, 3)),
    LayerCase(lambda: FullyConnected(1, 1), (1, 1), (1, 1), wrong_shape=(1, 1, 1, 1)),
    LayerCase(lambda: FullyConnected(4, 3), (2, 5, 4), (2, 5, 3), wrong_shape=(2, 4, 5)),
    LayerCase(ReLU, (4, 6), (4, 6)),
    LayerCase(ReLU, (2, 3, 4, 4), (2, 3, 4, 4)),
    LayerCase(SoftMax, (4, 5), (4, 5), wrong_shape=(4, 5, 1, 1)),
    LayerCase(SoftMax, (3, 4, 5), (3, 4, 5), wrong_shape=(4,)),
    LayerCase(Flatten, (3, 2, 4, 5), (3, 40)),
    LayerCase(Flatten, (3, 7), (3, 7)),
    LayerCase(lambda: Conv(1, (2, 3, 3), 4), (3, 2, 5, 6), (3, 4, 5, 6), wrong_shape=(3, 1, 5, 6)),
    LayerCase(lambda: Conv((2, 3), (2, 4, 2), 3), (2, 2, 7, 8), (2, 3, 4, 3), wrong_shape=(2, 2, 7)),
    LayerCase(lambda: Conv((3, 2), (3, 2, 5), 2), (2, 3, 4, 3), (2, 2, 2, 2), wrong_shape=(2, 4, 4, 3)),
    LayerCase(lambda: Conv([2], (3, 4), 2), (3, 3, 9), (3, 2, 5), wrong_shape=(3, 3, 9, 1)),
    LayerCase(lambda: Conv(1, (2, 1, 1), 3), (2, 2, 4, 3), (2, 3, 4, 3), wrong_shape=(2, 3, 4, 3)),
    LayerCase(lambda: Conv((4, 4), (1, 2, 2), 2), (2, 1, 9, 7), (2, 2, 3, 2), wrong_shape=(1, 9, 7)),
    LayerCase(lambda: Conv(1, (2, 7, 6), 2), (2, 2, 3, 2), (2, 2, 3, 2), wrong_shape=(2, 3, 3, 2)),
    LayerCase(lambda: Conv(1, (3, 3, 3), 2), (2, 3, 1, 1), (2, 2, 1, 1), wrong_shape=(2, 1, 1, 1)),
    LayerCase(lambda: Pooling((2, 2), (2, 2)), (2, 3, 6, 4), (2, 3, 3, 2), wrong_shape=(2, 3, 6)),
    LayerCase(lambda: Pooling((1, 2), (3, 2)), (2, 2, 5, 7), (2, 2, 3, 3), wrong_shape=(2, 2, 2, 7)),
    LayerCase(lambda: Pooling((3, 3), (2, 1)), (2, 1, 7, 8), (2, 1, 2, 3), wrong_shape=(2, 1, 1, 8)),
    LayerCase(lambda: Pooling(2, 3, padding=1), (2, 3, 6, 5), (2, 3, 3, 3), wrong_shape=(2, 3, 6)),
    LayerCase(lambda: Pooling(1, 4, padding=((0, 3),), axes=1), (2, 3, 6), (2, 3, 6), wrong_shape=(2, 3, 6, 1)),
    LayerCase(lambda: AveragePooling(2, 2), (2, 3, 6, 4), (2, 3, 3, 2), wrong_shape=(2, 3, 6)),
    LayerCase(lambda: AveragePooling((2, 1), 3, padding=1), (2, 2, 5, 4), (2, 2, 3, 4), wrong_shape=(2, 2, 5)),
    LayerCase(
        lambda: AveragePooling(3, 4, padding=((3, 1),), axes=1, count_include_pad=False),
        *((2, 3, 7), (2, 3, 3), True, (2, 3)),
    ),
    LayerCase(GlobalAveragePooling, (3, 2, 4, 5), (3, 2), wrong_shape=(3, 2)),
    LayerCase(GlobalAveragePooling, (3, 2, 7), (3, 2), wrong_shape=(3, 2, 7, 1, 1)),
    LayerCase(lambda: Upsampling((3, 2)), (2, 3, 2, 4), (2, 3, 6, 8), wrong_shape=(2, 3, 2)),
    LayerCase(lambda: Upsampling((2, 3), "bilinear"), (2, 3, 2, 4), (2, 3, 4, 12), wrong_shape=(2, 3, 2)),
    LayerCase(lambda: Upsampling(4, "bilinear", axes=1), (2, 3, 5), (2, 3, 20), wrong_shape=(2, 3, 5, 1)),
    LayerCase(lambda: Conv(1, (2, 3, 2), 3, padding="valid"), (2, 2, 5, 6), (2, 3, 3, 5), wrong_shape=(2, 2, 2, 6)),
    LayerCase(lambda: Conv(2, (3, 3, 3), 2, padding=1, bias=False), (2, 3, 6, 5), (2, 2, 3, 3), wrong_shape=(2, 3, 6)),
    LayerCase(
        lambda: Conv((1, 2), (4, 3, 2), 6, padding=((0, 2), (2, 1)), dilation=(1, 2), groups=2),
        *((2, 4, 4, 5), (2, 6, 4, 3), True, (2, 2, 4, 5)),
    ),
    LayerCase(lambda: Conv(1, (32, 3, 3), 32, groups=32), (2, 32, 4, 4), (2, 32, 4, 4), wrong_shape=(2, 1, 4, 4)),
    LayerCase(lambda: Conv(1, (2, 3), 3, padding=[(4, 0)], dilation=2), (2, 2, 6), (2, 3, 6), wrong_shape=(2, 2, 6, 1)),
    LayerCase(lambda: TransposedConv(2, (3, 3, 3), 2), (2, 3, 3, 4), (2, 2, 5, 7), wrong_shape=(2, 2, 3, 4)),
    LayerCase(
        lambda: TransposedConv((2, 3), (4, 3, 2), 2, dilation=(1, 2), groups=2, output_padding=(1, 2)),
        *((2, 4, 3, 2), (2, 2, 6, 6), True, (2, 2, 3, 2)),
    ),
    LayerCase(
        lambda: TransposedConv(1, (3, 4), 2, padding="valid", bias=False), (2, 3, 5), (2, 2, 8), wrong_shape=(2, 3)
    ),
    LayerCase(TanH, (4, 6), (4, 6)),
    LayerCase(TanH, (2, 3, 4), (2, 3, 4)),
    LayerCase(Sigmoid, (4, 6), (4, 6)),
    LayerCase(Sigmoid, (2, 3, 4, 4), (2, 3, 4, 4)),
    LayerCase(LeakyReLU, (4, 6), (4, 6)),
    LayerCase(lambda: LeakyReLU(0.3), (2, 3, 4, 4), (2, 3, 4, 4)),
    LayerCase(ELU, (4, 6), (4, 6)),
    LayerCase(lambda: ELU(0.7), (2, 3, 4), (2, 3, 4)),
    LayerCase(GELU, (4, 6), (4, 6)),
    LayerCase(GELU, (2, 3, 4, 4), (2, 3, 4, 4)),
    LayerCase(SiLU, (4, 6), (4, 6)),
    LayerCase(SiLU, (2, 3, 4, 4), (2, 3, 4, 4)),
    LayerCase(Softplus, (4, 6), (4, 6)),
    LayerCase(Softplus, (2, 3, 4), (2, 3, 4)),
    LayerCase(lambda: Dropout(0.6), (4, 6), (4, 6), samples_are_independent=False),
    LayerCase(lambda: Dropout(0.3), (2, 3, 4, 4), (2, 3, 4, 4), samples_are_independent=False),
    LayerCase(lambda: Dropout(1), (2, 3, 4), (2, 3, 4)),
    LayerCase(lambda: BatchNormalization(3), (5, 3), (5, 3), samples_are_independent=False, wrong_shape=(5, 4)),
    LayerCase(
        lambda: BatchNormalization(2), (3, 2, 6), (3, 2, 6), samples_are_independent=False, wrong_shape=(2, 3, 6)
    ),
    LayerCase(
        lambda: BatchNormalization(3), (2, 3, 4, 3), (2, 3, 4, 3), samples_are_independent=False, wrong_shape=(3,)
    ),
    LayerCase(lambda: BatchNormalization(3, decay=0.5, epsilon=0.1), (5, 3), (5, 3), samples_are_independent=False),
    LayerCase(lambda: LayerNormalization(4), (5, 4), (5, 4), wrong_shape=(5, 3)),
    LayerCase(lambda: LayerNormalization(3, 0.1), (2, 5, 3), (2, 5, 3), wrong_shape=(2, 5, 4, 3)),
    LayerCase(lambda: RNN(3, 4, 2), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: RNN(2, 3, 4), (6, 2), (6, 4), samples_are_independent=False, wrong_shape=(6, 3)),
    LayerCase(lambda: LSTM(3, 4, 2), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 3, 1)),
    LayerCase(lambda: LSTM(1, 2, 1), (4, 1), (4, 1), samples_are_independent=False, wrong_shape=(4,)),
    LayerCase(lambda: RNN(3, 4), (3, 5, 3), (3, 5, 4), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: LSTM(3, 4, 2, output="linear"), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: LSTM(2, 3), (6, 2), (6, 3), samples_are_independent=False, wrong_shape=(6, 3)),
    LayerCase(lambda: GRU(3, 4, 2), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: GRU(2, 3), (4, 5, 2), (4, 5, 3), wrong_shape=(4, 5, 2, 1)),
    LayerCase(lambda: GRU(1, 2, 1, output="linear"), (4, 1), (4, 1), samples_are_independent=False, wrong_shape=(4,)),
    LayerCase(lambda: Chain([TanH(), FullyConnected(4, 3), Sigmoid()]), (5, 4), (5, 3), wrong_shape=(5, 3)),
    LayerCase(
        lambda: Chain([Pooling((2, 2), (2, 2)), Chain([Conv(1, (2, 3, 3), 3), Flatten()]), FullyConnected(12, 2)]),
        (3, 2, 4, 5),
        (3, 2),
        wrong_shape=(3, 2, 9, 9),
    ),
    LayerCase(lambda: Residual([FullyConnected(4, 4), TanH()]), (5, 4), (5, 4), wrong_shape=(5, 3)),
    LayerCase(
        lambda: Residual(
            [Conv(2, (2, 3, 3), 4), BatchNormalization(4), TanH(), Conv(1, (4, 3, 3), 4)], Conv(2, (2, 1, 1), 4)
        ),
        (3, 2, 5, 4),
        (3, 4, 3, 2),
        samples_are_independent=False,
        wrong_shape=(3, 1, 5, 4),
    ),
    LayerCase(lambda: Parallel([Sigmoid(), TanH()], "add"), (2, 3, 4), (2, 3, 4)),
    LayerCase(
        lambda: Parallel([[Conv(1, (2, 3, 3), 3), TanH()], Pooling((1, 1), (1, 1))], "concatenate"),
        (3, 2, 4, 5),
        (3, 5, 4, 5),
        wrong_shape=(3, 4, 5),
    ),
    LayerCase(
        lambda: Parallel([RNN(3, 4, 2), Residual([LSTM(3, 2, 3)])], "concatenate", -1),
        (3, 5, 3),
        (3, 5, 5),
        wrong_shape=(3, 5, 4),
    ),
    LayerCase(lambda: RNN(3, 4), (3, 5, 3), (3, 5, 4), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: LSTM(3, 4, 2, output="linear"), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: LSTM(2, 3), (6, 2), (6, 3), samples_are_independent=False, wrong_shape=(6, 3)),
    LayerCase(lambda: GRU(3, 4, 2), (3, 5, 3), (3, 5, 2), wrong_shape=(3, 5, 4)),
    LayerCase(lambda: GRU(2, 3), (4, 5, 2), (4, 5, 3), wrong_shape=(4, 5, 2, 1)),
    LayerCase(lambda: Bidirectional(GRU(3, 2)), (4, 5, 3), (4, 5, 4), wrong_shape=(4, 3, 5, 3)),
    LayerCase(
        lambda: Bidirectional(LSTM(2, 3, 1), RNN(2, 2)),
        (4, 2),
        (4, 3),
        samples_are_independent=False,
        wrong_shape=(4, 3),
    ),
    LayerCase(LastStep, (3, 5, 2), (3, 2), wrong_shape=(3, 5)),
    LayerCase(lambda: Embedding(7, 3), (4, 5), (4, 5, 3), vocabulary=7),
    LayerCase(lambda: Embedding(4, 1, 0, lazy=True), (6,), (6, 1), vocabulary=4),
    LayerCase(lambda: GRU(1, 2, 1, output="linear"), (4, 1), (4, 1), samples_are_independent=False, wrong_shape=(4,)),
]
