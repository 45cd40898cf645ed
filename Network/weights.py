"""What a network has learnt, by name: `3.Conv.weights` are those of layer 3 in the table of `print(net)`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from Foundation import Checks, Moves
from Layers.Base import BaseLayer, Parameter
from Layers.Composite import CompositeLayer
from Network.state import check_state
from Network.table import numbered

#: What an attribute's name begins with that a layer doesn't learn but measures, and predicts with.
_MEASURED = "moving_"


class Weight(NamedTuple):
    """An array that a layer learns, or measures."""

    name: str
    layer: Any
    attribute: str
    #: what the layer has now; None where it has measured nothing yet
    array: Any


class Leftovers(NamedTuple):
    """Names that one side has and the other hasn't."""

    missing: list[str]
    unexpected: list[str]


def labels(layers: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Each layer with its number in the table and its class, what others hold included: "3.Conv", "4.1.Conv"."""
    for number, layer in numbered(layers):
        yield f"{number}.{type(layer).__name__.lstrip('_')}", layer


def named(layers: Sequence[Any]) -> list[Weight]:
    """All weights in the order of the layers, those among them which have not been measured yet.

    >>> from Layers import BatchNormalization
    >>> [weight.name for weight in named([BatchNormalization.BatchNormalization(3)])][:2]
    ['1.BatchNormalization.weights', '1.BatchNormalization.bias']
    """
    found: list[Weight] = []
    labelled = list(labels(layers))
    for label, layer in labelled:
        found += _of(label, layer, {id(one) for _, one in labelled})  # which may know each other
    return found


def weights(net: Any) -> dict[str, np.ndarray]:
    """Copies of the weights by name; see `NeuralNetwork.weights`."""
    return {one.name: np.array(one.array, order="K") for one in named(net.layers) if one.array is not None}


def load(net: Any, mapping: Any, strict: bool) -> Leftovers:
    """Give layers their weights; see `NeuralNetwork.load_weights`."""
    if not isinstance(mapping, Mapping):
        raise TypeError(
            f"load_weights: expected a mapping of names to arrays, such as net.weights() gives, got {mapping!r:.80}"
        )
    known = {one.name: one for one in named(net.layers)}
    needed = [name for name, one in known.items() if one.array is not None]
    left = Leftovers([name for name in needed if name not in mapping], [name for name in mapping if name not in known])
    if strict and any(left):
        kinds = zip(left._fields, left, strict=True)
        said = " and ".join(f"{kind} {', '.join(map(repr, names[:5]))}" for kind, names in kinds if names)
        raise ValueError(
            f"load_weights: expected a name for each of the network's {len(needed)} weights and no other, got {said}; "
            "print(*net.weights()) shows the names, strict=False takes what fits"
        )
    read = [(known[name], _read(known[name], array, net.dtype)) for name, array in mapping.items() if name in known]
    by_layer: dict[int, dict[str, np.ndarray]] = {}
    for one, array in read:
        arrays = by_layer.setdefault(id(one.layer), {})
        if not np.array_equal(arrays.setdefault(one.attribute, array), array):
            raise ValueError(
                f"load_weights: expected the same numbers under all names of one layer, which stands in the network "
                f"several times, got others for {one.name}"
            )
    for one in {id(one.layer): one for one, _ in read}.values():
        try:
            check_state(one.layer, by_layer[id(one.layer)])
        except (TypeError, ValueError) as error:
            raise type(error)(f"load_weights: {one.name.removesuffix(f'.{one.attribute}')}, {error}") from None
    with net._turn:
        Moves.run([call for one, array in read for call in Parameter.setting(one.layer, one.attribute, array)])
    return left


def _of(label: str, layer: Any, seen: set[int]) -> Iterator[Weight]:
    held = getattr(layer, "__dict__", {})
    measured = (name for name, value in held.items() if isinstance(value, np.ndarray | None))
    names = [*getattr(layer, "parameter_names", ()), *(name for name in measured if name.startswith(_MEASURED))]
    if not names and getattr(layer, "trainable", False):  # of somebody's own, by the course's names
        names = [name for name in ("weights", "bias") if held.get(name) is not None]
    for name in names:
        if hasattr(layer, name):
            yield Weight(f"{label}.{name}", layer, name, getattr(layer, name))
    if isinstance(layer, CompositeLayer) or not isinstance(layer, BaseLayer):
        return
    state: Any = layer.__getstate__()
    for name, value in (state if isinstance(state, dict) else {}).items():
        for place, inner in _layers_in(name, value) if name not in names else ():
            if id(inner) not in seen:
                seen.add(id(inner))
                yield from _of(f"{label}.{place}", inner, seen)


def _layers_in(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The layers that one of somebody's own holds without being a CompositeLayer: in an attribute, a list or a dict."""
    if isinstance(value, BaseLayer):
        yield place, value
        inside = labels(value.inner_layers) if isinstance(value, CompositeLayer) else ()
        yield from ((f"{place}.{label}", inner) for label, inner in inside)
    elif isinstance(value, list | tuple | dict):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value, start=1):
            yield from _layers_in(f"{place}.{key}", part)


def _read(weight: Weight, array: Any, dtype: Any) -> np.ndarray:
    """An array of the layer's own, in the type of the one that it has."""
    shape = None if weight.array is None else np.shape(weight.array)
    wanted = getattr(weight.array, "dtype", dtype)
    with np.errstate(over="ignore"):  # infinity is refused below
        read = np.array(Checks.tensor(array, "load_weights", weight.name, shape, wanted), order="K")
    Checks.require_finite(read, "load_weights", weight.name)
    return read
