"""How layers use the processor's cores: each thread takes a part of the batch.

NumPy's matrix library, usually OpenBLAS, has threads of its own. A layer that copies about as long as it
multiplies gains little from them: the copies stay on one core, and half of what they wrote then crosses
to the other core's cache. So here each thread takes its images through all steps of a layer.

Two kinds of threads don't mix: after a product on its own threads the library lets them wait actively
for the next one, for some 25 ms, and they take the cores from all others. So while the batch is divided,
the matrix library computes on the thread that calls it.
"""

import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")

_lock = threading.Lock()
_open_contexts = 0
_limit: Any = None

WORTH_A_THREAD = 2**22  # multiply-adds; fewer are done before another thread has woken up


def share(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call `work` with every item, on all cores, and give the results in the order of the items.

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

    tasks, helpers = _helpers(os.getpid())
    for _ in range(min(helpers, len(items) - 1)):
        # NumPy's error handling and buffer size go along with the caller's context.
        tasks.put(partial(copy_context().run, help_out))
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
    leaves the others some of its blocks.
    """
    threads = 1 + _helpers(os.getpid())[1] if multiply_adds >= WORTH_A_THREAD else 1
    least = max(-(-batch_size // block_size), 2 * threads if threads > 1 else 1)
    count = min(batch_size, -(-least // threads) * threads)
    bounds = [batch_size * i // count for i in range(count + 1)]
    parts = [slice(start, stop) for start, stop in pairwise(bounds)]
    with products_on_the_calling_thread():
        return share(work, parts) if threads > 1 else [work(part) for part in parts]


def blocks(part: slice, block_size: int) -> Iterator[slice]:
    """The slices of at most `block_size` that make up a slice.

    >>> list(blocks(slice(2, 7), 3))
    [slice(2, 5, None), slice(5, 7, None)]
    """
    for start in range(part.start, part.stop, block_size):
        yield slice(start, min(start + block_size, part.stop))


@functools.cache
def _helpers(process_id: int) -> "tuple[SimpleQueue[Callable[[], None]], int]":
    """What the threads beside the calling one take their work from, and how many they are.

    Threads don't survive a fork: each process has its own. A bare queue, since a thread pool's futures take longer
    than the work that is shared here often does.
    """
    tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def serve() -> None:
        while True:
            tasks.get()()

    count = (os.cpu_count() or 1) - 1
    for number in range(count):
        threading.Thread(target=serve, name=f"layers-{number}", daemon=True).start()
    return tasks, count


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
    global _open_contexts, _limit
    with _lock:
        if _open_contexts == 0:
            _limit = _matrix_library().limit(limits=1, user_api="blas")
        _open_contexts += 1
    try:
        yield
    finally:
        with _lock:
            _open_contexts -= 1
            if _open_contexts == 0:
                _limit.restore_original_limits()
