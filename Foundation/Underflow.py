"""Numbers that are too small for their type are 0 and no error, whatever `np.seterr` says.

NumPy's settings belong to the thread, and setting them takes half a microsecond, as long as a small operation. So a
loop of passes sets them once, and who comes later asks first whether they are set:

    if not underflow_is_ignored():
        return ignoring_underflow(step)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")

_is_ignored = ContextVar("underflow_is_ignored", default=False)

#: Whether somebody further out has set that no underflow is an error.
underflow_is_ignored = _is_ignored.get


@np.errstate(under="ignore")  # which costs half as much as a context of it
def ignoring_underflow(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    """What a function gives, in which no underflow is an error.

    >>> with np.errstate(all="raise"):
    ...     print(ignoring_underflow(np.square, np.float64(1e-200)))
    0.0
    """
    token = _is_ignored.set(True)
    try:
        return function(*arguments, **options)
    finally:
        _is_ignored.reset(token)


@np.errstate(under="ignore")
def without_underflow(function: Callable[..., Result], *arguments: object) -> Result:
    """The same for a function so small that it has nobody to tell about it."""
    return function(*arguments)


@contextmanager
def errors_told_by_the_loss() -> Iterator[None]:
    """For a loop of training steps: no error of NumPy's, since the loss tells more of what was not finite."""
    token = _is_ignored.set(True)
    try:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            yield
    finally:
        _is_ignored.reset(token)
