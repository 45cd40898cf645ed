"""Which module of PyTorch's is which layer here: found by order, or by somebody's own mapping, and checked."""

import re
from collections.abc import Mapping as Names
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from Foundation import Checks
from Interop.modules import Unit, units

OWNER = "from_state_dict"
_RECURRENT = re.compile(r"(weight_ih|weight_hh|bias_ih|bias_hh)(_l\d+(?:_reverse)?)")


class Module(NamedTuple):
    """A module of theirs that has arrays, or one direction of one level of a recurrent one."""

    prefix: str
    #: what the names of its arrays end with beside: "_l0" of a recurrent one
    suffix: str
    kind: str
    #: the full name of each of its arrays, by the end that a `Slot` has
    names: dict[str, str]

    @property
    def place(self) -> str:
        """What a mapping calls it."""
        return self.prefix + self.suffix


class Mapping:
    """Which module of theirs is which layer here; printed, it shows each array.

    Attributes:
        pairs: their modules, each with what it is here.
        doubts: pairs that are only right if the alphabet has their order.
    """

    def __init__(
        self, pairs: Sequence[tuple[Module, Unit]], shapes: Names[str, Any], doubts: Sequence[str] = ()
    ) -> None:
        self.pairs, self.doubts, self._shapes = list(pairs), list(doubts), shapes

    def check(self, arrays: Names[str, np.ndarray]) -> None:
        """Raise ValueError for other arrays than those that it was made for."""
        names = {name for module, _ in self.pairs for name in module.names.values()}
        if names != arrays.keys():
            raise ValueError(
                f"{OWNER}: expected arrays of the mapping's names, got others: {sorted(names ^ arrays.keys())}"
            )
        for module, unit in self.pairs:
            _check_shapes(module, unit, arrays)

    def __str__(self) -> str:
        lines = [("theirs", "ours", "")]
        for module, unit in self.pairs:
            for part in unit.parts:
                found = [module.names[slot.name] for slot in part.slots if slot.name in module.names]
                theirs = [f"{name} {Checks.shape_text(self._shapes[name])}" for name in found]
                lines += [(name, "", "") for name in theirs[:-1]]
                lines.append((theirs[-1] if theirs else "–", array_name(unit, part.attribute), part.note))
            lines += [(module.names[name], "–", "not needed") for name in unit.unused if name in module.names]
        widths = [max(len(line[column]) for line in lines) for column in range(2)]
        return "\n".join(f"{one:<{widths[0]}}  {other:<{widths[1]}}  {note}".rstrip() for one, other, note in lines)

    def __repr__(self) -> str:
        return f"Mapping({ {module.place: unit.name for module, unit in self.pairs} })"


def found_by_order(net: Any, arrays: Names[str, np.ndarray], sorted_by_name: bool, mapping: Any) -> Mapping:
    """The mapping of all modules to all layers, checked."""
    ours, theirs = list(units(net.layers)), _modules(arrays, sorted_by_name)
    parts = {"": ""} if mapping is None else checked(mapping)
    pairs: list[tuple[Module, Unit]] = []
    for there, here in parts.items():
        layers = [unit for unit in ours if holds(here, unit.name)]
        modules = [module for module in theirs if _is_in(module, there)]
        if not any(unit.kind == "table" for unit in layers):
            modules = [_with_biases_of_zero(module) for module in modules]
        pairs += _paired(modules, layers, there, here)
    named_twice = len(pairs) > min(len({module.place for module, _ in pairs}), len({unit.name for _, unit in pairs}))
    left = {module.place for module in theirs} - {module.place for module, _ in pairs}
    left |= {unit.name for unit in ours} - {unit.name for _, unit in pairs}
    if left or named_twice:
        what = f"left over: {sorted(left)}" if left else "some of them twice"
        raise ValueError(f"{OWNER}: expected a mapping of each module to one layer, got {parts}; {what}")
    shapes = {name: array.shape for name, array in arrays.items()}
    doubts = _doubts(pairs) if sorted_by_name and mapping is None else []
    found = Mapping(sorted(pairs, key=lambda pair: ours.index(pair[1])), shapes, doubts)
    found.check(arrays)
    return found


def _modules(arrays: Names[str, np.ndarray], sorted_by_name: bool) -> list[Module]:
    """Their modules in the order in which their first arrays come."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in sorted(arrays, key=_by_numbers) if sorted_by_name else arrays:
        prefix, _, end = name.rpartition(".")
        recurrent = _RECURRENT.fullmatch(end)
        key = (prefix, recurrent[2]) if recurrent else (prefix, "")
        found.setdefault(key, {})[recurrent[1] if recurrent else end] = name
    return [Module(*key, _kind(names, arrays), names) for key, names in found.items()]


def _kind(names: Names[str, str], arrays: Names[str, np.ndarray]) -> str:
    if "weight_ih" in names:
        return "recurrent"
    if "running_mean" in names:
        return "batch normalization"
    axes = arrays[names["weight"]].ndim if "weight" in names else 0
    if axes == 2 and "bias" not in names:
        return "table"
    return {0: "unknown", 1: "layer normalization", 2: "matrix"}.get(axes, "convolution")


def _with_biases_of_zero(module: Module) -> Module:
    """A matrix without biases, which looks like a table, where no table is wanted."""
    return module._replace(kind="matrix") if module.kind == "table" else module


def _by_numbers(name: str) -> list[Any]:
    """Text by the alphabet, numbers in it by their size."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name)]


def _paired(theirs: Sequence[Module], ours: Sequence[Unit], there: str, here: str) -> list[tuple[Module, Unit]]:
    pairs: list[tuple[Module, Unit]] = []
    for kind in dict.fromkeys([*(module.kind for module in theirs), *(unit.kind for unit in ours)]):
        modules = [module for module in theirs if module.kind == kind]
        layers = [unit for unit in ours if unit.kind == kind]
        if len(modules) != len(layers):
            within = f" in {there!r} and {here!r}" if there else ""
            raise ValueError(
                f"{OWNER}: expected as many of each kind{within}, got of {kind} there "
                f"{[module.place for module in modules]} and here {[unit.name for unit in layers]}; "
                "mapping={their module: our layer, …} says which is which"
            )
        pairs += zip(modules, layers, strict=True)
    return pairs


def _check_shapes(module: Module, unit: Unit, arrays: Names[str, np.ndarray]) -> None:
    slots = {slot.name: slot for part in unit.parts for slot in part.slots}
    for end, name in module.names.items():
        if end not in slots and end not in unit.unused:
            raise ValueError(f"{OWNER}: expected {module.place} to be {unit.name}, which has nothing for {name}")
        if end in slots and arrays[name].shape != slots[end].shape:
            raise ValueError(
                f"{OWNER}: expected {name} {Checks.shape_text(slots[end].shape)} for {unit.name}, got "
                f"{Checks.shape_text(arrays[name].shape)}; is it another layer's? mapping={{…}} says which is which"
            )
    for slot in slots.values():
        if slot.name not in module.names and slot.default is None:
            raise ValueError(f"{OWNER}: expected {module.place} to have a {slot.name}, which {unit.name} needs")


def _doubts(pairs: Sequence[tuple[Module, Unit]]) -> list[str]:
    """Modules that could stand in each other's place, and whose names differ in more than numbers."""
    alike: dict[Any, dict[str, str]] = {}
    for module, unit in pairs:
        shapes = unit.kind, tuple((slot.name, slot.shape) for part in unit.parts for slot in part.slots)
        alike.setdefault(shapes, {}).setdefault(re.sub(r"\d+", "", module.place), module.place)
    return [" or ".join(names.values()) for names in alike.values() if len(names) > 1]


def checked(mapping: Any) -> dict[str, str]:
    """A mapping that somebody has written."""
    if not isinstance(mapping, Names) or not all(isinstance(name, str) for pair in mapping.items() for name in pair):
        raise TypeError(f"{OWNER}: expected mapping to be a dictionary of names, or a Mapping, got {mapping!r:.80}")
    return dict(mapping)


def _is_in(module: Module, name: str) -> bool:
    return name in ("", module.prefix, module.place) or module.prefix.startswith(f"{name}.")


def holds(label: str, unit: str) -> bool:
    """Whether a unit is what a label says, or is held by it: "4.1.Conv" by "4.Residual"."""
    number = re.match(r"[\d.]+\.", label)
    held = number is not None and not label.endswith("output_weights") and unit.startswith(number[0])
    return label in ("", unit) or held


def label(unit: Unit) -> str:
    """The name of the layer."""
    return unit.name.removesuffix(".output_weights").removesuffix("_reverse")


def array_name(unit: Unit, attribute: str) -> str:
    """The name that the network gives one of its arrays."""
    return f"{label(unit)}.{attribute}"
