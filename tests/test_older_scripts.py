"""What scripts of earlier years of the course call otherwise works too, and nothing of the library needs Helpers."""

import ast
from pathlib import Path

import numpy as np
import pytest

from Layers import LSTM, Base, BatchNormalization, Dropout, FullyConnected, Helpers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers

ROOT = Path(__file__).resolve().parents[1]


class ForwardOnly:
    """A data layer of the years in which `next` was called `forward`."""

    def __init__(self, data):
        self.data = data

    def forward(self):
        return self.data.next()


def test_a_network_with_the_names_of_earlier_years_learns():
    np.random.seed(0)
    data = Helpers.IrisData(50)
    net = NeuralNetwork(Optimizers.Adam(1e-2))
    net.data_layer, net.loss_layer = ForwardOnly(data), Loss.CrossEntropyLoss()
    net.append_trainable_layer(FullyConnected.FullyConnected(4, 16))
    net.layers.append(ReLU.ReLU())
    net.append_trainable_layer(FullyConnected.FullyConnected(16, 3))
    net.layers.append(SoftMax.SoftMax())
    net.train(300)
    inputs, labels = data.get_test_set()
    assert Helpers.calculate_accuracy(net.test(inputs), labels) > 0.9


@pytest.mark.parametrize("data", [Helpers.RandomData(4, 5, 3), Helpers.IrisData(5), Helpers.DigitData(5)])
def test_data_classes_have_both_names(data):
    for batch in (data.next(), data.forward()):
        assert [len(part) for part in batch] == [5, 5]


@pytest.mark.parametrize(("test", "train"), [(Base.Phase.test, Base.Phase.train), ("test", "train")])
def test_phases_are_set_by_name(test, train):
    layer, ones = Dropout.Dropout(0.5), np.ones((20, 20))
    layer.phase = test
    assert np.array_equal(layer.forward(ones), ones)
    layer.phase = train
    assert not np.array_equal(layer.forward(ones), ones)


def test_the_shape_of_images_may_be_set_by_hand():
    layer, images = BatchNormalization.BatchNormalization(3), np.arange(48.0).reshape(2, 3, 2, 4)
    layer.input_shape = images.shape
    vectors = images.transpose(0, 2, 3, 1).reshape(-1, 3)
    assert np.array_equal(layer.reformat(vectors), images)


def test_an_lstm_is_made_while_importing():
    assert LSTM.LSTM(1, 1, 1).trainable


def test_nothing_imports_helpers():
    for folder in ("Foundation", "Generator", "Layers", "Models", "Network", "Optimization", "Training"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    assert "Helpers" not in ast.unparse(node), f"{path} imports what belongs to the course"
