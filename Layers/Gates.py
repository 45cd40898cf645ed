"""Gates of recurrent cells: sigmoids, side by side in one matrix.

σ(x) = 1 / (1 + exp(−x)) takes three operations where −x is there, and gates that stand side by side take no more than
one. So the weights are arranged before a pass: first the columns of the gates, with another sign, then the rest.
"""

import numpy as np

_ONE = np.ones((), np.float32)


def gates_first(weights: np.ndarray, *order: int) -> np.ndarray:
    """The weights with their blocks of columns in this order, and all but the last one negated.

    >>> gates_first(np.array([[1.0, 2.0, 3.0]]), 0, 2, 1)
    array([[-1., -3.,  2.]])
    """
    blocks = weights.reshape(len(weights), len(order), -1).take(order, axis=1)
    blocks[:, :-1] *= -1
    return blocks.reshape(weights.shape)


def open_gates(negated: np.ndarray) -> None:
    """Put σ(x) in the place of −x.

    >>> gates = np.array([[0.0, -1000.0]])
    >>> open_gates(gates)
    >>> gates
    array([[0.5, 1. ]])
    """
    np.exp(negated, out=negated)
    negated += _ONE
    np.reciprocal(negated, out=negated)
