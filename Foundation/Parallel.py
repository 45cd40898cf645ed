"""How layers use the processor's cores: each thread takes a part of the batch.

NumPy's matrix library, usually OpenBLAS, has threads of its own. A layer that copies about as long as it
multiplies gains little from them: the copies stay on one core, and half of what they wrote then crosses
to the other core's cache. So here each thread takes its images through all steps of a layer.

Two kinds of threads don't mix: after a product on its own threads the library lets them wait actively
for the next one, for some 25 ms, and they take the cores from all others. So while the batch is divided,
the matrix library computes on the thread that calls it.

How many threads there are is decided in one place, `thread_count`.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from contextvars import copy_context
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np

from Foundation import Checks, Forks, MatrixLibrary
from Foundation.Forks import compute_undivided
from Foundation.MatrixLibrary import on_the_calling_thread
from Foundation.Threads import started

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_A_THREAD = 2**22  # multiply-adds; fewer are done before another thread has woken up
_AWAKE = 1e-4  # seconds that the caller waits for others without going to sleep: waking up takes some of them


def thread_count() -> int:
    """How many threads compute at a time, the calling one among them.

    As many as the process may use processors (its affinity; from Python 3.13 on `os.process_cpu_count`, which the
    environment variable PYTHON_CPU_COUNT sets), fewer where the environment variable OMP_NUM_THREADS, which the
    libraries below NumPy obey too, or `use_threads` says so. It is looked up at every call.
    """
    processors = os.process_cpu_count() or 1 if hasattr(os, "process_cpu_count") else len(cores())
    most = _wishes[-1].most if _wishes else None
    count = processors if most is None else min(processors, most)
    words = os.environ.get("OMP_NUM_THREADS", "")
    if words:
        with suppress(ValueError):  # what isn't a number says nothing; of a list, the first counts here
            wanted = int(words.split(",")[0])
            count = min(count, wanted) if wanted > 0 else count
    return count


def cores() -> list[int]:
    """The numbers of the processors that this process may use: others may have the same, or other ones."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def use_threads(count: int | None) -> AbstractContextManager[object]:
    """Compute on at most so many threads from the next call on, or only within a `with` block.

    It holds for the whole process, its matrix library included.

    Args:
        count: at least 1; more than `thread_count` would say by itself change nothing. None takes the limit away.

    Raises:
        TypeError, ValueError: where count is no such number.

    >>> with use_threads(1):
    ...     thread_count()
    1
    """
    most = None if count is None else Checks.integer(count, "use_threads", "count", least=1)
    wish = _Wish(most)
    try:
        _wishes.append(wish)
        _allow()
    except BaseException:  # Ctrl-C among them
        wish.withdraw()
        raise
    return wish


class _Wish:
    """What somebody has said by `use_threads`; the latest one that nobody has withdrawn counts."""

    def __init__(self, most: int | None) -> None:
        self.most = most

    def withdraw(self) -> None:
        if self in _wishes:
            _wishes.remove(self)
        _allow()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        try:
            self.withdraw()
        except BaseException:
            self.withdraw()
            raise


_wishes: list[_Wish] = []


def _allow() -> None:
    limited = bool(_wishes) and _wishes[-1].most is not None
    MatrixLibrary.allow(thread_count() if limited else None)


def share(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call `work` with every item, on `thread_count` threads, and give the results in the order of the items.

    Each thread takes the next item when it is done with one. The calling thread begins at once, and waits
    at the end only for items that another has begun: a thread that wakes up late delays nothing, nor does it keep
    what it would have worked on.

    An error is raised when all items are done, so that no thread is still writing when this call ends.

    >>> share(abs, [1, -2, 3])
    [1, 2, 3]
    """
    remaining = iter(range(len(items)))
    shared = {"work": (work, items)}
    helpers_done: SimpleQueue[None] = SimpleQueue()  # an entry for each that found nothing left to do
    results: dict[int, Any] = {}
    errors: list[BaseException] = []

    def take() -> None:
        for index in remaining:
            try:
                function, taken = shared["work"]
                results[index] = function(taken[index])
            except BaseException as error:
                results[index] = None  # first, so that nobody waits for it whatever comes
                errors.append(error)

    def help_out() -> None:
        try:
            take()
        finally:
            helpers_done.put(None)

    asked = False
    while True:
        try:
            if not asked:
                asked = True
                for _ in range(_helpers.up_to(min(thread_count(), len(items)) - 1)):
                    # NumPy's error handling and buffer size go along with the caller's context.
                    _helpers.tasks.put(partial(copy_context().run, compute_undivided, help_out))
            take()
            latest = time.perf_counter() + _AWAKE
            while len(results) < len(items):
                if time.perf_counter() < latest:
                    time.sleep(0)  # lets others have the interpreter
                else:
                    helpers_done.get()
            break
        except BaseException as error:
            if isinstance(error, Exception):  # there is no going on
                results |= dict.fromkeys(remaining)
            errors.append(error)
    found, first = [results[index] for index in range(len(items))], errors[:1]
    for known in (shared, results, errors):
        known.clear()
    if first:
        raise first[0]
    return found


def over_batch(work: Callable[[slice], Result], batch_size: int, block_size: int, multiply_adds: int) -> list[Result]:
    """Call `work` with one block of the batch after the other, `block_size` images at most.

    The result is the list of what the calls returned, in the order of the batch. Where the work is worth a
    thread, all threads have the same number of blocks to do, and two at least: one that wakes up late then
    leaves the others some of its blocks. The division depends on the arguments and on `thread_count` alone.
    """
    threads = thread_count() if multiply_adds >= WORTH_A_THREAD else 1
    least = max(-(-batch_size // block_size), 2 * threads if threads > 1 else 1)
    count = min(batch_size, -(-least // threads) * threads)
    bounds = [batch_size * i // count for i in range(count + 1)]
    parts = [slice(start, stop) for start, stop in pairwise(bounds)]
    return compute_undivided(on_the_calling_thread, share if threads > 1 else _one_by_one, work, parts)


def _one_by_one(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [work(item) for item in items]


def add_up(results: Sequence[np.ndarray]) -> np.ndarray:
    """The sum of arrays in their order, without another array: the first one is changed and holds it.

    >>> add_up([np.array([1, 2]), np.array([10, 20]), np.array([100, 200])])
    array([111, 222])
    """
    total = results[0]
    for result in results[1:]:
        total += result
    return total


def blocks(part: slice, block_size: int) -> Iterator[slice]:
    """The slices of at most `block_size` that make up a slice.

    >>> list(blocks(slice(2, 7), 3))
    [slice(2, 5, None), slice(5, 7, None)]
    """
    for start in range(part.start, part.stop, block_size):
        yield slice(start, min(start + block_size, part.stop))


class _Helpers:
    """The threads beside the calling one, and the queue that they take their work from.

    A bare queue, since a thread pool's futures take longer than the work that is shared here often does.
    """

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Without threads: those of the process from which this one was forked are not here."""
        self.tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def up_to(self, count: int) -> int:
        """How many there are of `count`; those that are missing are started, if the system lets us."""
        if len(self._threads) < count:
            with self._lock:
                while len(self._threads) < count and self._one_more():
                    pass
        return min(len(self._threads), count)

    def _one_more(self) -> bool:
        name = f"layers-{len(self._threads)}"
        thread = threading.Thread(target=self._serve, args=(self.tasks,), name=name, daemon=True)
        self._threads.add(thread)
        has_begun = False
        try:
            has_begun = started(thread)
        finally:  # after Ctrl-C too; a thread that has begun adds itself
            if not has_begun:
                self._threads.discard(thread)
        return has_begun

    def _serve(self, tasks: "SimpleQueue[Callable[[], None]]") -> None:
        me = threading.current_thread()
        self._threads.add(me)
        try:
            while True:
                tasks.get()()
        finally:  # somebody ends this thread; another one takes its place
            self._threads.discard(me)


_helpers = _Helpers()
Forks.when_forked(_helpers.begin_anew)
