"""Numbers that are too small for their type are 0 and no error, whatever `np.seterr` says.

NumPy's settings belong to the thread, and setting them takes half a microsecond, as long as a small operation. So a
loop of passes sets them once, and who comes later asks first whether they are set:

    if not underflow_is_ignored():
        return ignoring_underflow(step)
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from Foundation.NumPySettings import USUAL, Ignoring, current

Result = TypeVar("Result")

_is_ignored = ContextVar("underflow_is_ignored", default=False)
_ignoring = Ignoring("under")
_left_to_the_loss = Ignoring("over", "invalid", "under")

#: Whether somebody further out has set that no underflow is an error.
underflow_is_ignored = _is_ignored.get


def ignoring_underflow(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    """What a function gives, in which no underflow is an error.

    >>> import numpy as np
    >>> with np.errstate(all="raise"):
    ...     print(ignoring_underflow(np.square, np.float64(1e-200)))
    0.0
    """
    if current() is USUAL:
        return _telling(function, *arguments, **options)
    return _ignoring(_telling, function, *arguments, **options)


def without_underflow(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    """The same for a function so small that it has nobody to tell about it."""
    if current() is USUAL:
        return function(*arguments, **options)
    return _ignoring(function, *arguments, **options)


def leaving_errors_to_the_loss(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    """The same for a loop of training steps: no error of NumPy's, since the loss tells more of what was not finite."""
    return _left_to_the_loss(_telling, function, *arguments, **options)


def _telling(function: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    before = _is_ignored.get()
    try:
        _is_ignored.set(True)
        return function(*arguments, **options)
    finally:
        _is_ignored.set(before)  # rather than a token, which an interrupt could keep from being stored
