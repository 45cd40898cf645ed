"""Callbacks that watch whether a number gets better."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation import Checks
from Network import adopting
from Training.callbacks.base import Callback

#: Parts of names by which it is known in which direction a number gets better.
_FALLING = ("loss", "error", "deviance", "mae", "mse", "rmse")
_RISING = ("accuracy", "precision", "recall", "f1", "r2", "auc", "area", "top", "score")


class Watch(Callback):
    """A callback that watches a number of each epoch.

    Args:
        monitor: the name of the number in the logs.
        min_delta: by how much it has to be better than the best so far to count as better.
        direction: "min" where less is better, "max" where more is; None infers it from the name.

    Raises ValueError for a name that doesn't tell its direction, or a number that isn't in the logs.
    """

    remembered: tuple[str, ...] = ("best", "waited")

    def __init__(self, monitor: str, min_delta: float = 0.0, direction: str | None = None) -> None:
        owner = type(self).__name__
        if not isinstance(monitor, str):
            raise TypeError(f"{owner}: expected monitor to be a name such as 'validation_loss', got {monitor!r}")
        self.monitor, self.direction = monitor, direction
        self.min_delta = Checks.number(min_delta, owner, "min_delta", least=0)
        self._sign = 1 if self._inferred() == "min" else -1
        self.best: float = math.inf * self._sign
        self.waited = 0

    def check(self, names: Sequence[str], complete: bool) -> None:
        """Raise ValueError where nobody measures what is watched."""
        if complete and self.monitor not in names:
            raise ValueError(self._missing(names))

    def check_state(self, state: dict[str, Any]) -> None:
        """The best number so far, and how many epochs have waited for a better one."""
        if not isinstance(state["best"], float) or math.isnan(state["best"]):
            raise ValueError(f"{self!r}: expected the best so far to be a number, got {state['best']!r:.50}")
        Checks.integer(state["waited"], self, "waited", least=0)

    def is_better(self, logs: dict[str, float]) -> bool:
        """Whether the number is better than the best so far, which it is from now on; counts epochs without."""
        if self.monitor not in logs:
            raise ValueError(self._missing(logs))
        value = logs[self.monitor]
        if self._sign * value < self._sign * self.best - self.min_delta:
            self.best, self.waited = float(value), 0
            return True
        self.waited += 1
        return False

    def _missing(self, names: Any) -> str:
        advice = "; give the trainer validation data" * self.monitor.startswith("validation_")
        if any(name.startswith("validation_") for name in names):
            advice = ""
        return f"{self!r}: expected monitor to be one of {', '.join(names)}, got {self.monitor!r}{advice}"

    def _inferred(self) -> str:
        if self.direction is not None:
            if self.direction not in ("min", "max"):
                raise ValueError(f"{type(self).__name__}: expected direction 'min' or 'max', got {self.direction!r}")
            return self.direction
        words = self.monitor.lower().replace("validation_", "").split("_")
        falling, rising = (any(word in words for word in known) for known in (_FALLING, _RISING))
        if falling == rising:
            raise ValueError(
                f"{type(self).__name__}: can't tell whether less or more of {self.monitor!r} is better; say "
                "direction='min' or 'max'"
            )
        return "min" if falling else "max"


class EarlyStopping(Watch):
    """Ends the training when a number has not got better for some epochs, and puts the best weights back.

    They are put back when the training ends, with the moving averages of batch normalization; optimizers stay as they
    are. Not after Ctrl-C: from there the next `fit` goes on as if nothing had been.

    Args:
        monitor: the name of the number ("validation_loss").
        patience: how many epochs in a row may be without (5).
        min_delta: by how much it has to be better than the best so far to count as better (0).
        restore_best: whether the network is what it was in the best epoch, at the end (True).
        direction: "min" where less is better, "max" where more is; None infers it from the name.

    Attributes:
        best, best_epoch: the best number, and its epoch, counted from 0; None before one.

    Source: L. Prechelt, "Early stopping – but when?", in Neural Networks: Tricks of the Trade (1998).

    >>> EarlyStopping(patience=3)
    EarlyStopping(monitor='validation_loss', patience=3, min_delta=0.0, restore_best=True)
    """

    remembered = ("best", "waited", "best_epoch", "best_arrays")

    def __init__(
        self,
        monitor: str = "validation_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        restore_best: bool = True,
        *,
        direction: str | None = None,
    ) -> None:
        super().__init__(monitor, min_delta, direction)
        self.patience = Checks.positive_integer(patience, "EarlyStopping", "patience")
        self.restore_best = Checks.truth(restore_best, "EarlyStopping", "restore_best")
        self.best_epoch: int | None = None
        self.best_arrays: list[dict[str, Any]] | None = None

    def check_state(self, state: dict[str, Any]) -> None:
        """The best epoch and what the network was in it, too."""
        super().check_state(state)
        if state["best_epoch"] is not None:
            Checks.integer(state["best_epoch"], self, "best_epoch", least=0)
        if state["best_arrays"] is not None:
            adopting.check_held_arrays(self.trainer.net.layers, state["best_arrays"], self)

    def on_train_begin(self, logs: dict[str, float]) -> None:
        """A training that it has ended before goes on with new patience."""
        if self.trainer.stopped is None and self.waited >= self.patience:
            self.waited = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Look at the number."""
        if self.is_better(logs):
            self.best_epoch = epoch
            if self.restore_best:
                self.best_arrays = adopting.held_arrays(self.trainer.net.layers)
        elif self.waited >= self.patience:
            self.trainer.stop(f"{self.monitor} was best in epoch {epoch - self.waited + 1} of {epoch + 1}")

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Put the best weights back."""
        if self.best_arrays is not None and not self.trainer.history.interrupted:
            adopting.put_back(self.trainer.net.layers, self.best_arrays)


class ReduceOnPlateau(Watch):
    r"""Multiplies the learning rate by a factor when a number has not got better for some epochs.

    $$\eta \leftarrow \max(\gamma \eta, \eta_\text{min})$$

    Args:
        monitor: the name of the number ("validation_loss").
        factor: γ, above 0 and below 1 (0.1).
        patience: how many epochs in a row may be without before that (5).
        min_delta: by how much it has to be better than the best so far to count as better (0).
        least: the learning rate below which it doesn't fall (0).
        direction: "min" where less is better, "max" where more is; None infers it from the name.

    Raises ValueError where the learning rate is a schedule: only one of both can decide.

    >>> ReduceOnPlateau(factor=0.5)
    ReduceOnPlateau(monitor='validation_loss', factor=0.5, patience=5, min_delta=0.0, least=0.0)
    """

    def __init__(
        self,
        monitor: str = "validation_loss",
        factor: float = 0.1,
        patience: int = 5,
        min_delta: float = 0.0,
        least: float = 0.0,
        *,
        direction: str | None = None,
    ) -> None:
        super().__init__(monitor, min_delta, direction)
        self.factor = Checks.number(factor, "ReduceOnPlateau", "factor", least=float(np.finfo(float).tiny), below=1)
        self.patience = Checks.positive_integer(patience, "ReduceOnPlateau", "patience")
        self.least = Checks.number(least, "ReduceOnPlateau", "least", least=0)

    def check(self, names: Sequence[str], complete: bool) -> None:
        """Refuse a schedule, too."""
        super().check(names, complete)
        self._rate()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Look at the number."""
        if not self.is_better(logs) and self.waited >= self.patience:
            self.trainer.net.learning_rate = max(self._rate() * self.factor, min(self.least, self._rate()))
            self.waited = 0

    def _rate(self) -> float:
        rate = self.trainer.net.learning_rate
        if callable(rate):
            raise ValueError(
                f"{self!r}: expected a learning rate that is a number, got {rate!r}, which decides by itself; leave "
                "one of both out"
            )
        return rate
