"""Going through a large array in pieces that fit the processor's cache, on all of its cores.

Three operations on a whole array of many megabytes read and write it three times. The same three on one
piece after the other find the piece still in the cache the second and third time. NumPy lets go of the
interpreter lock while it computes, so that threads can share the pieces.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from Foundation import NumPySettings
from Foundation.Moves import Calls, run
from Foundation.Parallel import share, thread_count

#: Bytes of an array that is divided, and of a piece at most: large enough for threads not to wait for each other's
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
    alone, so that neither does a result on the number of threads. An array no larger than a piece is taken as a
    whole, by the calling thread.

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
    parts = _parts(array)
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


class MoveInPieces:
    """Changes a large array, and others with it, piece by piece, each piece once.

    So it is however often the calling thread is interrupted meanwhile: what was interrupted is raised at the end. All
    memory that it takes is there when it has been made, before anything changes.

    Args:
        calls: gives for some of the rows, and memory to compute in, the calls that change them: see `Foundation.Moves`.
        scratch: makes such memory for as many rows as an array has.
        array: the array that tells how many pieces there are.
    """

    def __init__(self, calls: Callable[[slice, Any], Calls], scratch: Callable[[Any], Any], array: np.ndarray) -> None:
        self._calls, self._scratch = calls, scratch
        parts = _parts(array)
        self._first = array[parts[0]]
        self._memories: Sequence[Any] = [scratch(self._first) for _ in range(min(thread_count(), len(parts)))]
        self._left = len(parts)
        self._todo = iter(parts)  # whoever takes the next piece from it is the only one who has it
        self._again: list[slice] = []
        self._done: list[slice] = []
        self._failed: list[slice] = []
        self._errors: list[BaseException] = []

    def moves(self) -> Calls:
        """The call that does it, several times: one that an interrupt has kept from beginning is made up for."""
        return [(self.finish,)] * 4

    def finish(self) -> None:
        """Do what is left to do."""
        while len(self._done) + len(self._failed) < self._left:
            try:
                memories, self._memories = self._memories, ()
                if memories:
                    share(self._work, memories)
                else:  # an interrupt has come
                    self._work(self._scratch(self._first))
                    self._todo, self._again = iter(self._again), []
                    time.sleep(0)  # others, for whom an interrupted `share` hasn't waited, may still be at work
            except BaseException as error:
                self._errors.append(error)
        errors, self._errors = self._errors, []
        if errors:
            raise errors[0]

    def _work(self, memory: Any) -> None:
        for part in self._todo:
            try:
                run([*self._calls(part, memory), (self._done.append, part)])
            except BaseException as error:
                self._errors.append(error)
                if part not in self._done:
                    (self._failed if isinstance(error, Exception) else self._again).append(part)


def _parts(array: np.ndarray) -> list[slice]:
    """Slices of the first axis, of `LARGE` bytes at most; all are alike but the last, which may be shorter."""
    step = -(-len(array) // -(-array.nbytes // LARGE))
    return [slice(start, start + step) for start in range(0, len(array), step)]
