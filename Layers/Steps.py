"""The step of layers: every parameter, and what its optimizer remembers of it, moves, or none does."""

import copy
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from Foundation import Moves

#: What may be changed inside, unlike a number or a text.
_CONTAINERS = (bytearray, deque, dict, list, set)


#: What attributes were, for those that are to be what they were if no step is taken.
Before = list[tuple[dict[str, Any], dict[str, Any]]]
#: By the optimizer's id: what somebody of whom this library knows nothing has said to a step.
Answers = dict[int, Any]


class StrangersAreToBeAsked(Exception):
    """A step can't be prepared before."""


def take(
    layers: Sequence[Any], tell: Callable[[Exception, Any], object] | None = None, also: tuple[Any, ...] | None = None
) -> None:
    """One step of every parameter of these layers, along the gradients of the last backward pass.

    First whoever isn't of this library is asked: regularizers, and optimizers of somebody's own. Then all that moves is
    prepared, and moves at once. An error before it (whatever an error can come from is before it) and an interrupt
    leave everything as it was; an interrupt meanwhile comes when everything has moved.

    Args:
        layers: they have optimizers, and are trainable.
        tell: is called with an error and the layer that it comes from, and raises it with more to say (None).
        also: another call that belongs to the step (None).
    """
    before: Before = []
    answers: Answers | None = None
    layer = None
    try:
        while True:
            calls: Moves.Calls = []
            try:
                with Moves.moving:
                    for layer in layers:
                        optimizers, attributes, owned = layer._optimizers, layer.__dict__, layer.owned
                        for parameter in layer.declared:
                            name = parameter.name
                            optimizer, array = optimizers[name], attributes.get(name)
                            plain = array is not None and owned.get(name) is array
                            ours = plain and getattr(optimizer, "moves_are_ours", False)
                            if ours and (optimizer.regularizer is None or not optimizer.asks_a_stranger):
                                optimizer.plan(calls, array, getattr(layer, parameter.gradient_name))
                            else:
                                parameter.plan(layer, optimizer, answers, calls)
                    layer = None
                    if also is not None:
                        calls.append(also)
                    if before:
                        calls.append((before.clear,))
                    Moves.run(calls)
                    return
            except StrangersAreToBeAsked:
                answers = {}
            for layer in layers:
                for parameter in layer.declared:
                    parameter.ask(layer, layer._optimizers[parameter.name], answers, before)
    except BaseException as error:
        for attributes, earlier in before:
            Moves.run([(attributes.clear,), (attributes.update, earlier)])
        if tell is not None and layer is not None and isinstance(error, Exception):
            tell(error, layer)
        raise


def note(optimizer: Any, before: Before) -> None:
    """Note what an optimizer of somebody's own remembers, and those that it holds, before it is asked for a step."""
    attributes = getattr(optimizer, "__dict__", None)
    if attributes is None or any(known is attributes for known, _ in before):
        return
    before.append((attributes, {name: _kept(value) for name, value in attributes.items()}))
    for value in list(attributes.values()):
        if hasattr(value, "calculate_update"):
            note(value, before)


def _kept(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    return copy.deepcopy(value) if isinstance(value, _CONTAINERS) else value
