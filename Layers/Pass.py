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
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.Supervision import running_network

Formula = Callable[[Any, Any], Any]

#: What a layer has read before its first pass.
NOTHING: tuple[Any, ...] = (None, None, (), ())


def forward_pass(*axes: str, hint: str = "") -> Callable[[Formula], Formula]:
    """Around the formula of `forward`: read the input and the parameters, and note what `backward` asks for.

    The formula gets the input as an array of float32 or float64, in the type of the parameters where there are some,
    and these in `self.used`. NaN and infinity, which would spoil parameters for good, are refused where there are some.

    Args:
        axes: of the input, each the name of an attribute that says its length, or a word for any length; in brackets
            where it may be missing. None at all for any shape.
        hint: ends the message where the input has more axes than expected.
    """
    names = [axis.strip("[]") for axis in axes]
    fewest = sum("[" not in axis for axis in axes)
    from_the_end = bool(axes) and "[" in axes[0]

    def around(formula: Formula) -> Formula:
        @functools.wraps(formula)
        def forward(self: Any, input_tensor: ArrayLike) -> np.ndarray:
            values: Any = input_tensor
            shape, dtype, sources, used = self._read_before
            known = type(values) is np.ndarray and values.shape == shape and values.dtype == dtype
            for name, array in sources:
                known = known and vars(self).get(name) is array
            if not known:
                used = _read_parameters(self) if self.parameter_names else ()
                values = _read_input(self, input_tensor, names, fewest, from_the_end, hint, used)
                if values is input_tensor:
                    self._read_before = _as_it_is(self, values, used)
            supervised = running_network() is not None
            if used and self.refuses_nan and not supervised:
                Checks.require_finite(values, self, "input")
            self.used, self.kept, self._passed = used, None, None
            output = formula(self, values) if supervised else _alone(formula, self, values)
            self._passed = output.shape, output.dtype
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
        if self.used and self.refuses_nan and not supervised:
            Checks.require_finite(errors, self, "error tensor")
        input_error: np.ndarray | None = formula(self, errors) if supervised else _alone(formula, self, errors)
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
    return tuple(used)


def _read_input(
    layer: Any, values: Any, names: list[str], fewest: int, from_the_end: bool, hint: str, used: tuple[np.ndarray, ...]
) -> np.ndarray:
    """The input, of the declared shape, in the type of the parameters."""
    if fewest < len(names):
        values = Checks.number_array(values, layer, "input")
        count = max(fewest, getattr(layer, "number_of_axes", values.ndim))
        names = names[-count:] if from_the_end else names[:count]
    shape = tuple(getattr(layer, name, name) for name in names) or None
    return Checks.tensor(values, layer, "input", shape, used[0].dtype if used else None, hint)


def _as_it_is(layer: Any, values: Any, used: tuple[np.ndarray, ...]) -> tuple[Any, ...]:
    """What need not be read again: the input's shape and type, parameters and what is used of them."""
    sources = tuple((name, vars(layer).get(name)) for name in layer.parameter_names)
    same = all(array is source for array, (_, source) in zip(used, sources, strict=False))
    return (values.shape, values.dtype, sources, used) if same else NOTHING


def noting_what_it_makes(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Around a pass of somebody's own: note the attributes that it makes, which are no part of a saved layer."""
    if hasattr(formula, "__wrapped__"):
        return formula

    @functools.wraps(formula)
    def noting(self: Any, *arguments: Any, **options: Any) -> Any:
        before = set(vars(self))
        try:
            return formula(self, *arguments, **options)
        finally:
            if made := vars(self).keys() - before:
                self._made_by_passes = self._made_by_passes | made

    return noting


def _alone(formula: Formula, layer: Any, values: np.ndarray) -> Any:
    """The result of a formula, in which numbers too small for their type are 0 and no error."""
    with np.errstate(under="ignore"):
        return formula(layer, values)
