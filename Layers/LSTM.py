"""Long short-term memory: a cell whose content gates protect."""

from typing import Any

import numpy as np

from Layers.Recurrent import Packing, RecurrentLayer, step_product

#: As many rows of the gates as stay in the cache from one use to the next.
_BLOCK = 256


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
            (False); gradients stop where a forward pass starts: truncated back-propagation through time.
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
        batch = packing.batch
        cell = np.empty((len(hidden), self.hidden_size), weights.dtype)
        cell[:batch] = self._state_before("cell_state", packing, weights.dtype)
        # σ(z) = tanh(z / 2) / 2 + 1 / 2: with the halves in the weights, one tanh serves all four gates.
        halves = np.array([0.5, 0.5, 1, 0.5], weights.dtype)[:, np.newaxis, np.newaxis]
        shift, matrices = 1 - halves, self._by_gate(weights) * halves
        gates = np.empty((4, *cell.shape), weights.dtype)
        np.matmul(inputs, matrices[:, : self.input_size], out=gates[:, batch:])
        bias = matrices[:, -1:]
        recur = step_product(matrices[:, self.input_size : -1], batch)
        forget, write, candidate, show = gates
        for before, after in packing.steps:
            content, drive = cell[after], recur(hidden[before])
            drive += gates[:, after]
            drive += bias
            np.tanh(drive, out=drive)
            drive *= halves
            np.add(drive, shift, out=gates[:, after])
            np.multiply(forget[after], cell[before], out=content)
            content += write[after] * candidate[after]
            np.multiply(np.tanh(content), show[after], out=hidden[after])
        self.cell_state = packing.last(cell)
        return gates, cell

    def _unroll_back(
        self, error: np.ndarray, weights: np.ndarray, hidden: np.ndarray, kept: Any, packing: Packing
    ) -> np.ndarray:
        gates, cell = kept
        forget = gates[0]
        drive_error = np.empty((len(cell), weights.shape[1]), weights.dtype)
        recur = step_product(self._by_gate(weights)[:, self.input_size : -1].swapaxes(1, 2), packing.batch)
        carried = np.zeros_like(cell[: packing.batch])
        for steps in reversed(packing.in_blocks(_BLOCK)):
            block = slice(steps[0][1].start, steps[-1][1].stop)
            to_gates, to_cell = _slopes(gates[:, block], cell[block])
            for before, after in reversed(steps):
                rows = slice(after.start - block.start, after.stop - block.start)
                hidden_error, earlier, gate_error = error[after], error[before], to_gates[:, rows]
                cell_error = carried[: len(hidden_error)]
                cell_error += hidden_error * to_cell[rows]
                gate_error[0] *= cell[before]
                np.multiply(gate_error[:3], cell_error, out=gate_error[:3])
                gate_error[3] *= hidden_error
                cell_error *= forget[after]
                earlier += recur(gate_error).sum(axis=0)
            drive_error[block] = to_gates.swapaxes(0, 1).reshape(len(to_cell), -1)
        return drive_error


def _slopes(gates: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What δC is multiplied by on its way to f (besides the cell before), i and C̃, and δh to o; δh on its way to C.

    None of it depends on an error, so that it is computed for many time steps at once.
    """
    forget, write, candidate, show = gates
    to_gates, shown = np.empty(gates.shape, gates.dtype), np.tanh(cell)
    np.multiply(forget, 1 - forget, out=to_gates[0])
    np.multiply(candidate, write * (1 - write), out=to_gates[1])
    np.multiply(write, 1 - candidate * candidate, out=to_gates[2])
    np.multiply(shown, show * (1 - show), out=to_gates[3])
    return to_gates, show * (1 - shown * shown)
