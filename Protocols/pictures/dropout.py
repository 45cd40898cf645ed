"""What dropout does: thinned networks, what a unit receives, and the gap between training and test."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from Layers import Dropout, FullyConnected, Initializers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from Protocols.pictures import digits
from Protocols.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LIGHT_GREY,
    ORANGE,
    PALE_BLUE,
    RED,
    SMALL,
    Diagram,
    add_axes,
    add_legend,
    make_figure,
)


def draw() -> Figure:
    """Draw three networks above, two experiments below."""
    figure = make_figure(5.4)
    diagram = Diagram(15, 5.2, figure.add_subplot(2, 1, 1))
    rng = np.random.default_rng(3)
    for place, title in enumerate(("testing: all units", "training, step 1", "training, step 2")):
        kept = [np.ones(size, bool) for size in (3, 5, 5, 2)]
        if place:
            kept[1:3] = [rng.random(5) < 0.6, rng.random(5) < 0.6]
        _network(diagram, 0.8 + 5.2 * place, kept)
        diagram.text(2.5 + 5.2 * place, 4.95, title)
    _received(add_axes(figure, 2, 2, 3, "what the next unit receives", xlabel="sum of 200 inputs", yticks=[]))
    _gap(
        add_axes(figure, 2, 2, 4, "300 digits, a fifth with wrong labels", xlabel="iteration", ylabel="loss per digit")
    )
    return figure


def _network(diagram: Diagram, left: float, kept: list[np.ndarray]) -> None:
    """A network with the units that are kept; the others are grey and without connections."""
    columns = []
    for column, units in enumerate(kept):
        heights = 2.4 + 0.85 * (np.arange(len(units)) - (len(units) - 1) / 2)
        colours = [(PALE_BLUE, BLUE) if unit else (LIGHT_GREY, GREY) for unit in units]
        columns.append(
            [
                diagram.circle(left + 1.15 * column, height, "" if unit else "×", 0.55, fill, edge)
                for height, unit, (fill, edge) in zip(heights, units, colours, strict=True)
            ]
        )
    for column in range(3):
        for before, start in zip(kept[column], columns[column], strict=True):
            for after, end in zip(kept[column + 1], columns[column + 1], strict=True):
                if before and after:
                    points = np.transpose([start.center, end.center])
                    diagram.axes.plot(*points, color=BLUE, linewidth=0.6, alpha=0.6, zorder=1)


def _received(axes: Axes) -> None:
    """The weighted sum of 200 units in training, with and without the factor 1/p, and in the testing phase."""
    rng = np.random.default_rng(0)
    activations = np.maximum(rng.normal(1, 1, 200), 0)
    weights = rng.normal(0.1, 0.3, 200)
    layer = Dropout.Dropout(0.5, rng=0)
    dropped = layer.forward(np.tile(activations, (2000, 1))) @ weights
    edges = np.linspace(-8, 48, 85)
    options = {"histtype": "stepfilled", "alpha": 0.55}
    axes.hist(0.5 * dropped, edges, color=GREY, label="training, without 1/p", **options)
    axes.hist(dropped, edges, color=ORANGE, label="training, with 1/p", **options)
    axes.axvline(activations @ weights, color=INK, linewidth=1.6, label="testing")
    axes.set_ylim(0, 310)
    add_legend(axes, loc="upper right")


def _gap(axes: Axes) -> None:
    """The loss of training and test set without and with dropout."""
    images, truth = digits.load()
    labels = digits.mislabelled(truth[:300])
    for probability, colour in ((1.0, RED), (0.5, GREEN)):
        net = NeuralNetwork(Optimizers.Adam(5e-3), Initializers.He(rng=0), Initializers.Constant(0.1))
        net.loss_layer, net.data_layer = Loss.CrossEntropyLoss(), digits.batches(images[:300], labels)
        for layer in (
            FullyConnected.FullyConnected(64, 64),
            ReLU.ReLU(),
            Dropout.Dropout(probability, rng=1),
            FullyConnected.FullyConnected(64, 10),
            SoftMax.SoftMax(),
        ):
            net.append_layer(layer)
        history = []
        for _ in range(20):
            net.train(30)
            history.append([_loss(net, images[:300], labels), _loss(net, images[600:1100], truth[600:1100])])
        iterations = np.arange(30, 601, 30)
        training, test = np.transpose(history)
        name = "p = 1" if probability == 1 else "p = 0.5"
        axes.plot(iterations, test, color=colour, label=f"{name}: test")
        axes.plot(iterations, training, color=colour, linestyle="--", label=f"{name}: training")
    axes.set_ylim(0, 2.3)
    add_legend(axes, loc="upper right", ncols=2, fontsize=SMALL - 1, columnspacing=1, handlelength=1.5)


def _loss(net: NeuralNetwork, images: np.ndarray, labels: np.ndarray) -> float:
    return Loss.CrossEntropyLoss().forward(net.test(images), labels) / len(images)
