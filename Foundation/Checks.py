"""Reading what a user hands over: the value as it is needed, or an error that helps.

Every message names who was asked, what was expected and what came.
"""

import math
import numbers
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation.Supervision import running_network

#: A shape to compare with: a number must be met, a word names an axis of any length.
Shape = tuple[int | str, ...]

_COMPUTABLE = (np.dtype(np.float32), np.dtype(np.float64))


class NonFiniteError(ValueError):
    """An array holds NaN or infinity where a finite number is needed."""


def floating_dtype(dtype: DTypeLike) -> np.dtype:
    """The type to compute in: float32 and float64 are kept, every other type of number becomes float64.

    >>> floating_dtype("float32"), floating_dtype(int)
    (dtype('float32'), dtype('float64'))
    """
    dtype = np.dtype(dtype)
    return dtype if dtype in _COMPUTABLE else np.dtype(np.float64)


def number_array(values: ArrayLike, owner: object, what: str) -> np.ndarray:
    """`values` as an array of real numbers, uncopied where it is one already.

    Raises TypeError for anything but real numbers, ValueError for rows of different length.
    """
    if isinstance(values, np.ndarray):
        array = values
    else:
        try:
            array = np.asarray(values)
        except ValueError as error:
            raise ValueError(f"{owner!r}: expected {what} to be one array, got rows of different shape") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{owner!r}: expected {what} to hold real numbers, got {type(values).__name__} of {array.dtype}; "
            "convert it with numpy.asarray(…, dtype=float)?"
        )
    return array


def whole_numbers(values: ArrayLike, owner: object, what: str) -> np.ndarray:
    """`values` as an array of ints; raises TypeError for any other numbers.

    >>> whole_numbers([1, 2], "example", "lengths")
    array([1, 2])
    """
    array = number_array(values, owner, what)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{owner!r}: expected {what} to be whole numbers, got {array.dtype}")
    return array.astype(int)


def tensor(
    values: ArrayLike,
    owner: object,
    what: str,
    shape: Shape | None = None,
    dtype: DTypeLike | None = None,
    hint: str = "",
    advice: str = "",
) -> np.ndarray:
    """`values` as a non-empty floating-point array of the expected shape.

    Copies only where the type has to change. `dtype=None` keeps float32 and float64 and makes
    float64 of every other type. Raises TypeError or ValueError; `advice` ends the message about a wrong
    shape, or `hint` where the array has more axes than expected.

    >>> tensor([[1, 2]], "example", "input", shape=("batch", 2))
    array([[1., 2.]])
    """
    array = number_array(values, owner, what)
    if shape is not None and array.shape != shape and not _fits(array.shape, shape):
        advice = f"; {hint}" if hint and array.ndim > len(shape) else advice
        raise ValueError(f"{owner!r}: expected {what} {shape_text(shape)}, got {shape_text(array.shape)}{advice}")
    if array.size == 0:
        raise ValueError(f"{owner!r}: expected {what} with at least one element, got the empty shape {array.shape}")
    if array.dtype in _COMPUTABLE if dtype is None else array.dtype == dtype:
        return array
    return array.astype(np.float64 if dtype is None else dtype)


def require_finite(array: np.ndarray, owner: object, what: str) -> None:
    """Raise NonFiniteError, with the first position, where the array holds NaN or infinity.

    Where a network runs the pass, it looks itself, once for all layers.
    """
    if running_network() is None and not is_finite(array):
        position = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise NonFiniteError(f"{owner!r}: expected {what} of finite numbers, got {array[position]} at {position}")


def is_finite(array: np.ndarray) -> bool:
    """Whether no element is NaN or infinite."""
    # Whatever holds NaN or infinity has no finite sum; only numbers near the largest may have none either. In an array
    # without gaps, neither a sum nor a maximum needs memory or wakes the threads of the matrix library, which
    # would wait actively for more work and be in the way of what comes next.
    flat = array.ravel(order="K")
    if math.isfinite(np.einsum("i->", flat)):
        return True
    return math.isfinite(flat.max()) and math.isfinite(flat.min())


def positive_integer(value: Any, owner: str, name: str) -> int:
    """`value` as an int of at least 1; a NumPy integer is one too."""
    number = integer(value, owner, name)
    if number < 1:
        raise ValueError(f"{owner}: expected {name} of at least 1, got {number}")
    return number


def positive_integers(values: Any, owner: str, name: str) -> tuple[int, ...]:
    """`values` as a tuple of ints of at least 1, from any sequence of them."""
    if isinstance(values, str) or not hasattr(values, "__len__"):
        raise TypeError(f"{owner}: expected {name} to be a sequence of whole numbers, got {values!r}")
    return tuple(positive_integer(value, owner, name) for value in values)


def per_axis(values: Any, axes: int, owner: str, name: str) -> tuple[int, ...]:
    """A positive int for each spatial axis; one alone, as a number or in a sequence, holds for all.

    >>> per_axis(2, 2, "Pooling", "stride_shape"), per_axis([3], 1, "Conv", "stride_shape")
    ((2, 2), (3,))
    """
    numbers_given = positive_integers(values if hasattr(values, "__len__") else (values,), owner, name)
    if len(numbers_given) not in (1, axes):
        raise ValueError(f"{owner}: expected {name} to be one number or {axes}, got {numbers_given}")
    return numbers_given if len(numbers_given) == axes else numbers_given * axes


def integer(value: Any, owner: str, name: str) -> int:
    """`value` as an int; raises TypeError for a fraction, a word or a truth value."""
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{owner}: expected {name} to be a whole number, got {value!r}") from None


def number(value: Any, owner: str, name: str, least: float = -math.inf, below: float = math.inf) -> float:
    """`value` as a finite float with `least` ≤ value < `below`."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{owner}: expected {name} to be a number, got {value!r}")
    converted = float(value)
    if not (math.isfinite(converted) and least <= converted < below):
        wanted = [f"at least {least:g}"] * (least > -math.inf) + [f"below {below:g}"] * (below < math.inf)
        raise ValueError(f"{owner}: expected {name} to be finite{''.join(f', {w}' for w in wanted)}, got {value!r}")
    return converted


def methods(thing: Any, owner: object, what: str, example: str, *signatures: str) -> None:
    """Raise TypeError where a thing lacks one of the methods, each written with its arguments, or is a class."""
    for signature in signatures:
        if isinstance(thing, type) or not callable(getattr(thing, signature.split("(")[0], None)):
            raise TypeError(f"{owner!r}: expected {what} with {signature}, for example {example}, got {thing!r}")


def shape_text(shape: Shape) -> str:
    """A shape as it is written in messages: `(batch, 784)`."""
    return f"({', '.join(str(length) for length in shape)}{',' if len(shape) == 1 else ''})"


def _fits(shape: tuple[int, ...], expected: Shape) -> bool:
    if len(shape) != len(expected):
        return False
    for length, wanted in zip(shape, expected, strict=True):
        if length != wanted and not isinstance(wanted, str):
            return False
    return True
