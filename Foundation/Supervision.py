"""What layers leave to the network that runs them."""

from contextvars import ContextVar
from typing import Any

_steps: ContextVar[dict[int, bool] | None] = ContextVar("steps", default=None)

#: None, or for each layer by its id whether its step is due: of the network that runs the pass.
running_network = _steps.get


class Supervised:
    """Within this context a network runs its layers.

    It looks for NaN and infinity in the first input and the loss, so that layers don't look at what comes between; it
    ignores numbers that are too small for their type; and it takes the steps that its layers ask for, when the
    gradients of all of them are there.

    Args:
        steps: the layers of the network by their id. A layer that would step says so here instead.
    """

    def __init__(self, steps: dict[int, bool]) -> None:
        self.steps = steps

    def __enter__(self) -> None:
        self._token = _steps.set(self.steps)

    def __exit__(self, *error: Any) -> None:
        _steps.reset(self._token)
