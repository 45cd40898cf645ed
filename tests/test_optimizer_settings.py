"""What is set in the optimizers of a network and of its layers, when, and for whom it holds."""

import numpy as np
import pytest

from Layers.FullyConnected import FullyConnected
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Optimizers import Adam, Sgd
from tests.small_network import OwnStep, assert_different, assert_same, network, parameters


def test_the_learning_rate_of_all_optimizers_is_read_and_set():
    net = network(Adam(0.01))
    assert net.learning_rate == 0.01
    assert len(net.optimizers()) == 3
    net.learning_rate = 0.5
    assert {optimizer.learning_rate for optimizer in net.optimizers()} == {0.5}
    net.append_layer(FullyConnected(3, 3))
    assert net.learning_rate == 0.5
    net.layers[0].optimizers["bias"].learning_rate = 0.1
    with pytest.raises(ValueError, match="expected the same for all optimizers"):
        _ = net.learning_rate


def test_what_is_changed_in_the_networks_optimizer_holds_for_its_layers():
    net = network(Sgd(0.1))
    net.train(1)
    before = parameters(net)
    net.optimizer.learning_rate = 0
    net.train(1)
    assert_same(parameters(net), before)
    net.optimizer.learning_rate = 0.1
    net.train(1)
    assert_different(parameters(net), before)


def test_a_regularizer_that_is_added_later_takes_effect():
    net, from_the_start = network(Sgd(0.1)), network(Sgd(0.1, regularizer=L2_Regularizer(0.5)))
    net.optimizer.add_regularizer(L2_Regularizer(0.5))
    net.train(3)
    from_the_start.train(3)
    assert_same(parameters(net), parameters(from_the_start))
    before = parameters(net)
    net.optimizer.regularizer.alpha = 0
    net.optimizer.learning_rate = 0
    net.train(1)
    assert_same(parameters(net), before)
    assert {optimizer.regularizer.alpha for optimizer in net.optimizers()} == {0}


def test_another_optimizer_takes_the_place_of_all():
    net = network(Adam(0.1))
    net.train(1)
    net.optimizer = Sgd(0.2)
    assert {type(optimizer) for optimizer in net.optimizers()} == {Sgd}
    net.optimizer = None
    before = parameters(net)
    net.forward()
    net.backward()
    assert_same(parameters(net), before)
    assert net.optimizers() == []
    with pytest.raises(TypeError, match="calculate_update"):
        net.optimizer = 0.1


def test_what_is_changed_in_a_layers_optimizer_holds_for_all_of_its_parameters():
    net = network(Sgd(0.1))
    net.layers[0].optimizer.learning_rate = 0
    before = parameters(net)
    net.train(1)
    after = parameters(net)
    assert_same(after[:2], before[:2])
    assert_different(after[2:], before[2:])


def test_an_optimizer_of_one_parameter_may_be_changed_alone():
    net = network(Sgd(0.1))
    net.layers[0].optimizers["bias"].learning_rate = 0
    before = parameters(net)
    net.train(2)
    after = parameters(net)
    assert_same(after[1:2], before[1:2])
    assert_different(after[:1], before[:1])


def test_a_strangers_optimizer_follows_as_well():
    class Descent:
        def __init__(self, learning_rate):
            self.learning_rate = learning_rate

        def calculate_update(self, weight_tensor, gradient_tensor):
            return weight_tensor - self.learning_rate * gradient_tensor

    net = network(Descent(0.1))
    net.train(1)
    before = parameters(net)
    net.optimizer.learning_rate = 0
    net.train(1)
    assert_same(parameters(net), before)


def test_a_frozen_layer_stays_as_it_is_and_the_table_says_so():
    net = network()
    net.layers[0].trainable = False
    before = parameters(net)
    frozen = [np.array(value) for value in net.layers[0].parameters().values()]
    assert "20 frozen" in str(net)
    net.train(3)
    assert_same(net.layers[0].parameters().values(), frozen)
    assert_different(parameters(net), before)
    assert {layer for layer, _, _ in net.gradients()} == {net.layers[4 - 1]}
    net.layers[0].trainable = True
    net.train(1)
    assert_different(net.layers[0].parameters().values(), frozen)


def test_a_frozen_layer_stays_as_it_is_by_hand_too():
    layer = FullyConnected(3, 2)
    layer.optimizer, layer.trainable = Sgd(0.1), False
    before = layer.weights.copy()
    layer.backward(layer.forward(np.ones((1, 3))))
    np.testing.assert_array_equal(layer.weights, before)


def test_strangers_regularizers_never_see_their_weights_move():
    class Watching(L1_Regularizer):
        def calculate_gradient(self, weights):
            self.seen = [*getattr(self, "seen", []), (weights, np.array(weights))]
            return super().calculate_gradient(weights)

    net = network(Adam(0.1, regularizer=Watching(0.1)))
    net.train(4)
    for optimizer in net.optimizers():
        for held, copied in optimizer.regularizer.seen:
            np.testing.assert_array_equal(held, copied)


def test_what_is_set_is_read_and_saved_before_the_next_step(tmp_path):
    net = network(Sgd(0.1))
    net.optimizer.learning_rate = 0.5
    assert net.learning_rate == 0.5
    net.optimizer.learning_rate = 0.25
    net.save(tmp_path / "net", net)
    loaded = NeuralNetwork.load(tmp_path / "net", None)
    assert [optimizer.learning_rate for optimizer in loaded.optimizers()] == [0.25] * len(net.optimizers())


def test_a_layer_that_steps_by_itself_follows_at_once():
    net = network(Sgd(0.1), extra=[OwnStep()])
    net.optimizer.learning_rate = 0
    before = net.layers[3].weights.copy()
    net.train(1)
    np.testing.assert_array_equal(net.layers[3].weights, before)


def test_the_optimizer_of_one_parameter_may_be_changed_after_that_of_all():
    net = network(Sgd(0.1))
    net.learning_rate = 0.2
    net.layers[0].optimizers["bias"].learning_rate = 0
    net.train(1)
    assert [optimizer.learning_rate for optimizer in net.layers[0].optimizers.values()] == [0.2, 0]


def test_functions_as_learning_rates_are_told_apart():
    net = network(Sgd(lambda step: 0.1))
    assert net.learning_rate(0) == 0.1
    net.layers[0].optimizer.learning_rate = lambda step: 0.7
    with pytest.raises(ValueError, match="expected the same for all optimizers"):
        net.learning_rate  # noqa: B018


def test_a_frozen_layer_that_thaws_learns():
    frozen = FullyConnected(32, 32).astype("float64")
    frozen.trainable = False
    before = frozen.weights.copy()
    net = network(Sgd(0.1), extra=[frozen], dtype="float32")
    np.testing.assert_array_equal(frozen.weights, before.astype("float32"))
    assert frozen.weights.dtype == "float32"
    net.optimizer = Adam(0.01)
    frozen.trainable = True
    assert isinstance(frozen.optimizer, Adam)
    net.train(1)
    assert (frozen.weights != before.astype("float32")).any()


class PlainDescent:
    """An optimizer of somebody's own that calls its rate as it likes."""

    def __init__(self, rate):
        self.rate = rate

    def calculate_update(self, weights, gradient):
        return weights - self.rate * gradient


def test_a_learning_rate_that_an_optimizer_does_not_have_is_not_set():
    net = network(PlainDescent(0.1))
    with pytest.raises(AttributeError, match=r"learning_rate: .*PlainDescent object.* has no setting of this name"):
        net.learning_rate = 0.5
    assert vars(net.layers[0].optimizer) == {"rate": 0.1}
    net.optimizer = None
    for change in (lambda: net.learning_rate, lambda: setattr(net, "learning_rate", 0.5)):
        with pytest.raises(AttributeError, match="got none; set net"):
            change()


def test_a_layer_without_what_was_changed_stays_as_it_is():
    net = network(Sgd(0.1, regularizer=L2_Regularizer(0.1)))
    net.layers[0].optimizer.regularizer = None
    net.train(1)
    net.optimizer.regularizer.alpha = 0.2
    net.train(1)
    assert net.layers[0].optimizer.regularizer is None
    assert net.layers[3].optimizer.regularizer.alpha == 0.2
