"""Labels as networks and losses take them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks

#: How far from 1 the sum of a label's probabilities may be; float32 rounding stays far below it.
TOLERANCE = 1e-4
#: Six times the classes of the largest public collection of pictures; a one-hot row of as many takes 1 MiB.
MOST_CLASSES = 2**17


def check_largest(label: int, owner: str) -> None:
    """Raise ValueError for a label so large that rows for so many classes would fill the memory.

    >>> check_largest(4_000_000_000, "pets")
    Traceback (most recent call last):
        ...
    ValueError: pets: expected labels below 131,072, got 4,000,000,000; number the classes from 0 without gaps
    """
    if label >= MOST_CLASSES:
        raise ValueError(
            f"{owner}: expected labels below {MOST_CLASSES:,}, got {label:,}; number the classes from 0 without gaps"
        )


def one_hot(labels: ArrayLike, classes: int, dtype: DTypeLike = np.float64) -> np.ndarray[Any, Any]:
    """Return labels as rows that are 1 at the label and 0 elsewhere.

    Shapes:
        (batch,) to (batch, classes).

    Args:
        labels: whole numbers from 0 to classes - 1.
        classes: how many there are.
        dtype: what the result is to be (default float64).

    Raises TypeError for labels that are no whole numbers, ValueError for one that is no class.

    >>> one_hot([2, 0], classes=3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    numbers = Checks.plain_array(labels, "one_hot", "labels")
    if numbers.ndim != 1:
        raise ValueError(f"one_hot: expected labels (batch,), got {Checks.shape_text(numbers.shape)}")
    if numbers.dtype.kind not in "iu" and numbers.size:
        raise TypeError(f"one_hot: expected labels to be whole numbers, got {numbers.dtype}")
    classes = Checks.positive_integer(classes, "one_hot", "classes")
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < classes):
        raise ValueError(
            f"one_hot: expected labels from 0 to {classes - 1}, got labels from {numbers.min()} to {numbers.max()}"
        )
    rows = np.zeros((len(numbers), classes), dtype)
    rows[np.arange(len(numbers)), numbers.astype(np.intp, copy=False)] = 1
    return rows
