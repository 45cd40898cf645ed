"""The limit of a task's time: a busy machine costs nobody a point, and whoever sleeps or computes for ever is ended."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

import NeuralNetworkTests as suite
from Protocols.grading import boxes, examination
from Protocols.grading.examination import Examination
from Protocols.grading.processes import Runner
from Protocols.grading.submissions import Submission
from tests.grading.places import RIGHT, each_box, grade, hostile, marks, write
from tests.test_course_runner import run_in
from tests.test_course_runner import solution as solution

pytestmark = [
    pytest.mark.newest,
    pytest.mark.skipif(suite.LONGEST == 1, reason="this system doesn't tell who waits for a processor"),
]

SPIN = "import time\nwhile time.process_time() < {seconds}: pass"


@contextlib.contextmanager
def one_busy_processor(programs: int = 5) -> Iterator[None]:
    """One processor for this thread and what it starts, where so many other programs compute as well."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    command = [sys.executable, "-I", "-S", "-c", "while True: pass"]
    # each in a session of its own: Linux may share processors between sessions before it does between processes
    others = [subprocess.Popen(command, start_new_session=True) for _ in range(programs)]
    try:
        yield
    finally:
        for process in others:
            process.kill()
            process.wait()
        os.sched_setaffinity(0, before)


def watched(code: str, limit: float) -> tuple[str, float]:
    """Which limit a program reaches, and the seconds on the wall until then or until its end."""
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", code], start_new_session=True) as process:
        try:
            stopped = suite.wait(process, limit)
        finally:
            suite.kill(process)
    return stopped, time.monotonic() - began


def test_waiting_for_a_processor_is_no_part_of_the_time():
    with one_busy_processor():
        stopped, lasted = watched(SPIN.format(seconds=0.4), 1.0)
    assert stopped == ""
    assert lasted > 1.0, "the processor was not busy enough for this test to show anything"


@pytest.mark.parametrize(
    "code, said",
    [(SPIN.format(seconds=600), "an endless loop"), ("import time; time.sleep(600)", "only waited")],
    ids=["computing", "sleeping"],
)
def test_who_goes_on_for_ever_is_ended(code, said):
    stopped, lasted = watched(code, 0.8)
    assert stopped.startswith("stopped after 0.8 s")
    assert said in stopped
    assert lasted < suite.LONGEST * 0.8 + suite.GRACE


def test_who_never_gets_a_processor_is_ended_as_well():
    stopwatch = suite.Stopwatch(0.01, lambda: [])
    stopwatch.waited = 600.0
    time.sleep(0.01 * suite.LONGEST)
    assert "the machine was too busy" in stopwatch.over()


def counted(*looks):
    """What was computed and waited after these looks, one a second.

    Each is: of each process its seconds and its children's; of each thread the seconds that it ran and waited, and its
    state; the same of whoever looks.
    """
    stopwatch = suite.Stopwatch(60.0, list)
    before = ({}, {}, (0.0, 0.0, "R"))
    for look in looks:
        now = (*look, *before[len(look) :])
        stopwatch.add(*before, *now, 1.0)
        before = now
    return round(stopwatch.computed, 6), round(stopwatch.waited, 6)


def test_what_all_processes_compute_counts():
    assert counted([{"a": (1, 0)}], [{"a": (2, 0), "b": (3, 0), "c": (4, 0)}])[0] == 9


def test_what_an_ended_child_computed_counts_once_where_its_parent_waits_for_it():
    assert counted([{"a": (1, 0), "b": (3, 0)}], [{"a": (1, 3.5)}])[0] == 4.5


def test_what_an_ended_child_computed_counts_where_nobody_waits_for_it():
    assert counted([{"a": (0, 0), "b": (0, 0)}], [{"a": (0, 0), "b": (3, 0)}], [{"a": (0, 0)}])[0] == 3


def test_of_several_threads_the_longest_waiting_counts():
    process = {"a": (1, 0)}
    looks = [{1: (1, 0.25, "S"), 2: (1, 0.5, "S")}, {1: (2, 1.25, "R"), 2: (2, 0.75, "S"), 3: (1, 0.5, "S")}]
    assert counted(*([process, look] for look in looks))[1] == 0.5 + 1


def test_a_thread_that_got_no_processor_yet_has_waited():
    process, asleep = {"a": (1, 0)}, (1.0, 0.0, "S")
    looks = [(1.0, 0.0, "R"), (1.0, 0.0, "R"), (1.25, 0.0, "R"), (1.5, 2.25, "S"), (1.5, 3.0, "S")]
    assert counted(*([process, {1: look}] for look in looks))[1] == 3
    assert counted(*([process, {1: asleep}] for _ in range(3)))[1] == 0


def test_who_starts_processes_again_and_again_waits_in_his_own_time():
    looks = [[{"a": (1, 0), number: (0, 0)}, {1: (0, 5.0 * number, "R")}] for number in range(100)]
    assert counted(*looks)[1] < 5.0 * suite.FEW


def test_whoever_looks_too_late_does_not_count_it():
    assert counted([{}, {}, (0, 1.0, "R")], [{}, {}, (0, 3.0, "R")])[1] == 3


# -- in the teacher's tool and in the student's runner


@pytest.mark.slow
def test_a_right_task_keeps_its_points_on_a_busy_machine(tmp_path):
    submission = Submission(str(write(tmp_path / "right", RIGHT)), "right")
    submission.open(str(tmp_path / "place"))
    (entry,) = (entry for entry in suite.TASKS if entry.test == "TestReLU")
    with one_busy_processor(8):
        began = time.monotonic()
        outcome = Runner(1, 1.2, boxes.choose("auto")).run_task(submission, entry, suite.names_of_tests(entry.test))
        lasted = time.monotonic() - began
    assert outcome.points == 10, outcome.ended
    assert lasted > 1.2, "the processor was not busy enough for this test to show anything"


@pytest.mark.slow
def test_a_fresh_question_is_answered_in_time_on_a_busy_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(examination, "PATIENCE", 0.6)
    submission = Submission(str(write(tmp_path / "right", RIGHT)), "right")
    submission.open(str(tmp_path / "place"))
    with (
        one_busy_processor(8),
        Examination(Runner(1, 60.0, boxes.choose("auto")), submission) as asking,
    ):
        began = time.monotonic()
        said = asking.question(examination.QUESTIONS["TestReLU"])
        lasted = time.monotonic() - began
    assert said.wrong == ""
    assert lasted > 0.6, "the processor was not busy enough for this test to show anything"


def test_the_students_runner_has_the_same_limit(solution):
    write(solution, {"Layers/ReLU.py": "import time\ntime.sleep(600)", "Layers/Flatten.py": "while True: pass"})
    done = run_in(solution, "TestReLU", "TestFlatten", "--time-limit", 1.5)
    assert "stopped after 1.5 s, most of which it only waited" in done.stdout
    assert "it was in" in done.stdout
    assert "Layers/ReLU.py, line 2, <module>" in done.stdout
    assert "stopped after 1.5 s: an endless loop, or far too slow; it was in" in done.stdout


#: Each tries to have more time than it may.
GREEDY = {
    "children nobody waits for": """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if not os.fork():
        end = time.monotonic() + 0.1
        while time.monotonic() < end: pass
        os._exit(0)
    time.sleep(0.02)""",
    "children": """
import os
for _ in range(12):
    if not os.fork():
        while True: pass
os.wait()""",
    "threads": """
import threading
def compute():
    while True: pass
for _ in range(8): threading.Thread(target=compute).start()
compute()""",
    "stopped": "import os, signal\nwhile True: signal.raise_signal(signal.SIGSTOP)",
    "a handler of its own": """
import signal
for number in range(1, 65):
    try: signal.signal(number, lambda *_: None)
    except (OSError, ValueError): pass
while True: pass""",
}


@pytest.mark.slow
def test_nobody_has_more_time_than_others(tmp_path):
    everybody = [hostile(tmp_path / name.replace(" ", "_"), code) for name, code in GREEDY.items()]
    began = time.monotonic()
    grade(*everybody, "TestReLU", "--time-limit", 0.5, "--csv", tmp_path / "marks.csv")
    assert time.monotonic() - began < len(GREEDY) * (0.5 * suite.LONGEST + suite.GRACE)
    for name, row in marks(tmp_path / "marks.csv").items():
        assert "TestReLU: stopped after 0.5 s" in row["remark"], name


#: What would let a process wait for a processor of its own will: it has no effect, and no error.
PRIORITIES = """
import os
before = os.nice(0), os.sched_getaffinity(0), os.sched_getscheduler(0)
os.nice(7)
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
after = os.nice(0), os.sched_getaffinity(0), os.sched_getscheduler(0)
assert after == before, f"{after} instead of {before}"
"""


@each_box()
def test_nobody_makes_himself_wait(tmp_path, box):
    folder = write(tmp_path / "right", {**RIGHT, "Layers/ReLU.py": PRIORITIES + RIGHT["Layers/ReLU.py"]})
    done = grade(folder, "TestReLU", "--sandbox", box)
    assert done.returncode == 0, done.stdout
