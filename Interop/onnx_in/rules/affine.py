"""Constants that are added to what comes, or that it is multiplied by: a bias of the layer before, or a layer alone."""

import sys
from typing import Any

import numpy as np

from Interop.onnx_in.call import Anything, Call, length
from Interop.onnx_in.points import Flow, Point, longer
from Layers.BatchNormalization import BatchNormalization
from Layers.FullyConnected import FullyConnected

#: A model may announce an input of any size: so many channels or features alone get a number each.
_MOST = 2**20


def affine(call: Call, flow: Flow, constant: np.ndarray) -> Flow | None:
    """A layer that gives what comes plus, minus, times or through a constant; None where there is none.

    What has a factor and a number to be added for each channel is a `BatchNormalization` whose averages are 0 and 1.
    """
    kind, found = call.operator.kind, _along(flow, constant)
    if found is None or (kind in ("Sub", "Div") and call.given(0) is constant) or not np.isfinite(constant).all():
        return None
    place, row = found
    if kind == "Add" and (layer := _with_bias(call, flow.point, place, row)) is not None:
        point = Point("Add", call.operator.name, layer, flow.point.sources, flow.point.axes)
        return Flow(point, flow.axes)
    channels = length(flow.point.axes[1]) if len(flow.point.axes) in (2, 3, 4) else None
    if place not in (1, None) or channels is None or channels > _MOST or len(row) not in (1, channels):
        return None
    factor, shift, source = flow.point.settings.get("affine", (np.ones(1), np.zeros(1), flow.point))
    row = row.astype(float)
    with np.errstate(all="ignore"):
        if kind in ("Add", "Sub"):
            shift = shift + row if kind == "Add" else shift - row
        else:
            factor, shift = (factor * row, shift * row) if kind == "Mul" else (factor / row, shift / row)
    if not (np.isfinite(factor).all() and np.isfinite(shift).all()):
        return None
    layer = scaling(call, channels, factor, shift)
    settings = {"affine": (factor, shift, source), "arguments": _arguments(call)}
    return Flow(Point(kind, call.operator.name, layer, (source,), flow.point.axes, settings), flow.axes)


def scaler(call: Call) -> Anything:
    """Features minus an offset, times a factor: scikit-learn's."""
    flow, rows = call.flow(), []
    for name, default in (("offset", 0.0), ("scale", 1.0)):
        rows.append(np.array(call.setting(name, list, [default]), float))
    point = call.settled(flow, 2)
    channels = length(point.axes[1])
    if channels is None or channels > _MOST or any(row.ndim != 1 or len(row) not in (1, channels) for row in rows):
        call.refuse("expected an offset and a factor for each of a known number of features")
    offset, factor = rows
    return call.made(scaling(call, channels, factor, -offset * factor), point, point.axes)


def scaling(call: Call, channels: int, factor: np.ndarray, shift: np.ndarray) -> BatchNormalization:
    """The layer that multiplies each channel and adds to it."""
    layer = BatchNormalization(channels, epsilon=sys.float_info.min)
    layer.weights, layer.bias = (call.own(np.broadcast_to(row, (channels,))) for row in (factor, shift))
    layer.moving_mean, layer.moving_variance = call.own(np.zeros(channels)), call.own(np.ones(channels))
    return layer


def _along(flow: Flow, constant: np.ndarray) -> tuple[int | None, np.ndarray] | None:
    """Along which axis of a point a constant changes (None: one number alone), and its numbers."""
    if constant.dtype.kind != "f" or not constant.size or constant.ndim > len(flow.axes):
        return None
    shape = (1,) * (len(flow.axes) - constant.ndim) + constant.shape
    changing = [place for place, size in enumerate(shape) if size > 1]
    if not changing:
        return None, constant.reshape(-1)
    axis = longer(flow.axes[changing[0]])
    places = [place for place, one in enumerate(flow.point.axes) if longer(one) == axis]
    return (places[0], constant.reshape(-1)) if len(changing) == len(places) == 1 else None


def _with_bias(call: Call, point: Point, place: int | None, row: np.ndarray) -> Any:
    """The layer of a point with a bias more; None where it has none to come."""
    layer, new = point.layer, None
    if isinstance(layer, FullyConnected) and point.kind == "MatMul" and place in (None, len(point.axes) - 1):
        new = FullyConnected(layer.input_size, layer.output_size)
        bias = np.broadcast_to(row, (1, layer.output_size)).astype(layer.weights.dtype)
        new.weights = call.own(np.concatenate([layer.weights[:-1], bias]))
    elif hasattr(layer, "has_bias") and not layer.has_bias and place in (None, 1):
        new = type(layer)(**layer.configuration() | {"bias": True})
        new.weights, new.bias = layer.weights, np.broadcast_to(row, (layer.num_kernels,)).astype(layer.weights.dtype)
    return new


def _arguments(call: Call) -> list[Anything | Point]:
    return [one.point if isinstance(one, Flow) else one for one in call.inputs]
