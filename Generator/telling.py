"""Warnings that point at the line of the program that they are meant for."""

import os
import sys
import warnings

__all__ = ["warn"]

_HERE = os.path.dirname(__file__)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Give a warning at the first line, outwards, that isn't in the folder of this file.

    Args:
        message: what is to be known, and what to do.
        category: of the warning (default UserWarning).

    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn("pets: one class has no picture")
    >>> str(caught[0].message)
    'pets: one class has no picture'
    """
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and os.path.dirname(frame.f_code.co_filename) == _HERE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
