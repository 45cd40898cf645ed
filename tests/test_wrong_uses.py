"""Wrong uses are refused in words that help, and change nothing: the tables of `tests/wrong_uses`."""

import ast
import importlib
import inspect
import shlex
from pathlib import Path

import numpy as np
import pytest

from Protocols.__main__ import main as course
from tests.wrong_uses import ROOMS
from tests.wrong_uses.command_lines import COMMANDS
from tests.wrong_uses.machinery import Row, pattern, rows, run
from Training.command_line import main as train

TABLES = [importlib.import_module(f"tests.wrong_uses.{name}") for name in ROOMS]
#: For each table a dictionary of what its rows name.
NAMES = {table: table.scene() for table in TABLES}


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    monkeypatch.chdir(Path(__file__).parent.parent)


def by_subject(table):
    """The rows, those of one argument together: a test for each row would take longer to report than to run."""
    found = {}
    for row in rows(table.ARGUMENTS, table.MISUSES):
        found.setdefault(row.subject if "@" in row.subject else "one by one", []).append(row)
    return found.items()


@pytest.mark.parametrize(
    "table, wrong",
    [pytest.param(table, wrong, id=subject) for table in TABLES for subject, wrong in by_subject(table)],
)
def test_a_wrong_use_is_refused_in_words_that_help_and_changes_nothing(table, wrong):
    found = [f"{row.code} {trouble}\n    wanted: {row.words}" for row in wrong if (trouble := run(table.scene, row))]
    assert not found, "\n".join(found)


def test_there_are_many_of_them():
    assert sum(len(rows(table.ARGUMENTS, table.MISUSES)) for table in TABLES) >= 4000


def arguments(cls):
    """The names of a constructor's arguments."""
    return [name for name in inspect.signature(cls).parameters if name not in ("args", "kwargs", "arguments", "options")]


def given_wrongly(table):
    """The arguments that a table's rows are about, as (class or function, argument)."""
    for use in table.ARGUMENTS:
        if "@" in use and "= @" not in use:
            before, after = use.split("@", 1)
            name = after.split(",")[0].split(")")[0].strip()
            yield machinery_called(before), name
    for code, *_ in table.MISUSES:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield from ((called, keyword.arg) for keyword in node.keywords)


@pytest.mark.parametrize("table", TABLES, ids=ROOMS)
def test_every_argument_of_every_constructor_has_a_row(table):
    known = set(given_wrongly(table))
    missing = [f"{cls.__name__}({name})" for cls in table.CLASSES for name in arguments(cls) if (cls.__name__, name) not in known]
    assert not missing
