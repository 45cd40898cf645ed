"""PyTorch's weights in networks of this library, and back; PyTorch itself isn't needed.

    net = LeNet.build()
    print(PyTorch.mapping(net, "lenet.safetensors"))        # what would become what
    PyTorch.from_state_dict(net, "lenet.safetensors")
    model.load_state_dict({name: torch.from_numpy(array) for name, array in PyTorch.to_state_dict(net).items()})

What a module computes beside its arrays they don't say: the ε of a normalization for instance, which is 1e-5 there and
1e-11 here (`BatchNormalization(channels, epsilon=1e-5)`), or what stands between the modules.
"""

import os
from collections.abc import Mapping as Names
from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation import Checks
from Interop.modules import Unit, units
from Interop.pairing import OWNER, Mapping, array_name, checked, found_by_order, holds, label
from Interop.tensors import read, write
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Composite import CompositeLayer
from Network import expectations
from Network.weights import labels, named


def mapping(net: Any, state_dict: Any, mapping: Names[str, str] | None = None) -> Mapping:
    """What `from_state_dict` would make of what, to be printed and looked at.

    Modules and layers of one kind (convolutions, matrices, tables, normalizations, recurrent levels) are taken in the
    order in which they come; in a `.safetensors` file they stand in the order of the alphabet, numbers by their size.

    Args:
        net: the network.
        state_dict: PyTorch's `model.state_dict()`, arrays by name, or the name of a `.safetensors` or `.npz` file.
        mapping: their module by name, and the layer that it is, `{"encoder.fc": "3.FullyConnected"}`; each name stands
            for all that it holds: `{"lstm": "2.Bidirectional", "head": "4.FullyConnected"}` (None: found by order).

    Raises ValueError, with what there is on both sides, where numbers, shapes or names don't go together.
    """
    expectations.check_network(net, "mapping")
    return found_by_order(net, _arrays(state_dict), _is_sorted(state_dict), mapping)


def from_state_dict(net: Any, state_dict: Any, mapping: Any = None) -> Mapping:
    """Give a network PyTorch's weights, running averages among them.

    Args:
        net: the network, whose layers with parameters are the modules with parameters of the model.
        state_dict: `model.state_dict()`, arrays by name, or the name of a `.safetensors` or `.npz` file. A file that
            `torch.save` wrote is a pickle, which may do anything when it is read, and is refused.
        mapping: what the function `mapping` gave, or a dictionary as it takes (None: found by order).

    Returns the mapping, which `print` shows. Raises TypeError or ValueError, and nothing changes, where anything is
    left over on one side, shapes differ, or numbers are not finite; and where modules from a `.safetensors` file could
    be taken for each other, until their mapping is handed over.

    >>> from Layers.FullyConnected import FullyConnected
    >>> from NeuralNetwork import NeuralNetwork
    >>> net = NeuralNetwork()
    >>> net.layers = [FullyConnected(2, 1)]
    >>> print(from_state_dict(net, {"fc.weight": np.array([[1.0, 2.0]]), "fc.bias": np.array([0.5])}))
    theirs            ours
    fc.weight (1, 2)
    fc.bias (1,)      1.FullyConnected.weights  turned, the bias in the last row
    >>> net.test([[1.0, 1.0]])
    array([[3.5]])
    """
    expectations.check_network(net, OWNER)
    arrays = _arrays(state_dict)
    if isinstance(mapping, Mapping):
        found = mapping
        found.check(arrays)
    else:
        found = found_by_order(net, arrays, _is_sorted(state_dict), mapping)
        if found.doubts:
            raise ValueError(
                f"{OWNER}: the file has its arrays in the order of the alphabet, which may not be that of the layers: "
                f"{'; '.join(found.doubts[:3])}. Look at print(PyTorch.mapping(net, file)), and pass that as mapping"
            )
    values: dict[str, np.ndarray] = {}
    for module, unit in found.pairs:
        for part in unit.parts:
            taken = [
                np.full(slot.shape, slot.default) if slot.name not in module.names else arrays[module.names[slot.name]]
                for slot in part.slots
            ]
            values[array_name(unit, part.attribute)] = part.ours(*taken)
    net.load_weights(values)
    return found


def to_state_dict(net: Any, mapping: Any = None, file: str | os.PathLike | None = None) -> dict[str, np.ndarray]:
    """A network's weights by the names and in the form of PyTorch, in arrays that lie row by row in memory.

    Args:
        net: the network.
        mapping: what the function `mapping` gave, or a dictionary of their modules and our layers. None: the names of
            an `nn.Sequential` of the same layers, "0.weight"; what other layers hold is called as here,
            "4.layers.0.weight", and the matrix behind a recurrent layer "2.output.weight".
        file: a `.safetensors` or `.npz` file that is written too (None).

    Raises TypeError for a layer that PyTorch has no module for, ValueError where a mapping leaves something over, or
    gives two layers one name.

    >>> from Layers.FullyConnected import FullyConnected
    >>> from NeuralNetwork import NeuralNetwork
    >>> net = NeuralNetwork()
    >>> net.layers = [FullyConnected(2, 1)]
    >>> {name: array.shape for name, array in to_state_dict(net).items()}
    {'0.weight': (1, 2), '0.bias': (1,)}
    """
    expectations.check_network(net, "to_state_dict")
    weights = {one.name: one.array for one in named(net.layers)}
    state: dict[str, np.ndarray] = {}
    for unit, prefix, suffix in _named_as_theirs(net, mapping):
        for part in unit.parts:
            ours = weights[array_name(unit, part.attribute)]
            if ours is None:  # a batch normalization that has met no batch is as one of theirs
                ours = np.full(part.slots[0].shape, float(part.attribute == "moving_variance"), net.dtype)
            for slot, array in zip(part.slots, part.theirs(np.asarray(ours)), strict=True):
                name = f"{prefix}.{slot.name}{suffix}".removeprefix(".")
                if name in state:
                    raise ValueError(
                        f"to_state_dict: expected a module for each layer, got {prefix!r} for {unit.name} and another "
                        "one; name the layers that it holds one by one"
                    )
                state[name] = np.array(array, order="C")
        state |= {f"{prefix}.{name}".removeprefix("."): np.array(0) for name in unit.unused}
    if file is not None:
        write(state, file)
    return state


def _is_sorted(state_dict: Any) -> bool:
    """Whether the arrays come in the order of their names, which may say nothing of the layers'."""
    return isinstance(state_dict, str | os.PathLike) and os.fspath(state_dict).endswith(".safetensors")


def _arrays(state_dict: Any) -> dict[str, np.ndarray]:
    if isinstance(state_dict, str | os.PathLike):
        return read(state_dict)
    if not isinstance(state_dict, Names):
        hint = "; write model.state_dict()" if hasattr(state_dict, "state_dict") else ""
        raise TypeError(f"{OWNER}: expected arrays by name, or a file, got {type(state_dict).__name__}{hint}")
    arrays = {}
    for name, value in state_dict.items():
        if hasattr(value, "detach"):  # a tensor
            value = value.detach().cpu()
            value = value.float() if "bfloat16" in str(value.dtype) else value
        arrays[name] = Checks.number_array(np.asarray(value), OWNER, str(name))
    return arrays


def _named_as_theirs(net: Any, mapping: Any) -> list[tuple[Unit, str, str]]:
    """Our units with the prefix and the suffix that their arrays have there."""
    ours = list(units(net.layers))
    if isinstance(mapping, Mapping):
        by_name = {unit.name: module for module, unit in mapping.pairs}
        if [*by_name] != [unit.name for unit in ours]:
            raise ValueError(f"to_state_dict: expected a mapping of this network's layers, got {mapping!r}")
        return [(unit, by_name[unit.name].prefix, by_name[unit.name].suffix) for unit in ours]
    parts = None if mapping is None else checked(mapping)
    unused = [here for here in (parts or {}).values() if not any(holds(here, unit.name) for unit in ours)]
    if unused:
        raise ValueError(
            f"to_state_dict: expected layers of this network, got {unused}, which it hasn't; it has "
            f"{[unit.name for unit in ours]}"
        )
    prefixes = dict(zip((label for label, _ in labels(net.layers)), _paths(net.layers), strict=True))
    found, levels = [], dict[str, int]()
    for unit in ours:
        if parts is not None:
            names = [there for there, here in parts.items() if holds(here, unit.name)]
            if len(names) != 1:
                raise ValueError(f"to_state_dict: expected one module for {unit.name}, got {names}")
            prefix = names[0]
        else:
            prefix = prefixes[label(unit)] + ".output" * unit.name.endswith(".output_weights")
        suffix = ""
        if unit.kind == "recurrent":
            backwards = unit.name.endswith("_reverse")
            level = levels.get(prefix, -1) + (not backwards)
            levels[prefix] = level
            suffix = f"_l{level}" + "_reverse" * backwards
        found.append((unit, prefix, suffix))
    return found


def _paths(layers: Sequence[Any], within: str = "") -> list[str]:
    """For each layer, before those that it holds, the name that its module has where it is built of the same parts."""
    found: list[str] = []
    for position, layer in enumerate(layers):
        found += _path(layer, f"{within}{position}")
    return found


def _path(layer: Any, name: str) -> list[str]:
    if isinstance(layer, Bidirectional):  # one module there
        return [name] * 3
    found = [name]
    for inner in layer.inner_layers if isinstance(layer, CompositeLayer) else ():
        for attribute, value in vars(layer).items():
            if value is inner:
                found += _path(inner, f"{name}.{attribute}")
            elif isinstance(value, list | tuple) and any(item is inner for item in value):
                place = next(place for place, item in enumerate(value) if item is inner)
                found += _path(inner, f"{name}.{place}" if isinstance(layer, Chain) else f"{name}.{attribute}.{place}")
    return found
