"""Optimizers against frozen trajectories of an independent implementation, and what users may do with them."""

import json

import numpy as np
import pytest

from Layers.FullyConnected import FullyConnected
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, Optimizer, RMSprop, Sgd, SgdWithMomentum
from tests.oracles.make_optimizer_trajectories import FILE, start_and_gradients

OPTIMIZERS = {
    "Sgd": lambda: Sgd(0.1),
    "SgdWithMomentum": lambda: SgdWithMomentum(0.1, 0.9),
    "Adam": lambda: Adam(0.1, 0.9, 0.999),
    "Adam of other moments": lambda: Adam(0.03, 0.5, 0.9),
    "AdamW": AdamW,
    "AdamW of another decay": lambda: AdamW(0.1, 0.8, 0.99, 0.5),
    "Nesterov": lambda: Nesterov(0.1),
    "AdaGrad": AdaGrad,
    "RMSprop": RMSprop,
    "RMSprop of another mean": lambda: RMSprop(0.03, 0.5),
}
every_optimizer = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_are_those_of_an_independent_implementation(name):
    weights, gradients = start_and_gradients()
    optimizer = OPTIMIZERS[name]()
    for gradient, expected in zip(gradients, json.loads(FILE.read_text())[name], strict=True):
        weights = optimizer.calculate_update(weights, gradient)
        np.testing.assert_allclose(weights, expected, rtol=1e-12, atol=1e-12)


@every_optimizer
def test_plain_numbers_take_the_same_steps_as_arrays(make):
    start, gradients = start_and_gradients()
    number, array = float(start[0, 0]), start
    for_number, for_array = make(), make()
    for gradient in gradients:
        number = for_number.calculate_update(number, float(gradient[0, 0]))
        array = for_array.calculate_update(array, gradient)
        assert np.ndim(number) == 0
        assert float(number) == pytest.approx(array[0, 0], rel=1e-14)


@every_optimizer
def test_a_gradient_of_another_shape_is_refused(make):
    with pytest.raises(ValueError, match=r"gradient of the weights' shape \(2, 3\), got \(3,\)"):
        make().calculate_update(np.ones((2, 3)), np.ones(3))


@pytest.mark.parametrize("optimizer", [Sgd, SgdWithMomentum, Adam, AdamW, Nesterov, AdaGrad, RMSprop])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_learning_rate_that_makes_no_sense_is_refused(optimizer, value):
    with pytest.raises(ValueError, match="learning_rate"):
        optimizer(value)


@pytest.mark.parametrize("value", ["0.1", None, [0.1], True])
def test_a_learning_rate_that_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="learning_rate"):
        Sgd(value)


@pytest.mark.parametrize(
    "make",
    [lambda x: SgdWithMomentum(0.1, x), lambda x: Adam(0.1, x), lambda x: Adam(0.1, 0.9, x), lambda x: RMSprop(0.1, x)],
)
@pytest.mark.parametrize("value", [-0.1, 1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_refused(make, value):
    with pytest.raises(ValueError, match="below 1"):
        make(value)


def test_defaults_are_those_of_the_papers():
    assert Adam().configuration() == {"learning_rate": 0.001, "mu": 0.9, "rho": 0.999, "regularizer": None}
    assert SgdWithMomentum(0.1).momentum_rate == Nesterov(0.1).momentum_rate == 0.9
    assert AdamW().decay == 0.01
    assert RMSprop().configuration() == {"learning_rate": 0.01, "rho": 0.99, "regularizer": None}


def test_adam_with_an_l2_regularizer_takes_the_steps_of_a_decoupled_decay():
    weights, gradients = start_and_gradients()
    one, other = AdamW(0.1, decay=0.3), Adam(0.1, regularizer=L2_Regularizer(0.3))
    theirs = weights
    for gradient in gradients:
        weights, theirs = one.calculate_update(weights, gradient), other.calculate_update(theirs, gradient)
    np.testing.assert_allclose(weights, theirs, rtol=1e-12)


def test_a_decay_is_at_least_0():
    with pytest.raises(ValueError, match="AdamW: expected decay to be finite, at least 0, got"):
        AdamW(decay=-0.1)


def test_an_optimizer_of_ones_own_needs_only_its_step():
    class SignDescent(Optimizer):
        def _step(self, gradient):
            return -self.learning_rate, np.sign(gradient)

    np.testing.assert_allclose(SignDescent(0.5).calculate_update(np.ones(2), np.array([3.0, -2.0])), [0.5, 1.5])


def test_a_rule_that_returns_new_weights_is_told_to_move_them():
    class Returning(Optimizer):
        def rule(self, weights, gradient, learning_rate):
            return weights - learning_rate * gradient

    optimizer = Returning(0.1)
    with pytest.raises(
        TypeError, match=r"^Returning\(learning_rate=0.1\): expected rule to move the weights where they"
    ):
        optimizer.calculate_update(np.ones(2), np.ones(2))
    assert optimizer.steps_taken == 0


def test_new_weights_of_another_shape_are_refused_before_any_have_moved():
    class Row(Optimizer):
        def calculate_update(self, weight_tensor, gradient_tensor):
            return weight_tensor[0]

    layer = FullyConnected(2, 3)
    layer.optimizer, before = Row(0.1), layer.weights
    layer.forward(np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"Row.*expected new weights from calculate_update \(3, 3\), got \(3,\)"):
        layer.backward(np.ones((1, 3)))
    assert layer.weights is before
