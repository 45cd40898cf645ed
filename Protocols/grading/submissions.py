"""Whose code is tested: what was handed in, read and never run here."""

import glob
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence

import NeuralNetworkTests as suite

#: No file of a solution is larger than this; data sets that are left out of the copy are.
FILE_LIMIT = 10 * 2**20
#: More files than this are no solution.
COUNT_LIMIT = 10_000


class Submission:
    """A folder or a zip file with somebody's solution.

    Args:
        path: of the folder or the file.
        name: by which it is known in tables.
    """

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name
        self.folder = self.label = path

    def open(self, place: str) -> "Submission":
        """Find the folder that holds the solution, where needed unpacked into `place`."""
        top = self.path
        if not os.path.isdir(top):
            if not self.path.lower().endswith(".zip"):
                raise ValueError("neither a folder nor a zip file")
            unpack(self.path, place)
            top = place
        self.folder = os.path.realpath(find_root(top))
        inside = os.path.relpath(self.folder, os.path.realpath(top))
        self.label = os.path.normpath(os.path.join(self.path, inside))
        return self


def find(paths: Sequence[str]) -> tuple[list[Submission], list[str]]:
    """The submissions at these paths, each with a name of its own; and the words that are no paths."""
    found: dict[str, Submission] = {}
    words = []
    for path in paths:
        matches = [path] if os.path.exists(path) else sorted(glob.glob(path)) or [path]  # not every shell expands a *
        for match in matches:
            if os.path.exists(match):
                name = os.path.basename(os.path.normpath(os.path.abspath(match)))
                name = name[:-4] if name.lower().endswith(".zip") else name
                while name in found:
                    name += "'"
                found[name] = Submission(match, name)
            elif re.fullmatch(r"\w+(\.\w+)?", match):
                words.append(match)
            else:
                raise suite.WrongUsage(f"there is no folder or zip file {match}")
    return list(found.values()), words


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What of a folder belongs to a solution: nothing hidden, no bytecode, no virtual environment."""
    with os.scandir(folder) as found:
        for entry in sorted(found, key=lambda entry: entry.name):
            hidden = entry.name.startswith(".") or entry.name in ("__pycache__", "__MACOSX")
            if not hidden and not os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
                yield entry


def find_root(top: str) -> str:
    """The folder that holds `Layers`, `NeuralNetwork.py`, …: the one given or one inside it."""
    level = [top]
    for _ in range(4):
        found = [f for f in level if any(os.path.exists(os.path.join(f, name)) for name in suite.CONTRACT_NAMES)]
        if len(found) > 1:
            names = ", ".join(os.path.relpath(folder, top) for folder in found)
            raise ValueError(f"several folders hold a solution: {names}")
        if found:
            return found[0]
        level = [entry.path for folder in level for entry in entries(folder) if entry.is_dir(follow_symlinks=False)]
    return top


def copy_code(source: str, target: str) -> None:
    """Copy a solution; links are followed once."""
    copied = 0
    waiting = [(source, target, {os.path.realpath(source)})]
    while waiting:
        folder, destination, above = waiting.pop()
        os.makedirs(destination)
        for entry in entries(folder):
            path = os.path.join(destination, entry.name)
            if entry.is_dir():
                real = os.path.realpath(entry.path)
                if real not in above:
                    waiting.append((entry.path, path, above | {real}))
            elif entry.is_file() and entry.stat().st_size <= FILE_LIMIT:
                shutil.copyfile(entry.path, path)
            copied += 1
            if copied > COUNT_LIMIT:
                raise ValueError(f"more than {COUNT_LIMIT:,} files: hand in the solution alone")


def unpack(path: str, target: str) -> None:
    """Unpack a zip file; `zipfile` keeps every member inside the target."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.file_size <= FILE_LIMIT]
        if len(members) > COUNT_LIMIT or sum(member.file_size for member in members) > 20 * FILE_LIMIT:
            raise ValueError(f"more than {COUNT_LIMIT:,} files or 200 MB: hand in the solution alone")
        archive.extractall(target, members)


def supply_sample_data(folder: str) -> None:
    """Put the course's sample pictures beside a generator that was handed in without them."""
    for name in ("Labels.json", "Sample_data"):
        ours = os.path.join(os.path.dirname(os.path.abspath(suite.__file__)), "Generator", name)
        theirs = os.path.join(folder, "Generator", name)
        if os.path.isdir(os.path.dirname(theirs)) and not os.path.exists(theirs):
            if os.path.isdir(ours):
                copy_code(ours, theirs)
            elif os.path.exists(ours):
                shutil.copyfile(ours, theirs)
