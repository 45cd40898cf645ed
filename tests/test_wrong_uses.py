"""Wrong uses are refused in words that help, and change nothing: the tables of `tests/wrong_uses`."""

import ast
import importlib
import inspect
import shlex
from pathlib import Path

import pytest

from Protocols.__main__ import main as course
from tests.wrong_uses import ROOMS
from tests.wrong_uses.command_lines import COMMANDS
from tests.wrong_uses.machinery import called, pattern, rows, run
from Training.command_line import main as train

TABLES = [importlib.import_module(f"tests.wrong_uses.{room}") for room in ROOMS]


def by_subject(table):
    """The rows, those of one argument together: a test for each row would take longer to report than to run."""
    found = {}
    for row in rows(table.ARGUMENTS, table.MISUSES):
        found.setdefault(row.subject, []).append(row)
    return found.items()


@pytest.mark.parametrize(
    "table, wrong", [pytest.param(table, wrong, id=subject) for table in TABLES for subject, wrong in by_subject(table)]
)
def test_a_wrong_use_is_refused_in_words_that_help_and_changes_nothing(table, wrong, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent.parent)
    found = [f"{row.code} {trouble}\n    wanted: {row.words}" for row in wrong if (trouble := run(table.scene, row))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("line, words", COMMANDS, ids=[line for line, _ in COMMANDS])
def test_a_wrong_command_line_is_refused_in_words_that_help_and_writes_nothing(
    line, words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    _, *arguments = shlex.split(line)
    try:
        status = train(arguments[1:]) if arguments[0] == "NeuralNetwork.py" else course(arguments[2:])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert pattern(words).search(capsys.readouterr().err.replace("\n", " "))
    assert not list(tmp_path.iterdir())


def given(table):
    """What the rows are about: (class or function, argument)."""
    for use in table.ARGUMENTS:
        before, _, after = use.partition("@")
        yield called(before), after.replace(")", ",").split(",")[0]
    for code, *_ in table.MISUSES:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                yield from ((name, keyword.arg) for keyword in node.keywords)


@pytest.mark.parametrize("table", TABLES, ids=ROOMS)
def test_every_argument_of_every_constructor_has_a_row(table):
    known = set(given(table))
    wanted = [(cls.__name__, name) for cls in table.CLASSES for name in inspect.signature(cls).parameters]
    assert not [f"{cls}({name})" for cls, name in wanted if (cls, name) not in known and cls not in table.NO_ROWS]


@pytest.mark.parametrize("table", TABLES, ids=ROOMS)
def test_every_public_class_is_in_a_table(table):
    public = {
        cls.__name__: cls
        for module in table.MODULES
        for name, cls in vars(module).items()
        if inspect.isclass(cls) and cls.__module__ == module.__name__ and not name.startswith("_")
    }
    listed = {cls.__name__ for cls in table.CLASSES} | set(table.NO_ROWS)
    assert not [name for name, cls in public.items() if name not in listed and not inspect.isabstract(cls)]
