"""A reader of pickles that builds nothing but what the batches of CIFAR consist of.

A pickle is a program for a small machine with a stack and a memory. Python's own machine imports any module that
the program names, and calls any function; whoever unpickles a stranger's file runs the stranger's program. The one
here knows 40 opcodes, by which numbers, texts, lists, tuples, dictionaries and descriptions of arrays are put
together, and nothing else: it imports nothing, calls nothing, sets no attribute. Whatever announces bytes must
have them, and the number of steps is limited, so that no file takes more time or memory than its size explains.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

__all__ = ["PickledArray", "unpickled"]

# Each picture of a batch takes some three or four steps: its labels, its file's name and where to remember that.
_MOST_STEPS = 2**17
# Texts up to this length, in bytes, are read; longer ones are kept as they lie there, and may only be pixels.
_SHORT = 256
_OPCODES = {value[0]: name for name, value in vars(pickle).items() if isinstance(value, bytes) and len(value) == 1}


@dataclass
class PickledArray:
    """What a pickle says of an array; none of it is checked.

    Attributes:
        code: its type of number, "u1" for bytes.
        shape: its shape.
        by_columns: whether the first axis is the one along which numbers lie side by side.
        content: its numbers.
    """

    code: Any = None
    shape: Any = None
    by_columns: Any = None
    content: Any = None


def unpickled(content: bytes | bytearray, owner: str, most_steps: int = _MOST_STEPS) -> Any:
    r"""Return what a pickle builds, of protocol 2 to 5: int, bool, None, str, bytes, list, tuple, dict, PickledArray.

    Texts and bytes of more than 256 bytes are memoryviews of the content, and the names in a dictionary are str, which
    Python 2 wrote as bytes.

    Args:
        content: what the file holds.
        owner: whose content it is, for messages.
        most_steps: how many steps it may have (default 131,072, four times what a batch of 10,000 pictures takes).

    Raises ValueError, saying which opcode stands where, for everything else: programs that are damaged, that name
    or call anything, that announce more than there is, or that have more steps.

    >>> unpickled(pickle.dumps({"labels": [1, 2]}), "the file")
    {'labels': [1, 2]}
    >>> unpickled(b"\x80\x02]r\0\0\0\x08.", "the file")
    []
    >>> unpickled(pickle.dumps({1, 2}), "the file")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: the file: expected a batch of the Python version, got something unreadable (opcode EMPTY_SET at ...
    """
    return _Machine(memoryview(content), owner).run(most_steps)


class _Name:
    """One of the few names that a pickled array refers to; nothing is behind it."""

    def __init__(self, text: str) -> None:
        self.text = text


@dataclass(frozen=True)
class _ElementType:
    code: Any


class _LongText:
    """A text that is too long to be a name: pixels, as Python 3 writes bytes for Python 2."""

    def __init__(self, encoded: memoryview) -> None:
        self.encoded = encoded
        #: The bytes that it stands for, made once, however often a program asks for them.
        self.content: bytes | None = None


_RECONSTRUCT, _NDARRAY, _FROM_BUFFER, _DTYPE, _ENCODE = map(
    _Name, ("_reconstruct", "ndarray", "_frombuffer", "dtype", "encode")
)
_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy.core.numeric", "_frombuffer"): _FROM_BUFFER,
    ("numpy._core.numeric", "_frombuffer"): _FROM_BUFFER,
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): _DTYPE,
    ("_codecs", "encode"): _ENCODE,
}


class _Machine:
    def __init__(self, content: memoryview, owner: str) -> None:
        self.content, self.owner = content, owner
        self.place = self.begun = 0
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []
        self.memory: dict[int, Any] = {}

    def run(self, most_steps: int) -> Any:
        if bytes(self.content[:1]) != pickle.PROTO:
            self.refuse("it doesn't begin with PROTO, as protocols 2 to 5 do")
        try:
            for _ in range(most_steps):
                self.begun = self.place
                code = self.take(1)[0]
                if code == pickle.STOP[0]:
                    return self.result()
                if code not in _STEPS:
                    self.refuse(f"opcode {_OPCODES.get(code, hex(code))} at byte {self.begun:,}, which no batch needs")
                _STEPS[code](self)
        except IndexError:
            self.fail("takes more than was put there")
        self.refuse(f"more than {most_steps:,} steps, many times what a batch takes")

    def result(self) -> Any:
        if self.outer or len(self.stack) != 1:
            self.fail("ends with more or less than one result")
        if self.place < len(self.content):
            self.fail(f"is the end, and {len(self.content) - self.place:,} bytes follow")
        return self.stack[0]

    def refuse(self, what: str) -> NoReturn:
        raise ValueError(
            f"{self.owner}: expected a batch of the Python version, got something unreadable ({what}); is it complete?"
        )

    def fail(self, what: str) -> NoReturn:
        code = self.content[self.begun] if self.begun < len(self.content) else None
        self.refuse(f"opcode {_OPCODES.get(code, code)} at byte {self.begun:,} {what}" if code else "it ends too early")

    def take(self, count: int) -> memoryview:
        """The next so many bytes, which must be there."""
        if not 0 <= count <= len(self.content) - self.place:
            self.fail(f"announces {count:,} bytes, {len(self.content) - self.place:,} are left")
        self.place += count
        return self.content[self.place - count : self.place]

    def number(self, length: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(length), "little", signed=signed)

    def until_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.outer.pop()
        return items


def _protocol(machine: _Machine) -> None:
    version = machine.number(1)
    if machine.begun or not 2 <= version <= pickle.HIGHEST_PROTOCOL:
        machine.fail(f"says version {version}; expected 2 to {pickle.HIGHEST_PROTOCOL}, once, at the beginning")


def _frame(machine: _Machine) -> None:
    length = machine.number(8)
    if length > len(machine.content) - machine.place:
        machine.fail(f"announces {length:,} bytes, {len(machine.content) - machine.place:,} are left")


def _mark(machine: _Machine) -> None:
    machine.outer.append(machine.stack)
    machine.stack = []


def _constant(value: Any) -> Callable[[_Machine], None]:
    return lambda machine: machine.stack.append(value)


def _empty(kind: type) -> Callable[[_Machine], None]:
    return lambda machine: machine.stack.append(kind())


def _number(length: int, signed: bool = False) -> Callable[[_Machine], None]:
    return lambda machine: machine.stack.append(machine.number(length, signed))


def _long(machine: _Machine) -> None:
    length = machine.number(1)
    if length > 8:
        machine.fail(f"is a whole number of {length} bytes; a batch has none above 8")
    machine.stack.append(machine.number(length, signed=True))


def _bytes(length: int, signed: bool = False) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        found = machine.take(machine.number(length, signed))
        machine.stack.append(bytes(found) if len(found) <= _SHORT else found)

    return step


def _text(length: int) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        found = machine.take(machine.number(length))
        machine.stack.append(_decoded(machine, found) if len(found) <= _SHORT else _LongText(found))

    return step


def _decoded(machine: _Machine, encoded: memoryview) -> str:
    try:
        return str(encoded, "utf-8")
    except UnicodeDecodeError:
        machine.fail("is no text in UTF-8")


def _tuple(machine: _Machine) -> None:
    items = tuple(machine.until_mark())
    machine.stack.append(items)


def _tuple_of(count: int) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        if len(machine.stack) < count:
            raise IndexError
        machine.stack[-count:] = [tuple(machine.stack[-count:])]

    return step


def _append(machine: _Machine) -> None:
    _extend(machine, [machine.stack.pop()])


def _appends(machine: _Machine) -> None:
    _extend(machine, machine.until_mark())


def _extend(machine: _Machine, items: list[Any]) -> None:
    if type(machine.stack[-1]) is not list:
        machine.fail("adds to what is no list")
    machine.stack[-1].extend(items)


def _set_item(machine: _Machine) -> None:
    value, name = machine.stack.pop(), machine.stack.pop()
    _update(machine, [name, value])


def _set_items(machine: _Machine) -> None:
    _update(machine, machine.until_mark())


def _update(machine: _Machine, items: list[Any]) -> None:
    table = machine.stack[-1]
    if type(table) is not dict or len(items) % 2:
        machine.fail("adds to what is no dictionary, or names without values")
    for name, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(name, str | bytes):
            machine.fail(f"sets a name that is a {type(name).__name__}; expected a short text")
        name = name.decode("latin1") if isinstance(name, bytes) else name
        if name in table:
            machine.fail(f"sets {name[:40]!r} a second time")
        table[name] = value


def _put(length: int) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        machine.memory[machine.number(length)] = machine.stack[-1]

    return step


def _memoize(machine: _Machine) -> None:
    machine.memory[len(machine.memory)] = machine.stack[-1]


def _get(length: int) -> Callable[[_Machine], None]:
    def step(machine: _Machine) -> None:
        place = machine.number(length)
        if place not in machine.memory:
            machine.fail(f"reads what was never stored, at {place:,}")
        machine.stack.append(machine.memory[place])

    return step


def _global(machine: _Machine) -> None:
    lines = bytes(machine.content[machine.place : machine.place + 2 * _SHORT]).split(b"\n", 2)
    if len(lines) < 3:
        machine.fail("has no name behind it")
    machine.take(len(lines[0]) + len(lines[1]) + 2)
    _push_name(machine, *(line.decode("latin1") for line in lines[:2]))


def _stack_global(machine: _Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(module, str) or not isinstance(name, str):
        machine.fail("names what is no text")
    _push_name(machine, module, name)


def _push_name(machine: _Machine, module: str, name: str) -> None:
    if (module, name) not in _NAMES:
        raise ValueError(
            f"{machine.owner}: expected numbers only, got a call of {module[:60]}.{name[:60]}"
            f" (byte {machine.begun:,}); do not open it"
        )
    machine.stack.append(_NAMES[module, name])


def _call(machine: _Machine) -> None:
    """Describe what is made of arguments: each of these calls has one form."""
    arguments, function = machine.stack.pop(), machine.stack.pop()
    if type(arguments) is tuple:
        match function, arguments:
            case _Name(text="_reconstruct"), (_Name(text="ndarray"), (0,), b"b"):
                return machine.stack.append(PickledArray())
            case _Name(text="dtype"), (str() | bytes() as code, 0, 1):
                return machine.stack.append(_ElementType(code if isinstance(code, str) else code.decode("latin1")))
            case _Name(text="_frombuffer"), (content, _ElementType() as kind, shape, "C" | "F" as order):
                return machine.stack.append(PickledArray(kind.code, shape, order == "F", content))
            case _Name(text="encode"), (str() | _LongText() as text, "latin1"):
                return machine.stack.append(_encoded(machine, text))
    machine.fail("calls something that no array is made by")


def _encoded(machine: _Machine, text: str | _LongText) -> bytes:
    try:
        if isinstance(text, str):
            return text.encode("latin1")
        if text.content is None:
            # In UTF-8, characters of Latin-1 begin with nothing above C3; others would take more memory than they are.
            if np.frombuffer(text.encoded, np.uint8).max() > 0xC3:
                machine.fail("encodes a text as Latin-1 that has other letters")
            text.content = _decoded(machine, text.encoded).encode("latin1")
        return text.content
    except UnicodeEncodeError:
        machine.fail("encodes a text as Latin-1 that has other letters")


def _build(machine: _Machine) -> None:
    state, target = machine.stack.pop(), machine.stack[-1]
    match target, state:
        # Of the type, only what bytes can't have is of interest: fields, and arrays as elements.
        case _ElementType(), (3, str() | bytes(), None, None, None, int(), int(), int()):
            return
        case PickledArray(code=None), (1, shape, _ElementType() as kind, bool() as by_columns, content):
            target.code, target.shape, target.by_columns, target.content = kind.code, shape, by_columns, content
            return
    machine.fail("sets the state of something else than an array that was begun")


_STEPS: dict[int, Callable[[_Machine], None]] = {
    getattr(pickle, name)[0]: step
    for name, step in {
        "PROTO": _protocol, "FRAME": _frame, "MARK": _mark,
        "NONE": _constant(None), "NEWTRUE": _constant(True), "NEWFALSE": _constant(False),
        "BININT": _number(4, signed=True), "BININT1": _number(1), "BININT2": _number(2), "LONG1": _long,
        "SHORT_BINSTRING": _bytes(1), "BINSTRING": _bytes(4, signed=True),
        "SHORT_BINBYTES": _bytes(1), "BINBYTES": _bytes(4), "BINBYTES8": _bytes(8), "BYTEARRAY8": _bytes(8),
        "SHORT_BINUNICODE": _text(1), "BINUNICODE": _text(4), "BINUNICODE8": _text(8),
        "EMPTY_DICT": _empty(dict), "EMPTY_LIST": _empty(list), "EMPTY_TUPLE": _constant(()),
        "TUPLE": _tuple, "TUPLE1": _tuple_of(1), "TUPLE2": _tuple_of(2), "TUPLE3": _tuple_of(3),
        "APPEND": _append, "APPENDS": _appends, "SETITEM": _set_item, "SETITEMS": _set_items,
        "BINPUT": _put(1), "LONG_BINPUT": _put(4), "MEMOIZE": _memoize,
        "BINGET": _get(1), "LONG_BINGET": _get(4),
        "GLOBAL": _global, "STACK_GLOBAL": _stack_global, "REDUCE": _call, "BUILD": _build,
    }.items()
}  # fmt: skip
