"""Arrays as members of an archive, in the form that `numpy.load` reads.

Each is written from where it lies and read into where it stays, a piece at a time: there is never a second copy. What
is read is distrusted: an array is made only where as many bytes as it declares are there.
"""

import hashlib
import io
import math
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

import numpy as np

from Foundation.ArrayHeaders import read_array_header
from Foundation.SavedArchive import Member

_PIECE = 2**20


class NewArchive(zipfile.ZipFile):
    """An archive that is being written into an open file; one that an error leaves unfinished gets no end.

    Python's own gives it one, which may raise another error in the place of the first: where Ctrl-C comes as a member
    begins, that member counts as open for ever.

    >>> file = io.BytesIO()
    >>> with NewArchive(file) as archive:
    ...     archive.writestr("greeting", "hello")
    >>> zipfile.ZipFile(file).namelist()
    ['greeting']
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, "w")

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if kind is None:
            self.close()

    def __del__(self) -> None:
        """Leave the file to whoever has opened it."""


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
    try:
        shape, by_columns, dtype = read_array_header(file)
    except ValueError as error:
        raise ValueError(f"damaged: {member.name}: {error}") from None
    length = file.tell() - member.start
    if dtype.kind not in "fiub" or length + dtype.itemsize * math.prod(shape) != member.size:
        raise ValueError(f"damaged: {member.name} declares {shape[:5]} of {dtype}, not what it holds")
    file.seek(member.start)
    found = hashlib.sha256(file.read(length))
    array = np.empty(shape, dtype, order="F" if by_columns else "C")
    content = _bytes(array)
    for start in range(0, array.nbytes, _PIECE):
        piece = content[start : start + _PIECE]
        file.readinto(piece)  # type: ignore[attr-defined]
        found.update(piece)
    if found.hexdigest() != checksum:
        raise ValueError(f"damaged: {member.name} does not match its checksum")
    return array


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
