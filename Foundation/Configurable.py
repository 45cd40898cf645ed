"""Objects that remember how they were made.

A layer, an optimizer or an initializer stores each constructor argument under the argument's own
name. Everything that needs to know how the object was made (its printed form, a fresh copy, a saved
file, a table of the network) then follows from the signature, and no class writes it again. So does what may be set
later: what a constructor refuses as an argument is refused as an attribute, in the same words.
"""

import copy
import inspect
from typing import Any, Self
from weakref import WeakKeyDictionary

import numpy as np

from Foundation.Attributes import NOTHING, declare_arguments, held

_SIGNATURES: WeakKeyDictionary[type, inspect.Signature] = WeakKeyDictionary()


class Configurable:
    """An object whose constructor arguments can be read back from its attributes.

    >>> class Scale(Configurable):
    ...     def __init__(self, factor, offset=0):
    ...         self.factor, self.offset = factor, offset
    >>> Scale(2)
    Scale(factor=2, offset=0)
    >>> Scale(2).configuration()
    {'factor': 2, 'offset': 0}
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        declare_arguments(cls)

    @classmethod
    def argument_names(cls) -> list[str]:
        """Names of the constructor's arguments, in their order."""
        variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        return [name for name, parameter in signature(cls).parameters.items() if parameter.kind not in variable]

    def configuration(self) -> dict[str, Any]:
        """The constructor arguments by name.

        Raises AttributeError where the class does not store an argument under its own name.
        """
        names = self.argument_names()
        missing = [name for name in names if held(self, name) is NOTHING]
        if missing:
            raise AttributeError(
                f"{type(self).__name__} does not keep its argument {missing[0]!r}; "
                f"write self.{missing[0]} = {missing[0]} in its constructor"
            )
        return {name: getattr(self, name) for name in names}

    def clone(self) -> Self:
        """A new object made from the same arguments, without anything learnt since."""
        return type(self)(**copy.deepcopy(self.configuration()))

    def __repr__(self) -> str:
        given = (f"{name}={_text(held(self, name))}" for name in self.argument_names() if not self._is_usual(name))
        return f"{type(self).__name__}({', '.join(given)})"

    def _is_usual(self, name: str) -> bool:
        """Whether an argument is not printed: None, or one that only a keyword gives, with its default."""
        value, argument = held(self, name), signature(type(self)).parameters[name]
        if argument.kind is not argument.KEYWORD_ONLY:
            return value is None
        return value is None or (type(value) is type(argument.default) and value == argument.default)


def signature(cls: type) -> inspect.Signature:
    """The signature of a class's constructor; reading it takes long, so that it is read once."""
    if cls not in _SIGNATURES:
        _SIGNATURES[cls] = inspect.signature(cls)
    return _SIGNATURES[cls]


def _text(value: Any) -> str:
    if value is NOTHING:
        return "?"
    # The plain form of a random generator holds its address, which is different in every run.
    return str(value) if isinstance(value, np.random.Generator) else repr(value)
