"""Whether something can be called with so many arguments."""

import inspect
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

#: What was found of methods, which takes as long to find out as half a pass.
_METHODS: WeakKeyDictionary[FunctionType, dict[int, bool]] = WeakKeyDictionary()


def takes(function: Any, count: int) -> bool:
    """Whether something can be called with so many arguments.

    >>> takes([].append, 1), takes([].append, 2), takes("append", 1)
    (True, False, False)
    """
    method = getattr(function, "__func__", None)
    if type(method) is not FunctionType:
        return _can_be_called(function, count)
    known = _METHODS.setdefault(method, {})
    if count not in known:
        known[count] = _can_be_called(function, count)
    return known[count]


def _can_be_called(function: Any, count: int) -> bool:
    if not callable(function):
        return False
    try:
        inspect.signature(function).bind(*(None,) * count)
    except TypeError:
        return False
    except ValueError:  # a function that doesn't tell
        return True
    return True
