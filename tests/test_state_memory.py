"""Arrays of others are never overwritten, what is handed to others never moves, and what was saved comes back."""

import copy
import ctypes
import pickle

import numpy as np
import pytest

from Layers.Base import BaseLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.FullyConnected import FullyConnected
from Network import adopting
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Optimizers import Optimizer
from tests.object_cases import OPTIMIZER_CLASSES

every_optimizer = pytest.mark.parametrize("make", OPTIMIZER_CLASSES)


def step(layer, inputs=((1.0, 2.0, 3.0), (3.0, 1.0, 2.0))):
    layer.backward(np.ones_like(layer.forward(inputs)))


class Exporting:
    """Hands out memory of its own, which NumPy's arrays then know nothing of."""

    def __init__(self, array):
        self.array = array
        self.__array_interface__ = array.__array_interface__


def of_ctypes(array, folder):
    return np.ctypeslib.as_array((ctypes.c_double * array.size)(*array.ravel())).reshape(array.shape)


def of_an_interface(array, folder):
    return np.asarray(Exporting(array.copy()))


def of_nobody(array, folder):
    """Base None and OWNDATA False, as bindings of other libraries make them: by PyArray_New of NumPy's C interface."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.POINTER(ctypes.c_void_p), [ctypes.py_object, ctypes.c_char_p]
    table = pointer(_core()._ARRAY_API, None)
    memory = (ctypes.c_double * array.size)(*array.ravel())
    _KEPT.append(memory)
    integer, address = ctypes.c_int, ctypes.c_void_p
    new = ctypes.PYFUNCTYPE(
        ctypes.py_object, address, integer, address, integer, address, address, integer, integer, address
    )(table[93])
    shape = (ctypes.c_ssize_t * array.ndim)(*array.shape)
    carray = 0x0001 | 0x0100 | 0x0400  # contiguous, aligned, writeable
    made = new(table[2], array.ndim, shape, np.dtype(float).num, None, memory, 0, carray, None)
    assert made.base is None
    assert not made.flags.owndata
    return made


def _core():
    try:
        return np._core._multiarray_umath
    except AttributeError:  # NumPy 1
        return np.core._multiarray_umath


_KEPT = []  # the memory of arrays that don't know whose it is


def of_dlpack(array, folder):
    return np.from_dlpack(array.copy())


def of_a_file(mode):
    def mapped(array, folder):
        file = folder / f"{len(list(folder.iterdir()))}.npy"
        np.save(file, array)
        return np.load(file, mmap_mode=mode)

    return mapped


def read_only(array, folder):
    array = array.copy()
    array.flags.writeable = False
    return array


SOURCES = [of_ctypes, of_an_interface, of_nobody, of_dlpack, of_a_file("r"), of_a_file("r+"), of_a_file("c"), read_only]
IDS = ["ctypes", "an interface", "nobody", "DLPack", "a file", "a file to be written", "a copied file", "read-only"]
every_source = pytest.mark.parametrize("source", SOURCES, ids=IDS)


@every_source
@every_optimizer
def test_memory_of_somebody_else_trains_and_is_not_overwritten(make, source, tmp_path):
    layer, twin = FullyConnected(3, 2), FullyConnected(3, 2)
    for one in (layer, twin):
        one.optimizer = make(0.1)
    foreign = source(np.arange(8.0).reshape(4, 2), tmp_path)
    kept = foreign.copy()
    layer.weights, twin.weights = foreign, kept.copy()
    for _ in range(3):
        step(layer)
        step(twin)
    np.testing.assert_array_equal(foreign, kept)
    np.testing.assert_array_equal(layer.weights, twin.weights)


@every_source
@pytest.mark.parametrize("make", [make for make in OPTIMIZER_CLASSES if make.remembered])
def test_so_does_what_an_optimizer_remembers(make, source, tmp_path):
    layer = FullyConnected(3, 2)
    layer.optimizer = make(0.1)
    step(layer)
    twin, kept = copy.deepcopy(layer), {}
    for name in layer.optimizer.remembered:
        foreign = source(getattr(layer.optimizer, name), tmp_path)
        setattr(layer.optimizer, name, foreign)
        kept[name] = foreign, foreign.copy()
    for _ in range(3):
        step(layer)
        step(twin)
    for foreign, then in kept.values():
        np.testing.assert_array_equal(foreign, then)
    np.testing.assert_array_equal(layer.weights, twin.weights)


def as_mapped(value, folder):
    """What a pool of processes makes of an object: its large arrays are mapped from a file, read-only."""
    arrays = []

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            if isinstance(thing, np.ndarray):
                arrays.append(thing)
                return len(arrays) - 1
            return None

    with (folder / "object").open("wb") as file:
        Pickler(file).dump(value)
    mapped = [of_a_file("r")(array, folder) for array in arrays]

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, number):
            return mapped[number]

    with (folder / "object").open("rb") as file:
        return Unpickler(file).load()


@every_optimizer
def test_a_trained_network_whose_arrays_are_mapped_read_only_trains(make, tmp_path):
    layers = [FullyConnected(3, 4), BatchNormalization(4)]
    for layer in layers:
        layer.optimizer = make(0.1, regularizer=L2_Regularizer(0.1))

    def train(layers):
        tensor = np.random.default_rng(0).standard_normal((5, 3))
        for layer in layers:
            tensor = layer.forward(tensor)
        for layer in reversed(layers):
            tensor = layer.backward(tensor)

    train(layers)
    mapped = as_mapped(layers, tmp_path)
    for _ in range(2):
        train(layers)
        train(mapped)
    for layer, other in zip(layers, mapped, strict=True):
        np.testing.assert_array_equal(layer.weights, other.weights)


class PullToTheStart:
    """A regularizer that keeps the weights that it was first handed."""

    start = None

    def calculate_gradient(self, weights):
        self.start = weights if self.start is None else self.start
        return 0.1 * (weights - self.start)

    def norm(self, weights):
        return 0.05 * float(((weights - (weights if self.start is None else self.start)) ** 2).sum())


@every_optimizer
@pytest.mark.parametrize("hide", ["a class", "a derived class", "a method in one object"])
def test_a_regularizer_may_keep_the_weights_that_it_is_handed(make, hide):
    regularizer = PullToTheStart()
    if hide == "a derived class":
        regularizer = type(
            "Derived", (PullToTheStart, L2_Regularizer), {"__init__": lambda self: None, "biases": True}
        )()
    elif hide == "a method in one object":
        regularizer, kept = L2_Regularizer(0.1), PullToTheStart()
        regularizer.calculate_gradient, regularizer.norm = kept.calculate_gradient, kept.norm
        regularizer.__dict__["start"] = property(lambda self: kept.start)
    layer = FullyConnected(3, 2)
    layer.weights, start = np.arange(8.0).reshape(4, 2), np.arange(8.0).reshape(4, 2)
    step(layer)
    layer.optimizer = make(0.1, regularizer=regularizer)
    step(layer)
    keeper = layer.optimizer.regularizer
    handed = keeper.calculate_gradient.__self__.start if hide == "a method in one object" else keeper.start
    for _ in range(3):
        step(layer)
        layer.calculate_regularization_loss()
    np.testing.assert_array_equal(handed, start)


class Keeping(Optimizer):
    """An optimizer of somebody's own that keeps whatever it is handed."""

    remembered = ("mean",)

    def __init__(self, learning_rate):
        super().__init__(learning_rate)
        self.kept = []

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.kept += [weight_tensor, gradient_tensor]
        return super().calculate_update(weight_tensor, gradient_tensor)

    def rule(self, weights, gradient, learning_rate, mean):
        mean += gradient
        weights -= learning_rate * mean


def test_an_optimizer_may_keep_what_it_is_handed_and_what_it_remembers():
    layer = FullyConnected(3, 2)
    layer.optimizer = Keeping(0.1)
    step(layer)
    held = [*layer.optimizer.kept, layer.optimizer.mean, layer.weights]
    then = copy.deepcopy(held)
    for _ in range(3):
        step(layer)
    np.testing.assert_equal(held, then)


class WithNotes(BaseLayer):
    """Attributes whose names begin like a gradient's, and others that may be None."""

    def __init__(self):
        self.gradient_clip, self.gradient_history, self.note = 1.0, np.zeros(2), "as made"

    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        return error_tensor


@pytest.mark.parametrize("way", ["file", "copy", "pickle"])
def test_attributes_come_back_whatever_their_names_and_though_they_are_none(way, tmp_path):
    net, layer = NeuralNetwork(), WithNotes()
    net.append_layer(layer)
    layer.gradient_clip, layer.gradient_history, layer.note = None, np.array([3.0, 4.0]), None
    if way == "file":
        NeuralNetwork.save(tmp_path / "net", net)
        other = NeuralNetwork.load(tmp_path / "net", None)
    else:
        other = copy.deepcopy(net) if way == "copy" else pickle.loads(pickle.dumps(net))
    (back,) = other.layers
    assert back.gradient_clip is None
    assert back.note is None
    np.testing.assert_array_equal(back.gradient_history, [3.0, 4.0])


def test_arrays_that_are_put_back_are_all_that_were_held():
    layer = WithNotes()
    held = adopting.held_arrays([layer])
    layer.gradient_history = layer.gradient_history + 1
    adopting.put_back([layer], held)
    np.testing.assert_array_equal(layer.gradient_history, 0)
