"""The graph that rules write: operators with their inputs, and the constants beside them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from Foundation import Checks
from Foundation.Underflow import ignoring_underflow


class Value(NamedTuple):
    """What an operator gives.

    Attributes:
        name: in the graph.
        ndim: how many axes it has.
        whole: whether it is whole numbers.
    """

    name: str
    ndim: int
    whole: bool = False


class Graph:
    """A graph in the making, whose names tell which layer each part is of: "3.Conv", "3.Conv.weights".

    Args:
        dtype: float32 or float64, of all that isn't whole numbers.
        opset: the version of the operators.
        names: of each layer, by its id.
        rule_of: the rule of a layer.

    >>> graph = Graph(np.dtype("float32"), 17, {}, None)
    >>> graph.node("Relu", Value("input", 2))
    Value(name='Relu', ndim=2, whole=False)
    """

    def __init__(
        self,
        dtype: np.dtype,
        opset: int,
        names: Mapping[int, str],
        rule_of: Callable[[Any], Callable[..., Value]] | None,
    ) -> None:
        self.dtype, self.opset = dtype, opset
        #: As `onnx.helper.make_node` takes them: operator, inputs, outputs, name, attributes.
        self.nodes: list[tuple[str, list[str], list[str], str, dict[str, Any]]] = []
        #: The constants by name.
        self.constants: dict[str, np.ndarray] = {}
        self._names, self._rule_of = names, rule_of
        self._place: list[str] = []
        self._taken = {"input", "output"}

    def layer(self, layer: Any, value: Value) -> Value:
        """What a layer makes of a value, by its rule."""
        if self._rule_of is None:
            raise RuntimeError("Graph: expected a rule for each layer, got none")
        self._place.append(self._names.get(id(layer), type(layer).__name__))
        try:
            output = self._rule_of(layer)(layer, self, value)
            if not isinstance(output, Value):
                raise TypeError(f"{self._owner()}: expected its rule to return what graph.node gives, got {output!r}")
            return output
        finally:
            self._place.pop()

    def node(self, operator: str, *inputs: Value | None, ndim: int | None = None, **attributes: Any) -> Value:
        """Add an operator, and give the value that it gives.

        Args:
            operator: its name, see https://onnx.ai/onnx/operators.
            inputs: what it takes; None where one is left out.
            ndim: how many axes there are of what it gives (None: as many as of the first input).
            attributes: its settings.
        """
        for one in inputs:
            if not (one is None or isinstance(one, Value)):
                raise TypeError(
                    f"{self._owner()}: expected values as inputs of {operator}, got {one!r}; graph.constant makes one"
                )
        if ndim is None:
            ndim = next(one.ndim for one in inputs if one is not None)
        name = self._free(".".join([*self._place[-1:], *([] if self._is_said(operator) else [operator])]))
        self.nodes.append((operator, ["" if one is None else one.name for one in inputs], [name], name, attributes))
        return Value(name, ndim)

    def constant(self, values: Any, name: str = "constant") -> Value:
        """A constant: floats in the type of the graph, whole numbers as int64.

        Raises ValueError where a number is not finite, or too large for the graph's type.
        """
        array = Checks.number_array(values, self._owner(), name)
        if array.dtype.kind == "f":
            with np.errstate(over="ignore"):
                array = ignoring_underflow(array.astype, self.dtype)
            if not np.isfinite(array).all():
                raise ValueError(
                    f"{self._owner()}: expected {name} of numbers that {self.dtype} can hold; "
                    f'export(…, dtype="float64") writes larger ones'
                )
        return self._added(array if array.dtype.kind == "f" else array.astype(np.int64), name)

    def numbers(self, values: Any, name: str) -> Value:
        """A constant of float32, whatever the type of the graph, as some operators want their settings."""
        return self._added(np.array(values, np.float32), name)

    def holds(self, number: float) -> bool:
        """Whether a setting of an operator, which is float32, says all that the graph's type knows of a number."""
        return self.dtype == np.float32 or float(np.float32(number)) == number

    def _added(self, array: np.ndarray, name: str) -> Value:
        free = self._free(".".join([*self._place[-1:], name]))
        self.constants[free] = np.ascontiguousarray(array).reshape(array.shape)
        return Value(free, array.ndim, array.dtype.kind == "i")

    def _is_said(self, operator: str) -> bool:
        """Whether the place says the operator already: "3.Conv"."""
        return bool(self._place) and self._place[-1].rpartition(".")[2].lower() == operator.lower()

    def _owner(self) -> str:
        return f"export: {self._place[-1]}" if self._place else "export"

    def _free(self, name: str) -> str:
        """The name, or where it is taken the name with a number."""
        number, free = 1, name
        while free in self._taken:
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free)
        return free
