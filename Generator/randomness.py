"""How a batch gets a stream of random numbers that is its own.

One draw from the caller's source gives a *seed*; everything else is derived from the seed and a key such as
(purpose, number of the batch). A batch is therefore the same whoever prepares it and whenever, which is what
lets several threads work ahead without changing a single pixel, and a checkpoint hold the place in a few
numbers.
"""

import numpy as np

from Foundation.NumPySettings import apart

__all__ = ["SEED_LENGTH", "Seed", "draw_seed", "stream"]

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
