"""Layers of features: matrices, tables, and what changes shapes."""

from typing import Any

import numpy as np

from Interop.onnx_out.graph import Graph, Value


def fully_connected(layer: Any, graph: Graph, x: Value) -> Value:
    """Gemm for vectors, MatMul and Add for each step of sequences."""
    return affine(graph, x, layer.weights, "weights")


def affine(graph: Graph, x: Value, weights: np.ndarray, name: str) -> Value:
    """The product x W + b, with b in the last row of the weights."""
    matrix, bias = graph.constant(weights[:-1], name), graph.constant(weights[-1], f"{name}.bias")
    if x.ndim == 2:
        return graph.node("Gemm", x, matrix, bias)
    return graph.node("Add", graph.node("MatMul", x, matrix), bias)


def embedding(layer: Any, graph: Graph, x: Value) -> Value:
    """Gather of rows, of which that for no word is 0."""
    table = np.array(layer.weights)
    if layer.padding is not None:
        table[layer.padding] = 0
    places = x if x.whole else graph.node("Cast", x, to=_INT64)
    return graph.node("Gather", graph.constant(table, "weights"), places, ndim=x.ndim + 1, axis=0)


def flatten(layer: Any, graph: Graph, x: Value) -> Value:
    """Flatten."""
    return graph.node("Flatten", x, ndim=2, axis=1)


def last_step(layer: Any, graph: Graph, x: Value) -> Value:
    """Gather of the last step."""
    return graph.node("Gather", x, graph.constant(-1, "last"), ndim=2, axis=1)


#: `onnx.TensorProto.INT64`.
_INT64 = 7
