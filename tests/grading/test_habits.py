"""Right solutions that do beside what programs do: in the strongest box it costs them nothing."""

import pytest

from tests.grading.places import RIGHT, each_box, grade, marks, write

pytestmark = pytest.mark.newest

#: Code that a right solution runs beside, when it is imported or at each call of `forward`.
HABITS = {
    "processes": "def beside():\n    with multiprocessing.Pool(2) as pool: assert pool.map(abs, [-1, 2]) == [1, 2]",
    "threads": "def beside():\n    with ThreadPoolExecutor(2) as pool: pool.submit(abs, 1).result()",
    "a program that is ended": (
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1)\nchild.terminate(); child.wait()"
    ),
    "notes in the usual folder": "os.chdir('/tmp'); open('notes.txt', 'a').write('here')",
    "notes at home": "(pathlib.Path.home() / '.notes').mkdir(); getpass.getuser(); logging.basicConfig(filename='log')",
    "errors for warnings": "warnings.simplefilter('error'); np.seterr(all='raise'); np.set_printoptions(precision=1)",
    "another folder": "os.chdir('/'); sys.stdout = io.StringIO(); sys.stderr.close()",
    "handlers": "for number in (2, 10, 12, 15): signal.signal(number, lambda *_: None)",
    "lower priority": "os.nice(5); os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])",
}
AROUND = """
import getpass, io, logging, multiprocessing, os, pathlib, signal, subprocess, sys, warnings
from concurrent.futures import ThreadPoolExecutor
def beside(): pass
{habit}
plain = ReLU.forward
def forward(self, input_tensor):
    beside()
    return plain(self, input_tensor)
ReLU.forward = forward
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The table of all of them, by box."""
    results = {}

    def result(box):
        if box not in results:
            place = tmp_path_factory.mktemp(box)
            everybody = [
                write(place / name, {**RIGHT, "Layers/ReLU.py": RIGHT["Layers/ReLU.py"] + AROUND.format(habit=habit)})
                for name, habit in HABITS.items()
            ]
            grade(*everybody, "TestReLU", "--sandbox", box, "--csv", place / "marks.csv")
            results[box] = marks(place / "marks.csv")
        return results[box]

    return result


@each_box("bubblewrap")
@pytest.mark.parametrize("habit", HABITS)
def test_it_has_its_points_without_a_remark(graded, box, habit):
    row = graded(box)[habit]
    assert (row["TestReLU"], row["remark"]) == ("10", "")
