"""The laws of initializers, each written once and run over every initializer."""

import copy
import inspect

import numpy as np
import pytest
import scipy.stats

from Layers import Initializers
from Layers.Initializers import (
    Constant,
    He,
    HeUniform,
    Initializer,
    Orthogonal,
    UniformRandom,
    Xavier,
    XavierUniform,
)
from tests.object_cases import INITIALIZERS, shown

every_initializer = pytest.mark.parametrize("make", INITIALIZERS, ids=shown)
random_initializers = pytest.mark.parametrize(
    "kind",
    [
        kind
        for _, kind in inspect.getmembers(Initializers, inspect.isclass)
        if issubclass(kind, Initializer) and "rng" in kind.argument_names()
    ],
)

#: Class → mean and standard deviation as the paper or the course has them, from the fans.
MOMENTS = {
    Constant: lambda fan_in, fan_out: (0.3, 0.0),
    UniformRandom: lambda fan_in, fan_out: (0.5, 12**-0.5),
    Xavier: lambda fan_in, fan_out: (0.0, (2 / (fan_in + fan_out)) ** 0.5),
    He: lambda fan_in, fan_out: (0.0, (2 / fan_in) ** 0.5),
    XavierUniform: lambda fan_in, fan_out: (0.0, (2 / (fan_in + fan_out)) ** 0.5),
    HeUniform: lambda fan_in, fan_out: (0.0, (2 / fan_in) ** 0.5),
    Orthogonal: lambda fan_in, fan_out: (0.0, 500**-0.5),
}


@every_initializer
def test_values_have_the_shape_that_was_asked_for_in_float64(make):
    for shape in ((1,), (5,), (4, 3), (2, 3, 4, 5), [2, 3]):
        values = make().initialize(shape, 4, 3)
        assert values.shape == tuple(shape)
        assert values.dtype == np.float64
        assert np.isfinite(values).all()
        assert values.flags.writeable and values.flags.owndata


@every_initializer
@pytest.mark.parametrize(("fan_in", "fan_out"), [(300, 200), (1, 1), (25, 600)])
def test_mean_and_spread_are_those_of_the_formula(make, fan_in, fan_out):
    values = make().initialize((500, 400), fan_in, fan_out)
    mean, deviation = MOMENTS[type(make())](fan_in, fan_out)
    deviation *= getattr(make(), "gain", 1)
    # 200,000 numbers: their mean lies within 5 of its standard errors, and so does their spread.
    assert values.mean() == pytest.approx(mean, abs=5 * deviation / values.size**0.5 + 1e-12)
    assert values.std() == pytest.approx(deviation, rel=5 / (2 * values.size) ** 0.5, abs=1e-12)


def test_uniform_numbers_lie_in_their_interval():
    values = UniformRandom(rng=0).initialize((100, 100), 1, 1)
    assert values.min() >= 0 and values.max() < 1


@pytest.mark.parametrize(
    ("initializer", "bound"), [(XavierUniform(rng=0), (6 / 500) ** 0.5), (HeUniform(rng=0), (6 / 300) ** 0.5)], ids=repr
)
def test_uniform_numbers_fill_the_interval_of_the_paper(initializer, bound):
    values = initializer.initialize((300, 200), 300, 200)
    statistic = scipy.stats.kstest(values.ravel(), "uniform", (-bound, 2 * bound))
    assert statistic.pvalue > 1e-3
    assert np.abs(values).max() <= bound


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (6, 2, 3, 3), (20, 2, 3), (1, 5), (5, 1), (5,)], ids=str)
def test_rows_or_columns_are_orthogonal_and_as_long_as_the_gain(shape):
    values = Orthogonal(1.5, rng=1).initialize(shape, 1, 1)
    matrix = values.reshape(shape[0], -1)
    product = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, 1.5**2 * np.eye(min(matrix.shape)), atol=1e-12)


def test_a_number_alone_is_no_orthogonal_matrix():
    with pytest.raises(
        ValueError, match=r"Orthogonal\(gain=1\.0\): expected weights_shape of at least 1 axis, got \(\)"
    ):
        Orthogonal().initialize((), 1, 1)


def test_all_orthogonal_matrices_are_equally_likely():
    """Of uniform ones the trace has mean 0 and variance 1, and as many mirror as don't."""
    initializer = Orthogonal(rng=2)
    matrices = np.array([initializer.initialize((3, 3), 1, 1) for _ in range(4000)])
    traces = np.trace(matrices, axis1=1, axis2=2)
    assert abs(traces.mean()) < 5 / 4000**0.5
    assert traces.var() == pytest.approx(1, abs=0.15)
    assert abs(np.linalg.det(matrices).mean()) < 5 / 4000**0.5
    angles = np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0])
    assert scipy.stats.kstest(angles, "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-3


@every_initializer
def test_arrays_are_handed_over_for_good(make):
    initializer = make()
    first = initializer.initialize((3, 2), 3, 2)
    kept = first.copy()
    second = initializer.initialize((3, 2), 3, 2)
    second += 1
    np.testing.assert_array_equal(first, kept)


@random_initializers
def test_the_same_seed_gives_the_same_numbers_and_each_call_new_ones(kind):
    first, again = kind(rng=7), kind(rng=7)
    draws = [first.initialize((4, 3), 4, 3) for _ in range(2)]
    np.testing.assert_array_equal(draws, [again.initialize((4, 3), 4, 3) for _ in range(2)])
    assert (draws[0] != draws[1]).any()
    assert (draws[0] != kind(rng=8).initialize((4, 3), 4, 3)).any()


@random_initializers
def test_without_a_seed_numpys_global_state_decides(kind):
    draws = []
    for _ in range(2):
        np.random.seed(5)  # noqa: NPY002 - what is tested
        draws.append(kind().initialize((4, 3), 4, 3))
    np.testing.assert_array_equal(*draws)


@random_initializers
def test_with_a_seed_numpys_global_state_is_left_alone(kind):
    np.random.seed(5)  # noqa: NPY002 - what is tested
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    kind(rng=1).initialize((4, 3), 4, 3)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@random_initializers
def test_a_generator_may_be_shared_and_a_copy_has_one_of_its_own(kind):
    generator = np.random.default_rng(3)
    shared, alone = kind(rng=generator), kind(rng=3)
    assert shared.rng is generator
    copied = copy.deepcopy(alone)
    np.testing.assert_array_equal(shared.initialize((3, 2), 3, 2), alone.initialize((3, 2), 3, 2))
    np.testing.assert_array_equal(copied.initialize((3, 2), 3, 2), kind(rng=3).initialize((3, 2), 3, 2))


@random_initializers
@pytest.mark.parametrize("rng", ["seed", -1, 1.5, True, [1]], ids=str)
def test_what_is_no_seed_is_refused(kind, rng):
    with pytest.raises((TypeError, ValueError), match=r"expected (the seed )?rng to be"):
        kind(rng=rng)


@pytest.mark.parametrize("value", ["0.1", None, [0.1], True, float("nan"), float("inf")], ids=str)
def test_what_is_no_constant_is_refused(value):
    with pytest.raises((TypeError, ValueError), match="Constant: expected value"):
        Constant(value)


def test_one_without_its_rule_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Initializer()
