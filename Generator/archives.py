"""Files of known names in a tar archive, plain or packed by gzip, bzip2 or xz, read one after the other.

An archive may come from a stranger. It is read from beginning to end, each file into memory, nothing to the disk;
what is announced must be there, and what is unpacked is counted: a few kilobytes can unfold to gigabytes.
"""

import bz2
import gzip
import lzma
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

__all__ = ["members", "most_unpacked", "read_up_to"]

_BLOCK = 512
_PIECE = 2**18
# The parts of a tar header that are of interest: name, size, checksum, kind, and the beginning of a long name.
_NAME, _SIZE, _CHECKSUM, _KIND, _PREFIX = (
    slice(0, 100),
    slice(124, 136),
    slice(148, 156),
    slice(156, 157),
    slice(345, 500),
)
_FILES, _LINKS, _WITHOUT_CONTENT = b"0\x007", b"12", b"123456"
# Headers that stand before a file and say more of it, such as a long name.
_MORE_SAID = b"xgLK"
_LARGEST_SAID = 2**16
_MOST_MEMBERS = 1000
# What xz may use to unpack: enough for level 8, and half of what the highest one takes.
_XZ_MEMORY = 40 * 2**20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def most_unpacked(packed: int, most: int) -> int:
    """Return how many bytes a packed file of so many bytes may unfold to: 32 MiB, or 50 times its size.

    Pictures fold to a third at best; a file that unfolds to a thousand times its size was made to do so.

    >>> most_unpacked(1000, 2**30), most_unpacked(10**7, 2**30), most_unpacked(10**9, 2**30)
    (33604432, 533554432, 1073741824)
    """
    return min(most, 2**25 + 50 * packed)


def read_up_to(file: _Readable, size: int) -> bytearray:
    """Read so many bytes, or what there is: memory is set aside for bytes that have come, not for announced ones.

    >>> import io
    >>> len(read_up_to(io.BytesIO(bytes(5)), 10**15))
    5
    """
    content = bytearray()
    while len(content) < size and (piece := file.read(min(_PIECE, size - len(content)))):
        content += piece
    return content


def members(
    path: Path, names: frozenset[str], largest: int, usual: str, most: int, owner: str
) -> Iterator[tuple[str, bytearray]]:
    """Give name and content of the files of these names in an archive; in which folder of it they are doesn't matter.

    Args:
        path: the archive.
        names: of the files; others are passed over.
        largest: how many bytes a file may have.
        usual: how large one is, in words.
        most: how many bytes the whole may unfold to, see `most_unpacked`.
        owner: who asks, for messages.

    Raises ValueError, naming the archive, when it is damaged, unfolds to more than that, has more than 1,000 members,
    has one of the files twice or only a link to it, or leads out of itself.
    """
    with open(path, "rb") as file:
        archive = _Archive(file, f"{owner}: expected {{}}, got {{}}; {{}}", f"'{path}'", most)
        try:
            yield from archive.members(names, largest, usual)
        except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
            raise ValueError(
                f"{owner}: expected an intact archive at '{path}', got one that cannot be read ({error}); "
                f"fetch it again"
            ) from error


class _Archive:
    def __init__(self, file: BinaryIO, message: str, path: str, most: int) -> None:
        self.message, self.at = message, path
        self.left = self.most = most_unpacked(os.fstat(file.fileno()).st_size, most)
        self.stream = _unpacking(file)

    def members(self, names: frozenset[str], largest: int, usual: str) -> Iterator[tuple[str, bytearray]]:
        waiting, said = set(names), b""
        for _ in range(_MOST_MEMBERS):
            header = self.read(_BLOCK)
            if len(header) < _BLOCK:
                raise EOFError("it ends without its end mark")
            if not any(header):
                break
            size, kind = self.size_and_kind(header)
            if kind in _MORE_SAID:
                if len(said) + size > _LARGEST_SAID:
                    self.refuse(f"short names in {self.at}", f"{size:,} bytes of them", "is it an archive of pictures?")
                said += self.content(size) if kind in b"xL" else self.skipped(size)
                continue
            path, said = self.path(header, said), b""
            name = path.rpartition("/")[2]
            if ".." in path.split("/") or path.startswith("/"):
                self.refuse(
                    f"files that stay inside of {self.at}",
                    f"one that leads out of it, {path[:80]!r}",
                    "do not unpack it",
                )
            if kind == b"S":
                self.refuse(f"whole files in {self.at}", f"{name[:80]!r} with holes", "pack it anew without --sparse")
            if name in names and kind in _LINKS:
                self.refuse(
                    f"whole files in {self.at}", f"a link in the place of {name!r}", "pack it anew with --dereference"
                )
            if name not in names or kind not in _FILES:
                self.skipped(0 if kind in _WITHOUT_CONTENT else size)
                continue
            if name not in waiting:
                self.refuse(f"each file once in {self.at}", f"{name!r} a second time", "pack it anew")
            if size > largest:
                self.refuse(
                    f"{name!r} in {self.at} to have {usual}", f"{size:,} bytes", "is it the archive that you mean?"
                )
            waiting.remove(name)
            yield name, self.content(size)
        else:
            self.refuse(f"at most {_MOST_MEMBERS:,} files in {self.at}", "more", "is it an archive of batches?")
        # Checksums of packed files stand at the very end, behind the padding.
        while self.read(_PIECE):
            pass

    def refuse(self, expected: str, got: str, advice: str) -> None:
        raise ValueError(self.message.format(expected, got, advice))

    def read(self, size: int) -> bytearray:
        found = read_up_to(self.stream, min(size, self.left + 1))
        self.left -= len(found)
        if self.left < 0:
            self.refuse(
                f"{self.at} to unfold to at most {self.most:,} bytes", "more", "unpack it yourself if you trust it"
            )
        return found

    def content(self, size: int) -> bytearray:
        content = self.read(size)
        if len(content) < size or len(self.read(-size % _BLOCK)) < -size % _BLOCK:
            raise EOFError(f"it announces {size:,} bytes of a file and ends before")
        return content

    def skipped(self, size: int) -> bytes:
        size += -size % _BLOCK
        while size > 0:
            passed = len(self.read(min(size, _PIECE)))
            if not passed:
                raise EOFError("it announces more than it has")
            size -= passed
        return b""

    def size_and_kind(self, header: bytearray) -> tuple[int, bytes]:
        kind, field = bytes(header[_KIND]), bytes(header[_SIZE])
        written = re.fullmatch(rb"[0-7]{1,8}", bytes(header[_CHECKSUM]).strip(b" \0"))
        if written is None or int(written[0], 8) != sum(header) - sum(header[_CHECKSUM]) + 8 * ord(" "):
            raise EOFError("a header doesn't match its checksum")
        octal = re.fullmatch(rb"[0-7]{0,12}", field.strip(b" \0"))
        if octal is None:
            raise EOFError("a size is no octal number")
        return int(octal[0] or b"0", 8), kind

    def path(self, header: bytearray, said: bytes) -> str:
        name, prefix = (bytes(header[part]).partition(b"\0")[0] for part in (_NAME, _PREFIX))
        if header[257:262] == b"ustar" and header[262:263] == b"\0" and prefix:
            name = prefix + b"/" + name
        if b"GNU.sparse." in said:
            self.refuse(f"whole files in {self.at}", "one with holes", "pack it anew without --sparse")
        if re.search(rb"(^|\n)\d+ size=", said):
            raise EOFError("a size is written twice")
        longer = re.findall(rb"(?:^|\n)\d+ path=([^\n]*)\n", said)
        if said and not re.match(rb"\d+ \w", said):
            longer = [said.rstrip(b"\0")]
        return (longer[-1] if longer else name).decode("utf-8", "replace")


def _unpacking(file: BinaryIO) -> Any:
    mark = file.read(6)
    file.seek(0)
    if mark.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if mark.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return _Xz(file) if mark == b"\xfd7zXZ\0" else file


class _Xz:
    """An xz file being unpacked within limited memory, which `lzma.open` can't be asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.packed = file, b""
        self.stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        while not self.stream.eof:
            if self.stream.needs_input and not self.packed:
                self.packed = self.file.read(_PIECE)
                if not self.packed:
                    raise EOFError("it ends in the middle")
            given, self.packed = self.packed, b""
            found = self.stream.decompress(given, size)
            if found:
                return found
        if self.stream.unused_data.strip(b"\0") or self.file.read(1):
            raise lzma.LZMAError("something follows its end")
        return b""
