"""Files of arrays by name: safetensors, and NumPy's `.npz`. Nothing in them is executed."""

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.ArrayHeaders import read_array_header
from Foundation.Files import replacing
from Foundation.SavedArchive import Member, members_of
from Foundation.SavedArchive import read as read_member
from Foundation.SavedArrays import NewArchive, write_array
from Foundation.SavedObjects import reading
from Interop.extras import needed

_PICKLES = (".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt")


def read(file: str | os.PathLike) -> dict[str, np.ndarray]:
    """The arrays in a file, by name, in their order there.

    Raises ValueError, naming the file, for what is damaged or none, and for pickles; OSError where it can't be read;
    ModuleNotFoundError where safetensors is missing.
    """
    path = Path(file)
    if path.suffix == ".safetensors":
        with reading(path, "file of safetensors"):
            try:
                found: dict[str, np.ndarray] = _safetensors("read").load_file(path)
            except (AttributeError, TypeError) as error:
                raise ValueError(
                    f"expected types of number that NumPy has ({error}); in PyTorch, write the file with .float()"
                ) from error
            return found
    _refuse(
        path,
        "may do anything when it is read; in PyTorch, write "
        "safetensors.torch.save_file(model.state_dict(), 'model.safetensors') instead",
    )
    with reading(path, ".npz file") as opened:
        members = members_of(opened)
        return {name.removesuffix(".npy"): _array(read_member(opened, one), one) for name, one in members.items()}


def write(arrays: Mapping[str, np.ndarray], file: str | os.PathLike) -> None:
    """Write arrays by name; an earlier file is replaced at the end, all at once.

    They are written as they lie row by row: there are versions of safetensors that take an array's memory as it lies,
    so that a turned one comes back as another.

    Raises ValueError for another ending than `.safetensors` or `.npz`; ModuleNotFoundError where safetensors is
    missing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write({"fc.weight": np.ones((2, 3)).T}, folder + "/model.npz")
    ...     read(folder + "/model.npz")["fc.weight"].shape
    (3, 2)
    """
    path = Path(Checks.path(file, "to_state_dict", "file"))
    rows = {name: np.array(array, order="C") for name, array in arrays.items()}
    if path.suffix == ".safetensors":
        content = _safetensors("write").save(rows)
        with replacing(path) as opened:
            opened.write(content)
        return
    _refuse(path, "is never written here; PyTorch reads one of .safetensors by safetensors.torch.load_file")
    with replacing(path) as opened, NewArchive(opened) as archive:
        for name, array in rows.items():
            write_array(archive, f"{name}.npy", array)


def _refuse(path: Path, why_no_pickle: str) -> None:
    if path.suffix in _PICKLES:
        raise ValueError(f"{path}: a pickle, which {why_no_pickle}")
    if path.suffix != ".npz":
        raise ValueError(f"{path}: expected a file that ends in .safetensors or .npz")


def _safetensors(who: str) -> Any:
    return needed("safetensors.numpy", "safetensors", who)


def _array(content: bytes, member: Member) -> np.ndarray:
    file = io.BytesIO(content)
    shape, by_columns, dtype = read_array_header(file)
    start = file.tell()
    if dtype.kind not in "fiub" or start + dtype.itemsize * int(np.prod(shape, dtype=object)) != len(content):
        raise ValueError(f"damaged: {member.name} declares {shape[:5]} of {dtype}, not what it holds")
    return np.frombuffer(content, dtype, offset=start).reshape(shape, order="F" if by_columns else "C")
