"""The laws of optimizers, each written once and run over every optimizer, and what holds for one of somebody's own."""

import copy
import pickle

import numpy as np
import pytest

from Foundation import InPlace
from Optimization.Constraints import L1_Regularizer, L2_Regularizer, Regularizer
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, Optimizer, RMSprop, Sgd, SgdWithMomentum
from Optimization.Schedules import LinearDecay
from tests.object_cases import OPTIMIZERS, shown

every_optimizer = pytest.mark.parametrize("make", OPTIMIZERS, ids=shown)
every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])
PLAIN = [
    lambda: Sgd(0.1),
    lambda: SgdWithMomentum(0.1),
    lambda: Adam(0.1),
    lambda: AdamW(0.1, decay=0),
    lambda: Nesterov(0.1),
    lambda: AdaGrad(0.5),
    lambda: RMSprop(0.1),
]
every_rule = pytest.mark.parametrize("make", PLAIN, ids=shown)
SHAPE, STEPS = (6, 5), 5


def weights_and_gradients(dtype="float64", shape=SHAPE):
    rng = np.random.default_rng(3)
    return rng.standard_normal(shape).astype(dtype), rng.standard_normal((STEPS, *shape)).astype(dtype)


def follow(optimizer, weights, gradients):
    for gradient in gradients:
        weights = optimizer.calculate_update(weights, gradient)
    return weights


def state(optimizer):
    """Everything that an optimizer holds, to be compared."""
    return pickle.dumps(optimizer)


LAYOUTS = {
    "column-major": np.asfortranarray,
    "every second": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "backwards": lambda array: array[::-1].copy()[::-1],
}


@every_optimizer
@every_dtype
@pytest.mark.parametrize("shape", [SHAPE, (1,), (3, 2, 2, 2), (InPlace.ON_ONE_THREAD + 3,), (700, 1000)], ids=str)
def test_a_step_in_place_is_that_of_calculate_update_to_the_bit(make, dtype, shape):
    weights, gradients = weights_and_gradients(dtype, shape)
    moving, outside, inside = weights.copy(), make(), make()
    assert inside.steps_in_place
    for gradient in gradients[:3]:
        weights = outside.calculate_update(weights, gradient)
        assert inside.step_in_place(moving, gradient) is None
        np.testing.assert_array_equal(moving, weights)


@every_optimizer
@every_dtype
def test_the_result_has_the_weights_shape_and_type(make, dtype):
    for shape in (SHAPE, (), (1,), (2, 1, 3), (0, 3)):
        weights, gradients = weights_and_gradients(dtype, shape)
        result = follow(make(), weights, gradients)
        assert result.shape == shape
        assert result.dtype == dtype


@every_optimizer
@every_dtype
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_order_of_memory_does_not_matter(make, dtype, layout):
    weights, gradients = weights_and_gradients(dtype)
    expected = follow(make(), weights, gradients)
    options = {"rtol": 1e-5 if dtype == "float32" else 1e-12, "atol": 1e-6}
    np.testing.assert_allclose(follow(make(), layout(weights), gradients), expected, **options)
    np.testing.assert_allclose(
        follow(make(), weights, [layout(gradient) for gradient in gradients]), expected, **options
    )
    moving, optimizer = layout(weights.copy()), make()
    for gradient in gradients:
        optimizer.step_in_place(moving, gradient)
    np.testing.assert_allclose(moving, expected, **options)


@every_optimizer
def test_arguments_are_not_changed_and_results_share_no_memory(make):
    weights, gradients = weights_and_gradients()
    optimizer, results, copies = make(), [weights], [weights.copy()]
    kept = gradients.copy()
    for gradient in gradients:
        results.append(optimizer.calculate_update(results[-1], gradient))
        copies.append(results[-1].copy())
        assert not np.shares_memory(results[-1], results[-2])
        assert not np.shares_memory(results[-1], gradient)
    np.testing.assert_array_equal(results, copies)
    np.testing.assert_array_equal(gradients, kept)


@every_optimizer
def test_the_same_steps_give_the_same_bits(make):
    weights, gradients = weights_and_gradients()
    np.testing.assert_array_equal(follow(make(), weights, gradients), follow(make(), weights, gradients))


@every_rule
def test_a_gradient_of_zero_moves_nothing(make):
    weights, _ = weights_and_gradients()
    np.testing.assert_array_equal(follow(make(), weights, np.zeros((STEPS, *SHAPE))), weights)


@every_optimizer
def test_a_learning_rate_of_zero_moves_nothing(make):
    weights, gradients = weights_and_gradients()
    optimizer = make()
    optimizer.learning_rate = 0
    np.testing.assert_array_equal(follow(optimizer, weights, gradients), weights)


@every_rule
def test_elements_do_not_know_of_each_other(make):
    weights, gradients = weights_and_gradients()
    whole = follow(make(), weights, gradients)
    for row in range(SHAPE[0]):
        np.testing.assert_array_equal(follow(make(), weights[row], gradients[:, row]), whole[row])


@every_rule
def test_steps_go_down(make):
    weights, _ = weights_and_gradients()
    optimizer, start = make(), np.square(weights).sum()
    for _ in range(60):
        weights = optimizer.calculate_update(weights, 2 * weights)
    assert np.square(weights).sum() < 0.1 * start


@every_optimizer
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda optimizer: pickle.loads(pickle.dumps(optimizer))]
)
def test_a_copy_goes_on_where_the_original_is(make, duplicate):
    weights, gradients = weights_and_gradients()
    optimizer = make()
    weights = follow(optimizer, weights, gradients)
    twin = duplicate(optimizer)
    theirs = follow(twin, weights, gradients)
    assert twin.steps_taken == 2 * STEPS and optimizer.steps_taken == STEPS
    np.testing.assert_array_equal(follow(optimizer, weights, gradients), theirs)


@every_optimizer
def test_a_clone_remembers_nothing(make):
    weights, gradients = weights_and_gradients()
    optimizer = make()
    expected = follow(optimizer, weights, gradients)
    clone = optimizer.clone()
    assert clone.steps_taken == 0
    np.testing.assert_array_equal(follow(clone, weights, gradients), expected)


# -- what is wrong leaves everything as it was


class Failing(Regularizer):
    def calculate_gradient(self, weights):
        raise ArithmeticError

    norm = calculate_gradient


class OfAnotherShape(Failing):
    def calculate_gradient(self, weights):
        return weights[:1]


@every_optimizer
@pytest.mark.parametrize("steps_before", [0, 2])
def test_an_error_leaves_weights_and_optimizer_as_they_were(make, steps_before):
    weights, gradients = weights_and_gradients()
    optimizer = make()
    follow(optimizer, weights, gradients[:steps_before])
    moving, regularizer, rate = weights.copy(), optimizer.regularizer, optimizer.learning_rate
    for change, gradient, error in (
        ({}, gradients[0][:2], ValueError),
        ({"regularizer": Failing(0.1)}, gradients[0], ArithmeticError),
        ({"regularizer": OfAnotherShape(0.1)}, gradients[0], ValueError),
        ({"learning_rate": lambda step: -1.0}, gradients[0], ValueError),
    ):
        before = state(optimizer)
        for name, value in change.items():
            setattr(optimizer, name, value)
        with pytest.raises(error):
            optimizer.step_in_place(moving, gradient)
        with pytest.raises(error):
            optimizer.calculate_update(moving, gradient)
        optimizer.regularizer, optimizer.learning_rate = regularizer, rate
        assert state(optimizer) == before
        np.testing.assert_array_equal(moving, weights)


@pytest.mark.parametrize("make", [make for make in OPTIMIZERS if make().remembered], ids=shown)
def test_an_optimizer_that_remembers_another_parameter_is_refused(make):
    weights, gradients = weights_and_gradients()
    optimizer = make()
    follow(optimizer, weights, gradients)
    before = state(optimizer)
    with pytest.raises(ValueError, match="belongs to one parameter"):
        optimizer.calculate_update(weights[:2], gradients[0][:2])
    assert state(optimizer) == before


@every_optimizer
@pytest.mark.parametrize("value", ["text", None, [["a"]], [[1.0], [1.0, 2.0]], np.array([1j]), [[None]]], ids=str)
def test_what_is_no_array_of_numbers_is_refused_by_name(make, value):
    optimizer, ones = make(), np.ones(SHAPE)
    for arguments in ((value, ones), (ones, value)):
        with pytest.raises((TypeError, ValueError), match=type(optimizer).__name__):
            optimizer.calculate_update(*arguments)


# -- numbers


@every_optimizer
@pytest.mark.parametrize(("dtype", "small"), [("float64", 1e-200), ("float64", 1e-310), ("float32", 1e-30)])
def test_numbers_that_are_too_small_are_no_error(make, dtype, small):
    weights, gradient = np.full(3, small, dtype), np.full(3, small, dtype)
    with np.errstate(all="raise"):
        for _ in range(3):
            weights = make().calculate_update(weights, gradient)
    assert np.isfinite(weights).all()


@every_optimizer
@every_dtype
def test_a_parameter_of_another_type_takes_what_is_remembered_along(make, dtype):
    weights, gradients = weights_and_gradients()
    optimizer = make()
    follow(optimizer, weights, gradients)
    result = follow(optimizer, weights.astype(dtype), gradients.astype(dtype))
    assert result.dtype == dtype
    assert all(getattr(optimizer, name).dtype == dtype for name in optimizer.remembered)


def test_large_arrays_take_the_same_steps_as_small_ones():
    """Adam's formula goes through large arrays in pieces, on several threads."""
    weights, gradients = weights_and_gradients("float32", (1200, 1000))
    large = follow(Adam(0.1), weights, gradients)
    small = [follow(Adam(0.1), weights[row], gradients[:, row]) for row in (0, 613, 1199)]
    np.testing.assert_array_equal(large[[0, 613, 1199]], small)


# -- learning rates


@every_rule
def test_a_schedule_gives_each_step_its_learning_rate(make):
    weights, gradients = weights_and_gradients()
    scheduled, by_hand = make(), make()
    scheduled.learning_rate = LinearDecay(0.2, 4)
    theirs = weights
    for step, gradient in enumerate(gradients):
        assert scheduled.current_learning_rate == LinearDecay(0.2, 4)(step)
        by_hand.learning_rate = 0.2 * (1 - min(step, 4) / 4)
        weights, theirs = (
            scheduled.calculate_update(weights, gradient),
            by_hand.calculate_update(theirs, gradient),
        )
        np.testing.assert_allclose(weights, theirs, rtol=1e-12)
        assert scheduled.steps_taken == step + 1


def test_any_function_of_the_step_is_a_learning_rate_and_is_asked_once_for_each():
    asked = []

    def rate(step):
        asked.append(step)
        return np.float32(0.5) / (step + 1)

    optimizer = Sgd(rate, regularizer=L2_Regularizer(0.1))
    follow(optimizer, *weights_and_gradients())
    assert asked == list(range(STEPS))


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), "0.1", None, True, [0.1], np.array(0.1)], ids=str)
@every_optimizer
def test_no_other_learning_rate_passes(make, rate):
    optimizer = make()
    before = state(optimizer)
    for attempt in (lambda: setattr(optimizer, "learning_rate", rate), lambda: type(optimizer)(rate)):
        with pytest.raises((TypeError, ValueError), match=rf"{type(optimizer).__name__}: expected learning_rate to be"):
            attempt()
    assert state(optimizer) == before
    optimizer.learning_rate = lambda step: rate
    with pytest.raises((TypeError, ValueError), match="expected learning_rate of step 0 to be"):
        optimizer.calculate_update(np.ones(2), np.ones(2))
    with pytest.raises((TypeError, ValueError), match="expected learning_rate of step 0 to be"):
        _ = optimizer.current_learning_rate


def test_a_class_of_schedules_is_no_schedule():
    with pytest.raises(TypeError, match="expected learning_rate to be a number, got <class"):
        Sgd(LinearDecay)


def test_a_number_of_numpy_becomes_a_plain_one():
    optimizer = Adam(np.float32(0.5))
    assert type(optimizer.learning_rate) is float
    optimizer.learning_rate = 0.1 * np.cos(0.5)
    assert type(optimizer.learning_rate) is float


# -- regularizers


@every_rule
@pytest.mark.parametrize("regularizer", [L1_Regularizer(0.3), L2_Regularizer(0.3)], ids=str)
def test_the_argument_is_what_add_regularizer_sets(make, regularizer):
    added = make()
    given = type(added)(**{**added.configuration(), "regularizer": regularizer})
    added.add_regularizer(regularizer)
    assert repr(added) == repr(given)
    assert added.configuration() == given.configuration()
    assert repr(regularizer) in repr(given)
    assert repr(given.clone()) == repr(given)
    weights, gradients = weights_and_gradients()
    np.testing.assert_array_equal(follow(added, weights, gradients), follow(given, weights, gradients))


@pytest.mark.parametrize("wrong", [0.1, L2_Regularizer, Sgd(0.1), "L2"], ids=str)
def test_what_is_no_regularizer_is_refused(wrong):
    optimizer = Sgd(0.1)
    with pytest.raises(TypeError, match=r"expected a regularizer with calculate_gradient\(weights\)"):
        optimizer.add_regularizer(wrong)
    with pytest.raises(TypeError, match=r"expected a regularizer with calculate_gradient\(weights\)"):
        Sgd(0.1, regularizer=wrong)
    assert optimizer.regularizer is None


@every_rule
@pytest.mark.parametrize("kind", [L1_Regularizer, L2_Regularizer])
@pytest.mark.parametrize("bias_rows", [0, 1, 2, None])
def test_biases_are_left_alone_where_that_is_asked(make, kind, bias_rows):
    weights, gradients = weights_and_gradients()
    shrinking, plain = make(), make()
    shrinking.add_regularizer(kind(0.3, biases=False))
    shrinking.bias_rows = bias_rows
    biases = SHAPE[0] if bias_rows is None else bias_rows
    rows = SHAPE[0] - biases
    shrunk = make()
    shrunk.add_regularizer(kind(0.3))
    expected = np.concatenate([follow(shrunk, weights, gradients)[:rows], follow(plain, weights, gradients)[rows:]])
    np.testing.assert_allclose(follow(shrinking, weights, gradients), expected, rtol=1e-12)


def test_by_the_course_biases_have_their_price_too():
    weights, _ = weights_and_gradients()
    optimizer = Sgd(0.1, regularizer=L2_Regularizer(0.3))
    optimizer.bias_rows = 1
    assert (optimizer.calculate_update(weights, np.zeros(SHAPE))[-1] != weights[-1]).all()


class Watching:
    """A regularizer of somebody's own, derived from nothing, that keeps what it sees."""

    def __init__(self):
        self.seen = []

    def calculate_gradient(self, weights):
        self.seen.append(weights)
        return 0.5 * weights

    def norm(self, weights):
        return 1.0


@every_rule
def test_a_regularizer_of_somebodys_own_sees_no_array_that_moves(make):
    weights, gradients = weights_and_gradients()
    optimizer, regularizer, expected = make(), Watching(), [weights.copy()]
    optimizer.add_regularizer(regularizer)
    assert not optimizer.steps_in_place
    for gradient in gradients:
        weights = optimizer.calculate_update(weights, gradient)
        expected.append(weights.copy())
    np.testing.assert_array_equal(regularizer.seen, expected[:-1])


def test_a_derived_regularizer_is_somebodys_own():
    class Derived(L2_Regularizer):
        pass

    assert Sgd(0.1, regularizer=L2_Regularizer(0.1)).steps_in_place
    assert not Sgd(0.1, regularizer=Derived(0.1)).steps_in_place


# -- an optimizer of somebody's own


class MeanDescent(Optimizer):
    """Names what it remembers and writes its rule."""

    remembered = ("mean",)

    def __init__(self, learning_rate, share=0.1, *, regularizer=None):
        super().__init__(learning_rate, regularizer=regularizer)
        self.share = share

    def rule(self, weights, gradient, learning_rate, mean):
        mean += self.share * (gradient - mean)
        weights -= learning_rate * mean


class SignDescent(Optimizer):
    """Gives a factor and a direction."""

    def _step(self, gradient):
        return -self.current_learning_rate, np.sign(gradient)


@pytest.mark.parametrize("make", [lambda: MeanDescent(0.1), lambda: SignDescent(LinearDecay(0.1, 3))], ids=shown)
@every_dtype
def test_one_of_somebodys_own_obeys_the_laws(make, dtype):
    weights, gradients = weights_and_gradients(dtype)
    for regularizer in (None, L2_Regularizer(0.1), Watching()):
        outside, inside = make(), make()
        outside.regularizer = inside.regularizer = regularizer
        moving, result = weights.copy(), weights
        for gradient in gradients:
            result = outside.calculate_update(result, gradient)
            inside.step_in_place(moving, gradient)
        np.testing.assert_array_equal(moving, result)
        assert result.dtype == dtype
    with pytest.raises(ValueError, match="gradient of the weights' shape"):
        make().calculate_update(np.ones(3), np.ones(2))
    assert type(make().calculate_update(1.0, 2.0)) is np.float64


def test_its_formula_is_all_that_counts():
    weights, gradients = weights_and_gradients()
    mean, expected = 0, weights
    for gradient in gradients:
        mean = mean + 0.1 * (gradient - mean)
        expected = expected - 0.5 * mean
    np.testing.assert_allclose(follow(MeanDescent(0.5), weights, gradients), expected, rtol=1e-12)


def test_what_it_remembers_belongs_to_one_parameter():
    optimizer = MeanDescent(0.5)
    optimizer.calculate_update(np.ones(3), np.ones(3))
    assert optimizer.mean.shape == (3,)
    with pytest.raises(ValueError, match="belongs to one parameter"):
        optimizer.calculate_update(np.ones(2), np.ones(2))
    assert optimizer.clone().mean is None
