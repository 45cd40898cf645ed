"""Operators that look at windows of images and signals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Interop.onnx_in.call import Anything, Call, length
from Interop.onnx_in.points import Atom, Axes, Flow, Point, new_axes
from Layers.AveragePooling import AveragePooling
from Layers.Conv import Conv
from Layers.Convolutions import Convolution
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.Padding import count_pixels
from Layers.Pooling import Pooling
from Layers.TransposedConv import TransposedConv
from Layers.Windows import Windows

Pads = tuple[tuple[int, int], ...]


def pad(call: Call) -> Anything:
    """Zeros around images, which the Conv behind them takes for its own."""
    flow, ndim = call.flow(), len(call.flow().axes)
    call.require("mode", "constant", "constant", "convolutions have zeros around images")
    given = call.whole(1, "pads", "the pads") or []
    value = call.number("value", 0.0) if call.given(2) is None else float(call.array(2, "the value").reshape(-1)[0])
    chosen = list(range(ndim)) if call.given(3) is None else call.numbers(3, "the axes")
    _check_counts(call, 2 * len(chosen), least=0, pads=given)
    if value:
        call.refuse(f"expected zeros around images, got {value:g}")
    inside, around, axes = list(flow.point.axes), dict[int, tuple[int, int]](), list(flow.axes)
    for axis, before, behind in zip(chosen, given, given[len(chosen) :], strict=False):
        if before or behind:
            axis = call.axis(axis, ndim)
            places = [place for place, one in enumerate(inside) if one == flow.axes[axis]]
            if len(places) != 1 or places[0] < 2:
                call.refuse("expected zeros around the pixels of images alone")
            size = length(flow.axes[axis])
            inside[places[0]] = axes[axis] = (Atom(None if size is None else size + before + behind),)
            around[places[0] - 2] = before, behind
    settings = {"around": around}
    point = Point("Pad", call.operator.name, None, (flow.point,), tuple(inside), settings)
    return Flow(point, tuple(axes))


def conv(call: Call) -> Anything:
    """Conv."""
    point, around = call.settled(call.flow(), 3, 4), dict[int, tuple[int, int]]()
    if point.kind == "Pad":
        call.require("auto_pad", "NOTSET", "NOTSET", "zeros are there already")
        around = point.settings["around"]
        (point,) = point.sources
        point.settings["fixed"] = True
    weights, groups = _weights(call, point), call.integer("group", 1)
    settings = _kernels(call, point, weights.shape[2:])
    kernels, channels = weights.shape[0], weights.shape[1] * groups
    strides = settings.pop("strides")
    for axis, more in around.items():
        pads = settings["padding"]
        both = pads[axis][0] + more[0], pads[axis][1] + more[1]
        settings["padding"] = (*pads[:axis], both, *pads[axis + 1 :])
    layer = Conv(strides, (channels, *weights.shape[2:]), kernels, groups=groups, bias=len(call) > 2, **settings)
    return _with_parameters(call, layer, weights, point, counted(layer, point))


def conv_transpose(call: Call) -> Anything:
    """TransposedConv."""
    point = call.settled(call.flow(), 3, 4)
    weights, groups = _weights(call, point), call.integer("group", 1)
    more = call.integers("output_padding") or [0] * (weights.ndim - 2)
    wanted = call.integers("output_shape")
    settings = _kernels(call, point, weights.shape[2:], adjoint=(more, wanted))
    strides = settings.pop("strides")
    layer = TransposedConv(
        strides,
        (weights.shape[0], *weights.shape[2:]),
        weights.shape[1] * groups,
        groups=groups,
        bias=len(call) > 2,
        output_padding=settings.pop("more"),
        **settings,
    )
    sizes = [length(axis) for axis in point.axes[2:]]
    found: Sequence[int | None] = [None] * len(sizes)
    if None not in sizes:
        about = layer.pads, layer.covered, layer.stride_shape, layer.output_padding, layer
        found = count_pixels([size for size in sizes if size is not None], *about)
    return _with_parameters(call, layer, weights, point, found)


def max_pool(call: Call) -> Anything:
    """Pooling."""
    call.integer("storage_order")  # of the places of the maxima, which no layer gives
    return _pooled(call, Pooling)


def average_pool(call: Call) -> Anything:
    """AveragePooling."""
    return _pooled(call, AveragePooling, count_include_pad=bool(call.integer("count_include_pad")))


def global_average_pool(call: Call) -> Anything:
    """GlobalAveragePooling, whose axes of length 1 stay in the model."""
    flow = call.flow()
    point = call.settled(flow, 3, 4)
    found = call.made(GlobalAveragePooling(), point, point.axes[:2])
    return type(flow)(found.point, (*found.axes, *((),) * (len(point.axes) - 2)))


def counted(layer: Any, point: Point) -> list[int | None]:
    """How many windows there are along each axis, as far as it is known."""
    sizes = [length(axis) for axis in point.axes[2:]]
    if any(size is None for size in sizes):
        return [None] * len(sizes)
    known = tuple(size for size in sizes if size is not None)
    return list(layer.count_windows(known) if isinstance(layer, Convolution) else layer._count((1, 1, *known)))


def _weights(call: Call, point: Point) -> np.ndarray:
    weights = call.parameter(1, "the kernels", [None] * len(point.axes))
    if not weights.size:
        call.refuse("expected kernels with numbers in them, got none")
    return weights


def _with_parameters(
    call: Call, layer: Any, weights: np.ndarray, point: Point, sizes: Sequence[int | None]
) -> Anything:
    channels = length(point.axes[1])
    if channels not in (None, layer.channels):
        call.refuse(f"expected an input of {layer.channels} channels, as its kernels have, got {channels}")
    layer.weights = call.own(weights)
    if layer.has_bias:
        layer.bias = call.own(call.parameter(2, "the bias", [layer.num_kernels]))
    axes: Axes = point.axes[:1] + new_axes([layer.num_kernels, *sizes])
    return call.made(layer, point, axes)


def _kernels(
    call: Call, point: Point, window: Sequence[int], adjoint: tuple[list[int], list[int] | None] | None = None
) -> dict[str, Any]:
    """Strides, dilation and padding of a convolution."""
    axes = len(window)
    if (call.integers("kernel_shape") or list(window)) != list(window):
        call.refuse("expected kernel_shape to be that of its kernels")
    strides, dilation = call.integers("strides") or [1] * axes, call.integers("dilations") or [1] * axes
    _check_counts(call, axes, strides=strides, dilations=dilation)
    covered = [step * (number - 1) + 1 for number, step in zip(window, dilation, strict=True)]
    if adjoint is None:
        return {"strides": strides, "dilation": dilation, "padding": _pads(call, point, covered, strides)}
    more, wanted = adjoint
    _check_counts(call, axes, least=0, output_padding=more)
    pads, more = _pads_of_adjoint(call, point, covered, strides, more, wanted)
    return {"strides": strides, "dilation": dilation, "padding": pads, "more": more}


def _pooled(call: Call, kind: type[Windows], **settings: Any) -> Anything:
    point = call.settled(call.flow(), 3, 4)
    axes = len(point.axes) - 2
    window = call.integers("kernel_shape") or []
    strides, dilation = call.integers("strides") or [1] * axes, call.integers("dilations") or [1] * axes
    _check_counts(call, axes, kernel_shape=window, strides=strides, dilations=dilation)
    if set(dilation) != {1}:
        call.refuse(f"expected windows of neighbouring pixels, got dilations={dilation}; {kind.__name__} has none")
    pads = _pads(call, point, window, strides)
    if call.integer("ceil_mode"):
        pads = _rounded_up(call, point, window, strides, pads, settings.get("count_include_pad", False))
    layer = kind(strides, window, padding=pads, axes=axes, **settings)
    return call.made(layer, point, point.axes[:2] + new_axes(counted(layer, point)))


def _rounded_up(
    call: Call, point: Point, window: Sequence[int], strides: Sequence[int], pads: Pads, counts: bool
) -> Pads:
    """Padding with which windows that reach over the border are there too: more behind the image."""
    found = []
    for axis, covered, step, (before, behind) in zip(point.axes[2:], window, strides, pads, strict=True):
        size = length(axis)
        if size is None:
            call.refuse("expected an image of known size where ceil_mode=1; export it with explicit pads")
        places = -(-(size + before + behind - covered) // step) + 1
        places -= (places - 1) * step >= size + before  # a window that would begin behind the image
        more = (places - 1) * step + covered - size - before - behind
        if more > 0 and counts:
            call.refuse("expected windows whose pixels all count or none beyond the image, got ceil_mode=1")
        found.append((before, behind + max(0, more)))
    return tuple(found)


def _check_counts(call: Call, axes: int, least: int = 1, **numbers: Sequence[int]) -> None:
    for name, values in numbers.items():
        if len(values) != axes or min(values) < least or max(values) > 2**31:
            call.refuse(f"expected {name} to be {axes} numbers of at least {least}, got {list(values)[:5]}")


def _pads(call: Call, point: Point, covered: Sequence[int], strides: Sequence[int]) -> Pads:
    """Pixels before and behind the image, for each axis."""
    how, axes = call.word("auto_pad", "NOTSET"), len(covered)
    given = call.integers("pads")
    if how == "NOTSET":
        return _in_pairs(call, given, axes)
    if how == "VALID":
        return ((0, 0),) * axes
    if how not in ("SAME_UPPER", "SAME_LOWER"):
        call.refuse(f"expected auto_pad to be one of ONNX's, got {how[:50]!r}")
    pairs = []
    for axis, window, step in zip(point.axes[2:], covered, strides, strict=True):
        size = length(axis)
        if size is None and step > 1:
            call.refuse(
                f"expected an image of known size for auto_pad={how} with strides; export it with explicit pads"
            )
        rest = 0 if size is None else (-(-size // step) - 1) * step - size + 1
        pairs.append(_halves(max(0, window - 1 + rest), how))
    return tuple(pairs)


def _pads_of_adjoint(
    call: Call,
    point: Point,
    covered: Sequence[int],
    strides: Sequence[int],
    more: list[int],
    wanted: list[int] | None,
) -> tuple[Pads, list[int]]:
    """The same for a transposed convolution, whose output may be told, or be the stride times the input."""
    how = call.word("auto_pad", "NOTSET")
    if how in ("NOTSET", "VALID") and wanted is None:
        given = call.integers("pads")
        return (_in_pairs(call, given, len(covered)) if how == "NOTSET" else ((0, 0),) * len(covered)), more
    if how not in ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"):
        call.refuse(f"expected auto_pad to be one of ONNX's, got {how[:50]!r}")
    call.integers("pads")
    sizes = [length(axis) for axis in point.axes[2:]]
    if wanted is None:
        total = [window - step + extra for window, step, extra in zip(covered, strides, more, strict=True)]
    elif None in sizes:
        call.refuse("expected an image of known size where output_shape is given; export it with explicit pads")
    else:
        wanted = wanted[-len(covered) :]
        _check_counts(call, len(covered), output_shape=wanted)
        axes = zip([one for one in sizes if one is not None], strides, covered, more, wanted, strict=True)
        total = [(size - 1) * step + window + extra - want for size, step, window, extra, want in axes]
    # What lacks at the end is output padding.
    extras = [extra - min(0, missing) for extra, missing in zip(more, total, strict=True)]
    return tuple(_halves(max(0, missing), how if how != "NOTSET" else "SAME_LOWER") for missing in total), extras


def _halves(total: int, how: str) -> tuple[int, int]:
    """Pixels on both sides; with an odd number, the one more is behind (upper) or before."""
    small = total // 2
    return (small, total - small) if how == "SAME_UPPER" else (total - small, small)


def _in_pairs(call: Call, given: list[int] | None, axes: int) -> Pads:
    pads = given or [0] * (2 * axes)
    _check_counts(call, 2 * axes, least=0, pads=pads)
    return tuple(zip(pads[:axes], pads[axes:], strict=True))
