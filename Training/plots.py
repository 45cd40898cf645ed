"""The pictures of a training run, each written to a PNG file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RIGHT, _WRONG, _DATA, _TREND = "#4a7a4a", "#b03030", "#9db4c8", "#20425c"


def loss_curve(loss: Sequence[float], path: Path) -> None:
    """The loss of every iteration on a logarithmic scale, and its running median."""
    figure = _figure(7, 4)
    axes = figure.add_subplot(xlabel="iteration", ylabel="loss of the batch", title="Training")
    iterations = np.arange(1, len(loss) + 1)
    axes.semilogy(iterations, loss, color=_DATA, linewidth=0.8, label="each batch")
    window = max(1, len(loss) // 50)
    if window > 1:
        medians = np.median(np.lib.stride_tricks.sliding_window_view(loss, window), axis=1)
        axes.semilogy(iterations[window // 2 :][: len(medians)], medians, color=_TREND, label="running median")
        axes.legend(frameon=False)
    figure.savefig(path)


def confusion_matrix(predicted: np.ndarray, true: np.ndarray, names: Sequence[str], path: Path) -> None:
    """How often each true class (row) was taken for each class (column)."""
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (true, predicted), 1)
    figure = _figure(6.5, 6)
    axes = figure.add_subplot(xlabel="predicted", ylabel="true", title="Confusion matrix of the test set")
    # Mistakes are few: on the root of the counts they remain visible beside the hits.
    axes.imshow(np.sqrt(counts), cmap="Blues")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if row == column else _WRONG
            axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=9)
    figure.savefig(path)


def prediction_sheet(
    images: np.ndarray, predicted: np.ndarray, true: np.ndarray, names: Sequence[str], path: Path, limit: int = 60
) -> None:
    """Test images `(images, channels, y, x)` with prediction and truth, wrong ones first and in red."""
    order = np.argsort(predicted == true, kind="stable")[:limit]
    columns = min(10, len(order))
    rows = -(-len(order) // columns)
    cell_x, cell_y, heading = 0.95, 1.25, 0.6  # inches
    width, height = max(5.0, columns * cell_x), rows * cell_y + heading
    left = (width - columns * cell_x) / 2
    figure = _figure(width, height, layout=None)
    wrong = np.count_nonzero(predicted != true)
    figure.suptitle(f"{wrong} of {len(true)} test images are taken for something else", fontsize=11)
    # One coordinate system in inches for the whole sheet: one for each image would take ten times as long.
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    pixels_y, pixels_x = images.shape[2:]
    half_y, half_x = (0.42 * pixels / max(pixels_y, pixels_x) for pixels in (pixels_y, pixels_x))
    for place, index in enumerate(order):
        x, y = left + (place % columns + 0.5) * cell_x, (place // columns + 1) * cell_y
        picture = images[index].transpose(1, 2, 0).squeeze()
        extent = (x - half_x, x + half_x, y + half_y, y - half_y)
        axes.imshow(picture, cmap="gray_r", vmin=0, vmax=1, extent=extent, aspect="auto")
        right = predicted[index] == true[index]
        title = names[true[index]] if right else f"{names[predicted[index]]}\nnot {names[true[index]]}"
        color = _RIGHT if right else _WRONG
        axes.text(x, y - half_y - 0.03, title, fontsize=8, color=color, ha="center", va="bottom")
    axes.set(xlim=(0, width), ylim=(height, 0))  # imshow has set them to those of the last image
    figure.savefig(path)


def _figure(width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> "Figure":
    # A figure of its own needs no window and changes no setting of the program that imported us.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=130, layout=layout)
