"""The rectified linear unit."""

import numpy as np
from numpy.typing import ArrayLike

from Foundation.Pieces import in_pieces
from Layers.Base import BaseLayer


class ReLU(BaseLayer):
    r"""Let positive numbers pass and set the others to zero.

    $$y = \max(0, x), \qquad \frac{\partial L}{\partial x} = \begin{cases} e & x > 0 \\ 0 & x \le 0 \end{cases}$$

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    At x = 0, where the derivative does not exist, the error is 0.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: V. Nair, G. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.

    >>> layer = ReLU()
    >>> layer.forward([[-1.0, 0.0, 2.0]])
    array([[0., 0., 2.]])
    >>> layer.backward([[5.0, 5.0, 5.0]])
    array([[0., 0., 5.]])
    """

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """The positive part of the input, in the input's shape."""
        input_tensor = self._receive(input_tensor)
        output = np.empty_like(input_tensor)
        in_pieces(lambda part: np.maximum(input_tensor[part], 0, out=output[part]), input_tensor)
        self._remember(output)
        return output

    def backward(self, error_tensor: ArrayLike) -> np.ndarray:
        """The error where the input, and so the output, was positive."""
        (output,) = self._recall()
        error_tensor = self._receive(error_tensor, output.shape, output.dtype, "error tensor")
        input_error = np.empty_like(output)

        def compute(part: slice) -> None:
            piece = input_error[part]
            np.greater(output[part], 0, out=piece, casting="unsafe")  # as the numbers 1 and 0
            piece *= error_tensor[part]

        in_pieces(compute, output)
        return input_error
