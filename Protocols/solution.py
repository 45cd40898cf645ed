"""A student's folder, read and never run: its files, the classes in them, and what each class has."""

import ast
import contextlib
import os
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

#: Folders that hold nothing of a student's hand: results, data, what Python and tools leave.
_ASIDE = {"__pycache__", "results", "trained", "Data", "Sample_data", "build", "dist", "node_modules"}


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file; raises SyntaxError or ValueError where it is no Python."""
    source, filters = path.read_bytes(), warnings.filters[:]
    try:
        warnings.simplefilter("ignore")  # about a backslash in a string, say
        return ast.parse(source, str(path))
    finally:
        warnings.filters[:] = filters  # type: ignore[index]


class Solution:
    """What stands in a student's folder.

    Args:
        folder: the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> Iterator[Path]:
        """All files of the student's, without what is hidden, made by programs, or a folder of installed packages."""
        for place, folders, names in os.walk(self.folder):
            folders[:] = sorted(
                name
                for name in folders
                if name not in _ASIDE and name[0] != "." and not (Path(place) / name / "pyvenv.cfg").exists()
            )
            paths = (Path(place) / name for name in sorted(names) if name[0] != "." and not name.endswith(".pyc"))
            yield from (path for path in paths if path.is_file())

    def has(self, file: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / file).is_file()

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The syntax tree of each Python file that can be read as such, by its place in the folder."""
        trees = {}
        for path in self.files():
            if path.suffix == ".py":
                with contextlib.suppress(SyntaxError, ValueError):
                    trees[path.relative_to(self.folder).as_posix()] = parse(path)
        return trees

    def definitions(self, file: str) -> dict[str, ast.stmt]:
        """Classes and functions of a file by name."""
        nodes = self.trees[file].body if file in self.trees else []
        return {node.name: node for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}

    def members(self, node: ast.ClassDef) -> dict[str, ast.AST]:
        """What a class defines or assigns to `self`, inherited things included, as far as the folder tells."""
        found: dict[str, ast.AST] = {}
        for cls in reversed(self.ancestry(node)):
            for part in ast.walk(cls):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    found.setdefault(part.attr, part)
            for part in cls.body:
                if isinstance(part, ast.Assign | ast.AnnAssign):
                    targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                    found |= {target.id: part for target in targets if isinstance(target, ast.Name)}
                if isinstance(part, ast.FunctionDef):
                    found[part.name] = part
        return found

    def parents(self, node: ast.ClassDef) -> set[str]:
        """The names of all classes from which a class derives."""
        return {ast.unparse(base).split(".")[-1] for cls in self.ancestry(node) for base in cls.bases}

    def ancestry(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """A class and those from which it derives, as far as the folder tells; the class itself comes first."""
        classes = {cls.name: cls for tree in self.trees.values() for cls in tree.body if isinstance(cls, ast.ClassDef)}
        chain, waiting = [], [node]
        while waiting:
            cls = waiting.pop(0)
            if cls not in chain:
                chain.append(cls)
                names = (ast.unparse(base).split(".")[-1] for base in cls.bases)
                waiting += [classes[name] for name in names if name in classes]
        return chain
