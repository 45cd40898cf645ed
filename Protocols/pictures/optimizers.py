"""The ways of gradient descent, momentum and Adam through a narrow valley, and the loss on each of them."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum
from Protocols.pictures.style import BLUE, GREEN, GREY, INK, ORANGE, add_axes, add_legend, make_figure

_CURVATURES = np.array([1.0, 100.0])
_START, _STEPS = np.array([-4.0, 0.4]), 80


def draw() -> Figure:
    """The valley from above, and the loss over the steps."""
    figure = make_figure(4.6)
    above, over_time = figure.subfigures(2, 1, height_ratios=[1.0, 1.1])  # type: ignore[misc]
    axes = add_axes(above, title=f"a valley that is {_CURVATURES[1]:.0f} times as steep across as along")
    across, along = np.linspace(-0.6, 0.6, 200), np.linspace(-4.6, 1.4, 300)
    heights = _loss(np.stack(np.broadcast_arrays(along, across[:, np.newaxis]), axis=-1))
    axes.contour(along, across, heights, levels=[0.3, 1.5, 4, 8, 14], colors=GREY, linewidths=0.6)
    losses = add_axes(over_time, title="")
    for optimizer, name, color in (
        (Sgd(0.019), "Sgd(0.019)", BLUE),
        (SgdWithMomentum(0.019, 0.75), "SgdWithMomentum(0.019, 0.75)", ORANGE),
        (Adam(0.15, 0.9, 0.999), "Adam(0.15, 0.9, 0.999)", GREEN),
    ):
        way = _descend(optimizer)
        axes.plot(*way.T, color=color, marker="o", markersize=2.5, linewidth=1.1, label=name)
        losses.semilogy(_loss(way), color=color, label=name)
    axes.plot(0, 0, marker="+", markersize=10, color=INK)
    axes.set(xlim=(-4.6, 1.4), ylim=(-0.55, 0.55), xticks=[], yticks=[])
    losses.set(xlabel="step", ylabel="loss", ylim=(1e-8, 40))
    add_legend(losses, loc="lower left")
    return figure


def _loss(weights: np.ndarray) -> np.ndarray:
    return 0.5 * np.sum(_CURVATURES * weights**2, axis=-1)


def _descend(optimizer: Any) -> np.ndarray:
    weights = _START
    way = [weights]
    for _ in range(_STEPS):
        weights = optimizer.calculate_update(weights, _CURVATURES * weights)
        way.append(weights)
    return np.array(way)
