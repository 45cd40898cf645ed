"""Points as a row of layers: where ways part and come together again stand layers that hold those of each way."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from Foundation.SavedObjects import DEEPEST
from Interop.onnx_in.points import Point, in_order
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Parallel import Parallel
from Layers.Recurrent import RecurrentLayer
from Layers.Residual import Residual
from Layers.Sigmoid import Sigmoid

_JOINS = ("Add", "Concat")
#: Stands in a row for "the other way round in time", until it is known what holds it.
_TURN = "Turn"


def layers_of(last: Point) -> list[Any]:
    """The layers on the way from the input to a point.

    Raises ValueError, naming operators, for formulas that are no layer's, for ways that don't come together as those
    of our layers do, and for time that stays turned round.
    """
    points = list(in_order(last))
    strange = [one for one in points if one.layer is None and one.kind not in ("input", _TURN, *_JOINS)]
    if strange:
        names = ", ".join(f"{one.kind} ({one.name!r})" for one in strange[:20])
        raise ValueError(f"expected operators that are layers, alone or together, got {names}, which aren't here")
    inputs = [one for one in points if one.kind == "input"]
    row = _Rows(points).row(last, inputs[0], 0)
    if _TURN in row:
        raise ValueError("expected time to run in the model's output as in its input, got it turned round")
    return row


class _Rows:
    """The rows of layers between points.

    Args:
        points: each behind its sources.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        self._before: dict[Point, Point] = {}  # the last point that all ways to this one lead through
        self._depth: dict[Point, int] = {}
        self._used: set[Point] = set()
        self._names: dict[int, str] = {}  # of the operators that layers are made of, by the layer's id
        for point in points:
            if not point.sources:
                self._depth[point] = 0
                continue
            common = point.sources[0]
            for source in point.sources[1:]:
                common = self._common(common, source)
            self._before[point], self._depth[point] = common, self._depth[common] + 1

    def _common(self, one: Point, other: Point) -> Point:
        while one is not other:
            if self._depth[one] < self._depth[other]:
                one, other = other, one
            one = self._before[one]
        return one

    def row(self, point: Point, start: Point, depth: int) -> list[Any]:
        """The layers behind one point, up to another."""
        if depth > DEEPEST // 4:
            raise ValueError(f"expected ways that part no more than {DEEPEST // 4} times, one inside the other")
        found: list[Any] = []
        while point is not start:
            if point in self._used:
                raise ValueError(
                    f"expected ways that come together as those of Residual and Parallel do, one inside the other; "
                    f"what operator {point} gives is used in another way"
                )
            self._used.add(point)
            if point.kind in _JOINS and point.layer is None:
                fork = self._before[point]
                rows = [self.row(source, fork, depth + 1) for source in point.sources]
                found += reversed(_joined(point, rows))
                point = fork
            else:
                found.append(_TURN if point.layer is None else point.layer)
                self._names[id(point.layer)] = point.name
                (point,) = point.sources
        return self._with_readouts(_without_turns(found[::-1]))

    def _with_readouts(self, row: list[Any]) -> list[Any]:
        """The same, where what follows a cell is its readout: the operators of our own models say so by their names."""
        found: list[Any] = []
        for layer in row:
            cell = found[-1] if found else None
            if isinstance(cell, RecurrentLayer) and self._name(layer).startswith(f"{self._name(cell)}."):
                if isinstance(layer, FullyConnected) and cell.output_size is None:
                    found[-1] = self._read_out(cell, "linear", layer.weights)
                    continue
                if isinstance(layer, Sigmoid) and cell.output_size is not None:
                    found[-1] = self._read_out(cell, "sigmoid", cell.output_weights)
                    continue
            found.append(layer)
        return found

    def _read_out(self, cell: RecurrentLayer, output: str, weights: np.ndarray) -> RecurrentLayer:
        new = type(cell)(cell.input_size, cell.hidden_size, weights.shape[1], output=output)
        new.weights, new.output_weights = cell.weights, weights
        self._names[id(new)] = self._name(cell)
        return new

    def _name(self, layer: Any) -> str:
        return self._names.get(id(layer), "")


def _without_turns(row: list[Any]) -> list[Any]:
    """Without what is turned round twice in turn."""
    found: list[Any] = []
    for one in row:
        if one == _TURN and found[-1:] == [_TURN]:
            found.pop()
        else:
            found.append(one)
    return found


def _joined(point: Point, rows: list[list[Any]]) -> list[Any]:
    """The layer that is several rows side by side."""
    turned = [row for row in rows if _TURN in row]
    if turned:
        return [_bidirectional(point, rows)]
    if point.kind == "Concat":
        return [Parallel([_one(row) for row in rows], "concatenate", _axis(point))]
    empty = [row for row in rows if not row]
    full = [row for row in rows if row]
    if len(empty) > 1 or not full:
        raise ValueError(f"operator {point}: expected layers on all ways but one, which are added, got none on several")
    if len(full) == 1:
        return [Residual(full[0])]
    if empty:
        return [Residual([Parallel([_one(row) for row in full])])]
    if len(full) > 2:
        return [Parallel([_one(row) for row in full])]
    longer, shorter = full if len(full[0]) >= len(full[1]) else full[::-1]
    return [Residual(longer, _one(shorter))]


def _bidirectional(point: Point, rows: list[list[Any]]) -> Bidirectional:
    """Of two rows, the second of which sees the time turned round and turns it back."""
    ends = len(rows) == 2 and rows[1][:1] == [_TURN] and rows[1][-1:] == [_TURN]
    if point.kind != "Concat" or not ends or _TURN in rows[0] + rows[1][1:-1] or not rows[0] or not rows[1][1:-1]:
        raise ValueError(
            f"operator {point}: expected time turned round on the second of two ways that stand side by side, and "
            "turned back at its end, as Bidirectional has it"
        )
    if _axis(point) != -1 and point.settings["axis"] != point.settings["axes"] - 1:
        raise ValueError(f"operator {point}: expected features to stand side by side, as Bidirectional has it")
    return Bidirectional(_one(rows[0]), _one(rows[1][1:-1]))


def _axis(point: Point) -> int:
    """Along which rows stand side by side: channels and features of vectors are axis 1, those of sequences the last."""
    axis: int = point.settings["axis"]
    return -1 if axis > 1 and axis == point.settings["axes"] - 1 and point.settings["axes"] == 3 else axis


def _one(row: list[Any]) -> Any:
    """A row as one layer; none at all is one that passes its input on."""
    return row[0] if len(row) == 1 else Chain(row) if row else Dropout(1.0)
