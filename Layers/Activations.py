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
