"""Two programs under test, copied into a temporary folder, and the suite run on a copy with a change in it."""

import contextlib
import importlib
import io
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import unittest
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = Path(__file__).parent / "reference"
LIBRARY = ("Foundation", "Generator", "Layers", "Models", "Network", "Optimization", "Training", "NeuralNetwork.py")
HANDED_OUT = ("Layers/Helpers.py", "Generator/Sample_data", "Generator/Labels.json")
SUITE = "NeuralNetworkTests.py"
MEMORY_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Job:
    """A program, what is changed in it, and the tests to run.

    Attributes:
        program: "library" or "reference".
        changes: pairs of a file and its new text, or None where it is missing.
        tests: names of test classes or tests; empty for all.
        stop_early: whether the first failure is enough.
        until: what a message has to say for the rest of the tests not to be run; empty where all are.
        about: whatever the caller wants to find again.
    """

    program: str
    changes: tuple[tuple[str, str | None], ...] = ()
    tests: tuple[str, ...] = ()
    stop_early: bool = False
    until: str = ""
    about: Any = None


@dataclass(frozen=True)
class Outcome:
    """What came of a job: the failed tests, all messages in one text, and whether it had to be stopped."""

    failed: tuple[str, ...]
    messages: str
    stopped: bool = False

    @property
    def caught(self) -> bool:
        """Whether a test failed, or the program under test broke down."""
        return bool(self.failed)


@cache
def sources(program: str) -> dict[str, str]:
    """The Python files of a program: path to text."""
    if program == "library":
        paths = [
            path for name in LIBRARY for path in ([ROOT / name], (ROOT / name).rglob("*.py"))[(ROOT / name).is_dir()]
        ]
        return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    suffix = ".reference.py"
    return {
        path.name.removesuffix(suffix).replace(".", "/") + ".py": path.read_text(encoding="utf-8")
        for path in REFERENCE.glob(f"*{suffix}")
    }


def changed(program: str, file: str, replace: dict[str, str]) -> tuple[str, str]:
    """A file with pieces of its text replaced, each of which has to be there exactly once."""
    text = sources(program)[file]
    for old, new in replace.items():
        if text.count(old) != 1:
            raise ValueError(f"{program}, {file}: expected once, found {text.count(old)} times:\n{old}")
        text = text.replace(old, new)
    return file, text


class Workplace(contextlib.AbstractContextManager):
    """A temporary folder with both programs, in which jobs are run.

    Args:
        processes: how many jobs run at the same time.
        seconds: of computing, after which a job is stopped; one that waits, or that has to wait, may take ten times
            as long. A program that does not end is caught too, if it does not end a second time, with no other beside
            it and twice as much time: a busy computer is no mistake.
    """

    def __init__(self, processes: int = 2, seconds: float = 10) -> None:
        self.processes, self.seconds = processes, seconds
        # Loaded once, before the first fork, so that a job needs no second of its own for it.
        for module in ("numpy", "scipy.signal", "scipy.ndimage", "sklearn.datasets", "matplotlib.pyplot"):
            importlib.import_module(module)

    def __enter__(self) -> "Workplace":
        self._folder = tempfile.TemporaryDirectory(prefix="mutation-")
        for program in ("library", "reference"):
            self._copy_program(program)
        return self

    def __exit__(self, *details: object) -> None:
        self._folder.cleanup()

    def run(self, jobs: Iterable[Job], patience: float = 1) -> Iterator[tuple[Job, Outcome]]:
        """Run jobs, several at a time; yields each with its outcome as soon as it has ended.

        Each may take the seconds `patience` times.
        """
        stopped, seconds = [], patience * self.seconds
        for job, outcome in self._run(iter(jobs), self.processes, seconds):
            if outcome.stopped:
                stopped.append(job)
            else:
                yield job, outcome
        yield from self._run(iter(stopped), 1, 2 * seconds)

    def _run(self, waiting: Iterator[Job], processes: int, seconds: float) -> Iterator[tuple[Job, Outcome]]:
        running: dict[int, tuple] = {}
        while True:
            while len(running) < processes and (job := next(waiting, None)) is not None:
                started = self._start(job, seconds)
                running[started[0].sentinel] = started
            if not running:
                return
            deadline = min(started[3] for started in running.values())
            ended = wait(list(running), timeout=max(0.0, deadline - time.monotonic()))
            late = [key for key, started in running.items() if time.monotonic() >= started[3]]
            for key in {*ended, *late}:
                process, receiver, folder, _, job = running.pop(key)
                yield job, self._finish(process, receiver, folder)

    def _copy_program(self, program: str) -> None:
        target = Path(self._folder.name) / program
        for file, text in sources(program).items():
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            (target / file).write_text(text, encoding="utf-8")
        for name in HANDED_OUT:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, place)
        shutil.copyfile(ROOT / SUITE, target / SUITE)

    def _start(self, job: Job, seconds: float) -> tuple:
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        shutil.copytree(Path(self._folder.name) / job.program, folder, dirs_exist_ok=True)
        for file, text in job.changes:
            if text is None:
                (folder / file).unlink()
            else:
                (folder / file).write_text(text, encoding="utf-8")
        fork = multiprocessing.get_context("fork")
        receiver, sender = fork.Pipe(duplex=False)
        process = fork.Process(target=_work, args=(str(folder), job, round(seconds), sender))
        process.start()
        sender.close()
        return process, receiver, folder, time.monotonic() + 10 * seconds, job

    @staticmethod
    def _finish(process: Any, receiver: Connection, folder: Path) -> Outcome:
        try:
            outcome = receiver.recv() if receiver.poll() else None
        except EOFError:
            outcome = None
        stopped = process.exitcode in (None, -signal.SIGXCPU, -signal.SIGKILL)
        if outcome is None:
            outcome = Outcome(("no end or a crash",), f"exit code {process.exitcode}", stopped)
        process.kill()
        process.join()
        shutil.rmtree(folder, ignore_errors=True)
        return outcome


def _work(folder: str, job: Job, seconds: int, sender: Connection) -> None:
    """In the process of a job: import the suite beside the changed program, run it, send what failed."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.chdir(folder)
    sys.dont_write_bytecode = True
    sys.path[:] = [folder, *(path for path in sys.path if path and Path(path).resolve() != ROOT)]
    for module in [name for name in sys.modules if name.split(".")[0] in LIBRARY]:
        del sys.modules[module]  # what the command line has loaded, which is not the changed program
    suite = importlib.import_module(Path(SUITE).stem)
    loader = unittest.TestLoader()
    classes = [item for item in vars(suite).values() if isinstance(item, type) and issubclass(item, unittest.TestCase)]
    names = job.tests or [item.__name__ for item in classes]
    tests = loader.loadTestsFromNames(names, suite)
    _Result.until = job.until
    result = unittest.TextTestRunner(io.StringIO(), failfast=job.stop_early, resultclass=_Result).run(tests)
    problems = result.failures + result.errors
    failed = [test.id().split(".", 1)[-1] for test, _ in problems]
    messages = [_last_part(test.id(), message) for test, message in problems]
    sender.send(Outcome(tuple(failed), "\n".join(messages)))


class _Result(unittest.TextTestResult):
    """A result that ends the run when a message says what was waited for."""

    until = ""

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._stop_where_said(*self.failures[-1])

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._stop_where_said(*self.errors[-1])

    def _stop_where_said(self, test: Any, message: str) -> None:
        if self.until and self.until in _last_part(test.id(), message):
            self.stop()


def _last_part(name: str, message: str) -> str:
    """What a test says, without the way through its lines."""
    lines = message.splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("AssertionError")), len(lines) - 1)
    return "\n".join([f"{name}:", *lines[start:]])
