"""What somebody's own loss, regularizer or metric returns is one number, or it is said who has returned what."""

import numpy as np
import pytest

from Optimization.Optimizers import Sgd
from tests.small_network import network


class Returning:
    """A loss, a regularizer and a metric in one, which returns what it is told to."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return "Mine()"

    def forward(self, prediction_tensor, label_tensor):
        self.prediction = prediction_tensor
        return self.value

    def backward(self, label_tensor):
        return np.zeros_like(self.prediction)

    def calculate_gradient(self, weights):
        return np.zeros_like(weights)

    def norm(self, weights):
        return self.value

    def __call__(self, predictions, labels):
        return self.value


def loss(value):
    net = network()
    net.loss_layer = Returning(value)
    net.forward()


def evaluated(value):
    net = network()
    net.loss_layer = Returning(value)
    net.evaluate(*net.data_layer.next())


def norm(value):
    network(Sgd(0.1, regularizer=Returning(value))).forward()


def metric(value):
    net = network()
    net.evaluate(*net.data_layer.next(), metrics=[Returning(value)])


@pytest.mark.parametrize("use", [loss, evaluated, norm, metric], ids=lambda use: use.__name__)
@pytest.mark.parametrize(
    ("value", "told"), [(np.ones((5, 3)), r"shape \(5, 3\); sum over it\?"), (None, "None"), ([1.0], "shape")], ids=str
)
def test_what_is_no_number_is_refused_by_name(use, value, told):
    with pytest.raises(TypeError, match=rf"Mine\(\).*expected .* to be a number, got {told}"):
        use(value)


@pytest.mark.parametrize("use", [loss, evaluated, norm, metric], ids=lambda use: use.__name__)
@pytest.mark.parametrize("value", [1, np.float32(2.5), np.array(0.5), np.int64(3)], ids=repr)
def test_every_kind_of_number_is_one(use, value):
    use(value)
