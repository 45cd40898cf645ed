"""The file to hand in: one zip with the student's files, once nothing is missing."""

import ast
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from Protocols import additions, course
from Protocols.problems import Problem
from Protocols.solution import Solution, parse
from Protocols.start import started


def submit(folder: Path, output: Path | None, incomplete: bool, part: int | None = None) -> tuple[Path, list[str]]:
    """Write the zip file; returns its path and what is still missing, which only `incomplete` allows.

    Where a part is named, nothing is missing but what it asks for.
    """
    begun = started(folder)
    parts = begun if part is None else [part]
    solution = Solution(folder)
    lacking = list(problems(solution, tuple(sorted({below for part in parts for below in course.parts_below(part)}))))
    target = output or folder.resolve().parent / f"{folder.resolve().name}-part{parts[-1]}.zip"
    if target.exists() and not zipfile.is_zipfile(target):
        raise Problem(f"{target} exists and is no zip file; name another --output")
    if not lacking or incomplete:
        _write(solution, target)
    return target, lacking


def problems(solution: Solution, parts: tuple[int, ...]) -> Iterator[str]:
    """What keeps a folder from being complete, one line each."""
    files = course.files(parts)
    for path in solution.files():
        name = path.relative_to(solution.folder).as_posix()
        if path.suffix == ".py" and name not in solution.trees:
            yield f"{name} is no Python: {_syntax_error(path)}"
    for file in files:
        if not solution.has(file):
            yield f"{file} is missing"
        elif file in solution.trees:
            yield from (text.split("\n")[0].rstrip(":") for text in additions.missing(solution, file, parts, parts))
            yield from _unwritten(solution, file, parts)
    yield from _duplicates(solution, files)


def _unwritten(solution: Solution, file: str, parts: tuple[int, ...]) -> Iterator[str]:
    """What the skeleton left to write and nobody has written yet."""
    definitions = solution.definitions(file)
    for name, members in course.members(file, parts).items():
        owner = definitions.get(name)
        nodes = owner.body if isinstance(owner, ast.ClassDef) else list(definitions.values()) if not name else []
        for node in nodes:
            if isinstance(node, ast.FunctionDef) and node.name in members and _is_unwritten(node):
                yield f"{file}, line {node.lineno}: {name}{'.' * bool(name)}{node.name} is not yet written"


def _is_unwritten(node: ast.FunctionDef) -> bool:
    return isinstance(node.body[-1], ast.Raise) and "NotImplementedError" in ast.unparse(node.body[-1])


def _duplicates(solution: Solution, files: list[str]) -> Iterator[str]:
    """Course files that there are twice, as `Layers/Conv.py` and `old/Conv.py`, and classes that are defined twice."""
    places = defaultdict(list)
    for path in solution.files():
        places[path.name].append(path.relative_to(solution.folder).as_posix())
    for file in files:
        others = [place for place in places[Path(file).name] if place != file]
        if others:
            yield f"{file} is there once more: {', '.join(others)}; only one may have this name"
    classes = defaultdict(set)
    for place, tree in solution.trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                classes[node.name].add(place)
    for file in files:
        for name in filter(None, course.members(file, tuple(course.WRITTEN))):
            if others := sorted(classes[name] - {file}):
                yield f"class {name} belongs in {file} alone; it stands in {', '.join(others)} too"


def _syntax_error(path: Path) -> str:
    try:
        parse(path)
    except SyntaxError as error:
        return f"{error.msg}, line {error.lineno}"
    except ValueError as error:
        return str(error)
    return "unreadable"


def _write(solution: Solution, target: Path) -> None:
    """Write the archive beside its place first, so that nobody ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for path in solution.files():
                if path.suffix != ".zip":
                    archive.write(path, path.relative_to(solution.folder).as_posix())
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
