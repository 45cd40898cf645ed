"""Where a walk through a data set stands, as a checkpoint holds it: place and random state."""

import reprlib
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.Randomness import check_random_state

from .randomness import SEED_LENGTH, Seed

__all__ = ["read_state", "written_state"]

# Numbers that NumPy can hold.
_MOST_DELIVERED = 2**63 - 1


def written_state(delivered: int, seed: Seed | None, rng: np.random.Generator | None) -> dict[str, Any]:
    """Return a dictionary of whole numbers, lists and texts, which `read_state` reads.

    Args:
        delivered: batches delivered so far.
        seed: from which every batch is derived, None if nothing is random.
        rng: the data set's own generator, None if there is none.

    >>> written_state(3, (1, 2, 3, 4), None)
    {'delivered': 3, 'seed': [1, 2, 3, 4], 'rng': None}
    """
    return {
        "delivered": delivered,
        "seed": None if seed is None else list(seed),
        "rng": None if rng is None else rng.bit_generator.state,
    }


def read_state(state: Any, rng: np.random.Generator | None, owner: str) -> tuple[int, Seed | None]:
    """Return the batches delivered and the seed, and set the generator, once everything is known to be right.

    Args:
        state: from `written_state`.
        rng: the data set's own generator, None if there is none.
        owner: who asks, for the message.

    Raises TypeError or ValueError, before anything has changed, for what is no such dictionary.

    >>> read_state({"delivered": 3, "seed": None, "rng": None}, None, "pets")
    (3, None)
    """
    owner = f"{owner}.state"
    if not isinstance(state, dict) or state.keys() != {"delivered", "seed", "rng"}:
        raise TypeError(
            f"{owner}: expected a dictionary with 'delivered', 'seed' and 'rng', got "
            f"{reprlib.repr(state)}; assign what was read from state before"
        )
    delivered = Checks.integer(state["delivered"], owner, "delivered", least=0)
    if delivered > _MOST_DELIVERED:
        raise ValueError(f"{owner}: expected 'delivered' to be at most {_MOST_DELIVERED:,}, got more")
    seed = state["seed"]
    if seed is not None:
        if not isinstance(seed, list | tuple):
            raise TypeError(f"{owner}: expected 'seed' to be a list of whole numbers, got {reprlib.repr(seed)}")
        seed = tuple(Checks.integer(number, owner, "seed", least=0) for number in seed[: SEED_LENGTH + 1])
        if len(seed) != SEED_LENGTH or max(seed) >= 2**32:
            raise ValueError(
                f"{owner}: expected 'seed' to be {SEED_LENGTH} whole numbers below 2**32, got "
                f"{reprlib.repr(state['seed'])}"
            )
    if (state["rng"] is None) != (rng is None):
        raise ValueError(
            f"{owner}: expected the state of a data set {'without' if rng is None else 'with'} an rng of its own, "
            f"got one {'with' if rng is None else 'without'}; construct both alike"
        )
    if rng is not None:
        kind = type(rng.bit_generator).__name__
        try:
            check_random_state(state["rng"], kind)
        except ValueError as error:
            raise ValueError(
                f"{owner}: expected 'rng' to be a state of {kind}, got another "
                f"({error}); construct both data sets with the same kind of rng"
            ) from error
        rng.bit_generator.state = state["rng"]
    return delivered, seed
