"""Recurrent layers: ONNX has time first, its gates in another order, and one bias for each of two products."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Interop.onnx_out.features import affine
from Interop.onnx_out.graph import Graph, Value

#: By the operator: where each of its gates stands among ours. LSTM: i, o, f, c of f, i, C, o. GRU: z, r, h of r, z, n.
GATES: dict[str, tuple[int, ...]] = {"RNN": (0,), "LSTM": (1, 3, 0, 2), "GRU": (1, 0, 2)}


def cell(layer: Any, graph: Graph, x: Value) -> Value:
    """RNN, LSTM or GRU, and what is read out of the hidden states."""
    hidden = unrolled([layer], graph, x)
    if layer.output_size is None:
        return hidden
    outputs = affine(graph, hidden, layer.output_weights, "output_weights")
    return graph.node("Sigmoid", outputs) if layer.output == "sigmoid" else outputs


def unrolled(cells: Sequence[Any], graph: Graph, x: Value) -> Value:
    """The hidden states of one cell, or side by side those of two of one kind that read from both ends."""
    for one in cells:
        if one.memorize:
            raise ValueError(
                f"export: {one!r} carries its state from one batch to the next, which a model in ONNX does not; "
                "set memorize = False"
            )
    kind, hidden = type(cells[0]).__name__, cells[0].hidden_size
    matrices = [np.stack(one) for one in zip(*(_matrices(one, kind) for one in cells), strict=True)]
    parameters = [graph.constant(array, name) for array, name in zip(matrices, ("W", "R", "B"), strict=True)]
    settings: dict[str, Any] = {"hidden_size": hidden}
    if len(cells) == 2:
        settings["direction"] = "bidirectional"
    if kind == "GRU":
        settings["linear_before_reset"] = 1
    states = len(cells) * hidden
    if x.ndim == 2:  # one sequence
        column = graph.node("Unsqueeze", x, graph.constant([1], "batch_axis"), ndim=3)
        steps = graph.node(kind, column, *parameters, ndim=4, **settings)
        return graph.node("Reshape", steps, graph.constant([0, states], "shape"), ndim=2)
    turned = graph.node("Transpose", x, perm=[1, 0, 2])
    steps = graph.node(kind, turned, *parameters, ndim=4, **settings)
    back = graph.node("Transpose", steps, perm=[2, 0, 1, 3])
    return graph.node("Reshape", back, graph.constant([0, 0, states], "shape"), ndim=3)


def _matrices(cell: Any, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W, R and B of the operator, a row for each unit of each gate."""
    rows = in_order(np.asarray(cell.weights), GATES[kind])
    of_input, of_state = rows[: cell.input_size], rows[cell.input_size : cell.input_size + cell.hidden_size]
    bias = rows[-1]
    of_product = rows[-2] if kind == "GRU" else np.zeros_like(bias)
    return of_input.T, of_state.T, np.concatenate([bias, of_product])


def in_order(weights: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """The blocks of columns in another order.

    >>> in_order(np.array([[1, 2, 3, 4]]), (1, 0))
    array([[3, 4, 1, 2]])
    """
    return weights.reshape(len(weights), len(order), -1)[:, list(order)].reshape(weights.shape)
