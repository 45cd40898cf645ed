"""What surrounds the formulas of a layer in every pass: reading, keeping, and the step.

@forward_pass("batch", "input_size")
def forward(self, input_tensor):
    (weights,) = self.used
    self.kept = input_tensor
    return input_tensor @ weights

@backward_pass
def backward(self, error_tensor):
    (weights,) = self.used
    self.gradient_weights = self.kept.T @ error_tensor
    return error_tensor @ weights.T
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks, Supervision
from Foundation.Forks import compute_undivided
from Foundation.Memory import keep_freed_memory
from Foundation.Supervision import running_network
from Foundation.Underflow import underflow_is_ignored, without_underflow

Formula = Callable[[Any, Any], Any]

#: What a layer has read before its first pass, or since one of its parameters was set: shape, type, parameters.
NOTHING: tuple[Any, ...] = (None, None, ())

#: Bytes of an input times bytes of parameters: below, the matrix library has no threads that a fork could meet at work.
_WORTH_THREADS = 2**22


def forward_pass(*axes: str, hint: str = "", by_rows: bool = False) -> Callable[[Formula], Formula]:
    """Around the formula of `forward`: read the input and the parameters, and note what `backward` asks for.

    The formula gets the input as an array of float32 or float64, in the type of the parameters where there are some,
    and these in `self.used`. Whole numbers stay what they are where the layer `takes_integers`. NaN and infinity, which
    would spoil parameters for good, are refused where there are some.

    Args:
        axes: of the input, each the name of an attribute that says its length, or a word for any length; in brackets
            where it may be missing. None at all for any shape.
        hint: ends the message where the input has more axes than expected.
        by_rows: whether the formulas of both passes get sequences as a matrix too, a row for each step of each.
    """
    if any(callable(axis) for axis in axes):
        raise TypeError("forward_pass: expected the names of axes, got a function; write @forward_pass() for any shape")
    names = [axis.strip("[]") for axis in axes]
    optional = [place for place, axis in enumerate(axes) if "[" in axis]

    def around(formula: Formula) -> Formula:
        @functools.wraps(formula)
        def forward(self: Any, input_tensor: ArrayLike) -> np.ndarray:
            values: Any = input_tensor
            shape, dtype, used = self._read_before
            if type(values) is not np.ndarray or values.shape != shape or values.dtype != dtype:
                used = _read_parameters(self) if self.parameter_names else ()
                values = _read_input(self, input_tensor, names, optional, hint, used)
                self.require_room(values.shape)
                untouched: bool = values is input_tensor
                if untouched and _are_held(self, used):
                    self._read_before = values.shape, values.dtype, used
            supervised = running_network() is not None
            alone = bool(used) and not supervised
            if alone and self.refuses_nan:
                Checks.require_finite(values, self, "input")
            self.used, self.kept, self._passed = used, None, None
            if by_rows and (self._leading is not None or values.ndim > 2):
                self._leading = values.shape[:-1] if values.ndim > 2 else None
                values = values.reshape(-1, values.shape[-1])
            if alone and values.nbytes * used[0].nbytes > _WORTH_THREADS:
                output = compute_undivided(without_underflow, formula, self, values)
            elif underflow_is_ignored():
                output = formula(self, values)
            else:
                output = without_underflow(formula, self, values)
            if self._leading is not None:
                output = output.reshape(*self._leading, -1)
            try:
                self._passed = output.shape, output.dtype
            except AttributeError:
                name = type(output).__name__
                raise TypeError(f"{self!r}: expected forward to return an array, got {name}") from None
            return output

        return forward

    return around


def backward_pass(formula: Formula) -> Formula:
    """Around the formula of `backward`: read the error, and let the layer step when the formula is done.

    The formula gets the error in shape and type of the output, and sets `gradient_<name>` for each parameter. It finds
    in `self.used` the parameters that `forward` used, whatever was set since, and no variable of it holds them any more
    when they step.
    """

    @functools.wraps(formula)
    def backward(self: Any, error_tensor: ArrayLike) -> np.ndarray | None:
        if self._passed is None:
            raise RuntimeError(f"{self!r}: backward needs what forward keeps for it; call forward first")
        shape, dtype = self._passed
        errors: Any = error_tensor
        if type(errors) is not np.ndarray or errors.shape != shape or errors.dtype != dtype:
            errors = Checks.tensor(errors, self, "error tensor", shape, dtype)
        supervised = running_network() is not None
        alone = bool(self.used) and not supervised
        if alone and self.refuses_nan:
            Checks.require_finite(errors, self, "error tensor")
        if self._leading is not None:
            errors = errors.reshape(-1, errors.shape[-1])
        input_error: np.ndarray | None
        if self._builds_on_backward and not supervised:  # the other one is not to step before this one is done
            input_error = Supervision.supervised({id(self): False}, formula, self, errors)
        elif alone and errors.nbytes * self.used[0].nbytes > _WORTH_THREADS:
            input_error = compute_undivided(without_underflow, formula, self, errors)
        elif underflow_is_ignored():
            input_error = formula(self, errors)
        else:
            input_error = without_underflow(formula, self, errors)
        if self._leading is not None and input_error is not None:
            input_error = input_error.reshape(*self._leading, -1)
        if self.used:
            self.update()
        return input_error

    return backward


def _read_parameters(layer: Any) -> tuple[np.ndarray, ...]:
    """The parameters for use in a pass, of the declared shapes, in the float32 or float64 of the first one."""
    used: list[np.ndarray] = []
    for parameter in layer.declared:
        array = vars(layer).get(parameter.name)
        if array is None:
            array = parameter.held(layer)
        dtype = used[0].dtype if used else None
        used.append(Checks.tensor(array, layer, parameter.name, parameter.shape(layer), dtype))
        Checks.require_finite(used[-1], layer, parameter.name)
    return tuple(used)


def _read_input(
    layer: Any, values: Any, names: list[str], optional: list[int], hint: str, used: tuple[np.ndarray, ...]
) -> np.ndarray:
    """The input, of the declared shape, in the type of the parameters."""
    keep_freed_memory()
    if not names:
        values = Checks.number_array(values, layer, "input")
        if not values.ndim:
            raise ValueError(f"{layer!r}: expected input (batch, …), got a number alone; put it into an array?")
    shape: Checks.Shape | None = tuple(getattr(layer, name, name) for name in names) or None
    if optional and shape:
        values = Checks.number_array(values, layer, "input")
        missing = len(shape) - getattr(layer, "number_of_axes", values.ndim)
        if hint and (missing < 0 or (missing < 1 and _would_fit_flat(values, shape[-1]))):
            missing = len(shape)  # of what the hint makes of it
        left_out = optional[max(0, len(optional) - max(0, missing)) :]
        shape = tuple(length for place, length in enumerate(shape) if place not in left_out)
    if layer.takes_integers:
        values = Checks.number_array(values, layer, "input")
        if values.dtype.kind in "iu":
            return Checks.tensor(values, layer, "input", shape, values.dtype, hint)
    tensor = Checks.tensor(values, layer, "input", shape, used[0].dtype if used else None, hint)
    if not tensor.ndim:
        raise ValueError(f"{layer!r}: expected input (batch, …), got one number; put it into an array, [[{tensor:g}]]")
    return tensor


def _would_fit_flat(values: np.ndarray, features: Any) -> bool:
    """Whether samples of several axes don't have so many features in the last one, but so many numbers altogether."""
    return values.shape[-1] != features and math.prod(values.shape[1:]) == features


def _are_held(layer: Any, used: tuple[np.ndarray, ...]) -> bool:
    """Whether the arrays that are used are those that the layer holds, so that nobody can change one unnoticed."""
    return all(
        parameter.holds(layer, array) for parameter, array in zip(getattr(layer, "declared", ()), used, strict=True)
    )
