"""What holds for losses, optimizers, regularizers, schedules and initializers alike: each can be made again."""

import copy
import importlib
import inspect
import pickle

import numpy as np
import pytest

import NeuralNetwork as networks
from Foundation.Configurable import Configurable
from Layers import Initializers
from Layers.FullyConnected import FullyConnected
from Layers.SoftMax import SoftMax
from Optimization import Constraints, Loss, Optimizers, Schedules
from tests.object_cases import INITIALIZERS, LOSSES, OPTIMIZERS, REGULARIZERS, SCHEDULES, shown
from tests.test_optimizer_laws import MeanDescent

MODULES = {
    Loss: [case.make for case in LOSSES],
    Optimizers: OPTIMIZERS,
    Constraints: REGULARIZERS,
    Schedules: SCHEDULES,
    Initializers: INITIALIZERS,
}
CLASSES = {
    name: member
    for module in MODULES
    for name, member in inspect.getmembers(module, inspect.isclass)
    if (module is not Initializers or name != "Constant")
}
every_kind = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
every_object = pytest.mark.parametrize("make", [make for makers in MODULES.values() for make in makers], ids=shown)


@every_kind
def test_every_class_is_on_its_list(module):
    tested = {type(make()) for make in MODULES[module]}
    for name, member in inspect.getmembers(importlib.import_module(module.__name__), inspect.isclass):
        concrete = issubclass(member, Configurable) and not inspect.isabstract(member) and not name.startswith("_")
        if concrete and member.__module__ == module.__name__ and member is not Optimizers.Optimizer:
            assert member in tested, f"{name} is missing from tests/object_cases.py: no law is checked for it"


def plain(value):
    """What an object holds, in a form that can be compared."""
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, np.ndarray):
        return value.dtype, value.tolist()
    return {name: plain(item) for name, item in vars(value).items()} if isinstance(value, Configurable) else value


def arguments(made):
    return {name: plain(value) for name, value in made.configuration().items()}


@every_object
def test_the_printed_form_makes_it_again(make):
    made = make()
    if getattr(made, "rng", None) is not None:
        return  # which has no form that makes it again
    names = vars(Initializers) if type(made).__module__ == Initializers.__name__ else CLASSES
    again = eval(repr(made), dict(names))
    assert type(again) is type(made)
    assert arguments(again) == arguments(made)


@every_object
def test_a_clone_is_made_of_the_same_arguments_and_shares_nothing(make):
    made = make()
    clone = made.clone()
    assert type(clone) is type(made)
    assert arguments(clone) == arguments(made)
    for name, value in made.configuration().items():
        if isinstance(value, Configurable | np.random.Generator):
            assert getattr(clone, name) is not value


@every_object
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_a_copy_is_as_the_original(make, duplicate):
    made = make()
    assert plain(duplicate(made)) == plain(made)


@every_object
def test_an_unknown_or_misspelt_argument_is_refused(make):
    made = make()
    with pytest.raises(TypeError):
        type(made)(**made.configuration(), learning_rte=1)


@every_object
def test_saved_and_loaded_it_is_as_before(make, tmp_path):
    """Each where a network has it: as its loss layer, its optimizer, the optimizer's part, or its initializer."""
    made = make()
    net = networks.NeuralNetwork(Optimizers.Sgd(0.1))
    match type(made).__module__:
        case Loss.__name__:
            net.loss_layer = made
        case Constraints.__name__:
            net.optimizer.add_regularizer(made)
        case Schedules.__name__:
            net.optimizer.learning_rate = made
        case Initializers.__name__:
            net.weights_initializer = net.bias_initializer = made
        case _:
            net.optimizer = made
    networks.save(tmp_path / "net", net)
    loaded = networks.load(tmp_path / "net", None)
    for part in ("loss_layer", "optimizer", "weights_initializer", "bias_initializer"):
        before, after = getattr(net, part), getattr(loaded, part)
        assert type(after) is type(before)
        assert plain(after) == plain(before)


@pytest.mark.parametrize("bias_rows", [0, 2, None])
def test_which_rows_are_biases_is_saved(bias_rows, tmp_path):
    net = networks.NeuralNetwork(Optimizers.Sgd(0.1))
    net.optimizer.bias_rows = bias_rows
    networks.save(tmp_path / "net", net)
    assert networks.load(tmp_path / "net", None).optimizer.bias_rows == bias_rows


class Wedge:
    """Endless batches of three classes, of which number n is always the same."""

    def __init__(self, number=0):
        self.number = number

    def next(self):
        rng = np.random.default_rng(self.number)
        self.number += 1
        inputs = rng.standard_normal((6, 4))
        return inputs, np.eye(3)[inputs[:, :3].argmax(axis=1)]


@pytest.mark.parametrize("make", [*OPTIMIZERS, lambda: MeanDescent(0.1)], ids=shown)
def test_a_loaded_optimizer_goes_on_where_it_was(make, tmp_path):
    net = networks.NeuralNetwork(make(), Initializers.He(rng=0), Initializers.Constant(0.1))
    net.loss_layer, net.data_layer = Loss.CrossEntropyLoss(), Wedge()
    net.append_layer(FullyConnected(4, 3))
    net.append_layer(SoftMax())
    net.train(3)
    networks.save(tmp_path / "net", net)
    loaded = networks.load(tmp_path / "net", Wedge(3))
    net.train(4)
    loaded.train(4)
    assert loaded.loss == net.loss
    np.testing.assert_array_equal(loaded.layers[0].weights, net.layers[0].weights)
    assert loaded.layers[0].optimizer.steps_taken == 7
