"""What the attributes of optimizers may be that are no arguments."""

from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.SavedState import Check, OfClass, Table, counted, none_or
from Optimization.Optimizers import AdaGrad, Adam, Optimizer, RMSprop
from Optimization.Schedules import rate_or_schedule


def of_memory(cls: type[Optimizer]) -> OfClass:
    """The checks of what an optimizer counts, is told and remembers."""
    checks: dict[str, Check] = dict.fromkeys(cls.remembered, none_or(_remembered))
    checks |= {"_steps": counted, "bias_rows": none_or(counted), "regularizer": none_or(_regularizer)}
    return checks | {"learning_rate": _learning_rate}


def _learning_rate(value: Any, optimizer: Any, name: str) -> None:
    rate_or_schedule(value, repr(optimizer))


def _remembered(value: Any, optimizer: Any, name: str) -> None:
    """An array of floats; the layer knows its shape."""
    if type(value) is not np.ndarray or value.dtype.kind != "f":
        what = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise TypeError(f"{optimizer!r}: expected {name} to be an array of floats, got {what}")


def _squares(value: Any, optimizer: Any, name: str) -> None:
    """A mean or a sum of squares."""
    _remembered(value, optimizer, name)
    if value.size and value.min() < 0:
        raise ValueError(f"{optimizer!r}: expected {name}, of squares, not to be negative, got {value.min():g}")


def _regularizer(value: Any, optimizer: Any, name: str) -> None:
    signatures = "calculate_gradient(weights)", "norm(weights)"
    Checks.methods(value, optimizer, "a regularizer", "L2_Regularizer(1e-3)", *signatures)


TABLE: Table = {
    Optimizer: of_memory,
    AdaGrad: {"_sum_of_squares": none_or(_squares)},
    RMSprop: {"_second_moment": none_or(_squares)},
    Adam: {"_second_moment": none_or(_squares)},
}
