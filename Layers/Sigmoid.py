"""The logistic sigmoid."""

import numpy as np

from Layers.Activations import sigmoid, sigmoid_error
from Layers.Base import BaseLayer, backward_pass, forward_pass


class Sigmoid(BaseLayer):
    r"""Squash numbers into (0, 1): scores become probabilities, each for itself.

    $$y = \sigma(x) = \frac{1}{1 + e^{-x}}, \qquad \frac{\partial L}{\partial x} = e\, y\, (1 - y)$$

    The derivative is a function of the activation y, so that y is what `forward` keeps. Where it is
    0 or 1, and a `BinaryCrossEntropy` follows, the product of both derivatives is y - l as everywhere else.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating
    errors", Nature 323 (1986).

    >>> from Layers import Sigmoid
    >>> layer = Sigmoid.Sigmoid()
    >>> layer.forward([[-1000.0, 0.0, 1000.0]])
    array([[0. , 0.5, 1. ]])
    >>> layer.backward([[4.0, 4.0, 4.0]])
    array([[0., 1., 0.]])
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The sigmoid of each element."""
        self.kept = sigmoid(input_tensor)
        return self.kept

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error times the derivative y(1 - y)."""
        return sigmoid_error(self.kept, error_tensor)
