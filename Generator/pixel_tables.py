"""Tables of pixels, as Kaggle keeps MNIST and its relatives: a line for each picture, its label and then its pixels."""

import math
import os
import re
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

__all__ = ["pixel_columns", "read_pixel_table", "refuse_pixel_table"]

_SIDE = 28
# Fewer columns than these are not taken for pixels.
_LEAST = 64
_LONGEST_LINE = 2**16
# As many are read at a time.
_LINES = 2**12
_OTHER = re.compile(r"[^\s,]*[^-0-9,\s][^\s,]*")


def pixel_columns(path: str | os.PathLike[str]) -> int:
    """Return how many columns a table of pixels has, or 0 for any other file.

    It is one by its first line, which has many numbers, or titles that end in one, behind a label.

    Args:
        path: of a CSV file.

    >>> pixel_columns("README.md")
    0
    """
    cells = _first_cells(path)
    return len(cells) if len(cells) >= _LEAST and all(cell[-1:].isdigit() for cell in cells[1:]) else 0


def refuse_pixel_table(path: str | os.PathLike[str], owner: str) -> None:
    """Refuse a table of pixels where names of pictures are asked for.

    Args:
        path: of a CSV file.
        owner: whose labels are asked for, for the message.

    Raises ValueError, with the line of Python that reads it.

    >>> refuse_pixel_table("README.md", "pets")
    """
    if columns := pixel_columns(path):
        raise ValueError(
            f"{owner}: expected names of pictures and their labels, got pixels in {columns} columns of '{path}'; read "
            f"them with: {_how_to_read(path, columns)}"
        )


def read_pixel_table(path: str | os.PathLike[str], owner: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read images of 28 x 28 and their labels from a table `label,pixel1,…,pixel784`, with a heading or without.

    Shapes:
        out images (images, 28, 28) and labels (images,), both uint8.

    Args:
        path: of a CSV file.
        owner: whose images these are, for messages.

    Raises ValueError, naming the file, where it has other columns or anything but whole numbers from 0 to 255.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savetxt(f"{folder}/digits.csv", np.full((2, 785), 7), "%d", delimiter=",")
    ...     images, labels = read_pixel_table(f"{folder}/digits.csv", "mnist")
    >>> images.shape, labels.tolist()
    ((2, 28, 28), [7, 7])
    """
    path = Checks.path(path, owner, "path")
    cells, columns = _first_cells(path), 1 + _SIDE * _SIDE
    titled = not cells[0].isdigit()
    if len(cells) != columns or (titled and cells[0].lower() != "label"):
        raise ValueError(
            f"{owner}: expected {columns} columns in '{path}', a label and {_SIDE} x {_SIDE} pixels, got {len(cells)}, "
            f"the first '{cells[0][:80]}'; where labels are kept back, as in competitions, read the table that has "
            f"them: {_how_to_read('train.csv', columns)}"
        )
    pieces: list[NDArray[np.uint8]] = []
    with open(path, encoding="utf-8-sig") as file:
        # What is longer than any line comes in pieces, none of which has as many columns.
        rows = filter(str.strip, iter(partial(file.readline, _LONGEST_LINE), ""))
        try:
            if titled:
                next(rows)
            while lines := list(islice(rows, _LINES)):
                # Older NumPy would cut fractions off, and what is too large for a byte, without a word.
                if other := next(filter(None, map(_OTHER.search, lines)), None):
                    raise ValueError(f"{other[0][:80]!r}")
                values = np.loadtxt(lines, np.int64, delimiter=",", ndmin=2, comments=None)
                if values.shape[1] != columns or values.min() < 0 or values.max() > 255:
                    raise ValueError(f"{values.shape[1]} columns of {values.min()} to {values.max()}")
                pieces.append(values.astype(np.uint8))
        except ValueError as error:
            raise ValueError(
                f"{owner}: expected whole numbers from 0 to 255 in '{path}', {columns} in each line, got something "
                f"else after line {sum(map(len, pieces)) + titled:,} ({error}); is it complete?"
            ) from error
    if not pieces:
        raise ValueError(f"{owner}: expected pictures in '{path}', found none; is it complete?")
    table = np.concatenate(pieces)
    # In the corner of a picture there is paper: whose labels stand last has nothing but 0 in the first column.
    constant = (table[:, [0, -1]] == table[0, [0, -1]]).all(axis=0)
    if not titled and constant[0] and not constant[1]:
        raise ValueError(
            f"{owner}: expected the label first in each line of '{path}', got {table[0, 0]} in all of them and several "
            f"numbers at the end; move the labels to the front, or write a heading that begins with label"
        )
    return table[:, 1:].reshape(-1, _SIDE, _SIDE), table[:, 0].copy()


def _how_to_read(path: str | os.PathLike[str], columns: int) -> str:
    """The line of Python that makes a generator of a table with a heading, whose first column has the labels."""
    side = math.isqrt(columns - 1)
    shape = f"{side}, {side}" if side * side == columns - 1 else "height, width"
    return (
        f"table = np.loadtxt({os.fspath(path)!r}, np.uint8, delimiter=',', skiprows=1); ImageGenerator.from_arrays("
        f"table[:, 1:].reshape(-1, {shape}), table[:, 0], batch_size)"
    )


def _first_cells(path: str | os.PathLike[str]) -> list[str]:
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        return [cell.strip().strip('"') for cell in file.readline(_LONGEST_LINE).split(",")]
