"""Errors of predictions that are quite certain: 0 or 1.

There a sigmoid has no slope left in floating point, and no error that a loss returns can make up for a factor of 0.
Losses and layers don't know each other. So a loss that meets such predictions, which is seldom, notes it of the error
that it returns; the layer behind them then adds the smallest normal number to its derivative, by which the loss has
divided. Otherwise nobody has to look for them.
"""

from weakref import WeakValueDictionary

import numpy as np

_noted: WeakValueDictionary[int, np.ndarray] = WeakValueDictionary()


def note(error: np.ndarray) -> None:
    """Say of an error that some of the predictions were 0 or 1.

    >>> error = np.array([2.0**1022])
    >>> note(error)
    >>> is_noted(error), is_noted(error.copy())
    (True, False)
    """
    _noted[id(error)] = error


def is_noted(error: np.ndarray) -> bool:
    """Whether a loss has said so of this very array."""
    return _noted.get(id(error)) is error
