"""Folders that strangers' code writes into: how much is in them, and an end for them, however deep they are."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator

from Protocols.grading.launcher import descendants

#: What a task may write, the copy of the code among it: bytes, files, and folders in folders.
BYTES, FILES, DEPTH = 400 * 2**20, 15_000, 60


@contextlib.contextmanager
def scratch_folder() -> Iterator[str]:
    """A new folder, which is gone afterwards; its real path."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="course-tests-"))
    try:
        yield folder
    finally:
        remove(folder)


def remove(top: str) -> None:
    """Remove a folder with all that is in it; what can't be removed stays.

    Folders are moved to the top before they are emptied, so that none is too deep.
    """
    waiting, moved = [top], 0
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            os.chmod(folder, stat.S_IRWXU)
            for entry in list(os.scandir(folder)):
                with contextlib.suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)
                        continue
                    os.chmod(entry.path, stat.S_IRWXU)
                    higher = os.path.join(top, f"removed-{moved}")
                    if folder != top:
                        os.rename(entry.path, higher)
                        moved += 1
                    waiting.append(entry.path if folder == top else higher)
            if folder != top:
                os.rmdir(folder)
    with contextlib.suppress(OSError):
        os.rmdir(top)


def excess(folder: str, process: int) -> str:
    """What is too much in the folder of a process, or in files that it has open and that have no name any more."""
    count, size = 0, sum(_nameless(child) for child in descendants(process, 100))
    waiting = [(folder, 0)]
    while waiting:
        place, depth = waiting.pop()
        if depth > DEPTH:
            return f"it made folders {DEPTH} deep"
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                count += 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, depth + 1))
                with contextlib.suppress(OSError, AttributeError):
                    size += 512 * entry.stat(follow_symlinks=False).st_blocks
                if count > FILES:
                    return f"it wrote more than {FILES:,} files"
        if size > BYTES:
            return f"it wrote more than {BYTES // 2**20} MB"
    return ""


def _nameless(process: int) -> int:
    size = 0
    with contextlib.suppress(OSError):
        for handle in os.listdir(f"/proc/{process}/fd"):
            with contextlib.suppress(OSError):
                about = os.stat(f"/proc/{process}/fd/{handle}")
                if stat.S_ISREG(about.st_mode) and not about.st_nlink:
                    size += 512 * about.st_blocks
    return size
