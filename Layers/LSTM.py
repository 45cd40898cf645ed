"""Long short-term memory: a cell whose content gates protect."""

from typing import Any

import numpy as np

from Layers.Recurrent import Packing, RecurrentLayer

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
        batch, size = packing.batch, self.hidden_size
        cell = np.empty((len(hidden), size), weights.dtype)
        cell[:batch] = self._state_before("cell_state", packing, weights.dtype)
        # The sigmoids side by side, before the candidate, and the minus of σ(z) = 1 / (1 + exp(-z)) in the weights.
        signs = np.array([[-1], [-1], [-1], [1]], weights.dtype)
        weights = (weights.reshape(len(weights), 4, size)[:, [0, 1, 3, 2]] * signs).reshape(weights.shape)
        gates = np.empty((len(hidden), 4 * size), weights.dtype)
        np.matmul(inputs, weights[: self.input_size], out=gates[batch:])
        gates[batch:] += weights[-1]
        recurrent, one = weights[self.input_size : -1], np.ones((), weights.dtype)
        with np.errstate(over="ignore"):  # see Sigmoid
            for before, after in packing.steps:
                content, drive = cell[after], gates[after]
                drive += hidden[before] @ recurrent
                sigmoids, candidate = drive[:, : 3 * size], drive[:, 3 * size :]
                np.exp(sigmoids, out=sigmoids)
                sigmoids += one
                np.divide(one, sigmoids, out=sigmoids)
                np.tanh(candidate, out=candidate)
                np.multiply(sigmoids[:, :size], cell[before], out=content)
                content += sigmoids[:, size : 2 * size] * candidate
                np.multiply(np.tanh(content), sigmoids[:, 2 * size :], out=hidden[after])
        self.cell_state = packing.last(cell)
        return gates.reshape(len(hidden), 4, size), cell

    def _unroll_back(
        self, error: np.ndarray, weights: np.ndarray, hidden: np.ndarray, kept: Any, packing: Packing
    ) -> np.ndarray:
        gates, cell = kept
        batch = packing.batch
        forget, cell_before = gates[:, 0], cell[packing.previous]
        drive_error = np.empty_like(gates)
        recurrent = weights[self.input_size : -1].T
        carried = np.zeros_like(cell[:batch])
        for steps in reversed(packing.in_blocks(_BLOCK)):
            start, stop = steps[0][1].start, steps[-1][1].stop
            to_gates = drive_error[start:stop]
            to_cell = _slopes(gates[start:stop], cell[start:stop], cell_before[start - batch : stop - batch], to_gates)
            for before, after in reversed(steps):
                hidden_error, earlier, gate_error = error[after], error[before], drive_error[after]
                cell_error = carried[: len(hidden_error)]
                cell_error += hidden_error * to_cell[after.start - start : after.stop - start]
                through_cell, to_show = gate_error[:, :3], gate_error[:, 3]
                through_cell *= cell_error[:, np.newaxis]
                to_show *= hidden_error
                cell_error *= forget[after]
                earlier += gate_error.reshape(len(earlier), len(recurrent)) @ recurrent
        return drive_error.reshape(len(cell), len(recurrent))


def _slopes(gates: np.ndarray, cell: np.ndarray, cell_before: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Fill `out` with what δC is multiplied by on its way to f, i and C̃, and δh to o; give that of δh on its way to C.

    None of it depends on an error, so that it is computed for many time steps at once.
    """
    forget, write, show, candidate = gates.swapaxes(0, 1)
    shown = np.tanh(cell)
    np.multiply(cell_before, forget * (1 - forget), out=out[:, 0])
    np.multiply(candidate, write * (1 - write), out=out[:, 1])
    np.multiply(write, 1 - candidate * candidate, out=out[:, 2])
    np.multiply(shown, show * (1 - show), out=out[:, 3])
    return show * (1 - shown * shown)
