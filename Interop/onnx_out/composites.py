"""Layers that hold others: what these give, joined."""

from collections.abc import Iterable
from typing import Any

from Interop.onnx_out.graph import Graph, Value
from Interop.onnx_out.recurrent import GATES, unrolled

#: ONNX's for "to the end" on the way back.
_BEFORE_THE_FIRST = -(2**63)


def chain(layer: Any, graph: Graph, x: Value) -> Value:
    """One layer after the other."""
    return _row(layer.layers, graph, x)


def residual(layer: Any, graph: Graph, x: Value) -> Value:
    """Add of both ways."""
    beside = x if layer.shortcut is None else graph.layer(layer.shortcut, x)
    return graph.node("Add", _row(layer.layers, graph, x), beside)


def parallel(layer: Any, graph: Graph, x: Value) -> Value:
    """Sum or Concat of the branches."""
    outputs = [graph.layer(branch, x) for branch in layer.branches]
    return graph.node("Sum", *outputs) if layer.join == "add" else graph.node("Concat", *outputs, axis=layer.axis)


def bidirectional(layer: Any, graph: Graph, x: Value) -> Value:
    """One operator for two cells of a kind and size; else Concat, and the second one's time turned twice."""
    both = (layer.layer, layer.reverse)
    kinds = {type(one).__name__ for one in both}
    if len(kinds) == 1 and kinds <= GATES.keys() and all(one.output_size is None for one in both):
        if both[0].hidden_size == both[1].hidden_size:
            return unrolled(both, graph, x)
    other = _turned(graph, graph.layer(layer.reverse, _turned(graph, x)))
    return graph.node("Concat", graph.layer(layer.layer, x), other, axis=-1)


def _row(layers: Iterable[Any], graph: Graph, x: Value) -> Value:
    for layer in layers:
        x = graph.layer(layer, x)
    return x


def _turned(graph: Graph, x: Value) -> Value:
    """The sequences from the last step to the first."""
    bounds = {"starts": [-1], "ends": [_BEFORE_THE_FIRST], "axes": [x.ndim - 2], "steps": [-1]}
    return graph.node("Slice", x, *(graph.constant(value, name) for name, value in bounds.items()))
