"""Steps that change a parameter where it lies: the same numbers, and no array of anybody else's touched."""

import copy

import numpy as np
import pytest

from Foundation import InPlace
from Foundation.InPlace import add_multiple
from Layers.FullyConnected import FullyConnected
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum

LARGE = 3 * InPlace._WORTH_A_CALL


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1, InPlace._WORTH_A_CALL - 1, InPlace._WORTH_A_CALL, LARGE + 7])
def test_the_sum_is_numpys(dtype, size):
    rng = np.random.default_rng(0)
    target, array = rng.standard_normal((2, size)).astype(dtype)
    expected = target + np.dtype(dtype).type(0.3) * array
    add_multiple(target, 0.3, array)
    np.testing.assert_allclose(target, expected, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


def squares():
    side = int(LARGE**0.5) + 1
    return np.random.default_rng(1).standard_normal((2, side, side), dtype="float32")


@pytest.mark.parametrize(
    "arrange",
    [
        lambda square: square.T,
        lambda square: np.repeat(square, 2, axis=1)[:, ::2],
        lambda square: square[::-1],
        lambda square: square.astype("float64"),
        lambda square: square.astype(">f4"),
    ],
    ids=["by columns", "with gaps", "backwards", "another type", "another byte order"],
)
def test_arrays_that_lie_differently_are_added_element_by_element(arrange):
    for target, array in ((squares()[0], arrange(squares()[1])), (arrange(squares()[0]), squares()[1])):
        expected = target + np.float32(2) * array
        add_multiple(target, 2, array)
        np.testing.assert_allclose(target, expected, rtol=1e-5, atol=1e-6)


def test_an_array_that_is_not_to_be_changed_is_not():
    target = np.zeros(LARGE)
    target.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        add_multiple(target, 1, np.ones(LARGE))
    assert not target.any()


def test_without_the_librarys_function_the_numbers_are_the_same(monkeypatch):
    array = np.random.default_rng(2).standard_normal(LARGE)
    by_library, by_numpy = np.ones(LARGE), np.ones(LARGE)
    add_multiple(by_library, -0.1, array)
    monkeypatch.setattr(InPlace, "_axpy", lambda dtype: None)
    add_multiple(by_numpy, -0.1, array)
    np.testing.assert_allclose(by_library, by_numpy, rtol=1e-15, atol=1e-16)


def test_numpys_own_packages_have_the_function():
    openblas = "openblas" in str(np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"])
    assert not openblas or all(InPlace._axpy(np.dtype(dtype).str) for dtype in ("float32", "float64"))


def step(layer, inputs):
    output = layer.forward(inputs)
    layer.backward(np.ones_like(output))


OPTIMIZERS = [Sgd(0.1), SgdWithMomentum(0.1, 0.9), Adam(0.1)]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize("regularizer", [None, L2_Regularizer(0.1)], ids=repr)
def test_steps_in_place_are_those_of_calculate_update(optimizer, regularizer):
    outside = copy.deepcopy(optimizer)
    if regularizer is not None:
        outside.add_regularizer(regularizer)
    layer, twin = FullyConnected(3, 2), FullyConnected(3, 2)
    layer.optimizer = outside
    twin.weights = layer.weights.copy()
    inputs = np.random.default_rng(3).standard_normal((4, 3))
    for _ in range(5):
        step(layer, inputs)
        step(twin, inputs)
        twin.weights = outside.calculate_update(twin.weights, twin.gradient_weights)
        np.testing.assert_array_equal(layer.weights, twin.weights)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_an_assigned_array_stays_as_it_is(optimizer):
    layer, other = FullyConnected(3, 2), FullyConnected(3, 2)
    layer.optimizer = optimizer
    weights = np.arange(8.0).reshape(4, 2)
    for _ in range(2):
        layer.weights = other.weights = weights
        step(layer, np.ones((1, 3)))
        step(layer, np.ones((1, 3)))
        np.testing.assert_array_equal(weights, np.arange(8.0).reshape(4, 2))
        assert other.weights is weights


def test_later_steps_take_no_new_array():
    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1)
    step(layer, np.ones((1, 3)))
    own = layer.weights
    step(layer, np.ones((1, 3)))
    assert layer.weights is own


def test_a_copied_layer_has_weights_of_its_own():
    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1)
    step(layer, np.ones((1, 3)))
    twin = copy.deepcopy(layer)
    before = layer.weights.copy()
    step(twin, np.ones((1, 3)))
    np.testing.assert_array_equal(layer.weights, before)


def test_backward_does_not_use_weights_that_have_moved_on():
    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1)
    step(layer, np.ones((1, 3)))
    with pytest.raises(RuntimeError, match="call forward first"):
        layer.backward(np.ones((1, 2)))


def test_a_derived_optimizer_may_write_calculate_update_alone():
    class Halve(Sgd):
        def calculate_update(self, weight_tensor, gradient_tensor):
            return weight_tensor / 2

    layer = FullyConnected(3, 2)
    start = layer.weights.copy()
    layer.optimizer = Halve(0.1)
    step(layer, np.ones((1, 3)))
    step(layer, np.ones((1, 3)))
    np.testing.assert_array_equal(layer.weights, start / 4)


def test_an_optimizer_of_a_stranger_needs_only_calculate_update():
    class Stranger:
        def calculate_update(self, weight_tensor, gradient_tensor):
            return weight_tensor - 1

    layer = FullyConnected(3, 2)
    start = layer.weights.copy()
    layer.optimizer = Stranger()
    step(layer, np.ones((1, 3)))
    step(layer, np.ones((1, 3)))
    np.testing.assert_allclose(layer.weights, start - 2)
