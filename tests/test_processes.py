"""Several processes do what one does."""

import numpy as np
import pytest

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
