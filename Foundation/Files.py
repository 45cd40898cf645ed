"""Files that are there as a whole, or not at all."""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # on Windows, where nobody can remove a file that another has open
    fcntl = None  # type: ignore[assignment]


@contextmanager
def replacing(filename: str | os.PathLike) -> Iterator[BinaryIO]:
    """A file that takes the place of an earlier one all at once, when it is complete and on the disk.

    Whatever happens meanwhile, the old file or the new one is there. Folders are made where they are missing, a
    symbolic link goes on pointing where it points, an earlier file's permissions are kept. A part of a file that a
    program left when it was killed is removed by the next one that writes a file of that name.

    Raises OSError where there is something else of that name (a folder, a device, a file that nobody may write to), or
    no file can be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(folder + "/new/text") as file:
    ...         _ = file.write(b"all of it")
    ...     Path(folder + "/new/text").read_text()
    'all of it'
    """
    path = Path(os.path.realpath(filename))
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = _replaceable(path)
    # Not even for a moment may others read what they could not read in the earlier file.
    part, file = _new_part(path, 0o666 if kept is None else 0o600)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if kept is not None:
                part.chmod(kept)
            if fcntl is not None:  # while nobody else takes the part for one that was left
                part.replace(path)
        if fcntl is None:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _replaceable(path: Path) -> int | None:
    """The permissions of the file there, None where there is none; raises OSError for what isn't to be replaced."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{path}: expected the name of a file, got a folder")
    if not stat.S_ISREG(mode):
        raise OSError(f"{path}: expected the name of a file, got a device or a pipe")
    if not mode & 0o222 or not os.access(path, os.W_OK):  # an administrator may write to all files
        raise PermissionError(f"{path}: the file is read-only; take another name, or allow writing to it")
    return stat.S_IMODE(mode)


def _new_part(path: Path, permissions: int) -> tuple[Path, BinaryIO]:
    """A file for the time of writing, which nobody else removes, beside the one that it becomes."""
    # Short, however long the name of the file is.
    begun = f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}-"
    for name in os.listdir(path.parent):
        if name.startswith(begun) and name.endswith(".part"):
            _remove_if_left(path.with_name(name))
    while True:
        part = path.with_name(f"{begun}{secrets.token_hex(8)}.part")
        file = open(part, "xb", opener=lambda name, flags: os.open(name, flags, permissions))
        _lock(file, wait=True)
        if part.exists():
            return part, file
        file.close()  # between opening and locking, somebody has taken it for one that was left


def _remove_if_left(part: Path) -> None:
    """Remove a part, unless somebody is writing it."""
    with suppress(OSError), part.open("rb") as file:
        if _lock(file, wait=False):
            part.unlink()


def _lock(file: BinaryIO, wait: bool) -> bool:
    """Hold a file as long as it is open, or the process lives; whether that could be done."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # held by somebody else, or on a file system without locks
        return False
    return True
