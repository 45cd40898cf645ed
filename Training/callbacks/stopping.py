"""Ends a training by what it has reached, or by the clock."""

import time

from Foundation import Checks
from Training.callbacks.base import Callback


class StopAt(Callback):
    """Ends the training when the loss is small enough, or when time is up.

    Args:
        loss: the training's mean loss of an epoch at which it ends; None for no limit.
        seconds: after how much time it ends, with the batch that is being trained on; None for no limit.

    Raises ValueError where neither is given.

    >>> StopAt(seconds=60)
    StopAt(seconds=60.0)
    """

    def __init__(self, loss: float | None = None, seconds: float | None = None) -> None:
        if loss is None and seconds is None:
            raise ValueError("StopAt: expected loss or seconds, got neither")
        self.loss = None if loss is None else Checks.number(loss, "StopAt", "loss")
        self.seconds = None if seconds is None else Checks.number(seconds, "StopAt", "seconds", least=0)
        self._end = 0.0

    def overrides(self, hook: str) -> bool:
        """Without a time limit, there is nothing to do in a batch."""
        return super().overrides(hook) and (hook != "on_batch_end" or self.seconds is not None)

    def on_train_begin(self, logs: dict[str, float]) -> None:
        """Look at the clock."""
        self._end = time.monotonic() + (self.seconds or 0.0)

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Stop when time is up."""
        if time.monotonic() >= self._end:
            self.trainer.stop(f"{self.seconds:g} seconds are over")

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Stop when the loss is small enough."""
        if self.loss is not None and logs["loss"] <= self.loss:
            self.trainer.stop(f"the loss of {logs['loss']:.4g} is at most {self.loss:g}")
