"""Matrices and tables."""

import numpy as np

from Interop.onnx_in.call import Anything, Call, has_one_axis_like, length
from Interop.onnx_in.points import Axes, Axis, Flow, longer, new_axes
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.LastStep import LastStep


def gemm(call: Call) -> Anything:
    """FullyConnected: α x W + β b."""
    call.require("transA", 0, 0, "a layer's input is the first factor as it is")
    weights = call.parameter(1, "the weights", [None, None])
    weights = (weights.T if call.integer("transB") else weights) * weights.dtype.type(call.number("alpha", 1.0))
    beta = call.number("beta", 1.0)
    bias = np.zeros(weights.shape[1], weights.dtype)
    if call.given(2) is not None:
        bias = _row(call, call.array(2, "the bias"), weights.shape[1]) * weights.dtype.type(beta)
    return _fully_connected(call, call.flow(), weights, bias, 2)


def matmul(call: Call) -> Anything:
    """FullyConnected without a bias, which an Add behind it may bring."""
    weights = call.parameter(1, "the weights", [None, None])
    return _fully_connected(call, call.flow(), weights, np.zeros(weights.shape[1], weights.dtype), 2, 3)


def gather(call: Call) -> Anything:
    """Embedding, or LastStep."""
    data, axis = call.given(0), call.integer("axis")
    if isinstance(data, np.ndarray) and isinstance(call.given(1), Flow):
        if data.ndim != 2 or data.dtype.kind != "f" or not data.size:
            call.refuse("expected a table (vocabulary, size) of floats, as Embedding has it")
        if call.axis(axis, 2):
            call.refuse("expected rows of the table to be looked up, got columns")
        flow = call.flow(1)
        if flow.point.kind == "Cast":  # to the whole numbers that Embedding takes alone
            flow = Flow(flow.point.sources[0], flow.axes)
        point = call.settled(flow)
        layer = Embedding(*data.shape)
        layer.weights = call.own(data)
        return call.made(layer, point, point.axes + new_axes([data.shape[1]]))
    places = call.numbers(1, "the places")
    flow = call.flow()
    axis = call.axis(axis, len(flow.axes))
    keeps = call.array(1, "the places").ndim > 0
    if len(places) != 1:
        call.refuse(f"expected the last step alone, as LastStep gives it, got places {places[:5]}")
    return last_step(call, flow, axis, places[0], keeps)


def last_step(call: Call, flow: Flow, axis: int, place: int, keeps: bool) -> Flow:
    """One place along an axis: nothing where there is but one, else the last of the time."""
    rest = flow.axes[:axis] + ((),) * keeps + flow.axes[axis + 1 :]
    size = length(flow.axes[axis])
    if not longer(flow.axes[axis]) and place in (0, -1):
        return Flow(flow.point, rest)
    if place != -1 and (size is None or place != size - 1):
        call.refuse(f"expected the last step, -1, as LastStep gives it, got {place}")
    others = tuple(one for number, one in enumerate(flow.axes) if number != axis and longer(one))
    if len(others) != 2:
        call.refuse(f"expected sequences (batch, time, features), as LastStep takes them, got {len(flow.axes)} axes")
    point = call.seen_as(flow, (others[0], flow.axes[axis], others[1]))
    made = call.point(LastStep(), point, others)
    return Flow(made, rest)


def _fully_connected(call: Call, flow: Flow, weights: np.ndarray, bias: np.ndarray, *axes: int) -> Flow:
    if len(flow.axes) not in axes:
        call.refuse(
            f"expected an input of {' or '.join(map(str, axes))} axes, as the layer takes it, got {len(flow.axes)}"
        )
    if not weights.size:
        call.refuse("expected weights with numbers in them, got none")
    features = length(flow.axes[-1])
    if features not in (None, len(weights)):
        call.refuse(f"expected an input of {len(weights)} features, as its weights have, got {features}")
    if is_flattened_otherwise(flow):
        flow, weights = _flattened(call, flow, weights)
    layer = FullyConnected(*weights.shape)
    layer.weights = call.own(np.concatenate([weights, bias[np.newaxis]]))
    return call.on_features(layer, flow, layer.output_size)


def is_flattened_otherwise(flow: Flow) -> bool:
    """Whether all axes but the first are one, in another order than ours: channels last."""
    if len(flow.axes) != 2 or not has_one_axis_like(flow.axes[0], flow.point.axes[0]):
        return False
    ours, theirs = _behind_the_first(flow.point.axes), longer(flow.axes[1])
    return ours != theirs and {*map(id, ours)} == {*map(id, theirs)} and None not in [atom.size for atom in ours]


def _behind_the_first(axes: Axes) -> Axis:
    return tuple(atom for axis in axes[1:] for atom in longer(axis))


def _flattened(call: Call, flow: Flow, weights: np.ndarray) -> tuple[Flow, np.ndarray]:
    """A Flatten, and the weights for its order of features."""
    ours, theirs = _behind_the_first(flow.point.axes), longer(flow.axes[1])
    sizes, order = [atom.size for atom in theirs], [theirs.index(atom) for atom in ours]
    turned = weights.reshape(*sizes, -1).transpose(*order, len(order)).reshape(weights.shape)  # type: ignore[arg-type]
    flow.point.settings["fixed"] = True
    return call.made(Flatten(), flow.point, (flow.axes[0], ours)), turned


def _row(call: Call, bias: np.ndarray, length: int) -> np.ndarray:
    """A bias as a row, one number for each output."""
    if bias.size not in (1, length) or bias.shape[-1:] not in ((length,), (1,), ()) or bias.dtype.kind != "f":
        call.refuse(f"expected a bias of {length} numbers, one for each output, got shape {bias.shape}")
    return np.broadcast_to(bias.reshape(-1), (length,))
