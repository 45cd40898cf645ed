"""From a network to a model in ONNX: the graph, its inputs and outputs, and what is told beside."""

import json
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np

from Foundation.Preparation import Preparation
from Interop.onnx_out import rules
from Interop.onnx_out.graph import Graph, Value
from Layers.Composite import CompositeLayer, places
from Network import inspection
from Network.table import numbered

#: The first operators that have `LayerNormalization` among them, which is the last one that we need: the older the
#: version, the more runtimes read the file.
FIRST_OPSET = 17
PRODUCER = "classic-deep-learning"
#: Serialized protocol buffers can't be larger.
_LARGEST = 2**31
#: How long axes of any length are while the network is tried: images may have to be larger than the windows on them.
_TRIED = (32, 256)


def written(
    net: Any, layers: Sequence[Any], axes: Sequence[int | str], dtype: np.dtype, opset: int, onnx: Any
) -> bytes:
    """The model of a network's layers, as it stands in the file.

    Args:
        net: the network, which has to be in the testing phase for nobody.
        layers: copies of its layers.
        axes: of an input, the first one the batch; those with a name are of any length.
        dtype: of the model.
        opset: the version of the operators.
        onnx: the package.
    """
    refuse_layers_without_a_rule(layers)
    whole = bool(getattr(layers[0], "takes_integers", False))
    ndim = _tried(layers, axes[1:], np.dtype(np.int64 if whole else net.dtype))
    names = {id(layer): f"{number}.{type(layer).__name__}" for number, layer in numbered(layers)}
    graph = Graph(dtype, opset, names, rules.rule_of)
    value = Value("input", len(axes), whole)
    for layer in layers:
        value = graph.layer(layer, value)
    graph.nodes.append(("Identity", [value.name], ["output"], "output", {}))
    model = _model(graph, axes, whole, ndim, onnx)
    model.metadata_props.extend(
        onnx.StringStringEntryProto(key=key, value=text) for key, text in _told(net, layers).items()
    )
    if model.ByteSize() >= _LARGEST:
        raise ValueError(
            f"export: expected a model below 2 GiB, which a file in ONNX may have, got {model.ByteSize():,}"
        )
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _tried(layers: Sequence[Any], axes: Sequence[int | str], dtype: np.dtype) -> int:
    """How many axes the output has; raises what a layer says of an input that doesn't fit it."""
    small, large = (tuple(length if isinstance(axis, str) else axis for axis in axes) for length in _TRIED)
    try:
        return inspection.outputs(layers, np.zeros((1, *small), dtype))[-1].ndim
    except ValueError:
        if small == large:
            raise
    return inspection.outputs(layers, np.zeros((1, *large), dtype))[-1].ndim


def refuse_layers_without_a_rule(layers: Sequence[Any]) -> None:
    """Raise TypeError for layers of somebody's own, with what helps."""
    parts = {f"layer {number} of {len(layers)}": layer for number, layer in enumerate(layers, start=1)}
    missing = [(place, layer) for place, layer in places(parts) if not rules.has_rule(layer)]
    if missing:
        layer = missing[0][1]
        add = "graph.layer(layer.inner, value)" if isinstance(layer, CompositeLayer) else 'graph.node("Relu", value)'
        raise TypeError(
            f"export: {'; '.join(f'{place}, {layer!r}' for place, layer in missing)}: there is no rule for this class; "
            f"give one: @export_rule({type(layer).__name__}), def rule(layer, graph, value): return {add}, say"
        )


def _model(graph: Graph, axes: Sequence[int | str], whole: bool, ndim: int, onnx: Any) -> Any:
    kind = onnx.helper.np_dtype_to_tensor_dtype(graph.dtype)
    given = onnx.TensorProto.INT64 if whole else kind
    made = onnx.helper.make_graph(
        [
            onnx.helper.make_node(operator, inputs, outputs, name, **attributes)
            for operator, inputs, outputs, name, attributes in graph.nodes
        ],
        "network",
        [onnx.helper.make_tensor_value_info("input", given, list(axes))],
        [onnx.helper.make_tensor_value_info("output", kind, None)],
        [onnx.numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
    )
    versions = [onnx.helper.make_opsetid("", graph.opset)]
    model = onnx.helper.make_model(
        made,
        opset_imports=versions,
        ir_version=onnx.helper.find_min_ir_version_for(versions),
        producer_name=PRODUCER,
        producer_version=_version(),
    )
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph.output[0]
    known = inferred.type.tensor_type.shape.dim
    shape = [one.dim_value or one.dim_param or None for one in known] if len(known) == ndim else [None] * ndim
    model.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("output", kind, shape))
    return model


def _told(net: Any, layers: Sequence[Any]) -> dict[str, str]:
    """What our own file tells besides parameters, each as JSON."""
    told: dict[str, Any] = {
        "layers": {number: repr(layer) for number, layer in numbered(layers)},
        "dtype": net.dtype,
        "iterations": len(net.loss),
    }
    if net.loss_layer is not None:
        told["loss_layer"] = repr(net.loss_layer)
    if net.preparation is not None:
        told |= _told_of_the_data(net.preparation)
    return {key: json.dumps(value, ensure_ascii=False) for key, value in told.items()}


def _told_of_the_data(preparation: Preparation) -> dict[str, Any]:
    settings = preparation.configuration()
    names = settings.pop("class_names", None)
    told: dict[str, Any] = {"preparation": {type(preparation).__name__: settings}}
    try:
        json.dumps(told, allow_nan=False)
    except (TypeError, ValueError):
        raise TypeError(
            f"export: expected a preparation whose arguments JSON can hold, got {preparation!r}; "
            "net.preparation = None leaves it out"
        ) from None
    if names:
        told["class_names"] = list(names)
    return told


def _version() -> str:
    try:
        return metadata.version(PRODUCER)
    except metadata.PackageNotFoundError:  # in a clone
        return ""
