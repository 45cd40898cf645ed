"""A process that can't go on ends all of them, soon, and says why; what is wrong is found before the first step."""

import time

import pytest

from tests.in_parallel import ended, run, started

pytest.importorskip("mpi4py", reason="several processes need the extra [mpi]")

pytestmark = pytest.mark.slow
PROGRAM = "-m", "tests.parallel_programs"


SAME_FOR_ALL = {
    "has other code": "process 2 of 2 (rank 1) has other code than the first",
    "has another NumPy": "NumPy 1.0, mpi4py",
    "has other seeds": "has other seeds than the first; give the data and the layers a seed",
    "has other data": "has other data than the first; let all read the same files",
    "has too few": "expected a sample for each of 2 processes in every batch, got a batch of 1",
    "memorizes": "expected memorize = False with several processes, got True",
}


def refused(path, *arguments):
    """What a program has said that must not end well."""
    status, output, errors = ended(started(2, *PROGRAM, path, *arguments), 120)
    assert status != 0, output
    return errors


def test_an_error_of_one_process_ends_all_within_five_seconds_with_its_traceback_and_rank(tmp_path):
    _, moment, errors = ended(started(2, *PROGRAM, tmp_path / "run", 1, "raises"), 120)
    assert time.time() - float(moment) < 5
    assert "process 2 of 2 (rank 1, on" in errors
    assert errors.count("Traceback") == 1
    assert "KeyError: 'the mistake of process 2'" in errors


def test_a_mistake_of_all_is_said_once(tmp_path):
    errors = refused(tmp_path / "run", -1, "raises")
    assert errors.count("Traceback") == 1
    assert "process 1 of 2" in errors


def test_a_process_that_is_killed_ends_all(tmp_path):
    assert ended(started(2, *PROGRAM, tmp_path / "run", 1, "is killed"), 120)[0] == 9
    assert (tmp_path / "run.0").is_file(), "the first has written what there was"
    assert not (tmp_path / "run.1").exists(), "the second writes nothing"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("ends early", "process 2 of 2 has ended, and this one waits for it"),
        ("has no data", "FileNotFoundError: the data of one process"),
    ],
)
def test_a_process_that_never_begins_is_missed(tmp_path, what, said):
    errors = refused(tmp_path / "run", 1, what)
    assert said in errors
    assert errors.count("Traceback") == 1


def test_what_has_to_be_the_same_is_refused_in_all_before_the_first_step(tmp_path):
    said = sorted(run(2, *PROGRAM, tmp_path / "run", 1, *SAME_FOR_ALL).splitlines())
    for rank in (0, 1):
        for what, words in SAME_FOR_ALL.items():
            assert any(line.startswith(f"rank {rank} {what}: ") and words in line for line in said), (what, said)
    assert not list(tmp_path.iterdir()), "no file has been written"


def test_what_one_process_decides_holds_for_all_from_the_same_batch_on(tmp_path):
    said = run(2, *PROGRAM, tmp_path / "run", 1, "is interrupted", "stops").splitlines()
    expected = {"is interrupted": "True, Ctrl-C, 1, 5 losses", "stops": "False, process 2 has seen enough, 1, 5 losses"}
    assert sorted(said) == sorted(f"rank {rank} {what}: {end}" for rank in (0, 1) for what, end in expected.items())
