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
from Layers.ReLU import ReLU
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam, Sgd
from tests.object_cases import OPTIMIZER_CLASSES


class Cycle:
    """A data layer that goes round some batches."""

    def __init__(self, *batches):
        self.batches, self.number = batches, 0

    def next(self):
        self.number += 1
        return self.batches[(self.number - 1) % len(self.batches)]


def batches(count=4, size=5, scale=1.0):
    rng = np.random.default_rng(7)
    return [(scale * rng.standard_normal((size, 1, 4, 4)), np.eye(3)[rng.integers(0, 3, size)]) for _ in range(count)]


def network(optimizer=None, extra=(), data=None, **options):
    net = NeuralNetwork(optimizer or Adam(0.01), He(rng=1), Constant(0.1), **options)
    for layer in (Conv(1, (1, 3, 3), 2), ReLU(), Flatten(), *extra, FullyConnected(32, 3), SoftMax()):
        net.append_layer(layer)
    net.loss_layer, net.data_layer = CrossEntropyLoss(), Cycle(*(data or batches()))
    return net


def parameters(net):
    return [np.array(value) for layer in net.layers if layer.trainable for value in layer.parameters().values()]


def assert_same(one, other):
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)


def assert_different(one, other):
    assert all((first != second).any() for first, second in zip(one, other, strict=True))


# The step apart


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


class OwnStep(BaseLayer):
    """A layer as a student writes it: it steps inside backward."""

    def __init__(self):
        self.trainable = True
        self.optimizer = None
        self.weights = np.full((1, 32), 2.0)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        self.x = input_tensor
        return input_tensor * self.weights

    def backward(self, error_tensor):
        error = error_tensor * self.weights
        if self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, (error_tensor * self.x).sum(axis=0)[None])
        return error


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


# Clipping


def norm_of(found):
    return np.sqrt(sum(float(np.sum(np.square(array, dtype=float))) for _, _, array in found))


def test_the_norm_is_that_of_all_gradients_together():
    plain, clipped = network(Sgd(1.0)), network(Sgd(1.0), clip_norm=0.5)
    before = parameters(plain)
    for net in (plain, clipped):
        net.forward()
        net.backward(step=False)
    length = norm_of(plain.gradients())
    assert length > 0.5
    unclipped = [array.copy() for _, _, array in clipped.gradients()]
    plain.step()
    clipped.step()
    assert norm_of(clipped.gradients()) == pytest.approx(0.5)
    for start, step, by_hand, gradient in zip(before, parameters(clipped), parameters(plain), unclipped, strict=True):
        np.testing.assert_allclose(step - start, (by_hand - start) * 0.5 / length, rtol=1e-9)
        assert gradient.any()


def test_short_gradients_are_left_as_they_are():
    plain, clipped = network(), network(clip_norm=1e6)
    plain.train(3)
    clipped.train(3)
    assert_same(parameters(plain), parameters(clipped))


def test_each_element_is_clipped_to_a_value():
    net = network(Sgd(1.0), clip_value=0.01)
    before = parameters(net)
    net.train(1)
    for start, now in zip(before, parameters(net), strict=True):
        assert np.abs(now - start).max() <= 0.01 * (1 + 1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_a_norm_neither_overflows_nor_vanishes(scale):
    from Network.steps import Gradient, norm

    found = [Gradient(None, "weights", np.array([3.0, 0.0]) * scale), Gradient(None, "bias", np.array([4.0]) * scale)]
    assert norm(found) == pytest.approx(5 * scale)
    assert norm([Gradient(None, "weights", np.full(4, 2e38, np.float32))]) == pytest.approx(4e38)
    assert norm([]) == 0


def test_a_gradient_that_is_not_finite_is_named_before_any_step():
    class Explosion(BaseLayer):
        def forward(self, input_tensor):
            return input_tensor

        def backward(self, error_tensor):
            return error_tensor * np.inf

    net = network(extra=[Explosion()], clip_norm=1.0)
    before = parameters(net)
    with pytest.raises(RuntimeError, match=r"layer 1 of 6, Conv.*the gradient of (weights|bias) is not finite"):
        net.train(1)
    assert_same(parameters(net), before)


@pytest.mark.parametrize("limit", [0, -1, np.nan, np.inf])
def test_limits_that_make_no_sense_are_refused(limit):
    for name in ("clip_norm", "clip_value"):
        with pytest.raises(ValueError, match=name):
            NeuralNetwork(Sgd(0.1), **{name: limit})
    with pytest.raises(ValueError, match="got both"):
        NeuralNetwork(Sgd(0.1), clip_norm=1, clip_value=1)
    with pytest.raises((TypeError, ValueError), match="accumulate"):
        NeuralNetwork(Sgd(0.1), accumulate=0)


# Accumulation


@pytest.mark.parametrize("optimizer", [make(0.1) for make in OPTIMIZER_CLASSES], ids=repr)
def test_accumulated_batches_are_one_large_one(optimizer):
    parts = batches(4)
    whole = tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    small, large = network(optimizer, data=parts, accumulate=4), network(optimizer, data=[whole])
    small.train(8)
    large.train(2)
    for one, other in zip(parameters(small), parameters(large), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(sum(small.loss[4:]), large.loss[1])


def test_accumulation_goes_on_from_one_call_to_the_next_and_in_a_copy():
    at_once, in_parts = network(accumulate=3), network(accumulate=3)
    at_once.train(6)
    in_parts.train(2)
    twin = copy.deepcopy(in_parts)
    twin.data_layer = copy.deepcopy(in_parts.data_layer)
    for net in (in_parts, twin):
        net.train(1)
        net.train(3)
        assert_same(parameters(net), parameters(at_once))


# The settings of optimizers


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


# What else a loop needs


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


def test_gradients_that_are_accumulating_are_saved(tmp_path):
    at_once, saved = network(accumulate=3), network(accumulate=3)
    at_once.train(6)
    saved.train(2)
    NeuralNetwork.save(tmp_path / "net", saved)
    net = NeuralNetwork.load(tmp_path / "net", saved.data_layer)
    net.train(4)
    assert_same(parameters(net), parameters(at_once))


def test_limits_and_settings_are_saved(tmp_path):
    net = network(clip_norm=0.5)
    NeuralNetwork.save(tmp_path / "net", net)
    loaded = NeuralNetwork.load(tmp_path / "net", net.data_layer)
    assert (loaded.clip_norm, loaded.clip_value, loaded.accumulate) == (0.5, None, 1)
    loaded.optimizer.learning_rate = 0
    before = parameters(loaded)
    loaded.train(1)
    assert_same(parameters(loaded), before)


def test_limits_that_are_set_later_are_checked_too():
    net = network()
    with pytest.raises(ValueError, match="NeuralNetwork: expected clip_norm to be finite, at least"):
        net.clip_norm = -1
    assert net.clip_norm is None


def test_clipping_knows_no_underflow():
    net = network(clip_norm=1e-300)
    with np.errstate(all="raise"):
        net.train(1)


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


def test_batches_that_have_accumulated_count_when_no_more_are_to():
    one, other = network(accumulate=2), network(accumulate=2)
    for net in (one, other):
        net.train(1)
    one.accumulate = 1
    for net in (one, other):
        net.train(1)
        assert net.accumulated == (0, [])
    np.testing.assert_array_equal(one.layers[0].weights, other.layers[0].weights)


def test_a_layer_that_was_taken_out_while_gradients_accumulate_is_no_part_of_the_file(tmp_path):
    net = network(accumulate=3)
    net.train(1)
    net.layers[3] = FullyConnected(32, 3)
    net.save(tmp_path / "net", net)
    batches_so_far, found = NeuralNetwork.load(tmp_path / "net", None).accumulated
    assert batches_so_far == 1
    assert {type(layer) for layer, _, _ in found} == {Conv}


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


def test_training_goes_on_where_something_was_tested_in_between():
    net = network(extra=[BatchNormalization(32)])
    phases = []
    net.train(3, after_each=lambda: (phases.append(net.phase), net.test(batches()[0][0])))
    assert phases == [False] * 3
    assert net.layers[3].testing_phase is False


def test_a_layer_without_what_was_changed_stays_as_it_is():
    net = network(Sgd(0.1, regularizer=L2_Regularizer(0.1)))
    net.layers[0].optimizer.regularizer = None
    net.train(1)
    net.optimizer.regularizer.alpha = 0.2
    net.train(1)
    assert net.layers[0].optimizer.regularizer is None
    assert net.layers[3].optimizer.regularizer.alpha == 0.2


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
    with pytest.raises(TypeError, match=r"layer 1 of 5, Conv.*Nothing.*calculate_update to give weights.*NoneType"):
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
