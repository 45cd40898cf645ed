"""The rectified linear unit that leaks."""

import numpy as np

from Foundation import Checks
from Foundation.Formulas import elementwise
from Layers.Base import BaseLayer, backward_pass, forward_pass


class LeakyReLU(BaseLayer):
    r"""Let positive numbers pass, and a share of the others.

    $$y = \max(x, a x), \qquad
      \frac{\partial L}{\partial x} = \begin{cases} e & x > 0 \\ a e & x \le 0 \end{cases}$$

    A `ReLU` that is negative for every sample learns nothing any more, since its error is 0; this one always does.
    With a slope of 0 it is a `ReLU`, save that infinity times 0 is NaN.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Args:
        slope: the share a of negative numbers that passes, 0 ≤ a < 1 (0.01).

    Raises:
        TypeError, ValueError: where `slope` is no such number, the input is empty or not made of numbers, or the error
            has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: A. L. Maas, A. Y. Hannun, A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic models",
    ICML 2013.

    >>> from Layers import LeakyReLU
    >>> layer = LeakyReLU.LeakyReLU(0.1)
    >>> layer.forward([[-10.0, 0.0, 2.0]])
    array([[-1.,  0.,  2.]])
    >>> layer.backward([[5.0, 5.0, 5.0]])
    array([[0.5, 0.5, 5. ]])
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = Checks.number(slope, "LeakyReLU", "slope", least=0, below=1)

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The larger one of the input and a share of it, in the input's shape."""
        self.kept = input_tensor
        return elementwise(lambda x, a: np.maximum(x, a * x), input_tensor, self.slope)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error where the input was positive, and a share of it elsewhere."""
        slope = error_tensor.dtype.type(self.slope)
        return elementwise(lambda x, e, a: np.maximum(x > 0, a) * e, self.kept, error_tensor, slope)
