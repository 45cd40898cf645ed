"""Formulas of several operators that are one layer: x times its sigmoid is a SiLU.

An operator that is no layer alone becomes a point without one, which holds what it takes. Each time it is seen whether
the formula that ends here is a layer's. What remains without a layer in the end is refused by name.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from Interop.onnx_in.call import Anything, Call
from Interop.onnx_in.points import Atom, Flow, Point, longer, places_of
from Interop.onnx_in.rules.affine import affine
from Layers.ELU import ELU
from Layers.GELU import GELU
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.SiLU import SiLU
from Layers.Softplus import Softplus

_COMMUTATIVE = {"Add", "Mul", "Max", "Min"}
_CENTRED = ("Sub", "x", ("ReduceMean", "x"))
_VARIANCES = [("ReduceMean", ("Mul", _CENTRED, _CENTRED)), ("ReduceMean", ("Pow", _CENTRED, 2.0))]
_SPREADS = [("Sqrt", ("Add", variance, "=epsilon")) for variance in _VARIANCES]
_NORMALIZED = [("Div", _CENTRED, spread) for spread in _SPREADS] + [
    ("Mul", _CENTRED, ("Reciprocal", spread)) for spread in _SPREADS
]
_ERF = [("Erf", ("Div", "x", math.sqrt(2))), ("Erf", ("Mul", "x", math.sqrt(0.5)))]
_SHARES = [("Add", erf, 1.0) for erf in _ERF]
_ELU = ("Sub", ("Exp", ("Min", "x", 0.0)), 1.0)
_LOGARITHM = ("Log", ("Add", ("Exp", ("Neg", ("Abs", "x"))), 1.0))


def _layer_normalization(found: dict[str, Any]) -> Any:
    weights, bias = found["=weights"], found["=bias"]
    if weights.ndim != 1 or weights.shape != bias.shape:
        return None
    layer = LayerNormalization(len(weights), float(found["=epsilon"].reshape(-1)[0]))
    layer.weights, layer.bias = weights, bias
    return layer


def _number(name: str) -> Callable[[dict[str, Any]], float | None]:
    return lambda found: float(found[name].reshape(-1)[0]) if found[name].size == 1 else None


def _of_a_number(kind: Any) -> Callable[[dict[str, Any]], Any]:
    def make(found: dict[str, Any]) -> Any:
        number = _number("=a")(found)
        return None if number is None else kind(number)

    return make


#: Formulas, with "x" for what comes, numbers, and "=a" for any constant; and the layer that each is.
FORMULAS: list[tuple[Any, Callable[[dict[str, Any]], Any]]] = [
    (("Mul", "x", ("Sigmoid", "x")), lambda found: SiLU()),
    *((("Mul", "x", ("Mul", share, 0.5)), lambda found: GELU()) for share in _SHARES),
    *((("Mul", ("Mul", "x", share), 0.5), lambda found: GELU()) for share in _SHARES),
    *((("Mul", ("Mul", "x", 0.5), share), lambda found: GELU()) for share in _SHARES),
    (("Max", "x", ("Mul", "x", "=a")), _of_a_number(LeakyReLU)),
    (("Add", ("Max", "x", 0.0), ("Mul", _ELU, "=a")), _of_a_number(ELU)),
    (("Add", ("Max", "x", 0.0), _LOGARITHM), lambda found: Softplus()),
    (("Where", ("Greater", "x", 20.0), "x", ("Softplus", "x")), lambda found: Softplus()),
    *((("Add", ("Mul", one, "=weights"), "=bias"), _layer_normalization) for one in _NORMALIZED),
]


def formula(call: Call) -> Anything:
    """A part of a formula, or the layer that it is with all before it."""
    flows = [one for one in call.inputs if isinstance(one, Flow)]
    whole = max(flows, key=lambda flow: (len(flow.axes), sum(map(bool, map(longer, flow.axes)))))
    arguments = [one.point if isinstance(one, Flow) else one for one in call.inputs]
    if not _lie_alike(flows):
        call.refuse("its inputs' axes lie differently, as no layer has it")
    sources = tuple(dict.fromkeys(flow.point for flow in flows))
    settings = {"arguments": arguments}
    point = Point(call.operator.kind, call.operator.name, None, sources, whole.point.axes, settings)
    for pattern, make in FORMULAS:
        for found in matches(pattern, point, {}):
            if (layer := make(found)) is not None:
                if hasattr(layer, "astype"):
                    layer.astype(call.dtype)
                return Flow(Point(call.operator.kind, point.name, layer, (found["x"],), whole.point.axes), whole.axes)
    constants = [one for one in call.inputs if isinstance(one, np.ndarray)]
    if call.operator.kind in ("Add", "Sub", "Mul", "Div") and len(constants) == len(flows) == 1:
        return affine(call, whole, constants[0]) or Flow(point, whole.axes)
    return Flow(point, whole.axes)


def may_be_one(call: Call) -> bool:
    """Whether two ways that are added end in operators that may be parts of one."""
    return all(isinstance(one, Flow) and "arguments" in one.point.settings for one in call.inputs)


def matches(pattern: Any, argument: Any, found: dict[str, Any]) -> Any:
    """The ways in which what comes to an operator is what a pattern says; each is what its words stand for.

    >>> x = Point("input", "x")
    >>> sigmoid = Point("Sigmoid", "s", None, (x,))
    >>> product = Point("Mul", "m", None, (x, sigmoid), settings={"arguments": [sigmoid, x]})
    >>> [found["x"] is x for found in matches(("Mul", "x", ("Sigmoid", "x")), product, {})]
    [True]
    """
    if isinstance(pattern, float):
        if isinstance(argument, np.ndarray) and argument.size == 1 and argument.dtype.kind in "fi":
            if math.isclose(float(argument.reshape(-1)[0]), pattern, rel_tol=1e-6):
                yield found
    elif isinstance(pattern, str):
        wanted = np.ndarray if pattern.startswith("=") else Point
        if isinstance(argument, wanted) and found.get(pattern, argument) is argument:
            yield found | {pattern: argument}
    elif isinstance(argument, Point) and argument.kind == pattern[0]:
        given = argument.settings.get("arguments", list(argument.sources))
        if len(given) != len(pattern) - 1:
            return
        orders = itertools.permutations(given) if pattern[0] in _COMMUTATIVE else [given]
        for order in orders:
            yield from _all_match(pattern[1:], order, found)


def _all_match(patterns: Any, arguments: Any, found: dict[str, Any]) -> Any:
    if not patterns:
        yield found
        return
    for one in matches(patterns[0], arguments[0], found):
        yield from _all_match(patterns[1:], arguments[1:], one)


def _lie_alike(flows: Sequence[Flow]) -> bool:
    """Whether nothing is repeated but along axes of length 1, so that each number meets its own."""
    orders, places = [_order(flow) for flow in flows], dict[Atom, int]()
    for flow in flows:
        for place, axis in enumerate(flow.axes):
            if any(places.setdefault(atom, place) != place for atom in longer(axis)):
                return False
    in_order = all(order == sorted(order or []) for order in orders) or all(order == orders[0] for order in orders)
    return None not in orders and in_order and len({len(flow.axes) for flow in flows}) == 1


def _order(flow: Flow) -> list[int] | None:
    """How the axes of a flow lie among those of its point."""
    return places_of(flow.point.axes, tuple(filter(longer, flow.axes)))
