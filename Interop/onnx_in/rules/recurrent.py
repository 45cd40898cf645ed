"""Recurrent operators, with their gates in our order."""

from typing import Any

import numpy as np

from Interop.onnx_in.call import Anything, Call, length
from Interop.onnx_in.points import Axes, Axis, Filled, Flow, Point, longer, new_axes
from Interop.onnx_out.recurrent import GATES, in_order
from Layers.Bidirectional import Bidirectional
from Layers.GRU import GRU
from Layers.LastStep import LastStep
from Layers.LSTM import LSTM
from Layers.RNN import RNN

_CELLS: dict[str, Any] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
_ACTIVATIONS = {"RNN": ["Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]}
_DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}


def recurrent(call: Call) -> Anything:
    """RNN, LSTM or GRU; two of them in a Bidirectional."""
    kind, flow = call.operator.kind, call.flow()
    if len(flow.axes) != 3:
        call.refuse(f"expected sequences of three axes, got {len(flow.axes)}")
    direction, first = call.word("direction", "forward"), call.integer("layout")
    if direction not in _DIRECTIONS:
        call.refuse(f"expected a direction of ONNX's, got {direction[:50]!r}")
    cells = _cells(call, kind, _DIRECTIONS[direction])
    if length(flow.axes[2]) not in (None, cells[0].input_size):
        call.refuse(f"expected {cells[0].input_size} features, as its weights have, got {length(flow.axes[2])}")
    _refuse_what_cells_have_not(call, kind, len(cells))
    _refuse_lengths(call, length(flow.axes[1 if first else 0]))
    time, batch = (flow.axes[1], flow.axes[0]) if first else flow.axes[:2]
    one = not longer(batch)  # one sequence, without a batch
    axes = (time, flow.axes[2]) if one else (batch, time, flow.axes[2])
    point = call.seen_as(flow, axes)
    directions, states = new_axes([len(cells), cells[0].hidden_size])
    made = _unrolled(call, cells, direction, point, (*axes[:-1], directions + states))
    steps = (batch, time, directions, states) if first else (time, directions, batch, states)
    outputs: list[Anything] = [Flow(made, steps)]
    if len(call.operator.outputs) > 1 and call.operator.outputs[1]:
        outputs.append(_last(call, made, batch, states, bool(first)) if direction == "forward" and not one else None)
    return outputs  # type: ignore[return-value]


def _unrolled(call: Call, cells: list[Any], direction: str, point: Point, axes: Axes) -> Point:
    if len(cells) == 2:
        return call.point(Bidirectional(*cells), point, axes)
    if direction == "forward":
        return call.point(cells[0], point, axes)
    turned = Point("Turn", call.operator.name, None, (point,), point.axes)
    return Point("Turn", call.operator.name, None, (call.point(cells[0], turned, axes),), axes)


def _last(call: Call, made: Point, batch: Axis, states: Axis, first: bool) -> Flow:
    """The state after the last step."""
    point = call.point(LastStep(), made, (batch, states))
    return Flow(point, (batch, (), states) if first else ((), batch, states))


def _cells(call: Call, kind: str, directions: int) -> list[Any]:
    hidden = call.integer("hidden_size", -1)
    of_state = call.parameter(2, "R", [directions, None, None])
    if hidden not in (-1, of_state.shape[2]):
        call.refuse(f"expected hidden_size to be that of R, {of_state.shape[2]}, got {hidden}")
    hidden, gates = of_state.shape[2], len(GATES[kind])
    of_input = call.parameter(1, "W", [directions, gates * hidden, None])
    call.parameter(2, "R", [directions, gates * hidden, hidden])
    if not of_input.size or not of_state.size:
        call.refuse("expected weights with numbers in them, got none")
    bias = np.zeros((directions, 2 * gates * hidden), of_input.dtype)
    if call.given(3) is not None:
        bias = call.parameter(3, "B", [directions, 2 * gates * hidden])
    made = []
    for matrix, recurrent_matrix, both in zip(of_input, of_state, bias, strict=True):
        cell = _CELLS[kind](matrix.shape[1], hidden)
        ours = np.argsort(GATES[kind])
        biases = both.reshape(2, -1)
        rows = biases[::-1] if kind == "GRU" else biases.sum(axis=0, keepdims=True)
        stacked = np.concatenate([matrix.T, recurrent_matrix.T, rows])
        cell.weights = call.own(in_order(stacked, ours.tolist()))
        made.append(cell)
    return made


def _refuse_lengths(call: Call, steps: int | None) -> None:
    """Raise ValueError for sequences of different lengths, which are told with a batch."""
    lengths = call.given(4)
    if lengths is not None and (not isinstance(lengths, np.ndarray) or steps is None or (lengths != steps).any()):
        call.refuse("expected sequences of one length, got sequence_lens; net.predict takes lengths with a batch")


def _refuse_what_cells_have_not(call: Call, kind: str, directions: int) -> None:
    activations = call.words("activations")
    if activations is not None and [one.lower() for one in activations] != [
        one.lower() for one in _ACTIVATIONS[kind] * directions
    ]:
        call.refuse(f"expected the activations {', '.join(_ACTIVATIONS[kind])}, got {activations[:6]}")
    if kind == "GRU":
        call.require("linear_before_reset", 1, 0, "GRU resets behind the recurrent product, as PyTorch has it")
    if kind == "LSTM":
        call.require("input_forget", 0, 0, "LSTM has gates for both")
    for name in ("clip", "activation_alpha", "activation_beta"):
        call.require(name, None, None, f"{kind} has no such thing")
    for place, what in ((5, "the first state"), (6, "the first cell"), (7, "the weights of peepholes")):
        value = call.given(place)
        if isinstance(value, np.ndarray):
            value = Filled(0.0 if not value.any() else 1.0)
        if value is not None and value != Filled(0.0):
            call.refuse(f"expected {what} to be zeros, as {kind} has them")
