"""A student's folder for a part: what is missing is added, what is there stays as it is."""

import os
import tempfile
from pathlib import Path, PurePosixPath

from Protocols import additions, course, skeleton
from Protocols.problems import Problem
from Protocols.solution import Solution

#: Where the library lies, from which the course hands out.
LIBRARY = Path(__file__).resolve().parent.parent

_PACKAGE = '''"""The modules of this folder, so that `from {name} import *` gives all of them."""

from pathlib import Path

__all__ = sorted(file.stem for file in Path(__file__).parent.glob("[A-Z]*.py"))
'''


def start(part: int, folder: Path) -> tuple[list[str], list[str]]:
    """Add to the folder what the part needs; returns the files added, and what is to be added by hand."""
    parts = course.parts_below(part)
    content = {file: skeleton.module_text(file, parts).encode() for file in course.files(parts)} | _handed_out(parts)
    if folder.resolve() == LIBRARY:
        raise Problem(f"{folder} is the library itself; name a folder of your own, for example my_solution")
    if folder.exists() and not folder.is_dir():
        raise Problem(f"{folder} is a file; name a folder that is empty, new, or has your earlier parts")
    if _visible(folder) and not begun(folder):
        raise Problem(f"{folder} isn't empty and has no part of the course; name a new folder")
    missing = {file: text for file, text in content.items() if not _taken(folder, file)}
    solution = Solution(folder)
    new = tuple(known for known in parts if known not in begun(folder)) or (part,)
    present = [file for file in course.files(parts) if file not in missing]
    by_hand = [text for file in present for text in additions.missing(solution, file, parts, new)]
    if missing:
        _add(missing, folder)
    return list(missing), by_hand


def begun(folder: Path) -> list[int]:
    """The parts of which the folder has a file that no earlier part has."""
    earlier: set[str] = set()
    found = []
    for part, files in course.WRITTEN.items():
        if any((folder / file).is_file() for file in files.keys() - earlier):
            found.append(part)
        earlier |= files.keys()
    return found


def started(folder: Path) -> list[int]:
    """The parts that a folder has begun; it is a Problem where there are none."""
    if not folder.is_dir():
        raise Problem(f"there is no folder {folder}; python -m Protocols start 1 {folder} makes it")
    if not (parts := begun(folder)):
        raise Problem(f"{folder} has no part of the course; python -m Protocols start 1 my_solution makes a folder")
    return parts


def _visible(folder: Path) -> bool:
    """Whether the folder has anything beside what a fresh Git repository has: hidden files, README and LICENSE."""
    return folder.is_dir() and any(not path.name.startswith((".", "README", "LICENSE")) for path in folder.iterdir())


def _taken(folder: Path, file: str) -> bool:
    return os.path.lexists(folder / file)


def _handed_out(parts: tuple[int, ...]) -> dict[str, bytes]:
    """The content of what the course hands out, by file."""
    content: dict[str, bytes] = {}
    for name in (name for part in parts for name in course.HANDED_OUT[part]):
        source = LIBRARY / name
        if PurePosixPath(name).name == "__init__.py":
            content[name] = _PACKAGE.format(name=PurePosixPath(name).parent).encode()
        elif source.is_dir():
            content |= {f"{name}/{path.name}": path.read_bytes() for path in sorted(source.iterdir()) if path.is_file()}
        else:
            content[name] = source.read_bytes()
    return content


def _add(content: dict[str, bytes], folder: Path) -> None:
    """Write the files elsewhere first and move them in the end, so that an interruption leaves no half of them."""
    place = folder.resolve() if folder.exists() else folder.resolve().parent  # a move stays on one disk
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.resolve().name}-", dir=place) as scratch:
        complete = Path(scratch) / "complete"
        for file, data in content.items():
            (complete / file).parent.mkdir(parents=True, exist_ok=True)
            (complete / file).write_bytes(data)
        if not folder.exists():
            complete.rename(folder.resolve())
            return
        added: list[Path] = []
        try:
            for file in content:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                _move(complete / file, folder / file)
                added.append(folder / file)
        except BaseException:
            for path in added:
                path.unlink()
            raise


def _move(source: Path, target: Path) -> None:
    """Move a file to where none is."""
    if _taken(target.parent, target.name):
        raise Problem(f"{target} has appeared meanwhile; it stays as it is, start once more")
    source.rename(target)
