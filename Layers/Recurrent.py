"""What recurrent layers have in common: sequences, a state, and an output at each time step.

A recurrent layer reads a sequence step by step and carries a hidden state from each step to the next.
Only that needs a loop: the inputs of all time steps meet the weights in one matrix product, the hidden
states of all time steps give the outputs in another, and the same holds on the way back. In the loop
remains what depends on the step before. A concrete layer writes it down and little else.
"""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks
from Layers.Base import TrainableLayer
from Layers.Sigmoid import sigmoid, sigmoid_error

#: A time step: the rows of the states before it, and those of the states after it.
Step = tuple[slice, slice]


class RecurrentLayer(TrainableLayer):
    """A layer that carries a state through a sequence; the base of RNN and LSTM, whose pages tell the rest.

    Matrices of all time steps hold the steps one below the other, each with one row for every sequence
    that has not ended, as `Packing` lays them out. Matrices of states begin with the states before the
    first step, so that the rows of a step stand where its `Step` says.
    """

    parameter_names = ("weights", "output_weights")
    #: The parts of the state.
    state_names: tuple[str, ...] = ("hidden_state",)
    #: Columns of `weights` for each hidden unit.
    gates = 1

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size = Checks.positive_integer(input_size, name, "input_size")
        self.hidden_size = Checks.positive_integer(hidden_size, name, "hidden_size")
        self.output_size = Checks.positive_integer(output_size, name, "output_size")
        self.memorize = False
        self.lengths: Any = None
        self.weights = self._first_values(self._weights_shape)
        self.output_weights = self._first_values(self._output_weights_shape)
        self.reset_state()

    @abstractmethod
    def _unroll(self, inputs: np.ndarray, weights: np.ndarray, hidden: np.ndarray, packing: "Packing") -> Any:
        """Compute the hidden states after each step, below those before the first; give what the way back needs."""

    @abstractmethod
    def _unroll_back(
        self, error: np.ndarray, weights: np.ndarray, hidden: np.ndarray, kept: Any, packing: "Packing"
    ) -> np.ndarray:
        """The error of x̃·W from that of the hidden states, which may be overwritten; a row for each of its rows."""

    @property
    def _weights_shape(self) -> tuple[int, int]:
        return self.input_size + self.hidden_size + 1, self.gates * self.hidden_size

    @property
    def _output_weights_shape(self) -> tuple[int, int]:
        return self.hidden_size + 1, self.output_size

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw all weights, one call for each matrix without its bias row, and one for each bias row.

        The fans are `input_size + hidden_size` and the columns of `weights`; `hidden_size` and `output_size`.
        """
        for name, (rows, columns) in zip(
            self.parameter_names, (self._weights_shape, self._output_weights_shape), strict=True
        ):
            fans = rows - 1, columns
            matrix = self._draw(weights_initializer, fans, *fans, like=name)
            bias = self._draw(bias_initializer, (1, columns), *fans, like=name)
            setattr(self, name, np.concatenate([matrix, bias]))

    def reset_state(self) -> None:
        """Let the next sequence begin with a state of zeros."""
        for name in self.state_names:
            setattr(self, name, None)

    def forward(self, input_tensor: ArrayLike) -> np.ndarray:
        """Map `(time, input_size)` to `(time, output_size)`. Many sequences, `(batch, time, …)`, likewise."""
        weights = self._parameter("weights", self._weights_shape)
        output_weights = self._parameter("output_weights", self._output_weights_shape)
        output_weights = output_weights.astype(weights.dtype, copy=False)
        tensor = self._receive(input_tensor)
        axes = ("batch", "time", self.input_size)[-max(2, tensor.ndim) :]
        tensor = self._receive(tensor, axes, weights.dtype)
        packing = Packing(tensor.shape[:-1], self._received_lengths(tensor.shape))
        inputs = self._pack(packing, tensor, "input")
        hidden = np.empty((packing.batch + len(inputs), self.hidden_size), weights.dtype)
        hidden[: packing.batch] = self._state_before("hidden_state", packing, weights.dtype)
        kept = self._unroll(inputs, weights, hidden, packing)
        self.hidden_state = packing.last(hidden)
        activations = sigmoid(hidden[packing.batch :] @ output_weights[:-1] + output_weights[-1])
        self._remember(packing, inputs, weights, output_weights, hidden, kept, activations)
        return packing.unpack(activations)

    def backward(self, error_tensor: ArrayLike) -> np.ndarray | None:
        """Map the error of the output to that of the input, in their shapes; set the gradients; update."""
        packing, inputs, weights, output_weights, hidden, kept, activations = self._recall()
        shape = (*packing.shape, self.output_size)
        errors = self._pack(packing, self._receive(error_tensor, shape, weights.dtype, "error tensor"), "error tensor")
        errors = sigmoid_error(errors, activations)
        error = np.empty_like(hidden)
        error[: packing.batch] = 0
        np.matmul(errors, output_weights[:-1].T, out=error[packing.batch :])
        drive_error = self._unroll_back(error, weights, hidden, kept, packing)[packing.batch :]
        input_error = None
        if self.needs_input_error:
            input_error = packing.unpack(drive_error @ weights[: self.input_size].T)
        ones = np.ones((len(inputs), 1), weights.dtype)
        self.gradient_weights = np.hstack([inputs, hidden[packing.previous], ones]).T @ drive_error
        self.gradient_output_weights = np.hstack([hidden[packing.batch :], ones]).T @ errors
        self.update()
        return input_error

    def _pack(self, packing: "Packing", tensor: np.ndarray, what: str) -> np.ndarray:
        """The steps of all sequences, without the padding, once they are known to be finite."""
        packed = packing.pack(tensor)
        if not Checks.is_finite(packed):
            Checks.require_finite(packing.unpack(packed), self, what)
        return packed

    def _received_lengths(self, shape: tuple[int, ...]) -> np.ndarray:
        """The number of time steps of each sequence."""
        batch, time = shape[:-1] if len(shape) == 3 else (1, shape[0])
        if self.lengths is None:
            return np.full(batch, time)
        lengths = Checks.number_array(self.lengths, self, "lengths")
        if lengths.dtype.kind not in "iu":
            raise TypeError(f"{self!r}: expected lengths to be whole numbers, got {lengths.dtype}")
        if lengths.shape != (batch,) or lengths.min() < 0 or lengths.max() > time:
            raise ValueError(
                f"{self!r}: expected lengths of {batch} sequences, from 0 to {time} steps, got {self.lengths!r}; "
                "set lengths = None for sequences of one length"
            )
        return lengths.astype(int)

    def _state_before(self, name: str, packing: "Packing", dtype: DTypeLike) -> np.ndarray:
        """A part of the state before the first step, a row for each sequence."""
        state = getattr(self, name) if self.memorize else None
        if state is None:
            return np.zeros((packing.batch, self.hidden_size), dtype)
        state, shape = Checks.number_array(state, self, name), (*packing.shape[:-1], self.hidden_size)
        if state.shape != shape:
            raise ValueError(
                f"{self!r}: expected {name} {Checks.shape_text(shape)}, got {Checks.shape_text(state.shape)}: memorize "
                "carries it from one batch to the next of the same size; call reset_state() before another size"
            )
        return packing.sort(self._receive_finite(state, shape, dtype, name).reshape(-1, self.hidden_size))


class Packing:
    """How the steps of many sequences lie in one matrix: time by time, without the padding.

    The sequences are sorted by length, the longest first, so that those which last until a certain step
    are the first rows of each earlier one.
    """

    def __init__(self, shape: tuple[int, ...], lengths: np.ndarray) -> None:
        self.shape, self.batch = shape, len(lengths)
        self._order = np.argsort(-lengths, kind="stable")
        lengths = lengths[self._order]
        active = np.arange(shape[-1])[:, np.newaxis] < lengths
        time, sequence = np.nonzero(active)
        counts = active.sum(axis=1)
        starts = np.cumsum([0, self.batch, *counts])  # of the states before each step, and after the last
        self._rows = self._order[sequence] * shape[-1] + time
        self._last = np.empty_like(lengths)
        self._last[self._order] = starts[lengths] + np.arange(self.batch)
        #: Where the state before each step stands.
        self.previous: Any = starts[time] + sequence
        if lengths[-1] == shape[-1]:
            self.previous = slice(0, len(time))  # the same, without a copy
        self.steps: list[Step] = [
            (slice(start, start + count), slice(end, end + count))
            for start, end, count in zip(starts.tolist(), starts[1:].tolist(), counts.tolist(), strict=False)
            if count
        ]

    def in_blocks(self, rows: int) -> list[list[Step]]:
        """The steps in blocks of about so many rows."""
        size = max(1, rows // self.batch)
        return [self.steps[start : start + size] for start in range(0, len(self.steps), size)]

    def sort(self, state: np.ndarray) -> np.ndarray:
        """States of the sequences in the order of the rows."""
        return state[self._order]

    def last(self, states: np.ndarray) -> np.ndarray:
        """The state after each sequence's own last step."""
        return states[self._last].reshape(*self.shape[:-1], -1)

    def pack(self, tensor: np.ndarray) -> np.ndarray:
        """The steps of all sequences as rows."""
        return tensor.reshape(-1, tensor.shape[-1])[self._rows]

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """Rows as sequences again, with zeros for padding."""
        rows = np.zeros((np.prod(self.shape, dtype=int), packed.shape[1]), packed.dtype)
        rows[self._rows] = packed
        return rows.reshape(*self.shape, packed.shape[1])
