"""The two file formats of CIFAR-10 and CIFAR-100, each read without trusting it.

The binary one is records of 1 + 3072 bytes: a label (of CIFAR-100 two), then 32 x 32 pixels of red, of green, of
blue. The Python one is a *pickle*, a little program that builds a dictionary, which `unpickling` reads.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .unpickling import PickledArray, unpickled

__all__ = ["CIFAR_10", "CIFAR_100", "CIFAR_100_IN_GROUPS", "Batch", "Kind", "read_binary_batch", "read_python_batch"]

_PIXELS = 3 * 32 * 32

Batch = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class Kind:
    """Which labels are read, of which set.

    Attributes:
        title: what the set is called.
        classes: how many there are.
        key: what the labels are called in the Python version.
        labels: how many labels stand before a picture in the binary version.
        place: which of them it is.
        most_steps: how many steps a batch of the Python version may take to read.
    """

    title: str
    classes: int
    key: str
    labels: int = 1
    place: int = 0
    most_steps: int = 2**17


CIFAR_10 = Kind("CIFAR-10", 10, "labels")
#: Its batches have 50,000 pictures and two labels for each.
CIFAR_100 = Kind("CIFAR-100", 100, "fine_labels", 2, 1, 2**20)
CIFAR_100_IN_GROUPS = Kind("CIFAR-100", 20, "coarse_labels", 2, 0, 2**20)


def read_binary_batch(content: bytes | bytearray, name: str | os.PathLike[str], kind: Kind = CIFAR_10) -> Batch:
    """Read a batch of the binary version, such as `data_batch_1.bin`.

    Shapes:
        out images (images, 32, 32, 3), uint8, and labels (images,).

    Args:
        content: what the file holds.
        name: what the file is called, for messages.
        kind: which labels are read (default: those of CIFAR-10).

    Raises ValueError, naming the file, when it is not made of whole records, or has a label that is no class.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009, and the data set's web
    page.

    >>> images, labels = read_binary_batch(bytes([7]) + bytes(3072), "data_batch_1.bin")
    >>> images.shape, labels.tolist()
    ((1, 32, 32, 3), [7])
    """
    length = kind.labels + _PIXELS
    if len(content) == 0 or len(content) % length:
        raise ValueError(
            f"{kind.title} file '{Path(name)}': expected records of {length} bytes, got {len(content):,} "
            f"bytes; is it complete, and of the binary version?"
        )
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, length)
    return _batch(records[:, kind.labels :], records[:, kind.place], name, kind)


def read_python_batch(content: bytes | bytearray, name: str | os.PathLike[str], kind: Kind = CIFAR_10) -> Batch:
    """Read a batch of the Python version, such as `data_batch_1`, without running what is in it.

    Shapes:
        out images (images, 32, 32, 3), uint8, and labels (images,).

    Args:
        content: what the file holds.
        name: what the file is called, for messages.
        kind: which labels are read (default: those of CIFAR-10).

    Raises ValueError, naming the file, for anything that is not such a batch.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009, and the data set's web
    page.

    >>> import pickle
    >>> read_python_batch(pickle.dumps(print), "data_batch_1")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: CIFAR-10 file 'data_batch_1': expected numbers only, got a call of builtins.print...
    """
    owner = f"{kind.title} file '{Path(name)}'"
    table = unpickled(content, owner, kind.most_steps)
    if not isinstance(table, dict):
        raise ValueError(f"{owner}: expected a dictionary, got a {type(table).__name__}; is it a {kind.title} batch?")
    pixels, labels = table.get("data"), table.get(kind.key)
    if not isinstance(pixels, PickledArray) or not isinstance(labels, list):
        raise ValueError(
            f"{owner}: expected an array 'data' and a list '{kind.key}', got {sorted(table)[:9]}; "
            f"{'CIFAR-10' if kind.labels > 1 else 'CIFAR-100'} and files of names are others"
        )
    if not labels or set(map(type, labels)) != {int} or max(labels) >= kind.classes or min(labels) < 0:
        raise ValueError(
            f"{owner}: expected labels from 0 to {kind.classes - 1}, got something else; is it {kind.title}?"
        )
    return _batch(_pixels(pixels, owner, len(labels)), np.array(labels), name, kind)


def _pixels(found: PickledArray, owner: str, count: int) -> NDArray[np.uint8]:
    if found.code != "u1" or found.shape != (count, _PIXELS) or found.by_columns:
        raise ValueError(
            f"{owner}: expected bytes of shape ({count}, {_PIXELS}), row by row, got type {_short(found.code)!r} and "
            f"shape {_short(found.shape)!r}{', column by column' if found.by_columns is True else ''}; "
            f"is it a batch of CIFAR?"
        )
    if not isinstance(found.content, bytes | memoryview) or len(found.content) != count * _PIXELS:
        raise ValueError(f"{owner}: expected {count * _PIXELS:,} bytes of pixels, got others; is it complete?")
    return np.frombuffer(found.content, dtype=np.uint8).reshape(count, _PIXELS)


def _short(value: Any) -> Any:
    """What a stranger wrote, where it is short enough for a message."""
    is_shape = isinstance(value, tuple) and len(value) <= 8 and set(map(type, value)) <= {int}
    return value if is_shape or value is None or (isinstance(value, str) and len(value) <= 40) else "something else"


def _batch(pixels: NDArray[np.uint8], labels: NDArray[Any], name: str | os.PathLike[str], kind: Kind) -> Batch:
    if labels.max() >= kind.classes:
        raise ValueError(
            f"{kind.title} file '{Path(name)}': expected labels from 0 to {kind.classes - 1}, got {labels.max()}; is "
            f"it {kind.title}?"
        )
    images = np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return images, labels.astype(np.int64)
