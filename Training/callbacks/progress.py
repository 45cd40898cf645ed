"""Shows how far a training is."""

import sys
import time
from typing import Any

from Foundation.ProgressBars import progress_bar
from Training.callbacks.base import Callback

_STYLES = ("bar", "notebook", "lines", "none")


class Progress(Callback):
    """Shows the batches of each epoch, and what was reached in it.

    Args:
        style: "bar" for a terminal, "notebook" for a widget, "lines" for a line each epoch, as a log wants it, "none"
            for nothing; None chooses among the first three by where the program runs.

    Raises ValueError for another style.

    >>> Progress("lines")
    Progress(style='lines')
    """

    only_first = True

    def __init__(self, style: str | None = None) -> None:
        if style is not None and style not in _STYLES:
            raise ValueError(f"Progress: expected style to be one of {', '.join(_STYLES)} or None, got {style!r}")
        self.style = style
        self._bar: Any = None
        self._begun = 0.0

    def overrides(self, hook: str) -> bool:
        """Only bars want to hear of each batch."""
        shown = self._chosen()
        return super().overrides(hook) and shown != "none" and (hook != "on_batch_end" or shown != "lines")

    def on_train_begin(self, logs: dict[str, float]) -> None:
        """Look at the clock."""
        self._begun = time.perf_counter()

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Move the bar."""
        if self._bar is None:
            self._bar = self._made(batch)
        self._bar.update()
        self._bar.set_postfix_str(f"loss={logs['loss']:.4g}", refresh=False)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Say what was reached."""
        reached = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in logs.items())
        if self._bar is None:
            seconds = time.perf_counter() - self._begun
            print(f"epoch {epoch + 1}: {reached} ({seconds:.1f} s)", flush=True)
        else:
            self._bar.set_postfix_str(reached)
            self._close()

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Leave no bar open, and say why it ended before its time."""
        self._close()
        if self.trainer.stopped is not None:
            print(f"stopped: {self.trainer.stopped}", flush=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _made(self, first: int) -> Any:
        bar = progress_bar()
        if self._chosen() == "notebook":
            from tqdm import notebook

            if notebook.IProgress is not None:  # without ipywidgets it is a bar of text
                bar = progress_bar(notebook.tqdm_notebook)
        total, text = self.trainer.batches, f"epoch {self.trainer.epoch + 1}"
        return bar(total=total, initial=first, desc=text, unit="batch", file=sys.stderr)

    def _chosen(self) -> str:
        if self.style is not None:
            return self.style
        if type(getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()).__name__ == "ZMQInteractiveShell":
            return "notebook"
        return "bar" if sys.stderr.isatty() else "lines"
