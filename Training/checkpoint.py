"""Networks in files: what `NeuralNetwork.save` writes and `NeuralNetwork.load` reads.

A file is an uncompressed zip archive, which `numpy.load` can open too: one member for each array, and
`network.json` with everything else. There, every object (layer, optimizer, initializer, …) is a class
name, the constructor's arguments, and the state that it has gathered since.

A file from a stranger may be refused, but it can't do anything: classes are looked up by name among
those that the program has imported, made by their own constructors, which check the arguments, and
given only attributes that they have anyway. Nothing is unpickled, imported or evaluated, and no array
is larger than its bytes in the file.
"""

import hashlib
import importlib
import inspect
import io
import json
import math
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import Layers
import Optimization
from Foundation.Configurable import Configurable
from Layers.Base import BaseLayer, TrainableLayer, without_first_values

FORMAT = "classic-deep-learning network"
VERSION = 1
_JSON = "network.json"
_BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
#: The largest value of what NumPy uses as a position or a flag in a random state, without looking at it.
_RANDOM_STATE_LIMITS = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1}
_NETWORK_PARTS = ("dtype", "loss", "layers", "loss_layer", "optimizer", "weights_initializer", "bias_initializer")


def save(filename: str | os.PathLike, net: Any) -> None:
    """Write a network; see `NeuralNetwork.save`."""
    writer = _Writer()
    parts = {**vars(net), "loss": np.asarray(net.loss, dtype=float)}
    description = {
        "format": FORMAT,
        "version": VERSION,
        "network": {name: writer.encode(parts[name], f"the network's {name}") for name in _NETWORK_PARTS},
        "global_random_state": writer.encode(np.random.get_state(legacy=False), "NumPy's global random state"),  # noqa: NPY002
        "objects": writer.objects,
        "checksums": [hashlib.sha256(content).hexdigest() for content in writer.arrays],
    }
    members = {f"array_{index}.npy": content for index, content in enumerate(writer.arrays)}
    members[_JSON] = json.dumps(description, allow_nan=False).encode()
    with _replacing(Path(os.path.realpath(filename))) as file, zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def load(filename: str | os.PathLike, net: Any) -> None:
    """Read a network into an empty one; see `NeuralNetwork.load`."""
    path = Path(filename)
    with path.open("rb") as file:
        try:
            reader = _Reader(file, os.fstat(file.fileno()).st_size)
            parts = reader.network()
            random_state = _checked(reader.decode(reader.description["global_random_state"]))
            if any("rng" in layer.argument_names() and layer.rng is None for layer in parts["layers"]):
                np.random.set_state(random_state)  # noqa: NPY002 - these layers draw from it
        except (zipfile.BadZipFile, EOFError, KeyError, IndexError, AttributeError) as error:
            raise ValueError(f"{path}: damaged, or no network at all ({type(error).__name__}: {error})") from error
        except RecursionError:
            raise ValueError(f"{path}: damaged, or no network at all (nested too deeply)") from None
        except (ValueError, TypeError, OverflowError, NotImplementedError, RuntimeError, MemoryError) as error:
            raise ValueError(f"{path}: {error}") from error
    vars(net).update(parts)


@contextmanager
def _replacing(path: Path) -> Iterator[io.BufferedWriter]:
    """A file that takes the place of another one all at once, when it is complete and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: expected the name of a file, got a folder")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Writer:
    """Turns objects into what JSON can hold, and collects the arrays beside it."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.arrays: list[bytes] = []
        self._known: dict[int, int] = {}

    def encode(self, value: Any, place: str) -> Any:
        """`value` for JSON; raises TypeError, naming the place, for what can't be saved."""
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, np.ndarray | np.generic):
            return {"array": self._store(np.asarray(value), place)}
        if isinstance(value, list | tuple):
            items = [self.encode(item, f"{place}[{index}]") for index, item in enumerate(value)]
            return {type(value).__name__: items}
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return {"dict": {key: self.encode(item, f"{place}[{key!r}]") for key, item in value.items()}}
        if isinstance(value, Configurable | np.random.Generator):
            return {"object": self._describe(value, place)}
        raise TypeError(
            f"save: {place} is {type(value).__module__}.{type(value).__qualname__}, which can't be saved; "
            "a layer of your own can when it is derived from Layers.Base.BaseLayer and keeps numbers, arrays, "
            "lists and dicts"
        )

    def _store(self, array: np.ndarray, place: str) -> int:
        if array.dtype.kind not in "fiub":
            raise TypeError(f"save: {place} is an array of {array.dtype}, expected one of numbers")
        content = io.BytesIO()
        np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
        self.arrays.append(content.getvalue())
        return len(self.arrays) - 1

    def _describe(self, value: Any, place: str) -> int:
        """The number of an object in `objects`; one that is used in several places is described once."""
        if id(value) in self._known:
            return self._known[id(value)]
        index = self._known[id(value)] = len(self.objects)
        self.objects.append({})
        if isinstance(value, np.random.Generator):
            described = {"class": type(value.bit_generator).__name__, "state": value.bit_generator.state}
            described["state"] = self.encode(described["state"], place)
        else:
            arguments = value.configuration()
            described = {
                "class": type(value).__name__,
                "arguments": {name: self.encode(item, f"{place}.{name}") for name, item in arguments.items()},
                "state": {name: self.encode(item, f"{place}.{name}") for name, item in _state(value).items()},
            }
        self.objects[index] = described
        return index


def _state(value: Any) -> dict[str, Any]:
    """What an object holds besides its arguments; gradients are computed anew and caches are gone already."""
    state = value.__getstate__() or {}
    arguments = value.argument_names()
    return {
        name: item
        for name, item in state.items()
        if name not in arguments and item is not None and not name.startswith("gradient_")
    }


class _Reader:
    """Makes objects again from a file whose every byte is distrusted."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._archive = zipfile.ZipFile(file)
        self._members = {member.filename: member for member in self._archive.infolist()}
        if any(member.compress_type != zipfile.ZIP_STORED for member in self._members.values()):
            raise ValueError("expected an archive without compression, as save writes it")
        if sum(member.file_size for member in self._archive.infolist()) > size:
            raise ValueError("declares more content than the file has")
        if _JSON not in self._members:
            raise ValueError("no network: expected a file that NeuralNetwork.save has written")
        self.description = json.loads(self._archive.read(_JSON))
        if not isinstance(self.description, dict) or self.description.get("format") != FORMAT:
            raise ValueError("no network: expected a file that NeuralNetwork.save has written")
        version = self.description["version"]
        if version != VERSION:
            raise ValueError(f"written in version {version!r} of the format, this library reads {VERSION}; update it?")
        self._made: dict[int, Any] = {}
        self._begun: set[int] = set()
        self._classes = _imported_classes()

    def network(self) -> dict[str, Any]:
        """The attributes of the network."""
        parts = {name: self.decode(self.description["network"][name]) for name in _NETWORK_PARTS}
        if parts["dtype"] not in ("float32", "float64"):
            raise ValueError(f"expected the network's dtype to be float32 or float64, got {parts['dtype']!r}")
        if not isinstance(parts["layers"], list) or not all(isinstance(layer, BaseLayer) for layer in parts["layers"]):
            raise ValueError("expected the network's layers to be a list of layers")
        parts["loss"] = parts["loss"].tolist()
        return parts

    def decode(self, value: Any) -> Any:
        """What `_Writer.encode` was given."""
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        match kind:
            case "float" if content in ("nan", "inf", "-inf"):
                return float(content)
            case "array":
                return self._array(content)
            case "list":
                return [self.decode(item) for item in content]
            case "tuple":
                return tuple(self.decode(item) for item in content)
            case "dict":
                return {key: self.decode(item) for key, item in content.items()}
            case "object":
                return self._object(content)
        raise ValueError(f"damaged: no value is of the kind {kind!r}")

    def _array(self, index: int) -> np.ndarray:
        member = self._members[f"array_{index}.npy"]
        content = self._archive.read(member)
        if hashlib.sha256(content).hexdigest() != self.description["checksums"][index]:
            raise ValueError(f"damaged: {member.filename} does not match its checksum")
        stream = io.BytesIO(content)
        np.lib.format.read_magic(stream)
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream)
        if dtype.kind not in "fiub" or dtype.itemsize * math.prod(shape) != len(content) - stream.tell():
            raise ValueError(f"damaged: {member.filename} declares {_shape_and_type(shape, dtype)}, not what it holds")
        flat = np.frombuffer(content, dtype, offset=stream.tell())
        return flat.reshape(shape, order="F" if by_columns else "C").copy(order="K")

    def _object(self, index: int) -> Any:
        if index not in self._made:
            if index in self._begun:
                raise ValueError(f"damaged: object {index} contains itself")
            self._begun.add(index)
            described = self.description["objects"][index]
            make = self._generator if described["class"] in _BIT_GENERATORS else self._configurable
            self._made[index] = make(described)
        return self._made[index]

    def _generator(self, described: dict[str, Any]) -> np.random.Generator:
        bit_generator = getattr(np.random, described["class"])()
        bit_generator.state = _checked(self.decode(described["state"]))
        return np.random.Generator(bit_generator)

    def _configurable(self, described: dict[str, Any]) -> Configurable:
        name = described["class"]
        if name not in self._classes:
            raise ValueError(
                f"needs the class {name!r}, which this program has not imported; import it, then load again"
            )
        arguments = {key: self.decode(item) for key, item in described["arguments"].items()}
        with without_first_values():
            made = self._classes[name](**arguments)
        if isinstance(made, TrainableLayer) and not described["state"].keys() >= set(made.parameter_names):
            raise ValueError(f"damaged: a {name} without its parameters")
        for key, item in described["state"].items():
            own = getattr(type(made), key, None)
            if not hasattr(made, key) or callable(own) or isinstance(own, property) or key.startswith("__"):
                raise ValueError(f"sets {key!r} of {name}, which has no such attribute to set")
            setattr(made, key, self.decode(item))
        return made


def _imported_classes() -> dict[str, type[Configurable]]:
    """The concrete classes by name; where a program has two of one name, the later one, as in a notebook."""
    for package in (Layers, Optimization):
        for module in package.__all__:
            if module != "Helpers":
                importlib.import_module(f"{package.__name__}.{module}")
    classes, found = {}, [Configurable]
    for known in found:
        found.extend(known.__subclasses__())
        if not inspect.isabstract(known):
            classes[known.__name__] = known
    return classes


def _checked(random_state: dict[str, Any]) -> dict[str, Any]:
    """A random state whose positions lie within what they point into."""
    for name, value in random_state.items():
        if isinstance(value, dict):
            _checked(value)
        elif name in _RANDOM_STATE_LIMITS and not 0 <= value <= _RANDOM_STATE_LIMITS[name]:
            raise ValueError(f"damaged: a random state with {name} = {value}")
    return random_state


def _shape_and_type(shape: tuple[int, ...], dtype: np.dtype) -> str:
    return f"{shape} of {dtype}"
