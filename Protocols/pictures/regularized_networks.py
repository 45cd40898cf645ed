"""One network with each regularization of the course, on 300 digits of which a fifth is labelled wrongly."""

import numpy as np
from matplotlib.figure import Figure

from Layers import BatchNormalization, Dropout, FullyConnected, Initializers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Constraints, Loss, Optimizers
from Protocols.pictures import digits
from Protocols.pictures.style import CYCLE, GREY, RED, add_axes, add_legend, make_figure

_METHODS = ("none", "L1", "L2", "dropout", "batch normalization")
_BLOCKS, _BLOCK = 20, 30


def draw() -> Figure:
    """Draw the loss on fresh digits on the left, how much of the training set is learnt on the right."""
    figure = make_figure(3.4)
    panels = [
        add_axes(figure, 1, 2, 1, "fresh digits", xlabel="iteration", ylabel="loss per digit", ylim=(0.8, 2.6)),
        add_axes(
            figure,
            1,
            2,
            2,
            "training set, wrong labels too",
            xlabel="iteration",
            ylabel="share that is learnt",
            ylim=(0.5, 1.03),
        ),
    ]
    images, labels = digits.load()
    shown = digits.mislabelled(labels[:300])
    for method, colour in zip(_METHODS, (RED, *CYCLE), strict=False):
        net = _network(method)
        net.data_layer = digits.batches(images[:300], shown)
        curves = []
        for _ in range(_BLOCKS):
            net.train(_BLOCK)
            learnt = net.test(images[:300]).argmax(axis=1) == shown.argmax(axis=1)
            curves.append([_loss(net, images[600:1100], labels[600:1100]), np.mean(learnt)])
        iterations = _BLOCK * np.arange(1, _BLOCKS + 1)
        for axes, curve in zip(panels, np.transpose(curves), strict=True):
            axes.plot(iterations, curve, color=colour, linewidth=1.5, label=method)
    panels[1].axhline(0.8, color=GREY, linewidth=0.6, linestyle=":")
    add_legend(panels[1], loc="lower right")
    return figure


def _network(method: str) -> NeuralNetwork:
    optimizer = Optimizers.Adam(5e-3)
    if method == "L1":
        optimizer.add_regularizer(Constraints.L1_Regularizer(0.4))
    if method == "L2":
        optimizer.add_regularizer(Constraints.L2_Regularizer(2.0))
    net = NeuralNetwork(optimizer, Initializers.He(rng=0), Initializers.Constant(0.1))
    net.loss_layer = Loss.CrossEntropyLoss()
    net.append_layer(FullyConnected.FullyConnected(64, 64))
    if method == "batch normalization":
        net.append_layer(BatchNormalization.BatchNormalization(64))
    net.append_layer(ReLU.ReLU())
    if method == "dropout":
        net.append_layer(Dropout.Dropout(0.4, rng=1))
    net.append_layer(FullyConnected.FullyConnected(64, 10))
    net.append_layer(SoftMax.SoftMax())
    return net


def _loss(net: NeuralNetwork, images: np.ndarray, labels: np.ndarray) -> float:
    return Loss.CrossEntropyLoss().forward(net.test(images), labels) / len(images)
