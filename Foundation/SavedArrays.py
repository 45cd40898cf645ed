"""Arrays as members of an archive, in the form that `numpy.load` reads.

Each is written from where it lies and read into where it stays, a piece at a time: there is never a second copy. What
is read is distrusted: an array is made only where as many bytes as it declares are there.
"""

import hashlib
import io
import math
import re
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

import numpy as np

from Foundation.SavedArchive import Member

_PIECE = 2**20
_MAGIC = b"\x93NUMPY\x01\x00"
#: What NumPy writes in front of an array of real numbers. Its own reader evaluates this as an expression of Python's.
_HEADER = re.compile(
    r"\{'descr': '([<>|=][fiub]\d{1,2})', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*)\), \} *\n"
)


def write_array(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> str:
    """Write an array of real numbers as a member of this name; returns its checksum."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    member = zipfile.ZipInfo(name)
    member.file_size = header.tell() + array.nbytes  # beyond some size, an archive has to know before
    checksum = hashlib.sha256()
    with archive.open(member, "w") as file:
        for piece in chain([header.getbuffer()], _pieces(array)):
            checksum.update(piece)
            file.write(piece)
    return checksum.hexdigest()


def read_array(file: BinaryIO, member: Member, checksum: object) -> np.ndarray:
    """Read the array that `write_array` wrote; raises ValueError where it is another one, or none."""
    file.seek(member.start)
    begun = file.read(min(len(_MAGIC) + 2, member.size))
    header = file.read(min(int.from_bytes(begun[len(_MAGIC) :], "little"), member.size - len(begun)))
    dtype, shape, by_columns = _declared(begun, header, member)
    array = np.empty(shape, dtype, order="F" if by_columns else "C")
    found, content = hashlib.sha256(begun + header), _bytes(array)
    for start in range(0, array.nbytes, _PIECE):
        piece = content[start : start + _PIECE]
        file.readinto(piece)  # type: ignore[attr-defined]
        found.update(piece)
    if found.hexdigest() != checksum:
        raise ValueError(f"damaged: {member.name} does not match its checksum")
    return array


def _declared(begun: bytes, header: bytes, member: Member) -> tuple[np.dtype, tuple[int, ...], bool]:
    found = _HEADER.fullmatch(header.decode("latin1")) if begun.startswith(_MAGIC) else None
    if found is not None:
        dtype = np.dtype(found[1])
        shape = tuple(int(length) for length in re.findall(r"\d+", found[3]))
        if dtype.itemsize * math.prod(shape) == member.size - len(begun) - len(header):
            return dtype, shape, found[2] == "True"
    raise ValueError(f"damaged: {member.name} declares {(begun + header)[:200]!r}, not the numbers that it holds")


def _bytes(array: np.ndarray) -> memoryview:
    """The memory of an array without gaps."""
    return array.ravel(order="K").view(np.uint8).data


def _pieces(array: np.ndarray) -> Iterator[bytes | memoryview]:
    """The bytes of an array, in the order in which its header says that they lie."""
    if array.flags.c_contiguous or array.flags.f_contiguous:
        content = _bytes(array)
        for start in range(0, array.nbytes, _PIECE):
            yield content[start : start + _PIECE]
    else:
        size = max(1, _PIECE // array.itemsize)
        pieces: Any = np.nditer(array, ["external_loop", "buffered", "zerosize_ok"], buffersize=size, order="C")
        for piece in pieces:
            yield piece.tobytes("C")
