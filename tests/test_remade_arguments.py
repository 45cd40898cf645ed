"""A constructor of somebody's own that makes another object of what it has kept is named before training is lost."""

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.Base import BaseLayer
from Layers.FullyConnected import FullyConnected
from Layers.ReLU import ReLU
from Layers.TanH import TanH
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Sgd
from tests.strangers import Fixed


class Same(BaseLayer):
    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        return error_tensor


class Flipped(Same):
    def __init__(self, share):
        self.share = 1 - share


class Named(Same):
    def __init__(self, activation):
        self.activation = {"relu": ReLU, "tanh": TanH}[activation]()


class Grown(Same):
    def __init__(self, sizes):
        self.sizes = [*sizes, 1]


class Doubled(FullyConnected):
    def __init__(self, output_size):
        super().__init__(3, 2 * output_size)


class Settled(Same):
    """What it makes of its arguments once, it makes of that again."""

    def __init__(self, shape, table, rng=None, size=None, inner=None):
        self.shape, self.table = tuple(shape), np.asarray(table, float)
        self.rng, self.size = np.random.default_rng(rng), size or len(table)
        self.inner = FullyConnected(2, 2) if inner is None else inner
        self.drawn = np.random.random(3)  # noqa: NPY002 - of the global state


def network(layer):
    net = NeuralNetwork(Sgd(0.1))
    net.loss_layer, net.layers = MeanSquaredError(), [layer]
    net.data_layer = Fixed(np.ones((2, 3)), np.ones((2, 3)))
    return net


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Flipped(0.25), r"Flipped keeps share=0\.75, of which its constructor makes 0\.25; keep each argument"),
        (
            lambda: Named("tanh"),
            r"refuses what it has kept of its arguments \(KeyError: TanH\(\)\); keep each argument",
        ),
        (lambda: Grown([2]), r"Grown keeps sizes=\[2, 1\], of which its constructor makes \[2, 1, 1\]"),
        (lambda: Doubled(1), r"Doubled keeps output_size=2, of which its constructor makes 4"),
    ],
    ids=["other number", "other kind", "longer", "derived from ours"],
)
def test_what_would_not_come_back_is_refused_and_said_before_the_training(make, told, tmp_path):
    with pytest.raises(TypeError, match=rf"layers\[0\]: .*{told}"):
        networks.save(tmp_path / "net", network(make()))
    assert not list(tmp_path.iterdir())
    with pytest.warns(UserWarning, match=told):
        network(make()).train(0)


def test_one_that_comes_back_is_saved_and_nothing_is_drawn_for_the_look_at_it(tmp_path):
    net = network(Settled([1, 2], [3, 4], rng=5))
    before = np.random.get_state()[1].copy(), net.layers[0].rng.bit_generator.state  # noqa: NPY002
    networks.save(tmp_path / "net", net)
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert net.layers[0].rng.bit_generator.state == before[1]
    loaded = networks.load(tmp_path / "net", None).layers[0]
    assert (loaded.shape, loaded.size) == ((1, 2), 2)
    np.testing.assert_array_equal(loaded.drawn, net.layers[0].drawn)
    np.testing.assert_array_equal(loaded.inner.weights, net.layers[0].inner.weights)
