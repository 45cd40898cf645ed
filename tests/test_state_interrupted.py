"""A parameter and what its optimizer remembers of it step as one, whatever breaks in."""

import copy
from functools import partial

import numpy as np
import pytest

from Foundation import Formulas, InPlace, Moves, Pieces
from Layers.BatchNormalization import BatchNormalization
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LSTM import LSTM
from Layers.ReLU import ReLU
from Layers.SoftMax import SoftMax
from Network import adopting
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, Optimizer, RMSprop, Sgd, SgdWithMomentum
from Optimization.Schedules import LinearDecay
from tests.faults.interrupts import count_points, interrupt
from tests.object_cases import OPTIMIZER_CLASSES

# An interrupt in what Python calls while it tidies up goes no further than a warning.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class OneBatch:
    def __init__(self, *batch):
        self.batch = batch

    def next(self):
        return self.batch


def network(optimizer, dtype="float64", **options):
    """Parameters of one and of several axes, with and without biases in them."""
    net = NeuralNetwork(optimizer, He(rng=0), Constant(0.1), dtype, **options)
    rng = np.random.default_rng(0)
    net.data_layer = OneBatch(rng.standard_normal((4, 2)), np.eye(3)[[0, 1, 2, 0]])
    net.loss_layer = CrossEntropyLoss()
    for layer in (FullyConnected(2, 2), BatchNormalization(2), ReLU(), FullyConnected(2, 3), SoftMax()):
        net.append_layer(layer)
    return net


def parameters(net):
    """What belongs together, for each parameter: its numbers, what its optimizer remembers, and the count."""
    found = []
    for layer in net.layers:
        for name, optimizer in getattr(layer, "optimizers", {}).items():
            state = {key: value for key, value in vars(optimizer).items() if key not in ("owned", "regularizer")}
            found.append([np.array(vars(layer)[name]), {key: np.array(value) for key, value in state.items()}])
    return found


def alike(one, other):
    if one[1].keys() != other[1].keys() or not np.array_equal(one[0], other[0]):
        return False
    return all(np.array_equal(value, other[1][name]) for name, value in one[1].items() if value.dtype != object)


class Remembering(Optimizer):
    """An optimizer whose rule and attributes are somebody's own."""

    remembered = ("mean",)

    def rule(self, weights, gradient, learning_rate, mean):
        mean += 0.1 * (gradient - mean)
        self.largest = float(np.abs(mean).max())
        weights -= learning_rate * mean


class Foreign:
    """One that knows nothing of this library, remembers by changing arrays, and changes those that it is handed."""

    def __init__(self):
        self.velocity, self.seen = None, []

    def calculate_update(self, weight_tensor, gradient_tensor):
        if self.velocity is None:
            self.velocity = np.zeros_like(weight_tensor)
        self.velocity *= 0.9
        self.seen.append(float(gradient_tensor.sum()))
        self.velocity -= 0.1 * gradient_tensor
        weight_tensor += self.velocity
        return weight_tensor


class Pull:
    """A regularizer of somebody's own."""

    def calculate_gradient(self, weights):
        return 0.1 * weights

    def norm(self, weights):
        return 0.0


OPTIMIZERS = {
    "Sgd": lambda: Sgd(LinearDecay(0.1, 5)),
    "Sgd and L1": lambda: Sgd(0.1, regularizer=L1_Regularizer(0.1)),
    "momentum": lambda: SgdWithMomentum(0.1, 0.9),
    "Nesterov": lambda: Nesterov(0.1),
    "AdaGrad": lambda: AdaGrad(0.1),
    "RMSprop": lambda: RMSprop(0.1),
    "Adam": lambda: Adam(0.1),
    "AdamW": lambda: AdamW(0.1),
    "Adam and L2 without biases": lambda: Adam(0.1, regularizer=L2_Regularizer(0.1, biases=False)),
    "Adam and a stranger's regularizer": lambda: Adam(0.1, regularizer=Pull()),
    "a rule of somebody's own": lambda: Remembering(0.1),
    "an optimizer of somebody's own": Foreign,
}
every_optimizer = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())


def copy_with_data(net):
    copied = copy.deepcopy(net)
    copied.data_layer = net.data_layer
    return copied


def passed(net):
    """A copy that has its gradients, and whose step is due."""
    copied = copy_with_data(net)
    copied.forward()
    copied.backward(step=False)
    return copied


def check_whole_at_every_point(net, prepared, work, stride):
    """Interrupt a copy's work: all is as before, or all as after, and it trains on. Gives which of both came up."""
    finished = prepared(net)
    before = parameters(finished)
    work(finished)
    after = parameters(finished)
    assert not any(alike(*pair) for pair in zip(before, after, strict=True)), "the step moves nothing"
    seen = set()
    for point in range(count_points(partial(work, prepared(net))) - 1, -1, -stride):
        broken = prepared(net)
        interrupt(partial(work, broken), point)
        sides = set()
        for place, found in enumerate(parameters(broken)):
            assert alike(found, before[place]) or alike(found, after[place]), f"half a step at point {point}"
            sides.add(alike(found, after[place]))
        assert len(sides) == 1, f"some parameters have stepped, others haven't, at point {point}"
        seen |= sides
    broken.train(1)
    return seen


@every_optimizer
@pytest.mark.parametrize("steps_before", [0, 1])
def test_an_interrupt_leaves_every_parameter_with_its_optimizer_before_the_step_or_after_it(make, steps_before):
    net = network(make())
    net.train(steps_before)
    assert check_whole_at_every_point(net, passed, lambda net: net.step(), 5) == {False, True}


@every_optimizer
def test_so_does_one_anywhere_in_an_iteration(make):
    check_whole_at_every_point(network(make()), copy_with_data, lambda net: net.iteration(), 97)


@pytest.mark.parametrize(
    "numbers", [InPlace.ON_ONE_THREAD + 1, Formulas.OVERWRITTEN // 8 + 1], ids=["large", "middling"]
)
@pytest.mark.parametrize("regularizer", [None, L2_Regularizer(0.1)], ids=["plain", "regularized"])
@pytest.mark.parametrize("make", OPTIMIZER_CLASSES)
def test_so_does_one_while_larger_parameters_step(make, regularizer, numbers):
    layer = FullyConnected(numbers, 1)
    layer.optimizer = make(0.1, regularizer=regularizer)
    check_lone_layer(layer, np.ones((1, numbers)))


def check_lone_layer(layer, inputs, stride=3):
    layer.backward(np.ones_like(layer.forward(inputs)))
    finished = copy.deepcopy(layer)
    finished.step()
    before, after = (parameters(NetworkOf(one)) for one in (layer, finished))
    for point in range(0, count_points(copy.deepcopy(layer).step), stride):
        broken = copy.deepcopy(layer)
        interrupt(broken.step, point)
        (found,) = parameters(NetworkOf(broken))
        assert alike(found, before[0]) or alike(found, after[0]), f"half a step at point {point}"
        interrupt(broken.step, point)  # the arrays are the layer's own now, and move where they lie


class NetworkOf:
    def __init__(self, layer):
        self.layers = [layer]


@pytest.mark.parametrize("make", [Adam, partial(SgdWithMomentum, regularizer=L2_Regularizer(0.1))])
@pytest.mark.parametrize("threads", [1, 3])
def test_so_does_one_while_several_threads_move_the_pieces_of_an_array(threads, make, monkeypatch):
    monkeypatch.setattr(Pieces, "LARGE", 2**14)
    monkeypatch.setattr("Foundation.Pieces.thread_count", lambda: threads)
    monkeypatch.setattr("Foundation.Parallel.thread_count", lambda: threads)
    numbers = InPlace.ON_ONE_THREAD - 1 if make is Adam else InPlace.ON_ONE_THREAD
    layer = FullyConnected(numbers, 1)
    layer.optimizer = make(0.1)
    check_lone_layer(layer, np.ones((1, numbers)), 7)


@pytest.mark.parametrize("options", [{"accumulate": 2}, {"clip_norm": 0.1}, {"clip_value": 0.01, "accumulate": 2}])
def test_gradients_that_accumulate_or_are_clipped_are_used_once_or_not(options):
    net = network(Adam(0.1), **options)
    net.train(options.get("accumulate", 1) * 2 - 1)
    check_whole_at_every_point(net, copy_with_data, lambda net: net.iteration(), 41)


def test_the_loss_of_a_step_is_noted_with_it():
    net = network(Sgd(0.1))
    points = count_points(copy_with_data(net).iteration)
    for point in range(points // 2, points):
        broken = copy_with_data(net)
        interrupt(broken.iteration, point)
        assert len(broken.loss) == broken.optimizers()[0].steps_taken, f"at point {point}"


def test_recurrent_layers_are_no_exception():
    net = NeuralNetwork(Adam(0.1), He(rng=0), Constant(0.1))
    net.data_layer = OneBatch(np.ones((3, 2)), np.eye(2)[[0, 1, 0]])
    net.loss_layer = CrossEntropyLoss()
    for layer in (LSTM(2, 3, 2), SoftMax()):
        net.append_layer(layer)
    check_whole_at_every_point(net, copy_with_data, lambda net: net.iteration(), 97)


def beside_one_that_has_trained(net):
    copied = copy_with_data(net)
    copied.other = copy_with_data(net)
    copied.other.train(2)
    return copied


def test_a_network_stands_where_another_one_does_or_where_it_stood():
    def work(net):
        Moves.run(adopting.adopting(net, net.other))

    assert check_whole_at_every_point(network(Adam(0.1)), beside_one_that_has_trained, work, 3) == {False, True}


def test_weights_that_are_put_back_or_loaded_are_all_there_or_none():
    net = network(Adam(0.1))
    held, named = adopting.held_arrays(net.layers), net.weights()
    net.train(1)
    now = net.weights()
    for work in (lambda one: adopting.put_back(one.layers, held), lambda one: one.load_weights(named, strict=False)):
        for point in range(0, count_points(partial(work, copy.deepcopy(net))), 3):
            broken = copy.deepcopy(net)
            interrupt(partial(work, broken), point)
            found = broken.weights()
            sides = {np.array_equal(found[name], now[name]) for name in named}
            assert len(sides) == 1, f"some weights are there, others aren't, at point {point}"
