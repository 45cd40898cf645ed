r"""What a recurrent layer gives of its hidden states: $y_t = f(h_t W_y + b_y)$, each step for itself.

It looks at rows alone: neither at time nor at the cell that made them.
"""

from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Products import affine, affine_gradient
from Layers.Activations import certain_sigmoid_error, sigmoid

#: By the name of f, f itself and the error of x from y = f(x) and the error of y.
READOUTS = {"sigmoid": (sigmoid, certain_sigmoid_error), "linear": (lambda x: x, lambda y, error: error)}


def check_output(output: Any, output_size: int | None, owner: str) -> str:
    """The name of f; raises TypeError or ValueError for another one, and for one where nothing is read out."""
    if output_size is None and output == "linear":
        raise ValueError(f"{owner}: expected output_size where output='linear', got None, which gives h_t as it is")
    return Checks.one_of(output, owner, "output", READOUTS)


def read_out(hidden: np.ndarray, weights: np.ndarray, output: str = "sigmoid") -> np.ndarray:
    """The outputs that hidden states give; the bias stands in the last row of the weights.

    >>> read_out(np.array([[0.0], [100.0]]), np.array([[1.0], [0.0]]))
    array([[0.5],
           [1. ]])
    """
    return READOUTS[output][0](affine(hidden, weights[:-1], weights[-1]))


def read_out_back(
    error: np.ndarray, outputs: np.ndarray, hidden: np.ndarray, weights: np.ndarray, output: str, out: np.ndarray
) -> np.ndarray:
    """The gradient of the weights from the error of the outputs; that of the hidden states is put into `out`."""
    error = READOUTS[output][1](outputs, error)
    np.matmul(error, weights[:-1].T, out=out)
    return affine_gradient(error, hidden)
