"""Whose code is tested: what was handed in, read and never run here."""

import glob
import os
import re
import shutil
from collections.abc import Iterator, Sequence

import NeuralNetworkTests as suite
from Protocols.grading import archives, oddities
from Protocols.grading.names import printable, row_name, shortened

#: How many folders deep a solution is looked for.
DEPTH = 8


class Submission:
    """A folder or an archive with somebody's solution.

    Args:
        path: of the folder or the file.
        name: by which it is known in tables.
    """

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name
        self.folder = self.label = path
        self.remarks: list[str] = []

    def open(self, place: str) -> "Submission":
        """Find the folder that holds the solution, and copy what belongs to it into `place`.

        Raises ValueError where there is none, or more than one.
        """
        top = os.path.join(place, "submission")
        unpacker = archives.Unpacker()
        if os.path.isdir(self.path):
            self._note("left out", copy_code(self.path, top))
            unpacker.unpack_inside(top)
        elif archives.is_archive(self.path):
            unpacker.unpack(self.path, top)
        else:
            raise ValueError("neither a folder nor an archive (zip, tar.gz)")
        self._note("left out", unpacker.left_out)
        self.folder = os.path.realpath(self._choose(find_roots(top), top, unpacker))
        self._note_oddities()
        inside = os.path.relpath(self.folder, os.path.realpath(top))
        self.label = printable(os.path.normpath(os.path.join(self.path, inside)), 200)
        return self

    def _choose(self, roots: list[str], top: str, unpacker: archives.Unpacker) -> str:
        """The folder to test: the only one, or that of the latest archive."""
        if not roots:
            found = sorted(printable(entry.name) for entry in entries(top))
            raise ValueError(f"no file of the course, only {shortened(found) or 'an empty folder'}")
        if len(roots) == 1:
            return roots[0]
        packed = {
            root: max((moment for folder, moment in unpacker.newest.items() if _is_in(root, folder)), default=0.0)
            for root in roots
        }
        latest = max(roots, key=lambda root: packed[root])
        names = ", ".join(printable(os.path.relpath(root, top)) for root in roots)
        if list(packed.values()).count(packed[latest]) > 1 or not all(packed.values()):
            raise ValueError(f"several folders hold a solution: {names}")
        self.remarks.append(
            f"several solutions: {names}; the latest, {printable(os.path.relpath(latest, top))}, was tested"
        )
        return latest

    def _note_oddities(self) -> None:
        if said := oddities.remark(self.folder):
            self.remarks.append(said)

    def _note(self, what: str, names: list[str]) -> None:
        if names:
            self.remarks.append(f"{what}: {shortened([printable(name) for name in names])}")


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def find(paths: Sequence[str]) -> tuple[list[Submission], list[str]]:
    """The submissions at these paths, each with a name of its own in tables; and the words that are no paths."""
    found: dict[str, Submission] = {}
    words = []
    for path in paths:
        matches = [path] if os.path.lexists(path) else sorted(glob.glob(path)) or [path]  # not every shell expands a *
        for match in matches:
            if os.path.lexists(match):
                name = archives.stem(os.path.basename(os.path.normpath(os.path.abspath(match))))
                while row_name(name) in found:
                    name += "'"
                found[row_name(name)] = Submission(match, name)
            elif re.fullmatch(r"\w+(\.\w+)?", match):
                words.append(match)
            else:
                raise suite.WrongUsage(f"there is no folder or archive {printable(match)}")
    return list(found.values()), words


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What of a folder belongs to a solution: nothing hidden, no bytecode, no virtual environment."""
    with os.scandir(folder) as found:
        for entry in sorted(found, key=lambda entry: entry.name):
            environment = os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
            if not archives.is_rubbish(entry.name) and not environment:
                yield entry


def find_roots(top: str) -> list[str]:
    """The folders that hold `Layers`, `NeuralNetwork.py`, …: the one given, or those least deep inside it."""
    level = [top]
    for _ in range(DEPTH):
        found = [f for f in level if any(os.path.exists(os.path.join(f, name)) for name in suite.CONTRACT_NAMES)]
        if found or not level:
            return found
        level = [entry.path for folder in level for entry in entries(folder) if entry.is_dir(follow_symlinks=False)]
    return []


def copy_code(source: str, target: str) -> list[str]:
    """Copy what belongs to a solution; gives the names of what was left out.

    Links are followed where they stay inside. Raises ValueError where there is more than a solution has.
    """
    top = os.path.realpath(source)
    copied, bytes_copied, left_out = 0, 0, []
    waiting = [(source, target, {top})]
    while waiting:
        folder, destination, above = waiting.pop()
        os.makedirs(destination)
        try:
            listed = list(entries(folder))
        except OSError as error:
            left_out.append(f"{os.path.basename(folder)} ({error.strerror})")
            continue
        for entry in listed:
            copied += 1
            if copied > archives.COUNT_LIMIT:
                raise ValueError(f"more than {archives.COUNT_LIMIT:,} files: hand in the solution alone")
            path, real = os.path.join(destination, entry.name), os.path.realpath(entry.path)
            try:
                if not _is_in(real, top):
                    left_out.append(f"{entry.name} (a link out of the folder)")
                elif entry.is_dir():
                    if len(above) > archives.FOLDERS_DEEP:
                        left_out.append(f"{entry.name} (too deep)")
                    elif real not in above:
                        waiting.append((entry.path, path, above | {real}))
                elif entry.is_file() and entry.stat().st_size <= archives.FILE_LIMIT:
                    bytes_copied += entry.stat().st_size
                    shutil.copyfile(entry.path, path)
                else:
                    left_out.append(entry.name)
            except OSError as error:
                left_out.append(f"{entry.name} ({error.strerror})")
            if bytes_copied > archives.BYTES_LIMIT:
                raise ValueError(f"more than {archives.BYTES_LIMIT // 2**20} MB: hand in the solution alone")
    return left_out
