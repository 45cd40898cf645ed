"""A small network with data that goes round, for tests of the step."""

import numpy as np

from Layers.Base import BaseLayer
from Layers.Conv import Conv
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam


class Cycle:
    """A data layer that goes round some batches."""

    def __init__(self, *batches):
        self.batches, self.number = batches, 0

    def next(self):
        self.number += 1
        return self.batches[(self.number - 1) % len(self.batches)]


def batches(count=4, size=5, scale=1.0):
    rng = np.random.default_rng(7)
    return [(scale * rng.standard_normal((size, 1, 4, 4)), np.eye(3)[rng.integers(0, 3, size)]) for _ in range(count)]


def network(optimizer=None, extra=(), data=None, **options):
    net = NeuralNetwork(optimizer or Adam(0.01), He(rng=1), Constant(0.1), **options)
    for layer in (Conv(1, (1, 3, 3), 2), ReLU(), Flatten(), *extra, FullyConnected(32, 3), SoftMax()):
        net.append_layer(layer)
    net.loss_layer, net.data_layer = CrossEntropyLoss(), Cycle(*(data or batches()))
    return net


def parameters(net):
    return [np.array(value) for layer in net.layers if layer.trainable for value in layer.parameters().values()]


def assert_same(one, other):
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)


def assert_different(one, other):
    assert all((first != second).any() for first, second in zip(one, other, strict=True))


class OwnStep(BaseLayer):
    """A layer as a student writes it: it steps inside backward."""

    def __init__(self):
        self.trainable = True
        self.optimizer = None
        self.weights = np.full((1, 32), 2.0)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        self.x = input_tensor
        return input_tensor * self.weights

    def backward(self, error_tensor):
        error = error_tensor * self.weights
        if self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, (error_tensor * self.x).sum(axis=0)[None])
        return error
