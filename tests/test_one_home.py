"""Facts have one home: what one file of the library does for all is not done again in another."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.newest

ROOT = Path(__file__).parent.parent
# Handed out alone, so that they can't ask the others.
ALONE = {"Layers/Helpers.py", "NeuralNetworkTests.py"}


def sources() -> Iterator[tuple[str, ast.AST]]:
    """The library and the course; benchmarks compare it with other states of itself, which lack what is asked here."""
    for path in sorted(ROOT.glob("*.py")) + sorted(ROOT.glob("[A-Z]*/**/*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in ALONE:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def is_one_hot(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and ast.unparse(node.value).startswith(("np.eye(", "np.identity("))


def names(*wanted: str) -> Callable[[ast.AST], bool]:
    def has(node: ast.AST) -> bool:
        named = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        named += [getattr(node, "attr", ""), getattr(node, "id", "")]
        return bool({*wanted} & {*named})

    return has


@pytest.mark.parametrize(
    ("fact", "found", "home"),
    [
        ("one-hot rows are made", is_one_hot, "Foundation/Labels.py"),
        (
            "processors are counted",
            names("cpu_count", "process_cpu_count", "sched_getaffinity"),
            "Foundation/Parallel.py",
        ),
        ("a command line is read", names("ArgumentParser"), "Foundation/CommandLine.py"),
        ("digits are loaded", names("load_digits"), "Generator/datasets.py"),
        ("lengths in an IDX file are read", names("struct"), "Generator/idx.py"),
        ("masked arrays are refused", names("MaskedArray"), "Foundation/Checks.py"),
    ],
)
def test_facts_have_one_home(fact, found, home):
    places = {name for name, tree in sources() for node in ast.walk(tree) if found(node)}
    assert places <= {home}, f"{fact} in {home} alone"
