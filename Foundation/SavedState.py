"""What an object has gathered since it was made is checked as its arguments are.

A class's constructor checks its arguments. What may stand in other attributes is said in a table, by class and name:

    {BatchNormalization: {"moving_mean": averages}}

where `averages(value, owner, name)` raises TypeError or ValueError, as the functions of `Foundation.Checks` do. An
attribute of the library's own that no table knows may have no other value than the class has given it. All other names
are free: what somebody has noted on an object comes back.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from Foundation import Checks
from Foundation.Attributes import Argument

#: Raises TypeError or ValueError where a value can't be the attribute `name` of `owner`.
Check = Callable[[Any, Any, str], object]
#: A check for each attribute; that of "*" gets all attributes of an object together.
OfClass = Mapping[str, Check]
#: For each class, or for module and name of one that needn't be there, such checks, or a function that gives those of a
#: derived class.
Table = Mapping[type | str, OfClass | Callable[[Any], OfClass]]

_NOTHING = object()


class StateChecks:
    """Raises TypeError or ValueError where an object can't have attributes of these values.

    Args:
        tables: what may stand in them. Those of a derived class come before those of its base.
        library: the packages whose classes allow nothing beyond.
        asked: what objects of these classes are asked for that have no such attribute, and what may stand there.

    >>> class Film:
    ...     exposures = 0
    >>> checks = StateChecks([{Film: {"exposures": counted}}], ["Foundation"])
    >>> checks(Film(), {"exposures": 3, "mine": "any"})
    >>> checks("Film()", {"exposures": -3})
    >>> checks(Film(), {"exposures": "all"})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    TypeError: <...>: expected exposures to be a whole number, got 'all' of type str
    """

    def __init__(self, tables: Sequence[Table], library: Collection[str], asked: OfClass | None = None) -> None:
        self._tables, self._library, self._asked = tables, library, asked or {}
        self._found: WeakKeyDictionary[type, dict[str, Check]] = WeakKeyDictionary()

    def __call__(self, owner: Any, state: Mapping[str, Any]) -> None:
        """Look at the attributes of an object, as its constructor made it or as it is; none of them is an argument."""
        found = self._found.setdefault(type(owner), {})
        for name, value in (*state.items(), ("*", state)):
            if name not in found:
                found[name] = self._of(type(owner), name)
            found[name](value, owner, name)

    def _of(self, cls: type, name: str) -> Check:
        for parent in cls.__mro__:
            for table in self._tables:
                checks = table.get(parent, table.get(f"{parent.__module__}.{parent.__qualname__}", {}))
                checks = checks(cls) if callable(checks) else checks
                if name in checks:
                    return checks[name]
        for parent in cls.__mro__:
            if name in vars(parent):
                if isinstance(vars(parent)[name], Argument):
                    return of_a_constructor
                return of_the_class if self._is_ours(parent) else anything
        return self._asked.get(name, anything) if self._is_ours(cls) else anything

    def _is_ours(self, cls: type) -> bool:
        return cls.__module__.partition(".")[0] in self._library


def none_or(check: Check) -> Check:
    """The same, or None."""

    def checked(value: Any, owner: Any, name: str) -> None:
        if value is not None:
            check(value, owner, name)

    return checked


def counted(value: Any, owner: Any, name: str) -> None:
    """A number of steps or the like, of which floats are computed."""
    number = Checks.integer(value, owner, name, least=0)
    if number.bit_length() > 1000:
        raise ValueError(f"{owner!r}: expected {name} to be below 2¹⁰⁰⁰, got a number of {number.bit_length()} bits")


def anything(value: Any, owner: Any, name: str) -> None:
    """Any data."""


def unchanged(value: Any, owner: Any, name: str) -> None:
    """Raise ValueError for anything but what the object has already."""
    _require(getattr(owner, name, _NOTHING), value, owner, name)


def of_the_class(value: Any, owner: Any, name: str) -> None:
    """Raise ValueError for anything but what the class has given to all its objects."""
    _require(getattr(type(owner), name, _NOTHING), value, owner, name)


def of_a_constructor(value: Any, owner: Any, name: str) -> None:
    """Raise what the constructor raises that has this argument: that of a base, else it were no state."""
    getattr(type(owner), name).read(owner, value)


def absent(value: Any, owner: Any, name: str) -> None:
    """Raise ValueError, whatever it is."""
    _require(_NOTHING, value, owner, name)


def _require(known: Any, value: Any, owner: Any, name: str) -> None:
    if type(known) is not type(value) or (value is not known and known != value):
        raise ValueError(
            f"sets {name!r} of {type(owner).__name__}, which is nothing that a file may set; `del` it, or call it "
            "something else"
        )
