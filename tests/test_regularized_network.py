"""Batch normalization, dropout and an L2 regularizer together read handwritten digits."""

import numpy as np
import pytest

from Layers import (
    BatchNormalization,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    Initializers,
    Pooling,
    ReLU,
    SoftMax,
)
from NeuralNetwork import NeuralNetwork
from Optimization import Constraints, Loss, Optimizers, Schedules
from Training import data


@pytest.mark.slow
def test_a_regularized_network_reads_digits():
    """98.5 % are asked for; 99.2 % and 99.0 % were seen with seeds 0 and 1."""
    optimizer = Optimizers.Adam(Schedules.LinearDecay(1e-3, 1200))
    optimizer.add_regularizer(Constraints.L2_Regularizer(4e-4))
    net = NeuralNetwork(optimizer, Initializers.He(rng=0), Initializers.Constant(0.1), dtype="float32")
    net.loss_layer, net.data_layer = Loss.CrossEntropyLoss(), data.load("digits", 50, seed=0).training
    channels = 1
    for kernels in (8, 16):
        net.append_layer(Conv.Conv(1, (channels, 3, 3), kernels))
        net.append_layer(BatchNormalization.BatchNormalization(kernels))
        net.append_layer(ReLU.ReLU())
        net.append_layer(Pooling.Pooling(2, 2))
        channels = kernels
    net.append_layer(Flatten.Flatten())
    net.append_layer(Dropout.Dropout(0.7, rng=0))
    net.append_layer(FullyConnected.FullyConnected(256, 64))
    net.append_layer(ReLU.ReLU())
    net.append_layer(FullyConnected.FullyConnected(64, 10))
    net.append_layer(SoftMax.SoftMax())
    net.train(1200)
    images, labels = net.data_layer.get_test_set()
    assert np.mean(net.test(images).argmax(axis=1) == labels.argmax(axis=1)) >= 0.985
