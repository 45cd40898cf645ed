"""`python NeuralNetworkTests.py`: the code beside it is tested, whatever it does, and one task costs no other."""

import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

import pytest

import NeuralNetworkTests
from NeuralNetworkTests import TASKS
from tests.test_grading import FLATTEN, ROOT, SOLUTION, alive, run, soon, write

pytestmark = pytest.mark.newest


@pytest.fixture
def solution(tmp_path):
    """A student's folder with the suite in it."""
    folder = write(tmp_path / "solution", SOLUTION)
    shutil.copyfile(ROOT / "NeuralNetworkTests.py", folder / "NeuralNetworkTests.py")
    return folder


def run_in(folder, *arguments, **options):
    return run(*arguments, suite=folder / "NeuralNetworkTests.py", **options)


# -- the table of tasks


def test_every_test_class_is_one_task():
    classes = [
        name
        for name, item in vars(NeuralNetworkTests).items()
        if isinstance(item, type) and issubclass(item, unittest.TestCase) and name.startswith("Test")
    ]
    assert [entry.test for entry in TASKS] == classes  # in the order of the file, each once


def test_every_file_of_a_task_exists():
    assert all((ROOT / file).is_file() for entry in TASKS for file in entry.files)


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_the_tasks_of_a_part_give_100_percent(part):
    assert sum(entry.points for entry in TASKS if entry.part == part and not entry.bonus) == 100


def test_part_3_has_the_points_of_the_course():
    points = {entry.test: entry.points for entry in TASKS if entry.part == 3 and not entry.bonus and entry.points}
    assert points == {
        "TestConstraints": 5,
        "TestDropout": 5,
        "TestBatchNorm": 25,
        "TestTanH": 2.5,
        "TestSigmoid": 2.5,
        "TestRNN": 40,
        "TestNeuralNetwork3": 20,
    }


def test_unittest_finds_every_task():
    suite = unittest.defaultTestLoader.loadTestsFromModule(NeuralNetworkTests)
    tests = [test for task in suite for test in task]
    assert {type(test).__name__ for test in tests} == {entry.test for entry in TASKS}


# -- the code beside it


def test_the_file_works_alone_beside_a_solution(solution):
    (solution / "NeuralNetworkTests.py").write_bytes((ROOT / "NeuralNetworkTests.py").read_bytes())
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = run(
        "TestReLU", "TestSigmoid", suite=solution / "NeuralNetworkTests.py", cwd=solution.parent, env=environment
    )
    assert done.stderr == ""
    assert "11 of 11" in done.stdout
    assert "not yet   Layers/Sigmoid.py" in done.stdout
    assert not list(solution.rglob("__pycache__"))


def test_files_that_are_called_like_modules_of_python_disturb_nothing(solution):
    write(solution, dict.fromkeys(("random.py", "queue.py", "numpy.py"), "raise SystemExit('mine')"))
    done = run_in(solution, "TestReLU")
    assert (done.stderr, done.returncode) == ("", 0)


def test_pytest_and_unittest_run_the_file(solution):
    (solution / "NeuralNetworkTests.py").write_bytes((ROOT / "NeuralNetworkTests.py").read_bytes())
    for command in (
        ["unittest", "-q", "NeuralNetworkTests.TestReLU"],
        ["pytest", "-q", "NeuralNetworkTests.py::TestReLU"],
    ):
        subprocess.run([sys.executable, "-m", *command], cwd=solution, capture_output=True, check=True, timeout=60)


def test_one_task_costs_no_other(solution):
    write(
        solution,
        {
            "Layers/Flatten.py": FLATTEN.replace("self.shape = ", "while True: pass\n        self.shape = "),
            "Layers/Sigmoid.py": "import os\nos._exit(0)",
            "Layers/TanH.py": "class TanH\n    pass",
            "Layers/RNN.py": "while True: print('step', flush=True)",
        },
    )
    asked = ("TestReLU", "TestFlatten", "TestSigmoid", "TestTanH", "TestRNN")
    done = run_in(solution, *asked, "--time-limit", 3)
    assert done.returncode == 1
    assert "1 of 5 tasks passed, 4 failed" in done.stdout
    for said in ("endless loop", "ended itself, with exit status 0", "SyntaxError", "Layers/RNN.py, line 1"):
        assert said in done.stdout
    assert len(done.stdout) < 20_000


@pytest.mark.parametrize(
    ("at_a_terminal", "said"), [(True, "TestReLU is still running; it is stopped after 60 s"), (False, "")]
)
def test_whoever_waits_long_at_a_terminal_is_told_for_what(at_a_terminal, said, monkeypatch, capsys):
    monkeypatch.setattr(NeuralNetworkTests, "SILENCE", 0.01)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: at_a_terminal)
    entry = next(entry for entry in TASKS if entry.test == "TestReLU")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert NeuralNetworkTests.patiently(pool.submit(time.sleep, 0.1), entry, 60.0) is None
        assert NeuralNetworkTests.patiently(pool.submit(abs, -3), entry, 60.0) == 3
    assert capsys.readouterr().err.strip(" …\n") == said


def test_points_are_printed_for_what_is_written(solution):
    done = run_in(solution, "TestReLU", "TestDropout", "Bonus")
    assert "11 of 11   10 of 10 %" in done.stdout
    assert "not yet   0 of 5 %" in done.stdout
    assert "Part 1: 10 %\nPart 3: 0 %\n1 of 2 tasks passed, 1 not yet written\n" in done.stdout
    assert run_in(solution, "--points", "TestReLU", "TestDropout").stdout == done.stdout


@pytest.mark.parametrize("how, status", [(signal.SIGINT, 130), (signal.SIGTERM, 1), (signal.SIGKILL, -9)])
def test_no_process_survives_the_program(solution, how, status):
    write(solution, {"Layers/ReLU.py": "import time\nwhile True: time.sleep(1)"})
    command = [sys.executable, solution / "NeuralNetworkTests.py", "TestReLU", "--time-limit", "2"]
    program = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    task = f"{solution / 'NeuralNetworkTests.py'}\0{NeuralNetworkTests.IN_THIS_PROCESS}"
    assert soon(lambda: alive(task))
    program.send_signal(how)
    assert program.wait(10) == status
    assert soon(lambda: not alive(task))


def test_the_suite_alone_says_where_the_teachers_tool_is(solution, tmp_path):
    done = run_in(solution, "--against", solution, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "python -m Protocols grade" in done.stderr
    assert "whole repository" in done.stderr


def test_against_hands_over_to_the_teachers_tool(solution):
    (solution / "NeuralNetworkTests.py").unlink()
    done = run("TestReLU", f"--against={solution}", suite=ROOT / "NeuralNetworkTests.py")
    assert done.stdout.startswith(f"Testing {solution}\n")
    assert "1 of 1 task passed" in done.stdout


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["TestConvv"], "there is no TestConvv; did you mean TestConv?"),
        (["--time-limit", "0"], "expected a number above 0, got 0"),
        ([str(ROOT)], f"did you mean --against {ROOT}?"),
    ],
)
def test_wrong_usage_is_said_in_one_line(arguments, said, capsys):
    try:
        status = NeuralNetworkTests.main(arguments)
    except SystemExit as stopped:
        status = stopped.code
    printed = capsys.readouterr()
    assert status == 2
    assert printed.out == ""
    assert said in printed.err.splitlines()[-1]
