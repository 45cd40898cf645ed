"""Whether an object can be made again of what it keeps of its arguments, as a file relies on it."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from Foundation.Configurable import Configurable

_ADVICE = "keep each argument under its own name as it came, and what is made of it under another name"
#: The arguments, as text, with which objects of a class have been made again.
_known: WeakKeyDictionary[type, set[str]] = WeakKeyDictionary()


def require_that_it_can_be_remade(value: Configurable, clone: Callable[[], Configurable]) -> None:
    """Raise ValueError where a constructor refuses what it has kept, or keeps something else of it.

    Args:
        value: the object.
        clone: gives a new one of the same arguments.

    >>> class Flipped(Configurable):
    ...     def __init__(self, share):
    ...         self.share = 1 - share
    >>> require_that_it_can_be_remade(Flipped(0.25), Flipped(0.25).clone)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Flipped keeps share=0.75, of which its constructor makes 0.25; keep each argument under its own name ...
    """
    kind, arguments = type(value), value.configuration()
    known, text = _known.setdefault(kind, set()), repr(arguments)
    if not arguments or text in known:
        return
    random_state = np.random.get_state()  # noqa: NPY002 - constructors draw from it
    try:
        made = clone().configuration()
    except Exception as error:
        raise ValueError(
            f"its constructor refuses what it has kept of its arguments ({type(error).__name__}: {error}); {_ADVICE}"
        ) from error
    finally:
        np.random.set_state(random_state)  # noqa: NPY002
    for name, kept in arguments.items():
        if not _are_alike(kept, made[name]):
            raise ValueError(
                f"{kind.__name__} keeps {name}={kept!r}, of which its constructor makes {made[name]!r}; {_ADVICE}"
            )
    known.add(text)


def _are_alike(one: Any, other: Any) -> bool:
    """Whether both are the same, as far as objects are what their arguments say."""
    if isinstance(one, np.generic) and np.ndim(other) == 0:  # of which constructors make plain numbers
        return bool(one == other) or bool(one != one)
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, Configurable):
        return _are_alike(one.configuration(), other.configuration())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_are_alike(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_are_alike, one, other))
    return isinstance(one, np.random.Generator) or bool(one == other) or bool(one != one)
