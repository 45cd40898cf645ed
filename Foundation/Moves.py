"""State that moves as one: arrays and attributes that are all as they were, or all as they shall be.

A step of a parameter changes the parameter, what its optimizer remembers of it, and a count. Ctrl-C raises
KeyboardInterrupt wherever the interpreter looks for signals, and so does whoever ends a thread from outside. So a step
is prepared first, as calls of functions written in C, and these are then made by one call: between them no line
of Python is run, and nothing is looked for.

Who asks for an array that moves, from any thread, is handed one that doesn't: `hand_out` waits for what is moving now,
and from then on the array isn't its owner's alone.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from itertools import starmap
from operator import call
from types import MappingProxyType
from typing import Any

from Foundation.Forks import held_at_forks

Calls = list[tuple[Any, ...]]

#: Held while something moves. Nothing of a stranger's is called meanwhile, and nothing is waited for but what moves.
#: A forked process begins when nothing moves.
moving = held_at_forks(threading.RLock())

#: What an object owns that has made no array yet.
NOTHING_OWNED: Mapping[str, Any] = MappingProxyType({})


def run(calls: Calls) -> None:
    """Make calls in their order, all of them, whatever happens: each is a function and its arguments.

    The functions are written in C, or do by a second call what an interrupt has kept the first from.

    An error of one (NumPy raises those of its arithmetic when the result is there) or an interrupt is raised when all
    have been made.

    >>> count, steps = {"steps": 0}, []
    >>> run([(steps.append, "first"), (steps.pop, 7), (count.__setitem__, "steps", 1)])
    Traceback (most recent call last):
    IndexError: pop index out of range
    >>> count, steps
    ({'steps': 1}, ['first'])
    """
    remaining = starmap(call, calls)
    try:
        deque(remaining, 0)
    except BaseException:
        _run_the_rest(remaining)
        raise


def _run_the_rest(remaining: Iterable[None]) -> None:
    while True:
        with suppress(BaseException):
            deque(remaining, 0)
            return


def owned_by(owner: Any) -> MutableMapping[str, Any]:
    """The arrays, by name, that an object has made and that nobody else holds; the object keeps them beside its own.

    An array is its owner's as long as it is the one in here: what somebody sets in its place isn't.
    """
    return vars(owner).setdefault("owned", {})


def hand_out(owned: MutableMapping[str, Any], name: str) -> None:
    """From now on an array doesn't move: the next step of whoever owned it makes a new one."""
    with moving:
        owned.pop(name, None)
