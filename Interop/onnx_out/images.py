"""Layers that look at windows of images and signals."""

from typing import Any

from Interop.onnx_out.graph import Graph, Value


def conv(layer: Any, graph: Graph, x: Value) -> Value:
    """Conv with explicit pads."""
    return graph.node("Conv", x, *_parameters(layer, graph), **_kernels(layer))


def transposed_conv(layer: Any, graph: Graph, x: Value) -> Value:
    """ConvTranspose with explicit pads and output_padding."""
    settings = _kernels(layer) | {"output_padding": list(layer.output_padding)}
    return graph.node("ConvTranspose", x, *_parameters(layer, graph), **settings)


def pooling(layer: Any, graph: Graph, x: Value) -> Value:
    """MaxPool."""
    return graph.node("MaxPool", x, **_windows(layer))


def average_pooling(layer: Any, graph: Graph, x: Value) -> Value:
    """AveragePool."""
    return graph.node("AveragePool", x, count_include_pad=int(layer.count_include_pad), **_windows(layer))


def global_average_pooling(layer: Any, graph: Graph, x: Value) -> Value:
    """GlobalAveragePool, whose axes of length 1 are taken away."""
    return graph.node("Flatten", graph.node("GlobalAveragePool", x), ndim=2, axis=1)


def upsampling(layer: Any, graph: Graph, x: Value) -> Value:
    """Resize by factors."""
    factors = graph.numbers([1, 1, *layer.scale], "scale")
    if layer.mode == "nearest":
        settings: dict[str, Any] = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return graph.node("Resize", x, None, factors, mode="nearest", **settings)
    return graph.node("Resize", x, None, factors, mode="linear", coordinate_transformation_mode="half_pixel")


def _parameters(layer: Any, graph: Graph) -> list[Value]:
    biases = [graph.constant(layer.bias, "bias")] if layer.has_bias else []
    return [graph.constant(layer.weights, "weights"), *biases]


def _kernels(layer: Any) -> dict[str, Any]:
    return {
        "kernel_shape": list(layer.convolution_shape[1:]),
        "strides": list(layer.stride_shape),
        "pads": _pads(layer),
        "dilations": list(layer.dilation),
        "group": layer.groups,
    }


def _windows(layer: Any) -> dict[str, Any]:
    return {"kernel_shape": list(layer.pooling_shape), "strides": list(layer.stride_shape), "pads": _pads(layer)}


def _pads(layer: Any) -> list[int]:
    """First those before each axis, then those behind."""
    return [before for before, _ in layer.pads] + [after for _, after in layer.pads]
