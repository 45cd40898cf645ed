"""Which images are kept back to test with."""

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .randomness import draw_seed, stream

__all__ = ["choose_test_images"]


def choose_test_images(
    labels: NDArray[np.int64], test_share: float, rng: np.random.Generator | None
) -> NDArray[np.bool_]:
    """Choose a share of the images of each class at random.

    Taking the share of each class, not of the whole, keeps small sets balanced.

    Shapes:
        labels (images,), out (images,), True for the images to test with.

    Args:
        labels: whole numbers of at least 0.
        test_share: between 0 and 1, rounded to whole images for each class.
        rng: a generator, or None for NumPy's global state.

    Raises TypeError and ValueError when the share is no such number or leaves nothing to train or to test
    with.

    >>> labels = np.array([0, 0, 0, 0, 1, 1])
    >>> tested = choose_test_images(labels, 0.5, np.random.default_rng(0))
    >>> np.bincount(labels[tested]).tolist()
    [2, 1]
    """
    share = Checks.number(test_share, "ImageGenerator.split", "test_share", least=0, below=1)
    order = stream(draw_seed(rng)).permutation(len(labels))
    # Classes one after another, at random within each: the first ones of each class are chosen.
    order = order[np.argsort(labels[order], kind="stable")]
    _, starts, counts = np.unique(labels[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(starts, counts)
    chosen = rank < np.repeat(np.rint(counts * share), counts)
    if chosen.all() or not chosen.any():
        raise ValueError(
            f"ImageGenerator.split: expected a share that leaves images to train and to test with, got "
            f"{test_share} of classes with {counts.min()} to {counts.max()} images; choose another share"
        )
    tested = np.zeros(len(labels), dtype=np.bool_)
    tested[order[chosen]] = True
    return tested
