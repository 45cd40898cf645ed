"""Moments: what NumPy finds in float64, for any axes and in pieces; what isn't finite is refused by name."""

import numpy as np
import pytest

from Foundation import Pieces
from Foundation.Moments import beside, known, moments, sums

SHAPES = [
    ((7, 3), (1,)),
    ((5, 3, 4), (1,)),
    ((4, 2, 3, 5), (1,)),
    ((6, 4), (0,)),
    ((6, 2, 5), (0,)),
    ((6, 2, 5), (0, 1)),
    ((6, 2, 5), (2,)),
    ((6, 2, 5, 3), (1, 3)),
]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def over(x, each):
    return tuple(axis for axis in range(x.ndim) if axis not in each)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "each"), SHAPES, ids=str)
def test_moments_and_sums_are_numpys(shape, each, dtype, large, rng, monkeypatch):
    if large:
        monkeypatch.setattr(Pieces, "LARGE", 64)
    x, e = (rng.standard_normal((2, *shape)) * 3 + 1000).astype(dtype)
    exact, exact_e, axes = x.astype(float), e.astype(float), over(x, each)
    tolerance = 100 * np.finfo(dtype).eps
    centred, shift, rest, variance = moments(x, "somebody", "take more", each=each)
    assert (shift.dtype, rest.dtype, variance.dtype) == (x.dtype, np.float64, np.float64)
    np.testing.assert_allclose(shift + rest, exact.mean(axis=axes), rtol=tolerance)
    np.testing.assert_allclose(variance, exact.var(axis=axes), rtol=tolerance)
    (centre,) = beside(x, shift, each=each)
    np.testing.assert_array_equal(centred, x - centre)
    found = sums(centred, e, "somebody", each=each)
    np.testing.assert_allclose(found[0], exact_e.sum(axis=axes), rtol=tolerance)
    np.testing.assert_allclose(
        found[1], (exact_e * (exact - centre)).sum(axis=axes), rtol=tolerance, atol=1e4 * tolerance
    )


@pytest.mark.parametrize("shape", [(40, 3, 32, 32), (2, 70, 16, 16), (3, 5, 700), (2, 1, 4, 4)], ids=str)
@pytest.mark.parametrize("of_e", ["first", "last"])
def test_channels_may_lie_last_in_memory(shape, of_e, rng):
    """Of one array or of both, in images that are longer and shorter than what a row is repeated to."""
    x = np.moveaxis(rng.standard_normal((shape[0], *shape[2:], shape[1])), -1, 1).astype("float32")
    e = x + 1 if of_e == "last" else np.ascontiguousarray(x + 1)
    exact, axes = x.astype(float), over(x, (1,))
    numbers = np.arange(shape[1], dtype="float32")
    (beside_x,) = beside(x, numbers)
    np.testing.assert_array_equal(x * beside_x, x * numbers.reshape(-1, *[1] * (x.ndim - 2)))
    found = sums(x, e, "somebody")
    np.testing.assert_allclose(found, [(exact + 1).sum(axes), (exact * (exact + 1)).sum(axes)], rtol=1e-5)


def test_where_the_mean_is_near_0_nothing_is_taken_away_from_a_large_array(rng):
    x = rng.standard_normal((100_000, 2)) + 1
    centred, shift, _, _ = moments(x, "somebody", "take more")
    assert centred is x
    np.testing.assert_array_equal(shift, 0)


@pytest.mark.parametrize(("mean", "spread"), [(1e20, 1e15), (1e-30, 1e-33)])
@pytest.mark.parametrize("length", [1000, 100_000])
def test_squares_outside_the_type_are_no_matter_where_the_spread_is_inside(mean, spread, length, rng):
    x = (mean + spread * rng.standard_normal((length, 2))).astype("float32")
    _, shift, rest, variance = moments(x, "somebody", "take more")
    np.testing.assert_allclose(shift + rest, x.astype(float).mean(axis=0), rtol=1e-6)
    if spread > 1:
        np.testing.assert_allclose(variance, x.astype(float).var(axis=0), rtol=1e-4)


@pytest.mark.parametrize("first", [1e4, -1e4])
@pytest.mark.parametrize("length", [1000, 100_000])
def test_a_first_value_far_from_the_others_costs_no_digits(first, length, rng):
    x = (rng.standard_normal((length, 2)) + 1e4).astype("float32")
    x[0] = first
    _, shift, rest, variance = moments(x, "somebody", "take more")
    np.testing.assert_allclose(shift + rest, x.astype(float).mean(axis=0), rtol=1e-7)
    np.testing.assert_allclose(variance, x.astype(float).var(axis=0), rtol=1e-5)


def test_a_known_mean_has_the_same_two_parts():
    x = np.zeros((3, 2), "float32")
    mean = np.array([1e9 + 1, 0.1])
    centred, rest, variance = known(x, mean, np.array([2.0, 3.0]), "somebody")
    assert centred.dtype == np.float32
    np.testing.assert_array_equal(rest - centred[0], mean)
    np.testing.assert_array_equal(variance, [2, 3])


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1), (1, 3, 1, 1)])
def test_one_value_alone_is_refused(shape):
    with pytest.raises(ValueError, match=r"somebody: expected input with several values .* got one.*; take more"):
        moments(np.ones(shape), "somebody", "take more")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_by_name(bad):
    x = np.arange(12.0).reshape(4, 3)
    spoiled = x.copy()
    spoiled[2, 1] = bad
    calls = {
        "somebody: expected scores of finite numbers": lambda: moments(spoiled, "somebody", "take more", "scores"),
        "somebody: expected errors of finite numbers": lambda: sums(x, spoiled, "somebody", "errors"),
        "somebody: expected known of finite numbers": lambda: known(spoiled, x[0], x[0], "somebody", "known"),
    }
    for message, call in calls.items():
        with pytest.raises(ValueError, match=rf"{message}, got {bad} at \(2, 1\)"):
            call()


def test_sums_that_overflow_are_refused_by_name():
    with pytest.raises(ValueError, match="somebody: expected input with finite sums, got inf in float32"):
        moments(np.array([[1e30], [-1e30]], "float32"), "somebody", "take more")


def test_underflow_is_no_error():
    x = np.array([[1e-30, 1.0], [3e-30, 2.0]], "float32")
    with np.errstate(all="raise"):
        centred, shift, rest, variance = moments(x, "somebody", "take more")
        found = sums(centred, x, "somebody")
    np.testing.assert_allclose(shift + rest, [2e-30, 1.5], rtol=1e-6)
    np.testing.assert_allclose(variance, [0, 0.25])
    np.testing.assert_allclose(found, [[4e-30, 3], [0, 5 - 3 * shift[1]]], rtol=1e-6)
