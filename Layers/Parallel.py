"""Layers side by side."""

import functools
from typing import Any

import numpy as np

from Foundation import Checks
from Layers.Base import backward_pass, forward_pass
from Layers.Chain import as_layer
from Layers.Composite import CompositeLayer, held_layers


class Parallel(CompositeLayer):
    r"""Branches that get the same input, and whose outputs are added, or joined along an axis.

    $$y = \sum_i f_i(x) \quad\text{or}\quad y = [f_1(x), \dots, f_n(x)], \qquad
    \frac{\partial L}{\partial x} = \sum_i f_i'(x)^\top e_i$$

    with the error e, which is every branch's when outputs are added, and else divided as they are.

    Shapes: the input as each branch takes it. Outputs that are added have one shape, which is the output's; those that
    are joined may differ in the length of the axis along which they are.

    Args:
        branches: a list of layers; lists of layers in it are branches of several layers in a row.
        join: `"add"`, or `"concatenate"` ("add").
        axis: along which outputs are concatenated: 1 for features `(batch, features)` and for channels
            `(batch, channels, y, x)`, -1 for the features of sequences `(batch, time, features)` (1).

    Raises TypeError for what is no layer; ValueError for none at all, for a layer in two places, for an axis where
    nothing is concatenated, and in `forward` where the shapes of the outputs don't fit.

    Source: C. Szegedy et al., "Going deeper with convolutions", CVPR 2015.

    >>> from Layers import FullyConnected, TanH
    >>> layer = Parallel([FullyConnected.FullyConnected(4, 3), TanH.TanH()], join="concatenate")
    >>> layer.forward(np.ones((2, 4))).shape
    (2, 7)
    """

    def __init__(self, branches: Any, join: str = "add", axis: int = 1) -> None:
        several = isinstance(branches, list | tuple)
        self.branches = held_layers([*map(as_layer, branches)] if several else branches, self, "branches")
        self.join = Checks.one_of(join, "Parallel", "join", ("add", "concatenate"))
        self.axis = Checks.integer(axis, "Parallel", "axis")
        if join == "add" and axis != 1:
            raise ValueError(f'Parallel: expected join="concatenate" where axis is set, got join="add", axis={axis}')

    def parts(self) -> dict[str, Any]:
        """The branches by their numbers."""
        return {f"branch {number} of {len(self.branches)}": one for number, one in enumerate(self.branches, start=1)}

    @property
    def takes_integers(self) -> bool:  # type: ignore[override]
        """Whether whole numbers reach all branches as they came."""
        return all(getattr(branch, "takes_integers", False) for branch in self.branches)

    @forward_pass()
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """The outputs of the branches, as one."""
        outputs = [self.through(branch, input_tensor) for branch in self.branches]
        self._require_shapes_that_fit([output.shape for output in outputs])
        if self.join == "add":
            return functools.reduce(np.add, outputs)
        self.kept = np.cumsum([output.shape[self.axis] for output in outputs[:-1]])
        return np.concatenate(outputs, self.axis)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """The sum of the errors of all branches; None where nobody needs it."""
        if self.join == "add":
            parts = [error_tensor] * len(self.branches)
        else:
            parts = np.split(error_tensor, self.kept, self.axis)
        errors = [self.back(*pair, self.needs_input_error) for pair in zip(self.branches, parts, strict=True)]
        return functools.reduce(np.add, errors) if self.needs_input_error else None

    def _require_shapes_that_fit(self, shapes: list[tuple[int, ...]]) -> None:
        """Raise ValueError where outputs can't be joined; the axes but the first, the batch's, may be joined along."""
        axes, compared = len(shapes[0]), shapes
        if self.join == "concatenate":
            if not (1 <= self.axis < axes or -axes < self.axis < 0):
                raise ValueError(
                    f"{self!r}: expected axis to be one behind the first of {Checks.shape_text(shapes[0])}"
                )
            at = self.axis % axes
            compared = [(*shape[:at], *shape[at + 1 :]) if len(shape) == axes else shape for shape in shapes]
        for place, shape, what in zip(self.parts(), shapes, compared, strict=True):
            if what != compared[0]:
                beside = "" if self.join == "add" else f" but for axis {self.axis}"
                raise ValueError(
                    f"{self!r}: expected branches to give one shape{beside}, got {Checks.shape_text(shapes[0])} from "
                    f"branch 1 of {len(shapes)} and {Checks.shape_text(shape)} from {place}"
                )
