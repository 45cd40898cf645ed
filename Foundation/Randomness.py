"""Where random numbers come from."""

from types import ModuleType
from typing import Any

import numpy as np


def as_generator(rng: int | np.random.Generator | None) -> np.random.Generator | None:
    """A generator for a seed; a generator and None are handed back as they are.

    Raises TypeError or ValueError where `rng` is neither.
    """
    if rng is None or isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer):
        raise TypeError(f"expected rng to be a seed, a numpy.random.Generator or None, got {rng!r}")
    if rng < 0:
        raise ValueError(f"expected rng to be a seed of at least 0, got {rng}")
    return np.random.default_rng(int(rng))


def random_source(rng: np.random.Generator | None) -> np.random.Generator | ModuleType | Any:
    """What to draw from: the generator, or NumPy's global state, which `numpy.random.seed` sets.

    Both know `random`, `normal`, `uniform`, `permutation` and `bytes`.
    """
    return np.random if rng is None else rng
