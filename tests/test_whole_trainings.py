"""Two hundred steps, from the same weights on the same batches, end where PyTorch ends: every parameter to 1e-9."""

import numpy as np
import pytest

from tests.oracles.make_trainings import trained
from tests.oracles.trainings import FILE, STEPS, TRAININGS, found

every_training = pytest.mark.parametrize("name", TRAININGS)


def stored(name):
    """What PyTorch ended with, by the part's name."""
    with np.load(FILE) as file:
        return {part.removeprefix(f"{name}: "): file[part] for part in file.files if part.startswith(f"{name}: ")}


def assert_alike(ours, theirs):
    assert set(ours) == set(theirs)
    for part in theirs:
        np.testing.assert_allclose(ours[part], theirs[part], rtol=1e-9, atol=1e-12, err_msg=part)


@every_training
def test_a_whole_training_ends_where_pytorch_ends(name):
    net = TRAININGS[name].network()
    net.train(STEPS * TRAININGS[name].batches_per_step)
    assert_alike(found(net), stored(name))


@every_training
def test_the_stored_end_is_that_of_the_installed_pytorch(name):
    pytest.importorskip("torch")
    assert_alike(trained(TRAININGS[name]), stored(name))
