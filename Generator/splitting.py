"""Which samples are kept back to test or to validate with."""

import numpy as np
from numpy.typing import NDArray

from Foundation import Checks

from .randomness import draw_seed, stream

__all__ = ["choose_held_back"]


def choose_held_back(
    labels: NDArray[np.int64], share: float, rng: np.random.Generator | None, owner: str
) -> NDArray[np.bool_]:
    """Choose a share of the samples of each class at random.

    Taking the share of each class, not of the whole, keeps small sets balanced. One sample of each class at least
    stays to train with.

    Shapes:
        labels (samples,), out (samples,), True for those to keep back.

    Args:
        labels: whole numbers of at least 0.
        share: between 0 and 1, rounded to whole samples for each class.
        rng: a generator, or None for NumPy's global state.
        owner: who asks, for the message.

    Raises TypeError and ValueError when the share is no such number or keeps nothing back.

    >>> labels = np.array([0, 0, 0, 0, 1, 1, 2])
    >>> held_back = choose_held_back(labels, 0.5, np.random.default_rng(0), "pets")
    >>> np.bincount(labels[held_back], minlength=3).tolist()
    [2, 1, 0]
    """
    converted = Checks.number(share, owner, "the share", least=0, below=1)
    counts = np.unique(labels, return_counts=True)[1]
    if not np.minimum(np.rint(counts * converted), counts - 1).any():
        of_classes = f"classes with {counts.min()} to " * (len(counts) > 1)
        raise ValueError(
            f"{owner}: expected a share that leaves samples on both sides, got {share} of {of_classes}{counts.max()} "
            "samples, one of which stays; choose another share"
        )
    order = stream(draw_seed(rng)).permutation(len(labels))
    # Classes one after another, at random within each: the first ones of each class are chosen.
    order = order[np.argsort(labels[order], kind="stable")]
    starts = np.unique(labels[order], return_index=True)[1]
    rank = np.arange(len(order)) - np.repeat(starts, counts)
    chosen = rank < np.repeat(np.minimum(np.rint(counts * converted), counts - 1), counts)
    held_back = np.zeros(len(labels), dtype=np.bool_)
    held_back[order[chosen]] = True
    return held_back
