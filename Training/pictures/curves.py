"""Curves over training: the loss, metrics, and the learning rate."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from Foundation import Checks
from Foundation.NumPySettings import apart
from Optimization.Schedules import rate_of, rate_or_schedule
from Training.pictures.canvas import (
    BLUE,
    GREEN,
    INK,
    PALE_BLUE,
    VERMILION,
    Filename,
    axes_of,
    check,
    figure_of,
    given_or_new,
    plain,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What stands before a number's name in a history, where it isn't that of the training data; how each is drawn.
_PREFIXES = {"training": "", "validation": "validation_", "test": "test_"}
_STYLES = {"training": (BLUE, ".-"), "validation": (VERMILION, ".--"), "test": (GREEN, ".:")}


def batch_losses(loss: ArrayLike, axes: Any = None, filename: Filename = None) -> "Axes":
    """The loss of every batch, and its running median, over a fiftieth of all.

    Args:
        loss: a number for each iteration, `net.loss` for instance.
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError where there is no loss.

    >>> axes = batch_losses([3.0, 1.0, 2.0])
    >>> axes.lines[0].get_ydata().tolist()
    [3.0, 1.0, 2.0]
    """
    values = Checks.tensor(loss, "batch_losses", "losses", shape=("iterations",))
    axes = plain(given_or_new(axes, filename, 7, 4))
    axes.set(xlabel="iteration", ylabel="loss of the batch", title="Training")
    if (values > 0).all():
        axes.set_yscale("log")
    iterations = np.arange(1, len(values) + 1)
    axes.plot(iterations, values, color=PALE_BLUE, linewidth=0.8, label="each batch")
    window = max(1, len(values) // 50)
    if window > 1:
        medians = apart(np.median, np.lib.stride_tricks.sliding_window_view(values, window), axis=1)
        axes.plot(iterations[window // 2 :][: len(medians)], medians, color=INK, label="running median")
        axes.legend(frameon=False)
    return written(axes, filename)


def curve(
    history: Mapping[str, Sequence[float]], key: str = "loss", axes: Any = None, filename: Filename = None
) -> "Axes":
    """One number of each epoch: of the training data, and of validation and test data where it is known.

    Args:
        history: lists by name, such as "loss", "validation_loss" and "test_loss".
        key: which of them (the loss).
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes. Raises ValueError for a key that the history hasn't.

    >>> axes = curve({"accuracy": [0.5, 0.75], "validation_accuracy": [0.5, 0.625]}, "accuracy")
    >>> [line.get_label() for line in axes.lines]
    ['training', 'validation']
    """
    _check(history, "curve")
    if not isinstance(key, str):
        raise TypeError(f"curve: expected key to be a name such as 'loss', got {key!r}")
    found = {name: history[prefix + key] for name, prefix in _PREFIXES.items() if prefix + key in history}
    if not found:
        raise ValueError(f"curve: expected key to be one of {', '.join(map(repr, history))}, got {key!r}")
    axes = plain(given_or_new(axes, filename, 6, 3.6))
    axes.set(xlabel="epoch", ylabel=key.replace("_", " "))
    axes.xaxis.get_major_locator().set_params(integer=True)
    for name, values in found.items():
        color, style = _STYLES[name]
        axes.plot(np.arange(1, len(values) + 1), values, style, color=color, label=name)
    if len(found) > 1:
        axes.legend(frameon=False)
    return written(axes, filename)


def curves(history: Mapping[str, Sequence[float]], axes: Any = None, filename: Filename = None) -> np.ndarray:
    """All that a history holds, side by side: the loss, each metric, the learning rate.

    Args:
        history: lists by name; what begins with "validation_" or "test_" is drawn beside what it is of.
        axes: as many of Matplotlib's as there are names (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns an array of axes. Raises ValueError for another number of axes, and for an empty history.

    >>> [axes.get_ylabel() for axes in curves({"loss": [2.0, 1.0], "validation_loss": [2.0, 1.5], "f1": [0.5, 0.7]})]
    ['loss', 'f1']
    """
    _check(history, "curves")
    keys = list(dict.fromkeys(key.removeprefix("validation_").removeprefix("test_") for key in history))
    if not keys:
        raise ValueError("curves: expected a history with at least one list, got an empty one")
    for each in np.ravel(np.asarray(axes, dtype=object)):
        check(each, filename)
    if axes is None:
        columns = min(3, len(keys))
        rows = -(-len(keys) // columns)
        figure = figure_of(4.2 * columns + 1.0, 3.0 * rows + 0.4)
        axes = [axes_of(figure, rows, columns, place) for place in range(1, len(keys) + 1)]
    panels = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    if len(panels) != len(keys):
        raise ValueError(f"curves: expected {len(keys)} axes for {', '.join(keys)}, got {len(panels)}")
    for key, panel in zip(keys, panels, strict=True):
        curve(history, key, panel)
    written(panels[0], filename)
    return panels


def learning_rate(rate: Any, steps: int, axes: Any = None, filename: Filename = None) -> "Axes":
    """The learning rate of each step.

    Args:
        rate: a schedule, or another function of the step, or a number.
        steps: how many steps to draw, from 0 on.
        axes: Matplotlib's, to draw on (None: those of a new figure).
        filename: the file to write to, besides (None).

    Returns the axes.

    >>> from Optimization.Schedules import LinearDecay
    >>> learning_rate(LinearDecay(0.5, steps=2), 3).lines[0].get_ydata().tolist()
    [0.5, 0.25, 0.0]
    """
    count = Checks.positive_integer(steps, "learning_rate", "steps")
    rate = rate_or_schedule(rate, "learning_rate")
    rates = [rate_of(rate, step) for step in range(count)]
    axes = plain(given_or_new(axes, filename, 6, 3.2))
    axes.set(xlabel="step", ylabel="learning rate")
    axes.plot(np.arange(count), rates, color=BLUE)
    axes.set_ylim(bottom=0)
    return written(axes, filename)


def _check(history: Any, owner: str) -> None:
    """Raise TypeError for what is no history: lists of numbers by name."""
    if not isinstance(history, Mapping):
        raise TypeError(f"{owner}: expected a history, lists of numbers by name, got {history!r}")
    for name, values in history.items():
        Checks.number_array(values, owner, f"{name!r}")
