"""Going through a large array in pieces that fit the processor's cache, on all of its cores.

Three operations on a whole array of many megabytes read and write it three times. The same three on one
piece after the other find the piece still in the cache the second and third time. NumPy lets go of the
interpreter lock while it computes, so that threads can share the pieces.
"""

import os
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from Foundation.Parallel import WORTH_A_THREAD, over_batch

#: Large enough for threads not to wait for each other's turn with the interpreter, small enough for the cache.
_PIECE_BYTES = 2**20

Result = TypeVar("Result")


def in_pieces(work: Callable[[slice], Result], array: np.ndarray) -> list[Result]:
    """Call `work` with one slice of the array's first axis after the other; give its results in this order.

    `work` may write into arrays that its caller has made, where the slice says. What it does to one piece
    must not depend on another: several are worked on at a time. The pieces depend on the array's shape
    alone, so that neither does a result on the number of threads. An array that is hardly larger than a
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
    parts = [slice(start, start + step) for start in range(0, len(array), step)]
    left = iter(range(len(parts)))
    results: dict[int, Result] = {}

    def run(_: list[slice]) -> None:
        for index in left:  # each thread takes the next piece when it is done with one
            results[index] = work(parts[index])

    over_batch(run, min(os.cpu_count() or 1, len(parts)), 1, WORTH_A_THREAD)
    return [results[index] for index in range(len(parts))]
