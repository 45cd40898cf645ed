"""Scores, the probabilities that SoftMax makes of them, and the error that a cross-entropy sends back through it."""

import numpy as np
from matplotlib.figure import Figure

from Foundation.Labels import one_hot
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss
from Protocols.pictures.style import BLUE, GREEN, GREY, LIGHT_GREY, RED, SMALL, add_axes, make_figure

_SCORES = np.array([[1.0, 3.0, -1.0, 2.0], [1.0, 3.0, -1.0, 2.0]])
_LABELS = one_hot([3, 1], 4)
_NAMES = ("cat", "dog", "frog", "ship")


def draw() -> Figure:
    """Two rows with the same scores, whose right class is another one."""
    figure = make_figure(4.2)
    layer, loss = SoftMax(), CrossEntropyLoss()
    probabilities = layer.forward(_SCORES)
    loss.forward(probabilities, _LABELS)
    errors = layer.backward(loss.backward(_LABELS))
    for row, label in enumerate(_LABELS.argmax(axis=1)):
        for column, (values, title, color) in enumerate(
            (
                (_SCORES[row], "scores", BLUE),
                (probabilities[row], "probabilities", BLUE),
                (errors[row], "error = probability − label", RED),
            )
        ):
            axes = add_axes(figure, 2, 3, 3 * row + column + 1, title if row == 0 else "")
            bars = axes.bar(_NAMES, values, color=color, width=0.6)
            if column == 1:
                axes.bar(_NAMES, _LABELS[row], color=LIGHT_GREY, edgecolor=GREEN, width=0.8, zorder=0.5, linewidth=0.8)
                axes.set_ylim(0, 1.15)
            axes.bar_label(bars, fmt="%.2f" if column else "%.0f", fontsize=SMALL, padding=2)
            axes.axhline(0, color=GREY, linewidth=0.8)
            axes.margins(y=0.22)
            axes.tick_params(left=False, labelleft=False)
            axes.spines["left"].set_visible(False)
            if column == 0:
                axes.set_ylabel(f"label: {_NAMES[label]}", color=GREEN)
    return figure
