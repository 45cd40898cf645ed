"""What `python -m benchmarks.old_and_new` times: every shape of the other benchmarks, and small ones beside them.

Each case is a function without arguments that prepares it and gives the call to be timed. Only the library's public
names are used, so that the same file runs on checkouts of different age: nothing here is imported from `benchmarks`.
"""

import importlib
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import NeuralNetwork as Network
from Generator.data_layer import ImageData
from Generator.draw_sample_data import draw_sample_data
from Generator.generator import ImageGenerator
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He, Xavier
from Layers.LSTM import LSTM
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax
from Layers.TanH import TanH
from Models import LeNet
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import CrossEntropyLoss, MeanSquaredError
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum

Call = Callable[[], object]

#: The cases by name; the first word is the group.
CASES: dict[str, Callable[[], Call]] = {}

_folders = ExitStack()  # temporary folders, which go when the program ends


class OneBatch:
    """The same batch again and again."""

    def __init__(self, inputs: np.ndarray, labels: np.ndarray) -> None:
        self.batch = inputs, labels

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The batch."""
        return self.batch


def network(
    layers: Sequence[Any], shape: tuple[int, ...], classes: int, dtype: str = "float32", optimizer: Any = None
) -> NeuralNetwork:
    """A network with one batch of random inputs of this shape."""
    rng = np.random.default_rng(0)
    net = NeuralNetwork(optimizer or Sgd(1e-6), He(rng=0), Constant(0), dtype=dtype)
    labels = np.eye(classes, dtype=dtype)[rng.integers(0, classes, shape[0])]
    net.data_layer, net.loss_layer = (
        OneBatch(rng.random(shape, dtype=np.float32).astype(dtype), labels),
        CrossEntropyLoss(),
    )
    for layer in layers:
        net.append_layer(layer)
    return net


def training(*arguments: Any, iterations: int = 1, **options: Any) -> Call:
    """Some training steps of a network."""
    return partial(network(*arguments, **options).train, iterations)


def passes(layer: Any, shape: tuple[int, ...], dtype: str = "float32") -> Call:
    """A forward and a backward pass of one layer on random numbers, a random error included."""
    rng = np.random.default_rng(0)
    if layer.trainable:
        layer.initialize(Xavier(rng=0), Constant(0))
        layer.astype(dtype)
    inputs = rng.standard_normal(shape, dtype=np.float32).astype(dtype)
    errors = rng.standard_normal(layer.forward(inputs).shape, dtype=np.float32).astype(dtype)

    def both() -> object:
        layer.forward(inputs)
        return layer.backward(errors)

    return both


def dense(*sizes: int) -> list[Any]:
    """Fully connected layers of these sizes, ReLU between them and SoftMax behind."""
    layers: list[Any] = []
    for features, outputs in pairwise(sizes):
        layers += [FullyConnected(features, outputs), ReLU()]
    return [*layers[:-1], SoftMax()]


def lenet_layers() -> list[Any]:
    """Of images (1, 28, 28), as in `benchmarks.convolutional`."""
    convolutions = [Conv(1, (1, 5, 5), 6), ReLU(), Pooling(2, 2), Conv(1, (6, 5, 5), 16), ReLU(), Pooling(2, 2)]
    return [*convolutions, Flatten(), *dense(784, 120, 84, 10)]


def cifar_layers() -> list[Any]:
    """Of images (3, 32, 32), as in `benchmarks.convolutional`."""
    convolutions = [Conv(1, (3, 3, 3), 32), ReLU(), Pooling(2, 2), Conv(1, (32, 3, 3), 64), ReLU(), Pooling(2, 2)]
    return [*convolutions, Flatten(), *dense(4096, 10)]


def regularized(optimizer: Any, regularizer: Any) -> Any:
    """An optimizer with a regularizer."""
    optimizer.add_regularizer(regularizer)
    return optimizer


def newer(module: str, name: str, *arguments: Any, **options: Any) -> Any:
    """An object of a class that an old checkout lacks, which then runs all other cases."""
    return getattr(importlib.import_module(module), name)(*arguments, **options)


def later(name: str, *arguments: Any, **options: Any) -> Any:
    """A layer of such a class."""
    return newer(f"Layers.{name}", name, *arguments, **options)


def add(name: str, prepare: Callable[..., Call], *arguments: Any, **options: Any) -> None:
    """List a case: layers and optimizers among the arguments are given as functions that make them."""

    def prepared() -> Call:
        made = [argument() if callable(argument) else argument for argument in arguments]
        return prepare(*made, **{key: value() if callable(value) else value for key, value in options.items()})

    if name in CASES:
        raise ValueError(f"two cases have the name {name!r}")
    CASES[name] = prepared


# The shapes of benchmarks.feed_forward, and small ones.

add("feed_forward 784-512-256-10, batch 128", training, lambda: dense(784, 512, 256, 10), (128, 784), 10)
add("feed_forward 784-1024-1000, batch 1024", training, lambda: dense(784, 1024, 1000), (1024, 784), 1000)
add(
    "feed_forward 784-512-256-10, batch 128, float64",
    *(training, lambda: dense(784, 512, 256, 10), (128, 784), 10, "float64"),
)
for dtype in ("float32", "float64"):
    add(f"small 4-16-3, batch 50, {dtype}", training, lambda: dense(4, 16, 3), (50, 4), 3, dtype, iterations=10)
add("small FullyConnected-SoftMax 4-3, batch 50", training, lambda: dense(4, 3), (50, 4), 3, "float64", iterations=10)
add("small 4-16-3, batch 1", training, lambda: dense(4, 16, 3), (1, 4), 3, "float64", iterations=10)
add("small FullyConnected(4, 3) alone, batch 50", passes, lambda: FullyConnected(4, 3), (50, 4), "float64")
add("feed_forward FullyConnected(512, 256) alone, batch 128", passes, lambda: FullyConnected(512, 256), (128, 512))

# Optimizers in a network, and alone.

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "Sgd": lambda: Sgd(1e-6),
    "SgdWithMomentum": lambda: SgdWithMomentum(1e-6, 0.9),
    "Adam": lambda: Adam(1e-6),
    "AdamW": partial(newer, "Optimization.Optimizers", "AdamW", 1e-6),
    "Nesterov": partial(newer, "Optimization.Optimizers", "Nesterov", 1e-6),
    "AdaGrad": partial(newer, "Optimization.Optimizers", "AdaGrad", 1e-6),
    "RMSprop": partial(newer, "Optimization.Optimizers", "RMSprop", 1e-6),
    "Adam and L2": lambda: regularized(Adam(1e-6), L2_Regularizer(4e-4)),
    "Sgd and L1": lambda: regularized(Sgd(1e-6), L1_Regularizer(4e-4)),
}


def updates(optimizer: Any, numbers: int, dtype: str) -> Call:
    """`calculate_update` as the course calls it."""
    weights, gradient = np.random.default_rng(0).standard_normal((2, numbers)).astype(dtype)
    return partial(optimizer.calculate_update, weights, gradient)


for title, make in OPTIMIZERS.items():
    if title != "Sgd":
        name = f"optimizer {title}, 784-512-256-10, batch 128"
        add(name, training, lambda: dense(784, 512, 256, 10), (128, 784), 10, optimizer=make)
        name = f"optimizer {title}, 4-16-3, batch 50"
        add(name, training, lambda: dense(4, 16, 3), (50, 4), 3, "float64", optimizer=make, iterations=10)
    for numbers in (6_000, 1_000_000):
        add(f"optimizer {title} alone, {numbers:,} numbers", updates, make, numbers, "float32")
add("optimizer Adam alone, 400,000 numbers, float64", updates, OPTIMIZERS["Adam"], 400_000, "float64")

# Beyond the course: strides, gaps, groups and padding, and what goes the other way.

WIDER: dict[str, tuple[tuple[int, ...], Callable[[], Any]]] = {
    "Conv 3-16 3x3, padding 1, on 64x3x32x32": ((64, 3, 32, 32), lambda: Conv(1, (3, 3, 3), 16, padding=1, bias=False)),
    "Conv 16-16 3x3, padding 1, on 64x16x32x32": ((64, 16, 32, 32), lambda: Conv(1, (16, 3, 3), 16, padding=1)),
    "Conv 32-32 3x3, padding 1, on 64x32x16x16": ((64, 32, 16, 16), lambda: Conv(1, (32, 3, 3), 32, padding=1)),
    "Conv 64-64 3x3, padding 1, on 64x64x8x8": ((64, 64, 8, 8), lambda: Conv(1, (64, 3, 3), 64, padding=1)),
    "Conv 16-32 3x3, stride 2, padding 1": ((64, 16, 32, 32), lambda: Conv(2, (16, 3, 3), 32, padding=1)),
    "Conv 16-32 1x1, stride 2": ((64, 16, 32, 32), lambda: Conv(2, (16, 1, 1), 32)),
    "Conv 32-32 3x3, dilation 2": ((64, 32, 16, 16), lambda: Conv(1, (32, 3, 3), 32, dilation=2)),
    "Conv 32-32 3x3, 4 groups": ((64, 32, 16, 16), lambda: Conv(1, (32, 3, 3), 32, groups=4)),
    "Conv 32-32 3x3, depthwise": ((64, 32, 16, 16), lambda: Conv(1, (32, 3, 3), 32, groups=32)),
    "TransposedConv 32-16 4x4, stride 2": (
        (64, 32, 16, 16),
        partial(later, "TransposedConv", 2, (32, 4, 4), 16, padding=1),
    ),
    "AveragePooling 2x2 on 64x32x32x32": (
        (64, 32, 32, 32),
        partial(later, "AveragePooling", 2, 2),
    ),
    "Pooling 3x3, stride 2, padding 1": ((64, 32, 32, 32), lambda: Pooling(2, 3, padding=1)),
    "GlobalAveragePooling on 64x64x8x8": (
        (64, 64, 8, 8),
        partial(later, "GlobalAveragePooling"),
    ),
    "Upsampling 2 on 64x32x16x16": ((64, 32, 16, 16), partial(later, "Upsampling", 2)),
    "Upsampling 2, bilinear, on 64x32x16x16": (
        (64, 32, 16, 16),
        partial(later, "Upsampling", 2, "bilinear"),
    ),
    "Conv 4-4 3x3, 2 groups, small": ((4, 4, 8, 8), lambda: Conv(1, (4, 3, 3), 4, groups=2)),
    "TransposedConv 2-3 3x3, stride 2, small": (
        (4, 2, 5, 5),
        partial(later, "TransposedConv", 2, (2, 3, 3), 3),
    ),
    "AveragePooling 2x2, small": ((4, 4, 8, 8), partial(later, "AveragePooling", 2, 2)),
    "GlobalAveragePooling, small": (
        (4, 4, 8, 8),
        partial(later, "GlobalAveragePooling"),
    ),
    "Upsampling 2, small": ((4, 4, 8, 8), partial(later, "Upsampling", 2)),
    "Chain Conv-ReLU 16 3x3": ((64, 16, 32, 32), lambda: later("Chain", [Conv(1, (16, 3, 3), 16), ReLU()])),
    "Residual 16 3x3 on 64x16x32x32": ((64, 16, 32, 32), lambda: later("Residual", [Conv(1, (16, 3, 3), 16), ReLU()])),
    "Parallel 1x1 and 3x3 on 64x16x32x32": ((64, 16, 32, 32), lambda: later("Parallel", _branches(), "concatenate")),
    "Chain, small": ((4, 2, 5, 5), lambda: later("Chain", [Conv(1, (2, 3, 3), 2), ReLU()])),
    "Residual, small": ((4, 2, 5, 5), lambda: later("Residual", [Conv(1, (2, 3, 3), 2), ReLU()])),
    "Parallel, small": ((4, 2, 5, 5), lambda: later("Parallel", [Conv(1, (2, 3, 3), 2), ReLU()])),
}


def _branches() -> list[Any]:
    return [Conv(1, (16, 1, 1), 16), Conv(1, (16, 3, 3), 16)]


# The networks and layers of benchmarks.convolutional, and small ones.

add("convolutional LeNet, batch 50", training, lenet_layers, (50, 1, 28, 28), 10)
add("convolutional LeNet, batch 256", training, lenet_layers, (256, 1, 28, 28), 10)
add("convolutional CIFAR-sized network, batch 64", training, cifar_layers, (64, 3, 32, 32), 10)
add("convolutional LeNet, batch 50, float64", training, lenet_layers, (50, 1, 28, 28), 10, "float64")
add(
    "convolutional LeNet, batch 50, Adam and L2",
    *(training, lenet_layers, (50, 1, 28, 28), 10),
    optimizer=OPTIMIZERS["Adam and L2"],
)
add("convolutional Conv 32-64 3x3 on 64x32x16x16", passes, lambda: Conv(1, (32, 3, 3), 64), (64, 32, 16, 16))
add("convolutional Conv 32-64 3x3, stride 2", passes, lambda: Conv(2, (32, 3, 3), 64), (64, 32, 16, 16))
add("convolutional Conv 8-16 5x5 on 32x8x24x24", passes, lambda: Conv(1, (8, 5, 5), 16), (32, 8, 24, 24))
add("convolutional Conv 512-512 3x3 on 4x512x14x14", passes, lambda: Conv(1, (512, 3, 3), 512), (4, 512, 14, 14))
add("convolutional Conv 16-32 9 on signals 32x16x512", passes, lambda: Conv(1, (16, 9), 32), (32, 16, 512))
for title, (batch_shape, wider) in WIDER.items():
    add(f"wider {title}", passes, wider, batch_shape)
add("convolutional Pooling 2x2 on 64x32x32x32", passes, lambda: Pooling(2, 2), (64, 32, 32, 32))
add("convolutional Pooling 3x3, stride 2", passes, lambda: Pooling(2, 3), (64, 32, 32, 32))
add("small Conv 1-4 3x3 on 4x1x8x8", passes, lambda: Conv(1, (1, 3, 3), 4), (4, 1, 8, 8), "float64")
add("small Conv 2-3 3x3, stride 2, on 4x2x9x9", passes, lambda: Conv(2, (2, 3, 3), 3), (4, 2, 9, 9), "float64")
add("small Conv 3-4 5 on signals 4x3x15", passes, lambda: Conv(1, (3, 5), 4), (4, 3, 15), "float64")
add("small Pooling 2x2 on 4x4x8x8", passes, lambda: Pooling(2, 2), (4, 4, 8, 8), "float64")
add("small Flatten on 50x16x7x7", passes, Flatten, (50, 16, 7, 7))

# The layers of benchmarks.elementwise, and on fewer numbers.

ELEMENTWISE: dict[str, Callable[[], Any]] = {
    "ReLU": ReLU,
    "Sigmoid": Sigmoid,
    "TanH": TanH,
    "Dropout": lambda: Dropout(0.5, rng=0),
    "LeakyReLU": partial(later, "LeakyReLU"),
    "ELU": partial(later, "ELU"),
    "GELU": partial(later, "GELU"),
    "SiLU": partial(later, "SiLU"),
    "Softplus": partial(later, "Softplus"),
}
for title, make in ELEMENTWISE.items():
    add(f"elementwise {title} on 64x32x32x32", passes, make, (64, 32, 32, 32))
    add(f"elementwise {title} on 60,000 numbers", passes, make, (100, 600))
    add(f"elementwise {title} on 6,000 numbers", passes, make, (50, 120))
add("elementwise ReLU on 60,000 numbers, float64", passes, ReLU, (100, 600), "float64")
add("elementwise BatchNormalization on 64x32x32x32", passes, lambda: BatchNormalization(32), (64, 32, 32, 32))
add("elementwise BatchNormalization on 50x16x7x7", passes, lambda: BatchNormalization(16), (50, 16, 7, 7))
add("elementwise BatchNormalization on 100x600", passes, lambda: BatchNormalization(600), (100, 600))
add("elementwise BatchNormalization on 50x16, float64", passes, lambda: BatchNormalization(16), (50, 16), "float64")
for shape in ((64, 50, 128), (2000, 600), (50, 16)):
    name = f"elementwise LayerNormalization on {'x'.join(map(str, shape))}"
    add(name, passes, partial(later, "LayerNormalization", shape[-1]), shape)
add("elementwise SoftMax on 4096x1000", passes, SoftMax, (4096, 1000))
add("elementwise SoftMax on 100x600", passes, SoftMax, (100, 600))
add("elementwise SoftMax on 50x10", passes, SoftMax, (50, 10))


def losses(batch: int, classes: int) -> Call:
    """Cross-entropy and its error."""
    rng = np.random.default_rng(0)
    loss, labels = CrossEntropyLoss(), np.eye(classes, dtype=np.float32)[rng.integers(0, classes, batch)]
    predictions = SoftMax().forward(rng.standard_normal((batch, classes), dtype=np.float32))

    def both() -> object:
        loss.forward(predictions, labels)
        return loss.backward(labels)

    return both


add("elementwise CrossEntropyLoss on 4096x1000", losses, 4096, 1000)
add("elementwise CrossEntropyLoss on 50x10", losses, 50, 10)
add(
    "feed_forward 784-256-10, BatchNormalization, Dropout, batch 128",
    training,
    lambda: [FullyConnected(784, 256), BatchNormalization(256), ReLU(), Dropout(0.5, rng=0), *dense(256, 10)],
    *((128, 784), 10),
)

# The layers of benchmarks.recurrent, small ones, and sequences of many lengths.


def unequal(layer: Any, batch: int, time: int, features: int) -> Call:
    """Passes on sequences of which all but the first are padded."""
    both, lengths = passes(layer, (batch, time, features)), np.linspace(time, 1, batch).astype(int)

    def call() -> object:
        layer.lengths = lengths
        return both()

    return call


for kind in (RNN, LSTM):
    for batch in (1, 32):
        title = f"recurrent {kind.__name__}, {batch} x 100 steps, 64-128-10"
        add(title, passes, partial(kind, 64, 128, 10), (batch, 100, 64))
    for time in (10, 1000, 10_000):
        add(
            f"recurrent {kind.__name__}, 1 x {time} steps, 64-128-10", passes, partial(kind, 64, 128, 10), (1, time, 64)
        )
    title = f"recurrent {kind.__name__}, 32 sequences of 100 to 1 steps, 64-128-10"
    add(title, unequal, partial(kind, 64, 128, 10), 32, 100, 64)
    title = f"small {kind.__name__}, one sequence of 10 steps, 4-8-3, float64"
    add(title, passes, partial(kind, 4, 8, 3), (10, 4), "float64")

# Sequences beyond the course: recurrent layers without a readout, both ways, words, ends.


add("sequences GRU, 32 x 100 steps, 64-128", passes, lambda: later("GRU", 64, 128), (32, 100, 64))
add("sequences LSTM, 32 x 100 steps, 64-128, hidden states", passes, lambda: LSTM(64, 128), (32, 100, 64))
add("sequences GRU, 32 sequences of 100 to 1 steps, 64-128", unequal, lambda: later("GRU", 64, 128), 32, 100, 64)
add(
    "sequences Bidirectional GRU, 32 x 50 steps, 64-128",
    passes,
    lambda: later("Bidirectional", later("GRU", 64, 128)),
    (32, 50, 64),
)
add("sequences FullyConnected(128, 64) on 32x100x128", passes, lambda: FullyConnected(128, 64), (32, 100, 128))
add("sequences SoftMax on 32x100x64", passes, SoftMax, (32, 100, 64))
add("sequences LastStep on 32x100x128", passes, lambda: later("LastStep"), (32, 100, 128))
add("small GRU, one sequence of 10 steps, 4-8-3, float64", passes, lambda: later("GRU", 4, 8, 3), (10, 4), "float64")


def looking_up(vocabulary: int, size: int, batch: tuple[int, ...]) -> Call:
    """A training step of an embedding."""
    rng = np.random.default_rng(0)
    net = NeuralNetwork(Sgd(1e-6), Xavier(rng=0), Constant(0), dtype="float32")
    net.append_layer(later("Embedding", vocabulary, size))
    net.loss_layer = MeanSquaredError()
    labels = rng.standard_normal((*batch, size), dtype=np.float32)
    net.data_layer = OneBatch(rng.integers(0, vocabulary, batch), labels)
    return partial(net.train, 1)


add("sequences Embedding(1000, 64), 32 x 100 words", looking_up, 1000, 64, (32, 100))
add("sequences Embedding(1000000, 64), 32 x 100 words", looking_up, 1_000_000, 64, (32, 100))
add("small Embedding(20, 4), 8 x 5 words", looking_up, 20, 4, (8, 5))

# A network that isn't being trained.


def testing(net: NeuralNetwork, shape: tuple[int, ...]) -> Call:
    """The output for an input."""
    return partial(net.test, np.random.default_rng(0).random(shape, dtype=np.float32))


def build_lenet() -> NeuralNetwork:
    """The model as it comes: Adam with L2."""
    return LeNet.build(dtype="float32", rng=0)


def trained_lenet() -> NeuralNetwork:
    """A network that has more in it than its weights."""
    net = build_lenet()
    net.data_layer = network([], (50, 1, 28, 28), 10).data_layer
    net.train(2)
    return net


def saving() -> Call:
    """Write LeNet to a file."""
    return partial(Network.save, Path(_folders.enter_context(tempfile.TemporaryDirectory())) / "net", trained_lenet())


def loading() -> Call:
    """Read it."""
    file = Path(_folders.enter_context(tempfile.TemporaryDirectory())) / "net"
    Network.save(file, trained_lenet())
    return partial(Network.load, file, None)


def importing() -> Call:
    """A Python program that imports the network and the layers, from the same place."""
    root = str(Path(Network.__file__).parent)
    program = (
        f"import sys; sys.path[0] = {root!r}; from Layers import *; from Optimization import *; import NeuralNetwork"
    )
    return partial(subprocess.run, [sys.executable, "-c", program], check=True)


add("testing LeNet on 1000 images", testing, build_lenet, (1000, 1, 28, 28))
add("testing LeNet on one image", testing, build_lenet, (1, 1, 28, 28))
add("testing 4-16-3 on one sample", testing, lambda: network(dense(4, 16, 3), (1, 4), 3), (1, 4))
add("files save LeNet", saving)
add("files load LeNet", loading)
add("files import everything", importing)
add("files build LeNet", lambda: build_lenet)

# What benchmarks.generator times, without its workers.

BATCH, IMAGES = 64, 4096


def pictures(count: int = IMAGES) -> tuple[np.ndarray, np.ndarray]:
    """Drawn pictures (count, 32, 32, 3) of bytes, and their labels."""
    drawn, labels = draw_sample_data(512, seed=1)
    return np.tile(drawn, (count // 512, 1, 1, 1)), np.tile(labels, count // 512)


def assembling(stored: str, dtype: str, **options: Any) -> Call:
    """The next batch of an array."""
    images, labels = pictures()
    if stored != "uint8":
        images = (images / 255).astype(stored)
    return ImageGenerator.from_arrays(images, labels, BATCH, dtype=dtype, rng=0, **options).next


for dtype, shuffle in itertools.product(("float32", "float64"), (False, True)):
    for stored in (dtype, "uint8"):
        name = f"generator {dtype} from {stored}{', shuffled' if shuffle else ''}"
        add(name, assembling, stored, dtype, shuffle=shuffle)

COURSE = {"rotation": True, "mirroring": True, "shuffle": True}
PLANE = {"angle": 10, "shift": 0.1, "zoom": 0.1}
VALUES = {"brightness": 0.1, "contrast": 0.2}
AUGMENTATIONS: dict[str, dict[str, Any]] = {
    "mirroring and quarter turns": COURSE,
    "any angle, shift, zoom": PLANE,
    "brightness, contrast": VALUES,
    "noise": {"noise": 0.05},
    "everything": {**COURSE, **PLANE, **VALUES, "noise": 0.05},
    "resized to 28x28, grey": {"image_size": [28, 28, 1]},
    "resized to 64x64": {"image_size": [64, 64, 3]},
}
for title, options in AUGMENTATIONS.items():
    add(f"generator {title}", assembling, "uint8", "float32", **options)


def reading(suffix: str, side: int, cached: bool) -> Call:
    """The next batch of a folder of picture files, mirrored and turned by quarters."""
    from PIL import Image

    folder = Path(_folders.enter_context(tempfile.TemporaryDirectory()))
    images, labels = pictures(1024 if side == 32 else 512)
    if side != 32:
        images, rng = images[:128], np.random.default_rng(0)
        images = np.array([_enlarged(Image, picture, side, rng) for picture in images])
    _write(folder, images, labels, suffix)
    generator = ImageGenerator(
        folder, None, BATCH, [32, 32, 3], True, True, True, dtype="float32", rng=0, cache_bytes=2**28 if cached else 0
    )
    if cached:
        generator.read()
    return generator.next


def _enlarged(image: Any, picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """With grain, so that it takes about as long to decode as what a camera delivers."""
    large = np.asarray(image.fromarray(picture).resize((side, side), image.Resampling.BICUBIC))
    return np.clip(rng.normal(large, 8), 0, 255).astype(np.uint8)


def _write(folder: Path, images: np.ndarray, labels: Iterable[int], suffix: str) -> None:
    from PIL import Image

    for number, (picture, label) in enumerate(zip(images, labels, strict=False)):
        path = folder / str(label) / f"{number}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        if suffix == "npy":
            np.save(path, picture)
        else:
            Image.fromarray(picture).save(path)


for suffix, side in (("npy", 32), ("png", 32), ("jpg", 256)):
    for cached in (False, True):
        add(f"generator {suffix} of {side}x{side}{', cached' if cached else ''}", reading, suffix, side, cached)


def training_on_pictures() -> Call:
    """A step of LeNet and the batch that it needs, which another thread prepares meanwhile."""
    images, labels = pictures()
    generator = ImageGenerator.from_arrays(
        images, labels, BATCH, shuffle=True, dtype="float32", rng=0, workers=1, angle=10, shift=0.1, zoom=0.1
    )
    net = LeNet.build(image_shape=(3, 32, 32), dtype="float32", rng=0)
    net.data_layer = ImageData(generator, normalize=False)
    return partial(net.train, 1)


add("generator LeNet and its batch, one worker", training_on_pictures)
