r"""What a recurrent layer gives of its hidden states: $y_t = \sigma(h_t W_y + b_y)$, each step for itself.

It looks at rows alone: neither at time nor at the cell that made them.
"""

import numpy as np

from Foundation.Products import affine, affine_gradient
from Layers.Activations import certain_sigmoid_error, sigmoid


def read_out(hidden: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The outputs that hidden states give; the bias stands in the last row of the weights.

    >>> read_out(np.array([[0.0], [100.0]]), np.array([[1.0], [0.0]]))
    array([[0.5],
           [1. ]])
    """
    return sigmoid(affine(hidden, weights[:-1], weights[-1]))


def read_out_back(
    error: np.ndarray, outputs: np.ndarray, hidden: np.ndarray, weights: np.ndarray, out: np.ndarray
) -> np.ndarray:
    """The gradient of the weights from the error of the outputs; that of the hidden states is put into `out`."""
    error = certain_sigmoid_error(outputs, error)
    np.matmul(error, weights[:-1].T, out=out)
    return affine_gradient(error, hidden)
