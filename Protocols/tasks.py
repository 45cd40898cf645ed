"""The tasks of the course: what the test suite says about them, and the page on which each stands."""

import difflib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import NeuralNetworkTests
from Protocols.problems import Problem

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Task:
    """A task: its place on the pages, the class that tests it, and the files in which it is written."""

    part: int
    number: str
    title: str
    test: str
    files: tuple[str, ...]

    @property
    def page(self) -> str:
        """The page that describes it."""
        return f"Protocols/part{self.part}.md"


def page_tasks(page: Path) -> list[tuple[str, str, list[str]]]:
    """Number, title and test classes of each task of a page."""
    if not page.exists():
        return []
    sections = re.split(r"^## (?=Task )", page.read_text(encoding="utf-8"), flags=re.M)[1:]
    found = []
    for section in sections:
        number, title = section.split("\n", 1)[0].removeprefix("Task ").split(": ", 1)
        found.append((number, title.strip(), re.findall(r"^python NeuralNetworkTests\.py (Test\w+)$", section, re.M)))
    return found


@cache
def tasks() -> tuple[Task, ...]:
    """All tasks in the order in which a student meets them."""
    places = {
        test: (number, title)
        for part in range(4)
        for number, title, tests in page_tasks(FOLDER / f"part{part}.md")
        for test in tests
    }
    return tuple(
        Task(entry.part, *places.get(entry.test, ("", entry.title)), entry.test, tuple(entry.files))
        for entry in NeuralNetworkTests.TASKS
    )


def find(name: str) -> Task:
    """The task of this name: `2.4`, `TestConv` or `Conv`."""
    known = {spelling.lower(): task for task in tasks() for spelling in _spellings(task)}
    if name.lower() in known:
        return known[name.lower()]
    near = difflib.get_close_matches(name.lower(), known, n=3) or [task.test.lower() for task in tasks()[:3]]
    meant = ", ".join(dict.fromkeys(known[spelling].test for spelling in near))
    raise Problem(f"expected a task such as 2.4, TestConv or Conv, got {name!r}; did you mean {meant}?")


def _spellings(task: Task) -> list[str]:
    return [spelling for spelling in (task.number, task.test, task.test.removeprefix("Test")) if spelling]
