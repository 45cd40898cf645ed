"""The course's unit tests: one class for each task, in the order in which students meet them.

    python NeuralNetworkTests.py                            every task, for the code beside this file
    python NeuralNetworkTests.py TestReLU                   one task
    python NeuralNetworkTests.py TestConv.test_gradient     one test
    python NeuralNetworkTests.py --part 2                   the tasks of a part
    python NeuralNetworkTests.py Bonus                      the table of points (--points)
    python NeuralNetworkTests.py --against FOLDER           somebody else's code, tested by the teacher's tool

A failed test says what it expected, what it received, and what the usual cause is. A file that does
not exist yet is "not yet" and disturbs no other task. Each task runs in a process of its own and for a
limited time; an endless loop costs that task and no other. To stop at a `breakpoint()`, run one in your
own process: `python -m unittest NeuralNetworkTests.TestConv`. `--help` lists the rest.

The right answers come from SciPy, from plain loops over the formula, or from numerical derivatives;
never from the code under test. Three of the course's rules show in all of them: gradients are *sums*
over the batch, positions and time steps; no call changes its arguments; and a layer computes the error
of its input before its weights take their step.
"""

import sys

# Beside this file lie the student's, of which one may be called like a module of Python's, random.py for instance.
if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]

import argparse
import concurrent.futures
import contextlib
import copy
import difflib
import faulthandler
import functools
import gzip
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import json
import os
import pickle
import re
import secrets
import signal
import subprocess
import tempfile
import textwrap
import time
import traceback
import types
import typing
import unittest
import unittest.case
import unittest.mock
import warnings

import numpy as np

# ---------------------------------------------------------------------------------------------------
# The tasks and their points: change the numbers here
# ---------------------------------------------------------------------------------------------------


class Entry(typing.NamedTuple):
    """One task: its part, title, test class, points in percent of the part, and the files it is written in."""

    part: int
    title: str
    test: str
    points: float
    files: tuple[str, ...]
    bonus: bool = False


PART_TITLES = {
    0: "Arrays, patterns, and the images that come in",
    1: "A network that learns",
    2: "Networks that see",
    3: "Regularization and recurrence",
}

#: All tests of a task have to pass for its points. The tasks of a part give 100 % together; what is marked as
#: bonus comes on top of them, and a task of 0 points prepares others that give points. Part 3 has the course's
#: own points. They know neither LSTM nor LeNet, which are therefore the bonus.
TASKS = (
    Entry(0, "Chess board", "TestCheckers", 15, ("Generator/pattern.py",)),
    Entry(0, "Circle", "TestCircle", 15, ("Generator/pattern.py",)),
    Entry(0, "Spectrum", "TestSpectrum", 20, ("Generator/pattern.py",)),
    Entry(0, "Image generator", "TestGen", 50, ("Generator/generator.py",)),
    Entry(1, "Stochastic gradient descent", "TestOptimizers", 10, ("Optimization/Optimizers.py",)),
    Entry(1, "Fully connected layer", "TestFullyConnected", 25, ("Layers/Base.py", "Layers/FullyConnected.py")),
    Entry(1, "ReLU", "TestReLU", 10, ("Layers/ReLU.py",)),
    Entry(1, "SoftMax", "TestSoftMax", 20, ("Layers/SoftMax.py",)),
    Entry(1, "Cross-entropy loss", "TestCrossEntropyLoss", 15, ("Optimization/Loss.py",)),
    Entry(1, "Network", "TestNeuralNetwork", 20, ("NeuralNetwork.py",)),
    Entry(1, "Workbench", "TestHelpers", 0, ("Layers/Helpers.py",)),
    Entry(2, "Initializers", "TestInitializers", 10, ("Layers/Initializers.py", "Layers/FullyConnected.py")),
    Entry(2, "Momentum and Adam", "TestOptimizers2", 15, ("Optimization/Optimizers.py",)),
    Entry(2, "Flatten", "TestFlatten", 5, ("Layers/Flatten.py",)),
    Entry(2, "Convolution", "TestConv", 35, ("Layers/Conv.py",)),
    Entry(2, "Pooling", "TestPooling", 20, ("Layers/Pooling.py",)),
    Entry(2, "Convolutional network", "TestNeuralNetwork2", 15, ("NeuralNetwork.py",)),
    Entry(3, "Base class and phases", "TestBase", 0, ("Layers/Base.py", "NeuralNetwork.py")),
    Entry(3, "Regularizers", "TestConstraints", 5, ("Optimization/Constraints.py", "Optimization/Optimizers.py")),
    Entry(3, "Dropout", "TestDropout", 5, ("Layers/Dropout.py",)),
    Entry(3, "Batch normalization", "TestBatchNorm", 25, ("Layers/BatchNormalization.py",)),
    Entry(3, "LeNet", "TestLeNet", 5, ("Models/LeNet.py", "NeuralNetwork.py"), bonus=True),
    Entry(3, "Hyperbolic tangent", "TestTanH", 2.5, ("Layers/TanH.py",)),
    Entry(3, "Sigmoid", "TestSigmoid", 2.5, ("Layers/Sigmoid.py",)),
    Entry(3, "Recurrent layer of Elman", "TestRNN", 40, ("Layers/RNN.py",)),
    Entry(3, "Long short-term memory", "TestLSTM", 10, ("Layers/LSTM.py",), bonus=True),
    Entry(3, "Whole networks", "TestNeuralNetwork3", 20, ("NeuralNetwork.py",)),
)

#: Seconds that a task's tests may take before its process is ended; what they wait for a processor doesn't count.
TIME_LIMIT = 60.0

#: Seconds for which nothing is said of a task that is being tested.
SILENCE = 5.0

# ---------------------------------------------------------------------------------------------------
# Finding the code under test
# ---------------------------------------------------------------------------------------------------

#: The modules that hold more than one class; every other class has a module of its name in Layers/.
MODULES = {
    "Optimization.Optimizers": ("Optimizer", "Sgd", "SgdWithMomentum", "Adam"),
    "Optimization.Loss": ("CrossEntropyLoss",),
    "Optimization.Constraints": ("L1_Regularizer", "L2_Regularizer"),
    "Layers.Initializers": ("Constant", "UniformRandom", "Xavier", "He"),
    "Layers.Base": ("BaseLayer",),
    "NeuralNetwork": ("NeuralNetwork", "save", "load"),
    "Generator.pattern": ("Checker", "Circle", "Spectrum"),
    "Generator.generator": ("ImageGenerator",),
}


class NotYet(AssertionError):
    """What a test asks for is not written yet."""


def find_module(name):
    """The module under test; fails the test, and only that, where there is no such file yet."""
    __tracebackhide__ = True
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != name.split(".")[0]:
            raise
        missing = name if name.startswith(f"{error.name}.") else error.name  # the folder may be missing too
        file = f"{missing.replace('.', '/')}.py"
        raise NotYet(f"not yet written: {file}{misspelt(file)}") from None


def misspelt(file):
    """What stands where a file is missed, under a name like it: capital letters count."""
    known, path = {known for entry in TASKS for known in entry.files}, ""
    for part in file.split("/"):
        with contextlib.suppress(OSError):
            names = os.listdir(os.path.join(sys.path[0], path))
            spellings = {name.lower(): name for name in names if path + name not in known}
            near = [] if part in names else difflib.get_close_matches(part.lower(), spellings, 1, 0.72)
            if near:
                return f" (there is {path}{spellings[near[0]]})"
        path += f"{part}/"
    return ""


def names_in(module):
    """The classes that a file has, for whoever misspelt the name of the one that it should have."""
    classes = [name for name, item in vars(module).items() if getattr(item, "__module__", "") == module.__name__]
    return f" (the file is there, with {', '.join(classes)})" if classes else " (the file is there)"


def find(name):
    """The class (or function) under test of this name."""
    __tracebackhide__ = True
    module = next((module for module, names in MODULES.items() if name in names), f"Layers.{name}")
    found = getattr(find_module(module), name, None)
    if found is None:
        raise NotYet(f"not yet written: {name} in {module.replace('.', '/')}.py{names_in(find_module(module))}")
    return found


def create(name, *arguments):
    """An object of the class under test of this name."""
    __tracebackhide__ = True
    return find(name)(*arguments)


# ---------------------------------------------------------------------------------------------------
# Comparing numbers
# ---------------------------------------------------------------------------------------------------


def close(received, expected, tolerance):
    """Whether two arrays have one shape and differ by no more than `tolerance` times the largest entry."""
    if received.shape != np.shape(expected):
        return False
    if np.isnan(expected).any():  # a mistake's value, never a right one
        return bool(np.array_equal(received, expected, equal_nan=True))
    return bool(np.all(np.abs(received - expected) <= tolerance * (np.max(np.abs(expected), initial=0) or 1)))


def derivative(function, point, step=4e-3):
    """The numerical derivative of a function that maps an array to a number: (f(x + h) - f(x - h)) / 2h."""
    result = np.zeros(np.shape(point))
    for position in np.ndindex(result.shape):
        above, below = np.array(point, dtype=float), np.array(point, dtype=float)
        above[position] += step
        below[position] -= step
        result[position] = (function(above) - function(below)) / (2 * step)
    return result


def shapes(received, expected):
    """In words, how a shape differs from the expected one."""
    if not expected or not received:
        kinds = ["one number" if not shape else f"an array of shape {shape}" for shape in (expected, received)]
        return f"expected {kinds[0]}, received {kinds[1]}."
    message = f"expected an array of shape {expected}, received one of shape {received}"
    if len(received) != len(expected):
        return f"{message}: {len(received)} {'axis' if len(received) == 1 else 'axes'} for {len(expected)}."
    if len(received) > 1 and received == expected[::-1]:
        return f"{message}: the axes in reverse order, a transpose too many or too few?"
    differs = [f"axis {k} has {received[k]} entries for {n}" for k, n in enumerate(expected) if received[k] != n]
    return f"{message}: {', '.join(differs)}."


def text(array):
    """An array as it is printed in messages."""
    return np.array2string(np.asarray(array), precision=5, suppress_small=True, prefix=" " * 12)


FORGOTTEN = "a forgotten `return`, or never assigned: is the attribute's name misspelt?"


class Task(unittest.TestCase):
    """What the tests of all tasks share: a fixed seed, and a comparison with a helpful message."""

    def setUp(self):
        """Start every test from the same random numbers, without NumPy's warnings about overflow."""
        np.random.seed(1)
        self.rng = np.random.default_rng(2)
        self.enterContext(np.errstate(all="ignore"))
        self.enterContext(warnings.catch_warnings())
        warnings.simplefilter("ignore")

    def check(self, what, received, expected, cause, mistakes=(), tolerance=1e-5, after_forward=False):
        """Fail unless `received` is `expected`, and say where they differ and why that usually happens.

        `mistakes` are pairs of a well-known mistake and the value that it leads to, or a function that returns
        them: where exactly that value was received, the message names the mistake. `after_forward` says that a
        wrong forward makes everything wrong here.
        """
        __tracebackhide__ = True
        self.check_numbers(what, received)
        whole = np.asarray(received).dtype.kind in "iub"
        received, expected = np.asarray(received, dtype=float), np.asarray(expected, dtype=float)
        if close(received, expected, tolerance):
            return
        mistakes = mistakes() if callable(mistakes) else mistakes
        named = [mistake for mistake, value in mistakes if close(received, np.asarray(value, dtype=float), tolerance)]
        if after_forward and not named:
            self.fail_where_forward_is_wrong()
        cause = f"This is the value that results where {named[-1]}." if named else f"Usual cause: {cause}"
        if whole and received.shape == expected.shape and np.any(expected % 1 != 0):
            cause = f"What was received are whole numbers, which can't hold fractions: dtype=int, or // for /?\n{cause}"
        self.fail(f"{what}: {self._difference(received, expected, tolerance)}\n{cause}")

    def check_numbers(self, what, received):
        """Fail where None was received, or a list with None in it."""
        __tracebackhide__ = True
        if received is None or (isinstance(received, (list, tuple)) and any(part is None for part in received)):
            self.fail(f"{what}: expected numbers, received {received}.\nUsual cause: {FORGOTTEN}")

    def check_array(self, received, expected, message, tolerance=0.0):
        """Fail with this message unless two arrays have one shape and differ by no more than `tolerance`."""
        __tracebackhide__ = True
        self.check_numbers(message, received)
        received, expected = np.asarray(received, dtype=float), np.asarray(expected, dtype=float)
        if received.shape != expected.shape or np.any(~(np.abs(received - expected) <= tolerance)):
            self.fail(f"{message}\n{self._difference(received, expected, tolerance)}")

    def check_shape(self, what, received, expected, cause):
        """Fail unless an array has this shape."""
        __tracebackhide__ = True
        self.check_numbers(what, received)
        if np.shape(received) != tuple(expected):
            self.fail(f"{what}: {shapes(np.shape(received), tuple(expected))}\nUsual cause: {cause}")

    def assertEqual(self, first, second, msg=None):
        """Equal, as ever; None has a cause of its own."""
        __tracebackhide__ = True
        if first is None and second is not None:
            msg = f"{msg or ''}\nReceived None. Usual cause: {FORGOTTEN}".strip()
        super().assertEqual(first, second, msg)

    def _formatMessage(self, msg, standardMsg):
        """What the test has to say comes first, then what unittest says, which may be thousands of numbers."""
        found = (standardMsg.splitlines() or [""])[0]
        return f"{msg or ''}\n({found[:200]}{' …' if len(found) > 200 else ''})".strip()

    @staticmethod
    def _difference(received, expected, tolerance):
        if received.shape != expected.shape:
            return shapes(received.shape, expected.shape)
        differs = ~(np.abs(received - expected) <= tolerance * (np.max(np.abs(expected), initial=0) or 1))
        if received.ndim == 0:
            times = f", {received / expected:.4g} times as much" if expected and received / expected > 0 else ""
            message = f"expected {expected:.6g}, received {received:.6g}{times}."
        else:
            at = tuple(int(index) for index in np.argwhere(differs)[0])
            message = f"expected {expected[at]:.6g} at {list(at)}, received {received[at]:.6g}"
            message += f"; {differs.sum()} of {received.size} values differ."
            unknown = int((np.isnan(received) & ~np.isnan(expected)).sum())
            message += f" {unknown} of them are nan, which is not a number (0 / 0, inf - inf)." if unknown else ""
            if received.size <= 16:
                message += f"\n  expected: {text(expected)}\n  received: {text(received)}"
        size = np.vdot(expected, expected)
        factor = np.vdot(expected, received) / size if size else 0.0
        if received.size > 1 and size and np.isfinite(factor) and close(received, factor * expected, tolerance):
            message += f"\nEverything received is {factor:.4g} times what was expected."
        return message


# ---------------------------------------------------------------------------------------------------
# Stand-ins: simple parts to test one class without the others
# ---------------------------------------------------------------------------------------------------


class FixedStep:
    """An optimizer without memory: w - 0.1·gradient."""

    regularizer = None

    def calculate_update(self, weight_tensor, gradient_tensor):
        """The weights after the step."""
        return weight_tensor - 0.1 * gradient_tensor


class CountingStep:
    """An optimizer with a memory: its first call moves the weights by -1, its second by -2, and so on."""

    regularizer = None
    calls = 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        """The weights after the step."""
        self.calls += 1
        return weight_tensor - self.calls


class SumOfWeights:
    """A regularizer with the norm Σ|w| and, to tell both apart, the gradient w/2."""

    def norm(self, weights):
        """What is added to the loss."""
        return np.sum(np.abs(weights))

    def calculate_gradient(self, weights):
        """What shrinks the weights."""
        return np.asarray(weights) / 2


class ConstantStart:
    """An initializer that fills with one value and writes down its calls: (shape, fan_in, fan_out)."""

    def __init__(self, value):
        self.value = value
        self.calls = []

    def initialize(self, weights_shape, fan_in, fan_out):
        """An array of the value."""
        self.calls.append((tuple(weights_shape), fan_in, fan_out))
        return np.full(weights_shape, float(self.value))


class RandomStart:
    """An initializer whose numbers depend on nothing but its seed."""

    def __init__(self, seed, spread=0.5):
        self.rng = np.random.default_rng(seed)
        self.spread = spread

    def initialize(self, weights_shape, fan_in, fan_out):
        """Normal numbers."""
        return self.rng.normal(0, self.spread, weights_shape)


class Batches:
    """A data layer: the samples in their order, batch after batch, again and again."""

    def __init__(self, inputs, labels, batch_size):
        self.drawn = 0
        self.batches = (  # a generator, as in most data layers; it can be neither copied nor saved
            (inputs[chosen], labels[chosen])
            for start in itertools.count(0, batch_size)
            for chosen in [np.arange(start, start + batch_size) % len(inputs)]
        )

    def next(self):
        """The next batch and its labels."""
        self.drawn += 1
        return next(self.batches)


class SquaredError:
    """A loss: Σ(prediction - label)² / 2."""

    def forward(self, prediction_tensor, label_tensor):
        """The loss of a batch."""
        self.difference = prediction_tensor - label_tensor
        return np.sum(self.difference**2) / 2

    def backward(self, label_tensor):
        """Its derivative."""
        return self.difference.copy()


def scale(factor, diary, trainable=False):
    """A layer that multiplies by a factor and writes down in a diary what is asked of it.

    It is derived from the base class under test, as every layer of that network is.
    """
    try:
        base = find("BaseLayer")
    except NotYet:
        base = object

    class Scale(base):
        testing_phase = False
        weights = None
        optimizer = None

        def __init__(self):
            super().__init__()
            self.trainable = trainable

        def initialize(self, weights_initializer, bias_initializer):
            """Nothing to initialize; the diary tells who was handed over."""
            diary.append(("initialize", factor, weights_initializer, bias_initializer))

        def forward(self, input_tensor):
            """The input times the factor."""
            diary.append(("forward", factor, self.testing_phase))
            return input_tensor * factor

        def backward(self, error_tensor):
            """The error times the factor."""
            diary.append(("backward", factor))
            self.error = error_tensor
            return error_tensor * factor

    return Scale()


def draw_pictures(folder, count=100):
    """Draw colourful pictures of 32×32 pixels into a folder, as the course hands them out: the file of their labels."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:32, :32] / 32
    for number in range(count):
        waves = rng.uniform(-1.5, 1.5, (2, 3, 1, 1)) * np.stack([y, x])[:, None] * 2 * np.pi
        colours = np.cos(waves.sum(axis=0) + rng.uniform(0, 2 * np.pi, (3, 1, 1)))
        picture = 255 * (colours - colours.min()) / np.ptp(colours)
        np.save(os.path.join(folder, f"{number}.npy"), np.moveaxis(picture, 0, 2).astype(np.uint8))
    path = os.path.join(folder, "Labels.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({str(number): number % 10 for number in range(count)}, file)
    return path


class Screen:
    """Keeps what pyplot.show would show on the screen: a list of pictures with the titles above them."""

    def __init__(self, task):
        from matplotlib import pyplot

        self.pyplot, self.pictures, self.most_in_one_place = pyplot, [], 0
        pyplot.switch_backend("Agg")  # needs no screen
        pyplot.close("all")
        real_show = pyplot.show
        for module in list(sys.modules.values()):  # also where somebody wrote `from matplotlib.pyplot import show`
            if getattr(module, "__dict__", {}).get("show") is real_show:
                task.enterContext(unittest.mock.patch.object(module, "show", self.show))

    def show(self, *arguments, **options):
        """Stand in for pyplot.show."""
        for number in self.pyplot.get_fignums():
            for axes in self.pyplot.figure(number).axes:
                self.pictures += [(np.asarray(picture.get_array()), axes.get_title()) for picture in axes.images]
                self.most_in_one_place = max(self.most_in_one_place, len(axes.images))
        self.pyplot.close("all")


# ---------------------------------------------------------------------------------------------------
# Laws: tests that every layer has to pass
# ---------------------------------------------------------------------------------------------------


@functools.cache
def failing_forward(task):
    """The first test of a task's `forward` that fails, or nothing."""
    for name in names_of_tests(task.__name__):
        if name.startswith("test_forward"):
            result = unittest.TestResult()
            task(name).run(result)
            if not result.wasSuccessful():
                return name
    return ""


def smallest_layer():
    """A layer that adds nothing to the base class."""

    class Plain(find("BaseLayer")):
        def forward(self, input_tensor):
            return input_tensor

        def backward(self, error_tensor):
            return error_tensor

    return Plain()


class LayerTests:
    """Tests for any layer. A task names the layer, its arguments, and the shape of an input."""

    layer_name = ""
    arguments = ()
    shape = (5, 4)
    trainable = False
    cause_gradient = "the derivative in backward does not belong to what forward computes"

    def layer(self):
        """A new layer; two of them are equal."""
        np.random.seed(3)
        return create(self.layer_name, *self.arguments)

    def example(self):
        """An input, away from the points where the layer has no derivative."""
        return self.rng.normal(size=self.shape)

    def forward(self, layer, input_tensor):
        """The output, from the same random numbers every time."""
        np.random.seed(4)
        return layer.forward(input_tensor)

    def pass_through(self, layer, input_tensor):
        """Forward, then backward with a random error tensor; returns that tensor and the input's error."""
        output = self.forward(layer, input_tensor)
        error_tensor = np.random.default_rng(5).normal(size=np.shape(output))
        return error_tensor, layer.backward(error_tensor.copy())

    def check_gradient(self, layer, input_tensor, cause, mistakes=()):
        """Compare the input's error with the numerical derivative of Σ(error tensor · output).

        What a mistake leads to is computed from the error tensor.
        """
        error_tensor, received = self.pass_through(layer, input_tensor)
        received = None if received is None else np.array(received)
        expected = derivative(lambda x: np.sum(error_tensor * self.forward(layer, x)), input_tensor)
        mistakes = [(mistake, value(error_tensor)) for mistake, value in mistakes]
        what = f"{self.layer_name}.backward, error of the input"
        cause = self.further_cause(received, expected, cause)
        self.check(what, received, expected, cause, mistakes, tolerance=1e-3, after_forward=True)

    def further_cause(self, received, expected, cause):
        """The usual cause of a wrong error, where the numbers tell more about it."""
        return cause

    def fail_where_forward_is_wrong(self):
        """What backward has to give depends on forward: where that is wrong, one message is enough."""
        __tracebackhide__ = True
        if wrong := failing_forward(type(self)):
            self.fail(f"{self.layer_name}.forward is wrong ({wrong}): mend that first, and look again at backward.")

    def check_parameter_gradient(self, layer, input_tensor, name, cause, mistakes=()):
        """Compare the gradient of a parameter with the numerical derivative."""
        error_tensor, _ = self.pass_through(layer, input_tensor)
        received = getattr(layer, f"gradient_{name}", None)
        near = difflib.get_close_matches(f"gradient_{name}", vars(layer), 1, 0.7)
        if received is None and near and near != [f"gradient_{name}"]:
            self.fail(f"{self.layer_name}.gradient_{name}: no such attribute; it is called {near[0]} in this layer.")
        received = None if received is None else np.array(received)

        def loss(parameter):
            setattr(layer, name, parameter)
            return np.sum(error_tensor * self.forward(layer, input_tensor))

        expected = derivative(loss, np.array(getattr(layer, name)))
        what = f"{self.layer_name}.gradient_{name}"
        mistakes = [(mistake, value(error_tensor)) for mistake, value in mistakes]
        self.check(what, received, expected, cause, mistakes, tolerance=1e-3, after_forward=True)

    def test_base_class(self):
        """The layer inherits from BaseLayer, and has what BaseLayer sets."""
        layer, base = self.layer(), find("BaseLayer")
        self.assertIsInstance(layer, base, f"write `class {self.layer_name}(BaseLayer)`")
        missing = [name for name in vars(smallest_layer()) if not hasattr(layer, name)]
        self.assertEqual(
            missing,
            [],
            f"BaseLayer.__init__ sets what a new {self.layer_name} lacks: a layer with an __init__ of its own "
            "calls super().__init__() in its first line",
        )

    def test_trainable(self):
        """`trainable` is True for a layer with parameters, False for one without."""
        self.assertEqual(
            getattr(self.layer(), "trainable", "no such attribute"),
            self.trainable,
            f"{self.layer_name}().trainable: expected {self.trainable}. Usual cause: BaseLayer.__init__ sets "
            "self.trainable = False, an __init__ of the layer's own calls super().__init__() first, and only layers "
            "with parameters then set self.trainable = True",
        )

    def test_gradient(self):
        """The error that backward returns is the derivative of the loss with respect to the input."""
        self.check_gradient(self.layer(), self.example(), self.cause_gradient)

    def test_arguments_unchanged(self):
        """Neither forward nor backward changes the array that it is given."""
        layer, given = self.layer(), self.example()
        input_tensor = given.copy()
        output = layer.forward(input_tensor)
        error_given = self.rng.normal(size=np.shape(output))
        error_tensor = error_given.copy()
        layer.backward(error_tensor)
        after = np.concatenate([input_tensor.ravel(), error_tensor.ravel()])
        before = np.concatenate([given.ravel(), error_given.ravel()])
        cause = "an assignment in place, such as x[x < 0] = 0 or x += 1: work on a copy"
        self.check(f"{self.layer_name}: input and error tensor after the calls", after, before, cause)

    def test_results_kept(self):
        """What forward and backward have returned stays as it is when they are called again."""
        layer = self.layer()
        output = self.forward(layer, self.example())
        self.check_numbers(f"{self.layer_name}.forward", output)
        output_before = np.array(output)
        error = layer.backward(self.rng.normal(size=np.shape(output)))
        self.check_numbers(f"{self.layer_name}.backward", error)
        error_before = np.array(error)
        self.pass_through(layer, self.example() + 1)
        after = np.concatenate([np.ravel(output), np.ravel(error)])
        before = np.concatenate([output_before.ravel(), error_before.ravel()])
        cause = "an array kept in the layer is returned and later overwritten: create a new one in every call"
        self.check(f"{self.layer_name}: results of the first calls after later ones", after, before, cause)

    def test_another_batch(self):
        """A batch of another size works as in a new layer: nothing of an earlier call is left."""
        example, used = self.example(), self.layer()
        self.pass_through(used, example)
        cause = "the input of an earlier call is still there (or its shape): every forward keeps what is its own"
        less = (1 - example)[: len(example) // 2]
        _, expected = self.pass_through(self.layer(), less)
        try:
            _, received = self.pass_through(used, less)
        except (IndexError, ValueError) as error:
            self.fail(
                f"{self.layer_name}, a batch of {len(less)} after one of {len(example)}: {error}.\nUsual cause: {cause}"
            )
        self.check(
            f"{self.layer_name}.backward of a batch of {len(less)} after one of {len(example)}",
            received,
            expected,
            cause,
        )

    def test_two_layers(self):
        """Two layers of one kind know nothing of each other."""
        example, one, other = self.example(), self.layer(), self.layer()
        _, expected = self.pass_through(self.layer(), example)
        output = self.forward(one, example.copy())
        other.forward(1 - example)
        received = one.backward(np.random.default_rng(5).normal(size=np.shape(output)))
        cause = "what forward keeps belongs to the object (self.…), not to the class, nor to the module"
        self.check(f"{self.layer_name}.backward after another layer's forward", received, expected, cause)

    def test_integer_input(self):
        """An array of integers gives the same output and the same errors as the same numbers as floats."""
        integers = self.rng.permutation(np.arange(np.prod(self.shape))).reshape(self.shape) % 7 - 3
        expected = np.array(self.forward(self.layer(), integers.astype(float)))
        received = self.forward(self.layer(), integers)
        cause = "np.zeros_like or np.empty_like of an array of integers holds integers too: use np.zeros(x.shape)"
        self.check(f"{self.layer_name}.forward of integers", received, expected, cause)
        results = []
        for inputs in (integers.astype(float), integers):
            layer = self.layer()
            try:
                _, error = self.pass_through(layer, inputs)
            except TypeError as problem:
                if "cast" not in str(problem):
                    raise
                self.fail(f"{self.layer_name}, backward after forward of integers: {problem}.\nUsual cause: {cause}")
            names = [name for name in ("gradient_weights", "gradient_bias") if hasattr(layer, name)]
            results.append([("the error", error), *((name, getattr(layer, name)) for name in names)])
        for (name, expected), (_, received) in zip(*results, strict=True):
            self.check(f"{self.layer_name}, {name} after forward of integers", received, expected, cause)


class TrainableTests(LayerTests):
    """Tests for any layer with `weights`."""

    trainable = True
    cause_weights = "gradients are summed over the batch, neither averaged nor summed over another axis"

    def step(self, name, optimizer):
        """A parameter before the step, its gradient, and the parameter after the step."""
        layer, example = self.layer(), self.example()
        self.pass_through(layer, example)
        before, gradient = np.array(getattr(layer, name)), np.array(getattr(layer, f"gradient_{name}"))
        layer = self.layer()
        layer.optimizer = optimizer
        self.pass_through(layer, example)
        return before, gradient, np.array(getattr(layer, name))

    def check_step(self, name):
        """Compare the step of a parameter with what its optimizer says."""
        before, gradient, after = self.step(name, FixedStep())
        mistakes = [
            ("no step is taken: call self.optimizer.calculate_update in backward and assign the result", before),
            ("the optimizer is called twice in one backward", before - 0.2 * gradient),
        ]
        cause = f"{name} = optimizer.calculate_update({name}, gradient_{name}), in this order, once in backward"
        self.check(f"{self.layer_name}.{name} after a step", after, before - 0.1 * gradient, cause, mistakes)

    def test_gradient_weights(self):
        """`gradient_weights` is the derivative of the loss with respect to `weights`, summed over the batch."""
        self.check_parameter_gradient(self.layer(), self.example(), "weights", self.cause_weights)

    def test_step_weights(self):
        """With an optimizer, backward replaces the weights by what the optimizer computes."""
        self.check_step("weights")

    def test_gradients_start_anew(self):
        """Each backward pass computes its own gradients, and adds nothing of the pass before."""
        layer, example = self.layer(), self.example()
        gradients = []
        for _ in range(2):
            self.pass_through(layer, example)
            gradients.append(np.array(layer.gradient_weights, dtype=float))
        what = f"{self.layer_name}.gradient_weights, the second time for the same batch"
        mistakes = [("the sum of the last backward pass is still in it: start from zeros", 2 * gradients[0])]
        cause = "something of the first pass is still there: a sum that is not set to zero, or a state"
        self.check(what, gradients[1], gradients[0], cause, mistakes)
        if (bias := getattr(layer, "gradient_bias", None)) is not None:
            new = self.layer()
            self.pass_through(new, example)
            start = "the sum of the last backward pass is still in it: start from zeros"
            self.check(f"{self.layer_name}.gradient_bias, the second time", bias, new.gradient_bias, start)

    def test_same_seed(self):
        """The same seed of NumPy's global state gives the same initial weights."""
        layers = [LayerTests.layer(self) for _ in range(2)]
        self.check_numbers(f"{self.layer_name}.weights", getattr(layers[0], "weights", None))
        first, second = (np.array(layer.weights) for layer in layers)
        cause = "draw from np.random, so that np.random.seed repeats the numbers"
        self.check(f"weights of a new {self.layer_name} after the same seed", second, first, cause)
        if np.unique(first).size > 1:
            np.random.seed(17)
            third = np.array(create(self.layer_name, *self.arguments).weights)
            cause = (
                "the layer has a seed of its own: its weights are always the same; draw from np.random, without a seed"
            )
            self.assertFalse(np.array_equal(first, third), f"{self.layer_name} after another seed: {cause}")

    def test_own_weights(self):
        """A new layer has weights of its own."""
        layer = LayerTests.layer(self)
        before = np.array(layer.weights)
        create(self.layer_name, *self.arguments)
        cause = "each layer has weights of its own: self.weights, not those of the class"
        self.check(f"{self.layer_name}.weights after another layer was made", layer.weights, before, cause)

    def test_optimizer_remembers(self):
        """Every step of a layer is taken by the same optimizer, which remembers the steps before."""
        layer, example = self.layer(), self.example()
        before = np.array(layer.weights)
        layer.optimizer = CountingStep()
        for _ in range(2):
            self.pass_through(layer, example)
        mistakes = [("the optimizer is copied anew for each step, and remembers nothing", before - 2)]
        cause = "its own optimizer remembers: copy it once, when it is set, and call it once in each backward"
        what = f"{self.layer_name}.weights after two steps by an optimizer that counts its calls (-1, then -2)"
        self.check(what, layer.weights, before - 3, cause, mistakes)

    def test_optimizer_property(self):
        """The optimizer that was set, or a copy of it, can be read back."""
        layer = self.layer()
        layer.optimizer = FixedStep()
        self.assertIsInstance(layer.optimizer, FixedStep, "the property `optimizer` needs a getter that returns it")

    def test_no_step_without_optimizer(self):
        """Without an optimizer, backward leaves the weights alone."""
        layer = self.layer()
        before = np.array(layer.weights)
        self.pass_through(layer, self.example())
        cause = "a step is taken although no optimizer was set: check `if self.optimizer is not None`"
        self.check(f"{self.layer_name}.weights after backward without optimizer", layer.weights, before, cause)

    def test_error_before_step(self):
        """The error of the input comes from the weights that forward used, not from the stepped ones."""
        example = self.example()
        _, expected = self.pass_through(self.layer(), example)
        expected = np.array(expected)
        layer = self.layer()  # a new one: whatever the first has kept is not to be blamed on the step
        layer.optimizer = CountingStep()
        _, received = self.pass_through(layer, example)
        cause = "the weights are updated before the input's error is computed: compute the error first, then step"
        self.check(f"{self.layer_name}.backward with an optimizer, error of the input", received, expected, cause)


class BiasTests(TrainableTests):
    """Tests for any layer with `weights` and a `bias` of its own."""

    cause_bias = "every output that the bias was added to counts: sum over all of them"

    def test_gradient_bias(self):
        """`gradient_bias` is the derivative of the loss with respect to `bias`."""
        self.check_parameter_gradient(self.layer(), self.example(), "bias", self.cause_bias)

    def test_step_bias(self):
        """With an optimizer, backward replaces the bias by what the optimizer computes."""
        self.check_step("bias")

    def test_own_optimizer(self):
        """Weights and bias step through optimizers of their own."""
        layer, example = self.layer(), self.example()
        before = np.array(layer.weights).flat[0], np.array(layer.bias).flat[0]
        layer.optimizer = CountingStep()
        self.pass_through(layer, example)
        moved = [before[0] - np.ravel(layer.weights)[0], before[1] - np.ravel(layer.bias)[0]]
        shared = "one optimizer serves both and mixes up their memories: copy.deepcopy(optimizer) for each"
        self.check(
            f"{self.layer_name}: steps of weights and bias by an optimizer that counts its calls",
            moved,
            [1, 1],
            "each parameter steps once in backward, through its own copy of the optimizer",
            [(shared, [1, 2]), (shared, [2, 1])],
        )


# ---------------------------------------------------------------------------------------------------
# Part 0: patterns and the image generator
# ---------------------------------------------------------------------------------------------------


class PictureTask(Task):
    """What the tests of patterns and of the image generator share."""

    def drawn(self, pattern):
        """What `draw` returns."""
        __tracebackhide__ = True
        drawn = pattern.draw()
        self.check_numbers(f"{type(pattern).__name__}.draw()", drawn)
        return drawn

    def output_of(self, pattern):
        """What `draw` leaves in the attribute `output`."""
        __tracebackhide__ = True
        pattern.draw()
        name = f"{type(pattern).__name__}.output after draw()"
        if getattr(pattern, "output", None) is None:
            self.fail(f"{name}: received None. draw() stores it in self.output, and returns a copy of it.")
        return np.array(pattern.output)

    def check_copy(self, pattern):
        """Whoever changes what `draw` has returned must not change `output`."""
        drawn = self.drawn(pattern)
        before = np.array(pattern.output)
        drawn[:] = ~drawn if drawn.dtype == bool else 7
        message = "Changing what draw() returned changed the stored output. Return self.output.copy()."
        self.assertTrue(np.array_equal(pattern.output, before), message)

    def check_shown(self, pattern):
        """A pattern has to show what it has drawn."""
        screen = Screen(self)
        drawn = np.array(self.drawn(pattern))
        pattern.show()
        shown = [picture for picture, _ in screen.pictures]
        name = type(pattern).__name__
        self.check(
            f"{name}.show(): number of pictures", len(shown), 1, "pyplot.imshow(self.output), then pyplot.show()"
        )
        self.check(f"{name}.show(): the picture", shown[0], drawn, "show self.output")

    def check_flat_import(self, name, *classes):
        """Scripts of the course have the folder itself on their path: `import pattern`."""
        folder = os.path.dirname(os.path.abspath(find_module(f"Generator.{name}").__file__))
        self.enterContext(unittest.mock.patch.dict(sys.modules))
        self.enterContext(unittest.mock.patch.object(sys, "path", [folder, *sys.path]))
        module = importlib.import_module(name)
        for each in classes:
            self.assertTrue(hasattr(module, each), f"`import {name}` with Generator/ on the path: {each} is missing")


class TestCheckers(PictureTask):
    """Checker in Generator/pattern.py: `Checker(resolution, tile_size)` draws a chess board."""

    @staticmethod
    def reference(resolution, tile_size):
        """The right answer, pixel by pixel."""
        return np.array([[(y // tile_size + x // tile_size) % 2 for x in range(resolution)] for y in range(resolution)])

    def test_pattern(self):
        """The board is right for tiles of several sizes."""
        for resolution, tile_size in ((4, 1), (10, 5), (24, 3), (250, 25)):
            received = self.output_of(create("Checker", resolution, tile_size))
            expected = self.reference(resolution, tile_size)
            rows, columns = np.tile(expected[:, :1], resolution), np.tile(expected[:1], (resolution, 1))
            mistakes = [
                ("the board is inverted: the tile at the top left is 0", 1 - expected),
                ("the columns alternate alone: stripes, and no tiles", columns),
                ("the rows alternate alone: stripes, and no tiles", rows),
                ("white is 255: the values are 0 and 1", 255 * expected),
                ("black is -1: the values are 0 and 1", 2 * expected - 1),
            ]
            cause = (
                f"tile number i of a row starts at pixel i·{tile_size} and has {tile_size} pixels, neighbours have "
                "different colours; the values are 0 and 1"
            )
            self.check(f"Checker({resolution}, {tile_size}).output", received, expected, cause, mistakes)

    def test_shape(self):
        """The resolution counts pixels, not tiles."""
        drawn = np.asarray(self.drawn(create("Checker", 20, 5)))
        self.assertEqual(
            drawn.shape, (20, 20), "Checker(20, 5) should be 20 x 20: resolution is in pixels, not in tiles."
        )

    def test_top_left_tile_is_black(self):
        """The tile at the top left is black, the one to its right white."""
        drawn = self.drawn(create("Checker", 20, 5))
        self.assertTrue(
            np.all(drawn[:5, :5] == 0),
            "The top-left tile should be 0. If it is 1, the board is inverted: check which tile comes first.",
        )
        self.assertTrue(np.all(drawn[:5, 5:10] == 1), "The tile to the right of a black one should be 1.")

    def test_return_value_is_a_copy(self):
        """What `draw` returns is a copy of the stored output."""
        self.check_copy(create("Checker", 8, 2))

    def test_board_that_does_not_come_out_even(self):
        """A board that does not come out even is refused."""
        for resolution, tile_size in ((10, 3), (15, 5)):
            message = (
                f"Checker({resolution}, {tile_size}) should raise a ValueError: {resolution} is not divisible by two "
                f"tiles of {tile_size} pixels"
            )
            try:
                create("Checker", resolution, tile_size)
            except ValueError:
                continue
            except (NotYet, NotImplementedError):
                raise
            except Exception as error:
                self.fail(f"{message}; it raised {type(error).__name__}.")
            self.fail(f"{message}; nothing was raised.")

    def test_show(self):
        """`show` shows the board."""
        self.check_shown(create("Checker", 8, 2))

    def test_flat_import(self):
        """`import pattern` works for scripts that have the folder on their path."""
        self.check_flat_import("pattern", "Checker", "Circle", "Spectrum")


class TestCircle(PictureTask):
    """Circle in Generator/pattern.py: `Circle(resolution, radius, position)` draws a filled circle."""

    @staticmethod
    def reference(resolution, radius, position):
        """The right answer, pixel by pixel."""
        pixels = range(resolution)
        return np.array(
            [[(x - position[0]) ** 2 + (y - position[1]) ** 2 <= radius**2 for x in pixels] for y in pixels]
        )

    @staticmethod
    def mistakes(resolution, radius, position):
        """Well-known mistakes, and the pixels that they lead to."""
        y, x = np.mgrid[:resolution, :resolution].astype(float)
        right, down = x - position[0], y - position[1]
        distance, middle = right**2 + down**2, (resolution / 2,) * 2
        grids = [np.linspace(0, resolution, resolution), np.arange(1, resolution + 1)]
        too_long, from_1 = ((grid - position[0]) ** 2 + ((grid - position[1]) ** 2)[:, np.newaxis] for grid in grids)
        upside_down = right**2 + (resolution - 1 - y - position[1]) ** 2
        return [
            ("x and y are exchanged: position is (x, y), an array is indexed [y, x]",
             (x - position[1]) ** 2 + (y - position[0]) ** 2 <= radius**2),
            ("the border is left out: <= belongs to the circle", distance < radius**2),
            ("the radius is not squared", distance <= radius),
            ("the radius is taken for the diameter: the circle is twice as large", distance <= (2 * radius) ** 2),
            ("half the radius is taken", distance <= (radius / 2) ** 2),
            ("the position is not used", (x - middle[0]) ** 2 + (y - middle[1]) ** 2 <= radius**2),
            ("y is counted from below: row 0 is at the top", upside_down <= radius**2),
            ("it is a square: both squares are added", np.maximum(abs(right), abs(down)) <= radius),
            ("it is a diamond: squares are added, not absolute values", abs(right) + abs(down) <= radius),
            ("only the border is drawn: the circle is filled", abs(distance - radius**2) <= radius),
            ("inside and outside are exchanged", distance > radius**2),
            ("the grid goes to resolution instead of resolution - 1: np.arange(resolution)", too_long <= radius**2),
            ("pixels are counted from 1: they are counted from 0, np.arange(resolution)", from_1 <= radius**2),
        ]  # fmt: skip

    def assert_overlaps(self, resolution, radius, position, cause):
        """Compare the drawn circle with the right one."""
        found = self.output_of(create("Circle", resolution, radius, position)).astype(bool)
        expected = self.reference(resolution, radius, position)
        self.check_shape(
            f"Circle({resolution}, {radius}, {position}).output", found, expected.shape, "n rows and columns"
        )
        overlap = np.sum(found & expected) / np.sum(found | expected)
        for mistake, pixels in self.mistakes(resolution, radius, position):
            if overlap <= 0.999 and np.array_equal(found, pixels):
                cause = f"These are the pixels that result where {mistake}."
        self.assertGreater(
            overlap,
            0.999,
            f"Circle({resolution}, {radius}, {position}): expected the pixels where (x - {position[0]})² + "
            f"(y - {position[1]})² <= {radius}², got others: the two overlap by {100 * overlap:.1f} %. "
            f"{cause}",
        )

    def test_pattern_in_the_middle(self):
        """The circle holds the pixels within the radius, the border included."""
        self.assert_overlaps(100, 20, (50, 50), "Is the border included, and the radius squared?")

    def test_position_is_x_first(self):
        """The position is (x, y), while an array is indexed [y, x]."""
        self.assert_overlaps(
            60,
            10,
            (15, 40),
            "The usual cause: position is (x, y), an array is indexed [y, x]. Are they swapped?",
        )

    def test_circle_may_reach_beyond_the_picture(self):
        """What reaches beyond the picture is cut off."""
        self.assert_overlaps(50, 20, (2, 45), "What lies outside the picture is cut off, nothing wraps around.")

    def test_output_is_boolean(self):
        """The output is an array of booleans."""
        drawn = np.asarray(self.drawn(create("Circle", 30, 5, (10, 12))))
        self.assertEqual(
            drawn.dtype,
            np.dtype(bool),
            "A comparison of arrays already gives booleans: no conversion is needed.",
        )

    def test_return_value_is_a_copy(self):
        """What `draw` returns is a copy of the stored output."""
        self.check_copy(create("Circle", 30, 5, (10, 12)))

    def test_show(self):
        """`show` shows the circle."""
        self.check_shown(create("Circle", 30, 5, (10, 12)))


class TestSpectrum(PictureTask):
    """Spectrum in Generator/pattern.py: `Spectrum(resolution)` draws all colours of red, green and falling blue."""

    def setUp(self):
        """Draw one spectrum."""
        super().setUp()
        self.spectrum = create("Spectrum", 100)
        self.output = self.output_of(self.spectrum)

    def test_shape_and_range(self):
        """Three channels stand last, with values from 0 to 1."""
        self.assertEqual(self.output.shape, (100, 100, 3), "Three channels come last: red, green, blue.")
        for name, value, expected in (("darkest", self.output.min(), 0), ("brightest", self.output.max(), 1)):
            message = f"The {name} value of a channel should be {expected}: floats in [0, 1], not 0 to 255."
            self.assertAlmostEqual(float(value), expected, msg=message)

    def test_corners(self):
        """The four corners have the right colours."""
        for (y, x), name, colour in (
            ((0, 0), "top left", (0, 0, 1)),
            ((0, -1), "top right", (1, 0, 0)),
            ((-1, 0), "bottom left", (0, 1, 1)),
            ((-1, -1), "bottom right", (1, 1, 0)),
        ):
            self.check_array(
                self.output[y, x],
                colour,
                tolerance=1e-6,
                message=f"The {name} corner should be (red, green, blue) = {colour}. Red rises to the right, "
                f"green "
                f"downwards, blue falls to the right; are rows and columns swapped?",
            )

    def test_every_pixel(self):
        """Each channel rises or falls evenly."""
        rising = np.linspace(0, 1, 100)
        for channel, (name, expected) in enumerate(
            (
                ("Red should rise evenly from left to right", np.tile(rising, (100, 1))),
                ("Green should rise evenly from top to bottom", np.tile(rising[:, np.newaxis], (1, 100))),
                ("Blue should fall evenly from left to right", np.tile(1 - rising, (100, 1))),
            )
        ):
            self.check_array(
                self.output[..., channel],
                expected,
                tolerance=1e-6,
                message=f"{name}, including both ends: numpy.linspace(0, 1, resolution), not numpy.arange.",
            )

    def test_return_value_is_a_copy(self):
        """What `draw` returns is a copy of the stored output."""
        self.check_copy(self.spectrum)

    def test_show(self):
        """`show` shows the colours."""
        self.check_shown(self.spectrum)


class TestGen(PictureTask):
    """ImageGenerator in Generator/generator.py: batches of pictures, resized, shuffled, turned and mirrored."""

    def setUp(self):
        """Draw pictures that nobody has seen."""
        super().setUp()
        find_module("Generator.generator")
        self.file_path = self.enterContext(tempfile.TemporaryDirectory(prefix="pictures-")) + os.sep
        self.label_path = draw_pictures(self.file_path)
        with open(self.label_path, encoding="utf-8") as file:
            self.table = json.load(file)
        self.stored = {stem: np.load(self.file_path + stem + ".npy") for stem in self.table}
        self.number_of_images = len(self.table)

    def generator(self, batch_size, image_size=(32, 32, 3), **options):
        """A generator of the sample pictures."""
        return find("ImageGenerator")(self.file_path, self.label_path, batch_size, list(image_size), **options)

    def batch(self, generator):
        """The next batch: images and labels."""
        __tracebackhide__ = True
        batch, what = generator.next(), "ImageGenerator.next(), the pair of images and labels"
        self.check_numbers(what, batch)
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            size = f" of {len(batch)}" if hasattr(batch, "__len__") else ""
            self.fail(f"{what}: received one {type(batch).__name__}{size}. Usual cause: return images, labels")
        return batch

    def stem_of(self, image):
        """Return which file a delivered image comes from, however its values were scaled."""
        distances = {
            stem: np.abs(np.asarray(image, dtype=float) - picture / 255).max() for stem, picture in self.stored.items()
        }
        nearest = min(distances, key=distances.get)
        self.assertLess(
            distances[nearest],
            1e-3,
            "A delivered image is none of the stored ones. Expected floats in [0, 1], unchanged in size 32 x "
            "32 without augmentation; were the values left at 0 to 255, or was an image changed in place "
            "before?",
        )
        return nearest

    def stems_of(self, images):
        """Which files delivered images come from."""
        return [self.stem_of(image) for image in images]

    @staticmethod
    def ways_to_turn_and_mirror(image, rotation, mirroring):
        """Every form that augmentation may give an image."""
        turned = [np.rot90(image, quarter) for quarter in range(4 if rotation else 1)]
        if not mirroring:
            return turned
        return [flip for way in turned for flip in (way, way[:, ::-1], way[::-1], way[::-1, ::-1])]

    def test_shapes(self):
        """A batch is (batch, height, width, channels), with one label for each image."""
        images, labels = self.batch(self.generator(12))
        self.assertEqual(
            np.shape(images),
            (12, 32, 32, 3),
            "next() should return images of shape (batch, height, width, channels).",
        )
        self.assertEqual(len(labels), 12, "next() should return one label for each image.")

    def test_labels_are_integers(self):
        """Labels are whole numbers."""
        _, labels = self.batch(self.generator(12))
        for label in np.asarray(labels):
            self.assertIsInstance(
                label,
                (int, np.integer),
                f"Labels should be whole numbers, got {label!r}; are they still text?",
            )

    def test_labels_belong_to_images(self):
        """Each label belongs to its image, shuffled too."""
        generator = self.generator(30, shuffle=True)
        for _ in range(8):
            images, labels = self.batch(generator)
            for stem, label in zip(self.stems_of(images), labels, strict=True):
                self.assertEqual(
                    label,
                    self.table[stem],
                    f"Image {stem}.npy has the label {self.table[stem]} in the file, got {label}. The usual "
                    f"cause: images and labels are shuffled by two different permutations.",
                )

    def test_values_are_between_0_and_1(self):
        """Images are floats from 0 to 1."""
        images = np.asarray(self.batch(self.generator(50))[0])
        self.assertEqual(images.dtype.kind, "f", "Images should be floats in [0, 1].")
        self.assertGreaterEqual(images.min(), 0.0, "Images should be floats in [0, 1].")
        self.assertLessEqual(images.max(), 1.0, "Images should be floats in [0, 1]: divide bytes by 255.")
        self.assertGreater(images.max(), 0.5, "Images are nearly black: were they divided by 255 twice?")

    def test_resize(self):
        """Images are scaled to [height, width, channels], and show the same picture."""
        stems = self.stems_of(self.batch(self.generator(12))[0])  # another test is about their order
        for size in ([50, 50, 3], [16, 16, 3], [20, 44, 3]):
            images = np.asarray(self.batch(self.generator(12, size))[0])
            self.assertEqual(
                images.shape,
                (12, *size),
                f"Images should be resized to image_size {size}, [height, width, channels]; are height and "
                f"width swapped, or was numpy.resize used, which repeats numbers instead of scaling the "
                f"picture?",
            )
            received = np.array([self.coarse(image) for image in images])
            expected = np.array([self.coarse(self.stored[stem]) for stem in stems])
            self.assertGreater(
                np.corrcoef(received.ravel(), expected.ravel())[0, 1],
                0.95,
                f"Images resized to {size} should show the same pictures. numpy.resize cuts or repeats numbers instead "
                f"of scaling the picture; a function that asks for (width, height) turns it around.",
            )

    @staticmethod
    def coarse(image):
        """The mean colours of 4×4 pieces of an image, compared with those of the whole image."""
        rows = [piece.mean(axis=0) for piece in np.array_split(np.asarray(image, dtype=float), 4)]
        pieces = np.array([piece.mean(axis=0) for row in rows for piece in np.array_split(row, 4)])
        return (pieces - pieces.mean(axis=0)) / pieces.std()

    def test_order_of_the_label_file(self):
        """Without shuffling, images come in the order of the label file."""
        self.assertEqual(
            self.stems_of(self.batch(self.generator(12))[0]),
            list(self.table)[:12],
            "Without shuffling, images should come in the order of the label file: neither in that of os.listdir, "
            "which is arbitrary, nor sorted as text, where '10' stands before '2'.",
        )

    def test_two_generators_have_the_same_order(self):
        """Without shuffling, two generators deliver the same batches."""
        first, second = self.generator(12), self.generator(12)
        for number in range(10):
            images, labels = self.batch(first)
            images_again, labels_again = self.batch(second)
            message = (
                f"Without shuffling, two generators should deliver the same batches; batch {number} differs. "
                f"The usual cause: the order of os.listdir, which is arbitrary, or state kept in the class "
                f"instead of the object."
            )
            self.check_array(images, images_again, message=message)
            self.check_array(labels, labels_again, message=message)

    def test_batches_go_through_the_set(self):
        """Batch after batch, all images come."""
        generator = self.generator(10)
        seen = [stem for _ in range(10) for stem in self.stems_of(self.batch(generator)[0])]
        self.assertEqual(
            len(set(seen)),
            self.number_of_images,
            f"Ten batches of 10 should show all {self.number_of_images} images, got {len(set(seen))} "
            f"different ones. The usual cause: every call of next() starts at the first image.",
        )

    def test_last_batch_is_completed_from_the_beginning(self):
        """The last batch is completed with the first images of the set."""
        generator = self.generator(83)
        first, second = np.asarray(self.batch(generator)[0]), np.asarray(self.batch(generator)[0])
        self.assertEqual(
            second.shape[0], 83, "The last batch of an epoch should be as large as all others: complete it."
        )
        self.check_array(
            second[17:],
            first[:66],
            message="With 100 images in batches of 83, the second batch should be images 83 to 99 and then "
            "the first 66 "
            "images again.",
        )

    def test_next_epoch_starts_at_the_beginning(self):
        """After a completed batch, the next epoch starts with the first image."""
        generator = self.generator(83)
        first = self.batch(generator)[0]
        self.batch(generator)
        self.check_array(
            self.batch(generator)[0],
            first,
            message="The batch after a completed one should start a new epoch with the first image. The "
            "usual cause: "
            "the next epoch goes on behind the images that completed the last batch.",
        )

    def test_shuffle_covers_each_epoch(self):
        """Shuffled, each epoch still shows every image once."""
        generator = self.generator(20, shuffle=True)
        for epoch in range(4):
            seen = [stem for _ in range(5) for stem in self.stems_of(self.batch(generator)[0])]
            self.assertEqual(
                len(set(seen)),
                self.number_of_images,
                f"Epoch {epoch} should show each of {self.number_of_images} images once, got "
                f"{len(set(seen))} different ones. The usual cause: the set is shuffled again before every "
                f"batch, not once for every epoch, so that some images come several times and others not at "
                f"all.",
            )

    def test_shuffle_changes_the_order_of_every_epoch(self):
        """Every epoch has an order of its own."""
        generator = self.generator(100, shuffle=True)
        orders = [self.stems_of(self.batch(generator)[0]) for _ in range(3)]
        self.assertNotEqual(orders[0], list(self.table), "With shuffle=True the order should not be that of the file.")
        self.assertFalse(
            orders[0] == orders[1] == orders[2],
            "Every epoch should be shuffled anew, got the same order three times. The usual cause: shuffling "
            "in the constructor only.",
        )

    def test_shuffle_mixes_the_whole_set(self):
        """Shuffling mixes the whole set, not each batch."""
        positions = {stem: position for position, stem in enumerate(self.table)}
        first_batches = [self.stems_of(self.batch(self.generator(10, shuffle=True))[0]) for _ in range(12)]
        farthest = max(positions[stem] for stems in first_batches for stem in stems)
        self.assertGreaterEqual(
            farthest,
            50,
            "First batches of 10 never hold an image from the second half of the set. The usual cause: only "
            "the images within a batch are shuffled, not the whole set.",
        )

    def test_shuffled_last_batch_is_completed_from_its_own_epoch(self):
        """The last shuffled batch is completed with the first images of its own epoch."""
        generator = self.generator(60, shuffle=True)
        first, second = self.stems_of(self.batch(generator)[0]), self.stems_of(self.batch(generator)[0])
        self.assertEqual(
            second[40:],
            first[:20],
            "With 100 shuffled images in batches of 60, the second batch should end with the first 20 images "
            "of the epoch. The usual cause: the set is shuffled again before the batch is complete.",
        )

    def test_epoch(self):
        """`current_epoch` is 0, 0, 1 after three batches of 50 from 100."""
        generator = self.generator(50)
        found = []
        for _ in range(3):
            self.batch(generator)
            found.append(generator.current_epoch())
        self.assertEqual(
            found,
            [0, 0, 1],
            "After each of three batches of 50 from 100 images, current_epoch() should be 0, 0, 1: the epoch "
            "rises in the next() that starts over, not in the one that ends exactly at the end.",
        )

    def test_epoch_for_all_kinds_of_batches(self):
        """`current_epoch` rises in the `next` that starts over, whatever the batch size is."""
        for batch_size in (1, 7, 10, 33, 60, 99, 100):
            batches = -(-self.number_of_images // batch_size)
            generator = self.generator(batch_size)
            self.assertEqual(
                generator.current_epoch(),
                0,
                "Before the first batch the epoch should be 0: each generator counts for itself; what counts in the "
                "class goes on where another one stopped.",
            )
            for number in range(3 * batches if batch_size > 1 else batches + 1):
                self.batch(generator)
                self.assertEqual(
                    generator.current_epoch(),
                    number // batches,
                    f"Batches of {batch_size} from {self.number_of_images} images: an epoch has {batches} "
                    f"batches, so batch number {number}, counted from 0, belongs to epoch "
                    f"{number // batches}.",
                )

    def test_rotation(self):
        """Images are turned by 0, 90, 180 or 270 degrees."""
        self.assert_augments(rotation=True, mirroring=False, ways=4)

    def test_mirroring(self):
        """Images are mirrored horizontally, vertically, both, or not."""
        self.assert_augments(rotation=False, mirroring=True, ways=4)

    def test_mirroring_of_wide_images(self):
        """Mirrored images keep their size, also where height and width differ."""
        images, _ = self.batch(self.generator(12, (20, 32, 3), mirroring=True))
        self.assertEqual(np.shape(images), (12, 20, 32, 3), "A mirrored image has the height and width that it had.")

    def test_rotation_and_mirroring(self):
        """Images are turned and mirrored."""
        self.assert_augments(rotation=True, mirroring=True, ways=8)

    def assert_augments(self, rotation, mirroring, ways):
        """Each image must be one of the ways to turn and mirror it, and all ways must come."""
        generator = self.generator(50, rotation=rotation, mirroring=mirroring)
        plain = self.generator(50)
        used = set()
        for _ in range(8):
            changed, labels = self.batch(generator)
            images, plain_labels = self.batch(plain)
            self.check_array(labels, plain_labels, message="Augmentation should not change labels.")
            for image, result in zip(images, changed, strict=True):
                candidates = self.ways_to_turn_and_mirror(image, rotation, mirroring)
                matching = [np.array_equal(candidate, result) for candidate in candidates]
                self.assertTrue(
                    any(matching),
                    f"rotation={rotation}, mirroring={mirroring}: an image is none of the {ways} ways in "
                    f"which it may be turned by 90 degrees or mirrored. The usual causes: turning by other "
                    f"angles, or along the channels, or changing the stored image instead of a copy, so that "
                    f"changes pile up.",
                )
                used.add(matching.index(True))
        self.assertEqual(
            len(used),
            ways,
            f"rotation={rotation}, mirroring={mirroring}: of {ways} ways to turn and mirror, 400 images "
            f"showed only {len(used)}. Draw for each image anew, from all ways: 0, 90, 180, 270 degrees; "
            f"horizontally, vertically, both.",
        )

    def test_augmentation_is_drawn_for_each_image(self):
        """Each image is turned by an angle of its own."""
        images, _ = self.batch(self.generator(100, rotation=True))
        plain, _ = self.batch(self.generator(100))
        unchanged = sum(np.array_equal(*pair) for pair in zip(images, plain, strict=True))
        self.assertTrue(
            5 <= unchanged <= 60,
            f"Of 100 images turned by 0, 90, 180 or 270 degrees about 25 should stay as they are, got "
            f"{unchanged}. The usual cause: one angle is drawn for the whole batch.",
        )

    def test_augmentation_does_not_change_what_is_stored(self):
        """Augmentation works on copies."""
        generator = self.generator(100, rotation=True, mirroring=True)
        plain, _ = self.batch(self.generator(100))
        for _ in range(6):
            images, _ = self.batch(generator)
            for image, original in zip(images, plain, strict=True):
                self.assertTrue(
                    any(np.array_equal(image, way) for way in self.ways_to_turn_and_mirror(original, True, True)),
                    "After some epochs an image is no turned or mirrored version of the stored one any more.",
                )
        files = {stem: np.load(self.file_path + stem + ".npy") for stem in self.table}
        for stem, picture in files.items():
            self.check_array(picture, self.stored[stem], message=f"{stem}.npy was changed on the disk.")

    def test_augment_one_image(self):
        """`augment` turns and mirrors one image at random, its numbers as they are, and leaves its argument alone."""
        fractions = np.random.default_rng(0).random((32, 32, 3))
        for image in (fractions, (255 * fractions).astype(np.uint8)):
            untouched = image.copy()
            generator = self.generator(10, rotation=True, mirroring=True)
            results = [generator.augment(image) for _ in range(60)]
            self.check_array(image, untouched, message="augment(img) should leave its argument as it is.")
            for result in results:
                self.assertTrue(
                    any(np.array_equal(result, way) for way in self.ways_to_turn_and_mirror(image, True, True)),
                    "augment(img) should return the image turned by a multiple of 90 degrees and perhaps mirrored, "
                    f"its numbers as they are; img was an array of {image.dtype}.",
                )
            self.assertGreater(
                len({np.asarray(result).tobytes() for result in results}), 4, "augment(img) should be random."
            )

    def test_batches_are_the_callers_own(self):
        """A batch belongs to the caller, who may change it."""
        generator = self.generator(100)
        first = np.asarray(self.batch(generator)[0])
        kept = first.copy()
        first[:] = 0.123
        self.check_array(
            self.batch(generator)[0],
            kept,
            message="Changing a batch changed what the generator delivers later. Return copies, not the stored arrays.",
        )

    def test_numpy_integers_are_sizes(self):
        """Sizes may be NumPy integers."""
        images, _ = self.batch(self.generator(np.int64(5), np.array([32, 32, 3])))
        self.assertEqual(np.shape(images), (5, 32, 32, 3), "numpy.int64 should do as a size: numpy.prod returns it.")

    def test_class_names(self):
        """`class_name` gives the name for a label."""
        generator = self.generator(10)
        names = "airplane automobile bird cat deer dog frog horse ship truck".split()
        for label, name in enumerate(names):
            self.assertEqual(generator.class_name(label), name, f"class_name({label}) should be {name!r}.")
        _, labels = self.batch(generator)
        self.assertIn(generator.class_name(labels[0]), names, "class_name should take a label as next() returns it.")

    def test_show(self):
        """`show` draws the pictures of one batch, each with the name of its class above."""
        cause = "pyplot.imshow(image) in a subplot of its own for each image of a batch, then pyplot.show()"
        screen = Screen(self)
        for batch_size in (6, 9):
            screen.pictures.clear()
            generator = self.generator(batch_size)
            generator.show()
            what = f"ImageGenerator.show(): number of pictures for a batch of {batch_size}"
            self.check(what, len(screen.pictures), batch_size, cause)
            self.check("ImageGenerator.show(): pictures in one subplot", screen.most_in_one_place, 1, cause)
            for picture, title in screen.pictures:
                name = generator.class_name(self.table[self.stem_of(picture)])
                self.assertIn(name, title, "ImageGenerator.show(): the title of a picture should be class_name(label)")

    def test_flat_import(self):
        """`from generator import ImageGenerator` works for scripts that have the folder on their path."""
        self.check_flat_import("generator", "ImageGenerator")

    def test_another_set_of_pictures(self):
        """Any folder of pictures with any label file will do."""
        with tempfile.TemporaryDirectory() as folder:
            table = {f"picture_{number}": number % 3 for number in range(7)}
            for number, stem in enumerate(table):
                np.save(os.path.join(folder, stem + ".npy"), np.full((32, 32, 3), 30 * number, dtype=np.uint8))
            label_path = os.path.join(folder, "names.json")
            with open(label_path, "w", encoding="utf-8") as file:
                json.dump(table, file)
            generator = find("ImageGenerator")(folder, label_path, 4, [32, 32, 3])
            delivered = [self.batch(generator) for _ in range(4)]
        numbers = [round(float(image[0, 0, 0]) * 255 / 30) for images, _ in delivered for image in images]
        labels = [int(label) for _, batch_labels in delivered for label in batch_labels]
        for epoch in (numbers[:7], numbers[8:15]):  # two batches of 4 each, the second of which is completed
            self.assertEqual(sorted(epoch), list(range(7)), "Each of seven pictures should come once in an epoch.")
        self.assertEqual(
            labels,
            [number % 3 for number in numbers],
            "Labels should come from the file passed as label_path, whatever the names of the pictures are.",
        )


# ---------------------------------------------------------------------------------------------------
# Part 1
# ---------------------------------------------------------------------------------------------------


class OptimizerTask(Task):
    """What the tests of all optimizers share."""

    def run_steps(self, name, arguments, weight, gradients):
        """The weight after one step for each gradient."""
        optimizer = create(name, *arguments)
        for gradient in gradients:
            weight = optimizer.calculate_update(weight, gradient)
            self.check_numbers(f"{name}.calculate_update", weight)
        return weight

    def check_arguments(self, name, *arguments):
        """Three steps must not change the arrays that were handed over."""
        optimizer = create(name, *arguments)
        weights, gradients = self.rng.normal(size=(3, 2, 2)), self.rng.normal(size=(3, 2, 2))
        given = np.concatenate([weights, gradients])
        for weight, gradient in zip(weights, gradients, strict=True):
            optimizer.calculate_update(weight, gradient)
        cause = "w -= … or g *= … works in place: write w = w - …"
        self.check(f"{name}: weights and gradients after the steps", np.concatenate([weights, gradients]), given, cause)

    def check_memory(self, copier, name, *arguments):
        """A copy made between two steps must go on as the original does."""
        optimizer = create(name, *arguments)
        weight = optimizer.calculate_update(np.array([1.0, 2.0]), np.array([0.5, -3.0]))
        cause = "what the optimizer remembers belongs into attributes of the object, none of them a lambda"
        try:
            duplicate = copier(optimizer)
        except Exception as error:
            self.fail(f"a copy of {name}: {error}.\nUsual cause: {cause}")
        expected = optimizer.calculate_update(weight, np.array([0.1, 0.2]))
        received = duplicate.calculate_update(weight, np.array([0.1, 0.2]))
        self.check(f"{name}: next step of a copy", received, expected, cause)


class TestOptimizers(OptimizerTask):
    """Sgd in Optimization/Optimizers.py."""

    def test_sgd_float(self):
        """Sgd on plain numbers: w - η·g."""
        received = self.run_steps("Sgd", [0.5], 5.0, [3.0])
        mistakes = self.mistakes(5.0, 0.5, 3.0)
        self.check(
            "Sgd(0.5) from weight 5 with gradient 3", received, 3.5, "weight - learning_rate * gradient", mistakes
        )

    @staticmethod
    def mistakes(weight, rate, gradient):
        """Well-known mistakes, and the weights that they lead to."""
        return [
            ("the step follows the gradient uphill: subtract it", weight + rate * gradient),
            ("the learning rate is left out", weight - gradient),
            ("the gradient is left out", weight - rate),
            ("weights and gradient are exchanged", gradient - rate * weight),
            ("the step alone is returned: subtract it from the weights", -rate * gradient),
            ("the gradient is divided by the learning rate: multiply", weight - gradient / rate),
            ("no step is taken: is the learning rate cut to a whole number?", weight),
        ]

    def test_sgd_array(self):
        """Sgd on arrays, several steps."""
        weight, gradients = np.array([[1.0, -2.0], [0.5, 4.0]]), self.rng.normal(size=(4, 2, 2))
        received = self.run_steps("Sgd", [0.1], weight.copy(), gradients)
        total = gradients.sum(axis=0)
        cause = "w - η·g in each step, returned and not assigned in place; Sgd remembers nothing"
        mistakes = self.mistakes(weight, 0.1, total)[:2]
        self.check("Sgd(0.1) after four steps", received, weight - 0.1 * total, cause, mistakes)

    def test_sgd_own_learning_rate(self):
        """Two optimizers have learning rates of their own."""
        optimizer, _ = create("Sgd", 0.5), create("Sgd", 0.1)
        cause = "each object has a learning rate of its own: self.learning_rate, not one of the class"
        self.check("Sgd(0.5) after another Sgd(0.1) was made", optimizer.calculate_update(2.0, 3.0), 0.5, cause)

    def test_sgd_arguments_unchanged(self):
        """Sgd changes neither weights nor gradient."""
        self.check_arguments("Sgd", 0.1)


def matrices(weights, inputs):
    """The ways in which a matrix with a bias row may be stored, each brought into the form bias last.

    The course leaves open whether `weights` is transposed and whether the bias stands first or last.
    """
    weights = np.array(weights, dtype=float)
    if weights.shape[0] != inputs + 1:
        weights = weights.T
    return [weights, np.roll(weights, -1, axis=0)]


def with_bias(inputs):
    """The inputs with a column of ones behind."""
    return np.column_stack([inputs, np.ones(len(inputs))])


def closest(received, candidates):
    """The candidate that is nearest to what was received."""
    if np.shape(received) != candidates[0].shape:
        return candidates[0]
    return min(candidates, key=lambda candidate: np.abs(received - candidate).max())


def check_uniform(task, what, values, rounding=0.0):
    """Whether values look uniform in [0, 1): the range, and mean and deviation within six standard errors."""
    cause, deviation = "uniform in [0, 1): np.random.random(shape)", np.sqrt(1 / 12)
    outside = np.sum((values < -rounding) | (values >= 1 + rounding))
    task.check(f"{what}, number outside of [0, 1)", outside, 0, cause)
    zeros = np.sum(values == 0)
    if zeros > 2:
        task.fail(f"{what}: {zeros} of {values.size} are exactly 0. All are {cause}, the bias row too")
    if np.unique(values).size < 0.9 * values.size:
        task.fail(f"{what}: many of them are equal. Every one is drawn for itself, {cause}")
    margin = 6 / np.sqrt(values.size)
    task.check(f"{what}, mean", values.mean(), 0.5, cause, (), margin * deviation / 0.5)
    task.check(f"{what}, standard deviation", values.std(), deviation, cause, (), margin * np.sqrt(0.2))


class TestFullyConnected(TrainableTests, Task):
    """FullyConnected in Layers/FullyConnected.py."""

    layer_name = "FullyConnected"
    arguments = (4, 3)
    cause_gradient = "the error is E·Wᵀ, with the weights alone: the bias row has no input to pass an error to"
    cause_weights = (
        "the gradient is [X, 1]ᵀ·E, in the shape of `weights`: a sum over the batch (axis 0), "
        "neither averaged nor summed over another axis, with the bias row included"
    )

    def test_base_layer(self):
        """BaseLayer in Layers/Base.py: a layer is not trainable unless it says so."""
        received = getattr(smallest_layer(), "trainable", "no such attribute")
        self.assertIs(received, False, "BaseLayer.__init__ sets self.trainable = False")

    def test_forward(self):
        """The output is [X, 1]·W."""
        layer, example = self.layer(), self.example()
        received = layer.forward(example.copy())
        readings = matrices(layer.weights, 4)
        expected = closest(received, [with_bias(example) @ weights for weights in readings])
        mistakes = []
        for weights in readings:
            activated = np.maximum(0, with_bias(example) @ weights)
            mistakes += [
                ("an activation is applied: an activation is a layer of its own", activated),
                ("the bias is forgotten", example @ weights[:-1]),
                ("the bias is added twice", with_bias(example) @ weights + weights[-1]),
            ]
        cause = "the input needs a column of ones for the bias; X·W with the batch as rows"
        self.check("FullyConnected(4, 3).forward", received, expected, cause, mistakes)

    def test_bias(self):
        """An input of zeros gives the bias, the same for every sample."""
        layer = self.layer()
        received = layer.forward(np.zeros((2, 4)))
        expected = closest(received, [np.tile(weights[-1], (2, 1)) for weights in matrices(layer.weights, 4)])
        mistakes = [("the bias is forgotten: append a column of ones to the input", np.zeros((2, 3)))]
        cause = "the bias is one row of `weights`, multiplied by a one in every sample"
        self.check("FullyConnected(4, 3).forward of zeros", received, expected, cause, mistakes)

    def test_weights_assigned(self):
        """Weights that are assigned between two calls take effect in the next one."""
        layer = self.layer()
        layer.forward(self.example())
        layer.weights = np.full(np.shape(layer.weights), 2.0)
        received = layer.forward(np.ones((1, 4)))
        self.check(
            "FullyConnected(4, 3).forward with weights of 2", received, [[10.0] * 3], "a copy of old weights is used"
        )

    def test_uniform_start(self):
        """New weights are uniform in [0, 1)."""
        weights = np.array(create("FullyConnected", 40, 50).weights)
        self.check("number of weights of FullyConnected(40, 50)", weights.size, 41 * 50, "(inputs + 1) · outputs")
        check_uniform(self, "weights of a new FullyConnected(40, 50)", weights)

    def test_numpy_sizes(self):
        """Sizes may be NumPy integers, as np.prod gives them."""
        output = create("FullyConnected", np.prod((2, 2)), np.int64(3)).forward(self.example())
        self.check_shape(
            "FullyConnected(4, 3).forward", output, (5, 3), "sizes such as np.prod(shape) are integers too"
        )


class TestReLU(LayerTests, Task):
    """ReLU in Layers/ReLU.py."""

    layer_name = "ReLU"
    cause_gradient = "the error passes where the *input* was positive; the error's own sign does not matter"

    def example(self):
        """Numbers of both signs, away from the kink at zero."""
        numbers = self.rng.normal(size=self.shape)
        return numbers + 0.1 * np.sign(numbers)

    def test_forward(self):
        """max(0, x)."""
        received = self.layer().forward(np.array([[-2.0, -0.5, 0.5, 3.0]]))
        self.check("ReLU.forward of [-2, -0.5, 0.5, 3]", received, [[0, 0, 0.5, 3]], "np.maximum(0, x)")

    def test_backward_negative(self):
        """Where the input was negative, no error passes."""
        layer = self.layer()
        layer.forward(np.array([[-2.0, -0.5, 0.5, 3.0]]))
        received = layer.backward(np.array([[5.0, -6.0, 7.0, -8.0]]))
        mistakes = [
            ("the error passes at negative inputs too", [[5, -6, 7, -8]]),
            ("the error's sign decides instead of the input's", [[5, 0, 7, 0]]),
            ("the error's sign decides as well as the input's", [[0, 0, 7, 0]]),
            ("the derivative is taken for the input itself", [[0, 0, 0.5, 3]]),
            ("the error tensor is left out: multiply by it", [[0, 0, 1, 1]]),
            ("the error passes where the input was negative", [[5, -6, 0, 0]]),
        ]
        cause = "the derivative is 1 where the input is positive and 0 where it is negative: keep the input in forward"
        self.check("ReLU.backward for inputs [-2, -0.5, 0.5, 3]", received, [[0, 0, 7, -8]], cause, mistakes)

    def test_backward_zero(self):
        """At zero, where the derivative does not exist, the course lets no error pass."""
        layer = self.layer()
        layer.forward(np.zeros((1, 2)))
        received = layer.backward(np.array([[5.0, -6.0]]))
        self.check("ReLU.backward for an input of 0", received, [[0, 0]], "x > 0 lets the error pass, not x >= 0")


def softmax_oracle(scores):
    """Softmax by loops."""
    exponentials = [[np.exp(x - max(row)) for x in row] for row in scores]
    return np.array([[e / sum(row) for e in row] for row in exponentials])


class TestSoftMax(LayerTests, Task):
    """SoftMax in Layers/SoftMax.py."""

    layer_name = "SoftMax"
    cause_gradient = "y·(E - Σ E·y), where the sum runs over the classes of one sample (axis 1, keepdims)"

    def forward(self, layer, input_tensor):
        """The output; a sum or a maximum without keepdims does not fit to the rows, and gets words of its own."""
        try:
            return super().forward(layer, input_tensor)
        except ValueError as error:
            if "broadcast" not in str(error):
                raise
            self.fail(
                f"SoftMax.forward of an input of shape {np.shape(input_tensor)}: {error}.\nUsual cause: np.max and "
                "np.sum along axis 1 drop that axis: keepdims=True keeps it, so that each row meets its own number"
            )

    def test_forward(self):
        """The quotient of exp(x) and the sum of its row."""
        scores = self.example()
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        columns = softmax_oracle(scores - scores.max(axis=0))
        mistakes = [
            ("the sum runs over the batch (axis 0): each row has to add up to 1", shifted / shifted.sum(axis=0)),
            ("the sum runs over the whole array", shifted / shifted.sum()),
            ("the shift is the maximum over the batch (axis 0), which differs within a row", columns),
            ("the logarithms of the probabilities are returned", np.log(softmax_oracle(scores))),
            ("powers of 2 stand for those of e", softmax_oracle(scores * np.log(2))),
        ]
        cause = "exp(x) / Σ exp(x), the sum along axis 1 with keepdims=True"
        received = self.forward(self.layer(), scores.copy())
        self.check("SoftMax.forward", received, softmax_oracle(scores), cause, mistakes)

    def test_large_scores(self):
        """Scores of ±10000 give probabilities, not overflows."""
        scores = np.array([[10000.0, 9999.0], [-10000.0, -9999.0], [-10000.0, 10000.0]])
        received = self.forward(self.layer(), scores)
        small, large = 1 / (1 + np.e), np.e / (1 + np.e)
        cause = "exp overflows (or all of them vanish) without the shift: subtract the maximum of each row first"
        self.check("SoftMax.forward of ±10000", received, [[large, small], [small, large], [0, 1]], cause)

    def test_shift_of_each_row(self):
        """Each row is shifted by its own maximum."""
        scores = np.array([[1000.0, 1001.0], [-1000.0, -999.0]])
        received = self.forward(self.layer(), scores)
        small, large = 1 / (1 + np.e), np.e / (1 + np.e)
        whole = "the shift is the maximum of the whole array, so that a row far below it vanishes: use axis 1"
        by_row = np.exp(scores - scores.max(axis=1, keepdims=True))
        mistakes = [
            (whole, [[small, large], [np.nan, np.nan]]),
            (whole, [[small, large], [0, 0]]),
            ("there is no shift, so that exp overflows", [[np.nan, np.nan], [np.nan, np.nan]]),
            ("the division's sum runs over the batch (axis 0)", by_row / by_row.sum(axis=0)),
            ("the division's sum runs over the whole array", by_row / by_row.sum()),
        ]
        cause = "the maximum that is subtracted, and the sum that divides, are those of the row: axis 1, keepdims=True"
        self.check("SoftMax.forward of rows far apart", received, [[small, large], [small, large]], cause, mistakes)

    def test_backward(self):
        """The outputs depend on each other: y·(E - Σ E·y)."""
        layer, scores = self.layer(), self.example()
        error = self.rng.normal(size=scores.shape)
        self.forward(layer, scores.copy())
        received = layer.backward(error.copy())
        y = softmax_oracle(scores)
        expected = np.array([(np.diag(row) - np.outer(row, row)) @ e for row, e in zip(y, error, strict=True)])
        mistakes = [
            (
                "the outputs are taken for independent, y·(1 - y)·E: each score changes every probability",
                y * (1 - y) * error,
            ),
            ("the sum runs over the batch instead of the classes", y * (error - (error * y).sum(axis=0))),
            ("the sum over E·y is left out", y * error),
            ("the sum runs over the whole array instead of each row", y * (error - (error * y).sum())),
            ("the sum runs over E instead of E·y", y * (error - error.sum(axis=1, keepdims=True))),
            ("the mean of E·y is taken instead of the sum", y * (error - (error * y).mean(axis=1, keepdims=True))),
            ("the sum is added: Σ E·y is subtracted", y * (error + (error * y).sum(axis=1, keepdims=True))),
            ("the factor y in front is left out", error - (error * y).sum(axis=1, keepdims=True)),
            ("the error is passed on as it came: SoftMax has a derivative of its own", error),
            ("the error tensor is taken for the labels: the loss has done its part before", y - error),
            (
                "the scores are taken where the probabilities belong: keep the output",
                scores * (error - (error * scores).sum(axis=1, keepdims=True)),
            ),
        ]
        self.check("SoftMax.backward", received, expected, self.cause_gradient, mistakes, after_forward=True)

    def test_backward_of_tiny_probability(self):
        """At a probability of e⁻¹⁰⁰, the huge error of a cross-entropy becomes exactly prediction - label."""
        layer = self.layer()
        layer.forward(np.array([[0.0, 100.0]]))
        received = layer.backward(np.array([[-np.exp(100.0), 0.0]]))
        cause = "y·(E - Σ E·y) with the probabilities as forward returned them, neither clipped nor rounded"
        what = "SoftMax.backward at a probability of e⁻¹⁰⁰ whose label is 1"
        self.check(what, received, [[-1, 1]], cause, tolerance=0.05)


class TestCrossEntropyLoss(Task):
    """CrossEntropyLoss in Optimization/Loss.py."""

    def setUp(self):
        """Three predictions and their labels."""
        super().setUp()
        self.prediction = np.array([[0.2, 0.3, 0.5], [0.7, 0.1, 0.2], [0.25, 0.25, 0.5]])
        self.label = np.eye(3)[[2, 0, 1]]

    def test_forward(self):
        """The loss is the sum over the batch of -ln(prediction) at the labels."""
        received = create("CrossEntropyLoss").forward(self.prediction.copy(), self.label.copy())
        expected, eps = -np.log(0.5) - np.log(0.7) - np.log(0.25), np.finfo(float).eps
        mistakes = [
            ("the loss is averaged over the batch: the course sums", expected / 3),
            ("the loss is averaged over all elements (np.mean): the course sums", expected / 9),
            ("there is one number for each sample: sum over the batch too", -np.log([0.5, 0.7, 0.25])),
            ("the minus sign is missing", -expected),
            ("logarithms to the base 2 or 10 are taken", expected / np.log(2)),
            ("logarithms to the base 2 or 10 are taken", expected / np.log(10)),
            ("the logarithms of all classes are summed, not only those at the labels", -np.log(self.prediction).sum()),
            ("labels and predictions are exchanged", -np.sum(self.prediction * np.log(self.label + eps))),
            ("the terms of (1 - label) are added, as for two classes",
             -np.log(np.abs(self.label - 1 + self.prediction)).sum()),
            ("squares are summed, not logarithms", np.sum((self.prediction - self.label) ** 2)),
            ("the logarithm is missing", -np.sum(self.label * self.prediction)),
            ("the logarithm of the sum is taken instead of the sum of logarithms", -np.log(1.45)),
            ("the largest prediction of each row is taken, not that at the label", -np.log([0.5, 0.7, 0.5]).sum()),
        ]  # fmt: skip
        self.check("CrossEntropyLoss.forward", received, expected, "Σ -ln(ŷ + ε) where the label is 1", mistakes)

    def test_forward_of_zero(self):
        """A prediction of 0 at the label costs -ln ε = 36.04, not infinity."""
        received = create("CrossEntropyLoss").forward(np.array([[1.0, 0.0]]), np.array([[0, 1]]))
        cause = "the logarithm of zero: add ε = np.finfo(float).eps to the prediction inside the logarithm"
        expected = -np.log(np.finfo(float).eps)
        mistakes = self.not_summed(expected, 2)
        self.check("CrossEntropyLoss.forward of a prediction of 0", received, expected, cause, mistakes)

    @staticmethod
    def not_summed(loss, classes):
        """What comes of the loss of one sample where the course's sum is another one."""
        return [
            ("the loss is averaged over all elements (np.mean): the course sums", loss / classes),
            ("there is one number for each sample: sum over the batch too", np.array([loss])),
            ("the minus sign is missing", -loss),
        ]

    def test_forward_of_zero_elsewhere(self):
        """A prediction of 0 where the label is 0 costs nothing."""
        received = create("CrossEntropyLoss").forward(np.array([[0.0, 0.5, 0.5]]), np.array([[0, 1, 0]]))
        cause = "0 · ln(0) is not a number: add ε inside the logarithm, or pick the predictions at the labels first"
        mistakes = self.not_summed(-np.log(0.5), 3)
        self.check("CrossEntropyLoss.forward", received, -np.log(0.5), cause, mistakes)

    def test_backward(self):
        """The error is -label / prediction."""
        loss = create("CrossEntropyLoss")
        loss.forward(self.prediction.copy(), self.label.copy())
        received = loss.backward(self.label.copy())
        expected = [[0, 0, -1 / 0.5], [-1 / 0.7, 0, 0], [0, -1 / 0.25, 0]]
        mistakes = [
            ("the loss already contains the derivative of the softmax", self.prediction - self.label),
            ("the minus sign is missing", -np.array(expected)),
            ("the error is averaged over the batch", np.array(expected) / 3),
            ("the labels are left out: only they pass an error", -1 / self.prediction),
            ("the labels are multiplied by the prediction: divide", -self.label * self.prediction),
        ]
        self.check("CrossEntropyLoss.backward", received, expected, "-label / prediction, element by element", mistakes)

    def test_backward_of_other_labels(self):
        """The labels are those that backward is given."""
        loss = create("CrossEntropyLoss")
        loss.forward(np.array([[0.25, 0.75]]), np.array([[1.0, 0.0]]))
        received = loss.backward(np.array([[0.0, 1.0]]))
        cause = "-label_tensor / prediction, with the argument of backward"
        self.check("CrossEntropyLoss.backward with labels of its own", received, [[0, -1 / 0.75]], cause)

    def test_backward_of_zero(self):
        """A prediction of 0 gives a huge but finite error."""
        loss = create("CrossEntropyLoss")
        loss.forward(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
        received = np.isfinite(loss.backward(np.array([[0.0, 1.0]])))
        cause = "a division by zero: keep the prediction from falling below np.finfo(float).tiny in the division"
        self.check("CrossEntropyLoss.backward, finite (1) or not (0)", received, [[1, 1]], cause)

    def test_backward_of_tiny_prediction(self):
        """A prediction of e⁻¹⁰⁰ gives the error -e¹⁰⁰: the guard against zero is far smaller."""
        loss = create("CrossEntropyLoss")
        tiny = np.exp(-100.0)
        loss.forward(np.array([[tiny, 1.0]]), np.array([[1.0, 0.0]]))
        received = loss.backward(np.array([[1.0, 0.0]]))
        eps = np.finfo(float).eps
        mistakes = [
            ("ε = 2e-16 guards the division; it is larger than the prediction", [[-1 / (tiny + eps), 0]]),
            ("ε = 2e-16 guards the division; it is larger than the prediction", [[-1 / eps, 0]]),
        ]
        cause = "a guard as large as 2e-16 swallows small predictions; np.finfo(float).tiny is enough"
        self.check("CrossEntropyLoss.backward of e⁻¹⁰⁰", received, [[-np.exp(100.0), 0]], cause, mistakes)

    def test_arguments_unchanged(self):
        """Neither pass changes predictions or labels."""
        given = np.stack([np.vstack([self.prediction, [0, 0, 1]]), np.vstack([self.label, [0, 1, 0]])])
        loss, (prediction, label) = create("CrossEntropyLoss"), given.copy()
        loss.forward(prediction, label)
        loss.backward(label)
        cause = "an assignment in place, of ε for predictions of 0 perhaps: work on a copy"
        self.check("predictions and labels after the calls", np.stack([prediction, label]), given, cause, tolerance=0)


def iris():
    """Fisher's irises, scaled to at most 1: training and test set, every third flower for the test."""
    from sklearn.datasets import load_iris

    data = load_iris()
    inputs, labels = data.data / data.data.max(), np.eye(3)[data.target]
    order = np.random.default_rng(0).permutation(150)
    test = np.arange(150) % 3 == 0
    training = order[~test[order]]
    return (inputs[training], labels[training]), (inputs[test], labels[test])


class NetworkTask(Task):
    """What the tests of whole networks share."""

    def network(self, optimizer, *layers, start="He"):
        """A network of these layers with cross-entropy; without `start`, the layers keep their own initial values."""
        initializers = (create(start), create("Constant", 0.1)) if start else ()
        net = create("NeuralNetwork", optimizer, *initializers)
        net.loss_layer = create("CrossEntropyLoss")
        for layer in layers:
            net.append_layer(layer)
        return net

    def check_learning(self, net, data, batch_size, iterations, threshold, cause):
        """Train, then compare the share of right answers on the test set with the threshold."""
        (inputs, labels), (test_inputs, test_labels) = data
        net.data_layer = Batches(inputs, labels, batch_size)
        net.train(iterations)
        losses = [loss for loss in net.loss if isinstance(loss, (int, float, np.number, np.ndarray))]
        self.assertEqual(
            len(losses),
            iterations,
            f"net.loss after train({iterations}): expected one number for each iteration. Usual cause: forward returns "
            "no loss, or train does not append it to self.loss",
        )
        result = net.test(test_inputs)
        accuracy = np.mean(np.argmax(result, axis=1) == np.argmax(test_labels, axis=1))
        self.assertGreater(
            accuracy,
            threshold,
            f"expected more than {threshold:.0%} right after {iterations} iterations, received {accuracy:.1%}; the "
            f"loss went from {net.loss[0]:.4g} to {net.loss[-1]:.4g}.\nUsual cause: {cause}",
        )

    def iris_layers(self):
        """A small network for the irises."""
        hidden, output = create("FullyConnected", 4, 16), create("FullyConnected", 16, 3)
        return hidden, create("ReLU"), output, create("SoftMax")


PARTS = "one of the parts is wrong: do the tests of the layers, the loss and the optimizer all pass?"


class TestNeuralNetwork(NetworkTask):
    """NeuralNetwork in NeuralNetwork.py: first the class by itself, then a network that learns."""

    def chain(self, optimizer=None, trainable=False):
        """A network of two stand-ins that multiply by 2 and 5, fed with (1, 2), (3, 4), (5, 6), and its diary."""
        diary = []
        net = create("NeuralNetwork", optimizer or FixedStep())
        net.append_layer(scale(2, diary, trainable))
        net.append_layer(scale(5, diary, trainable))
        inputs = np.arange(1.0, 7.0).reshape(3, 2)
        net.data_layer = Batches(inputs, inputs * 9, 1)
        net.loss_layer = SquaredError()
        return net, diary

    def test_new(self):
        """A new network has no layers and no losses yet, and lists of its own for both."""
        nets = [create("NeuralNetwork", FixedStep()) for _ in range(2)]
        cause = (
            "self.loss = [] and self.layers = [] belong into __init__; in the class, or as defaults, they are "
            "lists that all networks share"
        )
        for name in ("loss", "layers"):
            self.assertIsNotNone(getattr(nets[0], name, None), f"{name} of a new network: {cause}")
        received = [len(nets[0].loss), len(nets[0].layers)]
        self.check("losses and layers of a new network", received, [0, 0], cause)
        nets[0].append_layer(scale(2, []))
        self.check("layers of another network after append_layer", len(nets[1].layers), 0, cause)

    def test_forward(self):
        """`forward` takes a batch through all layers and returns the loss."""
        net, _ = self.chain()
        expected = ((10 - 9) ** 2 + (20 - 18) ** 2) / 2
        cause = (
            "x, labels = data_layer.next(); x = layer.forward(x) for each layer; return loss_layer.forward(x, labels)"
        )
        mistakes = [("inputs and labels are exchanged: the data layer returns the inputs first", (89**2 + 178**2) / 2)]
        self.check("loss of the batch", net.forward(), expected, cause, mistakes)

    def test_forward_order(self):
        """The layers are called in the order in which they were appended, each once."""
        net, diary = self.chain()
        net.forward()
        called = [entry[1] for entry in diary if entry[0] == "forward"]
        self.assertEqual(called, [2, 5], "expected each layer's forward once, from the first to the last")

    def test_label_tensor(self):
        """`label_tensor` holds the labels of the current batch."""
        net, _ = self.chain()
        net.forward()
        net.forward()
        self.check("label_tensor after two batches", net.label_tensor, [[27, 36]], "assign it anew in each forward")

    def test_forward_loss_arguments(self):
        """The loss layer gets the prediction first, then the labels."""
        net, _ = self.chain()
        given = []
        net.loss_layer = types.SimpleNamespace(forward=lambda *tensors: given.extend(tensors) or 0.0)
        net.forward()
        cause = "self.loss_layer.forward(prediction, self.label_tensor), in this order"
        mistakes = [("the labels stand before the prediction", [[[9, 18]], [[10, 20]]])]
        self.check("what loss_layer.forward was handed", given, [[[10, 20]], [[9, 18]]], cause, mistakes)

    def test_backward(self):
        """`backward` takes the error of the loss through the layers in reverse order."""
        net, diary = self.chain()
        net.forward()
        net.backward()
        called = [entry[1] for entry in diary if entry[0] == "backward"]
        self.assertEqual(
            called, [5, 2], "expected each layer's backward once, from the last to the first: reversed(layers)"
        )

    def test_backward_error(self):
        """Each layer gets the error that the layer behind it returned, the last one that of the loss."""
        net, _ = self.chain()
        net.forward()
        net.backward()
        self.check("error handed to the last layer", net.layers[1].error, [[1, 2]], "loss_layer.backward(label_tensor)")
        mistakes = [("every layer gets the error of the loss: error = layer.backward(error)", [[1, 2]])]
        cause = "error = layer.backward(error) for each layer, from the last to the first"
        self.check("error handed to the first layer", net.layers[0].error, [[5, 10]], cause, mistakes)

    def test_backward_keeps_order(self):
        """`backward` leaves the list of layers as it is."""
        net, _ = self.chain()
        before = list(net.layers)
        net.forward()
        net.backward()
        received = [before.index(layer) for layer in net.layers]
        cause = "self.layers.reverse() turns the list itself around: for layer in reversed(self.layers)"
        self.check("order of net.layers after backward", received, [0, 1], cause)

    def test_layers_after_backward(self):
        """The first layer returns its input's error, after the network's `backward` as before."""
        layer, inputs = create("FullyConnected", 2, 3), np.ones((4, 2))
        net = self.network(create("Sgd", 0.1), layer, start=None)
        net.data_layer, net.loss_layer = Batches(inputs, np.ones((4, 3)), 4), SquaredError()
        net.forward()
        net.backward()
        layer.forward(inputs)
        received = layer.backward(np.ones((4, 3)))
        cause = "the network leaves its layers as they are; nothing tells a layer that it is the first one for good"
        self.check_shape("the first layer's error after net.backward", received, (4, 2), cause)

    def test_backward_draws_nothing(self):
        """`backward` works with the batch of the last forward."""
        net, _ = self.chain()
        net.forward()
        drawn = net.data_layer.drawn
        net.backward()
        cause = "backward calls data_layer.next() (or forward); it works with self.label_tensor of the last forward"
        self.check("batches drawn by backward", net.data_layer.drawn - drawn, 0, cause)

    def test_train(self):
        """`train` appends the loss of one new batch for each iteration."""
        net, _ = self.chain()
        net.train(3)
        cause = "one forward() in each iteration: its result is kept in a variable, or appended at once"
        counts = [
            ("two batches are drawn per iteration: forward() or next() is called twice", 6),
            ("the same batch is used again and again, or there is one iteration only", 1),
        ]
        self.check("batches drawn in train(3)", net.data_layer.drawn, 3, cause, counts)
        expected = [(x**2 + y**2) / 2 for x, y in ((1, 2), (3, 4), (5, 6))]
        mistakes = [
            ("the same batch is used again and again", [expected[0]] * 3),
            ("no loss is kept: append the loss to self.loss, printing it is not enough", []),
        ]
        cause = "for each iteration: forward(), append the loss to self.loss, backward()"
        what = "net.loss, a list, after train(3)"
        self.check(what, net.loss, expected, cause, mistakes)

    def test_train_again(self):
        """The losses of a second training follow those of the first."""
        net, _ = self.chain()
        net.train(2)
        net.train(1)
        expected = [(x**2 + y**2) / 2 for x, y in ((1, 2), (3, 4), (5, 6))]
        cause = "the losses of earlier trainings stay: self.loss = [] belongs into __init__, not into train"
        self.check("net.loss after train(2) and train(1)", net.loss, expected, cause)

    def test_train_goes_back(self):
        """`train` calls backward once for each iteration."""
        net, diary = self.chain()
        net.train(3)
        called = len([entry for entry in diary if entry[0] == "backward"])
        self.check("calls of backward on two layers in train(3)", called, 6, "call self.backward() in each iteration")

    def test_test(self):
        """`test` returns the output of the last layer for the input that it is given."""
        net, _ = self.chain()
        received = net.test(np.array([[1.0, -1.0]]))
        cause = "the prediction, not the loss; no batch from the data layer"
        mistakes = [("the last layer is left out", [[2, -2]]), ("the first layer is left out", [[5, -5]])]
        self.check("net.test([[1, -1]])", received, [[10, -10]], cause, mistakes)
        self.check("len(net.loss) after test", len(net.loss), 0, "loss has the iterations of train: test adds none")

    def test_append_plain_layer(self):
        """A layer that is not trainable is appended, and needs no optimizer."""
        net, diary = self.chain()
        self.check("number of layers", len(net.layers), 2, "self.layers.append(layer) for every layer")
        self.assertIsNone(net.layers[0].optimizer, "only a trainable layer gets an optimizer: `if layer.trainable`")
        self.assertEqual(diary, [], "appending a layer that is not trainable asks nothing of it")

    def test_layer_without_optimizer(self):
        """A trainable layer that stands in `layers` without an optimizer is used, and takes no step."""
        net, _ = self.chain(CountingStep())
        layer = create("FullyConnected", 2, 2)
        before = np.array(layer.weights)
        net.layers.append(layer)
        net.train(2)
        cause = "a layer takes steps by its own optimizer only, and none where it has none"
        self.check("weights of a layer that was put into net.layers by hand", layer.weights, before, cause)

    def test_append_own_optimizer(self):
        """Each trainable layer gets a copy of the optimizer of its own."""
        net, _ = self.chain(CountingStep(), trainable=True)
        optimizers = {id(net.optimizer), id(net.layers[0].optimizer), id(net.layers[1].optimizer)}
        cause = (
            "one optimizer shared by two layers mixes up their moments: layer.optimizer = copy.deepcopy(self.optimizer)"
        )
        self.check("different optimizers of the network and two layers", len(optimizers), 3, cause)
        optimizer = FixedStep()
        optimizer.memory = []
        layer = scale(2, [], trainable=True)
        create("NeuralNetwork", optimizer).append_layer(layer)
        shared = "copy.copy shares the arrays and lists inside: copy.deepcopy(self.optimizer)"
        self.assertIsNot(layer.optimizer.memory, optimizer.memory, shared)

    def test_own_rule(self):
        """An optimizer of somebody's own, made from Sgd, is asked by calculate_update in every step."""

        class MinusOne(find("Sgd")):
            def calculate_update(self, weight_tensor, gradient_tensor):
                return weight_tensor - 1

        layer = create("FullyConnected", 3, 2)
        before = np.array(layer.weights)
        layer.optimizer = MinusOne(0.1)
        for _ in range(2):
            layer.forward(self.rng.normal(size=(4, 3)))
            layer.backward(self.rng.normal(size=(4, 2)))
        cause = "weights = optimizer.calculate_update(weights, gradient_weights), whatever optimizer was set"
        self.check("weights after two steps of minus one", layer.weights, before - 2, cause)

    def test_layers_share_nothing(self):
        """After a step of the whole network, both fully connected layers have taken their first step."""
        net = create("NeuralNetwork", CountingStep())
        net.loss_layer = SquaredError()
        net.data_layer = Batches(np.ones((2, 3)), np.ones((2, 3)), 2)
        for _ in range(2):
            net.append_layer(create("FullyConnected", 3, 3))
        before = [np.array(layer.weights).flat[0] for layer in net.layers]
        net.train(1)
        moved = [start - np.array(layer.weights).flat[0] for start, layer in zip(before, net.layers, strict=True)]
        mistakes = [("one optimizer is shared by both layers: copy.deepcopy for each", [2, 1])]
        cause = "each layer steps once in backward, through its own copy of the optimizer"
        self.check("steps of two layers by an optimizer that counts its calls", moved, [1, 1], cause, mistakes)

    def test_iris_sgd(self):
        """Sgd learns to tell irises apart."""
        net = self.network(create("Sgd", 1e-3), *self.iris_layers(), start=None)
        self.check_learning(net, iris(), 50, 4000, 0.9, PARTS)


class Square:
    """A layer that squares; its derivative is `slope` times x, right for a slope of 2."""

    def __init__(self, slope=2.0):
        self.slope = slope

    def forward(self, input_tensor):
        """The squares."""
        self.input_tensor = input_tensor
        return input_tensor**2

    def backward(self, error_tensor):
        """The error times the derivative."""
        return error_tensor * self.slope * self.input_tensor


class Noise:
    """A layer that multiplies by random numbers, drawn from NumPy's global state in every forward."""

    def forward(self, input_tensor):
        """The input times the numbers."""
        self.factor = np.random.random(input_tensor.shape) + 0.5
        return input_tensor * self.factor

    def backward(self, error_tensor):
        """The error times the same numbers."""
        return error_tensor * self.factor


class Affine:
    """A layer x·weights + bias, whose gradients are right or, multiplied by the factors given, wrong."""

    def __init__(self, weights, bias, of_weights=1.0, of_bias=1.0):
        self.weights, self.bias, self.factors = weights, bias, (of_weights, of_bias)

    def forward(self, input_tensor):
        """The products, shifted."""
        self.input_tensor = input_tensor
        return input_tensor @ self.weights + self.bias

    def backward(self, error_tensor):
        """The error times the transpose, and the gradients."""
        self.gradient_weights = self.factors[0] * self.input_tensor.T @ error_tensor
        self.gradient_bias = self.factors[1] * error_tensor.sum(axis=0)
        return error_tensor @ self.weights.T


PACKAGES = {
    "Layers": "Helpers FullyConnected SoftMax ReLU Flatten TanH Sigmoid RNN LSTM Conv Pooling Initializers Dropout "
    "BatchNormalization Base",
    "Optimization": "Constraints Optimizers Loss",
    "Models": "LeNet",
}


class TestHelpers(Task):
    """What the course hands out in Layers/Helpers.py, and `__all__` of the packages: the workbench, without points."""

    def helper(self, name):
        """What Layers/Helpers.py calls by this name."""
        found = getattr(find_module("Layers.Helpers"), name, None)
        self.assertIsNotNone(found, f"{name} is missing in Layers/Helpers.py: take the file as it was handed out")
        return found

    def check_differences(self, what, received, shape, low, high):
        """Fail unless all relative differences have a shape and lie between two numbers."""
        self.assertEqual(np.shape(received), shape, f"{what}: expected one number for each element, of shape {shape}")
        within = np.all((np.asarray(received) >= low) & (np.asarray(received) <= high))
        self.assertTrue(within, f"{what}: expected numbers from {low} to {high}, received {text(received)}")

    # -- gradient checks

    def test_gradient_check(self):
        """A right backward differs from the numerical derivative by almost nothing."""
        inputs = self.rng.uniform(0.5, 2, size=(2, 3))
        received = self.helper("gradient_check")([Square(), SquaredError()], inputs, np.zeros((2, 3)))
        self.check_differences("gradient_check of x² with the derivative 2x", received, (2, 3), 0, 1e-5)

    def test_gradient_check_wrong(self):
        """A backward of half the size differs by one half, relative to the larger of both."""
        inputs = self.rng.uniform(0.5, 2, size=(2, 3))
        for slope in (1.0, 4.0):
            received = self.helper("gradient_check")([Square(slope), SquaredError()], inputs, np.zeros((2, 3)))
            what = f"gradient_check of x² with the derivative {slope:g}x"
            self.check_differences(what, received, (2, 3), 0.499, 0.501)

    def test_gradient_check_chain(self):
        """Several layers are checked as one; a mistake in any of them shows."""
        inputs = self.rng.uniform(0.5, 1, size=(2, 2))
        for slopes, low, high in (((2.0, 2.0), 0, 1e-5), ((2.0, 1.0), 0.499, 0.501)):
            layers = [*map(Square, slopes), SquaredError()]
            received = self.helper("gradient_check")(layers, inputs, np.zeros((2, 2)))
            self.check_differences(f"gradient_check of two layers x², slopes {slopes}", received, (2, 2), low, high)

    def test_gradient_check_zero(self):
        """Where both derivatives are zero, there is no difference."""
        received = self.helper("gradient_check")([Square(), SquaredError()], np.zeros((1, 2)), np.zeros((1, 2)))
        self.check_differences("gradient_check of x² at 0", received, (1, 2), 0, 0)

    def test_gradient_check_seed(self):
        """With a seed, every forward draws the same random numbers."""
        inputs = self.rng.uniform(0.5, 2, size=(2, 3))
        received = self.helper("gradient_check")([Noise(), SquaredError()], inputs, np.zeros((2, 3)), 1337)
        self.check_differences("gradient_check of random factors with a seed", received, (2, 3), 0, 1e-5)

    def test_gradient_check_weights(self):
        """Weights and bias are checked each for itself, and are left as they were."""
        weights, bias = self.rng.uniform(0.5, 2, size=(3, 2)), self.rng.uniform(0.5, 2, size=2)
        inputs, check = self.rng.uniform(0.5, 2, size=(4, 3)), self.helper("gradient_check_weights")
        for factor, low, high in ((1.0, 0, 1e-5), (2.0, 0.499, 0.501)):
            for of_bias in (False, True):
                factors = (7.0, factor) if of_bias else (factor, 7.0)  # the other gradient must not matter
                layer = Affine(weights.copy(), bias.copy(), *factors)
                received = check([layer, SquaredError()], inputs, np.zeros((4, 2)), of_bias)
                what = f"gradient_check_weights, bias={of_bias}, the gradient {factor:g} times the right one"
                self.check_differences(what, received, (2,) if of_bias else (3, 2), low, high)
                after = np.concatenate([layer.weights.ravel(), layer.bias])
                before = np.concatenate([weights.ravel(), bias])
                self.check("weights and bias after the check", after, before, "put back what was shifted", (), 1e-7)

    def test_bn_gradients(self):
        """`compute_bn_gradients` is the derivative of γ·(x - mean) / √variance, mean and variance depending on x."""
        inputs, error, gamma = (self.rng.normal(size=shape) for shape in ((6, 3), (6, 3), 3))

        def loss(x):
            return np.sum(error * gamma * (x - x.mean(axis=0)) / x.std(axis=0))

        compute = self.helper("compute_bn_gradients")
        received = compute(error.copy(), inputs.copy(), gamma, inputs.mean(axis=0), inputs.var(axis=0))
        cause = "its arguments are error, input, γ, mean and variance, in this order"
        self.check("compute_bn_gradients", received, derivative(loss, inputs), cause, (), 1e-3)

    def test_bn_gradients_constant(self):
        """A channel without any variance has gradients that are numbers."""
        ones = np.ones((2, 1))
        received = self.helper("compute_bn_gradients")(np.array([[1.0], [3.0]]), ones, ones[0], ones[0], 0 * ones[0])
        self.assertTrue(np.isfinite(received).all(), "compute_bn_gradients of equal numbers: √(variance + ε) divides")

    def test_bn_gradients_epsilon(self):
        """An ε above 1e-10 is refused."""
        ones = np.ones((2, 1))
        with self.assertRaises(ArithmeticError, msg="compute_bn_gradients with eps=1e-9: expected an ArithmeticError"):
            self.helper("compute_bn_gradients")(ones, ones, ones[0], ones[0], ones[0], 1e-9)

    # -- accuracy and data

    def test_accuracy(self):
        """The share of rows whose largest entry stands where the label's does."""
        results = np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.3, 0.4, 0.3]])
        received = self.helper("calculate_accuracy")(results, np.eye(3)[[1, 0, 2, 2]])
        self.check("calculate_accuracy of three right answers in four", received, 0.75, "equal np.argmax along axis 1")

    def test_shuffle(self):
        """Inputs and labels come in one common, new order."""
        inputs = np.arange(100.0).reshape(50, 2)
        results = [self.helper("shuffle_data")(inputs.copy(), inputs.copy() + 0.5) for _ in range(4)]
        for shuffled, labels in map(np.asarray, results):
            cause = "both arrays need the same order"
            self.check("labels beside their inputs", labels, shuffled + 0.5, cause)
            self.check("rows after shuffle_data", shuffled[shuffled[:, 0].argsort()], inputs, "no row may get lost")
        moved = any(not np.array_equal(shuffled, inputs) for shuffled, _ in results)
        self.assertTrue(moved, "shuffle_data left the order of 50 rows as it was")

    def test_random_data(self):
        """RandomData: endless batches of vectors and one-hot labels."""
        data = self.helper("RandomData")(7, 5, 3)
        batches = [data.next() for _ in range(3)]
        for inputs, labels in batches:
            received = (np.shape(inputs), np.shape(labels))
            self.assertEqual(received, ((5, 7), (5, 3)), "RandomData(7, 5, 3).next(): shapes of inputs and labels")
            self.check("sums of the rows of labels", np.sum(labels, axis=1), np.ones(5), "one 1 for each sample")
            self.check("largest entries of labels", np.max(labels, axis=1), np.ones(5), "one 1 for each sample")
        self.assertFalse(np.array_equal(batches[0][0], batches[1][0]), "RandomData.next() gave one batch twice")

    def check_split(self, name, inputs, labels, training, data):
        """Training and test set, taken together, must be the whole data set, each sample with its label."""
        parts = data.next(), data.get_test_set()
        received = tuple(np.shape(part[0]) for part in parts)
        shape = np.shape(inputs)[1:]
        expected = ((training, *shape), (len(inputs) - training, *shape))
        self.assertEqual(received, expected, f"{name}({training}): shapes of the training and of the test set")

        def rows(pairs):
            table = np.hstack([np.concatenate([np.reshape(part, (len(part), -1)) for part in side]) for side in pairs])
            return table[np.lexsort(table.T)]

        cause = "a third is held out; each sample belongs to one of both sets, scaled by the largest value"
        whole = rows([[inputs], [labels]])
        self.check(f"{name}: all samples with their labels", rows(zip(*parts, strict=True)), whole, cause)

    def test_iris_data(self):
        """IrisData: 100 flowers to train and 50 to test with, scaled by the largest value."""
        from sklearn.datasets import load_iris

        data = load_iris()
        inputs, labels = data.data / data.data.max(), np.eye(3)[data.target]
        self.check_split("IrisData", inputs, labels, 100, self.helper("IrisData")(100))
        batch = self.helper("IrisData")(7).next()
        self.assertEqual(tuple(map(np.shape, batch)), ((7, 4), (7, 3)), "IrisData(7).next(): shapes")

    def test_iris_data_in_order(self):
        """IrisData with random=False keeps its order."""
        data = self.helper("IrisData")(100, random=False)
        first = np.array(data.next()[0])
        self.check("second batch of IrisData(100, random=False)", data.next()[0], first, "shuffle only where random")

    def test_iris_data_at_random(self):
        """IrisData shuffles unless it is told not to."""
        data = self.helper("IrisData")(100)
        orders = [np.array(data.next()[0]) for _ in range(3)]
        same = all(np.array_equal(orders[0], order) for order in orders)
        self.assertFalse(same, "IrisData(100) gave the same order three times: expected random=True as default")

    def test_digit_data(self):
        """DigitData: two thirds of 1,797 digits to train with."""
        from sklearn.datasets import load_digits

        data = load_digits()
        inputs, labels = data.images[:, None] / 16, np.eye(10)[data.target]
        self.check_split("DigitData", inputs, labels, 1198, self.helper("DigitData")(1198))

    def test_digit_data_last_batch(self):
        """The last batch of an epoch is filled up from the epoch's beginning."""
        data = self.helper("DigitData")(700)
        first, second = (np.array(data.next()[0]) for _ in range(2))
        self.check("end of the second batch of 700 from 1,198", second[498:], first[:202], "fill up the last batch")

    def test_digit_data_epoch(self):
        """An epoch has every image, also where a single one is left for its last batch."""
        whole, parts = (self.helper("DigitData")(size) for size in (1198, 399))
        held_out = parts.get_test_set()[0]
        epoch = np.concatenate([parts.next()[0] for _ in range(4)])[:1198]
        everything = [
            np.concatenate(images).reshape(1797, 64)
            for images in ((whole.next()[0], whole.get_test_set()[0]), (epoch, held_out))
        ]
        expected, received = (images[np.lexsort(images.T)] for images in everything)
        self.check("the images of four batches of 399 from 1,198", received, expected, "four batches for an epoch")

    # -- MNIST

    def mnist(self, batch_size):
        """MNISTData of seven images to train and three to test with, in the folder Data of a temporary folder."""
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        os.mkdir("Data")
        self.pictures, self.classes = {}, {}
        for part, count in (("train", 7), ("t10k", 3)):
            pictures = self.rng.integers(256, size=(count, 28, 28), dtype=np.uint8)
            classes = self.rng.permutation(10)[:count].astype(np.uint8)
            self.pictures[part], self.classes[part] = pictures, classes
            for name, values in ((f"{part}-images-idx3", pictures), (f"{part}-labels-idx1", classes)):
                header = np.array([0x0800 + values.ndim, *values.shape], dtype=">u4")
                with gzip.open(f"Data/{name}-ubyte.gz", "wb") as file:
                    file.write(header.tobytes() + values.tobytes())
        return self.helper("MNISTData")(batch_size)

    def test_mnist_data(self):
        """MNISTData reads images (n, 1, 28, 28) in [0, 1] and one-hot labels from four files in Data/."""
        data = self.mnist(2)
        received = {"train": (data.train, data.labels), "t10k": (data.test, data.testLabels)}
        for part, (images, labels) in received.items():
            expected = self.pictures[part][:, None] / 255
            self.check(f"MNISTData, images of {part}-images-idx3-ubyte.gz", images, expected, "bytes / 255")
            self.check(f"MNISTData, labels of {part}", labels, np.eye(10)[self.classes[part]], "one-hot, ten classes")
        for received, expected in zip(data.get_test_set(), (data.test, data.testLabels), strict=True):
            self.check("MNISTData.get_test_set()", received, expected, "the images and labels of t10k")

    def test_mnist_epoch(self):
        """Three batches of two from seven images are all different; the seventh image is dropped."""
        data = self.mnist(2)
        for _ in range(3):
            batches = [data.next() for _ in range(3)]
            images, labels = (np.concatenate(side) for side in zip(*batches, strict=True))
            self.assertEqual(images.shape, (6, 1, 28, 28), "MNISTData(2).next(): two images of shape (1, 28, 28)")
            which = [int(np.abs(data.train - image).max(axis=(1, 2, 3)).argmin()) for image in images]
            self.assertEqual(len(set(which)), 6, f"MNISTData: an epoch shows an image twice: {which}")
            self.check("labels beside their images", labels, data.labels[which], "both need the same order")

    def test_mnist_whole_set(self):
        """A batch may be as large as the training set."""
        data = self.mnist(7)
        for _ in range(2):
            images, _ = data.next()
            received = np.sort(np.asarray(images).sum(axis=(1, 2, 3)))
            expected = np.sort(data.train.sum(axis=(1, 2, 3)))
            self.check("sums of all images of a batch of seven", received, expected, "each image once in an epoch")

    def test_mnist_pictures(self):
        """`show_image` and `show_random_training_image` draw one image."""
        data, screen = self.mnist(2), Screen(self)
        data.show_image(1)
        data.show_image(2, test=False)
        data.show_random_training_image()
        shown = [picture for picture, _ in screen.pictures]
        self.check("number of pictures shown", len(shown), 3, "one picture in each call, by pyplot.imshow")
        self.check("MNISTData.show_image(1)", np.squeeze(shown[0]), data.test[1, 0], "an image of the test set")
        self.check("MNISTData.show_image(2, test=False)", np.squeeze(shown[1]), data.train[2, 0], "a training image")

    # -- packages

    def test_packages(self):
        """`from Layers import *` gives the modules, as the course's scripts expect, and so do the other packages."""
        for package, names in PACKAGES.items():
            folder = importlib.util.find_spec(package)
            places = folder.submodule_search_locations if folder else []
            written = [name for name in names.split() if any(os.path.exists(f"{place}/{name}.py") for place in places)]
            given = {}
            if written:
                exec(f"from {package} import *", given)
            for name in written:
                received = getattr(given.get(name), "__name__", "missing")
                cause = f"`from {package} import *` and {name}: add {name!r} to __all__ in {package}/__init__.py"
                self.assertEqual(received, f"{package}.{name}", cause)


# ---------------------------------------------------------------------------------------------------
# Part 2
# ---------------------------------------------------------------------------------------------------


class TestInitializers(Task):
    """Constant, UniformRandom, Xavier and He in Layers/Initializers.py."""

    shape, fan_in, fan_out = (200, 200), 400, 100

    def draw(self, name):
        """40,000 numbers for 400 inputs and 100 outputs."""
        values = create(name).initialize(self.shape, self.fan_in, self.fan_out)
        self.check_numbers(f"{name}.initialize", values)
        return np.asarray(values)

    def check_normal(self, name, deviation, cause, mistakes):
        """Mean, then standard deviation, then shape of the distribution, each within six standard errors."""
        values = self.draw(name)
        margin = 6 / np.sqrt(values.size)
        self.check_shape(f"what {name} draws", values, self.shape, "draw as many as the shape asks for")
        what = f"{name}, 400 inputs and 100 outputs: "
        mistakes = [
            *mistakes,
            ("1 stands where 2 belongs", deviation / np.sqrt(2)),
            ("6 stands where 2 belongs: 6 belongs to the uniform distribution", deviation * np.sqrt(3)),
        ]
        self.check(what + "mean / standard deviation", values.mean() / values.std(), 0, "a mean of zero", (), margin)
        self.check(what + "standard deviation", values.std(), deviation, cause, mistakes, margin / np.sqrt(2))
        within = np.mean(np.abs(values) < deviation)
        uniform = [("the distribution is uniform, not normal", 1 / np.sqrt(3))]
        self.check(what + "share within one standard deviation", within, 0.6827, "np.random.normal", uniform, margin)

    def check_seed(self, name):
        """The same seed of NumPy's global state has to give the same numbers."""
        np.random.seed(8)
        first = self.draw(name)
        np.random.seed(8)
        cause = "draw from np.random, so that np.random.seed repeats the numbers"
        self.check(f"{name} after the same seed", self.draw(name), first, cause)
        same = np.array_equal(self.draw(name), first)
        self.assertFalse(
            same, f"{name} draws the same numbers again: it has a seed of its own; np.random has one already"
        )

    def test_constant(self):
        """One value everywhere, 0.1 by default."""
        received = [create("Constant", 0.3).initialize((2, 3), 2, 3), create("Constant").initialize((2, 3), 2, 3)]
        expected = [np.full((2, 3), 0.3), np.full((2, 3), 0.1)]
        self.check("Constant(0.3) and Constant()", received, expected, "np.full(weights_shape, self.value), value=0.1")

    def test_uniform(self):
        """Uniform in [0, 1)."""
        check_uniform(self, "UniformRandom", self.draw("UniformRandom"))

    def test_uniform_seed(self):
        """np.random.seed repeats the numbers of UniformRandom."""
        self.check_seed("UniformRandom")

    def test_xavier(self):
        """Normal with σ = √(2 / (fan_in + fan_out))."""
        mistakes = [
            ("the variance is handed over where NumPy wants the standard deviation", 2 / 500),
            ("fan_in alone is used, or the fans are taken from weights_shape", np.sqrt(2 / 400)),
        ]
        self.check_normal("Xavier", np.sqrt(2 / 500), "σ = √(2 / (fan_in + fan_out))", mistakes)

    def test_xavier_seed(self):
        """np.random.seed repeats the numbers of Xavier."""
        self.check_seed("Xavier")

    def test_he(self):
        """Normal with σ = √(2 / fan_in)."""
        mistakes = [
            ("fan_in and fan_out are swapped", np.sqrt(2 / 100)),
            ("the variance is handed over where NumPy wants the standard deviation", 2 / 400),
            ("the formula is Xavier's", np.sqrt(2 / 500)),
            ("fan_in is taken from weights_shape", np.sqrt(2 / 200)),
        ]
        self.check_normal("He", np.sqrt(2 / 400), "σ = √(2 / fan_in)", mistakes)

    def test_he_seed(self):
        """np.random.seed repeats the numbers of He."""
        self.check_seed("He")

    def test_fully_connected_fans(self):
        """`initialize` hands the weights' initializer fan_in = inputs and fan_out = outputs, without the bias."""
        initializer = ConstantStart(2)
        create("FullyConnected", 4, 3).initialize(initializer, ConstantStart(3))
        fans = [call[1:] for call in initializer.calls]
        mistakes = [("fan_in and fan_out are swapped", [(3, 4)]), ("the bias is counted as an input", [(5, 3)])]
        cause = "weights_initializer.initialize((inputs, outputs), inputs, outputs), once"
        self.check("(fan_in, fan_out) from FullyConnected(4, 3).initialize", fans, [(4, 3)], cause, mistakes)

    def test_fully_connected_bias(self):
        """`initialize` fills the bias row by the bias' initializer, the rest by that of the weights."""
        layer = create("FullyConnected", 4, 3)
        layer.initialize(ConstantStart(2), ConstantStart(3))
        received = layer.forward(np.vstack([np.zeros(4), np.eye(4)]))
        expected = np.vstack([np.full(3, 3.0), np.full((4, 3), 5.0)])
        mistakes = [
            (mistake, np.vstack([np.full(3, bias), np.full((4, 3), bias + weight)]))
            for mistake, bias, weight in (
                ("one initializer fills everything", 2.0, 2.0),
                ("the two initializers are exchanged", 2.0, 3.0),
                ("the bias row stays at zero", 0.0, 2.0),
            )
        ]
        cause = "draw the weights and the bias row separately, then stack them and assign them to self.weights"
        what = "FullyConnected after initialize with weights 2 and bias 3, forward of zeros and unit vectors"
        self.check(what, received, expected, cause, mistakes)


def momentum_oracle(weight, gradients, learning_rate, momentum, old=1, new=-1, apply=1, coupled=0.0):
    """The weights after steps of gradient descent with momentum; the last three are signs to play with."""
    velocity = 0.0
    for gradient in gradients:
        velocity = old * momentum * velocity + new * learning_rate * (gradient + coupled * weight)
        weight = weight + apply * velocity
    return weight


def adam_oracle(
    weight,
    gradients,
    learning_rate,
    mu,
    rho,
    first=1,
    coupled=0.0,
    square=lambda gradient, v: gradient * gradient,
    root=np.sqrt,
    correct=lambda v, r, mu, rho: (v / (1 - mu), r / (1 - rho)),
):
    """The weights after steps of Adam, counted from `first`; the functions are there to be played with.

    `correct` gets the moments and the powers mu^k and rho^k.
    """
    v = r = 0.0
    for k, gradient in enumerate(gradients, start=first):
        gradient = gradient + coupled * weight
        v = mu * v + (1 - mu) * gradient
        r = rho * r + (1 - rho) * square(gradient, v)
        v_hat, r_hat = correct(v, r, mu**k, rho**k)
        weight = weight - learning_rate * v_hat / (root(r_hat) + 1e-8)
    return weight


class TestOptimizers2(OptimizerTask):
    """SgdWithMomentum and Adam in Optimization/Optimizers.py."""

    def check_momentum(self, weight, gradients):
        """Compare with the formula, and name the wrong signs."""
        received = self.run_steps("SgdWithMomentum", [0.1, 0.5], weight, gradients)
        expected = momentum_oracle(weight, gradients, 0.1, 0.5)
        ahead, before, velocity = weight, weight, 0.0
        for gradient in gradients:
            before = before + velocity
            velocity = 0.5 * velocity - 0.1 * gradient
            ahead = ahead + 0.5 * velocity - 0.1 * gradient
        mistakes = [
            (
                "the velocity of the last step is subtracted: v = μ·v - η·g",
                momentum_oracle(weight, gradients, 0.1, 0.5, -1),
            ),
            ("the weights move against the velocity: w + v", momentum_oracle(weight, gradients, 0.1, 0.5, apply=-1)),
            ("v is forgotten from step to step: keep it in self", momentum_oracle(weight, gradients, 0.1, 0.0)),
            ("v = μ·v - η·(1 - μ)·g", momentum_oracle(weight, gradients, 0.05, 0.5)),
            ("the learning rate enters twice: w + v", momentum_oracle(weight, gradients, 0.1, 0.5, apply=0.1)),
            ("the two rates are exchanged", momentum_oracle(weight, gradients, 0.5, 0.1)),
            ("the step looks ahead, as Nesterov's does", ahead),
            ("w moves by the velocity of the step before", before),
            ("the velocity is returned instead of the weights", velocity),
        ]
        cause = "v = μ·v - η·g and then w + v, with v = 0 before the first step; look at the signs"
        self.check(f"SgdWithMomentum(0.1, 0.5) after {len(gradients)} steps", received, expected, cause, mistakes)

    def check_own_memory(self, name, arguments, expected):
        """The first step of an optimizer must not depend on the steps of another."""
        optimizer, other = create(name, *arguments), create(name, *arguments)
        other.calculate_update(1.0, -5.0)
        cause = "each object has a memory of its own: self.…, set in __init__, nothing in the class"
        what = f"first step of {name} after a step of another object"
        self.check(what, optimizer.calculate_update(1.0, 2.0), expected, cause)

    def test_momentum_own_memory(self):
        """Two momentum optimizers have velocities of their own."""
        self.check_own_memory("SgdWithMomentum", (0.1, 0.9), 0.8)

    def test_adam_own_memory(self):
        """Two Adams have moments and counters of their own."""
        self.check_own_memory("Adam", (0.1, 0.9, 0.999), 0.9)

    def test_momentum_float(self):
        """Momentum on plain numbers: the first step is that of Sgd, the next ones gain speed."""
        self.check_momentum(1.0, [2.0, 2.0, 1.0])

    def test_momentum_array(self):
        """Momentum on arrays, with gradients of both signs."""
        self.check_momentum(self.rng.normal(size=(2, 3)), self.rng.normal(size=(5, 2, 3)))

    def test_momentum_arguments_unchanged(self):
        """Momentum changes neither weights nor gradient."""
        self.check_arguments("SgdWithMomentum", 0.1, 0.9)

    def test_momentum_default(self):
        """The momentum rate is 0.9 where it is left out."""
        received = self.run_steps("SgdWithMomentum", [0.1], 1.0, [1.0, 1.0])
        expected = momentum_oracle(1.0, [1.0, 1.0], 0.1, 0.9)
        self.check("SgdWithMomentum(0.1) after two steps", received, expected, "momentum_rate=0.9 as default")

    def test_momentum_copy(self):
        """A deep copy of a momentum optimizer keeps its velocity."""
        self.check_memory(copy.deepcopy, "SgdWithMomentum", 0.1, 0.9)

    def test_momentum_pickle(self):
        """A momentum optimizer that was pickled keeps its velocity."""
        self.check_memory(lambda optimizer: pickle.loads(pickle.dumps(optimizer)), "SgdWithMomentum", 0.1, 0.9)

    def check_adam(self, weight, gradients):
        """Compare with the formula, and name the usual mistakes."""
        rates = 0.1, 0.8, 0.9
        received = self.run_steps("Adam", rates, weight, gradients)
        mistakes = [
            ("the step counter starts at 2: the first step is k = 1", adam_oracle(weight, gradients, *rates, first=2)),
            ("mu and rho are mixed up", adam_oracle(weight, gradients, 0.1, 0.9, 0.8)),
            ("the learning rate is left out", adam_oracle(weight, gradients, 1, 0.8, 0.9)),
            ("the step goes uphill: subtract it", adam_oracle(weight, gradients, -0.1, 0.8, 0.9)),
            *(
                (mistake, adam_oracle(weight, gradients, *rates, **function))
                for mistake, function in (
                    ("the root is missing: √r̂", {"root": lambda r: r}),
                    ("the square is missing: r = rho·r + (1 - rho)·g²", {"square": lambda g, v: g}),
                    ("r takes v² for g²", {"square": lambda g, v: v * v}),
                    ("the corrections lack the step: 1 - mu^k, a power, and 1 - rho^k, and k rises once in each step",
                     {"correct": lambda v, r, mu, rho: (v / 0.2, r / 0.1)}),
                    ("r is corrected by mu: r is corrected by rho",
                     {"correct": lambda v, r, mu, rho: (v / (1 - mu), r / (1 - mu))}),
                    ("r is not corrected, v alone is", {"correct": lambda v, r, mu, rho: (v / (1 - mu), r)}),
                    ("v is not corrected, r alone is", {"correct": lambda v, r, mu, rho: (v, r / (1 - rho))}),
                    ("the bias correction is missing", {"correct": lambda v, r, mu, rho: (v, r)}),
                )
            ),
        ]  # fmt: skip
        cause = (
            "k counts from 1 and rises once in each step; v = mu·v + (1 - mu)·g, r = rho·r + (1 - rho)·g², which start "
            "from 0; both divided by 1 - mu^k, a power, and 1 - rho^k, each without changing what is remembered"
        )
        expected = adam_oracle(weight, gradients, *rates)
        self.check(f"Adam{rates} after {len(gradients)} steps", received, expected, cause, mistakes)

    def test_adam_float(self):
        """Adam on plain numbers, several steps."""
        self.check_adam(1.0, [1.0, -0.5, 0.25, 3.0])

    def test_adam_array(self):
        """Adam on arrays, several steps."""
        self.check_adam(self.rng.normal(size=(2, 3)), self.rng.normal(size=(5, 2, 3)))

    def test_adam_epsilon(self):
        """ε = 1e-8 is added to the root, not under it: a gradient of 1e-8 makes half a step."""
        received = self.run_steps("Adam", [1.0, 0.9, 0.999], 0.0, [1e-8])
        mistakes = [
            ("ε is far too small, as np.finfo(float).eps, or stands outside of the division", -1.0),
            ("ε stands under the root", -1e-4),
        ]
        self.check("Adam from weight 0 with gradient 1e-8", received, -0.5, "v̂ / (√r̂ + 1e-8)", mistakes, 1e-3)

    def test_adam_arguments_unchanged(self):
        """Adam changes neither weights nor gradient."""
        self.check_arguments("Adam", 0.1, 0.9, 0.999)

    def test_adam_default(self):
        """The rates mu and rho are 0.9 and 0.999 where they are left out."""
        received = self.run_steps("Adam", [0.1], 1.0, [1.0, -0.5])
        expected = adam_oracle(1.0, [1.0, -0.5], 0.1, 0.9, 0.999)
        self.check("Adam(0.1) after two steps", received, expected, "mu=0.9 and rho=0.999 as defaults")

    def test_adam_pickle(self):
        """An Adam that was pickled keeps its moments and its step counter."""
        self.check_memory(lambda optimizer: pickle.loads(pickle.dumps(optimizer)), "Adam", 0.1, 0.9, 0.999)


class TestFlatten(LayerTests, Task):
    """Flatten in Layers/Flatten.py."""

    layer_name = "Flatten"
    shape = (2, 3, 2, 2)
    cause_gradient = "backward restores the shape of the input, in the order in which forward wrote it"

    def test_forward(self):
        """Each image becomes a row, the last axis running fastest."""
        images = np.arange(48.0).reshape(2, 3, 4, 2)
        expected = np.arange(48.0).reshape(2, 24)
        mistakes = [("the elements are written in Fortran's order", images.reshape((2, 24), order="F"))]
        received = self.layer().forward(images)
        self.check("Flatten.forward", received, expected, "x.reshape(batch size, -1)", mistakes)

    def test_backward(self):
        """The error comes back in the shape of the input."""
        layer = self.layer()
        layer.forward(np.zeros((2, 3, 4, 2)))
        received = layer.backward(np.arange(48.0).reshape(2, 24))
        self.check(
            "Flatten.backward", received, np.arange(48.0).reshape(2, 3, 4, 2), "keep the input's shape in forward"
        )


def correlate(images, kernels, bias, operation="correlate"):
    """Cross-correlation with zero padding to the same size, by SciPy, for signals and images alike."""
    import scipy.signal

    operation = getattr(scipy.signal, operation)
    return np.array(
        [
            [
                offset + sum(operation(channel, part, mode="same") for channel, part in zip(image, kernel, strict=True))
                for kernel, offset in zip(kernels, bias, strict=True)
            ]
            for image in images
        ]
    )


def mirrored(array):
    """An array of images or signals with their space turned around, channels as they were."""
    return np.flip(array, axis=tuple(range(2, array.ndim)))


class TestConv(BiasTests, Task):
    """Conv in Layers/Conv.py."""

    layer_name = "Conv"
    arguments = ((2, 1), (2, 3, 2), 3)
    shape = (2, 2, 4, 3)
    cause_gradient = (
        "spread the error to the places from which the stride took the outputs (zeros between them), then "
        "convolve it with the kernels, summed over the kernels; padding as in forward, before and after exchanged. "
        "With views of the padded input instead: add into them (+=), then cut off k // 2 in front"
    )
    cause_weights = (
        "correlate the padded input with the error, which the stride spreads; a sum over batch and positions, "
        "neither averaged nor flipped"
    )
    cause_bias = "the bias is added at every position of every sample: sum the error over axes 0, 2 and 3"

    def check_forward(self, arguments, shape, cause, mistakes=lambda images, weights, bias: ()):
        """Compare with SciPy's correlation, sub-sampled by the stride."""
        stride, kernel, count = arguments
        layer, images = create("Conv", *arguments), self.rng.normal(size=shape)
        layer.weights = weights = self.rng.normal(size=(count, *kernel))
        layer.bias = bias = self.rng.normal(size=count)
        full = correlate(images, weights, bias)
        steps = list(stride) if np.ndim(stride) else [stride]
        steps = steps * (full.ndim - 2) if len(steps) == 1 else steps
        expected = full[(..., *(slice(None, None, s) for s in steps))]
        received = layer.forward(images.copy())
        what = f"Conv{arguments}.forward of {shape}"

        def known():
            places = (..., *(slice(None, None, s) for s in steps))
            usual = [(mistake, output[places]) for mistake, output in self.mistaken_outputs(images, weights, bias)]
            for name, one in (("first", steps[0]), ("second", steps[-1])):
                output = full[(..., *[slice(None, None, one)] * len(steps))]
                usual.append((f"the {name} stride is taken for both axes", output))
            return [*usual, *mistakes(images, weights, bias)]

        self.check(what, received, expected, cause, known)

    @staticmethod
    def mistaken_outputs(images, weights, bias):
        """Well-known mistakes, and the outputs of every place that they lead to."""
        size = weights.shape[2:]
        right, each = correlate(images, weights, bias), bias.reshape(-1, *[1] * len(size))
        first = np.zeros(len(weights), dtype=int)
        corner, last = right - each, right.copy()
        corner[(..., *[0] * len(size))] += bias
        last[:-1] = 0

        def bordered(mode, **options):
            around = np.pad(images, [(0, 0), (0, 0), *((k, k) for k in size)], mode, **options)
            return correlate(around, weights, bias)[(..., *(slice(k, -k) for k in size))]

        return [
            ("the kernels are in reverse order", correlate(images, weights[::-1], bias)),
            ("the kernel is flipped along its rows", correlate(images, weights[:, :, ::-1], bias)),
            ("the kernel is flipped along its columns", correlate(images, weights[..., ::-1], bias)),
            ("the first channel alone counts: sum over all", correlate(images[:, :1], weights[:, :1], bias)),
            ("the mean over the channels is taken: sum over them", (right - each) / weights.shape[1] + each),
            ("the mean over the kernel is taken: sum over it", (right - each) / np.prod(size) + each),
            ("the first kernel is taken for all: every kernel has an output of its own",
             correlate(images, weights[first], bias)),
            ("the bias is forgotten", right - each),
            ("the bias is subtracted", right - 2 * each),
            ("the first bias is taken for all: each kernel has a bias of its own", right - each + bias[0]),
            ("the sum of all biases is added: each kernel has a bias of its own", right - each + bias.sum()),
            ("the bias is added at the first place alone: the bias is added at every place", corner),
            ("only the last sample is left: every sample has its output", last),
            ("an activation is applied: an activation is a layer of its own", np.maximum(0, right)),
            ("the border is repeated: there are zeros around", bordered("edge")),
            ("it goes on at the other side of the image: there are zeros around", bordered("wrap")),
            ("the border is mirrored: there are zeros around", bordered("symmetric")),
            ("the border is filled with ones: there are zeros around", bordered("constant", constant_values=1)),
        ]  # fmt: skip

    def test_forward(self):
        """A cross-correlation: the kernel is not flipped."""
        self.check_forward(
            ((1, 1), (3, 3, 5), 4),
            (2, 3, 7, 6),
            "the sum over channels and kernel of input times weight, with zeros around, plus the bias",
            lambda images, weights, bias: [
                ("the kernel is flipped: correlate, do not convolve",
                 correlate(images, weights, bias, "convolve")),
                ("the channels are in reverse order: a convolution over three axes flips them too",
                 correlate(images, weights[:, ::-1], bias, "convolve")),
                ("the channels are in reverse order", correlate(images, weights[:, ::-1], bias)),
                ("the bias is forgotten", correlate(images, weights, 0 * bias)),
                ("the bias is added once for every channel", correlate(images, weights, 3 * bias)),
                ("the bias is added once for every place of the kernel: after the loop",
                 correlate(images, weights, 15 * bias)),
                ("the bias is added for every channel and every place of the kernel: after the loops",
                 correlate(images, weights, 45 * bias)),
            ],
        )  # fmt: skip

    def test_forward_even_kernel(self):
        """A kernel of size k has k // 2 zeros before and (k - 1) // 2 after."""
        self.check_forward(
            ((1, 1), (2, 2, 4), 2),
            (2, 2, 5, 6),
            "k // 2 zeros before the first row or column, (k - 1) // 2 after the last",
            lambda images, weights, bias: [
                ("the padding is on the wrong side: the larger half comes before the image",
                 mirrored(correlate(mirrored(images), mirrored(weights), bias))),
                ("the kernel is flipped: use a correlation", correlate(images, weights, bias, "convolve")),
            ],
        )  # fmt: skip

    def test_forward_stride(self):
        """The first stride goes down the rows, the second along the columns; sampling begins at index 0."""
        self.check_forward(
            ((1, 3), (2, 3, 3), 2),
            (2, 2, 6, 6),
            "every s-th value of the output for stride 1, beginning with the first: ceil(n / s) of them",
            lambda images, weights, bias: [
                ("each stride is applied to the other axis", correlate(images, weights, bias)[:, :, ::3]),
                ("the stride is left out", correlate(images, weights, bias)),
                ("sampling begins in the middle of the stride", correlate(images, weights, bias)[..., 1::3]),
            ],
        )  # fmt: skip

    def test_forward_stride_number(self):
        """One number as stride holds for both axes; sizes that it does not divide are rounded up."""
        self.check_forward((2, (1, 3, 3), 2), (1, 1, 7, 5), "a stride of 2 means (2, 2); the size is ceil(n / 2)")

    def test_forward_kernel_1x1(self):
        """A kernel of one pixel mixes the channels only."""
        self.check_forward(((1, 1), (3, 1, 1), 4), (2, 3, 3, 4), "a kernel of size 1 needs no padding")

    def test_forward_large_kernel(self):
        """The kernel may be larger than the image."""
        self.check_forward(((1, 1), (1, 5, 3), 2), (2, 1, 3, 2), "the padding depends on the kernel, not on the image")

    def test_forward_lists(self):
        """Stride and kernel may be lists, with NumPy integers in them."""
        self.check_forward(
            ([np.int64(2), 1], [2, np.int64(3), 3], np.int64(2)),
            (1, 2, 5, 4),
            "lists and np.int64 are sizes too",
            lambda images, weights, bias: [
                ("each stride is applied to the other axis", correlate(images, weights, bias)[..., ::2]),
                ("the stride is left out", correlate(images, weights, bias)),
            ],
        )

    def test_parameters_assigned(self):
        """Weights and bias that are assigned between two calls take effect in the next one."""
        layer = create("Conv", (1, 1), (1, 1, 1), 2)
        layer.forward(np.ones((1, 1, 1, 1)))
        layer.weights = np.array([[[3.0]], [[5.0]]])  # a script may expand it afterwards
        layer.weights = np.expand_dims(layer.weights, 1)
        layer.bias = np.array([0.25, 0.5])
        received = np.ravel(layer.forward(np.full((1, 1, 1, 1), 10.0)))
        cause = "forward reads self.weights and self.bias anew in every call, and nothing is made of them before"
        self.check("Conv.forward of 10 with weights 3 and 5, bias 0.25 and 0.5", received, [30.25, 50.5], cause)

    def test_forward_1d(self):
        """Signals (batch, channels, y) with kernels (channels, m), the stride as a list of one."""
        self.check_forward(([2], (3, 3), 2), (2, 3, 9), "the same as for images, with one axis fewer")

    def test_gradient_1d(self):
        """The input's error for signals."""
        self.check_gradient(create("Conv", [2], (2, 3), 2), self.rng.normal(size=(2, 2, 5)), self.cause_gradient)

    def test_gradient_weights_1d(self):
        """The gradient of the weights for signals."""
        layer = create("Conv", [2], (2, 3), 2)
        self.check_parameter_gradient(layer, self.rng.normal(size=(2, 2, 5)), "weights", self.cause_weights)

    def test_gradient_even_kernel(self):
        """The input's error for a kernel that is even on both axes, without a stride."""
        layer = create("Conv", (1, 1), (1, 2, 4), 2)
        self.check_gradient(layer, self.rng.normal(size=(1, 1, 4, 5)), self.cause_gradient)

    def test_forward_gaps(self):
        """A stride larger than the kernel passes over pixels, the last rows and columns among them."""
        self.check_forward(((4, 3), (2, 3, 2), 2), (2, 2, 8, 6), "pixels between two windows are in none of them")

    def test_gradient_gaps(self):
        """Pixels that no window has seen receive no error."""
        layer = create("Conv", (4, 3), (2, 3, 2), 2)
        cause = "the error has the input's shape, with zeros at the pixels that no window has seen"
        self.check_gradient(layer, self.rng.normal(size=(2, 2, 8, 6)), cause)

    def test_gradient_one_image(self):
        """The input's error for a single image and a single kernel, with one stride for both axes."""
        layer = create("Conv", (2, 2), (1, 3, 3), 1)
        self.check_gradient(layer, self.rng.normal(size=(1, 1, 5, 4)), self.cause_gradient)

    def test_gradient_tall_kernel(self):
        """The input's error for a kernel of five rows, without a stride."""
        layer = create("Conv", (1, 1), (1, 5, 3), 2)
        self.check_gradient(layer, self.rng.normal(size=(1, 1, 6, 4)), self.cause_gradient)

    def test_many_channels(self):
        """As many channels and kernels as a network has inside: output, error and gradients as for a few."""
        for size in ((6, 9), (4, 8)):
            layer = create("Conv", (1, 1), (16, 3, 3), 17)
            images, errors = self.rng.normal(size=(2, 16, *size)), self.rng.normal(size=(2, 17, *size))
            layer.weights = weights = self.rng.normal(size=(17, 16, 3, 3))
            layer.bias = bias = self.rng.normal(size=17)
            output = layer.forward(images.copy())
            what = "with 16 channels and 17 kernels"
            cause = "no size is special: the sum over all channels and the kernel, plus the bias"
            self.check(f"forward {what}", output, correlate(images, weights, bias), cause)
            received = layer.backward(errors.copy())
            expected = correlate(errors, weights.swapaxes(0, 1), np.zeros(16), "convolve")
            self.check(f"backward {what}", received, expected, self.cause_gradient, after_forward=True)
            self.check_gradients_by_image(layer, images, errors, what, self.cause_weights)
        for arguments in (((2, 1), (16, 3, 3), 16), ((1, 1), (16, 2, 3), 16)):
            self.check_forward(arguments, (1, 16, 5, 4), "stride and kernel count with many channels as with a few")

    def test_large_batch(self):
        """The gradients are sums over the whole batch, however many large images it has."""
        cause = "a sum over the whole batch: each image, or part of the batch, adds to what those before it gave (+=)"
        for channels, kernels in ((8, 2), (16, 16)):
            layer = create("Conv", (1, 1), (channels, 3, 3), kernels)
            images, errors = (self.rng.normal(size=(6, count, 33, 33)) for count in (channels, kernels))
            layer.forward(images.copy())
            layer.backward(errors.copy())
            what = f"with {channels} channels and {kernels} kernels, of 6 images of 33×33"
            self.check_gradients_by_image(layer, images, errors, what, cause)

    def check_gradients_by_image(self, layer, images, errors, what, cause):
        """Compare the gradients of 3×3 kernels with what each image gives, summed."""
        padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        by_image = np.array([np.tensordot(*pair, ((1, 2), (1, 2))) for pair in zip(errors, windows, strict=True)])
        for name, each, usual in (
            ("gradient_weights", by_image, cause),
            ("gradient_bias", errors.sum(axis=(2, 3)), self.cause_bias),
        ):
            mistakes = [("only the last image counts: add up (+=)", each[-1])]
            received = getattr(layer, name)
            self.check(f"{name} {what}", received, each.sum(axis=0), usual, mistakes, after_forward=True)

    def test_uniform_start(self):
        """New weights and biases are uniform in [0, 1), weights (kernels, channels, m, n), bias (kernels,)."""
        layer = create("Conv", (1, 1), (3, 5, 4), 40)
        what, shape = "of a new Conv((1, 1), (3, 5, 4), 40)", (40, 3, 5, 4)
        self.check_shape(f"weights {what}", layer.weights, shape, "(num_kernels, *convolution_shape)")
        self.check_shape(f"bias {what}", layer.bias, (40,), "one bias for each kernel")
        check_uniform(self, "weights of a new Conv", np.array(layer.weights))
        check_uniform(self, "bias of a new Conv", np.array(layer.bias))

    def test_initialize_fans(self):
        """fan_in = channels·m·n, fan_out = kernels·m·n."""
        initializer = ConstantStart(0.5)
        create("Conv", (1, 1), (3, 5, 4), 2).initialize(initializer, ConstantStart(0.1))
        mistakes = [
            ("fan_in and fan_out are swapped", [(40, 60)]),
            ("fan_out misses the kernel's size", [(60, 2)]),
            ("fan_in misses the channels", [(20, 40)]),
            ("numbers of kernels and channels alone are taken", [(2, 3)]),
            ("the whole array is counted for fan_in: one kernel is", [(120, 40)]),
        ]
        fans = [call[1:] for call in initializer.calls]
        cause = "fan_in = channels·m·n, fan_out = num_kernels·m·n, handed over in this order"
        self.check("(fan_in, fan_out) from Conv((1, 1), (3, 5, 4), 2)", fans, [(60, 40)], cause, mistakes)

    def test_initialize(self):
        """`initialize` fills weights and bias, each by its own initializer and in its own shape."""
        layer = create("Conv", (1, 1), (3, 5, 4), 2)
        layer.initialize(ConstantStart(0.5), ConstantStart(0.1))
        self.check_shape("weights after initialize", layer.weights, (2, 3, 5, 4), "(num_kernels, c, m, n)")
        self.check_shape("bias after initialize", layer.bias, (2,), "(num_kernels,)")
        received = np.concatenate([np.ravel(layer.weights), np.ravel(layer.bias)])
        mistakes = [
            ("the weights' initializer fills the bias too: the bias by the bias' own initializer", [0.5] * 122),
            ("the two initializers are exchanged", [0.1] * 120 + [0.5] * 2),
        ]
        cause = "assign both; the bias has shape (kernels,)"
        self.check("weights and bias after initialize", received, [0.5] * 120 + [0.1] * 2, cause, mistakes)


def pool(images, stride, size, choose=np.max):
    """Pooling by loops, without the windows that would reach over the border."""
    rows = range(0, images.shape[2] - size[0] + 1, stride[0])
    columns = range(0, images.shape[3] - size[1] + 1, stride[1])
    windows = [[choose(images[:, :, i : i + size[0], j : j + size[1]], axis=(2, 3)) for j in columns] for i in rows]
    return np.moveaxis(np.array(windows), (0, 1), (2, 3))


def farthest_from_zero(values, axis):
    """The largest or the smallest value along axes, whichever is farther from zero."""
    high, low = np.max(values, axis=axis), np.min(values, axis=axis)
    return np.where(high > -low, high, low)


class TestPooling(LayerTests, Task):
    """Pooling in Layers/Pooling.py."""

    layer_name = "Pooling"
    arguments = ((1, 2), (2, 3))
    shape = (2, 2, 4, 6)
    cause_gradient = (
        "each output passes its error to the place of its maximum; where windows overlap, errors add: "
        "error[place] += …, never error[place] = …"
    )

    def example(self):
        """Distinct numbers, far enough apart."""
        return self.rng.permutation(np.prod(self.shape)).reshape(self.shape) / 10 - 4

    def check_forward(self, stride, size, shape, cause, mistakes=lambda images: ()):
        """Compare with the loops above."""
        images = self.rng.normal(size=shape)
        received = create("Pooling", stride, size).forward(images.copy())
        what = f"Pooling({stride}, {size}).forward of {shape}"
        usual = [
            ("the minimum is taken instead of the maximum", pool(images, stride, size, np.min)),
            ("the largest absolute value is taken", pool(images, stride, size, farthest_from_zero)),
            ("the window's size is taken for the stride", pool(images, size, size)),
            ("the stride is taken for the window's size", pool(images, stride, stride)),
            ("stride and window are exchanged", pool(images, size, stride)),
        ]
        self.check(what, received, pool(images, stride, size), cause, [*mistakes(images), *usual])

    def test_forward(self):
        """The maximum of each window."""
        self.check_forward(
            (2, 2),
            (2, 2),
            (2, 3, 4, 6),
            "np.max over the window, for each sample and channel",
            lambda images: [("the mean is taken instead of the maximum", pool(images, (2, 2), (2, 2), np.mean))],
        )

    def test_forward_axes(self):
        """The first number of stride and window goes down the rows, the second along the columns."""
        self.check_forward(
            (1, 2),
            (3, 2),
            (1, 2, 6, 6),
            "stride and window are (rows, columns)",
            lambda images: [
                ("each stride is applied to the other axis", pool(images, (2, 1), (3, 2))),
                ("the window is turned around", pool(images, (1, 2), (2, 3))),
                ("both strides and window are turned around", pool(images, (2, 1), (2, 3))),
            ],
        )

    def test_forward_overlap(self):
        """Windows overlap where the stride is smaller than the window."""
        self.check_forward((1, 1), (2, 2), (2, 2, 4, 4), "(n - p) // s + 1 windows: 3 of size 2 in a row of 4")

    def test_forward_gaps(self):
        """Pixels between the windows are skipped where the stride is larger."""
        self.check_forward(
            (3, 3), (2, 2), (1, 2, 8, 8), "(n - p) // s + 1 windows: 3 of size 2 in a row of 8 at stride 3"
        )

    def test_forward_border(self):
        """What is left at the border is dropped."""
        self.check_forward(
            (2, 2), (2, 2), (2, 1, 5, 7), '"valid": a window that reaches over the border does not count'
        )

    def test_forward_negative(self):
        """The maximum of negative numbers is negative."""
        images = -1 - self.rng.random((1, 1, 4, 4))
        received = create("Pooling", (2, 2), (2, 2)).forward(images.copy())
        cause = "a maximum that starts from 0, or zeros padded at the border"
        self.check("Pooling.forward of negative numbers", received, pool(images, (2, 2), (2, 2)), cause)

    def test_backward(self):
        """Where windows do not overlap, each error goes to the maximum of its window and nowhere else."""
        layer = create("Pooling", (2, 2), (2, 2))
        layer.forward(np.array([[[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 6.0, 9.0]]]]))
        received = np.asarray(layer.backward(np.array([[[[7.0, -8.0]]]])))[0, 0]
        mistakes = [
            ("the whole window gets the error of its maximum", [[7, 7, -8, -8], [7, 7, -8, -8]]),
            ("the error is shared by the window, as for a mean", [[1.75, 1.75, -2, -2], [1.75, 1.75, -2, -2]]),
            ("the first place of each window takes the error", [[7, 0, -8, 0], [0, 0, 0, 0]]),
            ("the error tensor is left out", [[0, 1, 0, 0], [0, 0, 0, 1]]),
        ]
        cause = "keep in forward where each maximum was; all other places get 0"
        self.check("Pooling.backward of 7 and -8", received, [[0, 7, 0, 0], [0, 0, 0, -8]], cause, mistakes)

    def test_gradient_gaps(self):
        """The input's error where pixels between the windows and at the border are skipped."""
        images = self.rng.permutation(60).reshape(1, 2, 6, 5) / 10 - 3
        self.check_gradient(create("Pooling", (3, 2), (2, 2)), images, self.cause_gradient)

    def test_backward_overlap(self):
        """A pixel that is the maximum of four windows gets the errors of all four."""
        layer = create("Pooling", (1, 1), (2, 2))
        image = np.zeros((1, 1, 3, 3))
        image[0, 0, 1, 1] = 1
        layer.forward(image)
        received = np.asarray(layer.backward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]])))[0, 0]
        expected = np.zeros((3, 3))
        expected[1, 1] = 10
        mistakes = [
            ("each window overwrites the error of the one before", expected * 0.4),
            ("each window overwrites the error of the one behind", expected * 0.1),
        ]
        self.check("Pooling.backward where windows overlap", received, expected, "errors add: +=, not =", mistakes)

    def test_backward_tall_window(self):
        """A window may be as tall as the image, with its maximum in the last of many rows."""
        layer = create("Pooling", (1, 1), (257, 1))
        layer.forward(np.arange(514.0).reshape(1, 1, 257, 2))
        received = layer.backward(np.array([[[[2.0, 3.0]]]]))
        expected = np.zeros((1, 1, 257, 2))
        expected[0, 0, -1] = 2, 3
        cause = "the error goes to the place of the maximum, wherever in the window it is"
        self.check("Pooling.backward with a window of 257 rows", received, expected, cause)

    def test_backward_ties(self):
        """Where several pixels share the maximum, the window's error is not lost; which one takes it is free."""
        layer = create("Pooling", (2, 2), (2, 2))
        layer.forward(np.zeros((1, 1, 4, 4)))
        error = np.asarray(layer.backward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]])))
        arrived = pool(error, (2, 2), (2, 2), np.sum)[0, 0]
        arrived_or_more = np.minimum(arrived, [[1, 2], [3, 4]])
        cause = (
            "a window with several maxima passes no error on: take the first place of the maximum, as np.argmax does"
        )
        self.check("errors 1, 2, 3, 4 that arrive in windows of equal pixels", arrived_or_more, [[1, 2], [3, 4]], cause)


def digits(flat=False):
    """Handwritten digits of 8×8 pixels in [0, 1]: training and test set, one third for the test."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images, labels = data.images[:, None] / 16, np.eye(10)[data.target]
    images = images.reshape(len(images), 64) if flat else images
    return (images[600:], labels[600:]), (images[:600], labels[:600])


class TestNeuralNetwork2(NetworkTask):
    """NeuralNetwork with initializers in NeuralNetwork.py, and networks of what Part 2 adds."""

    def test_append_plain_layer(self):
        """A layer that is not trainable is appended, but not initialized."""
        diary = []
        net = create("NeuralNetwork", FixedStep(), ConstantStart(1), ConstantStart(2))
        net.append_layer(scale(2, diary))
        self.check("number of layers", len(net.layers), 1, "self.layers.append(layer) for every layer")
        self.assertEqual(diary, [], "a layer that is not trainable has nothing to initialize: `if layer.trainable`")

    def test_append_initializes(self):
        """A trainable layer is initialized by the network's initializers."""
        diary, weights, bias = [], ConstantStart(1), ConstantStart(2)
        create("NeuralNetwork", FixedStep(), weights, bias).append_layer(scale(2, diary, trainable=True))
        received = [(entry[2].value, entry[3].value) for entry in diary if entry[0] == "initialize"]
        cause = "layer.initialize(self.weights_initializer, self.bias_initializer), in this order, if it is trainable"
        self.check("what initialize was handed (1 for the weights, 2 for the bias)", received, [(1, 2)], cause)

    def test_append_initializes_layers(self):
        """A fully connected layer has its initial values from the network's initializers; each kind goes its way."""
        net = create("NeuralNetwork", FixedStep(), ConstantStart(2), ConstantStart(3))
        net.append_layer(create("FullyConnected", 2, 1))
        received = net.layers[0].forward(np.array([[0.0, 0.0], [1.0, 0.0]]))
        mistakes = [
            ("the two initializers are exchanged", [[2], [5]]),
            ("the weights' initializer fills the bias too", [[2], [4]]),
        ]
        cause = "append_layer calls layer.initialize(self.weights_initializer, self.bias_initializer)"
        self.check("output for (0, 0) and (1, 0) of weights 2 and bias 3", received, [[3], [5]], cause, mistakes)

    def test_without_initializers(self):
        """Where no initializers are given, a layer keeps its own initial values."""
        layer = create("FullyConnected", 2, 2)
        before = np.array(layer.weights)
        create("NeuralNetwork", FixedStep()).append_layer(layer)
        cause = "weights_initializer=None and bias_initializer=None as defaults, and no initialize without them"
        self.check("weights of a layer appended to NeuralNetwork(optimizer)", layer.weights, before, cause)

    def test_iris_momentum(self):
        """SgdWithMomentum learns to tell irises apart, in half the time."""
        net = self.network(create("SgdWithMomentum", 1e-3, 0.8), *self.iris_layers())
        self.check_learning(net, iris(), 50, 2000, 0.9, PARTS)

    def test_iris_adam(self):
        """Adam learns to tell irises apart."""
        net = self.network(create("Adam", 1e-3, 0.9, 0.999), *self.iris_layers())
        self.check_learning(net, iris(), 50, 3000, 0.9, PARTS)

    def test_digits_convolution(self):
        """A convolutional network learns to read digits."""
        net = self.network(
            create("Adam", 5e-3, 0.9, 0.999),
            create("Conv", (1, 1), (1, 3, 3), 4),
            create("ReLU"),
            create("Pooling", (2, 2), (2, 2)),
            create("Flatten"),
            create("FullyConnected", 64, 10),
            create("SoftMax"),
        )
        self.check_learning(net, digits(), 30, 100, 0.5, PARTS)


# ---------------------------------------------------------------------------------------------------
# Part 3
# ---------------------------------------------------------------------------------------------------


def check_training_first(task, name, arguments):
    """Whether a new layer is in the training phase."""
    phase = getattr(create(name, *arguments), "testing_phase", "missing")
    cause = f"{name}.testing_phase: BaseLayer.__init__ sets it to False; layers call super().__init__()"
    task.assertIs(phase, False, cause)


class PhaseTests:
    """A test for any layer that is written when the phases are known."""

    def test_training_first(self):
        """A new layer is in the training phase."""
        check_training_first(self, self.layer_name, self.arguments)


class TestBase(NetworkTask):
    """BaseLayer with `testing_phase` in Layers/Base.py, and `phase` in NeuralNetwork.py, which sets it."""

    def test_trainable(self):
        """A layer is not trainable unless it says so."""
        received = getattr(smallest_layer(), "trainable", "missing")
        self.assertIs(received, False, "BaseLayer.__init__ sets self.trainable = False")

    def test_testing_phase(self):
        """A layer is in the training phase unless somebody sets it to the testing phase."""
        received = getattr(smallest_layer(), "testing_phase", "missing")
        self.assertIs(received, False, "BaseLayer.__init__ sets self.testing_phase = False")

    def test_each_layer_for_itself(self):
        """What is set in one layer changes no other."""
        one, other = smallest_layer(), smallest_layer()
        one.trainable = one.testing_phase = True
        received = [other.trainable, other.testing_phase]
        cause = "attributes belong to the object: set them through self, not through the class"
        self.check("trainable and testing_phase of another layer", received, [0, 0], cause)

    def phases(self, use):
        """The testing phase of two stand-ins at each forward while the network is used."""
        diary = []
        net = create("NeuralNetwork", FixedStep())
        net.append_layer(scale(1, diary))
        net.append_layer(scale(2, diary))
        net.loss_layer = SquaredError()
        net.data_layer = Batches(np.ones((1, 1)), np.ones((1, 1)), 1)
        use(net)
        return [entry[2] for entry in diary if entry[0] == "forward"]

    def test_phase(self):
        """Setting `phase` sets `testing_phase` of every layer."""
        net = self.network(create("Sgd", 0.1), create("ReLU"), create("FullyConnected", 2, 2))
        net.phase = True
        received = [layer.testing_phase for layer in net.layers]
        self.check("testing_phase of two layers after net.phase = True", received, [1, 1], "a property with a setter")

    def test_phase_read(self):
        """`phase` can be read, in the testing phase and after it."""
        net = self.network(create("Sgd", 0.1), create("ReLU"))
        for phase in (True, False):
            net.phase = phase
            self.assertEqual(bool(net.phase), phase, "the property `phase` needs a getter that returns the phase")

    def test_training_first(self):
        """Every new layer of Parts 1 and 2 is in the training phase."""
        layers = {"ReLU": (), "SoftMax": (), "Flatten": (), "FullyConnected": (2, 2)}
        layers |= {"Pooling": ((1, 1), (2, 2)), "Conv": ((1, 1), (1, 2, 2), 1)}
        for name, arguments in layers.items():
            check_training_first(self, name, arguments)

    def test_phase_test(self):
        """`test` uses the testing phase."""
        received = self.phases(lambda net: net.test(np.ones((1, 1))))
        self.check("testing_phase of the layers in test", received, [1, 1], "self.phase = True in test")

    def test_phase_stays_on(self):
        """After `test`, the network is in the testing phase until somebody trains it or sets `phase`."""
        net = self.network(create("Sgd", 0.1), create("ReLU"))
        net.test(np.ones((1, 1)))
        cause = "test sets self.phase = True before it begins, and does not set it back at its end"
        self.check("testing_phase of a layer after test", [net.layers[0].testing_phase], [1], cause)

    def test_phase_of_forward(self):
        """`forward` and `backward` leave the phase as it is, whichever it is."""

        def use(net):
            for phase in (True, False):
                net.phase = phase
                net.forward()
                net.backward()
                net.forward()

        cause = "forward and backward don't touch the phase: train and test set it"
        what = "testing_phase of two layers in forward, twice with phase = True, then twice with False"
        self.check(what, self.phases(use), [1, 1, 1, 1, 0, 0, 0, 0], cause)

    def test_phase_train(self):
        """`train` uses the training phase, after a test too."""
        received = self.phases(lambda net: (net.test(np.ones((1, 1))), net.train(1)))
        self.check(
            "testing_phase of the layers in test, then train", received, [1, 1, 0, 0], "self.phase = False in train"
        )


class TestConstraints(Task):
    """L1_Regularizer and L2_Regularizer in Optimization/Constraints.py, and what they do to an optimizer's step."""

    weights = np.array([[1.0, -2.0, 0.5], [-0.25, 3.0, -1.0]])

    def check_step(self, name, arguments, oracle):
        """Compare three steps with a regularizer of gradient w/2 with the plain steps and the shrinkage before each."""
        gradients = self.rng.normal(size=(3, 2, 3))
        optimizer = create(name, *arguments)
        optimizer.add_regularizer(SumOfWeights())
        received = self.weights.copy()
        for gradient in gradients:
            received = optimizer.calculate_update(received, gradient)
        ways = [oracle(np.zeros((2, 3)), gradients[:k], *arguments) for k in range(4)]

        def stepped(shrink, after=0.0):
            weights = self.weights
            for number, step in enumerate(np.diff(ways, axis=0)):
                weights = (shrink(weights, number) + step) * (1 - after)
            return weights

        mistakes = [
            ("the regularizer never reaches the step: subtract η·calculate_gradient(w)", stepped(lambda w, k: w)),
            (
                "the weights shrink by the regularizer's gradient without the learning rate",
                stepped(lambda w, k: w - 0.5 * w),
            ),
            ("the weights grow: subtract the shrinkage", stepped(lambda w, k: w + 0.05 * w)),
            ("the weights shrink after the step instead of before", stepped(lambda w, k: w, after=0.05)),
            ("the norm is subtracted instead of the gradient", stepped(lambda w, k: w - 0.1 * np.abs(w).sum())),
            ("the weights are lost, and the shrinkage alone is left", stepped(lambda w, k: -0.05 * w)),
            ("the weights shrink in the first step alone", stepped(lambda w, k: w - 0.05 * w * (k == 0))),
            (
                "the regularizer's gradient is added to the data gradient, so that velocity or moments remember it",
                oracle(self.weights, gradients, *arguments, coupled=0.5),
            ),
        ]
        cause = "w - η·regularizer.calculate_gradient(w) with the old w, then the plain step with the data gradient"
        what = f"{name}{arguments} with a regularizer of gradient w/2 after three steps"
        self.check(what, received, stepped(lambda w, k: w - 0.05 * w), cause, mistakes)

    def test_l1_gradient(self):
        """L1: α·sign(w)."""
        received = create("L1_Regularizer", 0.5).calculate_gradient(np.array([[2.0, 0.0, -3.0]]))
        cause = "α·np.sign(w), which is 0 at 0"
        self.check("L1_Regularizer(0.5).calculate_gradient of [2, 0, -3]", received, [[0.5, 0, -0.5]], cause)

    def test_l1_norm(self):
        """L1: α·Σ|w|."""
        received = create("L1_Regularizer", 0.5).norm(self.weights.copy())
        mistakes = [("np.linalg.norm(w, 1) is taken, a norm of matrices", 0.5 * np.linalg.norm(self.weights, 1))]
        self.check("L1_Regularizer(0.5).norm", received, 3.875, "α·Σ|w|", mistakes)

    def test_l2_gradient(self):
        """L2: α·w, by the course's convention without the factor 2."""
        received = create("L2_Regularizer", 0.3).calculate_gradient(self.weights.copy())
        mistakes = [
            ("the factor 2 of the derivative is kept; the course leaves it out", 0.6 * self.weights),
            ("α is left out", self.weights),
        ]
        self.check("L2_Regularizer(0.3).calculate_gradient", received, 0.3 * self.weights, "α·w", mistakes)

    def test_l2_norm(self):
        """L2: α·Σw²."""
        mistakes = [("the root is taken", 0.5 * np.sqrt(15.3125)), ("half of it is taken", 0.25 * 15.3125)]
        received = create("L2_Regularizer", 0.5).norm(self.weights.copy())
        self.check("L2_Regularizer(0.5).norm", received, 0.5 * 15.3125, "α·Σw²", mistakes)

    def test_base_class(self):
        """Every optimizer inherits from Optimizer."""
        for optimizer in (create("Sgd", 0.1), create("SgdWithMomentum", 0.1, 0.9), create("Adam", 0.1, 0.9, 0.999)):
            self.assertIsInstance(optimizer, find("Optimizer"), "write `class Sgd(Optimizer)`, and so for the others")

    def test_no_regularizer(self):
        """An optimizer has no regularizer at first, and then one of its own."""
        other = create("Sgd", 0.1)
        other.add_regularizer(SumOfWeights())
        cause = "each optimizer has a regularizer of its own: self.regularizer, not one of the class"
        self.assertIsNone(create("Sgd", 0.1).regularizer, f"after another optimizer got one: {cause}")
        self.assertIsNone(create("Sgd", 0.1).regularizer, "Optimizer.__init__ sets self.regularizer = None")

    def test_step_sgd(self):
        """Sgd shrinks the weights, then steps."""
        self.check_step("Sgd", (0.1,), lambda w, g, rate, coupled=0.0: momentum_oracle(w, g, rate, 0, coupled=coupled))

    def test_step_momentum(self):
        """SgdWithMomentum shrinks the weights, and its velocity knows nothing of it."""
        self.check_step("SgdWithMomentum", (0.1, 0.8), momentum_oracle)

    def test_step_adam(self):
        """Adam shrinks the weights, and its moments know nothing of it."""
        self.check_step("Adam", (0.1, 0.8, 0.9), adam_oracle)


class TestDropout(PhaseTests, LayerTests, Task):
    """Dropout in Layers/Dropout.py; its argument is the probability of a unit to be *kept*."""

    layer_name = "Dropout"
    arguments = (0.25,)
    shape = (6, 5)
    cause_gradient = "backward multiplies by the mask of the forward pass, not a new one, and by the same factor 1/p"

    def test_forward(self):
        """What is kept is divided by the probability, so that the mean stays the same."""
        received = np.unique(self.layer().forward(np.ones((100, 100))))
        mistakes = [
            ("the dropout is not inverted: divide what is kept by the probability", [0, 1]),
            ("the argument is taken for the share to drop: it is the share to keep", [0, 4 / 3]),
            ("what is kept is multiplied by the probability: divide", [0, 0.25]),
            ("nothing is dropped in the training phase", [1]),
        ]
        cause = "x · mask / probability, the mask of zeros and ones"
        self.check("values of Dropout(0.25).forward of ones", received, [0, 4], cause, mistakes)

    def test_share(self):
        """The share of units that are kept is the probability, within six standard errors."""
        share = np.mean(np.asarray(self.layer().forward(np.ones((200, 200)))) != 0)
        margin = 6 * np.sqrt(0.25 * 0.75 / 40000) / 0.25
        mistakes = [
            ("the argument is taken for the share to drop", 0.75),
            ("nothing is dropped: testing_phase is False while training", 1),
        ]
        cause = "keep where np.random.random(shape) < probability, one number for each unit"
        self.check("share that Dropout(0.25) keeps", share, 0.25, cause, mistakes, margin)

    def test_mask_of_each_element(self):
        """One number is drawn for each element: not for a row, a column, a sample, or a channel of images."""
        for shape in ((50, 40), (8, 9, 10, 11)):
            kept = np.asarray(self.layer().forward(np.ones(shape))) != 0
            alike = [axis for axis in range(len(shape)) if np.all(kept == np.take(kept, [0], axis))]
            self.assertEqual(
                alike,
                [],
                f"Dropout.forward of shape {shape} drops or keeps everything along axis {alike} alike: draw one number "
                f"for each element, np.random.random(input_tensor.shape), not one for a whole row, column or channel.",
            )

    def test_backward(self):
        """The error passes where forward kept the input, with the same factor."""
        layer = self.layer()
        expected = np.array(layer.forward(np.ones((6, 5))))
        received = layer.backward(np.ones((6, 5)))
        mistakes = [
            ("the factor 1/p is missing in backward", expected / 4),
            ("the factor 1/p stands twice in backward", 4 * expected),
            ("the error passes everywhere", np.ones((6, 5))),
        ]
        self.check("Dropout(0.25), ones backward after ones forward", received, expected, self.cause_gradient, mistakes)

    def test_new_mask(self):
        """Each forward pass draws a new mask."""
        layer, ones = self.layer(), np.ones((30, 30))
        same = np.array_equal(np.array(layer.forward(ones)), np.array(layer.forward(ones)))
        self.assertFalse(same, "two forward passes dropped the same units; draw the mask in forward, without a seed")

    def test_seed(self):
        """The same seed of NumPy's global state gives the same mask."""
        layer, ones = self.layer(), np.ones((30, 30))
        first = np.array(self.forward(layer, ones))
        self.check("Dropout.forward after the same seed", self.forward(layer, ones), first, "draw from np.random")

    def test_integers_become_floats(self):
        """Integers come out as floats: 3 / 0.4 is 7.5."""
        received = np.unique(create("Dropout", 0.4).forward(np.full((20, 20), 3)))
        self.check("values of Dropout(0.4).forward of threes", received, [0, 7.5], "the quotient is no whole number")

    def test_testing_phase(self):
        """In the testing phase, nothing is dropped and nothing is scaled."""
        layer, example = self.layer(), self.example()
        layer.testing_phase = True
        scaled = "the input is scaled; with inverted dropout nothing is left to do"
        mistakes = [(scaled, example / 4), (scaled, example * 4)]
        cause = "return the input as it is where self.testing_phase"
        self.check("Dropout.forward in the testing phase", layer.forward(example.copy()), example, cause, mistakes)


class TestBatchNorm(PhaseTests, BiasTests, Task):
    """BatchNormalization in Layers/BatchNormalization.py."""

    layer_name = "BatchNormalization"
    arguments = (3,)
    shape = (6, 3)
    gamma, beta = np.array([0.5, 2.0, -1.0]), np.array([1.0, -3.0, 0.25])
    cause_gradient = (
        "mean and variance depend on the input too (Helpers.compute_bn_gradients); it takes the variance, not the "
        "standard deviation, and γ multiplies the error"
    )
    cause_weights = "Σ error · x̂ with the normalized input, not the output, summed over the batch and over space"
    cause_bias = "Σ error over the batch, for images over space too"

    def layer(self):
        """A layer with a scale and a shift."""
        layer = super().layer()
        layer.weights, layer.bias = self.gamma.copy(), self.beta.copy()
        return layer

    def scaled(self, x, mean, variance):
        """The output for vectors, from the formula."""
        return self.gamma * (x - mean) / np.sqrt(variance) + self.beta

    def images(self):
        """Images with channels of different mean and spread."""
        return self.rng.normal(size=(4, 3, 2, 3)) * [[[[1]], [[3]], [[0.5]]]] + [[[[0]], [[5]], [[-2]]]]

    def mistaken_outputs(self, x):
        """Well-known mistakes, and the outputs that they lead to."""
        mean, variance = x.mean(axis=0), x.var(axis=0)
        normalized = (x - mean) / np.sqrt(variance)
        over_channels = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        return [
            ("the variance divides instead of its root, the standard deviation", self.scaled(x, mean, variance**2)),
            ("the root of the standard deviation divides, √σ instead of σ", self.scaled(x, mean, np.sqrt(variance))),
            ("the variance divides by n - 1; the course's by n", self.scaled(x, mean, x.var(axis=0, ddof=1))),
            ("the statistics run over the channels: axis 0 is the batch", self.scaled(x, *over_channels)),
            ("one mean and one variance for all channels are taken", self.scaled(x, x.mean(), x.var())),
            ("the mean of the squares is taken for the variance: subtract the mean first",
             self.scaled(x, mean, (x**2).mean(axis=0))),
            ("the division by √variance is missing", self.scaled(x, mean, 1)),
            ("the mean is not subtracted", self.scaled(x, 0, variance)),
            ("γ and β are left out", normalized),
            ("γ and β are exchanged", self.beta * normalized + self.gamma),
            ("γ is forgotten", normalized + self.beta),
            ("β is forgotten", self.gamma * normalized),
            ("β is scaled by γ: γ·x̂ + β", self.gamma * (normalized + self.beta)),
        ]  # fmt: skip

    def test_forward(self):
        """γ·(x - mean) / √variance + β, with the statistics of each channel over the batch."""
        x = self.example() * [1, 3, 0.5] + [0, 5, -2]
        cause = "x̂ = (x - mean) / √(variance + ε), then γ·x̂ + β"
        received, expected = self.layer().forward(x.copy()), self.scaled(x, x.mean(axis=0), x.var(axis=0))
        self.check("BatchNormalization.forward", received, expected, cause, self.mistaken_outputs(x))

    def test_forward_images(self):
        """For images, each channel has one mean and one variance over batch and space."""
        x, axes = self.images(), (0, 2, 3)

        def scaled(axes):
            normalized = (x - x.mean(axis=axes, keepdims=True)) / x.std(axis=axes, keepdims=True)
            return normalized * self.gamma.reshape(3, 1, 1) + self.beta.reshape(3, 1, 1)

        mistakes = [("every pixel has statistics of its own: reformat first", scaled(0))]
        cause = "reformat to (batch·y·x, channels), normalize, reformat back"
        received = self.layer().forward(x.copy())
        self.check("BatchNormalization.forward of images", received, scaled(axes), cause, mistakes)

    def test_epsilon(self):
        """ε is below 1e-10: inputs of a small spread are normalized as well."""
        x = np.array([[-1.0, 0.0, 1.0], [1.0, 2.0, 0.0], [0.0, 1.0, 2.0]]) * 1e-3
        received = self.layer().forward(x.copy())
        cause = "an ε above 1e-10 outweighs a small variance: np.finfo(float).eps"
        expected, mistakes = self.scaled(x, x.mean(axis=0), x.var(axis=0)), self.mistaken_outputs(x)
        self.check("BatchNormalization.forward of small numbers", received, expected, cause, mistakes, 1e-3)

    def test_constant_channel(self):
        """A channel without any variance is normalized to 0, so that β remains."""
        received = self.layer().forward(np.full((4, 3), 2.0))
        cause = "0 / 0 is not a number: add ε to the variance, under the root"
        self.check("BatchNormalization.forward of equal numbers", received, np.tile(self.beta, (4, 1)), cause)

    def test_single_image(self):
        """A batch of one image is normalized over its space."""
        x = self.images()[:1]
        axes = (0, 2, 3)
        expected = (x - x.mean(axis=axes, keepdims=True)) / x.std(axis=axes, keepdims=True)
        received = create("BatchNormalization", 3).forward(x.copy())
        cause = "a batch may have one image: mean and variance of each channel over its pixels"
        self.check("BatchNormalization.forward of one image", received, expected, cause)

    def test_moving_average(self):
        """The testing phase normalizes by moving averages: the first batch as it is, then 0.8·old + 0.2·new."""
        layer, x = self.layer(), self.example()
        first, second = self.rng.normal(1, 2, size=(8, 3)), self.rng.normal(-2, 0.5, size=(8, 3))
        layer.forward(first.copy())
        layer.forward(second.copy())
        layer.testing_phase = True
        (m1, v1), (m2, v2) = ((batch.mean(axis=0), batch.var(axis=0)) for batch in (first, second))

        def averaged(old, new, start=0.0):
            return self.scaled(x, old * m1 + new * m2, start + old * v1 + new * v2)

        deviation, variance = 0.8 * np.sqrt(v1) + 0.2 * np.sqrt(v2), 0.8 * v1 + 0.2 * v2
        itself = "the moving average forgets the past: it averages a value with itself, or is assigned anew"
        mistakes = [
            ("the testing phase uses the statistics of its own batch", self.scaled(x, x.mean(axis=0), x.var(axis=0))),
            (itself, averaged(0, 1)),
            (itself + " (the mean alone)", self.scaled(x, m2, 0.8 * v1 + 0.2 * v2)),
            (itself + " (the variance alone)", self.scaled(x, 0.8 * m1 + 0.2 * m2, v2)),
            ("the moving average stays at the first batch", averaged(1, 0)),
            ("old and new are exchanged: 0.8 belongs to the old", averaged(0.2, 0.8)),
            ("the averages start from 0 instead of the first batch", averaged(0.16, 0.2)),
            ("the averages start from mean 0 and variance 1 instead of the first batch", averaged(0.16, 0.2, 0.64)),
            ("0.9 and 0.1 stand for 0.8 and 0.2", averaged(0.9, 0.1)),
            ("0.8 is left out, and the averages add up", averaged(1, 0.2)),
            ("the averages move twice: once in each training pass", averaged(0.64, 0.36)),
            ("the mean of its own batch is used in the testing phase", self.scaled(x, x.mean(axis=0), variance)),
            ("standard deviations are averaged", self.scaled(x, 0.8 * m1 + 0.2 * m2, deviation**2)),
        ]
        cause = "mean = 0.8·mean + 0.2·batch mean, and so for the variance, once in each training pass"
        received = layer.forward(x.copy())
        self.check("BatchNormalization after two batches, testing", received, averaged(0.8, 0.2), cause, mistakes)

    def test_training_takes_the_batch(self):
        """In the training phase, every batch is normalized by its own statistics."""
        layer, x = self.layer(), self.example()
        layer.forward(10 * self.example() + 5)
        cause = "the moving averages are used in training: there, mean and variance are those of the batch"
        expected = self.scaled(x, x.mean(axis=0), x.var(axis=0))
        self.check("BatchNormalization.forward of a second batch, training", layer.forward(x.copy()), expected, cause)

    def test_testing_images(self):
        """The averages of images are averages over space too; the first batch is taken as it is."""
        layer, images = self.layer(), self.images()
        expected = np.array(layer.forward(images.copy()))
        layer.testing_phase = True
        cause = "after one batch, the moving averages are that batch's mean and variance of each channel"
        received = layer.forward(images.copy())
        self.check("BatchNormalization of the first batch, testing", received, expected, cause)

    def test_testing_phase_leaves_averages(self):
        """What passes in the testing phase does not move the averages."""
        layer, x = self.layer(), self.example()
        layer.forward(self.example())
        layer.testing_phase = True
        expected = np.array(layer.forward(x.copy()))
        layer.forward(10 * x + 100)
        cause = "the averages are updated in the testing phase: only training moves them"
        self.check("BatchNormalization, testing the same input again", layer.forward(x.copy()), expected, cause)

    def test_reformat(self):
        """Images (b, c, y, x) become vectors (b·y·x, c)."""
        images = np.arange(48.0).reshape(2, 3, 2, 4)
        expected = [images[b, :, y, x] for b in range(2) for y in range(2) for x in range(4)]
        mistakes = [("reshape alone mixes channels and pixels: transpose first", images.reshape(16, 3))]
        received = self.layer().reformat(images.copy())
        self.check("BatchNormalization.reformat of images", received, expected, "channels to the last axis", mistakes)

    def test_reformat_back(self):
        """Vectors become images of the shape that came last."""
        layer, images = self.layer(), np.arange(48.0).reshape(2, 3, 2, 4)
        received = layer.reformat(np.array(layer.reformat(images.copy())))
        self.check("BatchNormalization.reformat there and back", received, images, "the same steps in reverse order")

    def test_reformat_another_batch(self):
        """Images of another shape than the last ones come back in their own."""
        layer = self.layer()
        layer.reformat(layer.reformat(np.zeros((3, 3, 2, 4))))
        images = np.arange(48.0).reshape(4, 3, 4, 1)
        cause = "the shape of an earlier call is still there: every reformat of images keeps theirs"
        try:
            received = layer.reformat(np.array(layer.reformat(images.copy())))
        except ValueError as error:
            self.fail(f"BatchNormalization.reformat, images of another shape: {error}.\nUsual cause: {cause}")
        self.check("BatchNormalization.reformat there and back after images of another shape", received, images, cause)

    def test_gradient_images(self):
        """The input's error for images."""
        images = self.images()

        def by_batch_size(error_tensor):
            axes = (0, 2, 3)
            deviation = images.std(axis=axes, keepdims=True)
            normalized = (images - images.mean(axis=axes, keepdims=True)) / deviation
            sums = (np.sum(e, axis=axes, keepdims=True) / 4 for e in (error_tensor, error_tensor * normalized))
            level, slope = sums
            return self.gamma.reshape(3, 1, 1) * (error_tensor - level - normalized * slope) / deviation

        counted = "N is the batch size alone: it counts the pixels too, N = b·y·x"
        self.check_gradient(self.layer(), images, self.cause_gradient, [(counted, by_batch_size)])

    def test_large_batch(self):
        """A batch of many large images, the first unlike the others: output, error and gradients as for a few."""
        layer, x = self.layer(), self.rng.normal(2, 3, size=(100, 3, 36, 36))
        x[0] += 40
        errors = self.rng.normal(size=x.shape)
        output, error = layer.forward(x.copy()), layer.backward(errors.copy())
        axes, gamma, beta = (0, 2, 3), self.gamma.reshape(3, 1, 1), self.beta.reshape(3, 1, 1)
        deviation = x.std(axis=axes, keepdims=True)
        normalized = (x - x.mean(axis=axes, keepdims=True)) / deviation
        level, slope = errors.mean(axis=axes, keepdims=True), (errors * normalized).mean(axis=axes, keepdims=True)
        cause = "no size is special: the statistics, and the sums of the gradients, run over batch and space"
        for what, received, expected in (
            ("output", output, gamma * normalized + beta),
            ("error of the input", error, gamma * (errors - level - normalized * slope) / deviation),
            ("gradient_weights", layer.gradient_weights, (errors * normalized).sum(axis=axes)),
            ("gradient_bias", layer.gradient_bias, errors.sum(axis=axes)),
        ):
            self.check(f"BatchNormalization, {what} of 100 images of 36×36", received, expected, cause)

    def test_gradient_weights_images(self):
        """The gradient of γ for images."""
        self.check_parameter_gradient(self.layer(), self.images(), "weights", self.cause_weights)

    def test_gradient_bias_images(self):
        """The gradient of β for images."""
        self.check_parameter_gradient(self.layer(), self.images(), "bias", self.cause_bias)

    def test_start(self):
        """A new layer has γ of ones and β of zeros."""
        layer = create("BatchNormalization", 3)
        self.check_shape("γ of a new layer", layer.weights, (3,), "γ of shape (channels,): np.ones(channels)")
        self.check_shape("β of a new layer", layer.bias, (3,), "β of shape (channels,): np.zeros(channels)")
        received = np.concatenate([layer.weights, layer.bias])
        self.check("γ and β of a new layer", received, [1, 1, 1, 0, 0, 0], "np.ones(channels) and np.zeros(channels)")

    def test_initialize(self):
        """`initialize` sets γ to ones and β to zeros, whatever it is given."""
        layer = self.layer()
        layer.initialize(ConstantStart(5), ConstantStart(7))
        received = np.concatenate([layer.weights, layer.bias])
        self.check("γ and β after initialize", received, [1, 1, 1, 0, 0, 0], "the initializers are not for γ and β")


class TestLeNet(Task):
    """LeNet in Models/LeNet.py."""

    def build(self):
        """The network."""
        return find_module("Models.LeNet").build()

    def test_layers(self):
        """Two convolutions with pooling, then three fully connected layers."""
        expected = (
            "Conv ReLU Pooling Conv ReLU Pooling Flatten FullyConnected ReLU FullyConnected ReLU FullyConnected SoftMax"
        )
        received = " ".join(type(layer).__name__ for layer in self.build().layers)
        self.assertEqual(received, expected, "the layers of the course's LeNet, in this order")

    def test_weights(self):
        """Six and sixteen kernels of 5×5; 784, 120, 84 and 10 features."""
        received = [np.size(layer.weights) for layer in self.build().layers if layer.trainable]
        expected = [6 * 25, 16 * 6 * 25, 785 * 120, 121 * 84, 85 * 10]
        self.check("weights of the trainable layers", received, expected, "the sizes of the course's LeNet")

    def test_prediction(self):
        """Images of 28×28 become probabilities of ten classes."""
        received = np.sum(self.build().test(self.rng.random((3, 1, 28, 28))), axis=1)
        self.check("sums of the probabilities of three images", received, np.ones(3), "a SoftMax at the end")

    def test_optimizer(self):
        """Adam with learning rate 5e-4 and an L2 regularizer of 4e-4."""
        optimizer, gradients = copy.deepcopy(self.build().optimizer), [1.0, -0.5, 2.0]
        start = received = np.array([0.0, 1000.0])
        for gradient in gradients:
            received = optimizer.calculate_update(received, np.full(2, gradient))
        steps = adam_oracle(0.0, gradients, 5e-4, 0.9, 0.999)
        shrinkage = 1000 * (1 - (1 - 5e-4 * 4e-4) ** 3)
        cause = "Adam(5e-4, 0.9, 0.999) with add_regularizer(L2_Regularizer(4e-4))"
        what = "three steps of LeNet's optimizer from weights 0 and 1000"
        mistakes = [("add_regularizer(L2_Regularizer(4e-4)) is missing", [steps, steps])]
        self.check(what, received - start, [steps, steps - shrinkage], cause, mistakes, 1e-3)

    def test_train(self):
        """Training on four images again and again lowers the loss."""
        net = self.build()
        net.data_layer = Batches(self.rng.random((4, 1, 28, 28)), np.eye(10)[[3, 1, 4, 1]], 4)
        net.train(5)
        self.assertLess(net.loss[-1], net.loss[0], "expected the loss to fall within five iterations")


class ActivationTests(PhaseTests, LayerTests):
    """Tests for an activation function, element by element."""

    def test_gradient(self):
        """The error that backward returns is the derivative of the loss with respect to the input."""
        inputs = self.example()
        y = np.array(self.forward(self.layer(), inputs.copy()))
        right, other = ("1 - y²", "y·(1 - y)") if self.layer_name == "TanH" else ("y·(1 - y)", "1 - y²")
        slopes = {"1 - y²": 1 - y**2, "y·(1 - y)": y * (1 - y)}
        names = {"1 - y²": "the hyperbolic tangent", "y·(1 - y)": "the sigmoid"}
        mistakes = [
            ("the error tensor is left out: multiply by it", lambda error_tensor: slopes[right]),
            (f"the derivative of {names[other]}, {other}, is taken", lambda error_tensor: error_tensor * slopes[other]),
        ]
        self.check_gradient(self.layer(), inputs, self.cause_gradient, mistakes)

    def check_values(self, inputs, expected):
        """Compare the outputs."""
        received = self.layer().forward(np.array([inputs]))
        self.check(f"{self.layer_name}.forward of {inputs}", received, [expected], f"the formula: {self.__doc__}")

    def check_saturation(self, inputs):
        """Where the output no longer changes, the error is zero."""
        layer = self.layer()
        layer.forward(np.array([inputs]))
        cause = "an exponential overflows; the derivative comes from the stored output, not from the input"
        self.check(f"{self.layer_name}.backward at {inputs}", layer.backward(np.ones((1, 2))), [[0, 0]], cause)


class TestTanH(ActivationTests, Task):
    """TanH in Layers/TanH.py: np.tanh(x), with the derivative 1 - y²."""

    layer_name = "TanH"
    cause_gradient = "E·(1 - y²) with the output y of forward"

    def test_forward(self):
        """The hyperbolic tangent."""
        self.check_values([-1.0, 0.0, 0.5], [-0.76159416, 0, 0.46211716])

    def test_large_inputs(self):
        """Large inputs give ±1."""
        self.check_values([-1000.0, 1000.0], [-1, 1])

    def test_backward_large_inputs(self):
        """Large inputs let no error pass."""
        self.check_saturation([-1000.0, 1000.0])


class TestSigmoid(ActivationTests, Task):
    """Sigmoid in Layers/Sigmoid.py: 1 / (1 + exp(-x)), with the derivative y·(1 - y)."""

    layer_name = "Sigmoid"
    cause_gradient = "E·y·(1 - y) with the output y of forward"

    def test_forward(self):
        """The logistic function."""
        self.check_values([-1.0, 0.0, 0.5], [0.26894142, 0.5, 0.62245933])

    def test_large_inputs(self):
        """Large inputs give 0 and 1."""
        self.check_values([-1000.0, 1000.0], [0, 1])

    def test_backward_large_inputs(self):
        """Large inputs let no error pass."""
        self.check_saturation([-1000.0, 1000.0])


def sigmoid(x):
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


class RecurrentTests(PhaseTests, TrainableTests):
    """Tests for RNN and LSTM with 3 inputs, 4 hidden units and 2 outputs over 5 time steps."""

    arguments = (3, 4, 2)
    shape = (5, 3)
    columns = 4  # of the stacked matrix
    cause_gradient = (
        "from the last time step to the first, the error of the hidden state is that of the output plus that of the "
        "next time step; forward has to keep what backward needs for every time step, not for the last one alone"
    )
    cause_weights = (
        "the gradients of all time steps are summed; where each overwrites the one before, only one remains. Before "
        "each inner backward, restore what the inner layers knew at that time step"
    )

    def layer(self):
        """A layer with small random weights; two of them are equal."""
        layer = super().layer()
        layer.initialize(RandomStart(1), RandomStart(2))
        return layer

    def plain_layer(self, weights=None):
        """A layer with W_y full of 0.5 and b_y of 0.1, and these hidden weights (or zeros)."""
        layer = create(self.layer_name, *self.arguments)
        layer.initialize(ConstantStart(0.5), ConstantStart(0.1))
        layer.weights = np.zeros(np.shape(layer.weights)) if weights is None else weights
        return layer

    def outputs(self, states):
        """The outputs of a plain layer that passes through these hidden states."""
        return np.array([[sigmoid(0.5 * np.sum(state) + 0.1)] * 2 for state in states])

    def output_bias(self, layer):
        """The bias b_y, seen from outside: without hidden weights, the output is σ(b_y)."""
        layer.weights = np.zeros(np.shape(layer.weights))
        output = np.asarray(layer.forward(np.ones((1, 3))))[0]
        return np.log(output / (1 - output))

    def states(self, inputs, weights):
        """The hidden states by a loop over the formula; `weights` has its bias in the last row."""
        raise NotImplementedError

    def mistaken_states(self, inputs, weights):
        """Well-known mistakes, and the hidden states that they lead to."""
        swapped = np.vstack([weights[4:7], weights[:4], weights[7:]])
        forgetful = np.vstack([weights[:3], 0 * weights[3:7], weights[7:]])
        return [
            (
                "the hidden state stands before the input: concatenate input, hidden state, 1",
                self.states(inputs, swapped),
            ),
            ("each time step starts from a hidden state of zero", self.states(inputs, forgetful)),
            ("the input of the step before is taken", self.states(inputs[[0, *range(len(inputs) - 1)]], weights)),
            ("time runs from the last step to the first", self.states(inputs[::-1], weights)[::-1]),
        ]

    def test_forward(self):
        """The outputs of all time steps follow the formula."""
        inputs = self.example()
        layer = self.plain_layer()
        layer.weights = self.rng.normal(size=np.shape(layer.weights))
        readings = matrices(layer.weights, 7)
        received = layer.forward(inputs.copy())
        expected = closest(received, [self.outputs(self.states(inputs, weights)) for weights in readings])

        def mistakes():
            for weights in readings:
                for mistake, states in self.mistaken_states(inputs, weights):
                    yield mistake, self.outputs(states)
                yield from self.mistaken_outputs(inputs, weights)

        cause = f"the formulas of the {self.layer_name}, one time step after the other; y = σ(h·W_y + b_y)"
        self.check(f"{self.layer_name}(3, 4, 2).forward of five time steps", received, expected, cause, mistakes)

    def test_weights_shape(self):
        """`weights` holds the stacked hidden weights with the bias."""
        received, columns = self.layer().weights, self.columns
        shape = (columns, 8) if np.shape(received) == (columns, 8) else (8, columns)  # transposed, or not
        cause = f"input + hidden + 1 rows (3 + 4 + 1) and {columns} columns in one matrix"
        self.check_shape(f"{self.layer_name}(3, 4, 2).weights", received, shape, cause)

    def test_state_reset(self):
        """Without memorize, every forward starts from a hidden state of zero."""
        layer, inputs = self.layer(), self.example()
        expected = np.array(layer.forward(inputs.copy()))
        cause = (
            "the state of the last sequence is still there: hidden state (and cell of an LSTM) start from zeros "
            "unless self.memorize"
        )
        self.check(f"{self.layer_name}.forward of the same sequence again", layer.forward(inputs), expected, cause)

    def test_memorize_first(self):
        """A new layer does not memorize."""
        received = getattr(create(self.layer_name, *self.arguments), "memorize", "no such attribute")
        self.assertIs(received, False, "memorize is False at first: self.memorize = False in __init__")

    def test_memorize(self):
        """With memorize, a sequence in two parts gives the same as in one."""
        inputs, layer, other = self.example(), self.layer(), self.layer()
        expected = np.array(other.forward(inputs.copy()))[3:]
        forgotten = np.array(other.forward(inputs[3:].copy()))
        layer.memorize = True
        layer.forward(inputs[:3].copy())
        mistakes = [("the state is reset although memorize is True", forgotten)]
        cause = "the last hidden state (and the cell state of an LSTM) is where the next forward begins"
        what = f"{self.layer_name}.forward of time steps 3 and 4 after steps 0 to 2"
        self.check(what, layer.forward(inputs[3:].copy()), expected, cause, mistakes)

    def test_memorize_in_both_phases(self):
        """In the testing phase, sequences begin where they do in training."""
        inputs, outputs = self.example(), {False: [], True: []}
        for memorize, testing in itertools.product((False, True), repeat=2):
            layer = self.layer()
            layer.memorize, layer.testing_phase = memorize, testing
            outputs[testing] += [np.array(layer.forward(part.copy())) for part in (inputs[:3], inputs[3:])]
        cause = "memorize alone says whether the last state is where the next forward begins, whatever the phase is"
        what = (
            f"{self.layer_name}.forward of a sequence in two parts in the testing phase, without memorize and with it"
        )
        self.check(what, np.concatenate(outputs[True]), np.concatenate(outputs[False]), cause)

    def test_output_step(self):
        """The output layer learns too, from the sum of the gradients of all time steps."""
        layer, error_tensor = self.plain_layer(), self.rng.normal(size=(5, 2))
        layer.optimizer = FixedStep()
        layer.forward(self.example())
        layer.backward(error_tensor.copy())
        slope = sigmoid(0.1) * (1 - sigmoid(0.1))
        mistakes = [
            ("the output layer takes no step", np.full(2, 0.1)),
            ("the gradients of the time steps overwrite each other: sum them", 0.1 - 0.1 * slope * error_tensor[0]),
            ("the gradients of the time steps overwrite each other: sum them", 0.1 - 0.1 * slope * error_tensor[-1]),
            ("the derivative of the sigmoid is left out", 0.1 - 0.1 * error_tensor.sum(axis=0)),
        ]
        expected = 0.1 - 0.1 * slope * error_tensor.sum(axis=0)
        cause = "W_y = optimizer.calculate_update(W_y, the sum of its gradients), once in each backward"
        self.check(f"b_y of {self.layer_name} after a step", self.output_bias(layer), expected, cause, mistakes)

    def further_cause(self, received, expected, cause):
        """Where the last time step is right and the others are not, the mistake is in what they get from the next."""
        layer, inputs = self.layer(), self.example()
        if not np.array_equal(np.array(layer.forward(inputs)), layer.forward(inputs)):
            return "the state of the last sequence is still there in the next: mend test_state_reset first"
        if received is None or np.shape(received) != np.shape(expected):
            return cause
        right = [close(np.asarray(row), other, 1e-3) for row, other in zip(received, expected, strict=True)]
        if not right[-1] or all(right):
            return cause
        return "the last time step is right, the mistake is in what comes from the next one to the others: " + cause

    def mistaken_outputs(self, inputs, weights):
        """Well-known mistakes of the output layer, and the outputs that they lead to."""
        states = self.states(inputs, weights)
        sums, before = np.array([[0.5 * np.sum(state)] * 2 for state in states]), [np.zeros(4), *states[:-1]]
        return [
            ("the output takes the hidden state of the step before", self.outputs(before)),
            ("every time step has the output of the last", self.outputs([states[-1]] * len(states))),
            ("the output goes through a softmax instead of the sigmoid", np.full(sums.shape, 0.5)),
            ("the sigmoid of the output is missing: y = σ(h·W_y + b_y)", sums + 0.1),
            ("b_y is forgotten", sigmoid(sums)),
            ("the output goes through tanh instead of the sigmoid", np.tanh(sums + 0.1)),
        ]

    def known_layer(self, inputs):
        """A plain layer with random hidden weights, and these as its loops read them."""
        layer = self.plain_layer()
        layer.weights = np.random.default_rng(7).normal(0, 0.7, np.shape(layer.weights))
        readings = matrices(layer.weights, 7)
        outputs = [self.outputs(self.states(inputs, weights)) for weights in readings]
        received = layer.forward(inputs.copy())
        self.check_numbers(f"{self.layer_name}.forward", received)
        nearest = closest(received, outputs)
        return layer, next(weights for weights, output in zip(readings, outputs, strict=True) if output is nearest)

    def test_output_weights_step(self):
        """W_y steps by the sum over time of hᵀ·e·y·(1 - y), seen from the outputs afterwards."""
        inputs, error_tensor = self.example(), self.rng.normal(size=(5, 2))
        layer, weights = self.known_layer(inputs)
        hidden = np.array(layer.weights)
        layer.optimizer = FixedStep()
        layer.forward(inputs.copy())
        layer.backward(error_tensor.copy())
        layer.weights = hidden
        states = np.array(self.states(inputs, weights))
        before = np.vstack([np.zeros((1, 4)), states[:-1]])
        y = self.outputs(states)
        error = error_tensor * y * (1 - y)

        def outputs(gradient):
            bias = 0.1 - 0.1 * error.sum(axis=0)
            return sigmoid(states @ (0.5 - 0.1 * gradient) + bias)

        overwritten = "the gradients of the time steps overwrite each other: sum them"
        mistakes = [
            ("W_y takes no step, while b_y does", outputs(np.zeros((4, 2)))),
            ("the step of W_y goes uphill: its gradient has the wrong sign", outputs(-states.T @ error)),
            (overwritten, outputs(np.outer(states[0], error[0]))),
            (overwritten, outputs(np.outer(states[-1], error[-1]))),
            ("the gradient of W_y is averaged over the time steps", outputs(states.T @ error / 5)),
            ("W_y's gradient takes the hidden state of the step before, h of t-1", outputs(before.T @ error)),
            ("the derivative of the sigmoid is left out for W_y", outputs(states.T @ error_tensor)),
        ]
        cause = (
            "the gradient of W_y is the sum over time of h_tᵀ·(e_t·y_t·(1 - y_t)), with the h_t of the same time step"
        )
        what = f"outputs of {self.layer_name} after a step of W_y, its hidden weights put back"
        self.check(what, layer.forward(inputs.copy()), outputs(states.T @ error), cause, mistakes)

    def test_backward_stops_at_cut(self):
        """With memorize, the state crosses the cut between two sequences; nothing of the last backward pass does."""
        inputs, error_tensor = self.rng.normal(size=(6, 3)), self.rng.normal(size=(6, 2))
        results = []
        for first_backward in (False, True):
            layer = self.layer()
            layer.memorize = True
            layer.forward(inputs[:3].copy())
            if first_backward:
                layer.backward(error_tensor[:3].copy())
            layer.forward(inputs[3:].copy())
            error = layer.backward(error_tensor[3:].copy())
            results.append((np.array(error), np.array(layer.gradient_weights)))
        cause = (
            "errors of hidden state and cell, and the sums of the gradients, begin with zeros in every backward pass, "
            "with memorize as well"
        )
        what = f"{self.layer_name} with memorize, after a backward pass for the sequence before"
        self.check(f"{what}: error of the input", results[1][0], results[0][0], cause)
        self.check(f"{what}: gradient_weights", results[1][1], results[0][1], cause)

    def test_start(self):
        """New weights differ from each other: equal ones would stay equal for ever."""
        weights = np.array(create(self.layer_name, *self.arguments).weights, dtype=float)
        cause = "np.random.random(shape) at construction; zeros or ones make all hidden units the same"
        self.check(
            f"different numbers in the weights of a new {self.layer_name}", np.unique(weights).size > 1, 1, cause
        )
        weights = np.array(create(self.layer_name, 20, 15, 2).weights, dtype=float)
        check_uniform(self, f"weights of a new {self.layer_name}(20, 15, 2)", weights)

    def test_start_of_outputs(self):
        """New output weights W_y and b_y are uniform in [0, 1) as well, seen from the outputs."""
        inputs, hidden, outputs = 1, 20, 30
        layer, scores = create(self.layer_name, inputs, hidden, outputs), []
        for unit in [None, *range(hidden)]:  # no hidden unit speaks, then one alone
            weights = np.zeros((inputs + hidden + 1, hidden * self.columns // 4))
            if unit is not None:
                weights[:, unit::hidden] = 20
            layer.weights = weights if np.shape(layer.weights) == weights.shape else weights.T.copy()
            output = np.asarray(layer.forward(np.ones((1, inputs))), dtype=float)[0]
            scores.append(np.log(output / (1 - output)))
        value = 1.0 if self.layer_name == "RNN" else np.tanh(1)  # of the unit that speaks
        check_uniform(self, f"output weights W_y of a new {self.layer_name}", (scores[1:] - scores[0]) / value, 1e-4)
        check_uniform(self, f"output bias b_y of a new {self.layer_name}", scores[0], 1e-4)

    def test_weights_assigned(self):
        """`weights` that are assigned are those that the next forward uses."""
        layer, inputs = self.layer(), self.example()
        before = np.array(layer.forward(inputs.copy()))
        layer.weights = np.zeros(np.shape(layer.weights))
        cause = (
            "forward uses other weights than `weights`. Where the matrix lives in an inner layer, `weights` is a "
            "property: its getter returns the inner layer's weights, its setter assigns them"
        )
        received = np.array(layer.forward(inputs.copy()))
        same = ["as before" if close(received, before, 1e-9) else "others"]
        self.assertEqual(same, ["others"], f"{self.layer_name}.forward after layer.weights = zeros: {cause}")

    def test_initialize_fans(self):
        """The fans are those of the two matrices: I + H inputs of the hidden units, H inputs of the outputs."""
        initializer = ConstantStart(0.5)
        self.layer().initialize(initializer, ConstantStart(0.1))
        received = sorted(call[1:] for call in initializer.calls)
        expected, counted = (sorted([(7 + bias, self.columns), (4 + bias, 2)]) for bias in (0, 1))
        mistakes = [
            ("fan_in and fan_out are swapped", sorted([(self.columns, 7), (2, 4)])),
            ("fan_in and fan_out of W_y are swapped", sorted([(7, self.columns), (2, 4)])),
            ("the hidden state is not counted as an input of W_h", sorted([(3, self.columns), (4, 2)])),
            ("the bias is counted as an input", counted),
            ("fan_out counts one gate only; the matrix of all four has 4·hidden columns", sorted([(7, 4), (4, 2)])),
        ]
        if sum(int(np.prod(shape)) for shape, _, _ in initializer.calls) == 8 * self.columns + 10:
            expected = counted if received == counted else expected  # the bias row was drawn with the weights
        cause = "(inputs + hidden, columns of W_h) for the stacked matrix, (hidden, outputs) for W_y"
        self.check(f"(fan_in, fan_out) from {self.layer_name}(3, 4, 2)", received, expected, cause, mistakes)

    def test_own_optimizer(self):
        """Hidden and output weights step once, through optimizers of their own."""
        layer = self.plain_layer()
        layer.optimizer = CountingStep()
        layer.forward(self.example())
        layer.backward(np.ones((5, 2)))
        moved = [-np.array(layer.weights).flat[0], 0.1 - self.output_bias(layer)[0]]
        shared = "one optimizer serves both and mixes up their memories: copy.deepcopy(optimizer) for each"
        self.check(
            f"{self.layer_name}: steps of hidden and output weights by an optimizer that counts its calls",
            moved,
            [1, 1],
            "each steps once in backward, after all time steps, through its own copy of the optimizer",
            [(shared, [1, 2]), (shared, [2, 1])],
        )

    def test_initialize(self):
        """One call of the initializer makes the stacked hidden weights, another the output weights."""
        initializer = ConstantStart(0.5)
        self.layer().initialize(initializer, ConstantStart(0.1))
        sizes = sorted(int(np.prod(shape)) for shape, _, _ in initializer.calls)
        expected = sorted([7 * self.columns, 8])
        with_bias_rows = sorted([8 * self.columns, 10])
        expected = with_bias_rows if sizes == with_bias_rows else expected
        cause = "one matrix for input, hidden state (and gates) together, and one for the output: two calls"
        self.check("numbers drawn in each call of the weights' initializer", sizes, expected, cause)

    def test_initialize_values(self):
        """The weights' initializer fills the stacked matrix, the bias' one the bias rows of both matrices."""
        layer = self.layer()
        layer.initialize(ConstantStart(0.5), ConstantStart(0.1))
        cause = "the stacked matrix by the weights' initializer, its bias row by the bias' own, assigned to the weights"

        def filled(weights, bias):
            return np.sort([weights] * 7 * self.columns + [bias] * self.columns)

        mistakes = [
            ("the two initializers are exchanged", filled(0.1, 0.5)),
            ("the weights' initializer fills the bias too", filled(0.5, 0.5)),
        ]
        received = np.sort(np.ravel(layer.weights))
        self.check(f"{self.layer_name}.weights, sorted, after initialize", received, filled(0.5, 0.1), cause, mistakes)
        self.check(f"b_y of {self.layer_name} after initialize", self.output_bias(layer), [0.1, 0.1], cause)

    def test_regularization_loss(self):
        """`calculate_regularization_loss` is the norm of the weights that the optimizer shrinks."""
        layer = create(self.layer_name, *self.arguments)
        layer.initialize(ConstantStart(0), ConstantStart(0))
        layer.weights = np.full(np.shape(layer.weights), -0.5)
        optimizer = create("Sgd", 0.1)
        optimizer.add_regularizer(SumOfWeights())
        layer.optimizer = optimizer
        cause = "optimizer.regularizer.norm(weights), positive as every norm"
        received = layer.calculate_regularization_loss()
        self.check(f"{self.layer_name}.calculate_regularization_loss()", received, 4.0 * self.columns, cause)


class TestRNN(RecurrentTests, Task):
    """RNN (Elman's recurrent layer) in Layers/RNN.py."""

    layer_name = "RNN"
    cause_gradient = f"{RecurrentTests.cause_gradient}. The derivative of tanh is 1 - h², that of the output y·(1 - y)"

    def states(self, inputs, weights, squash=np.tanh, first=0.0, kept=0.0):
        """The hidden states by a loop over h = tanh([x, h, 1]·W); the others are there to be played with."""
        states = [np.full(4, first)]
        for x in inputs:
            states.append(kept * states[-1] + squash(np.concatenate([x, states[-1], [1]]) @ weights))
        return states[1:]

    def mistaken_states(self, inputs, weights):
        """The mistakes of a recurrent layer, and those of Elman's formula."""
        return [
            *super().mistaken_states(inputs, weights),
            ("the tanh of the hidden state is missing", self.states(inputs, weights, lambda u: u)),
            ("the hidden state goes through the sigmoid: tanh", self.states(inputs, weights, sigmoid)),
            (
                "the old hidden state is added: it enters through the weights alone",
                self.states(inputs, weights, kept=1),
            ),
            ("the first hidden state is one: it is zero", self.states(inputs, weights, first=1.0)),
        ]


class TestLSTM(RecurrentTests, Task):
    """LSTM (long short-term memory) in Layers/LSTM.py: the gates in the order forget, input, candidate, output."""

    layer_name = "LSTM"
    columns = 16

    cause_gradient = (
        "from the last time step to the first, δh is the output's error plus that from the next time step, and "
        "δC = δh·o·(1 - tanh²C) plus δC·f of the next time step; the four parts stand in the order of the columns: "
        "δC·C_before·f(1-f), δC·candidate·i(1-i), δC·i·(1-candidate²), δh·tanh(C)·o(1-o)"
    )

    def states(
        self,
        inputs,
        weights,
        order=(0, 1, 2, 3),
        gate=sigmoid,
        to_candidate=np.tanh,
        to_cell=lambda f, i, candidate, cell: f * cell + i * candidate,
        to_state=lambda o, cell, before: o * np.tanh(cell),
        remembered=lambda state, cell: state,
    ):
        """The hidden states by a loop over the formulas; `order` tells where f, i, candidate and o stand."""
        state, cell, states = np.zeros(4), np.zeros(4), []
        for x in inputs:
            quarters = np.split(np.concatenate([x, remembered(state, cell), [1]]) @ weights, 4)
            f, i, candidate, o = (quarters[place] for place in order)
            before, cell = cell, to_cell(gate(f), gate(i), to_candidate(candidate), cell)
            state = to_state(gate(o), cell, before)
            states.append(state)
        return states

    def mistaken_states(self, inputs, weights):
        """The mistakes of a recurrent layer, of single functions, and gates mixed up."""
        names = ("forget", "input", "candidate", "output")
        orders = list(itertools.permutations(range(4)))[1:]
        mixed = [", ".join(names[order.index(place)] for place in range(4)) for order in orders]
        functions = [
            ("the candidate goes through the sigmoid: tanh, it is no gate", {"to_candidate": sigmoid}),
            ("the gates go through tanh: the sigmoid", {"gate": np.tanh}),
            ("the candidate is missing: C = f·C + i·candidate",
             {"to_cell": lambda f, i, candidate, cell: f * cell + i}),
            ("the old cell is left out: C = f·C + i·candidate",
             {"to_cell": lambda f, i, candidate, cell: i * candidate}),
            ("the forget gate is left out: f·C", {"to_cell": lambda f, i, candidate, cell: cell + i * candidate}),
            ("the input gate is left out: i·candidate",
             {"to_cell": lambda f, i, candidate, cell: f * cell + candidate}),
            ("1 - f stands for the input gate",
             {"to_cell": lambda f, i, candidate, cell: f * cell + (1 - f) * candidate}),
            ("the output gate is left out: h = o·tanh(C)", {"to_state": lambda o, cell, before: np.tanh(cell)}),
            ("the tanh of the cell is missing: h = o·tanh(C)", {"to_state": lambda o, cell, before: o * cell}),
            ("the cell of the step before is taken: h = o·tanh(C)",
             {"to_state": lambda o, cell, before: o * np.tanh(before)}),
            ("the cell stands where the hidden state belongs: [x, h, 1]", {"remembered": lambda state, cell: cell}),
            *(
                (f"the gates are mixed up: they stand in the order {text}; the course's order is {', '.join(names)}",
                 {"order": order})
                for text, order in zip(mixed, orders, strict=True)
            ),
        ]  # fmt: skip
        known = [(mistake, self.states(inputs, weights, **function)) for mistake, function in functions]
        return [*super().mistaken_states(inputs, weights), *known]

    #: Well-known mistakes in backward: what is done wrong, and its sign in the loop below.
    MISTAKES: typing.ClassVar = {
        "order": "the columns of two gates are exchanged in backward: forget, input, candidate, output, as in forward",
        "cell": "1 - C² takes the cell where tanh²(C) belongs: δC = δh·o·(1 - tanh(C)²)",
        "after": "the forget gate's error takes the new cell C_t instead of the one before, C_{t-1}",
        "gate": "δC·f takes the f of the wrong time step: what comes from t+1 is δC_{t+1}·f_{t+1}",
        "no cell": "the cell's error from the next time step is forgotten: δC += δC_{t+1}·f_{t+1}",
        "no state": "the hidden state's error from the next time step is forgotten",
        "direction": "time runs forward in backward: it has to run from the last time step to the first",
        "linear": "the output gate's error takes C instead of tanh(C)",
        "no slope": "the derivative of the output's sigmoid is left out",
    }

    def backward(self, inputs, weights, error_tensor, mistake=""):
        """Error of the input and gradient of the weights, by a loop over the formulas with one mistake in it."""
        steps, state, cell = [], np.zeros(4), np.zeros(4)
        for x in inputs:
            row = np.concatenate([x, state, [1]])
            f, i, candidate, o = np.split(row @ weights, 4)
            f, i, candidate, o, before = sigmoid(f), sigmoid(i), np.tanh(candidate), sigmoid(o), cell
            cell = f * before + i * candidate
            state = o * np.tanh(cell)
            steps.append((row, f, i, candidate, o, before, cell, sigmoid(0.5 * state.sum() + 0.1)))
        errors, gradient = np.zeros(inputs.shape), np.zeros(weights.shape)
        from_state, from_cell = np.zeros(4), np.zeros(4)
        for t in range(len(inputs)) if mistake == "direction" else reversed(range(len(inputs))):
            row, f, i, candidate, o, before, cell, y = steps[t]
            at_state = 0.5 * np.sum(error_tensor[t] * (1 if mistake == "no slope" else y * (1 - y))) + from_state
            tanh = np.tanh(cell)
            at_cell = at_state * o * (1 - (cell if mistake == "cell" else tanh) ** 2)
            at_cell = at_cell + from_cell * (f if mistake == "gate" else 1)
            parts = [
                at_cell * (cell if mistake == "after" else before) * f * (1 - f),
                at_cell * candidate * i * (1 - i),
                at_cell * i * (1 - candidate**2),
                at_state * (cell if mistake == "linear" else tanh) * o * (1 - o),
            ]
            parts = [parts[1], parts[0], *parts[2:]] if mistake == "order" else parts
            part = np.concatenate(parts)
            back = weights @ part
            gradient += np.outer(row, part)
            errors[t] = back[:3]
            from_state = 0 * from_state if mistake == "no state" else back[3:7]
            from_cell = at_cell * {"gate": 1, "no cell": 0}.get(mistake, f)
        return errors, gradient

    def mistaken(self, inputs, weights, which):
        """The mistakes above with what they lead to: 0 the error of the input, 1 the gradient of the weights."""
        return [
            (text, lambda error_tensor, sign=sign: self.backward(inputs, weights, error_tensor, sign)[which])
            for sign, text in self.MISTAKES.items()
        ]

    def test_gradient(self):
        """The error that backward returns is the derivative of the loss with respect to the input."""
        inputs = self.example()
        layer, weights = self.known_layer(inputs)
        self.check_gradient(layer, inputs, self.cause_gradient, self.mistaken(inputs, weights, 0))
        super().test_gradient()

    def test_gradient_weights(self):
        """`gradient_weights` is the derivative of the loss with respect to `weights`, summed over time."""
        inputs = self.example()
        layer, weights = self.known_layer(inputs)
        if np.array_equal(layer.weights, weights):  # otherwise stored in another way than in the loop above
            mistakes = self.mistaken(inputs, weights, 1)
            self.check_parameter_gradient(layer, inputs, "weights", self.cause_weights, mistakes)
        super().test_gradient_weights()


class TestNeuralNetwork3(NetworkTask):
    """NeuralNetwork in NeuralNetwork.py with regularization and saving, and networks of everything."""

    def test_test_repeats(self):
        """`test` gives the same for the same input, with Dropout too."""
        layers = create("FullyConnected", 4, 30), create("Dropout", 0.5), create("SoftMax")
        net, inputs = self.network(create("Sgd", 0.1), *layers), self.rng.normal(size=(5, 4))
        expected = np.array(net.test(inputs.copy()))
        self.check(
            "net.test of the same input again", net.test(inputs), expected, "Dropout has to rest in the testing phase"
        )

    # -- regularization

    def loss_of(self, regularizer, *layers):
        """The loss of a network whose data costs nothing, with all weights -0.5 and all biases zero."""
        optimizer = create("Sgd", 0.1)
        if regularizer is not None:
            optimizer.add_regularizer(regularizer)
        net = create("NeuralNetwork", optimizer, ConstantStart(-0.5), ConstantStart(0))
        for layer in layers:
            net.append_layer(layer)
        net.loss_layer = types.SimpleNamespace(forward=lambda prediction, label: 0.0)
        shape = (1, 1, 3, 3) if type(layers[0]).__name__ == "Conv" else (1, 2)
        net.data_layer = Batches(np.ones(shape), np.ones((1, 2)), 1)
        return net.forward()

    def test_loss_without_regularizer(self):
        """Without a regularizer, the loss is that of the data alone."""
        received = self.loss_of(None, create("FullyConnected", 2, 2), create("RNN", 2, 3, 2))
        self.check("regularization loss without a regularizer", received, 0, "add nothing where regularizer is None")

    def test_loss_recurrent_without_optimizer(self):
        """Without a regularizer or even an optimizer, a recurrent layer adds nothing to the loss."""
        for name in ("RNN", "LSTM"):
            received = self.loss_of(None, create(name, 2, 3, 2))
            what = f"regularization loss of the layer {name}"
            self.check(f"{what} without a regularizer", received, 0, "add nothing where regularizer is None")
            cause = "calculate_regularization_loss() is 0 where self.optimizer is None"
            self.check_loss_without_optimizer(create(name, 2, 3, 2), (1, 2), cause)

    def test_loss_without_optimizer(self):
        """A layer that was put into `net.layers` by hand has no optimizer, and adds nothing to the loss."""
        cause = "in NeuralNetwork.forward, ask layer.optimizer.regularizer only where layer.optimizer is not None"
        self.check_loss_without_optimizer(create("FullyConnected", 2, 2), (1, 2), cause)
        self.check_loss_without_optimizer(create("Conv", (1, 1), (1, 2, 2), 3), (1, 1, 3, 3), cause)

    def check_loss_without_optimizer(self, layer, shape, cause):
        """A layer in `net.layers` that nobody gave an optimizer must add nothing."""
        net = create("NeuralNetwork", create("Sgd", 0.1))
        net.layers.append(layer)
        net.loss_layer = types.SimpleNamespace(forward=lambda prediction, label: 0.0)
        net.data_layer = Batches(np.ones(shape), np.ones((1, 2)), 1)
        what = f"regularization loss of the layer {type(layer).__name__} in net.layers without an optimizer"
        try:
            received = net.forward()
        except AttributeError as error:
            self.fail(f"{what}: {error}.\nUsual cause: {cause}")
        self.check(what, received, 0, cause)

    def test_loss_fully_connected(self):
        """The loss contains the norm of the weights of every fully connected layer."""
        received = self.loss_of(
            SumOfWeights(), create("FullyConnected", 2, 3), create("ReLU"), create("FullyConnected", 3, 2)
        )
        mistakes = [
            ("the regularizer acts on the step alone: add its norm to the loss in forward", 0),
            ("one of the two layers is left out", 3),
        ]
        cause = "the sum of layer.optimizer.regularizer.norm(layer.weights) over the trainable layers"
        self.check("regularization loss of 12 weights of -0.5", received, 6, cause, mistakes)

    def test_loss_convolution(self):
        """The loss contains the norm of the weights of a convolution."""
        received = self.loss_of(SumOfWeights(), create("Conv", (1, 1), (1, 2, 2), 3))
        self.check("regularization loss of 12 weights of -0.5", received, 6, "convolutions have weights as well")

    def test_loss_recurrent(self):
        """The loss contains the regularization loss of a recurrent layer, beside that of the others."""
        received = self.loss_of(SumOfWeights(), create("FullyConnected", 2, 2), create("RNN", 2, 3, 2))
        norms = [2 + 7.5, 2 + 7.5 + 3]  # of W_h alone or with W_y: the course leaves open which
        mistakes = [("the recurrent layer is left out", 2), ("it replaces the sum so far: use +=", min(norms) - 2)]
        cause = "the sum over all layers, with layer.calculate_regularization_loss() of a recurrent one"
        expected = min(norms, key=lambda norm: abs(norm - received))
        self.check("regularization loss of 4 weights of -0.5 and an RNN", received, expected, cause, mistakes)

    # -- saving

    def trained(self):
        """A trained network and its data, in two equal copies."""
        inputs, labels = self.rng.normal(size=(12, 4)), np.eye(3)[np.arange(12) % 3]
        layers = create("FullyConnected", 4, 5), create("ReLU"), create("FullyConnected", 5, 3), create("SoftMax")
        net = self.network(create("Adam", 0.05, 0.9, 0.999), *layers)
        net.data_layer = Batches(inputs, labels, 12)
        net.train(5)
        return net, inputs, Batches(inputs, labels, 12)

    def reload(self, net, data_layer, *path):
        """The network after saving and loading."""
        filename = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), *path)
        find("save")(filename, net)
        return find("load")(filename, data_layer)

    def test_load(self):
        """A loaded network predicts what the saved one does."""
        net, inputs, data = self.trained()
        expected = np.array(net.test(inputs))
        received = self.reload(net, data, "net").test(inputs)
        self.check("prediction after loading", received, expected, "the layers have to be saved with their weights")

    def test_load_losses(self):
        """The losses so far are saved with the network."""
        net, _, data = self.trained()
        cause = "save the list net.loss too: the loaded network has the losses of all iterations so far"
        mistakes = [("the list of losses is not saved", [])]
        received = getattr(self.reload(net, data, "net"), "loss", None)
        self.check("loss of the loaded network after five iterations", received, net.loss, cause, mistakes)

    def test_load_continues(self):
        """A loaded network trains on as the saved one: the optimizers keep their state."""
        net, _, data = self.trained()
        loaded = self.reload(net, data, "net")
        net.train(3)
        loaded.train(3)
        cause = "save the optimizers with their moments and counters"
        received, expected = loaded.loss[-3:], net.loss[-3:]
        self.check("losses of three further iterations after loading", received, expected, cause)

    def test_load_batch_norm(self):
        """The moving averages of batch normalization are saved too."""
        layers = create("FullyConnected", 4, 3), create("BatchNormalization", 3), create("SoftMax")
        net, inputs = self.network(create("Sgd", 0.1), *layers), self.rng.normal(2, 3, size=(6, 4))
        net.data_layer = Batches(inputs, np.eye(3)[[0, 1, 2, 0, 1, 2]], 6)
        net.train(2)
        expected = np.array(net.test(inputs))
        received = self.reload(net, net.data_layer, "net").test(inputs)
        self.check("prediction after loading", received, expected, "the moving averages belong to the layer")

    def test_load_data_layer(self):
        """The loaded network reads from the data layer that it was given."""
        net, _, data = self.trained()
        self.assertIs(self.reload(net, data, "net").data_layer, data, "load sets net.data_layer = data_layer")

    def test_save_leaves_network(self):
        """Saving leaves the network as it is; the data layer, which can't be saved, stays where it was."""
        net, _, data = self.trained()
        before = net.data_layer
        self.reload(net, data, "net")
        self.assertIs(net.data_layer, before, "leave the data layer out of the copy that is saved, not of the network")

    def test_save_new_folder(self):
        """`save` makes the folder if there is none yet."""
        net, inputs, data = self.trained()
        received = self.reload(net, data, "trained", "net").test(inputs)
        self.check("prediction after saving to a new folder", received, net.test(inputs), "os.makedirs before open")

    def test_save_here(self):
        """`save` writes into the working directory where only a name is given."""
        net, inputs, data = self.trained()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        find("save")("net", net)
        received = find("load")("net", data).test(inputs)
        cause = 'os.makedirs("") fails: make a folder only where os.path.dirname(filename) is not empty'
        self.check('prediction after save("net", net)', received, net.test(inputs), cause)

    # -- whole networks

    def check_digits(self, *between, regularizer=None, alpha=0.0):
        """Digits after 100 iterations of Adam at batch 150, with something between two fully connected layers."""
        optimizer = create("Adam", 5e-3, 0.9, 0.999)
        if regularizer is not None:
            optimizer.add_regularizer(create(regularizer, alpha))
        hidden, output = create("FullyConnected", 64, 32), create("FullyConnected", 32, 10)
        net = self.network(optimizer, hidden, *between, create("ReLU"), output, create("SoftMax"))
        self.check_learning(net, digits(flat=True), 150, 100, 0.3, PARTS)

    def test_digits_l1(self):
        """Digits with an L1 regularizer."""
        self.check_digits(regularizer="L1_Regularizer", alpha=8e-2)

    def test_digits_l2(self):
        """Digits with an L2 regularizer."""
        self.check_digits(regularizer="L2_Regularizer", alpha=8e-2)

    def test_digits_dropout(self):
        """Digits with dropout."""
        self.check_digits(create("Dropout", 0.5))

    def test_digits_batch_norm_images(self):
        """Digits with a convolution and batch normalization of images."""
        layers = (
            create("BatchNormalization", 1),
            create("Conv", (2, 2), (1, 3, 3), 4),
            create("BatchNormalization", 4),
            create("ReLU"),
            create("Flatten"),
            create("FullyConnected", 64, 10),
            create("SoftMax"),
        )
        self.check_learning(self.network(create("Adam", 5e-3), *layers), digits(), 30, 100, 0.3, PARTS)

    def check_sequences(self, name):
        """Learn to say at each time step what came one step before."""
        bits = np.random.default_rng(6).integers(2, size=(20, 10, 1)).astype(float)
        echo = np.concatenate([np.zeros((20, 1, 1)), bits[:, :-1]], axis=1)
        net = self.network(create("Adam", 2e-2, 0.9, 0.999), create(name, 1, 6, 1), start="Xavier")
        net.loss_layer = SquaredError()
        net.data_layer = Batches(bits.reshape(-1, 1), echo.reshape(-1, 1), 10)
        net.train(400)
        start, end = np.mean(net.loss[:20]), np.mean(net.loss[-20:])
        cause = "the error of the hidden state does not reach the time step before, or some weights take no step"
        self.assertLess(end, 0.5 * start, f"{name}: expected the loss to halve at least.\nUsual cause: {cause}")

    def test_sequences_rnn(self):
        """An RNN remembers the input of the step before."""
        self.check_sequences("RNN")

    def test_sequences_lstm(self):
        """An LSTM remembers the input of the step before."""
        self.check_sequences("LSTM")


def load_tests(loader, tests, pattern):
    """All tasks in the order of the table, for `python -m unittest NeuralNetworkTests`."""
    return unittest.TestSuite(loader.loadTestsFromTestCase(globals()[entry.test]) for entry in TASKS)


# ---------------------------------------------------------------------------------------------------
# In the process of one task: run its tests and write down what happens
# ---------------------------------------------------------------------------------------------------

#: What the folder under test holds: these names are imported from there or not at all.
CONTRACT_NAMES = sorted({file.split("/")[0] for entry in TASKS for file in entry.files})

#: What the tests and the code under test get from Python's installation, whatever files have these names.
LIBRARIES = frozenset(("numpy", "scipy", "sklearn", "matplotlib", "PIL", "tqdm", "pandas", "joblib", "threadpoolctl"))

#: Address space of one task's process in bytes: a list that grows for ever ends in a MemoryError.
MEMORY_LIMIT = 4 * 2**30
#: Bytes of a file that it writes, its output among them: a loop that prints for ever ends in an OSError.
FILE_SIZE_LIMIT = 200 * 2**20


class OnlyFrom(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the contract's modules in one folder, never beside this file or among installed packages."""

    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, fullname, path=None, target=None):
        """Look for the top-level names only: what is inside a package is found by the package."""
        if path is not None:
            return None
        if fullname in sys.stdlib_module_names or fullname in LIBRARIES:
            elsewhere = [place for place in sys.path if os.path.realpath(place) != os.path.realpath(self.folder)]
            return importlib.machinery.PathFinder.find_spec(fullname, elsewhere)
        if fullname not in {name.removesuffix(".py") for name in CONTRACT_NAMES}:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, [self.folder])
        if spec is None:  # nobody else is to be asked
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if spec.loader is None:  # a folder without __init__.py, which is not to grow beyond this one
            spec.submodule_search_locations = list(spec.submodule_search_locations)
        return spec

    def exec_module(self, module):
        """What was not found can't be imported."""
        raise ModuleNotFoundError(f"No module named {module.__name__!r}", name=module.__name__)


class Recorder(unittest.TestResult):
    """Writes every event to a file at once, so that what was reached survives the end of the process."""

    def __init__(self, file, marker):
        super().__init__()
        self.file = file
        self.marker = marker
        self.output = os.dup(1)  # a task may close or replace its own standard output

    def write(self, **event):
        """Add one line."""
        self.file.write(json.dumps(event) + "\n")
        self.file.flush()

    def startTest(self, test):
        """Say which test comes, in the record and in the stream of what is printed."""
        super().startTest(test)
        self.status, self.message = "", ""
        self.write(started=test._testMethodName)
        os.write(self.output, f"{self.marker}{test._testMethodName}\n".encode())

    def stopTest(self, test):
        """Write the result, if there is one: a KeyboardInterrupt ends a test without."""
        super().stopTest(test)
        if self.status:
            self.write(name=test._testMethodName, status=self.status, message=self.message)

    def addSuccess(self, test):
        """Called where nothing else was."""
        self.status = self.status or "passed"

    def addFailure(self, test, err):
        """Remember the first thing that went wrong."""
        if not self.status:
            self.status, self.message = describe(err[1])

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        """A part of a test counts for the test."""
        if err is not None:
            self.addFailure(test, err)

    def addSkip(self, test, reason):
        """Whatever was not tested has not passed."""
        self.status, self.message = "failed", f"skipped: {reason}"


def describe(error):
    """Status and message: the tests' own words alone, and the way through the code for everything else."""
    trace = traceback.TracebackException.from_exception(error)
    machinery = (importlib.__file__, unittest.case.__file__)
    frames = [f for f in trace.stack if f.filename not in machinery and not f.filename.startswith("<frozen importlib")]
    here = describe.__code__.co_filename
    ours = (here, np.testing.assert_allclose.__code__.co_filename)
    if isinstance(error, NotYet):
        return "not yet", str(error)
    if isinstance(error, NotImplementedError) and frames[-1].filename != here:  # a body that a skeleton left open
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        place = os.path.relpath(frames[-1].filename, sys.path[0])
        return "not yet", f"not yet written: {frame.f_code.co_qualname} in {place}"
    if isinstance(error, AssertionError) and frames[-1].filename in ours:
        return "failed", clean(str(error), limit=20_000)
    own = [place for place, frame in enumerate(frames) if frame.filename not in ours and is_under_test(frame.filename)]
    if not own and isinstance(error, (TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError)):
        found = "".join(traceback.format_exception_only(error)).strip()
        return "failed", clean(
            f"the test can't go on with what it received: is it an array of the right shape?\n{found}"
        )
    trace.stack = traceback.StackSummary.from_list(frames[own[0] :] if own else frames)
    return "failed", clean("".join(trace.format(chain=False)), limit=20_000)


def is_under_test(file):
    """Whether a file belongs to the code under test."""
    return os.path.abspath(file).startswith(os.path.join(os.path.abspath(sys.path[0]), ""))


def run_in_this_process(folder, test_class, tests, record, marker, time_limit, parent=None):
    """Run tests of one class against a folder; the end of the record tells whether all of them were reached."""
    faulthandler.enable()
    trace = open(f"{record}.trace", "w", encoding="utf-8")
    if WHERE is not None:
        faulthandler.register(WHERE, file=trace, chain=True)
    patience = LONGEST * time_limit + (GRACE if WHERE is not None else 0)
    faulthandler.dump_traceback_later(patience, exit=True, file=trace)  # also when nobody waits for this process
    if parent is not None:
        end_with(parent)
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows and macOS have no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE_LIMIT, FILE_SIZE_LIMIT))
    sys.path.insert(0, folder)
    sys.meta_path.insert(0, OnlyFrom(folder))
    with open(record, "w", encoding="utf-8") as file:
        recorder = Recorder(file, marker)
        unittest.TestSuite(map(globals()[test_class], tests)).run(recorder)
        recorder.write(finished=True)
    os._exit(0)  # threads that the code under test left running don't matter


def end_with(parent):
    """Let Linux end this process when its parent, which waits for it, has ended; elsewhere its time does."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it ended before
            os._exit(1)


# ---------------------------------------------------------------------------------------------------
# How long a process could have computed
# ---------------------------------------------------------------------------------------------------

#: Where the system tells who waits for a processor, a task may last so many times its limit on a busy machine.
LONGEST = 10 if os.path.exists("/proc/thread-self/schedstat") else 1
#: Seconds between two looks at how long a task has computed.
LOOK = 0.25
#: So many threads of a process are looked at.
THREADS = 100
#: Whoever starts more processes than this could hide in them what it computes: while it does, its waiting counts.
FEW = 16
#: Asks a task's process which line it runs, and ends it; Windows has no such signal, and the process ends itself.
WHERE = getattr(signal, "SIGUSR1", None)
#: Seconds that it has to say so.
GRACE = 3.0


class Stopwatch:
    """The time in which a process could have computed: that on the wall, less what it waited for a processor.

    What else keeps the machine busy costs nobody anything; sleeping, and waiting for anything but a processor, does.
    It is never less than the processor time of all its processes together. Where the system doesn't tell, it is the
    time on the wall.
    """

    def __init__(self, limit, processes):
        self.limit = limit  # seconds of that time; on the wall they may be LONGEST times as many
        self.processes = processes  # gives the numbers of a process and of its children
        self.began = self.looked = time.monotonic()
        self.computed = self.waited = 0.0
        self.started = 0
        self.seen = self.look()
        self.waits = {}  # of each thread; the system adds up a wait only when the thread has got its processor

    def over(self):
        """Look; in words, which limit is reached, and nothing where there is time left."""
        seen, now = self.look(), time.monotonic()
        self.add(*self.seen, *seen, now - self.looked)
        self.seen, self.looked = seen, now
        if max(self.computed, now - self.began - self.waited) >= self.limit:
            if LONGEST > 1 and self.computed < self.limit / 2:
                return f"stopped after {self.limit:g} s, most of which it only waited: for a lock, a child, a sleep?"
            return f"stopped after {self.limit:g} s: an endless loop, or far too slow"
        if now - self.began < LONGEST * self.limit:
            return ""
        return f"stopped after {LONGEST * self.limit:g} s: the machine was too busy to let it compute; run it again"

    def look(self):
        """Seconds that each process and its ended children have computed; what is known of each thread, and of this."""
        used, threads, mine = {}, {}, (0, 0, "R")
        with contextlib.suppress(OSError, IndexError):
            mine = known_of("/proc/thread-self")
        for number in self.processes():
            with contextlib.suppress(OSError, IndexError):
                words = words_of(f"/proc/{number}/stat")
                process = number, words[19]  # and when it began, for numbers are given again
                ticks = os.sysconf("SC_CLK_TCK")
                used[process] = [(int(words[place]) + int(words[place + 1])) / ticks for place in (11, 13)]
                for thread in os.listdir(f"/proc/{number}/task")[:THREADS]:
                    threads[process, thread] = known_of(f"/proc/{number}/task/{thread}")
        return used, threads, mine

    def add(self, used, threads, mine, used_now, threads_now, mine_now, lasted):
        """Add what has been computed and waited between two looks."""
        own = reaped = 0.0
        for process, (now, of_children) in used_now.items():
            before, of_children_before = used.get(process, (0.0, 0.0))
            own, reaped = own + now - before, reaped + of_children - of_children_before
        counted = sum(sum(used[process]) for process in used.keys() - used_now.keys())
        self.computed += own + max(0.0, reaped - counted)
        waits, longest = {}, 0.0
        for thread, (ran, waited, state) in threads_now.items():
            ran_before, waited_before, state_before = threads.get(thread, (0.0, 0.0, ""))
            before = self.waits.get(thread, waited_before)
            waits[thread] = max(before, waited)
            if state == state_before == "R":  # it would have run
                waits[thread] = max(waited, before + lasted - (ran - ran_before))
            longest = max(longest, waits[thread] - before)
        self.waits = waits
        new = len(used_now.keys() - used.keys())
        self.started += new
        if not new or self.started <= FEW:
            self.waited += longest + mine_now[1] - mine[1]


def words_of(path):
    """What a file of /proc says of a process or thread, after its name."""
    with open(path, "rb") as file:
        return file.read().rpartition(b")")[2].decode("ascii").split()


def known_of(thread):
    """Seconds that a thread, a folder of /proc, has run, and has waited for a processor; its state."""
    ran, waited, _ = words_of(f"{thread}/schedstat")
    return int(ran) / 1e9, int(waited) / 1e9, words_of(f"{thread}/stat")[0]


# ---------------------------------------------------------------------------------------------------
# One process for each task
# ---------------------------------------------------------------------------------------------------

#: The first word of the command line of a task's process.
IN_THIS_PROCESS = "--in-this-process"

#: How many letters of a task's output are kept, half of them from its beginning.
OUTPUT_LIMIT = 1_000_000

#: Environment of a task's process: nothing written beside the code, no windows, one thread of linear algebra.
ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONBREAKPOINT": "0",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class Result(typing.NamedTuple):
    """One test: "passed", "failed", "not yet" (written) or "not run"."""

    status: str
    message: str = ""
    printed: str = ""


class Outcome(typing.NamedTuple):
    """What became of a task: the results of its tests, and what ended its process before the last of them."""

    entry: Entry
    results: dict
    whole: bool
    ended: str = ""

    @property
    def passed(self):
        """How many tests passed."""
        return sum(result.status == "passed" for result in self.results.values())

    @property
    def done(self):
        """Whether all did."""
        return self.passed == len(self.results)

    @property
    def points(self):
        """All points of the task or none: it is solved when every one of its tests passes."""
        return self.entry.points if self.done and self.whole else 0

    @property
    def not_yet(self):
        """What is not written yet, line by line, where nothing that is written failed."""
        if {result.status for result in self.results.values()} - {"passed", "not yet"}:
            return ""
        return "\n".join(dict.fromkeys(r.message for r in self.results.values() if r.status == "not yet"))


def command_of_task(suite, task):
    """The command line of a task's process; `task` holds the arguments of `run_in_this_process`."""
    return [sys.executable, "-B", "-P", "-u", suite, IN_THIS_PROCESS, json.dumps(task)]


def run_task(entry, tests, time_limit, running):
    """Run tests of one task on the code beside this file, in a process that ends when the time is over.

    The process stands in `running` meanwhile, for whoever has to end it earlier.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory(prefix="course-tests-", ignore_cleanup_errors=True) as place:
        marker = f"\0{secrets.token_hex(8)} "
        record = os.path.join(place, "record")
        arguments = (here, entry.test, tests, record, marker, time_limit, os.getpid())
        names = ("folder", "test_class", "tests", "record", "marker", "time_limit", "parent")
        with open(os.path.join(place, "output"), "wb") as output:
            process = subprocess.Popen(
                command_of_task(os.path.abspath(__file__), dict(zip(names, arguments, strict=True))),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **ENVIRONMENT},
                start_new_session=True,
            )
            running.add(process)
            try:
                stopped = wait(process, time_limit)
            finally:
                kill(process)
                running.discard(process)
        status = process.wait()
        size = os.path.getsize(output.name)
        with open(output.name, encoding="utf-8", errors="replace") as file:
            printed = file.read(OUTPUT_LIMIT)
        events, trace = read_lines(record), read_text(f"{record}.trace")
    finished = events and "finished" in events[-1]
    ended = "" if finished else why_it_ended(status, stopped, trace, here, size)
    return outcome_of(entry, tests, events, printed.split(marker), ended)


def patiently(task, entry, time_limit):
    """The outcome of a task that is tested in a thread; whoever waits long for it at a terminal is told for what."""
    with contextlib.suppress(TimeoutError):
        return task.result(SILENCE)
    if sys.stderr.isatty():
        print(f"  … {entry.test} is still running; it is stopped after {time_limit:g} s", file=sys.stderr, flush=True)
    return task.result()


def wait(process, time_limit):
    """Wait for the end of a task's process; where its time is over, ask it where it is, and say which limit it was."""
    stopwatch = Stopwatch(time_limit, lambda: [process.pid])
    while process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK)
        if process.poll() is None and (stopped := stopwatch.over()):
            ask_where(process, process.pid)
            return stopped
    return stopwatch.over() if process.returncode == 1 else ""  # it may have looked at its own clock


def ask_where(process, number):
    """Let the process of that number say which line it runs, and wait for the end of the one that was started."""
    if WHERE is not None:
        with contextlib.suppress(OSError):
            os.kill(number, WHERE)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)


def kill(process):
    """End a process and its children."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)


def read_text(path):
    """What a file holds, and nothing where there is none."""
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
    return ""


def read_lines(path):
    """The events that a task's process wrote down, one a line; the last may be half a line, of one that was killed."""
    events = []
    for line in read_text(path).splitlines():
        with contextlib.suppress(ValueError):
            events.append(json.loads(line))
    return events


def outcome_of(entry, tests, events, printed, ended, shown=lambda text: clean(text)):
    """What became of a task, from the events of its process and from what it printed before and in each test."""
    before, *parts = printed
    said = {name: shown(text) for name, _, text in (part.partition("\n") for part in parts)}
    results = dict.fromkeys(tests, Result("not run"))
    for event in events:
        if name := event.get("name"):
            results[name] = Result(event["status"], shown(event["message"]), said.get(name, ""))
    if ended:
        not_run = [name for name in tests if results[name].status == "not run"]
        running = events[-1].get("started") if events else None
        running = running or (not_run or tests[-1:])[0]
        results[running] = Result("failed", shown(ended), said.get(running, shown(before)))
    return Outcome(entry, results, tests == names_of_tests(entry.test), shown(ended))


def why_it_ended(status, stopped, trace, folder, printed=0):
    """In words, what kept a process from reaching its last test; `printed` is how many letters it printed."""
    if stopped:
        place = re.search(rf'File "({re.escape(folder)}[^"]*)", line (\d+) in (\S+)', trace)
        where = f"; it was in {place[1]}, line {place[2]}, {place[3]}" if place else ""
        if printed > OUTPUT_LIMIT // 2:
            where += (
                f". It printed at least {printed:,} letters meanwhile, which takes time: a print in forward, perhaps?"
            )
        return f"{stopped}{where}"
    if status < 0:
        name = signal.Signals(-status).name
        return f"the process was ended by {name}{': is all memory used up?' if name == 'SIGKILL' else ''}"
    return f"the process ended itself, with exit status {status}: sys.exit, os._exit or quit?"


def clean(text, limit=4000):
    """What a program said, fit to be shown: no control characters, and not too long."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8").strip("\n")
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "�", text)
    return text if len(text) <= limit else f"{text[: limit // 2]}\n[…]\n{text[-limit // 2 :]}"


# ---------------------------------------------------------------------------------------------------
# Saying what came out
# ---------------------------------------------------------------------------------------------------


def number(entry):
    """The number of a task: part and place within it."""
    return f"{entry.part}.{[e.test for e in TASKS if e.part == entry.part].index(entry.test) + 1}"


def row(outcome, with_points):
    """One line of the table."""
    entry = outcome.entry
    result = "not yet" if outcome.not_yet and not outcome.passed else f"{outcome.passed} of {len(outcome.results)}"
    if with_points:
        points = f"{outcome.points:g} of {entry.points:g} %{', bonus' if entry.bonus else ''}"
        return f"  {number(entry):<5}{entry.title:<30}{entry.test:<22}{result:>10}   {points}"
    line = f"  {number(entry):<5}{entry.test:<22}{result:>10}"
    remark = outcome.not_yet.removeprefix("not yet written: " if not outcome.passed else "") or outcome.ended
    return f"{line}   {remark.splitlines()[0]}" if remark else line


def percentages(outcomes):
    """The percentage reached in each part that was asked for, bonus included."""
    parts = {}
    for outcome in outcomes:
        parts[outcome.entry.part] = parts.get(outcome.entry.part, 0) + outcome.points
    return parts


def details(outcome, everything=False):
    """What is to be said about the tests of a task: what failed, and what the code printed meanwhile."""
    if outcome.not_yet:
        return outcome.not_yet
    blocks, same, also = {}, {}, []
    failed = [name for name, result in outcome.results.items() if result.status in ("failed", "not yet")]
    for name, result in outcome.results.items():
        if everything and result.printed and failed and name not in failed:
            also.append(name)  # what failed is not to be buried
        elif name in failed or (everything and result.printed):
            first = same.setdefault(origin(result.message) or result.message or name, name)
            if first != name:
                blocks[first][-1].append(name)
                continue
            summary = (getattr(globals()[outcome.entry.test], name, None).__doc__ or "").strip().split("\n")[0]
            block = f"{outcome.entry.test}.{name}: {summary}\n{textwrap.indent(result.message, '    ')}".rstrip()
            if result.printed:
                block += "\n    The code printed:\n" + textwrap.indent(shortened(result.printed), "        ")
            blocks[name] = [block, []]
    said = [block + (f"\n    The same in {', '.join(others)}." if others else "") for block, others in blocks.values()]
    if also:
        said.append(f"{outcome.entry.test}: these printed something, and passed: {', '.join(also)}")
    not_run = [name for name, result in outcome.results.items() if result.status == "not run"]
    if not_run:
        said.append(f"{outcome.entry.test}: not run after that: {', '.join(not_run)}")
    return "\n\n".join(said)


def shortened(printed, first=5, last=3):
    """The first and the last lines of what was printed: what failed is not to be buried."""
    lines = [line if len(line) <= 200 else f"{line[:200]}…" for line in printed.splitlines()]
    left_out = len(lines) - first - last
    if left_out <= 1:
        return "\n".join(lines)
    return "\n".join([*lines[:first], f"[…] {left_out} lines", *lines[-last:]])


def origin(message):
    """The last step of a traceback, with the error: where two of them are equal, they have one cause."""
    found = re.search(r'.*(  File ".*?^\S[^\n]*)', message, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def summary(outcomes):
    """The last line: how many tasks passed, and what is the matter with the others."""
    done = sum(outcome.done for outcome in outcomes)
    not_yet = sum(bool(outcome.not_yet) for outcome in outcomes)
    line = f"{done} of {len(outcomes)} {'task' if len(outcomes) == 1 else 'tasks'} passed"
    line += f", {not_yet} not yet written" if not_yet else ""
    failed = len(outcomes) - done - not_yet
    return line + (f", {failed} failed" if failed else "")


# ---------------------------------------------------------------------------------------------------
# The command line
# ---------------------------------------------------------------------------------------------------


class WrongUsage(Exception):
    """Said in one line, with exit status 2."""


def names_of_tests(test_class):
    """The names of a class's tests: the base class first, then forward, whole networks that learn last."""
    names = unittest.defaultTestLoader.getTestCaseNames(globals()[test_class])
    last = re.compile(r"test_(iris_(sgd|momentum|adam)|digits_|sequences_)(?!.*data)")
    first = ("test_base_class", "test_forward")
    return sorted(names, key=lambda name: (bool(last.match(name)), not name.startswith(first), name))


def choose(names, parts):
    """The tests that were asked for, by task; all where nothing was."""
    offered = [entry.test for entry in TASKS]
    if not names and not parts:
        names = offered
    chosen = {}
    for name in [*names, *(entry.test for entry in TASKS if entry.part in parts)]:
        task, _, test = name.partition(".")
        if task not in offered:
            raise WrongUsage(no_such(name, task, {offer: offer for offer in offered}))
        tests = names_of_tests(task)
        if test and test not in tests:
            raise WrongUsage(no_such(name, test, {offer: f"{task}.{offer}" for offer in tests}))
        chosen.setdefault(task, set()).update([test] if test else tests)
    return {task: [test for test in names_of_tests(task) if test in tests] for task, tests in chosen.items()}


def no_such(name, word, offers):
    """What to say about an unknown name: which of the offers were meant, or what there is."""
    if os.path.exists(name):
        return f"there is no task {name}; did you mean --against {name}?"
    spellings = {offer.lower().removeprefix("test").strip("_"): full for offer, full in offers.items()}
    wanted = word.lower().removeprefix("test").strip("_")
    near = [spellings[spelling] for spelling in difflib.get_close_matches(wanted, spellings, 3, 0.5)]
    return f"there is no {name}; " + (
        f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(offers)}"
    )


def parse(arguments):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="NeuralNetworkTests.py",
        description="Test a solution of the course, task by task.",
        epilog="--against FOLDER … tests somebody else's code: python -m Protocols grade --help. "
        "Exit status: 0 when everything asked for passed, 1 when not, 2 for a wrong command line.",
    )
    parser.add_argument("names", nargs="*", metavar="TestTask[.test_name]", help="what to run; everything if left out")
    parser.add_argument(
        "--part", type=int, action="append", default=[], choices=sorted(PART_TITLES), help="all tasks of this part"
    )
    parser.add_argument("--points", action="store_true", help="print the table of points; so does the word Bonus")
    parser.add_argument(
        "--time-limit",
        type=positive(float),
        default=TIME_LIMIT,
        metavar="N",
        help="seconds for each task (%(default)s)",
    )
    parser.add_argument(
        "--jobs", type=positive(int), default=processors(), metavar="N", help="tasks at the same time (%(default)s)"
    )
    options = parser.parse_intermixed_args(arguments)
    options.points = options.points or "Bonus" in options.names
    options.names = [name for name in options.names if name != "Bonus"]
    options.chosen = choose(options.names, options.part)
    return options


def positive(kind):
    """A converter of words to numbers above zero."""

    def convert(word):
        with contextlib.suppress(ValueError):
            if 0 < (value := kind(word)) < 1e6:
                return value
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {word}")

    return convert


def processors():
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warn_of_missing_packages():
    """Say which packages that tests need are not installed."""
    missing = [package for package in ("matplotlib", "scipy", "sklearn") if importlib.util.find_spec(package) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}; tests that need it fail, whatever they test", file=sys.stderr)


def show(outcomes, with_points, everything):
    """Print a line for each task as soon as it is tested, then everything that failed; the list of outcomes."""
    shown = []
    for outcome in outcomes:
        if not shown or shown[-1].entry.part != outcome.entry.part:
            print(f"\nPart {outcome.entry.part}: {PART_TITLES[outcome.entry.part]}")
        print(row(outcome, with_points), flush=True)
        shown.append(outcome)
    print()
    if not with_points:
        for outcome in shown:
            said = "" if outcome.not_yet else details(outcome, everything)
            print(f"{'-' * 70}\n{said}\n\n" if said else "", end="")
    else:
        print("".join(f"Part {part}: {points:g} %\n" for part, points in percentages(shown).items()), end="")
    print(summary(shown))
    return shown


def asks_for_somebody_else(arguments):
    """Whether somebody else's code is to be tested."""
    return any(word.partition("=")[0] == "--against" for word in arguments)


def end_tasks_with_this_program():
    """Whoever ends this program by a signal ends the tasks too."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit(1))


def main(arguments=None):
    """The command line; the exit status."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a console may know fewer letters than somebody's program
    try:
        options = parse(arguments)
    except WrongUsage as error:
        print(error, file=sys.stderr)
        return 2
    warn_of_missing_packages()
    running = set()
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    asked = [(entry, options.chosen[entry.test]) for entry in TASKS if entry.test in options.chosen]
    tasks = [pool.submit(run_task, *item, options.time_limit, running) for item in asked]
    try:
        waited_for = (patiently(task, entry, options.time_limit) for task, (entry, _) in zip(tasks, asked, strict=True))
        outcomes = show(waited_for, options.points, everything=bool(options.names))
    except KeyboardInterrupt:
        print("\nstopped; no task is running any more", file=sys.stderr)
        return 130
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        while not all(task.done() for task in tasks):
            for process in tuple(running):
                kill(process)
            time.sleep(0.01)
    return 0 if all(outcome.done for outcome in outcomes) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == [IN_THIS_PROCESS]:
        run_in_this_process(**json.loads(sys.argv[2]))
    end_tasks_with_this_program()
    if not asks_for_somebody_else(sys.argv[1:]):
        sys.exit(main())
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    try:
        from Protocols.grading.command import main as grade
    except ModuleNotFoundError:
        print(
            "--against is done by the teacher's tool, which is not here: get the whole repository, or pip install it, "
            "and run python -m Protocols grade",
            file=sys.stderr,
        )
        sys.exit(2)
    words = (word.removeprefix("--against=") for word in sys.argv[1:])
    sys.exit(grade([word for word in words if word != "--against"]))
