"""Trainings that one process and several have to end alike.

mpiexec -n 3 python -m tests.parallel_cases FILE [case …]
"""

import sys

import numpy as np

from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers.Dropout import Dropout
from Layers.Embedding import Embedding
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LastStep import LastStep
from Layers.LSTM import LSTM
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from Models import LeNet, ResNet
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum
from Training.processes import Processes
from Training.trainer import Trainer

STEPS, CLASSES = 50, 3


def network(*layers, optimizer, **options):
    net = NeuralNetwork(optimizer, He(rng=1), Constant(0.1), **options)
    net.loss_layer = CrossEntropyLoss()
    for layer in (*layers, SoftMax()):
        net.append_layer(layer)
    return net


def pictures(side, batch_size, **options):
    rng = np.random.default_rng(0)
    images, labels = rng.random((40, side, side)), rng.integers(0, CLASSES, 40)
    names = list("abc")
    return ImageData(ImageGenerator.from_arrays(images, labels, batch_size, class_names=names, rng=2, **options))


def lenet():
    """Adam and L2, of augmented pictures in batches that don't divide."""
    net = LeNet.build(image_shape=(1, 12, 12), classes=CLASSES, dtype="float64", rng=0)
    changes = {"mirroring": True, "angle": 10, "shift": 0.1, "crop": 0.1, "brightness": 0.1, "noise": 0.05}
    return net, pictures(12, 7, shuffle=True, **changes)


def residual():
    """Batch normalization over all processes, and ways around it."""
    net = ResNet.build((1, 8, 8), CLASSES, depth=8, width=2, dtype="float64", rng=0)
    return net, pictures(8, 6, shuffle=True)


def sequences():
    """Lengths, momentum, and gradients that are clipped."""
    rng = np.random.default_rng(0)
    X = [rng.standard_normal((steps, 2)) for steps in rng.integers(2, 9, 30)]
    data = ArrayData(X, rng.integers(0, CLASSES, 30), 5, rng=3, weights=rng.uniform(0.5, 1, 30))
    layers = LSTM(2, 4, 4), LastStep(), FullyConnected(4, CLASSES)
    return network(*layers, optimizer=SgdWithMomentum(0.02, 0.9), clip_norm=0.5), data


def dropout():
    """Masks of two random streams, L1, and steps of several batches."""
    np.random.seed(7)  # noqa: NPY002
    rng = np.random.default_rng(0)
    X = rng.standard_normal((31, 5))
    data = ArrayData(X, np.abs(X[:, :CLASSES]).argmax(axis=1), 9, rng=3)
    optimizer = Sgd(0.01)
    optimizer.add_regularizer(L1_Regularizer(0.01))
    layers = FullyConnected(5, 6), Dropout(0.7, rng=4), ReLU(), FullyConnected(6, 7), Dropout(0.9), FullyConnected(7, 3)
    return network(*layers, optimizer=optimizer, accumulate=2), data


def words():
    """A table of which few rows are looked up."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 20, (30, 4))
    layers = Embedding(20, 3), LSTM(3, 4, 4), LastStep(), FullyConnected(4, CLASSES)
    return network(*layers, optimizer=Adam(0.01)), ArrayData(X, X[:, 0] % CLASSES, 6, rng=3)


CASES = {case.__name__: case for case in (lenet, residual, sequences, dropout, words)}


def trained(name, processes=None, steps=STEPS):
    """What the losses and all parameters are in the end, by name."""
    net, data = CASES[name]()
    trainer = Trainer(net, data, processes=processes)
    trainer.fit(-(-steps // trainer.batches))
    found = {"losses": np.asarray(net.loss), "history": np.asarray(list(trainer.history.values()))}
    for place, (layer, parameter, _) in enumerate(net.gradients()):
        found[f"{parameter} {place}"] = getattr(layer, parameter)
    return found


def main(path, *names):
    processes = Processes()
    found = {name: trained(name, processes) for name in names or CASES}
    if processes.is_first:
        arrays = {f"{name}: {part}": array for name, parts in found.items() for part, array in parts.items()}
        np.savez(path, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
