"""What a layer with parameters is in PyTorch: which arrays of a module, in which order and which way round.

PyTorch's matrices stand the other way round, its biases apart; its LSTM has its gates in another order, and each of its
recurrent modules has two biases where a cell here mostly needs their sum. A `Unit` is what one module is here, or one
direction of one level of a recurrent module; its parts say how arrays there become one here, and back.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Conv import Conv
from Layers.Embedding import Embedding
from Layers.FullyConnected import FullyConnected
from Layers.GRU import GRU
from Layers.LayerNormalization import LayerNormalization
from Layers.LSTM import LSTM
from Layers.Recurrent import RecurrentLayer
from Layers.RNN import RNN
from Layers.TransposedConv import TransposedConv
from Network.weights import labels, named

#: Where the blocks of columns here stand in PyTorch: f, i, g, o among i, f, g, o. Swapped twice, they are as before.
_GATES = {LSTM: (1, 0, 2, 3), GRU: (0, 1, 2), RNN: (0,)}


class Slot(NamedTuple):
    """One of their arrays: the end of its name, its shape, and what it is where a module has none (None: it has to)."""

    name: str
    shape: tuple[int, ...]
    default: float | None = None


class Part(NamedTuple):
    """One of our arrays, made of some of theirs."""

    attribute: str
    slots: Sequence[Slot]
    ours: Callable[..., np.ndarray]
    theirs: Callable[[np.ndarray], Sequence[np.ndarray]]
    #: what happens on the way, in words
    note: str = ""


class Unit(NamedTuple):
    """What one of their modules is here."""

    name: str
    kind: str
    parts: Sequence[Part]
    #: ends of names that they have beside, and that nothing is made of
    unused: Sequence[str] = ()


def units(layers: Sequence[Any]) -> Iterator[Unit]:
    """The units of a network in the order of its layers.

    Raises TypeError for a layer with parameters of which nobody knows what it is in PyTorch.

    >>> [unit.kind for unit in units([LSTM(3, 4, 2), FullyConnected(2, 1)])]
    ['recurrent', 'matrix', 'matrix']
    """
    backwards = {id(layer.reverse) for _, layer in labels(layers) if isinstance(layer, Bidirectional)}
    for label, layer in labels(layers):
        if isinstance(layer, RecurrentLayer) and type(layer) in _GATES:
            yield Unit(f"{label}_reverse" if id(layer) in backwards else label, "recurrent", [_cell(layer)])
            if layer.output_size:
                sizes = layer.hidden_size, layer.output_size
                yield Unit(f"{label}.output_weights", "matrix", [_matrix("output_weights", *sizes)])
        elif type(layer) in _RULES:
            kind, rule, *unused = _RULES[type(layer)]
            yield Unit(label, kind, rule(layer), unused)
        elif named([layer]) and not hasattr(layer, "inner_layers"):
            raise TypeError(
                f"PyTorch: expected layers of this library, got {label} of {type(layer).__module__}, whose parameters "
                "nobody knows a place for; net.weights() and net.load_weights() move them by name"
            )


def _matrix(attribute: str, inputs: int, outputs: int) -> Part:
    return Part(
        attribute,
        [Slot("weight", (outputs, inputs)), Slot("bias", (outputs,), 0.0)],
        lambda weight, bias: np.concatenate([weight.T, bias[np.newaxis]]),
        lambda weights: (weights[:-1].T, weights[-1]),
        "turned, the bias in the last row",
    )


def _same(attribute: str, name: str, shape: tuple[int, ...], default: float | None = None) -> Part:
    return Part(attribute, [Slot(name, shape, default)], np.asarray, lambda array: (array,))


def _convolution(layer: Any) -> list[Part]:
    parts = [_same("weights", "weight", layer.declared[0].shape(layer))]
    return [*parts, _same("bias", "bias", (layer.num_kernels,), 0.0)] if layer.has_bias else parts


def _batch_normalization(layer: Any) -> list[Part]:
    shape = (layer.channels,)
    return [
        *(_same("weights", "weight", shape, 1.0), _same("bias", "bias", shape, 0.0)),
        *(_same("moving_mean", "running_mean", shape), _same("moving_variance", "running_var", shape)),
    ]


def _layer_normalization(layer: Any) -> list[Part]:
    (weights, bias) = (parameter.shape(layer) for parameter in layer.declared)
    return [_same("weights", "weight", weights, 1.0), _same("bias", "bias", bias, 0.0)]


def _cell(layer: Any) -> Part:
    """Theirs are `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`, with the gates one below the other."""
    order, inputs, hidden = _GATES[type(layer)], layer.input_size, layer.hidden_size
    rows = len(order) * hidden
    slots = [
        Slot("weight_ih", (rows, inputs)),
        Slot("weight_hh", (rows, hidden)),
        *(Slot("bias_ih", (rows,), 0.0), Slot("bias_hh", (rows,), 0.0)),
    ]
    arranged = partial(_arranged, order=order)
    if isinstance(layer, GRU):

        def ours(w: Any, u: Any, b: Any, c: Any) -> np.ndarray:
            return arranged(np.concatenate([w.T, u.T, c[np.newaxis], b[np.newaxis]]))

        def theirs(weights: Any) -> Sequence[np.ndarray]:
            weights = arranged(weights)
            return weights[:inputs].T, weights[inputs:-2].T, weights[-1], weights[-2]

        return Part("weights", slots, ours, theirs, "turned, the biases in the last rows")

    def sums(w: Any, u: Any, b: Any, c: Any) -> np.ndarray:
        return arranged(np.concatenate([w.T, u.T, (b + c)[np.newaxis]]))

    def apart(weights: Any) -> Sequence[np.ndarray]:
        weights = arranged(weights)
        return weights[:inputs].T, weights[inputs:-1].T, weights[-1], np.zeros_like(weights[-1])

    gates = ", gates i, f, g, o there and f, i, g, o here" if isinstance(layer, LSTM) else ""
    return Part("weights", slots, sums, apart, f"turned, the sum of the biases in the last row{gates}")


def _arranged(weights: np.ndarray, order: Sequence[int]) -> np.ndarray:
    blocks = weights.reshape(len(weights), len(order), -1)
    return blocks[:, list(order)].reshape(weights.shape)


#: For each class the kind, the rule, and what nothing is made of.
_RULES: dict[type, tuple[Any, ...]] = {
    FullyConnected: ("matrix", lambda layer: [_matrix("weights", layer.input_size, layer.output_size)]),
    Conv: ("convolution", _convolution),
    TransposedConv: ("convolution", _convolution),
    BatchNormalization: ("batch normalization", _batch_normalization, "num_batches_tracked"),
    LayerNormalization: ("layer normalization", _layer_normalization),
    Embedding: ("table", lambda layer: [_same("weights", "weight", layer.declared[0].shape(layer))]),
}
