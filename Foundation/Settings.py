"""Copies of an object that follow when one of its settings is changed.

Each parameter has an optimizer of its own, a copy of the one that somebody made and still holds. What they change in
that one later, its learning rate say, is meant for the copies too.
"""

import copy
import functools
import numbers
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from Foundation.Configurable import signature

_MISSING = object()
_WITHOUT_SETTINGS = frozenset({bool, int, float, type(None), object})


def settings(thing: Any) -> dict[str, Any]:
    """What an object was made with and its regularizer, by name, and the settings of those behind a dot.

    >>> class Descent:
    ...     def __init__(self, learning_rate):
    ...         self.learning_rate = learning_rate
    >>> settings(Descent(0.5))
    {'learning_rate': 0.5}
    """
    found: dict[str, Any] = {}
    if not hasattr(thing, "__dict__"):
        return {"": thing}
    kind: Any = type(thing)
    own = vars(thing)
    for name in _names(kind):
        value = own.get(name, _MISSING)
        if value is _MISSING:
            value = getattr(thing, name, _MISSING)
        if value is not _MISSING:
            found[name] = value
        if type(value) not in _WITHOUT_SETTINGS and hasattr(value, "__dict__"):
            for inner, setting in settings(value).items():
                found[f"{name}.{inner}"] = setting
    return found


def pass_on(leader: Any, followers: Callable[[], Iterable[Any]], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Set in the followers what has changed in a leader's settings since they were `known`; give those of now."""
    try:
        for name, value in known.items():
            owner, last = leader, name
            while "." in last:
                first, last = last.split(".", 1)
                owner = owner.__dict__[first]
            if owner.__dict__[last] is not value:  # what a property gives isn't looked at
                break
        else:
            if known:
                return known
    except (AttributeError, KeyError):
        pass
    now, changed = settings(leader), {}
    for name, value in now.items():
        if value is known.get(name, value):  # nearly always
            continue
        if not (isinstance(value, numbers.Number) and value == known[name]):
            changed[name] = value
    for follower in followers() if changed else ():
        for name, value in changed.items() if follower is not leader else ():
            *path, last = name.split(".")
            owner = functools.reduce(_part, path, follower)
            if not path or hasattr(owner, last):  # else the follower has something else there
                setattr(owner, last, copy.deepcopy(value))
    return now


def _part(thing: Any, name: str) -> Any:
    return getattr(thing, name, None)


@functools.cache
def _names(kind: Any) -> dict[str, None]:
    names: dict[str, None] = {}
    for cls in kind.__mro__[:-1]:  # a derived class may have given its base some of them
        try:
            names |= dict.fromkeys(signature(cls).parameters)
        except (TypeError, ValueError):  # made by no function of Python's
            return {}
    return names | {"regularizer": None}
