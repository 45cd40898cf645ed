"""How several processes are started, by `--processes`, by MPI, or not at all; and what they compare first."""

import importlib.util
import re
import sys

import numpy as np
import pytest

from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from tests import training_cases
from tests.in_parallel import ROOT, ended, started
from Training.command_line import main
from Training.processes import Processes
from Training.together import handshake, launching

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


# What is compared before the first step.


def compared(data):
    return handshake.checksums(training_cases.trainer(training=data, validation=None))


def pictures(**options):
    images = np.random.default_rng(0).random((6, 4, 4))
    return ImageData(ImageGenerator.from_arrays(images, [0, 1, 2, 0, 1, 2], 2, rng=0, **options))


def test_equal_trainings_have_equal_checksums():
    assert compared(pictures(angle=10, shuffle=True)) == compared(pictures(angle=10, shuffle=True))


def test_more_workers_or_a_larger_cache_are_no_other_settings():
    assert compared(pictures(workers=1)) == compared(pictures())


@pytest.mark.parametrize(
    "options",
    [{"angle": 50}, {"shift": 0.1}, {"zoom": 0.1}, {"crop": 0.1}, {"brightness": 0.1}, {"contrast": 0.1},
     {"noise": 0.1}, {"rotation": True}, {"mirroring": True}, {"mirroring": "vertical"}, {"shuffle": True}],
    ids=str,
)  # fmt: skip
def test_augmentation_and_shuffling_are_settings_that_are_compared(options):
    one, other = (
        compared(pictures(mirroring="horizontal")),
        compared(pictures(**{"mirroring": "horizontal", **options})),
    )
    assert [name for name in one if one[name] != other[name]] == ["settings"]


@pytest.mark.parametrize("options", [{"shuffle": False}, {"last_batch": "short"}], ids=str)
def test_how_arrays_become_batches_is_compared(options):
    one, other = compared(training_cases.data()), compared(training_cases.data(**options))
    assert one["settings"] != other["settings"]


class OtherChecksums:
    """Of two processes, of which the second has another one of a name."""

    size = 2

    def __init__(self, name):
        self.name = name

    def objects(self, mine):
        return [mine, {**mine, self.name: "another"}]


def test_another_network_is_answered_with_all_that_may_differ():
    advice = "the same layers, loss, optimizer and preparation of the data everywhere, and give initializers and layers"
    with pytest.raises(
        RuntimeError, match=rf"\(rank 1\) has other network than the first; have {advice} a seed, rng=0"
    ):
        handshake.compare(OtherChecksums("network"), training_cases.trainer())
