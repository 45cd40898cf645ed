"""Threads that prepare batches while the network trains.

Threads, not processes: what costs time here (reading files, decoding pictures, moving pixels) happens in C
code that lets other threads run, and a finished batch needs no copying from one process to another.
"""

import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any

from Foundation import Forks

__all__ = ["WorkAhead", "WorkerPool"]

Task = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]

_LOOK_AGAIN = 0.5  # seconds, after which one looks whether the worker is alive


class WorkerPool:
    """A few threads that carry out tasks in the order in which they were handed in.

    The threads are daemons: they never keep a program from ending. They end when the pool is stopped or when
    nobody refers to it any more. Between two tasks they refer to nothing but the queue, so that a forgotten
    pool really is forgotten.

    Args:
        workers: the number of threads, at least 1. Those that the system doesn't let start are done without; so are
            all of them where `is_whole` says so.

    >>> pool = WorkerPool(2)
    >>> futures = [pool.submit(pow, 2, exponent) for exponent in range(5)]
    >>> [future.result() for future in futures]
    [1, 2, 4, 8, 16]
    >>> pool.stop(wait=True)
    """

    def __init__(self, workers: int) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._end = weakref.finalize(self, _dismiss, self._tasks, workers)
        with suppress(RuntimeError, MemoryError):
            for number in range(workers):
                name = f"image-worker-{number}"
                thread = threading.Thread(target=_work, args=(self._tasks,), name=name, daemon=True)
                thread.start()
                self._threads.append(thread)

    @property
    def is_whole(self) -> bool:
        """Whether there are threads, and all of them live.

        >>> WorkerPool(1).is_whole
        True
        """
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        """Hand in a task; the future that comes back delivers its result, or raises its error.

        Args:
            function: called by one of the threads.
            arguments: what it is called with.

        >>> pool = WorkerPool(1)
        >>> pool.submit(int, "12").result()
        12
        >>> pool.submit(int, "twelve").result()
        Traceback (most recent call last):
            ...
        ValueError: invalid literal for int() with base 10: 'twelve'
        """
        future: Future[Any] = Future()
        self._tasks.put((future, function, arguments))
        return future

    def stop(self, wait: bool) -> None:
        """End the threads, each after the task that it is at.

        Tasks that are still queued are carried out first unless their futures have been cancelled.

        Args:
            wait: whether to return only when the last thread has ended.

        >>> WorkerPool(3).stop(wait=True)
        """
        self._end()
        if wait:
            for thread in self._threads:
                thread.join()


class WorkAhead:
    """Hands out the results of numbered pieces of work, and has the next ones prepared meanwhile.

    Two pieces for each worker are under way at any time: one that it is at, and one to go on with. The
    threads start with the first piece that is asked for and start again after `stop`, and in a forked process. A
    piece that no thread can prepare, or whose thread has been ended from outside, is worked out where it is asked for.

    Args:
        workers: the number of threads, at least 1.

    >>> ahead = WorkAhead(workers=2)
    >>> [ahead.take(number, plan=lambda number: (number, 2), work=pow) for number in range(4)]
    [0, 1, 4, 9]
    >>> ahead.stop(wait=True)
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: WorkerPool | None = None
        self._pending: deque[tuple[int, Future[Any]]] = deque()
        Forks.when_forked(self._forget)

    def take(self, number: int, plan: Callable[[int], tuple[Any, ...]], work: Callable[..., Any]) -> Any:
        """Return the result of piece `number`, prepared already if it is the one after the piece taken last.

        Args:
            number: the piece, counted from 0.
            plan: called here, in the order of the numbers, returns the arguments of a piece of work.
            work: called by a worker with these, returns its result. Neither is kept, so that an object may pass its own
                methods without being kept alive by them.

        Raises what the work raised; then, and when waiting is interrupted, everything prepared is given up,
        the threads end, and any number may be asked for next.

        >>> WorkAhead(workers=1).take(0, plan=lambda number: (12, number), work=divmod)
        Traceback (most recent call last):
            ...
        ZeroDivisionError: integer division or modulo by zero
        """
        try:
            if self._pending and self._pending[0][0] != number:
                # Ctrl-C can fall between handing out a result and the caller's counting it.
                self.stop(wait=False)
            if self._pool is None:
                self._pool = WorkerPool(self._workers)
            while self._pool.is_whole and len(self._pending) < 2 * self._workers:
                later = number + len(self._pending)
                self._pending.append((later, self._pool.submit(work, *plan(later))))
            if not self._pending or not self._is_done(self._pending[0][1]):
                self.stop(wait=False)
                return work(*plan(number))
            result = self._pending[0][1].result()
        except BaseException:
            # Ctrl-C included: whoever catches it finds no thread at work behind the program's back.
            self.stop(wait=False)
            raise
        self._pending.popleft()
        return result

    def _is_done(self, future: "Future[Any]") -> bool:
        """Wait for a result or an error, as long as there is somebody to bring it."""
        while not wait((future,), _LOOK_AGAIN).done:
            if self._pool is None or not self._pool.is_whole:
                return future.done()
        return True

    def _forget(self) -> None:
        """Begin anew in a forked process, where the threads are not; what they held stays locked."""
        self._pool, self._pending = None, deque()

    def stop(self, wait: bool) -> None:
        """Give up what has been prepared, and end the threads, each after the piece of work that it is at.

        Args:
            wait: whether to return only when the last thread has ended.

        >>> WorkAhead(workers=1).stop(wait=True)
        """
        for _, future in self._pending:
            future.cancel()
        self._pending.clear()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop(wait)


def _dismiss(tasks: "queue.SimpleQueue[Task | None]", workers: int) -> None:
    for _ in range(workers):
        tasks.put(None)


def _work(tasks: "queue.SimpleQueue[Task | None]") -> None:
    while (task := tasks.get()) is not None:
        future, function, arguments = task
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(function(*arguments))
            except Exception as error:
                # Whatever went wrong belongs to whoever waits for the result, not to this thread. What ends a thread
                # from outside is no error of the work, which is then done by whoever waits.
                future.set_exception(error)
        # A waiting thread must hold on to nothing of the task before: see the class.
        del task, future, function, arguments
