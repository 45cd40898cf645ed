"""Where in a network a number that is not finite first comes up."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation import Checks
from Network.chain import place, with_lengths


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
            where = f"{place(layers, position)}, {layer!r}"
            try:
                copied = copy.deepcopy(layer)
            except Exception:
                return f"{where}, or behind it"
            try:
                tensor = with_lengths(copied, tensor, lengths)
            except Checks.NonFiniteError:
                return where
            if not Checks.is_finite(np.asarray(tensor)):
                return f"the output of {where}"
        return "the loss"
    finally:
        np.random.set_state(random_state)  # noqa: NPY002
