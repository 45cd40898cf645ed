"""How several processes are started: by `--processes`, by MPI, or not at all."""

import importlib.util
import re
import sys

import pytest

from tests.in_parallel import ROOT, ended, started
from Training.command_line import main
from Training.processes import Processes
from Training.together import launching

WITHOUT = "several processes need mpi4py and MPI, which aren't here: pip install mpi4py mpich"


@pytest.fixture
def no_mpi(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "mpi4py" else find(name))
    monkeypatch.setitem(sys.modules, "mpi4py", None)


@pytest.mark.parametrize("variable", ["PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS", "PMIX_SIZE"])
def test_processes_that_were_started_together_say_what_to_install_where_there_is_no_mpi(monkeypatch, no_mpi, variable):
    monkeypatch.setenv(variable, "2")
    with pytest.raises(ImportError, match=WITHOUT):
        Processes()


def test_the_command_line_says_so_too(no_mpi, capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--processes", "2"])
    assert ending.value.code == 2
    assert WITHOUT in capsys.readouterr().err


@pytest.mark.parametrize("variables", [{}, {"PMI_SIZE": "1"}, {"SLURM_STEP_NUM_TASKS": "8"}])
def test_whoever_is_alone_loads_no_mpi(monkeypatch, no_mpi, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    processes = Processes()
    assert (processes.rank, processes.size, processes.is_first) == (0, 1, True)


def test_slurm_starts_several(monkeypatch):
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "8")
    monkeypatch.setenv("SLURM_PROCID", "3")
    assert launching.are_several()


@pytest.mark.slow
def test_the_command_line_starts_two_and_one_of_them_speaks(tmp_path):
    pytest.importorskip("mpi4py", reason="several processes need the extra [mpi]")
    program = ROOT / "NeuralNetwork.py", "--processes", 2, "--model", "mlp", "--iterations", 30, "--output", tmp_path
    status, output, errors = ended(started(1, *program), 120)
    assert status == 0, errors
    assert len(re.findall("trained 30 iterations", output)) == 1
    assert len(re.findall("test accuracy", output)) == 1
    assert (tmp_path / "network").is_file()
