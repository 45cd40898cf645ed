"""Objects in files.

A file is an uncompressed zip archive, which `numpy.load` can open too: one member for each array, and one of JSON with
everything else. There, every object (of a class derived from `Configurable`) is a module and a class name, the
constructor's arguments, and the state that it has gathered since:

    {"module": "Layers.Dropout", "class": "Dropout", "arguments": {"probability": 0.5, "rng": {"object": 7}},
     "state": {"testing_phase": true}}

What `Writer` accepts, `Reader` gives back: values of the same types, to the bit. What can't come back so is refused
by name before anything is written. Arrays are numbered, and `names` tells the member of each, which says what it is.
In version 1 of the format, objects were named without their module, and NumPy's numbers stood as arrays without axes;
in version 2, long lists of floats stood in the JSON; up to version 3, arrays had no names but their numbers.

A file from a stranger may be refused, but it can't do anything: classes are looked up among those that the program has
imported, made by their own constructors, which check the arguments, and given attributes that hold data. Nothing is
unpickled, imported or evaluated, and what is made takes little more memory than the file: each array is read once, into
no more bytes than are there, and JSON that unfolds to more than `_check_text` allows is not read.
"""

import inspect
import json
import math
import os
import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from Foundation.Attributes import Argument, says_itself
from Foundation.Configurable import Configurable, signature
from Foundation.Files import replacing
from Foundation.ImportedClasses import ImportedClasses
from Foundation.Randomness import BIT_GENERATORS, check_random_state, made_of_seed, seed_of
from Foundation.SavedArchive import DamagedError, Member, members_of, read
from Foundation.SavedArrays import NewArchive, read_array, write_array

VERSION = 4
#: How deep values may be nested; reading them takes five calls of Python for each level, of which it allows a thousand.
DEEPEST = 100
#: NumPy's real numbers as it writes their types: "<f8" for instance.
_REAL = re.compile(r"[<>|=][fiub]\d+")
#: Python refuses to write longer whole numbers as text.
_LARGEST_BITS = 8192
#: Lists of more floats than this become arrays.
_LONG = 64
#: How many bytes the JSON may have, and how many more what it holds may take.
_LARGEST_TEXT, _LARGEST_CONTENT = 2**24, 2**25
#: About how many bytes a value takes, and a list or dictionary with its own value beside.
_VALUE, _COLLECTION = 40, 250
_TOO_MUCH = "holds more values beside its arrays than a file may"
#: How many items of a large set may have one hash; each is compared with all others of them.
_ALIKE = 100
#: What stands between the words of a member's name in a place, and how much of it is kept.
_NO_WORDS, _LONGEST_NAME = re.compile(r"\W+_*"), 200
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
        self._names: dict[str, None] = {}
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
        with replacing(filename) as file, NewArchive(file) as archive:
            for name, array in zip(self._names, self._arrays, strict=True):
                checksums.append(write_array(archive, name, array))
            description = {"format": _format(kind), "version": VERSION, **parts}
            description |= {"objects": self._objects, "names": list(self._names), "checksums": checksums}
            text = json.dumps(description, allow_nan=False).encode()
            try:
                _check_text(text)
            except ValueError as error:
                raise TypeError(f"save: the {kind} {error}; hold long lists as arrays") from None
            archive.writestr(zipfile.ZipInfo(f"{kind}.json"), text)

    def state(self, value: Configurable, arguments: Collection[str]) -> dict[str, Any]:
        """What is saved of an object besides its arguments."""
        kept = {name for name in arguments if not says_itself(type(value), name)}
        return {name: item for name, item in _attributes(value).items() if name not in kept}

    def check(self, value: Configurable, state: dict[str, Any]) -> None:
        """Raise ValueError or TypeError for what `Reader.check` would refuse."""

    def check_arguments(self, value: Configurable) -> None:
        """Raise ValueError where nothing like the object could be made of its arguments, which can be saved."""

    def begin(self, value: Any, place: str) -> None:
        """Hear of an object, in its first place, before what it holds."""

    def name(self, place: str) -> str:
        """What an array is called whose place is this one; the file makes one word of it, which no other has."""
        return place

    def _add(self, array: np.ndarray, place: str) -> int:
        """The number of one more array."""
        wanted = _NO_WORDS.sub(".", self.name(place)).strip(".")[:_LONGEST_NAME]
        name, number = f"{wanted}.npy", 1
        while name in self._names:
            number += 1
            name = f"{wanted}.{number}.npy"
        self._names[name] = None
        self._arrays.append(array)
        return len(self._arrays) - 1

    def _encode_collection(self, value: Any, place: str) -> dict[str, Any]:
        kind = type(value)
        if kind is np.ndarray and _REAL.fullmatch(value.dtype.str):
            return {"array": self._add(value, place)}
        if kind is list and len(value) > _LONG and set(map(type, value)) == {float}:
            return {"floats": self._add(np.array(value), place)}
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
            "tuples, sets, dicts, a numpy.random.Generator (of default_rng, say), or an object of a class derived from "
            "Foundation.Configurable.Configurable"
        )

    def _number(self, value: Any, place: str) -> int:
        """The number of an object in the file; one that is used in several places is described once."""
        if id(value) in self._being_made:
            raise TypeError(f"save: {place} is an argument of its own constructor, so that nothing could make it again")
        if id(value) not in self._known:
            self.begin(value, place)
            self._known[id(value)] = (len(self._objects), value)
            entry: dict[str, Any] = {}
            self._objects.append(entry)
            if isinstance(value, np.random.Generator):
                entry |= {"module": "numpy.random", "class": type(value.bit_generator).__name__}
                entry["state"] = self.encode(value.bit_generator.state, place)
                entry["seed"] = self.encode(seed_of(value), place)
            else:
                entry |= {"module": type(value).__module__, "class": type(value).__qualname__}
                self._describe(value, entry, place)
        return self._known[id(value)][0]

    def _describe(self, value: Configurable, entry: dict[str, Any], place: str) -> None:
        try:
            refused = _argument_without_name(type(value))
            if refused:
                raise TypeError(f"expected a constructor whose arguments have names, got {refused}")
            arguments = value.configuration()
            state = self.state(value, arguments)
            for name in state:
                if not can_be_set(type(value), name):
                    raise TypeError(f"{name!r} hides a method or property, or is no name; give it another")
            self.check(value, state)
        except (AttributeError, TypeError, ValueError) as error:
            raise TypeError(f"save: {place}: {error}") from error
        self._being_made.add(id(value))
        entry["arguments"] = {name: self.encode(item, f"{place}.{name}") for name, item in arguments.items()}
        self._being_made.remove(id(value))
        try:
            self.check_arguments(value)
        except ValueError as error:
            raise TypeError(f"save: {place}: {error}") from error
        entry["state"] = {}
        for name, item in state.items():
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
        self._file, self._members = file, members_of(file)
        if f"{kind}.json" not in self._members:
            raise unknown
        self.description = _parsed(file, self._members[f"{kind}.json"])
        if not isinstance(self.description, dict) or self.description.get("format") != _format(kind):
            raise unknown
        self._version = self.description["version"]
        if type(self._version) is not int or not 1 <= self._version <= VERSION:
            raise ValueError(
                f"written in version {self._version!r} of the format, this library reads up to {VERSION}; update it?"
            )
        self._classes = classes
        self._made: dict[int, Any] = {}
        self._begun: set[int] = set()
        self._depth = 0

    @property
    def objects(self) -> list[Any]:
        """Every object that was made so far."""
        return list(self._made.values())

    def decode(self, value: Any) -> Any:
        """What `Writer.encode` was given."""
        if not isinstance(value, dict):
            if isinstance(value, list) or (type(value) is float and not math.isfinite(value)):
                raise ValueError(f"damaged: {str(value)[:20]} stands for no value")
            return value
        if self._depth > DEEPEST:
            raise ValueError(f"damaged: values are nested more than {DEEPEST} deep")
        ((kind, content),) = value.items()
        self._depth += 1
        try:
            return self._decode_collection(kind, content)
        finally:
            self._depth -= 1

    def _decode_collection(self, kind: str, content: Any) -> Any:
        if kind in ("list", "tuple", "set", "frozenset", "pairs") and not isinstance(content, list):
            raise ValueError(f"damaged: expected the items of a {kind}, got {type(content).__name__}")
        match kind:
            case "float" if content in ("nan", "inf", "-inf"):
                return float(content)
            case "scalar":
                return _scalar(*content)
            case "array":
                return self._array(content)
            case "floats":
                return self._floats(content)
            case "list":
                return [self.decode(item) for item in content]
            case "tuple":
                return tuple([self.decode(item) for item in content])
            case "set" | "frozenset":
                items = _hashed([self.decode(item) for item in content])
                return set(items) if kind == "set" else frozenset(items)
            case "dict":
                return {key: self.decode(item) for key, item in content.items()}
            case "pairs":
                keys = _hashed([self.decode(key) for key, _ in content])
                return dict(zip(keys, [self.decode(item) for _, item in content], strict=True))
            case "object":
                return self._object(content)
        raise ValueError(f"damaged: no value is of the kind {kind[:20]!r}")

    def random_state(self, value: Any) -> dict[str, Any]:
        """The state of a random generator, checked."""
        state = self.decode(value)
        check_random_state(state)
        return dict(state)

    def construct(self, cls: type[Configurable], arguments: dict[str, Any]) -> Configurable:
        """A new object; its state is set afterwards."""
        return cls(**arguments)

    def check(self, made: Configurable, state: dict[str, Any]) -> None:
        """Raise ValueError or TypeError where an object can't have attributes of these values."""

    def _array(self, index: int) -> np.ndarray | np.generic:
        # Each is read once: many references to one array would make a small file large in memory.
        name = self.description["names"][index] if self._version > 3 else f"array_{index}.npy"
        member = self._members.pop(name)
        array = read_array(self._file, member, self.description["checksums"][index])
        return array[()] if self._version == 1 and array.ndim == 0 else array

    def _floats(self, index: int) -> list[float]:
        array = self._array(index)
        if array.ndim != 1 or array.dtype != float:
            raise ValueError(f"damaged: expected a list of floats, got {array.shape} of {array.dtype}")
        values: list[float] = array.tolist()
        return values

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
        seed = self.decode(entry.get("seed"))  # which older files lack
        made = np.random.Generator(getattr(np.random, entry["class"])())
        if seed is not None:
            made = made_of_seed(entry["class"], seed)
        made.bit_generator.state = self.random_state(entry["state"])
        return made

    def _configurable(self, index: int, entry: dict[str, Any]) -> None:
        cls = self._class(entry)
        # What was an attribute when the file was written may be an argument of its class since.
        known, state = entry["arguments"], entry["state"]
        kept = [name for name in cls.argument_names() if not says_itself(cls, name)]
        since = [name for name in kept if name in state and name not in known]
        arguments = {name: self.decode(item) for name, item in known.items()}
        arguments |= {name: self.decode(state[name]) for name in since}
        try:
            made = self.construct(cls, arguments)
        except Exception as error:
            text = str(error) if type(error) in (ValueError, TypeError) else f"{type(error).__name__}: {error}"
            raise ValueError(f"no {cls.__name__} can be made from its arguments in the file: {text}") from error
        self._made[index] = made
        rest = [name for name in state if name not in since]
        for name in rest:
            if (name in kept and name in arguments) or not can_be_set(cls, name):
                raise ValueError(f"sets {name[:50]!r} of {cls.__name__}, which is nothing that a file may set")
        for name, value in arguments.items():  # constructors make a plain number of one of NumPy's
            if isinstance(value, np.generic) and getattr(made, "__dict__", {}).get(name) == value:
                vars(made)[name] = value
        gathered = {name: self.decode(state[name]) for name in rest}
        try:
            for name in [name for name in rest if isinstance(getattr(cls, name, None), Argument)]:
                setattr(made, name, gathered.pop(name))  # what a base was made with, by which the rest is judged
            self.check(made, gathered)
        except TypeError as error:
            raise ValueError(str(error)) from error
        self.set_state(made, gathered)

    def _class(self, entry: dict[str, Any]) -> type[Configurable]:
        if self._version == 1:
            return self._classes.find_by_name(entry["class"])
        return self._classes.find(entry["module"], entry["class"])

    def set_state(self, made: Any, state: dict[str, Any]) -> None:
        """Give an object its attributes."""
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
        except (DamagedError, LookupError, AttributeError, TypeError) as error:
            name = "" if isinstance(error, DamagedError) else f"{type(error).__name__}: "
            raise ValueError(f"{path}: damaged, or no {kind} at all ({name}{error})") from error
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


def _parsed(file: BinaryIO, member: Member) -> Any:
    """The description in an archive, which its writer has kept to ASCII."""
    if member.size > _LARGEST_TEXT:
        raise ValueError(_TOO_MUCH)
    text = read(file, member)
    _check_text(text)
    return json.loads(text.decode("ascii"))


def _check_text(text: bytes) -> None:
    """Raise ValueError for JSON that makes much more of itself: three letters may become a dictionary of 250 bytes."""
    content = _COLLECTION * (text.count(b"{") + text.count(b"[")) + _VALUE * text.count(b",")
    if len(text) > _LARGEST_TEXT or content > _LARGEST_CONTENT:
        raise ValueError(_TOO_MUCH)


def _hashed(items: list[Any]) -> list[Any]:
    """Items for a set; raises ValueError for thousands of numbers chosen so that a set of them takes minutes."""
    if len(items) > 1000:
        hashes = np.sort(np.fromiter(map(hash, items), np.int64, len(items)))
        if (hashes[_ALIKE:] == hashes[:-_ALIKE]).any():
            raise ValueError("damaged: a set whose items are alike")
    return items


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


def can_be_set(cls: type, name: str) -> bool:
    """Whether a file may set this attribute: data, but no method, no property and none of Python's own."""
    own = getattr(cls, name, None)
    return name.isidentifier() and not (name.startswith("__") or callable(own) or isinstance(own, property))


def _argument_without_name(cls: type) -> str:
    """The first argument of a constructor that can't be given by name; nothing where all can."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return next((str(argument) for argument in signature(cls).parameters.values() if argument.kind not in named), "")
