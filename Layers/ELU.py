"""The exponential linear unit."""

import numpy as np

from Foundation import Checks
from Foundation.Formulas import elementwise, only_where
from Layers.Base import BaseLayer, backward_pass, forward_pass


class ELU(BaseLayer):
    r"""Let positive numbers pass, and bend the others towards a bound.

    $$y = \begin{cases} x & x > 0 \\ \alpha\, (\mathrm{exp}(x) - 1) & x \le 0 \end{cases}, \qquad
      \frac{\partial L}{\partial x} = \begin{cases} e & x > 0 \\ e\, \alpha\, \mathrm{exp}(x) & x \le 0 \end{cases}$$

    What comes out has a mean nearer to 0 than behind a `ReLU`, and what is far below 0 all but the same value, -α.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Args:
        alpha: the bound α, at least 0; with 1, and only then, the slope has no jump at 0 (1).

    Raises:
        TypeError, ValueError: where `alpha` is no such number, the input is empty or not made of numbers, or the error
            has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by exponential linear
    units", ICLR 2016.

    >>> from Layers import ELU
    >>> layer = ELU.ELU()
    >>> layer.forward([[-1000.0, -1e-20, 2.0]])
    array([[-1.e+00, -1.e-20,  2.e+00]])
    >>> layer.backward([[5.0, 5.0, 5.0]])
    array([[0., 5., 5.]])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = Checks.number(alpha, "ELU", "alpha", least=0)

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The positive part of the input and the bent negative part, in the input's shape."""
        self.kept = input_tensor
        return elementwise(lambda x, a: np.maximum(x, 0) + a * np.expm1(np.minimum(x, 0)), input_tensor, self.alpha)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error where the input was positive, and times α exp(x) elsewhere."""
        return elementwise(
            lambda x, e, a: only_where(x > 0, e) + a * np.exp(np.minimum(x, 0)) * only_where(x <= 0, e),
            *(self.kept, error_tensor, self.alpha),
        )
