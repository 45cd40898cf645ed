"""The spread of the activations through twenty layers, for four ways to begin, without an activation and with ReLU."""

import numpy as np
from matplotlib.figure import Figure

from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He, UniformRandom, Xavier
from Layers.ReLU import ReLU
from Protocols.pictures.style import add_axes, add_legend, make_figure

_WIDTH, _DEPTH, _SAMPLES = 200, 20, 300


class Narrow:
    """Normal numbers with the standard deviation 0.01: small, and the same for every size of a layer."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def initialize(self, weights_shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
        """Normal numbers in the given shape."""
        return self.rng.normal(0, 0.01, weights_shape)


def draw() -> Figure:
    """Root mean squares behind each layer, on a logarithmic axis."""
    figure = make_figure(3.2)
    rng = np.random.default_rng(0)
    ways = (
        (UniformRandom(rng), "uniform in [0, 1)"),
        (Narrow(rng), "normal, σ = 0.01"),
        (Xavier(rng), "Xavier"),
        (He(rng), "He"),
    )
    for place, (activation, title) in enumerate(((None, "no activation"), (ReLU(), "ReLU")), start=1):
        axes = add_axes(figure, 1, 2, place, title)
        for initializer, name in ways:
            spreads = _spreads(initializer, activation, rng)
            axes.semilogy(range(_DEPTH + 1), spreads, label=name, marker="o", markersize=2.5)
        axes.set(xlabel="layer", ylim=(1e-18, 1e18), yticks=[1e-18, 1e-9, 1, 1e9, 1e18], xticks=range(0, 21, 5))
        if place == 1:
            axes.set_ylabel("root mean square of activations")
            add_legend(axes, loc="upper left", bbox_to_anchor=(0.42, 0.97))
    return figure


def _spreads(initializer: object, activation: ReLU | None, rng: np.random.Generator) -> list[float]:
    tensor = rng.normal(size=(_SAMPLES, _WIDTH))
    spreads = [_root_mean_square(tensor)]
    for _ in range(_DEPTH):
        layer = FullyConnected(_WIDTH, _WIDTH)
        layer.initialize(initializer, Constant(0))
        tensor = layer.forward(tensor)
        if activation is not None:
            tensor = activation.forward(tensor)
        spreads.append(_root_mean_square(tensor))
    return spreads


def _root_mean_square(tensor: np.ndarray) -> float:
    return float(np.sqrt(np.mean(tensor**2)))
