"""Formulas of activations that several layers share."""

import numpy as np

from Foundation.Formulas import elementwise


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The sigmoid of each element, 1 / (1 + exp(-x)).

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore", under="ignore"):  # exp(1000) is infinite, and 1 / infinity the 0 that it should be
        result: np.ndarray = elementwise(lambda x: 1 / (np.exp(-x) + 1), x)
    return result


def sigmoid_error(y: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The error of x from that of y = sigmoid(x).

    >>> sigmoid_error(np.array([0.5, 1.0]), np.array([4.0, 4.0]))
    array([1., 0.])
    """
    result: np.ndarray = elementwise(lambda y, e: (1 - y) * y * e, y, error)
    return result
