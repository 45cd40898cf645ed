"""The Gaussian error linear unit."""

import math

import numpy as np

from Foundation.Formulas import elementwise
from Foundation.NumPySettings import ignoring_range
from Layers.Activations import normal_distribution
from Layers.Base import BaseLayer, backward_pass, forward_pass


class GELU(BaseLayer):
    r"""Weigh each number by the probability that a standard normal one is smaller: a smooth `ReLU`.

    $$y = x\, \Phi(x), \qquad \frac{\partial L}{\partial x} = e\, \bigl(\Phi(x) + x\, \varphi(x)\bigr), \qquad
      \varphi(x) = \frac{1}{\sqrt{2 \pi}}\, \mathrm{exp}(-x^2 / 2)$$

    This is the exact form, $\Phi(x) = \frac{1}{2} (1 + \mathrm{erf}(x / \sqrt 2))$, and none of the approximations by a
    hyperbolic tangent or a sigmoid. SciPy, which is loaded at the first call, knows Φ to all digits also where it is
    tiny; that takes several times as long as `SiLU`.

    The slope is what `forward` keeps. It is undefined, NaN, where the input is infinite.

    Shapes: input, output and errors `(batch, …)`, any number of axes.

    Raises:
        TypeError, ValueError: where the input is empty or not made of numbers, or the error has another shape.
        RuntimeError: where `backward` is called before `forward`.

    Source: D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", 2016.

    >>> from Layers import GELU
    >>> layer = GELU.GELU()
    >>> layer.forward([[-1000.0, 0.0, 1000.0]])
    array([[  -0.,    0., 1000.]])
    >>> layer.backward([[4.0, 4.0, 4.0]])
    array([[0., 2., 4.]])
    """

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Each element times the share of the normal distribution below it."""
        output, self.kept = ignoring_range(
            elementwise,
            lambda x, root: (x * (p := normal_distribution(x)), p + x * (np.exp(-0.5 * (x * x)) / root)),
            *(input_tensor, math.sqrt(2 * math.pi)),
        )
        return output

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray:
        """The error times the slope that `forward` has found."""
        return elementwise(lambda slope, e: slope * e, self.kept, error_tensor)
