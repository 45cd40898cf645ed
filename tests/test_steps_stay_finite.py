"""A gradient that is not finite never moves a parameter, nor what an optimizer remembers."""

from functools import partial

import numpy as np
import pytest

from Foundation.Checks import NonFiniteError
from Layers.Conv import Conv
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Network import steps
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum
from tests.object_cases import OPTIMIZER_CLASSES

#: Layers whose outputs are ordinary numbers for enormous inputs: gradients of their weights are none in float32.
LAYERS = [
    (lambda: FullyConnected(4, 3), (50, 4)),
    (lambda: Conv(1, (2, 3, 3), 3), (4, 2, 8, 8)),
    (lambda: Conv(1, (16, 3, 3), 16), (4, 16, 8, 8)),
    (lambda: Conv((2, 2), (3, 5, 5), 2), (4, 3, 9, 9)),
    (lambda: Conv([1], (2, 3), 2), (4, 2, 20)),
]
OPTIMIZERS = [
    *(partial(make, 0.1) for make in OPTIMIZER_CLASSES),
    lambda: Sgd(0.1, regularizer=L2_Regularizer(0.1)),
]


def small_weights(make, optimizer):
    layer = make()
    layer.initialize(Constant(1e-36), Constant(0))
    layer.astype("float32").optimizer = optimizer()
    return layer


def state(layer):
    optimizers = layer.optimizers.values()
    return [
        *(array.copy() for array in layer.parameters().values()),
        *(optimizer.steps_taken for optimizer in optimizers),
        *(np.array(vars(optimizer)[name]) for optimizer in optimizers for name in optimizer.remembered),
    ]


def assert_same(before, after):
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")  # other threads have settings of their own
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_finite_inputs_whose_gradient_is_not_move_nothing(make, shape, optimizer):
    layer = small_weights(make, optimizer)
    rng = np.random.default_rng(0)
    ordinary = rng.random(shape, "float32")
    layer.backward(np.ones_like(layer.forward(ordinary)))
    layer.weights = np.full_like(layer.weights, 1e-36)
    before = state(layer)
    output = layer.forward(ordinary * np.float32(1e36))
    assert np.isfinite(output).all()
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(NonFiniteError, match="gradient of weights is not"),
    ):
        layer.backward(np.full_like(output, 1e10))
    assert_same(before, state(layer))
    layer.backward(np.ones_like(layer.forward(ordinary)))  # and it goes on
    assert all(np.isfinite(array).all() for array in layer.parameters().values())


@pytest.mark.parametrize("make", [lambda: RNN(2, 3, 1), lambda: LSTM(2, 3, 1)])
def test_recurrent_layers_too(make):
    layer = small_weights(make, lambda: Adam(0.1))
    layer.output_weights = np.ones((4, 1), "float32")
    before = state(layer)
    output = layer.forward(np.full((5, 2), 1e35, "float32"))
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(NonFiniteError, match="nothing has moved"):
        layer.backward(np.full_like(output, 3e38))
    assert_same(before, state(layer))


@pytest.mark.parametrize(("size", "dtype"), [(1e200, "float64"), (1e25, "float32")])
def test_a_gradient_whose_square_is_no_number_does_not_stop_adam_for_good(size, dtype):
    optimizer = Adam(0.1)
    weights = optimizer.calculate_update(np.ones(3, dtype), np.ones(3, dtype))
    moments = optimizer._first_moment.copy(), optimizer._second_moment.copy()
    with pytest.raises(NonFiniteError, match=r"second_moment is finite.*clip the gradient"):
        optimizer.calculate_update(weights, np.array([1, size, 1], dtype))
    assert_same(moments, (optimizer._first_moment, optimizer._second_moment))
    assert optimizer.steps_taken == 1
    assert np.isfinite(optimizer.calculate_update(weights, np.ones(3, dtype))).all()


@pytest.mark.parametrize("optimizer", [lambda: Sgd(0.1), lambda: SgdWithMomentum(0.1)])
def test_an_enormous_gradient_is_one_as_long_as_the_step_is(optimizer):
    assert optimizer().calculate_update(np.zeros(2), np.array([1e200, 0]))[0] == pytest.approx(-1e199)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_names_what_is_no_number(optimizer, wrong):
    stepping = optimizer()
    for gradient in (wrong, np.array([1.0, wrong]), np.array([1.0, wrong], "float32"), [1.0, wrong]):
        with pytest.raises(NonFiniteError, match=r"expected a gradient of finite numbers, got -?(nan|inf) at \("):
            stepping.calculate_update(np.ones(np.shape(gradient)), gradient)
    assert stepping.steps_taken == 0


@pytest.mark.parametrize("rate", [0.1, 0.0, 1e-60], ids=str)  # float32 has no 1e-60
@pytest.mark.parametrize("make", [Sgd, SgdWithMomentum, Adam])
def test_one_wrong_number_among_many_moves_none_of_them(make, rate):
    weights, gradient = np.ones((2, 700_001), "float32")
    stepping = make(rate)
    stepping.calculate_update(weights, gradient)
    remembered = [vars(stepping)[name].copy() for name in stepping.remembered]
    for wrong in (np.nan, np.inf):
        gradient[-1] = wrong
        with pytest.raises(
            NonFiniteError, match=r"expected a gradient of finite numbers, got (nan|inf) at \(700000,\)"
        ):
            stepping.calculate_update(weights, gradient)
    assert stepping.steps_taken == 1
    assert (weights == 1).all()
    assert_same(remembered, [vars(stepping)[name] for name in stepping.remembered])


def test_many_weights_that_are_enormous_step_along_a_gradient_that_is_not():
    weights, gradient = np.full(700_001, 1e30, "float32"), np.ones(700_001, "float32")
    stepping = Sgd(1e29)
    assert stepping.calculate_update(weights, gradient)[[0, -1]] == pytest.approx(9e29)
    assert stepping.steps_taken == 1


@pytest.mark.parametrize("wrong", [1j, "1", None, np.array("2020-01-01", "M8[D]")])
def test_an_optimizer_names_what_is_no_real_number(wrong):
    for arguments in ((np.ones(1), np.array([wrong])), (np.array([wrong]), np.ones(1))):
        with pytest.raises(TypeError, match=r"expected .* to hold real numbers, got ndarray of"):
            Adam(0.1).calculate_update(*arguments)


def test_a_layers_complex_gradient_is_refused_not_cut():
    layer = FullyConnected(1, 1)
    layer.optimizer = Sgd(0.1)
    before = layer.weights.copy()
    layer.gradient_weights = np.ones((2, 1)) * 1j
    with pytest.raises(TypeError, match="real numbers, got ndarray of complex128"):
        layer.step()
    np.testing.assert_array_equal(layer.weights, before)


class Data:
    def __init__(self, inputs, labels):
        self.batch = inputs, labels

    def next(self):
        return self.batch


def network(inputs, labels, **settings):
    net = NeuralNetwork(Adam(0.1), Constant(1e-36), Constant(0), dtype="float32")
    net.loss_layer, net.data_layer = MeanSquaredError(), Data(inputs, labels)
    net.append_layer(FullyConnected(4, 3))
    net.append_layer(FullyConnected(3, 2))
    for name, value in settings.items():
        setattr(net, name, value)
    return net


@pytest.mark.parametrize("settings", [{}, {"clip_norm": 1.0}, {"clip_value": 1.0}, {"accumulate": 2}])
def test_a_network_names_the_layer_and_none_has_moved(settings):
    net = network(np.full((50, 4), 1e36, "float32"), np.full((50, 2), 1e15, "float32"), **settings)
    net.layers[1].weights = np.ones((4, 2), "float32")
    before = [state(layer) for layer in net.layers]
    with pytest.raises(RuntimeError, match=r"layer 1 of 2, FullyConnected.*gradient of weights is not finite"):
        net.train(2)
    for layer, values in zip(net.layers, before, strict=True):
        assert_same(values, state(layer))


def test_what_clipping_makes_of_enormous_gradients_is_what_is_looked_at():
    net = network(np.full((5, 4), 1e20, "float32"), np.full((5, 2), 1e5, "float32"), clip_norm=1.0)
    net.layers[1].weights = np.ones((4, 2), "float32")
    net.train(1)
    assert all(np.isfinite(layer.weights).all() for layer in net.layers)


@pytest.mark.parametrize(
    ("sizes", "limit"), [((1.7e308, 1.7e308), 1.0), ((1e300, 1e-300), 1e-10), ((1e30, 1e29), 1e-9)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_clipping_keeps_the_direction_whatever_the_length(sizes, limit, dtype):
    if dtype == "float32" and max(sizes) > 1e38:
        sizes = 3e38, 3e38
    net = network(np.ones((1, 4)), np.ones((1, 2)), clip_norm=limit)
    layer = net.layers[0]
    layer.gradient_weights = np.zeros((5, 3), dtype)
    layer.gradient_weights[0, :2] = sizes

    steps.clip([layer], limit, None)
    ratio = np.array(sizes, np.longdouble)
    expected = limit * ratio / np.sqrt((ratio**2).sum())
    np.testing.assert_allclose(layer.gradient_weights[0, :2], expected.astype(float), 1e-6)
