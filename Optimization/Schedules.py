"""Schedules: learning rates that depend on the step.

Large steps get far at first, small ones settle at last. A schedule stands in the place of an optimizer's learning rate,
`Sgd(LinearDecay(0.1, steps=1000))`, and the optimizer asks it before every step. Steps are counted from 0.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from Foundation import Checks
from Foundation.Configurable import Configurable

#: What an optimizer takes as a learning rate: a number, or a function of the step, such as a `Schedule`.
Rate = float | Callable[[int], float]


class Schedule(Configurable, ABC):
    """A function of the step.

    Schedules of one class and the same arguments are equal: each optimizer has a copy. One of one's own is its formula:

    >>> class InverseRoot(Schedule):
    ...     def __init__(self, learning_rate):
    ...         self.learning_rate = learning_rate
    ...     def __call__(self, step):
    ...         return self.learning_rate / math.sqrt(1 + step)
    >>> InverseRoot(0.1)(3)
    0.05
    """

    @abstractmethod
    def __call__(self, step: int) -> float:
        """The learning rate of a step."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.configuration() == self.configuration()


class Constant(Schedule):
    r"""The same learning rate in every step.

    $$\eta_i = \eta$$

    Args:
        learning_rate: step width η. A finite number of at least 0.

    Raises:
        TypeError, ValueError: where the learning rate is no such number.

    >>> from Optimization import Schedules
    >>> [Schedules.Constant(0.1)(step) for step in range(3)]
    [0.1, 0.1, 0.1]
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = _rate(self, learning_rate, "learning_rate")

    def __call__(self, step: int) -> float:
        """η."""
        return self.learning_rate


class StepDecay(Schedule):
    r"""A learning rate that falls by a factor at regular intervals.

    $$\eta_i = \eta\, \gamma^{\lfloor i / n \rfloor}$$

    Args:
        learning_rate: step width η of the first n steps. A finite number of at least 0.
        steps: number n of steps between two falls.
        factor: what the learning rate is multiplied by, 0 < γ ≤ 1 (0.1).

    Raises:
        TypeError, ValueError: where an argument is no such number.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016, section 3.4.

    >>> from Optimization import Schedules
    >>> schedule = Schedules.StepDecay(0.8, steps=3, factor=0.5)
    >>> [round(schedule(step), 3) for step in range(8)]
    [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]
    """

    def __init__(self, learning_rate: float, steps: int, factor: float = 0.1) -> None:
        self.learning_rate = _rate(self, learning_rate, "learning_rate")
        self.steps, self.factor = _steps(self, steps), _factor(self, factor)

    def __call__(self, step: int) -> float:
        """η · γ^⌊i / n⌋."""
        return self.learning_rate * self.factor ** int(step // self.steps)


class ExponentialDecay(Schedule):
    r"""A learning rate that falls by the same factor in every interval, a little in every step.

    $$\eta_i = \eta\, \gamma^{i / n}$$

    It has the values of `StepDecay` where that one falls, and lies below it between.

    Args:
        learning_rate: step width η of the first step. A finite number of at least 0.
        steps: number n of steps in which it falls by the factor.
        factor: what it is multiplied by in n steps, 0 < γ ≤ 1 (0.1).

    Raises:
        TypeError, ValueError: where an argument is no such number.

    >>> from Optimization import Schedules
    >>> schedule = Schedules.ExponentialDecay(0.8, steps=3, factor=0.5)
    >>> [round(schedule(step), 3) for step in range(8)]
    [0.8, 0.635, 0.504, 0.4, 0.317, 0.252, 0.2, 0.159]
    """

    def __init__(self, learning_rate: float, steps: int, factor: float = 0.1) -> None:
        self.learning_rate = _rate(self, learning_rate, "learning_rate")
        self.steps, self.factor = _steps(self, steps), _factor(self, factor)

    def __call__(self, step: int) -> float:
        """η · γ^(i / n)."""
        return self.learning_rate * self.factor ** float(step / self.steps)


class LinearDecay(Schedule):
    r"""A learning rate that falls evenly and stays where it ends.

    $$\eta_i = \eta_\text{end} + (\eta - \eta_\text{end}) \left(1 - \frac{\min(i, n)}{n}\right)$$

    Args:
        learning_rate: step width η of the first step. A finite number of at least 0.
        steps: number n of steps of the fall; the step that is counted n is the first at the end.
        end: learning rate of all steps from then on. A finite number of at least 0 (0).

    Raises:
        TypeError, ValueError: where an argument is no such number.

    >>> from Optimization import Schedules
    >>> schedule = Schedules.LinearDecay(0.8, steps=4)
    >>> [round(schedule(step), 3) for step in range(7)]
    [0.8, 0.6, 0.4, 0.2, 0.0, 0.0, 0.0]
    """

    def __init__(self, learning_rate: float, steps: int, end: float = 0.0) -> None:
        self.learning_rate = _rate(self, learning_rate, "learning_rate")
        self.steps, self.end = _steps(self, steps), _rate(self, end, "end")

    def __call__(self, step: int) -> float:
        """The weighted mean of η and its end, by the share of the fall that is left."""
        share = float(min(step, self.steps) / self.steps)
        return self.learning_rate * (1 - share) + self.end * share


class CosineDecay(Schedule):
    r"""A learning rate that falls along half a cosine, slowly at first and at last, and stays where it ends.

    $$\eta_i = \eta_\text{end} + (\eta - \eta_\text{end})\, \frac{1}{2} \left(1 + \cos \frac{\pi \min(i, n)}{n}\right)$$

    Args:
        learning_rate: step width η of the first step. A finite number of at least 0.
        steps: number n of steps of the fall; the step that is counted n is the first at the end.
        end: learning rate of all steps from then on. A finite number of at least 0 (0).

    Raises:
        TypeError, ValueError: where an argument is no such number.

    Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017; one period of
    it, without restarts.

    >>> from Optimization import Schedules
    >>> schedule = Schedules.CosineDecay(0.8, steps=4)
    >>> [round(schedule(step), 3) for step in range(7)]
    [0.8, 0.683, 0.4, 0.117, 0.0, 0.0, 0.0]
    """

    def __init__(self, learning_rate: float, steps: int, end: float = 0.0) -> None:
        self.learning_rate = _rate(self, learning_rate, "learning_rate")
        self.steps, self.end = _steps(self, steps), _rate(self, end, "end")

    def __call__(self, step: int) -> float:
        """The weighted mean of η and its end, by half a cosine."""
        share = 0.5 * (1 + math.cos(math.pi * min(step, self.steps) / self.steps))
        return self.learning_rate * share + self.end * (1 - share)


class WarmUp(Schedule):
    r"""A learning rate that rises evenly to the first one of another schedule, which then goes on from there.

    $$\eta_i = \begin{cases} \frac{i + 1}{n + 1}\, \eta'_0 & i < n \\ \eta'_{i - n} & i \ge n \end{cases}$$

    The first steps come from weights that mean nothing yet; short ones keep them from doing harm that later ones would
    have to undo.

    Args:
        learning_rate: what comes behind: a schedule η′, which begins with its own step 0 then, or a number.
        steps: number n of steps of the rise.

    Raises:
        TypeError, ValueError: where an argument is no such thing.

    Source: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2.

    >>> from Optimization import Schedules
    >>> schedule = Schedules.WarmUp(Schedules.LinearDecay(0.8, steps=4), steps=3)
    >>> [round(schedule(step), 3) for step in range(9)]
    [0.2, 0.4, 0.6, 0.8, 0.6, 0.4, 0.2, 0.0, 0.0]
    """

    def __init__(self, learning_rate: Rate, steps: int) -> None:
        self.learning_rate = rate_or_schedule(learning_rate, type(self).__name__)
        self.steps = _steps(self, steps)

    def __call__(self, step: int) -> float:
        """The share of the first rate that the rise has reached, or what the schedule behind it says."""
        rise = min(1, float((step + 1) / (self.steps + 1)))
        return rise * rate_of(self.learning_rate, max(0, step - self.steps))


def rate_or_schedule(value: Any, owner: str) -> Rate:
    """A `learning_rate` that somebody gives: a function of the step as it is, a number once it is checked."""
    if callable(value) and not isinstance(value, type):
        return value
    return Checks.number(value, owner, "learning_rate", least=0)


def rate_of(learning_rate: Rate, step: int) -> float:
    """The learning rate of a step.

    >>> from Optimization import Schedules
    >>> rate_of(0.1, 5), rate_of(Schedules.Constant(0.2), 5)
    (0.1, 0.2)
    """
    return learning_rate(step) if callable(learning_rate) else learning_rate


def _rate(schedule: Schedule, value: Any, name: str) -> float:
    return Checks.number(value, type(schedule).__name__, name, least=0)


def _steps(schedule: Schedule, value: Any) -> int:
    return Checks.positive_integer(value, type(schedule).__name__, "steps")


def _factor(schedule: Schedule, value: Any) -> float:
    factor = Checks.number(value, type(schedule).__name__, "factor")
    if not 0 < factor <= 1:
        raise ValueError(f"{type(schedule).__name__}: expected factor above 0 and at most 1, got {value!r}")
    return factor
