"""What a training run has reached, epoch by epoch."""

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

from Foundation import Checks
from Foundation.Files import replacing


class History(dict[str, list[float]]):
    """A list of numbers, one for each epoch, for each of "loss", "validation_loss", "accuracy" and so on.

    Losses are means: the sum over an epoch's batches, divided by the number of samples, or by the sum of their
    weights. What was not measured in an epoch is NaN there.

    Attributes:
        interrupted: whether Ctrl-C ended the training. The last epoch is of less than all batches then, and goes on
            with the next `fit`.

    >>> history = History(loss=[0.5])
    >>> history.append({"loss": 0.25, "accuracy": 0.9})
    >>> history
    {'loss': [0.5, 0.25], 'accuracy': [nan, 0.9]}
    """

    interrupted = False

    @property
    def epochs(self) -> int:
        """How many there are.

        >>> History(loss=[0.5, 0.25]).epochs
        2
        """
        return max(map(len, self.values()), default=0)

    def append(self, logs: Mapping[str, float]) -> None:
        """Add an epoch."""
        numbers = _numbers(logs)
        self._begin(numbers)
        for name, values in self.items():
            values.append(numbers.get(name, math.nan))

    def amend(self, logs: Mapping[str, float]) -> None:
        """Set numbers of the last epoch, new names among them."""
        numbers = _numbers(logs)
        self._begin(numbers)
        for name, value in numbers.items():
            self[name][-1] = value

    def _begin(self, names: Iterable[str]) -> None:
        """Have a list for each name, NaN in the epochs before."""
        for name in names:
            if name not in self:
                self[name] = [math.nan] * self.epochs

    def drop_last(self) -> None:
        """Take the last epoch away."""
        for values in self.values():
            values.pop()

    def csv(self) -> str:
        r"""The history as a table: a row for each epoch, counted from 1, and a column for each name.

        >>> History(loss=[0.5, 0.25], accuracy=[0.75, 1.0]).csv()
        'epoch,loss,accuracy\n1,0.5,0.75\n2,0.25,1.0\n'
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *self])
        writer.writerows([epoch, *row] for epoch, row in enumerate(zip(*self.values(), strict=True), start=1))
        return text.getvalue()

    def to_csv(self, path: str | os.PathLike) -> None:
        """Write the table to a file, which is replaced as a whole."""
        with replacing(path) as file:
            file.write(self.csv().encode())

    def draw(self, axes: Any = None, filename: str | os.PathLike | None = None) -> Any:
        """Draw all numbers, those of the validation beside them; returns the axes: see `Training.pictures.curves`."""
        from Training.pictures.curves import curves

        return curves(self, axes, filename)


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """What callbacks may have added to; raises TypeError for anything but numbers."""
    numbers = {}
    for name, value in logs.items():
        if not isinstance(name, str):
            raise TypeError(f"history: expected names in logs to be text, got {name!r}")
        numbers[name] = Checks.one_number(value, "history", f"logs[{name!r}]")
    return numbers
