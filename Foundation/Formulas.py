"""Formulas that go element by element, written as formulas and computed in pieces that fit the cache.

NumPy evaluates `(1 - y * y) * e` operation by operation, each into a new array. On arrays of megabytes most of the
time then goes into memory. So a formula is *recorded* once, by calling it with objects that note what is done to
them, and *replayed* on one piece of the arrays after the other, each operation writing into the memory of the result.
The numbers are those of the plain expression, to the bit.
"""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from operator import setitem
from typing import Any

import numpy as np

from Foundation import Pieces
from Foundation.Moves import Calls, run
from Foundation.Recording import QUICKER_APART, Program, Recording, Value

#: Bytes of an array that is small enough for a formula to be evaluated as it stands: its operations fit the cache
#: anyway, and looking for the recording would take longer. Results that overwrite arguments have to be copied then, and
#: with numbers for whole rows NumPy copies even small arrays.
SMALL = 2**15
OVERWRITTEN = 2**13
FEW_ROWS = 2**12
_FIRST_ONES = {(0,), (0, 1), (0, 1, 2)}


def elementwise(formula: Callable[..., Any], *arguments: Any, into: tuple[int, ...] = (), by_rows: bool = False) -> Any:
    """Compute a formula for each element of arrays.

    Args:
        formula: a function of the arguments alone, made of operators and of NumPy's functions of one or two arrays; it
            returns one result or a tuple of them. Recorded when it comes for the first time with such arguments, so
            that a method, or a function that looks at other variables, is refused.
        arguments: arrays, of which those of the first one's shape go element by element. Others meet it as NumPy has
            it: numbers, and arrays of a number for each channel or, with as many axes, for each row. What NumPy's
            functions make of plain numbers alone stays a plain number, which leaves float32 arrays what they are.
        into: the positions of the arguments that the results overwrite, in their order; empty for new arrays.
        by_rows: whether the arrays are matrices and the formula has numbers for whole rows, as
            `np.maximum.reduce(x, axis=1, keepdims=True)`. Results that aren't small then lie row by row.

    Returns:
        The result, or a tuple of results, in the order of memory of the first argument unless they are small; None
        where they overwrite arguments.

    Raises:
        ValueError, TypeError: for a formula that can't be recorded, and for arrays that don't meet the first.

    >>> elementwise(lambda y, e: (1 - y * y) * e, np.array([0.0, 0.5]), np.array([1.0, 1.0]))
    array([1.  , 0.75])
    >>> velocity, gradient = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    >>> elementwise(lambda v, g, mu, eta: mu * v - eta * g, velocity, gradient, 0.5, 0.1, into=(0,))
    >>> velocity
    array([-0.5, -1. ])
    >>> matrix = np.array([[1.0, 3.0], [2.0, 2.0]])
    >>> elementwise(lambda x: x / np.einsum("ij->i", x)[:, np.newaxis], matrix, by_rows=True)
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    if into:
        return run(moving(formula, *arguments, into=into))
    first = arguments[0]
    if first.nbytes <= (FEW_ROWS if by_rows else SMALL):
        # Which way is taken follows from the arguments alone: the first time gives the same as every other.
        kinds = (getattr(formula, "__code__", formula), *map(type, arguments))
        as_written = _as_written.get(kinds)
        if as_written is None:
            as_written = _as_written[kinds] = _program(formula, arguments, into).gives_what_is_written
        if as_written:
            returned = formula(*arguments)
            several = returned if type(returned) is tuple else (returned,)
            for result in several if len(arguments) > 1 else ():  # whose shapes may meet in a larger one
                if result.shape != first.shape:
                    break
            else:
                return returned
    program = _program(formula, arguments, into)
    results: list[Any] = []
    for dtype in program.results:
        results.append(np.empty(first.shape, dtype) if by_rows else np.empty_like(first, dtype))
    memory = [*arguments, *results, *program.constants]
    if results[0].nbytes > Pieces.LARGE:
        Pieces.in_pieces(partial(program.run_piece, memory), results[0], by_rows or program.meets_rows)
    else:
        program.run(memory)
    return results[0] if len(results) == 1 else tuple(results)


def moving(formula: Callable[..., Any], *arguments: Any, into: tuple[int, ...]) -> Calls:
    """The calls that put a formula's results in the place of arguments, to be made later: see `Foundation.Moves`.

    The arguments are those of `elementwise`. Small arrays have to be then what they are now.

    >>> velocity = np.array([1.0, 2.0])
    >>> calls = moving(lambda v, mu: mu * v, velocity, 0.5, into=(0,))
    >>> run(calls)
    >>> velocity
    array([0.5, 1. ])
    """
    first = arguments[0]
    if first.nbytes <= OVERWRITTEN:
        returned = elementwise(formula, *arguments)
        results = returned if type(returned) is tuple else (returned,)
        places = arguments if into in _FIRST_ONES else [arguments[place] for place in into]
        return [(deque, map(setitem, places, repeat(...), results), 0)]
    if len(set(map(id, arguments))) < len(arguments):
        arguments = _apart(arguments, into)
    if first.nbytes > Pieces.LARGE:
        arguments = tuple(Pieces.as_vectors(arguments) or arguments)
    program = _program(formula, arguments, into)
    memory = [*arguments, *program.constants]
    if first.nbytes <= Pieces.LARGE:
        return program.calls(memory, program.scratch_like(first))
    return [Pieces.in_turn(partial(program.calls_for_piece, memory), arguments[0], program.scratch_like)]


def _program(formula: Callable[..., Any], arguments: Sequence[Any], into: tuple[int, ...]) -> Program:
    """The recording of a formula for such arguments."""
    first = arguments[0]
    shape = first.shape
    kinds: list[Any] = [getattr(formula, "__code__", formula), getattr(formula, "__module__", None), into, len(shape)]
    for argument in arguments:
        kind: Any = type(argument)
        if kind is _ARRAY and argument.shape == shape:
            kinds.append(argument.dtype)
        else:
            kinds.append(kind if kind is float or kind is int else _kind(argument, first))
    program = _programs.get(key := tuple(kinds))
    if program is None:
        program = _programs[key] = Recording(formula, arguments).program(into)
    return program


def at_least(values: Any, bound: float, out: Any = None) -> Any:
    """The maximum of each element and a bound; where nothing is below it, nothing is written in place.

    >>> at_least(np.array([1.0, 0.0]), 0.5)
    array([1. , 0.5])
    """
    if isinstance(values, Value):
        return values.recording.record(at_least, values, bound)
    if out is values and np.minimum.reduce(values, axis=None) >= bound:
        return out
    return np.maximum(values, bound, out=out)


def only_where(mask: Any, values: Any, out: Any = None) -> Any:
    """Each number where a truth value holds, and 0 elsewhere, also where the number is infinite or NaN.

    A product with the mask would be NaN there. That of the number's bits, read as a whole number, is as quick and 0.

    >>> only_where(np.array([True, False]), np.array([2.0, np.inf]))
    array([2., 0.])
    """
    if isinstance(values, Value):
        return values.recording.record(only_where, mask, values)
    if out is None:
        bits = np.int32 if values.itemsize == 4 else np.int64
        result = mask.astype(bits)
        result *= values.view(bits)
        return result.view(values.dtype)
    bits = np.int32 if values.itemsize == 4 else np.int64
    np.multiply(mask, values.view(bits), out=out.view(bits))
    return out


def _only_where_apart(mask: np.ndarray, values: np.ndarray, out: np.ndarray) -> None:
    bits = np.int32 if values.itemsize == 4 else np.int64
    result = out.view(bits)
    result[...] = mask
    np.multiply(result, values.view(bits), out=result)


QUICKER_APART[only_where] = _only_where_apart
#: Whether formulas give, evaluated as they are written, what their recording gives: by code, and types of arguments.
_as_written: dict[tuple, bool] = {}
#: By the formula's code and module, what it overwrites, and the kinds of its arguments.
_programs: dict[tuple, Program] = {}

_ARRAY = np.ndarray


def _kind(argument: Any, first: np.ndarray) -> Any:
    """The type of a number; of an array its type and how it meets the first one: with a row, or as many rows."""
    if not isinstance(argument, np.ndarray):
        return type(argument)
    if argument.ndim < first.ndim or argument.shape == first.shape:
        return argument.dtype, argument.ndim
    if argument.ndim == first.ndim and len(argument) in (1, len(first)):
        return argument.dtype, "row" if len(argument) == 1 else "rows"
    raise ValueError(f"expected arrays that meet the first one, of shape {first.shape}, got {argument.shape}")


def _apart(arguments: Sequence[Any], into: tuple[int, ...]) -> tuple[Any, ...]:
    """The arguments, and copies of those that are also overwritten at another position."""
    overwritten = {id(arguments[place]) for place in into}
    again = [number not in into and id(argument) in overwritten for number, argument in enumerate(arguments)]
    return tuple(argument.copy() if copy else argument for argument, copy in zip(arguments, again, strict=True))
