"""ReLU and its derivative, and how a sum of a few kinks follows a sine wave."""

import numpy as np
from matplotlib.figure import Figure

from Layers.ReLU import ReLU
from Protocols.pictures.style import BLUE, GREY, LIGHT_GREY, ORANGE, RED, add_axes, add_legend, make_figure

_KINKS = 8


def draw() -> Figure:
    """The function beside what can be made of it."""
    figure = make_figure(2.8)
    axes = add_axes(figure, 1, 2, 1, "ReLU")
    numbers, layer = np.linspace(-3, 3, 601), ReLU()
    axes.plot(numbers, layer.forward(numbers[np.newaxis])[0], color=BLUE, label="output")
    slopes = layer.backward(np.ones((1, 601)))[0]
    for side in (numbers <= 0, numbers > 0):
        axes.plot(numbers[side], slopes[side], color=RED, linewidth=1.4, label="derivative" if side[0] else None)
    axes.plot([0, 0], [0, 1], "o", color=RED, markersize=4)
    axes.plot(0, 1, "o", color="white", markersize=2.2)
    axes.set_xlabel("input")
    add_legend(axes)

    axes = add_axes(figure, 1, 2, 2, f"{_KINKS} kinks make a curve")
    x = np.linspace(0, 2 * np.pi, 400)
    places = np.linspace(0, 2 * np.pi, _KINKS + 1)[:-1]
    kinks = layer.forward(x[:, np.newaxis] - places)
    heights = np.sin(np.append(places, 2 * np.pi))
    slopes = np.diff(heights) / np.diff(np.append(places, 2 * np.pi))
    factors = np.diff(slopes, prepend=0)
    for kink, factor in zip(kinks.T, factors, strict=True):
        axes.plot(x, factor * kink, color=GREY, linewidth=0.7, alpha=0.7)
    axes.plot(x, np.sin(x), color=LIGHT_GREY, linewidth=6, label="sine")
    axes.plot(x, kinks @ factors, color=ORANGE, label="weighted sum of the kinks")
    axes.set(ylim=(-2.3, 2.3), xlabel="input")
    add_legend(axes, loc="lower left")
    return figure
