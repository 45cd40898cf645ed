"""Going through a large array in pieces that fit the processor's cache, on all of its cores.

Three operations on a whole array of many megabytes read and write it three times. The same three on one
piece after the other find the piece still in the cache the second and third time. NumPy lets go of the
interpreter lock while it computes, so that threads can share the pieces.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import numpy as np

#: Large enough for NumPy's overhead not to count, small enough for three arrays to share a cache of 2 MB.
_PIECE_BYTES = 2**19


Result = TypeVar("Result")


def in_pieces(work: Callable[[slice], Result], array: np.ndarray) -> list[Result]:
    """Call `work` with one slice of the array's first axis after the other; give its results in this order.

    `work` may write into arrays that its caller has made, where the slice says. What it does to one piece
    must not depend on another: several are worked on at a time. The pieces themselves depend on the
    array's shape alone, so that neither do results on the number of threads. An array that is hardly larger
    than a piece is taken as a whole, by the calling thread.

    >>> squares = np.empty(4)
    >>> numbers = np.arange(4.0)
    >>> def square(part):
    ...     np.square(numbers[part], out=squares[part])
    >>> in_pieces(square, numbers)
    [None]
    >>> squares
    array([0., 1., 4., 9.])
    """
    length = len(array)
    if array.nbytes <= 2 * _PIECE_BYTES or length == 1:
        return [work(slice(0, length))]
    step = max(1, length * _PIECE_BYTES // array.nbytes)
    parts = [slice(start, start + step) for start in range(0, length, step)]
    settings = np.geterr()  # every thread has its own

    def run(share: list[slice]) -> list[Result]:
        with np.errstate(**settings):
            return [work(part) for part in share]

    threads = min(_cores(), len(parts))
    shares = [parts[len(parts) * k // threads : len(parts) * (k + 1) // threads] for k in range(threads)]
    others = [_pool(os.getpid()).submit(run, share) for share in shares[1:]]
    results = run(shares[0])
    for other in others:
        results += other.result()
    return results


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    """The threads beside the calling one; a forked process has none of its parent's and makes its own."""
    return ThreadPoolExecutor(max(1, _cores() - 1), thread_name_prefix="pieces")


@lru_cache(maxsize=1)
def _cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
