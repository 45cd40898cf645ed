"""What the passes of somebody's own layers and losses make is in no file and no copy, however they are written."""

import copy

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers import Base
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from NeuralNetwork import NeuralNetwork
from Optimization import Loss
from Optimization.Optimizers import Sgd
from tests.strangers import Fixed


class PlainLayer(Base.BaseLayer):
    def forward(self, input_tensor):
        self.mask, self.way_back = input_tensor > 0, lambda error: error * self.mask
        return input_tensor * self.mask

    def backward(self, error_tensor):
        return self.way_back(error_tensor)


class DecoratedLayer(Base.BaseLayer):
    @Base.forward_pass()
    def forward(self, input_tensor):
        self.mask, self.way_back = input_tensor > 0, lambda error: error * self.mask
        return input_tensor * self.mask

    @Base.backward_pass
    def backward(self, error_tensor):
        return self.way_back(error_tensor)


class PlainLoss(Loss.Loss):
    def forward(self, prediction_tensor, label_tensor):
        self.difference = prediction_tensor - label_tensor
        self.way_back = lambda: 2 * self.difference
        return float(np.square(self.difference).sum())

    def backward(self, label_tensor):
        return self.way_back()


class DecoratedLoss(Loss.Loss):
    @Loss.forward_pass
    def forward(self, prediction_tensor, label_tensor):
        self.difference = prediction_tensor - label_tensor
        self.way_back = lambda: 2 * self.difference
        return np.square(self.difference)

    @Loss.backward_pass
    def backward(self, label_tensor):
        return self.way_back()


@pytest.mark.parametrize("loss", [PlainLoss, DecoratedLoss])
@pytest.mark.parametrize("layer", [PlainLayer, DecoratedLayer])
def test_a_network_is_saved_and_copied_after_training_as_before(layer, loss, tmp_path):
    net = NeuralNetwork(Sgd(0.01), He(rng=0), Constant(0.1))
    net.loss_layer = loss()
    net.append_layer(FullyConnected(3, 3))
    net.append_layer(layer())
    net.data_layer = data = Fixed(np.eye(3), np.ones((3, 3)))
    net.train(2)
    networks.save(tmp_path / "net", net)
    loaded, copied = networks.load(tmp_path / "net", data), copy.deepcopy(net)
    copied.data_layer = data
    for other in (loaded, copied):
        assert not {"mask", "difference", "way_back"} & (vars(other.layers[1]).keys() | vars(other.loss_layer).keys())
        other.train(1)
    net.train(1)
    assert net.loss == loaded.loss == copied.loss
