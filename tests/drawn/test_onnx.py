"""Drawn networks as models in ONNX: a runtime gives the same, and they come back to the bit.

`python -m tests.drawn --only onnx --cases 500` draws so many of each kind.
"""

import copy
import tempfile
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from Layers.AveragePooling import AveragePooling
from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.GRU import GRU
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
from NeuralNetwork import NeuralNetwork
from tests.layer_cases import Centred
from tests.onnx_cases import run, with_averages

pytest.importorskip("onnx")
from Interop.Onnx import export, load

Shape = tuple[int, ...]
ACTIVATIONS = (ReLU, Sigmoid, TanH, LeakyReLU, ELU, GELU, SiLU, Softplus, lambda: Dropout(0.6), lambda: LeakyReLU(0.3))
sizes = st.integers(2, 5)


def activation(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    return draw(st.sampled_from(ACTIVATIONS))(), shape


def around(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    """Layers with a way around them, or side by side."""
    inside, after = LINES[len(shape)][0](draw, shape)
    match draw(st.integers(0, 2)):
        case 0 if after == shape:
            return Residual([inside, activation(draw, after)[0]]), shape
        case 1:
            other, _ = LINES[len(shape)][0](draw, shape)
            if other.__class__ is inside.__class__ and _ == after:
                return Residual([inside, ReLU()], other), after
    axis = -1 if len(shape) == 2 else 1
    both = Parallel([activation(draw, shape)[0], [activation(draw, shape)[0], TanH()]], "concatenate", axis)
    at = 1 if len(shape) == 2 else 0
    return both, (*shape[:at], 2 * shape[at], *shape[at + 1 :])


def dense(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    outputs = draw(sizes)
    return FullyConnected(shape[-1], outputs), (*shape[:-1], outputs)


def normalization(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    if len(shape) == 3 or draw(st.booleans()):
        # What float32, ONNX's epsilon, can't hold stands in the variance, and then the last bit may be another one.
        return BatchNormalization(shape[0], epsilon=draw(st.sampled_from([1e-11, 0.25]))), shape
    return LayerNormalization(shape[-1], draw(st.sampled_from([1e-5, 0.3]))), shape


def sequence_normalization(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    return LayerNormalization(shape[-1]), shape


def soft_max(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    return SoftMax(), shape


def convolution(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    kernels, window, dilation = draw(sizes), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    padding = draw(st.sampled_from(["same", 0, ((0, 1), (1, 0))])) if window > 1 else 0
    layer = Conv(draw(st.integers(1, 2)), (shape[0], window, window), kernels, padding=padding, dilation=dilation)
    try:
        return layer, (kernels, *layer.count_windows(shape[1:]))
    except ValueError:  # the image is too small for it
        return activation(draw, shape)


def larger(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    if max(shape[1:]) > 6 or draw(st.booleans()):
        return activation(draw, shape)
    if draw(st.booleans()):
        mode = draw(st.sampled_from(["nearest", "bilinear"]))
        return Upsampling(2, mode), (shape[0], 2 * shape[1], 2 * shape[2])
    layer = TransposedConv(2, (shape[0], 3, 3), 2, output_padding=1)
    return layer, (2, 2 * shape[1], 2 * shape[2])


def pooling(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    layer = draw(st.sampled_from([Pooling, AveragePooling]))(2, 2, padding=draw(st.integers(0, 1)))
    try:
        return layer, (shape[0], *layer._count((1, *shape))) if min(shape[1:]) > 1 else (None, None)  # type: ignore
    except ValueError:
        return activation(draw, shape)


def flattened(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    if draw(st.booleans()):
        return GlobalAveragePooling(), shape[:1]
    return Flatten(), (int(np.prod(shape)),)


def recurrent(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    hidden, kind = draw(sizes), draw(st.sampled_from([RNN, LSTM, GRU]))
    if draw(st.booleans()):
        return Bidirectional(kind(shape[-1], hidden)), (*shape[:-1], 2 * hidden)
    outputs = draw(st.none() | sizes)
    return kind(shape[-1], hidden, outputs), (*shape[:-1], outputs or hidden)


def last_step(draw: Any, shape: Shape) -> tuple[Any, Shape]:
    return LastStep(), shape[1:]


#: By the number of axes of a sample: what may come next.
LINES: dict[int, list[Any]] = {
    1: [dense, activation, normalization, soft_max, around],
    2: [recurrent, dense, activation, sequence_normalization, around, soft_max, last_step],
    3: [convolution, activation, normalization, larger, around, pooling, flattened],
}


@st.composite
def architectures(draw) -> tuple[list[Any], Shape]:
    """Up to 12 layers, and the shape of a sample for them."""
    shape = draw(st.sampled_from([(4,), (5, 3), (2, 7, 6)]))
    first, layers = shape, []
    for _ in range(draw(st.integers(1, 12))):
        layer, after = draw(st.sampled_from(LINES[len(shape)]))(draw, shape)
        if after is None or after[0] is None or int(np.prod(after)) > 600:
            continue
        layers.append(layer)
        shape = after
    return layers or [ReLU()], first


def network(layers: list[Any], dtype: str) -> NeuralNetwork:
    net = NeuralNetwork(None, Centred(), Centred(), dtype)
    for layer in layers:
        net.append_layer(layer)
    return with_averages(net)


@given(drawn=architectures())
def test_a_drawn_network_comes_back_from_onnx_to_the_bit(drawn):
    layers, shape = drawn
    net, inputs = network(layers, "float64"), np.random.default_rng(0).normal(size=(3, *shape))
    with tempfile.TemporaryDirectory() as folder:
        export(net, f"{folder}/net.onnx", shape, dtype="float64")
        back = load(f"{folder}/net.onnx")
    np.testing.assert_array_equal(back.test(inputs), net.test(inputs))


@given(drawn=architectures())
def test_onnxruntime_gives_what_a_drawn_network_gives(drawn):
    pytest.importorskip("onnxruntime")
    layers, shape = drawn
    twin, net = network(copy.deepcopy(layers), "float64"), network(layers, "float32")
    inputs = np.random.default_rng(0).normal(size=(3, *shape)).astype("float32")
    expected = net.test(inputs)
    # Some networks blow up their own roundings, as a normalization of what is all but constant does.
    assume(np.allclose(expected, twin.test(inputs), rtol=1e-6, atol=1e-6))
    with tempfile.TemporaryDirectory() as folder:
        export(net, f"{folder}/net.onnx", shape)
        output = run(f"{folder}/net.onnx", inputs)
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)
