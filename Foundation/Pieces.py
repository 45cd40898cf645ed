"""Going through a large array in pieces that fit the processor's cache, on all of its cores.

Three operations on a whole array of many megabytes read and write it three times. The same three on one
piece after the other find the piece still in the cache the second and third time. NumPy lets go of the
interpreter lock while it computes, so that threads can share the pieces.
"""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from operator import setitem
from typing import Any, NamedTuple, TypeVar

import numpy as np

from Foundation import Checks, NumPySettings
from Foundation.MatrixLibrary import divides_products, on_the_calling_thread
from Foundation.Moves import Calls, run
from Foundation.NumPySettings import ignoring_errors
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


class Change(NamedTuple):
    """A change of a large array that may be made to one piece after the other.

    Args:
        calls: gives for some of the rows, and memory to compute in where that is needed, the calls that change them:
            see `Foundation.Moves`.
        array: the array that tells how many pieces there are.
        scratch: makes such memory for as many rows as an array has.
        divides_itself: whether the calls are the matrix library's, which takes its threads to them if it may.
    """

    calls: Callable[..., Calls]
    array: np.ndarray
    scratch: Callable[[np.ndarray], Any] | None = None
    divides_itself: bool = False

    def make(self) -> None:
        """Make it, alone."""
        MoveInPieces([self]).finish()


def in_turn(*change: Any, **options: Any) -> Any:
    """A call that makes a `Change`; `together` has neighbours among such calls share their pieces."""
    return Change.make, Change(*change, **options)


def together(calls: Calls) -> Calls:
    """The same calls, ready to be made: what changes large arrays, one after the other, does it piece by piece.

    All memory that it takes is there then, and no interrupt leaves part of it undone.

    >>> velocity, weights = np.ones((2, 600_000))
    >>> calls = [(np.multiply, velocity, 0.5, velocity), (np.add, weights, velocity, weights)]
    >>> run(together(calls))
    >>> weights[[0, -1]]
    array([1.5, 1.5])
    """
    found: Calls = []
    waiting: list[Change] = []
    for one in calls:
        change = _change(one)
        if waiting and (change is None or not _have_the_same_pieces(change, waiting[0])):
            found += _made(waiting)
            waiting = []
        if change is None:
            found.append(one)
        else:
            waiting.append(change)
    return [*found, *_made(waiting)] if waiting else found


def _made(changes: Sequence[Change]) -> Calls:
    first, *others = changes
    if first.divides_itself and not others and divides_products():
        return first.calls(slice(0, len(first.array)))
    return MoveInPieces(changes).moves()


def _have_the_same_pieces(one: Change, other: Change) -> bool:
    return one.array.shape == other.array.shape and one.array.itemsize == other.array.itemsize


def _change(one: tuple[Any, ...]) -> Change | None:
    """What a call changes piece by piece; None where it is none that does."""
    function, *arguments = one
    if function is Change.make:
        return arguments[0]
    if isinstance(function, np.ufunc) or (function is setitem and arguments[1] is ...):
        vectors = as_vectors(arguments)
        arrays = [one for one in vectors or () if isinstance(one, np.ndarray)]
        if arrays and arrays[0].nbytes > LARGE:
            return Change(partial(_calls_for_piece, function, vectors), arrays[0])
    return None


def _calls_for_piece(function: Callable[..., Any], vectors: Any, part: slice) -> Calls:
    return [(function, *(one[part] if isinstance(one, np.ndarray) else one for one in vectors))]


def moved_copy(moves: Callable[..., Calls], array: np.ndarray, along: np.ndarray) -> np.ndarray | None:
    """A copy of an array on whose pieces the calls of `moves(piece, piece of another)` have been made.

    None where it isn't finite then, or so large that it takes longer to know; and unless both lie row by row.

    >>> moved_copy(lambda array, other: [(np.add, array, other, array)], np.ones(2), np.array([1.0, 2.0]))
    array([2., 3.])
    """
    vectors = as_vectors((array, along))
    if vectors is None:
        return None
    before, others = vectors
    result = np.empty_like(before)

    def move(part: slice) -> bool:
        piece = result[part]
        piece[...] = before[part]
        run(moves(piece, others[part]))
        return math.isfinite(Checks.vdot(piece, piece))

    finite = on_the_calling_thread(ignoring_errors, in_pieces, move, result)
    return result.reshape(array.shape) if all(finite) else None


def as_vectors(arguments: Sequence[Any]) -> list[Any] | None:
    """The same with vectors in the place of arrays; None unless these have one shape and lie row by row, without gaps.

    >>> as_vectors([np.ones((1, 2)), 3])
    [array([1., 1.]), 3]
    """
    found, shape = [], None
    for one in arguments:
        if isinstance(one, np.ndarray):
            if one.shape != shape is not None or not one.flags.c_contiguous:
                return None
            shape = one.shape
            one = one.reshape(-1)
        found.append(one)
    return found


class MoveInPieces:
    """Changes a large array, and others with it, piece by piece, each piece once.

    So it is however often the calling thread is interrupted meanwhile: what was interrupted is raised at the end. All
    memory that it takes is there when it has been made, before anything changes.

    Args:
        changes: what is done to each piece, one after the other; all have the same pieces.
    """

    def __init__(self, changes: Sequence[Change]) -> None:
        parts = _parts(changes[0].array)
        self._changes, self._first = changes, parts[0]
        self._memories: Sequence[Any] = [self._memory() for _ in range(min(thread_count(), len(parts)))]
        self._left = len(parts)
        self._todo = iter(parts)  # whoever takes the next piece from it is the only one who has it
        self._again: list[slice] = []
        self._done: list[slice] = []
        self._failed: list[slice] = []
        self._errors: list[BaseException] = []

    def moves(self) -> Calls:
        """The call that does it, several times: one that an interrupt has kept from beginning is made up for."""
        return [(self.finish,)] * 4

    def _memory(self) -> list[Any]:
        return [() if one.scratch is None else (one.scratch(one.array[self._first]),) for one in self._changes]

    def finish(self) -> None:
        """Do what is left to do."""
        while len(self._done) + len(self._failed) < self._left:
            try:
                memories, self._memories = self._memories, ()
                if memories:
                    on_the_calling_thread(share, self._work, memories)
                else:  # an interrupt has come
                    self._work(self._memory())
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
                calls = [one.calls(part, *scratch) for one, scratch in zip(self._changes, memory, strict=True)]
                run([*chain.from_iterable(calls), (self._done.append, part)])
            except BaseException as error:
                self._errors.append(error)
                if part not in self._done:
                    (self._failed if isinstance(error, Exception) else self._again).append(part)


def _parts(array: np.ndarray) -> list[slice]:
    """Slices of the first axis, of `LARGE` bytes at most; all are alike but the last, which may be shorter."""
    length = len(array)
    step = -(-length // -(-array.nbytes // LARGE))
    return [slice(start, min(start + step, length)) for start in range(0, length, step)]
