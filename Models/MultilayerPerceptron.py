"""The multilayer perceptron: fully connected layers with ReLU between them."""

from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Randomness import as_generator
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam


def build(
    image_shape: tuple[int, ...] = (1, 28, 28),
    classes: int = 10,
    hidden: tuple[int, ...] = (128, 64),
    learning_rate: float = 1e-3,
    dtype: DTypeLike = "float64",
    rng: int | np.random.Generator | None = None,
) -> NeuralNetwork:
    """A classifier of images that sees every pixel as a number of its own.

    Shapes: input `(batch, *image_shape)`, output `(batch, classes)`, the probability of each class.

    Args:
        image_shape: shape of one image; a vector's is `(features,)`.
        classes: number of classes.
        hidden: sizes of the hidden layers.
        learning_rate: step width of Adam.
        dtype: "float64" or "float32".
        rng: a seed or a `numpy.random.Generator` for the weights; None draws from NumPy's global state.

    Returns:
        The network with its loss layer; the data layer is yours to set.

    Source: D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating errors",
    Nature 323 (1986).

    >>> build(rng=0).test(np.zeros((1, 1, 28, 28))).shape
    (1, 10)
    """
    image_shape = Checks.positive_integers(image_shape, "MultilayerPerceptron", "image_shape")
    if not image_shape:
        raise ValueError("MultilayerPerceptron: expected image_shape to have an axis at least, got ()")
    hidden = Checks.positive_integers(hidden, "MultilayerPerceptron", "hidden")
    classes = Checks.positive_integer(classes, "MultilayerPerceptron", "classes")
    net = NeuralNetwork(Adam(learning_rate), He(as_generator(rng, "MultilayerPerceptron")), Constant(0.1), dtype)
    net.append_layer(Flatten())
    sizes = (prod(image_shape), *hidden)
    for input_size, output_size in pairwise(sizes):
        net.append_layer(FullyConnected(input_size, output_size))
        net.append_layer(ReLU())
    net.append_layer(FullyConnected(sizes[-1], classes))
    net.append_layer(SoftMax())
    net.loss_layer = CrossEntropyLoss()
    return net
