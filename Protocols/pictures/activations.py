"""The hyperbolic tangent, the sigmoid and ReLU, with their derivatives."""

import numpy as np
from matplotlib.figure import Figure

from Layers import ReLU, Sigmoid, TanH
from Protocols.pictures.style import GREY, LIGHT_GREY, add_axes, add_legend, make_figure


def draw() -> Figure:
    """Draw the functions on the left, what backward lets pass on the right."""
    figure = make_figure(3.3)
    functions = add_axes(figure, 1, 2, 1, "forward", xlabel="x", ylim=(-1.2, 2.2), xlim=(-5, 5))
    slopes = add_axes(figure, 1, 2, 2, "backward, for an error of 1", xlabel="x", ylim=(-0.1, 1.3), xlim=(-5, 5))
    for axes in (functions, slopes):
        axes.axhline(0, color=GREY, linewidth=0.6)
        axes.axvline(0, color=GREY, linewidth=0.6)
        axes.grid(color=LIGHT_GREY, linewidth=0.6)
        axes.set_axisbelow(True)
    inputs = np.linspace(-5, 5, 400).reshape(-1, 1)
    for layer, width in ((TanH.TanH(), 2), (Sigmoid.Sigmoid(), 2), (ReLU.ReLU(), 1)):
        functions.plot(inputs, layer.forward(inputs), linewidth=width, label=type(layer).__name__)
        slopes.plot(inputs, layer.backward(np.ones_like(inputs)), linewidth=width)
    slopes.annotate("¼", (0, 0.25), (0.4, 0.27), color=GREY)
    add_legend(functions, loc="upper left")
    return figure
