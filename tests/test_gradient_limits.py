"""Between the gradients and the step: clipping and accumulation."""

import copy

import numpy as np
import pytest

from Layers.Base import BaseLayer
from Layers.Conv import Conv
from Layers.FullyConnected import FullyConnected
from NeuralNetwork import NeuralNetwork
from Optimization.Optimizers import Sgd
from tests.object_cases import OPTIMIZER_CLASSES
from tests.small_network import assert_same, batches, network, parameters


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


def test_limits_that_are_set_later_are_checked_too():
    net = network()
    with pytest.raises(ValueError, match="NeuralNetwork: expected clip_norm to be finite, at least"):
        net.clip_norm = -1
    assert net.clip_norm is None


def test_clipping_knows_no_underflow():
    net = network(clip_norm=1e-300)
    with np.errstate(all="raise"):
        net.train(1)


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
