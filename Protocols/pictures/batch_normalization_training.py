"""What arrives at the last hidden activation while a network learns, without and with batch normalization."""

import numpy as np
from matplotlib.figure import Figure

from Layers import BatchNormalization, FullyConnected, Initializers, Sigmoid, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from Protocols.pictures import digits
from Protocols.pictures.style import GREEN, INK, RED, SMALL, add_axes, add_legend, make_figure

_ITERATIONS = 300


def draw() -> Figure:
    """Draw the median and the middle seventy per cent of one unit, then both networks' accuracy."""
    figure = make_figure(3.2)
    accuracy = add_axes(figure, 1, 3, 3, "accuracy", xlabel="iteration", ylim=(0, 1.02))
    for place, (name, normalize, colour) in enumerate((("without", False, RED), ("normalized", True, GREEN)), start=1):
        quantiles, shares = _history(normalize)
        axes = add_axes(figure, 1, 3, place, f"one unit, {name}", xlabel="iteration", ylim=(-4, 4))
        iterations = np.arange(1, len(quantiles) + 1) * (_ITERATIONS // len(quantiles))
        low, middle, high = np.transpose(quantiles)
        axes.fill_between(iterations, low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(iterations, middle, color=colour)
        axes.text(iterations[-1], -3.7, "15 %, median, 85 %", ha="right", fontsize=SMALL - 1, color=INK)
        accuracy.plot(iterations, shares, color=colour, label=name)
    add_legend(accuracy, loc=(0.25, 0.55))
    return figure


def _history(normalize: bool) -> tuple[list[np.ndarray], list[float]]:
    """Quantiles of what arrives at a unit of the last sigmoid, and the accuracy on fresh digits."""
    images, labels = digits.load()
    test_images, test_classes = images[1200:1500], labels[1200:1500].argmax(axis=1)
    net = NeuralNetwork(Optimizers.Sgd(0.02), Initializers.Xavier(rng=0), Initializers.Constant(0.0))
    net.loss_layer = Loss.CrossEntropyLoss()
    net.data_layer = digits.batches(images[:1200], labels[:1200])
    for before in (64, 50, 50):
        net.append_layer(FullyConnected.FullyConnected(before, 50))
        if normalize:
            net.append_layer(BatchNormalization.BatchNormalization(50))
        net.append_layer(Sigmoid.Sigmoid())
    net.append_layer(FullyConnected.FullyConnected(50, 10))
    net.append_layer(SoftMax.SoftMax())
    last = len(net.layers) - 3
    quantiles, shares = [], []
    for _ in range(30):
        net.train(_ITERATIONS // 30)
        shares.append(float(np.mean(net.test(test_images).argmax(axis=1) == test_classes)))
        tensor = images[:300]
        for layer in net.layers[:last]:
            tensor = layer.forward(tensor)
        quantiles.append(np.quantile(tensor[:, 0], (0.15, 0.5, 0.85)))
    return quantiles, shares
