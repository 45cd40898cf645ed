"""The two profiles. What is said here holds for every drawn law; none has settings of its own.

No example has a deadline: the cores are shared, so that its time says nothing, and laws are about numbers. No health
check is suppressed.
"""

import os
import tempfile

import pytest
from hypothesis import configuration, settings

settings.register_profile("ci", settings(derandomize=True, database=None, deadline=None, max_examples=12))
cases = int(os.environ.get("DRAWN_CASES", 1000))
settings.register_profile("deep", settings(deadline=None, print_blob=True, max_examples=cases))


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile", None):
        settings.load_profile("ci")
        # Even without a database Hypothesis writes down which constants the tested program has.
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
        configuration.set_hypothesis_home_dir(folder.name)
