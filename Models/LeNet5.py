"""LeNet-5, as near to the paper of 1998 as the layers allow."""

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Randomness import as_generator
from Layers.AveragePooling import AveragePooling
from Layers.Conv import Conv
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, Xavier
from Layers.SoftMax import SoftMax
from Layers.TanH import TanH
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam


def build(
    image_shape: tuple[int, int, int] = (1, 28, 28),
    classes: int = 10,
    learning_rate: float = 1e-3,
    dtype: DTypeLike = "float64",
    rng: int | np.random.Generator | None = None,
) -> NeuralNetwork:
    """A classifier of digits and other signs, as it read cheques: to compare with what came later, such as `LeNet`.

    Three convolutions of 5×5 without padding, but for the first, which sees the image with two zeros around it; between
    them the mean of 2×2 pixels; hyperbolic tangents; 61,706 parameters for ten digits of 28×28. Other than in the
    paper, each kernel of the second convolution sees all channels before it, pooling has neither a factor nor a bias
    to learn nor a squashing behind it, the tangent isn't scaled, the end is a SoftMax with the cross-entropy in place
    of distances from drawn characters, and Adam takes the steps.

    Shapes: input `(batch, *image_shape)`, output `(batch, classes)`, the probability of each class.

    Args:
        image_shape: channels, height and width of one image; height and width at least 12.
        classes: number of classes.
        learning_rate: step width of Adam.
        dtype: "float64" or "float32".
        rng: a seed or a `numpy.random.Generator` for the weights; None draws from NumPy's global state.

    Returns:
        The network with its loss layer; the data layer is yours to set.

    Raises:
        ValueError: for images too small for three convolutions.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998), section II.B.

    >>> build(rng=0).test(np.zeros((1, 1, 28, 28))).shape
    (1, 10)
    """
    shape = Checks.positive_integers(image_shape, "LeNet5", "image_shape")
    if len(shape) != 3:
        raise ValueError(f"LeNet5: expected image_shape (channels, height, width), got {shape}")
    channels, *size = shape
    if min(size) < 12:
        raise ValueError(f"LeNet5: expected images of at least 12×12 pixels, got {size[0]}×{size[1]}")
    classes = Checks.positive_integer(classes, "LeNet5", "classes")
    height, width = ((length // 2 - 4) // 2 for length in size)
    net = NeuralNetwork(Adam(learning_rate), Xavier(as_generator(rng, "LeNet5")), Constant(0), dtype)
    for layer in (
        Conv(1, (channels, 5, 5), 6, padding=2),
        TanH(),
        AveragePooling(2, 2),
        Conv(1, (6, 5, 5), 16, padding="valid"),
        TanH(),
        AveragePooling(2, 2),
        Flatten(),
        FullyConnected(16 * height * width, 120),  # a convolution that sees the whole image
        TanH(),
        FullyConnected(120, 84),
        TanH(),
        FullyConnected(84, classes),
        SoftMax(),
    ):
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss()
    return net
