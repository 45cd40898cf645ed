"""A kernel of three by three on a padded image of five by five: the windows and outputs for strides of 1 and 2."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from Layers.Conv import Conv
from Protocols.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LIGHT_GREY,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    SMALL,
    make_figure,
)

_IMAGE = np.array([[0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0], [2, 0, 0, 0, 0]], dtype=float)
_KERNEL = np.array([[0, 1, 0], [0, 1, 0], [-1, 0, 0]], dtype=float)
_WINDOWS = (((0, 0), GREEN), ((2, 2), ORANGE))


def draw() -> Figure:
    """The padded image with two windows, the kernel, and what comes out."""
    figure = make_figure(3.0)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set(xlim=(-0.6, 23.4), ylim=(9.2, -1.2), aspect="equal")
    _plane(axes, 0, 0, np.pad(_IMAGE, 1), PALE_BLUE, BLUE, border=1)
    for (y, x), color in _WINDOWS:
        axes.add_patch(Rectangle((x, y), 3, 3, fill=False, edgecolor=color, linewidth=2.4, zorder=4))
    _plane(axes, 9, 2, _KERNEL, PALE_ORANGE, ORANGE)
    for left, stride, name in ((14.0, 1, "stride 1: 5 by 5"), (20.2, 2, "stride 2: 3 by 3")):
        layer = Conv(stride, (1, 3, 3), 1)
        layer.weights, layer.bias = _KERNEL[np.newaxis, np.newaxis], np.zeros(1)
        output = layer.forward(_IMAGE[np.newaxis, np.newaxis])[0, 0]
        _plane(axes, left, 1, output, PALE_GREEN, GREEN)
        for (y, x), color in _WINDOWS:
            axes.add_patch(
                Rectangle(
                    (left + x / stride, 1 + y / stride), 1, 1, fill=False, edgecolor=color, linewidth=2.4, zorder=4
                )
            )
        axes.text(left + len(output) / 2, 0.4, name, ha="center", color=INK, fontsize=SMALL + 0.5)
    for across, up, words in (
        (3.5, -0.6, "image with zeros around it"),
        (10.5, 1.4, "kernel"),
        (8.0, 3.5, "∗"),
        (13.0, 3.5, "="),
    ):
        axes.text(
            across, up, words, ha="center", va="center", color=INK, fontsize=SMALL + 0.5 if len(words) > 1 else 15
        )
    axes.text(
        0, 7.9, "orange window: 1·1 + 1·1 − 1·0 = 2; the other six products are zero as well",
        color=ORANGE, fontsize=SMALL,
    )  # fmt: skip
    axes.text(
        0,
        8.8,
        "stride 2 keeps every second output of each row and column, from the first on",
        color=GREY,
        fontsize=SMALL,
    )
    return figure


def _plane(axes: Axes, left: float, top: float, numbers: np.ndarray, fill: str, edge: str, border: int = 0) -> None:
    height, width = numbers.shape
    for (i, j), number in np.ndenumerate(numbers):
        outside = not (border <= i < height - border and border <= j < width - border)
        axes.add_patch(
            Rectangle(
                (left + j, top + i), 1, 1, facecolor=LIGHT_GREY if outside else fill, edgecolor="white", linewidth=1.2
            )
        )
        axes.text(
            left + j + 0.5, top + i + 0.5, f"{number:.0f}".replace("-", "−"), ha="center", va="center",
            fontsize=SMALL, color=GREY if outside or not number else INK,
        )  # fmt: skip
    axes.add_patch(
        Rectangle(
            (left + border, top + border),
            width - 2 * border,
            height - 2 * border,
            fill=False,
            edgecolor=edge,
            linewidth=1.2,
        )
    )
