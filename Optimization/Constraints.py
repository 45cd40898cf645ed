"""The regularizers: what keeps weights small.

A network with large weights can bend its decisions around every single training sample. A regularizer
adds a price for the weights to the loss, and the optimizer pays it by shrinking them a little in every
step.

By the course, every parameter of a layer has its price, weights and biases alike (and γ and β of a batch
normalization). `biases=False` confines it to the weights, as is usual elsewhere: a bias bends nothing, it only moves.
"""

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable
from Foundation.Formulas import elementwise
from Foundation.NumPySettings import ignoring_range
from Foundation.Pieces import LARGE
from Foundation.Underflow import underflow_is_ignored, without_underflow

_SMALLEST_SUM = 1e-270  # in which no square that counts was lost
_HALF = 512  # an exponent, so that sums of the largest numbers are finite without it
_PIECE = 2**13  # numbers that lie in the cache, and are too few for the matrix library to wake a thread


class Regularizer(Configurable, ABC):
    """A price for the weights.

    Args:
        alpha: how much the price counts beside the loss. A finite number of at least 0.
        biases: whether biases have the price too, as the course has it (True). Which part of a parameter is biases
            the layer tells its optimizer; this object is handed what has the price.
    """

    def __init__(self, alpha: float, *, biases: bool = True) -> None:
        self.alpha = Checks.number(alpha, type(self).__name__, "alpha", least=0)
        if not isinstance(biases, bool | np.bool_):
            raise TypeError(f"{type(self).__name__}: expected biases to be True or False, got {biases!r}")
        self.biases = bool(biases)

    @abstractmethod
    def calculate_gradient(self, weights: ArrayLike) -> np.ndarray:
        """The direction in which an optimizer shrinks the weights, in their shape."""

    @abstractmethod
    def norm(self, weights: ArrayLike) -> float:
        """What the weights add to the loss."""


def of_weights(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Around a formula of a regularizer: reads the weights as an array of float32 or float64."""

    def of_array(self: Regularizer, weights: ArrayLike) -> Any:
        return formula(self, Checks.floating_array(weights, self, "weights"))

    @functools.wraps(formula)
    def calculate(self: Regularizer, weights: ArrayLike) -> Any:
        if not underflow_is_ignored():
            return without_underflow(of_array, self, weights)
        return formula(self, Checks.floating_array(weights, self, "weights"))

    return calculate


def sum_of_squares(array: np.ndarray, factor: float = 1.0) -> float:
    """The sum of the squares of all elements times a factor, in float64, in which no square of a float32 is too large.

    Where squares of float64 numbers are too large or too small, the sum is that of numbers around 1, scaled: infinite
    or 0 only where the result is.

    >>> f"{sum_of_squares(np.array([3e20, 4e20], 'float32')):.3g}"
    '2.5e+41'
    >>> f"{sum_of_squares(np.array([3e200, 4e200]), 1e-200):.3g}"
    '2.5e+201'
    """
    flat = array.ravel(order="K")
    total = _sum_of_squares(flat)
    largest = float(np.abs(flat).max(initial=0)) if not _SMALLEST_SUM <= total < math.inf else 0.0
    if not 0 < largest < math.inf:
        return factor * total
    exponent = math.frexp(largest)[1]
    scaled = _sum_of_squares(np.ldexp(flat.astype(float), -exponent))
    return _scaled(factor, scaled, 2 * exponent)


def _sum_of_squares(flat: np.ndarray) -> float:
    if flat.size > _PIECE:
        return sum(_sum_of_squares(flat[start : start + _PIECE]) for start in range(0, flat.size, _PIECE))
    wide = flat.astype(float, copy=False)
    return float(np.vdot(wide, wide))  # which, unlike dot, tells nothing of sums that are too large


def _scaled(factor: float, number: float, exponent: int) -> float:
    """The product of two numbers and a power of two; infinite or 0 only where it is, whatever they are on the way."""
    (first, more), (second, most) = math.frexp(factor), math.frexp(number)
    try:
        return math.ldexp(first * second, more + most + exponent)
    except OverflowError:
        return math.inf


class L1_Regularizer(Regularizer):
    r"""The sum of the absolute weights: drives those that are of little use to zero.

    $$R(w) = \alpha \sum_i |w_i|, \qquad \nabla R(w) = \alpha\, \mathrm{sign}(w)$$

    Shapes: weights of any shape, the gradient in the same.

    Args:
        alpha: how much the price counts beside the loss. A finite number of at least 0.
        biases: whether biases are regularized like weights, as in the course, or left alone (True).

    At w = 0, where the derivative does not exist, the gradient is 0.

    Raises:
        TypeError, ValueError: where an argument is no such value, or the weights are not made of numbers.

    Source: R. Tibshirani, "Regression shrinkage and selection via the lasso", Journal of the Royal
    Statistical Society B 58 (1996).

    >>> from Optimization import Constraints
    >>> regularizer = Constraints.L1_Regularizer(0.5)
    >>> regularizer.calculate_gradient([[1.0, -3.0, 0.0]])
    array([[ 0.5, -0.5,  0. ]])
    >>> regularizer.norm([[1.0, -3.0, 0.0]])
    2.0
    """

    @of_weights
    def calculate_gradient(self, weights: np.ndarray) -> np.ndarray:
        """α · sign(w), in the shape of the weights."""
        if weights.nbytes > LARGE:
            return elementwise(_signs, weights, self.alpha)
        return self.alpha * np.sign(weights)

    @of_weights
    def norm(self, weights: np.ndarray) -> float:
        """α · Σ|w|."""
        total = float(ignoring_range(np.add.reduce, np.abs(weights), None, float))
        if math.isinf(total) and np.isfinite(weights).all():
            return _scaled(self.alpha, float(np.ldexp(np.abs(weights), -_HALF).sum(dtype=float)), _HALF)
        return self.alpha * total


def _signs(w: Any, alpha: float) -> Any:
    return alpha * np.sign(w)


class L2_Regularizer(Regularizer):
    r"""The sum of the squared weights: shrinks each in proportion to its size, the large ones most.

    $$R(w) = \alpha \sum_i w_i^2, \qquad \text{step along } \alpha\, w$$

    The step is not the derivative of the reported price, which would be 2αw: it belongs to
    $\frac{\alpha}{2} \sum w^2$. This is the course's convention. Whoever compares with another library
    halves α there for the loss, or doubles it here for the step.

    Shapes: weights of any shape, the gradient in the same.

    Args:
        alpha: how much the price counts beside the loss. A finite number of at least 0.
        biases: whether biases are regularized like weights, as in the course, or left alone (True).

    Raises:
        TypeError, ValueError: where an argument is no such value, or the weights are not made of numbers.

    Source: A. Krogh, J. Hertz, "A simple weight decay can improve generalization", NIPS 1991.

    >>> from Optimization import Constraints
    >>> regularizer = Constraints.L2_Regularizer(0.5)
    >>> regularizer.calculate_gradient([[1.0, -3.0]])
    array([[ 0.5, -1.5]])
    >>> regularizer.norm([[1.0, -3.0]])
    5.0
    """

    @of_weights
    def calculate_gradient(self, weights: np.ndarray) -> np.ndarray:
        """α · w (not 2α · w), in the shape of the weights."""
        return self.alpha * weights

    @of_weights
    def norm(self, weights: np.ndarray) -> float:
        """α · Σw²."""
        return sum_of_squares(weights, self.alpha)
