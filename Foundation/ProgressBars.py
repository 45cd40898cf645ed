"""Bars that show how far something is: those of tqdm, without the thread and the lock that it has for them."""

import functools
from threading import RLock
from typing import Any

from Foundation import Forks


@functools.cache
def progress_bar(kind: Any = None) -> Any:
    """A class of bars, derived from one of tqdm's (None: its bar of text).

    tqdm starts a thread that looks after bars which haven't moved for long; ours move by themselves. And it draws with
    a lock of all processes, which a forked one may find locked for good.

    >>> with progress_bar()(total=3, disable=True) as bar:
    ...     bar.update()
    """
    from tqdm import std

    bar: Any = type("Bar", (kind or std.tqdm,), {"monitor_interval": 0})
    bar.set_lock(Forks.held_at_forks(RLock()))
    return bar
