"""Freed memory is kept for the next step, where the C library lets us say so."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = """
import resource
import numpy as np
from Foundation.Memory import keep_freed_memory

def steps(count):
    for _ in range(count):
        arrays = [np.ones(2**18) for _ in range(8)]
        del arrays

{call}
steps(3)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
steps(10)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10)
"""


def pages_fetched_in_a_step(call: str) -> float:
    command = [sys.executable, "-c", STEPS.format(call=call)]
    root = Path(__file__).parent.parent
    return float(subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have other ways to keep memory")
def test_what_a_step_frees_is_there_for_the_next():
    assert pages_fetched_in_a_step("keep_freed_memory()") < 10
    assert pages_fetched_in_a_step("") > 1000  # or there is nothing to keep any more
