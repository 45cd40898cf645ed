"""The rectified linear unit."""

import numpy as np

from Foundation.Formulas import elementwise, only_where
from Layers.Base import BaseLayer, backward_pass, forward_pass


class ReLU(BaseLayer):
    r"""Let positive numbers pass and set the others to zero.

    $$y = \max(0, x), \qquad \frac{\partial L}{\partial x} = \begin{cases} e & x > 0 \\ 0 & x \le 0 \end{cases}$$

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    At x = 0, where the derivative does not exist, the error is 0; so it is where x is negative and e infinite.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: V. Nair, G. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.

    >>> from Layers import ReLU
    >>> layer = ReLU.ReLU()
    >>> layer.forward([[-1.0, 0.0, 2.0]])
    array([[0., 0., 2.]])
    >>> layer.backward([[5.0, 5.0, 5.0]])
    array([[0., 0., 5.]])
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The positive part of the input, in the input's shape."""
        output, self.kept = elementwise(lambda x: (y := np.maximum(x, 0), y > 0), input_tensor)
        return output

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error where the input was positive."""
        return elementwise(lambda positive, e: only_where(positive, e), self.kept, error_tensor)
