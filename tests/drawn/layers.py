"""Drawn layers: for each class its arguments, and the shape of one batch for it."""

import copy
import math
from typing import Any

from hypothesis import strategies as st

from Layers.Base import BaseLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GRU import GRU
from Layers.LastStep import LastStep
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
from tests.drawn.arrays import seeds, shapes
from tests.layer_cases import LayerCase

sizes = st.integers(1, 6)
shares = st.floats(0.05, 1)
epsilons = st.just(1e-11) | st.floats(1e-6, 1)
batches = st.integers(1, 5)


def case(
    kind: type[BaseLayer], shape, output_shape, independent=True, wrong_shape=None, vocabulary=None, **arguments: Any
) -> LayerCase:
    """A case of a layer all of whose arguments are drawn."""
    if "vocabulary" in kind.argument_names():
        arguments["vocabulary"] = vocabulary
    assert set(arguments) == set(kind.argument_names()), f"{kind.__name__}: each argument is to be drawn"
    return LayerCase(
        lambda: kind(**copy.deepcopy(arguments)), shape, output_shape, independent, wrong_shape, vocabulary
    )


def longer(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return tuple(length + (number == axis) for number, length in enumerate(shape))


@st.composite
def fully_connected(draw) -> LayerCase:
    leading, inputs, outputs = draw(st.lists(batches, min_size=1, max_size=2)), draw(sizes), draw(sizes)
    wrong = draw(st.sampled_from([(*leading, inputs + 1), (2, 1, inputs, 1), (inputs,)]))
    shape, output_shape = (*leading, inputs), (*leading, outputs)
    return case(FullyConnected, shape, output_shape, wrong_shape=wrong, input_size=inputs, output_size=outputs)


def of_any_shape(kind: type[BaseLayer], independent: bool = True, **arguments: Any) -> st.SearchStrategy[LayerCase]:
    drawn = st.tuples(shapes(), st.fixed_dictionaries(arguments))
    return drawn.map(lambda found: case(kind, found[0], found[0], independent, **found[1]))


@st.composite
def flatten(draw) -> LayerCase:
    shape = draw(shapes())
    return case(Flatten, shape, (shape[0], math.prod(shape[1:])))


@st.composite
def soft_max(draw) -> LayerCase:
    shape = draw(shapes(2, 3, 7))
    return case(SoftMax, shape, shape, wrong_shape=(*shape, 1, 1))


def per_axis(draw, axes: int, most: int) -> tuple[Any, tuple[int, ...]]:
    """A number for each axis, as somebody may give it, and as it is meant."""
    numbers = tuple(draw(st.lists(st.integers(1, most), min_size=axes, max_size=axes)))
    if draw(st.booleans()):
        return draw(st.sampled_from([numbers, list(numbers)])), numbers
    return draw(st.sampled_from([numbers[0], [numbers[0]]])), numbers[:1] * axes


@st.composite
def conv(draw) -> LayerCase:
    axes, batch, kernels = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    channels, window = draw(st.integers(1, 3)), tuple(draw(st.integers(1, 6)) for _ in range(axes))
    stride, steps = per_axis(draw, axes, 3)
    if draw(st.integers(0, 3)) == 3:  # as most networks have them, which are computed in another way
        channels, window, stride, steps = 16, (3,) * axes, 1, (1,) * axes
    size = tuple(draw(st.integers(1, 7)) for _ in range(axes))
    shape = (batch, channels, *size)
    return case(
        Conv,
        shape,
        (batch, kernels, *(-(-length // step) for length, step in zip(size, steps, strict=True))),
        wrong_shape=draw(st.sampled_from([longer(shape, 1), (*shape, 1), shape[1:]])),
        stride_shape=stride,
        convolution_shape=draw(st.sampled_from([(channels, *window), [channels, *window]])),
        num_kernels=kernels,
    )


@st.composite
def pooling(draw) -> LayerCase:
    (stride, steps), (window, lengths) = per_axis(draw, 2, 3), per_axis(draw, 2, 3)
    size = tuple(length + draw(st.integers(0, 4)) for length in lengths)
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *size)
    output = [(length - pixels) // step + 1 for length, pixels, step in zip(size, lengths, steps, strict=True)]
    too_small = (*shape[:3], lengths[1] - 1)
    wrong = (*shape, 1) if draw(st.booleans()) or lengths[1] == 1 else too_small
    return case(Pooling, shape, (*shape[:2], *output), wrong_shape=wrong, stride_shape=stride, pooling_shape=window)


@st.composite
def batch_normalization(draw) -> LayerCase:
    shape = draw(shapes(2, 4, 4).filter(lambda shape: math.prod(shape) > shape[1]))
    wrong = draw(st.sampled_from([longer(shape, 1), (*shape, 1, 1, 1), shape[:1]]))
    decay, epsilon = draw(shares), draw(epsilons)
    return case(BatchNormalization, shape, shape, False, wrong, channels=shape[1], decay=decay, epsilon=epsilon)


@st.composite
def layer_normalization(draw) -> LayerCase:
    shape = draw(shapes(2, 3, 4).filter(lambda shape: shape[-1] > 1))
    wrong = draw(st.sampled_from([longer(shape, len(shape) - 1), (*shape, 1, 1), shape[-1:]]))
    return case(LayerNormalization, shape, shape, True, wrong, features=shape[-1], epsilon=draw(epsilons))


def recurrent(kind: type[BaseLayer]) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def drawn(draw) -> LayerCase:
        arguments: dict[str, Any] = {name: draw(st.integers(1, 4)) for name in ("input_size", "hidden_size")}
        arguments["output_size"] = draw(st.none() | st.integers(1, 4))
        arguments["output"] = draw(st.sampled_from(["sigmoid", "linear"])) if arguments["output_size"] else "sigmoid"
        one = draw(st.booleans())
        leading = (draw(st.integers(1, 6)),) if one else (draw(st.integers(1, 4)), draw(st.integers(1, 5)))
        shape = (*leading, arguments["input_size"])
        wrong = draw(st.sampled_from([longer(shape, len(shape) - 1), (*shape, 1, 1), shape[-1:]]))
        shown = arguments["output_size"] or arguments["hidden_size"]
        return case(kind, shape, (*leading, shown), not one, wrong, **arguments)

    return drawn()


@st.composite
def last_step(draw) -> LayerCase:
    shape = draw(shapes(3, 3, 5))
    return case(LastStep, shape, (shape[0], shape[2]), wrong_shape=draw(st.sampled_from([shape[:2], (*shape, 1)])))


@st.composite
def embedding(draw) -> LayerCase:
    shape, vocabulary, size = draw(shapes(1, 3, 4)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    padding = draw(st.none() | st.integers(0, vocabulary - 1))
    return case(
        Embedding, shape, (*shape, size), vocabulary=vocabulary, size=size, padding=padding, lazy=draw(st.booleans())
    )


LAYERS: dict[type[BaseLayer], st.SearchStrategy[LayerCase]] = {
    FullyConnected: fully_connected(),
    ReLU: of_any_shape(ReLU),
    TanH: of_any_shape(TanH),
    Sigmoid: of_any_shape(Sigmoid),
    LeakyReLU: of_any_shape(LeakyReLU, slope=st.floats(0, 0.99)),
    ELU: of_any_shape(ELU, alpha=st.floats(0, 3)),
    GELU: of_any_shape(GELU),
    SiLU: of_any_shape(SiLU),
    Softplus: of_any_shape(Softplus),
    SoftMax: soft_max(),
    Flatten: flatten(),
    Dropout: of_any_shape(Dropout, False, probability=shares | st.just(1), rng=st.none() | seeds),
    Conv: conv(),
    Pooling: pooling(),
    BatchNormalization: batch_normalization(),
    LayerNormalization: layer_normalization(),
    RNN: recurrent(RNN),
    LSTM: recurrent(LSTM),
    GRU: recurrent(GRU),
    LastStep: last_step(),
    Embedding: embedding(),
}
