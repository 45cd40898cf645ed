"""The fully connected layer: every output sees every input."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Pieces import is_large
from Layers.Base import TrainableLayer


class FullyConnected(TrainableLayer):
    r"""Multiply a batch of vectors by a matrix and add a bias.

    With the weights $W$ = `weights[:-1]` and the bias $b$ = `weights[-1]`,

    $$Y = X W + b, \qquad
      \frac{\partial L}{\partial X} = E W^\top, \qquad
      \frac{\partial L}{\partial W} = X^\top E, \qquad
      \frac{\partial L}{\partial b} = \sum_i E_i .$$

    Shapes:
        input `(batch, input_size)`, output and error tensor `(batch, output_size)`;
        `weights` and `gradient_weights` `(input_size + 1, output_size)`, the bias in the last row.

    Args:
        input_size: number of features of one sample, without the bias.
        output_size: number of outputs for each sample.

    The weights are uniform in [0, 1) until `initialize` draws better ones.

    Raises:
        TypeError, ValueError: where sizes, an input or assigned weights do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: F. Rosenblatt, "The perceptron", Psychological Review 65 (1958).

    >>> layer = FullyConnected(2, 1)
    >>> layer.weights = np.array([[1.0], [10.0], [0.5]])
    >>> layer.forward([[1.0, 2.0], [3.0, 4.0]])
    array([[21.5],
           [43.5]])
    >>> layer.backward([[1.0], [1.0]])
    array([[ 1., 10.],
           [ 1., 10.]])
    >>> layer.gradient_weights.ravel()
    array([4., 6., 2.])
    """

    parameter_names = ("weights",)

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.input_size = Checks.positive_integer(input_size, "FullyConnected", "input_size")
        self.output_size = Checks.positive_integer(output_size, "FullyConnected", "output_size")
        self.weights = self._first_values((self.input_size + 1, self.output_size))

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw weights and bias; the fans are `input_size` and `output_size`."""
        fans = self.input_size, self.output_size
        weights = self._draw(weights_initializer, fans, *fans, like="weights")
        bias = self._draw(bias_initializer, (1, self.output_size), *fans, like="weights")
        self.weights = np.concatenate([weights, bias])

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """Map `(batch, input_size)` to `(batch, output_size)`."""
        weights = self._parameter("weights", (self.input_size + 1, self.output_size))
        input_tensor = self._receive_finite(
            input_tensor, ("batch", self.input_size), weights.dtype, hint="put a Flatten before it?"
        )
        self._remember(input_tensor, weights)
        output = _product(input_tensor, weights[:-1])
        output += weights[-1]
        return output

    def backward(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """Map the error `(batch, output_size)` to `(batch, input_size)`; set `gradient_weights`; update."""
        input_error = self._differentiate(error_tensor)
        self.update()  # when no variable here holds the weights any more, so that they can be changed where they lie
        return input_error

    def _differentiate(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """The error of the input; sets `gradient_weights`."""
        input_tensor, weights = self._recall()
        error_tensor = self._receive_finite(
            error_tensor, (len(input_tensor), self.output_size), weights.dtype, "error tensor"
        )
        input_error = _product(error_tensor, weights[:-1].T) if self.needs_input_error else None
        self.gradient_weights = None  # its memory serves the new gradient, while it is still in the cache
        gradient = np.empty_like(weights)
        np.matmul(input_tensor.T, error_tensor, out=gradient[:-1])
        np.einsum("ij->j", error_tensor, out=gradient[-1])
        self.gradient_weights = gradient
        return input_error


def _product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The product of a batch and a matrix."""
    if is_large(len(rows) * matrix.shape[1] * matrix.itemsize):
        return rows @ matrix  # row by row, as the layers behind it work on large arrays
    # As a transposed product, which lies column by column in memory: matrix libraries take about 15 % less time for
    # it where the batch is small, and the layers behind it work along the batch.
    return (matrix.T @ rows.T).T
