"""The tasks of the course: what the test suite says about them, and the page on which each stands."""

import difflib
import re
from pathlib import Path
from typing import NamedTuple

import NeuralNetworkTests as suite
from Protocols.problems import Problem

FOLDER = Path(__file__).parent

#: Of a part's page, relative to the root.
PAGE = "Protocols/part{}.md"


class Section(NamedTuple):
    """A task as it stands on a page: number, title, and the test classes that it names."""

    number: str
    title: str
    tests: list[str]


def sections(page: Path) -> list[Section]:
    """The tasks of a page in their order."""
    texts = re.split(r"^## (?=Task )", page.read_text(encoding="utf-8"), flags=re.M)[1:]
    heads = [re.match(r"Task (\S+): (.+)", text) for text in texts]
    return [
        Section(head[1] if head else "", head[2] if head else "", _tests(text))
        for head, text in zip(heads, texts, strict=True)
    ]


def find(name: str) -> suite.Entry:
    """The task of this name: `2.4`, `TestConv` or `Conv`."""
    known = {spelling.lower(): entry for entry in suite.TASKS for spelling in _spellings(entry)}
    if name.lower() in known:
        return known[name.lower()]
    near = difflib.get_close_matches(name.lower(), known, n=3) or [entry.test.lower() for entry in suite.TASKS[:3]]
    meant = ", ".join(dict.fromkeys(known[spelling].test for spelling in near))
    raise Problem(f"expected a task such as 2.4, TestConv or Conv, got {name!r}; did you mean {meant}?")


def named(name: str) -> list[suite.Entry]:
    """The tasks of a part by its number, or the one of this name."""
    return [entry for entry in suite.TASKS if str(entry.part) == name] or [find(name)]


def describe(entry: suite.Entry) -> str:
    """The task in words, with its page."""
    return f"Task {suite.number(entry)}, {entry.title} ({PAGE.format(entry.part)})"


def _spellings(entry: suite.Entry) -> list[str]:
    return [suite.number(entry), entry.title, entry.test, entry.test.removeprefix("Test")]


def _tests(text: str) -> list[str]:
    return re.findall(r"^python NeuralNetworkTests\.py (Test\w+)$", text, re.M)
