"""Doing the same to many files at once, with a bar that shows how far it is."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from Foundation.Parallel import thread_count
from Foundation.ProgressBars import progress_bar

from .workers import Task, WorkerPool

__all__ = ["in_parallel"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_SHOWN_AFTER = 1.0  # seconds
_AT_A_TIME = 2000  # items handed to the threads, since each takes memory as long as it waits


def in_parallel(work: Callable[[Item], Result], items: Sequence[Item], what: str) -> list[Result]:
    """Return what a function makes of each item, in their order.

    Threads do it, as many as the process may use: reading and decoding let others run. Where it takes more than a
    second and somebody looks at a terminal, a bar shows how far it is.

    Args:
        work: called with one item.
        items: all of them.
        what: is being done, for the bar.

    Raises what the work raises; items that haven't begun are then given up.

    >>> in_parallel(abs, [1, -2, 3], "counting")
    [1, 2, 3]
    """
    pool, block = WorkerPool(thread_count()), list[Task]()
    try:
        with progress_bar()(total=len(items), desc=what, delay=_SHOWN_AFTER, leave=False, disable=None) as bar:
            results: list[Result] = []
            for start in range(0, len(items), _AT_A_TIME):
                block = [pool.submit(work, item) for item in items[start : start + _AT_A_TIME]]
                for task in block:
                    results.append(task.result())
                    bar.update()
            return results
    finally:
        for task in block:
            task.give_up()
        pool.stop(wait=False)
