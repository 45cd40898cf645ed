"""Laws of optimizers, regularizers, schedules and initializers that are about what is drawn."""

import copy
import math
import pickle
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Foundation import Formulas, Pieces
from Foundation.Checks import floating_dtype
from Layers.Initializers import Constant, He, HeUniform, Orthogonal, UniformRandom, Xavier, XavierUniform
from Optimization.Optimizers import Sgd
from tests.drawn import formulas
from tests.drawn.arrays import handed, layouts, shapes
from tests.drawn.configurations import INITIALIZERS, OPTIMIZERS, REGULARIZERS, SCHEDULES

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS)
every_regularizer = pytest.mark.parametrize("kind", REGULARIZERS)
every_schedule = pytest.mark.parametrize("kind", SCHEDULES)
every_initializer = pytest.mark.parametrize("kind", INITIALIZERS)
drawn = given(data=st.data())

FLOATS = ["float64", "float32", ">f8", ">f4", "longdouble", "float16"]


@st.composite
def a_path(draw, types=("float64",)):
    """Weights and some gradients of one shape, as somebody may hand them over."""
    shape = draw(shapes(1, 3, 4))
    count = draw(st.integers(1, 6))
    weights = draw(handed(shape, types=types, values=["usual", "with zeros", "tiny", "denormal"])).array
    gradients = [draw(handed(shape, types=types, values=["usual", "with zeros", "large", "tiny"])).array]
    return weights, gradients + [draw(handed(shape, types=types)).array for _ in range(count - 1)]


@every_optimizer
@drawn
def test_steps_are_those_of_the_papers_for_each_number_alone(kind, data):
    make, (weights, gradients) = data.draw(OPTIMIZERS[kind]), data.draw(a_path())
    optimizer = make()
    optimizer.bias_rows = data.draw(st.none() | st.integers(0, len(weights)))
    path = [weights]
    for gradient in gradients:
        path.append(optimizer.calculate_update(path[-1], gradient))
    biases = len(weights) if optimizer.bias_rows is None else optimizer.bias_rows
    for position in np.ndindex(weights.shape):
        is_bias = position[0] >= len(weights) - biases
        regularized = optimizer.regularizer is not None and (optimizer.regularizer.biases or not is_bias)
        numbers = [float(gradient[position]) for gradient in gradients]
        expected = formulas.steps_of(optimizer, float(weights[position]), numbers, regularized)
        largest = max(map(abs, expected), default=0)
        np.testing.assert_allclose(
            [array[position] for array in path[1:]], expected, rtol=1e-9, atol=1e-12 * largest + 1e-300
        )


@every_optimizer
@drawn
def test_types_and_orders_of_memory_decide_nothing_but_the_precision(kind, data):
    make, (weights, gradients) = data.draw(OPTIMIZERS[kind]), data.draw(a_path(tuple(FLOATS)))
    wanted = floating_dtype(np.result_type(weights, gradients[0]))
    before = weights.tobytes(), [gradient.tobytes() for gradient in gradients]
    optimizer, plain = make(), make()
    found = optimizer.calculate_update(weights, gradients[0])
    expected = plain.calculate_update(np.array(weights, wanted, order="C"), np.array(gradients[0], wanted, order="C"))
    assert found.dtype == wanted
    np.testing.assert_allclose(found, expected, rtol=1e-6 if wanted == np.float32 else 1e-12)
    assert (weights.tobytes(), [gradient.tobytes() for gradient in gradients]) == before


@every_optimizer
@drawn
def test_a_step_in_place_is_that_of_calculate_update_in_any_order_of_memory(kind, data):
    make, (weights, gradients) = data.draw(OPTIMIZERS[kind]), data.draw(a_path())
    layout = data.draw(layouts(weights.ndim))
    moving = np.array(layout.of(weights), order="K", copy=True)
    outside, inside = make(), make()
    for gradient in gradients:
        weights = outside.calculate_update(weights, gradient)
        inside.step_in_place(moving, gradient)
        np.testing.assert_array_equal(moving, weights)
    assert outside.steps_taken == inside.steps_taken == len(gradients)


@every_optimizer
@given(data=st.data(), large=st.sampled_from([8, 64]), small=st.sampled_from([0, Formulas.SMALL]))
def test_how_the_work_is_divided_decides_nothing(kind, data, large, small):
    """Small arrays take the way of large ones: in pieces, on several threads, by recorded formulas."""
    make, (weights, gradients) = data.draw(OPTIMIZERS[kind]), data.draw(a_path())
    whole, divided, results = make(), make(), []
    for optimizer, bounds in ((whole, (Pieces.LARGE, Formulas.SMALL)), (divided, (large, small))):
        with patch.object(Pieces, "LARGE", bounds[0]), patch.object(Formulas, "SMALL", bounds[1]):
            results.append(weights)
            for gradient in gradients:
                results[-1] = optimizer.calculate_update(results[-1], gradient)
    np.testing.assert_array_equal(*results)


@every_optimizer
@given(data=st.data(), duplicate=st.sampled_from([copy.deepcopy, copy.copy, lambda o: pickle.loads(pickle.dumps(o))]))
def test_a_copy_at_any_step_goes_on_and_leaves_the_original_alone(kind, data, duplicate):
    make, (weights, gradients) = data.draw(OPTIMIZERS[kind]), data.draw(a_path())
    original, at = make(), data.draw(st.integers(0, len(gradients)))
    for gradient in gradients[:at]:
        weights = original.calculate_update(weights, gradient)
    twin = duplicate(original)
    theirs = ours = weights
    for gradient in gradients[at:]:
        theirs = twin.calculate_update(theirs, gradient)
    for gradient in gradients[at:]:
        ours = original.calculate_update(ours, gradient)
    np.testing.assert_array_equal(ours, theirs)


# -- regularizers


@every_regularizer
@drawn
def test_norm_and_gradient_are_those_of_the_formulas_number_by_number(kind, data):
    regularizer = data.draw(REGULARIZERS[kind])()
    weights = data.draw(handed(data.draw(shapes(1, 3, 4))))
    gradient = regularizer.calculate_gradient(weights.array)
    exact = weights.exact
    expected = [formulas.shrinkage(regularizer, number) for number in exact.flat]
    prices = [number**2 if kind.__name__.startswith("L2") else abs(number) for number in exact.flat]
    precision = 1e-6 if gradient.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(gradient.flat, expected, rtol=precision, atol=1e-44)
    assert regularizer.norm(weights.array) == pytest.approx(
        regularizer.alpha * math.fsum(prices), rel=1e-12, abs=1e-300
    )
    assert gradient.dtype == floating_dtype(weights.array.dtype)


# -- schedules


@every_schedule
@given(data=st.data(), step=st.integers(0, 200) | st.integers(0, 10**9))
def test_a_rate_is_that_of_the_formula_written_otherwise(kind, data, step):
    schedule = data.draw(SCHEDULES[kind])()
    if step > 1000 and "StepDecay" in repr(schedule):
        step %= 1000  # as the loop takes its time
    assert schedule(step) == pytest.approx(formulas.rate_of(schedule, step), rel=1e-10, abs=1e-15)


@every_schedule
@given(data=st.data(), step=st.integers(0, 60))
def test_a_rate_lies_between_the_first_and_the_last(kind, data, step):
    schedule = data.draw(SCHEDULES[kind])()
    rates = [schedule(other) for other in (0, step, 10**6)]
    assert all(type(rate) is float and math.isfinite(rate) and rate >= 0 for rate in rates)
    if "WarmUp" not in repr(schedule):
        assert min(rates[0], rates[2]) * (1 - 1e-12) <= rates[1] <= max(rates[0], rates[2]) * (1 + 1e-12)


@every_schedule
@drawn
def test_schedules_are_equal_where_their_arguments_are(kind, data):
    make, other = data.draw(SCHEDULES[kind]), data.draw(SCHEDULES[kind])
    assert make() == make() == make().clone()
    assert (make() == other()) == (make().configuration() == other().configuration())


@every_schedule
@drawn
def test_an_optimizer_steps_by_the_rate_of_each_step(kind, data):
    make = data.draw(SCHEDULES[kind])
    optimizer, weight, steps = Sgd(make()), 0.0, data.draw(st.integers(1, 10))
    for _ in range(steps):
        weight = optimizer.calculate_update(weight, 1.0)
    assert weight == pytest.approx(-math.fsum(make()(step) for step in range(steps)), rel=1e-12, abs=1e-15)


# -- initializers


#: The mean and the standard deviation, from the object and the fans.
MOMENTS = {
    Constant: lambda made, fan_in, fan_out: (made.value, 0),
    UniformRandom: lambda made, fan_in, fan_out: (0.5, math.sqrt(1 / 12)),
    Xavier: lambda made, fan_in, fan_out: (0, math.sqrt(2 / (fan_in + fan_out))),
    He: lambda made, fan_in, fan_out: (0, math.sqrt(2 / fan_in)),
    XavierUniform: lambda made, fan_in, fan_out: (0, math.sqrt(2 / (fan_in + fan_out))),
    HeUniform: lambda made, fan_in, fan_out: (0, math.sqrt(2 / fan_in)),
    Orthogonal: lambda made, fan_in, fan_out: (0, abs(made.gain) / math.sqrt(50)),
}


@every_initializer
@given(data=st.data(), fan_in=st.integers(1, 2000), fan_out=st.integers(1, 2000))
def test_values_have_mean_and_spread_of_the_formula(kind, data, fan_in, fan_out):
    initializer = data.draw(INITIALIZERS[kind])()
    values = initializer.initialize((40, 50), fan_in, fan_out)
    mean, deviation = MOMENTS[kind](initializer, fan_in, fan_out)
    assert abs(values.mean() - mean) <= 7 * deviation / math.sqrt(values.size) + 1e-12
    assert abs(values.std() - deviation) <= 7 * deviation / math.sqrt(2 * values.size) + 1e-12


@every_initializer
@given(data=st.data(), shape=shapes(1, 5, 6))
def test_values_have_the_shape_and_belong_to_whoever_asked(kind, data, shape):
    make = data.draw(INITIALIZERS[kind])
    initializer = make()
    values = initializer.initialize(shape, 3, 2)
    assert (values.shape, values.dtype) == (shape, np.float64)
    assert values.flags.owndata and values.flags.writeable
    kept = values.copy()
    initializer.initialize(shape, 3, 2)[...] = 7
    np.testing.assert_array_equal(values, kept)
    np.testing.assert_array_equal(make().initialize(shape, 3, 2), kept)
