"""The cross-entropy of one sample against the probability at its label, and the error with guards of two sizes."""

import numpy as np
from matplotlib.figure import Figure

from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss
from Protocols.pictures.style import BLUE, GREY, ORANGE, RED, add_axes, add_legend, make_figure

_LABEL = np.array([[1.0, 0.0]])


def draw() -> Figure:
    """The loss on the left; what is left of the error behind SoftMax on the right."""
    figure = make_figure(2.9)
    loss, layer = CrossEntropyLoss(), SoftMax()
    axes = add_axes(figure, 1, 2, 1, "loss of one sample")
    probabilities = np.linspace(0.002, 1, 400)
    axes.plot(probabilities, [loss.forward([[p, 1 - p]], _LABEL) for p in probabilities], color=BLUE)
    axes.plot([0.02, 0.5, 0.9], [loss.forward([[p, 1 - p]], _LABEL) for p in (0.02, 0.5, 0.9)], "o", color=BLUE)
    for p, words in ((0.02, "sure and wrong"), (0.5, "undecided"), (0.9, "sure, right")):
        axes.annotate(words, (p, -np.log(p)), xytext=(8 if p < 0.8 else -18, 8), textcoords="offset points", color=GREY)
    axes.set(xlabel="probability at the label", ylim=(0, 6.4))

    axes = add_axes(figure, 1, 2, 2, "error at the label, behind SoftMax")
    exponents = np.linspace(0, 100, 201)
    exact, guarded = [], []
    for exponent in exponents:
        prediction = layer.forward([[-exponent, 0.0]])
        loss.forward(prediction, _LABEL)
        exact.append(layer.backward(loss.backward(_LABEL))[0, 0])
        guarded.append(layer.backward(-_LABEL / (prediction + np.finfo(float).eps))[0, 0])
    axes.plot(exponents, exact, color=RED, label="guarded by 2.2e-308")
    axes.plot(exponents, guarded, color=ORANGE, linestyle="--", label="guarded by 2.2e-16")
    axes.set(xlabel="$k$, where the probability is about $e^{-k}$", ylim=(-1.1, 0.1))
    add_legend(axes, loc="center left", bbox_to_anchor=(0.42, 0.5), handlelength=1.3)
    return figure
