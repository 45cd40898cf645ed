"""The activations of a deep network, layer by layer, without and with batch normalization."""

import numpy as np
from matplotlib.figure import Figure

from Layers import BatchNormalization, FullyConnected, TanH
from Protocols.pictures.style import BLUE, GREEN, GREY, NORMAL, RED, add_axes, make_figure

_DEPTHS = (1, 3, 5, 8)
_ROWS = (
    ("too small", 0.05, False, BLUE),
    ("too large", 0.4, False, RED),
    ("too large,\nnormalized", 0.4, True, GREEN),
)


def draw() -> Figure:
    """Draw a histogram for four of eight layers (columns) and three networks (rows)."""
    figure = make_figure(4.4)
    for row, (name, spread, normalize, colour) in enumerate(_ROWS):
        activations = _activations(spread, normalize)
        for column, depth in enumerate(_DEPTHS):
            axes = add_axes(figure, 3, 4, 1 + 4 * row + column, yticks=[], xlim=(-1.05, 1.05), xticks=(-1, 0, 1))
            axes.hist(activations[depth - 1].ravel(), np.linspace(-1, 1, 41), color=colour, alpha=0.75)
            axes.spines["left"].set_visible(False)
            axes.text(
                0.03,
                0.93,
                f"spread {activations[depth - 1].std():.2f}",
                transform=axes.transAxes,
                va="top",
                fontsize=8,
                color=GREY,
            )
            axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
            if row == 0:
                axes.set_title(f"after layer {depth}", fontsize=NORMAL)
            if row < 2:
                axes.set_xticklabels([])
            if column == 0:
                axes.set_ylabel(name, color=colour)
    return figure


def _activations(spread: float, normalize: bool) -> list[np.ndarray]:
    """What eight layers of 100 units with tanh make of normally distributed inputs."""
    rng = np.random.default_rng(0)
    tensor = rng.normal(size=(200, 100))
    activations = []
    for _ in range(max(_DEPTHS)):
        layer = FullyConnected.FullyConnected(100, 100)
        layer.weights = np.vstack([rng.normal(0, spread, (100, 100)), np.zeros((1, 100))])
        tensor = layer.forward(tensor)
        if normalize:
            tensor = BatchNormalization.BatchNormalization(100).forward(tensor)
        tensor = TanH.TanH().forward(tensor)
        activations.append(tensor)
    return activations
