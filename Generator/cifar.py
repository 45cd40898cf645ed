"""The two file formats of CIFAR-10, each read without trusting it.

The binary one is records of 1 + 3072 bytes: a label, then 32 x 32 pixels of red, of green, of blue. The
Python one is a *pickle*, a little program that builds a dictionary; here it may build nothing but what CIFAR
consists of.
"""

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_binary_batch", "read_python_batch"]

_PIXELS = 3 * 32 * 32

Batch = tuple[NDArray[np.uint8], NDArray[np.int64]]


def read_binary_batch(content: bytes, name: str | os.PathLike[str]) -> Batch:
    """Read a batch of the binary version, such as `data_batch_1.bin`.

    Shapes:
        out images (images, 32, 32, 3), uint8, and labels (images,).

    Args:
        content: what the file holds.
        name: what the file is called, for messages.

    Raises ValueError, naming the file, when it is not made of whole records, or has a label above 9.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009, and the data set's web
    page.

    >>> images, labels = read_binary_batch(bytes([7]) + bytes(3072), "data_batch_1.bin")
    >>> images.shape, labels.tolist()
    ((1, 32, 32, 3), [7])
    """
    if len(content) == 0 or len(content) % (1 + _PIXELS):
        raise ValueError(
            f"CIFAR-10 file '{Path(name)}': expected records of {1 + _PIXELS} bytes, got {len(content):,} "
            f"bytes; is it complete, and of the binary version?"
        )
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, 1 + _PIXELS)
    return _batch(records[:, 1:], records[:, 0], name)


def read_python_batch(content: bytes, name: str | os.PathLike[str]) -> Batch:
    """Read a batch of the Python version, such as `data_batch_1`, without running what is in it.

    A pickle can name any function of any module to be called while it is read. Here every name but the few
    that describe an array is refused, and even these lead to descriptions of our own, not to NumPy's
    functions.

    Shapes:
        out images (images, 32, 32, 3), uint8, and labels (images,).

    Args:
        content: what the file holds.
        name: what the file is called, for messages.

    Raises ValueError, naming the file, for anything that is not a CIFAR-10 batch.

    Source: Krizhevsky: "Learning Multiple Layers of Features from Tiny Images", 2009, and the data set's web
    page.

    >>> read_python_batch(pickle.dumps(print), "data_batch_1")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: CIFAR-10 file 'data_batch_1': expected numbers only, got a call of builtins.print...
    """
    owner = f"CIFAR-10 file '{Path(name)}'"
    try:
        table = _CautiousUnpickler(io.BytesIO(content), owner).load()
    except _RefusedContentError as refusal:
        raise ValueError(str(refusal)) from None
    except Exception as error:
        # A program of random bytes can go wrong in every way there is.
        raise ValueError(
            f"{owner}: expected a batch of the Python version, got something unreadable "
            f"({type(error).__name__}: {error}); is it complete?"
        ) from error
    if not isinstance(table, dict):
        raise ValueError(f"{owner}: expected a dictionary, got a {type(table).__name__}; is it a CIFAR-10 batch?")
    named = {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in table.items()}
    pixels, labels = named.get("data"), named.get("labels")
    if not isinstance(pixels, _ArrayDescription) or not isinstance(labels, list):
        raise ValueError(
            f"{owner}: expected an array 'data' and a list 'labels', got {sorted(map(str, named))}; "
            f"CIFAR-100 and batches.meta are other files"
        )
    if not labels or set(map(type, labels)) != {int} or max(labels) > 9 or min(labels) < 0:
        raise ValueError(f"{owner}: expected labels from 0 to 9, got something else; is it CIFAR-10?")
    return _batch(pixels.as_bytes(owner, len(labels)), np.array(labels), name)


def _batch(pixels: NDArray[np.uint8], labels: NDArray[Any], name: str | os.PathLike[str]) -> Batch:
    if labels.max() > 9:
        raise ValueError(
            f"CIFAR-10 file '{Path(name)}': expected labels from 0 to 9, got {labels.max()}; is it CIFAR-10?"
        )
    images = np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return images, labels.astype(np.int64)


class _RefusedContentError(Exception):
    """Content that is understood, and not wanted."""


class _TypeDescription:
    """Stands for NumPy's dtype: remembers what the file says of it."""

    def __init__(self, code: Any = None, *_: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        """Take no notice of the order of bytes, which single bytes do not have."""


class _ArrayDescription:
    """Stands for NumPy's array: remembers what the file says of it, until it has been checked."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def as_bytes(self, owner: str, count: int) -> NDArray[np.uint8]:
        if not isinstance(self.state, tuple) or len(self.state) != 5:
            raise ValueError(f"{owner}: expected an array of pixels, got something else; is it a CIFAR-10 batch?")
        _, shape, kind, by_columns, content = self.state
        code = getattr(kind, "code", None)
        if code not in ("u1", b"u1") or shape != (count, _PIXELS) or by_columns:
            raise ValueError(
                f"{owner}: expected bytes of shape ({count}, {_PIXELS}), got type {code!r} and shape "
                f"{shape!r}; is it a CIFAR-10 batch?"
            )
        if not isinstance(content, bytes) or len(content) != count * _PIXELS:
            raise ValueError(f"{owner}: expected {count * _PIXELS:,} bytes of pixels, got others; is it complete?")
        return np.frombuffer(content, dtype=np.uint8).reshape(count, _PIXELS)


def _described_array(*_: Any) -> _ArrayDescription:
    return _ArrayDescription()


def _encoded(text: str, encoding: str) -> bytes:
    # How Python 3 writes bytes for Python 2; no other encoding ever occurs.
    return text.encode("latin1")


class _CautiousUnpickler(pickle.Unpickler):
    _KNOWN = {  # noqa: RUF012
        ("numpy.core.multiarray", "_reconstruct"): _described_array,
        ("numpy._core.multiarray", "_reconstruct"): _described_array,
        ("numpy", "ndarray"): _ArrayDescription,
        ("numpy", "dtype"): _TypeDescription,
        ("_codecs", "encode"): _encoded,
    }

    def __init__(self, file: io.BytesIO, owner: str) -> None:
        # What Python 2 called a string is bytes: here, pixels.
        super().__init__(file, encoding="bytes")
        self._owner = owner

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._KNOWN[module, name]
        except KeyError:
            raise _RefusedContentError(
                f"{self._owner}: expected numbers only, got a call of {module}.{name}; do not open it"
            ) from None
