"""ResNet, the network of residual blocks, for small images."""

import numpy as np
from numpy.typing import DTypeLike

from Foundation import Checks
from Foundation.Randomness import as_generator
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.FullyConnected import FullyConnected
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam


def build(
    image_shape: tuple[int, int, int] = (3, 32, 32),
    classes: int = 10,
    depth: int = 20,
    width: int = 16,
    learning_rate: float = 1e-3,
    dtype: DTypeLike = "float64",
    rng: int | np.random.Generator | None = None,
) -> NeuralNetwork:
    """A deep classifier of small photographs, such as CIFAR-10: good where LeNet has learnt all that it can hold.

    After a first convolution, three stages of n residual blocks each; the second and the third begin by halving the
    image and doubling the channels, with a convolution of 1×1 as the shortcut. The mean of each channel decides. The
    depth counts the layers with weights on the longest way, 6 n + 2. Other than in the paper, the shortcuts that change
    the shape are learnt there too (its option B, which it uses for large images), and Adam takes the steps.

    Shapes: input `(batch, *image_shape)`, output `(batch, classes)`, the probability of each class.

    Args:
        image_shape: channels, height and width of one image.
        classes: number of classes.
        depth: number of layers: 8, 14, 20, 32, 44, 56, 110, or another 6 n + 2.
        width: number of kernels in the first stage.
        learning_rate: step width of Adam.
        dtype: "float64" or "float32", which is twice as fast.
        rng: a seed or a `numpy.random.Generator` for the weights; None draws from NumPy's global state.

    Returns:
        The network with its loss layer; the data layer is yours to set.

    Raises:
        ValueError: for a depth that is no 6 n + 2.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.

    >>> net = build(depth=8, width=4, rng=0)
    >>> net.data_layer = np.ones((2, 3, 32, 32)), np.eye(10)[:2]
    >>> net.train(1)
    >>> net.test(np.zeros((1, 3, 32, 32))).shape
    (1, 10)
    """
    shape = Checks.positive_integers(image_shape, "ResNet", "image_shape")
    if len(shape) != 3:
        raise ValueError(f"ResNet: expected image_shape (channels, height, width), got {shape}")
    blocks, rest = divmod(Checks.integer(depth, "ResNet", "depth", least=8) - 2, 6)
    if rest:
        raise ValueError(
            f"ResNet: expected a depth of 6 n + 2, such as {6 * blocks + 2} or {6 * blocks + 8}, got {depth}"
        )
    width = Checks.positive_integer(width, "ResNet", "width")
    classes = Checks.positive_integer(classes, "ResNet", "classes")
    net = NeuralNetwork(Adam(learning_rate), He(as_generator(rng, "ResNet")), Constant(0), dtype)
    for layer in _normalized(shape[0], width):
        net.append_layer(layer)
    net.append_layer(ReLU())
    before = width
    for channels in (width, 2 * width, 4 * width):
        for block in range(blocks):
            halved = block == 0 and channels > width
            net.append_layer(_block(before, channels, 2 if halved else 1))
            net.append_layer(ReLU())
            before = channels
    net.append_layer(GlobalAveragePooling())
    net.append_layer(FullyConnected(before, classes))
    net.append_layer(SoftMax())
    net.loss_layer = CrossEntropyLoss()
    return net


def _block(before: int, channels: int, stride: int) -> Residual:
    """Two convolutions of 3×3, each normalized, and the way around them."""
    layers = [*_normalized(before, channels, stride), ReLU(), *_normalized(channels, channels)]
    shortcut = None if stride == 1 else _normalized(before, channels, stride, size=1)
    return Residual(layers, shortcut)


def _normalized(before: int, channels: int, stride: int = 1, size: int = 3) -> list[Conv | BatchNormalization]:
    """A convolution whose biases the normalization would take away again, so that it has none."""
    return [Conv(stride, (before, size, size), channels, bias=False), BatchNormalization(channels)]
