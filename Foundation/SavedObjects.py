"""Objects in files.

A file is an uncompressed zip archive, which `numpy.load` can open too: one member for each array, and one of JSON with
everything else. There, every object (of a class derived from `Configurable`) is a module and a class name, the
constructor's arguments, and the state that it has gathered since:

    {"module": "Layers.Dropout", "class": "Dropout", "arguments": {"probability": 0.5, "rng": {"object": 7}},
     "state": {"testing_phase": true}}

What `Writer` accepts, `Reader` gives back: values of the same types, to the bit. What can't come back so is refused
by name before anything is written. In version 1 of the format, objects were named without their module, and NumPy's
numbers stood as arrays without axes.

A file from a stranger may be refused, but it can't do anything: classes are looked up among those that the program has
imported, made by their own constructors, which check the arguments, and given attributes that hold data. Nothing is
unpickled, imported or evaluated, and no array is larger than its bytes in the file.
"""

import hashlib
import inspect
import io
import json
import math
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from Foundation.Configurable import Configurable, signature
from Foundation.Files import replacing
from Foundation.ImportedClasses import ImportedClasses
from Foundation.Randomness import BIT_GENERATORS, check_random_state

VERSION = 2
#: How deep values may be nested; reading them takes five calls of Python for each level, of which it allows a thousand.
DEEPEST = 100
#: NumPy's real numbers as it writes their types: "<f8" for instance.
_REAL = re.compile(r"[<>|=][fiub]\d+")
#: Python refuses to write longer whole numbers as text.
_LARGEST_BITS = 8192
#: An object that is one of these too has a content besides its attributes.
_WITH_CONTENT = (bytes, dict, float, frozenset, int, list, np.generic, np.ndarray, set, str, tuple)


class Writer:
    """Turns values into what JSON can hold, and collects the arrays beside it.

    >>> writer = Writer()
    >>> writer.encode([1.5, np.float32(1.5), (True, None)], "the list")
    {'list': [1.5, {'scalar': ['<f4', '0000c03f']}, {'tuple': [True, None]}]}
    >>> writer.encode({"greeting": print}, "the table")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    TypeError: save: the table['greeting'] is builtins.builtin_function_or_method, which can't be saved; expected ...
    """

    def __init__(self) -> None:
        self._objects: list[dict[str, Any]] = []
        self._arrays: list[np.ndarray] = []
        # With the objects themselves: where one is gone, another may get its id.
        self._known: dict[int, tuple[int, Any]] = {}
        self._being_made: set[int] = set()
        self._depth = 0

    def encode(self, value: Any, place: str) -> Any:
        """`value` for JSON; raises TypeError, naming the place, for what can't be saved."""
        kind = type(value)
        if value is None or kind in (bool, str) or (kind is int and value.bit_length() <= _LARGEST_BITS):
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, np.generic) and kind is value.dtype.type and _REAL.fullmatch(value.dtype.str):
            return {"scalar": [value.dtype.str, value.tobytes().hex()]}
        if self._depth == DEEPEST:
            raise TypeError(f"save: {place} is nested more than {DEEPEST} deep, or contains itself")
        self._depth += 1
        try:
            return self._encode_collection(value, place)
        finally:
            self._depth -= 1

    def write(self, filename: str | os.PathLike, kind: str, parts: dict[str, Any]) -> None:
        """Write a file of this kind with parts that are encoded already, and what they refer to."""
        checksums = []
        with replacing(filename) as file, zipfile.ZipFile(file, "w") as archive:
            for index, array in enumerate(self._arrays):
                content = io.BytesIO()
                np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
                checksums.append(hashlib.sha256(content.getbuffer()).hexdigest())
                archive.writestr(zipfile.ZipInfo(_array_name(index)), content.getbuffer())
            description = {"format": _format(kind), "version": VERSION, **parts}
            description |= {"objects": self._objects, "checksums": checksums}
            archive.writestr(zipfile.ZipInfo(f"{kind}.json"), json.dumps(description, allow_nan=False))

    def state(self, value: Configurable) -> dict[str, Any]:
        """What is saved of an object besides its arguments."""
        arguments = value.argument_names()
        return {name: item for name, item in _attributes(value).items() if name not in arguments}

    def _encode_collection(self, value: Any, place: str) -> dict[str, Any]:
        kind = type(value)
        if kind is np.ndarray and _REAL.fullmatch(value.dtype.str):
            self._arrays.append(value)
            return {"array": len(self._arrays) - 1}
        if kind in (list, tuple):
            return {kind.__name__: [self.encode(item, f"{place}[{index}]") for index, item in enumerate(value)]}
        if kind in (set, frozenset):  # whose order is another one in every process
            return {kind.__name__: sorted((self.encode(item, f"{place}: {item!r}") for item in value), key=json.dumps)}
        if kind is dict and all(type(key) is str for key in value):
            return {"dict": {key: self.encode(item, f"{place}[{key!r}]") for key, item in value.items()}}
        if kind is dict:
            keys = [self.encode(key, f"{place}'s key {key!r}") for key in value]
            items = [self.encode(item, f"{place}[{key!r}]") for key, item in value.items()]
            return {"pairs": [list(pair) for pair in zip(keys, items, strict=True)]}
        if (isinstance(value, Configurable) and not isinstance(value, _WITH_CONTENT)) or _is_generator(value):
            return {"object": self._number(value, place)}
        raise TypeError(
            f"save: {place} is {described(value)}, which can't be saved; expected numbers, text, arrays, lists, "
            "tuples, sets, dicts, or an object of a class derived from Foundation.Configurable.Configurable"
        )

    def _number(self, value: Any, place: str) -> int:
        """The number of an object in the file; one that is used in several places is described once."""
        if id(value) in self._being_made:
            raise TypeError(f"save: {place} is an argument of its own constructor, so that nothing could make it again")
        if id(value) not in self._known:
            self._known[id(value)] = (len(self._objects), value)
            entry: dict[str, Any] = {}
            self._objects.append(entry)
            if isinstance(value, np.random.Generator):
                entry |= {"module": "numpy.random", "class": type(value.bit_generator).__name__}
                entry["state"] = self.encode(value.bit_generator.state, place)
            else:
                entry |= {"module": type(value).__module__, "class": type(value).__qualname__}
                self._describe(value, entry, place)
        return self._known[id(value)][0]

    def _describe(self, value: Configurable, entry: dict[str, Any], place: str) -> None:
        try:
            refused = _argument_without_name(type(value))
            if refused:
                raise TypeError(f"expected a constructor whose arguments have names, got {refused}")
            arguments, state = value.configuration(), self.state(value)
        except (AttributeError, TypeError) as error:
            raise TypeError(f"save: {place}: {error}") from error
        self._being_made.add(id(value))
        entry["arguments"] = {name: self.encode(item, f"{place}.{name}") for name, item in arguments.items()}
        self._being_made.remove(id(value))
        entry["state"] = {}
        for name, item in state.items():
            if not _can_be_set(type(value), name):
                raise TypeError(f"save: {place}.{name} hides a method or property, or is no name; give it another")
            entry["state"][name] = self.encode(item, f"{place}.{name}")


class Reader:
    """Makes objects again from a file whose every byte is distrusted.

    Args:
        file: what `Writer.write` has written.
        kind: its kind.
        classes: the classes that objects may be of.

    Attributes:
        description: what the file says, still encoded.
    """

    def __init__(self, file: BinaryIO, kind: str, classes: ImportedClasses) -> None:
        unknown = ValueError(f"no {kind}: expected a file that save has written")
        self._archive = zipfile.ZipFile(file)
        self._members = {member.filename: member for member in self._archive.infolist()}
        if any(member.compress_type != zipfile.ZIP_STORED for member in self._members.values()):
            raise ValueError("expected an archive without compression, as save writes it")
        if sum(member.file_size for member in self._archive.infolist()) > os.fstat(file.fileno()).st_size:
            raise ValueError("declares more content than the file has")
        if f"{kind}.json" not in self._members:
            raise unknown
        self.description = json.loads(self._archive.read(f"{kind}.json"))
        if not isinstance(self.description, dict) or self.description.get("format") != _format(kind):
            raise unknown
        self._version = self.description["version"]
        if self._version not in range(1, VERSION + 1):
            raise ValueError(
                f"written in version {self._version!r} of the format, this library reads up to {VERSION}; update it?"
            )
        self._classes = classes
        self._made: dict[int, Any] = {}
        self._begun: set[int] = set()

    @property
    def objects(self) -> list[Any]:
        """Every object that was made so far."""
        return list(self._made.values())

    def decode(self, value: Any) -> Any:
        """What `Writer.encode` was given."""
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        match kind:
            case "float" if content in ("nan", "inf", "-inf"):
                return float(content)
            case "scalar":
                return _scalar(*content)
            case "array":
                return self._array(content)
            case "list" | "tuple" | "set" | "frozenset":
                make = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind]
                return make([self.decode(item) for item in content])
            case "dict":
                return {key: self.decode(item) for key, item in content.items()}
            case "pairs":
                return {self.decode(key): self.decode(item) for key, item in content}
            case "object":
                return self._object(content)
        raise ValueError(f"damaged: no value is of the kind {kind!r}")

    def random_state(self, value: Any) -> dict[str, Any]:
        """The state of a random generator, checked."""
        state = self.decode(value)
        check_random_state(state)
        return dict(state)

    def construct(self, cls: type[Configurable], arguments: dict[str, Any]) -> Configurable:
        """A new object; its state is set afterwards."""
        return cls(**arguments)

    def check(self, made: Configurable, state: set[str]) -> None:
        """Raise ValueError where a state of these attributes can't be that of the object."""

    def _array(self, index: int) -> np.ndarray | np.generic:
        # Each is read once: many references to one array would make a small file large in memory.
        member = self._members.pop(_array_name(index))
        content = self._archive.read(member)
        if hashlib.sha256(content).hexdigest() != self.description["checksums"][index]:
            raise ValueError(f"damaged: {member.filename} does not match its checksum")
        stream = io.BytesIO(content)
        np.lib.format.read_magic(stream)
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
        if dtype.kind not in "fiub" or dtype.itemsize * math.prod(shape) != len(content) - stream.tell():
            raise ValueError(f"damaged: {member.filename} declares {shape} of {dtype}, not what it holds")
        flat = np.frombuffer(content, dtype, offset=stream.tell())
        array = flat.reshape(shape, order="F" if by_columns else "C").copy(order="K")
        return array[()] if self._version == 1 and array.ndim == 0 else array

    def _object(self, index: int) -> Any:
        if index not in self._made:
            if index in self._begun:
                raise ValueError(f"damaged: object {index} contains itself")
            self._begun.add(index)
            entry = self.description["objects"][index]
            if "arguments" in entry:
                self._configurable(index, entry)
            else:
                self._made[index] = self._generator(entry)
        return self._made[index]

    def _generator(self, entry: dict[str, Any]) -> np.random.Generator:
        if entry["class"] not in BIT_GENERATORS:
            raise ValueError(f"damaged: no random generator of NumPy is called {entry['class']!r}")
        bit_generator = getattr(np.random, entry["class"])()
        bit_generator.state = self.random_state(entry["state"])
        return np.random.Generator(bit_generator)

    def _configurable(self, index: int, entry: dict[str, Any]) -> None:
        cls = self._class(entry)
        # What was an attribute when the file was written may be an argument of its class since.
        known, state = entry["arguments"], entry["state"]
        since = [name for name in cls.argument_names() if name in state and name not in known]
        arguments = {name: self.decode(item) for name, item in known.items()}
        arguments |= {name: self.decode(state[name]) for name in since}
        try:
            made = self.construct(cls, arguments)
        except Exception as error:
            text = str(error) if type(error) in (ValueError, TypeError) else f"{type(error).__name__}: {error}"
            raise ValueError(f"no {cls.__name__} can be made from its arguments in the file: {text}") from error
        self._made[index] = made
        rest = state.keys() - since
        self.check(made, rest)
        for name in rest:
            if name in arguments or not _can_be_set(cls, name):
                raise ValueError(f"sets {name!r} of {cls.__name__}, which is nothing that a file may set")
        for name, value in arguments.items():  # constructors make a plain number of one of NumPy's
            if isinstance(value, np.generic) and getattr(made, "__dict__", {}).get(name) == value:
                setattr(made, name, value)
        self._set_state(made, {name: self.decode(state[name]) for name in state if name in rest})

    def _class(self, entry: dict[str, Any]) -> type[Configurable]:
        if self._version == 1:
            return self._classes.find_by_name(entry["class"])
        return self._classes.find(entry["module"], entry["class"])

    @staticmethod
    def _set_state(made: Any, state: dict[str, Any]) -> None:
        if hasattr(made, "__setstate__"):
            made.__setstate__({**_attributes(made), **state})
        else:
            for name, item in state.items():
                setattr(made, name, item)


@contextmanager
def reading(filename: str | os.PathLike, kind: str) -> Iterator[BinaryIO]:
    """A file of this kind, open for reading; whatever is wrong with its content is a ValueError that names the file."""
    path = Path(filename)
    with path.open("rb") as file:
        try:
            yield file
        except OSError:
            raise
        except RecursionError:
            raise ValueError(f"{path}: damaged, or no {kind} at all (nested too deeply)") from None
        except (zipfile.BadZipFile, EOFError, LookupError, AttributeError) as error:
            raise ValueError(f"{path}: damaged, or no {kind} at all ({type(error).__name__}: {error})") from error
        except Exception as error:
            raise ValueError(f"{path}: {error}") from error


def described(value: Any) -> str:
    """What a value is, in messages."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if type(value) is np.ndarray:
        return f"an array of {value.dtype}"
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _format(kind: str) -> str:
    return f"classic-deep-learning {kind}"


def _array_name(index: int) -> str:
    return f"array_{index}.npy"


def _scalar(dtype: str, content: str) -> np.generic:
    if not _REAL.fullmatch(dtype):
        raise ValueError(f"damaged: {dtype!r} is no type of a number")
    (number,) = np.frombuffer(bytes.fromhex(content), dtype)
    return number


def _is_generator(value: Any) -> bool:
    return type(value) is np.random.Generator and type(value.bit_generator).__name__ in BIT_GENERATORS


def _attributes(value: Configurable) -> dict[str, Any]:
    state: Any = value.__getstate__() or {}
    if isinstance(state, tuple) and len(state) == 2:  # what Python gives where there are slots
        state = {**(state[0] or {}), **(state[1] or {})}
    if not isinstance(state, dict):
        raise TypeError(f"expected __getstate__ of {type(value).__name__} to return a dict, got {described(state)}")
    return state


def _can_be_set(cls: type, name: str) -> bool:
    """Whether a file may set this attribute: data, but no method, no property and none of Python's own."""
    own = getattr(cls, name, None)
    return name.isidentifier() and not (name.startswith("__") or callable(own) or isinstance(own, property))


def _argument_without_name(cls: type) -> str:
    """The first argument of a constructor that can't be given by name; nothing where all can."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return next((str(argument) for argument in signature(cls).parameters.values() if argument.kind not in named), "")
