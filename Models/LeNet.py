"""LeNet, the network that read handwritten digits in the 1990s, in the course's variant."""

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Randomness import as_generator
from Layers.Conv import Conv
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam


def build(
    image_shape: tuple[int, int, int] = (1, 28, 28),
    classes: int = 10,
    learning_rate: float = 5e-4,
    dtype: DTypeLike = "float64",
    rng: int | np.random.Generator | None = None,
) -> NeuralNetwork:
    """A convolutional classifier of images.

    Two convolutions of 5×5 find strokes and then combinations of strokes, each followed by max-pooling
    that halves the image; three fully connected layers decide. Other than in the paper, convolutions
    keep the image's size, the activation is ReLU, pooling takes the maximum, and the end is a SoftMax.
    Adam takes the steps, and an L2 regularizer of 4e-4 shrinks the weights.

    Shapes: input `(batch, *image_shape)`, output `(batch, classes)`, the probability of each class.

    Args:
        image_shape: channels, height and width of one image; height and width at least 4.
        classes: number of classes.
        learning_rate: step width of Adam.
        dtype: "float64" or "float32".
        rng: a seed or a `numpy.random.Generator` for the weights; None draws from NumPy's global state.

    Returns:
        The network with its loss layer; the data layer is yours to set.

    Raises:
        ValueError: for images too small to be halved twice.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998).

    >>> build(rng=0).test(np.zeros((1, 1, 28, 28))).shape
    (1, 10)
    """
    shape = Checks.positive_integers(image_shape, "LeNet", "image_shape")
    if len(shape) != 3:
        raise ValueError(f"LeNet: expected image_shape (channels, height, width), got {shape}")
    channels, height, width = shape
    classes = Checks.positive_integer(classes, "LeNet", "classes")
    if min(height, width) < 4:
        raise ValueError(f"LeNet: expected images of at least 4×4 pixels, which are halved twice; got {height}×{width}")
    optimizer = Adam(learning_rate)
    optimizer.add_regularizer(L2_Regularizer(4e-4))
    net = NeuralNetwork(optimizer, He(as_generator(rng, "LeNet")), Constant(0.1), dtype)
    net.append_layer(Conv(1, (channels, 5, 5), 6))
    net.append_layer(ReLU())
    net.append_layer(Pooling(2, 2))
    net.append_layer(Conv(1, (6, 5, 5), 16))
    net.append_layer(ReLU())
    net.append_layer(Pooling(2, 2))
    net.append_layer(Flatten())
    net.append_layer(FullyConnected(16 * (height // 2 // 2) * (width // 2 // 2), 120))
    net.append_layer(ReLU())
    net.append_layer(FullyConnected(120, 84))
    net.append_layer(ReLU())
    net.append_layer(FullyConnected(84, classes))
    net.append_layer(SoftMax())
    net.loss_layer = CrossEntropyLoss()
    return net
