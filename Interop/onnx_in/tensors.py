"""Constants of a model as arrays: no more numbers than the file has, and none from outside the file's folder."""

import math
import os
import stat
from typing import Any

import numpy as np

#: By the number of a type in ONNX: NumPy's, and where its numbers stand if not as raw bytes.
_TYPES: dict[int, tuple[str, str]] = {
    1: ("<f4", "float_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("|b1", "int32_data"),
    11: ("<f8", "double_data"),
}
_EXTERNAL = 1


def array(tensor: Any, folder: str, taken: dict[str, int]) -> np.ndarray:
    """A constant as an array.

    Args:
        tensor: a TensorProto.
        folder: the model's.
        taken: how many bytes of each file beside the model have been read; they are added up there.

    Raises ValueError, naming it, for types that this library doesn't compute in, for other numbers of elements than its
    shape has, and for a file outside of the model's folder, or that is read over and over.
    """
    who = f"constant {tensor.name[:50]!r}"
    if tensor.data_type not in _TYPES:
        raise ValueError(f"{who}: expected float32, float64, int32, int64 or bool, got ONNX's type {tensor.data_type}")
    kind, field = _TYPES[tensor.data_type]
    shape, dtype = tuple(tensor.dims), np.dtype(kind)
    if len(shape) > 32 or any(length < 0 for length in shape):
        raise ValueError(f"{who}: expected a shape, got {shape[:40]}")
    count = math.prod(shape)
    if tensor.data_location == _EXTERNAL:
        return _from_file(tensor, folder, taken, count, dtype, who).reshape(shape)
    if tensor.HasField("raw_data"):
        content = tensor.raw_data  # a copy
        if len(content) != count * dtype.itemsize:
            raise ValueError(f"{who}: expected {count:,} numbers of {dtype}, got {len(content):,} bytes")
        return np.frombuffer(content, dtype).reshape(shape)
    numbers = getattr(tensor, field)
    if len(numbers) != count:
        raise ValueError(f"{who}: expected {count:,} numbers, got {len(numbers):,}")
    return np.array(numbers, dtype).reshape(shape)


def _from_file(tensor: Any, folder: str, taken: dict[str, int], count: int, dtype: np.dtype, who: str) -> np.ndarray:
    """Numbers from a file beside the model."""
    told = {one.key: one.value for one in tensor.external_data}
    location = told.get("location", "")
    path = os.path.realpath(os.path.join(folder, location)) if location and "\0" not in location else ""
    if not path or os.path.isabs(location) or os.path.commonpath([path, folder]) != folder:
        raise ValueError(f"{who}: expected its numbers in the model's folder, got the file {location[:100]!r}")
    offset, length = (_number(told, key, who) for key in ("offset", "length"))
    wanted = count * dtype.itemsize
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            found = os.fstat(file.fileno())
            start = offset or 0
            if not stat.S_ISREG(found.st_mode) or start + wanted > found.st_size or length not in (None, wanted):
                raise ValueError(
                    f"{who}: expected {wanted:,} bytes from place {start:,} of the file {location[:100]!r} on"
                )
            taken[path] = taken.get(path, 0) + wanted
            if taken[path] > found.st_size:
                raise ValueError(f"{who}: expected numbers of its own in the file {location[:100]!r}, got others'")
            file.seek(start)
            return np.frombuffer(file.read(wanted), dtype)
    except OSError as error:
        raise ValueError(f"{who}: its file {location[:100]!r} can't be read: {error.strerror}") from None


def _number(told: dict[str, str], key: str, who: str) -> int | None:
    text = told.get(key)
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError(f"{who}: expected {key} of its numbers in their file, got {text[:50]!r}")
    return None if text is None else int(text)
