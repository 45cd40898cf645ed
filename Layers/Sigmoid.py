"""The logistic sigmoid."""

import numpy as np
from numpy.typing import ArrayLike

from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer


class Sigmoid(BaseLayer):
    r"""Squash numbers into (0, 1): scores become probabilities, each for itself.

    $$y = \sigma(x) = \frac{1}{1 + e^{-x}}, \qquad \frac{\partial L}{\partial x} = e\, y\, (1 - y)$$

    The derivative is a function of the activation y, so that y is what `forward` keeps.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating
    errors", Nature 323 (1986).

    >>> layer = Sigmoid()
    >>> layer.forward([[-1000.0, 0.0, 1000.0]])
    array([[0. , 0.5, 1. ]])
    >>> layer.backward([[4.0, 4.0, 4.0]])
    array([[0., 1., 0.]])
    """

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The sigmoid of each element."""
        activations = sigmoid(self._receive(input_tensor))
        self._remember(activations)
        return activations

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """The error times the derivative y(1 - y)."""
        (activations,) = self._recall()
        error_tensor = self._receive(error_tensor, activations.shape, activations.dtype, "error tensor")
        return sigmoid_error(error_tensor, activations)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """The sigmoid of each element, in a new array."""
    result = np.empty_like(values)

    def compute(part: slice) -> None:
        piece = result[part]
        np.negative(values[part], out=piece)
        np.exp(piece, out=piece)
        piece += 1
        np.divide(1, piece, out=piece)

    with np.errstate(over="ignore"):  # exp(1000) is infinite, and 1 / infinity the 0 that it should be
        in_pieces(compute, values)
    return result


def sigmoid_error(error_tensor: np.ndarray, activations: np.ndarray) -> np.ndarray:
    """The error before a sigmoid from the error behind it, in a new array."""
    input_error = np.empty_like(activations)

    def compute(part: slice) -> None:
        piece = input_error[part]
        np.subtract(1, activations[part], out=piece)
        piece *= activations[part]
        piece *= error_tensor[part]

    in_pieces(compute, activations)
    return input_error
