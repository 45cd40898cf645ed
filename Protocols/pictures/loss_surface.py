"""Gradient descent on a loss seen from above, with learning rates that are too small, right and too large."""

import numpy as np
from matplotlib.figure import Figure

from Optimization.Optimizers import Sgd
from Protocols.pictures.style import BLUE, GREEN, GREY, INK, RED, add_axes, make_figure

_CURVATURES = np.array([1.0, 6.0])
_START, _STEPS = np.array([-3.6, 1.3]), 12


def draw() -> Figure:
    """Lines of equal loss, and twelve steps of each learning rate from the same place."""
    figure = make_figure(1.75)
    axis = np.linspace(-4.2, 4.2, 200)
    heights = 0.5 * (_CURVATURES[0] * axis**2 + _CURVATURES[1] * (axis[:, np.newaxis] / 2) ** 2)
    for place, (rate, name, color) in enumerate(
        ((0.03, "too small", BLUE), (0.25, "right", GREEN), (0.34, "too large", RED)), start=1
    ):
        axes = add_axes(figure, 1, 3, place, f"$\\eta$ = {rate}: {name}")
        axes.contour(axis, axis / 2, heights, levels=[0.5, 2, 4.5, 8, 12.5], colors=GREY, linewidths=0.7)
        way = _descend(rate)
        axes.plot(*way.T, color=color, marker="o", markersize=3.5, linewidth=1.3)
        axes.plot(0, 0, marker="+", markersize=9, color=INK)
        axes.set(xlim=(-4.2, 4.2), ylim=(-2.1, 2.1), xticks=[], yticks=[], aspect="equal")
        axes.set_xlabel("weight 1", color=GREY)
        if place == 1:
            axes.set_ylabel("weight 2", color=GREY)
    return figure


def _descend(rate: float) -> np.ndarray:
    optimizer, weights = Sgd(rate), _START
    way = [weights]
    for _ in range(_STEPS):
        weights = optimizer.calculate_update(weights, _CURVATURES * weights)
        way.append(weights)
    return np.array(way)
