"""Operators that say how axes lie: none is a layer, and Flatten is one where a layer needs it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Interop.onnx_in.call import Anything, Call, flattened, has_one_axis_like
from Interop.onnx_in.points import Atom, Axes, Axis, Filled, Flow, Point, Unknown, longer
from Interop.onnx_in.rules.features import last_step
from Layers.GlobalAveragePooling import GlobalAveragePooling

#: ONNX's for "to the end".
_END = 2**31 - 1


def flatten(call: Call) -> Anything:
    """Two axes of all."""
    flow = call.flow()
    axis = call.integer("axis", 1)
    if not -len(flow.axes) <= axis <= len(flow.axes):
        call.refuse(f"expected an axis of {len(flow.axes)}, got {axis}")
    if axis < 0:
        axis += len(flow.axes)
    return flattened(Flow(flow.point, (_joined(flow.axes[:axis]), _joined(flow.axes[axis:]))))


def reshape(call: Call) -> Anything:
    """Axes joined, of length 1 added or taken away."""
    value = call.given(0)
    zero = bool(call.integer("allowzero"))
    wanted = call.array(1, "the shape") if len(call) > 1 else np.array(call.integers("shape"), object)
    if isinstance(value, Filled):
        return value
    targets = np.atleast_1d(wanted).tolist()
    if isinstance(value, np.ndarray):
        if any(isinstance(one, Unknown) for one in targets):
            call.refuse("expected a constant to get a known shape")
        lengths = [value.shape[place] if one == 0 and not zero else one for place, one in enumerate(targets)]
        return value.reshape(lengths)
    flow = call.flow()
    axes = regrouped(flow.axes, targets)
    if axes is None:
        call.refuse(f"expected axes to be joined, got {len(flow.axes)} axes as {len(targets)}; no layer divides axes")
    return flattened(Flow(flow.point, axes))


def regrouped(axes: Axes, targets: Sequence[Any]) -> Axes | None:
    """The atoms of axes as others, of these lengths; None where an axis would have to be divided.

    Args:
        axes: as they are.
        targets: lengths; 0 for that of the axis which stands there now, -1 for what is left.
    """
    left, right = list(_joined(axes)), list[Atom]()
    wanted: list[Any] = [axes[place] if one == 0 and place < len(axes) else one for place, one in enumerate(targets)]
    rest = [place for place, one in enumerate(wanted) if isinstance(one, int) and one == -1]
    if len(rest) > 1:
        return None
    before, behind = (wanted[: rest[0]], wanted[rest[0] + 1 :]) if rest else (wanted, [])
    ones = [_taken(left, one) for one in before]
    left.reverse()
    others = [_taken(left, one, back=True) for one in reversed(behind)][::-1]
    right = left[::-1]
    if any(one is None for one in (*ones, *others)) or (not rest and longer(tuple(right))):
        return None
    middle = [tuple(right)] if rest else []
    return tuple(axis for axis in (*ones, *middle, *others) if axis is not None)


def _taken(atoms: list[Atom], wanted: Any, back: bool = False) -> Axis | None:
    """The first of the atoms, which are as long together as is wanted."""
    if isinstance(wanted, tuple | Unknown):
        axis = longer(wanted.axis if isinstance(wanted, Unknown) else wanted)
        found: list[Atom] = []
        while len(longer(tuple(found))) < len(axis) and atoms:
            found.append(atoms.pop(0))
        ordered = tuple(found[::-1] if back else found)
        return ordered if longer(ordered) == axis else None
    found, size = [], 1
    while atoms and (size < wanted or (wanted == 1 and atoms[0].free and atoms[0].size == 1 and not found)):
        if atoms[0].size is None:
            return None
        size *= atoms[0].size
        found.append(atoms.pop(0))
    return tuple(found[::-1] if back else found) if size == wanted else None


def transpose(call: Call) -> Anything:
    """Axes in another order."""
    value = call.given(0)
    order = call.integers("perm")
    if isinstance(value, Filled):
        return value
    ndim = value.ndim if isinstance(value, np.ndarray) else len(call.flow().axes)
    order = order or list(range(ndim))[::-1]
    if sorted(order) != list(range(ndim)):
        call.refuse(f"expected an order of {ndim} axes, got {order[:10]}")
    if isinstance(value, np.ndarray):
        return value.transpose(order)
    flow = call.flow()
    return Flow(flow.point, tuple(flow.axes[place] for place in order))


def squeeze(call: Call) -> Anything:
    """Without axes of length 1."""
    value, axes = call.given(0), call.whole(1, "axes", "the axes")
    if isinstance(value, Filled):
        return value
    if isinstance(value, np.ndarray):
        return value.squeeze(None if axes is None else tuple(axes))
    flow = call.flow()
    ndim = len(flow.axes)
    if axes is None:
        places = {place for place, axis in enumerate(flow.axes) if not longer(axis)}
    else:
        places = {call.axis(axis, ndim) for axis in axes}
    for place in places:
        if longer(flow.axes[place]):
            call.refuse(f"expected axis {place} to be of length 1, which isn't known")
    return Flow(flow.point, tuple(axis for place, axis in enumerate(flow.axes) if place not in places))


def unsqueeze(call: Call) -> Anything:
    """With more axes of length 1."""
    value, axes = call.given(0), call.whole(1, "axes", "the axes") or []
    if isinstance(value, Filled):
        return value
    ndim = (value.ndim if isinstance(value, np.ndarray) else len(call.flow().axes)) + len(axes)
    places = sorted(call.axis(axis, ndim) for axis in axes)
    if isinstance(value, np.ndarray):
        return np.expand_dims(value, tuple(places))
    flow, found = call.flow(), list(call.flow().axes)
    for place in places:
        found.insert(place, ())
    return Flow(flow.point, tuple(found))


def shape(call: Call) -> Anything:
    """The lengths of the axes, as far as they are known."""
    value, start, end = call.given(0), call.integer("start"), call.integer("end", _END)
    sizes = list(value.shape) if isinstance(value, np.ndarray) else call.flow().sizes
    found = np.empty(len(sizes[start:end]), object)
    found[:] = sizes[start:end]
    return found


def cut(call: Call) -> Anything:
    """Slice: sequences turned round, or their last step."""
    value = call.given(0)
    if isinstance(value, Filled):
        return value
    bounds = [call.whole(place, name, name) for place, name in enumerate(("starts", "ends", "axes", "steps"), start=1)]
    starts, ends = bounds[0] or [], bounds[1] or []
    axes = list(range(len(starts))) if bounds[2] is None else bounds[2]
    steps = [1] * len(starts) if bounds[3] is None else bounds[3]
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        call.refuse("expected a start, an end and a step for each axis")
    if isinstance(value, np.ndarray):
        places: list[Any] = [slice(None)] * value.ndim
        for axis, *ones in zip(axes, starts, ends, steps, strict=True):
            places[call.axis(axis, value.ndim)] = _slice(*ones)
        return value[tuple(places)]
    flow = call.flow()
    for axis, *ones in zip(axes, starts, ends, steps, strict=True):
        flow = _cut_along(call, flow, call.axis(axis, len(flow.axes)), *ones)
    return flow


def _slice(start: int, end: int, step: int) -> slice:
    return slice(start, None if step < 0 and end < -_END else end, step)


def _cut_along(call: Call, flow: Flow, axis: int, start: int, end: int, step: int) -> Flow:
    if start == 0 and end >= _END and step == 1:
        return flow
    if start == -1 and end >= _END and step == 1:
        return last_step(call, flow, axis, -1, keeps=True)
    if step != -1 or start not in (-1, _END, 2**63 - 1) or end > -_END:
        call.refuse(f"expected the last step or sequences turned round, got {start}:{end}:{step} of axis {axis}")
    time = flow.point.axes[-2:-1]
    if not time or not has_one_axis_like(flow.axes[axis], time[0]):
        call.refuse("expected the time to be turned round, the last axis but one")
    return Flow(Point("Turn", call.operator.name, None, (flow.point,), flow.point.axes), flow.axes)


def reduce_mean(call: Call) -> Anything:
    """GlobalAveragePooling, or the mean of a formula."""
    flow, keeps = call.flow(), call.integer("keepdims", 1)
    axes = call.whole(1, "axes", "the axes")
    call.require("noop_with_empty_axes", 0, 0, "it says nothing where axes are given")
    if axes is None:
        call.refuse("expected axes of pixels or of features, got none")
    ndim = len(flow.axes)
    places = sorted(call.axis(axis, ndim) for axis in axes)
    rest = tuple(
        () if place in places else axis for place, axis in enumerate(flow.axes) if keeps or place not in places
    )
    if places == [ndim - 1] and keeps:
        point = Point("ReduceMean", call.operator.name, None, (flow.point,), rest)
        return Flow(point, rest)
    others = [axis for place, axis in enumerate(flow.axes) if place not in places]
    pixels = [axis for place, axis in enumerate(flow.axes) if place in places]
    if len(others) != 2:
        call.refuse(f"expected the mean of all pixels, as GlobalAveragePooling gives it, got that of axes {places}")
    point = call.seen_as(flow, (*others, *pixels))
    return Flow(call.point(GlobalAveragePooling(), point, point.axes[:2]), rest)


def _joined(axes: Sequence[Axis]) -> Axis:
    return tuple(atom for axis in axes for atom in axis)
