"""Drawn layers: for each class its arguments, and the shape of one batch for it."""

import copy
import math
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from Layers.AveragePooling import AveragePooling
from Layers.Base import BaseLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Embedding import Embedding
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
from tests.drawn.arrays import seeds, shapes
from tests.layer_cases import LayerCase
from tests.strangers import Halved

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


def padding(draw, covered: Sequence[int]) -> tuple[Any, list[tuple[int, int]]]:
    """A padding for windows that reach over so many pixels, as somebody may give it, and as it is meant."""
    pairs = [(draw(st.integers(0, window - 1)), draw(st.integers(0, window - 1))) for window in covered]
    forms = {
        "same": [(window // 2, (window - 1) // 2) for window in covered],
        "valid": [(0, 0)] * len(covered),
        min(before for before, _ in pairs): [(min(before for before, _ in pairs),) * 2] * len(covered),
        tuple(before for before, _ in pairs): [(before, before) for before, _ in pairs],
        tuple(pairs): pairs,
    }
    given = draw(st.sampled_from(sorted(forms, key=str)))
    return given, forms[given]


def counts(size: Sequence[int], pads: Any, covered: Sequence[int], steps: Sequence[int]) -> list[int]:
    """How many windows there are."""
    axes = zip(size, pads, covered, steps, strict=True)
    return [(length + sum(pad) - window) // step + 1 for length, pad, window, step in axes]


def kernels(draw, axes: int) -> tuple[dict[str, Any], list[int], list[tuple[int, int]], tuple[int, ...]]:
    """Arguments of a convolution: with them what a kernel reaches over, its padding, and its strides."""
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels, number = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 4))
    window = tuple(draw(st.integers(1, 6)) for _ in range(axes))
    (stride, steps), (dilation, gaps) = per_axis(draw, axes, 3), per_axis(draw, axes, draw(st.sampled_from([1, 1, 3])))
    if draw(st.integers(0, 3)) == 3:  # as most networks have them, which are computed in another way
        channels, number, groups, window, stride, steps = 16, 17, 1, (3,) * axes, 1, (1,) * axes
        dilation, gaps = 1, (1,) * axes
    covered = [gap * (length - 1) + 1 for length, gap in zip(window, gaps, strict=True)]
    given, pads = padding(draw, covered)
    arguments = {
        "stride_shape": stride,
        "convolution_shape": draw(st.sampled_from([(channels, *window), [channels, *window]])),
        "num_kernels": number,
        "padding": given,
        "dilation": dilation,
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    return arguments, covered, pads, steps


def least(pads: Sequence[tuple[int, int]], covered: Sequence[int]) -> list[int]:
    """The smallest images that have a window."""
    return [max(1, window - sum(pad)) for pad, window in zip(pads, covered, strict=True)]


@st.composite
def conv(draw) -> LayerCase:
    arguments, covered, pads, steps = kernels(draw, draw(st.integers(1, 2)))
    size = [smallest + draw(st.integers(0, 6)) for smallest in least(pads, covered)]
    shape = (draw(st.integers(1, 3)), arguments["convolution_shape"][0], *size)
    output = (shape[0], arguments["num_kernels"], *counts(size, pads, covered, steps))
    wrong = draw(st.sampled_from([longer(shape, 1), (*shape, 1), shape[1:]]))
    return case(Conv, shape, output, wrong_shape=wrong, **arguments)


@st.composite
def transposed_conv(draw) -> LayerCase:
    arguments, covered, pads, steps = kernels(draw, draw(st.integers(1, 2)))
    more = tuple(draw(st.integers(0, step - 1)) for step in steps)
    axes = zip(steps, covered, pads, more, strict=True)
    size, output = [], []
    for step, window, pad, extra in axes:
        smallest = next(n for n in range(1, 99) if (n - 1) * step + window - sum(pad) + extra >= 1)
        size.append(smallest + draw(st.integers(0, 4)))
        output.append((size[-1] - 1) * step + window - sum(pad) + extra)
    shape = (draw(st.integers(1, 3)), arguments["convolution_shape"][0], *size)
    wrong = draw(st.sampled_from([longer(shape, 1), (*shape, 1), shape[1:]]))
    output_shape = (shape[0], arguments["num_kernels"], *output)
    return case(TransposedConv, shape, output_shape, wrong_shape=wrong, output_padding=more, **arguments)


def pooling(kind: type[BaseLayer], **others: Any) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def drawn(draw) -> LayerCase:
        axes = draw(st.integers(1, 2))
        (stride, steps), (window, lengths) = per_axis(draw, axes, 3), per_axis(draw, axes, 3)
        given, pads = padding(draw, lengths)
        smallest = least(pads, lengths)
        size = tuple(length + draw(st.integers(0, 4)) for length in smallest)
        shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *size)
        too_small = [] if smallest[-1] == 1 else [(*shape[:-1], smallest[-1] - 1)]
        wrong = draw(st.sampled_from([(*shape, 1), shape[1:], *too_small]))
        arguments = {name: draw(values) for name, values in others.items()}
        output = (*shape[:2], *counts(size, pads, lengths, steps))
        arguments |= {"stride_shape": stride, "pooling_shape": window, "padding": given, "axes": axes}
        return case(kind, shape, output, wrong_shape=wrong, **arguments)

    return drawn()


@st.composite
def global_average_pooling(draw) -> LayerCase:
    shape = draw(shapes(3, 4, 5))
    wrong = draw(st.sampled_from([shape[:2], (*shape, 1, 1)]))
    return case(GlobalAveragePooling, shape, shape[:2], wrong_shape=wrong)


@st.composite
def upsampling(draw) -> LayerCase:
    axes = draw(st.integers(1, 2))
    scale, times = per_axis(draw, axes, 4)
    shape = tuple(draw(st.integers(1, 4)) for _ in range(2 + axes))
    output = (*shape[:2], *(length * many for length, many in zip(shape[2:], times, strict=True)))
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    return case(Upsampling, shape, output, wrong_shape=(*shape, 1), scale=scale, mode=mode, axes=axes)


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
def bidirectional(draw) -> LayerCase:
    features, sizes_of_both = draw(st.integers(1, 4)), [draw(st.integers(1, 3)), draw(st.integers(1, 3))]
    one, other = [draw(st.sampled_from([RNN, LSTM, GRU]))(features, size) for size in sizes_of_both]
    if draw(st.booleans()):
        other, sizes_of_both[1] = None, sizes_of_both[0]
    leading = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=2)))
    output_shape, wrong = (*leading, sum(sizes_of_both)), draw(st.sampled_from([(2, 3, features, 1), (features,)]))
    shape, batch = (*leading, features), len(leading) == 2
    return case(Bidirectional, shape, output_shape, batch, wrong, layer=one, reverse=other)


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


@st.composite
def rows(draw, inputs: int, outputs: int, depth: int = 1) -> list[BaseLayer]:
    """Layers in a row that make so many features of so many, one of somebody's own and other rows among them."""
    between, found = draw(sizes), []
    for before, after in ((inputs, between), (between, outputs)):
        found += draw(st.sampled_from([[], [TanH()], [Sigmoid()], [Halved()]]))
        layer = FullyConnected(before, after)
        if depth and draw(st.booleans()):
            layer = Chain(draw(rows(before, after, depth - 1)))
        found.append(layer)
    return found


def composite(kind: type[BaseLayer], arguments: Any) -> st.SearchStrategy[LayerCase]:
    """Cases of a layer that holds others: `arguments(draw, inputs, outputs)` gives what it is made of."""

    @st.composite
    def drawn(draw) -> LayerCase:
        leading, inputs, outputs = (draw(batches),), draw(sizes), draw(sizes)
        given, width = arguments(draw, inputs, outputs)
        wrong = draw(st.sampled_from([(*leading, inputs + 1), (inputs,)]))
        return case(kind, (*leading, inputs), (*leading, width), wrong_shape=wrong, **given)

    return drawn()


def _chain(draw, inputs, outputs):
    return {"layers": draw(rows(inputs, outputs))}, outputs


def _residual(draw, inputs, outputs):
    if draw(st.booleans()):
        return {"layers": draw(rows(inputs, inputs)), "shortcut": None}, inputs
    return {"layers": draw(rows(inputs, outputs)), "shortcut": draw(rows(inputs, outputs, 0))}, outputs


def _parallel(draw, inputs, outputs):
    count, join = draw(st.integers(1, 3)), draw(st.sampled_from(["add", "concatenate"]))
    widths = [outputs if join == "add" else draw(sizes) for _ in range(count)]
    given = {"branches": [draw(rows(inputs, width)) for width in widths], "join": join}
    given["axis"] = 1 if join == "add" else draw(st.sampled_from([1, -1]))
    return given, outputs if join == "add" else sum(widths)


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
    Pooling: pooling(Pooling),
    AveragePooling: pooling(AveragePooling, count_include_pad=st.booleans()),
    GlobalAveragePooling: global_average_pooling(),
    TransposedConv: transposed_conv(),
    Upsampling: upsampling(),
    BatchNormalization: batch_normalization(),
    LayerNormalization: layer_normalization(),
    RNN: recurrent(RNN),
    LSTM: recurrent(LSTM),
    GRU: recurrent(GRU),
    LastStep: last_step(),
    Bidirectional: bidirectional(),
    Embedding: embedding(),
    Chain: composite(Chain, _chain),
    Residual: composite(Residual, _residual),
    Parallel: composite(Parallel, _parallel),
}
