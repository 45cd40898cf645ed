"""Attributes that refuse what nobody can have meant, whenever they are set.

What a constructor refuses as an argument is refused as an attribute, in the same words, by the constructor itself.
"""

from contextvars import ContextVar
from inspect import getattr_static, signature
from typing import TYPE_CHECKING, Any

from Foundation import Checks

#: Where constructors read their arguments. Those of somebody's own may do anything beside, and aren't called again.
_ROOMS = ("Layers", "Optimization", "Training", "NeuralNetwork")
_CHECKING = ContextVar("checking", default=False)
#: In place of the value of an attribute that has none.
NOTHING: Any = object()


class Argument:
    """The attribute of a constructor's argument: what is set there later is read by the constructor too.

    It has no `__get__`, so that reading the attribute costs nothing. Where no constructor has set it, in a class
    derived by somebody whose own doesn't call this one, reading gives this object, which counts as true or false as the
    argument's default does, or else as false.
    """

    def __init__(self, owner: type, name: str) -> None:
        self.owner, self.name = owner, name

    if TYPE_CHECKING:

        def __get__(self, thing: Any, owner: Any = None) -> Any: ...

    def __bool__(self) -> bool:
        argument = signature(self.owner.__init__).parameters[self.name]  # type: ignore[misc]
        return argument.default is not argument.empty and bool(argument.default)

    def __set__(self, thing: Any, value: Any) -> None:
        held = vars(thing)
        if self.name in held and held[self.name] is not value and not _CHECKING.get():
            value = self.read(thing, value)
        held[self.name] = value

    def read(self, thing: Any, value: Any) -> Any:
        """What the constructor makes of a value, beside all other arguments as they are."""
        others = {name: held(thing, name) for name in _argument_names(self.owner)}
        if any(other is NOTHING for other in others.values()):  # it is still being made
            return value
        kind: Any = type(thing)
        other = kind.__new__(kind)
        token = _CHECKING.set(True)
        try:
            self.owner.__init__(other, **{**others, self.name: value})  # type: ignore[misc]
        finally:
            _CHECKING.reset(token)
        return vars(other)[self.name]


def declare_arguments(cls: type, *only: str) -> None:
    """Let the attributes of a class of this library refuse what its constructor refuses: of all arguments or some."""
    if "__init__" in vars(cls) and cls.__module__.split(".")[0] in _ROOMS:
        for name in only or _argument_names(cls):
            if not hasattr(cls, name) or isinstance(getattr(cls, name), Argument):
                setattr(cls, name, Argument(cls, name))


def arguments_are_checked() -> bool:
    """Whether an object is being made for its constructor to look at one argument, and for nothing else."""
    return _CHECKING.get()


def _argument_names(cls: Any) -> tuple[str, ...]:
    code = cls.__init__.__code__
    return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def held(thing: Any, name: str) -> Any:
    """The value of an argument, which its attribute has, or tells by `as_argument`; or `NOTHING`."""
    if says_itself(type(thing), name):
        return getattr(type(thing), name).as_argument(thing)
    value = getattr(thing, name, NOTHING)
    # A method of the argument's name isn't the argument; its printed form has that of the thing in it, without end.
    return NOTHING if isinstance(value, Argument) or getattr(value, "__self__", None) is thing else value


def says_itself(cls: type, name: str) -> bool:
    """Whether the attribute of an argument's name holds something else, and tells the argument by `as_argument`."""
    return hasattr(getattr(cls, name, None), "as_argument")


class OlderName:
    """A constant of a class that has become an argument: in an object, the argument by its older name.

    Of the class it is the argument's default.

    Args:
        argument: the name of today.
    """

    def __init__(self, argument: str) -> None:
        self.argument = argument

    def __set_name__(self, owner: Any, name: str) -> None:
        self.owner = owner

    def __get__(self, thing: Any, owner: Any) -> Any:
        if thing is not None:
            return getattr(thing, self.argument)
        return signature(self.owner).parameters[self.argument].default

    def __set__(self, thing: Any, value: Any) -> None:
        setattr(thing, self.argument, value)


def refuse_other_values(thing: Any, *names: str) -> None:
    """Raise TypeError where somebody has set an `OlderName` of a class, or given it a value in a derived one."""
    for name in names:
        held_by_class = getattr_static(type(thing), name)
        if not isinstance(held_by_class, OlderName):
            own = type(thing).__name__
            raise TypeError(f"{own}: {name} is an argument now; write {own}(…, {name.lower()}={held_by_class!r})")


class Switch:
    """An attribute that is True or False, and False at first.

    >>> class Camera:
    ...     flash = Switch()
    >>> camera = Camera()
    >>> camera.flash
    False
    >>> camera.flash = "off"
    Traceback (most recent call last):
        ...
    TypeError: Camera: expected flash to be True or False, got 'off' of type str
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, thing: Any, owner: type | None = None) -> Any:
        return False if thing is None else thing.__dict__.get(self.name, False)  # quicker than vars

    def __set__(self, thing: Any, value: Any) -> None:
        vars(thing)[self.name] = Checks.truth(value, type(thing).__name__, self.name)
