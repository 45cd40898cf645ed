"""kill -9, and interrupts that come from outside, at random moments of the jobs in `tests.faults.jobs`."""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.jobs import JOBS, ROOT, settings

_LONGEST = 0.12  # seconds until a kill, several times what a job takes
_READY = "ready"


class Broken(Exception):
    """Something was lost, or half done."""


def kill(name: str, times: int, seed: int) -> None:
    """Kill a process at a random moment of a job, so many times, and see what it leaves each time."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.kills", name, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            assert child.stdout is not None
            with child, child.stdout:
                if child.stdout.readline().strip() != _READY:
                    raise Broken(f"{name}: no process could be started after {number} kills")
                time.sleep(rng.uniform(0, _LONGEST))
                child.send_signal(signal.SIGKILL)
            _checked(f"{name}, kill {number}", lambda: JOBS[name].check_folder(Path(folder)))  # type: ignore[attr-defined]


def interrupt(name: str, times: int, seed: int) -> None:
    """Send this process a signal that raises KeyboardInterrupt at a random moment of a job, and see what is left."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        job = JOBS[name](Path(folder))
        begun = time.perf_counter()
        job.work()
        longest = 1.2 * (time.perf_counter() - begun)
        before = settings()
        for number in range(times):
            try:
                with _signal_in(rng.uniform(1e-4, longest)):
                    while True:
                        job.work()
            except KeyboardInterrupt:
                pass
            now = settings()
            changed = {key: (value, now[key]) for key, value in before.items() if now[key] != value}
            if changed:
                raise Broken(f"{name}, interrupt {number}: the process isn't left as it was: {changed}")
            _checked(f"{name}, interrupt {number}", job.check)


def _checked(what: str, check: Callable[[], Any]) -> None:
    try:
        check()
    except Exception as error:
        raise Broken(f"{what}: {type(error).__name__}: {error}") from error


@contextmanager
def _signal_in(seconds: float) -> Iterator[None]:
    def raise_it(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, seconds, 5.0)  # again, where it was swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    """Do a job until somebody kills this process."""
    name, folder = sys.argv[1:]
    job = JOBS[name](Path(folder))
    job.work()
    print(_READY, flush=True)
    while True:
        job.work()


if __name__ == "__main__":
    main()
