"""What layers leave to the network that runs them."""

from collections.abc import Callable
from contextvars import ContextVar
from threading import get_ident
from typing import Any, NoReturn, TypeVar

from Foundation import Forks
from Foundation.Forks import computing, stand_back
from Foundation.Underflow import ignoring_underflow, underflow_is_ignored

Result = TypeVar("Result")

_steps: ContextVar[dict[int, bool] | None] = ContextVar("steps", default=None)

#: Stands among the layers where the network can't let any of them step before all gradients are there: no object's id.
APART = 0
#: Stands there where a layer holds others, which have joined the layers of the network: no object's id either.
INSIDE = 1

#: Gives None, or for each layer of the network that runs the pass, by its id, whether its step is due.
running_network = _steps.get


def supervised(steps: dict[int, bool], run: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function that runs layers on behalf of a network.

    The network looks for NaN and infinity in the first input and the loss, so that layers don't look at what comes
    between; it ignores numbers that are too small for their type; and it takes the steps that its layers ask for, when
    all gradients are there.

    Args:
        steps: the layers of the network by their id. A layer that would step says so here instead.
        run: the function.
        arguments: what it is called with.
    """
    if not underflow_is_ignored():
        return ignoring_underflow(supervised, steps, run, *arguments)
    before, me = _steps.get(), get_ident()
    inside = me in computing
    try:  # as in Forks.compute_undivided, whose call would be one more in every pass
        computing[me] = True
        if Forks.about_to():
            stand_back(me)
        _steps.set(steps)
        return run(*arguments)
    finally:
        try:
            _steps.set(before)
        finally:
            if not inside:
                computing.pop(me, None)


def refuse_a_step(layer: Any) -> NoReturn:
    """Raise RuntimeError for a layer that would step inside another one, which the network knows nothing of."""
    raise RuntimeError(
        f"{layer!r}: would step by itself inside the backward of another layer, where clip_norm, clip_value, "
        "accumulate and step=False need all gradients before any step; append it to the network itself"
    )
