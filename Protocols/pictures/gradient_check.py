"""Numerical against analytical derivative of a layer: the difference for every step width, and for wrong layers."""

import numpy as np
from matplotlib.figure import Figure

from Foundation.Labels import one_hot
from Layers.FullyConnected import FullyConnected
from Layers.SoftMax import SoftMax
from Optimization.Loss import CrossEntropyLoss
from Protocols.pictures.style import GREEN, GREY, ORANGE, RED, VIOLET, add_axes, add_legend, make_figure


def draw() -> Figure:
    """Relative differences over step widths, both logarithmic."""
    rng = np.random.default_rng(3)
    layer, softmax, loss = FullyConnected(4, 3), SoftMax(), CrossEntropyLoss()
    inputs, labels = rng.normal(size=(6, 4)), one_hot(rng.integers(3, size=6), 3)
    weights = rng.normal(size=(5, 3))

    def loss_at(values: np.ndarray) -> float:
        layer.weights = values
        return loss.forward(softmax.forward(layer.forward(inputs)), labels)

    loss_at(weights)
    layer.backward(softmax.backward(loss.backward(labels)))
    analytical = np.array(layer.gradient_weights)

    steps = np.logspace(-13, -0.5, 76)
    centred, one_sided, averaged = [], [], []
    for step in steps:
        above, below = (_all_losses(loss_at, weights, sign * step) for sign in (1, -1))
        numerical = (above - below) / (2 * step)
        centred.append(_difference(analytical, numerical))
        one_sided.append(_difference(analytical, (above - loss_at(weights)) / step))
        averaged.append(_difference(analytical / len(inputs), numerical))

    figure = make_figure(3.2)
    axes = add_axes(figure, title="gradient check of a fully connected layer")
    axes.loglog(steps, averaged, color=RED, label="centred, but the layer averages its gradient")
    axes.loglog(steps, one_sided, color=ORANGE, label="one-sided difference")
    axes.loglog(steps, centred, color=GREEN, label="centred difference")
    axes.axhline(1e-4, color=GREY, linewidth=0.8, linestyle=":")
    axes.text(3e-8, 1.8e-4, "accepted below", color=GREY)
    axes.axvline(1e-5, color=VIOLET, linewidth=0.8, linestyle=":")
    axes.text(1.3e-5, 3e-12, "the step of gradient_check", color=VIOLET)
    axes.text(1e-12, 0.03, "rounding, divided by $h$", color=GREY)
    axes.text(8e-4, 3e-8, "$h^2$", color=GREEN)
    axes.text(8e-4, 6e-3, "$h$", color=ORANGE)
    axes.set(xlabel="step width $h$", ylabel="relative difference", ylim=(1e-12, 30))
    add_legend(axes, loc="lower left")
    return figure


def _all_losses(loss_at, weights: np.ndarray, shift: float) -> np.ndarray:  # type: ignore[no-untyped-def]
    losses = np.empty(weights.shape)
    for position in np.ndindex(weights.shape):
        shifted = weights.copy()
        shifted[position] += shift
        losses[position] = loss_at(shifted)
    return losses


def _difference(analytical: np.ndarray, numerical: np.ndarray) -> float:
    size = np.maximum(np.abs(analytical), np.abs(numerical))
    return float(np.max(np.abs(analytical - numerical) / size))
