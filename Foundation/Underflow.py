"""Numbers that are too small for their type are 0 and no error, whatever `np.seterr` says.

NumPy's settings belong to the thread, and setting them takes half a microsecond, as long as a small operation. So a
loop of passes sets them once, and who comes later asks first whether they are set:

    if not underflow_is_ignored():
        return ignoring_underflow(step)

Nor are they set where they are those that NumPy begins with, in which underflow is no error.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import TypeVar

import numpy as np

try:
    from numpy._core.umath import _extobj_contextvar

    #: Gives the object that NumPy's settings are in, another one whenever they are set.
    _settings: Callable[[], object] = _extobj_contextvar.get
except ImportError:  # NumPy doesn't promise it; no other object is this one
    _settings = object

_first_settings = Context().run(_settings)

Result = TypeVar("Result")

_is_ignored = ContextVar("underflow_is_ignored", default=False)

#: Whether somebody further out has set that no underflow is an error.
underflow_is_ignored = _is_ignored.get


def ignoring_underflow(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    """What a function gives, in which no underflow is an error.

    >>> with np.errstate(all="raise"):
    ...     print(ignoring_underflow(np.square, np.float64(1e-200)))
    0.0
    """
    token = _is_ignored.set(True)
    try:
        return without_underflow(function, *arguments, **options)
    finally:
        _is_ignored.reset(token)


def without_underflow(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    """The same for a function so small that it has nobody to tell about it."""
    if _settings() is _first_settings:
        return function(*arguments, **options)
    return _with_settings(function, *arguments, **options)


@np.errstate(under="ignore")  # which costs half as much as a context of it
def _with_settings(function: Callable[..., Result], *arguments: object, **options: object) -> Result:
    return function(*arguments, **options)


@contextmanager
def errors_told_by_the_loss() -> Iterator[None]:
    """For a loop of training steps: no error of NumPy's, since the loss tells more of what was not finite."""
    token = _is_ignored.set(True)
    try:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            yield
    finally:
        _is_ignored.reset(token)
