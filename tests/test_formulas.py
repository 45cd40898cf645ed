"""Formulas: the numbers of the plain expression, to the bit, whatever the formula, the arrays and the pieces."""

import itertools
import sys
import threading
from functools import partial

import numpy as np
import pytest

from Foundation import Formulas, Pieces
from Foundation.Formulas import at_least, elementwise
from Foundation.Parallel import use_threads
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum
from tests.layer_cases import CASES

SHAPES = [(), (1,), (7,), (200,), (5, 7), (1, 6), (6, 1), (40, 9), (4, 3, 5), (3, 1, 4), (3, 2, 4, 5)]
DTYPES = ["float32", "float64"]


@pytest.fixture(autouse=True)
def _silent():
    with np.errstate(all="ignore"):
        yield


@pytest.fixture(params=["as written", "whole", "in pieces"])
def pieces(request, monkeypatch):
    """The ways through an array: as the formula stands, at once, and in pieces of a few rows on several threads."""
    if request.param != "as written":
        monkeypatch.setattr(Formulas, "SMALL", -1)
        monkeypatch.setattr(Formulas, "FEW_ROWS", -1)
    if request.param == "in pieces":
        monkeypatch.setattr(Pieces, "LARGE", 64)
        with use_threads(4):
            yield
    else:
        yield


def assert_same_bits(found, expected):
    expected = np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(found, expected)
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[known]), np.signbit(expected[known]))


def as_tuple(results):
    return results if isinstance(results, tuple) else (results,)


def copies(arguments):
    return [argument.copy(order="K") if isinstance(argument, np.ndarray) else argument for argument in arguments]


def checked(formula, *arguments, into=(), by_rows=False):
    """What `elementwise` gives, once it is compared with the plain expression."""
    expected, before = as_tuple(formula(*copies(arguments))), copies(arguments)
    results = elementwise(formula, *arguments, into=into, by_rows=by_rows)
    if into:
        assert results is None
        for place, values in zip(into, expected, strict=True):
            before[place][...] = values
    else:
        for number, (found, values) in enumerate(zip(as_tuple(results), expected, strict=True)):
            assert_same_bits(found, values)
            others = [*arguments, *as_tuple(results)[:number]]
            assert not any(np.shares_memory(found, other) for other in others if isinstance(other, np.ndarray))
    for argument, values in zip(arguments, before, strict=True):
        if isinstance(argument, np.ndarray):
            assert_same_bits(argument, values)
    return results


# -- formulas of the library


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_formulas_of_layers(case, dtype, pieces, monkeypatch):
    for module in [module for name, module in sys.modules.items() if name.startswith("Layers.")]:
        if hasattr(module, "elementwise"):
            monkeypatch.setattr(module, "elementwise", checked)
    layer = case.build(dtype)
    layer.forward(case.inputs(dtype))
    layer.backward(case.errors(dtype))


@pytest.mark.parametrize("make", [Sgd, SgdWithMomentum, Adam])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_formulas_of_optimizers(make, dtype, shape, pieces, monkeypatch):
    module = sys.modules["Optimization.Optimizers"]
    if hasattr(module, "elementwise"):
        monkeypatch.setattr(module, "elementwise", checked)
    rng, optimizer = np.random.default_rng(4), make(0.1)
    weights = rng.standard_normal(shape).astype(dtype)
    for _ in range(3):
        weights = np.asarray(optimizer.calculate_update(weights, np.asarray(rng.standard_normal(shape), dtype)))


# -- random formulas


class Writer:
    """Writes random formulas of some arguments, and knows which parts of them are numbers alone."""

    def __init__(self, rng, names, numbers):
        self.rng, self.names, self.numbers = rng, names, numbers

    def choose(self, *options):
        return options[self.rng.integers(len(options))]

    def expression(self, depth):
        """The text, and whether it is a number."""
        if depth == 0 or self.rng.random() < 0.15:
            if self.rng.random() < 0.15:
                return self.choose("2", "0.5", "0", "1.5", "3", "-1"), True
            name = self.choose(*self.names)
            return name, name in self.numbers
        first, second = self.expression(depth - 1), self.expression(depth - 1)
        number = first[1] and second[1]
        kind = self.rng.random()
        if kind < 0.55 or number:
            return f"({first[0]} {self.choose(*'+-*/+-*/', '**')} {second[0]})", number
        if kind < 0.7:
            return f"({first[0]} {self.choose('<', '<=', '>', '>=', '==')} {second[0]})", False
        if kind < 0.85 or first[1]:
            return f"np.{self.choose('maximum', 'minimum')}({first[0]}, {second[0]})", False
        return f"{self.choose('np.exp', 'np.tanh', 'np.sqrt', '-', 'np.square')}({first[0]})", False

    def formula(self, results):
        expressions = [self.expression(self.choose(0, 1, 2, 3, 4)) for _ in range(results)]
        texts = [f"{text} + a" if number else text for text, number in expressions]
        if results > 1 and self.rng.random() < 0.2:
            texts[-1] = texts[0]
        common = f"(z := {self.expression(2)[0]}) * 0 + " if self.rng.random() < 0.3 else ""
        texts = [common + texts[0], *(f"{text} + z" if common else text for text in texts[1:])]
        text = ", ".join(texts)
        return f"lambda {', '.join(self.names)}: " + (text if results == 1 else f"({text})")


def random_array(rng, shape, dtype):
    """Numbers of either sign with zeros among them, in some order of memory.

    Not backwards: what NumPy's exp and power give depends on that in the last bit.
    """
    arrange = rng.integers(4)
    whole = tuple(3 * length for length in shape) if arrange == 1 else shape
    values = np.asarray(np.where(rng.random(whole) < 0.1, 0, rng.standard_normal(whole) * 2))
    values = np.asarray(values > 0.3) if dtype is bool else values.astype(dtype)
    if arrange == 1:
        values = values[(slice(None, None, 3),) * len(shape)] if shape else values
    elif arrange == 2 and shape:
        values = np.asfortranarray(values)
    elif arrange == 3 and shape:
        values = np.moveaxis(np.moveaxis(values, 0, -1).copy(), -1, 0)
    return values


def random_arguments(rng, shape, dtype):
    """Arguments by name: arrays of the shape, of truths, of numbers for columns or rows, and plain numbers."""
    arguments = {"a": random_array(rng, shape, dtype if rng.random() < 0.9 else bool)}
    for name in "bcdef"[: rng.integers(1, 6)]:
        kind = rng.integers(8) if 1 not in shape else rng.choice([0, 1, 2, 3, 6, 7])
        if kind < 3:
            arguments[name] = random_array(rng, shape, dtype if kind else rng.choice(DTYPES))
        elif kind == 3:
            arguments[name] = random_array(rng, shape, bool)
        elif kind == 4:
            column = [1 if rng.random() < 0.3 else length for length in shape[1:]]
            arguments[name] = random_array(rng, tuple(column)[rng.integers(0, len(column) + 1) :], dtype)
        elif kind == 5:
            arguments[name] = random_array(rng, shape[:1] + (1,) * (len(shape) - 1), dtype)
        else:
            numbers = [0.3, -1.25, 2, True, np.float32(0.7), np.float64(-0.2), 0.0]
            arguments[name] = numbers[rng.integers(len(numbers))]
    return arguments


def plain_results(formula, arguments):
    """The results of the plain expression; None where it has none, or none for each element."""
    try:
        results = as_tuple(formula(*copies(arguments)))
    except (TypeError, ZeroDivisionError, OverflowError, ValueError):
        return None
    shape = arguments[0].shape
    fits = all(isinstance(result, np.ndarray | np.generic) and result.shape == shape for result in results)
    return results if fits and all(result.dtype.kind in "fb" for result in results) else None


def random_case(seed, shape, dtype):
    """A formula, its arguments, and positions that its results may overwrite."""
    rng = np.random.default_rng(seed)
    while True:
        named = random_arguments(rng, shape, dtype)
        arguments = list(named.values())
        numbers = [name for name, value in named.items() if not isinstance(value, np.ndarray)]
        count = int(rng.integers(1, 4))
        text = Writer(rng, list(named), numbers).formula(count)
        formula = eval(text, {"np": np})
        if plain_results(formula, arguments) is None:
            continue
        full = [
            place for place, value in enumerate(arguments) if isinstance(value, np.ndarray) and value.shape == shape
        ]
        places = rng.permutation(full)[:count].tolist() if len(full) >= count else []
        return formula, arguments, tuple(places), text


@pytest.mark.parametrize("seed", range(200))
def test_random_formulas(seed, pieces):
    shape, dtype = SHAPES[seed % len(SHAPES)], DTYPES[seed // len(SHAPES) % 2]
    formula, arguments, places, text = random_case(seed, shape, dtype)
    print(text, [(np.shape(value), np.result_type(value)) for value in arguments], places)
    for _ in range(2):
        checked(formula, *arguments)
    if places:
        checked(formula, *arguments, into=places)


# -- results that overwrite arguments


STEPS = [
    lambda a, b, c: (a + 1, b * 2, c - 3),
    lambda a, b, c: (b, c, a),
    lambda a, b, c: (c, a, b),
    lambda a, b, c: (b, a, a),
    lambda a, b, c: (a, a, a),
    lambda a, b, c: ((z := a * b), z, z + c),
    lambda a, b, c: (b - a, a - c, c - b),
    lambda a, b, c: (np.exp(c - a) * b, np.sqrt(a * a + b), (a > b) * c),
    lambda a, b, c: ((v := 0.9 * a - 0.1 * c), b + v, a * b * c),
]


@pytest.mark.parametrize("formula", STEPS)
@pytest.mark.parametrize("into", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("dtype", DTYPES)
def test_results_overwrite_arguments_in_any_order(formula, into, dtype, pieces):
    checked(formula, *np.random.default_rng(0).standard_normal((3, 30, 2)).astype(dtype), into=into)


PAIRS = [
    lambda a, b, c: (a + 1, b * c),
    lambda a, b, c: (b, c),
    lambda a, b, c: (0.9 * a - 0.1 * c, a * b),
    lambda a, b, c: (np.exp(a) - b, np.exp(c) - a),
]


@pytest.mark.parametrize("formula", PAIRS)
@pytest.mark.parametrize(("order", "into"), [("aba", (0, 1)), ("aba", (1, 2)), ("aab", (2, 0)), ("baa", (2, 0))])
def test_what_is_overwritten_may_be_another_argument_too(formula, order, into, pieces):
    given = dict(zip("ab", np.random.default_rng(0).standard_normal((2, 30, 2)), strict=True))
    arguments = [given[name] for name in order]
    expected = formula(*copies(arguments))
    elementwise(formula, *arguments, into=into)
    for place, values in zip(into, expected, strict=True):
        assert_same_bits(arguments[place], values)


def test_one_result_overwrites_an_argument_of_another_type(pieces):
    rng = np.random.default_rng(0)
    for first, second in (("float32", "float64"), ("float64", "float32"), ("float64", bool)):
        a, b = rng.standard_normal((40, 3)).astype(first), (rng.standard_normal((40, 3)) * 2).astype(second)
        checked(lambda a, b: a * b + 1, a, b, into=(1,))


# -- arrays that meet the first


def test_columns_and_rows_meet_the_first_array(pieces):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 3, 4))
    for shape in ((4,), (3, 4), (3, 1), (1, 4), (1, 3, 1), (1, 1, 1), (20, 1, 1), (20, 3, 1), (20, 1, 4), ()):
        checked(lambda x, c: (x - c) * c, x, np.asarray(rng.standard_normal(shape)))
    checked(lambda x, c, d: (c + d) * x, x, rng.standard_normal((20, 1, 1)), rng.standard_normal((3, 1)))


def test_a_formula_serves_columns_of_any_length(pieces):
    def formula(x, c):
        return x * c

    for shape, column in (((6, 1), (1,)), ((6, 5), (1,)), ((6, 5), (5,)), ((6, 2), (2,)), ((1, 5), (5,))):
        checked(formula, np.ones(shape), np.arange(1.0, 1 + column[0]))


@pytest.mark.parametrize("shape", [(8, 1), (8, 3), (2, 3), (5, 4, 3), (2, 4, 3)])
def test_arrays_that_do_not_meet_the_first_are_refused(shape, pieces):
    with pytest.raises(ValueError, match=r"expected arrays that meet the first one, of shape \(4, 3\), got"):
        elementwise(lambda x, y: x + y, np.ones((4, 3)), np.ones(shape))


def test_rows_of_matrices(pieces):
    x = np.random.default_rng(0).standard_normal((50, 7))
    checked(lambda x: x / np.einsum("ij->i", x)[:, np.newaxis], x, by_rows=True)
    checked(lambda x: x - np.maximum.reduce(x, axis=1, keepdims=True), x, by_rows=True)
    checked(lambda x: np.exp(x - 1) / np.sum(np.exp(x), axis=1, keepdims=True), x, by_rows=True)
    checked(lambda x: at_least(np.exp(x), 0.7), x)


def test_arrays_that_lie_backwards(pieces):
    x, y = np.random.default_rng(0).standard_normal((2, 30, 6))
    checked(lambda x, y: (np.maximum(x, 0) * y - x, x > y), x[::-1], y)
    checked(lambda x, y: (np.maximum(x, 0) * y - x, x > y), x, y[:, ::-2][:, [0, 1, 2, 0, 1, 2]])
    checked(lambda x, y: (x - y, x + y), x[::-1, ::-1], y, into=(1, 0))
    checked(lambda x, y: x * y, x, np.broadcast_to(y[:1], x.shape))


# -- recording


recorded = []


def test_a_formula_is_recorded_once_for_arguments_of_a_kind(monkeypatch):
    monkeypatch.setattr(Formulas, "SMALL", -1)

    def formula(x, k):
        recorded.append(1)
        return x * k

    for size, number in ((3, 0.5), (4, 0.7), (3, 0.5)):
        np.testing.assert_array_equal(elementwise(formula, np.ones(size), number), np.full(size, number))
    assert len(recorded) == 1
    elementwise(formula, np.ones(3, "float32"), 0.5)
    elementwise(formula, np.ones(3), 2)
    elementwise(formula, np.ones((3, 1)), 0.5)
    assert len(recorded) == 4


def test_numbers_are_computed_anew_each_time(pieces):
    def formula(x, rho, k):
        return x / (1 - rho**k)

    for k in range(1, 5):
        checked(formula, np.arange(40.0, dtype="float32"), 0.999, k)


def test_functions_of_plain_numbers_leave_float32_alone():
    assert elementwise(lambda x, k: x * np.sqrt(k), np.ones(3, "float32"), 2.0).dtype == np.float32
    assert elementwise(lambda x, k: x * np.sqrt(k), np.ones(3, "float32"), np.float64(2)).dtype == np.float64


def test_underflow_is_what_the_caller_says(pieces):
    tiny = np.full(100, 1e-200)
    with np.errstate(under="raise"), pytest.raises(FloatingPointError):
        elementwise(lambda x: x * x, tiny)
    with np.errstate(all="raise", under="ignore"):
        checked(lambda x: x * x, tiny)


def test_several_programs_at_a_time(pieces):
    """Threads that call the same formula at the same time, for the first time too."""
    rng, failures = np.random.default_rng(0), []
    arrays = [rng.standard_normal((30, 4)) for _ in range(8)]

    def run(x):
        try:
            with np.errstate(all="ignore"):
                for _ in range(20):
                    checked(lambda x, k: np.tanh(x * k) - np.maximum(x, 0), x, 0.3)
        except AssertionError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(x,)) for x in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


# -- what is refused


def test_a_formula_of_variables_from_around_it_is_refused():
    rate = 0.5
    for formula, what in ((lambda x: x * rate, r"\('rate',\)"), (lambda x, r=rate: x * r, r"\(0.5,\)")):
        with pytest.raises(ValueError, match=f"expected a formula of its arguments alone, got one that uses {what}"):
            elementwise(formula, np.ones(3))


FACTOR = 2.0


class Leaky:
    """Holds a number, and formulas that use it."""

    def __init__(self, slope):
        self.slope = slope

    def of(self, x):
        return np.maximum(x, self.slope * x)

    __call__ = of


def test_a_formula_of_numbers_that_stand_elsewhere_is_refused():
    # Recorded once, they would stay what they were.
    def of_keyword(x, *, factor=2):
        return x * factor

    refused = {
        lambda x: x * FACTOR: r"\['FACTOR'\]",
        of_keyword: r"\{'factor': 2\}",
        Leaky(0.1).of: ".*Leaky object.*; hand over its attributes as arguments of a function",
        Leaky(0.1): "what .*Leaky object.* holds; write a function",
        partial(np.multiply, 2): "what functools.partial.* holds; write a function",
    }
    for formula, what in refused.items():
        with pytest.raises(ValueError, match=f"expected a formula of its arguments alone, got one that uses {what}"):
            elementwise(formula, np.ones(3))
    assert elementwise(np.sqrt, np.array([4.0])) == 2


REFUSED = {
    "functions that make one new array of one or two.*where": lambda x: np.where(x > 0, x, 0),
    "functions that make one new array of one or two.*clip": lambda x: np.clip(x, 0, 1),
    "functions that make one new array of one or two.*divmod": lambda x: np.divmod(x, 2)[0],
    "functions that make one new array of one or two.*add": lambda x: np.add(x, 1, out=x),
    "functions that make one new array of one or two.*multiply": lambda x: np.multiply(x, 2, where=x > 0),
    "functions that leave rows apart.*reduce": lambda x: x - np.add.reduce(x, axis=0),
    "functions that leave rows apart.*sum": lambda x: x / np.sum(x),
    "functions that leave rows apart.*einsum": lambda x: x * np.einsum("i->", np.einsum("ij->i", x)),
    "an index that adds axes.*-1": lambda x: x[:, ::-1],
    "an index that adds axes.*got 0": lambda x: x[0],
    r"results for each element, got \(2,\)": lambda x: np.einsum("ij->i", x),
    r"results for each element, got \(\)": lambda x: (x, 3),
    "a formula without conditions": lambda x: x if x > 0 else -x,
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_recorded_is_refused(message):
    with pytest.raises((ValueError, TypeError), match=f"expected {message}"):
        elementwise(REFUSED[message], np.ones((4, 3)))


def test_in_place_operators_are_refused():
    def formula(x):
        x += 1
        return x

    with pytest.raises(ValueError, match=r"expected functions that make one new array of one or two, got .*add"):
        elementwise(formula, np.ones(3))
