"""What an uncompressed zip archive holds, read from a file whose every byte is distrusted.

Python's own reader takes memory for what an archive announces: so many bytes of directory, of a name, of a member. Here
nothing is read but what lies within the file, once, and one member beside the other.
"""

import os
import zlib
from struct import Struct, unpack_from
from typing import BinaryIO, NamedTuple

#: The records of an archive, from its end: where the directory is, the same for large archives, an entry, a member.
_END, _LOCATOR = Struct("<4s4H2LH"), Struct("<4sLQL")
_LARGE_END = Struct("<4sQ2H2L4Q")
_ENTRY, _LOCAL = Struct("<4s4B4HL2L5H2L"), Struct("<4s2B4HL2L2H")
_UNKNOWN = 2**32 - 1  # stands for a number that needs more bits, which stands behind
_ENCRYPTED = 0x2041


class DamagedError(ValueError):
    """The file is no whole archive."""


class Member(NamedTuple):
    """Where a member lies, and its checksum."""

    name: str
    start: int
    size: int
    checksum: int


def members_of(file: BinaryIO) -> dict[str, Member]:
    """The members of an archive by name.

    Raises DamagedError where it is no archive, or one whose members overlap or have one name; ValueError where it is
    compressed or encrypted.

    >>> import tempfile, zipfile
    >>> with tempfile.TemporaryFile() as file:
    ...     with zipfile.ZipFile(file, "w") as archive:
    ...         archive.writestr("greeting", "hello")
    ...     read(file, members_of(file)["greeting"])
    b'hello'
    """
    size = os.fstat(file.fileno()).st_size
    count, length, start, end = _directory(file, size)
    entries = _read(file, start, length, end)
    found: list[Member] = []
    place = 0
    for _ in range(count):
        member, place = _member(file, entries, place, start)
        found.append(member)
    free = 0
    for member in sorted(found, key=lambda member: member.start):
        if member.start < free:
            raise DamagedError(f"{member.name} overlaps what lies before it")
        free = member.start + member.size
    by_name = {member.name: member for member in found}
    if len(by_name) < count:
        raise DamagedError("two members of one name")
    return by_name


def read(file: BinaryIO, member: Member) -> bytes:
    """The content of a member; raises DamagedError where it isn't what was written."""
    content = _read(file, member.start, member.size, member.start + member.size)
    if zlib.crc32(content) != member.checksum:
        raise DamagedError(f"{member.name} does not match its checksum")
    return content


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """How many entries the directory has, its length, its place, and what it has to end before."""
    end = size - _END.size
    mark, *_, count, length, start, comment = _END.unpack(_read(file, end, _END.size, size))
    if mark != b"PK\x05\x06" or comment:
        raise DamagedError("the end of an archive is not there")
    if count == 2**16 - 1 or _UNKNOWN in (length, start):
        end -= _LOCATOR.size
        mark, _, place, _ = _LOCATOR.unpack(_read(file, end, _LOCATOR.size, size))
        last, *_, count, length, start = _LARGE_END.unpack(_read(file, place, _LARGE_END.size, end))
        if (mark, last) != (b"PK\x06\x07", b"PK\x06\x06"):
            raise DamagedError("the end of a large archive is not there")
        end = place
    if count * _ENTRY.size > length:
        raise DamagedError("more members than entries in the directory")
    return count, length, start, end


def _member(file: BinaryIO, entries: bytes, place: int, end: int) -> tuple[Member, int]:
    """The member whose entry begins at a place of the directory, and where the next entry begins."""
    if place + _ENTRY.size > len(entries):
        raise DamagedError("the directory ends in the middle of an entry")
    mark, _, _, _, _, flags, method, _, _, checksum, packed, size, *lengths, _, _, _, header = _ENTRY.unpack_from(
        entries, place
    )
    place += _ENTRY.size
    name_length, extra_length, comment_length = lengths
    name = entries[place : place + name_length].decode("utf-8", "replace")
    extra = entries[place + name_length : place + name_length + extra_length]
    if mark != b"PK\x01\x02":
        raise DamagedError("an entry of the directory is none")
    if _UNKNOWN in (packed, size, header):
        size, packed, header = _large(extra, size, packed, header)
    if flags & _ENCRYPTED or method or packed != size:
        raise ValueError("expected an archive without compression or encryption, as save writes it")
    local = _read(file, header, _LOCAL.size, end)
    mark, *_, local_name, local_extra = _LOCAL.unpack(local)
    start = header + _LOCAL.size + local_name + local_extra
    if mark != b"PK\x03\x04" or start + size > end:
        raise DamagedError(f"{name[:50]} declares more content than the file has")
    return Member(name, start, size, checksum), place + name_length + extra_length + comment_length


def _large(extra: bytes, *numbers: int) -> list[int]:
    """Numbers of which those that are too large for an entry stand behind it, in their order."""
    kind, length = unpack_from("<2H", extra) if len(extra) >= 4 else (0, 0)
    wanted = numbers.count(_UNKNOWN)
    if kind != 1 or length != 8 * wanted or len(extra) < 4 + length:
        raise DamagedError("a large member whose size is not there")
    behind = iter(unpack_from(f"<{wanted}Q", extra, 4))
    return [next(behind) if number == _UNKNOWN else number for number in numbers]


def _read(file: BinaryIO, start: int, length: int, end: int) -> bytes:
    """Bytes of a file that lie before its end, or before what has been read already."""
    if not 0 <= start <= start + length <= end:
        raise DamagedError("a part lies outside of the file")
    file.seek(start)
    content = file.read(length)
    if len(content) < length:
        raise DamagedError("a part lies outside of the file")
    return content
