"""How a batch gets a stream of random numbers that is its own.

One draw from the caller's source gives a *seed*; everything else is derived from the seed and a key such as
(purpose, number of the batch). A batch is therefore the same whoever prepares it and whenever, which is what
lets several threads work ahead without changing a single pixel, and a checkpoint hold the place in a few
numbers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from Foundation.NumPySettings import apart

__all__ = ["SEED_LENGTH", "PartOfAStream", "Seed", "draw_seed", "stream"]

Seed = tuple[int, ...]

# How many 32-bit numbers a drawn seed has.
SEED_LENGTH = 4


def draw_seed(source: np.random.Generator | None) -> Seed:
    """Draw four 32-bit numbers, 128 random bits, from which streams can be derived.

    Args:
        source: a generator, or None for NumPy's global state, the one that `np.random.seed` sets.

    >>> np.random.seed(5)
    >>> first = draw_seed(None)
    >>> np.random.seed(5)
    >>> draw_seed(None) == first
    True
    """
    if source is None:
        # The global state is wanted here: it is what the course's np.random.seed sets.
        numbers = np.random.randint(0, 2**32, size=SEED_LENGTH, dtype=np.uint32)  # noqa: NPY002
    else:
        numbers = source.integers(0, 2**32, size=SEED_LENGTH, dtype=np.uint32)
    return tuple(int(number) for number in numbers)


def stream(seed: Seed, *key: int) -> np.random.Generator:
    """Derive an independent stream of random numbers from a seed and a key.

    Args:
        seed: from `draw_seed`.
        key: any number of whole numbers, at least 0. The same seed and key give the same stream, different keys give
            streams that have nothing to do with each other.

    >>> seed = (1, 2, 3, 4)
    >>> bool(stream(seed, 0, 9).random() == stream(seed, 0, 9).random())
    True
    """
    numbers = np.array(seed, np.uint32)  # the same to NumPy as the tuple, and read in a third of the time
    return np.random.Generator(apart(_seeded, numbers, key))


def _seeded(numbers: np.ndarray, key: tuple[int, ...]) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence(numbers, spawn_key=key))


class PartOfAStream:
    """A stream of random numbers for a batch, of which only the numbers for some of its images are handed out.

    They are those that these images get in the whole batch.

    Args:
        whole: the stream.
        count: how many images the batch has.
        part: which of them are here.

    >>> whole = stream((7,)).uniform(0, 1, size=(4, 2))
    >>> some = PartOfAStream(stream((7,)), 4, slice(1, 3)).uniform(0, 1, size=(2, 2))
    >>> bool((whole[1:3] == some).all())
    True
    """

    def __init__(self, whole: np.random.Generator, count: int, part: slice) -> None:
        self._whole, self._count, self._part = whole, count, part
        self._before = part.start

    def integers(self, low: int, high: int, size: Any) -> NDArray[Any]:
        """Whole numbers from low to high - 1; `size` is that of this part, as below."""
        return self._whole.integers(low, high, size=self._of_all(size))[self._part]

    def uniform(self, low: float, high: float, size: Any) -> NDArray[Any]:
        """Numbers between two others."""
        return self._whole.uniform(low, high, size=self._of_all(size))[self._part]

    def standard_normal(self, size: Any, dtype: Any) -> NDArray[Any]:
        """Normal numbers around 0 with a deviation of 1, for the next images of this part; they are drawn last."""
        while self._before:
            self._before -= 1
            self._whole.standard_normal(size=size[1:], dtype=dtype)
        return self._whole.standard_normal(size=size, dtype=dtype)

    def _of_all(self, size: Any) -> tuple[int, ...]:
        return self._count, *(() if isinstance(size, int) else size[1:])
