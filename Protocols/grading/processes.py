"""Runs the tasks of a submission, each in a process of its own that leaves nothing behind."""

import concurrent.futures
import functools
import os
import secrets
import select
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import NeuralNetworkTests as suite
from Protocols.grading.boxes import Box, environment
from Protocols.grading.launcher import TOO_MANY, descendants
from Protocols.grading.programs import write_program
from Protocols.grading.records import read_events, read_regular_file
from Protocols.grading.scratch import excess, scratch_folder
from Protocols.grading.submissions import Submission, copy_code

#: How many bytes of a task's output are kept, from its beginning and from its end.
OUTPUT_LIMIT = 500_000
#: After so many tasks in a row that had to be stopped, the others get so many seconds.
STOPPED_IN_A_ROW, SHORT_TIME_LIMIT = 3, 10.0


class Runner:
    """Runs tasks, each in a process of its own, and leaves no process behind.

    Args:
        jobs: how many tasks run at a time.
        time_limit: seconds for each task, of the time in which it could compute.
        box: what they run in.
    """

    def __init__(self, jobs: int, time_limit: float, box: Box) -> None:
        self.jobs = jobs
        self.box = box
        self.time_limit = time_limit
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._stopped_in_a_row = 0

    def run(self, submission: Submission, chosen: Mapping[str, list[str]]) -> Generator[suite.Outcome, None, None]:
        """The outcomes of the chosen tests, in the order of the table, each as soon as it is known."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            try:
                asked = [(entry, chosen[entry.test]) for entry in suite.TASKS if entry.test in chosen]
                futures = [pool.submit(self.run_task, submission, *item) for item in asked]
                for future, (entry, _) in zip(futures, asked, strict=True):
                    yield suite.patiently(future, entry, self.time_limit)
            except BaseException:
                self.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def start(
        self, command: Sequence[str], place: str, working_folder: str, stdin: int, stderr: int
    ) -> "subprocess.Popen[bytes]":
        """Start a process that runs a submission's code, with all it needs in `place`; whoever starts it ends it."""
        with self._lock:
            if self._stopped:
                raise concurrent.futures.CancelledError
            process = subprocess.Popen(
                self.box.command(command, (), place),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=working_folder,
                env=environment(place),
                start_new_session=True,
            )
            self._processes.add(process)
        return process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """End a process and its children."""
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)  # whoever is told ends its descendants, which may have left its group
        with self._lock:
            suite.kill(process)
            self._processes.discard(process)
        process.wait()

    def stop(self) -> None:
        """End every process, and let none begin."""
        with self._lock:
            self._stopped = True
            running = set(self._processes)
        for process in running:
            process.terminate()
        for process in running:
            self.end(process)

    def run_task(self, submission: Submission, entry: suite.Entry, tests: list[str]) -> suite.Outcome:
        """One task, in a copy of the code that is thrown away afterwards."""
        patient = self._stopped_in_a_row < STOPPED_IN_A_ROW
        time_limit = self.time_limit if patient else min(self.time_limit, SHORT_TIME_LIMIT)
        with scratch_folder() as place:
            folder = os.path.join(place, "code")
            copy_code(submission.folder, folder)
            marker = f"\0{secrets.token_hex(8)} "
            task = {
                "folder": folder,
                "test_class": entry.test,
                "tests": tests,
                "record": os.path.join(place, "record"),
                "marker": marker,
                "time_limit": time_limit,
            }
            status, output, stopped, too_much = self._run_process(task, place, folder)
            why = functools.partial(suite.why_it_ended, status, stopped, printed=len(output))
            events, ended = ([], too_much) if too_much else self._read(place, tests, why, folder)
        with self._lock:
            late = stopped != "" and ended != ""
            self._stopped_in_a_row = self._stopped_in_a_row + 1 if late else 0 if patient else STOPPED_IN_A_ROW

        def shown(text: str) -> str:
            return str(suite.clean(text.replace(folder, submission.label).replace(place + os.sep, "")))

        return suite.outcome_of(entry, tests, events, output.split(marker), ended, shown)

    def _read(self, place: str, tests: Sequence[str], why: Any, folder: str) -> tuple[list[dict[str, Any]], str]:
        """The events of a task, and what ended it before the last of them."""
        try:
            events = read_events(os.path.join(place, "record"), tests)
            trace = read_regular_file(os.path.join(place, "record.trace")).decode("utf-8", "replace")
        except ValueError as error:
            return [], f"the record of its tests {error}: nothing in it is believed"
        if events and "finished" in events[-1]:
            return events, ""
        return events, why(trace, folder)

    def _run_process(self, task: Mapping[str, Any], place: str, working_folder: str) -> tuple[int, str, str, str]:
        """Exit status and output of a task's process, none of whose children survives it; its limit, and its excess."""
        command = suite.command_of_task(write_program(suite.__file__, place), task)
        process = self.start(command, place, working_folder, subprocess.DEVNULL, subprocess.STDOUT)
        output = [b"", b""]
        assert process.stdout is not None
        reader = threading.Thread(target=_read_output, args=(process.stdout, output), daemon=True)
        reader.start()
        try:
            stopped, too_much = wait(process, task["time_limit"], place)
            if stopped:
                suite.ask_where(process, _running(command, process.pid))
            status = process.poll()
        finally:
            self.end(process)
        reader.join(5)
        status = -9 if status is None else status
        if status == TOO_MANY and not too_much:
            too_much = "it started too many processes"
        number = status - self.box.status_of_signal
        if self.box.status_of_signal and number in {*signal.Signals}:
            status = -number
        too_much = too_much and f"the process was ended: {too_much}"
        return status, b"".join(output).decode("utf-8", "replace"), stopped, too_much


def wait(process: "subprocess.Popen[bytes]", seconds: float, place: str) -> tuple[str, str]:
    """Wait for the end of a process, but not for ever, nor while it fills the disk: which limit, what is too much."""
    stopwatch, pause = suite.Stopwatch(seconds, functools.partial(family, process.pid)), suite.LOOK
    while process.poll() is None:
        _wait(process, pause)
        if process.poll() is not None:
            break
        began = time.monotonic()
        if stopped := stopwatch.over():
            return stopped, ""
        if too_much := excess(place, process.pid):
            return "", too_much
        pause = max(suite.LOOK, 10 * (time.monotonic() - began))
    return "", ""


def family(process: int) -> list[int]:
    """A process and what it has started, to be looked at."""
    return [process, *descendants(process, 100)]


def _running(command: Sequence[str], process: int) -> int:
    """The process that runs a command, whatever has been put around it."""
    words = b"".join(os.fsencode(word) + b"\0" for word in command)
    for number in family(process):
        with suppress(OSError), open(f"/proc/{number}/cmdline", "rb") as file:
            if file.read() == words:
                return number
    return process


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait for the end of a process; where the system tells of it, without the pauses of Popen.wait."""
    try:
        handle = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return
    try:
        select.select([handle], [], [], seconds)
    finally:
        os.close(handle)


def _read_output(stream: BinaryIO, output: list[bytes]) -> None:
    """Read a stream to its end; keep the beginning and the end of it."""
    with stream:
        while chunk := os.read(stream.fileno(), 65536):
            if len(output[0]) < OUTPUT_LIMIT:
                output[0] += chunk
            else:
                output[1] = (output[1] + chunk)[-OUTPUT_LIMIT:]
