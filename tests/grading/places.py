"""Submissions for the tests of the teacher's tool, written into folders, and the boxes of this machine."""

import csv
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from Protocols.grading import boxes
from tests.mutation.workplace import ROOT, sources

BOXES = ("bubblewrap", "landlock", "none")
CLOSED_BOXES = BOXES[:2]

#: Right solutions of the tasks that are asked for here.
RIGHT = {name: sources("reference")[name] for name in ("Layers/Base.py", "Layers/ReLU.py", "Layers/Flatten.py")}

#: A ReLU that has hardly a right line.
EMPTY = """
from Layers.Base import BaseLayer

class ReLU(BaseLayer):
    def forward(self, input_tensor):
        return input_tensor

    def backward(self, error_tensor):
        return error_tensor
"""


@cache
def works(box: str) -> bool:
    """Whether a box can be closed on this machine."""
    return any(kind.name == box and boxes.works(kind()) for kind in (boxes.Bubblewrap, boxes.Landlock, boxes.Box))


def each_box(*names: str) -> Callable:
    """Run a test in each of these boxes; those that don't work here are skipped by their names."""
    marks = [
        pytest.param(name, marks=pytest.mark.skipif(not works(name), reason=f"{name} does not work here"))
        for name in names or BOXES
    ]
    return pytest.mark.parametrize("box", marks)


def write(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def hostile(folder: Path, code: str, relu: str = EMPTY) -> Path:
    """A submission that runs some code whenever its ReLU is imported, with little else in it."""
    return write(folder, {**RIGHT, "Layers/ReLU.py": relu + "\n" + code})


def grade(*arguments: object, seconds: float = 120, **options) -> subprocess.CompletedProcess:
    """The teacher's tool, as a teacher starts it."""
    command = [sys.executable, "-m", "Protocols", "grade", *map(str, arguments)]
    return subprocess.run(command, text=True, timeout=seconds, **{"cwd": ROOT, "capture_output": True} | options)


def marks(path: Path) -> dict[str, dict[str, str]]:
    """A table of marks, by the names of the submissions."""
    with open(path, encoding="utf-8", newline="") as file:
        return {row["submission"]: row for row in csv.DictReader(file, strict=True)}
