"""The classes that a program has imported, found by module and name.

A saved object says of which class it is. Nothing is imported because a file names it: the class is looked up among
those that are derived from `Configurable` and there already.
"""

import inspect
import sys
from collections.abc import Iterable
from pathlib import Path

from Foundation.Configurable import Configurable

#: How Python calls the module of the program that was started.
_MAIN = "__main__"


class ImportedClasses:
    """All concrete classes derived from `Configurable`, as they are now.

    Args:
        library: the packages of this library. Their classes take precedence where a file gives a name alone.

    >>> ImportedClasses(["Layers"]).find("mine", "Swish")
    Traceback (most recent call last):
    ValueError: needs the class 'Swish' of mine, which this program has not imported; import mine, then load again
    """

    def __init__(self, library: Iterable[str]) -> None:
        self._library = tuple(library)
        found: list[type[Configurable]] = [Configurable]
        for known in found:
            found.extend(known.__subclasses__())
        namesakes: dict[tuple[str, str], list[type[Configurable]]] = {}
        for cls in found[1:]:
            if not inspect.isabstract(cls):
                namesakes.setdefault((cls.__module__, cls.__qualname__), []).append(cls)
        self._classes = {address: _latest(*address, classes) for address, classes in namesakes.items()}

    def find(self, module: str, name: str) -> type[Configurable]:
        """The class of this module and (qualified) name.

        A class of this library may have moved to another of its modules. A program that is started is `__main__` to
        itself, whatever it is called when others import it: a class that it has defined is found under both names,
        where only one can be meant.

        Raises ValueError where there is none, with what to import.
        """
        if (module, name) in self._classes:
            return self._classes[module, name]
        found = [
            cls
            for (place, qualified_name), cls in self._classes.items()
            if qualified_name == name and self._may_be(place, module)
        ]
        if len(found) == 1:
            return found[0]
        raise ValueError(self._missing(module, name))

    def find_by_name(self, name: str) -> type[Configurable]:
        """The class of this name; where a program has one too, that of the library, from its first package with one."""
        found = [cls for cls in self._classes.values() if cls.__name__ == name]
        for package in self._library:
            found = [cls for cls in found if cls.__module__.partition(".")[0] == package] or found
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(f"needs the class {name!r}, of which this program has several: {_listed(found)}")
        raise ValueError(f"needs the class {name!r}, which this program has not imported; import it, then load again")

    def _is_ours(self, module: str) -> bool:
        return module.partition(".")[0] in self._library

    def _may_be(self, place: str, module: str) -> bool:
        """Whether a class in one module may be the one that was saved from another."""
        if self._is_ours(module):
            return self._is_ours(place)
        if module == _MAIN:
            return not self._is_ours(place)
        return place == _MAIN and module in _names_of_the_program()

    def _missing(self, module: str, name: str) -> str:
        if self._is_ours(module):
            return (
                f"needs the class {name!r} of {module}, which this library does not have; update it, or import your own"
            )
        others = [cls for cls in self._classes.values() if cls.__qualname__ == name]
        if module == _MAIN:
            reason = "which the program that saved it had defined itself; define or import it"
        elif module in sys.modules:
            reason = "which that module, although imported, has not made; make it (is it defined in a function?)"
        else:
            reason = f"which this program has not imported; import {module}"
        found = f" (found under this name: {_listed(others)})" * bool(others)
        return f"needs the class {name!r} of {module}, {reason}, then load again{found}"


def _latest(module: str, name: str, classes: list[type[Configurable]]) -> type[Configurable]:
    """Where a class was defined several times, as in a notebook: the one that its module has now."""
    held: object = sys.modules.get(module)
    for part in name.split("."):
        held = getattr(held, part, None)
    return next((cls for cls in classes if cls is held), classes[-1])


def _names_of_the_program() -> set[str]:
    """What the program that was started would be called by who imports it."""
    main = sys.modules[_MAIN]
    spec = getattr(main, "__spec__", None)
    return {spec.name} if spec else {Path(getattr(main, "__file__", None) or "").stem}


def _listed(classes: list[type[Configurable]]) -> str:
    return ", ".join(f"{cls.__module__}.{cls.__qualname__}" for cls in classes)
