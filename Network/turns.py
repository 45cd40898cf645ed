"""Several threads and one network: each has its turn, and between two iterations of a training is everybody's.

Whoever trains holds `net._turn` for an iteration; whoever tests, saves or copies for as long as that takes. A lock
alone would hardly ever let anybody in between two iterations, which follow each other in a microsecond: who waits says
so in `net._asking`, and the one who trains stands back.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakSet

from Foundation.Forks import when_forked

Result = TypeVar("Result")

_networks: "WeakSet[Any]" = WeakSet()


def begin(net: Any) -> None:
    """Give a new network, or a new copy of one, what its turns need."""
    net._turn, net._asking, net._trained_by = threading.RLock(), deque(), None
    _networks.add(net)


def between_iterations(net: Any, work: Callable[..., Result], *arguments: Any) -> Result:
    """What a function gives that is called when no other thread uses the network."""
    try:
        net._asking.append(None)
        with net._turn:
            return work(*arguments)
    finally:
        if net._asking:
            net._asking.pop()


def stand_back(net: Any) -> None:
    """Let those have their turn who are waiting for it, as the one who trains."""
    while net._asking:
        time.sleep(1e-5)


def is_trained_elsewhere(net: Any) -> bool:
    """Whether the last iteration was another thread's that is still running, and may go on."""
    if net._trained_by in (None, threading.get_ident()):
        return False
    return any(thread.ident == net._trained_by for thread in threading.enumerate())


def _begin_anew() -> None:
    """In a forked process, where none of the threads is that have been at work."""
    for net in list(_networks):
        begin(net)


when_forked(_begin_anew)
