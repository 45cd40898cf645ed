"""Callbacks that write files: checkpoints, and the history as a table."""

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from Foundation import Checks
from Foundation.Files import replacing
from Network.files import cannot_be_saved
from Training.callbacks.base import Callback
from Training.callbacks.watching import Watch


class Checkpoint(Callback):
    """Writes the network, and all that it takes to go on to the same bits, to a file.

    The newest is always the file of the given name, which is replaced all at once: killed at any moment, it is there.
    Where a training ends, by Ctrl-C too, and has gone on since the last file, it is written once more.
    Those before it are kept beside it, with ".1", ".2" and so on behind its name, and the best one with ".best".
    `trainer.fit(epochs, resume=path)` goes on from any of them; `NeuralNetwork.load` reads them too.

    Args:
        path: the file's name.
        every: "epoch", or a number of batches ("epoch").
        minutes: write by the clock instead, after the first batch that ends so long after the last; for the first time
            after the first epoch at the latest (None: `every`).
        keep: how many there are, the newest among them (3).
        best: the name of a number in the logs, such as "validation_loss"; None keeps no best one. A `Watch` says more.

    >>> Checkpoint("results/run", minutes=5)
    Checkpoint(path='results/run', every='epoch', minutes=5.0, keep=3)
    """

    remembered = ("best_so_far",)
    comes_last = True
    only_first = True

    def __init__(
        self,
        path: str | os.PathLike,
        every: str | int = "epoch",
        minutes: float | None = None,
        keep: int = 3,
        best: str | Watch | None = None,
    ) -> None:
        self.path = os.fspath(Checks.path(path, "Checkpoint", "path"))
        if every != "epoch":
            every = Checks.positive_integer(every, "Checkpoint", "every")
        self.every, self.best = every, best
        if not (best is None or isinstance(best, str | Watch)):
            raise TypeError(
                f"Checkpoint: expected best to be the name of a number in the logs, or a Watch, got {best!r}"
            )
        self.minutes = None if minutes is None else Checks.number(minutes, "Checkpoint", "minutes", least=0)
        if self.minutes is not None and every != "epoch":
            raise ValueError(f"Checkpoint: expected every or minutes, got both ({every} and {minutes})")
        self.keep = Checks.positive_integer(keep, "Checkpoint", "keep")
        self._watch = Watch(best) if isinstance(best, str) else best
        self._last = 0.0
        self._place: tuple[int, int] | None = None
        self._begun = False

    @property
    def best_so_far(self) -> dict[str, object] | None:
        """What is known of the best one."""
        return None if self._watch is None else self._watch.state

    @best_so_far.setter
    def best_so_far(self, state: dict[str, object] | None) -> None:
        if self._watch is not None and state is not None:
            self._watch.state = state

    def check_state(self, state: dict[str, Any]) -> None:
        """What a `Watch` can have remembered."""
        if not isinstance(state["best_so_far"], dict | None):
            raise TypeError(f"{self!r}: expected the best so far to be the state of a Watch")

    def check(self, names: Sequence[str], complete: bool) -> None:
        """Refuse a network that can't be saved, and to choose the best one by what nobody measures."""
        reason = cannot_be_saved(self.trainer.net)
        if reason is not None:
            raise TypeError(f"{self!r}: expected a network that can be saved; {reason}")
        if self._watch is not None:
            self._watch.check(names, complete)

    def overrides(self, hook: str) -> bool:
        """Epoch by epoch, there is nothing to do in a batch."""
        return super().overrides(hook) and (hook != "on_batch_end" or self.every != "epoch" or self.minutes is not None)

    def on_train_begin(self, logs: dict[str, float]) -> None:
        """Look at the clock, and where the training begins."""
        self._last, self._place, self._begun = time.monotonic(), self._reached(), False

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Write what has been learnt since the last file."""
        if self._place != self._reached():
            self._write()

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Write where it is time."""
        if self.minutes is not None:
            if time.monotonic() - self._last >= 60 * self.minutes:
                self._write()
        elif (batch + 1) % int(self.every) == 0:
            self._write()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Write where it is time, and the best one."""
        if self._watch is not None and self._watch.is_better(logs):
            self.trainer.save(f"{self.path}.best")  # before the newest, which knows that it is there
        if self.every == "epoch" and (self.minutes is None or not self._begun):
            self._write()

    def _write(self) -> None:
        self._last, self._place, self._begun = time.monotonic(), self._reached(), True
        self._keep_earlier_ones()
        self.trainer.save(self.path)

    def _reached(self) -> tuple[int, int]:
        return self.trainer.epoch, self.trainer.batch

    def _keep_earlier_ones(self) -> None:
        """Each moves one further; the newest stays where it is, too, until another takes its place."""
        newest = Path(self.path)
        if self.keep == 1 or not newest.is_file():
            return
        for number in range(self.keep - 2, 0, -1):
            with suppress(FileNotFoundError):
                os.replace(f"{self.path}.{number}", f"{self.path}.{number + 1}")
        Path(f"{self.path}.1").unlink(missing_ok=True)
        try:
            os.link(newest, f"{self.path}.1")
        except OSError:  # a file system without links
            with replacing(f"{self.path}.1") as copy, newest.open("rb") as earlier:
                shutil.copyfileobj(earlier, copy)


class CsvLog(Callback):
    """Writes the history as a table after each epoch: a row for each, with its number from 1.

    Args:
        path: the file's name; it is replaced as a whole, so that it always agrees with the history.

    >>> CsvLog("results/log.csv")
    CsvLog(path='results/log.csv')
    """

    comes_last = False
    only_first = True

    def __init__(self, path: str | os.PathLike) -> None:
        self.path = os.fspath(Checks.path(path, "CsvLog", "path"))

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Write the table."""
        self.trainer.history.amend(logs)
        self.trainer.history.to_csv(self.path)
