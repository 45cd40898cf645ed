"""The comparison of two checkouts runs: here of this one with itself."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def compare(*arguments):
    command = [sys.executable, "-m", "benchmarks.old_and_new", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_cases_are_compared():
    result = compare(
        "--old", ".", "--pairs", "2", "--starts", "1", "--turn", "0.001", "--only", "small Pooling", "testing 4"
    )
    assert result.returncode == 0, result.stderr
    assert "failed" not in result.stdout
    assert "time, new/old: geometric mean" in result.stdout
    assert "small Pooling" in result.stdout and "testing 4-16-3" in result.stdout


def test_what_can_t_be_compared_is_said():
    assert "no case has nothing-like-it in its name" in compare("--old", ".", "--only", "nothing-like-it").stderr
    assert "expected --old" in compare().stderr
