"""Operators on constants and on shapes, which are computed at once."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from Interop.onnx_in.call import Anything, Call
from Interop.onnx_in.points import Filled, Unknown

#: Arrays that are computed are no longer than this, or than a few times what they are computed of.
_SMALL, _TIMES = 2**16, 4
#: Lengths are Python's numbers, which grow without end.
_LONGEST = 2**62


def constant(call: Call) -> Anything:
    """A constant that is told by an operator."""
    for name, read in (
        ("value", call.tensor),
        ("value_float", lambda name: np.array(call.number(name, 0.0), np.float32)),
        ("value_int", lambda name: np.array(call.integer(name), np.int64)),
        ("value_floats", lambda name: np.array(call.setting(name, list, []), np.float32)),
        ("value_ints", lambda name: np.array(call.integers(name), np.int64)),
    ):
        if name in call.operator.attributes:
            return read(name)
    call.refuse("expected a constant of numbers")


def constant_of_shape(call: Call) -> Anything:
    """One number everywhere."""
    value = call.tensor("value").reshape(-1) if "value" in call.operator.attributes else np.zeros(1, np.float32)
    if value.size != 1:
        call.refuse("expected one number")
    shape = call.array(0, "the shape")
    if shape.dtype.kind not in "iu" or shape.ndim != 1 or (shape < 0).any() or math.prod(shape.tolist()) > _SMALL:
        return Filled(float(value[0]))
    return np.full(shape.tolist(), value[0])


def expand(call: Call) -> Anything:
    """One number everywhere, in a shape that may not be known."""
    array = call.array(0, "what is repeated")
    if array.dtype == object or not array.size or (array != array.flat[0]).any():
        call.refuse("expected one number everywhere")
    return Filled(float(array.flat[0]))


def computed(call: Call) -> Anything:
    """What an operator makes of constants."""
    arrays = [call.array(place, "what it takes") for place in range(len(call))]
    function = FUNCTIONS[call.operator.kind]
    if any(array.dtype == object for array in arrays):
        return _of_shapes(call, function, arrays)
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    size = math.prod(shape)
    if size > max(_SMALL, _TIMES * sum(array.size for array in arrays)):
        call.refuse(f"expected a constant of fewer than {size:,} numbers")
    with np.errstate(all="ignore"):
        found = np.asarray(function(*arrays))
    return found.astype(arrays[0].dtype) if found.dtype.kind == arrays[0].dtype.kind else found


def _of_shapes(call: Call, function: Callable[..., Any], arrays: list[np.ndarray]) -> np.ndarray:
    """The same for shapes, of which not all lengths need be known."""
    if call.operator.kind == "Pow":
        call.refuse("expected shapes that are known, or only joined")
    if call.operator.kind == "Mul":
        function = np.frompyfunc(_times, 2, 1)
    elif any(isinstance(one, Unknown) for array in arrays for one in array.flat if array.dtype == object):
        call.refuse("expected shapes that are known, or only joined")
    found = function(*(array.astype(object) for array in arrays))
    result = np.empty(np.shape(found), object)
    result[...] = found
    if any(one is None for one in result.flat):
        call.refuse("expected lengths of axes that are known, or only joined")
    if any(isinstance(one, int) and abs(one) > _LONGEST for one in result.flat):
        call.refuse(f"expected lengths up to {_LONGEST:,}")
    return result


def _times(one: Any, other: Any) -> Any:
    """The product of two lengths; None where it can't be told."""
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return Unknown(one.axis + other.axis)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        known, unknown = (other, one) if isinstance(one, Unknown) else (one, other)
        return unknown if known == 1 else None
    return one * other


def concatenated(call: Call) -> Anything:
    """Constants or shapes in a row."""
    arrays = [call.array(place, "what it takes") for place in range(len(call))]
    axis = call.integer("axis")
    call.require_room(sum(array.nbytes for array in arrays))
    if any(array.dtype == object for array in arrays):
        arrays = [array.astype(object) for array in arrays]
    return np.concatenate(arrays, axis)


def taken(call: Call) -> Anything:
    """Places of a constant or a shape."""
    array = call.array(0, "what it takes")
    axis = call.axis(call.integer("axis"), array.ndim)
    places = call.array(1, "the places")
    if places.dtype.kind not in "iu":
        call.refuse("expected places to be whole numbers")
    size = places.size * (array.size // max(1, array.shape[axis]))
    if size > max(_SMALL, _TIMES * array.size):
        call.refuse(f"expected a constant of fewer than {size:,} numbers")
    found = array.take(places, axis)
    result = np.empty(np.shape(found), array.dtype)
    result[...] = found
    return result


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Abs": np.abs,
    "Add": np.add,
    "Div": lambda one, other: one // other if one.dtype.kind in "iuO" else one / other,
    "Exp": np.exp,
    "Max": lambda *ones: functools.reduce(np.maximum, ones),
    "Min": lambda *ones: functools.reduce(np.minimum, ones),
    "Mul": np.multiply,
    "Neg": np.negative,
    "Pow": np.power,
    "Reciprocal": np.reciprocal,
    "Sqrt": np.sqrt,
    "Sub": np.subtract,
    "Sum": lambda *ones: functools.reduce(np.add, ones),
}
