"""The numerical derivative that analytical ones are compared with."""

from collections.abc import Callable

import numpy as np

STEP = 1e-6


def numerical_derivative(loss: Callable[[], float], values: np.ndarray) -> np.ndarray:
    """Central differences of `loss` with respect to each element of `values`, which are moved in place."""
    derivative = np.empty(values.shape)
    for position in np.ndindex(values.shape):
        centre = values[position]
        values[position] = centre + STEP
        above = loss()
        values[position] = centre - STEP
        below = loss()
        values[position] = centre
        derivative[position] = (above - below) / (2 * STEP)
    return derivative
