"""Mutated files: ten thousand of all kinds, and the tool that reads them sees what it is there for."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fuzz import network_files
from tests.fuzz.__main__ import all_kinds
from tests.fuzz.kinds import Kind
from tests.fuzz.running import content_of, run

ROOT = Path(__file__).parent.parent


def read(*arguments: str) -> str:
    """What the command says of files in which nothing went wrong."""
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_ten_thousand_mutated_files_are_read_or_refused_by_name():
    told = read("--files", "10000")
    assert all(f"{kind.name}: " in told for kind in all_kinds())


@pytest.mark.slow
def test_networks_with_other_values_that_load_train():
    assert "network values: 3500 files" in read("--files", "3500", "--only", "network values", "--seed", "1")


def test_a_file_is_made_from_the_seed_and_its_number_alone(tmp_path):
    kind = network_files.KINDS[0]
    seeds = [b"one file", b"another file"]
    assert content_of(kind, seeds, 3, 100) == content_of(kind, seeds, 3, 100)
    assert len({content_of(kind, seeds, seed, number) for seed in range(3) for number in range(100, 140)}) > 60


# What the tool is there for.


def of_use(use) -> Kind:
    """Three files of which the second is used in some way."""

    def in_a_child(path: Path) -> None:
        if path.read_bytes() == b"1":
            use(path)

    return Kind("example", lambda folder: [b"0"], in_a_child, lambda seeds, rng: b"1", seconds=0.3)


def outcome(use) -> str:
    """What is said of a file that is used so."""
    report = run(of_use(use), range(2), seed=0)
    assert (report.count, report.loaded) == (2, 1)
    ((number, what),) = report.failed
    assert number == 1
    return what


def refuse(path):
    raise ValueError(f"{path}: refused")


def refuse_without_a_name(path):
    raise ValueError("refused")


def compute_for_ever(path):
    while True:
        pass


def take_memory(path):
    np.ones(2**24)


def take_memory_and_say_something_else(path):
    try:
        np.ones(2**24)
    except MemoryError as error:
        raise ValueError(f"{path}: damaged") from error


def test_a_refusal_that_names_the_file_is_counted_by_what_it_says():
    report = run(of_use(refuse), range(5), seed=0)
    assert (report.loaded, dict(report.refused), report.failed) == (1, {"ValueError: FILE: refused": 4}, [])


@pytest.mark.parametrize(
    ("use", "what"),
    [
        (refuse_without_a_name, "ValueError: refused"),
        (lambda path: {}["x"], "KeyError"),
        (take_memory, "too much memory"),
        (take_memory_and_say_something_else, "too much memory"),
        (compute_for_ever, "too slow"),
        (lambda path: Path("/etc/hostname").read_text(), "not allowed: open"),
        (lambda path: compile("1", "", "eval"), "not allowed: compile"),
        (lambda path: subprocess.run(["true"]), "not allowed: "),
        (lambda path: __import__("antigravity"), "not allowed: import"),
        (lambda path: np.float64(1) / np.float64(0), "RuntimeWarning"),
        (lambda path: os.kill(os.getpid(), signal.SIGSEGV), "crash: the process ended with status 11"),
    ],
)
def test_what_should_not_happen_is_seen(use, what):
    assert what in outcome(use)
