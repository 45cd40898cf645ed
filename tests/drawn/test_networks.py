"""Drawn networks: saved, copied or pickled at any moment of a training, they go on to the same bits."""

import copy
import pickle
import tempfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import NeuralNetwork as networks
from Layers.BatchNormalization import BatchNormalization
from Layers.Dropout import Dropout
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.LSTM import LSTM
from Layers.ReLU import ReLU
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax
from Layers.TanH import TanH
from Optimization.Loss import CrossEntropyLoss
from tests.drawn.arrays import seeds
from tests.drawn.configurations import INITIALIZERS, OPTIMIZERS
from tests.training_cases import bits

#: What stands between two layers of a number of features.
BETWEEN = {
    "nothing": lambda features, seed: [],
    "ReLU": lambda features, seed: [ReLU()],
    "TanH": lambda features, seed: [TanH()],
    "Sigmoid": lambda features, seed: [Sigmoid()],
    "Dropout": lambda features, seed: [Dropout(0.6)],
    "Dropout of its own": lambda features, seed: [Dropout(0.6, rng=seed)],
    "BatchNormalization": lambda features, seed: [BatchNormalization(features)],
    "RNN": lambda features, seed: [RNN(features, 3, features)],
    "LSTM": lambda features, seed: [LSTM(features, 2, features)],
}


class Batches:
    """Endless ones, of which number n is always the same."""

    def __init__(self, number: int) -> None:
        self.number = number

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(self.number)
        self.number += 1
        inputs = rng.standard_normal((6, 2, 2))
        return inputs, np.eye(3)[inputs.reshape(6, 4)[:, :3].argmax(axis=1)]


@st.composite
def trained(draw) -> tuple[networks.NeuralNetwork, int]:
    """A network after some batches, and their number."""
    options = draw(st.sampled_from([{}, {"clip_norm": 0.5}, {"clip_value": 0.1}])) | {
        "accumulate": draw(st.integers(1, 3))
    }
    initializers = [draw(st.one_of(*INITIALIZERS.values()))() for _ in range(2)]
    optimizer = draw(st.one_of(*OPTIMIZERS.values()))()
    net = networks.NeuralNetwork(optimizer, *initializers, draw(st.sampled_from(["float64", "float32"])), **options)
    features = 4
    net.append_layer(Flatten())
    for width in draw(st.lists(st.integers(1, 5), max_size=2)):
        layers = [FullyConnected(features, width), *BETWEEN[draw(st.sampled_from([*BETWEEN]))](width, draw(seeds))]
        for layer in layers:
            net.append_layer(layer)
        features = width
    net.append_layer(FullyConnected(features, 3))
    net.append_layer(SoftMax())
    net.loss_layer, net.data_layer = CrossEntropyLoss(label_smoothing=draw(st.sampled_from([0, 0.1]))), Batches(0)
    count = draw(st.integers(0, 5))
    net.train(count)
    if draw(st.booleans()):
        net.test(np.ones((1, 2, 2))) if count else None
    return net, count


def saved_and_loaded(net: networks.NeuralNetwork) -> networks.NeuralNetwork:
    with tempfile.TemporaryDirectory() as folder:
        networks.save(f"{folder}/net", net)
        return networks.load(f"{folder}/net", None)


@pytest.mark.parametrize(
    "duplicate",
    [saved_and_loaded, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["file", "copy", "pickle"],
)
@given(found=trained(), more=st.integers(1, 4))
def test_a_duplicate_goes_on_as_the_network_does(duplicate, found, more):
    net, count = found
    twin, ends = duplicate(net), []
    assert bits(twin) == bits(net)
    for one in (net, twin):
        one.data_layer, one.phase = Batches(count), False
        np.random.seed(1)  # noqa: NPY002 - of which layers draw
        one.train(more)
        ends.append(bits(one))
    assert ends[0] == ends[1]
