"""What a submission tries to reach beyond itself: in a box it reaches nothing, and everybody keeps their marks."""

import compileall
import json
import os
from pathlib import Path

import pytest

from tests.grading.places import CLOSED_BOXES, RIGHT, each_box, grade, hostile, marks, write
from tests.mutation.workplace import ROOT

pytestmark = pytest.mark.newest

#: Lines that would reach something; whatever raises no error has. `place` is the teacher's folder, `root` the clone.
REACHES = {
    "a neighbour's solution": "open(f'{place}/a_right/Layers/ReLU.py').read()",
    "a list of neighbours": "os.listdir(place)",
    "a neighbour's file to write into": "open(f'{place}/a_right/Layers/ReLU.py', 'r+')",
    "a file among the neighbours": "open(f'{place}/new', 'w')",
    "a neighbour's end": "import shutil; shutil.rmtree(f'{place}/a_right')",
    "the length of a neighbour's file": "os.truncate(f'{place}/a_right/Layers/ReLU.py', 0)",
    "the marks": "open(f'{place}/marks.csv', 'r+')",
    "a neighbour's name": "os.rename(f'{place}/a_right', f'{place}/b_right')",
    "a link to a neighbour": "os.link(f'{place}/a_right/Layers/ReLU.py', 'link.py')",
    "the suite to read": "open(f'{root}/NeuralNetworkTests.py').read()",
    "the suite to write": "open(f'{root}/NeuralNetworkTests.py', 'r+')",
    "the right answers": "open(f'{root}/Layers/ReLU.py').read()",
    "the right answers as a module": (
        "sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != 'OnlyFrom']\\n"
        "sys.path.insert(0, root); sys.modules.pop('Optimization', None); import Optimization.Optimizers"
    ),
    "the environment's start": "import site; open(site.getsitepackages()[0] + '/hostile.pth', 'w')",
    "the environment's packages": "import numpy; open(numpy.__file__, 'r+')",
    "the home folder": "open(f'{home}/.profile', 'a')",
    "the system": "open('/etc/passwd', 'r+')",
    "other people": "open('/etc/passwd').read()",
    "the network": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "a socket": "import socket; socket.socket(socket.AF_UNIX)",
    "the teacher's process": "os.kill(grader(), signal.SIGSTOP)",
    "the teacher's group": "os.killpg(os.getpgid(grader()), signal.SIGSTOP)",
    "the parent": "os.kill(parent(), signal.SIGKILL)",
    "the teacher's limits": "import resource; resource.prlimit(grader(), resource.RLIMIT_CPU, (1, 1))",
    "the teacher's priority": "os.setpriority(os.PRIO_PROCESS, grader(), 19)",
    "everybody's priority": "os.setpriority(os.PRIO_USER, 0, 19)",
    "the teacher's processors": "os.sched_setaffinity(grader(), [0])",
    "the teacher's memory": "open(f'/proc/{grader()}/mem', 'rb+')",
    "the teacher's environment": "open(f'/proc/{grader()}/environ').read()",
    "the teacher's folder by the process": "os.listdir(f'/proc/{grader()}/root/')",
    "a device": "os.mknod('device', 0o600 | stat.S_IFBLK, os.makedev(254, 0))",
    "a limit of its own": "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10**12, 10**12))",
    "memory that stays": "import ctypes; 1 / (ctypes.CDLL(None).shmget(0, 4096, 0o1600) + 1)",
    "a message that stays": "import ctypes; 1 / (ctypes.CDLL(None).msgget(0, 0o1600) + 1)",
    "memory that belongs to nobody": "os.write(os.memfd_create('m'), b'much'); os.kill(0, 0)",
}
#: What it may do, by which a test sees that it has tried at all.
WITHIN = {
    "its own folder": "open('written.txt', 'w').write('here')",
    "its own signal": "signal.raise_signal(signal.SIGCHLD)",
    "a name of its own": "import getpass; getpass.getuser()",
    "a child of its own": "import subprocess; subprocess.run([sys.executable, '-c', ''], check=True)",
}
TRY = """
import os, signal, stat, sys
place, root, home = {place!r}, {root!r}, {home!r}
def grader():
    for number in filter(str.isdigit, os.listdir('/proc')):
        with open(f'/proc/{{number}}/cmdline') as file:
            if f'{{place}}/marks.csv' in file.read(): return int(number)
    raise OSError('there is none')
def parent():
    if os.getppid() < 2: raise OSError('there is none')
    return os.getppid()
reached = []
for name, line in {lines!r}.items():
    try:
        exec(line)
        reached.append(name)
    except BaseException:
        pass
"""
#: Changes that Landlock knows nothing of: no error, and no effect.
CHANGES = """
for path in (f'{place}/a_right/Layers/ReLU.py', f'{place}/a_right', f'{place}/marks.csv', f'{root}/Layers/ReLU.py'):
    for change in (lambda: os.chmod(path, 0o700), lambda: os.utime(path, (1, 1)), lambda: os.chown(path, 12345, 12345),
                   lambda: os.setxattr(path, 'user.hostile', b'1')):
        try: change()
        except OSError: pass
"""
SAY = """
raise RuntimeError(f"REACHED: {'; '.join(reached)};")
"""


def state(folder: Path) -> dict[str, tuple]:
    """What a folder holds: of each file its bytes, rights, owner and time."""
    found = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (content, about.st_mode, about.st_uid, about.st_mtime_ns)
    return found


@pytest.fixture(scope="module")
def escaped(tmp_path_factory):
    """The teacher's folder before and after, the run, its table, and what the hostile one printed; by box."""
    # other tests run beside, and may be the first to import a layer: what Python compiles then would be a change
    compileall.compile_dir(ROOT / "Layers", quiet=1, optimize=[0, 1, 2])
    results = {}

    def result(box):
        if box not in results:
            place = tmp_path_factory.mktemp(box)
            everybody = [write(place / name, RIGHT) for name in ("a_right", "z_right")]
            code = (
                TRY.format(place=str(place), root=str(ROOT), home=str(Path.home()), lines={**WITHIN, **REACHES})
                + CHANGES
                + SAY
            )
            everybody.insert(1, hostile(place / "hostile", code))
            before = state(place), state(ROOT / "Layers")
            asked = [
                "TestReLU",
                "--sandbox",
                box,
                "--csv",
                place / "marks.csv",
                "--json",
                place / "reports",
                "--jobs",
                1,
            ]
            done = grade(*everybody, *asked)
            rows, printed = marks(place / "marks.csv"), (place / "reports" / "hostile.json").read_text()
            for file in [*(place / "reports").iterdir(), place / "marks.csv"]:
                file.unlink()
            (place / "reports").rmdir()
            results[box] = before, (state(place), state(ROOT / "Layers")), done, rows, json.loads(printed)
        return results[box]

    return result


def reached(report):
    """The names of what its lines reached, each after a space and before a semicolon."""
    return report["tests"][0]["output"].partition("RuntimeError: REACHED:")[2]


@each_box(*CLOSED_BOXES)
@pytest.mark.parametrize("what", REACHES)
def test_nothing_is_reached(escaped, box, what):
    *_, report = escaped(box)
    assert f" {what};" not in reached(report)


@each_box(*CLOSED_BOXES)
@pytest.mark.parametrize("what", WITHIN)
def test_what_is_its_own_is_reached(escaped, box, what):
    *_, report = escaped(box)
    assert f" {what};" in reached(report)


@each_box(*CLOSED_BOXES)
def test_everything_is_as_it_was(escaped, box):
    before, after, done, rows, report = escaped(box)
    assert after == before
    assert done.returncode == 1
    assert done.stderr == ""
    assert {name: row["TestReLU"] for name, row in rows.items()} == {"a_right": "10", "hostile": "0", "z_right": "10"}
    assert report["tests"][0]["score"] == 0


@each_box(*CLOSED_BOXES)
def test_links_lead_nowhere(tmp_path, box):
    right = write(tmp_path / "right", RIGHT)
    thief = write(tmp_path / "thief", {"Layers/Base.py": RIGHT["Layers/Base.py"]})
    os.symlink(right / "Layers" / "ReLU.py", thief / "Layers" / "ReLU.py")
    os.symlink(ROOT / "Optimization", thief / "Optimization")
    done = grade(thief, right, "TestReLU", "TestOptimizers", "--sandbox", box, "--csv", tmp_path / "marks.csv")
    rows = marks(tmp_path / "marks.csv")
    assert done.stderr == ""
    assert (rows["thief"]["TestReLU"], rows["thief"]["TestOptimizers"], rows["right"]["TestReLU"]) == ("0", "0", "10")
    assert (
        "left out: Optimization (a link out of the folder), ReLU.py (a link out of the folder)"
        in rows["thief"]["remark"]
    )


@each_box("none")
def test_signals_reach_nobody_without_a_box(tmp_path, box):
    lines = {what: line for what, line in REACHES.items() if "os.kill" in line and "memfd" not in line}
    lines |= {what: line for what, line in REACHES.items() if what.endswith(("that stays", "memory", "environment"))}
    code = TRY.format(place=str(tmp_path), root=str(ROOT), home="", lines=WITHIN | lines) + SAY
    everybody = [hostile(tmp_path / "hostile", code), write(tmp_path / "right", RIGHT)]
    grade(*everybody, "TestReLU", "--sandbox", box, "--csv", tmp_path / "marks.csv", "--json", tmp_path / "json")
    report = json.loads((tmp_path / "json" / "hostile.json").read_text(encoding="utf-8"))
    assert len(lines) == 7
    assert (
        "REACHED: its own folder; its own signal; a name of its own; a child of its own;\n"
        in report["tests"][0]["output"]
    )
    assert marks(tmp_path / "marks.csv")["right"]["TestReLU"] == "10"
