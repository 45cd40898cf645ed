"""Reading what a user hands over: the value as it is needed, or an error that helps.

Every message names who was asked, what was expected and what came.
"""

import math
import numbers
import operator
import os
import reprlib
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation.Forks import compute_undivided
from Foundation.MatrixLibrary import ON_ONE_THREAD
from Foundation.NumPySettings import ignoring_range
from Foundation.Supervision import running_network

#: A shape to compare with: a number must be met, a word names an axis of any length.
Shape = tuple[int | str, ...]

_LARGEST_SIZE = 2**40
_EXACT_IN_FLOAT32 = 2**24
_COMPUTABLE = (np.dtype(np.float32), np.dtype(np.float64))


#: What NumPy's function comes to for arrays, without the way there: no other class of arrays is asked.
vdot: Any = getattr(np.vdot, "_implementation", np.vdot)


class NonFiniteError(ValueError):
    """An array holds NaN or infinity where a finite number is needed."""


def floating_dtype(dtype: DTypeLike) -> np.dtype:
    """The type to compute in: float32 and float64 are kept, every other type of number becomes float64.

    >>> floating_dtype("float32"), floating_dtype(int)
    (dtype('float32'), dtype('float64'))
    """
    dtype = np.dtype(dtype)
    return dtype if dtype in _COMPUTABLE else np.dtype(np.float64)


def float32_or_float64(dtype: Any, owner: object) -> np.dtype:
    """The type of number that somebody wants results in, as NumPy's own object; raises TypeError for another one.

    >>> float32_or_float64("float32", "Camera")
    dtype('float32')
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"{_name(owner)}: expected dtype float32 or float64, got {dtype}") from None
    if found not in _COMPUTABLE:
        raise TypeError(f"{_name(owner)}: expected dtype float32 or float64, got {found}")
    return found


def plain_array(values: Any, owner: object, what: str) -> np.ndarray:
    """`values` as an array of NumPy's own class, of any type of elements, uncopied where it is an array already.

    A matrix, whose products and indices mean something else, becomes the array that it is. Raises TypeError for
    a masked array, in which some numbers don't count, and ValueError for rows of different length.

    >>> plain_array(np.array([[1, 2]]).view(np.matrix), "example", "input")
    array([[1, 2]])
    """
    if type(values) is np.ndarray:
        return values
    kinds = {*map(type, values)} if isinstance(values, list | tuple) else {type(values)}
    if any(
        issubclass(kind, np.ndarray) and kind is not np.ndarray and issubclass(kind, np.ma.MaskedArray)
        for kind in kinds
    ):
        raise TypeError(
            f"{_name(owner)}: expected {what} without masked elements, got a masked array; replace them by numbers "
            "with .filled(…), or leave them out"
        )
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{_name(owner)}: expected {what} to be one array, got rows of different shape") from error


def number_array(values: ArrayLike, owner: object, what: str) -> np.ndarray:
    """`values` as a plain array of real numbers, uncopied where it is one already.

    Raises TypeError for anything but real numbers, ValueError for rows of different length.
    """
    array = plain_array(values, owner, what)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{_name(owner)}: expected {what} to hold real numbers, got {type(values).__name__} of {array.dtype}; "
            "convert it with numpy.asarray(…, dtype=float)?"
        )
    return array


def floating_array(values: ArrayLike, owner: object, what: str) -> np.ndarray:
    """`values` as a plain array of float32 or float64, uncopied where it is one already; raises as `number_array` does.

    >>> floating_array([1, 2], "example", "weights")
    array([1., 2.])
    """
    if type(values) is np.ndarray and values.dtype in _COMPUTABLE:
        return values
    array = number_array(values, owner, what)
    return array.astype(floating_dtype(array.dtype), copy=False)


def are_alike(one: Any, other: Any) -> bool:
    """Whether both are plain arrays of one shape and of one type, float32 or float64: there is nothing to convert.

    >>> are_alike(np.ones(2), np.zeros(2)), are_alike(np.ones(2), [0.0, 0.0])
    (True, False)
    """
    if type(one) is not np.ndarray or type(other) is not np.ndarray or one.shape != other.shape or not one.ndim:
        return False
    kind = one.dtype
    return (kind is _COMPUTABLE[0] or kind is _COMPUTABLE[1] or kind in _COMPUTABLE) and kind == other.dtype


def whole_numbers(values: ArrayLike, owner: object, what: str) -> np.ndarray:
    """`values` as an array of ints; raises TypeError for any other numbers.

    >>> whole_numbers([1, 2], "example", "lengths")
    array([1, 2])
    """
    array = number_array(values, owner, what)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{_name(owner)}: expected {what} to be whole numbers, got {array.dtype}")
    return array.astype(int)


def places(values: np.ndarray, owner: object, what: str, count: int) -> np.ndarray:
    """`values` as places in a list of so many, from 0 on: whole numbers, in whatever type.

    Raises ValueError for any other numbers, and for float32 where it can't hold all places.

    >>> places(np.array([[3, 9]]), "Dictionary", "input", 9)
    Traceback (most recent call last):
        ...
    ValueError: Dictionary: expected input of whole numbers from 0 to 8, got 9 at (0, 1)
    """
    wrong = (values < 0) | (values >= count)
    if values.dtype.kind not in "iu":
        if count > _EXACT_IN_FLOAT32 and values.itemsize < 8:
            raise ValueError(f"{_name(owner)}: expected {what} of an integer type, got {values.dtype}, too coarse")
        wrong |= values != np.rint(values)
    if wrong.any():
        position = tuple(map(int, np.argwhere(wrong)[0]))
        wanted = f"{what} of whole numbers from 0 to {count - 1}"
        raise ValueError(f"{_name(owner)}: expected {wanted}, got {values[position]:g} at {position}")
    return values if values.dtype == np.int64 else values.astype(np.int64)  # NumPy 2.0 takes no uint64 as places


def tensor(
    values: ArrayLike,
    owner: object,
    what: str,
    shape: Shape | None = None,
    dtype: DTypeLike | None = None,
    hint: str = "",
    advice: str = "",
) -> np.ndarray:
    """`values` as a plain, non-empty floating-point array of the expected shape.

    Copies only where the type has to change. `dtype=None` keeps float32 and float64 and makes
    float64 of every other type. Raises TypeError or ValueError; `advice` ends the message about a wrong
    shape, or `hint` where the array has more axes than expected.

    >>> tensor([[1, 2]], "example", "input", shape=("batch", 2))
    array([[1., 2.]])
    """
    # What is as it should be, which is nearly everything, calls no further function of Python's.
    if type(values) is np.ndarray:
        kind = values.dtype
        if values.size and (kind in _COMPUTABLE if dtype is None else kind == dtype):
            if shape is None or values.shape == shape:
                return values
            if values.ndim == len(shape):
                for length, wanted in zip(values.shape, shape, strict=True):
                    if length != wanted and not isinstance(wanted, str):
                        break
                else:
                    return values
    array = number_array(values, owner, what)
    if shape is not None and not _fits(array.shape, shape):
        advice = f"; {hint}" if hint and array.ndim > len(shape) else advice
        raise ValueError(f"{_name(owner)}: expected {what} {shape_text(shape)}, got {shape_text(array.shape)}{advice}")
    if array.size == 0:
        raise ValueError(
            f"{_name(owner)}: expected {what} with at least one element, got the empty shape {array.shape}"
        )
    # What is too large becomes infinite, and whoever looks for numbers that aren't finite names it.
    return ignoring_range(array.astype, floating_dtype(array.dtype) if dtype is None else dtype, copy=False)


def require_finite(array: np.ndarray, owner: object, what: str) -> None:
    """Raise NonFiniteError, with the first position, where the array holds NaN or infinity.

    Where a network runs the pass, it looks itself, once for all layers.
    """
    if running_network() is None:
        refuse_what_is_not_finite(array, owner, what)


def refuse_what_is_not_finite(array: np.ndarray, owner: object, what: str) -> None:
    """The same, whoever runs the pass.

    >>> refuse_what_is_not_finite(np.array([1.0, np.inf]), "Camera", "exposures")
    Traceback (most recent call last):
        ...
    Foundation.Checks.NonFiniteError: Camera: expected exposures of finite numbers, got inf at (1,)
    """
    if not is_finite(array):
        position = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise NonFiniteError(f"{_name(owner)}: expected {what} of finite numbers, got {array[position]} at {position}")


def is_finite(array: np.ndarray) -> bool:
    """Whether no element is NaN or infinite."""
    # Whatever holds NaN or infinity has no finite sum, and no finite sum of squares; only numbers near the largest, or
    # those whose squares are, may have none either. In an array without gaps, none of these needs memory, tells NumPy's
    # errors, or wakes the threads of the matrix library, which would wait actively for more work and be in the way of
    # what comes next. The squares take a third of the time, as long as the library leaves them to one thread.
    flat = array.ravel(order="K")
    if math.isfinite(vdot(flat, flat) if flat.size <= ON_ONE_THREAD else np.einsum("i->", flat)):
        return True
    return math.isfinite(flat.max()) and math.isfinite(flat.min())


def squares_are_finite(array: np.ndarray) -> bool:
    """Whether the sum of the squares is a number, as it is unless an element isn't or is enormous.

    It tells nothing of NumPy's errors. The matrix library may take its threads to it, which the products before a step
    have woken; who comes from elsewhere leaves them asleep by `on_the_calling_thread`.

    >>> squares_are_finite(np.ones(2)), squares_are_finite(np.array([1e30], "float32"))
    (True, False)
    """
    if array.size <= ON_ONE_THREAD:
        return math.isfinite(vdot(array, array))
    flat = array.ravel(order="K")
    return math.isfinite(compute_undivided(vdot, flat, flat))


def are_numbers(array: Any) -> bool:
    """Whether this is an array of float32 or float64.

    >>> are_numbers(np.ones(1)), are_numbers(None)
    (True, False)
    """
    return isinstance(array, np.ndarray) and array.dtype in _COMPUTABLE


def positive_integer(value: Any, owner: object, name: str, least: int = 1) -> int:
    """`value` as an int of at least 1, or `least`; a NumPy integer is one too.

    Sizes may be multiplied, so that 2⁴⁰ is the most.
    """
    size = integer(value, owner, name, least)
    if size > _LARGEST_SIZE:
        raise ValueError(f"{_name(owner)}: expected {name} to be at most {_LARGEST_SIZE:,}, got {_shortened(size)}")
    return size


def positive_integers(values: Any, owner: object, name: str, least: int = 1) -> tuple[int, ...]:
    """`values` as a tuple of ints of at least 1, or `least`, from any sequence of them."""
    if isinstance(values, str) or not hasattr(values, "__len__"):
        raise TypeError(f"{_name(owner)}: expected {name} to be a sequence of whole numbers, got {values!r}")
    return tuple(positive_integer(value, owner, name, least) for value in values)


def per_axis(values: Any, axes: int, owner: object, name: str, least: int = 1) -> tuple[int, ...]:
    """An int of at least 1, or `least`, for each spatial axis; one alone, as a number or in a sequence, is for all.

    >>> per_axis(2, 2, "Pooling", "stride_shape"), per_axis([3], 1, "Conv", "stride_shape")
    ((2, 2), (3,))
    """
    numbers_given = positive_integers(values if hasattr(values, "__len__") else (values,), owner, name, least)
    if len(numbers_given) not in (1, axes):
        raise ValueError(f"{_name(owner)}: expected {name} to be one number or {axes}, got {numbers_given}")
    return numbers_given if len(numbers_given) == axes else numbers_given * axes


def integer(value: Any, owner: object, name: str, least: int | None = None) -> int:
    """`value` as an int of at least `least`; raises TypeError for a fraction, a word or a truth value.

    >>> integer(0, "Camera", "exposures", least=1)
    Traceback (most recent call last):
        ...
    ValueError: Camera: expected exposures to be at least 1, got 0
    """
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{_name(owner)}: expected {name} to be a whole number, got {_described(value)}") from None
    if least is not None and number < least:
        raise ValueError(f"{_name(owner)}: expected {name} to be at least {least}, got {number}")
    return number


def number(
    value: Any, owner: object, name: str, least: float = -math.inf, below: float = math.inf, hint: str = ""
) -> float:
    """`value` as a finite float with `least` ≤ value < `below`; `hint` ends the message where it isn't one."""
    advice = f"; {hint}" if hint else ""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{_name(owner)}: expected {name} to be a number, got {_described(value)}{advice}")
    try:
        converted = float(value)
    except OverflowError:  # of a whole number that is larger than all floats
        converted = math.inf
    if not (math.isfinite(converted) and least <= converted < below):
        wanted = [f"at least {least:g}"] * (least > -math.inf) + [f"below {below:g}"] * (below < math.inf)
        raise ValueError(
            f"{_name(owner)}: expected {name} to be finite{''.join(f', {w}' for w in wanted)}, got {_shortened(value)}"
            f"{advice}"
        )
    return converted


def one_number(value: Any, owner: object, what: str) -> float:
    """What somebody else has computed, as a float, NaN and infinity too; raises TypeError for no number, or several.

    >>> one_number(np.ones(()), "MyLoss()", "what forward returns")
    1.0
    >>> one_number([1.0, 2.0], "MyLoss()", "what forward returns")
    Traceback (most recent call last):
    TypeError: MyLoss(): expected what forward returns to be a number, got shape (2,); sum over it?
    """
    if type(value) is float:
        return value
    if axes := np.shape(value):
        raise TypeError(f"{_name(owner)}: expected {what} to be a number, got shape {shape_text(axes)}; sum over it?")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{_name(owner)}: expected {what} to be a number, got {_described(value)}") from None


def share(value: Any, owner: object, name: str, of_what: str) -> float:
    """`value` as a float with 0 < `value` ≤ 1.

    >>> share(1, "Sieve", "mesh", "the share that stays")
    1.0
    """
    converted = number(value, owner, name, least=0)
    if not 0 < converted <= 1:
        raise ValueError(f"{_name(owner)}: expected {name}, {of_what}, above 0 and at most 1, got {value!r}")
    return converted


def truth(value: Any, owner: object, name: str) -> bool:
    """`value` as a bool; 0 and 1 are one too, other numbers, such as degrees, are not.

    >>> truth(1, "Camera", "flash")
    True
    """
    if not isinstance(value, bool | np.bool_ | int | np.integer) or value not in (0, 1):
        raise TypeError(f"{_name(owner)}: expected {name} to be True or False, got {_described(value)}")
    return bool(value)


def one_of(value: Any, owner: object, name: str, choices: Collection[str]) -> str:
    """`value`, one of several words; raises TypeError for what is no word, ValueError for another one.

    >>> one_of("wide", "Camera", "lens", ["wide", "long"])
    'wide'
    """
    if isinstance(value, str) and value in choices:
        return value
    kind = ValueError if isinstance(value, str) else TypeError
    raise kind(f"{_name(owner)}: expected {name} to be one of {', '.join(map(repr, choices))}, got {_shortened(value)}")


def options(given: Collection[str], owner: object, known: Collection[str]) -> None:
    """Refuse an option that there isn't, with its name and that of the one that may be meant.

    >>> options(["shuffle"], "ImageGenerator", ("shuffle", "rotation"))
    """
    for name in given:
        if name not in known:
            import difflib

            similar = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {similar[0]!r}?" if similar else f"there are {', '.join(known)}"
            raise TypeError(f"{_name(owner)}: expected options that there are, got {name!r}; {meant}")


def path(value: Any, owner: object, name: str) -> str | os.PathLike[str]:
    """`value`, the path of a file or folder, which need not exist, as it is.

    >>> path(3, "Camera", "film")
    Traceback (most recent call last):
        ...
    TypeError: Camera: expected film to be a path, got 3 of type int; pass a string or a pathlib.Path
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(
            f"{_name(owner)}: expected {name} to be a path, got {_described(value)}; pass a string or a pathlib.Path"
        )
    return value


def methods(thing: Any, owner: object, what: str, example: str, *signatures: str) -> None:
    """Raise TypeError where a thing lacks one of the methods, each written with its arguments, or is a class."""
    for signature in signatures:
        if isinstance(thing, type) or not callable(getattr(thing, signature.split("(")[0], None)):
            raise TypeError(f"{_name(owner)}: expected {what} with {signature}, for example {example}, got {thing!r}")


def shape_text(shape: Shape) -> str:
    """A shape as it is written in messages: `(batch, 784)`."""
    return f"({', '.join(str(length) for length in shape)}{',' if len(shape) == 1 else ''})"


def _name(owner: object) -> str:
    return owner if isinstance(owner, str) else repr(owner)


def _described(value: Any) -> str:
    return f"{_shortened(value)} of type {type(value).__name__}"


def _shortened(value: Any) -> str:
    """The value as it is written, cut where it is long, before all of it is written."""
    brief = reprlib.Repr()
    brief.maxlist = brief.maxtuple = brief.maxset = brief.maxfrozenset = brief.maxdict = 20
    brief.maxstring = brief.maxlong = brief.maxother = 200
    return brief.repr(value)


def _fits(shape: tuple[int, ...], expected: Shape) -> bool:
    if len(shape) != len(expected):
        return False
    for length, wanted in zip(shape, expected, strict=True):
        if length != wanted and not isinstance(wanted, str):
            return False
    return True
