"""Ways that come together: what is added, and what stands side by side."""

from collections.abc import Sequence

import numpy as np

from Interop.onnx_in.call import Anything, Call, length
from Interop.onnx_in.points import Axes, Flow, Point, longer, new_axes, places_of
from Layers.FullyConnected import FullyConnected
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax


def add(call: Call) -> Anything:
    """The sum of what comes on two ways or more."""
    flows = [call.flow(place) for place in range(len(call))]
    if len(flows) == 1:
        return flows[0]
    points, axes = _alike(call, flows)
    return Flow(Point("Add", call.operator.name, None, tuple(points), points[0].axes), axes)


def concat(call: Call) -> Anything:
    """Side by side along an axis."""
    flows = [call.flow(place) for place in range(len(call))]
    if (both := _of_two_classes(call, flows)) is not None:
        return both
    axis = call.axis(call.integer("axis"), len(flows[0].axes))
    points, axes = _alike(call, flows, axis)
    if len(flows) == 1:
        return flows[0]
    lengths = [length(flow.axes[axis]) for flow in flows]
    total = None if None in lengths else sum(one for one in lengths if one is not None)
    (joined,) = new_axes([total])
    at = _place(points[0].axes, flows[0].axes, axis)
    if not at:
        call.refuse("expected an axis behind the batch's to stand side by side along")
    inner = (*points[0].axes[:at], joined, *points[0].axes[at + 1 :])
    settings = {"axis": at, "axes": len(inner)}
    point = Point("Concat", call.operator.name, None, tuple(points), inner, settings)
    return Flow(point, (*axes[:axis], joined, *axes[axis + 1 :]))


def _of_two_classes(call: Call, flows: Sequence[Flow]) -> Flow | None:
    """SoftMax of 0 and z, where 1 - σ(z) and σ(z) stand side by side: probabilities as scikit-learn gives them."""
    if len(flows) != 2 or flows[0].point.kind != "Sub" or not isinstance(flows[1].point.layer, Sigmoid):
        return None
    (one, other), (scores,) = flows[0].point.settings["arguments"], flows[1].point.sources
    is_rest = other is flows[1].point and isinstance(one, np.ndarray) and one.size == 1 and float(one.flat[0]) == 1
    layer = scores.layer
    if not is_rest or not isinstance(layer, FullyConnected) or layer.output_size != 1 or len(scores.axes) != 2:
        return None
    call.integer("axis")
    both = FullyConnected(layer.input_size, 2)
    both.weights = call.own(np.concatenate([np.zeros_like(layer.weights), layer.weights], axis=1))
    axes = scores.axes[:1] + new_axes([2])
    return call.made(SoftMax(), call.point(both, scores.sources[0], axes), axes)


def _alike(call: Call, flows: Sequence[Flow], but: int | None = None) -> tuple[list[Point], Axes]:
    """The points of flows whose axes lie alike, and how they lie."""
    for flow in flows[1:]:
        if len(flow.axes) != len(flows[0].axes):
            call.refuse("expected what is joined to have as many axes on all ways")
        for place, (one, other) in enumerate(zip(flow.axes, flows[0].axes, strict=True)):
            sizes = {length(one), length(other)} - {None}
            if place != but and (len(sizes) > 1 or bool(longer(one)) != bool(longer(other))):
                call.refuse(f"expected what is joined to be of one shape, got lengths {sorted(map(str, sizes))}")
    orders = [places_of(flow.point.axes, flow.axes) for flow in flows]
    ndims = {len(flow.point.axes) for flow in flows}
    if None not in orders and all(order == orders[0] for order in orders) and ndims == {len(flows[0].axes)}:
        for flow in flows:
            flow.point.settings["fixed"] = True
        return [flow.point for flow in flows], flows[0].axes
    points = [call.settled(flow) for flow in flows]
    return points, points[0].axes


def _place(inside: Axes, axes: Axes, axis: int) -> int | None:
    """Where an axis stands among those of a point."""
    if len(inside) == len(axes) and not any(longer(one) for one in axes[axis : axis + 1]):
        return axis
    found = [place for place, one in enumerate(inside) if longer(one) == longer(axes[axis])]
    return found[0] if len(found) == 1 else None
