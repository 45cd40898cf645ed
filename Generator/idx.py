"""The file format of MNIST: an array of any number of axes behind a header of a few bytes.

Two zero bytes, one byte for the type of number, one for the number of axes, then the length of each axis in
four bytes, then the numbers, most significant byte first. The files are usually compressed with gzip.
"""

import gzip
import math
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .archives import most_unpacked, read_up_to

__all__ = ["read_idx", "read_idx_of_zip"]

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MARK = b"\x1f\x8b"
_LARGEST = 2**30
# As many as every version of NumPy can take.
_MOST_AXES = 32
_DAMAGED = zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, struct.error
# Of a zip archive's list of files, in bytes, which is read as a whole: some thousands of names.
_LONGEST_LIST = 2**20


def read_idx(path: str | os.PathLike[str], max_bytes: int | None = None) -> NDArray[Any]:
    """Read an array from an IDX file, plain or compressed with gzip.

    Shapes:
        out as the file says; MNIST's images are (images, 28, 28), its labels (images,), all uint8.

    Args:
        path: the file.
        max_bytes: the largest array accepted, in bytes (default None: 1 GiB, and of a compressed file no more than 32
            MiB or 50 times its size), which protects from small compressed files that unfold to fill the memory.

    Raises FileNotFoundError when it is missing; ValueError, naming the file, when it is no IDX file, when it
    is damaged, when it holds less or more than its header says, or more than `max_bytes`.

    Source: LeCun, Cortes, Burges: "The MNIST database of handwritten digits", 1998, section "File formats".

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "labels-idx1-ubyte"
    ...     written = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(file).tolist()
    [7, 2, 1]
    """
    path = Path(Checks.path(path, "read_idx", "path"))
    if max_bytes is not None:
        max_bytes = Checks.positive_integer(max_bytes, "read_idx", "max_bytes")
    if not path.is_file():
        raise FileNotFoundError(
            f"read_idx: expected a file at '{path}', found none; put it there, or see Generator/datasets.py "
            f"for a download"
        )
    with open(path, "rb") as file:
        return _unpacked(f"IDX file '{path}'", file, path.stat().st_size, max_bytes)


def read_idx_of_zip(archive: Path, name: str, owner: str) -> NDArray[Any]:
    """Read an array from an IDX file in a zip archive, whatever folder of it the file is in.

    Args:
        archive: its path.
        name: of the file.
        owner: who asks, for messages.

    Raises FileNotFoundError where there is none of this name in it; ValueError, naming the archive, where it is
    damaged, or packed in another way than zip's usual one, and what `read_idx` raises.
    """
    with open(archive, "rb") as file:
        _refuse_long_lists(archive, file, owner)
        try:
            with zipfile.ZipFile(file) as opened:
                member = next((each for each in opened.infolist() if each.filename.rpartition("/")[2] == name), None)
                if member is None:
                    raise FileNotFoundError(
                        f"{owner}: expected {name!r} in '{archive}', found none; is it the right archive?"
                    )
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others take any memory
                    raise zipfile.BadZipFile(f"{name!r} is packed by method {member.compress_type}")
                with opened.open(member) as packed:
                    most = most_unpacked(archive.stat().st_size, _LARGEST)
                    return _unpacked(f"IDX file '{archive / member.filename}'", packed, 0, most)
        except FileNotFoundError:
            raise
        except (*_DAMAGED, OSError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{owner}: expected an intact archive at '{archive}', got one that cannot be read ({error}); fetch it "
                "again"
            ) from error


def _refuse_long_lists(archive: Path, file: BinaryIO, owner: str) -> None:
    """Raise ValueError for an archive whose list of files would fill the memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2**16 - 22))
    _, mark, end = file.read().rpartition(b"PK\5\6")
    listed = int.from_bytes(end[8:12], "little")
    if mark and listed > _LONGEST_LIST:
        raise ValueError(
            f"{owner}: expected '{archive}' to hold some dozens of files, got a list of {listed:,} bytes; unpack it "
            "yourself if you trust it"
        )


def _unpacked(owner: str, file: Any, size: int, max_bytes: int | None) -> NDArray[Any]:
    """The array in an opened file of a size, packed or not."""
    compressed = file.read(2) == _GZIP_MARK
    file.seek(0)
    largest = _LARGEST if max_bytes is None else max_bytes
    if not compressed:
        return _read(owner, file, largest)
    if max_bytes is None:
        largest = most_unpacked(size, largest)
    try:
        with gzip.open(file) as unfolded:
            return _read(owner, unfolded, largest)  # type: ignore[arg-type]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(
            f"{owner}: expected an intact gzip file, got a damaged one ({error}); fetch it again"
        ) from error


def _read(owner: str, file: BinaryIO, max_bytes: int) -> NDArray[Any]:
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or start[3] == 0:
        raise ValueError(
            f"{owner}: expected a header of two zero bytes, a type and a number of axes, got "
            f"{start.hex(' ')!r}; is it an IDX file?"
        )
    dtype = np.dtype(_TYPES[start[2]])
    header = file.read(4 * start[3])
    if len(header) < 4 * start[3]:
        raise ValueError(f"{owner}: expected the lengths of {start[3]} axes, got a file that ends; fetch it again")
    shape = struct.unpack(f">{start[3]}I", header)
    if len(shape) > _MOST_AXES:
        raise ValueError(f"{owner}: expected at most {_MOST_AXES} axes, got {len(shape)}; is it an IDX file?")
    # Axes of length 0 make an empty array of one that nobody could number.
    declared = math.prod(max(length, 1) for length in shape) * dtype.itemsize
    if declared > max_bytes:
        raise ValueError(
            f"{owner}: expected at most {max_bytes:,} bytes, got a header that declares {declared:,}, shape "
            f"{shape}; raise max_bytes if you trust the file"
        )
    size = math.prod(shape) * dtype.itemsize
    # One byte more than there should be tells whether there is more.
    numbers = read_up_to(file, size + 1)
    if len(numbers) != size:
        found = "more" if len(numbers) > size else f"{len(numbers):,}"
        raise ValueError(
            f"{owner}: expected {size:,} bytes for shape {shape}, got {found}; is it complete? fetch it again"
        )
    array: NDArray[Any] = np.frombuffer(numbers, dtype).reshape(shape)
    # In the machine's own order of bytes, and nobody else's.
    return array if dtype.isnative else array.byteswap(inplace=True).view(dtype.newbyteorder("="))
