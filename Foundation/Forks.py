"""What a forked process finds: nothing half done, no lock that nobody gives back, and nobody at work.

`os.fork` copies the memory of a process while its other threads are anywhere, and none of them goes on in the copy. A
lock that one of them held stays locked there; so do those inside the matrix library, which can't be made anew. So a
fork waits until what the threads are computing is done, for a moment at least, and holds off what is about to begin.

    compute_undivided(chain.forward, layers, batch)         # a fork comes before it or after it
    lock = held_at_forks(threading.RLock())                 # so does what is done with the lock held
    when_forked(pool.forget)                                # called in the new process
"""

import os
import threading
import time
import weakref
from collections.abc import Callable
from threading import get_ident
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")

_LONGEST_WAIT = 5.0  # seconds, for somebody who computes and waits for the thread that forks


class _Lock(Protocol):
    def acquire(self, blocking: bool = ..., timeout: float = ...) -> bool: ...
    def release(self) -> None: ...


computing: dict[int, bool] = {}  # the threads that are at it
_forking: int | None = None  # the thread that forks
_gate = threading.Lock()  # held while one forks
#: Whether one is about to.
about_to = _gate.locked
_locks: list[_Lock] = []
_held: list[_Lock] = []
_called: list[Callable[[], object]] = []


def compute_undivided(function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function gives, which no fork of another thread divides.

    The function computes: it doesn't wait for another thread, unless that one computes too.

    >>> compute_undivided(abs, -1)
    1
    """
    me = get_ident()
    if me in computing:
        return function(*arguments)
    try:
        computing[me] = True
        if about_to():
            stand_back(me)
        return function(*arguments)
    finally:
        computing.pop(me, None)


def stand_back(me: int) -> None:
    """Let a thread fork that is about to."""
    while _forking is not None and _forking != me:
        del computing[me]
        with _gate:
            computing[me] = True


def held_at_forks(lock: Any) -> Any:
    """The lock itself, which a thread that forks holds meanwhile: nobody else has it then, in either process.

    A lock that can be taken again by the thread that holds it.
    """
    _locks.append(lock)
    return lock


def when_forked(function: Callable[[], object]) -> None:
    """Have a function called in every process that is forked, in the order in which they come.

    A method is called as long as its object lives, and doesn't keep it alive.
    """
    if hasattr(function, "__self__"):
        method: Any = weakref.WeakMethod(function)
        _called.append(lambda: (method() or int)())
        weakref.finalize(function.__self__, _called.remove, _called[-1]).atexit = False
    else:
        _called.append(function)


def _before() -> None:
    global _forking
    _gate.acquire()
    _forking = me = get_ident()
    latest = time.monotonic() + _LONGEST_WAIT
    while any(thread != me for thread in tuple(computing)) and time.monotonic() < latest:
        time.sleep(1e-4)
    for lock in _locks:
        if lock.acquire(timeout=max(0.0, latest - time.monotonic())):
            _held.append(lock)


def _after() -> None:
    global _forking
    while _held:
        _held.pop().release()
    _forking = None
    if _gate.locked():
        _gate.release()


def _in_child() -> None:
    for thread in tuple(computing):
        if thread != get_ident():
            del computing[thread]
    _after()
    for function in tuple(_called):
        function()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
