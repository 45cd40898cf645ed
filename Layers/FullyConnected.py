"""The fully connected layer: every output sees every input."""

from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Products import affine_gradient, product
from Layers.Base import Parameter, TrainableLayer, backward_pass, forward_pass


class FullyConnected(TrainableLayer):
    r"""Multiply a batch of vectors by a matrix and add a bias.

    With the weights $W$ = `weights[:-1]` and the bias $b$ = `weights[-1]`,

    $$Y = X W + b, \qquad
      \frac{\partial L}{\partial X} = E W^\top, \qquad
      \frac{\partial L}{\partial W} = X^\top E, \qquad
      \frac{\partial L}{\partial b} = \sum_i E_i .$$

    Shapes:
        input `(batch, input_size)`, output and error tensor `(batch, output_size)`; or `(batch, time, …)` of sequences,
        of which each step is mapped for itself, with the same weights;
        `weights` and `gradient_weights` `(input_size + 1, output_size)`, the bias in the last row.

    Args:
        input_size: number of features of one sample, without the bias.
        output_size: number of outputs for each sample.

    The weights are uniform in [0, 1) until `initialize` draws better ones.

    Raises:
        TypeError, ValueError: where sizes, an input or assigned weights do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: F. Rosenblatt, "The perceptron", Psychological Review 65 (1958).

    >>> from Layers import FullyConnected
    >>> layer = FullyConnected.FullyConnected(2, 1)
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

    weights = Parameter(lambda layer: (layer.input_size + 1, layer.output_size), bias_rows=1)

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.input_size = Checks.positive_integer(input_size, "FullyConnected", "input_size")
        self.output_size = Checks.positive_integer(output_size, "FullyConnected", "output_size")
        self.set_first_values()

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw weights and bias; the fans are `input_size` and `output_size`."""
        self.draw_parameters(weights_initializer, bias_initializer, weights=(self.input_size, self.output_size))

    @forward_pass("batch", "[time]", "input_size", hint="put a Flatten before it?", by_rows=True)
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(batch, input_size)` to `(batch, output_size)`. Each step of sequences, `(batch, time, …)`, likewise."""
        (weights,) = self.used
        self.kept = input_tensor
        output = product(input_tensor, weights[:-1])
        output += weights[-1]
        return output

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """Map the error `(batch, output_size)` to `(batch, input_size)`; set `gradient_weights`; update."""
        (weights,) = self.used
        self.gradient_weights = None  # its memory serves the new gradient, while it is still in the cache
        self.gradient_weights = affine_gradient(error_tensor, self.kept)
        return product(error_tensor, weights[:-1].T) if self.needs_input_error else None
