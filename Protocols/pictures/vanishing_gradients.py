"""How far back an error reaches: the input's error against the distance in time, in RNN and LSTM."""

import numpy as np
from matplotlib.figure import Figure

from Layers import LSTM, RNN
from Protocols.pictures.style import BLUE, GREEN, GREY, ORANGE, RED, SMALL, add_axes, add_legend, make_figure

_STEPS, _HIDDEN, _RUNS = 80, 24, 12


def draw() -> Figure:
    """Draw the median over several random layers, with an error at the last time step alone."""
    figure = make_figure(3.7)
    axes = add_axes(
        figure,
        title="an error at the last step travels back in time",
        xlabel="distance in time steps",
        ylabel="norm of the input's error, relative",
        yscale="log",
        xlim=(0, _STEPS),
        ylim=(1e-14, 1e3),
    )
    for label, colour, layer_class, scale, forget_bias in (
        ("RNN, recurrent weights × 0.7", BLUE, RNN.RNN, 0.7, 0.0),
        ("RNN, Xavier", ORANGE, RNN.RNN, 1.0, 0.0),
        ("LSTM, forget gate half open (bias 0)", GREY, LSTM.LSTM, 1.0, 0.0),
        ("LSTM, forget gate open (bias 4)", GREEN, LSTM.LSTM, 1.0, 4.0),
    ):
        norms = [_norms(layer_class, scale, forget_bias, seed) for seed in range(_RUNS)]
        axes.plot(np.median(norms, axis=0), color=colour, linewidth=1.8, label=label)
    axes.axhline(1e-3, color=RED, linewidth=0.8, linestyle=":")
    axes.text(_STEPS - 0.5, 1.4e-3, "a thousandth", color=RED, fontsize=SMALL, ha="right")
    add_legend(axes, loc="lower left")
    return figure


def _norms(layer_class: type, scale: float, forget_bias: float, seed: int) -> np.ndarray:
    """The norm of the input's error, from the last time step backwards, relative to that of the last."""
    rng = np.random.default_rng(seed)
    layer = layer_class(_HIDDEN, _HIDDEN, 1)
    columns = layer.weights.shape[1]
    weights = np.zeros((2 * _HIDDEN + 1, columns))
    weights[:_HIDDEN] = rng.normal(0, 0.3 * np.sqrt(1 / _HIDDEN), (_HIDDEN, columns))
    weights[_HIDDEN:-1] = rng.normal(0, scale * np.sqrt(1 / _HIDDEN), (_HIDDEN, columns))
    weights[-1, :_HIDDEN] = forget_bias
    layer.weights, layer.output_weights = weights, rng.random(layer.output_weights.shape)
    layer.forward(rng.normal(size=(_STEPS + 1, _HIDDEN)))
    error = np.zeros((_STEPS + 1, 1))
    error[-1] = 1
    norms = np.linalg.norm(layer.backward(error), axis=1)[::-1]
    return norms / norms[0]
