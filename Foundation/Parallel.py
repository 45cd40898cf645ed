"""How layers use the processor's cores: each thread takes a part of the batch.

OpenBLAS, which computes NumPy's matrix products, has threads of its own. A layer that copies about as
long as it multiplies gains little from them: the copies stay on one core, and half of what they wrote
then crosses to the other core's cache. So here each thread takes its images through all steps of a
layer. The products must then not start threads themselves. OpenBLAS can't be told so, but it computes
a small product on the calling thread, and `matmul` hands a tall product over in such pieces.

Two kinds of threads don't mix: after a product on its own threads OpenBLAS lets them spin for some 25
ms in wait of the next, and they take the cores from all others.
"""

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Result = TypeVar("Result")

LARGEST_PIECE = 2**18  # multiply-adds of a product that OpenBLAS computes on the calling thread
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
    others = [_pool(os.getpid()).submit(work, part) for part in parts[1:]]
    try:
        first = work(parts[0])
    finally:
        wait(others)  # no thread may still be writing when this call ends, even by an exception
    return [first] + [other.result() for other in others]


@functools.cache
def _matrix_library() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def products_on_the_calling_thread() -> AbstractContextManager:
    """Within this context NumPy's matrix library starts no threads, whatever a product's size.

    It holds for the whole process, as the library knows no other way, and ends with the context.
    """
    return _matrix_library().limit(limits=1, user_api="blas")


def panels_for(depth: int, columns: int) -> int | None:
    """Into how many panels of columns to cut a matrix so that a piece is 12 rows times a panel.

    None where the panels would be too narrow: OpenBLAS's own threads then do better.
    """
    widths = (n for n in range(columns, min(columns, 16) - 1, -1) if columns % n == 0)
    return next((columns // n for n in widths if 12 * depth * n <= LARGEST_PIECE), None)


def matmul(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Set out = a @ b for a tall `a`, in pieces that OpenBLAS computes on the calling thread."""
    (depth, columns), panels = b.shape, panels_for(*b.shape)
    if panels is None:
        np.matmul(a, b, out=out)
        return
    rows = LARGEST_PIECE * panels // b.size // 4 * 4  # OpenBLAS's kernels take rows by fours
    # contiguous panels: with `b` transposed or strided small products are slow
    b = np.ascontiguousarray(b.reshape(depth, panels, -1).swapaxes(0, 1))
    whole = len(a) // rows * rows
    for part, length in ((slice(whole), rows), (slice(whole, None), len(a) - whole)):
        if length:
            pieces = out[part].reshape(-1, length, panels, columns // panels).swapaxes(1, 2)
            np.matmul(a[part].reshape(-1, 1, length, depth), b, out=pieces)


def matmul_transposed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product a.T @ b for tall `a` and `b`, in pieces that OpenBLAS computes on the calling thread.

    A piece has the size of the result, and all are added up: so it should cover many rows, and the
    result is cut along `a`'s columns until it does.
    """
    depth, columns = a.shape[1], b.shape[1]
    if depth * columns > LARGEST_PIECE:  # the sum would no longer fit in the cache
        return a.T @ b
    cuts = next((i for i in range(1, depth) if depth % i == 0 and i * LARGEST_PIECE >= 128 * depth * columns), depth)
    rows = max(1, LARGEST_PIECE * cuts // (depth * columns))
    whole = len(a) // rows * rows
    result = np.zeros((cuts, depth // cuts, columns), a.dtype)
    for part, length in ((slice(whole), rows), (slice(whole, None), len(a) - whole)):
        if length:
            pieces = a[part].reshape(-1, length, cuts, depth // cuts).transpose(0, 2, 3, 1)
            result += np.matmul(pieces, b[part].reshape(-1, 1, length, columns)).sum(axis=0)
    return result.reshape(depth, columns)
