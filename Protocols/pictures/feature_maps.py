"""What a LeNet that reads digits has learned: the kernels of its first convolution, and the feature maps of a digit."""

import numpy as np
from matplotlib.figure import Figure

from Generator.data_layer import ImageData
from Generator.datasets import all_digits
from Generator.generator import ImageGenerator
from Models import LeNet
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Adam
from Protocols.pictures.style import DIVERGING, INK, NORMAL, SEQUENTIAL, SMALL, add_image_axes, make_figure

_SIZE, _ITERATIONS, _DIGIT = 20, 300, 4


def draw() -> Figure:
    """Train on the handwritten digits for some seconds, then look into the first two convolutions."""
    digits = ImageGenerator.from_arrays(*all_digits(), 50, [_SIZE, _SIZE, 1], shuffle=True, rng=1, dtype="float32")
    training, test = digits.split(1 / 3, rng=1)
    net = LeNet.build((1, _SIZE, _SIZE), learning_rate=2e-3, dtype="float32", rng=1)
    # A strong regularizer for the first kernels alone: what they began with fades, what the digits need stays.
    optimizer = Adam(2e-3)
    optimizer.add_regularizer(L2_Regularizer(5))
    net.layers[0].optimizer = optimizer
    net.data_layer = ImageData(training, test)
    net.train(_ITERATIONS)
    images, labels = net.data_layer.get_test_set()
    accuracy = np.mean(net.test(images).argmax(axis=1) == labels.argmax(axis=1))
    image = images[labels.argmax(axis=1) == _DIGIT][:1]
    convolution, activation, pooling, second, *_ = net.layers
    maps = activation.forward(convolution.forward(image))[0]
    deeper = activation.forward(second.forward(pooling.forward(maps[np.newaxis])))[0]

    figure = make_figure(4.0)
    largest = np.abs(convolution.weights).max()
    add_image_axes(figure, 4, 9, 1, "input").imshow(image[0, 0], cmap=SEQUENTIAL)
    for place in range(6):
        axes = add_image_axes(figure, 4, 9, place + 2, f"kernel {place + 1}")
        axes.imshow(convolution.weights[place, 0], cmap=DIVERGING, vmin=-largest, vmax=largest)
        add_image_axes(figure, 4, 9, place + 11).imshow(maps[place], cmap=SEQUENTIAL, vmin=0)
    for place in range(16):
        add_image_axes(figure, 4, 9, 20 + place + place // 8).imshow(deeper[place], cmap=SEQUENTIAL, vmin=0)
    for place, words in ((10, "its maps"), (19, "maps of\nthe second\nconvolution")):
        add_image_axes(figure, 4, 9, place).text(0.5, 0.5, words, ha="center", va="center", fontsize=SMALL, color=INK)
    figure.suptitle(
        f"LeNet after {_ITERATIONS} batches: {accuracy:.0%} of the test digits right", fontsize=NORMAL, color=INK
    )
    return figure
