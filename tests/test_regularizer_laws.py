"""The laws of regularizers, each written once and run over every regularizer."""

import numpy as np
import pytest

from Layers.FullyConnected import FullyConnected
from Optimization.Constraints import L1_Regularizer, L2_Regularizer, Regularizer
from Optimization.Optimizers import Sgd
from tests.numerical import numerical_derivative
from tests.object_cases import REGULARIZERS, shown

every_regularizer = pytest.mark.parametrize("make", REGULARIZERS, ids=shown)
every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])

#: Regularizer → norm's derivative divided by what a step goes along: the course's convention, in its docstring.
DERIVATIVE = {L1_Regularizer: 1, L2_Regularizer: 2}


def weights_of(shape=(4, 3), dtype="float64"):
    values = np.random.default_rng(5).standard_normal(shape)
    return (values + 0.1 * np.sign(values)).astype(dtype)  # away from 0, where L1 has no derivative


@every_regularizer
def test_the_gradient_is_the_documented_share_of_the_norms_derivative(make):
    regularizer, weights = make(), weights_of()
    numerical = numerical_derivative(lambda: regularizer.norm(weights), weights)
    gradient = regularizer.calculate_gradient(weights)
    np.testing.assert_allclose(DERIVATIVE[type(regularizer)] * gradient, numerical, rtol=1e-6, atol=1e-8)


@every_regularizer
@every_dtype
def test_the_gradient_has_the_weights_shape_and_type_and_the_norm_is_a_float(make, dtype):
    regularizer = make()
    for shape in ((), (1,), (4, 3), (2, 3, 2, 2), (0, 3)):
        gradient = regularizer.calculate_gradient(weights_of(shape, dtype))
        assert (np.shape(gradient), gradient.dtype) == (shape, dtype)
        assert type(regularizer.norm(weights_of(shape, dtype))) is float
    assert regularizer.calculate_gradient([1, 2]).dtype == np.float64


@every_regularizer
@every_dtype
def test_weights_are_not_changed_and_the_gradient_shares_no_memory(make, dtype):
    regularizer, weights = make(), weights_of(dtype=dtype)
    kept = weights.copy()
    gradient = regularizer.calculate_gradient(weights)
    regularizer.norm(weights)
    assert not np.shares_memory(gradient, weights)
    np.testing.assert_array_equal(weights, kept)


@every_regularizer
def test_the_order_of_memory_does_not_matter(make):
    regularizer, weights = make(), weights_of((60, 300))
    for layout in (np.asfortranarray(weights), np.repeat(weights, 2, axis=1)[:, ::2], weights[::-1].copy()[::-1]):
        np.testing.assert_array_equal(regularizer.calculate_gradient(layout), regularizer.calculate_gradient(weights))
        assert regularizer.norm(layout) == pytest.approx(regularizer.norm(weights), rel=1e-13)


@every_regularizer
def test_norms_of_parts_add_up(make):
    regularizer, weights = make(), weights_of((60, 300))
    parts = sum(regularizer.norm(row) for row in weights)
    assert parts == pytest.approx(regularizer.norm(weights), rel=1e-13)
    assert regularizer.norm(weights[:0]) == 0


@every_regularizer
def test_the_norm_is_0_at_0_and_grows_with_the_weights(make):
    regularizer, weights = make(), weights_of()
    norms = [regularizer.norm(scale * weights) for scale in (0, 0.5, 1, -2)]
    assert norms[0] == 0
    assert norms == sorted(set(norms))
    np.testing.assert_array_equal(regularizer.calculate_gradient(np.zeros(3)), np.zeros(3))


@every_regularizer
def test_a_step_along_the_gradient_lowers_the_norm(make):
    regularizer, weights = make(), weights_of()
    assert regularizer.norm(weights - 0.01 * regularizer.calculate_gradient(weights)) < regularizer.norm(weights)


@every_regularizer
@pytest.mark.parametrize("value", ["text", None, [["a"]], [[1.0], [1.0, 2.0]], [1j], [[None]]], ids=str)
def test_what_is_no_array_of_numbers_is_refused_by_name(make, value):
    regularizer = make()
    for method in (regularizer.calculate_gradient, regularizer.norm):
        with pytest.raises((TypeError, ValueError), match=f"{type(regularizer).__name__}.*expected weights"):
            method(value)


@pytest.mark.parametrize("kind", [L1_Regularizer, L2_Regularizer])
@pytest.mark.parametrize("biases", [None, 0, 1, "no", [True]], ids=str)
def test_biases_are_regularized_or_not(kind, biases):
    assert kind(0.1).biases is True
    assert kind(0.1, biases=np.False_).biases is False
    with pytest.raises(TypeError, match="Regularizer: expected biases to be True or False"):
        kind(0.1, biases=biases)


def test_a_square_that_float32_cannot_hold_is_no_reason_for_an_infinite_norm():
    weights = np.full((3, 7), 1e30, "float32")
    assert L2_Regularizer(0.5).norm(weights) == pytest.approx(0.5 * 21e60, rel=1e-6)
    assert L1_Regularizer(0.5).norm(np.full(9, 3e38, "float32")) == pytest.approx(0.5 * 27e38, rel=1e-6)


def test_a_norm_of_many_float32_has_the_precision_of_float64():
    weights = np.full(1_000_003, 0.1, "float32")
    value = float(np.float32(0.1))
    assert L1_Regularizer(1).norm(weights) == pytest.approx(1_000_003 * value, rel=1e-12)
    assert L2_Regularizer(1).norm(weights) == pytest.approx(1_000_003 * value**2, rel=1e-12)


@every_regularizer
@every_dtype
def test_numbers_that_are_too_small_are_no_error(make, dtype):
    small = np.full(3, 1e-310 if dtype == "float64" else 1e-42, dtype)
    with np.errstate(all="raise"):
        assert np.isfinite(make().norm(small))
        assert np.isfinite(make().calculate_gradient(small)).all()


@every_regularizer
def test_a_layer_adds_the_norm_to_its_loss_and_shrinks_along_the_gradient(make):
    regularizer, layer = make(), FullyConnected(3, 2)
    rows = slice(None) if regularizer.biases else slice(-1)
    layer.optimizer = Sgd(0.1, regularizer=regularizer)
    weights = layer.weights.copy()
    assert layer.calculate_regularization_loss() == pytest.approx(regularizer.norm(weights[rows]))
    layer.forward(np.zeros((1, 3)))
    layer.backward(np.zeros((1, 2)))
    expected = weights.copy()
    expected[rows] -= 0.1 * regularizer.calculate_gradient(weights[rows])
    np.testing.assert_allclose(layer.weights, expected, rtol=1e-14)


def test_one_of_somebodys_own_works_with_its_two_methods():
    class Elastic(Regularizer):
        def calculate_gradient(self, weights):
            return self.alpha * (weights + np.sign(weights))

        def norm(self, weights):
            return self.alpha * float(np.square(weights).sum() / 2 + np.abs(weights).sum())

    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1, regularizer=Elastic(0.5, biases=False))
    weights = layer.weights.copy()
    assert layer.calculate_regularization_loss() == pytest.approx(Elastic(0.5).norm(weights[:-1]))
    layer.forward(np.zeros((1, 3)))
    layer.backward(np.zeros((1, 2)))
    np.testing.assert_allclose(layer.weights[:-1], weights[:-1] - 0.05 * (weights[:-1] + 1), rtol=1e-14)
    np.testing.assert_array_equal(layer.weights[-1], weights[-1])
