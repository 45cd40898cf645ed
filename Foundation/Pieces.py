"""Going through a large array in pieces that fit the processor's cache, on all of its cores.

Three operations on a whole array of many megabytes read and write it three times. The same three on one
piece after the other find the piece still in the cache the second and third time. NumPy lets go of the
interpreter lock while it computes, so that threads can share the pieces.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from Foundation import NumPySettings
from Foundation.Parallel import share

#: Bytes of an array that is divided, into pieces of half as many: large enough for threads not to wait for each other's
#: turn with the interpreter, small enough for the cache.
LARGE = 2**21
_BLOCK_BYTES = 2**20  # half of a core's second-level cache

Result = TypeVar("Result")


def block_size(item_bytes: int) -> int:
    """How many items to take at a time, where each needs so many bytes, so that they stay in the cache.

    >>> block_size(300_000)
    3
    """
    return max(1, _BLOCK_BYTES // item_bytes)


def in_pieces(work: Callable[[slice], Result], array: np.ndarray, long_rows: bool = False) -> list[Result]:
    """Call `work` with one slice of the array's first axis after the other; give its results in this order.

    `work` may write into arrays that its caller has made, where the slice says. What it does to one piece
    must not depend on another: several are worked on at a time. The pieces depend on the array's shape
    alone, so that neither does a result on the number of threads. An array that is hardly larger than a
    piece is taken as a whole, by the calling thread.

    `long_rows=True` says that `work` has operations with one number for each row, as `x - x.max(axis=1,
    keepdims=True)`, and none that changes types.

    >>> squares = np.empty(4)
    >>> numbers = np.arange(4.0)
    >>> def square(part):
    ...     np.square(numbers[part], out=squares[part])
    >>> in_pieces(square, numbers)
    [None]
    >>> squares
    array([0., 1., 4., 9.])
    """
    if array.nbytes <= LARGE:
        return [work(slice(0, len(array)))]
    step = max(1, len(array) * (LARGE // 2) // array.nbytes)
    parts = [slice(start, start + step) for start in range(0, len(array), step)]
    if not long_rows:
        return share(work, parts)
    # Where a single number meets a row, NumPy gathers as many rows as its buffer holds, 8,192 numbers, by copying
    # both operands. Rows as long as the buffer it takes where they lie, in half to a third of the time.
    settings = NumPySettings.current()
    try:
        np.setbufsize(512)
        return share(work, parts)
    finally:
        NumPySettings.put_back(settings)
