"""The step of a network: apart from the gradients, and what can be done in between."""

import copy

import numpy as np
import pytest

from Layers.Base import BaseLayer, TrainableLayer, backward_pass, forward_pass
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, Sgd
from tests.object_cases import OPTIMIZER_CLASSES
from tests.small_network import Cycle, OwnStep, assert_different, assert_same, batches, network, parameters


def test_no_weight_moves_before_all_gradients_are_there():
    net = network()
    before = parameters(net)
    net.forward()
    net.backward(step=False)
    assert_same(parameters(net), before)
    assert [(type(layer).__name__, name) for layer, name, _ in net.gradients()] == [
        ("Conv", "weights"),
        ("Conv", "bias"),
        ("FullyConnected", "weights"),
    ]
    assert all(array.any() for _, _, array in net.gradients())
    net.step()
    assert_different(parameters(net), before)


@pytest.mark.parametrize("optimizer", [make(0.1) for make in OPTIMIZER_CLASSES], ids=repr)
def test_backward_and_step_are_what_backward_does_alone(optimizer):
    at_once, apart = network(optimizer), network(optimizer)
    for _ in range(5):
        at_once.forward()
        at_once.backward()
        apart.forward()
        apart.backward(step=False)
        apart.step()
    assert_same(parameters(at_once), parameters(apart))


def test_layers_by_hand_take_the_same_steps_as_in_a_network():
    net, by_hand = network(), network()
    net.train(3)
    for _ in range(3):
        by_hand.forward()
        error = by_hand.loss_layer.backward(by_hand.label_tensor)
        for layer in reversed(by_hand.layers):
            error = layer.backward(error)
    assert_same(parameters(net), parameters(by_hand))


def test_a_step_without_gradients_is_refused():
    net = network()
    for twin in (net, copy.deepcopy(net)):
        with pytest.raises(RuntimeError, match=r"call backward\(step=False\) first"):
            twin.step()
    net.forward()
    net.backward()
    with pytest.raises(RuntimeError, match="gradients that no step has used"):
        net.step()


@pytest.mark.parametrize("wrong", ["an input that no layer takes", "labels that the loss refuses"])
def test_a_batch_that_was_refused_on_its_way_to_the_loss_moves_nothing(wrong):
    net = network()
    net.train(1)
    before, (inputs, labels) = parameters(net), net.data_layer.next()
    batch = (np.repeat(inputs, 2, axis=1), labels) if wrong.startswith("an input") else (inputs, labels[:, :-1])
    with pytest.raises(ValueError):
        net.forward(batch=batch)
    with pytest.raises(
        RuntimeError, match="taken to its loss, got one that was refused or interrupted on the way; call forward again"
    ):
        net.backward()
    assert_same(before, parameters(net))
    net.forward()
    net.backward()


def test_an_error_on_the_way_back_moves_no_weight():
    class Broken(BaseLayer):
        def forward(self, input_tensor):
            return input_tensor

        def backward(self, error_tensor):
            raise ArithmeticError

    net = network(extra=[Broken()])
    before = parameters(net)
    with pytest.raises(ArithmeticError):
        net.train(1)
    assert_same(parameters(net), before)


def test_a_layer_that_steps_by_itself_is_named_where_it_cannot_be_used():
    for options in ({"clip_norm": 1.0}, {"clip_value": 1.0}, {"accumulate": 2}):
        with pytest.raises(RuntimeError, match=r"layer 4 of 6, OwnStep.*steps by itself inside backward"):
            network(extra=[OwnStep()], **options).train(2)
    net = network(extra=[OwnStep()])
    net.forward()
    with pytest.raises(RuntimeError, match=r"layer 4 of 6, OwnStep.*steps by itself inside backward"):
        net.backward(step=False)
    net.train(2)
    assert (net.layers[3].weights != 2).all()


class Block(BaseLayer):
    """A layer of somebody's own that holds one of ours, which the network doesn't know."""

    def __init__(self):
        self.inner = FullyConnected(32, 32)
        self.trainable = True

    @property
    def optimizer(self):
        return self.inner.optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self.inner.optimizer = optimizer

    def initialize(self, weights_initializer, bias_initializer):
        self.inner.initialize(weights_initializer, bias_initializer)

    def forward(self, input_tensor):
        return self.inner.forward(input_tensor)

    def backward(self, error_tensor):
        return self.inner.backward(error_tensor)


def test_a_layer_within_somebodys_layer_steps_as_well():
    net = network(extra=[Block()])
    before = net.layers[3].inner.weights.copy()
    net.train(1)
    assert (net.layers[3].inner.weights != before).any()


def test_a_layer_within_somebodys_layer_is_named_where_steps_are_held_back():
    block = Block()
    net = network(extra=[block], clip_norm=1.0)
    block.trainable = False  # so that nothing tells the network of its parameters
    before = block.inner.weights.copy()
    with pytest.raises(RuntimeError, match=r"layer 4 of 6, Block.*FullyConnected.*would step by itself inside"):
        net.train(1)
    np.testing.assert_array_equal(block.inner.weights, before)
    net.clip_norm = None
    net.train(1)
    assert (block.inner.weights != before).any()


class Unasked(TrainableLayer):
    """A trainable layer whose backward takes the step itself."""

    parameter_names = ("weights",)

    def __init__(self):
        super().__init__()
        self.weights = np.full(32, 2.0)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        self.x = input_tensor
        return input_tensor * self.weights

    def backward(self, error_tensor):
        error = error_tensor * self.weights
        self.gradient_weights = (error_tensor * self.x).sum(axis=0)
        self.weights = self.optimizer.calculate_update(self.weights, self.gradient_weights)
        return error


def test_a_trainable_layer_that_does_not_ask_for_its_step_is_named():
    net = network(extra=[Unasked()])
    net.train(1)
    net.clip_norm = 1.0
    with pytest.raises(RuntimeError, match=r"layer 4 of 6, Unasked.*has not called self.update"):
        net.train(1)


@pytest.mark.parametrize(
    "layers",
    [
        [Conv(1, (1, 3, 3), 2), BatchNormalization(2), Flatten(), FullyConnected(32, 3), SoftMax()],
        [RNN(4, 5, 3), LSTM(3, 4, 3)],
    ],
    ids=["images", "sequences"],
)
def test_every_parameter_is_changed_where_it_lies(layers):
    net = NeuralNetwork(Adam(0.01), He(rng=1), Constant(0.1))
    rng = np.random.default_rng(0)
    shape, labels = ((2, 1, 4, 4), np.eye(3)[[0, 1]]) if len(layers) == 5 else ((2, 6, 4), np.full((2, 6, 3), 1 / 3))
    for layer in layers:
        net.append_layer(copy.deepcopy(layer))
    net.loss_layer, net.data_layer = CrossEntropyLoss(), Cycle((rng.random(shape), labels))
    net.train(1)
    trainable = [layer for layer in net.layers if layer.trainable]
    places = {(layer, name): vars(layer)[name].ctypes.data for layer in trainable for name in layer.parameter_names}
    net.train(3)
    for (layer, name), place in places.items():
        assert vars(layer)[name].ctypes.data == place, f"{layer!r}: {name} has moved to a new array"


def test_something_can_be_done_after_each_iteration():
    net, losses = network(), []
    net.train(3, after_each=lambda: losses.append(net.loss[-1]))
    assert losses == net.loss


def test_predictions_in_parts_are_those_of_the_whole():
    net = network()
    inputs = np.concatenate([batch for batch, _ in batches()])
    whole = net.test(inputs)
    np.testing.assert_allclose(net.predict(inputs, batch_size=3), whole, rtol=1e-12)
    np.testing.assert_array_equal(net.predict(inputs), whole)
    with pytest.raises(ValueError, match="batch_size"):
        net.predict(inputs, batch_size=0)
    with pytest.raises(ValueError, match="at least one element"):
        net.predict(inputs[:0])


def test_a_network_that_learns_nothing_is_refused():
    net = NeuralNetwork()
    net.append_layer(FullyConnected(4, 3))
    net.append_layer(SoftMax())
    net.loss_layer, net.data_layer = CrossEntropyLoss(), Cycle((np.ones((1, 4)), np.eye(3)[:1]))
    with pytest.raises(RuntimeError, match="expected a layer that learns"):
        net.train(1)
    assert np.isfinite(net.forward())


def test_what_nobody_can_have_meant_is_refused():
    net = network()
    with pytest.raises(TypeError, match=r"is it a loss\? write net\.loss_layer = CrossEntropyLoss\(…\)"):
        net.append_layer(CrossEntropyLoss())
    net.loss_layer = CrossEntropyLoss
    with pytest.raises(TypeError, match="expected a loss layer"):
        net.train(1)
    with pytest.raises(TypeError, match=r"expected an initializer of the weights.*He\(\).*'he'"):
        NeuralNetwork(Adam(), "he", "zeros")
    net = network()
    net.data_layer = list(batches()[0])
    with pytest.raises(RuntimeError, match=r"got a list; write net\.data_layer = \(X, y\)"):
        net.train(1)


def test_a_copy_says_why_it_has_no_data_layer():
    twin = copy.deepcopy(network())
    with pytest.raises(RuntimeError, match="copied or loaded network has none"):
        twin.train(1)


def test_layers_by_name_alone_are_trainable_too():
    class Scale(TrainableLayer):
        parameter_names = ("weights",)

        def __init__(self):
            super().__init__()
            self.weights = np.ones(32)

        def initialize(self, weights_initializer, bias_initializer):
            self.weights = np.ones(32)

        def forward(self, input_tensor):
            self.x = input_tensor
            return input_tensor * self.weights

        def backward(self, error_tensor):
            self.gradient_weights = (error_tensor * self.x).sum(axis=0)
            error = error_tensor * self.weights
            self.update()
            return error

    net = network(extra=[Scale()], clip_norm=1.0)
    before = parameters(net)
    net.train(2)
    assert_different(parameters(net), before)
    assert len(net.gradients()) == 4


class BreaksDown(Sgd):
    """An optimizer that fails in its second step."""

    def rule(self, weights, gradient, learning_rate):
        if self.steps_taken == 1 and weights.ndim == 2:
            raise ArithmeticError("no more")
        super().rule(weights, gradient, learning_rate)


def test_gradients_of_a_step_that_an_error_stopped_are_not_used_again():
    net = network(BreaksDown(0.1), accumulate=2)
    net.train(3)
    with pytest.raises(ArithmeticError, match="no more") as raised:
        net.train(1)
    assert "in layer 4 of 5, FullyConnected" in raised.value.__notes__[0]
    assert net.accumulated == (0, [])
    with pytest.raises(RuntimeError, match="expected gradients that no step has used"):
        net.step()


def test_an_error_of_an_optimizer_has_its_place_in_the_network():
    net = network(Sgd(lambda step: -1))
    with pytest.raises(ValueError, match=r"layer 1 of 5, Conv.*Sgd.*learning_rate of step 0"):
        net.train(1)


def test_training_goes_on_where_something_was_tested_in_between():
    net = network(extra=[BatchNormalization(32)])
    phases = []
    net.train(3, after_each=lambda: (phases.append(net.phase), net.test(batches()[0][0])))
    assert phases == [False] * 3
    assert net.layers[3].testing_phase is False


class Twice(FullyConnected):
    """Hands the input's error back twice, by a formula that uses the weights after another one is done."""

    @backward_pass
    def backward(self, error_tensor):
        (weights,) = self.used
        return super().backward(error_tensor) + error_tensor @ weights[:-1].T


def test_a_backward_that_calls_another_sees_the_weights_before_the_step():
    layer = Twice(4, 3)
    layer.optimizer = Sgd(0.5)
    for _ in range(2):
        output = layer.forward(np.ones((2, 4)))
        before = vars(layer)["weights"].copy()
        error = layer.backward(np.ones_like(output))
        np.testing.assert_allclose(error, 2 * np.ones((2, 3)) @ before[:-1].T)
    assert layer.optimizer.steps_taken == 2


class Nothing:
    """An optimizer that forgets to return what it has computed."""

    def calculate_update(self, weights, gradient):
        weights - gradient


def test_an_optimizer_that_returns_nothing_is_named_before_the_weights_are_gone():
    net = network(Nothing())
    before = parameters(net)
    with pytest.raises(TypeError, match=r"layer 1 of 5, Conv.*Nothing.*new weights from calculate_update.*NoneType"):
        net.train(1)
    assert_same(parameters(net), before)


class Bare(TrainableLayer):
    """Doesn't call the constructor of its base."""

    parameter_names = ("weights",)

    def __init__(self):
        self.weights = np.full(32, 2.0)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    @forward_pass()
    def forward(self, input_tensor):
        self.kept = input_tensor
        return input_tensor * self.used[0]

    @backward_pass
    def backward(self, error_tensor):
        self.gradient_weights = (error_tensor * self.kept).sum(axis=0)
        return error_tensor * self.used[0]


def test_a_trainable_layer_need_not_call_the_constructor_of_its_base():
    layer = Bare()
    layer.backward(layer.forward(np.ones((2, 32))))
    assert (layer.weights == 2).all()
    net = network(extra=[layer])
    net.train(1)
    assert (layer.weights != 2).any()


class Without(TrainableLayer):
    parameter_names = ()

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        self.update()
        return error_tensor


def test_a_trainable_layer_may_be_without_parameters():
    net = network(extra=[Without()], clip_norm=1.0)
    net.train(2)
    assert net.layers[3].optimizer is None


def test_what_surrounds_a_formula_says_what_is_wrong_with_it():
    class GivesNothing(BaseLayer):
        @forward_pass()
        def forward(self, input_tensor):
            input_tensor * 2

        @backward_pass
        def backward(self, error_tensor):
            return error_tensor

    with pytest.raises(TypeError, match=r"GivesNothing\(\): expected forward to return an array, got NoneType"):
        GivesNothing().forward(np.ones(3))
    with pytest.raises(TypeError, match=r"write @forward_pass\(\) for any shape"):
        forward_pass(GivesNothing.forward)
