"""What a file may cost who reads it, and what may happen meanwhile."""

import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PAGE = resource.getpagesize()
#: What reading a file may do, of all that Python tells a hook of.
HARMLESS = frozenset({
    "array.__new__", "builtins.id", "cpython._PySys_ClearAuditHooks", "gc.get_objects", "object.__getattr__",
    "object.__setattr__", "object.__delattr__", "resource.setrlimit", "sys._getframe", "sys.unraisablehook",
    "os.listdir", "os.scandir",
})  # fmt: skip


class TooSlow(BaseException):
    """The time for one file is over: no error that somebody's `except Exception` could catch."""


class Watched:
    """A hook that notes what happens while a file is read, apart from what is harmless or allowed by name."""

    current: "Watched | None" = None

    def __init__(self) -> None:
        Watched.current = self
        self.seen: list[str] = []
        self._active = False
        self._may_open: Callable[[str], bool] = lambda path: False
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, may_open: Callable[[str], bool]) -> Iterator[None]:
        self._may_open, self._active = may_open, True
        self.seen.clear()
        try:
            yield
        finally:
            self._active = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active or event in HARMLESS:
            return
        if event == "open" and self._may_open(str(arguments[0])):
            return
        self._active = False  # what describing it does is ours
        self.seen.append(f"{event} {str(arguments[:2])[:120]}")
        self._active = True


@contextmanager
def apart() -> Iterator[None]:
    """For a part of the use of a file that may open others: nobody watches."""
    watched = Watched.current
    if watched is None:
        yield
        return
    before, watched._active = watched._active, False
    try:
        yield
    finally:
        watched._active = before


@contextmanager
def at_most(address_space: int, seconds: float) -> Iterator[None]:
    """Beyond so many bytes of addresses there is a MemoryError, after so many seconds of computing TooSlow."""

    def over(number: int, frame: Any) -> None:
        raise TooSlow

    signal.signal(signal.SIGPROF, over)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (address_space, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def addresses_in_use() -> int:
    """How many bytes of addresses this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * PAGE
