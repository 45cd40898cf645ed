"""Max-pooling of four by four pixels: the largest of each window goes forward, its error goes back to its place."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from Layers.Pooling import Pooling
from Protocols.pictures.style import BLUE, GREY, INK, NORMAL, PALE_BLUE, PALE_RED, RED, make_figure

_IMAGE = np.array([[1.0, 3, 2, 0], [4, 2, 1, 5], [0, 1, 9, 8], [2, 0, 7, 6]])
_ERROR = np.array([[10.0, 20], [30, 40]])


def draw() -> Figure:
    """Image, maxima, errors of the maxima, errors of the image."""
    layer = Pooling((2, 2), (2, 2))
    maxima = layer.forward(_IMAGE[np.newaxis, np.newaxis])[0, 0]
    input_error = layer.backward(_ERROR[np.newaxis, np.newaxis])[0, 0]
    chosen = input_error > 0
    figure = make_figure(2.1)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set(xlim=(-0.3, 19.3), ylim=(4.9, -0.9), aspect="equal")
    everything = np.ones((2, 2), bool)
    _plane(axes, 0, 0, _IMAGE, chosen, PALE_BLUE, BLUE, "input")
    _plane(axes, 6, 1, maxima, everything, PALE_BLUE, BLUE, "output")
    _plane(axes, 11, 1, _ERROR, everything, PALE_RED, RED, "error of the output")
    _plane(axes, 15, 0, input_error, chosen, PALE_RED, RED, "error of the input")
    for x, color in ((4.3, BLUE), (13.3, RED)):
        axes.annotate("", (x + 1.4, 2), (x, 2), arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.6})
    return figure


def _plane(
    axes: Axes, left: float, top: float, numbers: np.ndarray, marked: np.ndarray, fill: str, edge: str, title: str
) -> None:
    height, width = numbers.shape
    for (i, j), number in np.ndenumerate(numbers):
        face = fill if marked[i, j] else "white"
        axes.add_patch(Rectangle((left + j, top + i), 1, 1, facecolor=face, edgecolor=GREY, linewidth=0.5))
        axes.text(
            left + j + 0.5, top + i + 0.5, f"{number:.0f}", ha="center", va="center",
            fontsize=NORMAL, color=INK if marked[i, j] else GREY,
        )  # fmt: skip
    step = 2 if height == 4 else 1
    for i in range(0, height, step):
        for j in range(0, width, step):
            axes.add_patch(Rectangle((left + j, top + i), step, step, fill=False, edgecolor=edge, linewidth=1.6))
    axes.text(left + width / 2, top - 0.4, title, ha="center", va="center", fontsize=NORMAL, color=edge)
