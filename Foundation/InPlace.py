"""Adding a multiple of one array to another where it lies: what every step of every parameter is.

NumPy takes two passes and an array in between for it, on one core. The matrix library behind NumPy does it in
one pass, on the cores that it has just used for the gradient and in whose caches the halves of the gradient
still are. NumPy doesn't hand the function out, so it is called in the library itself.
"""

import ctypes
import functools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from Foundation import Pieces
from Foundation.MatrixLibrary import ON_ONE_THREAD
from Foundation.Moves import Calls, run

_LARGEST = 2**31 - 1  # numbers, in libraries that count in 32 bits


def add_multiple(target: np.ndarray, factor: float, array: np.ndarray) -> None:
    """Add a multiple of an array to another: target += factor · array.

    Both have the same shape and are not parts of one array. `target` is changed; it keeps its type.

    Source: C. L. Lawson et al., "Basic linear algebra subprograms for Fortran usage", ACM Transactions on
    Mathematical Software 5 (1979), where the function is called axpy.

    >>> sums = np.array([1.0, 2.0])
    >>> add_multiple(sums, 10, np.array([3.0, 4.0]))
    >>> sums
    array([31., 42.])
    """
    run(adding(target, factor, array))


def adding(target: np.ndarray, factor: float, array: np.ndarray) -> Calls:
    """The calls that add a multiple of an array to another, to be made later: see `Foundation.Moves`.

    The array has to be then what it is now, unless the factor is 1.

    >>> sums = np.array([1.0, 2.0])
    >>> calls = adding(sums, 10, np.array([3.0, 4.0]))
    >>> run(calls)
    >>> sums
    array([31., 42.])
    """
    if target.size >= ON_ONE_THREAD:
        # The library doesn't look at 0 times infinity.
        large = target.size <= _LARGEST and target.dtype.type(factor) != 0
        axpy = _axpy(target.dtype.str) if large and _lie_alike(target, array) else None
        if axpy is not None:
            return _adding_at_once(axpy, target, factor, array)
    return [(np.add, target, array if factor == 1 else factor * array, target)]


def _adding_at_once(axpy: Callable[..., Any], target: np.ndarray, factor: float, array: np.ndarray) -> Calls:
    places = array.ctypes.data, target.ctypes.data
    if target.nbytes > Pieces.LARGE and target.flags.c_contiguous:
        whole = target.reshape(-1)
        calls = partial(_calls, axpy, factor, array, *places, whole.itemsize)
        return [Pieces.in_turn(calls, whole, divides_itself=True)]
    return _calls(axpy, factor, array, *places, target.itemsize, slice(0, target.size))


def _calls(
    axpy: Callable[..., Any], factor: float, array: np.ndarray, source: int, place: int, item: int, part: slice
) -> Calls:
    # The last call does nothing: it keeps the array, of which the library is told the address alone.
    start = part.start * item
    return [(axpy, part.stop - part.start, factor, source + start, 1, place + start, 1), (id, array)]


def _lie_alike(target: np.ndarray, array: np.ndarray) -> bool:
    """Whether both are numbers of one type in one order, without gaps, the first one free to be changed."""
    flags = target.flags
    whole = (flags.c_contiguous or flags.f_contiguous) and flags.writeable and flags.aligned and array.flags.aligned
    return whole and (target.dtype, target.shape, target.strides) == (array.dtype, array.shape, array.strides)


@functools.cache
def _axpy(dtype: str) -> Callable[..., Any] | None:
    """The library's function for a type of number; None where NumPy has another library, or the type another size."""
    from threadpoolctl import threadpool_info

    number = {np.dtype(np.float32).str: ("s", ctypes.c_float), np.dtype(np.float64).str: ("d", ctypes.c_double)}
    files = [Path(library["filepath"]) for library in threadpool_info() if library["internal_api"] == "openblas"]
    numpys = [file for file in files if any(part.startswith("numpy") for part in file.parts[-3:-1])]
    if dtype not in number or len(numpys or files) != 1:
        return None
    library = ctypes.CDLL(str((numpys or files)[0]))
    letter, real = number[dtype]
    # How the libraries in NumPy's own packages name it, from version to version, and how others do.
    for name, integer in (
        (f"scipy_cblas_{letter}axpy64_", ctypes.c_int64),
        (f"cblas_{letter}axpy64_", ctypes.c_int64),
        (f"scipy_cblas_{letter}axpy", ctypes.c_int32),
        (f"cblas_{letter}axpy", ctypes.c_int32),
    ):
        function = getattr(library, name, None)
        if function is not None:
            function.argtypes = [integer, real, ctypes.c_void_p, integer, ctypes.c_void_p, integer]
            function.restype = None
            return function
    return None
