"""`python -m Protocols grade`: any folder is tested, whatever its code does, and nothing of it is harmed."""

import contextlib
import csv
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import NeuralNetworkTests
from NeuralNetworkTests import TASKS
from Protocols.grading.command import main

pytestmark = pytest.mark.newest

ROOT = Path(__file__).parent.parent

BASE = """
class BaseLayer:
    trainable = False
    testing_phase = False
"""
RELU = """
import numpy as np
from Layers.Base import BaseLayer

class ReLU(BaseLayer):
    def forward(self, input_tensor):
        self.positive = input_tensor > 0
        return np.where(self.positive, input_tensor, 0)

    def backward(self, error_tensor):
        return np.where(self.positive, error_tensor, 0)
"""
FLATTEN = """
from Layers.Base import BaseLayer

class Flatten(BaseLayer):
    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        return input_tensor.reshape(len(input_tensor), -1).copy()

    def backward(self, error_tensor):
        return error_tensor.reshape(self.shape).copy()
"""
SOLUTION = {"Layers/Base.py": BASE, "Layers/ReLU.py": RELU, "Layers/Flatten.py": FLATTEN}

#: One mischief for each task.
HOSTILE = {
    **SOLUTION,
    "Layers/Flatten.py": FLATTEN.replace("self.shape = ", "while True: pass\n        self.shape = "),
    "Layers/Sigmoid.py": "import os\nos._exit(0)",
    "Layers/SoftMax.py": "import sys\nsys.exit(0)",
    "Layers/TanH.py": "class TanH\n    pass",
    "Layers/Dropout.py": "def deeper(): deeper()\ndeeper()",
    "Layers/Pooling.py": "input('what now? ')",
    "Layers/Conv.py": "import ctypes\nctypes.string_at(0)",
    "Layers/RNN.py": "while True: print('step', flush=True)",
    "Layers/LSTM.py": "import numpy as np\nmuch = []\nwhile True: much.append(np.zeros(10**8))",
    "Layers/BatchNormalization.py": """
import os, subprocess, sys, threading
print("before the children")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600.25)"], start_new_session=True)
threading.Thread(target=threading.Event().wait).start()
child.wait()
""",
    "Optimization/Loss.py": "raise KeyboardInterrupt",
    "Generator/pattern.py": """
import os, shutil
open("written.txt", "w").write("here")
folder = os.path.dirname(os.path.abspath(__file__))
open(os.path.join(folder, "beside.txt"), "w").write("there")
os.remove(os.path.join(folder, "kept.txt"))
shutil.rmtree(os.path.join(folder, "..", "Layers"))
class Checker: pass
""",
    "Generator/kept.txt": "kept",
}
#: What the report has to say about each of them, and about what is missing.
SAID = {
    "TestFlatten": ["endless loop", "Layers/Flatten.py, line 6, forward", "not run after that"],
    "TestSigmoid": ["ended itself, with exit status 0", "os._exit"],
    "TestSoftMax": ["SystemExit: 0"],
    "TestTanH": ["SyntaxError", "Layers/TanH.py", "line 1"],
    "TestDropout": ["RecursionError"],
    "TestPooling": ["EOFError", "what now?"],
    "TestConv": ["SIGSEGV", "Layers/Conv.py"],
    "TestRNN": ["endless loop", "Layers/RNN.py, line 1", "step\n", "[…]"],
    "TestLSTM": ["MemoryError"],
    "TestBatchNorm": [
        "only waited: for a lock, a child",
        "Layers/BatchNormalization.py, line 6",
        "before the children",
    ],
    "TestCrossEntropyLoss": ["KeyboardInterrupt"],
    "TestOptimizers": ["not yet written: Optimization/Optimizers.py"],
    "TestLeNet": ["not yet written: Models/LeNet.py"],
    "TestNeuralNetwork": ["not yet written: "],
    "TestCircle": ["not yet written: Circle in Generator/pattern.py"],
}


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(*arguments: object, suite: Path | None = None, **options) -> subprocess.CompletedProcess:
    """The teacher's tool in a process, or a copy of the tests."""
    program = ["-m", "Protocols", "grade"] if suite is None else [str(suite)]
    command = [sys.executable, *program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **{"cwd": ROOT} | options)


def alive(words: str) -> bool:
    """Whether there is a process with these words in its command line."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if words.encode() in process.read_bytes():
                return True
    return False


def soon(condition, seconds=10.0) -> bool:
    end = time.monotonic() + seconds
    while not (reached := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return bool(reached)


@pytest.fixture
def solution(tmp_path):
    return write(tmp_path / "solution", SOLUTION)


# -- a folder that does its worst


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Folder, contents before the run, the run, and what it wrote for Gradescope, by task."""
    place = tmp_path_factory.mktemp("hostile")
    folder = write(place / "theirs", HOSTILE)
    before = contents(folder)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    asked = ["TestReLU", *SAID, folder, "--time-limit", 3, "--json", place / "results.json"]
    done = run(*asked, env=environment)
    written = json.loads((place / "results.json").read_text(encoding="utf-8"))
    return folder, before, done, {test["extra_data"]["test_class"]: test for test in written["tests"]}


def test_one_task_costs_no_other(hostile):
    _, _, done, tasks = hostile
    assert done.returncode == 1
    assert done.stderr == ""
    assert [name for name, task in tasks.items() if task["status"] == "passed"] == ["TestReLU"]
    assert tasks["TestReLU"]["score"] == tasks["TestReLU"]["max_score"] == 10
    assert all(task["score"] == 0 for name, task in tasks.items() if name != "TestReLU")


@pytest.mark.parametrize("task, said", SAID.items())
def test_the_report_says_what_happened(hostile, task, said):
    _, _, done, tasks = hostile
    for words in said:
        assert words in tasks[task]["output"]
    assert "course-tests-" not in done.stdout + tasks[task]["output"]  # paths are those of the folder, not of its copy
    assert len(done.stdout) < 200_000


def test_a_crash_is_called_a_crash_however_late_it_comes():
    stopwatch = NeuralNetworkTests.Stopwatch(1e-9, lambda: [])
    assert "SIGSEGV" in NeuralNetworkTests.why_it_ended(-signal.SIGSEGV, "", "", "theirs")
    assert "stopped after" in NeuralNetworkTests.why_it_ended(1, stopwatch.over(), "", "theirs")


def test_the_folder_is_as_it_was(hostile):
    folder, before, _, _ = hostile
    assert contents(folder) == before


@pytest.mark.usefixtures("hostile")
def test_no_child_survives_its_task():
    assert soon(lambda: not alive("time.sleep(600.25)"))


@pytest.mark.parametrize("sandbox", ["auto", "landlock", "none"])
@pytest.mark.parametrize("how, status", [(signal.SIGINT, 130), (signal.SIGTERM, 1), (signal.SIGKILL, -9)])
def test_no_process_survives_the_program(tmp_path, how, status, sandbox):
    seconds = f"600.{secrets.randbelow(10**9)}"
    child = f"[sys.executable, '-c', 'import time; time.sleep({seconds})'], start_new_session=True"
    endless = f"import subprocess, sys, time\nsubprocess.Popen({child})\nwhile True: time.sleep(1)"
    folder = write(tmp_path / "endless", {"Layers/ReLU.py": endless})
    command = [
        sys.executable,
        "-m",
        "Protocols",
        "grade",
        "TestReLU",
        folder,
        "--time-limit",
        "20",
        "--sandbox",
        sandbox,
    ]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    program = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"TMPDIR": str(temporary)}, stderr=subprocess.DEVNULL
    )
    assert soon(lambda: alive(f"sleep({seconds})"))
    program.send_signal(how)
    assert program.wait(10) == status
    assert soon(lambda: not alive(f"sleep({seconds})"))
    assert how == signal.SIGKILL or not list(temporary.iterdir())


# -- choosing


def test_a_task_and_a_test_can_be_chosen(solution, capsys):
    assert main(["TestReLU.test_forward", "TestFlatten", str(solution)]) == 0
    printed = capsys.readouterr().out
    assert "1.3  TestReLU                  1 of 1" in printed
    assert "TestFlatten" in printed
    assert "TestConv" not in printed
    assert printed.endswith("2 tasks passed\n")


def test_names_may_follow_the_folder(solution, capsys):
    assert main(["--jobs", "1", str(solution), "TestReLU"]) == 0
    assert "1 of 1 task passed" in capsys.readouterr().out


def test_a_part_can_be_chosen(solution, capsys):
    assert main(["--part", "2", str(solution)]) == 1
    printed = capsys.readouterr().out
    assert "TestFlatten" in printed
    assert "TestReLU" not in printed
    assert "1 of 6 tasks passed, 5 not yet written" in printed


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["TestConvv", str(ROOT)], "there is no TestConvv; did you mean TestConv?"),
        (["lstm", str(ROOT)], "there is no lstm; did you mean TestLSTM"),
        (["TestReLU.test_foward", str(ROOT)], "there is no TestReLU.test_foward; did you mean TestReLU.test_forward"),
        (["Xyzzy", str(ROOT)], "there is no Xyzzy; there are TestCheckers, TestCircle,"),
        (["nowhere"], "there is no nowhere; there are TestCheckers"),
        ([str(ROOT), "--time-limit", "0"], "expected a number above 0, got 0"),
        ([str(ROOT), "--jobs", "many"], "expected a number above 0, got many"),
        (["TestReLU"], "expected a folder or an archive to grade"),
        ([str(ROOT), "--json", __file__ + "/results.json"], "cannot write"),
        ([str(ROOT), "--part", "7"], "invalid choice"),
    ],
)
def test_wrong_usage_is_said_in_one_line(arguments, said, capsys):
    try:
        status = main(arguments)
    except SystemExit as stopped:
        status = stopped.code
    printed = capsys.readouterr()
    assert status == 2
    assert printed.out == ""
    assert said in printed.err.splitlines()[-1]


# -- whose code it is


def test_a_folder_without_a_file_of_the_course_cannot_be_tested(tmp_path, capsys):
    folder = write(tmp_path / "other", {"report.pdf": "", "exercise.docx": ""})
    assert main([str(folder), "TestReLU"]) == 1
    printed = capsys.readouterr()
    assert "cannot be tested: no file of the course, only exercise.docx, report.pdf" in printed.err
    assert "not yet" not in printed.out


def test_what_is_missing_is_not_yet_even_where_the_library_is_installed(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = write(tmp_path / "begun", {"Layers/Base.py": BASE})
    assert main([str(folder), "TestCircle", "TestReLU", "TestSigmoid"]) == 1
    assert "0 of 3 tasks passed, 3 not yet written" in capsys.readouterr().out


def test_a_folder_without_init_files_does_not_grow(solution, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert main([str(solution), "TestReLU", "TestSigmoid"]) == 1
    printed = capsys.readouterr().out
    assert "11 of 11" in printed
    assert "not yet   Layers/Sigmoid.py" in printed


def test_two_folders_without_init_files_are_not_mixed(solution, tmp_path, capsys, monkeypatch):
    elsewhere = write(tmp_path / "elsewhere", {"Layers/Sigmoid.py": "class Sigmoid: pass"})
    monkeypatch.setenv("PYTHONPATH", str(elsewhere))
    write(solution, {"Layers/ReLU.py": f"import sys\nsys.path.append('new')\nfrom Layers import Sigmoid\n{RELU}"})
    assert main([str(solution), "TestReLU"]) == 1
    assert "cannot import name 'Sigmoid'" in capsys.readouterr().out


def test_relative_files_are_read_from_the_folder_and_written_elsewhere(solution, capsys):
    noted = "open('written.txt', 'w').write(open('notes/note.txt').read())\n"
    write(solution, {"Layers/ReLU.py": noted + RELU, "notes/note.txt": "mine", "notes/.hidden": "", "data.bin": ""})
    os.symlink("..", solution / "notes" / "circle")
    os.mkfifo(solution / "pipe")
    before = contents(solution)
    assert main([str(solution), "TestReLU"]) == 0
    assert contents(solution) == before


def test_a_solution_may_lie_deeper(solution, tmp_path, capsys):
    outer = tmp_path / "handed in"
    (outer / "exercise").mkdir(parents=True)
    solution.rename(outer / "exercise" / "src")
    write(outer, {"__MACOSX/Layers/ReLU.py": "", ".git/Layers/ReLU.py": "", "venv/pyvenv.cfg": "", "venv/Layers/x": ""})
    assert main([str(outer), "TestReLU"]) == 0
    write(outer / "exercise" / "old", {"Layers/ReLU.py": "raise ValueError('old')"})
    capsys.readouterr()
    assert main([str(outer), "TestReLU"]) == 1
    assert "several folders hold a solution: exercise/old, exercise/src" in capsys.readouterr().err


def test_the_tests_draw_the_pictures_that_they_need(tmp_path, capsys):
    generator = (ROOT / "tests/mutation/reference/Generator.generator.reference.py").read_text(encoding="utf-8")
    folder = write(tmp_path / "generator", {"Generator/generator.py": generator})
    assert main([str(folder), "TestGen"]) == 0
    assert not (folder / "Generator" / "Sample_data").exists()


# -- what the code prints


def test_prints_are_shown_where_they_are_looked_for(solution, capsys):
    write(
        solution,
        {
            "Layers/ReLU.py": RELU.replace(
                "        self.positive = ", "        print('\\033[2Jhere')\n        self.positive = "
            )
        },
    )
    assert main([str(solution), "TestReLU.test_forward"]) == 0
    printed = capsys.readouterr().out
    assert "The code printed:" in printed
    assert "�[2Jhere" in printed
    assert "\033" not in printed


def test_a_failed_assertion_of_the_code_itself_is_shown_with_its_line(solution, capsys):
    write(
        solution,
        {
            "Layers/ReLU.py": RELU.replace(
                "        self.positive = ", "        assert input_tensor is None\n        self.positive = "
            )
        },
    )
    assert main([str(solution), "TestReLU.test_forward"]) == 1
    assert f'File "{solution}/Layers/ReLU.py", line 7, in forward' in capsys.readouterr().out


def test_one_cause_is_told_once(solution, capsys):
    write(solution, {"Layers/ReLU.py": RELU.replace("input_tensor > 0", "input_tensr > 0")})
    assert main([str(solution), "TestReLU"]) == 1
    printed = capsys.readouterr().out
    assert printed.count("NameError: name 'input_tensr' is not defined") == 1
    assert "    The same in test_" in printed


# -- points


def test_points_are_all_or_nothing(solution, capsys):
    write(solution, {"Layers/ReLU.py": RELU.replace("self.positive, error_tensor", "~self.positive, error_tensor")})
    arguments = [str(solution), "TestReLU", "TestFlatten", "TestDropout"]
    assert main([*arguments, "Bonus"]) == 1
    printed = capsys.readouterr().out
    assert main(["--points", *arguments]) == 1
    assert capsys.readouterr().out == printed
    rows = (line.partition("Test") for line in printed.splitlines() if line.startswith("  "))
    lines = {(test + rest).split()[0]: " ".join(rest.split()[1:]) for _, test, rest in rows}
    assert "  1.3  ReLU                          TestReLU " in printed
    assert lines["TestFlatten"] == "10 of 10 5 of 5 %"
    assert lines["TestDropout"] == "not yet 0 of 5 %"
    assert lines["TestReLU"].endswith("of 11 0 of 10 %")
    assert not lines["TestReLU"].startswith(("11", "0"))
    assert "Part 1: 0 %\nPart 2: 5 %\nPart 3: 0 %\n1 of 3 tasks passed, 1 not yet written, 1 failed\n" in printed


def test_some_tests_of_a_task_give_no_points(solution, capsys):
    assert main(["--points", str(solution), "TestReLU.test_forward"]) == 0
    assert "1 of 1   0 of 10 %" in capsys.readouterr().out


# -- Gradescope


def test_gradescope_can_read_the_results(hostile):
    folder, _, _, tasks = hostile
    results = json.loads((folder.parent / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == sum(task["score"] for task in tasks.values()) == 10
    assert results["execution_time"] > 0
    assert results["output"].startswith("1 of 16 tasks passed")
    assert [task["name"].split("(")[1][:-1] for task in results["tests"]] == [
        entry.test for entry in TASKS if entry.test in {"TestReLU", *SAID}
    ]
    assert {task["status"] for task in results["tests"]} == {"passed", "failed"}
    assert tasks["TestConv"]["number"] == "2.4"
    assert tasks["TestReLU"]["extra_data"]["passed"] == tasks["TestReLU"]["extra_data"]["total"] == 11
    assert tasks["TestLSTM"]["extra_data"]["passed"] == 0
    assert [path.name for path in folder.parent.glob("results*")] == ["results.json"]


# -- many submissions


def test_many_submissions_are_graded_by_one_command(tmp_path, capsys):
    every = tmp_path / "submissions"
    write(every / "group01", SOLUTION)
    write(
        every / "group02", SOLUTION | {"Layers/ReLU.py": "from Layers.helping import ReLU", "Layers/helping.py": RELU}
    )
    write(every / "group03", SOLUTION | {"Layers/ReLU.py": "from Layers.helping import ReLU"})
    write(every / "group04", {})
    write(every, {"group05.zip": "no zip file", "group06.rar": "", "=1+1.rar": ""})
    with zipfile.ZipFile(every / "group07.zip", "w") as archive:
        for name, content in SOLUTION.items():
            archive.writestr(f"my solution/src/{name}", content)
        archive.writestr("../../escaped.txt", "")
    with zipfile.ZipFile(every / "group01.zip", "w") as archive:
        archive.writestr("Layers/Base.py", BASE)
    before = contents(every)
    arguments = ["TestReLU", "TestFlatten", "--csv", str(tmp_path / "marks.csv"), "--json", str(tmp_path / "reports")]
    assert main([*arguments, *map(str, sorted(every.iterdir()))]) == 1
    printed = capsys.readouterr().out
    assert contents(every) == before
    assert not list(tmp_path.rglob("escaped.txt"))[1:]
    with open(tmp_path / "marks.csv", encoding="utf-8", newline="") as file:
        marks = {line["submission"]: line for line in csv.DictReader(file)}
    points = {
        name: (line["Part 1"], line["Part 2"], line["TestReLU"], line["TestFlatten"]) for name, line in marks.items()
    }
    assert points == {
        "group01": ("10", "5", "10", "5"),
        "group01'": ("0", "0", "0", "0"),
        "group02": ("10", "5", "10", "5"),
        "group03": ("0", "5", "0", "5"),
        "group04": ("0", "0", "0", "0"),
        "group05": ("0", "0", "0", "0"),
        "group06.rar": ("0", "0", "0", "0"),
        "group07": ("10", "5", "10", "5"),
        "'=1+1.rar": ("0", "0", "0", "0"),
    }
    assert "group05.zip is broken" in marks["group05"]["remark"]
    assert "neither a folder nor an archive" in marks["group06.rar"]["remark"]
    assert len(printed.splitlines()) == 1 + len(points)
    assert {path.stem for path in (tmp_path / "reports").iterdir()} == {name.removeprefix("'") for name in marks}
    report = json.loads((tmp_path / "reports" / "group03.json").read_text(encoding="utf-8"))
    assert "Layers/helping.py" in report["tests"][0]["output"]
    assert json.loads((tmp_path / "reports" / "group05.json").read_text(encoding="utf-8"))["score"] == 0


def test_a_star_that_the_shell_left_alone_is_expanded(tmp_path, capsys):
    for name in ("group01", "group02"):
        write(tmp_path / "submissions" / name, SOLUTION)
    assert main([str(tmp_path / "submissions" / "*"), "TestFlatten"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Part", "group01", "group02"]
