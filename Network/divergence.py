"""Where in a network a number that is not finite first comes up."""

import copy
import functools
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from Foundation import Checks
from Layers.Composite import places
from Layers.Rows import place, with_lengths


def error(iteration: int, layers: Sequence[Any], tensor: np.ndarray, lengths: Any = None) -> RuntimeError:
    """What stops a training whose loss is not finite, for the input, and its lengths, that led to it."""
    return RuntimeError(
        f"iteration {iteration} was stopped: its loss is not finite; it began in {origin(layers, tensor, lengths)}. "
        "What usually helps: a smaller learning rate, inputs scaled to about 1, He or Xavier initialization"
    )


def origin(layers: Sequence[Any], tensor: np.ndarray, lengths: Any = None) -> str:
    """The place, in words, in which this input meets NaN or infinity first.

    Copies of the layers are asked, since a forward pass may change running averages; random numbers are drawn again as
    they will be without this.
    """
    random_state = np.random.get_state()  # noqa: NPY002 - layers draw from it
    try:
        for position, layer in enumerate(layers):
            where = place(layers, position)
            try:
                copied = copy.deepcopy(layer)
            except Exception:
                return f"{where}, {layer!r}, or behind it"
            found: list[str] = []
            for inside, inner in places({where: copied}):
                _watch(inner, f"{inside}, {inner!r}", found)
            with suppress(Checks.NonFiniteError):
                tensor = with_lengths(copied, tensor, lengths)
            if found:
                return found[0]
        return "the loss"
    finally:
        np.random.set_state(random_state)  # noqa: NPY002


def _watch(layer: Any, where: str, found: list[str]) -> None:
    """Let a layer note its place where it meets such a number first: before those that hold it."""
    forward = layer.forward

    @functools.wraps(forward)
    def watched(tensor: Any) -> Any:
        try:
            output = forward(tensor)
        except Checks.NonFiniteError:
            found.append(where)
            raise
        if not Checks.is_finite(np.asarray(output)):
            found.append(f"the output of {where}")
        return output

    layer.forward = watched
