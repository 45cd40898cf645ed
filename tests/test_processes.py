"""Several processes do what one does."""

import numpy as np
import pytest

from benchmarks.training import killed
from tests import parallel_checkpoints, parallel_statistics
from tests.in_parallel import run
from tests.parallel_cases import CASES, STEPS, trained

pytest.importorskip("mpi4py", reason="several processes need the extra [mpi]")


@pytest.fixture(scope="module")
def alone():
    return {name: trained(name) for name in CASES}


@pytest.fixture(scope="module", params=[2, 3, 4])
def together(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("together") / "found.npz"
    run(request.param, "-m", "tests.parallel_cases", path)
    with np.load(path) as found:
        return dict(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_losses_history_and_parameters_are_those_of_one_process(alone, together, name):
    assert len(alone[name]["losses"]) >= STEPS
    for part, array in alone[name].items():
        np.testing.assert_allclose(together[f"{name}: {part}"], array, rtol=1e-12, atol=1e-12, err_msg=part)


@pytest.mark.slow
def test_the_same_number_of_processes_gives_the_same_bits_and_another_one_goes_on_to_the_same_numbers(tmp_path):
    program = "-m", "tests.parallel_checkpoints"
    expected, expected_history = parallel_checkpoints.trained(tmp_path)
    (tmp_path / "three").mkdir()
    first = run(3, *program, tmp_path / "three")
    again = run(3, *program, tmp_path, tmp_path / "three" / "run.6")
    assert first == again, "to the same bits from the middle of a step of several batches"
    numbers, history = eval(run(2, *program, tmp_path, tmp_path / "three" / "run.6"))
    np.testing.assert_allclose(numbers, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(list(history.values()), list(expected_history.values()), rtol=1e-12, atol=1e-12)
    alone = parallel_checkpoints.trained(tmp_path, tmp_path / "three" / "run.6")[0]
    np.testing.assert_allclose(alone, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_one_of_two_processes_is_killed_and_the_training_goes_on_to_the_same_bits():
    runs, unreadable, agree = killed(kills=2, processes=2)
    assert runs >= 1
    assert not unreadable
    assert agree


@pytest.mark.slow
def test_statistics_of_each_process_alone_are_those_of_its_part_and_the_moving_ones_are_the_first_s():
    alike, *found = run(2, "-m", "tests.parallel_statistics").split()
    assert alike == "True", "in the end, all have the same moving averages and validation"
    net, (X, y) = parallel_statistics.network(), parallel_statistics.arrays()
    for batch in (slice(0, 6), slice(6, 12)):
        gradients, normalization, averages = [], net.layers[1], []
        before = normalization.moving_mean, normalization.moving_variance
        for part in (slice(0, 3), slice(3, 6)):
            normalization.moving_mean, normalization.moving_variance = before
            net.forward(batch=(X[batch][part], y[batch][part]))
            net.backward(step=False)
            gradients.append([gradient.array for gradient in net.gradients()])
            averages.append((normalization.moving_mean, normalization.moving_variance))
        normalization.moving_mean, normalization.moving_variance = averages[0]
        for gradient, one, other in zip(net.gradients(), *gradients, strict=True):
            setattr(gradient.layer, f"gradient_{gradient.name}", one + other)
        net.step()
    np.testing.assert_allclose(np.array(found, float), parallel_statistics.learnt(net), rtol=1e-12, atol=1e-12)
