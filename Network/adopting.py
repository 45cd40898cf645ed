"""One network takes over where another of the same kind stands: a checkpoint's, for instance."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import setitem
from typing import Any

import numpy as np

from Foundation import Moves
from Foundation.Configurable import Configurable
from Foundation.SavedObjects import can_be_set
from Foundation.Settings import settings
from Layers.Base import Parameter
from Layers.Composite import CompositeLayer, everything, leaves
from Layers.Rows import place
from Network.state import check_state

#: What is compared besides layers, loss and optimizer.
_SETTINGS = ("dtype", "clip_norm", "clip_value", "accumulate")


def differences(net: Any, other: Any) -> list[str]:
    """What two networks have that is not the same, in words, apart from what they have learnt.

    Nothing where they agree. The learning rate is not compared, since training may change it.

    >>> from NeuralNetwork import NeuralNetwork
    >>> differences(NeuralNetwork(dtype="float32"), NeuralNetwork())
    ["dtype is 'float64' there and 'float32' here"]
    """
    found = []
    for name in _SETTINGS:
        found += _difference(name, repr(getattr(net, name)), repr(getattr(other, name)))
    if len(net.layers) != len(other.layers):
        found.append(f"it has {len(other.layers)} layers there and {len(net.layers)} here")
    else:
        for position, (own, its) in enumerate(zip(net.layers, other.layers, strict=True)):
            found += _difference(place(net.layers, position), _described(own), _described(its))
    if other.loss_layer is not None:  # which may have been left out of the file
        found += _difference("the loss", _described(net.loss_layer), _described(other.loss_layer))
    if net.preparation is not None and other.preparation is not None:
        data = other.preparation.difference(net.preparation)
        found += [] if data is None else [f"its data has {data}"]
    found += _difference("the optimizer", _without_rate(net.optimizer), _without_rate(other.optimizer))
    return found


def adopting(net: Any, other: Any) -> Moves.Calls:
    """The calls that make a network what the other one is: parameters, optimizers, random states, the losses so far.

    Layers, optimizer and random generators remain the objects that they are, for whoever else holds them. The other
    network must not be used afterwards.
    """
    calls: Moves.Calls = []
    for own, its in zip(everything(net.layers), everything(other.layers), strict=True):
        if isinstance(own, CompositeLayer):
            known = settings(its._optimizer)
            calls.append((vars(own).update, {"_optimizer": its._optimizer, "_known_settings": known}))
        else:
            calls += _taking(own, its)
    for name in ("optimizer", "weights_initializer", "bias_initializer", "loss_layer"):
        own, its = getattr(net, name), getattr(other, name)
        if type(own) is type(its) and own is not None:
            calls += _taking(own, its)
    layers = dict(zip(map(id, leaves(other.layers)), leaves(net.layers), strict=True))
    batches, gradients = other.accumulated
    same = type(net.optimizer) is type(other.optimizer)
    changed = {
        "accumulated": (batches, [found._replace(layer=layers[id(found.layer)]) for found in gradients]),
        "_known_settings": settings(other.optimizer if same else net.optimizer),
        "_steps_due": {},
    }
    if other.preparation is not None:
        changed["preparation"] = other.preparation
    return [*calls, (setitem, net.loss, slice(None), other.loss), (vars(net).update, changed)]


def held_arrays(layers: Sequence[Any]) -> list[dict[str, Any]]:
    """Copies of what each layer has learnt, by name: parameters and moving averages, but not the gradients of these.

    >>> from Layers.FullyConnected import FullyConnected
    >>> [sorted(arrays) for arrays in held_arrays([FullyConnected(2, 1)])]
    [['weights']]
    """
    return [_arrays(layer, set()) for layer in leaves(layers)]


def check_held_arrays(layers: Sequence[Any], arrays: Any, owner: object) -> None:
    """Raise TypeError or ValueError where layers can't have held these arrays."""
    layers = leaves(layers)
    if not isinstance(arrays, list) or len(arrays) != len(layers) or not all(isinstance(one, dict) for one in arrays):
        raise ValueError(f"{owner!r}: expected the arrays of each of {len(layers)} layers")
    for layer, held in zip(layers, arrays, strict=True):
        _check(layer, held, owner)


def put_back(layers: Sequence[Any], arrays: Sequence[dict[str, Any]]) -> None:
    """Give layers what `held_arrays` has copied: all of them, or none."""
    pairs = zip(leaves(layers), arrays, strict=True)
    Moves.run([call for layer, held in pairs for call in _putting_back(layer, held)])


def _check(layer: Any, held: dict[str, Any], owner: object) -> None:
    for name, value in held.items():
        if isinstance(value, dict) and name in vars(layer):
            _check_parts(vars(layer)[name], value, layer, owner)
        elif type(value) is not np.ndarray or not can_be_set(type(layer), name):
            raise ValueError(f"{owner!r}: expected {name} of {layer!r} to be an array")
    check_state(layer, {name: value for name, value in held.items() if type(value) is np.ndarray})


def _check_parts(inner: Any, held: dict[Any, Any], layer: Any, owner: object) -> None:
    """The same for what a layer of somebody's own holds: another layer, or a list, tuple or dictionary."""
    if _is_layer(inner):
        _check(inner, held, owner)
        return
    parts = _parts(inner)
    for name, value in held.items():
        part: Any = parts.get(name)
        if isinstance(value, dict) and part is not None:
            _check_parts(part, value, layer, owner)
        elif type(value) is not np.ndarray or value.shape != np.shape(part):
            raise ValueError(f"{owner!r}: expected {name!r} of {layer!r} to be an array of its shape")


def _putting_back(layer: Any, held: dict[str, Any]) -> Moves.Calls:
    calls: Moves.Calls = []
    for name, value in held.items():
        calls += _restoring(vars(layer).get(name), value, partial(Parameter.setting, layer, name))
    return calls


def _restoring(inner: Any, held: Any, put: Callable[[Any], Moves.Calls]) -> Moves.Calls:
    """The calls that put what was held in the place of what is there.

    Layers, lists and dictionaries remain the objects that they are.
    """
    if isinstance(held, np.ndarray):
        return put(held.copy(order="K"))
    if _is_layer(inner):
        return _putting_back(inner, held)
    parts: Any = list(inner) if isinstance(inner, tuple) else inner
    known, calls = _parts(inner), []

    def put_inside(name: Any, value: Any) -> Moves.Calls:
        if parts is inner:
            return [(setitem, parts, name, value)]
        parts[name] = value  # which nobody else has
        return []

    for name in held.keys() & known.keys():  # it may have become shorter since
        calls += _restoring(known[name], held[name], partial(put_inside, name))
    return calls if parts is inner else [*calls, *put(tuple(parts))]


def _arrays(layer: Any, seen: set[int]) -> dict[str, Any]:
    seen.add(id(layer))  # layers may know each other
    state = layer.__getstate__()
    gradients = {f"gradient_{name}" for name in getattr(layer, "parameter_names", ())}
    state = state if isinstance(state, dict) else {}
    return _arrays_among({name: value for name, value in state.items() if name not in gradients}, seen)


def _arrays_among(values: Mapping[Any, Any], seen: set[int]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            found[name] = value.copy(order="K")
        elif id(value) not in seen and (_is_layer(value) or isinstance(value, list | tuple | dict)):
            seen.add(id(value))
            if inside := _arrays(value, seen) if _is_layer(value) else _arrays_among(_parts(value), seen):
                found[name] = inside
    return found


def _is_layer(value: Any) -> bool:
    return hasattr(value, "forward") and hasattr(value, "backward") and not isinstance(value, type)


def _parts(value: Any) -> dict[Any, Any]:
    """What a collection holds, by key or place."""
    if isinstance(value, list | tuple):
        return dict(enumerate(value))
    return value if isinstance(value, dict) else {}


def _taking(own: Any, its: Any) -> Moves.Calls:
    calls: Moves.Calls = []
    taken = {}
    for name, value in vars(its).items():
        kept = vars(own).get(name)
        if isinstance(value, np.random.Generator) and isinstance(kept, np.random.Generator):
            if type(value.bit_generator) is type(kept.bit_generator):
                calls.append((setattr, kept.bit_generator, "state", value.bit_generator.state))
                value = kept
        taken[name] = value
    return [*calls, (vars(own).clear,), (vars(own).update, taken)]


def _difference(what: str, here: str, there: str) -> list[str]:
    return [] if here == there else [f"{what} is {there} there and {here} here"]


def _described(part: Any) -> str:
    if isinstance(part, CompositeLayer):
        inside = (f"{place}: {_described(layer)}" for place, layer in part.parts().items())
        return f"{part.title()} of {', '.join(inside)}"
    return repr(part) if isinstance(part, Configurable) else type(part).__name__


def _without_rate(optimizer: Any) -> str:
    if not isinstance(optimizer, Configurable):
        return type(optimizer).__name__
    rest = {name: value for name, value in optimizer.configuration().items() if name != "learning_rate"}
    return f"{type(optimizer).__name__} with {rest}"
