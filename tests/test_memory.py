"""Freed memory is kept for the next step, where the C library lets us say so."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = """
import resource
import numpy as np
from Foundation.Memory import keep_freed_memory

def resident():
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * resource.getpagesize()

{call}
before = resident()
for _ in range(3):
    arrays = [np.ones(2**18) for _ in range(8)]  # 2 MB each
    del arrays
print((resident() - before) / 2**20)
"""


def megabytes_left_after_steps(call: str) -> float:
    command = [sys.executable, "-c", STEPS.format(call=call)]
    root = Path(__file__).parent.parent
    # Who sets these, as clusters do for their workers, has the C library keep what they say and learn nothing.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have other ways to keep memory")
def test_what_a_step_frees_is_there_for_the_next():
    assert megabytes_left_after_steps("keep_freed_memory()") > 12
    assert megabytes_left_after_steps("") < 8  # or the C library keeps it without being asked
