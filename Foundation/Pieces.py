"""Going through a large array in pieces that fit the processor's cache, on all of its cores.

Three operations on a whole array of many megabytes read and write it three times. The same three on one
piece after the other find the piece still in the cache the second and third time. NumPy lets go of the
interpreter lock while it computes, so that threads can share the pieces.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from Foundation.Parallel import WORTH_A_THREAD, over_batch

#: Large enough for NumPy's overhead not to count, small enough for three arrays to share a cache of 2 MB.
_PIECE_BYTES = 2**19

Result = TypeVar("Result")


def in_pieces(work: Callable[[slice], Result], array: np.ndarray) -> list[Result]:
    """Call `work` with one slice of the array's first axis after the other; give its results in this order.

    `work` may write into arrays that its caller has made, where the slice says. What it does to one piece
    must not depend on another: several are worked on at a time. An array that is hardly larger than a
    piece is taken as a whole, by the calling thread.

    >>> squares = np.empty(4)
    >>> numbers = np.arange(4.0)
    >>> def square(part):
    ...     np.square(numbers[part], out=squares[part])
    >>> in_pieces(square, numbers)
    [None]
    >>> squares
    array([0., 1., 4., 9.])
    """
    if array.nbytes <= 2 * _PIECE_BYTES:
        return [work(slice(0, len(array)))]
    step = max(1, len(array) * _PIECE_BYTES // array.nbytes)

    def run(parts: list[slice]) -> list[Result]:
        return [work(part) for part in parts]

    return [result for share in over_batch(run, len(array), step, WORTH_A_THREAD) for result in share]
