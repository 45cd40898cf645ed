"""The history for TensorBoard."""

import os
from collections.abc import Sequence
from typing import Any

from Foundation import Checks
from Training.callbacks.base import Callback


class TensorBoard(Callback):
    """Writes the numbers of each epoch where TensorBoard finds them, by tensorboardX, which needs no TensorFlow.

    Each is drawn beside that of the validation: "loss/training", "loss/validation".

    Args:
        folder: of the run; `tensorboard --logdir` takes it or the one above ("runs/run").

    Raises ImportError, before anything is trained, where tensorboardX is not installed.

    >>> TensorBoard()
    TensorBoard(folder='runs/run')
    """

    only_first = True

    def __init__(self, folder: str | os.PathLike = "runs/run") -> None:
        self.folder = os.fspath(Checks.path(folder, "TensorBoard", "folder"))
        self._writer: Any = None

    def check(self, names: Sequence[str], complete: bool) -> None:
        """See whether there is a writer."""
        try:
            import tensorboardX  # noqa: F401
        except ImportError:
            raise ImportError(
                f"{self!r}: expected the package tensorboardX; install it with: pip install tensorboardX"
            ) from None

    def on_train_begin(self, logs: dict[str, float]) -> None:
        """Open the run's file."""
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(self.folder)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Write the numbers of the epoch, which is counted from 1 here."""
        for name, value in logs.items():
            part = "validation" if name.startswith("validation_") else "training"
            self._writer.add_scalar(f"{name.removeprefix('validation_')}/{part}", value, epoch + 1)
        self._writer.flush()

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Close it."""
        self._writer.close()
