"""Activations beyond the course keep their digits, also where exponentials overflow or vanish."""

import math

import numpy as np
import pytest

from Layers.ELU import ELU
from Layers.GELU import GELU
from Layers.LeakyReLU import LeakyReLU
from Layers.SiLU import SiLU
from Layers.Softplus import Softplus

POINTS = [0.0, 1e-300, 1e-20, 1e-8, 1e-3, 0.5, 1, 3, 8, 17, 40, 90, 120, 700, 800, 1e4, 1e19, 1e30, 1e38, 1e160, 1e300]

each = np.vectorize(lambda function, x: np.longdouble(function(float(x))), otypes=[np.longdouble])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normal(x):
    return each(lambda x: math.erfc(-x / math.sqrt(2)) / 2, x)


#: The layer, its value and its slope.
FORMULAS = {
    "LeakyReLU": (
        LeakyReLU(0.25),
        lambda x: np.where(x > 0, x, x / 4),
        lambda x: np.where(x > 0, 1, 0.25),
    ),
    "ELU": (
        ELU(0.5),
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)) / 2),
        lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0)) / 2),
    ),
    "GELU": (
        GELU(),
        lambda x: x * normal(x),
        lambda x: normal(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.longdouble(math.pi)),
    ),
    "SiLU": (SiLU(), lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "Softplus": (Softplus(), lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), sigmoid),
}


def points(dtype):
    numbers = np.array(POINTS)[np.array(POINTS) < np.finfo(dtype).max].astype(dtype)
    return np.concatenate([-numbers[::-1], numbers]).reshape(2, -1)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize(("dtype", "relative"), [("float32", 1e-5), ("float64", 1e-13)])
def test_values_and_slopes_keep_their_digits_from_the_smallest_numbers_to_the_largest(name, dtype, relative):
    layer, value, slope = FORMULAS[name]
    x = points(dtype)
    with np.errstate(all="ignore"):
        expected, expected_slope = value(x.astype(np.longdouble)), slope(x.astype(np.longdouble))
    smallest = float(np.finfo(dtype).tiny)
    np.testing.assert_allclose(layer.forward(x), expected, rtol=relative, atol=8 * smallest)
    # 1 + x(1 - σ) and Φ + xφ cross 0, where no digits are left
    np.testing.assert_allclose(layer.backward(np.ones_like(x)), expected_slope, rtol=30 * relative, atol=8 * smallest)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nobody_is_warned_of_numbers_that_are_too_large_on_the_way(name, dtype):
    layer, x = FORMULAS[name][0], points(dtype)
    with np.errstate(all="raise"):
        layer.forward(x)
        layer.backward(np.ones_like(x))


def test_a_slope_of_0_is_that_of_relu():
    layer = LeakyReLU(0)
    np.testing.assert_array_equal(layer.forward([[-2.0, 0.0, 3.0]]), [[0, 0, 3]])
    np.testing.assert_array_equal(layer.backward([[1.0, 1.0, 1.0]]), [[0, 0, 1]])


@pytest.mark.parametrize("layer", [LeakyReLU(0.1), ELU(2)], ids=repr)
def test_at_0_the_slope_is_that_of_negative_numbers(layer):
    layer.forward([[0.0]])
    assert layer.backward([[1.0]]) == (0.1 if isinstance(layer, LeakyReLU) else 2)


@pytest.mark.parametrize(("arguments", "kind"), [({"slope": 1.0}, LeakyReLU), ({"alpha": -0.1}, ELU)])
def test_other_slopes_are_refused(arguments, kind):
    with pytest.raises(ValueError, match=rf"{kind.__name__}: expected (slope|alpha) to be finite, at least 0"):
        kind(**arguments)
