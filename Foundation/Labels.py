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


def balanced(counts: ArrayLike, owner: str) -> np.ndarray[Any, Any]:
    r"""Return how much each class has to count so that all of them together count alike.

    Of k classes that come up at all, with $n_j$ samples of class j among n,

    $$w_j = \frac{n}{k n_j}$$

    so that a sample counts 1 on average. A class that doesn't come up has the weight 1.

    Shapes:
        (classes,), the same comes out.

    Args:
        counts: how many samples each class has.
        owner: who asks, for the message.

    Raises ValueError where there are no samples.

    Source: G. King, L. Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001).

    >>> balanced([6, 2, 0], "pets").round(3).tolist()
    [0.667, 2.0, 1.0]
    """
    numbers = Checks.number_array(counts, owner, "the counts of the classes")
    if numbers.ndim != 1 or not numbers.sum() > 0:
        raise ValueError(f"{owner}: expected samples of classes to balance, got counts {numbers.tolist()}")
    return np.where(numbers > 0, numbers.sum() / (np.count_nonzero(numbers) * np.maximum(numbers, 1)), 1.0)


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
