"""Networks in files: what `NeuralNetwork.save` writes and `NeuralNetwork.load` reads.

`Foundation/SavedObjects.py` describes the file. Here is what is a network's: its parts, and what holds for layers.
"""

import importlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np

import Layers
import Optimization
from Foundation.Calls import takes
from Foundation.Configurable import Configurable
from Foundation.ImportedClasses import ImportedClasses
from Foundation.Preparation import Preparation
from Foundation.Randomness import check_global_random_state
from Foundation.Remaking import require_that_it_can_be_remade
from Foundation.SavedObjects import Reader, Writer, described, reading
from Foundation.Settings import settings
from Layers.Base import BaseLayer, TrainableLayer, without_first_values
from Layers.Composite import CompositeLayer, in_a_row, leaves, places, require_layers_once
from Layers.Initializers import Initializer
from Network import steps, turns
from Network.state import LIBRARY, check_state
from Network.weights import labels
from Optimization.Constraints import Regularizer
from Optimization.LossBase import Loss
from Optimization.Optimizers import Optimizer
from Optimization.Schedules import Schedule


class Role(NamedTuple):
    """What a part that is an object can do: its methods, each with the number of its arguments."""

    methods: dict[str, int]
    #: the class that those of this library and most others are derived from
    base: type
    #: how a program finds that class
    address: str
    #: what all have to be derived from
    required: type = Configurable


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
_INITIALIZER = Role({"initialize": 3}, Initializer, "Layers.Initializers.Initializer")
_ROLES = {
    "layers": Role({"forward": 1, "backward": 1}, BaseLayer, "Layers.Base.BaseLayer", BaseLayer),
    "loss_layer": Role({"forward": 2, "backward": 1}, Loss, "Optimization.Loss.Loss"),
    "optimizer": Role({"calculate_update": 2}, Optimizer, "Optimization.Optimizers.Optimizer"),
    "weights_initializer": _INITIALIZER,
    "bias_initializer": _INITIALIZER,
    "preparation": Role({"prepare": 1, "separated": 1}, Preparation, "Foundation.Preparation.Preparation", Preparation),
}
#: An object of one of these can't be in another's place, whatever methods it has.
_BASES = (BaseLayer, Loss, Optimizer, Initializer, Preparation, Schedule, Regularizer)
_KIND = "network"

Network = TypeVar("Network")


def save(filename: str | os.PathLike, net: Any, loss_layer: bool = True) -> None:
    """Write a network; see `NeuralNetwork.save`."""
    writer = _NetworkWriter()
    writer.write(filename, _KIND, turns.between_iterations(net, _content, writer, net, loss_layer))


def _content(writer: "_NetworkWriter", net: Any, loss_layer: bool) -> dict[str, Any]:
    """What is written. No array in it changes any more: where the network goes on learning, it makes new ones."""
    net.optimizers()  # have all that was set
    parts = _encoded(writer, net, loss_layer)
    random_state = writer.encode(np.random.get_state(legacy=False), "NumPy's global random state")  # noqa: NPY002
    return {_KIND: parts, "global_random_state": random_state}


def load(filename: str | os.PathLike, make: Callable[..., Network]) -> Network:
    """Make a network of what a file says; see `NeuralNetwork.load`."""
    with reading(filename, _KIND) as file:
        return without_first_values(_read, file, make)


def _read(file: Any, make: Callable[..., Network]) -> Network:
    reader = _NetworkReader(file, _KIND, _classes())
    encoded = reader.description[_KIND]
    unknown = sorted(encoded.keys() - set(_PARTS))
    if unknown:
        raise ValueError(f"has a part {unknown[0][:50]!r}, which this library does not know; update it?")
    parts = {name: reader.decode(encoded[name]) for name in _PARTS if name in encoded}
    _check(parts)
    net = make(**{name: parts.pop(name) for name in ARGUMENTS if name in parts})
    parts["accumulated"] = steps.with_layers(parts.get("accumulated", (0, [])), parts["layers"])
    _refuse_optimizers_in_two_places(parts["layers"])
    parts["loss"] = parts["loss"].tolist()
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


def _encoded(writer: "_NetworkWriter", net: Any, loss_layer: bool = True) -> dict[str, Any]:
    parts = {name: getattr(net, name) for name in ARGUMENTS}
    parts |= {"loss": np.asarray(net.loss, dtype=float), "layers": list(net.layers)}
    parts["loss_layer"] = net.loss_layer if loss_layer else None
    parts["accumulated"] = steps.with_positions(net.accumulated, net.layers)
    parts |= {"preparation": net.preparation, "progress": net.progress}
    try:
        _check(parts)
    except ValueError as error:
        raise TypeError(f"save: {error}") from None
    writer.labels = {id(layer): label for label, layer in labels(parts["layers"])}
    return {name: writer.encode(parts[name], f"the network's {name}") for name in _PARTS}


def _check(parts: dict[str, Any]) -> None:
    """Raise ValueError for what is no network: the same before one is written and after one was read."""
    if parts["dtype"] not in ("float32", "float64"):
        raise ValueError(f"expected the network's dtype to be float32 or float64, got {parts['dtype']!r}")
    if not isinstance(parts["layers"], list):
        raise ValueError(f"expected the network's layers to be a list, got {described(parts['layers'])}")
    loss = parts["loss"]
    if type(loss) is not np.ndarray or loss.ndim != 1 or loss.dtype != float:
        raise ValueError(f"expected the network's losses to be a list of numbers, got {described(loss)}")
    if not isinstance(parts.get("progress"), dict | None):
        raise ValueError(f"expected the network's progress to be a dictionary, got {described(parts['progress'])}")
    require_layers_once(in_a_row(parts["layers"]), "the network's layers")
    for part, place, value in _objects(parts):
        role = _ROLES[part]
        if not _fits(value, role):
            without = ", or save without it: save(filename, net, loss_layer=False)" * (part == "loss_layer")
            raise ValueError(
                f"the network's {place} is {described(value)}, which a file can't hold there; expected an object "
                f"with {' and '.join(role.methods)}, of a class derived from {role.address}{without}"
            )


def _fits(value: Any, role: Role) -> bool:
    """Whether an object can be what a network has it for."""
    if isinstance(value, role.base):
        return True
    return (
        isinstance(value, role.required)
        and not isinstance(value, _BASES)
        and all(takes(getattr(value, name, None), count) for name, count in role.methods.items())
    )


def _refuse_optimizers_in_two_places(layers: list[Any]) -> None:
    """Raise ValueError where layers share an optimizer, which remembers the gradients of one parameter."""
    found = [
        optimizer
        for layer in leaves(layers)
        if isinstance(layer, TrainableLayer)
        for optimizer in vars(layer).get("_optimizers", {}).values()
    ]
    if len(set(map(id, found))) < len(found):
        raise ValueError("damaged: one optimizer for several parameters")


def _objects(parts: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The part, the place and the object, for each object that a network is made of."""
    for place, layer in places(in_a_row(parts["layers"])):
        yield "layers", place, layer
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
    return ImportedClasses(LIBRARY)


def _draws_from_the_global_state(value: Any) -> bool:
    return isinstance(value, BaseLayer) and getattr(value, "rng", value) is None


class _NetworkWriter(Writer):
    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[int, str] = {}  # of layers by their ids
        self._label_at: dict[str, str] = {}

    def name(self, place: str) -> str:
        """The name of `NeuralNetwork.weights` for what is a layer's, and a like one for what is beside."""
        head = place
        while head and head not in self._label_at:
            head = head[: max(head.rfind("."), head.rfind("["), 0)]
        return (
            self._label_at[head] + place[len(head) :]
            if head
            else place.removeprefix("the network's ").replace("'s ", " ")
        )

    def begin(self, value: Any, place: str) -> None:
        """Know a layer's label by its place."""
        if id(value) in self.labels:
            self._label_at[place] = self.labels[id(value)]

    def state(self, value: Configurable, arguments: Collection[str]) -> dict[str, Any]:
        """Without gradients, which are computed anew, and without what follows from the rest."""
        state = super().state(value, arguments)
        if isinstance(value, TrainableLayer | CompositeLayer):
            value.receive_settings()  # what was set in one of them
            for name in ("_known_settings", *(f"gradient_{name}" for name in value.parameter_names)):
                state.pop(name, None)
        return state

    def check(self, value: Configurable, state: dict[str, Any]) -> None:
        """Refuse what could not be read."""
        check_state(value, state)

    def check_arguments(self, value: Configurable) -> None:
        """Refuse what a constructor of somebody's own would not give back."""
        if type(value).__module__.partition(".")[0] not in LIBRARY:
            require_that_it_can_be_remade(value, partial(without_first_values, value.clone))


class _NetworkReader(Reader):
    def check(self, made: Configurable, state: dict[str, Any]) -> None:
        """A layer that is made without first values has to be given its parameters."""
        if isinstance(made, TrainableLayer):
            if not state.keys() >= vars(made).keys() & set(made.parameter_names):
                raise ValueError(f"damaged: a {type(made).__name__} without its parameters")
            state.pop("_known_settings", None)  # which older files hold
        check_state(made, state)

    def set_state(self, made: Configurable, state: dict[str, Any]) -> None:
        """Give an object its attributes."""
        super().set_state(made, state)
        if isinstance(made, TrainableLayer | CompositeLayer):
            made._known_settings = settings(made.optimizer)
