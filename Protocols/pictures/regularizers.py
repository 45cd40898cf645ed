"""How L1 and L2 shrink weights: alone on the left, in a network trained on digits on the right."""

import numpy as np
from matplotlib.figure import Figure

from Layers import FullyConnected, Helpers, Initializers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Constraints, Loss, Optimizers
from Protocols.pictures import digits
from Protocols.pictures.style import BLUE, GREY, ORANGE, add_axes, add_legend, make_figure

_ALPHA = {"no regularizer": 0.0, "L2": 2.0, "L1": 0.5}
_COLOURS = {"no regularizer": GREY, "L2": BLUE, "L1": ORANGE}


def draw() -> Figure:
    """Draw the decay of five weights, and histograms of the first layer's weights."""
    figure = make_figure(3.4)
    decay = add_axes(figure, 1, 2, 1, "the price acts alone", xlabel="step", ylabel="weight")
    for regularizer, colour in (
        (Constraints.L2_Regularizer(0.3), BLUE),
        (Constraints.L1_Regularizer(0.3), ORANGE),
    ):
        optimizer = Optimizers.Sgd(0.1)
        optimizer.add_regularizer(regularizer)
        path = [np.array([-0.9, -0.3, 0.3, 0.9, 1.8])]
        for _ in range(70):
            path.append(optimizer.calculate_update(path[-1], np.zeros(5)))
        lines = decay.plot(path, color=colour, linewidth=1.5)
        lines[0].set_label(type(regularizer).__name__[:2])
    decay.axhline(0, color=GREY, linewidth=0.6)
    add_legend(decay)
    axes = add_axes(figure, 1, 2, 2, "weights of a trained network", xlabel="weight", ylabel="how many")
    edges = np.linspace(-0.4, 0.4, 82)
    for name, alpha in _ALPHA.items():
        weights, accuracy = _trained(name, alpha)
        label = f"{name}: {np.mean(np.abs(weights) < 0.005):.0%} at zero, {accuracy:.0%} right"
        axes.hist(weights, edges, histtype="step", linewidth=1.4, color=_COLOURS[name], label=label)
    axes.set_yscale("log")
    axes.set_ylim(1, 2e5)
    add_legend(axes, loc="upper left")
    return figure


def _trained(name: str, alpha: float) -> tuple[np.ndarray, float]:
    """The first layer's weights after training, and the accuracy on the test set."""
    images, labels = digits.load()
    optimizer = Optimizers.Adam(1e-3)
    if alpha:
        optimizer.add_regularizer({"L1": Constraints.L1_Regularizer, "L2": Constraints.L2_Regularizer}[name](alpha))
    net = NeuralNetwork(optimizer, Initializers.He(rng=0), Initializers.Constant(0.1))
    net.loss_layer = Loss.CrossEntropyLoss()
    net.data_layer = digits.batches(images[:1200], labels[:1200])
    for layer in (
        FullyConnected.FullyConnected(64, 64),
        ReLU.ReLU(),
        FullyConnected.FullyConnected(64, 10),
        SoftMax.SoftMax(),
    ):
        net.append_layer(layer)
    net.train(1500)
    return net.layers[0].weights[:-1].ravel(), Helpers.calculate_accuracy(net.test(images[1200:]), labels[1200:])
