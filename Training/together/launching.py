"""How several processes of a program are started, and how each of them finds out."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: What MPICH and its relatives, PMIx (Open MPI, Slurm) and Open MPI tell the processes that they start.
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS", "MV2_COMM_WORLD_SIZE", "PMIX_SIZE")
#: Slurm sets its own for a script of a batch too, of which there is one; these for what `srun` starts.
_OF_SLURM = ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID")

WITHOUT_MPI = (
    "several processes need mpi4py and MPI, which aren't here: pip install mpi4py mpich; or, on a cluster, its own MPI "
    "and pip install mpi4py"
)


def are_several() -> bool:
    """Whether whoever has started this process has started others with it."""
    sizes = [os.environ.get(name, "") for name in _SIZES]
    if all(name in os.environ for name in _OF_SLURM):
        sizes.append(os.environ[_OF_SLURM[0]])
    return any(size.isdecimal() and int(size) > 1 for size in sizes)


def world() -> Any:
    """The communicator of all processes that were started together; None where this one is alone.

    Raises ImportError, in one line, where there are others and no MPI to speak to them.
    """
    if not are_several():
        return None
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise ImportError(f"Processes: {WITHOUT_MPI} ({error})") from None
    return MPI.COMM_WORLD if MPI.COMM_WORLD.Get_size() > 1 else None


def launcher() -> str:
    """The file of the program that starts several processes: beside Python, where a wheel puts it, or on the path.

    Raises FileNotFoundError where there is none, or nothing by which its processes could speak to each other.
    """
    beside = Path(sys.executable).with_name("mpiexec")
    found = str(beside) if beside.is_file() else shutil.which("mpiexec")
    if found is None or importlib.util.find_spec("mpi4py") is None:
        raise FileNotFoundError(f"--processes: {WITHOUT_MPI}")
    return found


def start(count: int, program: str, arguments: Sequence[str]) -> None:
    """Start a program in so many processes, in the place of this one.

    Args:
        count: how many.
        program: its file.
        arguments: of the program.

    Raises FileNotFoundError, before anything is started, where there is no MPI.
    """
    started_by = launcher()
    sys.stdout.flush()
    os.execv(started_by, [started_by, "-n", str(count), sys.executable, program, *arguments])
