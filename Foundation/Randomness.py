"""Where random numbers come from."""

from types import ModuleType
from typing import Any

import numpy as np

from Foundation.NumPySettings import apart

#: The largest value of what NumPy uses as a position or a flag in a random state, without looking at it.
_LIMITS = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1}


def as_generator(rng: int | np.random.Generator | None, owner: str = "") -> np.random.Generator | None:
    """A generator for a seed; a generator and None are handed back as they are.

    `owner` says who complains. Raises TypeError or ValueError where `rng` is none of these.

    >>> as_generator(None) is None
    True
    >>> bool(as_generator(7).random() == as_generator(7).random())
    True
    """
    if rng is None or isinstance(rng, np.random.Generator):
        return rng
    who = f"{owner}: " if owner else ""
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer):
        raise TypeError(
            f"{who}expected rng to be None, a seed or a numpy.random.Generator, got {rng!r} of type "
            f"{type(rng).__name__}; pass for example rng=0"
        )
    if rng < 0:
        raise ValueError(f"{who}expected the seed rng to be at least 0, got {rng}")
    return apart(np.random.default_rng, int(rng))


def random_source(rng: np.random.Generator | None) -> np.random.Generator | ModuleType | Any:
    """What to draw from: the generator, or NumPy's global state, which `numpy.random.seed` sets.

    Both know `random`, `normal`, `uniform`, `permutation` and `bytes`.
    """
    return np.random if rng is None else rng


def random_mask(rng: np.random.Generator | None, probability: float, like: np.ndarray) -> np.ndarray:
    """Truth values in the shape and order of memory of an array, each True with a probability, 0 < probability ≤ 1.

    >>> random_mask(as_generator(6), 0.5, np.zeros((2, 2)))
    array([[ True, False],
           [False,  True]])
    """
    # 32 random bits for each element cost half of what a float64 does, and give the same mask for every number
    # type. The limit is met by 2³²·p of the 2³² possible values: by all of them for p = 1.
    bits = np.frombuffer(random_source(rng).bytes(4 * like.size), np.uint32).reshape(like.shape)
    return np.less_equal(bits, np.uint32(max(0, round(probability * 2**32) - 1)), out=np.empty_like(like, bool))


def check_positions(state: dict[str, Any]) -> None:
    """Raise ValueError for the state of a bit generator that points outside of its own numbers: NumPy would follow.

    >>> check_positions({"bit_generator": "Philox", "state": {}, "buffer_pos": 1000})
    Traceback (most recent call last):
        ...
    ValueError: damaged: a random state with buffer_pos = 1000
    """
    for part in (state, state["state"]):
        for name, limit in _LIMITS.items():
            if not 0 <= part.get(name, 0) <= limit:
                raise ValueError(f"damaged: a random state with {name} = {part[name]}")
