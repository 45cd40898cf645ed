"""Which images make up which batch.

An epoch is one walk through the whole set, each image once, in an order that is drawn anew for every epoch
when shuffling is on. The order is a function of the seed and the epoch's number, and a batch is a function of
the order and its place: nothing has to be remembered from batch to batch, so no counter can drift.
"""

import numpy as np
from numpy.typing import NDArray

from .randomness import Seed, stream

__all__ = ["EpochOrder"]

# Keys that separate the random streams of one seed: see `randomness.stream`.
_ORDER = 0


class EpochOrder:
    r"""Answers which images belong to batch number k.

    With $n$ images in batches of $b$, an epoch has $m = \lceil n / b \rceil$ batches, and
    batch $k$ is batch $j = k \bmod m$ of epoch $e = \lfloor k / m \rfloor$:

    $$\text{indices}_k = \pi_e[(j b + i) \bmod n], \quad i = 0 \dots b - 1$$

    with $\pi_e$ a permutation of all images. The modulus is what completes the last batch of an epoch
    with that epoch's first images, and it does the same, several times over, where a batch is larger than the
    set.

    Args:
        size: the number of images n.
        batch_size: b, images in a batch.
        shuffle: whether each epoch has a random order of its own (True) or every epoch the stored order (False).

    >>> order = EpochOrder(size=5, batch_size=2, shuffle=False)
    >>> [order.indices(k, seed=None).tolist() for k in range(4)]
    [[0, 1], [2, 3], [4, 0], [0, 1]]
    """

    def __init__(self, size: int, batch_size: int, shuffle: bool) -> None:
        self.size = size
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.batches_per_epoch = -(-size // batch_size)
        self._drawn: tuple[Seed, int, NDArray[np.int64]] | None = None

    def epoch(self, number: int) -> int:
        """Return the epoch, counted from 0, to which batch `number`, counted from 0, belongs.

        >>> [EpochOrder(size=5, batch_size=2, shuffle=False).epoch(k) for k in range(7)]
        [0, 0, 0, 1, 1, 1, 2]
        """
        return number // self.batches_per_epoch

    def indices(self, number: int, seed: Seed | None) -> NDArray[np.int64]:
        """Return the places in the set, shape (batch,), of the images of batch `number`, counted from 0.

        Args:
            number: the batch's number.
            seed: what the order of a shuffled set is derived from, None where nothing is shuffled.

        >>> shuffled = EpochOrder(size=6, batch_size=3, shuffle=True)
        >>> epoch = [*shuffled.indices(0, seed=(7,)), *shuffled.indices(1, seed=(7,))]
        >>> sorted(int(index) for index in epoch)
        [0, 1, 2, 3, 4, 5]
        """
        start = number % self.batches_per_epoch * self.batch_size
        if self.shuffle and seed is not None and start + self.batch_size <= self.size:
            return self._order(self.epoch(number), seed)[start : start + self.batch_size].copy()
        places = np.arange(start, start + self.batch_size, dtype=np.int64) % self.size
        if not self.shuffle or seed is None:
            return places
        return self._order(self.epoch(number), seed)[places]

    def _order(self, epoch: int, seed: Seed) -> NDArray[np.int64]:
        # A million images take 20 ms to shuffle: once for an epoch is nothing, once for a batch would be.
        if self._drawn is None or self._drawn[:2] != (seed, epoch):
            self._drawn = (seed, epoch, stream(seed, _ORDER, epoch).permutation(self.size))
        return self._drawn[2]
