"""The hyperbolic tangent."""

import numpy as np

from Foundation.Formulas import elementwise
from Layers.Base import BaseLayer, backward_pass, forward_pass


class TanH(BaseLayer):
    r"""Squash numbers into (-1, 1).

    $$y = \tanh x, \qquad \frac{\partial L}{\partial x} = e\, (1 - y^2)$$

    The derivative is a function of the activation y, so that y is what `forward` keeps.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, "Efficient backprop", 1998.

    >>> from Layers import TanH
    >>> layer = TanH.TanH()
    >>> layer.forward([[0.0, 1000.0]])
    array([[0., 1.]])
    >>> layer.backward([[5.0, 5.0]])
    array([[5., 0.]])
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The hyperbolic tangent of each element."""
        self.kept = elementwise(lambda x: np.tanh(x), input_tensor)
        return self.kept

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error times the derivative 1 - y²."""
        return elementwise(lambda y, e: (1 - y * y) * e, self.kept, error_tensor)
