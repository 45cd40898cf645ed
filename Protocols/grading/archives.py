"""Archives, unpacked file by file with limits: nothing leaves the folder, nothing is larger than it may be."""

import bz2
import contextlib
import datetime
import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Generator
from typing import IO, Any

#: No file of a solution is larger than this; data sets that are left out of the copy are.
FILE_LIMIT = 10 * 2**20
#: More files than this are no solution.
COUNT_LIMIT = 10_000
#: Nor are more bytes than this, in all archives of a submission together.
BYTES_LIMIT = 20 * FILE_LIMIT
#: Nor are tar files that hold more than this together, with what would be left out.
TAR_LIMIT = 512 * 2**20
#: An archive in an archive in an archive is read, and no more.
DEPTH = 3
#: Folders in folders deeper than this are no solution.
FOLDERS_DEEP = 40

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, EOFError, OSError)


class TooLarge(ValueError):
    """An archive that is no solution."""


def stem(name: str) -> str:
    """The name of an archive without its ending; the name itself where it has none of them."""
    ending = max((ending for ending in ENDINGS if name.lower().endswith(ending)), key=len, default="")
    return name[: len(name) - len(ending)] or name


def is_archive(path: str) -> bool:
    """Whether a file has the name of an archive, whatever is in it."""
    return path.lower().endswith(ENDINGS) and os.path.isfile(path)


class Unpacker:
    """Unpacks the archives of one submission, within limits for all of them together."""

    def __init__(self) -> None:
        self.files, self.bytes = 0, 0
        self.bytes_of_tar_files = 0
        self.left_out: list[str] = []
        self.newest: dict[str, float] = {}  # when the newest file of each archive was written, by the folder it is in

    def unpack(self, path: str, target: str, depth: int = DEPTH) -> None:
        """Unpack an archive and those in it; raises ValueError where it is broken, encrypted or too large."""
        os.makedirs(target, exist_ok=True)
        try:
            with contextlib.closing(self._members(path)) as members:
                for name, size, written, opened in members:
                    self._write(name, size, opened, target)
                    self.newest[target] = max(self.newest.get(target, 0.0), written)
        except TooLarge:
            raise
        except RuntimeError as error:  # what zipfile says of a password
            raise ValueError(f"{os.path.basename(path)} can't be unpacked: {error}") from None
        except (*BROKEN, ValueError, NotImplementedError) as error:
            raise ValueError(f"{os.path.basename(path)} is broken: {error}") from None
        if depth > 1:
            self.unpack_inside(target, depth - 1)

    def unpack_inside(self, folder: str, depth: int = DEPTH) -> None:
        """Unpack the archives that lie in a folder, each into a folder beside it."""
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not is_rubbish(name)]
            for name in sorted(names):
                path = os.path.join(place, name)
                target = os.path.join(place, stem(name))
                if is_archive(path) and not is_rubbish(name):
                    while os.path.lexists(target):
                        target += "'"
                    self.unpack(path, target, depth)
                    os.remove(path)

    def _members(self, path: str) -> Generator[tuple[str, int, float, Any], None, None]:
        """Of each file: its name, its size as it says, when it was written, and the open file; None for a link."""
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if not member.is_dir():
                        moment = 0.0
                        with contextlib.suppress(ValueError):  # some programs write no date, or one that there isn't
                            moment = datetime.datetime(*member.date_time).timestamp()
                        link = member.external_attr >> 28 == 0o12
                        opened = None if link or member.file_size > FILE_LIMIT else archive.open(member)
                        yield member.filename, member.file_size, moment, opened
            return
        with _decompressed(path) as file:
            limited: Any = _Limited(file, self)
            stream = tarfile.open(fileobj=limited, mode="r|")
            for entry in stream:
                if entry.isfile() or entry.issym() or entry.islnk():
                    opened = stream.extractfile(entry) if entry.isfile() else None
                    yield entry.name, entry.size, float(entry.mtime), opened

    def _write(self, name: str, size: int, opened: IO[bytes] | None, target: str) -> None:
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if not parts or any(is_rubbish(part) for part in parts if part != ".."):
            return
        self.files += 1
        if self.files > COUNT_LIMIT:
            raise TooLarge(f"more than {COUNT_LIMIT:,} files: hand in the solution alone")
        if opened is None or ".." in parts or ":" in parts[0] or size > FILE_LIMIT or len(parts) > FOLDERS_DEEP:
            self.left_out.append(name)
            return
        with opened:
            content = opened.read(FILE_LIMIT + 1)
        if len(content) > FILE_LIMIT:
            self.left_out.append(name)
            return
        self.bytes += len(content)
        if self.bytes > BYTES_LIMIT:
            raise TooLarge(f"more than {BYTES_LIMIT // 2**20} MB: hand in the solution alone")
        path = os.path.join(
            target, *(part.encode("utf-8", "replace")[:200].decode("utf-8", "replace") for part in parts)
        )
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        except (OSError, ValueError):  # a name that no file can have, or that a folder has already
            self.left_out.append(name)


def is_rubbish(name: str) -> bool:
    """Whether a file or folder is none of the student's: hidden, bytecode, what macOS and Windows add."""
    return name.startswith(".") or name in ("__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini")


def _decompressed(path: str) -> IO[bytes]:
    """A tar file as it was before it was compressed, by its first bytes."""
    with open(path, "rb") as file:
        begin = file.read(6)
    openers = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
    opener: Any = next((opener for mark, opener in openers.items() if begin.startswith(mark)), open)
    opened: IO[bytes] = opener(path, "rb")
    return opened


class _Limited:
    """A file that isn't read for hours, whatever it says of its size, nor into memory as one header."""

    def __init__(self, file: IO[bytes], unpacker: Unpacker) -> None:
        self._file, self._unpacker = file, unpacker

    def read(self, size: int) -> bytes:
        """The next bytes; raises TooLarge where there are too many."""
        content = self._file.read(size)
        self._unpacker.bytes_of_tar_files += len(content)
        if self._unpacker.bytes_of_tar_files > TAR_LIMIT:
            raise TooLarge(f"more than {TAR_LIMIT // 2**20} MB unpacked: hand in the solution alone")
        return content
