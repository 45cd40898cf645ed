"""Threads that prepare batches while the network trains.

Threads, not processes: what costs time here (reading files, decoding pictures, moving pixels) happens in C
code that lets other threads run, and a finished batch needs no copying from one process to another.
"""

import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from Foundation import Forks
from Foundation.Threads import started

__all__ = ["Task", "WorkAhead", "WorkerPool"]

_LOOK_AGAIN = 0.5  # seconds, after which one looks whether the worker is alive


class Task:
    """A piece of work for a thread of a pool, and what comes of it.

    A bare queue hands the result over. The futures of `concurrent.futures` wait on a `threading.Condition`: Ctrl-C
    there can end as another error, or leave the lock of a future held.

    Args:
        threads: those of the pool.
        work: called by one of them, and forgotten then.
    """

    def __init__(self, threads: list[threading.Thread], work: Callable[[], Any]) -> None:
        self._threads = threads
        self._work: Callable[[], Any] | None = work
        self._outcome: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def carry_out(self) -> None:
        """Do the work, for whoever waits for its result or its error.

        What ends a thread from outside is no error of the work, which is then done by whoever waits.
        """
        if (work := self._work) is not None:
            try:
                self._outcome.put((work(), None))
            except Exception as error:
                self._outcome.put((None, error))
            self._work = None

    def give_up(self) -> None:
        """Let nobody begin it; nobody waits for what comes of it."""
        self._work = None

    def result(self) -> Any:
        """What the work returned; raises what it raised.

        Waits as long as all threads of the pool live, and does the work here where they don't.

        >>> WorkerPool(1).submit(divmod, 7, 2).result()
        (3, 1)
        """
        while True:
            try:
                result, error = self._outcome.get(timeout=_LOOK_AGAIN)
                break
            except queue.Empty:
                pass  # outside of which the work may be done: its errors have no such context
            if not _all_live(self._threads) and (work := self._work) is not None:
                return work()
        if error is None:
            return result
        try:
            raise error
        finally:
            del error  # whose traceback holds this call


class WorkerPool:
    """A few threads that carry out tasks in the order in which they were handed in.

    The threads are daemons: they never keep a program from ending. They end when the pool is stopped or when
    nobody refers to it any more. Between two tasks they refer to nothing but the queue, so that a forgotten
    pool really is forgotten.

    Args:
        workers: the number of threads, at least 1. Those that the system doesn't let start are done without; so are
            all of them where `is_whole` says so.

    >>> pool = WorkerPool(2)
    >>> tasks = [pool.submit(pow, 2, exponent) for exponent in range(5)]
    >>> [task.result() for task in tasks]
    [1, 2, 4, 8, 16]
    >>> pool.stop(wait=True)
    """

    def __init__(self, workers: int) -> None:
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._end = weakref.finalize(self, _dismiss, self._tasks, workers)
        for number in range(workers):
            name = f"image-worker-{number}"
            thread = threading.Thread(target=_work, args=(self._tasks,), name=name, daemon=True)
            if not started(thread):
                break
            self._threads.append(thread)

    @property
    def is_whole(self) -> bool:
        """Whether there are threads, and all of them live.

        >>> WorkerPool(1).is_whole
        True
        """
        return _all_live(self._threads)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Task:
        """Hand in a task, whose `result` waits for what comes of it.

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
        task = Task(self._threads, partial(function, *arguments))
        self._tasks.put(task)
        return task

    def stop(self, wait: bool) -> None:
        """End the threads, each after the task that it is at.

        Tasks that are still queued are carried out first unless they have been given up.

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
        self._pending: deque[tuple[int, Task]] = deque()
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
            result = self._pending[0][1].result() if self._pending else work(*plan(number))
            if not self._pool.is_whole:
                self.stop(wait=False)
                return result
        except BaseException:
            # Ctrl-C included: whoever catches it finds no thread at work behind the program's back.
            self.stop(wait=False)
            raise
        self._pending.popleft()
        return result

    def _forget(self) -> None:
        """Begin anew in a forked process, where the threads are not; what they held stays locked."""
        self._pool, self._pending = None, deque()

    def stop(self, wait: bool) -> None:
        """Give up what has been prepared, and end the threads, each after the piece of work that it is at.

        Args:
            wait: whether to return only when the last thread has ended.

        >>> WorkAhead(workers=1).stop(wait=True)
        """
        for _, task in self._pending:
            task.give_up()
        self._pending.clear()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop(wait)


def _all_live(threads: list[threading.Thread]) -> bool:
    return bool(threads) and all(thread.is_alive() for thread in threads)


def _dismiss(tasks: "queue.SimpleQueue[Task | None]", workers: int) -> None:
    for _ in range(workers):
        tasks.put(None)


def _work(tasks: "queue.SimpleQueue[Task | None]") -> None:
    while (task := tasks.get()) is not None:
        task.carry_out()
        del task  # a waiting thread holds on to nothing of the task before: see the class
