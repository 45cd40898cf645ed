"""Images that become larger."""

from collections.abc import Sequence
from typing import Any

from Interop.onnx_in.call import Anything, Call, length
from Interop.onnx_in.points import Point, new_axes
from Layers.Upsampling import Upsampling


def resize(call: Call) -> Anything:
    """Upsampling by whole factors."""
    point = call.settled(call.flow(), 3, 4)
    old = call.operator.kind == "Upsample" or call.opset < 11
    factors = _factors(call, point, 1 if old else 2)
    mode = call.word("mode", "nearest")
    middle = call.word("coordinate_transformation_mode", "asymmetric" if old else "half_pixel")
    rounded = call.word("nearest_mode", "floor" if old else "round_prefer_floor")
    call.number("cubic_coeff_a", -0.75)
    call.number("extrapolation_value", 0.0)
    for name in ("exclude_outside", "antialias"):
        call.require(name, 0, 0, "Upsampling has no such thing")
    call.require("keep_aspect_ratio_policy", "stretch", "stretch", "Upsampling has no such thing")
    if mode == "nearest" and (middle, rounded) not in _NEAREST:
        call.refuse(f"expected each pixel several times, as Upsampling has it, got {middle} and {rounded}")
    if mode == "linear" and middle not in ("half_pixel", "pytorch_half_pixel"):
        call.refuse(f"expected half_pixel, as Upsampling has it, got {middle}")
    if mode not in ("nearest", "linear"):
        call.refuse(f"expected nearest or linear, got {mode[:50]}")
    layer = Upsampling(factors, {"nearest": "nearest", "linear": "bilinear"}[mode], axes=len(factors))
    sizes = [length(axis) for axis in point.axes[2:]]
    larger = [None if size is None else size * factor for size, factor in zip(sizes, factors, strict=True)]
    return call.made(layer, point, point.axes[:2] + new_axes(larger))


#: Ways of reading coordinates that give, for whole factors, each pixel several times.
_NEAREST = {
    ("asymmetric", "floor"),
    ("half_pixel", "round_prefer_floor"),
    ("half_pixel", "round_prefer_ceil"),
    ("pytorch_half_pixel", "round_prefer_floor"),
    ("pytorch_half_pixel", "round_prefer_ceil"),
    ("half_pixel_symmetric", "round_prefer_floor"),
}


def _factors(call: Call, point: Point, place: int) -> list[int]:
    """How many times as many pixels along each axis."""
    ndim = len(point.axes)
    chosen = call.integers("axes")
    axes = list(range(ndim)) if chosen is None else [call.axis(axis, ndim) for axis in chosen]
    if call.given(3) is not None:
        values = _factors_of_sizes(call, point, axes)
    elif call.opset < 9 and call.operator.kind == "Upsample":
        values = call.setting("scales", list, [])
    else:
        values = call.array(place, "the scales").reshape(-1).tolist()
    factors: dict[int, Any] = dict.fromkeys(range(ndim), 1)
    if len(values) != len(axes) or any(not 1 <= one <= 2**20 or one != int(one) for one in values):
        call.refuse(f"expected whole factors for all axes, as Upsampling has them, got {values[:5]}")
    factors |= dict(zip(axes, map(int, values), strict=True))
    if (factors[0], factors[1]) != (1, 1):
        call.refuse(f"expected images to become larger, not the batch or its channels, got {values[:2]}")
    return [factors[axis] for axis in range(2, ndim)]


def _factors_of_sizes(call: Call, point: Point, axes: Sequence[int]) -> list[float]:
    sizes = call.array(3, "the sizes").reshape(-1).tolist()
    factors = []
    for axis, wanted in zip(axes, sizes, strict=False):
        size = length(point.axes[axis])
        if axis < 2:
            factors.append(1.0)
        elif not size or not isinstance(wanted, int):
            call.refuse("expected an image of known size where sizes are given")
        else:
            factors.append(wanted / size)
    return factors
