"""Layers that hold layers: in a network, what they hold is as if it stood there itself; alone, they are one layer."""

import copy

import numpy as np
import pytest

import NeuralNetwork as networks
from Layers.Base import BaseLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Chain import Chain
from Layers.Composite import CompositeLayer, held_layers
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.SoftMax import SoftMax
from Layers.TanH import TanH
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import CrossEntropyLoss, MeanSquaredError
from Optimization.Optimizers import Adam, Sgd
from tests.strangers import Fixed, Scale


class Both(CompositeLayer):
    """As the page of layers that hold layers has it."""

    def __init__(self, first, second):
        self.first, self.second = held_layers((first, second), self)

    def parts(self):
        return {"first": self.first, "second": self.second}

    def forward(self, input_tensor):
        return self.through(self.first, input_tensor) + self.through(self.second, input_tensor)

    def backward(self, error_tensor):
        return self.back(self.first, error_tensor) + self.back(self.second, error_tensor)


def rows() -> list[BaseLayer]:
    return [FullyConnected(4, 6), BatchNormalization(6), ReLU(), Scale(6), FullyConnected(6, 3)]


def network(*layers, optimizer=None, **options) -> NeuralNetwork:
    net = NeuralNetwork(optimizer or Adam(0.05), He(rng=0), Constant(0.1), **options)
    net.loss_layer = CrossEntropyLoss()
    for layer in (*layers, SoftMax()):
        net.append_layer(layer)
    rng = np.random.default_rng(0)
    net.data_layer = Fixed(rng.standard_normal((12, 4)), np.eye(3)[np.arange(12) % 3])
    return net


def regularized():
    optimizer = Adam(0.05)
    optimizer.add_regularizer(L2_Regularizer(0.1))
    return optimizer


def nested() -> list[BaseLayer]:
    first, second, third, fourth, fifth = rows()
    return [Chain([first, Chain([second, third])]), Chain([fourth, fifth])]


SETTINGS = {
    "plain": {},
    "float32": {"dtype": "float32"},
    "clipped": {"clip_norm": 0.1},
    "accumulated": {"accumulate": 2},
    "regularized": {"optimizer": regularized()},
}


@pytest.mark.parametrize("options", SETTINGS.values(), ids=SETTINGS)
def test_what_is_in_chains_learns_as_if_it_stood_in_the_network(options):
    flat, chained = network(*rows(), **options), network(*nested(), **options)
    flat.train(6)
    chained.train(6)
    assert chained.loss == pytest.approx(flat.loss, rel=1e-14)  # norms of parameters are added in another order
    for one, other in zip(chained.gradients(), flat.gradients(), strict=True):
        np.testing.assert_array_equal(one.array, other.array)
        assert (type(one.layer), one.name) == (type(other.layer), other.name)
    assert len(chained.optimizers()) == len(flat.optimizers())
    np.testing.assert_array_equal(chained.test(np.ones((2, 4))), flat.test(np.ones((2, 4))))


def test_one_of_one_s_own_may_be_the_first_layer_and_do_with_errors_what_it_likes():
    own, ours = (
        network(kind(FullyConnected(4, 3), FullyConnected(4, 3))) for kind in (Both, lambda *two: Parallel(two))
    )
    own.train(3)
    ours.train(3)
    assert own.loss == ours.loss


def test_nothing_is_gone_through_twice_on_the_way_to_one_loss():
    class Twice(Both):
        def forward(self, input_tensor):
            return self.through([self.first, self.second, self.second], input_tensor)

    net = network(Twice(FullyConnected(4, 3), TanH()))
    assert net.test(np.ones((1, 4))).shape == (1, 3)
    with pytest.raises(
        RuntimeError, match=r"^layer 1 of 2, Twice.* goes through TanH\(\) twice; a layer keeps what its"
    ):
        net.train(1)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_saved_network_goes_on_as_if_it_had_never_stopped(tmp_path, accumulate):
    net = network(*nested(), accumulate=accumulate)
    net.train(3)
    networks.save(tmp_path / "net", net)
    again = networks.load(tmp_path / "net", net.data_layer)
    copied = copy.deepcopy(net)
    copied.data_layer = net.data_layer
    for one in (net, again, copied):
        one.train(4)
    assert net.loss == again.loss == copied.loss


def test_no_layer_steps_before_all_gradients_are_there():
    net = network(*nested())
    before = [layer.weights.copy() for layer in (net.layers[0].layers[0], net.layers[1].layers[1])]
    net.forward()
    net.backward(step=False)
    for layer, weights in zip((net.layers[0].layers[0], net.layers[1].layers[1]), before, strict=True):
        np.testing.assert_array_equal(layer.weights, weights)
    net.step()
    assert (net.layers[0].layers[0].weights != before[0]).any()


def test_a_learning_rate_reaches_everything_and_may_be_one_layer_s_own():
    net = network(*nested())
    net.optimizer.learning_rate = 0.25
    assert net.learning_rate == net.layers[0].optimizer.learning_rate == 0.25
    net.layers[0].optimizer.learning_rate = 0.125
    net.train(1)
    assert net.layers[0].layers[1].layers[0].optimizer.learning_rate == 0.125
    assert net.layers[1].layers[1].optimizer.learning_rate == 0.25
    net.learning_rate = 0.5
    net.layers[0].layers[0].optimizer.learning_rate = 0.0
    net.train(1)
    assert net.layers[0].layers[0].optimizer.learning_rate == 0.0
    assert net.layers[0].layers[1].layers[0].optimizer.learning_rate == 0.5


def test_a_frozen_chain_keeps_everything_and_thaws():
    net = network(*nested())
    net.layers[0].trainable = False
    assert not net.layers[0].layers[1].layers[0].trainable
    before = net.layers[0].layers[0].weights.copy()
    net.train(2)
    np.testing.assert_array_equal(net.layers[0].layers[0].weights, before)
    assert "frozen" in str(net)
    net.layers[0].trainable = True
    assert not net.layers[0].layers[1].layers[1].trainable, "ReLU has nothing to learn"
    net.train(1)
    assert (net.layers[0].layers[0].weights != before).any()


def test_what_is_frozen_when_it_is_appended_keeps_its_parameters():
    frozen, free = FullyConnected(4, 6), FullyConnected(6, 3)
    frozen.trainable = False
    before = frozen.weights.copy()
    net = network(Chain([frozen, free]), dtype="float32")
    np.testing.assert_array_equal(frozen.weights, before.astype("float32"))
    assert free.weights.dtype == "float32"
    assert len(net.gradients()) == 0 == len(net.loss)


def test_the_phase_reaches_everything():
    net = network(Chain([Chain([Dropout(0.5)]), FullyConnected(4, 3)]))
    net.phase = "test"
    assert net.layers[0].layers[0].layers[0].testing_phase
    net.train(1)
    assert not net.layers[0].layers[0].layers[0].testing_phase
    net.evaluate(np.ones((2, 4)), np.eye(3)[:2])
    assert not net.layers[0].layers[0].layers[0].testing_phase


def test_the_table_shows_what_is_inside_and_adds_it_up_once():
    block = Residual([FullyConnected(4, 5), FullyConnected(5, 4)], [FullyConnected(4, 4)])
    net = network(block, FullyConnected(4, 3))
    net.train(1)
    lines = str(net).splitlines()
    assert [line.split()[0] for line in lines[2:-2]] == ["1", "1.1", "1.2", "1.3", "1.3.1", "2", "3"]
    assert lines[3].startswith("  1.1    FullyConnected") and lines[5].startswith("  1.3    shortcut: Chain")
    assert lines[-1].split()[2:] == [f"{25 + 24 + 20 + 15}", f"{20 + 20 + 16 + 12}"]


def test_an_error_says_where_it_happened():
    net = network(Residual([FullyConnected(4, 4)], Chain([TanH(), FullyConnected(5, 4)])))
    place = (
        r"^layer 1 of 2, Residual: shortcut, Chain: layer 2 of 2, FullyConnected\(input_size=5, output_size=4\): exp"
    )
    with pytest.raises(ValueError, match=place):
        net.train(1)


def test_a_loss_that_is_not_finite_is_traced_into_what_it_began_in():
    net = network(Chain([FullyConnected(4, 4), Chain([Scale(4)])]), FullyConnected(4, 3))
    net.layers[0].layers[1].layers[0].weights = np.full(4, np.inf)
    with pytest.raises(RuntimeError, match=r"output of layer 1 of 3, Chain: layer 2 of 2, Chain: layer 1 of 1, Scale"):
        net.train(1)


def test_a_gradient_that_is_not_finite_has_a_place_and_nothing_moves():
    net = network(Chain([FullyConnected(4, 4), FullyConnected(4, 3)]))
    net.forward()
    net.backward(step=False)
    before = net.layers[0].layers[1].weights.copy()
    net.layers[0].layers[0].gradient_weights = np.full((5, 4), np.nan)
    with pytest.raises(RuntimeError, match=r"layer 1 of 2, Chain: layer 1 of 2, Full.*gradient of weights is not"):
        net.step()
    np.testing.assert_array_equal(net.layers[0].layers[1].weights, before)


@pytest.mark.parametrize("kind", [Chain, Residual])
def test_alone_all_that_it_holds_steps_at_the_end_of_backward(kind):
    layer, still = (kind([FullyConnected(4, 4), TanH(), FullyConnected(4, 4)]) for _ in range(2))
    for one, other in zip(layer.layers, still.layers, strict=True):
        if one.trainable:
            other.weights = one.weights
    layer.optimizer = Sgd(0.1)
    inputs, errors = np.ones((2, 4)), np.full((2, 4), 0.5)
    np.testing.assert_array_equal(layer.forward(inputs), still.forward(inputs))
    np.testing.assert_array_equal(layer.backward(errors), still.backward(errors))
    for one, other in zip(layer.layers, still.layers, strict=True):
        if one.trainable:
            np.testing.assert_allclose(one.weights, other.weights - 0.1 * other.gradient_weights)


def test_alone_nothing_moves_where_one_gradient_is_not_finite():
    layer = Chain([FullyConnected(2, 1), Scale(1), FullyConnected(1, 1)])
    layer.layers[0].weights, layer.layers[2].weights = np.ones((3, 1)), np.ones((2, 1))
    layer.optimizer = Sgd(0.1)
    layer.forward(np.full((1, 2), 1e150))
    place = r"^Chain: layer 1 of 3, FullyConnected.*: the gradient of weights is not finite"
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=place):
        layer.backward(np.full((1, 1), 1e300))
    np.testing.assert_array_equal(layer.layers[2].weights, 1.0)


def test_sequences_of_different_lengths_reach_what_is_inside():
    flat, chained = LSTM(3, 4, 2), None
    chained = Chain([Chain([flat.clone()])])
    chained.layers[0].layers[0].weights, chained.layers[0].layers[0].output_weights = flat.weights, flat.output_weights
    batch = np.random.default_rng(0).standard_normal((3, 5, 3))
    nets = []
    for layer in (flat, chained):
        nets.append(NeuralNetwork())
        nets[-1].layers.append(layer)
    lengths = [5, 2, 1]
    for one, other in zip(*(net.predict(batch, lengths=lengths) for net in nets), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not hasattr(Chain([ReLU()]), "lengths")


def test_a_clone_shares_what_was_shared_and_has_learnt_nothing():
    rng = np.random.default_rng(3)
    layer = Chain([Dropout(0.5, rng=rng), Dropout(0.5, rng=rng), BatchNormalization(2)])
    layer.forward(np.ones((3, 2)))
    clone = layer.clone()
    assert clone.layers[0].rng is clone.layers[1].rng is not rng
    assert clone.layers[2].moving_mean is None


def test_a_layer_in_two_places_is_refused_by_name():
    shared = FullyConnected(4, 4)
    with pytest.raises(ValueError, match=r"^Chain: Full.* is layer 1 of 2 already"):
        Chain([shared, shared])
    with pytest.raises(ValueError, match=r"^Residual: Full.* is layer 1 of 1 already"):
        Residual([shared], Chain([TanH(), shared]))
    net = network(Chain([shared]))
    with pytest.raises(ValueError, match=r"^append_layer: Full.* is layer 1 of 2, Chain: layer 1 of 1 already"):
        net.append_layer(Parallel([shared, TanH()]))


def test_a_network_inside_a_network_is_told_what_to_use():
    net = network(*rows())
    with pytest.raises(TypeError, match=r"write Chain\(net.layers\)"):
        NeuralNetwork().append_layer(net)
    inner = Chain(net.layers[:-1])
    outer = NeuralNetwork(Sgd(0.1))
    outer.append_layer(inner)
    outer.loss_layer, outer.data_layer = MeanSquaredError(), Fixed(np.ones((2, 4)), np.ones((2, 3)))
    outer.train(3)
    assert outer.loss[-1] < outer.loss[0]


def test_after_a_test_nothing_is_kept_inside():
    net = network(Chain([FullyConnected(4, 3), TanH()]))
    net.test(np.ones((2, 4)))
    assert net.layers[0].layers[0].kept is net.layers[0].layers[1].kept is None
    assert net.layers[0].inner_shapes == [(2, 3), (2, 3)]
