"""The optimizers: how a parameter follows its gradient.

An optimizer belongs to one parameter, since most of them remember earlier gradients of it. Layers
therefore copy the optimizer that they are handed, once for each parameter.
"""

import copy
import math
from collections.abc import Mapping
from contextlib import nullcontext
from operator import setitem
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks, Moves, Pieces
from Foundation.Configurable import Configurable
from Foundation.Formulas import OVERWRITTEN, moving
from Foundation.InPlace import add_multiple, adding
from Foundation.MatrixLibrary import ON_ONE_THREAD, on_the_calling_thread
from Foundation.Moves import Calls
from Foundation.NumPySettings import USUAL, current, ignoring_range
from Foundation.SparseRows import SparseRows
from Foundation.Underflow import underflow_is_ignored, without_underflow
from Optimization.Schedules import Rate, rate_or_schedule

#: What a class, or somebody in one object, may write anew: a step is then theirs.
_WRITTEN_ANEW = frozenset({"calculate_update", "plan", "rule", "step_in_place"})
_OUR_PRICES = f"{__package__}.Constraints"
_PRICES = frozenset({"calculate_gradient", "norm"})


class _LearningRate:
    """The step width that was set: a number, or a function of the step."""

    def __get__(self, optimizer: Any, owner: Any = None) -> Any:
        if optimizer is None:
            return self
        if "learning_rate" not in vars(optimizer):
            name = type(optimizer).__name__
            raise AttributeError(
                f"{name} has no learning_rate; call super().__init__(learning_rate) in its constructor"
            )
        return vars(optimizer)["learning_rate"]

    def __set__(self, optimizer: Any, learning_rate: Rate) -> None:
        vars(optimizer)["learning_rate"] = rate_or_schedule(learning_rate, type(optimizer).__name__)


class Optimizer(Configurable):
    r"""A rule for one step of a parameter.

    With a regularizer $R$ the parameter first shrinks along the regularizer's gradient at the weights
    before the step, and then takes the plain step of the data gradient:

    $$w \leftarrow w - \eta\, \nabla R(w) + \Delta w$$

    The shrinkage enters neither the velocity nor the moments that an optimizer remembers. It takes weights and biases
    alike, by the course; `L2_Regularizer(alpha, biases=False)` leaves the biases alone.

    An optimizer of one's own is its `rule`, which moves the weights where they lie, and the names of what it remembers,
    arrays of the parameter's shape that begin with zeros and that the rule moves too. What surrounds a rule (reading,
    checking, shrinking, counting, copying, saving) is written here. The rule is handed copies, which take the place of
    the others when it is done: an error in it, or Ctrl-C, leaves all as it was.

    >>> class MeanDescent(Optimizer):
    ...     remembered = ("mean",)
    ...     def rule(self, weights, gradient, learning_rate, mean):
    ...         mean += 0.1 * (gradient - mean)
    ...         weights -= learning_rate * mean
    >>> MeanDescent(0.5).calculate_update(np.ones(2), np.array([2.0, 4.0]))
    array([0.9, 0.8])

    Attributes:
        learning_rate: step width η. A finite number of at least 0, or a function of the step such as a schedule.
        regularizer: None, or an object with `calculate_gradient(weights)` and `norm(weights)`.
        remembered: names of the attributes that hold what the rule remembers; None there before the first step.
        bias_rows: how many of the parameter's last rows are biases, None for all (0). The layer knows it and sets it.
    """

    remembered: tuple[str, ...] = ()
    learning_rate = _LearningRate()
    regularizer: Any = None
    bias_rows: int | None = 0
    owned: Mapping[str, Any] = Moves.NOTHING_OWNED
    #: Whether elements of which the gradient is 0 stay as they are.
    leaves_zeros_alone = False
    #: Whether a step is what `plan` says, and calls nothing of somebody's own but the regularizer.
    moves_are_ours = False
    _steps = 0

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherited = all(getattr(cls, name) is getattr(Optimizer, name) for name in _WRITTEN_ANEW)
        cls.moves_are_ours = inherited and cls.moves.__module__ == __name__ and cls.moves is not Optimizer.moves

    def __init__(self, learning_rate: Rate, *, regularizer: Any = None) -> None:
        self.learning_rate = learning_rate
        self.regularizer = regularizer
        for name in self.remembered:
            setattr(self, name, None)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _WRITTEN_ANEW:
            vars(self)["moves_are_ours"] = False
        elif name == "regularizer" and value is not None:
            self._check_regularizer(value)
        super().__setattr__(name, value)

    def __getstate__(self) -> dict[str, Any]:
        with Moves.moving:  # whoever copies the optimizer or saves it has the arrays now
            vars(self).pop("owned", None)
            return dict(vars(self))

    @property
    def current_learning_rate(self) -> float:
        """The step width of the next step; raises TypeError or ValueError where a function of the step gives none."""
        known = vars(self)
        learning_rate = known["learning_rate"] if "learning_rate" in known else self.learning_rate
        if not callable(learning_rate):
            return learning_rate
        return Checks.number(learning_rate(self._steps), repr(self), f"learning_rate of step {self._steps}", least=0)

    @property
    def steps_taken(self) -> int:
        """How many steps there have been; a copied or loaded optimizer goes on counting."""
        return self._steps

    def __copy__(self) -> Self:
        return copy.deepcopy(self)  # what is remembered moves where it lies, and belongs to one parameter

    def add_regularizer(self, regularizer: Any) -> None:
        """Shrink the parameter along the regularizer's gradient from now on."""
        self._check_regularizer(regularizer)
        self.regularizer = regularizer

    def _check_regularizer(self, regularizer: Any) -> None:
        signatures = "calculate_gradient(weights)", "norm(weights)"
        Checks.methods(regularizer, self, "a regularizer", "L2_Regularizer(1e-3)", *signatures)

    def calculate_update(self, weight_tensor: ArrayLike, gradient_tensor: ArrayLike) -> Any:
        """The parameter after one step; neither argument is changed.

        Both are arrays of one shape, or plain numbers. Raises ValueError where their shapes differ, or the gradient is
        not finite or so large that what is remembered, or the parameter, would not be; nothing has moved then.
        """
        weights: Any = weight_tensor
        gradient: Any = gradient_tensor
        alike = Checks.are_alike(weights, gradient)
        if not alike:
            weights = Checks.number_array(weights, self, "weights")
            gradient = Checks.number_array(gradient, self, "a gradient")
            Checks.require_finite(weights, self, "weights")
            Checks.require_finite(gradient, self, "a gradient")
            weights = weights.astype(Checks.floating_dtype(np.result_type(weights, gradient)), copy=False)
            if not (weights.ndim or isinstance(weight_tensor, np.ndarray)):  # a plain number is a vector of one there
                return self.calculate_update(weights[np.newaxis], np.atleast_1d(gradient))[0]
        alone = alike and self.moves_are_ours and not self.remembered and self.regularizer is None
        work = self._added if alone else self._stepped
        quiet = current() is USUAL or underflow_is_ignored()
        return work(weights, gradient) if quiet else without_underflow(work, weights, gradient)

    def _added(self, weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """The parameter after a step that moves nothing else: a new array, at which one may look afterwards."""
        learning_rate, updated = self.current_learning_rate, None
        if weights.size >= ON_ONE_THREAD:
            updated = Pieces.moved_copy(lambda piece, g: self.moves(piece, g, learning_rate), weights, gradient)
        elif math.isfinite(Checks.vdot(gradient, gradient)):
            ((function, *inputs, _),) = self.moves(weights, gradient, learning_rate)
            updated = function(*inputs)
        if updated is None:
            return self._stepped(weights, gradient)
        vars(self)["_steps"] = self._steps + 1
        return updated

    def _stepped(self, weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """The parameter after a step, which a copy takes."""
        few = gradient.size < ON_ONE_THREAD and math.isfinite(Checks.vdot(gradient, gradient))  # without a further call
        alike = not few and weights.shape == gradient.shape
        if alike and not on_the_calling_thread(Checks.squares_are_finite, gradient):
            self.refuse_what_overflows(weights, gradient)
        large = OVERWRITTEN < weights.nbytes > Pieces.LARGE and self.moves_are_ours
        updated = np.empty_like(weights) if large else weights.copy(order="K")
        self.step_in_place(updated, gradient, weights)
        return updated

    def refuse_what_overflows(self, weights: np.ndarray, gradient: np.ndarray) -> None:
        """Raise NonFiniteError for a gradient by which the parameter, or what is remembered, would not stay finite.

        For gradients that are not finite, or enormous: a copy of this optimizer tries the step.
        """
        if not Checks.is_finite(gradient):
            position = tuple(map(int, np.argwhere(~np.isfinite(gradient))[0]))
            raise Checks.NonFiniteError(
                f"{self!r}: expected a gradient of finite numbers, got {gradient[position]} at {position}"
            )
        trial, result = copy.deepcopy(self), weights.astype(Checks.floating_dtype(weights.dtype))
        with np.errstate(all="ignore"):
            trial.step_in_place(result, gradient, weights)
        results = {"the parameter": result} | {name.strip("_"): vars(trial)[name] for name in self.remembered}
        for name, array in results.items():
            if not Checks.is_finite(array) and Checks.is_finite(weights):
                raise Checks.NonFiniteError(
                    f"{self!r}: expected a gradient after which {name} is finite in {array.dtype}, got numbers up to "
                    f"{np.abs(gradient).max():g}; scale the inputs, or clip the gradient"
                )

    @property
    def steps_in_place(self) -> bool:
        """Whether `step_in_place` does what `calculate_update` does, and nobody else sees the array that it moves.

        Not where somebody has written `calculate_update` or the rule anew, or a regularizer that might keep what it is
        handed.
        """
        return self.moves_are_ours and not self.asks_a_stranger

    @property
    def asks_a_stranger(self) -> bool:
        """Whether the regularizer is none of this library's, or somebody has put a method of their own into it."""
        price = self.regularizer
        return price is not None and not (type(price).__module__ == _OUR_PRICES and _PRICES.isdisjoint(price.__dict__))

    def step_in_place(self, weights: np.ndarray, gradient: np.ndarray, unmoved: np.ndarray | None = None) -> None:
        """`calculate_update` for an array of float32 or float64 that may be changed: it holds the result.

        `unmoved` is a copy of the weights for the regularizer to look at, from which large ones are taken. Weights,
        what is remembered and the count move together: errors and interrupts come before it, or interrupts after it.
        """
        shrinkage = None if self.regularizer is None else self.shrinkage(weights if unmoved is None else unmoved)
        large = unmoved is not None and OVERWRITTEN < weights.nbytes > Pieces.LARGE and self.moves_are_ours
        calls: Calls = [(setitem, weights, ..., unmoved)] if large else []
        # What a rule of somebody's own moves are copies: while it is at work nobody has to wait.
        with Moves.moving if self.moves_are_ours else nullcontext():
            self.plan(calls, weights, gradient, shrinkage)
            Moves.run(calls)

    def plan(self, calls: Calls, weights: np.ndarray, gradient: np.ndarray, shrinkage: Any = None) -> None:
        """Add the calls that take a step: of the weights, of what is remembered, and of the count.

        `shrinkage` is what the regularizer gives; it is asked where there is none. Whatever is wrong is found here,
        where nothing moves; see `Foundation.Moves`.
        """
        shape, dtype, known = weights.shape, weights.dtype, self.__dict__
        if shrinkage is None and self.regularizer is not None:
            shrinkage = self.shrinkage(weights)
        if type(gradient) is not np.ndarray:
            if self._moves_rows_alone(gradient, shrinkage) and gradient.shape == shape:
                self._plan_rows(calls, weights, gradient)
                return
            gradient = np.asarray(gradient)
        if gradient.shape != shape:
            raise ValueError(
                f"{self!r}: expected a gradient of the weights' shape {Checks.shape_text(shape)}, "
                f"got {Checks.shape_text(gradient.shape)}"
            )
        if gradient.dtype is not dtype:
            gradient = Checks.number_array(gradient, self, "a gradient").astype(dtype, copy=False)
        learning_rate = known["learning_rate"] if "learning_rate" in known else self.learning_rate
        if callable(learning_rate):
            learning_rate = self.current_learning_rate
        if not self.moves_are_ours:
            self._plan_by_rule(calls, weights, gradient, learning_rate, shrinkage)
            return
        owned, memory = self.owned, []
        for name in self.remembered:
            array = known.get(name)
            if array is None or array.shape != shape or array.dtype != dtype or owned.get(name) is not array:
                array = self._recalled(name, weights)
                calls += [(setitem, known, name, array), (setitem, Moves.owned_by(self), name, array)]
            memory.append(array)
        if shrinkage is not None and weights.nbytes <= OVERWRITTEN:
            moved = self._shrunk(weights, learning_rate, shrinkage)
            calls += [*self.moves(moved, gradient, learning_rate, *memory), (setitem, weights, ..., moved)]
        else:
            if shrinkage is not None:
                calls += adding(self._regularized(weights), -learning_rate, shrinkage)
            calls += self.moves(weights, gradient, learning_rate, *memory)
        if weights.nbytes > Pieces.LARGE:
            calls[:] = Pieces.together(calls)
        calls.append((setitem, known, "_steps", self._steps + 1))

    def _moves_rows_alone(self, gradient: Any, shrinkage: np.ndarray | None) -> bool:
        """Whether a step along a gradient moves some rows, see `Foundation.SparseRows`, and nothing beside them."""
        alone = isinstance(gradient, SparseRows) and self.moves_are_ours and shrinkage is None
        return alone and (gradient.lazy or self.leaves_zeros_alone)

    def _plan_rows(self, calls: Calls, weights: np.ndarray, gradient: Any) -> None:
        """The step of some rows, and of what is remembered of them: they are taken out, moved and put back."""
        known, rows = vars(self), gradient.rows
        wholes: list[Any] = [weights]
        for name in self.remembered:
            whole = known.get(name)
            if whole is None or whole.dtype != weights.dtype or self.owned.get(name) is not whole:
                whole = self._recalled(name, weights)
                calls += [(setitem, known, name, whole), (setitem, Moves.owned_by(self), name, whole)]
            wholes.append(whole)
        parts = [whole[rows] for whole in wholes]
        values = gradient.values.astype(weights.dtype, copy=False)
        if len(rows):
            calls += Pieces.together(self.moves(parts[0], values, self.current_learning_rate, *parts[1:]))
        calls += [(setitem, whole, rows, part) for whole, part in zip(wholes, parts, strict=True)]
        calls.append((setitem, known, "_steps", self._steps + 1))

    def _plan_by_rule(self, calls: Calls, weights: Any, gradient: Any, learning_rate: float, shrinkage: Any) -> None:
        """The same for a rule of somebody's own, which moves copies at once."""
        known = vars(self)
        before = {name: known.get(name) for name in self.remembered}
        memory = {name: self._recalled(name, weights) for name in self.remembered}
        moved = weights.copy(order="K") if shrinkage is None else self._shrunk(weights, learning_rate, shrinkage)
        returned: Any = self.rule(moved, gradient, learning_rate, *memory.values())  # type: ignore[func-returns-value]
        if returned is not None and returned is not moved:
            raise TypeError(
                f"{self!r}: expected rule to move the weights where they lie, `weights -= …`, and to return nothing, "
                f"got a {type(returned).__name__}"
            )
        if Checks.is_finite(weights):
            Checks.refuse_what_is_not_finite(moved, self, "rule to leave weights")
        for name, array in memory.items():
            if known.get(name) is before[name]:  # else the rule has set it by itself
                calls.append((setitem, known, name, array))
        calls += [(setitem, weights, ..., moved), (setitem, known, "_steps", self._steps + 1)]

    def _shrunk(self, weights: np.ndarray, learning_rate: float, shrinkage: np.ndarray) -> np.ndarray:
        """A copy of the weights that has shrunk already."""
        if weights.ndim and shrinkage.shape == weights.shape and shrinkage.dtype is weights.dtype:
            return weights + -learning_rate * shrinkage
        shrunk = weights.copy(order="K")
        add_multiple(self._regularized(shrunk), -learning_rate, shrinkage)
        return shrunk

    def rule(
        self, weights: np.ndarray, gradient: np.ndarray, learning_rate: float, *remembered: Any, **others: Any
    ) -> None:
        """Move the weights, and what is remembered, where they lie; all arrays have the same shape and type."""
        Moves.run(self.moves(weights, gradient, learning_rate, *remembered))

    def moves(self, weights: np.ndarray, gradient: np.ndarray, learning_rate: float, *remembered: Any) -> Calls:
        """The calls, see `Foundation.Moves`, that do what the rule does.

        Here the weights go into a direction that `_step(gradient)` gives, with the factor that it gives.
        """
        factor, direction = self._step(gradient)
        return adding(weights, factor, direction)

    def _step(self, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        raise NotImplementedError(
            f"{self!r}: expected this class to have rule(weights, gradient, learning_rate), _step(gradient) or its own "
            "calculate_update"
        )

    def _recalled(self, name: str, weights: np.ndarray) -> np.ndarray:
        """A copy of what is remembered under a name, in the type of the weights: zeros before the first step."""
        remembered = getattr(self, name, None)  # its own constructor may not call the one here
        if remembered is None:
            return np.zeros_like(weights)
        remembered = np.asarray(remembered)
        if remembered.shape != weights.shape:
            raise ValueError(
                f"{self!r}: remembers a gradient of shape {Checks.shape_text(remembered.shape)}, got one of shape "
                f"{Checks.shape_text(weights.shape)}; an optimizer belongs to one parameter, make a copy for each"
            )
        return remembered.astype(weights.dtype)

    def _regularized(self, weights: np.ndarray) -> np.ndarray:
        """The rows that are regularized: all of them, or those that aren't biases."""
        if self.bias_rows == 0 or getattr(self.regularizer, "biases", True):
            return weights
        return weights[: 0 if self.bias_rows is None else len(weights) - self.bias_rows]

    def shrinkage(self, weights: np.ndarray) -> np.ndarray | None:
        """The regularizer's gradient at the weights; None where it regularizes none of them."""
        regularized = weights if getattr(self.regularizer, "biases", True) else self._regularized(weights)
        if not regularized.size:
            return None
        # Somebody's own regularizer may write into what it is handed.
        handed = regularized.copy(order="K") if self.asks_a_stranger else regularized
        given = self.regularizer.calculate_gradient(handed)
        shrinkage = Checks.number_array(given, self, "a regularizer's gradient")
        if shrinkage.shape != regularized.shape:
            raise ValueError(
                f"{self!r}: expected a regularizer's gradient of the weights' shape "
                f"{Checks.shape_text(regularized.shape)}, got {Checks.shape_text(shrinkage.shape)}"
            )
        if self.asks_a_stranger and Checks.is_finite(regularized):
            reached = ignoring_range(shrinkage.astype, weights.dtype, copy=False)
            Checks.refuse_what_is_not_finite(reached, self, "a regularizer's gradient")
        return shrinkage


class Sgd(Optimizer):
    r"""Stochastic gradient descent: a step of fixed width against the gradient.

    $$w \leftarrow w - \eta\, \nabla L$$

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step such as a schedule.
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    Raises:
        TypeError, ValueError: where an argument is none of these.

    Source: H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical
    Statistics 22 (1951).

    >>> from Optimization import Optimizers
    >>> float(Optimizers.Sgd(0.1).calculate_update(1.0, 2.0))
    0.8
    """

    leaves_zeros_alone = True

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float) -> Calls:
        """The step of the data gradient."""
        return adding(w, -eta, g)


class SgdWithMomentum(Optimizer):
    r"""Gradient descent with a velocity: steps in a lasting direction grow, steps that alternate cancel.

    $$v \leftarrow \mu v - \eta\, \nabla L, \qquad w \leftarrow w + v$$

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step such as a schedule.
        momentum_rate: share μ of the velocity that is kept, 0 ≤ μ < 1 (0.9).
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    Raises:
        TypeError, ValueError: where an argument is none of these, or a gradient has another shape than the last.

    Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
    Computational Mathematics and Mathematical Physics 4 (1964).

    >>> from Optimization import Optimizers
    >>> optimizer = Optimizers.SgdWithMomentum(0.1, 0.9)
    >>> weight = optimizer.calculate_update(1.0, 1.0)
    >>> round(float(optimizer.calculate_update(weight, 1.0)), 12)
    0.71
    """

    remembered = ("_velocity",)

    def __init__(self, learning_rate: Rate, momentum_rate: float = 0.9, *, regularizer: Any = None) -> None:
        super().__init__(learning_rate, regularizer=regularizer)
        self.momentum_rate = Checks.number(momentum_rate, type(self).__name__, "momentum_rate", least=0, below=1)

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float, v: np.ndarray) -> Calls:
        """The step along the velocity, once the gradient has changed it."""
        return [(np.multiply, v, self.momentum_rate, v), *adding(v, -eta, g), *adding(w, 1, v)]


class Nesterov(SgdWithMomentum):
    r"""Momentum that looks ahead: the step goes as far as the velocity will take the parameter next.

    $$v \leftarrow \mu v - \eta\, \nabla L, \qquad w \leftarrow w + \mu v - \eta\, \nabla L$$

    The parameter stands where the velocity leads, so that the gradient is that of the place ahead. Where the learning
    rate changes, the velocity keeps what earlier steps have put into it, as that of `SgdWithMomentum` does; PyTorch's
    multiplies all of it by the new rate.

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step such as a schedule.
        momentum_rate: share μ of the velocity that is kept, 0 ≤ μ < 1 (0.9).
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    Raises:
        TypeError, ValueError: where an argument is none of these, or a gradient has another shape than the last.

    Source: Y. Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)", Soviet
    Mathematics Doklady 27 (1983), as in I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of
    initialization and momentum in deep learning", ICML 2013.

    >>> from Optimization import Optimizers
    >>> optimizer = Optimizers.Nesterov(0.1, 0.9)
    >>> weight = optimizer.calculate_update(1.0, 1.0)
    >>> round(float(optimizer.calculate_update(weight, 1.0)), 12)
    0.539
    """

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float, v: np.ndarray) -> Calls:
        """The step along the gradient and the velocity that it has changed."""
        return moving(_nesterov_step, w, v, g, eta, self.momentum_rate, into=(0, 1))


def _nesterov_step(w: Any, v: Any, g: Any, eta: float, mu: float) -> tuple[Any, Any]:
    v = mu * v - eta * g
    return w + mu * v - eta * g, v


class AdaGrad(Optimizer):
    r"""Steps that get shorter by all that there have been: each element has the width that its own gradients leave.

    $$r \leftarrow r + g^2, \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt r + \epsilon}$$

    Elements with rare gradients, such as those of rare words, keep long steps. Nothing is ever forgotten, so that a
    long training comes to rest.

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step such as a schedule (0.01).
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    ε = 1e-10 keeps the quotient finite.

    Raises:
        TypeError, ValueError: where an argument is none of these, or a gradient has another shape than the last.

    Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", Journal of Machine Learning Research 12 (2011).

    >>> from Optimization import Optimizers
    >>> optimizer = Optimizers.AdaGrad(0.5)
    >>> weight = optimizer.calculate_update(1.0, 3.0)
    >>> round(float(optimizer.calculate_update(weight, 4.0)), 9)
    0.1
    """

    remembered = ("_sum_of_squares",)

    def __init__(self, learning_rate: Rate = 0.01, *, regularizer: Any = None) -> None:
        super().__init__(learning_rate, regularizer=regularizer)

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float, r: np.ndarray) -> Calls:
        """The step of the gradient, divided by the root of the sum of all squares."""
        return moving(_adagrad_step, w, r, g, eta, into=(0, 1))


def _adagrad_step(w: Any, r: Any, g: Any, eta: float) -> tuple[Any, Any]:
    r = r + g * g
    return w - eta * (g / (np.sqrt(r) + 1e-10)), r


class RMSprop(Optimizer):
    r"""`AdaGrad` that forgets: each element's step is divided by the size that its gradients have had of late.

    $$r \leftarrow \rho r + (1 - \rho)\, g^2, \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt r + \epsilon}$$

    The mean of squares starts at zero, which makes the first steps long: 1 / √(1 - ρ) times η. `Adam` makes up for it,
    and has a momentum besides.

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step such as a schedule (0.01).
        rho: share of the mean of squares that is kept, 0 ≤ rho < 1 (0.99).
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    ε = 1e-8 keeps the quotient finite.

    Raises:
        TypeError, ValueError: where an argument is none of these, or a gradient has another shape than the last.

    Source: T. Tieleman, G. Hinton, "Lecture 6.5: RMSprop", Neural Networks for Machine Learning, Coursera, 2012.

    >>> from Optimization import Optimizers
    >>> round(float(Optimizers.RMSprop(0.1, rho=0.75).calculate_update(1.0, 5.0)), 8)
    0.8
    """

    remembered = ("_second_moment",)

    def __init__(self, learning_rate: Rate = 0.01, rho: float = 0.99, *, regularizer: Any = None) -> None:
        super().__init__(learning_rate, regularizer=regularizer)
        self.rho = Checks.number(rho, "RMSprop", "rho", least=0, below=1)

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float, r: np.ndarray) -> Calls:
        """The step of the gradient, divided by the root of the mean of squares."""
        return moving(_rmsprop_step, w, r, g, eta, self.rho, into=(0, 1))


def _rmsprop_step(w: Any, r: Any, g: Any, eta: float, rho: float) -> tuple[Any, Any]:
    r = rho * r + (1 - rho) * (g * g)
    return w - eta * (g / (np.sqrt(r) + 1e-8)), r


class Adam(Optimizer):
    r"""Momentum with a step width of its own for every element of the parameter.

    $$v \leftarrow \mu v + (1 - \mu)\, g, \qquad r \leftarrow \rho r + (1 - \rho)\, g^2, \qquad
      w \leftarrow w - \eta\, \frac{v / (1 - \mu^k)}{\sqrt{r / (1 - \rho^k)} + \epsilon}$$

    Both moments start at zero; dividing by $1 - \mu^k$ and $1 - \rho^k$ in step k = 1, 2, … makes up for it.

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step
            such as a schedule (0.001).
        mu: share of the first moment that is kept, 0 ≤ mu < 1; β₁ in the paper (0.9).
        rho: share of the second moment that is kept, 0 ≤ rho < 1; β₂ in the paper (0.999).
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    ε = 1e-8 keeps the quotient finite.

    Raises:
        TypeError, ValueError: where an argument is none of these, or a gradient has another shape than the last.

    Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    >>> from Optimization import Optimizers
    >>> round(float(Optimizers.Adam(0.1).calculate_update(1.0, 5.0)), 8)
    0.9
    """

    remembered = ("_first_moment", "_second_moment")

    def __init__(
        self, learning_rate: Rate = 0.001, mu: float = 0.9, rho: float = 0.999, *, regularizer: Any = None
    ) -> None:
        super().__init__(learning_rate, regularizer=regularizer)
        self.mu = Checks.number(mu, type(self).__name__, "mu", least=0, below=1)
        self.rho = Checks.number(rho, type(self).__name__, "rho", least=0, below=1)

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float, v: np.ndarray, r: np.ndarray) -> Calls:
        """The step along the first moment, divided by the root of the second."""
        return moving(_adam_step, w, v, r, g, eta, self.mu, self.rho, self._steps + 1, into=(0, 1, 2))


def _adam_step(w: Any, v: Any, r: Any, g: Any, eta: float, mu: float, rho: float, k: int) -> tuple[Any, Any, Any]:
    v = mu * v + (1 - mu) * g
    r = rho * r + (1 - rho) * (g * g)
    return w - eta / (1 - mu**k) * (v / (np.sqrt(r / (1 - rho**k)) + 1e-8)), v, r


class AdamW(Adam):
    r"""Adam with weights that decay by themselves, apart from the gradient and its moments.

    $$w \leftarrow (1 - \eta \lambda)\, w - \eta\, \frac{v / (1 - \mu^k)}{\sqrt{r / (1 - \rho^k)} + \epsilon}$$

    with the moments v and r of `Adam`. A decay inside the gradient, as elsewhere an L2 penalty with Adam is, would be
    divided by √r with it, and weights with large gradients would hardly decay. Here regularizers are never in the
    gradient, see `Optimizer`: `Adam(regularizer=L2_Regularizer(λ))` takes the same steps as this one, adds the price of
    the weights to the loss, and with `biases=False` leaves the biases alone. This one has no price, and takes all
    alike.

    Args:
        learning_rate: step width η. A finite number of at least 0, or a function of the step
            such as a schedule (0.001).
        mu: share of the first moment that is kept, 0 ≤ mu < 1; β₁ in the paper (0.9).
        rho: share of the second moment that is kept, 0 ≤ rho < 1; β₂ in the paper (0.999).
        decay: rate λ of the decay, a finite number of at least 0 (0.01).
        regularizer: what the parameter shrinks along beside, see `Optimizer` (None).

    ε = 1e-8 keeps the quotient finite.

    Raises:
        TypeError, ValueError: where an argument is none of these, or a gradient has another shape than the last.

    Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019.

    >>> from Optimization import Optimizers
    >>> round(float(Optimizers.AdamW(0.1, decay=0.5).calculate_update(1.0, 5.0)), 8)
    0.85
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        mu: float = 0.9,
        rho: float = 0.999,
        decay: float = 0.01,
        *,
        regularizer: Any = None,
    ) -> None:
        super().__init__(learning_rate, mu, rho, regularizer=regularizer)
        self.decay = Checks.number(decay, "AdamW", "decay", least=0)

    def moves(self, w: np.ndarray, g: np.ndarray, eta: float, v: np.ndarray, r: np.ndarray) -> Calls:
        """The decay, and Adam's step."""
        numbers = eta, self.mu, self.rho, self._steps + 1, self.decay
        return moving(_adamw_step, w, v, r, g, *numbers, into=(0, 1, 2))


def _adamw_step(
    w: Any, v: Any, r: Any, g: Any, eta: float, mu: float, rho: float, k: int, decay: float
) -> tuple[Any, Any, Any]:
    return _adam_step((1 - eta * decay) * w, v, r, g, eta, mu, rho, k)
