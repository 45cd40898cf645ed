"""Classes that somebody derives from those here, with a constructor of their own: nothing of the base is lost."""

import copy

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.Base import TrainableLayer
from Layers.Chain import Chain
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LSTM import LSTM
from Layers.ReLU import ReLU
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer, Regularizer
from Optimization.Loss import Huber, MeanSquaredError
from Optimization.Optimizers import Adam, Optimizer, Sgd, SgdWithMomentum
from Optimization.Schedules import LinearDecay
from tests.strangers import Fixed


class Square(FullyConnected):
    def __init__(self, size):
        super().__init__(size, size)
        self.size = size


class Half(Dropout):
    def __init__(self):
        super().__init__(0.5, rng=1)


class Block(Chain):
    def __init__(self, size):
        super().__init__([FullyConnected(size, size), ReLU()])
        self.size = size


class Cell(LSTM):
    def __init__(self, size):
        super().__init__(size, size)
        self.size = size


class Heavy(SgdWithMomentum):
    def __init__(self, rate):
        super().__init__(rate, 0.5)
        self.rate = rate


class Small(L2_Regularizer):
    def __init__(self):
        super().__init__(0.01)


class Slow(LinearDecay):
    def __init__(self):
        super().__init__(0.1, steps=50)


class Tolerant(Huber):
    def __init__(self):
        super().__init__(2.0)


class Ninth(Constant):
    def __init__(self):
        super().__init__(1 / 9)


class WithoutBase(Optimizer):
    """Its constructor doesn't call that of its base."""

    remembered = ("mean",)

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def rule(self, weights, gradient, learning_rate, mean):
        mean += gradient
        weights -= learning_rate * mean


class WithoutPrice(Regularizer):
    """Its constructor doesn't call that of its base."""

    def __init__(self, factor):
        self.factor = factor

    def calculate_gradient(self, weights):
        return self.factor * weights

    def norm(self, weights):
        return float(self.factor * np.abs(weights).sum())


def network(*layers, optimizer=None, loss=None, bias=None):
    net = NeuralNetwork(optimizer or Sgd(0.1), He(rng=0), bias or Constant(0.1))
    net.loss_layer = loss or MeanSquaredError()
    for layer in layers or (FullyConnected(3, 3),):
        net.append_layer(layer)
    rng = np.random.default_rng(0)
    net.data_layer = Fixed(rng.standard_normal((4, 3)), rng.standard_normal((4, 3)))
    return net


NETWORKS = {
    "layers": lambda: network(Square(3), Half(), Block(3)),
    "cell": lambda: network(Cell(3)),
    "optimizer": lambda: network(optimizer=Heavy(0.1)),
    "rule": lambda: network(optimizer=WithoutBase(0.1)),
    "regularizer": lambda: network(optimizer=Adam(0.1, regularizer=Small())),
    "schedule": lambda: network(optimizer=Sgd(Slow())),
    "loss": lambda: network(loss=Tolerant()),
    "initializer": lambda: network(bias=Ninth()),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_what_they_have_of_their_base_is_saved_and_copied(make, tmp_path):
    net = make()
    net.train(2)
    networks.save(tmp_path / "net", net)
    others = networks.load(tmp_path / "net", None), copy.deepcopy(net)
    net.data_layer, data = None, net.data_layer
    for one in (net, *others):
        one.data_layer = data
        one.train(2)
    assert net.loss == others[0].loss == others[1].loss


def test_a_setting_of_the_base_comes_back_as_somebody_has_changed_it(tmp_path):
    net = network(Half(), FullyConnected(3, 3), optimizer=Heavy(0.1))
    net.layers[0].probability = 0.75
    net.layers[1].optimizer.momentum_rate = 0.25
    networks.save(tmp_path / "net", net)
    half, connected = networks.load(tmp_path / "net", None).layers
    assert (half.probability, connected.optimizer.momentum_rate) == (0.75, 0.25)


def test_a_file_can_t_give_them_what_the_base_refuses(tmp_path):
    net = network(Half())
    vars(net.layers[0])["probability"] = 7
    with pytest.raises(TypeError, match="expected probability"):
        networks.save(tmp_path / "net", net)


@pytest.mark.parametrize(("name", "value"), [("learning_rate", 0.0), ("momentum_rate", 0.25)])
def test_a_setting_of_the_base_that_is_changed_in_the_network_s_optimizer_reaches_all(name, value):
    net = network(optimizer=Heavy(0.1))
    setattr(net.optimizer, name, value)
    assert {getattr(optimizer, name) for optimizer in net.optimizers()} == {value}


class Leaky(TrainableLayer):
    """Learns one number, its slope where inputs are negative."""

    parameter_names = ("slope",)

    def __init__(self):
        super().__init__()
        self.slope = 0.25

    def initialize(self, weights_initializer, bias_initializer):
        self.slope = 0.25

    def forward(self, input_tensor):
        self.input = input_tensor
        return np.where(input_tensor > 0, input_tensor, self.slope * input_tensor)

    def backward(self, error_tensor):
        self.gradient_slope = float((error_tensor * np.minimum(self.input, 0)).sum())
        input_error = np.where(self.input > 0, error_tensor, self.slope * error_tensor)
        self.update()
        return input_error


@pytest.mark.parametrize("optimizer", [Sgd, Adam, WithoutBase], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_parameter_may_be_one_number(optimizer, dtype):
    layer = Leaky().astype(dtype)
    layer.optimizer = optimizer(0.5)
    layer.optimizer.add_regularizer(L2_Regularizer(0.5, biases=False))
    assert layer.calculate_regularization_loss() == 0.5 * 0.25**2
    for _ in range(2):  # with the gradient -3 · slope, of which Adam takes the sign
        layer.forward(np.full((1, 1), -3.0, dtype))
        layer.backward(layer.slope * np.ones((1, 1), dtype))
    slope, mean = 0.25, 0.0
    for _ in range(2):
        gradient = -3 * slope
        mean = gradient if optimizer is Sgd else mean + gradient
        slope = 0.75 * slope - 0.5 * (np.sign(gradient) if optimizer is Adam else mean)
    assert layer.slope.dtype == dtype
    assert layer.slope == pytest.approx(slope, rel=0.05 if optimizer is Adam else 1e-6)


def test_a_gradient_that_backward_has_not_set_is_named():
    class Forgetful(Leaky):
        parameter_names = ("slope", "bias")

        def __init__(self):
            super().__init__()
            self.bias = np.zeros(1)

    alone = Forgetful()
    alone.optimizer = Sgd(0.1)
    alone.forward(np.ones((1, 1)))
    told = r"Forgetful\(\): expected backward to set gradient_bias; set it, or leave 'bias' out of parameter_names"
    with pytest.raises(TypeError, match=told):
        alone.backward(np.ones((1, 1)))
    net = network(Forgetful())
    with pytest.raises(TypeError, match=f"layer 1 of 1, {told}"):
        net.train(1)


def test_an_optimizer_without_a_learning_rate_says_how_to_have_one():
    class Silent(WithoutBase):
        def __init__(self):
            pass

    with pytest.raises(AttributeError, match=r"Silent has no learning_rate; call super\(\).__init__\(learning_rate\)"):
        Silent().calculate_update(np.ones(2), np.ones(2))


def test_a_regularizer_that_says_nothing_of_biases_takes_them_alike():
    layer = FullyConnected(2, 1)
    layer.weights, layer.optimizer = np.ones((3, 1)), Sgd(0.5, regularizer=WithoutPrice(0.5))
    assert layer.calculate_regularization_loss() == 1.5
    layer.forward(np.zeros((1, 2)))
    layer.backward(np.zeros((1, 1)))
    np.testing.assert_array_equal(layer.weights, np.full((3, 1), 0.75))
