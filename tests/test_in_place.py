"""Steps that change a parameter where it lies: the same numbers, and no array of anybody else's touched."""

import copy

import numpy as np
import pytest

from Foundation import InPlace, Pieces
from Foundation.InPlace import add_multiple
from Layers.Base import TrainableLayer
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Adam, Optimizer, Sgd, SgdWithMomentum
from tests.object_cases import OPTIMIZER_CLASSES

LARGE = 3 * InPlace.ON_ONE_THREAD


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1, InPlace.ON_ONE_THREAD - 1, InPlace.ON_ONE_THREAD, LARGE + 7])
def test_the_sum_is_numpys(dtype, size):
    rng = np.random.default_rng(0)
    target, array = rng.standard_normal((2, size)).astype(dtype)
    expected = target + np.dtype(dtype).type(0.3) * array
    add_multiple(target, 0.3, array)
    np.testing.assert_allclose(target, expected, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("make", [Sgd, SgdWithMomentum, Adam])
def test_parameters_that_move_in_pieces_move_as_others_do(make, monkeypatch):
    def trained():
        net = NeuralNetwork(make(0.1, regularizer=L1_Regularizer(0.1)), He(rng=0), Constant(0.1))
        net.loss_layer = MeanSquaredError()
        for layer in (FullyConnected(60, 40), FullyConnected(40, 700), FullyConnected(700, 1)):
            net.append_layer(layer)
        rng = np.random.default_rng(0)
        net.data_layer = rng.random((3, 60)), rng.random((3, 1))
        net.train(3)
        return [layer.weights for layer in net.layers]

    whole = trained()
    monkeypatch.setattr(Pieces, "LARGE", 2**15)
    for one, other in zip(whole, trained(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


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


OPTIMIZERS = [make(0.1) for make in OPTIMIZER_CLASSES]


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


def address(layer, name="weights"):
    return vars(layer)[name].__array_interface__["data"][0]  # without asking the layer, which would hand it out


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_weights_that_nobody_else_holds_are_changed_where_they_lie(optimizer):
    layer = FullyConnected(3, 2)
    layer.optimizer = optimizer
    place, before = address(layer), vars(layer)["weights"].copy()
    for _ in range(3):
        step(layer, np.ones((1, 3)))
        assert address(layer) == place
    assert (layer.weights != before).all()


def test_after_somebody_has_asked_for_the_weights_one_step_makes_new_ones():
    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1)
    held, place = layer.weights, address(layer)
    step(layer, np.ones((1, 3)))
    del held
    new_place = address(layer)
    assert new_place != place
    step(layer, np.ones((1, 3)))
    assert address(layer) == new_place


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_layer_never_moves_with_it(duplicate):
    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1)
    step(layer, np.ones((1, 3)))
    twin = duplicate(layer)
    kept = np.array(vars(twin)["weights"])
    step(layer, np.ones((1, 3)))
    np.testing.assert_array_equal(vars(twin)["weights"], kept)
    step(twin, np.ones((1, 3)))
    step(layer, np.ones((1, 3)))
    assert not np.shares_memory(vars(twin)["weights"], vars(layer)["weights"])


@pytest.mark.parametrize(
    "hold",
    [
        lambda layer: layer.weights,
        lambda layer: layer.weights[1:],
        lambda layer: layer.weights.T,
        lambda layer: [layer.parameters()],
        lambda layer: memoryview(layer.weights),
    ],
    ids=["the array", "a part", "a view", "a list of parameters", "a buffer"],
)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_weights_that_somebody_holds_stay_as_they_are(hold, optimizer):
    layer = FullyConnected(3, 2)
    layer.optimizer = optimizer
    for _ in range(2):
        held, kept = hold(layer), copy.deepcopy(layer.weights)
        before = layer.weights
        step(layer, np.ones((1, 3)))
        np.testing.assert_array_equal(before, kept)
        assert (layer.weights != before).all()
        del held, before


def test_a_part_of_somebodys_array_stays_as_it_is():
    both = np.arange(16.0).reshape(2, 4, 2)
    layers = FullyConnected(3, 2), FullyConnected(3, 2)
    for layer, weights in zip(layers, both, strict=True):
        layer.weights, layer.optimizer = weights, Sgd(0.1)
        del weights
        step(layer, np.ones((1, 3)))
    np.testing.assert_array_equal(both.ravel(), np.arange(16.0))


def test_layers_that_are_handed_each_others_weights_stay_apart():
    first, second = FullyConnected(3, 3), FullyConnected(3, 3)
    first.optimizer = second.optimizer = Sgd(0.1)
    second.weights = first.weights
    before = first.weights.copy()
    step(first, np.ones((1, 3)))
    np.testing.assert_array_equal(second.weights, before)


def test_weights_that_are_not_to_be_changed_are_replaced():
    layer = FullyConnected(3, 2)
    layer.optimizer = SgdWithMomentum(0.1)
    layer.weights.flags.writeable = False
    before = layer.weights
    step(layer, np.ones((1, 3)))
    assert (layer.weights < before).all()


def test_a_property_in_the_place_of_the_weights_sees_every_step():
    class Watched(FullyConnected):
        steps = 0

        @property
        def weights(self):
            return self._weights

        @weights.setter
        def weights(self, weights):
            self._weights, self.steps = weights, self.steps + 1

    layer = Watched(3, 2)
    layer.optimizer = Sgd(0.1)
    for _ in range(3):
        step(layer, np.ones((1, 3)))
    assert layer.steps == 4


def test_backward_does_not_use_weights_that_have_moved_on():
    layer = FullyConnected(3, 2)
    layer.optimizer = Sgd(0.1)
    step(layer, np.ones((1, 3)))
    with pytest.raises(RuntimeError, match="call forward first"):
        layer.backward(np.ones((1, 2)))


class Halve(Sgd):
    def calculate_update(self, weight_tensor, gradient_tensor):
        return weight_tensor / 2


class Alone(Optimizer):
    def calculate_update(self, weight_tensor, gradient_tensor):
        return weight_tensor / 2


class Stranger:
    """Has a method `update` too, of which layers know nothing."""

    def calculate_update(self, weight_tensor, gradient_tensor):
        return weight_tensor / 2

    def update(self):
        raise AssertionError


@pytest.mark.parametrize(
    "optimizer", [Halve(0.1), Alone(0.1), Stranger()], ids=["derived", "without a step", "foreign"]
)
def test_an_optimizer_needs_only_calculate_update(optimizer):
    layer = FullyConnected(3, 2)
    start = layer.weights.copy()
    layer.optimizer = optimizer
    step(layer, np.ones((1, 3)))
    step(layer, np.ones((1, 3)))
    np.testing.assert_array_equal(layer.weights, start / 4)


def test_an_optimizer_without_a_rule_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="_step"):
        Optimizer(0.1).calculate_update(1.0, 1.0)


def test_a_gradient_of_plain_numbers_is_one_too():
    class Scale(TrainableLayer):
        parameter_names = ("weights",)

        def __init__(self):
            super().__init__()
            self.weights = np.ones(2)

        def initialize(self, weights_initializer, bias_initializer):
            pass

        def forward(self, input_tensor):
            return input_tensor

        def backward(self, error_tensor):
            self.gradient_weights = [1.0, 2.0]
            self.update()
            return error_tensor

    layer = Scale()
    layer.optimizer = Sgd(0.5)
    layer.backward(np.ones(2))
    layer.backward(np.ones(2))
    np.testing.assert_array_equal(layer.weights, [0.0, -1.0])


def test_a_regularizer_that_fails_leaves_everything_as_it_was():
    class Broken(L2_Regularizer):
        def calculate_gradient(self, weights):
            raise ArithmeticError

    optimizer, healthy = Adam(0.1), Adam(0.1)
    optimizer.add_regularizer(Broken(0.1))
    with pytest.raises(ArithmeticError):
        optimizer.calculate_update(np.ones(3), np.ones(3))
    optimizer.regularizer = None
    np.testing.assert_array_equal(
        optimizer.calculate_update(np.ones(3), np.ones(3)), healthy.calculate_update(np.ones(3), np.ones(3))
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16])
def test_numbers_of_any_type_are_computed_with_in_float64(dtype):
    weights, gradient = np.array([100], dtype), np.array([120], dtype)
    assert float(Sgd(0.001).calculate_update(weights, gradient)[0]) == 100 - 0.12
    assert float(Adam(0.5).calculate_update(weights, gradient)[0]) == pytest.approx(99.5)
    assert float(Adam(0.5).calculate_update(np.array([1]), np.array([2**32]))[0]) == pytest.approx(0.5)
