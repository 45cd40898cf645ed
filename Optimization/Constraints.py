"""The regularizers: what keeps weights small.

A network with large weights can bend its decisions around every single training sample. A regularizer
adds a price for the weights to the loss, and the optimizer pays it by shrinking them a little in every
step.
"""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable


class Regularizer(Configurable, ABC):
    """A price for the weights.

    Args:
        alpha: how much the price counts beside the loss. A finite number of at least 0.
    """

    def __init__(self, alpha: float) -> None:
        self.alpha = Checks.number(alpha, type(self).__name__, "alpha", least=0)

    @abstractmethod
    def calculate_gradient(self, weights: ArrayLike) -> np.ndarray:
        """The direction in which an optimizer shrinks the weights, in their shape."""

    @abstractmethod
    def norm(self, weights: ArrayLike) -> float:
        """What the weights add to the loss."""

    def _receive(self, weights: ArrayLike) -> np.ndarray:
        array = Checks.number_array(weights, self, "weights")
        return array.astype(Checks.floating_dtype(array.dtype), copy=False)


class L1_Regularizer(Regularizer):
    r"""The sum of the absolute weights: drives those that are of little use to zero.

    $$R(w) = \alpha \sum_i |w_i|, \qquad \nabla R(w) = \alpha\, \mathrm{sign}(w)$$

    Shapes: weights of any shape, the gradient in the same.

    Args:
        alpha: how much the price counts beside the loss. A finite number of at least 0.

    At w = 0, where the derivative does not exist, the gradient is 0.

    Raises:
        TypeError, ValueError: where alpha is no such number, or the weights are not made of numbers.

    Source: R. Tibshirani, "Regression shrinkage and selection via the lasso", Journal of the Royal
    Statistical Society B 58 (1996).

    >>> regularizer = L1_Regularizer(0.5)
    >>> regularizer.calculate_gradient([[1.0, -3.0, 0.0]])
    array([[ 0.5, -0.5,  0. ]])
    >>> regularizer.norm([[1.0, -3.0, 0.0]])
    2.0
    """

    def calculate_gradient(self, weights: ArrayLike) -> np.ndarray:
        """α · sign(w), in the shape of the weights."""
        return self.alpha * np.sign(self._receive(weights))

    def norm(self, weights: ArrayLike) -> float:
        """α · Σ|w|."""
        return self.alpha * float(np.abs(self._receive(weights)).sum(dtype=float))


class L2_Regularizer(Regularizer):
    r"""The sum of the squared weights: shrinks each in proportion to its size, the large ones most.

    $$R(w) = \alpha \sum_i w_i^2, \qquad \text{step along } \alpha\, w$$

    The step is not the derivative of the reported price, which would be 2αw: it belongs to
    $\frac{\alpha}{2} \sum w^2$. This is the course's convention. Whoever compares with another library
    halves α there for the loss, or doubles it here for the step.

    Shapes: weights of any shape, the gradient in the same.

    Args:
        alpha: how much the price counts beside the loss. A finite number of at least 0.

    Raises:
        TypeError, ValueError: where alpha is no such number, or the weights are not made of numbers.

    Source: A. Krogh, J. Hertz, "A simple weight decay can improve generalization", NIPS 1991.

    >>> regularizer = L2_Regularizer(0.5)
    >>> regularizer.calculate_gradient([[1.0, -3.0]])
    array([[ 0.5, -1.5]])
    >>> regularizer.norm([[1.0, -3.0]])
    5.0
    """

    def calculate_gradient(self, weights: ArrayLike) -> np.ndarray:
        """α · w (not 2α · w), in the shape of the weights."""
        return self.alpha * self._receive(weights)

    def norm(self, weights: ArrayLike) -> float:
        """α · Σw²."""
        return self.alpha * float(np.square(self._receive(weights)).sum(dtype=float))
