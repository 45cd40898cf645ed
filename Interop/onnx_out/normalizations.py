"""Normalizations, in the testing phase."""

from typing import Any

import numpy as np

from Interop.onnx_out.graph import Graph, Value


def batch_normalization(layer: Any, graph: Graph, x: Value) -> Value:
    """BatchNormalization by the moving averages.

    Where float32, which the operator's epsilon is, can't hold ours, the variance has it in it.
    """
    variance, epsilon = np.asarray(layer.moving_variance, float), layer.epsilon
    told = float(np.float32(epsilon))
    if graph.dtype == np.float64 and not np.array_equal(variance + told, variance + epsilon):
        variance, epsilon = variance + epsilon, 0.0
    parameters = [graph.constant(getattr(layer, name), name) for name in ("weights", "bias", "moving_mean")]
    settings: dict[str, Any] = {"epsilon": float(epsilon), "momentum": float(layer.decay)}
    return graph.node("BatchNormalization", x, *parameters, graph.constant(variance, "moving_variance"), **settings)


def layer_normalization(layer: Any, graph: Graph, x: Value) -> Value:
    """LayerNormalization; in float64, where its epsilon can't hold ours, the formula."""
    weights, bias = graph.constant(layer.weights, "weights"), graph.constant(layer.bias, "bias")
    if graph.holds(layer.epsilon):
        return graph.node("LayerNormalization", x, weights, bias, axis=-1, epsilon=float(layer.epsilon))
    centred = graph.node("Sub", x, _mean(graph, x))
    variance = _mean(graph, graph.node("Mul", centred, centred))
    spread = graph.node("Sqrt", graph.node("Add", variance, graph.constant(layer.epsilon, "epsilon")))
    return graph.node("Add", graph.node("Mul", graph.node("Div", centred, spread), weights), bias)


def _mean(graph: Graph, x: Value) -> Value:
    if graph.opset < 18:
        return graph.node("ReduceMean", x, axes=[-1])
    return graph.node("ReduceMean", x, graph.constant([-1], "axes"))
