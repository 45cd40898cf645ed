"""Long short-term memory: a cell whose content gates protect."""

from typing import Any

import numpy as np

from Foundation.Pieces import in_pieces
from Layers.Recurrent import Packing, RecurrentLayer, step_product


class LSTM(RecurrentLayer):
    r"""Read a sequence step by step with a cell that keeps what it holds until a gate lets it go.

    With $\tilde x_t = (x_t, h_{t-1}, 1)$ and $W_h = (W_f, W_i, W_C, W_o)$, side by side in this order,

    $$f_t = \sigma(\tilde x_t W_f), \qquad i_t = \sigma(\tilde x_t W_i), \qquad
      \tilde C_t = \tanh(\tilde x_t W_C), \qquad o_t = \sigma(\tilde x_t W_o),$$
    $$C_t = f_t C_{t-1} + i_t \tilde C_t, \qquad h_t = o_t \tanh C_t, \qquad y_t = \sigma(h_t W_y + b_y).$$

    The forget gate f says how much of the cell C stays, the input gate i how much of the candidate is
    added, the output gate o how much of it is shown. On the way back, with
    $\delta h_t = \partial L / \partial h_t$ from the output and the step after, as in an RNN, and
    $\delta C_t = \delta h_t\, o_t (1 - \tanh^2 C_t) + \delta C_{t+1} f_{t+1}$, the four parts of
    $\tilde x_t W_h$ have the errors

    $$\delta C_t\, C_{t-1}\, f_t (1 - f_t), \qquad \delta C_t\, \tilde C_t\, i_t (1 - i_t), \qquad
      \delta C_t\, i_t (1 - \tilde C_t^2), \qquad \delta h_t\, \tanh C_t\, o_t (1 - o_t) .$$

    The error of the cell reaches the step before through a product with $f$ alone: where the gate is open
    it neither fades nor grows.

    Shapes:
        input `(time, input_size)`, one sequence, or `(batch, time, input_size)`, each with a state of its own;
        output and error tensor the same with `output_size`;
        `weights` $W_h$ `(input_size + hidden_size + 1, 4 · hidden_size)`, the bias in the last row;
        `output_weights` $W_y$ and $b_y$ `(hidden_size + 1, output_size)`, the bias in the last row.

    Args:
        input_size: number of features of one time step.
        hidden_size: number of hidden units.
        output_size: number of outputs of one time step.

    Attributes:
        memorize: whether a forward pass starts from the state that the last one ended with, instead of zeros
            (False). Gradients stop where a forward pass starts: truncated back-propagation through time.
        lengths: None, or the number of time steps of each sequence of the batch, where the rest of it is
            padding: neither read nor written; outputs and errors are 0 there. Stays until it is set anew.
        hidden_state: h after the last step of each sequence, `(hidden_size,)` or `(batch, hidden_size)`;
            None stands for zeros. May be set where `memorize` is True.
        cell_state: C after the last step, likewise.

    The weights are uniform in [0, 1) until `initialize` draws better ones.

    Raises:
        TypeError, ValueError: where sizes, an input, assigned weights, `lengths` or the state do not fit.
        RuntimeError: where `backward` is called before `forward`.

    Source: S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997); the forget
    gate is from F. Gers, J. Schmidhuber, F. Cummins, "Learning to forget", Neural Computation 12 (2000).

    >>> layer = LSTM(1, 1, 1)
    >>> layer.weights = np.array([[0.0, 9.0, 9.0, 0.0], [0.0, 0.0, 0.0, 0.0], [9.0, -4.0, 0.0, 9.0]])
    >>> layer.output_weights = np.array([[2.0], [0.0]])
    >>> layer.forward([[1.0], [0.0], [0.0]]).round(3)
    array([[0.82],
           [0.82],
           [0.82]])
    >>> layer.cell_state.round(3)
    array([0.993])
    """

    state_names = ("hidden_state", "cell_state")
    gates = 4

    def _unroll(
        self, inputs: np.ndarray, weights: np.ndarray, hidden: np.ndarray, packing: Packing
    ) -> tuple[np.ndarray, np.ndarray]:
        batch, units = packing.batch, self.hidden_size
        # σ(z) = tanh(z / 2) / 2 + 1 / 2: with the halves in the weights, one tanh serves all four gates.
        halves = np.repeat(np.array([0.5, 0.5, 1, 0.5], weights.dtype), units)
        shift, weights = 1 - halves, weights * halves
        gates = np.empty((len(hidden), 4 * units), weights.dtype)
        np.matmul(inputs, weights[: self.input_size], out=gates[batch:])
        forget, write, candidate, show = np.split(gates, 4, axis=1)
        cell = np.empty((len(hidden), units), weights.dtype)
        cell[:batch] = self._state_before("cell_state", packing, weights.dtype)
        recur = step_product(weights[self.input_size :], batch)
        for before, after in packing.steps:
            gate, content, shown = gates[after], cell[after], hidden[after, :-1]
            gate += recur(hidden[before])
            np.tanh(gate, out=gate)
            gate *= halves
            gate += shift
            np.multiply(forget[after], cell[before], out=content)
            content += write[after] * candidate[after]
            np.multiply(np.tanh(content), show[after], out=shown)
        self.cell_state = packing.last(cell)
        return gates, cell

    def _unroll_back(
        self, error: np.ndarray, weights: np.ndarray, hidden: np.ndarray, kept: Any, packing: Packing
    ) -> np.ndarray:
        gates, cell = kept
        drive_error, to_cell = np.empty_like(gates), np.empty_like(cell)
        # All that the errors are multiplied by does not depend on them: it is computed for all steps at once.
        self._slopes(gates, cell, packing, drive_error, to_cell)
        of_cell, of_hidden = np.split(drive_error.reshape(-1, 4, self.hidden_size), [3], axis=1)
        recur = step_product(weights[self.input_size : -1].T, packing.batch)
        forget = gates[:, : self.hidden_size]
        carried = np.zeros_like(cell[: packing.batch])
        for before, after in reversed(packing.steps):
            hidden_error, earlier = error[after], error[before]
            cell_error = carried[: len(hidden_error)]
            cell_error += hidden_error * to_cell[after]
            np.multiply(of_cell[after], cell_error[:, np.newaxis], out=of_cell[after])
            np.multiply(of_hidden[after], hidden_error[:, np.newaxis], out=of_hidden[after])
            cell_error *= forget[after]
            earlier += recur(drive_error[after])
        return drive_error

    def _slopes(
        self, gates: np.ndarray, cell: np.ndarray, packing: Packing, to_gates: np.ndarray, to_cell: np.ndarray
    ) -> None:
        """What δC is multiplied by on its way to f, i and C̃, and δh on its way to o and to C."""
        gates, to_gates, to_cell = gates[packing.batch :], to_gates[packing.batch :], to_cell[packing.batch :]
        cell_before, cell_after = cell[packing.previous], cell[packing.batch :]

        def compute(part: slice) -> None:
            forget, write, candidate, show = np.split(gates[part], 4, axis=1)
            of_forget, of_write, of_candidate, of_show = np.split(to_gates[part], 4, axis=1)
            shown = np.tanh(cell_after[part])
            np.multiply(show, 1 - shown * shown, out=to_cell[part])
            np.multiply(cell_before[part], forget * (1 - forget), out=of_forget)
            np.multiply(candidate, write * (1 - write), out=of_write)
            np.multiply(write, 1 - candidate * candidate, out=of_candidate)
            np.multiply(shown, show * (1 - show), out=of_show)

        in_pieces(compute, gates)
