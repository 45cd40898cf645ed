"""The hyperbolic tangent."""

import numpy as np
from numpy.typing import ArrayLike

from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer


class TanH(BaseLayer):
    r"""Squash numbers into (-1, 1).

    $$y = \tanh x, \qquad \frac{\partial L}{\partial x} = e\, (1 - y^2)$$

    The derivative is a function of the activation y, so that y is what `forward` keeps.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, "Efficient backprop", 1998.

    >>> layer = TanH()
    >>> layer.forward([[0.0, 1000.0]])
    array([[0., 1.]])
    >>> layer.backward([[5.0, 5.0]])
    array([[5., 0.]])
    """

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The hyperbolic tangent of each element."""
        input_tensor = self._receive(input_tensor)
        activations = np.empty_like(input_tensor)
        in_pieces(lambda part: np.tanh(input_tensor[part], out=activations[part]), input_tensor)
        self._remember(activations)
        return activations

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """The error times the derivative 1 - y²."""
        (activations,) = self._recall()
        error_tensor = self._receive(error_tensor, activations.shape, activations.dtype, "error tensor")
        input_error = np.empty_like(activations)

        def compute(part: slice) -> None:
            piece = input_error[part]
            np.square(activations[part], out=piece)
            np.subtract(1, piece, out=piece)
            piece *= error_tensor[part]

        in_pieces(compute, activations)
        return input_error
