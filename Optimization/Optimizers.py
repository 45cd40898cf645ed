"""The optimizers: how a parameter follows its gradient.

An optimizer belongs to one parameter, since most of them remember earlier gradients of it. Layers
therefore copy the optimizer that they are handed, once for each parameter.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Configurable import Configurable
from Foundation.InPlace import add_multiple


class Optimizer(Configurable):
    r"""A rule for one step of a parameter.

    With a regularizer $R$ the parameter first shrinks along the regularizer's gradient at the weights
    before the step, and then takes the plain step of the data gradient:

    $$w \leftarrow w - \eta\, \nabla R(w) + \Delta w$$

    The shrinkage enters neither the velocity nor the moments that an optimizer remembers.

    Attributes:
        learning_rate: step width η. A finite number of at least 0.
        regularizer: None, or an object with `calculate_gradient(weights)` and `norm(weights)`.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = Checks.number(learning_rate, type(self).__name__, "learning_rate", least=0)
        self.regularizer: Any = None

    def add_regularizer(self, regularizer: Any) -> None:
        """Shrink the parameter along the regularizer's gradient from now on."""
        for method in ("calculate_gradient", "norm"):
            if isinstance(regularizer, type) or not callable(getattr(regularizer, method, None)):
                raise TypeError(f"{self!r}: expected a regularizer with {method}(weights), got {regularizer!r}")
        self.regularizer = regularizer

    def calculate_update(self, weight_tensor: ArrayLike, gradient_tensor: ArrayLike) -> Any:
        """The parameter after one step; neither argument is changed.

        Both are arrays of one shape, or plain numbers. Raises ValueError where their shapes differ.
        """
        weights, gradient = np.asarray(weight_tensor), np.asarray(gradient_tensor)
        updated = np.array(weights, Checks.floating_dtype(np.result_type(weights, gradient)))
        self.step_in_place(updated, gradient)
        return updated if updated.ndim else updated[()]

    @property
    def steps_in_place(self) -> bool:
        """Whether `step_in_place` does what `calculate_update` does: not where somebody has written that one anew."""
        return getattr(self.calculate_update, "__func__", None) is Optimizer.calculate_update

    def step_in_place(self, weights: np.ndarray, gradient: np.ndarray) -> None:
        """`calculate_update` for an array of float32 or float64 that may be changed: it holds the result."""
        if weights.shape != gradient.shape:
            raise ValueError(
                f"{self!r}: expected a gradient of the weights' shape {Checks.shape_text(weights.shape)}, "
                f"got {Checks.shape_text(gradient.shape)}"
            )
        gradient = gradient.astype(Checks.floating_dtype(gradient.dtype), copy=False)
        shrinkage = None if self.regularizer is None else np.asarray(self.regularizer.calculate_gradient(weights))
        factor, direction = self._step(gradient if gradient.ndim else gradient[np.newaxis])
        if shrinkage is not None:
            add_multiple(weights, -self.learning_rate, shrinkage)
        add_multiple(weights, factor, direction.reshape(weights.shape))

    def _step(self, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        """What is added to the parameter: a factor, and the array that it multiplies."""
        raise NotImplementedError(f"{self!r}: expected this class to have _step(gradient) or its own calculate_update")

    def _check_owner(self, gradient: np.ndarray, remembered: np.ndarray | None) -> None:
        if remembered is not None and remembered.shape != gradient.shape:
            raise ValueError(
                f"{self!r}: remembers a gradient of shape {Checks.shape_text(remembered.shape)}, got one of shape "
                f"{Checks.shape_text(gradient.shape)}; an optimizer belongs to one parameter, make a copy for each"
            )


class Sgd(Optimizer):
    r"""Stochastic gradient descent: a step of fixed width against the gradient.

    $$w \leftarrow w - \eta\, \nabla L$$

    Args:
        learning_rate: step width η. A finite number of at least 0.

    Raises:
        TypeError, ValueError: where the learning rate is no such number.

    Source: H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical
    Statistics 22 (1951).

    >>> float(Sgd(0.1).calculate_update(1.0, 2.0))
    0.8
    """

    def _step(self, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        return -self.learning_rate, gradient


class SgdWithMomentum(Optimizer):
    r"""Gradient descent with a velocity: steps in a lasting direction grow, steps that alternate cancel.

    $$v \leftarrow \mu v - \eta\, \nabla L, \qquad w \leftarrow w + v$$

    Args:
        learning_rate: step width η. A finite number of at least 0.
        momentum_rate: share μ of the velocity that is kept, 0 ≤ μ < 1 (0.9).

    Raises:
        TypeError, ValueError: where an argument is no such number, or a gradient has another shape than the last.

    Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
    Computational Mathematics and Mathematical Physics 4 (1964).

    >>> optimizer = SgdWithMomentum(0.1, 0.9)
    >>> weight = optimizer.calculate_update(1.0, 1.0)
    >>> round(float(optimizer.calculate_update(weight, 1.0)), 12)
    0.71
    """

    def __init__(self, learning_rate: float, momentum_rate: float = 0.9) -> None:
        super().__init__(learning_rate)
        self.momentum_rate = Checks.number(momentum_rate, "SgdWithMomentum", "momentum_rate", least=0, below=1)
        self._velocity: np.ndarray | None = None

    def _step(self, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        self._check_owner(gradient, self._velocity)
        if self._velocity is None:
            self._velocity = np.zeros(gradient.shape, Checks.floating_dtype(gradient.dtype))
        self._velocity *= self.momentum_rate
        add_multiple(self._velocity, -self.learning_rate, gradient)
        return 1.0, self._velocity


class Adam(Optimizer):
    r"""Momentum with a step width of its own for every element of the parameter.

    $$v \leftarrow \mu v + (1 - \mu)\, g, \qquad r \leftarrow \rho r + (1 - \rho)\, g^2, \qquad
      w \leftarrow w - \eta\, \frac{v / (1 - \mu^k)}{\sqrt{r / (1 - \rho^k)} + \epsilon}$$

    Both moments start at zero; dividing by $1 - \mu^k$ and $1 - \rho^k$ in step k = 1, 2, … makes up for it.

    Args:
        learning_rate: step width η. A finite number of at least 0 (0.001).
        mu: share of the first moment that is kept, 0 ≤ mu < 1; β₁ in the paper (0.9).
        rho: share of the second moment that is kept, 0 ≤ rho < 1; β₂ in the paper (0.999).

    ε = 1e-8 keeps the quotient finite.

    Raises:
        TypeError, ValueError: where an argument is no such number, or a gradient has another shape than the last.

    Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    >>> round(float(Adam(0.1).calculate_update(1.0, 5.0)), 8)
    0.9
    """

    EPSILON = 1e-8

    def __init__(self, learning_rate: float = 0.001, mu: float = 0.9, rho: float = 0.999) -> None:
        super().__init__(learning_rate)
        self.mu = Checks.number(mu, "Adam", "mu", least=0, below=1)
        self.rho = Checks.number(rho, "Adam", "rho", least=0, below=1)
        self._first_moment: np.ndarray | None = None
        self._second_moment: np.ndarray | None = None
        self._steps = 0

    def _step(self, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        self._check_owner(gradient, self._first_moment)
        if self._first_moment is None or self._second_moment is None:
            self._first_moment = np.zeros(gradient.shape, Checks.floating_dtype(gradient.dtype))
            self._second_moment = np.zeros_like(self._first_moment)
        self._steps += 1
        self._first_moment *= self.mu
        add_multiple(self._first_moment, 1 - self.mu, gradient)
        self._second_moment *= self.rho
        add_multiple(self._second_moment, 1 - self.rho, np.square(gradient))
        direction = np.sqrt(self._second_moment / (1 - self.rho**self._steps))
        direction += self.EPSILON
        np.divide(self._first_moment, direction, out=direction)
        return -self.learning_rate / (1 - self.mu**self._steps), direction
