"""Files that are there as a whole, or not at all."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(filename: str | os.PathLike) -> Iterator[BinaryIO]:
    """A file that takes the place of an earlier one all at once, when it is complete and on the disk.

    Whatever happens meanwhile, the old file or the new one is there. Folders are made where they are missing, a
    symbolic link goes on pointing where it points, an earlier file's permissions are kept.

    Raises OSError where there is something else of that name (a folder, a device), or no file can be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(folder + "/new/text") as file:
    ...         _ = file.write(b"all of it")
    ...     Path(folder + "/new/text").read_text()
    'all of it'
    """
    path = Path(os.path.realpath(filename))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: expected the name of a file, got a folder")
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: expected the name of a file, got a device or a pipe")
    kept = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    # Not even for a moment may others read what they could not read in the earlier file.
    first = 0o666 if kept is None else 0o600
    part = path.with_name(f".{secrets.token_hex(8)}.part")  # short, however long the name of the file is
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, first)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if kept is not None:
            part.chmod(kept)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
