"""Schedules: the laws, the formulas written in another way, and PyTorch's schedulers where it is installed."""

import importlib.util
import itertools
import math

import numpy as np
import pytest

from Optimization.Optimizers import Sgd
from Optimization.Schedules import Constant, CosineDecay, ExponentialDecay, LinearDecay, Schedule, StepDecay, WarmUp
from tests.object_cases import SCHEDULES, shown

every_schedule = pytest.mark.parametrize("make", SCHEDULES, ids=shown)
LONG = 40


def rates(schedule, steps=LONG):
    return [schedule(step) for step in range(steps)]


@every_schedule
def test_a_rate_is_a_plain_finite_number_of_at_least_0(make):
    for step in (*range(LONG), 10**6):
        rate = make()(step)
        assert type(rate) is float
        assert 0 <= rate < math.inf


@every_schedule
def test_a_step_of_numpys_gives_the_same_bits_as_a_plain_one(make):
    for step in range(LONG):
        rate = make()(np.int64(step))
        assert type(rate) is float
        assert rate == make()(step)


def test_numpys_power_is_not_that_of_a_step_decay():
    assert StepDecay(1.0, 1, 0.01)(np.int64(3)) == 0.01**3  # other than 0.01 ** numpy.int64(3)


@every_schedule
def test_a_rate_depends_on_the_step_alone(make):
    schedule = make()
    backwards = [schedule(step) for step in reversed(range(LONG))]
    assert backwards[::-1] == rates(schedule) == rates(make())


@every_schedule
def test_schedules_of_the_same_arguments_are_equal(make):
    assert make() == make() == make().clone()
    assert sum(make() == other() for other in SCHEDULES) == 1
    assert make() != 0.1


@every_schedule
def test_all_but_a_warm_up_never_rise(make):
    schedule = make()
    if isinstance(schedule, WarmUp):
        return
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates(schedule)))
    assert schedule(0) == pytest.approx(schedule.learning_rate, rel=1e-15)


@pytest.mark.parametrize("kind", [LinearDecay, CosineDecay])
@pytest.mark.parametrize(("rate", "steps", "end"), [(0.8, 7, 0), (0.3, 4, 0.1), (0.1, 1, 0.1), (0.1, 5, 0.4)])
def test_what_falls_to_an_end_stays_there_exactly(kind, rate, steps, end):
    schedule = kind(rate, steps, end)
    assert {schedule(step) for step in (steps, steps + 1, 10 * steps)} == {end}
    low, high = sorted((rate, end))
    assert all(low <= found <= high or found == pytest.approx(rate) for found in rates(schedule))


@pytest.mark.parametrize("steps", [1, 3, 7, 1000])
def test_a_linear_decay_is_the_falling_rate_of_the_command_line_to_the_bit(steps):
    schedule = LinearDecay(1e-3, steps)
    for step in range(steps):
        assert schedule(step) == 1e-3 * (1 - step / steps)
    assert schedule(steps) == 0


def test_linear_and_cosine_decay_meet_halfway_and_are_symmetric():
    linear, cosine = LinearDecay(0.5, 10, 0.1), CosineDecay(0.5, 10, 0.1)
    assert linear(5) == pytest.approx(cosine(5)) == pytest.approx(0.3)
    for schedule in (linear, cosine):
        for step in range(11):
            assert schedule(step) + schedule(10 - step) == pytest.approx(0.6)
    assert all(cosine(step) > linear(step) for step in range(1, 5))


def test_a_step_decay_falls_after_so_many_steps_and_meets_the_exponential_one_there():
    falling, smooth = StepDecay(0.8, 4, 0.5), ExponentialDecay(0.8, 4, 0.5)
    assert rates(falling, 12) == pytest.approx([0.8] * 4 + [0.4] * 4 + [0.2] * 4)
    for step in range(LONG):
        assert smooth(step) == pytest.approx(0.8 * math.exp(step / 4 * math.log(0.5)), rel=1e-12)
        assert smooth(step) <= falling(step) * (1 + 1e-15)
    assert [smooth(step) for step in (0, 4, 8)] == pytest.approx([falling(step) for step in (0, 4, 8)])


def hyperbola(step):
    return 0.3 / (1 + step)


BEHIND = {"a number": 0.3, "a constant": Constant(0.3), "a decay": LinearDecay(0.3, 6), "a function": hyperbola}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND.keys())
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_warm_up_rises_evenly_to_what_comes_behind(behind, steps):
    schedule = WarmUp(behind, steps)
    rise = [schedule(step) for step in range(steps + 1)]
    assert np.diff(rise) == pytest.approx([0.3 / (steps + 1)] * steps)
    assert rise[-1] == 0.3
    for step in range(10):
        assert schedule(steps + step) == (behind(step) if callable(behind) else behind)


@pytest.mark.parametrize("kind", [Constant, StepDecay, ExponentialDecay, LinearDecay, CosineDecay, WarmUp])
@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), "0.1", None, True, [0.1]], ids=str)
def test_a_learning_rate_that_is_none_is_refused_by_name(kind, rate):
    arguments = (rate,) if kind is Constant else (rate, 5)
    with pytest.raises((TypeError, ValueError), match=f"{kind.__name__}: expected learning_rate"):
        kind(*arguments)


@pytest.mark.parametrize("kind", [StepDecay, ExponentialDecay, LinearDecay, CosineDecay, WarmUp])
@pytest.mark.parametrize("steps", [0, -1, 1.5, "3", None, True], ids=str)
def test_steps_that_are_no_number_of_steps_are_refused_by_name(kind, steps):
    with pytest.raises((TypeError, ValueError), match=f"{kind.__name__}: expected steps"):
        kind(0.1, steps)
    assert type(kind(0.1, np.int64(3)).steps) is int


@pytest.mark.parametrize("kind", [StepDecay, ExponentialDecay])
@pytest.mark.parametrize("factor", [0, -0.5, 1.5, float("nan"), "0.5", None], ids=str)
def test_a_factor_outside_0_to_1_is_refused_by_name(kind, factor):
    with pytest.raises((TypeError, ValueError), match=f"{kind.__name__}: expected factor"):
        kind(0.1, 3, factor)


@pytest.mark.parametrize("kind", [LinearDecay, CosineDecay])
@pytest.mark.parametrize("end", [-0.1, float("nan"), "0", None], ids=str)
def test_an_end_that_is_no_learning_rate_is_refused_by_name(kind, end):
    with pytest.raises((TypeError, ValueError), match=f"{kind.__name__}: expected end"):
        kind(0.1, 3, end)


def test_a_schedule_without_its_formula_cannot_be_made():
    with pytest.raises(TypeError, match="abstract"):
        Schedule()


@every_schedule
def test_an_optimizer_asks_it_before_each_step(make):
    optimizer, weight = Sgd(make()), 0.0
    for step in range(12):
        after = optimizer.calculate_update(weight, 1.0)
        assert weight - after == pytest.approx(make()(step), abs=1e-15)
        weight = after


if importlib.util.find_spec("torch"):
    import torch
    from torch.optim import lr_scheduler as theirs

    def theirs_over(steps, make, rate):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
        scheduler, found = make(optimizer), []
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found

    PAIRS = {
        "constant": (Constant(0.3), lambda o: theirs.ConstantLR(o, 1, 1), LONG),
        "step": (StepDecay(0.3, 7, 0.5), lambda o: theirs.StepLR(o, 7, 0.5), LONG),
        "exponential": (ExponentialDecay(0.3, 1, 0.9), lambda o: theirs.ExponentialLR(o, 0.9), LONG),
        "linear": (LinearDecay(0.3, 9), lambda o: theirs.LinearLR(o, 1, 0, 9), LONG),
        "linear to an end": (LinearDecay(0.3, 9, 0.03), lambda o: theirs.LinearLR(o, 1, 0.1, 9), LONG),
        # Theirs rises again behind the end.
        "cosine": (CosineDecay(0.3, 9), lambda o: theirs.CosineAnnealingLR(o, 9), 10),
        "cosine to an end": (CosineDecay(0.3, 9, 0.1), lambda o: theirs.CosineAnnealingLR(o, 9, 0.1), 10),
        "warm-up": (WarmUp(0.3, 4), lambda o: theirs.LinearLR(o, 1 / 5, 1, 4), LONG),
        "warm-up, then cosine": (
            WarmUp(CosineDecay(0.3, 9), 4),
            lambda o: theirs.SequentialLR(o, [theirs.LinearLR(o, 1 / 5, 1, 4), theirs.CosineAnnealingLR(o, 9)], [4]),
            13,
        ),
    }

    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
    @pytest.mark.parametrize("name", PAIRS)
    def test_rates_are_those_of_pytorch(name):
        ours, make, steps = PAIRS[name]
        np.testing.assert_allclose(rates(ours, steps), theirs_over(steps, make, 0.3), rtol=1e-12, atol=1e-15)
