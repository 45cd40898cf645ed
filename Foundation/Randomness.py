"""Where random numbers come from."""

import math
import reprlib
from types import ModuleType
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.NumPySettings import apart
from Foundation.Shares import others

_32_BITS, _64_BITS, _128_BITS = (2**bits - 1 for bits in (32, 64, 128))
_HALF = {"has_uint32": 1, "uinteger": _32_BITS}
#: What the states of NumPy's bit generators consist of: their own numbers, and what stands beside them. Each is a
#: number up to a limit, or (how many, limit). NumPy uses them as positions and numbers without looking at them.
_LAYOUTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "MT19937": ({"key": (624, _32_BITS), "pos": 624}, {}),
    "PCG64": ({"state": _128_BITS, "inc": _128_BITS}, _HALF),
    "PCG64DXSM": ({"state": _128_BITS, "inc": _128_BITS}, _HALF),
    "Philox": (
        {"counter": (4, _64_BITS), "key": (2, _64_BITS)},
        {"buffer": (4, _64_BITS), "buffer_pos": 4, **_HALF},
    ),
    "SFC64": ({"state": (4, _64_BITS)}, _HALF),
}
#: What a seed consists of, and how many bits a number of it, and how many numbers it, may have.
_SEED, _SEED_BITS = ("entropy", "spawn_key", "pool_size", "n_children_spawned"), 8192
#: The names of the generators whose state can be checked, and so be saved.
BIT_GENERATORS = tuple(_LAYOUTS)
#: Those that make a 64-bit number in each step, and can be set so many steps on.
_SKIPPING = ("PCG64", "PCG64DXSM")


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


def seed_of(rng: np.random.Generator) -> dict[str, Any] | None:
    """What generators come from that this one spawns, as `made_of_seed` takes it; None where nothing is known of it.

    >>> seed_of(np.random.default_rng(7))
    {'entropy': 7, 'spawn_key': (), 'pool_size': 4, 'n_children_spawned': 0}
    """
    sequence = rng.bit_generator.seed_seq
    return dict(sequence.state) if type(sequence) is np.random.SeedSequence else None


def made_of_seed(name: str, seed: Any) -> np.random.Generator:
    """A generator of this name whose children are those of another one, of which `seed_of` has told.

    Raises ValueError for what is no such seed, or more of it than anybody needs.

    >>> one = np.random.default_rng(7)
    >>> bool(made_of_seed("PCG64", seed_of(one)).spawn(1)[0].random() == one.spawn(1)[0].random())
    True
    """
    try:
        entropy, key, pool, children = (seed[part] for part in _SEED)
        numbers = [*(entropy if isinstance(entropy, list | tuple | np.ndarray) else [entropy]), *key]
        known = all(Checks.integer(number, "seed", "a number", least=0) < 2**_SEED_BITS for number in numbers)
        counts = Checks.integer(pool, "seed", "pool_size", 4), Checks.integer(children, "seed", "children", 0)
        if seed.keys() != set(_SEED) or not known or max(len(numbers), counts[0]) > _SEED_BITS or counts[1] > _32_BITS:
            raise ValueError("other parts, or larger ones")
        sequence = apart(np.random.SeedSequence, entropy, spawn_key=key, pool_size=pool, n_children_spawned=children)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"damaged: expected what a random generator was made of ({error})") from None
    return np.random.Generator(getattr(np.random, name)(sequence))


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
    sharing = others()
    if sharing is None:
        drawn = random_source(rng).bytes(4 * like.size)
    else:
        before, rows = sharing.place_of(len(like))
        row = like.size // len(like)
        drawn = part_of_bits(rng, before * row, like.size, (rows - before) * row - like.size)
    bits = np.frombuffer(drawn, np.uint32).reshape(like.shape)
    return np.less_equal(bits, np.uint32(max(0, round(probability * 2**32) - 1)), out=np.empty_like(like, bool))


def part_of_bits(rng: np.random.Generator | None, before: int, count: int, behind: int) -> bytes:
    """Some of the 32-bit numbers of a stream, as bytes; it stands behind all of them then.

    Where the generator can skip numbers, those before and behind aren't drawn.

    >>> one, other = as_generator(6), as_generator(6)
    >>> one.bytes(40)[8:24] == part_of_bits(other, 2, 4, 4), one.random() == other.random()
    (True, True)
    """
    source = random_source(rng)
    if rng is not None and type(rng.bit_generator).__name__ in _SKIPPING and not (before | count | behind) & 1:
        if not rng.bit_generator.state["has_uint32"]:  # nor is half a number waiting
            rng.bit_generator.advance(before // 2)  # type: ignore[attr-defined]
            drawn = rng.bytes(4 * count)
            rng.bit_generator.advance(behind // 2)  # type: ignore[attr-defined]
            return drawn
    drawn = source.bytes(4 * (before + count + behind))
    return drawn[4 * before : 4 * (before + count)]


def check_random_state(state: Any, kind: str | None = None) -> None:
    """Raise ValueError for what no bit generator of NumPy's can have as its state.

    NumPy itself would follow a position out of its own numbers, and draw for ever from some states in which all
    numbers are 0.

    Args:
        state: as `bit_generator.state` or `numpy.random.get_state(legacy=False)` return it; arrays may be lists.
        kind: the name of the bit generator that it is for (default None: the one that it names).

    >>> check_random_state(np.random.default_rng(0).bit_generator.state)
    >>> check_random_state({**np.random.Philox(0).state, "buffer_pos": 1000})
    Traceback (most recent call last):
        ...
    ValueError: damaged: a random state with buffer_pos = 1000; expected a whole number from 0 to 4
    """
    if not isinstance(state, dict) or not isinstance(state.get("state"), dict):
        raise ValueError(f"damaged: expected the state of a random generator, got {reprlib.repr(state)}")
    name = state.get("bit_generator")
    if not isinstance(name, str) or name not in _LAYOUTS:
        raise ValueError(f"damaged: no random generator of NumPy is called {reprlib.repr(name)}")
    if kind not in (None, name):
        raise ValueError(f"expected a state of {kind}, got one of {name}")
    own, beside = _LAYOUTS[name]
    if {"has_gauss", "gauss"} <= state.keys():  # NumPy's global state keeps the second of two normal numbers
        beside = {**beside, "has_gauss": 1, "gauss": None}
    if state["state"].keys() != own.keys() or state.keys() != {"bit_generator", "state", *beside}:
        raise ValueError(f"damaged: a random state of {name} with other parts than it has")
    for layout, values in ((own, state["state"]), (beside, state)):
        for part, limit in layout.items():
            _check_part(part, values[part], limit)
    numbers_of_it = state["state"]
    if name == "MT19937" and not (any(numbers_of_it["key"][1:]) or int(numbers_of_it["key"][0]) >> 31):
        raise ValueError("damaged: a random state of MT19937 whose key is 0, from which nothing but 0 follows")
    if name.startswith("PCG64") and numbers_of_it["inc"] % 2 == 0:
        raise ValueError("damaged: a random state of PCG64 with an even inc, which it can't have")


def check_global_random_state(state: Any) -> None:
    """Raise ValueError for what can't be the state of NumPy's global generator, as this program has it."""
    check_random_state(state, np.random.get_state(legacy=False)["bit_generator"])  # noqa: NPY002
    if "gauss" not in state:
        raise ValueError("damaged: the state of NumPy's global generator without 'gauss'")


def _check_part(part: str, value: Any, limit: int | tuple[int, int] | None) -> None:
    if limit is None:
        good, expected = isinstance(value, float | np.floating) and math.isfinite(value), "a finite number"
    elif isinstance(limit, tuple):
        count, largest = limit
        if isinstance(value, np.ndarray):
            good = value.shape == (count,) and value.dtype.kind in "iu"
        else:
            good = isinstance(value, list | tuple) and len(value) == count and set(map(type, value)) == {int}
        good = good and int(min(value)) >= 0 and int(max(value)) <= largest
        expected = f"{count} whole numbers up to {largest:,}"
    else:
        # Of parts beyond 64 bits NumPy takes Python's numbers alone.
        whole = isinstance(value, int) or (isinstance(value, np.integer) and limit <= _64_BITS)
        good = whole and not isinstance(value, bool) and 0 <= int(value) <= limit
        expected = f"a whole number from 0 to {limit:,}"
    if not good:
        raise ValueError(f"damaged: a random state with {part} = {reprlib.repr(value)}; expected {expected}")
