"""CIFAR-10 and CIFAR-100, from a folder or an archive, in either of their versions."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from Foundation import Checks

from .archives import members, read_up_to
from .cifar import CIFAR_10, CIFAR_100, CIFAR_100_IN_GROUPS, Batch, Kind, read_binary_batch, read_python_batch
from .class_names import CIFAR_100_CLASSES, CIFAR_100_GROUPS, CIFAR_CLASSES
from .download import download
from .image_set import ImageSet

__all__ = ["cifar10", "cifar100", "download_cifar10", "download_cifar100"]

# Addresses and checksums stand in TensorFlow Datasets as well.
_URL_10 = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
_CHECKSUM_10 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
_URL_100 = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"
_CHECKSUM_100 = "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"

# All batches together take 186 MB in either version.
_LARGEST_ARCHIVE = 2**28


@dataclass(frozen=True)
class _Layout:
    """How the files of a set are called.

    Attributes:
        owner: the function that reads it, for messages.
        batches: those to train with and, last, the one to test with.
        said: what they are called, in words.
        folders: what archives call the folders that these are in.
        archives: what these are called.
        usual: how large a batch is, in words.
        largest: how many bytes one may have.
    """

    owner: str
    batches: tuple[str, ...]
    said: str
    folders: tuple[str, ...]
    archives: tuple[str, ...]
    usual: str
    largest: int


_TEN = _Layout(
    "cifar10",
    (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"),
    "data_batch_1 to data_batch_5 and test_batch",
    ("cifar-10-batches-bin", "cifar-10-batches-py"),
    ("cifar-10-binary.tar.gz", "cifar-10-python.tar.gz"),
    "31 MB",
    2**26,
)
_HUNDRED = _Layout(
    "cifar100",
    ("train", "test"),
    "train and test",
    ("cifar-100-binary", "cifar-100-python"),
    ("cifar-100-binary.tar.gz", "cifar-100-python.tar.gz"),
    "154 MB",
    2**28,
)


def cifar10(source: str | os.PathLike[str] = "Data") -> ImageSet:
    """Read CIFAR-10: 50,000 small photographs to train with and 10,000 to test with, in colour, 32 x 32.

    Shapes:
        images (50000, 32, 32, 3) and (10000, 32, 32, 3), uint8.

    Args:
        source: a folder with the files of the binary version (`data_batch_1.bin` to `data_batch_5.bin`,
            `test_batch.bin`) or of the Python version (the same without `.bin`), or the archive of either,
            `cifar-10-binary.tar.gz` or `cifar-10-python.tar.gz`, or a folder with that (default `Data`). Nothing
            is unpacked to the disk, and nothing in the files is run.

    Raises FileNotFoundError when files are missing, ValueError, naming the file, when one is damaged.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009.

    >>> cifar10("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: cifar10: expected data_batch_1 to data_batch_5 and test_batch, with or without...
    """
    return _read(Path(Checks.path(source, "cifar10", "source")), _TEN, CIFAR_10, CIFAR_CLASSES)


def cifar100(source: str | os.PathLike[str] = "Data", groups: bool = False) -> ImageSet:
    """Read CIFAR-100: photographs as those of CIFAR-10, of a hundred things, which make twenty groups.

    Shapes:
        images (50000, 32, 32, 3) and (10000, 32, 32, 3), uint8.

    Args:
        source: a folder with `train.bin` and `test.bin` of the binary version, or `train` and `test` of the Python
            version, or the archive of either, `cifar-100-binary.tar.gz` or `cifar-100-python.tar.gz`, or a folder with
            that (default `Data`). Nothing is unpacked to the disk, and nothing in the files is run.
        groups: whether labels are the twenty groups, "trees" for instance, in place of the hundred things (default
            False).

    Raises FileNotFoundError when files are missing, ValueError, naming the file, when one is damaged.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009.

    >>> cifar100("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: cifar100: expected train and test, with or without...
    """
    in_groups = Checks.truth(groups, "cifar100", "groups")
    kind, names = (CIFAR_100_IN_GROUPS, CIFAR_100_GROUPS) if in_groups else (CIFAR_100, CIFAR_100_CLASSES)
    return _read(Path(Checks.path(source, "cifar100", "source")), _HUNDRED, kind, names)


def download_cifar10(folder: str | os.PathLike[str] = "Data", url: str | Sequence[str] = _URL_10) -> Path:
    """Fetch CIFAR-10, 170 MB, unless it is there already, and return the archive, which `cifar10` reads.

    Args:
        folder: where to put it, made if need be (default `Data`).
        url: address of the archive of the binary version, or several, of which the next is asked where one fails.

    Raises ConnectionError, saying where to put the file, when it cannot be fetched, and ValueError when it
    has another checksum than CIFAR-10 has.

    >>> download_cifar10(url="cifar-10-binary.tar.gz")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    return download(url, folder, _CHECKSUM_10)


def download_cifar100(folder: str | os.PathLike[str] = "Data", url: str | Sequence[str] = _URL_100) -> Path:
    """Fetch CIFAR-100, 169 MB, unless it is there already, and return the archive, which `cifar100` reads.

    Args:
        folder: where to put it, made if need be (default `Data`).
        url: as that of `download_cifar10`.

    Raises what `download_cifar10` raises.

    >>> download_cifar100(url="cifar-100-binary.tar.gz")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: download: expected a URL that begins with http:// or https:// and ends in the name of ...
    """
    return download(url, folder, _CHECKSUM_100)


def _read(source: Path, layout: _Layout, kind: Kind, class_names: tuple[str, ...]) -> ImageSet:
    batches: dict[str, Batch] = {}
    refused = None
    for path, content, read in _contents(source, layout):
        try:
            batches[path.stem] = read(content, path, kind)
        except ValueError as error:
            # Of a damaged archive, the checksum at its end tells better what is the matter.
            refused = refused or error
    if refused is not None:
        raise refused
    missing = [name for name in layout.batches if name not in batches]
    if missing:
        raise FileNotFoundError(
            f"{layout.owner}: expected {layout.said}, with or without .bin, or an archive "
            f"{' or '.join(layout.archives)}, at '{source}', found {f'no {missing[0]}' if batches else 'none'}; put it "
            f"there, or call Generator.datasets.download_{layout.owner}({os.fspath(source)!r})"
        )
    test = batches.pop(layout.batches[-1])
    return ImageSet(*_joined([batches.pop(name) for name in layout.batches[:-1]]), *test, class_names)


def _contents(source: Path, layout: _Layout) -> Iterator[tuple[Path, bytearray, Callable[..., Batch]]]:
    """Give path, content and reader of each batch, so that one is in memory at a time."""
    readers: dict[str, Callable[..., Batch]] = {}
    for name in layout.batches:
        readers |= {name: read_python_batch, f"{name}.bin": read_binary_batch}
    for folder in (source, *(source / name for name in layout.folders)):
        # Where there are both versions of a batch, the binary one comes last and counts.
        files = {Path(name).stem: folder / name for name in readers if (folder / name).is_file()}
        if files:
            yield from ((file, _content(file, layout), readers[file.name]) for file in files.values())
            return
    archives = [source / name for name in layout.archives]
    archive = next((candidate for candidate in [source, *archives] if candidate.is_file()), None)
    if archive is not None:
        limits = (layout.largest, layout.usual, _LARGEST_ARCHIVE)
        for name, content in members(archive, frozenset(readers), *limits, layout.owner):
            yield archive / name, content, readers[name]


def _content(file: Path, layout: _Layout) -> bytearray:
    with open(file, "rb") as opened:
        content = read_up_to(opened, layout.largest + 1)
    if len(content) > layout.largest:
        raise ValueError(
            f"{layout.owner}: expected '{file}' to have {layout.usual}, got more than {layout.largest:,} bytes; is it "
            "the set that you mean?"
        )
    return content


def _joined(batches: list[Batch]) -> Batch:
    """One batch of several, which are given up one by one: memory for both at once isn't needed."""
    if len(batches) == 1:
        return batches[0]
    count = sum(len(labels) for _, labels in batches)
    images, labels = np.empty((count, *batches[0][0].shape[1:]), np.uint8), np.empty(count, np.int64)
    start = 0
    while batches:
        part, numbers = batches.pop(0)
        images[start : start + len(part)], labels[start : start + len(part)] = part, numbers
        start += len(part)
    return images, labels
