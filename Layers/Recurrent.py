"""What recurrent layers have in common: sequences, a state, and an output at each time step.

A recurrent layer reads a sequence step by step and carries a hidden state from each step to the next.
Only that needs a loop: the inputs of all time steps meet the weights in one matrix product, the hidden
states of all time steps give the outputs in another, and the same holds on the way back. In the loop
remains what depends on the step before: the cell. A concrete layer writes it down and little else.
"""

from abc import abstractmethod
from operator import attrgetter
from typing import Any

import numpy as np

from Foundation import Checks
from Foundation.NumPySettings import ignoring_range
from Foundation.Products import affine_gradient
from Layers.Base import Parameter, Switch, TrainableLayer, backward_pass, forward_pass
from Layers.Packing import Packing, read_lengths
from Layers.Readout import check_output, read_out, read_out_back

_ADVICE = ": memorize carries it from one batch to the next of the same size; call reset_state() before another size"
#: A cell without a readout gives its hidden states.
_reads_out = attrgetter("output_size")


class RecurrentLayer(TrainableLayer):
    """A layer that carries a state through a sequence; the base of RNN, LSTM and GRU, whose pages tell the rest.

    A concrete layer is a cell: what happens from one time step to the next, in `_unroll` and `_unroll_back`. What its
    hidden states are shown as is no part of it: see `Readout`. A cell with parameters beside `weights` declares all of
    them, in the end `output_weights = RecurrentLayer.output_weights`. It finds them in `self.used`, and gives their
    gradients itself; `_back_through_weights` does so for cells that multiply by `weights` once.

    Matrices of all time steps hold the steps one below the other, each with one row for every sequence
    that has not ended, as `Packing` lays them out. Matrices of states begin with the states before the
    first step. In loops over time, `.dot` is `@` with less to look at before each small product.
    """

    weights = Parameter(
        lambda cell: (cell.input_size + cell.hidden_size + 1, cell.gates * cell.hidden_size), bias_rows=1
    )
    output_weights = Parameter(lambda cell: (cell.hidden_size + 1, cell.output_size), bias_rows=1, where=_reads_out)
    memorize = Switch()
    refuses_nan = False  # since padding, which isn't read, may hold anything; `Packing` does
    #: The parts of the state, first the one that outputs are made of.
    state_names: tuple[str, ...] = ("hidden_state",)
    #: Columns of `weights` for each hidden unit.
    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int | None = None, *, output: str = "sigmoid"
    ) -> None:
        name = type(self).__name__
        self.input_size = Checks.positive_integer(input_size, name, "input_size")
        self.hidden_size = Checks.positive_integer(hidden_size, name, "hidden_size")
        self.output_size = None if output_size is None else Checks.positive_integer(output_size, name, "output_size")
        self.output = check_output(output, output_size, name)
        super().__init__()
        self.lengths: Any = None
        self.reset_state()
        self.set_first_values()

    @abstractmethod
    def _unroll(self, packing: Packing, inputs: np.ndarray, states: list[np.ndarray]) -> Any:
        """Compute the states after each step, from those before it; give what the way back needs.

        Args:
            packing: how time steps and states lie in matrices.
            inputs: of all time steps.
            states: a matrix for each of `state_names`, which holds the states before the first step.
        """

    @abstractmethod
    def _unroll_back(self, packing: Packing, error: np.ndarray, kept: Any) -> np.ndarray | None:
        """Set the gradients of the cell's parameters, and give the error of the inputs.

        Args:
            packing: as in `_unroll`.
            error: of the hidden states, as far as it comes from the outputs; what comes from the step after each is
                added here. A matrix of states, which may be overwritten.
            kept: what `_unroll` gave.
        """

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Draw all weights, one call for each matrix without its bias row, and one for each bias row.

        Where a matrix has several, one call draws them. The fans are `input_size + hidden_size` and the columns of
        `weights`; `hidden_size` and `output_size`.
        """
        shapes = {parameter.name: (*parameter.shape(self), parameter.bias_rows) for parameter in self.declared}
        fans = {name: (rows - biases, columns) for name, (rows, columns, biases) in shapes.items()}
        self.draw_parameters(weights_initializer, bias_initializer, **fans)

    def reset_state(self) -> None:
        """Let the next sequence begin with a state of zeros."""
        for name in self.state_names:
            setattr(self, name, None)

    @forward_pass("[batch]", "time", "input_size")
    def forward(self, input_tensor: np.ndarray) -> np.ndarray:
        """Map `(time, input_size)` to `(time, output_size)`. Many sequences, `(batch, time, …)`, likewise."""
        packing = Packing(input_tensor.shape[:-1], read_lengths(self.lengths, input_tensor.shape[:-1], self))
        inputs = packing.pack(input_tensor, self, "input")
        states = [self._begun(packing, name, inputs) for name in self.state_names]
        kept = ignoring_range(self._unroll, packing, inputs, states)  # of exp, on the way to a sigmoid of 0
        outputs = states[0][packing.batch :]
        if self.output_size:
            outputs = read_out(outputs, self.used[-1], self.output)
        self.kept = packing, kept, states[0], outputs
        for name, state in zip(self.state_names, states, strict=True):
            setattr(self, name, packing.last(state))
        self.lengths = None
        return packing.unpack(outputs)

    @backward_pass
    def backward(self, error_tensor: np.ndarray) -> np.ndarray | None:
        """Map the error of the output to that of the input, in their shapes; set the gradients; update."""
        packing, kept, hidden, outputs = self.kept
        error = np.empty_like(hidden)
        error[: packing.batch], shown = 0, error[packing.batch :]
        shown_error = packing.pack(error_tensor, self, "error tensor")
        if self.output_size:
            about = outputs, hidden[packing.batch :], self.used[-1], self.output
            self.gradient_output_weights = read_out_back(shown_error, *about, out=shown)
        else:
            shown[...] = shown_error
        input_error = self._unroll_back(packing, error, kept)
        return None if input_error is None else packing.unpack(input_error)

    def _split(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The rows of a matrix W for x, for h and for 1 in x̃·W, x̃ = (x, h, 1)."""
        return weights[: self.input_size], weights[self.input_size : -1], weights[-1]

    def _back_through_weights(self, error: np.ndarray, inputs: np.ndarray, before: np.ndarray) -> np.ndarray | None:
        """The rest of `_unroll_back` from the error of x̃·W, where W = `weights` serves in nothing but this product.

        Args:
            error: of the product, for all time steps.
            inputs: x of x̃ = (x, h, 1).
            before: h of it: the hidden states before each step.
        """
        self.gradient_weights = affine_gradient(error, inputs, before)
        return error @ self.used[0][: self.input_size].T if self.needs_input_error else None

    def _begun(self, packing: Packing, name: str, inputs: np.ndarray) -> np.ndarray:
        """A matrix for a part of the state, which holds that before the first step."""
        states = np.empty((packing.batch + len(inputs), self.hidden_size), inputs.dtype)
        states[: packing.batch] = 0
        if self.memorize and getattr(self, name) is not None:
            shape = (*packing.shape[:-1], self.hidden_size)
            state = Checks.tensor(getattr(self, name), self, name, shape, inputs.dtype, advice=_ADVICE)
            Checks.require_finite(state, self, name)
            states[: packing.batch] = state.reshape(-1, self.hidden_size)[packing.order]
        return states
