"""Submissions that waste, wait and leave things behind: it costs them their task, and nobody else anything."""

import os
import secrets

import pytest

from Protocols.grading import processes, scratch
from Protocols.grading.command import main
from tests.grading.places import RIGHT, each_box, grade, hostile, marks, write
from tests.grading.test_attacks import FORGED, in_tests
from tests.test_grading import alive, soon

SLEEP = f"600.{secrets.randbelow(10**9)}"

pytestmark = pytest.mark.slow

#: Code, and what the remark says of it.
MISCHIEF = {
    "record_endless": (
        in_tests("with open(record, 'wb') as file: file.write(bytes(9 * 2**20))\nos._exit(0)"),
        "the record of its tests is larger",
    ),
    "record_pipe": (in_tests("os.remove(record); os.mkfifo(record); os._exit(0)"), "is no regular file"),
    "record_link": (in_tests("os.remove(record); os.symlink('/dev/zero', record); os._exit(0)"), "can't be opened"),
    "record_folder": (in_tests("os.remove(record); os.mkdir(record); os._exit(0)"), "is no regular file"),
    "record_list": (in_tests("open(record, 'w').write('[]\\n'); os._exit(0)"), "an event that no test writes"),
    "record_deep": (in_tests("open(record, 'w').write('[' * 10**5 + '\\n'); os._exit(0)"), "a line that is no event"),
    "record_bytes": (in_tests("open(record, 'wb').write(bytes(range(128, 256)) + b'\\n'); os._exit(0)"), "no event"),
    "trace_pipe": (in_tests("os.remove(record + '.trace'); os.mkfifo(record + '.trace'); os._exit(0)"), "regular file"),
    "status_200": ("import os; os._exit(200)", "exit status 200"),
    "much_written": (
        "import os, time\nfor n in range(3): os.posix_fallocate(os.open(f'{n}', os.O_CREAT | 2), 0, 150 * 2**20)"
        "\ntime.sleep(60)",
        "wrote more than 400 MB",
    ),
    "much_nameless": (
        "import os, time\nfor n in range(3):\n    handle = os.open('one', os.O_CREAT | os.O_RDWR); os.remove('one')\n"
        "    os.posix_fallocate(handle, 0, 150 * 2**20)\ntime.sleep(60)",
        "wrote more than 400 MB",
    ),
    "deep": (
        "import os\nwhile True: os.mkdir('d'); os.chdir('d')",
        "made folders 60 deep",
    ),
    "deep_and_gone": ("import os\nfor _ in range(3000): os.mkdir('d'); os.chdir('d')\nos._exit(0)", ""),
    "closed_folder": ("import os\nos.mkdir('d'); open('d/e', 'w').close(); os.chmod('d', 0)\nos.chmod('.', 0)", ""),
    "forks": (
        "import os, time\nfor _ in range(60):\n    if not os.fork(): time.sleep(60)\ntime.sleep(60)",
        "started too many processes",
    ),
    "outliving": (
        FORGED
        + in_tests(f"""
            import subprocess, time
            code = "import time; time.sleep({SLEEP})"
            if not os.fork():
                os.setsid()
                subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
                subprocess.run([sys.executable, "-c", code])
            time.sleep(0.2); forge(record); os._exit(0)"""),
        "",
    ),
    "another_program": (
        f"""
import os, subprocess, sys
code = "import time; time.sleep({SLEEP})"
if not os.fork():
    subprocess.run([sys.executable, "-c", code], start_new_session=True)
os.execv(sys.executable, [sys.executable, "-c", code])""",
        "stopped after 2 s",
    ),
    "prints_for_ever": ("while True: print('x' * 1000)", "stopped after 2 s"),
    "patient": (
        "import faulthandler, os, signal, time\nfaulthandler.cancel_dump_traceback_later()\n"
        "for n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "while True: time.sleep(1)",
        "stopped after 2 s",
    ),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The run over all of them, with a right one before and behind, and its table; by box."""
    results = {}

    def result(box):
        if box not in results:
            place = tmp_path_factory.mktemp(box)
            codes = {name: code for name, (code, _) in MISCHIEF.items()}
            everybody = [hostile(place / name, code) for name, code in sorted(codes.items())]
            everybody = [write(place / "a_right", RIGHT), *everybody, write(place / "z_right", RIGHT)]
            (place / "temporary").mkdir()
            asked = ["TestReLU", "--sandbox", box, "--csv", place / "marks.csv", "--time-limit", 2]
            run = grade(*everybody, *asked, env={**os.environ, "TMPDIR": str(place / "temporary")}, seconds=300)
            results[box] = run, marks(place / "marks.csv"), list((place / "temporary").iterdir())
        return results[box]

    return result


@each_box()
@pytest.mark.parametrize("what", MISCHIEF)
def test_it_costs_the_task_and_is_said(done, box, what):
    _, rows, _ = done(box)
    assert rows[what]["TestReLU"] == "0"
    assert MISCHIEF[what][1] in rows[what]["remark"]


def test_many_files_are_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "FILES", 100)
    for number in range(100):
        (tmp_path / f"{number}").mkdir()
    assert scratch.excess(str(tmp_path), os.getpid()) == ""
    (tmp_path / "one more").mkdir()
    assert scratch.excess(str(tmp_path), os.getpid()) == "it wrote more than 100 files"


@each_box()
def test_nobody_else_pays(done, box):
    run, rows, left = done(box)
    assert run.stderr == ""
    assert run.returncode == 1
    assert list(rows) == ["a_right", *sorted(MISCHIEF), "z_right"]
    assert {(rows[name]["TestReLU"], rows[name]["remark"]) for name in ("a_right", "z_right")} == {("10", "")}
    assert left == []
    assert soon(lambda: not alive(f"sleep({SLEEP})"), 3)


def test_who_was_stopped_three_times_waits_no_more(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "SHORT_TIME_LIMIT", 0.5)
    loops = {f"Layers/{name}.py": "while True: pass" for name in ("ReLU", "SoftMax", "TanH", "Sigmoid", "RNN")}
    tasks = ("TestReLU", "TestSoftMax", "TestTanH", "TestSigmoid", "TestRNN")
    assert main([str(write(tmp_path / "loops", loops)), *tasks, "--time-limit", "1.5", "--jobs", "1"]) == 1
    printed = capsys.readouterr().out
    assert [printed.count(f"stopped after {seconds} s") for seconds in ("1.5", "0.5")] == [6, 4]  # in table and details
