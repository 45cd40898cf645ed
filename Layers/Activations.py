"""Formulas of activations that several layers share."""

from typing import Any

import numpy as np

from Foundation.Certainty import is_noted
from Foundation.Formulas import elementwise
from Foundation.NumPySettings import ignoring_range


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The sigmoid of each element, 1 / (1 + exp(-x)).

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    # exp(1000) is infinite, and 1 / infinity the 0 that it should be
    result: np.ndarray = ignoring_range(elementwise, lambda x: 1 / (np.exp(-x) + 1), x)
    return result


def sigmoid_error(y: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The error of x from that of y = sigmoid(x).

    >>> sigmoid_error(np.array([0.5, 1.0]), np.array([4.0, 4.0]))
    array([1., 0.])
    """
    if is_noted(error):
        return certain_sigmoid_error(y, error)
    result: np.ndarray = elementwise(lambda y, e: (1 - y) * y * e, y, error)
    return result


def certain_sigmoid_error(y: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The same where y may be 0 or 1, and the error that of a loss which has divided by the derivative.

    Both add the smallest normal number to y(1 - y), which changes no number but those that are all but 0.

    >>> certain_sigmoid_error(np.array([0.5, 1.0]), np.array([4.0, 2.0**1022]))
    array([1., 1.])
    """
    tiny = float(np.finfo(error.dtype).tiny)
    result: np.ndarray = elementwise(lambda y, e, t: ((1 - y) * y + t) * e, y, error, tiny)
    return result


def normal_distribution(x: Any) -> Any:
    """The share of a standard normal distribution below each element; stands in formulas too.

    >>> normal_distribution(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    from scipy.special import ndtr

    return ndtr(x)
