"""How layers use the processor's cores: each thread takes a part of the batch.

NumPy's matrix library, usually OpenBLAS, has threads of its own. A layer that copies about as long as it
multiplies gains little from them: the copies stay on one core, and half of what they wrote then crosses
to the other core's cache. So here each thread takes its images through all steps of a layer.

Two kinds of threads don't mix: after a product on its own threads the library lets them wait actively
for the next one, for some 25 ms, and they take the cores from all others. So while the batch is divided,
the matrix library computes on the thread that calls it.

How many threads there are is decided in one place, `thread_count`.
"""

import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from contextvars import copy_context
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from Foundation import Checks

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")

_lock = threading.Lock()
_most: int | None = None  # what use_threads has said
_open_contexts = 0
_limit: Any = None

WORTH_A_THREAD = 2**22  # multiply-adds; fewer are done before another thread has woken up


def thread_count() -> int:
    """How many threads compute at a time, the calling one among them.

    As many as the process may use processors (its affinity; from Python 3.13 on `os.process_cpu_count`, which the
    environment variable PYTHON_CPU_COUNT sets), fewer where the environment variable OMP_NUM_THREADS, which the
    libraries below NumPy obey too, or `use_threads` says so. It is looked up at every call.
    """
    if hasattr(os, "process_cpu_count"):
        processors = os.process_cpu_count() or 1
    elif hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    count = processors if _most is None else min(processors, _most)
    words = os.environ.get("OMP_NUM_THREADS", "")
    if words:
        with suppress(ValueError):  # what isn't a number says nothing; of a list, the first counts here
            wanted = int(words.split(",")[0])
            count = min(count, wanted) if wanted > 0 else count
    return count


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
    back = ExitStack()
    back.callback(_set_most, _most)
    _set_most(most)
    return back


def share(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call `work` with every item, on `thread_count` threads, and give the results in the order of the items.

    Each thread takes the next item when it is done with one. The calling thread begins at once, and waits
    at the end only for items that another has begun: a thread that wakes up late delays nothing.

    An error is raised when all items are done, so that no thread is still writing when this call ends.

    >>> share(abs, [1, -2, 3])
    [1, 2, 3]
    """
    remaining = iter(range(len(items)))
    helpers_done: SimpleQueue[None] = SimpleQueue()  # an entry for each that found nothing left to do
    results: dict[int, Any] = {}
    errors: list[BaseException] = []

    def take() -> None:
        for index in remaining:
            try:
                results[index] = work(items[index])
            except BaseException as error:
                errors.append(error)
                results[index] = None

    def help_out() -> None:
        take()
        helpers_done.put(None)

    helpers = _helpers()
    for _ in range(helpers.up_to(min(thread_count(), len(items)) - 1)):
        # NumPy's error handling and buffer size go along with the caller's context.
        helpers.tasks.put(partial(copy_context().run, help_out))
    take()
    while len(results) < len(items):
        try:
            helpers_done.get()
        except KeyboardInterrupt as interruption:
            errors.append(interruption)
    if errors:
        raise errors[0]
    return [results[index] for index in range(len(items))]


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
    with products_on_the_calling_thread():
        return share(work, parts) if threads > 1 else [work(part) for part in parts]


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

    Threads don't survive a fork: each process has its own. A bare queue, since a thread pool's futures take longer
    than the work that is shared here often does.
    """

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self.tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._threads = 0
        self._lock = threading.Lock()

    def up_to(self, count: int) -> int:
        """How many there are of `count`; those that are missing are started, if the system lets us."""
        if self._threads < count:
            with self._lock, suppress(RuntimeError):
                while self._threads < count:
                    threading.Thread(target=self._serve, name=f"layers-{self._threads}", daemon=True).start()
                    self._threads += 1
        return min(self._threads, count)

    def _serve(self) -> None:
        while True:
            self.tasks.get()()


_all_helpers = _Helpers()


def _helpers() -> _Helpers:
    global _all_helpers
    if _all_helpers.process_id != os.getpid():
        _all_helpers = _Helpers()
    return _all_helpers


@functools.cache
def _matrix_library() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def products_on_the_calling_thread() -> Iterator[None]:
    """Within this context NumPy's matrix library starts no threads, whatever a product's size.

    It holds for the whole process, as the library knows no other way, and ends with the last of those
    contexts that are open at a time.
    """
    global _open_contexts
    with _lock:
        _open_contexts += 1
        if _open_contexts == 1:
            _limit_matrix_library()
    try:
        yield
    finally:
        with _lock:
            _open_contexts -= 1
            if _open_contexts == 0:
                _limit_matrix_library()


def _set_most(most: int | None) -> None:
    global _most
    with _lock:
        _most = most
        _limit_matrix_library()


def _limit_matrix_library() -> None:
    """Give the matrix library as many threads as are allowed by now; where nothing limits them, its own number."""
    global _limit
    if _limit is not None:
        _limit.restore_original_limits()
        _limit = None
    if _open_contexts or _most is not None:
        _limit = _matrix_library().limit(limits=1 if _open_contexts else thread_count(), user_api="blas")
