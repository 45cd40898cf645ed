"""Programs that tests start in several processes, by MPI: each ends within its time, or is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MPIEXEC = Path(sys.executable).with_name("mpiexec")
_OF_A_LAUNCHER = ("PMI_", "PMIX_", "OMPI_", "MPI_", "SLURM_", "HYDRA_")


def environment(**more):
    """That of a program which no launcher has started, with one thread, as the cores are shared."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(_OF_A_LAUNCHER)}
    return {
        **found,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        **{name: str(value) for name, value in more.items()},
    }


def command(processes, *program):
    launcher = str(MPIEXEC) if MPIEXEC.is_file() else "mpiexec"
    return [*([launcher, "-n", str(processes)] if processes > 1 else []), sys.executable, *map(str, program)]


def started(processes, *program, **options):
    """A program in so many processes, as a group that can be ended together."""
    options = {"cwd": ROOT, "env": environment(), **options}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command(processes, *program), stdout=pipe, stderr=pipe, text=True, start_new_session=True, **options
    )


def ended(running, seconds):
    """What it has said, `(status, output, errors)`, when it has ended by itself; fails where it hasn't in time."""
    try:
        output, errors = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        output, errors = running.communicate()
        raise AssertionError(f"{running.args} has not ended within {seconds} s:\n{output}\n{errors}") from None
    return running.returncode, output, errors


def run(processes, *program, seconds=120, **options):
    """The output of a program, which is to end well."""
    status, output, errors = ended(started(processes, *program, **options), seconds)
    assert status == 0, errors or output
    return output
