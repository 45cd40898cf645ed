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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Result = TypeVar("Result")

_lock = threading.Lock()
_open_contexts = 0
_limit: Any = None

WORTH_A_THREAD = 2**22  # multiply-adds; fewer are done before another thread has woken up


@functools.cache
def _pool(process_id: int) -> ThreadPoolExecutor:
    """The threads beside the calling one. They don't survive a fork: each process has its own."""
    return ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1))


def over_batch(
    work: Callable[[list[slice]], Result], batch_size: int, block_size: int, multiply_adds: int
) -> list[Result]:
    """Call `work(blocks)` once in each thread, with the slices of the batch that the thread takes.

    The result is the list of what the calls returned, in the order of the batch.
    """
    threads = min(os.cpu_count() or 1, batch_size) if multiply_adds >= WORTH_A_THREAD else 1
    bounds = [batch_size * i // threads for i in range(threads + 1)]
    parts = [
        [slice(i, min(i + block_size, stop)) for i in range(start, stop, block_size)]
        for start, stop in pairwise(bounds)
    ]
    settings = np.geterr()  # every thread has its own

    def in_another_thread(part: list[slice]) -> Result:
        with np.errstate(**settings):
            return work(part)

    with products_on_the_calling_thread():
        others = [_pool(os.getpid()).submit(in_another_thread, part) for part in parts[1:]]
        try:
            first = work(parts[0])
        finally:
            wait(others)  # no thread may still be writing when this call ends, even by an exception
    return [first] + [other.result() for other in others]


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
