"""The sigmoid linear unit, also called swish."""

import numpy as np

from Foundation.Formulas import elementwise
from Foundation.NumPySettings import ignoring_range
from Layers.Base import BaseLayer, backward_pass, forward_pass


class SiLU(BaseLayer):
    r"""Weigh each number by its own sigmoid: a smooth `ReLU` that dips a little below 0.

    $$y = x\, \sigma(x), \qquad \frac{\partial L}{\partial x} = e\, \sigma(x)\, \bigl(1 + x\, (1 - \sigma(x))\bigr)$$

    The slope is what `forward` keeps. It is undefined, NaN, where the input is infinite.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning", Neural Networks 107 (2018).

    >>> from Layers import SiLU
    >>> layer = SiLU.SiLU()
    >>> layer.forward([[-1000.0, 0.0, 1000.0]])
    array([[  -0.,    0., 1000.]])
    >>> layer.backward([[4.0, 4.0, 4.0]])
    array([[-0.,  2.,  4.]])
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Each element times its sigmoid."""
        output, self.kept = ignoring_range(
            elementwise, lambda x: (x * (s := 1 / (np.exp(-x) + 1)), s * (1 + x * (1 - s))), input_tensor
        )
        return output

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error times the slope that `forward` has found."""
        return elementwise(lambda slope, e: slope * e, self.kept, error_tensor)
