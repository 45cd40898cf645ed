"""The smooth rectified linear unit."""

import numpy as np

from Foundation.Formulas import elementwise
from Layers.Activations import sigmoid
from Layers.Base import BaseLayer, backward_pass, forward_pass


class Softplus(BaseLayer):
    r"""Make numbers positive: those far above 0 pass, those far below are all but 0, without a kink between.

    $$y = \log(1 + \mathrm{exp}(x)) = \max(0, x) + \log(1 + \mathrm{exp}(-|x|)), \qquad
      \frac{\partial L}{\partial x} = e\, \sigma(x)$$

    The second form has no exponential that could be too large. A variance or a rate is a good use of it.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau, R. Garcia, "Incorporating second-order functional knowledge for
    better option pricing", NIPS 2000.

    >>> from Layers import Softplus
    >>> layer = Softplus.Softplus()
    >>> layer.forward([[-1000.0, 1000.0]])
    array([[   0., 1000.]])
    >>> layer.backward([[4.0, 4.0]])
    array([[0., 4.]])
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The logarithm of 1 + exp(x) for each element."""
        self.kept = input_tensor
        return elementwise(lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), input_tensor)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error times the derivative σ(x)."""
        return sigmoid(self.kept) * error_tensor
