"""The autoencoder: through a few numbers and back."""

from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Randomness import as_generator
from Layers.Chain import Chain
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.Sigmoid import Sigmoid
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Adam


def build(
    image_shape: tuple[int, ...] = (1, 28, 28),
    code: int = 8,
    hidden: tuple[int, ...] = (128,),
    learning_rate: float = 2e-3,
    dtype: DTypeLike = "float64",
    rng: int | np.random.Generator | None = None,
) -> NeuralNetwork:
    """A network that learns, without labels, to say by few numbers what makes samples differ.

    Good for compressing, for finding outliers (they come back worst), and for features where few samples have labels.
    It is trained on the samples as their own labels, `(batch, features)`. Its first layer is the encoder, whose
    `forward` gives the code of samples; the second the decoder, whose `forward` gives back samples from codes. Other
    than in the paper, layers aren't trained one by one before, and the activation is ReLU.

    Shapes: input `(batch, *image_shape)`, the code `(batch, code)`, output `(batch, features)`, numbers from 0 to 1,
    where `features` is the product of `image_shape`.

    Args:
        image_shape: shape of one sample, whose numbers are from 0 to 1; a vector's is `(features,)`.
        code: how many numbers a sample goes through.
        hidden: sizes of the layers between, on the way there; the way back has them in turn.
        learning_rate: step width of Adam.
        dtype: "float64" or "float32".
        rng: a seed or a `numpy.random.Generator` for the weights; None draws from NumPy's global state.

    Returns:
        The network with its loss layer; the data layer is yours to set.

    Source: G. Hinton, R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 313 (2006).

    >>> net = build((1, 8, 8), code=3, rng=0)
    >>> net.test(np.zeros((2, 1, 8, 8))).shape, net.layers[0].forward(np.zeros((2, 1, 8, 8))).shape
    ((2, 64), (2, 3))
    """
    image_shape = Checks.positive_integers(image_shape, "Autoencoder", "image_shape")
    if not image_shape:
        raise ValueError("Autoencoder: expected image_shape to have an axis at least, got ()")
    hidden = Checks.positive_integers(hidden, "Autoencoder", "hidden")
    sizes = (prod(image_shape), *hidden, Checks.positive_integer(code, "Autoencoder", "code"))
    net = NeuralNetwork(Adam(learning_rate), He(as_generator(rng, "Autoencoder")), Constant(0), dtype)
    net.append_layer(Chain([Flatten(), *_row(sizes)]))
    net.append_layer(Chain([*_row(sizes[::-1]), Sigmoid()]))
    net.loss_layer = MeanSquaredError()
    return net


def _row(sizes: tuple[int, ...]) -> list[FullyConnected | ReLU]:
    """Fully connected layers with ReLU between them."""
    layers: list[FullyConnected | ReLU] = []
    for sizes_of_one in pairwise(sizes):
        layers += [FullyConnected(*sizes_of_one), ReLU()]
    return layers[:-1]
