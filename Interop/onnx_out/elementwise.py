"""Layers that look at each number for itself, and SoftMax.

In float64 some formulas are written out: a setting of an operator is float32, and runtimes have no such operator.
"""

import math
from typing import Any

from Interop.onnx_out.graph import Graph, Value


def relu(layer: Any, graph: Graph, x: Value) -> Value:
    """Relu."""
    return graph.node("Relu", x)


def sigmoid(layer: Any, graph: Graph, x: Value) -> Value:
    """Sigmoid."""
    return graph.node("Sigmoid", x)


def tanh(layer: Any, graph: Graph, x: Value) -> Value:
    """Tanh."""
    return graph.node("Tanh", x)


def soft_max(layer: Any, graph: Graph, x: Value) -> Value:
    """Softmax along the last axis."""
    return graph.node("Softmax", x, axis=-1)


def leaky_relu(layer: Any, graph: Graph, x: Value) -> Value:
    """LeakyRelu, or PRelu with one slope for all."""
    if graph.holds(layer.slope):
        return graph.node("LeakyRelu", x, alpha=layer.slope)
    return graph.node("PRelu", x, graph.constant([float(layer.slope)], "slope"))


def elu(layer: Any, graph: Graph, x: Value) -> Value:
    """Elu; in float64 max(x, 0) + α (exp(min(x, 0)) - 1)."""
    if graph.dtype == "float32":
        return graph.node("Elu", x, alpha=float(layer.alpha))
    zero = graph.constant(0.0, "zero")
    below = graph.node("Sub", graph.node("Exp", graph.node("Min", x, zero)), graph.constant(1.0, "one"))
    return graph.node("Add", graph.node("Max", x, zero), graph.node("Mul", below, graph.constant(layer.alpha, "alpha")))


def softplus(layer: Any, graph: Graph, x: Value) -> Value:
    """Softplus; in float64 max(x, 0) + log(1 + exp(-|x|))."""
    if graph.dtype == "float32":
        return graph.node("Softplus", x)
    small = graph.node("Exp", graph.node("Neg", graph.node("Abs", x)))
    logarithm = graph.node("Log", graph.node("Add", small, graph.constant(1.0, "one")))
    return graph.node("Add", graph.node("Max", x, graph.constant(0.0, "zero")), logarithm)


def silu(layer: Any, graph: Graph, x: Value) -> Value:
    """The product of x and its Sigmoid."""
    return graph.node("Mul", x, graph.node("Sigmoid", x))


def gelu(layer: Any, graph: Graph, x: Value) -> Value:
    """Gelu, or where the opset has none x (1 + erf(x / √2)) / 2."""
    if graph.opset >= 20:
        return graph.node("Gelu", x)
    erf = graph.node("Erf", graph.node("Div", x, graph.constant(math.sqrt(2), "root_of_2")))
    share = graph.node("Mul", graph.node("Add", erf, graph.constant(1.0, "one")), graph.constant(0.5, "half"))
    return graph.node("Mul", x, share)


def dropout(layer: Any, graph: Graph, x: Value) -> Value:
    """Dropout, which passes its input on; it tells the share that was dropped in training."""
    return graph.node("Dropout", x, graph.constant(1.0 - layer.probability, "ratio"))
