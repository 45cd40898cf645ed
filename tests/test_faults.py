"""Some kills and interrupts at random moments; `python -m tests.faults --kills 300 --interrupts 300` tries more."""

import pytest

from tests.faults import kills
from tests.faults.jobs import JOBS

# An interrupt in what Python calls while it tidies up goes no further than a warning.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
every_job = pytest.mark.parametrize("job", JOBS)


@every_job
def test_a_killed_process_leaves_nothing_half_done(job):
    kills.kill(job, 2, seed=1)


@every_job
def test_an_interrupted_process_goes_on_with_all_it_had(job):
    kills.interrupt(job, 8, seed=1)
