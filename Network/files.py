"""Networks in files: what `NeuralNetwork.save` writes and `NeuralNetwork.load` reads.

`Foundation/SavedObjects.py` describes the file. Here is what is a network's: its parts, and what holds for layers.
"""

import importlib
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np

import Layers
import Optimization
from Foundation.Configurable import Configurable
from Foundation.ImportedClasses import ImportedClasses
from Foundation.Preparation import Preparation
from Foundation.Randomness import check_global_random_state
from Foundation.SavedObjects import Reader, Writer, described, reading
from Layers.Base import BaseLayer, TrainableLayer, without_first_values
from Network import steps

#: The network's parts that its constructor takes, as they are now; they come first when a network is read.
ARGUMENTS = (
    "optimizer",
    "weights_initializer",
    "bias_initializer",
    "dtype",
    "clip_norm",
    "clip_value",
    "accumulate",
)
_PARTS = (*ARGUMENTS, "loss", "layers", "loss_layer", "accumulated", "preparation", "progress")
#: What parts that are objects can do, and the class to derive one's own from.
_ROLES = {
    "layers": (("forward", "backward"), "Layers.Base.BaseLayer"),
    "loss_layer": (("forward", "backward"), "Optimization.Loss.Loss"),
    "optimizer": (("calculate_update",), "Optimization.Optimizers.Optimizer"),
    "weights_initializer": (("initialize",), "Layers.Initializers.Initializer"),
    "bias_initializer": (("initialize",), "Layers.Initializers.Initializer"),
    "preparation": (("prepare", "separated"), "Foundation.Preparation.Preparation"),
}
#: What the classes of some parts have to be derived from; for all others it is `Configurable`.
_BASES: dict[str, type] = {"layers": BaseLayer, "preparation": Preparation}
_KIND = "network"

Network = TypeVar("Network")


def save(filename: str | os.PathLike, net: Any, loss_layer: bool = True) -> None:
    """Write a network; see `NeuralNetwork.save`."""
    writer = _NetworkWriter()
    parts = _encoded(writer, net, loss_layer)
    random_state = writer.encode(np.random.get_state(legacy=False), "NumPy's global random state")  # noqa: NPY002
    writer.write(filename, _KIND, {_KIND: parts, "global_random_state": random_state})


def load(filename: str | os.PathLike, net: Network) -> Network:
    """Read a network into an empty one; see `NeuralNetwork.load`."""
    with reading(filename, _KIND) as file, without_first_values():
        reader = _NetworkReader(file, _KIND, _classes())
        encoded = reader.description[_KIND]
        unknown = sorted(encoded.keys() - set(_PARTS))
        if unknown:
            raise ValueError(f"has a part {unknown[0]!r}, which this library does not know; update it?")
        parts = {name: reader.decode(encoded[name]) for name in _PARTS if name in encoded}
        _check(parts)
        parts["loss"] = parts["loss"].tolist()
        parts["accumulated"] = steps.with_layers(parts.get("accumulated", (0, [])), parts["layers"])
        random_state = reader.random_state(reader.description["global_random_state"])
        check_global_random_state(random_state)
        for name, part in parts.items():
            setattr(net, name, part)
        if any(_draws_from_the_global_state(made) for made in reader.objects):
            np.random.set_state(random_state)  # noqa: NPY002
    return net


def cannot_be_saved(net: Any) -> str | None:
    """What `save` would say of a network that it refuses, or None; no array is looked into.

    >>> from NeuralNetwork import NeuralNetwork
    >>> cannot_be_saved(NeuralNetwork()) is None
    True
    """
    try:
        _encoded(_NetworkWriter(), net)
    except TypeError as error:
        return str(error)
    except Exception as error:  # of a class of the user's, who asks before training and is not to be kept from it
        return f"save: {type(error).__name__}: {error}"
    return None


def _encoded(writer: Writer, net: Any, loss_layer: bool = True) -> dict[str, Any]:
    parts = {name: getattr(net, name) for name in ARGUMENTS}
    parts |= {"loss": np.asarray(net.loss, dtype=float), "layers": list(net.layers)}
    parts["loss_layer"] = net.loss_layer if loss_layer else None
    parts["accumulated"] = steps.with_positions(net.accumulated, net.layers)
    parts |= {"preparation": net.preparation, "progress": net.progress}
    try:
        _check(parts)
    except ValueError as error:
        raise TypeError(f"save: {error}") from None
    return {name: writer.encode(parts[name], f"the network's {name}") for name in _PARTS}


def _check(parts: dict[str, Any]) -> None:
    """Raise ValueError for what is no network: the same before one is written and after one was read."""
    if parts["dtype"] not in ("float32", "float64"):
        raise ValueError(f"expected the network's dtype to be float32 or float64, got {parts['dtype']!r}")
    if not isinstance(parts["layers"], list):
        raise ValueError(f"expected the network's layers to be a list, got {described(parts['layers'])}")
    for part, place, value in _objects(parts):
        methods, base = _ROLES[part]
        kind = _BASES.get(part, Configurable)
        if not isinstance(value, kind) or not all(callable(getattr(value, method, None)) for method in methods):
            without = ", or save without it: save(filename, net, loss_layer=False)" * (part == "loss_layer")
            raise ValueError(
                f"the network's {place} is {described(value)}, which a file can't hold there; expected an object "
                f"with {' and '.join(methods)}, of a class derived from {base}{without}"
            )


def _objects(parts: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The part, the place and the object, for each object that a network is made of."""
    for index, layer in enumerate(parts["layers"]):
        yield "layers", f"layers[{index}]", layer
    for part in _ROLES:
        if part != "layers" and parts.get(part) is not None:  # older files lack some
            yield part, part, parts[part]


def _classes() -> ImportedClasses:
    """The classes that a network may be made of, this library's own among them."""
    for package in (Layers, Optimization):
        for module in package.__all__:
            if module != "Helpers":  # which is the course's
                importlib.import_module(f"{package.__name__}.{module}")
    with suppress(ModuleNotFoundError):  # Generator/ is no part of a network, and may be missing beside it
        importlib.import_module("Generator.preparation")
    return ImportedClasses(["Foundation", "Layers", "Optimization", "Generator"])


def _draws_from_the_global_state(value: Any) -> bool:
    return isinstance(value, BaseLayer) and "rng" in value.argument_names() and getattr(value, "rng", None) is None


class _NetworkWriter(Writer):
    def state(self, value: Configurable) -> dict[str, Any]:
        """Without gradients, which are computed anew."""
        names = value.parameter_names if isinstance(value, TrainableLayer) else ()
        gradients = {f"gradient_{name}" for name in names}
        return {name: item for name, item in super().state(value).items() if name not in gradients}


class _NetworkReader(Reader):
    def check(self, made: Configurable, state: set[str]) -> None:
        """A layer that is made without first values has to be given its parameters."""
        if isinstance(made, TrainableLayer) and not state >= vars(made).keys() & set(made.parameter_names):
            raise ValueError(f"damaged: a {type(made).__name__} without its parameters")
