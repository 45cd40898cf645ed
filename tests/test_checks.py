"""What a user hands over: one reading of arrays, numbers, seeds and labels, at every door of the library."""

import sys
from decimal import Decimal

import numpy as np
import pytest

from Foundation import Checks, InPlace
from Foundation.CommandLine import Parser
from Foundation.Labels import one_hot
from Foundation.Randomness import as_generator
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers.FullyConnected import FullyConnected
from Layers.SoftMax import SoftMax
from Models import LeNet, MultilayerPerceptron
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import CrossEntropyLoss

PROBABILITIES = np.array([[0.25, 0.75], [0.5, 0.5]])
IMAGES = np.zeros((4, 2, 2))


def generator(**options):
    return ImageGenerator.from_arrays(IMAGES, [0, 1, 0, 1], 2, **options)


#: Door → what it does with an array (2, 2) of probabilities.
MATRIX_DOORS = {
    "forward": lambda array: FullyConnected(2, 3).forward(array).shape,
    "loss": lambda array: CrossEntropyLoss().forward(array, array),
    "labels": lambda array: CrossEntropyLoss().forward(PROBABILITIES, array),
    "softmax": lambda array: SoftMax().forward(array),
    "L1": lambda array: L1_Regularizer(0.1).calculate_gradient(array),
    "L2": lambda array: L2_Regularizer(0.1).norm(array),
    "augment": lambda array: generator(mirroring="vertical", rng=0).augment(array),
}

#: Door → what it does with an array of the shape beside it.
OTHER_DOORS = {
    "images": ((4, 2, 2), lambda array: ImageGenerator.from_arrays(array, [0, 1, 0, 1], 2).next()),
    "list of images": ((4, 2, 2), lambda array: ImageGenerator.from_arrays([*array], [0, 1, 0, 1], 2).next()),
    "numbers of classes": ((4,), lambda array: ImageGenerator.from_arrays(IMAGES, array.astype(int), 2).next()),
    "prepare": ((2, 2, 2, 1), lambda array: ImageData(generator(), normalize=False).prepare(array)),
    "mean": ((1,), lambda array: ImageData(generator(), mean=array, deviation=[1.0])),
    "deviation": ((1,), lambda array: ImageData(generator(), mean=[1.0], deviation=array)),
    "test labels": ((4,), lambda array: ImageData(generator(), (IMAGES[..., None], array.astype(int)))),
    "places": ((2,), lambda array: generator().read(array.astype(int))),
    "one_hot": ((3,), lambda array: one_hot(array.astype(int), 2)),
}


class Marked(np.ndarray):
    """A subclass of somebody's own, which counts how often it is computed with."""

    def __array_ufunc__(self, *arguments, **options):
        raise AssertionError("the library computes with a subclass")


@pytest.mark.parametrize("make", [lambda array: array.view(np.matrix), lambda array: array.view(Marked)])
@pytest.mark.parametrize("door", MATRIX_DOORS)
def test_subclasses_are_made_arrays(door, make):
    np.random.seed(0)  # noqa: NPY002
    received = MATRIX_DOORS[door](make(PROBABILITIES.copy()))
    np.random.seed(0)  # noqa: NPY002
    expected = MATRIX_DOORS[door](PROBABILITIES.copy())
    np.testing.assert_array_equal(received, expected)
    assert type(received) is type(expected)


def test_the_gradient_of_a_matrix_is_an_array():
    layer = FullyConnected(2, 2)
    output = layer.forward(PROBABILITIES.view(np.matrix))
    assert type(output) is type(layer.backward(output.view(np.matrix))) is type(layer.gradient_weights) is np.ndarray


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("door", [*MATRIX_DOORS, *OTHER_DOORS])
def test_masked_arrays_are_refused_by_name(door, masked):
    shape, call = ((2, 2), MATRIX_DOORS[door]) if door in MATRIX_DOORS else OTHER_DOORS[door]
    array = np.ma.masked_array(np.ones(shape), np.full(shape, masked))
    with pytest.raises(TypeError, match=r"^\w.*: expected .* without masked elements, got a masked array.*\.filled\("):
        call(array)
    if door in OTHER_DOORS:
        call(np.ones(shape) if door != "one_hot" else np.zeros(shape))


def test_a_list_that_holds_masked_arrays_is_refused_too():
    with pytest.raises(TypeError, match=r"FullyConnected.*: expected input without masked elements"):
        FullyConnected(2, 1).forward([[0, 1], np.ma.masked_array([0, 1], [True, False])])


def calls_of_python(function, *arguments):
    calls = []
    sys.setprofile(lambda frame, event, _: calls.append(frame.f_code.co_name) if event == "call" else None)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("dtype", [None, np.float32, np.dtype("float32"), "float32"])
@pytest.mark.parametrize("shape", [None, (3, 2), ("batch", 2), ("batch", "features")])
def test_what_is_as_it_should_be_costs_one_call(shape, dtype):
    array = np.ones((3, 2), np.float32)
    assert calls_of_python(Checks.tensor, array, "test", "input", shape, dtype) == ["tensor"]
    assert Checks.tensor(array, "test", "input", shape, dtype) is array


@pytest.mark.parametrize(
    ("values", "shape", "message"),
    [
        (np.ones((3, 2)), ("batch", 3), r"^test: expected input \(batch, 3\), got \(3, 2\)$"),
        (np.ones((3, 2)), (2, 2), r"expected input \(2, 2\), got \(3, 2\)$"),
        (np.ones((3, 2, 1)), ("batch", 2), r"expected input \(batch, 2\), got \(3, 2, 1\); flatten it$"),
        (np.ones(3), ("batch", 2), r"expected input \(batch, 2\), got \(3,\)$"),
        (np.ones((0, 2)), ("batch", 2), r"at least one element, got the empty shape \(0, 2\)$"),
        ([[1, 2], [3]], ("batch", 2), "got rows of different shape"),
    ],
)
def test_wrong_shapes_are_named(values, shape, message):
    with pytest.raises(ValueError, match=message):
        Checks.tensor(values, "test", "input", shape, hint="flatten it")


@pytest.mark.parametrize("kind", ["float16", ">f4", "int64", "bool", "uint8"])
def test_other_types_of_numbers_become_float64(kind):
    array = np.ones((2, 2), kind)
    assert Checks.tensor(array, "test", "input").dtype == np.float64
    assert Checks.tensor(array, "test", "input", dtype="float32").dtype == np.float32


@pytest.mark.parametrize("values", ["text", None, [["a"]], np.array([1j]), [None], np.array(["2020"], "M8[Y]")])
def test_what_is_no_array_of_numbers_is_refused(values):
    with pytest.raises(TypeError, match="test: expected input to hold real numbers, got"):
        Checks.number_array(values, "test", "input")


@pytest.mark.parametrize("value", [1, np.int8(1), np.uint64(1), np.float32(1), np.float64(1), 1.0])
def test_numbers_of_any_kind_are_numbers(value):
    assert type(Checks.number(value, "test", "rate")) is float
    np.testing.assert_array_equal(Checks.number_array(value, "test", "rate"), 1)


@pytest.mark.parametrize("value", ["1", None, True, np.True_, 1j, Decimal(1), [1]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match=r"test: expected rate to be a number, got .* of type \w+; 0 is none$"):
        Checks.number(value, "test", "rate", hint="0 is none")


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1])
def test_numbers_beyond_their_limits_are_refused(value):
    with pytest.raises(ValueError, match=r"test: expected rate to be finite, at least 0, below 1, got .*; 0 is none$"):
        Checks.number(value, "test", "rate", least=0, below=1, hint="0 is none")


def test_whole_numbers_are_read_alike_everywhere():
    assert Checks.integer(np.uint8(3), "test", "count", least=3) == 3
    for value in (3.0, "3", True, np.True_, None, np.ones(2, int)):
        with pytest.raises(TypeError, match="test: expected count to be a whole number, got"):
            Checks.integer(value, "test", "count")
    for call in (lambda: FullyConnected(0, 1), lambda: generator().show(most=0)):
        with pytest.raises(ValueError, match=r"^\w+(\.show)?: expected \w+ to be at least 1, got 0$"):
            call()


@pytest.mark.parametrize("rng", ["seed", 1.0, True, np.random.RandomState(0), [1]])
@pytest.mark.parametrize(
    ("build", "owner"),
    [
        (as_generator, ""),
        (lambda rng: generator(rng=rng), "ImageGenerator: "),
        (lambda rng: generator().split(0.5, rng), "ImageGenerator.split: "),
        (lambda rng: LeNet.build(rng=rng), "LeNet: "),
        (lambda rng: MultilayerPerceptron.build(rng=rng), "MultilayerPerceptron: "),
    ],
)
def test_seeds_are_read_alike_everywhere(build, owner, rng):
    with pytest.raises(TypeError, match=f"^{owner}expected rng to be None, a seed or a numpy.random.Generator, got "):
        build(rng)
    with pytest.raises(ValueError, match=f"^{owner}expected the seed rng to be at least 0, got -1"):
        build(-1)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 3], ValueError, "labels from 0 to 2, got labels from 0 to 3"),
        ([-1, 0], ValueError, "labels from 0 to 2, got labels from -1 to 0"),
        ([0.0, 1.0], TypeError, "whole numbers, got float64"),
        ([[0, 1]], ValueError, r"labels \(batch,\), got \(1, 2\)"),
    ],
)
def test_labels_that_are_no_classes_are_refused(labels, error, message):
    with pytest.raises(error, match=f"^one_hot: expected .*{message}"):
        one_hot(labels, 3)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_labels_of_every_kind_become_rows(dtype):
    for labels in ([2, 0], np.array([2, 0], np.uint8), (2, 0)):
        rows = one_hot(labels, 3, dtype)
        assert rows.dtype == dtype and rows.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot([], 3).shape == (0, 3)


def test_complaints_of_a_command_are_one_line(capsys):
    with pytest.raises(SystemExit) as ended:
        Parser(prog="command").error("first line\nand second")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "command: first line and second (--help explains)\n"


FEW, MANY = (InPlace.ON_ONE_THREAD - 4, 1), (InPlace.ON_ONE_THREAD // 4, 5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1,), (3, 5), FEW, MANY], ids=str)
@pytest.mark.parametrize("lie", [np.copy, np.asfortranarray, lambda x: x[::-1]], ids=["rows", "columns", "backwards"])
def test_finite_is_what_is_neither_nan_nor_infinite(shape, dtype, lie):
    """However large the numbers, and whatever NumPy is set to do about sums that overflow."""
    numbers = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    with np.errstate(all="raise"):
        for extreme in (1, np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal):
            assert Checks.is_finite(lie(np.where(numbers > 0, extreme, -extreme).astype(dtype)))
            assert Checks.is_finite(lie(np.full(shape, extreme, dtype)))
        for wrong in (np.nan, np.inf, -np.inf):
            for place in (0, numbers.size // 2, -1):
                spoilt = numbers.copy()
                spoilt.flat[place] = wrong
                assert not Checks.is_finite(lie(spoilt))
