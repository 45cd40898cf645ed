"""The numerical derivatives that analytical ones are compared with."""

from collections.abc import Callable

import numpy as np

STEP = 1e-6
STEP_ALONG = 1e-4


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


def derivative_along(loss: Callable[[], float], values: np.ndarray, direction: np.ndarray) -> float:
    """How `loss` changes where all `values`, which are moved in place, go into a direction: to the fourth order.

    One number, which a gradient with a wrong element anywhere has no chance to meet in a random direction.
    """
    centre, found = values.copy(), {}
    for steps in (1, -1, 2, -2):
        values[...] = centre + steps * STEP_ALONG * direction
        found[steps] = loss()
    values[...] = centre
    return (8 * (found[1] - found[-1]) - (found[2] - found[-2])) / (12 * STEP_ALONG)
